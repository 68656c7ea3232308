/* retry.h - try again, how often and after what wait
 *
 * As resilience4j's Retry: `attempts` counts the first one too, and between
 * two attempts passes a wait that is always the same, or grows by a factor, or
 * is drawn from a range around either.  Without the draw, clients that failed
 * together come back together.
 *
 *	attempt 1 ──fails──▶ wait(1) ──▶ attempt 2 ──fails──▶ wait(2) ──▶ ...
 *
 * What each attempt costs multiplies through layers: with n attempts in each of
 * L layers one request becomes up to n^L at the bottom, just when that is slow.
 *
 * Waits are whole milliseconds, as in resilience4j's IntervalFunction.
 */
#ifndef SIM_HOST_RETRY_H
#define SIM_HOST_RETRY_H

#include "sim/core/luck.h"
#include "sim/core/simtime.h"

struct retry_policy {
	uint32_t attempts;	/* maxAttempts; 1: no retry */
	sim_time wait;		/* waitDuration, >= 1 ms */
	uint32_t growth_permille;	/* exponentialBackoffMultiplier; 1000:
					   fixed */
	uint32_t random_permille;	/* randomizedWaitFactor, of the wait on
					   either side; 0 .. 1000 */
	sim_time wait_max;	/* exponentialMaxWaitDuration; 0: none */
	uint32_t not_on;	/* bits 1 << enum call_outcome: these are not
				   tried again (ignoreExceptions) */
};

/* 3 attempts, 500 ms, always the same wait: RetryConfig.ofDefaults. */
extern const struct retry_policy retry_defaults;

/* IntervalFunction.ofExponentialRandomBackoff's own defaults, to start from:
 * x1.5, +-50 %. */
#define RETRY_GROWTH_PERMILLE	1500u
#define RETRY_RANDOM_PERMILLE	500u

/* The wait after attempt number `attempt` (1, 2, ...) failed.  Draws only
 * when the policy is random. */
sim_time retry_wait(const struct retry_policy *p, uint32_t attempt,
		    struct luck *luck);

#endif
