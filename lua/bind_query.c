/* bind_query.c - PromQL, asked of the monitor's store
 *
 * What the monitor has scraped, no more: late and incomplete, as an operator
 * sees it.  Asking costs the world nothing, and does not need the monitor to
 * be up: a dead Prometheus's disk can be read.
 */
#include "lua/bind_inside.h"
#include "lua/sandbox.h"
#include "sim/core/world.h"
#include "sim/monitor/monitor.h"
#include "sim/tsdb/promql_eval.h"

#define RESULT_TYPE	"millrace.promql"
#define STEP_S		15
#define POINTS_MAX	11000	/* of one series, as Prometheus has it */

/* --- results on the heap ------------------------------------------------ */

struct held {
	struct promql_result result;
	bool full;
};

static int result_gc(lua_State *L)
{
	struct held *h = luaL_checkudata(L, 1, RESULT_TYPE);

	if (h->full)
		promql_result_free(&h->result);
	h->full = false;
	return 0;
}

/* Push what frees a result whatever Lua throws. */
static struct held *push_held(lua_State *L)
{
	struct held *h = lua_newuserdatauv(L, sizeof(*h), 0);

	h->full = false;
	if (luaL_newmetatable(L, RESULT_TYPE)) {
		lua_pushcfunction(L, result_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return h;
}

static void release(struct held *h)
{
	h->full = false;
	promql_result_free(&h->result);
}

/* Pay for the work; raise what went wrong. */
static void settle(lua_State *L, struct held *h)
{
	h->full = true;
	if (h->result.status != PROMQL_OK) {
		lua_pushstring(L, h->result.error);
		release(h);
		luaL_error(L, "query: %s", lua_tostring(L, -1));
	}
	sandbox_charge(L, 20 + (int64_t)(h->result.work + h->result.samples));
}

static const struct tsdb *check_store(lua_State *L, const struct world *w)
{
	const struct monitor *m = monitor_first(w);

	if (!m)
		luaL_error(L, "this world has no Prometheus to ask; pick one "
			   "with a monitor");
	return m->tsdb;
}

/* --- as tables ---------------------------------------------------------- */

/* From the wall clock's ms to virtual time. */
static sim_time virtual(int64_t t_ms)
{
	return SIM_MS(t_ms - SIM_EPOCH_MS);
}

static void push_labels(lua_State *L, const struct promql_series *s)
{
	lua_createtable(L, 0, (int)s->label_count);
	for (uint32_t i = 0; i < s->label_count; i++)
		bind_text(L, s->labels[i].name, s->labels[i].value);
}

static void push_points(lua_State *L, const struct promql_series *s)
{
	sandbox_charge(L, 4 * (int64_t)s->point_count);
	lua_createtable(L, (int)s->point_count, 0);
	for (uint32_t i = 0; i < s->point_count; i++) {
		lua_createtable(L, 0, 3);
		bind_time(L, "at", virtual(s->points[i].t_ms));
		bind_number(L, "value", s->points[i].v);
		bind_append(L, (lua_Integer)i + 1);
	}
}

/* Of what is not exact, on the table on top. */
static void set_fidelity(lua_State *L, enum fidelity f)
{
	if (f != FIDELITY_EXACT)
		bind_text(L, "fidelity", fidelity_badge(f));
}

static void push_series(lua_State *L, const struct promql_result *r)
{
	lua_createtable(L, (int)r->series_count, 0);
	for (uint32_t i = 0; i < r->series_count; i++) {
		const struct promql_series *s = &r->series[i];

		sandbox_charge(L, 10 + 2 * s->label_count);
		lua_createtable(L, 0, 3);
		push_labels(L, s);
		lua_setfield(L, -2, "labels");
		set_fidelity(L, r->fidelity);
		if (r->type == PROMQL_MATRIX) {
			push_points(L, s);
			lua_setfield(L, -2, "points");
		} else {
			bind_number(L, "value", s->points[0].v);
		}
		bind_append(L, (lua_Integer)i + 1);
	}
}

/* A scalar or a string: a list of one without labels. */
static void push_single(lua_State *L, const struct promql_result *r)
{
	lua_createtable(L, 1, 0);
	lua_createtable(L, 0, 3);
	lua_newtable(L);
	lua_setfield(L, -2, "labels");
	set_fidelity(L, r->fidelity);
	if (r->type == PROMQL_STRING)
		bind_text(L, "value", r->string);
	else
		bind_number(L, "value", r->scalar);
	bind_append(L, 1);
}

static int push_result(lua_State *L, struct held *h)
{
	settle(L, h);
	if (h->result.type == PROMQL_SCALAR || h->result.type == PROMQL_STRING)
		push_single(L, &h->result);
	else
		push_series(L, &h->result);
	release(h);
	return 1;
}

/* --- asking ------------------------------------------------------------- */

static sim_time opt_time(lua_State *L, int arg, sim_time otherwise)
{
	return lua_isnoneornil(L, arg) ? otherwise : bind_check_time(L, arg);
}

/* w:query(promql [, at]) */
int bind_query(lua_State *L)
{
	const struct world *w = bind_check_world(L);
	const char *query = luaL_checkstring(L, 2);
	sim_time at = opt_time(L, 3, world_now(w));
	const struct tsdb *db = check_store(L, w);
	struct held *h = push_held(L);

	promql_instant(w, db, query, sim_wall_ms(at), &h->result);
	return push_result(L, h);
}

/* w:query_range(promql, from, to [, step]) */
int bind_query_range(lua_State *L)
{
	const struct world *w = bind_check_world(L);
	const char *query = luaL_checkstring(L, 2);
	sim_time from = opt_time(L, 3, 0), to = opt_time(L, 4, world_now(w));
	sim_time step = opt_time(L, 5, SIM_S(STEP_S));
	const struct tsdb *db = check_store(L, w);
	struct held *h;

	luaL_argcheck(L, to >= from, 4, "it ends before it begins");
	luaL_argcheck(L, step >= SIM_MS(1), 5, "a step is at least 1ms");
	luaL_argcheck(L, (to - from) / step < POINTS_MAX, 5,
		      "more than 11000 points for a series; take a longer "
		      "step");
	h = push_held(L);
	promql_range(w, db, query, sim_wall_ms(from), sim_wall_ms(to),
		     step / SIM_MS(1), &h->result);
	return push_result(L, h);
}
