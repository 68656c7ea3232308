/* txn_state.c - transactions and their records in __transaction_state
 *
 * A record's key is the transactional id, its value all that is known of it,
 * as text (TransactionLog: TransactionLogKey, -Value): so the last record of an
 * id is its state, and the topic can be compacted.
 */
#include "sim/broker/txn.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/broker/events.h"
#include "sim/broker/murmur.h"

struct txns *txns_new(struct world *w, struct broker *b)
{
	struct txns *t = world_take(w, struct txns);

	t->broker = b;
	return t;
}

const char *txn_state_name(enum txn_state s)
{
	static const char *const names[] = {
		[TXN_EMPTY] = "Empty", [TXN_ONGOING] = "Ongoing",
		[TXN_PREPARE_COMMIT] = "PrepareCommit",
		[TXN_PREPARE_ABORT] = "PrepareAbort",
		[TXN_COMPLETE_COMMIT] = "CompleteCommit",
		[TXN_COMPLETE_ABORT] = "CompleteAbort",
		[TXN_DEAD] = "Dead",
		[TXN_PREPARE_EPOCH_FENCE] = "PrepareEpochFence",
	};

	return names[s];
}

sim_time txn_clock(const struct world *w, const struct txns *t)
{
	return machine_wall(w, t->broker->process->machine);
}

/* -- which are ours -------------------------------------------------------- */

struct txn *txn_find(const struct txns *t, name_id id)
{
	return map_get(&t->by_id, id);
}

uint32_t txn_slot_of(const char *id, uint32_t partitions)
{
	return ((uint32_t)java_string_hash(id) & 0x7fffffffu) % partitions;
}

bool txn_state_partition(const struct world *w, const struct cluster *c,
			 name_id id, uint32_t *partition)
{
	struct topic *t = cluster_topic(w, c, TXN_STATE_TOPIC);

	if (!t)
		return false;
	*partition = t->partitions.at[txn_slot_of(world_text(w, id),
						  t->partitions.count)]->id;
	return true;
}

/* NULL: none is ours. */
struct txn_slot *txn_slot(const struct txns *t, name_id id,
			  const struct world *w)
{
	return t->slots.count ?
	       &t->slots.at[txn_slot_of(world_text(w, id), t->slots.count)] :
	       NULL;
}

enum kafka_error txn_ours(const struct world *w, const struct txns *t,
			  name_id id)
{
	const struct txn_slot *s = txn_slot(t, id, w);

	if (!s || !s->ours)
		return KAFKA_NOT_COORDINATOR;
	return s->loading ? KAFKA_COORDINATOR_LOAD_IN_PROGRESS : KAFKA_NONE;
}

struct txn *txn_new(struct world *w, struct txns *t, name_id id)
{
	struct txn *x = world_take(w, struct txn);

	x->txns = t;
	x->id = id;
	x->producer_id = -1;
	x->epoch = x->last_epoch = NO_PRODUCER_EPOCH;
	x->started_at = -1;
	map_put(&t->by_id, &w->arena, id, x);
	return x;
}

void txn_free(struct world *w, struct txn *x)
{
	world_cancel(w, &x->markers);
	vec_free(&w->arena, &x->parts);
	map_remove(&x->txns->by_id, x->id);
	world_give(w, x);
}

/* -- moves ----------------------------------------------------------------- */

struct txn_move txn_move_to(struct world *w, const struct txn *x,
			    enum txn_state state)
{
	return (struct txn_move){
		.producer_id = x->producer_id, .epoch = x->epoch,
		.last_epoch = x->last_epoch, .timeout = x->timeout,
		.state = state, .started_at = x->started_at,
		.updated_at = txn_clock(w, x->txns), .keeps_parts = true,
	};
}

static void move_release(struct world *w, struct txn_move *m)
{
	arena_free(&w->arena, m->added, m->added_count * sizeof(*m->added));
}

/* TransactionMetadata.completeTransitionTo */
static void make(struct world *w, struct txn *x, const struct txn_move *m)
{
	x->producer_id = m->producer_id;
	x->epoch = m->epoch;
	x->last_epoch = m->last_epoch;
	x->timeout = m->timeout;
	x->state = m->state;
	x->started_at = m->started_at;
	x->updated_at = m->updated_at;
	x->pending = false;
	if (!m->keeps_parts)
		x->parts.count = 0;
	for (uint32_t i = 0; i < m->added_count; i++)
		*vec_add(&w->arena, &x->parts) = (struct txn_part){
			.partition = m->added[i],
		};
}

/* -- their records --------------------------------------------------------- */

static void write_value(struct text *t, const struct txn *x,
			const struct txn_move *m)
{
	text_addf(t, "%lld %d %d %lld %d %lld %lld", (long long)m->producer_id,
		  m->epoch, m->last_epoch, (long long)m->timeout, (int)m->state,
		  (long long)m->started_at, (long long)m->updated_at);
	for (uint32_t i = 0; m->keeps_parts && i < x->parts.count; i++)
		text_addf(t, " %u", x->parts.at[i].partition);
	for (uint32_t i = 0; i < m->added_count; i++)
		text_addf(t, " %u", m->added[i]);
}

/* Dead: a tombstone. */
static struct batch record_of(struct world *w, const struct txn *x,
			      const struct txn_move *m)
{
	sim_time now = txn_clock(w, x->txns);
	const char *id = world_text(w, x->id);
	struct text value = {0}, payload = {0};
	struct batch b = { .first_at = now, .last_at = now, .count = 1 };

	write_value(&value, x, m);
	record_write(&payload, now, &(struct record){
		.key = id, .key_len = (int32_t)strlen(id),
		.value = text_cstr(&value),
		.value_len = m->state == TXN_DEAD ? -1 : (int32_t)value.len,
	});
	b.bytes = (uint32_t)(BATCH_OVERHEAD_BYTES + payload.len);
	b.content = history_append(&w->history, x->txns->broker->cluster->payload,
				   payload.at, payload.len);
	text_free(&value);
	text_free(&payload);
	return b;
}

/* A move that is being written. */
struct txn_append {
	struct txns *txns;
	name_id id;
	int32_t epoch;			/* the coordinator's */
	struct txn_move move;
	enum txn_after after;
	struct txn_request *request;
};

/* The errors of an append, as clients are told (appendTransactionToLog). */
static enum kafka_error told(enum kafka_error e)
{
	switch (e) {
	case KAFKA_NONE:
		return KAFKA_NONE;
	case KAFKA_NOT_LEADER_OR_FOLLOWER:
	case KAFKA_STORAGE_ERROR:
		return KAFKA_NOT_COORDINATOR;
	default:
		return KAFKA_COORDINATOR_NOT_AVAILABLE;
	}
}

static void done(struct world *w, struct txn_append *a, enum kafka_error error)
{
	struct txn *x = txn_find(a->txns, a->id);
	const struct txn_slot *s = txn_slot(a->txns, a->id, w);

	if (!x || !s || !s->ours || s->loading || s->epoch != a->epoch) {
		error = KAFKA_NOT_COORDINATOR;
		x = NULL;
	} else if (error == KAFKA_NONE) {
		make(w, x, &a->move);
	} else {
		x->pending = false;
	}
	move_release(w, &a->move);
	txn_moved(w, a->txns, x, a->after, a->request, error);
	world_give(w, a);
}

void txn_write(struct world *w, struct txn *x, const struct txn_move *move,
	       enum txn_after after, struct txn_request *request)
{
	struct txn_append *a = world_take(w, struct txn_append);
	struct batch b = record_of(w, x, move);
	enum kafka_error error;
	uint32_t partition;

	*a = (struct txn_append){
		.txns = x->txns, .id = x->id, .move = *move, .after = after,
		.epoch = txn_slot(x->txns, x->id, w)->epoch, .request = request,
	};
	x->pending = true;
	x->next = move->state;
	if (!txn_state_partition(w, x->txns->broker->cluster, x->id,
				 &partition)) {
		done(w, a, KAFKA_NOT_COORDINATOR);
		return;
	}
	error = produce_own(w, x->txns->broker, partition, &b, TXN_APPENDED, a);
	if (error != KAFKA_NONE)
		done(w, a, told(error));
}

void txn_appended(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;

	(void)arg;
	done(w, p->internal_self, told(p->reply->parts[0].error));
}

/* -- reading them again ----------------------------------------------------- */

static long long number(const char **p, const char *end)
{
	char digits[24];
	size_t n = 0;

	while (*p < end && **p == ' ')
		(*p)++;
	while (*p < end && **p != ' ' && n + 1 < sizeof(digits))
		digits[n++] = *(*p)++;
	digits[n] = '\0';
	return strtoll(digits, NULL, 10);
}

static void load_record(struct world *w, struct txns *t,
			const struct record_view *r)
{
	name_id id = names_intern_bytes(&w->state->names, &w->arena, r->key,
					(size_t)r->key_len);
	const char *p = r->value, *end = r->value + r->value_len;
	struct txn *x = txn_find(t, id);

	if (r->value_len < 0) {
		if (x)
			txn_free(w, x);
		return;
	}
	if (!x)
		x = txn_new(w, t, id);
	x->producer_id = number(&p, end);
	x->epoch = (int16_t)number(&p, end);
	x->last_epoch = (int16_t)number(&p, end);
	x->timeout = number(&p, end);
	x->state = (enum txn_state)number(&p, end);
	x->started_at = number(&p, end);
	x->updated_at = number(&p, end);
	x->parts.count = 0;
	while (p < end)
		*vec_add(&w->arena, &x->parts) = (struct txn_part){
			.partition = (uint32_t)number(&p, end),
		};
}

static struct replica *slot_replica(struct world *w, const struct txns *t,
				    uint32_t index)
{
	const struct topic *topic = cluster_topic(w, t->broker->cluster,
						  TXN_STATE_TOPIC);

	return topic ? broker_replica(t->broker,
				      topic->partitions.at[index]->id) : NULL;
}

static void load(struct world *w, struct txns *t, const struct replica *r)
{
	struct cluster *c = t->broker->cluster;
	const struct batch *b;
	struct log_cursor cursor;
	struct record_view view;

	if (!log_seek(w, &r->log, r->log.start_offset, &cursor))
		return;
	while ((b = log_read(w, &r->log, &cursor)))
		for (uint32_t i = 0; i < b->count; i++) {
			record_read(w, c, b, i, &view, NULL);
			load_record(w, t, &view);
		}
}

static bool of_slot(const struct world *w, const struct txns *t,
		    const struct txn *x, uint32_t index)
{
	return txn_slot_of(world_text(w, x->id), t->slots.count) == index;
}

static void unload(struct world *w, struct txns *t, uint32_t index)
{
	for (uint32_t i = 0; i < t->by_id.count; i++)
		if (t->by_id.entries[i].value &&
		    of_slot(w, t, t->by_id.entries[i].value, index))
			txn_free(w, t->by_id.entries[i].value);
}

/* What a predecessor has decided and not finished (loadTransactionsForTxnTopic
 * Partition): its markers. */
static uint32_t take_up(struct world *w, struct txns *t, uint32_t index)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->by_id.count; i++) {
		struct txn *x = t->by_id.entries[i].value;

		if (!x || !of_slot(w, t, x, index))
			continue;
		n++;
		if (x->state == TXN_PREPARE_COMMIT ||
		    x->state == TXN_PREPARE_ABORT)
			txn_markers_send(w, x);
	}
	return n;
}

/* The partition has been read.  arg: its index. */
void txn_loaded(struct world *w, void *who, uint16_t arg)
{
	struct txns *t = who;
	struct replica *r = slot_replica(w, t, arg);
	struct txn_slot *s = &t->slots.at[arg];

	if (!s->ours || !s->loading || !r || r->role != REPLICA_LEADER)
		return;
	load(w, t, r);
	s->loading = false;
	s->epoch = r->leader_epoch;
	log_write(w, t->broker->process, LOG_INFO, "[Transaction State Manager "
		  "%d]: Finished loading %u transaction metadata from "
		  TXN_STATE_TOPIC "-%u (kafka.coordinator.transaction."
		  "TransactionStateManager)", t->broker->node_id,
		  take_up(w, t, arg), arg);
}

/* Reading takes as long as the log takes to be read.  Simplified: one read of
 * the whole file, and none of what the cleaner wrote. */
static void begin_loading(struct world *w, struct txns *t, uint32_t index)
{
	struct replica *r = slot_replica(w, t, index);
	sim_time ready = world_now(w);

	t->slots.at[index].loading = true;
	if (!r->log.bytes) {
		t->slots.at[index].loading = false;
		return;
	}
	log_write(w, t->broker->process, LOG_INFO, "[Transaction State Manager "
		  "%d]: Loading transaction metadata from " TXN_STATE_TOPIC
		  "-%u at epoch %d (kafka.coordinator.transaction."
		  "TransactionStateManager)", t->broker->node_id, index,
		  r->leader_epoch);
	if (file_read(w, r->file, 0, r->file->end, &ready) != DISK_OK)
		ready = world_now(w) + SIM_MS(100);
	process_at(w, t->broker->process, ready, TXN_LOADED, t,
		   (uint16_t)index);
}

void txns_partition(struct world *w, struct txns *t, uint32_t index, bool ours,
		    int32_t epoch)
{
	struct topic *topic = cluster_topic(w, t->broker->cluster,
					    TXN_STATE_TOPIC);
	struct txn_slot *s;

	while (t->slots.count < topic->partitions.count)
		vec_add(&w->arena, &t->slots);
	s = &t->slots.at[index];
	if (s->ours == ours && (!ours || s->epoch == epoch))
		return;
	unload(w, t, index);
	*s = (struct txn_slot){ .ours = ours, .epoch = epoch };
	if (!ours)
		return;
	txns_start(w, t);
	begin_loading(w, t, index);
}
