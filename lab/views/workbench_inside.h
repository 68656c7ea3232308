/* workbench_inside.h - what the files of the workbench share
 *
 *	workbench.c		its life, the keyboard, time passing
 *	workbench_acts.c	what can be done
 *	workbench_layout.c	which pane stands where
 *	workbench_scroll.c	what was printed in the console
 *	workbench_prompt.c	the console's prompt
 *	workbench_ahead.c	lines that wait for the one that runs
 *	workbench_words.c	lines that are typed, and what screens add to them
 *	workbench_map.c		the map
 *	workbench_panes.c	tasks, logs, brief
 *	workbench_file.c	a file of the learner's, beside the console
 *	workbench_charts.c	which queries are drawn
 *	workbench_time.c	the time bar and everything that moves time
 *
 * One play (play.h) is shown; the panes hold copies of its answers, asked anew
 * when its time has changed and they are looked at.
 */
#ifndef LAB_VIEWS_WORKBENCH_INSIDE_H
#define LAB_VIEWS_WORKBENCH_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lab/keep.h"
#include "lab/play/chart.h"
#include "lab/play/logs.h"
#include "lab/play/play.h"
#include "lab/play/topo.h"
#include "lab/tui/app.h"
#include "lab/tui/plot.h"
#include "lab/tui/lineedit.h"
#include "lab/tui/topology_draw.h"
#include "lab/views/views.h"

struct drawer;

enum pane {
	PANE_CONSOLE, PANE_MAP, PANE_TASKS, PANE_CHARTS, PANE_LOGS, PANE_BRIEF,
	PANE_FILE, PANE_COUNT
};
extern const char *const pane_names[];		/* "Console", ... by pane */
extern const char *const pane_words[];		/* "console", ... then NULL */

enum layout {
	LAYOUT_WORK, LAYOUT_WATCH, LAYOUT_READ, LAYOUT_PAIR, LAYOUT_COUNT
};
extern const char *const layout_words[];	/* by layout, then NULL */

/* Where everything stands at one size; a pane of no rows is not shown.  A
 * pane's rectangle holds its rule in row 0. */
struct panes {
	struct rect task;		/* the line of the current task */
	struct rect tabs;		/* one pane at a time; else no rows */
	struct rect pane[PANE_COUNT];
	struct rect summary;		/* the charts in one line, or no rows */
	struct rect time;		/* row 0 its rule, unless it has none */
	bool time_has_rule;
	int column, column_rows;	/* the vertical rule; 0: there is none */
	int column_row;
};

/* --- the console ---------------------------------------------------------- */

enum { SCROLL_LINES = 10000 };

enum scroll_kind {
	SCROLL_OUT, SCROLL_ERR,		/* what tools and words print */
	SCROLL_LINE,			/* what was typed */
	SCROLL_NOTE,			/* said by the screen, not by a tool */
};

struct scroll_line {
	char *text;		/* as printed, without its newline */
	size_t len;
	sim_time at;		/* when it was printed */
	uint8_t kind;		/* enum scroll_kind */
	bool is_table;		/* fold_is_table */
	int cols;		/* cells it takes, but for blanks at its end */
};

struct console_pane {
	struct scroll_line *lines;	/* a ring of SCROLL_LINES */
	size_t first, count;
	struct text open;		/* printed, and no newline yet */
	enum scroll_kind open_kind;
	size_t typed_at;	/* lines ever put before the last typed one */
	size_t ever;		/* lines ever put */
	struct lineedit edit;
	bool typing;		/* letters are text; else they are keys */
	size_t back;		/* lines scrolled up; 0: the end is shown */
	int right;		/* columns scrolled, when zoomed */
	char **history;		/* lines that were typed, oldest first */
	size_t history_count;
	char **ahead;		/* lines typed ahead, the next one first */
	size_t ahead_count;
	char *found;		/* what is searched for, or NULL */
	size_t found_line;	/* the lit one, counted as `ever` is */
};

/* --- charts --------------------------------------------------------------- */

enum { PANELS = 4 };
struct panel_kind;

struct panel {
	const struct panel_kind *kind;	/* NULL: a query of the learner's */
	char *name, *expr;
	struct chart chart;
	struct chart ghost;	/* what was here before time went back */
	bool good;		/* the query was answered */
	char why[120];		/* else: what is wrong */
};

/* --- the workbench -------------------------------------------------------- */

struct workbench {
	struct view view;
	struct exercise *module;
	struct play *play;
	struct drawer *drawer;		/* NULL: files in memory */
	struct files files;
	char *unit;			/* title of the unit, "" */
	bool is_replay;			/* of an attempt in the log */

	enum pane focus;
	enum layout layout;
	bool zoom;			/* only the pane in focus */
	struct panes places;		/* as drawn last */

	struct console_pane console;
	struct keep keep;
	bool was_running;		/* in the last frame */
	bool was_busy;
	bool fed;			/* a tool has input it has not read */
	bool checking;			/* the line in flight is `check` */
	bool goes_on;			/* time does, once one is back here */

	/* The model, as of `shown_at`. */
	sim_time shown_at;
	int64_t shown_wall_ns;
	bool stale;			/* ask anew, whatever the time */
	struct topo topo;
	struct topo_look look;		/* how the map is looked at */
	bool turned;			/* the learner chose its view */
	bool truth;
	struct panel panels[PANELS];
	bool ghosts;			/* setting */
	struct logs logs;
	size_t logs_back;		/* lines scrolled up */
	char *logs_word;		/* filter, or NULL */
	int logs_rows;			/* asked for */
	size_t task_selected;
	int brief_top;			/* first row shown */
	int brief_rows;			/* of the whole, as drawn last */
	size_t brief_task;		/* that it was laid out for */
	bool pages_beside;		/* PgDn at the prompt paged what stands
					   beside the console */
	char *file;			/* that is shown; NULL: the first */
	int file_top, file_rows;	/* as of the brief */
	sim_time drag;			/* where the mouse holds the time bar;
					   SIM_NEVER: it does not */
};

static inline struct workbench *workbench_of(struct view *v)
{
	return (struct workbench *)v;
}
static inline const struct workbench *workbench_of_const(const struct view *v)
{
	return (const struct workbench *)v;
}
struct app *workbench_app(const struct workbench *w);
/* What a dialog was asked for, if it is still there; else NULL. */
struct workbench *workbench_still(const struct app *a, void *asker);

/* Go to a pane.  The console takes letters if it did when it was left. */
void workbench_focus(struct workbench *w, enum pane pane);
bool workbench_shows(const struct workbench *w, enum pane pane);
/* Letters go into the console's prompt; else they are keys. */
bool workbench_typing(const struct workbench *w);
/* In the pane in focus; says so when there is none. */
void workbench_find(struct workbench *w, const char *word);
/* Something was done: the panes ask anew. */
void workbench_changed(struct workbench *w);
/* Ask what the panes in sight need, if the time has come. */
void workbench_refresh(struct workbench *w);

/* workbench_acts.c */
bool acts_do(struct workbench *w, const struct action *action);
/* Why it cannot be done now; NULL: it can. */
const char *acts_refuse(const struct workbench *w, const struct action *action);
void workbench_zoom(struct workbench *w);	/* one pane, or all again */

/* workbench_layout.c */
void layout_places(const struct workbench *w, struct rect body,
		   struct panes *out);
void layout_draw(struct workbench *w, struct grid *g);
/* The pane whose tab is at a column of the screen; PANE_COUNT: none. */
enum pane layout_tab_at(struct workbench *w, int col);
void layout_set(struct workbench *w, enum layout layout);

/* workbench_scroll.c */
void scroll_init(struct workbench *w);
void scroll_clear(struct workbench *w);
void scroll_release(struct workbench *w);
void scroll_print(struct workbench *w, enum scroll_kind kind,
		  const char *bytes, size_t len);
/* A line of its own, whatever was left open before it. */
void scroll_line(struct workbench *w, enum scroll_kind kind,
		 const char *text);
void scroll_note(struct workbench *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What was printed without a newline becomes a line of its own. */
void scroll_close(struct workbench *w);
/* Is something in sight longer than the pane is wide? */
bool scroll_has_long(const struct workbench *w);
void scroll_by(struct workbench *w, int lines);		/* up; or down, below 0 */
bool scroll_find(struct workbench *w, const char *word, int by);
/* What the last line printed, or the line itself. */
void scroll_copy(struct workbench *w);
/* PgUp and PgDn, which stay keys while one types. */
bool scroll_page_key(struct workbench *w, uint32_t key);
/* Letters are keys: read what was printed. */
bool scroll_key(struct workbench *w, uint32_t key);
/* The last lines before what is scrolled away, in at most `room` rows; the
 * value is how many. */
int scroll_draw(struct workbench *w, struct grid *g, struct rect r, int room);
/* What a tool printed before it waits: its end is what is asked.  The value is
 * the column behind it. */
int scroll_draw_open(struct workbench *w, struct grid *g, struct rect r,
		     int row);

/* workbench_prompt.c */
void prompt_init(struct workbench *w);
void prompt_release(struct workbench *w);
/* A line was entered: show it, remember it. */
void prompt_typed(struct workbench *w, const char *line);
/* What was typed and printed before a resume. */
void prompt_recall(struct workbench *w, const json_t *tape);
void prompt_draw(struct workbench *w, struct grid *g, struct rect r);
bool prompt_input(struct workbench *w, const struct input *in);
bool prompt_is_empty(const struct workbench *w);
/* Put this into the prompt, to be gone on with. */
void prompt_prefill(struct workbench *w, const char *text);
/* To the tool that asks, with the prompt it printed. */
void prompt_answer(struct workbench *w, const char *line);

/* workbench_ahead.c */
void ahead_release(struct workbench *w);
void ahead_add(struct workbench *w, const char *line);
/* And say so; false: there was none. */
bool ahead_forget(struct workbench *w);
/* Has the first of them its turn?  Then begin it; w may be gone behind it. */
bool ahead_is_due(const struct workbench *w);
void ahead_begin(struct workbench *w);
/* How many rows they take of so many, and drawn from `row` on: the row below. */
int ahead_rows(const struct workbench *w, int room);
int ahead_draw(const struct workbench *w, struct grid *g, struct rect r,
	       int row, int rows);

/* workbench_words.c */
void words_type(struct workbench *w, const char *line);
/* The same as if it had been typed, and the echo line says it. */
void words_do(struct workbench *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A line has come to its end. */
void words_done(struct workbench *w);
/* Visits what may follow this word; false: the word is none of ours. */
bool words_arguments(struct workbench *w, const char *word,
		     void (*visit)(void *with, const char *name,
				   const char *usage, const char *summary),
		     void *with);
void words_each(void (*visit)(void *with, const char *name, const char *usage,
			      const char *summary), void *with);

/* workbench_panes.c: each draws below its rule; the status stands in it */
void map_draw(struct workbench *w, struct grid *g, struct rect r);
void tasks_draw(struct workbench *w, struct grid *g, struct rect r);
void logs_draw(struct workbench *w, struct grid *g, struct rect r);
void brief_draw(struct workbench *w, struct grid *g, struct rect r);
void task_line_draw(struct workbench *w, struct grid *g, struct rect r);
void pane_status(struct workbench *w, enum pane pane, struct text *out);
/* Its worst state, as a glyph for the tabs; NULL: all is well. */
const char *pane_mark(struct workbench *w, enum pane pane, enum role *role);
bool pane_input(struct workbench *w, const struct input *in);
bool pane_click(struct workbench *w, enum pane pane, int row, int col);
void pane_scroll(struct workbench *w, enum pane pane, int rows);
void pane_open(struct workbench *w);
void logs_refresh(struct workbench *w, int rows);
void logs_filter(struct workbench *w, const char *word);	/* "": all */

/* workbench_file.c */
void file_release(struct workbench *w);
bool file_any(struct workbench *w);		/* is there one to show? */
void file_show(struct workbench *w, const char *name);
const char *file_name(struct workbench *w);	/* NULL: there is none */
void file_next(struct workbench *w);
void file_scroll(struct workbench *w, int by);	/* down */
void file_open(struct workbench *w);
void file_draw(struct workbench *w, struct grid *g, struct rect r);
void file_status(struct workbench *w, struct text *out);

/* workbench_charts.c */
void charts_init(struct workbench *w);
void charts_release(struct workbench *w);
void charts_refresh(struct workbench *w);
void charts_draw(struct workbench *w, struct grid *g, struct rect r);
void charts_summary(struct workbench *w, struct grid *g, struct rect r);
bool charts_are_bad(const struct workbench *w);
/* Draw this query instead of the first panel. */
void charts_query(struct workbench *w, const char *expr);

/* workbench_time.c */
void time_draw(struct workbench *w, struct grid *g, struct rect r);
void time_state(const struct workbench *w, struct text *out, bool is_short);
bool time_act(struct workbench *w, const struct action *act);
bool time_mouse(struct workbench *w, const struct input *in);
const char *time_refuse(const struct workbench *w, const struct action *act);
unsigned time_pause_on(enum pause_on on);

/* editor_view.c: a text to $EDITOR and back; `name` says what kind it is */
bool editor_outside(struct app *a, const char *name, struct text *text,
		    struct err *err);


#endif
