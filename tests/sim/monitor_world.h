/* monitor_world.h - one monitor and two machines to watch, for tests
 *
 * Machine `mon` runs the monitor; `web-1` and `web-2` run a process each that
 * counts requests, and a node exporter.
 */
#ifndef TESTS_SIM_MONITOR_WORLD_H
#define TESTS_SIM_MONITOR_WORLD_H

#include "sim/face/prometheus.h"
#include "sim/monitor/monitor.h"
#include "sim/monitor/node_exporter.h"
#include "sim/tsdb/number.h"
#include "sim/tsdb/promql_eval.h"

enum { WEB_MESSAGE = MODULE_WORLD << 8, WEB_WORK, CLIENT_MESSAGE };

struct monitor_world {
	struct world *w;
	struct monitor *m;
	struct process *web[2];
	struct target *target[2];
	struct metric *requests[2];
};

/* The last HTTP answer that arrived at a client. */
struct web_client {
	struct process *process;
	uint32_t status, answers;
	uint64_t id;
	sim_time at;
	char body[4096];
};

static inline void web_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE)
		telemetry_answer(w, m);
	else
		message_free(w, m);
}

static inline void web_work(struct world *w, void *who, uint16_t arg)
{
	(void)w;
	(void)who;
	(void)arg;
}

static inline void client_message(struct world *w, void *who, uint16_t arg)
{
	struct http_response *r = who;
	struct web_client *c = r->head.to->self;

	(void)arg;
	c->answers++;
	c->status = r->status;
	c->id = r->id;
	c->at = world_now(w);
	snprintf(c->body, sizeof(c->body), "%s", r->bytes);
	message_free(w, &r->head);
}

static const struct module_event web_events[] = {
	{ "web.message", web_message }, { "web.work", web_work },
	{ "client.message", client_message },
};
static const struct module web_module = {
	.name = "web", .events = web_events, .event_count = 3,
};

static inline struct monitor_world monitor_world(uint64_t seed)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &web_module,
		[MODULE_HOST] = &host_module,
		[MODULE_TELEMETRY] = &telemetry_module,
		[MODULE_TSDB] = &prometheus_module,
		[MODULE_MONITOR] = &monitor_module,
	};
	static const struct process_events on = { .message = WEB_MESSAGE };
	struct monitor_config config = {
		.scrape_interval = SIM_S(15), .http = PROMETHEUS_HTTP,
	};
	struct monitor_world x = {
		.w = world_new(&(struct world_spec){ .seed = seed,
						     .modules = modules }),
	};

	hosts_init(x.w);
	telemetry_init(x.w);
	x.m = monitor_new(x.w, "prometheus",
			  machine_new(x.w, "mon", "a", &machine_small),
			  &config);
	for (int i = 0; i < 2; i++) {
		char name[16], instance[32];
		struct machine *machine;

		snprintf(name, sizeof(name), "web-%d", i + 1);
		snprintf(instance, sizeof(instance), "%s:8080", name);
		machine = machine_new(x.w, name, "a", &machine_small);
		x.web[i] = process_new(x.w, name, machine, "web", &on,
				       MODULE_WORLD, NULL);
		x.requests[i] = metric_counter(x.w, x.web[i],
					       "http_requests_total", "code",
					       "200", "instance", "inner", NULL);
		x.target[i] = monitor_target(x.w, x.m, "web", instance,
					     x.web[i]);
		process_start(x.w, x.web[i]);
	}
	process_start(x.w, x.m->process);
	return x;
}

static inline int64_t wall(const struct world *w)
{
	return sim_wall_ms(world_now(w));
}

/* The value of a query that gives one element or a scalar; NaN: nothing. */
static inline double ask(const struct monitor_world *x, const char *query)
{
	struct promql_result r;
	double v = number_nan();

	promql_instant(x->w, x->m->tsdb, query, wall(x->w), &r);
	if (r.status != PROMQL_OK)
		fail_msg("%s: %s", query, r.error);
	if (r.type == PROMQL_SCALAR)
		v = r.scalar;
	else if (r.series_count == 1)
		v = r.series[0].points[0].v;
	else if (r.series_count > 1)
		fail_msg("%s: %u elements", query, r.series_count);
	promql_result_free(&r);
	return v;
}

static inline void near(const struct monitor_world *x, const char *query,
			double want, double band)
{
	double is = ask(x, query);

	if (!(is >= want - band && is <= want + band))
		fail_msg("%s: %g, want %g", query, is, want);
}

/* So many threads of web-1 never sleep, and node_exporter watches. */
static inline void work_on_web_1(struct monitor_world *x, uint32_t threads)
{
	struct node_exporter *e = node_exporter_new(x->w, x->web[0]->machine);

	monitor_target(x->w, x->m, "node", "web-1:9100", e->process);
	process_start(x->w, e->process);
	cpu_threads_set(x->w, x->web[0], threads);
	for (uint32_t i = 0; i < threads; i++)
		cpu_run(x->w, x->web[0], SIM_HOURS(1), WEB_WORK, NULL, 0);
}

#endif
