/* hints.c - the ladder: what help there is for a task, and what it costs
 *
 * The price stands before the hint is opened.  What was opened can be read
 * again.  The last rung is the solution; it ends the attempt, and asks first.
 */
#include "lab/views/views.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/play/play.h"
#include "lab/tui/draw.h"
#include "lab/views/sheet.h"
#include "lab/views/workbench_inside.h"
#include "sim/core/mem.h"

enum { LADDER_COLS = 62, LADDER_ROWS = 18 };

struct hints {
	struct view view;
	struct play *play;
	size_t task;		/* task_count: all are done */
	size_t at;		/* the current rung; hint_count: the solution */
	int top;
};

static const struct task *task_of(const struct hints *h)
{
	const struct exercise *m = play_module(h->play);

	return h->task < m->task_count ? &m->tasks[h->task] : NULL;
}

static bool is_open(const struct hints *h, size_t i)
{
	return play_attempt(h->play)->tasks[h->task].hints >> i & 1;
}

/* The first that is not open; hint_count: all are. */
static size_t next_of(const struct hints *h)
{
	size_t i = 0;

	while (i < task_of(h)->hint_count && is_open(h, i))
		i++;
	return i;
}

/* A rung with a condition may be passed over, so the next may be one of
 * several: the dearest of them. */
static int64_t price_of(const struct hints *h, size_t i)
{
	const struct task *t = task_of(h);
	int64_t most = 0;

	for (; i < t->hint_count; i++) {
		if (is_open(h, i))
			continue;
		if (t->hints[i].cost > most)
			most = t->hints[i].cost;
		if (!t->hints[i].has_when)
			break;
	}
	return most;
}

/* --- drawing -------------------------------------------------------------- */

static int draw_rung(struct hints *h, struct grid *g, struct rect r, int row,
		     size_t i)
{
	const struct task *t = task_of(h);
	bool open = is_open(h, i);
	bool is_next = i == next_of(h);

	grid_putf(g, r, row, 1, ROLE_TEXT, "%zu", i + 1);
	grid_put(g, r, row, 3, open ? ROLE_GOOD : ROLE_DIM, open ? "✓" : "·");
	grid_putf(g, r, row, 5, open ? ROLE_DIM : ROLE_TEXT,
		  "cost %" PRId64, t->hints[i].cost);
	grid_put(g, r, row, 14, ROLE_DIM, open ? "opened" :
		 t->hints[i].has_when ? "if it fits your run" :
		 is_next ? "Enter opens" : "");
	if (h->at == i)
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
	row++;
	if (open)
		row = draw_wrapped(g, (struct rect){ r.row, r.col, r.rows,
						     r.cols - 2 },
				   row, 5, ROLE_TEXT, t->hints[i].text);
	return row;
}

static int draw_solution(struct hints *h, struct grid *g, struct rect r,
			 int row)
{
	grid_put(g, r, row, 3, ROLE_DIM, "·");
	grid_put(g, r, row, 5, ROLE_TEXT, "the solution");
	grid_put(g, r, row, 20, ROLE_DIM, "ends this attempt");
	if (h->at == task_of(h)->hint_count)
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
	return row + 1;
}

static void score_text(const struct hints *h, struct text *out)
{
	const struct exercise *m = play_module(h->play);
	int64_t all = 0;

	for (size_t i = 0; i < m->task_count; i++)
		all += m->tasks[i].points;
	text_addf(out, "score %" PRId64 " of %" PRId64,
		  all - attempt_hint_cost(play_attempt(h->play)), all);
}

static int draw_ladder(struct hints *h, struct grid *g, struct rect r,
		       int *selected)
{
	const struct task *t = task_of(h);
	struct text score = {0};
	int row = 0;

	score_text(h, &score);
	grid_putf(g, r, row, 1, ROLE_STRONG, "Hints for task %zu",
		  h->task + 1);
	draw_right(g, r, row, r.cols - 2, ROLE_DIM, text_cstr(&score));
	text_free(&score);
	row += 2;
	if (!t->hint_count)
		row = draw_wrapped(g, r, row, 1, ROLE_TEXT, t->hintless ?
				   t->hintless : "This task has no hints.") + 1;
	for (size_t i = 0; i < t->hint_count; i++) {
		if (i == h->at)
			*selected = row;
		row = draw_rung(h, g, r, row, i);
	}
	if (h->at == t->hint_count)
		*selected = row;
	row = draw_solution(h, g, r, row);
	return draw_wrapped(g, r, row + 1, 1, ROLE_DIM,
			    "Time stands still here. Hints stay paid, also "
			    "after starting over.");
}

static void draw(struct view *v, struct grid *g, struct rect body)
{
	struct hints *h = (struct hints *)v;
	struct sheet sheet;
	int rows, selected = 0;
	struct rect box, r;

	if (!task_of(h)) {
		box = draw_box(g, draw_box_place(body, 5, LADDER_COLS),
			       "Hint ladder", "Esc closes");
		grid_put(g, box, 1, 0, ROLE_TEXT, "All tasks are done.");
		return;
	}
	r = sheet_open(&sheet, LADDER_COLS - 4);
	rows = draw_ladder(h, &sheet.grid, r, &selected);
	box = draw_box_place(body, rows < LADDER_ROWS ? rows + 2 :
			     LADDER_ROWS + 2, LADDER_COLS);
	box = draw_box(g, box, "Hint ladder", "Esc closes");
	h->top = sheet_top(h->top, selected, selected + 1, box.rows);
	h->top = sheet_show(&sheet, rows, g, box, h->top);
}

/* --- doing ---------------------------------------------------------------- */

static void type(struct app *a, struct play *p, const char *line)
{
	struct view *v = app_find(a, "workbench");

	if (v && workbench_of(v)->play == p)
		words_do(workbench_of(v), "%s", line);
	else
		play_line(p, line);
}

static void give_up(struct app *a, void *ctx)
{
	struct hints *h = ctx;
	struct play *p = h->play;

	if (a->top != &h->view)
		return;
	app_pop(a);
	type(a, p, "giveup yes");
}

static void open_next(struct hints *h)
{
	struct app *a = h->view.app;
	size_t before = next_of(h);
	int64_t price = price_of(h, before);

	type(a, h->play, "hint yes");
	if (is_open(h, before))
		h->at = before;
	app_say(a, ROLE_INFO, "That cost %" PRId64 " at most.", price);
	if (!task_of(h)->hints[before].has_when)
		app_echo(a, "hint yes");
}

static bool open(struct hints *h)
{
	struct app *a = h->view.app;

	if (!task_of(h))
		return true;
	if (h->at == task_of(h)->hint_count)
		app_confirm(a, "This shows the solution and ends this attempt. "
			    "Show it?", "Show it", give_up, h);
	else if (is_open(h, h->at) &&
		 next_of(h) == task_of(h)->hint_count)
		app_say(a, ROLE_INFO, "Every hint of this task is open.");
	else if (is_open(h, h->at)) {
		h->at = next_of(h);
		app_say(a, ROLE_INFO, "The next costs %" PRId64 "; Enter opens "
			"it.", price_of(h, h->at));
	} else
		open_next(h);
	return true;
}

static void copy(struct hints *h)
{
	const struct task *t = task_of(h);

	if (t && h->at < t->hint_count && is_open(h, h->at))
		app_copy(h->view.app, t->hints[h->at].text,
			 strlen(t->hints[h->at].text));
	else
		app_say(h->view.app, ROLE_INFO, "There is nothing to copy "
			"here.");
}

static bool act(struct view *v, const struct action *act)
{
	struct hints *h = (struct hints *)v;

	if (strcmp(act->id, "hint.next") == 0)
		return open(h);
	if (strcmp(act->id, "copy.item") == 0)
		return copy(h), true;
	return false;
}

static void say_price(struct hints *h)
{
	const struct task *t = task_of(h);
	size_t next = next_of(h);

	if (h->at == t->hint_count)
		app_say(h->view.app, ROLE_INFO, "The solution ends this "
			"attempt; it then counts as not known yet.");
	else if (next < t->hint_count)
		app_say(h->view.app, ROLE_INFO, "The next hint costs %" PRId64
			" of %" PRId64 ".", price_of(h, next), t->points);
}

static bool input(struct view *v, const struct input *in)
{
	struct hints *h = (struct hints *)v;
	size_t last = task_of(h) ? task_of(h)->hint_count : 0;

	if (in->kind == INPUT_MOUSE)
		return true;
	if (in->kind != INPUT_KEY || !task_of(h))
		return false;
	if ((in->key == K_DOWN || in->key == 'j') && h->at < last)
		h->at++;
	else if ((in->key == K_UP || in->key == 'k') && h->at > 0)
		h->at--;
	else
		return in->key == K_DOWN || in->key == K_UP;
	say_price(h);
	return true;
}

static void contexts(const struct view *v, enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_HINTS;
	out[1] = CTX_COUNT;
}

static void release(struct view *v)
{
	free(v);
}

static const struct view_ops ops = {
	.name = "hints", .is_overlay = true, .contexts = contexts,
	.draw = draw, .input = input, .act = act, .free = release,
};

struct view *hints_view(struct app *a, struct play *p)
{
	struct hints *h = mem_zeroed(1, sizeof(*h));

	h->view = (struct view){ .ops = &ops, .app = a };
	h->play = p;
	play_pause(p);
	h->task = attempt_task(play_attempt(p));
	h->at = task_of(h) ? next_of(h) : 0;
	return &h->view;
}
