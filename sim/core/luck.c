/* luck.c - randomness that can be asked twice */
#include "sim/core/luck.h"

#include <assert.h>

#include "sim/core/ln_table.h"

#define LN2_Q32	UINT64_C(2977044472)	/* ln(2) * 2^32 */

uint64_t luck_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t luck_hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return luck_mix(h);
}

void luck_init(struct luck *l, uint64_t seed, const char *part,
	       const char *purpose)
{
	l->key = luck_mix(luck_mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^
			  luck_hash(part)) ^ luck_hash(purpose);
	l->key = luck_mix(l->key);
	l->n = 0;
}

/* High half of a 64 x 64 bit product, in plain C11. */
static inline uint64_t mul_high(uint64_t x, uint64_t y, uint64_t *low)
{
	uint64_t xl = (uint32_t)x, xh = x >> 32;
	uint64_t yl = (uint32_t)y, yh = y >> 32;
	uint64_t ll = xl * yl, lh = xl * yh, hl = xh * yl, hh = xh * yh;
	uint64_t mid = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;

	*low = mid << 32 | (uint32_t)ll;
	return hh + (lh >> 32) + (hl >> 32) + (mid >> 32);
}

/* x * q / 2^32, rounded down; the answer has to fit. */
static inline uint64_t scale(uint64_t x, uint64_t q)
{
	uint64_t xl = (uint32_t)x, ql = (uint32_t)q;

	return (x >> 32) * q + xl * (q >> 32) + (xl * ql >> 32);
}

/* Lemire, "Fast Random Integer Generation in an Interval" (TOMACS 2019). */
uint64_t luck_below(struct luck *l, uint64_t n)
{
	uint64_t low, high, floor;

	assert(n > 0);
	high = mul_high(luck_draw(l), n, &low);
	if (low >= n)
		return high;
	for (floor = (0 - n) % n; low < floor;)
		high = mul_high(luck_draw(l), n, &low);
	return high;
}

int64_t luck_between(struct luck *l, int64_t low, int64_t high)
{
	uint64_t span;

	assert(low <= high);
	span = (uint64_t)high - (uint64_t)low + 1;	/* 0: all there are */
	return (int64_t)((uint64_t)low +
			 (span ? luck_below(l, span) : luck_draw(l)));
}

bool luck_chance(struct luck *l, uint64_t num, uint64_t den)
{
	return luck_below(l, den) < num;
}

/*
 * u = x / 2^64 with x drawn, x = 2^(63 - zeros) * (1 + fraction), so
 * -ln(u) = (zeros + 1) * ln(2) - ln(1 + fraction): by table, linear between.
 */
int64_t luck_exponential(struct luck *l, int64_t mean)
{
	uint64_t x = luck_draw(l) | 1;	/* never 0; the bit lost is 2^-64 */
	unsigned zeros = (unsigned)__builtin_clzll(x);
	uint64_t fraction = x << zeros << 1;	/* of 2^64 */
	uint64_t i = fraction >> (64 - LN_TABLE_BITS);
	uint64_t rest = fraction << LN_TABLE_BITS >> 32;
	uint64_t step = ln_table[i + 1] - ln_table[i];
	uint64_t minus_ln_q32 = (zeros + 1) * LN2_Q32 - ln_table[i] -
				(step * rest >> 32);

	assert(mean >= 0 && mean <= LUCK_MEAN_MAX);
	return (int64_t)scale((uint64_t)mean, minus_ln_q32);
}
