/* broker.c - the broker's process: its life and its duties */
#include "sim/broker/broker_inside.h"

#include <assert.h>
#include <string.h>

#include "sim/broker/cleaner.h"
#include "sim/broker/controller.h"
#include "sim/broker/events.h"
#include "sim/broker/group_txn.h"
#include "sim/broker/groups.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/recovery.h"
#include "sim/broker/retention.h"
#include "sim/broker/txn.h"

/* JVM start, before logs are loaded and the first heartbeat [E: 5-30 s]. */
#define START_UP	SIM_S(5)

static void broker_start(struct world *w, void *who, uint16_t arg);
static void broker_gone(struct world *w, void *who, uint16_t arg);
static void heartbeat(struct world *w, void *who, uint16_t arg);
static void isr_check(struct world *w, void *who, uint16_t arg);
static void retention(struct world *w, void *who, uint16_t arg);
static void checkpoint(struct world *w, void *who, uint16_t arg);
static void flush_old(struct world *w, void *who, uint16_t arg);

#define KIND(event, name, run)	[(event) & 0xff] = { name, run }

static const struct module_event broker_events[] = {
	KIND(BROKER_START, "broker.start", broker_start),
	KIND(BROKER_STOP, "broker.stop", broker_gone),
	KIND(BROKER_MESSAGE, "broker.message", broker_message),
	KIND(BROKER_LOST, "broker.lost", broker_lost),
	KIND(BROKER_COLLECT, "broker.collect", broker_collect),
	KIND(BROKER_REQUEST_READY, "broker.request", broker_request_ready),
	KIND(BROKER_PRODUCE_WRITTEN, "broker.reply", broker_send_reply),
	KIND(BROKER_PRODUCE_TIMEOUT, "broker.produce-timeout",
	     purgatory_timeout),
	KIND(BROKER_HEARTBEAT, "broker.heartbeat", heartbeat),
	KIND(BROKER_ISR_CHECK, "broker.isr-check", isr_check),
	KIND(BROKER_RETENTION, "broker.retention", retention),
	KIND(BROKER_FETCH_TIMEOUT, "broker.fetch-wait", fetch_session_timeout),
	KIND(BROKER_FETCHER_RETRY, "broker.fetcher", fetcher_retry),
	KIND(CONTROLLER_START, "controller.start", controller_start),
	KIND(CONTROLLER_MESSAGE, "controller.message", controller_message),
	KIND(CONTROLLER_COLLECT, "controller.collect", controller_collect),
	KIND(CONTROLLER_SESSION_TIMEOUT, "controller.session-timeout",
	     controller_session_timeout),
	KIND(CONTROLLER_REBALANCE, "controller.rebalance",
	     controller_rebalance),
	KIND(GROUP_JOIN_DEADLINE, "group.join-deadline", group_join_deadline),
	KIND(GROUP_SESSION_TIMEOUT, "group.session-timeout",
	     group_session_timeout),
	KIND(GROUP_COMMITTED, "group.committed", group_committed),
	KIND(BROKER_REQUEST_HEARD, "broker.request-heard", broker_request_heard),
	KIND(GROUP_LOADED, "group.loaded", group_loaded),
	KIND(GROUP_EXPIRE_OFFSETS, "group.expire-offsets",
	     group_expire_offsets),
	KIND(BROKER_LOG_DIR_FAILED, "broker.log-dir-failed", log_dir_failed),
	KIND(BROKER_LOAD_LOGS, "broker.load-logs", recovery_begin),
	KIND(BROKER_RECOVER, "broker.recover", recovery_step),
	KIND(BROKER_RECOVER_READ, "broker.recover-read", recovery_read),
	KIND(BROKER_CHECKPOINT, "broker.checkpoint", checkpoint),
	KIND(BROKER_FLUSH, "broker.flush", flush_old),
	KIND(BROKER_CLEAN, "broker.clean", cleaner_step),
	KIND(BROKER_CLEAN_READ, "broker.clean-read", cleaner_read),
	KIND(BROKER_CLEAN_WRITTEN, "broker.clean-written", cleaner_written),
	KIND(BROKER_SWEEP, "broker.sweep", retention_sweep),
	KIND(CONTROLLER_STOP, "controller.stop", controller_stop),
	KIND(CONTROLLER_LOST, "controller.lost", controller_lost),
	KIND(CONTROLLER_BOOTED, "controller.booted", controller_booted),
	KIND(CONTROLLER_IDLE, "controller.idle", controller_idle),
	KIND(CONTROLLER_EXIT, "controller.exit", controller_exit),
	KIND(RAFT_TIMEOUT, "raft.timeout", raft_timeout),
	KIND(RAFT_FETCH, "raft.fetch", raft_fetch_timer),
	KIND(RAFT_PARKED, "raft.parked", raft_parked),
	KIND(RAFT_DRAIN, "raft.drain", raft_drain),
	KIND(RAFT_CHECK_QUORUM, "raft.check-quorum", raft_check_quorum),
	KIND(RAFT_BEGIN, "raft.begin", raft_begin),
	KIND(RAFT_ANSWER, "raft.answer", raft_answer),
	KIND(RAFT_MESSAGE, "raft.message", raft_message_waited),
	KIND(CHANNEL_RETRY, "broker.channel", channel_retry),
	KIND(BROKER_LOG_DIR_UNTOLD, "broker.log-dir-untold", log_dir_untold),
	KIND(TXN_APPENDED, "txn.appended", txn_appended),
	KIND(TXN_LOADED, "txn.loaded", txn_loaded),
	KIND(TXN_MARKERS_AGAIN, "txn.markers-again", txn_markers_again),
	KIND(TXN_MARKER_WRITTEN, "txn.marker-written", txn_marker_written),
	KIND(TXN_ABORT_LATE, "txn.abort-late", txn_abort_late),
	KIND(TXN_EXPIRE, "txn.expire", txn_expire),
	KIND(TXN_PEERS_CHECK, "txn.peers-check", txn_peers_check),
	KIND(GROUP_TXN_WRITTEN, "group.txn-written", group_txn_written),
};

const struct module broker_module = {
	.name = "broker",
	.events = broker_events,
	.event_count = sizeof(broker_events) / sizeof(broker_events[0]),
};

/* -- making one ----------------------------------------------------------- */

struct broker *broker_new(struct world *w, struct cluster *c, int32_t node_id,
			  struct machine *m)
{
	static const struct process_events on = {
		.start = BROKER_START, .stop = BROKER_STOP,
		.message = BROKER_MESSAGE, .lost = BROKER_LOST,
		.collect = BROKER_COLLECT,
	};
	struct broker *b = world_take(w, struct broker);

	assert(c->brokers.count < BROKERS_MAX);
	b->cluster = c;
	b->index = (int32_t)c->brokers.count;
	b->node_id = node_id;
	b->rack = m->zone;
	b->process = process_new(w, world_text(w, m->name), m,
				 "kafka.Kafka server.properties", &on,
				 MODULE_BROKER, b);
	/* socket.connection.setup.timeout.ms; replica., controller.socket.
	 * timeout.ms */
	b->process->connect_timeout = SIM_S(10);
	b->process->silence_timeout = SIM_S(30);
	b->groups = groups_new(w, b);
	log_dirs_open(w, b);
	b->txns = txns_new(w, b);
	*vec_add(&w->arena, &c->brokers) = b;
	b->raft.broker = b;
	raft_init(w, &b->raft, c, b->process, node_id, NO_VOTER);
	broker_note_metrics(w, b);
	raft_metrics_new(w, &b->raft);
	return b;
}

void broker_listen(struct world *w, struct broker *b, const char *name,
		   uint16_t port, const char *host, uint16_t advertised_port)
{
	*vec_add(&w->arena, &b->listeners) = (struct listener){
		.name = world_name(w, name), .port = port,
		.advertised_host = world_name(w, host),
		.advertised_port = advertised_port,
	};
	net_listen(w, b->process, port);
}

static const struct listener *listener_named(const struct broker *b,
					     name_id name)
{
	for (uint32_t i = 0; i < b->listeners.count; i++)
		if (b->listeners.at[i].name == name)
			return &b->listeners.at[i];
	return b->listeners.count ? &b->listeners.at[0] : NULL;
}

static name_id listener_at(const struct broker *b, uint16_t port)
{
	for (uint32_t i = 0; i < b->listeners.count; i++)
		if (b->listeners.at[i].port == port)
			return b->listeners.at[i].name;
	return 0;
}

const struct listener *broker_advertised(const struct broker *b,
					 const struct broker *asked,
					 uint16_t port)
{
	return listener_named(b, listener_at(asked, port));
}

struct broker *broker_by_node(const struct cluster *c, int32_t node_id)
{
	for (uint32_t i = 0; i < c->brokers.count; i++)
		if (c->brokers.at[i]->node_id == node_id)
			return c->brokers.at[i];
	return NULL;
}

struct broker *broker_by_process(const struct cluster *c,
				 const struct process *p)
{
	for (uint32_t i = 0; i < c->brokers.count; i++)
		if (c->brokers.at[i]->process == p)
			return c->brokers.at[i];
	return NULL;
}

int64_t broker_setting(const struct broker *b, enum broker_key key)
{
	return view_broker_setting(&b->view, b->index, &b->config, key);
}

int64_t replica_setting(const struct replica *r, enum topic_key key)
{
	const struct broker *b = r->broker;

	return view_topic_setting(&b->view, r->partition->topic->id, b->index,
				  &b->config, key);
}

struct replica *broker_replica(const struct broker *b, uint32_t partition)
{
	return partition < b->replicas.count ? b->replicas.at[partition] : NULL;
}

/* -- life --------------------------------------------------------------------- */

void broker_send_heartbeat(struct world *w, struct broker *b)
{
	struct heartbeat_request *m = message_new(w, sizeof(*m),
						  MESSAGE_HEARTBEAT);

	m->req.head.bytes = 80;
	m->broker = b->index;
	m->incarnation = b->process->incarnation;
	/* Until registered nothing has been replayed. */
	m->applied = b->registered ? b->view.applied : 0;
	m->want_shutdown = b->stopping;
	m->offline_dirs = log_dirs_offline(b);
	m->fresh_dirs = log_dirs_fresh(b);
	channel_send(w, b, &m->req.head);
}

static void shut_down(struct world *w, struct broker *b)
{
	bool restart = b->restart;

	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])	/* LogManager.shutdown */
			replica_flush(w, b->replicas.at[i]);
	recovery_checkpoint(b);
	b->clean_stop = true;
	log_write(w, b->process, LOG_INFO, "[KafkaRaftServer nodeId=%d] shut "
		  "down completed (kafka.server.KafkaRaftServer)", b->node_id);
	process_kill(w, b->process);
	if (restart)
		process_start(w, b->process);
}

/* BrokerServer.shutdown waits 5 min for a controller to let it go. */
static bool let_go(struct world *w, struct broker *b)
{
	if (!b->stopping || world_now(w) - b->stopping_since < SIM_MINUTES(5) ||
	    !process_runs(b->process))
		return false;
	log_write(w, b->process, LOG_ERROR, "Timed out waiting for the "
		  "controller to approve controlled shutdown "
		  "(kafka.server.BrokerServer)");
	shut_down(w, b);
	return true;
}

static void heartbeat(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	(void)arg;
	if (let_go(w, b))
		return;
	b->heartbeat = world_timer(w, world_now(w) + SIM_MS(broker_setting(b,
				   BROKER_HEARTBEAT_MS)), BROKER_HEARTBEAT, b, 0);
	if (!process_runs(b->process))
		return;
	broker_send_heartbeat(w, b);
	log_dirs_assign(w, b);
}

void broker_heartbeat_now(struct world *w, struct broker *b)
{
	if (b->registered && process_runs(b->process))
		broker_send_heartbeat(w, b);
}

void broker_heartbeat_answered(struct world *w, struct broker *b,
			       const struct heartbeat_reply *m)
{
	if (m->error != KAFKA_NONE)
		return;			/* the next one goes to another */
	if (b->fenced && !m->fenced)
		broker_drop_strays(w, b);
	log_dirs_heard(w, b, m->offline_dirs);
	b->fenced = m->fenced;
	if (b->stopping && m->should_shutdown)
		shut_down(w, b);
}

static void isr_check(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	if (b->process->state == PROCESS_DOWN ||
	    (uint16_t)b->process->incarnation != arg)
		return;
	world_plan(w, world_now(w) +
		   config_ms(broker_setting(b, BROKER_REPLICA_LAG_MS)) / 2,
		   CLASS_TIMEOUT, BROKER_ISR_CHECK, b, arg);
	if (!process_runs(b->process))
		return;
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			replica_check_isr(w, b->replicas.at[i]);
}

/* A duty of the broker's scheduler: is this still the run that planned it, and
 * when is the next? */
static bool duty(struct world *w, struct broker *b, uint16_t run,
		 enum broker_key every, uint16_t what)
{
	if (b->process->state == PROCESS_DOWN ||
	    (uint16_t)b->process->incarnation != run)
		return false;
	world_plan(w, world_now(w) + config_ms(broker_setting(b, every)),
		   CLASS_TIMEOUT, what, b, run);
	return process_runs(b->process);
}

static void retention(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	if (!duty(w, b, arg, BROKER_RETENTION_CHECK_MS, BROKER_RETENTION))
		return;
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		if (!b->replicas.at[i])
			continue;
		replica_expire_producers(w, b->replicas.at[i]);
		retention_check(w, b->replicas.at[i]);
	}
}

static void checkpoint(struct world *w, void *who, uint16_t arg)
{
	if (duty(w, who, arg, BROKER_FLUSH_CHECKPOINT_MS, BROKER_CHECKPOINT))
		recovery_checkpoint(who);
}

/* flush.ms: LogManager.flushDirtyLogs. */
static void flush_old(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	if (!duty(w, b, arg, BROKER_FLUSH_SCHEDULER_MS, BROKER_FLUSH))
		return;
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];

		if (r && world_now(w) - r->flushed_at >=
			 config_ms(replica_setting(r, TOPIC_FLUSH_MS)))
			replica_flush(w, r);
	}
}

static void plan_duties(struct world *w, struct broker *b)
{
	uint16_t run = (uint16_t)b->process->incarnation;

	world_plan(w, world_now(w) +
		   config_ms(broker_setting(b, BROKER_REPLICA_LAG_MS)) / 2,
		   CLASS_TIMEOUT, BROKER_ISR_CHECK, b, run);
	world_plan(w, world_now(w) + SIM_S(30), CLASS_TIMEOUT,
		   BROKER_RETENTION, b, run);	/* InitialTaskDelayMs */
	world_plan(w, world_now(w) + SIM_S(30), CLASS_TIMEOUT,
		   BROKER_CHECKPOINT, b, run);
	if (broker_setting(b, BROKER_FLUSH_SCHEDULER_MS) < INT64_MAX)
		world_plan(w, world_now(w) + SIM_S(30), CLASS_TIMEOUT,
			   BROKER_FLUSH, b, run);
}

static void broker_start(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = ((struct process *)who)->self;

	(void)arg;
	registry_reset(w, b->process);
	memory_set(w, b->process, INT64_C(1) << 30);	/* -Xmx1G: default */
	b->registered = b->stopping = b->restart = false;
	b->fenced = true;
	b->assign_asked = 0;
	b->producer_ids = (struct producer_ids){0};
	memset(b->network_free, 0, sizeof(b->network_free));
	if (!log_dirs_look(w, b)) {
		process_kill(w, b->process);
		return;
	}
	log_write(w, b->process, LOG_INFO, "starting (kafka.server.BrokerServer)");
	plan_duties(w, b);
	cleaner_start(w, b);
	b->heartbeat = world_timer(w, world_now(w) + START_UP,
				   BROKER_LOAD_LOGS, b, 0);
	raft_start(w, &b->raft);
}

/*
 * The process is gone; what it held in memory goes with it.  Its logs, and the
 * metadata it had replayed, stay on disk.
 * Simplified: the high watermark stays exact; the real broker comes back with
 * its last checkpoint (replica.high.watermark.checkpoint.interval.ms, 5 s).
 */
static void broker_gone(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = ((struct process *)who)->self;

	(void)arg;
	world_cancel(w, &b->heartbeat);
	raft_stop(w, &b->raft);
	channel_drop(w, b);
	log_dirs_close(w, b);
	recovery_drop(w, b);
	cleaner_stop(w, b);
	fetchers_drop(w, b);
	broker_lines_drop(w, b);
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];

		if (!r)
			continue;
		replica_fail_waiting(w, r, KAFKA_NETWORK_EXCEPTION);
		producer_states_clear(w, &r->producers);
		vec_free(&w->arena, &r->guards);
		r->role = REPLICA_NONE;
		r->leader = NO_BROKER;
		r->isr_wanted = 0;
	}
	fetch_sessions_drop(w, b);
	txns_drop(w, b->txns);
	groups_drop(w, b->groups);
	b->registered = false;
}

void broker_stop(struct world *w, struct broker *b, bool restart)
{
	if (b->process->state == PROCESS_DOWN)
		return;
	b->restart = restart;
	if (!b->registered) {		/* nothing to hand over yet */
		process_kill(w, b->process);
		if (restart)
			process_start(w, b->process);
		return;
	}
	if (b->stopping)
		return;
	b->stopping = true;
	b->stopping_since = world_now(w);
	log_write(w, b->process, LOG_INFO, "[BrokerServer id=%d] Transition "
		  "from STARTED to SHUTTING_DOWN (kafka.server.BrokerServer)",
		  b->node_id);
	if (process_runs(b->process))
		broker_send_heartbeat(w, b);
}

void cluster_form(struct world *w, struct cluster *c)
{
	for (uint32_t i = 0; i < c->controllers.count; i++)
		process_start(w, c->controllers.at[i]->process);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		process_start(w, c->brokers.at[i]->process);
	controller_form(w, c);
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		struct broker *b = c->brokers.at[i];

		world_cancel(w, &b->heartbeat);
		/* Heartbeats of different brokers do not coincide. */
		b->heartbeat = world_timer(w, world_now(w) + SIM_MS(300) *
					   (b->index + 1), BROKER_HEARTBEAT,
					   b, 0);
		b->fenced = false;
		producer_ids_take(&b->producer_ids, controller_producer_ids(w,
						    controller_active(c)));
	}
	cluster_settle(w, c);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		broker_register(w, c->brokers.at[i]);
}
