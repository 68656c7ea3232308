/* help.c - what can be done here: a list to type into, which does what it lists
 *
 * All comes from the table of actions and the live keys.
 */
#include "lab/tui/help.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/picker.h"
#include "sim/core/mem.h"

struct help {
	struct view view;
	struct picker picker;
	struct rect rows;	/* where they were drawn */
};

static void add_action(struct picker *p, const struct action *a, int nearness,
		       const char *why)
{
	struct pick *row = picker_add(p, context_names[a->context], a->id,
				      a->name);
	struct text keys = {0};

	action_keys(a, &keys);
	pick_set(&row->key, "%s", text_cstr(&keys));
	pick_set(&row->words, "%s %s", a->id, a->words ? a->words : "");
	pick_set(&row->detail, "%s%s%s", a->help ? a->help : "",
		 a->help ? "  " : "", a->twin ? a->twin : a->no_twin);
	if (why)
		pick_set(&row->why_not, "%s", why);
	row->nearness = nearness;
	text_free(&keys);
}

static void collect(struct picker *p, struct app *a)
{
	enum context contexts[CTX_COUNT + 2];
	int count = 0;

	contexts[0] = CTX_COUNT;
	if (a->top && a->top->ops->contexts)
		a->top->ops->contexts(a->top, contexts);
	while (contexts[count] != CTX_COUNT)
		count++;
	contexts[count++] = CTX_EVERYWHERE;
	for (int c = 0; c < count; c++)
		for (const struct action *x = actions; x->id; x++)
			if (x->context == contexts[c] && x->name)
				add_action(p, x, c, app_refuses(a, x));
	picker_filter(p);
}

static void help_draw(struct view *v, struct grid *g, struct rect body)
{
	struct help *h = (struct help *)v;
	const struct pick *now = picker_current(&h->picker);
	struct text status = {0};
	struct rect detail;

	text_addf(&status, "%zu of %zu actions", h->picker.shown_count,
		  h->picker.count);
	draw_rule(g, body, 0, "Help: type to filter, Enter does it",
		  text_cstr(&status), true);
	rect_top(&body, 1);
	detail = rect_bottom(&body, 2);
	h->rows = picker_draw(&h->picker, g, body, "No match for");
	if (now && now->detail)
		draw_wrapped(g, detail, 0, 1, ROLE_DIM, now->detail);
	text_free(&status);
}

static void help_contexts(const struct view *v, enum context *out)
{
	(void)v;
	out[0] = CTX_HELP;
	out[1] = CTX_COUNT;
}

static void help_crumb(const struct view *v, struct text *left,
		       struct text *right)
{
	(void)v;
	(void)right;
	text_add(left, "Help");
}

/* The view below does it, as if its key had been pressed there. */
static void run(struct help *h)
{
	const struct pick *now = picker_current(&h->picker);
	const struct action *action = now ? action_find(now->id) : NULL;
	struct app *a = h->view.app;

	if (!action)
		return;
	app_pop(a);
	if (!app_act(a, action->id))
		app_say(a, ROLE_INFO, "There is nothing here for that now.");
}

/* Enter is text to a view that types; here it does what is found. */
static bool help_input(struct view *v, const struct input *in)
{
	struct help *h = (struct help *)v;

	if (in->kind == INPUT_KEY && in->key == K_ENTER) {
		run(h);
		return true;
	}
	return picker_input(&h->picker, in, h->rows);
}

static bool help_typing(const struct view *v)
{
	(void)v;
	return true;
}

static void bound(struct app *a, void *ctx, const char *key)
{
	const struct action *action = ctx;
	struct text name = {0};
	struct err err;

	text_addf(&name, "key.%s", action->id);
	if (settings_set(&a->settings, text_cstr(&name), key, &err))
		app_echo(a, "set %s %s", text_cstr(&name), key);
	else
		app_say(a, ROLE_WARN, "%s is no key that can be bound.", key);
	text_free(&name);
}

static void bind(struct help *h)
{
	const struct pick *now = picker_current(&h->picker);
	const struct action *action = now ? action_find(now->id) : NULL;
	struct app *a = h->view.app;
	struct text question = {0};

	if (!action)
		return;
	text_addf(&question, "Another key for \"%s\": its name, such as F9, "
		  "Ctrl-G or g.", now->name);
	app_pop(a);
	app_ask(a, text_cstr(&question), "", bound, (void *)action);
	text_free(&question);
}

static bool help_act(struct view *v, const struct action *a)
{
	struct help *h = (struct help *)v;

	if (strcmp(a->id, "help.run") == 0)
		run(h);
	else if (strcmp(a->id, "help.bind") == 0)
		bind(h);
	else
		return strcmp(a->id, "help.open") == 0;
	return true;
}

static void help_free(struct view *v)
{
	struct help *h = (struct help *)v;

	picker_release(&h->picker);
	free(h);
}

static const struct view_ops help_ops = {
	.name = "help", .contexts = help_contexts, .crumb = help_crumb,
	.draw = help_draw, .input = help_input, .typing = help_typing,
	.act = help_act, .free = help_free,
};

struct view *help_view(struct app *a)
{
	struct help *h = mem_zeroed(1, sizeof(*h));

	h->view.ops = &help_ops;
	collect(&h->picker, a);
	return &h->view;
}
