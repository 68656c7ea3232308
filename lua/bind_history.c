/* bind_history.c - `h`: what happened in a world */
#include <string.h>

#include "lua/bind_broker.h"
#include "lua/bind_inside.h"
#include "lua/bind_world.h"
#include "lua/sandbox.h"
#include "lua/session.h"
#include "sim/core/world.h"
#include "sim/host/host.h"
#include "sim/telemetry/telemetry.h"

#define LOG_LINES	1000

/* --- what was typed ----------------------------------------------------- */

static void push_command(lua_State *L, const struct session_line *line)
{
	sandbox_charge(L, 20 + (int64_t)line->output_len / 64);
	lua_createtable(L, 0, 8);
	bind_time(L, "at", line->at);
	bind_text(L, "line", line->line);
	bind_bytes(L, "output", line->output, line->output_len);
	if (line->ended_at == SIM_NEVER)
		return;			/* it still runs */
	bind_time(L, "ended", line->ended_at);
	bind_integer(L, "exit_code", line->exit_code);
}

/* h:commands() */
static int h_commands(lua_State *L)
{
	const struct session *s = bind_session(bind_check(L));
	size_t count = s ? session_line_count(s) : 0;

	lua_createtable(L, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		struct session_line line = session_line_at(s, i);

		push_command(L, &line);
		bind_append(L, (lua_Integer)i + 1);
	}
	return 1;
}

/* --- what was logged ---------------------------------------------------- */

static const struct process *check_process(lua_State *L, const struct world *w)
{
	const char *name = bind_option_text(L, 2, "process", NULL);
	const struct process *p = name ? process_find(w, name) : NULL;

	if (name && !p)
		luaL_error(L, "there is no process '%s'; w:processes() has "
			   "them all", name);
	return p;
}

static struct bind_log_filter check_filter(lua_State *L, const struct world *w)
{
	const char *level = bind_option_text(L, 2, "level", "DEBUG");
	struct bind_log_filter f = {
		.process = check_process(L, w),
		.match = bind_option_text(L, 2, "match", NULL),
		.level = bind_log_level(level),
		.from = bind_option_time(L, 2, "from", 0),
		.to = bind_option_time(L, 2, "to", SIM_NEVER),
		.max = INT64_MAX,
	};

	luaL_argcheck(L, f.level >= 0, 2,
		      "a level is DEBUG, INFO, WARN or ERROR");
	return f;
}

/* h:log{process=, match=, level=, from=, to=, max=} */
static int h_log(lua_State *L)
{
	const struct world *w = bind_check_world(L);
	struct bind_log_filter f;
	uint64_t cursor = 0;

	bind_options(L, 2, "process match level from to max");
	f = check_filter(L, w);
	f.max = bind_option_integer(L, 2, "max", LOG_LINES);
	bind_push_log(L, w, &f, &cursor, NULL);
	return 1;
}

/* h:count_log{process=, match=, level=, from=, to=} */
static int h_count_log(lua_State *L)
{
	const struct world *w = bind_check_world(L);
	struct bind_log_filter f;

	bind_options(L, 2, "process match level from to");
	f = check_filter(L, w);
	lua_pushinteger(L, bind_count_log(L, w, &f));
	return 1;
}

/* --- what was decided --------------------------------------------------- */

/* The topic alone, or a table of options. */
static int push_changes(lua_State *L, enum bind_changes which)
{
	const struct world *w = bind_check_world(L);

	if (lua_type(L, 2) == LUA_TSTRING) {
		lua_createtable(L, 0, 1);
		lua_pushvalue(L, 2);
		lua_setfield(L, -2, "topic");
		lua_replace(L, 2);
	}
	bind_options(L, 2, "topic from to");
	bind_push_changes(L, w, which, bind_option_text(L, 2, "topic", NULL),
			  bind_option_time(L, 2, "from", 0),
			  bind_option_time(L, 2, "to", SIM_NEVER));
	return 1;
}

/* h:leader_changes(topic) or {topic=, from=, to=} */
static int h_leader_changes(lua_State *L)
{
	return push_changes(L, BIND_LEADERS);
}

/* h:isr_changes(topic) or {topic=, from=, to=} */
static int h_isr_changes(lua_State *L)
{
	return push_changes(L, BIND_ISRS);
}

static const luaL_Reg history_methods[] = {
	{ "commands", h_commands },
	{ "log", h_log },
	{ "count_log", h_count_log },
	{ "leader_changes", h_leader_changes },
	{ "isr_changes", h_isr_changes },
	{ "query_range", bind_query_range },
	{ NULL, NULL },
};

void bind_history_push(lua_State *L, struct world *w,
		       const struct session *session)
{
	static const struct bind_type type = {
		"millrace.history", "h", { history_methods },
	};

	/* Its methods only read the transcript. */
	bind_handle_push(L, &type, w, (struct session *)session);
}
