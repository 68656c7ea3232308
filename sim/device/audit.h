/* audit.h - what became of a fleet's readings, counted from the logs
 *
 * For each reading that was acknowledged: is it in the log of the partition's
 * leader, below the high watermark, and how often?  An observer outside the
 * world can ask this; nobody inside can.
 */
#ifndef SIM_DEVICE_AUDIT_H
#define SIM_DEVICE_AUDIT_H

#include "sim/device/fleet.h"

struct fleet_audit {
	uint64_t produced;	/* given to the producer */
	uint64_t acked;		/* acknowledged to this incarnation */
	uint64_t stored;	/* different readings in the logs */
	uint64_t lost;		/* acknowledged, and not there */
	uint64_t compacted;	/* acknowledged, and replaced by a later reading
				   of the device: cleanup.policy=compact */
	uint64_t duplicated;	/* copies beyond the first */
	uint64_t reordered;	/* stored behind a later reading of their lane */
	uint64_t overtaken;	/* of these, behind one of the same producer:
				   what idempotence excludes */
	uint64_t unreadable;	/* partitions without a leader that runs */
};

void fleet_audit(const struct world *w, const struct fleet *f,
		 struct fleet_audit *out);

#endif
