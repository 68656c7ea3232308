/* workbench_layout.c - which pane stands where
 *
 * The five panes never trade places: what fits is shown, the rest is a tab or
 * another layout away.  Rows that are left over go to the console, then to the
 * charts (screens.md 2).  Below 76x22 one pane is shown at a time.
 *
 *	work			watch		read		 pair
 *	console │ map		map		brief │ console	 file │ console
 *	        ├ tasks		charts		      ├ tasks	      ├ tasks
 *	charts			logs				 charts
 *	time			time		time		 time
 */
#include "lab/views/workbench_inside.h"

#include <stdio.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/views/workbench_map.h"

/* Less than that cannot hold the names of all panes. */
enum { TABS_COLS = 58 };

enum { NARROW_COLS = 76, LOW_ROWS = 19, WIDE_COLS = 100, TALL_ROWS = 30 };

const char *const pane_names[] = {
	"Console", "Map", "Tasks", "Charts", "Logs", "Brief", "File", NULL,
};
const char *const pane_words[] = {
	"console", "map", "tasks", "charts", "logs", "brief", "file", NULL,
};
const char *const layout_words[] = { "work", "watch", "read", "pair", NULL };

static bool is_one_pane(const struct workbench *w, struct rect body)
{
	return w->zoom || body.cols < NARROW_COLS || body.rows < LOW_ROWS;
}

static void place_time(struct panes *p, struct rect *body, int rows,
		       bool has_rule)
{
	p->time = rect_bottom(body, rows + (has_rule ? 1 : 0));
	p->time_has_rule = has_rule;
}

static void place_one(const struct workbench *w, struct rect body,
		      struct panes *p)
{
	if (body.rows >= 10)
		place_time(p, &body, body.rows >= 15 ? 2 : 1, false);
	if (body.rows >= 10 && w->focus != PANE_CHARTS)
		p->summary = rect_bottom(&body, 1);
	p->tabs = rect_top(&body, 1);
	p->pane[w->focus] = body;
}

/* The vertical rule over rows of `r`, the first of which is a rule. */
static struct rect beside(struct panes *p, struct rect r, struct rect *left)
{
	struct rect right;
	int col = draw_split(r, false, left, &right);

	p->column = col;
	p->column_row = r.row + 1;
	p->column_rows = r.rows - 1;
	return right;
}

/* Tasks stand at the bottom right, the map above takes what they leave. */
static void place_right(struct panes *p, struct rect right, size_t tasks,
			bool with_map)
{
	int want = (int)(tasks ? tasks : 1) + 1;

	if (!with_map)
		want = want < right.rows / 2 ? right.rows / 3 : want;
	if (want > right.rows / 2)
		want = right.rows / 2;
	p->pane[PANE_TASKS] = rect_bottom(&right, want);
	p->pane[with_map ? PANE_MAP : PANE_CONSOLE] = right;
}

static void place_work(const struct workbench *w, struct rect body,
		       struct panes *p)
{
	bool tall = body.rows >= TALL_ROWS, wide = body.cols >= WIDE_COLS;
	struct rect left, right;

	place_time(p, &body, body.rows >= 44 ? 5 : tall ? 4 : 2, true);
	if (tall && wide)
		p->pane[PANE_LOGS] = rect_bottom(&body, body.rows >= 40 ? 7 : 4);
	p->pane[PANE_CHARTS] = rect_bottom(&body, body.rows >= 32 ? 9 :
					   tall ? 6 : 3);
	right = beside(p, body, &left);
	p->pane[PANE_CONSOLE] = left;
	place_right(p, right, w->module->is_sandbox ? 4 :
		    w->module->task_count, true);
}

static void place_watch(struct rect body, struct panes *p)
{
	bool tall = body.rows >= TALL_ROWS;

	place_time(p, &body, tall ? 4 : 2, true);
	p->pane[PANE_LOGS] = rect_bottom(&body, tall ? 8 : 3);
	p->pane[PANE_CHARTS] = rect_bottom(&body, tall ? 9 : 6);
	p->pane[PANE_MAP] = body;
}

static void place_read(const struct workbench *w, struct rect body,
		       struct panes *p)
{
	struct rect left, right;

	place_time(p, &body, 2, true);
	right = beside(p, body, &left);
	p->pane[PANE_BRIEF] = left;
	place_right(p, right, w->module->is_sandbox ? 4 :
		    w->module->task_count, false);
}

/* A file and what it does: one is changed while the other is looked at. */
static void place_pair(const struct workbench *w, struct rect body,
		       struct panes *p)
{
	bool tall = body.rows >= TALL_ROWS;
	struct rect left, right;

	place_time(p, &body, tall ? 4 : 2, true);
	p->pane[PANE_CHARTS] = rect_bottom(&body, tall ? 9 : 2);
	right = beside(p, body, &left);
	p->pane[PANE_FILE] = left;
	place_right(p, right, w->module->is_sandbox ? 4 :
		    w->module->task_count, false);
}

void layout_places(const struct workbench *w, struct rect body,
		   struct panes *out)
{
	*out = (struct panes){ .task = rect_top(&body, 1) };
	if (is_one_pane(w, body))
		place_one(w, body, out);
	else if (w->layout == LAYOUT_WATCH)
		place_watch(body, out);
	else if (w->layout == LAYOUT_READ)
		place_read(w, body, out);
	else if (w->layout == LAYOUT_PAIR)
		place_pair(w, body, out);
	else
		place_work(w, body, out);
}

bool workbench_shows(const struct workbench *w, enum pane pane)
{
	return w->places.pane[pane].rows > 0;
}

/* --- drawing -------------------------------------------------------------- */

static void (*const draws[])(struct workbench *, struct grid *, struct rect) = {
	[PANE_CONSOLE] = prompt_draw, [PANE_MAP] = map_draw,
	[PANE_TASKS] = tasks_draw, [PANE_CHARTS] = charts_draw,
	[PANE_LOGS] = logs_draw, [PANE_BRIEF] = brief_draw,
	[PANE_FILE] = file_draw,
};

struct tabs {
	struct tab tabs[PANE_COUNT];
	char names[PANE_COUNT][24];
};

/* The file has a tab once it is looked at. */
static int tab_count(const struct workbench *w)
{
	return w->focus == PANE_FILE || w->layout == LAYOUT_PAIR ? PANE_COUNT :
								   PANE_FILE;
}

static void take_tabs(struct workbench *w, struct tabs *t)
{
	for (int i = 0; i < PANE_COUNT; i++) {
		struct text status = {0};

		if (i == PANE_TASKS)
			pane_status(w, PANE_TASKS, &status);
		snprintf(t->names[i], sizeof(t->names[i]), "%s%s%s",
			 pane_names[i], status.len ? " " : "",
			 text_cstr(&status));
		t->tabs[i].name = t->names[i];
		t->tabs[i].mark = pane_mark(w, (enum pane)i,
					    &t->tabs[i].mark_role);
		text_free(&status);
	}
}

enum pane layout_tab_at(struct workbench *w, int col)
{
	struct tabs t;
	int count = tab_count(w), at;

	take_tabs(w, &t);
	at = draw_tabs_hit(t.tabs, (size_t)count, col - w->places.tabs.col);
	return at < count ? (enum pane)at : PANE_COUNT;
}

static void draw_tabs_of(struct workbench *w, struct grid *g)
{
	struct tabs t;

	take_tabs(w, &t);
	draw_tabs(g, w->places.tabs, 0, t.tabs, (size_t)tab_count(w), w->focus);
}

static const char *pane_title(struct workbench *w, enum pane pane)
{
	if (pane == PANE_FILE && file_name(w))
		return file_name(w);
	if (w->truth && (pane == PANE_MAP || pane == PANE_TASKS))
		return "TRUTH";
	return pane == PANE_TASKS && w->module->is_sandbox ? "Faults" :
	       pane_names[pane];
}

static void draw_pane(struct workbench *w, struct grid *g, enum pane pane)
{
	struct rect r = w->places.pane[pane];
	struct text title = {0}, status = {0};
	struct rect rule = rect_top(&r, 1);

	pane_status(w, pane, &status);
	if (!w->places.tabs.rows)
		text_addf(&title, "%d %s", pane + 1, pane_title(w, pane));
	else if (w->places.tabs.cols < TABS_COLS)
		text_add(&title, pane_title(w, pane));
	draw_rule(g, rule, 0, text_cstr(&title), text_cstr(&status),
		  w->focus == pane);
	text_free(&title);
	text_free(&status);
	draws[pane](w, g, r);
}

void layout_draw(struct workbench *w, struct grid *g)
{
	struct panes *p = &w->places;

	if (p->task.rows)
		task_line_draw(w, g, p->task);
	if (p->tabs.rows)
		draw_tabs_of(w, g);
	/* The pane in focus last: its popups lie over the others. */
	for (int i = 0; i < PANE_COUNT; i++)
		if (p->pane[i].rows > 0 && (int)w->focus != i)
			draw_pane(w, g, (enum pane)i);
	if (p->summary.rows)
		charts_summary(w, g, p->summary);
	if (p->time.rows)
		time_draw(w, g, p->time);
	if (p->pane[w->focus].rows > 0)
		draw_pane(w, g, w->focus);
	if (p->column)
		grid_put(g, grid_all(g), p->column_row - 1, p->column, ROLE_DIM,
			 "─");
	if (p->column)
		draw_column(g, (struct rect){ p->column_row, 0, p->column_rows,
					      g->cols }, p->column);
}

/* The pane in focus must be one of those shown. */
void layout_set(struct workbench *w, enum layout layout)
{
	static const enum pane first[] = {
		[LAYOUT_WORK] = PANE_CONSOLE, [LAYOUT_WATCH] = PANE_MAP,
		[LAYOUT_READ] = PANE_CONSOLE, [LAYOUT_PAIR] = PANE_CONSOLE,
	};

	bool typing = w->console.typing && w->focus == PANE_CONSOLE;

	w->layout = layout;
	w->zoom = false;
	workbench_focus(w, first[layout]);
	w->console.typing = typing;
	map_place(w);
	app_echo(workbench_app(w), "layout %s", layout_words[layout]);
}
