/* home.c - where was I, what is due, what is next: in this order
 *
 * Arrows move over all lines that can be opened; the line above the footer
 * shows the command that equals Enter on the current one.  Everything is read
 * once, when home is shown (home_model.c).
 */
#include "lab/views/home_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/views/choose.h"
#include "lab/views/inside.h"
#include "lab/views/record.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

/* The command that does what Enter does here. */
static void echo(struct home *h)
{
	struct app *a = h->view.app;
	const struct path_node *n = home_on_path(h);

	if (home_on_continue(h))
		app_echo(a, "millrace start %s", h->id);
	else if (home_on_due(h))
		app_echo(a, "millrace review next");
	else if (n && n->kind == PATH_EXERCISE && n->there)
		app_echo(a, "millrace start %s", n->id);
	else if (n && n->kind != PATH_STAGE)
		app_echo(a, "millrace show %s", n->id);
	else if (n)
		app_echo(a, "millrace list --track %s",
			 catalog_text(pathway_track(home_catalog(h),
				      a->settings.track), "id"));
}

static void home_shown(struct view *v)
{
	struct home *h = (struct home *)v;

	home_read(h);
	echo(h);
}

/* --- doing ---------------------------------------------------------------- */

static void fold(struct home *h, struct path_node *n, bool open)
{
	pathway_fold(&h->path, (size_t)(n - h->path.nodes), open);
	cursor_keep(&h->cursor, home_line_count(h));
}

static bool has_below(const struct path_node *n)
{
	return n->kind == PATH_STAGE || n->kind == PATH_UNIT;
}

/* Left folds; on what is folded it goes to the line above it in the tree. */
static void go_left(struct home *h, struct path_node *n)
{
	size_t fixed = home_fixed_lines(h), line = 0;

	if (has_below(n) && n->is_open) {
		fold(h, n, false);
		return;
	}
	while (h->path.lines[line] != n->parent)
		line++;
	h->cursor.at = fixed + line;
}

static bool home_input(struct view *v, const struct input *in)
{
	struct home *h = (struct home *)v;
	size_t page = h->path_rows ? h->path_rows : 1;
	struct path_node *n = home_on_path(h);
	bool took = true;

	if (in->kind == INPUT_KEY && n &&
	    (in->key == K_LEFT || in->key == 'h'))
		go_left(h, n);
	else if (in->kind == INPUT_KEY && n && has_below(n) &&
		 (in->key == K_RIGHT || in->key == 'l'))
		fold(h, n, true);
	else
		took = cursor_input(&h->cursor, in, home_line_count(h), page);
	if (took)
		echo(h);
	return took;
}

static bool open_node(struct home *h, struct path_node *n)
{
	struct app *a = h->view.app;

	if (has_below(n)) {
		fold(h, n, !n->is_open);
		return true;
	}
	return n->kind == PATH_LESSON ? open_lesson(a, n->id) :
					open_exercise(a, n->id, "learn");
}

static bool open_line(struct home *h)
{
	struct path_node *n = home_on_path(h);

	if (home_on_continue(h))
		return open_exercise(h->view.app, h->id, "learn");
	if (home_on_due(h)) {
		app_push(h->view.app, review_view(h->view.app));
		return true;
	}
	return n && open_node(h, n);
}

/* --- tracks --------------------------------------------------------------- */

static void take_track(struct app *a, void *ctx, const char *track)
{
	struct view *home = app_find(a, "home");
	struct err err;

	(void)ctx;
	if (!settings_set(&a->settings, "track", track, &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	else
		app_echo(a, "millrace list --track %s", track);
	record_profile(a, "track", track);
	if (home) {
		struct home *h = (struct home *)home;

		pathway_release(&h->path);
		h->cursor = (struct cursor){0};
		home_read(h);
	}
}

void home_choose_track(struct app *a)
{
	const json_t *all = json_object_get(a->outside.catalog->tracks,
					    "tracks");
	const json_t *now = pathway_track(a->outside.catalog,
					  a->settings.track);
	size_t count = json_array_size(all), current = 0;
	struct choice *choices = mem_zeroed(count + 1, sizeof(*choices));

	for (size_t i = 0; i < count; i++) {
		const json_t *t = json_array_get(all, i);

		choices[i] = (struct choice){ catalog_text(t, "id"),
					      catalog_text(t, "title"),
					      catalog_text(t, "for_whom") };
		if (t == now)
			current = i;
	}
	app_push(a, choose_view(a, "Track", choices, count, current,
				take_track, NULL));
	free(choices);
}

/* --- the view ------------------------------------------------------------- */

static bool home_act(struct view *v, const struct action *act)
{
	struct home *h = (struct home *)v;

	if (strcmp(act->id, "home.continue") == 0 ||
	    strcmp(act->id, "item.open") == 0)
		return open_line(h);
	if (strcmp(act->id, "unit.why") == 0)
		return home_tell_why(h);
	return false;
}

static void home_contexts(const struct view *v,
			  enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_HOME;
	out[1] = CTX_COUNT;
}

static void home_free(struct view *v)
{
	struct home *h = (struct home *)v;

	home_forget(h);
	pathway_release(&h->path);
	free(h);
}

static const struct view_ops home_ops = {
	.name = "home", .contexts = home_contexts, .crumb = home_crumb,
	.draw = home_draw, .input = home_input, .act = home_act,
	.shown = home_shown, .free = home_free,
};

struct view *home_view(struct app *a)
{
	struct home *h = mem_zeroed(1, sizeof(*h));

	h->view = (struct view){ .ops = &home_ops, .app = a };
	return &h->view;
}

bool home_reveal(struct view *home, const char *id)
{
	struct home *h = (struct home *)home;
	size_t line = pathway_reveal(&h->path, id);

	if (line >= h->path.line_count)
		return false;
	h->cursor.at = home_fixed_lines(h) + line;
	/* Near the top, so that what it unfolds is seen. */
	h->path_top = line > 2 ? line - 2 : 0;
	if (has_below(&h->path.nodes[h->path.lines[line]]))
		fold(h, &h->path.nodes[h->path.lines[line]], true);
	echo(h);
	return true;
}
