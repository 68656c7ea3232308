/* fidelity.h - how far a number can be trusted
 *
 * A part of the stack that is not simulated record by record declares what its
 * numbers are (sim/device/ingest.h).  The word travels with each of them: a
 * metric has it, a scrape carries it, each stored sample keeps it, a query's
 * answer has the worst of all samples it was made from, and whoever shows the
 * answer shows the word.  So no estimate is ever read as a measurement.
 *
 *	exact      counted one by one, true at this very nanosecond
 *	window     counted one by one, true at the last window's edge (10 ms)
 *	estimate   inferred: from counts a tick, or from one record in a thousand
 *
 * Exact is what goes without saying: screens show the other two only.
 */
#ifndef SIM_TELEMETRY_FIDELITY_H
#define SIM_TELEMETRY_FIDELITY_H

#include <stdbool.h>

/* From best to worst: the larger one of two holds for their sum. */
enum fidelity { FIDELITY_EXACT, FIDELITY_WINDOW, FIDELITY_ESTIMATE };

static inline enum fidelity fidelity_worse(enum fidelity a, enum fidelity b)
{
	return a > b ? a : b;
}

/* "exact", "window", "estimate": the badge. */
const char *fidelity_badge(enum fidelity f);
/* False: there is no such badge. */
bool fidelity_parse(const char *badge, enum fidelity *out);
/* What the badge means, in a sentence for a legend. */
const char *fidelity_help(enum fidelity f);

#endif
