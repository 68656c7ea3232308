/* producer_txn.h - a producer's transactions (TransactionManager of the client)
 *
 *	          init          begin         commit, abort: done
 *	NONE ─▶ INITIALIZING ─▶ READY ─▶ OPEN ─▶ COMMITTING / ABORTING ─▶ READY
 *	                                  │            ▲
 *	        a batch failed, a timeout │            │ abort
 *	                                  ▼            │
 *	                              ABORTABLE ───────┘      FATAL: fenced
 *
 * Records leave once their partition is part of the transaction, which the
 * coordinator is asked for first; the end is asked for once every batch has its
 * fate.  One request to a coordinator is under way at a time.
 *
 * The Java calls block, for max.block.ms at most.  Here each of init, offsets,
 * commit and abort returns at once, and the owner's `done` event tells what it
 * would have returned or thrown, never from inside the call.  One such call at
 * a time.
 *
 * After an abort that leaves gaps in the numbers, or after a batch whose fate is
 * not known, the coordinator raises the epoch and numbers begin at 0 again
 * (KIP-360).
 *
 * Simplified: batches that were not sent when their transaction is aborted fail
 * with TRANSACTION_ABORTABLE; there it is a TransactionAbortedException.
 */
#ifndef SIM_BROKER_PRODUCER_TXN_H
#define SIM_BROKER_PRODUCER_TXN_H

#include "sim/broker/txn_protocol.h"

struct producer;
struct producer_lane;
struct in_flight;

enum producer_txn_state {
	PRODUCER_TXN_NONE, PRODUCER_TXN_INITIALIZING, PRODUCER_TXN_READY,
	PRODUCER_TXN_OPEN, PRODUCER_TXN_COMMITTING, PRODUCER_TXN_ABORTING,
	PRODUCER_TXN_ABORTABLE, PRODUCER_TXN_FATAL,
};

enum producer_txn_call {
	PRODUCER_TXN_IDLE, PRODUCER_TXN_INIT, PRODUCER_TXN_OFFSETS,
	PRODUCER_TXN_COMMIT, PRODUCER_TXN_ABORT,
};

/* What a call came to; `who` of the owner's `done` event. */
struct producer_txn_result {
	struct producer *producer;
	enum producer_txn_call call;
	bool ok;
	bool fatal;			/* only closing helps */
	const char *class, *text;	/* of the exception; lent */
};

/* The offsets that go with a transaction. */
struct producer_txn_offsets {
	name_id group, member;
	int32_t generation;
	bool due;			/* to be sent */
	bool added;			/* the coordinator knows of the group */
	VEC(struct txn_item) items;
};

/* An exception, kept. */
struct producer_txn_error {
	char class[48], text[256];
};

struct producer_txn {
	name_id id;			/* transactional.id */
	enum producer_txn_state state;
	enum producer_txn_call call;	/* the application waits for it */
	sim_time since;
	struct producer_txn_error last;	/* why it is ABORTABLE or FATAL */
	struct producer_txn_error told;	/* of the result to be told */
	enum producer_txn_call told_call;
	bool told_ok;
	struct timer tell;
	int32_t coordinator, group_coordinator;	/* broker index */
	bool asked;			/* a request is under way */
	sim_time ask_at;		/* not before */
	uint32_t attempts;
	bool started;			/* something is part of it */
	bool bump;			/* the epoch is to be raised */
	bool lost_id;			/* INVALID_PRODUCER_ID_MAPPING */
	struct producer_txn_offsets offsets;
	uint16_t done;			/* event for the owner */
	uint64_t committed, aborted;	/* transactions */
};

/* What the application calls. */
void producer_txn_init(struct world *w, struct producer *p);
bool producer_txn_begin(struct producer *p);	/* false: not READY */
/* Up to where was read: items' partition and offset. */
void producer_txn_send_offsets(struct world *w, struct producer *p,
			       name_id group, name_id member,
			       int32_t generation, const struct txn_item *items,
			       uint32_t count);
void producer_txn_commit(struct world *w, struct producer *p);
void producer_txn_abort(struct world *w, struct producer *p);

/* -- between the producer's files ------------------------------------------- */

void producer_txn_new(struct world *w, struct producer *p);
void producer_txn_drop(struct world *w, struct producer *p);
/* May records be given to it now? */
bool producer_txn_takes(const struct producer *p);
/* Is the lane's partition part of the transaction, so that batches may leave? */
bool producer_txn_allows(const struct producer *p,
			 const struct producer_lane *lane);
/* Ask what can be asked now; part of each round of the sender. */
void producer_txn_step(struct world *w, struct producer *p);
void producer_txn_batch_failed(struct world *w, struct producer *p,
			       enum kafka_error error, bool expired);
/* Numbers are missing: they cannot go on in this epoch. */
void producer_txn_gap(struct world *w, struct producer *p);
bool producer_txn_is_fatal(const struct producer *p);

/* A request with PRODUCER_TAG_TXN or _GROUP was answered; m NULL: it failed. */
void producer_txn_answered(struct world *w, struct producer *p,
			   const struct in_flight *f, const struct message *m);

#endif
