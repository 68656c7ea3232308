/* sender.c - batches that leave, and what becomes of them (Sender) */
#include "sim/broker/producer_inside.h"

#include "sim/broker/client_trace.h"

/* -- what becomes of a batch --------------------------------------------------- */

static void tell(struct world *w, struct producer *p, uint32_t partition,
		 const struct batch *b, enum kafka_error error, bool expired)
{
	struct producer_result r = {
		.producer = p, .partition = partition, .batch = b,
		.topic = p->client.cluster->partitions.at[partition]->topic->name,
		.error = error, .expired = expired,
	};

	if (p->result)
		world_call(w, p->result, &r, 0);
}

static void note_acked(struct world *w, struct producer_lane *lane,
		       const struct batch *b)
{
	struct acked_range *last = lane->acked.count ?
		&lane->acked.at[lane->acked.count - 1] : NULL;

	if (!b->source)
		return;
	if (last && last->first + last->count == b->content)
		last->count += b->count;
	else
		*vec_add(&w->arena, &lane->acked) = (struct acked_range){
			b->content, b->count,
		};
}

static void succeed(struct world *w, struct producer *p,
		    struct producer_lane *lane, struct producer_batch *b)
{
	p->acked += b->batch.count;
	idempotence_acked(lane, b);
	note_acked(w, lane, &b->batch);
	trace_settled(w, p, lane->partition, b, true);
	tell(w, p, lane->partition, &b->batch, KAFKA_NONE, false);
	accumulator_free(w, p, b);
}

static void give_up(struct world *w, struct producer *p,
		    struct producer_lane *lane, struct producer_batch *b,
		    enum kafka_error error, bool expired)
{
	p->failed += b->batch.count;
	metric_add(p->error_metric, b->batch.count);
	world_note(w, b->batch.count);
	trace_settled(w, p, lane->partition, b, false);
	tell(w, p, lane->partition, &b->batch, error, expired);
	accumulator_free(w, p, b);
	producer_txn_batch_failed(w, p, error, expired);
}

void sender_abort(struct world *w, struct producer *p, bool all)
{
	producer_fail_waiting(w, p, KAFKA_TRANSACTION_ABORTABLE);
	for (uint32_t i = 0; i < p->lanes.count; i++) {
		struct producer_lane *lane = p->lanes.at[i];

		while (lane->head && (all || !lane->head->batch.numbered)) {
			struct producer_batch *b = accumulator_pop(lane);

			idempotence_expired(lane, b);
			give_up(w, p, lane, b, KAFKA_TRANSACTION_ABORTABLE,
				false);
		}
	}
}

static void log_retry(struct world *w, struct producer *p,
		      const struct producer_lane *lane,
		      const struct producer_batch *b, enum kafka_error error)
{
	const struct partition *at =
		p->client.cluster->partitions.at[lane->partition];

	client_log(w, &p->client, LOG_WARN, "Got error produce response on "
		   "topic-partition %s-%u, retrying (%lld attempts left). "
		   "Error: %s "
		   "(org.apache.kafka.clients.producer.internals.Sender)",
		   world_text(w, at->topic->name), at->index,
		   (long long)p->config.retries - b->attempts,
		   kafka_error_name(error));
}

/* Sender.canRetry, and what becomes of it if not.  Simplified: a batch whose
 * time is over while it is under way is given up when its answer, or none, is
 * certain. */
static void retry(struct world *w, struct producer *p,
		  struct producer_lane *lane, struct producer_batch *b,
		  enum kafka_error error)
{
	bool expired = world_now(w) - b->created_at >=
		       SIM_MS(p->config.delivery_timeout_ms);
	bool last_try = b->attempts > p->config.retries;

	if (producer_txn_is_fatal(p))
		last_try = true;
	if (expired || last_try || !idempotence_retries(p, lane, b, error)) {
		if (expired)
			idempotence_expired(lane, b);
		else
			idempotence_failed(w, p, lane, b, error, last_try);
		give_up(w, p, lane, b, error, expired);
		return;
	}
	log_retry(w, p, lane, b, error);
	p->retried += b->batch.count;
	metric_add(p->retry_metric, b->batch.count);
	b->last_error = error;
	b->closed = true;
	b->retry_at = world_now(w) + client_backoff(&p->client, b->attempts - 1);
	accumulator_put_back(lane, b);
	producer_wake(w, p, b->retry_at);
}

/* -- leaving --------------------------------------------------------------- */

/* Simplified: the batch does not wait until it is packed. */
static void pack(struct world *w, struct producer *p, struct producer_batch *b)
{
	if (p->config.codec == CODEC_NONE || b->raw_bytes)
		return;
	b->raw_bytes = b->batch.bytes;
	b->batch.codec = (uint8_t)p->config.codec;
	b->batch.bytes = codec_pack(p->config.codec, b->raw_bytes);
	cpu_spend(w, p->client.host->process,
		  codec_pack_time(p->config.codec, b->raw_bytes));
}

/* Explicit records are written once, when their batch first leaves. */
static void seal(struct world *w, struct producer *p, struct producer_batch *b)
{
	b->closed = true;
	pack(w, p, b);
	if (b->batch.source || b->sealed)
		return;
	b->sealed = true;
	b->batch.content = history_append(&w->history,
					  p->client.cluster->payload,
					  b->payload, b->payload_len);
}

/* The batches of one request, until their fate is known. */
struct sent {
	uint32_t count;
	struct {
		struct producer_lane *lane;
		struct producer_batch *batch;
	} at[];
};

static void sent_free(struct world *w, struct sent *s)
{
	arena_free(&w->arena, s, sizeof(*s) + s->count * sizeof(s->at[0]));
}

uint64_t sender_held(const struct producer *p)
{
	uint64_t records = 0;

	for (uint32_t i = 0; i < p->client.in_flight.count; i++) {
		const struct sent *sent = p->client.in_flight.at[i].context;

		for (uint32_t k = 0; sent && k < sent->count; k++)
			records += sent->at[k].batch->batch.count;
	}
	return records;
}

void sender_drop(struct world *w, struct producer *p)
{
	for (uint32_t i = 0; i < p->client.in_flight.count; i++) {
		struct sent *sent = p->client.in_flight.at[i].context;

		for (uint32_t k = 0; sent && k < sent->count; k++)
			accumulator_free(w, p, sent->at[k].batch);
		if (sent)
			sent_free(w, sent);
	}
}

/* Has the lane a batch that may leave now, for this node? */
static bool may_leave(struct world *w, const struct producer *p,
		      const struct producer_lane *lane, int32_t node)
{
	return lane->head && accumulator_ready_at(p, lane) <= world_now(w) &&
	       client_leader(&p->client, lane->partition) == node &&
	       producer_txn_allows(p, lane) && idempotence_allows(p, lane);
}

static uint32_t count_ready(struct world *w, struct producer *p, int32_t node)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->lanes.count; i++)
		n += may_leave(w, p, p->lanes.at[i], node);
	return n;
}

static void fill(struct world *w, struct producer *p, int32_t node,
		 struct produce_request *r, struct sent *sent)
{
	r->req.head.bytes = 60;
	for (uint32_t i = 0; i < p->lanes.count; i++) {
		struct producer_lane *lane = p->lanes.at[i];
		struct producer_batch *b;

		if (!may_leave(w, p, lane, node))
			continue;
		b = accumulator_pop(lane);
		seal(w, p, b);
		idempotence_number(w, p, lane, b);
		b->batch.transactional = p->txn != NULL;
		b->attempts++;
		r->parts[r->count] = (struct produce_part){
			.partition = lane->partition, .batch = b->batch,
		};
		sent->at[r->count].lane = lane;
		sent->at[r->count++].batch = b;
		r->req.head.bytes += 20 + b->batch.bytes;
		p->sent += b->attempts == 1 ? b->batch.count : 0;
		metric_add(p->sent_metric, b->batch.count);
	}
}

static void send_to(struct world *w, struct producer *p, int32_t node)
{
	uint32_t count = count_ready(w, p, node);
	struct produce_request *r;
	struct sent *sent;

	if (!count || client_in_flight(&p->client, node) >=
		      (uint64_t)p->config.max_in_flight)
		return;
	/* A batch leaves the accumulator only for a node that is ready. */
	if (!client_reachable(w, &p->client, node)) {
		client_refresh(w, &p->client);
		producer_wake(w, p, world_now(w) + client_backoff(&p->client, 0));
		return;
	}
	r = message_new(w, sizeof(*r) + count * sizeof(*r->parts),
			MESSAGE_PRODUCE);
	r->acks = p->config.acks;
	r->transactional_id = p->txn ? p->txn->id : 0;
	r->timeout = SIM_MS(p->config.request_timeout_ms);
	sent = arena_take(&w->arena, sizeof(*sent) + count * sizeof(sent->at[0]));
	sent->count = count;
	fill(w, p, node, r, sent);
	cpu_spend(w, p->client.host->process, PRODUCER_REQUEST_NS +
		  2 * (sim_time)r->req.head.bytes * 1000 /
		  PRODUCER_BYTES_PER_US);
	if (!client_send(w, &p->client, node, &r->req, 0, 0, sent)) {
		for (uint32_t i = 0; i < sent->count; i++)
			retry(w, p, sent->at[i].lane, sent->at[i].batch,
			      KAFKA_NETWORK_EXCEPTION);
		sent_free(w, sent);
		client_refresh(w, &p->client);
	} else if (p->config.acks == 0) {
		/* Nothing will come back: what left the socket counts. */
		vec_remove(&p->client.in_flight, p->client.in_flight.count - 1);
		for (uint32_t i = 0; i < sent->count; i++)
			succeed(w, p, sent->at[i].lane, sent->at[i].batch);
		sent_free(w, sent);
	}
}

static void expire(struct world *w, struct producer *p)
{
	for (uint32_t i = 0; i < p->lanes.count; i++) {
		struct producer_lane *lane = p->lanes.at[i];

		while (lane->head && world_now(w) - lane->head->created_at >=
				     SIM_MS(p->config.delivery_timeout_ms)) {
			struct producer_batch *b = accumulator_pop(lane);

			idempotence_expired(lane, b);
			give_up(w, p, lane, b, b->last_error, true);
		}
	}
}

static void plan_next(struct world *w, struct producer *p)
{
	for (uint32_t i = 0; i < p->lanes.count; i++) {
		const struct producer_lane *lane = p->lanes.at[i];
		int32_t leader = client_leader(&p->client, lane->partition);
		sim_time at, end;

		if (!lane->head)
			continue;
		at = accumulator_ready_at(p, lane);
		end = lane->head->created_at +
		      SIM_MS(p->config.delivery_timeout_ms);
		if (leader == NO_BROKER && at <= world_now(w)) {
			client_refresh(w, &p->client);
			at = end;
		} else if (at <= world_now(w)) {
			at = end;	/* waits for an answer to be sent */
		}
		producer_wake(w, p, at < end ? at : end);
	}
	if (p->waiting.count)
		producer_wake(w, p, p->waiting.at[0]->since +
			      config_ms(p->config.max_block_ms));
}

void sender_run(struct world *w, struct producer *p)
{
	if (!process_runs(p->client.host->process) || p->client.closed)
		return;
	producer_send_waiting(w, p);
	expire(w, p);
	idempotence_prepare(w, p);
	producer_txn_step(w, p);
	for (uint32_t i = 0; i < p->client.node_count; i++)
		send_to(w, p, (int32_t)i);
	plan_next(w, p);
	producer_offer_room(w, p);
}

void producer_timer(struct world *w, void *who, uint16_t arg)
{
	struct producer *p = who;

	(void)arg;
	if (p->client.host->process->state == PROCESS_HUNG)
		producer_wake(w, p, process_look_at(p->client.host->process,
						    world_now(w), SIM_MS(100)));
	else
		sender_run(w, p);
}

void producer_metadata(struct world *w, struct client *c)
{
	sender_run(w, (struct producer *)c);
}

static void settle(struct world *w, struct producer *p, struct sent *sent,
		   const struct produce_part *parts, enum kafka_error error)
{
	for (uint32_t i = 0; i < sent->count; i++) {
		enum kafka_error e = parts ? parts[i].error : error;
		struct producer_batch *b = sent->at[i].batch;

		/* A duplicate of more than five batches ago is stored too. */
		if (e == KAFKA_NONE || e == KAFKA_DUPLICATE_SEQUENCE_NUMBER) {
			succeed(w, p, sent->at[i].lane, b);
			continue;
		}
		if (e == KAFKA_NOT_LEADER_OR_FOLLOWER ||
		    e == KAFKA_UNKNOWN_TOPIC_OR_PARTITION)
			client_refresh(w, &p->client);
		retry(w, p, sent->at[i].lane, b, e);
	}
	sent_free(w, sent);
	sender_run(w, p);
}

void producer_replied(struct world *w, struct client *c,
		      const struct in_flight *f, struct message *m)
{
	struct producer *p = (struct producer *)c;

	if (f->tag == PRODUCER_TAG_ID) {
		idempotence_answered(w, p, (struct producer_id_message *)m);
		sender_run(w, p);
		return;
	}
	if (f->tag) {
		producer_txn_answered(w, p, f, m);
		sender_run(w, p);
		return;
	}
	settle(w, p, f->context,
	       ((struct produce_reply *)m)->parts, KAFKA_NONE);
}

/* There was no connection: in the real client the batch would not have left. */
static void take_back(struct world *w, struct producer *p, struct sent *sent)
{
	for (uint32_t i = 0; i < sent->count; i++) {
		struct producer_batch *b = sent->at[i].batch;
		struct producer_lane *lane = sent->at[i].lane;

		b->attempts--;
		accumulator_put_back(lane, b);
	}
	sent_free(w, sent);
	producer_wake(w, p, world_now(w) + client_backoff(&p->client, 0));
}

void producer_failed(struct world *w, struct client *c,
		     const struct in_flight *f)
{
	struct producer *p = (struct producer *)c;

	if (f->tag == PRODUCER_TAG_ID) {
		idempotence_answered(w, p, NULL);
		return;
	}
	if (f->tag) {
		producer_txn_answered(w, p, f, NULL);
		return;
	}
	if (f->refused) {
		take_back(w, p, f->context);
		return;
	}
	settle(w, p, f->context, NULL,
	       KAFKA_NETWORK_EXCEPTION);
}
