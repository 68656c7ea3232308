/* test_formulas.c - FSRS-6, BKT, Elo and days, against published numbers
 *
 * Method: golden vectors (py-fsrs 6.3.1 and OATutor's defaults, as run for
 * learning.md 4), values worked out by hand, and properties over a sweep.
 * Goal: what decides when to ask again and when a gate opens is what the
 * literature says.
 */
#include "tests/test.h"

#include <math.h>

#include "lab/progress/bkt.h"
#include "lab/progress/day.h"
#include "lab/progress/elo.h"
#include "lab/progress/fsrs.h"
#include "lab/progress/progress.h"

static void near_to(double is, double wanted, double within)
{
	if (fabs(is - wanted) > within)
		fail_msg("%.9f is not %.9f", is, wanted);
}

/* --- FSRS ----------------------------------------------------------------- */

/* Reviewed on the day it was due, no fuzz: rating, S, D, next interval. */
static void fsrs_gives_the_numbers_of_py_fsrs(void **state)
{
	static const struct {
		enum fsrs_rating rating;
		double s, d;
		int64_t days;
	} cases[] = {
		{ FSRS_GOOD, 2.3065, 2.11810397, 2 },
		{ FSRS_GOOD, 10.96433234, 2.11121424, 11 },
		{ FSRS_GOOD, 46.28021729, 2.10433139, 46 },
		{ FSRS_AGAIN, 2.93258045, 7.38997579, 3 },
		{ FSRS_HARD, 5.84675153, 8.25257267, 6 },
		{ FSRS_EASY, 18.14924584, 7.65389226, 18 },
	};
	struct fsrs m = {0};
	int64_t days = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		m = i ? fsrs_next(m, (double)days, cases[i].rating) :
			fsrs_first(cases[i].rating);
		days = fsrs_interval(m.stability, 0.9, 36500);
		near_to(m.stability, cases[i].s, 1e-7);
		near_to(m.difficulty, cases[i].d, 1e-7);
		assert_int_equal(days, cases[i].days);
	}
}

static void an_all_good_card_is_asked_every_ninety_days_at_last(void **state)
{
	static const int64_t free[] = { 2, 11, 46, 163, 497 };
	struct fsrs m = fsrs_first(FSRS_GOOD);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		int64_t days = fsrs_interval(m.stability, 0.9, 36500);

		assert_int_equal(days, free[i]);
		assert_int_equal(fsrs_interval(m.stability, 0.9,
					       FSRS_DAYS_MAX),
				 days < 90 ? days : 90);
		m = fsrs_next(m, (double)days, FSRS_GOOD);
	}
}

static void recall_is_nine_tenths_after_the_stability(void **state)
{
	(void)state;
	for (double s = 0.25; s < 400; s *= 1.7) {
		near_to(fsrs_recall(s, s), 0.9, 1e-12);
		near_to(fsrs_recall(0, s), 1, 0);
		assert_true(fsrs_recall(s, s) > fsrs_recall(2 * s, s));
	}
}

static void a_second_look_on_the_same_day_teaches_little(void **state)
{
	struct fsrs m = { .stability = 1, .difficulty = 5 };

	(void)state;
	/* By hand: 1 * e^(0.5425*(0+0.0912)) * 1^-0.0658, and with -2. */
	near_to(fsrs_next(m, 0, FSRS_GOOD).stability, 1.0507204, 1e-6);
	near_to(fsrs_next(m, 0, FSRS_AGAIN).stability, 0.3550403, 1e-6);
	m.stability = 60;		/* good never shortens */
	near_to(fsrs_next(m, 0, FSRS_GOOD).stability, 60, 0);
}

static void memories_stay_in_bounds_whatever_happens(void **state)
{
	struct fsrs m = fsrs_first(FSRS_AGAIN);
	uint64_t x = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		m = fsrs_next(m, (double)(x >> 33 & 127),
			      (enum fsrs_rating)(1 + (x >> 45) % 4));
		assert_true(m.stability >= 0.001 && m.stability <= 36500);
		assert_true(m.difficulty >= 1 && m.difficulty <= 10);
	}
}

static void fuzz_stays_near_and_repeats(void **state)
{
	bool moved = false;

	(void)state;
	assert_int_equal(fsrs_fuzz(2, 90, 77), 2);
	for (int64_t days = 3; days <= 90; days++)
		for (uint64_t luck = 0; luck < 50; luck++) {
			int64_t to = fsrs_fuzz(days, 90, luck);

			assert_int_equal(to, fsrs_fuzz(days, 90, luck));
			assert_true(to >= 2 && to <= 90);
			/* delta(90) = 1 + .15*4.5 + .1*13 + .05*70 = 6.475 */
			assert_true(llabs(to - days) <= 6);
			moved = moved || to != days;
		}
	assert_true(moved);
}

static void ratings_are_read_off_what_was_done(void **state)
{
	static const struct { struct fsrs_try t; enum fsrs_rating r; } cases[] =
	{
		{ { false, false, 0, 1, true }, FSRS_AGAIN },
		{ { true, true, 4, 1, true }, FSRS_AGAIN },
		{ { true, false, 1, 1, true }, FSRS_HARD },
		{ { true, false, 0, 4, true }, FSRS_HARD },
		{ { true, false, 0, 3, true }, FSRS_GOOD },
		{ { true, false, 0, 1, false }, FSRS_GOOD },
		{ { true, false, 0, 1, true }, FSRS_EASY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(fsrs_rate(&cases[i].t), cases[i].r);
}

/* --- BKT ------------------------------------------------------------------ */

static void bkt_gives_the_numbers_of_oatutor(void **state)
{
	static const struct { bool right; double known; } cases[] = {
		{ true, 0.55 }, { true, 0.925 }, { false, 0.6203 },
		{ true, 0.9427 }, { true, 0.9940 }, { true, 0.9994 },
	};
	double known = BKT_KNOWN;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		known = bkt_next(known, cases[i].right, BKT_GUESS);
		near_to(known, cases[i].known, 5e-5);
	}
}

static void a_guess_among_few_says_less(void **state)
{
	(void)state;
	near_to(bkt_guess(4), 0.25, 0);
	near_to(bkt_guess(2), 0.5, 0);
	near_to(bkt_guess(0), BKT_GUESS, 0);
	/* By hand: .09/(.09+.9*.25) = 2/7; + 5/7*.1 */
	near_to(bkt_next(0.1, true, 0.25), 2.0 / 7 + 0.5 / 7, 1e-12);
	assert_true(bkt_next(0.1, true, 0.5) < bkt_next(0.1, true, 0.25));
}

static void a_gate_wants_two_seeds_and_a_diagnosis(void **state)
{
	static const struct {
		double known;
		int64_t seeds;
		const char *kinds, *wanted;
		const char *says;	/* of known, seeds, kinds */
	} cases[] = {
		{ 0.949, 2, "OX", "OX", "-sk" },
		{ 0.95, 1, "OX", "OX", "K-k" },
		{ 0.99, 2, "OX", "OPX", "Ksk" },
		{ 0.99, 2, "OP", "OPX", "Ks-" },	/* no diagnosis */
		{ 0.99, 2, "X", "OPX", "Ks-" },		/* one kind */
		{ 0.99, 2, "PD", "PD", "Ksk" },		/* none to be had */
		{ 0.99, 2, "P", "PD", "Ks-" },
		{ 0.99, 2, "D", "D", "Ksk" },		/* one there is */
		{ 0.99, 2, "", "D", "Ks-" },
		{ 0.99, 2, "X", "X", "Ksk" },
		{ 0.99, 2, "OX", "X", "Ksk" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bkt_gate g = bkt_gate(cases[i].known, cases[i].seeds,
			kind_of_letters(cases[i].kinds),
			kind_of_letters(cases[i].wanted), KIND_DIAGNOSE);
		char says[4] = { g.known ? 'K' : '-', g.seeds ? 's' : '-',
				 g.kinds ? 'k' : '-', 0 };

		assert_string_equal(says, cases[i].says);
	}
}

/* --- Elo ------------------------------------------------------------------ */

static void elo_gives_what_is_worked_out_by_hand(void **state)
{
	(void)state;
	near_to(elo_difficulty(5.5), 0, 0);
	near_to(elo_difficulty(10), 3, 1e-12);
	near_to(elo_difficulty(1), -3, 1e-12);
	near_to(elo_difficulty(0), 0, 0);	/* nobody said */
	near_to(elo_expect(0, 0, 0), 0.5, 1e-12);
	near_to(elo_expect(1, 0, 0), 0.7310585786, 1e-9);
	near_to(elo_expect(0, 0, 0.25), 0.625, 1e-12);
	near_to(elo_expect(-50, 0, 0.25), 0.25, 1e-12);
	near_to(elo_step(0), 1, 0);
	near_to(elo_step(10), 0.5, 1e-12);
	near_to(elo_discount(20, 20), 1, 0);
	near_to(elo_discount(5, 20), 1, 0);
	near_to(elo_discount(30, 20), 0.9486832981, 1e-9);
	near_to(elo_discount(40, 20), 0.9, 1e-12);
	near_to(elo_discount(40, 0), 1, 0);
}

/* --- days ----------------------------------------------------------------- */

static void a_day_begins_at_four_in_the_morning(void **state)
{
	/* 2026-11-22 03:59 and 04:00 UTC. */
	int64_t before = INT64_C(1795319940000), at = before + 60000;
	char text[DAY_TEXT];

	(void)state;
	day_text(day_of(before, 0, DAY_START_MIN), text);
	assert_string_equal(text, "2026-11-21");
	day_text(day_of(at, 0, DAY_START_MIN), text);
	assert_string_equal(text, "2026-11-22");
	/* an hour east it is five already */
	day_text(day_of(before, 60, DAY_START_MIN), text);
	assert_string_equal(text, "2026-11-22");
	day_text_ms(before, text);
	assert_string_equal(text, "2026-11-22");
}

static void dates_are_those_of_the_calendar(void **state)
{
	static const struct { int64_t day; const char *date; } cases[] = {
		{ 0, "1970-01-01" }, { -1, "1969-12-31" },
		{ 11016, "2000-02-29" }, { 11017, "2000-03-01" },
		{ 20454, "2026-01-01" }, { 47541, "2100-03-01" },
		{ 47540, "2100-02-28" },
	};
	char text[DAY_TEXT];
	int64_t day;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		day_text(cases[i].day, text);
		assert_string_equal(text, cases[i].date);
	}
	for (int64_t d = 0; d < 60000; d++) {
		day_text(d, text);
		assert_true(day_parse(text, &day));
		assert_int_equal(day, d);
	}
	assert_false(day_parse("2026-02-30", &day));
	assert_false(day_parse("2026-13-01", &day));
	assert_false(day_parse("2026-11-22x", &day));
	assert_false(day_parse("x", &day));
	assert_int_equal(day_week(20454 + 4), day_week(20454) + 1);
	assert_int_equal(day_week(20454 + 3), day_week(20454));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fsrs_gives_the_numbers_of_py_fsrs),
		cmocka_unit_test(
			an_all_good_card_is_asked_every_ninety_days_at_last),
		cmocka_unit_test(recall_is_nine_tenths_after_the_stability),
		cmocka_unit_test(a_second_look_on_the_same_day_teaches_little),
		cmocka_unit_test(memories_stay_in_bounds_whatever_happens),
		cmocka_unit_test(fuzz_stays_near_and_repeats),
		cmocka_unit_test(ratings_are_read_off_what_was_done),
		cmocka_unit_test(bkt_gives_the_numbers_of_oatutor),
		cmocka_unit_test(a_guess_among_few_says_less),
		cmocka_unit_test(a_gate_wants_two_seeds_and_a_diagnosis),
		cmocka_unit_test(elo_gives_what_is_worked_out_by_hand),
		cmocka_unit_test(a_day_begins_at_four_in_the_morning),
		cmocka_unit_test(dates_are_those_of_the_calendar),
	};

	return cmocka_run_group_tests_name("formulas", tests, NULL, NULL);
}
