/* cursor.h - the current row of a list, and the keys that move it
 *
 * Arrows, PgUp, PgDn, Home and End, and their twins j k g G Ctrl-D Ctrl-U
 * (screens.md 5); the wheel.  The first row shown follows the current one
 * (scroll_top, draw.h).
 */
#ifndef LAB_VIEWS_CURSOR_H
#define LAB_VIEWS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/tui/key.h"

struct cursor {
	size_t at;		/* current row, from 0 */
	size_t top;		/* first one shown */
};

/* True: it was a key that moves, even if it could move no further.  `page` is
 * how many rows are shown. */
bool cursor_input(struct cursor *c, const struct input *in, size_t count,
		  size_t page);
/* After the list has changed: still a row of it. */
void cursor_keep(struct cursor *c, size_t count);

#endif
