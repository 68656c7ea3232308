/* agenda.h - what happens next, in one repeatable order
 *
 * Events come out by time; at one time by class (see enum agenda_class); in
 * one class in the order they were put in.  The order is total, so it never
 * depends on memory, hashing or luck, and adding an event that does nothing
 * changes no one else's order.
 *
 * An event names what happens (a number the module gave it), who it happens
 * to (borrowed) and one small argument; whatever is larger hangs on `who`.
 *
 * A timer is an event that can be taken back.  Taking it back is O(1): the
 * event stays in the queue and is skipped when its time comes.
 *
 * Looking (peek, pending, count) changes nothing, not even a byte.
 */
#ifndef SIM_CORE_AGENDA_H
#define SIM_CORE_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/arena.h"
#include "sim/core/simtime.h"

/* At one instant: first what arrives, then what was waiting for too long,
 * then those who only look.  A reply at the very time of its timeout counts. */
enum agenda_class {
	CLASS_DELIVER,		/* arrivals, completions: work moves on */
	CLASS_TIMEOUT,		/* deadlines, periodic duties */
	CLASS_SAMPLE,		/* scrapes, invariants, checks */
};

struct agenda_event {
	sim_time at;		/* when, ns since the run began */
	uint64_t order;		/* class << 56 | arrival number */
	void *who;		/* borrowed: the part it happens to */
	uint16_t what;		/* EVENT(module, n): sim/core/module.h */
	uint16_t arg;		/* meaning belongs to `what` */
	uint32_t slot;		/* 0: plain event; else its timer slot */
};

/* A handle on a timer; {0} is none.  Stays harmless after it fired.  Handles
 * are copied into the arena, so there may be no padding: what a compiler leaves
 * there is not the same in two runs. */
struct timer {
	uint64_t order;
	uint32_t slot;
	uint32_t zero;
};

struct agenda;			/* lives in the arena */

struct agenda *agenda_new(struct arena *arena);

void agenda_push(struct agenda *a, sim_time at, enum agenda_class class,
		 uint16_t what, void *who, uint16_t arg);
struct timer agenda_push_timer(struct agenda *a, sim_time at,
			       enum agenda_class class, uint16_t what,
			       void *who, uint16_t arg);

/* Take a timer back and clear the handle.  Fired, cancelled or empty handles
 * are fine and do nothing. */
void agenda_cancel(struct agenda *a, struct timer *timer);
bool agenda_pending(const struct agenda *a, const struct timer *timer);

/* The next event.  False, leaving *out alone, when nothing is planned. */
bool agenda_peek(struct agenda *a, struct agenda_event *out);
bool agenda_pop(struct agenda *a, struct agenda_event *out);

/* The next event if it happens at or before `until`. */
bool agenda_pop_until(struct agenda *a, sim_time until,
		      struct agenda_event *out);

uint64_t agenda_count(const struct agenda *a);	/* events, cancelled ones left out */

#endif
