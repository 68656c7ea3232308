/* figure.h - a number, and how far it can be trusted
 *
 * A stage can be run at three declared fidelities (ingest.h).  The fidelity
 * travels with each figure, so that a screen can show it as a badge and no
 * estimate is ever read as a measurement:
 *
 *	exact      counted record by record, true at this very nanosecond
 *	window     counted record by record, true at the last window's edge
 *	estimate   inferred: from counts a tick, or from one record in a thousand;
 *	           low and high are its interval
 */
#ifndef SIM_DEVICE_FIGURE_H
#define SIM_DEVICE_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

enum fidelity { FIDELITY_EXACT, FIDELITY_WINDOW, FIDELITY_ESTIMATE };

struct figure {
	enum fidelity fidelity;
	bool there;		/* false: there is no honest figure (yet) */
	bool open;		/* `high` is only the largest seen: no bound */
	int64_t value;		/* records, or ns; the name of the field says */
	int64_t low, high;	/* interval; both are `value` when it is known */
	uint64_t n;		/* what it rests on: records, or tracers */
};

/* "exact", "window", "estimate": the badge. */
const char *fidelity_badge(enum fidelity f);

/* A figure that is known. */
static inline struct figure figure_known(enum fidelity f, int64_t value,
					 uint64_t n)
{
	return (struct figure){
		.fidelity = f, .there = true, .value = value, .low = value,
		.high = value, .n = n,
	};
}

/* An estimate; low is never below zero: records and times are not. */
static inline struct figure figure_estimate(int64_t value, int64_t less,
					    int64_t more, uint64_t n)
{
	return (struct figure){
		.fidelity = FIDELITY_ESTIMATE, .there = true, .value = value,
		.low = value > less ? value - less : 0, .high = value + more,
		.n = n,
	};
}

#endif
