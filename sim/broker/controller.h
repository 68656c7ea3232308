/* controller.h - who decides: fencing, elections, topics, in-sync sets
 *
 * One, three or five controllers agree on a leader (raft.h); that one is the
 * active controller.  Brokers send it heartbeats; one that is not heard of for
 * broker.session.timeout.ms is fenced: it loses its leaderships and its places
 * in the in-sync sets.  Every decision is a record of the metadata log.
 *
 *	request ─▶ active controller ─▶ its view, at once
 *	                │                        record ─▶ quorum ─▶ committed
 *	answer ◀────────┴──────────────────────────────────────────────┘
 *
 * A request is answered when what it wrote is committed (QuorumController's
 * deferred events); one that wrote nothing, when all that was written before
 * is.  A controller that is deposed answers NOT_CONTROLLER to those that wait,
 * and forgets what was not committed.  A new one knows all that was, but has
 * heard no heartbeat: each broker that is not fenced gets a whole session
 * (BrokerHeartbeatManager).
 *
 * Election (org.apache.kafka.controller.PartitionChangeBuilder, 3.9): the
 * first replica in assignment order that is in sync and not fenced; if there
 * is none, any unfenced replica when unclean election is allowed; else the
 * partition is offline.  The last member of an in-sync set stays in it.
 */
#ifndef SIM_BROKER_CONTROLLER_H
#define SIM_BROKER_CONTROLLER_H

#include "sim/broker/broker.h"
#include "sim/broker/raft.h"

/* What only the active controller knows of a broker. */
struct controlled_broker {
	struct timer session;
};

/* An answer that waits until the log is committed up to `offset`. */
struct deferred_answer {
	int64_t offset;
	struct process *to;
	struct message *answer;
};

struct controller_metrics {
	struct metric *active, *fenced, *unfenced, *offline, *imbalance,
		      *unclean, *topics, *partitions, *new_active,
		      *timed_out, *applied;
};

struct controller {
	struct cluster *cluster;
	struct process *process;
	struct raft raft;
	struct metadata_view view;	/* active: of all it wrote; else of what
					   is committed */
	bool booted, active;
	bool leaving, restart;		/* SIGTERM: it goes, and comes again */
	VEC(struct controlled_broker) brokers;	/* by broker index */
	VEC(struct deferred_answer) deferred;	/* by rising offset */
	struct timer idle, rebalance, boot;
	struct controller_metrics metrics;
};

struct controller *controller_new(struct world *w, struct cluster *c,
				  struct machine *m);
/* The one that decides; of several that think so the latest.  NULL: nobody. */
struct controller *controller_active(const struct cluster *c);

/* The first id of the next block for a broker (producer_ids.h). */
int64_t controller_producer_ids(struct world *w, struct controller *c);

/* Brokers as if long registered and unfenced: for a new world. */
void controller_form(struct world *w, struct cluster *c);
/* What was written since, as if committed and known to all for long: for a
 * new world, too. */
void cluster_settle(struct world *w, struct cluster *c);

/* SIGTERM: a leader says that its epoch ends, so that another is elected at
 * once; then it stops (and starts again). */
void controller_terminate(struct world *w, struct controller *c, bool restart);

/* -- between the quorum and the controller it belongs to ------------------- */

void controller_committed(struct world *w, struct controller *c);
void controller_renounce(struct world *w, struct controller *c);

/* -- administration, by an active controller: written, committed later ----- */

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

/* What its view says. */
struct topic *controller_topic(const struct world *w,
			       const struct controller *c, const char *name);
struct partition *controller_partition(const struct world *w,
				       const struct controller *c,
				       const char *topic, uint32_t index);
uint32_t controller_partitions(const struct controller *c,
			       const struct topic *t);	/* of a topic */
static inline struct partition_state *
controller_state(const struct controller *c, const struct partition *p)
{
	return &c->view.partitions.at[p->id];	/* after controller_partition */
}

/* Send when all that was written so far is committed. */
void controller_answer(struct world *w, struct controller *c,
		       struct process *to, struct message *answer);

/* controller_admin.c */
void controller_admin(struct world *w, struct controller *c,
		      struct text_message *m);

#endif
