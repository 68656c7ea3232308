/* verbs_verify.c - verify: exercises that prove themselves */
#include "lab/verbs_verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/course/lint.h"
#include "lab/course/verify.h"
#include "lab/jobs.h"
#include "lab/version.h"
#include "lua/program.h"
#include "sim/core/mem.h"

enum { SEEDS = 3, SEEDS_MAX = 1000 };

struct proving {
	struct cli *c;
	struct exercise **modules;
	size_t count;
	const struct verify_options *options;
	struct text json;
	size_t said, broken;
	bool tty, watched;	/* watched: one module, told proof by proof */
};

/* One line that is overwritten; only for people who watch. */
static void progress(void *ctx, const struct exercise *m, const char *proof)
{
	struct proving *p = ctx;

	if (!p->tty || !p->watched)
		return;
	fprintf(p->c->err, "\r\033[K%s  %s", m->id, proof);
	fflush(p->c->err);
}

static void progress_count(struct proving *p)
{
	if (!p->tty || p->watched)
		return;
	fprintf(p->c->err, "\r\033[K%zu of %zu proven", p->said, p->count);
	fflush(p->c->err);
}

static void progress_clear(struct proving *p)
{
	if (p->tty)
		fputs("\r\033[K", p->c->err);
}

/* --- one module ------------------------------------------------------------------- */

static void report_json(const struct exercise *m,
			const struct verify_report *r, struct text *out)
{
	text_add(out, "{\"file\":");
	text_json(out, m->file);
	text_add(out, ",\"problems\":");
	problems_json(&m->problems, out);
	text_add(out, ",\"report\":");
	if (r)
		verify_json(r, out);
	else
		text_add(out, "null");
	text_char(out, '}');
}

static void report_text(const struct exercise *m,
			const struct verify_report *r, struct text *out)
{
	for (size_t i = 0; i < m->problems.count; i++) {
		problem_text(&m->problems.at[i], out);
		text_char(out, '\n');
	}
	if (!r) {
		text_addf(out, "BROKEN %s\n", m->folder);
		return;
	}
	verify_text(r, out);
	text_addf(out, "%s %s (%zu seeds, %.1f s)\n",
		  r->good ? "holds " : "BROKEN", m->id, r->seed_count,
		  r->seconds);
}

/* Prove it and say what came of it.  False: it is broken. */
static bool prove(void *ctx, size_t i, struct text *out)
{
	const struct proving *p = ctx;
	const struct exercise *m = p->modules[i];
	struct verify_report r = {0};
	bool loads = exercise_good(m), good;

	if (loads)
		verify_exercise(m, p->options, &r);
	good = loads && r.good;
	if (cli_has(p->c, "json"))
		report_json(m, loads ? &r : NULL, out);
	else
		report_text(m, loads ? &r : NULL, out);
	verify_release(&r);
	return good;
}

static void say(struct proving *p, bool good, struct text *out)
{
	progress_clear(p);
	if (cli_has(p->c, "json")) {
		text_add(&p->json, p->said ? "," : "");
		text_add(&p->json, text_cstr(out));
	} else {
		fputs(text_cstr(out), p->c->out);
		fflush(p->c->out);
	}
	text_clear(out);
	p->said++;
	p->broken += !good;
	progress_count(p);
}

static bool heard(void *ctx, size_t i, bool good, int signal, struct text *out)
{
	struct proving *p = ctx;

	if (signal) {
		text_clear(out);
		if (cli_has(p->c, "json"))
			report_json(p->modules[i], NULL, out);
		else
			text_addf(out, "BROKEN %s: proving it crashed "
				  "(signal %d)\n", p->modules[i]->id, signal);
	}
	say(p, good, out);
	return true;
}

static void prove_all(struct proving *p, size_t at_once)
{
	struct jobs jobs = {
		.count = p->count, .at_once = at_once, .work = prove,
		.heard = heard, .ctx = p,
	};

	jobs_run(&jobs);
}

int verify_modules(struct cli *c, struct exercise **modules, size_t count,
		   const struct catalog *catalog)
{
	struct proving p = { .c = c, .modules = modules, .count = count,
			     .tty = isatty(fileno(c->err)),
			     .watched = count == 1 };
	struct verify_options o = { .make = lua_world, .progress = progress,
				    .ctx = &p,
				    .thorough = cli_has(c, "thorough") };
	uint64_t seeds, jobs;

	if (!cli_number(c, "seeds", SEEDS, &seeds) ||
	    !cli_number(c, "jobs", jobs_cores(), &jobs))
		return CLI_USAGE;
	if (seeds < 1 || seeds > SEEDS_MAX)
		return cli_fail(c, CLI_USAGE, "--seeds has to be 1 to %d",
				SEEDS_MAX);
	o.seeds = (int)seeds;
	p.options = &o;
	for (size_t i = 0; i < count; i++)
		lint_exercise(modules[i], catalog);
	lint_together(modules, count);
	prove_all(&p, count > 1 ? (size_t)jobs : 1);
	progress_clear(&p);
	if (cli_has(c, "json"))
		fprintf(c->out, "{\"schema_version\":%d,\"good\":%s,"
			"\"modules\":[%s]}\n", MILLRACE_SCHEMA,
			p.broken ? "false" : "true", text_cstr(&p.json));
	else
		fprintf(c->out, "%zu of %zu exercises hold\n",
			count - p.broken, count);
	text_free(&p.json);
	return p.broken ? CLI_CONTENT : CLI_DONE;
}

/* --- which ------------------------------------------------------------------------ */

static void add(struct exercise ***list, size_t *count, const char *folder)
{
	*list = mem_grow(*list, (*count + 1) * sizeof(**list));
	(*list)[(*count)++] = exercise_load(folder);
}

static int gather(struct cli *c, const struct catalog *catalog,
		  struct exercise ***list, size_t *count)
{
	bool all = cli_has(c, "all") || c->argument_count == 0;
	struct text folder = {0};
	int status = CLI_DONE;

	for (size_t i = 0; all && i < catalog->module_count; i++) {
		catalog_folder(catalog, catalog->modules[i], &folder);
		add(list, count, text_cstr(&folder));
	}
	for (int i = 0; i < c->argument_count && status == CLI_DONE; i++) {
		status = verb_folder(c, catalog, c->arguments[i], &folder);
		if (status == CLI_DONE)
			add(list, count, text_cstr(&folder));
	}
	text_free(&folder);
	return status;
}

int verb_verify(struct cli *c)
{
	struct exercise **list = NULL;
	struct catalog *catalog;
	size_t count = 0;
	int status = CLI_DONE;

	catalog = verb_catalog(c, &status);
	if (!catalog)
		return status;
	status = gather(c, catalog, &list, &count);
	if (status == CLI_DONE)
		status = verify_modules(c, list, count, catalog);
	for (size_t i = 0; i < count; i++)
		exercise_free(list[i]);
	free(list);
	catalog_free(catalog);
	return status;
}
