/* group_txn.c - offsets that count only if a transaction does */
#include "sim/broker/group_txn.h"

#include <string.h>

#include "sim/broker/events.h"
#include "sim/broker/groups_inside.h"
#include "sim/broker/txn.h"
#include "sim/broker/txn_verify.h"

bool group_txn_partition(struct world *w, const struct broker *b, name_id group,
			 uint32_t *partition)
{
	struct topic *t = cluster_topic(w, b->cluster, OFFSETS_TOPIC);

	if (!t)
		return false;
	*partition = t->partitions.at[group_offsets_partition(
		world_text(w, group), t->partitions.count)]->id;
	return true;
}

/* -- pending --------------------------------------------------------------- */

void group_txn_pending(struct world *w, struct group *group,
		       int64_t producer_id, uint32_t partition, int64_t offset)
{
	struct pending_offset one = { producer_id, partition, offset };

	for (uint32_t i = 0; i < group->txn_offsets.count; i++)
		if (group->txn_offsets.at[i].producer_id == producer_id &&
		    group->txn_offsets.at[i].partition == partition) {
			group->txn_offsets.at[i] = one;
			return;
		}
	*vec_add(&w->arena, &group->txn_offsets) = one;
}

bool group_txn_unstable(const struct group *group,
			const struct group_item *items, uint32_t count)
{
	for (uint32_t i = 0; i < group->txn_offsets.count; i++)
		for (uint32_t k = 0; k < count; k++)
			if (group->txn_offsets.at[i].partition ==
			    items[k].partition)
				return true;
	return false;
}

static void end_in(struct world *w, struct group *group, int64_t producer_id,
		   bool commit)
{
	for (uint32_t i = 0; i < group->txn_offsets.count;) {
		struct pending_offset one = group->txn_offsets.at[i];

		if (one.producer_id != producer_id) {
			i++;
			continue;
		}
		vec_remove(&group->txn_offsets, i);
		if (commit)
			group_set_committed(w, group, one.partition,
					    one.offset, world_now(w));
	}
}

void group_txn_ended(struct world *w, struct groups *g, uint32_t index,
		     int64_t producer_id, bool commit)
{
	for (uint32_t i = 0; i < g->by_name.count; i++) {
		struct group *group = g->by_name.entries[i].value;

		if (group && group->txn_offsets.count &&
		    group_offsets_partition(world_text(w, group->id),
					    g->owned.count) == index)
			end_in(w, group, producer_id, commit);
	}
}

void group_txn_marker(struct world *w, struct broker *b, uint32_t partition,
		      int64_t producer_id, bool commit)
{
	const struct partition *p = b->cluster->partitions.at[partition];

	if (!strcmp(world_text(w, p->topic->name), OFFSETS_TOPIC) &&
	    p->index < b->groups->owned.count &&
	    b->groups->owned.at[p->index])
		group_txn_ended(w, b->groups, p->index, producer_id, commit);
}

/* -- a commit --------------------------------------------------------------- */

/* One whose records are being written. */
struct txn_commit {
	struct groups *groups;
	struct txn_request *request;
};

/*
 * validateTxnOffsetCommit: of a member, who says its generation.  Who says none
 * is believed: the fields are optional.  A group whose coordinator assigns
 * (KIP-848) compares epochs, and has the same names for what is wrong
 * (OffsetMetadataManager.validateTransactionalOffsetCommit).
 */
static enum kafka_error member_error(const struct group *group,
				     const struct txn_request *m)
{
	const struct member *member = group ? group_member(group, m->member) :
				      NULL;

	if (m->generation < 0 && !m->member)
		return KAFKA_NONE;
	if (!member)
		return KAFKA_UNKNOWN_MEMBER_ID;
	return m->generation == (group->remote ? member->epoch :
				 group->generation) ? KAFKA_NONE :
	       KAFKA_ILLEGAL_GENERATION;
}

static enum kafka_error write(struct world *w, struct groups *g,
			      struct txn_request *m)
{
	struct group_item *items = arena_take(&w->arena,
					      m->count * sizeof(*items));
	struct txn_commit *c = world_take(w, struct txn_commit);
	enum kafka_error error;
	struct batch b;

	for (uint32_t i = 0; i < m->count; i++)
		items[i] = (struct group_item){
			.partition = m->items[i].partition,
			.offset = m->items[i].offset,
		};
	b = group_offsets_batch(w, g, m->group, items, m->count);
	arena_free(&w->arena, items, m->count * sizeof(*items));
	b.transactional = true;
	b.producer_id = m->producer_id;
	b.producer_epoch = m->epoch;
	b.sequence = -1;
	*c = (struct txn_commit){ g, m };
	error = produce_own(w, g->broker,
			    group_offsets_partition_id(w, g, m->group), &b,
			    GROUP_TXN_WRITTEN, c);
	if (error != KAFKA_NONE)
		world_give(w, c);
	return error;
}

/* Is it of an epoch that has been fenced, or too late? */
static enum kafka_error append_error(struct world *w, struct groups *g,
				     const struct txn_request *m)
{
	struct replica *r = broker_replica(g->broker,
		group_offsets_partition_id(w, g, m->group));
	struct batch b = {
		.transactional = true, .producer_id = m->producer_id,
		.producer_epoch = m->epoch,
	};
	const struct producer_entry *e = r ?
		producer_states_find(&r->producers, m->producer_id) : NULL;

	if (!r)
		return KAFKA_NOT_COORDINATOR;
	if (e && m->epoch < e->epoch)
		return KAFKA_INVALID_PRODUCER_EPOCH;
	return txn_guards_check(w, r, &b, m->guard);
}

/* Errors of an append, as a group's clients are told. */
static enum kafka_error told(enum kafka_error e)
{
	switch (e) {
	case KAFKA_NOT_LEADER_OR_FOLLOWER:
	case KAFKA_STORAGE_ERROR:
		return KAFKA_NOT_COORDINATOR;
	case KAFKA_NOT_ENOUGH_REPLICAS:
	case KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
	case KAFKA_REQUEST_TIMED_OUT:
	case KAFKA_NETWORK_EXCEPTION:
		return KAFKA_COORDINATOR_NOT_AVAILABLE;
	default:
		return e;
	}
}

void group_txn_commit(struct world *w, struct groups *g, struct txn_request *m)
{
	struct group *group = group_find(g, m->group);
	enum kafka_error error = m->error;

	if (groups_ours(w, g, m->group) != KAFKA_NONE)
		error = groups_ours(w, g, m->group);
	if (error == KAFKA_NONE)
		error = member_error(group, m);
	if (error == KAFKA_NONE)
		error = append_error(w, g, m);
	if (error == KAFKA_NONE) {
		/* Pending from now on: nobody may read what came before. */
		group = group_for(w, g, m->group);
		for (uint32_t i = 0; i < m->count; i++)
			group_txn_pending(w, group, m->producer_id,
					  m->items[i].partition,
					  m->items[i].offset);
		error = write(w, g, m);
		if (error == KAFKA_NONE)
			return;
	}
	txn_refuse(w, g->broker, m, told(error));
}

/* What could not be written stays pending until the marker: it may lie in the
 * log all the same. */
void group_txn_written(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;
	struct txn_commit c = *(struct txn_commit *)p->internal_self;

	(void)arg;
	world_give(w, (struct txn_commit *)p->internal_self);
	txn_refuse(w, c.groups->broker, c.request,
		   told(p->reply->parts[0].error));
}
