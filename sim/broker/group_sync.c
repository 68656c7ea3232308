/* group_sync.c - what each member reads; heartbeats, and leaving */
#include "sim/broker/groups_inside.h"

#include <string.h>

#include "sim/broker/events.h"

void group_answer_sync(struct world *w, struct member *m)
{
	struct group_answer *a = group_answer_for(w, m->syncing,
						  m->assigned.count);

	a->generation = m->group->generation;
	a->protocol = m->group->protocol;
	for (uint32_t i = 0; i < m->assigned.count; i++)
		a->items[a->count++] = (struct group_item){
			.member = m->id, .partition = m->assigned.at[i],
		};
	group_reply(w, m->group->groups, m->syncing, a);
	m->syncing = NULL;
	group_member_alive(w, m);
}

/* The leader's assignment is written down before anybody hears of it. */
static void sync_leader(struct world *w, struct group *group,
			const struct group_request *r)
{
	group_say(w, group, "Assignment received from leader %s for group %s "
		  "for generation %d. The group has %u members, %u of which "
		  "are static.", world_text(w, r->member),
		  world_text(w, group->id), group->generation,
		  group->members.count, group_static_count(group));
	for (uint32_t i = 0; i < group->members.count; i++)
		group->members.at[i]->assigned.count = 0;
	for (uint32_t i = 0; i < r->count; i++) {
		struct member *m = group_member(group, r->items[i].member);

		if (m)
			*vec_add(&w->arena, &m->assigned) =
				r->items[i].partition;
	}
	if (!group_store_members(w, group, false))
		group_stored(w, group, group->generation, false);
}

static void assignment_failed(struct world *w, struct group *group)
{
	for (uint32_t i = 0; i < group->members.count; i++) {
		struct member *m = group->members.at[i];

		m->assigned.count = 0;
		if (m->syncing)
			group_refuse(w, group->groups, m->syncing,
				     KAFKA_COORDINATOR_NOT_AVAILABLE);
		m->syncing = NULL;
	}
	group_prepare(w, group, "Error when storing group assignment during "
		      "SyncGroup");
	group_maybe_complete(w, group);
}

void group_stored(struct world *w, struct group *group, int32_t generation,
		  bool good)
{
	if (group->state != GROUP_COMPLETING ||
	    group->generation != generation)
		return;
	if (!good) {
		assignment_failed(w, group);
		return;
	}
	world_cancel(w, &group->deadline);
	group_set_state(w, group, GROUP_STABLE);
	for (uint32_t i = 0; i < group->members.count; i++)
		if (group->members.at[i]->syncing)
			group_answer_sync(w, group->members.at[i]);
}

static enum kafka_error current_member(const struct group *group,
				       const struct group_request *r,
				       struct member **m)
{
	enum kafka_error error = group_member_of(group, r, m);

	if (error == KAFKA_NONE && r->generation != group->generation)
		error = KAFKA_ILLEGAL_GENERATION;
	return error;
}

void group_sync(struct world *w, struct groups *g, struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m;
	enum kafka_error error = current_member(group, r, &m);

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
		group_answer_sync(w, m);
	else if (m->id == group->leader)
		sync_leader(w, group, r);
}

void group_heartbeat(struct world *w, struct groups *g,
		     struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m;
	enum kafka_error error = current_member(group, r, &m);

	if (error == KAFKA_NONE) {
		group_member_alive(w, m);
		if (group->state == GROUP_PREPARING)
			error = KAFKA_REBALANCE_IN_PROGRESS;
	}
	group_refuse(w, g, r, error);
}

/* -- leaving ----------------------------------------------------------------- */

static void member_gone(struct world *w, struct member *m, const char *why)
{
	struct group *group = m->group;
	name_id id = m->id;

	group_member_drop(w, m);
	if (group->remote) {
		group_epoch_member_left(w, group);
		return;
	}
	switch (group->state) {
	case GROUP_STABLE:
	case GROUP_COMPLETING:
		group_prepare(w, group, "removing member %s on %s",
			      world_text(w, id), why);
		group_maybe_complete(w, group);
		break;
	case GROUP_PREPARING:
		group_maybe_complete(w, group);
		break;
	default:
		break;
	}
}

void group_session_timeout(struct world *w, void *who, uint16_t arg)
{
	struct member *m = who;

	if (arg == 1) {			/* KIP-848: it revokes for too long */
		m->revoke = (struct timer){0};
		group_say(w, m->group, "Member %s in group %s has not revoked "
			  "its partitions within its rebalance timeout: it is "
			  "fenced", world_text(w, m->id),
			  world_text(w, m->group->id));
		member_gone(w, m, "rebalance timeout");
		return;
	}
	m->session = (struct timer){0};
	/* A member that waits for the join is known to be alive. */
	if (m->joining || !process_runs(groups_process(m->group->groups))) {
		group_member_alive(w, m);
		return;
	}
	group_say(w, m->group, m->pending ?
		  "Pending member %s in group %s has been removed after "
		  "session timeout expiration." :
		  "Member %s in group %s has failed, removing it from the "
		  "group", world_text(w, m->id), world_text(w, m->group->id));
	member_gone(w, m, "heartbeat expiration");
}

void group_leave(struct world *w, struct groups *g, struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct member *m = group ? group_pending(group, r->member) : NULL;
	enum kafka_error error = m ? KAFKA_NONE :
				 group_member_of(group, r, &m);

	if (m && error == KAFKA_NONE) {
		group_say(w, group, "Member %s has left group %s through "
			  "explicit `LeaveGroup`; client reason: %s",
			  world_text(w, m->id), world_text(w, group->id),
			  r->reason ? r->reason : "not provided");
		member_gone(w, m, "LeaveGroup");
	}
	group_refuse(w, g, r, error);
}
