/* broker_metrics.c - what a broker counts, and how it is scraped */
#include "sim/broker/broker_inside.h"

#include <stdio.h>

#include "sim/broker/cleaner.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/throttle.h"
#include "sim/broker/txn.h"

static const int64_t produce_buckets[] = {
	SIM_MS(1), SIM_MS(2), SIM_MS(5), SIM_MS(10), SIM_MS(20), SIM_MS(50),
	SIM_MS(100), SIM_MS(200), SIM_MS(500), SIM_S(1), SIM_S(2), SIM_S(5),
	SIM_S(10), SIM_S(30),
};

/* Names: the Kafka example rules of the Prometheus JMX exporter
 * (kafka-2_0_0.yml): domain_type_name, counters with _total. */
void broker_note_metrics(struct world *w, struct broker *b)
{
	struct process *p = b->process;
	struct broker_metrics *m = world_take(w, struct broker_metrics);

	b->metrics = m;
	m->bytes_in = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_bytesin_total", NULL);
	m->bytes_out = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_bytesout_total", NULL);
	m->messages_in = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_messagesin_total", NULL);
	m->produce_requests = metric_counter(w, p,
		"kafka_network_requestmetrics_requests_total",
		"request", "Produce", NULL);
	m->fetch_requests = metric_counter(w, p,
		"kafka_network_requestmetrics_requests_total",
		"request", "Fetch", NULL);
	m->failed_produce = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_failedproducerequests_total",
		NULL);
	m->under_replicated = metric_gauge(w, p,
		"kafka_server_replicamanager_underreplicatedpartitions", NULL);
	m->under_min_isr = metric_gauge(w, p,
		"kafka_server_replicamanager_underminisrpartitioncount", NULL);
	m->late_txns = metric_gauge(w, p, "kafka_server_replicamanager_"
		"partitionswithlatetransactionscount", NULL);
	m->offline = metric_gauge(w, p,
		"kafka_server_replicamanager_offlinereplicacount", NULL);
	m->leaders = metric_gauge(w, p,
		"kafka_server_replicamanager_leadercount", NULL);
	m->partitions = metric_gauge(w, p,
		"kafka_server_replicamanager_partitioncount", NULL);
	m->isr_shrinks = metric_counter(w, p,
		"kafka_server_replicamanager_isrshrinks_total", NULL);
	m->isr_expands = metric_counter(w, p,
		"kafka_server_replicamanager_isrexpands_total", NULL);
	m->active_sessions = metric_gauge(w, p,
		"kafka_server_fetchsessioncache_numincrementalfetchsessions",
		NULL);
	m->dead_cleaners = metric_gauge(w, p,
		"kafka_log_logcleaner_deadthreadcount", NULL);
	m->max_dirty_percent = metric_gauge(w, p,
		"kafka_log_logcleanermanager_max_dirty_percent", NULL);
	log_dirs_note_metrics(w, b);
	m->reassigning = metric_gauge(w, p,
		"kafka_server_replicamanager_reassigningpartitions", NULL);
	m->reassignment_in = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_reassignmentbytesin_total",
		NULL);
	m->replication_out = metric_counter(w, p,
		"kafka_server_brokertopicmetrics_replicationbytesout_total",
		NULL);
	m->throttled[THROTTLE_LEADER] = metric_gauge(w, p,
		"kafka_server_leaderreplication_byte_rate", NULL);
	m->throttled[THROTTLE_FOLLOWER] = metric_gauge(w, p,
		"kafka_server_followerreplication_byte_rate", NULL);
	m->produce_ms = metric_unit(metric_histogram(w, p, produce_buckets,
		sizeof(produce_buckets) / sizeof(produce_buckets[0]),
		"kafka_network_requestmetrics_totaltime_seconds",
		"request", "Produce", NULL), METRIC_NS);
}

static void collect_topic_metrics(struct world *w, struct broker *b,
				  struct replica *r)
{
	char index[12];
	const char *topic = world_text(w, r->partition->topic->name);

	if (!r->log_end_metric) {
		snprintf(index, sizeof(index), "%u", r->partition->index);
		r->log_end_metric = metric_gauge(w, b->process,
			"kafka_log_log_logendoffset", "topic", topic,
			"partition", index, NULL);
		r->log_size_metric = metric_gauge(w, b->process,
			"kafka_log_log_size", "topic", topic,
			"partition", index, NULL);
	}
	metric_set(r->log_end_metric, r->log.end_offset);
	metric_set(r->log_size_metric, r->log.bytes);
}

static const struct partition_state *state_of(const struct replica *r)
{
	return view_partition(&r->broker->view, r->partition->id);
}

/* Replicas that a reassignment adds are not counted (Partition.
 * isUnderReplicated, OngoingReassignmentState). */
static bool under_replicated(const struct replica *r)
{
	const struct partition_state *s = state_of(r);

	return replica_isr_count(r) + (uint32_t)__builtin_popcountll(s->adding) <
	       s->replica_count;
}

static bool reassigns(const struct replica *r)
{
	return state_of(r)->adding || state_of(r)->removing;
}

void broker_collect(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = ((struct process *)who)->self;
	struct broker_metrics *m = b->metrics;
	int64_t leaders = 0, partitions = 0, urp = 0, under_min = 0, sessions = 0;
	int64_t offline = 0, moving = 0;
	int64_t late = 0;

	(void)arg;
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];

		if (!r)
			continue;
		offline += r->offline;
		partitions += !r->offline;
		if (!r->partition->topic->internal)
			collect_topic_metrics(w, b, r);
		late += txn_is_late(w, r);
		if (r->role != REPLICA_LEADER)
			continue;
		leaders++;
		urp += under_replicated(r);
		moving += reassigns(r);
		under_min += replica_under_min_isr(r);
	}
	for (uint32_t i = 0; i < b->sessions.count; i++)
		sessions += b->sessions.at[i] != NULL;
	metric_set(m->leaders, leaders);
	metric_set(m->partitions, partitions);
	metric_set(m->under_replicated, urp);
	metric_set(m->under_min_isr, under_min);
	metric_set(m->late_txns, late);
	metric_set(m->active_sessions, sessions);
	metric_set(m->offline, offline);
	metric_set(m->reassigning, moving);
	for (int i = 0; i < THROTTLE_SIDES; i++)
		metric_set(m->throttled[i],
			   throttle_rate(w, b, (enum throttle_side)i));
	log_dirs_collect(b);
	cleaner_collect(w, b);
	raft_collect(w, &b->raft);
}
