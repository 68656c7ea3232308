/* bind_clients.c - producers and consumers, as tables
 *
 * Those alive now: a client that ended took its counters along.  What ended
 * ones did is in the log (records carry no sender) and in the monitor's
 * samples.
 */
#include "lua/bind_inside.h"
#include "lua/sandbox.h"
#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"
#include "sim/core/world.h"

#define FUEL_ROW	20

/* The place of a partition, in the table on top. */
static void set_place(lua_State *L, const struct world *w,
		      const struct client *c, uint32_t partition)
{
	const struct partition *p = c->cluster->partitions.at[partition];

	bind_text(L, "topic", world_text(w, p->topic->name));
	bind_integer(L, "partition", p->index);
}

/* --- producers ---------------------------------------------------------- */

/* Records of a lane that are known to have been acknowledged one by one. */
static int64_t lane_acked(const struct producer_lane *lane)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < lane->acked.count; i++)
		sum += lane->acked.at[i].count;
	return (int64_t)sum;
}

static void push_lanes(lua_State *L, const struct world *w,
		       const struct producer *p)
{
	lua_createtable(L, (int)p->lanes.count, 0);
	for (uint32_t i = 0; i < p->lanes.count; i++) {
		const struct producer_lane *lane = p->lanes.at[i];

		sandbox_charge(L, FUEL_ROW + lane->acked.count / 4);
		lua_createtable(L, 0, 4);
		set_place(L, w, &p->client, lane->partition);
		bind_integer(L, "queued_batches", lane->queued);
		bind_integer(L, "acked_generated", lane_acked(lane));
		bind_append(L, (lua_Integer)i + 1);
	}
}

static void set_producer(lua_State *L, const struct world *w,
			 const struct producer *p)
{
	bind_text(L, "kind", "producer");
	bind_integer(L, "sent", (int64_t)p->sent);
	bind_integer(L, "acked", (int64_t)p->acked);
	bind_integer(L, "failed", (int64_t)p->failed);
	bind_integer(L, "retried", (int64_t)p->retried);
	bind_integer(L, "buffered_bytes", p->buffered_bytes);
	push_lanes(L, w, p);
	lua_setfield(L, -2, "partitions");
}

/* --- consumers ---------------------------------------------------------- */

static void push_positions(lua_State *L, const struct world *w,
			   const struct consumer *c)
{
	lua_createtable(L, (int)c->positions.count, 0);
	for (uint32_t i = 0; i < c->positions.count; i++) {
		const struct consumer_position *at = &c->positions.at[i];

		sandbox_charge(L, FUEL_ROW);
		lua_createtable(L, 0, 4);
		set_place(L, w, &c->client, at->partition);
		if (at->offset >= 0)
			bind_integer(L, "position", at->offset);
		bind_integer(L, "consumed", (int64_t)at->consumed);
		bind_append(L, (lua_Integer)i + 1);
	}
}

static void set_consumer(lua_State *L, const struct world *w,
			 const struct consumer *c)
{
	static const char *const states[] = {
		[CONSUMER_NONE] = "none", [CONSUMER_FINDING] = "finding",
		[CONSUMER_JOINING] = "joining", [CONSUMER_SYNCING] = "syncing",
		[CONSUMER_STABLE] = "stable",
	};

	bind_text(L, "kind", "consumer");
	if (c->group)
		bind_text(L, "group", world_text(w, c->group));
	if (c->member)
		bind_text(L, "member", world_text(w, c->member));
	bind_text(L, "group_state", states[c->state]);
	bind_integer(L, "rebalances", c->rebalances);
	bind_integer(L, "consumed", (int64_t)c->consumed);
	bind_integer(L, "lag", consumer_lag(c));
	push_positions(L, w, c);
	lua_setfield(L, -2, "partitions");
}

/* --- all ---------------------------------------------------------------- */

/* Appended behind element n. */
static lua_Integer push_host(lua_State *L, const struct world *w,
			     const struct client_host *h, lua_Integer n)
{
	for (uint32_t i = 0; i < h->clients.count; i++) {
		const struct client *c = h->clients.at[i];

		sandbox_charge(L, FUEL_ROW);
		lua_createtable(L, 0, 14);
		bind_text(L, "process", world_text(w, h->process->name));
		bind_text(L, "machine",
			  world_text(w, h->process->machine->name));
		bind_text(L, "client", world_text(w, c->id));
		if (c->kind == CLIENT_PRODUCER)
			set_producer(L, w, (const struct producer *)c);
		else
			set_consumer(L, w, (const struct consumer *)c);
		bind_append(L, ++n);
	}
	return n;
}

void bind_push_clients(lua_State *L, const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	lua_Integer n = 0;

	lua_newtable(L);
	for (uint32_t i = 0; i < h->processes.count; i++) {
		const struct process *p = h->processes.at[i];

		if (p->module == MODULE_CLIENT && p->state != PROCESS_DOWN)
			n = push_host(L, w, p->self, n);
	}
}
