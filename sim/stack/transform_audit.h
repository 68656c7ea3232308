/* transform_audit.h - did a transforming application do both or neither?
 *
 * From the logs of those that lead, and from what its group has committed:
 *
 *	read		records of the input below the committed offsets
 *	written		records of the output that are committed: their marker
 *			says so, by a walk of its own (not txn_index.h)
 *	doubled		written more often than it was stored in the input
 *	missing		read, and neither written nor in a transaction whose end
 *			is on its way
 *	ahead		written, and not read (by the committed offsets): none
 *			once everything has come to rest
 *
 * Records are told apart by key and value; a topic of a fleet's readings has no
 * two alike.  The application has to begin at the earliest record.
 */
#ifndef SIM_STACK_TRANSFORM_AUDIT_H
#define SIM_STACK_TRANSFORM_AUDIT_H

#include "sim/stack/app.h"

struct transform_audit {
	uint64_t read, written, doubled, missing, ahead;
	bool blind;			/* some log has no leader that runs, or
					   no coordinator knows the group */
};

void transform_audit(struct world *w, const struct app *a,
		     struct transform_audit *out);

#endif
