/* bucket.h - a token bucket: at most so many in each period
 *
 * As resilience4j's AtomicRateLimiter.  Time since the bucket was made is cut
 * into periods (cycles); each brings `limit` tokens, and no more than `capacity`
 * are ever kept.  Who finds none may reserve one of a coming period and waits
 * for it, if that is not later than `wait`: the count then goes below zero, so
 * that reservations are served in order of asking.
 *
 *	tokens  3 3 2 1 0 -1 -2 │ 1 0 │ 3 ...
 *	              period 1  │  2  │  3          limit 3
 *
 * With limit 1, period 1/r and capacity B it is the textbook bucket of rate r
 * and burst B, in whole tokens.
 */
#ifndef SIM_HOST_BUCKET_H
#define SIM_HOST_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/simtime.h"

struct bucket_config {
	uint32_t limit;		/* limitForPeriod: tokens a period; 0: no bucket */
	sim_time period;	/* limitRefreshPeriod */
	sim_time wait;		/* timeoutDuration: how long one may wait */
	uint32_t capacity;	/* most that are kept; 0: as limit, which is all
				   that resilience4j has */
};

struct bucket {
	struct bucket_config config;
	sim_time since;		/* the first period began */
	int64_t cycle;		/* the period that `tokens` is about */
	int64_t tokens;		/* below zero: reserved */
	uint64_t taken, refused;	/* tokens handed out; askers turned away */
};

/* 50 tokens every 500 ns, 5 s: RateLimiterConfig.ofDefaults. */
extern const struct bucket_config bucket_defaults;

void bucket_init(struct bucket *b, const struct bucket_config *c, sim_time now);

/* Ask for one token.  True: it is the asker's, after *wait (0: now).  False:
 * there is none in time; as a blocking caller finds out only after the wait
 * it was granted, *wait is that. */
bool bucket_take(struct bucket *b, sim_time now, sim_time *wait);

/* Tokens there are now, less what is reserved. */
int64_t bucket_tokens(const struct bucket *b, sim_time now);

#endif
