/* verdict.c - what grading said: each task, each promise, and the way back
 *
 * The order is that of what one wants to know: the word, what is wrong, what
 * is right, what it cost, what can be done now.  A failed check says what is
 * wrong, never how to repair it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/course/verdict.h"
#include "lab/play/play.h"
#include "lab/progress/progress.h"
#include "lab/study/review.h"
#include "lab/text/wrap.h"
#include "lab/tui/action.h"
#include "lab/tui/draw.h"
#include "lab/tui/key.h"
#include "lab/tui/number.h"
#include "lab/views/cursor.h"
#include "lab/views/inside.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

enum { PROMISE_COL = 8, REASON_COL = 4, SCORE_ROWS = 1, FOOT_ROWS_MAX = 3,
       ROOMY = 14 };

struct verdict_screen {
	struct view view;
	struct play *play;	/* of the workbench below */
	struct cursor cursor;	/* over tasks and promises */
	struct rect rows;
};

static const struct verdict *verdict_of(const struct verdict_screen *s)
{
	return play_attempt(s->play)->last;
}

/* --- words ---------------------------------------------------------------------- */

struct word {
	const char *glyph, *word;
	enum role role;
};

static struct word word_of(const struct verdict *v)
{
	static const struct word words[] = {
		[VERDICT_ERROR] = { "!", "ERROR", ROLE_BAD },
		[VERDICT_FAIL] = { "✗", "NOT YET", ROLE_WARN },
		[VERDICT_BLOCKED] = { "‒", "BLOCKED", ROLE_DIM },
		[VERDICT_PASS] = { "✓", "PASSED", ROLE_GOOD },
	};

	return words[v->status];
}

static struct word task_word(enum verdict_status s)
{
	static const struct word words[] = {
		[VERDICT_ERROR] = { "!", "error", ROLE_BAD },
		[VERDICT_FAIL] = { "✗", "open", ROLE_WARN },
		[VERDICT_BLOCKED] = { "‒", "later", ROLE_DIM },
		[VERDICT_PASS] = { "✓", "done", ROLE_GOOD },
	};

	return words[s];
}

static size_t passed_count(const struct verdict *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->task_count; i++)
		n += v->tasks[i].status == VERDICT_PASS;
	return n;
}

/* --- drawing ---------------------------------------------------------------------- */

static void draw_head(const struct verdict *v, struct grid *g, struct rect r)
{
	struct word w = word_of(v);
	int col = grid_put(g, r, 0, 1, w.role, w.glyph);

	col = grid_put(g, r, 0, col + 1, w.role, w.word);
	grid_flag(g, (struct rect){ r.row, r.col + 1, 1, col - 1 }, CELL_BOLD);
	if (*v->message)
		draw_wrapped(g, r, 0, col + 4, ROLE_TEXT, v->message);
	else
		grid_putf(g, r, 0, col + 4, ROLE_TEXT, "%zu of %zu tasks are "
			  "done.", passed_count(v), v->task_count);
}

static void draw_task(const struct verdict_screen *s, size_t i, struct grid *g,
		      struct rect r, int row)
{
	const struct task *t = &play_module(s->play)->tasks[i];
	const struct verdict_task *task = &verdict_of(s)->tasks[i];
	struct word w = task_word(task->status);
	char points[40];

	grid_put(g, r, row, 3, w.role, w.glyph);
	grid_putf(g, r, row, 5, ROLE_DIM, "%zu", i + 1);
	draw_cut(g, r, row, 8, r.cols - 8 - 16, ROLE_TEXT,
		 t->title ? t->title : t->id);
	grid_put(g, r, row, r.cols - 16, w.role, w.word);
	snprintf(points, sizeof(points), "%" PRId64 "/%" PRId64, task->points,
		 task->points_max);
	draw_right(g, r, row, r.cols - 2, ROLE_DIM, points);
}

/* The check behind a promise; NULL: the module has none of that name. */
static const struct check *check_of(const struct verdict_screen *s,
				    const struct verdict_promise *p)
{
	const struct task *t = exercise_task(play_module(s->play), p->task);

	for (size_t i = 0; t && i < t->check_count; i++)
		if (strcmp(t->checks[i].id, p->check) == 0)
			return &t->checks[i];
	return NULL;
}

static bool is_broken(const struct verdict_promise *p)
{
	return p->status != VERDICT_PASS && p->broken_at != SIM_NEVER;
}

/* Up to the first full stop. */
static void add_sentence(struct text *out, const char *s)
{
	size_t len = strcspn(s, ".");

	while (s[len] && s[len + 1] && s[len + 1] != ' ')
		len += 1 + strcspn(s + len + 1, ".");	/* "0.5": inside */
	text_bytes(out, s, len);
}

/* What is promised: as its author says it of a promise that was kept, else what
 * may never be said; once it was broken, that is said. */
static void promise_text(const struct verdict_promise *p,
			 const struct check *c, struct text *out)
{
	if (!c || c->hidden || !c->fail) {
		text_add(out, p->check);
	} else if (is_broken(p)) {
		add_sentence(out, c->fail);
	} else if (c->pass) {
		add_sentence(out, c->pass);
	} else {
		text_add(out, "never: ");
		add_sentence(out, c->fail);
	}
}

static void promise_state(const struct verdict_promise *p, struct text *out)
{
	if (is_broken(p)) {
		text_add(out, "broken at ");
		number_time_exact(out, p->broken_at);
	} else {
		text_add(out, p->status == VERDICT_PASS ? "kept" :
							  "not looked at");
	}
}

/* Where its text stands: left of its state. */
static struct rect promise_room(struct rect r, const char *state)
{
	int cols = r.cols - PROMISE_COL - 4 - text_width(state);

	return (struct rect){ r.row, r.col + PROMISE_COL, r.rows,
			      cols < 1 ? 1 : cols };
}

/* In one row where it fits one, however wide the screen. */
static int promise_rows(struct rect room, const char *text)
{
	return text_width(text) <= room.cols ? 1 :
					       draw_wrapped_rows(room, 0, text);
}

static void draw_promise(const struct verdict_screen *s, size_t i,
			 struct grid *g, struct rect r, int row)
{
	const struct verdict_promise *p = &verdict_of(s)->promises[i];
	bool kept = p->status == VERDICT_PASS;
	struct text what = {0}, state = {0};
	struct rect room;

	promise_text(p, check_of(s, p), &what);
	promise_state(p, &state);
	grid_put(g, r, row, 3, kept ? ROLE_GOOD : ROLE_BAD, kept ? "✓" : "✗");
	room = promise_room(r, text_cstr(&state));
	if (promise_rows(room, text_cstr(&what)) == 1)
		grid_put(g, room, row, 0, ROLE_TEXT, text_cstr(&what));
	else
		draw_wrapped(g, room, row, 0, ROLE_TEXT, text_cstr(&what));
	draw_right(g, r, row, r.cols - 2, is_broken(p) ? ROLE_BAD : ROLE_DIM,
		   text_cstr(&state));
	text_free(&what);
	text_free(&state);
}

/* A task that was passed at an earlier check is not looked at again; what it
 * showed holds on. */
static const char *why_right(const struct verdict_screen *s, size_t i)
{
	const struct task *t = &play_module(s->play)->tasks[i];
	const char *why = verdict_of(s)->tasks[i].message;

	if (why && *why)
		return why;
	for (size_t k = t->check_count; k-- > 0;)
		if (t->checks[k].pass)
			return t->checks[k].pass;
	return "Done.";
}

/* All of it; what follows from a break is said only when there was one. */
static void draw_promise_detail(const struct verdict_screen *s,
				const struct verdict_promise *p,
				struct grid *g, struct rect r)
{
	const struct check *c = check_of(s, p);
	struct text t = {0};
	int row;

	draw_rule(g, r, 0, "Promise", p->check, false);
	if (is_broken(p) && c && c->fail && !c->hidden)
		text_add(&t, c->fail);
	else
		promise_text(p, c, &t);
	if (t.len && t.at[t.len - 1] != '.')
		text_char(&t, '.');
	row = draw_wrapped(g, r, 1, 1, ROLE_TEXT, text_cstr(&t));
	text_clear(&t);
	text_add(&t, "A promise has to hold throughout");
	if (c && c->from > 0) {
		text_add(&t, ", here from ");
		number_time(&t, c->from);
		text_add(&t, " on");
	}
	text_add(&t, "; one break, however short, counts.  To take it back, "
		 "go back in time.");
	draw_wrapped(g, r, row, 1, ROLE_DIM, text_cstr(&t));
	text_free(&t);
}

/* What the current task has to say. */
static void draw_task_detail(const struct verdict_screen *s,
			     const struct verdict_task *t, struct grid *g,
			     struct rect r)
{
	int row = 1;

	draw_rule(g, r, 0, t->status == VERDICT_PASS ? "Why it is right" :
						       "What is wrong",
		  t->check, false);
	if (t->status == VERDICT_PASS)
		row = draw_wrapped(g, r, row, 1, ROLE_TEXT,
				   why_right(s, s->cursor.at));
	else if (t->message)
		row = draw_wrapped(g, r, row, 1, ROLE_TEXT, t->message);
	if (t->rationale && *t->rationale)
		row = draw_wrapped(g, r, row, 1, ROLE_DIM, t->rationale);
	if (t->help)
		draw_wrapped(g, r, row, 1, ROLE_LINK, t->help);
}

/* The first reason to show so that the current one is seen to its end. */
static size_t first_reason(const struct verdict_screen *s, struct rect r)
{
	size_t first = s->cursor.at;
	int rows = 0;

	for (size_t i = first + 1; i-- > 0;) {
		const char *why = why_right(s, i);

		rows += draw_wrapped_rows(r, REASON_COL, why);
		if (rows > r.rows)
			break;
		first = i;
	}
	return first;
}

/* Everything is done: what was right about each task. */
static void draw_reasons(const struct verdict_screen *s, struct grid *g,
			 struct rect r)
{
	const struct verdict *v = verdict_of(s);
	int row = 0;

	draw_rule(g, r, 0, "Why it is right", NULL, false);
	rect_top(&r, 1);
	for (size_t i = first_reason(s, r); i < v->task_count; i++) {
		const char *why = why_right(s, i);

		if (row >= r.rows)
			return;
		grid_putf(g, r, row, 1, ROLE_DIM, "%zu", i + 1);
		row = draw_wrapped(g, r, row, REASON_COL,
				   i == s->cursor.at ? ROLE_STRONG : ROLE_TEXT,
				   why);
	}
}

/* What the current row has to say. */
static void draw_detail(const struct verdict_screen *s, struct grid *g,
			struct rect r)
{
	const struct verdict *v = verdict_of(s);
	size_t at = s->cursor.at;

	if (at >= v->task_count)
		draw_promise_detail(s, &v->promises[at - v->task_count], g, r);
	else if (v->status == VERDICT_PASS)
		draw_reasons(s, g, r);
	else
		draw_task_detail(s, &v->tasks[at], g, r);
}

static void score_text(const struct verdict *v, struct text *out)
{
	text_addf(out, "Score  %" PRId64 " of %" PRId64, v->points,
		  v->points_max);
	if (v->hint_cost)
		text_addf(out, "   hints cost %" PRId64, v->hint_cost);
}

static void add_key(struct text *out, const char *id)
{
	char name[KEY_NAME_MAX];
	const char *key = action_first_key(name, id);

	text_add(out, key ? key : action_find(id)->twin);
}

/* What is kept, and where it goes on. */
static void foot_text(const struct verdict_screen *s, struct text *out)
{
	size_t cards = card_count(play_module(s->play));

	if (verdict_of(s)->status != VERDICT_PASS) {
		text_add(out, "Nothing is lost: your run waits as it is; Esc "
			 "goes back to it.");
		return;
	}
	if (s->view.app->outside.store && cards)
		text_addf(out, "%zu card%s to review.  ", cards,
			  cards == 1 ? "" : "s");
	add_key(out, "debrief.open");
	text_add(out, " looks back, ");
	add_key(out, "next.unit");
	text_add(out, " goes on with the next exercise.");
}

static size_t row_count(const struct verdict *v)
{
	return v->task_count + v->promise_count;
}

/* The rows of a list: each with its own height, the current one in sight. */
static int item_rows(const struct verdict_screen *s, size_t i, struct rect r)
{
	const struct verdict *v = verdict_of(s);
	struct text what = {0}, state = {0};
	int rows = 1;

	if (i >= v->task_count) {
		const struct verdict_promise *p =
			&v->promises[i - v->task_count];

		promise_text(p, check_of(s, p), &what);
		promise_state(p, &state);
		rows = promise_rows(promise_room(r, text_cstr(&state)),
				    text_cstr(&what));
	}
	text_free(&what);
	text_free(&state);
	return rows;
}

static int list_rows(const struct verdict_screen *s, struct rect r)
{
	int rows = 0;

	for (size_t i = 0; i < row_count(verdict_of(s)); i++)
		rows += item_rows(s, i, r);
	return rows;
}

/* The first row that is shown: from there the current one is seen whole. */
static size_t first_row(const struct verdict_screen *s, struct rect r)
{
	size_t first = s->cursor.at < s->cursor.top ? s->cursor.at :
						      s->cursor.top;
	int rows = 0;

	for (size_t i = first; i <= s->cursor.at; i++)
		rows += item_rows(s, i, r);
	while (first < s->cursor.at && rows > r.rows)
		rows -= item_rows(s, first++, r);
	return first;
}

static void draw_list(struct verdict_screen *s, struct grid *g, struct rect r)
{
	const struct verdict *v = verdict_of(s);
	int row = 0, rows;

	s->rows = r;
	s->cursor.top = first_row(s, r);
	for (size_t i = s->cursor.top; i < row_count(v) && row < r.rows;
	     i++, row += rows) {
		rows = item_rows(s, i, r);
		if (i < v->task_count)
			draw_task(s, i, g, r, row);
		else
			draw_promise(s, i - v->task_count, g, r, row);
		if (i != s->cursor.at)
			continue;
		grid_put(g, r, row, 1, ROLE_KEY, "▸");
		if (rows > r.rows - row)
			rows = r.rows - row;
		grid_flag(g, (struct rect){ r.row + row, r.col, rows, r.cols },
			  CELL_SELECTED);
	}
}

/* Score and what comes next; the rows it takes are off the bottom of *body. */
static void draw_foot(const struct verdict_screen *s, struct grid *g,
		      struct rect *body)
{
	struct text score = {0}, foot = {0};
	struct rect low;
	int rows;

	score_text(verdict_of(s), &score);
	foot_text(s, &foot);
	rows = draw_wrapped_rows(*body, 1, text_cstr(&foot));
	low = rect_bottom(body, SCORE_ROWS + (rows < FOOT_ROWS_MAX ? rows :
					      FOOT_ROWS_MAX));
	grid_put(g, low, 0, 1, ROLE_STRONG, text_cstr(&score));
	draw_wrapped(g, low, SCORE_ROWS, 1, ROLE_DIM, text_cstr(&foot));
	text_free(&foot);
	text_free(&score);
}

static void verdict_draw(struct view *view, struct grid *g, struct rect body)
{
	struct verdict_screen *s = (struct verdict_screen *)view;
	const struct verdict *v = verdict_of(s);
	int detail, spare;

	if (!v)
		return;
	draw_rule(g, body, 0, "Verdict", NULL, true);
	rect_top(&body, 1);
	draw_head(v, g, rect_top(&body, 2));
	draw_foot(s, g, &body);
	/* A third at least; what the list leaves, too, and a line between them
	 * where there is room. */
	detail = body.rows / 3;
	spare = body.rows - list_rows(s, body) - (body.rows >= ROOMY);
	draw_detail(s, g, rect_bottom(&body, spare > detail ? spare : detail));
	draw_list(s, g, body);
}

static void verdict_crumb(const struct view *view, struct text *left,
			  struct text *right)
{
	const struct verdict_screen *s = (const struct verdict_screen *)view;
	const struct verdict *v = verdict_of(s);

	text_addf(left, "%s › Verdict", play_module(s->play)->title);
	if (!v)
		return;
	number_time(right, v->at);
	text_addf(right, "   seed %" PRIu64, v->seed);
}

/* --- what follows -------------------------------------------------------------------- */

/* The exercise behind this one in the course that is not done yet. */
static const char *next_exercise(const struct app *a, const struct play *p)
{
	const struct app_outside *o = &a->outside;
	const struct catalog *c = o->catalog;
	bool behind = false;

	for (size_t i = 0; c && i < 2 * c->module_count; i++) {
		const char *id = c->modules[i % c->module_count];
		struct exercise_state state = {0};
		struct err err;

		if (strcmp(id, play_module(p)->id) == 0)
			behind = true;
		else if (behind && (!o->store || !progress_exercise(o->store,
				    id, &state, &err) || !state.done))
			return id;
	}
	return NULL;
}

/* Out of this work, to what the next is opened over: home; in a first session,
 * which has none yet, what lies below the workbench. */
static void leave_work(struct app *a)
{
	const struct view *w = app_find(a, "workbench");

	if (!app_pop_to(a, "home") && w && w->below)
		app_pop_to(a, w->below->ops->name);
}

static void open_next(struct app *a, const struct play *p)
{
	const char *id = next_exercise(a, p);

	if (!id) {
		app_say(a, ROLE_GOOD, "Every exercise there is has been done.");
		return;
	}
	leave_work(a);		/* and p is gone */
	open_exercise(a, id, "learn");
}

/* Another seed draws other names and numbers: what was remembered does not
 * help, how it was done does. */
static void open_fresh(struct app *a, const struct play *p)
{
	struct workbench_options o = { .purpose = "learn" };
	char *id = mem_copy(play_module(p)->id);
	struct view *v;
	struct err err;

	o.exercise = id;
	o.seed = play_attempt(p)->options.seed + 1;
	if (a->outside.store && !progress_new_seed(a->outside.store, id,
						   &o.seed, &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	leave_work(a);		/* and p is gone */
	v = workbench_view(a, &o, &err);
	if (v)
		app_push(a, v);
	else
		app_say(a, ROLE_WARN, "%s", err.what);
	free(id);
}

void say_branch_left(struct app *a, struct play *p)
{
	const struct play_branch *b;
	size_t count = play_branches(p, &b);

	if (count > 1)
		app_say(a, ROLE_INFO, "What came after is kept: `return %s` "
			"goes there.", b[count - 2].name);
}

static void go_back(struct app *a, struct play *p)
{
	struct err err;

	if (!play_rewind(p, NULL, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return;
	}
	app_pop_to(a, "workbench");
	app_echo(a, "rewind");
	say_branch_left(a, p);
}

bool after_work_act(struct app *a, struct play *p, const char *id)
{
	const char *why = after_work_refuse(a, p, id);

	if (why)
		app_say(a, ROLE_INFO, "%s", why);
	else if (strcmp(id, "next.unit") == 0)
		open_next(a, p);
	else if (strcmp(id, "verdict.fresh") == 0)
		open_fresh(a, p);
	else if (strcmp(id, "verdict.again") == 0)
		go_back(a, p);
	else if (strcmp(id, "debrief.open") == 0)
		app_push(a, debrief_view(a, p));
	else
		return false;
	return true;
}

/* The debrief tells the solution's why: it is for after the end. */
const char *after_work_refuse(const struct app *a, const struct play *p,
			      const char *id)
{
	const struct verdict *v = play_attempt(p)->last;
	bool is_next = strcmp(id, "next.unit") == 0;
	bool is_debrief = strcmp(id, "debrief.open") == 0;
	bool over = (v && v->status == VERDICT_PASS) || play_has_ended(p);

	if ((is_next || is_debrief) && play_is_sandbox(p))
		return "A sandbox asks nothing.";
	if ((is_next || strcmp(id, "verdict.fresh") == 0) &&
	    app_find(a, "author"))
		return "A preview is no part of the course; Esc goes back to "
		       "it.";
	if (is_next && !over)
		return "This one is not done yet; `check` says what is "
		       "missing.";
	if (is_debrief && !over)
		return "The debrief opens when the exercise is done or given "
		       "up.";
	return NULL;
}

static bool verdict_act(struct view *view, const struct action *a)
{
	struct verdict_screen *s = (struct verdict_screen *)view;

	return after_work_act(view->app, s->play, a->id);
}

static const char *verdict_refuse(const struct view *view,
				  const struct action *a)
{
	const struct verdict_screen *s = (const struct verdict_screen *)view;

	return after_work_refuse(view->app, s->play, a->id);
}

static bool verdict_input(struct view *view, const struct input *in)
{
	struct verdict_screen *s = (struct verdict_screen *)view;
	const struct verdict *v = verdict_of(s);

	/* What one does next: read on, or go on with the work. */
	if (v && in->kind == INPUT_KEY && in->key == K_ENTER) {
		if (v->status == VERDICT_PASS)
			return app_act(s->view.app, "debrief.open");
		app_pop(s->view.app);
		return true;
	}
	return v && cursor_input(&s->cursor, in, row_count(v),
				 (size_t)(s->rows.rows > 0 ? s->rows.rows : 1));
}

static void verdict_contexts(const struct view *view, enum context *out)
{
	(void)view;
	out[0] = CTX_VERDICT;
	out[1] = CTX_COUNT;
}

static void verdict_free(struct view *view)
{
	free(view);
}

static const struct view_ops verdict_ops = {
	.name = "verdict", .contexts = verdict_contexts,
	.crumb = verdict_crumb, .draw = verdict_draw, .input = verdict_input,
	.act = verdict_act, .refuse = verdict_refuse, .free = verdict_free,
};

struct view *verdict_view(struct app *a, struct play *p)
{
	struct verdict_screen *s = calloc(1, sizeof(*s));
	const struct verdict *v;

	(void)a;
	if (!s)
		abort();
	s->view.ops = &verdict_ops;
	s->play = p;
	v = verdict_of(s);
	/* The first that is not done is what one wants to read. */
	while (v && s->cursor.at < v->task_count &&
	       v->tasks[s->cursor.at].status == VERDICT_PASS)
		s->cursor.at++;
	if (v && s->cursor.at == v->task_count)
		s->cursor.at = 0;
	return &s->view;
}
