/* isolation.h - which of the batches it fetched a consumer hands out
 *
 * Control batches nobody gets: they only move the position.  With
 * isolation.level=read_committed neither what an aborted transaction wrote.
 * The broker does not filter, it names in its reply the aborted transactions
 * that reach into it (txn_index.h); and it stops at the last stable offset, so
 * that the fate of all that comes is known.
 *
 *	fetched   A  B  A  A!  B  B?        aborted: (B, 1)
 *	handed    A     A
 *
 * After CompletedFetch of the Java client, 3.9.  Simplified: there the list says
 * where each begins, and where it ends is seen when its marker comes by; here
 * it says both.
 */
#ifndef SIM_BROKER_ISOLATION_H
#define SIM_BROKER_ISOLATION_H

#include "sim/broker/txn_index.h"

static inline bool isolation_hides(const struct batch *b, bool read_committed,
				   const struct aborted_txn *aborted,
				   uint32_t count)
{
	if (b->control)
		return true;
	if (!read_committed || !b->transactional)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (aborted[i].producer_id == b->producer_id &&
		    aborted[i].first <= b->base_offset &&
		    b->base_offset < aborted[i].last)
			return true;
	return false;
}

#endif
