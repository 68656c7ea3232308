/* fold.h - a line that was printed, made to fit a narrow pane
 *
 * Output of tools is laid out for eighty columns and more, so it is not
 * wrapped as running text is (wrap.h): first the blanks that put columns below
 * each other are made small, then what is still too long goes on in a row
 * below, as far in as the line itself begins.  Words keep their hyphens
 * unbroken: they are names and options, to be copied.
 */
#ifndef LAB_VIEWS_FOLD_H
#define LAB_VIEWS_FOLD_H

#include <stddef.h>

#include "sim/core/text.h"

/* Tabs as blanks, and no carriage return at the end. */
void fold_expand(struct text *out, const char *s, size_t len);
/* What puts columns below each other is made small: a tab, one blank; blanks,
 * two at most.  Tabs stay tabs up to here. */
void fold_squeeze(struct text *out, const char *s, size_t len);
/* Rows of at most `cols` cells, a newline between them.  The value is how many
 * there are. */
int fold_rows(struct text *out, const char *s, int cols);

#endif
