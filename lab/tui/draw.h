/* draw.h - the pieces all screens are made of
 *
 *	─ 1 Console ──────── compact, z as printed ─┬─ 2 Topology ─── kafka ─
 *	                                            │
 *
 * Rules carry a title at the left and a status at the right; there are no
 * bottom borders.  One vertical rule at most.  A full box is an overlay and
 * nothing else is.  Text stands one column off the left edge (screens.md 3a).
 *
 * Everything here draws into a rectangle of a grid and keeps nothing.
 */
#ifndef LAB_TUI_DRAW_H
#define LAB_TUI_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/tui/grid.h"

/* --- rules and boxes ------------------------------------------------------ */

/* A rule over the whole row.  Title and status may be NULL; the status goes
 * first when room is short. */
void draw_rule(struct grid *g, struct rect r, int row, const char *title,
	       const char *status, bool is_focused);

/* A vertical rule through column `col` of r, joined with the rules it crosses
 * and those that end at it.  To be drawn after them. */
void draw_column(struct grid *g, struct rect r, int col);

/* A box over what is there; the value is the room inside. */
struct rect draw_box(struct grid *g, struct rect r, const char *title,
		     const char *status);
/* Where a box of that size goes: in the middle of r, cut to it. */
struct rect draw_box_place(struct rect r, int rows, int cols);

/* Split r for a vertical rule at 60 % (or half, for comparisons): left of it
 * and right of it; the value is its column in r. */
int draw_split(struct rect r, bool at_half, struct rect *left,
	       struct rect *right);

/* --- text ----------------------------------------------------------------- */

/* At most `cols` cells, cut at the end, or in the middle for a name. */
int draw_cut(struct grid *g, struct rect r, int row, int col, int cols,
	     enum role role, const char *s);
int draw_name(struct grid *g, struct rect r, int row, int col, int cols,
	      enum role role, const char *s);
/* So that its last cell is in column `end - 1`. */
void draw_right(struct grid *g, struct rect r, int row, int end,
		enum role role, const char *s);

/* `label` in dim and, `label_cols` further, a value. */
void draw_field(struct grid *g, struct rect r, int row, int label_cols,
		const char *label, enum role role, const char *value);

/* Wrapped at the measure or at the width of r; the value is the row behind. */
int draw_wrapped(struct grid *g, struct rect r, int row, int col,
		 enum role role, const char *s);
/* How many rows that takes. */
int draw_wrapped_rows(struct rect r, int col, const char *s);

/* --- tables --------------------------------------------------------------- */

struct table_column {
	const char *title;	/* with the unit, if there is one */
	int cols;		/* 0: as wide as what stands in it */
	bool is_number;		/* stands right */
	bool is_name;		/* is cut in the middle */
	bool can_shrink;	/* gives room when there is too little */
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	size_t rows;
	size_t selected;	/* rows or more: none is */
	size_t top;		/* first row shown; draw_table_top */
	bool has_header;
	/* The text of one cell, and its role (ROLE_TEXT before). */
	void (*cell)(void *ctx, size_t row, size_t column, struct text *out,
		     enum role *role);
	void *ctx;
};

enum { TABLE_COLUMNS_MAX = 16, TABLE_GUTTER = 3 };

/* Two spaces between columns; the selected row has `▸` and is marked. */
void draw_table(struct grid *g, struct rect r, const struct table *t);
/* Nearest `top` to the one there is at which the selected row is seen. */
size_t draw_table_top(const struct table *t, int rows);
/* The row of the table at a row of r; t->rows: none. */
size_t draw_table_hit(const struct table *t, int row);

/* For any list: the nearest `top` at which `selected` is among `shown`. */
size_t scroll_top(size_t top, size_t selected, size_t shown, size_t total);
/* "12-30 of 90"; nothing when all is seen. */
void scroll_text(struct text *out, size_t top, size_t shown, size_t total);

/* --- small ones ----------------------------------------------------------- */

/* `████▒░░░`; fraction 0 .. 1, not a number: `?`. */
void draw_progress(struct grid *g, struct rect r, int row, int col, int cols,
		   enum role role, double fraction);

struct tab {
	const char *name;
	enum role mark_role;
	const char *mark;	/* its worst state, "▲"; NULL: none */
};

/* ` 1 Console  2 Map  3 Tasks ▲`; the value is the column behind. */
int draw_tabs(struct grid *g, struct rect r, int row, const struct tab *tabs,
	      size_t count, size_t current);
/* Which tab is at that column; count: none. */
size_t draw_tabs_hit(const struct tab *tabs, size_t count, int col);

#endif
