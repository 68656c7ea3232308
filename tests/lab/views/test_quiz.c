/* test_quiz.c - a question is answered once, explained, and kept
 *
 * Method: a quiz of a fixed seed played by keys to its end, the record read
 * back.  Goal: each answer is one event with how sure one was; who looked first
 * is marked; the result counts what was answered.
 */
#include "tests/lab/views/stand.h"

#include "lab/progress/progress.h"
#include "lab/views/inside.h"

/* Whatever its kind, the question gets an answer that can be read: a number,
 * an order or pairs are typed. */
static void answer_one(struct stand *s)
{
	const char *seen = stand_see(s, false);

	if (strstr(seen, "a number"))
		stand_keys(s, "'17' Enter");
	else if (strstr(seen, "Type a letter"))
		stand_keys(s, "'1a 2b 3c 4d' Enter");
	else if (strstr(seen, "Type "))
		stand_keys(s, "'1 2 3 4' Enter");
	else
		stand_keys(s, "Space Enter");
}

static size_t answers(struct stand *s)
{
	struct answers a;
	struct err err;
	size_t n;

	assert_true(progress_answers(s->store, &a, &err));
	n = a.count;
	answers_free(&a);
	return n;
}

static void an_answer_is_explained_and_kept(void **state)
{
	struct stand s;
	struct answers a;
	struct err err;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	app_push(&s.app, quiz_view(&s.app, "bigdata", 3));
	stand_sees(&s, "question 1 of ");
	stand_sees(&s, "● likely");
	stand_keys(&s, "Tab");
	stand_sees(&s, "● sure");
	answer_one(&s);
	stand_sees(&s, "Source: ");
	stand_sizes(&s, "quiz-explained");
	assert_true(progress_answers(s.store, &a, &err));
	assert_int_equal(a.count, 1);
	assert_int_equal(a.at[0].sure, SURE_SURE);
	assert_false(a.at[0].looked);
	answers_free(&a);
	stand_close(&s);
}

static void all_are_asked_and_counted(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 36, 120);
	app_push(&s.app, home_view(&s.app));
	app_push(&s.app, quiz_view(&s.app, "bigdata", 3));
	for (size_t i = 0; i < 20; i++) {
		size_t before = answers(&s);

		if (strstr(stand_see(&s, false), "─ Result "))
			break;
		answer_one(&s);
		if (answers(&s) != before + 1)
			fail_msg("%s", stand_see(&s, false));
		stand_keys(&s, "Enter");
	}
	stand_sees(&s, "─ Result ");
	stand_sees(&s, " of 8 right");
	assert_int_equal(answers(&s), 8);
	stand_keys(&s, "Enter");
	assert_string_equal(stand_top(&s), "home");
	stand_close(&s);
}

static void who_looks_first_is_practising(void **state)
{
	struct stand s;
	struct answers a;
	struct err err;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	app_push(&s.app, quiz_view(&s.app, "bigdata", 3));
	stand_keys(&s, "? Esc");
	stand_sees_not(&s, "You looked first");
	assert_true(open_lesson(&s.app, "bigdata/log"));
	stand_keys(&s, "Esc");
	stand_sees(&s, "You looked first");
	answer_one(&s);
	assert_true(progress_answers(s.store, &a, &err));
	assert_true(a.count == 1 && a.at[0].looked);
	answers_free(&a);
	stand_close(&s);
}

static void nothing_to_ask_is_said(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	app_push(&s.app, quiz_view(&s.app, "no-such-unit", 3));
	stand_sees(&s, "no-such-unit");
	stand_keys(&s, "Enter");
	assert_string_equal(stand_top(&s), "home");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_explained_and_kept),
		cmocka_unit_test(all_are_asked_and_counted),
		cmocka_unit_test(who_looks_first_is_practising),
		cmocka_unit_test(nothing_to_ask_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
