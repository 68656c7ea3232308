/* verbs_world.c - exec: console commands on a fresh world */
#include <string.h>

#include "lab/course/script.h"
#include "lab/verbs.h"
#include "lua/session.h"
#include "lua/shell.h"
#include "sim/core/world.h"

/* --- exec ----------------------------------------------------------------------- */

/* What a console has no tool for: commands of the world itself. */
static bool is_world_word(const char *line)
{
	static const char *const known[] = { "fault", "heal", "service",
					     "fleet-new", "app-new", "listener",
					     "broker-setting", "place",
					     "ingest-focus",
					     "ingest-level", NULL };
	size_t len = strcspn(line, " ");

	for (const char *const *k = known; *k; k++)
		if (strlen(*k) == len && memcmp(*k, line, len) == 0)
			return true;
	return false;
}

struct exec {
	struct cli *c;
	struct world *w;
	struct session *s;
	sim_time limit;
};

static int exec_line(struct exec *x, const char *line)
{
	sim_time span;
	struct err err;
	int status;

	line += strspn(line, " \t");
	if (strncmp(line, "wait ", 5) == 0 && simtime_parse(line + 5, &span)) {
		sim_time until = world_now(x->w) + span;

		while (world_now(x->w) < until)
			session_advance(x->s, until);
		return 0;
	}
	if (is_world_word(line)) {
		int64_t result;

		if (!world_command(x->w, line, &result, &err)) {
			fprintf(x->c->err, "%s\n", err.what);
			return 1;
		}
		return 0;
	}
	if (!session_run(x->s, line, x->limit, NULL, &status, &err)) {
		fprintf(x->c->err, "%s\n", err.what);
		return 1;
	}
	return status;
}

/* One word is a line, or several; several words are one command. */
static void command_text(const struct cli *c, struct text *out)
{
	if (c->rest_count == 1) {
		text_add(out, c->rest[0]);
		return;
	}
	for (int i = 0; i < c->rest_count; i++) {
		if (i)
			text_char(out, ' ');
		shell_quote(out, c->rest[i], 0);
	}
}

static int exec_all(struct exec *x)
{
	struct text all = {0}, line = {0};
	struct script s;
	int status = 0;

	command_text(x->c, &all);
	script_init(&s, text_cstr(&all), all.len);
	while (script_next(&s, &line))
		status = exec_line(x, text_cstr(&line));
	text_free(&line);
	text_free(&all);
	return status == 0 ? CLI_DONE : CLI_NOT_PASSED;
}

int verb_exec(struct cli *c)
{
	struct session_options o = { .out = cli_print, .ctx = c };
	struct exec x = { .c = c };
	struct text with = {0};
	const char *name = cli_value(c, "world");
	uint64_t seed;
	sim_time at;
	struct err err;
	int status = CLI_DONE;

	if (!name)
		return cli_fail(c, CLI_USAGE, "--world WORLD says where; "
				"`millrace worlds` lists them");
	if (c->rest_count == 0)
		return cli_fail(c, CLI_USAGE, "nothing to do; write the "
				"command behind --");
	if (!verb_seed(c, &seed) || !cli_time(c, "at", 0, &at) ||
	    !cli_time(c, "for", SIM_HOURS(1), &x.limit))
		return CLI_USAGE;
	verb_settings(c, &with);
	x.w = verb_world(c, name, seed, text_cstr(&with), &status);
	text_free(&with);
	if (!x.w)
		return status;
	world_run_until(x.w, at);
	o.world_name = name;
	x.s = session_new(x.w, &o, &err);
	if (x.s)
		status = exec_all(&x);
	else
		status = cli_fail_err(c, CLI_CONTENT, &err);
	session_free(x.s);
	world_free(x.w);
	return status;
}
