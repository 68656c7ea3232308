/* txn.h - the transaction coordinator: who is in a transaction, how it ends
 *
 * A producer with a transactional.id writes to several partitions, and all of
 * it counts or nothing does (KIP-98).  The coordinator, one broker for each id,
 * keeps where the transaction stands; every move is a record of
 * __transaction_state, replicated before anybody is told:
 *
 *	         add partitions          end: commit            markers written
 *	  EMPTY ───────────────▶ ONGOING ──────────▶ PREPARE_COMMIT ──▶ COMPLETE_COMMIT
 *	    ▲                     ▲  │ end: abort, time-out,                │
 *	    │                     │  │ another init (fences)                │
 *	    │                     │  └───────────▶ PREPARE_ABORT ───▶ COMPLETE_ABORT
 *	    │ init                └─────────────── add partitions ──────────┤
 *	    └────────────────────────────────────────────────────────────── ┘
 *
 * The record of PREPARE_COMMIT is the moment that decides.  From then on the
 * coordinator, or its successor, writes markers to the leaders of all
 * partitions until each has one (txn_markers.h).
 *
 * Init gives the producer its id and the next epoch.  Whoever had the last one
 * is a zombie from then on: the coordinator answers PRODUCER_FENCED, leaders
 * INVALID_PRODUCER_EPOCH.  An open transaction is aborted first, under an epoch
 * of its own.  Init that names id and epoch only raises it (KIP-360).
 *
 * Every 10 s transactions that are open for longer than their producer's
 * transaction.timeout.ms are aborted likewise; ids that were idle for 7 days
 * are forgotten.
 *
 * The coordinator of an id is the leader of its partition of
 * __transaction_state: abs(hash(id)) % 50.  Who becomes leader reads the whole
 * partition, for as long as that takes answers COORDINATOR_LOAD_IN_PROGRESS,
 * and takes up what its predecessor left.
 *
 * Files: txn_protocol.h (requests), txn.c (requests to the coordinator),
 * txn_state.c (moves and their records), txn_duties.c (time), txn_markers.c,
 * txn_verify.c (leaders ask before they append), txn_index.c (in a log),
 * txn_peers.c (one broker asks another), group_txn.c (offsets).
 *
 * After kafka.coordinator.transaction TransactionCoordinator, -Metadata,
 * -StateManager, 3.9.
 */
#ifndef SIM_BROKER_TXN_H
#define SIM_BROKER_TXN_H

#include "sim/broker/broker.h"
#include "sim/broker/txn_peers.h"
#include "sim/broker/txn_protocol.h"

enum txn_state {
	TXN_EMPTY, TXN_ONGOING, TXN_PREPARE_COMMIT, TXN_PREPARE_ABORT,
	TXN_COMPLETE_COMMIT, TXN_COMPLETE_ABORT, TXN_DEAD,
	TXN_PREPARE_EPOCH_FENCE,
};

struct txn_part {
	uint32_t partition;		/* id */
	bool asked;			/* its marker is under way */
};

struct txn {
	struct txns *txns;
	name_id id;			/* transactional.id */
	int64_t producer_id;
	int16_t epoch;			/* NO_PRODUCER_EPOCH: none given yet */
	int16_t last_epoch;		/* before the producer raised it */
	sim_time timeout;
	enum txn_state state;
	bool pending;			/* a move is being written */
	enum txn_state next;		/* which */
	bool failed_fence;		/* its epoch was raised, not written */
	sim_time started_at;		/* by the broker's clock; -1: it is not
					   and was never in one */
	sim_time updated_at;
	VEC(struct txn_part) parts;	/* by when they were added */
	struct timer markers;		/* try again */
};

/* One partition of __transaction_state. */
struct txn_slot {
	bool ours, loading;
	int32_t epoch;			/* coordinator epoch: leader epoch */
};

struct txns {
	struct broker *broker;
	struct map by_id;		/* name_id -> struct txn */
	VEC(struct txn_slot) slots;
	struct txn_peers peers;
	struct timer abort_timer, expire_timer;
};

struct txns *txns_new(struct world *w, struct broker *b);
/* Its first partition has come: time begins to count; the process is gone. */
void txns_start(struct world *w, struct txns *t);
void txns_drop(struct world *w, struct txns *t);
/* A partition of __transaction_state came to us, or went. */
void txns_partition(struct world *w, struct txns *t, uint32_t index, bool ours,
		    int32_t epoch);
/* A request; it is ours from here on. */
void txn_handle(struct world *w, struct broker *b, struct txn_request *m);

/* -- for administration and those who look on ------------------------------ */

const char *txn_state_name(enum txn_state s);	/* "Ongoing", ... */
struct txn *txn_find(const struct txns *t, name_id id);
uint32_t txn_slot_of(const char *id, uint32_t partitions);
/* The partition's id of __transaction_state; false: there is none yet. */
bool txn_state_partition(const struct world *w, const struct cluster *c,
			 name_id id, uint32_t *partition);
/* May it be asked about this id?  NOT_COORDINATOR, ..._LOAD_IN_PROGRESS. */
enum kafka_error txn_ours(const struct world *w, const struct txns *t,
			  name_id id);

/* PartitionsWithLateTransactionsCount: is one open here that should long have
 * been ended?  Its last record is older than transaction.max.timeout.ms and five
 * minutes more. */
bool txn_is_late(const struct world *w, const struct replica *r);

/* -- between its files ------------------------------------------------------ */

/* TxnTransitMetadata: how a transaction will stand once that is written. */
struct txn_move {
	int64_t producer_id;
	int16_t epoch, last_epoch;
	sim_time timeout;
	enum txn_state state;
	sim_time started_at, updated_at;
	bool keeps_parts;		/* else it has none then */
	uint32_t added_count;		/* partitions that join */
	uint32_t *added;		/* ids; the move's own */
};

/* What follows when a move has been written, or could not be. */
enum txn_after {
	TXN_AFTER_INIT, TXN_AFTER_ADD, TXN_AFTER_END, TXN_AFTER_FENCE,
	TXN_AFTER_TIMEOUT, TXN_AFTER_COMPLETE, TXN_AFTER_EXPIRE,
};

/* txn.c */
void txn_reply(struct world *w, struct broker *b, struct txn_request *m,
	       struct txn_answer *a);		/* ends the request */
void txn_refuse(struct world *w, struct broker *b, struct txn_request *m,
		enum kafka_error error);
/* EndTxn, of a client (request) or of the coordinator itself. */
enum kafka_error txn_end(struct world *w, struct txn *x, int64_t producer_id,
			 int16_t epoch, bool commit, enum txn_after after,
			 struct txn_request *request);
/* A move was written, and is made; or was not.  request: as it was given. */
void txn_moved(struct world *w, struct txns *t, struct txn *x,
	       enum txn_after after, struct txn_request *request,
	       enum kafka_error error);
/* Raise the epoch under which an open transaction will be aborted. */
int16_t txn_fence(struct txn *x);

/* txn_state.c */
struct txn *txn_new(struct world *w, struct txns *t, name_id id);
void txn_free(struct world *w, struct txn *x);
struct txn_move txn_move_to(struct world *w, const struct txn *x,
			    enum txn_state state);
/* Write it, then make it; txn_moved is told, perhaps at once. */
void txn_write(struct world *w, struct txn *x, const struct txn_move *move,
	       enum txn_after after, struct txn_request *request);
struct txn_slot *txn_slot(const struct txns *t, name_id id,
			  const struct world *w);
sim_time txn_clock(const struct world *w, const struct txns *t);

/* txn_markers.c */
void txn_markers_send(struct world *w, struct txn *x);
void txn_markers_later(struct world *w, struct txn *x);
/* For a coordinator; or for a person, who has asked by `admin` (else NULL). */
void txn_markers_write(struct world *w, struct broker *b, struct txn_request *m,
		       struct text_message *admin);

/* Events. */
void txn_appended(struct world *w, void *who, uint16_t arg);
void txn_loaded(struct world *w, void *who, uint16_t arg);
void txn_markers_again(struct world *w, void *who, uint16_t arg);
void txn_marker_written(struct world *w, void *who, uint16_t arg);
void txn_abort_late(struct world *w, void *who, uint16_t arg);
void txn_expire(struct world *w, void *who, uint16_t arg);
void txn_peers_check(struct world *w, void *who, uint16_t arg);

#endif
