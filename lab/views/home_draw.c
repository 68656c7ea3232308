/* home_draw.c - what home looks like: its parts from the top down
 *
 *	─ Continue ─────────────────────────────────────────────
 *	▸ Your first log     Big data fundamentals    task 2 of 4
 *	  You had created readings and were about to ...
 *	─ Due today ───────────────────── 3 reviews, about 9 min ─
 *	─ Pathway, Self-paced ──────────────────── 1 of 7 done ─
 *	─ This week ────────────────────────────────────────────
 *
 * Everything was read before; drawing asks nothing.
 */
#include "lab/views/home_inside.h"

#include "lab/course/catalog.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"

enum { WIDE = 100, NARROW = 76, TEXT_COL = 3 };

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
	mark_line(g, r, home_on_continue(h));
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
	for (size_t i = 0; i < home_due_lines(h); i++) {
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
	size_t fixed = home_fixed_lines(h), count = h->path.line_count;
	struct text title = {0}, status = {0};

	text_addf(&title, "Pathway, %s",
		  catalog_text(pathway_track(home_catalog(h),
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

void home_draw(struct view *v, struct grid *g, struct rect body)
{
	struct home *h = (struct home *)v;
	struct rect week = rect_bottom(&body, body.rows >= 14 ? 2 : 0);

	draw_continue(h, g, &body);
	draw_dues(h, g, &body);
	draw_path(h, g, body);
	if (week.rows)
		draw_week(h, g, week);
}

void home_crumb(const struct view *v, struct text *left, struct text *right)
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
