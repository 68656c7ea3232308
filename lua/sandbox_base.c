/* sandbox_base.c - print, pairs, pcall, setmetatable, load: the same, fenced */
#include "lua/sandbox_inside.h"

#include <math.h>
#include <string.h>

/* --- tostring, print ---------------------------------------------------- */

static char numbers_key;

/* The number of an object: how many were shown before it.  An address would
 * differ from run to run, and tell an attacker where things are. */
static lua_Integer number_of(lua_State *L, int object)
{
	lua_Integer n;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &numbers_key) == LUA_TNIL) {
		lua_newtable(L);
		lua_newtable(L);
		lua_pushliteral(L, "k");
		lua_setfield(L, -2, "__mode");	/* forgets the dead */
		lua_setmetatable(L, -2);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &numbers_key);
		lua_remove(L, -2);
	}
	lua_pushvalue(L, object);
	if (lua_rawget(L, -2) == LUA_TNIL) {
		lua_pushvalue(L, object);
		lua_pushinteger(L, ++sandbox_of(L)->numbered);
		lua_rawset(L, -4);
		n = sandbox_of(L)->numbered;
	} else {
		n = lua_tointeger(L, -1);
	}
	lua_pop(L, 2);
	return n;
}

static void push_kind_and_number(lua_State *L, int object)
{
	const char *kind = luaL_typename(L, object);
	int named = luaL_getmetafield(L, object, "__name");

	if (named == LUA_TSTRING)
		kind = lua_tostring(L, -1);
	lua_pushfstring(L, "%s: #%I", kind, number_of(L, object));
	if (named != LUA_TNIL)
		lua_remove(L, -2);
}

const char *sandbox_tostring(lua_State *L, int index, size_t *len)
{
	int value = lua_absindex(L, index);

	luaL_checkstack(L, 8, NULL);
	if (luaL_callmeta(L, value, "__tostring")) {
		if (!lua_isstring(L, -1))
			luaL_error(L, "'__tostring' must return a string");
		return lua_tolstring(L, -1, len);
	}
	switch (lua_type(L, value)) {
	case LUA_TNIL:
		lua_pushliteral(L, "nil");
		break;
	case LUA_TBOOLEAN:
		lua_pushstring(L, lua_toboolean(L, value) ? "true" : "false");
		break;
	case LUA_TNUMBER:
		/* The sign of a NaN depends on the processor. */
		if (isnan(lua_tonumber(L, value)))
			lua_pushliteral(L, "nan");
		else
			lua_pushvalue(L, value);
		break;
	case LUA_TSTRING:
		lua_pushvalue(L, value);
		break;
	default:
		push_kind_and_number(L, value);
		break;
	}
	return lua_tolstring(L, -1, len);
}

static int base_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	sandbox_tostring(L, 1, NULL);
	return 1;
}

static int base_print(lua_State *L)
{
	struct sandbox *s = sandbox_of(L);
	int n = lua_gettop(L);
	const char *line;
	luaL_Buffer b;
	size_t len;

	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		sandbox_tostring(L, i, &len);
		sandbox_charge(L, 1 + (int64_t)len / 16);
		luaL_addvalue(&b);
	}
	luaL_addchar(&b, '\n');
	luaL_pushresult(&b);
	line = lua_tolstring(L, -1, &len);
	sandbox_charge(L, 10 + (int64_t)len / 16);
	if (s->print)
		s->print(s->print_ctx, line, len);
	return 0;
}

/* --- pairs -------------------------------------------------------------- */

/* A key of a table, while keys are being put in order. */
struct key {
	const char *text;		/* NULL: an integer */
	size_t len;
	lua_Integer integer;		/* or the slot of the text in `keys` */
};

/* Integers ascending, then strings bytewise. */
static bool key_before(const struct key *a, const struct key *b)
{
	if (!a->text || !b->text)
		return a->text == b->text ? a->integer < b->integer : !a->text;

	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->text, b->text, len);

	return order ? order < 0 : a->len < b->len;
}

static void sift_down(struct key *keys, size_t at, size_t n)
{
	for (;;) {
		size_t child = 2 * at + 1;
		struct key key = keys[at];

		if (child >= n)
			return;
		if (child + 1 < n && key_before(&keys[child], &keys[child + 1]))
			child++;
		if (!key_before(&key, &keys[child]))
			return;
		keys[at] = keys[child];
		keys[child] = key;
		at = child;
	}
}

/* Heap sort: in place, never slow, and keys are all different. */
static void sort_keys(struct key *keys, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(keys, i, n);
	for (size_t i = n; i-- > 1;) {
		struct key last = keys[i];

		keys[i] = keys[0];
		keys[0] = last;
		sift_down(keys, 0, i);
	}
}

/* What stands in a table: enough to know the work of sorting its keys. */
struct census {
	size_t keys;
	size_t texts, text_bytes;
	lua_Integer least, greatest;	/* of the integers */
	bool is_sequence;		/* the keys are just 1 .. keys */
};

static struct census count_keys(lua_State *L, int table)
{
	struct census c = {
		.least = LUA_MAXINTEGER, .greatest = LUA_MININTEGER,
	};

	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
		c.keys++;
		if (lua_isinteger(L, -2)) {
			lua_Integer key = lua_tointeger(L, -2);

			c.least = key < c.least ? key : c.least;
			c.greatest = key > c.greatest ? key : c.greatest;
		} else if (lua_type(L, -2) == LUA_TSTRING) {
			c.texts++;
			c.text_bytes += lua_rawlen(L, -2);
		} else {
			luaL_error(L, "pairs: found a %s as a key, and only "
				   "integers and strings have an order that is "
				   "the same in every run",
				   lua_isnumber(L, -2) ? "float"
						       : luaL_typename(L, -2));
		}
	}
	c.is_sequence = c.texts == 0 &&
			(c.keys == 0 || (c.least == 1 &&
					 c.greatest == (lua_Integer)c.keys));
	return c;
}

/* By the number of keys, not by comparisons made: those depend on the order
 * in which keys happen to lie in the table. */
static int64_t sorting_fuel(const struct census *c)
{
	int64_t rounds = 1;

	if (c->is_sequence)
		return 4 + 2 * (int64_t)c->keys;
	for (size_t n = c->keys; n > 1; n /= 2)
		rounds++;
	return 4 + (4 + rounds) * (int64_t)c->keys +
	       (int64_t)c->text_bytes / 64 * rounds;
}

/* Push an array of the table's keys, in order. */
static void push_sorted_keys(lua_State *L, int table, size_t n)
{
	struct key *keys = lua_newuserdatauv(L, (n + 1) * sizeof(*keys), 0);
	int unsorted, slot = 0;

	lua_createtable(L, (int)n, 0);
	unsorted = lua_gettop(L);
	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
		struct key *key = &keys[slot++];

		*key = (struct key){ .integer = slot };
		if (lua_type(L, -2) == LUA_TSTRING)
			key->text = lua_tolstring(L, -2, &key->len);
		else
			key->integer = lua_tointeger(L, -2);
		lua_pushvalue(L, -2);
		lua_rawseti(L, unsorted, slot);
	}
	sort_keys(keys, n);

	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		if (keys[i].text)
			lua_rawgeti(L, unsorted, keys[i].integer);
		else
			lua_pushinteger(L, keys[i].integer);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_replace(L, unsorted - 1);
	lua_settop(L, unsorted - 1);
}

/* Upvalues: the table, its keys (false: they are 1 .. n), n, how far we are.
 * Keys that are gone by now are passed over; new ones are not visited. */
static int next_pair(lua_State *L)
{
	lua_Integer n = lua_tointeger(L, lua_upvalueindex(3));
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(4));
	bool sequence = !lua_toboolean(L, lua_upvalueindex(2));

	lua_settop(L, 0);
	while (i++ < n) {
		if (sequence)
			lua_pushinteger(L, i);
		else
			lua_rawgeti(L, lua_upvalueindex(2), i);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
			lua_pushinteger(L, i);
			lua_replace(L, lua_upvalueindex(4));
			return 2;
		}
		lua_pop(L, 2);
	}
	lua_pushinteger(L, n);
	lua_replace(L, lua_upvalueindex(4));
	lua_pushnil(L);
	return 1;
}

static int after_pairs(lua_State *L, int status, lua_KContext ctx)
{
	(void)L, (void)status, (void)ctx;
	return 3;
}

static int base_pairs(lua_State *L)
{
	struct census census;

	luaL_checkany(L, 1);
	if (sandbox_push_behind(L, 1)) {
		lua_replace(L, 1);
	} else if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_callk(L, 1, 3, 0, after_pairs);
		return 3;
	}
	luaL_checktype(L, 1, LUA_TTABLE);

	census = count_keys(L, 1);
	sandbox_charge(L, sorting_fuel(&census));
	lua_settop(L, 1);
	lua_pushvalue(L, 1);
	if (census.is_sequence)
		lua_pushboolean(L, false);
	else
		push_sorted_keys(L, 1, census.keys);
	lua_pushinteger(L, (lua_Integer)census.keys);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_pair, 4);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* --- pcall, xpcall ------------------------------------------------------ */

/* An error is made, thrown and caught in about a microsecond. */
#define FUEL_CAUGHT 100

static int after_pcall(lua_State *L, int status, lua_KContext ctx)
{
	(void)ctx;
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L);	/* `true` was put below the results */
	sandbox_pass_on(L, status);
	sandbox_charge(L, FUEL_CAUGHT);
	lua_pushboolean(L, false);
	lua_insert(L, -2);
	return 2;
}

static int base_pcall(lua_State *L)
{
	luaL_checkany(L, 1);
	sandbox_charge(L, 5);
	lua_pushboolean(L, true);
	lua_insert(L, 1);
	int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0,
				after_pcall);
	return after_pcall(L, status, 0);
}

/*
 * liblua runs the handler of xpcall where the error is raised, which can be
 * inside the hook, with hooks off.  Ours runs after unwinding, and never for
 * a fatal stop.  The price: it cannot see the stack it unwound.
 * The stack is: handler, true, results or error.
 */
static int after_xpcall(lua_State *L, int status, lua_KContext ctx)
{
	(void)ctx;
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L) - 1;
	sandbox_pass_on(L, status);
	sandbox_charge(L, FUEL_CAUGHT);
	lua_pushvalue(L, 1);
	lua_insert(L, -2);
	status = lua_pcall(L, 1, 1, 0);
	if (status != LUA_OK)
		sandbox_pass_on(L, status);
	lua_pushboolean(L, false);
	lua_replace(L, 2);
	return lua_gettop(L) - 1;
}

static int base_xpcall(lua_State *L)
{
	luaL_checktype(L, 2, LUA_TFUNCTION);
	sandbox_charge(L, 5);
	lua_pushvalue(L, 1);
	lua_pushvalue(L, 2);
	lua_replace(L, 1);
	lua_pushboolean(L, true);
	lua_replace(L, 2);
	lua_insert(L, 3);
	int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, 0,
				after_xpcall);
	return after_xpcall(L, status, 0);
}

/* --- tables ------------------------------------------------------------- */

static void refuse_field(lua_State *L, const char *field, const char *why)
{
	lua_pushstring(L, field);
	if (lua_rawget(L, 2) != LUA_TNIL)
		luaL_error(L, "a metatable with %s cannot be used here: %s",
			   field, why);
	lua_pop(L, 1);
}

static int base_setmetatable(lua_State *L)
{
	int type = lua_type(L, 2);

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
			 "nil or table");
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot change a protected metatable");
	lua_settop(L, 2);
	if (type == LUA_TTABLE) {
		/* Finalisers run where no hook can stop them. */
		refuse_field(L, "__gc", "there are no finalisers");
		refuse_field(L, "__mode", "when weak entries go away differs "
			     "from run to run");
		sandbox_saw_metatable(L, 2);
	}
	lua_setmetatable(L, 1);
	return 1;
}

static int base_rawget(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	lua_settop(L, 2);
	if (sandbox_push_behind(L, 1))
		lua_replace(L, 1);
	lua_rawget(L, 1);
	return 1;
}

static int base_rawset(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	luaL_checkany(L, 3);
	lua_settop(L, 3);
	if (sandbox_push_behind(L, 1))
		return luaL_error(L, "this table is read-only");
	lua_rawset(L, 1);
	return 1;
}

static int base_rawlen(lua_State *L)
{
	luaL_argexpected(L, lua_istable(L, 1) || lua_type(L, 1) == LUA_TSTRING,
			 1, "table or string");
	if (sandbox_push_behind(L, 1))
		lua_replace(L, 1);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

/* --- load --------------------------------------------------------------- */

/* load(text [, name]): Lua text only, in the environment of the caller. */
int sandbox_load_text(lua_State *L)
{
	size_t len;
	const char *text, *name;

	luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
	text = lua_tolstring(L, 1, &len);
	name = luaL_optstring(L, 2, "=(load)");
	luaL_argcheck(L, strchr(luaL_optstring(L, 3, "t"), 't'), 3,
		      "only text can be loaded: the mode is \"t\"");
	luaL_argcheck(L, lua_isnoneornil(L, 4), 4,
		      "the environment cannot be chosen");

	if (sandbox_compile(L, name, text, len, lua_upvalueindex(1)) == LUA_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

/* load is not here: each environment has its own. */
const struct sandbox_name sandbox_base[] = {
	{ "_VERSION", SANDBOX_STOCK, NULL },
	{ "assert", SANDBOX_STOCK, NULL },
	{ "error", SANDBOX_STOCK, NULL },
	{ "getmetatable", SANDBOX_STOCK, NULL },
	{ "ipairs", SANDBOX_STOCK, NULL },
	{ "pairs", SANDBOX_OURS, base_pairs },
	{ "pcall", SANDBOX_OURS, base_pcall },
	{ "print", SANDBOX_OURS, base_print },
	{ "rawequal", SANDBOX_STOCK, NULL },
	{ "rawget", SANDBOX_OURS, base_rawget },
	{ "rawlen", SANDBOX_OURS, base_rawlen },
	{ "rawset", SANDBOX_OURS, base_rawset },
	{ "select", SANDBOX_STOCK, NULL },
	{ "setmetatable", SANDBOX_OURS, base_setmetatable },
	{ "tonumber", SANDBOX_LINEAR, NULL },
	{ "tostring", SANDBOX_OURS, base_tostring },
	{ "type", SANDBOX_STOCK, NULL },
	{ "xpcall", SANDBOX_OURS, base_xpcall },
	{ NULL, SANDBOX_STOCK, NULL },
};
