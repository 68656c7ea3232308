/* sandbox_lib.c - what a script can see: the allow-list, and views of it
 *
 *	environment of a chunk		one for all			one for all
 *	+----------------------+	+-----------------------+	+--------+
 *	| its own globals      |	| globals               |	| string |
 *	| _G, load             |------->| print, pairs, ...     |   .--->| table  |
 *	+----------------------+ index	| string = (empty view)-|--'	| rep .. |
 *					+-----------------------+ index	+--------+
 *
 * Scripts hold environments and views only.  A view is an empty table whose
 * metatable looks things up in the table behind it and refuses to write, so
 * that reading costs one more lookup in the VM and no C call.
 */
#include "lua/sandbox_inside.h"

#include <string.h>

#include <lualib.h>

/* Keys of the registry, and in a view's metatable: their addresses. */
static char globals_key, env_metatable_key, behind_key;

static const struct sandbox_name sandbox_math[] = {
	/* Not here: random, randomseed.  A world installs its own stream. */
	{ "abs", SANDBOX_STOCK, NULL },
	{ "acos", SANDBOX_STOCK, NULL },
	{ "asin", SANDBOX_STOCK, NULL },
	{ "atan", SANDBOX_STOCK, NULL },
	{ "ceil", SANDBOX_STOCK, NULL },
	{ "cos", SANDBOX_STOCK, NULL },
	{ "deg", SANDBOX_STOCK, NULL },
	{ "exp", SANDBOX_STOCK, NULL },
	{ "floor", SANDBOX_STOCK, NULL },
	{ "fmod", SANDBOX_STOCK, NULL },
	{ "huge", SANDBOX_STOCK, NULL },
	{ "log", SANDBOX_STOCK, NULL },
	{ "max", SANDBOX_STOCK, NULL },
	{ "maxinteger", SANDBOX_STOCK, NULL },
	{ "min", SANDBOX_STOCK, NULL },
	{ "mininteger", SANDBOX_STOCK, NULL },
	{ "modf", SANDBOX_STOCK, NULL },
	{ "pi", SANDBOX_STOCK, NULL },
	{ "rad", SANDBOX_STOCK, NULL },
	{ "sin", SANDBOX_STOCK, NULL },
	{ "sqrt", SANDBOX_STOCK, NULL },
	{ "tan", SANDBOX_STOCK, NULL },
	{ "tointeger", SANDBOX_LINEAR, NULL },
	{ "type", SANDBOX_STOCK, NULL },
	{ "ult", SANDBOX_STOCK, NULL },
	{ NULL, SANDBOX_STOCK, NULL },
};

static const struct {
	const char *name;
	lua_CFunction open;
	const struct sandbox_name *names;
} libraries[] = {
	{ LUA_GNAME, luaopen_base, sandbox_base },
	{ LUA_TABLIBNAME, luaopen_table, sandbox_table },
	{ LUA_STRLIBNAME, luaopen_string, sandbox_string },
	{ LUA_UTF8LIBNAME, luaopen_utf8, sandbox_utf8 },
	{ LUA_MATHLIBNAME, luaopen_math, sandbox_math },
	{ LUA_COLIBNAME, luaopen_coroutine, sandbox_coroutine },
};

/* --- views -------------------------------------------------------------- */

bool sandbox_push_behind(lua_State *L, int index)
{
	if (!lua_istable(L, index) || !lua_getmetatable(L, index))
		return false;
	if (lua_rawgetp(L, -1, &behind_key) != LUA_TTABLE) {
		lua_pop(L, 2);
		return false;
	}
	lua_remove(L, -2);
	return true;
}

static int view_write(lua_State *L)
{
	lua_pushvalue(L, 2);
	return luaL_error(L, "this table is read-only (cannot set '%s')",
			  sandbox_tostring(L, -1, NULL));
}

static int view_len(lua_State *L)
{
	if (!sandbox_push_behind(L, 1))
		return 0;
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
	return 1;
}

/* Pop the table on top, push an empty view of it. */
static void push_view(lua_State *L)
{
	lua_newtable(L);
	lua_createtable(L, 0, 5);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushvalue(L, -3);
	lua_rawsetp(L, -2, &behind_key);
	lua_pushcfunction(L, view_write);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, view_len);
	lua_setfield(L, -2, "__len");
	lua_pushliteral(L, "read-only");
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

static bool is_plain_table(lua_State *L, int index)
{
	if (!lua_istable(L, index))
		return false;
	if (!lua_getmetatable(L, index))
		return true;
	lua_pop(L, 1);
	return false;
}

/* Push the view of the table at `index`, made once: `views` maps tables to
 * their views, so that a table that holds itself can be protected too. */
static void push_view_deep(lua_State *L, int index, int views)
{
	luaL_checkstack(L, 8, "the table is nested too deep");
	lua_pushvalue(L, index);
	if (lua_rawget(L, views) != LUA_TNIL)
		return;
	lua_pop(L, 1);

	lua_pushvalue(L, index);
	push_view(L);
	lua_pushvalue(L, index);
	lua_pushvalue(L, -2);
	lua_rawset(L, views);

	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		if (!is_plain_table(L, -1))
			continue;
		lua_pushvalue(L, -2);
		push_view_deep(L, lua_gettop(L) - 1, views);
		lua_rawset(L, index);	/* an old key: lua_next goes on */
	}
}

void sandbox_protect(lua_State *L, int index)
{
	int table = lua_absindex(L, index);

	lua_newtable(L);
	push_view_deep(L, table, lua_gettop(L));
	lua_replace(L, table);
	lua_pop(L, 1);
}

/* --- environments ------------------------------------------------------- */

/* A new global of a script.  Only called for names it does not have yet. */
static int env_write(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, -2) != LUA_TNIL)
		return luaL_error(L, "'%s' is given and cannot be replaced; "
				  "use another name, or a local",
				  lua_tostring(L, 2));
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 0;
}

void sandbox_push_env(lua_State *L)
{
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, LUA_GNAME);
	lua_pushvalue(L, -1);
	lua_pushcclosure(L, sandbox_load_text, 1);
	lua_setfield(L, -2, "load");
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_metatable_key);
	lua_setmetatable(L, -2);
}

/* Push the table behind the global library `name`, or nil if there is another
 * global of this name.  Makes the library if there is none. */
static void push_library(lua_State *L, int globals, const char *name)
{
	if (lua_getfield(L, globals, name) == LUA_TNIL) {
		lua_newtable(L);
		lua_pushvalue(L, -1);
		push_view(L);
		lua_setfield(L, globals, name);
	} else if (!sandbox_push_behind(L, -1)) {
		lua_pushnil(L);
	}
	lua_remove(L, -2);
}

bool sandbox_add_global(struct sandbox *s, const char *name)
{
	lua_State *L = s->L;
	int value = lua_gettop(L);
	const char *dot = strchr(name, '.');
	bool there = true;

	if (is_plain_table(L, value))
		sandbox_protect(L, value);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
	if (dot) {
		lua_pushlstring(L, name, (size_t)(dot - name));
		push_library(L, value + 1, lua_tostring(L, -1));
		there = lua_istable(L, -1);
		name = dot + 1;
	}
	if (there) {
		lua_pushvalue(L, value);
		lua_setfield(L, -2, name);
	}
	lua_settop(L, value - 1);
	return there;
}

/* --- building ----------------------------------------------------------- */

/* Calls the C function in upvalue 1, in this very frame, after charging for
 * the strings it is given. */
static int call_linear(lua_State *L)
{
	int64_t bytes = 0;

	for (int i = lua_gettop(L); i > 0; i--)
		if (lua_type(L, i) == LUA_TSTRING)
			bytes += (int64_t)lua_rawlen(L, i);
	sandbox_charge(L, bytes / 8);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Fill the table on top with allowed names of the one below it. */
static void fill(lua_State *L, const struct sandbox_name *names)
{
	for (; names->name; names++) {
		if (names->origin == SANDBOX_OURS)
			lua_pushcfunction(L, names->call);
		else
			lua_getfield(L, -2, names->name);
		if (names->origin == SANDBOX_LINEAR)
			lua_pushcclosure(L, call_linear, 1);
		if (names->origin == SANDBOX_WRAPPED)
			lua_pushcclosure(L, names->call, 1);
		lua_setfield(L, -2, names->name);
	}
}

/*
 * The real libraries are opened, what is allowed is copied out, and then they
 * are dropped.  Our tables are put where liblua looks for the names of
 * functions in its messages ("bad argument #1 to 'rep'").
 */
int sandbox_build(lua_State *L)
{
	lua_newtable(L);		/* 1: stands in for package.loaded */
	lua_newtable(L);		/* 2: the globals */
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		bool base = libraries[i].names == sandbox_base;

		lua_pushcfunction(L, libraries[i].open);
		lua_pushstring(L, libraries[i].name);
		lua_call(L, 1, 1);
		if (base)
			lua_pushvalue(L, 2);
		else
			lua_newtable(L);
		fill(L, libraries[i].names);
		if (libraries[i].names == sandbox_string)
			sandbox_fence_strings(L);
		lua_pushvalue(L, -1);
		lua_setfield(L, 1, libraries[i].name);
		if (!base) {
			push_view(L);
			lua_setfield(L, 2, libraries[i].name);
		}
		lua_settop(L, 2);
	}
	lua_rawsetp(L, LUA_REGISTRYINDEX, &globals_key);
	lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_newtable(L);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);

	lua_newtable(L);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, env_write);
	lua_setfield(L, -2, "__newindex");
	lua_pushliteral(L, "environment");
	lua_setfield(L, -2, "__metatable");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_metatable_key);
	return 0;
}
