/* palette.c - everything in one box, and search: the same without the actions
 *
 * The palette is for doing: what is still to come stands in search alone.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/picker.h"
#include "lab/views/course_rows.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

enum { BOX_COLS = 70, DETAIL_ROWS = 3 };

struct palette {
	struct view view;
	struct picker picker;
	struct rect rows;
};

static struct palette *palette_of(struct view *v)
{
	return (struct palette *)v;
}

/* --- what is in it ------------------------------------------------------------ */

/* Contexts of the view below, its own first; those of nowhere else. */
static int nearness_of(const enum context *contexts, const struct action *a)
{
	int i = 0;

	while (contexts[i] != CTX_COUNT && contexts[i] != a->context)
		i++;
	if (contexts[i] == CTX_COUNT && a->context != CTX_EVERYWHERE)
		return -1;
	return i;
}

static void add_actions(struct palette *p, struct app *a)
{
	enum context contexts[CTX_COUNT + 1] = { CTX_COUNT };

	if (a->top && a->top->ops->contexts)
		a->top->ops->contexts(a->top, contexts);
	for (const struct action *x = actions; x->id; x++) {
		int near = nearness_of(contexts, x);
		const char *why = near >= 0 ? app_refuses(a, x) : NULL;
		struct text keys = {0};
		struct pick *row;

		if (near < 0 || !x->name || strcmp(x->id, "palette.open") == 0)
			continue;
		row = picker_add(&p->picker, "action", x->id, x->name);
		action_keys(x, &keys);
		pick_set(&row->key, "%s", text_cstr(&keys));
		pick_set(&row->words, "%s %s", x->id, x->words ? x->words : "");
		pick_set(&row->detail, "%s%s%s", x->help ? x->help : "",
			 x->help ? "  " : "", x->twin ? x->twin : x->no_twin);
		if (why)
			pick_set(&row->why_not, "%s", why);
		row->nearness = near;
		text_free(&keys);
	}
}

/* --- doing it ------------------------------------------------------------------- */

static void use(struct palette *p)
{
	const struct pick *now = picker_current(&p->picker);
	struct app *a = p->view.app;
	bool is_action;
	char *id;

	if (!now)
		return;
	if (now->why_not) {
		app_say(a, ROLE_INFO, "%s: %s.", now->name, now->why_not);
		return;
	}
	is_action = strcmp(now->sort, "action") == 0;
	id = mem_copy(now->id);
	app_pop(a);
	if (!is_action)
		views_open(a, id);
	else if (!app_act(a, id))
		app_say(a, ROLE_INFO, "There is nothing here for that now.");
	free(id);
}

static bool palette_input(struct view *v, const struct input *in)
{
	struct palette *p = palette_of(v);

	if (in->kind == INPUT_KEY && in->key == K_ENTER) {
		use(p);
		return true;
	}
	if (in->kind == INPUT_MOUSE && in->mouse == MOUSE_DOUBLE) {
		use(p);
		return true;
	}
	return picker_input(&p->picker, in, p->rows);
}

static bool palette_typing(const struct view *v)
{
	(void)v;
	return true;
}

static bool palette_act(struct view *v, const struct action *a)
{
	(void)v;
	return strcmp(a->id, "palette.open") == 0;
}

/* --- drawing ------------------------------------------------------------------------ */

static void draw_inside(struct palette *p, struct grid *g, struct rect r)
{
	const struct pick *now = picker_current(&p->picker);
	struct rect detail = rect_bottom(&r, DETAIL_ROWS);

	p->rows = picker_draw(&p->picker, g, r, "No match for");
	if (!now || !now->detail)
		return;
	grid_fill(g, detail, 0, 0, detail.cols, ROLE_DIM, "─");
	rect_top(&detail, 1);
	draw_wrapped(g, detail, 0, 1, ROLE_DIM, now->detail);
}

static void status_text(const struct palette *p, struct text *out)
{
	text_addf(out, "%zu of %zu", p->picker.shown_count, p->picker.count);
}

static void palette_draw(struct view *v, struct grid *g, struct rect body)
{
	struct palette *p = palette_of(v);
	int rows = body.rows > 24 ? 24 : body.rows;
	struct rect box = draw_box_place(body, rows, BOX_COLS);
	struct text status = {0};

	status_text(p, &status);
	box = draw_box(g, box, "Everything", text_cstr(&status));
	draw_inside(p, g, box);
	text_free(&status);
}

static void palette_free(struct view *v)
{
	struct palette *p = palette_of(v);

	picker_release(&p->picker);
	free(p);
}

static const struct view_ops palette_ops = {
	.name = "palette", .is_overlay = true, .draw = palette_draw,
	.input = palette_input, .typing = palette_typing, .act = palette_act,
	.free = palette_free,
};

static void search_draw(struct view *v, struct grid *g, struct rect body)
{
	struct palette *p = palette_of(v);
	struct text status = {0};

	status_text(p, &status);
	draw_rule(g, body, 0, "Search: exercises, lessons, words, skills",
		  text_cstr(&status), true);
	rect_top(&body, 1);
	draw_inside(p, g, body);
	text_free(&status);
}

static void search_crumb(const struct view *v, struct text *left,
			 struct text *right)
{
	(void)v;
	(void)right;
	text_add(left, "Search");
}

static const struct view_ops search_ops = {
	.name = "search", .crumb = search_crumb, .draw = search_draw,
	.input = palette_input, .typing = palette_typing, .act = palette_act,
	.free = palette_free,
};

static struct palette *palette_new(const struct view_ops *ops)
{
	struct palette *p = mem_zeroed(1, sizeof(*p));

	p->view.ops = ops;
	return p;
}

struct view *palette_view(struct app *a)
{
	struct palette *p = palette_new(&palette_ops);

	add_actions(p, a);
	if (a->outside.catalog)
		course_rows(&p->picker, a->outside.catalog, CTX_COUNT,
			    false);
	picker_filter(&p->picker);
	return &p->view;
}

struct view *search_view(struct app *a)
{
	struct palette *p = palette_new(&search_ops);

	if (a->outside.catalog)
		course_rows(&p->picker, a->outside.catalog, 0, true);
	picker_filter(&p->picker);
	return &p->view;
}
