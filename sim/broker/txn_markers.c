/* txn_markers.c - a decision is told to every partition: markers
 *
 * The coordinator's side sends to each leader the partitions that it leads, and
 * tries again those that failed, until all have their marker: then the
 * transaction is complete (TransactionMarkerChannelManager).  The leader's side
 * appends the marker as it would a produce with acks=all, and tells the group
 * coordinator if the partition holds offsets (KafkaApis.handleWriteTxnMarkers).
 *
 *	coordinator ──write──▶ leader: append, wait for acks
 *	            ◀─errors──         offsets: now they count
 */
#include "sim/broker/txn.h"

#include <string.h>

#include "sim/broker/admin_txn.h"
#include "sim/broker/events.h"
#include "sim/broker/group_txn.h"
#include "sim/broker/txn_verify.h"

#define AGAIN	SIM_MS(100)		/* [E]: a round of the sender's thread */
#define MARKER_BYTES	78		/* a control batch with one record */

/* -- the coordinator's side ------------------------------------------------- */

/* One request for markers, to one leader. */
struct markers_call {
	struct txns *txns;
	name_id id;
	int32_t epoch;			/* the coordinator's, when it asked */
};

void txn_markers_later(struct world *w, struct txn *x)
{
	world_cancel(w, &x->markers);
	x->markers = world_timer(w, world_now(w) + AGAIN, TXN_MARKERS_AGAIN, x,
				 0);
}

static void complete(struct world *w, struct txn *x)
{
	struct txn_move move = txn_move_to(w, x,
		x->state == TXN_PREPARE_COMMIT ? TXN_COMPLETE_COMMIT :
		TXN_COMPLETE_ABORT);

	move.keeps_parts = false;
	txn_write(w, x, &move, TXN_AFTER_COMPLETE, NULL);
}

/* Topics that were deleted need no marker any more. */
static void forget_deleted(const struct txns *t, struct txn *x)
{
	for (uint32_t i = 0; i < x->parts.count;) {
		uint32_t id = x->parts.at[i].partition;

		if (t->broker->cluster->partitions.at[id]->topic->deleted &&
		    !view_partition(&t->broker->view, id)->replica_count)
			vec_remove(&x->parts, i);
		else
			i++;
	}
}

static void ask_leader(struct world *w, struct txn *x, int32_t leader)
{
	struct txn_request *m = txn_request_new(w, TXN_WRITE_MARKERS,
						x->parts.count);
	struct markers_call *call = world_take(w, struct markers_call);
	const struct metadata_view *v = &x->txns->broker->view;

	*call = (struct markers_call){
		.txns = x->txns, .id = x->id,
		.epoch = txn_slot(x->txns, x->id, w)->epoch,
	};
	m->transactional_id = x->id;
	m->producer_id = x->producer_id;
	m->epoch = x->epoch;
	m->commit = x->state == TXN_PREPARE_COMMIT;
	m->coordinator_epoch = call->epoch;
	for (uint32_t i = 0; i < x->parts.count; i++) {
		struct txn_part *p = &x->parts.at[i];

		if (p->asked || view_partition(v, p->partition)->leader != leader)
			continue;
		p->asked = true;
		m->items[m->count++].partition = p->partition;
	}
	txn_peers_ask(w, x->txns->broker, leader, m, call);
}

void txn_markers_send(struct world *w, struct txn *x)
{
	const struct metadata_view *v = &x->txns->broker->view;
	bool later = false;

	world_cancel(w, &x->markers);
	forget_deleted(x->txns, x);
	if (!x->parts.count) {
		if (!x->pending)
			complete(w, x);
		return;
	}
	for (uint32_t i = 0; i < x->parts.count; i++) {
		const struct txn_part *p = &x->parts.at[i];
		int32_t leader = view_partition(v, p->partition)->leader;

		if (p->asked)
			continue;
		if (leader == NO_BROKER)
			later = true;
		else
			ask_leader(w, x, leader);
	}
	if (later)
		txn_markers_later(w, x);
}

void txn_markers_again(struct world *w, void *who, uint16_t arg)
{
	struct txn *x = who;

	(void)arg;
	x->markers = (struct timer){0};
	if (process_runs(x->txns->broker->process))
		txn_markers_send(w, x);
	else
		txn_markers_later(w, x);
}

static struct txn_part *part_of(struct txn *x, uint32_t partition)
{
	for (uint32_t i = 0; i < x->parts.count; i++)
		if (x->parts.at[i].partition == partition)
			return &x->parts.at[i];
	return NULL;
}

/* No answer: all that went to a leader that is not heard of any more may be
 * asked again; a marker that is written twice changes nothing. */
static void ask_all_again(struct world *w, struct txn *x)
{
	for (uint32_t i = 0; i < x->parts.count; i++)
		x->parts.at[i].asked = false;
	txn_markers_later(w, x);
}

static void log_failure(struct world *w, const struct txn *x,
			const struct txn_item *item, bool for_good)
{
	const struct broker *b = x->txns->broker;
	const struct partition *p = b->cluster->partitions.at[item->partition];

	log_write(w, b->process, LOG_INFO, "[Transaction Marker Request "
		  "Completion Handler %d]: Sending %s's transaction marker for "
		  "partition %s-%u has %s with error org.apache.kafka.common."
		  "errors.%s%s (kafka.coordinator.transaction."
		  "TransactionMarkerRequestCompletionHandler)", b->node_id,
		  world_text(w, x->id), world_text(w, p->topic->name), p->index,
		  for_good ? "permanently failed" : "failed",
		  kafka_error_class(item->error), for_good ?
		  "; cancel sending any more transaction markers" :
		  ", retrying with current coordinator epoch");
}

/* False: a newer producer or coordinator has taken over; leave it alone. */
static bool take_item(struct world *w, struct txn *x,
		      const struct txn_item *item, bool *again)
{
	struct txn_part *part = part_of(x, item->partition);

	if (!part)
		return true;
	if (item->error == KAFKA_NONE) {
		vec_remove(&x->parts, (uint32_t)(part - x->parts.at));
		return true;
	}
	if (item->error == KAFKA_INVALID_PRODUCER_EPOCH ||
	    item->error == KAFKA_TRANSACTION_COORDINATOR_FENCED) {
		log_failure(w, x, item, true);
		return false;
	}
	log_failure(w, x, item, false);
	part->asked = false;
	*again = true;
	return true;
}

void txn_markers_answered(struct world *w, struct broker *b, void *context,
			  const struct txn_answer *a, bool dying)
{
	struct markers_call call = *(struct markers_call *)context;
	struct txn *x = dying ? NULL : txn_find(call.txns, call.id);
	const struct txn_slot *s = x ? txn_slot(call.txns, call.id, w) : NULL;
	bool again = false;

	(void)b;
	world_give(w, (struct markers_call *)context);
	if (!s || !s->ours || s->loading || s->epoch != call.epoch ||
	    (x->state != TXN_PREPARE_COMMIT && x->state != TXN_PREPARE_ABORT))
		return;
	if (!a) {
		ask_all_again(w, x);
		return;
	}
	for (uint32_t i = 0; i < a->count; i++)
		if (!take_item(w, x, &a->items[i], &again))
			return;
	if (again)
		txn_markers_later(w, x);
	else if (!x->parts.count && !x->pending)
		complete(w, x);
}

/* -- the leader's side ------------------------------------------------------ */

/* A request for markers that is being carried out. */
struct markers_job {
	struct broker *broker;
	struct txn_request *request;
	struct text_message *admin;	/* who else is to be answered */
	uint32_t open;			/* markers not yet replicated */
};

/* One of its markers. */
struct marker_job {
	struct markers_job *job;
	uint32_t item;
};

static void finish(struct world *w, struct markers_job *job)
{
	struct txn_request *m = job->request;
	struct txn_answer *a;

	if (--job->open)
		return;
	if (job->admin) {
		admin_txn_aborted(w, job->broker, job->admin,
				  m->items[0].error);
		message_free(w, &m->req.head);
		world_give(w, job);
		return;
	}
	a = txn_answer_for(w, m, m->count);
	a->count = m->count;
	memcpy(a->items, m->items, m->count * sizeof(*m->items));
	txn_reply(w, job->broker, m, a);
	world_give(w, job);
}

static struct batch marker_of(const struct txn_request *m, sim_time now)
{
	return (struct batch){
		.first_at = now, .last_at = now, .count = 1,
		.bytes = MARKER_BYTES, .producer_id = m->producer_id,
		.producer_epoch = m->epoch, .sequence = -1,
		.transactional = true,
		.control = m->commit ? CONTROL_COMMIT : CONTROL_ABORT,
		.coordinator_epoch = m->coordinator_epoch,
	};
}

static enum kafka_error check(struct world *w, const struct broker *b,
			      const struct replica *r, const struct batch *m)
{
	const char *topic = world_text(w, r->partition->topic->name);
	struct text why = {0};
	enum kafka_error error = producer_states_check_marker(&r->producers, m,
		r->log.end_offset, topic, r->partition->index, &why);

	if (error != KAFKA_NONE)
		log_write(w, b->process, LOG_ERROR, "[ReplicaManager broker=%d] "
			  "Error processing append operation on partition %s-%u "
			  "(kafka.server.ReplicaManager) org.apache.kafka.common."
			  "errors.%s: %s", b->node_id, topic,
			  r->partition->index, kafka_error_class(error), why.at);
	text_free(&why);
	return error;
}

static enum kafka_error write_one(struct world *w, struct broker *b,
				  struct markers_job *job, uint32_t item)
{
	const struct txn_request *m = job->request;
	uint32_t partition = m->items[item].partition;
	struct replica *r = broker_replica(b, partition);
	struct batch marker = marker_of(m, machine_wall(w,
						b->process->machine));
	struct marker_job *one;
	enum kafka_error error;

	if (!r || r->role != REPLICA_LEADER)
		return KAFKA_NOT_LEADER_OR_FOLLOWER;
	error = check(w, b, r, &marker);
	if (error != KAFKA_NONE)
		return error;
	txn_guards_end(r, m->producer_id);
	one = world_take(w, struct marker_job);
	*one = (struct marker_job){ job, item };
	job->open++;
	error = produce_own(w, b, partition, &marker, TXN_MARKER_WRITTEN, one);
	if (error == KAFKA_NONE)
		return KAFKA_NONE;
	world_give(w, one);
	job->open--;
	return error;
}

void txn_markers_write(struct world *w, struct broker *b, struct txn_request *m,
		       struct text_message *admin)
{
	struct markers_job *job = world_take(w, struct markers_job);

	*job = (struct markers_job){ b, m, admin, 1 };
	for (uint32_t i = 0; i < m->count; i++) {
		enum kafka_error error = write_one(w, b, job, i);

		if (error != KAFKA_NONE)
			m->items[i].error = error;
	}
	finish(w, job);
}

/* Its marker is in every log in sync, or timed out, or lost its leader. */
void txn_marker_written(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;
	struct marker_job one = *(struct marker_job *)p->internal_self;
	struct txn_request *m = one.job->request;
	struct txn_item *item = &m->items[one.item];

	(void)arg;
	world_give(w, (struct marker_job *)p->internal_self);
	item->error = p->reply->parts[0].error;
	if (item->error == KAFKA_NONE)
		group_txn_marker(w, one.job->broker, item->partition,
				 m->producer_id, m->commit);
	finish(w, one.job);
}
