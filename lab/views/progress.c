/* progress.c - what is known, level by level, and what is behind each number
 *
 *	▾ 2 Proficient   6-12 months   ███████▒░░░░░░  1 of 5 shown
 *	▸   · implement stream topologies     0.41   2 runs, 1 seed
 *	─ implement stream topologies ─ 0.41 = known 0.52 x recall 0.79 ─
 *
 * Enter on a competency goes into its evidence; Enter there opens the event, as
 * it was written, and `o` the run it tells of: the workbench on the journal of
 * that attempt, paused at its end.
 * How sure one was against how often one was right stands below, for the
 * learner alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/paths.h"
#include "lab/progress/progress.h"
#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/views/cursor.h"
#include "lab/views/inside.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

enum { WIDE = 76, TEXT_COL = 3, DETAIL_ROWS = 9, DETAIL_SMALL = 6, BAR = 22 };

struct progress_screen {
	struct view view;
	struct competencies all;
	struct level levels[PROGRESS_LEVELS];
	struct calibration sure;
	int held;
	bool open[PROGRESS_LEVELS];
	struct err trouble;
	/* Lines: a level, or -1 - the index of a competency. */
	int *lines;
	size_t line_count;
	struct cursor cursor;
	size_t rows;
	struct evidences evidence;	/* of the current line */
	bool in_evidence;		/* the lower list has the arrows */
	struct cursor at_evidence;
};

/* --- lines ------------------------------------------------------------------------ */

static const struct competency *current(const struct progress_screen *s)
{
	int line = s->line_count ? s->lines[s->cursor.at] : 0;

	return line < 0 ? &s->all.at[-1 - line] : NULL;
}

static void list_lines(struct progress_screen *s)
{
	s->line_count = 0;
	for (int level = 0; level < PROGRESS_LEVELS; level++) {
		s->lines[s->line_count++] = level;
		for (size_t i = 0; s->open[level] && i < s->all.count; i++)
			if (s->all.at[i].level == level + 1)
				s->lines[s->line_count++] = -1 - (int)i;
	}
	cursor_keep(&s->cursor, s->line_count);
}

static void read_evidence(struct progress_screen *s)
{
	const struct app *a = s->view.app;
	const struct competency *c = current(s);
	struct err err;

	evidences_free(&s->evidence);
	memset(&s->evidence, 0, sizeof(s->evidence));
	s->at_evidence = (struct cursor){0};
	if (c && c->last_ms)
		progress_evidence(a->outside.store, a->outside.catalog, c->id,
				  &s->evidence, &err);
	if (s->evidence.count)
		s->at_evidence.at = s->evidence.count - 1;
}

static void moved(struct progress_screen *s)
{
	const struct competency *c = current(s);

	read_evidence(s);
	if (c)
		app_echo(s->view.app, "millrace progress %s", c->id);
	else
		app_echo(s->view.app, "millrace progress");
}

/* The level to work on, unfolded at the start. */
static void unfold_first(struct progress_screen *s)
{
	int level = s->held < PROGRESS_LEVELS ? s->held : PROGRESS_LEVELS - 1;

	s->open[level] = true;
}

static void read_all(struct progress_screen *s)
{
	struct app *a = s->view.app;
	bool first = s->lines == NULL;

	competencies_free(&s->all);
	memset(&s->all, 0, sizeof(s->all));
	s->trouble.what[0] = '\0';
	if (!a->outside.store)
		err_set(&s->trouble, "There is no record to look at.");
	else if (progress_competencies(a->outside.store, a->outside.catalog,
				       app_now_ms(a), &s->all, &s->trouble))
		progress_calibration(a->outside.store, &s->sure, &s->trouble);
	s->held = progress_levels(&s->all, s->levels);
	free(s->lines);
	s->lines = mem_zeroed(s->all.count + PROGRESS_LEVELS,
			      sizeof(*s->lines));
	if (first)
		unfold_first(s);
	list_lines(s);
	moved(s);
}

static void progress_shown(struct view *v)
{
	read_all((struct progress_screen *)v);
}

/* --- drawing ---------------------------------------------------------------------- */

static void mark_row(struct grid *g, struct rect r, int row, bool is_here)
{
	if (!is_here)
		return;
	grid_put(g, r, row, 1, ROLE_TEXT, "▸");
	grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
		  CELL_SELECTED);
}

static void draw_level(const struct progress_screen *s, struct grid *g,
		       struct rect r, int row, int level)
{
	const struct level *l = &s->levels[level];
	bool is_wide = r.cols >= WIDE;
	int col = is_wide ? 33 : 19, bar = is_wide ? BAR : 10;

	if (s->open[level])
		grid_put(g, r, row, 1, ROLE_DIM, "▾");
	grid_putf(g, r, row, TEXT_COL, ROLE_STRONG, "%d %s", l->level,
		  l->title);
	if (is_wide)
		draw_cut(g, r, row, 18, 15, ROLE_DIM, l->when);
	draw_progress(g, r, row, col, bar, ROLE_GOOD, l->competencies ?
		      (double)l->shown / (double)l->competencies : 0);
	grid_putf(g, r, row, col + bar + 2, ROLE_TEXT, "%zu of %zu shown",
		  l->shown, l->competencies);
}

static void runs_words(const struct competency *c, struct text *t)
{
	text_addf(t, "%" PRId64 " run%s, %" PRId64 " seed%s", c->runs,
		  c->runs == 1 ? "" : "s", c->seeds, c->seeds == 1 ? "" : "s");
}

static void draw_competency(struct grid *g, struct rect r, int row,
			    const struct competency *c)
{
	struct text t = {0};
	bool is_wide = r.cols >= WIDE;
	int at = r.cols - (is_wide ? 26 : 8);

	grid_put(g, r, row, TEXT_COL + 2, c->shown ? ROLE_GOOD : ROLE_TEXT,
		 c->shown ? "✓" : "·");
	draw_cut(g, r, row, TEXT_COL + 4, at - TEXT_COL - 6, c->last_ms ?
		 ROLE_TEXT : ROLE_DIM, c->title);
	if (!c->last_ms) {
		grid_put(g, r, row, at, ROLE_DIM, "none");
		return;
	}
	grid_putf(g, r, row, at, ROLE_TEXT, "%.2f", c->mastery);
	runs_words(c, &t);
	if (is_wide)
		draw_cut(g, r, row, at + 7, r.cols - at - 8, ROLE_DIM,
			 text_cstr(&t));
	text_free(&t);
}

static void draw_lines(struct progress_screen *s, struct grid *g, struct rect r)
{
	s->rows = r.rows > 0 ? (size_t)r.rows : 1;
	s->cursor.top = scroll_top(s->cursor.top, s->cursor.at, s->rows,
				   s->line_count);
	for (int row = 0; row < r.rows &&
	     s->cursor.top + (size_t)row < s->line_count; row++) {
		size_t i = s->cursor.top + (size_t)row;

		if (s->lines[i] >= 0)
			draw_level(s, g, r, row, s->lines[i]);
		else
			draw_competency(g, r, row,
					&s->all.at[-1 - s->lines[i]]);
		mark_row(g, r, row, i == s->cursor.at && !s->in_evidence);
	}
}

static void draw_evidence(const struct progress_screen *s, struct grid *g,
			  struct rect r, int row, const struct evidence *e)
{
	struct text when = {0};
	bool is_wide = r.cols >= WIDE;
	int col = is_wide ? r.cols - 30 : r.cols - 16;

	number_date(&when, e->at_ms, s->view.app->outside.utc_offset_minutes);
	grid_put(g, r, row, TEXT_COL, ROLE_DIM, text_cstr(&when));
	draw_cut(g, r, row, TEXT_COL + 12, col - TEXT_COL - 14, ROLE_TEXT,
		 e->title);
	if (is_wide)
		grid_putf(g, r, row, col, ROLE_DIM, "seed %-6" PRId64,
			  e->seed);
	draw_cut(g, r, row, r.cols - (is_wide ? 18 : 16), 9,
		 e->result == EVIDENCE_PASSED ? ROLE_GOOD :
		 e->result == EVIDENCE_FAILED ? ROLE_BAD : ROLE_TEXT,
		 evidence_result_name(e->result));
	grid_putf(g, r, row, r.cols - 7, ROLE_TEXT, "%.2f %s",
		  e->mastery_after, e->mastery_after > e->mastery_before ?
		  "▲" : e->mastery_after < e->mastery_before ? "▼" : " ");
	text_free(&when);
}

static void draw_gate(const struct competency *c, struct grid *g, struct rect r,
		      int row)
{
	struct text t = {0};

	competency_missing(c, &t);
	if (c->shown)
		grid_put(g, r, row, TEXT_COL, ROLE_GOOD, "Shown.");
	else
		draw_cut(g, r, row, grid_put(g, r, row, TEXT_COL, ROLE_DIM,
					     "Missing: "),
			 r.cols - TEXT_COL - 10, ROLE_TEXT, text_cstr(&t));
	text_free(&t);
}

static void draw_competency_detail(struct progress_screen *s, struct grid *g,
				   struct rect r, const struct competency *c)
{
	struct text t = {0};
	struct rect list = { r.row + 1, r.col, r.rows - 2, r.cols };
	size_t shown = list.rows > 0 ? (size_t)list.rows : 1;

	if (c->last_ms)
		text_addf(&t, "%.2f = known %.2f x recall %.2f", c->mastery,
			  c->known, c->recall);
	draw_rule(g, r, 0, c->title, text_cstr(&t), s->in_evidence);
	if (!s->evidence.count)
		grid_put(g, list, 0, TEXT_COL, ROLE_DIM,
			 "No evidence yet: no exercise or question of it was "
			 "answered.");
	s->at_evidence.top = scroll_top(s->at_evidence.top, s->at_evidence.at,
					shown, s->evidence.count);
	for (int row = 0; row < list.rows; row++) {
		size_t i = s->at_evidence.top + (size_t)row;

		if (i >= s->evidence.count)
			break;
		draw_evidence(s, g, list, row, &s->evidence.at[i]);
		mark_row(g, list, row, s->in_evidence &&
			 i == s->at_evidence.at);
	}
	draw_gate(c, g, r, r.rows - 1);
	text_free(&t);
}

static void draw_sure(const struct progress_screen *s, struct grid *g,
		      struct rect r)
{
	bool any = false;
	int row = 1;

	draw_rule(g, r, 0, "How sure, how right", "for you alone", false);
	for (int i = SURE_WORDS; i-- > 0; ) {
		if (!s->sure.asked[i])
			continue;
		grid_putf(g, r, row++, TEXT_COL, ROLE_TEXT, "When \"%s\" you "
			  "were right in %" PRId64 " of %" PRId64 ".",
			  sure_words[i], s->sure.right[i], s->sure.asked[i]);
		any = true;
	}
	if (!any)
		grid_put(g, r, row++, TEXT_COL, ROLE_DIM, "No question was "
			 "answered yet.");
	if (row < r.rows)
		draw_cut(g, r, row, TEXT_COL, r.cols - TEXT_COL - 1, ROLE_DIM,
			 "Speaking, mentoring, open source: yours to attest, "
			 "never scored.");
}

static void progress_draw(struct view *v, struct grid *g, struct rect body)
{
	struct progress_screen *s = (struct progress_screen *)v;
	const struct competency *c = current(s);
	struct rect top = rect_top(&body, 1), detail;

	draw_rule(g, top, 0, "Competency", "by level of the guide",
		  !s->in_evidence);
	if (s->trouble.what[0]) {
		draw_wrapped(g, body, 1, TEXT_COL, ROLE_WARN, s->trouble.what);
		return;
	}
	detail = rect_bottom(&body, body.rows >= 20 ? DETAIL_ROWS :
						      DETAIL_SMALL);
	draw_lines(s, g, body);
	if (c)
		draw_competency_detail(s, g, detail, c);
	else
		draw_sure(s, g, detail);
}

static void progress_crumb(const struct view *v, struct text *left,
			   struct text *right)
{
	const struct progress_screen *s = (const struct progress_screen *)v;
	const struct level *next = s->held < PROGRESS_LEVELS ?
				   &s->levels[s->held] : NULL;

	text_add(left, "Progress");
	if (*v->app->settings.name)
		text_addf(right, "%s    ", v->app->settings.name);
	if (s->held)
		text_addf(right, "level %d held", s->held);
	if (next)
		text_addf(right, "%slevel %d at %zu of %zu", s->held ? ", " :
			  "", next->level, next->shown, next->competencies);
}

/* --- what would move it ----------------------------------------------------------- */

static double wants(const json_t *e, const char *competency)
{
	const json_t *ids = json_object_get(e, "competencies");

	for (size_t i = 0; i < json_array_size(ids); i++)
		if (strcmp(json_string_value(json_array_get(ids, i)),
			   competency) == 0)
			return 1.0 / (double)json_array_size(ids);
	return 0;
}

/* The exercise that is there, speaks most of it, of a kind still missing, and
 * costs least; not done before done. */
static double value_of(const struct app *a, const struct competency *c,
		       const json_t *e)
{
	unsigned kind = kind_of_name(catalog_text(e, "kind"));
	int64_t minutes = json_integer_value(json_object_get(e, "minutes"));
	const char *id = catalog_text(e, "id");
	struct exercise_state state;
	struct err err;
	double value = wants(e, c->id);

	if (!value || !catalog_has_module(a->outside.catalog, id) ||
	    json_is_true(json_object_get(e, "pool")) ||
	    !progress_exercise(a->outside.store, id, &state, &err))
		return 0;
	if (kind & c->kinds_wanted & ~c->kinds)
		value *= 2;
	return value * (state.done ? 1 : 2) * (1 - c->mastery) /
	       (double)(minutes + 10);
}

static const json_t *what_moves(const struct app *a, const struct competency *c,
				double *best)
{
	const json_t *units = json_object_get(a->outside.catalog->pathway,
					      "units"), *found = NULL;

	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *all = json_object_get(json_array_get(units, i),
						    "exercises");

		for (size_t k = 0; k < json_array_size(all); k++) {
			const json_t *e = json_array_get(all, k);
			double value = value_of(a, c, e);

			if (value > *best) {
				*best = value;
				found = e;
			}
		}
	}
	return found;
}

/* Of the current competency; on a level, of all that belong to it. */
static bool tell_next(struct progress_screen *s)
{
	struct app *a = s->view.app;
	const struct competency *c = current(s);
	const json_t *e = NULL;
	double best = 0;

	for (size_t i = 0; i < s->all.count; i++) {
		const struct competency *other = &s->all.at[i];
		const json_t *found;

		if (c ? other != c : s->lines[s->cursor.at] + 1 != other->level)
			continue;
		found = what_moves(a, other, &best);
		if (found)
			e = found;
	}
	if (!e)
		app_say(a, ROLE_INFO, "No exercise of this version speaks of "
			"it; the others are to come.");
	else
		app_say(a, ROLE_INFO, "%s, %lld min: millrace start %s",
			catalog_text(e, "title"), (long long)
			json_integer_value(json_object_get(e, "minutes")),
			catalog_text(e, "id"));
	return true;
}

/* --- doing -------------------------------------------------------------------------- */

static bool export_record(struct progress_screen *s)
{
	struct app *a = s->view.app;
	struct text path = {0}, lines = {0};
	struct err err = {{0}};

	if (!a->outside.home) {
		app_say(a, ROLE_INFO, "There is no folder to write it into.");
		return true;
	}
	text_addf(&path, "%s/export.jsonl", a->outside.home);
	if (a->outside.store && store_export(a->outside.store, &lines, &err) &&
	    path_make(a->outside.home, &err) &&
	    path_write(text_cstr(&path), text_cstr(&lines), lines.len, &err))
		app_say(a, ROLE_INFO, "Your whole record, one event a line, is "
			"in %s.", text_cstr(&path));
	else
		app_say(a, ROLE_WARN, "%s", err.what);
	text_free(&path);
	text_free(&lines);
	return true;
}

static const char *why_no_run(const struct progress_screen *s)
{
	const struct app *a = s->view.app;
	const struct evidence *e = s->evidence.count ?
				   &s->evidence.at[s->at_evidence.at] : NULL;

	if (!e)
		return "No evidence, no run";
	if (!*e->attempt)
		return "An answer to a question has no run";
	if (!catalog_has_module(a->outside.catalog, e->what))
		return "Its exercise is not in this version";
	return NULL;
}

/* The event a number comes from, as it was written. */
static bool open_evidence(struct progress_screen *s)
{
	struct app *a = s->view.app;
	const struct evidence *e = &s->evidence.at[s->at_evidence.at];
	struct text t = {0};
	struct event event;
	struct err err;

	if (!store_event(a->outside.store, e->event.device, e->event.seq,
			 &event, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return true;
	}
	text_addf(&t, "%s, mastery %.2f before, %.2f after.\n\n```\n",
		  evidence_result_name(e->result), e->mastery_before,
		  e->mastery_after);
	for (const char *body = event.body; *body; body++) {
		text_char(&t, *body);
		if (*body == ',')
			text_char(&t, '\n');
	}
	text_add(&t, "\n```\n");
	if (!why_no_run(s))
		text_addf(&t, "\nThe run again, as it ended: `millrace progress "
			  "replay %s`\n\nThe same world from its start: "
			  "`millrace start %s --seed %" PRId64 "`\n",
			  e->attempt, e->what, e->seed);
	app_push(a, reader_overlay(a, e->title, text_cstr(&t)));
	event_release(&event);
	text_free(&t);
	return true;
}

/* The run the number comes from: on a competency that of its last evidence. */
static bool open_run(struct progress_screen *s)
{
	struct app *a = s->view.app;
	const struct evidence *e = &s->evidence.at[s->at_evidence.at];
	struct workbench_options o = { .exercise = e->what,
				       .attempt = e->attempt };
	struct err err;
	struct view *v = workbench_view(a, &o, &err);

	if (v)
		app_push(a, v);
	else
		app_say(a, ROLE_WARN, "%s", err.what);
	return true;
}

static bool open_line(struct progress_screen *s)
{
	int line = s->line_count ? s->lines[s->cursor.at] : -1;

	if (s->in_evidence)
		return open_evidence(s);
	if (line >= 0) {
		s->open[line] = !s->open[line];
		list_lines(s);
	} else if (s->evidence.count) {
		s->in_evidence = true;
	} else {
		app_say(s->view.app, ROLE_INFO, "No evidence yet. w says what "
			"would move it.");
	}
	return true;
}

static bool progress_act(struct view *v, const struct action *act)
{
	struct progress_screen *s = (struct progress_screen *)v;

	if (strcmp(act->id, "progress.evidence") == 0)
		return open_line(s);
	if (strcmp(act->id, "run.replay") == 0)
		return open_run(s);
	if (strcmp(act->id, "progress.next") == 0)
		return tell_next(s);
	if (strcmp(act->id, "report.export") == 0)
		return export_record(s);
	if (strcmp(act->id, "layer.leave") == 0 && s->in_evidence) {
		s->in_evidence = false;
		return true;
	}
	return false;
}

static const char *progress_refuse(const struct view *v,
				   const struct action *act)
{
	if (strcmp(act->id, "run.replay") == 0)
		return why_no_run((const struct progress_screen *)v);
	return NULL;
}

static bool fold_by_key(struct progress_screen *s, const struct input *in)
{
	int line = s->line_count ? s->lines[s->cursor.at] : -1;
	bool left = in->key == K_LEFT || in->key == 'h';

	if (in->kind != INPUT_KEY || (!left && in->key != K_RIGHT &&
				      in->key != 'l'))
		return false;
	if (line < 0 && left)
		line = s->all.at[-1 - line].level - 1;
	if (line < 0)
		return false;
	s->open[line] = !left;
	list_lines(s);
	for (size_t i = 0; left && i < s->line_count; i++)
		if (s->lines[i] == line)
			s->cursor.at = i;
	return true;
}

static bool progress_input(struct view *v, const struct input *in)
{
	struct progress_screen *s = (struct progress_screen *)v;
	bool took;

	if (s->in_evidence)
		return cursor_input(&s->at_evidence, in, s->evidence.count,
				    DETAIL_ROWS - 2);
	took = fold_by_key(s, in) ||
	       cursor_input(&s->cursor, in, s->line_count, s->rows);
	if (took)
		moved(s);
	return took;
}

static void progress_contexts(const struct view *v,
			      enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_PROGRESS;
	out[1] = CTX_COUNT;
}

static void progress_free(struct view *v)
{
	struct progress_screen *s = (struct progress_screen *)v;

	competencies_free(&s->all);
	evidences_free(&s->evidence);
	free(s->lines);
	free(s);
}

static const struct view_ops progress_ops = {
	.name = "progress", .contexts = progress_contexts,
	.crumb = progress_crumb, .draw = progress_draw,
	.input = progress_input, .act = progress_act,
	.refuse = progress_refuse, .shown = progress_shown,
	.free = progress_free,
};

struct view *progress_view(struct app *a)
{
	struct progress_screen *s = mem_zeroed(1, sizeof(*s));

	s->view = (struct view){ .ops = &progress_ops, .app = a };
	return &s->view;
}

bool progress_reveal(struct view *progress, const char *competency)
{
	struct progress_screen *s = (struct progress_screen *)progress;

	for (size_t i = 0; i < s->all.count; i++) {
		if (strcmp(s->all.at[i].id, competency) != 0)
			continue;
		s->open[s->all.at[i].level - 1] = true;
		list_lines(s);
		for (size_t k = 0; k < s->line_count; k++)
			if (s->lines[k] == -1 - (int)i)
				s->cursor.at = k;
		s->in_evidence = false;
		moved(s);
		return true;
	}
	return false;
}
