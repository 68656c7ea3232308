/* prometheus.c - Prometheus's HTTP API: which path is answered by whom
 *
 * Two ways in, one table: prometheus_answer is the pure function, the event
 * PROMETHEUS_HTTP answers a message of the network and spends the CPU of it.
 * What needs no look at the world is answered here.
 */
#include "sim/face/prometheus_inside.h"

#include <assert.h>
#include <string.h>

/* CPU of an answer [E]: parsing, planning and encoding; and 100 ns an element,
 * after the engine's own benchmark of about 10 million samples/s on a core. */
#define ANSWER_NS	SIM_US(300)
#define WORK_NS		100

#define PLAIN		"text/plain; charset=utf-8"

static void prometheus_http(struct world *w, void *who, uint16_t arg);

static const struct module_event events[] = {
	[PROMETHEUS_HTTP & 0xff] = { "prometheus.http", prometheus_http },
};

const struct module prometheus_module = {
	.name = "prometheus",
	.events = events,
	.event_count = sizeof(events) / sizeof(events[0]),
};

/* -- answers that are always the same ----------------------------------- */

static void buildinfo(struct request *r)
{
	text_add(answer_success(r), "{\"version\":\"2.42.0\","
		 "\"revision\":\"simulated\","
		 "\"branch\":\"HEAD\",\"buildUser\":\"millrace\","
		 "\"buildDate\":\"20230131-00:00:00\","
		 "\"goVersion\":\"go1.19.5\"}}");
}

static void metadata(struct request *r)
{
	text_add(answer_success(r), "{}}");
}

static void rules(struct request *r)
{
	text_add(answer_success(r), "{\"groups\":[]}}");
}

static void alerts(struct request *r)
{
	text_add(answer_success(r), "{\"alerts\":[]}}");
}

static void healthy(struct request *r)
{
	answer_begin(r, 200, PLAIN);
	text_add(&r->out->body, "Prometheus Server is Healthy.\n");
}

static void ready(struct request *r)
{
	answer_begin(r, 200, PLAIN);
	text_add(&r->out->body, "Prometheus Server is Ready.\n");
}

/* -- which is which ----------------------------------------------------- */

static const struct route {
	const char *path;
	bool post;			/* as well as GET */
	void (*run)(struct request *r);
} routes[] = {
	{ "/api/v1/query", true, prometheus_query },
	{ "/api/v1/query_range", true, prometheus_query_range },
	{ "/api/v1/series", true, prometheus_series },
	{ "/api/v1/labels", true, prometheus_labels },
	{ "/api/v1/targets", false, prometheus_targets },
	{ "/api/v1/metadata", false, metadata },
	{ "/api/v1/rules", false, rules },
	{ "/api/v1/alerts", false, alerts },
	{ "/api/v1/status/buildinfo", false, buildinfo },
	{ "/api/v1/status/tsdb", false, prometheus_status_tsdb },
	{ "/-/healthy", false, healthy },
	{ "/-/ready", false, ready },
};

/* The name in /api/v1/label/NAME/values; false: another path. */
static bool label_path(const char *path, struct text *name)
{
	static const char before[] = "/api/v1/label/", behind[] = "/values";
	size_t len = strcspn(path, "?");
	size_t outside = sizeof(before) + sizeof(behind) - 2;

	if (len <= outside ||
	    strncmp(path, before, sizeof(before) - 1) != 0 ||
	    strncmp(path + len - (sizeof(behind) - 1), behind,
		    sizeof(behind) - 1) != 0)
		return false;
	http_decode(name, path + sizeof(before) - 1, len - outside, false);
	return true;
}

static void not_allowed(struct request *r)
{
	answer_begin(r, 405, PLAIN);
	text_add(&r->out->body, "Method Not Allowed\n");
}

void prometheus_answer(const struct world *w, const struct monitor *m,
		       enum http_method method, const char *path,
		       const char *body, struct prometheus_answer *out)
{
	struct request r = {
		.w = w, .m = m, .out = out, .query = http_query(path),
		.form = method == HTTP_POST && body ? body : "",
	};
	bool get = method == HTTP_GET || method == HTTP_HEAD;
	struct text name = {0};

	*out = (struct prometheus_answer){ .status = 404 };
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!http_path_is(path, routes[i].path))
			continue;
		if (get || (method == HTTP_POST && routes[i].post))
			routes[i].run(&r);
		else
			not_allowed(&r);
		return;
	}
	if (label_path(path, &name)) {
		if (get)
			prometheus_label_values(&r, text_cstr(&name));
		else
			not_allowed(&r);
	} else {
		answer_begin(&r, 404, PLAIN);
		text_add(&out->body, "404 page not found\n");
	}
	text_free(&name);
}

static void prometheus_http(struct world *w, void *who, uint16_t arg)
{
	struct http_request *request = who;
	struct monitor *m = monitor_of(request->head.to);
	struct prometheus_answer a;
	struct http_response *response;

	(void)arg;
	assert(m);
	prometheus_answer(w, m, request->method, http_path(request),
			  http_body(request), &a);
	response = http_response_new(w, a.status, a.content_type,
				     text_cstr(&a.body), a.body.len,
				     request->id);
	text_free(&a.body);
	monitor_reply(w, request, response,
		      ANSWER_NS + WORK_NS * (sim_time)a.work);
}
