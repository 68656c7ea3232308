/* producer.c - a Kafka producer: batches, acks, retries */
#include "sim/broker/producer.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "sim/broker/config.h"
#include "sim/broker/murmur.h"

/* -- configuration -------------------------------------------------------------- */

/* Kafka 3.9 ProducerConfig (calibration.md 1.1). */
void producer_config_init(struct producer_config *c)
{
	*c = (struct producer_config){
		.acks = -1, .linger_ms = 0, .batch_bytes = 16384,
		.buffer_bytes = 33554432, .max_in_flight = 5,
		.retries = 2147483647, .delivery_timeout_ms = 120000,
		.request_timeout_ms = 30000, .max_block_ms = 60000,
		.max_request_bytes = 1048576, .idempotence = true,
	};
}

#define AT(member)	.offset = offsetof(struct producer_config, member)

/* Types and limits: ProducerConfig, 3.9.  The two maxima are this version's:
 * what is sent at once lies in the world's memory at once (see README.md). */
static const struct config_field numbers[] = {
	{ "linger.ms", CONFIG_LONG, AT(linger_ms) },
	{ "batch.size", CONFIG_INT, .max = 1 << 20, AT(batch_bytes) },
	{ "buffer.memory", CONFIG_LONG, AT(buffer_bytes) },
	{ "max.in.flight.requests.per.connection", CONFIG_INT, .min = 1,
	  AT(max_in_flight) },
	{ "retries", CONFIG_INT, AT(retries) },
	{ "delivery.timeout.ms", CONFIG_INT, AT(delivery_timeout_ms) },
	{ "request.timeout.ms", CONFIG_INT, AT(request_timeout_ms) },
	{ "max.block.ms", CONFIG_LONG, AT(max_block_ms) },
	{ "max.request.size", CONFIG_INT, .max = 4 << 20,
	  AT(max_request_bytes) },
};

static bool set_acks(struct producer_config *c, const char *value,
		     struct err *err)
{
	static const char *const words[] = { "all", "-1", "0", "1", NULL };
	static const int16_t acks[] = { -1, -1, 0, 1 };
	static const struct config_field field = {
		"acks", CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	c->acks = acks[word];
	return true;
}

static bool set_idempotence(struct producer_config *c, const char *value,
			    struct err *err)
{
	static const struct config_field field = {
		.name = "enable.idempotence", .type = CONFIG_BOOL,
	};
	int64_t on;

	if (!config_parse(&field, value, &on, err))
		return false;
	c->idempotence = on;
	c->idempotence_given = true;
	return true;
}

static bool set_compression(struct producer_config *c, const char *value,
			    struct err *err)
{
	static const char *const words[] = {	/* by enum codec */
		"none", "gzip", "snappy", "lz4", "zstd", NULL
	};
	static const struct config_field field = {
		"compression.type", CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	c->codec = (enum codec)word;
	return true;
}

static const struct {
	const char *name;
	bool (*set)(struct producer_config *c, const char *value,
		    struct err *err);
} others[] = {
	{ "acks", set_acks },
	{ "enable.idempotence", set_idempotence },
	{ "compression.type", set_compression },
};

bool producer_config_set(struct producer_config *c, const char *name,
			 const char *value, struct err *err)
{
	const struct config_field *number =
		config_field_find(numbers, sizeof(numbers) / sizeof(numbers[0]),
				  name);

	if (number)
		return config_field_set(number, c, value, err);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(others[i].name, name))
			return others[i].set(c, value, err);
	return err_set(err, "The configuration '%s' is not known to this "
		       "version's producer", name);
}

#define IN_FLIGHT_MAX	5	/* ..._REQUESTS_PER_CONNECTION_FOR_IDEMPOTENCE */

bool producer_config_check(struct producer_config *c, struct text *why,
			   struct err *err)
{
	struct text reason = {0};
	bool good = true;

	if (!c->idempotence)
		return true;
	if (c->retries == 0) {
		good = err_set(err, "Must set retries to non-zero when using "
			       "the idempotent producer.");
		text_add(&reason, "retries is set to 0.");
	} else if (c->acks != -1) {
		good = err_set(err, "Must set acks to all in order to use the "
			       "idempotent producer. Otherwise we cannot "
			       "guarantee idempotence.");
		text_addf(&reason, "acks is set to %d, not set to 'all'.",
			  c->acks);
	} else if (c->max_in_flight > IN_FLIGHT_MAX) {
		good = err_set(err, "Must set max.in.flight.requests.per."
			       "connection to at most 5 to use the idempotent "
			       "producer.");
		text_addf(&reason, "max.in.flight.requests.per.connection is "
			  "set to %lld, which is greater than 5. Please note "
			  "that in v4.0.0 and onward, this will become an "
			  "error.", (long long)c->max_in_flight);
	}
	if (!good && !c->idempotence_given) {
		c->idempotence = false;
		good = true;
		if (why)
			text_addf(why, "Idempotence will be disabled because "
				  "%s", reason.at);
	}
	text_free(&reason);
	return good;
}

struct producer *producer_new(struct world *w, struct client_host *host,
			      struct cluster *cluster, const char *client_id,
			      const char *bootstrap,
			      const struct producer_config *config,
			      struct err *err)
{
	struct producer *p = world_take(w, struct producer);
	enum log_level level = config->max_in_flight > IN_FLIGHT_MAX ?
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

/* -- lanes and batches ------------------------------------------------------------ */

struct producer_lane *producer_lane(const struct producer *p, uint32_t partition)
{
	return map_get(&p->lanes_by_partition, partition);
}

static struct producer_lane *lane_for(struct world *w, struct producer *p,
				      uint32_t partition)
{
	struct producer_lane *lane = producer_lane(p, partition);

	if (lane)
		return lane;
	lane = world_take(w, struct producer_lane);
	lane->partition = partition;
	numbers_init(&lane->numbers);
	*vec_add(&w->arena, &p->lanes) = lane;
	map_put(&p->lanes_by_partition, &w->arena, partition, lane);
	return lane;
}

static struct producer_batch *batch_new(struct world *w, struct producer *p,
					struct producer_lane *lane)
{
	struct producer_batch *b = world_take(w, struct producer_batch);

	b->created_at = world_now(w);
	b->batch.bytes = BATCH_OVERHEAD_BYTES;
	b->batch.producer = p->client.host->process->id;
	if (lane->tail) {
		lane->tail->closed = true;
		lane->tail->next = b;
	} else {
		lane->head = b;
	}
	lane->tail = b;
	lane->queued++;
	return b;
}

static void batch_free(struct world *w, struct producer *p,
		       struct producer_batch *b)
{
	p->buffered_bytes -= b->raw_bytes ? b->raw_bytes : b->batch.bytes;
	arena_free(&w->arena, b->payload, b->payload_cap);
	world_give(w, b);
}

void producer_wake(struct world *w, struct producer *p, sim_time at)
{
	world_wake(w, &p->wake, at, PRODUCER_TIMER, p);
}

/* batch.size is meant of packed batches: the client estimates how far they will
 * shrink (CompressionRatioEstimator).  Simplified: it knows. */
static bool fits_in(const struct producer *p, const struct producer_batch *b,
		    uint32_t more)
{
	return codec_pack(p->config.codec, b->batch.bytes + more) <=
	       p->config.batch_bytes;
}

static bool full(const struct producer *p, const struct producer_lane *lane)
{
	return lane->queued > 1 || lane->head->closed ||
	       !fits_in(p, lane->head, 1);
}

static void batch_grew(struct world *w, struct producer *p,
		       struct producer_lane *lane, uint32_t bytes)
{
	p->buffered_bytes += bytes;
	producer_wake(w, p, full(p, lane) || p->flushing ? world_now(w) :
		lane->head->created_at + config_ms(p->config.linger_ms));
}

/* -- telling the owner ---------------------------------------------------------------- */

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
	tell(w, p, lane->partition, &b->batch, KAFKA_NONE, false);
	batch_free(w, p, b);
}

static void give_up(struct world *w, struct producer *p,
		    struct producer_lane *lane, struct producer_batch *b,
		    enum kafka_error error, bool expired)
{
	p->failed += b->batch.count;
	metric_add(p->error_metric, b->batch.count);
	world_note(w, b->batch.count);
	tell(w, p, lane->partition, &b->batch, error, expired);
	batch_free(w, p, b);
}

/* Does `a` stay in front of `b`, which comes back?  Those that are numbered lie
 * by number (RecordAccumulator.insertInSequenceOrder). */
static bool goes_first(const struct producer_batch *a,
		       const struct producer_batch *b)
{
	return b->batch.numbered && a->batch.numbered &&
	       a->batch.sequence < b->batch.sequence;
}

/* Back in front of its lane.  Without numbers later batches may already have
 * gone: order is lost, as in the real client. */
static void put_back(struct producer_lane *lane, struct producer_batch *b)
{
	struct producer_batch **at = &lane->head;

	while (*at && goes_first(*at, b))
		at = &(*at)->next;
	b->next = *at;
	*at = b;
	if (!b->next)
		lane->tail = b;
	lane->queued++;
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
	put_back(lane, b);
	producer_wake(w, p, b->retry_at);
}

/* -- the sender -------------------------------------------------------------------------- */

static struct producer_batch *pop(struct producer_lane *lane)
{
	struct producer_batch *b = lane->head;

	lane->head = b->next;
	b->next = NULL;
	if (!lane->head)
		lane->tail = NULL;
	lane->queued--;
	return b;
}

/* When the first batch of a lane may go: now or earlier is "ready". */
static sim_time ready_at(const struct producer *p,
			 const struct producer_lane *lane)
{
	const struct producer_batch *b = lane->head;

	if (b->attempts)
		return b->retry_at;
	if (full(p, lane) || p->flushing)
		return 0;
	return b->created_at + config_ms(p->config.linger_ms);
}

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

/* Has the lane a batch that may leave now, for this node? */
static bool may_leave(struct world *w, const struct producer *p,
		      const struct producer_lane *lane, int32_t node)
{
	return lane->head && ready_at(p, lane) <= world_now(w) &&
	       client_leader(&p->client, lane->partition) == node &&
	       idempotence_allows(p, lane);
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
		b = pop(lane);
		seal(w, p, b);
		idempotence_number(w, p, lane, b);
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
			struct producer_batch *b = pop(lane);

			idempotence_expired(lane, b);
			give_up(w, p, lane, b, b->last_error, true);
		}
	}
}

static void send_waiting(struct world *w, struct producer *p);
static void offer_room(struct world *w, struct producer *p);

static void plan_next(struct world *w, struct producer *p)
{
	for (uint32_t i = 0; i < p->lanes.count; i++) {
		const struct producer_lane *lane = p->lanes.at[i];
		int32_t leader = client_leader(&p->client, lane->partition);
		sim_time at, end;

		if (!lane->head)
			continue;
		at = ready_at(p, lane);
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

static void pump(struct world *w, struct producer *p)
{
	if (!process_runs(p->client.host->process) || p->client.closed)
		return;
	send_waiting(w, p);
	expire(w, p);
	idempotence_prepare(w, p);
	for (uint32_t i = 0; i < p->client.node_count; i++)
		send_to(w, p, (int32_t)i);
	plan_next(w, p);
	offer_room(w, p);
}

void producer_timer(struct world *w, void *who, uint16_t arg)
{
	struct producer *p = who;

	(void)arg;
	if (p->client.host->process->state == PROCESS_HUNG)
		producer_wake(w, p, world_now(w) + SIM_MS(100));
	else
		pump(w, p);
}

void producer_metadata(struct world *w, struct client *c)
{
	pump(w, (struct producer *)c);
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
	pump(w, p);
}

void producer_replied(struct world *w, struct client *c,
		      const struct in_flight *f, struct message *m)
{
	struct producer *p = (struct producer *)c;

	if (f->tag == PRODUCER_TAG_ID) {
		idempotence_answered(w, p, (struct producer_id_message *)m);
		pump(w, p);
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
		put_back(lane, b);
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
	if (f->refused) {
		take_back(w, p, f->context);
		return;
	}
	settle(w, p, f->context, NULL,
	       KAFKA_NETWORK_EXCEPTION);
}

/* -- sending ---------------------------------------------------------------------------------- */

static bool has_room(const struct producer *p, int64_t bytes)
{
	return p->buffered_bytes + bytes <= p->config.buffer_bytes;
}

static void append_run(struct world *w, struct producer *p, uint32_t partition,
		       uint32_t source, uint32_t lane_number, uint64_t first,
		       uint32_t count, uint32_t bytes, sim_time first_at,
		       sim_time last_at)
{
	struct producer_lane *lane = lane_for(w, p, partition);
	struct producer_batch *b = lane->tail;
	bool fits = b && !b->closed && b->batch.source == source &&
		    b->batch.lane == lane_number &&
		    b->batch.content + b->batch.count == first &&
		    fits_in(p, b, bytes);

	assert(count > 0);
	if (!fits) {
		b = batch_new(w, p, lane);
		b->batch.source = source;
		b->batch.lane = lane_number;
		b->batch.content = first;
		b->batch.first_at = first_at;
		p->buffered_bytes += BATCH_OVERHEAD_BYTES;
	}
	b->batch.count += count;
	b->batch.bytes += bytes;
	b->batch.last_at = last_at;
	batch_grew(w, p, lane, bytes);
}

void producer_send_run(struct world *w, struct producer *p, uint32_t partition,
		       uint32_t source, uint32_t lane, uint64_t first,
		       uint32_t count, uint32_t bytes, sim_time first_at,
		       sim_time last_at)
{
	cpu_spend(w, p->client.host->process, producer_cost(count, bytes));
	if (!has_room(p, bytes)) {
		/* buffer.memory is full: send() blocks, then fails.
		 * Simplified: a fleet does not wait max.block.ms. */
		p->blocked += count;
		p->failed += count;
		metric_add(p->error_metric, count);
		return;
	}
	append_run(w, p, partition, source, lane, first, count, bytes, first_at,
		   last_at);
}

bool producer_offer_run(struct world *w, struct producer *p, uint32_t partition,
			uint32_t source, uint32_t lane, uint64_t first,
			uint32_t count, uint32_t bytes, sim_time first_at,
			sim_time last_at)
{
	if (has_room(p, bytes + BATCH_OVERHEAD_BYTES)) {
		append_run(w, p, partition, source, lane, first, count, bytes,
			   first_at, last_at);
		return true;
	}
	p->blocked += count;
	p->wanted_bytes = bytes + BATCH_OVERHEAD_BYTES;
	p->wanted_since = world_now(w);
	producer_wake(w, p, p->wanted_since + config_ms(p->config.max_block_ms));
	return false;
}

/* Who waits for room hears that there is some, or that it took too long. */
static void offer_room(struct world *w, struct producer *p)
{
	bool room = has_room(p, p->wanted_bytes);
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

/* BuiltInPartitioner.nextPartition: weights max(queue)+1-queue. */
static uint32_t next_sticky(struct world *w, struct producer *p, name_id topic,
			    uint32_t partitions)
{
	uint32_t longest = 0;
	uint64_t total = 0, at;

	for (uint32_t pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < partitions; i++) {
			struct producer_lane *lane = producer_lane(p,
				client_partition_at(&p->client, topic, i)->id);
			uint32_t q = lane ? lane->queued : 0;

			if (pass == 0)
				longest = q > longest ? q : longest;
			else
				total += longest + 1 - q;
		}
	(void)w;
	at = luck_below(&p->client.luck, total);
	for (uint32_t i = 0;; i++) {
		struct producer_lane *lane = producer_lane(p,
			client_partition_at(&p->client, topic, i)->id);
		uint32_t weight = longest + 1 - (lane ? lane->queued : 0);

		if (at < weight)
			return i;
		at -= weight;
	}
}

static uint32_t choose(struct world *w, struct producer *p, name_id topic,
		       uint32_t partitions, const char *key, int32_t key_len,
		       int64_t bytes)
{
	if (key_len >= 0)
		return murmur_partition(key, (size_t)key_len, partitions);
	if (p->sticky_topic != topic || p->sticky >= partitions ||
	    p->sticky_bytes >= p->config.batch_bytes) {
		p->sticky = next_sticky(w, p, topic, partitions);
		p->sticky_topic = topic;
		p->sticky_bytes = 0;
	}
	p->sticky_bytes += bytes;
	return p->sticky;
}

uint32_t producer_next_partition(struct world *w, struct producer *p,
				 name_id topic, int64_t bytes)
{
	return choose(w, p, topic, client_partition_count(&p->client, topic),
		      NULL, -1, bytes);
}

/* CreateTime: a moment, as the clock of the producer's machine has it. */
static sim_time create_time(const struct world *w, const struct producer *p,
			    sim_time at)
{
	const struct machine *m = p->client.host->process->machine;

	return at + machine_wall(w, m) - world_now(w);
}

static void append(struct world *w, struct producer *p,
		   struct producer_lane *lane, sim_time at, const char *key,
		   int32_t key_len, const char *value, int32_t value_len)
{
	struct text record = {0};
	struct producer_batch *b = lane->tail;
	uint32_t bytes = RECORD_OVERHEAD_BYTES +
			 (uint32_t)(key_len > 0 ? key_len : 0) +
			 (uint32_t)(value_len > 0 ? value_len : 0);

	cpu_spend(w, p->client.host->process, producer_cost(1, bytes));
	record_write(&record, at, key, key_len, value, value_len);
	if (!b || b->closed || b->batch.source ||
	    !fits_in(p, b, bytes)) {
		b = batch_new(w, p, lane);
		b->batch.first_at = at;
		p->buffered_bytes += BATCH_OVERHEAD_BYTES;
	}
	if (b->payload_len + record.len > b->payload_cap) {
		uint32_t cap = b->payload_cap ? 2 * b->payload_cap : 256;

		while (cap < b->payload_len + record.len)
			cap *= 2;
		b->payload = arena_grow(&w->arena, b->payload, b->payload_cap,
					cap);
		b->payload_cap = cap;
	}
	memcpy(b->payload + b->payload_len, record.at, record.len);
	b->payload_len += (uint32_t)record.len;
	text_free(&record);
	b->batch.count++;
	b->batch.bytes += bytes;
	b->batch.last_at = at;
	batch_grew(w, p, lane, bytes);
}

static void tell_lost(struct world *w, struct producer *p, name_id topic,
		      int32_t key_len, const char *value, int32_t value_len,
		      enum kafka_error error)
{
	struct producer_result r = {
		.producer = p, .partition = UINT32_MAX, .topic = topic,
		.error = error, .value = value, .value_len = value_len,
		.key_len = key_len,
	};

	p->failed++;
	metric_add(p->error_metric, 1);
	if (p->result)
		world_call(w, p->result, &r, 0);
}

static bool try_send(struct world *w, struct producer *p, name_id topic,
		     int32_t partition, sim_time at, const char *key,
		     int32_t key_len, const char *value, int32_t value_len)
{
	uint32_t partitions = client_partition_count(&p->client, topic);
	uint32_t index;

	if (!partitions || partition >= (int32_t)partitions)
		return false;
	index = partition >= 0 ? (uint32_t)partition :
		choose(w, p, topic, partitions, key, key_len, value_len + 10);
	append(w, p, lane_for(w, p, client_partition_at(&p->client, topic,
							 index)->id),
	       create_time(w, p, at), key, key_len, value, value_len);
	return true;
}

static char *copy(struct world *w, const char *s, int32_t len)
{
	char *block;

	if (len <= 0)
		return NULL;
	block = arena_take(&w->arena, (size_t)len);
	memcpy(block, s, (size_t)len);
	return block;
}

static void waiting_free(struct world *w, struct producer_waiting *one)
{
	arena_free(&w->arena, one->key, (size_t)(one->key_len > 0 ?
						 one->key_len : 0));
	arena_free(&w->arena, one->value, (size_t)(one->value_len > 0 ?
						   one->value_len : 0));
	world_give(w, one);
}

/* send() blocks until its topic is known, at most max.block.ms. */
static void send_waiting(struct world *w, struct producer *p)
{
	while (p->waiting.count) {
		struct producer_waiting *one = p->waiting.at[0];
		bool late = world_now(w) - one->since >=
			    config_ms(p->config.max_block_ms);

		if (!try_send(w, p, one->topic, one->partition, one->since,
			      one->key, one->key_len, one->value,
			      one->value_len)) {
			if (!late)
				break;
			tell_lost(w, p, one->topic, one->key_len, one->value,
				  one->value_len,
				  KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
		}
		vec_remove(&p->waiting, 0);
		waiting_free(w, one);
	}
}

void producer_send(struct world *w, struct producer *p, name_id topic,
		   int32_t partition, const char *key, int32_t key_len,
		   const char *value, int32_t value_len)
{
	struct producer_waiting *one;
	int64_t bytes = (key_len > 0 ? key_len : 0) +
			(value_len > 0 ? value_len : 0) + 100;

	if (bytes > p->config.max_request_bytes) {
		tell_lost(w, p, topic, key_len, value, value_len,
			  KAFKA_MESSAGE_TOO_LARGE);
		return;
	}
	client_want_topic(w, &p->client, topic);
	if (!p->waiting.count &&
	    try_send(w, p, topic, partition, world_now(w), key, key_len, value,
		     value_len))
		return;
	one = world_take(w, struct producer_waiting);
	*one = (struct producer_waiting){
		.topic = topic, .partition = partition, .since = world_now(w),
		.key = copy(w, key, key_len), .key_len = key_len,
		.value = copy(w, value, value_len), .value_len = value_len,
	};
	*vec_add(&w->arena, &p->waiting) = one;
	producer_wake(w, p, one->since + config_ms(p->config.max_block_ms));
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

/* -- the end -------------------------------------------------------------------------------- */

uint64_t producer_held(const struct producer *p)
{
	uint64_t records = p->waiting.count;

	for (uint32_t i = 0; i < p->client.in_flight.count; i++) {
		const struct sent *sent = p->client.in_flight.at[i].context;

		for (uint32_t k = 0; sent && k < sent->count; k++)
			records += sent->at[k].batch->batch.count;
	}
	for (uint32_t i = 0; i < p->lanes.count; i++)
		for (const struct producer_batch *b = p->lanes.at[i]->head; b;
		     b = b->next)
			records += b->batch.count;
	return records;
}

static void drop_everything(struct world *w, struct producer *p)
{
	p->died += producer_held(p);
	for (uint32_t i = 0; i < p->client.in_flight.count; i++) {
		struct sent *sent = p->client.in_flight.at[i].context;

		for (uint32_t k = 0; sent && k < sent->count; k++)
			batch_free(w, p, sent->at[k].batch);
		if (sent)
			sent_free(w, sent);
	}
	for (uint32_t i = 0; i < p->lanes.count; i++)
		while (p->lanes.at[i]->head)
			batch_free(w, p, pop(p->lanes.at[i]));
	for (uint32_t i = 0; i < p->lanes.count; i++)
		numbers_release(w, &p->lanes.at[i]->numbers);
	for (uint32_t i = 0; i < p->waiting.count; i++)
		waiting_free(w, p->waiting.at[i]);
	vec_free(&w->arena, &p->waiting);
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
