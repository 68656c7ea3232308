/* controller_brokers.c - which brokers live: sessions, fencing, shutdown */
#include "sim/broker/controller_inside.h"

#include "sim/broker/events.h"

uint64_t controller_unfenced(const struct controller *c)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < c->brokers.count; i++)
		if (c->brokers.at[i].incarnation && !c->brokers.at[i].fenced)
			mask |= broker_bit((int32_t)i);
	return mask;
}

bool controller_acceptable(const struct controller *c, int32_t b)
{
	const struct controlled_broker *k = &c->brokers.at[b];

	return k->incarnation && !k->fenced && !k->shutting_down;
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
	controller_write_brokers(w, c);
	controller_leave(w, c, broker);
	controller_publish(w, c);
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
	controller_write_brokers(w, c);
	controller_arrive(w, c, broker);
	controller_publish(w, c);
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

void controller_session_renew(struct world *w, struct controller *c, int32_t broker)
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
		if (partition_lives(c->cluster->partitions.at[i]) &&
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
	controller_leave(w, c, b);
	controller_publish(w, c);
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

void controller_heartbeat(struct world *w, struct controller *c,
		      struct heartbeat_request *m)
{
	struct controlled_broker *k = &c->brokers.at[m->broker];
	struct heartbeat_reply *reply;

	if (k->incarnation != m->incarnation)
		register_broker(w, c, m->broker, m->incarnation);
	controller_session_renew(w, c, m->broker);
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
