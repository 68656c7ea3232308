/* idempotence.h - how a producer numbers what it sends, so that nothing is
 * stored twice and nothing overtakes
 *
 * A producer with enable.idempotence has an id from a broker and an epoch that
 * begins at 0.  Each batch gets a number when it first leaves: that of its
 * first record, counted for each partition from 0; and it keeps it, however
 * often it is sent.  A batch is *open* from then on until its fate is known:
 *
 *	 queue     13..15   16..     (not numbered: whoever comes next)
 *	 sent      5..7  8..9  10..12            open: 5..7 8..9 10..12 13..15
 *
 * One that comes back goes in front of the queue by its number, and only the
 * first open one may be sent again: those behind it wait until it is settled.
 *
 * A batch that is given up may be stored or not, so the numbers behind it are
 * *unresolved*: nothing new leaves until all open ones are settled.  If the
 * last number that was acknowledged is then the last one given, all is well;
 * if not there is a gap, which the broker would refuse for ever.  The producer
 * raises its epoch and numbers the partition from 0 again (KIP-360).
 *
 * After TransactionManager, RecordAccumulator and Sender of the Java client,
 * 3.9, as far as they concern producers without transactions.
 */
#ifndef SIM_BROKER_IDEMPOTENCE_H
#define SIM_BROKER_IDEMPOTENCE_H

#include "sim/broker/protocol.h"

struct producer;
struct producer_batch;
struct producer_lane;

#define NO_PRODUCER_ID		(-1)
#define NO_SEQUENCE		(-1)

/* A producer's: who it is to the brokers. */
struct producer_identity {
	bool wanted;			/* enable.idempotence */
	bool asked;			/* InitProducerId is under way */
	bool bump;			/* the epoch is to be raised */
	int64_t id;			/* NO_PRODUCER_ID: none yet */
	int16_t epoch;
	uint32_t attempts;		/* to get an id */
	sim_time ask_at;		/* not before */
};

/* A partition's: TxnPartitionEntry. */
struct lane_numbers {
	int64_t producer_id;		/* with which `next` was counted */
	int16_t epoch;
	int32_t next;			/* number for the next new batch */
	int32_t last_acked;		/* NO_SEQUENCE: none */
	int32_t unresolved;		/* the number behind the last one that was
					   given up; NO_SEQUENCE: none was */
	bool rewrite;			/* from 0 with the next epoch */
	VEC(struct producer_batch *) open;	/* by number */
};

void numbers_init(struct lane_numbers *n);
void numbers_release(struct world *w, struct lane_numbers *n);

/* Before each round of sending: get an id, find gaps, raise the epoch. */
void idempotence_prepare(struct world *w, struct producer *p);
/* An answer to InitProducerId; m NULL: it failed. */
void idempotence_answered(struct world *w, struct producer *p,
			  const struct producer_id_message *m);

/* May the first batch of the queue leave, as far as numbers are concerned? */
bool idempotence_allows(const struct producer *p,
			const struct producer_lane *lane);
/* It leaves: it gets its number if it has none. */
void idempotence_number(struct world *w, struct producer *p,
			struct producer_lane *lane, struct producer_batch *b);

/* What became of a batch.  Each is told before the batch is freed. */
void idempotence_acked(struct producer_lane *lane,
		       const struct producer_batch *b);
void idempotence_expired(struct producer_lane *lane,
			 const struct producer_batch *b);
/* `last_try`: it had no attempt left, so it may be stored. */
void idempotence_failed(struct world *w, struct producer *p,
			struct producer_lane *lane,
			const struct producer_batch *b, enum kafka_error error,
			bool last_try);
/* It failed so: is it to be sent again?  May ask for a new epoch. */
bool idempotence_retries(struct producer *p, struct producer_lane *lane,
			 const struct producer_batch *b, enum kafka_error error);

#endif
