/* author_wrong.c - the wrong fixes of a module, each played to its end
 *
 *	─ Wrong fixes ──────────────────────────── seed 3, 1 not caught ─
 *	 ▸ ✓ one partition                                topic.shape
 *	   ✗ restart everything                       nothing catches it
 *	─ one partition ────────────────────────────────────────────────
 *	 kafka-topics.sh --create --topic alerts --partitions 1
 *	 It has 1 partition.
 *
 * A child plays them (author/prove.h), so keys are answered meanwhile.  Below
 * the list stand the lines of the fix, and what its learner would read.
 */
#include "lab/views/author_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/plan.h"
#include "lab/tui/draw.h"
#include "lua/program.h"
#include "sim/core/mem.h"

enum { HEADLESS_WAIT_MS = 20 };

struct wrongs {
	struct view view;
	struct prover prover;
	uint64_t seed;
	struct plans plans;	/* of the module at that seed */
	struct box *box;
	struct cursor at;
	int shown;		/* rows, as drawn last */
};

static struct wrongs *wrongs_of(struct view *v)
{
	return (struct wrongs *)v;
}

static size_t missed(const struct wrongs *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->prover.wrong_count; i++)
		n += !w->prover.wrong[i].is_caught;
	return n;
}

/* --- drawing -------------------------------------------------------------- */

static void status_text(const struct wrongs *w, struct text *out)
{
	const struct prover *p = &w->prover;

	text_addf(out, "seed %" PRIu64 ", ", w->seed);
	if (p->state == PROVER_RUNS)
		text_addf(out, "%zu of %zu played", p->wrong_count,
			  w->plans.wrong_count);
	else if (p->state == PROVER_CRASHED)
		text_addf(out, "crashed (signal %d)", p->signal);
	else if (missed(w))
		text_addf(out, "%zu not caught", missed(w));
	else
		text_add(out, "all caught");
}

/* What is behind a name: which check, or that there is none. */
static void by_text(const struct prover_wrong *f, struct text *out)
{
	if (f->is_caught)
		text_add(out, f->by);
	else if (*f->by)
		text_addf(out, "caught by %s alone", f->by);
	else
		text_add(out, "nothing catches it");
}

static void draw_fix(const struct wrongs *w, size_t i, struct grid *g,
		     struct rect r, int row)
{
	const struct prover_wrong *f = i < w->prover.wrong_count ?
				       &w->prover.wrong[i] : NULL;
	enum role role = !f ? ROLE_DIM : f->is_caught ? ROLE_GOOD : ROLE_BAD;
	struct text by = {0};

	if (f)
		by_text(f, &by);
	else if (i == w->prover.wrong_count && w->prover.state == PROVER_RUNS)
		text_add(&by, "is played");
	grid_put(g, r, row, 3, role, !f ? "·" : f->is_caught ? "✓" : "✗");
	draw_cut(g, r, row, 5, r.cols - 8 - text_width(text_cstr(&by)),
		 f && !f->is_caught ? ROLE_BAD : ROLE_TEXT,
		 w->plans.wrong[i].name);
	draw_right(g, r, row, r.cols - 1, f && !f->is_caught ? ROLE_BAD :
		   ROLE_DIM, text_cstr(&by));
	if (i == w->at.at) {
		grid_put(g, r, row, 1, ROLE_KEY, "▸");
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
	}
	text_free(&by);
}

static void draw_detail(const struct wrongs *w, struct grid *g, struct rect r)
{
	const struct plan *p = &w->plans.wrong[w->at.at];
	const struct prover_wrong *f = w->at.at < w->prover.wrong_count ?
				       &w->prover.wrong[w->at.at] : NULL;
	int row = 1;

	draw_rule(g, r, 0, p->name, p->verdict, false);
	for (size_t i = 0; i < p->count; i++)
		row = draw_wrapped(g, r, row, 1, ROLE_CMD, p->lines[i].line ?
				   p->lines[i].line :
				   "(depends on what is seen)");
	if (!f)
		return;
	if (!f->is_caught)
		row = draw_wrapped(g, r, row + 1, 1, ROLE_BAD, *f->by ?
				   "The check it names does not fail; another "
				   "one does." : "It passes: a learner who "
				   "does this is told that all is well.") - 1;
	draw_wrapped(g, r, row + 1, 1, ROLE_TEXT, f->said);
}

static void draw(struct view *v, struct grid *g, struct rect body)
{
	struct wrongs *w = wrongs_of(v);
	struct rect rule = rect_top(&body, 1), detail;
	size_t count = w->plans.wrong_count;
	struct text status = {0};

	status_text(w, &status);
	draw_rule(g, rule, 0, "Wrong fixes", text_cstr(&status), true);
	text_free(&status);
	if (!count) {
		grid_put(g, body, 0, 1, ROLE_DIM, "The module declares none: "
			 "what is a learner likely to try?");
		return;
	}
	detail = rect_bottom(&body, (int)count + 1 < body.rows / 2 ?
			     body.rows - (int)count - 1 : body.rows / 2);
	w->shown = body.rows;
	w->at.top = scroll_top(w->at.top, w->at.at, (size_t)body.rows, count);
	for (int i = 0; i < body.rows && w->at.top + (size_t)i < count; i++)
		draw_fix(w, w->at.top + (size_t)i, g, body, i);
	draw_detail(w, g, detail);
}

static void crumb(const struct view *v, struct text *left, struct text *right)
{
	(void)v;
	(void)right;
	text_add(left, "Author › Wrong fixes");
}

/* --- while they are played ------------------------------------------------ */

static bool busy(const struct view *v)
{
	return ((const struct wrongs *)v)->prover.state == PROVER_RUNS;
}

static void frame(struct view *v, int64_t wall_ns)
{
	struct wrongs *w = wrongs_of(v);
	int wait = v->app->outside.budget_over ? 0 : HEADLESS_WAIT_MS;

	(void)wall_ns;
	while (prover_look(&w->prover, wait))
		wait = 0;
}

static bool input(struct view *v, const struct input *in)
{
	struct wrongs *w = wrongs_of(v);

	return cursor_input(&w->at, in, w->plans.wrong_count,
			    w->shown > 0 ? (size_t)w->shown : 1);
}

static bool act(struct view *v, const struct action *action)
{
	struct wrongs *w = wrongs_of(v);

	if (strcmp(action->id, "work.cancel") != 0 || !busy(v))
		return false;
	prover_stop(&w->prover);
	v->app->interrupts = 0;
	app_say(v->app, ROLE_INFO, "It was stopped.");
	return true;
}

static void release(struct view *v)
{
	struct wrongs *w = wrongs_of(v);

	prover_release(&w->prover);
	plans_release(&w->plans);
	box_free(w->box);
	free(w);
}

static const struct view_ops ops = {
	.name = "wrongs", .crumb = crumb, .draw = draw, .input = input,
	.act = act, .frame = frame, .busy = busy, .free = release,
};

/* --- opening -------------------------------------------------------------- */

void author_wrong(struct author *author)
{
	const struct exercise *m = author->preview->exercise;
	struct app *a = author->view.app;
	struct wrongs *w = mem_zeroed(1, sizeof(*w));
	struct err err;

	w->view.ops = &ops;
	w->seed = author->seed;
	prover_init(&w->prover);
	w->box = exercise_open(m, w->seed, NULL, &err);
	if (!w->box || !plans_read(&w->plans, m, w->box, &err) ||
	    (w->plans.wrong_count &&
	     !prover_try(&w->prover, m, lua_world, w->seed, &err))) {
		app_say(a, ROLE_WARN, "%s", err.what);
		release(&w->view);
		return;
	}
	text_clear(&a->echo);
	app_push(a, &w->view);
}
