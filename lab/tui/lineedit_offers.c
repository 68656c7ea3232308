/* lineedit_offers.c - the popup of completions beside a line */
#include "lab/tui/lineedit.h"

#include <string.h>

#include "lab/tui/draw.h"

enum { OFFERS_ROWS_MAX = 8 };

/* Columns of the longest offer, within reason. */
static int cols_of(const struct completions *c, int most)
{
	int cols = 12;

	for (size_t i = 0; i < c->count; i++)
		if (text_width(c->at[i].show) > cols)
			cols = text_width(c->at[i].show);
	return cols + 6 < most ? cols + 6 : most;
}

static struct rect place(const struct lineedit *e, struct rect r, int row,
			 int col)
{
	int above = row, below = r.rows - row - 1;
	int most = (above > below ? above : below) - 2;
	int rows = e->offers.count < OFFERS_ROWS_MAX ? (int)e->offers.count :
						       OFFERS_ROWS_MAX;
	int cols = cols_of(&e->offers, r.cols);

	if (rows > most)
		rows = most;
	if (col + cols > r.cols)
		col = r.cols - cols;
	return (struct rect){
		r.row + (above > below ? row - rows - 2 : row + 1),
		r.col + (col > 0 ? col : 0), rows + 2, cols
	};
}

void lineedit_draw_offers(const struct lineedit *e, struct grid *g,
			  struct rect r, int row, int col)
{
	struct rect box = place(e, r, row, col), in;
	struct text status = {0};
	size_t top;

	if (!e->is_choosing || box.rows < 3)
		return;
	top = scroll_top(0, e->offer, (size_t)box.rows - 2, e->offers.count);
	text_addf(&status, "%zu of %zu", e->offer + 1, e->offers.count);
	in = draw_box(g, box, NULL, text_cstr(&status));
	for (int i = 0; i < in.rows; i++) {
		size_t offer = top + (size_t)i;
		struct rect line = { in.row + i, in.col, 1, in.cols };

		draw_name(g, in, i, 0, in.cols, ROLE_TEXT,
			  e->offers.at[offer].show);
		if (offer == e->offer)
			grid_flag(g, line, CELL_SELECTED);
	}
	text_free(&status);
}
