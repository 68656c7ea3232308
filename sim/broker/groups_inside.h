/* groups_inside.h - between the files of the group coordinator
 *
 *	groups.c		which groups live here; hands requests out
 *	group_members.c		who is a member, and under which name
 *	group_join.c		joining: until all are there
 *	group_sync.c		what each reads; heartbeats, leaving
 *	group_epoch.c		the same for KIP-848: the coordinator assigns
 *	group_offsets.c		committed offsets, and how they expire
 *	group_store.c		records of both, written and read again
 *
 * A request belongs to its handler until group_reply or group_refuse, which end
 * it.
 */
#ifndef SIM_BROKER_GROUPS_INSIDE_H
#define SIM_BROKER_GROUPS_INSIDE_H

#include "sim/broker/groups.h"

/* groups.c */
struct process *groups_process(const struct groups *g);
struct group *group_for(struct world *w, struct groups *g, name_id id);
void group_free(struct world *w, struct group *group);
void group_set_state(struct world *w, struct group *group,
		     enum group_state state);
struct group_answer *group_answer_for(struct world *w,
				      const struct group_request *m,
				      uint32_t count);
/* Send the answer, or an error, and end the request. */
void group_reply(struct world *w, struct groups *g, struct group_request *m,
		 struct group_answer *a);
void group_refuse(struct world *w, struct groups *g, struct group_request *m,
		  enum kafka_error error);
/* "[GroupCoordinator 1]: ..." */
void group_say(struct world *w, const struct group *group, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Is the group's partition of the offsets topic ours, and read? */
enum kafka_error groups_ours(struct world *w, const struct groups *g,
			     name_id group);

/* group_members.c */
struct member *group_member(const struct group *group, name_id id);
struct member *group_static_member(const struct group *group, name_id instance);
struct member *group_pending(const struct group *group, name_id id);
/* A new one, with a name of its own; pending, or in the list. */
struct member *group_member_new(struct world *w, struct group *group,
				const struct group_request *r, bool pending);
struct member *group_member_add(struct world *w, struct group *group,
				name_id id);
void group_member_rename(struct world *w, struct member *m,
			 const struct group_request *r);
void group_member_alive(struct world *w, struct member *m);
/* Out of its list, its requests refused; the group does not act on it. */
void group_member_drop(struct world *w, struct member *m);
void group_members_free(struct world *w, struct group *group);
/* Whose request this is (NULL: nobody's), and whether it may proceed. */
enum kafka_error group_member_of(const struct group *group,
				 const struct group_request *r,
				 struct member **m);
uint32_t group_static_count(const struct group *group);

/* group_join.c */
void group_join(struct world *w, struct groups *g, struct group_request *r);
/* Begin a rebalance; "%s" is why. */
void group_prepare(struct world *w, struct group *group, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Somebody is gone, or has come: is the rebalance complete? */
void group_maybe_complete(struct world *w, struct group *group);
sim_time group_rebalance_timeout(const struct group *group);

/* group_sync.c */
void group_sync(struct world *w, struct groups *g, struct group_request *r);
void group_heartbeat(struct world *w, struct groups *g,
		     struct group_request *r);
void group_leave(struct world *w, struct groups *g, struct group_request *r);
/* The record of generation's members is written, or not. */
void group_stored(struct world *w, struct group *group, int32_t generation,
		  bool good);
void group_answer_sync(struct world *w, struct member *m);

/* group_epoch.c: groups whose coordinator assigns */
void group_consumer_heartbeat(struct world *w, struct groups *g,
			      struct group_request *r);
void group_epoch_member_left(struct world *w, struct group *group);

/* group_offsets.c */
void group_commit(struct world *w, struct groups *g, struct group_request *r);
void group_fetch_offsets(struct world *w, struct groups *g,
			 struct group_request *r);
/* offset -1 is a tombstone: nothing is committed any more. */
void group_set_committed(struct world *w, struct group *group,
			 uint32_t partition, int64_t offset, sim_time at);

void group_expire(struct world *w, struct group *group);

/* group_store.c */
uint32_t group_offsets_partition_id(struct world *w, struct groups *g,
				    name_id group);
/* A batch of offsets, as group_txn.c appends it itself. */
struct batch group_offsets_batch(struct world *w, struct groups *g,
				 name_id group, const struct group_item *items,
				 uint32_t count);
/* Append offsets; false: not now.  r (or NULL) is answered when it is done. */
bool group_store_offsets(struct world *w, struct groups *g,
			 struct group_request *r, name_id group,
			 const struct group_item *items, uint32_t count);
/* Append the list of members; gone: a tombstone, nothing is left. */
bool group_store_members(struct world *w, struct group *group, bool gone);
/* Read a whole partition of the offsets topic; when will that be done? */
sim_time group_load_time(struct world *w, struct groups *g, uint32_t index);
void group_load(struct world *w, struct groups *g, uint32_t index);

#endif
