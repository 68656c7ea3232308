/* consumer_group.c - a consumer as a member of its group
 *
 * After ConsumerCoordinator and AbstractCoordinator, 3.9.
 */
#include "sim/broker/consumer_group.h"

#include <string.h>

#define CLASS	"ConsumerCoordinator"

struct group_request *consumer_group_request(struct world *w,
					     struct consumer *c,
					     enum group_api api,
					     uint32_t items)
{
	struct group_request *m = message_new(w, sizeof(*m) +
					      items * sizeof(*m->items),
					      MESSAGE_GROUP);

	m->api = api;
	m->group = c->group;
	m->member = c->member;
	m->instance = c->instance;
	m->client_id = c->client.id;
	m->host = c->client.host->process->machine->name;
	m->generation = c->generation;
	m->require_stable = c->config.read_committed;	/* KIP-447 */
	m->session_timeout = SIM_MS(c->config.session_timeout_ms);
	m->rebalance_timeout = SIM_MS(c->config.max_poll_interval_ms);
	m->req.head.bytes = 100 + 40 * items;
	return m;
}

void consumer_coordinator_lost(struct world *w, struct consumer *c)
{
	c->coordinator = NO_BROKER;
	consumer_try_later(w, c);
}

bool consumer_ask_group(struct world *w, struct consumer *c,
			struct group_request *m, void *context)
{
	enum group_api api = m->api;

	if (client_send(w, &c->client, c->coordinator, &m->req,
			CONSUMER_TAG_GROUP, api, context))
		return true;
	consumer_coordinator_lost(w, c);
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

bool consumer_group_in_flight(const struct consumer *c, enum group_api api)
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

	if (consumer_group_in_flight(c, GROUP_FIND_COORDINATOR))
		return;
	if (c->state == CONSUMER_NONE)
		c->state = CONSUMER_FINDING;
	if (node == NO_BROKER ||
	    !client_send(w, &c->client, node,
			 &consumer_group_request(w, c, GROUP_FIND_COORDINATOR,
						 0)->req,
			 CONSUMER_TAG_GROUP, GROUP_FIND_COORDINATOR, NULL)) {
		client_refresh(w, &c->client);
		consumer_try_later(w, c);
	}
}

void consumer_rejoin(struct world *w, struct consumer *c, const char *reason)
{
	if (!c->rejoin)
		consumer_log(w, c, LOG_INFO, CLASS, "Request joining group due "
			     "to: %s", reason);
	c->rejoin = true;
	c->reason = reason;
}

/* -- joining ------------------------------------------------------------------ */

/* onJoinPrepare, once a rebalance: commit, and give up what must be. */
static void prepare(struct world *w, struct consumer *c)
{
	bool lost = c->generation < 0;

	if (c->prepared)
		return;
	c->prepared = true;
	if (c->config.auto_commit)
		consumer_auto_commit(w, c);
	consumer_give_up(w, c, lost);
}

static bool has_strategy(const struct consumer *c, enum assignor a)
{
	for (uint32_t i = 0; i < c->config.strategy_count; i++)
		if (c->config.strategies[i] == a)
			return true;
	return false;
}

/* What it has (a cooperative member), or had last: what StickyAssignor keeps as
 * user data.  An eager member has nothing when it joins. */
static void say_owned(struct consumer *c, struct group_request *m)
{
	m->owned_generation = c->cooperative ? c->generation :
			      c->previous_generation;
	if (c->cooperative)
		for (uint32_t i = 0; i < c->positions.count; i++)
			m->items[m->count++].partition =
				c->positions.at[i].partition;
	else if (has_strategy(c, ASSIGNOR_STICKY))
		for (uint32_t i = 0; i < c->previous.count; i++)
			m->items[m->count++].partition = c->previous.at[i];
}

static struct group_request *join_request(struct world *w, struct consumer *c)
{
	uint32_t most = c->positions.count + c->previous.count;
	struct group_request *m = consumer_group_request(w, c, GROUP_JOIN,
							 most);

	memcpy(m->protocols, c->config.strategies, sizeof(m->protocols));
	m->protocol_count = c->config.strategy_count;
	m->cooperative = c->cooperative;
	m->reason = c->reason;
	say_owned(c, m);
	m->topic_count = c->subscribed.count < GROUP_TOPICS_MAX ?
			 c->subscribed.count : GROUP_TOPICS_MAX;
	memcpy(m->topics, c->subscribed.at,
	       m->topic_count * sizeof(*m->topics));
	return m;
}

static void join(struct world *w, struct consumer *c)
{
	if (consumer_group_in_flight(c, GROUP_JOIN) ||
	    consumer_group_in_flight(c, GROUP_SYNC) ||
	    c->coordinator == NO_BROKER)
		return;
	prepare(w, c);
	c->rejoin = false;
	c->left = false;
	c->state = CONSUMER_JOINING;
	consumer_log(w, c, LOG_INFO, CLASS, "(Re-)joining group");
	/* A join may take as long as the rebalance: no request timeout. */
	if (consumer_ask_group(w, c, join_request(w, c), NULL))
		c->client.in_flight.at[c->client.in_flight.count - 1].deadline =
			world_now(w) + SIM_MS(c->config.max_poll_interval_ms) +
			SIM_S(5);
	else
		c->rejoin = true;
}

/* A rebalance is joined from within poll: now, if the owner waits there. */
static void maybe_join(struct world *w, struct consumer *c)
{
	if (!c->rejoin || c->closing || c->failure)
		return;
	if (c->coordinator == NO_BROKER)
		find_coordinator(w, c);
	else if (c->config.remote)
		consumer_epoch_heartbeat(w, c);
	else if (c->waiting || c->state != CONSUMER_STABLE)
		join(w, c);
}

static void joined(struct world *w, struct consumer *c,
		   const struct group_answer *a)
{
	struct group_request *m;

	c->member = a->member;
	c->generation = a->generation;
	c->protocol = a->protocol;
	c->leads = a->leader == a->member;
	consumer_log(w, c, LOG_INFO, CLASS, "Successfully joined group with "
		     "generation Generation{generationId=%d, memberId='%s', "
		     "protocol='%s'}", c->generation, world_text(w, c->member),
		     assignor_name(c->protocol));
	c->state = CONSUMER_SYNCING;
	c->partitions_seen = consumer_partitions_of_topics(c);
	m = c->leads && !a->skip_assignment ? consumer_divide(w, c, a) :
	    consumer_group_request(w, c, GROUP_SYNC, 0);
	if (!consumer_ask_group(w, c, m, NULL))
		c->rejoin = true;
}

void consumer_heartbeat_in(struct world *w, struct consumer *c, sim_time wait)
{
	world_cancel(w, &c->heartbeat);
	c->heartbeat = world_timer(w, world_now(w) + wait, CONSUMER_HEARTBEAT,
				   c, 0);
}

static void begin_heartbeats(struct world *w, struct consumer *c)
{
	consumer_heartbeat_in(w, c, c->config.remote ? c->heartbeat_every :
			      SIM_MS(c->config.heartbeat_interval_ms));
}

void consumer_group_metadata(struct world *w, struct consumer *c)
{
	uint32_t now = consumer_partitions_of_topics(c);

	if (!c->leads || c->config.remote || c->state != CONSUMER_STABLE ||
	    now == c->partitions_seen)
		return;
	c->partitions_seen = now;
	consumer_rejoin(w, c, "cached metadata has changed from the one at the "
			"beginning of the rebalance");
	maybe_join(w, c);
}

static void synced(struct world *w, struct consumer *c,
		   const struct group_answer *a)
{
	c->state = CONSUMER_STABLE;
	c->prepared = false;
	c->rebalances++;
	metric_add(c->rebalance_metric, 1);
	c->commit_at = world_now(w) + SIM_MS(c->config.auto_commit_interval_ms);
	begin_heartbeats(w, c);
	consumer_log(w, c, LOG_INFO, CLASS, "Successfully synced group in "
		     "generation Generation{generationId=%d, memberId='%s', "
		     "protocol='%s'}", c->generation, world_text(w, c->member),
		     assignor_name(c->protocol));
	consumer_hear_assignment(w, c, a);
	if (consumer_take_assignment(w, c))
		consumer_rejoin(w, c, "need to revoke partitions as indicated "
				"by the current assignment and re-join");
	consumer_pump(w, c);
	consumer_group_metadata(w, c);	/* some may have come meanwhile */
	maybe_join(w, c);
}

/* -- what goes wrong ------------------------------------------------------------ */

/* resetStateOnResponseError: the generation is not its own any more; unless it
 * is only old, neither is the name. */
static void reset_member(struct world *w, struct consumer *c,
			 enum kafka_error error)
{
	consumer_log(w, c, LOG_INFO, CLASS, "Resetting generation %sdue to "
		     "encountering %s", error == KAFKA_ILLEGAL_GENERATION ?
		     "" : "and member id ", kafka_error_name(error));
	if (error != KAFKA_ILLEGAL_GENERATION)
		c->member = 0;
	c->generation = -1;
	consumer_rejoin(w, c, error == KAFKA_ILLEGAL_GENERATION ?
			"encountered ILLEGAL_GENERATION" :
			"encountered UNKNOWN_MEMBER_ID");
	maybe_join(w, c);
}

/* Nothing that trying again would mend. */
static bool is_fatal(enum kafka_error error)
{
	return error == KAFKA_FENCED_INSTANCE_ID ||
	       error == KAFKA_GROUP_MAX_SIZE_REACHED ||
	       error == KAFKA_INCONSISTENT_GROUP_PROTOCOL ||
	       error == KAFKA_INVALID_SESSION_TIMEOUT;
}

void consumer_fatal(struct world *w, struct consumer *c,
		    enum kafka_error error)
{
	struct text class = {0};

	text_addf(&class, "org.apache.kafka.common.errors.%s",
		  kafka_error_class(error));
	consumer_fail(w, c, class.at, "%s", kafka_error_text(error));
	text_free(&class);
}

static void group_error(struct world *w, struct consumer *c,
			const struct group_answer *a)
{
	bool of_join = a->api == GROUP_JOIN || a->api == GROUP_SYNC;

	if (is_fatal(a->error)) {
		consumer_fatal(w, c, a->error);
		return;
	}
	c->rejoin |= of_join;
	switch (a->error) {
	case KAFKA_MEMBER_ID_REQUIRED:
		c->member = a->member;
		c->rejoin = false;
		consumer_rejoin(w, c, "need to re-join with the given "
				"member-id");
		maybe_join(w, c);
		break;
	case KAFKA_REBALANCE_IN_PROGRESS:
		consumer_rejoin(w, c, "group is already rebalancing");
		maybe_join(w, c);
		break;
	case KAFKA_UNKNOWN_MEMBER_ID:
	case KAFKA_ILLEGAL_GENERATION:
		if (!c->config.remote)	/* there its heartbeat tells */
			reset_member(w, c, a->error);
		break;
	case KAFKA_NOT_COORDINATOR:
	case KAFKA_COORDINATOR_NOT_AVAILABLE:
		/* AbstractCoordinator.markCoordinatorUnknown disconnects. */
		client_hang_up(w, &c->client, c->coordinator);
		consumer_coordinator_lost(w, c);
		break;
	default:
		consumer_try_later(w, c);
		break;
	}
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
	consumer_log(w, c, LOG_INFO, CLASS, "Discovered group coordinator "
		     "%s:%u (id: %d rack: null)",
		     world_text(w, a->coordinator_host), a->coordinator_port,
		     INT32_MAX - c->client.cluster->brokers.at[a->coordinator]
				 ->node_id);
	if (c->state != CONSUMER_STABLE)
		c->rejoin = true;
	maybe_join(w, c);
	consumer_ask_committed(w, c);
	consumer_commit_again(w, c);
}

/* -- what happens to a member ---------------------------------------------- */

void consumer_group_begin(struct world *w, struct consumer *c)
{
	if (c->group && c->state == CONSUMER_NONE && !c->closing)
		find_coordinator(w, c);
}

/* ConsumerCoordinator.maybeAutoCommitOffsetsAsync. */
static void auto_commit_if_due(struct world *w, struct consumer *c)
{
	if (!c->group || !c->config.auto_commit ||
	    c->state != CONSUMER_STABLE || world_now(w) < c->commit_at)
		return;
	c->commit_at = world_now(w) +
		       SIM_MS(c->config.auto_commit_interval_ms);
	consumer_auto_commit(w, c);
}

void consumer_group_poll(struct world *w, struct consumer *c)
{
	auto_commit_if_due(w, c);
	if (c->config.remote)
		consumer_epoch_poll(w, c);
	maybe_join(w, c);
}

void consumer_group_retry(struct world *w, struct consumer *c)
{
	if (!c->group || c->closing || c->failure)
		return;
	if (c->coordinator == NO_BROKER)
		find_coordinator(w, c);
	else
		maybe_join(w, c);
	consumer_ask_committed(w, c);
	consumer_commit_again(w, c);
}

/* Static members do not say good-bye (maybeLeaveGroup): who comes back under
 * the same name within the session timeout was never away. */
static void leave(struct world *w, struct consumer *c, const char *reason)
{
	struct group_request *m;

	if (!c->member || c->coordinator == NO_BROKER || c->instance)
		return;
	consumer_log(w, c, LOG_INFO, CLASS, "Member %s sending LeaveGroup "
		     "request to coordinator %s:%u (id: %d rack: null) due to "
		     "%s", world_text(w, c->member),
		     world_text(w, c->client.nodes[c->coordinator].host),
		     c->client.nodes[c->coordinator].port,
		     INT32_MAX - c->client.cluster->brokers.at[c->coordinator]
				 ->node_id, reason);
	m = consumer_group_request(w, c, GROUP_LEAVE, 0);
	m->reason = reason;
	consumer_ask_group(w, c, m, NULL);
}

void consumer_group_leave(struct world *w, struct consumer *c)
{
	if (c->config.auto_commit && c->state == CONSUMER_STABLE)
		consumer_auto_commit(w, c);
	if (c->config.remote)
		consumer_epoch_leave(w, c);
	else
		leave(w, c, "the consumer is being closed");
}

void consumer_group_answered(struct world *w, struct consumer *c,
			     const struct in_flight *f,
			     const struct group_answer *a)
{
	if (a->api == GROUP_COMMIT)
		consumer_commit_answered(w, c, a->error, f->context != NULL);
	if (c->closing || c->failure || a->api == GROUP_LEAVE)
		return;
	if (a->api == GROUP_FIND_COORDINATOR)
		take_coordinator(w, c, a);
	else if (a->api == GROUP_CONSUMER_HEARTBEAT)
		consumer_epoch_answered(w, c, a);
	else if (a->error != KAFKA_NONE)
		group_error(w, c, a);
	else if (a->api == GROUP_JOIN)
		joined(w, c, a);
	else if (a->api == GROUP_SYNC)
		synced(w, c, a);
	else if (a->api == GROUP_FETCH_OFFSETS)
		consumer_take_committed(w, c, a);
}

void consumer_group_failed(struct world *w, struct consumer *c,
			   const struct in_flight *f)
{
	(void)w;
	c->coordinator = NO_BROKER;
	if (f->about == GROUP_JOIN || f->about == GROUP_SYNC)
		c->rejoin = true;
}

/* handlePollTimeoutExpiry, by the thread that sends heartbeats. */
static void poll_expired(struct world *w, struct consumer *c)
{
	consumer_log(w, c, LOG_WARN, CLASS, "consumer poll timeout has "
		     "expired. This means the time between subsequent calls to "
		     "poll() was longer than the configured "
		     "max.poll.interval.ms, which typically implies that the "
		     "poll loop is spending too much time processing messages. "
		     "You can address this either by increasing "
		     "max.poll.interval.ms or by reducing the maximum size of "
		     "batches returned in poll() with max.poll.records.");
	c->left = true;
	if (c->instance)
		return;			/* the session timeout does it */
	if (c->config.remote) {
		consumer_epoch_leave(w, c);
		c->generation = -1;
		c->rejoin = true;
		return;
	}
	leave(w, c, "consumer poll timeout has expired.");
	c->member = 0;
	c->generation = -1;
	consumer_rejoin(w, c, "consumer pro-actively leaving the group");
}

void consumer_heartbeat(struct world *w, void *who, uint16_t arg)
{
	struct consumer *c = who;
	sim_time limit = SIM_MS(c->config.max_poll_interval_ms);

	(void)arg;
	begin_heartbeats(w, c);
	if (!process_runs(c->client.host->process) || c->failure)
		return;
	if (!c->waiting && world_now(w) - c->polled_at > limit) {
		if (!c->left)
			poll_expired(w, c);
		return;
	}
	c->left = false;
	/* While nothing comes poll() is called again and again.  Simplified:
	 * a commit that is due then goes with the next heartbeat. */
	if (c->waiting)
		auto_commit_if_due(w, c);
	if (c->coordinator == NO_BROKER)
		find_coordinator(w, c);
	else if (c->config.remote)
		consumer_epoch_heartbeat(w, c);
	else if (c->state == CONSUMER_STABLE && c->generation >= 0)
		consumer_ask_group(w, c, consumer_group_request(w, c,
						GROUP_HEARTBEAT, 0), NULL);
}
