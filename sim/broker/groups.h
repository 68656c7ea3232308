/* groups.h - the group coordinator: members, generations, committed offsets
 *
 * The classic rebalance protocol (Kafka 3.9, GroupMetadataManager):
 *
 *	              join                  all joined, or deadline
 *	  EMPTY ─────────────▶ PREPARING ─────────────────────────▶ COMPLETING
 *	    ▲                   ▲     ▲                                │
 *	    │ last member       │     │ join, leave,                   │ leader's
 *	    │ leaves            │     │ session timeout                ▼ sync
 *	    └───────────────────┴─────┴───────────────────────────── STABLE
 *
 * group_join makes the first move, group_prepare the moves to PREPARING,
 * join_complete the one to COMPLETING, group_stored the one to STABLE.
 *
 * Who joins without a member id gets one and must come again with it
 * (MEMBER_ID_REQUIRED, KIP-394): until then it is pending and not a member.  A
 * static member (group.instance.id, KIP-345) is known by that name: when it
 * comes back within its session timeout it takes its old place and assignment,
 * and nobody else notices.
 *
 * An empty group waits group.initial.rebalance.delay.ms for more members,
 * again for each newcomer, at most the rebalance timeout.  Later rebalances
 * end when every known member has joined again, or at the rebalance timeout.
 *
 * The coordinator of a group is the leader of its partition of
 * __consumer_offsets: abs(hash(group)) % 50.  A commit is a record there,
 * written with acks=all, and so is the list of members with what each reads,
 * once per generation.  Who becomes leader reads the partition, answers
 * COORDINATOR_LOAD_IN_PROGRESS for as long as that takes, and then knows both:
 * members stay members and do not join again.
 *
 * Offsets are forgotten offsets.retention.minutes after their group became
 * empty, or after the commit if it never had members (KIP-211).
 */
#ifndef SIM_BROKER_GROUPS_H
#define SIM_BROKER_GROUPS_H

#include "sim/broker/assignor.h"
#include "sim/broker/broker.h"

#define GROUP_TOPICS_MAX	8	/* subscribed by one member */
#define OFFSETS_TOPIC		"__consumer_offsets"

enum group_api {
	GROUP_FIND_COORDINATOR,
	GROUP_JOIN,
	GROUP_SYNC,
	GROUP_HEARTBEAT,
	GROUP_LEAVE,
	GROUP_COMMIT,
	GROUP_FETCH_OFFSETS,
	GROUP_CONSUMER_HEARTBEAT,	/* KIP-848: group_epoch.c */
};

/* One line of whatever the request or answer lists. */
struct group_item {
	name_id member;			/* join answer, sync: whose */
	name_id topic;			/* join answer: a subscription; 0: what it
					   had, see partition */
	name_id instance;		/* join answer: group.instance.id */
	int32_t generation;		/* join answer: of what it had */
	uint32_t partition;		/* id */
	int64_t offset;			/* -1: none committed */
};

struct group_request {
	struct request req;
	enum group_api api;
	name_id group, member, client_id, host, instance;
	int32_t generation;
	sim_time session_timeout, rebalance_timeout;
	uint8_t protocols[ASSIGNORS];	/* join: assignors, in its order */
	uint8_t protocol_count;
	bool cooperative;		/* join: it keeps what it has meanwhile */
	int32_t owned_generation;	/* join: of the items, what it has or had */
	const char *reason;		/* join, leave: in words; a literal */
	bool range;			/* KIP-848: group.remote.assignor */
	bool require_stable;		/* fetch offsets: none that are pending */
	uint32_t topic_count;
	name_id topics[GROUP_TOPICS_MAX];
	uint32_t count;
	struct group_item items[];
};

struct group_answer {
	struct request req;
	enum group_api api;
	enum kafka_error error;
	int32_t coordinator;		/* broker index */
	name_id coordinator_host;	/* its advertised address */
	uint16_t coordinator_port;
	int32_t generation;
	enum assignor protocol;		/* join: what the group voted for */
	bool skip_assignment;		/* join: you lead, but all stays as it is
					   (KIP-814); KIP-848: nothing is new */
	sim_time heartbeat;		/* KIP-848: until the next */
	name_id member, leader;
	uint32_t count;
	struct group_item items[];
};

enum group_state {
	GROUP_EMPTY, GROUP_PREPARING, GROUP_COMPLETING, GROUP_STABLE,
	GROUP_DEAD, GROUP_RECONCILING,
};

struct group;

struct member {
	struct group *group;
	name_id id, client_id, host;
	name_id instance;		/* 0: a dynamic member */
	struct process *process;
	bool pending;			/* has an id, has not come with it yet */
	sim_time session_timeout, rebalance_timeout;
	uint8_t protocols[ASSIGNORS];
	uint8_t protocol_count;
	bool cooperative;
	int32_t owned_generation;
	uint32_t topic_count;
	name_id topics[GROUP_TOPICS_MAX];
	VEC(uint32_t) owned;		/* partition ids, as it said joining */
	VEC(uint32_t) assigned;		/* partition ids */
	/* KIP-848: generation it has reached, and the one before; what it shall
	 * have, what it must give up first, whether others hold some of it. */
	int32_t epoch, previous_epoch;
	VEC(uint32_t) target;
	VEC(uint32_t) revoking;
	bool waits, told;
	struct timer revoke;
	struct group_request *joining;	/* waits for the join to complete */
	struct group_request *syncing;	/* waits for the leader's assignment */
	struct timer session;
};

struct committed {
	uint32_t partition;		/* id */
	int64_t offset;
	sim_time at;
};

/* Committed in a transaction that is not ended yet: group_txn.h. */
struct pending_offset {
	int64_t producer_id;
	uint32_t partition;		/* id */
	int64_t offset;
};

struct group {
	struct groups *groups;
	name_id id;
	enum group_state state;
	int32_t generation;
	enum assignor protocol;		/* of this generation */
	bool had_members;		/* ever; else a name for offsets only */
	bool remote;			/* its coordinator assigns (KIP-848) */
	uint32_t partitions_seen;	/* of its topics, when it last did */
	sim_time state_at;		/* since when it is in this state */
	name_id leader;			/* member id */
	VEC(struct member *) members;	/* in order of joining */
	VEC(struct member *) pending;
	VEC(struct committed) offsets;
	VEC(struct pending_offset) txn_offsets;
	sim_time join_began;
	uint32_t joined_since;		/* newcomers since the delay was set */
	bool initial;			/* the delay for an empty group runs */
	struct timer deadline;
};

struct groups {
	struct broker *broker;
	struct map by_name;		/* name_id -> struct group */
	VEC(bool) owned;		/* offsets partitions we lead */
	VEC(sim_time) loading;		/* until then they are read; 0: done */
	struct timer expire;		/* looks for old offsets */
};

struct groups *groups_new(struct world *w, struct broker *b);
void groups_drop(struct world *w, struct groups *g);

/* An offsets partition came to us (read it) or went (forget its groups). */
void groups_partition(struct world *w, struct groups *g, uint32_t index,
		      bool ours);
void groups_handle(struct world *w, struct groups *g, struct group_request *m);

/* -- for administration and those who look on ----------------------------- */

const char *group_state_name(enum group_state s);	/* "Stable", ... */
struct group *group_find(const struct groups *g, name_id id);

/* Where a group lives now: the broker that leads its offsets partition, by
 * the controller's truth; NULL when nobody does. */
struct broker *group_coordinator(const struct world *w, const struct cluster *c,
				 const char *group);
uint32_t group_offsets_partition(const char *group, uint32_t partitions);

/* Commit as an administrator does to an empty group; answers false when the
 * group is not empty or unknown to this coordinator. */
enum kafka_error group_admin_commit(struct world *w, struct groups *g,
				    const char *group,
				    const struct group_item *items,
				    uint32_t count);
enum kafka_error group_delete(struct world *w, struct groups *g,
			      const char *group);
enum kafka_error group_delete_offset(struct world *w, struct groups *g,
				     const char *group, uint32_t partition);

#endif
