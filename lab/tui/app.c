/* app.c - the program a person sits in front of, without a terminal */
#include "lab/tui/app.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/dialog.h"
#include "lab/tui/footer.h"
#include "lab/tui/help.h"

void app_init(struct app *a, const struct app_outside *outside, int rows,
	      int cols)
{
	*a = (struct app){ .outside = *outside, .rows = rows, .cols = cols };
	settings_init(&a->settings);
}

void app_release(struct app *a)
{
	while (a->top)
		app_pop(a);
	settings_release(&a->settings);
	text_free(&a->echo);
	text_free(&a->copied);
}

/* --- the line above the footer --------------------------------------------- */

static void forget_echo(struct app *a)
{
	text_clear(&a->echo);
	a->echo_holds = NULL;
	a->echo_view = NULL;
	a->echo_refused = NULL;
}

/* Is what stands there still true? */
static void look_at_echo(struct app *a)
{
	const char *why;

	if (a->echo_holds && !a->echo_holds(a->echo_view))
		forget_echo(a);
	if (!a->echo_refused)
		return;
	why = a->top ? app_refuses(a, a->echo_refused) : NULL;
	if (!why || strcmp(why, text_cstr(&a->echo)) != 0)
		forget_echo(a);
}

/* --- the stack ---------------------------------------------------------------- */

void app_push(struct app *a, struct view *v)
{
	v->app = a;
	v->below = a->top;
	a->top = v;
	if (v->ops->shown)
		v->ops->shown(v);
}

static void drop(struct app *a)
{
	struct view *v = a->top;

	if (a->echo_view == v)
		forget_echo(a);
	a->top = v->below;
	v->ops->free(v);
}

void app_pop(struct app *a)
{
	drop(a);
	if (a->top && a->top->ops->shown)
		a->top->ops->shown(a->top);
}

struct view *app_find(const struct app *a, const char *name)
{
	struct view *v = a->top;

	while (v && strcmp(v->ops->name, name) != 0)
		v = v->below;
	return v;
}

bool app_pop_to(struct app *a, const char *name)
{
	if (!app_find(a, name))
		return false;
	while (strcmp(a->top->ops->name, name) != 0)
		drop(a);
	if (a->top->ops->shown)
		a->top->ops->shown(a->top);
	return true;
}

/* --- actions ------------------------------------------------------------------ */

static void contexts_of(const struct view *v, enum context out[CTX_COUNT + 1])
{
	out[0] = CTX_COUNT;
	if (v->ops->contexts)
		v->ops->contexts(v, out);
}

static bool quit(struct app *a)
{
	while (a->top)
		drop(a);
	return true;
}

/* The last view is not left but by q: app_refuses. */
/* What was said in a view is not for the one below it. */
static bool leave_layer(struct app *a)
{
	text_clear(&a->echo);
	app_pop(a);
	return true;
}

static bool leave_view(struct app *a)
{
	if (!a->top->below)
		return quit(a);
	text_clear(&a->echo);
	app_pop(a);
	return true;
}

static bool cancel(struct app *a)
{
	if (a->interrupts >= 2)
		return quit(a);
	app_say(a, ROLE_INFO, "Ctrl-C once more quits.");
	return true;
}

static bool toggle(struct app *a, const char *name, bool now)
{
	struct err err;

	if (!settings_set(&a->settings, name, now ? "off" : "on", &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	else
		app_say(a, ROLE_INFO, "%s is %s.", name, now ? "off" : "on");
	return true;
}

static bool toggle_zen(struct app *a)
{
	return toggle(a, "zen", a->settings.zen);
}

static bool toggle_mouse(struct app *a)
{
	return toggle(a, "mouse", a->settings.mouse);
}

/* What stands in the echo line, without the `$`. */
static bool copy_echo(struct app *a)
{
	const char *s = text_cstr(&a->echo);

	if (strncmp(s, "$ ", 2) == 0)
		s += 2;
	if (*s)
		app_copy(a, s, strlen(s));
	else
		app_say(a, ROLE_INFO, "There is nothing to copy here.");
	return true;
}

static bool draw_again(struct app *a)
{
	a->frame++;
	return true;
}

static bool open_help(struct app *a)
{
	app_push(a, help_view(a));
	return true;
}

/* What the app does when no view did. */
static const struct {
	const char *id;
	bool (*run)(struct app *a);
} own[] = {
	{ "layer.leave", leave_layer }, { "view.leave", leave_view },
	{ "history.back", leave_layer }, { "work.cancel", cancel },
	{ "help.open", open_help },
	{ "zen.toggle", toggle_zen }, { "mouse.toggle", toggle_mouse },
	{ "copy.item", copy_echo }, { "redraw", draw_again },
};

static bool act_own(struct app *a, const struct action *act)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strcmp(own[i].id, act->id) == 0)
			return own[i].run(a);
	return a->outside.act && a->outside.act(a, act);
}

const char *app_refuses(const struct app *a, const struct action *act)
{
	const struct view *v = a->top;

	if (v && !v->below && (strcmp(act->id, "layer.leave") == 0 ||
			       strcmp(act->id, "history.back") == 0))
		return "This is the outermost layer; q quits.";
	return v && v->ops->refuse ? v->ops->refuse(v, act) : NULL;
}

static bool act(struct app *a, const struct action *act)
{
	const char *why = app_refuses(a, act);

	if (why) {
		app_say(a, ROLE_INFO, "%s", why);
		a->echo_refused = act;
		return true;
	}
	return a->top->ops->act(a->top, act) || act_own(a, act);
}

bool app_act(struct app *a, const char *id)
{
	const struct action *found = action_find(id);

	return found && a->top && act(a, found);
}

/* --- input ---------------------------------------------------------------------- */

static bool is_plain_text(uint32_t key)
{
	return key_is_text(key) || key == K_BACKSPACE || key == K_ENTER;
}

static void take_key(struct app *a, const struct input *in)
{
	enum context contexts[CTX_COUNT + 1];
	const struct action *found;
	struct view *v = a->top;

	if (v->ops->input && v->ops->input(v, in))
		return;
	if (v->ops->typing && v->ops->typing(v) && is_plain_text(in->key))
		return;
	contexts_of(v, contexts);
	found = action_of_key(contexts, in->key);
	if (found)
		act(a, found);
}

void app_input(struct app *a, const struct input *in)
{
	if (in->kind == INPUT_RESIZE) {
		a->rows = in->row;
		a->cols = in->col;
		return;
	}
	if (!a->top)
		return;
	if (in->kind == INPUT_KEY) {
		a->interrupts = in->key == K_CTRL('C') ? a->interrupts + 1 : 0;
		if (a->rows < APP_ROWS_MIN || a->cols < APP_COLS_MIN) {
			if (in->key == 'q')
				quit(a);
			return;
		}
		take_key(a, in);
	} else if (a->top->ops->input) {
		a->top->ops->input(a->top, in);
	}
	look_at_echo(a);
}

void app_key(struct app *a, uint32_t key)
{
	struct input in = { .kind = INPUT_KEY, .key = key };

	app_input(a, &in);
}

/* --- time ------------------------------------------------------------------------ */

/* Nothing moves under what one reads, but what was begun comes to its end. */
static bool has_frames(const struct app *a, const struct view *v)
{
	return v == a->top || (v->ops->busy && v->ops->busy(v));
}

void app_frame(struct app *a, int64_t wall_ns)
{
	a->wall_ns += wall_ns;
	for (struct view *v = a->top, *below; v; v = below) {
		below = v->below;
		if (v->ops->frame && has_frames(a, v))
			v->ops->frame(v, wall_ns);
	}
	look_at_echo(a);
}

bool app_moving(const struct app *a)
{
	for (const struct view *v = a->top; v; v = v->below)
		if (v->ops->moving && has_frames(a, v) && v->ops->moving(v))
			return true;
	return false;
}

bool app_looks(const struct app *a)
{
	for (const struct view *v = a->top; v; v = v->below)
		if (v->ops->look)
			return true;
	return false;
}

bool app_look(struct app *a)
{
	bool seen = false;

	for (struct view *v = a->top; v; v = v->below)
		seen |= v->ops->look && v->ops->look(v);
	return seen;
}

bool app_settled(const struct app *a)
{
	for (const struct view *v = a->top; v; v = v->below)
		if (v->ops->busy && v->ops->busy(v))
			return false;
	return true;
}

bool app_ended(const struct app *a)
{
	return !a->top;
}

/* --- drawing ------------------------------------------------------------------------ */

static void draw_crumb(const struct view *v, struct grid *g, struct rect row)
{
	struct text left = {0}, right = {0};
	int used;

	if (v->ops->crumb)
		v->ops->crumb(v, &left, &right);
	used = row.cols - text_width(text_cstr(&right)) - 1;
	grid_put(g, row, 0, 1, ROLE_STRONG, text_cstr(&left));
	if (used > text_width(text_cstr(&left)) + 2)
		grid_put(g, row, 0, used, ROLE_DIM, text_cstr(&right));
	text_free(&left);
	text_free(&right);
}

static void draw_echo(struct app *a, struct grid *g, struct rect row)
{
	grid_put(g, row, 0, 1, a->echo_role, text_cstr(&a->echo));
}

static struct view *under(struct app *a)
{
	struct view *v = a->top;

	while (v->ops->is_overlay && v->below)
		v = v->below;
	return v;
}

static void draw_views(struct app *a, struct grid *g)
{
	enum context contexts[CTX_COUNT + 1];
	struct rect body = grid_all(g), row;
	struct view *v = under(a);

	if (v->ops->is_whole) {
		v->ops->draw(v, g, body);
	} else {
		draw_crumb(v, g, rect_top(&body, 1));
		if (!a->settings.zen) {
			row = rect_bottom(&body, 1);
			contexts_of(a->top, contexts);
			footer_draw(a, contexts, g, row);
			draw_echo(a, g, rect_bottom(&body, 1));
		}
		v->ops->draw(v, g, body);
	}
	if (a->top != v)
		a->top->ops->draw(a->top, g, body);
}

static void draw_too_small(const struct app *a, struct grid *g)
{
	struct rect all = grid_all(g);

	grid_put(g, all, 0, 0, ROLE_TEXT, "Millrace is paused.");
	grid_putf(g, all, 1, 0, ROLE_TEXT, "Needs %dx%d.", APP_COLS_MIN,
		  APP_ROWS_MIN);
	grid_putf(g, all, 2, 0, ROLE_TEXT, "Now %dx%d.", a->cols, a->rows);
	grid_put(g, all, 3, 0, ROLE_TEXT, "q quit");
}

/* Over the echo, and where there is none, too: it may be stopped. */
void app_draw_progress(const struct app *a, struct grid *g)
{
	struct rect all;
	int row;

	if (g->rows != a->rows || g->cols != a->cols)
		grid_reset(g, a->rows, a->cols);
	all = grid_all(g);
	row = all.rows > 1 ? all.rows - 2 : 0;
	grid_fill(g, all, row, 0, all.cols, ROLE_TEXT, " ");
	grid_put(g, all, row, 1, ROLE_INFO, a->progress);
}

void app_draw(struct app *a, struct grid *g)
{
	grid_reset(g, a->rows, a->cols);
	if (!a->top)
		return;
	if (a->rows < APP_ROWS_MIN || a->cols < APP_COLS_MIN)
		draw_too_small(a, g);
	else
		draw_views(a, g);
}

/* --- for views --------------------------------------------------------------------- */

static void say(struct app *a, enum role role, const char *before,
		const char *fmt, va_list args)
	__attribute__((format(printf, 4, 0)));

static void say(struct app *a, enum role role, const char *before,
		const char *fmt, va_list args)
{
	forget_echo(a);
	text_add(&a->echo, before);
	text_vaddf(&a->echo, fmt, args);
	a->echo_role = role;
}

void app_say(struct app *a, enum role role, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(a, role, "", fmt, args);
	va_end(args);
}

void app_say_while(struct view *v, bool (*holds)(const struct view *v),
		   enum role role, const char *fmt, ...)
{
	struct app *a = v->app;
	va_list args;

	va_start(args, fmt);
	say(a, role, "", fmt, args);
	va_end(args);
	a->echo_holds = holds;
	a->echo_view = v;
}

void app_echo(struct app *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(a, ROLE_CMD, "$ ", fmt, args);
	va_end(args);
}

bool app_progress(struct app *a, const char *said)
{
	bool goes_on;

	if (!a->outside.progress)
		return true;
	a->progress = said;
	goes_on = a->outside.progress(a->outside.ctx, a);
	a->progress = NULL;
	return goes_on;
}

void app_copy(struct app *a, const char *text, size_t len)
{
	struct text said = {0};

	text_clear(&a->copied);
	text_bytes(&a->copied, text, len);
	if (a->outside.copy &&
	    a->outside.copy(a->outside.ctx, text, len, &said))
		app_say(a, ROLE_INFO, "%s", text_cstr(&said));
	else
		app_say(a, ROLE_INFO, "Copied inside Millrace only; Ctrl-Y "
			"pastes it.");
	text_free(&said);
}

int64_t app_now_ms(const struct app *a)
{
	return a->outside.now_ms ? a->outside.now_ms(a->outside.ctx) : 0;
}

bool app_budget_over(const struct app *a)
{
	return a->outside.budget_over &&
	       a->outside.budget_over(a->outside.ctx);
}
