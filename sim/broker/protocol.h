/* protocol.h - what brokers, the controller and clients say to each other
 *
 * The requests of the Kafka protocol as structs: the same kinds, fields and
 * error codes (kafka.apache.org/protocol, 3.9), without the byte layout, which
 * belongs to sim/face.  `bytes` of each message is close to its size on the
 * wire, since the network charges for it.
 *
 * Administrative requests (topics, configs, groups) are rare and for people:
 * they carry their arguments and answers as text (args.h, JSON).
 */
#ifndef SIM_BROKER_PROTOCOL_H
#define SIM_BROKER_PROTOCOL_H

#include "sim/broker/log.h"
#include "sim/host/net.h"

/* Numbers and names of org.apache.kafka.common.protocol.Errors. */
enum kafka_error {
	KAFKA_NONE = 0,
	KAFKA_OFFSET_OUT_OF_RANGE = 1,
	KAFKA_CORRUPT_MESSAGE = 2,
	KAFKA_UNKNOWN_TOPIC_OR_PARTITION = 3,
	KAFKA_LEADER_NOT_AVAILABLE = 5,
	KAFKA_NOT_LEADER_OR_FOLLOWER = 6,
	KAFKA_REQUEST_TIMED_OUT = 7,
	KAFKA_MESSAGE_TOO_LARGE = 10,
	KAFKA_NETWORK_EXCEPTION = 13,
	KAFKA_COORDINATOR_LOAD_IN_PROGRESS = 14,
	KAFKA_COORDINATOR_NOT_AVAILABLE = 15,
	KAFKA_NOT_COORDINATOR = 16,
	KAFKA_INVALID_TOPIC = 17,
	KAFKA_NOT_ENOUGH_REPLICAS = 19,
	KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20,
	KAFKA_INVALID_TIMESTAMP = 32,
	KAFKA_ILLEGAL_GENERATION = 22,
	KAFKA_INCONSISTENT_GROUP_PROTOCOL = 23,
	KAFKA_UNKNOWN_MEMBER_ID = 25,
	KAFKA_INVALID_SESSION_TIMEOUT = 26,
	KAFKA_REBALANCE_IN_PROGRESS = 27,
	KAFKA_TOPIC_ALREADY_EXISTS = 36,
	KAFKA_INVALID_PARTITIONS = 37,
	KAFKA_INVALID_REPLICATION_FACTOR = 38,
	KAFKA_INVALID_REPLICA_ASSIGNMENT = 39,
	KAFKA_INVALID_CONFIG = 40,
	KAFKA_NOT_CONTROLLER = 41,
	KAFKA_INVALID_REQUEST = 42,
	KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER = 45,
	KAFKA_DUPLICATE_SEQUENCE_NUMBER = 46,
	KAFKA_INVALID_PRODUCER_EPOCH = 47,
	KAFKA_INVALID_TXN_STATE = 48,
	KAFKA_INVALID_PRODUCER_ID_MAPPING = 49,
	KAFKA_INVALID_TRANSACTION_TIMEOUT = 50,
	KAFKA_CONCURRENT_TRANSACTIONS = 51,
	KAFKA_TRANSACTION_COORDINATOR_FENCED = 52,
	KAFKA_STORAGE_ERROR = 56,
	KAFKA_UNKNOWN_PRODUCER_ID = 59,
	KAFKA_FETCH_SESSION_ID_NOT_FOUND = 70,
	KAFKA_GROUP_ID_NOT_FOUND = 69,
	KAFKA_NON_EMPTY_GROUP = 68,
	KAFKA_FENCED_LEADER_EPOCH = 74,
	KAFKA_UNKNOWN_LEADER_EPOCH = 75,
	KAFKA_MEMBER_ID_REQUIRED = 79,
	KAFKA_ELIGIBLE_LEADERS_NOT_AVAILABLE = 83,
	KAFKA_ELECTION_NOT_NEEDED = 84,
	KAFKA_PREFERRED_LEADER_NOT_AVAILABLE = 80,
	KAFKA_GROUP_MAX_SIZE_REACHED = 81,
	KAFKA_FENCED_INSTANCE_ID = 82,
	KAFKA_GROUP_SUBSCRIBED_TO_TOPIC = 86,
	KAFKA_UNSUPPORTED_VERSION = 35,
	KAFKA_FENCED_MEMBER_EPOCH = 110,
	KAFKA_UNRELEASED_INSTANCE_ID = 111,
	KAFKA_STALE_MEMBER_EPOCH = 113,
	KAFKA_UNSTABLE_OFFSET_COMMIT = 88,
	KAFKA_PRODUCER_FENCED = 90,
	KAFKA_TRANSACTIONAL_ID_NOT_FOUND = 105,
	KAFKA_TRANSACTION_ABORTABLE = 120,
};

const char *kafka_error_name(enum kafka_error e);	/* NOT_LEADER_OR_… */
const char *kafka_error_text(enum kafka_error e);	/* the sentence */
const char *kafka_error_class(enum kafka_error e);	/* …Exception */
bool kafka_error_retriable(enum kafka_error e);

#define REPLICAS_MAX	8
#define NO_BROKER	(-1)

/* Message kinds.  Each request kind is followed by its reply. */
enum {
	MESSAGE_PRODUCE = MODULE_BROKER << 8, MESSAGE_PRODUCED,
	MESSAGE_FETCH, MESSAGE_FETCHED,
	MESSAGE_METADATA, MESSAGE_METADATA_IS,
	MESSAGE_LIST_OFFSETS, MESSAGE_OFFSETS_ARE,
	MESSAGE_GROUP, MESSAGE_GROUP_ANSWER,	/* groups.h: join, sync, ... */
	MESSAGE_ADMIN, MESSAGE_ADMIN_ANSWER,
	/* between brokers and controller */
	MESSAGE_HEARTBEAT, MESSAGE_HEARTBEAT_ANSWER,
	MESSAGE_ALTER_PARTITION, MESSAGE_ALTER_PARTITION_ANSWER,
	MESSAGE_ALLOCATE_PRODUCER_IDS, MESSAGE_PRODUCER_IDS_ARE,
	/* clients to brokers */
	MESSAGE_INIT_PRODUCER_ID, MESSAGE_PRODUCER_ID_IS,
	/* of the quorum: raft.h */
	MESSAGE_VOTE, MESSAGE_VOTED, MESSAGE_BEGIN_EPOCH, MESSAGE_EPOCH_BEGUN,
	MESSAGE_END_EPOCH, MESSAGE_METADATA_FETCH, MESSAGE_METADATA_FETCHED,
	/* brokers to controller: log_dirs.h */
	MESSAGE_ASSIGN_DIRS, MESSAGE_DIRS_ASSIGNED,
	MESSAGE_TXN, MESSAGE_TXN_ANSWER,	/* txn_protocol.h */
};

/* Every request begins so; the reply carries the same correlation. */
struct request {
	struct message head;
	uint64_t correlation;
	uint16_t port;			/* the listener it came in by */
};

/* -- produce -------------------------------------------------------------- */

struct produce_part {
	uint32_t partition;		/* id */
	struct batch batch;
	enum kafka_error error;		/* in the reply */
	int64_t base_offset;		/* in the reply */
	uint32_t guard;			/* set by the broker: txn_verify.h */
};

struct produce_request {
	struct request req;
	int16_t acks;			/* 0, 1, -1 (all) */
	sim_time timeout;
	sim_time arrived;		/* set by the broker */
	name_id transactional_id;	/* 0: none */
	uint32_t count;
	struct produce_part parts[];
};

struct produce_reply {
	struct request req;
	uint32_t count;
	struct produce_part parts[];
};

/* -- producer ids (idempotence.h, producer_ids.h) ---------------------------- */

struct producer_id_message {		/* request and reply */
	struct request req;
	enum kafka_error error;		/* in the reply, as what follows */
	int64_t producer_id;
	int16_t epoch;
};

struct producer_ids_message {		/* request and reply */
	struct request req;
	int32_t broker;
	int64_t first;			/* in the reply: of a block */
	enum kafka_error error;		/* in the reply */
};

/* -- fetch ---------------------------------------------------------------- */

/*
 * Incremental fetch sessions (KIP-227): the first request lists all
 * partitions, later ones only what changed.  A session belongs to the broker
 * process that made it and dies with it.
 */
struct fetch_part {
	uint32_t partition;
	int32_t leader_epoch;		/* the fetcher's view; fences old ones */
	int32_t last_epoch;		/* of the last record it has; -1 none */
	int64_t offset;			/* -1: forget it (forgotten_topics) */
};

struct fetch_request {
	struct request req;
	int32_t replica;		/* broker index of a follower, or -1 */
	name_id rack;			/* of a consumer that says it; or 0 */
	uint32_t session;		/* 0: make one */
	sim_time max_wait;
	int32_t min_bytes, max_bytes, partition_max_bytes;
	bool full;			/* `parts` replaces the session's list */
	bool read_committed;		/* isolation_level */
	uint32_t count;
	struct fetch_part parts[];
};

struct fetched_part {
	uint32_t partition;
	enum kafka_error error;
	int64_t high_watermark, log_start;
	int64_t end_offset;		/* leader's log end */
	int32_t diverging_epoch;	/* >= 0: truncate to diverging_end */
	int64_t diverging_end;
	int32_t preferred;		/* read there instead; NO_BROKER */
	uint32_t first, count;		/* batches in the reply's list */
	int64_t last_stable;
	uint32_t first_aborted, aborted;	/* likewise: transactions that
						   reach into those batches */
};

struct fetch_reply {
	struct request req;
	uint32_t session;
	enum kafka_error error;
	uint32_t part_count, batch_count;
	struct fetched_part *parts;	/* in the message's own block */
	struct batch *batches;
	uint32_t aborted_count;
	struct aborted_txn *aborted;	/* for who reads committed only */
};

/* -- metadata ------------------------------------------------------------- */

struct metadata_request {
	struct request req;
	uint32_t count;			/* topics; 0: brokers only */
	bool auto_create;
	name_id topics[];
};

struct metadata_part {
	uint32_t partition;		/* id */
	uint32_t topic;			/* id */
	int32_t leader, leader_epoch;
};

struct metadata_topic {
	name_id name;
	uint32_t topic;			/* id; meaningless when error is set */
	enum kafka_error error;
};

struct metadata_reply {
	struct request req;
	uint64_t brokers;		/* mask of unfenced brokers */
	uint32_t topic_count, part_count;
	struct metadata_topic *topics;	/* in the message's own block */
	struct metadata_part *parts;
	name_id host[64];		/* advertised to this listener, by index */
	uint16_t port[64];
};

/* -- list offsets --------------------------------------------------------- */

#define OFFSET_LATEST	(-1)
#define OFFSET_EARLIEST	(-2)
#define OFFSET_MAX_TIMESTAMP (-3)

struct offsets_part {
	uint32_t partition;
	int64_t timestamp;		/* OFFSET_..., or a sim_time */
	int64_t offset;			/* reply; -1: none */
	enum kafka_error error;
};

struct offsets_message {		/* request and reply */
	struct request req;
	bool read_committed;		/* then the latest is the last stable */
	uint32_t count;
	struct offsets_part parts[];
};

/* -- administration -------------------------------------------------------- */

/* api and arguments as text, answer as JSON; see admin.h */
struct text_message {
	struct request req;
	uint32_t len;
	enum kafka_error error;
	char text[];			/* NUL terminated */
};

struct text_message *text_message_new(struct world *w, uint16_t kind,
				      uint64_t correlation, const char *text);

/* -- brokers and controller ------------------------------------------------ */

struct heartbeat_request {
	struct request req;
	int32_t broker;
	uint32_t incarnation;
	int64_t applied;		/* metadata offset it has applied to */
	bool want_shutdown;
	uint64_t offline_dirs;		/* of its log.dirs, by place */
	uint64_t fresh_dirs;		/* empty when it started */
};

struct heartbeat_reply {
	struct request req;
	enum kafka_error error;
	bool fenced;
	bool should_shutdown;
	uint64_t offline_dirs;		/* heard of */
};

struct alter_partition {		/* request and reply */
	struct request req;
	int32_t broker;
	uint32_t partition;
	int32_t leader_epoch, partition_epoch;
	uint64_t isr;
	uint32_t incarnations[REPLICAS_MAX];	/* by place: whom the leader
						   means; 0: it does not know */
	enum kafka_error error;
};

struct assigned_part {
	uint32_t partition;		/* id */
	uint32_t dir;			/* place in log.dirs */
};

struct assign_dirs {			/* request and reply */
	struct request req;
	int32_t broker;
	uint32_t incarnation;
	uint32_t count;
	struct assigned_part parts[];
};

#endif
