/* sandbox_inside.h - what the files of the sandbox share among themselves
 *
 *	sandbox.c		the meters: allocator, hook, calls, what an error says
 *	sandbox_lib.c		the allow-list: environments, read-only views
 *	sandbox_base.c		print pairs pcall setmetatable load ...
 *	sandbox_table.c		table.*
 *	sandbox_string.c	string.* and utf8.*
 *	sandbox_coroutine.c	coroutine.*
 *
 * One rule holds for every C function here, as a hook cannot interrupt it:
 * it costs a bounded time, or it charges for its length *before* it works.
 */
#ifndef LUA_SANDBOX_INSIDE_H
#define LUA_SANDBOX_INSIDE_H

#include <lauxlib.h>
#include <lua.h>

#include "lua/sandbox.h"

/* The most values one C function puts on the stack: string.byte, unpack. */
#define SANDBOX_VALUES_MAX 8000

/* One name in the table of a library: ours, or liblua's. */
enum sandbox_origin {
	SANDBOX_STOCK,		/* liblua's; costs the same for any argument */
	SANDBOX_LINEAR,		/* liblua's; charged by the length of strings */
	SANDBOX_OURS,
	SANDBOX_WRAPPED,	/* ours, with liblua's as its first upvalue */
};

struct sandbox_name {
	const char *name;	/* NULL ends a list */
	enum sandbox_origin origin;
	lua_CFunction call;	/* OURS, WRAPPED */
};

extern const struct sandbox_name sandbox_base[];
extern const struct sandbox_name sandbox_table[];
extern const struct sandbox_name sandbox_string[];
extern const struct sandbox_name sandbox_utf8[];
extern const struct sandbox_name sandbox_coroutine[];

struct sandbox {
	lua_State *L;
	struct sandbox_limits limits;
	enum sandbox_stop stop;
	bool running;			/* inside a call: the caps bind */

	/* Fuel. */
	int64_t fuel_budget;		/* of the call that runs, or the last */
	int64_t fuel_left;
	int step;			/* instructions from hook to hook */

	/* Memory. */
	struct sandbox_memory memory;	/* take NULL: the heap */
	size_t memory_used;
	size_t newest_bytes;		/* of an untyped block just given */
	const char *refused;		/* why the allocator last said no */

	/* CPU time. */
	int64_t (*cpu_ns)(void *ctx);
	void *cpu_ctx;
	int64_t cpu_start_ns;		/* when this call began */
	int64_t unclocked;		/* fuel charged since the clock was read */
	size_t churn;			/* bytes asked for since then */

	void (*print)(void *ctx, const char *bytes, size_t len);
	void *print_ctx;

	char where[96];			/* last known "FILE:LINE" of the call */
	char epitaph[256];		/* what stopped the sandbox, as a line */
	lua_Integer numbered;		/* objects that tostring() has shown */
	int metatables;			/* different ones ever seen */
	int closing;			/* coroutine.close, nested so deep */
};

/* --- sandbox.c ---------------------------------------------------------- */

/* Raise again what stopped the sandbox, if something did.  To be called
 * wherever an error was caught: `status` is what the catching function said. */
void sandbox_pass_on(lua_State *L, int status);

/* Compile text for `env_index`'s environment and push the chunk, or push a
 * message.  Returns lua_load's status. */
int sandbox_compile(lua_State *L, const char *chunk_name, const char *source,
		    size_t len, int env_index);

/* Arm the hook of a new thread. */
void sandbox_watch(struct sandbox *s, lua_State *L);

/* A metatable was used.  See there. */
void sandbox_saw_metatable(lua_State *L, int index);

/* --- sandbox_lib.c ------------------------------------------------------ */

int sandbox_build(lua_State *L);	/* a lua_CFunction: fill a new state */
void sandbox_push_env(lua_State *L);	/* a new environment */

/* If the value is a read-only view, push the table behind it. */
bool sandbox_push_behind(lua_State *L, int index);

/* --- sandbox_base.c ----------------------------------------------------- */

int sandbox_load_text(lua_State *L);	/* load(); upvalue 1: environment */

/* --- sandbox_string.c --------------------------------------------------- */

void sandbox_fence_strings(lua_State *L);	/* string table on top */

#endif
