/* author.c - a module as it is written: the learner's view, problems, the proof
 *
 * `millrace start FILE.lua` opens it.  The files are looked at twice a second
 * (author/watch.h); what was saved shows at once, and a save that broke it
 * leaves the version before to be played.  The proof runs beside
 * (author/prove.h) and is marked as soon as it speaks of another version.
 */
#include "lab/views/author_inside.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/paths.h"
#include "lab/tui/dialog.h"
#include "lua/program.h"
#include "sim/core/mem.h"

enum { SEEDS = 3,		/* as `millrace verify` has it */
       HEADLESS_WAIT_MS = 20 };

/* --- findings ------------------------------------------------------------- */

size_t finding_count(const struct author *w)
{
	return w->preview->problems->count + w->prover.failed;
}

struct finding finding_at(const struct author *w, size_t i)
{
	const struct problems *all = w->preview->problems;

	if (i < all->count)
		return (struct finding){ .problem = &all->at[i] };
	i -= all->count;
	for (size_t r = 0; r < w->prover.row_count; r++)
		if (w->prover.rows[r].state == ROW_FAILS && i-- == 0)
			return (struct finding){ .row = &w->prover.rows[r] };
	return (struct finding){0};
}

bool author_proof_is_old(const struct author *w)
{
	return w->prover.state != PROVER_NEVER &&
	       !prover_is_of(&w->prover, w->preview->checked);
}

/* The file that the current finding speaks of, to show its line. */
static void read_source(struct author *w)
{
	struct finding f = finding_at(w, w->at.at);
	struct err err;

	text_clear(&w->source);
	free(w->source_file);
	w->source_file = NULL;
	if (!f.problem ||
	    !path_read(f.problem->file, PATH_FILE_MAX, &w->source, &err))
		return;
	w->source_file = mem_copy(f.problem->file);
}

static void go_to(struct author *w, size_t i)
{
	w->at.at = i;
	cursor_keep(&w->at, finding_count(w));
	read_source(w);
}

/* --- looking at the files ------------------------------------------------- */

static void say_read(struct author *w)
{
	struct app *a = w->view.app;
	const struct preview *p = w->preview;

	if (p->playable)
		app_echo(a, "millrace module lint %s", p->folder);
	else if (p->exercise)
		app_say(a, ROLE_WARN, "▲ This save cannot be played; Enter "
			"plays the version before it.");
	else
		app_say(a, ROLE_WARN, "▲ It cannot be played yet: see the "
			"problems.");
}

bool author_look(struct author *w)
{
	w->since_ns = 0;
	if (!preview_look(w->preview))
		return false;
	/* Who plays has read a module of his own. */
	preview_drop(w->preview);
	if (w->prover.state == PROVER_RUNS && author_proof_is_old(w))
		prover_stop(&w->prover);
	if (w->preview->exercise &&
	    w->task >= w->preview->exercise->task_count)
		w->task = 0;
	go_to(w, w->at.at);
	return true;
}

bool author_pass(struct author *w, int64_t wall_ns)
{
	w->since_ns += wall_ns;
	return w->since_ns >= AUTHOR_LOOK_EVERY && author_look(w);
}

/* --- the proof ------------------------------------------------------------ */

static void try_wrong(struct author *w)
{
	author_look(w);
	if (exercise_good(w->preview->checked))
		author_wrong(w);
	else
		app_say(w->view.app, ROLE_WARN, "It has errors; those come "
			"first.");
}

static void prove(struct author *w)
{
	struct app *a = w->view.app;
	struct err err;

	author_look(w);
	if (!exercise_good(w->preview->checked)) {
		app_say(a, ROLE_WARN, "It has errors; those come first.");
		return;
	}
	if (prover_start(&w->prover, w->preview->exercise, lua_world, SEEDS,
			 &err))
		app_echo(a, "millrace verify %s", w->preview->folder);
	else
		app_say(a, ROLE_WARN, "%s", err.what);
	go_to(w, w->at.at);
}

static void say_proof(struct author *w)
{
	struct app *a = w->view.app;
	const struct prover *p = &w->prover;

	if (p->state == PROVER_CRASHED)
		app_say(a, ROLE_BAD, "✗ Proving it crashed (signal %d); "
			"`millrace verify %s` says more.", p->signal,
			w->preview->folder);
	else if (p->failed)
		app_say(a, ROLE_BAD, "✗ %zu proof%s failed: why stands with "
			"the problems.", p->failed, p->failed == 1 ? "" : "s");
	else
		app_say(a, ROLE_GOOD, "✓ It holds.");
}

/* Without a terminal nothing else goes on meanwhile: then the child is waited
 * for a little. */
static void hear_proof(struct author *w)
{
	struct prover *p = &w->prover;
	int wait = w->view.app->outside.budget_over ? 0 : HEADLESS_WAIT_MS;
	size_t failed = p->failed;

	while (prover_look(p, wait))
		wait = 0;
	if (p->state != PROVER_RUNS)
		say_proof(w);
	if (p->failed && !failed)
		go_to(w, w->preview->problems->count);
}

/* --- frames --------------------------------------------------------------- */

static void frame(struct view *v, int64_t wall_ns)
{
	struct author *w = author_of(v);

	if (w->prover.state == PROVER_RUNS)
		hear_proof(w);
	if (author_pass(w, wall_ns))
		say_read(w);
}

static bool look(struct view *v)
{
	struct author *w = author_of(v);
	bool read = author_look(w);

	if (read)
		say_read(w);
	return read;
}

static bool busy(const struct view *v)
{
	return author_of_const(v)->prover.state == PROVER_RUNS;
}

static void shown(struct view *v)
{
	struct author *w = author_of(v);

	if (author_look(w))
		say_read(w);
}

/* --- the editor ----------------------------------------------------------- */

/* Editors that open a file at `+LINE`. */
static bool takes_line(const char *editor)
{
	static const char *const names[] = {
		"vi", "vim", "nvim", "view", "gvim", "nano", "pico", "emacs",
		"emacsclient", "micro", "kak", "joe", "jed", "mg", "ne", NULL,
	};
	size_t len = strcspn(editor, " \t"), from = len;

	while (from && editor[from - 1] != '/')
		from--;
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == len - from &&
		    memcmp(names[i], editor + from, len - from) == 0)
			return true;
	return false;
}

/* edit_file takes a path and asks the environment which editor: the line goes
 * there for as long as it runs. */
static bool edit_at(struct app *a, const char *path, int line,
		    struct err *err)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
	const char *which = visual && *visual ? visual :
			    editor && *editor ? editor : "vi";
	char *was = visual ? strdup(visual) : NULL;
	struct text with = {0};
	bool good;

	if (line > 1 && takes_line(which)) {
		text_addf(&with, "%s +%d", which, line);
		setenv("VISUAL", text_cstr(&with), 1);
	}
	good = a->outside.edit_file(a->outside.ctx, path, err);
	if (with.len && was)
		setenv("VISUAL", was, 1);
	else if (with.len)
		unsetenv("VISUAL");
	text_free(&with);
	free(was);
	return good;
}

static void edit(struct author *w)
{
	struct finding f = finding_at(w, w->at.at);
	struct app *a = w->view.app;
	struct text path = {0};
	struct err err;

	if (f.problem)
		text_add(&path, f.problem->file);
	else
		text_addf(&path, "%s/module.lua", w->preview->folder);
	if (!edit_at(a, text_cstr(&path), f.problem ? f.problem->line : 1,
		     &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	else if (author_look(w))
		say_read(w);
	else
		app_say(a, ROLE_INFO, "Nothing has changed.");
	text_free(&path);
}

/* --- hints ---------------------------------------------------------------- */

static void hints_text(const struct task *t, struct text *out)
{
	if (!t->hint_count)
		text_addf(out, "This task has no hints: %s\n",
			  t->hintless ? t->hintless : "and does not say why.");
	for (size_t i = 0; i < t->hint_count; i++)
		text_addf(out, "**%zu**, cost %lld%s\n\n%s\n\n", i + 1,
			  (long long)t->hints[i].cost, t->hints[i].has_when ?
			  ", if it fits the run" : "", t->hints[i].text);
}

static void show_hints(struct author *w)
{
	const struct task *t = &w->preview->exercise->tasks[w->task];
	struct text t_text = {0}, title = {0};

	hints_text(t, &t_text);
	text_addf(&title, "Hints for task %zu of %lld points", w->task + 1,
		  (long long)t->points);
	app_push(w->view.app, reader_overlay(w->view.app, text_cstr(&title),
					     text_cstr(&t_text)));
	app_echo(w->view.app, "hint");
	text_free(&title);
	text_free(&t_text);
}

/* --- actions -------------------------------------------------------------- */

static void next_task(struct author *w)
{
	w->task = (w->task + 1) % w->preview->exercise->task_count;
	w->page_top = 0;
	app_echo(w->view.app, "task");
}

static void step(struct author *w, bool forwards)
{
	size_t n = finding_count(w);

	if (n)
		go_to(w, (w->at.at + (forwards ? 1 : n - 1)) % n);
}

static void cancel(struct author *w)
{
	prover_stop(&w->prover);
	/* It was not meant to end the program. */
	w->view.app->interrupts = 0;
	app_say(w->view.app, ROLE_INFO, "The proof was stopped.");
	go_to(w, w->at.at);
}

static void say_seed(struct author *w)
{
	app_say(w->view.app, ROLE_INFO, "Enter plays it at seed %" PRIu64 ".",
		w->seed);
}

static void next_seed(struct author *w)
{
	w->seed = w->seed == INT64_MAX ? 1 : w->seed + 1;
	say_seed(w);
}

static void seed_entered(struct app *a, void *ctx, const char *typed)
{
	struct author *w = ctx;
	unsigned long long seed;
	char *end;

	if (app_find(a, "author") != &w->view || !*typed)
		return;
	errno = 0;
	seed = strtoull(typed, &end, 10);
	if (*end || errno || !seed || seed > INT64_MAX || !isdigit((unsigned char)*typed)) {
		app_say(a, ROLE_WARN, "`%s` is no seed: write a number from 1 "
			"on.", typed);
		return;
	}
	w->seed = seed;
	say_seed(w);
}

void author_seed(struct view *v, uint64_t seed)
{
	author_of(v)->seed = seed ? seed : 1;
}

static void ask_seed(struct author *w)
{
	app_ask(w->view.app, "Play it at which seed?", "", seed_entered, w);
}

static void step_on(struct author *w) { step(w, true); }
static void step_back(struct author *w) { step(w, false); }
static void play(struct author *w) { author_play(w); }

static const struct {
	const char *id;
	void (*run)(struct author *w);
} own[] = {
	{ "author.play", play }, { "author.proof", prove },
	{ "author.edit", edit }, { "author.hints", show_hints },
	{ "author.task", next_task }, { "author.problem.next", step_on },
	{ "author.problem.prev", step_back },
	{ "author.seed.next", next_seed }, { "author.seed", ask_seed },
	{ "author.wrong", try_wrong },
};

static bool act(struct view *v, const struct action *act)
{
	struct author *w = author_of(v);

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strcmp(own[i].id, act->id) == 0) {
			own[i].run(w);
			return true;
		}
	if (strcmp(act->id, "work.cancel") != 0 || !busy(v))
		return false;
	cancel(w);
	return true;
}

static const char *refuse(const struct view *v, const struct action *action)
{
	const struct author *w = author_of_const(v);
	const char *id = action->id;
	bool none = !w->preview->exercise;

	if (strcmp(id, "author.proof") == 0 && busy(v))
		return "The proof runs; Ctrl-C stops it.";
	if (none && (strcmp(id, "author.play") == 0 ||
		     strcmp(id, "author.hints") == 0 ||
		     strcmp(id, "author.task") == 0 ||
		     strcmp(id, "author.wrong") == 0 ||
		     strncmp(id, "author.seed", 11) == 0))
		return "No version of it can be played yet.";
	if (strcmp(id, "author.edit") == 0 && !v->app->outside.edit_file)
		return "There is no terminal to give to $EDITOR here.";
	if (strncmp(id, "author.problem", 14) == 0 && !finding_count(w))
		return "Nothing is wrong.";
	return NULL;
}

/* --- input ---------------------------------------------------------------- */

static bool scroll_page(struct author *w, uint32_t key)
{
	int by = w->page_shown > 1 ? w->page_shown - 1 : 1;

	if (key != K_PGDN && key != K_PGUP)
		return false;
	w->page_top += key == K_PGDN ? by : -by;
	return true;
}

static bool input(struct view *v, const struct input *in)
{
	struct author *w = author_of(v);
	size_t was = w->at.at;
	bool taken;

	if (in->kind == INPUT_KEY && scroll_page(w, in->key))
		return true;
	if (in->kind == INPUT_KEY && in->key == ' ')
		return false;
	taken = cursor_input(&w->at, in, finding_count(w), w->findings_shown > 0
			     ? (size_t)w->findings_shown : 1);
	if (w->at.at != was)
		read_source(w);
	return taken;
}

static void contexts(const struct view *v, enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_AUTHOR;
	out[1] = CTX_COUNT;
}

static void release(struct view *v)
{
	struct author *w = author_of(v);

	prover_release(&w->prover);
	preview_free(w->preview);
	if (w->is_laid_out)
		markdown_release(&w->page);
	text_free(&w->source);
	free(w->source_file);
	free(w);
}

static const struct view_ops ops = {
	.name = "author", .contexts = contexts, .crumb = author_crumb,
	.draw = author_draw, .input = input, .act = act, .refuse = refuse,
	.frame = frame, .look = look, .busy = busy, .shown = shown,
	.free = release,
};

/* --- opening -------------------------------------------------------------- */

struct view *author_view(struct app *a, const char *path, struct err *err)
{
	struct preview *p = preview_new(path, a->outside.catalog, err);
	struct author *w;

	if (!p)
		return NULL;
	w = mem_zeroed(1, sizeof(*w));
	w->view = (struct view){ .ops = &ops, .app = a };
	w->preview = p;
	w->seed = 1;
	prover_init(&w->prover);
	go_to(w, 0);
	if (p->playable)
		app_echo(a, "millrace start %s/module.lua", p->folder);
	else
		say_read(w);
	return &w->view;
}

static void path_entered(struct app *a, void *ctx, const char *typed)
{
	const char *home = getenv("HOME");
	struct text path = {0};
	struct err err = {{0}};
	struct view *v;

	(void)ctx;
	if (!*typed)
		return;
	if (strncmp(typed, "~/", 2) == 0 && home)
		text_addf(&path, "%s%s", home, typed + 1);
	else
		text_add(&path, typed);
	v = author_view(a, text_cstr(&path), &err);
	if (v)
		app_push(a, v);
	else
		app_say(a, ROLE_WARN, "%s", err.what);
	text_free(&path);
}

void author_ask(struct app *a)
{
	app_ask(a, "Path of a module.lua, or of its folder?", "",
		path_entered, NULL);
}
