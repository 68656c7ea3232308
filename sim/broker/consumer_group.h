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
 * find_coordinator, join, sync and consumer_take_assignment make these moves.
 *
 * Joining happens within poll.  So an owner that works for longer than
 * max.poll.interval.ms between two polls keeps all others waiting; its own
 * heartbeat notices and leaves the group.
 *
 * An eager member gives everything up before it joins.  A cooperative one (all
 * its assignors are) keeps what it has and reads on; when the assignment comes
 * it gives up what is not in it, and joins once more, so that another may have
 * that (KIP-429).
 *
 * With group.protocol=consumer there is no joining (consumer_epoch.c).
 *
 * A static member (group.instance.id) does not leave when it is closed.
 */
#ifndef SIM_BROKER_CONSUMER_GROUP_H
#define SIM_BROKER_CONSUMER_GROUP_H

#include "sim/broker/consumer.h"

/* Metadata are there: who has a group looks for its coordinator. */
void consumer_group_begin(struct world *w, struct consumer *c);
/* And the leader looks whether topics have as many partitions as before. */
void consumer_group_metadata(struct world *w, struct consumer *c);
/* Within poll: commit if it is time to, join if there is a rebalance. */
void consumer_group_poll(struct world *w, struct consumer *c);
/* A while after something failed. */
void consumer_group_retry(struct world *w, struct consumer *c);
/* Say good-bye: commit (enable.auto.commit), and leave. */
void consumer_group_leave(struct world *w, struct consumer *c);

/* What came of a request with CONSUMER_TAG_GROUP. */
void consumer_group_answered(struct world *w, struct consumer *c,
			     const struct in_flight *f,
			     const struct group_answer *a);
void consumer_group_failed(struct world *w, struct consumer *c,
			   const struct in_flight *f);

/* -- between the member's files ------------------------------------------------ */

/* consumer_group.c */
struct group_request *consumer_group_request(struct world *w,
					     struct consumer *c,
					     enum group_api api,
					     uint32_t items);
bool consumer_ask_group(struct world *w, struct consumer *c,
			struct group_request *m, void *context);
void consumer_rejoin(struct world *w, struct consumer *c, const char *reason);
bool consumer_group_in_flight(const struct consumer *c, enum group_api api);
void consumer_heartbeat_in(struct world *w, struct consumer *c, sim_time wait);
void consumer_coordinator_lost(struct world *w, struct consumer *c);
void consumer_fatal(struct world *w, struct consumer *c,
		    enum kafka_error error);

/* consumer_assign.c: the leader divides.  Of a topic it does not know yet it
 * asks for metadata, and has all join again when they come. */
struct group_request *consumer_divide(struct world *w, struct consumer *c,
				      const struct group_answer *joined);
uint32_t consumer_partitions_of_topics(const struct consumer *c);
void consumer_hear_assignment(struct world *w, struct consumer *c,
			      const struct group_answer *a);
/* Make it so; true: it gave something up. */
bool consumer_take_assignment(struct world *w, struct consumer *c);
/* Before it joins: an eager member gives all up; lost: it has been put out. */
void consumer_give_up(struct world *w, struct consumer *c, bool lost);

/* consumer_epoch.c: group.protocol=consumer */
void consumer_epoch_heartbeat(struct world *w, struct consumer *c);
void consumer_epoch_answered(struct world *w, struct consumer *c,
			     const struct group_answer *a);
void consumer_epoch_poll(struct world *w, struct consumer *c);
void consumer_epoch_leave(struct world *w, struct consumer *c);

/* consumer_commit.c */
void consumer_auto_commit(struct world *w, struct consumer *c);
void consumer_commit_answered(struct world *w, struct consumer *c,
			      enum kafka_error error, bool by_hand);
void consumer_commit_again(struct world *w, struct consumer *c);
void consumer_ask_committed(struct world *w, struct consumer *c);
void consumer_take_committed(struct world *w, struct consumer *c,
			     const struct group_answer *a);

#endif
