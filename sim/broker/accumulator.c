/* accumulator.c - batches that are filled, and wait (RecordAccumulator) */
#include "sim/broker/producer_inside.h"

#include <assert.h>
#include <string.h>

#include "sim/broker/client_trace.h"

struct producer_lane *producer_lane(const struct producer *p, uint32_t partition)
{
	return map_get(&p->lanes_by_partition, partition);
}

struct producer_lane *accumulator_lane(struct world *w, struct producer *p,
				       uint32_t partition)
{
	struct producer_lane *lane = producer_lane(p, partition);

	if (lane)
		return lane;
	lane = world_take(w, struct producer_lane);
	lane->partition = partition;
	numbers_init(&lane->numbers);
	*vec_add(&w->arena, &p->lanes) = lane;
	map_put(&p->lanes_by_partition, &w->arena, partition, lane);
	return lane;
}

static struct producer_batch *batch_new(struct world *w, struct producer *p,
					struct producer_lane *lane)
{
	struct producer_batch *b = world_take(w, struct producer_batch);

	b->created_at = world_now(w);
	b->batch.bytes = BATCH_OVERHEAD_BYTES;
	b->batch.producer = p->client.host->process->id;
	if (lane->tail) {
		lane->tail->closed = true;
		lane->tail->next = b;
	} else {
		lane->head = b;
	}
	lane->tail = b;
	lane->queued++;
	return b;
}

void accumulator_free(struct world *w, struct producer *p,
		      struct producer_batch *b)
{
	p->buffered_bytes -= b->raw_bytes ? b->raw_bytes : b->batch.bytes;
	trace_dropped(w, b);
	arena_free(&w->arena, b->payload, b->payload_cap);
	world_give(w, b);
}

/* batch.size is meant of packed batches: the client estimates how far they will
 * shrink (CompressionRatioEstimator).  Simplified: it knows. */
static bool fits_in(const struct producer *p, const struct producer_batch *b,
		    uint32_t more)
{
	return codec_pack(p->config.codec, b->batch.bytes + more) <=
	       p->config.batch_bytes;
}

static bool full(const struct producer *p, const struct producer_lane *lane)
{
	return lane->queued > 1 || lane->head->closed ||
	       !fits_in(p, lane->head, 1);
}

static void batch_grew(struct world *w, struct producer *p,
		       struct producer_lane *lane, uint32_t bytes)
{
	p->buffered_bytes += bytes;
	producer_wake(w, p, full(p, lane) || p->flushing ? world_now(w) :
		lane->head->created_at + config_ms(p->config.linger_ms));
}

/* -- filling ------------------------------------------------------------- */

bool accumulator_has_room(const struct producer *p, int64_t bytes)
{
	return p->buffered_bytes + bytes <= p->config.buffer_bytes;
}

void accumulator_add_run(struct world *w, struct producer *p,
			 uint32_t partition, uint32_t source,
			 uint32_t lane_number, uint64_t first, uint32_t count,
			 uint32_t bytes, sim_time first_at, sim_time last_at)
{
	struct producer_lane *lane = accumulator_lane(w, p, partition);
	struct producer_batch *b = lane->tail;
	bool fits = b && !b->closed && b->batch.source == source &&
		    b->batch.lane == lane_number &&
		    b->batch.content + b->batch.count == first &&
		    fits_in(p, b, bytes);

	assert(count > 0);
	if (!fits) {
		b = batch_new(w, p, lane);
		b->batch.source = source;
		b->batch.lane = lane_number;
		b->batch.content = first;
		b->batch.first_at = first_at;
		p->buffered_bytes += BATCH_OVERHEAD_BYTES;
	}
	b->batch.count += count;
	b->batch.bytes += bytes;
	b->batch.last_at = last_at;
	batch_grew(w, p, lane, bytes);
}

/* Room for `len` more bytes of explicit records. */
static char *payload_room(struct world *w, struct producer_batch *b,
			  uint32_t len)
{
	uint32_t cap = b->payload_cap ? b->payload_cap : 256;

	while (cap < b->payload_len + len)
		cap *= 2;
	if (cap > b->payload_cap)
		b->payload = arena_grow(&w->arena, b->payload, b->payload_cap,
					cap);
	b->payload_cap = cap;
	return b->payload + b->payload_len;
}

void accumulator_add(struct world *w, struct producer *p,
		     struct producer_lane *lane, sim_time at,
		     const struct record *r, struct span *span)
{
	struct text record = {0};
	struct producer_batch *b = lane->tail;
	uint32_t bytes = record_bytes(r);

	cpu_spend(w, p->client.host->process, producer_cost(1, bytes));
	if (!b || b->closed || b->batch.source || !fits_in(p, b, bytes)) {
		b = batch_new(w, p, lane);
		b->batch.first_at = at;
		p->buffered_bytes += BATCH_OVERHEAD_BYTES;
	}
	record_write(&record, at, r);
	memcpy(payload_room(w, b, (uint32_t)record.len), record.at, record.len);
	b->payload_len += (uint32_t)record.len;
	text_free(&record);
	if (span)
		*vec_add(&w->arena, &b->spans) = span;
	b->batch.count++;
	b->batch.bytes += bytes;
	b->batch.last_at = at;
	batch_grew(w, p, lane, bytes);
}

/* -- leaving, and coming back ---------------------------------------------- */

struct producer_batch *accumulator_pop(struct producer_lane *lane)
{
	struct producer_batch *b = lane->head;

	lane->head = b->next;
	b->next = NULL;
	if (!lane->head)
		lane->tail = NULL;
	lane->queued--;
	return b;
}

sim_time accumulator_ready_at(const struct producer *p,
			      const struct producer_lane *lane)
{
	const struct producer_batch *b = lane->head;

	if (b->attempts)
		return b->retry_at;
	if (full(p, lane) || p->flushing)
		return 0;
	return b->created_at + config_ms(p->config.linger_ms);
}

/* Does `a` stay in front of `b`, which comes back?  Those that are numbered lie
 * by number (RecordAccumulator.insertInSequenceOrder). */
static bool goes_first(const struct producer_batch *a,
		       const struct producer_batch *b)
{
	return b->batch.numbered && a->batch.numbered &&
	       a->batch.sequence < b->batch.sequence;
}

/* Back in front of its lane.  Without numbers later batches may already have
 * gone: order is lost, as in the real client. */
void accumulator_put_back(struct producer_lane *lane, struct producer_batch *b)
{
	struct producer_batch **at = &lane->head;

	while (*at && goes_first(*at, b))
		at = &(*at)->next;
	b->next = *at;
	*at = b;
	if (!b->next)
		lane->tail = b;
	lane->queued++;
}
