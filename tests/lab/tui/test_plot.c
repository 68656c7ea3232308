/* test_plot.c - numbers over time as pictures, and as words
 *
 * Method: one golden picture of every kind, of numbers given here; tables for
 * scales and columns.  Goal: axes start at 0, holes stay holes, a peak is never
 * averaged away, the same numbers can be heard.
 */
#include "tests/test.h"

#include <locale.h>
#include <math.h>

#include "lab/tui/number.h"
#include "lab/tui/plot.h"
#include "lab/tui/timebar.h"

enum { POINTS = 60 };

static struct {
	double p99[POINTS], p95[POINTS], p50[POINTS], lag[POINTS], was[POINTS];
} data;

static void make_data(void)
{
	for (int i = 0; i < POINTS; i++) {
		data.p99[i] = i < 30 ? 6 : i < 33 ? 390 : 200;
		data.p95[i] = i < 30 ? 5 : 120;
		data.p50[i] = i == 20 || i == 21 ? NAN : 4;
		data.lag[i] = i < 40 ? 100 : (i - 39) * 7000.0;
		data.was[i] = i < 20 ? 100 : (i - 19) * 3000.0;
	}
}

static struct series of(const char *label, const double *v)
{
	return (struct series){ label, v, POINTS, 420, 5 };
}

static void ms(struct text *t, double v)
{
	text_addf(t, "%.0f", v);
}

static void percent(struct text *t, double v)
{
	number_percent(t, v * 100);
}

static void every_kind_of_picture_looks_as_agreed(void **state)
{
	struct series lines[] = { of("p99", data.p99), of("p95", data.p95),
				  of("p50", data.p50) };
	struct series lag = of("lag", data.lag), was = of("was", data.was);
	struct plot area = { .series = &lag, .count = 1, .ghost = &was,
			     .from_s = 420, .to_s = 720,
			     .number = number_tight };
	struct plot many = { .series = lines, .count = 3, .from_s = 420,
			     .to_s = 720, .number = ms };
	static const double busy[] = { 0, 0.1, 0.3, NAN, 0.5, 0.7, 0.9, 0.98 };
	struct series heats[] = { { "n5 c", busy, 8, 420, 37.5 },
				  { "n1 a", busy, 3, 420, 37.5 } };
	struct plot heat = { .series = heats, .count = 2, .from_s = 420,
			     .to_s = 720, .top = 1, .number = percent };
	static const struct bar buckets[] = {
		{ "1 to 5 ms", 0.71, NULL }, { "5 to 50 ms", 0.05, "p95" },
		{ "50 to 250 ms", 0.14, "p99" }, { "250 to 500 ms", 0.0001, NULL },
	};
	struct text picture = {0};
	struct rect all;
	struct grid g;

	(void)state;
	make_data();
	grid_init(&g, 38, 80);
	all = grid_all(&g);
	plot_spark(&g, all, 0, 1, 20, ROLE_S1, &lag, 0, number_tight);
	plot_spark(&g, all, 0, 40, 20, ROLE_S1, &lines[2], 390, ms);
	plot_spark(&g, all, 1, 1, 7, ROLE_S1, &lag, 0, number_tight);
	plot_gauge(&g, all, 1, 20, 12, 41.0 * 1024 * 1024, 64.0 * 1024 * 1024,
		   number_bytes);
	plot_draw(&g, (struct rect){ 3, 1, 6, 38 }, &area);
	area.top = 100000;
	plot_draw(&g, (struct rect){ 3, 41, 6, 38 }, &area);
	plot_draw(&g, (struct rect){ 10, 1, 7, 70 }, &many);
	many.use_braille = true;
	plot_draw(&g, (struct rect){ 18, 1, 5, 70 }, &many);
	plot_heat(&g, (struct rect){ 24, 1, 3, 60 }, &heat, 6);
	plot_bars(&g, (struct rect){ 28, 1, 4, 60 }, buckets, 4, false,
		  percent);
	plot_bars(&g, (struct rect){ 33, 1, 4, 60 }, buckets, 4, true, percent);
	grid_text(&g, true, &picture);
	test_golden("tui/plot.scr", text_cstr(&picture));
	text_free(&picture);
	grid_release(&g);
}

static void a_hole_is_a_hole_and_a_peak_a_peak(void **state)
{
	static const double v[] = { 1, 9, 1, 1, NAN, NAN, 2, 3 };
	struct series s = { "x", v, 8, 10, 1 };
	double out[16];

	(void)state;
	plot_columns(&s, 10, 18, 4, out);
	assert_true(out[0] == 9 && out[1] == 1 && isnan(out[2]) && out[3] == 3);
	plot_columns(&s, 10, 18, 16, out);	/* a value holds till the next */
	assert_true(out[2] == 9 && out[3] == 9 && isnan(out[8]) &&
		    isnan(out[9]) && out[13] == 2 && out[15] == 3);
	plot_columns(&s, 0, 20, 10, out);
	assert_true(isnan(out[4]) && out[5] == 9 && isnan(out[9]));
	plot_columns(&s, 5, 5, 4, out);
	assert_true(isnan(out[0]));
	assert_true(plot_last(&s) == 3);
	s.count = 0;
	assert_true(isnan(plot_last(&s)));
}

static void scales_end_at_round_numbers(void **state)
{
	static const double rows[][2] = {
		{ 0, 1 }, { 1, 1 }, { 1.1, 2 }, { 390, 500 }, { 148000, 200000 },
		{ 0.03, 0.05 }, { 5, 5 }, { 7.2e6, 1e7 }, { 1000, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(fabs(plot_round_up(rows[i][0]) - rows[i][1]) <
			    1e-9 * rows[i][1]);
	assert_true(plot_round_up(NAN) == 1 && plot_round_up(INFINITY) == 1);
}

static void a_chart_can_be_heard(void **state)
{
	static const double holes[] = { NAN, 3, NAN }, none[] = { NAN };
	struct text t = {0};
	struct series s;

	(void)state;
	make_data();
	s = of("write p99", data.p99);
	plot_words(&s, ms, &t);
	assert_string_equal(text_cstr(&t), "write p99: rising, last 200, "
			    "min 6, median 200, max 390");
	text_clear(&t);
	plot_words(&(struct series){ "x", holes, 3, 0, 1 }, ms, &t);
	assert_string_equal(text_cstr(&t), "x: steady, last 3, min 3, "
			    "median 3, max 3, 2 holes");
	text_clear(&t);
	plot_words(&(struct series){ "x", none, 1, 0, 1 }, ms, &t);
	assert_string_equal(text_cstr(&t), "x: no samples");
	text_free(&t);
}

static void any_size_is_drawn_inside(void **state)
{
	struct series s;
	struct plot p = { .series = &s, .count = 1, .from_s = 0, .to_s = 800,
			  .number = number_tight };

	(void)state;
	make_data();
	s = of("lag", data.lag);
	for (int rows = 1; rows < 12; rows++) {
		for (int cols = 1; cols < 60; cols += 3) {
			struct rect r = { 2, 2, rows, cols };
			struct grid g, clean;

			grid_init(&g, 16, 64);
			grid_init(&clean, 16, 64);
			plot_draw(&g, r, &p);
			plot_heat(&g, r, &p, 4);
			grid_blank(&g, r);
			assert_true(grid_same(&g, &clean));
			grid_release(&g);
			grid_release(&clean);
		}
	}
}

/* --- the time bar --------------------------------------------------------- */

static const struct mark marks[] = {
	{ SIM_S(612), MARK_EVENT, "in-sync set shrank" },
	{ SIM_S(690), MARK_ALERT, "alert fired" },
	{ SIM_S(691), MARK_EVENT, NULL },
	{ SIM_S(900), MARK_PLANNED, NULL },
};
static const struct bar_branch branches[] = {
	{ "before rewind 1", SIM_S(300), SIM_S(800) },
	{ "long one", SIM_S(600), SIM_S(1150) },
};
static const struct timebar bar = {
	.to = SIM_MINUTES(20), .now = SIM_S(730), .marks = marks,
	.mark_count = 4, .branches = branches, .branch_count = 2,
};

static void the_time_bar_looks_as_agreed(void **state)
{
	struct timebar done = bar;
	struct text t = {0};
	struct grid g;

	(void)state;
	done.now = done.to;
	done.mark_count = 0;
	grid_init(&g, 8, 80);
	timebar_draw(&g, (struct rect){ 0, 0, 4, 80 }, &bar);
	timebar_draw(&g, (struct rect){ 5, 0, 1, 40 }, &done);
	timebar_draw(&g, (struct rect){ 6, 0, 1, 20 }, &bar);
	grid_text(&g, true, &t);
	test_golden("tui/timebar.scr", text_cstr(&t));
	text_clear(&t);
	timebar_words(&bar, &t);
	assert_string_equal(text_cstr(&t), "T+12:10 of 20:00, 1 planned, "
			    "2 events, 1 alert. Last: T+11:30 alert fired");
	text_free(&t);
	grid_release(&g);
}

static void the_time_of_a_column_stands_in_that_column(void **state)
{
	(void)state;
	for (int cols = 5; cols < 200; cols++) {
		int first = timebar_col_of(&bar, cols, 0);
		int last = timebar_col_of(&bar, cols, bar.to);

		for (int col = first; col <= last; col++)
			assert_int_equal(timebar_col_of(&bar, cols,
					 timebar_time_at(&bar, cols, col)), col);
		assert_int_equal(timebar_time_at(&bar, cols, 0), 0);
		assert_int_equal(timebar_time_at(&bar, cols, last + 5), bar.to);
		assert_in_range(last, first, cols - 1);
	}
	assert_int_equal(timebar_col_of(&bar, 80, SIM_HOURS(9)),
			 timebar_col_of(&bar, 80, bar.to));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_picture_looks_as_agreed),
		cmocka_unit_test(a_hole_is_a_hole_and_a_peak_a_peak),
		cmocka_unit_test(scales_end_at_round_numbers),
		cmocka_unit_test(a_chart_can_be_heard),
		cmocka_unit_test(any_size_is_drawn_inside),
		cmocka_unit_test(the_time_bar_looks_as_agreed),
		cmocka_unit_test(the_time_of_a_column_stands_in_that_column),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
