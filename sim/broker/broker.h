/* broker.h - a broker: the process that holds replicas and serves requests
 *
 * A request costs CPU, an append costs disk; a produce with acks=all waits in
 * purgatory until the high watermark has passed it, a fetch waits until there
 * is enough to send.  Files: replica.c (one copy of a partition: leader and
 * follower), produce.c and purgatory.c (records that come in), fetch.c
 * (sessions of those who read from us), fetcher.c (ours that read from
 * others), metadata.c (who leads what), groups.c (the group coordinator),
 * admin.c (administrative requests), belief.c (the metadata log as it was
 * read), txn.h (transactions), network.c and requests.c (sockets, and who
 * answers), broker.c (the process and its life).
 *
 * A broker that starts loads its logs (recovery.c), registers with the
 * controller by its first heartbeat, and serves once it is unfenced.
 */
#ifndef SIM_BROKER_BROKER_H
#define SIM_BROKER_BROKER_H

#include "sim/broker/channel.h"
#include "sim/broker/cluster.h"
#include "sim/broker/compression.h"
#include "sim/broker/produce.h"
#include "sim/broker/producer_ids.h"
#include "sim/broker/producer_state.h"
#include "sim/broker/purgatory.h"
#include "sim/broker/raft.h"
#include "sim/broker/records.h"
#include "sim/broker/replication_quota.h"
#include "sim/core/args.h"
#include "sim/telemetry/telemetry.h"

struct cleaner;
struct doomed;
struct fetch_session;
struct log_dir;
struct recovery;
struct fetcher;
struct groups;
struct txns;

/* What the leader knows of one follower: cluster.Replica. */
struct follower {
	int32_t broker;			/* index; NO_BROKER: nobody */
	int64_t end_offset;		/* where it fetches next: its log end */
	sim_time caught_up_at;		/* last time it had all we had */
	sim_time fetched_at;		/* its last fetch */
	int64_t fetched_end;		/* our log end at that time */
	uint32_t incarnation;		/* of the broker that fetched; 0: has
					   not fetched yet */
};

/* Somebody reads this replica through a session. */
struct watcher {
	struct fetch_session *session;
	uint32_t part;			/* index in the session */
};

/* A producer whose transaction is being verified: txn_verify.h. */
struct txn_guard {
	int64_t producer_id;
	uint32_t number;
};

enum replica_role { REPLICA_NONE, REPLICA_LEADER, REPLICA_FOLLOWER };

struct replica {
	struct broker *broker;
	struct partition *partition;
	struct log log;
	struct producer_states producers;	/* who wrote it, up to where */
	struct log_dir *dir;		/* it lies there: log_dirs.h */
	bool assigned;			/* which the controller knows */
	bool offline;			/* with its directory */
	struct file *file;		/* where the log's bytes lie */
	struct file *cleaned;		/* those of its compacted front; NULL:
					   it has none */
	bool uncleanable;		/* the cleaner gave it up */
	enum disk_result trouble;	/* why its last append or read failed */
	int64_t recovery_point;		/* offset below which all is on disk */
	int64_t checkpoint;		/* the same, as the file says that the
					   next start reads */
	sim_time flushed_at;
	int64_t high_watermark;
	enum replica_role role;
	int32_t leader;			/* broker index we follow */
	int32_t leader_epoch;
	int32_t partition_epoch;
	uint64_t isr;			/* as the metadata log says */
	uint64_t isr_wanted;		/* asked of the controller; 0: nothing */
	sim_time isr_asked_at;
	struct follower followers[REPLICAS_MAX];	/* by place in state */
	VEC(struct watcher) watchers;
	VEC(struct waiting_part) waiting;
	VEC(struct txn_guard) guards;
	uint32_t last_guard;
	struct fetcher *fetcher;	/* as follower: who fetches for us */
	bool throttled[THROTTLE_SIDES];	/* named by the topic: throttle.h */
	bool behind;			/* when it last heard of its leader */
	bool paused;			/* its fetcher leaves it out for now */
	int64_t asked;			/* the offset it was fetched from; -1:
					   not since it got this fetcher */
	/* Fetched and not written; none but with planted=early-ack. */
	VEC(struct batch) unwritten;
	int64_t unwritten_records;
	struct metric *log_end_metric, *log_size_metric;
};

/*
 * A listener: a port, and the address that clients who came in by it are told
 * to use from then on (advertised.listeners).  Told to others by name, so that
 * all brokers answer for the same network.
 */
struct listener {
	name_id name;			/* PLAINTEXT, INTERNAL, ... */
	uint16_t port;
	name_id advertised_host;
	uint16_t advertised_port;
};

/*
 * The socket server mutes a connection when it has read a request and listens
 * to it again when the answer has been sent (kafka.network.SocketServer; that
 * is what keeps the order of a producer's requests).  So of all the requests
 * that max.in.flight lets a producer send, one is worked on: with acks=all the
 * next is not even appended before the last is replicated.
 * Simplified: only produce requests hold others back; all producers of one
 * process count as one connection.
 */
struct produce_line {
	struct process *client;
	uint64_t busy;			/* correlation of what is worked on; 0 */
	VEC(struct message *) held;	/* read later, in order */
};

#define NETWORK_THREADS	3		/* num.network.threads */

struct broker {
	struct cluster *cluster;
	int32_t index;			/* 0.. */
	int32_t node_id;		/* broker.id, what tools show */
	struct process *process;
	name_id rack;
	struct broker_config config;
	struct raft raft;		/* it fetches the metadata log, */
	struct metadata_view view;	/* and believes what is committed */
	struct channel channel;		/* to the active controller */
	VEC(struct replica *) replicas;		/* by partition id, or NULL */
	VEC(struct fetch_session *) sessions;	/* by session number; NULL: free */
	VEC(struct fetcher *) fetchers;		/* one a source broker */
	VEC(struct produce_line) produce_lines;	/* one a producer's process */
	struct groups *groups;
	struct txns *txns;
	struct producer_ids producer_ids;
	bool registered;		/* this incarnation has been heard */
	bool fenced;			/* as the last heartbeat's answer said */
	bool stopping;			/* controlled shutdown under way */
	sim_time stopping_since;
	bool restart;			/* start again when it has stopped */
	VEC(struct log_dir *) log_dirs;	/* log.dirs, in order */
	sim_time assign_asked;		/* when the controller was told last
					   where replicas lie; 0: answered */
	VEC(struct doomed) doomed;	/* files to go: retention.h */
	struct cleaner *cleaner;	/* cleaner.h */
	struct rate_quota throttles[THROTTLE_SIDES];
	uint32_t throttled_followers;	/* replicas that may have to wait */
	bool clean_stop;		/* .kafka_cleanshutdown lies there */
	VEC(struct recovery *) recoveries;	/* threads that load logs */
	sim_time loading_since;
	sim_time network_free[NETWORK_THREADS];	/* see broker_send_at */
	struct timer heartbeat;
	VEC(struct listener) listeners;
	struct broker_metrics *metrics;
};

/* Make a broker's process on a machine, without listeners yet. */
struct broker *broker_new(struct world *w, struct cluster *c, int32_t node_id,
			  struct machine *m);
void broker_listen(struct world *w, struct broker *b, const char *name,
		   uint16_t port, const char *advertised_host,
		   uint16_t advertised_port);
struct broker *broker_by_node(const struct cluster *c, int32_t node_id);
struct broker *broker_by_process(const struct cluster *c,
				 const struct process *p);

/* The cluster stands as if it had been running for long: all brokers up and
 * unfenced, no topics yet. */
void cluster_form(struct world *w, struct cluster *c);

/* The address at which `b` is advertised to those who came in to `asked` by
 * `port`: its listener of the same name.  NULL: it has none at all. */
const struct listener *broker_advertised(const struct broker *b,
					 const struct broker *asked,
					 uint16_t port);

/* SIGTERM: leaders move away first, then it stops (and starts again). */
void broker_stop(struct world *w, struct broker *b, bool restart);

/* -- between the broker's files ------------------------------------------- */

int64_t broker_setting(const struct broker *b, enum broker_key key);
int64_t replica_setting(const struct replica *r, enum topic_key key);
struct replica *broker_replica(const struct broker *b, uint32_t partition);

/* More of the metadata log is committed, as raft.high_watermark says. */
void broker_committed(struct world *w, struct broker *b);
/* It was cut back below what was applied: begin anew. */
void broker_disbelieve(struct world *w, struct broker *b);

/* Something cannot wait for the next heartbeat. */
void broker_heartbeat_now(struct world *w, struct broker *b);

/*
 * Network threads.  A client's connection belongs to one of them; requests are
 * read and replies are sent by it, one after the other.  Records leave by
 * sendfile: those that are not in the page cache are read by this thread,
 * which does nothing else until the disk is done.  So one who reads old
 * records slows everybody down whose connection has the same thread.
 * Simplified: it reads a whole reply in one go, the real one as much as the
 * socket takes.
 */
void broker_send_at(struct world *w, struct broker *b, struct process *client,
		    struct message *m, sim_time ready);
void broker_block_network(struct broker *b, const struct process *client,
			  sim_time until);

/* A produce request is done with: the next of its client may be read. */
void broker_produced(struct world *w, struct broker *b,
		     const struct process *client, uint64_t correlation);

/* replica.c */
/* Why a client gets nothing here: KAFKA_NONE when r leads.  r may be NULL. */
enum kafka_error replica_unserved(const struct replica *r);
/* Its directory has failed; the disk that it lay on has been replaced. */
void replica_offline(struct world *w, struct replica *r);
void replica_lost(struct world *w, struct replica *r);
void replica_become(struct world *w, struct replica *r,
		    const struct partition_state *s);
enum kafka_error replica_append(struct world *w, struct replica *r,
				struct batch *b, int16_t acks, sim_time *ready);
bool replica_append_fetched(struct world *w, struct replica *r,
			    const struct batch *b, sim_time *ready);
/* CPU time to look at a packed batch, and to pack it as the topic wants it. */
sim_time replica_unpack_time(const struct replica *r, const struct batch *b);
/* Everything is on disk, some time from now: nobody waits for it. */
void replica_flush(struct world *w, struct replica *r);
void replica_follower_fetched(struct world *w, struct replica *r, int32_t from,
			      uint32_t incarnation, int64_t offset);
bool replica_awaits_follower(const struct replica *r, int32_t from);
void replica_follower_alive(struct world *w, struct replica *r, int32_t from);
void replica_check_isr(struct world *w, struct replica *r);
void replica_isr_answer(struct world *w, struct replica *r,
			enum kafka_error error);
void replica_appended(struct world *w, struct replica *r);
void replica_set_high_watermark(struct world *w, struct replica *r, int64_t hw);
/* Up to where readers of committed records may read: txn_index.h.  A log that
 * lost the beginning of an open transaction begins there
 * (UnifiedLog.maybeIncrementFirstUnstableOffset). */
static inline int64_t replica_last_stable(struct replica *r)
{
	int64_t stable = txn_index_stable(&r->producers.txns,
					  r->high_watermark);

	return stable < r->log.start_offset &&
	       r->high_watermark >= r->log.start_offset ?
	       r->log.start_offset : stable;
}
uint32_t replica_isr_count(const struct replica *r);
bool replica_under_min_isr(const struct replica *r);
void replica_truncate(struct world *w, struct replica *r, int64_t offset);
/* The same without a word, for a log that is just being loaded. */
void replica_cut(struct world *w, struct replica *r, int64_t offset);
/* Forget producers that were idle for producer.id.expiration.ms. */
void replica_expire_producers(struct world *w, struct replica *r);
void replica_fail_waiting(struct world *w, struct replica *r,
			  enum kafka_error error);

/* fetch.c: sessions; fetcher.c: fetchers */
void fetch_handle(struct world *w, struct broker *b, struct fetch_request *r);
void fetch_wake(struct world *w, struct replica *r, bool followers);
void fetch_sessions_drop(struct world *w, struct broker *b);
void fetch_session_lost(struct world *w, struct broker *b, struct process *p);
void fetcher_assign(struct world *w, struct replica *r);
void fetcher_drop(struct world *w, struct replica *r);
void fetcher_reply(struct world *w, struct broker *b, struct fetch_reply *r);
void fetchers_drop(struct world *w, struct broker *b);
void fetcher_lost(struct world *w, struct broker *b, struct process *peer);
void fetch_session_timeout(struct world *w, void *who, uint16_t arg);
void fetcher_retry(struct world *w, void *who, uint16_t arg);

/* admin.c */
void admin_handle(struct world *w, struct broker *b, struct text_message *m);

/* What a broker counts; names of the JMX exporter's usual rules. */
struct broker_metrics {
	struct metric *bytes_in, *bytes_out, *messages_in;
	struct metric *produce_requests, *fetch_requests;
	struct metric *under_replicated, *under_min_isr, *offline, *leaders,
		      *partitions;
	struct metric *isr_shrinks, *isr_expands;
	struct metric *produce_ms, *failed_produce;
	struct metric *active_sessions;
	struct metric *offline_dirs;
	struct metric *reassigning, *reassignment_in, *replication_out;
	struct metric *throttled[THROTTLE_SIDES];
	struct metric *dead_cleaners, *max_dirty_percent;
	struct metric *late_txns;	/* partitions: txn_duties.c */
};

#endif
