/* losses.h - what faults may destroy, by Kafka's own rules
 *
 * Kafka acknowledges what all in-sync replicas hold in memory, and leaves
 * writing it down to the kernel.  So a machine that loses its power takes the
 * end of its logs along, and a broker that finds a wrong checksum while it
 * loads a log cuts the log there.  Neither is a loss as long as another replica
 * was in sync: the broker that came back wrong is fenced first, which takes it
 * out of the in-sync set, and it copies what it misses before it is let in
 * again.  One case is left: nobody else is in the set, and the last one stays
 * in it (ReplicationControlManager, Kafka 3.9 without eligible leader
 * replicas, KIP-966).  When it comes back it leads, with what it has.
 *
 *	power is lost        fenced             back, leads
 *	      │ in sync: 1 2   │ in sync: 2       │            its copy: no loss
 *	      │ in sync: 1     │ in sync: 1       │ in epoch e: what lay behind
 *	      └── a debt ──────┴──────────────────┘ e's first offset is gone
 *
 * So a debt is noted for each partition of such a broker.  It is void when the
 * controller takes the broker out of the set; it is forgiven when the broker
 * leads without ever having left it and was alone in it.  A loss that is not
 * forgiven breaks a promise.
 */
#ifndef SIM_STACK_LOSSES_H
#define SIM_STACK_LOSSES_H

#include <stdbool.h>

#include "sim/core/world.h"

struct replica;
struct losses;

struct losses *losses_new(void);
void losses_free(struct losses *l);

/* Note what has happened to disks since the last look.  To be exact, look at
 * the time at which a machine loses its power, not only some time after. */
void losses_see(struct losses *l, const struct world *w);

/* May this leader have less than was committed?  True: what lay at and above
 * *floor is gone, and from now on the partition is torn. */
bool losses_forgive(struct losses *l, const struct replica *leader,
		    int64_t *floor);

/* Copies that are not in sync may hold what its leader has lost. */
bool losses_tore(const struct losses *l, uint32_t partition);

/* At most so many records of the topic were forgiven. */
uint64_t losses_records(const struct losses *l, const struct world *w,
			name_id topic);

#endif
