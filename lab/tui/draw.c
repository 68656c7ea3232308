/* draw.c - the pieces all screens are made of: rules, boxes, text, tabs */
#include "lab/tui/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/text/wrap.h"

/* --- rules and boxes ------------------------------------------------------ */

static void title_put(struct grid *g, struct rect r, int row, int col, int cols,
		      const char *s, enum role role, bool is_bold)
{
	int end;

	if (cols < 3)
		return;
	grid_put(g, r, row, col, role, " ");
	end = draw_cut(g, r, row, col + 1, cols - 2, role, s);
	grid_put(g, r, row, end, role, " ");
	if (is_bold)
		grid_flag(g, (struct rect){ r.row + row, r.col + col + 1, 1,
					    end - col - 1 }, CELL_BOLD);
}

/* Title and status of a rule that is drawn already; one `─` stays at either
 * end and between them. */
static void titles(struct grid *g, struct rect r, int row, const char *title,
		   const char *status, bool is_focused)
{
	int room = r.cols - 2;
	int left = title && *title ? text_width(title) + 2 : 0;
	int right = status && *status ? text_width(status) + 2 : 0;

	if (right && left + 1 + right > room)
		right = room - left - 1 >= 8 ? room - left - 1 : 0;
	if (left > room - (right ? right + 1 : 0))
		left = room - (right ? right + 1 : 0);
	if (left)
		title_put(g, r, row, 1, left, title,
			  is_focused ? ROLE_STRONG : ROLE_TEXT, is_focused);
	if (right)
		title_put(g, r, row, r.cols - 1 - right, right, status,
			  ROLE_DIM, false);
}

void draw_rule(struct grid *g, struct rect r, int row, const char *title,
	       const char *status, bool is_focused)
{
	grid_fill(g, r, row, 0, r.cols, is_focused ? ROLE_FOCUS : ROLE_DIM,
		  "─");
	titles(g, r, row, title, status, is_focused);
}

/* Which of its four sides a line glyph reaches. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static const struct {
	const char *glyph;
	int sides;
} lines[] = {
	{ "─", LEFT | RIGHT }, { "│", UP | DOWN },
	{ "┬", LEFT | RIGHT | DOWN }, { "┴", LEFT | RIGHT | UP },
	{ "├", UP | DOWN | RIGHT }, { "┤", UP | DOWN | LEFT },
	{ "┼", UP | DOWN | LEFT | RIGHT },
};
enum { LINES = sizeof(lines) / sizeof(lines[0]) };

static int sides_at(const struct grid *g, int row, int col)
{
	if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
		return 0;
	for (int i = 0; i < LINES; i++)
		if (strcmp(grid_at(g, row, col)->text, lines[i].glyph) == 0)
			return lines[i].sides;
	return 0;
}

static const char *glyph_of(int sides)
{
	for (int i = 0; i < LINES; i++)
		if (lines[i].sides == sides)
			return lines[i].glyph;
	return "│";
}

/* The rule that crosses here, or ends here, keeps its look. */
static void join(struct grid *g, int row, int col, int vertical)
{
	struct rect all = grid_all(g);
	int sides = sides_at(g, row, col) | vertical;
	enum role role = ROLE_DIM;

	if (sides_at(g, row, col - 1) & RIGHT)
		sides |= LEFT;
	if (sides_at(g, row, col + 1) & LEFT)
		sides |= RIGHT;
	if (sides & LEFT && grid_at(g, row, col - 1)->role == ROLE_FOCUS)
		role = ROLE_FOCUS;
	grid_put(g, all, row, col, role, glyph_of(sides));
}

void draw_column(struct grid *g, struct rect r, int col)
{
	int at = r.col + col;

	if (col < 1 || col >= r.cols || at >= g->cols - 1)
		return;
	for (int row = r.row; row < r.row + r.rows && row < g->rows; row++)
		join(g, row, at, UP | DOWN);
	if (sides_at(g, r.row - 1, at) & (LEFT | RIGHT))
		join(g, r.row - 1, at, DOWN);
	if (sides_at(g, r.row + r.rows, at) & (LEFT | RIGHT))
		join(g, r.row + r.rows, at, UP);
}

struct rect draw_box(struct grid *g, struct rect r, const char *title,
		     const char *status)
{
	/* Between the corners, so that a title keeps one `─` before it. */
	struct rect inner = { r.row, r.col + 1, r.rows, r.cols - 2 };
	int last = r.rows - 1, edge = r.cols - 1;

	if (r.rows < 2 || r.cols < 4)
		return (struct rect){ r.row, r.col, 0, 0 };
	grid_blank(g, r);
	draw_rule(g, inner, 0, title, NULL, true);
	draw_rule(g, inner, last, NULL, status, true);
	for (int row = 0; row < r.rows; row++) {
		grid_put(g, r, row, 0, ROLE_FOCUS,
			 row == 0 ? "┌" : row == last ? "└" : "│");
		grid_put(g, r, row, edge, ROLE_FOCUS,
			 row == 0 ? "┐" : row == last ? "┘" : "│");
	}
	return rect_inset(r, 1, 2);
}

struct rect draw_box_place(struct rect r, int rows, int cols)
{
	if (rows > r.rows)
		rows = r.rows;
	if (cols > r.cols)
		cols = r.cols;
	return (struct rect){ r.row + (r.rows - rows) / 2,
			      r.col + (r.cols - cols) / 2, rows, cols };
}

int draw_split(struct rect r, bool at_half, struct rect *left,
	       struct rect *right)
{
	/* screens.md 3a: 48 of 80 and 70 of 120; a map needs no more than 50. */
	int col = at_half ? r.cols / 2 - 1 : r.cols * 6 / 10;

	if (!at_half && r.cols - col > 50)
		col = r.cols - 50;
	*left = (struct rect){ r.row, r.col, r.rows, col };
	*right = (struct rect){ r.row, r.col + col + 1, r.rows,
				r.cols - col - 1 };
	return col;
}

/* --- text ----------------------------------------------------------------- */

int draw_cut(struct grid *g, struct rect r, int row, int col, int cols,
	     enum role role, const char *s)
{
	struct text t = {0};

	cut_end(&t, s, cols);
	col = grid_putn(g, r, row, col, role, text_cstr(&t), t.len);
	text_free(&t);
	return col;
}

int draw_name(struct grid *g, struct rect r, int row, int col, int cols,
	      enum role role, const char *s)
{
	struct text t = {0};

	cut_middle(&t, s, cols);
	col = grid_putn(g, r, row, col, role, text_cstr(&t), t.len);
	text_free(&t);
	return col;
}

void draw_right(struct grid *g, struct rect r, int row, int end,
		enum role role, const char *s)
{
	grid_put(g, r, row, end - text_width(s), role, s);
}

void draw_field(struct grid *g, struct rect r, int row, int label_cols,
		const char *label, enum role role, const char *value)
{
	draw_cut(g, r, row, 1, label_cols - 2, ROLE_DIM, label);
	draw_cut(g, r, row, 1 + label_cols, r.cols - 1 - label_cols, role,
		 value);
}

static int measure(struct rect r, int col)
{
	int cols = r.cols - col < MEASURE ? r.cols - col : MEASURE;

	return cols < 1 ? 1 : cols;
}

int draw_wrapped_rows(struct rect r, int col, const char *s)
{
	return wrap_count(s, strlen(s), measure(r, col));
}

int draw_wrapped(struct grid *g, struct rect r, int row, int col,
		 enum role role, const char *s)
{
	size_t len = strlen(s), skip;

	while (len) {
		size_t n = wrap_line(s, len, measure(r, col), &skip);

		grid_putn(g, r, row++, col, role, s, n);
		s += skip;
		len -= skip;
	}
	return row;
}

size_t scroll_top(size_t top, size_t selected, size_t shown, size_t total)
{
	if (!shown || total <= shown)
		return 0;
	if (selected < total && selected < top)
		top = selected;
	if (selected < total && selected >= top + shown)
		top = selected - shown + 1;
	return top > total - shown ? total - shown : top;
}

void scroll_text(struct text *out, size_t top, size_t shown, size_t total)
{
	size_t end = top + shown < total ? top + shown : total;

	if (total > shown)
		text_addf(out, "%zu-%zu of %zu", top + 1, end, total);
}

/* --- small ones ----------------------------------------------------------- */

void draw_progress(struct grid *g, struct rect r, int row, int col, int cols,
		   enum role role, double fraction)
{
	double filled;
	int whole;

	if (isnan(fraction)) {
		grid_put(g, r, row, col, ROLE_DIM, "?");
		return;
	}
	filled = (fraction < 0 ? 0 : fraction > 1 ? 1 : fraction) * cols;
	whole = (int)floor(filled + 1e-9);
	grid_fill(g, r, row, col, whole, role, "█");
	/* A begun cell is never rounded to done or to nothing. */
	if (whole < cols && filled - whole > 1e-9)
		grid_put(g, r, row, col + whole++, role, "▒");
	grid_fill(g, r, row, col + whole, cols - whole, ROLE_DIM, "░");
}

static int tab_cols(const struct tab *t, size_t i)
{
	int digits = i + 1 < 10 ? 1 : 2;

	return digits + 1 + text_width(t->name) +
	       (t->mark ? 1 + text_width(t->mark) : 0);
}

int draw_tabs(struct grid *g, struct rect r, int row, const struct tab *tabs,
	      size_t count, size_t current)
{
	int col = 1;

	for (size_t i = 0; i < count; i++) {
		enum role role = i == current ? ROLE_STRONG : ROLE_TEXT;
		struct rect whole = { r.row + row, r.col + col, 1,
				      tab_cols(&tabs[i], i) };

		col = grid_putf(g, r, row, col, ROLE_KEY, "%zu ", i + 1);
		col = grid_put(g, r, row, col, role, tabs[i].name);
		if (tabs[i].mark)
			col = grid_putf(g, r, row, col, tabs[i].mark_role,
					" %s", tabs[i].mark);
		if (i == current)
			grid_flag(g, whole, CELL_SELECTED);
		col += 2;
	}
	return col;
}

size_t draw_tabs_hit(const struct tab *tabs, size_t count, int col)
{
	int at = 1;

	for (size_t i = 0; i < count; i++) {
		int cols = tab_cols(&tabs[i], i);

		if (col >= at && col < at + cols)
			return i;
		at += cols + 2;
	}
	return count;
}
