/* ingest_answers.c - what a stage says when asked, and how sure it is
 *
 * Counted one by one, a figure is what it is.  From counts a tick it is an
 * estimate of what record level would have shown, with an interval from theory:
 * numbers of a Poisson stream vary by their root (2 of them); a backlog by the
 * chance arrivals and services since its queue was empty; a queue that is
 * empty in the even flow holds what a queue of that load usually does.
 */
#include "sim/device/ingest_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Bounds this wide hold for the largest of some thousand queues: a normal
 * deviation beyond 4 comes once in 30,000. */
#define SIGMAS_MAX	4

enum fidelity counted_as(const struct ingest *s)
{
	return s->ever[LEVEL_COUNTS] ? FIDELITY_ESTIMATE :
	       s->ever[LEVEL_WINDOW] ? FIDELITY_WINDOW : FIDELITY_EXACT;
}

enum fidelity part_now_as(const struct ingest_part *p)
{
	static const enum fidelity as[] = {
		[LEVEL_RECORD] = FIDELITY_EXACT,
		[LEVEL_WINDOW] = FIDELITY_WINDOW,
		[LEVEL_COUNTS] = FIDELITY_ESTIMATE,
	};

	return as[p->level];
}

static struct figure counted(enum fidelity f, uint64_t n)
{
	int64_t spread = (int64_t)(2 * root(n));

	return f == FIDELITY_ESTIMATE ?
	       figure_estimate((int64_t)n, spread, spread, n) :
	       figure_known(f, (int64_t)n, n);
}

/*
 * How many records a queue of this load holds at most, but for `chance` in
 * 2^32: P(more than n) = r^(n + 1) for exponential services; fixed ones make
 * shorter queues, so there it is a bound.
 */
static uint64_t usual_most(const struct ingest_part *p, uint64_t chance)
{
	uint64_t load = p->weight_up * (uint64_t)p->stage->service / 1000000 *
			4294967 / 1000;		/* 2^32: saturated */
	uint64_t x = load, n = 0;

	if (load >> 32)
		load = x = UINT64_C(4294000000);
	for (; x > chance && n < 100000; n++)
		x = x * load >> 32;
	return n;
}

struct figure ingest_backlog(const struct world *w, const struct ingest *s,
			     uint32_t partition)
{
	const struct ingest_part *p = &s->parts[partition];
	uint64_t n = part_backlog(p), spread;

	(void)w;
	if (p->level != LEVEL_COUNTS)
		return figure_known(part_now_as(p), (int64_t)n, 1);
	if (!n)				/* 2.5 % of 2^32 */
		return figure_estimate(0, 0, (int64_t)usual_most(p, 107374182),
				       1);
	spread = 2 * root(counts_variance(p));
	return figure_estimate((int64_t)n, (int64_t)spread, (int64_t)spread, 1);
}

/* All queues together. */
static struct figure backlog_all(const struct ingest *s)
{
	uint64_t usual = 0, variance = 0;
	enum fidelity f = FIDELITY_EXACT;

	for (uint32_t i = 0; i < s->partitions; i++) {
		const struct ingest_part *p = &s->parts[i];
		uint64_t quiet = quiet_backlog(p) / MILLION + 1;

		if (part_now_as(p) > f)
			f = part_now_as(p);
		if (p->level != LEVEL_COUNTS)
			continue;
		usual += quiet;
		variance += part_backlog(p) ? counts_variance(p) :
					      quiet * (quiet + 1);
	}
	if (f != FIDELITY_ESTIMATE)
		return figure_known(f, (int64_t)s->backlog, s->partitions);
	return figure_estimate((int64_t)s->backlog,
			       (int64_t)(2 * root(variance)),
			       (int64_t)(usual + 2 * root(variance)),
			       s->partitions);
}

/*
 * The largest backlog so far.  A queue that never fell behind in the even flow
 * had crowds by chance: over a time T the largest is n where T mu (1 - r)^2 r^n
 * is small, here 1 in 20 for all partitions together (as the maximum of an
 * M/M/1 queue over many busy periods: Iglehart, Annals of Math. Stat. 1972).
 */
static struct figure backlog_max(const struct ingest *s, enum fidelity f)
{
	const struct ingest_part *most = &s->parts[0];
	uint64_t ticks = (uint64_t)(s->seen / INGEST_TICK + 1), spread;

	for (uint32_t i = 1; i < s->partitions; i++)
		if (s->parts[i].backlog_max > most->backlog_max)
			most = &s->parts[i];
	if (f != FIDELITY_ESTIMATE)
		return figure_known(f, (int64_t)most->backlog_max,
				    s->partitions);
	spread = SIGMAS_MAX * root(most->backlog_spread) +
		 usual_most(most, 214748364 / (ticks * s->partitions *
			    (uint64_t)(INGEST_TICK / s->service + 1)) + 1);
	return figure_estimate((int64_t)most->backlog_max,
			       (int64_t)(SIGMAS_MAX *
					 root(most->backlog_spread)),
			       (int64_t)spread, s->partitions);
}

/*
 * Draining takes backlog / (mu - lambda); the backlog is uncertain by the
 * arrivals and services of that time.
 */
static struct figure drain(const struct ingest *s, enum fidelity f)
{
	const struct ingest_part *p = &s->parts[0];
	uint64_t us = (uint64_t)s->drain / 1000, in, out, spread;

	if (!s->drained)
		return (struct figure){ .fidelity = f };
	if (f != FIDELITY_ESTIMATE)
		return figure_known(f, s->drain, 1);
	in = p->weight / 1000 * us / MILLION;
	out = us * 1000 / (uint64_t)s->service;
	if (out <= in || !us)
		return figure_estimate(s->drain, INGEST_TICK, INGEST_TICK, 1);
	spread = SIGMAS_MAX * root(in + out) * us / (out - in) * 1000;
	return figure_estimate(s->drain, (int64_t)spread + INGEST_TICK,
			       (int64_t)spread + INGEST_TICK, 1);
}

/* From all records if each was seen, else from tracers alone. */
static struct figure quantile(const struct ingest *s, enum fidelity f,
			      uint32_t ppm)
{
	return latency_quantile(f == FIDELITY_ESTIMATE ? &s->tracers :
				&s->latency, ppm, f);
}

void ingest_ask(const struct world *w, const struct ingest *s,
		struct ingest_answer *out)
{
	uint64_t produced = 0, stored = 0, dropped = 0, held = 0;
	enum fidelity f = counted_as(s);

	for (uint32_t i = 0; i < s->partitions; i++) {
		const struct ingest_part *p = &s->parts[i];

		produced += p->produced;
		stored += p->stored;
		dropped += p->dropped;
		held += p->held_count;
	}
	*out = (struct ingest_answer){
		.as_of = s->at_level[LEVEL_RECORD] == s->partitions ?
			 world_now(w) : s->seen,
		.produced = counted(f, produced),
		.stored = counted(f, stored),
		.dropped = counted(f, dropped),
		.held = counted(f, held),
		.backlog = backlog_all(s),
		.backlog_max = backlog_max(s, f),
		.p50 = quantile(s, f, 500000),
		.p99 = quantile(s, f, 990000),
		.p999 = quantile(s, f, 999000),
		.drain = drain(s, f),
	};
	out->in_flight = out->backlog;
	out->in_flight.value += out->held.value;
	out->in_flight.low += out->held.low;
	out->in_flight.high += out->held.high;
	if (out->held.fidelity > out->in_flight.fidelity)
		out->in_flight.fidelity = out->held.fidelity;
}

bool ingest_conserves(const struct ingest *s)
{
	for (uint32_t i = 0; i < s->partitions; i++)
		if (!part_conserves(&s->parts[i]))
			return false;
	return true;
}

enum ingest_level ingest_level(const struct ingest *s, uint32_t partition)
{
	return s->parts[partition].level;
}

const struct cohorts *ingest_cohorts(const struct ingest *s)
{
	return &s->cohorts;
}

void ingest_little(const struct ingest *s, uint32_t partition,
		   uint64_t *length, uint64_t *stays)
{
	const struct ingest_part *p = &s->parts[partition];
	struct queue line = part_line(p);

	*stays = p->stays_ns;
	*length = p->stays_before +
		  (p->level == LEVEL_COUNTS ? line.stayed :
		   queue_area(&line, p->edge));
}

/* 18.00 .. 26.99 degrees, as sim/device/fleet.c has them. */
void ingest_record(const struct world *w, const struct ingest *s,
		   uint32_t partition, uint64_t number,
		   struct ingest_record *out)
{
	struct ingest_part p = s->parts[partition];	/* draws stay ours */
	struct luck luck = { luck_mix(p.device.key), number };
	int64_t cents = 1800 + luck_between(&luck, 0, 899);

	out->device = ingest_device(&p, number);
	out->service = service_of(&p, number);
	snprintf(out->key, sizeof(out->key), "%s-%07u",
		 world_text(w, s->name), out->device);
	snprintf(out->value, sizeof(out->value),
		 "{\"device\":\"%s\",\"partition\":%u,\"number\":%llu,"
		 "\"celsius\":%lld.%02lld}", out->key, partition,
		 (unsigned long long)number, (long long)(cents / 100),
		 (long long)(cents % 100));
}
