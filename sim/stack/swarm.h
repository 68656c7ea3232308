/* swarm.h - random worlds, random load and random faults, and what must hold
 *
 * After FoundationDB's simulation and TigerBeetle's VOPR (simulation.md 1b):
 * the seed decides the topology, the load, which kinds of fault there are at
 * all, and when each begins and ends.  A run has two phases:
 *
 *	safety		faults come and go; the promises of invariants.h are
 *			looked at every second
 *	liveness	a core of brokers is drawn: what befell it is healed, the
 *			brokers outside stay dead for good, no new fault comes;
 *			within some minutes everything must have come right
 *
 * The plan is a pure function of the seed, so a seed is all that has to be
 * told to see a run again; swarm_shrink finds the fewest of its faults that
 * still break the promise.
 */
#ifndef SIM_STACK_SWARM_H
#define SIM_STACK_SWARM_H

#include "sim/stack/invariants.h"

enum {
	SWARM_FAULTS_MAX = 16,		/* of one plan; the bits of a mask */
	SWARM_WORDS_MAX = 160,		/* bytes of settings, of a fault */
};

/* One planned fault; it is there if its bit is in the mask of a run. */
struct swarm_fault {
	sim_time at, during;
	char words[SWARM_WORDS_MAX];	/* "kill component=broker-2" */
};

struct swarm_plan {
	uint64_t seed;
	const char *world;		/* lent by who drew it */
	const char *planted;		/* a bug on purpose; NULL: none */
	char settings[SWARM_WORDS_MAX];
	uint32_t brokers, controllers;	/* as in the settings */
	struct swarm_fault faults[SWARM_FAULTS_MAX];
	uint32_t fault_count;
	sim_time safety_until;		/* then the liveness phase */
	uint64_t core;			/* brokers that live on, by index */
};

struct swarm_result {
	const char *broken;		/* id of an invariant, "settles" when
					   liveness failed; NULL: all held */
	sim_time at;
	struct text why;
	uint64_t events, digest;
	uint32_t faults;		/* that were injected */
};

#define SWARM_ALL	UINT64_MAX	/* the mask of every fault */

/* False, err set: no swarm knows that world. */
bool swarm_draw(struct swarm_plan *p, const char *world, uint64_t seed,
		struct err *err);
void swarm_plan_text(const struct swarm_plan *p, uint64_t mask,
		     struct text *out);

/* Run it with the faults of the mask.  False, err set: it cannot be run. */
bool swarm_run(const struct swarm_plan *p, uint64_t mask,
	       struct swarm_result *out, struct err *err);
void swarm_result_release(struct swarm_result *r);

/* The fewest faults of `mask`, by leaving out one after the other (and, if more
 * than two are left, by trying each alone and each two), with which a promise is still broken: this one or another, for one bug breaks several.
 * *runs counts the tries. */
uint64_t swarm_shrink(const struct swarm_plan *p, uint64_t mask,
		      uint32_t *runs);

#endif
