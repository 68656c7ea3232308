/* call_world.h - services that call each other over the network, for tests
 *
 * A service answers GET / after `cost` of CPU.  With another below it, it asks
 * that one first, through struct calls, and answers what it was told.  Nothing
 * else passes: no test sets an outcome, only machines, costs and loads.
 */
#ifndef TESTS_SIM_CALL_WORLD_H
#define TESTS_SIM_CALL_WORLD_H

#include "sim/host/call.h"
#include "sim/host/http.h"
#include "sim/telemetry/call_metrics.h"
#include "sim/telemetry/span.h"

enum {
	SERVICE_START = MODULE_WORLD << 8, SERVICE_STOP, SERVICE_MESSAGE,
	SERVICE_LOST, SERVICE_COLLECT, SERVICE_SERVED, SERVICE_SEND,
	SERVICE_DONE, SERVICE_TICK, SERVICE_IDLE,
};

struct service {
	struct world *w;
	struct process *process;
	struct service *below;
	struct calls *calls;
	sim_time cost;			/* CPU of an answer */
	bool broken, silent, absent;	/* 500; no answer; cannot be found */
	uint64_t asked, answered;	/* requests and answers of this service */
	uint64_t sent;			/* attempts that reached the network */
	uint64_t begun, done;		/* its own calls */
	uint64_t by[CALL_OUTCOMES];
	uint32_t attempts_max;
	struct call last;		/* a copy of the last that was done */
	uint64_t late;			/* answers that nobody waited for */
	sim_time gap;			/* mean time between calls, 0: no load */
	struct luck luck;
};

/* One request in hand, or a call that began here (request NULL). */
struct job {
	struct http_request *request;
	struct span *server, *client;
	uint32_t outcomes;
	sim_time at;
};

static inline void service_ask(struct service *s, struct http_request *r)
{
	struct job *job = world_take(s->w, struct job);
	const struct trace_context *from = r ? &r->trace : NULL;

	job->request = r;
	job->at = world_now(s->w);
	job->server = span_begin(s->w, s->process, r ? "GET /" : "tick",
				 r ? SPAN_SERVER : SPAN_INTERNAL, from);
	s->begun++;
	calls_begin(s->w, s->calls, job);
}

static inline void service_answer(struct service *s, struct http_request *r,
				  uint32_t status)
{
	struct http_response *a = http_response_new(s->w, status, "text/plain",
						    NULL, 0, r->id);

	s->answered++;
	net_send(s->w, s->process, r->head.from, &a->head);
	message_free(s->w, &r->head);
}

static void service_start(struct world *w, void *who, uint16_t arg)
{
	struct service *s = ((struct process *)who)->self;

	(void)arg;
	registry_reset(w, s->process);
}

static void service_stop(struct world *w, void *who, uint16_t arg)
{
	struct service *s = ((struct process *)who)->self;

	(void)arg;
	if (s->calls)
		calls_stop(w, s->calls);
}

static void service_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct service *s = m->to->self;

	(void)arg;
	if (m->kind == MESSAGE_HTTP_RESPONSE) {
		struct http_response *r = who;

		s->late += !calls_answer(w, s->calls, r->id, m,
					 r->status >= 500);
		return;
	}
	s->asked++;
	if (s->silent)
		message_free(w, m);
	else
		cpu_serve(w, s->process, s->cost, SERVICE_SERVED, m);
}

static void service_served(struct world *w, void *who, uint16_t arg)
{
	struct http_request *r = who;
	struct service *s = r->head.to->self;
	struct span *span;

	(void)arg;
	if (s->below) {
		service_ask(s, r);
		return;
	}
	span = span_begin(w, s->process, "GET /", SPAN_SERVER, &r->trace);
	service_answer(s, r, s->broken ? 500 : 200);
	span_end(w, span, s->broken ? SPAN_ERROR : SPAN_UNSET);
}

static void service_send(struct world *w, void *who, uint16_t arg)
{
	struct call *call = who;
	struct service *s = call->of->process->self;
	struct job *job = call->context;
	struct trace_context own = span_context(job->server), c;
	struct http_request *r;

	(void)arg;
	if (s->absent)
		return;
	span_end(w, job->client, SPAN_ERROR);	/* the attempt before */
	job->client = span_begin(w, s->process, "GET", SPAN_CLIENT, &own);
	c = span_context(job->client);
	r = http_request_new(w, HTTP_GET, "/", NULL, 0, call->number);
	http_trace(r, &c);
	s->sent++;
	call_send(w, call, s->below->process, &r->head);
}

static void service_done(struct world *w, void *who, uint16_t arg)
{
	struct call *call = who;
	struct service *s = call->of->process->self;
	struct job *job = call->context;
	bool ok = call->outcome == CALL_ANSWERED;

	(void)arg;
	assert_int_equal(job->outcomes++, 0);
	assert_int_equal(call->took, world_now(w) - job->at);
	s->done++;
	s->by[call->outcome]++;
	s->last = *call;
	if (call->attempts > s->attempts_max)
		s->attempts_max = call->attempts;
	span_end(w, job->client, ok ? SPAN_UNSET : SPAN_ERROR);
	span_end(w, job->server, ok ? SPAN_UNSET : SPAN_ERROR);
	if (job->request && call->outcome == CALL_ABANDONED)
		message_free(w, &job->request->head);
	else if (job->request)
		service_answer(s, job->request, ok ? 200 : 500);
	world_give(w, job);
}

static void service_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost *lost = who;
	struct service *s = lost->process->self;

	(void)arg;
	if (s->calls)
		calls_lost(w, s->calls, lost->peer);
}

static void service_collect(struct world *w, void *who, uint16_t arg)
{
	struct service *s = ((struct process *)who)->self;

	(void)arg;
	if (s->calls)
		calls_collect(w, s->calls);
}

static void service_tick(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;

	(void)arg;
	if (!s->gap)
		return;
	if (process_runs(s->process))
		service_ask(s, NULL);
	world_plan(w, world_now(w) + luck_exponential(&s->luck, s->gap),
		   CLASS_DELIVER, SERVICE_TICK, s, 0);
}

static void service_idle(struct world *w, void *who, uint16_t arg)
{
	(void)w;
	(void)who;
	(void)arg;
}

static const struct module_event service_events[] = {
	{ "service.start", service_start }, { "service.stop", service_stop },
	{ "service.message", service_message },
	{ "service.lost", service_lost },
	{ "service.collect", service_collect },
	{ "service.served", service_served }, { "service.send", service_send },
	{ "service.done", service_done }, { "service.tick", service_tick },
	{ "service.idle", service_idle },
};
static const struct module service_module = {
	.name = "service", .events = service_events,
	.event_count = sizeof(service_events) / sizeof(service_events[0]),
};

static inline struct world *call_world(uint64_t seed)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &service_module,
		[MODULE_HOST] = &host_module,
		[MODULE_TELEMETRY] = &telemetry_module,
	};
	struct world *w = world_new(&(struct world_spec){
		.seed = seed, .modules = modules,
	});

	hosts_init(w);
	telemetry_init(w);
	return w;
}

/* A service on a machine of its own with one core. */
static inline struct service *service_new(struct world *w, const char *name,
					  sim_time cost)
{
	static const struct process_events on = {
		.start = SERVICE_START, .stop = SERVICE_STOP,
		.message = SERVICE_MESSAGE, .lost = SERVICE_LOST,
		.collect = SERVICE_COLLECT,
	};
	struct machine_profile profile = machine_small;
	struct service *s = world_take(w, struct service);

	profile.cores = 1;
	s->w = w;
	s->cost = cost;
	luck_init(&s->luck, w->state->seed, name, "load");
	s->process = process_new(w, name, machine_new(w, name, "a", &profile),
				 name, &on, MODULE_WORLD, s);
	process_start(w, s->process);
	return s;
}

/* `s` asks `below` from now on. */
static inline void service_over(struct service *s, struct service *below,
				struct calls_config config)
{
	config.send = SERVICE_SEND;
	config.done = SERVICE_DONE;
	s->below = below;
	s->calls = calls_new(s->w, s->process, "below", &config);
}

static inline void service_load(struct service *s, sim_time gap)
{
	s->gap = gap;
	world_plan(s->w, world_now(s->w), CLASS_DELIVER, SERVICE_TICK, s, 0);
}

#endif
