/* bind.h - what all bindings to a world have in common
 *
 * A binding does three things only: check, call, push.  What scripts get are
 * copies: tables of names, numbers and times, never a handle on something
 * inside the world, for a rewind would leave it hanging in the air.  And
 * reading changes nothing: a world that was looked at has the same future and
 * the same digest as one that was not.
 *
 *	bind_tools.c	`sim`: what a console tool can do (bind_tools.h)
 *	bind_world.c	`w`: the world of exercises (bind_world.h)
 *	bind_history.c	`h`: what happened in it
 *	bind_setup.c	`s`: the world and the power to change it
 *	bind_hosts.c	machines, processes, log lines
 *	bind_broker.c	topics, partitions, records, brokers
 *	bind_groups.c	consumer groups
 *	bind_clients.c	producers and consumers
 *	bind_parts.c	fleets, applications, faults
 *	bind_services.c	services, rows of a store
 *	bind_query.c	PromQL
 *	bind_bill.c	what it has cost
 *	bind_stages.c	stages, with the fidelity of each figure
 *
 * Times.  Scripts give a time or a span as a number of seconds or as text
 * ("90s", "5m"), and get it twice: `at` in seconds, `at_ns` exactly.
 */
#ifndef LUA_BIND_H
#define LUA_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "sim/core/simtime.h"

struct log_line;
struct machine;
struct process;
struct record_view;
struct text;
struct world;

/* --- tables ------------------------------------------------------------- */

/* Set a field of the table on top. */
void bind_integer(lua_State *L, const char *key, int64_t value);
void bind_number(lua_State *L, const char *key, double value);
void bind_bool(lua_State *L, const char *key, bool value);
void bind_text(lua_State *L, const char *key, const char *value);
void bind_bytes(lua_State *L, const char *key, const char *bytes, size_t len);
/* headers = { { key =, value = }, ... }, in their order; a null value is none */
void bind_headers(lua_State *L, const struct record_view *view);
/* Such a list, on top, added to *headers for a record; an error of argument
 * `arg` adds nothing. */
void bind_check_headers(lua_State *L, int arg, struct text *headers);
/* `KEY` in seconds and `KEY_ns`. */
void bind_time(lua_State *L, const char *key, sim_time at);

/* Append the value on top to the list below it, as element n. */
void bind_append(lua_State *L, lua_Integer n);

/* --- arguments ---------------------------------------------------------- */

/* A time or span at `arg`: seconds, or text like "90s".  Not negative. */
sim_time bind_check_time(lua_State *L, int arg);

/*
 * Options are a table of named arguments, at `arg`; without one it is as if it
 * were empty.  bind_options refuses names that are not in `known` (a list of
 * them, blanks between), so that a slip of the pen is not silently ignored.
 */
void bind_options(lua_State *L, int arg, const char *known);
/* The value of an option, or `otherwise`.  The text lives as long as the
 * table. */
const char *bind_option_text(lua_State *L, int arg, const char *key,
			     const char *otherwise);
int64_t bind_option_integer(lua_State *L, int arg, const char *key,
			    int64_t otherwise);
sim_time bind_option_time(lua_State *L, int arg, const char *key,
			  sim_time otherwise);

/* --- what is pushed in more than one place ------------------------------ */

void bind_push_processes(lua_State *L, const struct world *w);
void bind_push_process(lua_State *L, const struct world *w,
		       const struct process *p);
void bind_push_machines(lua_State *L, const struct world *w);
void bind_push_machine(lua_State *L, const struct world *w,
		       const struct machine *m);
void bind_push_bill(lua_State *L, const struct world *w);

/* Which log lines. */
struct bind_log_filter {
	const struct process *process;	/* NULL: all */
	const char *match;		/* plain text in it; NULL: any */
	int level;			/* enum log_level; this or worse */
	sim_time from, to;		/* both in */
	int64_t max;
};

/*
 * Scan from line *cursor on and push a list of those that fit; *cursor is then
 * where to go on.  `fill` (NULL: process and bare text) sets further fields of
 * the table on top.
 */
typedef void bind_log_fill(lua_State *L, const struct world *w,
			   const struct log_line *line);
void bind_push_log(lua_State *L, const struct world *w,
		   const struct bind_log_filter *f, uint64_t *cursor,
		   bind_log_fill *fill);
int64_t bind_count_log(lua_State *L, const struct world *w,
		       const struct bind_log_filter *f);
/* "WARN" to LOG_WARN; -1: no such level. */
int bind_log_level(const char *name);

#endif
