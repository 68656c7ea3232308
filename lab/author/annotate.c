/* annotate.c - what an editor needs to know: millrace.d.lua and .luarc.json */
#include "lab/author/annotate.h"

#include <string.h>

#include "lab/author/api.h"
#include "lab/course/exercise_inside.h"
#include "lab/course/schema.h"
#include "lab/paths.h"
#include "lab/version.h"

/* --- functions --------------------------------------------------------------- */

/* "at?" is written at?, as LuaLS does. */
static void add_params(struct text *out, const struct api_function *f)
{
	for (const struct api_param *p = f->params; p && p->name; p++)
		text_addf(out, "---@param %s %s %s\n", p->name, p->type,
			  p->help);
	for (int i = 0; i < 2 && f->returns[i]; i++)
		text_addf(out, "---@return %s\n", f->returns[i]);
}

static void add_names(struct text *out, const struct api_function *f)
{
	for (const struct api_param *p = f->params; p && p->name; p++)
		text_addf(out, "%s%.*s", p == f->params ? "" : ", ",
			  (int)strcspn(p->name, "?"), p->name);
}

/* `owner` with its ':' in front of a method, "" of a plain function. */
static void add_function(struct text *out, const char *owner,
			 const struct api_function *f)
{
	text_addf(out, "---%s\n", f->help);
	add_params(out, f);
	text_addf(out, "function %s%s(", owner, f->name);
	add_names(out, f);
	text_add(out, ") end\n\n");
}

/* --- classes ----------------------------------------------------------------- */

static void add_class_head(struct text *out, const char *name,
			   const char *parent, const char *help)
{
	text_addf(out, "---%s\n---@class %s%s%s\n", help, name,
		  parent ? ": " : "", parent ? parent : "");
}

static void add_class(struct text *out, const struct api_class *c)
{
	const char *local = strrchr(c->name, '.') + 1;
	struct text owner = {0};

	add_class_head(out, c->name, c->parent, c->help);
	for (const struct api_field *f = c->fields; f && f->name; f++)
		text_addf(out, "---@field %s %s %s\n", f->name, f->type,
			  f->help);
	if (c->methods)
		text_addf(out, "local %s = {}\n", local);
	text_char(out, '\n');
	text_addf(&owner, "%s:", local);
	for (const struct api_function *f = c->methods; f && f->name; f++)
		add_function(out, text_cstr(&owner), f);
	text_free(&owner);
}

/* --- lab.module{...} ---------------------------------------------------------- */

static void join(struct text *out, const char *path, const char *name)
{
	text_clear(out);
	text_addf(out, "%s%s%s", path, *path ? "." : "", name);
}

static void add_field(struct text *out, const struct field *field,
		      const struct api_entry *e)
{
	text_addf(out, "---@field %s%s ", field->name,
		  field->flags & FIELD_REQUIRED ? "" : "?");
	if (e && e->type)
		text_add(out, e->type);
	else
		schema_lua_type(field, e ? e->inside : NULL, out);
	text_addf(out, " %s\n", e ? e->help : "");
}

/* What lies inside comes first, so that each class is known when used. */
static void add_table(struct text *out, const char *class, const char *help,
		      const char *path, const struct field *fields)
{
	struct text inner = {0};

	for (const struct field *f = fields; f->name; f++) {
		const struct api_entry *e;

		join(&inner, path, f->name);
		e = api_entry(text_cstr(&inner));
		if (f->inside && e && e->inside)
			add_table(out, e->inside, e->help, text_cstr(&inner),
				  f->inside);
	}
	add_class_head(out, class, NULL, help);
	for (const struct field *f = fields; f->name; f++) {
		join(&inner, path, f->name);
		add_field(out, f, api_entry(text_cstr(&inner)));
	}
	text_char(out, '\n');
	text_free(&inner);
}

/* --- globals ------------------------------------------------------------------ */

/* Only what Lua itself does not have. */
static void add_globals(struct text *out)
{
	text_add(out, "---What ends a module.\nlab = {}\n\n"
		 "---JSON documents.\njson = {}\n\n"
		 "---Stands for null in a list.\njson.null = nil\n\n");
	for (const struct api_global *g = api_globals; g->name; g++)
		if (g->function)
			add_function(out, "", g->function);
}

void annotate_text(struct text *out)
{
	text_addf(out, "---@meta\n"
		  "-- What a module of Millrace %s can use, for editors. "
		  "Written by\n"
		  "-- `millrace module annotations`; it is never run.\n\n"
		  "---Seconds of virtual time, or a text such as \"90s\", "
		  "\"5m\", \"250ms\".\n"
		  "---@alias millrace.time number|string\n\n",
		  MILLRACE_VERSION);
	for (const struct api_class *c = api_classes; c->name; c++)
		add_class(out, c);
	add_table(out, "millrace.module", "An exercise.", "", module_fields);
	add_globals(out);
}

/* --- files -------------------------------------------------------------------- */

void annotate_settings(struct text *out)
{
	text_add(out, "{\n"
		 "  \"runtime.version\": \"Lua 5.4\",\n"
		 "  \"runtime.builtin\": { \"io\": \"disable\", \"os\": "
		 "\"disable\", \"debug\": \"disable\",\n"
		 "    \"package\": \"disable\" },\n"
		 "  \"workspace.library\": [\"" ANNOTATE_FILE "\"],\n"
		 "  \"workspace.checkThirdParty\": false\n"
		 "}\n");
}

static bool write_one(const char *folder, const char *name,
		      const struct text *t, struct err *err)
{
	struct text path = {0};
	bool good;

	text_addf(&path, "%s/%s", folder, name);
	good = path_write(text_cstr(&path), text_cstr(t), t->len, err);
	text_free(&path);
	return good;
}

/* Is there a file of that name?  *other: and it holds something else. */
static bool is_there(const char *folder, const char *name,
		     const struct text *ours, bool *other)
{
	struct text path = {0}, theirs = {0};
	bool there;

	text_addf(&path, "%s/%s", folder, name);
	there = path_is_file(text_cstr(&path));
	*other = there &&
		 (!path_read(text_cstr(&path), PATH_FILE_MAX, &theirs, NULL) ||
		  strcmp(text_cstr(&theirs), text_cstr(ours)) != 0);
	text_free(&theirs);
	text_free(&path);
	return there;
}

bool annotate_write(const char *folder, bool *kept, struct err *err)
{
	struct text names = {0}, settings = {0};
	bool good;

	annotate_text(&names);
	annotate_settings(&settings);
	good = path_make(folder, err) &&
	       write_one(folder, ANNOTATE_FILE, &names, err) &&
	       (is_there(folder, ANNOTATE_SETTINGS, &settings, kept) ||
		write_one(folder, ANNOTATE_SETTINGS, &settings, err));
	text_free(&settings);
	text_free(&names);
	return good;
}
