/* perf.c - load that goes as fast as it can: producers, consumers, round trips */
#include "sim/stack/perf.h"

#include <assert.h>

#include "sim/broker/records.h"
#include "sim/stack/events.h"

#define LOOK_AGAIN	SIM_MS(10)	/* while the topic is not known */
#define PIECES		64		/* of batches, handled by one poll */

/* send.buffer.bytes and receive.buffer.bytes: the defaults of a producer and of
 * a consumer, the same in 0.8 and in 3.9.  0.8's consumer leaves sending to the
 * kernel, and what it sends is small. */
static const struct socket_buffers producer_sockets = { 131072, 32768 };
static const struct socket_buffers consumer_sockets = { 131072, 65536 };

/*
 * What a record leaves in eden, by the objects that the clients of April 2014
 * make for it, headers and alignment counted [E].  The producer: callback, future
 * and thunk, needed until the record is acknowledged (88), and its topic and
 * partition, a list's slot, what the tool counts (64).  The consumer: message,
 * its offset, metadata and three views of the buffer (224), and the value that
 * is taken out of it.  Simplified: of these, and of the fetched bytes that are
 * queued, nothing lives.
 */
#define PRODUCER_NEEDED_BYTES	88
#define PRODUCER_GARBAGE_BYTES	64
#define CONSUMER_GARBAGE_BYTES	224

/* The process of that name, if `start` is how it starts. */
static void *owner_of(const struct world *w, const char *name, uint16_t start)
{
	const struct process *p = process_find(w, name);
	const struct client_host *h;

	if (!p || p->module != MODULE_CLIENT)
		return NULL;
	h = p->self;
	return h->start == start ? h->owner : NULL;
}

/* -- a producer ------------------------------------------------------------ */

struct perf_producer *perf_producer_new(struct world *w, struct cluster *c,
					struct machine *m,
					const struct perf_producer_spec *spec)
{
	struct perf_producer *p = world_take(w, struct perf_producer);

	p->topic = world_name(w, spec->topic);
	p->bootstrap = world_name(w, spec->bootstrap);
	p->config = spec->config;
	p->value_bytes = spec->value_bytes;
	p->record_bytes = spec->value_bytes +
			  (spec->format == PERF_FORMAT_V0 ?
			   RECORD_V0_OVERHEAD_BYTES : RECORD_OVERHEAD_BYTES);
	p->limit = spec->records;
	p->txn_duration = spec->txn_duration;
	p->source = record_source_add(w, c, PERF_DESCRIBE, p);
	p->host = client_host_new(w, spec->name, m, "java ProducerPerformance",
				  p, PERF_PRODUCER_START, PERF_PRODUCER_STOP, 0);
	p->host->process->connects = producer_sockets;
	return p;
}

struct perf_producer *perf_producer_find(const struct world *w,
					 const char *name)
{
	return owner_of(w, name, PERF_PRODUCER_START);
}

/* Build the next batch: as many records as fit, one at least. */
static void build(struct world *w, struct perf_producer *p)
{
	int64_t fit = (p->config.batch_bytes - BATCH_OVERHEAD_BYTES) /
		      p->record_bytes;
	uint64_t left = p->limit ? p->limit - p->made : UINT64_MAX;

	if (!left)
		return;
	p->count = fit < 1 ? 1 : (uint32_t)fit;
	if (p->count > left)
		p->count = (uint32_t)left;
	p->index = producer_next_partition(p->producer, p->topic,
					   (int64_t)p->count * p->record_bytes +
					   BATCH_OVERHEAD_BYTES);
	p->built_at = world_now(w);
	cpu_run(w, p->host->process,
		producer_cost(p->count, (uint64_t)p->count * p->record_bytes),
		PERF_BUILT, p, 0);
}

static bool offer(struct world *w, struct perf_producer *p)
{
	const struct partition *part =
		client_partition_at(&p->producer->client, p->topic, p->index);

	return producer_offer_run(w, p->producer, part->id, p->source, 0,
				  p->made, p->count, p->count * p->record_bytes,
				  p->built_at, world_now(w));
}

/* ProducerPerformance --transactional-id, --transaction-duration-ms: begin,
 * send, and commit when the duration is over, or the records are. */
static void perf_begin(struct world *w, struct perf_producer *p)
{
	struct producer_txn *txn = p->producer->txn;

	if (txn && txn->state == PRODUCER_TXN_NONE) {
		producer_txn_init(w, p->producer);
		return;
	}
	if (txn && (!p->limit || p->made < p->limit)) {
		producer_txn_begin(p->producer);
		p->txn_since = world_now(w);
	}
	build(w, p);
}

static bool commits(struct world *w, struct perf_producer *p)
{
	bool over = p->limit && p->made == p->limit;

	if (!p->producer->txn ||
	    (!over && world_now(w) - p->txn_since < p->txn_duration))
		return false;
	producer_txn_commit(w, p->producer);
	return true;
}

/* Simplified: the real tool ends with the first exception; this one stands. */
void perf_txn_done(struct world *w, void *who, uint16_t arg)
{
	const struct producer_txn_result *r = who;
	struct perf_producer *p = r->producer->owner;

	(void)arg;
	if (r->ok)
		perf_begin(w, p);
	else
		log_write(w, p->host->process, LOG_ERROR, "org.apache.kafka."
			  "common.errors.%s: %s", r->class, r->text);
}

void perf_built(struct world *w, void *who, uint16_t arg)
{
	struct perf_producer *p = who;

	(void)arg;
	if (!offer(w, p)) {
		p->blocked_since = world_now(w);
		return;
	}
	p->made += p->count;
	heap_live(p->host->process, (int64_t)(p->made - p->failed -
		  p->producer->failed - p->producer->acked) *
		  PRODUCER_NEEDED_BYTES);
	heap_allocate(w, p->host->process, (int64_t)p->count *
		      (PRODUCER_NEEDED_BYTES + PRODUCER_GARBAGE_BYTES));
	if (!commits(w, p))
		build(w, p);
}

void perf_room(struct world *w, void *who, uint16_t too_late)
{
	struct perf_producer *p = who;

	p->blocked_ns += world_now(w) - p->blocked_since;
	if (!too_late) {
		perf_built(w, p, 0);
		return;
	}
	p->failed += p->count;		/* send() throws a TimeoutException */
	p->made += p->count;
	build(w, p);
}

void perf_look(struct world *w, void *who, uint16_t arg)
{
	struct perf_producer *p = who;

	(void)arg;
	p->look = (struct timer){0};
	if (process_runs(p->host->process) &&
	    client_partition_count(&p->producer->client, p->topic))
		perf_begin(w, p);
	else
		p->look = world_timer(w, world_now(w) + LOOK_AGAIN, PERF_LOOK,
				      p, 0);
}

void perf_producer_start(struct world *w, void *who, uint16_t arg)
{
	struct perf_producer *p = who;
	struct err err;

	(void)arg;
	p->producer = producer_new(w, p->host, cluster_of(w),
				   world_text(w, p->host->process->name),
				   world_text(w, p->bootstrap), &p->config,
				   &err);
	assert(p->producer);
	p->producer->owner = p;
	p->producer->room = PERF_ROOM;
	if (p->producer->txn)
		p->producer->txn->done = PERF_TXN_DONE;
	client_want_topic(w, &p->producer->client, p->topic);
	perf_look(w, p, 0);
}

void perf_producer_stop(struct world *w, void *who, uint16_t arg)
{
	struct perf_producer *p = who;

	(void)arg;
	world_cancel(w, &p->look);
	p->producer = NULL;
}

/* What record `number` says: ProducerPerformance sends letters from A to Z. */
void perf_describe(struct world *w, void *who, uint16_t arg)
{
	struct record_ask *ask = who;
	const struct perf_producer *p = ask->source;
	uint32_t len = p->value_bytes < RECORD_SCRATCH ? p->value_bytes :
		       RECORD_SCRATCH;
	struct luck luck;

	(void)arg;
	luck_init(&luck, w->state->seed,
		  world_text(w, p->host->process->name), "payload");
	luck.n = ask->number * RECORD_SCRATCH;
	for (uint32_t i = 0; i < len; i++)
		ask->scratch[i] = (char)('A' + luck_below(&luck, 26));
	ask->view->key_len = -1;
	ask->view->value = ask->scratch;
	ask->view->value_len = (int32_t)len;
}

/* -- a consumer ------------------------------------------------------------ */

struct perf_consumer *perf_consumer_new(struct world *w, struct machine *m,
					const char *name, const char *topic,
					const char *bootstrap, int64_t from,
					const struct consumer_config *config)
{
	struct perf_consumer *p = world_take(w, struct perf_consumer);

	p->topic = world_name(w, topic);
	p->bootstrap = world_name(w, bootstrap);
	p->config = *config;
	p->from = from;
	p->host = client_host_new(w, name, m, "java ConsumerPerformance", p,
				  PERF_CONSUMER_START, PERF_CONSUMER_STOP, 0);
	p->host->process->connects = consumer_sockets;
	return p;
}

struct perf_consumer *perf_consumer_find(const struct world *w,
					 const char *name)
{
	return owner_of(w, name, PERF_CONSUMER_START);
}

void perf_consumer_start(struct world *w, void *who, uint16_t arg)
{
	struct perf_consumer *p = who;
	struct err err;

	(void)arg;
	p->assigned = false;
	p->polled_records = p->polled_bytes = 0;
	p->consumer = consumer_new(w, p->host, cluster_of(w),
				   world_text(w, p->host->process->name),
				   world_text(w, p->bootstrap), NULL,
				   &p->config, &err);
	assert(p->consumer);
	p->consumer->ready = PERF_READY;
	p->consumer->owner = p;
	client_want_topic(w, &p->consumer->client, p->topic);
}

void perf_consumer_stop(struct world *w, void *who, uint16_t arg)
{
	struct perf_consumer *p = who;

	(void)w;
	(void)arg;
	p->consumer = NULL;
}

static void count(struct perf_consumer *p, const struct polled *pieces,
		  uint32_t n)
{
	p->polled_records = p->polled_bytes = 0;
	for (uint32_t i = 0; i < n; i++) {
		p->polled_records += pieces[i].count;
		p->polled_bytes += (uint64_t)pieces[i].batch.bytes *
				   pieces[i].count / pieces[i].batch.count;
	}
}

/* Records are there, or (arg 1) the topic is known. */
void perf_ready(struct world *w, void *who, uint16_t arg)
{
	struct perf_consumer *p = who;
	struct polled pieces[PIECES];
	uint32_t n;

	if (arg == 1 && p->assigned)
		return;
	if (!p->assigned && client_partition_count(&p->consumer->client,
						   p->topic)) {
		p->assigned = true;
		consumer_assign(w, p->consumer, p->topic, -1, p->from);
	}
	n = consumer_poll(w, p->consumer, pieces, PIECES);
	count(p, pieces, n);
	if (n)
		cpu_run(w, p->host->process, consumer_cost(pieces, n),
			PERF_READ, p, 0);
}

void perf_read(struct world *w, void *who, uint16_t arg)
{
	struct perf_consumer *p = who;

	(void)arg;
	p->records += p->polled_records;
	p->bytes += p->polled_bytes;
	heap_allocate(w, p->host->process, (int64_t)(p->polled_bytes +
		      p->polled_records * CONSUMER_GARBAGE_BYTES));
	perf_ready(w, p, 0);
}

/* -- a round trip ---------------------------------------------------------- */

struct perf_trip *perf_trip_new(struct world *w, struct machine *m,
				const char *name, const char *topic,
				const char *bootstrap, uint32_t value_bytes,
				uint32_t wanted,
				const struct producer_config *producer,
				const struct consumer_config *consumer)
{
	struct perf_trip *t = world_take(w, struct perf_trip);

	assert(value_bytes <= RECORD_SCRATCH);
	t->topic = world_name(w, topic);
	t->bootstrap = world_name(w, bootstrap);
	t->value_bytes = value_bytes;
	t->wanted = wanted;
	t->producer_config = *producer;
	t->consumer_config = *consumer;
	t->host = client_host_new(w, name, m, "java EndToEndLatency", t,
				  PERF_TRIP_START, PERF_TRIP_STOP, 0);
	return t;
}

struct perf_trip *perf_trip_find(const struct world *w, const char *name)
{
	return owner_of(w, name, PERF_TRIP_START);
}

void perf_trip_start(struct world *w, void *who, uint16_t arg)
{
	struct perf_trip *t = who;
	const char *id = world_text(w, t->host->process->name);
	const char *bootstrap = world_text(w, t->bootstrap);
	struct err err;

	(void)arg;
	t->assigned = false;
	t->sent_at = 0;
	t->producer = producer_new(w, t->host, cluster_of(w), id, bootstrap,
				   &t->producer_config, &err);
	t->consumer = consumer_new(w, t->host, cluster_of(w), id, bootstrap,
				   NULL, &t->consumer_config, &err);
	assert(t->producer && t->consumer);
	t->consumer->ready = PERF_TRIP_READY;
	t->consumer->owner = t;
	client_want_topic(w, &t->consumer->client, t->topic);
	client_want_topic(w, &t->producer->client, t->topic);
}

void perf_trip_stop(struct world *w, void *who, uint16_t arg)
{
	struct perf_trip *t = who;

	(void)w;
	(void)arg;
	t->producer = NULL;
	t->consumer = NULL;
}

static bool knows_ends(const struct perf_trip *t)
{
	for (uint32_t i = 0; i < t->consumer->positions.count; i++)
		if (t->consumer->positions.at[i].offset < 0)
			return false;
	return t->assigned && client_partition_count(&t->producer->client,
						     t->topic) > 0;
}

/* The caller's thread wakes the sender's. */
static void send_next(struct world *w, struct perf_trip *t)
{
	struct process *p = t->host->process;
	sim_time now = world_now(w), late = cpu_wake_ns(p, now);

	if (t->sent_at || t->trips.count >= t->wanted || !knows_ends(t))
		return;
	t->sent_at = now;
	if (late)
		process_at(w, p, now + late, PERF_TRIP_SEND, t, 0);
	else
		perf_trip_send(w, t, 0);
}

void perf_trip_send(struct world *w, void *who, uint16_t arg)
{
	struct perf_trip *t = who;
	char value[RECORD_SCRATCH] = {0};
	int32_t partition = -1;

	(void)arg;
	if (t->round_robin)
		partition = (int32_t)(t->trips.count % client_partition_count(
				      &t->producer->client, t->topic));
	producer_send(w, t->producer, t->topic, partition, &(struct record){
		.key_len = -1, .value = value,
		.value_len = (int32_t)t->value_bytes,
	}, NULL);
}

void perf_trip_ready(struct world *w, void *who, uint16_t arg)
{
	struct perf_trip *t = who;
	struct polled pieces[PIECES];
	uint32_t n;

	if (arg == 1 && t->assigned) {
		send_next(w, t);
		return;
	}
	if (!t->assigned && client_partition_count(&t->consumer->client,
						   t->topic)) {
		t->assigned = true;
		consumer_assign(w, t->consumer, t->topic, -1, OFFSET_LATEST);
	}
	n = consumer_poll(w, t->consumer, pieces, PIECES);
	if (n)
		cpu_run(w, t->host->process, consumer_cost(pieces, n),
			PERF_TRIP_READ, t, 0);
	else if (!knows_ends(t))
		world_plan(w, world_now(w) + LOOK_AGAIN, CLASS_TIMEOUT,
			   PERF_TRIP_LOOK, t,
			   (uint16_t)t->host->process->incarnation);
}

/* Are the ends of the partitions known? */
void perf_trip_look(struct world *w, void *who, uint16_t incarnation)
{
	struct perf_trip *t = who;

	if (!t->consumer ||
	    incarnation != (uint16_t)t->host->process->incarnation)
		return;
	if (knows_ends(t))
		send_next(w, t);
	else
		world_plan(w, world_now(w) + LOOK_AGAIN, CLASS_TIMEOUT,
			   PERF_TRIP_LOOK, t, incarnation);
}

/* arg 0: the thread that fetches has the record, and wakes the one that waits
 * for it. */
void perf_trip_read(struct world *w, void *who, uint16_t arg)
{
	struct perf_trip *t = who;
	sim_time late = cpu_wake_ns(t->host->process, world_now(w));

	if (!arg && late) {
		process_at(w, t->host->process, world_now(w) + late,
			   PERF_TRIP_READ, t, 1);
		return;
	}
	*vec_add(&w->arena, &t->trips) = world_now(w) - t->sent_at;
	t->sent_at = 0;
	perf_trip_ready(w, t, 0);
	send_next(w, t);
}
