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
#include "sim/device/ingest.h"
#include "sim/face/prometheus.h"
#include "sim/monitor/cost_exporter.h"
#include "sim/monitor/monitor.h"
#include "sim/monitor/node_exporter.h"
#include "sim/stack/stack.h"

#define KAFKA_PORT	9092
#define ADDRESSES_MAX	9	/* addresses in one bootstrap line */
#define DISKS_MAX	16
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

/* Off unless asked for: most platforms have no such exporter, and it is work
 * for whoever scrapes it. */
static void add_costs(struct world *w, const char *settings, struct machine *m)
{
	struct process *p;
	char value[8];

	args_text_or(settings, "costs", "off", value, sizeof(value));
	if (strcmp(value, "on") != 0)
		return;
	p = cost_exporter_new(w, m);
	process_start(w, p);
	monitor_target(w, monitor_first(w), "costs", "monitor-1:9003", p);
}

/* -- brokers in three zones ------------------------------------------ */

static const char *const zones[] = { "a", "b", "c" };

/*
 * Where the voters stand.  Beside a broker each is what process.roles=
 * broker,controller comes to when its machine fails.  Simplified: they are two
 * processes there, of which one can be killed alone.
 */
enum placement { ON_THEIR_OWN, ON_BROKERS, ON_ONE_NODE };

static const char *const placements[] = {
	[ON_THEIR_OWN] = "own", [ON_BROKERS] = "brokers",
	[ON_ONE_NODE] = "one-node",
};

static void add_controllers(struct world *w, struct cluster *c, int64_t count,
			    enum placement where)
{
	for (int i = 0; i < count; i++) {
		char name[32];
		struct machine *m;

		/* one-node: the first two, as pods that share one */
		snprintf(name, sizeof(name), "%s-%d",
			 where == ON_BROKERS ? "broker" : "controller",
			 where == ON_ONE_NODE && i == 1 ? 1 : i + 1);
		m = machine_find(w, name);
		if (!m)
			m = machine_new(w, name, zones[i % 3], &machine_small);
		controller_new(w, c, m);
	}
}

static void add_brokers(struct world *w, struct cluster *c, int64_t count,
			int64_t disks)
{
	struct machine_profile profile = machine_broker;

	profile.disks = (uint32_t)disks;
	for (int i = 0; i < count; i++) {
		char name[32];
		struct broker *b;

		snprintf(name, sizeof(name), "broker-%d", i + 1);
		b = broker_new(w, c, i + 1, machine_new(w, name, zones[i % 3],
							&profile));
		broker_listen(w, b, "PLAINTEXT", KAFKA_PORT, name, KAFKA_PORT);
	}
}

static bool brokers_in_zones(struct world *w, const char *settings,
			     int64_t brokers, struct err *err)
{
	int64_t controllers = args_int(settings, "controllers", 1);
	int64_t disks = args_int(settings, "disks", 1);
	struct cluster *c = cluster_new(w, "MkU3OEVBNTcwNTJENDM2Qk");
	char text[16];
	int where = 0;

	args_text_or(settings, "controllers-on", "own", text, sizeof(text));
	while (where < 3 && strcmp(placements[where], text) != 0)
		where++;
	if (where == 3)
		return err_set(err, "controllers-on=%s: own, brokers or "
			       "one-node", text);
	if ((controllers != 1 && controllers != 3 && controllers != 5) ||
	    (where == ON_BROKERS && controllers > brokers))
		return err_set(err, "controllers=%lld: has to be 1, 3 or 5%s",
			       (long long)controllers, where == ON_BROKERS ?
			       ", and not more than brokers" : "");
	if (disks < 1 || disks > DISKS_MAX)
		return err_set(err, "disks=%lld: has to be 1 to %d",
			       (long long)disks, DISKS_MAX);
	if (where == ON_BROKERS)
		add_brokers(w, c, brokers, disks);
	add_controllers(w, c, controllers, (enum placement)where);
	if (where != ON_BROKERS)
		add_brokers(w, c, brokers, disks);
	return true;
}

static void watch_cluster(struct world *w, struct cluster *c)
{
	for (uint32_t i = 0; i < c->controllers.count; i++)
		watch_process(w, c->controllers.at[i]->process, "controller");
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

	if (brokers < 3 || brokers > ADDRESSES_MAX)
		return err_set(err, "brokers=%lld: has to be 3 to %d",
			       (long long)brokers, ADDRESSES_MAX);
	if (!brokers_in_zones(w, settings, brokers, err))
		return false;
	c = cluster_of(w);
	if (!plant(c, settings, err))
		return false;
	machine_new(w, "edge-1", "a", &machine_small);
	machine_new(w, "app-1", "b", &machine_small);
	machine_new(w, STACK_WORKSTATION, "a", &machine_small);
	add_monitor(w, machine_new(w, "monitor-1", "c", &machine_small));
	watch_cluster(w, c);
	add_costs(w, settings, machine_find(w, "monitor-1"));
	if (!broker_settings(w, settings, err))
		return false;
	cluster_form(w, c);
	return true;
}

/* A topic that was there long before the world begins. */
static bool create_topic(struct world *w, const char *name,
			 const char *settings,
			 const struct topic_config *config, struct err *err)
{
	struct cluster *c = cluster_of(w);

	if (controller_create_topic(w, controller_active(c), name,
			(int32_t)args_int(settings, "partitions", 6),
			(int32_t)args_int(settings, "rf", 3), NULL, config,
			err) != KAFKA_NONE)
		return false;
	cluster_settle(w, c);
	return true;
}

static bool create_safe_topic(struct world *w, const char *name,
			      const char *settings, struct err *err)
{
	struct topic_config config = {0};
	char min_isr[16];

	args_text_or(settings, "topic-min-isr", "2", min_isr, sizeof(min_isr));
	return topic_config_set(&config, "min.insync.replicas", min_isr, err) &&
	       create_topic(w, name, settings, &config, err);
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

/* `work` of a record unless the setting says otherwise. */
static bool start_app(struct world *w, const char *settings, const char *name,
		      sim_time work, struct err *err)
{
	struct text line = {0};
	bool good;

	work = args_time(settings, "work", work);
	text_addf(&line, "app-new name=%s topic=readings work=%lldns", name,
		  (long long)work);
	good = command(w, text_cstr(&line), err);
	text_free(&line);
	return good;
}

/* It writes to a topic that is as safe as the one it reads. */
static bool start_transform(struct world *w, const char *settings,
			    struct err *err)
{
	return create_safe_topic(w, "clean", settings, err) &&
	       command(w, "app-new name=copier topic=readings output=clean "
		       "transactional-id=copier-1 auto.offset.reset=earliest",
		       err);
}

static bool build_local(struct world *w, const char *settings, struct err *err)
{
	if (!build_cluster(w, settings, err) ||
	    !create_safe_topic(w, "readings", settings, err))
		return false;
	if (on(settings, "fleet") && !start_fleet(w, settings, err))
		return false;
	if (args_has(settings, "transform") && on(settings, "transform") &&
	    !start_transform(w, settings, err))
		return false;
	return !on(settings, "apps") ||
	       (start_app(w, settings, "dashboard", SIM_US(100), err) &&
		start_app(w, settings, "archiver", SIM_US(50), err));
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

/* -- the machines of a published benchmark ------------------------------------- */

/*
 * Kreps, "Benchmarking Apache Kafka" (2014; calibration.md C1): three machines
 * with a broker each, three for load, all alike and in one rack; the topic test
 * with six partitions.  Settings of his server.properties that matter here:
 * log.segment.bytes=536870912, socket.send.buffer.bytes and
 * socket.receive.buffer.bytes=1048576.  Followers fetch into the default
 * replica.socket.receive.buffer.bytes, 64 KiB (KafkaConfig, April 2014).  It
 * was trunk of those days, between 0.8.1 and 0.8.2 (KAFKA-1468, "improvements
 * from benchmarking", and the new producer): fetches wait as they did there.
 */
#define MIB	(1 << 20)

/* One of the six machines. */
static struct machine *machine_2014(struct world *w, const char *kind, int n,
				    bool sleeps)
{
	struct machine *m;
	char name[32];

	snprintf(name, sizeof(name), "%s-%d", kind, n);
	m = machine_new(w, name, "a", &machine_kreps);
	if (!sleeps)
		m->cpu.sleeps = NULL;
	net_place(w, m, NULL, "r1");
	return m;
}

static bool build_2014(struct world *w, const char *settings, struct err *err)
{
	struct cluster *c = cluster_new(w, "MkU3OEVBNTcwNTJENDM2Qk");
	struct topic_config config = {0};
	struct heap_spec heap;
	bool sleeps = on(settings, "sleep");

	heap_spec_parnew(&heap, 1024);
	controller_new(w, c, machine_new(w, "controller-1", "a",
					 &machine_small));
	for (int i = 1; i <= 3; i++) {
		struct machine *m = machine_2014(w, "broker", i, sleeps);
		const char *name = world_text(w, m->name);
		struct broker *b = broker_new(w, c, i, m);

		broker_listen(w, b, "PLAINTEXT", KAFKA_PORT, name, KAFKA_PORT);
		b->process->listens = (struct socket_buffers){ MIB, MIB };
		b->process->connects =
			(struct socket_buffers){ MIB, MIB / 16 };
		heap_set(w, b->process, &heap);
	}
	for (int i = 1; i <= 3; i++)
		machine_2014(w, "load", i, sleeps);
	machine_new(w, STACK_WORKSTATION, "a", &machine_small);
	c->append_ends_waits = true;
	cluster_form(w, c);
	return topic_config_set(&config, "segment.bytes", "536870912", err) &&
	       create_topic(w, "test", settings, &config, err);
}

/* -- a million devices: one stage, at a declared fidelity ----------------------- */

#define INGEST_NODES_MAX	16

/* A decimal setting, in millionths. */
static bool want_decimal(const char *settings, const char *key,
			 const char *otherwise, uint64_t *ppm, struct err *err)
{
	char text[32];

	args_text_or(settings, key, otherwise, text, sizeof(text));
	return ingest_share(text, ppm) ||
	       err_set(err, "%s=%s: that is no number of 0 or more", key, text);
}

/* What storing a record takes, so that the partitions have this load. */
static bool million_load(const char *settings, struct ingest_spec *s,
			 struct err *err)
{
	uint64_t rate, rho, weight;
	char law[16];

	if (!want_decimal(settings, "rate", "1", &rate, err) ||
	    !want_decimal(settings, "rho", "0.85", &rho, err))
		return false;
	if (rate < 1000 || rate > UINT64_C(1000000000) || !rho ||
	    rho > 10000000)
		return err_set(err, "rate is 0.001 to 1000 readings a second, "
			       "rho is above 0 and at most 10");
	s->kinds[0].rate_mhz = (uint32_t)(rate / 1000);
	weight = (uint64_t)s->kinds[0].devices * s->kinds[0].rate_mhz;
	if (weight)
		s->service = (sim_time)(rho * 1000000 * s->partitions / weight);
	args_text_or(settings, "service", "exponential", law, sizeof(law));
	if (!strcmp(law, "fixed"))
		s->law = SERVICE_FIXED;
	else if (strcmp(law, "exponential") != 0)
		return err_set(err, "service=%s: exponential or fixed", law);
	return true;
}

static bool million_spec(const char *settings, struct ingest_spec *s,
			 struct err *err)
{
	int64_t devices = args_int(settings, "devices", 1000000);
	int64_t partitions = args_int(settings, "partitions", 64);
	int64_t nodes = args_int(settings, "nodes", 4);
	char text[16];

	ingest_spec_init(s);
	if (devices < 1 || devices > 100000000 || partitions < 1 ||
	    partitions > INGEST_PARTITIONS_MAX || nodes < 1 ||
	    nodes > INGEST_NODES_MAX || nodes > partitions)
		return err_set(err, "devices is 1 to 100000000, partitions 1 to "
			       "%d, nodes 1 to %d and not more than partitions",
			       INGEST_PARTITIONS_MAX, INGEST_NODES_MAX);
	s->kinds[0].devices = (uint32_t)devices;
	s->partitions = (uint32_t)partitions;
	s->node_count = (uint32_t)nodes;
	s->horizon = args_time(settings, "zoom", s->horizon);
	args_text_or(settings, "fidelity", "auto", text, sizeof(text));
	if (!ingest_level_parse(text, &s->level, &s->zoom))
		return err_set(err, "fidelity=%s: auto, record, window or "
			       "counts", text);
	return million_load(settings, s, err) && ingest_spec_good(s, err);
}

static bool build_million(struct world *w, const char *settings,
			  struct err *err)
{
	struct machine *nodes[INGEST_NODES_MAX];
	struct ingest_spec s;
	char name[32];

	if (!million_spec(settings, &s, err))
		return false;
	machine_new(w, STACK_WORKSTATION, "a", &machine_small);
	s.edge_machine = machine_new(w, "edge-1", "a", &machine_small);
	for (uint32_t i = 0; i < s.node_count; i++) {
		snprintf(name, sizeof(name), "node-%u", i + 1);
		nodes[i] = machine_new(w, name, "b", &machine_broker);
	}
	s.nodes = nodes;
	add_monitor(w, machine_new(w, "monitor-1", "c", &machine_small));
	ingest_new(w, &s);
	watch_process(w, process_find(w, s.name), "fleet");
	for (uint32_t i = 0; i < s.node_count; i++) {
		snprintf(name, sizeof(name), "ingest-%u", i + 1);
		watch_process(w, process_find(w, name), "ingest");
	}
	add_costs(w, settings, machine_find(w, "monitor-1"));
	return true;
}

/* -- the table ------------------------------------------------------------------ */

#define COSTS_SETTING							\
	{ "costs", "off", "on: an exporter of what it costs, for "	\
	  "Prometheus" }

#define BROKER_SETTINGS							\
	{ "brokers", "3", "brokers, one zone after the other" },	\
	{ "controllers", "1", "voters of the KRaft quorum: 1, 3 or 5" },	\
	{ "controllers-on", "own", "their machines: own, brokers, or "	\
	  "one-node for the first two" },				\
	{ "disks", "1", "disks of each broker, with a log directory each" }, \
	{ "planted", "none", "a bug on purpose, for trying a swarm: early-ack" }, \
	{ "min-isr", "1", "min.insync.replicas of all brokers" },	\
	{ "auto-rebalance", "on", "auto.leader.rebalance.enable" },	\
	{ "auto-create", "on", "auto.create.topics.enable" },		\
	COSTS_SETTING

static const struct stack_setting local_settings[] = {
	BROKER_SETTINGS,
	{ "partitions", "6", "partitions of the topic readings" },
	{ "rf", "3", "replication factor of readings" },
	{ "topic-min-isr", "2", "min.insync.replicas of readings" },
	{ "devices", "1000", "devices of the fleet, one reading a second each" },
	{ "acks", "all", "acks of the fleet's producer" },
	{ "fleet", "on", "off: no devices" },
	{ "apps", "on", "off: no applications" },
	{ "work", "100us, 50us", "CPU time that the applications spend on a "
	  "reading; 10,000 a second are one core at 100us" },
	{ "transform", "off", "on: an application that copies readings to the "
	  "topic clean, exactly once" },
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

static const struct stack_setting settings_2014[] = {
	{ "partitions", "6", "partitions of the topic test" },
	{ "rf", "3", "replication factor of test" },
	{ "sleep", "on", "off: idle cores stay awake" },
	{ NULL, NULL, NULL },
};

static const struct stack_setting million_settings[] = {
	{ "devices", "1000000", "devices of the fleet" },
	{ "rate", "1", "readings a second of one device" },
	{ "partitions", "64", "partitions, each a queue with one server" },
	{ "rho", "0.85", "load: the share of time a server is busy" },
	{ "service", "exponential", "time to store a record: or fixed" },
	{ "fidelity", "auto", "record, window, counts, or auto: counts that "
	  "look closer at a fault" },
	{ "zoom", "2s", "how long it then looks closer" },
	{ "nodes", "4", "machines that serve the partitions" },
	COSTS_SETTING,
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
	{ "kafka-2014", "the machines of Kreps' benchmark: three brokers, three "
	  "for load, 1 Gbit/s", settings_2014, build_2014 },
	{ "million-devices", "a million sensors publish into 64 partitions, at a "
	  "declared fidelity; a Prometheus", million_settings, build_million },
	{ NULL, NULL, NULL, NULL },
};
