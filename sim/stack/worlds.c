/* worlds.c - the worlds by name, and how each is built
 *
 * local-kafka stands as the lab of the guide's first months would in a cloud:
 *
 *	 zone a               zone b        zone c
 *	 broker-1             broker-2      broker-3
 *	 controller-1         app-1         monitor-1
 *	 edge-1 (gateway)
 *	 workstation (the console)
 */
#include "sim/stack/worlds.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/controller.h"
#include "sim/core/args.h"
#include "sim/face/prometheus.h"
#include "sim/monitor/monitor.h"
#include "sim/monitor/node_exporter.h"
#include "sim/stack/stack.h"

#define KAFKA_PORT	9092
#define BROKERS_MAX	9	/* addresses in one bootstrap line */
#define SCRAPE_INTERVAL	SIM_S(15)	/* as Prometheus's example config has */

void watch_process(struct world *w, struct process *p, const char *job)
{
	struct monitor *m = monitor_first(w);
	char instance[160];

	if (!m)
		return;
	snprintf(instance, sizeof(instance), "%s:9404",
		 world_text(w, p->name));
	monitor_target(w, m, job, instance, p);
}

static void add_monitor(struct world *w, struct machine *m)
{
	struct monitor_config config = {
		.scrape_interval = SCRAPE_INTERVAL, .http = PROMETHEUS_HTTP,
	};
	struct monitor *monitor = monitor_new(w, "prometheus", m, &config);

	net_alias(w, "prometheus", m);
	process_start(w, monitor->process);
	watch_process(w, monitor->process, "prometheus");
}

static void add_node_exporter(struct world *w, struct machine *m)
{
	struct node_exporter *e = node_exporter_new(w, m);
	char instance[160];

	process_start(w, e->process);
	if (!monitor_first(w))
		return;
	snprintf(instance, sizeof(instance), "%s:9100", world_text(w, m->name));
	monitor_target(w, monitor_first(w), "node", instance, e->process);
}

static bool on(const char *settings, const char *key)
{
	char value[8];

	return !args_text(settings, key, value, sizeof(value)) ||
	       strcmp(value, "off") != 0;
}

static bool command(struct world *w, const char *line, struct err *err)
{
	return world_command(w, line, NULL, err);
}

/* -- brokers in three zones ------------------------------------------ */

static struct cluster *brokers_in_zones(struct world *w, int64_t brokers)
{
	static const char *const zones[] = { "a", "b", "c" };
	struct cluster *c = cluster_new(w, "MkU3OEVBNTcwNTJENDM2Qk");

	controller_new(w, c, machine_new(w, "controller-1", "a",
					 &machine_small));
	for (int i = 0; i < brokers; i++) {
		char name[32];
		struct broker *b;

		snprintf(name, sizeof(name), "broker-%d", i + 1);
		b = broker_new(w, c, i + 1, machine_new(w, name, zones[i % 3],
							&machine_broker));
		broker_listen(w, b, "PLAINTEXT", KAFKA_PORT, name, KAFKA_PORT);
	}
	return c;
}

static void watch_cluster(struct world *w, struct cluster *c)
{
	watch_process(w, c->controller->process, "controller");
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		watch_process(w, c->brokers.at[i]->process, "kafka");
		add_node_exporter(w, c->brokers.at[i]->process->machine);
	}
}

/* Settings that a broker's server.properties would hold. */
static bool broker_settings(struct world *w, const char *settings,
			    struct err *err)
{
	struct text line = {0};
	char value[32];
	bool good;

	text_add(&line, "broker-setting");
	if (args_text(settings, "min-isr", value, sizeof(value)))
		args_add(&line, "min.insync.replicas", value);
	if (!on(settings, "auto-rebalance"))
		args_add(&line, "auto.leader.rebalance.enable", "false");
	if (!on(settings, "auto-create"))
		args_add(&line, "auto.create.topics.enable", "false");
	good = command(w, text_cstr(&line), err);
	text_free(&line);
	return good;
}

/* What a swarm has to find if it is worth anything. */
static bool plant(struct cluster *c, const char *settings, struct err *err)
{
	char bug[32];

	args_text_or(settings, "planted", "none", bug, sizeof(bug));
	c->plants_early_ack = !strcmp(bug, "early-ack");
	return c->plants_early_ack || !strcmp(bug, "none") ||
	       err_set(err, "planted=%s: there is early-ack only", bug);
}

static bool build_cluster(struct world *w, const char *settings,
			  struct err *err)
{
	int64_t brokers = args_int(settings, "brokers", 3);
	struct cluster *c;

	if (brokers < 3 || brokers > BROKERS_MAX)
		return err_set(err, "brokers=%lld: has to be 3 to %d",
			       (long long)brokers, BROKERS_MAX);
	c = brokers_in_zones(w, brokers);
	if (!plant(c, settings, err))
		return false;
	machine_new(w, "edge-1", "a", &machine_small);
	machine_new(w, "app-1", "b", &machine_small);
	machine_new(w, STACK_WORKSTATION, "a", &machine_small);
	add_monitor(w, machine_new(w, "monitor-1", "c", &machine_small));
	watch_cluster(w, c);
	if (!broker_settings(w, settings, err))
		return false;
	cluster_form(w, c);
	return true;
}

static bool create_readings(struct world *w, const char *settings,
			    struct err *err)
{
	struct topic_config config = {0};
	char min_isr[16];

	args_text_or(settings, "topic-min-isr", "2", min_isr, sizeof(min_isr));
	return topic_config_set(&config, "min.insync.replicas", min_isr, err) &&
	       controller_create_topic(w, cluster_of(w)->controller, "readings",
		       (int32_t)args_int(settings, "partitions", 6),
		       (int32_t)args_int(settings, "rf", 3), NULL, &config,
		       err) == KAFKA_NONE;
}

static bool start_fleet(struct world *w, const char *settings, struct err *err)
{
	struct text line = {0};
	char acks[8];
	bool good;

	args_text_or(settings, "acks", "all", acks, sizeof(acks));
	text_add(&line, "fleet-new");
	args_add(&line, "topic", "readings");
	args_add_int(&line, "devices", args_int(settings, "devices", 1000));
	args_add(&line, "acks", acks);
	good = command(w, text_cstr(&line), err);
	text_free(&line);
	return good;
}

static bool build_local(struct world *w, const char *settings, struct err *err)
{
	if (!build_cluster(w, settings, err) ||
	    !create_readings(w, settings, err))
		return false;
	if (on(settings, "fleet") && !start_fleet(w, settings, err))
		return false;
	return !on(settings, "apps") ||
	       (command(w, "app-new name=dashboard topic=readings", err) &&
		command(w, "app-new name=archiver topic=readings work=50us",
			err));
}

/* -- the guide's compose stack: one broker, seen from another container ------- */

static bool build_compose(struct world *w, const char *settings,
			  struct err *err)
{
	struct cluster *c = cluster_new(w, "MkU3OEVBNTcwNTJENDM2Qk");
	char host[64];
	struct broker *b;

	controller_new(w, c, machine_new(w, "controller", "a", &machine_small));
	b = broker_new(w, c, 1, machine_new(w, "kafka", "a", &machine_broker));
	args_text_or(settings, "advertised", "localhost", host, sizeof(host));
	broker_listen(w, b, "PLAINTEXT", KAFKA_PORT, host, KAFKA_PORT);
	machine_new(w, "app", "a", &machine_small);
	machine_new(w, STACK_WORKSTATION, "a", &machine_small);
	/* ports: "9092:9092" lets the host in as localhost as well */
	net_publish(w, machine_find(w, STACK_WORKSTATION), KAFKA_PORT,
		    b->process);
	add_monitor(w, machine_new(w, "monitor", "a", &machine_small));
	watch_process(w, b->process, "kafka");
	(void)err;
	cluster_form(w, c);
	for (uint32_t i = 0; i < hosts_of(w)->machines.count; i++) {
		struct machine *m = hosts_of(w)->machines.at[i];

		if (m != machine_find(w, STACK_WORKSTATION))
			m->network = world_name(w, "compose");
	}
	return true;
}

/* -- the table ------------------------------------------------------------------ */

#define BROKER_SETTINGS							\
	{ "brokers", "3", "brokers, one zone after the other" },	\
	{ "planted", "none", "a bug on purpose, for trying a swarm: early-ack" }, \
	{ "min-isr", "1", "min.insync.replicas of all brokers" },	\
	{ "auto-rebalance", "on", "auto.leader.rebalance.enable" },	\
	{ "auto-create", "on", "auto.create.topics.enable" }

static const struct stack_setting local_settings[] = {
	BROKER_SETTINGS,
	{ "partitions", "6", "partitions of the topic readings" },
	{ "rf", "3", "replication factor of readings" },
	{ "topic-min-isr", "2", "min.insync.replicas of readings" },
	{ "devices", "1000", "devices of the fleet, one reading a second each" },
	{ "acks", "all", "acks of the fleet's producer" },
	{ "fleet", "on", "off: no devices" },
	{ "apps", "on", "off: no applications" },
	{ NULL, NULL, NULL },
};

static const struct stack_setting cluster_settings[] = {
	BROKER_SETTINGS,
	{ NULL, NULL, NULL },
};

static const struct stack_setting compose_settings[] = {
	{ "advertised", "localhost", "host in advertised.listeners" },
	{ NULL, NULL, NULL },
};

const struct stack_world_kind stack_worlds[] = {
	{ "local-kafka", "three brokers in three zones, a fleet of 1000 "
	  "sensors, two applications, a Prometheus", local_settings,
	  build_local },
	{ "empty-kafka", "three brokers in three zones and a Prometheus; no "
	  "topics, no devices", cluster_settings, build_cluster },
	{ "compose-kafka", "one broker in a container, as the guide's compose "
	  "file makes it", compose_settings, build_compose },
	{ NULL, NULL, NULL, NULL },
};
