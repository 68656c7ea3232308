/* bind_setup.c - `s`: all that `w` shows, and the power to change it
 *
 * Everything that changes the world is a command in its journal, as if it had
 * come from a console (design D2).  What goes wrong here is the author's, so
 * it is a Lua error: a setup that half worked would be graded all the same.
 */
#include <string.h>

#include "lua/bind_broker.h"
#include "lua/bind_inside.h"
#include "lua/bind_world.h"
#include "lua/sandbox.h"
#include "lua/session.h"
#include "sim/core/args.h"
#include "sim/core/err.h"
#include "sim/core/world.h"

#define SETUP_TYPE	"millrace.setup"
#define FUEL_COMMAND	1000
#define FUEL_EVENT	20	/* 0.4 us on the reference world */
#define RUN_PIECE	SIM_S(10)
#define CONSOLE_LIMIT	SIM_MINUTES(5)

/* Who has only seen `w` cannot borrow the methods of `s` for it, and who has
 * kept `s` cannot change the world from a check. */
static struct bind_handle *check_setup(lua_State *L)
{
	struct bind_handle *h = bind_check(L);

	if (!luaL_testudata(L, 1, SETUP_TYPE))
		luaL_error(L, "only s, in setup, can do this");
	if (!bind_session(h))
		luaL_error(L, "setup is over: nothing can be changed any more");
	return h;
}

static int64_t command(lua_State *L, struct world *w, const char *line)
{
	int64_t result = 0;
	struct err err;

	sandbox_charge(L, FUEL_COMMAND);
	if (!world_command(w, line, &result, &err))
		luaL_error(L, "%s", err.what);
	return result;
}

/* s:command(line) */
static int s_command(lua_State *L)
{
	struct world *w = check_setup(L)->world;

	lua_pushinteger(L, command(L, w, luaL_checkstring(L, 2)));
	return 1;
}

/* --- faults ------------------------------------------------------------- */

/*
 * Push the words of a fault in order of their keys: a list of keys and a list
 * of their values, all of them strings.  Times are named `after` and `for`.
 */
static void push_words(lua_State *L, int options)
{
	const char **keys;
	size_t n = 0;

	for (lua_pushnil(L); lua_next(L, options); lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_argerror(L, options, "words of a fault have names");
		n++;
	}
	keys = lua_newuserdatauv(L, (n + 1) * sizeof(*keys), 0);
	n = 0;
	for (lua_pushnil(L); lua_next(L, options); lua_pop(L, 1))
		keys[n++] = lua_tostring(L, -2);
	bind_push_sorted(L, keys, n);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(keys[i], "after") == 0 || strcmp(keys[i], "for") == 0)
			lua_pushfstring(L, "%Ims", (LUAI_UACINT)
				bind_option_time(L, options, keys[i], 0) /
				SIM_MS(1));
		else if (lua_getfield(L, options, keys[i]) != LUA_TSTRING &&
			 !lua_isinteger(L, -1))
			luaL_error(L, "%s is a text or a whole number",
				   keys[i]);
		lua_tostring(L, -1);	/* a number becomes its text */
		bind_append(L, (lua_Integer)i + 1);
	}
}

/* The lists on top as a command.  Nothing here raises a Lua error, for the
 * text is on the heap. */
static void add_words(lua_State *L, struct text *line)
{
	size_t n = lua_rawlen(L, -1), len;

	for (size_t i = 1; i <= n; i++) {
		const char *key, *value;

		lua_rawgeti(L, -2, (lua_Integer)i);
		lua_rawgeti(L, -2, (lua_Integer)i);
		key = lua_tostring(L, -2);
		value = lua_tolstring(L, -1, &len);
		if (strcmp(key, "kind") != 0)
			args_add_bytes(line, key, value, len);
		lua_pop(L, 2);
	}
}

/* s:fault{kind=, component=, after=, for=, ...} */
static int s_fault(lua_State *L)
{
	struct world *w = check_setup(L)->world;
	struct text line = {0};
	int64_t number = 0;
	const char *kind;
	struct err err;
	bool ok;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	kind = bind_option_text(L, 2, "kind", NULL);
	luaL_argcheck(L, kind, 2, "which? {kind = \"kill\", component = "
		      "\"broker-2\"}; `millrace faults` lists them");
	sandbox_charge(L, FUEL_COMMAND);
	push_words(L, 2);
	text_addf(&line, "fault %s", kind);
	add_words(L, &line);
	ok = world_command(w, text_cstr(&line), &number, &err);
	text_free(&line);
	if (!ok)
		return luaL_error(L, "%s", err.what);
	lua_pushinteger(L, number);
	return 1;
}

/* s:heal(number) */
static int s_heal(lua_State *L)
{
	struct world *w = check_setup(L)->world;

	lua_pushfstring(L, "heal %I", (LUAI_UACINT)luaL_checkinteger(L, 2));
	command(L, w, lua_tostring(L, -1));
	return 0;
}

/* --- time, console, files ----------------------------------------------- */

/* Pay for the events since `before`. */
static void charge_events(lua_State *L, const struct world *w, uint64_t before)
{
	sandbox_charge(L, 1 + FUEL_EVENT *
			  (int64_t)(w->state->events - before));
}

/* s:run(span): in pieces, so that a run for ever ends with the budget */
static int s_run(lua_State *L)
{
	struct bind_handle *h = check_setup(L);
	struct world *w = h->world;
	sim_time span = bind_check_time(L, 2), now = world_now(w);

	luaL_argcheck(L, span < SIM_NEVER - now, 2, "the world ends before "
		      "that, after 292 years");
	for (sim_time end = now + span; now < end;) {
		uint64_t events = w->state->events;

		now = end - now > RUN_PIECE ? now + RUN_PIECE : end;
		session_advance(bind_session(h), now);
		charge_events(L, w, events);
	}
	return 0;
}

/* s:console(line [, limit]) */
static int s_console(lua_State *L)
{
	struct bind_handle *h = check_setup(L);
	struct session *session = bind_session(h);
	struct world *w = h->world;
	const char *line = luaL_checkstring(L, 2);
	sim_time limit = lua_isnoneornil(L, 3) ? CONSOLE_LIMIT :
			 bind_check_time(L, 3);
	uint64_t events = w->state->events;
	struct session_line ran;
	struct err err;

	if (!session_run(session, line, limit, NULL, NULL, &err))
		return luaL_error(L, "%s", err.what);
	charge_events(L, w, events);
	ran = session_line_at(session, session_line_count(session) - 1);
	lua_pushlstring(L, ran.output, ran.output_len);
	lua_pushinteger(L, ran.exit_code);
	return 2;
}

/* s:file(name, bytes) */
static int s_file(lua_State *L)
{
	const struct files *f = session_files(bind_session(check_setup(L)));
	const char *name = luaL_checkstring(L, 2);
	struct err err;
	size_t len;
	const char *bytes = luaL_checklstring(L, 3, &len);

	sandbox_charge(L, 100 + (int64_t)len / 16);
	if (!f->write(f->ctx, name, bytes, len, &err))
		return luaL_error(L, "%s", err.what);
	return 0;
}

static const luaL_Reg setup_methods[] = {
	{ "command", s_command },
	{ "fault", s_fault },
	{ "heal", s_heal },
	{ "run", s_run },
	{ "console", s_console },
	{ "file", s_file },
	{ NULL, NULL },
};

void bind_setup_push(lua_State *L, struct session *session)
{
	static const struct bind_type type = {
		SETUP_TYPE, "s", { bind_world_methods, setup_methods },
	};

	bind_handle_push(L, &type, session_world(session), session);
}
