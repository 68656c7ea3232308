/* call.h - ask another process, and always get exactly one outcome
 *
 * A process calls another by a message on the network (net.h) and waits for
 * the answer that has its number.  Around that stand the five protections of
 * resilience4j, nested as its Spring aspects are (its documentation, "Aspect
 * order"); each is left out by its config:
 *
 *	retry ( breaker ( limiter ( timeout ( bulkhead ( the message ) ) ) ) )
 *
 *	struct calls *c = calls_new(w, p, "backend", &config);
 *	calls_begin(w, c, context);
 *	  on config.send:   build a message for this attempt, whose number is
 *	                    call->number; call_send(w, call, peer, message)
 *	  on the answer:    calls_answer(w, c, number, message, failed)
 *	  on a lost peer:   calls_lost(w, c, peer)
 *	  on config.done:   call->outcome, call->attempts, call->took, once
 *
 * An attempt walks down these stages; whichever ends it, the retry policy
 * decides whether there is another:
 *
 *	REFUSED?◀ breaker ─▶ LIMITED ─▶ QUEUED ─▶ ASKED ─▶ answer, timeout,
 *	     ▲               (bucket)   (bulkhead)          lost
 *	     └─ BACKOFF ◀────────────── an attempt failed, more are allowed
 *
 * As there: a refusal by the limiter or the bulkhead counts as a failure for
 * the breaker, and every failure is tried again, refusals too, unless told
 * otherwise (`ignore`, `not_on`).  The other side is not told of a timeout: it
 * works on for nobody, and its late answer belongs to no attempt any more.
 *
 * All state lies in the arena; a finished call is used again.  When the
 * process stops, calls_stop ends every call (CALL_ABANDONED) and forgets
 * breaker, bucket and counts, which live in the process's memory.
 *
 * Simplified: a call takes no thread and no CPU by itself; a process that was
 * stopped looks at its timers within a second after it goes on (at once after
 * a collector's pause).
 */
#ifndef SIM_HOST_CALL_H
#define SIM_HOST_CALL_H

#include "sim/host/breaker.h"
#include "sim/host/bucket.h"
#include "sim/host/bulkhead.h"
#include "sim/host/net.h"
#include "sim/host/retry.h"

enum call_outcome {
	CALL_ANSWERED,
	CALL_FAILED,			/* answered, but with an error */
	CALL_TIMED_OUT,			/* TimeoutException */
	CALL_LOST,			/* connection refused or reset */
	CALL_REFUSED_BREAKER,		/* CallNotPermittedException */
	CALL_REFUSED_LIMITER,		/* RequestNotPermitted */
	CALL_REFUSED_BULKHEAD,		/* BulkheadFullException */
	CALL_ABANDONED,			/* the caller itself is gone */
	CALL_OUTCOMES
};

enum call_stage {
	CALL_FREE, CALL_LIMITED, CALL_QUEUED, CALL_ASKED, CALL_BACKOFF,
};

struct calls_config {
	sim_time timeout;		/* of an attempt; 0: none */
	struct retry_policy retry;	/* attempts 0 or 1: none */
	struct breaker_config breaker;	/* window 0: none */
	struct bulkhead_config bulkhead;	/* max 0: none */
	struct bucket_config bucket;	/* limit 0: none */
	uint16_t send, done;		/* events, who = struct call */
};

/* One timeout of one second and nothing else: TimeLimiterConfig.ofDefaults. */
#define CALL_TIMEOUT	SIM_S(1)

struct calls;

struct call {
	struct calls *of;
	void *context;			/* the caller's */
	uint64_t number;		/* of this attempt: the answer has it */
	enum call_stage stage;
	enum call_outcome outcome;	/* of the last attempt */
	uint32_t attempts;		/* begun so far, refused ones included */
	uint32_t slot;
	sim_time began_at;
	sim_time took;			/* when done: from begin to outcome */
	sim_time attempt_at;
	sim_time deadline;		/* of this attempt; SIM_NEVER: none */
	struct timer timer;		/* the next of all that may fall due */
	struct process *peer;		/* asked */
	struct message *answer;		/* when done, or NULL.  Freed with the
					   call: who keeps it sets NULL */
	struct bulkhead_place place;
	bool granted;			/* what the limiter will say */
	bool inside;			/* the bulkhead */
	struct call *next_free;
};

/* The calls of one process under one instance name. */
struct calls {
	struct process *process;
	name_id name;
	struct calls_config config;
	struct breaker breaker;
	struct bulkhead bulkhead;
	struct bucket bucket;
	struct queue open;		/* all, from begin to outcome */
	struct luck luck;		/* jitter of the waits */
	VEC(struct call *) all;
	struct call *free;
	uint64_t generation;		/* attempts sent, for their numbers */
	uint64_t attempts;		/* begun since the process started */
	uint64_t outcomes[CALL_OUTCOMES];	/* of calls */
	uint64_t attempt_outcomes[CALL_OUTCOMES];
	uint64_t retried_ok, retried_failed;	/* calls of more attempts than
						   one, by how they ended */
	uint64_t unretried_failed;	/* not tried again because of not_on */
	uint32_t limited;		/* waiting for the limiter */
};

struct calls *calls_new(struct world *w, struct process *p, const char *name,
			const struct calls_config *config);

/* Begin a call.  `done` may come before this returns (refused at once). */
void calls_begin(struct world *w, struct calls *c, void *context);

/* From `send`: the message of this attempt; the network owns it from here.
 * An attempt for which nothing is sent is CALL_LOST. */
void call_send(struct world *w, struct call *call, struct process *peer,
	       struct message *m);

/* An answer came; `failed`: it says so (a status 500).  Owns the message and
 * frees it.  False: nobody waits for it any more. */
bool calls_answer(struct world *w, struct calls *c, uint64_t number,
		  struct message *m, bool failed);
/* The connection to `peer` broke: what was asked there is CALL_LOST. */
void calls_lost(struct world *w, struct calls *c, const struct process *peer);
/* The process is gone: from its `stop`. */
void calls_stop(struct world *w, struct calls *c);

const char *call_outcome_name(enum call_outcome outcome);

#endif
