/* keep.c - the record of a play: each input, each grade, each end */
#include "lab/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/progress/progress.h"
#include "lab/progress/store.h"
#include "lab/study/review.h"

#define MARK_EVERY	INT64_C(10000000000)	/* ns of the wall clock */
/* Longer without a frame is not counted as the learner's time. */
#define IDLE_AFTER	INT64_C(60000000000)

void keep_init(struct keep *k, const struct keep_options *o)
{
	*k = (struct keep){ .options = *o };
}

/* A store that goes on in memory says so in its last note, with what to do. */
static const char *why_of(const struct store *s, const struct err *err)
{
	const char *note = NULL;

	for (size_t i = 0; store_mode(s) == STORE_FORGETS && store_note(s, i);
	     i++)
		note = store_note(s, i);
	return note ? note : err->what;
}

static void append(struct keep *k, enum event_kind kind, const char *body)
{
	const struct keep_options *o = &k->options;
	struct err err;

	if (store_append(o->store, kind, body, o->now_ms(o->ctx), &err) ||
	    k->has_failed)
		return;
	k->has_failed = true;
	if (o->complain)
		o->complain(o->ctx, why_of(o->store, &err));
}

/* --- inputs ----------------------------------------------------------------------- */

static const char *task_now(const struct keep *k)
{
	const struct exercise *m = k->options.module;
	size_t i = k->play ? attempt_task(play_attempt(k->play)) : 0;

	return i < m->task_count ? m->tasks[i].id : NULL;
}

static void append_op(struct keep *k, const json_t *op)
{
	struct text body = {0};
	char *json;

	if (!k->is_kept || k->has_ended)
		return;
	json = json_dumps(op, JSON_COMPACT);
	if (!json)
		abort();
	body_op(&body, k->attempt, k->ops++, json, task_now(k));
	append(k, EVENT_ATTEMPT_OP, text_cstr(&body));
	text_free(&body);
	free(json);
}

static void forget_mark(struct keep *k)
{
	json_decref(k->mark);
	k->mark = NULL;
}

static void write_mark(struct keep *k)
{
	if (k->mark)
		append_op(k, k->mark);
	forget_mark(k);
	k->mark_wall_ns = k->wall_ns;
}

/* An input says where the world stood: a mark before it is no news. */
static void on_op(void *keep, const json_t *op)
{
	forget_mark(keep);
	append_op(keep, op);
}

static void on_clock(void *keep, const json_t *mark)
{
	struct keep *k = keep;

	forget_mark(k);
	k->mark = json_deep_copy(mark);
	if (!k->mark)
		abort();
}

void keep_frame(struct keep *k, int64_t wall_ns)
{
	k->wall_ns += wall_ns < IDLE_AFTER ? wall_ns : 0;
	if (k->mark && (play_paused(k->play) ||
			k->wall_ns - k->mark_wall_ns >= MARK_EVERY))
		write_mark(k);
}

/* --- beginning, and going on --------------------------------------------------------- */

/* Tape and marks lie in one list; the last mark counts if no input follows. */
static json_t *split_tape(const json_t *ops, const json_t **mark)
{
	json_t *tape = json_array();

	*mark = NULL;
	for (size_t i = 0; i < json_array_size(ops); i++) {
		json_t *op = json_array_get(ops, i);
		const char *kind = json_string_value(json_object_get(op,
								     "kind"));

		if (kind && strcmp(kind, "clock") == 0) {
			*mark = op;
		} else {
			json_array_append(tape, op);
			*mark = NULL;
		}
	}
	return tape;
}

static bool play_again(struct keep *k, struct play_options *o,
		       const struct resume *r, struct err *err)
{
	const json_t *mark;
	json_t *tape = split_tape(r->ops, &mark);

	o->seed = r->seed;
	k->play = play_resume(k->options.module, o, tape, mark, err);
	json_decref(tape);
	if (!k->play)
		return false;
	snprintf(k->attempt, sizeof(k->attempt), "%s", r->attempt);
	k->ops = (int64_t)json_array_size(r->ops);
	k->tries = r->tries;
	k->is_kept = true;
	return true;
}

/* An attempt of the log as it ended, or where it is now; nothing is kept. */
static bool look_back(struct keep *k, struct play_options *o,
		      const char *attempt, struct err *err)
{
	const struct exercise *m = k->options.module;
	struct resume r = {0};
	bool found = false, good = false;

	if (!k->options.store || !progress_attempt(k->options.store, attempt,
						   &r, &found, err))
		return false;
	if (!found || strcmp(r.exercise, m->id) != 0)
		err_set(err, "the log has no attempt %s at %s", attempt, m->id);
	else if (strcmp(r.hash, m->hash) != 0)
		err_set(err, "%s has changed since that attempt; its run cannot "
			"be played again", m->id);
	else
		good = play_again(k, o, &r, err);
	k->is_kept = false;
	resume_release(&r);
	return good;
}

static bool go_on(struct keep *k, struct play_options *o,
		  const struct keep_wish *wish, struct text *why,
		  struct err *err)
{
	const struct exercise *m = k->options.module;
	struct resume r = {0};
	bool found = false, good = false;

	if (!wish->resume || !k->options.store || m->is_sandbox ||
	    !progress_continue_exercise(k->options.store, m->id, &r, &found,
					err) || !found)
		return false;
	if (strcmp(r.hash, m->hash) != 0) {
		text_add(why, "This exercise has changed since you left it; it "
			 "begins anew.");
	} else if (!wish->seed || wish->seed == r.seed) {
		good = play_again(k, o, &r, err);
		if (!good && !k->was_stopped)
			text_add(why, err->what);
	}
	resume_release(&r);
	return good;
}

/* Before the play, whose first inputs are the learner's files. */
static bool begin(struct keep *k, uint64_t seed, const char *purpose,
		  struct err *err)
{
	const struct keep_options *o = &k->options;
	struct text id = {0}, body = {0};

	if (!o->store || o->module->is_sandbox)
		return true;
	if (!store_id(o->store, &id, err)) {
		text_free(&id);
		return false;
	}
	snprintf(k->attempt, sizeof(k->attempt), "%s", text_cstr(&id));
	body_started(&body, k->attempt, o->module, o->catalog, seed, purpose);
	k->is_kept = true;
	append(k, EVENT_ATTEMPT_STARTED, text_cstr(&body));
	text_free(&id);
	text_free(&body);
	return true;
}

struct play *keep_play(struct keep *k, struct play_options *o,
		       const struct keep_wish *wish, bool *resumed,
		       struct text *why, struct err *err)
{
	bool again;

	o->on_op = on_op;
	o->on_clock = on_clock;
	o->tape_ctx = k;
	o->was_stopped = &k->was_stopped;
	again = wish->attempt ? look_back(k, o, wish->attempt, err) :
				go_on(k, o, wish, why, err);
	if (resumed)
		*resumed = again;
	if (again || wish->attempt || k->was_stopped)
		return k->play;
	o->seed = wish->seed ? wish->seed : 1;
	if (begin(k, o->seed, wish->purpose ? wish->purpose : "learn", err))
		k->play = play_new(k->options.module, o, err);
	return k->play;
}

/* --- grades and ends --------------------------------------------------------------------- */

static int64_t hints_open(const struct keep *k, bool *solution)
{
	const struct exercise *m = k->options.module;
	const struct attempt *a = play_attempt(k->play);
	int64_t n = 0;

	*solution = a->gave_up;
	for (size_t i = 0; i < m->task_count; i++) {
		size_t count = m->tasks[i].hint_count;

		for (size_t h = 0; h < count; h++)
			n += a->tasks[i].hints >> h & 1;
		if (count && (a->tasks[i].hints >> (count - 1) & 1))
			*solution = true;
	}
	return n;
}

/* What was learnt is asked again: in some days, then in weeks. */
static void add_cards(struct keep *k)
{
	const struct exercise *m = k->options.module;

	for (size_t n = 1; n <= card_count(m); n++) {
		struct text body = {0};

		card_added_event(m, n, &body);
		append(k, EVENT_CARD_ADDED, text_cstr(&body));
		text_free(&body);
	}
}

void keep_graded(struct keep *k)
{
	const struct verdict *v = play_attempt(k->play)->last;
	struct text body = {0};
	struct graded g = {
		.attempt = k->attempt, .exercise = k->options.module,
		.verdict = v, .catalog = k->options.catalog,
		.minutes = (double)k->wall_ns / 60e9,
	};

	if (!k->is_kept || k->has_ended || !v)
		return;
	g.tries = ++k->tries;
	g.hints = hints_open(k, &g.solution);
	body_graded(&body, &g);
	append(k, EVENT_ATTEMPT_GRADED, text_cstr(&body));
	text_free(&body);
	if (v->status == VERDICT_PASS) {
		add_cards(k);
		keep_ended(k, "passed");
	}
}

void keep_ended(struct keep *k, const char *how)
{
	struct text body = {0};

	if (!k->is_kept || k->has_ended)
		return;
	write_mark(k);
	body_ended(&body, k->attempt, how, play_now(k->play));
	append(k, EVENT_ATTEMPT_ENDED, text_cstr(&body));
	text_free(&body);
	k->has_ended = strcmp(how, "left") != 0;
}

void keep_close(struct keep *k)
{
	if (k->play)
		keep_ended(k, "left");
	forget_mark(k);
}
