/* verbs_screen.c - the verbs that open the screen, and shot, which draws it
 *
 * Bare `millrace`, `start`, and those of study open a screen when there is a
 * terminal to draw on; --plain, ACCESSIBLE=1, TERM=dumb and a pipe go on line
 * by line.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/paths.h"
#include "lab/progress/progress.h"
#include "lab/screen.h"
#include "lab/tui/supervisor.h"
#include "lab/tui/svg.h"
#include "lab/tui/term.h"
#include "lab/tui/tui.h"
#include "lab/verbs.h"
#include "lab/views/scenes.h"
#include "lab/views/views.h"

bool screen_wanted(const struct cli *c)
{
	const char *accessible = getenv("ACCESSIBLE");
	struct err why;

	return !(accessible && *accessible && strcmp(accessible, "0") != 0) &&
	       isatty(fileno(c->in)) && isatty(fileno(c->out)) &&
	       term_usable(&why);
}

/* --- in the child ---------------------------------------------------------------- */

struct screen {
	struct cli *c;
	struct view *(*open)(struct app *a, void *ctx, struct err *err);
	void *ctx;
	struct catalog *catalog;
	struct store *store;
	struct text home, config;
	struct err err;
};

static bool open_store(struct screen *s, const struct app_outside *o,
		       struct err *err)
{
	struct store_options options = {
		.now_ms = o->now_ms(o->ctx), .fall_back = true,
	};

	if (path_home(&s->home, err)) {
		s->store = store_open(text_cstr(&s->home), &options, err);
	} else {
		options.memory = true;
		s->store = store_open("", &options, err);
	}
	return s->store != NULL;
}

static bool gather(struct screen *s, struct app_outside *o)
{
	struct text root = {0};
	bool good = path_content(s->c->content, s->c->program, &root, &s->err);

	if (good)
		s->catalog = catalog_load(text_cstr(&root), &s->err);
	good = s->catalog && open_store(s, o, &s->err);
	text_free(&root);
	if (!good)
		return false;
	/* Days are the learner's.  A store that only reads keeps its own. */
	progress_zone(s->store, o->now_ms(o->ctx), o->utc_offset_minutes,
		      &s->err);
	o->catalog = s->catalog;
	o->content = s->catalog->root;
	o->store = s->store;
	o->store_note = store_note(s->store, 0);
	o->home = text_cstr(&s->home);
	o->act = views_act;
	o->open = views_open;
	return true;
}

/* False: the sentence says what of the file is not understood. */
static bool read_settings(struct screen *s, struct app *a, struct err *err)
{
	return !path_config(&s->config) ||
	       settings_read(&a->settings, text_cstr(&s->config), err);
}

/* What is wrong is said last: the first view has a line of its own to say, and
 * it is worth less. */
static int run(struct screen *s, struct tui *t, struct app *a)
{
	struct err odd;
	bool understood = read_settings(s, a, &odd);
	struct view *v = s->open(a, s->ctx, &s->err);

	if (!v)
		return -1;
	app_push(a, v);
	if (!understood)
		app_say(a, ROLE_WARN, "%s", odd.what);
	if (a->outside.store_note)
		app_say(a, ROLE_WARN, "%s", a->outside.store_note);
	return tui_run(t, a);
}

static void forget(struct screen *s)
{
	if (s->store)
		store_close(s->store);
	catalog_free(s->catalog);
	text_free(&s->home);
	text_free(&s->config);
}

static int child(void *ctx)
{
	struct screen *s = ctx;
	struct app_outside outside = {0};
	struct tui *t = tui_open(&s->err);
	int status = -1, rows, cols;
	struct app a;

	if (!t)
		return cli_fail_err(s->c, CLI_ENVIRONMENT, &s->err);
	tui_outside(t, &outside);
	if (gather(s, &outside)) {
		tui_size(t, &rows, &cols);
		app_init(&a, &outside, rows, cols);
		status = run(s, t, &a);
		app_release(&a);
	}
	forget(s);
	tui_close(t);
	return status >= 0 ? status :
			     cli_fail_err(s->c, CLI_ENVIRONMENT, &s->err);
}

int screen_run(struct cli *c,
	       struct view *(*open)(struct app *a, void *ctx, struct err *err),
	       void *ctx)
{
	struct screen s = { .c = c, .open = open, .ctx = ctx };

	return supervise(child, &s);
}

/* --- home -------------------------------------------------------------------------- */

/* Who has not begun sees the welcome, everybody else where they left off. */
static struct view *open_home(struct app *a, void *ctx, struct err *err)
{
	struct text begun = {0};
	bool is_new;

	(void)ctx;
	is_new = !progress_profile(a->outside.store, "welcomed", &begun, err) ||
		 !begun.len;
	text_free(&begun);
	return is_new ? welcome_view(a) : home_view(a);
}

int screen_home(struct cli *c)
{
	return screen_run(c, open_home, NULL);
}

/* --- start -------------------------------------------------------------------------- */

static struct view *open_start(struct app *a, void *ctx, struct err *err)
{
	app_push(a, home_view(a));
	return workbench_view(a, ctx, err);
}

int screen_start(struct cli *c, const struct workbench_options *o)
{
	return screen_run(c, open_start, (void *)o);
}

/* --- shot ---------------------------------------------------------------------------- */

static bool parse_size(const char *s, int *cols, int *rows)
{
	int used = 0;

	return sscanf(s, "%4dx%4d%n", cols, rows, &used) == 2 && !s[used] &&
	       *cols >= 1 && *cols <= GRID_COLS_MAX && *rows >= 1 &&
	       *rows <= GRID_ROWS_MAX;
}

static int list_scenes(struct cli *c)
{
	for (const struct scene *s = scenes; s->name; s++)
		fprintf(c->out, "  %-12s %s\n", s->name, s->summary);
	return CLI_DONE;
}

static int no_scene(struct cli *c, const char *name)
{
	struct cli_nearest near = { .wanted = name };
	char hint[128];

	for (const struct scene *s = scenes; s->name; s++)
		cli_nearest_look(&near, s->name);
	return cli_fail(c, CLI_USAGE, "there is no screen %s%s; `millrace "
			"shot` lists them", name,
			cli_nearest_hint(&near, hint, sizeof(hint)));
}

struct shot {
	const struct scene *scene;
	enum theme theme;
	int rows, cols;
};

static int write_shot(struct cli *c, const struct shot *shot, struct grid *g)
{
	const char *file = cli_value(c, "svg");
	struct text out = {0};
	struct err err;
	bool good = true;

	if (cli_has(c, "ascii"))
		grid_ascii(g);
	if (shot->theme == THEME_MONO)
		grid_mono(g);
	if (file)
		svg_write(g, shot->theme, cli_has(c, "keys") ? NULL :
			  shot->scene->summary, &out);
	else
		grid_text(g, cli_has(c, "roles"), &out);
	if (file && strcmp(file, "-") != 0)
		good = path_write(file, out.at, out.len, &err);
	else
		fwrite(out.at, 1, out.len, c->out);
	text_free(&out);
	return good ? CLI_DONE : cli_fail_err(c, CLI_ENVIRONMENT, &err);
}

static int draw_shot(struct cli *c, const struct shot *shot)
{
	struct scene_options o = {
		.rows = shot->rows, .cols = shot->cols,
		.keys = cli_value(c, "keys"),
	};
	struct catalog *catalog;
	struct grid g = {0};
	struct err err;
	int status = CLI_DONE;

	catalog = verb_catalog(c, &status);
	if (!catalog)
		return status;
	o.catalog = catalog;
	o.content = catalog->root;
	if (scene_draw(shot->scene, &o, &g, &err))
		status = write_shot(c, shot, &g);
	else
		status = cli_fail_err(c, CLI_CONTENT, &err);
	grid_release(&g);
	catalog_free(catalog);
	return status;
}

int verb_shot(struct cli *c)
{
	const char *size = cli_value(c, "size"), *theme = cli_value(c, "theme");
	struct shot shot = { .rows = 24, .cols = 80 };

	/* Widths are the locale's. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (c->argument_count == 0)
		return list_scenes(c);
	shot.scene = scene_find(c->arguments[0]);
	if (!shot.scene)
		return no_scene(c, c->arguments[0]);
	if (size && !parse_size(size, &shot.cols, &shot.rows))
		return cli_fail(c, CLI_USAGE, "--size %s: write columns and "
				"rows, 120x36", size);
	if (theme)
		shot.theme = theme_named(theme);
	if (shot.theme == THEME_COUNT)
		return cli_fail(c, CLI_USAGE, "--theme %s: it is one of dark, "
				"light, contrast, mono", theme);
	return draw_shot(c, &shot);
}
