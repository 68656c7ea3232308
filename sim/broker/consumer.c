/* consumer.c - a Kafka consumer: settings, positions, fetching, polling */
#include "sim/broker/consumer.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "sim/broker/compression.h"
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
	if (!strcmp(name, "partition.assignment.strategy"))
		return strstr(value, "RangeAssignor") ||
		       err_set(err, "%s=%s: this version knows RangeAssignor "
			       "only", name, value);
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
	c->generation = -1;
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

		if (p->offset >= 0 || p->asked || p->seek_to == 0 ||
		    client_leader(&c->client, p->partition) != node)
			continue;
		m->parts[m->count++] = (struct offsets_part){
			.partition = p->partition, .timestamp = p->seek_to,
		};
		p->asked = true;
	}
	m->req.head.bytes = 60 + 20 * m->count;
	if (!m->count)
		message_free(w, &m->req.head);
	else if (!client_send(w, &c->client, node, &m->req,
			      CONSUMER_TAG_OFFSETS, 0, NULL))
		consumer_try_later(w, c);
}

static void take_offsets(struct world *w, struct consumer *c,
			 const struct offsets_message *m)
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct consumer_position *p =
			consumer_position_of(c, m->parts[i].partition);

		if (!p)
			continue;
		p->asked = false;
		if (m->parts[i].error != KAFKA_NONE) {
			client_refresh(w, &c->client);
			consumer_try_later(w, c);
			continue;
		}
		p->offset = m->parts[i].offset;
		p->fresh = true;
	}
}

/* -- fetching ------------------------------------------------------------------------ */

/* AbstractFetch.fetchablePartitions: what was fetched of it is used up. */
static bool fetchable(const struct consumer *c,
		      const struct consumer_position *p, int32_t node)
{
	return p->offset >= 0 && !p->buffered &&
	       client_leader(&c->client, p->partition) == node;
}

/* From here on the partition is in this broker's session.  Simplified: real
 * clients tell the old session what to forget; here its list is sent anew. */
static void enter_session(struct consumer *c, struct consumer_position *p,
			  int32_t node)
{
	if (p->session_node >= 0 && p->session_node != node)
		c->sessions[p->session_node].full = true;
	p->session_node = node;
	p->asked_at = p->offset;
	p->fresh = false;
}

/* An incremental fetch names what the session does not have yet, or has from
 * elsewhere, a seek, a partition that came from another leader; and what it
 * shall forget until it is named again (KIP-227, FetchSessionHandler). */
static void name_parts(struct consumer *c, int32_t node, bool full,
		       struct fetch_request *r)
{
	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];
		bool wanted = fetchable(c, p, node);
		bool had = !full && p->session_node == node;

		if (wanted ? had && !p->fresh : !had) {
			if (!wanted && p->session_node == node)
				p->session_node = -1;
			continue;
		}
		r->parts[r->count++] = (struct fetch_part){
			.partition = p->partition,
			.offset = wanted ? p->offset : -1,
			.leader_epoch = c->client.partitions.at[p->partition]
					.leader_epoch,
			.last_epoch = -1,
		};
		if (wanted)
			enter_session(c, p, node);
		else
			p->session_node = -1;
	}
}

static bool any_fetchable(const struct consumer *c, int32_t node)
{
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (fetchable(c, &c->positions.at[i], node))
			return true;
	return false;
}

/* One fetch at a time of each broker (nodesWithPendingFetchRequests). */
static void fetch(struct world *w, struct consumer *c, int32_t node)
{
	struct consumer_session *s = &c->sessions[node];
	bool full = s->full || !s->number;
	struct fetch_request *r;

	if (s->in_flight || !any_fetchable(c, node))
		return;
	r = message_new(w, sizeof(*r) + c->positions.count * sizeof(*r->parts),
			MESSAGE_FETCH);
	r->replica = -1;
	r->session = full ? 0 : s->number;
	r->full = full;
	r->max_wait = SIM_MS(c->config.fetch_max_wait_ms);
	r->min_bytes = (int32_t)c->config.fetch_min_bytes;
	r->max_bytes = (int32_t)c->config.fetch_max_bytes;
	r->partition_max_bytes = (int32_t)c->config.max_partition_fetch_bytes;
	name_parts(c, node, full, r);
	r->req.head.bytes = 80 + 32 * r->count;
	s->full = false;
	if (client_send(w, &c->client, node, &r->req, CONSUMER_TAG_FETCH,
			(uint32_t)node, NULL)) {
		s->in_flight = true;
	} else {
		s->full = true;
		consumer_try_later(w, c);
	}
}

/* Room of what was handed out is used again once it is half of the row. */
static void tidy_buffer(struct consumer *c)
{
	uint32_t left = c->buffer.count - c->buffer_at;

	if (c->buffer_at < left || !c->buffer_at)
		return;
	memmove(c->buffer.at, c->buffer.at + c->buffer_at,
		left * sizeof(*c->buffer.at));
	c->buffer.count = left;
	c->buffer_at = 0;
}

static void buffer(struct world *w, struct consumer *c,
		   struct consumer_position *mine, const struct fetched_part *p,
		   const struct batch *batches)
{
	int64_t at = mine->offset;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct batch *b = &batches[p->first + i];
		struct fetched_batch *f;

		if (b->base_offset + b->count <= at)
			continue;
		/* Simplified: unpacked when it comes, not when it is polled;
		 * nobody waits for that. */
		if (b->codec != CODEC_NONE)
			cpu_spend(w, c->client.host->process,
				  codec_unpack_time(b->codec, codec_unpack(
					b->codec, b->bytes)));
		f = vec_add(&w->arena, &c->buffer);
		*f = (struct fetched_batch){
			.partition = p->partition, .batch = *b,
			.next = (uint32_t)(at > b->base_offset ?
					   at - b->base_offset : 0),
		};
		at = b->base_offset + b->count;
		mine->buffered++;
	}
}

static void out_of_range(struct world *w, struct consumer *c,
			 struct consumer_position *p)
{
	const struct partition *part =
		c->client.cluster->partitions.at[p->partition];

	client_log(w, &c->client, LOG_INFO, "Fetch position FetchPosition"
		   "{offset=%lld} is out of range for partition %s-%u, "
		   "resetting offset (org.apache.kafka.clients.consumer."
		   "internals.AbstractFetch)", (long long)p->offset,
		   world_text(w, part->topic->name), part->index);
	p->offset = -1;
	p->seek_to = c->config.reset == RESET_EARLIEST ? OFFSET_EARLIEST :
		     OFFSET_LATEST;
	consumer_try_later(w, c);
}

/* CompletedFetch.maybeEnsureValid.  Simplified: the real client throws this at
 * its application from poll(); here it tries again. */
static void log_corrupt(struct world *w, struct consumer *c,
			const struct consumer_position *p)
{
	const struct partition *part =
		c->client.cluster->partitions.at[p->partition];

	client_log(w, &c->client, LOG_ERROR, "Record batch for partition %s-%u "
		   "at offset %lld is invalid, cause: Record is corrupt "
		   "(org.apache.kafka.common.errors.CorruptRecordException)",
		   world_text(w, part->topic->name), part->index,
		   (long long)p->offset);
}

static void take_part(struct world *w, struct consumer *c,
		      const struct fetched_part *p, const struct batch *batches,
		      bool *again)
{
	struct consumer_position *mine = consumer_position_of(c, p->partition);

	/* FetchCollector: of another position than the one it has now. */
	if (!mine || mine->offset != mine->asked_at || mine->buffered)
		return;
	if (p->error == KAFKA_OFFSET_OUT_OF_RANGE) {
		out_of_range(w, c, mine);
	} else if (p->error != KAFKA_NONE) {
		*again = true;
		if (p->error == KAFKA_CORRUPT_MESSAGE)
			log_corrupt(w, c, mine);
	} else {
		mine->high_watermark = p->high_watermark;
		buffer(w, c, mine, p, batches);
	}
}

static void hand_over(struct world *w, struct consumer *c)
{
	if (!c->waiting || c->buffer_at == c->buffer.count)
		return;
	c->waiting = false;
	world_call(w, c->ready, c->owner, 0);
}

static void take_fetched(struct world *w, struct consumer *c, int32_t node,
			 const struct fetch_reply *m)
{
	struct consumer_session *s = &c->sessions[node];
	bool again = m->error != KAFKA_NONE;

	s->in_flight = false;
	s->number = m->session;
	for (uint32_t i = 0; i < m->part_count; i++)
		take_part(w, c, &m->parts[i], m->batches, &again);
	if (again) {
		s->full = true;
		client_refresh(w, &c->client);
		consumer_try_later(w, c);
	} else if (c->waiting && c->buffer_at == c->buffer.count) {
		fetch(w, c, node);
	}
	hand_over(w, c);
}

/* All that can be asked now is asked.  Fetches go from within poll only: before
 * it waits, and before it hands out what came (ClassicKafkaConsumer.poll). */
void consumer_pump(struct world *w, struct consumer *c)
{
	if (!process_runs(c->client.host->process) || c->closing)
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
			fetch(w, c, (int32_t)i);
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
		take_fetched(w, c, (int32_t)f->about, (struct fetch_reply *)m);
		break;
	case CONSUMER_TAG_OFFSETS:
		take_offsets(w, c, (struct offsets_message *)m);
		consumer_pump(w, c);
		break;
	case CONSUMER_TAG_GROUP:
		consumer_group_answered(w, c, (struct group_answer *)m);
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
		break;
	case CONSUMER_TAG_OFFSETS:
		for (uint32_t i = 0; i < c->positions.count; i++)
			if (c->positions.at[i].seek_to)
				c->positions.at[i].asked = false;
		break;
	case CONSUMER_TAG_GROUP:
		consumer_group_failed(c, (enum group_api)f->about);
		break;
	}
	consumer_try_later(w, c);
}

void consumer_timer(struct world *w, void *who, uint16_t arg)
{
	struct consumer *c = who;

	(void)arg;
	if (c->client.host->process->state == PROCESS_HUNG) {
		wake_at(w, c, world_now(w) + SIM_MS(100));
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
	consumer_pump(w, c);
}

/* -- the owner's side ------------------------------------------------------------------------------ */

void consumer_subscribe(struct world *w, struct consumer *c, name_id topic)
{
	c->rejoin = true;
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
			};
	consumer_pump(w, c);
}

static uint32_t take_pieces(struct consumer *c, struct polled *out, uint32_t cap)
{
	int64_t left = c->config.max_poll_records;
	uint32_t n = 0;

	while (n < cap && left > 0 && c->buffer_at < c->buffer.count) {
		struct fetched_batch *f = &c->buffer.at[c->buffer_at];
		struct consumer_position *p = consumer_position_of(c, f->partition);
		uint32_t count = f->batch.count - f->next;

		if (count > left)
			count = (uint32_t)left;
		out[n++] = (struct polled){
			f->partition, f->batch, f->next, count,
		};
		f->next += count;
		left -= count;
		p->offset = f->batch.base_offset + f->next;
		p->fresh = true;
		p->consumed += count;
		c->consumed += count;
		metric_add(c->consumed_metric, count);
		if (f->next < f->batch.count)
			break;
		c->buffer_at++;
		p->buffered--;
	}
	tidy_buffer(c);
	return n;
}

uint32_t consumer_poll(struct world *w, struct consumer *c,
		       struct polled *out, uint32_t cap)
{
	uint32_t n;

	c->polled_at = world_now(w);
	c->waiting = true;
	consumer_group_poll(w, c);
	n = take_pieces(c, out, cap);
	consumer_pump(w, c);
	c->waiting = n == 0;
	return n;
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
