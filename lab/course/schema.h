/* schema.h - the form of a Lua table: which fields, of which kind
 *
 * Rows of data; schema_check walks a table beside them and reports every
 * unknown, missing or ill-formed field at its place in the file.
 */
#ifndef LAB_COURSE_SCHEMA_H
#define LAB_COURSE_SCHEMA_H

#include <stdbool.h>

#include <jansson.h>

#include "lab/course/problems.h"
#include "lab/course/places.h"

enum field_kind {
	FIELD_STRING,
	FIELD_TEXT,		/* a string that is not empty */
	FIELD_INTEGER,
	FIELD_NUMBER,
	FIELD_BOOLEAN,
	FIELD_TIME,		/* "90s", or "T+90s" */
	FIELD_STRINGS,		/* a list */
	FIELD_NUMBERS_BY_NAME,
	FIELD_VALUES_BY_NAME,	/* strings, numbers, booleans */
	FIELD_FUNCTION,
	FIELD_LIST,		/* of tables of `inside` */
	FIELD_LIST_OR_FUNCTION,
	FIELD_STRINGS_OR_FUNCTION,
	FIELD_TABLE,		/* one of `inside` */
	FIELD_ANY,
};

enum field_flags { FIELD_REQUIRED = 1 };

struct field {
	const char *name;		/* NULL ends a list */
	enum field_kind kind;
	unsigned flags;
	const struct field *inside;	/* FIELD_LIST, _TABLE; may be NULL */
	const char *const *one_of;	/* a string: these only; may be NULL */
};

/* Where a table came from. */
struct schema_file {
	const char *name;
	const struct places *places;
	struct problems *problems;
};

void schema_check(const struct schema_file *f, const json_t *table,
		  const char *path, const struct field *fields);

/* A field's type as LuaLS writes it: "integer", "\"wip\"|\"beta\"".  `inside`
 * names the class of what a list or table holds; NULL: plain tables. */
void schema_lua_type(const struct field *field, const char *inside,
		     struct text *out);

/* {"$":"function"}? */
bool schema_is_function(const json_t *value);

#endif
