/* program_inside.h - what the files of a program in Lua share */
#ifndef LUA_PROGRAM_INSIDE_H
#define LUA_PROGRAM_INSIDE_H

#include <lauxlib.h>
#include <lua.h>

#include "lua/sandbox.h"
#include "sim/app/service.h"

/* In the arena, as all it points to. */
struct program {
	struct sandbox *sandbox;
	struct world *world;
	struct service *service;
	struct task *task;		/* whose segment runs; NULL: none */
	bool waits;			/* and it has said for what */
	name_id file;			/* "filter.lua" */
	size_t text_len;
};

struct program *program_of(lua_State *L);
/* The task that runs; a Lua error when there is none (the file is loading). */
struct task *program_task(lua_State *L, const char *what);

/* Push the program's environment: where its handlers are. */
void program_push_env(struct program *p);

/* program_api.c */
void program_api_open(struct program *p);
/* Push what the task waited for, on its thread; the number of values. */
int program_push_outcome(struct program *p, struct task *t, lua_State *co);
/* Push what the handler is called with. */
int program_push_arguments(struct program *p, struct task *t, lua_State *co);
/* The handler returned `n` values on top: its answer to a request. */
void program_take_reply(struct program *p, struct task *t, lua_State *co,
			int n);

/* program_weigh.c */
int64_t program_weigh(struct program *p);

#endif
