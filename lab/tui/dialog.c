/* dialog.c - over the view below: yes or no, a line of text, a text to read */
#include "lab/tui/dialog.h"

#include <stdlib.h>
#include <string.h>

#include "lab/text/wrap.h"
#include "lab/tui/draw.h"
#include "lab/tui/lineedit.h"
#include "lab/tui/markdown.h"
#include "sim/core/mem.h"

enum { DIALOG_COLS = 62 };

/* --- yes or no ------------------------------------------------------------------ */

struct confirm {
	struct view view;
	char *question, *yes_label;
	void (*yes)(struct app *a, void *ctx);
	void *ctx;
};

static void confirm_draw(struct view *v, struct grid *g, struct rect body)
{
	struct confirm *d = (struct confirm *)v;
	int lines = wrap_count(d->question, strlen(d->question),
			       DIALOG_COLS - 4);
	struct rect box = draw_box_place(body, lines + 4, DIALOG_COLS);
	int col;

	box = draw_box(g, box, NULL, NULL);
	draw_wrapped(g, box, 0, 1, ROLE_TEXT, d->question);
	col = grid_put(g, box, box.rows - 1, 1, ROLE_KEY, "Enter");
	col = grid_putf(g, box, box.rows - 1, col + 1, ROLE_TEXT, "%s",
			d->yes_label);
	col = grid_put(g, box, box.rows - 1, col + 3, ROLE_KEY, "Esc");
	grid_put(g, box, box.rows - 1, col + 1, ROLE_TEXT, "no");
}

static bool confirm_input(struct view *v, const struct input *in)
{
	struct confirm *d = (struct confirm *)v;
	void (*yes)(struct app *a, void *ctx) = d->yes;
	struct app *a = v->app;
	void *ctx = d->ctx;

	if (in->kind != INPUT_KEY)
		return true;
	if (in->key == K_ENTER || in->key == 'y') {
		app_pop(a);
		yes(a, ctx);
		return true;
	}
	if (in->key == 'n' || in->key == 'q') {
		app_pop(a);
		return true;
	}
	/* Nothing else happens behind a question. */
	return in->key != K_ESC && in->key != K_CTRL('C');
}

static bool no_action(struct view *v, const struct action *act)
{
	(void)v;
	(void)act;
	return false;
}

static void confirm_free(struct view *v)
{
	struct confirm *d = (struct confirm *)v;

	free(d->question);
	free(d->yes_label);
	free(d);
}

static const struct view_ops confirm_ops = {
	.name = "confirm", .is_overlay = true, .draw = confirm_draw,
	.input = confirm_input, .act = no_action, .free = confirm_free,
};

void app_confirm(struct app *a, const char *question, const char *yes_label,
		 void (*yes)(struct app *a, void *ctx), void *ctx)
{
	struct confirm *d = mem_zeroed(1, sizeof(*d));

	d->view.ops = &confirm_ops;
	d->question = mem_copy(question);
	d->yes_label = mem_copy(yes_label);
	d->yes = yes;
	d->ctx = ctx;
	app_push(a, &d->view);
}

/* --- a line of text ----------------------------------------------------------------- */

struct ask {
	struct view view;
	char *question;
	struct lineedit line;
	void (*entered)(struct app *a, void *ctx, const char *text);
	void *ctx;
};

static void ask_draw(struct view *v, struct grid *g, struct rect body)
{
	struct ask *d = (struct ask *)v;
	int lines = wrap_count(d->question, strlen(d->question),
			       DIALOG_COLS - 4);
	struct rect box = draw_box_place(body, lines + 5, DIALOG_COLS);
	int at;

	box = draw_box(g, box, NULL, "Enter   Esc");
	at = draw_wrapped(g, box, 0, 1, ROLE_TEXT, d->question);
	box = rect_inset(box, 0, 1);
	grid_put(g, box, at + 1, 0, ROLE_KEY, ">");
	lineedit_draw(&d->line, g, box, at + 1, 2, true);
}

static bool ask_enter(struct ask *d)
{
	void (*entered)(struct app *a, void *ctx, const char *text) =
		d->entered;
	struct app *a = d->view.app;
	char *text = mem_copy(lineedit_text(&d->line));
	void *ctx = d->ctx;

	app_pop(a);
	entered(a, ctx, text);
	free(text);
	return true;
}

static bool ask_input(struct view *v, const struct input *in)
{
	struct ask *d = (struct ask *)v;

	if (in->kind == INPUT_PASTE) {
		lineedit_paste(&d->line, in->text, strcspn(in->text, "\r\n"));
		return true;
	}
	if (in->kind != INPUT_KEY)
		return true;
	if (lineedit_key(&d->line, in->key) == LINE_ENTERED)
		return ask_enter(d);
	return in->key != K_ESC && in->key != K_CTRL('C');
}

static bool ask_typing(const struct view *v)
{
	(void)v;
	return true;
}

static void ask_free(struct view *v)
{
	struct ask *d = (struct ask *)v;

	free(d->question);
	lineedit_release(&d->line);
	free(d);
}

static const struct view_ops ask_ops = {
	.name = "ask", .is_overlay = true, .draw = ask_draw,
	.input = ask_input, .typing = ask_typing, .act = no_action,
	.free = ask_free,
};

void app_ask(struct app *a, const char *question, const char *text,
	     void (*entered)(struct app *a, void *ctx, const char *text),
	     void *ctx)
{
	struct ask *d = mem_zeroed(1, sizeof(*d));

	d->view.ops = &ask_ops;
	d->question = mem_copy(question);
	lineedit_init(&d->line, NULL);
	lineedit_set(&d->line, text);
	d->entered = entered;
	d->ctx = ctx;
	app_push(a, &d->view);
}

/* --- a text to read ------------------------------------------------------------------ */

enum { READER_COLS = 74, READER_ROWS = 30 };

struct reader {
	struct view view;
	char *title;
	struct text source;
	struct markdown text;
	int cols;		/* it is laid out for; 0: not yet */
	int top, shown;		/* lines */
};

static void reader_lay_out(struct reader *r, int cols)
{
	struct md_options o = { .measure = cols < MEASURE ? cols : MEASURE,
				.wide = cols };

	if (cols == r->cols || cols < 1)
		return;
	if (r->cols)
		markdown_release(&r->text);
	markdown_init(&r->text, text_cstr(&r->source), r->source.len, &o);
	r->cols = cols;
}

static void reader_scroll(struct reader *r, int by)
{
	int last = (int)r->text.line_count - r->shown;

	r->top += by;
	if (r->top > last)
		r->top = last;
	if (r->top < 0)
		r->top = 0;
}

static void reader_draw(struct view *v, struct grid *g, struct rect body)
{
	struct reader *r = (struct reader *)v;
	int cols = body.cols < READER_COLS ? body.cols : READER_COLS;
	struct md_window w = { .top = 0 };
	struct text status = {0};
	struct rect box;
	int rows;

	reader_lay_out(r, cols - 6);	/* the box, and a cell beside */
	rows = (int)r->text.line_count + 2;
	if (rows > READER_ROWS)
		rows = READER_ROWS;
	box = draw_box_place(body, rows, cols);
	r->shown = box.rows - 2;
	reader_scroll(r, 0);
	scroll_text(&status, (size_t)r->top, (size_t)r->shown,
		    r->text.line_count);
	text_add(&status, status.len ? "   Esc" : "Esc");
	box = draw_box(g, box, r->title, text_cstr(&status));
	w.top = (size_t)r->top;
	markdown_draw(&r->text, g, rect_inset(box, 0, 1), &w, 0);
	text_free(&status);
}

static bool reader_input(struct view *v, const struct input *in)
{
	static const struct {
		uint32_t key;
		int rows, pages;
	} moves[] = {
		{ K_UP, -1, 0 }, { 'k', -1, 0 }, { K_DOWN, 1, 0 },
		{ 'j', 1, 0 }, { K_PGUP, 0, -1 }, { K_PGDN, 0, 1 },
		{ K_SPACE, 0, 1 }, { K_HOME, 0, -1000 }, { K_END, 0, 1000 },
	};
	struct reader *r = (struct reader *)v;

	if (in->kind == INPUT_MOUSE && in->mouse == MOUSE_WHEEL_UP)
		reader_scroll(r, -3);
	if (in->kind == INPUT_MOUSE && in->mouse == MOUSE_WHEEL_DOWN)
		reader_scroll(r, 3);
	if (in->kind != INPUT_KEY)
		return true;
	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++)
		if (moves[i].key == in->key) {
			reader_scroll(r, moves[i].rows +
					 moves[i].pages * r->shown);
			return true;
		}
	return false;
}

static bool reader_act(struct view *v, const struct action *a)
{
	if (strcmp(a->id, "copy.item") != 0)
		return false;
	app_copy(v->app, text_cstr(&((struct reader *)v)->source),
		 ((struct reader *)v)->source.len);
	return true;
}

static void reader_free(struct view *v)
{
	struct reader *r = (struct reader *)v;

	if (r->cols)
		markdown_release(&r->text);
	text_free(&r->source);
	free(r->title);
	free(r);
}

static const struct view_ops reader_ops = {
	.name = "reader", .is_overlay = true, .draw = reader_draw,
	.input = reader_input, .act = reader_act, .free = reader_free,
};

struct view *reader_overlay(struct app *a, const char *title,
			    const char *markdown)
{
	struct reader *r = calloc(1, sizeof(*r));

	(void)a;
	if (!r)
		abort();
	r->view.ops = &reader_ops;
	r->title = mem_copy(title);
	text_add(&r->source, markdown);
	return &r->view;
}
