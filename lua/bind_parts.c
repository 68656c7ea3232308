/* bind_parts.c - fleets, applications and faults, as tables
 *
 * Unlike the clients inside them (bind_clients.c), these outlive a restart,
 * and so do their counters.
 */
#include "lua/bind_inside.h"
#include "lua/sandbox.h"
#include "sim/core/world.h"
#include "sim/device/audit.h"
#include "sim/device/fleet.h"
#include "sim/fault/fault.h"
#include "sim/stack/app.h"
#include "sim/stack/events.h"

#define FUEL_ROW	20

static const char *state_of(const struct process *p)
{
	return p->state == PROCESS_UP ? "up" :
	       p->state == PROCESS_HUNG ? "hung" : "down";
}

/* --- fleets ------------------------------------------------------------- */

static void push_fleet(lua_State *L, const struct world *w,
		       const struct fleet *f)
{
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 10);
	bind_text(L, "name", world_text(w, f->name));
	bind_text(L, "topic", world_text(w, f->topic));
	bind_text(L, "gateway", world_text(w, f->gateway->process->name));
	bind_text(L, "state", state_of(f->gateway->process));
	bind_integer(L, "devices", f->devices);
	bind_number(L, "period", (double)f->period / 1e9);
	bind_integer(L, "produced", (int64_t)f->produced);
	bind_integer(L, "dropped", (int64_t)f->dropped);
	bind_integer(L, "acked", (int64_t)fleet_acked(f));
	bind_integer(L, "failed", (int64_t)(f->failed_before +
		     (f->producer ? f->producer->failed : 0)));
}

void bind_push_fleets(lua_State *L, const struct world *w)
{
	const struct fleets *all = fleets_of(w);

	lua_newtable(L);
	for (uint32_t i = 0; all && i < all->all.count; i++) {
		push_fleet(L, w, all->all.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

/* The audit looks at every reading: some 2 ns each. */
void bind_push_audit(lua_State *L, const struct world *w, const char *name)
{
	const struct fleet *f = fleet_find(w, name);
	struct fleet_audit a;

	if (!f) {
		lua_pushnil(L);
		return;
	}
	sandbox_charge(L, FUEL_ROW + (int64_t)(f->produced / 4));
	fleet_audit(w, f, &a);
	lua_createtable(L, 0, 7);
	bind_integer(L, "produced", (int64_t)a.produced);
	bind_integer(L, "acked", (int64_t)a.acked);
	bind_integer(L, "stored", (int64_t)a.stored);
	bind_integer(L, "lost", (int64_t)a.lost);
	bind_integer(L, "duplicated", (int64_t)a.duplicated);
	bind_integer(L, "reordered", (int64_t)a.reordered);
	bind_integer(L, "unreadable", (int64_t)a.unreadable);
}

/* --- applications ------------------------------------------------------- */

static void push_app(lua_State *L, const struct world *w, const struct app *a)
{
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 6);
	bind_text(L, "name", world_text(w, a->name));
	bind_text(L, "topic", world_text(w, a->topic));
	bind_text(L, "group", world_text(w, a->group));
	bind_text(L, "state", state_of(a->host->process));
	bind_integer(L, "work_ns", a->work_ns);
	bind_integer(L, "processed", (int64_t)a->processed);
}

void bind_push_apps(lua_State *L, const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	lua_Integer n = 0;

	lua_newtable(L);
	for (uint32_t i = 0; i < h->processes.count; i++) {
		const struct app *a = app_of(h->processes.at[i]);

		if (!a)
			continue;
		push_app(L, w, a);
		bind_append(L, ++n);
	}
}

/* --- faults ------------------------------------------------------------- */

static void push_fault(lua_State *L, const struct world *w,
		       const struct fault *f)
{
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 10);
	bind_integer(L, "number", f->number);
	bind_text(L, "kind", fault_kinds[f->kind].id);
	bind_text(L, "mechanism", world_text(w, f->mechanism));
	bind_text(L, "component", world_text(w, f->component));
	bind_text(L, "args", world_text(w, f->args));
	bind_bool(L, "active", fault_active(f));
	bind_bool(L, "planned", f->planned);
	bind_time(L, "at", f->at);
	if (f->healed_at != SIM_NEVER)
		bind_time(L, "healed", f->healed_at);
}

void bind_push_faults(lua_State *L, const struct world *w)
{
	const struct faults *all = faults_of(w);

	lua_newtable(L);
	for (uint32_t i = 0; all && i < all->ledger.count; i++) {
		push_fault(L, w, all->ledger.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}
