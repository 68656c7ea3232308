/* test_bucket.c - tokens come by the period and are never made up
 *
 * Tables after resilience4j's AtomicRateLimiter; conservation over random
 * asking, against a stock counted period by period.
 */
#include "tests/test.h"

#include "sim/core/luck.h"
#include "sim/host/bucket.h"

static void the_defaults_are_the_documented_ones(void **state)
{
	(void)state;
	assert_int_equal(bucket_defaults.limit, 50);
	assert_int_equal(bucket_defaults.period, 500);
	assert_int_equal(bucket_defaults.wait, SIM_S(5));
}

/* limit 2 a second, 1.5 s of patience, made at 10 s. */
static void askers_reserve_coming_periods(void **state)
{
	static const struct {
		sim_time at, wait;
		bool granted;
		int64_t left;
	} rows[] = {
		{ SIM_MS(10000), 0, true, 1 },
		{ SIM_MS(10250), 0, true, 0 },
		{ SIM_MS(10250), SIM_MS(750), true, -1 },
		{ SIM_MS(10500), SIM_MS(500), true, -2 },
		/* the period after the next begins at 12 s */
		{ SIM_MS(10500), SIM_MS(1500), true, -3 },
		{ SIM_MS(10600), SIM_MS(1400), true, -4 },
		/* at 13 s: too late; whoever asks finds out after its patience */
		{ SIM_MS(10600), SIM_MS(1500), false, -4 },
		/* both of the period at 11 s are taken, and both at 12 s */
		{ SIM_MS(11000), SIM_MS(1500), false, -2 },
		{ SIM_MS(11500), SIM_MS(1500), true, -3 },
		{ SIM_MS(12000), SIM_MS(1000), true, -2 },
		{ SIM_MS(13999), SIM_MS(1), true, -1 },
		/* a long pause brings no more than the limit */
		{ SIM_S(1000), 0, true, 1 },
	};
	struct bucket_config c = {
		.limit = 2, .period = SIM_S(1), .wait = SIM_MS(1500),
	};
	struct bucket b;

	(void)state;
	bucket_init(&b, &c, SIM_S(10));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sim_time wait;
		bool granted = bucket_take(&b, rows[i].at, &wait);

		if (granted != rows[i].granted || wait != rows[i].wait ||
		    bucket_tokens(&b, rows[i].at) != rows[i].left)
			fail_msg("row %zu: %d after %lld ns, %lld left", i,
				 granted, (long long)wait,
				 (long long)bucket_tokens(&b, rows[i].at));
	}
}

static void a_capacity_makes_it_the_textbook_bucket(void **state)
{
	/* 10 a second, burst of 5: tokens = min(5, tokens + 10 t) */
	struct bucket_config c = {
		.limit = 1, .period = SIM_MS(100), .capacity = 5,
	};
	struct bucket b;
	sim_time wait;
	int granted = 0;

	(void)state;
	bucket_init(&b, &c, 0);
	for (int i = 0; i < 8; i++)
		granted += bucket_take(&b, 0, &wait);
	assert_int_equal(granted, 5);
	assert_int_equal(bucket_tokens(&b, SIM_MS(99)), 0);
	assert_int_equal(bucket_tokens(&b, SIM_MS(250)), 2);
	assert_int_equal(bucket_tokens(&b, SIM_S(9)), 5);
}

/* 500 ns periods over years must not overflow. */
static void a_short_period_and_a_long_pause_are_fine(void **state)
{
	struct bucket b;
	sim_time wait;

	(void)state;
	bucket_init(&b, &bucket_defaults, 0);
	assert_true(bucket_take(&b, SIM_HOURS(24) * 365 * 200, &wait));
	assert_int_equal(bucket_tokens(&b, SIM_HOURS(24) * 365 * 200), 49);
}

/* Random asking: grants of a period never exceed what it brought and what was
 * saved, and a token is at hand at the moment it was promised for. */
static void tokens_are_conserved(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		static uint32_t used[20000];	/* by the period of use */
		struct bucket_config c = { .period = SIM_MS(10) };
		struct luck luck;
		struct bucket b;
		sim_time now = SIM_S(3), wait;
		int64_t stock, periods;

		luck_init(&luck, seed, "bucket", "test");
		c.limit = (uint32_t)luck_between(&luck, 1, 7);
		c.capacity = c.limit + (uint32_t)luck_below(&luck, 9);
		c.wait = luck_between(&luck, 0, SIM_MS(55));
		memset(used, 0, sizeof(used));
		bucket_init(&b, &c, now);
		for (int i = 0; i < 5000; i++) {
			now += luck_exponential(&luck, SIM_MS(1 + i / 500 % 4));
			if (bucket_take(&b, now, &wait)) {
				assert_true(wait <= c.wait);
				/* a wait ends exactly where a period begins */
				assert_true(!wait || (now + wait - SIM_S(3)) %
						     c.period == 0);
				used[(now + wait - SIM_S(3)) / c.period]++;
			} else
				assert_int_equal(wait, c.wait);
		}
		assert_int_equal(b.taken + b.refused, 5000);
		periods = (now - SIM_S(3)) / c.period;
		stock = c.capacity;
		for (int64_t p = 0; p <= periods; p++) {
			if (p)
				stock += c.limit;
			if (stock > c.capacity)
				stock = c.capacity;
			stock -= used[p];
			if (stock < 0)
				fail_msg("seed %llu: period %lld gives more than "
					 "there is", (unsigned long long)seed,
					 (long long)p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_the_documented_ones),
		cmocka_unit_test(askers_reserve_coming_periods),
		cmocka_unit_test(a_capacity_makes_it_the_textbook_bucket),
		cmocka_unit_test(a_short_period_and_a_long_pause_are_fine),
		cmocka_unit_test(tokens_are_conserved),
	};

	return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
