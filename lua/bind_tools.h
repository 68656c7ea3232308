/* bind_tools.h - what a console tool can do with the world: the global `sim`
 *
 * A tool stands where an operator stands: it sends requests over the simulated
 * network and waits for answers, and it looks at the machines it could log in
 * to.  The truth behind that is for checks (bind_world.h).
 *
 * Asking for something is a command in the world's journal.  Its answers come
 * as entries of the terminal's mailbox (sim/stack/terminal.h), under the id
 * that the command gave:
 *
 *	local id, why = sim.command("admin api=list-topics ...")
 *	while await("entry", id, sim.now() + 30 * 10^9) == "ready" do
 *		for _, e in ipairs(sim.entries(id)) do ... end
 *	end
 *
 *	sim.now()		virtual time, ns		sim.wall_ms()	UTC, ms
 *	sim.command(line)	id, or nil and why
 *	sim.entries(id)		those not handed out yet, oldest first:
 *				{ { kind=, at_ns=, text= } ... }; kind is
 *				"reply", "record", "log" or "closed"
 *	sim.world()		{ name=, seed= }
 *	sim.processes()		{ { name=, machine=, zone=, state=, command=,
 *				ports={}, starts=, pid=, started_at=, cpu_ns=,
 *				memory_bytes= } ... }; the last four only while
 *				state is "up" or "hung", not when "down"
 *	sim.machines()		{ { name=, zone=, cores=, cpu_busy_ns=,
 *				memory_bytes=, memory_used_bytes=, disk_bytes=,
 *				disk_used_bytes=, disk_busy_ns=, ... } ... }
 *	sim.ping(from, to)	round trip between machines in ns; nil: lost
 *	sim.log(process [, cursor [, max]])
 *				lines as they stand in its log file, from the
 *				cursor on (0: the first; -20: the last 20), at
 *				most max (1000): { { at=, at_ns=, level=,
 *				text= } ... } and the cursor to go on from
 *	sim.topics()		names, for completion only
 *	sim.groups()		likewise
 *	sim.bill()		what the platform has cost: as w:bill() has it
 *				(README.md)
 */
#ifndef LUA_BIND_TOOLS_H
#define LUA_BIND_TOOLS_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct lua_State;
struct sandbox;
struct tools;
struct world;

/* Make `sim` a global.  The sandbox must be freed before the tools; the world
 * is borrowed, and `name` copied. */
struct tools *tools_new(struct sandbox *s, struct world *w, const char *name,
			struct err *err);
void tools_free(struct tools *t);

/* Push `sim` itself: what completion gets. */
void tools_push(const struct tools *t, struct lua_State *L);

/* Is there an entry that sim.entries(id) would hand out? */
bool tools_have_entry(struct tools *t, int64_t id);

/* The world went back: what was handed out before is forgotten. */
void tools_forget(struct tools *t);

#endif
