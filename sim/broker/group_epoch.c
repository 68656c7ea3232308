/* group_epoch.c - groups whose coordinator assigns (KIP-848)
 *
 * There is no join and no barrier.  Each member sends heartbeats that say what
 * it has; each answer may say what it shall have.  A change of the group (a
 * member comes or goes, a topic grows) makes a new group epoch and with it a
 * new target; every member walks there by itself:
 *
 *	         target moved            all given up
 *	STABLE ───────────────▶ UNREVOKED ────────────▶ UNRELEASED ──▶ STABLE
 *	   │      (revoking)                 (waits: others still hold some)
 *	   └────────────────────────────────────────────────▲ nothing to give up
 *
 * So a partition is never with two, and who is not concerned reads on.  A
 * member that does not give up within its rebalance timeout is fenced.
 *
 * In 3.9 this is a preview: group.coordinator.rebalance.protocols must name
 * `consumer`.  Assignors: uniform (as even as can be, and sticky) and range.
 *
 * Simplified: an answer does not wait until the records of the change are
 * written; a group is not moved from one protocol to the other while it has
 * members (group.consumer.migration.policy, disabled by default).
 */
#include "sim/broker/groups_inside.h"

#include <string.h>

#include "sim/broker/events.h"

#define EPOCH_JOIN		0
#define EPOCH_LEAVE		(-1)
#define EPOCH_LEAVE_STATIC	(-2)

/* -- the target ---------------------------------------------------------------- */

struct problem {
	struct assign_problem problem;
	struct assign_topic topics[GROUP_TOPICS_MAX * 4];
	struct topic *real[GROUP_TOPICS_MAX * 4];
	uint32_t topic_count;
	struct assign_member *members;
	uint32_t *numbers;
};

static uint32_t topic_index(struct world *w, const struct group *group,
			    struct problem *p, name_id name)
{
	struct topic *t = cluster_topic(w, group->groups->broker->cluster,
					world_text(w, name));
	uint32_t i = 0;

	while (i < p->topic_count && p->real[i] != t)
		i++;
	if (!t || i == GROUP_TOPICS_MAX * 4)
		return UINT32_MAX;
	if (i == p->topic_count) {
		p->real[i] = t;
		p->topics[p->topic_count++] = (struct assign_topic){
			world_text(w, name), t->partitions.count };
	}
	return i;
}

static uint32_t slot_of(const struct group *group, const struct problem *p,
			uint32_t partition)
{
	const struct partition *part =
		group->groups->broker->cluster->partitions.at[partition];
	uint32_t slot = 0;

	for (uint32_t t = 0; t < p->topic_count; t++) {
		if (p->real[t] == part->topic)
			return slot + part->index;
		slot += p->topics[t].partitions;
	}
	return UINT32_MAX;
}

static uint32_t partition_of(const struct problem *p, uint32_t slot)
{
	uint32_t t = 0;

	for (; slot >= p->topics[t].partitions; t++)
		slot -= p->topics[t].partitions;
	return p->real[t]->partitions.at[slot]->id;
}

/* A member's topics and its last target, as numbers from *at on. */
static uint32_t describe(struct world *w, const struct group *group,
			 struct problem *p, uint32_t i, uint32_t at)
{
	const struct member *m = group->members.at[i];
	struct assign_member *a = &p->members[i];

	*a = (struct assign_member){
		.id = world_text(w, m->id), .topics = &p->numbers[at],
		.instance = m->instance ? world_text(w, m->instance) : NULL,
		.generation = 1,
	};
	for (uint32_t k = 0; k < m->topic_count; k++) {
		uint32_t t = topic_index(w, group, p, m->topics[k]);

		if (t != UINT32_MAX)
			p->numbers[at + a->topic_count++] = t;
	}
	at += a->topic_count;
	a->owned = &p->numbers[at];
	for (uint32_t k = 0; k < m->target.count; k++)
		p->numbers[at + k] = slot_of(group, p, m->target.at[k]);
	a->owned_count = m->target.count;
	return at + m->target.count;
}

static void divide(struct world *w, struct group *group, struct problem *p)
{
	uint32_t slots = assign_slots(&p->problem);
	int32_t *owner = arena_take(&w->arena, (slots + 1) * sizeof(*owner));

	assign(&w->arena, group->protocol, &p->problem, owner);
	for (uint32_t i = 0; i < group->members.count; i++)
		group->members.at[i]->target.count = 0;
	for (uint32_t i = 0; i < slots; i++)
		if (owner[i] >= 0)
			*vec_add(&w->arena,
				 &group->members.at[owner[i]]->target) =
				partition_of(p, i);
	arena_free(&w->arena, owner, (slots + 1) * sizeof(*owner));
}

static void new_target(struct world *w, struct group *group)
{
	uint32_t n = group->members.count, numbers = 1, at = 0;
	struct problem p = {0};
	size_t size;

	for (uint32_t i = 0; i < n; i++)
		numbers += GROUP_TOPICS_MAX +
			   group->members.at[i]->target.count;
	size = n * sizeof(*p.members) + numbers * sizeof(*p.numbers);
	p.members = arena_take(&w->arena, size);
	p.numbers = (uint32_t *)(void *)(p.members + n);
	/* all topics first: what a slot is depends on them */
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < group->members.at[i]->topic_count; k++)
			topic_index(w, group, &p,
				    group->members.at[i]->topics[k]);
	for (uint32_t i = 0; i < n; i++)
		at = describe(w, group, &p, i, at);
	p.problem = (struct assign_problem){ p.topics, p.topic_count,
					     p.members, n };
	group->partitions_seen = assign_slots(&p.problem);
	divide(w, group, &p);
	arena_free(&w->arena, p.members, size);
}

/* -- walking there --------------------------------------------------------------- */

static bool has(const uint32_t *list, uint32_t count, uint32_t partition)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == partition)
			return true;
	return false;
}

/* Nobody else has it, or has yet to give it up. */
static bool is_free(const struct member *m, uint32_t partition)
{
	for (uint32_t i = 0; i < m->group->members.count; i++) {
		const struct member *o = m->group->members.at[i];

		if (o != m &&
		    (has(o->assigned.at, o->assigned.count, partition) ||
		     has(o->revoking.at, o->revoking.count, partition)))
			return false;
	}
	return true;
}

static void give_up(struct world *w, struct member *m)
{
	for (uint32_t i = 0; i < m->assigned.count;) {
		uint32_t partition = m->assigned.at[i];

		if (has(m->target.at, m->target.count, partition)) {
			i++;
			continue;
		}
		vec_remove(&m->assigned, i);
		*vec_add(&w->arena, &m->revoking) = partition;
		m->told = false;
	}
	if (m->revoking.count)
		m->revoke = world_timer(w, world_now(w) + m->rebalance_timeout,
					GROUP_SESSION_TIMEOUT, m, 1);
}

static void take_free(struct world *w, struct member *m)
{
	m->waits = false;
	for (uint32_t i = 0; i < m->target.count; i++) {
		uint32_t partition = m->target.at[i];

		if (has(m->assigned.at, m->assigned.count, partition))
			continue;
		if (!is_free(m, partition)) {
			m->waits = true;
			continue;
		}
		*vec_add(&w->arena, &m->assigned) = partition;
		m->told = false;
	}
	if (m->epoch == m->group->generation)
		return;
	m->previous_epoch = m->epoch;
	m->epoch = m->group->generation;
}

/* What it says it has shows whether it has given up what it had to. */
static void hear_owned(struct world *w, struct member *m,
		       const struct group_request *r)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (has(m->revoking.at, m->revoking.count,
			r->items[i].partition))
			return;
	m->revoking.count = 0;
	world_cancel(w, &m->revoke);
}

/* CurrentAssignmentBuilder. */
static void reconcile(struct world *w, struct member *m)
{
	if (m->revoking.count ||
	    (m->epoch == m->group->generation && !m->waits))
		return;
	give_up(w, m);
	if (!m->revoking.count)
		take_free(w, m);
}

static enum group_state state_of(const struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++) {
		const struct member *m = group->members.at[i];

		if (m->epoch != EPOCH_LEAVE_STATIC &&
		    (m->epoch != group->generation || m->waits ||
		     m->revoking.count))
			return GROUP_RECONCILING;
	}
	return group->members.count ? GROUP_STABLE : GROUP_EMPTY;
}

static void settle(struct world *w, struct group *group)
{
	enum group_state now = state_of(group);

	if (now != group->state)
		group_set_state(w, group, now);
}

static void bump(struct world *w, struct group *group, const char *why)
{
	group->generation++;
	group->had_members = true;
	group_say(w, group, "[GroupId %s] Bumped group epoch to %d: %s",
		  world_text(w, group->id), group->generation, why);
	new_target(w, group);
}

void group_epoch_member_left(struct world *w, struct group *group)
{
	bump(w, group, "a member left");
	settle(w, group);
	group_store_members(w, group, false);
}

/* -- the heartbeat ------------------------------------------------------------------ */

static uint32_t partitions_of(struct world *w, const struct group *group)
{
	struct problem p = {0};

	for (uint32_t i = 0; i < group->members.count; i++)
		for (uint32_t k = 0; k < group->members.at[i]->topic_count; k++)
			topic_index(w, group, &p,
				    group->members.at[i]->topics[k]);
	p.problem = (struct assign_problem){ p.topics, p.topic_count, NULL, 0 };
	return assign_slots(&p.problem);
}

static void enter(struct member *m, const struct group_request *r)
{
	struct group *group = m->group;

	m->client_id = r->client_id;
	m->host = r->host;
	m->process = r->req.head.from;
	m->rebalance_timeout = r->rebalance_timeout;
	m->session_timeout = SIM_MS(broker_setting(group->groups->broker,
						   BROKER_CONSUMER_SESSION_MS));
	m->topic_count = r->topic_count;
	memcpy(m->topics, r->topics, sizeof(m->topics));
	m->told = false;
	group->protocol = r->range ? ASSIGNOR_RANGE : ASSIGNOR_STICKY;
}

/* A static member that is back takes the place it left (epoch -2), or whose
 * session is over; as long as another has it, it is refused. */
static enum kafka_error join(struct world *w, struct group *group,
			     struct group_request *r, struct member **out)
{
	struct member *m = group_static_member(group, r->instance);

	if (m && m->epoch != EPOCH_LEAVE_STATIC && m->id != r->member)
		return KAFKA_UNRELEASED_INSTANCE_ID;
	if (m)
		group_member_rename(w, m, r);
	else
		m = group_member(group, r->member);
	*out = m ? m : group_member_new(w, group, r, false);
	enter(*out, r);
	(*out)->assigned.count = (*out)->revoking.count = 0;
	(*out)->epoch = (*out)->previous_epoch = EPOCH_JOIN;
	if (!m)
		bump(w, group, "a member joined");
	return KAFKA_NONE;
}

static enum kafka_error find(struct world *w, struct groups *g,
			     struct group_request *r, struct member **m)
{
	struct group *group = group_find(g, r->group);
	enum kafka_error error;

	if (broker_setting(g->broker, BROKER_GROUP_PROTOCOLS) == 0)
		return KAFKA_UNSUPPORTED_VERSION;
	if (!group && r->generation == EPOCH_JOIN)
		group = group_for(w, g, r->group);
	if (group && group->state == GROUP_EMPTY &&
	    !group->pending.count)
		group->remote = true;
	if (!group || !group->remote)
		return KAFKA_GROUP_ID_NOT_FOUND;
	if (r->generation == EPOCH_JOIN)
		return join(w, group, r, m);
	error = group_member_of(group, r, m);
	if (error == KAFKA_NONE && r->generation > 0 &&
	    r->generation != (*m)->epoch &&
	    r->generation != (*m)->previous_epoch)
		error = KAFKA_FENCED_MEMBER_EPOCH;
	return error;
}

static void leave(struct world *w, struct member *m, struct group_request *r)
{
	struct groups *g = m->group->groups;

	if (r->generation == EPOCH_LEAVE_STATIC) {
		m->epoch = EPOCH_LEAVE_STATIC;	/* its session goes on */
	} else {
		struct group *group = m->group;

		group_say(w, group, "[GroupId %s] Member %s left the consumer "
			  "group", world_text(w, group->id),
			  world_text(w, m->id));
		group_member_drop(w, m);
		group_epoch_member_left(w, group);
	}
	group_refuse(w, g, r, KAFKA_NONE);
}

static void answer(struct world *w, struct member *m, struct group_request *r)
{
	struct groups *g = m->group->groups;
	uint32_t count = m->told ? 0 : m->assigned.count;
	struct group_answer *a = group_answer_for(w, r, count);

	a->member = m->id;
	a->generation = m->epoch;
	a->skip_assignment = m->told;
	a->heartbeat = SIM_MS(broker_setting(g->broker,
					     BROKER_CONSUMER_HEARTBEAT_MS));
	for (uint32_t i = 0; i < count; i++)
		a->items[a->count++].partition = m->assigned.at[i];
	m->told = true;
	group_reply(w, g, r, a);
}

void group_consumer_heartbeat(struct world *w, struct groups *g,
			      struct group_request *r)
{
	enum kafka_error error;
	struct member *m = NULL;
	struct group *group;
	int32_t was;
	bool told;

	error = find(w, g, r, &m);
	if (error != KAFKA_NONE) {
		group_refuse(w, g, r, error);
		return;
	}
	group = m->group;
	if (r->generation < 0) {
		leave(w, m, r);
		return;
	}
	group_member_alive(w, m);
	if (partitions_of(w, group) != group->partitions_seen)
		bump(w, group, "topics have changed");
	told = m->told;
	was = m->epoch;
	if (r->generation > 0)
		hear_owned(w, m, r);
	reconcile(w, m);
	settle(w, group);
	if (m->epoch != was || (told && !m->told))
		group_store_members(w, group, false);
	answer(w, m, r);
}
