/* day.h - days of a learner, and their dates
 *
 * Reviews are counted in days, and a day ends when people sleep: at 04:00 of
 * the learner's own clock.  Day 0 is 1970-01-01.
 */
#ifndef LAB_PROGRESS_DAY_H
#define LAB_PROGRESS_DAY_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_START_MIN = 4 * 60 };

/* The day in which `at_ms` lies for a clock `offset_min` east of UTC whose
 * days begin `start_min` minutes after midnight. */
int64_t day_of(int64_t at_ms, int64_t offset_min, int64_t start_min);

/* "2026-11-22" of a day, and of a moment in UTC. */
enum { DAY_TEXT = 40 };
void day_text(int64_t day, char out[DAY_TEXT]);
void day_text_ms(int64_t at_ms, char out[DAY_TEXT]);

/* The day of "2026-11-22", and nothing behind it; false: it is no date. */
bool day_parse(const char *text, int64_t *day);

/* Weeks begin on Monday. */
int64_t day_week(int64_t day);

#endif
