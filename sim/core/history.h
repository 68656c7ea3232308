/* history.h - what happened, kept outside the arena
 *
 * Log batches, samples, log lines: facts that are only ever appended.  They
 * would make snapshots large, so they live outside; a snapshot keeps how long
 * each stream was, and going back cuts it to that length (simulation.md 3).
 * The arena holds stream numbers and positions, never pointers.
 *
 * A stream is a run of bytes in chunks of one size.  An entry never straddles
 * two chunks (the rest of a chunk is skipped), so history_at lends a plain
 * pointer, good until the stream is cut below it.
 */
#ifndef SIM_CORE_HISTORY_H
#define SIM_CORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t stream_id;	/* 0 is no stream */

struct history_stream {
	unsigned char **chunks;
	uint32_t chunk_count;		/* chunks that exist (kept after a cut) */
	uint32_t chunk_bytes;
	uint64_t len;			/* position behind the last entry */
	uint64_t high;			/* bytes still good beyond len */
};

struct history {
	struct history_stream *streams;	/* by stream_id; [0] unused */
	uint32_t count, cap;
	uint32_t high;			/* streams that exist, len 0 or not */
};

void history_init(struct history *h);
void history_release(struct history *h);

/* A new empty stream; entries may be up to chunk_bytes long. */
stream_id history_open(struct history *h, uint32_t chunk_bytes);

/* Append; returns the entry's position, which history_at takes. */
uint64_t history_append(struct history *h, stream_id id, const void *entry,
			size_t bytes);
const void *history_at(const struct history *h, stream_id id, uint64_t at);
uint64_t history_len(const struct history *h, stream_id id);
size_t history_bytes(const struct history *h);	/* memory of all streams */

/* The lengths of all streams, for a snapshot: caller frees. */
uint64_t *history_mark(const struct history *h, uint32_t *count);

/*
 * Set every stream to the length of a mark, back or forward.  Going back keeps
 * the bytes: the same run writes the same again, so a later mark of the same
 * run stays good until history_forget says that the run takes another way.
 */
void history_set(struct history *h, const uint64_t *mark, uint32_t count);
void history_forget(struct history *h);

#endif
