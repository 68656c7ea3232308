/* audit.h - what an observer outside the world may look at
 *
 * Clients only know what requests tell them.  Audits, checks of exercises and
 * tests look at the logs themselves, by the controller's truth.
 */
#ifndef SIM_BROKER_AUDIT_H
#define SIM_BROKER_AUDIT_H

#include "sim/broker/broker.h"

/* The leader's copy of a partition, NULL when nobody leads it. */
static inline const struct replica *leader_replica(const struct world *w,
						   uint32_t partition)
{
	const struct cluster *c = cluster_of(w);
	int32_t leader = c->partitions.at[partition]->state.leader;

	return leader == NO_BROKER ? NULL :
	       broker_replica(c->brokers.at[leader], partition);
}

#endif
