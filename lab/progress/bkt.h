/* bkt.h - is it known? Bayesian knowledge tracing, as pure functions
 *
 * Corbett & Anderson, "Knowledge Tracing: Modeling the Acquisition of
 * Procedural Knowledge" (1995): the learner knows a thing with probability L;
 * who knows may slip (s), who does not may guess (g), and each try teaches
 * (t).  An answer moves L by Bayes' rule, then learning adds to it.
 *
 * Defaults and the 0.95 gate as in OATutor's BKT-brain.js (learning.md 4b).
 * Only the first try at an item counts, and help counts as wrong.
 */
#ifndef LAB_PROGRESS_BKT_H
#define LAB_PROGRESS_BKT_H

#include <stdbool.h>
#include <stdint.h>

#define BKT_KNOWN	0.1	/* before any evidence */
#define BKT_LEARN	0.1
#define BKT_SLIP	0.1
#define BKT_GUESS	0.1	/* of a task; of an item see bkt_guess */
#define BKT_MASTERY	0.95

enum { BKT_SEEDS = 2, BKT_KINDS = 2 };

/* Guessing one of `options`; 0: a free answer.  At most 0.5: yes or no. */
double bkt_guess(int64_t options);

double bkt_next(double known, bool right, double guess);

/* What a gate asks beside L: three clean tries give 0.99 already. */
struct bkt_gate {
	bool known, seeds, kinds;
};
/* `kinds` were passed without help; `wanted` are those the competency can be
 * shown by, `diagnose` is the bit among them that is asked for by name. */
struct bkt_gate bkt_gate(double known, int64_t seeds, unsigned kinds,
			 unsigned wanted, unsigned diagnose);

#endif
