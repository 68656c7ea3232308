/* task.c - one call of a handler, from its beginning to its end */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/app_inside.h"
#include "sim/broker/client_trace.h"
#include "sim/telemetry/span.h"

#define FLUSH_LOOK	SIM_MS(1)	/* whether all is sent */
#define ASK_TIMEOUT	SIM_S(5)	/* unless it says otherwise [E] */

void task_bytes_set(struct world *w, struct task_bytes *b, const void *bytes,
		    size_t len)
{
	task_bytes_free(w, b);
	b->at = arena_take(&w->arena, len + 1);
	memcpy(b->at, bytes, len);
	b->len = (uint32_t)len;
}

void task_bytes_free(struct world *w, struct task_bytes *b)
{
	if (b->at)
		arena_free(&w->arena, b->at, (size_t)b->len + 1);
	*b = (struct task_bytes){0};
}

struct task *task_new(struct world *w, struct service *s,
		      enum program_handler handler)
{
	struct task *t = world_take(w, struct task);

	t->service = s;
	t->number = ++s->task_number;
	t->handler = handler;
	t->began_at = world_now(w);
	*vec_add(&w->arena, &s->tasks) = t;
	return t;
}

static void drop_answer(struct world *w, struct task *t)
{
	if (t->answer)
		message_free(w, &t->answer->head);
	t->answer = NULL;
	t->failure = NULL;
}

void task_free(struct world *w, struct task *t)
{
	struct service *s = t->service;

	for (uint32_t i = 0; i < s->tasks.count; i++)
		if (s->tasks.at[i] == t) {
			vec_remove(&s->tasks, i);
			break;
		}
	world_cancel(w, &t->deadline);
	drop_answer(w, t);
	if (t->request)
		message_free(w, &t->request->head);
	task_bytes_free(w, &t->target);
	task_bytes_free(w, &t->body);
	task_bytes_free(w, &t->reply);
	span_drop(w, t->call);
	span_drop(w, t->span);
	world_give(w, t);
}

/* -- spans ---------------------------------------------------------------- */

/* Names of the semantic conventions for HTTP and databases, 1.2x: a client
 * that knows no route is called by its method alone. */
static void trace_call(struct world *w, struct task *t)
{
	struct process *me = t->service->host->process;
	struct trace_context parent = span_context(t->span);
	const char *word = http_method_name(t->method);
	char sql[16];

	if (!trace_ratio(w))
		return;
	if (t->wait == WAIT_SQL) {
		snprintf(sql, sizeof(sql), "%.*s",
			 (int)strcspn(t->body.at ? t->body.at : "", " \n\t;("),
			 t->body.at ? t->body.at : "");
		for (char *c = sql; *c; c++)
			*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
		word = sql;
	}
	t->call = span_begin(w, me, word, SPAN_CLIENT, &parent);
	if (t->wait == WAIT_SQL)
		span_attribute(w, t->call, "db.system", "postgresql");
	else
		span_attribute(w, t->call, "http.request.method", word);
	span_attribute(w, t->call, "server.address",
		       world_text(w, t->peer->name));
}

/* A status of 400 and more is an error for who asked. */
static void call_traced(struct world *w, struct task *t, uint32_t status)
{
	char code[16];

	if (!t->call)
		return;
	if (status && t->wait == WAIT_HTTP) {
		snprintf(code, sizeof(code), "%u", status);
		span_attribute(w, t->call, "http.response.status_code", code);
	}
	span_end(w, t->call, status && status < 400 ? SPAN_UNSET : SPAN_ERROR);
	t->call = NULL;
}

void task_trace(struct world *w, struct task *t)
{
	struct service *s = t->service;
	const struct trace_context *cause;

	if (!trace_ratio(w))
		return;
	if (t->handler == PROGRAM_RECORD) {
		t->span = trace_process(w, s->host->process,
					world_text(w, s->consumer->group),
					&t->record);
		return;
	}
	cause = &t->request->trace;
	t->span = span_begin(w, s->host->process,
			     http_method_name(t->request->method), SPAN_SERVER,
			     cause);
	span_attribute(w, t->span, "http.request.method",
		       http_method_name(t->request->method));
}

void task_traced(struct world *w, struct task *t, bool failed)
{
	span_end(w, t->span, failed ? SPAN_ERROR : SPAN_UNSET);
	t->span = NULL;
}

/* -- segments ------------------------------------------------------------- */

void task_go(struct world *w, struct task *t)
{
	struct service *s = t->service;
	struct text why = {0};
	enum program_step step;

	t->cost = 0;
	step = services_of(w)->runtime->run(w, s->code, t, &why);
	t->begun = true;
	drop_answer(w, t);
	world_note(w, (uint64_t)t->cost << 8 ^ step);
	if (step == PROGRAM_FAILED)
		service_crash(w, s, &why);
	else
		cpu_run(w, s->host->process, t->cost > 0 ? t->cost : 1,
			SERVICE_SPENT, t, (uint16_t)step);
	text_free(&why);
}

static void begin_wait(struct world *w, struct task *t)
{
	struct process *p = t->service->host->process;

	switch (t->wait) {
	case WAIT_TIME:
		process_at(w, p, world_now(w) + t->wait_ns, SERVICE_WOKEN, t,
			   0);
		break;
	case WAIT_CPU:
		cpu_run(w, p, t->wait_ns > 0 ? t->wait_ns : 1, SERVICE_WOKEN,
			t, 0);
		break;
	case WAIT_FLUSH:
		if (t->service->producer)
			producer_flush(w, t->service->producer);
		process_at(w, p, world_now(w), SERVICE_WOKEN, t, 0);
		break;
	case WAIT_HTTP:
	case WAIT_SQL:
		task_ask(w, t);
		break;
	}
}

void service_spent(struct world *w, void *who, uint16_t arg)
{
	if (arg == PROGRAM_DONE)
		service_task_over(w, who);
	else
		begin_wait(w, who);
}

void service_run(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	task_go(w, who);
}

void service_woken(struct world *w, void *who, uint16_t arg)
{
	struct task *t = who;
	struct producer *p = t->service->producer;

	(void)arg;
	if (t->begun && t->wait == WAIT_FLUSH && p && !producer_idle(p))
		process_at(w, t->service->host->process,
			   world_now(w) + FLUSH_LOOK, SERVICE_WOKEN, t, 0);
	else
		task_go(w, t);
}

/* -- asking others -------------------------------------------------------- */

/* "host:port/path": where, and *path behind it; port 80 if none is said. */
static void split(const char *target, char *host, size_t cap, uint16_t *port,
		  const char **path)
{
	size_t len = strcspn(target, "/");
	size_t name = strcspn(target, ":/");

	*path = target[len] ? target + len : "/";
	*port = name < len ? (uint16_t)strtol(target + name + 1, NULL, 10) : 80;
	if (name >= cap)
		name = cap - 1;
	memcpy(host, target, name);
	host[name] = '\0';
}

/* Not from inside: the program hears of it in a segment of its own. */
static void fail_soon(struct world *w, struct task *t, const char *failure)
{
	world_cancel(w, &t->deadline);
	t->asked = 0;
	call_traced(w, t, 0);
	t->failure = failure;
	process_at(w, t->service->host->process, world_now(w), SERVICE_WOKEN,
		   t, 0);
}

void task_unanswered(struct world *w, struct task *t, const char *failure)
{
	fail_soon(w, t, failure);
}

void task_ask(struct world *w, struct task *t)
{
	struct service *s = t->service;
	struct process *me = s->host->process;
	struct trace_context context;
	struct http_request *r;
	char host[128];
	const char *path;
	uint16_t port;

	split(t->target.at, host, sizeof(host), &port, &path);
	switch (net_reach(w, me, host, port, &t->peer)) {
	case RESOLVED_NO_HOST:
		fail_soon(w, t, "unknown host");
		return;
	case RESOLVED_REFUSED:
		fail_soon(w, t, "connection refused");
		return;
	case RESOLVED:
		break;
	}
	t->asked = ++s->asked;
	t->deadline = world_timer(w, world_now(w) +
				  (t->wait_ns > 0 ? t->wait_ns : ASK_TIMEOUT),
				  SERVICE_DEADLINE, t, 0);
	r = http_request_new(w, t->method, path, t->body.at ? t->body.at : "",
			     t->body.len, t->asked);
	r->head.line = net_line(me, t->peer);
	trace_call(w, t);
	context = span_context(t->call);
	http_trace(r, &context);
	net_send(w, me, t->peer, &r->head);
}

void service_deadline(struct world *w, void *who, uint16_t arg)
{
	struct task *t = who;

	(void)arg;
	if (t->service->host->process->state == PROCESS_HUNG)
		t->deadline = world_timer(w, world_now(w) + SIM_MS(100),
					  SERVICE_DEADLINE, t, 0);
	else
		fail_soon(w, t, "timed out");
}

/* Its connection broke: whoever waits for an answer over it gets none. */
void service_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;
	struct service *s =
		((struct client_host *)lost->process->self)->owner;

	(void)arg;
	for (uint32_t i = 0; i < s->tasks.count; i++) {
		struct task *t = s->tasks.at[i];

		if (t->asked && t->peer == lost->peer)
			fail_soon(w, t, lost->refused ? "connection refused" :
				  lost->timed_out ? "timed out" :
				  "connection reset by peer");
	}
}

static struct task *who_asked(const struct service *s, uint64_t number)
{
	for (uint32_t i = 0; number && i < s->tasks.count; i++)
		if (s->tasks.at[i]->asked == number)
			return s->tasks.at[i];
	return NULL;
}

static void answered(struct world *w, struct service *s,
		     struct http_response *r)
{
	struct task *t = who_asked(s, r->id);

	if (!t) {			/* given up in the meantime */
		message_free(w, &r->head);
		return;
	}
	world_cancel(w, &t->deadline);
	t->asked = 0;
	call_traced(w, t, r->status);
	t->answer = r;
	task_go(w, t);
}

void service_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct service *s = ((struct client_host *)m->to->self)->owner;

	(void)arg;
	if (m->kind == MESSAGE_HTTP_REQUEST)
		service_request(w, s, (struct http_request *)m);
	else if (m->kind == MESSAGE_HTTP_RESPONSE)
		answered(w, s, (struct http_response *)m);
	else
		message_free(w, m);
}
