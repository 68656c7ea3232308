/* simtime.c - virtual time: whole nanoseconds since the run began */
#include "sim/core/simtime.h"

#include <string.h>

static const struct unit {
	const char *name;
	sim_time ns;
} units[] = {
	/* Longer names first, so that "ms" is not read as "m". */
	{ "ns", 1 }, { "us", SIM_US(1) }, { "ms", SIM_MS(1) },
	{ "s", SIM_S(1) }, { "m", SIM_MINUTES(1) }, { "h", SIM_HOURS(1) },
	{ "d", SIM_HOURS(24) },
};

static const struct unit *unit_at(const char *s)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strncmp(s, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

static void fraction(struct text *t, sim_time at, sim_time unit,
		     const char *name)
{
	sim_time thousandths = at % unit / (unit / 1000);

	text_addf(t, "%lld", (long long)(at / unit));
	if (thousandths) {
		char digits[8] = ".000";

		digits[1] = (char)('0' + thousandths / 100);
		digits[2] = (char)('0' + thousandths / 10 % 10);
		digits[3] = (char)('0' + thousandths % 10);
		for (size_t end = 3; digits[end] == '0'; end--)
			digits[end] = '\0';
		text_add(t, digits);
	}
	text_add(t, name);
}

void simtime_text(struct text *t, sim_time at)
{
	if (at < 0) {
		text_char(t, '-');
		at = at == INT64_MIN ? INT64_MAX : -at;
	}
	if (at == 0)
		text_add(t, "0s");
	else if (at < SIM_US(1))
		text_addf(t, "%lldns", (long long)at);
	else if (at < SIM_MS(1))
		fraction(t, at, SIM_US(1), "us");
	else if (at < SIM_S(1))
		fraction(t, at, SIM_MS(1), "ms");
	else if (at < SIM_MINUTES(1))
		fraction(t, at, SIM_S(1), "s");
	else if (at < SIM_HOURS(1)) {
		text_addf(t, "%lldm", (long long)(at / SIM_MINUTES(1)));
		if (at % SIM_MINUTES(1))
			fraction(t, at % SIM_MINUTES(1), SIM_S(1), "s");
	} else {
		text_addf(t, "%lldh", (long long)(at / SIM_HOURS(1)));
		if (at % SIM_HOURS(1))
			simtime_text(t, at % SIM_HOURS(1));
	}
}

void simtime_at_text(struct text *t, sim_time at)
{
	long long seconds = at / SIM_S(1), ms = at % SIM_S(1) / SIM_MS(1);

	text_add(t, "T+");
	if (seconds >= 3600)
		text_addf(t, "%lld:", seconds / 3600);
	text_addf(t, "%02lld:%02lld", seconds / 60 % 60, seconds % 60);
	if (ms)
		text_addf(t, ".%03lld", ms);
}

/* Day number since 1970-01-01 to a civil date: Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms", civil_from_days. */
static void civil(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

void simtime_wall_text(struct text *t, sim_time at)
{
	int64_t ms = sim_wall_ms(at);
	int64_t of_day = ms % 86400000;
	int year, month, day;

	civil(ms / 86400000, &year, &month, &day);
	text_addf(t, "%04d-%02d-%02d %02d:%02d:%02d,%03d", year, month, day,
		  (int)(of_day / 3600000), (int)(of_day / 60000 % 60),
		  (int)(of_day / 1000 % 60), (int)(of_day % 1000));
}

/* One number with at most nine decimals, as billionths; false if none. */
static bool number(const char **s, int64_t *whole, int64_t *billionths)
{
	const char *p = *s;
	int64_t scale = 100000000;

	*whole = *billionths = 0;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (*whole > INT64_MAX / 100)
			return false;
		*whole = *whole * 10 + (*p - '0');
	}
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++) {
			*billionths += scale * (*p - '0');
			scale /= 10;
		}
	*s = p;
	return true;
}

bool simtime_parse(const char *s, sim_time *out)
{
	sim_time sum = 0;

	if (strcmp(s, "0") == 0) {
		*out = 0;
		return true;
	}
	if (!*s)
		return false;
	while (*s) {
		int64_t whole, billionths;
		const struct unit *unit;
		sim_time part;

		if (!number(&s, &whole, &billionths))
			return false;
		unit = unit_at(s);
		if (!unit || whole > INT64_MAX / unit->ns - 1)
			return false;
		s += strlen(unit->name);
		part = whole * unit->ns;
		part += unit->ns >= 1000000000 ?
			billionths * (unit->ns / 1000000000) :
			billionths * unit->ns / 1000000000;
		if (sum > INT64_MAX - part)
			return false;
		sum += part;
	}
	*out = sum;
	return true;
}
