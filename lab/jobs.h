/* jobs.h - the same work for many things, several at a time
 *
 * Each thing is worked on in a process of its own, so that a crash costs that
 * one and a second core is used; what they say is heard in the order of the
 * things, whoever is done first.  With one job at a time, or where a process
 * cannot be made, the work is done here.
 */
#ifndef LAB_JOBS_H
#define LAB_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/text.h"

struct jobs {
	size_t count;		/* things */
	size_t at_once;		/* 0 or 1: here, one after the other */
	/* Work on thing i and say what came of it.  In another process: what it
	 * changes in memory is not seen here. */
	bool (*work)(void *ctx, size_t i, struct text *said);
	/* Thing i said this.  signal: it crashed by that one; 0: it did not.
	 * False: enough has been heard, the others are given up. */
	bool (*heard)(void *ctx, size_t i, bool good, int signal,
		      struct text *said);
	void *ctx;
};

void jobs_run(const struct jobs *j);
size_t jobs_cores(void);	/* of this machine; 1 when nobody knows */

#endif
