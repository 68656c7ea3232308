/* belief.c - the metadata log, as a broker has read it, and what it does then */
#include "sim/broker/broker_inside.h"

#include "sim/broker/groups.h"
#include "sim/broker/retention.h"

/* The directory with the fewest logs: LogManager.nextLogDirs. */
static struct disk *next_log_dir(const struct broker *b)
{
	struct disk *best = &b->process->machine->disk;

	for (struct disk *d = best->next; d; d = d->next)
		if (d->files.count < best->files.count)
			best = d;
	return best;
}

static struct replica *replica_for(struct world *w, struct broker *b,
				   struct partition *p)
{
	struct replica *r;

	while (b->replicas.count <= p->id)
		*vec_add(&w->arena, &b->replicas) = NULL;
	r = b->replicas.at[p->id];
	if (r)
		return r;
	r = world_take(w, struct replica);
	r->broker = b;
	r->partition = p;
	r->leader = NO_BROKER;
	r->leader_epoch = -1;
	log_open(w, &r->log);
	r->file = file_new(w, next_log_dir(b));
	b->replicas.at[p->id] = r;
	return r;
}

static void delete_replica(struct world *w, struct broker *b, uint32_t id)
{
	struct replica *r = broker_replica(b, id);

	if (!r)
		return;
	replica_fail_waiting(w, r, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
	fetcher_drop(w, r);
	r->role = REPLICA_NONE;
	fetch_wake(w, r, true);
	retention_doom(w, r);
	vec_free(&w->arena, &r->log.runs);
	vec_free(&w->arena, &r->log.segments);
	vec_free(&w->arena, &r->log.epochs);
	producer_states_clear(w, &r->producers);
	vec_free(&w->arena, &r->watchers);
	b->replicas.at[id] = NULL;
	world_give(w, r);
}

/* Act on what is believed: once registered, and never before. */
static void act(struct world *w, struct broker *b, uint32_t id)
{
	const struct partition_state *s = view_partition(&b->view, id);
	struct partition *p = b->cluster->partitions.at[id];

	if (!s->replica_count)
		return;
	if (!state_has_replica(s, b->index)) {
		delete_replica(w, b, id);
		return;
	}
	replica_become(w, replica_for(w, b, p), s);
	if (p->topic->internal)
		groups_partition(w, b->groups, p->index,
				 s->leader == b->index);
}

static void believe_topic_gone(struct world *w, struct broker *b, uint32_t id)
{
	struct topic *t = b->cluster->topics.at[id];

	for (uint32_t i = 0; i < t->partitions.count; i++) {
		uint32_t partition = t->partitions.at[i]->id;

		if (partition < b->view.partitions.count)
			b->view.partitions.at[partition] =
				(struct partition_state){ .leader = NO_BROKER };
		delete_replica(w, b, partition);
	}
	if (id < b->view.configs.count)
		b->view.configs.at[id] = NULL;
}

static void believe(struct world *w, struct broker *b,
		    const struct metadata_record *r)
{
	struct metadata_view *v = &b->view;

	switch (r->kind) {
	case METADATA_TOPIC:
	case METADATA_CONFIG:
		while (v->configs.count <= r->topic)
			*vec_add(&w->arena, &v->configs) = NULL;
		v->configs.at[r->topic] = r->config;
		break;
	case METADATA_TOPIC_GONE:
		believe_topic_gone(w, b, r->topic);
		break;
	case METADATA_PARTITION:
		while (v->partitions.count <= r->partition)
			vec_add(&w->arena, &v->partitions)->leader = NO_BROKER;
		v->partitions.at[r->partition] = r->state;
		if (b->registered)
			act(w, b, r->partition);
		break;
	case METADATA_BROKER:
		v->brokers = r->brokers;
		break;
	}
}

void broker_apply(struct world *w, struct broker *b, uint32_t records)
{
	/* A record is copied: applying one may grow the log we read from. */
	while (b->view.applied < records) {
		struct metadata_record r =
			b->cluster->records.at[b->view.applied++];

		believe(w, b, &r);
	}
}

void broker_register(struct world *w, struct broker *b, uint32_t records)
{
	broker_apply(w, b, records);
	b->registered = true;
	for (uint32_t i = 0; i < b->view.partitions.count; i++)
		act(w, b, i);
	log_write(w, b->process, LOG_INFO, "[KafkaRaftServer nodeId=%d] Kafka "
		  "Server started (kafka.server.KafkaRaftServer)", b->node_id);
}
