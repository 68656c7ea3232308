/* retention.h - closed segments that are too old or too many, and their files
 *
 * Every log.retention.check.interval.ms a broker looks at each of its logs, as
 * leader or follower, and takes whole segments off its front: first while the
 * log without the oldest still has retention.bytes, then while the largest
 * timestamp in the oldest is more than retention.ms ago by the clock of this
 * machine.  A record with a timestamp in the future keeps its segment, and all
 * behind it, for so much longer.
 *
 * What is taken off is no longer read, but its files are only renamed
 * (.deleted, or -delete for a whole log): the disk has its room back
 * file.delete.delay.ms later, or when the broker starts again.
 */
#ifndef SIM_BROKER_RETENTION_H
#define SIM_BROKER_RETENTION_H

#include "sim/broker/broker.h"

/* Bytes of a file that are to go. */
struct doomed {
	struct file *file;
	bool whole;			/* the file itself, too */
	int64_t bytes;			/* at its front */
	sim_time at;			/* when */
};

void retention_check(struct world *w, struct replica *r);

/* All that the log still holds is dropped; it begins again elsewhere. */
void retention_drop_all(struct world *w, struct replica *r);

/* So many bytes at the front of its file; the file the cleaner wrote. */
void retention_drop_bytes(struct world *w, struct replica *r, int64_t bytes);
void retention_drop_cleaned(struct world *w, struct replica *r);

/* The whole log is to go: the caller forgets the file. */
void retention_doom(struct world *w, struct replica *r);

/* Its files are gone already: nothing of them is to go any more. */
void retention_forget(struct replica *r);

/* What is due, of broker `who`; and everything, when it starts. */
void retention_sweep(struct world *w, void *who, uint16_t arg);
void retention_sweep_all(struct world *w, struct broker *b);

#endif
