/* footer.h - the last row: what can be done here, and with which key
 *
 * At most eight hints, ordered by likelihood, dropped from the right when the
 * row is too short.  What cannot be done now is left out.
 */
#ifndef LAB_TUI_FOOTER_H
#define LAB_TUI_FOOTER_H

#include "lab/tui/app.h"

void footer_draw(struct app *a, const enum context *contexts, struct grid *g,
		 struct rect row);

#endif
