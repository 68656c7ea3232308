/* ingest_zoom.c - a partition goes from one level to another
 *
 * Between record and window nothing has to be handed over.  From counts, what
 * waits becomes records again: as many, made where their run says, with seeded
 * positions inside it.  Back to counts they become runs.  All of it happens at
 * virtual times, with drawn luck: a replay switches alike.
 *
 * Simplified: a record made of a count has its place in time and its device
 * drawn; they are not those its number would have had at record level.
 */
#include "sim/device/ingest_inside.h"

#include <assert.h>

const struct level_ops *const levels[LEVEL_COUNT] = {
	[LEVEL_RECORD] = &record_level, [LEVEL_WINDOW] = &window_level,
	[LEVEL_COUNTS] = &counts_level,
};

const char *ingest_level_name(enum ingest_level level)
{
	return levels[level]->name;
}

/* -- from counts to records ----------------------------------------------- */

/* The i-th of a run's records was made here, give or take its gap. */
static sim_time position(struct ingest *s, const struct run *r, uint64_t i)
{
	uint64_t span = (uint64_t)(r->to - r->from);
	uint64_t gap = span / r->count;

	return r->from + (sim_time)(span * i / r->count +
				    (gap ? luck_below(&s->zoom_luck, gap) : 0));
}

static void queue_run(struct world *w, struct ingest_part *p,
		      const struct run *r, uint64_t first)
{
	for (uint64_t i = 0; i < r->count; i++) {
		sim_time made = position(p->stage, r, i);

		*ring_push(&w->arena, &p->queue) = (struct waiting){
			made, made, first + i,
			service_of(p, first + i),
		};
	}
}

/* Tracers stand at their own places. */
static void place_tracers(struct ingest_part *p)
{
	for (uint32_t i = 0; i < p->tracers.count; i++) {
		const struct tracer *t = ring_at(&p->tracers, i);

		if (t->place - p->stored < p->queue.count)
			*ring_at(&p->queue, t->place - p->stored) =
				(struct waiting){ t->made, t->enter,
						  t->number | TRACER,
						  service_of(p, t->number) };
	}
}

static void queue_records(struct world *w, struct ingest_part *p)
{
	uint64_t number = p->produced - part_backlog(p);

	for (uint32_t i = 0; i < p->runs.count; i++) {
		const struct run *r = ring_at(&p->runs, i);

		queue_run(w, p, r, number);
		number += r->count;
	}
	assert(p->queue.count == part_backlog(p));
	place_tracers(p);
	exact_take_over(p);
	ring_free(&w->arena, &p->runs);
	ring_free(&w->arena, &p->tracers);
}

static bool sooner(const struct held *x, const struct held *y)
{
	return x->made != y->made ? x->made < y->made : x->number < y->number;
}

/* In the order in which they were made (Shell, with Ciura's gaps). */
static void sort_held(struct ingest_part *p)
{
	static const uint32_t gaps[] = {
		1750, 701, 301, 132, 57, 23, 10, 4, 1,
	};

	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
		for (uint32_t i = gaps[g]; i < p->held.count; i++) {
			struct held moving = p->held.at[i];
			uint32_t k = i;

			for (; k >= gaps[g] &&
			     sooner(&moving, &p->held.at[k - gaps[g]]);
			     k -= gaps[g])
				p->held.at[k] = p->held.at[k - gaps[g]];
			p->held.at[k] = moving;
		}
	}
}

static void hold_run(struct world *w, struct ingest_part *p,
		     const struct held_run *h, uint64_t *left)
{
	struct ingest *s = p->stage;
	uint32_t members = cohort_members(h->first, h->devices, p->id,
					  s->partitions);

	for (uint64_t i = 0; i < h->run.count && *left; i++, (*left)--) {
		uint32_t k = (uint32_t)luck_below(&s->zoom_luck, members);

		*vec_add(&w->arena, &p->held) = (struct held){
			.made = position(s, &h->run, i),
			.number = p->produced - *left,
			.device = cohort_member(h->first, p->id, s->partitions,
						k),
		};
	}
}

/* So far only tracers are there one by one. */
static void hold_records(struct world *w, struct ingest_part *p)
{
	uint64_t left;

	if (p->held.count > p->held_count)
		p->held.count = (uint32_t)p->held_count;
	left = p->held_count - p->held.count;
	for (uint32_t i = 0; i < p->held_runs.count; i++)
		hold_run(w, p, &p->held_runs.at[i], &left);
	assert(!left);
	sort_held(p);
	if (p->held_runs.at)
		vec_free(&w->arena, &p->held_runs);
}

static void to_records(struct world *w, struct ingest_part *p)
{
	queue_records(w, p);
	hold_records(w, p);
	p->gap.n = p->produced;
	p->next_at = world_now(w);
	p->next_rest = 0;
	exact_next(p);			/* memoryless: begun anew is as good */
	p->free_at = world_now(w);
	p->departs = 0;
	p->served_ns = p->made_rest = 0;
}

/* -- from records to counts ----------------------------------------------- */

/* Does it go on where the run ends?  A gap of a tick begins another run, so
 * that a burst keeps its ages. */
static bool goes_on(const struct run *r, sim_time made)
{
	return made >= r->to && made - r->from <= INGEST_TICK;
}

static void count_queue(struct world *w, struct ingest_part *p)
{
	struct run *last = NULL;

	assert(exact_agrees(p));
	for (uint32_t i = 0; i < p->queue.count; i++) {
		const struct waiting *x = ring_at(&p->queue, i);

		if (!last || !goes_on(last, x->made)) {
			last = ring_push(&w->arena, &p->runs);
			*last = (struct run){ x->made, x->made, 0 };
		}
		last->to = x->made;
		last->count++;
		if (x->number & TRACER)
			*ring_push(&w->arena, &p->tracers) = (struct tracer){
				x->made, x->enter, x->number & ~TRACER,
				p->stored + i,
			};
	}
	ring_free(&w->arena, &p->queue);
}

static void count_held_one(struct world *w, struct ingest_part *p,
			   const struct held *x)
{
	const struct cohort *c = cohort_of(&p->stage->cohorts, x->device);

	for (uint32_t i = p->held_runs.count; i > 0; i--) {
		struct held_run *h = &p->held_runs.at[i - 1];

		if (h->first != c->first || h->devices != c->count ||
		    !goes_on(&h->run, x->made))
			continue;
		h->run.to = x->made;
		h->run.count++;
		return;
	}
	*vec_add(&w->arena, &p->held_runs) = (struct held_run){
		{ x->made, x->made, 1 }, c->first, c->count,
	};
}

static void count_held(struct world *w, struct ingest_part *p)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->held.count; i++) {
		const struct held x = p->held.at[i];

		count_held_one(w, p, &x);
		if (x.number & TRACER)
			p->held.at[kept++] = x;
	}
	p->held.count = kept;
	if (!kept && p->held.at)
		vec_free(&w->arena, &p->held);
}

static void to_counts(struct world *w, struct ingest_part *p)
{
	count_queue(w, p);
	count_held(w, p);
	p->made_rest = p->served_ns = 0;
	memset(p->out_rest, 0, sizeof(p->out_rest));
	p->busy_since = p->edge;
	p->bursts = part_backlog(p);
}

/* -- switching ------------------------------------------------------------ */

static void plan_edge(struct world *w, struct ingest_part *p)
{
	sim_time edge = (world_now(w) / INGEST_TICK + 1) * INGEST_TICK;

	world_plan(w, edge, CLASS_DELIVER, INGEST_TICK_EDGE, p, p->epoch);
}

/* The end of a window, or of a tick. */
void ingest_tick_edge(struct world *w, void *who, uint16_t arg)
{
	struct ingest_part *p = who;

	if (arg != p->epoch)
		return;
	levels[p->level]->advance(w, p, world_now(w));
	world_note(w, p->stored ^ p->entered << 24);
	plan_edge(w, p);
}

void ingest_begin(struct world *w, struct ingest_part *p)
{
	p->epoch++;
	if (p->level == LEVEL_RECORD)
		record_begin(w, p);
	else
		plan_edge(w, p);
}

/* The partition is at the present time. */
void ingest_switch(struct world *w, struct ingest_part *p,
		   enum ingest_level level)
{
	struct ingest *s = p->stage;

	if (p->level == level)
		return;
	if (p->level == LEVEL_COUNTS)
		to_records(w, p);
	if (level == LEVEL_COUNTS)
		to_counts(w, p);
	s->at_level[p->level]--;
	s->at_level[level]++;
	p->level = (uint16_t)level;
	world_note(w, (uint64_t)p->id << 8 | (uint64_t)level);
	ingest_begin(w, p);
	assert(part_conserves(p));
}

/* -- within bounds ------------------------------------------------------- */

uint64_t ingest_flight(const struct ingest *s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->partitions; i++)
		n += part_flight(&s->parts[i]);
	return n;
}

/* Of these, those that are followed one by one. */
static uint64_t followed(const struct ingest *s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->partitions; i++)
		if (s->parts[i].level != LEVEL_COUNTS)
			n += part_flight(&s->parts[i]);
	return n;
}

static void switch_all(struct world *w, struct ingest *s,
		       enum ingest_level level)
{
	for (uint32_t i = 0; i < s->partitions; i++) {
		struct ingest_part *p = &s->parts[i];

		p->zoom_until = 0;
		levels[p->level]->advance(w, p, world_now(w));
		ingest_switch(w, p, level);
	}
}

/* Half of the bound to come back: no to and fro. */
void ingest_bound(struct world *w, struct ingest *s)
{
	if (followed(s) > INGEST_RECORDS_MAX) {
		s->crowded = true;
		switch_all(w, s, LEVEL_COUNTS);
	} else if (s->crowded && ingest_flight(s) <= INGEST_RECORDS_MAX / 2) {
		s->crowded = false;
		switch_all(w, s, s->level);
	}
}

/* To record level until now + horizon, or as long as it was to be anyway;
 * unless there would be too many to follow. */
void ingest_zoom(struct world *w, struct ingest_part *p, sim_time horizon)
{
	const struct ingest *s = p->stage;
	sim_time until = world_now(w) + horizon;

	if (p->zoom_until >= until ||
	    (p->level == LEVEL_COUNTS &&
	     followed(s) + part_flight(p) > INGEST_RECORDS_MAX))
		return;
	p->zoom_until = until;
	ingest_switch(w, p, LEVEL_RECORD);
	world_plan(w, until, CLASS_DELIVER, INGEST_ZOOM_END, p, 0);
}

void ingest_zoom_end(struct world *w, void *who, uint16_t arg)
{
	struct ingest_part *p = who;

	(void)arg;
	if (world_now(w) < p->zoom_until)
		return;
	levels[p->level]->advance(w, p, world_now(w));
	ingest_switch(w, p, p->stage->crowded ? LEVEL_COUNTS :
						p->stage->level);
}
