/* sandbox.h - a fenced Lua in which a stranger's script can do no harm
 *
 * Modules, checks, console tools and learners' programs are Lua written by
 * others.  A sandbox runs them with no way to the host, no way to run for
 * ever, and no way to come out differently the next time:
 *
 *  - An allow-list: what lua/README.md does not list is not there.
 *    Libraries are read-only, the metatable of strings is out of reach, and
 *    only Lua text can be loaded, never bytecode.
 *  - Three meters.  *Fuel* counts instructions, memory asked for, and the
 *    work of C functions; it is a function of script and input alone, so a
 *    script stops at the same place on every machine.  *Memory* caps what is
 *    alive.  *CPU time* is for safety only: it catches what the other two
 *    miss, is reported as "host limit", and must never decide a grade.
 *  - Limits are fatal.  A script cannot catch them with pcall, in a
 *    coroutine, in __close or in a message handler.  After one, the sandbox
 *    is only good for being freed: every later call says why.
 *  - Determinism: pairs() goes in order, tostring() shows no addresses, sort
 *    is stable, there is no clock and no math.random unless the host adds one.
 *
 * One sandbox is one lua_State, used by one thread, which has at least 1 MiB
 * of stack.  Several sandboxes live side by side and know nothing of each
 * other.
 *
 * Environments.  Every chunk that sandbox_load loads gets an environment of
 * its own: it sees the allowed names and the host's globals, which it cannot
 * change; the globals it sets are seen by itself alone (and by what it
 * load()s).  So two modules in one sandbox share nothing by accident.  The
 * host finds a chunk's environment as the chunk's first upvalue.
 *
 *	struct sandbox *s = sandbox_new(NULL);
 *	lua_pushcfunction(sandbox_state(s), f_topic);
 *	sandbox_add_global(s, "topic");
 *	if (!sandbox_load(s, "module.lua", text, len, &err) ||
 *	    !sandbox_call(s, 0, 1, 0, &err))
 *		... err.what is "module.lua:12: ..."
 *	sandbox_free(s);
 *
 * Bindings.  A C function given to scripts charges for work that grows with
 * its input (sandbox_charge), checks the type of every argument, and hands
 * out full userdata with a metatable of its own, never a light pointer.  It
 * calls back with lua_call, never with sandbox_call, which is not reentrant.
 */
#ifndef LUA_SANDBOX_H
#define LUA_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct lua_State;
struct sandbox;

/* Budgets of one sandbox_call or sandbox_resume; memory is for the whole
 * sandbox. */
struct sandbox_limits {
	int64_t fuel;			/* steps; about 10 ns each */
	size_t memory_bytes;		/* alive at one time */
	int cpu_ms;			/* CPU time of the calling thread */
};

/* 20 M steps, 32 MiB, 1500 ms. */
extern const struct sandbox_limits sandbox_limits_default;

/* The longest string a script can make, and the longest source text. */
#define SANDBOX_STRING_MAX ((size_t)1 << 20)

enum sandbox_stop {
	SANDBOX_RUNNING,		/* no limit was met so far */
	SANDBOX_STOP_FUEL,
	SANDBOX_STOP_MEMORY,		/* heap, one string, or nested calls */
	SANDBOX_STOP_HOST,		/* CPU time: not repeatable */
};

/* Where a sandbox lies, if not on the heap: with all it holds, itself too. */
struct sandbox_memory {
	void *(*take)(void *ctx, size_t bytes);		/* never NULL */
	void (*give)(void *ctx, void *block, size_t bytes);
	void *ctx;
};

/* --- life --------------------------------------------------------------- */

/* NULL limits are the default ones.  Returns NULL only when the limits are
 * too small for the libraries (about 24 KiB). */
struct sandbox *sandbox_new(const struct sandbox_limits *limits);
/*
 * The same in the caller's memory, and instructions counted by the hundred
 * rather than the thousand: for programs in a world, whose state is copied with
 * the world and whose steps cost virtual time.
 */
struct sandbox *sandbox_new_in(const struct sandbox_limits *limits,
			       const struct sandbox_memory *memory);
void sandbox_free(struct sandbox *s);

/* The state, to push arguments and read results.  Outside a call the host may
 * use it freely: the caps bind scripts only. */
struct lua_State *sandbox_state(struct sandbox *s);

/* The sandbox a state or coroutine belongs to, from inside a binding. */
struct sandbox *sandbox_of(struct lua_State *L);

/* Where print() goes: the arguments with tabs between and a newline behind,
 * in one piece.  Without it, print() says nothing.  `print` is called while
 * the script runs and must not raise Lua errors. */
void sandbox_set_print(struct sandbox *s,
		       void (*print)(void *ctx, const char *bytes, size_t len),
		       void *ctx);

/* Another clock for the CPU ceiling, in ns; for tests.  The default is the
 * calling thread's CPU time. */
void sandbox_set_clock(struct sandbox *s, int64_t (*cpu_ns)(void *ctx),
		       void *ctx);

/*
 * Pop the value on top and make it a global that scripts can read but not
 * replace.  `name` is a name, or "library.name" to add to a library, which is
 * made if need be: "math.random", "os.time".  A table without a metatable
 * becomes read-only, with the tables in it.  False when the part before the
 * dot is something else than a library.
 */
bool sandbox_add_global(struct sandbox *s, const char *name);

/* --- act ---------------------------------------------------------------- */

/*
 * Compile Lua text (never bytecode) and push the chunk as a function, with a
 * new environment.  `chunk_name` is what errors call it, as a rule the file.
 * False, with nothing pushed and "FILE:LINE:COLUMN: message" in err, when it
 * is no Lua; the column is left out where it cannot be known.
 */
bool sandbox_load(struct sandbox *s, const char *chunk_name,
		  const char *source, size_t len, struct err *err);

/*
 * Call the function below `nargs` arguments on the stack of sandbox_state, as
 * lua_call would.  `fuel` <= 0 is the limit given to sandbox_new.  On false,
 * function and arguments are gone, nothing is pushed, and err holds one line:
 * "FILE:LINE: message".
 */
bool sandbox_call(struct sandbox *s, int nargs, int nresults, int64_t fuel,
		  struct err *err);

enum sandbox_resume {
	SANDBOX_YIELDED,
	SANDBOX_DONE,
	SANDBOX_FAILED,
};

/* A coroutine that the host drives.  Pops the function on top of
 * sandbox_state; the thread lives until sandbox_thread_free or the end of
 * the sandbox. */
struct lua_State *sandbox_thread_new(struct sandbox *s);
void sandbox_thread_free(struct sandbox *s, struct lua_State *co);

/*
 * Start or continue such a coroutine with `nargs` arguments from the top of
 * its own stack.  Yielded or returned values are the top *nresults there; the
 * caller pops them.  After SANDBOX_FAILED the coroutine is dead.
 *
 * A script can get hold of its coroutine (coroutine.running) and resume it
 * itself, so what comes back from a yield is to be checked like any argument.
 */
enum sandbox_resume sandbox_resume(struct sandbox *s, struct lua_State *co,
				   int nargs, int *nresults, int64_t fuel,
				   struct err *err);

/* From a binding: this work costs so much.  Does not return when the budget
 * is spent.  A charge also looks at the CPU clock now and then. */
void sandbox_charge(struct lua_State *L, int64_t fuel);

/* From a binding: push what tostring() would say of the value at `index`. */
const char *sandbox_tostring(struct lua_State *L, int index, size_t *len);

/* From a binding: replace the table at `index` by a read-only view of it and
 * of the tables in it that have no metatable.  Scripts can index it, and use
 * #, pairs, ipairs and table.* that only read; the host can still change the
 * tables behind the view. */
void sandbox_protect(struct lua_State *L, int index);

/* --- ask ---------------------------------------------------------------- */

enum sandbox_stop sandbox_stopped(const struct sandbox *s);

/* Steps used by the running call, or else by the last one. */
int64_t sandbox_fuel_used(const struct sandbox *s);

/* Bytes alive now, garbage that waits for collection included. */
size_t sandbox_memory_used(const struct sandbox *s);

#endif
