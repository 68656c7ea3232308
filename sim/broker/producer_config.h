/* producer_config.h - a producer's settings
 *
 * Names, types, defaults and limits are those of ProducerConfig, Kafka 3.9
 * (calibration.md 1.1), and so are the words of what is wrong with a value.
 */
#ifndef SIM_BROKER_PRODUCER_CONFIG_H
#define SIM_BROKER_PRODUCER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/broker/compression.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

/* More requests in flight than this, and idempotence cannot keep the order:
 * MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION_FOR_IDEMPOTENCE. */
#define PRODUCER_IN_FLIGHT_SAFE	5

/* Settings by their Kafka names; see producer_config_set. */
struct producer_config {
	int16_t acks;			/* 0, 1, -1 */
	int64_t linger_ms, batch_bytes, buffer_bytes;
	int64_t max_in_flight, retries;
	int64_t delivery_timeout_ms, request_timeout_ms, max_block_ms;
	int64_t max_request_bytes;
	enum codec codec;
	bool idempotence, idempotence_given;	/* given: somebody set it */
	char transactional_id[64];	/* "": none */
	int64_t txn_timeout_ms;		/* transaction.timeout.ms */
	bool plants_unadded;		/* a bug on purpose: it never says which
					   partitions it writes to (KIP-890) */
};

void producer_config_init(struct producer_config *c);	/* Kafka's defaults */
/* False, err set, for a name this version does not know or a bad value. */
bool producer_config_set(struct producer_config *c, const char *name,
			 const char *value, struct err *err);

/*
 * Do the settings go together?  ProducerConfig.postProcessAndValidateIdempotence
 * Configs: idempotence that was asked for and cannot be is an error; that which
 * is only the default is turned off, and `why` (may be NULL) says so as the
 * client logs it.
 */
bool producer_config_check(struct producer_config *c, struct text *why,
			   struct err *err);

#endif
