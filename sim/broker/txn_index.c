/* txn_index.c - which transactions a log holds: open, ended, aborted */
#include "sim/broker/txn_index.h"

void txn_index_begin(struct world *w, struct txn_index *x, int64_t producer_id,
		     int64_t first, sim_time at)
{
	*vec_add(&w->arena, &x->open) = (struct open_txn){
		.producer_id = producer_id, .first = first, .since = at,
	};
}

/* ProducerStateManager.lastStableOffset: where the oldest open one begins, else
 * right behind the marker. */
static int64_t stable_behind(const struct txn_index *x, int64_t marker)
{
	return x->open.count ? x->open.at[0].first : marker + 1;
}

void txn_index_end(struct world *w, struct txn_index *x, int64_t producer_id,
		   int64_t marker, bool abort)
{
	struct open_txn t;
	uint32_t i = 0;

	while (i < x->open.count && x->open.at[i].producer_id != producer_id)
		i++;
	if (i == x->open.count)
		return;		/* a marker without records changes nothing */
	t = x->open.at[i];
	vec_remove(&x->open, i);
	*vec_add(&w->arena, &x->ended) = (struct ended_txn){ t.first, marker };
	if (!abort)
		return;
	*vec_add(&w->arena, &x->aborted) = (struct aborted_txn){
		.producer_id = producer_id, .first = t.first, .last = marker,
		.last_stable = stable_behind(x, marker),
	};
}

void txn_index_clear(struct world *w, struct txn_index *x)
{
	vec_free(&w->arena, &x->open);
	vec_free(&w->arena, &x->ended);
	vec_free(&w->arena, &x->aborted);
}

/* ProducerStateManager.onHighWatermarkUpdated */
static void forget_replicated(struct txn_index *x, int64_t high_watermark)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < x->ended.count; i++)
		if (x->ended.at[i].marker >= high_watermark)
			x->ended.at[kept++] = x->ended.at[i];
	memset(&x->ended.at[kept], 0,
	       (x->ended.count - kept) * sizeof(*x->ended.at));
	x->ended.count = kept;
}

int64_t txn_index_stable(struct txn_index *x, int64_t high_watermark)
{
	int64_t stable = high_watermark;

	if (x->ended.count)
		forget_replicated(x, high_watermark);
	if (x->open.count && x->open.at[0].first < stable)
		stable = x->open.at[0].first;
	for (uint32_t i = 0; i < x->ended.count; i++)
		if (x->ended.at[i].first < stable)
			stable = x->ended.at[i].first;
	return stable;
}

/* The first whose marker is at or behind `offset`. */
static uint32_t first_ending_at(const struct txn_index *x, int64_t offset)
{
	uint32_t low = 0, high = x->aborted.count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (x->aborted.at[mid].last < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint32_t txn_index_aborted(const struct txn_index *x, int64_t from, int64_t to,
			   struct aborted_txn *out)
{
	uint32_t n = 0;

	for (uint32_t i = first_ending_at(x, from); i < x->aborted.count; i++) {
		const struct aborted_txn *t = &x->aborted.at[i];

		if (t->first < to) {
			if (out)
				out[n] = *t;
			n++;
		}
		if (t->last_stable >= to)
			break;	/* none behind it begins before `to` */
	}
	return n;
}

bool txn_index_is_aborted(const struct txn_index *x, int64_t producer_id,
			  int64_t offset)
{
	for (uint32_t i = first_ending_at(x, offset); i < x->aborted.count; i++)
		if (x->aborted.at[i].producer_id == producer_id)
			return x->aborted.at[i].first <= offset;
	return false;
}
