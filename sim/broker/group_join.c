/* group_join.c - joining a group: until all are there, or time is up
 *
 * After kafka.coordinator.group.GroupCoordinator and GroupMetadata, 3.9.
 */
#include "sim/broker/groups_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/events.h"

sim_time group_rebalance_timeout(const struct group *group)
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

static uint32_t offsets_index(const struct world *w, const struct group *group)
{
	return group_offsets_partition(world_text(w, group->id),
				       group->groups->owned.count);
}

/* -- the assignors a group can use --------------------------------------------- */

static bool supports(const struct member *m, enum assignor a)
{
	for (uint32_t i = 0; i < m->protocol_count; i++)
		if (m->protocols[i] == a)
			return true;
	return false;
}

static bool all_support(const struct group *group, enum assignor a)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (!supports(group->members.at[i], a))
			return false;
	return true;
}

/* GroupMetadata.supportsProtocols: one of them is known to all who are here. */
static bool fits(const struct group *group, const struct group_request *r)
{
	for (uint32_t i = 0; i < r->protocol_count; i++)
		if (all_support(group, (enum assignor)r->protocols[i]))
			return true;
	return false;
}

/* Each votes for the first of its list that all support; most votes win.  Of
 * equals the real one takes any; here the one that stands first in assignor.h. */
static enum assignor vote(const struct group *group)
{
	uint32_t votes[ASSIGNORS] = {0};
	enum assignor best = ASSIGNOR_RANGE;

	for (uint32_t i = 0; i < group->members.count; i++) {
		const struct member *m = group->members.at[i];
		uint32_t k = 0;

		while (k < m->protocol_count &&
		       !all_support(group, (enum assignor)m->protocols[k]))
			k++;
		if (k < m->protocol_count)
			votes[m->protocols[k]]++;
	}
	for (int a = 0; a < ASSIGNORS; a++)
		if (votes[a] > votes[best])
			best = (enum assignor)a;
	return best;
}

/* -- the rebalance ---------------------------------------------------------------- */

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

void group_prepare(struct world *w, struct group *group, const char *fmt, ...)
{
	bool empty = group->state == GROUP_EMPTY;
	char why[320];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	if (group->state == GROUP_COMPLETING)
		refuse_syncing(w, group);
	group_set_state(w, group, GROUP_PREPARING);
	group_say(w, group, "Preparing to rebalance group %s in state %s with "
		  "old generation %d (__consumer_offsets-%u) (reason: %s)",
		  world_text(w, group->id), group_state_name(group->state),
		  group->generation, offsets_index(w, group), why);
	group->join_began = world_now(w);
	group->initial = empty;
	group->joined_since = 0;
	set_deadline(w, group, world_now(w) + (empty ? initial_delay(group) :
				group_rebalance_timeout(group)));
}

/* GroupMetadata.hasAllMembersJoined: who was told to come again with its id is
 * waited for, too. */
static bool all_joined(const struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (!group->members.at[i]->joining)
			return false;
	return !group->pending.count;
}

/* What the leader must know of a member: subscriptions, and what it had. */
static void describe(struct group_answer *a, const struct member *m)
{
	for (uint32_t k = 0; k < m->topic_count; k++)
		a->items[a->count++] = (struct group_item){
			.member = m->id, .topic = m->topics[k],
			.instance = m->instance,
			.generation = m->owned_generation,
		};
	for (uint32_t k = 0; k < m->owned.count; k++)
		a->items[a->count++] = (struct group_item){
			.member = m->id, .partition = m->owned.at[k],
			.instance = m->instance,
			.generation = m->owned_generation,
		};
}

static void answer_join(struct world *w, struct group *group, struct member *m,
			bool skip)
{
	bool leads = m->id == group->leader;
	struct group_answer *a;
	uint32_t lines = 0;

	for (uint32_t i = 0; leads && i < group->members.count; i++)
		lines += group->members.at[i]->topic_count +
			 group->members.at[i]->owned.count;
	a = group_answer_for(w, m->joining, lines);
	a->generation = group->generation;
	a->protocol = group->protocol;
	a->skip_assignment = skip;
	a->member = m->id;
	a->leader = group->leader;
	for (uint32_t i = 0; leads && i < group->members.count; i++)
		describe(a, group->members.at[i]);
	group_reply(w, group->groups, m->joining, a);
	m->joining = NULL;
	group_member_alive(w, m);
}

/* Dynamic members that did not come are out; static ones may come as long as
 * their session lasts.  False: nobody came at all. */
static bool drop_absent(struct world *w, struct group *group)
{
	bool any = false;

	for (uint32_t i = 0; i < group->members.count;) {
		struct member *m = group->members.at[i];

		any |= m->joining != NULL;
		if (m->joining || m->instance) {
			i++;
			continue;
		}
		group_say(w, group, "Group %s removed members who haven't "
			  "joined: %s", world_text(w, group->id),
			  world_text(w, m->id));
		group_member_drop(w, m);
	}
	return any || !group->members.count;
}

static void elect_leader(struct group *group)
{
	const struct member *now = group_member(group, group->leader);

	if (now && now->joining)
		return;
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->joining) {
			group->leader = group->members.at[i]->id;
			return;
		}
}

static void become_empty(struct world *w, struct group *group)
{
	group_set_state(w, group, GROUP_EMPTY);
	group->leader = 0;
	group_say(w, group, "Group %s with generation %d is now empty "
		  "(__consumer_offsets-%u)", world_text(w, group->id),
		  group->generation, offsets_index(w, group));
	group_store_members(w, group, false);
}

/* GroupCoordinator.onCompleteJoin: the others learn the generation. */
static void join_complete(struct world *w, struct group *group)
{
	world_cancel(w, &group->deadline);
	if (!drop_absent(w, group)) {
		set_deadline(w, group, world_now(w) +
			     group_rebalance_timeout(group));
		return;
	}
	group->generation++;
	if (!group->members.count) {
		become_empty(w, group);
		return;
	}
	elect_leader(group);
	group->protocol = vote(group);
	group->had_members = true;
	group_set_state(w, group, GROUP_COMPLETING);
	group_say(w, group, "Stabilized group %s generation %d "
		  "(__consumer_offsets-%u) with %u members",
		  world_text(w, group->id), group->generation,
		  offsets_index(w, group), group->members.count);
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->joining)
			answer_join(w, group, group->members.at[i], false);
	/* Who never syncs: DelayedSync, the rebalance timeout. */
	set_deadline(w, group, world_now(w) + group_rebalance_timeout(group));
}

void group_maybe_complete(struct world *w, struct group *group)
{
	if (group->state == GROUP_PREPARING && !group->initial &&
	    all_joined(group))
		join_complete(w, group);
}

/* DelayedSync: who has not come for its assignment is out. */
static void sync_expired(struct world *w, struct group *group)
{
	for (uint32_t i = 0; i < group->members.count;) {
		struct member *m = group->members.at[i];

		if (m->syncing || m->instance)
			i++;
		else
			group_member_drop(w, m);
	}
	group_prepare(w, group, "Removing members [] on pending sync request "
		      "expiration");
	group_maybe_complete(w, group);
}

void group_join_deadline(struct world *w, void *who, uint16_t arg)
{
	struct group *group = who;
	sim_time latest = group->join_began + group_rebalance_timeout(group);

	(void)arg;
	group->deadline = (struct timer){0};
	if (!process_runs(groups_process(group->groups))) {
		set_deadline(w, group, world_now(w) + SIM_S(1));
		return;
	}
	if (group->state == GROUP_COMPLETING) {
		sync_expired(w, group);
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

/* -- who comes ---------------------------------------------------------------------- */

static bool same_subscription(const struct member *m,
			      const struct group_request *r)
{
	return m->protocol_count == r->protocol_count &&
	       !memcmp(m->protocols, r->protocols, r->protocol_count) &&
	       m->topic_count == r->topic_count &&
	       !memcmp(m->topics, r->topics,
		       r->topic_count * sizeof(*m->topics));
}

/* MemberMetadata.matches: the same words as last time, what it has included. */
static bool matches(const struct member *m, const struct group_request *r)
{
	if (!same_subscription(m, r) || m->owned.count != r->count)
		return false;
	for (uint32_t i = 0; i < r->count; i++)
		if (m->owned.at[i] != r->items[i].partition)
			return false;
	return true;
}

static void member_update(struct world *w, struct member *m,
			  struct group_request *r)
{
	m->client_id = r->client_id;
	m->host = r->host;
	m->process = r->req.head.from;
	m->session_timeout = r->session_timeout;
	m->rebalance_timeout = r->rebalance_timeout;
	m->protocol_count = r->protocol_count;
	memcpy(m->protocols, r->protocols, sizeof(m->protocols));
	m->cooperative = r->cooperative;
	m->topic_count = r->topic_count;
	memcpy(m->topics, r->topics, sizeof(m->topics));
	m->owned_generation = r->owned_generation;
	m->owned.count = 0;
	for (uint32_t i = 0; i < r->count; i++)
		*vec_add(&w->arena, &m->owned) = r->items[i].partition;
	if (m->joining)
		message_free(w, &m->joining->req.head);
	m->joining = r;
	group_member_alive(w, m);
}

static const char *reason_of(const struct group_request *r)
{
	return r->reason ? r->reason : "not provided";
}

static const char *instance_text(struct world *w, const struct member *m)
{
	return m->instance ? world_text(w, m->instance) : "None";
}

/* Its place is taken; a rebalance begins, or goes on. */
static void enter(struct world *w, struct member *m, struct group_request *r,
		  bool newcomer, const char *what)
{
	struct group *group = m->group;

	member_update(w, m, r);
	if (group->state != GROUP_PREPARING)
		group_prepare(w, group, "%s %s with group instance id %s; "
			      "client reason: %s", what, world_text(w, m->id),
			      instance_text(w, m), reason_of(r));
	else if (group->initial && newcomer)
		group->joined_since++;
	group_maybe_complete(w, group);
}

/* KIP-394: a name first, so that one who asks and never hears does not leave a
 * member behind. */
static void name_first(struct world *w, struct group *group,
		       struct group_request *r)
{
	struct member *m = group_member_new(w, group, r, true);
	struct group_answer *a = group_answer_for(w, r, 0);

	group_say(w, group, "Dynamic member with unknown member id joins group "
		  "%s in %s state. Created a new member id %s and request the "
		  "member to rejoin with this id.", world_text(w, group->id),
		  group_state_name(group->state), world_text(w, m->id));
	group_member_alive(w, m);
	a->error = KAFKA_MEMBER_ID_REQUIRED;
	a->member = m->id;
	group_reply(w, group->groups, r, a);
}

/* KIP-345: what is said as last time changes nothing for the others. */
static void static_again(struct world *w, struct member *m,
			 struct group_request *r)
{
	struct group *group = m->group;
	bool same = same_subscription(m, r);

	group_member_rename(w, m, r);
	if (group->state != GROUP_STABLE || !same) {
		enter(w, m, r, false, "Updating metadata for static member");
		return;
	}
	member_update(w, m, r);
	group_say(w, group, "Static member which joins during Stable stage and "
		  "doesn't affect the selected protocol will not trigger a "
		  "rebalance.");
	group_store_members(w, group, false);
	answer_join(w, group, m, true);
}

static void join_new(struct world *w, struct group *group,
		     struct group_request *r)
{
	struct member *known = group_static_member(group, r->instance);

	if (known) {
		static_again(w, known, r);
	} else if (r->instance) {
		known = group_member_new(w, group, r, false);
		group_say(w, group, "Static member with groupInstanceId=%s and "
			  "unknown member id joins group %s in %s state. "
			  "Created a new member id %s for this member and add "
			  "to the group.", world_text(w, r->instance),
			  world_text(w, group->id),
			  group_state_name(group->state),
			  world_text(w, known->id));
		enter(w, known, r, true, "Adding new member");
	} else {
		name_first(w, group, r);
	}
}

/* The pending one that comes with its name becomes a member. */
static void join_pending(struct world *w, struct member *m,
			 struct group_request *r)
{
	struct group *group = m->group;

	for (uint32_t i = 0; i < group->pending.count; i++)
		if (group->pending.at[i] == m) {
			vec_remove(&group->pending, i);
			break;
		}
	m->pending = false;
	*vec_add(&w->arena, &group->members) = m;
	group_say(w, group, "Pending dynamic member with id %s joins group %s "
		  "in %s state. Adding to the group now.",
		  world_text(w, m->id), world_text(w, group->id),
		  group_state_name(group->state));
	enter(w, m, r, true, "Adding new member");
}

/* One who is a member joins again: only the leader, or one who says something
 * new, makes the others do so, too. */
static void join_again(struct world *w, struct member *m,
		       struct group_request *r)
{
	struct group *group = m->group;
	bool same = matches(m, r);
	bool leads = m->id == group->leader;

	if ((group->state == GROUP_COMPLETING && same) ||
	    (group->state == GROUP_STABLE && same && !leads)) {
		member_update(w, m, r);
		answer_join(w, group, m, false);
		return;
	}
	enter(w, m, r, false, group->state == GROUP_STABLE && leads ?
	      "Leader re-joining group during Stable, member" :
	      "Updating metadata for member");
}

static bool session_allowed(const struct groups *g,
			    const struct group_request *r)
{
	return r->session_timeout >= SIM_MS(broker_setting(g->broker,
					BROKER_GROUP_MIN_SESSION_MS)) &&
	       r->session_timeout <= SIM_MS(broker_setting(g->broker,
					BROKER_GROUP_MAX_SESSION_MS));
}

/* group.max.size: acceptJoiningMember. */
static bool has_room(const struct groups *g, const struct group *group,
		     const struct group_request *r)
{
	uint32_t waiting = 0;
	const struct member *m = group_member(group, r->member);

	if (group->state == GROUP_EMPTY)
		return true;
	if (m && (group->state != GROUP_PREPARING || m->joining))
		return true;
	for (uint32_t i = 0; i < group->members.count; i++)
		waiting += group->members.at[i]->joining != NULL;
	if (group->state != GROUP_PREPARING)
		waiting = group->members.count;
	return waiting < broker_setting(g->broker, BROKER_GROUP_MAX_SIZE);
}

void group_join(struct world *w, struct groups *g, struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	enum kafka_error error = KAFKA_NONE;
	struct member *m = NULL;

	if (!session_allowed(g, r)) {
		group_refuse(w, g, r, KAFKA_INVALID_SESSION_TIMEOUT);
		return;
	}
	if (!group && !r->member)
		group = group_for(w, g, r->group);
	if (group && group->state == GROUP_EMPTY)
		group->remote = false;
	if (!group)
		error = KAFKA_UNKNOWN_MEMBER_ID;
	else if (group->remote)
		error = KAFKA_INCONSISTENT_GROUP_PROTOCOL;
	else if (!has_room(g, group, r))
		error = KAFKA_GROUP_MAX_SIZE_REACHED;
	else if (!fits(group, r))
		error = KAFKA_INCONSISTENT_GROUP_PROTOCOL;
	else if (r->member && group_pending(group, r->member))
		m = group_pending(group, r->member);
	else if (r->member)
		error = group_member_of(group, r, &m);
	if (error != KAFKA_NONE)
		group_refuse(w, g, r, error);
	else if (!m)
		join_new(w, group, r);
	else if (m->pending)
		join_pending(w, m, r);
	else
		join_again(w, m, r);
}
