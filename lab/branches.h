/* branches.h - what would happen if: several ways on from one moment
 *
 * Each branch is played in a process of its own, so that a second core is used
 * and the world here is not touched; the first is the world going on as it is.
 * At the end every metric of a branch is held against the first one's.
 */
#ifndef LAB_BRANCHES_H
#define LAB_BRANCHES_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/metric_table.h"
#include "sim/core/err.h"

enum { BRANCHES_MAX = 16 };

struct branch {
	const char *commands;	/* world commands, joined by `;`; "": none */
	struct metric_table metrics;	/* at the end */
	uint64_t digest;
	struct err err;		/* a command was refused; or "" */
};

/* Fill in `metrics`, `digest` and `err` of each; `at_once` processes. */
void branches_play(struct world *w, sim_time until, struct branch *branches,
		   size_t count, size_t at_once);
void branches_release(struct branch *branches, size_t count);

#endif
