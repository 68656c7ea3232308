/* review.h - what to ask again today, and the cards of the exercises
 *
 * What is due comes from the record (progress_due).  When there is time for a
 * part of it only, the part is chosen that brings most: each review is worth
 * what is by now likely forgotten (1 - recall), and costs its minutes; the
 * choice is the best there is for the minutes at hand, not the first that fit.
 *
 * An exercise that is due is played again on a new seed.  A card is a question
 * and its answer in an exercise's module.lua, named card:EXERCISE/N, N from 1.
 * The learner writes the answer down before seeing it.  Nobody is asked how it
 * felt:
 *
 *	the card says what has to be in it (`expect`)	compared with that
 *	it does not, and something was written		proves nothing: kept as
 *							practice, and put off by
 *							CARD_UNCHECKED_DAYS
 *	nothing was written				not recalled
 */
#ifndef LAB_STUDY_REVIEW_H
#define LAB_STUDY_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/course/catalog.h"
#include "lab/course/exercise.h"
#include "lab/progress/progress.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

enum { REVIEW_MINUTES_MAX = 480, CARD_UNCHECKED_DAYS = 7 };

/* Mark in picked[dues->count] what is worth most in so many minutes; the
 * value is the minutes it takes.  Nothing fits: all false, 0. */
int review_pick(const struct dues *dues, int minutes, bool *picked);

/* --- cards ---------------------------------------------------------------- */

struct card {
	char *id;			/* "card:bigdata.first-log/2" */
	char *exercise;
	char *title;			/* of the exercise */
	char *competency;
	char *question, *answer;
	json_t *expect;			/* words, or NULL */
	size_t number;			/* from 1 */
};

bool card_load(const struct catalog *c, const char *id, struct card *out,
	       struct err *err);
void card_release(struct card *card);

/* How many an exercise has, and the name of one. */
size_t card_count(const struct exercise *m);
void card_name(const char *exercise, size_t number, struct text *out);

struct card_grade {
	bool recalled;
	bool was_checked;	/* the card said what to look for; or nothing
				 * was written, which needs no looking */
	struct text missing;	/* what was looked for in vain: "667, 700" */
};
void card_grade(const struct card *card, const char *typed,
		struct card_grade *g);
void card_grade_release(struct card_grade *g);

/* The body of an item.answered event; `sure` is one of SURE_...  What was not
 * checked is written as looked at, so that it moves nothing; the caller then
 * adds card_postponed_event as review.postponed. */
void card_event(const struct card *card, const char *typed,
		const struct card_grade *g, int sure, struct text *out);
void card_postponed_event(const struct card *card, int days,
			  struct text *out);
/* The body of card.added, for each card of a passed exercise. */
void card_added_event(const struct exercise *m, size_t number,
		      struct text *out);

#endif
