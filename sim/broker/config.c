/* config.c - settings of topics and brokers: names, defaults, limits
 *
 * Defaults: Kafka 3.9 generated documentation, "Topic Configs" and "Broker
 * Configs" (calibration.md 1.3).
 */
#include "sim/broker/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const cleanup_words[] = { "delete", "compact", NULL };
static const char *const compression_words[] = {
	"producer", "uncompressed", "zstd", "lz4", "snappy", "gzip", NULL
};

const struct config_key topic_keys[TOPIC_KEYS] = {
	[TOPIC_CLEANUP_POLICY] = { "cleanup.policy", CONFIG_WORD, 0, 0,
		cleanup_words, -1, true },
	[TOPIC_COMPRESSION_TYPE] = { "compression.type", CONFIG_WORD, 0, 0,
		compression_words, -1, true },
	[TOPIC_MAX_MESSAGE_BYTES] = { "max.message.bytes", CONFIG_INT,
		1048588, 0, NULL, BROKER_MESSAGE_MAX_BYTES, true },
	[TOPIC_MIN_INSYNC_REPLICAS] = { "min.insync.replicas", CONFIG_INT,
		1, 1, NULL, BROKER_MIN_INSYNC_REPLICAS, true },
	[TOPIC_RETENTION_BYTES] = { "retention.bytes", CONFIG_LONG,
		-1, -1, NULL, BROKER_RETENTION_BYTES, true },
	[TOPIC_RETENTION_MS] = { "retention.ms", CONFIG_LONG,
		604800000, -1, NULL, BROKER_RETENTION_MS, true },
	[TOPIC_SEGMENT_BYTES] = { "segment.bytes", CONFIG_INT,
		1073741824, 14, NULL, BROKER_SEGMENT_BYTES, true },
	[TOPIC_SEGMENT_MS] = { "segment.ms", CONFIG_LONG,
		604800000, 1, NULL, BROKER_SEGMENT_MS, true },
	[TOPIC_UNCLEAN_ELECTION] = { "unclean.leader.election.enable",
		CONFIG_BOOL, 0, 0, NULL, BROKER_UNCLEAN_ELECTION, true },
};

const struct config_key broker_keys[BROKER_KEYS] = {
	[BROKER_AUTO_CREATE] = { "auto.create.topics.enable", CONFIG_BOOL, 1,
		0, NULL, -1, false },
	[BROKER_NUM_PARTITIONS] = { "num.partitions", CONFIG_INT, 1, 1,
		NULL, -1, false },
	[BROKER_DEFAULT_RF] = { "default.replication.factor", CONFIG_INT, 1, 1,
		NULL, -1, false },
	[BROKER_MIN_INSYNC_REPLICAS] = { "min.insync.replicas", CONFIG_INT,
		1, 1, NULL, -1, true },
	[BROKER_REPLICA_LAG_MS] = { "replica.lag.time.max.ms", CONFIG_LONG,
		30000, 1, NULL, -1, false },
	[BROKER_FETCH_WAIT_MS] = { "replica.fetch.wait.max.ms", CONFIG_INT,
		500, 0, NULL, -1, false },
	[BROKER_FETCH_MIN_BYTES] = { "replica.fetch.min.bytes", CONFIG_INT,
		1, 0, NULL, -1, false },
	[BROKER_FETCH_BACKOFF_MS] = { "replica.fetch.backoff.ms", CONFIG_INT,
		1000, 0, NULL, -1, false },
	[BROKER_HEARTBEAT_MS] = { "broker.heartbeat.interval.ms", CONFIG_INT,
		2000, 1, NULL, -1, false },
	[BROKER_SESSION_MS] = { "broker.session.timeout.ms", CONFIG_INT,
		9000, 1, NULL, -1, false },
	[BROKER_RETENTION_CHECK_MS] = { "log.retention.check.interval.ms",
		CONFIG_LONG, 300000, 1, NULL, -1, false },
	[BROKER_RETENTION_MS] = { "log.retention.ms", CONFIG_LONG, 604800000,
		-1, NULL, -1, true },
	[BROKER_RETENTION_BYTES] = { "log.retention.bytes", CONFIG_LONG, -1,
		-1, NULL, -1, true },
	[BROKER_SEGMENT_BYTES] = { "log.segment.bytes", CONFIG_INT, 1073741824,
		14, NULL, -1, true },
	[BROKER_SEGMENT_MS] = { "log.roll.ms", CONFIG_LONG, 604800000, 1,
		NULL, -1, true },
	[BROKER_MESSAGE_MAX_BYTES] = { "message.max.bytes", CONFIG_INT,
		1048588, 0, NULL, -1, true },
	[BROKER_UNCLEAN_ELECTION] = { "unclean.leader.election.enable",
		CONFIG_BOOL, 0, 0, NULL, -1, true },
	[BROKER_OFFSETS_PARTITIONS] = { "offsets.topic.num.partitions",
		CONFIG_INT, 50, 1, NULL, -1, false },
	[BROKER_OFFSETS_RF] = { "offsets.topic.replication.factor", CONFIG_INT,
		3, 1, NULL, -1, false },
	[BROKER_INITIAL_REBALANCE_MS] = { "group.initial.rebalance.delay.ms",
		CONFIG_INT, 3000, 0, NULL, -1, false },
	[BROKER_AUTO_REBALANCE] = { "auto.leader.rebalance.enable",
		CONFIG_BOOL, 1, 0, NULL, -1, false },
	[BROKER_REBALANCE_CHECK_S] = {
		"leader.imbalance.check.interval.seconds", CONFIG_LONG, 300,
		1, NULL, -1, false },
	[BROKER_REBALANCE_PERCENT] = {
		"leader.imbalance.per.broker.percentage", CONFIG_INT, 10, 0,
		NULL, -1, false },
};

int64_t broker_config(const struct broker_config *c, enum broker_key key)
{
	return c->set >> key & 1 ? c->value[key] : broker_keys[key].otherwise;
}

int64_t topic_config(const struct topic_config *c,
		     const struct broker_config *server, enum topic_key key)
{
	const struct config_key *k = &topic_keys[key];

	if (c->set >> key & 1)
		return c->value[key];
	return k->server >= 0 ?
	       broker_config(server, (enum broker_key)k->server) : k->otherwise;
}

static int find(const struct config_key *keys, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(keys[i].name, name))
			return i;
	return -1;
}

int topic_key_find(const char *name)
{
	return find(topic_keys, TOPIC_KEYS, name);
}

int broker_key_find(const char *name)
{
	return find(broker_keys, BROKER_KEYS, name);
}

static bool parse_bool(const char *s, int64_t *value)
{
	*value = !strcmp(s, "true");
	return *value || !strcmp(s, "false");
}

static bool parse_word(const struct config_key *key, const char *s,
		       int64_t *value)
{
	for (int i = 0; key->words[i]; i++)
		if (!strcmp(key->words[i], s)) {
			*value = i;
			return true;
		}
	return false;
}

static bool parse_number(const struct config_key *key, const char *s,
			 int64_t *value, struct err *err)
{
	const char *type = key->type == CONFIG_INT ? "INT" : "LONG";
	char *end;

	errno = 0;
	*value = strtoll(s, &end, 10);
	if (end == s || *end || errno ||
	    (key->type == CONFIG_INT && *value != (int32_t)*value))
		return err_set(err, "Invalid value %s for configuration %s: "
			       "Not a number of type %s", s, key->name, type);
	if (*value < key->min)
		return err_set(err, "Invalid value %s for configuration %s: "
			       "Value must be at least %lld", s, key->name,
			       (long long)key->min);
	return true;
}

/* ConfigDef.parseType and its validators: org.apache.kafka.common.config. */
static bool parse(const struct config_key *key, const char *s, int64_t *value,
		  struct err *err)
{
	if (key->type == CONFIG_BOOL)
		return parse_bool(s, value) ||
		       err_set(err, "Invalid value %s for configuration %s: "
			       "Expected value to be either true or false",
			       s, key->name);
	if (key->type == CONFIG_WORD)
		return parse_word(key, s, value) ||
		       err_set(err, "Invalid value %s for configuration %s: "
			       "String must be one of the allowed words",
			       s, key->name);
	return parse_number(key, s, value, err);
}

bool topic_config_set(struct topic_config *c, const char *name,
		      const char *value, struct err *err)
{
	int key = topic_key_find(name);
	int64_t v;

	if (key < 0)
		return err_set(err, "Unknown topic config name: %s", name);
	if (!parse(&topic_keys[key], value, &v, err))
		return false;
	c->value[key] = v;
	c->set |= 1u << key;
	return true;
}

bool broker_config_set(struct broker_config *c, const char *name,
		       const char *value, struct err *err)
{
	int key = broker_key_find(name);
	int64_t v;

	if (key < 0)
		return err_set(err, "Unknown broker config name: %s", name);
	if (!parse(&broker_keys[key], value, &v, err))
		return false;
	c->value[key] = v;
	c->set |= 1u << key;
	return true;
}

void config_value_text(struct text *t, const struct config_key *key,
		       int64_t value)
{
	if (key->type == CONFIG_BOOL)
		text_add(t, value ? "true" : "false");
	else if (key->type == CONFIG_WORD)
		text_add(t, key->words[value]);
	else
		text_addf(t, "%lld", (long long)value);
}
