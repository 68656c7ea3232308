/* disk.h - disks, their one queue each, and the files that lie on them
 *
 * A disk does one thing after the other: reads, and what the page cache
 * (cache.h) writes back.  What a request takes is the largest of three: its
 * bytes at the disk's throughput, its operations at its rate of operations,
 * and what the burst credits of a network volume still allow; an arm that has
 * to move comes on top.  The latency of a solid disk or a volume is added, but
 * keeps nobody else waiting.
 *
 * A file is a row of bytes that is appended to at its end and dropped from its
 * front, as a log is.  Appending goes to the page cache and waits for nobody,
 * unless too much is dirty.  What was appended is on the disk some 30 s later,
 * or after fsync:
 *
 *	 start           clean: written back          end
 *	   │                   │                       │
 *	   ▼  on the disk      ▼  dirty: in memory only ▼
 *	   ├───────────────────┼───────────────────────┤
 *	                       └── lost with the power (not with a process)
 *
 * Nothing here is an event: a disk catches up with the clock when somebody
 * asks it for something, so an append costs some additions.
 */
#ifndef SIM_HOST_DISK_H
#define SIM_HOST_DISK_H

#include "sim/core/luck.h"
#include "sim/core/queue.h"
#include "sim/core/vec.h"
#include "sim/core/world.h"

struct machine;
struct file;

enum disk_kind {
	DISK_GP3, DISK_GP2, DISK_ST1,	/* network volumes: AWS EBS */
	DISK_HDD, DISK_SATA_SSD, DISK_NVME,
	DISK_KINDS
};

/* What a disk of a kind can do; a profile may say otherwise. */
struct disk_spec {
	enum disk_kind kind;
	int64_t bytes_total;
	int64_t bytes_per_s;		/* 0: as its kind has by default */
	int64_t ops_per_s;		/* likewise */
	sim_time fsync_ns;		/* likewise */
};

struct disk_model {
	const char *name;		/* "gp3" */
	int64_t bytes_per_s;
	int64_t ops_per_s;		/* 0: its arm alone limits it */
	int64_t op_bytes_max;		/* a larger request counts several times */
	sim_time latency_ns;		/* of a read, its turn left out */
	sim_time seek_ns;		/* to move the arm; 0: there is none */
	sim_time fsync_ns;		/* device flush, its turn left out */
};
extern const struct disk_model disk_models[DISK_KINDS];

/* Credits of a volume that may be faster than it was sold, for a while. */
struct burst {
	int64_t credits;		/* millionths of a unit: an operation, or
					   a KiB when `is_bytes` */
	int64_t credits_max;
	int64_t base_per_s;		/* units; also what comes back */
	int64_t burst_per_s;		/* 0: this disk knows no credits */
	sim_time at;			/* as of when */
	bool is_bytes;
};

/* Bytes that were appended in one interval of the flusher. */
struct dirty_age {
	sim_time until;			/* none of them is younger */
	int64_t to;			/* of the disk's row of appended bytes */
};

#define DIRTY_AGES	8		/* 35 s of them: see dirty_expire */

struct disk {
	enum disk_kind kind;
	struct machine *machine;
	struct disk *next;		/* another one of the machine: JBOD */
	name_id mounted_at;		/* 0: not said */
	uint32_t serial;		/* another one hangs there: another */
	int64_t bytes_total;
	int64_t bytes_used;		/* by the files on it */
	int64_t bytes_per_s;
	int64_t ops_per_s;
	sim_time fsync_ns;
	struct burst burst;

	/* its queue */
	sim_time free_at;		/* when it has done what it was handed */
	const struct file *arm_file;	/* where the arm stands; NULL: elsewhere */
	int64_t arm_at;

	/* Write-back.  All bytes ever appended are numbered in one row: those
	 * below `clean` have been handed to the device, those below `due` are
	 * to be, the rest is waiting to grow old. */
	int64_t appended, due, clean;
	sim_time wake_at;		/* the flusher looks next */
	struct dirty_age ages[DIRTY_AGES];	/* oldest first */
	uint32_t age_count;

	/* what may be wrong with it */
	int64_t slow;			/* times slower than healthy; 1 */
	bool full_of_others;		/* somebody else's files fill it */
	bool read_only;			/* EROFS */
	bool failing;			/* EIO, reading and writing */
	uint32_t corrupt_ppm;		/* reads that come back wrong, unnoticed:
					   how many of a million */
	struct luck luck;

	/* since the run began */
	int64_t read_bytes, reads;
	int64_t written_bytes, writes;	/* by the device, not by processes */
	int64_t busy_ns;		/* counted when work is handed to it */
	int64_t waited_ns;		/* by each request, its turn included */
	int64_t fsyncs;
	int64_t idle_ns;		/* up to free_at */
	struct queue line;		/* its requests, asked: little.h */
	VEC(struct file *) files;
};

/* A known length of a file: the first `end` bytes are on the disk once the
 * disk's row is clean up to `to`. */
struct file_mark {
	sim_time until;			/* see struct dirty_age */
	int64_t to;
	int64_t end;
};

struct file {
	struct disk *disk;
	uint32_t place;			/* in the disk's list */
	uint32_t mark_count;
	int64_t start, end;		/* offsets of its first byte, and beyond
					   its last; bytes keep their offsets */
	int64_t synced;			/* below this it is known to be safe */
	int64_t intact_end;		/* below `end` after power was lost: what
					   lies beyond is gone */
	struct file_mark marks[DIRTY_AGES];
	VEC(uint32_t) blocks;		/* extent + 1 of each block, 0: not cached */
	int64_t first_block;		/* of blocks.at[0] */
};

enum disk_result {
	DISK_OK,
	DISK_FULL,			/* ENOSPC */
	DISK_READ_ONLY,			/* EROFS */
	DISK_FAILED,			/* EIO */
	DISK_CORRUPT,			/* read: these are not the bytes that were
					   written.  The disk does not say so; a
					   reader finds out by a checksum or not
					   at all */
};
const char *disk_result_text(enum disk_result r);	/* as strerror(3) */

/* A disk for a machine; its first is part of the machine itself. */
void disk_init(struct world *w, struct disk *d, struct machine *m,
	       const struct disk_spec *spec, const char *name);
struct disk *disk_add(struct world *w, struct machine *m,
		      const struct disk_spec *spec);

struct file *file_new(struct world *w, struct disk *d);
void file_delete(struct world *w, struct file *f);

/*
 * Append.  *ready is when the writer may go on: now, unless too much is dirty
 * (cache.h).  If it is not DISK_OK nothing was written.
 */
enum disk_result file_append(struct world *w, struct file *f, int64_t bytes,
			     sim_time *ready);

/*
 * Read what lies in the file.  *ready is when the bytes are there: now if they
 * were cached.  The result is DISK_OK, DISK_FAILED or DISK_CORRUPT.
 */
enum disk_result file_read(struct world *w, struct file *f, int64_t at,
			   int64_t bytes, sim_time *ready);

/* When all that was appended so far is safely on disk, if asked for now. */
sim_time file_fsync(struct world *w, struct file *f);

void file_truncate(struct world *w, struct file *f, int64_t end);
void file_drop_front(struct world *w, struct file *f, int64_t bytes);

static inline int64_t file_bytes(const struct file *f)
{
	return f->end - f->start;
}

/* Up to here the file would be there again after a loss of power now. */
int64_t file_durable_end(struct world *w, struct file *f);

/*
 * The machine goes dark: its processes are killed, its cache is empty, and of
 * each file what was dirty is lost: intact_end says from where on.  The bytes
 * stay counted until whoever owns the file has truncated it (or not, and reads
 * rubbish).
 */
void machine_power_loss(struct world *w, struct machine *m);

/*
 * A healthy, empty disk hangs where this one did.  The files on the old one are
 * gone; who owns them finds out by `serial`, and deletes them.
 */
void disk_replace(struct disk *d);

/* Could a byte be appended now? */
enum disk_result disk_state(const struct disk *d);
int64_t disk_free_bytes(const struct disk *d);

/* Bring it up to now: what it has written back, its counters. */
void disk_settle(struct world *w, struct disk *d);
static inline int64_t disk_dirty_bytes(const struct disk *d)
{
	return d->appended - d->clean;	/* exact after disk_settle */
}

/* Credits left, in thousandths of a full bucket; 1000 where there is none. */
int64_t disk_burst_permille(struct world *w, struct disk *d);
void disk_burst_set(struct world *w, struct disk *d, bool full);

#endif
