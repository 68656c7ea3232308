/* test_arena.c - model: blocks never overlap, are zero, and come back */
#include "tests/test.h"

#include "sim/core/arena.h"
#include "sim/core/luck.h"
#include "sim/core/vec.h"

static bool all_zero(const void *at, size_t bytes)
{
	const unsigned char *p = at;

	while (bytes && !p[bytes - 1])
		bytes--;
	return bytes == 0;
}

static void a_block_is_zero_aligned_and_large_enough(void **state)
{
	struct arena a;
	unsigned char *last = NULL;

	(void)state;
	arena_init(&a, (size_t)8 << 20);
	for (size_t bytes = 0; bytes < 3000; bytes++) {
		unsigned char *block = arena_take(&a, bytes);

		assert_int_equal((uintptr_t)block % 16, 0);
		assert_true(all_zero(block, bytes));
		assert_true(!last || block >= last);
		memset(block, 0xff, bytes);
		last = block + bytes;
		assert_true(last <= a.base + arena_head(&a)->used);
	}
	arena_release(&a);
}

/* No class wastes more than a quarter of what was asked for. */
static void sizes_are_rounded_up_a_little(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, (size_t)64 << 20);
	for (size_t bytes = 65; bytes < 5000000; bytes += bytes / 7) {
		size_t live = arena_head(&a)->live, more;
		void *block = arena_take(&a, bytes);

		more = arena_head(&a)->live - live;
		assert_true(more >= bytes && more <= bytes + bytes / 4 + 1);
		arena_free(&a, block, bytes);
		assert_int_equal(arena_head(&a)->live, live);
	}
	arena_release(&a);
}

static void what_comes_back_is_used_again_and_zero(void **state)
{
	struct arena a;
	unsigned char *one, *two;
	size_t used;

	(void)state;
	arena_init(&a, 1 << 20);
	one = arena_take(&a, 100);
	memset(one, 0xff, 100);
	arena_free(&a, one, 100);
	assert_true(all_zero(one + sizeof(void *), 100 - sizeof(void *)));
	used = arena_head(&a)->used;
	two = arena_take(&a, 97);		/* the same class */
	assert_ptr_equal(one, two);
	assert_true(all_zero(two, 97));
	assert_int_equal(arena_head(&a)->used, used);
	arena_free(&a, NULL, 100);
	arena_release(&a);
}

static void growing_keeps_what_was_there(void **state)
{
	struct arena a;
	unsigned char *p = NULL;
	size_t bytes = 0;

	(void)state;
	arena_init(&a, 1 << 20);
	while (bytes < 20000) {
		size_t more = bytes + bytes / 3 + 1;

		p = arena_grow(&a, p, bytes, more);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(p[i], (i * 7) & 0xff);
		assert_true(all_zero(p + bytes, more - bytes));
		for (size_t i = bytes; i < more; i++)
			p[i] = (unsigned char)(i * 7);
		bytes = more;
	}
	arena_release(&a);
}

/* Model: each block is filled with its own number and still holds it when it
 * is given back. */
static void random_takes_and_frees_never_meet(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct { unsigned char *at; size_t bytes; } block[200] = {{0}};
		struct arena a;
		struct luck l;

		arena_init(&a, (size_t)16 << 20);
		luck_init(&l, seed, "test", "arena");
		for (int step = 0; step < 20000; step++) {
			size_t i = luck_below(&l, 200);
			size_t bytes = (size_t)1 << luck_below(&l, 13);

			if (block[i].at) {
				for (size_t k = 0; k < block[i].bytes; k++)
					if (block[i].at[k] != (i & 0xff))
						fail_msg("seed %d, step %d",
							 (int)seed, step);
				arena_free(&a, block[i].at, block[i].bytes);
				block[i].at = NULL;
				continue;
			}
			bytes += luck_below(&l, bytes);
			block[i].at = arena_take(&a, bytes);
			block[i].bytes = bytes;
			if (!all_zero(block[i].at, bytes))
				fail_msg("seed %d, step %d: not zero",
					 (int)seed, step);
			memset(block[i].at, (int)(i & 0xff), bytes);
		}
		arena_release(&a);
	}
}

/* The bytes behind the used part, up to the end of the page, are zero: also
 * after going back, when they were used in the meantime. */
static void the_rest_of_the_last_page_is_zero(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (int i = 0; i < 1000; i++) {
		size_t used;

		memset(arena_take(&a, 48), 0xff, 48);
		used = arena_head(&a)->used;
		assert_true(all_zero(a.base + used,
				     (ARENA_PAGE - used % ARENA_PAGE) %
				     ARENA_PAGE));
		memset(a.base + (used + ARENA_PAGE - 1) / ARENA_PAGE *
		       ARENA_PAGE, 0xaa, ARENA_PAGE);	/* stale */
	}
	arena_release(&a);
}

static void a_row_grows_and_closes_its_gaps(void **state)
{
	VEC(uint32_t) v = {0};
	struct arena a;
	size_t live;

	(void)state;
	arena_init(&a, 1 << 20);
	live = arena_head(&a)->live;
	for (uint32_t i = 0; i < 100; i++) {
		uint32_t *p = vec_add(&a, &v);

		assert_int_equal(*p, 0);
		*p = i;
	}
	vec_remove(&v, 0);
	vec_remove(&v, 49);		/* was 50 */
	vec_remove(&v, v.count - 1);	/* was 99 */
	assert_int_equal(v.count, 97);
	for (uint32_t i = 0; i < v.count; i++)
		assert_int_equal(v.at[i], i + 1 + (i >= 49));
	assert_int_equal(*vec_add(&a, &v), 0);
	vec_free(&a, &v);
	assert_null(v.at);
	assert_int_equal(arena_head(&a)->live, live);
	vec_free(&a, &v);		/* an empty one has nothing to give */
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_zero_aligned_and_large_enough),
		cmocka_unit_test(sizes_are_rounded_up_a_little),
		cmocka_unit_test(what_comes_back_is_used_again_and_zero),
		cmocka_unit_test(growing_keeps_what_was_there),
		cmocka_unit_test(random_takes_and_frees_never_meet),
		cmocka_unit_test(the_rest_of_the_last_page_is_zero),
		cmocka_unit_test(a_row_grows_and_closes_its_gaps),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
