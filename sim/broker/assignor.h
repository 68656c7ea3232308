/* assignor.h - who of a group reads which partition
 *
 * RangeAssignor (Kafka 3.9): for each topic, its partitions in order are cut
 * into runs for the subscribed members in order of member id; the first
 * (partitions % members) of them get one more.  So the same members collect
 * the extras of every topic.
 */
#ifndef SIM_BROKER_ASSIGNOR_H
#define SIM_BROKER_ASSIGNOR_H

#include <stdint.h>

/* Run of member `index` (in sorted order) of `members`. */
static inline void range_assign(uint32_t partitions, uint32_t members,
				uint32_t index, uint32_t *first,
				uint32_t *count)
{
	uint32_t each = partitions / members, extra = partitions % members;

	*first = each * index + (index < extra ? index : extra);
	*count = each + (index < extra);
}

#endif
