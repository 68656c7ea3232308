/* rubric.c - rate yourself; beside it, what the runs say
 *
 *	Technical depth                          you          your runs say
 *	▸ explain internals and trade-offs       ● ● ● · ·    ● ● ▒ · ·
 *
 * A rating is the learner's own and never changed by evidence.  What the runs
 * say is computed in study/rubric.h; fewer than three runs say nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/study/rubric.h"
#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/views/cursor.h"
#include "lab/views/record.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

enum { WIDE = 76, TEXT_COL = 3, DETAIL_ROWS = 5, DOTS_WIDE = 9, DOTS = 5 };

struct rubric_screen {
	struct view view;
	struct rubric *rubric;		/* NULL: it cannot be read */
	struct rubric_page page;
	struct err trouble;
	struct cursor cursor;		/* of statements */
	size_t rows;			/* of the list, as drawn last */
};

static struct rubric_row *current(struct rubric_screen *s)
{
	return s->page.count ? &s->page.at[s->cursor.at] : NULL;
}

static void look(struct rubric_screen *s)
{
	struct app *a = s->view.app;

	memset(&s->page, 0, sizeof(s->page));
	s->trouble.what[0] = '\0';
	if (!s->rubric)
		s->rubric = rubric_load(a->outside.catalog->root, &s->trouble);
	if (!s->rubric)
		return;
	if (a->outside.store)
		rubric_look(s->rubric, a->outside.store, a->outside.catalog,
			    app_now_ms(a), &s->page, &s->trouble);
	else
		err_set(&s->trouble, "There is no record to rate into.");
}

static void rubric_shown(struct view *v)
{
	look((struct rubric_screen *)v);
}

/* --- drawing ---------------------------------------------------------------------- */

/* Groups take a row each: the rows before statement `i`, itself included. */
static size_t row_of(const struct rubric_screen *s, size_t i)
{
	size_t row = 0;

	for (size_t k = 0; k <= i && k < s->page.count; k++)
		row += 1 + (k == 0 || strcmp(s->page.at[k].statement->group,
					     s->page.at[k - 1].statement->group)
				      != 0);
	return row ? row - 1 : 0;
}

/* `● ● ▒ · ·`: what is begun is `▒`. */
static int draw_dots(struct grid *g, struct rect r, int row, int col,
		     double value, enum role role)
{
	bool is_wide = r.cols >= WIDE;

	for (int i = 1; i <= RUBRIC_RATINGS; i++) {
		const char *glyph = value >= i - 0.25 ? "●" :
				    value >= i - 0.75 ? "▒" : "·";

		col = grid_put(g, r, row, col,
			       value >= i - 0.75 ? role : ROLE_DIM, glyph);
		col += is_wide && i < RUBRIC_RATINGS;
	}
	return col;
}

static void draw_says(struct grid *g, struct rect r, int row, int col,
		      const struct rubric_row *line)
{
	enum rubric_gap gap = rubric_compare(line->rating, &line->says);
	struct text t = {0};

	if (line->says.voice == RUNS_SAY) {
		col = draw_dots(g, r, row, col, line->says.says, ROLE_TEXT);
		if (gap == GAP_OVER || gap == GAP_UNDER)
			grid_put(g, r, row, col + 2, ROLE_WARN, "▲");
	} else {
		rubric_says_text(&line->says, &t);
		draw_cut(g, r, row, col, r.cols - col - 1, ROLE_DIM,
			 text_cstr(&t));
	}
	text_free(&t);
}

struct columns {
	int you, runs;
};

static struct columns columns_of(struct rect r)
{
	bool is_wide = r.cols >= WIDE;
	int dots = is_wide ? DOTS_WIDE : DOTS;
	int runs = r.cols - (is_wide ? 18 : 14);

	if (runs > 74)
		runs = 74;
	return (struct columns){ runs - dots - (is_wide ? 6 : 2), runs };
}

static void draw_statement(struct rubric_screen *s, struct grid *g,
			   struct rect r, int row, size_t i)
{
	const struct rubric_row *line = &s->page.at[i];
	struct columns at = columns_of(r);

	draw_cut(g, r, row, TEXT_COL + 2, at.you - TEXT_COL - 4, ROLE_TEXT,
		 line->statement->text);
	draw_dots(g, r, row, at.you, (double)line->rating, ROLE_STRONG);
	draw_says(g, r, row, at.runs, line);
	if (i != s->cursor.at)
		return;
	grid_put(g, r, row, 1, ROLE_TEXT, "▸");
	grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
		  CELL_SELECTED);
}

static void draw_group(const struct rubric_screen *s, struct grid *g,
		       struct rect r, int row, size_t i)
{
	struct columns at = columns_of(r);

	grid_put(g, r, row, TEXT_COL, ROLE_STRONG,
		 s->page.at[i].statement->group);
	if (i)
		return;
	grid_put(g, r, row, at.you, ROLE_DIM, "you");
	grid_put(g, r, row, at.runs, ROLE_DIM,
		 r.cols >= WIDE ? "your runs say" : "runs");
}

static void draw_list(struct rubric_screen *s, struct grid *g, struct rect r)
{
	size_t last = s->page.count ? row_of(s, s->page.count - 1) + 1 : 0;
	size_t here = row_of(s, s->cursor.at);
	int row;

	s->rows = r.rows > 0 ? (size_t)r.rows : 1;
	/* The title of the first group comes into sight with its first line. */
	s->cursor.top = scroll_top(s->cursor.top, s->cursor.at ? here : 0,
				   s->rows, last);
	for (size_t i = 0; i < s->page.count; i++) {
		row = (int)row_of(s, i) - (int)s->cursor.top;
		if (row > 0 && (i == 0 || row_of(s, i) - row_of(s, i - 1) > 1))
			draw_group(s, g, r, row - 1, i);
		if (row >= 0 && row < r.rows)
			draw_statement(s, g, r, row, i);
	}
}

static void detail_status(const struct rubric_row *line, struct text *t)
{
	if (line->rating)
		text_addf(t, "you %lld, ", (long long)line->rating);
	else
		text_add(t, "not rated, ");
	if (line->says.voice == RUNS_SAY)
		text_add(t, "runs ");
	rubric_says_text(&line->says, t);
}

static void draw_detail(struct rubric_screen *s, struct grid *g, struct rect r)
{
	const struct rubric_row *line = current(s);
	struct text status = {0}, t = {0};
	int row;

	if (!line)
		return;
	detail_status(line, &status);
	draw_rule(g, r, 0, line->statement->text, text_cstr(&status), false);
	rubric_evidence_text(line->statement, &line->says, &t);
	r = rect_inset(r, 0, 1);
	row = draw_wrapped(g, r, 1, TEXT_COL - 1, ROLE_TEXT, text_cstr(&t));
	text_clear(&t);
	if (line->rating)
		text_addf(&t, "%lld  %s", (long long)line->rating,
			  line->statement->anchors[line->rating - 1]);
	else
		text_addf(&t, "1  %s   5  %s", line->statement->anchors[0],
			  line->statement->anchors[RUBRIC_RATINGS - 1]);
	draw_wrapped(g, r, row, TEXT_COL - 1, ROLE_DIM, text_cstr(&t));
	text_free(&status);
	text_free(&t);
}

static void rubric_draw(struct view *v, struct grid *g, struct rect body)
{
	struct rubric_screen *s = (struct rubric_screen *)v;
	struct rect top = rect_top(&body, 1), detail;

	draw_rule(g, top, 0, "Rate yourself",
		  "1 to 5, from the guide; evidence beside it", true);
	if (s->trouble.what[0]) {
		draw_wrapped(g, body, 1, TEXT_COL, ROLE_WARN, s->trouble.what);
		return;
	}
	detail = rect_bottom(&body, DETAIL_ROWS);
	draw_list(s, g, body);
	draw_detail(s, g, detail);
}

static void rubric_crumb(const struct view *v, struct text *left,
			 struct text *right)
{
	const struct rubric_screen *s = (const struct rubric_screen *)v;

	text_add(left, "Assessment › Rubric");
	text_addf(right, "%zu of %zu rated", s->page.rated, s->page.count);
}

/* --- doing -------------------------------------------------------------------------- */

static void rate(struct rubric_screen *s, int rating)
{
	struct app *a = s->view.app;
	struct rubric_row *line = current(s);
	struct text body = {0};

	if (!line)
		return;
	rubric_event(line->statement, rating, &body);
	if (record_body(a, "rubric.rated", text_cstr(&body)))
		app_echo(a, "millrace assess rate %s %d", line->statement->id,
			 rating);
	look(s);
	text_free(&body);
}

static int by_time(const void *x, const void *y)
{
	const struct rating *a = x, *b = y;

	return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

static void list_ratings(struct rubric_screen *s, const char *statement,
			 struct text *t)
{
	struct app *a = s->view.app;
	struct ratings all;
	struct err err;
	size_t count = 0;

	if (!progress_ratings(a->outside.store, &all, &err)) {
		text_add(t, err.what);
		return;
	}
	qsort(all.at, all.count, sizeof(*all.at), by_time);
	for (size_t i = 0; i < all.count; i++) {
		if (strcmp(all.at[i].statement, statement) != 0)
			continue;
		text_add(t, "- ");
		number_date(t, all.at[i].at_ms, a->outside.utc_offset_minutes);
		text_addf(t, ": %lld\n", (long long)all.at[i].rating);
		count++;
	}
	if (!count)
		text_add(t, "Not rated yet. 1 to 5 rates; each rating is kept "
			 "with its date.\n");
	ratings_free(&all);
}

static bool show_history(struct rubric_screen *s)
{
	const struct rubric_row *line = current(s);
	struct text t = {0};

	if (!line)
		return true;
	list_ratings(s, line->statement->id, &t);
	app_push(s->view.app, reader_overlay(s->view.app,
					     line->statement->text,
					     text_cstr(&t)));
	app_echo(s->view.app, "millrace assess --json");
	text_free(&t);
	return true;
}

/* The pieces of evidence that speak to a statement, competency by competency. */
static void list_runs(const struct rubric_screen *s,
		      const struct rubric_statement *statement, struct text *t)
{
	const struct app *a = s->view.app;
	struct competencies all;
	struct evidences e;
	struct err err;

	if (!progress_competencies(a->outside.store, a->outside.catalog,
				   app_now_ms(a), &all, &err))
		return;
	for (size_t i = 0; i < all.count; i++) {
		if (!all.at[i].last_ms ||
		    !progress_evidence(a->outside.store, a->outside.catalog,
				       all.at[i].id, &e, &err))
			continue;
		for (size_t k = 0; k < e.count; k++) {
			struct rubric_run run = {
				.competency = all.at[i].id,
				.kinds = e.at[k].kinds,
				.result = e.at[k].result,
				.systems = statement->systems,
			};

			if (!rubric_run_counts(statement, &run))
				continue;
			text_add(t, "- ");
			number_date(t, e.at[k].at_ms,
				    a->outside.utc_offset_minutes);
			text_addf(t, ": %s, %s (%s)\n", e.at[k].title,
				  evidence_result_name(e.at[k].result),
				  all.at[i].title);
		}
		evidences_free(&e);
	}
	competencies_free(&all);
}

static bool show_evidence(struct rubric_screen *s)
{
	const struct rubric_row *line = current(s);
	struct text t = {0};

	if (!line)
		return true;
	rubric_evidence_text(line->statement, &line->says, &t);
	text_add(&t, "\n\n");
	list_runs(s, line->statement, &t);
	text_add(&t, "\nWhat the numbers mean:\n\n");
	for (int i = 0; i < RUBRIC_RATINGS; i++)
		text_addf(&t, "%d. %s\n", i + 1, line->statement->anchors[i]);
	app_push(s->view.app, reader_overlay(s->view.app,
					     line->statement->text,
					     text_cstr(&t)));
	text_free(&t);
	return true;
}

static bool rubric_act(struct view *v, const struct action *act)
{
	static const char stem[] = "rubric.rate.";
	struct rubric_screen *s = (struct rubric_screen *)v;

	if (strncmp(act->id, stem, sizeof(stem) - 1) == 0) {
		rate(s, act->id[sizeof(stem) - 1] - '0');
		return true;
	}
	if (strcmp(act->id, "rubric.history") == 0)
		return show_history(s);
	if (strcmp(act->id, "rubric.evidence") == 0)
		return show_evidence(s);
	return false;
}

static bool rubric_input(struct view *v, const struct input *in)
{
	struct rubric_screen *s = (struct rubric_screen *)v;

	return cursor_input(&s->cursor, in, s->page.count, s->rows);
}

static void rubric_contexts(const struct view *v,
			    enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_RUBRIC;
	out[1] = CTX_COUNT;
}

static void rubric_screen_free(struct view *v)
{
	struct rubric_screen *s = (struct rubric_screen *)v;

	rubric_free(s->rubric);
	free(s);
}

static const struct view_ops rubric_ops = {
	.name = "rubric", .contexts = rubric_contexts, .crumb = rubric_crumb,
	.draw = rubric_draw, .input = rubric_input, .act = rubric_act,
	.shown = rubric_shown, .free = rubric_screen_free,
};

struct view *rubric_view(struct app *a)
{
	struct rubric_screen *s = mem_zeroed(1, sizeof(*s));

	s->view = (struct view){ .ops = &rubric_ops, .app = a };
	return &s->view;
}
