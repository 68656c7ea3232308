/* monitor.c - a Prometheus server: scrapes targets, keeps samples, is asked */
#include "sim/monitor/monitor.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/monitor/events.h"
#include "sim/monitor/process_metrics.h"
#include "sim/tsdb/number.h"

/*
 * What a scrape costs the server [E]: opening and closing it, and parsing and
 * appending one line of text.  Prometheus 2 servers were shown to take 800 000
 * samples/s on a large machine (Reinartz, "Announcing Prometheus 2.0", 2017).
 */
#define SCRAPE_NS		SIM_US(100)
#define SAMPLE_NS		SIM_US(1)

/* A sample takes 1-2 bytes on disk (calibration.md 1.8); we count 2, and
 * memory 4 KB for each series of the head on 60 MB [E: 3-8 KB]. */
#define SAMPLE_DISK_BYTES	2
#define SERIES_MEMORY_BYTES	INT64_C(4096)
#define BASE_MEMORY_BYTES	INT64_C(60000000)

#define SCRAPE_REQUEST_BYTES	220u	/* first line and fields of the GET */
#define LABELS_MAX		32

struct monitor_metrics {
	struct metric *series, *appended, *out_of_order, *duplicate;
};

struct monitors {
	VEC(struct monitor *) all;
};

static void monitor_start(struct world *w, void *who, uint16_t arg);
static void monitor_stop(struct world *w, void *who, uint16_t arg);
static void monitor_message(struct world *w, void *who, uint16_t arg);
static void monitor_lost(struct world *w, void *who, uint16_t arg);
static void monitor_collect(struct world *w, void *who, uint16_t arg);
static void monitor_tick(struct world *w, void *who, uint16_t arg);
static void monitor_timeout(struct world *w, void *who, uint16_t arg);
static void monitor_store(struct world *w, void *who, uint16_t arg);
static void monitor_send_reply(struct world *w, void *who, uint16_t arg);

static const struct module_event monitor_events[] = {
	[MONITOR_START & 0xff] = { "monitor.start", monitor_start },
	[MONITOR_STOP & 0xff] = { "monitor.stop", monitor_stop },
	[MONITOR_MESSAGE & 0xff] = { "monitor.message", monitor_message },
	[MONITOR_LOST & 0xff] = { "monitor.lost", monitor_lost },
	[MONITOR_COLLECT & 0xff] = { "monitor.collect", monitor_collect },
	[MONITOR_TICK & 0xff] = { "monitor.tick", monitor_tick },
	[MONITOR_TIMEOUT & 0xff] = { "monitor.timeout", monitor_timeout },
	[MONITOR_STORE & 0xff] = { "monitor.store", monitor_store },
	[MONITOR_REPLY & 0xff] = { "monitor.reply", monitor_send_reply },
	[NODE_EXPORTER_MESSAGE & 0xff] = { "node-exporter.message",
					   node_exporter_message },
	[NODE_EXPORTER_COLLECT & 0xff] = { "node-exporter.collect",
					   node_exporter_collect },
	[COST_EXPORTER_MESSAGE & 0xff] = { "cost-exporter.message",
					   cost_exporter_message },
	[COST_EXPORTER_COLLECT & 0xff] = { "cost-exporter.collect",
					   cost_exporter_collect },
};

const struct module monitor_module = {
	.name = "monitor",
	.events = monitor_events,
	.event_count = sizeof(monitor_events) / sizeof(monitor_events[0]),
};

/* -- life ---------------------------------------------------------------- */

struct monitor *monitor_new(struct world *w, const char *name,
			    struct machine *machine,
			    const struct monitor_config *config)
{
	static const struct process_events on = {
		.start = MONITOR_START, .stop = MONITOR_STOP,
		.message = MONITOR_MESSAGE, .lost = MONITOR_LOST,
		.collect = MONITOR_COLLECT,
	};
	struct monitors *all = w->state->parts[MODULE_MONITOR];
	struct monitor *m = world_take(w, struct monitor);

	if (!all) {
		all = world_take(w, struct monitors);
		w->state->parts[MODULE_MONITOR] = all;
	}
	m->tsdb = tsdb_new(w);
	m->scrape_interval = config->scrape_interval ?
			     config->scrape_interval : MONITOR_SCRAPE_INTERVAL;
	m->scrape_timeout = config->scrape_timeout ?
			    config->scrape_timeout : MONITOR_SCRAPE_TIMEOUT;
	if (m->scrape_timeout > m->scrape_interval)
		m->scrape_timeout = m->scrape_interval;
	m->http = config->http;
	m->metrics = world_take(w, struct monitor_metrics);
	m->process = process_new(w, name, machine,
				 "/bin/prometheus "
				 "--config.file=/etc/prometheus/prometheus.yml",
				 &on, MODULE_MONITOR, m);
	m->wal = file_new(w, &machine->disk);
	net_listen(w, m->process, config->port ? config->port : 9090);
	*vec_add(&w->arena, &all->all) = m;
	return m;
}

struct monitor *monitor_of(const struct process *p)
{
	return p->on.start == MONITOR_START ? p->self : NULL;
}

struct monitor *monitor_first(const struct world *w)
{
	const struct monitors *all = w->state->parts[MODULE_MONITOR];

	return all && all->all.count ? all->all.at[0] : NULL;
}

/* The first time at or after `from` at which this target is due. */
static sim_time due(const struct target *t, sim_time from)
{
	sim_time interval = t->monitor->scrape_interval;
	sim_time at = from - from % interval + t->offset;

	return at < from ? at + interval : at;
}

static void plan_tick(struct world *w, struct target *t, sim_time from)
{
	process_at(w, t->monitor->process, due(t, from), MONITOR_TICK, t,
		   (uint16_t)t->monitor->process->incarnation);
}

static void monitor_start(struct world *w, void *who, uint16_t arg)
{
	struct monitor *m = monitor_of(who);

	(void)arg;
	log_write(w, m->process, LOG_INFO, "Server is ready to receive web "
					   "requests.");
	for (uint32_t i = 0; i < m->targets.count; i++)
		plan_tick(w, m->targets.at[i], world_now(w));
}

/* What was remembered of the targets' answers is gone with the process; the
 * samples are on disk. */
static void monitor_stop(struct world *w, void *who, uint16_t arg)
{
	struct monitor *m = monitor_of(who);

	(void)arg;
	for (uint32_t i = 0; i < m->targets.count; i++) {
		struct target *t = m->targets.at[i];

		t->state = TARGET_IDLE;
		t->fresh = false;
		t->health = HEALTH_UNKNOWN;
		t->error = TARGET_OK;
		t->last_scrape = -1;
		vec_free(&w->arena, &t->places);
	}
}

/* -- targets ------------------------------------------------------------- */

static uint64_t target_key(const struct process *p)
{
	return (uint64_t)p->id + 1;
}

static struct target *target_of(const struct monitor *m,
				const struct process *p)
{
	return map_get(&m->by_process, target_key(p));
}

static struct series *report(struct world *w, struct target *t,
			     const char *name)
{
	return tsdb_series(w, t->monitor->tsdb, world_name(w, name), t->labels);
}

struct target *monitor_target(struct world *w, struct monitor *m,
			      const char *job, const char *instance,
			      struct process *process)
{
	struct target *t = world_take(w, struct target);
	struct label labels[2] = {
		{ world_name(w, "job"), world_name(w, job) },
		{ world_name(w, "instance"), world_name(w, instance) },
	};

	assert(!target_of(m, process));
	t->monitor = m;
	t->process = process;
	t->job = labels[0].value;
	t->instance = labels[1].value;
	t->labels = labels_make(w, labels, 2);
	t->offset = (sim_time)(luck_mix(luck_hash(job) ^
					luck_mix(luck_hash(instance))) %
			       (uint64_t)m->scrape_interval);
	t->last_scrape = -1;
	*vec_add(&w->arena, &m->targets) = t;
	map_put(&m->by_process, &w->arena, target_key(process), t);
	if (process_runs(m->process))
		plan_tick(w, t, world_now(w));
	return t;
}

static void mark_stale(struct world *w, struct target *t, int64_t t_ms)
{
	if (!t->fresh)
		return;
	for (uint32_t i = 0; i < t->places.count; i++)
		tsdb_append(w, t->monitor->tsdb, t->places.at[i].series, t_ms,
			    number_stale());
	t->fresh = false;
}

void monitor_target_remove(struct world *w, struct monitor *m, struct target *t)
{
	struct series *reports[] = {
		t->up, t->duration, t->scraped, t->kept, t->added,
	};
	int64_t now_ms = sim_wall_ms(world_now(w));

	mark_stale(w, t, now_ms);
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		if (reports[i])
			tsdb_append(w, m->tsdb, reports[i], now_ms,
				    number_stale());
	for (uint32_t i = 0; i < m->targets.count; i++)
		if (m->targets.at[i] == t) {
			vec_remove(&m->targets, i);
			break;
		}
	map_remove(&m->by_process, target_key(t->process));
	vec_free(&w->arena, &t->places);
	/* The struct itself stays: events that are under way know it. */
	t->process = NULL;
}

void target_error_text(const struct world *w, const struct target *t,
		       struct text *text)
{
	const char *instance = world_text(w, t->instance);

	if (t->error == TARGET_OK)
		return;
	text_addf(text, "Get \"http://%s/metrics\": ", instance);
	if (t->error == TARGET_TIMEOUT)
		text_add(text, "context deadline exceeded");
	else if (t->error == TARGET_REFUSED)
		text_addf(text, "dial tcp %s: connect: connection refused",
			  instance);
	else
		text_add(text, "EOF");
}

/* -- storing ------------------------------------------------------------- */

/* The name a label gets when job or instance already stand there. */
static name_id clash_name(struct world *w, const struct labels *labels,
			  const struct labels *own, name_id name)
{
	char text[256];
	bool taken = false;

	for (uint32_t i = 0; i < own->count; i++)
		taken |= own->at[i].name == name;
	while (taken) {
		snprintf(text, sizeof(text), "exported_%s",
			 world_text(w, name));
		name = world_name(w, text);
		taken = false;
		for (uint32_t i = 0; i < labels->count; i++)
			taken |= labels->at[i].name == name;
	}
	return name;
}

/* The labels the target says, and its own job and instance. */
static const struct labels *full_labels(struct world *w,
					const struct target *t,
					const struct labels *said)
{
	struct label labels[LABELS_MAX];
	uint32_t count = 0;

	assert(said->count + t->labels->count <= LABELS_MAX);
	for (uint32_t i = 0; i < said->count; i++) {
		if (!said->at[i].value)		/* empty: not there */
			continue;
		labels[count] = said->at[i];
		labels[count++].name = clash_name(w, said, t->labels,
						  said->at[i].name);
	}
	for (uint32_t i = 0; i < t->labels->count; i++)
		labels[count++] = t->labels->at[i];
	return labels_make(w, labels, count);
}

static struct scrape_place place_of(struct world *w, struct target *t,
				    const struct sample_point *p)
{
	return (struct scrape_place){
		.name = p->name, .labels = p->labels,
		.series = tsdb_series(w, t->monitor->tsdb, p->name,
				      full_labels(w, t, p->labels)),
	};
}

static bool same_place(const struct scrape_place *place,
		       const struct sample_point *p)
{
	return place->name == p->name && place->labels == p->labels;
}

static void store_point(struct world *w, const struct target *t, uint32_t i,
			const struct sample_point *p, int64_t t_ms)
{
	tsdb_append_as(w, t->monitor->tsdb, t->places.at[i].series, t_ms,
		       p->value, p->fidelity);
}

/* The answer no longer looks as remembered: series that are not in it any
 * more have ended. */
static void replace_places(struct world *w, struct target *t,
			   const struct scraped *s, int64_t t_ms)
{
	struct tsdb *db = t->monitor->tsdb;
	uint32_t old_count = t->places.count, cap = t->places.cap;
	struct scrape_place *old = t->places.at;

	t->places.at = NULL;
	t->places.count = t->places.cap = 0;
	for (uint32_t i = 0; i < s->count; i++) {
		*vec_add(&w->arena, &t->places) = place_of(w, t, &s->points[i]);
		store_point(w, t, i, &s->points[i], t_ms);
	}
	for (uint32_t i = 0; t->fresh && i < old_count; i++)
		if (old[i].series->last_ms < t_ms)
			tsdb_append(w, db, old[i].series, t_ms, number_stale());
	arena_free(&w->arena, old, cap * sizeof(*old));
}

/* Returns how many series had not been in the last answer. */
static uint32_t store_points(struct world *w, struct target *t,
			     const struct scraped *s, int64_t t_ms)
{
	uint32_t known = t->places.count, same = 0;

	while (same < known && same < s->count &&
	       same_place(&t->places.at[same], &s->points[same]))
		same++;
	if (same < known) {
		replace_places(w, t, s, t_ms);
		return s->count - same;
	}
	for (uint32_t i = known; i < s->count; i++)
		*vec_add(&w->arena, &t->places) = place_of(w, t, &s->points[i]);
	for (uint32_t i = 0; i < s->count; i++)
		store_point(w, t, i, &s->points[i], t_ms);
	return s->count - known;
}

/* What the server itself says of a scrape. */
static void store_report(struct world *w, struct target *t, int64_t t_ms,
			 bool up, uint32_t scraped, uint32_t added)
{
	struct tsdb *db = t->monitor->tsdb;

	if (!t->up) {
		t->up = report(w, t, "up");
		t->duration = report(w, t, "scrape_duration_seconds");
		t->scraped = report(w, t, "scrape_samples_scraped");
		t->kept = report(w, t, "scrape_samples_post_metric_relabeling");
		t->added = report(w, t, "scrape_series_added");
	}
	tsdb_append(w, db, t->up, t_ms, up);
	tsdb_append(w, db, t->duration, t_ms, (double)t->last_duration / 1e9);
	tsdb_append(w, db, t->scraped, t_ms, scraped);
	tsdb_append(w, db, t->kept, t_ms, scraped);
	tsdb_append(w, db, t->added, t_ms, added);
}

/* The write-ahead log.  A disk that takes nothing loses the scrape.  The
 * sentence ends with Go's word for errno, which begins small. */
static bool write_log(struct world *w, struct monitor *m, uint32_t samples)
{
	sim_time ready;
	enum disk_result result = file_append(w, m->wal,
					      SAMPLE_DISK_BYTES * samples,
					      &ready);
	const char *why = disk_result_text(result);

	if (result == DISK_OK)
		return true;
	m->lost_to_disk++;
	log_write(w, m->process, LOG_ERROR, "Scrape commit failed: write to "
		  "WAL: log samples: write /prometheus/wal/00000000: %c%s",
		  why[0] | 0x20, why + 1);
	return false;
}

/* -- scraping ------------------------------------------------------------ */

static void scrape_failed(struct world *w, struct target *t,
			  enum target_error error)
{
	int64_t t_ms = sim_wall_ms(t->asked_at);

	t->state = TARGET_IDLE;
	t->health = HEALTH_DOWN;
	t->error = error;
	t->last_scrape = t->asked_at;
	t->last_duration = world_now(w) - t->asked_at;
	t->monitor->failed++;
	world_note(w, (uint64_t)t->process->id << 8 | (uint64_t)error);
	if (!write_log(w, t->monitor, 5))
		return;
	mark_stale(w, t, t_ms);
	store_report(w, t, t_ms, false, 0, 0);
}

static void monitor_tick(struct world *w, void *who, uint16_t arg)
{
	struct target *t = who;
	struct monitor *m = t->monitor;
	struct message *ask;

	(void)arg;
	if (!t->process)		/* removed in the meantime */
		return;
	plan_tick(w, t, world_now(w) + 1);
	if (t->state != TARGET_IDLE)
		return;
	t->state = TARGET_WAITING;
	t->asked++;
	t->asked_at = world_now(w);
	m->scrapes++;
	ask = message_new(w, sizeof(*ask), MESSAGE_SCRAPE);
	ask->bytes = SCRAPE_REQUEST_BYTES;
	net_send(w, m->process, t->process, ask);
	process_at(w, m->process, world_now(w) + m->scrape_timeout,
		   MONITOR_TIMEOUT, t, t->asked);
}

static void monitor_timeout(struct world *w, void *who, uint16_t arg)
{
	struct target *t = who;

	if (!t->process || t->state != TARGET_WAITING || t->asked != arg)
		return;
	net_close(w, t->monitor->process, t->process);
	scrape_failed(w, t, TARGET_TIMEOUT);
}

static void monitor_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;
	struct target *t = target_of(monitor_of(lost->process), lost->peer);

	(void)arg;
	if (t && t->state == TARGET_WAITING)
		scrape_failed(w, t, lost->refused ? TARGET_REFUSED :
						    TARGET_BROKEN);
}

static void scrape_answered(struct world *w, struct monitor *m,
			    struct scraped *s)
{
	struct target *t = target_of(m, s->head.from);

	if (!t || t->state != TARGET_WAITING) {
		message_free(w, &s->head);
		return;
	}
	t->state = TARGET_STORING;
	t->answered_at = world_now(w);
	cpu_serve(w, m->process, SCRAPE_NS + SAMPLE_NS * s->count,
		  MONITOR_STORE, &s->head);
}

/* Fold what was stored into the digest. */
static void note_points(struct world *w, const struct scraped *s)
{
	uint64_t sum = s->count;

	for (uint32_t i = 0; i < s->count; i++) {
		uint64_t bits;

		memcpy(&bits, &s->points[i].value, sizeof(bits));
		sum = (sum ^ bits) * UINT64_C(0x9fb21c651e98df25);
	}
	world_note(w, sum);
}

static void monitor_store(struct world *w, void *who, uint16_t arg)
{
	struct scraped *s = who;
	struct monitor *m = monitor_of(s->head.to);
	struct target *t = target_of(m, s->head.from);
	int64_t t_ms;

	(void)arg;
	if (t && t->state == TARGET_STORING) {
		t_ms = sim_wall_ms(t->asked_at);
		t->state = TARGET_IDLE;
		t->health = HEALTH_UP;
		t->error = TARGET_OK;
		t->last_scrape = t->asked_at;
		t->last_duration = world_now(w) - t->asked_at;
		note_points(w, s);
		if (write_log(w, m, s->count + 5)) {
			uint32_t added = store_points(w, t, s, t_ms);

			t->fresh = true;
			store_report(w, t, t_ms, true, s->count, added);
		}
	}
	message_free(w, &s->head);
}

/* -- being asked --------------------------------------------------------- */

void monitor_reply(struct world *w, struct http_request *request,
		   struct http_response *response, sim_time cpu)
{
	struct process *p = request->head.to;

	response->head.from = p;
	response->head.to = request->head.from;
	message_free(w, &request->head);
	cpu_serve(w, p, cpu, MONITOR_REPLY, &response->head);
}

static void monitor_send_reply(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	net_send(w, m->from, m->to, m);
}

static void monitor_message(struct world *w, void *who, uint16_t arg)
{
	struct message *message = who;
	struct monitor *m = monitor_of(message->to);

	(void)arg;
	if (message->kind == MESSAGE_SCRAPED)
		scrape_answered(w, m, who);
	else if (message->kind == MESSAGE_SCRAPE)
		telemetry_answer(w, message);
	else if (message->kind == MESSAGE_HTTP_REQUEST && m->http)
		world_call(w, m->http, message, 0);
	else
		message_free(w, message);
}

static void monitor_collect(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;
	struct monitor *m = monitor_of(p);
	struct monitor_metrics *x = m->metrics;

	(void)arg;
	memory_set(w, p, BASE_MEMORY_BYTES +
			 SERIES_MEMORY_BYTES * m->tsdb->series.count);
	process_metrics(w, p);
	if (!x->series) {
		x->series = metric_gauge(w, p, "prometheus_tsdb_head_series",
					 NULL);
		x->appended = metric_counter(w, p, "prometheus_tsdb_head_"
					     "samples_appended_total", "type",
					     "float", NULL);
		x->out_of_order = metric_counter(w, p, "prometheus_target_"
						 "scrapes_sample_out_of_order_"
						 "total", NULL);
		x->duplicate = metric_counter(w, p, "prometheus_target_scrapes_"
					      "sample_duplicate_timestamp_"
					      "total", NULL);
	}
	metric_set(x->series, m->tsdb->series.count);
	metric_set(x->appended, (int64_t)m->tsdb->appended);
	metric_set(x->out_of_order, (int64_t)m->tsdb->out_of_order);
	metric_set(x->duplicate, (int64_t)m->tsdb->duplicates);
}
