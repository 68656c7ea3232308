/* log.h - an append-only log of record batches: one replica of one partition
 *
 *	 log start                          high watermark    log end
 *	     │                                    │              │
 *	┌────▼──────────────┬─────────────────────▼────┬─────────▼
 *	│ segment 0         │ segment 4711             │ active
 *	└───────────────────┴──────────────────────────┴──────────
 *
 * Offsets count records, from 0.  Where a log has been compacted (cleaner.h)
 * records are missing, and the offsets of the others stay: whoever reads goes on
 * to the next batch there is.  The unit on disk, on the wire
 * and here is the batch (Kafka: record batch v2).  A batch is explicit (its
 * records lie as bytes in the cluster's payload stream) or procedural: record
 * i is a pure function of (source, content + i), so that a million readings
 * need no storage and each of them can still be printed (design D5).
 *
 * Batches lie in a history stream that only grows.  Truncation, which a
 * follower does when it finds that its leader went another way, must not cut a
 * stream, or there would be no way back in time: the log is a list of *runs*
 * of that stream; truncating shortens the last run, the next append begins a
 * new one.
 */
#ifndef SIM_BROKER_LOG_H
#define SIM_BROKER_LOG_H

#include "sim/core/vec.h"
#include "sim/core/world.h"

/* What the one record of a control batch says (KIP-98): txn_index.h. */
enum control { CONTROL_NONE, CONTROL_COMMIT, CONTROL_ABORT };

struct batch {
	int64_t base_offset;
	sim_time first_at, last_at;	/* CreateTime of first and last record */
	uint32_t count;			/* records */
	uint32_t bytes;			/* on disk and wire, header included */
	uint32_t source;		/* 0: explicit; else see records.h */
	int32_t leader_epoch;
	uint64_t content;		/* explicit: place in the payload stream;
					   procedural: number of first record */
	uint32_t lane;			/* procedural: which lane of the source */
	uint32_t producer;		/* client that sent it, for accounting */
	int64_t position;		/* where it lies in its replica's file */
	int64_t producer_id;		/* these three only if it is numbered */
	int32_t sequence;		/* of its first record */
	int16_t producer_epoch;
	bool numbered;			/* by an idempotent producer; else tools
					   show -1 for all three */
	uint8_t codec;			/* enum codec: how `bytes` are packed */
	bool append_time;		/* its records have last_at, the time at
					   which the leader appended it */
	bool cleaned;			/* lies in the file that the cleaner
					   wrote, not where it was appended */
	uint8_t control;		/* enum control: ends a transaction */
	bool transactional;		/* counts once a marker says so */
	int32_t coordinator_epoch;	/* of a marker: who wrote it */
	sim_time horizon;		/* its tombstones may go then; 0: the
					   cleaner has not seen them yet */
};

/* Does it say who wrote it?  One that is numbered, of a transaction, a marker. */
static inline bool batch_has_producer(const struct batch *b)
{
	return b->numbered || b->transactional || b->control;
}

#define BATCH_OVERHEAD_BYTES	61	/* record batch header v2, KIP-98 */
#define RECORD_OVERHEAD_BYTES	10	/* about: lengths, deltas, attributes */

struct log_run {
	uint64_t stream_index;		/* of its first batch in the stream */
	uint64_t count;			/* batches */
	int64_t base_offset;		/* of its first batch */
};

struct log_segment {
	int64_t base_offset;
	int64_t bytes;
	bool cleaned;			/* its batches are */
	sim_time first_at;		/* largest timestamp of its first batch */
	sim_time largest_at;		/* largest record timestamp: retention */
};

struct log_epoch {
	int32_t epoch;
	int64_t start_offset;		/* first offset written in it */
};

struct log {
	stream_id batches;
	int64_t start_offset;
	int64_t end_offset;		/* LEO: offset of the next record */
	int64_t bytes;			/* all segments */
	int64_t cleaned_to;		/* offset up to which it is compacted:
					   cleaner-offset-checkpoint */
	sim_time max_timestamp;		/* largest so far: lag of a batch search */
	VEC(struct log_run) runs;
	VEC(struct log_segment) segments;	/* the last one is active */
	VEC(struct log_epoch) epochs;
};

void log_open(struct world *w, struct log *log);

/* Append; the batch gets the next offsets.  Rolls the segment when it would
 * outgrow segment_bytes, or when its first batch is older than this one by more
 * than segment_ns, by their timestamps (LogSegment.timeWaitedForRoll). */
void log_append(struct world *w, struct log *log, struct batch *batch,
		int64_t segment_bytes, sim_time segment_ns);

/* Drop everything at and above `offset`; returns the bytes dropped. */
int64_t log_truncate(struct world *w, struct log *log, int64_t offset);

/* Drop everything; the next record will have this offset. */
void log_begin_at(struct world *w, struct log *log, int64_t offset);

/* Drop the first `count` segments, never all; returns the bytes dropped. */
int64_t log_drop_segments(struct log *log, uint32_t count);

/* The next record will have this offset; those in between are missing. */
void log_skip_to(struct log *log, int64_t offset);

/*
 * Put `kept` in the place of all segments below `to`, where a segment begins.
 * They are grouped into segments of at most segment_bytes.
 */
void log_replace_front(struct world *w, struct log *log, int64_t to,
		       const struct batch *kept, uint32_t count,
		       int64_t segment_bytes);
int64_t log_cleaned_bytes(const struct log *log);

/* A cursor over batches, from the one that holds `offset`, or from the next
 * one where that record is missing. */
struct log_cursor {
	uint32_t run;
	uint64_t index;			/* in the run */
};
bool log_seek(const struct world *w, const struct log *log, int64_t offset,
	      struct log_cursor *c);
/* The next batch, NULL at the end; lent until the log is truncated. */
const struct batch *log_read(const struct world *w, const struct log *log,
			     struct log_cursor *c);

/* How many records there are from offset `from` to `to`, inside the log. */
int64_t log_records(const struct world *w, const struct log *log, int64_t from,
		    int64_t to);

/* Offset of the first record with a timestamp at or after `at`; -1: none. */
int64_t log_offset_for_time(const struct world *w, const struct log *log,
			    sim_time at, sim_time *found_at);

/* Where `epoch` ends: the start of the next one, or the log end; -1 when the
 * epoch is not known.  *known is the largest epoch not above it. */
int64_t log_epoch_end(const struct log *log, int32_t epoch, int32_t *known);
int32_t log_last_epoch(const struct log *log);	/* -1: empty */

#endif
