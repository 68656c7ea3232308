/* test_journal.c - table: entries are kept, copied and cut */
#include "tests/test.h"

#include "sim/core/journal.h"

static void entries_are_kept_in_order_as_copies(void **state)
{
	struct journal j = {0};
	char line[32];

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "speed %u", i);
		journal_add(&j, SIM_S(i), i * 3, line);
	}
	assert_int_equal(j.count, 100);
	assert_int_equal(j.played, 0);
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "speed %u", i);
		assert_string_equal(j.entries[i].line, line);
		assert_int_equal(j.entries[i].at, SIM_S(i));
		assert_int_equal(j.entries[i].events, i * 3);
	}
	journal_release(&j);
}

static void a_cut_takes_the_future_only(void **state)
{
	struct journal j = {0};

	(void)state;
	journal_add(&j, 1, 0, "one");
	journal_add(&j, 2, 0, "two");
	journal_add(&j, 3, 0, "three");
	j.played = 2;
	journal_cut(&j, 5);
	assert_int_equal(j.count, 3);
	journal_cut(&j, 2);
	assert_int_equal(j.played, 2);
	journal_cut(&j, 1);
	assert_int_equal(j.played, 1);
	journal_add(&j, 2, 0, "another");
	assert_string_equal(j.entries[0].line, "one");
	assert_string_equal(j.entries[1].line, "another");
	journal_release(&j);
	assert_int_equal(j.count, 0);
	journal_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_kept_in_order_as_copies),
		cmocka_unit_test(a_cut_takes_the_future_only),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
