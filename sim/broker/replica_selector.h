/* replica_selector.h - which replica a consumer reads from (KIP-392)
 *
 * With replica.selector.class=...RackAwareReplicaSelector a leader sends a
 * consumer that says where it stands (client.rack) to an in-sync follower in
 * the same rack, if there is none of its own: reading across zones is what a
 * cloud charges for.  The consumer hears it with its first fetch, which brings
 * no records, and goes on there until its metadata is old
 * (metadata.max.age.ms), or the follower fails it.
 *
 *	consumer, rack b ──fetch──▶ leader, rack a:   "broker 2"
 *	      └───────────fetch───▶ follower, rack b: records below its own
 *	                                              high watermark
 *
 * The price: a follower learns of a new high watermark with its next fetch, so
 * records come later by about one.
 */
#ifndef SIM_BROKER_REPLICA_SELECTOR_H
#define SIM_BROKER_REPLICA_SELECTOR_H

#include "sim/broker/broker.h"

/* The follower of r that one in `rack` shall read from at `offset`; NO_BROKER:
 * r itself, which leads. */
int32_t replica_selected(const struct replica *r, name_id rack, int64_t offset);

#endif
