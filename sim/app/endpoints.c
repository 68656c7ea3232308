/* endpoints.c - what a service answers over HTTP
 *
 *	GET /health	200 {"status":"UP"}, or 503 and why
 *	GET /ready	200, or 503 and what is missing
 *	GET /metrics	all of its registry, as Prometheus's text format 0.0.4
 *	GET /config	every setting, its value, its layer, who set it
 *
 * Everything else is the program's, if it has a handler for requests; 404 if
 * not, 503 until it has started.  The health body has the shape of Spring
 * Boot's actuator.
 */
#include <stdio.h>
#include <string.h>

#include "sim/app/app_inside.h"

#define ANSWER_NS	SIM_US(50)	/* routing and encoding [E] */
#define METRIC_TEXT_NS	SIM_US(2)	/* a line, as telemetry_answer */

#define PLAIN	"text/plain; charset=utf-8"
#define JSON	"application/json"

struct answer {
	uint32_t status;
	const char *type;
	struct text body;
	sim_time cost;
};

/* -- metrics as text ------------------------------------------------------ */

static void add_label(struct world *w, const struct label *l, bool first,
		      struct text *t)
{
	text_addf(t, "%s%s=\"", first ? "{" : ",", world_text(w, l->name));
	for (const char *c = world_text(w, l->value); *c; c++) {
		if (*c == '"' || *c == '\\')
			text_char(t, '\\');
		if (*c == '\n')
			text_add(t, "\\n");
		else
			text_char(t, *c);
	}
	text_char(t, '"');
}

static void add_sample(struct world *w, const struct sample_point *p,
		       struct text *t)
{
	text_add(t, world_text(w, p->name));
	for (uint32_t i = 0; i < p->labels->count; i++)
		add_label(w, &p->labels->at[i], i == 0, t);
	text_addf(t, "%s %.15g\n", p->labels->count ? "}" : "", p->value);
}

static void metrics(struct world *w, struct service *s, struct answer *a)
{
	static const char *const kinds[] = {
		[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge",
		[METRIC_HISTOGRAM] = "histogram",
	};
	struct process *p = s->host->process;
	struct registry *r = registry_of(w, p);
	struct sample_point *points;
	uint32_t n = 0, count;

	world_call(w, p->on.collect, p, 0);
	count = registry_count(r);
	points = arena_take(&w->arena, count * sizeof(*points));
	registry_read(w, r, points);
	for (uint32_t i = 0; i < r->metrics.count; i++) {
		const struct metric *m = r->metrics.at[i];
		uint32_t end = n + (m->histogram ? m->histogram->count + 3 : 1);

		text_addf(&a->body, "# TYPE %s %s\n", world_text(w, m->name),
			  kinds[m->kind]);
		for (; n < end; n++)
			add_sample(w, &points[n], &a->body);
	}
	arena_free(&w->arena, points, count * sizeof(*points));
	a->type = "text/plain; version=0.0.4; charset=utf-8";
	a->cost += METRIC_TEXT_NS * count;
}

/* -- the others ----------------------------------------------------------- */

static void status(struct answer *a, bool up, const char *why)
{
	a->type = JSON;
	a->status = up ? 200 : 503;
	text_addf(&a->body, "{\"status\":\"%s\"", up ? "UP" : "DOWN");
	if (!up) {
		text_add(&a->body, ",\"reason\":");
		text_json(&a->body, why);
	}
	text_add(&a->body, "}\n");
}

static void health(struct world *w, struct service *s, struct answer *a)
{
	status(a, !s->unhealthy, world_text(w, s->why_unhealthy));
}

static void ready(struct world *w, struct service *s, struct answer *a)
{
	const char *why;
	bool is = service_ready(w, s, &why);

	status(a, is, why);
}

static void config(struct world *w, struct service *s, struct answer *a)
{
	settings_show(w, &s->settings, &a->body);
}

static const struct {
	const char *path;
	void (*answer)(struct world *w, struct service *s, struct answer *a);
} endpoints[] = {
	{ "/health", health }, { "/ready", ready }, { "/metrics", metrics },
	{ "/config", config },
};

static bool built_in(struct world *w, struct service *s,
		     const struct http_request *r, struct answer *a)
{
	if (r->method != HTTP_GET && r->method != HTTP_HEAD)
		return false;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (http_path_is(http_path(r), endpoints[i].path)) {
			endpoints[i].answer(w, s, a);
			return true;
		}
	return false;
}

/* -- answering ------------------------------------------------------------ */

/* One counter for each status: there are few of them, paths are many. */
static void count_request(struct world *w, struct service *s, uint32_t status)
{
	char code[16];

	snprintf(code, sizeof(code), "%u", status);
	metric_add(metric_counter(w, s->host->process,
		"http_server_requests_total", "status", code, NULL), 1);
}

static void send_answer(struct world *w, struct service *s,
			const struct http_request *r, uint32_t code,
			const char *type, const char *body, size_t len)
{
	struct http_response *answer = http_response_new(w, code, type, body,
							 len, r->id);

	answer->head.line = r->head.line;
	count_request(w, s, code);
	net_send(w, s->host->process, r->head.from, &answer->head);
}

/* The CPU of a built-in answer is spent before it is sent. */
void service_served(struct world *w, void *who, uint16_t arg)
{
	struct http_request *r = who;
	struct service *s = ((struct client_host *)r->head.to->self)->owner;
	struct answer a = { .status = 200, .type = PLAIN };

	(void)arg;
	if (built_in(w, s, r, &a)) {
		cpu_spend(w, s->host->process, a.cost);
	} else if (s->state == SERVICE_STARTING) {
		a.status = 503;
		text_add(&a.body, "starting\n");
	} else {
		a.status = 404;
		text_addf(&a.body, "%s: not found\n", http_path(r));
	}
	send_answer(w, s, r, a.status, a.type, text_cstr(&a.body), a.body.len);
	text_free(&a.body);
	message_free(w, &r->head);
}

static bool is_built_in(const struct http_request *r)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (http_path_is(http_path(r), endpoints[i].path))
			return r->method == HTTP_GET || r->method == HTTP_HEAD;
	return false;
}

void service_request(struct world *w, struct service *s,
		     struct http_request *r)
{
	struct task *t;

	if (is_built_in(r) || s->state != SERVICE_RUNNING || s->ended_itself ||
	    !services_of(w)->runtime->has(s->code, PROGRAM_REQUEST)) {
		cpu_serve(w, s->host->process, ANSWER_NS, SERVICE_SERVED,
			  &r->head);
		return;
	}
	t = task_new(w, s, PROGRAM_REQUEST);
	t->request = r;
	task_trace(w, t);
	task_go(w, t);
}

void service_respond(struct world *w, struct task *t)
{
	const char *type = t->content_type ? world_text(w, t->content_type) :
			   PLAIN;
	uint32_t status = t->status ? t->status : 200;

	task_traced(w, t, status >= 500);
	send_answer(w, t->service, t->request, status, type, t->reply.at ? t->reply.at : "", t->reply.len);
}
