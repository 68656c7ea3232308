/* play.c - a run a person works on: its life, its inputs, and playing it again */
#include "lab/play/play_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/text/wrap.h"
#include "lua/program.h"
#include "lua/session.h"
#include "sim/core/mem.h"
#include "sim/stack/stack.h"

#define SLICE_FIRST	SIM_MS(1)

/* --- what is printed -------------------------------------------------------- */

static void hear(void *ctx, int stream, const char *bytes, size_t len)
{
	struct play *p = ctx;

	if (!p->is_mute && p->options.out)
		p->options.out(p->options.ctx, stream, bytes, len);
}

void play_say(struct play *p, int stream, const char *fmt, ...)
{
	struct text t = {0}, wrapped = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	wrap_prose(&wrapped, text_cstr(&t), p->options.columns);
	hear(p, stream, text_cstr(&wrapped), wrapped.len);
	text_free(&wrapped);
	text_free(&t);
}

/* --- life ------------------------------------------------------------------- */

static struct play *play_alloc(const struct exercise *m,
			       const struct play_options *o)
{
	struct play *p = mem_zeroed(1, sizeof(*p));

	p->module = m;
	p->options = *o;
	if (!p->options.make)
		p->options.make = lua_world;
	p->paused = !o->running;
	p->speed = o->speed;
	p->slice = SLICE_FIRST;
	play_files_open(p);
	return p;
}

static struct attempt *make_attempt(struct play *p, struct err *err)
{
	struct attempt_options o = {
		.seed = p->options.seed, .make = p->options.make,
		.files = &p->face, .interactive = p->options.interactive,
		.columns = p->options.columns, .out = hear, .ctx = p,
	};

	return attempt_new(p->module, &o, err);
}

struct play *play_new(const struct exercise *m, const struct play_options *o,
		      struct err *err)
{
	struct play *p = play_alloc(m, o);

	p->a = make_attempt(p, err);
	if (!p->a) {
		play_free(p);
		return NULL;
	}
	play_notes_clear(p);
	play_files_in(p);
	return p;
}

static void forget_typed(struct play *p)
{
	for (size_t i = 0; i < p->typed_count; i++)
		free(p->typed[i].line);
	p->typed_count = 0;
}

static void notes_release(struct notes *n)
{
	free(n->seen);
	free(n->health);
	free(n->list);
	for (int i = 0; i < PULSES; i++)
		free(n->pulses[i].machines);
}

void play_free(struct play *p)
{
	if (!p)
		return;
	p->is_mute = true;
	attempt_free(p->a);
	files_memory_free(p->memory);
	tape_release(&p->tape);
	forget_typed(p);
	free(p->typed);
	notes_release(&p->notes);
	free(p->branches);
	free(p->saves);
	free(p->tasks);
	free(p);
}

const struct exercise *play_module(const struct play *p)
{
	return p->module;
}

const struct attempt *play_attempt(const struct play *p)
{
	return p->a;
}

const struct world *play_world(const struct play *p)
{
	return p->a->world;
}

struct session *play_session(struct play *p)
{
	return p->a->session;
}

bool play_is_sandbox(const struct play *p)
{
	return p->module->is_sandbox;
}

bool play_truth(const struct play *p)
{
	return p->module->is_sandbox || p->options.truth || p->a->gave_up;
}

/* --- the tape --------------------------------------------------------------- */

void play_stamp(const struct play *p, struct op *op)
{
	struct moment now = attempt_moment(p->a);

	op->at = now.at;
	op->events = now.events;
	op->played = now.played;
}

struct op *play_record(struct play *p, struct op *op)
{
	play_stamp(p, op);
	return play_keep(p, op);
}

struct op *play_keep(struct play *p, const struct op *op)
{
	struct op *kept = tape_add(&p->tape, op);
	json_t *t;

	if (p->options.on_op) {
		t = op_json(kept);
		p->options.on_op(p->options.tape_ctx, t);
		json_decref(t);
	}
	p->clock_wall = 0;
	p->clock_at = op->at;
	return kept;
}

/* --- inputs ------------------------------------------------------------------- */

static void begin(struct play *p, const char *line)
{
	play_typed_begin(p, line);
	attempt_begin(p->a, line);
	play_typed_end(p);
}

bool play_is_reset(const char *line)
{
	int used = 0;

	return sscanf(line, " reset yes %n", &used) == 0 && used > 0 &&
	       line[used] == '\0';
}

static void begin_line(struct play *p, const char *line)
{
	if (!play_is_reset(line)) {
		begin(p, line);
		return;
	}
	attempt_begin(p->a, line);
	forget_typed(p);
	play_notes_clear(p);
}

/* Hints and giving up are the learner's, not the run's: they stay. */
void play_return_carry(struct play *p, const struct op *op)
{
	for (size_t i = 0; i < op->hint_count && i < p->module->task_count; i++)
		p->a->tasks[i].hints |= op->hints[i];
	if (op->gave_up)
		p->a->gave_up = p->a->has_ended = true;
}

static bool rewind_to(struct play *p, const struct op *op, struct err *err)
{
	struct moment to = { op->to_at, op->to_events, op->to_played };

	if (!attempt_rewind_to(p->a, &to, err))
		return false;
	play_notes_back(p);
	return true;
}

/* What an input does, the first time and each time it is played again. */
static bool apply(struct play *p, const struct op *op, struct err *err)
{
	const struct files *drawer = &p->memory_face;

	switch (op->kind) {
	case OP_LINE:
		begin_line(p, op->text);
		return true;
	case OP_INPUT:
		attempt_input(p->a, op->text, op->len);
		return true;
	case OP_INPUT_END:
		attempt_input_end(p->a);
		return true;
	case OP_INTERRUPT:
		attempt_interrupt(p->a);
		return true;
	case OP_REWIND:
		return rewind_to(p, op, err);
	case OP_RETURN:
		play_return_carry(p, op);
		return true;
	case OP_BRANCH:
	case OP_SAVE:
		return attempt_save(p->a, op->text, err);
	case OP_FILE:
		return drawer->write(drawer->ctx, op->name, op->text, op->len,
				     err);
	case OP_FILE_GONE:
		return drawer->remove(drawer->ctx, op->name, err);
	case OP_KINDS:
		break;
	}
	abort();
}

bool play_input_op(struct play *p, struct op *op, struct err *err)
{
	return apply(p, play_record(p, op), err);
}

static void act(struct play *p, enum op_kind kind, const char *text,
		size_t len)
{
	struct err err;

	play_input_op(p, &(struct op){ .kind = kind, .text = (char *)text,
				       .len = len }, &err);
}

/* Words of an exercise that do not touch the world and take no time: a `run 30s`
 * paused half-way goes on behind them. */
static bool only_tells(const char *line)
{
	static const char *const words[] = {
		"hint", "task", "answer", "diagnose",
	};
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, " \t");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == len &&
		    strncmp(words[i], line, len) == 0)
			return true;
	return false;
}

void play_line(struct play *p, const char *line)
{
	bool had_target = p->a->target != SIM_NEVER;

	p->reason[0] = '\0';
	if (play_word(p, line))
		return;
	if (p->held && !only_tells(line))
		play_interrupt(p);	/* something else is wanted now */
	play_files_in(p);
	act(p, OP_LINE, line, strlen(line));
	if (!p->held)
		play_look_at_target(p, had_target);
	play_note(p);
}

/* A `run 30s` that something worth looking at has stopped waits, as the world
 * does; play_run goes on with it. */
bool play_busy(const struct play *p)
{
	return attempt_busy(p->a) && (p->a->in_flight || !p->held);
}

bool play_in_flight(const struct play *p)
{
	return p->a->in_flight;
}

bool play_held(const struct play *p)
{
	return p->held && p->a->target != SIM_NEVER;
}

void play_expect(struct play *p, bool lines_wait)
{
	p->lines_wait = lines_wait;
}

int play_status(const struct play *p)
{
	return attempt_status(p->a);
}

void play_interrupt(struct play *p)
{
	if (attempt_busy(p->a))
		act(p, OP_INTERRUPT, NULL, 0);
	p->hurried = p->held = p->seeks_event = false;
	p->paused = true;
}

bool play_wants_input(const struct play *p)
{
	return attempt_wants_input(p->a);
}

void play_input(struct play *p, const char *bytes, size_t len)
{
	if (play_in_flight(p))
		act(p, OP_INPUT, bytes, len);
}

void play_input_end(struct play *p)
{
	if (play_in_flight(p))
		act(p, OP_INPUT_END, NULL, 0);
}

bool play_has_ended(const struct play *p)
{
	return p->has_quit || p->a->has_ended;
}

/* --- playing it again ------------------------------------------------------------ */

/* False: who is told wants it stopped. */
static bool tell_progress(struct play *p, sim_time passed)
{
	const struct play_options *o = &p->options;

	if (!o->on_progress || !p->is_mute)
		return true;
	p->replay_done += passed;
	if (o->on_progress(o->progress_ctx, p->replay_done, p->replay_of))
		return true;
	p->is_stopped = true;
	if (o->was_stopped)
		*o->was_stopped = true;
	return false;
}

static bool is_there(const struct play *p, const struct moment *to)
{
	struct moment now = attempt_moment(p->a);

	return now.at == to->at && now.events == to->events &&
	       now.played == to->played;
}

bool play_reach(struct play *p, const struct moment *to, struct err *err)
{
	struct text t = {0};

	while (play_now(p) < to->at) {
		sim_time next = p->a->sample_next, was = play_now(p);

		attempt_advance(p->a, next < to->at ? next : to->at, false);
		play_note(p);
		if (!tell_progress(p, play_now(p) - was))
			return err_set(err, "stopped; all is as it was");
	}
	if (!is_there(p, to))	/* what a line did without passing time */
		attempt_advance(p->a, to->at + 1, true);
	if (is_there(p, to))
		return true;
	simtime_at_text(&t, to->at);
	err_set(err, "the run is no longer the same at %s: %" PRIu64
		" events instead of %" PRIu64 "; was it made by another "
		"version?", text_cstr(&t), p->a->world->state->events,
		to->events);
	text_free(&t);
	return false;
}

static struct moment place_of(const struct op *op)
{
	return (struct moment){ op->at, op->events, op->played };
}

/* A return is played where its branch was left. */
static bool play_one(struct play *p, const struct op *op, struct err *err)
{
	const struct op *where = op->kind == OP_RETURN ?
				 &p->tape.ops[op->to - 1] : op;
	struct moment at = place_of(where);
	struct err why;

	if (play_reach(p, &at, &why) && apply(p, op, &why)) {
		play_note(p);
		return true;
	}
	return p->is_stopped ? err_set(err, "%s", why.what) :
			       err_set(err, "input %u: %s", op->n, why.what);
}

/* Where `op` of the tape was given; a return, where its branch was left. */
static sim_time given_at(const struct play *p, const struct op *op)
{
	return op->kind == OP_RETURN ? p->tape.ops[op->to - 1].at : op->at;
}

/* How much virtual time passes when these inputs are given again and the run
 * then goes on to `end` (SIM_NEVER: it does not). */
static sim_time time_of(const struct play *p, const uint32_t *list,
			size_t count, sim_time end)
{
	sim_time now = play_now(p), sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct op *op = &p->tape.ops[list[i]];
		sim_time at = given_at(p, op);

		sum += at > now ? at - now : 0;
		now = op->kind == OP_REWIND ? op->to_at :
		      op->kind == OP_LINE && play_is_reset(op->text) ?
		      play_start(p) : at;
	}
	return sum + (end != SIM_NEVER && end > now ? end - now : 0);
}

/* The inputs before `n`; `end` is where the run goes on to behind them, as who
 * asks for it does afterwards. */
static bool play_all(struct play *p, uint32_t n, sim_time end, struct err *err)
{
	uint32_t *list;
	size_t count = tape_effective(&p->tape, n, &list);
	bool good = true;

	if (n <= p->tape.count)
		end = p->tape.ops[n - 1].at;
	p->replay_done = 0;
	p->replay_of = time_of(p, list, count, end);
	for (size_t i = 0; good && i < count; i++)
		good = play_one(p, &p->tape.ops[list[i]], err);
	free(list);
	if (good && n <= p->tape.count) {
		struct moment left = place_of(&p->tape.ops[n - 1]);

		good = play_reach(p, &left, err);
	}
	return good;
}

/* `end` as for play_all. */
static bool rebuild(struct play *p, uint32_t n, sim_time end, struct err *err)
{
	struct play before = *p;
	bool good;

	play_files_swap(p, files_memory_new());
	p->typed = NULL;
	p->typed_count = p->typed_cap = 0;
	p->notes = (struct notes){0};
	p->is_mute = true;
	p->a = make_attempt(p, err);
	if (p->a)
		play_notes_clear(p);
	good = p->a && play_all(p, n, end, err);
	if (!good) {		/* the new one goes, the old one stays */
		struct play failed = *p;

		*p = before;
		before = failed;
	}
	before.is_mute = true;
	attempt_free(before.a);
	files_memory_free(before.memory);
	forget_typed(&before);
	free(before.typed);
	notes_release(&before.notes);
	p->is_mute = false;
	return good;
}

bool play_rebuild(struct play *p, uint32_t n, struct err *err)
{
	return rebuild(p, n, SIM_NEVER, err);
}

/* Onwards behind the last input, as part of the same replay. */
static bool replay_on(struct play *p, const struct moment *to, struct err *err)
{
	bool good;

	p->is_mute = true;
	good = play_reach(p, to, err);
	p->is_mute = false;
	return good;
}

struct play *play_again(struct play *p, uint32_t n, struct err *err)
{
	struct play_options o = p->options;
	struct moment here = attempt_moment(p->a);
	struct play *other;

	o.files = NULL;
	o.out = NULL;
	o.on_op = o.on_clock = NULL;
	other = play_alloc(p->module, &o);
	for (size_t i = 0; i < p->tape.count; i++)
		tape_add(&other->tape, &p->tape.ops[i]);
	if (rebuild(other, n, here.at, err) &&
	    (n <= p->tape.count || replay_on(other, &here, err)))
		return other;
	play_free(other);
	return NULL;
}

static bool mark_read(const json_t *mark, struct moment *out, struct err *err)
{
	const json_t *at = json_object_get(mark, "at");
	const json_t *events = json_object_get(mark, "events");
	const json_t *played = json_object_get(mark, "played");

	if (!json_is_integer(at) || !json_is_integer(events) ||
	    !json_is_integer(played))
		return err_set(err, "the mark of the clock is not as it was "
			       "written");
	*out = (struct moment){ json_integer_value(at),
				(uint64_t)json_integer_value(events),
				(uint32_t)json_integer_value(played) };
	return true;
}

/* A mark belongs behind the input it names; an older one says nothing. */
static bool has_news(const struct play *p, const json_t *mark)
{
	const json_t *n = json_object_get(mark, "n");

	return mark && json_integer_value(n) == (json_int_t)p->tape.count;
}

static bool resume(struct play *p, const json_t *mark, struct err *err)
{
	struct moment to = { .at = SIM_NEVER };
	bool goes_on = has_news(p, mark);

	return (!goes_on || mark_read(mark, &to, err)) &&
	       rebuild(p, (uint32_t)p->tape.count + 1, to.at, err) &&
	       (!goes_on || replay_on(p, &to, err));
}

struct play *play_resume(const struct exercise *m,
			 const struct play_options *o, const json_t *ops,
			 const json_t *mark, struct err *err)
{
	struct play *p = play_alloc(m, o);

	if (tape_read(&p->tape, ops, err) && resume(p, mark, err)) {
		p->clock_at = play_now(p);
		return p;
	}
	play_free(p);
	return NULL;
}

/* --- tasks ---------------------------------------------------------------------- */

static bool is_blocked(const struct play *p, size_t task)
{
	const json_t *needs = p->module->tasks[task].needs;

	for (size_t i = 0; i < json_array_size(needs); i++) {
		const char *id = json_string_value(json_array_get(needs, i));
		const struct task *t = exercise_task(p->module, id);

		if (t && !p->a->tasks[t - p->module->tasks].is_passed)
			return true;
	}
	return false;
}

static int bits(uint32_t x)
{
	int n = 0;

	for (; x; x &= x - 1)
		n++;
	return n;
}

static struct play_task task_of(const struct play *p, size_t i)
{
	const struct task *t = &p->module->tasks[i];
	const struct task_state *s = &p->a->tasks[i];
	struct play_task out = {
		.id = t->id, .title = t->title ? t->title : t->id,
		.kind = t->kind, .answer = s->answer,
		.passed_at = s->passed_at, .points = t->points,
		.hints = (int)t->hint_count, .hints_open = bits(s->hints),
	};

	if (s->is_passed)
		out.state = TASK_PASSED;
	else if (is_blocked(p, i))
		out.state = TASK_BLOCKED;
	else if (attempt_task(p->a) == i)
		out.state = TASK_CURRENT;
	return out;
}

size_t play_tasks(struct play *p, const struct play_task **out)
{
	size_t count = p->module->task_count;

	p->tasks = mem_grow(p->tasks, (count + 1) * sizeof(*p->tasks));
	for (size_t i = 0; i < count; i++)
		p->tasks[i] = task_of(p, i);
	*out = p->tasks;
	return count;
}
