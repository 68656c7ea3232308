/* console_io.c - what a tool sees of the console in Lua
 *
 * A tool runs as a coroutine.  Whatever must wait (await, a read from an empty
 * pipe, a write to a full one) writes into its stage what it waits for and
 * yields; the console resumes it when that has come, and the continuation
 * (the functions ending in _k) tries again.
 *
 * A yield must reach the console, not a coroutine that the tool made itself,
 * nor a sort or gsub in between: may_wait looks before each.
 */
#include "lua/console_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/embedded.h"
#include "lua/sandbox.h"

#define IO_TYPE "millrace.console.io"
#define LOAD_FUEL 20000000

/*
 * The io object: a handle on a stage.  The console closes it when the stage
 * ends; a tool that kept it gets a sentence, not a crash.
 */

static struct console *console_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

static struct stage *check_io(lua_State *L)
{
	struct stage **handle = luaL_checkudata(L, 1, IO_TYPE);

	if (!*handle || (*handle)->console->running != *handle)
		luaL_error(L, "this io belongs to another command");
	return *handle;
}

static bool can_wait(lua_State *L, const struct stage *st)
{
	return st->co == L && lua_isyieldable(L);
}

static void may_wait(lua_State *L, const struct stage *st, const char *what)
{
	if (!can_wait(L, st))
		luaL_error(L, "%s would have to wait here, inside a coroutine, "
			   "a sort or a gsub of the tool's own; call it from "
			   "the tool itself", what);
}

static int end_here(lua_State *L, struct stage *st, int status)
{
	may_wait(L, st, "io:exit");
	st->status = status;
	st->wait.kind = WAIT_EXIT;
	return lua_yield(L, 0);
}

/*
 * Reading.
 */

/* Push the next line.  False when there is no whole one yet. */
static bool push_line(lua_State *L, struct stage *st)
{
	size_t left = st->in.len - st->in_head;
	const char *from, *end;

	if (!left)
		return false;
	from = st->in.at + st->in_head;
	end = memchr(from, '\n', left);
	if (!end)
		return false;
	lua_pushlstring(L, from, (size_t)(end - from));
	st->in_head += (size_t)(end - from) + 1;
	return true;
}

/* Push what is left, or nil. */
static int push_rest(lua_State *L, struct stage *st, bool even_empty)
{
	size_t left = st->in.len - st->in_head;

	if (left)
		lua_pushlstring(L, st->in.at + st->in_head, left);
	else if (even_empty)
		lua_pushliteral(L, "");
	else
		lua_pushnil(L);
	st->in_head = st->in.len;
	return 1;
}

static int end_too_long(lua_State *L, struct stage *st)
{
	stage_say(st, "%s: the input is longer than %d KiB\n", st->argv.at[0],
		  CONSOLE_HELD_BYTES_MAX / 1024);
	return end_here(L, st, 1);
}

static int read_k(lua_State *L, int status, lua_KContext ctx)
{
	struct stage *st = check_io(L);
	bool whole = ctx != 0;

	(void)status;
	for (;;) {
		if (!whole && push_line(L, st))
			return 1;
		switch (stage_fill(st)) {
		case FILL_MORE:
			continue;
		case FILL_END:
			return push_rest(L, st, whole);
		case FILL_TOO_LONG:
			return end_too_long(L, st);
		case FILL_WAIT:
			may_wait(L, st, "io:read");
			st->wait.kind = WAIT_READ;
			return lua_yieldk(L, 0, ctx, read_k);
		}
	}
}

/* io:read() */
static int io_read(lua_State *L)
{
	return read_k(L, LUA_OK, 0);
}

/* io:read_all() */
static int io_read_all(lua_State *L)
{
	return read_k(L, LUA_OK, 1);
}

/* for line in io:lines() do */
static int io_lines(lua_State *L)
{
	check_io(L);
	lua_pushcfunction(L, io_read);
	lua_pushvalue(L, 1);
	return 2;
}

/*
 * Writing.
 */

/*
 * The screen and files take everything at once.  After as much as a pipe
 * holds, the tool still makes way once: the host must be able to draw, and the
 * learner to press Ctrl-C.
 */
static int write_k(lua_State *L, int status, lua_KContext ctx)
{
	struct stage *st = check_io(L);
	struct err err;

	(void)status;
	switch (stage_drain(st, &err)) {
	case DRAIN_WAIT:
		may_wait(L, st, "io:write");
		st->wait.kind = WAIT_WRITE;
		return lua_yieldk(L, 0, ctx, write_k);
	case DRAIN_BROKEN:
		return end_here(L, st, STATUS_BROKEN_PIPE);
	case DRAIN_REFUSED:
		stage_say(st, "%s: %s\n", st->argv.at[0], err.what);
		return end_here(L, st, 1);
	case DRAIN_DONE:
		break;
	}
	if (st->written >= CONSOLE_PIPE_BYTES && can_wait(L, st)) {
		st->wait.kind = WAIT_WRITE;
		return lua_yieldk(L, 0, ctx, write_k);
	}
	lua_settop(L, 1);
	return 1;
}

static int write_to(lua_State *L, int fd)
{
	struct stage *st = check_io(L);
	int n = lua_gettop(L);
	size_t len;

	for (int i = 2; i <= n; i++)
		luaL_checklstring(L, i, NULL);	/* all, before any is taken */
	text_clear(&st->pending);
	st->pending_fd = fd;
	for (int i = 2; i <= n; i++) {
		const char *s = lua_tolstring(L, i, &len);

		text_bytes(&st->pending, s, len);
	}
	st->written += st->pending.len;
	sandbox_charge(L, 1 + (int64_t)(st->pending.len / 64));
	return write_k(L, LUA_OK, 0);
}

/* io:write(...) */
static int io_write(lua_State *L)
{
	return write_to(L, 1);
}

/* io:err(...) */
static int io_err(lua_State *L)
{
	return write_to(L, 2);
}

/* io:exit(status) */
static int io_exit(lua_State *L)
{
	struct stage *st = check_io(L);
	lua_Integer status = luaL_optinteger(L, 2, 0);

	return end_here(L, st, (int)(status & 0xff));
}

/*
 * Asking.
 */

/* io:env(NAME) */
static int io_env(lua_State *L)
{
	lua_pushstring(L, stage_variable(check_io(L), luaL_checkstring(L, 2)));
	return 1;
}

/* io:now_ns() */
static int io_now_ns(lua_State *L)
{
	struct console_host *h = &check_io(L)->console->host;

	lua_pushinteger(L, h->now_ns(h->ctx));
	return 1;
}

static int get_columns(lua_State *L, struct stage *st)
{
	struct console_host *h = &st->console->host;

	lua_pushinteger(L, h->columns ? h->columns(h->ctx) : 80);
	return 1;
}

static int get_tty(lua_State *L, struct stage *st)
{
	lua_pushboolean(L, st->stream[1].kind == STREAM_SCREEN);
	return 1;
}

static int get_stdin_tty(lua_State *L, struct stage *st)
{
	lua_pushboolean(L, st->stream[0].kind == STREAM_KEYS &&
			!st->job->background);
	return 1;
}

static int get_name(lua_State *L, struct stage *st)
{
	lua_pushstring(L, st->argv.at[0]);
	return 1;
}

static const struct field {
	const char *name;
	int (*get)(lua_State *L, struct stage *st);
} io_fields[] = {
	{ "columns", get_columns },
	{ "tty", get_tty },
	{ "stdin_tty", get_stdin_tty },
	{ "name", get_name },
};

static const luaL_Reg io_methods[] = {
	{ "read", io_read },
	{ "read_all", io_read_all },
	{ "lines", io_lines },
	{ "write", io_write },
	{ "err", io_err },
	{ "exit", io_exit },
	{ "env", io_env },
	{ "now_ns", io_now_ns },
	{ NULL, NULL },
};

/* A method (the table is the first upvalue) or a field. */
static int io_index(lua_State *L)
{
	const char *key = luaL_checkstring(L, 2);

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	for (size_t i = 0; i < sizeof(io_fields) / sizeof(io_fields[0]); i++)
		if (strcmp(io_fields[i].name, key) == 0)
			return io_fields[i].get(L, check_io(L));
	return luaL_error(L, "io has no '%s'", key);
}

/*
 * Globals.
 */

static int await_k(lua_State *L, int status, lua_KContext ctx)
{
	struct stage *st = console_of(L)->running;

	(void)status;
	(void)ctx;
	if (!st || st->co != L)		/* another tool resumed this one */
		return luaL_error(L, "await was not resumed by the console");
	lua_pushstring(L, st->wait.result ? st->wait.result : "ready");
	return 1;
}

static void check_await(lua_State *L, struct wait *w)
{
	size_t len;
	const char *what = luaL_checklstring(L, 1, &len);

	luaL_argcheck(L, len > 0 && len < sizeof(w->what), 1,
		      "what is awaited is a short word");
	memcpy(w->what, what, len + 1);
	w->id = luaL_optinteger(L, 2, 0);
	w->deadline_ns = luaL_optinteger(L, 3, 0);
	w->kind = strcmp(what, "sleep") == 0 ? WAIT_SLEEP : WAIT_HOST;
	luaL_argcheck(L, w->deadline_ns >= 0, 3,
		      "a deadline is a virtual time in ns, or 0 for never");
	luaL_argcheck(L, w->kind == WAIT_HOST || w->deadline_ns > 0, 3,
		      "a sleep needs the time it ends at");
}

/* await(kind, id, deadline_ns) */
static int f_await(lua_State *L)
{
	struct stage *st = console_of(L)->running;
	struct wait wait = {0};

	if (!st)
		return luaL_error(L, "await is for tools that run");
	check_await(L, &wait);
	may_wait(L, st, "await");
	if (st->interrupted) {
		st->interrupted = false;
		lua_pushliteral(L, "interrupted");
		return 1;
	}
	st->wait = wait;
	return lua_yieldk(L, 0, 0, await_k);
}

/*
 * use(name): the value of the lib.  All libs were compiled at the start, for
 * a script that runs cannot be interrupted to compile another; here they are
 * functions, `true` while they run for the first time, then what they
 * returned in a table of one.
 */
static int f_use(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	lua_settop(L, 1);
	lua_rawgeti(L, LUA_REGISTRYINDEX, console_of(L)->libs_ref);
	lua_pushvalue(L, 1);
	switch (lua_rawget(L, 2)) {
	case LUA_TNIL:
		return luaL_error(L, "use: there is no lua/lib/%s.lua", name);
	case LUA_TBOOLEAN:
		return luaL_error(L, "use: lua/lib/%s.lua uses itself", name);
	case LUA_TTABLE:
		lua_rawgeti(L, 3, 1);
		return 1;
	}
	lua_pushboolean(L, 1);
	lua_setfield(L, 2, name);
	lua_call(L, 0, 1);		/* a lib that fails stays unusable */
	luaL_argcheck(L, !lua_isnil(L, 3), 1, "the lib returns nothing");
	lua_createtable(L, 1, 0);
	lua_pushvalue(L, 3);
	lua_rawseti(L, 4, 1);
	lua_setfield(L, 2, name);
	return 1;
}

/* true, or nil and the reason */
static int push_outcome(lua_State *L, bool ok, const struct err *err)
{
	if (ok) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, err->what);
	return 2;
}

/* files.read(name).  The bytes stay the console's while Lua copies them, for
 * Lua may throw. */
static int files_read(lua_State *L)
{
	struct console *c = console_of(L);
	const char *name = file_plain_name(luaL_checkstring(L, 1));
	struct err err;

	text_clear(&c->scratch);
	if (!c->files.read(c->files.ctx, name, &c->scratch, &err))
		return push_outcome(L, false, &err);
	lua_pushlstring(L, text_cstr(&c->scratch), c->scratch.len);
	text_free(&c->scratch);
	return 1;
}

static int files_change(lua_State *L,
			bool (*change)(void *ctx, const char *name,
				       const void *bytes, size_t len,
				       struct err *err))
{
	struct files *f = &console_of(L)->files;
	const char *name = file_plain_name(luaL_checkstring(L, 1)), *bytes;
	struct err err;
	size_t len;

	bytes = luaL_checklstring(L, 2, &len);
	return push_outcome(L, change(f->ctx, name, bytes, len, &err), &err);
}

/* files.write(name, bytes) */
static int files_write(lua_State *L)
{
	return files_change(L, console_of(L)->files.write);
}

/* files.append(name, bytes) */
static int files_append(lua_State *L)
{
	return files_change(L, console_of(L)->files.append);
}

/* files.remove(name) */
static int files_remove(lua_State *L)
{
	struct files *f = &console_of(L)->files;
	const char *name = file_plain_name(luaL_checkstring(L, 1));
	struct err err;

	return push_outcome(L, f->remove(f->ctx, name, &err), &err);
}

/* Names and sizes are gathered first: Lua may throw, a visit may not. */
struct listing {
	size_t count;
	struct {
		char name[FILES_NAME_MAX + 1];
		size_t len;
	} at[FILES_COUNT_MAX];
};

static void list_one(void *with, const char *name, size_t len)
{
	struct listing *l = with;

	if (l->count == FILES_COUNT_MAX || strlen(name) > FILES_NAME_MAX)
		return;
	strcpy(l->at[l->count].name, name);
	l->at[l->count++].len = len;
}

/* files.list() */
static int files_list(lua_State *L)
{
	struct files *f = &console_of(L)->files;
	struct listing *l = lua_newuserdatauv(L, sizeof(*l), 0);
	struct err err;

	l->count = 0;
	if (!f->list(f->ctx, list_one, l, &err))
		return push_outcome(L, false, &err);
	lua_createtable(L, (int)l->count, 0);
	for (size_t i = 0; i < l->count; i++) {
		lua_createtable(L, 0, 2);
		lua_pushstring(L, l->at[i].name);
		lua_setfield(L, -2, "name");
		lua_pushinteger(L, (lua_Integer)l->at[i].len);
		lua_setfield(L, -2, "size");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static const luaL_Reg files_functions[] = {
	{ "read", files_read },
	{ "write", files_write },
	{ "append", files_append },
	{ "remove", files_remove },
	{ "list", files_list },
	{ NULL, NULL },
};

static const luaL_Reg globals[] = {
	{ "await", f_await },
	{ "use", f_use },
	{ NULL, NULL },
};

/*
 * Setting up.  Lua may throw while it makes a table, so each step is a C
 * function that a protected call runs.
 */

static bool protect(struct console *c, lua_CFunction f, void *with,
		    int nresults, struct err *err)
{
	lua_State *L = sandbox_state(c->sandbox);

	lua_pushcfunction(L, f);
	lua_pushlightuserdata(L, with);
	if (lua_pcall(L, 1, nresults, 0) == LUA_OK)
		return true;
	err_set(err, "%s", lua_isstring(L, -1) ? lua_tostring(L, -1) :
						 "out of memory");
	lua_pop(L, 1);
	return false;
}

/* A tool may have dropped its io long before it ends. */
static int io_gone(lua_State *L)
{
	struct stage **handle = lua_touserdata(L, 1);

	if (*handle)
		(*handle)->handle = NULL;
	return 0;
}

static void open_io(lua_State *L)
{
	luaL_newmetatable(L, IO_TYPE);
	lua_pushcfunction(L, io_gone);
	lua_setfield(L, -2, "__gc");
	luaL_newlib(L, io_methods);
	lua_pushcclosure(L, io_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "io");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

static int open_console(lua_State *L)
{
	struct console *c = lua_touserdata(L, 1);

	open_io(L);
	lua_newtable(L);
	c->libs_ref = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

static int make_files(lua_State *L)
{
	lua_newtable(L);
	lua_pushvalue(L, lua_upvalueindex(1));
	luaL_setfuncs(L, files_functions, 1);
	return 1;
}

static bool global_add(struct console *c, const char *name, struct err *err)
{
	if (sandbox_add_global(c->sandbox, name))
		return true;
	return err_set(err, "no memory for the global %s", name);
}

/* Globals go through the sandbox, which wants them on its own stack. */
static bool add_globals(struct console *c, struct err *err)
{
	lua_State *L = sandbox_state(c->sandbox);

	for (const luaL_Reg *g = globals; g->name; g++) {
		lua_pushlightuserdata(L, c);
		lua_pushcclosure(L, g->func, 1);
		if (!global_add(c, g->name, err))
			return false;
	}
	lua_pushlightuserdata(L, c);
	lua_pushcclosure(L, make_files, 1);
	return sandbox_call(c->sandbox, 0, 1, LOAD_FUEL, err) &&
	       global_add(c, "files", err);
}

/* libs[name] = the function on top of the stack (taken). */
struct naming {
	struct console *c;
	char name[64];
};

static int name_lib(lua_State *L)
{
	struct naming *n = lua_touserdata(L, 2);

	lua_rawgeti(L, LUA_REGISTRYINDEX, n->c->libs_ref);
	lua_pushvalue(L, 1);
	lua_setfield(L, -2, n->name);
	return 0;
}

static bool compile_lib(struct console *c, const struct embedded_file *f,
			struct err *err)
{
	lua_State *L = sandbox_state(c->sandbox);
	struct naming n = { .c = c };
	size_t len = strlen(f->name);

	if (len < 9 || len - 8 >= sizeof(n.name) ||
	    strcmp(f->name + len - 4, ".lua") != 0)
		return err_set(err, "%s: a lib is lib/NAME.lua", f->name);
	memcpy(n.name, f->name + 4, len - 8);
	lua_pushcfunction(L, name_lib);
	if (!sandbox_load(c->sandbox, f->name, f->bytes, f->len, err)) {
		lua_pop(L, 1);
		return false;
	}
	lua_pushlightuserdata(L, &n);
	if (lua_pcall(L, 2, 0, 0) == LUA_OK)
		return true;
	lua_pop(L, 1);
	return err_set(err, "%s: no memory", f->name);
}

/*
 * Tools.
 */

struct loading {
	struct console *c;
	const char *chunk_name;
};

static const char *string_field(lua_State *L, int at, const char *key)
{
	const char *s = lua_getfield(L, at, key) == LUA_TSTRING ?
			lua_tostring(L, -1) : NULL;

	lua_pop(L, 1);		/* the table keeps it alive */
	return s;
}

/* The tool on top of the stack (taken). */
static void take_tool(lua_State *L, struct loading *l)
{
	int at = lua_gettop(L), ref, old_ref;
	const char *name, *summary;
	struct err err;

	if (!lua_istable(L, at))
		luaL_error(L, "%s: a tool file returns a table",
			   l->chunk_name);
	name = string_field(L, at, "name");
	summary = string_field(L, at, "summary");
	if (!name || !*name)
		luaL_error(L, "%s: the tool has no name", l->chunk_name);
	if (lua_getfield(L, at, "run") != LUA_TFUNCTION)
		luaL_error(L, "%s: the tool %s has no function run",
			   l->chunk_name, name);
	lua_pop(L, 1);
	lua_pushvalue(L, at);
	ref = luaL_ref(L, LUA_REGISTRYINDEX);
	if (!tool_put(l->c, name, summary ? summary : "", ref, &old_ref, &err))
		luaL_error(L, "%s", err.what);
	luaL_unref(L, LUA_REGISTRYINDEX, old_ref);
	lua_pop(L, 1);
}

/* What the file returned: one tool, or a list of several. */
static int take_tools(lua_State *L)
{
	struct loading *l = lua_touserdata(L, 2);
	lua_Integer n;

	lua_settop(L, 1);
	if (!lua_istable(L, 1) || string_field(L, 1, "name") ||
	    (n = (lua_Integer)lua_rawlen(L, 1)) == 0) {
		take_tool(L, l);
		return 0;
	}
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, 1, i);
		take_tool(L, l);
	}
	return 0;
}

bool console_add_tool(struct console *c, const char *chunk_name,
		      const char *source, size_t len, struct err *err)
{
	lua_State *L = sandbox_state(c->sandbox);
	struct loading l = { c, chunk_name };
	bool ok;

	if (!sandbox_load(c->sandbox, chunk_name, source, len, err) ||
	    !sandbox_call(c->sandbox, 0, 1, LOAD_FUEL, err))
		return false;
	lua_pushcfunction(L, take_tools);
	lua_insert(L, -2);
	lua_pushlightuserdata(L, &l);
	ok = lua_pcall(L, 2, 0, 0) == LUA_OK;
	if (!ok) {
		err_set(err, "%s", lua_isstring(L, -1) ? lua_tostring(L, -1) :
							 "out of memory");
		lua_pop(L, 1);
	}
	return ok;
}

static bool load_each(struct console *c, const char *folder,
		      bool (*load)(struct console *c,
				   const struct embedded_file *f,
				   struct err *err),
		      struct err *err)
{
	const struct embedded_file *f = c->sources ? c->sources :
						     embedded_files;

	for (; f->name; f++)
		if (strncmp(f->name, folder, strlen(folder)) == 0 &&
		    !load(c, f, err))
			return false;
	return true;
}

static bool load_tool(struct console *c, const struct embedded_file *f,
		      struct err *err)
{
	return console_add_tool(c, f->name, f->bytes, f->len, err);
}

bool console_load_all(struct console *c, struct err *err)
{
	return protect(c, open_console, c, 0, err) && add_globals(c, err) &&
	       load_each(c, "lib/", compile_lib, err) &&
	       load_each(c, "tools/", load_tool, err);
}

void console_world_set(struct console *c)
{
	lua_State *L = sandbox_state(c->sandbox);

	luaL_unref(L, LUA_REGISTRYINDEX, c->world_ref);
	c->world_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

/*
 * Stages.
 */

static void push_argv(lua_State *L, const struct shell_fields *argv)
{
	lua_createtable(L, (int)argv->count, 1);
	for (size_t i = 0; i < argv->count; i++) {
		lua_pushstring(L, argv->at[i]);
		lua_rawseti(L, -2, (lua_Integer)i);
	}
}

static void push_io(lua_State *L, struct stage *st)
{
	struct stage **handle = lua_newuserdatauv(L, sizeof(*handle), 0);

	*handle = st;
	st->handle = handle;
	luaL_setmetatable(L, IO_TYPE);
}

/* argv, io and, on top of them, run. */
static int prepare(lua_State *L)
{
	struct stage *st = lua_touserdata(L, 1);

	push_argv(L, &st->argv);
	push_io(L, st);
	lua_rawgeti(L, LUA_REGISTRYINDEX, st->tool->ref);
	lua_getfield(L, -1, "run");
	lua_remove(L, -2);
	return 3;
}

bool stage_prepare(struct stage *st, struct err *err)
{
	struct console *c = st->console;

	if (!protect(c, prepare, st, 3, err)) {
		st->handle = NULL;
		return false;
	}
	st->co = sandbox_thread_new(c->sandbox);
	if (!st->co || !lua_checkstack(st->co, 8)) {
		lua_pop(sandbox_state(c->sandbox), 2);
		return err_set(err, "%s: no memory to start it",
			       st->argv.at[0]);
	}
	lua_xmove(sandbox_state(c->sandbox), st->co, 2);
	return true;
}

/* The coroutine is left to the collector as it stands: a tool that was killed
 * has no last words. */
void stage_unprepare(struct stage *st)
{
	if (st->handle)
		*st->handle = NULL;
	if (st->co)
		sandbox_thread_free(st->console->sandbox, st->co);
	st->handle = NULL;
	st->co = NULL;
}
