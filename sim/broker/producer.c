/* producer.c - a Kafka producer: what its application calls */
#include "sim/broker/producer_inside.h"

#include <string.h>

#include "sim/broker/client_trace.h"
#include "sim/broker/config.h"
#include "sim/telemetry/span.h"

struct producer *producer_new(struct world *w, struct client_host *host,
			      struct cluster *cluster, const char *client_id,
			      const char *bootstrap,
			      const struct producer_config *config,
			      struct err *err)
{
	struct producer *p = world_take(w, struct producer);
	enum log_level level = config->max_in_flight > PRODUCER_IN_FLIGHT_SAFE ?
			       LOG_WARN : LOG_INFO;
	struct text why = {0};

	p->config = *config;
	if (!producer_config_check(&p->config, &why, err) ||
	    !client_init(w, &p->client, host, CLIENT_PRODUCER, cluster,
			 client_id, bootstrap, err)) {
		text_free(&why);
		world_give(w, p);
		return NULL;
	}
	if (why.len)
		log_write(w, host->process, level, "%s (org.apache.kafka."
			  "clients.producer.ProducerConfig)", why.at);
	text_free(&why);
	p->identity.wanted = p->config.idempotence;
	p->identity.id = NO_PRODUCER_ID;
	producer_txn_new(w, p);
	p->client.auto_create = true;
	p->client.request_timeout = SIM_MS(config->request_timeout_ms);
	p->sent_metric = metric_counter(w, host->process,
		"kafka_producer_record_send_total", "client_id", client_id,
		NULL);
	p->error_metric = metric_counter(w, host->process,
		"kafka_producer_record_error_total", "client_id", client_id,
		NULL);
	p->retry_metric = metric_counter(w, host->process,
		"kafka_producer_record_retry_total", "client_id", client_id,
		NULL);
	return p;
}

void producer_wake(struct world *w, struct producer *p, sim_time at)
{
	world_wake(w, &p->wake, at, PRODUCER_TIMER, p);
}

/* -- sending ---------------------------------------------------------------- */

void producer_send_run(struct world *w, struct producer *p, uint32_t partition,
		       uint32_t source, uint32_t lane, uint64_t first,
		       uint32_t count, uint32_t bytes, sim_time first_at,
		       sim_time last_at)
{
	cpu_spend(w, p->client.host->process, producer_cost(count, bytes));
	if (!accumulator_has_room(p, bytes)) {
		/* buffer.memory is full: send() blocks, then fails.
		 * Simplified: a fleet does not wait max.block.ms. */
		p->blocked += count;
		p->failed += count;
		metric_add(p->error_metric, count);
		return;
	}
	accumulator_add_run(w, p, partition, source, lane, first, count,
			    bytes, first_at, last_at);
}

bool producer_offer_run(struct world *w, struct producer *p, uint32_t partition,
			uint32_t source, uint32_t lane, uint64_t first,
			uint32_t count, uint32_t bytes, sim_time first_at,
			sim_time last_at)
{
	if (accumulator_has_room(p, bytes + BATCH_OVERHEAD_BYTES)) {
		accumulator_add_run(w, p, partition, source, lane, first,
				    count, bytes, first_at, last_at);
		return true;
	}
	p->blocked += count;
	p->wanted_bytes = bytes + BATCH_OVERHEAD_BYTES;
	p->wanted_since = world_now(w);
	producer_wake(w, p, p->wanted_since + config_ms(p->config.max_block_ms));
	return false;
}

void producer_offer_room(struct world *w, struct producer *p)
{
	bool room = accumulator_has_room(p, p->wanted_bytes);
	sim_time end = p->wanted_since + config_ms(p->config.max_block_ms);

	if (!p->wanted_bytes)
		return;
	if (!room && world_now(w) < end) {
		producer_wake(w, p, end);
		return;
	}
	p->wanted_bytes = 0;
	world_call(w, p->room, p->owner, !room);
}

/* CreateTime: a moment, as the clock of the producer's machine has it. */
static sim_time create_time(const struct world *w, const struct producer *p,
			    sim_time at)
{
	const struct machine *m = p->client.host->process->machine;

	return at + machine_wall(w, m) - world_now(w);
}

static void tell_lost(struct world *w, struct producer *p, name_id topic,
		      const struct record *r, enum kafka_error error)
{
	struct producer_result told = {
		.producer = p, .partition = UINT32_MAX, .topic = topic,
		.error = error, .value = r->value, .value_len = r->value_len,
		.key_len = r->key_len,
	};

	p->failed++;
	metric_add(p->error_metric, 1);
	if (p->result)
		world_call(w, p->result, &told, 0);
}

static bool try_send(struct world *w, struct producer *p, name_id topic,
		     int32_t partition, sim_time at, const struct record *r,
		     struct span *span)
{
	uint32_t partitions = client_partition_count(&p->client, topic);
	uint32_t index;

	if (!partitions || partition >= (int32_t)partitions)
		return false;
	index = partition >= 0 ? (uint32_t)partition :
		partitioner_choose(p, topic, partitions, r->key, r->key_len,
				   record_bytes(r));
	accumulator_add(w, p, accumulator_lane(w, p,
			client_partition_at(&p->client, topic, index)->id),
			create_time(w, p, at), r, span);
	return true;
}

/* -- waiting for metadata ------------------------------------------------------ */

static size_t length(int32_t len)
{
	return len > 0 ? (size_t)len : 0;
}

/* Copy `len` bytes to *at, and move it; where they are now. */
static const char *keep(char **at, const char *bytes, size_t len)
{
	char *here = *at;

	if (len)
		memcpy(here, bytes, len);
	*at += len;
	return here;
}

static void wait_for_topic(struct world *w, struct producer *p, name_id topic,
			   int32_t partition, const struct record *r,
			   struct span *span)
{
	struct producer_waiting *one = world_take(w, struct producer_waiting);
	char *at;

	*one = (struct producer_waiting){
		.topic = topic, .partition = partition, .since = world_now(w),
		.record = *r, .span = span,
		.body_bytes = length(r->key_len) + length(r->value_len) +
			      r->headers_len,
	};
	at = one->body = arena_take(&w->arena, one->body_bytes + 1);
	one->record.key = keep(&at, r->key, length(r->key_len));
	one->record.value = keep(&at, r->value, length(r->value_len));
	one->record.headers = keep(&at, r->headers, r->headers_len);
	*vec_add(&w->arena, &p->waiting) = one;
	producer_wake(w, p, one->since + config_ms(p->config.max_block_ms));
}

static void waiting_free(struct world *w, struct producer_waiting *one)
{
	arena_free(&w->arena, one->body, one->body_bytes + 1);
	world_give(w, one);
}

/* send() blocks until its topic is known, at most max.block.ms. */
void producer_send_waiting(struct world *w, struct producer *p)
{
	while (p->waiting.count) {
		struct producer_waiting *one = p->waiting.at[0];
		bool late = world_now(w) - one->since >=
			    config_ms(p->config.max_block_ms);

		if (!try_send(w, p, one->topic, one->partition, one->since,
			      &one->record, one->span)) {
			if (!late)
				break;
			span_end(w, one->span, SPAN_ERROR);
			tell_lost(w, p, one->topic, &one->record,
				  KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
		}
		vec_remove(&p->waiting, 0);
		waiting_free(w, one);
	}
}

void producer_fail_waiting(struct world *w, struct producer *p,
			   enum kafka_error error)
{
	while (p->waiting.count) {
		struct producer_waiting *one = p->waiting.at[0];

		span_end(w, one->span, SPAN_ERROR);
		tell_lost(w, p, one->topic, &one->record, error);
		vec_remove(&p->waiting, 0);
		waiting_free(w, one);
	}
}

/* ProducerRecord's size before it is known how it is packed. */
static int64_t size_before(const struct record *r)
{
	return (int64_t)(length(r->key_len) + length(r->value_len) +
			 r->headers_len) + 100;
}

static void send_traced(struct world *w, struct producer *p, name_id topic,
			int32_t partition, const struct record *r,
			struct span *span)
{
	client_want_topic(w, &p->client, topic);
	if (p->waiting.count ||
	    !try_send(w, p, topic, partition, world_now(w), r, span))
		wait_for_topic(w, p, topic, partition, r, span);
}

void producer_send(struct world *w, struct producer *p, name_id topic,
		   int32_t partition, const struct record *r,
		   const struct trace_context *cause)
{
	struct text headers = {0};
	struct record traced = *r;
	struct span *span;

	if (size_before(r) > p->config.max_request_bytes) {
		tell_lost(w, p, topic, r, KAFKA_MESSAGE_TOO_LARGE);
		return;
	}
	if (!producer_txn_takes(p)) {
		tell_lost(w, p, topic, r, KAFKA_INVALID_TXN_STATE);
		return;
	}
	if (!trace_ratio(w)) {
		send_traced(w, p, topic, partition, r, NULL);
		return;
	}
	text_bytes(&headers, r->headers, r->headers_len);
	span = trace_publish(w, p, topic, cause, &headers);
	traced.headers = headers.at;
	traced.headers_len = (uint32_t)headers.len;
	send_traced(w, p, topic, partition, &traced, span);
	text_free(&headers);
}

void producer_flush(struct world *w, struct producer *p)
{
	p->flushing = true;
	producer_wake(w, p, world_now(w));
}

bool producer_idle(const struct producer *p)
{
	for (uint32_t i = 0; i < p->lanes.count; i++)
		if (p->lanes.at[i]->head)
			return false;
	if (p->waiting.count)
		return false;
	for (uint32_t i = 0; i < p->client.in_flight.count; i++)
		if (p->client.in_flight.at[i].context)
			return false;
	return true;
}

/* -- the end ---------------------------------------------------------------- */

uint64_t producer_held(const struct producer *p)
{
	uint64_t records = p->waiting.count + sender_held(p);

	for (uint32_t i = 0; i < p->lanes.count; i++)
		for (const struct producer_batch *b = p->lanes.at[i]->head; b;
		     b = b->next)
			records += b->batch.count;
	return records;
}

static void drop_everything(struct world *w, struct producer *p)
{
	p->died += producer_held(p);
	sender_drop(w, p);
	for (uint32_t i = 0; i < p->lanes.count; i++)
		while (p->lanes.at[i]->head)
			accumulator_free(w, p, accumulator_pop(p->lanes.at[i]));
	for (uint32_t i = 0; i < p->lanes.count; i++)
		numbers_release(w, &p->lanes.at[i]->numbers);
	for (uint32_t i = 0; i < p->waiting.count; i++) {
		span_drop(w, p->waiting.at[i]->span);
		waiting_free(w, p->waiting.at[i]);
	}
	vec_free(&w->arena, &p->waiting);
	producer_txn_drop(w, p);
	world_cancel(w, &p->wake.timer);
}

/* The process died: what it had not sent is gone with it. */
void producer_gone(struct world *w, struct client *c)
{
	drop_everything(w, (struct producer *)c);
}

void producer_close(struct world *w, struct producer *p)
{
	drop_everything(w, p);
	client_close(w, &p->client);
}

void producer_collect(struct world *w, struct client *c)
{
	(void)w;
	(void)c;
}
