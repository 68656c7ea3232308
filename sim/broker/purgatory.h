/* purgatory.h - produce requests that wait for the acks of the in-sync set
 *
 * With acks=all the leader has the records at once, but may answer only when
 * every replica in sync has them too: when the high watermark of each partition
 * of the request has passed its batch (Kafka: DelayedProduce).  Meanwhile the
 * answer waits here, and its open parts hang on the replicas they wait for:
 *
 *	waiting_produce            replica orders-0   [part 0 needs 42] ...
 *	  reply: orders-0  open ◀──────────────────────┘
 *	         orders-1  done    replica orders-1
 *	         orders-2  open ◀───── replica orders-2   [part 2 needs 7] ...
 *
 * replica.c finishes a part when the watermark moves, or fails it when it
 * stops to lead.  The answer goes with the last part; or when the request's
 * timeout is over, and then says of the open parts that they timed out.  The
 * records stay in the log either way: "timed out" is not "not written".
 *
 * Who enters a request holds it open while its parts may finish at once:
 *
 *	purgatory_enter(w, p, timeout);
 *	(tell those who read the partitions)
 *	purgatory_release(w, p);
 */
#ifndef SIM_BROKER_PURGATORY_H
#define SIM_BROKER_PURGATORY_H

#include "sim/broker/protocol.h"
#include "sim/core/world.h"

struct broker;

/* A produce that waits for acks. */
struct waiting_produce {
	struct produce_reply *reply;	/* parts with KAFKA_NONE are awaited */
	struct process *client;
	uint32_t incarnation;
	uint32_t open;			/* parts still awaited */
	struct timer timeout;
	struct broker *broker;
	sim_time since;			/* arrival of the request */
	sim_time written;		/* its own disk lets it go on (throttled) */
	uint16_t internal;		/* of the broker itself: no client; the
					   event that tells that it is done */
	void *internal_self;
};

/* One awaited part: hangs on its replica. */
struct waiting_part {
	struct waiting_produce *produce;
	uint32_t part;			/* index in the reply */
	int64_t required;		/* high watermark that completes it */
};

/* Hang the parts that are good so far on their replicas, and hold the whole. */
void purgatory_enter(struct world *w, struct waiting_produce *p,
		     sim_time timeout);
void purgatory_release(struct world *w, struct waiting_produce *p);

/* A part is in all logs (KAFKA_NONE), or will never be.  With the last one the
 * request is answered, and freed. */
void waiting_part_done(struct world *w, struct waiting_produce *p,
		       uint32_t part, enum kafka_error error);

/* Event BROKER_PRODUCE_TIMEOUT. */
void purgatory_timeout(struct world *w, void *who, uint16_t arg);

#endif
