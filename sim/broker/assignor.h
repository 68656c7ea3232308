/* assignor.h - who of a group reads which partition
 *
 * Four of Kafka's assignors (3.9, org.apache.kafka.clients.consumer):
 *
 *	range			for each topic, its partitions in order are cut
 *				into runs for the subscribed members in order;
 *				the first (partitions % members) of them get one
 *				more, so the same members collect the extras of
 *				every topic
 *	roundrobin		all partitions of all topics, dealt out one by
 *				one in a circle of members
 *	sticky			as even as can be, and then as many partitions
 *				as can be stay where they were
 *	cooperative-sticky	the same, but a partition that moves is given to
 *				nobody this time: its owner must give it up
 *				first, and a second rebalance hands it on
 *				(KIP-429)
 *
 * Members are in order of group.instance.id, those who have one first, then of
 * member id (AbstractPartitionAssignor.MemberInfo).
 *
 * Partitions are numbered through, the topics one after the other: partition i
 * of topic t is slot first[t] + i, where first[t] is the sum of the partitions
 * of the topics before it.
 *
 * Simplified: no racks (KIP-881).
 */
#ifndef SIM_BROKER_ASSIGNOR_H
#define SIM_BROKER_ASSIGNOR_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/arena.h"

enum assignor {
	ASSIGNOR_RANGE, ASSIGNOR_ROUND_ROBIN, ASSIGNOR_STICKY,
	ASSIGNOR_COOPERATIVE, ASSIGNORS,
};

/* "range", ...: what groups and tools call it; its class. */
const char *assignor_name(enum assignor a);
const char *assignor_class(enum assignor a);

struct assign_topic {
	const char *name;
	uint32_t partitions;
};

struct assign_member {
	const char *id;
	const char *instance;		/* NULL: a dynamic member */
	const uint32_t *topics;		/* subscriptions: index of the topic */
	uint32_t topic_count;
	const uint32_t *owned;		/* slots it had, in order */
	uint32_t owned_count;
	int32_t generation;		/* of what it had; -1: not known */
};

struct assign_problem {
	const struct assign_topic *topics;
	uint32_t topic_count;
	const struct assign_member *members;
	uint32_t member_count;
};

uint32_t assign_slots(const struct assign_problem *p);

/* owner[slot] becomes the member's index, or -1: nobody, this time. */
void assign(struct arena *arena, enum assignor a,
	    const struct assign_problem *p, int32_t *owner);

/* Run of member `index` (in order) of `members`: RangeAssignor. */
static inline void range_assign(uint32_t partitions, uint32_t members,
				uint32_t index, uint32_t *first,
				uint32_t *count)
{
	uint32_t each = partitions / members, extra = partitions % members;

	*first = each * index + (index < extra ? index : extra);
	*count = each + (index < extra);
}

#endif
