/* workbench_time.c - the time bar, and everything that moves time
 *
 * The bar is the whole run as a line (timebar.h).  A column of it is a time, so
 * a click goes there; what a key does to time has a word, which the echo line
 * then says.
 */
#include "lab/views/workbench_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/text/wrap.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/tui/timebar.h"
#include "sim/core/mem.h"

enum {
	MARKS_MAX = 512, BRANCHES_MAX = 16,
	NOTE_COLS = 26, NOTE_BYTES = 112,
};

/* A line of a log that is written again and again is one mark. */
enum { SAME_BYTES = 24 };

/* --- the bar -------------------------------------------------------------- */

/* The bar ends at a round time with room to go on, or where the exercise
 * does. */
static sim_time bar_end(const struct workbench *w)
{
	static const int minutes[] = {
		10, 20, 30, 60, 120, 240, 480, 1440, 10080,
	};
	sim_time start = play_start(w->play), end = play_end(w->play);
	sim_time furthest = play_furthest(w->play), to;
	size_t i = 0, last = sizeof(minutes) / sizeof(*minutes) - 1;

	if (furthest < play_now(w->play))
		furthest = play_now(w->play);
	while (i < last && start + SIM_MINUTES(minutes[i]) / 5 * 4 < furthest)
		i++;
	to = start + SIM_MINUTES(minutes[i]);
	while (to < furthest)
		to += SIM_MINUTES(minutes[last]);
	return to < end ? to : end;
}

static const enum mark_kind kinds[PLAY_EVENT_KINDS] = {
	[EVENT_LINE] = MARK_EVENT, [EVENT_SAVE] = MARK_SAVE,
	[EVENT_PASSED] = MARK_EVENT, [EVENT_BROKEN] = MARK_ALERT,
	[EVENT_WARN] = MARK_EVENT, [EVENT_ERROR] = MARK_ALERT,
	[EVENT_DOWN] = MARK_ALERT, [EVENT_UP] = MARK_EVENT,
	[EVENT_FAULT] = MARK_PLANNED, [EVENT_HEALED] = MARK_EVENT,
};

struct bar_model {
	struct timebar bar;
	struct mark marks[MARKS_MAX];
	char notes[MARKS_MAX][NOTE_BYTES];
	struct bar_branch branches[BRANCHES_MAX];
};

static bool is_log(const struct play_event *e)
{
	return e->kind == EVENT_WARN || e->kind == EVENT_ERROR;
}

static bool is_again(const struct play_event *e, const struct play_event *was)
{
	return was && is_log(e) && e->kind == was->kind &&
	       strncmp(e->text, was->text, SAME_BYTES) == 0;
}

static void take_mark(struct bar_model *b, const struct play_event *e)
{
	size_t n = b->bar.mark_count;
	struct text note = {0};

	if (n == MARKS_MAX)
		return;
	cut_end(&note, e->text, NOTE_COLS);
	snprintf(b->notes[n], NOTE_BYTES, "%s", text_cstr(&note));
	text_free(&note);
	b->marks[n] = (struct mark){
		.at = e->at, .kind = kinds[e->kind], .text = b->notes[n],
	};
	b->bar.mark_count++;
}

static void take_marks(struct workbench *w, struct bar_model *b)
{
	const struct play_event *events, *log = NULL;
	size_t count = play_events(w->play, &events);

	for (size_t i = 0; i < count; i++) {
		if (!is_again(&events[i], log))
			take_mark(b, &events[i]);
		if (is_log(&events[i]))
			log = &events[i];
	}
}

/* Where it parted: among the other marks, in order of time. */
static void mark_branch(struct bar_model *b, const struct play_branch *branch)
{
	size_t n = b->bar.mark_count, at = n;

	if (n == MARKS_MAX)
		return;
	while (at > 0 && b->marks[at - 1].at > branch->from)
		at--;
	memmove(&b->marks[at + 1], &b->marks[at], (n - at) * sizeof(*b->marks));
	b->marks[at] = (struct mark){
		.at = branch->from, .kind = MARK_BRANCH, .text = branch->name,
	};
	b->bar.mark_count++;
}

static void take_branches(struct workbench *w, struct bar_model *b)
{
	const struct play_branch *branches;
	size_t count = play_branches(w->play, &branches);

	for (size_t i = count; i > 0 && b->bar.branch_count < BRANCHES_MAX; i--)
		if (!branches[i - 1].is_current) {
			mark_branch(b, &branches[i - 1]);
			b->branches[b->bar.branch_count++] =
				(struct bar_branch){
					.name = branches[i - 1].name,
					.from = branches[i - 1].from,
					.to = branches[i - 1].to,
				};
		}
}

static void take_bar(struct workbench *w, struct bar_model *b)
{
	b->bar = (struct timebar){
		.from = play_start(w->play), .to = bar_end(w),
		.now = w->drag != SIM_NEVER ? w->drag : play_now(w->play),
		.marks = b->marks, .branches = b->branches,
	};
	take_marks(w, b);
	take_branches(w, b);
}

static struct rect bar_rect(const struct workbench *w)
{
	struct rect r = w->places.time;

	if (w->places.time_has_rule)
		rect_top(&r, 1);
	return r;
}

void time_draw(struct workbench *w, struct grid *g, struct rect r)
{
	struct bar_model *b = mem_zeroed(1, sizeof(*b));

	take_bar(w, b);
	if (w->places.time_has_rule) {
		struct text status = {0};

		if (b->bar.branch_count)
			text_addf(&status, "%zu branch%s", b->bar.branch_count,
				  b->bar.branch_count == 1 ? "" : "es");
		draw_rule(g, rect_top(&r, 1), 0, "time", text_cstr(&status),
			  false);
		text_free(&status);
	}
	timebar_draw(g, r, &b->bar);
	free(b);
}

void time_state(const struct workbench *w, struct text *out, bool is_short)
{
	const struct play *p = w->play;
	bool paused = play_paused(p);

	if (w->truth)
		text_add(out, is_short ? "TRUTH  " : "TRUTH VIEW   ");
	text_add(out, play_in_flight(p) || (paused && play_busy(p)) ?
		 "LINE RUNS" : paused ? "PAUSED" : "RUN");
	if (!paused && !is_short) {
		text_char(out, ' ');
		play_speed_text(out, play_speed(p));
	}
	text_add(out, paused ? " at " : "  ");
	number_time(out, play_now(p));
	if (is_short)
		return;
	if (paused) {
		text_add(out, "   ");
		play_speed_text(out, play_speed(p));
	}
	text_addf(out, "   seed %llu",
		  (unsigned long long)play_attempt(p)->options.seed);
}

/* --- moving --------------------------------------------------------------- */

static void moved(struct workbench *w)
{
	w->drag = SIM_NEVER;
	workbench_changed(w);
}

/* Say the word that would have done it, or why it could not be done. */
static void told(struct workbench *w, bool good, const struct err *err,
		 const char *word)
{
	if (good)
		app_echo(workbench_app(w), "%s", word);
	else
		app_say(workbench_app(w), ROLE_WARN, "%s", err->what);
	moved(w);
}

static void go_to(struct workbench *w, sim_time to)
{
	struct text word = {0};
	struct err err;
	bool good;

	ahead_forget(w);
	good = play_goto(w->play, to, &err);
	text_add(&word, "goto ");
	simtime_at_text(&word, to);
	told(w, good, &err, text_cstr(&word));
	text_free(&word);
}

static void step(struct workbench *w, int by)
{
	struct err err;

	if (!play_paused(w->play)) {
		sim_time to = play_now(w->play) + SIM_S(by);

		play_pause(w->play);
		go_to(w, to < play_start(w->play) ? play_start(w->play) : to);
		return;
	}
	ahead_forget(w);
	told(w, play_step(w->play, by, &err), &err,
	     by > 0 ? "step" : "step -1");
}

static void event(struct workbench *w, bool next)
{
	sim_time now = play_now(w->play);
	const struct play_event *e = next ? play_event_next(w->play, now) :
					    play_event_prev(w->play, now);
	struct text text = {0};

	if (!e) {
		app_say(workbench_app(w), ROLE_INFO, next ?
			"Nothing of note has happened after now." :
			"Nothing has happened before.");
		return;
	}
	text_add(&text, e->text);
	go_to(w, e->at);
	if (play_now(w->play) == e->at)
		app_say(workbench_app(w), ROLE_TEXT, "%s", text_cstr(&text));
	text_free(&text);
}

static void toggle(struct workbench *w)
{
	bool paused = play_paused(w->play);

	if (paused)
		play_run(w->play);
	else
		play_pause(w->play);
	w->was_running = paused;
	app_echo(workbench_app(w), paused ? "run" : "pause");
	moved(w);
}

static void speed(struct workbench *w, int by)
{
	struct text t = {0};

	play_speed_step(w->play, by);
	play_speed_text(&t, play_speed(w->play));
	app_echo(workbench_app(w), "speed %s", text_cstr(&t));
	text_free(&t);
}

static void first_broken(struct workbench *w)
{
	struct text what = {0};
	sim_time at = play_first_broken(w->play, &what);

	if (at == SIM_NEVER) {
		app_say(workbench_app(w), ROLE_INFO,
			"No promise was broken up to now.");
	} else {
		go_to(w, at);
		app_say(workbench_app(w), ROLE_WARN, "Broken here: %s",
			text_cstr(&what));
	}
	text_free(&what);
}

/* --- asking for a name ---------------------------------------------------- */

static void goto_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w && *text)
		words_do(w, "goto %s", text);
}

static void save_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w && *text)
		words_do(w, "save %s", text);
}

static void branch_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w && *text)
		words_do(w, "branch %s", text);
}

static void return_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w && *text)
		words_do(w, "return %s", text);
}

static void compare_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);
	struct text left = {0};
	const char *right;

	if (!w || !*text)
		return;
	right = strstr(text, " and ");
	if (!right) {
		app_say(a, ROLE_INFO, "Write two names of branches with `and` "
			"between them.");
		return;
	}
	text_bytes(&left, text, (size_t)(right - text));
	app_push(a, compare_view(a, w->play, text_cstr(&left), right + 5));
	app_echo(a, "compare %s %s", text_cstr(&left), right + 5);
	text_free(&left);
}

/* The branch that was left last; NULL: there is only this one. */
static const struct play_branch *other_branch(struct workbench *w)
{
	const struct play_branch *branches;
	size_t i = play_branches(w->play, &branches);

	while (i > 0)
		if (!branches[--i].is_current)
			return &branches[i];
	return NULL;
}

static const char *this_branch(struct workbench *w)
{
	const struct play_branch *branches;
	size_t i = play_branches(w->play, &branches);

	while (i > 0)
		if (branches[--i].is_current)
			return branches[i].name;
	return "now";
}

static void ask_return(struct workbench *w)
{
	app_ask(workbench_app(w), "Return to which branch?",
		other_branch(w)->name, return_entered, w);
}

/* With two there is nothing to ask. */
static void ask_compare(struct workbench *w)
{
	const struct play_branch *branches;
	struct text t = {0};

	if (play_branches(w->play, &branches) == 2) {
		app_push(workbench_app(w),
			 compare_view(workbench_app(w), w->play, NULL, NULL));
		app_echo(workbench_app(w), "compare");
		return;
	}
	/* The list is made anew at each question: one name at a time. */
	text_add(&t, other_branch(w)->name);
	text_addf(&t, " and %s", this_branch(w));
	app_ask(workbench_app(w), "Compare which two?", text_cstr(&t),
		compare_entered, w);
	text_free(&t);
}

static void rewind_now(struct workbench *w)
{
	words_do(w, "rewind");
}

/* --- actions -------------------------------------------------------------- */

static void act_back(struct workbench *w) { step(w, -1); }
static void act_step(struct workbench *w) { step(w, 1); }
static void act_prev(struct workbench *w) { event(w, false); }
static void act_next(struct workbench *w) { event(w, true); }
static void act_slower(struct workbench *w) { speed(w, -1); }
static void act_faster(struct workbench *w) { speed(w, 1); }

static void act_goto(struct workbench *w)
{
	app_ask(workbench_app(w), "Go to which time, save point, or `broken`?",
		"", goto_entered, w);
}

static void act_save(struct workbench *w)
{
	app_ask(workbench_app(w), "Save this moment under which name?", "",
		save_entered, w);
}

static void act_branch(struct workbench *w)
{
	app_ask(workbench_app(w), "Name of the branch from here?", "",
		branch_entered, w);
}

static const struct {
	const char *id;
	void (*run)(struct workbench *w);
	bool needs_branch;	/* another one than this */
	bool any_time;		/* also while a line is in flight */
} acts[] = {
	{ "time.toggle", toggle, false, true },
	{ "time.slower", act_slower, false, true },
	{ "time.faster", act_faster, false, true },
	{ "time.back", act_back, false, false },
	{ "time.step", act_step, false, false },
	{ "time.event.prev", act_prev, false, false },
	{ "time.event.next", act_next, false, false },
	{ "time.goto", act_goto, false, false },
	{ "time.first_broken", first_broken, false, false },
	{ "time.save", act_save, false, false },
	{ "time.rewind", rewind_now, false, false },
	{ "branch.new", act_branch, false, false },
	{ "branch.return", ask_return, true, false },
	{ "branch.compare", ask_compare, true, false },
};
enum { ACTS = sizeof(acts) / sizeof(*acts) };

static int act_index(const struct action *act)
{
	for (int i = 0; i < ACTS; i++)
		if (strcmp(acts[i].id, act->id) == 0)
			return i;
	return -1;
}

bool time_act(struct workbench *w, const struct action *act)
{
	int i = act_index(act);

	if (i >= 0)
		acts[i].run(w);
	return i >= 0;
}

const char *time_refuse(const struct workbench *w, const struct action *act)
{
	int i = act_index(act);

	if (i < 0)
		return NULL;
	if (!acts[i].any_time && play_in_flight(w->play))
		return "A line still runs; Ctrl-C stops it.";
	if (acts[i].needs_branch && !other_branch((struct workbench *)w))
		return "There is only this branch; going back makes one.";
	return NULL;
}

/* --- the mouse ------------------------------------------------------------ */

bool time_mouse(struct workbench *w, const struct input *in)
{
	struct rect r = bar_rect(w);
	struct bar_model *b;
	sim_time at;

	if (w->drag == SIM_NEVER && (in->mouse != MOUSE_PRESS ||
				     !rect_has(r, in->row, in->col) ||
				     in->row != r.row))
		return false;
	if (play_in_flight(w->play))
		return true;
	b = mem_zeroed(1, sizeof(*b));
	take_bar(w, b);
	at = timebar_time_at(&b->bar, r.cols, in->col - r.col);
	free(b);
	if (in->mouse == MOUSE_RELEASE)
		go_to(w, at);
	else
		w->drag = at;
	return true;
}

unsigned time_pause_on(enum pause_on on)
{
	return on == PAUSE_NEVER ? 0 :
	       on == PAUSE_ALERT ? PLAY_PAUSE_BROKEN | PLAY_PAUSE_SEEN :
	       PLAY_PAUSE_BROKEN | PLAY_PAUSE_SEEN | PLAY_PAUSE_PASSED;
}
