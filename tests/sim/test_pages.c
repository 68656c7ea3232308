/* test_pages.c - model: images against plain copies of the arena */
#include "tests/test.h"

#include "sim/core/luck.h"
#include "sim/core/pages.h"

#define BYTES	((size_t)64 * ARENA_PAGE)

static void an_image_is_laid_over_the_arena_again(void **state)
{
	struct page_store s;
	struct image image, none = {0};
	struct arena a;
	char *text;

	(void)state;
	page_store_init(&s);
	arena_init(&a, BYTES);
	text = arena_take(&a, 10000);
	memcpy(text + 9000, "before", 7);
	image_take(&image, &s, &a, &none);
	memcpy(text + 9000, "behind", 7);
	arena_take(&a, 30000);
	image_restore(&image, &s, &a);
	assert_string_equal(text + 9000, "before");
	assert_true(arena_head(&a)->used < 30000);
	image_release(&image, &s);
	assert_int_equal(page_store_bytes(&s), 0);
	page_store_release(&s);
	arena_release(&a);
}

static void equal_pages_are_kept_once(void **state)
{
	struct page_store s;
	struct image one, two, third, none = {0};
	struct arena a;
	char *block;

	(void)state;
	page_store_init(&s);
	arena_init(&a, BYTES);
	block = arena_take(&a, 10 * ARENA_PAGE);
	image_take(&one, &s, &a, &none);
	assert_int_equal(page_store_bytes(&s), one.count * ARENA_PAGE);
	block[5 * ARENA_PAGE] = 1;
	image_take(&two, &s, &a, &one);
	assert_int_equal(page_store_bytes(&s), (one.count + 1) * ARENA_PAGE);
	image_copy(&third, &two, &s);
	assert_int_equal(page_store_bytes(&s), (one.count + 1) * ARENA_PAGE);
	image_release(&two, &s);
	assert_int_equal(page_store_bytes(&s), (one.count + 1) * ARENA_PAGE);
	image_release(&third, &s);
	assert_int_equal(page_store_bytes(&s), one.count * ARENA_PAGE);
	image_release(&one, &s);
	assert_int_equal(page_store_bytes(&s), 0);
	page_store_release(&s);
	arena_release(&a);
}

/* Model: eight images, taken, restored and released at random, each beside a
 * whole copy of what the arena was. */
static void random_images_equal_whole_copies(void **state)
{
	static unsigned char copy[8][BYTES];

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct image image[8] = {{0}}, last = {0};
		struct page_store s;
		struct arena a;
		struct luck l;

		page_store_init(&s);
		arena_init(&a, BYTES);
		arena_take(&a, 9000);
		luck_init(&l, seed, "test", "pages");
		for (int step = 0; step < 3000; step++) {
			size_t i = luck_below(&l, 8);
			size_t used = arena_head(&a)->used;

			if (luck_chance(&l, 1, 3)) {	/* change something */
				if (used < BYTES / 2)
					arena_take(&a, luck_below(&l, 9000));
				a.base[1024 + luck_below(&l, used - 1024)]++;
			} else if (!image[i].pages) {
				image_take(&image[i], &s, &a, &last);
				memcpy(copy[i], a.base, used);
				image_release(&last, &s);
				image_copy(&last, &image[i], &s);
			} else {
				image_restore(&image[i], &s, &a);
				image_release(&last, &s);
				image_copy(&last, &image[i], &s);
				used = arena_head(&a)->used;
				if (memcmp(copy[i], a.base, used) != 0)
					fail_msg("seed %d, step %d", (int)seed,
						 step);
				if (luck_chance(&l, 1, 2))
					image_release(&image[i], &s);
			}
		}
		for (size_t i = 0; i < 8; i++)
			image_release(&image[i], &s);
		image_release(&last, &s);
		assert_int_equal(page_store_bytes(&s), 0);
		page_store_release(&s);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_laid_over_the_arena_again),
		cmocka_unit_test(equal_pages_are_kept_once),
		cmocka_unit_test(random_images_equal_whole_copies),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
