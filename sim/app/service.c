/* service.c - the life of a service: start, stop, crash, start again */
#include <stdio.h>
#include <string.h>

#include "sim/app/app_inside.h"

#define RESTART_FIRST	SIM_MS(100)	/* Docker's, see service.h */
#define RESTART_MOST	SIM_MINUTES(1)
#define RESTART_GOOD	SIM_S(10)
#define STOP_GRACE	SIM_S(10)	/* docker stop: then SIGKILL */
#define CLOSE_WAIT	SIM_MS(100)	/* for the goodbyes of a consumer */
#define CLOSE_LOOK	SIM_MS(5)	/* whether all is sent */
#define LOAD_NS_BYTE	40		/* 4 steps, as the runtime's fuel */
/* Weighing walks over all the program holds, some 10 ns a thing of 60 bytes: so
 * after so much CPU time, and a quarter of a nanosecond for each byte. */
#define WEIGH_AFTER	SIM_US(100)

void services_init(struct world *w)
{
	w->state->parts[MODULE_APP] = world_take(w, struct services);
}

struct services *services_of(const struct world *w)
{
	return w->state->parts[MODULE_APP];
}

void services_runtime(struct world *w, const struct program_runtime *runtime)
{
	services_of(w)->runtime = runtime;
}

/* -- programs ------------------------------------------------------------- */

static struct program_text *text_of(const struct world *w, const char *name)
{
	const struct services *all = services_of(w);

	for (uint32_t i = 0; i < all->programs.count; i++)
		if (!strcmp(world_text(w, all->programs.at[i]->name), name))
			return all->programs.at[i];
	return NULL;
}

const struct program_text *program_find(const struct world *w,
					const char *name)
{
	return text_of(w, name);
}

bool program_put(struct world *w, const char *name, const char *text,
		 size_t len, struct err *err)
{
	struct program_text *p = text_of(w, name);

	if (len > PROGRAM_TEXT_MAX)
		return err_set(err, "%s: longer than %u KiB; split it", name,
			       PROGRAM_TEXT_MAX >> 10);
	if (!p) {
		p = world_take(w, struct program_text);
		p->name = world_name(w, name);
		*vec_add(&w->arena, &services_of(w)->programs) = p;
	}
	task_bytes_set(w, &p->text, text, len);
	return true;
}

/* -- services ------------------------------------------------------------- */

struct service *service_find(const struct world *w, const char *name)
{
	const struct services *all = services_of(w);

	for (uint32_t i = 0; i < all->all.count; i++)
		if (!strcmp(world_text(w, all->all.at[i]->name), name))
			return all->all.at[i];
	return NULL;
}

struct service *service_by_process(const struct world *w,
				   const struct process *p)
{
	const struct services *all = services_of(w);

	for (uint32_t i = 0; all && i < all->all.count; i++)
		if (all->all.at[i]->host->process == p)
			return all->all.at[i];
	return NULL;
}

struct service *service_new(struct world *w, const char *name,
			    struct machine *m, const char *program,
			    struct err *err)
{
	struct service *s;
	char command[128];

	if (!services_of(w)->runtime) {
		err_set(err, "this world was made without a runtime for "
			"programs");
		return NULL;
	}
	if (!text_of(w, program)) {
		err_set(err, "program=%s: no such program; put it first "
			"(program-put)", program);
		return NULL;
	}
	s = world_take(w, struct service);
	s->name = world_name(w, name);
	s->program = world_name(w, program);
	s->exit_code = -1;
	snprintf(command, sizeof(command), "lua %s", program);
	s->host = client_host_new(w, name, m, command, s, SERVICE_START,
				  SERVICE_STOP, SERVICE_MESSAGE);
	s->host->lost = SERVICE_LOST;
	*vec_add(&w->arena, &services_of(w)->all) = s;
	if (!machine_find(w, name))
		net_alias(w, name, m);
	return s;
}

const char *service_state_name(enum service_state s)
{
	static const char *const names[] = {
		[SERVICE_DOWN] = "down", [SERVICE_STARTING] = "starting",
		[SERVICE_RUNNING] = "running", [SERVICE_STOPPING] = "stopping",
	};

	return names[s];
}

bool service_ready(const struct world *w, const struct service *s,
		   const char **why)
{
	*why = "";
	if (s->state != SERVICE_RUNNING)
		*why = service_state_name(s->state);
	else if (s->not_ready)
		*why = world_text(w, s->why_not_ready);
	else if (s->consumer && s->consumer->state != CONSUMER_STABLE)
		*why = "joining its consumer group";
	return s->state == SERVICE_RUNNING && !s->not_ready && !**why;
}

/* -- memory --------------------------------------------------------------- */

static void say_memory(struct world *w, struct service *s)
{
	if (s->state != SERVICE_DOWN)
		memory_set(w, s->host->process, SERVICE_BASE_BYTES +
			   s->code_bytes + s->held_bytes);
}

static void weigh(struct world *w, struct service *s, sim_time cost)
{
	s->work_since += cost;
	if (s->work_since < WEIGH_AFTER ||
	    s->work_since < s->code_bytes / 4)
		return;
	s->work_since = 0;
	s->code_bytes = services_of(w)->runtime->bytes(s->code);
	say_memory(w, s);
}

void service_hold(struct world *w, struct service *s, int64_t bytes)
{
	s->held_bytes = bytes;
	say_memory(w, s);
}

/* -- starting ------------------------------------------------------------- */

static void listen_on(struct world *w, struct service *s)
{
	struct process *p = s->host->process;
	int64_t port = settings_int(w, &s->settings, "server.port",
				    SERVICE_PORT);

	p->ports.count = 0;
	if (port > 0 && port < 65536)
		net_listen(w, p, (uint16_t)port);
}

static void make_metrics(struct world *w, struct service *s)
{
	static const int64_t bounds[] = {
		SIM_MS(1), SIM_US(2500), SIM_MS(5), SIM_MS(10), SIM_MS(25),
		SIM_MS(50), SIM_MS(100), SIM_MS(250), SIM_MS(500), SIM_S(1),
		SIM_US(2500000), SIM_S(5), SIM_S(10),
	};
	struct process *p = s->host->process;

	s->processed = metric_counter(w, p, "app_records_processed_total",
				      "app", world_text(w, s->name), NULL);
	s->errors = metric_counter(w, p, "app_produce_errors_total", "app",
				   world_text(w, s->name), NULL);
	s->seconds = metric_unit(metric_histogram(w, p, bounds,
		sizeof(bounds) / sizeof(bounds[0]), "app_record_seconds",
		"app", world_text(w, s->name), NULL), METRIC_NS);
}

static void defaults(struct world *w, struct service *s)
{
	static const char *const built_in[][2] = {
		{ "server.port", "8080" }, { "consumer.pool", "0" },
		{ "consumer.topics", "" },
	};

	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		settings_put(w, &s->settings, SETTING_DEFAULT, built_in[i][0],
			     built_in[i][1], "service host");
	settings_put(w, &s->settings, SETTING_DEFAULT, "consumer.group.id",
		     world_text(w, s->name), "service host");
}

/* An error of the program's ends the process; its lines go to the log. */
void service_crash(struct world *w, struct service *s, const struct text *why)
{
	const char *line = text_cstr(why);

	while (*line) {
		int len = (int)strcspn(line, "\n");

		log_write(w, s->host->process, LOG_ERROR, "%.*s", len, line);
		line += len + (line[len] == '\n');
	}
	service_exit(w, s, 1);
}

static void end_in(struct world *w, struct service *s, int32_t code,
		   sim_time in)
{
	if (s->ended_itself)
		return;
	s->exit_code = code;
	s->ended_itself = true;
	process_at(w, s->host->process, world_now(w) + in, SERVICE_QUIT, s, 0);
}

void service_exit(struct world *w, struct service *s, int32_t code)
{
	end_in(w, s, code, 0);
}

void service_quit(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;

	(void)arg;
	if (s->state == SERVICE_STOPPING && s->producer &&
	    !producer_idle(s->producer)) {
		process_at(w, s->host->process, world_now(w) + CLOSE_LOOK,
			   SERVICE_QUIT, s, 0);
		return;
	}
	log_write(w, s->host->process, s->exit_code ? LOG_ERROR : LOG_INFO,
		  "Process exited with code %d", s->exit_code);
	process_kill(w, s->host->process);
}

void service_start(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;
	const struct program_text *p = text_of(w, world_text(w, s->program));
	const char *name = world_text(w, s->program);
	struct text why = {0};
	struct err err;

	(void)arg;
	world_cancel(w, &s->again);
	s->state = SERVICE_STARTING;
	s->ended_itself = s->start_again = s->closing = false;
	s->task_number = 0;
	settings_forget(w, &s->settings, SETTING_DEFAULT, name);
	defaults(w, s);
	make_metrics(w, s);
	say_memory(w, s);
	log_write(w, s->host->process, LOG_INFO, "Starting %s with %s",
		  world_text(w, s->name), name);
	s->code = services_of(w)->runtime->load(w, s, name, p->text.at,
						p->text.len, &err);
	if (!s->code) {
		text_add(&why, err.what);
		service_crash(w, s, &why);
		text_free(&why);
		return;
	}
	weigh(w, s, WEIGH_AFTER);
	listen_on(w, s);
	cpu_run(w, s->host->process, (sim_time)p->text.len * LOAD_NS_BYTE,
		SERVICE_RUN, task_new(w, s, PROGRAM_START), 0);
}

/* -- stopping ------------------------------------------------------------- */

/* The loop looks for the signal when it comes back to poll().  A pool is left
 * at once. */
static bool in_hand(const struct service *s)
{
	return !s->pool && (s->queued || s->working);
}

void service_stop_when_idle(struct world *w, struct service *s)
{
	if (s->state == SERVICE_STOPPING && !s->closing && !in_hand(s)) {
		s->closing = true;
		cpu_run(w, s->host->process, 1, SERVICE_RUN,
			task_new(w, s, PROGRAM_STOP), 0);
	}
}

void service_stop(struct world *w, struct service *s)
{
	if (s->state == SERVICE_DOWN || s->state == SERVICE_STOPPING)
		return;
	log_write(w, s->host->process, LOG_INFO, "Stopping");
	s->state = SERVICE_STOPPING;
	service_stop_when_idle(w, s);
	if (!s->closing)
		process_at(w, s->host->process, world_now(w) + STOP_GRACE,
			   SERVICE_TOO_LATE, s, 0);
}

void service_too_late(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;

	(void)arg;
	if (s->closing)
		return;
	log_write(w, s->host->process, LOG_WARN, "Still working on records "
		  "after 10 s; killed");
	process_kill(w, s->host->process);
}

/* As systemctl restart: stopped in good order, then started. */
void service_restart(struct world *w, struct service *s)
{
	if (s->state == SERVICE_DOWN) {
		process_start(w, s->host->process);
		return;
	}
	s->start_again = true;
	service_stop(w, s);
}

/* Good-bye: what was produced is sent, the group is left. */
static void close_clients(struct world *w, struct service *s)
{
	if (s->producer)
		producer_flush(w, s->producer);
	if (s->consumer) {
		consumer_close(w, s->consumer);
		s->consumer = NULL;
	}
}

/* The policy's delay until the next start; false: there is none. */
static bool next_delay(const struct world *w, struct service *s,
		       bool long_enough, sim_time *delay)
{
	(void)w;
	if (s->restart == RESTART_NO ||
	    (s->restart == RESTART_ON_FAILURE && !s->exit_code))
		return false;
	*delay = s->delay && !long_enough ? 2 * s->delay : RESTART_FIRST;
	if (*delay > RESTART_MOST)
		*delay = RESTART_MOST;
	return true;
}

void service_gone(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;
	sim_time ran = world_now(w) - s->host->process->started_at;
	bool asked = s->state == SERVICE_STOPPING;

	(void)arg;
	s->state = SERVICE_DOWN;
	if (!s->ended_itself)
		s->exit_code = 137;	/* 128 + SIGKILL */
	while (s->tasks.count)
		task_free(w, s->tasks.at[s->tasks.count - 1]);
	for (uint32_t i = 0; i < s->timers.count; i++)
		world_give(w, s->timers.at[i]);
	vec_free(&w->arena, &s->timers);
	service_drop_records(w, s);
	if (s->code)
		services_of(w)->runtime->drop(w, s->code);
	s->code = NULL;
	s->consumer = NULL;
	s->producer = NULL;
	s->code_bytes = s->held_bytes = s->work_since = 0;
	s->not_ready = s->unhealthy = false;
	if (asked && s->start_again) {
		s->again = world_timer(w, world_now(w), SERVICE_AGAIN, s, 1);
		return;
	}
	if (asked || !next_delay(w, s, ran >= RESTART_GOOD, &s->delay)) {
		s->delay = 0;
		return;
	}
	s->again = world_timer(w, world_now(w) + s->delay, SERVICE_AGAIN, s, 0);
}

/* `arg` 1: it was asked to, it is not its policy. */
void service_again(struct world *w, void *who, uint16_t arg)
{
	struct service *s = who;

	s->again = (struct timer){0};
	if (s->state != SERVICE_DOWN)
		return;
	s->restarts += arg == 0;
	process_start(w, s->host->process);
}

/* -- timers --------------------------------------------------------------- */

void service_every(struct world *w, struct service *s, const char *name,
		   sim_time every)
{
	struct service_timer *timer = NULL;
	name_id id = world_name(w, name);

	for (uint32_t i = 0; i < s->timers.count; i++)
		if (s->timers.at[i]->name == id)
			timer = s->timers.at[i];
	if (timer) {
		timer->every = every;	/* from its next tick on */
		return;
	}
	timer = world_take(w, struct service_timer);
	*timer = (struct service_timer){ s, id, every, false };
	*vec_add(&w->arena, &s->timers) = timer;
	process_at(w, s->host->process, world_now(w) + every, SERVICE_TICK,
		   timer, 0);
}

/* A tick that finds the last one still at work is left out. */
void service_tick(struct world *w, void *who, uint16_t arg)
{
	struct service_timer *timer = who;
	struct service *s = timer->service;
	struct task *t;

	(void)arg;
	process_at(w, s->host->process, world_now(w) + timer->every,
		   SERVICE_TICK, timer, 0);
	if (timer->busy || s->state != SERVICE_RUNNING ||
	    !services_of(w)->runtime->has(s->code, PROGRAM_TIMER))
		return;
	timer->busy = true;
	t = task_new(w, s, PROGRAM_TIMER);
	t->timer = timer->name;
	task_go(w, t);
}

static void timer_done(struct service *s, name_id name)
{
	for (uint32_t i = 0; i < s->timers.count; i++)
		if (s->timers.at[i]->name == name)
			s->timers.at[i]->busy = false;
}

/* -- the end of a task ---------------------------------------------------- */

/* A handler that left a transaction open does not get to keep it. */
static void roll_back(struct world *w, struct task *t)
{
	struct process *me = t->service->host->process;
	char path[48];
	struct http_request *r;

	snprintf(path, sizeof(path), "/query?session=%u", t->number);
	r = http_request_new(w, HTTP_POST, path, "ROLLBACK", 8, 0);
	r->head.line = net_line(me, t->peer);
	net_send(w, me, t->peer, &r->head);
}

static void started(struct world *w, struct service *s)
{
	if (s->state != SERVICE_STARTING)
		return;
	s->state = SERVICE_RUNNING;
	log_write(w, s->host->process, LOG_INFO, "Started %s",
		  world_text(w, s->name));
	service_begin_clients(w, s);
}

void service_task_over(struct world *w, struct task *t)
{
	struct service *s = t->service;
	enum program_handler handler = t->handler;
	sim_time took = world_now(w) - t->began_at;

	if (handler == PROGRAM_REQUEST)
		service_respond(w, t);
	else
		task_traced(w, t, false);
	if (handler == PROGRAM_TIMER)
		timer_done(s, t->timer);
	if (t->in_transaction && t->peer)
		roll_back(w, t);
	weigh(w, s, t->cost);
	services_of(w)->runtime->forget(w, s->code, t);
	task_free(w, t);
	if (handler == PROGRAM_START)
		started(w, s);
	if (handler == PROGRAM_STOP) {
		close_clients(w, s);
		end_in(w, s, 0, CLOSE_WAIT);
	}
	if (handler == PROGRAM_RECORD) {
		metric_add(s->processed, 1);
		metric_observe(s->seconds, took);
		service_record_done(w, s);
	}
}
