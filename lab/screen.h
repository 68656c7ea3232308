/* screen.h - opening the screen from the command line
 *
 * The screen runs in a process of its own (tui/supervisor.h), so that the
 * terminal is whole again whatever happens.
 */
#ifndef LAB_SCREEN_H
#define LAB_SCREEN_H

#include "lab/cli.h"
#include "lab/tui/app.h"
#include "lab/views/views.h"

/* Is there a terminal to draw on, and does nobody ask for lines instead? */
bool screen_wanted(const struct cli *c);

/* `open` makes the first view.  The value is the exit status. */
int screen_run(struct cli *c,
	       struct view *(*open)(struct app *a, void *ctx, struct err *err),
	       void *ctx);
int screen_home(struct cli *c);
int screen_start(struct cli *c, const struct workbench_options *o);

#endif
