/* attempt.c - one try at an exercise: its life, and the passing of time */
#include "lab/course/attempt_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/text/wrap.h"
#include "lua/bind_world.h"
#include "lua/console.h"
#include "sim/core/mem.h"

enum { SETUP_FUEL = 1000 * 1000 * 1000 };

#define SNAPSHOT_EVERY	SIM_S(30)
enum { SNAPSHOTS_MAX = 64 };

/* --- objects for scripts ---------------------------------------------------- */

static int push_world_and_history(void *ctx, struct sandbox *s)
{
	struct attempt *a = ctx;

	bind_world_push(sandbox_state(s), a->world);
	bind_history_push(sandbox_state(s), a->world, a->session);
	return 2;
}

struct box_args attempt_args(struct attempt *a)
{
	return (struct box_args){ push_world_and_history, a };
}

static int push_setup(void *ctx, struct sandbox *s)
{
	bind_setup_push(sandbox_state(s), ctx);
	return 1;
}

/* --- life ------------------------------------------------------------------- */

void attempt_say(struct attempt *a, int stream, const char *fmt, ...)
{
	struct text t = {0}, wrapped = {0};
	va_list args;

	if (!a->options.out)
		return;
	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	wrap_prose(&wrapped, text_cstr(&t), a->options.columns);
	a->options.out(a->options.ctx, stream, text_cstr(&wrapped),
		       wrapped.len);
	text_free(&wrapped);
	text_free(&t);
}

static void console_out(void *ctx, int stream, const char *bytes, size_t len)
{
	struct attempt *a = ctx;

	if (a->options.out)
		a->options.out(a->options.ctx, stream, bytes, len);
}

static struct session *session_of(struct attempt *a, bool heard,
				  struct err *err)
{
	struct session_options o = {
		.world_name = a->module->world,
		.files = a->options.files,
		.out = heard ? console_out : NULL,
		.ctx = a,
	};

	return session_new(a->world, &o, err);
}

/* setup and teardown: their lines are typed in a session of their own. */
static bool call_with_setup(struct attempt *a, const char *word,
			    struct err *err)
{
	struct session *s = session_of(a, false, err);
	struct box_args args = { push_setup, s };
	json_t *t;

	if (!s)
		return false;
	box_set_fuel(a->box, SETUP_FUEL);
	t = box_call(a->box, word, "", &args, err);
	box_set_fuel(a->box, 0);
	json_decref(t);
	session_free(s);
	return t != NULL;
}

static int by_time(const void *x, const void *y)
{
	const struct planned_fault *a = x, *b = y;

	return a->at != b->at ? (a->at > b->at) - (a->at < b->at) :
				strcmp(a->id, b->id);
}

static bool open_module(struct attempt *a, struct err *err)
{
	a->box = exercise_open(a->module, a->options.seed, NULL, err);
	if (!a->box)
		return false;
	if (!exercise_faults(a->module, a->box, &a->faults, &a->fault_count,
			   &a->faults_keep, err))
		return false;
	if (a->fault_count)
		qsort(a->faults, a->fault_count, sizeof(*a->faults), by_time);
	a->fault_numbers = calloc(a->fault_count + 1,
				  sizeof(*a->fault_numbers));
	a->fault_played = calloc(a->fault_count + 1, sizeof(*a->fault_played));
	if (!a->fault_numbers || !a->fault_played)
		abort();
	return true;
}

static void next_sample(struct attempt *a)
{
	a->sample_next = (world_now(a->world) / SIM_S(1) + 1) * SIM_S(1);
}

static bool open_world(struct attempt *a, struct err *err)
{
	a->world = a->options.make(a->module->world, a->options.seed,
				   text_cstr(&a->module->world_params), err);
	if (!a->world)
		return false;
	if (a->module->has_setup && !call_with_setup(a, "setup", err))
		return false;
	a->session = session_of(a, true, err);
	if (!a->session)
		return false;
	world_travel_on(a->world, SNAPSHOT_EVERY, SNAPSHOTS_MAX);
	next_sample(a);
	attempt_run(a, a->module->start);
	a->began = attempt_moment(a);
	return true;
}

static void make_states(struct attempt *a)
{
	const struct exercise *m = a->module;

	a->tasks = mem_zeroed(m->task_count + 1, sizeof(*a->tasks));
	for (size_t i = 0; i < m->task_count; i++) {
		a->tasks[i].checks = mem_zeroed(m->tasks[i].check_count + 1,
						sizeof(*a->tasks[i].checks));
	}
}

static void free_states(struct attempt *a)
{
	for (size_t i = 0; i < a->module->task_count; i++) {
		struct task_state *t = &a->tasks[i];

		for (size_t k = 0; k < a->module->tasks[i].check_count; k++) {
			free(t->checks[k].changes);
			free(t->checks[k].error);
			free(t->checks[k].why);
		}
		free(t->checks);
		free(t->answer);
	}
	free(a->tasks);
}

struct attempt *attempt_new(const struct exercise *m,
			    const struct attempt_options *options,
			    struct err *err)
{
	struct attempt *a = mem_zeroed(1, sizeof(*a));
	struct files face;

	a->module = m;
	a->options = *options;
	a->target = a->stretch = SIM_NEVER;
	make_states(a);
	if (!a->options.files) {
		a->drawer = files_memory_new();
		face = files_memory_face(a->drawer);
		a->own_files = face;
		a->options.files = &a->own_files;
	}
	if (open_module(a, err) && open_world(a, err))
		return a;
	attempt_free(a);
	return NULL;
}

/* Everything but the states, which a reset keeps in part. */
static void close_world(struct attempt *a)
{
	session_free(a->session);
	if (a->box && a->world)
		bind_world_end(sandbox_state(box_sandbox(a->box)), a->world);
	box_free(a->box);
	world_free(a->world);
	faults_free(a->faults, a->fault_count, a->faults_keep);
	free(a->fault_numbers);
	free(a->fault_played);
	free(a->saves);
	free(a->inputs);
	free(a->input_lines);
	free(a->broken);
	a->session = NULL;
	a->box = NULL;
	a->world = NULL;
	a->faults = NULL;
	a->fault_count = a->faults_done = 0;
	a->faults_keep = NULL;
	a->fault_numbers = NULL;
	a->fault_played = NULL;
	a->saves = NULL;
	a->save_count = 0;
	a->inputs = NULL;
	a->input_lines = NULL;
	a->input_count = 0;
	a->target = a->stretch = SIM_NEVER;
	a->in_flight = false;
	a->broken = NULL;
}

void attempt_free(struct attempt *a)
{
	if (!a)
		return;
	close_world(a);
	free_states(a);
	if (a->last)
		verdict_release(a->last);
	free(a->last);
	if (a->drawer)
		files_memory_free(a->drawer);
	free(a);
}

bool attempt_reset(struct attempt *a, struct err *err)
{
	uint32_t *hints = mem_zeroed(a->module->task_count + 1, sizeof(*hints));

	for (size_t i = 0; i < a->module->task_count; i++)
		hints[i] = a->tasks[i].hints;
	close_world(a);
	free_states(a);
	make_states(a);
	for (size_t i = 0; i < a->module->task_count; i++)
		a->tasks[i].hints = hints[i];
	free(hints);
	a->diagnosis = (struct diagnosis){0};
	a->lines = 0;
	a->has_ended = a->gave_up = false;
	return open_module(a, err) && open_world(a, err);
}

/* --- time ------------------------------------------------------------------- */

static sim_time fault_next(const struct attempt *a)
{
	if (a->options.no_faults || a->faults_done == a->fault_count)
		return SIM_NEVER;
	return a->faults[a->faults_done].at;
}

static void break_off(struct attempt *a, const char *what, const struct err *err)
{
	struct text t = {0};

	text_addf(&t, "%s: %s", what, err->what);
	free(a->broken);
	a->broken = text_take(&t);
}

static void do_faults(struct attempt *a)
{
	while (fault_next(a) <= world_now(a->world)) {
		const struct planned_fault *f = &a->faults[a->faults_done];
		struct text line = {0};
		struct err err;

		text_addf(&line, "fault %s %s", f->fault, text_cstr(&f->args));
		if (!world_command(a->world, text_cstr(&line),
				   &a->fault_numbers[a->faults_done], &err))
			break_off(a, f->id, &err);
		text_free(&line);
		a->fault_played[a->faults_done++] = a->world->journal.played;
	}
}

/* One stretch of time in which nothing of ours is due, and then that. */
static void advance(struct attempt *a, sim_time until)
{
	if (a->sample_next < until)
		until = a->sample_next;
	if (fault_next(a) < until)
		until = fault_next(a);
	if (until < world_now(a->world))
		until = world_now(a->world);
	session_advance(a->session, until);
	do_faults(a);
	if (world_now(a->world) >= a->sample_next) {
		samples_take(a);
		next_sample(a);
	}
}

void attempt_run(struct attempt *a, sim_time until)
{
	while (world_now(a->world) < until)
		advance(a, until);
}

sim_time attempt_end(const struct attempt *a)
{
	return a->module->limit == SIM_NEVER ? SIM_NEVER :
					       a->module->start +
					       a->module->limit;
}

/* --- a line in flight --------------------------------------------------------- */

static void line_over(struct attempt *a)
{
	a->in_flight = false;
	a->status = session_status(a->session);
}

/* A line ends when its tools do, which is looked at when something has
 * happened: at the next event, sample or fault. */
static void begin_stretch(struct attempt *a)
{
	sim_time now = world_now(a->world), to = world_next(a->world);

	if (now >= a->line_limit) {
		session_interrupt(a->session);
		a->line_limit = now + SESSION_GRACE;
	}
	if (a->sample_next < to)
		to = a->sample_next;
	if (fault_next(a) < to)
		to = fault_next(a);
	a->stretch = to > now ? to : now;
}

static void fly(struct attempt *a, sim_time until)
{
	if (a->stretch == SIM_NEVER)
		begin_stretch(a);
	advance(a, until < a->stretch ? until : a->stretch);
	if (world_now(a->world) < a->stretch)
		return;
	a->stretch = SIM_NEVER;
	if (!session_busy(a->session))
		line_over(a);
}

static void target_reached(struct attempt *a)
{
	a->target = SIM_NEVER;
	a->status = 0;
	attempt_say_time(a);
}

void attempt_advance(struct attempt *a, sim_time until, bool only_busy)
{
	while (world_now(a->world) < until && (!only_busy || attempt_busy(a))) {
		sim_time to = a->target < until ? a->target : until;

		if (a->in_flight)
			fly(a, to);
		else
			advance(a, to);
		if (world_now(a->world) >= a->target)
			target_reached(a);
	}
}

bool attempt_busy(const struct attempt *a)
{
	return a->in_flight || a->target != SIM_NEVER;
}

int attempt_status(const struct attempt *a)
{
	return a->status;
}

void attempt_interrupt(struct attempt *a)
{
	if (a->in_flight) {
		session_interrupt(a->session);
		a->line_limit = world_now(a->world) + SESSION_GRACE;
	} else if (a->target != SIM_NEVER) {
		target_reached(a);
	}
}

bool attempt_wants_input(const struct attempt *a)
{
	return a->in_flight && a->options.interactive &&
	       console_wants_input(session_console(a->session));
}

void attempt_input(struct attempt *a, const char *bytes, size_t len)
{
	if (a->in_flight)
		session_input(a->session, bytes, len);
}

void attempt_input_end(struct attempt *a)
{
	if (a->in_flight)
		session_input_end(a->session);
}

/* --- inputs ----------------------------------------------------------------- */

struct moment attempt_moment(const struct attempt *a)
{
	return (struct moment){ world_now(a->world), a->world->state->events,
				a->world->journal.played };
}

static bool is_before(const struct moment *x, const struct moment *y)
{
	if (x->at != y->at)
		return x->at < y->at;
	return x->events != y->events ? x->events < y->events :
					x->played < y->played;
}

void attempt_note_input(struct attempt *a)
{
	a->inputs = realloc(a->inputs,
			    (a->input_count + 1) * sizeof(*a->inputs));
	a->input_lines = realloc(a->input_lines, (a->input_count + 1) *
						 sizeof(*a->input_lines));
	if (!a->inputs || !a->input_lines)
		abort();
	a->inputs[a->input_count] = attempt_moment(a);
	a->input_lines[a->input_count++] = session_line_count(a->session);
}

static void console_line(struct attempt *a, const char *line)
{
	size_t before = session_line_count(a->session);
	struct err err;

	if (!session_start(a->session, line, &err)) {
		attempt_say(a, 2, "%s\n", err.what);	/* one still runs */
		a->status = 2;
		return;
	}
	a->lines++;
	attempt_note_input(a);
	a->input_lines[a->input_count - 1] = before;
	if (!a->options.interactive)
		session_input_end(a->session);
	a->line_began = world_now(a->world);
	a->line_limit = a->line_began + ATTEMPT_LINE_MAX;
	a->stretch = SIM_NEVER;
	a->in_flight = session_busy(a->session);
	if (!a->in_flight)
		a->status = session_status(a->session);
}

void attempt_begin(struct attempt *a, const char *line)
{
	if (words_run(a, line, &a->status))
		return;
	a->status = 1;
	if (a->has_ended)
		attempt_say(a, 2, "this attempt has ended; `reset` begins a "
			    "new one\n");
	else if (world_now(a->world) > attempt_end(a))
		attempt_say(a, 2, "the time of this exercise is used up; "
			    "`rewind` or `reset`\n");
	else
		console_line(a, line);
}

int attempt_line(struct attempt *a, const char *line)
{
	attempt_begin(a, line);
	attempt_advance(a, SIM_NEVER, true);
	return a->status;
}

/* --- going back --------------------------------------------------------------- */

bool attempt_save(struct attempt *a, const char *name, struct err *err)
{
	struct save_point *s;

	if (!*name || strlen(name) >= sizeof(s->name) || strchr(name, ' '))
		return err_set(err, "write a name of one word: save "
			       "before-fix");
	a->saves = mem_grow(a->saves, (a->save_count + 1) * sizeof(*s));
	s = &a->saves[a->save_count++];
	strcpy(s->name, name);
	s->moment = attempt_moment(a);
	world_snapshot(a->world);
	return true;
}

const struct save_point *attempt_save_named(const struct attempt *a,
					    const char *name)
{
	for (size_t i = a->save_count; i > 0; i--)
		if (strcmp(a->saves[i - 1].name, name) == 0)
			return &a->saves[i - 1];
	return NULL;
}

/* Lines of the transcript before the first input that is undone. */
static size_t lines_left(const struct attempt *a, const struct moment *now)
{
	for (size_t i = 0; i < a->input_count; i++)
		if (!is_before(&a->inputs[i], now))
			return a->input_lines[i];
	return session_line_count(a->session);
}

/* The world has gone back: so does everything that stands beside it. */
static void went_back(struct attempt *a)
{
	struct moment now = attempt_moment(a);

	session_rewound_to(a->session, lines_left(a, &now));
	samples_forget(a, now.at);
	next_sample(a);
	a->in_flight = false;
	a->target = a->stretch = SIM_NEVER;
	while (a->faults_done &&
	       a->fault_played[a->faults_done - 1] > now.played)
		a->faults_done--;
	while (a->save_count &&
	       is_before(&now, &a->saves[a->save_count - 1].moment))
		a->save_count--;
	while (a->input_count &&
	       !is_before(&a->inputs[a->input_count - 1], &now))
		a->input_count--;
}

/* False: it is earlier than the exercise. */
static bool can_go_to(const struct attempt *a, sim_time to, struct err *err)
{
	if (to >= a->began.at && to >= a->world->snapshots[0].at)
		return true;
	return err_set(err, "the exercise begins later than that");
}

bool attempt_rewind_to(struct attempt *a, const struct moment *to,
		       struct err *err)
{
	struct world *w = a->world;

	if (!can_go_to(a, to->at, err))
		return false;
	if (w->state->events == to->events && w->journal.played == to->played)
		world_rewind(w, to->at);	/* only the clock has moved */
	else
		world_rewind_to(w, to->events, to->played);
	world_forget_future(w);
	if (world_now(w) < to->at)
		world_run_until(w, to->at);	/* nothing is due before */
	went_back(a);
	return true;
}

bool attempt_rewind(struct attempt *a, sim_time to, struct err *err)
{
	size_t i = 0;

	if (to >= world_now(a->world)) {
		attempt_run(a, to);
		return true;
	}
	if (!can_go_to(a, to, err))
		return false;
	while (i < a->input_count && a->inputs[i].at < to)
		i++;
	if (i < a->input_count && a->inputs[i].at == to) {
		struct moment before = a->inputs[i];

		return attempt_rewind_to(a, &before, err);
	}
	world_rewind(a->world, to);
	world_forget_future(a->world);
	went_back(a);
	return true;
}

bool attempt_heal(struct attempt *a, struct err *err)
{
	for (size_t i = 0; i < a->faults_done; i++) {
		struct text line = {0};
		bool good;

		text_addf(&line, "heal %" PRId64, a->fault_numbers[i]);
		good = world_command(a->world, text_cstr(&line), NULL, err);
		text_free(&line);
		if (!good)
			return false;
	}
	return true;
}

bool attempt_teardown(struct attempt *a, struct err *err)
{
	return !a->module->has_teardown || call_with_setup(a, "teardown", err);
}
