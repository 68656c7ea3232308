/* verbs_progress.c - progress: competency with its evidence, and the file */
#include <inttypes.h>
#include <string.h>

#include "lab/paths.h"
#include "lab/progress/projection.h"
#include "lab/progress/report.h"
#include "lab/verbs_progress.h"
#include "lab/wall.h"

static bool has_file(const char *home)
{
	struct text t = {0};
	bool is;

	text_addf(&t, "%s/progress.db", home);
	is = path_is_file(text_cstr(&t));
	text_free(&t);
	return is;
}

struct store *progress_to_read(struct cli *c, const char *home, int *status)
{
	struct store_options o = { .now_ms = wall_ms(), .no_backup = true,
				   .memory = !has_file(home),
				   .fall_back = true };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (!s) {
		*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
		return NULL;
	}
	verb_record_notes(c, s);
	if (!o.memory && store_mode(s) == STORE_FORGETS && !store_count(s)) {
		store_close(s);
		*status = CLI_ENVIRONMENT;
		return NULL;
	}
	return s;
}

static struct store *open_to_write(struct cli *c, const char *home,
				   int *status)
{
	struct store_options o = { .now_ms = wall_ms() };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (s)
		verb_record_notes(c, s);
	else
		*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	return s;
}

/* --- the report ----------------------------------------------------------- */

static void look(void *near, const char *name)
{
	cli_nearest_look(near, name);
}

static int no_such(struct cli *c, const struct catalog *catalog,
		   const char *word)
{
	struct cli_nearest near = { .wanted = word };
	char hint[128];

	catalog_each_name(catalog, look, &near);
	return cli_fail(c, CLI_USAGE, "there is no competency %s%s", word,
			cli_nearest_hint(&near, hint, sizeof(hint)));
}

static int write_page(struct cli *c, const struct report *r, const char *file)
{
	struct text t = {0};
	struct err err;
	bool good = report_html(r, &t, &err) &&
		    path_write(file, text_cstr(&t), t.len, &err);

	text_free(&t);
	return good ? CLI_DONE : cli_fail_err(c, CLI_ENVIRONMENT, &err);
}

static int print_report(struct cli *c, const struct report *r)
{
	struct text t = {0};
	struct err err;
	bool good = cli_has(c, "json") ? report_json(r, &t, &err) :
					 report_text(r, &t, &err);

	if (good) {
		verb_print(c, &t);
		return CLI_DONE;
	}
	text_free(&t);
	return cli_fail_err(c, CLI_ENVIRONMENT, &err);
}

static int show(struct cli *c, const char *home)
{
	const char *only = c->argument_count ? c->arguments[0] : NULL;
	const char *page = cli_value(c, "html");
	int status = CLI_DONE;
	struct report r = { .now_ms = wall_ms(), .only = only };
	struct catalog *catalog = verb_catalog(c, &status);

	if (!catalog)
		return status;
	if (only && !catalog_competency(catalog, only))
		status = no_such(c, catalog, only);
	else if ((r.store = progress_to_read(c, home, &status))) {
		r.catalog = catalog;
		status = page ? write_page(c, &r, page) : print_report(c, &r);
	}
	store_close(r.store);
	catalog_free(catalog);
	return status;
}

/* --- the file ------------------------------------------------------------- */

static int take_out(struct cli *c, const char *home, const char *file)
{
	int status = CLI_DONE;
	struct store *s = progress_to_read(c, home, &status);
	struct text t = {0};
	struct err err;

	if (!s)
		return status;
	if (!store_export(s, &t, &err))
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	else if (strcmp(file, "-") == 0)
		fwrite(text_cstr(&t), 1, t.len, c->out);
	else if (!path_write(file, text_cstr(&t), t.len, &err))
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	else
		fprintf(c->out, "%s: %" PRId64 " events.\n", file,
			store_count(s));
	text_free(&t);
	store_close(s);
	return status;
}

static int take_in(struct cli *c, const char *home, const char *file)
{
	int status = CLI_DONE;
	struct store *s = open_to_write(c, home, &status);
	struct store_import did;
	struct text t = {0};
	struct err err;

	if (!s)
		return status;
	if (path_read(file, PATH_FILE_MAX, &t, &err) &&
	    store_import(s, file, text_cstr(&t), t.len, &did, &err))
		fprintf(c->out, "%s: %zu events taken in, %zu were known.\n",
			file, did.added, did.known);
	else
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	text_free(&t);
	store_close(s);
	return status;
}

static int copy(struct cli *c, const char *home, const char *file)
{
	int status = CLI_DONE;
	struct store *s = open_to_write(c, home, &status);
	struct err err;

	if (!s)
		return status;
	if (store_backup(s, file, &err))
		fprintf(c->out, "%s: a copy of %s.\n", file, store_path(s));
	else
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	store_close(s);
	return status;
}

static int replace(struct cli *c, const char *home, const char *file)
{
	struct store_options o = { .now_ms = wall_ms() };
	struct text said = {0};
	struct err err;
	bool good = file ? store_restore(home, file, &o, &said, &err) :
			   store_repair(home, &o, &said, &err);

	verb_print(c, &said);
	return good ? CLI_DONE : cli_fail_err(c, CLI_ENVIRONMENT, &err);
}

static int mend(struct cli *c, const char *home, const char *file)
{
	(void)file;
	return replace(c, home, NULL);
}

static int rebuild(struct cli *c, const char *home, const char *file)
{
	int status = CLI_DONE;
	struct store *s = open_to_write(c, home, &status);
	struct err err;

	(void)file;
	if (!s)
		return status;
	if (!projection_rebuild(s, &err) || !store_verify(s, &err))
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	else
		fprintf(c->out, "%s: computed anew from %" PRId64 " events; "
			"the chain is whole.\n", store_path(s),
			store_count(s));
	store_close(s);
	return status;
}

static const struct job {
	const char *name;
	const char *takes;	/* NULL: nothing */
	int (*run)(struct cli *c, const char *home, const char *what);
} jobs[] = {
	{ "export", "a file", take_out }, { "import", "a file", take_in },
	{ "backup", "a file", copy },	  { "restore", "a file", replace },
	{ "repair", NULL, mend },	  { "rebuild", NULL, rebuild },
	{ "replay", "an attempt or event", progress_replay },
};

static const struct job *job_of(const char *word)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		if (strcmp(jobs[i].name, word) == 0)
			return &jobs[i];
	return NULL;
}

static int run(struct cli *c, const char *home)
{
	const struct job *job = c->argument_count ? job_of(c->arguments[0]) :
						    NULL;

	if (!job && c->argument_count > 1)
		return cli_fail(c, CLI_USAGE, "%s: one competency at a time",
				c->arguments[1]);
	if (!job)
		return show(c, home);
	if (c->argument_count - 1 != (job->takes != NULL))
		return cli_fail(c, CLI_USAGE, "%s takes %s", job->name,
				job->takes ? job->takes : "nothing else");
	return job->run(c, home, job->takes ? c->arguments[1] : NULL);
}

int verb_progress(struct cli *c)
{
	struct text home = {0};
	struct err err;
	int status;

	status = path_home(&home, &err) ? run(c, text_cstr(&home)) :
					  cli_fail_err(c, CLI_ENVIRONMENT,
						       &err);
	text_free(&home);
	return status;
}
