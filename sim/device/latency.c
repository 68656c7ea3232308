/* latency.c - a histogram of bounded size, and quantiles with an interval */
#include "sim/device/latency.h"

#define MILLION	UINT64_C(1000000)

uint64_t root(uint64_t x)
{
	uint64_t r = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((r | bit) * (r | bit) <= x)
			r |= bit;
	return r;
}

int64_t latency_floor(uint32_t bucket)
{
	uint32_t octave = bucket >> LATENCY_BITS;
	int64_t step = bucket & ((1u << LATENCY_BITS) - 1);

	return octave ? ((INT64_C(1) << LATENCY_BITS) + step) << (octave - 1) :
			step;
}

uint64_t latency_below(const struct latency *l, int64_t ns)
{
	uint32_t end = latency_bucket(ns);
	uint64_t n = 0;

	for (uint32_t i = 0; i < end; i++)
		n += l->at[i];
	return n;
}

/* The bucket of the sample of a rank, 1 .. n. */
static uint32_t bucket_of(const struct latency *l, uint64_t rank)
{
	uint32_t i = 0;

	for (uint64_t n = l->at[0]; n < rank; n += l->at[i])
		i++;
	return i;
}

static int64_t ceiling(const struct latency *l, uint32_t bucket)
{
	int64_t high = latency_floor(bucket + 1) - 1;

	return high < l->max ? high : l->max;
}

/* 1.96 standard errors of the rank: 1.96^2 = 3.8416. */
static uint64_t half_width(uint64_t n, uint64_t ppm)
{
	uint64_t variance_ppm = ppm * (MILLION - ppm) / MILLION;

	return root(n * variance_ppm / 10000 * 38416 / MILLION) + 1;
}

struct figure latency_quantile(const struct latency *l, uint32_t ppm,
			       enum fidelity f)
{
	struct figure q = { .fidelity = f, .n = l->n };
	uint64_t rank, half, low, high;
	uint32_t bucket;

	if (l->n * (MILLION - ppm) < 3 * MILLION / 10 || !l->n)
		return q;
	rank = (l->n * ppm + MILLION - 1) / MILLION;
	half = half_width(l->n, ppm);
	low = rank > half ? rank - half : 1;
	high = rank + half;
	q.open = high > l->n;
	bucket = bucket_of(l, rank ? rank : 1);
	q.there = true;
	q.value = (latency_floor(bucket) + ceiling(l, bucket)) / 2;
	q.low = latency_floor(bucket_of(l, low));
	q.high = ceiling(l, bucket_of(l, q.open ? l->n : high));
	return q;
}
