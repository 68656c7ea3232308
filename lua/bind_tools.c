/* bind_tools.c - what a console tool can do with the world: the global `sim` */
#include "lua/bind_tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/bind.h"
#include "lua/bind_broker.h"
#include "lua/bind_trace.h"
#include "lua/sandbox.h"
#include "sim/core/err.h"
#include "sim/core/mem.h"
#include "sim/core/world.h"
#include "sim/host/net.h"
#include "sim/host/host.h"
#include "sim/stack/terminal.h"
#include "sim/telemetry/telemetry.h"

#define LOG_LINES	1000
#define FUEL_COMMAND	1000
#define FUEL_ENTRY	20

/* How far a terminal's entries were handed out. */
struct mailbox {
	int64_t id;
	uint64_t cursor;
};

struct tools {
	struct world *world;
	char name[64];
	int ref;			/* `sim`, in the registry */
	struct mailbox *mailboxes;	/* by id */
	size_t count, cap;
};

static struct tools *tools_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

static struct world *world_of(lua_State *L)
{
	return tools_of(L)->world;
}

/* --- mailboxes ---------------------------------------------------------- */

/* Ids are given in ascending order, so a new one is nearly always the last. */
static struct mailbox *mailbox(struct tools *t, int64_t id)
{
	size_t at = t->count;

	while (at && t->mailboxes[at - 1].id > id)
		at--;
	if (at && t->mailboxes[at - 1].id == id)
		return &t->mailboxes[at - 1];
	if (t->count == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 16;
		t->mailboxes = mem_grow(t->mailboxes,
					t->cap * sizeof(*t->mailboxes));
	}
	memmove(&t->mailboxes[at + 1], &t->mailboxes[at],
		(t->count - at) * sizeof(*t->mailboxes));
	t->count++;
	t->mailboxes[at] = (struct mailbox){ .id = id };
	return &t->mailboxes[at];
}

bool tools_have_entry(struct tools *t, int64_t id)
{
	return terminal_has(t->world, id, mailbox(t, id)->cursor);
}

void tools_forget(struct tools *t)
{
	t->count = 0;
}

static void push_entry(lua_State *L, const struct world *w,
		       const struct terminal_entry *e)
{
	sandbox_charge(L, FUEL_ENTRY + e->len / 64);
	lua_createtable(L, 0, 3);
	bind_text(L, "kind", terminal_kind_name(e->kind));
	bind_integer(L, "at_ns", e->at);
	bind_bytes(L, "text", terminal_text(w, e), e->len);
}

/* sim.entries(id) */
static int f_entries(lua_State *L)
{
	int64_t id = luaL_checkinteger(L, 1);
	uint64_t cursor = mailbox(tools_of(L), id)->cursor;
	const struct terminal_entry *e;
	lua_Integer n = 0;

	lua_newtable(L);
	while ((e = terminal_next(world_of(L), id, &cursor))) {
		push_entry(L, world_of(L), e);
		bind_append(L, ++n);
	}
	/* Only now: what a spent budget cut off was not handed out. */
	mailbox(tools_of(L), id)->cursor = cursor;
	return 1;
}

/* sim.command(line) */
static int f_command(lua_State *L)
{
	const char *line = luaL_checkstring(L, 1);
	int64_t id = 0;
	struct err err;

	sandbox_charge(L, FUEL_COMMAND);
	if (world_command(world_of(L), line, &id, &err)) {
		lua_pushinteger(L, id);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, err.what);
	return 2;
}

/* --- time and place ----------------------------------------------------- */

/* sim.now() */
static int f_now(lua_State *L)
{
	lua_pushinteger(L, world_now(world_of(L)));
	return 1;
}

/* sim.wall_ms() */
static int f_wall_ms(lua_State *L)
{
	lua_pushinteger(L, sim_wall_ms(world_now(world_of(L))));
	return 1;
}

/* sim.world() */
static int f_world(lua_State *L)
{
	lua_createtable(L, 0, 2);
	bind_text(L, "name", tools_of(L)->name);
	bind_integer(L, "seed", (int64_t)world_of(L)->state->seed);
	return 1;
}

/* sim.processes() */
static int f_processes(lua_State *L)
{
	bind_push_processes(L, world_of(L));
	return 1;
}

/* sim.machines() */
static int f_machines(lua_State *L)
{
	bind_push_machines(L, world_of(L));
	return 1;
}

static struct machine *check_machine(lua_State *L, int arg)
{
	struct machine *m = machine_find(world_of(L), luaL_checkstring(L, arg));

	luaL_argcheck(L, m, arg, "there is no machine of this name; "
		      "sim.machines() has them all");
	return m;
}

/* sim.ping(from, to) */
static int f_ping(lua_State *L)
{
	sim_time took = net_ping(world_of(L), check_machine(L, 1),
				 check_machine(L, 2));

	if (took == SIM_NEVER)
		lua_pushnil(L);
	else
		lua_pushinteger(L, took);
	return 1;
}

/* --- log lines ---------------------------------------------------------- */

/* Where the last n lines of the process begin. */
static uint64_t last_lines(lua_State *L, const struct process *p, int64_t n)
{
	uint64_t i = log_count(world_of(L));

	while (i && n) {
		sandbox_charge(L, 1);
		n -= log_at(world_of(L), --i)->process == p->id;
	}
	return i;
}

/* As they stand in the program's log file, one a table. */
static void as_printed(lua_State *L, const struct world *w,
		       const struct log_line *line)
{
	struct text t = {0};
	char whole[1024];
	size_t len;

	/* Lua may throw: nothing on the heap then. */
	log_line_text(w, line, &t);
	len = t.len < sizeof(whole) ? t.len : sizeof(whole);
	memcpy(whole, t.at, len);
	text_free(&t);
	bind_bytes(L, "text", whole, len);
}

/* sim.log(process, cursor, max) */
static int f_log(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	const struct process *p = process_find(world_of(L), name);
	int64_t from = luaL_optinteger(L, 2, 0);
	int64_t max = luaL_optinteger(L, 3, LOG_LINES);
	struct bind_log_filter f = { .process = p, .to = SIM_NEVER,
				     .max = max };
	uint64_t cursor;

	luaL_argcheck(L, p, 1, "there is no process of this name; "
		      "sim.processes() has them all");
	cursor = from >= 0 ? (uint64_t)from :
		 last_lines(L, p, from == INT64_MIN ? INT64_MAX : -from);
	bind_push_log(L, world_of(L), &f, &cursor, as_printed);
	lua_pushinteger(L, (lua_Integer)cursor);
	return 2;
}

/* --- completion --------------------------------------------------------- */

/* sim.topics() */
static int f_topics(lua_State *L)
{
	bind_push_topic_names(L, world_of(L));
	return 1;
}

/* sim.groups() */
static int f_groups(lua_State *L)
{
	bind_push_group_names(L, world_of(L));
	return 1;
}

/* --- traces ------------------------------------------------------------- */

#define TRACES	20

/* sim.traces(max) */
static int f_traces(lua_State *L)
{
	bind_push_traces(L, world_of(L), luaL_optinteger(L, 1, TRACES));
	return 1;
}

/* sim.trace(id) */
static int f_trace(lua_State *L)
{
	bind_push_trace(L, world_of(L), 1);
	return 1;
}

/* --- money -------------------------------------------------------------- */

/* sim.bill() */
static int f_bill(lua_State *L)
{
	bind_push_bill(L, world_of(L));
	return 1;
}

/* --- life --------------------------------------------------------------- */

static const luaL_Reg functions[] = {
	{ "now", f_now },
	{ "wall_ms", f_wall_ms },
	{ "command", f_command },
	{ "entries", f_entries },
	{ "world", f_world },
	{ "processes", f_processes },
	{ "machines", f_machines },
	{ "ping", f_ping },
	{ "log", f_log },
	{ "topics", f_topics },
	{ "groups", f_groups },
	{ "traces", f_traces },
	{ "trace", f_trace },
	{ "bill", f_bill },
	{ NULL, NULL },
};

static int make_sim(lua_State *L)
{
	struct tools *t = lua_touserdata(L, 1);

	luaL_newlibtable(L, functions);
	lua_pushvalue(L, 1);
	luaL_setfuncs(L, functions, 1);
	sandbox_protect(L, -1);
	lua_pushvalue(L, -1);
	t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
	return 1;
}

struct tools *tools_new(struct sandbox *s, struct world *w, const char *name,
			struct err *err)
{
	struct tools *t = mem_zeroed(1, sizeof(*t));

	t->world = w;
	snprintf(t->name, sizeof(t->name), "%s", name);
	lua_pushcfunction(sandbox_state(s), make_sim);
	lua_pushlightuserdata(sandbox_state(s), t);
	if (sandbox_call(s, 1, 1, 0, err) &&
	    (sandbox_add_global(s, "sim") ||
	     err_set(err, "there is a global sim already")))
		return t;
	tools_free(t);
	return NULL;
}

void tools_free(struct tools *t)
{
	if (!t)
		return;
	free(t->mailboxes);
	free(t);
}

void tools_push(const struct tools *t, lua_State *L)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, t->ref);
}
