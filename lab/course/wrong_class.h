/* wrong_class.h - what a wrong fix amounts to, told from two runs
 *
 *	W0   the seed, and nobody does anything
 *	W1   the same seed, with the actions of the wrong fix
 *
 * Both are looked at in the same second, so that whatever differs between them
 * is the doing of the wrong fix.  The first class that fits:
 *
 *	collateral    something is broken in W1 that is whole in W0
 *	masked        a symptom is there in W0 and gone in W1, but the check
 *	              that the wrong fix names fails: the cause is still there
 *	coincidental  every symptom that is gone in W1 is gone in W0, too
 *	not-fixed     none of these
 *
 * Simplified: `suppressed` (the load went, and the symptom with it) and whether
 * a masked fault comes back need further runs; nobody makes them yet.
 */
#ifndef LAB_COURSE_WRONG_CLASS_H
#define LAB_COURSE_WRONG_CLASS_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/course/attempt.h"

/* What every check of a module says at one moment of a run. */
struct outcome {
	sim_time at;
	enum verdict_status *checks;	/* all tasks, one after another */
	size_t count;
};

void outcome_init(struct outcome *o, struct attempt *a);
void outcome_release(struct outcome *o);
enum verdict_status outcome_check(const struct outcome *o,
				  const struct exercise *m, size_t task,
				  size_t check);

/* The class, one of verdict_class_names, of a wrong fix that fails the check
 * it names.  `acted`: all faults have acted for long enough to be seen.  Adds
 * to *why which check tells. */
const char *wrong_class(const struct exercise *m, const struct outcome *w0,
			const struct outcome *w1, size_t task, size_t check,
			bool acted, struct text *why);

/* Can wrong_class find it at all? */
bool wrong_class_provable(const char *name);

#endif
