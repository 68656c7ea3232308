/* controller.c - who decides: fencing, elections, topics, in-sync sets */
#include "sim/broker/controller_inside.h"

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
void controller_publish(struct world *w, struct controller *c)
{
	for (uint32_t i = 0; i < c->cluster->brokers.count; i++)
		if (c->brokers.at[i].incarnation)
			publish(w, c, (int32_t)i);
}

struct metadata_record *controller_record(struct world *w, struct controller *c,
				      enum metadata_kind kind)
{
	struct metadata_record *r = vec_add(&w->arena, &c->cluster->records);

	r->kind = kind;
	r->at = world_now(w);
	return r;
}

void controller_write_partition(struct world *w, struct controller *c,
			    struct partition *p)
{
	struct metadata_record *r = controller_record(w, c, METADATA_PARTITION);

	p->state.partition_epoch++;
	r->topic = p->topic->id;
	r->partition = p->id;
	r->state = p->state;
	world_note(w, (uint64_t)p->id << 32 ^ (uint32_t)p->state.leader ^
		      p->state.isr << 8);
}

void controller_write_brokers(struct world *w, struct controller *c)
{
	controller_record(w, c, METADATA_BROKER)->brokers = controller_unfenced(c);
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
		controller_session_renew(w, c, (int32_t)i);
	}
	controller_write_brokers(w, c);
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
		controller_heartbeat(w, c, (struct heartbeat_request *)m);
		break;
	case MESSAGE_ALTER_PARTITION:
		controller_alter_partition(w, c, (struct alter_partition *)m);
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

		if (!partition_lives(p))
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
