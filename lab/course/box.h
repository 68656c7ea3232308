/* box.h - the course's Lua, reached from C as JSON
 *
 * Modules and the files of content/ are Lua; what C wants of them is data.  A
 * box is one sandbox with a few words of ours in it: it runs a file, keeps the
 * table it returned, and tells that table, and what its functions answer, as
 * JSON documents.  So nothing in lab/ handles a lua_State, and a module cannot
 * hand us anything but numbers, strings, lists and names.
 *
 * In such a document a function is {"$":"function"} and NaN {"$":"nan"}.
 *
 * Script errors and limits come back as one line "FILE:LINE: message" in err.
 * After a limit (fuel, memory, time) the box is only good for being freed:
 * every later call fails and says why.
 */
#ifndef LAB_COURSE_BOX_H
#define LAB_COURSE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lua/sandbox.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

struct box;

/* NULL limits are those of modules: 50 M steps a call, 64 MiB, a minute. */
struct box *box_new(const struct sandbox_limits *limits);
void box_free(struct box *b);

struct sandbox *box_sandbox(struct box *b);

/* How many steps one call may take from now on; 0: as at the start.  Setup
 * runs the world inside a call and needs more. */
void box_set_fuel(struct box *b, int64_t steps);

/* Run a file that returns a table and give the table; the caller decrefs it.
 * The box keeps it for the calls below.  `module`: it has to come from
 * lab.module{...}. */
json_t *box_load(struct box *b, const char *chunk_name, const char *source,
		 size_t len, bool module, struct err *err);
/* A file of data, of which nothing is kept: in about half the time. */
json_t *box_read(struct box *b, const char *chunk_name, const char *source,
		 size_t len, struct err *err);

/* Objects that are handed to a script: pushed on the sandbox's stack. */
struct box_args {
	int (*push)(void *ctx, struct sandbox *s);	/* returns how many */
	void *ctx;
};

/*
 * Call a word of the driver (box.c lists them) with literal arguments written
 * as Lua ("2, 1, \"x\""), behind which come those of `args`, if any.  NULL: the
 * script failed.  The caller decrefs the answer.
 */
json_t *box_call(struct box *b, const char *word, const char *literals,
		 const struct box_args *args, struct err *err);

/* Add a string as a Lua literal. */
void box_quote(struct text *t, const char *s);

/* What scripts printed since the last call of this; lent until the next call
 * into the box. */
const char *box_printed(struct box *b);
void box_printed_clear(struct box *b);

#endif
