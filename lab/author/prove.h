/* prove.h - the proofs of an exercise, while the screen stays alive
 *
 * A proof plays whole worlds, which takes seconds: so a child process does it
 * and says through a pipe how far it is.  The child has a copy of everything,
 * the exercise too: the author may go on writing.
 *
 *	prover_init(&p);
 *	prover_start(&p, m, lua_world, 3, &err);
 *	...
 *	if (prover_look(&p, 0))		a line came
 *		... p.rows ...
 *	prover_release(&p);		also ends it
 *
 *	child:	run V2            seed V2 1 5 ... seed V2 5 5     holds V2
 *		run V1            seed V1 1 5                     fails V1 why
 *
 *	child:	wrong caught	topic.shape	one partition	It has 1 ...
 *
 * A child that crashes takes nothing with it.  It is waited for in all cases,
 * and ends by itself when we are gone.
 */
#ifndef LAB_AUTHOR_PROVE_H
#define LAB_AUTHOR_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lab/course/exercise.h"
#include "lab/course/verify.h"
#include "sim/core/err.h"

enum prover_state { PROVER_NEVER, PROVER_RUNS, PROVER_DONE, PROVER_STOPPED,
		    PROVER_CRASHED };
enum row_state { ROW_WAITS, ROW_RUNS, ROW_HOLDS, ROW_FAILS, ROW_SKIPPED };

struct prover_row {
	const char *name, *claim;	/* proof_claims */
	enum row_state state;
	size_t done, of;		/* seeds; of 0: not known yet */
	char *message;			/* "" */
};

/* A wrong fix of the module, played. */
struct prover_wrong {
	bool is_caught;
	char *by;			/* "task.check"; "": nothing caught it */
	char *name, *said;
};

struct prover {
	enum prover_state state;
	struct prover_row *rows;	/* one for each of proof_claims */
	size_t row_count;
	size_t failed;
	struct prover_wrong *wrong;	/* of prover_try, as they are played */
	size_t wrong_count;
	int signal;			/* PROVER_CRASHED: by which; 0: by none */
	char hash[65];			/* of the exercise that is proven */
	pid_t pid;			/* 0: there is no child */
	int fd;				/* what it says */
	struct text heard;		/* the beginning of a line */
};

void prover_init(struct prover *p);

/* Ends the one before.  The module must have loaded well (exercise_good). */
bool prover_start(struct prover *p, const struct exercise *m, run_maker *make,
		  int seeds, struct err *err);
/* Plays the wrong fixes alone, at this seed, each to its end. */
bool prover_try(struct prover *p, const struct exercise *m, run_maker *make,
		uint64_t seed, struct err *err);
/* Take what it said; wait for that at most so many milliseconds.  True:
 * something is new. */
bool prover_look(struct prover *p, int wait_ms);
/* End it now; what it has found so far stays. */
void prover_stop(struct prover *p);
void prover_release(struct prover *p);

/* The proof is of this exercise as it is. */
bool prover_is_of(const struct prover *p, const struct exercise *m);

#endif
