/* ingest_record.c - level record: an event for each arrival and departure
 *
 * The plainest form of a queue, and the slowest: what the other levels are
 * measured by.
 */
#include "sim/device/ingest_inside.h"

static void start(struct world *w, struct ingest_part *p)
{
	if (p->departs || !p->queue.count || !p->served)
		return;
	p->departs = world_now(w) + ring_front(&p->queue)->service;
	world_plan(w, p->departs, CLASS_DELIVER, INGEST_LEAVE, p, p->epoch);
}

void ingest_arrive(struct world *w, void *who, uint16_t arg)
{
	struct ingest_part *p = who;

	if (arg != p->epoch)
		return;
	p->edge = world_now(w);
	if (exact_made(w, p, world_now(w)))
		start(w, p);
	exact_next(p);
	world_plan(w, p->next_at, CLASS_DELIVER, INGEST_ARRIVE, p, p->epoch);
}

void ingest_leave(struct world *w, void *who, uint16_t arg)
{
	struct ingest_part *p = who;
	struct ingest *s = p->stage;

	if (arg != p->epoch)
		return;
	p->edge = world_now(w);
	exact_leave(p, world_now(w));
	start(w, p);
	if (s->draining && s->at_level[LEVEL_RECORD] == s->partitions)
		drain_look(s, world_now(w));
}

/* Events did it. */
static void advance(struct world *w, struct ingest_part *p, sim_time until)
{
	(void)w;
	p->edge = until;
}

void record_begin(struct world *w, struct ingest_part *p)
{
	world_plan(w, p->next_at, CLASS_DELIVER, INGEST_ARRIVE, p, p->epoch);
	if (p->departs)
		world_plan(w, p->departs, CLASS_DELIVER, INGEST_LEAVE, p,
			   p->epoch);
	else
		start(w, p);
}

static void release(struct world *w, struct ingest_part *p)
{
	exact_release(w, p);
	start(w, p);
}

const struct level_ops record_level = {
	.name = "record", .advance = advance,
	.release = release, .resume = start,
};
