/* produce.c - produce requests: append, and answer as acks asks */
#include "sim/broker/produce.h"

#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/events.h"
#include "sim/broker/purgatory.h"
#include "sim/broker/txn_verify.h"

#define COMMIT_TIMEOUT	SIM_S(5)	/* offsets.commit.timeout.ms */

static struct produce_reply *reply_for(struct world *w,
				       const struct produce_request *m)
{
	struct produce_reply *reply =
		message_new(w, sizeof(*reply) +
			    m->count * sizeof(*reply->parts), MESSAGE_PRODUCED);

	reply->req.correlation = m->req.correlation;
	reply->req.head.bytes = 40 + 30 * m->count;
	reply->count = m->count;
	memcpy(reply->parts, m->parts, m->count * sizeof(*m->parts));
	return reply;
}

/* What a transaction may not write does not come into the log. */
static enum kafka_error append_part(struct world *w, struct replica *r,
				    struct produce_part *part, int16_t acks,
				    sim_time *at)
{
	enum kafka_error error = replica_unserved(r);

	if (error == KAFKA_NONE)
		error = txn_guards_check(w, r, &part->batch, part->guard);
	return error != KAFKA_NONE ? error :
	       replica_append(w, r, &part->batch, acks, at);
}

static void append_parts(struct world *w, struct broker *b,
			 struct produce_reply *reply, int16_t acks,
			 sim_time *ready)
{
	*ready = world_now(w);
	for (uint32_t i = 0; i < reply->count; i++) {
		struct produce_part *part = &reply->parts[i];
		struct replica *r = broker_replica(b, part->partition);
		sim_time at = world_now(w);

		if (part->error == KAFKA_NONE)
			part->error = append_part(w, r, part, acks, &at);
		part->base_offset = part->error == KAFKA_NONE ?
				    part->batch.base_offset : -1;
		if (part->error != KAFKA_NONE)
			metric_add(b->metrics->failed_produce, 1);
		if (at > *ready)
			*ready = at;
	}
}

static void tell_readers(struct world *w, struct broker *b,
			 const struct produce_part *parts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (parts[i].error == KAFKA_NONE)
			replica_appended(w, broker_replica(b,
							   parts[i].partition));
}

/* Simplified: with a stalled disk followers get the records before the request
 * handler, which still waits for the page cache, would let them. */
static void wait_for_acks(struct world *w, struct waiting_produce *p,
			  sim_time timeout)
{
	purgatory_enter(w, p, timeout);
	tell_readers(w, p->broker, p->reply->parts, p->reply->count);
	purgatory_release(w, p);
}

static void answer_all(struct world *w, struct broker *b,
		       const struct produce_request *m,
		       struct produce_reply *reply, sim_time written)
{
	struct waiting_produce *p = world_take(w, struct waiting_produce);

	p->reply = reply;
	p->client = m->req.head.from;
	p->incarnation = m->req.head.from_incarnation;
	p->broker = b;
	p->since = m->arrived;
	p->written = written;
	wait_for_acks(w, p, m->timeout);
}

void produce_handle(struct world *w, struct broker *b,
		    struct produce_request *m)
{
	struct produce_reply *reply = reply_for(w, m);
	sim_time ready;

	metric_add(b->metrics->produce_requests, 1);
	append_parts(w, b, reply, m->acks, &ready);
	if (m->acks == -1) {
		answer_all(w, b, m, reply, ready);
		return;
	}
	tell_readers(w, b, reply->parts, reply->count);
	if (m->acks == 0) {
		message_free(w, &reply->req.head);
		broker_produced(w, b, m->req.head.from, m->req.correlation);
		return;
	}
	metric_observe(b->metrics->produce_ms, ready - m->arrived);
	broker_send_at(w, b, m->req.head.from, &reply->req.head, ready);
}

enum kafka_error produce_own(struct world *w, struct broker *b, uint32_t id,
			     struct batch *batch, uint16_t event, void *self)
{
	struct waiting_produce *p;
	struct produce_reply *reply;
	enum kafka_error error;
	sim_time ready;

	reply = message_new(w, sizeof(*reply) + sizeof(*reply->parts),
			    MESSAGE_PRODUCED);
	reply->count = 1;
	reply->parts[0] = (struct produce_part){
		.partition = id, .batch = *batch, .guard = TXN_GUARD_OWN,
	};
	append_parts(w, b, reply, -1, &ready);
	error = reply->parts[0].error;
	if (error != KAFKA_NONE) {
		message_free(w, &reply->req.head);
		return error;
	}
	p = world_take(w, struct waiting_produce);
	p->reply = reply;
	p->broker = b;
	p->internal = event;
	p->internal_self = self;
	wait_for_acks(w, p, COMMIT_TIMEOUT);
	return KAFKA_NONE;
}

bool produce_internal(struct world *w, struct broker *b, uint32_t id,
		      struct batch *batch, void *self)
{
	return produce_own(w, b, id, batch, GROUP_COMMITTED, self) ==
	       KAFKA_NONE;
}

