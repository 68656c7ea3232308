/* consumer_epoch.c - a member whose coordinator assigns (KIP-848)
 *
 * After ConsumerHeartbeatRequestManager and ConsumerMembershipManager, 3.9: a
 * heartbeat says what the member has, the answer what it shall have.  It acts
 * on that within poll, commits first, and says so at once; till then it reads
 * on.
 */
#include "sim/broker/consumer_group.h"

#include <string.h>

#define CLASS	"ConsumerMembershipManager"

static struct group_request *heartbeat(struct world *w, struct consumer *c,
				       int32_t epoch)
{
	struct group_request *m = consumer_group_request(w, c,
				GROUP_CONSUMER_HEARTBEAT, c->positions.count);

	m->generation = epoch;
	m->range = c->config.remote_range;
	m->topic_count = c->subscribed.count < GROUP_TOPICS_MAX ?
			 c->subscribed.count : GROUP_TOPICS_MAX;
	memcpy(m->topics, c->subscribed.at,
	       m->topic_count * sizeof(*m->topics));
	for (uint32_t i = 0; i < c->positions.count; i++)
		m->items[m->count++].partition = c->positions.at[i].partition;
	return m;
}

/* One at a time; epoch 0 joins. */
void consumer_epoch_heartbeat(struct world *w, struct consumer *c)
{
	if (c->coordinator == NO_BROKER ||
	    consumer_group_in_flight(c, GROUP_CONSUMER_HEARTBEAT))
		return;
	if (c->generation < 0) {
		consumer_give_up(w, c, true);
		c->left = false;
		c->state = CONSUMER_JOINING;
	}
	c->rejoin = !consumer_ask_group(w, c, heartbeat(w, c,
				c->generation < 0 ? 0 : c->generation), NULL);
}

void consumer_epoch_leave(struct world *w, struct consumer *c)
{
	if (c->member && c->generation >= 0 && c->coordinator != NO_BROKER)
		consumer_ask_group(w, c, heartbeat(w, c, c->instance ? -2 : -1),
				   NULL);
}

/* Fenced: all it has is somebody else's by now. */
static void fenced(struct world *w, struct consumer *c, enum kafka_error error)
{
	consumer_log(w, c, LOG_INFO, CLASS, "Member %s with epoch %d "
		     "transitioned to FENCED state. It will release its "
		     "assignment and rejoin the group.",
		     world_text(w, c->member), c->generation);
	if (error == KAFKA_UNKNOWN_MEMBER_ID)
		c->member = 0;
	c->generation = -1;
	c->unmade = false;
	c->rejoin = true;
	consumer_epoch_heartbeat(w, c);
}

static void wrong(struct world *w, struct consumer *c, enum kafka_error error)
{
	switch (error) {
	case KAFKA_FENCED_MEMBER_EPOCH:
	case KAFKA_UNKNOWN_MEMBER_ID:
		fenced(w, c, error);
		break;
	case KAFKA_UNSUPPORTED_VERSION:
		consumer_fail(w, c, "org.apache.kafka.common.errors."
			"UnsupportedVersionException", "The cluster does not "
			"support the new CONSUMER group protocol. Set "
			"group.protocol=classic on the consumer configs to "
			"revert to the CLASSIC protocol until the cluster is "
			"upgraded.");
		break;
	case KAFKA_GROUP_ID_NOT_FOUND:
	case KAFKA_UNRELEASED_INSTANCE_ID:
	case KAFKA_FENCED_INSTANCE_ID:
		consumer_fatal(w, c, error);
		break;
	case KAFKA_NOT_COORDINATOR:
	case KAFKA_COORDINATOR_NOT_AVAILABLE:
		c->rejoin = true;
		consumer_coordinator_lost(w, c);
		break;
	default:
		c->rejoin = true;
		consumer_try_later(w, c);
		break;
	}
}

/* ConsumerMembershipManager.maybeReconcile, in the application's thread. */
void consumer_epoch_poll(struct world *w, struct consumer *c)
{
	if (!c->unmade || c->generation < 0)
		return;
	c->unmade = false;
	if (c->config.auto_commit)
		consumer_auto_commit(w, c);
	c->rebalances++;
	metric_add(c->rebalance_metric, 1);
	consumer_take_assignment(w, c);
	c->rejoin = true;		/* say so at once */
	consumer_epoch_heartbeat(w, c);
}

void consumer_epoch_answered(struct world *w, struct consumer *c,
			     const struct group_answer *a)
{
	if (a->error != KAFKA_NONE) {
		wrong(w, c, a->error);
		return;
	}
	if (!a->member || c->left)
		return;			/* to what it said on leaving */
	c->member = a->member;
	c->generation = a->generation;
	c->state = CONSUMER_STABLE;
	c->heartbeat_every = a->heartbeat;
	consumer_heartbeat_in(w, c, a->heartbeat);
	if (!a->skip_assignment) {
		consumer_hear_assignment(w, c, a);
		c->unmade = true;
	}
	if (c->waiting)
		consumer_epoch_poll(w, c);
	if (c->rejoin)
		consumer_epoch_heartbeat(w, c);
	consumer_commit_again(w, c);
	consumer_pump(w, c);
}
