/* test_map.c - model: a plain list against the map; order of insertion */
#include "tests/test.h"

#include "sim/core/luck.h"
#include "sim/core/map.h"

static void what_was_put_is_found(void **state)
{
	struct map m = {0};
	struct arena a;
	int one, two;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_null(map_get(&m, 7));
	assert_null(map_remove(&m, 7));
	map_put(&m, &a, 7, &one);
	map_put(&m, &a, 0, &two);		/* 0 is a key like any other */
	assert_ptr_equal(map_get(&m, 7), &one);
	assert_ptr_equal(map_get(&m, 0), &two);
	assert_null(map_get(&m, 8));
	map_put(&m, &a, 7, &two);
	assert_ptr_equal(map_get(&m, 7), &two);
	assert_int_equal(m.live, 2);
	assert_ptr_equal(map_remove(&m, 7), &two);
	assert_null(map_remove(&m, 7));
	assert_null(map_get(&m, 7));
	assert_int_equal(m.live, 1);
	arena_release(&a);
}

/* Also when the hole it left has not been closed yet. */
static void a_key_put_again_goes_to_the_end(void **state)
{
	struct map m = {0};
	struct arena a;
	int x[3];
	uint64_t order[3];
	size_t n = 0;

	(void)state;
	arena_init(&a, 1 << 20);
	for (uint64_t i = 0; i < 3; i++)
		map_put(&m, &a, i, &x[i]);
	map_remove(&m, 0);
	map_put(&m, &a, 1, &x[0]);		/* still there: keeps its place */
	map_put(&m, &a, 0, &x[0]);
	for (uint32_t i = 0; i < m.count; i++)
		if (m.entries[i].value)
			order[n++] = m.entries[i].key;
	assert_int_equal(n, 3);
	assert_int_equal(order[0], 1);
	assert_int_equal(order[1], 2);
	assert_int_equal(order[2], 0);
	arena_release(&a);
}

static void replacing_moves_nothing(void **state)
{
	struct map m = {0};
	struct arena a;
	int x;

	(void)state;
	arena_init(&a, 1 << 20);
	while (m.count < m.cap || m.count == 0)
		map_put(&m, &a, m.count, &x);
	for (uint32_t i = 0; i < m.count; i++) {
		struct map_entry *was = m.entries;

		map_put(&m, &a, i, &a);
		assert_ptr_equal(m.entries, was);
	}
	arena_release(&a);
}

/* Model: keys in a list, in order; put, remove and get at random, then walk. */
static void a_map_equals_a_plain_list(void **state)
{
	enum { KEYS = 300 };
	static char value[KEYS];

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		uint64_t list[KEYS];
		size_t count = 0;
		struct map m = {0};
		struct arena a;
		struct luck l;

		arena_init(&a, 1 << 20);
		luck_init(&l, seed, "test", "map");
		for (int step = 0; step < 5000; step++) {
			uint64_t k = luck_below(&l, luck_chance(&l, 1, 2) ?
						    KEYS : 20);
			uint64_t key = k << (seed % 3 * 27); /* like low bits */
			size_t at = 0, next = 0;

			while (at < count && list[at] != k)
				at++;
			if (luck_chance(&l, 1, 2)) {
				if (at == count)
					list[count++] = k;
				map_put(&m, &a, key, &value[k]);
			} else {
				void *want = at < count ? &value[k] : NULL;

				assert_ptr_equal(map_get(&m, key), want);
				assert_ptr_equal(map_remove(&m, key), want);
				if (at < count)
					memmove(&list[at], &list[at + 1],
						(--count - at) * sizeof(*list));
			}
			for (uint32_t i = 0; i < m.count; i++)
				if (m.entries[i].value &&
				    (next == count || m.entries[i].value !=
						      &value[list[next++]]))
					fail_msg("seed %d, step %d: order",
						 (int)seed, step);
			if (next != count || m.live != count)
				fail_msg("seed %d, step %d: count", (int)seed,
					 step);
		}
		map_free(&m, &a);
		assert_int_equal(arena_head(&a)->live, 0);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found),
		cmocka_unit_test(a_key_put_again_goes_to_the_end),
		cmocka_unit_test(replacing_moves_nothing),
		cmocka_unit_test(a_map_equals_a_plain_list),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
