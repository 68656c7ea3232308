/* groups.c - the group coordinator: which groups are ours, who is asked what */
#include "sim/broker/groups_inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/events.h"
#include "sim/broker/murmur.h"

struct groups *groups_new(struct world *w, struct broker *b)
{
	struct groups *g = world_take(w, struct groups);

	g->broker = b;
	return g;
}

const char *group_state_name(enum group_state s)
{
	static const char *const names[] = {
		[GROUP_EMPTY] = "Empty",
		[GROUP_PREPARING] = "PreparingRebalance",
		[GROUP_COMPLETING] = "CompletingRebalance",
		[GROUP_STABLE] = "Stable",
		[GROUP_DEAD] = "Dead",
		[GROUP_RECONCILING] = "Reconciling",
	};

	return names[s];
}

struct group *group_find(const struct groups *g, name_id id)
{
	return map_get(&g->by_name, id);
}

uint32_t group_offsets_partition(const char *group, uint32_t partitions)
{
	return ((uint32_t)java_string_hash(group) & 0x7fffffffu) % partitions;
}

struct broker *group_coordinator(const struct world *w, const struct cluster *c,
				 const char *group)
{
	struct topic *t = cluster_topic(w, c, OFFSETS_TOPIC);
	int32_t leader;

	if (!t)
		return NULL;
	leader = t->partitions.at[group_offsets_partition(group,
			t->partitions.count)]->state.leader;
	return leader == NO_BROKER ? NULL : c->brokers.at[leader];
}

struct process *groups_process(const struct groups *g)
{
	return g->broker->process;
}

struct group *group_for(struct world *w, struct groups *g, name_id id)
{
	struct group *group = group_find(g, id);

	if (group)
		return group;
	group = world_take(w, struct group);
	group->groups = g;
	group->id = id;
	group->state_at = world_now(w);
	map_put(&g->by_name, &w->arena, id, group);
	return group;
}

void group_set_state(struct world *w, struct group *group,
		     enum group_state state)
{
	group->state = state;
	group->state_at = world_now(w);
}

void group_say(struct world *w, const struct group *group, const char *fmt, ...)
{
	const struct groups *g = group->groups;
	char text[640];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_write(w, groups_process(g), LOG_INFO, "[GroupCoordinator %d]: %s "
		  "(kafka.coordinator.group.GroupCoordinator)",
		  g->broker->node_id, text);
}

/* -- answering ------------------------------------------------------------ */

struct group_answer *group_answer_for(struct world *w,
				       const struct group_request *m,
				       uint32_t count)
{
	struct group_answer *a = message_new(w, sizeof(*a) +
					     count * sizeof(*a->items),
					     MESSAGE_GROUP_ANSWER);

	a->req.correlation = m->req.correlation;
	a->api = m->api;
	a->member = m->member;
	a->req.head.bytes = 80 + 40 * count;
	return a;
}

/* Send the answer and end the request. */
void group_reply(struct world *w, struct groups *g, struct group_request *m,
		  struct group_answer *a)
{
	if (process_runs(groups_process(g)) &&
	    m->req.head.from->incarnation == m->req.head.from_incarnation)
		net_send(w, groups_process(g), m->req.head.from, &a->req.head);
	else
		message_free(w, &a->req.head);
	message_free(w, &m->req.head);
}

void group_refuse(struct world *w, struct groups *g,
			struct group_request *m, enum kafka_error error)
{
	struct group_answer *a = group_answer_for(w, m, 0);

	a->error = error;
	group_reply(w, g, m, a);
}

void group_free(struct world *w, struct group *group)
{
	world_cancel(w, &group->deadline);
	group_members_free(w, group);
	vec_free(&w->arena, &group->offsets);
	vec_free(&w->arena, &group->txn_offsets);
	map_remove(&group->groups->by_name, group->id);
	world_give(w, group);
}

/* Tombstones for every offset, so that a later leader forgets them too. */

/* -- gaining and losing a partition ------------------------------------------------ */

static bool owns(struct world *w, const struct groups *g, name_id group)
{
	uint32_t index;

	if (!g->owned.count)
		return false;
	index = group_offsets_partition(world_text(w, group), g->owned.count);
	return g->owned.at[index];
}

static bool loading(struct world *w, const struct groups *g, name_id group)
{
	return g->loading.at[group_offsets_partition(world_text(w, group),
						     g->owned.count)] != 0;
}

static void unload(struct world *w, struct groups *g, uint32_t index)
{
	for (uint32_t i = 0; i < g->by_name.count; i++) {
		struct group *group = g->by_name.entries[i].value;

		if (group && group_offsets_partition(world_text(w, group->id),
						     g->owned.count) == index)
			group_free(w, group);
	}
}

static void expire_later(struct world *w, struct groups *g)
{
	world_cancel(w, &g->expire);
	g->expire = world_timer(w, world_now(w) + SIM_MS(broker_setting(
				g->broker, BROKER_OFFSETS_CHECK_MS)),
				GROUP_EXPIRE_OFFSETS, g, 0);
}

static void begin_loading(struct world *w, struct groups *g, uint32_t index)
{
	sim_time done = group_load_time(w, g, index);

	if (!g->expire.order)
		expire_later(w, g);
	if (done <= world_now(w)) {
		group_load(w, g, index);
		return;
	}
	g->loading.at[index] = done;
	world_timer(w, done, GROUP_LOADED, g, (uint16_t)index);
}

/* GroupMetadataManager.doLoadGroupsAndOffsets is done with a partition. */
void group_loaded(struct world *w, void *who, uint16_t arg)
{
	struct groups *g = who;

	if (!g->owned.at[arg] || !g->loading.at[arg] ||
	    world_now(w) < g->loading.at[arg])
		return;			/* it is somebody else's by now */
	g->loading.at[arg] = 0;
	group_load(w, g, arg);
}

void groups_partition(struct world *w, struct groups *g, uint32_t index,
		      bool ours)
{
	while (g->owned.count <= index ||
	       g->owned.count < (uint32_t)broker_setting(g->broker,
						BROKER_OFFSETS_PARTITIONS)) {
		*vec_add(&w->arena, &g->owned) = false;
		*vec_add(&w->arena, &g->loading) = 0;
	}
	if (g->owned.at[index] == ours)
		return;
	g->owned.at[index] = ours;
	g->loading.at[index] = 0;
	if (ours)
		begin_loading(w, g, index);
	else
		unload(w, g, index);
}

void groups_drop(struct world *w, struct groups *g)
{
	world_cancel(w, &g->expire);
	for (uint32_t i = 0; i < g->by_name.count; i++)
		if (g->by_name.entries[i].value)
			group_free(w, g->by_name.entries[i].value);
	for (uint32_t i = 0; i < g->owned.count; i++) {
		g->owned.at[i] = false;
		g->loading.at[i] = 0;
	}
}

/* Offsets that are too old go, and a group of which nothing is left. */
void group_expire_offsets(struct world *w, void *who, uint16_t arg)
{
	struct groups *g = who;

	(void)arg;
	expire_later(w, g);
	if (!process_runs(groups_process(g)))
		return;
	for (uint32_t i = 0; i < g->by_name.count; i++)
		if (g->by_name.entries[i].value)
			group_expire(w, g->by_name.entries[i].value);
}

enum kafka_error groups_ours(struct world *w, const struct groups *g,
			     name_id group)
{
	if (!owns(w, g, group))
		return KAFKA_NOT_COORDINATOR;
	return loading(w, g, group) ? KAFKA_COORDINATOR_LOAD_IN_PROGRESS :
	       KAFKA_NONE;
}

/* -- requests ----------------------------------------------------------------------- */

static void create_offsets_topic(struct world *w, struct groups *g)
{
	struct text args = {0};

	args_add(&args, "api", "create-topic");
	args_add(&args, "name", OFFSETS_TOPIC);
	args_add_int(&args, "partitions", broker_setting(g->broker,
						BROKER_OFFSETS_PARTITIONS));
	args_add_int(&args, "rf", broker_setting(g->broker, BROKER_OFFSETS_RF));
	args_add(&args, "config.cleanup.policy", "compact");
	args_add(&args, "config.compression.type", "producer");
	args_add(&args, "config.segment.bytes", "104857600");
	channel_wish(w, g->broker, text_cstr(&args));
	text_free(&args);
}

static void name_coordinator(struct groups *g, const struct group_request *r,
			     struct group_answer *a, const struct broker *b)
{
	const struct listener *l = broker_advertised(b, g->broker, r->req.port);

	if (!l)
		return;
	a->coordinator = b->index;
	a->coordinator_host = l->advertised_host;
	a->coordinator_port = l->advertised_port;
	a->error = KAFKA_NONE;
}

static void find_coordinator(struct world *w, struct groups *g,
			     struct group_request *r)
{
	struct cluster *c = g->broker->cluster;
	struct topic *t = cluster_topic(w, c, OFFSETS_TOPIC);
	struct group_answer *a = group_answer_for(w, r, 0);
	const struct partition_state *s;

	a->coordinator = NO_BROKER;
	a->error = KAFKA_COORDINATOR_NOT_AVAILABLE;
	if (!t) {
		create_offsets_topic(w, g);
	} else {
		s = view_partition(&g->broker->view,
				   group_offsets_partition_id(w, g, r->group));
		if (s->leader != NO_BROKER)
			name_coordinator(g, r, a, c->brokers.at[s->leader]);
	}
	group_reply(w, g, r, a);
}

void groups_handle(struct world *w, struct groups *g, struct group_request *m)
{
	static void (*const handlers[])(struct world *, struct groups *,
					struct group_request *) = {
		[GROUP_FIND_COORDINATOR] = find_coordinator,
		[GROUP_JOIN] = group_join,
		[GROUP_SYNC] = group_sync,
		[GROUP_HEARTBEAT] = group_heartbeat,
		[GROUP_LEAVE] = group_leave,
		[GROUP_COMMIT] = group_commit,
		[GROUP_FETCH_OFFSETS] = group_fetch_offsets,
		[GROUP_CONSUMER_HEARTBEAT] = group_consumer_heartbeat,
	};

	enum kafka_error error = m->api == GROUP_FIND_COORDINATOR ?
				 KAFKA_NONE : groups_ours(w, g, m->group);

	if (error == KAFKA_NONE)
		handlers[m->api](w, g, m);
	else if (error == KAFKA_COORDINATOR_LOAD_IN_PROGRESS &&
		 m->api == GROUP_HEARTBEAT)
		/* handleHeartbeat: it is believed until more is known. */
		group_refuse(w, g, m, KAFKA_NONE);
	else
		group_refuse(w, g, m, error);
}
