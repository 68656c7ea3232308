/* keep.h - the record of a play: each input, each grade, each end
 *
 * The tape of a play (play/play.h) goes into the log of progress as it grows,
 * so that a run can be taken up again after a crash, tomorrow, or on another
 * machine.  The screen and `start --plain` both keep one:
 *
 *	keep_init(&k, &options);
 *	p = keep_play(&k, &play_options, wish, &err);	the one that waits, or new
 *	keep_frame(&k, wall_ns);			now and then
 *	keep_graded(&k);				after a `check`
 *	keep_close(&k);					"left", unless it ended
 *
 * The mark of free running is an input, too, behind those it follows; it is
 * written when the world pauses and every ten seconds while it runs, because
 * each writing waits for the disk.
 *
 * A sandbox is not kept: it belongs to no exercise.
 */
#ifndef LAB_KEEP_H
#define LAB_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lab/course/catalog.h"
#include "lab/course/exercise.h"
#include "lab/play/play.h"
#include "sim/core/err.h"

struct store;

struct keep_options {
	struct store *store;		/* NULL: nothing is kept */
	const struct catalog *catalog;
	const struct exercise *module;
	int64_t (*now_ms)(void *ctx);	/* wall */
	/* The store refuses: told once.  The run goes on. */
	void (*complain)(void *ctx, const char *why);
	void *ctx;
};

struct keep {
	struct keep_options options;
	struct play *play;
	bool is_kept;		/* there is a store, and an attempt in it */
	bool has_ended;		/* for good: passed, gave up */
	bool has_failed;
	bool was_stopped;	/* by on_progress of the play's options */
	char attempt[64];
	int64_t ops;		/* appended so far */
	int64_t tries;
	int64_t wall_ns;	/* the learner's, while something was done */
	json_t *mark;		/* of on_clock, not yet in the store; or NULL */
	int64_t mark_wall_ns;	/* when one was kept last */
};

/* What the learner wants to work on. */
struct keep_wish {
	uint64_t seed;		/* 0: that of the attempt that waits, else 1 */
	bool resume;		/* go on with it, if there is one */
	const char *purpose;	/* learn, review, free */
	const char *attempt;	/* this one again as it ended, only to look at:
				   nothing is kept; or NULL */
};

void keep_init(struct keep *k, const struct keep_options *o);

/* The attempt that waits, if it is of this module as it is now and of the seed
 * that is wanted, else a new one.  Sets on_op and on_clock of *o.  *resumed
 * (may be NULL) says which; *why is a sentence when one that waits could not
 * be gone on with.  NULL: the world cannot be made, or playing it again was
 * stopped (play.h, on_progress): then the attempt waits on. */
struct play *keep_play(struct keep *k, struct play_options *o,
		       const struct keep_wish *wish, bool *resumed,
		       struct text *why, struct err *err);

void keep_frame(struct keep *k, int64_t wall_ns);
/* The play's last verdict; a pass ends the attempt and brings its cards. */
void keep_graded(struct keep *k);
/* passed, gave_up, reset, left */
void keep_ended(struct keep *k, const char *how);
void keep_close(struct keep *k);

#endif
