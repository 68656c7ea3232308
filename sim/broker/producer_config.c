/* producer_config.c - a producer's settings: defaults, names, what goes together */
#include "sim/broker/producer_config.h"

#include <stddef.h>
#include <string.h>

#include "sim/broker/config.h"

/* Kafka 3.9 ProducerConfig (calibration.md 1.1). */
void producer_config_init(struct producer_config *c)
{
	*c = (struct producer_config){
		.acks = -1, .linger_ms = 0, .batch_bytes = 16384,
		.buffer_bytes = 33554432, .max_in_flight = 5,
		.retries = 2147483647, .delivery_timeout_ms = 120000,
		.request_timeout_ms = 30000, .max_block_ms = 60000,
		.max_request_bytes = 1048576, .idempotence = true,
		.txn_timeout_ms = 60000,
	};
}

#define AT(member)	.offset = offsetof(struct producer_config, member)

/* Types and limits: ProducerConfig, 3.9.  The two maxima are this version's:
 * what is sent at once lies in the world's memory at once (see README.md). */
static const struct config_field numbers[] = {
	{ "linger.ms", CONFIG_LONG, AT(linger_ms) },
	{ "batch.size", CONFIG_INT, .max = 1 << 20, AT(batch_bytes) },
	{ "buffer.memory", CONFIG_LONG, AT(buffer_bytes) },
	{ "max.in.flight.requests.per.connection", CONFIG_INT, .min = 1,
	  AT(max_in_flight) },
	{ "retries", CONFIG_INT, AT(retries) },
	{ "delivery.timeout.ms", CONFIG_INT, AT(delivery_timeout_ms) },
	{ "request.timeout.ms", CONFIG_INT, AT(request_timeout_ms) },
	{ "max.block.ms", CONFIG_LONG, AT(max_block_ms) },
	{ "transaction.timeout.ms", CONFIG_INT, AT(txn_timeout_ms) },
	{ "max.request.size", CONFIG_INT, .max = 4 << 20,
	  AT(max_request_bytes) },
};

static bool set_acks(struct producer_config *c, const char *value,
		     struct err *err)
{
	static const char *const words[] = { "all", "-1", "0", "1", NULL };
	static const int16_t acks[] = { -1, -1, 0, 1 };
	static const struct config_field field = {
		"acks", CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	c->acks = acks[word];
	return true;
}

static bool set_idempotence(struct producer_config *c, const char *value,
			    struct err *err)
{
	static const struct config_field field = {
		.name = "enable.idempotence", .type = CONFIG_BOOL,
	};
	int64_t on;

	if (!config_parse(&field, value, &on, err))
		return false;
	c->idempotence = on;
	c->idempotence_given = true;
	return true;
}

static bool set_compression(struct producer_config *c, const char *value,
			    struct err *err)
{
	static const char *const words[] = {	/* by enum codec */
		"none", "gzip", "snappy", "lz4", "zstd", NULL
	};
	static const struct config_field field = {
		"compression.type", CONFIG_WORD, .words = words,
	};
	int64_t word;

	if (!config_parse(&field, value, &word, err))
		return false;
	c->codec = (enum codec)word;
	return true;
}

static bool set_transactional_id(struct producer_config *c, const char *value,
				 struct err *err)
{
	size_t len = strlen(value);

	if (!len)
		return err_set(err, "Invalid value  for configuration "
			       "transactional.id: String must be non-empty");
	if (len >= sizeof(c->transactional_id))
		return err_set(err, "transactional.id: this version takes at "
			       "most %zu bytes",
			       sizeof(c->transactional_id) - 1);
	memcpy(c->transactional_id, value, len + 1);
	return true;
}

static const struct {
	const char *name;
	bool (*set)(struct producer_config *c, const char *value,
		    struct err *err);
} others[] = {
	{ "acks", set_acks },
	{ "enable.idempotence", set_idempotence },
	{ "transactional.id", set_transactional_id },
	{ "compression.type", set_compression },
};

bool producer_config_set(struct producer_config *c, const char *name,
			 const char *value, struct err *err)
{
	const struct config_field *number =
		config_field_find(numbers, sizeof(numbers) / sizeof(numbers[0]),
				  name);

	if (number)
		return config_field_set(number, c, value, err);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(others[i].name, name))
			return others[i].set(c, value, err);
	return err_set(err, "The configuration '%s' is not known to this "
		       "version's producer", name);
}

static bool no_transactions(struct err *err)
{
	return err_set(err, "Cannot set a transactional.id without also "
		       "enabling idempotence.");
}

bool producer_config_check(struct producer_config *c, struct text *why,
			   struct err *err)
{
	struct text reason = {0};
	bool good = true;

	if (!c->idempotence)
		return !c->transactional_id[0] || no_transactions(err);
	if (c->retries == 0) {
		good = err_set(err, "Must set retries to non-zero when using "
			       "the idempotent producer.");
		text_add(&reason, "retries is set to 0.");
	} else if (c->acks != -1) {
		good = err_set(err, "Must set acks to all in order to use the "
			       "idempotent producer. Otherwise we cannot "
			       "guarantee idempotence.");
		text_addf(&reason, "acks is set to %d, not set to 'all'.",
			  c->acks);
	} else if (c->max_in_flight > PRODUCER_IN_FLIGHT_SAFE) {
		good = err_set(err, "Must set max.in.flight.requests.per."
			       "connection to at most 5 to use the idempotent "
			       "producer.");
		text_addf(&reason, "max.in.flight.requests.per.connection is "
			  "set to %lld, which is greater than 5. Please note "
			  "that in v4.0.0 and onward, this will become an "
			  "error.", (long long)c->max_in_flight);
	}
	if (!good && !c->idempotence_given) {
		c->idempotence = false;
		good = true;
		if (why)
			text_addf(why, "Idempotence will be disabled because "
				  "%s", reason.at);
	}
	text_free(&reason);
	if (good && !c->idempotence && c->transactional_id[0])
		good = no_transactions(err);
	return good;
}
