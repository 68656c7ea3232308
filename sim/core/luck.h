/* luck.h - randomness that can be asked twice
 *
 * Draw number n of a source is a pure function of (seed, part, purpose, n):
 * counter-based, after Salmon et al., "Parallel Random Numbers: As Easy as
 * 1, 2, 3" (SC 2011); the mixing function is SplitMix64's (Steele, Lea, Flood,
 * OOPSLA 2014).  So a new part, or a fault, does not shift anyone else's luck,
 * and two runs that differ in one setting can be compared draw for draw.
 *
 * Everything is integers: libm differs between machines in the last bit, and
 * one bit is enough to make two runs part (simulation.md 4).
 */
#ifndef SIM_CORE_LUCK_H
#define SIM_CORE_LUCK_H

#include <stdbool.h>
#include <stdint.h>

struct luck {
	uint64_t key;		/* from seed, part and purpose */
	uint64_t n;		/* draws made */
};

uint64_t luck_mix(uint64_t x);			/* SplitMix64's finaliser */
uint64_t luck_hash(const char *s);		/* FNV-1a, then mixed */

void luck_init(struct luck *l, uint64_t seed, const char *part,
	       const char *purpose);

static inline uint64_t luck_draw(struct luck *l)
{
	uint64_t x = l->key + ++l->n * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t luck_below(struct luck *l, uint64_t n);	/* 0 .. n-1, n > 0 */
int64_t luck_between(struct luck *l, int64_t low, int64_t high); /* both in */
bool luck_chance(struct luck *l, uint64_t num, uint64_t den);	/* num in den */

/* Exponential with the given mean: -ln(u) * mean, by table (error < 1e-6); at
 * most 44.4 means. */
#define LUCK_MEAN_MAX	(INT64_C(1) << 57)	/* 4.5 years of ns */
int64_t luck_exponential(struct luck *l, int64_t mean);

#endif
