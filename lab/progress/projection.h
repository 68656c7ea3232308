/* projection.h - what is computed from the log, and can be computed again
 *
 * Tables of progress.db that hold no truth of their own.  Each event changes
 * them in the transaction that adds it; events that belong before others (an
 * import from a second machine) make all of it computed anew.  The order is
 * that of wall time, but the events of one device stay in their own order
 * even if its clock went back:
 *
 *	the latest wall time of the device so far, device, seq
 *
 * A table is changed only here, so that rebuilt == live; when this code
 * changes what it computes, PROJECTION_VERSION goes up and the next start
 * rebuilds.
 */
#ifndef LAB_PROGRESS_PROJECTION_H
#define LAB_PROGRESS_PROJECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/progress/event.h"
#include "lab/progress/store.h"
#include "sim/core/text.h"

#define PROJECTION_VERSION	1

bool projection_rebuild(struct store *s, struct err *err);

/* All tables as text, in one order: two stores that know the same are equal. */
bool projection_dump(struct store *s, struct text *out, struct err *err);

/* Rebuilt == live?  False names the first line that differs. */
bool projection_check(struct store *s, struct err *err);

#endif
