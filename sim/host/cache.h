/* cache.h - the page cache of a machine: what its files keep in memory
 *
 * The kernel keeps what was written or read in the memory that no process
 * takes, and lets go of what has not been used for longest.  So a reader at
 * the end of a log costs no disk, a reader from its beginning does, and drives
 * the end out of memory while it is at it.
 *
 * The unit is an extent: a block of a file, of which a stretch without gaps is
 * in memory.  Blocks are as large as 2048 of them fill the machine (8 MiB for
 * 16 GiB), so that the state stays small however much is cached.
 *
 *	file   │ block 0 │ block 1 │ block 2 │ bl…
 *	cached │         │    █████│█████████│██
 *
 * A process may dirty pages until a share of the memory that could be cache
 * (vm.dirty_ratio) is dirty; then it waits for the disk.
 *
 * Simplified: one list, least recently used (Linux has an active and an
 * inactive one, so that one pass over a large file does less harm).
 */
#ifndef SIM_HOST_CACHE_H
#define SIM_HOST_CACHE_H

#include "sim/core/vec.h"
#include "sim/core/world.h"

struct file;
struct machine;

/* Linux, Documentation/admin-guide/sysctl/vm.rst; in per cent of the memory
 * that is free or cache. */
#define DIRTY_BACKGROUND_PERCENT	10	/* vm.dirty_background_ratio */
#define DIRTY_PERCENT			20	/* vm.dirty_ratio */
#define DIRTY_EXPIRE	SIM_S(30)		/* vm.dirty_expire_centisecs */
#define DIRTY_WRITEBACK	SIM_S(5)		/* vm.dirty_writeback_centisecs */

struct extent {
	struct file *file;		/* NULL: free */
	int64_t dirty_to;		/* number of the last byte that was written
					   into it, in its disk's row */
	uint32_t block;
	uint32_t first, end;		/* bytes of the block that are here */
	uint32_t newer, older;		/* by use; index + 1, 0: none.  Free ones
					   are linked by `older` */
	bool corrupt;			/* it was read wrongly */
};

struct cache {
	VEC(struct extent) extents;
	uint32_t newest, oldest, free;	/* index + 1 */
	uint32_t block_bytes;		/* a power of two */
	int64_t bytes;			/* in all extents */
	int64_t evicted_bytes;		/* since the run began */
};

void cache_init(struct world *w, struct machine *m);

/* How much it may hold: what processes and the kernel leave. */
int64_t cache_capacity(const struct machine *m);

/* Appended bytes, now dirty: they are in memory. */
void cache_write(struct world *w, struct file *f, int64_t at, int64_t bytes);

/* The part of [at, at + bytes), all in one block, that is not in memory.  What
 * is counts as used now.  True: something is missing. */
bool cache_missing(struct world *w, struct file *f, int64_t at, int64_t bytes,
		   int64_t *miss_at, int64_t *miss_bytes, bool *corrupt);
bool cache_holds(const struct file *f, int64_t at);	/* this byte */
/* It was read from disk. */
void cache_fill(struct world *w, struct file *f, int64_t at, int64_t bytes,
		bool corrupt);

/* Forget what lies outside the file (it was cut). */
void cache_cut(struct world *w, struct file *f);
/* Let go of what does not fit any more. */
void cache_shrink(struct machine *m);
/* Forget everything: power was lost, or drop_caches. */
void cache_drop(struct machine *m);

/* Dirty bytes of a machine, all its disks brought up to now; and how many are
 * allowed before the flusher starts, and before writers wait. */
int64_t cache_dirty_bytes(struct world *w, struct machine *m);
int64_t cache_dirty_background(const struct machine *m);
int64_t cache_dirty_limit(const struct machine *m);

#endif
