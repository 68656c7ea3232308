/* records.c - a service and its topics: polling, workers, commits, producing
 *
 * What a poll hands out goes into a queue and from there, record by record, to
 * the program.  Without a pool there is one worker and the next poll waits for
 * it; with one, polling goes on as long as there is room in the queue.
 */
#include <stdio.h>
#include <string.h>

#include "sim/app/app_inside.h"
#include "sim/telemetry/span.h"

/* Batches of one poll: a record each, if they came one by one, so that twice
 * the default of max.poll.records (500) fits.  Simplified: no more than that. */
#define PIECES		1000
#define POOL_MAX	64

/* Settings that are passed on to the clients: consumer.NAME, producer.NAME. */
static const char *const consumer_names[] = {
	"session.timeout.ms", "heartbeat.interval.ms", "max.poll.interval.ms",
	"max.poll.records", "fetch.min.bytes", "fetch.max.wait.ms",
	"fetch.max.bytes", "max.partition.fetch.bytes",
	"auto.commit.interval.ms", "enable.auto.commit", "auto.offset.reset",
	"partition.assignment.strategy", NULL,
};
static const char *const producer_names[] = {
	"acks", "linger.ms", "batch.size", "buffer.memory",
	"max.in.flight.requests.per.connection", "retries",
	"delivery.timeout.ms", "request.timeout.ms", "max.block.ms",
	"max.request.size", "compression.type", "enable.idempotence", NULL,
};

typedef bool set_fn(void *config, const char *name, const char *value,
		    struct err *err);

static bool set_consumer(void *config, const char *name, const char *value,
			 struct err *err)
{
	return consumer_config_set(config, name, value, err);
}

static bool set_producer(void *config, const char *name, const char *value,
			 struct err *err)
{
	return producer_config_set(config, name, value, err);
}

static bool pass_on(const struct world *w, const struct service *s,
		    const char *prefix, const char *const *names, set_fn *set,
		    void *config, struct err *err)
{
	for (; *names; names++) {
		char key[96];
		const char *value;

		snprintf(key, sizeof(key), "%s.%s", prefix, *names);
		value = settings_text(w, &s->settings, key, NULL);
		if (value && !set(config, *names, value, err))
			return false;
	}
	return true;
}

static void refuse(struct world *w, struct service *s, const struct err *err)
{
	struct text why = {0};

	text_addf(&why, "org.apache.kafka.common.config.ConfigException: %s",
		  err->what);
	service_crash(w, s, &why);
	text_free(&why);
}

static const char *bootstrap(const struct world *w, const struct service *s)
{
	return settings_text(w, &s->settings, "bootstrap.servers", "");
}

/* -- reading -------------------------------------------------------------- */

static void subscribe(struct world *w, struct service *s, const char *topics)
{
	while (*topics) {
		size_t len = strcspn(topics, ", ");
		char topic[256];

		if (len && len < sizeof(topic)) {
			memcpy(topic, topics, len);
			topic[len] = '\0';
			consumer_subscribe(w, s->consumer,
					   world_name(w, topic));
		}
		topics += len + strspn(topics + len, ", ");
	}
}

void service_begin_clients(struct world *w, struct service *s)
{
	const char *topics = settings_text(w, &s->settings, "consumer.topics",
					   "");
	int64_t pool = settings_int(w, &s->settings, "consumer.pool", 0);
	struct consumer_config config;
	struct err err;

	if (!*topics || !services_of(w)->runtime->has(s->code, PROGRAM_RECORD))
		return;
	consumer_config_init(&config);
	if (pool < 0 || pool > POOL_MAX) {
		err_set(&err, "consumer.pool=%lld: 0 (within poll) to %d "
			"workers", (long long)pool, POOL_MAX);
		refuse(w, s, &err);
		return;
	}
	s->pool = (uint32_t)pool;
	cpu_threads_set(w, s->host->process, s->pool ? s->pool : 1);
	if (!cluster_of(w))
		err_set(&err, "there is no Kafka in this world");
	else if (pass_on(w, s, "consumer", consumer_names, set_consumer,
			 &config, &err))
		s->consumer = consumer_new(w, s->host, cluster_of(w),
			world_text(w, s->name), bootstrap(w, s),
			settings_text(w, &s->settings, "consumer.group.id",
				      ""), &config, &err);
	if (!s->consumer) {
		refuse(w, s, &err);
		return;
	}
	s->consumer->owner = s;
	s->consumer->ready = SERVICE_RECORDS;
	subscribe(w, s, topics);
	service_records(w, s);
}

/* The next record of the queue. */
static struct polled next_record(struct service *s)
{
	struct polled *p = &s->queue.at[s->queue_at];
	struct polled one = *p;

	one.count = 1;
	p->first++;
	if (!--p->count && ++s->queue_at == s->queue.count)
		s->queue.count = s->queue_at = 0;
	s->queued--;
	return one;
}

static void give_work(struct world *w, struct service *s)
{
	uint32_t workers = s->pool ? s->pool : 1;

	while (s->queued && s->working < workers && s->code &&
	       (s->state == SERVICE_RUNNING ||
		(s->state == SERVICE_STOPPING && !s->pool)) &&
	       !s->ended_itself) {
		struct task *t = task_new(w, s, PROGRAM_RECORD);

		t->record = next_record(s);
		task_trace(w, t);
		s->working++;
		task_go(w, t);
	}
}

/* May the loop call poll() now? */
static bool may_poll(const struct service *s)
{
	if (!s->consumer || s->polling || s->state != SERVICE_RUNNING ||
	    s->ended_itself)
		return false;
	if (!s->pool)
		return !s->queued && !s->working;
	return s->queued < s->consumer->config.max_poll_records;
}

static void move_to_queue(struct world *w, struct service *s,
			  const struct polled *pieces, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		*vec_add(&w->arena, &s->queue) = pieces[i];
		s->queued += pieces[i].count;
	}
}

void service_records(struct world *w, struct service *s)
{
	struct polled pieces[PIECES];
	uint32_t n;

	if (!may_poll(s))
		return;
	n = consumer_poll(w, s->consumer, pieces, PIECES);
	if (!n)
		return;
	move_to_queue(w, s, pieces, n);
	s->polling = true;
	cpu_run(w, s->host->process, consumer_cost(pieces, n), SERVICE_POLLED,
		s, 0);
}

void service_news(struct world *w, void *who, uint16_t arg)
{
	if (arg == 0)
		service_records(w, who);
}

void service_polled(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;

	(void)arg;
	s->polling = false;
	give_work(w, s);
	service_records(w, s);
}

void service_record_done(struct world *w, struct service *s)
{
	s->working--;
	give_work(w, s);
	service_records(w, s);
	service_stop_when_idle(w, s);
}

void service_drop_records(struct world *w, struct service *s)
{
	vec_free(&w->arena, &s->queue);
	s->queue_at = s->queued = s->working = 0;
	s->polling = false;
}

bool service_commit(struct world *w, struct service *s, uint32_t partition,
		    int64_t offset)
{
	struct consumer_offset at = { partition, offset };

	return s->consumer && consumer_commit_at(w, s->consumer, &at, 1);
}

bool service_commit_polled(struct world *w, struct service *s)
{
	if (s->consumer)
		consumer_commit(w, s->consumer);
	return s->consumer;
}

/* -- producing ------------------------------------------------------------ */

static bool want_producer(struct world *w, struct service *s, struct err *err)
{
	struct producer_config config;

	if (s->producer)
		return true;
	if (!cluster_of(w))
		return err_set(err, "there is no Kafka in this world");
	producer_config_init(&config);
	if (!pass_on(w, s, "producer", producer_names, set_producer, &config,
		     err) || !producer_config_check(&config, NULL, err))
		return false;
	s->producer = producer_new(w, s->host, cluster_of(w),
				   world_text(w, s->name), bootstrap(w, s),
				   &config, err);
	if (!s->producer)
		return false;
	s->producer->owner = s;
	s->producer->result = SERVICE_RESULT;
	return true;
}

bool service_produce(struct world *w, struct task *t, const char *topic,
		     int32_t partition, const struct record *r, struct err *err)
{
	struct service *s = t->service;
	struct trace_context cause = span_context(t->span);

	if (!want_producer(w, s, err))
		return false;
	task_cost(t, producer_cost(1, (uint64_t)
		((r->key_len > 0 ? r->key_len : 0) +
		 (r->value_len > 0 ? r->value_len : 0)) + r->headers_len));
	producer_send(w, s->producer, world_name(w, topic), partition, r,
		      &cause);
	return true;
}

static void log_failure(struct world *w, struct service *s,
			const struct producer_result *r)
{
	char of[16] = "";

	if (r->partition != UINT32_MAX)
		snprintf(of, sizeof(of), "-%u",
			 cluster_of(w)->partitions.at[r->partition]->index);
	log_write(w, s->host->process, LOG_ERROR, "Producing to %s%s failed: "
		  "org.apache.kafka.common.errors.%s: %s",
		  world_text(w, r->topic), of,
		  r->expired ? "TimeoutException" : kafka_error_class(r->error),
		  r->expired ? "delivery.timeout.ms has passed" :
		  kafka_error_text(r->error));
}

/* This can come from inside a segment (a record that is too large), so what
 * the program is told of it comes as a task of its own. */
void service_result(struct world *w, void *who, uint16_t arg)
{
	const struct producer_result *r = who;
	struct service *s = r->producer->owner;
	uint32_t count = r->batch ? r->batch->count : 1;
	struct task *t;

	(void)arg;
	if (r->error == KAFKA_NONE) {
		s->produced += count;
	} else {
		s->failed += count;
		metric_add(s->errors, count);
		log_failure(w, s, r);
	}
	if (!s->code || s->ended_itself ||
	    !services_of(w)->runtime->has(s->code, PROGRAM_RESULT))
		return;
	t = task_new(w, s, PROGRAM_RESULT);
	t->result.topic = r->topic;
	t->result.partition = -1;
	if (r->partition != UINT32_MAX)
		t->result.partition =
			cluster_of(w)->partitions.at[r->partition]->index;
	t->result.offset = r->batch ? r->batch->base_offset : -1;
	t->result.count = count;
	t->result.error = r->error;
	t->result.expired = r->expired;
	process_at(w, s->host->process, world_now(w), SERVICE_RUN, t, 0);
}
