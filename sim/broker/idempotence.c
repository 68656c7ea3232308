/* idempotence.c - how a producer numbers what it sends */
#include "sim/broker/idempotence.h"

#include <assert.h>

#include "sim/broker/producer_inside.h"

void numbers_init(struct lane_numbers *n)
{
	n->producer_id = NO_PRODUCER_ID;
	n->last_acked = n->unresolved = NO_SEQUENCE;
}

void numbers_release(struct world *w, struct lane_numbers *n)
{
	vec_free(&w->arena, &n->open);
}

/* TxnPartitionEntry.startSequencesAtBeginning: what is open is numbered anew;
 * what is under way keeps the old numbers on the wire. */
static void begin_again(const struct producer *p, struct lane_numbers *n)
{
	n->producer_id = p->identity.id;
	n->epoch = p->identity.epoch;
	n->next = 0;
	n->last_acked = n->unresolved = NO_SEQUENCE;
	n->rewrite = false;
	for (uint32_t i = 0; i < n->open.count; i++) {
		struct producer_batch *b = n->open.at[i];

		b->batch.producer_id = n->producer_id;
		b->batch.producer_epoch = n->epoch;
		b->batch.sequence = n->next;
		b->renumbered = true;
		n->next = sequence_after(n->next, b->batch.count);
	}
}

/* -- an id ------------------------------------------------------------------ */

/* NetworkClient.leastLoadedNode: the fewest requests in flight. */
static int32_t idlest(struct world *w, struct producer *p)
{
	struct client *c = &p->client;
	uint32_t from = (uint32_t)luck_below(&c->luck, c->node_count);
	int32_t best = NO_BROKER;

	for (uint32_t i = 0; i < c->node_count; i++) {
		int32_t node = (int32_t)((from + i) % c->node_count);

		if (!c->nodes[node].alive ||
		    c->nodes[node].retry_at > world_now(w))
			continue;
		if (best == NO_BROKER ||
		    client_in_flight(c, node) < client_in_flight(c, best))
			best = node;
	}
	return best;
}

static void ask_later(struct world *w, struct producer *p)
{
	struct producer_identity *me = &p->identity;

	me->ask_at = world_now(w) + client_backoff(&p->client, me->attempts++);
	producer_wake(w, p, me->ask_at);
}

static void ask_for_id(struct world *w, struct producer *p)
{
	struct producer_id_message *m;
	int32_t node;

	if (!p->client.node_count || p->identity.asked)
		return;
	if (p->identity.ask_at > world_now(w)) {
		producer_wake(w, p, p->identity.ask_at);
		return;
	}
	node = idlest(w, p);
	m = message_new(w, sizeof(*m), MESSAGE_INIT_PRODUCER_ID);
	m->req.head.bytes = 60;
	if (client_send(w, &p->client, node, &m->req, PRODUCER_TAG_ID, 0, NULL))
		p->identity.asked = true;
	else
		ask_later(w, p);
}

void idempotence_answered(struct world *w, struct producer *p,
			  const struct producer_id_message *m)
{
	struct producer_identity *me = &p->identity;

	me->asked = false;
	if (!m || m->error != KAFKA_NONE) {
		ask_later(w, p);
		return;
	}
	me->attempts = 0;
	me->id = m->producer_id;
	me->epoch = m->epoch;
	client_log(w, &p->client, LOG_INFO, "ProducerId set to %lld with epoch "
		   "%d (org.apache.kafka.clients.producer.internals."
		   "TransactionManager)", (long long)me->id, me->epoch);
}

/* -- gaps ------------------------------------------------------------------- */

static void want_new_epoch(struct producer *p, struct lane_numbers *n)
{
	p->identity.bump = true;
	n->rewrite = true;
}

/* isNextSequence */
static bool is_next(const struct lane_numbers *n, int32_t sequence)
{
	return sequence == (n->last_acked == NO_SEQUENCE ? 0 :
			    sequence_after(n->last_acked, 1));
}

/* maybeResolveSequences, of one partition */
static void resolve(struct world *w, struct producer *p,
		    struct producer_lane *lane)
{
	const struct partition *at =
		p->client.cluster->partitions.at[lane->partition];
	struct lane_numbers *n = &lane->numbers;

	if (n->unresolved == NO_SEQUENCE || n->open.count)
		return;
	n->unresolved = NO_SEQUENCE;
	if (is_next(n, n->next))
		return;
	client_log(w, &p->client, LOG_INFO, "No inflight batches remaining for "
		   "%s-%u, last ack'd sequence for partition is %d, next "
		   "sequence is %d. Going to bump epoch and reset sequence "
		   "numbers. (org.apache.kafka.clients.producer.internals."
		   "TransactionManager)",
		   world_text(w, at->topic->name), at->index, n->last_acked,
		   n->next);
	want_new_epoch(p, n);
}

/* bumpIdempotentProducerEpoch.  Others keep counting in the old epoch until
 * nothing of theirs is open. */
static void raise_epoch(struct producer *p)
{
	struct producer_identity *me = &p->identity;

	me->bump = false;
	if (me->epoch == INT16_MAX) {		/* resetIdempotentProducerId */
		me->id = NO_PRODUCER_ID;
		return;
	}
	me->epoch++;
	for (uint32_t i = 0; i < p->lanes.count; i++)
		if (p->lanes.at[i]->numbers.rewrite)
			begin_again(p, &p->lanes.at[i]->numbers);
}

void idempotence_prepare(struct world *w, struct producer *p)
{
	if (!p->identity.wanted)
		return;
	for (uint32_t i = 0; i < p->lanes.count; i++)
		resolve(w, p, p->lanes.at[i]);
	if (p->txn) {		/* its coordinator gives ids and epochs */
		if (p->identity.bump)
			producer_txn_gap(w, p);
		p->identity.bump = false;
		return;
	}
	if (p->identity.bump && p->identity.id != NO_PRODUCER_ID)
		raise_epoch(p);
	if (p->identity.id == NO_PRODUCER_ID)
		ask_for_id(w, p);
}

/* -- sending ---------------------------------------------------------------- */

static bool stale(const struct producer *p, const struct lane_numbers *n)
{
	return n->producer_id != p->identity.id ||
	       n->epoch != p->identity.epoch;
}

/* RecordAccumulator.shouldStopDrainBatchesForPartition, the other way round */
bool idempotence_allows(const struct producer *p,
			const struct producer_lane *lane)
{
	const struct lane_numbers *n = &lane->numbers;

	if (!p->identity.wanted)
		return true;
	if (p->identity.id == NO_PRODUCER_ID)
		return false;
	if (lane->head->batch.numbered)
		return n->open.at[0] == lane->head;
	return n->unresolved == NO_SEQUENCE &&
	       !(n->open.count && stale(p, n));
}

void idempotence_number(struct world *w, struct producer *p,
			struct producer_lane *lane, struct producer_batch *b)
{
	struct lane_numbers *n = &lane->numbers;

	if (!p->identity.wanted || b->batch.numbered)
		return;
	if (stale(p, n))
		begin_again(p, n);
	b->batch.numbered = true;
	b->batch.producer_id = n->producer_id;
	b->batch.producer_epoch = n->epoch;
	b->batch.sequence = n->next;
	n->next = sequence_after(n->next, b->batch.count);
	*vec_add(&w->arena, &n->open) = b;
}

/* -- what became of it ------------------------------------------------------ */

static void close_batch(struct lane_numbers *n, const struct producer_batch *b)
{
	for (uint32_t i = 0; i < n->open.count; i++)
		if (n->open.at[i] == b) {
			vec_remove(&n->open, i);
			return;
		}
}

static int32_t last_of(const struct producer_batch *b)
{
	return sequence_after(b->batch.sequence, b->batch.count - 1);
}

void idempotence_acked(struct producer_lane *lane,
		       const struct producer_batch *b)
{
	struct lane_numbers *n = &lane->numbers;

	if (!b->batch.numbered)
		return;
	if (last_of(b) > n->last_acked)
		n->last_acked = last_of(b);
	close_batch(n, b);
}

void idempotence_expired(struct producer_lane *lane,
			 const struct producer_batch *b)
{
	struct lane_numbers *n = &lane->numbers;
	int32_t behind = sequence_after(last_of(b), 1);

	if (!b->batch.numbered)
		return;
	if (behind > n->unresolved)
		n->unresolved = behind;
	close_batch(n, b);
}

void idempotence_failed(struct world *w, struct producer *p,
			struct producer_lane *lane,
			const struct producer_batch *b, enum kafka_error error,
			bool last_try)
{
	const struct partition *at =
		p->client.cluster->partitions.at[lane->partition];

	if (!b->batch.numbered)
		return;
	close_batch(&lane->numbers, b);
	if (error == KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER)
		client_log(w, &p->client, LOG_ERROR, "The broker returned "
			   "org.apache.kafka.common.errors.%s: %s for "
			   "topic-partition %s-%u with producerId %lld, epoch "
			   "%d, and sequence number %d (org.apache.kafka."
			   "clients.producer.internals.TransactionManager)",
			   kafka_error_class(error), kafka_error_text(error),
			   world_text(w, at->topic->name), at->index,
			   (long long)b->batch.producer_id,
			   b->batch.producer_epoch, b->batch.sequence);
	else if (last_try)
		return;
	want_new_epoch(p, &lane->numbers);
}

/* TransactionManager.canRetry.  A refusal for its number means a gap if the
 * batch is the one that should come next; else those before it will tell. */
bool idempotence_retries(struct producer *p, struct producer_lane *lane,
			 const struct producer_batch *b, enum kafka_error error)
{
	struct lane_numbers *n = &lane->numbers;

	if (!b->batch.numbered)
		return kafka_error_retriable(error);
	if (error == KAFKA_UNKNOWN_PRODUCER_ID) {
		if (!b->renumbered)
			want_new_epoch(p, n);
		return true;
	}
	if (error != KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER)
		return kafka_error_retriable(error);
	if (p->txn)
		return n->unresolved == NO_SEQUENCE &&
		       !is_next(n, b->batch.sequence);
	if (n->unresolved == NO_SEQUENCE ?
	    !b->renumbered && is_next(n, b->batch.sequence) :
	    b->batch.sequence == n->unresolved)
		want_new_epoch(p, n);
	return true;
}
