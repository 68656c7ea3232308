/* replaying.h - on a line of a terminal: how far a run that is played again is
 *
 *	Playing your run again: T+12:10 of T+2:00:00.  Ctrl-C stops.
 *
 * For verbs without a screen.  Says nothing in the first half second, nor where
 * no person looks on.  It is a play's on_progress (play/play.h):
 *
 *	struct replaying r = { .to = c->err, .stop = was_interrupted };
 *	struct play_options o = { .on_progress = replaying_tick,
 *				  .progress_ctx = &r };
 */
#ifndef LAB_REPLAYING_H
#define LAB_REPLAYING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/core/simtime.h"

struct replaying {
	FILE *to;
	bool (*stop)(void);		/* was Ctrl-C pressed? */
	/* Its own: */
	int64_t began_ns, said_ns;	/* of wall_steady_ns */
	sim_time done;
	bool is_said;			/* a line stands there */
};

bool replaying_tick(void *replaying, sim_time done, sim_time of);

#endif
