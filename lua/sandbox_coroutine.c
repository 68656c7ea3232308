/* sandbox_coroutine.c - coroutine.*: threads that inherit the meters
 *
 * A new thread takes the hook over from the one that makes it, but counts its
 * own instructions: a script could live in threads that end before their first
 * hook.  So making one costs as much as it can run unseen.
 */
#include "lua/sandbox_inside.h"

/* One STEP of the hook. */
#define FUEL_CREATE 1000

/*
 * coroutine.close runs pending __close handlers, which can close the next
 * coroutine, and so on.  liblua 5.4.4 does not count these C calls, and would
 * overflow the C stack.
 */
#define CLOSE_DEPTH_MAX 4

static lua_State *check_thread(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co, 1, "coroutine");
	return co;
}

/* Close a coroutine that is suspended or dead.  False when that raised an
 * error, which is then on top of its stack. */
static bool close_thread(lua_State *L, lua_State *co)
{
	struct sandbox *s = sandbox_of(L);
	int status;

	if (s->closing >= CLOSE_DEPTH_MAX)
		luaL_error(L, "coroutine.close is nested too deep");
	sandbox_charge(L, FUEL_CREATE);
	s->closing++;
	sandbox_watch(s, co);
	status = lua_resetthread(co);
	s->closing--;
	if (status != LUA_OK)
		sandbox_pass_on(L, status);
	return status == LUA_OK;
}

/* Resume with the `nargs` values on top.  The number of results, which are
 * pushed, or -1 with an error value pushed. */
static int resume(lua_State *L, lua_State *co, int nargs)
{
	struct sandbox *s = sandbox_of(L);
	const char *refused = NULL;
	int status, n;

	/* The host may keep values on the idle main stack. */
	if (co == s->L)
		refused = "cannot resume the main coroutine";
	else if (!lua_checkstack(co, nargs))
		refused = "too many arguments to resume";
	if (refused) {
		lua_pushstring(L, refused);
		return -1;
	}

	sandbox_charge(L, 10);
	if (lua_gethookcount(co) != s->step)
		sandbox_watch(s, co);
	lua_xmove(L, co, nargs);
	status = lua_resume(co, L, nargs, &n);
	if (status != LUA_OK && status != LUA_YIELD) {
		sandbox_pass_on(L, status);
		lua_xmove(co, L, 1);
		return -1;
	}
	if (!lua_checkstack(L, n + 1)) {
		lua_pop(co, n);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(co, L, n);
	return n;
}

static int coroutine_create(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	sandbox_charge(L, FUEL_CREATE);
	lua_State *co = lua_newthread(L);
	sandbox_watch(sandbox_of(L), co);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	return 1;
}

static int coroutine_resume(lua_State *L)
{
	lua_State *co = check_thread(L);
	int n = resume(L, co, lua_gettop(L) - 1);

	lua_pushboolean(L, n >= 0);
	if (n < 0)
		n = 1;
	lua_insert(L, -(n + 1));
	return n + 1;
}

static int wrapped(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));
	int n = resume(L, co, lua_gettop(L));
	int status;

	if (n >= 0)
		return n;
	status = lua_status(co);
	if (status != LUA_OK && status != LUA_YIELD && !close_thread(L, co)) {
		lua_xmove(co, L, 1);	/* the error, or a handler's own */
	}
	if (lua_type(L, -1) == LUA_TSTRING) {
		luaL_where(L, 1);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

static int coroutine_wrap(lua_State *L)
{
	coroutine_create(L);
	lua_pushcclosure(L, wrapped, 1);
	return 1;
}

static const char *status_of(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	if (L == co)
		return "running";
	if (lua_status(co) == LUA_YIELD)
		return "suspended";
	if (lua_status(co) != LUA_OK)
		return "dead";
	if (lua_getstack(co, 0, &ar) || co == sandbox_of(L)->L)
		return "normal";
	return lua_gettop(co) == 0 ? "dead" : "suspended";
}

static int coroutine_status(lua_State *L)
{
	lua_pushstring(L, status_of(L, check_thread(L)));
	return 1;
}

static int coroutine_close(lua_State *L)
{
	lua_State *co = check_thread(L);
	const char *status = status_of(L, co);

	if (*status != 's' && *status != 'd')
		return luaL_error(L, "cannot close a %s coroutine", status);
	if (close_thread(L, co)) {
		lua_pushboolean(L, true);
		return 1;
	}
	lua_pushboolean(L, false);
	lua_xmove(co, L, 1);
	return 2;
}

const struct sandbox_name sandbox_coroutine[] = {
	{ "close", SANDBOX_OURS, coroutine_close },
	{ "create", SANDBOX_OURS, coroutine_create },
	{ "isyieldable", SANDBOX_STOCK, NULL },
	{ "resume", SANDBOX_OURS, coroutine_resume },
	{ "running", SANDBOX_STOCK, NULL },
	{ "status", SANDBOX_OURS, coroutine_status },
	{ "wrap", SANDBOX_OURS, coroutine_wrap },
	{ "yield", SANDBOX_STOCK, NULL },
	{ NULL, SANDBOX_STOCK, NULL },
};
