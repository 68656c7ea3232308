/* ingest_exact.c - one record after another: what two levels share */
#include "sim/device/ingest_inside.h"

#include <assert.h>

/*
 * When the next record is made.  Gap n is drawn for record n, so no outage
 * shifts anyone's luck; 1/1024 ns are carried, or a mean gap of 1.6 us would be
 * wrong by a third of a thousandth.
 */
void exact_next(struct ingest_part *p)
{
	int64_t gap = luck_exponential(&p->gap, p->gap_mean) + p->next_rest;

	p->next_at += gap >> 10;
	p->next_rest = (uint32_t)(gap & 1023);
}

void exact_enter(struct world *w, struct ingest_part *p, sim_time made,
		 sim_time enter, uint64_t number)
{
	uint64_t backlog;

	*ring_push(&w->arena, &p->queue) = (struct waiting){
		made, enter, number, service_of(p, number),
	};
	p->moments += (uint64_t)enter;
	p->entered++;
	p->stage->backlog++;
	/* who leaves at this very moment is gone before the next one enters */
	backlog = part_backlog(p) - (p->departs == enter);
	if (backlog > p->backlog_max) {
		p->backlog_max = backlog;
		p->backlog_spread = 0;
	}
}

/* Record `produced` is made: to the queue, kept, or lost. */
bool exact_made(struct world *w, struct ingest_part *p, sim_time at)
{
	const struct ingest *s = p->stage;
	uint64_t number = p->produced++;
	enum device_path path = PATH_UP;
	uint32_t device = 0;

	if (s->cohorts.out) {		/* only now it matters whose it is */
		device = ingest_device(p, number);
		path = cohort_path(cohort_of(&s->cohorts, device));
	}
	if (number == p->tracer_next) {
		p->tracer_next = tracer_number(p, number / INGEST_TRACE_EVERY +
						  1);
		number |= TRACER;
	}
	if (path == PATH_UP) {
		exact_enter(w, p, at, at, number);
	} else if (path == PATH_LOST || p->held_count >= p->held_max) {
		p->dropped++;
	} else {
		*vec_add(&w->arena, &p->held) = (struct held){
			.made = at, .number = number, .device = device,
		};
		p->held_count++;
	}
	return path == PATH_UP;
}

static inline bool agrees(const struct ingest_part *p, uint64_t entered,
			  sim_time now)
{
	const struct queue line = part_line(p);

	return queue_agrees(&line, entered, now);
}

/* The record in front is stored. */
void exact_leave(struct ingest_part *p, sim_time at)
{
	struct ingest *s = p->stage;
	const struct waiting *head = ring_front(&p->queue);

	latency_add(&s->latency, at - head->made);
	if (head->number & TRACER)
		latency_add(&s->tracers, at - head->made);
	p->stays_ns += (uint64_t)(at - head->enter);
	p->moments -= (uint64_t)at;
	p->stored++;
	s->backlog--;
	p->free_at = at;
	p->departs = 0;
	ring_pop(&p->queue);
	assert(p->queue.count || agrees(p, 0, at));
}

static uint64_t entered(const struct ingest_part *p)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < p->queue.count; i++)
		sum += (uint64_t)ring_at(&p->queue, i)->enter;
	return sum;
}

void exact_take_over(struct ingest_part *p)
{
	p->moments = entered(p);
	p->stays_before = p->stays_ns;
}

bool exact_agrees(const struct ingest_part *p)
{
	return p->queue.count == part_backlog(p) &&
	       agrees(p, entered(p), p->edge);
}

/* What was held by devices that are back enters now, in the order in which it
 * was made.  Simplified: real devices reconnect with a random delay. */
void exact_release(struct world *w, struct ingest_part *p)
{
	uint32_t kept = 0, count = p->held.count;

	for (uint32_t i = 0; i < count; i++) {
		const struct held h = p->held.at[i];

		if (cohort_path(cohort_of(&p->stage->cohorts, h.device)) ==
		    PATH_UP)
			exact_enter(w, p, h.made, world_now(w), h.number);
		else
			p->held.at[kept++] = h;
	}
	p->held_count -= count - kept;
	p->held.count = kept;
	if (!kept && p->held.at)
		vec_free(&w->arena, &p->held);
}
