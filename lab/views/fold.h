/* fold.h - a line that was printed, made to fit a narrow pane
 *
 * Output of tools is laid out for eighty columns and more, so it is not
 * wrapped as running text is (wrap.h).  A line of a table is taken apart at its
 * cells, which a tab or two blanks part: the blanks that put columns below each
 * other are made small, and a cell that does not fit any more begins a row
 * below, as far in as the line itself does.
 *
 *	CONTAINER ID  IMAGE  COMMAND
 *	  CREATED  STATUS
 *
 * Only a cell that is longer than a row is broken, at a blank.  Words keep their
 * hyphens unbroken: they are names and options, to be copied.
 */
#ifndef LAB_VIEWS_FOLD_H
#define LAB_VIEWS_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/text.h"

/* Tabs as blanks, and no carriage return at the end. */
void fold_expand(struct text *out, const char *s, size_t len);

/* The same without blanks at the end; begins as far in as fold_line does. */
void fold_dedent(struct text *out, const char *s, size_t len);
/* Cells of it, without blanks at the end. */
int fold_cols(const char *s, size_t len);

/* Rows of at most `cols` cells, a newline between them.  The value is how many
 * there are. */
int fold_line(struct text *out, const char *s, size_t len, int cols);
/* The same of a line that is all text: blanks in it stay. */
int fold_text(struct text *out, const char *s, size_t len, int cols);

/* Has it cells that stand below those of other lines? */
bool fold_is_table(const char *s, size_t len);

#endif
