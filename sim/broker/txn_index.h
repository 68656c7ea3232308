/* txn_index.h - which transactions a log holds: open, ended, aborted
 *
 * The records of a transaction lie between those of others, in the log of each
 * partition that it wrote to.  Whether they count is decided by a *marker*, a
 * batch of one control record that takes an offset of its own (KIP-98):
 *
 *	offset   10  11  12  13  14  15  16  17
 *	         A   B   A   A!  .   B   B?  C        ! commit   ? abort
 *
 * A reader of committed records may read up to the *last stable offset*: the
 * first record of the oldest transaction that is still open, here C's, 17.  A
 * marker counts once it is replicated, so an ended transaction holds it back
 * too until the high watermark has passed its marker.  Without transactions
 * the last stable offset is the high watermark.
 *
 * What a reader gets may hold records of aborted transactions, here 11 and 15.
 * So each reply names those that reach into it: (producer id, first offset),
 * and the reader drops what that producer wrote from there up to its marker.
 *
 * All this follows from the log's batches, as producer_state.h does.
 *
 * After kafka.log ProducerStateManager (ongoingTxns, unreplicatedTxns),
 * AbortedTxn, TransactionIndex and UnifiedLog.lastStableOffset, 3.9.
 * Simplified: the index of aborted transactions is kept whole in memory; there
 * it is a file (.txnindex) beside each segment.
 */
#ifndef SIM_BROKER_TXN_INDEX_H
#define SIM_BROKER_TXN_INDEX_H

#include "sim/broker/log.h"

struct open_txn {
	int64_t producer_id;
	int64_t first;			/* offset of its first record */
	sim_time since;			/* that record's timestamp */
};

struct ended_txn {
	int64_t first;
	int64_t marker;			/* offset of its marker */
};

struct aborted_txn {
	int64_t producer_id;
	int64_t first, last;		/* last: of the marker */
	int64_t last_stable;		/* what it was right behind the marker */
};

/* Of one log; all zero is "no transactions". */
struct txn_index {
	VEC(struct open_txn) open;	/* by first offset */
	VEC(struct ended_txn) ended;	/* marker not yet known replicated */
	VEC(struct aborted_txn) aborted;	/* by marker */
};

/* A producer has begun one in this log; its marker was appended. */
void txn_index_begin(struct world *w, struct txn_index *x, int64_t producer_id,
		     int64_t first, sim_time at);
void txn_index_end(struct world *w, struct txn_index *x, int64_t producer_id,
		   int64_t marker, bool abort);
void txn_index_clear(struct world *w, struct txn_index *x);

/* The last stable offset under this high watermark; both only ever grow until
 * the log is cut, so what the watermark has passed is forgotten. */
int64_t txn_index_stable(struct txn_index *x, int64_t high_watermark);

/* Aborted transactions that reach into [from, to), into `out` (NULL: only count
 * them). */
uint32_t txn_index_aborted(const struct txn_index *x, int64_t from, int64_t to,
			   struct aborted_txn *out);

/* Was what this producer wrote at this offset aborted? */
bool txn_index_is_aborted(const struct txn_index *x, int64_t producer_id,
			  int64_t offset);

#endif
