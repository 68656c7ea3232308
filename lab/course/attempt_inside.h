/* attempt_inside.h - what the files of an attempt share
 *
 *	attempt.c		life; the passing of time
 *	attempt_samples.c	what checks said over time
 *	attempt_words.c		the words of an exercise
 *	attempt_grade.c		from samples and questions to a verdict
 */
#ifndef LAB_COURSE_ATTEMPT_INSIDE_H
#define LAB_COURSE_ATTEMPT_INSIDE_H

#include "lab/course/attempt.h"

/* w and h, for calls into the box. */
struct box_args attempt_args(struct attempt *a);

void attempt_say(struct attempt *a, int stream, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "Paused at T+12:10." */
void attempt_say_time(struct attempt *a);

/* An input meets the world here: what is typed, or done to it. */
void attempt_note_input(struct attempt *a);

/* Ask all checks that are asked every second. */
void samples_take(struct attempt *a);
/* Forget what was said after `at`. */
void samples_forget(struct attempt *a, sim_time at);
/* An answer was given: what the task's checks say of it, without deciding
 * anything before the next sample. */
void samples_refresh(struct attempt *a, size_t task);
bool samples_wanted(const struct check *c);

/* Ask a check's function now. */
enum verdict_status check_ask(struct attempt *a, size_t task, size_t check,
			      char **why);

/* True when `line` was a word of the exercise; *status is its exit status. */
bool words_run(struct attempt *a, const char *line, int *status);

#endif
