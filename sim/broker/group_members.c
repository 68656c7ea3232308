/* group_members.c - who is a member of a group, and under which name */
#include "sim/broker/groups_inside.h"

#include <stdio.h>
#include <string.h>

#include "sim/broker/events.h"

struct member *group_member(const struct group *group, name_id id)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->id == id)
			return group->members.at[i];
	return NULL;
}

struct member *group_static_member(const struct group *group, name_id instance)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		if (instance && group->members.at[i]->instance == instance)
			return group->members.at[i];
	return NULL;
}

struct member *group_pending(const struct group *group, name_id id)
{
	for (uint32_t i = 0; i < group->pending.count; i++)
		if (group->pending.at[i]->id == id)
			return group->pending.at[i];
	return NULL;
}

uint32_t group_static_count(const struct group *group)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < group->members.count; i++)
		n += group->members.at[i]->instance != 0;
	return n;
}

void group_member_alive(struct world *w, struct member *m)
{
	world_cancel(w, &m->session);
	m->session = world_timer(w, world_now(w) + m->session_timeout,
				 GROUP_SESSION_TIMEOUT, m, 0);
}

/* clientId-uuid, or instance-uuid for static members (GroupMetadata). */
static name_id new_id(struct world *w, const struct groups *g, name_id first)
{
	unsigned long long a, b;
	struct luck luck;
	char id[160];

	luck_init(&luck, w->state->seed, world_text(w, first), "member");
	luck.n = ++g->broker->cluster->next_correlation;
	a = luck_draw(&luck);
	b = luck_draw(&luck);
	snprintf(id, sizeof(id), "%.100s-%08x-%04x-4%03x-a%03x-%012llx",
		 world_text(w, first), (unsigned)(a >> 32),
		 (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
		 (unsigned)(b >> 52), b & 0xffffffffffffull);
	return world_name(w, id);
}

struct member *group_member_add(struct world *w, struct group *group,
				name_id id)
{
	struct member *m = world_take(w, struct member);

	m->group = group;
	m->id = id;
	*vec_add(&w->arena, &group->members) = m;
	return m;
}

struct member *group_member_new(struct world *w, struct group *group,
				const struct group_request *r, bool pending)
{
	struct member *m = world_take(w, struct member);

	m->group = group;
	m->instance = r->instance;
	m->id = new_id(w, group->groups, r->instance ? r->instance :
		       r->client_id);
	m->session_timeout = r->session_timeout;
	m->pending = pending;
	if (pending)
		*vec_add(&w->arena, &group->pending) = m;
	else
		*vec_add(&w->arena, &group->members) = m;
	return m;
}

/* What a member asked and waits for is refused. */
static void refuse_waiting(struct world *w, struct member *m,
			   enum kafka_error error)
{
	if (m->joining)
		group_refuse(w, m->group->groups, m->joining, error);
	if (m->syncing)
		group_refuse(w, m->group->groups, m->syncing, error);
	m->joining = m->syncing = NULL;
}

/* A static member came again: who had its name before is fenced. */
void group_member_rename(struct world *w, struct member *m,
			 const struct group_request *r)
{
	name_id was = m->id;

	refuse_waiting(w, m, KAFKA_FENCED_INSTANCE_ID);
	m->id = new_id(w, m->group->groups, r->instance);
	if (m->group->leader == was)
		m->group->leader = m->id;
	group_say(w, m->group, "Static member with groupInstanceId=%s and "
		  "unknown member id joins group %s in %s state. Replacing "
		  "previously mapped member %s with this groupInstanceId.",
		  world_text(w, m->instance), world_text(w, m->group->id),
		  group_state_name(m->group->state), world_text(w, was));
}

static void member_free(struct world *w, struct member *m)
{
	world_cancel(w, &m->session);
	refuse_waiting(w, m, KAFKA_UNKNOWN_MEMBER_ID);
	vec_free(&w->arena, &m->assigned);
	vec_free(&w->arena, &m->owned);
	vec_free(&w->arena, &m->target);
	vec_free(&w->arena, &m->revoking);
	world_cancel(w, &m->revoke);
	world_give(w, m);
}

void group_member_drop(struct world *w, struct member *m)
{
	struct group *group = m->group;

	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i] == m) {
			vec_remove(&group->members, i);
			break;
		}
	for (uint32_t i = 0; i < group->pending.count; i++)
		if (group->pending.at[i] == m) {
			vec_remove(&group->pending, i);
			break;
		}
	member_free(w, m);
}

void group_members_free(struct world *w, struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		member_free(w, group->members.at[i]);
	for (uint32_t i = 0; i < group->pending.count; i++)
		member_free(w, group->pending.at[i]);
	vec_free(&w->arena, &group->members);
	vec_free(&w->arena, &group->pending);
}

/* GroupCoordinator.validateCurrentMember. */
enum kafka_error group_member_of(const struct group *group,
				 const struct group_request *r,
				 struct member **m)
{
	*m = group ? group_member(group, r->member) : NULL;
	if (group && r->instance) {
		struct member *named = group_static_member(group, r->instance);

		if (named && named != *m)
			return KAFKA_FENCED_INSTANCE_ID;
		*m = named;
	}
	return *m ? KAFKA_NONE : KAFKA_UNKNOWN_MEMBER_ID;
}
