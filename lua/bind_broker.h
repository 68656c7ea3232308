/* bind_broker.h - topics, records, brokers and groups, as tables
 *
 * The truth: what the controller has decided and what the leader's log holds,
 * whatever any broker or client believes.  A partition without a leader is
 * shown by the first in-sync replica, whose log its next leader will have.
 */
#ifndef LUA_BIND_BROKER_H
#define LUA_BIND_BROKER_H

#include <stdint.h>

#include <lua.h>

#include "sim/core/simtime.h"

struct cluster;
struct partition;
struct replica;
struct topic;
struct world;

/* Lists of names in order (bytewise); empty in a world without brokers. */
void bind_push_topic_names(lua_State *L, const struct world *w);
void bind_push_group_names(lua_State *L, const struct world *w);

/* A table, or nil: there is none. */
void bind_push_topic(lua_State *L, const struct world *w, const char *name);
void bind_push_group(lua_State *L, const struct world *w, const char *id);

void bind_push_brokers(lua_State *L, const struct world *w);
/* By number, or by the name of its process; nil: there is none. */
void bind_push_broker(lua_State *L, const struct world *w, int arg);

struct bind_range {
	const struct topic *topic;
	int64_t partition;		/* -1: all */
	int64_t from, to;		/* offsets, `to` not in; -1: the first,
					   the high watermark */
	int64_t max;			/* records */
};

/* Records in order of partition, then offset. */
void bind_push_records(lua_State *L, struct world *w,
		       const struct bind_range *r);
/* How many there are: committed and not yet deleted. */
int64_t bind_count_records(const struct world *w, const struct bind_range *r);

/* Changes of leaders or of in-sync sets, from the metadata log.  topic NULL:
 * all topics. */
enum bind_changes { BIND_LEADERS, BIND_ISRS };
void bind_push_changes(lua_State *L, const struct world *w,
		       enum bind_changes which, const char *topic,
		       sim_time from, sim_time to);

/* --- between the files about brokers ------------------------------------ */

/* The replica that shows what a partition holds; NULL: none does. */
const struct replica *bind_replica(const struct cluster *c,
				   const struct partition *p);
/* Take a list of borrowed texts, sorted here, as a list of strings. */
void bind_push_sorted(lua_State *L, const char **texts, size_t count);

#endif
