/* test_mem.c - memory outside any world
 *
 * Method: what is asked for is there and is as it was said to be.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/core/mem.h"

static void zeroed_memory_is_zero_and_grown_memory_keeps_its_bytes(void **state)
{
	unsigned char *at = mem_zeroed(3, 4);

	(void)state;
	for (int i = 0; i < 12; i++)
		assert_int_equal(at[i], 0);
	memcpy(at, "abc", 4);
	at = mem_grow(at, 1 << 20);
	assert_string_equal((char *)at, "abc");
	free(at);
	at = mem_grow(NULL, 1);
	free(at);
}

static void a_copy_of_nothing_is_nothing_and_its_text_is_empty(void **state)
{
	char *copy = mem_copy("one"), *text = mem_text(NULL);

	(void)state;
	assert_string_equal(copy, "one");
	assert_null(mem_copy(NULL));
	assert_string_equal(text, "");
	free(copy);
	free(text);
	text = mem_text("two");
	assert_string_equal(text, "two");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			zeroed_memory_is_zero_and_grown_memory_keeps_its_bytes),
		cmocka_unit_test(
			a_copy_of_nothing_is_nothing_and_its_text_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
