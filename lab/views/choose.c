/* choose.c - one of a few, in a box over the view below */
#include "lab/views/choose.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/views/cursor.h"
#include "sim/core/mem.h"

enum { COLS_MAX = 66, EDGES = 4, GUTTER = 2 };

struct choose {
	struct view view;
	char *title;
	struct choice *choices;		/* strings are ours */
	size_t count;
	struct cursor cursor;
	size_t page;
	void (*chosen)(struct app *a, void *ctx, const char *value);
	void *ctx;
};

static void draw_choice(struct grid *g, struct rect r, int row, int cols,
			const struct choice *c, bool is_current)
{
	int end;

	if (is_current)
		grid_put(g, r, row, 0, ROLE_TEXT, "▸");
	end = draw_cut(g, r, row, GUTTER, cols, ROLE_TEXT, c->label);
	if (end < GUTTER + cols)
		end = GUTTER + cols;
	draw_cut(g, r, row, end + 2, r.cols - end - 2, ROLE_DIM, c->help);
	if (is_current)
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
}

static void choose_draw(struct view *v, struct grid *g, struct rect body)
{
	struct choose *c = (struct choose *)v;
	struct rect box = draw_box_place(body, (int)c->count + 2, COLS_MAX);
	struct rect in = draw_box(g, box, c->title, "Enter choose   Esc");
	int cols = 0;

	for (size_t i = 0; i < c->count; i++)
		if (text_width(c->choices[i].label) > cols)
			cols = text_width(c->choices[i].label);
	if (cols > in.cols - GUTTER)
		cols = in.cols - GUTTER;
	c->page = in.rows > 0 ? (size_t)in.rows : 1;
	c->cursor.top = scroll_top(c->cursor.top, c->cursor.at, c->page,
				   c->count);
	for (size_t i = 0; i < c->page && c->cursor.top + i < c->count; i++)
		draw_choice(g, in, (int)i, cols,
			    &c->choices[c->cursor.top + i],
			    c->cursor.top + i == c->cursor.at);
}

static bool choose_input(struct view *v, const struct input *in)
{
	struct choose *c = (struct choose *)v;

	return cursor_input(&c->cursor, in, c->count, c->page);
}

static bool choose_act(struct view *v, const struct action *act)
{
	struct choose *c = (struct choose *)v;
	struct app *a = v->app;
	void (*chosen)(struct app *, void *, const char *) = c->chosen;
	void *ctx = c->ctx;
	char *value;

	if (strcmp(act->id, "item.open") != 0)
		return false;
	value = mem_text(c->count ? c->choices[c->cursor.at].value : "");
	app_pop(a);
	if (*value)
		chosen(a, ctx, value);
	free(value);
	return true;
}

static void choose_contexts(const struct view *v,
			    enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_LIST;
	out[1] = CTX_COUNT;
}

static void choose_free(struct view *v)
{
	struct choose *c = (struct choose *)v;

	for (size_t i = 0; i < c->count; i++) {
		free((char *)c->choices[i].value);
		free((char *)c->choices[i].label);
		free((char *)c->choices[i].help);
	}
	free(c->choices);
	free(c->title);
	free(c);
}

static const struct view_ops choose_ops = {
	.name = "choose", .is_overlay = true, .contexts = choose_contexts,
	.draw = choose_draw, .input = choose_input, .act = choose_act,
	.free = choose_free,
};

struct view *choose_view(struct app *a, const char *title,
			 const struct choice *choices, size_t count,
			 size_t current,
			 void (*chosen)(struct app *a, void *ctx,
					const char *value),
			 void *ctx)
{
	struct choose *c = calloc(1, sizeof(*c));

	if (!c || !(c->choices = calloc(count + 1, sizeof(*choices))))
		abort();
	c->view = (struct view){ .ops = &choose_ops, .app = a };
	c->title = mem_text(title);
	c->count = count;
	c->cursor.at = current < count ? current : 0;
	c->page = count;
	c->chosen = chosen;
	c->ctx = ctx;
	for (size_t i = 0; i < count; i++)
		c->choices[i] = (struct choice){ mem_text(choices[i].value),
						 mem_text(choices[i].label),
						 mem_text(choices[i].help) };
	return &c->view;
}
