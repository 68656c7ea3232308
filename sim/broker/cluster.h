/* cluster.h - topics, partitions and the metadata log that all brokers follow
 *
 * What a topic *is* (its name, its number of partitions) is one shared object.
 * What is *known* of it (who leads, who is in sync) is not: the controller
 * holds the truth and writes every change as a record of the metadata log;
 * each broker applies the records as they reach it, and in between believes
 * what it knew (KIP-500).  A broker's belief is its `view`.
 *
 *	controller ──records──▶ metadata log ──delta over the network──▶ views
 */
#ifndef SIM_BROKER_CLUSTER_H
#define SIM_BROKER_CLUSTER_H

#include "sim/broker/config.h"
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
	bool internal;			/* __consumer_offsets */
	bool deleted;			/* the controller's truth */
	struct topic_config *config;	/* the controller's; never changed in
					   place, replaced */
	VEC(struct partition *) partitions;
};

struct partition {
	struct topic *topic;
	uint32_t index;			/* in the topic */
	uint32_t id;			/* in the cluster */
	struct partition_state state;	/* the controller's truth */
};

enum metadata_kind {
	METADATA_TOPIC,			/* topic `topic` exists */
	METADATA_TOPIC_GONE,
	METADATA_PARTITION,		/* `partition` has state `state` */
	METADATA_CONFIG,		/* `topic` has config `config` */
	METADATA_BROKER,		/* `brokers`: the unfenced ones */
};

struct metadata_record {
	enum metadata_kind kind;
	sim_time at;			/* when it was decided */
	uint32_t topic, partition;	/* ids */
	struct partition_state state;
	struct topic_config *config;
	uint64_t brokers;
};

/* What one broker believes. */
struct metadata_view {
	uint32_t applied;		/* records */
	uint64_t brokers;		/* unfenced */
	VEC(struct partition_state) partitions;	/* by partition id */
	VEC(struct topic_config *) configs;	/* by topic id; NULL: unknown */
};

struct cluster {
	name_id id;			/* cluster id */
	struct controller *controller;
	VEC(struct broker *) brokers;	/* by broker index */
	VEC(struct topic *) topics;	/* by topic id; deleted ones stay */
	VEC(struct partition *) partitions;	/* by partition id */
	struct map topics_by_name;	/* living ones */
	VEC(struct metadata_record) records;
	VEC(struct record_source) sources;	/* records.h; [0] unused */
	stream_id payload;		/* bytes of explicit records */

	uint64_t next_correlation;
	bool plants_early_ack;		/* a bug on purpose: fetch.c */
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

/* Make the shared objects of a topic; the controller then says who holds it. */
struct topic *topic_new(struct world *w, struct cluster *c, const char *name,
			uint32_t partitions);
struct partition *topic_add_partition(struct world *w, struct cluster *c,
				      struct topic *t);

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
