/* app.h - the program a person sits in front of, without a terminal
 *
 * It holds the stack of views, what they all need, and the rules that hold in
 * all of them: what Esc leaves, what the footer says, what the palette lists.
 * It knows no terminal and no clock.  Inputs go in, a grid comes out:
 *
 *	app_input(app, &in);			a key was pressed
 *	app_frame(app, wall_ns);		so much time has passed
 *	app_draw(app, &grid);			what it looks like now
 *
 * Three drive it: the terminal (tui.c), a script of keys (`shot`, tests), and
 * the bench.
 */
#ifndef LAB_TUI_APP_H
#define LAB_TUI_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/tui/view.h"
#include "lab/tui/settings.h"
#include "sim/core/err.h"

struct app;
struct catalog;
struct store;

/* What the outside gives; all borrowed but where said. */
struct app_outside {
	const struct catalog *catalog;
	struct store *store;		/* may be in memory; NULL in some tests */
	const char *store_note;		/* why nothing is kept, or NULL */
	const char *home;		/* the learner's folder */
	const char *content;		/* where the course lies */
	/* Actions that belong to no view: what opens screens (views.h). */
	bool (*act)(struct app *a, const struct action *act);
	/* Open an exercise, a lesson, a word... by id; says why not. */
	bool (*open)(struct app *a, const char *id);
	/* Milliseconds since 1970, and the minutes east of UTC. */
	int64_t (*now_ms)(void *ctx);
	int utc_offset_minutes;
	/* True when the budget of this frame is used up. */
	bool (*budget_over)(void *ctx);
	/* Give the terminal to $EDITOR, and come back.  NULL: there is none. */
	bool (*edit_file)(void *ctx, const char *path, struct err *err);
	/* Put text where the person can paste it; says where. */
	bool (*copy)(void *ctx, const char *text, size_t len, struct text *said);
	/* Something goes on within one step and takes long: show how far it is
	 * (app_draw_progress), once that is worth it.  False: the person wants
	 * it stopped.  NULL: nobody looks on. */
	bool (*progress)(void *ctx, struct app *a);
	void *ctx;
};

struct app {
	struct app_outside outside;
	struct settings settings;
	struct view *top;		/* the stack; NULL: the program ends */
	int rows, cols;
	struct text echo;		/* the line above the footer */
	enum role echo_role;
	/* It says something about a state, and leaves with it: while this
	 * holds of that view, or that action is refused.  NULL: it stays. */
	bool (*echo_holds)(const struct view *v);
	const struct view *echo_view;
	const struct action *echo_refused;
	const char *progress;		/* over it, of what goes on; or NULL */
	struct text copied;		/* the last thing copied */
	int64_t wall_ns;		/* since the start, as told by app_frame */
	bool wants_quit;
	int interrupts;			/* Ctrl-C in a row */
	uint64_t frame;			/* counts drawings */
};

void app_init(struct app *a, const struct app_outside *outside, int rows,
	      int cols);
void app_release(struct app *a);

void app_input(struct app *a, const struct input *in);
void app_key(struct app *a, uint32_t key);
/* A script of keys (script.c): "Down Down Enter", "'text' Enter", "@2s" lets
 * so much wall time pass; "@80x24" resizes.  After each word what it began is
 * waited for.  False: a word that is no key, or something never ends. */
bool app_keys(struct app *a, const char *script, struct err *err);
/* Frames until all that was asked for is done; false: it does not end. */
bool app_settle(struct app *a);
void app_frame(struct app *a, int64_t wall_ns);
void app_draw(struct app *a, struct grid *g);
/* Over the last picture; what the views show may be half-way to something
 * else, so they are not asked. */
void app_draw_progress(const struct app *a, struct grid *g);
/* Something changes by itself: draw again soon. */
bool app_moving(const struct app *a);
/* Is there a view that looks outside, and did one see something? */
bool app_looks(const struct app *a);
bool app_look(struct app *a);
/* All that was asked for is done. */
bool app_settled(const struct app *a);
bool app_ended(const struct app *a);

/* --- for views ------------------------------------------------------------- */

void app_push(struct app *a, struct view *v);
void app_pop(struct app *a);
/* Leave views until the named one is on top; false, nothing done: not there. */
bool app_pop_to(struct app *a, const char *name);
struct view *app_find(const struct app *a, const char *name);
/* Do an action by id, wherever it belongs; false: nobody took it. */
bool app_act(struct app *a, const char *id);
/* Why not now, or NULL. */
const char *app_refuses(const struct app *a, const struct action *act);

void app_say(struct app *a, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same about a state of this view: gone when `holds` is no longer true. */
void app_say_while(struct view *v, bool (*holds)(const struct view *v),
		   enum role role, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The command that equals what was just done: "$ millrace ...". */
void app_echo(struct app *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* How far it is, for something that takes long.  False: Esc or Ctrl-C was
 * pressed. */
bool app_progress(struct app *a, const char *said);
void app_copy(struct app *a, const char *text, size_t len);
int64_t app_now_ms(const struct app *a);
bool app_budget_over(const struct app *a);

/* A question with two answers; `yes` runs when it is Enter or y. */
void app_confirm(struct app *a, const char *question, const char *yes_label,
		 void (*yes)(struct app *a, void *ctx), void *ctx);
/* A line of text to be typed; runs when it is entered. */
void app_ask(struct app *a, const char *question, const char *text,
	     void (*entered)(struct app *a, void *ctx, const char *text),
	     void *ctx);

/* The smallest size views must manage; below it the app says so itself. */
enum { APP_ROWS_MIN = 12, APP_COLS_MIN = 40 };

#endif
