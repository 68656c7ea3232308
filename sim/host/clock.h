/* clock.h - what time a machine believes it is
 *
 * Every machine has a wall clock of its own: the true time plus an offset.  A
 * crystal drifts (some ppm), and NTP keeps both in hand:
 *
 *	offset ▲  step                     chronyd measures every 64 s
 *	       │   ┌────────╲              (minpoll 6) and *slews*: the clock
 *	       │   │         ╲             runs 8.3 % slower (maxslewrate
 *	     0 ┼───┘          ╲──────      83333 ppm) until it is right.  It
 *	       └───────────────────▶ time  never jumps back
 *
 * It steps only in its first three measurements after it was started, and
 * only by more than a second (makestep 1 3, as distributions ship it).
 *
 * A wall clock tells record timestamps and log lines; timers, timeouts and
 * leases run on CLOCK_MONOTONIC, which no step moves: they use world_now.
 *
 * Simplified: while NTP keeps a clock it is exact (chrony holds tens of
 * microseconds in a data centre); CLOCK_MONOTONIC neither drifts nor slews.
 */
#ifndef SIM_HOST_CLOCK_H
#define SIM_HOST_CLOCK_H

#include "sim/core/world.h"

struct machine;

/* All zero: right, and kept by NTP. */
struct clock {
	sim_time since;		/* when what follows was last true */
	sim_time offset;	/* fast by so many ns, then */
	int64_t drift_ppb;	/* gains so many ns a second while on its own */
	bool alone;		/* no NTP: nobody corrects it */
	sim_time slew_at;	/* NTP begins to correct the offset */
	sim_time step_at;	/* NTP steps it then; 0: it does not */
};

/* How far the machine's clock is ahead of the true time, ns. */
sim_time clock_offset(const struct clock *c, sim_time now);

/* A time, as the machine's clock shows it now: ns since the run began. */
sim_time machine_wall(const struct world *w, const struct machine *m);

/* Somebody sets the clock, `by` ns ahead or back. */
void clock_step(struct world *w, struct machine *m, sim_time by);

/* chronyd stops: the clock is left to its crystal; and is started again. */
void clock_ntp_stop(struct world *w, struct machine *m, int64_t drift_ppb);
void clock_ntp_start(struct world *w, struct machine *m);

/* adjtimex, as chronyd leaves it: offset measured at its last poll, what it has
 * slewed since taken off; and is the clock synchronised? */
sim_time clock_measured_offset(const struct clock *c, sim_time now);
static inline bool clock_synchronised(const struct clock *c)
{
	return !c->alone;	/* chronyd sets STA_UNSYNC when it exits */
}

#endif
