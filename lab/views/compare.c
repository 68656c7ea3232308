/* compare.c - two branches side by side: same scale, one time, every difference
 *
 * Left and right are played again from their tapes (play/compare.h), so the
 * first event at which they part is known exactly.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/play/compare.h"
#include "lab/play/play.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/tui/plot.h"
#include "lab/views/cursor.h"
#include "lab/views/views.h"

enum { NAME_COLS = 22 };

struct compare_screen {
	struct view view;
	struct play *play;
	struct compare compare;
	struct text left, right;	/* names of the branches */
	bool failed;
	struct err err;
	struct cursor cursor;		/* over the lines that differ */
	struct rect rows;
};

/* --- reading ----------------------------------------------------------------------- */

static void read_again(struct compare_screen *s)
{
	compare_release(&s->compare);
	s->compare = (struct compare){0};
	s->failed = !play_compare(s->play, text_cstr(&s->left),
				  text_cstr(&s->right), &s->compare, &s->err);
	cursor_keep(&s->cursor, s->compare.line_count);
}

/* The branch left last, beside the one we are in. */
static void choose(struct compare_screen *s, const char *left,
		   const char *right)
{
	const struct play_branch *all;
	size_t n = play_branches(s->play, &all);

	text_add(&s->left, left ? left : n > 1 ? all[n - 2].name : "");
	text_add(&s->right, right ? right : n ? all[n - 1].name : "");
}

/* --- drawing ------------------------------------------------------------------------ */

static struct series series_of(const struct chart *c)
{
	struct series s = {
		.count = c->series_count ? c->points : 0,
		.v = c->series_count ? c->series[0].values : NULL,
		.from_s = (double)c->from / (double)SIM_S(1),
		.step_s = (double)c->step / (double)SIM_S(1),
	};

	return s;
}

static double top_of(const struct compare_metric *m)
{
	double top = 0;

	for (size_t i = 0; i < m->a.series_count; i++)
		if (m->a.series[i].max > top)
			top = m->a.series[i].max;
	for (size_t i = 0; i < m->b.series_count; i++)
		if (m->b.series[i].max > top)
			top = m->b.series[i].max;
	return top;
}

/* Both on one scale, one under the other: that is how heights compare. */
static int draw_metric(const struct compare_metric *m, struct grid *g,
		       struct rect r, int row)
{
	struct series a = series_of(&m->a), b = series_of(&m->b);
	int cols = r.cols - NAME_COLS - 16;
	struct text name = {0};

	text_addf(&name, "%s%s%s", m->name, *m->unit ? ", " : "", m->unit);
	draw_cut(g, r, row, 1, NAME_COLS - 4, ROLE_TEXT, text_cstr(&name));
	grid_put(g, r, row, NAME_COLS - 2, ROLE_S1, "A");
	plot_spark(g, r, row, NAME_COLS, cols, ROLE_S1, &a, top_of(m),
		   number_tight);
	grid_put(g, r, row + 1, NAME_COLS - 2, ROLE_S2, "B");
	plot_spark(g, r, row + 1, NAME_COLS, cols, ROLE_S2, &b, top_of(m),
		   number_tight);
	text_free(&name);
	return row + 2;
}

static void draw_names(const struct compare_screen *s, struct grid *g,
		       struct rect r)
{
	struct text end = {0};
	int col = grid_put(g, r, 0, 1, ROLE_S1, "A ");

	number_time(&end, s->compare.a_ends);
	col = grid_putf(g, r, 0, col, ROLE_STRONG, "%s", s->compare.a);
	col = grid_putf(g, r, 0, col + 1, ROLE_DIM, "to %s", text_cstr(&end));
	text_clear(&end);
	number_time(&end, s->compare.b_ends);
	col = grid_put(g, r, 0, col + 4, ROLE_S2, "B ");
	col = grid_putf(g, r, 0, col, ROLE_STRONG, "%s", s->compare.b);
	grid_putf(g, r, 0, col + 1, ROLE_DIM, "to %s", text_cstr(&end));
	text_free(&end);
}

static int draw_parted(const struct compare_screen *s, struct grid *g,
		       struct rect r, int row)
{
	const struct compare *c = &s->compare;
	struct text at = {0}, said = {0};

	if (!c->part) {
		grid_put(g, r, row, 1, ROLE_GOOD, "They are the same, event "
			 "for event.");
		return row + 1;
	}
	number_time_exact(&at, c->parted_at);
	text_addf(&said, "They part at %s: A has %s, B has %s.", text_cstr(&at),
		  c->parted_a, c->parted_b);
	row = draw_wrapped(g, r, row, 1, ROLE_TEXT, text_cstr(&said));
	text_free(&at);
	text_free(&said);
	return row;
}

static void draw_line(const struct compare_screen *s, size_t i, struct grid *g,
		      struct rect r, int row)
{
	const struct compare_line *l = &s->compare.lines[i];
	struct text at = {0};

	number_time(&at, l->at);
	grid_put(g, r, row, 3, ROLE_DIM, text_cstr(&at));
	grid_put(g, r, row, 14, l->side ? ROLE_S2 : ROLE_S1,
		 l->side ? "B" : "A");
	draw_cut(g, r, row, 17, r.cols - 18, ROLE_CMD, l->text);
	if (i == s->cursor.at) {
		grid_put(g, r, row, 1, ROLE_KEY, "▸");
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
	}
	text_free(&at);
}

static void draw_lines(struct compare_screen *s, struct grid *g, struct rect r)
{
	size_t shown;

	draw_rule(g, r, 0, "Typed in only one of them", NULL, false);
	rect_top(&r, 1);
	s->rows = r;
	shown = (size_t)(r.rows > 0 ? r.rows : 0);
	s->cursor.top = scroll_top(s->cursor.top, s->cursor.at, shown,
				   s->compare.line_count);
	for (size_t i = 0; i < shown &&
	     s->cursor.top + i < s->compare.line_count; i++)
		draw_line(s, s->cursor.top + i, g, r, (int)i);
	if (!s->compare.line_count)
		grid_put(g, r, 0, 3, ROLE_DIM, "Nothing.");
}

static void compare_draw(struct view *v, struct grid *g, struct rect body)
{
	struct compare_screen *s = (struct compare_screen *)v;
	struct rect top;
	int row = 0;

	draw_rule(g, body, 0, "Compare", "same scale, same time", true);
	rect_top(&body, 1);
	if (s->failed) {
		draw_wrapped(g, body, 0, 1, ROLE_TEXT, s->err.what);
		return;
	}
	draw_names(s, g, rect_top(&body, 1));
	top = rect_top(&body, body.rows * 2 / 3);
	row = draw_parted(s, g, top, row);
	for (size_t i = 0; i < s->compare.metric_count && row + 1 < top.rows;
	     i++)
		row = draw_metric(&s->compare.metrics[i], g, top, row + 1);
	draw_lines(s, g, body);
}

static void compare_crumb(const struct view *v, struct text *left,
			  struct text *right)
{
	const struct compare_screen *s = (const struct compare_screen *)v;

	text_addf(left, "%s › Compare", play_module(s->play)->title);
	number_time(right, s->compare.from);
	text_add(right, " to ");
	number_time(right, s->compare.to);
}

/* --- what can be done -------------------------------------------------------------------- */

static void swap(struct compare_screen *s)
{
	struct text left = s->left;

	s->left = s->right;
	s->right = left;
	read_again(s);
	app_echo(s->view.app, "compare %s %s", text_cstr(&s->left),
		 text_cstr(&s->right));
}

static bool go_there(struct compare_screen *s)
{
	const struct compare *c = &s->compare;
	bool is_b = c->line_count && c->lines[s->cursor.at].side;
	struct app *a = s->view.app;
	struct text name = {0};
	struct err err;

	text_add(&name, is_b ? c->b : c->a);
	if (play_return(s->play, text_cstr(&name), &err)) {
		app_pop_to(a, "workbench");
		app_echo(a, "return %s", text_cstr(&name));
	} else {
		app_say(a, ROLE_WARN, "%s", err.what);
	}
	text_free(&name);
	return true;
}

static void step(struct compare_screen *s, int by)
{
	if (by < 0 && s->cursor.at > 0)
		s->cursor.at--;
	if (by > 0 && s->cursor.at + 1 < s->compare.line_count)
		s->cursor.at++;
}

static bool compare_act(struct view *v, const struct action *a)
{
	struct compare_screen *s = (struct compare_screen *)v;

	if (strcmp(a->id, "compare.swap") == 0)
		swap(s);
	else if (strcmp(a->id, "compare.next") == 0)
		step(s, 1);
	else if (strcmp(a->id, "compare.prev") == 0)
		step(s, -1);
	else if (strcmp(a->id, "compare.return") == 0)
		return go_there(s);
	else
		return false;
	return true;
}

static const char *compare_refuse(const struct view *v, const struct action *a)
{
	const struct compare_screen *s = (const struct compare_screen *)v;

	return s->failed && strncmp(a->id, "compare.", 8) == 0 ?
	       "There are no two branches to compare." : NULL;
}

static bool compare_input(struct view *v, const struct input *in)
{
	struct compare_screen *s = (struct compare_screen *)v;

	return cursor_input(&s->cursor, in, s->compare.line_count,
			    (size_t)(s->rows.rows > 0 ? s->rows.rows : 1));
}

static void compare_contexts(const struct view *v, enum context *out)
{
	(void)v;
	out[0] = CTX_COMPARE;
	out[1] = CTX_COUNT;
}

static void compare_free(struct view *v)
{
	struct compare_screen *s = (struct compare_screen *)v;

	compare_release(&s->compare);
	text_free(&s->left);
	text_free(&s->right);
	free(s);
}

static const struct view_ops compare_ops = {
	.name = "compare", .contexts = compare_contexts,
	.crumb = compare_crumb, .draw = compare_draw, .input = compare_input,
	.act = compare_act, .refuse = compare_refuse, .free = compare_free,
};

struct view *compare_view(struct app *a, struct play *p, const char *left,
			  const char *right)
{
	struct compare_screen *s = calloc(1, sizeof(*s));

	(void)a;
	if (!s)
		abort();
	s->view.ops = &compare_ops;
	s->play = p;
	choose(s, left, right);
	read_again(s);
	return &s->view;
}
