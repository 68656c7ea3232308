/* call.c - ask another process, and always get exactly one outcome */
#include "sim/host/call.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "sim/host/events.h"

#define HUNG_LOOK	SIM_S(1)	/* how often a hung process's timer asks
					   whether it goes on [E] */
#define SLOT_BITS	24		/* of a number; the rest: generation */

/* -- life ---------------------------------------------------------------- */

/* What a process that has just started knows: nothing. */
static void fresh(struct world *w, struct calls *c)
{
	sim_time now = world_now(w);

	breaker_init(w, &c->breaker, &c->config.breaker);
	bulkhead_init(&c->bulkhead, &c->config.bulkhead, now);
	bucket_init(&c->bucket, &c->config.bucket, now);
	queue_init(&c->open, now);
	c->attempts = c->retried_ok = c->retried_failed = 0;
	c->unretried_failed = 0;
	c->limited = 0;
	memset(c->outcomes, 0, sizeof(c->outcomes));
	memset(c->attempt_outcomes, 0, sizeof(c->attempt_outcomes));
}

struct calls *calls_new(struct world *w, struct process *p, const char *name,
			const struct calls_config *config)
{
	struct calls *c = world_take(w, struct calls);

	assert(config->send && config->done);
	c->process = p;
	c->name = world_name(w, name);
	c->config = *config;
	if (!c->config.retry.attempts)
		c->config.retry.attempts = 1;
	luck_init(&c->luck, w->state->seed, world_text(w, p->name), name);
	fresh(w, c);
	return c;
}

static struct call *take_call(struct world *w, struct calls *c)
{
	struct call *call = c->free;
	uint32_t slot = c->all.count;

	if (call) {
		c->free = call->next_free;
		slot = call->slot;
	} else {
		assert(slot >> SLOT_BITS == 0);
		call = world_take(w, struct call);
		*vec_add(&w->arena, &c->all) = call;
	}
	*call = (struct call){ .of = c, .slot = slot };
	return call;
}

static void drop_answer(struct world *w, struct call *call)
{
	if (call->answer)
		message_free(w, call->answer);
	call->answer = NULL;
}

static void give_call(struct world *w, struct call *call)
{
	struct calls *c = call->of;

	drop_answer(w, call);
	call->stage = CALL_FREE;
	call->number = 0;
	call->next_free = c->free;
	c->free = call;
}

/* -- the end ------------------------------------------------------------- */

/* As RetryImpl counts: a call that may only be tried once and fails has
 * "failed with retry", because its attempts are used up. */
static void count(struct calls *c, const struct call *call)
{
	c->outcomes[call->outcome]++;
	if (call->outcome == CALL_ANSWERED)
		c->retried_ok += call->attempts > 1;
	else if (c->config.retry.not_on >> call->outcome & 1)
		c->unretried_failed++;
	else if (call->outcome != CALL_ABANDONED)
		c->retried_failed++;
}

static void finish(struct world *w, struct call *call)
{
	struct calls *c = call->of;

	call->took = world_now(w) - call->began_at;
	queue_depart(&c->open, call->began_at, world_now(w));
	count(c, call);
	world_call(w, c->config.done, call, 0);
	give_call(w, call);
}

static void set_timer(struct world *w, struct call *call, sim_time at)
{
	world_cancel(w, &call->timer);
	if (at != SIM_NEVER)
		call->timer = world_timer(w, at, HOST_CALL_TIMER, call, 0);
}

static bool try_again(const struct calls *c, const struct call *call)
{
	return call->outcome != CALL_ANSWERED &&
	       call->attempts < c->config.retry.attempts &&
	       !(c->config.retry.not_on >> call->outcome & 1);
}

static void tell_breaker(struct world *w, struct call *call)
{
	struct breaker *b = &call->of->breaker;
	sim_time now = world_now(w), took = now - call->attempt_at;

	if (!b->config.window || call->outcome == CALL_REFUSED_BREAKER)
		return;
	if (b->config.ignore >> call->outcome & 1)
		breaker_ignore(b, now, took);
	else
		breaker_record(b, now, took, call->outcome != CALL_ANSWERED);
}

/* Who follows asks by an event of its own, at this same time: a long line
 * that finds nobody to ask must not become a deep stack. */
static void leave_bulkhead(struct world *w, struct call *call)
{
	struct bulkhead *b = &call->of->bulkhead;
	struct bulkhead_place *next;

	if (!call->inside)
		return;
	call->inside = false;
	next = bulkhead_leave(b, &call->place, world_now(w));
	if (!next)
		return;
	call = (struct call *)((char *)next - offsetof(struct call, place));
	call->inside = true;
	set_timer(w, call, world_now(w));
}

static void attempt_over(struct world *w, struct call *call,
			 enum call_outcome outcome)
{
	struct calls *c = call->of;

	call->outcome = outcome;
	call->peer = NULL;
	call->number = 0;
	set_timer(w, call, SIM_NEVER);
	c->attempt_outcomes[outcome]++;
	tell_breaker(w, call);
	if (try_again(c, call)) {
		drop_answer(w, call);
		call->stage = CALL_BACKOFF;
		set_timer(w, call, world_now(w) +
				   retry_wait(&c->config.retry, call->attempts,
					      &c->luck));
		leave_bulkhead(w, call);
		return;
	}
	leave_bulkhead(w, call);
	finish(w, call);
}

/* -- an attempt, stage by stage ------------------------------------------- */

static void ask(struct world *w, struct call *call)
{
	struct calls *c = call->of;

	call->stage = CALL_ASKED;
	if (call->deadline < world_now(w)) {	/* the process hung */
		attempt_over(w, call, CALL_TIMED_OUT);
		return;
	}
	call->number = ++c->generation << SLOT_BITS | call->slot;
	set_timer(w, call, call->deadline);
	world_call(w, c->config.send, call, 0);
	if (!call->peer)
		attempt_over(w, call, CALL_LOST);
}

void call_send(struct world *w, struct call *call, struct process *peer,
	       struct message *m)
{
	assert(call->stage == CALL_ASKED && !call->peer);
	call->peer = peer;
	net_send(w, call->of->process, peer, m);
}

static void enter_bulkhead(struct world *w, struct call *call)
{
	struct calls *c = call->of;
	sim_time now = world_now(w), until;

	call->deadline = c->config.timeout ? now + c->config.timeout :
					     SIM_NEVER;
	if (!c->config.bulkhead.max) {
		ask(w, call);
		return;
	}
	switch (bulkhead_enter(&c->bulkhead, &call->place, now)) {
	case BULKHEAD_IN:
		call->inside = true;
		ask(w, call);
		break;
	case BULKHEAD_WAITS:
		call->stage = CALL_QUEUED;
		until = now + c->config.bulkhead.wait;
		set_timer(w, call, until < call->deadline ? until :
							    call->deadline);
		break;
	case BULKHEAD_FULL:
		attempt_over(w, call, CALL_REFUSED_BULKHEAD);
	}
}

static void limiter_said(struct world *w, struct call *call)
{
	if (call->granted)
		enter_bulkhead(w, call);
	else
		attempt_over(w, call, CALL_REFUSED_LIMITER);
}

static void pass_limiter(struct world *w, struct call *call)
{
	struct calls *c = call->of;
	sim_time wait = 0;

	call->granted = !c->config.bucket.limit ||
			bucket_take(&c->bucket, world_now(w), &wait);
	if (!wait) {
		limiter_said(w, call);
		return;
	}
	call->stage = CALL_LIMITED;
	c->limited++;
	set_timer(w, call, world_now(w) + wait);
}

static void attempt(struct world *w, struct call *call)
{
	struct calls *c = call->of;

	call->attempts++;
	call->attempt_at = world_now(w);
	c->attempts++;
	if (c->config.breaker.window &&
	    !breaker_permits(&c->breaker, world_now(w)))
		attempt_over(w, call, CALL_REFUSED_BREAKER);
	else
		pass_limiter(w, call);
}

void calls_begin(struct world *w, struct calls *c, void *context)
{
	struct call *call = take_call(w, c);

	assert(c->process->state != PROCESS_DOWN);
	call->context = context;
	call->began_at = world_now(w);
	queue_arrive(&c->open, world_now(w));
	attempt(w, call);
}

/* -- what happens to it --------------------------------------------------- */

static void queued_too_long(struct world *w, struct call *call)
{
	bulkhead_give_up(&call->of->bulkhead, &call->place, world_now(w));
	attempt_over(w, call, world_now(w) >= call->deadline ?
			      CALL_TIMED_OUT : CALL_REFUSED_BULKHEAD);
}

void call_timer(struct world *w, void *who, uint16_t arg)
{
	struct call *call = who;

	(void)arg;
	assert(call->stage != CALL_FREE);
	if (!process_runs(call->of->process)) {
		set_timer(w, call, process_look_at(call->of->process,
						   world_now(w), HUNG_LOOK));
		return;
	}
	switch (call->stage) {
	case CALL_LIMITED:
		call->of->limited--;
		limiter_said(w, call);
		break;
	case CALL_QUEUED:
		if (call->inside)
			ask(w, call);
		else
			queued_too_long(w, call);
		break;
	case CALL_ASKED:
		attempt_over(w, call, CALL_TIMED_OUT);
		break;
	case CALL_BACKOFF:
		attempt(w, call);
		break;
	case CALL_FREE:			/* has no timer */
		break;
	}
}

bool calls_answer(struct world *w, struct calls *c, uint64_t number,
		  struct message *m, bool failed)
{
	uint64_t slot = number & ((1u << SLOT_BITS) - 1);
	struct call *call = slot < c->all.count ? c->all.at[slot] : NULL;

	if (!number || !call || call->number != number) {
		message_free(w, m);
		return false;
	}
	call->answer = m;
	attempt_over(w, call, failed ? CALL_FAILED : CALL_ANSWERED);
	return true;
}

/* Only those asked before: a `done` may ask the same peer again. */
void calls_lost(struct world *w, struct calls *c, const struct process *peer)
{
	uint64_t last = c->generation;

	for (uint32_t i = 0; i < c->all.count; i++) {
		struct call *call = c->all.at[i];

		if (call->stage == CALL_ASKED && call->peer == peer &&
		    call->number >> SLOT_BITS <= last)
			attempt_over(w, call, CALL_LOST);
	}
}

/* Bulkhead and limiter need not be told: `fresh` forgets who was there, and
 * nobody moves up. */
void calls_stop(struct world *w, struct calls *c)
{
	for (uint32_t i = 0; i < c->all.count; i++) {
		struct call *call = c->all.at[i];

		if (call->stage == CALL_FREE)
			continue;
		set_timer(w, call, SIM_NEVER);
		call->outcome = CALL_ABANDONED;
		finish(w, call);
	}
	breaker_free(w, &c->breaker);
	fresh(w, c);
}

const char *call_outcome_name(enum call_outcome outcome)
{
	static const char *const names[CALL_OUTCOMES] = {
		[CALL_ANSWERED] = "answered", [CALL_FAILED] = "failed",
		[CALL_TIMED_OUT] = "timed out", [CALL_LOST] = "connection lost",
		[CALL_REFUSED_BREAKER] = "refused by the circuit breaker",
		[CALL_REFUSED_LIMITER] = "refused by the rate limiter",
		[CALL_REFUSED_BULKHEAD] = "refused by the bulkhead",
		[CALL_ABANDONED] = "abandoned",
	};

	return names[outcome];
}
