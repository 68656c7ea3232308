/* bind_trace.h - traces and their spans as Lua tables */
#ifndef LUA_BIND_TRACE_H
#define LUA_BIND_TRACE_H

#include <lua.h>

#include "sim/telemetry/span.h"

/* The last `max` traces whose root is over, newest first: { id =, name =,
 * process =, at =, seconds =, spans =, errors = }. */
void bind_push_traces(lua_State *L, const struct world *w, int64_t max);

/* The spans of the trace whose id is argument `arg`, 32 hexadecimal digits:
 * each before its children, { name =, kind =, process =, depth =, at =,
 * seconds =, status =, id =, parent =, attributes = }.  None: an empty list. */
void bind_push_trace(lua_State *L, const struct world *w, int arg);

#endif
