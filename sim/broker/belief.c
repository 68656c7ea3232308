/* belief.c - the metadata log, as a broker has read it, and what it does then */
#include "sim/broker/broker_inside.h"

#include "sim/broker/groups.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/retention.h"
#include "sim/broker/throttle.h"
#include "sim/broker/txn.h"

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
	r->dir = log_dirs_next(b);
	r->dir->logs++;
	r->file = file_new(w, r->dir->disk);
	b->replicas.at[p->id] = r;
	throttle_read(w, r);
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
	r->dir->logs--;
	throttle_forget(r);
	retention_doom(w, r);
	vec_free(&w->arena, &r->log.runs);
	vec_free(&w->arena, &r->log.segments);
	vec_free(&w->arena, &r->log.epochs);
	producer_states_forget(w, &r->producers);
	vec_free(&w->arena, &r->watchers);
	vec_free(&w->arena, &r->guards);
	b->replicas.at[id] = NULL;
	world_give(w, r);
}

/* Act on what is believed: once registered, and never before. */
static void act(struct world *w, struct broker *b, uint32_t id)
{
	const struct partition_state *s = view_partition(&b->view, id);
	struct partition *p = b->cluster->partitions.at[id];
	struct replica *r;

	if (!s->replica_count)
		return;
	if (!state_has_replica(s, b->index)) {
		delete_replica(w, b, id);
		return;
	}
	r = replica_for(w, b, p);
	if (!r->offline)
		replica_become(w, r, s);
	if (p->topic->holds_txns)
		txns_partition(w, b->txns, p->index, r->role == REPLICA_LEADER,
			       s->leader_epoch);
	else if (p->topic->internal)
		groups_partition(w, b->groups, p->index,
				 r->role == REPLICA_LEADER);
}

static void believe_topic_gone(struct world *w, struct broker *b, uint32_t id)
{
	struct topic *t = b->cluster->topics.at[id];

	for (uint32_t i = 0; i < t->partitions.count; i++)
		delete_replica(w, b, t->partitions.at[i]->id);
}

/*
 * It has read the log up to its own registration, and so what followed from
 * its being away: only now it acts on what it believes, and asks to be unfenced
 * (BrokerServer: initialCatchUpFuture, before the first image is published).
 * Earlier it would take itself for a leader with what a loss of power has left,
 * and its followers would cut their logs to that.
 */
static void caught_up(struct world *w, struct broker *b)
{
	if (!b->registered)
		broker_register(w, b);
	broker_send_heartbeat(w, b);
}

/* What the topic's settings say of replicas that there are. */
static void settings_changed(struct world *w, struct broker *b, uint32_t id)
{
	const struct topic *t = b->cluster->topics.at[id];

	for (uint32_t i = 0; i < t->partitions.count; i++) {
		struct replica *r = broker_replica(b, t->partitions.at[i]->id);

		if (r)
			throttle_read(w, r);
	}
}

static void believe(struct world *w, struct broker *b,
		    const struct metadata_record *r, int64_t offset)
{
	view_apply(w, &b->view, r, offset);
	switch (r->kind) {
	case METADATA_TOPIC:
	case METADATA_CONFIG:
		settings_changed(w, b, r->topic);
		break;
	case METADATA_TOPIC_GONE:
		believe_topic_gone(w, b, r->topic);
		break;
	case METADATA_PARTITION:
		if (b->registered)
			act(w, b, r->partition);
		break;
	case METADATA_REGISTRATION:
		if (r->broker == b->index &&
		    r->incarnation == b->process->incarnation)
			caught_up(w, b);
		break;
	default:
		break;
	}
}

void broker_committed(struct world *w, struct broker *b)
{
	const struct metadata_record *next;

	while ((next = view_next(b->cluster, &b->view, &b->raft.log,
				 b->raft.high_watermark))) {
		/* A copy: believing it may write others. */
		struct metadata_record r = *next;

		believe(w, b, &r, b->view.applied - 1);
	}
	log_dirs_assign(w, b);
}

void broker_disbelieve(struct world *w, struct broker *b)
{
	view_reset(w, &b->view);
}

/* LogManager.isStrayKraftReplica */
void broker_drop_strays(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i] &&
		    !view_partition(&b->view, i)->replica_count)
			delete_replica(w, b, i);
}

void broker_register(struct world *w, struct broker *b)
{
	b->registered = true;
	for (uint32_t i = 0; i < b->view.partitions.count; i++)
		act(w, b, i);
	log_dirs_assign(w, b);
	log_write(w, b->process, LOG_INFO, "[KafkaRaftServer nodeId=%d] Kafka "
		  "Server started (kafka.server.KafkaRaftServer)", b->node_id);
}
