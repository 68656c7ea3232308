/* broker.c - the broker's process: its life, its requests */
#include "sim/broker/broker.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/cleaner.h"
#include "sim/broker/controller.h"
#include "sim/broker/events.h"
#include "sim/broker/groups.h"
#include "sim/broker/metadata.h"
#include "sim/broker/recovery.h"
#include "sim/broker/retention.h"

/*
 * What requests cost a broker's CPU [E], from calibration.md 3.1: parsing,
 * checking and the wake-ups of network and io thread (10 us each) some tens of
 * microseconds.  A byte that is appended, whether produced or fetched by a
 * follower, is received from the socket at 1 GiB/s (half of a TCP echo, 500
 * MiB/s), then summed (CRC) and copied to the page cache at 1 GiB/s (fast
 * deserialise).  The leader looks at each record (LogValidator: offset,
 * timestamp, key): four steps out of the cache, 20 ns each.
 */
#define CPU_PRODUCE	SIM_US(40)
#define CPU_FETCH	SIM_US(30)
#define CPU_OTHER	SIM_US(60)
#define CPU_FOLLOWER	SIM_US(20)	/* taking in a fetched reply */
#define CPU_APPEND_BYTES_PER_US	537
#define CPU_RECORD	80		/* ns */

/* JVM start, before logs are loaded and the first heartbeat [E: 5-30 s]. */
#define START_UP	SIM_S(5)

static void broker_start(struct world *w, void *who, uint16_t arg);
static void broker_gone(struct world *w, void *who, uint16_t arg);
static void broker_message(struct world *w, void *who, uint16_t arg);
static void broker_lost(struct world *w, void *who, uint16_t arg);
static void broker_collect(struct world *w, void *who, uint16_t arg);
static void request_ready(struct world *w, void *who, uint16_t arg);
static void heartbeat(struct world *w, void *who, uint16_t arg);
static void isr_check(struct world *w, void *who, uint16_t arg);
static void retention(struct world *w, void *who, uint16_t arg);
static void checkpoint(struct world *w, void *who, uint16_t arg);
static void flush_old(struct world *w, void *who, uint16_t arg);
static void request_heard(struct world *w, void *who, uint16_t arg);
static void log_dir_failed(struct world *w, void *who, uint16_t arg);
static void send_reply(struct world *w, void *who, uint16_t arg);
static void lines_drop(struct world *w, struct broker *b);

#define KIND(event, name, run)	[(event) & 0xff] = { name, run }

static const struct module_event broker_events[] = {
	KIND(BROKER_START, "broker.start", broker_start),
	KIND(BROKER_STOP, "broker.stop", broker_gone),
	KIND(BROKER_MESSAGE, "broker.message", broker_message),
	KIND(BROKER_LOST, "broker.lost", broker_lost),
	KIND(BROKER_COLLECT, "broker.collect", broker_collect),
	KIND(BROKER_REQUEST_READY, "broker.request", request_ready),
	KIND(BROKER_PRODUCE_WRITTEN, "broker.reply", send_reply),
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
	KIND(BROKER_REQUEST_HEARD, "broker.request-heard", request_heard),
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
};

const struct module broker_module = {
	.name = "broker",
	.events = broker_events,
	.event_count = sizeof(broker_events) / sizeof(broker_events[0]),
};

/* -- making one ----------------------------------------------------------- */

static const int64_t produce_buckets[] = {
	SIM_MS(1), SIM_MS(2), SIM_MS(5), SIM_MS(10), SIM_MS(20), SIM_MS(50),
	SIM_MS(100), SIM_MS(200), SIM_MS(500), SIM_S(1), SIM_S(2), SIM_S(5),
	SIM_S(10), SIM_S(30),
};

/* Names: the Kafka example rules of the Prometheus JMX exporter
 * (kafka-2_0_0.yml): domain_type_name, counters with _total. */
static void note_metrics(struct world *w, struct broker *b)
{
	struct process *p = b->process;
	struct broker_metrics *m = world_take(w, struct broker_metrics);

	b->metrics = m;
	m->bytes_in = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_bytesin_total", NULL);
	m->bytes_out = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_bytesout_total", NULL);
	m->messages_in = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_messagesin_total", NULL);
	m->produce_requests = metric_counter(w, p,
		"kafka_network_requestmetrics_requests_total",
		"request", "Produce", NULL);
	m->fetch_requests = metric_counter(w, p,
		"kafka_network_requestmetrics_requests_total",
		"request", "Fetch", NULL);
	m->failed_produce = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_failedproducerequests_total",
		NULL);
	m->under_replicated = metric_gauge(w, p,
		"kafka_server_replicamanager_underreplicatedpartitions", NULL);
	m->under_min_isr = metric_gauge(w, p,
		"kafka_server_replicamanager_underminisrpartitioncount", NULL);
	m->offline = metric_gauge(w, p,
		"kafka_server_replicamanager_offlinereplicacount", NULL);
	m->leaders = metric_gauge(w, p,
		"kafka_server_replicamanager_leadercount", NULL);
	m->partitions = metric_gauge(w, p,
		"kafka_server_replicamanager_partitioncount", NULL);
	m->isr_shrinks = metric_counter(w, p,
		"kafka_server_replicamanager_isrshrinks_total", NULL);
	m->isr_expands = metric_counter(w, p,
		"kafka_server_replicamanager_isrexpands_total", NULL);
	m->active_sessions = metric_gauge(w, p,
		"kafka_server_fetchsessioncache_numincrementalfetchsessions",
		NULL);
	m->dead_cleaners = metric_gauge(w, p,
		"kafka_log_logcleaner_deadthreadcount", NULL);
	m->max_dirty_percent = metric_gauge(w, p,
		"kafka_log_logcleanermanager_max_dirty_percent", NULL);
	m->uncleanable = metric_gauge(w, p,
		"kafka_log_logcleanermanager_uncleanable_partitions_count",
		"logDirectory", "/var/lib/kafka/data", NULL);
	m->to_recover = metric_gauge(w, p,
		"kafka_log_logmanager_remaininglogstorecover", "dir",
		"/var/lib/kafka/data", NULL);
	m->produce_ms = metric_unit(metric_histogram(w, p, produce_buckets,
		sizeof(produce_buckets) / sizeof(produce_buckets[0]),
		"kafka_network_requestmetrics_totaltime_seconds",
		"request", "Produce", NULL), METRIC_NS);
}

struct broker *broker_new(struct world *w, struct cluster *c, int32_t node_id,
			  struct machine *m)
{
	static const struct process_events on = {
		.start = BROKER_START, .stop = BROKER_STOP,
		.message = BROKER_MESSAGE, .lost = BROKER_LOST,
		.collect = BROKER_COLLECT,
	};
	struct broker *b = world_take(w, struct broker);

	assert(c->brokers.count < 64);
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
	*vec_add(&w->arena, &c->brokers) = b;
	note_metrics(w, b);
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
	return broker_config(&b->config, key);
}

int64_t replica_setting(const struct replica *r, enum topic_key key)
{
	static const struct topic_config nothing;
	uint32_t topic = r->partition->topic->id;
	const struct topic_config *c = view_knows_topic(&r->broker->view, topic) ?
		r->broker->view.configs.at[topic] : &nothing;

	return topic_config(c, &r->broker->config, key);
}

struct replica *broker_replica(const struct broker *b, uint32_t partition)
{
	return partition < b->replicas.count ? b->replicas.at[partition] : NULL;
}

/* -- believing the metadata log ---------------------------------------------- */

/* The directory with the fewest logs: LogManager.nextLogDirs. */
static struct disk *next_log_dir(const struct broker *b)
{
	struct disk *best = &b->process->machine->disk;

	for (struct disk *d = best->next; d; d = d->next)
		if (d->files.count < best->files.count)
			best = d;
	return best;
}

static struct replica *replica_for(struct world *w, struct broker *b,
				   struct partition *p)
{
	struct replica *r;

	while (b->replicas.count <= p->id)
		*vec_add(&w->arena, &b->replicas) = NULL;
	r = b->replicas.at[p->id];
	if (r)
		return r;
	r = world_take(w, struct replica);
	r->broker = b;
	r->partition = p;
	r->leader = NO_BROKER;
	r->leader_epoch = -1;
	log_open(w, &r->log);
	r->file = file_new(w, next_log_dir(b));
	b->replicas.at[p->id] = r;
	return r;
}

static void delete_replica(struct world *w, struct broker *b, uint32_t id)
{
	struct replica *r = broker_replica(b, id);

	if (!r)
		return;
	replica_fail_waiting(w, r, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
	fetcher_drop(w, r);
	r->role = REPLICA_NONE;
	fetch_wake(w, r, true);
	retention_doom(w, r);
	vec_free(&w->arena, &r->log.runs);
	vec_free(&w->arena, &r->log.segments);
	vec_free(&w->arena, &r->log.epochs);
	producer_states_clear(w, &r->producers);
	vec_free(&w->arena, &r->watchers);
	b->replicas.at[id] = NULL;
	world_give(w, r);
}

/* Act on what is believed: once registered, and never before. */
static void act(struct world *w, struct broker *b, uint32_t id)
{
	const struct partition_state *s = view_partition(&b->view, id);
	struct partition *p = b->cluster->partitions.at[id];

	if (!s->replica_count)
		return;
	if (!state_has_replica(s, b->index)) {
		delete_replica(w, b, id);
		return;
	}
	replica_become(w, replica_for(w, b, p), s);
	if (p->topic->internal)
		groups_partition(w, b->groups, p->index,
				 s->leader == b->index);
}

static void believe_topic_gone(struct world *w, struct broker *b, uint32_t id)
{
	struct topic *t = b->cluster->topics.at[id];

	for (uint32_t i = 0; i < t->partitions.count; i++) {
		uint32_t partition = t->partitions.at[i]->id;

		if (partition < b->view.partitions.count)
			b->view.partitions.at[partition] =
				(struct partition_state){ .leader = NO_BROKER };
		delete_replica(w, b, partition);
	}
	if (id < b->view.configs.count)
		b->view.configs.at[id] = NULL;
}

static void believe(struct world *w, struct broker *b,
		    const struct metadata_record *r)
{
	struct metadata_view *v = &b->view;

	switch (r->kind) {
	case METADATA_TOPIC:
	case METADATA_CONFIG:
		while (v->configs.count <= r->topic)
			*vec_add(&w->arena, &v->configs) = NULL;
		v->configs.at[r->topic] = r->config;
		break;
	case METADATA_TOPIC_GONE:
		believe_topic_gone(w, b, r->topic);
		break;
	case METADATA_PARTITION:
		while (v->partitions.count <= r->partition)
			vec_add(&w->arena, &v->partitions)->leader = NO_BROKER;
		v->partitions.at[r->partition] = r->state;
		if (b->registered)
			act(w, b, r->partition);
		break;
	case METADATA_BROKER:
		v->brokers = r->brokers;
		break;
	}
}

void broker_apply(struct world *w, struct broker *b, uint32_t records)
{
	/* A record is copied: applying one may grow the log we read from. */
	while (b->view.applied < records) {
		struct metadata_record r =
			b->cluster->records.at[b->view.applied++];

		believe(w, b, &r);
	}
}

static void register_self(struct world *w, struct broker *b, uint32_t records)
{
	broker_apply(w, b, records);
	b->registered = true;
	for (uint32_t i = 0; i < b->view.partitions.count; i++)
		act(w, b, i);
	log_write(w, b->process, LOG_INFO, "[KafkaRaftServer nodeId=%d] Kafka "
		  "Server started (kafka.server.KafkaRaftServer)", b->node_id);
}

/* -- life --------------------------------------------------------------------- */

static void send_heartbeat(struct world *w, struct broker *b)
{
	struct heartbeat_request *m = message_new(w, sizeof(*m),
						  MESSAGE_HEARTBEAT);

	m->req.head.bytes = 80;
	m->broker = b->index;
	m->incarnation = b->process->incarnation;
	/* Until registered nothing has been replayed. */
	m->applied = b->registered ? b->view.applied : 0;
	m->want_shutdown = b->stopping;
	net_send(w, b->process, controller_process(b->cluster), &m->req.head);
}

static void heartbeat(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	(void)arg;
	b->heartbeat = world_timer(w, world_now(w) + SIM_MS(broker_setting(b,
				   BROKER_HEARTBEAT_MS)), BROKER_HEARTBEAT, b, 0);
	if (process_runs(b->process))
		send_heartbeat(w, b);
}

static void heartbeat_answered(struct world *w, struct broker *b,
			       const struct heartbeat_reply *m)
{
	bool restart = b->restart;

	if (!b->registered) {
		register_self(w, b, m->records);
		send_heartbeat(w, b);
	}
	/* A real broker fetches the metadata log; what the controller told it
	 * while the connection broke would come with its next fetch. */
	broker_apply(w, b, m->records);
	b->fenced = m->fenced;
	if (!b->stopping || !m->should_shutdown)
		return;
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

static void retention(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	if (b->process->state == PROCESS_DOWN ||
	    (uint16_t)b->process->incarnation != arg)
		return;
	world_plan(w, world_now(w) +
		   config_ms(broker_setting(b, BROKER_RETENTION_CHECK_MS)),
		   CLASS_TIMEOUT, BROKER_RETENTION, b, arg);
	if (!process_runs(b->process))
		return;
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		if (!b->replicas.at[i])
			continue;
		replica_expire_producers(w, b->replicas.at[i]);
		retention_check(w, b->replicas.at[i]);
	}
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

/* LogLoader: what was known of producers is read from the logs again. */
static void load_logs(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];

		if (r)
			producer_states_rebuild(w, &r->producers, &r->log);
	}
}

static void broker_start(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = ((struct process *)who)->self;

	(void)arg;
	registry_reset(w, b->process);
	memory_set(w, b->process, INT64_C(1) << 30);	/* -Xmx1G: default */
	b->registered = b->stopping = b->restart = false;
	b->reading_failed = false;
	b->fenced = true;
	b->producer_ids = (struct producer_ids){0};
	memset(b->network_free, 0, sizeof(b->network_free));
	if (b->dead_disk && disk_state(b->failed_disk) != DISK_OK) {
		log_write(w, b->process, LOG_ERROR, "Shutdown broker because "
			  "all log dirs in /var/lib/kafka/data have failed "
			  "(kafka.log.LogManager)");
		process_kill(w, b->process);
		return;
	}
	b->dead_disk = false;
	log_write(w, b->process, LOG_INFO, "starting (kafka.server.BrokerServer)");
	load_logs(w, b);
	plan_duties(w, b);
	cleaner_start(w, b);
	b->heartbeat = world_timer(w, world_now(w) + START_UP,
				   BROKER_LOAD_LOGS, b, 0);
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
	recovery_drop(w, b);
	cleaner_stop(w, b);
	fetchers_drop(w, b);
	lines_drop(w, b);
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];

		if (!r)
			continue;
		replica_fail_waiting(w, r, KAFKA_NETWORK_EXCEPTION);
		producer_states_clear(w, &r->producers);
		r->role = REPLICA_NONE;
		r->leader = NO_BROKER;
		r->isr_wanted = 0;
	}
	fetch_sessions_drop(w, b);
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
	log_write(w, b->process, LOG_INFO, "[BrokerServer id=%d] Transition "
		  "from STARTED to SHUTTING_DOWN (kafka.server.BrokerServer)",
		  b->node_id);
	if (process_runs(b->process))
		send_heartbeat(w, b);
}

void broker_halt(struct world *w, struct broker *b, const struct replica *r)
{
	const struct partition *p = r->partition;

	log_write(w, b->process, LOG_ERROR, "Error while %s "
		  "%s-%u in dir /var/lib/kafka/data "
		  "(org.apache.kafka.storage.internals.log.LogDirFailureChannel) "
		  "java.io.IOException: %s",
		  b->reading_failed ? "reading records from" :
				      "appending records to",
		  world_text(w, p->topic->name), p->index,
		  disk_result_text(r->trouble));
	log_write(w, b->process, LOG_ERROR, "Shutdown broker because all log "
		  "dirs in /var/lib/kafka/data have failed "
		  "(kafka.log.LogManager)");
	b->dead_disk = true;
	b->reading_failed = false;
	b->failed_disk = r->file->disk;
	process_kill(w, b->process);
}

void broker_halt_soon(struct world *w, struct broker *b, struct replica *r)
{
	if (b->reading_failed)
		return;
	b->reading_failed = true;
	process_at(w, b->process, world_now(w), BROKER_LOG_DIR_FAILED, r, 0);
}

static void log_dir_failed(struct world *w, void *who, uint16_t arg)
{
	struct replica *r = who;

	(void)arg;
	r->trouble = DISK_FAILED;	/* it may have read from memory since */
	broker_halt(w, r->broker, r);
}

void cluster_form(struct world *w, struct cluster *c)
{
	process_start(w, c->controller->process);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		process_start(w, c->brokers.at[i]->process);
	controller_form(w, c->controller);
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		struct broker *b = c->brokers.at[i];

		world_cancel(w, &b->heartbeat);
		/* Heartbeats of different brokers do not coincide. */
		b->heartbeat = world_timer(w, world_now(w) + SIM_MS(300) *
					   (b->index + 1), BROKER_HEARTBEAT,
					   b, 0);
		b->fenced = false;
		producer_ids_take(&b->producer_ids,
				  controller_producer_ids(c->controller));
		register_self(w, b, c->records.count);
	}
}

/* -- offsets --------------------------------------------------------------- */

static void find_offset(struct world *w, struct broker *b,
			struct offsets_part *part)
{
	struct replica *r = broker_replica(b, part->partition);
	sim_time at;

	part->offset = -1;
	part->error = KAFKA_NONE;
	if (!r || r->role != REPLICA_LEADER)
		part->error = KAFKA_NOT_LEADER_OR_FOLLOWER;
	else if (part->timestamp == OFFSET_LATEST)
		part->offset = r->high_watermark;
	else if (part->timestamp == OFFSET_EARLIEST)
		part->offset = r->log.start_offset;
	else
		part->offset = log_offset_for_time(w, &r->log,
			part->timestamp == OFFSET_MAX_TIMESTAMP ?
			r->log.max_timestamp : part->timestamp, &at);
}

static void list_offsets(struct world *w, struct broker *b,
			 struct offsets_message *m)
{
	struct offsets_message *reply =
		message_new(w, sizeof(*reply) +
			    m->count * sizeof(*reply->parts),
			    MESSAGE_OFFSETS_ARE);

	reply->req.correlation = m->req.correlation;
	reply->count = m->count;
	memcpy(reply->parts, m->parts, m->count * sizeof(*m->parts));
	for (uint32_t i = 0; i < m->count; i++)
		find_offset(w, b, &reply->parts[i]);
	reply->req.head.bytes = 40 + 30 * m->count;
	net_send(w, b->process, m->req.head.from, &reply->req.head);
}

/* -- network threads -------------------------------------------------------- */

static sim_time *network_thread(struct broker *b, const struct process *client)
{
	return &b->network_free[client->id % NETWORK_THREADS];
}

void broker_block_network(struct broker *b, const struct process *client,
			  sim_time until)
{
	sim_time *thread = network_thread(b, client);

	if (*thread < until)
		*thread = until;
}

/* The answer leaves, and its connection is listened to again. */
static void post(struct world *w, struct broker *b, struct process *client,
		 struct message *m)
{
	uint16_t kind = m->kind;
	uint64_t correlation = ((struct request *)m)->correlation;

	net_send(w, b->process, client, m);
	if (kind == MESSAGE_PRODUCED)
		broker_produced(w, b, client, correlation);
}

void broker_send_at(struct world *w, struct broker *b, struct process *client,
		    struct message *m, sim_time ready)
{
	sim_time free_at = *network_thread(b, client);

	if (ready < free_at)
		ready = free_at;
	if (ready <= world_now(w)) {
		post(w, b, client, m);
		return;
	}
	m->from = b->process;
	m->to = client;
	process_serve_at(w, b->process, ready, BROKER_PRODUCE_WRITTEN, m);
}

/* The records have been read, or the dirty pages have drained. */
static void send_reply(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	post(w, m->from->self, m->to, m);
}

/* -- requests ----------------------------------------------------------------------- */

/* A request has had its CPU time. */
static void request_ready(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct broker *b = m->to->self;

	(void)arg;
	switch (m->kind) {
	case MESSAGE_PRODUCE:
		produce_handle(w, b, (struct produce_request *)m);
		break;
	case MESSAGE_FETCH:
		fetch_handle(w, b, (struct fetch_request *)m);
		return;			/* it keeps the message */
	case MESSAGE_FETCHED:
		fetcher_reply(w, b, (struct fetch_reply *)m);
		break;
	case MESSAGE_METADATA:
		metadata_answer(w, b, (struct metadata_request *)m);
		break;
	case MESSAGE_INIT_PRODUCER_ID:
		producer_ids_answer(w, b, (struct producer_id_message *)m);
		break;
	case MESSAGE_LIST_OFFSETS:
		list_offsets(w, b, (struct offsets_message *)m);
		break;
	case MESSAGE_GROUP:
		groups_handle(w, b->groups, (struct group_request *)m);
		return;
	case MESSAGE_ADMIN:
	case MESSAGE_ADMIN_ANSWER:
		admin_handle(w, b, (struct text_message *)m);
		return;
	}
	message_free(w, m);
}

static sim_time append_cpu(const struct message *m)
{
	return (sim_time)m->bytes * 1000 / CPU_APPEND_BYTES_PER_US;
}

/* Packed batches are unpacked to be looked at. */
static sim_time produce_cpu(const struct produce_request *r)
{
	const struct broker *b = r->req.head.to->self;
	sim_time ns = CPU_PRODUCE + append_cpu(&r->req.head);

	for (uint32_t i = 0; i < r->count; i++) {
		const struct produce_part *part = &r->parts[i];
		const struct replica *leader = broker_replica(b,
							      part->partition);

		ns += (sim_time)part->batch.count * CPU_RECORD;
		if (leader)
			ns += replica_unpack_time(leader, &part->batch);
	}
	return ns;
}

static sim_time request_cpu(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_PRODUCE:
		return produce_cpu((const struct produce_request *)m);
	case MESSAGE_FETCHED:
		return CPU_FOLLOWER + append_cpu(m);
	case MESSAGE_FETCH:
		return CPU_FETCH;
	default:
		return CPU_OTHER;
	}
}

/* What is not a client's request: answers, and what the controller says. */
static bool inner_message(struct world *w, struct broker *b, struct message *m)
{
	switch (m->kind) {
	case MESSAGE_FETCHED:		/* its thread appends it, then asks on */
		cpu_serve(w, b->process, request_cpu(m), BROKER_REQUEST_READY,
			  m);
		return true;
	case MESSAGE_HEARTBEAT_ANSWER:
		heartbeat_answered(w, b, (struct heartbeat_reply *)m);
		break;
	case MESSAGE_METADATA_DELTA:
		if (b->registered)
			broker_apply(w, b,
				     ((struct metadata_delta *)m)->records);
		break;
	case MESSAGE_ALTER_PARTITION_ANSWER: {
		struct alter_partition *a = (struct alter_partition *)m;
		struct replica *r = broker_replica(b, a->partition);

		if (r)
			replica_isr_answer(w, r, a->error);
		break;
	}
	case MESSAGE_PRODUCER_IDS_ARE:
		producer_ids_take(&b->producer_ids,
				  ((struct producer_ids_message *)m)->first);
		break;
	case MESSAGE_SCRAPE:
		telemetry_answer(w, m);
		return true;
	default:
		return false;
	}
	message_free(w, m);
	return true;
}

static void request_heard(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct broker *b = m->to->self;

	(void)arg;
	cpu_serve(w, b->process, request_cpu(m), BROKER_REQUEST_READY, m);
}

static void read_request(struct world *w, struct broker *b, struct message *m)
{
	if (m->kind == MESSAGE_PRODUCE)
		((struct produce_request *)m)->arrived = world_now(w);
	if (*network_thread(b, m->from) > world_now(w))
		process_serve_at(w, b->process, *network_thread(b, m->from),
				 BROKER_REQUEST_HEARD, m);
	else
		request_heard(w, m, 0);
}

/* -- one produce request of a client at a time (struct produce_line) ----------- */

static struct produce_line *line_of(struct broker *b, const struct process *p)
{
	for (uint32_t i = 0; i < b->produce_lines.count; i++)
		if (b->produce_lines.at[i].client == p)
			return &b->produce_lines.at[i];
	return NULL;
}

/* True: it is worked on now; false: it waits in the socket. */
static bool line_takes(struct world *w, struct broker *b, struct message *m)
{
	struct produce_line *line = line_of(b, m->from);

	if (!line) {
		line = vec_add(&w->arena, &b->produce_lines);
		*line = (struct produce_line){ .client = m->from };
	}
	if (line->busy) {
		*vec_add(&w->arena, &line->held) = m;
		return false;
	}
	line->busy = ((struct request *)m)->correlation;
	return true;
}

void broker_produced(struct world *w, struct broker *b,
		     const struct process *client, uint64_t correlation)
{
	struct produce_line *line = line_of(b, client);
	struct message *next;

	if (!line || line->busy != correlation)
		return;			/* of a connection that broke since */
	line->busy = 0;
	if (!line->held.count)
		return;
	next = line->held.at[0];
	vec_remove(&line->held, 0);
	line->busy = ((struct request *)next)->correlation;
	read_request(w, b, next);
}

/* The connection is gone, with what nobody had read. */
static void line_drop(struct world *w, struct broker *b, uint32_t index)
{
	struct produce_line *line = &b->produce_lines.at[index];

	for (uint32_t i = 0; i < line->held.count; i++)
		message_free(w, line->held.at[i]);
	vec_free(&w->arena, &line->held);
	vec_remove(&b->produce_lines, index);
}

static void lines_drop(struct world *w, struct broker *b)
{
	while (b->produce_lines.count)
		line_drop(w, b, b->produce_lines.count - 1);
}

static void broker_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct broker *b = m->to->self;

	(void)arg;
	if (inner_message(w, b, m))
		return;
	if (!b->registered) {		/* the socket server is not open yet */
		net_refuse(w, m);
		return;
	}
	if (m->kind != MESSAGE_PRODUCE || line_takes(w, b, m))
		read_request(w, b, m);
}

static void broker_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost *lost = who;
	struct broker *b = lost->process->self;
	struct produce_line *line = line_of(b, lost->peer);

	(void)arg;
	fetcher_lost(w, b, lost->peer);
	fetch_session_lost(w, b, lost->peer);
	if (line)
		line_drop(w, b, (uint32_t)(line - b->produce_lines.at));
}

/* -- metrics ---------------------------------------------------------------------------- */

static void collect_topic_metrics(struct world *w, struct broker *b,
				  struct replica *r)
{
	char index[12];
	const char *topic = world_text(w, r->partition->topic->name);

	if (!r->log_end_metric) {
		snprintf(index, sizeof(index), "%u", r->partition->index);
		r->log_end_metric = metric_gauge(w, b->process,
			"kafka_log_log_logendoffset", "topic", topic,
			"partition", index, NULL);
		r->log_size_metric = metric_gauge(w, b->process,
			"kafka_log_log_size", "topic", topic,
			"partition", index, NULL);
	}
	metric_set(r->log_end_metric, r->log.end_offset);
	metric_set(r->log_size_metric, r->log.bytes);
}

static void broker_collect(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = ((struct process *)who)->self;
	struct broker_metrics *m = b->metrics;
	int64_t leaders = 0, partitions = 0, urp = 0, under_min = 0, sessions = 0;

	(void)arg;
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];

		if (!r)
			continue;
		partitions++;
		if (!r->partition->topic->internal)
			collect_topic_metrics(w, b, r);
		if (r->role != REPLICA_LEADER)
			continue;
		leaders++;
		urp += replica_isr_count(r) <
		       view_partition(&b->view, i)->replica_count;
		under_min += replica_under_min_isr(r);
	}
	for (uint32_t i = 0; i < b->sessions.count; i++)
		sessions += b->sessions.at[i] != NULL;
	metric_set(m->leaders, leaders);
	metric_set(m->partitions, partitions);
	metric_set(m->under_replicated, urp);
	metric_set(m->under_min_isr, under_min);
	metric_set(m->active_sessions, sessions);
	metric_set(m->to_recover, recovery_left(b));
	cleaner_collect(w, b);
}
