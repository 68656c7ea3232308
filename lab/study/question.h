/* question.h - an item put to somebody: drawn, asked, answered, explained
 *
 * A question is an item and a *variant*, the seed that fixed its numbers and
 * the order of its options.  The same (item, variant) is the same question on
 * every machine, to the letter, so a record of answers can be read again.
 *
 *	struct question *q = question_new(item, 7, &err);
 *	... show q->stem, q->screen, q->options ...
 *	question_grade(q, "3", SURE_LIKELY, &g);
 *	if (!g.understood)	the answer could not be read: g.trouble says why
 *	else			g.right, g.chosen, g.explain, ...
 *	grade_release(&g);
 *	question_free(q);
 *
 * Nothing here prints; a view has all it shows in these two structs.
 */
#ifndef LAB_STUDY_QUESTION_H
#define LAB_STUDY_QUESTION_H

#include "lab/study/bank.h"
#include "sim/core/text.h"

/* What can be picked: an option, a thing to be put in order, the left side of
 * a pair.  In the order in which it is shown. */
struct question_option {
	const char *text;
	const char *why;	/* why it is right, or why it is not */
	const char *belief;	/* name of what a wrong choice shows, or NULL */
	bool right;		/* single and many */
	size_t place;		/* order: where it belongs, from 0;
				 * match: which of `mates` belongs to it */
};

/* A wrong number that has a known cause. */
struct question_miss {
	double value;
	const char *belief, *why;
};

struct question {
	const struct bank_item *item;	/* borrowed; outlives the question */
	uint64_t variant;
	const char *stem;
	const char *screen;	/* lines to read, or NULL */
	const char *explain;	/* why the right answer is right */
	struct question_option options[ITEM_OPTIONS_MAX];
	const char *mates[ITEM_OPTIONS_MAX];	/* match: the right sides */
	size_t count;		/* options, and mates; 0 for a number */
	double number;		/* the right one */
	double tolerance;	/* a share of it */
	const char *unit;	/* "" for a plain number */
	struct question_miss misses[ITEM_OPTIONS_MAX];
	size_t miss_count;
	size_t listed, misses_listed;	/* by the author; lint tells if that is
					 * more than there is room for */
	json_t *made;		/* owns the texts of a generated item */
};

/* NULL only when the item's own function fails: the content is at fault. */
struct question *question_new(const struct bank_item *item, uint64_t variant,
			      struct err *err);
void question_free(struct question *q);

/* How many answers are equally likely for somebody who guesses blindly: 1/k is
 * the guess of BKT.  0: a number, which nobody guesses. */
int question_guesses(const struct question *q);

/* "1-4", "1 3", "2 1 4 3", "b a c", "a number in GB": how to answer. */
void question_hint(const struct question *q, struct text *out);

/* As a document: what a learner may see before the answer. */
void question_json(const struct question *q, struct text *out);

/* --- answering (reply.c) -------------------------------------------------- */

/* What somebody answered, read.  (An `answer` is what progress.h keeps.) */
struct reply {
	size_t picks[ITEM_OPTIONS_MAX];	/* shown options, from 0, as given;
					 * match: the mate of each option */
	size_t count;
	double number;			/* in the question's unit */
};

/* Sensible forms are read ("2", "b", "1,3", "2143", "1c 2a 3b", "1.7 TB",
 * "4 800"); what cannot be is told apart from what is wrong. */
bool reply_read(const struct question *q, const char *typed,
		 struct reply *a, struct err *err);

/* The right answer, and any answer, as one would type it. */
void reply_right(const struct question *q, struct reply *a);
void reply_text(const struct question *q, const struct reply *a,
		 struct text *out);

/* A number as people write it: 4800, 82.9, 0.334. */
void reply_number(double number, struct text *out);

/* --- grading ------------------------------------------------------------- */

struct grade {
	bool understood;	/* else only `trouble` is set */
	struct err trouble;
	bool right;
	struct reply reply;
	struct text given;	/* the answer, as one would type it */
	struct text wanted;	/* the right one */
	struct text chosen;	/* what is to be said of this answer */
	const char *explain;	/* why the right one is right */
	const char *belief;	/* the name of what it betrays, or NULL */
	const char *belief_text;
	const char *remark;	/* the answer against `sure`, or NULL */
};

/* `sure` is one of SURE_... (progress.h). */
void question_grade(const struct question *q, const char *typed, int sure,
		    struct grade *g);
void grade_release(struct grade *g);

/* The body of an item.answered event (event.h).  `looked`: the learner ran
 * something, or read on, before answering. */
void question_event(const struct question *q, const struct grade *g, int sure,
		    bool looked, struct text *out);

#endif
