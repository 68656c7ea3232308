/* learn.h - what one piece of evidence does to what is known of a learner
 *
 * Three numbers per competency, each with its own work (learning.md 4d): Elo's
 * theta picks how hard the next task may be, BKT's L opens gates, FSRS says
 * when to ask again.  A first try at an item moves all three.  Being asked
 * again later what was seen before moves memory only; a second look on the
 * same day, and looking before answering, move nothing and are kept as
 * practice.
 */
#ifndef LAB_PROGRESS_LEARN_H
#define LAB_PROGRESS_LEARN_H

#include <jansson.h>

#include "lab/progress/fsrs.h"
#include "lab/progress/progress.h"

struct proof {
	const struct event *event;
	int64_t day;
	const char *what, *attempt;	/* attempt: "" for an item */
	int64_t seed, hints;
	unsigned kinds;			/* shown by it, if passed */
	enum evidence_result result;
	enum fsrs_rating rating;
	bool moves_known, moves_memory;
	double score;			/* for Elo, 0 to 1 */
	double guess;			/* for BKT */
	double guess_elo;
	double difficulty;		/* logits */
	const json_t *competencies;	/* {id: weight} */
};

/* Changes each of its competencies, and adds a row to their evidence. */
void learn(struct store *s, const struct proof *p);

/* The competency with the largest share, "" if there is none. */
const char *learn_main(const json_t *competencies);

struct asking {
	const char *card, *exercise, *competency;
	const struct event *event;
	int64_t day, seed, hints;
	enum fsrs_rating rating;
};
/* A card was asked (or comes to be, by a first try): when next? */
void learn_card(struct store *s, const struct asking *a);

#endif
