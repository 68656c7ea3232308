/* journal.h - everything that came from outside, and when
 *
 * seed + world + journal *is* the run (design D2).  An entry says after how
 * many events it was applied, so that a replay applies it at the same place
 * between two events, also when several things happen at one time.
 *
 * The journal lives outside the arena.  Going back does not forget what came
 * after: `played` says how far it has been applied, the rest is the future
 * that a run towards it will meet again; a new command cuts that future off.
 */
#ifndef SIM_CORE_JOURNAL_H
#define SIM_CORE_JOURNAL_H

#include <stdint.h>

#include "sim/core/simtime.h"

struct journal_entry {
	sim_time at;		/* virtual time of the command */
	uint64_t events;	/* events that had run before it */
	char *line;		/* `verb arguments`; owned */
};

struct journal {
	struct journal_entry *entries;
	uint32_t count, cap;
	uint32_t played;	/* entries applied to the world as it is now */
};

void journal_release(struct journal *j);
/* Add behind the last entry; `line` is copied. */
void journal_add(struct journal *j, sim_time at, uint64_t events,
		 const char *line);
void journal_cut(struct journal *j, uint32_t count);	/* keep the first */

#endif
