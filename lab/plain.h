/* plain.h - an exercise, or a world, line by line */
#ifndef LAB_PLAIN_H
#define LAB_PLAIN_H

#include <stdint.h>

#include "lab/cli.h"
#include "lab/course/exercise.h"

/* Seed 0: that of the attempt that waits, else 1.  The value is the exit
 * status: CLI_DONE when it was passed. */
int plain_run(struct cli *c, const struct exercise *m, uint64_t seed);

struct preview;
/* An exercise while it is written.  Before each prompt the files are looked at;
 * after a save `reset yes` begins anew with the new version.  Nothing is
 * recorded. */
int plain_preview(struct cli *c, struct preview *preview, uint64_t seed);

#endif
