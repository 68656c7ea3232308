/* admin.h - what an AdminClient may ask of a cluster
 *
 * A request is text, `api=NAME key=value ...` (args.h); an answer is a JSON
 * object.  When the request as a whole failed, `error` of the answer is set
 * and the object is {"message": the sentence of the real server}.
 *
 * Where a request goes is a property of its api, as in the real client: to any
 * broker; to "the controller", which under KRaft is any broker too, since
 * brokers forward (Envelope requests, KIP-590); to one named broker; to the
 * leaders of partitions; to the coordinator of a group; to all brokers.
 *
 *	client ──▶ broker ──▶ controller      create, delete, alter, elect
 *	      ◀──        ◀──
 *	client ──▶ broker                     list, describe: from its view
 *
 * What a broker describes is what it believes (cluster.h, views), so a broker
 * that is cut off describes the past.
 *
 *	api			arguments
 *	list-topics
 *	describe-topics		[topics=a,b]
 *	describe-cluster
 *	describe-configs	topics=a,b | broker=ID | broker=default
 *	describe-log-dirs	broker=ID
 *	list-offsets		partitions=a:0,b:1 [time=-1|-2|-3|ms]
 *	find-coordinator	group=G
 *	create-topic		name= [partitions=] [rf=] [assignment=1:2,2:3]
 *				[config.KEY=V]... [validate=1]
 *	delete-topic		name=
 *	create-partitions	name= total= [assignment=1:2,2:3]
 *	alter-configs		topic= | broker=ID | broker=default
 *				[set.KEY=V]... [delete=K,K]
 *	elect-leaders		type=preferred|unclean [partitions=a:0,b:1]
 *	alter-reassignments	moves=a:0:1/2/3,b:1:		empty: cancel
 *	list-reassignments
 *	describe-quorum
 *	list-groups, describe-group, delete-group, group-offsets,
 *	alter-group-offsets, delete-group-offsets	see admin_groups.c
 *	list-transactions, describe-transaction, describe-producers,
 *	abort-transaction				see admin_txn.h
 */
#ifndef SIM_BROKER_ADMIN_H
#define SIM_BROKER_ADMIN_H

#include "sim/broker/broker.h"

enum admin_route {
	ADMIN_ANY,		/* the least loaded node */
	ADMIN_CONTROLLER,	/* any broker, which forwards */
	ADMIN_BROKER,		/* the one named in broker= */
	ADMIN_LEADERS,		/* of partitions= */
	ADMIN_COORDINATOR,	/* of group= */
	ADMIN_ALL,		/* every broker; the answers are a list */
};

struct admin_api {
	const char *name;
	const char *call;	/* what KafkaAdminClient calls it */
	enum admin_route route;
	bool forwarded;		/* the controller answers */
};

const struct admin_api *admin_api_find(const char *name);	/* or NULL */

/* May a topic have this name?  The sentence is org.apache.kafka.common.
 * internals.Topic's. */
bool admin_topic_name(const char *name, struct err *err);

/* A setting that topics have in reality and that changes nothing here? */
bool admin_fixed_setting(const char *name);

/* Send `json` (or {"message": ...} when error is set) as the answer. */
void admin_answer(struct world *w, struct process *from, struct process *to,
		  uint64_t correlation, enum kafka_error error,
		  const char *json);
void admin_refuse(struct world *w, struct process *from, struct process *to,
		  uint64_t correlation, enum kafka_error error,
		  const char *message);

/* "topic:7" into its parts.  False: it has no such form. */
bool admin_partition(const char *text, char *topic, size_t cap,
		     uint32_t *index);
/* The next item of a list a,b,c; false at the end. */
bool admin_item(const char **list, char *item, size_t cap);

/* admin_groups.c: answer a request about groups.  False: no such api. */
bool admin_groups(struct world *w, struct broker *b, const char *api,
		  const char *args, struct text *json,
		  enum kafka_error *error);

/* admin_dirs.c: the same about log directories. */
bool admin_log_dirs(struct world *w, struct broker *b, const char *api,
		    struct text *json);

#endif
