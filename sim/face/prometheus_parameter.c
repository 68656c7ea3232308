/* prometheus_parameter.c - what a request asks for, read from its parameters
 *
 * Times are Unix seconds or dates of RFC 3339, spans are seconds or durations
 * of PromQL.  A parameter that is wrong is answered at once: the reader says
 * why and returns false, the caller only has to stop.
 */
#include "sim/face/prometheus_inside.h"

#include <stdlib.h>

#include "sim/tsdb/number.h"
#include "sim/tsdb/promql_parse.h"

/* The n-th value: of the form first, then of the query, as Go's r.Form. */
bool parameter_nth(const struct request *r, const char *name, uint32_t n,
		   struct text *value)
{
	struct text ignored = {0};
	uint32_t in_form = 0;

	while (http_parameter(r->form, name, in_form, &ignored)) {
		text_clear(&ignored);
		in_form++;
	}
	text_free(&ignored);
	return n < in_form ? http_parameter(r->form, name, n, value) :
			     http_parameter(r->query, name, n - in_form, value);
}

bool parameter(const struct request *r, const char *name,
	       struct text *value)
{
	return parameter_nth(r, name, 0, value);
}

/* -- times -------------------------------------------------------------- */

static bool digits(const char **s, int count, int *out)
{
	*out = 0;
	for (; count > 0; count--, ++*s) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool sign(const char **s, char c)
{
	if (**s != c)
		return false;
	++*s;
	return true;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool date_exists(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
				    31 };

	return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to a date of our era, by whole years. */
static int64_t days_to(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
				      273, 304, 334 };
	int64_t y = year - 1;
	bool leap = is_leap(year);

	return y * 365 + y / 4 - y / 100 + y / 400 - 719162 +
	       before[month - 1] + (leap && month > 2) + day - 1;
}

/* 2026-01-05T08:00:00.5Z or with +01:00 (RFC 3339, 5.6). */
static bool parse_date(const char *s, int64_t *ms)
{
	int year, month, day, hour, minute, second, zone_h = 0, zone_m = 0;
	int zone = 0, scale = 100, fraction = 0;

	if (!digits(&s, 4, &year) || !sign(&s, '-') || !digits(&s, 2, &month) ||
	    !sign(&s, '-') || !digits(&s, 2, &day) || !sign(&s, 'T') ||
	    !digits(&s, 2, &hour) || !sign(&s, ':') ||
	    !digits(&s, 2, &minute) || !sign(&s, ':') ||
	    !digits(&s, 2, &second))
		return false;
	if (!date_exists(year, month, day) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	if (sign(&s, '.')) {
		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++) {
			fraction += scale * (*s - '0');
			scale /= 10;
		}
	}
	if (*s == '+' || *s == '-') {
		zone = *s++ == '+' ? 1 : -1;
		if (!digits(&s, 2, &zone_h) || !sign(&s, ':') ||
		    !digits(&s, 2, &zone_m))
			return false;
	} else if (!sign(&s, 'Z'))
		return false;
	*ms = ((days_to(year, month, day) * 24 + hour - zone * zone_h) * 60 +
	       minute - zone * zone_m) * 60000 + second * 1000 + fraction;
	return !*s;
}

static bool parse_float(const char *s, double *v)
{
	char *end;

	if (!*s || *s == ' ')
		return false;
	*v = strtod(s, &end);
	return !*end && !number_is_nan(*v) && number_abs(*v) < 1e13;
}

static bool parse_time(const char *s, int64_t *ms)
{
	double v;

	if (parse_float(s, &v)) {
		double whole = number_trunc(v), ms_of = (v - whole) * 1000;

		*ms = (int64_t)whole * 1000 +
		      (int64_t)(ms_of < 0 ? ms_of - 0.5 : ms_of + 0.5);
		return true;
	}
	return parse_date(s, ms);
}

/* A time; the default when it is left out.  Wrong: two sentences are said. */
bool parameter_time_or(struct request *r, const char *name, int64_t otherwise,
		       int64_t *ms)
{
	struct text value = {0};
	bool good = true;

	*ms = otherwise;
	if (parameter(r, name, &value) && value.len &&
	    !parse_time(text_cstr(&value), ms))
		good = answer_invalid(r, name, "Invalid time value for '%s': "
				      "cannot parse \"%s\" to a valid "
				      "timestamp", name, text_cstr(&value));
	text_free(&value);
	return good;
}

bool parameter_time(struct request *r, const char *name, int64_t *ms)
{
	struct text value = {0};
	bool good = true;

	parameter(r, name, &value);
	if (!parse_time(text_cstr(&value), ms))
		good = answer_invalid(r, name, "cannot parse \"%s\" to a valid "
					"timestamp", text_cstr(&value));
	text_free(&value);
	return good;
}

/* Seconds ("15", "0.5") or a duration ("15s"). */
bool parameter_duration(struct request *r, const char *name, int64_t *ms)
{
	struct text value = {0};
	bool good = true;
	double v;

	parameter(r, name, &value);
	if (parse_float(text_cstr(&value), &v))
		*ms = (int64_t)(v * 1000);
	else if (!promql_duration(text_cstr(&value), value.len, ms, NULL))
		good = answer_invalid(r, name, "cannot parse \"%s\" to a valid "
					"duration", text_cstr(&value));
	text_free(&value);
	return good;
}

bool parameter_timeout_fits(struct request *r)
{
	struct text value = {0};
	int64_t ms;
	bool given = parameter(r, "timeout", &value) && value.len;

	text_free(&value);
	return !given || parameter_duration(r, "timeout", &ms);
}
