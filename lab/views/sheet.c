/* sheet.c - a page longer than the screen: drawn whole, shown in part */
#include "lab/views/sheet.h"

#include "lab/tui/draw.h"

struct rect sheet_open(struct sheet *s, int cols)
{
	grid_init(&s->grid, SHEET_ROWS, cols > 0 ? cols : 1);
	return grid_all(&s->grid);
}

static void copy_row(const struct sheet *s, int from, struct grid *g,
		     struct rect body, int row)
{
	for (int col = 0; col < body.cols && col < s->grid.cols; col++)
		*grid_at(g, body.row + row, body.col + col) =
			*grid_at(&s->grid, from, col);
}

int sheet_top(int top, int from, int to, int shown)
{
	if (to >= top + shown)
		top = to - shown + 1;
	if (from < top)
		top = from;
	return top < 0 ? 0 : top;
}

int sheet_show(struct sheet *s, int rows, struct grid *g, struct rect body,
	       int top)
{
	struct text more = {0}, range = {0};

	if (rows > s->grid.rows)
		rows = s->grid.rows;
	if (top > rows - body.rows)
		top = rows - body.rows;
	if (top < 0)
		top = 0;
	for (int row = 0; row < body.rows && top + row < rows; row++)
		copy_row(s, top + row, g, body, row);
	if (s->grid.cursor_row >= top &&
	    s->grid.cursor_row < top + body.rows)
		grid_cursor(g, body, s->grid.cursor_row - top,
			    s->grid.cursor_col);
	scroll_text(&range, (size_t)top, body.rows > 0 ? (size_t)body.rows : 0,
		    rows > 0 ? (size_t)rows : 0);
	text_addf(&more, "  %s", text_cstr(&range));
	if (range.len && body.rows > 0)
		draw_right(g, body, body.rows - 1, body.cols - 1, ROLE_DIM,
			   text_cstr(&more));
	text_free(&range);
	text_free(&more);
	grid_release(&s->grid);
	return top;
}
