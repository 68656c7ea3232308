/* bulkhead.h - no more than so many calls under way at one time
 *
 * As resilience4j's SemaphoreBulkhead: `max` places; who finds all taken waits
 * in order of arrival, at most `wait`, or is turned away at once (the default).
 * So one slow dependency cannot take every thread of its caller.
 *
 *	enter ──▶ IN ──────────────────────▶ leave
 *	   └────▶ WAITS ──▶ IN, when another leaves
 *	   │         └────▶ give_up, after `wait`
 *	   └────▶ FULL
 *
 * Who keeps the time of waiting is the caller (call.c).  Both lines, of those
 * who wait and of those inside, check Little's law (queue.h).
 */
#ifndef SIM_HOST_BULKHEAD_H
#define SIM_HOST_BULKHEAD_H

#include "sim/core/queue.h"

struct bulkhead_config {
	uint32_t max;		/* maxConcurrentCalls; 0: no bulkhead */
	sim_time wait;		/* maxWaitDuration */
};

/* One who wants in; lies inside the caller's own struct. */
struct bulkhead_place {
	struct bulkhead_place *next, *previous;	/* while it waits */
	sim_time since;		/* it waits, or is inside */
};

enum bulkhead_answer { BULKHEAD_IN, BULKHEAD_WAITS, BULKHEAD_FULL };

struct bulkhead {
	struct bulkhead_config config;
	struct bulkhead_place *first, *last;	/* who wait */
	struct queue waiting, inside;
	uint64_t rejected;
};

/* 25 places, no waiting: BulkheadConfig.ofDefaults. */
extern const struct bulkhead_config bulkhead_defaults;

void bulkhead_init(struct bulkhead *b, const struct bulkhead_config *c,
		   sim_time now);

enum bulkhead_answer bulkhead_enter(struct bulkhead *b,
				    struct bulkhead_place *p, sim_time now);
/* One who was inside is done; the value is who got the place, or NULL. */
struct bulkhead_place *bulkhead_leave(struct bulkhead *b,
				      struct bulkhead_place *p, sim_time now);
/* One who waited goes away. */
void bulkhead_give_up(struct bulkhead *b, struct bulkhead_place *p,
		      sim_time now);

static inline uint32_t bulkhead_available(const struct bulkhead *b)
{
	return b->config.max - b->inside.length;
}

#endif
