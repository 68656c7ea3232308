/* config.c - settings by their Kafka names: types, defaults, limits
 *
 * Defaults: Kafka 3.9 generated documentation, "Topic Configs" and "Broker
 * Configs" (calibration.md 1.3).
 */
#include "sim/broker/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const cleanup_words[] = {
	[CLEANUP_DELETE] = "delete", [CLEANUP_COMPACT] = "compact",
	[CLEANUP_COMPACT_DELETE] = "compact,delete",
	[CLEANUP_DELETE_COMPACT] = "delete,compact", NULL
};
static const char *const protocol_words[] = {
	"classic", "classic,consumer", "consumer,classic", NULL
};

static const char *const timestamp_words[] = {
	[TIMESTAMP_CREATE] = "CreateTime",
	[TIMESTAMP_LOG_APPEND] = "LogAppendTime", NULL
};
static const char *const compression_words[] = {
	"uncompressed", "zstd", "lz4", "snappy", "gzip", "producer", NULL
};

/* Classes that there are; the default is none. */
static const char *const selector_words[] = {
	"null",
	"org.apache.kafka.common.replica.RackAwareReplicaSelector", NULL
};

const struct config_key topic_keys[TOPIC_KEYS] = {
	[TOPIC_CLEANUP_POLICY] = { "cleanup.policy", CONFIG_WORD,
		CLEANUP_DELETE, 0, cleanup_words, -1, true },
	[TOPIC_COMPRESSION_TYPE] = { "compression.type", CONFIG_WORD, 5, 0,
		compression_words, -1, true },
	[TOPIC_DELETE_RETENTION_MS] = { "delete.retention.ms", CONFIG_LONG,
		86400000, 0, NULL, BROKER_CLEANER_DELETE_RETENTION_MS, true },
	[TOPIC_FILE_DELETE_DELAY_MS] = { "file.delete.delay.ms", CONFIG_LONG,
		60000, 0, NULL, BROKER_FILE_DELETE_DELAY_MS, true },
	[TOPIC_FLUSH_MESSAGES] = { "flush.messages", CONFIG_LONG,
		INT64_MAX, 1, NULL, BROKER_FLUSH_MESSAGES, true },
	[TOPIC_FLUSH_MS] = { "flush.ms", CONFIG_LONG, INT64_MAX, 0, NULL,
		BROKER_FLUSH_MS, true },
	[TOPIC_MAX_COMPACTION_LAG_MS] = { "max.compaction.lag.ms",
		CONFIG_LONG, INT64_MAX, 1, NULL, BROKER_CLEANER_MAX_LAG_MS,
		true },
	[TOPIC_MIN_CLEANABLE_RATIO] = { "min.cleanable.dirty.ratio",
		CONFIG_DOUBLE, 500000, 0, NULL, BROKER_CLEANER_MIN_RATIO,
		true },
	[TOPIC_MIN_COMPACTION_LAG_MS] = { "min.compaction.lag.ms",
		CONFIG_LONG, 0, 0, NULL, BROKER_CLEANER_MIN_LAG_MS, true },
	[TOPIC_MAX_MESSAGE_BYTES] = { "max.message.bytes", CONFIG_INT,
		1048588, 0, NULL, BROKER_MESSAGE_MAX_BYTES, true },
	[TOPIC_TIMESTAMP_AFTER_MAX_MS] = { "message.timestamp.after.max.ms",
		CONFIG_LONG, INT64_MAX, 0, NULL, BROKER_TIMESTAMP_AFTER_MAX_MS,
		true },
	[TOPIC_TIMESTAMP_BEFORE_MAX_MS] = { "message.timestamp.before.max.ms",
		CONFIG_LONG, INT64_MAX, 0, NULL, BROKER_TIMESTAMP_BEFORE_MAX_MS,
		true },
	[TOPIC_TIMESTAMP_TYPE] = { "message.timestamp.type", CONFIG_WORD,
		TIMESTAMP_CREATE, 0, timestamp_words, BROKER_TIMESTAMP_TYPE,
		true },
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
	[BROKER_PRODUCER_ID_EXPIRATION_MS] = { "producer.id.expiration.ms",
		CONFIG_INT, 86400000, 1, NULL, -1, true },
	[BROKER_FLUSH_MESSAGES] = { "log.flush.interval.messages", CONFIG_LONG,
		INT64_MAX, 1, NULL, -1, true },
	/* null by default: then as log.flush.scheduler.interval.ms, never */
	[BROKER_FLUSH_MS] = { "log.flush.interval.ms", CONFIG_LONG, INT64_MAX,
		0, NULL, -1, true },
	[BROKER_FLUSH_SCHEDULER_MS] = { "log.flush.scheduler.interval.ms",
		CONFIG_LONG, INT64_MAX, 1, NULL, -1, false },
	[BROKER_FLUSH_CHECKPOINT_MS] = {
		"log.flush.offset.checkpoint.interval.ms", CONFIG_INT, 60000,
		0, NULL, -1, false },
	[BROKER_RECOVERY_THREADS] = { "num.recovery.threads.per.data.dir",
		CONFIG_INT, 1, 1, NULL, -1, true },
	[BROKER_FILE_DELETE_DELAY_MS] = { "log.segment.delete.delay.ms",
		CONFIG_LONG, 60000, 0, NULL, -1, true },
	[BROKER_TIMESTAMP_AFTER_MAX_MS] = {
		"log.message.timestamp.after.max.ms", CONFIG_LONG, INT64_MAX,
		0, NULL, -1, true },
	[BROKER_TIMESTAMP_BEFORE_MAX_MS] = {
		"log.message.timestamp.before.max.ms", CONFIG_LONG, INT64_MAX,
		0, NULL, -1, true },
	[BROKER_TIMESTAMP_TYPE] = { "log.message.timestamp.type", CONFIG_WORD,
		TIMESTAMP_CREATE, 0, timestamp_words, -1, true },
	[BROKER_CLEANER_BACKOFF_MS] = { "log.cleaner.backoff.ms", CONFIG_LONG,
		15000, 0, NULL, -1, true },
	[BROKER_CLEANER_DEDUPE_BYTES] = { "log.cleaner.dedupe.buffer.size",
		CONFIG_LONG, 134217728, 1, NULL, -1, true },
	[BROKER_CLEANER_DELETE_RETENTION_MS] = {
		"log.cleaner.delete.retention.ms", CONFIG_LONG, 86400000, 0,
		NULL, -1, true },
	[BROKER_CLEANER_ENABLE] = { "log.cleaner.enable", CONFIG_BOOL, 1, 0,
		NULL, -1, false },
	[BROKER_CLEANER_MAX_LAG_MS] = { "log.cleaner.max.compaction.lag.ms",
		CONFIG_LONG, INT64_MAX, 1, NULL, -1, true },
	[BROKER_CLEANER_MIN_LAG_MS] = { "log.cleaner.min.compaction.lag.ms",
		CONFIG_LONG, 0, 0, NULL, -1, true },
	[BROKER_CLEANER_MIN_RATIO] = { "log.cleaner.min.cleanable.ratio",
		CONFIG_DOUBLE, 500000, 0, NULL, -1, true },
	[BROKER_GROUP_MIN_SESSION_MS] = { "group.min.session.timeout.ms",
		CONFIG_INT, 6000, 0, NULL, -1, false },
	[BROKER_GROUP_MAX_SESSION_MS] = { "group.max.session.timeout.ms",
		CONFIG_INT, 1800000, 0, NULL, -1, false },
	[BROKER_GROUP_MAX_SIZE] = { "group.max.size", CONFIG_INT, INT32_MAX, 1,
		NULL, -1, false },
	[BROKER_OFFSETS_RETENTION_MINUTES] = { "offsets.retention.minutes",
		CONFIG_INT, 10080, 1, NULL, -1, false },
	/* KIP-848 is a preview in 3.9: off by default. */
	[BROKER_GROUP_PROTOCOLS] = { "group.coordinator.rebalance.protocols",
		CONFIG_WORD, 0, 0, protocol_words, -1, false },
	[BROKER_CONSUMER_SESSION_MS] = { "group.consumer.session.timeout.ms",
		CONFIG_INT, 45000, 1, NULL, -1, false },
	[BROKER_CONSUMER_HEARTBEAT_MS] = {
		"group.consumer.heartbeat.interval.ms", CONFIG_INT, 5000, 1,
		NULL, -1, false },
	[BROKER_OFFSETS_CHECK_MS] = { "offsets.retention.check.interval.ms",
		CONFIG_LONG, 600000, 1, NULL, -1, false },
	[BROKER_DIR_FAILURE_TIMEOUT_MS] = { "log.dir.failure.timeout.ms",
		CONFIG_LONG, 30000, 1, NULL, -1, false },
	[BROKER_LEADER_THROTTLED_RATE] = { "leader.replication.throttled.rate",
		CONFIG_LONG, INT64_MAX, 0, NULL, -1, true },
	[BROKER_FOLLOWER_THROTTLED_RATE] = {
		"follower.replication.throttled.rate", CONFIG_LONG, INT64_MAX,
		0, NULL, -1, true },
	[BROKER_QUOTA_SAMPLES] = { "replication.quota.window.num", CONFIG_INT,
		11, 1, NULL, -1, false },
	[BROKER_QUOTA_SAMPLE_S] = { "replication.quota.window.size.seconds",
		CONFIG_INT, 1, 1, NULL, -1, false },
	[BROKER_REPLICA_SELECTOR] = { "replica.selector.class", CONFIG_WORD, 0,
		0, selector_words, -1, false },
	[BROKER_TXN_PARTITIONS] = { "transaction.state.log.num.partitions",
		CONFIG_INT, 50, 1, NULL, -1, false },
	[BROKER_TXN_RF] = { "transaction.state.log.replication.factor",
		CONFIG_INT, 3, 1, NULL, -1, false },
	[BROKER_TXN_MIN_ISR] = { "transaction.state.log.min.isr", CONFIG_INT,
		2, 1, NULL, -1, false },
	[BROKER_TXN_MAX_TIMEOUT_MS] = { "transaction.max.timeout.ms",
		CONFIG_INT, 900000, 1, NULL, -1, false },
	[BROKER_TXN_ABORT_CHECK_MS] = {
		"transaction.abort.timed.out.transaction.cleanup.interval.ms",
		CONFIG_INT, 10000, 1, NULL, -1, false },
	[BROKER_TXN_EXPIRATION_MS] = { "transactional.id.expiration.ms",
		CONFIG_INT, 604800000, 1, NULL, -1, false },
	[BROKER_TXN_VERIFY] = { "transaction.partition.verification.enable",
		CONFIG_BOOL, 1, 0, NULL, -1, true },
};

const char *const throttled_replicas[THROTTLE_SIDES] = {
	[THROTTLE_LEADER] = "leader.replication.throttled.replicas",
	[THROTTLE_FOLLOWER] = "follower.replication.throttled.replicas",
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

/* -- reading a value ------------------------------------------------------ */

static const char *const type_names[] = {
	[CONFIG_INT] = "INT", [CONFIG_LONG] = "LONG",
};

static bool invalid(struct err *err, const struct config_field *field,
		    const char *text, const char *why)
{
	return err_set(err, "Invalid value %s for configuration %s: %s", text,
		       field->name, why);
}

/* Java's String.trim: from where, and how long. */
static size_t trim(const char **text)
{
	size_t len;

	while (**text > '\0' && **text <= ' ')
		++*text;
	for (len = strlen(*text); len; len--) {
		char last = (*text)[len - 1];

		if (last < '\0' || last > ' ')
			break;
	}
	return len;
}

/* Is it this lower-case word, whatever the case of its letters? */
static bool same_letters(const char *s, size_t len, const char *word)
{
	if (len != strlen(word))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((s[i] | 0x20) != word[i])
			return false;
	return true;
}

static bool parse_bool(const struct config_field *field, const char *text,
		       int64_t *value, struct err *err)
{
	const char *s = text;
	size_t len = trim(&s);

	if (!same_letters(s, len, "true") && !same_letters(s, len, "false"))
		return invalid(err, field, text,
			       "Expected value to be either true or false");
	*value = len == strlen("true");
	return true;
}

static bool not_a_word(struct err *err, const struct config_field *field,
		       const char *s, size_t len)
{
	struct text why = {0}, word = {0};

	text_add(&why, "String must be one of: ");
	for (int i = 0; field->words[i]; i++)
		if (!strchr(field->words[i], ','))	/* of a list: each */
			text_addf(&why, "%s%s", i ? ", " : "",
				  field->words[i]);
	text_bytes(&word, s, len);
	invalid(err, field, text_cstr(&word), why.at);
	text_free(&why);
	text_free(&word);
	return false;
}

static bool parse_word(const struct config_field *field, const char *text,
		       int64_t *value, struct err *err)
{
	size_t len = trim(&text);

	for (int i = 0; field->words[i]; i++)
		if (strlen(field->words[i]) == len &&
		    !memcmp(field->words[i], text, len)) {
			*value = i;
			return true;
		}
	return not_a_word(err, field, text, len);
}

static bool beyond(struct err *err, const struct config_field *field,
		   int64_t number, const char *limit, int64_t is)
{
	return err_set(err, "Invalid value %lld for configuration %s: Value "
		       "must be %s %lld", (long long)number, field->name,
		       limit, (long long)is);
}

/* Integer.parseInt, Long.parseLong, then ConfigDef.Range. */
static bool parse_number(const struct config_field *field, const char *text,
			 int64_t *value, struct err *err)
{
	const char *s = text;
	size_t len = trim(&s);
	int64_t number;
	char *end;

	errno = 0;
	number = strtoll(s, &end, 10);
	if (!len || end != s + len || errno ||
	    (field->type == CONFIG_INT && number != (int32_t)number))
		return err_set(err, "Invalid value %s for configuration %s: "
			       "Not a number of type %s", text, field->name,
			       type_names[field->type]);
	if (number < field->min)
		return beyond(err, field, number, "at least", field->min);
	if (field->max && number > field->max)
		return beyond(err, field, number, "no more than", field->max);
	*value = number;
	return true;
}

/* Double.parseDouble, of what has at most six places; between 0 and 1, as all
 * settings of that type here. */
static bool parse_double(const struct config_field *field, const char *text,
			 int64_t *value, struct err *err)
{
	const char *s = text;
	size_t len = trim(&s), i = 0;
	int64_t whole = 0, part = 0, unit = 1000000;

	for (; i < len && s[i] >= '0' && s[i] <= '9' && whole < 1000000; i++)
		whole = whole * 10 + (s[i] - '0');
	if (i < len && s[i] == '.')
		for (i++; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
			unit /= 10;
			part += (s[i] - '0') * unit;
		}
	if (!len || i != len)
		return err_set(err, "Invalid value %s for configuration %s: "
			       "Not a number of type DOUBLE", text, field->name);
	*value = whole * 1000000 + part;
	return *value <= 1000000 ||
	       err_set(err, "Invalid value %s for configuration %s: Value must "
		       "be no more than 1", text, field->name);
}

bool config_parse(const struct config_field *field, const char *text,
		  int64_t *value, struct err *err)
{
	static bool (*const parse[])(const struct config_field *field,
				     const char *text, int64_t *value,
				     struct err *err) = {
		[CONFIG_INT] = parse_number, [CONFIG_LONG] = parse_number,
		[CONFIG_BOOL] = parse_bool, [CONFIG_WORD] = parse_word,
		[CONFIG_DOUBLE] = parse_double,
	};

	return parse[field->type](field, text, value, err);
}

const struct config_field *config_field_find(const struct config_field *fields,
					     size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

bool config_field_set(const struct config_field *field, void *config,
		      const char *text, struct err *err)
{
	char *at = (char *)config + field->offset;
	int64_t value;

	if (!config_parse(field, text, &value, err))
		return false;
	if (field->type == CONFIG_BOOL)
		*(bool *)at = value;
	else
		*(int64_t *)at = value;
	return true;
}

/* -- topics and brokers --------------------------------------------------- */

static bool parse_key(const struct config_key *key, const char *text,
		      int64_t *value, struct err *err)
{
	const struct config_field field = {
		.name = key->name, .type = key->type, .min = key->min,
		.words = key->words,
	};

	return config_parse(&field, text, value, err);
}

bool topic_config_set(struct topic_config *c, const char *name,
		      const char *value, struct err *err)
{
	int key = topic_key_find(name);
	int64_t v;

	if (key < 0)
		return err_set(err, "Unknown topic config name: %s", name);
	if (!parse_key(&topic_keys[key], value, &v, err))
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
	if (!parse_key(&broker_keys[key], value, &v, err))
		return false;
	c->value[key] = v;
	c->set |= UINT64_C(1) << key;
	return true;
}

/* As Java prints a double: 0.5, 1.0. */
static void double_text(struct text *t, int64_t millionths)
{
	char digits[8];
	size_t n = 6;

	snprintf(digits, sizeof(digits), "%06d", (int)(millionths % 1000000));
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	text_addf(t, "%lld.%s", (long long)(millionths / 1000000), digits);
}

void config_value_text(struct text *t, const struct config_key *key,
		       int64_t value)
{
	if (key->type == CONFIG_BOOL)
		text_add(t, value ? "true" : "false");
	else if (key->type == CONFIG_WORD)
		text_add(t, key->words[value]);
	else if (key->type == CONFIG_DOUBLE)
		double_text(t, value);
	else
		text_addf(t, "%lld", (long long)value);
}
