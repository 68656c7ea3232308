/* disk.c - disks, their one queue each, and the files that lie on them */
#include "sim/host/disk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/host/host.h"

#define KIB		INT64_C(1024)
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define TIB		(1024 * GIB)

#define CREDIT		INT64_C(1000000)	/* a unit, as credits count it */

/* Linux writes a file back in stretches of at least this before it turns to
 * the next (MIN_WRITEBACK_PAGES, fs/fs-writeback.c). */
#define WRITEBACK_CHUNK	(4 * MIB)
/* What a reader gets beside what it asked for (read_ahead_kb, 128). */
#define READ_AHEAD	(128 * KIB)
/* mq-deadline lets two batches of reads go before one of writes that wait
 * (writes_starved). */
#define READS_PER_WRITE	2

/*
 * HDD: napkin-math, 10 ms a seek, 250 MiB/s in a row; fsync 8-12 ms.  SATA SSD:
 * the link's 550 MB/s, 90,000 operations [E]; NVMe 3 GB/s, 500,000 operations
 * [E]; both 100 us a random read (napkin-math), fsync of SATA with power-loss
 * protection 0.1-0.5 ms, of NVMe 20-100 us (calibration.md 3.1).
 * Volumes (AWS, Amazon EBS volume types): gp3 3,000 IOPS and 125 MB/s; gp2 3
 * IOPS a GiB; st1 40 MB/s a TiB; an operation is at most 256 KiB on the solid
 * ones, 1 MiB on st1.  Their latency is "single-digit milliseconds"; fsync
 * 0.5-2 ms (calibration.md 3.1).
 * Simplified: writes and reads are equally fast; the 5-20 ms tail of volumes
 * is left out.
 */
const struct disk_model disk_models[DISK_KINDS] = {
	[DISK_GP3] = { "gp3", 125000000, 3000, 256 * KIB, SIM_MS(1), 0,
		       SIM_MS(1) },
	[DISK_GP2] = { "gp2", 250 * MIB, 0, 256 * KIB, SIM_MS(1), 0,
		       SIM_MS(1) },
	[DISK_ST1] = { "st1", 500 * MIB, 0, MIB, SIM_MS(5), SIM_MS(2),
		       SIM_MS(5) },
	[DISK_HDD] = { "hdd", 250 * MIB, 0, MIB, 0, SIM_MS(10), SIM_MS(10) },
	[DISK_SATA_SSD] = { "ssd", 550000000, 90000, 256 * KIB, SIM_US(100), 0,
			    SIM_US(300) },
	[DISK_NVME] = { "nvme", INT64_C(3000000000), 500000, 256 * KIB,
			SIM_US(100), 0, SIM_US(50) },
};

const char *disk_result_text(enum disk_result r)
{
	static const char *const texts[] = {
		[DISK_OK] = "Success",
		[DISK_FULL] = "No space left on device",
		[DISK_READ_ONLY] = "Read-only file system",
		[DISK_FAILED] = "Input/output error",
		[DISK_CORRUPT] = "Success",
	};

	return texts[r];
}

/* -- burst credits --------------------------------------------------------- */

static int64_t between(int64_t low, int64_t x, int64_t high)
{
	return x < low ? low : x > high ? high : x;
}

/* gp2: 3 IOPS a GiB, at least 100; bursts to 3,000 from a bucket of 5.4 million
 * operations, which is full at first.  A volume of 1,000 GiB and more has its
 * burst at all times, so no bucket. */
static void gp2_burst(struct disk *d)
{
	int64_t base = between(100, 3 * (d->bytes_total / GIB), 16000);

	if (base >= 3000) {
		d->ops_per_s = base;
		return;
	}
	d->burst = (struct burst){
		.base_per_s = base, .burst_per_s = 3000,
		.credits_max = 5400000 * CREDIT,
	};
}

/* st1: 40 MiB/s a TiB; bursts to 250 MiB/s a TiB, 500 at most, from a bucket of
 * 1 TiB a TiB. */
static void st1_burst(struct disk *d)
{
	int64_t gib = d->bytes_total / GIB;

	d->burst = (struct burst){
		.base_per_s = between(1, 40 * gib, 500 * KIB),
		.burst_per_s = between(1, 250 * gib, 500 * KIB),
		.credits_max = d->bytes_total / KIB * CREDIT, .is_bytes = true,
	};
}

/* Credits come back at the base rate while time passes, up to a full bucket. */
static void refill(struct burst *b, sim_time now)
{
	int64_t us = (now - b->at) / 1000;
	int64_t room = b->credits_max - b->credits;

	if (us <= 0)
		return;
	b->at += us * 1000;
	if (us >= room / b->base_per_s + 1)
		b->credits = b->credits_max;
	else
		b->credits += us * b->base_per_s;
}

/*
 * How long `units` take that begin now.  At full speed the bucket empties by
 * what is used and fills at the base rate; once it is empty the base rate is
 * all there is, and nothing is left over to fill it.
 */
static sim_time spend(struct burst *b, sim_time now, int64_t units)
{
	int64_t fast;

	refill(b, now);
	if (b->burst_per_s <= b->base_per_s)
		return units * 1000 / b->base_per_s;
	fast = b->credits / (b->burst_per_s - b->base_per_s) * b->burst_per_s;
	if (units <= fast) {
		b->credits -= units;
		return units * 1000 / b->burst_per_s;
	}
	b->credits = 0;
	b->at = now + fast * 1000 / b->burst_per_s +
		(units - fast) * 1000 / b->base_per_s;
	return b->at - now;
}

int64_t disk_burst_permille(struct world *w, struct disk *d)
{
	if (!d->burst.burst_per_s)
		return 1000;
	refill(&d->burst, world_now(w));
	return d->burst.credits / (d->burst.credits_max / 1000);
}

void disk_burst_set(struct world *w, struct disk *d, bool full)
{
	d->burst.credits = full ? d->burst.credits_max : 0;
	d->burst.at = world_now(w);
}

/* -- life ------------------------------------------------------------------ */

void disk_init(struct world *w, struct disk *d, struct machine *m,
	       const struct disk_spec *spec, const char *name)
{
	const struct disk_model *k = &disk_models[spec->kind];

	*d = (struct disk){
		.kind = spec->kind, .machine = m, .slow = 1,
		.bytes_total = spec->bytes_total,
		.bytes_per_s = spec->bytes_per_s ? spec->bytes_per_s :
			       k->bytes_per_s,
		.ops_per_s = spec->ops_per_s ? spec->ops_per_s : k->ops_per_s,
		.fsync_ns = spec->fsync_ns ? spec->fsync_ns : k->fsync_ns,
	};
	if (d->kind == DISK_GP2)
		gp2_burst(d);
	if (d->kind == DISK_ST1)
		st1_burst(d);
	disk_burst_set(w, d, true);
	d->free_at = world_now(w);
	queue_init(&d->line, d->free_at);
	luck_init(&d->luck, w->state->seed, name, "disk");
}

struct disk *disk_add(struct world *w, struct machine *m,
		      const struct disk_spec *spec)
{
	struct disk *d = world_take(w, struct disk), *last = &m->disk;
	char name[160];
	int n = 1;

	for (; last->next; n++)
		last = last->next;
	snprintf(name, sizeof(name), "%s disk %d", world_text(w, m->name), n);
	disk_init(w, d, m, spec, name);
	last->next = d;
	return d;
}

int64_t disk_free_bytes(const struct disk *d)
{
	return d->full_of_others ? 0 : d->bytes_total - d->bytes_used;
}

void disk_replace(struct disk *d)
{
	d->serial++;
	d->slow = 1;
	d->full_of_others = d->read_only = d->failing = false;
	d->corrupt_ppm = 0;
}

enum disk_result disk_state(const struct disk *d)
{
	if (d->failing)
		return DISK_FAILED;
	if (d->read_only)
		return DISK_READ_ONLY;
	return disk_free_bytes(d) > 0 ? DISK_OK : DISK_FULL;
}

/* -- the queue ------------------------------------------------------------- */

static sim_time later(sim_time a, sim_time b)
{
	return a > b ? a : b;
}

/* n things at so many a second, in ns; exact, without overflow for rates up to
 * 9.2e9. */
static sim_time span(int64_t n, int64_t per_s)
{
	return n / per_s * SIM_S(1) + n % per_s * SIM_S(1) / per_s;
}

/* How long a request keeps the device busy that begins at `at`. */
static sim_time cost(struct disk *d, sim_time at, int64_t bytes)
{
	const struct disk_model *k = &disk_models[d->kind];
	int64_t ops = (bytes + k->op_bytes_max - 1) / k->op_bytes_max;
	sim_time ns = span(bytes, d->bytes_per_s);

	if (d->ops_per_s)
		ns = later(ns, span(ops, d->ops_per_s));
	if (d->burst.burst_per_s)
		ns = later(ns, spend(&d->burst, at, (d->burst.is_bytes ?
				     (bytes + KIB - 1) / KIB : ops) * CREDIT));
	return ns;
}

/* One thing after the other: the device does what came at `from`.  When it will
 * be done is known already, so the line hears of both at once. */
static void occupy(struct disk *d, sim_time from, sim_time begin, sim_time ns)
{
	d->idle_ns += begin - d->free_at;
	d->free_at = begin + ns;
	d->busy_ns += ns;
	d->waited_ns += d->free_at - from;
	little_arrive(&d->line, from);
	little_depart(&d->line, from, d->free_at);
}

/* The device takes on some work, at `from` or when it is free; when is it
 * done?  An arm that is not there yet moves first. */
static sim_time hand(struct disk *d, sim_time from, int64_t bytes, bool in_place)
{
	sim_time begin = later(d->free_at, from);
	sim_time ns = cost(d, begin, bytes);

	if (!in_place)
		ns += disk_models[d->kind].seek_ns;
	occupy(d, from, begin, ns * d->slow);
	return d->free_at;
}

/* -- write-back ------------------------------------------------------------ */

static void write_chunk(struct disk *d, sim_time from, int64_t bytes)
{
	const struct disk_model *k = &disk_models[d->kind];

	hand(d, from, bytes, false);
	d->arm_file = NULL;
	d->clean += bytes;
	d->written_bytes += bytes;
	d->writes += (bytes + k->op_bytes_max - 1) / k->op_bytes_max;
}

static int64_t chunk(const struct disk *d)
{
	int64_t due = d->due - d->clean;

	return due < WRITEBACK_CHUNK ? due : WRITEBACK_CHUNK;
}

/* What is due since `from`, as far as the device has begun with it by now. */
static void write_back(struct disk *d, sim_time from, sim_time now)
{
	while (d->clean < d->due && later(d->free_at, from) <= now)
		write_chunk(d, from, chunk(d));
}

/* The flusher wakes up and finds what has grown old. */
static void expire(struct disk *d, sim_time at)
{
	uint32_t old = 0;

	while (old < d->age_count && d->ages[old].until <= at - DIRTY_EXPIRE)
		old++;
	if (!old)
		return;
	if (d->due < d->ages[old - 1].to)
		d->due = d->ages[old - 1].to;
	d->age_count -= old;
	memmove(d->ages, d->ages + old, d->age_count * sizeof(d->ages[0]));
}

static sim_time next_wake(sim_time now)
{
	return now / DIRTY_WRITEBACK * DIRTY_WRITEBACK + DIRTY_WRITEBACK;
}

static void settle(struct disk *d, sim_time now)
{
	while (d->wake_at <= now && d->clean < d->appended) {
		sim_time wake = d->wake_at;

		d->wake_at += DIRTY_WRITEBACK;
		write_back(d, wake - DIRTY_WRITEBACK, wake);
		expire(d, wake);
	}
	if (d->wake_at <= now)
		d->wake_at = next_wake(now);
	if (d->clean < d->due)
		write_back(d, d->wake_at - DIRTY_WRITEBACK, now);
	if (d->clean == d->appended)
		d->age_count = 0;
}

void disk_settle(struct world *w, struct disk *d)
{
	settle(d, world_now(w));
}

static void grow_dirty(struct disk *d, sim_time now, int64_t bytes)
{
	sim_time until = next_wake(now);

	d->appended += bytes;
	if (d->age_count && d->ages[d->age_count - 1].until == until) {
		d->ages[d->age_count - 1].to = d->appended;
		return;
	}
	assert(d->age_count < DIRTY_AGES);
	d->ages[d->age_count++] = (struct dirty_age){ until, d->appended };
}

/*
 * When may a writer go on?  Above the background share the flusher starts at
 * once; above the limit the writer waits until its disk has written what is
 * too much.  Simplified: Linux slows writers down from halfway between the two.
 */
static sim_time throttle(struct world *w, struct disk *d)
{
	sim_time now = world_now(w);
	int64_t background = cache_dirty_background(d->machine);
	int64_t dirty = cache_dirty_bytes(w, d->machine), excess;

	if (dirty <= background)
		return now;
	if (d->due < d->appended - background)
		d->due = d->appended - background;
	write_back(d, now, now);
	excess = cache_dirty_bytes(w, d->machine) -
		 cache_dirty_limit(d->machine);
	if (excess <= 0)
		return now;
	return later(d->free_at, now) + span(excess, d->bytes_per_s) * d->slow;
}

/* -- files ----------------------------------------------------------------- */

struct file *file_new(struct world *w, struct disk *d)
{
	struct file *f = world_take(w, struct file);

	f->disk = d;
	f->place = d->files.count;
	f->intact_end = INT64_MAX;
	*vec_add(&w->arena, &d->files) = f;
	return f;
}

void file_delete(struct world *w, struct file *f)
{
	struct disk *d = f->disk;
	struct file *last = d->files.at[d->files.count - 1];

	file_truncate(w, f, f->start);
	d->files.at[f->place] = last;
	last->place = f->place;
	d->files.at[--d->files.count] = NULL;
	if (d->arm_file == f)
		d->arm_file = NULL;
	vec_free(&w->arena, &f->blocks);
	world_give(w, f);
}

/* Marks that have come true move into `synced`. */
static void settle_marks(struct file *f)
{
	uint32_t done = 0;

	while (done < f->mark_count && f->marks[done].to <= f->disk->clean)
		done++;
	if (!done)
		return;
	if (f->synced < f->marks[done - 1].end)
		f->synced = f->marks[done - 1].end;
	f->mark_count -= done;
	memmove(f->marks, f->marks + done, f->mark_count * sizeof(f->marks[0]));
}

/* Remember how long the file is; once an interval of the flusher is enough.
 * When a disk does not keep up the last mark moves along: less is known to be
 * safe than truly is. */
static void mark(struct file *f, sim_time now)
{
	sim_time until = next_wake(now);
	struct file_mark m = { until, f->disk->appended, f->end };

	settle_marks(f);
	if (f->mark_count && (f->mark_count == DIRTY_AGES ||
			      f->marks[f->mark_count - 1].until == until))
		f->marks[f->mark_count - 1] = m;
	else
		f->marks[f->mark_count++] = m;
}

int64_t file_durable_end(struct world *w, struct file *f)
{
	settle(f->disk, world_now(w));
	settle_marks(f);
	return f->synced < f->end ? f->synced : f->end;
}

enum disk_result file_append(struct world *w, struct file *f, int64_t bytes,
			     sim_time *ready)
{
	struct disk *d = f->disk;
	enum disk_result state = disk_state(d);

	*ready = world_now(w);
	if (state != DISK_OK)
		return state;
	if (bytes > disk_free_bytes(d))
		return DISK_FULL;
	settle(d, world_now(w));
	cache_write(w, f, f->end, bytes);
	grow_dirty(d, world_now(w), bytes);
	d->bytes_used += bytes;
	f->end += bytes;
	mark(f, world_now(w));
	*ready = throttle(w, d);
	return DISK_OK;
}

sim_time file_fsync(struct world *w, struct file *f)
{
	struct disk *d = f->disk;
	sim_time now = world_now(w);

	settle(d, now);
	/* Simplified: all that is dirty on the disk goes first, not only this
	 * file; a commit of ext4 with data=ordered comes close to that. */
	d->due = d->appended;
	write_back(d, now, INT64_MAX);
	d->age_count = 0;
	f->synced = f->end;
	f->mark_count = 0;
	occupy(d, now, later(d->free_at, now), d->fsync_ns * d->slow);
	d->fsyncs++;
	return d->free_at;
}

void file_truncate(struct world *w, struct file *f, int64_t end)
{
	assert(end >= f->start);
	if (end >= f->end)
		return;
	/* Simplified: what of it was dirty is still written back. */
	f->disk->bytes_used -= f->end - end;
	assert(f->disk->bytes_used >= 0);
	f->end = end;
	if (f->intact_end >= end)
		f->intact_end = INT64_MAX;
	if (f->synced > end)
		f->synced = end;
	for (uint32_t i = 0; i < f->mark_count; i++)
		if (f->marks[i].end > end)
			f->marks[i].end = end;
	cache_cut(w, f);
}

void file_drop_front(struct world *w, struct file *f, int64_t bytes)
{
	assert(bytes >= 0 && f->start + bytes <= f->end);
	f->disk->bytes_used -= bytes;
	f->start += bytes;
	if (f->synced < f->start)
		f->synced = f->start;
	if (f->intact_end <= f->start)	/* what was lost is of no matter */
		f->intact_end = f->start < f->end ? f->start : INT64_MAX;
	cache_cut(w, f);
}

/* -- power ----------------------------------------------------------------- */

/* What had not come to the disk is gone; what had been handed to it counts as
 * written.  Simplified: real writes of the last moment are torn. */
static void lose_dirty(struct world *w, struct disk *d)
{
	for (uint32_t i = 0; i < d->files.count; i++) {
		struct file *f = d->files.at[i];
		int64_t durable = file_durable_end(w, f);

		if (durable < f->end && durable < f->intact_end)
			f->intact_end = durable;
		f->mark_count = 0;
	}
	d->clean = d->due = d->appended;
	d->age_count = 0;
	d->arm_file = NULL;
}

void machine_power_loss(struct world *w, struct machine *m)
{
	const struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->processes.count; i++)
		if (h->processes.at[i]->machine == m)
			process_kill(w, h->processes.at[i]);
	for (struct disk *d = &m->disk; d; d = d->next)
		lose_dirty(w, d);
	cache_drop(m);
}

/* -- reading --------------------------------------------------------------- */

/* Who reads on where somebody has read before gets more than was asked for:
 * up to the next multiple of READ_AHEAD, within the block.  (Linux, too, takes
 * cached pages just before for the trace of a reader: mm/readahead.c.) */
static int64_t read_ahead(const struct file *f, int64_t at, int64_t bytes)
{
	int64_t block = f->disk->machine->cache.block_bytes;
	int64_t end = (at + bytes + READ_AHEAD - 1) / READ_AHEAD * READ_AHEAD;
	int64_t max = (at / block + 1) * block;

	if (at > f->start && !cache_holds(f, at - 1))
		return bytes;
	if (max > f->end)
		max = f->end;
	if (end > max)
		end = max;
	return end > at + bytes ? end - at : bytes;
}

/* From the device.  What waits to be written back gets its share in between. */
static sim_time read_device(struct world *w, struct file *f, int64_t at,
			    int64_t bytes)
{
	struct disk *d = f->disk;
	const struct disk_model *k = &disk_models[d->kind];
	int64_t behind = d->due - d->clean;
	sim_time done;

	done = hand(d, world_now(w), bytes,
		    d->arm_file == f && d->arm_at == at) +
	       k->latency_ns * d->slow;
	d->arm_file = f;
	d->arm_at = at + bytes;
	d->read_bytes += bytes;
	d->reads += (bytes + k->op_bytes_max - 1) / k->op_bytes_max;
	if (behind > bytes / READS_PER_WRITE)
		behind = bytes / READS_PER_WRITE;
	if (behind > 0)
		write_chunk(d, world_now(w), behind);
	return done;
}

/* One block's share of a read. */
static enum disk_result read_block(struct world *w, struct file *f, int64_t at,
				   int64_t bytes, sim_time *ready)
{
	struct disk *d = f->disk;
	int64_t miss, miss_bytes;
	bool corrupt = false;

	if (!cache_missing(w, f, at, bytes, &miss, &miss_bytes, &corrupt))
		return corrupt ? DISK_CORRUPT : DISK_OK;
	if (d->failing)
		return DISK_FAILED;
	miss_bytes = read_ahead(f, miss, miss_bytes);
	*ready = later(*ready, read_device(w, f, miss, miss_bytes));
	if (d->corrupt_ppm && luck_chance(&d->luck, d->corrupt_ppm, 1000000))
		corrupt = true;
	cache_fill(w, f, miss, miss_bytes, corrupt);
	return corrupt ? DISK_CORRUPT : DISK_OK;
}

/* Simplified: what is being read for one counts as there for the next, who
 * does not wait for it. */
enum disk_result file_read(struct world *w, struct file *f, int64_t at,
			   int64_t bytes, sim_time *ready)
{
	int64_t block = f->disk->machine->cache.block_bytes;
	enum disk_result result = DISK_OK;

	assert(at >= f->start && at + bytes <= f->end);
	*ready = world_now(w);
	settle(f->disk, world_now(w));
	while (bytes > 0) {
		int64_t part = block - (at & (block - 1));
		enum disk_result r;

		if (part > bytes)
			part = bytes;
		r = read_block(w, f, at, part, ready);
		if (r == DISK_FAILED)
			return r;
		if (r != DISK_OK)
			result = r;
		at += part;
		bytes -= part;
	}
	return result;
}
