/* little.c - Little's law, asked of every line of every machine */
#include "sim/host/little.h"

#include <assert.h>

#include "sim/host/cpu_inside.h"
#include "sim/host/net.h"

static uint64_t came(const struct pieces *l)
{
	uint64_t sum = 0;

	for (const struct piece *x = l->first; x; x = x->next)
		sum += (uint64_t)x->came;
	return sum;
}

/* Its pieces: those in rows, and those on cores but for one that is done. */
bool process_agrees(const struct world *w, const struct process *p)
{
	const struct cpu_share *s = &p->share;
	const struct cpu *cpu = &p->machine->cpu;
	uint64_t sum = came(&s->ready) + came(&s->backlog);
	uint32_t count = s->ready.count + s->backlog.count;

	for (uint32_t i = 0; s->running && i < cpu->cores; i++)
		if (cpu->core[i].process == p && cpu->core[i].piece) {
			sum += (uint64_t)cpu->core[i].piece->came;
			count++;
		}
	return s->line.length == count &&
	       queue_agrees(&s->line, sum, world_now(w));
}

bool cpu_agrees(const struct world *w, const struct machine *m)
{
	const struct hosts *h = hosts_of(w);
	uint64_t sum = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < h->processes.count; i++) {
		const struct process *p = h->processes.at[i];
		const struct piece *x = p->share.ready.first;

		for (; p->machine == m && x; x = x->next)
			if (x->waits) {
				sum += (uint64_t)x->since;
				count++;
			}
	}
	return m->cpu.line.length == count &&
	       queue_agrees(&m->cpu.line, sum, world_now(w));
}

/* When a request will be done is known when it comes, so nobody is inside; what
 * the disk says of itself must be the same.  Its one server, too, obeys the
 * law: up to free_at it was busy with its requests, or idle. */
bool disk_agrees(const struct world *w, const struct disk *d)
{
	return queue_agrees(&d->line, 0, world_now(w)) &&
	       d->line.stayed == (uint64_t)d->waited_ns &&
	       d->busy_ns + d->idle_ns == d->free_at - d->line.since;
}

static bool machine_agrees(const struct world *w, const struct machine *m)
{
	for (const struct disk *d = &m->disk; d; d = d->next)
		if (!disk_agrees(w, d))
			return false;
	return cpu_agrees(w, m);
}

void little_ask(const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	bool good = true;

	if (!LITTLE)
		return;
	for (uint32_t i = 0; i < h->machines.count; i++)
		good &= machine_agrees(w, h->machines.at[i]);
	for (uint32_t i = 0; i < h->processes.count; i++)
		good &= process_agrees(w, h->processes.at[i]);
	assert(good && net_agrees(w));
}
