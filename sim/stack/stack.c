/* stack.c - the module of the stack: worlds by name, commands that add parts */
#include "sim/stack/stack.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/service.h"
#include "sim/broker/controller.h"
#include "sim/broker/records.h"
#include "sim/core/args.h"
#include "sim/device/fleet.h"
#include "sim/face/prometheus.h"
#include "sim/fault/fault.h"
#include "sim/monitor/monitor.h"
#include "sim/stack/app.h"
#include "sim/stack/events.h"
#include "sim/stack/perf.h"
#include "sim/stack/services.h"
#include "sim/stack/terminal.h"
#include "sim/stack/worlds.h"
#include "sim/telemetry/telemetry.h"

#define KIND(event, name, run)	[(event) & 0xff] = { name, run }

static const struct module_event stack_events[] = {
	KIND(APP_START, "app.start", app_start),
	KIND(APP_STOP, "app.stop", app_stop),
	KIND(APP_READY, "app.ready", app_ready),
	KIND(APP_WORKED, "app.worked", app_worked),
	KIND(APP_COMMITTED, "app.committed", app_committed),
	KIND(APP_FAILED, "app.failed", app_failed),
	KIND(PERF_PRODUCER_START, "perf.produce-start", perf_producer_start),
	KIND(PERF_PRODUCER_STOP, "perf.produce-stop", perf_producer_stop),
	KIND(PERF_LOOK, "perf.look", perf_look),
	KIND(PERF_BUILT, "perf.built", perf_built),
	KIND(PERF_ROOM, "perf.room", perf_room),
	KIND(PERF_DESCRIBE, "perf.describe", perf_describe),
	KIND(PERF_CONSUMER_START, "perf.consume-start", perf_consumer_start),
	KIND(PERF_CONSUMER_STOP, "perf.consume-stop", perf_consumer_stop),
	KIND(PERF_READY, "perf.ready", perf_ready),
	KIND(PERF_READ, "perf.read", perf_read),
	KIND(PERF_TRIP_START, "perf.trip-start", perf_trip_start),
	KIND(PERF_TRIP_STOP, "perf.trip-stop", perf_trip_stop),
	KIND(PERF_TRIP_READY, "perf.trip-ready", perf_trip_ready),
	KIND(PERF_TRIP_LOOK, "perf.trip-look", perf_trip_look),
	KIND(PERF_TRIP_SEND, "perf.trip-send", perf_trip_send),
	KIND(PERF_TRIP_READ, "perf.trip-read", perf_trip_read),
	KIND(TRANSFORM_DONE, "transform.done", transform_done),
	KIND(TRANSFORM_AGAIN, "transform.again", transform_again),
	KIND(PERF_TXN_DONE, "perf.txn-done", perf_txn_done),
	TERMINAL_EVENTS,
};

/* -- commands ----------------------------------------------------------------- */

static struct broker *broker_named(struct world *w, const char *name)
{
	struct process *p = process_find(w, name);

	return p && cluster_of(w) ? broker_by_process(cluster_of(w), p) : NULL;
}

static bool want_cluster(const struct world *w, struct err *err)
{
	return cluster_of(w) || err_set(err, "there is no Kafka in this world");
}

static bool first_word(const char *args, char *out, size_t cap)
{
	size_t len = strcspn(args, " ");

	if (!len || len >= cap)
		return false;
	memcpy(out, args, len);
	out[len] = '\0';
	return true;
}

static struct controller *controller_of(const struct world *w,
					const struct process *p)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; c && i < c->controllers.count; i++)
		if (c->controllers.at[i]->process == p)
			return c->controllers.at[i];
	return NULL;
}

/* A broker stops by controlled shutdown, a controller by handing over; other
 * processes just end. */
static bool service(struct world *w, struct process *p, const char *verb,
		    struct err *err)
{
	struct broker *b = cluster_of(w) ? broker_by_process(cluster_of(w), p) :
			   NULL;
	bool restart = !strcmp(verb, "restart");

	if (!strcmp(verb, "start")) {
		process_start(w, p);
	} else if (!strcmp(verb, "stop") && service_by_process(w, p)) {
		service_stop(w, service_by_process(w, p));
	} else if (restart && service_by_process(w, p)) {
		service_restart(w, service_by_process(w, p));
	} else if (!strcmp(verb, "kill")) {
		process_kill(w, p);
	} else if (!strcmp(verb, "stop") || restart) {
		if (b && p->state != PROCESS_DOWN) {
			broker_stop(w, b, restart);
			return true;
		}
		if (controller_of(w, p) && p->state != PROCESS_DOWN) {
			controller_terminate(w, controller_of(w, p), restart);
			return true;
		}
		process_kill(w, p);
		if (restart)
			process_start(w, p);
	} else {
		return err_set(err, "service: do= must be start, stop, restart "
			       "or kill, not %s", verb);
	}
	return true;
}

static bool command_service(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	char name[128], verb[16];
	struct process *p;

	(void)result;
	if (!first_word(args, name, sizeof(name)))
		return err_set(err, "service: name a process");
	p = process_find(w, name);
	if (!p)
		return err_set(err, "service %s: no such process in this world",
			       name);
	if (!args_text(args, "do", verb, sizeof(verb)))
		return err_set(err, "service %s: say do=start, stop, restart or "
			       "kill", name);
	return service(w, p, verb, err);
}

bool stack_good_name(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= 60 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789._-") == len;
}

/* Words of a command that are a producer's settings: those with a dot, and the
 * two that have none. */
static bool is_producer_setting(const char *key)
{
	return strchr(key, '.') || !strcmp(key, "acks") ||
	       !strcmp(key, "retries");
}

static bool producer_settings(const char *args, struct producer_config *c,
			      struct err *err)
{
	struct text key = {0}, value = {0};
	struct producer_config together;
	bool good = true;

	while (good && args_next(&args, &key, &value))
		if (is_producer_setting(text_cstr(&key)))
			good = producer_config_set(c, text_cstr(&key),
						   text_cstr(&value), err);
	text_free(&key);
	text_free(&value);
	together = *c;
	return good && producer_config_check(&together, NULL, err);
}

static bool consumer_settings(const char *args, struct consumer_config *c,
			      struct err *err)
{
	struct text key = {0}, value = {0};
	bool good = true;

	while (good && args_next(&args, &key, &value))
		if (strchr(text_cstr(&key), '.'))
			good = consumer_config_set(c, text_cstr(&key),
						   text_cstr(&value), err);
	text_free(&key);
	text_free(&value);
	return good;
}

struct machine *stack_machine(struct world *w, const char *args,
			      const char *otherwise, struct err *err)
{
	char name[128];
	struct machine *m;

	args_text_or(args, "on", otherwise, name, sizeof(name));
	m = machine_find(w, name);
	if (!m)
		err_set(err, "on=%s: no such machine in this world", name);
	return m;
}

static bool command_fleet(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	char name[64], topic[256], bootstrap[256];
	struct fleet_spec spec;
	struct machine *m = stack_machine(w, args, "edge-1", err);
	struct fleet *f;

	fleet_spec_init(&spec);
	spec.producer.linger_ms = 100;
	if (!m || !want_cluster(w, err) ||
	    !producer_settings(args, &spec.producer, err))
		return false;
	if (spec.producer.transactional_id[0])
		return err_set(err, "fleet-new: a fleet writes without "
			       "transactions; leave transactional.id out");
	args_text_or(args, "name", "sensor", name, sizeof(name));
	if (!stack_good_name(name))
		return err_set(err, "fleet-new: name= is no usable name");
	if (!args_text(args, "topic", topic, sizeof(topic)))
		return err_set(err, "fleet-new: say topic=NAME");
	args_text_or(args, "bootstrap", STACK_BOOTSTRAP, bootstrap,
		     sizeof(bootstrap));
	if (!client_bootstrap_good(bootstrap, err))
		return false;
	if (fleet_find(w, name))
		return err_set(err, "fleet-new: there is a fleet %s already",
			       name);
	spec.name = name;
	spec.topic = topic;
	spec.bootstrap = bootstrap;
	spec.devices = (uint32_t)args_int(args, "devices", 1000);
	spec.period = args_time(args, "period", SIM_S(1));
	spec.flush = args_time(args, "flush", SIM_MS(100));
	spec.record_bytes = (uint32_t)args_int(args, "record-bytes", 120);
	spec.junk_ppm = (uint32_t)args_int(args, "junk-ppm", 0);
	if (!spec.devices || spec.devices > 1000000 || spec.period <= 0 ||
	    spec.flush <= 0 || !spec.record_bytes || spec.record_bytes > 10000)
		return err_set(err, "fleet-new: devices is 1 to 1000000, period "
			       "and flush are above 0, record-bytes is 1 to "
			       "10000");
	f = fleet_new(w, cluster_of(w), m, &spec);
	process_start(w, f->gateway->process);
	watch_process(w, f->gateway->process, "gateway");
	*result = f->gateway->process->id;
	return true;
}

static bool app_commit(const char *args, enum app_commit *commit,
		       struct err *err)
{
	static const char *const words[] = {
		[APP_COMMIT_AUTO] = "auto", [APP_COMMIT_SYNC] = "sync",
		[APP_COMMIT_ASYNC] = "async",
	};
	char word[8];

	args_text_or(args, "commit", "auto", word, sizeof(word));
	for (int i = 0; i < 3; i++)
		if (!strcmp(word, words[i])) {
			*commit = (enum app_commit)i;
			return true;
		}
	return err_set(err, "app-new: commit= is auto, sync or async");
}

/* output= and what it needs.  A consumer that commits by itself, or sees what is
 * not committed, would spoil it. */
static bool app_output(const char *args, char *output, size_t cap,
		       struct producer_config *producer,
		       struct consumer_config *consumer, struct err *err)
{
	producer_config_init(producer);
	if (!args_text(args, "output", output, cap))
		return true;
	if (!args_text(args, "transactional-id", producer->transactional_id,
		       sizeof(producer->transactional_id)) ||
	    !producer->transactional_id[0])
		return err_set(err, "app-new: output= wants transactional-id=");
	producer->txn_timeout_ms = args_time(args, "transaction-timeout",
					     SIM_MINUTES(1)) / SIM_MS(1);
	if (args_has(args, "commit"))
		return err_set(err, "app-new: what output= writes and what is "
			       "read commit together; leave commit= out");
	consumer->auto_commit = false;
	consumer->read_committed = true;
	return producer->txn_timeout_ms > 0 ||
	       err_set(err, "app-new: transaction-timeout= is above 0");
}

static bool command_app(struct world *w, const char *args, int64_t *result,
			struct err *err)
{
	char name[64], topic[256], group[256], bootstrap[256];
	char output[256] = "";
	struct consumer_config config;
	enum app_commit commit = APP_COMMIT_AUTO;
	struct producer_config producer;
	struct machine *m = stack_machine(w, args, "app-1", err);
	struct app *a;

	consumer_config_init(&config);
	if (!m || !want_cluster(w, err) || !app_commit(args, &commit, err))
		return false;
	config.auto_commit = commit == APP_COMMIT_AUTO;
	if (!app_output(args, output, sizeof(output), &producer, &config,
			err) ||
	    !consumer_settings(args, &config, err))
		return false;
	if (!args_text(args, "name", name, sizeof(name)) ||
	    !stack_good_name(name) || process_find(w, name))
		return err_set(err, "app-new: say name=NAME, one not in use");
	if (!args_text(args, "topic", topic, sizeof(topic)))
		return err_set(err, "app-new: say topic=NAME");
	args_text_or(args, "group", name, group, sizeof(group));
	args_text_or(args, "bootstrap", STACK_BOOTSTRAP, bootstrap,
		     sizeof(bootstrap));
	if (!client_bootstrap_good(bootstrap, err))
		return false;
	a = app_new(w, cluster_of(w), m, name, topic, group, bootstrap,
		    args_time(args, "work", SIM_US(100)), &config);
	a->commit = commit;
	if (output[0])
		transform_new(w, a, output, &producer);
	process_start(w, a->host->process);
	watch_process(w, a->host->process, "app");
	*result = a->host->process->id;
	return true;
}

/* What the three perf commands have in common: name=, topic=, bootstrap=, and
 * heap=MIB for one that is collected. */
struct perf_words {
	char name[64], topic[256], bootstrap[256];
	int64_t heap_mib;
	struct machine *machine;
};

static bool perf_words(struct world *w, const char *args, struct perf_words *p,
		       struct err *err)
{
	p->machine = stack_machine(w, args, STACK_WORKSTATION, err);
	if (!p->machine || !want_cluster(w, err))
		return false;
	if (!args_text(args, "name", p->name, sizeof(p->name)) ||
	    !stack_good_name(p->name) || process_find(w, p->name))
		return err_set(err, "say name=NAME, one not in use");
	if (!args_text(args, "topic", p->topic, sizeof(p->topic)))
		return err_set(err, "say topic=NAME");
	p->heap_mib = args_int(args, "heap", 0);
	if (p->heap_mib < 0 || p->heap_mib > 1 << 20)
		return err_set(err, "heap=%lld: 1 to 1048576 MiB, or 0: none",
			       (long long)p->heap_mib);
	args_text_or(args, "bootstrap", STACK_BOOTSTRAP, p->bootstrap,
		     sizeof(p->bootstrap));
	return client_bootstrap_good(p->bootstrap, err);
}

static void perf_start(struct world *w, const struct perf_words *words,
		       struct process *p, int64_t *result)
{
	struct heap_spec spec;

	if (words->heap_mib) {
		heap_spec_parnew(&spec, words->heap_mib);
		heap_set(w, p, &spec);
	}
	process_start(w, p);
	*result = p->id;
}

/* ProducerPerformance, 3.9: transactions only with a duration, and its default
 * id. */
static bool perf_transactions(struct perf_producer_spec *spec, const char *args,
			      struct err *err)
{
	char *id = spec->config.transactional_id;
	char planted[32];

	/* What hanging transactions come from: a client with a bug. */
	args_text_or(args, "planted", "none", planted, sizeof(planted));
	spec->config.plants_unadded = !strcmp(planted, "unadded-partitions");
	if (!spec->config.plants_unadded && strcmp(planted, "none"))
		return err_set(err, "planted=%s: there is unadded-partitions "
			       "only", planted);

	if (spec->txn_duration < 0)
		return err_set(err, "perf-produce: transaction-duration-ms is 0 "
			       "(no transactions) or more");
	if (!spec->txn_duration)
		id[0] = '\0';
	else if (!id[0])
		snprintf(id, sizeof(spec->config.transactional_id),
			 "performance-producer-default-transactional-id");
	return true;
}

static bool command_perf_produce(struct world *w, const char *args,
				 int64_t *result, struct err *err)
{
	struct perf_producer_spec spec = {0};
	struct perf_producer *p;
	struct perf_words words;
	char format[8];
	int64_t size = args_int(args, "record-size", 100);
	int64_t records = args_int(args, "num-records", 0);

	spec.txn_duration = SIM_MS(args_int(args, "transaction-duration-ms", 0));
	producer_config_init(&spec.config);
	if (!perf_words(w, args, &words, err) ||
	    !producer_settings(args, &spec.config, err))
		return false;
	args_text_or(args, "format", "v2", format, sizeof(format));
	if (size < 1 || size > 1 << 20 || records < 0 ||
	    (strcmp(format, "v2") && strcmp(format, "v0")))
		return err_set(err, "perf-produce: record-size is 1 to 1048576, "
			       "num-records 0 (endless) or more, format v2 or "
			       "v0");
	if (!perf_transactions(&spec, args, err))
		return false;
	spec.name = words.name;
	spec.topic = words.topic;
	spec.bootstrap = words.bootstrap;
	spec.value_bytes = (uint32_t)size;
	spec.records = (uint64_t)records;
	spec.format = format[1] == '0' ? PERF_FORMAT_V0 : PERF_FORMAT_V2;
	p = perf_producer_new(w, cluster_of(w), words.machine, &spec);
	perf_start(w, &words, p->host->process, result);
	return true;
}

static bool command_perf_consume(struct world *w, const char *args,
				 int64_t *result, struct err *err)
{
	struct consumer_config config;
	struct perf_consumer *p;
	struct perf_words words;
	char from[16];

	consumer_config_init(&config);
	if (!perf_words(w, args, &words, err) ||
	    !consumer_settings(args, &config, err))
		return false;
	args_text_or(args, "from", "earliest", from, sizeof(from));
	if (strcmp(from, "earliest") && strcmp(from, "latest"))
		return err_set(err, "from=%s: earliest or latest", from);
	p = perf_consumer_new(w, words.machine, words.name, words.topic,
			      words.bootstrap, from[0] == 'e' ?
			      OFFSET_EARLIEST : OFFSET_LATEST, &config);
	perf_start(w, &words, p->host->process, result);
	return true;
}

static bool command_perf_trip(struct world *w, const char *args,
			      int64_t *result, struct err *err)
{
	int64_t size = args_int(args, "record-size", 100);
	int64_t trips = args_int(args, "num-records", 5000);
	struct producer_config producer;
	struct consumer_config consumer;
	struct perf_words words;
	struct perf_trip *t;
	char acks[8], wait[16], choice[16];

	producer_config_init(&producer);
	consumer_config_init(&consumer);
	args_text_or(args, "acks", "all", acks, sizeof(acks));
	args_text_or(args, "fetch.max.wait.ms", "500", wait, sizeof(wait));
	args_text_or(args, "partitioner", "sticky", choice, sizeof(choice));
	if (!perf_words(w, args, &words, err) ||
	    !producer_config_set(&producer, "acks", acks, err) ||
	    !consumer_config_set(&consumer, "fetch.max.wait.ms", wait, err))
		return false;
	if (strcmp(choice, "sticky") && strcmp(choice, "round-robin"))
		return err_set(err, "partitioner=%s: sticky or round-robin",
			       choice);
	if (size < 1 || size > RECORD_SCRATCH || trips < 1 || trips > 1000000)
		return err_set(err, "perf-latency: record-size is 1 to %d, "
			       "num-records 1 to 1000000", RECORD_SCRATCH);
	t = perf_trip_new(w, words.machine, words.name, words.topic,
			  words.bootstrap, (uint32_t)size, (uint32_t)trips,
			  &producer, &consumer);
	t->round_robin = choice[0] == 'r';
	perf_start(w, &words, t->host->process, result);
	return true;
}

/* Nobody listens there any more; connections that are open stay so. */
static bool listener_remove(struct world *w, const char *args, int64_t port,
			    struct err *err)
{
	char broker[128];
	struct broker *b;

	args_text_or(args, "broker", "", broker, sizeof(broker));
	b = broker_named(w, broker);
	if (!b)
		return err_set(err, "broker=%s: that is no broker", broker);
	for (uint32_t i = 0; i < b->process->ports.count; i++)
		if (b->process->ports.at[i] == port) {
			vec_remove(&b->process->ports, i);
			break;
		}
	for (uint32_t i = 0; i < b->listeners.count; i++)
		if (b->listeners.at[i].port == port) {
			vec_remove(&b->listeners, i);
			return true;
		}
	return err_set(err, "broker=%s: it does not listen on port %lld",
		       broker, (long long)port);
}

/* A listener of a broker: made, or its advertised address changed. */
static bool command_listener(struct world *w, const char *args, int64_t *result,
			     struct err *err)
{
	char broker[128], name[64], host[128];
	int64_t port = args_int(args, "port", 0);
	int64_t advertised = args_int(args, "advertised-port", port);
	struct broker *b;

	(void)result;
	if (args_text(args, "do", name, sizeof(name)) &&
	    !strcmp(name, "remove"))
		return listener_remove(w, args, port, err);
	if (!args_text(args, "broker", broker, sizeof(broker)) ||
	    !args_text(args, "name", name, sizeof(name)) ||
	    !args_text(args, "host", host, sizeof(host)) || port < 1 ||
	    port > 65535 || advertised < 1 || advertised > 65535)
		return err_set(err, "listener: say broker= name= port= host= "
			       "[advertised-port=]");
	b = broker_named(w, broker);
	if (!b)
		return err_set(err, "broker=%s: that is no broker", broker);
	for (uint32_t i = 0; i < b->listeners.count; i++) {
		struct listener *l = &b->listeners.at[i];

		if (l->port != port)
			continue;
		l->name = world_name(w, name);
		l->advertised_host = world_name(w, host);
		l->advertised_port = (uint16_t)advertised;
		return true;
	}
	broker_listen(w, b, name, (uint16_t)port, host, (uint16_t)advertised);
	return true;
}

/* As if server.properties of every broker said so. */
static bool command_setting(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	struct cluster *c = cluster_of(w);
	struct text key = {0}, value = {0};
	struct broker_config config;
	bool good = true;

	(void)result;
	if (!want_cluster(w, err))
		return false;
	config = c->brokers.at[0]->config;
	while (good && args_next(&args, &key, &value))
		good = broker_config_set(&config, text_cstr(&key),
					 text_cstr(&value), err);
	for (uint32_t i = 0; good && i < c->brokers.count; i++)
		c->brokers.at[i]->config = config;
	text_free(&key);
	text_free(&value);
	return good;
}

/* Where a machine stands says how far its bytes go, and what they cost. */
static bool command_place(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	char name[128], region[64], rack[64];
	struct machine *m;

	(void)result;
	if (!first_word(args, name, sizeof(name)))
		return err_set(err, "place: which machine?");
	m = machine_find(w, name);
	if (!m)
		return err_set(err, "place %s: no such machine", name);
	args_text(args, "region", region, sizeof(region));
	args_text(args, "rack", rack, sizeof(rack));
	net_place(w, m, *region ? region : NULL, *rack ? rack : NULL);
	return true;
}

/* rm -r of a controller's log directory, then kafka-storage.sh format. */
static bool command_format(struct world *w, const char *args, int64_t *result,
			   struct err *err)
{
	struct cluster *c = cluster_of(w);
	char name[128];

	(void)result;
	if (!want_cluster(w, err) || !first_word(args, name, sizeof(name)))
		return err_set(err, "storage-format: name a controller");
	for (uint32_t i = 0; i < c->controllers.count; i++) {
		struct controller *k = c->controllers.at[i];

		if (k->process != process_find(w, name))
			continue;
		if (k->process->state != PROCESS_DOWN)
			return err_set(err, "storage-format %s: it runs; stop "
				       "it first", name);
		raft_format(w, &k->raft);
		return true;
	}
	return err_set(err, "storage-format %s: no such controller in this "
		       "world", name);
}

static const struct command_kind stack_commands[] = {
	{ "storage-format", "CONTROLLER", command_format },
	{ "service", "NAME do=start|stop|restart|kill", command_service },
	{ "fleet-new", "topic= [name=] [devices=] [period=] [on=]",
	  command_fleet },
	{ "app-new", "name= topic= [group=] [work=] [commit=auto|sync|async] "
	  "[on=] [output= transactional-id= [transaction-timeout=]] "
	  "[SETTING=VALUE]...", command_app },
	{ "perf-produce", "name= topic= [on=] [record-size=] [num-records=] "
	  "[format=v2|v0] [SETTING=VALUE]...", command_perf_produce },
	{ "perf-consume", "name= topic= [on=] [from=earliest|latest] "
	  "[SETTING=VALUE]...", command_perf_consume },
	{ "perf-latency", "name= topic= [on=] [record-size=] [num-records=] "
	  "[acks=] [fetch.max.wait.ms=] [partitioner=sticky|round-robin]",
	  command_perf_trip },
	{ "listener", "broker= name= port= host= [advertised-port=]",
	  command_listener },
	{ "broker-setting", "KEY=VALUE...", command_setting },
	{ "place", "MACHINE [region=] [rack=]", command_place },
	TERMINAL_COMMANDS,
	SERVICE_COMMANDS,
	{ NULL, NULL, NULL },
};

static const struct module stack_module = {
	.name = "stack",
	.events = stack_events,
	.event_count = sizeof(stack_events) / sizeof(stack_events[0]),
	.commands = stack_commands,
};

/* -- worlds ---------------------------------------------------------------------- */

static const struct module *const modules[MODULE_COUNT] = {
	[MODULE_HOST] = &host_module,
	[MODULE_TELEMETRY] = &telemetry_module,
	[MODULE_BROKER] = &broker_module,
	[MODULE_CLIENT] = &client_module,
	[MODULE_DEVICE] = &device_module,
	[MODULE_TSDB] = &prometheus_module,
	[MODULE_MONITOR] = &monitor_module,
	[MODULE_FAULT] = &fault_module,
	[MODULE_STACK] = &stack_module,
	[MODULE_APP] = &app_module,
};

const struct stack_world_kind *stack_world_find(const char *name)
{
	for (const struct stack_world_kind *k = stack_worlds; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

static bool known_settings(const struct stack_world_kind *kind,
			   const char *settings, struct err *err)
{
	struct text key = {0}, value = {0};
	bool good = true;

	while (good && args_next(&settings, &key, &value)) {
		const struct stack_setting *s = kind->settings;

		while (s->name && strcmp(s->name, text_cstr(&key)))
			s++;
		good = s->name || err_set(err, "world %s has no setting %s",
					  kind->name, text_cstr(&key));
	}
	text_free(&key);
	text_free(&value);
	return good;
}

static struct world *make(const char *name, uint64_t seed,
			  const char *settings, bool trace, struct err *err)
{
	const struct stack_world_kind *kind = stack_world_find(name);
	struct world_spec spec = {
		.seed = seed, .modules = modules, .trace = trace,
	};
	struct stack *stack;
	struct world *w;

	if (!settings)
		settings = "";
	if (!kind) {
		err_set(err, "%s: no such world; `millrace worlds` lists them",
			name);
		return NULL;
	}
	if (!known_settings(kind, settings, err))
		return NULL;
	w = world_new(&spec);
	hosts_init(w);
	telemetry_init(w);
	fleets_init(w);
	faults_init(w);
	services_init(w);
	stack = world_take(w, struct stack);
	stack->root.terminals = terminals_new(w);
	w->state->parts[MODULE_STACK] = stack;
	if (!kind->build(w, settings, err)) {
		world_free(w);
		return NULL;
	}
	return w;
}

struct world *stack_world(const char *name, uint64_t seed,
			  const char *settings, struct err *err)
{
	return make(name, seed, settings, false, err);
}

struct world *stack_world_traced(const char *name, uint64_t seed,
				 const char *settings, struct err *err)
{
	return make(name, seed, settings, true, err);
}
