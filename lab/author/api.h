/* api.h - every name a module can use, with a sentence on each
 *
 * An author's editor can complete `w:gro` and show what a field means only if
 * somebody has told it.  These rows do: the methods of `w`, `h` and `s`, what
 * the tables they return hold, the fields of lab.module{...}, and the globals
 * of the sandbox.  From them come the annotations (annotate.h) and lint's list
 * of names that there are.
 *
 * The rows do not register anything.  Names and forms are registered where
 * they work (lua/bind_*.c, lua/sandbox_*.c, lab/course/exercise_form.c), and
 * tests/lab/author/test_api.c takes the names from there, out of a running
 * sandbox, and demands that both lists are the same.
 */
#ifndef LAB_AUTHOR_API_H
#define LAB_AUTHOR_API_H

#include <stdbool.h>
#include <stddef.h>

/* Types are written as LuaLS writes them: "integer", "string[]",
 * "millrace.topic"; a `?` behind one says that it may be nil. */

struct api_param {
	const char *name;	/* NULL ends a list; `?` behind: may be left out */
	const char *type;
	const char *help;	/* with the unit */
};

struct api_function {
	const char *name;	/* NULL ends a list */
	const char *help;
	const struct api_param *params;	/* NULL: none */
	const char *returns[2];		/* "TYPE NAME what it is"; NULL behind */
};

struct api_field {
	const char *name;	/* NULL ends a list; `?` behind: may be missing */
	const char *type;
	const char *help;	/* with the unit */
};

struct api_class {
	const char *name;	/* "millrace.topic"; NULL ends */
	const char *parent;	/* whose fields and methods it has, too; or NULL */
	const char *help;
	const struct api_field *fields;		/* NULL: none */
	const struct api_function *methods;	/* called with a colon */
};
extern const struct api_class api_classes[];
const struct api_class *api_class(const char *name);	/* NULL: none */

/* A field of lab.module{...}, by its path without indexes: "tasks.checks.fn".
 * Its form is the schema's (lab/course/schema.h). */
struct api_entry {
	const char *path;	/* NULL ends a list */
	const char *type;	/* where the schema only says function; or NULL */
	const char *inside;	/* the class of what it holds; or NULL */
	const char *help;
};
extern const struct api_entry api_entries[];
const struct api_entry *api_entry(const char *path);	/* NULL: none */

/* A global of a module's sandbox, or a member of one: "math.floor". */
struct api_global {
	const char *name;	/* NULL ends */
	const struct api_function *function;	/* ours; NULL: as in Lua 5.4 */
};
extern const struct api_global api_globals[];
bool api_is_global(const char *name);

/* What Lua 5.4 has and a module has not: what to use in its place; NULL: it
 * is no such name. */
const char *api_instead(const char *name);

#endif
