/* author_draw.c - the author screen: learner's view, problems, proof, source
 *
 *	─ fixture.good 1.0.0 ─ learner, seed 1 ─┬─ Problems ── 1 error ─
 *	 the page of the task                │ ✗  48 hint-leaks ...
 *	                                     ├─ Proof ───── 5 seeds ─
 *	 hints 3   checks 5                  │ ✓ V1 untouched fails 5/5
 *	─ module.lua:48 ──────────────────────────── error, 1 of 2 ─
 *	   47   ...
 *	 ✗ 48   ...
 *
 * Where there is no room for two columns all stand below each other, and the
 * proofs are one row of names.
 */
#include "lab/views/author_inside.h"

#include <inttypes.h>
#include <string.h>

#include "lab/text/wrap.h"
#include "lab/tui/draw.h"

enum { WIDE_COLS = 72, SOURCE_ROWS = 6, SOURCE_ROWS_SMALL = 4,
       SMALL_ROWS = 16 };

struct rooms {
	struct rect page, problems, proof, source;
	int column;		/* of the vertical rule; 0: there is none */
};

/* --- words ---------------------------------------------------------------- */

static const struct {
	const char *mark;
	enum role role;
} row_marks[] = {
	[ROW_WAITS] = { "·", ROLE_DIM }, [ROW_RUNS] = { "▸", ROLE_INFO },
	[ROW_HOLDS] = { "✓", ROLE_GOOD }, [ROW_FAILS] = { "✗", ROLE_BAD },
	[ROW_SKIPPED] = { "-", ROLE_DIM },
};

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void count_text(const struct problems *p, struct text *out)
{
	size_t warnings = p->count - p->errors;

	if (p->errors)
		text_addf(out, "%zu error%s", p->errors, plural(p->errors));
	if (warnings)
		text_addf(out, "%s%zu warning%s", p->errors ? ", " : "",
			  warnings, plural(warnings));
	if (!p->count)
		text_add(out, "none");
}

static void proof_text(const struct author *w, struct text *out)
{
	const struct prover *p = &w->prover;

	if (p->state == PROVER_RUNS)
		text_add(out, "running");
	else if (author_proof_is_old(w))
		text_add(out, "out of date");
	else if (p->state == PROVER_STOPPED)
		text_add(out, "stopped");
	else if (p->state == PROVER_CRASHED)
		text_add(out, "crashed");
	else if (p->state == PROVER_NEVER)
		text_add(out, "not yet");
	else if (p->failed)
		text_addf(out, "%zu failed", p->failed);
	else
		text_add(out, "holds");
}

void author_crumb(const struct view *v, struct text *left, struct text *right)
{
	const struct author *w = author_of_const(v);
	const struct exercise *m = w->preview->exercise;

	text_addf(left, "Author › %s", m ? m->id : w->preview->folder);
	text_add(right, "lint ");
	count_text(w->preview->problems, right);
	text_add(right, "   proof ");
	proof_text(w, right);
}

/* Below the module's folder. */
static const char *below(const struct author *w, const char *file)
{
	size_t len = strlen(w->preview->folder);

	return strncmp(file, w->preview->folder, len) == 0 &&
	       file[len] == '/' ? file + len + 1 : problem_path(file);
}

/* --- the learner's view --------------------------------------------------- */

static void page_source(const struct author *w, struct text *out)
{
	const struct exercise *m = w->preview->exercise;
	const struct task *t = &m->tasks[w->task];
	const struct text *page = preview_page(w->preview, t->text);

	text_addf(out, "# %s\n\n%s\n\nTask %zu of %zu, %lld points.\n\n",
		  m->title, m->blurb, w->task + 1, m->task_count,
		  (long long)t->points);
	if (page)
		text_add(out, text_cstr(page));
	else
		text_addf(out, "%s cannot be read.", t->text);
}

static void lay_out(struct author *w, int cols)
{
	struct md_options o = { .measure = cols < MEASURE ? cols : MEASURE,
				.wide = cols };
	struct text source = {0};

	if (w->is_laid_out && w->page_cols == cols &&
	    w->page_task == w->task &&
	    w->page_generation == w->preview->generation)
		return;
	if (w->is_laid_out)
		markdown_release(&w->page);
	page_source(w, &source);
	markdown_init(&w->page, text_cstr(&source), source.len, &o);
	text_free(&source);
	w->is_laid_out = true;
	w->page_cols = cols;
	w->page_task = w->task;
	w->page_generation = w->preview->generation;
}

static void facts_text(const struct task *t, struct text *out)
{
	size_t hidden = 0;

	for (size_t i = 0; i < t->check_count; i++)
		hidden += t->checks[i].hidden;
	text_addf(out, "%s   hints %zu   checks %zu", t->kind, t->hint_count,
		  t->check_count);
	if (hidden)
		text_addf(out, ", %zu hidden", hidden);
}

static void draw_page(struct author *w, struct grid *g, struct rect r)
{
	const struct exercise *m = w->preview->exercise;
	struct md_window window = {0};
	struct text t = {0};
	struct rect facts;
	int last;

	if (!m) {
		draw_wrapped(g, r, 0, 1, ROLE_DIM, "No version of it can be "
			     "played yet.");
		return;
	}
	facts = rect_bottom(&r, r.rows > 3 ? 1 : 0);
	if (r.cols < 12 || r.rows < 1)
		return;
	lay_out(w, r.cols - 3);
	w->page_shown = r.rows;
	last = (int)w->page.line_count - r.rows;
	if (w->page_top > last)
		w->page_top = last;
	if (w->page_top < 0)
		w->page_top = 0;
	window.top = (size_t)w->page_top;
	markdown_draw(&w->page, g, rect_inset(r, 0, 1), &window, 0);
	facts_text(&m->tasks[w->task], &t);
	draw_cut(g, facts, 0, 1, facts.cols - 2, ROLE_DIM, text_cstr(&t));
	text_clear(&t);
	scroll_text(&t, (size_t)w->page_top, (size_t)r.rows,
		    w->page.line_count);
	draw_right(g, facts, 0, facts.cols - 1, ROLE_DIM, text_cstr(&t));
	text_free(&t);
}

static void draw_learner(struct author *w, struct grid *g, struct rect r)
{
	const struct exercise *m = w->preview->exercise;
	struct rect rule = rect_top(&r, 1);
	struct text title = {0}, status = {0};

	if (m)
		text_addf(&title, "%s %s", m->id, m->version);
	else
		text_add(&title, w->preview->folder);
	if (m)
		text_addf(&status, "%s, seed %" PRIu64,
			  w->preview->playable ? "learner" :
						 "before this save", w->seed);
	draw_rule(g, rule, 0, text_cstr(&title), text_cstr(&status), false);
	draw_page(w, g, r);
	text_free(&title);
	text_free(&status);
}

/* --- problems and failed proofs ------------------------------------------- */

static void draw_finding(struct author *w, struct grid *g, struct rect r,
			 int row, struct finding f)
{
	const struct problem *p = f.problem;
	struct text t = {0};

	if (!p) {
		grid_put(g, r, row, 1, ROLE_BAD, "✗");
		text_addf(&t, "%s %s", f.row->name, f.row->message);
	} else {
		const char *file = below(w, p->file);

		grid_put(g, r, row, 1, p->warning ? ROLE_WARN : ROLE_BAD,
			 p->warning ? "▲" : "✗");
		if (strcmp(file, "module.lua") != 0)
			text_addf(&t, "%s:", file);
		text_addf(&t, "%d %s", p->line, p->message);
	}
	draw_cut(g, r, row, 3, r.cols - 4, ROLE_TEXT, text_cstr(&t));
	text_free(&t);
}

static void draw_findings(struct author *w, struct grid *g, struct rect r)
{
	size_t count = finding_count(w), shown;
	struct rect rule = rect_top(&r, 1);
	struct text status = {0};

	count_text(w->preview->problems, &status);
	draw_rule(g, rule, 0, "Problems", text_cstr(&status), true);
	text_free(&status);
	w->findings_shown = r.rows;
	shown = r.rows > 0 ? (size_t)r.rows : 0;
	w->at.top = scroll_top(w->at.top, w->at.at, shown, count);
	for (size_t i = 0; i < shown && w->at.top + i < count; i++) {
		draw_finding(w, g, r, (int)i, finding_at(w, w->at.top + i));
		if (w->at.top + i == w->at.at)
			grid_flag(g, (struct rect){ r.row + (int)i, r.col, 1,
						    r.cols }, CELL_SELECTED);
	}
	if (!count)
		grid_put(g, r, 0, 1, ROLE_DIM, "Nothing is wrong.");
}

/* --- the proof ------------------------------------------------------------ */

static size_t seeds_of(const struct prover *p)
{
	size_t most = 0;

	for (size_t i = 0; i < p->row_count; i++)
		if (p->rows[i].of > most)
			most = p->rows[i].of;
	return most;
}

static void draw_proof_row(struct grid *g, struct rect r, int row,
			   const struct prover_row *p, bool is_old)
{
	enum role dim = is_old ? ROLE_DIM : row_marks[p->state].role;
	int used;

	grid_put(g, r, row, 1, dim, row_marks[p->state].mark);
	grid_put(g, r, row, 3, is_old ? ROLE_DIM : ROLE_TEXT, p->name);
	used = grid_put(g, r, row, 7, is_old || p->state == ROW_WAITS ||
			p->state == ROW_SKIPPED ? ROLE_DIM : ROLE_TEXT,
			p->claim);
	if (p->of && used + 5 < r.cols) {
		struct text t = {0};

		text_addf(&t, "%zu/%zu", p->done, p->of);
		draw_right(g, r, row, r.cols - 1, ROLE_DIM, text_cstr(&t));
		text_free(&t);
	}
}

/* Names alone, as many a row as there is room for. */
static void draw_proof_names(const struct author *w, struct grid *g,
			     struct rect r, bool is_old)
{
	int row = 0, col = 1;

	for (size_t i = 0; i < w->prover.row_count; i++) {
		const struct prover_row *p = &w->prover.rows[i];
		int cols = 2 + (int)strlen(p->name);

		if (col + cols >= r.cols) {
			row++;
			col = 1;
		}
		grid_put(g, r, row, col, is_old ? ROLE_DIM :
			 row_marks[p->state].role, row_marks[p->state].mark);
		grid_put(g, r, row, col + 2, is_old ? ROLE_DIM : ROLE_TEXT,
			 p->name);
		col += cols + 1;
	}
}

static void draw_proof(struct author *w, struct grid *g, struct rect r)
{
	struct rect rule = rect_top(&r, 1);
	bool is_old = author_proof_is_old(w);
	struct text status = {0};
	size_t seeds = seeds_of(&w->prover);

	if (seeds)
		text_addf(&status, "%zu seeds, ", seeds);
	proof_text(w, &status);
	draw_rule(g, rule, 0, "Proof", text_cstr(&status), false);
	text_free(&status);
	if (r.rows < (int)w->prover.row_count)
		draw_proof_names(w, g, r, is_old);
	else
		for (size_t i = 0; i < w->prover.row_count; i++)
			draw_proof_row(g, r, (int)i, &w->prover.rows[i],
				       is_old);
}

/* --- the source ----------------------------------------------------------- */

/* A line of the file, from 1; NULL: it has none such. */
static const char *line_of(const struct text *source, int line, size_t *len)
{
	const char *s = text_cstr(source), *end = s + source->len;

	for (; line > 1 && s < end; line--) {
		const char *next = memchr(s, '\n', (size_t)(end - s));

		s = next ? next + 1 : end;
	}
	if (line != 1 || s >= end)
		return NULL;
	*len = strcspn(s, "\r\n");
	return s;
}

static void put_code(struct grid *g, struct rect r, int row, enum role role,
		     const char *s, size_t len)
{
	struct text t = {0};

	for (size_t i = 0; i < len && s[i]; i++)
		if (s[i] == '\t')
			text_add(&t, "  ");
		else
			text_char(&t, s[i]);
	draw_cut(g, r, row, 9, r.cols - 10, role, text_cstr(&t));
	text_free(&t);
}

static int draw_line(const struct author *w, struct grid *g, struct rect r,
		     int row, int line, int marked)
{
	size_t len = 0;
	const char *s = w->source_file ? line_of(&w->source, line, &len) :
					 NULL;

	if (line < 1 || !s)
		return row;
	grid_putf(g, r, row, 3, ROLE_DIM, "%4d", line);
	put_code(g, r, row, line == marked ? ROLE_TEXT : ROLE_DIM, s, len);
	return row + 1;
}

static void source_title(struct author *w, struct finding f,
			 struct text *title, struct text *status)
{
	size_t count = finding_count(w);

	if (f.problem)
		text_addf(title, "%s:%d", below(w, f.problem->file),
			  f.problem->line);
	else if (f.row)
		text_addf(title, "Proof %s", f.row->name);
	else
		text_add(title, "module.lua");
	if (f.problem)
		text_addf(status, "%s %s, %zu of %zu", f.problem->warning ?
			  "warning" : "error", f.problem->rule, w->at.at + 1,
			  count);
	else if (f.row)
		text_addf(status, "%s, %zu of %zu", f.row->claim,
			  w->at.at + 1, count);
}

static void draw_problem(struct author *w, struct grid *g, struct rect r,
			 const struct problem *p)
{
	struct rect message = rect_bottom(&r, r.rows > 3 ? 2 : 1);
	int row = 0;

	if (r.rows > 1)
		row = draw_line(w, g, r, row, p->line - 1, p->line);
	if (row < r.rows)
		grid_put(g, r, row, 1, p->warning ? ROLE_WARN : ROLE_BAD,
			 p->warning ? "▲" : "✗");
	row = draw_line(w, g, r, row, p->line, p->line);
	draw_line(w, g, r, row, p->line + 1, p->line);
	message.cols--;
	draw_wrapped(g, message, 0, 1, ROLE_TEXT, p->message);
}

static void draw_source(struct author *w, struct grid *g, struct rect r)
{
	struct finding f = finding_at(w, w->at.at);
	struct rect rule = rect_top(&r, 1);
	struct text title = {0}, status = {0};

	source_title(w, f, &title, &status);
	draw_rule(g, rule, 0, text_cstr(&title), text_cstr(&status), false);
	text_free(&title);
	text_free(&status);
	r.cols--;
	if (f.problem)
		draw_problem(w, g, r, f.problem);
	else if (f.row)
		draw_wrapped(g, r, 0, 1, ROLE_TEXT, f.row->message);
	else
		draw_wrapped(g, r, 0, 1, ROLE_DIM, "What is saved shows here "
			     "at once.");
}

/* --- all of it ------------------------------------------------------------ */

static int at_most(int rows, int most)
{
	return rows < most ? rows : most;
}

static void place_columns(const struct author *w, struct rect body,
			  struct rooms *p)
{
	struct rect right;
	int proofs = 1 + (int)w->prover.row_count;

	p->column = draw_split(body, false, &p->page, &right);
	p->proof = rect_bottom(&right, at_most(proofs, right.rows - 3));
	p->problems = right;
}

static void place_below(const struct author *w, struct rect body,
			struct rooms *p)
{
	int found = (int)finding_count(w);

	p->proof = rect_bottom(&body, body.cols < 56 ? 3 : 2);
	p->problems = rect_bottom(&body, 1 + (found < 1 ? 1 :
					      at_most(found, 3)));
	p->page = body;
}

static void place(const struct author *w, struct rect body, struct rooms *p)
{
	*p = (struct rooms){0};
	p->source = rect_bottom(&body, body.rows >= SMALL_ROWS &&
				body.cols >= WIDE_COLS ? SOURCE_ROWS :
				at_most(SOURCE_ROWS_SMALL, body.rows / 3));
	if (body.cols >= WIDE_COLS)
		place_columns(w, body, p);
	else
		place_below(w, body, p);
}

void author_draw(struct view *v, struct grid *g, struct rect body)
{
	struct author *w = author_of(v);
	struct rooms p;

	place(w, body, &p);
	draw_findings(w, g, p.problems);
	draw_proof(w, g, p.proof);
	if (p.page.rows > 0)
		draw_learner(w, g, p.page);
	draw_source(w, g, p.source);
	if (!p.column)
		return;
	grid_put(g, body, 0, p.column, ROLE_DIM, "─");
	draw_column(g, (struct rect){ p.page.row + 1, body.col,
				      p.page.rows - 1, body.cols }, p.column);
}
