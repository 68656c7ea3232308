/* network.c - a broker's sockets: its threads, and whose turn it is */
#include "sim/broker/broker_inside.h"

#include "sim/broker/events.h"
#include "sim/broker/txn_peers.h"

/* -- network threads -------------------------------------------------------- */

static sim_time *network_thread(struct broker *b, const struct process *client)
{
	return &b->network_free[client->id % NETWORK_THREADS];
}

void broker_block_network(struct broker *b, const struct process *client,
			  sim_time until)
{
	sim_time *thread = network_thread(b, client);

	if (*thread < until)
		*thread = until;
}

/* The answer leaves, and its connection is listened to again. */
static void post(struct world *w, struct broker *b, struct process *client,
		 struct message *m)
{
	uint16_t kind = m->kind;
	uint64_t correlation = ((struct request *)m)->correlation;

	net_send(w, b->process, client, m);
	if (kind == MESSAGE_PRODUCED)
		broker_produced(w, b, client, correlation);
}

void broker_send_at(struct world *w, struct broker *b, struct process *client,
		    struct message *m, sim_time ready)
{
	sim_time free_at = *network_thread(b, client);
	sim_time awake = world_now(w) + cpu_wake_ns(b->process, world_now(w));

	if (ready < awake)
		ready = awake;		/* the network thread is told */
	if (ready < free_at)
		ready = free_at;
	if (ready <= world_now(w)) {
		post(w, b, client, m);
		return;
	}
	m->from = b->process;
	m->to = client;
	process_serve_at(w, b->process, ready, BROKER_PRODUCE_WRITTEN, m);
}

/* The records have been read, or the dirty pages have drained. */
void broker_send_reply(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	post(w, m->from->self, m->to, m);
}

/* What it takes to wake the io thread where cores sleep, beside the wake-ups
 * that are among the costs of the request. */
static sim_time io_thread_wakes(const struct broker *b, sim_time now)
{
	sim_time counted = REQUEST_WAKE_UPS * b->process->machine->cpu.percent /
			   100;
	sim_time wake = cpu_wake_ns(b->process, now);

	return wake > counted ? wake - counted : 0;
}

/* The network thread has read it; an io thread takes it from the queue. */
static void read_request(struct world *w, struct broker *b, struct message *m)
{
	sim_time now = world_now(w), at = now + io_thread_wakes(b, now);

	if (m->kind == MESSAGE_PRODUCE)
		((struct produce_request *)m)->arrived = now;
	if (*network_thread(b, m->from) > at)
		at = *network_thread(b, m->from);
	if (at > now)
		process_serve_at(w, b->process, at, BROKER_REQUEST_HEARD, m);
	else
		broker_request_heard(w, m, 0);
}

/* -- one produce request of a client at a time (struct produce_line) ----------- */

static struct produce_line *line_of(struct broker *b, const struct process *p)
{
	for (uint32_t i = 0; i < b->produce_lines.count; i++)
		if (b->produce_lines.at[i].client == p)
			return &b->produce_lines.at[i];
	return NULL;
}

/* True: it is worked on now; false: it waits in the socket. */
static bool line_takes(struct world *w, struct broker *b, struct message *m)
{
	struct produce_line *line = line_of(b, m->from);

	if (!line) {
		line = vec_add(&w->arena, &b->produce_lines);
		*line = (struct produce_line){ .client = m->from };
	}
	if (line->busy) {
		*vec_add(&w->arena, &line->held) = m;
		return false;
	}
	line->busy = ((struct request *)m)->correlation;
	return true;
}

void broker_produced(struct world *w, struct broker *b,
		     const struct process *client, uint64_t correlation)
{
	struct produce_line *line = line_of(b, client);
	struct message *next;

	if (!line || line->busy != correlation)
		return;			/* of a connection that broke since */
	line->busy = 0;
	if (!line->held.count)
		return;
	next = line->held.at[0];
	vec_remove(&line->held, 0);
	line->busy = ((struct request *)next)->correlation;
	read_request(w, b, next);
}

/* The connection is gone, with what nobody had read. */
static void line_drop(struct world *w, struct broker *b, uint32_t index)
{
	struct produce_line *line = &b->produce_lines.at[index];

	for (uint32_t i = 0; i < line->held.count; i++)
		message_free(w, line->held.at[i]);
	vec_free(&w->arena, &line->held);
	vec_remove(&b->produce_lines, index);
}

void broker_lines_drop(struct world *w, struct broker *b)
{
	while (b->produce_lines.count)
		line_drop(w, b, b->produce_lines.count - 1);
}

void broker_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct broker *b = m->to->self;

	(void)arg;
	if (broker_takes_inner(w, b, m))
		return;
	if (!b->registered) {		/* the socket server is not open yet */
		net_refuse(w, m);
		return;
	}
	if (m->kind != MESSAGE_PRODUCE || line_takes(w, b, m))
		read_request(w, b, m);
}

void broker_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost *lost = who;
	struct broker *b = lost->process->self;
	struct produce_line *line = line_of(b, lost->peer);

	(void)arg;
	raft_lost(w, &b->raft, lost->peer);
	if (lost->peer->on.message == CONTROLLER_MESSAGE)
		channel_lost(w, b);
	fetcher_lost(w, b, lost->peer);
	txn_peers_lost(w, b, lost->peer);
	fetch_session_lost(w, b, lost->peer);
	if (line)
		line_drop(w, b, (uint32_t)(line - b->produce_lines.at));
}
