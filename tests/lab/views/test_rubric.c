/* test_rubric.c - one's own number beside what the runs say
 *
 * Method: ratings by keys, the record read back.  Goal: a rating is kept with
 * its date, is never changed by evidence, and its history can be seen.
 */
#include "tests/lab/views/stand.h"

#include "lab/progress/progress.h"

static void ratings_are_kept_with_their_history(void **state)
{
	struct stand s;
	struct ratings r;
	struct err err;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, rubric_view(&s.app));
	stand_sees(&s, "0 of 12 rated");
	stand_keys(&s, "4 Down 2 Up 3");
	stand_sees(&s, "2 of 12 rated");
	stand_sees(&s, "$ millrace assess rate T1 3");
	stand_sizes(&s, "rubric-rated");
	assert_true(progress_ratings(s.store, &r, &err));
	assert_int_equal(r.count, 3);
	assert_string_equal(r.at[1].statement, "T2");
	assert_int_equal(r.at[1].rating, 2);
	ratings_free(&r);
	stand_keys(&s, "v");
	stand_sees(&s, "Sun 22 Nov: 4");
	stand_sees(&s, "Sun 22 Nov: 3");
	stand_close(&s);
}

static void few_runs_say_nothing(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	stand_attempt(&s, 4, "a-1", "bigdata.first-log", 1, 0, true,
		      "bigdata.log-model");
	app_push(&s.app, rubric_view(&s.app));
	stand_sees(&s, "too few runs");
	stand_sees(&s, "not measured");
	stand_keys(&s, "Enter");
	stand_sees(&s, "What the numbers mean:");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratings_are_kept_with_their_history),
		cmocka_unit_test(few_runs_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
