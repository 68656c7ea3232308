/* txn_protocol.h - what is said about transactions (KIP-98, 360, 447, 890)
 *
 *	producer ──▶ coordinator      init, add partitions, add offsets, end
 *	producer ──▶ group coord.     offset commit
 *	leader   ──▶ coordinator      verify: is this partition part of it?
 *	coord.   ──▶ leaders          write markers
 *
 * One struct for all requests, as for groups: each api uses what it needs.
 */
#ifndef SIM_BROKER_TXN_PROTOCOL_H
#define SIM_BROKER_TXN_PROTOCOL_H

#include "sim/broker/protocol.h"

#define NO_PRODUCER_EPOCH	(-1)
#define TXN_STATE_TOPIC		"__transaction_state"

enum txn_api {
	TXN_FIND_COORDINATOR,
	TXN_INIT,		/* InitProducerId: producer_id -1, or its own to
				   raise its epoch (KIP-360) */
	TXN_ADD_PARTITIONS,
	TXN_ADD_OFFSETS,	/* the group's partition of __consumer_offsets */
	TXN_END,
	TXN_OFFSET_COMMIT,
	TXN_VERIFY,		/* AddPartitionsToTxn with VerifyOnly */
	TXN_WRITE_MARKERS,
};

struct txn_item {
	uint32_t partition;		/* id */
	int64_t offset;			/* of an offset commit */
	enum kafka_error error;		/* in the answer */
};

struct txn_request {
	struct request req;
	enum txn_api api;
	name_id transactional_id;
	int64_t producer_id;
	int16_t epoch;
	sim_time timeout;		/* transaction.timeout.ms */
	bool commit;			/* end, markers: else abort */
	int32_t coordinator_epoch;	/* markers */
	name_id group, member;		/* offsets: KIP-447 */
	int32_t generation;
	uint32_t guard;			/* set by the broker: txn_verify.h */
	enum kafka_error error;		/* likewise */
	uint32_t count;
	struct txn_item items[];
};

struct txn_answer {
	struct request req;
	enum txn_api api;
	enum kafka_error error;
	int64_t producer_id;		/* of an init */
	int16_t epoch;
	int32_t coordinator;		/* broker index */
	name_id coordinator_host;	/* its advertised address */
	uint16_t coordinator_port;
	uint32_t count;
	struct txn_item items[];
};

struct txn_request *txn_request_new(struct world *w, enum txn_api api,
				    uint32_t items);
struct txn_answer *txn_answer_for(struct world *w, const struct txn_request *m,
				  uint32_t items);

#endif
