/* record.h - what a screen puts into the learner's log
 *
 * Bodies are those of progress/event.h.  A log that refuses is told on the
 * echo line; without a log (a test, a disk that failed) nothing happens.  What
 * an attempt puts there is the workbench's business.
 */
#ifndef LAB_VIEWS_RECORD_H
#define LAB_VIEWS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

struct app;

/* profile.set; the value is kept as a JSON string. */
bool record_profile(struct app *a, const char *key, const char *value);
/* lesson.read; pages count from 1. */
bool record_lesson(struct app *a, const char *lesson, int64_t page,
		   int64_t pages);
/* review.postponed */
bool record_postponed(struct app *a, const char *card, int days);

/* Any other, by the name of its kind ("rubric.rated") and its body. */
bool record_body(struct app *a, const char *kind, const char *body);

#endif
