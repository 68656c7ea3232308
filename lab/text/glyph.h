/* glyph.h - characters: how wide, how they may be shown, their ASCII twins
 *
 * Widths are the C library's, since curses counts with it.  What could move
 * the cursor or turn the direction of a line (control characters, marks of
 * bidirectional text, joiners) is never shown as it is: a learner's record may
 * hold anything.
 */
#ifndef LAB_TEXT_GLYPH_H
#define LAB_TEXT_GLYPH_H

#include <stddef.h>
#include <stdint.h>

enum { GLYPH_BYTES = 12 };	/* one character with combining ones, and NUL */

/* Of A to Z, a to z; what is none of them stays. */
char text_lower(char c);

/* Cells a text needs. */
int text_width(const char *s);
int text_width_n(const char *s, size_t len);
/* Bytes of the next character with what combines with it; *width in cells. */
size_t text_glyph(const char *s, size_t len, int *width);
/* Bytes of the longest beginning that needs at most `cols` cells. */
size_t text_fit(const char *s, size_t len, int cols);

/* What to show for the character of `len` bytes at s (from text_glyph), and
 * how wide that is; out has GLYPH_BYTES.  The value is its length. */
size_t glyph_shown(const char *s, size_t len, int *width, char *out);

/* One character of ASCII for a glyph; `?` when there is none. */
char glyph_ascii(const char *glyph);

/* The code point at s and its length; a broken byte is U+FFFD of length 1. */
uint32_t glyph_decode(const char *s, size_t len, size_t *used);

#endif
