/* number.c - how numbers and times are written for people */
#include "lab/tui/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void number_count(struct text *t, int64_t n)
{
	char digits[24];
	size_t len;

	if (n < 0)
		text_char(t, '-');
	/* The smallest number has no positive twin in int64_t. */
	len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64,
			       n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text_char(t, ' ');
		text_char(t, digits[i]);
	}
}

static const struct {
	double factor;
	const char *letter;
} thousands[] = {
	{ 1, "" }, { 1e3, "k" }, { 1e6, "M" }, { 1e9, "G" }, { 1e12, "T" },
	{ 1e15, "P" },
};
enum { THOUSANDS = sizeof(thousands) / sizeof(thousands[0]) };

/* What cannot be written as digits; true: it is done. */
static bool odd_one(struct text *t, double *v)
{
	if (isnan(*v)) {
		text_char(t, '?');
		return true;
	}
	if (*v < 0) {
		text_char(t, '-');
		*v = -*v;
	}
	if (isinf(*v) || *v >= 999.5e15)
		text_add(t, "huge");
	return isinf(*v) || *v >= 999.5e15;
}

void number_tight(struct text *t, double v)
{
	int i = 1;

	if (odd_one(t, &v))
		return;
	if (v < 9999.5) {
		/* Below ten a fraction says something: 0.4 of a record. */
		text_addf(t, v < 9.95 && v != floor(v) ? "%.1f" : "%.0f", v);
		return;
	}
	while (i + 1 < THOUSANDS && v / thousands[i].factor >= 999.5)
		i++;
	v /= thousands[i].factor;
	text_addf(t, v < 9.95 ? "%.1f%s" : "%.0f%s", v, thousands[i].letter);
}

void number_short(struct text *t, double v)
{
	int i = 0;

	if (odd_one(t, &v))
		return;
	while (i + 1 < THOUSANDS && v / thousands[i].factor >= 999.5)
		i++;
	v /= thousands[i].factor;
	if (i == 0 && (v == floor(v) || v >= 99.95))
		text_addf(t, "%.0f", v);
	else if (i == 0 && v < 0.001)
		text_addf(t, "%.2g", v);
	else
		text_addf(t, v < 0.0995 ? "%.3f%s" : v < 9.995 ? "%.2f%s" :
			     v < 99.95 ? "%.1f%s" : "%.0f%s",
			  v, thousands[i].letter);
}

void number_rate(struct text *t, double per_second)
{
	number_short(t, per_second);
	text_add(t, "/s");
}

void number_bytes(struct text *t, double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB",
					     "PiB" };
	size_t i = 0;

	if (odd_one(t, &bytes))
		return;
	while (i + 1 < sizeof(units) / sizeof(units[0]) && bytes >= 1023.5) {
		bytes /= 1024;
		i++;
	}
	text_addf(t, i && bytes < 9.95 && bytes != floor(bytes) ? "%.1f %s" :
								  "%.0f %s",
		  bytes, units[i]);
}

void number_money(struct text *t, double dollars)
{
	if (isnan(dollars)) {
		text_char(t, '?');
		return;
	}
	text_addf(t, "%s$%.2f", dollars <= -0.005 ? "-" : "", fabs(dollars));
}

/* Never 0 for something, never 100 for not quite all. */
void number_percent(struct text *t, double percent)
{
	if (odd_one(t, &percent))
		return;
	if (percent > 99 && percent < 100)
		text_addf(t, "%.2f %%", floor(percent * 100 + 1e-9) / 100);
	else if (percent > 0 && percent < 0.05)
		text_add(t, "< 0.1 %");
	else if (percent < 9.95 && fabs(percent - round(percent)) >= 0.05)
		text_addf(t, "%.1f %%", percent);
	else
		text_addf(t, "%.0f %%", percent);
}

/* --- spans of time -------------------------------------------------------- */

static void below_a_minute(struct text *t, sim_time span)
{
	if (span < SIM_US(1))
		text_addf(t, "%" PRId64 " ns", span);
	else if (span < SIM_MS(1))
		text_addf(t, "%" PRId64 " µs", span / SIM_US(1));
	else if (span < SIM_S(1))
		text_addf(t, "%" PRId64 " ms", span / SIM_MS(1));
	else if (span % SIM_S(1) >= SIM_MS(100))
		text_addf(t, "%" PRId64 ".%" PRId64 " s", span / SIM_S(1),
			  span % SIM_S(1) / SIM_MS(100));
	else
		text_addf(t, "%" PRId64 " s", span / SIM_S(1));
}

/* The two largest units of a span of a minute or more. */
static const struct {
	sim_time big, small;		/* ns */
	const char *cell[2], *words[2];
} spans[] = {
	{ SIM_HOURS(24), SIM_HOURS(1), { "d", "h" }, { " d", " h" } },
	{ SIM_HOURS(1), SIM_MINUTES(1), { "h", "m" }, { " h", " min" } },
	{ SIM_MINUTES(1), SIM_S(1), { "m", "s" }, { " min", " s" } },
};

static void span_text(struct text *t, sim_time span, bool in_words)
{
	size_t i = 0;
	int64_t rest;

	if (span < 0) {
		text_char(t, '-');
		span = span == INT64_MIN ? INT64_MAX : -span;
	}
	if (span < SIM_MINUTES(1)) {
		below_a_minute(t, span);
		return;
	}
	while (span < spans[i].big)
		i++;
	rest = span % spans[i].big / spans[i].small;
	text_addf(t, "%" PRId64 "%s", span / spans[i].big,
		  in_words ? spans[i].words[0] : spans[i].cell[0]);
	if (rest)
		text_addf(t, "%s%" PRId64 "%s", in_words ? " " : "", rest,
			  in_words ? spans[i].words[1] : spans[i].cell[1]);
}

void number_duration(struct text *t, sim_time span)
{
	span_text(t, span, false);
}

void number_duration_words(struct text *t, sim_time span)
{
	span_text(t, span, true);
}

void number_age(struct text *t, sim_time span)
{
	span_text(t, span, false);
	text_add(t, " old");
}

/* --- points in time ------------------------------------------------------- */

void number_time(struct text *t, sim_time at)
{
	simtime_at_text(t, at - at % SIM_S(1));
}

void number_time_exact(struct text *t, sim_time at)
{
	simtime_at_text(t, at);
}

void number_clock(struct text *t, sim_time at)
{
	struct text whole = {0};

	number_time(&whole, at);
	text_add(t, text_cstr(&whole) + strlen("T+"));
	text_free(&whole);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t day_of(int64_t ms, int utc_offset_minutes)
{
	return floor_div(ms + utc_offset_minutes * INT64_C(60000), 86400000);
}

/* Month and day from days since 1970, counted in eras of 400 years that begin
 * on 1 March, so that the leap day is the last of a year. */
static void civil(int64_t days, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t of_era = z - floor_div(z, 146097) * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
			of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t from_march = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
}

void number_date(struct text *t, int64_t ms, int utc_offset_minutes)
{
	static const char *const week[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
					    "Tue", "Wed" };	/* 1970 began */
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
					      "Jun", "Jul", "Aug", "Sep", "Oct",
					      "Nov", "Dec" };
	int64_t days = day_of(ms, utc_offset_minutes);
	int month, day;

	civil(days, &month, &day);
	text_addf(t, "%s %d %s", week[days - floor_div(days, 7) * 7], day,
		  months[month - 1]);
}

void number_day(struct text *t, int64_t ms, int64_t now_ms,
		int utc_offset_minutes)
{
	int64_t days = day_of(ms, utc_offset_minutes) -
		       day_of(now_ms, utc_offset_minutes);

	if (days == 0)
		text_add(t, "today");
	else if (days == 1 || days == -1)
		text_add(t, days > 0 ? "tomorrow" : "yesterday");
	else if (days > 0 && days <= 14)
		text_addf(t, "in %" PRId64 " days", days);
	else if (days < 0 && days >= -14)
		text_addf(t, "%" PRId64 " days ago", -days);
	else
		number_date(t, ms, utc_offset_minutes);
}
