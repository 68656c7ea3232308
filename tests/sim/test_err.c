/* test_err.c - table: the sentence is kept, cut and optional */
#include "tests/test.h"

#include "sim/core/err.h"

static void the_sentence_is_kept_and_the_answer_is_false(void **state)
{
	struct err err;

	(void)state;
	assert_false(err_set(&err, "%s:%d: no such topic", "setup.yaml", 7));
	assert_string_equal(err.what, "setup.yaml:7: no such topic");
}

static void a_later_sentence_replaces_the_earlier(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, "a long first sentence");
	err_set(&err, "short");
	assert_string_equal(err.what, "short");
}

static void a_long_sentence_is_cut_and_still_ends(void **state)
{
	struct { struct err err; char guard; } s = { .guard = 'g' };
	char long_word[2 * sizeof(s.err.what)];

	(void)state;
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_false(err_set(&s.err, "%s", long_word));
	assert_int_equal(strlen(s.err.what), sizeof(s.err.what) - 1);
	assert_int_equal(s.guard, 'g');
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_false(err_set(NULL, "%d", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentence_is_kept_and_the_answer_is_false),
		cmocka_unit_test(a_later_sentence_replaces_the_earlier),
		cmocka_unit_test(a_long_sentence_is_cut_and_still_ends),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
