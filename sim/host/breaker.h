/* breaker.h - a circuit breaker: stop asking whoever keeps failing
 *
 * As resilience4j's CircuitBreaker with a count-based window: the outcomes of
 * the last `window` calls stand in a ring, their sums beside it.  Once `minimum`
 * of them are there, a share of failures, or of slow calls, at or above its
 * threshold opens it.
 *
 *	            a share at or above its threshold
 *	  CLOSED ───────────────────────────────────▶ OPEN ◀────────────┐
 *	    ▲                                          │ asked after     │
 *	    │                                          ▼ open_wait       │
 *	    └───────────────────────────────────── HALF_OPEN ───────────┘
 *	     both shares below, of half_open_calls       a share at or above,
 *	                                                 or half_open_wait is over
 *
 * Opening drops load from the other side, which lets it recover from more than
 * it can serve: what keeps a retry storm alive is the retries themselves.
 *
 * Kept as they are there, because they surprise: a call is permitted only
 * *after* open_wait has passed; a call that began in one state is counted in
 * the state in which it ends; each change but to OPEN begins with an empty
 * window, while an open breaker still counts stragglers in the old one.
 *
 * Simplified: no time-based window; thresholds are whole percents; what a
 * timer does there (`automatic`, half_open_wait) takes effect here at the
 * next look, dated back to when the timer would have fired.
 */
#ifndef SIM_HOST_BREAKER_H
#define SIM_HOST_BREAKER_H

#include "sim/core/world.h"

/* As resilience4j declares them. */
enum breaker_state {
	BREAKER_DISABLED,	/* permits all, records nothing */
	BREAKER_METRICS_ONLY,	/* permits all, records, never opens */
	BREAKER_CLOSED,
	BREAKER_OPEN,
	BREAKER_FORCED_OPEN,	/* permits nothing until told otherwise */
	BREAKER_HALF_OPEN,
	BREAKER_STATES
};

struct breaker_config {
	uint32_t window;	/* slidingWindowSize, calls; 0: no breaker */
	uint32_t minimum;	/* minimumNumberOfCalls; at most the window */
	uint32_t failure_percent;	/* failureRateThreshold, 1 .. 100 */
	uint32_t slow_percent;	/* slowCallRateThreshold, 1 .. 100 */
	sim_time slow;		/* slowCallDurationThreshold: longer is slow */
	uint32_t half_open_calls;	/* permittedNumberOfCallsInHalfOpenState */
	sim_time open_wait;	/* waitDurationInOpenState */
	sim_time half_open_wait;	/* maxWaitDurationInHalfOpenState; 0: wait
					   for all of them */
	bool automatic;		/* automaticTransitionFromOpenToHalfOpenEnabled */
	uint32_t ignore;	/* bits 1 << enum call_outcome: neither success
				   nor failure (ignoreExceptions) */
};

/* The calls in the ring, by outcome. */
struct breaker_window {
	uint8_t *ring;		/* a bit each: failed, slow */
	uint32_t size;		/* of the ring, in this state */
	uint32_t count, next;
	uint32_t failed, slow, slow_failed;
};

struct breaker {
	struct breaker_config config;
	enum breaker_state state;
	sim_time since;		/* in this state */
	uint32_t permitted;	/* half open: calls still to be let through */
	struct breaker_window window;
	uint32_t ring_bytes;
	/* Since the process began, for the metrics; as there, nothing is
	 * counted while disabled or forced open. */
	uint64_t successful, failed, ignored, not_permitted;
	sim_time successful_ns, failed_ns, ignored_ns;
	uint64_t opened;	/* times it went to OPEN */
};

/* 100 calls, 50 % failed or 100 % slower than 60 s, 60 s open, 10 calls half
 * open: CircuitBreakerConfig.ofDefaults. */
extern const struct breaker_config breaker_defaults;

void breaker_init(struct world *w, struct breaker *b,
		  const struct breaker_config *c);
void breaker_free(struct world *w, struct breaker *b);

/* May a call go out now?  Each true is followed by exactly one of the two
 * below. */
bool breaker_permits(struct breaker *b, sim_time now);
void breaker_record(struct breaker *b, sim_time now, sim_time took,
		    bool failed);
void breaker_ignore(struct breaker *b, sim_time now, sim_time took);

/* Put it into a state by hand (transitionToForcedOpenState, reset, ...). */
void breaker_set(struct breaker *b, enum breaker_state state, sim_time now);

/* The state as of now. */
enum breaker_state breaker_look(struct breaker *b, sim_time now);
const char *breaker_state_name(enum breaker_state state);	/* "half_open" */
/* Whole percents of the window; -1 while there are too few calls. */
int32_t breaker_failure_rate(const struct breaker *b);
int32_t breaker_slow_rate(const struct breaker *b);

#endif
