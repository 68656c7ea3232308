/* consumer.c - a Kafka consumer: settings, positions, fetching, polling */
#include "sim/broker/consumer.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/config.h"
#include "sim/broker/consumer_group.h"

/* Kafka 3.9 ConsumerConfig (calibration.md 1.2). */
void consumer_config_init(struct consumer_config *c)
{
	*c = (struct consumer_config){
		.session_timeout_ms = 45000, .heartbeat_interval_ms = 3000,
		.max_poll_interval_ms = 300000, .max_poll_records = 500,
		.fetch_min_bytes = 1, .fetch_max_wait_ms = 500,
		.fetch_max_bytes = 52428800,
		.max_partition_fetch_bytes = 1048576,
		.reset = RESET_LATEST, .auto_commit = true,
		.auto_commit_interval_ms = 5000,
		.strategies = { ASSIGNOR_RANGE, ASSIGNOR_COOPERATIVE },
		.strategy_count = 2,
	};
}

#define AT(member)	.offset = offsetof(struct consumer_config, member)

/* Types and limits: ConsumerConfig, 3.9.  Simplified: there the client takes
 * any session timeout, and the coordinator refuses what is below its
 * group.min.session.timeout.ms. */
static const struct config_field fields[] = {
	{ "session.timeout.ms", CONFIG_INT, .min = 1, AT(session_timeout_ms) },
	{ "heartbeat.interval.ms", CONFIG_INT, .min = 1,
	  AT(heartbeat_interval_ms) },
	{ "max.poll.interval.ms", CONFIG_INT, .min = 1,
	  AT(max_poll_interval_ms) },
	{ "max.poll.records", CONFIG_INT, .min = 1, AT(max_poll_records) },
	{ "fetch.min.bytes", CONFIG_INT, AT(fetch_min_bytes) },
	{ "fetch.max.wait.ms", CONFIG_INT, AT(fetch_max_wait_ms) },
	{ "fetch.max.bytes", CONFIG_INT, AT(fetch_max_bytes) },
	{ "max.partition.fetch.bytes", CONFIG_INT,
	  AT(max_partition_fetch_bytes) },
	{ "auto.commit.interval.ms", CONFIG_INT, AT(auto_commit_interval_ms) },
	{ "enable.auto.commit", CONFIG_BOOL, AT(auto_commit) },
};

static bool set_isolation(struct consumer_config *c, const char *value,
			  struct err *err)
{
	static const char *const words[] = {
		"read_committed", "read_uncommitted", NULL
	};
	static const struct config_field field = {
		"isolation.level", CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	c->read_committed = word == 0;
	return true;
}

static bool set_reset(struct consumer_config *c, const char *value,
		      struct err *err)
{
	static const char *const words[] = {
		[RESET_LATEST] = "latest", [RESET_EARLIEST] = "earliest",
		[RESET_NONE] = "none", NULL
	};
	static const struct config_field field = {
		"auto.offset.reset", CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	c->reset = (enum offset_reset)word;
	return true;
}

/* One of two words.  Simplified: what belongs to the other protocol only is not
 * refused. */
static bool set_word(bool *second, const char *name, const char *no,
		     const char *yes, const char *value, struct err *err)
{
	const char *const words[] = { no, yes, NULL };
	const struct config_field field = {
		name, CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	*second = word == 1;
	return true;
}

static bool add_strategy(struct consumer_config *c, const char *name,
			 struct err *err)
{
	static const char package[] = "org.apache.kafka.clients.consumer.";

	if (!strncmp(name, package, strlen(package)))
		for (int a = 0; a < ASSIGNORS; a++)
			if (!strcmp(name + strlen(package),
				    assignor_class((enum assignor)a)) &&
			    c->strategy_count < ASSIGNORS) {
				c->strategies[c->strategy_count++] =
					(uint8_t)a;
				return true;
			}
	return err_set(err, "Class %s cannot be found", name);
}

/* A list of classes, the best first. */
static bool set_strategies(struct consumer_config *c, const char *value,
			   struct err *err)
{
	char name[128];

	c->strategy_count = 0;
	while (*value) {
		size_t len = strcspn(value, ",");

		snprintf(name, sizeof(name), "%.*s", (int)len, value);
		if (!add_strategy(c, name, err))
			return false;
		value += len;
		value += strspn(value, ", ");
	}
	return c->strategy_count || err_set(err, "Invalid value for "
		"configuration partition.assignment.strategy: must name a "
		"class");
}

static bool set_rack(struct consumer_config *c, const char *value,
		     struct err *err)
{
	if (strlen(value) >= sizeof(c->client_rack))
		return err_set(err, "client.rack=%s: at most %zu characters in "
			       "this version", value,
			       sizeof(c->client_rack) - 1);
	memcpy(c->client_rack, value, strlen(value) + 1);
	return true;
}

bool consumer_config_set(struct consumer_config *c, const char *name,
			 const char *value, struct err *err)
{
	const struct config_field *field =
		config_field_find(fields, sizeof(fields) / sizeof(fields[0]),
				  name);

	if (field)
		return config_field_set(field, c, value, err);
	if (!strcmp(name, "auto.offset.reset"))
		return set_reset(c, value, err);
	if (!strcmp(name, "client.rack"))
		return set_rack(c, value, err);
	if (!strcmp(name, "isolation.level"))
		return set_isolation(c, value, err);
	if (!strcmp(name, "partition.assignment.strategy"))
		return set_strategies(c, value, err);
	if (!strcmp(name, "group.protocol"))
		return set_word(&c->remote, name, "classic", "consumer", value,
				err);
	if (!strcmp(name, "group.remote.assignor"))
		return set_word(&c->remote_range, name, "uniform", "range",
				value, err);
	if (!strcmp(name, "group.instance.id")) {
		snprintf(c->instance, sizeof(c->instance), "%s", value);
		return *value || err_set(err, "Invalid value  for "
			"configuration group.instance.id: String must be "
			"non-empty");
	}
	return err_set(err, "The configuration '%s' is not known to this "
		       "version's consumer", name);
}

static void note_metrics(struct world *w, struct consumer *c, const char *id)
{
	struct process *p = c->client.host->process;

	c->consumed_metric = metric_counter(w, p,
		"kafka_consumer_records_consumed_total", "client_id", id, NULL);
	c->lag_metric = metric_gauge(w, p, "kafka_consumer_records_lag",
				     "client_id", id, NULL);
	c->rebalance_metric = metric_counter(w, p,
		"kafka_consumer_rebalance_total", "client_id", id, NULL);
}

/* KIP-429: eager as long as one of the assignors is. */
static bool all_cooperative(const struct consumer_config *c)
{
	for (uint32_t i = 0; i < c->strategy_count; i++)
		if (c->strategies[i] != ASSIGNOR_COOPERATIVE)
			return false;
	return c->strategy_count > 0;
}

struct consumer *consumer_new(struct world *w, struct client_host *host,
			      struct cluster *cluster, const char *client_id,
			      const char *bootstrap, const char *group,
			      const struct consumer_config *config,
			      struct err *err)
{
	struct consumer *c = world_take(w, struct consumer);

	if (!client_init(w, &c->client, host, CLIENT_CONSUMER, cluster,
			 client_id, bootstrap, err)) {
		world_give(w, c);
		return NULL;
	}
	c->config = *config;
	c->group = world_name(w, group ? group : "");
	c->coordinator = NO_BROKER;
	c->generation = c->previous_generation = -1;
	if (config->instance[0])
		c->instance = world_name(w, config->instance);
	c->cooperative = config->remote || all_cooperative(config);
	c->heartbeat_every = SIM_S(5);
	c->reason = "initialized";
	c->polled_at = world_now(w);
	note_metrics(w, c, client_id);
	return c;
}

static void wake_at(struct world *w, struct consumer *c, sim_time at)
{
	world_wake(w, &c->wake, at, CONSUMER_TIMER, c);
}

void consumer_try_later(struct world *w, struct consumer *c)
{
	wake_at(w, c, world_now(w) + client_backoff(&c->client, 0));
}

/* -- what it says ------------------------------------------------------------- */

void consumer_log(struct world *w, struct consumer *c, enum log_level level,
		  const char *class, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	log_write(w, c->client.host->process, level, "[Consumer "
		  "%s%s%sclientId=%s, groupId=%s] %s (org.apache.kafka.clients."
		  "consumer.internals.%s)", c->instance ? "instanceId=" : "",
		  c->instance ? world_text(w, c->instance) : "",
		  c->instance ? ", " : "",
		  world_text(w, c->client.id), c->group ?
		  world_text(w, c->group) : "null", text_cstr(&t), class);
	text_free(&t);
}

const char *consumer_failure(const struct consumer *c)
{
	return c->failure;
}

void consumer_fail(struct world *w, struct consumer *c, const char *class,
		   const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	if (c->failure)
		return;
	text_addf(&t, "%s: ", class);
	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	c->failure = world_text(w, world_name(w, text_cstr(&t)));
	text_free(&t);
	c->waiting = false;
	if (c->ready)
		world_call(w, c->ready, c->owner, 2);
}

/* -- positions ------------------------------------------------------------------- */

struct consumer_position *consumer_position_of(struct consumer *c,
					       uint32_t partition)
{
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (c->positions.at[i].partition == partition)
			return &c->positions.at[i];
	return NULL;
}

static void drop_buffer(struct world *w, struct consumer *c)
{
	vec_free(&w->arena, &c->buffer);
	c->buffer_at = 0;
}

void consumer_partition_text(const struct world *w, const struct consumer *c,
			     uint32_t partition, struct text *t)
{
	const struct partition *p = c->client.cluster->partitions.at[partition];

	text_addf(t, "%s-%u", world_text(w, p->topic->name), p->index);
}

void consumer_reset(struct world *w, struct consumer *c,
		    struct consumer_position *p)
{
	struct text name = {0};

	p->offset = -1;
	p->seek_to = c->config.reset == RESET_EARLIEST ? OFFSET_EARLIEST :
		     OFFSET_LATEST;
	if (c->config.reset != RESET_NONE)
		return;
	consumer_partition_text(w, c, p->partition, &name);
	consumer_fail(w, c, "org.apache.kafka.clients.consumer."
		      "NoOffsetForPartitionException", "Undefined offset with "
		      "no reset policy for partitions: [%s]", text_cstr(&name));
	text_free(&name);
}

static void sessions_anew(struct consumer *c)
{
	for (uint32_t i = 0; i < c->client.node_count; i++)
		c->sessions[i].full = true;
}

/* Ask a leader where its partitions of unknown position begin or end. */
static void ask_offsets(struct world *w, struct consumer *c, int32_t node)
{
	struct offsets_message *m = message_new(w, sizeof(*m) +
		c->positions.count * sizeof(*m->parts), MESSAGE_LIST_OFFSETS);

	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];

		if (p->offset >= 0 || p->asked || p->owed || p->seek_to == 0 ||
		    client_leader(&c->client, p->partition) != node)
			continue;
		m->parts[m->count++] = (struct offsets_part){
			.partition = p->partition, .timestamp = p->seek_to,
		};
		p->asked = true;
	}
	m->read_committed = c->config.read_committed;
	m->req.head.bytes = 60 + 20 * m->count;
	if (!m->count)
		message_free(w, &m->req.head);
	else if (!client_send(w, &c->client, node, &m->req,
			      CONSUMER_TAG_OFFSETS, 0, NULL))
		consumer_try_later(w, c);
}

/* SubscriptionState.maybeSeekUnvalidated: the only place where a client says
 * how far a reset took it. */
static void log_reset(struct world *w, struct consumer *c,
		      const struct consumer_position *p)
{
	struct text name = {0};

	consumer_partition_text(w, c, p->partition, &name);
	consumer_log(w, c, LOG_INFO, "SubscriptionState", "Resetting offset for "
		     "partition %s to position FetchPosition{offset=%lld}.",
		     text_cstr(&name), (long long)p->offset);
	text_free(&name);
}

static void take_offsets(struct world *w, struct consumer *c,
			 const struct offsets_message *m)
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct consumer_position *p =
			consumer_position_of(c, m->parts[i].partition);

		if (!p || !p->asked)
			continue;	/* it has been told to go elsewhere */
		p->asked = false;
		if (m->parts[i].error != KAFKA_NONE) {
			client_refresh(w, &c->client);
			consumer_try_later(w, c);
			continue;
		}
		p->offset = m->parts[i].offset;
		p->fresh = true;
		log_reset(w, c, p);
	}
}

/* -- asking --------------------------------------------------------------------- */

/* All that can be asked now is asked.  Fetches go from within poll only: before
 * it waits, and before it hands out what came (ClassicKafkaConsumer.poll). */
void consumer_pump(struct world *w, struct consumer *c)
{
	if (!process_runs(c->client.host->process) || c->closing || c->failure)
		return;
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (client_leader(&c->client, c->positions.at[i].partition) ==
		    NO_BROKER) {
			client_refresh(w, &c->client);
			break;
		}
	for (uint32_t i = 0; i < c->client.node_count; i++) {
		ask_offsets(w, c, (int32_t)i);
		if (c->waiting)
			consumer_fetch(w, c, (int32_t)i);
	}
}

void consumer_revoke_one(struct world *w, struct consumer *c,
			 uint32_t partition)
{
	(void)w;
	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];

		if (p->partition != partition)
			continue;
		consumer_drop_buffered(c, p);
		if (p->session_node >= 0)
			c->sessions[p->session_node].full = true;
		vec_remove(&c->positions, i);
		return;
	}
}

void consumer_revoke(struct world *w, struct consumer *c)
{
	drop_buffer(w, c);
	vec_free(&w->arena, &c->positions);
	sessions_anew(c);
}

/* -- what the client tells ------------------------------------------------- */

void consumer_replied(struct world *w, struct client *client,
		      const struct in_flight *f, struct message *m)
{
	struct consumer *c = (struct consumer *)client;

	switch (f->tag) {
	case CONSUMER_TAG_FETCH:
		consumer_take_fetched(w, c, (int32_t)f->about, (struct fetch_reply *)m);
		break;
	case CONSUMER_TAG_OFFSETS:
		take_offsets(w, c, (struct offsets_message *)m);
		consumer_pump(w, c);
		break;
	case CONSUMER_TAG_GROUP:
		consumer_group_answered(w, c, f, (struct group_answer *)m);
		break;
	}
}

void consumer_failed(struct world *w, struct client *client,
		     const struct in_flight *f)
{
	struct consumer *c = (struct consumer *)client;

	switch (f->tag) {
	case CONSUMER_TAG_FETCH:
		c->sessions[f->about] = (struct consumer_session){ .full = true };
		consumer_forget_followers(c, world_now(w), (int32_t)f->about);
		break;
	case CONSUMER_TAG_OFFSETS:
		for (uint32_t i = 0; i < c->positions.count; i++)
			if (c->positions.at[i].seek_to)
				c->positions.at[i].asked = false;
		break;
	case CONSUMER_TAG_GROUP:
		consumer_group_failed(w, c, f);
		break;
	}
	consumer_try_later(w, c);
}

void consumer_timer(struct world *w, void *who, uint16_t arg)
{
	struct consumer *c = who;

	(void)arg;
	if (c->client.host->process->state == PROCESS_HUNG) {
		wake_at(w, c, process_look_at(c->client.host->process,
					      world_now(w), SIM_MS(100)));
		return;
	}
	consumer_group_retry(w, c);
	consumer_pump(w, c);
}

void consumer_metadata(struct world *w, struct client *client)
{
	struct consumer *c = (struct consumer *)client;

	if (!c->group && !c->positions.count && c->ready)
		world_call(w, c->ready, c->owner, 1);
	consumer_group_begin(w, c);
	consumer_group_metadata(w, c);
	consumer_pump(w, c);
}

/* -- the owner's side ------------------------------------------------------------------------------ */

void consumer_subscribe(struct world *w, struct consumer *c, name_id topic)
{
	c->rejoin = true;
	*vec_add(&w->arena, &c->subscribed) = topic;
	client_want_topic(w, &c->client, topic);
}

void consumer_assign(struct world *w, struct consumer *c, name_id topic,
		     int32_t partition, int64_t offset)
{
	uint32_t count = client_partition_count(&c->client, topic);

	for (uint32_t i = 0; i < count; i++)
		if (partition < 0 || (uint32_t)partition == i)
			*vec_add(&w->arena, &c->positions) =
				(struct consumer_position){
				.partition = client_partition_at(&c->client,
							topic, i)->id,
				.offset = offset >= 0 ? offset : -1,
				.seek_to = offset >= 0 ? 0 : offset,
				.fresh = true, .session_node = -1,
				.asked_at = NOT_ASKED,
			};
	consumer_pump(w, c);
}

uint32_t consumer_poll(struct world *w, struct consumer *c,
		       struct polled *out, uint32_t cap)
{
	uint32_t n;

	c->polled_at = world_now(w);
	if (c->failure)
		return 0;
	c->waiting = true;
	consumer_group_poll(w, c);
	n = consumer_take_pieces(w, c, out, cap);
	consumer_pump(w, c);
	c->waiting = n == 0 && !c->failure;
	return n;
}

bool consumer_seek(struct world *w, struct consumer *c, uint32_t partition,
		   int64_t offset)
{
	struct consumer_position *p = consumer_position_of(c, partition);

	if (!p)
		return false;
	consumer_drop_buffered(c, p);
	p->offset = offset >= 0 ? offset : -1;
	p->seek_to = offset >= 0 ? 0 : offset;
	p->owed = p->asked = false;
	p->fresh = true;
	consumer_pump(w, c);
	return true;
}

bool consumer_pause(struct world *w, struct consumer *c, uint32_t partition,
		    bool paused)
{
	struct consumer_position *p = consumer_position_of(c, partition);

	if (!p)
		return false;
	p->paused = paused;
	p->fresh = true;
	consumer_pump(w, c);
	return true;
}

int64_t consumer_lag(const struct consumer *c)
{
	int64_t lag = 0;

	for (uint32_t i = 0; i < c->positions.count; i++)
		if (c->positions.at[i].offset >= 0 &&
		    c->positions.at[i].high_watermark >
		    c->positions.at[i].offset)
			lag += c->positions.at[i].high_watermark -
			       c->positions.at[i].offset;
	return lag;
}

void consumer_collect(struct world *w, struct client *client)
{
	struct consumer *c = (struct consumer *)client;

	(void)w;
	metric_set(c->lag_metric, consumer_lag(c));
}

static void drop_everything(struct world *w, struct consumer *c)
{
	world_cancel(w, &c->heartbeat);
	world_cancel(w, &c->wake.timer);
	consumer_revoke(w, c);
	c->closing = true;
	c->waiting = false;
}

void consumer_gone(struct world *w, struct client *client)
{
	drop_everything(w, (struct consumer *)client);
}

/* Simplified: close does not wait for the answers to its commit and leave. */
void consumer_close(struct world *w, struct consumer *c)
{
	consumer_group_leave(w, c);
	drop_everything(w, c);
	client_close(w, &c->client);
}
