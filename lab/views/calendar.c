/* calendar.c - what is due on which day, four weeks ahead */
#include "lab/views/calendar.h"

#include <inttypes.h>
#include <string.h>

#include "lab/tui/number.h"

enum { WEEK = 7 };
#define DAY_MS	INT64_C(86400000)

/* Days from today on which it is asked; late is today. */
static int64_t day_ahead(const struct due *d)
{
	return d->late_days < 0 ? -d->late_days : 0;
}

static size_t due_on(const struct dues *dues, int64_t ahead)
{
	size_t n = 0;

	for (size_t i = 0; i < dues->count; i++)
		n += day_ahead(&dues->at[i]) == ahead;
	return n;
}

/* "23 Nov" */
static void date_add(struct text *out, int64_t day)
{
	struct text t = {0};

	number_date(&t, day * DAY_MS, 0);
	text_add(out, text_cstr(&t) + 4);	/* behind "Mon " */
	text_free(&t);
}

static void week_add(struct text *out, const struct dues *dues, int64_t monday,
		     int64_t today)
{
	size_t begun = out->len;

	text_char(out, ' ');
	date_add(out, monday);
	while (out->len < begun + 10)
		text_char(out, ' ');
	for (int i = 0; i < WEEK; i++) {
		int64_t ahead = monday + i - today;
		size_t n = ahead < 0 ? 0 : due_on(dues, ahead);

		if (ahead < 0 || ahead >= CALENDAR_DAYS)
			text_add(out, "    ");
		else if (n)
			text_addf(out, " %3zu", n);
		else
			text_add(out, "   ·");
	}
	while (out->at[out->len - 1] == ' ')
		out->at[--out->len] = '\0';
	text_char(out, '\n');
}

static void titles_add(struct text *out, const struct dues *dues, int64_t ahead)
{
	bool any = false;

	for (size_t i = 0; i < dues->count; i++) {
		if (day_ahead(&dues->at[i]) != ahead)
			continue;
		text_addf(out, "%s%s", any ? ", " : "", dues->at[i].title);
		if (!dues->at[i].is_recheck)
			text_add(out, " (a card)");
		any = true;
	}
}

static void days_add(struct text *out, const struct dues *dues, int64_t today)
{
	for (int64_t ahead = 0; ahead < CALENDAR_DAYS; ahead++) {
		if (!due_on(dues, ahead))
			continue;
		text_add(out, "- **");
		if (ahead)
			number_date(out, (today + ahead) * DAY_MS, 0);
		else
			text_add(out, "today");
		text_add(out, "**: ");
		titles_add(out, dues, ahead);
		text_char(out, '\n');
	}
}

bool review_calendar(struct store *s, const struct catalog *c, int64_t now_ms,
		     struct text *out, struct err *err)
{
	struct dues dues;
	int64_t today, monday;

	if (!progress_due(s, c, now_ms, CALENDAR_DAYS - 1, &dues, err))
		return false;
	today = dues.today;
	monday = today - (today + 3) % WEEK;	/* day 0 was a Thursday */
	text_add(out, "```\n            Mon Tue Wed Thu Fri Sat Sun\n");
	for (; monday < today + CALENDAR_DAYS; monday += WEEK)
		week_add(out, &dues, monday, today);
	text_add(out, "```\n\n");
	if (dues.count)
		days_add(out, &dues, today);
	else
		text_add(out, "Nothing is due. What you finish comes back, "
			 "days later.\n");
	dues_free(&dues);
	return true;
}
