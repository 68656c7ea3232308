/* test_retry.c - waits as configured, and what retries cost through layers
 *
 * Tables after resilience4j's IntervalFunction; retries counted on the
 * network.
 */
#include "tests/test.h"

#include "tests/sim/call_world.h"

static void the_defaults_are_the_documented_ones(void **state)
{
	(void)state;
	assert_int_equal(retry_defaults.attempts, 3);
	assert_int_equal(retry_defaults.wait, SIM_MS(500));
	assert_int_equal(retry_defaults.growth_permille, 1000);
	assert_int_equal(retry_defaults.random_permille, 0);
	assert_int_equal(RETRY_GROWTH_PERMILLE, 1500);
	assert_int_equal(RETRY_RANDOM_PERMILLE, 500);
}

static void waits_are_fixed_or_grow(void **state)
{
	static const struct {
		struct retry_policy policy;
		int64_t ms[6];
	} rows[] = {
		{ { .wait = SIM_MS(500), .growth_permille = 1000 },
		  { 500, 500, 500, 500, 500, 500 } },
		{ { .wait = SIM_MS(500), .growth_permille = 1500 },
		  { 500, 750, 1125, 1687, 2530, 3795 } },	/* cut each time */
		{ { .wait = SIM_MS(100), .growth_permille = 2000,
		    .wait_max = SIM_S(1) },
		  { 100, 200, 400, 800, 1000, 1000 } },
		{ { .wait = SIM_MS(1), .growth_permille = 10000 },
		  { 1, 10, 100, 1000, 10000, 100000 } },
	};
	struct luck luck = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (uint32_t k = 0; k < 6; k++)
			assert_int_equal(retry_wait(&rows[i].policy, k + 1,
						    &luck),
					 SIM_MS(rows[i].ms[k]));
	assert_int_equal(luck.n, 0);		/* nothing was drawn */
	/* no overflow after a thousand attempts */
	assert_true(retry_wait(&rows[1].policy, 1000, &luck) > SIM_HOURS(1));
}

static void random_waits_fill_their_range(void **state)
{
	struct retry_policy p = {
		.wait = SIM_MS(100), .growth_permille = 2000,
		.random_permille = 500, .wait_max = SIM_MS(500),
	};
	int64_t low = INT64_MAX, high = 0, sum = 0;
	struct luck luck;

	(void)state;
	luck_init(&luck, 1, "retry", "test");
	for (int i = 0; i < 10000; i++) {
		int64_t ms = retry_wait(&p, 2, &luck) / SIM_MS(1);

		low = ms < low ? ms : low;
		high = ms > high ? ms : high;
		sum += ms;
	}
	assert_int_equal(low, 100);		/* 200 +- 100 */
	assert_int_equal(high, 300);
	assert_true(sum / 10000 >= 197 && sum / 10000 <= 203);
	for (int i = 0; i < 1000; i++)		/* 800 +- 400, at most 500 */
		assert_true(retry_wait(&p, 4, &luck) <= SIM_MS(500));
}

static struct calls_config tries(uint32_t attempts)
{
	return (struct calls_config){
		.timeout = SIM_S(20),
		.retry = { .attempts = attempts, .wait = SIM_MS(10),
			   .growth_permille = 1000 },
	};
}

/* n tries in each of L layers: n^L requests for one, at the bottom. */
static void retries_multiply_through_layers(void **state)
{
	static const uint32_t tries_of[] = { 1, 2, 3, 4 };

	(void)state;
	for (size_t i = 0; i < sizeof(tries_of) / sizeof(tries_of[0]); i++) {
		uint32_t n = tries_of[i];
		struct world *w = call_world(1);
		struct service *s[4];

		for (int k = 0; k < 4; k++) {
			char name[8];

			snprintf(name, sizeof(name), "layer-%d", k);
			s[k] = service_new(w, name, SIM_US(100));
			if (k)
				service_over(s[k], s[k - 1], tries(n));
		}
		s[0]->broken = true;
		service_ask(s[3], NULL);
		world_run_until(w, SIM_S(60));
		assert_int_equal(s[2]->asked, n);
		assert_int_equal(s[1]->asked, n * n);
		assert_int_equal(s[0]->asked, n * n * n);	/* 3 x 3 x 3 = 27 */
		assert_int_equal(s[3]->by[CALL_FAILED], 1);
		assert_int_equal(s[3]->last.attempts, n);

		s[0]->broken = false;		/* well again: one each */
		service_ask(s[3], NULL);
		world_run_until(w, SIM_S(120));
		assert_int_equal(s[0]->asked, n * n * n + 1);
		assert_int_equal(s[3]->by[CALL_ANSWERED], 1);
		world_free(w);
	}
}

static void only_what_may_help_is_tried_again(void **state)
{
	struct calls_config c = tries(5);
	struct world *w = call_world(1);
	struct service *below = service_new(w, "below", SIM_US(100));
	struct service *s = service_new(w, "client", 0);

	(void)state;
	c.retry.not_on = 1u << CALL_FAILED;
	service_over(s, below, c);
	below->broken = true;
	service_ask(s, NULL);
	world_run_until(w, SIM_S(1));
	assert_int_equal(s->last.attempts, 1);
	assert_int_equal(s->last.outcome, CALL_FAILED);
	assert_int_equal(s->calls->unretried_failed, 1);
	process_kill(w, below->process);
	service_ask(s, NULL);
	world_run_until(w, SIM_S(2));
	assert_int_equal(s->last.attempts, 5);
	assert_int_equal(s->last.outcome, CALL_LOST);
	assert_int_equal(s->calls->retried_failed, 1);
	assert_true(s->last.took >= SIM_MS(40));	/* four waits */
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_the_documented_ones),
		cmocka_unit_test(waits_are_fixed_or_grow),
		cmocka_unit_test(random_waits_fill_their_range),
		cmocka_unit_test(retries_multiply_through_layers),
		cmocka_unit_test(only_what_may_help_is_tried_again),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
