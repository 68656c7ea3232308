/* latency.h - a histogram of bounded size, and quantiles with an interval
 *
 * Buckets are exact below 128 ns and then 128 to each power of two (after
 * Tene's HdrHistogram): a value is known to 1/128, whatever its size, in 38 KiB
 * that never grow.  2^44 ns (4.9 hours) and more share the last bucket.
 *
 * The interval of a quantile needs no assumption on the distribution: the
 * number of samples below the true p-quantile is binomial(n, p), so two order
 * statistics enclose it (Conover, Practical Nonparametric Statistics, 3.2;
 * normal approximation, 95 %).
 * Simplified: samples count as independent; records that wait behind each
 * other in one backlog are not quite.
 */
#ifndef SIM_DEVICE_LATENCY_H
#define SIM_DEVICE_LATENCY_H

#include "sim/core/simtime.h"
#include "sim/device/figure.h"

#define LATENCY_BITS	7
#define LATENCY_BUCKETS	(38u << LATENCY_BITS)

struct latency {
	uint64_t n;
	int64_t sum, max;		/* ns */
	uint64_t at[LATENCY_BUCKETS];
};

static inline uint32_t latency_bucket(int64_t ns)
{
	uint64_t v = ns > 0 ? (uint64_t)ns : 0;
	unsigned high;

	if (v >> 44)
		return LATENCY_BUCKETS - 1;
	if (v < 1u << LATENCY_BITS)
		return (uint32_t)v;
	high = 63 - (unsigned)__builtin_clzll(v);
	return (high - LATENCY_BITS + 1) << LATENCY_BITS |
	       (uint32_t)(v >> (high - LATENCY_BITS) &
			  ((1u << LATENCY_BITS) - 1));
}

static inline void latency_add(struct latency *l, int64_t ns)
{
	l->at[latency_bucket(ns)]++;
	l->n++;
	l->sum += ns;
	if (ns > l->max)
		l->max = ns;
}

/* Smallest value of a bucket; of LATENCY_BUCKETS: one past the largest. */
int64_t latency_floor(uint32_t bucket);

/* Samples below `ns`, which is the floor of a bucket (a power of two is). */
uint64_t latency_below(const struct latency *l, int64_t ns);

/*
 * The quantile ppm / 10^6, its interval and n.  Not there below n = 0.3 / (1 -
 * p), that is 300 for p99.9 (simulation.md 5): fewer say nothing about it.
 */
struct figure latency_quantile(const struct latency *l, uint32_t ppm,
			       enum fidelity f);

uint64_t root(uint64_t x);	/* square root, rounded down */

#endif
