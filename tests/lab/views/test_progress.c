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

/* Given up behind a minute and a half, graded, and left. */
static void work(struct stand *s)
{
	assert_true(views_open(&s->app, "bigdata.first-log"));
	assert_string_equal(stand_top(s), "workbench");
	stand_keys(s, "'run 90s' Enter 'giveup yes' Enter F2");
	while (strcmp(stand_top(s), "home") != 0)
		stand_keys(s, "Esc");
}

static void every_run_replays(void **state)
{
	int64_t kept;
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	work(&s);
	kept = store_count(s.store);
	assert_true(views_open(&s.app, "bigdata.log-model"));
	stand_keys(&s, "Enter o");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees(&s, "replay");
	stand_sees(&s, "Your attempt as it ended at T+");
	stand_sees(&s, "$ run 90s");
	stand_sees(&s, "PAUSED at T+");
	/* It can be worked on, and nothing of that is kept. */
	stand_keys(&s, "'run 5s' Enter F2 Esc Esc Esc");
	assert_int_equal(store_count(s.store), kept);
	stand_close(&s);
}

static void what_has_no_run_says_so(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, home_view(&s.app));
	app_push(&s.app, progress_view(&s.app));
	stand_keys(&s, "o");
	stand_sees(&s, "No evidence, no run");
	assert_true(views_open(&s.app, "bigdata.log-model"));
	stand_keys(&s, "o");		/* of another version of the module */
	stand_sees(&s, "has changed since that attempt");
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
		cmocka_unit_test(every_run_replays),
		cmocka_unit_test(what_has_no_run_says_so),
		cmocka_unit_test(an_empty_record_says_what_to_do),
		cmocka_unit_test(levels_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
