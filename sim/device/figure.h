/* figure.h - a number, and how far it can be trusted
 *
 * A stage can be run at three declared fidelities (ingest.h), and each figure
 * says which it has (sim/telemetry/fidelity.h).  An estimate has an interval
 * beside it: low and high.
 */
#ifndef SIM_DEVICE_FIGURE_H
#define SIM_DEVICE_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/telemetry/fidelity.h"

struct figure {
	enum fidelity fidelity;
	bool there;		/* false: there is no honest figure (yet) */
	bool open;		/* `high` is only the largest seen: no bound */
	int64_t value;		/* records, or ns; the name of the field says */
	int64_t low, high;	/* interval; both are `value` when it is known */
	uint64_t n;		/* what it rests on: records, or tracers */
};

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
