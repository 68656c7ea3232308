/* consumer.c - a Kafka consumer: positions, fetching, its group */
#include "sim/broker/consumer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/broker/assignor.h"

enum { TAG_FETCH, TAG_OFFSETS, TAG_GROUP };


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

static bool set_reset(struct consumer_config *c, const char *value,
		      struct err *err)
{
	static const char *const words[] = {
		[RESET_LATEST] = "latest", [RESET_EARLIEST] = "earliest",
		[RESET_NONE] = "none",
	};

	for (int i = 0; i < 3; i++)
		if (!strcmp(value, words[i])) {
			c->reset = (enum offset_reset)i;
			return true;
		}
	return err_set(err, "Invalid value %s for configuration "
		       "auto.offset.reset: String must be one of: latest, "
		       "earliest, none", value);
}

static bool set_bool(bool *field, const char *name, const char *value,
		     struct err *err)
{
	if (strcmp(value, "true") && strcmp(value, "false"))
		return err_set(err, "Invalid value %s for configuration %s: "
			       "Expected value to be either true or false",
			       value, name);
	*field = value[0] == 't';
	return true;
}

bool consumer_config_set(struct consumer_config *c, const char *name,
			 const char *value, struct err *err)
{
	const struct {
		const char *name;
		int64_t *field, min;
	} numbers[] = {
		{ "session.timeout.ms", &c->session_timeout_ms, 1 },
		{ "heartbeat.interval.ms", &c->heartbeat_interval_ms, 1 },
		{ "max.poll.interval.ms", &c->max_poll_interval_ms, 1 },
		{ "max.poll.records", &c->max_poll_records, 1 },
		{ "fetch.min.bytes", &c->fetch_min_bytes, 0 },
		{ "fetch.max.wait.ms", &c->fetch_max_wait_ms, 0 },
		{ "fetch.max.bytes", &c->fetch_max_bytes, 0 },
		{ "max.partition.fetch.bytes", &c->max_partition_fetch_bytes, 0 },
		{ "auto.commit.interval.ms", &c->auto_commit_interval_ms, 0 },
	};
	char *end;
	int64_t v;

	if (!strcmp(name, "auto.offset.reset"))
		return set_reset(c, value, err);
	if (!strcmp(name, "enable.auto.commit"))
		return set_bool(&c->auto_commit, name, value, err);
	if (!strcmp(name, "partition.assignment.strategy"))
		return strstr(value, "RangeAssignor") ||
		       err_set(err, "%s=%s: this version knows RangeAssignor "
			       "only", name, value);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i].name, name))
			continue;
		errno = 0;
		v = strtoll(value, &end, 10);
		if (end == value || *end || errno || v > INT32_MAX)
			return err_set(err, "Invalid value %s for configuration "
				       "%s: Not a number of type INT", value,
				       name);
		if (v < numbers[i].min)
			return err_set(err, "Invalid value %s for configuration "
				       "%s: Value must be at least %lld", value,
				       name, (long long)numbers[i].min);
		*numbers[i].field = v;
		return true;
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
	if (at < world_now(w))
		at = world_now(w);
	if (agenda_pending(w->state->agenda, &c->timer)) {
		if (c->retry_at <= at)
			return;
		world_cancel(w, &c->timer);
	}
	c->retry_at = at;
	c->timer = world_timer(w, at, CONSUMER_TIMER, c, 0);
}

static void try_later(struct world *w, struct consumer *c)
{
	wake_at(w, c, world_now(w) + client_backoff(&c->client, 0));
}

/* -- positions ------------------------------------------------------------------- */

static struct consumer_position *position(struct consumer *c, uint32_t partition)
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
	else if (!client_send(w, &c->client, node, &m->req, TAG_OFFSETS, 0, NULL))
		try_later(w, c);
}

static void take_offsets(struct world *w, struct consumer *c,
			 const struct offsets_message *m)
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct consumer_position *p = position(c, m->parts[i].partition);

		if (!p)
			continue;
		p->asked = false;
		if (m->parts[i].error != KAFKA_NONE) {
			client_refresh(w, &c->client);
			try_later(w, c);
			continue;
		}
		p->offset = m->parts[i].offset;
		p->fresh = true;
	}
}

/* -- fetching ------------------------------------------------------------------------ */

static bool has_buffered(const struct consumer *c, int32_t node)
{
	for (uint32_t i = c->buffer_at; i < c->buffer.count; i++)
		if (client_leader(&c->client, c->buffer.at[i].partition) == node)
			return true;
	return false;
}

static bool wants(const struct consumer *c, const struct consumer_position *p,
		  int32_t node, bool full)
{
	return p->offset >= 0 && (full || p->fresh) &&
	       client_leader(&c->client, p->partition) == node;
}

/* The next fetch goes when what came from this broker is used up. */
static void fetch(struct world *w, struct consumer *c, int32_t node)
{
	struct consumer_session *s = &c->sessions[node];
	bool full = s->full || !s->number;
	struct fetch_request *r;
	uint32_t any = 0;

	for (uint32_t i = 0; i < c->positions.count; i++)
		any += wants(c, &c->positions.at[i], node, true);
	if (!any || s->in_flight || has_buffered(c, node))
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
	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];

		if (!wants(c, p, node, full))
			continue;
		r->parts[r->count++] = (struct fetch_part){
			.partition = p->partition, .offset = p->offset,
			.leader_epoch = c->client.partitions.at[p->partition]
					.leader_epoch,
			.last_epoch = -1,
		};
		p->fresh = false;
	}
	r->req.head.bytes = 80 + 32 * r->count;
	s->full = false;
	if (client_send(w, &c->client, node, &r->req, TAG_FETCH,
			(uint32_t)node, NULL)) {
		s->in_flight = true;
	} else {
		s->full = true;
		try_later(w, c);
	}
}

static void buffer(struct world *w, struct consumer *c,
		   const struct fetched_part *p, const struct batch *batches)
{
	struct consumer_position *mine = position(c, p->partition);
	int64_t at = mine->offset;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct batch *b = &batches[p->first + i];
		struct fetched_batch *f;

		if (b->base_offset + b->count <= at)
			continue;
		f = vec_add(&w->arena, &c->buffer);
		*f = (struct fetched_batch){
			.partition = p->partition, .batch = *b,
			.next = (uint32_t)(at > b->base_offset ?
					   at - b->base_offset : 0),
		};
		at = b->base_offset + b->count;
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
	try_later(w, c);
}

static void take_part(struct world *w, struct consumer *c,
		      const struct fetched_part *p, const struct batch *batches,
		      bool *again)
{
	struct consumer_position *mine = position(c, p->partition);

	if (!mine || mine->offset < 0)
		return;
	if (p->error == KAFKA_OFFSET_OUT_OF_RANGE) {
		out_of_range(w, c, mine);
	} else if (p->error != KAFKA_NONE) {
		*again = true;
	} else {
		mine->high_watermark = p->high_watermark;
		buffer(w, c, p, batches);
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
		try_later(w, c);
	} else if (!has_buffered(c, node)) {
		fetch(w, c, node);
	}
	hand_over(w, c);
}

/* All that can be asked now is asked. */
static void pump(struct world *w, struct consumer *c)
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
		fetch(w, c, (int32_t)i);
	}
}

/* -- the group ---------------------------------------------------------------------------- */

static struct group_request *group_request(struct world *w, struct consumer *c,
					   enum group_api api, uint32_t items)
{
	struct group_request *m = message_new(w, sizeof(*m) +
					      items * sizeof(*m->items),
					      MESSAGE_GROUP);

	m->api = api;
	m->group = c->group;
	m->member = c->member;
	m->client_id = c->client.id;
	m->host = c->client.host->process->machine->name;
	m->generation = c->generation;
	m->session_timeout = SIM_MS(c->config.session_timeout_ms);
	m->rebalance_timeout = SIM_MS(c->config.max_poll_interval_ms);
	m->req.head.bytes = 100 + 40 * items;
	return m;
}

static void coordinator_lost(struct world *w, struct consumer *c)
{
	c->coordinator = NO_BROKER;
	try_later(w, c);
}

static bool ask_group(struct world *w, struct consumer *c,
		      struct group_request *m)
{
	enum group_api api = m->api;

	if (client_send(w, &c->client, c->coordinator, &m->req, TAG_GROUP, api,
			NULL))
		return true;
	coordinator_lost(w, c);
	return false;
}

static int32_t any_node(const struct consumer *c)
{
	for (uint32_t i = 0; i < c->client.node_count; i++)
		if (c->client.nodes[i].alive &&
		    c->client.nodes[i].attempts == 0)
			return (int32_t)i;
	for (uint32_t i = 0; i < c->client.node_count; i++)
		if (c->client.nodes[i].alive)
			return (int32_t)i;
	return NO_BROKER;
}

static bool group_in_flight(const struct consumer *c, enum group_api api)
{
	for (uint32_t i = 0; i < c->client.in_flight.count; i++)
		if (c->client.in_flight.at[i].tag == TAG_GROUP &&
		    c->client.in_flight.at[i].about == api)
			return true;
	return false;
}

static void find_coordinator(struct world *w, struct consumer *c)
{
	int32_t node = any_node(c);

	if (group_in_flight(c, GROUP_FIND_COORDINATOR))
		return;
	if (c->state == CONSUMER_NONE)
		c->state = CONSUMER_FINDING;
	if (node == NO_BROKER ||
	    !client_send(w, &c->client, node,
			 &group_request(w, c, GROUP_FIND_COORDINATOR, 0)->req,
			 TAG_GROUP, GROUP_FIND_COORDINATOR, NULL)) {
		client_refresh(w, &c->client);
		try_later(w, c);
	}
}

/* What was handed out so far: position of each partition. */
static void commit(struct world *w, struct consumer *c)
{
	struct group_request *m;

	if (!c->group || c->coordinator == NO_BROKER || !c->positions.count ||
	    c->state != CONSUMER_STABLE)
		return;
	m = group_request(w, c, GROUP_COMMIT, c->positions.count);
	for (uint32_t i = 0; i < c->positions.count; i++) {
		const struct consumer_position *p = &c->positions.at[i];

		if (p->offset >= 0)
			m->items[m->count++] = (struct group_item){
				.partition = p->partition, .offset = p->offset,
			};
	}
	ask_group(w, c, m);
}

static void revoke_all(struct world *w, struct consumer *c)
{
	drop_buffer(w, c);
	vec_free(&w->arena, &c->positions);
	sessions_anew(c);
}

/* Eager: commit, give everything up, join. */
static void join(struct world *w, struct consumer *c)
{
	struct group_request *m;

	if (group_in_flight(c, GROUP_JOIN) || c->coordinator == NO_BROKER)
		return;
	if (c->state == CONSUMER_STABLE && c->config.auto_commit)
		commit(w, c);
	revoke_all(w, c);
	c->rejoin = false;
	c->left = false;
	c->state = CONSUMER_JOINING;
	m = group_request(w, c, GROUP_JOIN, 0);
	m->topic_count = c->client.topics.count < GROUP_TOPICS_MAX ?
			 c->client.topics.count : GROUP_TOPICS_MAX;
	memcpy(m->topics, c->client.topics.at,
	       m->topic_count * sizeof(*m->topics));
	/* A join may take as long as the rebalance: no request timeout. */
	if (ask_group(w, c, m))
		c->client.in_flight.at[c->client.in_flight.count - 1].deadline =
			world_now(w) + SIM_MS(c->config.max_poll_interval_ms) +
			SIM_S(5);
}

/* -- assignment, by the member that leads --------------------------------------------------- */

static bool member_before(const struct world *w, name_id x, name_id y)
{
	return strcmp(world_text(w, x), world_text(w, y)) < 0;
}

/* Members subscribed to a topic, sorted by member id. */
static uint32_t subscribed(const struct world *w, const struct group_answer *a,
			   name_id topic, name_id *members, uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->count && n < max; i++) {
		uint32_t k = n;

		if (a->items[i].topic != topic)
			continue;
		for (; k && member_before(w, a->items[i].member, members[k - 1]);
		     k--)
			members[k] = members[k - 1];
		members[k] = a->items[i].member;
		n++;
	}
	return n;
}

#define MEMBERS_MAX	256

static void assign_topic(struct world *w, struct consumer *c,
			 const struct group_answer *a, name_id topic,
			 struct group_request *m)
{
	uint32_t partitions = client_partition_count(&c->client, topic);
	name_id members[MEMBERS_MAX];
	uint32_t n = subscribed(w, a, topic, members, MEMBERS_MAX);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t first, count;

		range_assign(partitions, n, i, &first, &count);
		for (uint32_t k = first; k < first + count; k++)
			m->items[m->count++] = (struct group_item){
				.member = members[i],
				.partition = client_partition_at(&c->client,
								 topic, k)->id,
			};
	}
}

static uint32_t topics_of(const struct group_answer *a, name_id *topics,
			  uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->count; i++) {
		uint32_t k = 0;

		while (k < n && topics[k] != a->items[i].topic)
			k++;
		if (k == n && n < max)
			topics[n++] = a->items[i].topic;
	}
	return n;
}

static void sync(struct world *w, struct consumer *c,
		 const struct group_answer *a)
{
	name_id topics[GROUP_TOPICS_MAX * 4];
	uint32_t n = topics_of(a, topics, GROUP_TOPICS_MAX * 4), items = 0;
	struct group_request *m;

	c->state = CONSUMER_SYNCING;
	for (uint32_t i = 0; i < n; i++)
		items += client_partition_count(&c->client, topics[i]);
	m = group_request(w, c, GROUP_SYNC, items);
	for (uint32_t i = 0; i < n; i++)
		assign_topic(w, c, a, topics[i], m);
	ask_group(w, c, m);
}

static void joined(struct world *w, struct consumer *c,
		   const struct group_answer *a)
{
	c->member = a->member;
	c->generation = a->generation;
	client_log(w, &c->client, LOG_INFO, "Successfully joined group with "
		   "generation Generation{generationId=%d, memberId='%s', "
		   "protocol='range'} (org.apache.kafka.clients.consumer."
		   "internals.ConsumerCoordinator)", c->generation,
		   world_text(w, c->member));
	sync(w, c, a);
}

static void take_assignment(struct world *w, struct consumer *c,
			    const struct group_answer *a)
{
	struct group_request *m = group_request(w, c, GROUP_FETCH_OFFSETS,
						a->count);

	c->state = CONSUMER_STABLE;
	c->rebalances++;
	metric_add(c->rebalance_metric, 1);
	for (uint32_t i = 0; i < a->count; i++) {
		*vec_add(&w->arena, &c->positions) = (struct consumer_position){
			.partition = a->items[i].partition, .offset = -1,
			.asked = true,
		};
		m->items[m->count++] = (struct group_item){
			.partition = a->items[i].partition,
		};
	}
	c->commit_at = world_now(w) + SIM_MS(c->config.auto_commit_interval_ms);
	world_cancel(w, &c->heartbeat);
	c->heartbeat = world_timer(w, world_now(w) +
				   SIM_MS(c->config.heartbeat_interval_ms),
				   CONSUMER_HEARTBEAT, c, 0);
	if (m->count)
		ask_group(w, c, m);
	else
		message_free(w, &m->req.head);
}

static void take_committed(struct world *w, struct consumer *c,
			   const struct group_answer *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		struct consumer_position *p = position(c, a->items[i].partition);

		if (!p)
			continue;
		p->asked = false;
		p->offset = a->items[i].offset;
		p->fresh = true;
		if (p->offset < 0)
			p->seek_to = c->config.reset == RESET_EARLIEST ?
				     OFFSET_EARLIEST : OFFSET_LATEST;
	}
	pump(w, c);
}

/* -- what the coordinator says ------------------------------------------------------------------ */

static void forget_member(struct consumer *c)
{
	c->member = 0;
	c->generation = -1;
	c->rejoin = true;
}

/* A rebalance is joined from within poll: now, if the owner waits there. */
static void maybe_join(struct world *w, struct consumer *c)
{
	if (!c->rejoin || c->closing)
		return;
	if (c->coordinator == NO_BROKER)
		find_coordinator(w, c);
	else if (c->waiting || c->state != CONSUMER_STABLE)
		join(w, c);
}

static void group_error(struct world *w, struct consumer *c,
			const struct group_answer *a)
{
	switch (a->error) {
	case KAFKA_REBALANCE_IN_PROGRESS:
		c->rejoin = true;
		maybe_join(w, c);
		break;
	case KAFKA_UNKNOWN_MEMBER_ID:
	case KAFKA_ILLEGAL_GENERATION:
		if (a->api == GROUP_COMMIT)
			client_log(w, &c->client, LOG_WARN, "Offset commit "
				   "failed: %s (org.apache.kafka.clients."
				   "consumer.internals.ConsumerCoordinator)",
				   kafka_error_text(a->error));
		forget_member(c);
		maybe_join(w, c);
		break;
	case KAFKA_NOT_COORDINATOR:
	case KAFKA_COORDINATOR_NOT_AVAILABLE:
		coordinator_lost(w, c);
		break;
	default:
		try_later(w, c);
		break;
	}
	if (a->error == KAFKA_NOT_COORDINATOR && c->state != CONSUMER_NONE)
		c->rejoin = c->rejoin || c->state != CONSUMER_STABLE;
}

static void take_coordinator(struct world *w, struct consumer *c,
			     const struct group_answer *a)
{
	if (a->error != KAFKA_NONE) {
		client_refresh(w, &c->client);
		try_later(w, c);
		return;
	}
	c->coordinator = a->coordinator;
	c->client.nodes[a->coordinator].host = a->coordinator_host;
	c->client.nodes[a->coordinator].port = a->coordinator_port;
	if (c->state != CONSUMER_STABLE)
		c->rejoin = true;
	maybe_join(w, c);
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (c->positions.at[i].asked && c->positions.at[i].seek_to == 0)
			c->rejoin = true;	/* committed offsets are owed */
}

static void take_group(struct world *w, struct consumer *c,
		       const struct group_answer *a)
{
	if (a->api == GROUP_FIND_COORDINATOR)
		take_coordinator(w, c, a);
	else if (a->api == GROUP_LEAVE)
		return;
	else if (a->error != KAFKA_NONE)
		group_error(w, c, a);
	else if (a->api == GROUP_JOIN)
		joined(w, c, a);
	else if (a->api == GROUP_SYNC)
		take_assignment(w, c, a);
	else if (a->api == GROUP_FETCH_OFFSETS)
		take_committed(w, c, a);
}

void consumer_replied(struct world *w, struct client *client,
		      const struct in_flight *f, struct message *m)
{
	struct consumer *c = (struct consumer *)client;

	switch (f->tag) {
	case TAG_FETCH:
		take_fetched(w, c, (int32_t)f->about, (struct fetch_reply *)m);
		break;
	case TAG_OFFSETS:
		take_offsets(w, c, (struct offsets_message *)m);
		pump(w, c);
		break;
	case TAG_GROUP:
		take_group(w, c, (struct group_answer *)m);
		break;
	}
}

void consumer_failed(struct world *w, struct client *client,
		     const struct in_flight *f)
{
	struct consumer *c = (struct consumer *)client;

	switch (f->tag) {
	case TAG_FETCH:
		c->sessions[f->about] = (struct consumer_session){ .full = true };
		break;
	case TAG_OFFSETS:
		for (uint32_t i = 0; i < c->positions.count; i++)
			if (c->positions.at[i].seek_to)
				c->positions.at[i].asked = false;
		break;
	case TAG_GROUP:
		c->coordinator = NO_BROKER;
		if (f->about != GROUP_HEARTBEAT && f->about != GROUP_COMMIT)
			c->rejoin = true;
		break;
	}
	try_later(w, c);
}

void consumer_timer(struct world *w, void *who, uint16_t arg)
{
	struct consumer *c = who;

	(void)arg;
	c->timer = (struct timer){0};
	if (c->client.host->process->state == PROCESS_HUNG) {
		wake_at(w, c, world_now(w) + SIM_MS(100));
		return;
	}
	if (c->group && c->coordinator == NO_BROKER && !c->closing)
		find_coordinator(w, c);
	else
		maybe_join(w, c);
	pump(w, c);
}

void consumer_heartbeat(struct world *w, void *who, uint16_t arg)
{
	struct consumer *c = who;
	sim_time limit = SIM_MS(c->config.max_poll_interval_ms);

	(void)arg;
	c->heartbeat = world_timer(w, world_now(w) +
				   SIM_MS(c->config.heartbeat_interval_ms),
				   CONSUMER_HEARTBEAT, c, 0);
	if (!process_runs(c->client.host->process) || c->left)
		return;
	if (!c->waiting && world_now(w) - c->polled_at > limit) {
		client_log(w, &c->client, LOG_WARN, "consumer poll timeout has "
			   "expired. This means the time between subsequent "
			   "calls to poll() was longer than the configured "
			   "max.poll.interval.ms (org.apache.kafka.clients."
			   "consumer.internals.ConsumerCoordinator)");
		if (c->coordinator != NO_BROKER)
			ask_group(w, c, group_request(w, c, GROUP_LEAVE, 0));
		forget_member(c);
		c->left = true;
		return;
	}
	if (c->coordinator == NO_BROKER)
		find_coordinator(w, c);
	else if (c->state == CONSUMER_STABLE)
		ask_group(w, c, group_request(w, c, GROUP_HEARTBEAT, 0));
}

void consumer_metadata(struct world *w, struct client *client)
{
	struct consumer *c = (struct consumer *)client;

	if (!c->group && !c->positions.count && c->ready)
		world_call(w, c->ready, c->owner, 1);
	if (c->group && c->state == CONSUMER_NONE && !c->closing)
		find_coordinator(w, c);
	pump(w, c);
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
				.fresh = true,
			};
	pump(w, c);
}

static uint32_t take_pieces(struct consumer *c, struct polled *out, uint32_t cap)
{
	int64_t left = c->config.max_poll_records;
	uint32_t n = 0;

	while (n < cap && left > 0 && c->buffer_at < c->buffer.count) {
		struct fetched_batch *f = &c->buffer.at[c->buffer_at];
		struct consumer_position *p = position(c, f->partition);
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
		if (f->next == f->batch.count)
			c->buffer_at++;
	}
	return n;
}

uint32_t consumer_poll(struct world *w, struct consumer *c,
		       struct polled *out, uint32_t cap)
{
	uint32_t n;

	c->polled_at = world_now(w);
	c->waiting = true;
	if (c->group && c->config.auto_commit && c->state == CONSUMER_STABLE &&
	    world_now(w) >= c->commit_at) {
		c->commit_at = world_now(w) +
			       SIM_MS(c->config.auto_commit_interval_ms);
		commit(w, c);
	}
	maybe_join(w, c);
	n = take_pieces(c, out, cap);
	if (c->buffer_at == c->buffer.count) {
		c->buffer.count = 0;
		c->buffer_at = 0;
	}
	pump(w, c);
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
	world_cancel(w, &c->timer);
	revoke_all(w, c);
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
	if (c->group && c->config.auto_commit)
		commit(w, c);
	if (c->member && c->coordinator != NO_BROKER)
		ask_group(w, c, group_request(w, c, GROUP_LEAVE, 0));
	drop_everything(w, c);
	client_close(w, &c->client);
}
