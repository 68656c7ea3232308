/* link.h - what lies between two machines: distance, cards, and rules
 *
 * A machine stands in a rack, in a zone, in a region.  How far two machines
 * are apart follows from the closest place they have in common:
 *
 *	the world ─┬─ region us-east-1 ─┬─ zone a ─┬─ rack r1 ── broker-1
 *	           │                    │          └─ rack r2 ── app-1
 *	           │                    └─ zone b
 *	           ├─ region eu-west-1 ── ...
 *	           └─ internet ── somebody's laptop
 *
 * A machine without a rack shares a rack with nobody; without a region it is
 * in the same region as all others without one.  Who stands in the region
 * "internet" is outside the cloud, and whoever sends to it pays (price.h).
 *
 * The time a message takes, one way, is the base of the place, what rules add,
 * and luck: exponential jitter, and now and then (one message in a thousand)
 * a long tail.  What share of a card it gets says card.h.
 *
 * A flow by itself does at most a window each round trip, on the loopback what
 * the kernel copies, and under loss what TCP's congestion control leaves:
 * MSS / RTT * sqrt(3/2) / sqrt(p) (Mathis, Semke, Mahdavi, Ott, "The
 * Macroscopic Behavior of the TCP Congestion Avoidance Algorithm", CCR 1997).
 */
#ifndef SIM_HOST_LINK_H
#define SIM_HOST_LINK_H

#include "sim/core/luck.h"
#include "sim/host/card.h"

struct machine;

#define REGION_INTERNET	"internet"	/* see net_place */
#define SEGMENT_BYTES	1448	/* MSS of Ethernet (1500) with timestamps */

/* The closest place that two machines have in common. */
enum net_place {
	PLACE_MACHINE,		/* loopback */
	PLACE_RACK,
	PLACE_ZONE,
	PLACE_REGION,		/* from zone to zone: the cloud asks money */
	PLACE_WORLD,		/* from region to region: more money */
	PLACE_INTERNET,		/* out of the cloud: most money */
	PLACE_COUNT
};

/* How long it takes within a place, one way. */
struct place_latency {
	const char *name;	/* "zone": what the two have in common */
	sim_time base;
	sim_time jitter;	/* mean of an exponential, on each message */
	sim_time tail;		/* likewise, on one message in a thousand */
};
extern const struct place_latency place_latency[PLACE_COUNT];

/* The network card of a machine: full duplex. */
struct nic {
	int64_t bits_per_s;
	struct netcard out, in;
	int64_t sent_bytes, received_bytes;	/* since the run began; the
						   loopback left out */
	int64_t sent_to[PLACE_COUNT];		/* bytes, by place in common */
	int64_t received_from[PLACE_COUNT];
	int64_t retransmitted;		/* segments sent again */
	int64_t dropped;		/* segments lost on the way here */
};

/*
 * A path that is worse than it should be.  NULL machine: any.  A rate is
 * shared by all flows that the rule covers, each direction by itself.
 */
struct link_rule {
	struct machine *a, *b;	/* both directions unless one_way (a to b) */
	bool one_way;
	bool cut;
	sim_time delay;		/* added, one way */
	uint32_t loss_ppm;	/* chance of loss, per segment, in a million */
	uint32_t reorder_ppm;	/* chance that others overtake a segment */
	int64_t bits_per_s;	/* 0: as the card */
	struct netcard lanes[2];	/* a to b, b to a; net_rule_add fills them */
};

/* One direction between two machines, all rules taken together. */
struct net_path {
	enum net_place place;
	bool cut;
	sim_time latency;	/* one way, without luck */
	sim_time rtt;		/* there and back, without luck */
	sim_time jitter, tail;	/* see struct place_latency */
	uint32_t loss_ppm, reorder_ppm;
	int64_t cap;		/* bytes a second of one flow by itself */
	struct netcard *cards[FLOW_CARDS];
	uint32_t card_count;
};

enum net_place place_common(const struct machine *a, const struct machine *b);
void net_path_find(const struct world *w, struct machine *from,
		   struct machine *to, struct net_path *path);

/* What luck adds to one message's latency. */
sim_time net_path_luck(const struct net_path *path, struct luck *luck);

#endif
