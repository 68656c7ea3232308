/* config.h - settings of topics and brokers: names, defaults, limits
 *
 * A topic has its own value, or takes the broker's value of the related
 * setting, or the default: in that order (Kafka docs 3.9, "Topic Configs":
 * column "Server Default Property").  Values are integers; enumerations are
 * numbered by their place in `words`.
 */
#ifndef SIM_BROKER_CONFIG_H
#define SIM_BROKER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

enum topic_key {
	TOPIC_CLEANUP_POLICY,
	TOPIC_COMPRESSION_TYPE,
	TOPIC_MAX_MESSAGE_BYTES,
	TOPIC_MIN_INSYNC_REPLICAS,
	TOPIC_RETENTION_BYTES,
	TOPIC_RETENTION_MS,
	TOPIC_SEGMENT_BYTES,
	TOPIC_SEGMENT_MS,
	TOPIC_UNCLEAN_ELECTION,
	TOPIC_KEYS
};

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
	BROKER_KEYS
};

enum config_type { CONFIG_INT, CONFIG_LONG, CONFIG_BOOL, CONFIG_WORD };

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

/* Values that were set, and which; all zero is "nothing set". */
struct topic_config {
	int64_t value[TOPIC_KEYS];
	uint32_t set;			/* bit k: value[k] was given */
};

struct broker_config {
	int64_t value[BROKER_KEYS];
	uint32_t set;
};

int64_t broker_config(const struct broker_config *c, enum broker_key key);
int64_t topic_config(const struct topic_config *c,
		     const struct broker_config *server, enum topic_key key);

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
