/* produce.h - produce requests: append, and answer as acks asks
 *
 * Each part of a request is a batch for one partition and has its own fate.
 * When the answer leaves is what the producer chose with `acks`:
 *
 *	0    never: the producer does not look back
 *	1    when the leader's log has it, and its dirty pages have drained
 *	all  when every replica in sync has it: it waits in purgatory.h
 *
 * The broker also produces for itself: offsets that groups commit are records
 * of __consumer_offsets, appended with acks=all.
 */
#ifndef SIM_BROKER_PRODUCE_H
#define SIM_BROKER_PRODUCE_H

#include "sim/broker/protocol.h"
#include "sim/core/world.h"

struct broker;

/* A request that had its CPU time; it stays the caller's. */
void produce_handle(struct world *w, struct broker *b,
		    struct produce_request *m);

/* Append one batch of the broker's own with acks=all; the event comes with a
 * struct waiting_produce, whose internal_self is `self`, when it is committed or
 * failed, perhaps at once.  An error: it could not be appended. */
enum kafka_error produce_own(struct world *w, struct broker *b, uint32_t id,
			     struct batch *batch, uint16_t event, void *self);

/* The same for committed offsets: group_committed is told.  False: it could not
 * be appended. */
bool produce_internal(struct world *w, struct broker *b, uint32_t id,
		      struct batch *batch, void *self);

#endif
