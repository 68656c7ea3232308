/* controller.c - who decides: fencing, elections, topics, in-sync sets */
#include "sim/broker/controller.h"

#include <assert.h>
#include <string.h>

#include "sim/broker/events.h"

/* CPU of one controller request: a metadata append and its answer [E]. */
#define CONTROLLER_CPU	SIM_US(100)

static struct controller *of_process(const struct process *p)
{
	return p->self;
}

struct process *controller_process(const struct cluster *c)
{
	return c->controller->process;
}

static void note_metrics(struct world *w, struct controller *c)
{
	const char *type = "kafka_controller_KafkaController_Value";

	c->active = metric_gauge(w, c->process, type, "name",
				 "ActiveControllerCount", NULL);
	c->fenced_brokers = metric_gauge(w, c->process, type, "name",
					 "FencedBrokerCount", NULL);
	c->offline_partitions = metric_gauge(w, c->process, type, "name",
					     "OfflinePartitionsCount", NULL);
	c->preferred_imbalance = metric_gauge(w, c->process, type, "name",
					      "PreferredReplicaImbalanceCount",
					      NULL);
	c->unclean_elections = metric_counter(w, c->process,
		"kafka_controller_ControllerStats_UncleanLeaderElections_total",
		NULL);
}

struct controller *controller_new(struct world *w, struct cluster *cluster,
				  struct machine *m)
{
	static const struct process_events on = {
		.start = CONTROLLER_START,
		.message = CONTROLLER_MESSAGE,
		.collect = CONTROLLER_COLLECT,
	};
	struct controller *c = world_take(w, struct controller);

	c->cluster = cluster;
	c->process = process_new(w, "controller-1", m,
				 "kafka.Kafka controller.properties", &on,
				 MODULE_BROKER, c);
	cluster->controller = c;
	net_listen(w, c->process, 9093);
	note_metrics(w, c);
	return c;
}

/* -- the metadata log ------------------------------------------------------ */

static void publish(struct world *w, struct controller *c, int32_t to)
{
	struct metadata_delta *m;

	if (!process_runs(c->process))
		return;
	m = message_new(w, sizeof(*m), MESSAGE_METADATA_DELTA);
	m->records = c->cluster->records.count;
	m->req.head.bytes = 200;
	net_send(w, c->process, c->cluster->brokers.at[to]->process,
		 &m->req.head);
}

/* All that was decided in one step reaches each broker in one message. */
static void publish_all(struct world *w, struct controller *c)
{
	for (uint32_t i = 0; i < c->cluster->brokers.count; i++)
		if (c->brokers.at[i].incarnation)
			publish(w, c, (int32_t)i);
}

static struct metadata_record *record(struct world *w, struct controller *c,
				      enum metadata_kind kind)
{
	struct metadata_record *r = vec_add(&w->arena, &c->cluster->records);

	r->kind = kind;
	r->at = world_now(w);
	return r;
}

static void write_partition(struct world *w, struct controller *c,
			    struct partition *p)
{
	struct metadata_record *r = record(w, c, METADATA_PARTITION);

	p->state.partition_epoch++;
	r->topic = p->topic->id;
	r->partition = p->id;
	r->state = p->state;
	world_note(w, (uint64_t)p->id << 32 ^ (uint32_t)p->state.leader ^
		      p->state.isr << 8);
}

static uint64_t unfenced(const struct controller *c)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < c->brokers.count; i++)
		if (c->brokers.at[i].incarnation && !c->brokers.at[i].fenced)
			mask |= broker_bit((int32_t)i);
	return mask;
}

static void write_brokers(struct world *w, struct controller *c)
{
	record(w, c, METADATA_BROKER)->brokers = unfenced(c);
}

/* -- elections -------------------------------------------------------------- */

static bool acceptable(const struct controller *c, int32_t b)
{
	const struct controlled_broker *k = &c->brokers.at[b];

	return k->incarnation && !k->fenced && !k->shutting_down;
}

static int64_t setting(const struct controller *c, const struct topic *t,
		       enum topic_key key)
{
	return topic_config(t->config, &c->cluster->brokers.at[0]->config, key);
}

static void set_leader(struct partition *p, int32_t leader)
{
	if (p->state.leader == leader)
		return;
	p->state.leader = leader;
	p->state.leader_epoch++;
}

/* The best leader now; an unclean one makes itself the whole in-sync set. */
static void elect(struct world *w, struct controller *c, struct partition *p,
		  bool unclean)
{
	struct partition_state *s = &p->state;

	for (uint32_t i = 0; i < s->replica_count; i++)
		if (s->isr & broker_bit(s->replicas[i]) &&
		    acceptable(c, s->replicas[i])) {
			set_leader(p, s->replicas[i]);
			return;
		}
	for (uint32_t i = 0; unclean && i < s->replica_count; i++)
		if (acceptable(c, s->replicas[i])) {
			log_write(w, c->process, LOG_WARN,
				  "[QuorumController id=100] UNCLEAN partition "
				  "change for %s-%u: new leader %d",
				  world_text(w, p->topic->name), p->index,
				  c->cluster->brokers.at[s->replicas[i]]->node_id);
			set_leader(p, s->replicas[i]);
			s->isr = broker_bit(s->replicas[i]);
			metric_add(c->unclean_elections, 1);
			return;
		}
	set_leader(p, NO_BROKER);
}

static bool lives(const struct partition *p)
{
	return !p->topic->deleted && p->state.replica_count;
}

/* A broker is gone or going: out of in-sync sets, its partitions elsewhere. */
static void leave(struct world *w, struct controller *c, int32_t broker)
{
	for (uint32_t i = 0; i < c->cluster->partitions.count; i++) {
		struct partition *p = c->cluster->partitions.at[i];
		uint64_t isr = p->state.isr & ~broker_bit(broker);

		if (!lives(p) || !(p->state.isr & broker_bit(broker) ||
				   p->state.leader == broker))
			continue;
		if (isr)
			p->state.isr = isr;
		if (p->state.leader == broker)
			elect(w, c, p, setting(c, p->topic,
					       TOPIC_UNCLEAN_ELECTION));
		write_partition(w, c, p);
	}
}

/* A broker is back: partitions without a leader may have one again. */
static void arrive(struct world *w, struct controller *c, int32_t broker)
{
	for (uint32_t i = 0; i < c->cluster->partitions.count; i++) {
		struct partition *p = c->cluster->partitions.at[i];

		if (!lives(p) || p->state.leader != NO_BROKER ||
		    !state_has_replica(&p->state, broker))
			continue;
		elect(w, c, p, setting(c, p->topic, TOPIC_UNCLEAN_ELECTION));
		if (p->state.leader != NO_BROKER)
			write_partition(w, c, p);
	}
}

static void fence(struct world *w, struct controller *c, int32_t broker,
		  const char *why)
{
	struct controlled_broker *k = &c->brokers.at[broker];

	if (k->fenced)
		return;
	k->fenced = true;
	log_write(w, c->process, LOG_INFO,
		  "[QuorumController id=100] Fencing broker %d because %s. "
		  "(org.apache.kafka.controller.ReplicationControlManager)",
		  c->cluster->brokers.at[broker]->node_id, why);
	write_brokers(w, c);
	leave(w, c, broker);
	publish_all(w, c);
}

static void unfence(struct world *w, struct controller *c, int32_t broker)
{
	c->brokers.at[broker].fenced = false;
	log_write(w, c->process, LOG_INFO,
		  "[QuorumController id=100] The request from broker %d to "
		  "unfence has been granted because it has caught up with the "
		  "offset of its register broker record. "
		  "(org.apache.kafka.controller.BrokerHeartbeatManager)",
		  c->cluster->brokers.at[broker]->node_id);
	write_brokers(w, c);
	arrive(w, c, broker);
	publish_all(w, c);
}

void controller_session_timeout(struct world *w, void *who, uint16_t broker)
{
	struct controller *c = who;

	if (!process_runs(c->process)) {
		/* A controller that does not run decides nothing; it looks
		 * again when it does. */
		c->brokers.at[broker].session = world_timer(w, world_now(w) +
			SIM_S(1), CONTROLLER_SESSION_TIMEOUT, c, broker);
		return;
	}
	fence(w, c, broker, "its session has timed out");
}

static void session_renew(struct world *w, struct controller *c, int32_t broker)
{
	struct controlled_broker *k = &c->brokers.at[broker];
	int64_t ms = broker_setting(c->cluster->brokers.at[broker],
				    BROKER_SESSION_MS);

	world_cancel(w, &k->session);
	k->session = world_timer(w, world_now(w) + SIM_MS(ms),
				 CONTROLLER_SESSION_TIMEOUT, c,
				 (uint16_t)broker);
}

static bool leads_any(const struct controller *c, int32_t broker)
{
	for (uint32_t i = 0; i < c->cluster->partitions.count; i++)
		if (lives(c->cluster->partitions.at[i]) &&
		    c->cluster->partitions.at[i]->state.leader == broker)
			return true;
	return false;
}

/*
 * Controlled shutdown: leaders move, the broker leaves the in-sync sets, and
 * it may stop once it leads nothing.  Simplified: a partition whose only
 * in-sync replica this is goes offline rather than delaying the shutdown.
 */
static void begin_shutdown(struct world *w, struct controller *c, int32_t b)
{
	c->brokers.at[b].shutting_down = true;
	leave(w, c, b);
	publish_all(w, c);
}

static void register_broker(struct world *w, struct controller *c, int32_t b,
			    uint32_t incarnation)
{
	struct controlled_broker *k = &c->brokers.at[b];

	/* A new incarnation fences the old one. */
	if (k->incarnation && !k->fenced)
		fence(w, c, b, "it has registered again");
	k->incarnation = incarnation;
	k->fenced = true;
	k->shutting_down = false;
	k->registered_at = c->cluster->records.count;
}

static void heartbeat(struct world *w, struct controller *c,
		      struct heartbeat_request *m)
{
	struct controlled_broker *k = &c->brokers.at[m->broker];
	struct heartbeat_reply *reply;

	if (k->incarnation != m->incarnation)
		register_broker(w, c, m->broker, m->incarnation);
	session_renew(w, c, m->broker);
	if (m->want_shutdown && !k->shutting_down)
		begin_shutdown(w, c, m->broker);
	if (k->fenced && !k->shutting_down && m->applied >= k->registered_at)
		unfence(w, c, m->broker);
	reply = message_new(w, sizeof(*reply), MESSAGE_HEARTBEAT_ANSWER);
	reply->req.head.bytes = 60;
	reply->fenced = k->fenced;
	reply->records = c->cluster->records.count;
	reply->should_shutdown = k->shutting_down && !leads_any(c, m->broker);
	net_send(w, c->process, m->req.head.from, &reply->req.head);
}

/* -- in-sync sets ------------------------------------------------------------ */

/* Has one of the proposed set died and come back since the leader heard of it?
 * (KIP-903: the broker epochs of AlterPartition v3.) */
static bool means_another(const struct controller *c,
			  const struct partition_state *s,
			  const struct alter_partition *m)
{
	for (uint32_t i = 0; i < s->replica_count; i++)
		if (m->isr & broker_bit(s->replicas[i]) &&
		    m->incarnations[i] && m->incarnations[i] !=
		    c->brokers.at[s->replicas[i]].incarnation)
			return true;
	return false;
}

/* ReplicationControlManager.validateAlterPartitionData. */
static enum kafka_error alter_error(const struct controller *c,
				    const struct partition *p,
				    const struct alter_partition *m)
{
	if (p->topic->deleted)
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	if (m->broker != p->state.leader)
		return KAFKA_INVALID_REQUEST;
	if (m->leader_epoch != p->state.leader_epoch)
		return KAFKA_FENCED_LEADER_EPOCH;
	if (m->partition_epoch != p->state.partition_epoch)
		return KAFKA_INVALID_REQUEST;
	if (!(m->isr & broker_bit(m->broker)) || m->isr & ~unfenced(c) ||
	    means_another(c, &p->state, m))
		return KAFKA_INVALID_REQUEST;
	return KAFKA_NONE;
}

static void finish_reassignment(struct world *w, struct controller *c,
				struct partition *p)
{
	struct partition_state *s = &p->state;
	uint32_t kept = 0;

	if (!(s->adding | s->removing) || (s->adding & ~s->isr))
		return;
	for (uint32_t i = 0; i < s->replica_count; i++)
		if (!(s->removing & broker_bit(s->replicas[i])))
			s->replicas[kept++] = s->replicas[i];
	s->replica_count = kept;
	s->isr &= ~s->removing;
	s->adding = s->removing = 0;
	if (s->leader == NO_BROKER || !state_has_replica(s, s->leader))
		elect(w, c, p, false);
}

static void alter_partition(struct world *w, struct controller *c,
			    struct alter_partition *m)
{
	struct partition *p = c->cluster->partitions.at[m->partition];
	struct alter_partition *reply;

	reply = message_new(w, sizeof(*reply), MESSAGE_ALTER_PARTITION_ANSWER);
	reply->req.head.bytes = 80;
	reply->partition = m->partition;
	reply->error = alter_error(c, p, m);
	if (reply->error == KAFKA_NONE) {
		p->state.isr = m->isr;
		finish_reassignment(w, c, p);
		write_partition(w, c, p);
		publish_all(w, c);
	}
	net_send(w, c->process, m->req.head.from, &reply->req.head);
}

/* -- topics ------------------------------------------------------------------- */

/*
 * StripedReplicaPlacer: racks take turns, and within a rack its brokers; each
 * partition begins one rack further.  Brokers are ordered by node id; where
 * the real placer starts at a random place, so do we, drawn from the seed.
 */
struct placer {
	name_id racks[64];
	uint32_t rack_count;
	int8_t members[64][64];		/* unfenced ones first */
	uint32_t member_count[64];
	uint32_t unfenced[64];		/* of the members */
	uint32_t start[64];		/* next broker of the rack */
	uint32_t rack_start;
};

static void placer_add(const struct controller *c, struct placer *p, bool fenced)
{
	for (uint32_t i = 0; i < c->cluster->brokers.count; i++) {
		name_id rack = c->cluster->brokers.at[i]->rack;
		uint32_t k = 0;

		if (!c->brokers.at[i].incarnation ||
		    c->brokers.at[i].fenced != fenced)
			continue;
		while (k < p->rack_count && p->racks[k] != rack)
			k++;
		if (k == p->rack_count)
			p->racks[p->rack_count++] = rack;
		p->members[k][p->member_count[k]++] = (int8_t)i;
		p->unfenced[k] += !fenced;
	}
}

static void placer_init(struct world *w, const struct controller *c,
			struct placer *p)
{
	struct luck luck;

	memset(p, 0, sizeof(*p));
	luck_init(&luck, w->state->seed, "controller", "placement");
	luck.n = c->cluster->topics.count * 16u;
	placer_add(c, p, false);
	placer_add(c, p, true);
	for (uint32_t k = 0; k < p->rack_count; k++)
		if (p->unfenced[k])
			p->start[k] = (uint32_t)luck_below(&luck,
							   p->unfenced[k]);
	if (p->rack_count)
		p->rack_start = (uint32_t)luck_below(&luck, p->rack_count);
}

static void place(struct placer *p, uint32_t replicas, int8_t *out)
{
	uint32_t used[64] = {0}, got = 0;

	/* The first replica must be one that can lead. */
	while (!p->unfenced[p->rack_start])
		p->rack_start = (p->rack_start + 1) % p->rack_count;

	for (uint32_t k = p->rack_start; got < replicas;
	     k = (k + 1) % p->rack_count) {
		uint32_t member;

		if (used[k] == p->member_count[k])
			continue;
		member = used[k] < p->unfenced[k] ?
			 (p->start[k] + used[k]) % p->unfenced[k] : used[k];
		used[k]++;
		out[got++] = p->members[k][member];
	}
	for (uint32_t k = 0; k < p->rack_count; k++)
		if (used[k])
			p->start[k]++;
	p->rack_start = (p->rack_start + 1) % p->rack_count;
}

static void set_partition(struct world *w, struct controller *c,
			  struct partition *p, const int8_t *replicas,
			  uint32_t count)
{
	p->state = (struct partition_state){
		.leader = NO_BROKER, .leader_epoch = -1,
		.partition_epoch = -1, .replica_count = count,
	};
	memcpy(p->state.replicas, replicas, count);
	for (uint32_t i = 0; i < count; i++)
		if (acceptable(c, replicas[i]))
			p->state.isr |= broker_bit(replicas[i]);
	elect(w, c, p, false);
	if (!p->state.isr)
		p->state.isr = broker_bit(replicas[0]);
	write_partition(w, c, p);
}

static enum kafka_error check_counts(const struct controller *c,
				     int32_t partitions, int32_t replication,
				     struct err *err)
{
	int registered = 0;

	for (uint32_t i = 0; i < c->brokers.count; i++)
		registered += c->brokers.at[i].incarnation != 0;
	if (partitions <= 0) {
		err_set(err, "Number of partitions was set to an invalid "
			"non-positive value.");
		return KAFKA_INVALID_PARTITIONS;
	}
	if (replication <= 0) {
		err_set(err, "Replication factor must be larger than 0, or -1 "
			"to use the default value.");
		return KAFKA_INVALID_REPLICATION_FACTOR;
	}
	if (!unfenced(c)) {
		err_set(err, "All brokers are currently fenced.");
		return KAFKA_INVALID_REPLICATION_FACTOR;
	}
	if (replication > registered || replication > REPLICAS_MAX) {
		err_set(err, "Unable to replicate the partition %d time(s): "
			"The target replication factor of %d cannot be reached "
			"because only %d broker(s) are registered.",
			replication, replication, registered);
		return KAFKA_INVALID_REPLICATION_FACTOR;
	}
	return KAFKA_NONE;
}

static void write_topic(struct world *w, struct controller *c,
			const struct topic *t)
{
	struct metadata_record *r = record(w, c, METADATA_TOPIC);

	r->topic = t->id;
	r->config = t->config;
}

enum kafka_error controller_create_topic(struct world *w, struct controller *c,
					 const char *name, int32_t partitions,
					 int32_t replication,
					 const int8_t *assignment,
					 const struct topic_config *config,
					 struct err *err)
{
	const struct broker *any = c->cluster->brokers.at[0];
	struct placer placer;
	enum kafka_error e;
	struct topic *t;

	if (cluster_topic(w, c->cluster, name)) {
		err_set(err, "Topic '%s' already exists.", name);
		return KAFKA_TOPIC_ALREADY_EXISTS;
	}
	if (partitions == -1)
		partitions = (int32_t)broker_setting(any, BROKER_NUM_PARTITIONS);
	if (replication == -1)
		replication = (int32_t)broker_setting(any, BROKER_DEFAULT_RF);
	e = check_counts(c, partitions, replication, err);
	if (e != KAFKA_NONE)
		return e;
	t = topic_new(w, c->cluster, name, (uint32_t)partitions);
	if (config)
		*t->config = *config;
	write_topic(w, c, t);
	placer_init(w, c, &placer);
	for (uint32_t i = 0; i < (uint32_t)partitions; i++) {
		int8_t replicas[REPLICAS_MAX];

		if (assignment)
			memcpy(replicas, assignment + i * (uint32_t)replication,
			       (size_t)replication);
		else
			place(&placer, (uint32_t)replication, replicas);
		set_partition(w, c, t->partitions.at[i], replicas,
			      (uint32_t)replication);
	}
	publish_all(w, c);
	return KAFKA_NONE;
}

enum kafka_error controller_delete_topic(struct world *w, struct controller *c,
					 const char *name, struct err *err)
{
	struct topic *t = cluster_topic(w, c->cluster, name);

	if (!t) {
		err_set(err, "%s", kafka_error_text(
			KAFKA_UNKNOWN_TOPIC_OR_PARTITION));
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	}
	t->deleted = true;
	map_remove(&c->cluster->topics_by_name, t->name);
	record(w, c, METADATA_TOPIC_GONE)->topic = t->id;
	publish_all(w, c);
	return KAFKA_NONE;
}

enum kafka_error controller_add_partitions(struct world *w,
					   struct controller *c,
					   struct topic *t, int32_t total,
					   struct err *err)
{
	uint32_t rf = t->partitions.at[0]->state.replica_count;
	struct placer placer;
	enum kafka_error e;

	if (total <= (int32_t)t->partitions.count) {
		if (total == (int32_t)t->partitions.count)
			err_set(err, "Topic already has %u partition(s).",
				t->partitions.count);
		else
			err_set(err, "The topic %s currently has %u "
				"partition(s); %d would not be an increase.",
				world_text(w, t->name), t->partitions.count,
				total);
		return KAFKA_INVALID_PARTITIONS;
	}
	e = check_counts(c, total, (int32_t)rf, err);
	if (e != KAFKA_NONE)
		return e;
	placer_init(w, c, &placer);
	while ((int32_t)t->partitions.count < total) {
		int8_t replicas[REPLICAS_MAX];

		place(&placer, rf, replicas);
		set_partition(w, c, topic_add_partition(w, c->cluster, t),
			      replicas, rf);
	}
	publish_all(w, c);
	return KAFKA_NONE;
}

void controller_set_topic_config(struct world *w, struct controller *c,
				 struct topic *t,
				 const struct topic_config *config)
{
	struct metadata_record *r;

	t->config = world_take(w, struct topic_config);
	*t->config = *config;
	r = record(w, c, METADATA_CONFIG);
	r->topic = t->id;
	r->config = t->config;
	publish_all(w, c);
}

/* ReplicationControlManager.electLeader. */
enum kafka_error controller_elect(struct world *w, struct controller *c,
				  struct partition *p, bool unclean)
{
	int32_t before = p->state.leader;
	int32_t preferred = p->state.replicas[0];

	if (p->topic->deleted)
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	if (unclean ? before != NO_BROKER : before == preferred)
		return KAFKA_ELECTION_NOT_NEEDED;
	if (unclean) {
		elect(w, c, p, true);
	} else if (acceptable(c, preferred) &&
		   p->state.isr & broker_bit(preferred)) {
		set_leader(p, preferred);
	}
	if (p->state.leader == before)
		return unclean ? KAFKA_ELIGIBLE_LEADERS_NOT_AVAILABLE :
		       KAFKA_PREFERRED_LEADER_NOT_AVAILABLE;
	write_partition(w, c, p);
	publish_all(w, c);
	return KAFKA_NONE;
}

/* auto.leader.rebalance.enable: what is not led by its preferred replica is,
 * every leader.imbalance.check.interval.seconds.  KRaft looks at no
 * percentage (ReplicationControlManager.maybeBalancePartitionLeaders). */
void controller_rebalance(struct world *w, void *who, uint16_t arg)
{
	struct controller *c = who;
	const struct broker *any = c->cluster->brokers.at[0];

	(void)arg;
	world_plan(w, world_now(w) +
		   config_s(broker_setting(any, BROKER_REBALANCE_CHECK_S)),
		   CLASS_TIMEOUT, CONTROLLER_REBALANCE, c, 0);
	if (!process_runs(c->process) ||
	    !broker_setting(any, BROKER_AUTO_REBALANCE))
		return;
	for (uint32_t i = 0; i < c->cluster->partitions.count; i++)
		if (lives(c->cluster->partitions.at[i]))
			controller_elect(w, c, c->cluster->partitions.at[i],
					 false);
}

enum kafka_error controller_reassign(struct world *w, struct controller *c,
				     struct partition *p,
				     const int8_t *replicas, uint32_t count,
				     struct err *err)
{
	struct partition_state *s = &p->state;
	uint64_t wanted = 0, had = 0;
	int8_t all[2 * REPLICAS_MAX];
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (replicas[i] < 0 ||
		    (uint32_t)replicas[i] >= c->brokers.count ||
		    !c->brokers.at[replicas[i]].incarnation ||
		    wanted & broker_bit(replicas[i])) {
			err_set(err, "The manual partition assignment includes "
				"an unknown or repeated broker.");
			return KAFKA_INVALID_REPLICA_ASSIGNMENT;
		}
		wanted |= broker_bit(replicas[i]);
		all[n++] = replicas[i];
	}
	for (uint32_t i = 0; i < s->replica_count; i++) {
		bool added = s->adding & broker_bit(s->replicas[i]);

		if (!added)
			had |= broker_bit(s->replicas[i]);
		if (count == 0 && !added)
			wanted |= broker_bit(s->replicas[i]);
		if (!(count ? wanted & broker_bit(s->replicas[i]) : added))
			all[n++] = s->replicas[i];
	}
	if (n > REPLICAS_MAX) {
		err_set(err, "Too many replicas.");
		return KAFKA_INVALID_REPLICA_ASSIGNMENT;
	}
	memcpy(s->replicas, all, n);
	s->replica_count = n;
	s->adding = wanted & ~had;
	s->removing = had & ~wanted;
	finish_reassignment(w, c, p);
	write_partition(w, c, p);
	publish_all(w, c);
	return KAFKA_NONE;
}

/* -- producer ids -------------------------------------------------------------- */

int64_t controller_producer_ids(struct controller *c)
{
	int64_t first = c->next_producer_id;

	c->next_producer_id += PRODUCER_ID_BLOCK;
	return first;
}

static void give_producer_ids(struct world *w, struct controller *c,
			      const struct producer_ids_message *m)
{
	struct producer_ids_message *reply =
		message_new(w, sizeof(*reply), MESSAGE_PRODUCER_IDS_ARE);

	reply->req.head.bytes = 60;
	reply->broker = m->broker;
	reply->first = controller_producer_ids(c);
	net_send(w, c->process, m->req.head.from, &reply->req.head);
}

/* -- the process -------------------------------------------------------------- */

void controller_form(struct world *w, struct controller *c)
{
	while (c->brokers.count < c->cluster->brokers.count)
		vec_add(&w->arena, &c->brokers);
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		c->brokers.at[i].incarnation =
			c->cluster->brokers.at[i]->process->incarnation;
		session_renew(w, c, (int32_t)i);
	}
	write_brokers(w, c);
	world_plan(w, world_now(w) +
		   config_s(broker_setting(c->cluster->brokers.at[0],
					   BROKER_REBALANCE_CHECK_S)),
		   CLASS_TIMEOUT, CONTROLLER_REBALANCE, c, 0);
}

void controller_start(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	(void)arg;
	memory_set(w, p, INT64_C(512) << 20);
	log_write(w, p, LOG_INFO, "[QuorumController id=100] Becoming the "
		  "active controller at epoch %u. "
		  "(org.apache.kafka.controller.QuorumController)",
		  p->incarnation);
}

void controller_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct controller *c = of_process(m->to);

	(void)arg;
	cpu_spend(w, c->process, CONTROLLER_CPU);
	switch (m->kind) {
	case MESSAGE_HEARTBEAT:
		heartbeat(w, c, (struct heartbeat_request *)m);
		break;
	case MESSAGE_ALTER_PARTITION:
		alter_partition(w, c, (struct alter_partition *)m);
		break;
	case MESSAGE_ALLOCATE_PRODUCER_IDS:
		give_producer_ids(w, c, (struct producer_ids_message *)m);
		break;
	case MESSAGE_ADMIN:
		controller_admin(w, c, (struct text_message *)m);
		return;
	case MESSAGE_SCRAPE:
		telemetry_answer(w, m);
		return;
	}
	message_free(w, m);
}

void controller_collect(struct world *w, void *who, uint16_t arg)
{
	struct controller *c = of_process(who);
	int64_t offline = 0, imbalance = 0, fenced = 0;

	(void)arg;
	(void)w;
	for (uint32_t i = 0; i < c->cluster->partitions.count; i++) {
		const struct partition *p = c->cluster->partitions.at[i];

		if (!lives(p))
			continue;
		offline += p->state.leader == NO_BROKER;
		imbalance += p->state.leader != p->state.replicas[0];
	}
	for (uint32_t i = 0; i < c->brokers.count; i++)
		fenced += c->brokers.at[i].fenced;
	metric_set(c->active, 1);
	metric_set(c->fenced_brokers, fenced);
	metric_set(c->offline_partitions, offline);
	metric_set(c->preferred_imbalance, imbalance);
}
