/* verbs.h - what the files of verbs share
 *
 *	verbs.c			the table
 *	verbs_content.c		list, show: the course to read
 *	verbs_screen.c		what opens the screen; shot
 *	verbs_course.c		start, check: an exercise to work on
 *	verbs_assess.c		assess: the rubric; verbs_quiz.c its questions
 *	verbs_review.c		review: what is due
 *	verbs_verify.c		verify: exercises that prove themselves
 *	verbs_module.c		module: for authors
 *	verbs_world.c		exec: commands on a fresh world
 *	verbs_sim.c		sim: a world without anybody
 *	verbs_swarm.c		swarm: very many worlds, with faults
 *	verbs_catalogs.c	worlds, faults, metrics: what there is
 *	verbs_run.c		replay, diff: saved runs
 *	verbs_host.c		home, help, bench, doctor
 */
#ifndef LAB_VERBS_H
#define LAB_VERBS_H

#include "lab/cli.h"
#include "lab/course/catalog.h"
#include "lab/course/exercise.h"
#include "sim/core/text.h"

int verb_assess(struct cli *c), verb_bench(struct cli *c),
    verb_check(struct cli *c), verb_diff(struct cli *c),
    verb_doctor(struct cli *c), verb_exec(struct cli *c),
    verb_faults(struct cli *c), verb_help(struct cli *c),
    verb_home(struct cli *c), verb_list(struct cli *c),
    verb_metrics(struct cli *c), verb_module(struct cli *c),
    verb_progress(struct cli *c), verb_replay(struct cli *c),
    verb_review(struct cli *c), verb_shot(struct cli *c),
    verb_show(struct cli *c), verb_sim(struct cli *c),
    verb_start(struct cli *c), verb_swarm(struct cli *c),
    verb_verify(struct cli *c), verb_worlds(struct cli *c);

/* The course, or a printed sentence and *status. */
struct catalog *verb_catalog(struct cli *c, int *status);

/* The folder of an exercise given by id or by path.  CLI_DONE, or printed. */
int verb_folder(struct cli *c, const struct catalog *catalog,
		const char *word, struct text *folder);

struct store;
/* The learner's record, to be added to; in memory when the disk is at fault.
 * What there is to say about it is said on standard error.  NULL: there is none
 * at all, and *status says so. */
struct store *verb_record(struct cli *c, int *status);
void verb_record_notes(const struct cli *c, const struct store *s);

/* Load and lint it; NULL: printed, and *status says which exit. */
struct exercise *verb_exercise(struct cli *c, const char *word, int *status);

/* Print every problem; to `out`, one a line. */
void verb_problems(FILE *out, const struct exercise *m);

/* --seed, below 2^63 (JSON numbers). */
bool verb_seed(const struct cli *c, uint64_t *seed);

/* --with key=value ..., as the world wants its settings. */
void verb_settings(const struct cli *c, struct text *out);
/* NULL: printed, and *status says which exit. */
struct world *verb_world(const struct cli *c, const char *name, uint64_t seed,
			 const char *with, int *status);

void verb_print(const struct cli *c, struct text *t);	/* and free it */

#endif
