/* program.h - a learner's program in Lua, run by the service host
 *
 * The runtime of sim/app/program.h for files that end in .lua.  A program is a
 * sandbox (sandbox.h) that lies in the world's arena with all it holds: its
 * stack, its tables, its coroutines, how much it has used.  So a snapshot of
 * the world has it, a rewind brings it back as it was in the middle of a wait,
 * and a branch runs on with a copy.  liblua keeps nothing outside of its
 * state, and inside the arena pointers stay good.
 *
 *	program.c	loading, tasks, what an error says
 *	program_api.c	what a program can call: service, kafka, http, db, ...
 *	program_weigh.c	the bytes a program holds
 *
 * Same digest.  A state has a random hash seed and lies at addresses of its
 * own, so what it costs may not depend on them: time is fuel (a function of
 * script and input), memory is weighed by walking over what is reachable
 * (program_weigh.c), never by what the allocator gave.  Of the three limits of
 * a sandbox only fuel stops at the same step everywhere; whoever meets another
 * is charged a fixed cost and told no line.
 *
 *	w = lua_world("local-kafka", 1, "", &err);
 */
#ifndef LUA_PROGRAM_H
#define LUA_PROGRAM_H

#include "sim/core/world.h"

struct program_runtime;
struct err;

extern const struct program_runtime lua_programs;

/* stack_world, with programs in Lua. */
struct world *lua_world(const char *name, uint64_t seed, const char *settings,
			struct err *err);
struct world *lua_world_traced(const char *name, uint64_t seed,
			       const char *settings, struct err *err);

#endif
