/* net_world.h - machines with one process each that remembers what arrives */
#ifndef TESTS_SIM_NET_WORLD_H
#define TESTS_SIM_NET_WORLD_H

#include "tests/test.h"

#include "sim/host/host.h"
#include "sim/host/net.h"

#define NODES_MAX	12
#define GBIT		INT64_C(1000000000)
#define MB		INT64_C(1000000)

/* Seconds are right to this: latency and luck of a zone. */
#define SLACK		SIM_MS(5)

#define assert_near(got, want, by)	\
	assert_in_range((got), (want) - (by), (want) + (by))

enum { NODE_MESSAGE = MODULE_WORLD << 8, NODE_LOST };

struct note {
	struct message head;
	uint64_t number;		/* counted by its channel */
};

struct node {
	struct process *process;
	struct machine *machine;
	uint64_t arrived;		/* messages */
	int64_t bytes;
	sim_time last;			/* when the last one came */
	uint32_t lost, refused, timed_out;
	sim_time lost_at;
	uint64_t sent[NODES_MAX];	/* to each, so far */
	uint64_t got[NODES_MAX];	/* the last number from each */
	bool disordered;
};

struct net_world {
	struct world *w;
	struct node node[NODES_MAX];
	uint32_t count;
};

static inline void node_message(struct world *w, void *who, uint16_t arg)
{
	struct note *note = who;
	struct node *n = note->head.to->self;
	uint64_t *got = &n->got[note->head.from->id];

	(void)arg;
	n->arrived++;
	n->bytes += note->head.bytes;
	n->last = world_now(w);
	n->disordered |= note->number <= *got;
	*got = note->number;
	message_free(w, &note->head);
}

static inline void node_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost *lost = who;
	struct node *n = lost->process->self;

	(void)arg;
	n->lost++;
	n->refused += lost->refused;
	n->timed_out += lost->timed_out;
	n->lost_at = world_now(w);
}

static const struct module_event node_events[] = {
	[NODE_MESSAGE & 0xff] = { "test.message", node_message },
	[NODE_LOST & 0xff] = { "test.lost", node_lost },
};
static const struct module node_module = {
	.name = "test", .events = node_events, .event_count = 2,
};

static inline void net_world_init(struct net_world *n, uint64_t seed)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &node_module, [MODULE_HOST] = &host_module,
	};
	struct world_spec spec = { .seed = seed, .modules = modules };

	memset(n, 0, sizeof(*n));
	n->w = world_new(&spec);
	hosts_init(n->w);
}

/* A machine with a card of 1 Gbit/s and a process of the same name.  (The
 * nodes lie outside the arena: such a world is not rewound.) */
static inline struct node *node_add(struct net_world *n, const char *name,
				    const char *zone)
{
	static const struct process_events on = {
		.message = NODE_MESSAGE, .lost = NODE_LOST,
	};
	struct node *node = &n->node[n->count++];

	node->machine = machine_new(n->w, name, zone, &machine_small);
	net_card_rate(n->w, node->machine, GBIT);
	node->process = process_new(n->w, name, node->machine, name, &on,
				    MODULE_WORLD, node);
	process_start(n->w, node->process);
	return node;
}

static inline void node_send(struct net_world *n, struct node *from,
			     struct node *to, uint32_t bytes)
{
	struct note *note = message_new(n->w, sizeof(*note), 1);

	note->head.bytes = bytes;
	note->number = ++from->sent[to->process->id];
	net_send(n->w, from->process, to->process, &note->head);
}

/* Make the connection, so that what comes next does not wait for it. */
static inline void node_connect(struct net_world *n, struct node *a,
				struct node *b)
{
	node_send(n, a, b, 1);
	node_send(n, b, a, 1);
	world_run_until(n->w, world_now(n->w) + SIM_S(2));
	assert_int_equal(net_in_flight(n->w), 0);
}

#endif
