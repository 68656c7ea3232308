/* purgatory.c - produce requests that wait for the acks of the in-sync set */
#include "sim/broker/purgatory.h"

#include "sim/broker/broker.h"
#include "sim/broker/events.h"

static void answer(struct world *w, struct waiting_produce *p)
{
	sim_time at = p->written > world_now(w) ? p->written : world_now(w);

	metric_observe(p->broker->metrics->produce_ms, at - p->since);
	broker_send_at(w, p->broker, p->client, &p->reply->req.head, at);
}

static void finish(struct world *w, struct waiting_produce *p)
{
	world_cancel(w, &p->timeout);
	if (p->internal) {
		world_call(w, p->internal, p, 0);
		message_free(w, &p->reply->req.head);
	} else if (process_runs(p->broker->process) &&
		   p->client->incarnation == p->incarnation) {
		answer(w, p);
	} else {
		uint64_t correlation = p->reply->req.correlation;

		message_free(w, &p->reply->req.head);
		broker_produced(w, p->broker, p->client, correlation);
	}
	world_give(w, p);
}

/* The high watermark each part waits for is the end of its batch.  A batch that
 * was there already may be committed already. */
static void hang(struct world *w, struct waiting_produce *p, uint32_t index)
{
	const struct produce_part *part = &p->reply->parts[index];
	struct replica *r = broker_replica(p->broker, part->partition);

	if (part->base_offset + part->batch.count <= r->high_watermark)
		return;
	*vec_add(&w->arena, &r->waiting) = (struct waiting_part){
		.produce = p, .part = index,
		.required = part->base_offset + part->batch.count,
	};
	p->open++;
}

void purgatory_enter(struct world *w, struct waiting_produce *p,
		     sim_time timeout)
{
	p->open = 1;		/* held while parts may finish at once */
	p->timeout = world_timer(w, world_now(w) + timeout,
				 BROKER_PRODUCE_TIMEOUT, p, 0);
	for (uint32_t i = 0; i < p->reply->count; i++)
		if (p->reply->parts[i].error == KAFKA_NONE)
			hang(w, p, i);
}

void purgatory_release(struct world *w, struct waiting_produce *p)
{
	if (--p->open == 0)
		finish(w, p);
}

void waiting_part_done(struct world *w, struct waiting_produce *p,
		       uint32_t part, enum kafka_error error)
{
	p->reply->parts[part].error = error;
	if (error != KAFKA_NONE)
		metric_add(p->broker->metrics->failed_produce, 1);
	purgatory_release(w, p);
}

/* Take what hangs on a replica off again.  False: nothing did. */
static bool forget(struct replica *r, const struct waiting_produce *p)
{
	uint32_t before = r->waiting.count;

	for (uint32_t i = 0; i < r->waiting.count;)
		if (r->waiting.at[i].produce == p)
			vec_remove(&r->waiting, i);
		else
			i++;
	return r->waiting.count != before;
}

void purgatory_timeout(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;

	(void)arg;
	p->timeout = (struct timer){0};
	for (uint32_t i = 0; i < p->reply->count; i++) {
		struct produce_part *part = &p->reply->parts[i];
		struct replica *r = broker_replica(p->broker, part->partition);

		if (r && forget(r, p))
			part->error = KAFKA_REQUEST_TIMED_OUT;
	}
	metric_add(p->broker->metrics->failed_produce, p->open);
	finish(w, p);
}
