/* consumer_group.c - a consumer as a member of its group */
#include "sim/broker/consumer_group.h"

#include <string.h>

#include "sim/broker/assignor.h"

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
	consumer_try_later(w, c);
}

static bool ask_group(struct world *w, struct consumer *c,
		      struct group_request *m)
{
	enum group_api api = m->api;

	if (client_send(w, &c->client, c->coordinator, &m->req,
			CONSUMER_TAG_GROUP, api, NULL))
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
		if (c->client.in_flight.at[i].tag == CONSUMER_TAG_GROUP &&
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
			 CONSUMER_TAG_GROUP, GROUP_FIND_COORDINATOR, NULL)) {
		client_refresh(w, &c->client);
		consumer_try_later(w, c);
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

/* Eager: commit, give everything up, join. */
static void join(struct world *w, struct consumer *c)
{
	struct group_request *m;

	if (group_in_flight(c, GROUP_JOIN) || c->coordinator == NO_BROKER)
		return;
	if (c->state == CONSUMER_STABLE && c->config.auto_commit)
		commit(w, c);
	consumer_revoke(w, c);
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

/* -- assignment, by the member that leads ---------------------------------- */

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

/* -- what the coordinator says --------------------------------------------- */

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
			.asked = true, .session_node = -1,
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
		struct consumer_position *p =
			consumer_position_of(c, a->items[i].partition);

		if (!p)
			continue;
		p->asked = false;
		p->offset = a->items[i].offset;
		p->fresh = true;
		if (p->offset < 0)
			p->seek_to = c->config.reset == RESET_EARLIEST ?
				     OFFSET_EARLIEST : OFFSET_LATEST;
	}
	consumer_pump(w, c);
}

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
		/* AbstractCoordinator.markCoordinatorUnknown disconnects. */
		client_hang_up(w, &c->client, c->coordinator);
		coordinator_lost(w, c);
		break;
	default:
		consumer_try_later(w, c);
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
		consumer_try_later(w, c);
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

/* -- what happens to a member ---------------------------------------------- */

void consumer_group_begin(struct world *w, struct consumer *c)
{
	if (c->group && c->state == CONSUMER_NONE && !c->closing)
		find_coordinator(w, c);
}

void consumer_group_poll(struct world *w, struct consumer *c)
{
	if (c->group && c->config.auto_commit && c->state == CONSUMER_STABLE &&
	    world_now(w) >= c->commit_at) {
		c->commit_at = world_now(w) +
			       SIM_MS(c->config.auto_commit_interval_ms);
		commit(w, c);
	}
	maybe_join(w, c);
}

void consumer_group_retry(struct world *w, struct consumer *c)
{
	if (c->group && c->coordinator == NO_BROKER && !c->closing)
		find_coordinator(w, c);
	else
		maybe_join(w, c);
}

void consumer_group_leave(struct world *w, struct consumer *c)
{
	if (c->group && c->config.auto_commit)
		commit(w, c);
	if (c->member && c->coordinator != NO_BROKER)
		ask_group(w, c, group_request(w, c, GROUP_LEAVE, 0));
}

void consumer_group_answered(struct world *w, struct consumer *c,
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

void consumer_group_failed(struct consumer *c, enum group_api api)
{
	c->coordinator = NO_BROKER;
	if (api != GROUP_HEARTBEAT && api != GROUP_COMMIT)
		c->rejoin = true;
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
