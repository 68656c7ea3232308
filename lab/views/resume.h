/* resume.h - what somebody was doing, from the last commands
 *
 *	"You had created readings and were about to diagnose: Why it times out."
 *
 * Made of the last console line that means something (a table of tools and of
 * the words that say what they do) and the task being worked on.  So home says
 * where the learner was, not which lesson has which number.
 */
#ifndef LAB_VIEWS_RESUME_H
#define LAB_VIEWS_RESUME_H

#include <stdbool.h>

#include <jansson.h>

#include "sim/core/text.h"

/* What a line did: "created readings".  False: nothing worth telling. */
bool resume_deed(const char *line, struct text *out);

/* The sentence.  `ops` are those of a tape (lab/play/tape.h), the last counts;
 * kind and title of the task may be NULL. */
void resume_sentence(const json_t *ops, const char *task_kind,
		     const char *task_title, struct text *out);

#endif
