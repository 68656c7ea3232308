/* test_config.c - table: what is a value of which setting, and what is said
 *
 * The sentences are those of Kafka 3.9: ConfigDef.parseType, ConfigDef.Range,
 * ConfigDef.ValidString, and ConfigException around them.
 */
#include "tests/test.h"

#include "sim/broker/config.h"
#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"

struct given {
	const char *name, *value;
	const char *err;		/* NULL: a good value */
};

#define INVALID(value, name, why) \
	{ name, value, "Invalid value " value " for configuration " name ": " why }
#define NO_INT(value, name)	INVALID(value, name, "Not a number of type INT")
#define NO_LONG(value, name)	INVALID(value, name, "Not a number of type LONG")

/* Set each; what is refused must leave the configuration as it was. */
#define assert_table(table, type, start, set)				\
	for (size_t i_ = 0; i_ < sizeof(table) / sizeof(table[0]); i_++) {	\
		const struct given *g_ = &(table)[i_];			\
		struct type now_, before_;				\
		struct err err_ = { "" };				\
									\
		memset(&now_, 0, sizeof(now_));				\
		start;							\
		memcpy(&before_, &now_, sizeof(now_));			\
		if (set(&now_, g_->name, g_->value, &err_) != !g_->err)	\
			fail_msg("%s=%s: %s", g_->name, g_->value,	\
				 err_.what);				\
		assert_string_equal(err_.what, g_->err ? g_->err : "");	\
		if (g_->err)						\
			assert_memory_equal(&now_, &before_,		\
					    sizeof(now_));		\
	}

static void a_producer_takes_what_kafka_takes(void **state)
{
	static const struct given table[] = {
		{ "linger.ms", "0", NULL },
		{ "linger.ms", " 5\t", NULL },
		{ "linger.ms", "+5", NULL },
		{ "linger.ms", "2147483648", NULL },
		{ "linger.ms", "9223372036854775807", NULL },
		NO_LONG("9223372036854775808", "linger.ms"),
		NO_LONG("soon", "linger.ms"),
		NO_LONG("", "linger.ms"),
		NO_LONG(" ", "linger.ms"),
		NO_LONG("5ms", "linger.ms"),
		NO_LONG("5 5", "linger.ms"),
		NO_LONG("1.5", "linger.ms"),
		NO_LONG("0x10", "linger.ms"),
		NO_LONG("- 1", "linger.ms"),
		INVALID("-1", "linger.ms", "Value must be at least 0"),
		{ "buffer.memory", "9223372036854775807", NULL },
		NO_LONG("much", "buffer.memory"),
		INVALID("-1", "buffer.memory", "Value must be at least 0"),
		{ "max.block.ms", "9223372036854775807", NULL },
		NO_LONG("-9223372036854775809", "max.block.ms"),
		INVALID("-5", "max.block.ms", "Value must be at least 0"),
		{ "retries", "2147483647", NULL },
		NO_INT("2147483648", "retries"),
		NO_INT("-2147483649", "retries"),
		INVALID("-2147483648", "retries", "Value must be at least 0"),
		{ "batch.size", "0", NULL },
		{ "batch.size", "1048576", NULL },
		INVALID("1048577", "batch.size",
			"Value must be no more than 1048576"),
		NO_INT("99999999999", "batch.size"),
		INVALID("4194305", "max.request.size",
			"Value must be no more than 4194304"),
		NO_INT("1e6", "max.request.size"),
		INVALID("0", "max.in.flight.requests.per.connection",
			"Value must be at least 1"),
		NO_INT("2147483648", "request.timeout.ms"),
		NO_INT("2147483648", "delivery.timeout.ms"),
		{ "acks", "all", NULL },
		{ "acks", " 1 ", NULL },
		INVALID("2", "acks", "String must be one of: all, -1, 0, 1"),
		INVALID("ALL", "acks", "String must be one of: all, -1, 0, 1"),
		INVALID("", "acks", "String must be one of: all, -1, 0, 1"),
		{ "enable.idempotence", "False", NULL },
		INVALID("no", "enable.idempotence",
			"Expected value to be either true or false"),
		{ "enable.idempotence", "true", NULL },
		{ "compression.type", "none", NULL },
		INVALID("rar", "compression.type",
			"String must be one of: none, gzip, snappy, lz4, zstd"),
		{ "compression.type", "lz4", NULL },
		{ "linger", "5", "The configuration 'linger' is not known to "
		  "this version's producer" },
	};

	(void)state;
	assert_table(table, producer_config, producer_config_init(&now_),
		     producer_config_set);
}

static void a_consumer_takes_what_kafka_takes(void **state)
{
	static const struct given table[] = {
		{ "max.poll.records", "2147483647", NULL },
		NO_INT("2147483648", "max.poll.records"),
		INVALID("0", "max.poll.records", "Value must be at least 1"),
		INVALID("0", "max.poll.interval.ms",
			"Value must be at least 1"),
		{ "fetch.min.bytes", "0", NULL },
		INVALID("-1", "fetch.min.bytes", "Value must be at least 0"),
		INVALID("-1", "fetch.max.wait.ms", "Value must be at least 0"),
		NO_INT("1M", "fetch.max.bytes"),
		NO_INT("3000000000", "max.partition.fetch.bytes"),
		NO_INT("3000000000", "auto.commit.interval.ms"),
		NO_INT("45s", "session.timeout.ms"),
		NO_INT("", "heartbeat.interval.ms"),
		{ "enable.auto.commit", "TRUE", NULL },
		{ "enable.auto.commit", "false", NULL },
		INVALID("truE!", "enable.auto.commit",
			"Expected value to be either true or false"),
		INVALID("1", "enable.auto.commit",
			"Expected value to be either true or false"),
		{ "auto.offset.reset", "earliest", NULL },
		INVALID("first", "auto.offset.reset",
			"String must be one of: latest, earliest, none"),
		{ "linger.ms", "5", "The configuration 'linger.ms' is not "
		  "known to this version's consumer" },
	};

	(void)state;
	assert_table(table, consumer_config, consumer_config_init(&now_),
		     consumer_config_set);
}

static void a_topic_takes_what_kafka_takes(void **state)
{
	static const struct given table[] = {
		{ "retention.ms", "-1", NULL },
		{ "retention.ms", "9223372036854775807", NULL },
		NO_LONG("9223372036854775808", "retention.ms"),
		INVALID("-2", "retention.ms", "Value must be at least -1"),
		NO_INT("2147483648", "segment.bytes"),
		INVALID("13", "segment.bytes", "Value must be at least 14"),
		INVALID("0", "min.insync.replicas", "Value must be at least 1"),
		{ "unclean.leader.election.enable", "True", NULL },
		{ "compression.type", "lz4", NULL },
		INVALID("rar", "compression.type", "String must be one of: "
			"uncompressed, zstd, lz4, snappy, gzip, producer"),
		{ "cleanup.policy", "compact,delete", NULL },
		INVALID("keep", "cleanup.policy",
			"String must be one of: delete, compact"),
		{ "message.timestamp.type", "LogAppendTime", NULL },
		{ "min.cleanable.dirty.ratio", " 0.25 ", NULL },
		{ "min.cleanable.dirty.ratio", "1", NULL },
		INVALID("half", "min.cleanable.dirty.ratio",
			"Not a number of type DOUBLE"),
		INVALID("1.5", "min.cleanable.dirty.ratio",
			"Value must be no more than 1"),
		{ "color", "red", "Unknown topic config name: color" },
	};

	(void)state;
	assert_table(table, topic_config, (void)0, topic_config_set);
}

static void a_broker_takes_what_kafka_takes(void **state)
{
	static const struct given table[] = {
		{ "replica.lag.time.max.ms", "2147483648", NULL },
		NO_LONG("", "replica.lag.time.max.ms"),
		NO_INT("2147483648", "num.partitions"),
		INVALID("0", "num.partitions", "Value must be at least 1"),
		INVALID("on", "auto.create.topics.enable",
			"Expected value to be either true or false"),
		{ "color", "red", "Unknown broker config name: color" },
	};

	(void)state;
	assert_table(table, broker_config, (void)0, broker_config_set);
}

static void a_value_goes_where_its_name_says(void **state)
{
	struct producer_config p;
	struct consumer_config c;

	(void)state;
	producer_config_init(&p);
	consumer_config_init(&c);
	assert_true(producer_config_set(&p, "linger.ms", " 7 ", NULL));
	assert_true(producer_config_set(&p, "buffer.memory", "4294967296", NULL));
	assert_true(producer_config_set(&p, "max.request.size", "9", NULL));
	assert_true(producer_config_set(&p, "acks", "1", NULL));
	assert_int_equal(p.linger_ms, 7);
	assert_true(p.buffer_bytes == INT64_C(4294967296));
	assert_int_equal(p.max_request_bytes, 9);
	assert_int_equal(p.acks, 1);
	assert_true(producer_config_set(&p, "acks", "all", NULL));
	assert_int_equal(p.acks, -1);
	assert_int_equal(p.batch_bytes, 16384);	/* nobody set it */
	assert_true(consumer_config_set(&c, "auto.commit.interval.ms", "8",
					NULL));
	assert_true(consumer_config_set(&c, "enable.auto.commit", "FALSE",
					NULL));
	assert_true(consumer_config_set(&c, "auto.offset.reset", "none", NULL));
	assert_int_equal(c.auto_commit_interval_ms, 8);
	assert_false(c.auto_commit);
	assert_int_equal(c.reset, RESET_NONE);
	assert_int_equal(c.max_poll_records, 500);
}

/* Every default must be a value that may be set, and read back as itself. */
static void defaults_are_good_values(void **state)
{
	struct topic_config c = {0};

	(void)state;
	for (int i = 0; i < TOPIC_KEYS; i++) {
		const struct config_key *key = &topic_keys[i];
		struct text t = {0};

		config_value_text(&t, key, key->otherwise);
		assert_true(topic_config_set(&c, key->name, text_cstr(&t),
					     NULL));
		assert_int_equal(c.value[i], key->otherwise);
		text_free(&t);
	}
	assert_string_equal(topic_keys[TOPIC_COMPRESSION_TYPE].words[
		topic_keys[TOPIC_COMPRESSION_TYPE].otherwise], "producer");
	assert_string_equal(topic_keys[TOPIC_CLEANUP_POLICY].words[
		topic_keys[TOPIC_CLEANUP_POLICY].otherwise], "delete");
}

static void a_span_beyond_the_world_ends_with_it(void **state)
{
	(void)state;
	assert_int_equal(config_ms(0), 0);
	assert_int_equal(config_ms(-1), SIM_MS(-1));
	assert_int_equal(config_ms(120000), SIM_MINUTES(2));
	assert_true(config_ms(SIM_NEVER / SIM_MS(2) - 1) <= SIM_NEVER / 2);
	assert_true(config_ms(SIM_NEVER / SIM_MS(2)) == SIM_NEVER / 2);
	assert_true(config_ms(INT64_MAX) == SIM_NEVER / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_producer_takes_what_kafka_takes),
		cmocka_unit_test(a_consumer_takes_what_kafka_takes),
		cmocka_unit_test(a_topic_takes_what_kafka_takes),
		cmocka_unit_test(a_broker_takes_what_kafka_takes),
		cmocka_unit_test(a_value_goes_where_its_name_says),
		cmocka_unit_test(defaults_are_good_values),
		cmocka_unit_test(a_span_beyond_the_world_ends_with_it),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
