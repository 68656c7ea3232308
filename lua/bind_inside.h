/* bind_inside.h - what the files behind `w`, `h` and `s` share */
#ifndef LUA_BIND_INSIDE_H
#define LUA_BIND_INSIDE_H

#include <lauxlib.h>
#include <lua.h>

#include "lua/bind.h"

struct session;
struct session_ticket;

/* What a handle holds; world NULL: it has ended. */
struct bind_handle {
	struct world *world;
	struct session_ticket *ticket;	/* history, setup; NULL: none */
};

/* One of the three kinds of handle. */
struct bind_type {
	const char *name;		/* of the metatable */
	const char *letter;		/* as exercises call it */
	const luaL_Reg *methods[3];	/* NULL behind the last */
};

/* Push a handle of this type. */
void bind_handle_push(lua_State *L, const struct bind_type *type,
		      struct world *w, struct session *session);

/* The handle that a method was called on, whatever its type; a Lua error if
 * it is none, or its world has ended. */
struct bind_handle *bind_check(lua_State *L);
struct world *bind_check_world(lua_State *L);
/* Its session; NULL: it has none, or not any more. */
struct session *bind_session(const struct bind_handle *h);

extern const luaL_Reg bind_world_methods[];	/* bind_world.c */

/* bind_clients.c */
void bind_push_clients(lua_State *L, const struct world *w);

/* bind_parts.c */
void bind_push_fleets(lua_State *L, const struct world *w);
void bind_push_audit(lua_State *L, const struct world *w, const char *name);
void bind_push_apps(lua_State *L, const struct world *w);
void bind_push_faults(lua_State *L, const struct world *w);

/* bind_stages.c */
void bind_push_stages(lua_State *L, const struct world *w);
/* bind_services.c */
void bind_push_services(lua_State *L, const struct world *w);
/* Rows of a SELECT, asked of the store of this name. */
void bind_push_rows(lua_State *L, struct world *w, const char *name,
		    const char *select);

/* bind_query.c: w:query(...), also h:query_range(...) */
int bind_query(lua_State *L);
int bind_query_range(lua_State *L);

#endif
