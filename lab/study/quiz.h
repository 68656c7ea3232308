/* quiz.h - which questions are put together, and in what order
 *
 * A quiz is drawn from the bank by a seed: the same (bank, subject, seed,
 * count) is the same quiz.  Items come in turns from the competencies they are
 * about, so that a short quiz touches all of them, and none comes twice.
 */
#ifndef LAB_STUDY_QUIZ_H
#define LAB_STUDY_QUIZ_H

#include "lab/study/question.h"

struct quiz {
	struct question **at;
	size_t count;
};

/* `about` is a competency or a unit, NULL for all there is; `count` 0 is all
 * of that, and more than there is gives what there is.  False: there is
 * nothing about that, or an item of the content fails. */
bool quiz_draw(const struct bank *b, const char *about, uint64_t seed,
	       size_t count, struct quiz *out, struct err *err);
void quiz_release(struct quiz *q);

/* How many items the bank has about it. */
size_t quiz_size(const struct bank *b, const char *about);

#endif
