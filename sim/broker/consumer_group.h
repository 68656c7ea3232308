/* consumer_group.h - a consumer as a member of its group
 *
 * The partitions of a topic are divided among the members of a group.  One
 * broker, the group's coordinator, keeps the list of members and what each of
 * them has committed; who divides is the member that leads.  A member finds
 * the coordinator, joins, syncs (brings or gets the assignment), reads, and
 * sends heartbeats; an answer tells it when the list has changed, and it joins
 * again.
 *
 *	     subscribe            coordinator          assignment
 *	NONE ─────────▶ FINDING ─────────────▶ JOINING ─────────▶ SYNCING
 *	                   ▲                      ▲                  │
 *	                   │ coordinator lost     │ rebalance,       ▼
 *	                   └──────────────────────┴─────────────── STABLE
 *
 * find_coordinator, join, sync and take_assignment make these moves.
 *
 * Rebalancing is eager (RangeAssignor): everything is given up before joining,
 * and joining happens within poll.  So an owner that works for longer than
 * max.poll.interval.ms between two polls keeps all others waiting; its own
 * heartbeat notices and leaves the group.
 */
#ifndef SIM_BROKER_CONSUMER_GROUP_H
#define SIM_BROKER_CONSUMER_GROUP_H

#include "sim/broker/consumer.h"

/* Metadata are there: who has a group looks for its coordinator. */
void consumer_group_begin(struct world *w, struct consumer *c);
/* Within poll: commit if it is time to, join if there is a rebalance. */
void consumer_group_poll(struct world *w, struct consumer *c);
/* A while after something failed. */
void consumer_group_retry(struct world *w, struct consumer *c);
/* Say good-bye: commit (enable.auto.commit), and leave. */
void consumer_group_leave(struct world *w, struct consumer *c);

/* What came of a request with CONSUMER_TAG_GROUP. */
void consumer_group_answered(struct world *w, struct consumer *c,
			     const struct group_answer *a);
void consumer_group_failed(struct consumer *c, enum group_api api);

#endif
