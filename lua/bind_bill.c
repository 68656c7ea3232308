/* bind_bill.c - what the run has cost, as tables
 *
 * Money comes twice, like time: `cost` in dollars to look at, `cost_nano` in
 * whole nano-dollars to add and compare.
 */
#include "lua/bind_inside.h"

#include <stdio.h>

#include "lua/sandbox.h"
#include "sim/core/world.h"
#include "sim/host/host.h"
#include "sim/host/price.h"

#define FUEL_ROW 20

static void set_money(lua_State *L, const char *key, int64_t nano_dollars)
{
	char exactly[32];

	snprintf(exactly, sizeof(exactly), "%s_nano", key);
	bind_number(L, key, (double)nano_dollars / 1e9);
	bind_integer(L, exactly, nano_dollars);
}

static void push_item(lua_State *L, const struct bill *b, enum bill_item i)
{
	const struct bill_word *word = &bill_words[i];

	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 6);
	bind_text(L, "name", word->name);
	bind_text(L, "price", word->price);
	set_money(L, "cost", b->cost[i]);
	if (!*word->unit)
		return;
	bind_integer(L, "used", b->used[i]);
	bind_text(L, "unit", word->unit);
}

/* Sums of the table on top. */
static void set_bill(lua_State *L, const struct bill *b)
{
	set_money(L, "total", bill_total(b));
	set_money(L, "hourly", b->hourly);
	lua_createtable(L, BILL_ITEMS, 0);
	for (int i = 0; i < BILL_ITEMS; i++) {
		push_item(L, b, (enum bill_item)i);
		bind_append(L, i + 1);
	}
	lua_setfield(L, -2, "items");
}

static void push_machine(lua_State *L, const struct world *w,
			 const struct machine *m)
{
	struct bill b;

	price_of_machine(w, m, &b);
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 9);
	bind_text(L, "name", world_text(w, m->name));
	bind_text(L, "profile", world_text(w, m->profile));
	bind_text(L, "zone", world_text(w, m->zone));
	if (m->region)
		bind_text(L, "region", world_text(w, m->region));
	set_bill(L, &b);
}

void bind_push_bill(lua_State *L, const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	struct bill b;

	price_of_run(w, &b);
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 6);
	set_bill(L, &b);
	lua_createtable(L, (int)h->machines.count, 0);
	for (uint32_t i = 0; i < h->machines.count; i++) {
		push_machine(L, w, h->machines.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "machines");
}
