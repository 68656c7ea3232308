/* svg.h - a grid as a picture for a page
 *
 * What `millrace shot` writes and the README shows: the cells as they would
 * look in a terminal of that theme, in a plain window.  Text stays text: each
 * run of one look is one <text> with its exact width (textLength), so that the
 * cells line up whatever monospaced font the reader has.  The same grid gives
 * the same bytes.
 */
#ifndef LAB_TUI_SVG_H
#define LAB_TUI_SVG_H

#include "lab/tui/grid.h"
#include "lab/tui/role.h"
#include "sim/core/text.h"

/* `title` is what a screen reader says instead of the picture; NULL: what the
 * first row says. */
void svg_write(const struct grid *g, enum theme theme, const char *title,
	       struct text *out);

#endif
