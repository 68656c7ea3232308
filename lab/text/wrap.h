/* wrap.h - where a text is broken, and how it is cut when it is too long
 *
 * A line is as wide as its cells (glyph.h).  On a screen nothing may stand out:
 * lines break at spaces, at the `-` inside a word and, when nothing else helps,
 * anywhere between two characters.  What is printed is copied and searched, so
 * there lines break at spaces only, and a word that is too long stays whole.
 *
 * What is too long for one line is cut in one of two ways (screens.md 3a): a
 * sentence loses its end, a name its middle, because names differ at both ends:
 * `backup-28…11`.
 */
#ifndef LAB_TEXT_WRAP_H
#define LAB_TEXT_WRAP_H

#include <stddef.h>

#include "sim/core/text.h"

/* Columns of running text, at most: longer lines are hard to come back from. */
enum { MEASURE = 68 };

/* --- on a screen -------------------------------------------------------------- */

/* Bytes of s that make the next line of at most `cols` cells, without the
 * space at its end; *skip (not NULL) is where the line after begins.  A newline
 * ends a line.  At least one character is taken, even if it is too wide. */
size_t wrap_line(const char *s, size_t len, int cols, size_t *skip);

/* Lines that makes; 0 for an empty text. */
int wrap_count(const char *s, size_t len, int cols);

/* Add s broken at `cols`, every line after `indent`, a newline behind each. */
void wrap_text(struct text *out, const char *s, size_t len, int cols,
	       const char *indent);

/* --- on a printed page --------------------------------------------------------- */

/*
 * Adds `s` with no line longer than `columns`, broken at blanks; what is broken
 * off stands below the line's own beginning.  Code and tables (four blanks or
 * a | in front, or between ```) stay as they are.  Columns 0: as it is.
 */
void wrap_prose(struct text *out, const char *s, int columns);

/* The same for lines that are no code however far they are indented: what is
 * broken off stands at column `hang`, or with 0 below the line's first word. */
void wrap_hanging(struct text *out, const char *s, int columns, int hang);

/* Adds Markdown as one would write it without: headings and strong words lose
 * their marks, code keeps all of its own. */
void wrap_unmark(struct text *out, const char *s);

/* --- cut ----------------------------------------------------------------------- */

/* Add s, in at most `cols` cells, `…` standing for what is missing. */
void cut_end(struct text *out, const char *s, int cols);
void cut_middle(struct text *out, const char *s, int cols);

#endif
