/* editor_draw.c - a file on the screen: numbers, colours, problems, cursor */
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/editor.h"
#include "sim/core/mem.h"

enum { GUTTER = 6 };

/* One line of the file that is shown. */
struct shown {
	const struct editor *e;
	size_t number;			/* from 0 */
	size_t at, len;			/* bytes */
	uint32_t state;			/* of code_color, before it */
	enum line_change change;
};

static const struct editor_problem *problem_of(const struct editor *e,
					       size_t number)
{
	for (size_t i = 0; i < e->problem_count; i++)
		if (e->problems[i].line == number + 1)
			return &e->problems[i];
	return NULL;
}

static size_t length_at(const struct editor *e, size_t at)
{
	const char *end = memchr(text_cstr(&e->text) + at, '\n',
				 e->text.len - at);

	return end ? (size_t)(end - text_cstr(&e->text)) - at :
		     e->text.len - at;
}

/* Rows that lines [from, to) need: one, and one for a problem. */
static size_t rows_between(const struct editor *e, size_t from, size_t to)
{
	size_t rows = 0;

	for (; from < to; from++)
		rows += problem_of(e, from) ? 2 : 1;
	return rows;
}

static void scroll(struct editor *e, struct rect r)
{
	size_t line = editor_line(e) - 1, at = e->cursor;
	int cols = r.cols - GUTTER - 1, col;

	while (at > 0 && text_cstr(&e->text)[at - 1] != '\n')
		at--;
	col = text_width_n(text_cstr(&e->text) + at, e->cursor - at);
	if (line < e->top)
		e->top = line;
	while (e->top < line &&
	       rows_between(e, e->top, line + 1) > (size_t)r.rows)
		e->top++;
	if (col < e->left)
		e->left = col > 8 ? col - 8 : 0;
	if (cols > 0 && col >= e->left + cols)
		e->left = col - cols + 1;
}

/* A tab is a blank as wide as one; that keeps a cell a character. */
static void code(const struct shown *l, struct grid *g, struct rect r, int row)
{
	const char *s = text_cstr(&l->e->text) + l->at;
	uint8_t *roles = mem_take(l->len + 1);
	int col = -l->e->left, width;

	memset(roles, ROLE_TEXT, l->len + 1);
	code_color(l->e->kind, l->state, s, l->len, roles);
	for (size_t i = 0; i < l->len;) {
		size_t n = text_glyph(s + i, l->len - i, &width);

		if (s[i] == '\t')
			col = grid_put(g, r, row, col, ROLE_DIM, "→");
		else
			col = grid_putn(g, r, row, col, roles[i], s + i, n);
		i += n;
	}
	free(roles);
	if (col > r.cols && r.cols > 0)
		grid_put(g, r, row, r.cols - 1, ROLE_DIM, "…");
	if (l->e->left && l->len)
		grid_put(g, r, row, 0, ROLE_DIM, "…");
}

static void gutter(const struct shown *l, struct grid *g, struct rect r,
		   int row, bool has_problem)
{
	if (has_problem)
		grid_put(g, r, row, 1, ROLE_BAD, "✗");
	grid_putf(g, r, row, l->number < 99 ? 2 : 1,
		  has_problem ? ROLE_BAD : ROLE_DIM, "%2zu", l->number + 1);
	if (has_problem && l->number >= 99)
		grid_put(g, r, row, 0, ROLE_BAD, "✗");
	if (l->change == LINE_CHANGED)
		grid_put(g, r, row, 5, ROLE_ADD, "~");
	else if (l->change == LINE_NEW)
		grid_put(g, r, row, 5, ROLE_ADD, "+");
}

static void problem(const struct shown *l, struct grid *g, struct rect r,
		    int row, const struct editor_problem *p)
{
	const char *s = text_cstr(&l->e->text) + l->at;
	int col = 0, width;
	size_t i = 0;

	if (!p->column)
		while (i < l->len && (s[i] == ' ' || s[i] == '\t'))
			i++;
	for (size_t k = 1; k < p->column && i < l->len; k++)
		i += text_glyph(s + i, l->len - i, &width);
	col = text_width_n(s, i) - l->e->left;
	/* Far to the right there is no room to say anything. */
	if (col < 0 || col > r.cols / 2)
		col = 0;
	grid_put(g, r, row, col, ROLE_BAD, "^");
	draw_cut(g, r, row, col + 2, r.cols - col - 2, ROLE_BAD, p->text);
}

static void show_cursor(const struct shown *l, struct grid *g, struct rect r,
			int row)
{
	const char *s = text_cstr(&l->e->text) + l->at;

	if (l->e->cursor >= l->at && l->e->cursor <= l->at + l->len)
		grid_cursor(g, r, row,
			    text_width_n(s, l->e->cursor - l->at) - l->e->left);
}

/* The first line shown, with the state colours are in there. */
static struct shown first(const struct editor *e)
{
	struct shown l = { .e = e };
	uint8_t *roles = mem_take(EDITOR_BYTES_MAX + 1);

	for (l.len = length_at(e, 0); l.number < e->top;
	     l.number++, l.at += l.len + 1, l.len = length_at(e, l.at))
		l.state = code_color(e->kind, l.state,
				     text_cstr(&e->text) + l.at, l.len, roles);
	free(roles);
	return l;
}

static bool step(struct shown *l)
{
	uint8_t *roles = mem_take(l->len + 1);

	l->state = code_color(l->e->kind, l->state,
			      text_cstr(&l->e->text) + l->at, l->len, roles);
	free(roles);
	if (l->at + l->len >= l->e->text.len)
		return false;
	l->at += l->len + 1;
	l->len = length_at(l->e, l->at);
	l->number++;
	return true;
}

void editor_draw(struct editor *e, struct grid *g, struct rect r,
		 bool is_focused)
{
	struct rect all = r;
	enum line_change *changes;
	struct shown l;
	size_t count;

	if (r.rows < 1 || r.cols <= GUTTER)
		return;
	scroll(e, r);
	rect_left(&r, GUTTER);
	changes = line_changes(text_cstr(&e->saved), text_cstr(&e->text),
			       &count);
	l = first(e);
	for (int row = 0; row < r.rows; row++) {
		const struct editor_problem *p = problem_of(e, l.number);

		l.change = l.number < count ? changes[l.number] : LINE_SAME;
		gutter(&l, g, all, row, p != NULL);
		code(&l, g, r, row);
		if (is_focused)
			show_cursor(&l, g, r, row);
		if (p)
			problem(&l, g, r, ++row, p);
		if (!step(&l))
			break;
	}
	free(changes);
}

void editor_click(struct editor *e, struct rect r, int row, int col)
{
	struct shown l = first(e);
	int at = r.row;

	row -= at;
	for (at = 0; at < row; at++) {
		if (problem_of(e, l.number) && ++at >= row)
			break;
		if (!step(&l))
			break;
	}
	col = col - r.col - GUTTER + e->left;
	e->cursor = l.at + text_fit(text_cstr(&e->text) + l.at, l.len,
				    col > 0 ? col : 0);
	e->wanted_col = -1;
	e->types_on = false;
}
