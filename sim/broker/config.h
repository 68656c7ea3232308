/* config.h - settings by their Kafka names: types, defaults, limits
 *
 * A topic has its own value, or takes the broker's value of the related
 * setting, or the default: in that order (Kafka docs 3.9, "Topic Configs":
 * column "Server Default Property").  Values are integers; enumerations are
 * numbered by their place in `words`.
 *
 * Topics, brokers and clients have their settings checked by the same rules,
 * those of org.apache.kafka.common.config.ConfigDef: first the type, then the
 * limits, and for each a sentence that says what is wrong.
 */
#ifndef SIM_BROKER_CONFIG_H
#define SIM_BROKER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/core/names.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

enum topic_key {
	TOPIC_CLEANUP_POLICY,
	TOPIC_COMPRESSION_TYPE,
	TOPIC_DELETE_RETENTION_MS,
	TOPIC_FILE_DELETE_DELAY_MS,
	TOPIC_FLUSH_MESSAGES,
	TOPIC_FLUSH_MS,
	TOPIC_MAX_COMPACTION_LAG_MS,
	TOPIC_MAX_MESSAGE_BYTES,
	TOPIC_TIMESTAMP_AFTER_MAX_MS,
	TOPIC_TIMESTAMP_BEFORE_MAX_MS,
	TOPIC_TIMESTAMP_TYPE,
	TOPIC_MIN_CLEANABLE_RATIO,
	TOPIC_MIN_COMPACTION_LAG_MS,
	TOPIC_MIN_INSYNC_REPLICAS,
	TOPIC_RETENTION_BYTES,
	TOPIC_RETENTION_MS,
	TOPIC_SEGMENT_BYTES,
	TOPIC_SEGMENT_MS,
	TOPIC_UNCLEAN_ELECTION,
	TOPIC_KEYS
};

/* The values of cleanup.policy, a list, as its words stand. */
enum cleanup_policy {
	CLEANUP_DELETE, CLEANUP_COMPACT, CLEANUP_COMPACT_DELETE,
	CLEANUP_DELETE_COMPACT,
};

static inline bool cleanup_compacts(int64_t policy)
{
	return policy != CLEANUP_DELETE;
}

static inline bool cleanup_deletes(int64_t policy)
{
	return policy != CLEANUP_COMPACT;
}

/* The values of message.timestamp.type, likewise. */
enum timestamp_type { TIMESTAMP_CREATE, TIMESTAMP_LOG_APPEND };

enum broker_key {
	BROKER_AUTO_CREATE,
	BROKER_NUM_PARTITIONS,
	BROKER_DEFAULT_RF,
	BROKER_MIN_INSYNC_REPLICAS,
	BROKER_REPLICA_LAG_MS,
	BROKER_FETCH_WAIT_MS,
	BROKER_FETCH_MIN_BYTES,
	BROKER_FETCH_BACKOFF_MS,
	BROKER_HEARTBEAT_MS,
	BROKER_SESSION_MS,
	BROKER_RETENTION_CHECK_MS,
	BROKER_RETENTION_MS,
	BROKER_RETENTION_BYTES,
	BROKER_SEGMENT_BYTES,
	BROKER_SEGMENT_MS,
	BROKER_MESSAGE_MAX_BYTES,
	BROKER_UNCLEAN_ELECTION,
	BROKER_OFFSETS_PARTITIONS,
	BROKER_OFFSETS_RF,
	BROKER_INITIAL_REBALANCE_MS,
	BROKER_AUTO_REBALANCE,
	BROKER_REBALANCE_CHECK_S,
	BROKER_REBALANCE_PERCENT,
	BROKER_PRODUCER_ID_EXPIRATION_MS,
	BROKER_FLUSH_MESSAGES,
	BROKER_FLUSH_MS,
	BROKER_FLUSH_SCHEDULER_MS,
	BROKER_FLUSH_CHECKPOINT_MS,
	BROKER_RECOVERY_THREADS,
	BROKER_FILE_DELETE_DELAY_MS,
	BROKER_TIMESTAMP_AFTER_MAX_MS,
	BROKER_TIMESTAMP_BEFORE_MAX_MS,
	BROKER_TIMESTAMP_TYPE,
	BROKER_CLEANER_BACKOFF_MS,
	BROKER_CLEANER_DEDUPE_BYTES,
	BROKER_CLEANER_DELETE_RETENTION_MS,
	BROKER_CLEANER_ENABLE,
	BROKER_CLEANER_MAX_LAG_MS,
	BROKER_CLEANER_MIN_LAG_MS,
	BROKER_CLEANER_MIN_RATIO,
	BROKER_GROUP_MIN_SESSION_MS,
	BROKER_GROUP_MAX_SESSION_MS,
	BROKER_GROUP_MAX_SIZE,
	BROKER_OFFSETS_RETENTION_MINUTES,
	BROKER_OFFSETS_CHECK_MS,
	BROKER_GROUP_PROTOCOLS,
	BROKER_CONSUMER_SESSION_MS,
	BROKER_CONSUMER_HEARTBEAT_MS,
	BROKER_DIR_FAILURE_TIMEOUT_MS,
	BROKER_LEADER_THROTTLED_RATE,
	BROKER_FOLLOWER_THROTTLED_RATE,
	BROKER_QUOTA_SAMPLES,
	BROKER_QUOTA_SAMPLE_S,
	BROKER_REPLICA_SELECTOR,
	BROKER_TXN_PARTITIONS,
	BROKER_TXN_RF,
	BROKER_TXN_MIN_ISR,
	BROKER_TXN_MAX_TIMEOUT_MS,
	BROKER_TXN_ABORT_CHECK_MS,
	BROKER_TXN_EXPIRATION_MS,
	BROKER_TXN_VERIFY,
	BROKER_KEYS
};

/* INT holds 32 bits, LONG 64, as in Java: a value beyond is no number of that
 * type.  Each setting has the type that it has in Kafka: linger.ms is a LONG,
 * request.timeout.ms an INT. */
/* DOUBLE is kept in millionths. */
enum config_type {
	CONFIG_INT, CONFIG_LONG, CONFIG_BOOL, CONFIG_WORD, CONFIG_DOUBLE,
};

/*
 * What a text must be to be the value of a setting, and where the value then
 * goes: a row of the table of all numbers of a client.
 *
 *	{ "linger.ms", CONFIG_LONG, .min = 0,
 *	  .offset = offsetof(struct producer_config, linger_ms) },
 */
struct config_field {
	const char *name;
	enum config_type type;
	int64_t min, max;		/* of numbers; max 0: as the type's */
	const char *const *words;	/* CONFIG_WORD: allowed, NULL at the end */
	size_t offset;			/* of the bool of a CONFIG_BOOL, of the
					   int64_t of all others */
};

struct config_key {
	const char *name;
	enum config_type type;
	int64_t otherwise;		/* the default */
	int64_t min;
	const char *const *words;	/* CONFIG_WORD: allowed, NULL at the end */
	int server;			/* topic keys: enum broker_key, or -1 */
	bool dynamic;			/* can be changed while it runs */
};

extern const struct config_key topic_keys[TOPIC_KEYS];
extern const struct config_key broker_keys[BROKER_KEYS];

/* Whose replication is limited (throttle.h), and the topic's settings that say
 * of which replicas. */
enum throttle_side { THROTTLE_LEADER, THROTTLE_FOLLOWER, THROTTLE_SIDES };
extern const char *const throttled_replicas[THROTTLE_SIDES];

/* Values that were set, and which; all zero is "nothing set". */
struct topic_config {
	int64_t value[TOPIC_KEYS];
	uint32_t set;			/* bit k: value[k] was given */
	name_id throttled[2];		/* by enum throttle_side: the lists of
					   throttled_replicas; 0: empty */
};

struct broker_config {
	int64_t value[BROKER_KEYS];
	uint64_t set;
};

int64_t broker_config(const struct broker_config *c, enum broker_key key);
int64_t topic_config(const struct topic_config *c,
		     const struct broker_config *server, enum topic_key key);

/*
 * Read a value as ConfigDef does: blanks around it do not count, booleans may
 * be written in capitals.  False, err set, *value alone:
 *
 *	Invalid value soon for configuration linger.ms: Not a number of type LONG
 *	Invalid value -1 for configuration retries: Value must be at least 0
 *	Invalid value 2 for configuration acks: String must be one of: all, -1,
 *	0, 1
 */
bool config_parse(const struct config_field *field, const char *text,
		  int64_t *value, struct err *err);

/* The row of that name, or NULL. */
const struct config_field *config_field_find(const struct config_field *fields,
					     size_t count, const char *name);
/* Read the value and keep it where the row says, in `config`. */
bool config_field_set(const struct config_field *field, void *config,
		      const char *text, struct err *err);

/* So many ms, or s, as virtual time.  A LONG holds far more than the 292 years
 * that a world has; what is longer than half of them ends with the world. */
static inline sim_time config_span(int64_t count, sim_time unit)
{
	return count < SIM_NEVER / 2 / unit ? count * unit : SIM_NEVER / 2;
}

static inline sim_time config_ms(int64_t ms)
{
	return config_span(ms, SIM_MS(1));
}

static inline sim_time config_s(int64_t s)
{
	return config_span(s, SIM_S(1));
}

/*
 * Set from text, as the real broker checks it.  The sentence in err is the
 * real one: "Invalid value x for configuration retention.ms: Not a number of
 * type LONG".
 */
bool topic_config_set(struct topic_config *c, const char *name,
		      const char *value, struct err *err);
bool broker_config_set(struct broker_config *c, const char *name,
		       const char *value, struct err *err);
int topic_key_find(const char *name);		/* -1: unknown */
int broker_key_find(const char *name);

void config_value_text(struct text *t, const struct config_key *key,
		       int64_t value);

#endif
