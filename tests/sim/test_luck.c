/* test_luck.c - golden and statistics: the draws, and what they are worth
 *
 * Everything is drawn at a fixed seed, so a bound that holds holds for good.
 */
#include "tests/test.h"

#include "sim/core/luck.h"

/* By another program, from the definition in luck.h. */
static const uint64_t draws[] = {
	UINT64_C(0xde7cb7114979997b),
	UINT64_C(0x88e223e0f8a56d3f),
	UINT64_C(0xf6c3e4684b2126ea),
	UINT64_C(0x12b2ae1bc6264909),
};

/* -ln(draw / 2^64) * 10^15, by the same program with 40 decimals. */
static const int64_t exponentials[] = {
	INT64_C(140308014699021),
	INT64_C(626048268389834),
	INT64_C(36740151163376),
	INT64_C(2616762526261985),
	INT64_C(2436917988197410),
	INT64_C(483546561885939),
	INT64_C(188998581194877),
	INT64_C(884103811311743),
};

static void the_draws_are_the_ones_they_always_were(void **state)
{
	struct luck l;

	(void)state;
	luck_init(&l, 42, "broker-1", "jitter");
	for (size_t i = 0; i < sizeof(draws) / sizeof(draws[0]); i++)
		assert_true(luck_draw(&l) == draws[i]);
}

static void an_exponential_is_the_logarithm_of_its_draw(void **state)
{
	struct luck l;

	(void)state;
	luck_init(&l, 42, "broker-1", "jitter");
	for (size_t i = 0; i < sizeof(exponentials) / sizeof(exponentials[0]);
	     i++) {
		int64_t got = luck_exponential(&l, INT64_C(1000000000000000));
		int64_t off = got - exponentials[i];

		/* 1e-6 of the mean, as luck.h promises */
		if (off < -1000000000 || off > 1000000000)
			fail_msg("draw %d: %lld", (int)i, (long long)got);
	}
}

static void every_part_and_purpose_has_its_own_luck(void **state)
{
	static const struct {
		uint64_t seed;
		const char *part, *purpose;
	} row[] = {
		{ 1, "a", "b" }, { 2, "a", "b" }, { 1, "b", "a" },
		{ 1, "a", "c" }, { 1, "ab", "" }, { 1, "", "ab" },
		{ 0, "a", "b" }, { UINT64_MAX, "a", "b" },
	};
	struct luck l[8];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		luck_init(&l[i], row[i].seed, row[i].part, row[i].purpose);
		for (size_t j = 0; j < i; j++)
			assert_true(l[i].key != l[j].key);
	}
}

static void a_draw_can_be_asked_twice(void **state)
{
	struct luck l, again;
	uint64_t want[100];

	(void)state;
	luck_init(&l, 3, "part", "purpose");
	again = l;
	for (int i = 0; i < 100; i++)
		want[i] = luck_draw(&l);
	for (int i = 99; i >= 0; i--) {
		again.n = (uint64_t)i;
		assert_true(luck_draw(&again) == want[i]);
	}
}

/* Sum of (seen - expected)^2 / expected; for 99 degrees of freedom it lies in
 * 61 .. 149 but once in a thousand (both sides). */
static double chi_square(const uint32_t *seen, size_t count, double expected)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (seen[i] - expected) * (seen[i] - expected) / expected;
	return sum;
}

static void draws_below_n_are_spread_evenly(void **state)
{
	uint32_t seen[100] = {0}, high[100] = {0}, low[100] = {0};
	struct luck l, raw;
	double x;

	(void)state;
	luck_init(&l, 1, "test", "below");
	luck_init(&raw, 1, "test", "raw");
	for (int i = 0; i < 1000000; i++) {
		uint64_t draw = luck_draw(&raw);

		seen[luck_below(&l, 100)]++;
		high[(draw >> 32) * 100 >> 32]++;
		low[(draw & UINT32_MAX) * 100 >> 32]++;
	}
	x = chi_square(seen, 100, 10000);
	assert_true(x > 61 && x < 149);
	x = chi_square(high, 100, 10000);
	assert_true(x > 61 && x < 149);
	x = chi_square(low, 100, 10000);
	assert_true(x > 61 && x < 149);
}

/* Pairs of draws, of one source and of two neighbours, know nothing of each
 * other. */
static void neighbours_are_independent(void **state)
{
	uint32_t pair[100] = {0}, parts[100] = {0};
	struct luck l, m;
	double x;

	(void)state;
	luck_init(&l, 1, "device-1", "phase");
	luck_init(&m, 1, "device-2", "phase");
	for (int i = 0; i < 1000000; i++) {
		uint64_t one = luck_below(&l, 10);

		parts[one * 10 + luck_below(&m, 10)]++;
		pair[one * 10 + luck_below(&l, 10)]++;
	}
	x = chi_square(pair, 100, 10000);
	assert_true(x > 61 && x < 149);
	x = chi_square(parts, 100, 10000);
	assert_true(x > 61 && x < 149);
}

static void bounds_are_kept(void **state)
{
	struct luck l;
	bool low = false, high = false;

	(void)state;
	luck_init(&l, 1, "test", "bounds");
	for (int i = 0; i < 1000; i++) {
		int64_t x = luck_between(&l, -2, 2);

		assert_true(x >= -2 && x <= 2);
		low |= x == -2;
		high |= x == 2;
		assert_int_equal(luck_below(&l, 1), 0);
		assert_int_equal(luck_between(&l, 7, 7), 7);
		assert_true(luck_between(&l, INT64_MIN, 0) <= 0);
		assert_true(luck_between(&l, INT64_MIN + 1, INT64_MAX) >
			    INT64_MIN);
		luck_between(&l, INT64_MIN, INT64_MAX);
		assert_true(luck_below(&l, UINT64_C(3) << 62) <
			    UINT64_C(3) << 62);
		assert_false(luck_chance(&l, 0, 10));
		assert_true(luck_chance(&l, 10, 10));
		assert_int_equal(luck_exponential(&l, 0), 0);
		assert_true(luck_exponential(&l, LUCK_MEAN_MAX) >= 0);
	}
	assert_true(low && high);
}

static void a_chance_is_what_it_says(void **state)
{
	struct luck l;
	int hits = 0;

	(void)state;
	luck_init(&l, 1, "test", "chance");
	for (int i = 0; i < 1000000; i++)
		hits += luck_chance(&l, 3, 1000);
	assert_true(hits > 3000 - 4 * 55 && hits < 3000 + 4 * 55);
}

/* Mean and variance of 10^6, and the share below exact quantiles of the
 * exponential distribution (mean 10^9); bounds are four standard errors. */
static void exponentials_have_their_distribution(void **state)
{
	static const struct {
		int64_t quantile;	/* -ln(1 - share) * 10^9 */
		int share_ppm, error;
	} row[] = {
		{ 1000500, 1000, 4 * 32 }, { 10050336, 10000, 4 * 100 },
		{ 105360516, 100000, 4 * 300 }, { 287682072, 250000, 4 * 433 },
		{ 693147181, 500000, 4 * 500 },
		{ 1386294361, 750000, 4 * 433 },
		{ 2302585093, 900000, 4 * 300 },
		{ 4605170186, 990000, 4 * 100 },
		{ 6907755279, 999000, 4 * 32 },
	};
	int seen[9] = {0};
	double sum = 0, squares = 0;
	struct luck l;

	(void)state;
	luck_init(&l, 1, "test", "exponential");
	for (int i = 0; i < 1000000; i++) {
		int64_t x = luck_exponential(&l, INT64_C(1000000000));

		sum += (double)x / 1e9;
		squares += (double)x / 1e9 * ((double)x / 1e9);
		for (size_t q = 0; q < 9; q++)
			seen[q] += x < row[q].quantile;
	}
	assert_true(sum > 1e6 - 4e3 && sum < 1e6 + 4e3);
	assert_true(squares > 2e6 - 4 * 4.5e3 && squares < 2e6 + 4 * 4.5e3);
	for (size_t q = 0; q < 9; q++)
		if (abs(seen[q] - row[q].share_ppm) > row[q].error)
			fail_msg("%d ppm: %d", row[q].share_ppm, seen[q]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_draws_are_the_ones_they_always_were),
		cmocka_unit_test(an_exponential_is_the_logarithm_of_its_draw),
		cmocka_unit_test(every_part_and_purpose_has_its_own_luck),
		cmocka_unit_test(a_draw_can_be_asked_twice),
		cmocka_unit_test(draws_below_n_are_spread_evenly),
		cmocka_unit_test(neighbours_are_independent),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(a_chance_is_what_it_says),
		cmocka_unit_test(exponentials_have_their_distribution),
	};

	return cmocka_run_group_tests_name("luck", tests, NULL, NULL);
}
