/* txn_verify.c - before it appends, a leader asks whether that is meant */
#include "sim/broker/txn_verify.h"

#include "sim/broker/broker.h"
#include "sim/broker/group_txn.h"
#include "sim/broker/txn.h"

/* -- guards ---------------------------------------------------------------- */

static bool enabled(const struct broker *b)
{
	return broker_setting(b, BROKER_TXN_VERIFY);
}

/* UnifiedLog.hasOngoingTransaction */
static bool ongoing(const struct replica *r, const struct batch *b)
{
	const struct producer_entry *e =
		producer_states_find(&r->producers, b->producer_id);

	return e && e->txn_first >= 0 && e->epoch == b->producer_epoch;
}

static struct txn_guard *guard_of(const struct replica *r, int64_t producer_id)
{
	for (uint32_t i = 0; i < r->guards.count; i++)
		if (r->guards.at[i].producer_id == producer_id)
			return &r->guards.at[i];
	return NULL;
}

static uint32_t guard_begin(struct world *w, struct replica *r,
			    int64_t producer_id)
{
	struct txn_guard *g = guard_of(r, producer_id);

	if (g)
		return g->number;
	g = vec_add(&w->arena, &r->guards);
	*g = (struct txn_guard){ producer_id, ++r->last_guard };
	return g->number;
}

void txn_guards_end(struct replica *r, int64_t producer_id)
{
	struct txn_guard *g = guard_of(r, producer_id);

	if (g)
		vec_remove(&r->guards, (uint32_t)(g - r->guards.at));
}

enum kafka_error txn_guards_check(struct world *w, struct replica *r,
				  const struct batch *b, uint32_t guard)
{
	const struct txn_guard *g = guard_of(r, b->producer_id);

	if (!b->transactional || guard == TXN_GUARD_OWN ||
	    !enabled(r->broker) || ongoing(r, b))
		return KAFKA_NONE;
	if (g && g->number == guard) {
		txn_guards_end(r, b->producer_id);
		return KAFKA_NONE;
	}
	log_write(w, r->broker->process, LOG_ERROR, "[ReplicaManager broker=%d] "
		  "Error processing append operation on partition %s-%u "
		  "(kafka.server.ReplicaManager) org.apache.kafka.common.errors."
		  "InvalidTxnStateException: Record was not part of an ongoing "
		  "transaction", r->broker->node_id,
		  world_text(w, r->partition->topic->name),
		  r->partition->index);
	return KAFKA_INVALID_TXN_STATE;
}

/* -- asking ---------------------------------------------------------------- */

/* A produce or an offset commit that waits for the coordinator. */
struct verification {
	struct produce_request *produce;	/* one of the two */
	struct txn_request *offsets;
};

static void go_on(struct world *w, struct broker *b,
		  const struct verification *v)
{
	if (v->offsets) {
		group_txn_commit(w, b->groups, v->offsets);
		return;
	}
	produce_handle(w, b, v->produce);
	message_free(w, &v->produce->req.head);
}

/* ReplicaManager.appendRecords: what the client is told */
static enum kafka_error told(enum kafka_error e)
{
	switch (e) {
	case KAFKA_CONCURRENT_TRANSACTIONS:
	case KAFKA_NETWORK_EXCEPTION:
	case KAFKA_COORDINATOR_LOAD_IN_PROGRESS:
	case KAFKA_COORDINATOR_NOT_AVAILABLE:
	case KAFKA_NOT_COORDINATOR:
		return KAFKA_NOT_ENOUGH_REPLICAS;
	case KAFKA_PRODUCER_FENCED:	/* as a log would say it */
		return KAFKA_INVALID_PRODUCER_EPOCH;
	default:
		return e;
	}
}

static void put_error(struct verification *v, uint32_t partition,
		      enum kafka_error error)
{
	if (v->offsets) {
		v->offsets->error = told(error);
		return;
	}
	for (uint32_t i = 0; i < v->produce->count; i++)
		if (v->produce->parts[i].partition == partition &&
		    v->produce->parts[i].guard)
			v->produce->parts[i].error = told(error);
}

static void fail_all(struct verification *v, enum kafka_error error)
{
	if (v->offsets)
		v->offsets->error = told(error);
	for (uint32_t i = 0; v->produce && i < v->produce->count; i++)
		if (v->produce->parts[i].guard)
			v->produce->parts[i].error = told(error);
}

void txn_verify_answered(struct world *w, struct broker *b, void *context,
			 const struct txn_answer *a, bool dying)
{
	struct verification v = *(struct verification *)context;

	world_give(w, (struct verification *)context);
	if (dying) {
		message_free(w, v.offsets ? &v.offsets->req.head :
					    &v.produce->req.head);
		return;
	}
	if (!a || (!a->count && a->error != KAFKA_NONE))
		fail_all(&v, a ? a->error : KAFKA_NETWORK_EXCEPTION);
	for (uint32_t i = 0; a && i < a->count; i++)
		put_error(&v, a->items[i].partition, a->items[i].error);
	go_on(w, b, &v);
}

static void ask(struct world *w, struct broker *b, const struct verification *v,
		struct txn_request *m)
{
	struct verification *context;
	int32_t coordinator = NO_BROKER;
	uint32_t partition;

	if (txn_state_partition(w, b->cluster, m->transactional_id, &partition))
		coordinator = view_partition(&b->view, partition)->leader;
	context = world_take(w, struct verification);
	*context = *v;
	if (coordinator != NO_BROKER) {
		txn_peers_ask(w, b, coordinator, m, context);
		return;
	}
	fail_all(context, KAFKA_COORDINATOR_NOT_AVAILABLE);
	message_free(w, &m->req.head);
	go_on(w, b, context);
	world_give(w, context);
}

/* Does the batch need an answer first?  Then it has a guard from here on. */
static uint32_t guard_for(struct world *w, struct broker *b, uint32_t partition,
			  const struct batch *batch)
{
	struct replica *r = broker_replica(b, partition);

	if (!batch->transactional || !r || r->role != REPLICA_LEADER ||
	    ongoing(r, batch))
		return 0;
	return guard_begin(w, r, batch->producer_id);
}

bool txn_verify_produce(struct world *w, struct broker *b,
			struct produce_request *m)
{
	struct verification v = { .produce = m };
	struct txn_request *q = NULL;

	if (!m->transactional_id || !enabled(b))
		return false;
	for (uint32_t i = 0; i < m->count; i++) {
		struct produce_part *p = &m->parts[i];

		p->guard = guard_for(w, b, p->partition, &p->batch);
		if (!p->guard)
			continue;
		if (!q)
			q = txn_request_new(w, TXN_VERIFY, m->count);
		q->producer_id = p->batch.producer_id;
		q->epoch = p->batch.producer_epoch;
		q->items[q->count++].partition = p->partition;
	}
	if (!q)
		return false;
	q->transactional_id = m->transactional_id;
	ask(w, b, &v, q);
	return true;
}

bool txn_verify_offsets(struct world *w, struct broker *b,
			struct txn_request *m)
{
	struct verification v = { .offsets = m };
	struct batch batch = {
		.transactional = true, .producer_id = m->producer_id,
		.producer_epoch = m->epoch,
	};
	struct txn_request *q;
	uint32_t partition;

	if (!enabled(b) || !group_txn_partition(w, b, m->group, &partition))
		return false;
	m->guard = guard_for(w, b, partition, &batch);
	if (!m->guard)
		return false;
	q = txn_request_new(w, TXN_VERIFY, 1);
	q->transactional_id = m->transactional_id;
	q->producer_id = m->producer_id;
	q->epoch = m->epoch;
	q->items[q->count++].partition = partition;
	ask(w, b, &v, q);
	return true;
}
