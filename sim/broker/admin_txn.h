/* admin_txn.h - administrative requests about transactions (KIP-664)
 *
 *	list-transactions	[duration=ms] [producers=1,2]	of this broker
 *	describe-transaction	txn=ID				its coordinator
 *	describe-producers	partitions=a:0,b:1		their leaders
 *	describe-producers-on	broker=ID partitions=a:0	any replica
 *	abort-transaction	partitions=a:0 producer-id= epoch=
 *				coordinator-epoch=		the leader
 *
 * To abort is to write the marker that nobody wrote: WriteTxnMarkers, sent by a
 * person instead of a coordinator.
 */
#ifndef SIM_BROKER_ADMIN_TXN_H
#define SIM_BROKER_ADMIN_TXN_H

#include "sim/broker/broker.h"

/* Answer one of them.  False: no such api. */
bool admin_txn(struct world *w, struct broker *b, const char *api,
	       const char *args, struct text *json, enum kafka_error *error);

/* The broker (node id) that coordinates an id, by what this one believes. */
enum kafka_error admin_txn_coordinator(struct world *w, const struct broker *b,
				       const char *id, int32_t *node);

/* True: it is abort-transaction, and will be answered when the marker is
 * written; the message is kept until then. */
bool admin_txn_aborts(struct world *w, struct broker *b,
		      struct text_message *m);
/* Its marker was written, or could not be; ends the message. */
void admin_txn_aborted(struct world *w, struct broker *b,
		       struct text_message *m, enum kafka_error error);

#endif
