/* requests.c - what requests cost a broker, and who answers them */
#include "sim/broker/broker_inside.h"

#include <string.h>

#include "sim/broker/events.h"
#include "sim/broker/groups.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/metadata.h"
#include "sim/broker/recovery.h"
#include "sim/broker/txn.h"
#include "sim/broker/txn_verify.h"

/*
 * What requests cost a broker's CPU [E], from calibration.md 3.1: parsing,
 * checking and the wake-ups of network and io thread (10 us each) some tens of
 * microseconds.  A byte that is appended, whether produced or fetched by a
 * follower, is received from the socket at 1 GiB/s (half of a TCP echo, 500
 * MiB/s), then summed (CRC) and copied to the page cache at 1 GiB/s (fast
 * deserialise).  The leader looks at each record (LogValidator: offset,
 * timestamp, key): four steps out of the cache, 20 ns each.
 */
#define CPU_PRODUCE	SIM_US(40)
#define CPU_FETCH	SIM_US(30)
#define CPU_OTHER	SIM_US(60)
#define CPU_FOLLOWER	SIM_US(20)	/* taking in a fetched reply */
#define CPU_APPEND_BYTES_PER_US	537
#define CPU_RECORD	80		/* ns */

/* -- offsets --------------------------------------------------------------- */

static void find_offset(struct world *w, struct broker *b,
			struct offsets_part *part, bool read_committed)
{
	struct replica *r = broker_replica(b, part->partition);
	sim_time at;

	part->offset = -1;
	part->error = replica_unserved(r);
	if (part->error != KAFKA_NONE)
		return;
	if (part->timestamp == OFFSET_LATEST)
		part->offset = read_committed ? replica_last_stable(r) :
			       r->high_watermark;
	else if (part->timestamp == OFFSET_EARLIEST)
		part->offset = r->log.start_offset;
	else
		part->offset = log_offset_for_time(w, &r->log,
			part->timestamp == OFFSET_MAX_TIMESTAMP ?
			r->log.max_timestamp : part->timestamp, &at);
}

static void list_offsets(struct world *w, struct broker *b,
			 struct offsets_message *m)
{
	struct offsets_message *reply =
		message_new(w, sizeof(*reply) +
			    m->count * sizeof(*reply->parts),
			    MESSAGE_OFFSETS_ARE);

	reply->req.correlation = m->req.correlation;
	reply->count = m->count;
	memcpy(reply->parts, m->parts, m->count * sizeof(*m->parts));
	for (uint32_t i = 0; i < m->count; i++)
		find_offset(w, b, &reply->parts[i], m->read_committed);
	reply->req.head.bytes = 40 + 30 * m->count;
	net_send(w, b->process, m->req.head.from, &reply->req.head);
}

/* -- answering -------------------------------------------------------------- */

/* A request has had its CPU time. */
void broker_request_ready(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct broker *b = m->to->self;

	(void)arg;
	switch (m->kind) {
	case MESSAGE_PRODUCE:
		if (txn_verify_produce(w, b, (struct produce_request *)m))
			return;		/* it keeps the message */
		produce_handle(w, b, (struct produce_request *)m);
		break;
	case MESSAGE_FETCH:
		fetch_handle(w, b, (struct fetch_request *)m);
		return;			/* it keeps the message */
	case MESSAGE_FETCHED:
		fetcher_reply(w, b, (struct fetch_reply *)m);
		break;
	case MESSAGE_METADATA:
		metadata_answer(w, b, (struct metadata_request *)m);
		break;
	case MESSAGE_INIT_PRODUCER_ID:
		producer_ids_answer(w, b, (struct producer_id_message *)m);
		break;
	case MESSAGE_LIST_OFFSETS:
		list_offsets(w, b, (struct offsets_message *)m);
		break;
	case MESSAGE_GROUP:
		groups_handle(w, b->groups, (struct group_request *)m);
		return;
	case MESSAGE_TXN:
		txn_handle(w, b, (struct txn_request *)m);
		return;
	case MESSAGE_ADMIN:
	case MESSAGE_ADMIN_ANSWER:
		admin_handle(w, b, (struct text_message *)m);
		return;
	}
	message_free(w, m);
}

static sim_time append_cpu(const struct message *m)
{
	return (sim_time)m->bytes * 1000 / CPU_APPEND_BYTES_PER_US;
}

/* Packed batches are unpacked to be looked at. */
static sim_time produce_cpu(const struct produce_request *r)
{
	const struct broker *b = r->req.head.to->self;
	sim_time ns = CPU_PRODUCE + append_cpu(&r->req.head);

	for (uint32_t i = 0; i < r->count; i++) {
		const struct produce_part *part = &r->parts[i];
		const struct replica *leader = broker_replica(b,
							      part->partition);

		ns += (sim_time)part->batch.count * CPU_RECORD;
		if (leader)
			ns += replica_unpack_time(leader, &part->batch);
	}
	return ns;
}

static sim_time request_cpu(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_PRODUCE:
		return produce_cpu((const struct produce_request *)m);
	case MESSAGE_FETCHED:
		return CPU_FOLLOWER + append_cpu(m);
	case MESSAGE_FETCH:
		return CPU_FETCH;
	default:
		return CPU_OTHER;
	}
}

/* What is not a client's request: answers, and what the controller says. */
bool broker_takes_inner(struct world *w, struct broker *b, struct message *m)
{
	switch (m->kind) {
	case MESSAGE_FETCHED:		/* its thread appends it, then asks on */
		cpu_serve(w, b->process, request_cpu(m), BROKER_REQUEST_READY,
			  m);
		return true;
	case MESSAGE_HEARTBEAT_ANSWER:
		broker_heartbeat_answered(w, b, (struct heartbeat_reply *)m);
		break;
	case MESSAGE_METADATA_FETCHED:
		raft_message(w, &b->raft, m);
		return true;
	case MESSAGE_ALTER_PARTITION_ANSWER: {
		struct alter_partition *a = (struct alter_partition *)m;
		struct replica *r = broker_replica(b, a->partition);

		if (r)
			replica_isr_answer(w, r, a->error);
		break;
	}
	case MESSAGE_DIRS_ASSIGNED:
		log_dirs_assigned(b, (struct assign_dirs *)m);
		break;
	case MESSAGE_PRODUCER_IDS_ARE:
		if (((struct producer_ids_message *)m)->error == KAFKA_NONE)
			producer_ids_take(&b->producer_ids,
				((struct producer_ids_message *)m)->first);
		break;
	case MESSAGE_TXN_ANSWER:
		txn_peers_heard(w, b, (struct txn_answer *)m);
		break;
	case MESSAGE_SCRAPE:
		telemetry_answer(w, m);
		return true;
	default:
		return false;
	}
	message_free(w, m);
	return true;
}

void broker_request_heard(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct broker *b = m->to->self;

	(void)arg;
	cpu_serve(w, b->process, request_cpu(m), BROKER_REQUEST_READY, m);
}
