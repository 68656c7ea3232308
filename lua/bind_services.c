/* bind_services.c - services and relational stores, as checks see them */
#include "lua/bind_inside.h"
#include "lua/json.h"
#include "lua/sandbox.h"
#include "sim/app/service.h"
#include "sim/app/database.h"
#include "sim/core/err.h"

#define FUEL_ROW	20

static void push_settings(lua_State *L, const struct world *w,
			  const struct service *s)
{
	lua_newtable(L);
	for (uint32_t i = 0; i < s->settings.all.count; i++) {
		const struct setting *one = &s->settings.all.at[i];
		const char *key = world_text(w, one->key);

		sandbox_charge(L, FUEL_ROW);
		if (one->layer == SETTING_ENVIRONMENT)
			continue;
		one = settings_find(w, &s->settings, key);
		lua_createtable(L, 0, 3);
		bind_text(L, "value", world_text(w, one->value));
		bind_text(L, "layer", setting_layer_name(one->layer));
		bind_text(L, "by", world_text(w, one->by));
		lua_setfield(L, -2, key);
	}
}

static void push_service(lua_State *L, const struct world *w,
			 const struct service *s)
{
	const char *why;

	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 14);
	bind_text(L, "name", world_text(w, s->name));
	bind_text(L, "program", world_text(w, s->program));
	bind_text(L, "machine", world_text(w, s->host->process->machine->name));
	bind_text(L, "state", service_state_name(s->state));
	bind_bool(L, "ready", service_ready(w, s, &why));
	bind_bool(L, "healthy", !s->unhealthy);
	bind_integer(L, "restarts", s->restarts);
	if (s->exit_code >= 0)
		bind_integer(L, "exit_code", s->exit_code);
	bind_integer(L, "processed", s->processed ? s->processed->value : 0);
	bind_integer(L, "produced", (int64_t)s->produced);
	bind_integer(L, "failed", (int64_t)s->failed);
	bind_integer(L, "queued", s->queued);
	bind_integer(L, "working", s->working);
	push_settings(L, w, s);
	lua_setfield(L, -2, "settings");
}

void bind_push_services(lua_State *L, const struct world *w)
{
	const struct services *all = services_of(w);

	lua_newtable(L);
	for (uint32_t i = 0; all && i < all->all.count; i++) {
		push_service(L, w, all->all.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

/* Rows of a SELECT, by the committed truth; the text of an error is raised
 * once nothing is left on the heap. */
void bind_push_rows(lua_State *L, struct world *w, const char *name,
		    const char *select)
{
	struct database *st = services_of(w) ? database_find(w, name) : NULL;
	struct sql_error e = { .message = "this fails" };
	struct text json = {0};
	struct err err;
	bool good;

	if (!st)
		luaL_error(L, "there is no store %s in this world", name);
	good = database_look(w, st, select, &json, &e);
	if (good) {
		/* a copy in Lua first: what follows may raise */
		lua_pushlstring(L, json.at, json.len);
		text_free(&json);
		sandbox_charge(L, (int64_t)lua_rawlen(L, -1));
		good = json_push(L, lua_tostring(L, -1), lua_rawlen(L, -1),
				 &err);
	} else {
		text_free(&json);
	}
	if (!good)
		luaL_error(L, "%s", e.message);
	lua_getfield(L, -1, "rows");
}
