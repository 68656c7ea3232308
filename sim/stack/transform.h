/* transform.h - an application that reads, writes, and does both or neither
 *
 * Consume, transform, produce, exactly once (KIP-98, KIP-447): what a poll
 * brought is worked on, written to another topic inside a transaction, and how
 * far was read goes into the same transaction.
 *
 *	poll ─▶ work ─▶ begin, send ... ─▶ send offsets ─▶ commit ─▶ poll
 *	          ▲                            │              │
 *	          └── back to what is committed ◀── abort ◀───┘ failed
 *
 * It does what the documentation of KafkaProducer tells applications to do: a
 * failure that can be aborted is, and the records are read again; one that can
 * not (it was fenced) ends the producer, and another one is made a second later
 * [E], as whoever looks after the process would restart it.  A commit whose
 * answer does not come in time is asked for again.
 *
 * What it makes of a record is the same record: key and value stay.
 */
#ifndef SIM_STACK_TRANSFORM_H
#define SIM_STACK_TRANSFORM_H

#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"

struct app;

struct transform {
	struct app *app;
	name_id output;			/* topic */
	struct producer_config config;
	struct producer *producer;	/* NULL while it is down */
	VEC(struct polled) pieces;	/* of the last poll */
	name_id member;			/* as whom they were polled: groupMetadata
					   stays what the last join made it */
	int32_t generation;
	struct timer again;		/* a new producer */
	uint64_t fenced;		/* producers that were ended so */
};

/* The app writes what it reads; config has a transactional.id. */
void transform_new(struct world *w, struct app *a, const char *output,
		   const struct producer_config *config);

/* Between it and its app: it starts, stops; has it a producer that is ready?;
 * records have been worked on. */
void transform_start(struct world *w, struct transform *t);
void transform_stop(struct world *w, struct transform *t);
bool transform_ready(const struct transform *t);
void transform_keep(struct world *w, struct transform *t,
		    const struct polled *pieces, uint32_t count);
void transform_write(struct world *w, struct transform *t);

#endif
