/* wrap.h - where a text is broken, and how it is cut when it is too long
 *
 * Lines break at spaces, at the `-` inside a word and, when nothing else
 * helps, anywhere between two characters.  What is too long is cut in one of
 * two ways (screens.md 3a): a sentence loses its end, a name its middle,
 * because names differ at both ends: `backup-28…11`.
 */
#ifndef LAB_TUI_WRAP_H
#define LAB_TUI_WRAP_H

#include <stddef.h>

#include "sim/core/text.h"

/* Columns of running text, at most: longer lines are hard to come back from. */
enum { MEASURE = 68 };

/* Bytes of s that make the next line of at most `cols` cells, without the
 * space at its end; *skip (not NULL) is where the line after begins.  A newline
 * ends a line.  At least one character is taken, even if it is too wide. */
size_t wrap_line(const char *s, size_t len, int cols, size_t *skip);

/* Lines that makes; 0 for an empty text. */
int wrap_count(const char *s, size_t len, int cols);

/* Add s broken at `cols`, every line after `indent`, a newline behind each. */
void wrap_text(struct text *out, const char *s, size_t len, int cols,
	       const char *indent);

/* Add s, in at most `cols` cells, `…` standing for what is missing. */
void cut_end(struct text *out, const char *s, int cols);
void cut_middle(struct text *out, const char *s, int cols);

#endif
