/* controller_brokers.c - which brokers live: sessions, fencing, shutdown */
#include "sim/broker/controller_inside.h"

#include "sim/broker/events.h"

bool controller_acceptable(const struct controller *c, int32_t b)
{
	return controller_registered(c, b) && !controller_fenced(c, b) &&
	       !(c->view.shutting_down & broker_bit(b));
}

/* The unfenced brokers, and those in controlled shutdown, are now these. */
static void write_brokers(struct world *w, struct controller *c,
			  uint64_t brokers, uint64_t shutting_down)
{
	struct metadata_record r = {
		.kind = METADATA_BROKER, .brokers = brokers,
		.shutting_down = shutting_down,
	};

	controller_write(w, c, &r);
}

static void fence(struct world *w, struct controller *c, int32_t broker,
		  const char *why)
{
	if (controller_fenced(c, broker))
		return;
	log_write(w, c->process, LOG_INFO,
		  "[QuorumController id=%d] Fencing broker %d because %s. "
		  "(org.apache.kafka.controller.ReplicationControlManager)",
		  c->raft.id, c->cluster->brokers.at[broker]->node_id, why);
	write_brokers(w, c, c->view.brokers & ~broker_bit(broker),
		      c->view.shutting_down);
	controller_leave(w, c, broker);
}

static void unfence(struct world *w, struct controller *c, int32_t broker)
{
	log_write(w, c->process, LOG_INFO,
		  "[QuorumController id=%d] The request from broker %d to "
		  "unfence has been granted because it has caught up with the "
		  "offset of its register broker record %lld. "
		  "(org.apache.kafka.controller.BrokerHeartbeatManager)",
		  c->raft.id, c->cluster->brokers.at[broker]->node_id,
		  (long long)c->view.registered_at[broker]);
	write_brokers(w, c, c->view.brokers | broker_bit(broker),
		      c->view.shutting_down);
	controller_arrive(w, c, broker);
}

/* -- sessions ---------------------------------------------------------------- */

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
	metric_add(c->metrics.timed_out, 1);
	fence(w, c, broker, "its session has timed out");
}

static void session_renew(struct world *w, struct controller *c,
			  int32_t broker)
{
	struct controlled_broker *k = &c->brokers.at[broker];
	int64_t ms = broker_setting(c->cluster->brokers.at[broker],
				    BROKER_SESSION_MS);

	world_cancel(w, &k->session);
	k->session = world_timer(w, world_now(w) + SIM_MS(ms),
				 CONTROLLER_SESSION_TIMEOUT, c,
				 (uint16_t)broker);
}

/* A new active controller counts from now for each that is not fenced. */
void controller_sessions_begin(struct world *w, struct controller *c)
{
	while (c->brokers.count < c->cluster->brokers.count)
		vec_add(&w->arena, &c->brokers);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		if (!controller_fenced(c, (int32_t)i))
			session_renew(w, c, (int32_t)i);
}

void controller_sessions_end(struct world *w, struct controller *c)
{
	for (uint32_t i = 0; i < c->brokers.count; i++)
		world_cancel(w, &c->brokers.at[i].session);
}

/* -- heartbeats --------------------------------------------------------------- */

static bool leads_any(const struct controller *c, int32_t broker)
{
	for (uint32_t i = 0; i < c->view.partitions.count; i++)
		if (c->view.partitions.at[i].replica_count &&
		    c->view.partitions.at[i].leader == broker)
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
	write_brokers(w, c, c->view.brokers,
		      c->view.shutting_down | broker_bit(b));
	controller_leave(w, c, b);
}

static void register_broker(struct world *w, struct controller *c,
			    const struct heartbeat_request *m)
{
	struct metadata_record r = {
		.kind = METADATA_REGISTRATION, .broker = m->broker,
		.incarnation = m->incarnation,
	};

	/* Simplified: a new incarnation fences the old one; the real controller
	 * refuses it until the old session has ended. */
	if (controller_registered(c, m->broker))
		fence(w, c, m->broker, "it has registered again");
	controller_write(w, c, &r);
	controller_dirs_registered(c, m);
}

void controller_heartbeat(struct world *w, struct controller *c,
			  struct heartbeat_request *m)
{
	struct metadata_view *v = &c->view;
	uint64_t bit = broker_bit(m->broker);
	struct heartbeat_reply *reply;

	if (v->incarnations[m->broker] != m->incarnation)
		register_broker(w, c, m);
	session_renew(w, c, m->broker);
	controller_dirs_heard(w, c, m);
	if (m->want_shutdown && !(v->shutting_down & bit))
		begin_shutdown(w, c, m->broker);
	if (controller_fenced(c, m->broker) && !(v->shutting_down & bit) &&
	    m->applied > v->registered_at[m->broker])
		unfence(w, c, m->broker);
	reply = message_new(w, sizeof(*reply), MESSAGE_HEARTBEAT_ANSWER);
	reply->req.head.bytes = 60;
	reply->fenced = controller_fenced(c, m->broker);
	reply->offline_dirs = c->cluster->dirs[m->broker].offline;
	reply->should_shutdown = (v->shutting_down & bit) &&
				 !leads_any(c, m->broker);
	controller_answer(w, c, m->req.head.from, &reply->req.head);
}
