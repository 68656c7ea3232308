/* bind.c - fields, lists and arguments, as all bindings need them */
#include "lua/bind.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/sandbox.h"

/* --- tables ------------------------------------------------------------- */

void bind_integer(lua_State *L, const char *key, int64_t value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

void bind_number(lua_State *L, const char *key, double value)
{
	lua_pushnumber(L, value);
	lua_setfield(L, -2, key);
}

void bind_bool(lua_State *L, const char *key, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, key);
}

void bind_text(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

void bind_bytes(lua_State *L, const char *key, const char *bytes, size_t len)
{
	lua_pushlstring(L, bytes, len);
	lua_setfield(L, -2, key);
}

void bind_time(lua_State *L, const char *key, sim_time at)
{
	bind_number(L, key, (double)at / 1e9);
	lua_pushfstring(L, "%s_ns", key);
	lua_pushinteger(L, at);
	lua_rawset(L, -3);
}

void bind_append(lua_State *L, lua_Integer n)
{
	lua_rawseti(L, -2, n);
}

/* --- arguments ---------------------------------------------------------- */

#define SECONDS_MAX	9e9	/* 292 years are 9.2e9 s */

/* The value on top, taken. */
static bool take_time(lua_State *L, sim_time *at)
{
	bool ok = false;

	if (lua_type(L, -1) == LUA_TSTRING) {
		ok = simtime_parse(lua_tostring(L, -1), at);
	} else if (lua_isinteger(L, -1)) {
		lua_Integer s = lua_tointeger(L, -1);

		ok = s >= 0 && s <= (lua_Integer)SECONDS_MAX;
		if (ok)
			*at = SIM_S(s);
	} else if (lua_isnumber(L, -1)) {
		double s = lua_tonumber(L, -1);

		ok = s >= 0 && s <= SECONDS_MAX;
		if (ok)
			*at = (sim_time)(s * 1e9 + 0.5);
	}
	lua_pop(L, 1);
	return ok;
}

sim_time bind_check_time(lua_State *L, int arg)
{
	sim_time at = 0;

	luaL_checkany(L, arg);
	lua_pushvalue(L, arg);
	luaL_argcheck(L, take_time(L, &at), arg, "a time is a number of "
		      "seconds or a text like \"90s\" or \"5m\", and not "
		      "negative");
	return at;
}

/* Is `key` one of the words of `known`? */
static bool is_known(const char *key, const char *known)
{
	size_t len = strlen(key);

	for (const char *word = known; *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (n == len && memcmp(word, key, n) == 0)
			return true;
		word += n;
	}
	return false;
}

void bind_options(lua_State *L, int arg, const char *known)
{
	if (lua_isnoneornil(L, arg)) {
		lua_settop(L, arg - 1);
		lua_newtable(L);
	}
	luaL_checktype(L, arg, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_argerror(L, arg, "options have names: {topic = "
				      "\"orders\"}");
		if (!is_known(lua_tostring(L, -2), known))
			luaL_error(L, "there is no option '%s' here; there "
				   "are: %s", lua_tostring(L, -2), known);
	}
}

/* Push it; false: not given. */
static bool push_option(lua_State *L, int arg, const char *key)
{
	if (lua_getfield(L, arg, key) != LUA_TNIL)
		return true;
	lua_pop(L, 1);
	return false;
}

const char *bind_option_text(lua_State *L, int arg, const char *key,
			     const char *otherwise)
{
	const char *s;

	if (!push_option(L, arg, key))
		return otherwise;
	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "%s is a text, not a %s", key,
			   luaL_typename(L, -1));
	s = lua_tostring(L, -1);
	lua_pop(L, 1);
	return s;
}

int64_t bind_option_integer(lua_State *L, int arg, const char *key,
			    int64_t otherwise)
{
	lua_Integer n;
	int ok;

	if (!push_option(L, arg, key))
		return otherwise;
	n = lua_tointegerx(L, -1, &ok);
	if (!ok)
		luaL_error(L, "%s is a whole number, not a %s", key,
			   luaL_typename(L, -1));
	lua_pop(L, 1);
	return n;
}

sim_time bind_option_time(lua_State *L, int arg, const char *key,
			  sim_time otherwise)
{
	sim_time at = 0;

	if (!push_option(L, arg, key))
		return otherwise;
	if (!take_time(L, &at))
		luaL_error(L, "%s is a time: a number of seconds or a text "
			   "like \"90s\", and not negative", key);
	return at;
}
