/* group_offsets.c - what groups have committed, and how long it is kept
 *
 * Offsets that count only if a transaction does are in group_txn.c.
 */
#include "sim/broker/group_txn.h"
#include "sim/broker/groups_inside.h"

void group_set_committed(struct world *w, struct group *group,
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

static enum kafka_error commit_error(struct world *w, struct group *group,
				     const struct group_request *r)
{
	enum kafka_error error = KAFKA_NONE;
	struct member *m = NULL;

	/* generation -1: a consumer without group management */
	if (r->generation >= 0 || r->member)
		error = group_member_of(group, r, &m);
	else if (group->state != GROUP_EMPTY)
		error = KAFKA_UNKNOWN_MEMBER_ID;
	if (m && error == KAFKA_NONE && group->remote)
		return r->generation == m->epoch ? KAFKA_NONE :
		       KAFKA_STALE_MEMBER_EPOCH;
	if (m && error == KAFKA_NONE && r->generation != group->generation)
		error = KAFKA_ILLEGAL_GENERATION;
	if (error == KAFKA_NONE && group->state == GROUP_COMPLETING)
		error = KAFKA_REBALANCE_IN_PROGRESS;
	if (m && error == KAFKA_NONE)
		group_member_alive(w, m);
	return error;
}

void group_commit(struct world *w, struct groups *g, struct group_request *r)
{
	enum kafka_error error = commit_error(w, group_for(w, g, r->group), r);
	bool answered = false;

	/* group_committed answers and frees the request, perhaps at once. */
	if (error == KAFKA_NONE && r->count) {
		answered = group_store_offsets(w, g, r, r->group, r->items,
					       r->count);
		if (!answered)
			error = KAFKA_COORDINATOR_NOT_AVAILABLE;
	}
	if (!answered)
		group_refuse(w, g, r, error);
}

void group_fetch_offsets(struct world *w, struct groups *g,
			 struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct group_answer *a = group_answer_for(w, r, r->count);

	a->count = r->count;
	if (group && r->require_stable &&
	    group_txn_unstable(group, r->items, r->count))
		a->error = KAFKA_UNSTABLE_OFFSET_COMMIT;
	for (uint32_t i = 0; i < r->count; i++) {
		a->items[i] = r->items[i];
		a->items[i].offset = -1;
		for (uint32_t k = 0; group && k < group->offsets.count; k++)
			if (group->offsets.at[k].partition ==
			    r->items[i].partition)
				a->items[i].offset = group->offsets.at[k].offset;
	}
	group_reply(w, g, r, a);
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
	return group_store_offsets(w, g, NULL, id, items, count) ? KAFKA_NONE :
	       KAFKA_COORDINATOR_NOT_AVAILABLE;
}

/* Tombstones, so that a later leader forgets them too. */
static void forget(struct world *w, struct group *group,
		   const struct group_item *gone, uint32_t count)
{
	if (count)
		group_store_offsets(w, group->groups, NULL, group->id, gone,
				    count);
}

static const struct group_item tombstone = { .offset = -1 };

enum kafka_error group_delete(struct world *w, struct groups *g,
			      const char *name)
{
	struct group *group = group_find(g, world_name(w, name));

	if (!group)
		return KAFKA_GROUP_ID_NOT_FOUND;
	if (group->state != GROUP_EMPTY)
		return KAFKA_NON_EMPTY_GROUP;
	for (uint32_t i = 0; i < group->offsets.count; i++) {
		struct group_item gone = tombstone;

		gone.partition = group->offsets.at[i].partition;
		forget(w, group, &gone, 1);
	}
	group_store_members(w, group, true);
	group_free(w, group);
	return KAFKA_NONE;
}

static bool reads_topic(const struct group *group, name_id topic)
{
	for (uint32_t i = 0; i < group->members.count; i++)
		for (uint32_t k = 0; k < group->members.at[i]->topic_count; k++)
			if (group->members.at[i]->topics[k] == topic)
				return true;
	return false;
}

static name_id topic_of(const struct group *group, uint32_t partition)
{
	return group->groups->broker->cluster->partitions.at[partition]->topic
		->name;
}

/* OffsetDelete (KIP-496): of a group that lives, topics nobody reads now. */
enum kafka_error group_delete_offset(struct world *w, struct groups *g,
				     const char *name, uint32_t partition)
{
	struct group *group = group_find(g, world_name(w, name));
	struct group_item gone = tombstone;

	if (!group)
		return KAFKA_GROUP_ID_NOT_FOUND;
	if (reads_topic(group, topic_of(group, partition)))
		return KAFKA_GROUP_SUBSCRIBED_TO_TOPIC;
	gone.partition = partition;
	forget(w, group, &gone, 1);
	return KAFKA_NONE;
}

/* -- old offsets ------------------------------------------------------------- */

/*
 * GroupMetadata.removeExpiredOffsets (KIP-211): of an empty group, a while
 * after it became empty; of one whose members read other topics now, or that
 * never had members, a while after the commit.
 */
static bool expired(const struct world *w, const struct group *group,
		    const struct committed *c)
{
	sim_time keep = SIM_MINUTES(broker_setting(group->groups->broker,
					BROKER_OFFSETS_RETENTION_MINUTES));

	if (group->state == GROUP_EMPTY)
		return world_now(w) - (group->had_members ? group->state_at :
				       c->at) >= keep;
	return (group->state == GROUP_STABLE ||
		group->state == GROUP_RECONCILING) &&
	       !reads_topic(group, topic_of(group, c->partition)) &&
	       world_now(w) - c->at >= keep;
}

#define EXPIRE_MAX	64		/* in one record batch */

void group_expire(struct world *w, struct group *group)
{
	struct group_item gone[EXPIRE_MAX];
	uint32_t n = 0;

	for (uint32_t i = 0; i < group->offsets.count && n < EXPIRE_MAX; i++)
		if (expired(w, group, &group->offsets.at[i])) {
			gone[n] = tombstone;
			gone[n++].partition = group->offsets.at[i].partition;
		}
	forget(w, group, gone, n);
	if (n)
		log_write(w, groups_process(group->groups), LOG_INFO,
			  "[GroupMetadataManager brokerId=%d] Removed %u "
			  "expired offsets of group %s. (kafka.coordinator."
			  "group.GroupMetadataManager)",
			  group->groups->broker->node_id, n,
			  world_text(w, group->id));
	if (group->state != GROUP_EMPTY || group->offsets.count > n ||
	    group->pending.count || group->txn_offsets.count || (!n && !group->had_members))
		return;
	/* Dead: nothing is left of it. */
	group_say(w, group, "Group %s transitioned to Dead in generation %d",
		  world_text(w, group->id), group->generation);
	group_store_members(w, group, true);
	group_free(w, group);
}
