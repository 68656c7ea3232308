/* txn_verify.h - before it appends, a leader asks whether that is meant
 *
 * A batch that comes late, after its transaction was ended, would begin a new
 * one that nobody knows of and nobody ends: a *hanging transaction*, which
 * holds the last stable offset for ever.  So a leader that knows of no open
 * transaction of this producer asks the coordinator first whether the partition
 * is part of one (KIP-890 part 1, transaction.partition.verification.enable).
 *
 *	produce ─▶ leader ──verify──▶ coordinator
 *	             │ held  ◀──yes──
 *	             └▶ append, if no marker came meanwhile (the guard)
 *
 * While it waits it has a *guard* for the producer; a marker takes it away, and
 * what comes without one is INVALID_TXN_STATE.  A "no" is TRANSACTION_ABORTABLE;
 * a coordinator that cannot say is NOT_ENOUGH_REPLICAS, so that any client tries
 * again.
 *
 * After AddPartitionsToTxnManager, VerificationGuard, ReplicaManager, 3.9.
 */
#ifndef SIM_BROKER_TXN_VERIFY_H
#define SIM_BROKER_TXN_VERIFY_H

#include "sim/broker/txn_protocol.h"
#include "sim/core/world.h"

struct broker;
struct replica;

/* The guard of what brokers write themselves, who have checked before. */
#define TXN_GUARD_OWN	UINT32_MAX

/* True: held, and will be handled when the coordinator has answered. */
bool txn_verify_produce(struct world *w, struct broker *b,
			struct produce_request *m);
bool txn_verify_offsets(struct world *w, struct broker *b,
			struct txn_request *m);

/* May this batch be appended, with that guard?  Then the guard is used up. */
enum kafka_error txn_guards_check(struct world *w, struct replica *r,
				  const struct batch *b, uint32_t guard);
/* A marker comes: who was about to write is too late. */
void txn_guards_end(struct replica *r, int64_t producer_id);

#endif
