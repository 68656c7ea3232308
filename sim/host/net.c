/* net.c - messages between processes, over links that delay and lose */
#include "sim/host/net.h"

#include <assert.h>
#include <string.h>

#include "sim/host/events.h"

#define LATENCY_MACHINE	SIM_US(20)	/* loopback */
#define LATENCY_ZONE	SIM_US(50)	/* calibration.md 3.1: RTT 50-200 us */
#define LATENCY_REGION	SIM_US(400)	/* cross-AZ RTT 0.5-1.5 ms */
#define RTO_MIN		SIM_MS(200)	/* Linux TCP_RTO_MIN */
#define RTO_MAX		SIM_S(120)	/* Linux TCP_RTO_MAX */
#define SEGMENT_BYTES	1448		/* MSS of Ethernet with timestamps */

/* One direction of a TCP connection between two processes. */
struct channel {
	uint32_t from_incarnation, to_incarnation;	/* 0: not connected */
	sim_time last_arrival;		/* nothing overtakes */
	uint32_t version;		/* of the rules that path was made from */
	struct link_rule path;		/* what the rules say about this path */
	sim_time latency;		/* of the healthy path, one way */
	VEC(struct message *) stuck;	/* sent into a cut */
	uint32_t closed;		/* counts closings: older sends are void */
};

static uint64_t channel_key(const struct process *from, const struct process *to)
{
	return (uint64_t)from->id << 32 | to->id;
}

static sim_time healthy_latency(const struct machine *a, const struct machine *b)
{
	if (a == b)
		return LATENCY_MACHINE;
	return a->zone == b->zone ? LATENCY_ZONE : LATENCY_REGION;
}

static bool rule_covers(const struct link_rule *r, const struct machine *from,
			const struct machine *to)
{
	if (from == to)
		return false;		/* loopback does not cross the link */
	if ((!r->a || r->a == from) && (!r->b || r->b == to))
		return true;
	return !r->one_way && (!r->a || r->a == to) && (!r->b || r->b == from);
}

/* All rules together: delays and losses add up, the slowest rate counts. */
static void path_of(const struct hosts *h, const struct machine *from,
		    const struct machine *to, struct link_rule *path)
{
	*path = (struct link_rule){ .bits_per_s = from->nic.bits_per_s };
	for (uint32_t i = 0; i < h->rules.count; i++) {
		const struct link_rule *r = h->rules.at[i];

		if (!rule_covers(r, from, to))
			continue;
		path->cut |= r->cut;
		path->delay += r->delay;
		path->loss_ppm += r->loss_ppm;
		if (r->bits_per_s && r->bits_per_s < path->bits_per_s)
			path->bits_per_s = r->bits_per_s;
	}
}

static struct channel *channel_between(struct world *w, struct process *from,
				       struct process *to)
{
	struct hosts *h = hosts_of(w);
	struct channel *c = map_get(&h->channels, channel_key(from, to));

	if (!c) {
		c = world_take(w, struct channel);
		c->latency = healthy_latency(from->machine, to->machine);
		map_put(&h->channels, &w->arena, channel_key(from, to), c);
	}
	if (c->version != h->rules_version) {
		path_of(h, from->machine, to->machine, &c->path);
		c->version = h->rules_version;
	}
	return c;
}

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

/* Exponential jitter: a quarter of the base, cut at ten times that. */
static sim_time jitter(struct luck *luck, sim_time base)
{
	sim_time extra = luck_exponential(luck, base / 4);

	return extra < base * 5 / 2 ? extra : base * 5 / 2;
}

/*
 * How much later a message comes because segments were lost: the first comes
 * again after RTO_MIN, and each further loss of it doubles the wait.
 */
static sim_time retransmission(struct machine *m, const struct link_rule *path,
			       uint32_t bytes)
{
	uint32_t segments = bytes / SEGMENT_BYTES + 1;
	sim_time worst = 0;

	if (!path->loss_ppm)
		return 0;
	for (uint32_t i = 0; i < segments; i++) {
		sim_time wait = 0, rto = RTO_MIN;

		while (luck_chance(&m->luck, path->loss_ppm, 1000000)) {
			wait += rto;
			rto = rto < RTO_MAX / 2 ? 2 * rto : RTO_MAX;
			if (wait > SIM_MINUTES(15))
				break;		/* tcp_retries2: given up */
		}
		if (wait > worst)
			worst = wait;
	}
	return worst;
}

static sim_time arrival(struct world *w, struct channel *c,
			struct machine *from, uint32_t bytes)
{
	sim_time leave = world_now(w);
	sim_time at;

	if (from->nic.free_at > leave)
		leave = from->nic.free_at;
	leave += (int64_t)bytes * 8 * 1000 / (c->path.bits_per_s / 1000000 ?
					      c->path.bits_per_s / 1000000 : 1);
	from->nic.free_at = leave;
	at = leave + c->latency + jitter(&from->luck, c->latency) + c->path.delay +
	     retransmission(from, &c->path, bytes);
	return at > c->last_arrival ? at : c->last_arrival;
}

/* The first message of a connection waits for SYN and SYN-ACK. */
static sim_time handshake(struct channel *c, const struct process *from,
			  const struct process *to)
{
	if (c->from_incarnation == from->incarnation &&
	    c->to_incarnation == to->incarnation)
		return 0;
	c->from_incarnation = from->incarnation;
	c->to_incarnation = to->incarnation;
	return 2 * (c->latency + c->path.delay);
}

static void launch(struct world *w, struct channel *c, struct message *m)
{
	struct machine *from = m->from->machine;
	sim_time at = arrival(w, c, from, m->bytes);

	at += handshake(c, m->from, m->to);
	c->last_arrival = at;
	from->nic.sent_bytes += m->bytes;
	world_plan(w, at, CLASS_DELIVER, HOST_ARRIVE, m, 0);
}

void net_send(struct world *w, struct process *from, struct process *to,
	      struct message *m)
{
	struct channel *c = channel_between(w, from, to);

	m->from = from;
	m->to = to;
	m->from_incarnation = from->incarnation;
	m->to_incarnation = to->incarnation;
	m->closed = c->closed;
	if (c->path.cut)
		*vec_add(&w->arena, &c->stuck) = m;
	else
		launch(w, c, m);
}

static void tell_lost(struct world *w, struct process *p, struct process *peer,
		      sim_time at, bool refused)
{
	struct lost *lost;

	if (!p->on.lost || p->state == PROCESS_DOWN)
		return;
	lost = world_take(w, struct lost);
	*lost = (struct lost){ p, peer, refused };
	world_plan(w, at, CLASS_DELIVER, HOST_CONNECTION_LOST, lost,
		   (uint16_t)p->incarnation);
}

void net_connection_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost lost = *(struct lost *)who;

	world_give(w, (struct lost *)who);
	if (lost.process->state == PROCESS_UP &&
	    (uint16_t)lost.process->incarnation == arg)
		world_call(w, lost.process->on.lost, &lost, 0);
}

bool net_refuses(struct world *w, struct process *from, struct process *to)
{
	return to->state == PROCESS_DOWN &&
	       !channel_between(w, from, to)->path.cut;
}

/* Nobody there: the kernel of the machine answers with a reset. */
void net_refuse(struct world *w, struct message *m)
{
	struct channel *back = channel_between(w, m->to, m->from);

	if (m->from->incarnation == m->from_incarnation && !back->path.cut)
		tell_lost(w, m->from, m->to, world_now(w) + back->latency +
					     back->path.delay, true);
	message_free(w, m);
}

void net_arrive(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct process *to = m->to;
	struct channel *c = channel_between(w, m->from, to);

	(void)arg;
	if (m->closed != c->closed) {
		message_free(w, m);
		return;
	}
	to->machine->nic.received_bytes += m->bytes;
	if (to->state == PROCESS_DOWN || to->incarnation != m->to_incarnation)
		net_refuse(w, m);
	else if (to->state == PROCESS_HUNG)
		*vec_add(&w->arena, &to->held) = m;
	else
		world_call(w, to->on.message, m, 0);
}

static void close_channel(struct world *w, struct process *from,
			  struct process *to)
{
	struct channel *c = map_get(&hosts_of(w)->channels,
				    channel_key(from, to));

	if (!c)
		return;
	c->closed++;
	c->from_incarnation = c->to_incarnation = 0;
	for (uint32_t i = 0; i < c->stuck.count; i++)
		message_free(w, c->stuck.at[i]);
	vec_free(&w->arena, &c->stuck);
}

void net_close(struct world *w, struct process *a, struct process *b)
{
	close_channel(w, a, b);
	close_channel(w, b, a);
}

/* Every peer with an open connection hears of it, if the path is not cut. */
void net_process_gone(struct world *w, struct process *p)
{
	struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->processes.count; i++) {
		struct process *peer = h->processes.at[i];
		struct channel *to = map_get(&h->channels,
					     channel_key(p, peer));
		struct channel *from = map_get(&h->channels,
					       channel_key(peer, p));
		bool open = (to && to->from_incarnation) ||
			    (from && from->to_incarnation);

		if (!open)
			continue;
		to = channel_between(w, p, peer);
		if (!to->path.cut)
			tell_lost(w, peer, p, world_now(w) + to->latency +
					      to->path.delay, false);
		net_close(w, p, peer);
	}
}

void net_listen(struct world *w, struct process *p, uint16_t port)
{
	*vec_add(&w->arena, &p->ports) = port;
}

void net_alias(struct world *w, const char *alias, struct machine *m)
{
	map_put(&hosts_of(w)->aliases, &w->arena, world_name(w, alias), m);
}

void net_publish(struct world *w, struct machine *m, uint16_t port,
		 struct process *p)
{
	*vec_add(&w->arena, &hosts_of(w)->published) = (struct published_port){
		m, port, p,
	};
}

static struct process *published(const struct hosts *h, const struct machine *m,
				 uint16_t port)
{
	for (uint32_t i = 0; i < h->published.count; i++)
		if (h->published.at[i].machine == m &&
		    h->published.at[i].port == port)
			return h->published.at[i].process;
	return NULL;
}

static struct machine *machine_called(struct world *w, struct machine *from,
				      const char *host)
{
	struct machine *m = machine_find(w, host);
	name_id id = names_find(&w->state->names, host);

	if (!strcmp(host, "localhost") || !strcmp(host, "127.0.0.1"))
		return from;
	if (m && m->network && m->network != from->network)
		m = NULL;	/* Docker's DNS answers its own containers */
	if (!m && id)
		m = map_get(&hosts_of(w)->aliases, id);
	return m;
}

void net_address_text(struct world *w, struct machine *from, const char *host,
		      struct text *t)
{
	struct machine *m = machine_called(w, from, host);

	text_addf(t, "%s/", host);
	if (m == from && !machine_find(w, host))
		text_add(t, "127.0.0.1");
	else if (m)
		text_addf(t, "10.0.%u.%u", m->id / 200, m->id % 200 + 10);
	else
		text_add(t, "<unresolved>");
}

enum resolved net_resolve(struct world *w, struct machine *from,
			  const char *host, uint16_t port,
			  struct process **process)
{
	struct machine *m = machine_called(w, from, host);
	struct hosts *h = hosts_of(w);

	if (!m)
		return RESOLVED_NO_HOST;
	for (uint32_t i = 0; i < h->processes.count; i++) {
		struct process *p = h->processes.at[i];

		if (p->machine != m)
			continue;
		for (uint32_t k = 0; k < p->ports.count; k++)
			if (p->ports.at[k] == port) {
				*process = p;
				return RESOLVED;
			}
	}
	*process = published(h, m, port);
	return *process ? RESOLVED : RESOLVED_REFUSED;
}

/* Asked from outside, so it must not use up the luck of the next message: the
 * jitter is drawn from a source of its own, by the time of asking. */
sim_time net_ping(const struct world *w, const struct machine *from,
		  const struct machine *to)
{
	sim_time base = healthy_latency(from, to);
	struct link_rule there, back;
	struct luck luck;

	path_of(hosts_of(w), from, to, &there);
	path_of(hosts_of(w), to, from, &back);
	if (there.cut || back.cut)
		return SIM_NEVER;
	luck_init(&luck, w->state->seed, world_text(w, from->name), "ping");
	luck.n = (uint64_t)world_now(w);
	return 2 * base + there.delay + back.delay + jitter(&luck, base) +
	       jitter(&luck, base);
}

struct link_rule *net_rule_add(struct world *w, const struct link_rule *rule)
{
	struct hosts *h = hosts_of(w);
	struct link_rule *r = world_take(w, struct link_rule);

	*r = *rule;
	*vec_add(&w->arena, &h->rules) = r;
	h->rules_version++;
	return r;
}

/* What waited for the link is sent again when TCP's timer next fires: after
 * 200 ms at the soonest, since the timer has backed off by then. */
static void release_stuck(struct world *w)
{
	struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->channels.count; i++) {
		uint64_t key = h->channels.entries[i].key;
		struct channel *c = h->channels.entries[i].value;
		struct process *from, *to;

		if (!c || !c->stuck.count)
			continue;
		from = h->processes.at[key >> 32];
		to = h->processes.at[key & 0xffffffff];
		if (channel_between(w, from, to)->path.cut)
			continue;
		c->last_arrival = world_now(w) + RTO_MIN +
				  luck_exponential(&from->machine->luck, RTO_MIN);
		for (uint32_t k = 0; k < c->stuck.count; k++)
			launch(w, c, c->stuck.at[k]);
		vec_free(&w->arena, &c->stuck);
	}
}

void net_rule_remove(struct world *w, struct link_rule *rule)
{
	struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->rules.count; i++)
		if (h->rules.at[i] == rule) {
			vec_remove(&h->rules, i);
			break;
		}
	world_give(w, rule);
	h->rules_version++;
	release_stuck(w);
}
