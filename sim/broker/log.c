/* log.c - an append-only log of record batches */
#include "sim/broker/log.h"

#include <assert.h>

/* Batches in a chunk: most partitions of __consumer_offsets stay empty. */
#define LOG_CHUNK	(sizeof(struct batch) * 128)

void log_open(struct world *w, struct log *log)
{
	*log = (struct log){ .batches = history_open(&w->history, LOG_CHUNK) };
}

static struct log_segment *active(struct log *log)
{
	return log->segments.count ?
	       &log->segments.at[log->segments.count - 1] : NULL;
}

static void roll(struct world *w, struct log *log, const struct batch *b,
		 int64_t segment_bytes, sim_time segment_ns)
{
	struct log_segment *s = active(log);

	if (s && s->bytes && s->bytes + b->bytes <= segment_bytes &&
	    b->last_at - s->first_at <= segment_ns)
		return;
	if (s && s->bytes == 0)
		return;
	*vec_add(&w->arena, &log->segments) = (struct log_segment){
		.base_offset = log->end_offset,
	};
}

static void extend_run(struct world *w, struct log *log, uint64_t stream_index)
{
	struct log_run *last = log->runs.count ?
			       &log->runs.at[log->runs.count - 1] : NULL;

	if (!last || last->stream_index + last->count != stream_index) {
		last = vec_add(&w->arena, &log->runs);
		last->stream_index = stream_index;
		last->base_offset = log->end_offset;
	}
	last->count++;
}

void log_append(struct world *w, struct log *log, struct batch *b,
		int64_t segment_bytes, sim_time segment_ns)
{
	struct log_segment *s;
	uint64_t at;

	assert(b->count > 0);
	roll(w, log, b, segment_bytes, segment_ns);
	b->base_offset = log->end_offset;
	if (!log->epochs.count || log_last_epoch(log) != b->leader_epoch)
		*vec_add(&w->arena, &log->epochs) = (struct log_epoch){
			b->leader_epoch, log->end_offset,
		};
	at = history_append(&w->history, log->batches, b, sizeof(*b));
	extend_run(w, log, at / sizeof(*b));
	s = active(log);
	if (!s->bytes)
		s->first_at = b->last_at;
	s->bytes += b->bytes;
	if (b->last_at > s->largest_at)
		s->largest_at = b->last_at;
	if (b->last_at > log->max_timestamp)
		log->max_timestamp = b->last_at;
	log->end_offset += b->count;
	log->bytes += b->bytes;
}

static const struct batch *batch_at(const struct world *w,
				    const struct log *log, uint32_t run,
				    uint64_t index)
{
	uint64_t at = (log->runs.at[run].stream_index + index) *
		      sizeof(struct batch);

	return history_at(&w->history, log->batches, at);
}

bool log_seek(const struct world *w, const struct log *log, int64_t offset,
	      struct log_cursor *c)
{
	uint32_t run = log->runs.count;
	uint64_t low = 0, high;
	const struct batch *b;

	if (offset < log->start_offset || offset >= log->end_offset)
		return false;
	while (run && log->runs.at[run - 1].base_offset > offset)
		run--;
	if (!run) {
		*c = (struct log_cursor){ 0, 0 };
		return log->runs.count > 0;
	}
	run--;
	high = log->runs.at[run].count;
	while (high - low > 1) {
		uint64_t mid = low + (high - low) / 2;

		if (batch_at(w, log, run, mid)->base_offset <= offset)
			low = mid;
		else
			high = mid;
	}
	b = batch_at(w, log, run, low);
	*c = (struct log_cursor){ run, low };
	if (b->base_offset + b->count <= offset)
		c->index++;		/* compacted: the next there is */
	return true;
}

const struct batch *log_read(const struct world *w, const struct log *log,
			     struct log_cursor *c)
{
	while (c->run < log->runs.count &&
	       c->index >= log->runs.at[c->run].count) {
		c->run++;
		c->index = 0;
	}
	if (c->run >= log->runs.count)
		return NULL;
	return batch_at(w, log, c->run, c->index++);
}

/* Batches are dropped whole: followers and leaders cut at batch boundaries,
 * because they hold the same batches up to where they part. */
static int64_t drop_batches(struct world *w, struct log *log, int64_t offset)
{
	int64_t bytes = 0;

	while (log->runs.count) {
		struct log_run *run = &log->runs.at[log->runs.count - 1];
		const struct batch *b = batch_at(w, log, log->runs.count - 1,
						 run->count - 1);

		if (b->base_offset + b->count <= offset)
			break;
		bytes += b->bytes;
		log->end_offset = b->base_offset;
		if (--run->count == 0)
			vec_remove(&log->runs, log->runs.count - 1);
	}
	return bytes;
}

int64_t log_truncate(struct world *w, struct log *log, int64_t offset)
{
	int64_t bytes, left;

	if (offset >= log->end_offset)
		return 0;
	bytes = left = drop_batches(w, log, offset);
	if (log->end_offset > offset)	/* compacted: there was none at it */
		log->end_offset = offset;
	while (left > 0) {
		struct log_segment *s = active(log);
		int64_t part = s->bytes < left ? s->bytes : left;

		s->bytes -= part;
		left -= part;
		if (s->bytes == 0 && log->segments.count > 1)
			vec_remove(&log->segments, log->segments.count - 1);
	}
	while (log->epochs.count &&
	       log->epochs.at[log->epochs.count - 1].start_offset >=
	       log->end_offset)
		vec_remove(&log->epochs, log->epochs.count - 1);
	log->bytes -= bytes;
	if (log->start_offset > log->end_offset)
		log->start_offset = log->end_offset;
	if (log->cleaned_to > log->end_offset)
		log->cleaned_to = log->end_offset;
	return bytes;
}

void log_begin_at(struct world *w, struct log *log, int64_t offset)
{
	vec_free(&w->arena, &log->runs);
	vec_free(&w->arena, &log->segments);
	vec_free(&w->arena, &log->epochs);
	log->bytes = 0;
	log->start_offset = log->end_offset = log->cleaned_to = offset;
}

int64_t log_drop_segments(struct log *log, uint32_t count)
{
	int64_t bytes = 0;

	assert(count < log->segments.count);
	while (count--) {
		bytes += log->segments.at[0].bytes;
		vec_remove(&log->segments, 0);
	}
	log->start_offset = log->segments.at[0].base_offset;
	log->bytes -= bytes;
	while (log->epochs.count > 1 &&
	       log->epochs.at[1].start_offset <= log->start_offset)
		vec_remove(&log->epochs, 0);
	if (log->epochs.count &&
	    log->epochs.at[0].start_offset < log->start_offset)
		log->epochs.at[0].start_offset = log->start_offset;
	return bytes;
}

void log_skip_to(struct log *log, int64_t offset)
{
	assert(offset >= log->end_offset);
	log->end_offset = offset;
}

/* -- compaction ------------------------------------------------------------ */

/* The runs from the batch on that begins at `to` or behind it. */
static void keep_runs(struct world *w, const struct log *log, int64_t to,
		      struct log *out)
{
	struct log_cursor c;

	if (!log_seek(w, log, to, &c))
		return;
	for (; c.run < log->runs.count; c.run++, c.index = 0) {
		struct log_run run = log->runs.at[c.run];

		if (c.index >= run.count)
			continue;
		run.base_offset = batch_at(w, log, c.run, c.index)->base_offset;
		run.stream_index += c.index;
		run.count -= c.index;
		*vec_add(&w->arena, &out->runs) = run;
	}
}

static void keep_segments(struct world *w, const struct log *log, int64_t to,
			  struct log *out)
{
	for (uint32_t i = 0; i < log->segments.count; i++)
		if (log->segments.at[i].base_offset >= to)
			*vec_add(&w->arena, &out->segments) =
				log->segments.at[i];
}

/* One cleaned batch at the end of what has been put together so far. */
static void put_cleaned(struct world *w, struct log *out, const struct batch *b,
			int64_t segment_bytes)
{
	struct log_segment *s = active(out);
	uint64_t at = history_append(&w->history, out->batches, b, sizeof(*b));

	out->end_offset = b->base_offset;	/* extend_run reads it */
	extend_run(w, out, at / sizeof(*b));
	if (!s || s->bytes + b->bytes > segment_bytes) {
		s = vec_add(&w->arena, &out->segments);
		s->base_offset = out->segments.count > 1 ? b->base_offset :
				 out->start_offset;
		s->first_at = b->last_at;
		s->cleaned = true;
	}
	s->bytes += b->bytes;
	if (s->largest_at < b->last_at)
		s->largest_at = b->last_at;
}

void log_replace_front(struct world *w, struct log *log, int64_t to,
		       const struct batch *kept, uint32_t count,
		       int64_t segment_bytes)
{
	struct log out = { .batches = log->batches,
			   .start_offset = log->start_offset };

	for (uint32_t i = 0; i < count; i++)
		put_cleaned(w, &out, &kept[i], segment_bytes);
	keep_runs(w, log, to, &out);
	keep_segments(w, log, to, &out);
	vec_free(&w->arena, &log->runs);
	vec_free(&w->arena, &log->segments);
	log->runs.at = out.runs.at;
	log->runs.count = out.runs.count;
	log->runs.cap = out.runs.cap;
	log->segments.at = out.segments.at;
	log->segments.count = out.segments.count;
	log->segments.cap = out.segments.cap;
	log->cleaned_to = to;
	log->bytes = 0;
	for (uint32_t i = 0; i < log->segments.count; i++)
		log->bytes += log->segments.at[i].bytes;
}

int64_t log_cleaned_bytes(const struct log *log)
{
	int64_t bytes = 0;

	for (uint32_t i = 0; i < log->segments.count; i++)
		if (log->segments.at[i].cleaned)
			bytes += log->segments.at[i].bytes;
	return bytes;
}

int64_t log_records(const struct world *w, const struct log *log, int64_t from,
		    int64_t to)
{
	int64_t whole = from > log->cleaned_to ? from : log->cleaned_to;
	int64_t n = whole < to ? to - whole : 0;
	const struct batch *b;
	struct log_cursor c;

	if (from >= log->cleaned_to || !log_seek(w, log, from, &c))
		return n;
	while ((b = log_read(w, log, &c)) && b->base_offset < to &&
	       b->base_offset < log->cleaned_to) {
		int64_t first = b->base_offset < from ? from : b->base_offset;
		int64_t end = b->base_offset + b->count;

		n += (end < to ? end : to) - first;
	}
	return n;
}

int64_t log_offset_for_time(const struct world *w, const struct log *log,
			    sim_time at, sim_time *found_at)
{
	struct log_cursor c;
	const struct batch *b;

	if (!log_seek(w, log, log->start_offset, &c))
		return -1;
	while ((b = log_read(w, log, &c))) {
		if (b->last_at < at || b->base_offset < log->start_offset)
			continue;
		/* Inside a batch the times are taken as evenly spaced. */
		for (uint32_t i = 0; i < b->count; i++) {
			sim_time t = b->count > 1 ? b->first_at +
				(b->last_at - b->first_at) / (b->count - 1) * i :
				b->first_at;

			if (t >= at || i + 1 == b->count) {
				*found_at = t;
				return b->base_offset + i;
			}
		}
	}
	return -1;
}

int64_t log_epoch_end(const struct log *log, int32_t epoch, int32_t *known)
{
	uint32_t i = log->epochs.count;

	while (i && log->epochs.at[i - 1].epoch > epoch)
		i--;
	if (!i) {
		*known = -1;
		return -1;
	}
	*known = log->epochs.at[i - 1].epoch;
	return i < log->epochs.count ? log->epochs.at[i].start_offset :
	       log->end_offset;
}

int32_t log_last_epoch(const struct log *log)
{
	return log->epochs.count ? log->epochs.at[log->epochs.count - 1].epoch :
	       -1;
}
