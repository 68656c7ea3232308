/* credits.h - burstable instances: CPU time saved up, spent and owed
 *
 * An instance of AWS's T family (Amazon EC2 user guide, "Burstable performance
 * instances") earns CPU credits all the time, at a rate that its size says, and
 * spends one for each minute that a vCPU runs.  What it earns is its baseline:
 * 24 credits an hour are 0.4 vCPU, 20 % of each of two.
 *
 *	balance                 standard			unlimited
 *	 24 h ┬    ____                          ____
 *	      │___/    ╲                     ___/    ╲
 *	    0 ┴─────────╲______ baseline    ──────────╲──────
 *	      idle  busy  and no more                  ╲______ surplus: beyond
 *	                                     24 h of it is owed
 *
 * At most a day's worth is kept.  In *standard* mode an instance without
 * credits gets its baseline: the hypervisor runs its vCPUs for the rest of the
 * time not at all, which its kernel sees as steal.  In *unlimited* mode, the
 * default of T3 and T4g, it goes on and spends surplus credits, which what it
 * earns later pays back; surplus beyond a day's worth is charged for.  It begins
 * with none (only T2 has launch credits).
 *
 * Counted in ns of a vCPU: a credit is 60 * 10^9.  In standard mode there is
 * one event, when the last credit is gone; else all is computed when a thread
 * gets or leaves a core, or somebody asks.
 *
 * Simplified: the fall to the baseline is sudden, AWS's takes some minutes.
 */
#ifndef SIM_HOST_CREDITS_H
#define SIM_HOST_CREDITS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/world.h"

struct machine;

#define CREDIT_NS	INT64_C(60000000000)

struct credits {
	bool unlimited;
	bool empty;			/* standard: no more than is earned */
	int64_t earn_ppm;		/* vCPUs, in millionths */
	int64_t max_ns;			/* most that is kept, or not yet charged */
	int64_t balance_ns;		/* below 0: surplus that was spent */
	int64_t rest;			/* millionths of a ns */
	int64_t charged_ns;		/* surplus that nothing pays back */
	sim_time since;			/* all this is as of then */
	struct timer gone;		/* standard: the last credit */
};

/* Make a machine burstable: so many credits an hour. */
void credits_give(struct world *w, struct machine *m, uint32_t per_hour,
		  bool unlimited);
/* Make it one as others are, with all it has; what it owes is forgotten. */
void credits_take(struct world *w, struct machine *m);

/* Change between the modes: surplus is charged at once. */
void credits_mode(struct world *w, struct machine *m, bool unlimited);
void credits_balance_set(struct world *w, struct machine *m, int64_t ns);

/* As of now, in ns of a vCPU; 0 where there are none.  Owed: what has been
 * charged, and the surplus that would be if it were stopped now. */
int64_t credits_balance(const struct world *w, const struct machine *m);
int64_t credits_owed(const struct world *w, const struct machine *m);

#endif
