/* groups.c - the group coordinator: members, generations, committed offsets */
#include "sim/broker/groups.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/controller.h"
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

static struct process *self(const struct groups *g)
{
	return g->broker->process;
}

static struct group *group_for(struct world *w, struct groups *g, name_id id)
{
	struct group *group = group_find(g, id);

	if (group)
		return group;
	group = world_take(w, struct group);
	group->groups = g;
	group->id = id;
	map_put(&g->by_name, &w->arena, id, group);
	return group;
}

/* -- answering ------------------------------------------------------------ */

static struct group_answer *answer_for(struct world *w,
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
static void reply(struct world *w, struct groups *g, struct group_request *m,
		  struct group_answer *a)
{
	if (process_runs(self(g)) &&
	    m->req.head.from->incarnation == m->req.head.from_incarnation)
		net_send(w, self(g), m->req.head.from, &a->req.head);
	else
		message_free(w, &a->req.head);
	message_free(w, &m->req.head);
}

static void reply_error(struct world *w, struct groups *g,
			struct group_request *m, enum kafka_error error)
{
	struct group_answer *a = answer_for(w, m, 0);

	a->error = error;
	reply(w, g, m, a);
}

/* -- members --------------------------------------------------------------- */

static struct member *member_of(const struct group *group, name_id id)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->id == id)
			return group->members.at[i];
	return NULL;
}

static void session_renew(struct world *w, struct member *m)
{
	world_cancel(w, &m->session);
	m->session = world_timer(w, world_now(w) + m->session_timeout,
				 GROUP_SESSION_TIMEOUT, m, 0);
}

/* clientId-uuid, as JoinGroup makes member ids. */
static name_id new_member_id(struct world *w, struct groups *g, name_id client)
{
	struct luck luck;
	uint64_t a, b;
	char id[160];

	luck_init(&luck, w->state->seed, world_text(w, client), "member");
	luck.n = ++g->broker->cluster->next_correlation;
	a = luck_draw(&luck);
	b = luck_draw(&luck);
	snprintf(id, sizeof(id), "%.100s-%08x-%04x-4%03x-a%03x-%012llx",
		 world_text(w, client), (unsigned)(a >> 32),
		 (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
		 (unsigned)(b >> 52), (unsigned long long)(b & 0xffffffffffffull));
	return world_name(w, id);
}

static void member_free(struct world *w, struct groups *g, struct member *m)
{
	world_cancel(w, &m->session);
	if (m->joining)
		reply_error(w, g, m->joining, KAFKA_UNKNOWN_MEMBER_ID);
	if (m->syncing)
		reply_error(w, g, m->syncing, KAFKA_UNKNOWN_MEMBER_ID);
	vec_free(&w->arena, &m->assigned);
	world_give(w, m);
}

static void say(struct world *w, struct group *group, const char *what)
{
	log_write(w, self(group->groups), LOG_INFO,
		  "[GroupCoordinator %d]: %s group %s in state %s with old "
		  "generation %d (__consumer_offsets-%u) "
		  "(kafka.coordinator.group.GroupCoordinator)",
		  group->groups->broker->node_id, what,
		  world_text(w, group->id), group_state_name(group->state),
		  group->generation,
		  group_offsets_partition(world_text(w, group->id),
					  group->groups->owned.count));
}

/* -- joining ---------------------------------------------------------------- */

static sim_time rebalance_timeout(const struct group *group)
{
	sim_time longest = 0;

	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->rebalance_timeout > longest)
			longest = group->members.at[i]->rebalance_timeout;
	return longest;
}

static void set_deadline(struct world *w, struct group *group, sim_time at)
{
	world_cancel(w, &group->deadline);
	group->deadline = world_timer(w, at, GROUP_JOIN_DEADLINE, group, 0);
}

static sim_time initial_delay(const struct group *group)
{
	return SIM_MS(broker_setting(group->groups->broker,
				     BROKER_INITIAL_REBALANCE_MS));
}

static void refuse_syncing(struct world *w, struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++) {
		struct member *m = group->members.at[i];

		if (m->syncing)
			reply_error(w, group->groups, m->syncing,
				    KAFKA_REBALANCE_IN_PROGRESS);
		m->syncing = NULL;
	}
}

static void group_prepare(struct world *w, struct group *group)
{
	bool empty = group->state == GROUP_EMPTY;

	if (group->state == GROUP_COMPLETING)
		refuse_syncing(w, group);
	say(w, group, "Preparing to rebalance");
	group->state = GROUP_PREPARING;
	group->join_began = world_now(w);
	group->initial = empty;
	group->joined_since = 0;
	set_deadline(w, group, world_now(w) + (empty ? initial_delay(group) :
					       rebalance_timeout(group)));
}

static bool all_joined(const struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (!group->members.at[i]->joining)
			return false;
	return true;
}

static void answer_join(struct world *w, struct group *group, struct member *m)
{
	bool leads = m->id == group->leader;
	struct group_answer *a;
	uint32_t lines = 0;

	for (uint32_t i = 0; leads && i < group->members.count; i++)
		lines += group->members.at[i]->topic_count;
	a = answer_for(w, m->joining, lines);
	a->generation = group->generation;
	a->member = m->id;
	a->leader = group->leader;
	for (uint32_t i = 0; leads && i < group->members.count; i++) {
		const struct member *one = group->members.at[i];

		for (uint32_t k = 0; k < one->topic_count; k++)
			a->items[a->count++] = (struct group_item){
				.member = one->id, .topic = one->topics[k],
			};
	}
	reply(w, group->groups, m->joining, a);
	m->joining = NULL;
	session_renew(w, m);
}

/* Those who did not come back are out; the others learn the generation. */
static void join_complete(struct world *w, struct group *group)
{
	world_cancel(w, &group->deadline);
	for (uint32_t i = 0; i < group->members.count;) {
		struct member *m = group->members.at[i];

		if (m->joining) {
			i++;
			continue;
		}
		vec_remove(&group->members, i);
		member_free(w, group->groups, m);
	}
	group->generation++;
	if (!group->members.count) {
		group->state = GROUP_EMPTY;
		group->leader = 0;
		return;
	}
	if (!member_of(group, group->leader))
		group->leader = group->members.at[0]->id;
	group->state = GROUP_COMPLETING;
	for (uint32_t i = 0; i < group->members.count; i++)
		answer_join(w, group, group->members.at[i]);
	/* A leader that never syncs: DelayedSync, the rebalance timeout. */
	set_deadline(w, group, world_now(w) + rebalance_timeout(group));
}

static void maybe_complete(struct world *w, struct group *group)
{
	if (group->state == GROUP_PREPARING && !group->initial &&
	    all_joined(group))
		join_complete(w, group);
}

void group_join_deadline(struct world *w, void *who, uint16_t arg)
{
	struct group *group = who;
	sim_time latest = group->join_began + rebalance_timeout(group);

	(void)arg;
	group->deadline = (struct timer){0};
	if (!process_runs(self(group->groups))) {
		set_deadline(w, group, world_now(w) + SIM_S(1));
		return;
	}
	if (group->state == GROUP_COMPLETING) {
		group_prepare(w, group);
		return;
	}
	if (group->state != GROUP_PREPARING)
		return;
	if (group->initial && group->joined_since &&
	    world_now(w) < latest) {
		/* InitialDelayedJoin: newcomers extend the wait. */
		sim_time more = world_now(w) + initial_delay(group);

		group->joined_since = 0;
		set_deadline(w, group, more < latest ? more : latest);
		return;
	}
	group->initial = false;
	join_complete(w, group);
}

static void member_update(struct world *w, struct member *m,
			  struct group_request *r)
{
	m->client_id = r->client_id;
	m->host = r->host;
	m->process = r->req.head.from;
	m->session_timeout = r->session_timeout;
	m->rebalance_timeout = r->rebalance_timeout;
	m->topic_count = r->topic_count;
	memcpy(m->topics, r->topics, sizeof(m->topics));
	if (m->joining)
		message_free(w, &m->joining->req.head);
	m->joining = r;
	session_renew(w, m);
}

/* broker bounds: group.min/max.session.timeout.ms 6 s .. 30 min */
static void group_join(struct world *w, struct groups *g,
		       struct group_request *r)
{
	struct group *group = group_for(w, g, r->group);
	struct member *m = r->member ? member_of(group, r->member) : NULL;
	bool newcomer = !m;

	if (r->member && !m) {
		reply_error(w, g, r, KAFKA_UNKNOWN_MEMBER_ID);
		return;
	}
	if (!m) {
		m = world_take(w, struct member);
		m->group = group;
		m->id = new_member_id(w, g, r->client_id);
		*vec_add(&w->arena, &group->members) = m;
	}
	member_update(w, m, r);
	if (group->state != GROUP_PREPARING)
		group_prepare(w, group);
	else if (group->initial && newcomer)
		group->joined_since++;
	maybe_complete(w, group);
}

/* -- sync, heartbeat, leave --------------------------------------------------- */

static void answer_sync(struct world *w, struct group *group, struct member *m)
{
	struct group_answer *a = answer_for(w, m->syncing, m->assigned.count);

	a->generation = group->generation;
	for (uint32_t i = 0; i < m->assigned.count; i++)
		a->items[a->count++] = (struct group_item){
			.member = m->id, .partition = m->assigned.at[i],
		};
	reply(w, group->groups, m->syncing, a);
	m->syncing = NULL;
	session_renew(w, m);
}

static void sync_leader(struct world *w, struct group *group,
			const struct group_request *r)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		group->members.at[i]->assigned.count = 0;
	for (uint32_t i = 0; i < r->count; i++) {
		struct member *m = member_of(group, r->items[i].member);

		if (m)
			*vec_add(&w->arena, &m->assigned) =
				r->items[i].partition;
	}
	world_cancel(w, &group->deadline);
	group->state = GROUP_STABLE;
	say(w, group, "Stabilized");
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->syncing)
			answer_sync(w, group, group->members.at[i]);
}

/* Whether a request of a member may proceed; the checks all share. */
static enum kafka_error member_error(const struct group *group,
				     const struct member *m,
				     const struct group_request *r)
{
	if (!group || !m)
		return KAFKA_UNKNOWN_MEMBER_ID;
	if (r->generation != group->generation)
		return KAFKA_ILLEGAL_GENERATION;
	return KAFKA_NONE;
}

static void group_sync(struct world *w, struct groups *g,
		       struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? member_of(group, r->member) : NULL;
	enum kafka_error error = member_error(group, m, r);

	if (error == KAFKA_NONE && group->state == GROUP_PREPARING)
		error = KAFKA_REBALANCE_IN_PROGRESS;
	if (error != KAFKA_NONE) {
		reply_error(w, g, r, error);
		return;
	}
	if (m->syncing)
		message_free(w, &m->syncing->req.head);
	m->syncing = r;
	if (group->state == GROUP_STABLE)
		answer_sync(w, group, m);
	else if (m->id == group->leader)
		sync_leader(w, group, r);
}

static void group_heartbeat(struct world *w, struct groups *g,
			    struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? member_of(group, r->member) : NULL;
	enum kafka_error error = member_error(group, m, r);

	if (error == KAFKA_NONE) {
		session_renew(w, m);
		if (group->state == GROUP_PREPARING)
			error = KAFKA_REBALANCE_IN_PROGRESS;
	}
	reply_error(w, g, r, error);
}

static void remove_member(struct world *w, struct group *group,
			  struct member *m, const char *why)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i] == m) {
			vec_remove(&group->members, i);
			break;
		}
	log_write(w, self(group->groups), LOG_INFO,
		  "[GroupCoordinator %d]: Member %s in group %s has %s, "
		  "removing it from the group "
		  "(kafka.coordinator.group.GroupCoordinator)",
		  group->groups->broker->node_id, world_text(w, m->id),
		  world_text(w, group->id), why);
	member_free(w, group->groups, m);
	switch (group->state) {
	case GROUP_STABLE:
	case GROUP_COMPLETING:
		group_prepare(w, group);
		maybe_complete(w, group);
		break;
	case GROUP_PREPARING:
		maybe_complete(w, group);
		break;
	default:
		break;
	}
}

void group_session_timeout(struct world *w, void *who, uint16_t arg)
{
	struct member *m = who;

	(void)arg;
	m->session = (struct timer){0};
	/* A member that waits for the join is known to be alive. */
	if (m->joining || !process_runs(self(m->group->groups))) {
		session_renew(w, m);
		return;
	}
	remove_member(w, m->group, m, "failed");
}

static void group_leave(struct world *w, struct groups *g,
			struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? member_of(group, r->member) : NULL;

	reply_error(w, g, r, m ? KAFKA_NONE : KAFKA_UNKNOWN_MEMBER_ID);
	if (m)
		remove_member(w, group, m, "left");
}

/* -- offsets -------------------------------------------------------------------- */

/* offset -1 is a tombstone: nothing is committed any more. */
static void set_committed(struct world *w, struct group *group,
			  uint32_t partition, int64_t offset, sim_time at)
{
	for (uint32_t i = 0; i < group->offsets.count; i++) {
		struct committed *c = &group->offsets.at[i];

		if (c->partition != partition)
			continue;
		if (offset < 0)
			vec_remove(&group->offsets, i);
		else
			*c = (struct committed){ partition, offset, at };
		return;
	}
	if (offset < 0)
		return;
	*vec_add(&w->arena, &group->offsets) = (struct committed){
		partition, offset, at,
	};
}

/* Key "group topic partition-id", value the offset: GroupMetadataManager's
 * OffsetKey and OffsetValue, as text; no value is a tombstone. */
static void write_commit(struct world *w, struct text *payload, name_id group,
			 const struct group_item *item)
{
	char key[300], value[24];

	snprintf(key, sizeof(key), "%s %u", world_text(w, group),
		 item->partition);
	snprintf(value, sizeof(value), "%lld", (long long)item->offset);
	record_write(payload, world_now(w), &(struct record){
		.key = key, .key_len = (int32_t)strlen(key), .value = value,
		.value_len = item->offset < 0 ? -1 : (int32_t)strlen(value),
	});
}

/* A commit under way, until its record is committed. */
struct commit {
	struct groups *groups;
	struct group_request *request;	/* NULL: an administrator's */
	name_id group;
	uint32_t count;
	struct group_item items[];
};

static struct batch commit_batch(struct world *w, struct groups *g,
				 name_id group, const struct group_item *items,
				 uint32_t count)
{
	struct text payload = {0};
	struct batch b = {
		.first_at = world_now(w), .last_at = world_now(w),
		.count = count,
	};

	for (uint32_t i = 0; i < count; i++)
		write_commit(w, &payload, group, &items[i]);
	b.bytes = (uint32_t)(BATCH_OVERHEAD_BYTES + payload.len);
	b.content = history_append(&w->history, g->broker->cluster->payload,
				   payload.at, payload.len);
	text_free(&payload);
	return b;
}

static uint32_t offsets_partition_id(struct world *w, struct groups *g,
				     name_id group)
{
	struct topic *t = cluster_topic(w, g->broker->cluster, OFFSETS_TOPIC);

	return t->partitions.at[group_offsets_partition(world_text(w, group),
			t->partitions.count)]->id;
}

static bool begin_commit(struct world *w, struct groups *g,
			 struct group_request *r, name_id group,
			 const struct group_item *items, uint32_t count)
{
	size_t size = sizeof(struct commit) + count * sizeof(*items);
	struct commit *c = arena_take(&w->arena, size);
	struct batch batch = commit_batch(w, g, group, items, count);

	c->groups = g;
	c->request = r;
	c->group = group;
	c->count = count;
	memcpy(c->items, items, count * sizeof(*items));
	if (produce_internal(w, g->broker, offsets_partition_id(w, g, group),
			     &batch, c))
		return true;
	arena_free(&w->arena, c, size);
	return false;
}

/* The record of a commit is in every in-sync log, or has failed. */
void group_committed(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;
	struct commit *c = p->internal_self;
	bool good = p->reply->parts[0].error == KAFKA_NONE;

	(void)arg;
	if (good && process_runs(self(c->groups))) {
		struct group *group = c->items[0].offset < 0 ?
			group_find(c->groups, c->group) :
			group_for(w, c->groups, c->group);

		for (uint32_t i = 0; group && i < c->count; i++)
			set_committed(w, group, c->items[i].partition,
				      c->items[i].offset, world_now(w));
	}
	if (c->request)
		reply_error(w, c->groups, c->request, good ? KAFKA_NONE :
			    KAFKA_COORDINATOR_NOT_AVAILABLE);
	arena_free(&w->arena, c, sizeof(*c) + c->count * sizeof(*c->items));
}

static void group_commit(struct world *w, struct groups *g,
			 struct group_request *r)
{
	struct group *group = group_for(w, g, r->group);
	struct member *m = member_of(group, r->member);
	enum kafka_error error = KAFKA_NONE;
	bool answered = false;

	/* generation -1: a consumer without group management */
	if (r->generation >= 0)
		error = member_error(group, m, r);
	else if (group->state != GROUP_EMPTY)
		error = KAFKA_UNKNOWN_MEMBER_ID;
	if (error == KAFKA_NONE && group->state == GROUP_COMPLETING)
		error = KAFKA_REBALANCE_IN_PROGRESS;
	if (m)
		session_renew(w, m);
	/* group_committed answers and frees the request, perhaps at once. */
	if (error == KAFKA_NONE && r->count) {
		answered = begin_commit(w, g, r, r->group, r->items, r->count);
		if (!answered)
			error = KAFKA_COORDINATOR_NOT_AVAILABLE;
	}
	if (!answered)
		reply_error(w, g, r, error);
}

static void group_fetch_offsets(struct world *w, struct groups *g,
				struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct group_answer *a = answer_for(w, r, r->count);

	a->count = r->count;
	for (uint32_t i = 0; i < r->count; i++) {
		a->items[i] = r->items[i];
		a->items[i].offset = -1;
		for (uint32_t k = 0; group && k < group->offsets.count; k++)
			if (group->offsets.at[k].partition ==
			    r->items[i].partition)
				a->items[i].offset = group->offsets.at[k].offset;
	}
	reply(w, g, r, a);
}

enum kafka_error group_admin_commit(struct world *w, struct groups *g,
				    const char *name,
				    const struct group_item *items,
				    uint32_t count)
{
	name_id id = world_name(w, name);
	struct group *group = group_find(g, id);

	if (group && group->state != GROUP_EMPTY)
		return KAFKA_UNKNOWN_MEMBER_ID;
	return begin_commit(w, g, NULL, id, items, count) ? KAFKA_NONE :
	       KAFKA_COORDINATOR_NOT_AVAILABLE;
}

static void group_free(struct world *w, struct group *group)
{
	world_cancel(w, &group->deadline);
	for (uint32_t i = 0; i < group->members.count; i++)
		member_free(w, group->groups, group->members.at[i]);
	vec_free(&w->arena, &group->members);
	vec_free(&w->arena, &group->offsets);
	map_remove(&group->groups->by_name, group->id);
	world_give(w, group);
}

/* Tombstones for every offset, so that a later leader forgets them too. */
enum kafka_error group_delete(struct world *w, struct groups *g,
			      const char *name)
{
	name_id id = world_name(w, name);
	struct group *group = group_find(g, id);

	if (!group)
		return KAFKA_GROUP_ID_NOT_FOUND;
	if (group->state != GROUP_EMPTY)
		return KAFKA_NON_EMPTY_GROUP;
	for (uint32_t i = 0; i < group->offsets.count; i++) {
		struct group_item gone = {
			.partition = group->offsets.at[i].partition,
			.offset = -1,
		};

		begin_commit(w, g, NULL, id, &gone, 1);
	}
	group_free(w, group);
	return KAFKA_NONE;
}

/* -- gaining and losing a partition ------------------------------------------------ */

static bool owns(struct world *w, const struct groups *g, name_id group)
{
	uint32_t index;

	if (!g->owned.count)
		return false;
	index = group_offsets_partition(world_text(w, group), g->owned.count);
	return g->owned.at[index];
}

static void load_record(struct world *w, struct groups *g,
			const struct record_view *r)
{
	const char *space = NULL;
	uint32_t partition = 0;
	int64_t offset = 0;
	struct group *group;

	for (int32_t i = r->key_len; i-- > 0 && !space;)
		if (r->key[i] == ' ')
			space = r->key + i;
	assert(space);
	for (const char *p = space + 1; p < r->key + r->key_len; p++)
		partition = partition * 10 + (uint32_t)(*p - '0');
	for (int32_t i = 0; i < r->value_len; i++)
		offset = offset * 10 + (r->value[i] - '0');
	group = group_for(w, g, names_intern_bytes(&w->state->names, &w->arena,
						   r->key,
						   (size_t)(space - r->key)));
	set_committed(w, group, partition, r->value_len < 0 ? -1 : offset,
		      r->at);
	if (!group->offsets.count && group->state == GROUP_EMPTY)
		group_free(w, group);
}

/* GroupMetadataManager.loadGroupsAndOffsets: read the whole partition. */
static void load(struct world *w, struct groups *g, uint32_t index)
{
	struct cluster *c = g->broker->cluster;
	struct topic *t = cluster_topic(w, c, OFFSETS_TOPIC);
	struct replica *r = broker_replica(g->broker,
					   t->partitions.at[index]->id);
	const struct batch *b;
	struct log_cursor cursor;

	if (!log_seek(w, &r->log, r->log.start_offset, &cursor))
		return;
	while ((b = log_read(w, &r->log, &cursor)))
		for (uint32_t i = 0; i < b->count; i++) {
			struct record_view view;

			record_read(w, c, b, i, &view, NULL);
			load_record(w, g, &view);
		}
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

void groups_partition(struct world *w, struct groups *g, uint32_t index,
		      bool ours)
{
	while (g->owned.count <= index ||
	       g->owned.count < (uint32_t)broker_setting(g->broker,
						BROKER_OFFSETS_PARTITIONS))
		*vec_add(&w->arena, &g->owned) = false;
	if (g->owned.at[index] == ours)
		return;
	g->owned.at[index] = ours;
	if (ours)
		load(w, g, index);
	else
		unload(w, g, index);
}

void groups_drop(struct world *w, struct groups *g)
{
	for (uint32_t i = 0; i < g->by_name.count; i++)
		if (g->by_name.entries[i].value)
			group_free(w, g->by_name.entries[i].value);
	for (uint32_t i = 0; i < g->owned.count; i++)
		g->owned.at[i] = false;
}

/* -- requests ----------------------------------------------------------------------- */

static void create_offsets_topic(struct world *w, struct groups *g)
{
	struct text args = {0};
	struct text_message *m;

	args_add(&args, "api", "create-topic");
	args_add(&args, "name", OFFSETS_TOPIC);
	args_add_int(&args, "partitions", broker_setting(g->broker,
						BROKER_OFFSETS_PARTITIONS));
	args_add_int(&args, "rf", broker_setting(g->broker, BROKER_OFFSETS_RF));
	args_add(&args, "config.cleanup.policy", "compact");
	args_add(&args, "config.compression.type", "producer");
	args_add(&args, "config.segment.bytes", "104857600");
	m = text_message_new(w, MESSAGE_ADMIN, 0, text_cstr(&args));
	text_free(&args);
	net_send(w, self(g), controller_process(g->broker->cluster),
		 &m->req.head);
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
	struct group_answer *a = answer_for(w, r, 0);
	const struct partition_state *s;

	a->coordinator = NO_BROKER;
	a->error = KAFKA_COORDINATOR_NOT_AVAILABLE;
	if (!t) {
		create_offsets_topic(w, g);
	} else {
		s = view_partition(&g->broker->view,
				   offsets_partition_id(w, g, r->group));
		if (s->leader != NO_BROKER)
			name_coordinator(g, r, a, c->brokers.at[s->leader]);
	}
	reply(w, g, r, a);
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
	};

	if (m->api != GROUP_FIND_COORDINATOR && !owns(w, g, m->group))
		reply_error(w, g, m, KAFKA_NOT_COORDINATOR);
	else
		handlers[m->api](w, g, m);
}
