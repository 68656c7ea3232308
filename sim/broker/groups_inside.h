/* groups_inside.h - between the files of the group coordinator
 *
 * groups.c keeps the groups and hands requests out; group_join.c is about
 * members, group_offsets.c about committed offsets and their records.  A
 * request belongs to its handler until group_reply or group_refuse, which end
 * it.
 */
#ifndef SIM_BROKER_GROUPS_INSIDE_H
#define SIM_BROKER_GROUPS_INSIDE_H

#include "sim/broker/groups.h"

/* groups.c */
struct process *groups_process(const struct groups *g);
struct group *group_for(struct world *w, struct groups *g, name_id id);
void group_free(struct world *w, struct group *group);
struct group_answer *group_answer_for(struct world *w,
				      const struct group_request *m,
				      uint32_t count);
/* Send the answer, or an error, and end the request. */
void group_reply(struct world *w, struct groups *g, struct group_request *m,
		 struct group_answer *a);
void group_refuse(struct world *w, struct groups *g, struct group_request *m,
		  enum kafka_error error);

/* group_join.c */
struct member *group_member(const struct group *group, name_id id);
void group_member_alive(struct world *w, struct member *m);
/* Whether a request of a member may proceed; the checks all share. */
enum kafka_error group_member_error(const struct group *group,
				    const struct member *m,
				    const struct group_request *r);
void group_members_free(struct world *w, struct group *group);
void group_join(struct world *w, struct groups *g, struct group_request *r);
void group_sync(struct world *w, struct groups *g, struct group_request *r);
void group_heartbeat(struct world *w, struct groups *g,
		     struct group_request *r);
void group_leave(struct world *w, struct groups *g, struct group_request *r);

/* group_offsets.c */
uint32_t group_offsets_partition_id(struct world *w, struct groups *g,
				    name_id group);
void group_commit(struct world *w, struct groups *g, struct group_request *r);
void group_fetch_offsets(struct world *w, struct groups *g,
			 struct group_request *r);
/* Read a whole partition of the offsets topic. */
void group_load(struct world *w, struct groups *g, uint32_t index);

#endif
