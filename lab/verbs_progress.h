/* verbs_progress.h - what the files of `millrace progress` share
 *
 *	verbs_progress.c	competency with its evidence, the file
 *	verbs_replay.c		an attempt of the log, played again
 */
#ifndef LAB_VERBS_PROGRESS_H
#define LAB_VERBS_PROGRESS_H

#include "lab/progress/store.h"
#include "lab/verbs.h"

/* To look at: nothing is made where nothing is.  NULL: printed. */
struct store *progress_to_read(struct cli *c, const char *home, int *status);

/* "DEVICE-N", an attempt, or "DEVICE/SEQ", an event that tells of one. */
int progress_replay(struct cli *c, const char *home, const char *which);

#endif
