/* group_join.c - members of a group: joining, syncing, heartbeats, leaving */
#include "sim/broker/groups_inside.h"

#include <stdio.h>
#include <string.h>

#include "sim/broker/events.h"

/* -- members --------------------------------------------------------------- */

struct member *group_member(const struct group *group, name_id id)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->id == id)
			return group->members.at[i];
	return NULL;
}

void group_member_alive(struct world *w, struct member *m)
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
		group_refuse(w, g, m->joining, KAFKA_UNKNOWN_MEMBER_ID);
	if (m->syncing)
		group_refuse(w, g, m->syncing, KAFKA_UNKNOWN_MEMBER_ID);
	vec_free(&w->arena, &m->assigned);
	world_give(w, m);
}

static void say(struct world *w, struct group *group, const char *what)
{
	log_write(w, groups_process(group->groups), LOG_INFO,
		  "[GroupCoordinator %d]: %s group %s in state %s with old "
		  "generation %d (__consumer_offsets-%u) "
		  "(kafka.coordinator.group.GroupCoordinator)",
		  group->groups->broker->node_id, what,
		  world_text(w, group->id), group_state_name(group->state),
		  group->generation,
		  group_offsets_partition(world_text(w, group->id),
					  group->groups->owned.count));
}

void group_members_free(struct world *w, struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		member_free(w, group->groups, group->members.at[i]);
	vec_free(&w->arena, &group->members);
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
			group_refuse(w, group->groups, m->syncing,
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
	a = group_answer_for(w, m->joining, lines);
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
	group_reply(w, group->groups, m->joining, a);
	m->joining = NULL;
	group_member_alive(w, m);
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
	if (!group_member(group, group->leader))
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
	if (!process_runs(groups_process(group->groups))) {
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
	group_member_alive(w, m);
}

/* broker bounds: group.min/max.session.timeout.ms 6 s .. 30 min */
void group_join(struct world *w, struct groups *g,
		       struct group_request *r)
{
	struct group *group = group_for(w, g, r->group);
	struct member *m = r->member ? group_member(group, r->member) : NULL;
	bool newcomer = !m;

	if (r->member && !m) {
		group_refuse(w, g, r, KAFKA_UNKNOWN_MEMBER_ID);
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
	struct group_answer *a = group_answer_for(w, m->syncing, m->assigned.count);

	a->generation = group->generation;
	for (uint32_t i = 0; i < m->assigned.count; i++)
		a->items[a->count++] = (struct group_item){
			.member = m->id, .partition = m->assigned.at[i],
		};
	group_reply(w, group->groups, m->syncing, a);
	m->syncing = NULL;
	group_member_alive(w, m);
}

static void sync_leader(struct world *w, struct group *group,
			const struct group_request *r)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		group->members.at[i]->assigned.count = 0;
	for (uint32_t i = 0; i < r->count; i++) {
		struct member *m = group_member(group, r->items[i].member);

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
enum kafka_error group_member_error(const struct group *group,
				     const struct member *m,
				     const struct group_request *r)
{
	if (!group || !m)
		return KAFKA_UNKNOWN_MEMBER_ID;
	if (r->generation != group->generation)
		return KAFKA_ILLEGAL_GENERATION;
	return KAFKA_NONE;
}

void group_sync(struct world *w, struct groups *g,
		       struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? group_member(group, r->member) : NULL;
	enum kafka_error error = group_member_error(group, m, r);

	if (error == KAFKA_NONE && group->state == GROUP_PREPARING)
		error = KAFKA_REBALANCE_IN_PROGRESS;
	if (error != KAFKA_NONE) {
		group_refuse(w, g, r, error);
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

void group_heartbeat(struct world *w, struct groups *g,
			    struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? group_member(group, r->member) : NULL;
	enum kafka_error error = group_member_error(group, m, r);

	if (error == KAFKA_NONE) {
		group_member_alive(w, m);
		if (group->state == GROUP_PREPARING)
			error = KAFKA_REBALANCE_IN_PROGRESS;
	}
	group_refuse(w, g, r, error);
}

static void remove_member(struct world *w, struct group *group,
			  struct member *m, const char *why)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i] == m) {
			vec_remove(&group->members, i);
			break;
		}
	log_write(w, groups_process(group->groups), LOG_INFO,
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
	if (m->joining || !process_runs(groups_process(m->group->groups))) {
		group_member_alive(w, m);
		return;
	}
	remove_member(w, m->group, m, "failed");
}

void group_leave(struct world *w, struct groups *g,
			struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? group_member(group, r->member) : NULL;

	group_refuse(w, g, r, m ? KAFKA_NONE : KAFKA_UNKNOWN_MEMBER_ID);
	if (m)
		remove_member(w, group, m, "left");
}
