/* producer.h - a Kafka producer: batches, acks, retries
 *
 * send() puts a record into the open batch of its partition.  A batch is sent
 * when it is full, has waited linger.ms, or somebody flushes
 * (RecordAccumulator.batchReady); one request carries at most one batch for
 * each partition of a broker, and at most max.in.flight requests are under way
 * to a broker.  A retriable error puts the batch back in front and tries again
 * after retry.backoff until delivery.timeout.ms, counted from its creation.
 *
 * Key present: murmur2(key).  No key: sticky, one partition until batch.size
 * bytes went there, then the next is drawn, shorter queues more likely
 * (BuiltInPartitioner, KIP-794).
 *
 * With enable.idempotence, the default, batches are numbered and nothing is
 * stored twice or overtakes (idempotence.h).  It needs acks=all, retries and at
 * most five requests in flight.  Without it, with several requests in flight a
 * retry can reorder, and a lost answer can duplicate.
 *
 * Files: producer.c (what the application calls), partitioner.c (which
 * partition), accumulator.c (batches that fill and wait), sender.c (batches that
 * leave, and their fate), idempotence.c (their numbers), producer_txn.c
 * (transactions), producer_config.c.
 */
#ifndef SIM_BROKER_PRODUCER_H
#define SIM_BROKER_PRODUCER_H

#include "sim/broker/client.h"
#include "sim/broker/idempotence.h"
#include "sim/broker/producer_config.h"
#include "sim/broker/producer_state.h"
#include "sim/broker/producer_txn.h"
#include "sim/broker/records.h"

struct span;

struct producer_batch {
	struct producer_batch *next;
	struct batch batch;
	sim_time created_at, retry_at;
	uint32_t attempts;
	enum kafka_error last_error;
	char *payload;			/* explicit records until it is closed */
	uint32_t payload_len, payload_cap;
	uint32_t raw_bytes;		/* before it was packed; 0: it is not */
	bool closed;			/* takes no more records */
	bool sealed;			/* its records are in the payload stream */
	bool renumbered;		/* since its epoch was raised */
	VEC(struct span *) spans;	/* of records that are traced */
};

/* Records [first, first + count) of a lane were acknowledged. */
struct acked_range {
	uint64_t first, count;
};

/*
 * What a record costs its producer's CPU [E], from calibration.md 3.1 (a server
 * of the 2020s; struct machine_profile says how slow another is).  The thread
 * that calls send(): a dozen objects and locks out of the cache, 20 ns each
 * (the record, its future and callback, topic and queue looked up, the clock),
 * and key and value serialised and copied into the batch at 1 GiB/s.
 *
 * The sender's thread: a request is a system call and the wake-ups of two
 * threads, 10 us each; its bytes are summed (CRC) and copied to the socket, at
 * 1 GiB/s both.  Simplified: this keeps cores busy and delays nothing.
 */
#define PRODUCER_RECORD_NS	240
#define PRODUCER_BYTES_PER_US	1074
#define PRODUCER_REQUEST_NS	SIM_US(20)

static inline sim_time producer_cost(uint64_t records, uint64_t bytes)
{
	return (sim_time)(records * PRODUCER_RECORD_NS +
			  bytes * 1000 / PRODUCER_BYTES_PER_US);
}

/* One partition's queue: a lane. */
struct producer_lane {
	uint32_t partition;		/* id */
	struct producer_batch *head, *tail;
	uint32_t queued;		/* batches */
	struct lane_numbers numbers;
	bool in_txn;			/* part of the open transaction */
	VEC(struct acked_range) acked;	/* procedural records; merged */
};

/* A record that waits for its topic to be known. */
struct producer_waiting {
	name_id topic;
	int32_t partition;
	sim_time since;
	struct record record;		/* its bytes are in `body` */
	char *body;
	size_t body_bytes;
	struct span *span;		/* of its trace, or NULL */
};

/* What became of a batch; `who` of the owner's `result` event. */
struct producer_result {
	struct producer *producer;
	uint32_t partition;		/* id; UINT32_MAX: topic never known */
	name_id topic;
	const struct batch *batch;
	enum kafka_error error;		/* KAFKA_NONE: acknowledged */
	bool expired;			/* delivery.timeout.ms passed */
	const char *value;		/* of a record that never had a batch */
	int32_t value_len, key_len;
};

struct producer {
	struct client client;		/* first: a producer is a client */
	struct producer_config config;
	struct producer_identity identity;
	struct producer_txn *txn;	/* NULL: no transactional.id */
	VEC(struct producer_lane *) lanes;	/* by first use */
	struct map lanes_by_partition;
	VEC(struct producer_waiting *) waiting;
	uint16_t result;		/* event for the owner, 0: none */
	void *owner;
	name_id sticky_topic;		/* the unkeyed records' partition */
	uint32_t sticky;
	int64_t sticky_bytes;
	bool flushing;
	int64_t buffered_bytes;
	uint16_t room;			/* event for the owner: producer_offer_run */
	int64_t wanted_bytes;		/* somebody waits for; 0: nobody */
	sim_time wanted_since;
	struct wake wake;		/* for lingering, retries, expiry */
	uint64_t sent, acked, failed, retried, blocked;	/* records */
	uint64_t died;			/* records it had when it died */
	struct metric *sent_metric, *error_metric, *retry_metric;
};

/* NULL, err set: the bootstrap list or the settings are no good. */
struct producer *producer_new(struct world *w, struct client_host *host,
			      struct cluster *cluster, const char *client_id,
			      const char *bootstrap,
			      const struct producer_config *config,
			      struct err *err);

/* Send one explicit record; partition -1: the partitioner's choice.  `cause`:
 * the trace it belongs to (client_trace.h); NULL or empty: a new one. */
void producer_send(struct world *w, struct producer *p, name_id topic,
		   int32_t partition, const struct record *r,
		   const struct trace_context *cause);

/* Send procedural records `first`.. of a source's lane to a partition that is
 * known.  `bytes`: of all of them. */
void producer_send_run(struct world *w, struct producer *p, uint32_t partition,
		       uint32_t source, uint32_t lane, uint64_t first,
		       uint32_t count, uint32_t bytes, sim_time first_at,
		       sim_time last_at);

/*
 * The same for a caller that waits, as one who calls send() does.  It has spent
 * producer_cost itself.  False: buffer.memory is full; once there is room the
 * `room` event comes with arg 0, after max.block.ms without any with arg 1.
 */
bool producer_offer_run(struct world *w, struct producer *p, uint32_t partition,
			uint32_t source, uint32_t lane, uint64_t first,
			uint32_t count, uint32_t bytes, sim_time first_at,
			sim_time last_at);
/* Where the partitioner puts the next unkeyed bytes: a partition's index.  The
 * topic is known. */
uint32_t producer_next_partition(struct producer *p, name_id topic,
				 int64_t bytes);

void producer_flush(struct world *w, struct producer *p);
bool producer_idle(const struct producer *p);	/* nothing queued, in flight */
/* Records that were given to it and whose fate is not known, counted where they
 * are: in queues and in requests. */
uint64_t producer_held(const struct producer *p);

/* Give up at once what is not sent, and leave the host. */
void producer_close(struct world *w, struct producer *p);

/* A partition's queue. */
struct producer_lane *producer_lane(const struct producer *p,
				    uint32_t partition);	/* or NULL */

#endif
