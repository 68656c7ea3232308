/* sandbox_table.c - table.*: raw access, bounded ranges, a stable sort
 *
 * liblua's versions ask __len and __index, so a table that claims to have
 * 2^40 elements keeps them busy for ever in C.  These look at the table itself
 * and charge one step for each element before they move it.  Where a
 * metamethod would have made a difference they refuse, rather than quietly
 * answer something else; a class (an __index that is a table) makes none.
 */
#include "lua/sandbox_inside.h"

#include <string.h>

/* A range no honest script moves at once. */
#define RANGE_MAX (1 << 20)

static void refuse_metamethod(lua_State *L, int table, const char *field,
			      int allowed)
{
	int type = luaL_getmetafield(L, table, field);

	if (type == LUA_TNIL)
		return;
	luaL_argcheck(L, type == allowed, table,
		      lua_pushfstring(L, "table.* works on plain tables, and "
				      "this one has %s", field));
	lua_pop(L, 1);
}

static void check_plain(lua_State *L, int table)
{
	refuse_metamethod(L, table, "__len", LUA_TNIL);
	refuse_metamethod(L, table, "__index", LUA_TTABLE);
}

/* A table to read from.  A read-only view is replaced by what is behind. */
static void check_readable(lua_State *L, int table)
{
	luaL_checktype(L, table, LUA_TTABLE);
	if (sandbox_push_behind(L, table))
		lua_replace(L, table);
	else
		check_plain(L, table);
}

static void check_writable(lua_State *L, int table)
{
	luaL_checktype(L, table, LUA_TTABLE);
	if (sandbox_push_behind(L, table))
		luaL_argerror(L, table, "this table is read-only");
	check_plain(L, table);
	refuse_metamethod(L, table, "__newindex", LUA_TNIL);
}

/* How many elements are in first .. last; no more than are allowed at once. */
static lua_Integer check_range(lua_State *L, lua_Integer first,
			       lua_Integer last, lua_Integer max)
{
	lua_Unsigned n = (lua_Unsigned)last - (lua_Unsigned)first + 1;

	if (first > last)
		return 0;
	if (n == 0 || n > (lua_Unsigned)max)
		luaL_error(L, "too many elements at once (%I to %I; the limit "
			   "is %I)", first, last, max);
	return (lua_Integer)n;
}

static lua_Integer length(lua_State *L, int table)
{
	return (lua_Integer)lua_rawlen(L, table);
}

/* table.insert(t, [position,] value) */
static int table_insert(lua_State *L)
{
	lua_Integer end, at;

	check_writable(L, 1);
	end = at = length(L, 1) + 1;
	if (lua_gettop(L) == 3) {
		at = luaL_checkinteger(L, 2);
		luaL_argcheck(L, at >= 1 && at <= end, 2,
			      "position out of bounds");
		sandbox_charge(L, end - at);
		for (lua_Integer i = end; i > at; i--) {
			lua_rawgeti(L, 1, i - 1);
			lua_rawseti(L, 1, i);
		}
	} else if (lua_gettop(L) != 2) {
		return luaL_error(L, "wrong number of arguments to 'insert'");
	}
	lua_rawseti(L, 1, at);
	return 0;
}

/* table.remove(t [, position]) */
static int table_remove(lua_State *L)
{
	lua_Integer n, at;

	check_writable(L, 1);
	n = length(L, 1);
	at = luaL_optinteger(L, 2, n);
	if (!lua_isnoneornil(L, 2))
		luaL_argcheck(L, (n == 0 && at == 0) ||
			      (at >= 1 && at <= n + 1), 2,
			      "position out of bounds");
	sandbox_charge(L, at < n ? n - at : 0);
	lua_rawgeti(L, 1, at);
	for (; at < n; at++) {
		lua_rawgeti(L, 1, at + 1);
		lua_rawseti(L, 1, at);
	}
	lua_pushnil(L);
	lua_rawseti(L, 1, at);
	return 1;
}

/* table.move(from, first, last, to [, into]) */
static int table_move(lua_State *L)
{
	lua_Integer first = luaL_checkinteger(L, 2);
	lua_Integer last = luaL_checkinteger(L, 3);
	lua_Integer to = luaL_checkinteger(L, 4);
	lua_Integer n;

	lua_settop(L, 5);
	lua_pushvalue(L, lua_isnil(L, 5) ? 1 : 5);
	lua_replace(L, 5);
	check_writable(L, 5);
	check_readable(L, 1);
	n = check_range(L, first, last, RANGE_MAX);
	luaL_argcheck(L, n == 0 || to <= LUA_MAXINTEGER - n + 1, 4,
		      "destination wrap around");
	sandbox_charge(L, n);

	/* Backwards when the end would overwrite what is still to be moved. */
	bool back = to > first && to <= last && lua_rawequal(L, 1, 5);
	for (lua_Integer i = 0; i < n; i++) {
		lua_Integer k = back ? n - 1 - i : i;

		lua_rawgeti(L, 1, first + k);
		lua_rawseti(L, 5, to + k);
	}
	lua_pushvalue(L, 5);
	return 1;
}

/* table.concat(t [, separator [, first [, last]]]) */
static int table_concat(lua_State *L)
{
	size_t separator_len, len, total = 0;
	const char *separator;
	lua_Integer first, last, n;
	luaL_Buffer b;

	check_readable(L, 1);
	separator = luaL_optlstring(L, 2, "", &separator_len);
	first = luaL_optinteger(L, 3, 1);
	last = luaL_optinteger(L, 4, length(L, 1));
	n = check_range(L, first, last, RANGE_MAX);
	sandbox_charge(L, n);

	for (lua_Integer i = 0; i < n; i++) {
		lua_rawgeti(L, 1, first + i);
		if (!lua_tolstring(L, -1, &len))
			return luaL_error(L, "invalid value (at index %I) in "
					  "table for 'concat'", first + i);
		total += len + (i > 0 ? separator_len : 0);
		if (total > SANDBOX_STRING_MAX)
			return luaL_error(L, "resulting string too large");
		lua_pop(L, 1);
	}

	char *at = luaL_buffinitsize(L, &b, total + 1);
	char *begin = at;
	for (lua_Integer i = 0; i < n; i++) {
		const char *text;

		lua_rawgeti(L, 1, first + i);
		text = lua_tolstring(L, -1, &len);
		if (i > 0)
			at = (char *)memcpy(at, separator, separator_len) +
			     separator_len;
		at = (char *)memcpy(at, text, len) + len;
		lua_pop(L, 1);
	}
	luaL_pushresultsize(&b, (size_t)(at - begin));
	return 1;
}

/* table.unpack(t [, first [, last]]) */
static int table_unpack(lua_State *L)
{
	lua_Integer first, last, n;

	check_readable(L, 1);
	first = luaL_optinteger(L, 2, 1);
	last = luaL_optinteger(L, 3, length(L, 1));
	n = check_range(L, first, last, SANDBOX_VALUES_MAX);
	sandbox_charge(L, n);
	luaL_checkstack(L, (int)n, "too many results to unpack");
	for (lua_Integer i = 0; i < n; i++)
		lua_rawgeti(L, 1, first + i);
	return (int)n;
}

/* --- sort --------------------------------------------------------------- */

/* Comparing two strings looks at both, even if they are the same one. */
static void charge_comparison(lua_State *L)
{
	size_t a, b;

	if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING)
		return;
	a = lua_rawlen(L, -1);
	b = lua_rawlen(L, -2);
	sandbox_charge(L, (int64_t)(a < b ? a : b) / 16);
}

/* Is the element on top before the one below it?  Pops nothing. */
static bool is_before(lua_State *L, int by)
{
	bool before;

	if (lua_isnil(L, by)) {
		charge_comparison(L);
		return lua_compare(L, -1, -2, LUA_OPLT);
	}
	lua_pushvalue(L, by);
	lua_pushvalue(L, -2);
	lua_pushvalue(L, -4);
	lua_call(L, 2, 1);
	before = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return before;
}

/* Merge from[low .. middle) and from[middle .. high) into `to`.  An element
 * of the right half goes first only if it is really before. */
static void merge(lua_State *L, int from, int to, int by, lua_Integer low,
		  lua_Integer middle, lua_Integer high)
{
	lua_Integer left = low, right = middle;

	for (lua_Integer out = low; out < high; out++) {
		bool take_right = left == middle;

		if (left < middle && right < high) {
			lua_rawgeti(L, from, left);
			lua_rawgeti(L, from, right);
			take_right = is_before(L, by);
			lua_pop(L, 2);
		}
		lua_rawgeti(L, from, take_right ? right++ : left++);
		lua_rawseti(L, to, out);
	}
}

/*
 * table.sort(t [, before]).  A merge sort, on copies.  liblua's quicksort
 * picks pivots by the host's clock, so equal elements came out in another
 * order in another run; this one keeps their order.  An inconsistent `before`
 * gives some order, and one that raises an error leaves the table as it was.
 */
static int table_sort(lua_State *L)
{
	int from = 3, to = 4;
	lua_Integer n;

	check_writable(L, 1);
	if (!lua_isnoneornil(L, 2))
		luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	n = length(L, 1);
	sandbox_charge(L, 4 * n);

	lua_createtable(L, n < RANGE_MAX ? (int)n : 0, 0);
	lua_createtable(L, n < RANGE_MAX ? (int)n : 0, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, 1, i);
		lua_rawseti(L, from, i);
	}
	for (lua_Integer width = 1; width < n; width *= 2) {
		sandbox_charge(L, 4 * n);
		for (lua_Integer low = 1; low <= n; low += 2 * width) {
			lua_Integer middle = low + width;
			lua_Integer high = low + 2 * width;

			merge(L, from, to, 2, low,
			      middle <= n ? middle : n + 1,
			      high <= n ? high : n + 1);
		}
		from = 7 - from;
		to = 7 - to;
	}
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, from, i);
		lua_rawseti(L, 1, i);
	}
	return 0;
}

const struct sandbox_name sandbox_table[] = {
	{ "concat", SANDBOX_OURS, table_concat },
	{ "insert", SANDBOX_OURS, table_insert },
	{ "move", SANDBOX_OURS, table_move },
	{ "pack", SANDBOX_STOCK, NULL },
	{ "remove", SANDBOX_OURS, table_remove },
	{ "sort", SANDBOX_OURS, table_sort },
	{ "unpack", SANDBOX_OURS, table_unpack },
	{ NULL, SANDBOX_STOCK, NULL },
};
