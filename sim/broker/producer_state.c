/* producer_state.c - what a log knows of the producers that wrote it */
#include "sim/broker/producer_state.h"

#include <string.h>

/* DefaultRecordBatch.incrementSequence */
int32_t sequence_after(int32_t sequence, uint32_t count)
{
	return (int32_t)(((uint32_t)sequence + count) & INT32_MAX);
}

static int32_t last_sequence(const struct batch *b)
{
	return sequence_after(b->sequence, b->count - 1);
}

const struct producer_entry *producer_states_find(
	const struct producer_states *s, int64_t id)
{
	return map_get(&s->by_id, (uint64_t)id);
}

/* -- may it be appended? --------------------------------------------------- */

/* ProducerStateEntry.findDuplicateBatch: the same epoch and the same range. */
static int64_t find_duplicate(const struct producer_entry *e,
			      const struct batch *b)
{
	for (uint32_t i = 0; e->epoch == b->producer_epoch && i < e->count; i++)
		if (e->batches[i].first == b->sequence &&
		    e->batches[i].last == last_sequence(b))
			return e->batches[i].base_offset;
	return -1;
}

static enum kafka_error old_epoch(const struct producer_entry *e,
				  const struct batch *b, int64_t end,
				  const char *topic, uint32_t index,
				  struct text *why)
{
	text_addf(why, "Epoch of producer %lld at offset %lld in %s-%u is %d, "
		  "which is smaller than the last seen epoch %d",
		  (long long)e->id, (long long)end, topic, index,
		  b->producer_epoch, e->epoch);
	return KAFKA_INVALID_PRODUCER_EPOCH;
}

/* Both sentences of ProducerAppendInfo.checkSequence begin alike. */
static enum kafka_error out_of_order(const struct producer_entry *e,
				     const struct batch *b, int64_t end,
				     const char *topic, uint32_t index,
				     struct text *why)
{
	bool is_new = b->producer_epoch > e->epoch;

	text_addf(why, "%s producer %lld at offset %lld in partition %s-%u: ",
		  is_new ? "Invalid sequence number for new epoch of" :
		  "Out of order sequence number for", (long long)e->id,
		  (long long)end, topic, index);
	if (is_new)
		text_addf(why, "%d (request epoch), %d (seq. number), "
			  "%d (current producer epoch)", b->producer_epoch,
			  b->sequence, e->epoch);
	else
		text_addf(why, "%d (incoming seq. number), "
			  "%d (current end sequence number)", b->sequence,
			  e->count ? e->batches[e->count - 1].last : -1);
	return KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER;
}

/* Is it what comes next?  A new epoch begins at 0. */
static bool continues(const struct producer_entry *e, const struct batch *b)
{
	if (b->producer_epoch > e->epoch)
		return b->sequence == 0;
	/* Of this epoch there may be a marker only: then 0 comes next. */
	return b->sequence == (e->count ?
		sequence_after(e->batches[e->count - 1].last, 1) : 0);
}

enum kafka_error producer_states_check(const struct producer_states *s,
				       const struct batch *b, int64_t end,
				       const char *topic, uint32_t index,
				       int64_t *stored_at, struct text *why)
{
	const struct producer_entry *e = producer_states_find(s, b->producer_id);

	*stored_at = -1;
	if (!e)
		return KAFKA_NONE;
	*stored_at = find_duplicate(e, b);
	if (*stored_at >= 0)
		return KAFKA_NONE;
	if (b->producer_epoch < e->epoch)
		return old_epoch(e, b, end, topic, index, why);
	return continues(e, b) ? KAFKA_NONE :
	       out_of_order(e, b, end, topic, index, why);
}

/* ProducerAppendInfo.checkProducerEpoch, checkCoordinatorEpoch */
enum kafka_error producer_states_check_marker(const struct producer_states *s,
					      const struct batch *b, int64_t end,
					      const char *topic, uint32_t index,
					      struct text *why)
{
	const struct producer_entry *e = producer_states_find(s, b->producer_id);

	if (!e)
		return KAFKA_NONE;
	if (b->producer_epoch < e->epoch)
		return old_epoch(e, b, end, topic, index, why);
	if (b->coordinator_epoch >= e->coordinator_epoch)
		return KAFKA_NONE;
	text_addf(why, "Invalid coordinator epoch for producerId %lld at offset "
		  "%lld in partition %s-%u: %d (zombie), %d (current)",
		  (long long)e->id, (long long)end, topic, index,
		  b->coordinator_epoch, e->coordinator_epoch);
	return KAFKA_TRANSACTION_COORDINATOR_FENCED;
}

/* -- what was appended ------------------------------------------------------ */

static struct producer_entry *entry_for(struct world *w,
					struct producer_states *s,
					const struct batch *b)
{
	struct producer_entry *e = map_get(&s->by_id,
					   (uint64_t)b->producer_id);

	if (!e) {
		e = world_take(w, struct producer_entry);
		e->id = b->producer_id;
		e->epoch = b->producer_epoch;
		e->txn_first = e->coordinator_epoch = -1;
		map_put(&s->by_id, &w->arena, (uint64_t)e->id, e);
	}
	if (e->epoch != b->producer_epoch) {
		e->epoch = b->producer_epoch;
		e->count = 0;
	}
	return e;
}

static void note_marker(struct world *w, struct producer_states *s,
			struct producer_entry *e, const struct batch *b)
{
	e->coordinator_epoch = b->coordinator_epoch;
	e->txn_first = -1;
	txn_index_end(w, &s->txns, e->id, b->base_offset,
		      b->control == CONTROL_ABORT);
}

static void note_numbers(struct producer_entry *e, const struct batch *b)
{
	if (e->count == PRODUCER_BATCHES)
		memmove(e->batches, e->batches + 1,
			--e->count * sizeof(*e->batches));
	e->batches[e->count++] = (struct numbered_batch){
		.first = b->sequence, .last = last_sequence(b),
		.base_offset = b->base_offset,
	};
}

void producer_states_note(struct world *w, struct producer_states *s,
			  const struct batch *b)
{
	struct producer_entry *e = entry_for(w, s, b);

	e->last_at = b->last_at;
	if (b->control) {
		note_marker(w, s, e, b);
		return;
	}
	if (b->numbered)
		note_numbers(e, b);
	if (!b->transactional || e->txn_first >= 0)
		return;
	e->txn_first = b->base_offset;
	txn_index_begin(w, &s->txns, e->id, e->txn_first, b->first_at);
}

void producer_states_clear(struct world *w, struct producer_states *s)
{
	for (uint32_t i = 0; i < s->by_id.count; i++)
		if (s->by_id.entries[i].value)
			world_give(w, (struct producer_entry *)
				      s->by_id.entries[i].value);
	map_free(&s->by_id, &w->arena);
	txn_index_clear(w, &s->txns);
}

void producer_states_forget(struct world *w, struct producer_states *s)
{
	producer_states_clear(w, s);
	vec_free(&w->arena, &s->snapshot.entries);
	s->snapshot.offset = 0;
}

static void load_snapshot(struct world *w, struct producer_states *s)
{
	for (uint32_t i = 0; i < s->snapshot.entries.count; i++) {
		struct producer_entry *e = world_take(w, struct producer_entry);

		*e = s->snapshot.entries.at[i];
		map_put(&s->by_id, &w->arena, (uint64_t)e->id, e);
		if (e->txn_first >= 0)
			txn_index_begin(w, &s->txns, e->id, e->txn_first,
					e->last_at);
	}
}

/* Learn from the snapshot and from the batches behind it that begin below
 * `to`. */
static void learn(struct world *w, struct producer_states *s,
		  const struct log *log, int64_t to)
{
	int64_t from = s->snapshot.offset > log->start_offset ?
		       s->snapshot.offset : log->start_offset;
	const struct batch *b;
	struct log_cursor c;

	load_snapshot(w, s);
	if (!log_seek(w, log, from, &c))
		return;
	while ((b = log_read(w, log, &c)) && b->base_offset < to)
		if (batch_has_producer(b))
			producer_states_note(w, s, b);
}

void producer_states_rebuild(struct world *w, struct producer_states *s,
			     const struct log *log)
{
	producer_states_clear(w, s);
	if (s->snapshot.offset > log->end_offset)	/* of what was cut */
		producer_states_forget(w, s);
	learn(w, s, log, INT64_MAX);
}

void producer_states_snapshot(struct world *w, struct producer_states *s,
			      const struct log *log, int64_t to)
{
	struct producer_states then = { .snapshot = s->snapshot };
	struct producer_snapshot taken = { .offset = to };

	learn(w, &then, log, to);
	for (uint32_t i = 0; i < then.by_id.count; i++)
		if (then.by_id.entries[i].value)
			*vec_add(&w->arena, &taken.entries) =
				*(struct producer_entry *)
				 then.by_id.entries[i].value;
	producer_states_clear(w, &then);
	vec_free(&w->arena, &s->snapshot.entries);
	s->snapshot = taken;
}

void producer_states_expire(struct world *w, struct producer_states *s,
			    sim_time before)
{
	for (uint32_t i = 0; i < s->by_id.count; i++) {
		struct producer_entry *e = s->by_id.entries[i].value;

		/* Whose transaction is open is never forgotten. */
		if (!e || e->last_at >= before || e->txn_first >= 0)
			continue;
		map_remove(&s->by_id, (uint64_t)e->id);
		world_give(w, e);
	}
}
