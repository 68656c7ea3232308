/* replication_quota.h - how much replication may cost (KIP-73)
 *
 * Moving replicas copies whole logs.  Two limits keep that from taking the
 * disks and the network of the day's work, each a rate of one broker, each for
 * those replicas only that a setting of the topic names:
 *
 *	leader.replication.throttled.rate	bytes a leader sends
 *	leader.replication.throttled.replicas	0:1,1:2 (partition:broker) or *
 *	follower.replication.throttled.rate	bytes a follower takes
 *	follower.replication.throttled.replicas
 *
 * Who is in sync is never held up.  The rate is what was counted in the last
 * samples, over the time since the oldest of them began: 11 samples of 1 s
 * (replication.quota.window.num, .size.seconds), so a burst is paid for in the
 * ten seconds that follow it.
 *
 *	 ┌──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┐   sum of them
 *	 └──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┘ ─────────────────── > rate: wait
 *	  oldest                       now    now - its begin
 *
 * After kafka.server.ReplicationQuotaManager and org.apache.kafka.common.
 * metrics.stats.SimpleRate, SampledStat, 3.9.
 */
#ifndef SIM_BROKER_REPLICATION_QUOTA_H
#define SIM_BROKER_REPLICATION_QUOTA_H

#include "sim/core/world.h"

#define QUOTA_SAMPLES_MAX	64

struct quota_sample {
	int64_t begin_ms, last_ms;	/* of the sample; of its last record */
	int64_t bytes;
};

struct rate_quota {
	struct quota_sample samples[QUOTA_SAMPLES_MAX + 1];
	uint32_t count, current;	/* samples made; the one written to */
};

/* How it is counted: so many samples, each so long. */
struct quota_window {
	int64_t samples, sample_ms;
};

void quota_record(struct rate_quota *q, const struct quota_window *win,
		  int64_t now_ms, int64_t bytes);
/* Bytes a second, rounded down. */
int64_t quota_rate(struct rate_quota *q, const struct quota_window *win,
		   int64_t now_ms);
bool quota_exceeded(struct rate_quota *q, const struct quota_window *win,
		    int64_t now_ms, int64_t bytes_per_s);

/* Does `replicas` ("0:1,1:2", "*", "") name this one? */
bool quota_names(const char *replicas, uint32_t partition, int32_t node_id);

/* Is it such a list?  err: ThrottledReplicaListValidator's words. */
bool quota_list_good(const char *name, const char *replicas, struct err *err);

#endif
