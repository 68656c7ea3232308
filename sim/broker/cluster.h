/* cluster.h - topics, partitions and the metadata log that all brokers follow
 *
 * What a topic *is* (its name, its number of partitions) is one shared object.
 * What is *known* of it (who leads, who is in sync) is not: the active
 * controller writes every change as a record of the metadata log, which a
 * majority of controllers has to have (raft.h); brokers fetch that log, apply
 * its records as they become committed, and in between believe what they knew
 * (KIP-500).  What somebody has applied is his `view`.
 *
 *	active controller ─▶ metadata log ─▶ committed: the truth
 *	  its view: all it wrote    └─fetched─▶ views of brokers, of others
 *
 * The truth is for observers outside the world (audits, checks, tests): nobody
 * inside looks at it.
 */
#ifndef SIM_BROKER_CLUSTER_H
#define SIM_BROKER_CLUSTER_H

#include "sim/broker/config.h"
#include "sim/broker/metadata_log.h"
#include "sim/broker/protocol.h"

struct broker;
struct controller;

/* Who holds a partition and who leads it; org.apache.kafka.metadata.
 * PartitionRegistration.  Brokers by index; sets of brokers as bit masks. */
struct partition_state {
	int32_t leader;			/* NO_BROKER: offline */
	int32_t leader_epoch;		/* +1 with each new leader */
	int32_t partition_epoch;	/* +1 with each change */
	uint64_t isr;
	uint64_t adding, removing;	/* of a reassignment under way */
	uint32_t replica_count;
	int8_t replicas[REPLICAS_MAX];	/* in assignment order; [0] preferred */
};

struct topic {
	name_id name;
	uint32_t id;
	char uuid[24];			/* as tools print it: 22 characters */
	bool internal;			/* one of the two that brokers write */
	bool holds_txns;		/* __transaction_state; else, if it is
					   internal, __consumer_offsets */
	bool deleted;			/* the truth */
	struct topic_config *config;	/* the truth; never changed in place,
					   replaced */
	VEC(struct partition *) partitions;
};

struct partition {
	struct topic *topic;
	uint32_t index;			/* in the topic */
	uint32_t id;			/* in the cluster */
	struct partition_state state;	/* the truth */
};

#define BROKERS_MAX	64		/* bits of a mask */

enum metadata_kind {
	METADATA_TOPIC,			/* topic `topic` exists */
	METADATA_TOPIC_GONE,
	METADATA_PARTITION,		/* `partition` has state `state` */
	METADATA_CONFIG,		/* `topic` has config `config` */
	METADATA_BROKER,		/* `brokers`: the unfenced ones;
					   `shutting_down`: of controlled
					   shutdowns */
	METADATA_REGISTRATION,		/* `broker` is now `incarnation` */
	METADATA_PRODUCER_IDS,		/* `next_producer_id` */
	METADATA_BROKER_CONFIG,		/* `broker`, or NO_BROKER: all of them,
					   has dynamic `broker_config` */
};

struct metadata_record {
	enum metadata_kind kind;
	sim_time at;			/* when it was decided */
	uint32_t topic, partition;	/* ids */
	struct partition_state state;
	struct topic_config *config;
	struct broker_config *broker_config;
	uint64_t brokers, shutting_down;
	int32_t broker;
	uint32_t incarnation;
	int64_t next_producer_id;
	bool committed;			/* it is part of the truth */
};

/* What one broker, or controller, believes. */
struct metadata_view {
	int64_t applied;		/* the log, below this offset */
	sim_time applied_at;		/* when its last entry was written */
	uint64_t brokers;		/* unfenced */
	uint64_t shutting_down;
	uint32_t incarnations[BROKERS_MAX];	/* registered; 0: never */
	int64_t registered_at[BROKERS_MAX];	/* offset of that record */
	int64_t next_producer_id;	/* first that is in no block yet */
	VEC(struct partition_state) partitions;	/* by partition id */
	VEC(struct topic_config *) configs;	/* by topic id; NULL: unknown */
	struct broker_config *broker_default;	/* dynamic, of the cluster, */
	struct broker_config *broker_configs[BROKERS_MAX];	/* of brokers;
						   NULL: nothing is set */
};

/* What is known of a broker's log directories: controller_dirs.c. */
struct broker_dirs {
	uint64_t offline;		/* of its log.dirs, by place */
	VEC(uint8_t) dir_of;		/* by partition id */
};

struct cluster {
	name_id id;			/* cluster id */
	VEC(struct controller *) controllers;	/* the voters */
	VEC(struct broker *) brokers;	/* by broker index */
	VEC(struct topic *) topics;	/* by topic id; deleted ones stay */
	VEC(struct partition *) partitions;	/* by partition id */
	struct map topics_by_name;	/* living ones */
	struct broker_dirs dirs[64];	/* by broker index */
	VEC(struct metadata_record) records;	/* all that anybody wrote */
	struct metadata_log truth_log;	/* what is committed of it */
	struct metadata_view truth;
	uint32_t histories_lost;	/* committed records that are no more:
					   a voter forgot what it had */
	VEC(struct record_source) sources;	/* records.h; [0] unused */
	stream_id payload;		/* bytes of explicit records */

	uint64_t next_correlation;
	bool plants_early_ack;		/* a bug on purpose: fetcher.c */
	bool append_ends_waits;		/* as in 0.8: fetch.c */
};

extern const struct module broker_module;

struct cluster *cluster_new(struct world *w, const char *id);
struct cluster *cluster_of(const struct world *w);

struct topic *cluster_topic(const struct world *w, const struct cluster *c,
			    const char *name);
struct partition *cluster_partition(const struct world *w,
				    const struct cluster *c,
				    const char *topic, uint32_t index);

/* A 128-bit id as Uuid.toString writes it, of this run: 22 characters. */
void cluster_uuid(struct world *w, uint64_t salt, const char *what, char *out);

/* Make the shared objects of a topic; the controller then says who holds it. */
struct topic *topic_new(struct world *w, struct cluster *c, const char *name,
			uint32_t partitions);
struct partition *topic_add_partition(struct world *w, struct cluster *c,
				      struct topic *t);

/* The next record of the log below `end` that the view has not applied, which
 * it now has to: view_apply.  NULL: it has them all. */
const struct metadata_record *view_next(const struct cluster *c,
					struct metadata_view *v,
					const struct metadata_log *l,
					int64_t end);
/* `offset`: where the record stands in the log. */
void view_apply(struct world *w, struct metadata_view *v,
		const struct metadata_record *r, int64_t offset);
void view_reset(struct world *w, struct metadata_view *v);

/*
 * Settings have levels (KIP-226): of the topic, of the broker, of the cluster,
 * then what server.properties says (`file`), then the default.  broker:
 * NO_BROKER leaves its level out.
 */
int64_t view_broker_setting(const struct metadata_view *v, int32_t broker,
			    const struct broker_config *file,
			    enum broker_key key);
int64_t view_topic_setting(const struct metadata_view *v, uint32_t topic,
			   int32_t broker, const struct broker_config *file,
			   enum topic_key key);

/* A new leader has begun: does it have all that was committed?  It must, unless
 * disks forgot. */
void cluster_led(struct world *w, struct cluster *c,
		 const struct metadata_log *l);
/* A leader has found that its log is committed up to `end`.  One that was
 * deposed and does not know it yet says nothing new. */
void cluster_committed(struct world *w, struct cluster *c,
		       const struct metadata_log *l, int64_t end);

/* The state a view holds; leader NO_BROKER and no replicas if unknown. */
const struct partition_state *view_partition(const struct metadata_view *v,
					     uint32_t partition);
bool view_knows_topic(const struct metadata_view *v, uint32_t topic);

static inline uint64_t broker_bit(int32_t index)
{
	return UINT64_C(1) << index;
}

static inline bool state_has_replica(const struct partition_state *s, int32_t b)
{
	for (uint32_t i = 0; i < s->replica_count; i++)
		if (s->replicas[i] == b)
			return true;
	return false;
}

#endif
