/* disk.c - the disk of a machine, written through its page cache */
#include "sim/host/disk.h"

#include <assert.h>

#include "sim/host/host.h"

static sim_time transfer_ns(const struct disk *d, int64_t bytes)
{
	/* bytes / rate in ns without overflow up to 9 GB at once */
	return bytes * 1000 / (d->bytes_per_s / 1000000 ?
			       d->bytes_per_s / 1000000 : 1) * d->slow;
}

int64_t disk_free_bytes(const struct disk *d)
{
	return d->full_of_others ? 0 : d->bytes_total - d->bytes_used;
}

enum disk_result disk_append(struct world *w, struct machine *m,
			     int64_t bytes, sim_time *ready)
{
	struct disk *d = &m->disk;
	sim_time now = world_now(w);
	sim_time cost = transfer_ns(d, bytes);
	sim_time backlog_max = transfer_ns(d, d->dirty_bytes_max);

	if (bytes > disk_free_bytes(d))
		return DISK_FULL;
	if (d->free_at < now)
		d->free_at = now;
	d->free_at += cost;
	d->bytes_used += bytes;
	d->written_bytes += bytes;
	d->busy_ns += cost;
	*ready = d->free_at - now > backlog_max ? d->free_at - backlog_max : now;
	return DISK_OK;
}

sim_time disk_fsync(struct world *w, struct machine *m)
{
	struct disk *d = &m->disk;

	if (d->free_at < world_now(w))
		d->free_at = world_now(w);
	d->free_at += d->fsync_ns * d->slow;
	d->busy_ns += d->fsync_ns * d->slow;
	d->fsyncs++;
	return d->free_at;
}

void disk_delete(struct machine *m, int64_t bytes)
{
	m->disk.bytes_used -= bytes;
	assert(m->disk.bytes_used >= 0);
}
