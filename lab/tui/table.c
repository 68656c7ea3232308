/* table.c - rows and columns: widths, alignment, the selected row */
#include <string.h>

#include "lab/tui/draw.h"

enum { GAP = 2, COLS_MIN = 4 };

/* What is shown of a table in r. */
struct shown {
	const struct table *t;
	size_t count;			/* rows shown */
	int cols[TABLE_COLUMNS_MAX];
};

static int header_rows(const struct table *t)
{
	return t->has_header ? 1 : 0;
}

static size_t columns_of(const struct table *t)
{
	return t->column_count < TABLE_COLUMNS_MAX ? t->column_count :
						     TABLE_COLUMNS_MAX;
}

static void cell_text(const struct table *t, size_t row, size_t column,
		      struct text *out, enum role *role)
{
	text_clear(out);
	*role = ROLE_TEXT;
	t->cell(t->ctx, row, column, out, role);
}

/* Only rows that are seen count, so a long table costs what is seen of it. */
static int widest(const struct shown *s, size_t column)
{
	const struct table *t = s->t;
	int cols = t->has_header ? text_width(t->columns[column].title) : 0;
	struct text cell = {0};
	enum role role;

	for (size_t i = 0; i < s->count; i++) {
		cell_text(t, t->top + i, column, &cell, &role);
		if (text_width(text_cstr(&cell)) > cols)
			cols = text_width(text_cstr(&cell));
	}
	text_free(&cell);
	return cols;
}

/* Columns that can, give one cell each in turn, the widest first. */
static bool shrink(struct shown *s)
{
	size_t best = TABLE_COLUMNS_MAX;

	for (size_t i = 0; i < columns_of(s->t); i++)
		if (s->t->columns[i].can_shrink && s->cols[i] > COLS_MIN &&
		    (best == TABLE_COLUMNS_MAX || s->cols[i] > s->cols[best]))
			best = i;
	if (best == TABLE_COLUMNS_MAX)
		return false;
	s->cols[best]--;
	return true;
}

static void measure(struct shown *s, int room)
{
	int need = TABLE_GUTTER - GAP;

	for (size_t i = 0; i < columns_of(s->t); i++) {
		s->cols[i] = s->t->columns[i].cols;
		if (!s->cols[i])
			s->cols[i] = widest(s, i);
		need += s->cols[i] + GAP;
	}
	for (; need > room && shrink(s); need--)
		;
}

static void put(struct grid *g, struct rect r, int row, int col, int cols,
		const struct table_column *column, enum role role,
		const char *s)
{
	if (column->is_number && text_width(s) <= cols)
		draw_right(g, r, row, col + cols, role, s);
	else if (column->is_name)
		draw_name(g, r, row, col, cols, role, s);
	else
		draw_cut(g, r, row, col, cols, role, s);
}

static void put_row(struct grid *g, struct rect r, int at,
		    const struct shown *s, size_t row)
{
	struct text cell = {0};
	int col = TABLE_GUTTER;
	enum role role;

	for (size_t i = 0; i < columns_of(s->t); i++) {
		cell_text(s->t, row, i, &cell, &role);
		put(g, r, at, col, s->cols[i], &s->t->columns[i], role,
		    text_cstr(&cell));
		col += s->cols[i] + GAP;
	}
	text_free(&cell);
	if (row != s->t->selected)
		return;
	grid_put(g, r, at, 1, ROLE_TEXT, "▸");
	grid_flag(g, (struct rect){ r.row + at, r.col, 1, r.cols },
		  CELL_SELECTED);
}

void draw_table(struct grid *g, struct rect r, const struct table *t)
{
	size_t room = r.rows > header_rows(t) ?
			      (size_t)(r.rows - header_rows(t)) : 0;
	size_t left = t->top < t->rows ? t->rows - t->top : 0;
	struct shown s = { .t = t, .count = left < room ? left : room };
	int col = TABLE_GUTTER;

	measure(&s, r.cols);
	for (size_t i = 0; t->has_header && i < columns_of(t); i++) {
		put(g, r, 0, col, s.cols[i], &t->columns[i], ROLE_DIM,
		    t->columns[i].title);
		col += s.cols[i] + GAP;
	}
	for (size_t i = 0; i < s.count; i++)
		put_row(g, r, header_rows(t) + (int)i, &s, t->top + i);
}

size_t draw_table_top(const struct table *t, int rows)
{
	rows -= header_rows(t);
	return scroll_top(t->top, t->selected, rows > 0 ? (size_t)rows : 0,
			  t->rows);
}

size_t draw_table_hit(const struct table *t, int row)
{
	row -= header_rows(t);
	if (row < 0 || t->top + (size_t)row >= t->rows)
		return t->rows;
	return t->top + (size_t)row;
}
