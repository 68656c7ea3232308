/* replica_selector.c - which replica a consumer reads from (KIP-392)
 *
 * ReplicaManager.findPreferredReadReplica, RackAwareReplicaSelector and
 * ReplicaView.comparator, 3.9.  Simplified: where a follower's log begins is
 * not known to the leader, and taken to be where its own does.
 */
#include "sim/broker/replica_selector.h"

static const struct broker *broker_at(const struct replica *r, int32_t index)
{
	return r->broker->cluster->brokers.at[index];
}

/* It has what is asked for, and is not likely to fall behind. */
static bool eligible(const struct replica *r, const struct follower *f,
		     name_id rack, int64_t offset)
{
	return f->broker != NO_BROKER && f->broker != r->broker->index &&
	       r->isr & broker_bit(f->broker) &&
	       r->broker->view.brokers & broker_bit(f->broker) &&
	       broker_at(r, f->broker)->rack == rack &&
	       f->end_offset >= offset;
}

/* The most caught-up: longest log, last caught up, highest id. */
static bool better(const struct replica *r, const struct follower *a,
		   const struct follower *b)
{
	if (a->end_offset != b->end_offset)
		return a->end_offset > b->end_offset;
	if (a->caught_up_at != b->caught_up_at)
		return a->caught_up_at > b->caught_up_at;
	return broker_at(r, a->broker)->node_id >
	       broker_at(r, b->broker)->node_id;
}

int32_t replica_selected(const struct replica *r, name_id rack, int64_t offset)
{
	const struct follower *best = NULL;

	if (!rack || rack == r->broker->rack ||
	    !broker_setting(r->broker, BROKER_REPLICA_SELECTOR))
		return NO_BROKER;
	for (uint32_t i = 0; i < REPLICAS_MAX; i++) {
		const struct follower *f = &r->followers[i];

		if (eligible(r, f, rack, offset) &&
		    (!best || better(r, f, best)))
			best = f;
	}
	return best ? best->broker : NO_BROKER;
}
