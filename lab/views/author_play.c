/* author_play.c - the exercise as a learner plays it, while it is written
 *
 * It is the workbench, with some of its answers changed: frames look at the
 * files too, and once a newer version is there, starting over takes that one.
 *
 *	view_ops of the workbench ──copied──▶ struct played: ops
 *	                                        frame, look, act, input, free
 *	                                        say their piece, then ask `inner`
 */
#include "lab/views/author_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/paths.h"
#include "lab/tui/lineedit.h"
#include "lab/views/workbench_inside.h"
#include "sim/core/mem.h"

struct played {
	struct view_ops ops;		/* first: found by the view's ops */
	const struct view_ops *inner;	/* the workbench's own */
	struct author *author;		/* lies below it */
	uint64_t generation;		/* that is played */
	char *copy;			/* a folder of ours; NULL: the author's */
};

static struct played *played_of(const struct view *v)
{
	return (struct played *)v->ops;
}

static bool is_old(const struct played *p)
{
	return p->author->preview->generation != p->generation;
}

/* --- a folder for a version that is no longer on disk --------------------- */

static void remove_name(void *folder, const char *name)
{
	struct text path = {0};
	struct err err;

	text_addf(&path, "%s/%s", (const char *)folder, name);
	if (unlink(text_cstr(&path)) != 0) {
		path_list(text_cstr(&path), remove_name, path.at, &err);
		rmdir(text_cstr(&path));
	}
	text_free(&path);
}

static void remove_copy(char *folder)
{
	struct err err;

	if (!folder)
		return;
	path_list(folder, remove_name, folder, &err);
	rmdir(folder);
	free(folder);
}

static char *make_copy(const struct preview *p, struct err *err)
{
	const char *under = getenv("TMPDIR");
	struct text name = {0};

	text_addf(&name, "%s/millrace-preview-XXXXXX",
		  under && *under ? under : "/tmp");
	if (!mkdtemp(name.at)) {
		err_set(err, "%s: %s", name.at, strerror(errno));
		text_free(&name);
		return NULL;
	}
	if (!preview_write(p, name.at, err)) {
		remove_copy(text_take(&name));
		return NULL;
	}
	return text_take(&name);
}

/* --- starting over -------------------------------------------------------- */

static void begin_anew(struct author *w)
{
	app_pop(w->view.app);	/* the workbench; w is on top now */
	if (author_play(w))
		app_say(w->view.app, ROLE_INFO, "This is the new version.");
}

static void anew(struct app *a, void *ctx)
{
	if (a->top && a->top->below == ctx &&
	    strcmp(a->top->ops->name, "workbench") == 0)
		begin_anew(ctx);
}

static bool act(struct view *v, const struct action *action)
{
	struct played *p = played_of(v);

	if (strcmp(action->id, "exercise.reset") != 0 || !is_old(p))
		return p->inner->act(v, action);
	app_confirm(v->app, "Starting over takes the version that was saved "
		    "last; this run is gone. Start over?", "Start over", anew,
		    p->author);
	return true;
}

/* Is the line that says so entered now? */
static bool is_reset(const struct view *v, const struct input *in)
{
	const struct workbench *w = workbench_of_const(v);
	const char *line = lineedit_text(&w->console.edit);
	size_t len = strlen("reset yes");

	line += strspn(line, " ");
	return in->kind == INPUT_KEY && in->key == K_ENTER &&
	       w->focus == PANE_CONSOLE && w->console.typing &&
	       !play_busy(w->play) && strncmp(line, "reset yes", len) == 0 &&
	       !line[len + strspn(line + len, " ")];
}

static bool input(struct view *v, const struct input *in)
{
	struct played *p = played_of(v);

	if (!is_old(p) || !is_reset(v, in))
		return p->inner->input(v, in);
	begin_anew(p->author);
	return true;
}

/* --- looking -------------------------------------------------------------- */

static void say_saved(struct view *v)
{
	const struct preview *now = played_of(v)->author->preview;
	const struct problems *all = now->problems;

	if (now->playable) {
		app_say(v->app, ROLE_INFO, "The module was saved; `reset yes` "
			"begins anew with the new version.");
		return;
	}
	for (size_t i = 0; i < all->count; i++) {
		struct text t = {0};

		if (all->at[i].warning)
			continue;
		problem_text(&all->at[i], &t);
		app_say(v->app, ROLE_WARN, "▲ %s", text_cstr(&t));
		text_free(&t);
		return;
	}
}

static void frame(struct view *v, int64_t wall_ns)
{
	struct played *p = played_of(v);

	if (author_pass(p->author, wall_ns))
		say_saved(v);
	p->inner->frame(v, wall_ns);
}

static bool look(struct view *v)
{
	bool read = author_look(played_of(v)->author);

	if (read)
		say_saved(v);
	return read;
}

static void release(struct view *v)
{
	struct played *p = played_of(v);

	p->inner->free(v);
	remove_copy(p->copy);
	free(p);
}

/* --- opening -------------------------------------------------------------- */

/*
 * Nothing of it is recorded, and nothing of the learner's is touched: a
 * workbench keeps its record and its drawer where it finds them when it opens.
 */
static struct view *open_unrecorded(struct app *a, const char *folder,
				    uint64_t seed, struct err *err)
{
	struct workbench_options o = { .exercise = folder, .seed = seed,
				       .purpose = "free" };
	struct store *store = a->outside.store;
	const char *home = a->outside.home;
	struct view *v;

	a->outside.store = NULL;
	a->outside.home = NULL;
	v = workbench_view(a, &o, err);
	a->outside.store = store;
	a->outside.home = home;
	return v;
}

static void change(struct view *v, struct author *w, char *copy)
{
	struct played *p = mem_zeroed(1, sizeof(*p));

	p->inner = v->ops;
	p->ops = *v->ops;
	p->ops.frame = frame;
	p->ops.look = look;
	p->ops.act = act;
	p->ops.input = input;
	p->ops.free = release;
	p->author = w;
	p->generation = w->preview->generation;
	p->copy = copy;
	v->ops = &p->ops;
}

bool author_play(struct author *w)
{
	const struct preview *p = w->preview;
	struct app *a = w->view.app;
	struct err err = {{0}};
	char *copy = NULL;
	struct view *v;

	author_look(w);
	if (!p->playable)
		copy = make_copy(p, &err);
	v = p->playable || copy ?
	    open_unrecorded(a, copy ? copy : p->folder, w->seed, &err) :
	    NULL;
	if (!v) {
		app_say(a, ROLE_WARN, "%s", err.what);
		remove_copy(copy);
		return false;
	}
	change(v, w, copy);
	app_push(a, v);
	if (copy)
		app_say(a, ROLE_WARN, "▲ This is the version before the save "
			"that cannot be played.");
	else
		app_echo(a, "millrace start %s/module.lua --seed %" PRIu64,
			 p->folder, w->seed);
	return true;
}
