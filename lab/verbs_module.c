/* verbs_module.c - module: for those who write exercises */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/author/annotate.h"
#include "lab/course/lint.h"
#include "lab/course/template.h"
#include "lab/paths.h"
#include "lab/verbs.h"
#include "lab/verbs_verify.h"
#include "lab/version.h"
#include "sim/core/mem.h"

/* --- new ------------------------------------------------------------------------ */

/* Version 4, from the system's source of randomness. */
static bool make_uuid(char out[37], struct err *err)
{
	unsigned char b[16];
	FILE *f = fopen("/dev/urandom", "rb");
	bool good = f && fread(b, 1, sizeof(b), f) == sizeof(b);

	if (f)
		fclose(f);
	if (!good)
		return err_set(err, "/dev/urandom: %s", strerror(errno));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (int i = 0, at = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		at += snprintf(out + at, 3, "%02x", b[i]);
	}
	return true;
}

/* UNIT.SLUG, each part [a-z0-9-]. */
static bool is_name(const char *s)
{
	const char *dot = strchr(s, '.');
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return s[len] == '\0' && len <= 64 && dot && dot > s && dot[1] &&
	       !strchr(dot + 1, '.') && s[0] != '-' && dot[1] != '-';
}

/* As a word of a shell's command line. */
static void add_quoted(struct text *t, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";

	if (*s && s[strspn(s, plain)] == '\0') {
		text_add(t, s);
		return;
	}
	text_char(t, '\'');
	for (; *s; s++)
		if (*s == '\'')
			text_add(t, "'\\''");
		else
			text_char(t, *s);
	text_char(t, '\'');
}

/* Folder and name; the current folder goes without saying. */
static void add_path(struct text *t, const char *folder, const char *name)
{
	bool here = strcmp(folder, ".") == 0;

	text_addf(t, "%s%s%s", here ? "" : folder,
		  here || folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

static bool write_template(struct cli *c, const char *folder,
			   const struct template_names *names, struct err *err)
{
	struct text path = {0};
	bool good = true;

	for (const struct template_file *f = template_files; f->name && good;
	     f++) {
		struct text t = {0};

		text_clear(&path);
		add_path(&path, folder, f->name);
		template_fill(f, names, &t);
		good = path_write(text_cstr(&path), text_cstr(&t), t.len, err);
		if (good)
			fprintf(c->out, "%s\n", text_cstr(&path));
		text_free(&t);
	}
	text_free(&path);
	return good;
}

static bool annotate(struct cli *c, const char *folder, struct err *err)
{
	struct text names = {0}, settings = {0};
	bool kept = false, good = annotate_write(folder, &kept, err);

	add_path(&names, folder, ANNOTATE_FILE);
	add_path(&settings, folder, ANNOTATE_SETTINGS);
	if (good)
		fprintf(c->out, "%s\n%s%s\n", text_cstr(&names),
			text_cstr(&settings),
			kept ? " was there already and was left as it is; "
			       "its workspace.library has to name "
			       ANNOTATE_FILE : "");
	text_free(&settings);
	text_free(&names);
	return good;
}

static void say_next(struct cli *c, const char *folder)
{
	struct text word = {0};

	add_quoted(&word, folder);
	fprintf(c->out, "\nNext:\n"
		"  millrace module test %s\n"
		"  millrace start %s --plain\n"
		"then change it, beginning with the brief in text/.\n",
		text_cstr(&word), text_cstr(&word));
	text_free(&word);
}

static const struct template_world *world_of(struct cli *c, int *status)
{
	const char *name = cli_value(c, "world");
	const struct template_world *w = template_world(name ? name :
							"local-kafka");
	struct text list = {0};

	if (w)
		return w;
	for (w = template_worlds; w->name; w++)
		text_addf(&list, "%s%s", w == template_worlds ? "" : ", ",
			  w->name);
	*status = cli_fail(c, CLI_USAGE, "the first exercise can stand in %s, "
			   "not in %s; change `world` in the file later",
			   text_cstr(&list), name);
	text_free(&list);
	return NULL;
}

/* The folders, the module in them, and where it was asked for, what editors
 * need. */
static int make_module(struct cli *c, const char *folder, const char *into,
		       const struct template_names *names)
{
	struct text texts = {0};
	struct err err;
	bool good;

	text_addf(&texts, "%s/text", folder);
	good = path_make(text_cstr(&texts), &err) &&
	       write_template(c, folder, names, &err) &&
	       (!cli_has(c, "into") || annotate(c, into, &err));
	text_free(&texts);
	if (!good)
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	say_next(c, folder);
	return CLI_DONE;
}

static int module_new(struct cli *c)
{
	const char *into = cli_value(c, "into"), *id = c->arguments[1];
	struct text folder = {0}, name = {0};
	struct template_names names = { .id = id };
	char uuid[37];
	struct err err;
	int status = CLI_DONE;

	if (!is_name(id))
		return cli_fail(c, CLI_USAGE, "%s: an exercise is named "
				"UNIT.SLUG in [a-z0-9-]", id);
	names.world = world_of(c, &status);
	if (!names.world)
		return status;
	if (!into)
		into = path_is_folder("exercises") ? "exercises" : ".";
	text_addf(&name, "%.*s/%s", (int)(strchr(id, '.') - id), id,
		  strchr(id, '.') + 1);
	add_path(&folder, into, text_cstr(&name));
	names.uuid = uuid;
	if (path_is_folder(text_cstr(&folder)))
		status = cli_fail(c, CLI_USAGE, "%s is there already; nothing "
				  "was changed", text_cstr(&folder));
	else if (!make_uuid(uuid, &err))
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	else
		status = make_module(c, text_cstr(&folder), into, &names);
	text_free(&name);
	text_free(&folder);
	return status;
}

/* --- annotations ---------------------------------------------------------------- */

static int module_annotations(struct cli *c)
{
	struct err err;

	if (annotate(c, c->argument_count > 1 ? c->arguments[1] : ".", &err))
		return CLI_DONE;
	return cli_fail_err(c, CLI_ENVIRONMENT, &err);
}

/* --- lint, test -------------------------------------------------------------------- */

static int lint_modules(struct cli *c, struct exercise **modules, size_t count,
			const struct catalog *catalog)
{
	struct text t = {0};
	size_t errors = 0;

	for (size_t i = 0; i < count; i++)
		lint_exercise(modules[i], catalog);
	lint_together(modules, count);
	for (size_t i = 0; i < count; i++) {
		errors += modules[i]->problems.errors;
		if (!cli_has(c, "json")) {
			verb_problems(c->out, modules[i]);
			continue;
		}
		text_add(&t, i ? ",{\"file\":" : "{\"file\":");
		text_json(&t, problem_path(modules[i]->file));
		text_add(&t, ",\"problems\":");
		problems_json(&modules[i]->problems, &t);
		text_char(&t, '}');
	}
	if (cli_has(c, "json"))
		fprintf(c->out, "{\"schema_version\":%d,\"modules\":[%s]}\n",
			MILLRACE_SCHEMA, text_cstr(&t));
	else
		fprintf(c->out, "%zu error%s in %zu module%s\n", errors,
			errors == 1 ? "" : "s", count, count == 1 ? "" : "s");
	text_free(&t);
	return errors ? CLI_CONTENT : CLI_DONE;
}

typedef int module_act(struct cli *c, struct exercise **modules, size_t count,
		       const struct catalog *catalog);

/* The folder of a module that a file belongs to: editors know the file.
 * False: there is no such file, or no module around it. */
static bool folder_around(const char *file, struct text *folder)
{
	enum { LEVELS = 3 };	/* module.lua, text/, a folder in that */
	struct text path = {0};
	bool found = false;

	text_clear(folder);
	text_add(folder, file);
	for (int i = 0; i < LEVELS && !found && path_is_file(file); i++) {
		const char *at = text_cstr(folder), *slash = strrchr(at, '/');
		char *upper = strndup(slash ? at : ".",
				      slash ? (size_t)(slash - at) : 1);

		if (!upper)
			abort();
		text_clear(folder);
		text_add(folder, upper);
		free(upper);
		text_clear(&path);
		text_addf(&path, "%s/module.lua", text_cstr(folder));
		found = path_is_file(text_cstr(&path));
		if (!slash)
			break;
	}
	text_free(&path);
	return found;
}

/* An instructor's own modules need no course; without one, less is known.
 * False: printed. */
static bool find_catalog(struct cli *c, struct catalog **catalog, int *status)
{
	struct text root = {0};
	bool told = c->content || getenv("MILLRACE_CONTENT");
	bool found = told || path_content(NULL, c->program, &root, NULL);

	text_free(&root);
	*catalog = found ? verb_catalog(c, status) : NULL;
	if (!found)
		fprintf(c->err, "millrace module: the course was not found, so "
			"names of competencies are not looked up; say where "
			"it is with --content DIR\n");
	return !found || *catalog;
}

/* Two files of one module are one module. */
static bool is_loaded(struct exercise *const *modules, size_t count,
		      const char *folder)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(modules[i]->folder, folder) == 0)
			return true;
	return false;
}

static int load_modules(struct cli *c, const struct catalog *catalog,
			struct exercise **modules, size_t *count)
{
	struct text folder = {0};
	int status = CLI_DONE;

	for (int i = 1; i < c->argument_count && status == CLI_DONE; i++) {
		const char *word = c->arguments[i];

		if (!folder_around(word, &folder))
			status = verb_folder(c, catalog, word, &folder);
		if (status == CLI_DONE &&
		    !is_loaded(modules, *count, text_cstr(&folder)))
			modules[(*count)++] = exercise_load(text_cstr(&folder));
	}
	text_free(&folder);
	return status;
}

static int with_modules(struct cli *c, module_act *act)
{
	struct exercise **modules;
	struct catalog *catalog;
	size_t count = 0;
	int status = CLI_DONE;

	if (!find_catalog(c, &catalog, &status))
		return status;
	modules = mem_zeroed((size_t)c->argument_count, sizeof(*modules));
	status = load_modules(c, catalog, modules, &count);
	if (status == CLI_DONE)
		status = act(c, modules, count, catalog);
	for (size_t i = 0; i < count; i++)
		exercise_free(modules[i]);
	free(modules);
	catalog_free(catalog);
	return status;
}

static int module_lint(struct cli *c)
{
	return with_modules(c, lint_modules);
}

static int module_test(struct cli *c)
{
	return with_modules(c, verify_modules);
}

/* --- which ------------------------------------------------------------------------ */

/* The verb's first argument. */
static const struct sub {
	const char *name, *usage;
	int least, most;	/* arguments behind it; most < 0: any number */
	int (*run)(struct cli *c);	/* NULL: not in this version yet */
} subs[] = {
	{ "new", "UNIT.SLUG [--into DIR] [--world W]", 1, 1, module_new },
	{ "lint", "PATH...", 1, -1, module_lint },
	{ "test", "PATH...", 1, -1, module_test },
	{ "annotations", "[DIR]", 0, 1, module_annotations },
	{ "pack", "", 0, -1, NULL },
	{ "install", "", 0, -1, NULL },
	{ "list", "", 0, -1, NULL },
	{ "remove", "", 0, -1, NULL },
};

int verb_module(struct cli *c)
{
	const char *what = c->arguments[0];
	struct cli_nearest near = { .wanted = what };
	int given = c->argument_count - 1;
	char hint[128];

	for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++) {
		const struct sub *s = &subs[i];

		cli_nearest_look(&near, s->name);
		if (strcmp(s->name, what) != 0)
			continue;
		if (!s->run)
			return cli_fail(c, CLI_USAGE, "%s: not in this version "
					"yet", what);
		if (given < s->least || (s->most >= 0 && given > s->most))
			return cli_fail(c, CLI_USAGE, "%s what? usage: "
					"millrace module %s %s",
					what, what, s->usage);
		return s->run(c);
	}
	return cli_fail(c, CLI_USAGE, "`%s` is none of new, lint, test, "
			"annotations%s", what,
			cli_nearest_hint(&near, hint, sizeof(hint)));
}
