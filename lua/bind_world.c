/* bind_world.c - `w`: the world as it is now, for checks */
#include "lua/bind_world.h"

#include <string.h>

#include "lua/bind_broker.h"
#include "lua/bind_inside.h"
#include "lua/bind_trace.h"
#include "lua/sandbox.h"
#include "lua/session.h"
#include "sim/broker/cluster.h"
#include "sim/core/world.h"
#include "sim/host/host.h"

#define RECORDS		1000
#define RECORDS_MAX	100000

/* --- handles ------------------------------------------------------------ */

/* In the registry: all handles, as weak keys. */
static char handles_key;
/* In a metatable: the type. */
static char type_key;

static void remember_handle(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &handles_key) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_createtable(L, 0, 1);
		lua_pushliteral(L, "k");
		lua_setfield(L, -2, "__mode");
		lua_setmetatable(L, -2);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &handles_key);
	}
	lua_pushvalue(L, -2);
	lua_pushboolean(L, 1);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static int handle_index(lua_State *L)
{
	const struct bind_type *type = lua_touserdata(L, lua_upvalueindex(2));

	lua_settop(L, 2);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	return luaL_error(L, "%s has no '%s'; lua/README.md lists what it has",
			  type->letter, sandbox_tostring(L, 2, NULL));
}

static int handle_newindex(lua_State *L)
{
	const struct bind_type *type = lua_touserdata(L, lua_upvalueindex(1));

	return luaL_error(L, "%s cannot be changed", type->letter);
}

static int handle_gc(lua_State *L)
{
	struct bind_handle *h = lua_touserdata(L, 1);

	session_ticket_drop(h->ticket);
	h->ticket = NULL;
	return 0;
}

static void set_metatable(lua_State *L, const struct bind_type *type)
{
	if (!luaL_newmetatable(L, type->name)) {
		lua_setmetatable(L, -2);
		return;
	}
	lua_newtable(L);
	for (int i = 0; type->methods[i]; i++)
		luaL_setfuncs(L, type->methods[i], 0);
	lua_pushlightuserdata(L, (void *)type);
	lua_pushcclosure(L, handle_index, 2);
	lua_setfield(L, -2, "__index");
	lua_pushlightuserdata(L, (void *)type);
	lua_pushcclosure(L, handle_newindex, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, handle_gc);
	lua_setfield(L, -2, "__gc");
	lua_pushstring(L, type->name);
	lua_setfield(L, -2, "__metatable");
	lua_pushlightuserdata(L, (void *)type);
	lua_rawsetp(L, -2, &type_key);
	lua_setmetatable(L, -2);
}

void bind_handle_push(lua_State *L, const struct bind_type *type,
		      struct world *w, struct session *session)
{
	struct bind_handle *h = lua_newuserdatauv(L, sizeof(*h), 0);

	*h = (struct bind_handle){0};
	set_metatable(L, type);
	remember_handle(L);
	h->world = w;
	if (session)
		h->ticket = session_ticket_take(session);
}

struct session *bind_session(const struct bind_handle *h)
{
	return h->ticket ? h->ticket->session : NULL;
}

struct bind_handle *bind_check(lua_State *L)
{
	struct bind_handle *h = lua_touserdata(L, 1);

	if (!h || !lua_getmetatable(L, 1) ||
	    lua_rawgetp(L, -1, &type_key) != LUA_TLIGHTUSERDATA)
		luaL_error(L, "call it with a colon: w:topic(\"orders\"), not "
			   "w.topic(\"orders\")");
	lua_pop(L, 2);
	if (!h->world)
		luaL_error(L, "this world has ended; use the one that this "
			   "check or setup was given");
	return h;
}

struct world *bind_check_world(lua_State *L)
{
	return bind_check(L)->world;
}

void bind_world_end(lua_State *L, const struct world *w)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &handles_key) == LUA_TTABLE)
		for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
			struct bind_handle *h = lua_touserdata(L, -2);

			if (h->world == w)
				h->world = NULL;
		}
	lua_pop(L, 1);
}

/* --- time, machines, processes ------------------------------------------ */

/* w:now() */
static int w_now(lua_State *L)
{
	lua_pushnumber(L, (double)world_now(bind_check_world(L)) / 1e9);
	return 1;
}

/* w:now_ns() */
static int w_now_ns(lua_State *L)
{
	lua_pushinteger(L, world_now(bind_check_world(L)));
	return 1;
}

/* w:seed() */
static int w_seed(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)bind_check_world(L)->state->seed);
	return 1;
}

/* w:machines() */
static int w_machines(lua_State *L)
{
	bind_push_machines(L, bind_check_world(L));
	return 1;
}

/* w:machine(name) */
static int w_machine(lua_State *L)
{
	struct world *w = bind_check_world(L);
	struct machine *m = machine_find(w, luaL_checkstring(L, 2));

	if (m)
		bind_push_machine(L, w, m);
	else
		lua_pushnil(L);
	return 1;
}

/* w:processes() */
static int w_processes(lua_State *L)
{
	bind_push_processes(L, bind_check_world(L));
	return 1;
}

/* w:process(name) */
static int w_process(lua_State *L)
{
	struct world *w = bind_check_world(L);
	struct process *p = process_find(w, luaL_checkstring(L, 2));

	if (p)
		bind_push_process(L, w, p);
	else
		lua_pushnil(L);
	return 1;
}

/* --- brokers, topics, groups -------------------------------------------- */

/* w:brokers() */
static int w_brokers(lua_State *L)
{
	bind_push_brokers(L, bind_check_world(L));
	return 1;
}

/* w:broker(id or process name) */
static int w_broker(lua_State *L)
{
	bind_push_broker(L, bind_check_world(L), 2);
	return 1;
}

/* w:topics() */
static int w_topics(lua_State *L)
{
	bind_push_topic_names(L, bind_check_world(L));
	return 1;
}

/* w:topic(name) */
static int w_topic(lua_State *L)
{
	struct world *w = bind_check_world(L);

	bind_push_topic(L, w, luaL_checkstring(L, 2));
	return 1;
}

/* w:groups() */
static int w_groups(lua_State *L)
{
	bind_push_group_names(L, bind_check_world(L));
	return 1;
}

/* w:group(id) */
static int w_group(lua_State *L)
{
	struct world *w = bind_check_world(L);

	bind_push_group(L, w, luaL_checkstring(L, 2));
	return 1;
}

/* --- records ------------------------------------------------------------ */

static const struct topic *check_topic(lua_State *L, const struct world *w)
{
	const char *name = bind_option_text(L, 2, "topic", NULL);
	const struct cluster *c = cluster_of(w);
	const struct topic *t;

	if (!name)
		luaL_argerror(L, 2, "which topic? {topic = \"orders\"}");
	t = c ? cluster_topic(w, c, name) : NULL;
	if (!t)
		luaL_error(L, "there is no topic '%s'; w:topic(name) is nil "
			   "then, ask it first", name);
	return t;
}

static struct bind_range check_range(lua_State *L, const struct world *w)
{
	struct bind_range r = {
		.topic = check_topic(L, w),
		.partition = bind_option_integer(L, 2, "partition", -1),
		.from = bind_option_integer(L, 2, "from", -1),
		.to = bind_option_integer(L, 2, "to", -1),
		.max = bind_option_integer(L, 2, "max", RECORDS),
	};

	luaL_argcheck(L, r.partition >= -1 && r.partition <
			 (int64_t)r.topic->partitions.count, 2,
		      "the topic has no such partition; they count from 0");
	luaL_argcheck(L, r.max >= 0 && r.max <= RECORDS_MAX, 2,
		      "max is at most 100000 records; take them in parts");
	return r;
}

/* w:records{topic=, partition=, from=, to=, max=} */
static int w_records(lua_State *L)
{
	struct world *w = bind_check_world(L);
	struct bind_range r;

	bind_options(L, 2, "topic partition from to max");
	r = check_range(L, w);
	bind_push_records(L, w, &r);
	return 1;
}

/* w:count{topic=, partition=} */
static int w_count(lua_State *L)
{
	struct world *w = bind_check_world(L);
	struct bind_range r;

	bind_options(L, 2, "topic partition");
	r = check_range(L, w);
	sandbox_charge(L, r.topic->partitions.count);
	lua_pushinteger(L, bind_count_records(w, &r));
	return 1;
}

/* w:clients() */
static int w_clients(lua_State *L)
{
	bind_push_clients(L, bind_check_world(L));
	return 1;
}

/* w:fleets() */
static int w_fleets(lua_State *L)
{
	bind_push_fleets(L, bind_check_world(L));
	return 1;
}

/* w:audit(fleet) */
static int w_audit(lua_State *L)
{
	const struct world *w = bind_check_world(L);

	bind_push_audit(L, w, luaL_checkstring(L, 2));
	return 1;
}

/* w:apps() */
static int w_apps(lua_State *L)
{
	bind_push_apps(L, bind_check_world(L));
	return 1;
}

/* w:services() */
static int w_services(lua_State *L)
{
	bind_push_services(L, bind_check_world(L));
	return 1;
}

/* w:rows(select [, store]) */
static int w_rows(lua_State *L)
{
	struct world *w = bind_check_world(L);

	bind_push_rows(L, w, luaL_optstring(L, 3, "db"),
		       luaL_checkstring(L, 2));
	return 1;
}

/* w:faults() */
static int w_faults(lua_State *L)
{
	bind_push_faults(L, bind_check_world(L));
	return 1;
}

/* w:traces(max) */
static int w_traces(lua_State *L)
{
	bind_push_traces(L, bind_check_world(L), luaL_optinteger(L, 2, 20));
	return 1;
}

/* w:trace(id) */
static int w_trace(lua_State *L)
{
	bind_push_trace(L, bind_check_world(L), 2);
	return 1;
}

/* w:stages() */
static int w_stages(lua_State *L)
{
	bind_push_stages(L, bind_check_world(L));
	return 1;
}

/* w:bill() */
static int w_bill(lua_State *L)
{
	bind_push_bill(L, bind_check_world(L));
	return 1;
}

const luaL_Reg bind_world_methods[] = {
	{ "now", w_now },
	{ "now_ns", w_now_ns },
	{ "seed", w_seed },
	{ "machines", w_machines },
	{ "machine", w_machine },
	{ "processes", w_processes },
	{ "process", w_process },
	{ "brokers", w_brokers },
	{ "broker", w_broker },
	{ "topics", w_topics },
	{ "topic", w_topic },
	{ "groups", w_groups },
	{ "group", w_group },
	{ "records", w_records },
	{ "count", w_count },
	{ "clients", w_clients },
	{ "fleets", w_fleets },
	{ "audit", w_audit },
	{ "apps", w_apps },
	{ "services", w_services },
	{ "rows", w_rows },
	{ "faults", w_faults },
	{ "traces", w_traces },
	{ "trace", w_trace },
	{ "stages", w_stages },
	{ "bill", w_bill },
	{ "query", bind_query },
	{ "query_range", bind_query_range },
	{ NULL, NULL },
};

void bind_world_push(lua_State *L, struct world *w)
{
	static const struct bind_type type = {
		"millrace.world", "w", { bind_world_methods },
	};

	bind_handle_push(L, &type, w, NULL);
}
