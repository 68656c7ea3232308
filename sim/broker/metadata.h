/* metadata.h - what a broker tells clients of brokers, topics and leaders
 *
 * A client knows a few addresses to begin with; everything else it learns from
 * metadata answers: which brokers there are and where *it* reaches them, and
 * which of them leads each partition of the topics it asked for.
 *
 * Any broker answers, from what it has replayed of the metadata log itself:
 * two brokers may say different things for a moment, and the epoch of a leader
 * tells the client which is newer.  Addresses are those of the listener the
 * question came in by (broker_advertised).  A topic that is not there is made,
 * if client and broker both want that (allow.auto.create.topics,
 * auto.create.topics.enable); this answer still says that it is unknown.
 */
#ifndef SIM_BROKER_METADATA_H
#define SIM_BROKER_METADATA_H

#include "sim/broker/protocol.h"
#include "sim/core/world.h"

struct broker;

/* A request that had its CPU time; it stays the caller's. */
void metadata_answer(struct world *w, struct broker *b,
		     const struct metadata_request *m);

#endif
