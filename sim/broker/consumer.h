/* consumer.h - a Kafka consumer: settings, positions, fetching, polling
 *
 * The owner's loop is poll, work, poll.  consumer_poll hands out at most
 * max.poll.records; with none there it returns 0 and the `ready` event comes
 * when there are some.  Offsets of what the previous poll handed out are
 * committed by a later poll (enable.auto.commit), every
 * auto.commit.interval.ms, and on close.
 *
 * With a group, its partitions and where to begin come from the group's
 * coordinator (consumer_group.h); without one they are assigned by hand
 * (consumer_assign) and the state stays NONE.
 *
 * Files: consumer.c (settings, positions, polling), consumer_fetch.c (records
 * that come), consumer_group.c (the member), consumer_assign.c (the member that
 * leads), consumer_epoch.c (a member whose coordinator assigns),
 * consumer_commit.c (offsets that are committed).
 */
#ifndef SIM_BROKER_CONSUMER_H
#define SIM_BROKER_CONSUMER_H

#include "sim/broker/assignor.h"
#include "sim/broker/client.h"

enum offset_reset { RESET_LATEST, RESET_EARLIEST, RESET_NONE };

struct consumer_config {
	int64_t session_timeout_ms, heartbeat_interval_ms;
	int64_t max_poll_interval_ms, max_poll_records;
	int64_t fetch_min_bytes, fetch_max_wait_ms;
	int64_t fetch_max_bytes, max_partition_fetch_bytes;
	enum offset_reset reset;
	bool auto_commit;
	int64_t auto_commit_interval_ms;
	/* partition.assignment.strategy; cooperative when all of them are. */
	uint8_t strategies[ASSIGNORS];
	uint8_t strategy_count;
	char instance[64];		/* group.instance.id; "": none */
	bool remote;			/* group.protocol=consumer (KIP-848) */
	bool remote_range;		/* group.remote.assignor=range */
	char client_rack[32];		/* "": does not say */
	bool read_committed;		/* isolation.level */
};

enum consumer_state {
	CONSUMER_NONE, CONSUMER_FINDING, CONSUMER_JOINING, CONSUMER_SYNCING,
	CONSUMER_STABLE,
};

#define NOT_ASKED	(-2)		/* equals no position */

struct consumer_position {
	uint32_t partition;		/* id */
	int64_t offset;			/* next to hand out; -1: not known yet */
	int64_t seek_to;		/* OFFSET_EARLIEST ... when offset is -1 */
	bool asked;			/* a question about it is under way */
	bool owed;			/* its committed offset is not known yet */
	bool paused;			/* not fetched, nothing handed out */
	bool fresh;			/* the session must be told */
	int32_t follower;		/* index + 1 of the broker to read from
					   (replica_selector.h); 0: the leader */
	sim_time follower_until;
	int32_t session_node;		/* broker whose session has it; -1 */
	int64_t asked_at;		/* offset in that session; NOT_ASKED */
	uint32_t buffered;		/* fetched batches not yet handed out */
	int64_t high_watermark;		/* as of the last fetch; lag.  Of who
					   reads committed: last stable offset */
	uint64_t consumed;		/* records handed out */
};

/*
 * Records that were fetched and not yet handed out.  As long as a partition has
 * some it is not fetched (AbstractFetch.fetchablePartitions, 3.9), so a
 * consumer that cannot follow holds one answer of each partition at most:
 * max.partition.fetch.bytes, or one batch that is larger.
 */
struct fetched_batch {
	uint32_t partition;
	struct batch batch;
	uint32_t next;			/* index of the next record in it */
	bool skipped;			/* a marker, or it was aborted: only the
					   position moves past it */
};

/* What a poll hands out: records [first, first + count) of a batch. */
struct polled {
	uint32_t partition;		/* id */
	struct batch batch;
	uint32_t first, count;
};

/*
 * What records cost the thread that polls them [E], from calibration.md 3.1 as
 * in producer.h: five objects out of the cache, 20 ns each; bytes received from
 * the socket at 1 GiB/s (half of a TCP echo, 500 MiB/s), the batch's CRC, and
 * key and value taken out of it, at 1 GiB/s both.
 */
#define CONSUMER_RECORD_NS	100
#define CONSUMER_BYTES_PER_US	358

/* The owner spends this for what a poll handed out, before it works on it. */
static inline sim_time consumer_cost(const struct polled *pieces, uint32_t n)
{
	uint64_t records = 0, bytes = 0;

	for (uint32_t i = 0; i < n; i++) {
		records += pieces[i].count;
		bytes += (uint64_t)pieces[i].batch.bytes * pieces[i].count /
			 pieces[i].batch.count;
	}
	return (sim_time)(records * CONSUMER_RECORD_NS +
			  bytes * 1000 / CONSUMER_BYTES_PER_US);
}

struct consumer_session {
	uint32_t number;		/* fetch session at the broker; 0 none */
	bool full, in_flight;
};

struct consumer {
	struct client client;		/* first: a consumer is a client */
	struct consumer_config config;
	name_id group;			/* 0: none */
	VEC(name_id) subscribed;	/* topics; one that leads has metadata
					   of the others' topics as well */
	enum consumer_state state;
	int32_t coordinator;		/* broker index */
	name_id member, instance;
	int32_t generation;
	enum assignor protocol;		/* what the group voted for */
	bool cooperative;		/* keeps its partitions while it joins */
	bool leads;
	uint32_t partitions_seen;	/* the leader's: of all topics, when it
					   last divided them */
	VEC(uint32_t) previous;		/* partitions of the last assignment */
	bool unmade;			/* KIP-848: not acted on it yet */
	sim_time heartbeat_every;	/* KIP-848: as the coordinator says */
	int32_t previous_generation;
	VEC(struct consumer_position) positions;
	VEC(struct fetched_batch) buffer;
	uint32_t buffer_at;		/* first not used up */
	struct consumer_session sessions[64];	/* by broker index */
	bool waiting;			/* the owner waits for records */
	bool rejoin;			/* a rebalance is known of */
	const char *reason;		/* why it joins again; a literal */
	bool prepared;			/* it has given up what it had to */
	bool commit_wanted;		/* by hand, and not answered yet */
	uint16_t committed;		/* event for the owner: a commit by hand
					   is over, arg = kafka_error */
	const char *failure;		/* what poll() throws; NULL: nothing */
	bool closing;
	bool left;			/* max.poll.interval passed: out */
	sim_time polled_at, commit_at;
	uint16_t ready;			/* event for the owner: arg 0 records,
					   1 the topic is known, 2 it failed */
	void *owner;
	struct timer heartbeat;
	struct wake wake;		/* for retries */
	uint32_t rebalances;
	uint64_t consumed;
	struct metric *consumed_metric, *lag_metric, *rebalance_metric;
};

void consumer_config_init(struct consumer_config *c);
bool consumer_config_set(struct consumer_config *c, const char *name,
			 const char *value, struct err *err);

struct consumer *consumer_new(struct world *w, struct client_host *host,
			      struct cluster *cluster, const char *client_id,
			      const char *bootstrap, const char *group,
			      const struct consumer_config *config,
			      struct err *err);

void consumer_subscribe(struct world *w, struct consumer *c, name_id topic);
/* All partitions of a topic (partition -1), or one, without a group; from an
 * offset or OFFSET_EARLIEST / OFFSET_LATEST.  To be called when the topic is
 * known (consumer_metadata calls `ready` with arg 1 when it is). */
void consumer_assign(struct world *w, struct consumer *c, name_id topic,
		     int32_t partition, int64_t offset);

/* At most `max` records in at most `cap` pieces; returns the pieces. */
uint32_t consumer_poll(struct world *w, struct consumer *c,
		       struct polled *out, uint32_t cap);

/* commitSync or commitAsync of all positions: the owner hears by `committed`,
 * perhaps at once.  What can be tried again is, until then. */
void consumer_commit(struct world *w, struct consumer *c);

/* The next record to read of a partition, by id. */
struct consumer_offset {
	uint32_t partition;
	int64_t offset;
};

/* commitAsync of these: not tried again.  False, nothing sent: its coordinator
 * is not known, or it is no member of its group at the moment.  Nobody checks
 * that the work on what lies before is done: that is the application's part. */
bool consumer_commit_at(struct world *w, struct consumer *c,
			const struct consumer_offset *at, uint32_t count);

/* A partition of its own, by id; false: it is none. */
bool consumer_seek(struct world *w, struct consumer *c, uint32_t partition,
		   int64_t offset);
bool consumer_pause(struct world *w, struct consumer *c, uint32_t partition,
		    bool paused);
/* Has it thrown?  "class: text"; then it does nothing more.  NULL: no. */
const char *consumer_failure(const struct consumer *c);
/* Go back to what the group has committed: what was polled since is given again
 * (after a transaction that was aborted). */
void consumer_back_to_committed(struct world *w, struct consumer *c);

/* Commit, leave the group, stop. */
void consumer_close(struct world *w, struct consumer *c);
int64_t consumer_lag(const struct consumer *c);	/* over its partitions */

/* -- between the consumer's files ------------------------------------------ */

/* What a request in flight was about; `about` of a fetch is the broker's index,
 * of a group's request its enum group_api. */
enum consumer_tag {
	CONSUMER_TAG_FETCH, CONSUMER_TAG_OFFSETS, CONSUMER_TAG_GROUP,
};

/* Its place in a partition, or NULL: not one of its partitions (any more). */
struct consumer_position *consumer_position_of(struct consumer *c,
					       uint32_t partition);
/* Ask all that can be asked now: positions, records. */
void consumer_pump(struct world *w, struct consumer *c);
void consumer_try_later(struct world *w, struct consumer *c);
/* Give partitions up, with what was fetched of them. */
void consumer_revoke(struct world *w, struct consumer *c);
void consumer_revoke_one(struct world *w, struct consumer *c,
			 uint32_t partition);
/* "[Consumer clientId=x, groupId=y] ... (org.apache...internals.CLASS)" */
void consumer_log(struct world *w, struct consumer *c, enum log_level level,
		  const char *class, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* An exception for the application: the consumer is done. */
void consumer_fail(struct world *w, struct consumer *c, const char *class,
		   const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* No offset to begin at: auto.offset.reset says what then. */
void consumer_reset(struct world *w, struct consumer *c,
		    struct consumer_position *p);
void consumer_partition_text(const struct world *w, const struct consumer *c,
			     uint32_t partition, struct text *t);

/* consumer_fetch.c */
void consumer_fetch(struct world *w, struct consumer *c, int32_t node);
/* Partitions told long ago to be read from a follower, or from this broker,
 * are read from their leader again. */
void consumer_forget_followers(struct consumer *c, sim_time now, int32_t node);
void consumer_take_fetched(struct world *w, struct consumer *c, int32_t node,
			   const struct fetch_reply *m);
uint32_t consumer_take_pieces(struct world *w, struct consumer *c,
			      struct polled *out, uint32_t cap);
void consumer_drop_buffered(struct consumer *c, struct consumer_position *p);

#endif
