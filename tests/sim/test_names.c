/* test_names.c - table and model: one text, one number, in order of use */
#include "tests/test.h"

#include "sim/core/names.h"

static void one_text_has_one_number(void **state)
{
	struct names n = {0};
	struct arena a;
	char text[] = "orders";

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(names_find(&n, "orders"), 0);
	assert_int_equal(names_intern(&n, &a, text), 1);
	assert_int_equal(names_intern(&n, &a, "payments"), 2);
	text[0] = 'b';				/* names keep a copy */
	assert_int_equal(names_intern(&n, &a, "orders"), 1);
	assert_int_equal(names_find(&n, "payments"), 2);
	assert_int_equal(names_find(&n, "order"), 0);
	assert_string_equal(names_text(&n, 1), "orders");
	assert_string_equal(names_text(&n, 2), "payments");
	arena_release(&a);
}

static void the_empty_name_is_zero(void **state)
{
	struct names n = {0};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(names_intern(&n, &a, ""), 0);
	assert_int_equal(names_find(&n, ""), 0);
	assert_string_equal(names_text(&n, 0), "");
	assert_int_equal(names_intern(&n, &a, "x"), 1);
	assert_string_equal(names_text(&n, 0), "");
	arena_release(&a);
}

static void a_piece_of_a_text_can_be_a_name(void **state)
{
	struct names n = {0};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(names_intern_bytes(&n, &a, "broker-12", 6), 1);
	assert_int_equal(names_intern(&n, &a, "broker"), 1);
	assert_int_equal(names_intern_bytes(&n, &a, "broker-12", 8), 2);
	assert_string_equal(names_text(&n, 2), "broker-1");
	arena_release(&a);
}

static void many_names_stay_apart(void **state)
{
	struct names n = {0};
	struct arena a;
	char text[32];

	(void)state;
	arena_init(&a, (size_t)16 << 20);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 1; i <= 20000; i++) {
			snprintf(text, sizeof(text), "name-%u", i * 7919);
			assert_int_equal(names_intern(&n, &a, text), i);
		}
	for (uint32_t i = 1; i <= 20000; i++) {
		snprintf(text, sizeof(text), "name-%u", i * 7919);
		assert_string_equal(names_text(&n, i), text);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_text_has_one_number),
		cmocka_unit_test(the_empty_name_is_zero),
		cmocka_unit_test(a_piece_of_a_text_can_be_a_name),
		cmocka_unit_test(many_names_stay_apart),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
