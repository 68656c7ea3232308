/* program.c - loading a learner's program, running its tasks */
#include "lua/program.h"

#include <assert.h>
#include <string.h>

#include "lua/program_inside.h"
#include "sim/core/err.h"
#include "sim/stack/stack.h"

/* 0.2 s of virtual CPU time in one segment, 16 MiB alive, and as much host
 * time as any script.  Simplified: a real loop for ever would use up a core. */
static const struct sandbox_limits limits = {
	.fuel = 20 * 1000 * 1000,
	.memory_bytes = (size_t)16 << 20,
	.cpu_ms = 1500,
};
/* Of a segment that met a limit which is not met at the same step everywhere. */
#define COST_STOPPED	SIM_MS(200)

static const char *const handlers[PROGRAM_HANDLERS] = {
	[PROGRAM_START] = "on_start", [PROGRAM_RECORD] = "on_record",
	[PROGRAM_REQUEST] = "on_request", [PROGRAM_TIMER] = "on_timer",
	[PROGRAM_RESULT] = "on_result", [PROGRAM_STOP] = "on_stop",
};

/* Keys of the registry: their addresses. */
static char program_key, env_key;

struct program *program_of(lua_State *L)
{
	struct program *p;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &program_key);
	p = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return p;
}

struct task *program_task(lua_State *L, const char *what)
{
	struct program *p = program_of(L);

	if (!p->task)
		luaL_error(L, "%s can be called in handlers only, not while "
			   "the file is loaded; on_start is the first", what);
	return p->task;
}

void program_push_env(struct program *p)
{
	lua_rawgetp(sandbox_state(p->sandbox), LUA_REGISTRYINDEX, &env_key);
}

/* -- memory --------------------------------------------------------------- */

static void *take(void *ctx, size_t bytes)
{
	return arena_take(world_arena(ctx), bytes);
}

static void give(void *ctx, void *block, size_t bytes)
{
	arena_free(world_arena(ctx), block, bytes);
}

/* -- loading -------------------------------------------------------------- */

static void say(void *ctx, const char *bytes, size_t len)
{
	struct program *p = ctx;

	while (len && bytes[len - 1] == '\n')
		len--;
	log_write(p->world, p->service->host->process, LOG_INFO, "%.*s",
		  (int)len, bytes);
}

static void drop(struct world *w, void *program)
{
	struct program *p = program;

	sandbox_free(p->sandbox);
	world_give(w, p);
}

/* Compile, keep the environment, run what stands outside of handlers. */
static bool run_file(struct program *p, const char *name, const char *text,
		     size_t len, struct err *err)
{
	lua_State *L = sandbox_state(p->sandbox);

	if (!sandbox_load(p->sandbox, name, text, len, err))
		return false;
	lua_getupvalue(L, -1, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
	return sandbox_call(p->sandbox, 0, 0, 0, err);
}

static void *load(struct world *w, struct service *s, const char *name,
		  const char *text, size_t len, struct err *err)
{
	const struct sandbox_memory memory = { take, give, w };
	struct program *p = world_take(w, struct program);

	p->world = w;
	p->service = s;
	p->file = world_name(w, name);
	p->text_len = len;
	p->sandbox = sandbox_new_in(&limits, &memory);
	assert(p->sandbox);
	sandbox_set_print(p->sandbox, say, p);
	lua_pushlightuserdata(sandbox_state(p->sandbox), p);
	lua_rawsetp(sandbox_state(p->sandbox), LUA_REGISTRYINDEX,
		    &program_key);
	program_api_open(p);
	if (run_file(p, name, text, len, err))
		return p;
	drop(w, p);
	return NULL;
}

static bool has(void *program, enum program_handler handler)
{
	struct program *p = program;
	lua_State *L = sandbox_state(p->sandbox);
	bool is;

	program_push_env(p);
	lua_pushstring(L, handlers[handler]);
	is = lua_rawget(L, -2) == LUA_TFUNCTION;
	lua_pop(L, 2);
	return is;
}

/* -- tasks ---------------------------------------------------------------- */

static void begin(struct program *p, struct task *t)
{
	lua_State *L = sandbox_state(p->sandbox);

	program_push_env(p);
	lua_pushstring(L, handlers[t->handler]);
	lua_rawget(L, -2);
	lua_remove(L, -2);
	t->thread = sandbox_thread_new(p->sandbox);
}

/* The error and, below it, where: as lua prints it. */
static void explain(struct program *p, struct task *t, const struct err *err,
		    struct text *why)
{
	lua_State *L = sandbox_state(p->sandbox);

	switch (sandbox_stopped(p->sandbox)) {
	case SANDBOX_STOP_MEMORY:
		text_addf(why, "lua: %s: not enough memory: more than %zu MiB "
			  "alive, or calls nested too deep",
			  world_text(p->world, p->file),
			  limits.memory_bytes >> 20);
		return;
	case SANDBOX_STOP_HOST:
		text_addf(why, "lua: %s: stopped: host limit",
			  world_text(p->world, p->file));
		return;
	case SANDBOX_STOP_FUEL:
		text_addf(why, "lua: %s", err->what);
		return;
	case SANDBOX_RUNNING:
		break;
	}
	text_addf(why, "lua: %s", err->what);
	luaL_traceback(L, t->thread, NULL, 0);
	text_addf(why, "\n%s", lua_tostring(L, -1));
	lua_pop(L, 1);
}

static void charge(struct program *p, struct task *t)
{
	enum sandbox_stop stop = sandbox_stopped(p->sandbox);

	if (stop == SANDBOX_STOP_MEMORY || stop == SANDBOX_STOP_HOST)
		t->cost = COST_STOPPED;
	else
		t->cost += sandbox_fuel_used(p->sandbox) * SERVICE_STEP_NS;
}

static enum program_step run(struct world *w, void *program, struct task *t,
			     struct text *why)
{
	struct program *p = program;
	enum sandbox_resume came;
	struct err err;
	int n;

	(void)w;
	if (!t->begun && !has(p, t->handler))
		return PROGRAM_DONE;
	if (!t->begun)
		begin(p, t);
	n = t->begun ? program_push_outcome(p, t, t->thread) :
	    program_push_arguments(p, t, t->thread);
	p->task = t;
	p->waits = false;
	came = sandbox_resume(p->sandbox, t->thread, n, &n, 0, &err);
	p->task = NULL;
	charge(p, t);
	if (came == SANDBOX_FAILED) {
		explain(p, t, &err, why);
		return PROGRAM_FAILED;
	}
	if (came == SANDBOX_DONE)
		program_take_reply(p, t, t->thread, n);
	lua_pop((lua_State *)t->thread, n);
	if (came == SANDBOX_DONE)
		return PROGRAM_DONE;
	if (p->waits)
		return PROGRAM_WAITS;
	text_addf(why, "lua: %s: %s yielded to nobody; to wait call "
		  "service.sleep", world_text(p->world, p->file),
		  handlers[t->handler]);
	return PROGRAM_FAILED;
}

static void forget(struct world *w, void *program, struct task *t)
{
	struct program *p = program;

	(void)w;
	if (t->thread)
		sandbox_thread_free(p->sandbox, t->thread);
	t->thread = NULL;
}

static int64_t bytes(void *program)
{
	return program_weigh(program);
}

const struct program_runtime lua_programs = {
	.suffix = ".lua", .load = load, .drop = drop, .has = has, .run = run,
	.forget = forget, .bytes = bytes,
};

/* -- worlds --------------------------------------------------------------- */

static struct world *with_programs(struct world *w)
{
	if (w)
		services_runtime(w, &lua_programs);
	return w;
}

struct world *lua_world(const char *name, uint64_t seed, const char *settings,
			struct err *err)
{
	return with_programs(stack_world(name, seed, settings, err));
}

struct world *lua_world_traced(const char *name, uint64_t seed,
			       const char *settings, struct err *err)
{
	return with_programs(stack_world_traced(name, seed, settings, err));
}
