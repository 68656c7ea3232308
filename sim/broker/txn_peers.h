/* txn_peers.h - one broker asks another about transactions
 *
 * Coordinators ask leaders to write markers, leaders ask coordinators whether a
 * partition is part of a transaction.  A call is open until its answer comes,
 * until the connection to the other is lost, or for request.timeout.ms, 30 s
 * (InterBrokerSendThread).  A broker that asks itself does
 * so without the network (the real one has a connection to itself).
 */
#ifndef SIM_BROKER_TXN_PEERS_H
#define SIM_BROKER_TXN_PEERS_H

#include "sim/broker/txn_protocol.h"
#include "sim/core/world.h"

struct broker;

struct txn_call {
	uint64_t correlation;
	struct process *peer;
	sim_time deadline;
	enum txn_api api;		/* TXN_VERIFY or TXN_WRITE_MARKERS */
	void *context;			/* the caller's */
};

struct txn_peers {
	VEC(struct txn_call) calls;	/* by deadline */
	struct wake wake;
};

/* Ask broker `target` (index); the message is gone from here on.  What comes
 * of it: txn_verify_answered, txn_markers_answered. */
void txn_peers_ask(struct world *w, struct broker *b, int32_t target,
		   struct txn_request *m, void *context);
/* Send an answer, which may be for ourselves. */
void txn_peers_answer(struct world *w, struct broker *b, struct process *to,
		      struct message *m);

/* What the sockets say. */
void txn_peers_heard(struct world *w, struct broker *b, struct txn_answer *a);
void txn_peers_lost(struct world *w, struct broker *b,
		    const struct process *peer);
void txn_peers_drop(struct world *w, struct broker *b);	/* we stopped */

/* The callers' sides; a NULL: no answer will come.  `dying`: only let go. */
void txn_verify_answered(struct world *w, struct broker *b, void *context,
			 const struct txn_answer *a, bool dying);
void txn_markers_answered(struct world *w, struct broker *b, void *context,
			  const struct txn_answer *a, bool dying);

#endif
