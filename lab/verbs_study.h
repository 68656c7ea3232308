/* verbs_study.h - what assess and review share
 *
 *	verbs_assess.c	the rubric, the question bank's own proof
 *	verbs_quiz.c	questions, asked on standard input
 *	verbs_review.c	what is due
 */
#ifndef LAB_VERBS_STUDY_H
#define LAB_VERBS_STUDY_H

#include "lab/progress/progress.h"
#include "lab/verbs.h"

/* Add an event whose body is in *body, and free that. */
bool study_keep(struct cli *c, struct store *s, enum event_kind kind,
		struct text *body);
/* The folder of content/, exercises/ and assessments/. */
bool study_root(struct cli *c, struct text *root, int *status);

/* A text broken into lines that all stand behind the label's end. */
void study_hanging(struct text *out, const char *label, const char *s);
void study_option(struct text *out, char mark, const char *s);
void study_paragraph(struct text *out, const char *s);
void study_say(struct cli *c, struct text *t);		/* and empty it */

/* One line of standard input, without its end.  False: there is none. */
bool study_read_line(struct cli *c, struct text *line);
/* "3?" is a guess, "3!" is sure; the mark is taken off. */
int study_take_sure(struct text *line);

int assess_quiz(struct cli *c);

#endif
