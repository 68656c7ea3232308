/* view.h - one screen: what it shows, what it takes, what it is called
 *
 * A view draws its model into the body of the grid and answers actions.  The
 * app around it owns the rest of the screen:
 *
 *	row 0		crumb left, state right		view->ops->crumb
 *	rows 1..	the body			view->ops->draw
 *	row n-2		echo: what happened, or the command that equals it
 *	row n-1		footer, from the table of actions
 *
 * Drawing asks no clock and changes nothing but where things were drawn (how
 * far a list is scrolled, what a click would hit): the same model in the same
 * size gives the same cells (design D9).  A view is heap-allocated with
 * `struct view` as its first member and freed by ops->free.
 *
 * Views stand on a stack; Esc and q leave the top one.  An *overlay* (hints,
 * palette, a dialog) is a view that is drawn over the one below it.
 */
#ifndef LAB_TUI_VIEW_H
#define LAB_TUI_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/tui/action.h"
#include "lab/tui/grid.h"
#include "lab/tui/key.h"

struct app;
struct view;

struct view_ops {
	const char *name;		/* "workbench": for scenes and tests */
	bool is_overlay;
	bool is_whole;			/* draws the whole screen, chrome too */
	/* The contexts it is in now, inside out; ends with CTX_COUNT.
	 * CTX_EVERYWHERE goes without saying. */
	void (*contexts)(const struct view *v, enum context out[CTX_COUNT + 1]);
	void (*crumb)(const struct view *v, struct text *left,
		      struct text *right);
	void (*draw)(struct view *v, struct grid *g, struct rect body);
	/* Before any action: what is typed where letters are text, arrows in a
	 * list, the mouse (row and col of the whole screen).  True: taken. */
	bool (*input)(struct view *v, const struct input *in);
	/* Letters are text now: keys without Ctrl, Alt or a name are not looked
	 * up as actions unless `input` refused them. */
	bool (*typing)(const struct view *v);
	/* Do it.  False: not this view's. */
	bool (*act)(struct view *v, const struct action *a);
	/* Why it cannot be done now, or NULL; shown in palette and footer. */
	const char *(*refuse)(const struct view *v, const struct action *a);
	/* Wall time passes; work within the budget (app_budget). */
	void (*frame)(struct view *v, int64_t wall_ns);
	/* Does it want frames by itself (a world runs), or only after input? */
	bool (*moving)(const struct view *v);
	/* Is it in the middle of something it will end by itself?  Tests and
	 * scripts of keys wait until nothing is. */
	bool (*busy)(const struct view *v);
	/* Twice a second, also while nothing moves and whatever lies over it:
	 * has something outside changed, a file say?  True: draw. */
	bool (*look)(struct view *v);
	/* It is on top again: read the model anew. */
	void (*shown)(struct view *v);
	void (*free)(struct view *v);
};

struct view {
	const struct view_ops *ops;
	struct app *app;
	struct view *below;
};

#endif
