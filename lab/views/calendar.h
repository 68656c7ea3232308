/* calendar.h - what is due on which day, four weeks ahead
 *
 *	            Mon Tue Wed Thu Fri Sat Sun
 *	 16 Nov                              3
 *	 23 Nov      1   ·   ·   2   ·   ·   ·
 *
 * What is late counts as today's.  Nothing here is a promise: what is answered
 * today comes back on a day that its answer decides.
 */
#ifndef LAB_VIEWS_CALENDAR_H
#define LAB_VIEWS_CALENDAR_H

#include "lab/course/catalog.h"
#include "lab/progress/progress.h"

enum { CALENDAR_DAYS = 28 };

/* Markdown, from today on, in days of the learner (day.h). */
bool review_calendar(struct store *s, const struct catalog *c, int64_t now_ms,
		     struct text *out, struct err *err);

#endif
