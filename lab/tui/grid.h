/* grid.h - a picture of the terminal, in memory
 *
 * A screen is drawn into a grid of cells; only then does somebody paint it
 * (term.c), write it to a file (shot.c) or compare it (tests).  A cell holds
 * one character as UTF-8 with what combines with it, and the *role* it plays:
 * what the theme then makes of a role is no business of who draws.
 *
 *	grid_put(g, rect, row, col, ROLE_GOOD, "● ok")
 *
 * Rows and columns count from 0.  Whatever does not fit is cut at the edge of
 * the rectangle it was drawn in, never wrapped.  Control characters become
 * a visible `·`; a character two cells wide takes two cells or none.
 *
 * Views draw Unicode.  For a terminal without it, grid_ascii turns each glyph
 * into one character of ASCII: same cells, other glyphs (screens.md 3c).
 */
#ifndef LAB_TUI_GRID_H
#define LAB_TUI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/text/glyph.h"
#include "lab/tui/role.h"
#include "sim/core/text.h"

enum {
	GRID_ROWS_MAX = 500,
	GRID_COLS_MAX = 1000,
};

enum cell_flags {
	CELL_SELECTED = 1 << 0,	/* the current row; its status stays visible */
	CELL_BOLD = 1 << 1,	/* a changed number, a focused title */
};

struct cell {
	char text[GLYPH_BYTES];	/* "": right half of a wide character */
	uint8_t width;		/* 1 or 2; 0: right half of a wide one */
	uint8_t role;		/* enum role */
	uint8_t flags;		/* enum cell_flags */
	uint16_t link;		/* what a click opens: grid_link; 0: nothing */
};

struct grid {
	int rows, cols;
	struct cell *cells;	/* rows * cols */
	int cursor_row, cursor_col;	/* -1: hidden */
};

struct rect {
	int row, col, rows, cols;
};

void grid_init(struct grid *g, int rows, int cols);
void grid_release(struct grid *g);
/* Blank, of another size perhaps; the cursor is hidden. */
void grid_reset(struct grid *g, int rows, int cols);
bool grid_same(const struct grid *a, const struct grid *b);

struct rect grid_all(const struct grid *g);
static inline struct cell *grid_at(const struct grid *g, int row, int col)
{
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

/* --- draw ----------------------------------------------------------------- */

/* Write at (row, col) of the rectangle; the value is the column behind the
 * last cell written, also when that was cut off. */
int grid_put(struct grid *g, struct rect r, int row, int col, enum role role,
	     const char *s);
int grid_putn(struct grid *g, struct rect r, int row, int col, enum role role,
	      const char *s, size_t len);
int grid_putf(struct grid *g, struct rect r, int row, int col, enum role role,
	      const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The same glyph `count` times. */
int grid_fill(struct grid *g, struct rect r, int row, int col, int count,
	      enum role role, const char *glyph);
void grid_blank(struct grid *g, struct rect r);
/* Mark what is there already. */
void grid_flag(struct grid *g, struct rect r, enum cell_flags flag);
void grid_link(struct grid *g, struct rect r, uint16_t link);
void grid_cursor(struct grid *g, struct rect r, int row, int col);

/* --- rectangles ------------------------------------------------------------- */

/* Take rows or columns off an edge; never more than there are. */
struct rect rect_top(struct rect *r, int rows);
struct rect rect_bottom(struct rect *r, int rows);
struct rect rect_left(struct rect *r, int cols);
struct rect rect_right(struct rect *r, int cols);
struct rect rect_inset(struct rect r, int rows, int cols);
bool rect_has(struct rect r, int row, int col);

/* --- other forms -------------------------------------------------------------- */

void grid_ascii(struct grid *g);	/* for a terminal without Unicode */
void grid_mono(struct grid *g);		/* focus as a double rule */

/* Rows as text, spaces at the ends cut; with `roles`, rows of role letters
 * follow (screens.md 3b; a capital letter is a selected cell). */
void grid_text(const struct grid *g, bool roles, struct text *out);

#endif
