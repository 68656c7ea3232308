/* test_queue.c - a line agrees with Little's law, and says so when it does not
 *
 * Table, and a model: 100,000 random customers against a plain list.
 */
#include "tests/test.h"

#include "sim/core/luck.h"
#include "sim/core/queue.h"

static void area_is_counted_by_the_moment_and_by_the_customer(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, 100);
	queue_arrive(&q, 110);
	queue_arrive(&q, 130);
	assert_int_equal(queue_area(&q, 140), 20 + 2 * 10);
	queue_depart(&q, 110, 150);		/* stayed 40 */
	assert_int_equal(q.stayed, 40);
	assert_true(queue_agrees(&q, 130, 160));
	queue_depart(&q, 130, 190);		/* stayed 60 */
	assert_int_equal(queue_area(&q, 1000), 100);
	assert_true(queue_agrees(&q, 0, 1000));
	assert_int_equal(q.length_max, 2);
	assert_int_equal(queue_mean_stay(&q), 50);
	assert_int_equal(queue_mean_length_milli(&q, 200), 1000);
}

static void wrong_bookkeeping_is_seen(void **state)
{
	struct queue q;

	(void)state;
	queue_init(&q, 0);
	queue_arrive(&q, 10);
	queue_arrive(&q, 20);
	assert_true(queue_agrees(&q, 30, 50));
	assert_false(queue_agrees(&q, 31, 50));	/* another's arrival time */
	assert_false(queue_agrees(&q, 10, 50));	/* one is missing in the list */
	queue_depart(&q, 20, 60);		/* it was the first who left */
	assert_true(queue_agrees(&q, 10, 60));
	assert_false(queue_agrees(&q, 20, 60));
	q.departures++;
	assert_false(queue_agrees(&q, 10, 60));
}

/* A line of random services, several at a time and in no order. */
static void little_holds_over_random_arrivals(void **state)
{
	enum { CUSTOMERS = 100000, ROOM = 4096 };
	static sim_time inside[ROOM];
	uint64_t sum = 0, longest = 0, quiet = 0;
	struct luck luck;
	struct queue q;
	sim_time now = SIM_S(5);

	(void)state;
	luck_init(&luck, 7, "queue", "test");
	queue_init(&q, now);
	while (q.arrivals < CUSTOMERS || q.length) {
		/* Waves, so that the line is often empty and often long. */
		bool in = q.arrivals < CUSTOMERS && q.length < ROOM &&
			  luck_chance(&luck, q.arrivals / 500 % 2 ? 55 : 40, 100);

		now += luck_exponential(&luck, SIM_US(300));
		if (in) {
			inside[q.length] = now;
			sum += (uint64_t)now;
			queue_arrive(&q, now);
		} else if (q.length) {
			uint64_t i = luck_below(&luck, q.length);
			sim_time arrived = inside[i];

			inside[i] = inside[q.length - 1];
			sum -= (uint64_t)arrived;
			queue_depart(&q, arrived, now);
		}
		if (!queue_agrees(&q, sum, now))
			fail_msg("after %llu arrivals",
				 (unsigned long long)q.arrivals);
		quiet += !q.length;
		longest = q.length > longest ? q.length : longest;
	}
	assert_int_equal(q.arrivals, CUSTOMERS);
	assert_int_equal(q.departures, CUSTOMERS);
	assert_true(quiet > 1000 && longest > 50);
	assert_int_equal(longest, q.length_max);
	/* L x span = lambda x span x W, all in whole numbers. */
	assert_true(queue_area(&q, now) == q.stayed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(area_is_counted_by_the_moment_and_by_the_customer),
		cmocka_unit_test(wrong_bookkeeping_is_seen),
		cmocka_unit_test(little_holds_over_random_arrivals),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
