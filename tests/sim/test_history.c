/* test_history.c - model: streams against plain arrays, cut and set forward */
#include "tests/test.h"

#include "sim/core/history.h"
#include "sim/core/luck.h"

static uint64_t say(struct history *h, stream_id id, const char *text)
{
	return history_append(h, id, text, strlen(text) + 1);
}

static void entries_stay_where_they_were_put(void **state)
{
	struct history h;
	stream_id a, b;
	uint64_t one, two, other;

	(void)state;
	history_init(&h);
	a = history_open(&h, 64);
	b = history_open(&h, 16);
	assert_true(a != 0 && b != 0 && a != b);
	one = say(&h, a, "one");
	other = say(&h, b, "other");
	two = say(&h, a, "two");
	assert_string_equal(history_at(&h, a, one), "one");
	assert_string_equal(history_at(&h, a, two), "two");
	assert_string_equal(history_at(&h, b, other), "other");
	assert_int_equal(history_len(&h, a), 8);
	assert_int_equal(history_bytes(&h), 64 + 16);
	history_release(&h);
}

static void no_entry_straddles_two_chunks(void **state)
{
	struct history h;
	stream_id id;

	(void)state;
	history_init(&h);
	id = history_open(&h, 16);
	assert_int_equal(say(&h, id, "123456789"), 0);
	assert_int_equal(say(&h, id, "abcdefghi"), 16);
	assert_int_equal(say(&h, id, "ABCDE"), 26);	/* to the very end */
	assert_int_equal(say(&h, id, "0123456789abcde"), 32); /* a whole chunk */
	assert_int_equal(say(&h, id, ""), 48);
	assert_string_equal(history_at(&h, id, 16), "abcdefghi");
	assert_string_equal(history_at(&h, id, 26), "ABCDE");
	assert_string_equal(history_at(&h, id, 32), "0123456789abcde");
	history_release(&h);
}

static void a_mark_of_the_same_run_is_good_forward(void **state)
{
	struct history h;
	stream_id a, b;
	uint64_t *early, *late;
	uint32_t early_count, late_count;

	(void)state;
	history_init(&h);
	a = history_open(&h, 64);
	say(&h, a, "one");
	early = history_mark(&h, &early_count);
	say(&h, a, "two");
	b = history_open(&h, 32);
	say(&h, b, "three");
	late = history_mark(&h, &late_count);

	history_set(&h, early, early_count);
	assert_int_equal(history_len(&h, a), 4);
	history_set(&h, late, late_count);
	assert_string_equal(history_at(&h, a, 4), "two");
	assert_string_equal(history_at(&h, b, 0), "three");

	/* The run happens again, and only half of it. */
	history_set(&h, early, early_count);
	say(&h, a, "two");
	assert_int_equal(history_open(&h, 32), b);
	history_set(&h, late, late_count);
	assert_string_equal(history_at(&h, a, 4), "two");
	assert_string_equal(history_at(&h, b, 0), "three");
	free(early);
	free(late);
	history_release(&h);
}

static void another_future_may_open_other_streams(void **state)
{
	struct history h;
	stream_id a, b;
	uint64_t *early;
	uint32_t count;

	(void)state;
	history_init(&h);
	a = history_open(&h, 64);
	early = history_mark(&h, &count);
	b = history_open(&h, 32);
	say(&h, b, "old");
	history_open(&h, 48);

	history_set(&h, early, count);
	assert_int_equal(history_open(&h, 128), b);	/* before the cut */
	say(&h, b, "new");
	history_forget(&h);
	assert_string_equal(history_at(&h, b, 0), "new");
	assert_int_equal(history_bytes(&h), 128);
	assert_int_equal(history_open(&h, 8), b + 1);	/* and after it */
	assert_int_equal(history_len(&h, a), 0);
	free(early);
	history_release(&h);
}

/* Model: the numbers of each stream in arrays; marks are kept, set, and
 * forgotten with the future they belong to. */
static void random_futures_equal_plain_arrays(void **state)
{
	enum { STREAMS = 6, LONG = 4000, MARKS = 8 };
	static uint32_t want[STREAMS][LONG];
	static struct { uint64_t *mark; uint32_t count, len[STREAMS]; }
		kept[MARKS];

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint32_t len[STREAMS] = {0}, streams = 1, marks = 0;
		struct history h;
		struct luck l;

		history_init(&h);
		luck_init(&l, seed, "test", "history");
		history_open(&h, 20);
		for (int step = 0; step < 2000; step++) {
			uint32_t dice = (uint32_t)luck_below(&l, 100);
			uint32_t s = (uint32_t)luck_below(&l, streams);
			uint32_t value = (uint32_t)luck_draw(&l);

			if (dice < 3 && streams < STREAMS) {
				history_open(&h, 20 + 4 * streams);
				len[streams++] = 0;
			} else if (dice < 8 && marks < MARKS) {
				kept[marks].mark =
					history_mark(&h, &kept[marks].count);
				memcpy(kept[marks++].len, len, sizeof(len));
			} else if (dice < 12 && marks) {
				uint32_t m = (uint32_t)luck_below(&l, marks);

				/* back, and from there another way */
				history_set(&h, kept[m].mark, kept[m].count);
				history_forget(&h);
				memcpy(len, kept[m].len, sizeof(len));
				streams = kept[m].count - 1;
				while (marks > m + 1)
					free(kept[--marks].mark);
			} else if (len[s] < LONG) {
				want[s][len[s]++] = value;
				history_append(&h, s + 1, &value, 4);
			}
		}
		for (uint32_t s = 0; s < streams; s++) {
			assert_int_equal(history_len(&h, s + 1), len[s] * 4);
			for (uint32_t i = 0; i < len[s]; i++)
				if (memcmp(history_at(&h, s + 1, i * 4),
					   &want[s][i], 4) != 0)
					fail_msg("seed %d, stream %d",
						 (int)seed, (int)s);
		}
		while (marks)
			free(kept[--marks].mark);
		history_release(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_stay_where_they_were_put),
		cmocka_unit_test(no_entry_straddles_two_chunks),
		cmocka_unit_test(a_mark_of_the_same_run_is_good_forward),
		cmocka_unit_test(another_future_may_open_other_streams),
		cmocka_unit_test(random_futures_equal_plain_arrays),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
