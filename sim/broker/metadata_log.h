/* metadata_log.h - one copy of the metadata log, __cluster_metadata-0
 *
 * Controllers and brokers each have a copy.  Copies begin alike; where a
 * leader lost its place before its last entries were committed they part, and
 * the one that was wrong is cut back (KIP-595, "Log Divergence").
 *
 *	offset   0       1   2   3 4 5 6 ...  40
 *	         leader  A   B   nothing x 37  C		epoch 1
 *
 * An entry is a record (by its number in cluster->records), the mark of a new
 * leader, or the nothing that an active controller writes each half second
 * (metadata.max.idle.interval.ms) so that everybody can see that it lives.  A
 * row of nothings of one epoch is kept as one entry with a count.
 */
#ifndef SIM_BROKER_METADATA_LOG_H
#define SIM_BROKER_METADATA_LOG_H

#include "sim/core/vec.h"
#include "sim/core/world.h"

enum { ENTRY_NOTHING = -1, ENTRY_LEADER = -2 };

struct metadata_entry {
	int64_t offset;			/* of the first, if there are several */
	sim_time at;			/* the last of them was appended by its
					   leader */
	int64_t file_end;		/* bytes of the file, this one included */
	uint32_t count;			/* above 1: of nothings */
	uint32_t epoch;
	int32_t record;			/* in cluster->records, or ENTRY_... */
};

struct metadata_log {
	VEC(struct metadata_entry) entries;
	int64_t end;			/* offset of the next */
};

/* Bytes that an entry takes in the file, its batch's header shared [E]. */
#define METADATA_ENTRY_BYTES	96

/* Append `count` alike; their bytes. */
int64_t metadata_log_add(struct world *w, struct metadata_log *l,
			 uint32_t epoch, int32_t record, uint32_t count,
			 sim_time at);
/* Keep what lies below `end`. */
void metadata_log_truncate(struct metadata_log *l, int64_t end);
void metadata_log_free(struct world *w, struct metadata_log *l);

/* Index of the entry that holds this offset; `entries.count` behind the end. */
uint32_t metadata_log_find(const struct metadata_log *l, int64_t offset);

uint32_t metadata_log_last_epoch(const struct metadata_log *l);
int64_t metadata_log_bytes(const struct metadata_log *l);
/* Offset of the end of what fits into so many bytes of its file. */
int64_t metadata_log_end_at(const struct metadata_log *l, int64_t file_end);

/*
 * The largest epoch at or below `epoch` that the log has, and where it ends:
 * what a fetcher has to cut back to (OffsetAndEpoch, validateOffsetAndEpoch).
 */
int64_t metadata_log_epoch_end(const struct metadata_log *l, uint32_t epoch,
			       uint32_t *found);

/* Do both hold the same below `end`?  Same epoch and offset is enough (the
 * log matching property of Raft). */
bool metadata_log_agree(const struct metadata_log *a,
			const struct metadata_log *b, int64_t end);

#endif
