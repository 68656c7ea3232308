/* controller.c - the controller's process, its records, its answers */
#include "sim/broker/controller_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/events.h"

/* CPU of one controller request: a metadata append and its answer [E]. */
#define CONTROLLER_CPU	SIM_US(100)

/* The JVM, before the quorum is joined [E]. */
#define START_UP	SIM_S(3)

#define IDLE_INTERVAL	SIM_MS(500)	/* metadata.max.idle.interval.ms */

#define FIRST_NODE_ID	100		/* beyond those of brokers */

static struct controller *of_process(const struct process *p)
{
	return p->self;
}

struct controller *controller_active(const struct cluster *c)
{
	struct controller *best = NULL;

	for (uint32_t i = 0; i < c->controllers.count; i++) {
		struct controller *k = c->controllers.at[i];

		if (k->active && (!best || k->raft.epoch > best->raft.epoch))
			best = k;
	}
	return best;
}

/* Names: kafka-kraft-3_0_0.yml of the JMX exporter, in lower case. */
static void note_metrics(struct world *w, struct controller *c)
{
	static const struct {
		size_t at;
		const char *name;
		bool counts;
	} rows[] = {
#define METRIC(field, name, counts)					\
		{ offsetof(struct controller_metrics, field), name, counts }
		METRIC(active, "activecontrollercount", false),
		METRIC(fenced, "fencedbrokercount", false),
		METRIC(unfenced, "activebrokercount", false),
		METRIC(offline, "offlinepartitionscount", false),
		METRIC(imbalance, "preferredreplicaimbalancecount", false),
		METRIC(topics, "globaltopiccount", false),
		METRIC(partitions, "globalpartitioncount", false),
		METRIC(new_active, "newactivecontrollerscount", true),
		METRIC(timed_out, "timedoutbrokerheartbeatcount", true),
		METRIC(applied, "lastappliedrecordoffset", false),
#undef METRIC
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[80];

		snprintf(name, sizeof(name),
			 "kafka_controller_kafkacontroller_%s", rows[i].name);
		*(struct metric **)((char *)&c->metrics + rows[i].at) =
			rows[i].counts ?
			metric_counter(w, c->process, name, NULL) :
			metric_gauge(w, c->process, name, NULL);
	}
	c->metrics.unclean = metric_counter(w, c->process,
		"kafka_controller_controllerstats_uncleanleaderelections_total",
		NULL);
	raft_metrics_new(w, &c->raft);
}

struct controller *controller_new(struct world *w, struct cluster *cluster,
				  struct machine *m)
{
	static const struct process_events on = {
		.start = CONTROLLER_START, .stop = CONTROLLER_STOP,
		.message = CONTROLLER_MESSAGE, .lost = CONTROLLER_LOST,
		.collect = CONTROLLER_COLLECT,
	};
	struct controller *c = world_take(w, struct controller);
	int32_t voter = (int32_t)cluster->controllers.count;
	char name[32];

	assert(voter < VOTERS_MAX);
	snprintf(name, sizeof(name), "controller-%d", voter + 1);
	c->cluster = cluster;
	c->process = process_new(w, name, m,
				 "kafka.Kafka controller.properties", &on,
				 MODULE_BROKER, c);
	/* socket.connection.setup.timeout.ms */
	c->process->connect_timeout = SIM_S(10);
	c->raft.controller = c;
	raft_init(w, &c->raft, cluster, c->process, FIRST_NODE_ID + voter,
		  voter);
	*vec_add(&w->arena, &cluster->controllers) = c;
	net_listen(w, c->process, 9093);
	note_metrics(w, c);
	return c;
}

/* -- the metadata log ------------------------------------------------------ */

void controller_write(struct world *w, struct controller *c,
		      const struct metadata_record *r)
{
	struct metadata_record *kept = vec_add(&w->arena,
					       &c->cluster->records);
	int32_t number = (int32_t)c->cluster->records.count - 1;
	int64_t offset;

	assert(c->active);
	*kept = *r;
	kept->at = world_now(w);
	kept->committed = false;
	offset = raft_append(w, &c->raft, number);
	view_apply(w, &c->view, r, offset);
	c->view.applied = offset + 1;
	c->view.applied_at = world_now(w);
}

void controller_write_partition(struct world *w, struct controller *c,
				struct partition *p)
{
	struct metadata_record r = {
		.kind = METADATA_PARTITION, .topic = p->topic->id,
		.partition = p->id,
	};
	struct partition_state *s = controller_state(c, p);

	s->partition_epoch++;
	r.state = *s;
	controller_write(w, c, &r);
	world_note(w, (uint64_t)p->id << 32 ^ (uint32_t)r.state.leader ^
		      r.state.isr << 8);
}

/* -- answers ----------------------------------------------------------------- */

void controller_answer(struct world *w, struct controller *c,
		       struct process *to, struct message *answer)
{
	int64_t offset = raft_next_offset(&c->raft);

	if (c->raft.high_watermark >= offset) {
		net_send(w, c->process, to, answer);
		return;
	}
	*vec_add(&w->arena, &c->deferred) = (struct deferred_answer){
		offset, to, answer,
	};
}

static void send_committed(struct world *w, struct controller *c)
{
	uint32_t n = 0;

	while (n < c->deferred.count &&
	       c->deferred.at[n].offset <= c->raft.high_watermark) {
		net_send(w, c->process, c->deferred.at[n].to,
			 c->deferred.at[n].answer);
		n++;
	}
	if (!n)
		return;
	c->deferred.count -= n;
	memmove(c->deferred.at, c->deferred.at + n,
		c->deferred.count * sizeof(*c->deferred.at));
}

static void say_not_controller(struct message *m)
{
	switch (m->kind) {
	case MESSAGE_HEARTBEAT_ANSWER:
		((struct heartbeat_reply *)m)->error = KAFKA_NOT_CONTROLLER;
		break;
	case MESSAGE_ALTER_PARTITION_ANSWER:
		((struct alter_partition *)m)->error = KAFKA_NOT_CONTROLLER;
		break;
	case MESSAGE_PRODUCER_IDS_ARE:
		((struct producer_ids_message *)m)->error =
			KAFKA_NOT_CONTROLLER;
		break;
	case MESSAGE_ADMIN_ANSWER:
		((struct text_message *)m)->error = KAFKA_NOT_CONTROLLER;
		break;
	}
}

static void refuse_deferred(struct world *w, struct controller *c)
{
	for (uint32_t i = 0; i < c->deferred.count; i++) {
		struct deferred_answer *d = &c->deferred.at[i];

		say_not_controller(d->answer);
		if (process_runs(c->process))
			net_send(w, c->process, d->to, d->answer);
		else
			message_free(w, d->answer);
	}
	c->deferred.count = 0;
}

/* What is asked of a controller that is not the active one. */
static void refuse(struct world *w, struct controller *c,
		   const struct message *m)
{
	static const struct {
		uint16_t asked, answer;
		size_t size;
	} kinds[] = {
		{ MESSAGE_HEARTBEAT, MESSAGE_HEARTBEAT_ANSWER,
		  sizeof(struct heartbeat_reply) },
		{ MESSAGE_ALTER_PARTITION, MESSAGE_ALTER_PARTITION_ANSWER,
		  sizeof(struct alter_partition) },
		{ MESSAGE_ALLOCATE_PRODUCER_IDS, MESSAGE_PRODUCER_IDS_ARE,
		  sizeof(struct producer_ids_message) },
		{ MESSAGE_ADMIN, MESSAGE_ADMIN_ANSWER,
		  sizeof(struct text_message) + 1 },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct request *answer;

		if (kinds[i].asked != m->kind)
			continue;
		answer = message_new(w, kinds[i].size, kinds[i].answer);
		answer->head.bytes = 60;
		answer->correlation =
			((const struct request *)m)->correlation;
		if (m->kind == MESSAGE_ALTER_PARTITION)
			((struct alter_partition *)answer)->partition =
				((const struct alter_partition *)m)->partition;
		say_not_controller(&answer->head);
		net_send(w, c->process, m->from, &answer->head);
	}
}

/* -- to be the active one ------------------------------------------------------ */

static void plan_rebalance(struct world *w, struct controller *c)
{
	const struct broker *any = c->cluster->brokers.at[0];

	c->rebalance = world_timer(w, world_now(w) +
		config_s(broker_setting(any, BROKER_REBALANCE_CHECK_S)),
		CONTROLLER_REBALANCE, c, 0);
}

static void claim(struct world *w, struct controller *c)
{
	c->active = true;
	c->view.applied = raft_next_offset(&c->raft);
	metric_add(c->metrics.new_active, 1);
	log_write(w, c->process, LOG_INFO, "[QuorumController id=%d] Becoming "
		  "the active controller at epoch %u, next write offset %lld. "
		  "(org.apache.kafka.controller.QuorumController)", c->raft.id,
		  c->raft.epoch, (long long)c->view.applied);
	controller_sessions_begin(w, c);
	c->idle = world_timer(w, world_now(w) + 1 + (sim_time)luck_below(
			      &c->raft.luck, IDLE_INTERVAL),
			      CONTROLLER_IDLE, c, 0);
	plan_rebalance(w, c);
}

static void catch_up(struct world *w, struct controller *c)
{
	const struct metadata_record *r;

	while ((r = view_next(c->cluster, &c->view, &c->raft.log,
			      c->raft.high_watermark)))
		view_apply(w, &c->view, r, c->view.applied - 1);
}

void controller_renounce(struct world *w, struct controller *c)
{
	if (!c->active)
		return;
	c->active = false;
	if (process_runs(c->process))
		log_write(w, c->process, LOG_WARN, "[QuorumController id=%d] "
			  "Renouncing the leadership due to a metadata log "
			  "event. We were the leader at epoch %u. Reverting to "
			  "last stable offset %lld. (org.apache.kafka."
			  "controller.QuorumController)", c->raft.id,
			  metadata_log_last_epoch(&c->raft.log),
			  (long long)c->raft.high_watermark);
	world_cancel(w, &c->idle);
	world_cancel(w, &c->rebalance);
	controller_sessions_end(w, c);
	refuse_deferred(w, c);
	view_reset(w, &c->view);
	catch_up(w, c);
}

void controller_committed(struct world *w, struct controller *c)
{
	bool leads = c->raft.state == RAFT_LEADER &&
		     c->raft.high_watermark > c->raft.epoch_start;

	if (!c->active)
		catch_up(w, c);
	if (leads && !c->active)
		cluster_led(w, c->cluster, &c->raft.log);
	if (leads)
		cluster_committed(w, c->cluster, &c->raft.log,
				  c->raft.high_watermark);
	if (leads && !c->active)
		claim(w, c);
	send_committed(w, c);
}

/* A record that says nothing, so that everybody sees that time goes on. */
void controller_idle(struct world *w, void *who, uint16_t arg)
{
	struct controller *c = who;

	(void)arg;
	c->idle = world_timer(w, world_now(w) + IDLE_INTERVAL,
			      CONTROLLER_IDLE, c, 0);
	if (process_runs(c->process))
		c->view.applied = raft_append(w, &c->raft, ENTRY_NOTHING) + 1;
}

/* -- producer ids -------------------------------------------------------------- */

int64_t controller_producer_ids(struct world *w, struct controller *c)
{
	int64_t first = c->view.next_producer_id;
	struct metadata_record r = {
		.kind = METADATA_PRODUCER_IDS,
		.next_producer_id = first + PRODUCER_ID_BLOCK,
	};

	controller_write(w, c, &r);
	return first;
}

static void give_producer_ids(struct world *w, struct controller *c,
			      const struct producer_ids_message *m)
{
	struct producer_ids_message *reply =
		message_new(w, sizeof(*reply), MESSAGE_PRODUCER_IDS_ARE);

	reply->req.head.bytes = 60;
	reply->broker = m->broker;
	reply->first = controller_producer_ids(w, c);
	controller_answer(w, c, m->req.head.from, &reply->req.head);
}

/* -- the process -------------------------------------------------------------- */

void cluster_settle(struct world *w, struct cluster *c)
{
	raft_settle(w, c);
}

void controller_form(struct world *w, struct cluster *c)
{
	struct metadata_record all = { .kind = METADATA_BROKER };
	struct controller *first = c->controllers.at[0];

	for (uint32_t i = 0; i < c->controllers.count; i++) {
		world_cancel(w, &c->controllers.at[i]->boot);
		c->controllers.at[i]->booted = true;
	}
	cluster_settle(w, c);
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		struct metadata_record r = {
			.kind = METADATA_REGISTRATION, .broker = (int32_t)i,
			.incarnation = c->brokers.at[i]->process->incarnation,
		};

		controller_write(w, first, &r);
		all.brokers |= broker_bit((int32_t)i);
	}
	controller_write(w, first, &all);
	controller_sessions_begin(w, first);
}

void controller_start(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;
	struct controller *c = of_process(p);

	(void)arg;
	registry_reset(w, p);
	memory_set(w, p, INT64_C(512) << 20);
	c->boot = world_timer(w, world_now(w) + START_UP, CONTROLLER_BOOTED, c,
			      0);
}

void controller_booted(struct world *w, void *who, uint16_t arg)
{
	struct controller *c = who;

	(void)arg;
	if (c->process->state == PROCESS_HUNG) {
		c->boot = world_timer(w, world_now(w) + SIM_MS(100),
				      CONTROLLER_BOOTED, c, 0);
		return;
	}
	c->booted = true;
	log_write(w, c->process, LOG_INFO, "[KafkaRaftServer nodeId=%d] Kafka "
		  "Server started (kafka.server.KafkaRaftServer)", c->raft.id);
	raft_start(w, &c->raft);
}

/* KafkaRaftClient.GracefulShutdown waits until all have heard, 5 s at most.
 * Simplified: it waits for as long as that takes when they are well. */
#define GRACE	SIM_MS(100)

void controller_terminate(struct world *w, struct controller *c, bool restart)
{
	c->restart = restart;
	if (c->leaving || c->process->state == PROCESS_DOWN)
		return;
	c->leaving = true;
	log_write(w, c->process, LOG_INFO, "[RaftManager id=%d] Beginning "
		  "graceful shutdown (org.apache.kafka.raft.KafkaRaftClient)",
		  c->raft.id);
	if (process_runs(c->process))
		raft_resign(w, &c->raft);
	world_plan(w, world_now(w) + GRACE, CLASS_TIMEOUT, CONTROLLER_EXIT, c,
		   (uint16_t)c->process->incarnation);
}

void controller_exit(struct world *w, void *who, uint16_t incarnation)
{
	struct controller *c = who;
	bool restart = c->restart;

	if (!c->leaving || (uint16_t)c->process->incarnation != incarnation)
		return;			/* it was killed since */
	process_kill(w, c->process);
	if (restart)
		process_start(w, c->process);
}

void controller_stop(struct world *w, void *who, uint16_t arg)
{
	struct controller *c = of_process(who);

	(void)arg;
	world_cancel(w, &c->boot);
	c->booted = c->leaving = false;
	raft_stop(w, &c->raft);
	view_reset(w, &c->view);
}

void controller_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;

	(void)arg;
	raft_lost(w, &of_process(lost->process)->raft, lost->peer);
}

static void serve(struct world *w, struct controller *c, struct message *m)
{
	switch (m->kind) {
	case MESSAGE_HEARTBEAT:
		controller_heartbeat(w, c, (struct heartbeat_request *)m);
		break;
	case MESSAGE_ALTER_PARTITION:
		controller_alter_partition(w, c, (struct alter_partition *)m);
		break;
	case MESSAGE_ASSIGN_DIRS:
		controller_assign_dirs(w, c, (struct assign_dirs *)m);
		break;
	case MESSAGE_ALLOCATE_PRODUCER_IDS:
		give_producer_ids(w, c, (struct producer_ids_message *)m);
		break;
	case MESSAGE_ADMIN:
		controller_admin(w, c, (struct text_message *)m);
		return;
	}
	message_free(w, m);
}

void controller_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct controller *c = of_process(m->to);

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE) {
		telemetry_answer(w, m);
		return;
	}
	if (!c->booted) {		/* nobody listens yet */
		net_refuse(w, m);
		return;
	}
	if (raft_is_message(m)) {
		raft_message(w, &c->raft, m);
		return;
	}
	cpu_spend(w, c->process, CONTROLLER_CPU);
	if (c->active) {
		serve(w, c, m);
		return;
	}
	refuse(w, c, m);
	message_free(w, m);
}

static void collect_partitions(struct controller *c)
{
	int64_t offline = 0, imbalance = 0, partitions = 0, topics = 0;

	for (uint32_t i = 0; i < c->cluster->partitions.count; i++) {
		const struct partition *p = c->cluster->partitions.at[i];

		if (!controller_holds(c, p))
			continue;
		partitions++;
		topics += p->index == 0;
		offline += controller_state(c, p)->leader == NO_BROKER;
		imbalance += controller_state(c, p)->leader !=
			     controller_state(c, p)->replicas[0];
	}
	metric_set(c->metrics.offline, offline);
	metric_set(c->metrics.imbalance, imbalance);
	metric_set(c->metrics.partitions, partitions);
	metric_set(c->metrics.topics, topics);
}

/* All controllers tell what is committed (ControllerMetadataMetricsPublisher);
 * that it is active, only the active one. */
void controller_collect(struct world *w, void *who, uint16_t arg)
{
	struct controller *c = of_process(who);
	int64_t fenced = 0, unfenced = 0;

	(void)arg;
	for (uint32_t i = 0; i < c->cluster->brokers.count; i++) {
		if (!controller_registered(c, (int32_t)i))
			continue;
		fenced += controller_fenced(c, (int32_t)i);
		unfenced += !controller_fenced(c, (int32_t)i);
	}
	metric_set(c->metrics.active, c->active);
	metric_set(c->metrics.fenced, fenced);
	metric_set(c->metrics.unfenced, unfenced);
	metric_set(c->metrics.applied, c->view.applied - 1);
	collect_partitions(c);
	raft_collect(w, &c->raft);
}
