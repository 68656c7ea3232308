/* disk.h - the disk of a machine, written through its page cache
 *
 * Writes go to the page cache and are written back in order; a writer waits
 * only when too much is dirty, or when it asks for fsync.
 */
#ifndef SIM_HOST_DISK_H
#define SIM_HOST_DISK_H

#include "sim/core/world.h"

struct machine;

struct disk {
	int64_t bytes_total;
	int64_t bytes_used;
	int64_t bytes_per_s;		/* sequential throughput */
	sim_time fsync_ns;		/* device flush, queue left out */
	int64_t dirty_bytes_max;	/* writers stall above: vm.dirty_ratio */
	sim_time free_at;		/* when all that was written is on disk */
	int64_t slow;			/* times slower than healthy; 1 */
	bool full_of_others;		/* fault: somebody else's files fill it */
	int64_t written_bytes;		/* since the run began */
	int64_t busy_ns;		/* time spent writing */
	int64_t fsyncs;
};

enum disk_result { DISK_OK, DISK_FULL };

/*
 * Append to a file through the page cache.  *ready is when the writer may go
 * on: now, unless too much is dirty already.  DISK_FULL: nothing was written
 * (ENOSPC).
 */
enum disk_result disk_append(struct world *w, struct machine *m,
			     int64_t bytes, sim_time *ready);
/* When all that was appended so far is safely on disk, if asked for now. */
sim_time disk_fsync(struct world *w, struct machine *m);
void disk_delete(struct machine *m, int64_t bytes);
int64_t disk_free_bytes(const struct disk *d);

#endif
