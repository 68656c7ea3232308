/* verbs_verify.c - verify: exercises that prove themselves */
#include "lab/verbs_verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/course/lint.h"
#include "lab/course/verify.h"
#include "lab/version.h"
#include "sim/stack/stack.h"

enum { SEEDS = 3, SEEDS_MAX = 1000 };

struct proving {
	struct cli *c;
	struct text json;
	size_t done, count, broken;
	bool tty;
};

/* One line that is overwritten; only for people who watch. */
static void progress(void *ctx, const struct exercise *m, const char *proof)
{
	struct proving *p = ctx;

	if (!p->tty)
		return;
	fprintf(p->c->err, "\r\033[K%zu of %zu  %s  %s", p->done + 1, p->count,
		m->id, proof);
	fflush(p->c->err);
}

static void progress_clear(struct proving *p)
{
	if (p->tty)
		fputs("\r\033[K", p->c->err);
}

static void add_json(struct proving *p, const struct exercise *m,
		     const struct verify_report *r)
{
	text_add(&p->json, p->done ? ",{\"file\":" : "{\"file\":");
	text_json(&p->json, m->file);
	text_add(&p->json, ",\"problems\":");
	problems_json(&m->problems, &p->json);
	text_add(&p->json, ",\"report\":");
	if (r)
		verify_json(r, &p->json);
	else
		text_add(&p->json, "null");
	text_char(&p->json, '}');
}

static void say(struct proving *p, const struct exercise *m,
		const struct verify_report *r)
{
	struct text t = {0};

	progress_clear(p);
	if (cli_has(p->c, "json"))
		return;
	verb_problems(p->c->out, m);
	if (!r)
		return;
	verify_text(r, &t);
	fprintf(p->c->out, "%s%s %s (%zu seeds, %.1f s)\n", text_cstr(&t),
		r->good ? "holds " : "BROKEN", m->id, r->seed_count,
		r->seconds);
	text_free(&t);
}

static void prove(struct proving *p, struct exercise *m,
		  const struct verify_options *o)
{
	struct verify_report r = {0};
	bool good = exercise_good(m);

	if (good) {
		verify_exercise(m, o, &r);
		good = r.good;
	}
	say(p, m, exercise_good(m) ? &r : NULL);
	if (cli_has(p->c, "json"))
		add_json(p, m, exercise_good(m) ? &r : NULL);
	p->broken += !good;
	p->done++;
	verify_release(&r);
}

int verify_modules(struct cli *c, struct exercise **modules, size_t count,
		   const struct catalog *catalog)
{
	struct proving p = { .c = c, .count = count,
			     .tty = isatty(fileno(c->err)) };
	struct verify_options o = { .make = stack_world, .progress = progress,
				    .ctx = &p,
				    .thorough = cli_has(c, "thorough") };
	uint64_t seeds;

	if (!cli_number(c, "seeds", SEEDS, &seeds))
		return CLI_USAGE;
	if (seeds < 1 || seeds > SEEDS_MAX)
		return cli_fail(c, CLI_USAGE, "--seeds has to be 1 to %d",
				SEEDS_MAX);
	o.seeds = (int)seeds;
	for (size_t i = 0; i < count; i++)
		lint_exercise(modules[i], catalog);
	lint_together(modules, count);
	for (size_t i = 0; i < count; i++)
		prove(&p, modules[i], &o);
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
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	if (!*list)
		abort();
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
