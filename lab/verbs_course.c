/* verbs_course.c - start and check: working on an exercise */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/author/watch.h"
#include "lab/course/attempt.h"
#include "lab/course/script.h"
#include "lab/paths.h"
#include "lab/plain.h"
#include "lab/screen.h"
#include "lab/verbs.h"
#include "lua/program.h"

static int status_of(const struct verdict *v)
{
	if (v->status == VERDICT_PASS)
		return CLI_DONE;
	return v->status == VERDICT_ERROR ? CLI_CONTENT : CLI_NOT_PASSED;
}

/* --- check -------------------------------------------------------------------- */

static bool read_stream(FILE *f, const char *name, struct text *out,
			struct err *err)
{
	char buf[4096];
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		text_bytes(out, buf, n);
		if (out->len > SCRIPT_BYTES_MAX)
			return err_set(err, "%s: is longer than %d bytes",
				       name, SCRIPT_BYTES_MAX);
	}
	return !ferror(f) || err_set(err, "%s: %s", name, strerror(errno));
}

/* A file, a pipe, or - for standard input. */
static bool read_script(struct cli *c, const char *path, struct text *out,
			struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0, good;
	FILE *f = is_stdin ? c->in : fopen(path, "rb");

	if (!f)
		return err_set(err, "%s: %s", path, strerror(errno));
	good = read_stream(f, path, out, err) &&
	       script_check(path, text_cstr(out), out->len, err);
	if (!is_stdin)
		fclose(f);
	return good;
}

static void play_script(struct cli *c, struct attempt *a,
			const struct text *text)
{
	struct script s;
	struct text line = {0};

	script_init(&s, text_cstr(text), text->len);
	while (!a->has_ended && script_next(&s, &line)) {
		if (cli_has(c, "transcript")) {
			struct text t = {0};

			simtime_at_text(&t, world_now(a->world));
			fprintf(c->out, "%s> %s\n", text_cstr(&t),
				text_cstr(&line));
			text_free(&t);
		}
		attempt_line(a, text_cstr(&line));
	}
	text_free(&line);
}

static int check(struct cli *c, const struct exercise *m, uint64_t seed,
		 const struct text *script)
{
	bool shown = cli_has(c, "transcript") && !cli_has(c, "json");
	struct attempt_options o = {
		.seed = seed, .make = lua_world,
		.out = shown ? cli_print : NULL, .ctx = c,
	};
	struct text out = {0};
	struct verdict v;
	struct attempt *a;
	struct err err;
	int status;

	a = attempt_new(m, &o, &err);
	if (!a)
		return cli_fail_err(c, CLI_CONTENT, &err);
	play_script(c, a, script);
	attempt_grade_settled(a, &v);
	if (cli_has(c, "json")) {
		verdict_json(&v, &out);
		text_char(&out, '\n');
	} else {
		verdict_text(&v, &out);
	}
	verb_print(c, &out);
	status = status_of(&v);
	verdict_release(&v);
	attempt_free(a);
	return status;
}

int verb_check(struct cli *c)
{
	const char *path = cli_value(c, "script");
	struct text script = {0};
	struct exercise *m;
	uint64_t seed;
	struct err err;
	int status;

	if (!path)
		return cli_fail(c, CLI_USAGE, "--script FILE says what to "
				"play");
	if (!verb_seed(c, &seed))
		return CLI_USAGE;
	m = verb_exercise(c, c->arguments[0], &status);
	if (!m)
		return status;
	if (read_script(c, path, &script, &err))
		status = check(c, m, seed, &script);
	else
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	text_free(&script);
	exercise_free(m);
	return status;
}

/* --- start -------------------------------------------------------------------- */

static int start_screen(struct cli *c, uint64_t seed)
{
	struct workbench_options o = {
		.seed = seed, .world = cli_value(c, "world"),
		.resume = !cli_has(c, "fresh"),
	};

	if (o.world)
		o.purpose = "free";
	else
		o.exercise = c->arguments[0];
	return screen_start(c, &o);
}

/* --- start FILE.lua --------------------------------------------------------------- */

struct previewed {
	const char *path;
	uint64_t seed;
};

static struct view *open_author(struct app *a, void *ctx, struct err *err)
{
	const struct previewed *p = ctx;
	struct view *v;

	app_push(a, home_view(a));
	v = author_view(a, p->path, err);
	if (v)
		author_seed(v, p->seed);
	return v;
}

/* The course's own exercises by their folders, as ever: they have a record. */
static bool is_of_course(struct cli *c, const char *path)
{
	struct text root = {0}, below = {0};
	char *real = NULL, *wanted = NULL;
	bool found = false;
	struct err err;

	if (path_is_folder(path) &&
	    path_content(c->content, c->program, &root, &err)) {
		text_addf(&below, "%s/exercises", text_cstr(&root));
		real = realpath(path, NULL);
		wanted = realpath(text_cstr(&below), NULL);
	}
	if (real && wanted) {
		size_t len = strlen(wanted);

		found = strncmp(real, wanted, len) == 0 && real[len] == '/';
	}
	free(real);
	free(wanted);
	text_free(&root);
	text_free(&below);
	return found;
}

static int preview_plain(struct cli *c, const char *path, uint64_t seed)
{
	struct catalog *catalog;
	struct preview *p;
	struct err err;
	int status = CLI_DONE;

	catalog = verb_catalog(c, &status);
	p = preview_new(path, catalog, &err);
	status = p ? plain_preview(c, p, seed) :
		     cli_fail_err(c, CLI_USAGE, &err);
	preview_free(p);
	catalog_free(catalog);
	return status;
}

static int start_preview(struct cli *c, const char *path, uint64_t seed)
{
	struct previewed p = { path, seed };
	int status;

	/* A path that leads nowhere is said before a screen is opened. */
	if (!path_is_file(path) && !path_is_folder(path))
		status = cli_fail(c, CLI_USAGE, "%s: there is no such file or "
				  "folder", path);
	else if (!cli_has(c, "plain") && screen_wanted(c))
		status = screen_run(c, open_author, &p);
	else
		status = preview_plain(c, path, seed);
	return status;
}

int verb_start(struct cli *c)
{
	const char *world = cli_value(c, "world");
	struct exercise *m;
	uint64_t seed = 0;
	struct err err;
	int status;

	if (!world == !c->argument_count)
		return cli_fail(c, CLI_USAGE, "name an exercise, or a world "
				"to play with: --world local-kafka");
	if (cli_has(c, "seed") && !verb_seed(c, &seed))
		return CLI_USAGE;
	if (!world && preview_is_path(c->arguments[0]) &&
	    !is_of_course(c, c->arguments[0]))
		return start_preview(c, c->arguments[0], seed);
	if (world) {
		m = exercise_sandbox(world, "", &err);
		status = CLI_USAGE;
		if (!m)
			cli_fail_err(c, status, &err);
	} else {
		m = verb_exercise(c, c->arguments[0], &status);
	}
	if (!m)
		return status;
	if (!cli_has(c, "plain") && screen_wanted(c))
		status = start_screen(c, seed);
	else
		status = plain_run(c, m, seed);
	exercise_free(m);
	return status;
}
