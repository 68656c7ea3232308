/* raft.h - the metadata log is agreed on: KRaft, by pulling
 *
 * The voters of controller.quorum.voters elect one of them leader of an epoch.
 * The leader appends to its log; the others fetch from it, and by where they
 * fetch next the leader knows what they have.  What a majority has is committed
 * (KIP-595; org.apache.kafka.raft.KafkaRaftClient 3.9).  Brokers are observers:
 * they fetch as well, and count for nothing.
 *
 *	             no fetch was answered for 2 s, or no leader
 *	                 is known for 1 to 2 s
 *	 UNATTACHED ─┐      ┌───────────────────────────────┐
 *	   ▲  VOTED ─┼──────┼──▶ CANDIDATE ──majority──▶ LEADER
 *	   │     ▲   │      │      │   │ backs off          │ no majority has
 *	   │     └───┴─vote─┤      ▼   ▼ 0 to 1 s           │ fetched for 3 s,
 *	   │                │  (next epoch)                 ▼ or it stops
 *	   └──a later epoch─┴── FOLLOWER ◀──BeginEpoch── RESIGNED
 *
 * The leader of an epoch begins it with an entry of its own, and acts as
 * controller once that one is committed: by then it has all that ever was.
 * Entries wait up to 25 ms for company before they are appended (controller.
 * quorum.append.linger.ms).  A fetch that finds nothing new waits 500 ms at
 * the leader.  It does not come back when only the high watermark moved, so
 * that with several voters others learn of a decision up to half a second
 * after it was made (KIP-1166 says so, and changes it in 4.1).
 *
 * One thread does all this: while it waits for fsync, it does nothing else.
 * There is no pre-vote (KIP-996 came with 4.0), so a voter that was cut off
 * comes back with a later epoch and deposes the leader.
 *
 * Simplified: the voters are static, and no snapshots are written, so a copy
 * that is far behind is sent records; see the fidelity card in README.md.
 */
#ifndef SIM_BROKER_RAFT_H
#define SIM_BROKER_RAFT_H

#include "sim/broker/metadata_log.h"
#include "sim/broker/protocol.h"
#include "sim/telemetry/telemetry.h"

struct broker;
struct cluster;
struct controller;

#define VOTERS_MAX	5
#define OBSERVERS_MAX	64
#define NO_VOTER	(-1)

enum raft_state {
	RAFT_UNATTACHED, RAFT_VOTED, RAFT_CANDIDATE, RAFT_LEADER,
	RAFT_FOLLOWER, RAFT_RESIGNED,
};

/* What a leader knows of one who fetches; all times 0: it never did. */
struct raft_peer {
	int64_t end;			/* it has what lies below; -1 unknown */
	int64_t leader_end;		/* ours when it fetched last */
	sim_time fetched_at, caught_up_at;
	struct raft_message *parked;	/* its fetch, waiting for entries */
	struct timer timer;		/* until then */
};

struct raft_metrics {
	struct metric *state, *leader, *vote, *epoch, *high_watermark,
		      *log_end, *lag, *commit_ms, *election_ms;
};

/* One node's part in it.  Embedded in a controller or a broker. */
struct raft {
	struct cluster *cluster;
	struct process *process;
	struct controller *controller;	/* whose it is: either this */
	struct broker *broker;		/* or this */
	int32_t id;			/* node.id */
	int32_t voter;			/* its number among them, or NO_VOTER */
	struct luck luck;

	/* on its disk */
	uint32_t epoch;
	int32_t voted;			/* in this epoch; NO_VOTER: for nobody */
	struct metadata_log log;
	struct file *file;		/* voters: where the log lies */
	struct file *quorum_state;	/* voters: epoch and vote */

	enum raft_state state;
	int32_t leader;			/* voter, or NO_VOTER: unknown */
	int64_t high_watermark;		/* what is committed lies below */
	int64_t epoch_start;		/* as leader: offset of its first entry */
	uint32_t granted, refused;	/* as candidate: by whom, as bits */
	uint32_t retries;		/* elections in a row without a winner */
	bool backing_off;
	sim_time candidate_since, appended_at;
	struct timer timer;		/* of its state: see raft_timeout */
	sim_time timer_at;
	sim_time busy_until;		/* its thread waits for the disk */

	/* as fetcher */
	uint64_t correlation;		/* of the fetch under way; 0: none */
	struct process *asked;		/* whom */
	struct timer fetch_timer;	/* to fetch again, or to give up */
	sim_time fetched_at;		/* last good answer */
	uint32_t failures;		/* in a row */

	/* as leader */
	struct raft_peer voters[VOTERS_MAX];
	struct raft_peer observers[OBSERVERS_MAX];
	VEC(int32_t) batch;		/* records that wait for company */
	struct timer linger, check_quorum, begin;
	struct raft_metrics metrics;
};

/* Vote, BeginQuorumEpoch, EndQuorumEpoch, Fetch, and their answers. */
struct raft_message {
	struct request req;
	int32_t voter, observer;	/* who asks; the other is -1 */
	uint32_t epoch;
	int32_t leader;			/* in answers: as who answers knows */
	enum kafka_error error;
	bool granted;
	int64_t offset;			/* Fetch: from where; Vote: log's end */
	uint32_t last_epoch;		/* of the entry before that */
	int64_t high_watermark;
	int64_t cut_to;			/* >= 0: the logs have parted; where
					   `last_epoch` ends in the leader's */
	uint32_t count;
	struct metadata_entry entries[];
};

void raft_init(struct world *w, struct raft *r, struct cluster *c,
	       struct process *p, int32_t id, int32_t voter);
/* The process begins, ends. */
void raft_start(struct world *w, struct raft *r);
void raft_stop(struct world *w, struct raft *r);
/* A leader that shuts down says so, that others need not wait. */
void raft_resign(struct world *w, struct raft *r);

bool raft_is_message(const struct message *m);
/* Takes the message. */
void raft_message(struct world *w, struct raft *r, struct message *m);
/* A connection broke. */
void raft_lost(struct world *w, struct raft *r, const struct process *peer);

/* As leader: append, soon.  The offset it will have. */
int64_t raft_append(struct world *w, struct raft *r, int32_t record);
/* Offset of the next entry that is appended. */
int64_t raft_next_offset(const struct raft *r);
bool raft_leads(const struct raft *r);

/* kafka-storage.sh format on an emptied directory: no log, no vote. */
void raft_format(struct world *w, struct raft *r);

/* As if it had been so for long: voter 0 leads epoch 1 and everybody has all
 * that was appended.  At the birth of a world only. */
void raft_settle(struct world *w, struct cluster *c);

/* raft_say.c */
void raft_metrics_new(struct world *w, struct raft *r);
void raft_collect(struct world *w, struct raft *r);
/* The answer to DescribeQuorum, of a leader, as JSON. */
void raft_describe(struct world *w, const struct raft *r, struct text *json);

#endif
