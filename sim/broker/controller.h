/* controller.h - who decides: fencing, elections, topics, in-sync sets
 *
 * The active KRaft controller.  Brokers send it heartbeats; one that is not
 * heard of for broker.session.timeout.ms is fenced: it loses its leaderships
 * and its places in the in-sync sets.  Every decision is a record of the
 * metadata log, sent to all brokers (cluster.h).
 *
 * Election (org.apache.kafka.controller.PartitionChangeBuilder, 3.9): the
 * first replica in assignment order that is in sync and not fenced; if there
 * is none, any unfenced replica when unclean election is allowed; else the
 * partition is offline.  The last member of an in-sync set stays in it.
 *
 * Simplified: one controller, not a quorum; its decisions are durable at once
 * (see README.md).
 */
#ifndef SIM_BROKER_CONTROLLER_H
#define SIM_BROKER_CONTROLLER_H

#include "sim/broker/broker.h"

struct controlled_broker {
	uint32_t incarnation;		/* registered; 0: never heard of */
	bool fenced;
	bool shutting_down;
	uint32_t registered_at;		/* records when it registered: it must
					   have applied these to be unfenced */
	struct timer session;
};

struct controller {
	struct cluster *cluster;
	struct process *process;
	VEC(struct controlled_broker) brokers;	/* by broker index */
	int64_t next_producer_id;	/* first that is in no block yet */
	struct metric *active, *fenced_brokers, *offline_partitions,
		      *preferred_imbalance, *unclean_elections;
};

struct controller *controller_new(struct world *w, struct cluster *c,
				  struct machine *m);
struct process *controller_process(const struct cluster *c);

/* The first id of the next block for a broker (producer_ids.h). */
int64_t controller_producer_ids(struct controller *c);

/* Brokers as if long registered and unfenced: for a new world. */
void controller_form(struct world *w, struct controller *c);

/* -- administration: applied at once, sent to the brokers ----------------- */

/*
 * Create a topic.  `assignment` (partitions x rf broker indexes, row by row)
 * or NULL: spread over racks as ReplicaPlacer does.  Negative counts mean the
 * default.  `config` is copied.  Errors as the controller words them.
 */
enum kafka_error controller_create_topic(struct world *w, struct controller *c,
					 const char *name, int32_t partitions,
					 int32_t replication,
					 const int8_t *assignment,
					 const struct topic_config *config,
					 struct err *err);
enum kafka_error controller_delete_topic(struct world *w, struct controller *c,
					 const char *name, struct err *err);
enum kafka_error controller_add_partitions(struct world *w,
					   struct controller *c,
					   struct topic *t, int32_t total,
					   struct err *err);
void controller_set_topic_config(struct world *w, struct controller *c,
				 struct topic *t,
				 const struct topic_config *config);

/* Elect the preferred replica (or, unclean, any live one) as leader. */
enum kafka_error controller_elect(struct world *w, struct controller *c,
				  struct partition *p, bool unclean);

/* Move a partition to other brokers; count 0 cancels.  It is done when all
 * new replicas are in sync. */
enum kafka_error controller_reassign(struct world *w, struct controller *c,
				     struct partition *p,
				     const int8_t *replicas, uint32_t count,
				     struct err *err);

/* controller_admin.c */
void controller_admin(struct world *w, struct controller *c,
		      struct text_message *m);

#endif
