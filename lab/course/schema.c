/* schema.c - the form of a Lua table: which fields, of which kind */
#include "lab/course/schema.h"

#include <string.h>

#include "lab/cli.h"
#include "sim/core/simtime.h"

static const char *const kind_names[] = {
	[FIELD_STRING] = "a string",
	[FIELD_TEXT] = "a string that is not empty",
	[FIELD_INTEGER] = "a whole number",
	[FIELD_NUMBER] = "a number",
	[FIELD_BOOLEAN] = "true or false",
	[FIELD_TIME] = "a time such as \"90s\" or \"T+5m\"",
	[FIELD_STRINGS] = "a list of strings",
	[FIELD_NUMBERS_BY_NAME] = "a table of numbers by name",
	[FIELD_VALUES_BY_NAME] = "a table of plain values by name",
	[FIELD_FUNCTION] = "a function",
	[FIELD_LIST] = "a list of tables",
	[FIELD_LIST_OR_FUNCTION] = "a list of tables, or a function for one",
	[FIELD_STRINGS_OR_FUNCTION] = "a list, or a function for one",
	[FIELD_TABLE] = "a table",
	[FIELD_ANY] = "anything",
};

bool schema_is_function(const json_t *value)
{
	const char *what = json_string_value(json_object_get(value, "$"));

	return what && strcmp(what, "function") == 0;
}

static bool is_time(const json_t *v)
{
	const char *s = json_string_value(v);
	sim_time at;

	if (s && strncmp(s, "T+", 2) == 0)
		s += 2;
	return s && simtime_parse(s, &at);
}

static bool is_empty_table(const json_t *v)
{
	return json_is_array(v) && json_array_size(v) == 0;
}

static bool is_strings(const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!json_is_string(json_array_get(v, i)))
			return false;
	return json_is_array(v);
}

static bool is_tables(const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!json_is_object(json_array_get(v, i)) &&
		    !json_is_array(json_array_get(v, i)))
			return false;
	return json_is_array(v);
}

static bool is_by_name(const json_t *v, bool numbers)
{
	const char *key;
	json_t *x;

	if (is_empty_table(v))
		return true;
	json_object_foreach((json_t *)v, key, x) {
		if (numbers ? !json_is_number(x) :
		    json_is_object(x) || json_is_array(x))
			return false;
	}
	return json_is_object(v) && !schema_is_function(v);
}

static bool fits(const json_t *v, enum field_kind kind)
{
	switch (kind) {
	case FIELD_STRING:
		return json_is_string(v);
	case FIELD_TEXT:
		return json_is_string(v) && *json_string_value(v);
	case FIELD_INTEGER:
		return json_is_integer(v);
	case FIELD_NUMBER:
		return json_is_number(v);
	case FIELD_BOOLEAN:
		return json_is_boolean(v);
	case FIELD_TIME:
		return is_time(v);
	case FIELD_STRINGS:
		return is_strings(v);
	case FIELD_NUMBERS_BY_NAME:
		return is_by_name(v, true);
	case FIELD_VALUES_BY_NAME:
		return is_by_name(v, false);
	case FIELD_FUNCTION:
		return schema_is_function(v);
	case FIELD_LIST:
		return is_tables(v);
	case FIELD_LIST_OR_FUNCTION:
		return schema_is_function(v) || is_tables(v);
	case FIELD_STRINGS_OR_FUNCTION:
		return schema_is_function(v) || json_is_array(v);
	case FIELD_TABLE:
		return json_is_object(v) && !schema_is_function(v);
	case FIELD_ANY:
		return true;
	}
	return false;
}

static void complain(const struct schema_file *f, const char *rule,
		     const char *path, const char *name, const char *what,
		     const char *hint)
{
	struct place at = places_find(f->places, path);

	problems_add(f->problems, f->name, at.line, at.column, rule,
		     "%s %s%s", name, what, hint);
}

static void check_one_of(const struct schema_file *f, const char *path,
			 const struct field *field, const json_t *v)
{
	const char *s = json_string_value(v);
	struct cli_nearest near = { .wanted = s };
	struct text what = {0};
	char hint[128];

	for (const char *const *o = field->one_of; *o; o++) {
		if (strcmp(*o, s) == 0)
			return;
		cli_nearest_look(&near, *o);
	}
	text_addf(&what, "cannot be \"%.40s\"; it is one of", s);
	for (const char *const *o = field->one_of; *o; o++)
		text_addf(&what, "%s %s", o == field->one_of ? "" : ",", *o);
	complain(f, "bad-value", path, field->name, text_cstr(&what),
		 cli_nearest_hint(&near, hint, sizeof(hint)));
	text_free(&what);
}

static void check_field(const struct schema_file *f, const char *path,
			const struct field *field, const json_t *v)
{
	struct text inner = {0};

	if (!fits(v, field->kind)) {
		text_addf(&inner, "has to be %s", kind_names[field->kind]);
		complain(f, "wrong-type", path, field->name, text_cstr(&inner),
			 "");
		text_free(&inner);
		return;
	}
	if (field->one_of)
		check_one_of(f, path, field, v);
	if (!field->inside)
		return;
	if (field->kind == FIELD_TABLE)
		schema_check(f, v, path, field->inside);
	for (size_t i = 0; field->kind != FIELD_TABLE &&
			   i < json_array_size(v); i++) {
		text_clear(&inner);
		text_addf(&inner, "%s[%zu]", path, i + 1);
		schema_check(f, json_array_get(v, i), text_cstr(&inner),
			     field->inside);
	}
	text_free(&inner);
}

static void path_join(struct text *out, const char *path, const char *name)
{
	text_clear(out);
	text_addf(out, "%s%s%s", path, *path ? "." : "", name);
}

static void unknown_key(const struct schema_file *f, const char *path,
			const char *key, const struct field *fields)
{
	struct cli_nearest near = { .wanted = key };
	char hint[128];

	for (; fields->name; fields++)
		cli_nearest_look(&near, fields->name);
	cli_nearest_hint(&near, hint, sizeof(hint));
	complain(f, "unknown-key", path, key, "is no field here",
		 *hint ? hint : "; docs/authoring.md lists those there are");
}

static const struct field *field_named(const struct field *fields,
				       const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

void schema_check(const struct schema_file *f, const json_t *table,
		  const char *path, const struct field *fields)
{
	struct text inner = {0};
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)table, key, v) {
		const struct field *field = field_named(fields, key);

		path_join(&inner, path, key);
		if (field)
			check_field(f, text_cstr(&inner), field, v);
		else
			unknown_key(f, text_cstr(&inner), key, fields);
	}
	for (; fields->name; fields++)
		if ((fields->flags & FIELD_REQUIRED) &&
		    !json_object_get(table, fields->name))
			complain(f, "missing-key", path, fields->name,
				 "is missing; it has to be ",
				 kind_names[fields->kind]);
	text_free(&inner);
}

/* --- for annotations ------------------------------------------------------ */

static const char *const lua_types[] = {
	[FIELD_STRING] = "string",
	[FIELD_TEXT] = "string",
	[FIELD_INTEGER] = "integer",
	[FIELD_NUMBER] = "number",
	[FIELD_BOOLEAN] = "boolean",
	[FIELD_TIME] = "string",
	[FIELD_STRINGS] = "string[]",
	[FIELD_NUMBERS_BY_NAME] = "table<string, number>",
	[FIELD_VALUES_BY_NAME] = "table<string, string|number|boolean>",
	[FIELD_FUNCTION] = "function",
	[FIELD_LIST] = "%s[]",
	[FIELD_LIST_OR_FUNCTION] = "%s[]|fun(p: table): %s[]",
	[FIELD_STRINGS_OR_FUNCTION] = "any[]|fun(p: table): any[]",
	[FIELD_TABLE] = "%s",
	[FIELD_ANY] = "any",
};

void schema_lua_type(const struct field *field, const char *inside,
		     struct text *out)
{
	for (const char *const *o = field->one_of; o && *o; o++)
		text_addf(out, "%s\"%s\"", o == field->one_of ? "" : "|", *o);
	if (field->one_of)
		return;
	for (const char *s = lua_types[field->kind]; *s; s++)
		if (strncmp(s, "%s", 2) == 0) {
			text_add(out, inside ? inside : "table");
			s++;
		} else {
			text_char(out, *s);
		}
}
