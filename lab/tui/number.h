/* number.h - how numbers and times are written for people
 *
 * One form for each kind, everywhere, and no locale changes it (screens.md 3e):
 *
 *	count		9 999   11 976 000	exact, groups of three
 *	tight		9999  12k  148k  7.2M	at most four cells, for tables
 *	rate		9.98k/s			three digits that count
 *	bytes		4.1 MiB			by 1024
 *	percent		98 %  99.94 %  0.4 %	finer near both ends
 *	duration	212 ms  1.2 s  1m58s	in a cell
 *	in words	3 h 10 min		in a sentence
 *	age		15 s old
 *	world time	T+12:10			since the run began
 *	date		Tue 11 Mar, in 3 days	of the real world
 *
 * What is not known (not a number) is `?`, never 0.  Each adds to a text.
 */
#ifndef LAB_TUI_NUMBER_H
#define LAB_TUI_NUMBER_H

#include <stdint.h>

#include "sim/core/simtime.h"
#include "sim/core/text.h"

void number_count(struct text *t, int64_t n);
void number_tight(struct text *t, double v);
/* Three digits that count: 7.21k, 41.0, 0.25. */
void number_short(struct text *t, double v);
void number_rate(struct text *t, double per_second);
void number_bytes(struct text *t, double bytes);
void number_money(struct text *t, double dollars);
void number_percent(struct text *t, double percent);	/* of 100 */

void number_duration(struct text *t, sim_time span);
void number_duration_words(struct text *t, sim_time span);
void number_age(struct text *t, sim_time span);

/* Without and with what comes after the second; the form is that of
 * simtime_at_text. */
void number_time(struct text *t, sim_time at);
void number_time_exact(struct text *t, sim_time at);
/* Without the `T+`: for the end of a time bar. */
void number_clock(struct text *t, sim_time at);

/* "Tue 11 Mar": milliseconds since 1970, minutes east of UTC. */
void number_date(struct text *t, int64_t ms, int utc_offset_minutes);
/* "today", "tomorrow", "in 3 days", "3 days ago"; a date beyond 14 days. */
void number_day(struct text *t, int64_t ms, int64_t now_ms,
		int utc_offset_minutes);

#endif
