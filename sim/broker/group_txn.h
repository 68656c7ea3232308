/* group_txn.h - offsets that count only if a transaction does
 *
 * Who reads, transforms and writes wants "read up to here" and what it wrote to
 * count together: it sends its offsets through the transaction (KIP-98), with
 * its group's generation, so that a member that was put out cannot
 * (KIP-447).  They are records of __consumer_offsets like all others, in a
 * transactional batch; the group keeps them as *pending* until the marker comes
 * to that partition:
 *
 *	offset commit ─▶ pending ──commit──▶ committed
 *	                    └─────abort───▶ forgotten
 *
 * A reader of committed records that asks for a group's offsets while some are
 * pending is told UNSTABLE_OFFSET_COMMIT and asks again.
 *
 * After GroupMetadata.pendingTransactionalOffsetCommits, 3.9.
 */
#ifndef SIM_BROKER_GROUP_TXN_H
#define SIM_BROKER_GROUP_TXN_H

#include "sim/broker/groups.h"
#include "sim/broker/txn_protocol.h"

/* The partition (id) of __consumer_offsets that has a group's offsets. */
bool group_txn_partition(struct world *w, const struct broker *b, name_id group,
			 uint32_t *partition);

/* A transactional offset commit; it is ours from here on. */
void group_txn_commit(struct world *w, struct groups *g, struct txn_request *m);

/* A marker was written to a partition, perhaps one of the offsets. */
void group_txn_marker(struct world *w, struct broker *b, uint32_t partition,
		      int64_t producer_id, bool commit);
/* The same of one partition of the offsets, by its index, while it is read. */
void group_txn_ended(struct world *w, struct groups *g, uint32_t index,
		     int64_t producer_id, bool commit);
/* An offset is pending (as it is read again). */
void group_txn_pending(struct world *w, struct group *group,
		       int64_t producer_id, uint32_t partition, int64_t offset);

/* Are offsets of these partitions pending? */
bool group_txn_unstable(const struct group *group,
			const struct group_item *items, uint32_t count);

/* Event: the records of a commit are in every in-sync log, or failed. */
void group_txn_written(struct world *w, void *who, uint16_t arg);

#endif
