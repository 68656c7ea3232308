/* producer_inside.h - what the producer's files share
 *
 *	producer.c ─▶ partitioner.c ─▶ accumulator.c ─▶ sender.c ─▶ brokers
 *
 * The application's thread gives a record to a lane's open batch; the sender's
 * thread takes batches that are ready, numbers them (idempotence.c), and puts
 * back those that have to be tried again.
 */
#ifndef SIM_BROKER_PRODUCER_INSIDE_H
#define SIM_BROKER_PRODUCER_INSIDE_H

#include "sim/broker/producer.h"

/* What a request in flight is about; 0: records. */
#define PRODUCER_TAG_ID		1	/* an InitProducerId */
#define PRODUCER_TAG_TXN	2	/* producer_txn_ask.c: `about` its api */
#define PRODUCER_TAG_GROUP	3	/* likewise: whose a group is */

/* -- accumulator.c --------------------------------------------------------- */

/* The lane of a partition; made when it is first asked for. */
struct producer_lane *accumulator_lane(struct world *w, struct producer *p,
				       uint32_t partition);
/* buffer.memory: are `bytes` left? */
bool accumulator_has_room(const struct producer *p, int64_t bytes);

/* One explicit record, created at `at` of its machine's clock; span: of its
 * trace, or NULL. */
void accumulator_add(struct world *w, struct producer *p,
		     struct producer_lane *lane, sim_time at,
		     const struct record *r, struct span *span);
/* Procedural records: producer_send_run. */
void accumulator_add_run(struct world *w, struct producer *p,
			 uint32_t partition, uint32_t source,
			 uint32_t lane_number, uint64_t first, uint32_t count,
			 uint32_t bytes, sim_time first_at, sim_time last_at);

/* When the first batch of a lane may go: now or earlier is "ready". */
sim_time accumulator_ready_at(const struct producer *p,
			      const struct producer_lane *lane);
struct producer_batch *accumulator_pop(struct producer_lane *lane);
void accumulator_put_back(struct producer_lane *lane, struct producer_batch *b);
void accumulator_free(struct world *w, struct producer *p,
		      struct producer_batch *b);

/* -- partitioner.c --------------------------------------------------------- */

/* The partition's index for a record of `bytes`; key_len < 0: it has no key. */
uint32_t partitioner_choose(struct producer *p, name_id topic,
			    uint32_t partitions, const char *key,
			    int32_t key_len, int64_t bytes);

/* -- sender.c -------------------------------------------------------------- */

/* One round: everything that may leave leaves, and the next round is planned. */
void sender_run(struct world *w, struct producer *p);
/* Records in requests that are under way. */
uint64_t sender_held(const struct producer *p);
/* The transaction will be aborted: what has no number is given up; all of it,
 * if nothing can be sent any more. */
void sender_abort(struct world *w, struct producer *p, bool all);
void sender_drop(struct world *w, struct producer *p);

/* -- producer.c ------------------------------------------------------------ */

void producer_wake(struct world *w, struct producer *p, sim_time at);
/* Records whose topic is not known yet fail. */
void producer_fail_waiting(struct world *w, struct producer *p,
			   enum kafka_error error);
/* Records whose topic is known by now go on; late ones fail. */
void producer_send_waiting(struct world *w, struct producer *p);
/* Who waits for room hears that there is some, or that it took too long. */
void producer_offer_room(struct world *w, struct producer *p);

#endif
