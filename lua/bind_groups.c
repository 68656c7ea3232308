/* bind_groups.c - consumer groups, as tables
 *
 * A group lives in its coordinator, the broker that leads its partition of
 * __consumer_offsets.  While nobody leads that, nobody knows the group.
 */
#include "lua/bind_broker.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/bind.h"
#include "lua/sandbox.h"
#include "sim/broker/groups.h"

#define FUEL_ROW	20

/* Does this broker speak for the group? */
static bool speaks(const struct world *w, const struct cluster *c,
		   const struct broker *b, const struct group *g)
{
	return g && g->state != GROUP_DEAD &&
	       group_coordinator(w, c, world_text(w, g->id)) == b;
}

static const struct group *find(const struct world *w, const struct cluster *c,
				const char *id)
{
	name_id name = names_find(&w->state->names, id);
	const struct broker *b = name ? group_coordinator(w, c, id) : NULL;

	return b && b->groups ? group_find(b->groups, name) : NULL;
}

static size_t all_groups(const struct cluster *c)
{
	size_t n = 0;

	for (uint32_t i = 0; c && i < c->brokers.count; i++)
		if (c->brokers.at[i]->groups)
			n += c->brokers.at[i]->groups->by_name.count;
	return n;
}

void bind_push_group_names(lua_State *L, const struct world *w)
{
	const struct cluster *c = cluster_of(w);
	const char **names = lua_newuserdatauv(L, (all_groups(c) + 1) *
						  sizeof(*names), 0);
	size_t n = 0;

	for (uint32_t i = 0; c && i < c->brokers.count; i++) {
		const struct broker *b = c->brokers.at[i];
		const struct map *m = b->groups ? &b->groups->by_name : NULL;

		for (uint32_t k = 0; m && k < m->count; k++) {
			const struct group *g = m->entries[k].value;

			if (speaks(w, c, b, g))
				names[n++] = world_text(w, g->id);
		}
	}
	bind_push_sorted(L, names, n);
	lua_remove(L, -2);
}

/* --- tables by topic and partition -------------------------------------- */

/* Push the table at KEY of the one on top, made if need be. */
static void push_inner(lua_State *L, const char *key)
{
	if (lua_getfield(L, -1, key) != LUA_TNIL)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, key);
}

/* t[topic][partition] = value, for the table on top. */
static void set_by_partition(lua_State *L, const struct world *w,
			     const struct partition *p, int64_t value)
{
	push_inner(L, world_text(w, p->topic->name));
	lua_pushinteger(L, value);
	lua_rawseti(L, -2, p->index);
	lua_pop(L, 1);
}

/* What a consumer of the group has yet to read, as kafka-consumer-groups
 * counts it: up to the high watermark. */
static int64_t lag_of(const struct cluster *c, const struct partition *p,
		      int64_t offset)
{
	const struct replica *r = bind_replica(c, p);

	return r && r->high_watermark > offset ? r->high_watermark - offset : 0;
}

static void set_offsets(lua_State *L, const struct world *w,
			const struct cluster *c, const struct group *g)
{
	int64_t sum = 0;

	sandbox_charge(L, FUEL_ROW + g->offsets.count);
	lua_newtable(L);
	for (uint32_t i = 0; i < g->offsets.count; i++)
		set_by_partition(L, w, c->partitions.at[
				 g->offsets.at[i].partition],
				 g->offsets.at[i].offset);
	lua_setfield(L, -2, "offsets");
	lua_newtable(L);
	for (uint32_t i = 0; i < g->offsets.count; i++) {
		const struct committed *o = &g->offsets.at[i];
		const struct partition *p = c->partitions.at[o->partition];
		int64_t lag = lag_of(c, p, o->offset);

		sum += lag;
		set_by_partition(L, w, p, lag);
	}
	lua_setfield(L, -2, "lag");
	bind_integer(L, "total_lag", sum);
}

/* --- members ------------------------------------------------------------ */

static void push_assignment(lua_State *L, const struct world *w,
			    const struct cluster *c, const struct member *m)
{
	lua_newtable(L);
	for (uint32_t i = 0; i < m->assigned.count; i++) {
		const struct partition *p = c->partitions.at[m->assigned.at[i]];

		push_inner(L, world_text(w, p->topic->name));
		lua_pushinteger(L, p->index);
		bind_append(L, (lua_Integer)lua_rawlen(L, -2) + 1);
		lua_pop(L, 1);
	}
}

static void push_member(lua_State *L, const struct world *w,
			const struct cluster *c, const struct member *m)
{
	sandbox_charge(L, FUEL_ROW + m->assigned.count);
	lua_createtable(L, 0, 7);
	bind_text(L, "id", world_text(w, m->id));
	if (m->instance)
		bind_text(L, "instance", world_text(w, m->instance));
	bind_text(L, "client", world_text(w, m->client_id));
	bind_text(L, "host", world_text(w, m->host));
	bind_text(L, "process", world_text(w, m->process->name));
	lua_createtable(L, (int)m->topic_count, 0);
	for (uint32_t i = 0; i < m->topic_count; i++) {
		lua_pushstring(L, world_text(w, m->topics[i]));
		bind_append(L, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "topics");
	push_assignment(L, w, c, m);
	lua_setfield(L, -2, "assignment");
}

void bind_push_group(lua_State *L, const struct world *w, const char *id)
{
	const struct cluster *c = cluster_of(w);
	const struct group *g = c ? find(w, c, id) : NULL;

	if (!g || g->state == GROUP_DEAD) {
		lua_pushnil(L);
		return;
	}
	lua_createtable(L, 0, 10);
	bind_text(L, "id", id);
	bind_text(L, "state", group_state_name(g->state));
	bind_text(L, "type", g->remote ? "Consumer" : "Classic");
	bind_integer(L, "generation", g->generation);
	bind_integer(L, "coordinator", g->groups->broker->node_id);
	if (g->leader)
		bind_text(L, "leader", world_text(w, g->leader));
	lua_createtable(L, (int)g->members.count, 0);
	for (uint32_t i = 0; i < g->members.count; i++) {
		push_member(L, w, c, g->members.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "members");
	set_offsets(L, w, c, g);
}
