/* sheet.h - a page longer than the screen: drawn whole, shown in part
 *
 *	struct sheet s;
 *	struct rect r = sheet_open(&s, body.cols);
 *	row = draw_wrapped(&s.grid, r, row, ...);
 *	top = sheet_show(&s, row, g, body, top);
 *
 * Drawing needs no thought of where the screen ends; sheet_show copies the rows
 * from `top` on, says at the lower right when there are more, and frees it.
 */
#ifndef LAB_VIEWS_SHEET_H
#define LAB_VIEWS_SHEET_H

#include "lab/tui/grid.h"

struct sheet {
	struct grid grid;
};

enum { SHEET_ROWS = 400 };

struct rect sheet_open(struct sheet *s, int cols);
/* `rows` are used.  The value is `top`, moved so that it is of use. */
int sheet_show(struct sheet *s, int rows, struct grid *g, struct rect body,
	       int top);
/* The nearest `top` at which rows from..to are seen. */
int sheet_top(int top, int from, int to, int shown);

#endif
