/* controller_elect.c - who leads a partition, who is in sync, who holds it */
#include "sim/broker/controller_inside.h"

#include <string.h>

#include "sim/broker/events.h"

/* -- elections -------------------------------------------------------------- */

static int64_t setting(const struct controller *c, const struct topic *t,
		       enum topic_key key)
{
	return view_topic_setting(&c->view, t->id, NO_BROKER,
				  &c->cluster->brokers.at[0]->config, key);
}

void partition_set_leader(struct partition_state *s, int32_t leader)
{
	if (s->leader == leader)
		return;
	s->leader = leader;
	s->leader_epoch++;
}

/* LeaderAcceptor: it may lead, and its directory is online. */
static bool may_lead(const struct controller *c, const struct partition *p,
		     int32_t broker)
{
	return controller_acceptable(c, broker) &&
	       controller_dir_online(c, broker, p);
}

/* The best leader now; an unclean one makes itself the whole in-sync set. */
void controller_pick_leader(struct world *w, struct controller *c,
			    struct partition *p, bool unclean)
{
	struct partition_state *s = controller_state(c, p);

	for (uint32_t i = 0; i < s->replica_count; i++)
		if (s->isr & broker_bit(s->replicas[i]) &&
		    may_lead(c, p, s->replicas[i])) {
			partition_set_leader(s, s->replicas[i]);
			return;
		}
	for (uint32_t i = 0; unclean && i < s->replica_count; i++)
		if (may_lead(c, p, s->replicas[i])) {
			log_write(w, c->process, LOG_WARN,
				  "[QuorumController id=%d] UNCLEAN partition "
				  "change for %s-%u: new leader %d", c->raft.id,
				  world_text(w, p->topic->name), p->index,
				  c->cluster->brokers.at[
					s->replicas[i]]->node_id);
			partition_set_leader(s, s->replicas[i]);
			s->isr = broker_bit(s->replicas[i]);
			metric_add(c->metrics.unclean, 1);
			return;
		}
	partition_set_leader(s, NO_BROKER);
}

bool controller_holds(const struct controller *c, const struct partition *p)
{
	return p->id < c->view.partitions.count &&
	       controller_state(c, p)->replica_count;
}

static void leave(struct world *w, struct controller *c, int32_t broker,
		  struct partition *p)
{
	struct partition_state *s = controller_state(c, p);
	uint64_t isr = s->isr & ~broker_bit(broker);

	if (!s->replica_count || !(s->isr & broker_bit(broker) ||
				   s->leader == broker))
		return;
	if (isr)
		s->isr = isr;
	if (s->leader == broker)
		controller_pick_leader(w, c, p, setting(c, p->topic,
						TOPIC_UNCLEAN_ELECTION));
	controller_write_partition(w, c, p);
}

/* A broker is gone or going: out of in-sync sets, its partitions elsewhere. */
void controller_leave(struct world *w, struct controller *c, int32_t broker)
{
	for (uint32_t i = 0; i < c->view.partitions.count; i++)
		leave(w, c, broker, c->cluster->partitions.at[i]);
}

void controller_leave_dirs(struct world *w, struct controller *c,
			   int32_t broker)
{
	for (uint32_t i = 0; i < c->view.partitions.count; i++) {
		struct partition *p = c->cluster->partitions.at[i];
		const struct partition_state *s = controller_state(c, p);
		bool last = s->isr == broker_bit(broker) &&
			    s->leader != broker;

		if (!last && !controller_dir_online(c, broker, p))
			leave(w, c, broker, p);
	}
}

void controller_arrive(struct world *w, struct controller *c, int32_t broker)
{
	for (uint32_t i = 0; i < c->view.partitions.count; i++) {
		struct partition *p = c->cluster->partitions.at[i];
		struct partition_state *s = controller_state(c, p);

		if (!s->replica_count || s->leader != NO_BROKER ||
		    !state_has_replica(s, broker))
			continue;
		controller_pick_leader(w, c, p, setting(c, p->topic,
						TOPIC_UNCLEAN_ELECTION));
		if (s->leader != NO_BROKER)
			controller_write_partition(w, c, p);
	}
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
		    c->view.incarnations[s->replicas[i]])
			return true;
	return false;
}

/* ReplicationControlManager.validateAlterPartitionData. */
static enum kafka_error alter_error(const struct controller *c,
				    const struct partition *p,
				    const struct alter_partition *m)
{
	const struct partition_state *s;

	if (!controller_holds(c, p))
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	s = controller_state(c, p);
	if (m->broker != s->leader)
		return KAFKA_INVALID_REQUEST;
	if (m->leader_epoch != s->leader_epoch)
		return KAFKA_FENCED_LEADER_EPOCH;
	if (m->partition_epoch != s->partition_epoch)
		return KAFKA_INVALID_REQUEST;
	if (!(m->isr & broker_bit(m->broker)) || m->isr & ~c->view.brokers ||
	    means_another(c, s, m))
		return KAFKA_INVALID_REQUEST;
	return KAFKA_NONE;
}

static void finish_reassignment(struct world *w, struct controller *c,
				struct partition *p)
{
	struct partition_state *s = controller_state(c, p);
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
		controller_pick_leader(w, c, p, false);
}

void controller_alter_partition(struct world *w, struct controller *c,
			    struct alter_partition *m)
{
	struct partition *p = c->cluster->partitions.at[m->partition];
	struct alter_partition *reply;

	reply = message_new(w, sizeof(*reply), MESSAGE_ALTER_PARTITION_ANSWER);
	reply->req.head.bytes = 80;
	reply->partition = m->partition;
	reply->error = alter_error(c, p, m);
	if (reply->error == KAFKA_NONE) {
		controller_state(c, p)->isr = m->isr;
		finish_reassignment(w, c, p);
		controller_write_partition(w, c, p);
	}
	controller_answer(w, c, m->req.head.from, &reply->req.head);
}

/* -- asked for by people and by the clock ------------------------------------ */

/* ReplicationControlManager.electLeader. */
enum kafka_error controller_elect(struct world *w, struct controller *c,
				  struct partition *p, bool unclean)
{
	struct partition_state *s;
	int32_t before, preferred;

	if (!controller_holds(c, p))
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	s = controller_state(c, p);
	before = s->leader;
	preferred = s->replicas[0];
	if (unclean ? before != NO_BROKER : before == preferred)
		return KAFKA_ELECTION_NOT_NEEDED;
	if (unclean)
		controller_pick_leader(w, c, p, true);
	else if (may_lead(c, p, preferred) && s->isr & broker_bit(preferred))
		partition_set_leader(s, preferred);
	if (s->leader == before)
		return unclean ? KAFKA_ELIGIBLE_LEADERS_NOT_AVAILABLE :
		       KAFKA_PREFERRED_LEADER_NOT_AVAILABLE;
	controller_write_partition(w, c, p);
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
	c->rebalance = world_timer(w, world_now(w) +
		config_s(broker_setting(any, BROKER_REBALANCE_CHECK_S)),
		CONTROLLER_REBALANCE, c, 0);
	if (!process_runs(c->process) ||
	    !broker_setting(any, BROKER_AUTO_REBALANCE))
		return;
	for (uint32_t i = 0; i < c->view.partitions.count; i++)
		controller_elect(w, c, c->cluster->partitions.at[i], false);
}

enum kafka_error controller_reassign(struct world *w, struct controller *c,
				     struct partition *p,
				     const int8_t *replicas, uint32_t count,
				     struct err *err)
{
	struct partition_state *s = controller_state(c, p);
	uint64_t wanted = 0, had = 0;
	int8_t all[2 * REPLICAS_MAX];
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (replicas[i] < 0 ||
		    (uint32_t)replicas[i] >= c->cluster->brokers.count ||
		    !controller_registered(c, replicas[i]) ||
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
	controller_write_partition(w, c, p);
	return KAFKA_NONE;
}
