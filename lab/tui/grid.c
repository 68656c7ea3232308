/* grid.c - a picture of the terminal, in memory */
#include "lab/tui/grid.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/text/glyph.h"
#include "sim/core/mem.h"

void grid_init(struct grid *g, int rows, int cols)
{
	*g = (struct grid){0};
	grid_reset(g, rows, cols);
}

void grid_release(struct grid *g)
{
	free(g->cells);
	*g = (struct grid){0};
}

static const struct cell blank = { .text = " ", .width = 1, .role = ROLE_TEXT };

static int within(int n, int max)
{
	return n < 1 ? 1 : n > max ? max : n;
}

void grid_reset(struct grid *g, int rows, int cols)
{
	size_t count;

	rows = within(rows, GRID_ROWS_MAX);
	cols = within(cols, GRID_COLS_MAX);
	count = (size_t)rows * (size_t)cols;
	if (!g->cells || rows != g->rows || cols != g->cols) {
		free(g->cells);
		g->cells = mem_take(count * sizeof(*g->cells));
	}
	g->rows = rows;
	g->cols = cols;
	g->cursor_row = g->cursor_col = -1;
	for (size_t i = 0; i < count; i++)
		g->cells[i] = blank;
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->width == b->width && a->role == b->role &&
	       a->flags == b->flags && strcmp(a->text, b->text) == 0;
}

bool grid_same(const struct grid *a, const struct grid *b)
{
	size_t count = (size_t)a->rows * (size_t)a->cols;

	if (a->rows != b->rows || a->cols != b->cols ||
	    a->cursor_row != b->cursor_row || a->cursor_col != b->cursor_col)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same_cell(&a->cells[i], &b->cells[i]))
			return false;
	return true;
}

struct rect grid_all(const struct grid *g)
{
	return (struct rect){ 0, 0, g->rows, g->cols };
}

/* --- draw ----------------------------------------------------------------- */

/* Is (row, col) of the rectangle also a cell of the grid? */
static bool is_inside(const struct grid *g, struct rect r, int row, int col)
{
	return row >= 0 && row < r.rows && col >= 0 && col < r.cols &&
	       r.row + row >= 0 && r.row + row < g->rows &&
	       r.col + col >= 0 && r.col + col < g->cols;
}

/* A wide character that loses a half becomes a blank. */
static void break_wide(struct grid *g, int row, int col)
{
	struct cell *c = grid_at(g, row, col);

	if (c->width == 0 && col > 0) {
		strcpy(grid_at(g, row, col - 1)->text, " ");
		grid_at(g, row, col - 1)->width = 1;
	}
	if (c->width == 2 && col + 1 < g->cols) {
		strcpy(grid_at(g, row, col + 1)->text, " ");
		grid_at(g, row, col + 1)->width = 1;
	}
}

static void set(struct grid *g, int row, int col, enum role role,
		const char *glyph, size_t len, int width)
{
	struct cell *c = grid_at(g, row, col);

	break_wide(g, row, col);
	if (width == 2)
		break_wide(g, row, col + 1);
	if (len >= GLYPH_BYTES)
		len = GLYPH_BYTES - 1;	/* text_glyph never gives more */
	memcpy(c->text, glyph, len);
	c->text[len] = '\0';
	c->width = (uint8_t)width;
	c->role = (uint8_t)role;
	c->flags = 0;
	c->link = 0;
	if (width == 2)
		*grid_at(g, row, col + 1) = (struct cell){ .role = (uint8_t)role };
}

int grid_putn(struct grid *g, struct rect r, int row, int col, enum role role,
	      const char *s, size_t len)
{
	while (len) {
		char shown[GLYPH_BYTES];
		int width;
		size_t n = text_glyph(s, len, &width), bytes = n;

		bytes = glyph_shown(s, n, &width, shown);
		if (width == 1 && is_inside(g, r, row, col))
			set(g, r.row + row, r.col + col, role, shown, bytes, 1);
		else if (width == 2 && is_inside(g, r, row, col) &&
			 is_inside(g, r, row, col + 1))
			set(g, r.row + row, r.col + col, role, shown, bytes, 2);
		col += width;
		s += n;
		len -= n;
	}
	return col;
}

int grid_put(struct grid *g, struct rect r, int row, int col, enum role role,
	     const char *s)
{
	return grid_putn(g, r, row, col, role, s, strlen(s));
}

int grid_putf(struct grid *g, struct rect r, int row, int col, enum role role,
	      const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	col = grid_putn(g, r, row, col, role, text_cstr(&t), t.len);
	text_free(&t);
	return col;
}

int grid_fill(struct grid *g, struct rect r, int row, int col, int count,
	      enum role role, const char *glyph)
{
	while (count-- > 0)
		col = grid_put(g, r, row, col, role, glyph);
	return col;
}

void grid_blank(struct grid *g, struct rect r)
{
	for (int row = 0; row < r.rows; row++)
		for (int col = 0; col < r.cols; col++)
			if (is_inside(g, r, row, col))
				set(g, r.row + row, r.col + col, ROLE_TEXT, " ",
				    1, 1);
}

void grid_flag(struct grid *g, struct rect r, enum cell_flags flag)
{
	for (int row = 0; row < r.rows; row++)
		for (int col = 0; col < r.cols; col++)
			if (is_inside(g, r, row, col))
				grid_at(g, r.row + row, r.col + col)->flags |=
					(uint8_t)flag;
}

void grid_link(struct grid *g, struct rect r, uint16_t link)
{
	for (int row = 0; row < r.rows; row++)
		for (int col = 0; col < r.cols; col++)
			if (is_inside(g, r, row, col))
				grid_at(g, r.row + row, r.col + col)->link =
					link;
}

void grid_cursor(struct grid *g, struct rect r, int row, int col)
{
	if (!is_inside(g, r, row, col))
		return;
	g->cursor_row = r.row + row;
	g->cursor_col = r.col + col;
}

/* --- rectangles ------------------------------------------------------------- */

static int at_most(int wanted, int there)
{
	return wanted < 0 ? 0 : wanted < there ? wanted : there;
}

struct rect rect_top(struct rect *r, int rows)
{
	struct rect taken = *r;

	taken.rows = at_most(rows, r->rows);
	r->row += taken.rows;
	r->rows -= taken.rows;
	return taken;
}

struct rect rect_bottom(struct rect *r, int rows)
{
	struct rect taken = *r;

	taken.rows = at_most(rows, r->rows);
	r->rows -= taken.rows;
	taken.row = r->row + r->rows;
	return taken;
}

struct rect rect_left(struct rect *r, int cols)
{
	struct rect taken = *r;

	taken.cols = at_most(cols, r->cols);
	r->col += taken.cols;
	r->cols -= taken.cols;
	return taken;
}

struct rect rect_right(struct rect *r, int cols)
{
	struct rect taken = *r;

	taken.cols = at_most(cols, r->cols);
	r->cols -= taken.cols;
	taken.col = r->col + r->cols;
	return taken;
}

struct rect rect_inset(struct rect r, int rows, int cols)
{
	rect_top(&r, rows);
	rect_bottom(&r, rows);
	rect_left(&r, cols);
	rect_right(&r, cols);
	return r;
}

bool rect_has(struct rect r, int row, int col)
{
	return row >= r.row && row < r.row + r.rows && col >= r.col &&
	       col < r.col + r.cols;
}

/* --- other forms -------------------------------------------------------------- */

void grid_ascii(struct grid *g)
{
	size_t count = (size_t)g->rows * (size_t)g->cols;

	for (size_t i = 0; i < count; i++) {
		struct cell *c = &g->cells[i];

		if (c->width == 1 && (unsigned char)c->text[0] < 0x80 &&
		    !c->text[1])
			continue;
		/* A wide character leaves a blank where its other half was. */
		c->text[0] = c->width ? glyph_ascii(c->text) : ' ';
		c->text[1] = '\0';
		c->width = 1;
	}
}

void grid_mono(struct grid *g)
{
	size_t count = (size_t)g->rows * (size_t)g->cols;

	for (size_t i = 0; i < count; i++)
		if (g->cells[i].role == ROLE_FOCUS &&
		    strcmp(g->cells[i].text, "─") == 0)
			strcpy(g->cells[i].text, "═");
}

static char letter_of(const struct cell *c)
{
	char letter = role_letter(c->role);

	if (!(c->flags & CELL_SELECTED))
		return letter;
	if (letter >= 'a' && letter <= 'z')
		return (char)(letter - 'a' + 'A');
	return 'v';
}

static void row_text(const struct grid *g, int row, bool roles,
		     struct text *out)
{
	size_t begin = out->len;
	size_t end = begin;

	for (int col = 0; col < g->cols; col++) {
		const struct cell *c = grid_at(g, row, col);

		if (roles) {
			text_char(out, letter_of(c));
			if (letter_of(c) != '.')
				end = out->len;
		} else {
			text_add(out, c->text);
			if (c->width && strcmp(c->text, " ") != 0)
				end = out->len;
		}
	}
	out->len = end;
	text_char(out, '\n');
}

void grid_text(const struct grid *g, bool roles, struct text *out)
{
	for (int row = 0; row < g->rows; row++)
		row_text(g, row, false, out);
	if (!roles)
		return;
	text_add(out, "---\n");
	for (int row = 0; row < g->rows; row++)
		row_text(g, row, true, out);
}
