/* workbench.c - where one works: its life, the keyboard, time passing
 *
 * One view over one play (play.h).  The console has the keyboard at the start;
 * Esc makes letters keys, Enter or `i` makes them text again, and what was half
 * typed stays.  What is done: workbench_acts.c.
 */
#include "lab/views/workbench_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/drawer.h"
#include "lab/paths.h"
#include "lab/progress/progress.h"
#include "lab/tui/number.h"
#include "lab/views/workbench_map.h"
#include "sim/core/mem.h"

#define REFRESH_EVERY	INT64_C(250000000)	/* ns of wall time, while it runs */

struct app *workbench_app(const struct workbench *w)
{
	return w->view.app;
}

struct workbench *workbench_still(const struct app *a, void *asker)
{
	for (struct view *v = a->top; v; v = v->below)
		if (v == asker)
			return asker;
	return NULL;
}

/* --- life ----------------------------------------------------------------- */

/* An id, a folder, or the module.lua in it. */
static void folder_of(struct app *a, const char *exercise, struct text *out)
{
	static const char file[] = "/module.lua";
	size_t len = strlen(exercise), tail = sizeof(file) - 1;

	if (path_is_folder(exercise))
		text_add(out, exercise);
	else if (len > tail && strcmp(exercise + len - tail, file) == 0)
		text_bytes(out, exercise, len - tail);
	else if (a->outside.catalog)
		catalog_folder(a->outside.catalog, exercise, out);
}

static struct exercise *exercise_of(struct app *a,
				    const struct workbench_options *o,
				    struct err *err)
{
	struct text folder = {0};
	struct exercise *m;

	if (!o->exercise)
		return exercise_sandbox(o->world ? o->world : "local-kafka",
					o->settings, err);
	folder_of(a, o->exercise, &folder);
	if (!folder.len || !path_is_folder(text_cstr(&folder))) {
		err_set(err, "there is no exercise %s", o->exercise);
		text_free(&folder);
		return NULL;
	}
	m = exercise_load(text_cstr(&folder));
	text_free(&folder);
	if (exercise_good(m))
		return m;
	exercise_refuse(m, err);
	exercise_free(m);
	return NULL;
}

static void name_unit(struct workbench *w, const struct app *a)
{
	const json_t *unit = NULL;

	if (a->outside.catalog && !w->module->is_sandbox)
		catalog_exercise(a->outside.catalog, w->module->id, &unit);
	w->unit = mem_copy(unit ? catalog_text(unit, "title") : "");
}

static void open_drawer(struct workbench *w, const struct app *a)
{
	struct text folder = {0};

	if (!a->outside.home || w->module->is_sandbox || w->is_replay)
		return;
	text_addf(&folder, "%s/files/%s", a->outside.home, w->module->id);
	w->drawer = drawer_new(text_cstr(&folder));
	w->files = drawer_face(w->drawer);
	text_free(&folder);
}

static void printed(void *ctx, int stream, const char *bytes, size_t len)
{
	scroll_print(ctx, stream == 2 ? SCROLL_ERR : SCROLL_OUT, bytes, len);
}

static bool replaying(void *workbench, sim_time done, sim_time of)
{
	struct text t = {0};
	bool goes_on;

	text_add(&t, "Playing your run again: ");
	number_time(&t, done);
	text_add(&t, " of ");
	number_time(&t, of);
	text_add(&t, ".  Esc stops.");
	goes_on = app_progress(workbench_app(workbench), text_cstr(&t));
	text_free(&t);
	return goes_on;
}

static struct play_options options_of(struct workbench *w,
				      const struct app *a, uint64_t seed)
{
	return (struct play_options){
		.seed = seed, .files = w->drawer ? &w->files : NULL,
		.interactive = true, .speed = a->settings.speed,
		.pause_on = time_pause_on(a->settings.pause_on),
		.truth = w->module->is_sandbox, .out = printed,
		.on_progress = replaying, .progress_ctx = w, .ctx = w,
	};
}

static int64_t wall_now(void *workbench)
{
	return app_now_ms(workbench_app(workbench));
}

static void complain(void *workbench, const char *why)
{
	app_say(workbench_app(workbench), ROLE_WARN, "%s", why);
}

/* The attempt that waits, or a new one. */
static bool open_play(struct workbench *w, const struct workbench_options *o,
		      bool *resumed, struct err *err)
{
	struct app *a = workbench_app(w);
	struct keep_options keep = {
		.store = a->outside.store, .catalog = a->outside.catalog,
		.module = w->module, .now_ms = wall_now, .complain = complain,
		.ctx = w,
	};
	struct keep_wish wish = {
		.seed = o->seed, .resume = o->resume, .purpose = o->purpose,
		.attempt = o->attempt,
	};
	struct play_options options = options_of(w, a, o->seed);
	struct text why = {0};

	keep_init(&w->keep, &keep);
	w->play = keep_play(&w->keep, &options, &wish, resumed, &why, err);
	if (why.len)
		app_say(a, ROLE_WARN, "%s", text_cstr(&why));
	text_free(&why);
	return w->play != NULL;
}

/* What was typed and printed stands in the console again. */
static void recall(struct workbench *w, const char *attempt)
{
	struct store *s = w->keep.options.store;
	struct resume r = {0};
	struct err err;
	bool found = false;

	if ((attempt ? progress_attempt(s, attempt, &r, &found, &err) :
		       progress_continue_exercise(s, w->module->id, &r, &found,
						  &err)) && found)
		prompt_recall(w, r.ops);
	resume_release(&r);
}

static void say_where(struct workbench *w, bool resumed)
{
	struct app *a = workbench_app(w);
	struct text at = {0};

	simtime_at_text(&at, play_now(w->play));
	if (w->is_replay)
		app_say(a, ROLE_INFO, "Your attempt as it ended at %s.  What "
			"you do from here is not kept.", text_cstr(&at));
	else if (resumed)
		app_say(a, ROLE_INFO, "You are back at %s, with %zu lines "
			"typed.", text_cstr(&at), w->console.history_count);
	else if (w->module->is_sandbox)
		app_echo(a, "millrace start --world %s", w->module->world);
	else
		app_echo(a, "millrace start %s", w->module->id);
	text_free(&at);
}

/* Lines typed for the learner, one after the other, each at once. */
static void lead_in(struct workbench *w, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		words_do(w, "%.*s", (int)len, lines);
		play_finish(w->play, NULL, NULL);
		lines += len + (lines[len] == '\n');
	}
}

static const struct view_ops ops;

struct view *workbench_view(struct app *a, const struct workbench_options *o,
			    struct err *err)
{
	struct workbench *w = mem_zeroed(1, sizeof(*w));
	bool resumed;

	w->view = (struct view){ .ops = &ops, .app = a };
	w->drag = SIM_NEVER;
	w->stale = true;
	w->ghosts = a->settings.ghost;
	w->is_replay = o->attempt != NULL;
	w->module = exercise_of(a, o, err);
	if (!w->module) {
		free(w);
		return NULL;
	}
	name_unit(w, a);
	open_drawer(w, a);
	scroll_init(w);
	prompt_init(w);
	charts_init(w);
	map_init(w);
	resumed = false;
	if (!open_play(w, o, &resumed, err)) {
		ops.free(&w->view);
		return NULL;
	}
	if (resumed)
		recall(w, o->attempt);
	if (o->lead_in && !resumed)
		lead_in(w, o->lead_in);
	if (o->ghost)
		lineedit_ghost_set(&w->console.edit, o->ghost);
	say_where(w, resumed);
	return &w->view;
}

static void release(struct view *v)
{
	struct workbench *w = workbench_of(v);

	keep_close(&w->keep);
	map_release(w);
	charts_release(w);
	logs_release(&w->logs);
	file_release(w);
	play_free(w->play);
	prompt_release(w);
	scroll_release(w);
	drawer_free(w->drawer);
	exercise_free(w->module);
	free(w->logs_word);
	free(w->unit);
	free(w);
}

/* --- the model ------------------------------------------------------------ */

void workbench_changed(struct workbench *w)
{
	w->stale = true;
}

static int logs_rows(const struct workbench *w)
{
	return w->places.pane[PANE_LOGS].rows;
}

void workbench_refresh(struct workbench *w)
{
	struct app *a = workbench_app(w);
	sim_time now = play_now(w->play);

	if (!w->stale && now == w->shown_at)
		return;
	if (!w->stale && now > w->shown_at && !play_paused(w->play) &&
	    a->wall_ns - w->shown_wall_ns < REFRESH_EVERY)
		return;
	w->stale = false;
	w->shown_at = now;
	w->shown_wall_ns = a->wall_ns;
	map_refresh(w);
	if (workbench_shows(w, PANE_CHARTS) || w->places.summary.rows)
		charts_refresh(w);
	if (workbench_shows(w, PANE_LOGS))
		logs_refresh(w, logs_rows(w));
}

void workbench_focus(struct workbench *w, enum pane pane)
{
	w->focus = pane;
	w->stale = true;
	/* A pane that is not on the screen is looked at alone. */
	if (!w->places.tabs.rows && w->places.time.rows &&
	    !workbench_shows(w, pane)) {
		if (pane == PANE_BRIEF)
			w->layout = LAYOUT_READ;
		else if (pane == PANE_FILE)
			w->layout = LAYOUT_PAIR;
		else if (w->layout >= LAYOUT_READ && pane != PANE_LOGS)
			w->layout = LAYOUT_WORK;
		else
			w->layout = LAYOUT_WATCH;
		if (pane == PANE_CONSOLE || pane == PANE_TASKS)
			w->layout = LAYOUT_WORK;
	}
}

/* --- drawing -------------------------------------------------------------- */

static void crumb(const struct view *v, struct text *left, struct text *right)
{
	const struct workbench *w = workbench_of_const(v);
	int cols = workbench_app(w)->cols;
	struct text state = {0};

	time_state(w, &state, cols < 76);
	if (*w->unit && cols >= 100)
		text_addf(left, "%s › ", w->unit);
	text_add(left, w->module->title);
	if (w->is_replay)
		text_add(left, " › replay");
	text_add(right, text_cstr(&state));
	text_free(&state);
}

static void draw(struct view *v, struct grid *g, struct rect body)
{
	struct workbench *w = workbench_of(v);
	struct panes places;

	layout_places(w, body, &places);
	if (memcmp(&places, &w->places, sizeof(places)) != 0)
		w->stale = true;
	w->places = places;
	workbench_refresh(w);
	layout_draw(w, g);
}

/* --- input ---------------------------------------------------------------- */

static void contexts(const struct view *v, enum context out[CTX_COUNT + 1])
{
	const struct workbench *w = workbench_of_const(v);
	int n = 0;

	if (w->focus == PANE_CONSOLE && w->console.found)
		out[n++] = CTX_SEARCH;
	out[n++] = CTX_CONSOLE;
	if (w->module->is_sandbox)
		out[n++] = CTX_SANDBOX;
	out[n++] = CTX_EXERCISE;
	if (w->focus == PANE_CHARTS)
		out[n++] = CTX_CHARTS;
	if (w->focus == PANE_TASKS || w->focus == PANE_MAP ||
	    w->focus == PANE_FILE)
		out[n++] = CTX_LIST;
	out[n++] = CTX_TIME;
	out[n++] = CTX_PANES;
	out[n] = CTX_COUNT;
}

bool workbench_typing(const struct workbench *w)
{
	return w->focus == PANE_CONSOLE && w->console.typing;
}

static bool typing(const struct view *v)
{
	return workbench_typing(workbench_of_const(v));
}

static bool act(struct view *v, const struct action *action)
{
	return acts_do(workbench_of(v), action);
}

static const char *refuse(const struct view *v, const struct action *action)
{
	return acts_refuse(workbench_of_const(v), action);
}

static bool key(struct workbench *w, const struct input *in)
{
	if (w->focus == PANE_CONSOLE || in->key == K_CTRL('C')) {
		if (prompt_input(w, in))
			return true;
	} else if (pane_input(w, in)) {
		return true;
	}
	if (in->key == K_ESC && !workbench_typing(w)) {
		/* From another pane Esc leads back to the console first. */
		if (w->zoom)
			workbench_zoom(w);
		else if (w->focus != PANE_CONSOLE)
			workbench_focus(w, PANE_CONSOLE);
		else
			return app_act(workbench_app(w), "layer.leave");
		return true;
	}
	return false;
}

static int pane_at(const struct workbench *w, int row, int col)
{
	for (int i = 0; i < PANE_COUNT; i++)
		if (w->places.pane[i].rows > 0 &&
		    rect_has(w->places.pane[i], row, col))
			return i;
	return PANE_COUNT;
}

static bool tab_click(struct workbench *w, int row, int col)
{
	enum pane pane;

	if (!w->places.tabs.rows || !rect_has(w->places.tabs, row, col))
		return false;
	pane = layout_tab_at(w, col);
	if (pane < PANE_COUNT)
		workbench_focus(w, pane);
	return true;
}

static bool mouse(struct workbench *w, const struct input *in)
{
	int pane = pane_at(w, in->row, in->col);

	if (time_mouse(w, in))
		return true;
	if (in->mouse == MOUSE_WHEEL_UP || in->mouse == MOUSE_WHEEL_DOWN) {
		if (pane < PANE_COUNT)
			pane_scroll(w, (enum pane)pane,
				    in->mouse == MOUSE_WHEEL_UP ? 3 : -3);
		return true;
	}
	if (in->mouse != MOUSE_PRESS && in->mouse != MOUSE_DOUBLE)
		return true;
	if (tab_click(w, in->row, in->col) || pane == PANE_COUNT)
		return true;
	workbench_focus(w, (enum pane)pane);
	if (in->row == w->places.pane[pane].row) {
		if (in->mouse == MOUSE_DOUBLE)
			workbench_zoom(w);
		return true;
	}
	if (pane == PANE_CONSOLE)
		w->console.typing = true;
	pane_click(w, (enum pane)pane, in->row, in->col);
	if (in->mouse == MOUSE_DOUBLE)
		pane_open(w);
	return true;
}

static bool input(struct view *v, const struct input *in)
{
	struct workbench *w = workbench_of(v);

	if (in->kind == INPUT_MOUSE)
		return mouse(w, in);
	if (in->kind == INPUT_PASTE) {
		workbench_focus(w, PANE_CONSOLE);
		return prompt_input(w, in);
	}
	return in->kind == INPUT_KEY && key(w, in);
}

/* --- time passes ---------------------------------------------------------- */

static bool expired(void *ctx)
{
	return app_budget_over(ctx);
}

static bool is_paused(const struct view *v)
{
	return play_paused(workbench_of_const(v)->play);
}

/* Did it pause by itself?  Then say why, and how it goes on. */
static void say_pause(struct workbench *w)
{
	const char *why = play_pause_reason(w->play);

	if (w->was_running && play_paused(w->play) && *why)
		app_say_while(&w->view, is_paused, ROLE_WARN,
			      "▲ Space goes on.  %s", why);
}

/* The ladder holds the world while it is read; then it goes on. */
static bool is_back(const struct workbench *w)
{
	return w->goes_on && w->view.app->top == &w->view;
}

static void go_on(struct workbench *w)
{
	w->goes_on = false;
	if (!play_has_ended(w->play))
		play_run(w->play);
}

static void frame(struct view *v, int64_t wall_ns)
{
	struct workbench *w = workbench_of(v);
	bool busy;

	if (is_back(w))
		go_on(w);
	play_frame(w->play, wall_ns, expired, v->app);
	w->fed = false;
	say_pause(w);
	w->was_running = !play_paused(w->play);
	keep_frame(&w->keep, wall_ns);
	busy = play_busy(w->play);
	if (w->was_busy && !busy)
		words_done(w);
	w->was_busy = busy;
	ahead_begin(w);
}

static bool busy(const struct view *v)
{
	const struct workbench *w = workbench_of_const(v);

	return is_back(w) || ahead_is_due(w) ||
	       (play_busy(w->play) &&
		(w->fed || !play_wants_input(w->play)));
}

static bool moving(const struct view *v)
{
	const struct workbench *w = workbench_of_const(v);

	return !play_paused(w->play) || busy(v);
}

static void shown(struct view *v)
{
	workbench_changed(workbench_of(v));
}

static const struct view_ops ops = {
	.name = "workbench", .contexts = contexts, .crumb = crumb,
	.draw = draw, .input = input, .typing = typing, .act = act,
	.refuse = refuse, .frame = frame, .moving = moving, .busy = busy,
	.shown = shown, .free = release,
};
