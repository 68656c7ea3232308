/* verbs_module.c - module: for those who write exercises */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/lint.h"
#include "lab/course/template.h"
#include "lab/paths.h"
#include "lab/verbs.h"
#include "lab/verbs_verify.h"
#include "lab/version.h"

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

static bool write_template(const char *folder, const char *id,
			   const char *uuid, struct err *err)
{
	struct text path = {0};
	bool good = true;

	for (const struct template_file *f = template_files; f->name && good;
	     f++) {
		struct text t = {0};

		text_clear(&path);
		text_addf(&path, "%s/%s", folder, f->name);
		template_fill(f, id, uuid, &t);
		good = path_write(text_cstr(&path), text_cstr(&t), t.len, err);
		text_free(&t);
	}
	text_free(&path);
	return good;
}

static int module_new(struct cli *c)
{
	const char *into = cli_value(c, "into"), *id = c->arguments[1], *dot;
	struct text folder = {0}, texts = {0};
	char uuid[37];
	struct err err;
	int status = CLI_DONE;

	if (!is_name(id))
		return cli_fail(c, CLI_USAGE, "%s: an exercise is named "
				"UNIT.SLUG in [a-z0-9-]", id);
	if (!into)
		into = path_is_folder("exercises") ? "exercises" : ".";
	dot = strchr(id, '.');
	text_addf(&folder, "%s/%.*s/%s", into, (int)(dot - id), id, dot + 1);
	text_addf(&texts, "%s/text", text_cstr(&folder));
	if (path_is_folder(text_cstr(&folder)))
		status = cli_fail(c, CLI_USAGE, "%s is there already; nothing "
				  "was changed", text_cstr(&folder));
	else if (!make_uuid(uuid, &err) || !path_make(text_cstr(&texts), &err) ||
		 !write_template(text_cstr(&folder), id, uuid, &err))
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	else
		fprintf(c->out, "%s/module.lua\nNext: millrace module test "
			"%s\n", text_cstr(&folder), text_cstr(&folder));
	text_free(&texts);
	text_free(&folder);
	return status;
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
		text_json(&t, modules[i]->file);
		text_add(&t, ",\"problems\":");
		problems_json(&modules[i]->problems, &t);
		text_char(&t, '}');
	}
	if (cli_has(c, "json"))
		fprintf(c->out, "{\"schema_version\":%d,\"modules\":[%s]}\n",
			MILLRACE_SCHEMA, text_cstr(&t));
	else
		fprintf(c->out, "%zu errors in %zu modules\n", errors, count);
	text_free(&t);
	return errors ? CLI_CONTENT : CLI_DONE;
}

typedef int module_act(struct cli *c, struct exercise **modules, size_t count,
		       const struct catalog *catalog);

static int with_modules(struct cli *c, module_act *act)
{
	size_t count = (size_t)c->argument_count - 1;
	struct exercise **modules = calloc(count + 1, sizeof(*modules));
	struct text folder = {0};
	struct catalog *catalog;
	int status = CLI_DONE;

	if (!modules)
		abort();
	catalog = verb_catalog(c, &status);
	if (!catalog) {
		free(modules);
		return status;
	}
	for (size_t i = 0; i < count && status == CLI_DONE; i++) {
		status = verb_folder(c, catalog, c->arguments[i + 1], &folder);
		if (status == CLI_DONE)
			modules[i] = exercise_load(text_cstr(&folder));
	}
	if (status == CLI_DONE)
		status = act(c, modules, count, catalog);
	for (size_t i = 0; i < count; i++)
		exercise_free(modules[i]);
	free(modules);
	text_free(&folder);
	catalog_free(catalog);
	return status;
}

int verb_module(struct cli *c)
{
	static const char *const coming[] = { "pack", "install", "list",
					      "remove", NULL };
	const char *what = c->arguments[0];

	for (const char *const *k = coming; *k; k++)
		if (strcmp(*k, what) == 0)
			return cli_fail(c, CLI_USAGE, "%s: not in this version "
					"yet", what);
	if (strcmp(what, "new") != 0 && strcmp(what, "lint") != 0 &&
	    strcmp(what, "test") != 0)
		return cli_fail(c, CLI_USAGE, "`%s` is none of new, lint, test",
				what);
	if (c->argument_count < 2)
		return cli_fail(c, CLI_USAGE, "%s what? usage: millrace module "
				"%s %s", what, what,
				strcmp(what, "new") == 0 ? "UNIT.SLUG" :
							   "PATH...");
	if (strcmp(what, "new") != 0)
		return with_modules(c, strcmp(what, "lint") == 0 ?
				       lint_modules : verify_modules);
	if (c->argument_count > 2)
		return cli_fail(c, CLI_USAGE, "one name, please");
	return module_new(c);
}
