/* txn.c - the transaction coordinator: what producers ask it */
#include "sim/broker/txn.h"

#include "sim/broker/channel.h"
#include "sim/broker/group_txn.h"
#include "sim/broker/txn_verify.h"

/* -- answering ------------------------------------------------------------- */

void txn_reply(struct world *w, struct broker *b, struct txn_request *m,
	       struct txn_answer *a)
{
	if (process_runs(b->process) &&
	    m->req.head.from->incarnation == m->req.head.from_incarnation)
		txn_peers_answer(w, b, m->req.head.from, &a->req.head);
	else
		message_free(w, &a->req.head);
	message_free(w, &m->req.head);
}

/* The error stands for the whole and for each item. */
void txn_refuse(struct world *w, struct broker *b, struct txn_request *m,
		enum kafka_error error)
{
	struct txn_answer *a = txn_answer_for(w, m, m->count);

	a->error = error;
	a->producer_id = -1;
	a->epoch = NO_PRODUCER_EPOCH;
	for (a->count = 0; a->count < m->count; a->count++) {
		a->items[a->count] = m->items[a->count];
		a->items[a->count].error = error;
	}
	txn_reply(w, b, m, a);
}

/* -- init ------------------------------------------------------------------ */

/* isEpochExhausted: the coordinator keeps the last epoch for a fence. */
static bool exhausted(int16_t epoch)
{
	return epoch >= INT16_MAX - 1;
}

/* What an init of an id that is in no transaction leads to
 * (prepareIncrementProducerEpoch, prepareProducerIdRotation). */
static enum kafka_error next_epoch(struct world *w, const struct txn *x,
				   const struct txn_request *m,
				   struct txn_move *move)
{
	bool raises = m->producer_id >= 0;	/* by the producer itself */

	if (exhausted(x->epoch) && (!raises || m->epoch == x->epoch)) {
		move->producer_id = producer_ids_claim(w, x->txns->broker);
		if (move->producer_id < 0)
			return KAFKA_COORDINATOR_LOAD_IN_PROGRESS;
		move->epoch = 0;
		move->last_epoch = raises ? x->epoch : NO_PRODUCER_EPOCH;
		return KAFKA_NONE;
	}
	if (!raises || x->epoch == NO_PRODUCER_EPOCH || m->epoch == x->epoch) {
		move->last_epoch = raises ? x->epoch : NO_PRODUCER_EPOCH;
		move->epoch = (int16_t)(x->epoch + 1);
		return KAFKA_NONE;
	}
	/* It asks again: its last answer got lost. */
	return m->epoch == x->last_epoch ? KAFKA_NONE : KAFKA_PRODUCER_FENCED;
}

static enum kafka_error begin_anew(struct world *w, struct txn *x,
				   struct txn_request *m)
{
	struct txn_move move = txn_move_to(w, x, TXN_EMPTY);
	enum kafka_error error = next_epoch(w, x, m, &move);

	if (error != KAFKA_NONE)
		return error;
	move.timeout = m->timeout;
	move.started_at = -1;
	move.keeps_parts = false;
	txn_write(w, x, &move, TXN_AFTER_INIT, m);
	return KAFKA_NONE;
}

int16_t txn_fence(struct txn *x)
{
	return x->failed_fence ? x->epoch : (int16_t)(x->epoch + 1);
}

/* KAFKA_NONE: it will be answered. */
static enum kafka_error init(struct world *w, struct txn *x,
			     struct txn_request *m)
{
	if (x->pending)
		return KAFKA_CONCURRENT_TRANSACTIONS;
	if (m->producer_id >= 0 && x->epoch != NO_PRODUCER_EPOCH &&
	    m->producer_id != x->producer_id)
		return KAFKA_PRODUCER_FENCED;
	switch (x->state) {
	case TXN_PREPARE_COMMIT:
	case TXN_PREPARE_ABORT:
		return KAFKA_CONCURRENT_TRANSACTIONS;
	case TXN_ONGOING:	/* abort it; the producer asks again */
		return txn_end(w, x, x->producer_id, txn_fence(x), false,
			       TXN_AFTER_FENCE, m);
	default:
		return begin_anew(w, x, m);
	}
}

static void handle_init(struct world *w, struct txns *t, struct txn_request *m)
{
	struct txn *x = txn_find(t, m->transactional_id);
	enum kafka_error error = KAFKA_NONE;
	int64_t id;

	if (m->timeout <= 0 || m->timeout > SIM_MS(broker_setting(t->broker,
						BROKER_TXN_MAX_TIMEOUT_MS)))
		error = KAFKA_INVALID_TRANSACTION_TIMEOUT;
	if (error == KAFKA_NONE && !x) {
		id = producer_ids_claim(w, t->broker);
		if (id < 0) {
			error = KAFKA_COORDINATOR_LOAD_IN_PROGRESS;
		} else {
			x = txn_new(w, t, m->transactional_id);
			x->producer_id = id;
			x->timeout = m->timeout;
			x->updated_at = txn_clock(w, t);
		}
	}
	if (error == KAFKA_NONE)
		error = init(w, x, m);
	if (error != KAFKA_NONE)
		txn_refuse(w, t->broker, m, error);
}

static void init_done(struct world *w, struct txns *t, const struct txn *x,
		      struct txn_request *m)
{
	struct txn_answer *a = txn_answer_for(w, m, 0);

	a->producer_id = x->producer_id;
	a->epoch = x->epoch;
	log_write(w, t->broker->process, LOG_INFO, "[TransactionCoordinator "
		  "id=%d] Initialized transactionalId %s with producerId %lld and "
		  "producer epoch %d on partition " TXN_STATE_TOPIC "-%u "
		  "(kafka.coordinator.transaction.TransactionCoordinator)",
		  t->broker->node_id, world_text(w, x->id),
		  (long long)x->producer_id, x->epoch,
		  txn_slot_of(world_text(w, x->id), t->slots.count));
	txn_reply(w, t->broker, m, a);
}

/* -- partitions ------------------------------------------------------------ */

static bool has_part(const struct txn *x, uint32_t partition)
{
	for (uint32_t i = 0; i < x->parts.count; i++)
		if (x->parts.at[i].partition == partition)
			return true;
	return false;
}

/* What every request of a producer must fulfil. */
static enum kafka_error producer_error(const struct txn *x,
				       const struct txn_request *m)
{
	if (!x || x->producer_id != m->producer_id)
		return KAFKA_INVALID_PRODUCER_ID_MAPPING;
	return x->epoch == m->epoch ? KAFKA_NONE : KAFKA_PRODUCER_FENCED;
}

static void write_parts(struct world *w, struct txn *x, struct txn_request *m,
			const uint32_t *ids, uint32_t count)
{
	struct txn_move move = txn_move_to(w, x, TXN_ONGOING);

	move.added = arena_take(&w->arena, count * sizeof(*ids));
	move.added_count = 0;
	for (uint32_t i = 0; i < count; i++)
		if (!has_part(x, ids[i]))
			move.added[move.added_count++] = ids[i];
	move.added = arena_grow(&w->arena, move.added, count * sizeof(*ids),
				move.added_count * sizeof(*ids));
	if (x->state != TXN_ONGOING)
		move.started_at = move.updated_at;
	txn_write(w, x, &move, TXN_AFTER_ADD, m);
}

static void add_parts(struct world *w, struct txns *t, struct txn_request *m,
		      const uint32_t *ids, uint32_t count)
{
	struct txn *x = txn_find(t, m->transactional_id);
	enum kafka_error error = producer_error(x, m);
	bool all = true;

	if (error == KAFKA_NONE &&
	    (x->pending || x->state == TXN_PREPARE_COMMIT ||
	     x->state == TXN_PREPARE_ABORT))
		error = KAFKA_CONCURRENT_TRANSACTIONS;
	for (uint32_t i = 0; error == KAFKA_NONE && i < count; i++)
		all = all && has_part(x, ids[i]);
	if (error == KAFKA_NONE && !(x->state == TXN_ONGOING && all))
		write_parts(w, x, m, ids, count);
	else
		txn_refuse(w, t->broker, m, error);	/* or: are there */
}

#define PARTS_MAX	256		/* of one request [E] */

static void handle_add(struct world *w, struct txns *t, struct txn_request *m)
{
	uint32_t ids[PARTS_MAX];
	uint32_t count = m->count < PARTS_MAX ? m->count : PARTS_MAX;

	for (uint32_t i = 0; i < count; i++)
		ids[i] = m->items[i].partition;
	add_parts(w, t, m, ids, count);
}

/* The partition in which the group's offsets are. */
static void handle_add_offsets(struct world *w, struct txns *t,
			       struct txn_request *m)
{
	uint32_t id;

	if (group_txn_partition(w, t->broker, m->group, &id))
		add_parts(w, t, m, &id, 1);
	else
		txn_refuse(w, t->broker, m, KAFKA_COORDINATOR_NOT_AVAILABLE);
}

/* handleVerifyPartitionsInTransaction */
static void handle_verify(struct world *w, struct txns *t,
			  struct txn_request *m)
{
	struct txn *x = txn_find(t, m->transactional_id);
	enum kafka_error error = producer_error(x, m);
	struct txn_answer *a = txn_answer_for(w, m, m->count);

	if (error == KAFKA_NONE && (x->state == TXN_PREPARE_COMMIT ||
				    x->state == TXN_PREPARE_ABORT))
		error = KAFKA_CONCURRENT_TRANSACTIONS;
	for (a->count = 0; a->count < m->count; a->count++) {
		struct txn_item *item = &a->items[a->count];

		*item = m->items[a->count];
		item->error = error != KAFKA_NONE ? error :
			      has_part(x, item->partition) ? KAFKA_NONE :
			      KAFKA_TRANSACTION_ABORTABLE;
	}
	txn_reply(w, t->broker, m, a);
}

/* -- the end --------------------------------------------------------------- */

/* A second "commit" of what was committed is fine, and so on; anything else is
 * a producer that has lost count. */
static enum kafka_error end_again(const struct txn *x, bool commit)
{
	enum txn_state prepare = commit ? TXN_PREPARE_COMMIT :
				 TXN_PREPARE_ABORT;
	enum txn_state complete = commit ? TXN_COMPLETE_COMMIT :
				  TXN_COMPLETE_ABORT;

	if (x->state == prepare)
		return KAFKA_CONCURRENT_TRANSACTIONS;
	return x->state == complete ? KAFKA_NONE : KAFKA_INVALID_TXN_STATE;
}

static void write_end(struct world *w, struct txn *x, int16_t epoch,
		      bool commit, enum txn_after after,
		      struct txn_request *request)
{
	struct txn_move move = txn_move_to(w, x, commit ? TXN_PREPARE_COMMIT :
						  TXN_PREPARE_ABORT);

	if (after != TXN_AFTER_END) {	/* under an epoch of our own */
		move.epoch = x->epoch = epoch;
		move.last_epoch = x->last_epoch = NO_PRODUCER_EPOCH;
	}
	txn_write(w, x, &move, after, request);
}

enum kafka_error txn_end(struct world *w, struct txn *x, int64_t producer_id,
			 int16_t epoch, bool commit, enum txn_after after,
			 struct txn_request *request)
{
	if (x->producer_id != producer_id)
		return KAFKA_INVALID_PRODUCER_ID_MAPPING;
	if (after == TXN_AFTER_END ? epoch != x->epoch : epoch < x->epoch)
		return KAFKA_PRODUCER_FENCED;
	if (x->pending)
		return KAFKA_CONCURRENT_TRANSACTIONS;
	if (x->state == TXN_ONGOING) {
		write_end(w, x, epoch, commit, after, request);
		return KAFKA_NONE;
	}
	return end_again(x, commit);
}

static void handle_end(struct world *w, struct txns *t, struct txn_request *m)
{
	struct txn *x = txn_find(t, m->transactional_id);
	bool ongoing = x && x->state == TXN_ONGOING;
	enum kafka_error error = x ?
		txn_end(w, x, m->producer_id, m->epoch, m->commit,
			TXN_AFTER_END, m) : KAFKA_INVALID_PRODUCER_ID_MAPPING;

	if (error == KAFKA_INVALID_TXN_STATE)
		log_write(w, t->broker->process, LOG_ERROR,
			  "[TransactionCoordinator id=%d] TransactionalId: %s's "
			  "state is %s, but received transaction marker result to "
			  "send: %s (kafka.coordinator.transaction."
			  "TransactionCoordinator)", t->broker->node_id,
			  world_text(w, m->transactional_id),
			  txn_state_name(x->state),
			  m->commit ? "COMMIT" : "ABORT");
	if (error != KAFKA_NONE || !ongoing)
		txn_refuse(w, t->broker, m, error);
}

/* The decision is written: the client may know, markers go out. */
static void decided(struct world *w, struct txns *t, struct txn *x,
		    enum txn_after after, struct txn_request *request)
{
	if (after == TXN_AFTER_TIMEOUT)
		log_write(w, t->broker->process, LOG_INFO,
			  "[TransactionCoordinator id=%d] Completed rollback of "
			  "ongoing transaction for transactionalId %s due to "
			  "timeout (kafka.coordinator.transaction."
			  "TransactionCoordinator)", t->broker->node_id,
			  world_text(w, x->id));
	if (request)
		txn_refuse(w, t->broker, request, after == TXN_AFTER_FENCE ?
			   KAFKA_CONCURRENT_TRANSACTIONS : KAFKA_NONE);
	txn_markers_send(w, x);
}

static void undecided(struct world *w, struct txns *t, struct txn *x,
		      enum txn_after after, struct txn_request *request,
		      enum kafka_error error)
{
	if (x && after != TXN_AFTER_END)
		x->failed_fence = true;
	if (request)
		txn_refuse(w, t->broker, request, error);
}

void txn_moved(struct world *w, struct txns *t, struct txn *x,
	       enum txn_after after, struct txn_request *request,
	       enum kafka_error error)
{
	bool good = error == KAFKA_NONE;

	switch (after) {
	case TXN_AFTER_INIT:
		if (good)
			init_done(w, t, x, request);
		else
			txn_refuse(w, t->broker, request, error);
		break;
	case TXN_AFTER_ADD:
		txn_refuse(w, t->broker, request, error);
		break;
	case TXN_AFTER_END:
	case TXN_AFTER_FENCE:
	case TXN_AFTER_TIMEOUT:
		if (good)
			decided(w, t, x, after, request);
		else
			undecided(w, t, x, after, request, error);
		break;
	case TXN_AFTER_COMPLETE:
		if (x && good)
			x->failed_fence = false;
		else if (x)
			txn_markers_later(w, x);
		break;
	case TXN_AFTER_EXPIRE:
		if (x && good)
			txn_free(w, x);
		break;
	}
}

/* -- who is asked ---------------------------------------------------------- */

/* TransactionStateManager.transactionTopicConfigs */
static void create_state_topic(struct world *w, struct broker *b)
{
	struct text args = {0};

	args_add(&args, "api", "create-topic");
	args_add(&args, "name", TXN_STATE_TOPIC);
	args_add_int(&args, "partitions", broker_setting(b,
						BROKER_TXN_PARTITIONS));
	args_add_int(&args, "rf", broker_setting(b, BROKER_TXN_RF));
	args_add(&args, "config.cleanup.policy", "compact");
	args_add(&args, "config.compression.type", "uncompressed");
	args_add_int(&args, "config.min.insync.replicas",
		     broker_setting(b, BROKER_TXN_MIN_ISR));
	args_add(&args, "config.segment.bytes", "104857600");
	args_add(&args, "config.unclean.leader.election.enable", "false");
	channel_wish(w, b, text_cstr(&args));
	text_free(&args);
}

static void find_coordinator(struct world *w, struct broker *b,
			     struct txn_request *m)
{
	struct txn_answer *a = txn_answer_for(w, m, 0);
	const struct partition_state *s;
	const struct listener *l = NULL;
	uint32_t partition;

	a->error = KAFKA_COORDINATOR_NOT_AVAILABLE;
	if (!txn_state_partition(w, b->cluster, m->transactional_id,
				 &partition)) {
		create_state_topic(w, b);
	} else {
		s = view_partition(&b->view, partition);
		if (s->leader != NO_BROKER)
			l = broker_advertised(b->cluster->brokers.at[s->leader],
					      b, m->req.port);
		if (l) {
			a->error = KAFKA_NONE;
			a->coordinator = s->leader;
			a->coordinator_host = l->advertised_host;
			a->coordinator_port = l->advertised_port;
		}
	}
	txn_reply(w, b, m, a);
}

static void to_coordinator(struct world *w, struct broker *b,
			   struct txn_request *m)
{
	static void (*const handlers[])(struct world *, struct txns *,
					struct txn_request *) = {
		[TXN_INIT] = handle_init,
		[TXN_ADD_PARTITIONS] = handle_add,
		[TXN_ADD_OFFSETS] = handle_add_offsets,
		[TXN_END] = handle_end,
		[TXN_VERIFY] = handle_verify,
	};
	enum kafka_error error = txn_ours(w, b->txns, m->transactional_id);

	if (error != KAFKA_NONE)
		txn_refuse(w, b, m, error);
	else
		handlers[m->api](w, b->txns, m);
}

void txn_handle(struct world *w, struct broker *b, struct txn_request *m)
{
	switch (m->api) {
	case TXN_FIND_COORDINATOR:
		find_coordinator(w, b, m);
		break;
	case TXN_OFFSET_COMMIT:
		if (!txn_verify_offsets(w, b, m))
			group_txn_commit(w, b->groups, m);
		break;
	case TXN_WRITE_MARKERS:
		txn_markers_write(w, b, m, NULL);
		break;
	default:
		to_coordinator(w, b, m);
		break;
	}
}
