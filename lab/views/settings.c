/* settings.c - what can be chosen, with a sample of it beside */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/views/views.h"

struct settings_list {
	struct view view;
	size_t selected, top;
	struct rect rows;
};

static size_t row_count(void)
{
	size_t n = 0;

	while (setting_rows[n].name)
		n++;
	return n;
}

static const struct setting_row *current(const struct settings_list *l)
{
	return &setting_rows[l->selected];
}

/* --- changing ------------------------------------------------------------------ */

static void change(struct settings_list *l, const char *value)
{
	struct app *a = l->view.app;
	struct err err;

	if (settings_set(&a->settings, current(l)->name, value, &err))
		app_echo(a, "set %s %s", current(l)->name, value);
	else
		app_say(a, ROLE_WARN, "%s", err.what);
}

/* The value `by` further in the row's list, round and round. */
static void step(struct settings_list *l, int by)
{
	const char *words = current(l)->values, *found[32];
	struct text now = {0};
	char value[64];
	int count = 0, at = 0;

	current(l)->get(&l->view.app->settings, &now);
	for (const char *w = words; *w && count < 32; count++) {
		size_t n = strcspn(w, " ");

		found[count] = w;
		if (n == now.len && memcmp(w, text_cstr(&now), n) == 0)
			at = count;
		w += n + strspn(w + n, " ");
	}
	text_free(&now);
	if (!count)
		return;
	at = (at + by + count) % count;
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(found[at], " "),
		 found[at]);
	change(l, value);
}

static void typed(struct app *a, void *ctx, const char *text)
{
	struct settings_list *l = ctx;

	(void)a;
	change(l, text);
}

static void edit(struct settings_list *l)
{
	struct text now = {0}, question = {0};

	current(l)->get(&l->view.app->settings, &now);
	text_addf(&question, "%s: %s.", current(l)->name, current(l)->help);
	app_ask(l->view.app, text_cstr(&question), text_cstr(&now), typed, l);
	text_free(&now);
	text_free(&question);
}

static bool settings_act(struct view *v, const struct action *a)
{
	struct settings_list *l = (struct settings_list *)v;

	if (strcmp(a->id, "setting.default") == 0)
		change(l, "default");
	else if (strcmp(a->id, "setting.prev") == 0 && *current(l)->values)
		step(l, -1);
	else if (strcmp(a->id, "setting.next") == 0 && *current(l)->values)
		step(l, 1);
	else if (strncmp(a->id, "setting.", 8) == 0)
		edit(l);
	else
		return strcmp(a->id, "settings.open") == 0;
	return true;
}

static bool settings_input(struct view *v, const struct input *in)
{
	struct settings_list *l = (struct settings_list *)v;

	if (in->kind == INPUT_MOUSE && in->mouse == MOUSE_PRESS &&
	    rect_has(l->rows, in->row, in->col)) {
		size_t at = l->top + (size_t)(in->row - l->rows.row);

		if (at < row_count())
			l->selected = at;
		return true;
	}
	if (in->kind != INPUT_KEY)
		return false;
	if ((in->key == K_UP || in->key == 'k') && l->selected > 0)
		l->selected--;
	else if ((in->key == K_DOWN || in->key == 'j') &&
		 l->selected + 1 < row_count())
		l->selected++;
	else
		return in->key == K_UP || in->key == K_DOWN;
	return true;
}

/* --- drawing ---------------------------------------------------------------------- */

static void draw_sample(struct grid *g, struct rect r)
{
	int col;

	draw_rule(g, r, 0, "Looks like this", NULL, false);
	col = grid_put(g, r, 1, 1, ROLE_GOOD, "● ok");
	col = grid_put(g, r, 1, col + 2, ROLE_WARN, "▲ warn");
	col = grid_put(g, r, 1, col + 2, ROLE_BAD, "✗ down");
	grid_put(g, r, 1, col + 2, ROLE_INFO, "◌ start");
	col = grid_put(g, r, 2, 1, ROLE_DIM, "○ idle");
	col = grid_put(g, r, 2, col + 2, ROLE_TEXT, "? unknown");
	grid_put(g, r, 2, col + 2, ROLE_STALE, "~ stale");
	col = grid_put(g, r, 4, 1, ROLE_TEXT, "lag ");
	col = grid_put(g, r, 4, col, ROLE_S1, "▁▂▃▄▅▆▇█");
	grid_put(g, r, 4, col + 1, ROLE_TEXT, "148k");
	grid_put(g, r, 5, 5, ROLE_GHOST, "·········  earlier run");
	col = grid_put(g, r, 6, 1, ROLE_TEXT, "heat ");
	col = grid_put(g, r, 6, col, ROLE_H0, "·");
	col = grid_put(g, r, 6, col, ROLE_H1, "░");
	col = grid_put(g, r, 6, col, ROLE_H2, "▒");
	col = grid_put(g, r, 6, col, ROLE_H3, "▓");
	grid_put(g, r, 6, col, ROLE_H4, "█");
	grid_put(g, r, 8, 1, ROLE_CMD, "$ kafka-topics.sh --list");
	col = grid_put(g, r, 9, 1, ROLE_ADD, "+ added");
	grid_put(g, r, 9, col + 2, ROLE_DEL, "- removed");
	grid_put(g, r, 10, 1, ROLE_TRUTH, "≡ what only the world knows");
}

static void draw_row(const struct settings_list *l, size_t i, struct grid *g,
		     struct rect r, int at)
{
	const struct setting_row *row = &setting_rows[i];
	bool is_first = i == 0 || strcmp(setting_rows[i - 1].group,
					 row->group) != 0;
	struct text value = {0};
	int col = 8;

	row->get(&l->view.app->settings, &value);
	if (is_first)
		grid_put(g, r, at, 1, ROLE_DIM, row->group);
	if (i == l->selected)
		grid_put(g, r, at, col - 1, ROLE_KEY, "▸");
	grid_put(g, r, at, col + 1, ROLE_TEXT, row->name);
	draw_cut(g, r, at, col + 13, r.cols - col - 14, ROLE_STRONG,
		 value.len ? text_cstr(&value) : "none");
	if (i == l->selected)
		grid_flag(g, (struct rect){ r.row + at, r.col + col - 1, 1,
					    r.cols - col }, CELL_SELECTED);
	text_free(&value);
}

static void settings_draw(struct view *v, struct grid *g, struct rect body)
{
	struct settings_list *l = (struct settings_list *)v;
	struct rect help = rect_bottom(&body, 3), right = {0};
	size_t shown;

	if (body.cols >= 72)
		right = rect_right(&body, 36);
	draw_rule(g, body, 0, "Settings", "apply at once", true);
	rect_top(&body, 1);
	l->rows = body;
	shown = (size_t)body.rows;
	l->top = scroll_top(l->top, l->selected, shown, row_count());
	for (size_t i = 0; i < shown && l->top + i < row_count(); i++)
		draw_row(l, l->top + i, g, body, (int)i);
	if (right.cols)
		draw_sample(g, right);
	draw_wrapped(g, help, 0, 1, ROLE_DIM, current(l)->help);
	if (*current(l)->values)
		draw_wrapped(g, help, 1, 1, ROLE_DIM, current(l)->values);
	if (v->app->settings.problems.len)
		draw_wrapped(g, help, 2, 1, ROLE_WARN,
			     text_cstr(&v->app->settings.problems));
}

static void settings_crumb(const struct view *v, struct text *left,
			   struct text *right)
{
	text_add(left, "Settings");
	text_add(right, text_cstr(&v->app->settings.path));
}

static void settings_contexts(const struct view *v, enum context *out)
{
	(void)v;
	out[0] = CTX_SETTINGS;
	out[1] = CTX_COUNT;
}

static void settings_free(struct view *v)
{
	free(v);
}

static const struct view_ops settings_ops = {
	.name = "settings", .contexts = settings_contexts,
	.crumb = settings_crumb, .draw = settings_draw,
	.input = settings_input, .act = settings_act, .free = settings_free,
};

struct view *settings_view(struct app *a)
{
	struct settings_list *l = calloc(1, sizeof(*l));

	(void)a;
	if (!l)
		abort();
	l->view.ops = &settings_ops;
	return &l->view;
}
