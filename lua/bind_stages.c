/* bind_stages.c - stages for a million devices, as tables
 *
 * The truth of a stage is not always exact: each figure comes with how far it
 * can be trusted (sim/device/figure.h), so that a check can refuse to decide by
 * an estimate, or use its interval.
 */
#include "lua/bind_inside.h"
#include "lua/sandbox.h"
#include "sim/core/world.h"
#include "sim/device/ingest_words.h"

#define FUEL_ROW	20

static void set_figure(lua_State *L, const struct ingest_word *word,
		       const struct figure *f)
{
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 6);
	bind_text(L, "fidelity", fidelity_badge(f->fidelity));
	if (f->there && word->is_time) {
		bind_time(L, "value", f->value);
		bind_time(L, "low", f->low);
		bind_time(L, "high", f->high);
	} else if (f->there) {
		bind_integer(L, "value", f->value);
		bind_integer(L, "low", f->low);
		bind_integer(L, "high", f->high);
	}
	if (f->there) {
		bind_bool(L, "open", f->open);
		bind_integer(L, "n", (int64_t)f->n);
	}
	lua_setfield(L, -2, word->name);
}

static void push_stage(lua_State *L, const struct world *w,
		       const struct ingest *s)
{
	struct ingest_answer a;

	/* Asking looks at each partition. */
	sandbox_charge(L, FUEL_ROW + (int64_t)ingest_partitions(s));
	ingest_ask(w, s, &a);
	lua_createtable(L, 0, 16);
	bind_text(L, "name", ingest_name(w, s));
	bind_integer(L, "partitions", ingest_partitions(s));
	bind_time(L, "as_of", a.as_of);
	for (const struct ingest_word *word = ingest_words; word->name; word++)
		set_figure(L, word, ingest_figure(&a, word));
}

void bind_push_stages(lua_State *L, const struct world *w)
{
	lua_newtable(L);
	for (uint32_t i = 0; i < ingest_count(w); i++) {
		push_stage(L, w, ingest_at(w, i));
		bind_append(L, (lua_Integer)i + 1);
	}
}
