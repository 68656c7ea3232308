/* ingest_counts.c - level counts: whole numbers of records a tick
 *
 * So many are made, so many are kept or lost, so many are stored; fractions are
 * carried, never dropped.  That is the even flow of a queue: it knows backlogs,
 * not the small crowds that chance makes within a tick.  Those come from
 * theory, for a few real records that are followed through (tracers).
 *
 * In an M/G/1 queue with load r, the wait is the sum of K leftover services,
 * where K is geometric: P(K = k) = (1 - r) r^k (Pollaczek and Khinchine; as a
 * sum: Asmussen, Applied Probability and Queues, VIII.5).  What is left over of
 * an exponential service is exponential again, of a fixed one it is uniform.
 * A tracer waits for the backlog or for the chance crowd, whichever is longer.
 */
#include "sim/device/ingest_inside.h"

#include <assert.h>

/* Near saturation a queue takes longer to reach its steady state than any run
 * lasts; the sum is then cut (fidelity card). */
#define CROWD_MAX	10000

/* -- made ----------------------------------------------------------------- */

/* Does a run go on at the rate of the last?  To within four of its records;
 * so a long backlog of one rate stays one run. */
static bool goes_on(const struct run *last, const struct run *run)
{
	uint64_t span = (uint64_t)(last->to - last->from);
	uint64_t due = span * run->count / last->count;
	uint64_t slack = 4 * span / last->count + (uint64_t)SIM_US(100);
	uint64_t took = (uint64_t)(run->to - last->to);

	return run->from >= last->to && due <= took + slack &&
	       took <= due + slack;
}

static void enter(struct world *w, struct ingest_part *p, struct run run)
{
	struct run *last = p->runs.count ?
			   ring_at(&p->runs, p->runs.count - 1) : NULL;

	if (!run.count)
		return;
	if (!part_backlog(p)) {
		p->busy_since = p->edge;
		p->bursts = 0;
	}
	if (last && goes_on(last, &run)) {
		last->to = run.to;
		last->count += run.count;
	} else {
		*ring_push(&w->arena, &p->runs) = run;
	}
	p->entered += run.count;
	p->stage->backlog += run.count;
}

/* A device that is full loses what is more.  Simplified: all are full at once. */
static void hold(struct world *w, struct ingest_part *p,
		 const struct cohort *c, struct run run)
{
	uint64_t room = p->held_max > p->held_count ?
			p->held_max - p->held_count : 0;
	struct held_run *h;

	if (run.count > room) {
		p->dropped += run.count - room;
		run.count = room;
	}
	if (!run.count)
		return;
	p->held_count += run.count;
	/* a run of these very devices is theirs since they were cut off */
	for (uint32_t i = p->held_runs.count; i > 0; i--) {
		h = &p->held_runs.at[i - 1];
		if (h->first != c->first || h->devices != c->count)
			continue;
		h->run.to = run.to;
		h->run.count += run.count;
		return;
	}
	*vec_add(&w->arena, &p->held_runs) = (struct held_run){
		run, c->first, c->count,
	};
}

/* Those of devices that are cut off; how many are left. */
static uint64_t make_out(struct world *w, struct ingest_part *p,
			 struct run run)
{
	const struct ingest *s = p->stage;
	uint64_t left = run.count, span = (uint64_t)(run.to - run.from);
	uint32_t out = 0;

	for (uint32_t i = 0; i < s->cohorts.all.count; i++) {
		const struct cohort *c = &s->cohorts.all.at[i];
		uint64_t weight, n, *rest;

		if (cohort_path(c) == PATH_UP)
			continue;
		rest = &p->out_rest[out++];
		weight = (uint64_t)cohort_members(c->first, c->count, p->id,
						  s->partitions) * c->rate_mhz;
		*rest += weight * span;
		n = *rest / MHZ_NS;
		/* all of them: each tick's rounding falls to the last */
		if (n > left || (out == s->cohorts.out && !p->weight_up))
			n = left;
		*rest -= n * MHZ_NS < *rest ? n * MHZ_NS : *rest;
		left -= n;
		run.count = n;
		if (cohort_path(c) == PATH_LOST)
			p->dropped += n;
		else
			hold(w, p, c, run);
	}
	return left;
}

/* Which of the records just made are tracers, and where they went. */
static void make_tracers(struct world *w, struct ingest_part *p,
			 struct run run, uint64_t first, uint64_t up)
{
	const struct ingest *s = p->stage;
	uint64_t before = p->entered;

	while (p->tracer_next < first + run.count) {
		uint64_t n = p->tracer_next, i = n - first;
		sim_time made = run.from + (sim_time)((uint64_t)
				(run.to - run.from) * i / run.count);
		uint32_t device = ingest_device(p, n);
		enum device_path path = s->cohorts.out ?
			cohort_path(cohort_of(&s->cohorts, device)) : PATH_UP;

		if (path == PATH_UP && up && p->tracers.count < TRACERS_MAX)
			*ring_push(&w->arena, &p->tracers) = (struct tracer){
				made, made, n, before + up * i / run.count,
			};
		else if (path == PATH_HELD && p->held_count < p->held_max)
			*vec_add(&w->arena, &p->held) = (struct held){
				.made = made, .number = n | TRACER,
				.device = device,
			};
		p->tracer_next = tracer_number(p, n / INGEST_TRACE_EVERY + 1);
	}
}

static void make(struct world *w, struct ingest_part *p, struct run run)
{
	uint64_t first = p->produced, up;

	run.count = carry(&p->made_rest,
			  p->weight * (uint64_t)(run.to - run.from), MHZ_NS);
	p->produced += run.count;
	up = p->stage->cohorts.out ? make_out(w, p, run) : run.count;
	make_tracers(w, p, run, first, up);
	run.count = up;
	enter(w, p, run);
}

/* -- served --------------------------------------------------------------- */

static sim_time leftover(struct ingest_part *p)
{
	const struct ingest *s = p->stage;

	return s->law == SERVICE_FIXED ?
	       (sim_time)luck_below(&p->crowd, (uint64_t)s->service) :
	       luck_exponential(&p->crowd, s->service);
}

/* The wait that chance makes, in the steady state of the present load. */
static sim_time crowd(struct ingest_part *p, uint64_t number)
{
	uint64_t load = p->weight_up * (uint64_t)p->stage->service;
	sim_time wait = 0;

	if (load >= MHZ_NS)
		return 0;		/* there is none: the backlog grows */
	p->crowd.n = number * 64;
	for (int k = 0; k < CROWD_MAX && luck_chance(&p->crowd, load, MHZ_NS);
	     k++)
		wait += leftover(p);
	return wait;
}

/* Tracers among the records stored since the server began at `begin` with the
 * one in place `stored`. */
static void leave_tracers(struct ingest_part *p, sim_time begin,
			  uint64_t stored)
{
	struct ingest *s = p->stage;

	while (p->tracers.count && ring_front(&p->tracers)->place < p->stored) {
		const struct tracer t = *ring_front(&p->tracers);
		sim_time turn = begin + (sim_time)(t.place - stored) *
					s->service;
		sim_time wait = turn - t.enter, chance = crowd(p, t.number);

		if (wait < chance)
			wait = chance;
		latency_add(&s->tracers, t.enter + wait +
			    service_of(p, t.number) - t.made);
		ring_pop(&p->tracers);
	}
}

/* `count` records leave the front of the queue. */
static void take_runs(struct ingest_part *p, uint64_t count)
{
	while (count) {
		struct run *front = ring_front(&p->runs);

		if (front->count > count) {
			front->from += (sim_time)((uint64_t)(front->to -
					front->from) * count / front->count);
			front->count -= count;
			return;
		}
		count -= front->count;
		ring_pop(&p->runs);
	}
}

static void serve(struct ingest_part *p, sim_time from, sim_time until)
{
	struct ingest *s = p->stage;
	uint64_t service = (uint64_t)s->service, stored = p->stored, n;
	sim_time begin = from - (sim_time)p->served_ns;

	if (p->served)
		p->served_ns += (uint64_t)(until - from);
	n = p->served_ns / service;
	if (n > part_backlog(p))
		n = part_backlog(p);
	p->served_ns -= n * service;
	p->stored += n;
	s->backlog -= n;
	take_runs(p, n);
	leave_tracers(p, begin, stored);
	if (part_backlog(p))
		return;
	/* who has nothing to do cannot work ahead; one record is begun */
	if (p->served_ns >= service)
		p->served_ns = service - 1;
}

/* -- a tick --------------------------------------------------------------- */

/* Variance of the true backlog about the counted one: since the queue was last
 * empty, arrivals and (if they vary) services came by chance. */
uint64_t counts_variance(const struct ingest_part *p)
{
	const struct ingest *s = p->stage;
	uint64_t us = (uint64_t)(p->edge - p->busy_since) / 1000;
	uint64_t in = p->weight_up / 1000 * us / MILLION;
	uint64_t out = us * 1000 / (uint64_t)s->service;

	return p->bursts + in + (s->law == SERVICE_EXPONENTIAL ? out : 0);
}

static void look_for_max(struct ingest_part *p)
{
	if (part_backlog(p) <= p->backlog_max)
		return;
	p->backlog_max = part_backlog(p);
	p->backlog_spread = counts_variance(p);
}

static void advance(struct world *w, struct ingest_part *p, sim_time until)
{
	sim_time from = p->edge;

	if (until == from)
		return;
	p->stage->ever[LEVEL_COUNTS] = true;
	make(w, p, (struct run){ from, until, 0 });
	serve(p, from, until);
	p->edge = until;
	look_for_max(p);
	assert(part_conserves(p));
}

/* Of a held run, what belongs to devices that are up again; the rest stays, in
 * runs of its own.  Shares are rounded on their running sum: none is lost. */
static uint64_t release_run(struct world *w, struct ingest_part *p,
			    struct held_run h)
{
	const struct cohorts *c = &p->stage->cohorts;
	uint32_t parts = p->stage->partitions, end = h.first + h.devices;
	uint32_t all = cohort_members(h.first, h.devices, p->id, parts);
	uint64_t seen = 0, given = 0, up = 0;

	for (uint32_t at = h.first; at < end;) {
		const struct cohort *x = cohort_of(c, at);
		uint32_t stop = x->first + x->count < end ?
				x->first + x->count : end;
		uint64_t share;

		seen += cohort_members(at, stop - at, p->id, parts);
		share = h.run.count * seen / all - given;
		given += share;
		if (cohort_path(x) == PATH_UP)
			up += share;
		else if (share)
			*vec_add(&w->arena, &p->held_runs) = (struct held_run){
				{ h.run.from, h.run.to, share }, at, stop - at,
			};
		at = stop;
	}
	return up;
}

/* Tracers among the burst, spread over it in their order. */
static void release_tracers(struct world *w, struct ingest_part *p,
			    uint64_t before, uint64_t burst)
{
	uint32_t kept = 0, count = p->held.count, up = 0, n = 0;

	for (uint32_t i = 0; i < count; i++)
		up += cohort_path(cohort_of(&p->stage->cohorts,
					    p->held.at[i].device)) == PATH_UP;
	for (uint32_t i = 0; i < count; i++) {
		const struct held h = p->held.at[i];

		if (cohort_path(cohort_of(&p->stage->cohorts, h.device)) !=
		    PATH_UP) {
			p->held.at[kept++] = h;
			continue;
		}
		if (burst && p->tracers.count < TRACERS_MAX)
			*ring_push(&w->arena, &p->tracers) = (struct tracer){
				h.made, world_now(w), h.number & ~TRACER,
				before + burst * (2 * n + 1) / (2 * up),
			};
		n++;
	}
	p->held.count = kept;
	if (!kept && p->held.at)
		vec_free(&w->arena, &p->held);
}

/* The runs hold what the counters say. */
static bool runs_agree(const struct ingest_part *p)
{
	uint64_t waiting = 0, held = 0;

	for (uint32_t i = 0; i < p->runs.count; i++)
		waiting += ring_at(&p->runs, i)->count;
	for (uint32_t i = 0; i < p->held_runs.count; i++)
		held += p->held_runs.at[i].run.count;
	return waiting == part_backlog(p) && held == p->held_count;
}

static void release(struct world *w, struct ingest_part *p)
{
	uint64_t before = p->entered;
	uint32_t count = p->held_runs.count;

	for (uint32_t i = 0; i < count; i++) {
		struct held_run h = p->held_runs.at[i];

		h.run.count = release_run(w, p, h);
		p->held_count -= h.run.count;
		enter(w, p, h.run);
		p->bursts += h.run.count;
	}
	p->held_runs.count -= count;
	memmove(p->held_runs.at, p->held_runs.at + count,
		p->held_runs.count * sizeof(*p->held_runs.at));
	if (!p->held_runs.count && p->held_runs.at)
		vec_free(&w->arena, &p->held_runs);
	release_tracers(w, p, before, p->entered - before);
	look_for_max(p);
	assert(part_conserves(p) && runs_agree(p));
}

static void resume(struct world *w, struct ingest_part *p)
{
	(void)w, (void)p;		/* time is given to it from now on */
}

const struct level_ops counts_level = {
	.name = "counts", .advance = advance, .release = release,
	.resume = resume,
};
