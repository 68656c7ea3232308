/* bulkhead.c - no more than so many calls under way at one time */
#include "sim/host/bulkhead.h"

#include <assert.h>
#include <stddef.h>

const struct bulkhead_config bulkhead_defaults = { .max = 25, .wait = 0 };

void bulkhead_init(struct bulkhead *b, const struct bulkhead_config *c,
		   sim_time now)
{
	*b = (struct bulkhead){ .config = *c };
	queue_init(&b->waiting, now);
	queue_init(&b->inside, now);
}

static void take_place(struct bulkhead *b, struct bulkhead_place *p,
		       sim_time now)
{
	p->since = now;
	queue_arrive(&b->inside, now);
}

static void join(struct bulkhead *b, struct bulkhead_place *p, sim_time now)
{
	*p = (struct bulkhead_place){ .previous = b->last, .since = now };
	if (b->last)
		b->last->next = p;
	else
		b->first = p;
	b->last = p;
	queue_arrive(&b->waiting, now);
}

static void unjoin(struct bulkhead *b, struct bulkhead_place *p, sim_time now)
{
	if (p->previous)
		p->previous->next = p->next;
	else
		b->first = p->next;
	if (p->next)
		p->next->previous = p->previous;
	else
		b->last = p->previous;
	p->next = p->previous = NULL;
	queue_depart(&b->waiting, p->since, now);
}

enum bulkhead_answer bulkhead_enter(struct bulkhead *b,
				    struct bulkhead_place *p, sim_time now)
{
	if (b->inside.length < b->config.max) {
		assert(!b->first);	/* a free place goes to who waits */
		take_place(b, p, now);
		return BULKHEAD_IN;
	}
	if (!b->config.wait) {
		b->rejected++;
		return BULKHEAD_FULL;
	}
	join(b, p, now);
	return BULKHEAD_WAITS;
}

struct bulkhead_place *bulkhead_leave(struct bulkhead *b,
				      struct bulkhead_place *p, sim_time now)
{
	struct bulkhead_place *next = b->first;

	assert(b->inside.length > 0);
	queue_depart(&b->inside, p->since, now);
	if (next) {
		unjoin(b, next, now);
		take_place(b, next, now);
	}
	return next;
}

void bulkhead_give_up(struct bulkhead *b, struct bulkhead_place *p,
		      sim_time now)
{
	unjoin(b, p, now);
	b->rejected++;
}
