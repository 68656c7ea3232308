/* cleaner.h - compaction: of each key the last record stays
 *
 *	 compacted so far        dirty              not yet
 *	┌──────────────────┬─────────────────┬─────────┬────────┐
 *	│ k1    k7 k3    k9│k1 k3 k1 k2 k3 k1│ young   │ active │
 *	└──────────────────┴─────────────────┴─────────┴────────┘
 *	                   cleaned_to
 *
 * One thread of the broker takes the log with the largest dirty part, if that
 * is more than min.cleanable.dirty.ratio of what it would read.  It reads the
 * dirty part and remembers the last offset of each key; then it reads the log
 * from its beginning and copies what no later record of the key replaces.  The
 * copy is flushed and takes the place of the old segments, whose files go a
 * minute later.  Offsets stay, so the log has gaps.  A record without a value
 * (a tombstone) stays delete.retention.ms from the first time it is copied.
 * When there is nothing to do the thread sleeps log.cleaner.backoff.ms.
 *
 * Each replica is cleaned by its own broker, at its own time.
 *
 * Simplified: a batch of which records in the middle go is kept as the pieces
 * that are left; its header counts once.  The last record of what is cleaned
 * always stays, so that a follower can reach the end.
 */
#ifndef SIM_BROKER_CLEANER_H
#define SIM_BROKER_CLEANER_H

#include "sim/broker/broker.h"

struct cleaner {
	bool dead;			/* the thread has ended: nothing is
					   cleaned until the broker restarts */
	sim_time last_run;
	/* the log being cleaned; NULL: none */
	struct replica *log;
	uint32_t partition;		/* its id */
	struct file *was;		/* its file when that began */
	int64_t from, to;		/* offsets of the dirty part */
	int64_t begin;			/* its log start then */
	int64_t left_dirty, left_all;	/* bytes to read: first the dirty part,
					   then all there is */
	int64_t piece;			/* of these, being read */
	struct file *copy;		/* what stays, being written */
	VEC(struct batch) kept;
};

void cleaner_start(struct world *w, struct broker *b);
void cleaner_stop(struct world *w, struct broker *b);
void cleaner_collect(struct world *w, struct broker *b);
/* Logs of this directory that it gave up. */
int64_t cleaner_uncleanable(const struct broker *b, const struct log_dir *d);

/* The thread dies, as of an OutOfMemoryError; and is there again. */
void cleaner_die(struct world *w, struct broker *b);
void cleaner_revive(struct world *w, struct broker *b);

void cleaner_step(struct world *w, void *broker, uint16_t arg);
void cleaner_read(struct world *w, void *broker, uint16_t arg);
void cleaner_written(struct world *w, void *broker, uint16_t arg);

#endif
