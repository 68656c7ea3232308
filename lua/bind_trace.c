/* bind_trace.c - traces and their spans as Lua tables */
#include "lua/bind_trace.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/bind.h"
#include "lua/sandbox.h"

#define FUEL_SPAN	10		/* a table and its attributes */
#define ID_DIGITS	32

static void put_id(lua_State *L, const char *key, struct trace_id id)
{
	char text[ID_DIGITS + 1];

	snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64, id.high,
		 id.low);
	bind_text(L, key, text);
}

static void put_span_id(lua_State *L, const char *key, uint64_t id)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, id);
	if (id)
		bind_text(L, key, text);
}

static void put_span(lua_State *L, const struct world *w,
		     const struct span_record *s)
{
	bind_text(L, "name", world_text(w, s->name));
	bind_text(L, "process", world_text(w,
		  hosts_of(w)->processes.at[s->process]->name));
	bind_time(L, "at", s->begin);
	bind_number(L, "seconds", (double)(s->end - s->begin) / 1e9);
}

/* The tree in Lua's own memory, since Lua may throw. */
static struct trace_node *take_tree(lua_State *L, const struct world *w,
				    struct trace_id id, uint32_t *count)
{
	struct trace_node *nodes, *kept;

	sandbox_charge(L, (int64_t)(span_count(w) / 16) + FUEL_SPAN);
	*count = trace_tree(w, id, &nodes);
	kept = lua_newuserdatauv(L, (*count + 1) * sizeof(*kept), 0);
	memcpy(kept, nodes, *count * sizeof(*kept));
	free(nodes);
	return kept;
}

static void push_summary(lua_State *L, const struct world *w,
			 const struct span_record *root)
{
	struct trace_node *nodes;
	sim_time end = root->end;
	int64_t errors = 0;
	uint32_t n;

	nodes = take_tree(L, w, root->context.trace, &n);
	for (uint32_t i = 0; i < n; i++) {
		errors += nodes[i].span->status == SPAN_ERROR;
		if (nodes[i].span->end > end)
			end = nodes[i].span->end;
	}
	lua_createtable(L, 0, 7);
	put_id(L, "id", root->context.trace);
	put_span(L, w, root);
	bind_number(L, "seconds", (double)(end - root->begin) / 1e9);
	bind_integer(L, "spans", n);
	bind_integer(L, "errors", errors);
	lua_remove(L, -2);		/* the tree */
}

void bind_push_traces(lua_State *L, const struct world *w, int64_t max)
{
	lua_Integer n = 0;

	lua_newtable(L);
	for (uint64_t i = span_count(w); i > 0 && n < max; i--) {
		const struct span_record *s = span_at(w, i - 1);

		sandbox_charge(L, 1);
		if (s->parent)
			continue;
		push_summary(L, w, s);
		bind_append(L, ++n);
	}
}

static void push_attributes(lua_State *L, const struct world *w,
			    const struct span_record *s)
{
	lua_createtable(L, 0, s->attributes);
	for (uint32_t i = 0; i < s->attributes; i++)
		bind_text(L, world_text(w, s->at[i].name),
			  world_text(w, s->at[i].value));
	lua_setfield(L, -2, "attributes");
}

static void push_node(lua_State *L, const struct world *w,
		      const struct trace_node *node)
{
	static const char *const kinds[] = {
		"internal", "server", "client", "producer", "consumer",
	};
	static const char *const states[] = { "unset", "ok", "error" };
	const struct span_record *s = node->span;

	sandbox_charge(L, FUEL_SPAN);
	lua_createtable(L, 0, 10);
	put_span(L, w, s);
	put_span_id(L, "id", s->context.span);
	put_span_id(L, "parent", s->parent);
	bind_text(L, "kind", kinds[s->kind]);
	bind_text(L, "status", states[s->status]);
	bind_integer(L, "depth", node->depth);
	push_attributes(L, w, s);
}

static bool read_id(const char *text, struct trace_id *id)
{
	return strlen(text) == ID_DIGITS &&
	       strspn(text, "0123456789abcdef") == ID_DIGITS &&
	       sscanf(text, "%16" SCNx64 "%16" SCNx64, &id->high,
		      &id->low) == 2;
}

void bind_push_trace(lua_State *L, const struct world *w, int arg)
{
	struct trace_node *nodes;
	struct trace_id id;
	uint32_t n;

	luaL_argcheck(L, read_id(luaL_checkstring(L, arg), &id), arg,
		      "a trace id is 32 digits, 0-9 and a-f");
	nodes = take_tree(L, w, id, &n);
	lua_createtable(L, (int)n, 0);
	for (uint32_t i = 0; i < n; i++) {
		push_node(L, w, &nodes[i]);
		bind_append(L, i + 1);
	}
	lua_remove(L, -2);
}
