/* json.h - JSON text to Lua values and back
 *
 * The one place where a JSON document meets a Lua table (RFC 8259).  Requests
 * and answers of the simulated services are JSON, so tools and checks read and
 * write it all the time.
 *
 *	JSON		  Lua
 *	object		  table with string keys
 *	array		  table with 1 .. n
 *	123  1.5  1e3	  integer if it is written as one and fits, else float
 *	null		  in an object: nothing, the key is not there
 *			  elsewhere: json.null, so that no place is lost
 *
 * The way back is the same text on every machine: keys are in bytewise order,
 * a float has the shortest digits that read back as it, and a whole one that
 * fits an integer is written as one, as services want it.  A table with 1 .. n
 * and nothing else is an array, any other one an object; an empty table is an
 * array unless it is marked: json.object() marks, and so does reading {}.
 * Keys may be strings and integers.  Strings are UTF-8: reading refuses what
 * is not, writing puts U+FFFD in its place.
 *
 * Scripts see it as `json`:
 *
 *	json.decode(text)	the value; nil, why when it is no JSON
 *	json.encode(value)	the text; an error for functions, cycles, NaN
 *	json.object(table)	marks (an empty table) as an object, returns it
 *	json.null		stands for null
 */
#ifndef LUA_JSON_H
#define LUA_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct lua_State;
struct sandbox;

enum {
	JSON_DEPTH_MAX = 100,		/* objects and arrays nested */
	JSON_NUMBER_MAX = 400,		/* digits of a number */
	JSON_BYTES_MAX = 1024 * 1024,	/* of a document, read or written */
};

/* Make `json` a global of the sandbox. */
bool json_open(struct sandbox *s, struct err *err);

/*
 * For bindings; the state is a sandbox's.  Lua errors (memory, a spent budget)
 * may come out of them, as out of every such function.
 *
 * json_push pushes the value of a document.  False, nothing pushed and
 * "line 3, column 7: ..." in err: it is no JSON.  Its cost is that of the
 * text; the caller charges it.
 *
 * json_push_text pushes the text of the value at `index` and charges for it,
 * or raises an error that says what cannot be written.
 */
bool json_push(struct lua_State *L, const char *text, size_t len,
	       struct err *err);
void json_push_text(struct lua_State *L, int index);
void json_push_null(struct lua_State *L);

#endif
