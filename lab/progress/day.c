/* day.c - days of a learner, and their dates */
#include "lab/progress/day.h"

#include <stdio.h>
#include <string.h>

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t day_of(int64_t at_ms, int64_t offset_min, int64_t start_min)
{
	return floor_div(floor_div(at_ms, 60000) + offset_min - start_min,
			 24 * 60);
}

/* Civil date from days: years begin in March, so that the odd day comes last;
 * 400 of them have 146097 days (H. Hinnant, chrono-Compatible Low-Level Date
 * Algorithms). */
void day_text(int64_t day, char out[DAY_TEXT])
{
	int64_t z = day + 719468, era = floor_div(z, 146097);
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
			of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t march = (5 * of_year + 2) / 153;
	int64_t month = march < 10 ? march + 3 : march - 9;

	snprintf(out, DAY_TEXT, "%04d-%02d-%02d",
		 (int)(era * 400 + year + (month <= 2)), (int)month,
		 (int)(of_year - (153 * march + 2) / 5 + 1));
}

void day_text_ms(int64_t at_ms, char out[DAY_TEXT])
{
	day_text(floor_div(at_ms, 86400000), out);
}

/* The inverse is found by asking: nobody has backups of a million days. */
bool day_parse(const char *text, int64_t *day)
{
	int year, month, of_month, end = 0;
	char back[DAY_TEXT];

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &of_month,
		   &end) != 3 || text[end])
		return false;
	*day = (int64_t)(year - 1970) * 365 + (year - 1969) / 4;
	*day += (month - 1) * 30 - 31;
	for (int i = 0; i < 100; i++, ++*day) {
		day_text(*day, back);
		if (strcmp(back, text) == 0)
			return true;
	}
	return false;
}

int64_t day_week(int64_t day)
{
	return floor_div(day + 3, 7);	/* day 0 was a Thursday */
}
