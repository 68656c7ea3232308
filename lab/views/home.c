/* home.c - where was I, what is due, what is next: in this order
 *
 *	─ Continue ─────────────────────────────────────────────
 *	▸ Your first log     Big data fundamentals    task 2 of 4
 *	  You had created readings and were about to ...
 *	─ Due today ───────────────────── 3 reviews, about 9 min ─
 *	─ Pathway, Self-paced ──────────────────── 1 of 7 done ─
 *	─ This week ────────────────────────────────────────────
 *
 * Arrows move over all lines that can be opened; the line above the footer
 * shows the command that equals Enter on the current one.  Everything is read
 * once, when home is shown; drawing asks nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/course/exercise.h"
#include "lab/progress/progress.h"
#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/views/choose.h"
#include "lab/views/cursor.h"
#include "lab/views/inside.h"
#include "lab/views/pathway.h"
#include "lab/views/record.h"
#include "lab/views/resume.h"
#include "lab/views/views.h"

enum { WIDE = 100, NARROW = 76, DUE_SHOWN = 3, TEXT_COL = 3 };

/* The first lines stand above the pathway: Continue, then what is due. */
struct home {
	struct view view;
	struct pathway path;
	struct dues dues;
	int64_t ahead[PROGRESS_AHEAD];
	struct week week;
	struct resume resume;
	bool waits;			/* `resume` is there */
	char *title, *unit, *where;	/* of what waits, or comes next */
	char *id;			/* its exercise; NULL: nothing left */
	char *sentence;
	int level;			/* held; 0: none yet */
	struct cursor cursor;		/* over all lines */
	size_t path_top, path_rows;
	char *trouble;			/* the record cannot be read */
};

static struct store *store_of(const struct home *h)
{
	return h->view.app->outside.store;
}

static const struct catalog *catalog_of(const struct home *h)
{
	return h->view.app->outside.catalog;
}

static char *copy(const char *s)
{
	char *t = strdup(s ? s : "");

	if (!t)
		abort();
	return t;
}

/* --- lines ------------------------------------------------------------------------ */

static size_t due_lines(const struct home *h)
{
	return h->dues.count > DUE_SHOWN ? DUE_SHOWN : h->dues.count;
}

static size_t fixed_lines(const struct home *h)
{
	return (h->id ? 1 : 0) + due_lines(h);
}

static size_t line_count(const struct home *h)
{
	return fixed_lines(h) + h->path.line_count;
}

static bool on_continue(const struct home *h)
{
	return h->id && h->cursor.at == 0;
}

static const struct due *on_due(const struct home *h)
{
	size_t at = h->cursor.at - (h->id ? 1 : 0);

	if (on_continue(h) || at >= due_lines(h))
		return NULL;
	return &h->dues.at[at];
}

static struct path_node *on_path(const struct home *h)
{
	size_t at = h->cursor.at - fixed_lines(h);

	if (h->cursor.at < fixed_lines(h) || at >= h->path.line_count)
		return NULL;
	return &h->path.nodes[h->path.lines[at]];
}

/* The command that does what Enter does here. */
static void echo(struct home *h)
{
	struct app *a = h->view.app;
	const struct path_node *n = on_path(h);

	if (on_continue(h))
		app_echo(a, "millrace start %s", h->id);
	else if (on_due(h))
		app_echo(a, "millrace review next");
	else if (n && n->kind == PATH_EXERCISE && n->there)
		app_echo(a, "millrace start %s", n->id);
	else if (n && n->kind != PATH_STAGE)
		app_echo(a, "millrace show %s", n->id);
	else if (n)
		app_echo(a, "millrace list --track %s",
			 catalog_text(pathway_track(catalog_of(h),
				      a->settings.track), "id"));
}

/* --- reading ---------------------------------------------------------------------- */

static void forget(struct home *h)
{
	if (h->waits)
		resume_release(&h->resume);
	h->waits = false;
	dues_free(&h->dues);
	week_release(&h->week);
	memset(&h->dues, 0, sizeof(h->dues));
	memset(&h->week, 0, sizeof(h->week));
	free(h->title);
	free(h->unit);
	free(h->where);
	free(h->id);
	free(h->sentence);
	free(h->trouble);
	h->title = h->unit = h->where = h->id = h->sentence = NULL;
	h->trouble = NULL;
}

static size_t task_number(const struct exercise *m, const char *id)
{
	for (size_t i = 0; i < m->task_count; i++)
		if (strcmp(m->tasks[i].id, id) == 0)
			return i + 1;
	return 0;
}

/* "task 2 of 4   world waits at T+12:10" and the sentence below it. */
static void tell_waiting(struct home *h)
{
	struct text folder = {0}, where = {0}, sentence = {0};
	const struct task *t = NULL;
	struct exercise *m;

	catalog_folder(catalog_of(h), h->resume.exercise, &folder);
	m = exercise_load(text_cstr(&folder));
	if (h->resume.task && *h->resume.task)
		t = exercise_task(m, h->resume.task);
	if (t)
		text_addf(&where, "task %zu of %zu", task_number(m, t->id),
			  m->task_count);
	if (h->resume.at_sim > 0) {
		text_addf(&where, "%sworld waits at ", where.len ? "   " : "");
		number_time(&where, h->resume.at_sim);
	}
	resume_sentence(h->resume.ops, t ? t->kind : NULL,
			t ? t->title : NULL, &sentence);
	h->where = text_take(&where);
	h->sentence = text_take(&sentence);
	exercise_free(m);
	text_free(&folder);
}

static void tell_next(struct home *h, const struct path_node *n)
{
	struct text where = {0}, sentence = {0};

	text_addf(&where, "%s, %lld min", catalog_text(n->json, "kind"),
		  (long long)json_integer_value(json_object_get(n->json,
								"minutes")));
	text_addf(&sentence, "%s.", catalog_text(n->json, "situation"));
	h->where = text_take(&where);
	h->sentence = text_take(&sentence);
}

static void read_continue(struct home *h)
{
	const struct path_node *next = pathway_next(&h->path);
	const json_t *unit = NULL, *e;

	if (h->waits)
		h->id = copy(h->resume.exercise);
	else if (next)
		h->id = copy(next->id);
	if (!h->id)
		return;
	e = catalog_exercise(catalog_of(h), h->id, &unit);
	h->title = copy(e ? catalog_text(e, "title") : h->id);
	h->unit = copy(catalog_text(unit, "title"));
	if (h->waits)
		tell_waiting(h);
	else
		tell_next(h, next);
}

static bool read_record(struct home *h, struct err *err)
{
	struct competencies all;
	struct level levels[PROGRESS_LEVELS];
	int64_t now = app_now_ms(h->view.app);
	struct store *s = store_of(h);

	if (!progress_continue(s, &h->resume, &h->waits, err) ||
	    !progress_due(s, catalog_of(h), now, 0, &h->dues, err) ||
	    !progress_ahead(s, now, h->ahead, err) ||
	    !progress_week(s, now, &h->week, err) ||
	    !progress_competencies(s, catalog_of(h), now, &all, err))
		return false;
	h->level = progress_levels(&all, levels);
	competencies_free(&all);
	return true;
}

/* Unfold where the learner stands, the first time. */
static void unfold_first(struct home *h)
{
	size_t line;

	if (!h->id)
		return;
	line = pathway_reveal(&h->path, h->id);
	if (line < h->path.line_count)
		return;
	if (h->path.count)
		pathway_fold(&h->path, 0, true);
}

static void read_all(struct home *h)
{
	struct app *a = h->view.app;
	struct pathway before = h->path;
	struct err err = {{0}};

	forget(h);
	if (store_of(h) && !read_record(h, &err))
		h->trouble = copy(err.what);
	pathway_make(&h->path, catalog_of(h), store_of(h), a->settings.track,
		     h->waits ? h->resume.exercise : NULL, &before);
	read_continue(h);
	if (!before.nodes)
		unfold_first(h);
	pathway_release(&before);
	cursor_keep(&h->cursor, line_count(h));
}

static void home_shown(struct view *v)
{
	struct home *h = (struct home *)v;

	read_all(h);
	echo(h);
}

/* --- drawing ---------------------------------------------------------------------- */

/* Title and status of a part, on the first row of what is left. */
static void part_rule(struct grid *g, struct rect *body, const char *title,
		      const char *status)
{
	struct rect r = rect_top(body, 1);

	if (r.rows)
		draw_rule(g, r, 0, title, status, false);
}

static void mark_line(struct grid *g, struct rect r, bool is_current)
{
	if (!is_current)
		return;
	grid_put(g, r, 0, 1, ROLE_TEXT, "▸");
	grid_flag(g, r, CELL_SELECTED);
}

static void draw_continue(struct home *h, struct grid *g, struct rect *body)
{
	struct rect r;
	int col;

	part_rule(g, body, h->waits ? "Continue" : "Begin", NULL);
	r = rect_top(body, 1);
	if (h->id) {
		col = draw_cut(g, r, 0, TEXT_COL, r.cols - TEXT_COL,
			       ROLE_STRONG, h->title);
		if (r.cols >= NARROW)
			col = draw_cut(g, r, 0, col + 3, r.cols - col - 3,
				       ROLE_DIM, h->unit);
		draw_cut(g, r, 0, col + 3, r.cols - col - 3, ROLE_TEXT,
			 h->where);
	} else {
		grid_put(g, r, 0, TEXT_COL, ROLE_TEXT,
			 "All that this version has on this track is done.");
	}
	mark_line(g, r, on_continue(h));
	r = rect_top(body, 1);
	draw_cut(g, r, 0, TEXT_COL, r.cols - TEXT_COL - 1, ROLE_TEXT,
		 h->trouble ? h->trouble : h->sentence ? h->sentence :
		 "s opens the sandbox; t another track.");
}

static void due_status(const struct home *h, struct text *t)
{
	if (h->dues.count)
		text_addf(t, "%zu review%s, about %lld min", h->dues.count,
			  h->dues.count == 1 ? "" : "s",
			  (long long)h->dues.minutes);
}

static void draw_due(struct grid *g, struct rect r, const struct due *d)
{
	struct text t = {0}, minutes = {0};
	bool is_wide = r.cols >= NARROW;
	int title_cols = r.cols >= WIDE ? 34 : is_wide ? 26 : 22;

	grid_put(g, r, 0, TEXT_COL, d->late_days > 0 ? ROLE_WARN : ROLE_INFO,
		 d->late_days > 0 ? "▲" : "●");
	if (d->late_days > 0)
		text_addf(&t, "%lld d late", (long long)d->late_days);
	else
		text_add(&t, "today");
	grid_put(g, r, 0, TEXT_COL + 2, ROLE_TEXT, text_cstr(&t));
	draw_cut(g, r, 0, TEXT_COL + 13, title_cols, ROLE_TEXT, d->title);
	if (is_wide)
		draw_cut(g, r, 0, TEXT_COL + 15 + title_cols, 22, ROLE_DIM,
			 d->is_recheck ? "on a new seed" : "a question");
	text_addf(&minutes, "%lld min", (long long)d->minutes);
	draw_right(g, r, 0, r.cols - 2, ROLE_TEXT, text_cstr(&minutes));
	text_free(&t);
	text_free(&minutes);
}

static void none_due(const struct home *h, struct text *t)
{
	for (int i = 1; i < PROGRESS_AHEAD; i++) {
		if (!h->ahead[i])
			continue;
		text_addf(t, "Nothing is due. Next: ");
		number_day(t, app_now_ms(h->view.app) + i * 86400000LL,
			   app_now_ms(h->view.app),
			   h->view.app->outside.utc_offset_minutes);
		text_add(t, ". s opens the sandbox.");
		return;
	}
	text_add(t, "Nothing is due. What you finish comes back here, days "
		 "later.");
}

static void draw_dues(struct home *h, struct grid *g, struct rect *body)
{
	struct text t = {0};
	size_t first = h->id ? 1 : 0;

	due_status(h, &t);
	part_rule(g, body, "Due today", text_cstr(&t));
	text_clear(&t);
	if (!h->dues.count) {
		struct rect r = rect_top(body, 1);

		none_due(h, &t);
		draw_cut(g, r, 0, TEXT_COL, r.cols - TEXT_COL - 1, ROLE_DIM,
			 text_cstr(&t));
	}
	for (size_t i = 0; i < due_lines(h); i++) {
		struct rect r = rect_top(body, 1);

		draw_due(g, r, &h->dues.at[i]);
		mark_line(g, r, h->cursor.at == first + i);
	}
	text_free(&t);
}

/* What is not there, in a word. */
static void to_come(const struct path_node *n, struct text *t)
{
	if (n->there == 0)
		text_add(t, "to come");
	else if (n->there < n->total)
		text_addf(t, "%zu to come", n->total - n->there);
	else if (n->done == n->total)
		text_add(t, "done");
}

static void draw_stage(struct grid *g, struct rect r, const struct path_node *n)
{
	bool is_wide = r.cols >= NARROW;
	int title_cols = r.cols >= WIDE ? 34 : is_wide ? 24 : 22;
	int bar = r.cols >= WIDE ? 32 : is_wide ? 16 : 8;
	int col = TEXT_COL + title_cols + 1;
	enum role role = n->there ? ROLE_TEXT : ROLE_DIM;
	struct text t = {0};

	if (n->is_open)
		grid_put(g, r, 0, 1, ROLE_DIM, "▾");
	draw_cut(g, r, 0, TEXT_COL, title_cols, role, n->title);
	if (is_wide) {
		draw_cut(g, r, 0, col, 12, ROLE_DIM, n->when);
		col += 13;
	}
	draw_progress(g, r, 0, col, bar, n->there ? ROLE_GOOD : ROLE_DIM,
		      n->total ? (double)n->done / (double)n->total : 0);
	text_addf(&t, "%zu/%zu", n->done, n->total);
	draw_right(g, r, 0, col + bar + 7, role, text_cstr(&t));
	text_clear(&t);
	to_come(n, &t);
	draw_cut(g, r, 0, col + bar + 9, r.cols - col - bar - 10, ROLE_DIM,
		 text_cstr(&t));
	text_free(&t);
}

static enum role mark_role(enum path_mark m)
{
	return m == PATH_DONE ? ROLE_GOOD : m == PATH_CURRENT ? ROLE_STRONG :
	       m == PATH_OPEN ? ROLE_TEXT : ROLE_DIM;
}

/* The marks of a unit's exercises: `✓ ▸ · ‒`. */
static int draw_marks(struct home *h, struct grid *g, struct rect r, int col,
		      size_t unit)
{
	for (size_t i = unit + 1; i < h->path.count; i++) {
		const struct path_node *n = &h->path.nodes[i];

		if (n->parent != unit)
			break;
		if (n->kind != PATH_EXERCISE)
			continue;
		col = grid_put(g, r, 0, col, mark_role(n->mark),
			       path_glyphs[n->mark]);
		col += r.cols >= NARROW;
	}
	return col;
}

static void draw_unit(struct home *h, struct grid *g, struct rect r, size_t i)
{
	const struct path_node *n = &h->path.nodes[i];
	int title_cols = r.cols >= WIDE ? 44 : r.cols >= NARROW ? 34 : 28;
	int col = TEXT_COL + 2;
	struct text t = {0};

	if (n->is_open)
		grid_put(g, r, 0, TEXT_COL, ROLE_DIM, "▾");
	draw_cut(g, r, 0, col, title_cols, n->there ? ROLE_TEXT : ROLE_DIM,
		 n->title);
	col = draw_marks(h, g, r, col + title_cols + 2, i);
	to_come(n, &t);
	if (col < r.cols - text_width(text_cstr(&t)) - 3)
		draw_right(g, r, 0, r.cols - 2, ROLE_DIM, text_cstr(&t));
	text_free(&t);
}

static void lesson_state(const struct path_node *n, struct text *t)
{
	if (n->mark == PATH_TO_COME)
		text_add(t, "to come");
	else if (n->mark == PATH_DONE)
		text_add(t, "read");
	else if (n->page > 0)
		text_addf(t, "page %lld of %lld", (long long)n->page,
			  (long long)n->pages);
	else
		text_add(t, "lesson");
}

static void exercise_facts(const struct path_node *n, int cols, struct text *t)
{
	const json_t *e = n->json;

	if (n->mark == PATH_TO_COME) {
		text_add(t, "to come");
		return;
	}
	text_add(t, catalog_text(e, "kind"));
	if (cols >= WIDE)
		text_addf(t, "   difficulty %lld of 10", (long long)
			  json_integer_value(json_object_get(e, "difficulty")));
	text_addf(t, "   %lld min", (long long)
		  json_integer_value(json_object_get(e, "minutes")));
}

static void draw_leaf(struct grid *g, struct rect r, const struct path_node *n)
{
	enum role role = n->mark == PATH_TO_COME ? ROLE_DIM : ROLE_TEXT;
	int col = TEXT_COL + 4, cols;
	struct text t = {0};

	if (n->kind == PATH_LESSON)
		lesson_state(n, &t);
	else
		exercise_facts(n, r.cols, &t);
	cols = r.cols - col - 2 - text_width(text_cstr(&t)) - 4;
	grid_put(g, r, 0, col, mark_role(n->mark), path_glyphs[n->mark]);
	draw_cut(g, r, 0, col + 2, cols, role, n->title);
	draw_right(g, r, 0, r.cols - 2, ROLE_DIM, text_cstr(&t));
	text_free(&t);
}

static void draw_node(struct home *h, struct grid *g, struct rect r, size_t i)
{
	const struct path_node *n = &h->path.nodes[i];

	if (n->kind == PATH_STAGE)
		draw_stage(g, r, n);
	else if (n->kind == PATH_UNIT)
		draw_unit(h, g, r, i);
	else
		draw_leaf(g, r, n);
}

static void path_status(const struct home *h, struct text *t)
{
	text_addf(t, "%zu of %zu done", h->path.done, h->path.there);
	if (h->path.total > h->path.there)
		text_addf(t, ", %zu to come", h->path.total - h->path.there);
}

static void draw_path(struct home *h, struct grid *g, struct rect body)
{
	size_t fixed = fixed_lines(h), count = h->path.line_count;
	struct text title = {0}, status = {0};

	text_addf(&title, "Pathway, %s",
		  catalog_text(pathway_track(catalog_of(h),
			       h->view.app->settings.track), "title"));
	path_status(h, &status);
	part_rule(g, &body, text_cstr(&title), text_cstr(&status));
	h->path_rows = body.rows > 0 ? (size_t)body.rows : 0;
	h->path_top = scroll_top(h->path_top, h->cursor.at < fixed ? 0 :
				 h->cursor.at - fixed, h->path_rows, count);
	for (size_t i = h->path_top; i < count && body.rows > 0; i++) {
		struct rect r = rect_top(&body, 1);

		draw_node(h, g, r, h->path.lines[i]);
		mark_line(g, r, h->cursor.at == fixed + i);
	}
	text_free(&title);
	text_free(&status);
}

static void week_words(const struct home *h, struct text *t)
{
	const struct week *w = &h->week;

	if (!w->passed && !w->reviews && !w->gave_up) {
		text_add(t, "Nothing yet. What you pass and what you remember "
			 "is counted here.");
		return;
	}
	if (w->minutes)
		number_duration_words(t, SIM_MINUTES(w->minutes));
	else
		text_add(t, "under a minute");
	text_addf(t, "   %lld passed", (long long)w->passed);
	if (w->first_try)
		text_addf(t, "   %lld at once, without help",
			  (long long)w->first_try);
	if (w->reviews)
		text_addf(t, "   %lld of %lld reviews remembered",
			  (long long)w->recalled, (long long)w->reviews);
}

static void draw_week(struct home *h, struct grid *g, struct rect r)
{
	struct text t = {0};

	draw_rule(g, r, 0, "This week", NULL, false);
	week_words(h, &t);
	draw_cut(g, r, 1, TEXT_COL, r.cols - TEXT_COL - 1, ROLE_TEXT,
		 text_cstr(&t));
	text_free(&t);
}

static void home_draw(struct view *v, struct grid *g, struct rect body)
{
	struct home *h = (struct home *)v;
	struct rect week = rect_bottom(&body, body.rows >= 14 ? 2 : 0);

	draw_continue(h, g, &body);
	draw_dues(h, g, &body);
	draw_path(h, g, body);
	if (week.rows)
		draw_week(h, g, week);
}

static void home_crumb(const struct view *v, struct text *left,
		       struct text *right)
{
	static const char *const titles[] = { "Foundation", "Proficient",
					      "Advanced", "Expert" };
	const struct home *h = (const struct home *)v;
	const struct app *a = v->app;

	text_add(left, "Millrace");
	if (*a->settings.name)
		text_addf(right, "%s    ", a->settings.name);
	if (a->cols >= WIDE && h->level > 0)
		text_addf(right, "level %d of %d, %s   ", h->level,
			  PROGRESS_LEVELS, titles[h->level - 1]);
	number_date(right, app_now_ms(a), a->outside.utc_offset_minutes);
}

/* --- doing ------------------------------------------------------------------------ */

static void fold(struct home *h, struct path_node *n, bool open)
{
	pathway_fold(&h->path, (size_t)(n - h->path.nodes), open);
	cursor_keep(&h->cursor, line_count(h));
}

static bool has_below(const struct path_node *n)
{
	return n->kind == PATH_STAGE || n->kind == PATH_UNIT;
}

/* Left folds; on what is folded it goes to the line above it in the tree. */
static void go_left(struct home *h, struct path_node *n)
{
	size_t fixed = fixed_lines(h), line = 0;

	if (has_below(n) && n->is_open) {
		fold(h, n, false);
		return;
	}
	while (h->path.lines[line] != n->parent)
		line++;
	h->cursor.at = fixed + line;
}

static bool home_input(struct view *v, const struct input *in)
{
	struct home *h = (struct home *)v;
	size_t page = h->path_rows ? h->path_rows : 1;
	struct path_node *n = on_path(h);
	bool took = true;

	if (in->kind == INPUT_KEY && n &&
	    (in->key == K_LEFT || in->key == 'h'))
		go_left(h, n);
	else if (in->kind == INPUT_KEY && n && has_below(n) &&
		 (in->key == K_RIGHT || in->key == 'l'))
		fold(h, n, true);
	else
		took = cursor_input(&h->cursor, in, line_count(h), page);
	if (took)
		echo(h);
	return took;
}

static bool open_node(struct home *h, struct path_node *n)
{
	struct app *a = h->view.app;

	if (has_below(n)) {
		fold(h, n, !n->is_open);
		return true;
	}
	return n->kind == PATH_LESSON ? open_lesson(a, n->id) :
					open_exercise(a, n->id, "learn");
}

static bool open_line(struct home *h)
{
	struct path_node *n = on_path(h);

	if (on_continue(h))
		return open_exercise(h->view.app, h->id, "learn");
	if (on_due(h)) {
		app_push(h->view.app, review_view(h->view.app));
		return true;
	}
	return n && open_node(h, n);
}

/* --- what a line needs and teaches --------------------------------------------------- */

static void list_competencies(const struct home *h, const json_t *e,
			      struct text *t)
{
	const json_t *ids = json_object_get(e, "competencies");

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *c = id ? catalog_competency(catalog_of(h), id) :
				       NULL;

		if (c)
			text_addf(t, "- %s\n", catalog_text(c, "title"));
	}
}

/* Does `list` of a unit's exercise before `upto` name it already? */
static bool named_before(const json_t *exercises, size_t upto, const char *id)
{
	for (size_t i = 0; i < upto; i++) {
		const json_t *ids = json_object_get(json_array_get(exercises,
						    i), "competencies");

		for (size_t k = 0; k < json_array_size(ids); k++)
			if (strcmp(json_string_value(json_array_get(ids, k)),
				   id) == 0)
				return true;
	}
	return false;
}

static void each_taught(const struct home *h, const json_t *exercises,
			void (*visit)(struct text *t, const json_t *exercises,
				      const json_t *c),
			struct text *t)
{
	for (size_t i = 0; i < json_array_size(exercises); i++) {
		const json_t *ids = json_object_get(json_array_get(exercises,
						    i), "competencies");

		for (size_t k = 0; k < json_array_size(ids); k++) {
			const char *id = json_string_value(
					json_array_get(ids, k));
			const json_t *c = id ? catalog_competency(
					catalog_of(h), id) : NULL;

			if (c && !named_before(exercises, i, id))
				visit(t, exercises, c);
		}
	}
}

static void say_title(struct text *t, const json_t *exercises,
		      const json_t *c)
{
	(void)exercises;
	text_addf(t, "- %s\n", catalog_text(c, "title"));
}

/* What it rests on, each once, but for what the unit itself teaches. */
static void say_needs(struct text *t, const json_t *exercises, const json_t *c)
{
	const json_t *ids = json_object_get(c, "prerequisites");
	size_t all = json_array_size(exercises);

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		struct text line = {0};

		text_addf(&line, "- %s\n", id);
		if (!named_before(exercises, all, id) &&
		    !strstr(text_cstr(t), text_cstr(&line)))
			text_add(t, text_cstr(&line));
		text_free(&line);
	}
}

static void about_unit(const struct home *h, const struct path_node *n,
		       struct text *t)
{
	const json_t *exercises = json_object_get(n->json, "exercises");
	struct text needs = {0};

	text_add(t, "Teaches:\n\n");
	each_taught(h, exercises, say_title, t);
	each_taught(h, exercises, say_needs, &needs);
	text_addf(t, "\nRests on:\n\n%s", needs.len ? text_cstr(&needs) :
		  "- nothing before it\n");
	text_addf(t, "\n%zu of %zu exercises done, %zu are in this version.\n",
		  n->done, n->total, n->there);
	text_free(&needs);
}

static void about_exercise(const struct home *h, const struct path_node *n,
			   struct text *t)
{
	text_addf(t, "%s.\n\nGives evidence for:\n\n",
		  catalog_text(n->json, "situation"));
	list_competencies(h, n->json, t);
	if (n->mark == PATH_TO_COME)
		text_add(t, "\nIt is to come: this version does not have it.\n");
}

static bool tell_why(struct home *h)
{
	const struct path_node *n = on_path(h);
	struct text t = {0};

	if (!n || n->kind == PATH_LESSON) {
		app_say(h->view.app, ROLE_INFO, "i tells of a unit or an "
			"exercise of the pathway.");
		return true;
	}
	if (n->kind == PATH_STAGE)
		text_addf(&t, "%s. %zu of %zu exercises done, %zu are in this "
			  "version.\n", n->when, n->done, n->total, n->there);
	else if (n->kind == PATH_UNIT)
		about_unit(h, n, &t);
	else
		about_exercise(h, n, &t);
	app_push(h->view.app, reader_overlay(h->view.app, n->title,
					     text_cstr(&t)));
	text_free(&t);
	return true;
}

/* --- tracks ------------------------------------------------------------------------- */

static void take_track(struct app *a, void *ctx, const char *track)
{
	struct view *home = app_find(a, "home");
	struct err err;

	(void)ctx;
	if (!settings_set(&a->settings, "track", track, &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	else
		app_echo(a, "millrace list --track %s", track);
	record_profile(a, "track", track);
	if (home) {
		struct home *h = (struct home *)home;

		pathway_release(&h->path);
		h->cursor = (struct cursor){0};
		read_all(h);
	}
}

void home_choose_track(struct app *a)
{
	const json_t *all = json_object_get(a->outside.catalog->tracks,
					    "tracks");
	const json_t *now = pathway_track(a->outside.catalog,
					  a->settings.track);
	size_t count = json_array_size(all), current = 0;
	struct choice *choices = calloc(count + 1, sizeof(*choices));

	if (!choices)
		abort();
	for (size_t i = 0; i < count; i++) {
		const json_t *t = json_array_get(all, i);

		choices[i] = (struct choice){ catalog_text(t, "id"),
					      catalog_text(t, "title"),
					      catalog_text(t, "for_whom") };
		if (t == now)
			current = i;
	}
	app_push(a, choose_view(a, "Track", choices, count, current,
				take_track, NULL));
	free(choices);
}

/* --- the view ------------------------------------------------------------------------- */

static bool home_act(struct view *v, const struct action *act)
{
	struct home *h = (struct home *)v;

	if (strcmp(act->id, "home.continue") == 0 ||
	    strcmp(act->id, "item.open") == 0)
		return open_line(h);
	if (strcmp(act->id, "unit.why") == 0)
		return tell_why(h);
	return false;
}

static void home_contexts(const struct view *v,
			  enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_HOME;
	out[1] = CTX_COUNT;
}

static void home_free(struct view *v)
{
	struct home *h = (struct home *)v;

	forget(h);
	pathway_release(&h->path);
	free(h);
}

static const struct view_ops home_ops = {
	.name = "home", .contexts = home_contexts, .crumb = home_crumb,
	.draw = home_draw, .input = home_input, .act = home_act,
	.shown = home_shown, .free = home_free,
};

struct view *home_view(struct app *a)
{
	struct home *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->view = (struct view){ .ops = &home_ops, .app = a };
	return &h->view;
}

bool home_reveal(struct view *home, const char *id)
{
	struct home *h = (struct home *)home;
	size_t line = pathway_reveal(&h->path, id);

	if (line >= h->path.line_count)
		return false;
	h->cursor.at = fixed_lines(h) + line;
	/* Near the top, so that what it unfolds is seen. */
	h->path_top = line > 2 ? line - 2 : 0;
	if (has_below(&h->path.nodes[h->path.lines[line]]))
		fold(h, &h->path.nodes[h->path.lines[line]], true);
	echo(h);
	return true;
}
