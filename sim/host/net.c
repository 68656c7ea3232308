/* net.c - messages between processes, over connections that delay and lose */
#include "sim/host/net.h"

#include <assert.h>

#include "sim/host/events.h"
#include "sim/host/tcp.h"

/* One direction of a connection between two processes. */
struct channel {
	struct flow flow;		/* first: card.c hands it back */
	struct process *from, *to;
	struct channel *back;
	struct net_path path;
	uint32_t from_incarnation, to_incarnation;	/* 0: not connected */
	uint32_t closed;		/* counts closings */
	bool asks;			/* `from` connects, `to` listens */
	bool stuck;			/* its messages wait behind a cut */
	struct message *first, *last;	/* sent, not arrived, in order */
	struct message *leaving;	/* the first that has not left */
	int64_t end;			/* bytes ever sent; of these the flow has
					   been given flow.queued */
	struct tcp_window window;
	struct queue line;		/* what has not left, asked: little.h */
	sim_time last_arrival;		/* nothing overtakes */
	sim_time heard_at;		/* the last that waited for its reader to
					   wake up; -1: none */
	sim_time stuck_since, retry_at, give_up_at;
	struct timer timer;		/* for all the channel waits for */
	sim_time timer_at;
};

struct connection {
	struct channel way[2];		/* from the elder process, and to it */
	struct connection *second;	/* line 1; NULL until it is used */
};

/* -- messages ------------------------------------------------------------- */

void *message_new(struct world *w, size_t size, uint16_t kind)
{
	struct message *m = arena_take(&w->arena, size);

	m->size = (uint32_t)size;
	m->kind = kind;
	return m;
}

void message_free(struct world *w, struct message *m)
{
	if (m->release)
		world_call(w, (uint16_t)m->release, m, 0);
	arena_free(&w->arena, m, m->size);
}

/* -- channels ------------------------------------------------------------- */

static uint64_t connection_key(const struct process *a, const struct process *b)
{
	return a->id < b->id ? (uint64_t)a->id << 32 | b->id :
	       (uint64_t)b->id << 32 | a->id;
}

static struct channel *channel_find(const struct world *w,
				    const struct process *from,
				    const struct process *to, uint32_t line)
{
	struct connection *c = map_get(&hosts_of(w)->connections,
				       connection_key(from, to));

	if (c && line)
		c = c->second;
	return c ? &c->way[from->id > to->id] : NULL;
}

/*
 * What may be under way: what the sender's buffer keeps until it is acknowledged
 * and the receiver's has room for.  The kernel sizes both (WINDOW_BYTES) unless
 * the programs of both ends say what they want.
 */
static int64_t window(const struct channel *c)
{
	int64_t send = c->asks ? c->from->connects.send : c->from->listens.send;
	int64_t room = c->asks ? c->to->listens.receive :
		       c->to->connects.receive;
	int64_t least = send < room ? send : room;

	return least > 0 && least < FLOW_WINDOW_MAX ? least : FLOW_WINDOW_MAX;
}

static void channel_lay(struct world *w, struct channel *c)
{
	int64_t alone;

	net_path_find(w, c->from->machine, c->to->machine, &c->path);
	for (uint32_t i = 0; i < c->path.card_count; i++)
		c->flow.cards[i] = c->path.cards[i];
	c->flow.card_count = c->path.card_count;
	c->flow.cap = c->path.cap;
	c->flow.window = window(c);
	alone = c->flow.window * SIM_S(1) / c->path.rtt;
	if (c->flow.window < FLOW_WINDOW_MAX && alone < c->flow.cap)
		c->flow.cap = alone;
}

/* Who listens is asked; of two that listen the line says it (net_line). */
static bool connects(const struct process *from, const struct process *to,
		     uint32_t line)
{
	if (!from->ports.count != !to->ports.count)
		return !from->ports.count;
	return net_line(from, to) == line;
}

static void channel_init(struct world *w, struct channel *c,
			 struct process *from, struct process *to,
			 struct channel *back, uint32_t line)
{
	c->from = from;
	c->to = to;
	c->back = back;
	c->heard_at = -1;
	c->asks = connects(from, to, line);
	c->timer_at = SIM_NEVER;
	queue_init(&c->line, world_now(w));
	channel_lay(w, c);
}

/* Line 1 hangs on line 0, which is made with it if need be. */
static void connection_keep(struct world *w, const struct process *from,
			    const struct process *to, uint32_t line,
			    struct connection *c)
{
	struct map *all = &hosts_of(w)->connections;

	if (line)
		((struct connection *)map_get(all, connection_key(from, to)))
			->second = c;
	else
		map_put(all, &w->arena, connection_key(from, to), c);
}

static struct channel *channel_between(struct world *w, struct process *from,
				       struct process *to, uint32_t line)
{
	struct channel *c = channel_find(w, from, to, line);
	struct connection *both;

	if (c)
		return c;
	if (line)
		channel_between(w, from, to, 0);
	both = world_take(w, struct connection);
	c = &both->way[from->id > to->id];
	if (from == to) {
		channel_init(w, c, from, to, c, line);
	} else {
		struct channel *back = &both->way[from->id < to->id];

		channel_init(w, c, from, to, back, line);
		channel_init(w, back, to, from, c, line);
	}
	connection_keep(w, from, to, line, both);
	return c;
}

static bool connected(const struct channel *c)
{
	return c->from_incarnation == c->from->incarnation &&
	       c->to_incarnation == c->to->incarnation;
}

static bool blocked(const struct channel *c)
{
	return c->path.cut || (!connected(c) && c->back->path.cut);
}

bool net_connected(const struct world *w, const struct process *a,
		   const struct process *b)
{
	const struct channel *c = channel_find(w, a, b, 0);
	const struct channel *second = channel_find(w, a, b, 1);

	return (c && connected(c)) || (second && connected(second));
}

/* -- what a channel waits for --------------------------------------------- */

/* Of a message whose last byte leaves at `left`. */
static sim_time arrival(const struct channel *c, const struct message *m,
			sim_time left)
{
	sim_time at = left + c->path.latency + m->late;

	return at > c->last_arrival ? at : c->last_arrival;
}

/* Has the flow been given all of it? */
static bool passed_on(const struct channel *c, const struct message *m)
{
	return m->end <= c->flow.queued;
}

/* When the first message arrives, as things stand. */
static sim_time next_arrival(const struct channel *c)
{
	if (!c->first)
		return SIM_NEVER;
	if (c->first != c->leaving)
		return c->first->arrives_at;
	if (!c->flow.rate || !passed_on(c, c->first))
		return SIM_NEVER;
	return arrival(c, c->first, flow_when(&c->flow, c->first->end));
}

/* The window is full, and more would like to go. */
static bool held_back(const struct channel *c)
{
	return !c->stuck && c->end > c->flow.queued;
}

static void channel_plan(struct world *w, struct channel *c)
{
	sim_time at = next_arrival(c);

	if (c->stuck && c->retry_at < at)
		at = c->retry_at;
	if (c->stuck && c->give_up_at < at)
		at = c->give_up_at;
	if (held_back(c) && c->window.round_at < at)
		at = c->window.round_at;
	if (at == c->timer_at)
		return;
	world_cancel(w, &c->timer);
	c->timer_at = at;
	if (at != SIM_NEVER)
		c->timer = agenda_push_timer(w->state->agenda, at,
					     CLASS_DELIVER, HOST_CHANNEL, c, 0);
}

static void count_sent(struct channel *c, int64_t bytes)
{
	struct nic *nic = &c->from->machine->nic;

	nic->sent_to[c->path.place] += bytes;
	if (c->path.place != PLACE_MACHINE)
		nic->sent_bytes += bytes;
}

static void count_received(struct channel *c, const struct message *m)
{
	struct nic *nic = &c->to->machine->nic;

	nic->received_from[c->path.place] += m->bytes;
	if (c->path.place != PLACE_MACHINE)
		nic->received_bytes += m->bytes;
}

/* What has left by now keeps its time, whatever rate or path comes next. */
void net_flow_settle(struct world *w, struct flow *f)
{
	struct channel *c = (struct channel *)f;
	sim_time now = world_now(w);
	int64_t before = f->sent;

	while (f->rate && c->leaving && passed_on(c, c->leaving)) {
		struct message *m = c->leaving;
		sim_time left = flow_when(f, m->end);

		if (left > now)
			break;
		m->arrives_at = c->last_arrival = arrival(c, m, left);
		little_depart(&c->line, m->sent_at, left);
		c->leaving = m->next;
	}
	flow_advance(f, now);
	count_sent(c, f->sent - before);
}

void net_flow_plan(struct world *w, struct flow *f)
{
	channel_plan(w, (struct channel *)f);
}

/* -- telling -------------------------------------------------------------- */

static void tell_lost(struct world *w, const struct lost *news, sim_time at)
{
	struct process *p = news->process;
	struct lost *lost;

	if (!p->on.lost || p->state == PROCESS_DOWN)
		return;
	lost = world_take(w, struct lost);
	lost->process = p;
	lost->peer = news->peer;
	lost->refused = news->refused;
	lost->timed_out = news->timed_out;
	world_plan(w, at, CLASS_DELIVER, HOST_CONNECTION_LOST, lost,
		   (uint16_t)p->incarnation);
}

void net_connection_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost lost = *(struct lost *)who;
	bool same = (uint16_t)lost.process->incarnation == arg;

	/* It will find its connection broken when it goes on. */
	if (same && lost.process->state == PROCESS_HUNG) {
		*vec_add(&w->arena, &lost.process->held_lost) = who;
		return;
	}
	world_give(w, (struct lost *)who);
	if (same && lost.process->state == PROCESS_UP)
		world_call(w, lost.process->on.lost, &lost, 0);
}

bool net_refuses(struct world *w, struct process *from, struct process *to)
{
	const struct channel *c = channel_between(w, from, to, 0);

	return to->state == PROCESS_DOWN && !c->path.cut && !c->back->path.cut;
}

/* Nobody there: the kernel of the machine answers with a reset. */
void net_refuse(struct world *w, struct message *m)
{
	const struct channel *back = channel_between(w, m->to, m->from,
						     m->line);
	struct lost news = { m->from, m->to, true, false };

	if (m->from->incarnation == m->from_incarnation && !back->path.cut)
		tell_lost(w, &news, world_now(w) + back->path.latency);
	message_free(w, m);
}

/* -- sending -------------------------------------------------------------- */

/* The resolver first, then SYN and SYN-ACK; both directions are open then. */
static sim_time connect(struct world *w, struct channel *c, int64_t *again)
{
	struct machine *m = c->from->machine;

	c->from_incarnation = c->back->to_incarnation = c->from->incarnation;
	c->to_incarnation = c->back->from_incarnation = c->to->incarnation;
	tcp_window_init(&c->window, &c->path, c->flow.queued);
	tcp_window_init(&c->back->window, &c->back->path, c->back->flow.queued);
	return dns_wait(w, m) + tcp_connect(&c->path, &m->luck, again);
}

/* What luck has for this message. */
static void launch(struct world *w, struct channel *c, struct message *m)
{
	struct machine *from = c->from->machine;
	int64_t again = 0;

	m->late = net_path_luck(&c->path, &from->luck) +
		  tcp_late(&c->path, &from->luck, m->bytes, &again);
	if (!connected(c))
		m->late += connect(w, c, &again);
	from->nic.retransmitted += again;
	c->to->machine->nic.dropped += again;
}

static sim_time patience(const struct channel *c)
{
	const struct process *p = c->from;

	if (connected(c))
		return p->silence_timeout ? p->silence_timeout : TCP_GIVE_UP;
	return p->connect_timeout ? p->connect_timeout : TCP_CONNECT_GIVE_UP;
}

/* What the flow has not sent waits for TCP again. */
static void take_back(struct channel *c)
{
	c->flow.queued = c->flow.sent;
	c->flow.sent_nano = 0;
}

/* As much as the window has room for goes to the cards.  An empty message needs
 * none. */
static void pass_on(struct world *w, struct channel *c)
{
	struct flow *f = &c->flow;
	int64_t to = tcp_window_limit(&c->window, &c->path, f, world_now(w));

	if (to > c->end)
		to = c->end;
	if (to > f->queued || (!f->active && to == c->end))
		flow_add(w, f, to - f->queued);
}

/* A direction that has rested starts slowly again. */
static void end_rest(struct world *w, struct channel *c)
{
	if (!c->leaving)
		tcp_window_rest(&c->window, &c->path, &c->flow, world_now(w) -
				c->last_arrival + c->path.latency);
}

static void get_stuck(struct world *w, struct channel *c)
{
	flow_stop(w, &c->flow);
	take_back(c);
	c->stuck = true;
	c->stuck_since = world_now(w);
	c->retry_at = SIM_NEVER;
	c->give_up_at = world_now(w) + patience(c);
}

static void append(struct channel *c, struct message *m)
{
	m->next = NULL;
	m->end = c->end += m->bytes;
	if (c->last)
		c->last->next = m;
	else
		c->first = m;
	c->last = m;
	if (!c->leaving)
		c->leaving = m;
}

void net_send(struct world *w, struct process *from, struct process *to,
	      struct message *m)
{
	struct channel *c = channel_between(w, from, to, m->line);

	m->from = from;
	m->to = to;
	m->from_incarnation = from->incarnation;
	m->to_incarnation = to->incarnation;
	m->closed = c->closed;
	m->sent_at = world_now(w);
	hosts_of(w)->messages_sent++;
	little_arrive(&hosts_of(w)->line, m->sent_at);
	little_arrive(&c->line, m->sent_at);
	heap_allocate(w, from, HEAP_MESSAGE_BYTES);
	if (c->flow.active)
		net_flow_settle(w, &c->flow);
	end_rest(w, c);
	append(c, m);
	if (!c->stuck && blocked(c))
		get_stuck(w, c);
	if (!c->stuck) {
		launch(w, c, m);
		pass_on(w, c);
	}
	channel_plan(w, c);
}

/* The link has healed and TCP has tried again: all that waited goes out, one
 * segment first, to whoever listens by now if nobody had answered before. */
static void come_unstuck(struct world *w, struct channel *c)
{
	bool knocking = !connected(c);
	int64_t tries;

	tcp_retry(&c->path, connected(c), c->stuck_since, world_now(w), &tries);
	c->from->machine->nic.retransmitted += tries;
	c->stuck = false;
	tcp_window_timeout(&c->window, &c->path, c->flow.queued);
	for (struct message *m = c->leaving; m; m = m->next) {
		if (knocking)
			m->to_incarnation = c->to->incarnation;
		launch(w, c, m);
	}
	pass_on(w, c);
}

/* -- closing -------------------------------------------------------------- */

static void drop(struct world *w, struct message *m)
{
	struct hosts *h = hosts_of(w);

	little_depart(&h->line, m->sent_at, world_now(w));
	h->messages_dropped++;
	message_free(w, m);
}

static void close_channel(struct world *w, struct channel *c)
{
	struct message *m = c->first, *next;

	flow_stop(w, &c->flow);
	take_back(c);			/* the rest never leaves */
	c->end = c->flow.sent;
	for (struct message *x = c->leaving; x; x = x->next)
		little_depart(&c->line, x->sent_at, world_now(w));
	c->closed++;
	c->from_incarnation = c->to_incarnation = 0;
	c->stuck = false;
	c->first = c->last = c->leaving = NULL;
	c->last_arrival = 0;
	channel_plan(w, c);
	for (; m; m = next) {
		next = m->next;
		drop(w, m);
	}
}

void net_close(struct world *w, struct process *a, struct process *b)
{
	for (uint32_t line = 0; line < 2; line++) {
		struct channel *c = channel_find(w, a, b, line);

		if (!c)
			return;
		close_channel(w, c);
		if (c->back != c)
			close_channel(w, c->back);
	}
}

/* Nobody has answered for too long. */
static void give_up(struct world *w, struct channel *c)
{
	struct lost news = { c->from, c->to, !connected(c), true };

	tell_lost(w, &news, world_now(w));
	net_close(w, c->from, c->to);
}

static void leave_peer(struct world *w, struct process *p,
		       struct process *peer)
{
	struct lost news = { peer, p, false, false };
	bool open = false, cut = false;
	sim_time latency = 0;

	for (uint32_t line = 0; line < 2; line++) {
		struct channel *c = channel_find(w, p, peer, line);

		if (!c)
			break;
		if (c->stuck && !connected(c))
			close_channel(w, c);	/* it was still knocking */
		open |= c->from_incarnation != 0;
		cut = c->path.cut;
		latency = c->path.latency;
	}
	if (!open)
		return;
	if (!cut)
		tell_lost(w, &news, world_now(w) + latency);
	net_close(w, p, peer);
}

/* Every peer with an open connection hears of it, if the path is not cut. */
void net_process_gone(struct world *w, struct process *p)
{
	struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->processes.count; i++)
		leave_peer(w, p, h->processes.at[i]);
}

/* -- arriving ------------------------------------------------------------- */

static void deliver(struct world *w, struct message *m)
{
	struct process *to = m->to;

	if (to->state == PROCESS_DOWN || to->incarnation != m->to_incarnation)
		net_refuse(w, m);
	else if (to->state == PROCESS_HUNG)
		*vec_add(&w->arena, &to->held) = m;
	else
		world_call(w, to->on.message, m, 0);
}

/* One that was held while its process hung: is its connection still there? */
void net_arrive(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	if (m->closed != channel_between(w, m->from, m->to, m->line)->closed)
		message_free(w, m);
	else
		deliver(w, m);
}

/* The thread that reads the socket sleeps until something comes. */
static void wake_reader(struct world *w, struct channel *c, struct message *m)
{
	sim_time now = world_now(w), at = now + cpu_wake_ns(c->to, now);

	if (at < c->heard_at)
		at = c->heard_at;	/* the first wakes it for all */
	if (at == now && c->heard_at < now) {
		deliver(w, m);
		return;
	}
	c->heard_at = at;
	world_plan(w, at, CLASS_DELIVER, HOST_ARRIVE, m, 0);
}

static struct message *take_arrived(struct world *w, struct channel *c)
{
	struct message *m = c->first;

	if (!m || m == c->leaving || m->arrives_at > world_now(w))
		return NULL;
	c->first = m->next;
	if (!c->first)
		c->last = NULL;
	hosts_of(w)->messages_arrived++;
	little_depart(&hosts_of(w)->line, m->sent_at, world_now(w));
	count_received(c, m);
	heap_allocate(w, c->to, HEAP_MESSAGE_BYTES + m->bytes);
	return m;
}

void net_channel(struct world *w, void *who, uint16_t arg)
{
	struct channel *c = who;
	struct message *m;

	(void)arg;
	c->timer_at = SIM_NEVER;
	if (c->stuck && c->retry_at <= world_now(w)) {
		come_unstuck(w, c);
	} else if (c->stuck && c->give_up_at <= world_now(w)) {
		give_up(w, c);
		return;
	}
	if (c->flow.active)
		net_flow_settle(w, &c->flow);
	if (held_back(c) && c->window.round_at <= world_now(w))
		pass_on(w, c);
	m = take_arrived(w, c);
	channel_plan(w, c);
	if (m)
		wake_reader(w, c, m);
}

/* -- what lies between ---------------------------------------------------- */

#define for_each_channel(h, c)						\
	for (uint32_t i_ = 0; i_ < 4 * (h)->connections.count; i_++)	\
		if (((c) = channel_at((h), i_)))

static struct channel *channel_at(const struct hosts *h, uint32_t i)
{
	struct connection *both = h->connections.entries[i / 4].value;
	struct channel *c;

	if (both && i / 2 % 2)
		both = both->second;
	c = both ? &both->way[i % 2] : NULL;

	return c && c->from ? c : NULL;	/* to itself: one way only */
}

uint64_t net_in_flight(const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	const struct channel *c;
	uint64_t n = 0;

	for_each_channel(h, c)
		for (const struct message *m = c->first; m; m = m->next)
			n++;
	return n;
}

bool net_agrees(const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	sim_time now = world_now(w);
	uint64_t under_way = 0;
	const struct channel *c;
	bool good = true;

	for_each_channel(h, c) {
		uint64_t waiting = 0;

		for (const struct message *m = c->first; m; m = m->next)
			under_way += (uint64_t)m->sent_at;
		for (const struct message *m = c->leaving; m; m = m->next)
			waiting += (uint64_t)m->sent_at;
		good &= queue_agrees(&c->line, waiting, now);
	}
	return good && queue_agrees(&h->line, under_way, now);
}

/* Before anything on any path changes: what has left keeps its times. */
static void pause_all(struct world *w)
{
	struct channel *c;

	for_each_channel(hosts_of(w), c)
		flow_stop(w, &c->flow);
}

static void go_on(struct world *w, struct channel *c)
{
	int64_t tries;

	if (!c->leaving)
		return;
	if (!c->stuck && blocked(c))
		get_stuck(w, c);
	if (!c->stuck && c->flow.sent == c->flow.queued)
		return;			/* the next round begins on time */
	if (!c->stuck)
		flow_start(w, &c->flow);
	else if (blocked(c))
		c->retry_at = SIM_NEVER;
	else
		c->retry_at = tcp_retry(&c->path, connected(c), c->stuck_since,
					world_now(w), &tries);
}

static void go_on_all(struct world *w)
{
	struct channel *c;

	for_each_channel(hosts_of(w), c)
		channel_lay(w, c);
	for_each_channel(hosts_of(w), c) {
		go_on(w, c);
		channel_plan(w, c);
	}
}

struct link_rule *net_rule_add(struct world *w, const struct link_rule *rule)
{
	struct link_rule *r = world_take(w, struct link_rule);

	*r = *rule;
	r->lanes[0].bytes_per_s = r->lanes[1].bytes_per_s = r->bits_per_s / 8;
	pause_all(w);
	*vec_add(&w->arena, &hosts_of(w)->rules) = r;
	go_on_all(w);
	return r;
}

void net_rule_remove(struct world *w, struct link_rule *rule)
{
	struct hosts *h = hosts_of(w);
	uint32_t i = 0;

	pause_all(w);
	while (h->rules.at[i] != rule)
		i++;
	vec_remove(&h->rules, i);
	for (i = 0; i < 2; i++) {
		world_cancel(w, &rule->lanes[i].wake.timer);
		vec_free(&w->arena, &rule->lanes[i].flows);
	}
	world_give(w, rule);
	go_on_all(w);
}

void net_card_rate(struct world *w, struct machine *m, int64_t bits_per_s)
{
	pause_all(w);
	m->nic.bits_per_s = bits_per_s;
	m->nic.out.bytes_per_s = m->nic.in.bytes_per_s = bits_per_s / 8;
	go_on_all(w);
}

void net_place(struct world *w, struct machine *m, const char *region,
	       const char *rack)
{
	pause_all(w);
	m->region = region ? world_name(w, region) : 0;
	m->rack = rack ? world_name(w, rack) : 0;
	m->outside = region && !strcmp(region, REGION_INTERNET);
	go_on_all(w);
}

/* Asked from outside, so it must not use up the luck of the next message: the
 * jitter is drawn from a source of its own, by the time of asking. */
sim_time net_ping(const struct world *w, struct machine *from,
		  struct machine *to)
{
	struct net_path there, back;
	struct luck luck;

	net_path_find(w, from, to, &there);
	net_path_find(w, to, from, &back);
	if (there.cut || back.cut)
		return SIM_NEVER;
	luck_init(&luck, w->state->seed, world_text(w, from->name), "ping");
	luck.n = (uint64_t)world_now(w);
	return there.rtt + net_path_luck(&there, &luck) +
	       net_path_luck(&back, &luck);
}
