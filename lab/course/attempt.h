/* attempt.h - one try at an exercise: its world, its console, what was checked
 *
 * An attempt makes the world, runs the module's setup, and brings the learner
 * in at `start`.  From then on it is driven by lines: those of the console,
 * and the words of an exercise (attempt_words.c), which are the same in a
 * script, in `start --plain` and in the author's solution.
 *
 * An input is taken whole (attempt_line) or begun, and time then let pass in
 * pieces by who watches (attempt_begin, attempt_advance).  How the way is cut
 * into pieces makes no difference to what happens: while a console line is in
 * flight, time goes in stretches from event to event, and a stretch that was
 * begun is gone to its end.
 *
 * Virtual time passes only in here.  On the way
 *
 *  - faults are done to the world when their time comes, as commands of its
 *    journal;
 *  - checks that speak of time (always, eventually, held, at) are asked once a
 *    virtual second.  What they said is kept as a list of changes, so that
 *    going back in time can forget what has now not happened.
 *
 * The same lines at the same seed give the same digest and the same verdict.
 */
#ifndef LAB_COURSE_ATTEMPT_H
#define LAB_COURSE_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/course/exercise.h"
#include "lab/course/verdict.h"
#include "lab/run_file.h"
#include "lua/files.h"
#include "lua/session.h"
#include "sim/core/world.h"

struct attempt;

struct attempt_options {
	uint64_t seed;
	run_maker *make;		/* of worlds, by name */
	const struct files *files;	/* NULL: in memory */
	bool no_faults;			/* the world as if all were well */
	int columns;			/* words are wrapped there; 0: never */
	bool interactive;		/* tools may ask for input; otherwise
					   they find the end of it */
	/* What the console and the words print; stream 1 or 2.  NULL: nobody
	 * watches. */
	void (*out)(void *ctx, int stream, const char *bytes, size_t len);
	void *ctx;
};

/* How long one console line may take, in virtual time. */
#define ATTEMPT_LINE_MAX	SIM_HOURS(1)

/* What one check has said over time. */
struct check_change {
	sim_time at;
	bool is_true;
};

struct check_state {
	struct check_change *changes;	/* first sample, then each change */
	size_t count;
	char *error;			/* the script failed; for good */
	char *why;			/* what it said last */
};

struct task_state {
	struct check_state *checks;
	bool is_passed;			/* latched when graded */
	sim_time passed_at;
	uint32_t hints;			/* rungs that are open, a bit each */
	char *answer;			/* NULL: none yet */
};

/* A learner's claim. */
struct diagnosis {
	bool given;
	bool nothing_wrong;
	char component[64], mechanism[64];
	sim_time onset;			/* SIM_NEVER: not said */
};

/* A place in a run, exactly: at one time there may be several, between one
 * input and the next. */
struct moment {
	sim_time at;
	uint64_t events;		/* that had run */
	uint32_t played;		/* commands of the journal */
};

struct save_point {
	char name[64];
	struct moment moment;
};

struct attempt {
	const struct exercise *module;
	struct attempt_options options;
	struct world *world;
	struct session *session;
	struct box *box;
	struct files_memory *drawer;	/* when no files were given */
	struct files own_files;		/* its face */
	struct planned_fault *faults;		/* in order of time */
	int64_t *fault_numbers;		/* what each became in the ledger */
	uint32_t *fault_played;		/* the journal behind it */
	size_t fault_count, faults_done;
	json_t *faults_keep;
	struct task_state *tasks;
	struct diagnosis diagnosis;
	struct save_point *saves;
	size_t save_count;
	struct moment began;		/* where the learner came in */
	struct moment *inputs;		/* where inputs met the world */
	size_t *input_lines;		/* of the transcript before each */
	size_t input_count;
	sim_time sample_next;
	sim_time target;		/* of `run` and `wait`; SIM_NEVER */
	bool in_flight;			/* a console line is */
	sim_time line_began;		/* the last one */
	sim_time line_limit;		/* then it is interrupted */
	sim_time stretch;		/* it goes on to here; SIM_NEVER: not
					   yet known */
	int status;			/* of the last input that is over */
	bool hint_asked;		/* the price was named: yes or no? */
	bool has_ended;			/* quit, give up, or out of time */
	bool gave_up;
	int lines;			/* of the console, as typed */
	struct verdict *last;		/* of the last `check`, or NULL */
	int checks;			/* so many times */
	char *broken;			/* the module failed; why */
};

/* NULL: the module or the world cannot be made, and err says why. */
struct attempt *attempt_new(const struct exercise *m,
			    const struct attempt_options *options,
			    struct err *err);
void attempt_free(struct attempt *a);

/* --- act ------------------------------------------------------------------ */

/* One input to its end: a word of the exercise or a line for the console.  The
 * value is its exit status. */
int attempt_line(struct attempt *a, const char *line);

/* The same begun.  A word like `run 30s` only sets how far to go. */
void attempt_begin(struct attempt *a, const char *line);
bool attempt_busy(const struct attempt *a);	/* it is not over yet */
int attempt_status(const struct attempt *a);	/* of the last that is */
void attempt_interrupt(struct attempt *a);	/* Ctrl-C; ends a `run` too */
/* While attempt_wants_input; see console.h. */
bool attempt_wants_input(const struct attempt *a);
void attempt_input(struct attempt *a, const char *bytes, size_t len);
void attempt_input_end(struct attempt *a);

/* Let virtual time pass up to `until`; with `only_busy` no further than what
 * is busy takes. */
void attempt_advance(struct attempt *a, sim_time until, bool only_busy);

/* Let virtual time pass up to `until`. */
void attempt_run(struct attempt *a, sim_time until);

/* Give this moment a name.  False: it is no name. */
bool attempt_save(struct attempt *a, const char *name, struct err *err);
const struct save_point *attempt_save_named(const struct attempt *a,
					    const char *name);

/* Be at an earlier time again, before what the learner did at that very time;
 * what came after is forgotten. */
bool attempt_rewind(struct attempt *a, sim_time to, struct err *err);
bool attempt_rewind_to(struct attempt *a, const struct moment *to,
		       struct err *err);
struct moment attempt_moment(const struct attempt *a);

/* Make the same world again and begin anew; hints stay paid. */
bool attempt_reset(struct attempt *a, struct err *err);

/* Undo every fault now, as the engine can: proof V4. */
bool attempt_heal(struct attempt *a, struct err *err);

/* Let the module clean up. */
bool attempt_teardown(struct attempt *a, struct err *err);

/* --- ask ------------------------------------------------------------------ */

/* Grade as things stand.  *v is released by the caller. */
void attempt_grade(struct attempt *a, struct verdict *v);

/* Grade after the module's `settle` time has passed. */
void attempt_grade_settled(struct attempt *a, struct verdict *v);

/* One check as things stand: true, false or an error (then *why is set).  Adds
 * what the check said to *why. */
enum verdict_status attempt_check(struct attempt *a, size_t task, size_t check,
				  struct text *why);

/* The task to work on: the first that is not passed; task_count when all are. */
size_t attempt_task(const struct attempt *a);

int64_t attempt_hint_cost(const struct attempt *a);

/* When the time of this exercise is used up; SIM_NEVER: there is no end. */
sim_time attempt_end(const struct attempt *a);

/* "90s", "T+12m", "12:10", "1:02:03". */
bool attempt_time_parse(const char *s, sim_time *out);

/* The words of an exercise: how each is written, and what it does. */
void attempt_each_word(const struct attempt *a,
		       void (*visit)(void *with, const char *name,
				     const char *usage, const char *summary),
		       void *with);

#endif
