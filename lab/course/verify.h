/* verify.h - content proves itself (design D11, learning.md 6d)
 *
 *	V1   untouched, nothing is passed            (unless intro = true)
 *	V2   the solution and each alternative pass  on every seed
 *	V3   the same seed twice: the same verdict and digest
 *	V4   faults healed by the engine: checks marked `symptom`, which fail
 *	     while they act, come true
 *	V5   each wrong fix fails at the check it names, in the class declared
 *	V8   a solution that is kept, rewound and resumed half-way: the same
 *	V9   reset half-way, then the solution: pass; the world begins alike
 *	V13  an empty world and useless answers never pass
 *
 * The seeds are 1 .. k and two that the module's author cannot have tuned for
 * (drawn from the module's hash).  V6 (each line of the solution is needed)
 * is reported, not required, and only when asked for: a solution may look
 * around.
 */
#ifndef LAB_COURSE_VERIFY_H
#define LAB_COURSE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/course/attempt.h"

enum proof_status { PROOF_HOLDS, PROOF_FAILS, PROOF_SKIPPED };

struct proof {
	const char *name;		/* "V1" */
	enum proof_status status;
	char *message;			/* why it fails; why it was left out */
};

/* A wrong fix that was played to its end, and graded. */
struct wrong_fix {
	const char *name;
	bool is_caught;			/* by the check it names */
	/* The check that decided, "task.check"; "": it passes. */
	const char *by;
	const char *said;		/* by that check */
};

struct verify_options {
	run_maker *make;
	int seeds;			/* own ones; the held-out come on top */
	uint64_t seed_only;		/* this one and no other; 0: as above */
	const char *proof_only;		/* "V5"; NULL: all of them */
	bool thorough;			/* V6, too */
	/* Told before each proof; may be NULL. */
	void (*progress)(void *ctx, const struct exercise *m,
			 const char *proof);
	/* Told when `done` of the `of` seeds of a proof are played, and what
	 * came of it in the end; may be NULL. */
	void (*seed)(void *ctx, const char *proof, size_t done, size_t of);
	void (*proved)(void *ctx, const struct proof *p);
	/* Told of each wrong fix (V5); with it all of them are played, also
	 * behind one that is not caught.  May be NULL. */
	void (*tried)(void *ctx, const struct wrong_fix *f);
	void *ctx;
};

struct verify_report {
	const char *module;		/* id, or the folder */
	bool good;
	struct proof *proofs;
	size_t count;
	uint64_t *seeds;
	size_t seed_count;
	double seconds;			/* CPU time */
};

/* What is proven, in the order of the names; NULL ends. */
struct proof_claim {
	const char *name;		/* "V1" */
	const char *claim;		/* in three words */
};
extern const struct proof_claim proof_claims[];

/* The module must have loaded well (exercise_good). */
void verify_exercise(const struct exercise *m,
		     const struct verify_options *options,
		     struct verify_report *report);
void verify_release(struct verify_report *r);

void verify_json(const struct verify_report *r, struct text *out);
/* Broken proofs, one a line; nothing when all hold. */
void verify_text(const struct verify_report *r, struct text *out);

#endif
