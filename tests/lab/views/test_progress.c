/* test_progress.c - every number opens to what it comes from
 *
 * Method: a few graded attempts in memory, keys.  Goal: levels unfold, evidence
 * is listed with what it did to the number, and opens the event itself.
 */
#include "tests/lab/views/stand.h"

static void fill(struct stand *s)
{
	stand_attempt(s, 20, "a-1", "bigdata.first-log", 1, 0, true,
		      "bigdata.log-model");
	stand_attempt(s, 9, "a-2", "bigdata.keys-and-order", 3, 2, true,
		      "bigdata.log-model");
	stand_attempt(s, 2, "a-3", "bigdata.keys-and-order", 4, 0, false,
		      "bigdata.log-model");
}

static void numbers_open_to_their_evidence(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, home_view(&s.app));
	assert_true(views_open(&s.app, "bigdata.log-model"));
	assert_string_equal(stand_top(&s), "progress");
	stand_sees(&s, "$ millrace progress bigdata.log-model");
	stand_sees(&s, "= known ");
	stand_sees(&s, "Your first log");
	stand_sees(&s, "Missing: ");
	stand_sizes(&s, "progress-evidence");
	stand_keys(&s, "Enter Enter");
	stand_sees(&s, "attempt");
	stand_sees(&s, "a-2");
	stand_keys(&s, "Esc Esc");
	assert_string_equal(stand_top(&s), "progress");
	stand_close(&s);
}

static void an_empty_record_says_what_to_do(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, progress_view(&s.app));
	stand_sees(&s, "No question was answered yet.");
	stand_keys(&s, "Down");
	stand_sees(&s, "No evidence yet");
	stand_keys(&s, "w");
	stand_sees(&s, "millrace start bigdata.five-vs");
	stand_close(&s);
}

static void levels_fold(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, progress_view(&s.app));
	stand_sees(&s, "The log: offsets, order, replay, retention");
	stand_keys(&s, "Left");
	stand_sees_not(&s, "The log: offsets");
	stand_keys(&s, "Right Down Left");
	stand_sees_not(&s, "The log: offsets");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_open_to_their_evidence),
		cmocka_unit_test(an_empty_record_says_what_to_do),
		cmocka_unit_test(levels_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
