/* producer_ids.h - numbers for producers, never given twice
 *
 * A producer asks any broker for its id (InitProducerId).  A broker has ids
 * from the controller, a thousand at a time, and asks for the next block when
 * nine tenths of one are gone; while it has none the producer is told
 * COORDINATOR_LOAD_IN_PROGRESS and asks again.  What is left of a block when
 * a broker stops is never used (RPCProducerIdManager, ProducerIdsBlock; 3.9).
 */
#ifndef SIM_BROKER_PRODUCER_IDS_H
#define SIM_BROKER_PRODUCER_IDS_H

#include "sim/broker/protocol.h"

#define PRODUCER_ID_BLOCK	1000	/* PRODUCER_ID_BLOCK_SIZE */

struct broker;

/* A broker's: zero is "none left". */
struct producer_ids {
	int64_t next, end;		/* of the block in use */
	int64_t following;		/* first of the block after it */
	bool has_following;
	sim_time asked_at;		/* the controller; 0: not */
};

/* An id, or -1: there is none yet. */
int64_t producer_ids_claim(struct world *w, struct broker *b);
/* Answer a producer's request; it stays the caller's. */
void producer_ids_answer(struct world *w, struct broker *b,
			 const struct producer_id_message *m);
/* The controller gave a block. */
void producer_ids_take(struct producer_ids *ids, int64_t first);

#endif
