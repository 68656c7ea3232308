/* test_number.c - how numbers and times are written for people
 *
 * Method: tables, most rows of which stand in screens.md 3e.  Goal: one form
 * for each kind; nothing known is written as 0, nothing incomplete as 100.
 */
#include "tests/test.h"

#include <math.h>

#include "lab/tui/number.h"

static void expect(struct text *t, const char *want)
{
	assert_string_equal(text_cstr(t), want);
	text_clear(t);
}

static void counts_have_thin_groups(void **state)
{
	static const struct {
		int64_t n;
		const char *want;
	} rows[] = {
		{ 0, "0" }, { 7, "7" }, { 999, "999" }, { 9999, "9 999" },
		{ 11976000, "11 976 000" }, { -1000, "-1 000" },
		{ INT64_MIN, "-9 223 372 036 854 775 808" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		number_count(&t, rows[i].n);
		expect(&t, rows[i].want);
	}
	text_free(&t);
}

struct row {
	void (*write)(struct text *t, double v);
	double v;
	const char *want;
};

static const struct row doubles[] = {
	{ number_tight, 0, "0" }, { number_tight, 0.4, "0.4" },
	{ number_tight, 205, "205" }, { number_tight, 9999, "9999" },
	{ number_tight, 9999.7, "10k" }, { number_tight, 18204, "18k" },
	{ number_tight, 148000, "148k" }, { number_tight, 999600, "1.0M" },
	{ number_tight, 7.2e6, "7.2M" }, { number_tight, -12000, "-12k" },
	{ number_tight, NAN, "?" }, { number_tight, INFINITY, "huge" },
	{ number_short, 9980, "9.98k" }, { number_short, 7200, "7.20k" },
	{ number_short, 120000, "120k" }, { number_short, 2, "2" },
	{ number_short, 0.25, "0.25" }, { number_short, 41.04, "41.0" },
	{ number_short, 999.6, "1.00k" }, { number_short, 0.0125, "0.013" },
	{ number_rate, 831, "831/s" }, { number_rate, NAN, "?/s" },
	{ number_bytes, 500, "500 B" }, { number_bytes, 1024, "1 KiB" },
	{ number_bytes, 4.1 * 1024 * 1024, "4.1 MiB" },
	{ number_bytes, 64.0 * 1024 * 1024, "64 MiB" },
	{ number_bytes, 1023.9 * 1024, "1.0 MiB" },
	{ number_money, 0.414, "$0.41" }, { number_money, -2.5, "-$2.50" },
	{ number_money, -0.001, "$0.00" }, { number_money, NAN, "?" },
	{ number_percent, 0, "0 %" }, { number_percent, 0.01, "< 0.1 %" },
	{ number_percent, 0.42, "0.4 %" }, { number_percent, 4, "4 %" },
	{ number_percent, 35.7, "36 %" }, { number_percent, 99, "99 %" },
	{ number_percent, 99.94, "99.94 %" },
	{ number_percent, 99.9999, "99.99 %" }, { number_percent, 100, "100 %" },
	{ number_percent, NAN, "?" },
};

static void each_kind_has_its_form(void **state)
{
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
		doubles[i].write(&t, doubles[i].v);
		expect(&t, doubles[i].want);
	}
	text_free(&t);
}

static void a_tight_number_never_needs_more_than_four_cells(void **state)
{
	struct text t = {0};

	(void)state;
	for (double v = 0.1; v < 1e17; v *= 1.037) {
		number_tight(&t, v);
		assert_in_range(t.len, 1, 4);
		text_clear(&t);
	}
	text_free(&t);
}

static void durations_show_their_two_largest_units(void **state)
{
	static const struct {
		sim_time span;
		const char *cell, *words;
	} rows[] = {
		{ 0, "0 ns", "0 ns" }, { 340500, "340 µs", "340 µs" },
		{ SIM_MS(212), "212 ms", "212 ms" },
		{ SIM_MS(1250), "1.2 s", "1.2 s" }, { SIM_S(40), "40 s", "40 s" },
		{ SIM_S(118), "1m58s", "1 min 58 s" },
		{ SIM_MINUTES(190), "3h10m", "3 h 10 min" },
		{ SIM_MINUTES(2), "2m", "2 min" },
		{ SIM_HOURS(51), "2d3h", "2 d 3 h" },
		{ -SIM_S(15), "-15 s", "-15 s" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		number_duration(&t, rows[i].span);
		expect(&t, rows[i].cell);
		number_duration_words(&t, rows[i].span);
		expect(&t, rows[i].words);
	}
	number_age(&t, SIM_S(15));
	expect(&t, "15 s old");
	text_free(&t);
}

static void world_time_counts_from_the_start_of_the_run(void **state)
{
	struct text t = {0};

	(void)state;
	number_time(&t, SIM_S(730));
	expect(&t, "T+12:10");
	number_time(&t, SIM_MS(612004));
	expect(&t, "T+10:12");
	number_time_exact(&t, SIM_MS(612004));
	expect(&t, "T+10:12.004");
	number_time(&t, SIM_S(3723));
	expect(&t, "T+1:02:03");
	number_clock(&t, SIM_MINUTES(20));
	expect(&t, "20:00");
	text_free(&t);
}

static void days_are_counted_to_fourteen_and_dated_beyond(void **state)
{
	static const struct {
		int day;
		const char *want;
	} rows[] = {
		{ 0, "today" }, { 1, "tomorrow" }, { -1, "yesterday" },
		{ 3, "in 3 days" }, { -14, "14 days ago" },
		{ 15, "Tue 3 Mar" }, { -47, "Wed 31 Dec" }, { 11, "in 11 days" },
	};
	const int64_t now = INT64_C(1771286340000);	/* 16 Feb 2026 23:59 */
	const int64_t day = 86400000;
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		number_day(&t, now + rows[i].day * day, now, 0);
		expect(&t, rows[i].want);
	}
	number_date(&t, now, 60);		/* east of Greenwich it is Tuesday */
	expect(&t, "Tue 17 Feb");
	number_date(&t, INT64_C(1709164800000), 0);
	expect(&t, "Thu 29 Feb");
	number_date(&t, -1, 0);
	expect(&t, "Wed 31 Dec");
	text_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_thin_groups),
		cmocka_unit_test(each_kind_has_its_form),
		cmocka_unit_test(a_tight_number_never_needs_more_than_four_cells),
		cmocka_unit_test(durations_show_their_two_largest_units),
		cmocka_unit_test(world_time_counts_from_the_start_of_the_run),
		cmocka_unit_test(days_are_counted_to_fourteen_and_dated_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
