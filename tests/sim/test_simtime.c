/* test_simtime.c - table: times as people write and read them */
#include "tests/test.h"

#include "sim/core/simtime.h"

static void times_are_written_short(void **state)
{
	static const struct {
		sim_time at;
		const char *text;
	} row[] = {
		{ 0, "0s" }, { 1, "1ns" }, { 999, "999ns" },
		{ SIM_US(1), "1us" }, { 1500, "1.5us" },
		{ SIM_MS(250), "250ms" }, { SIM_MS(1) + 1, "1ms" },
		{ SIM_MS(12500), "12.5s" }, { SIM_S(59) + 999999999, "59.999s" },
		{ SIM_S(60), "1m" }, { SIM_S(90), "1m30s" },
		{ SIM_HOURS(1), "1h" }, { SIM_MINUTES(62), "1h2m" },
		{ SIM_HOURS(49) + SIM_S(1), "49h1s" },
		{ -SIM_S(5), "-5s" }, { -1, "-1ns" },
		{ SIM_NEVER, "2562047h47m16.854s" },
		{ INT64_MIN, "-2562047h47m16.854s" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct text t = {0};

		simtime_text(&t, row[i].at);
		assert_string_equal(text_cstr(&t), row[i].text);
		text_free(&t);
	}
}

static void a_moment_of_a_run_has_one_form(void **state)
{
	static const struct {
		sim_time at;
		const char *text;
	} row[] = {
		{ 0, "T+00:00" }, { SIM_MS(1250), "T+00:01.250" },
		{ SIM_MS(7), "T+00:00.007" }, { 999999, "T+00:00" },
		{ SIM_S(730), "T+12:10" }, { SIM_S(3599), "T+59:59" },
		{ SIM_HOURS(1), "T+1:00:00" },
		{ SIM_HOURS(1) + SIM_S(123), "T+1:02:03" },
		{ SIM_HOURS(100) + SIM_MS(1), "T+100:00:00.001" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct text t = {0};

		simtime_at_text(&t, row[i].at);
		assert_string_equal(text_cstr(&t), row[i].text);
		text_free(&t);
	}
}

static void times_are_understood(void **state)
{
	static const struct {
		const char *text;
		sim_time at;
	} row[] = {
		{ "0", 0 }, { "0s", 0 }, { "90s", SIM_S(90) },
		{ "5m", SIM_MINUTES(5) }, { "1h30m", SIM_MINUTES(90) },
		{ "250ms", SIM_MS(250) }, { "2d", SIM_HOURS(48) },
		{ "1.5s", SIM_MS(1500) }, { "0.5d", SIM_HOURS(12) },
		{ "1.000000001s", SIM_S(1) + 1 }, { "7us", SIM_US(7) },
		{ "3ns", 3 }, { "1.5ns", 1 }, { "1m1m", SIM_MINUTES(2) },
		{ "1.1234567899s", 1123456789 },
		{ "9223372035s", SIM_S(INT64_C(9223372035)) },
		{ "106750d", SIM_HOURS(106750 * 24) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		sim_time at = -1;

		if (!simtime_parse(row[i].text, &at) || at != row[i].at)
			fail_msg("%s: %lld", row[i].text, (long long)at);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "5", "s", "-5s", "+5s", "5 s", "5x", "5sec", ".5s",
		"1h30", "1e3s", "s5", "5s ", "00", "1.5", "106752d",
		"9223372036854775807ns", "99999999999999999999999s",
		"9223372036s9223372036s", "0x10s",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sim_time at = 77;

		if (simtime_parse(bad[i], &at) || at != 77)
			fail_msg("'%s' was taken for %lld", bad[i],
				 (long long)at);
	}
}

/* What is written without a rest can be read again. */
static void text_and_parse_agree(void **state)
{
	(void)state;
	for (sim_time at = 1; at < SIM_HOURS(100); at = at * 3 + 1) {
		sim_time unit = at < SIM_US(1) ? 1 : at < SIM_MS(1) ? 1 :
				at < SIM_S(1) ? SIM_US(1) : SIM_MS(1);
		struct text t = {0};
		sim_time back;

		simtime_text(&t, at);
		assert_true(simtime_parse(text_cstr(&t), &back));
		assert_true(back <= at && at - back < unit);
		text_free(&t);
	}
}

static void the_wall_clock_begins_on_a_monday(void **state)
{
	static const struct {
		sim_time at;
		const char *text;
	} row[] = {
		{ 0, "2026-01-05 08:00:00,000" },
		{ SIM_MS(1250), "2026-01-05 08:00:01,250" },
		{ SIM_HOURS(16), "2026-01-06 00:00:00,000" },
		{ SIM_HOURS(24 * 54), "2026-02-28 08:00:00,000" },
		{ SIM_HOURS(24 * 55), "2026-03-01 08:00:00,000" },
		{ SIM_HOURS(24 * (55 + 730)) + SIM_HOURS(24),
		  "2028-03-01 08:00:00,000" },
		{ SIM_HOURS(24 * 785), "2028-02-29 08:00:00,000" },
		{ SIM_HOURS(24 * 361) - SIM_HOURS(8) - 1,
		  "2026-12-31 23:59:59,999" },
	};

	(void)state;
	assert_int_equal(sim_wall_ms(0), INT64_C(1767600000000));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct text t = {0};

		simtime_wall_text(&t, row[i].at);
		assert_string_equal(text_cstr(&t), row[i].text);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_short),
		cmocka_unit_test(a_moment_of_a_run_has_one_form),
		cmocka_unit_test(times_are_understood),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(text_and_parse_agree),
		cmocka_unit_test(the_wall_clock_begins_on_a_monday),
	};

	return cmocka_run_group_tests_name("simtime", tests, NULL, NULL);
}
