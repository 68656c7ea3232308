/* exercise.h - an exercise as data: what its module.lua declares
 *
 *	exercises/UNIT/SLUG/module.lua		return lab.module{ ... }
 *	                    text/NAME.md	brief of each task, debrief
 *	                    tests/NAME.lua	the author's own
 *
 * docs/authoring.md describes each field.  Reading a module checks the form of
 * all of them and collects what is wrong with file and line (problems.h);
 * rules that look further are in lint.c.  A module with errors cannot be
 * played.
 *
 * What depends on the seed (`faults`, `solution`, `alt_solutions`, `wrong` may
 * be functions of the drawn parameters) is asked of a box when it is needed:
 * exercise_open makes a fresh one for each attempt, so that no attempt sees what
 * another left in a variable.
 *
 * A sandbox is a module too, one that the program writes: any world, no tasks,
 * no end.  So one kind of attempt serves exercises and free play.
 */
#ifndef LAB_COURSE_EXERCISE_H
#define LAB_COURSE_EXERCISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lab/course/box.h"
#include "lab/course/places.h"
#include "lab/course/problems.h"
#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

#define EXERCISE_FORMAT	1

enum {
	EXERCISE_BYTES_MAX = 512 * 1024,	/* of module.lua */
	EXERCISE_TASKS_MAX = 32,
	EXERCISE_CHECKS_MAX = 32,	/* of one task */
	EXERCISE_HINTS_MAX = 32,	/* of one task */
};

enum check_type {
	CHECK_AT,		/* true when looked at: now, or at a time */
	CHECK_HELD,		/* true for so long without a break, until now */
	CHECK_ALWAYS,		/* true at every second; a promise */
	CHECK_EVENTUALLY,	/* true once */
	CHECK_HISTORY,		/* asked of the whole run when grading */
	CHECK_DIAGNOSIS,	/* the diagnosis against what is truly wrong */
	CHECK_BUDGET,		/* not more than so much */
	CHECK_ANSWER,		/* what the learner answered */
	CHECK_TYPE_COUNT
};
extern const char *const check_type_names[];	/* by check_type, then NULL */
extern const char *const task_kind_names[];	/* NULL at the end */

/* All texts are borrowed from the module's JSON. */
struct check {
	const char *id;
	enum check_type type;
	bool hidden;		/* its failure text names no detail */
	bool has_fn;
	bool symptom;		/* must turn true when the fault is healed */
	const char *fail;	/* what is wrong, never how to repair it */
	const char *pass;	/* why it is right; NULL: nothing to say */
	const char *help;	/* where to read on; may be NULL */
	sim_time at;		/* CHECK_AT: SIM_NEVER is now */
	sim_time hold;		/* CHECK_HELD */
	sim_time from;		/* CHECK_ALWAYS: promised from here on */
	sim_time within;	/* CHECK_DIAGNOSIS: of the onset */
	const json_t *grade;	/* CHECK_DIAGNOSIS: parts, or NULL for both */
	const json_t *answer;	/* CHECK_ANSWER: what is right, or NULL: fn */
	double tolerance;	/* CHECK_ANSWER: a share of the number */
	const char *of;		/* CHECK_BUDGET: lines, hints, minutes */
	double max;
};

struct hint {
	const char *text;
	int64_t cost;		/* points */
	bool has_when;
};

struct task {
	const char *id;
	const char *title;	/* may be NULL */
	const char *text;	/* path below the module's folder */
	const char *kind;
	const char *hintless;	/* reason for having no hints, or NULL */
	const json_t *needs;	/* ids of tasks, or NULL */
	int64_t points;
	struct check *checks;
	size_t check_count;
	struct hint *hints;
	size_t hint_count;
};

/* What is done to the world, and what is thereby wrong. */
struct planned_fault {
	const char *id;
	const char *fault;	/* name in the catalogue */
	sim_time at;
	struct text args;	/* " key=value ...", as the command wants it */
	const char *component, *mechanism;
};

struct exercise {
	char *folder;		/* where module.lua lies */
	char *file;		/* "exercises/.../module.lua", for messages */
	char hash[65];		/* SHA-256 of module.lua and its texts */
	struct text source;
	struct places places;
	struct problems problems;
	json_t *json;		/* the table; NULL: it could not be read */
	const char *id, *title, *world, *blurb, *debrief, *status, *version;
	int64_t difficulty, minutes;
	bool intro;		/* may be solved at the start */
	bool is_sandbox;	/* made by exercise_sandbox */
	bool has_setup, has_nonvacuous, has_teardown;
	sim_time start;		/* the learner comes at this time */
	sim_time settle;	/* runs on so long before the last grading */
	sim_time limit;		/* an attempt ends so long after the start */
	sim_time recover;	/* a healed world is well after so long */
	struct text world_params;	/* "key=value ..." */
	struct task *tasks;
	size_t task_count;
};

/* Read the module in a folder.  Never NULL; ask exercise_good. */
struct exercise *exercise_load(const char *folder);
/* A world to play with, by the name and settings of stack.h.  NULL: there is
 * none such; err says so. */
struct exercise *exercise_sandbox(const char *world, const char *settings,
				  struct err *err);
void exercise_free(struct exercise *m);
bool exercise_good(const struct exercise *m);

/* The first error as one sentence, "file:line:column: error: message [rule]". */
bool exercise_refuse(const struct exercise *m, struct err *err);

/* Add a problem at a field, found by its path (places.h). */
void exercise_problem(struct exercise *m, const char *rule, const char *path,
		    const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Its text: path below the module's folder.  False: cannot be read. */
bool exercise_text(const struct exercise *m, const char *path, struct text *out,
		 struct err *err);

/* Is a check marked as what shows that something is wrong? */
bool exercise_has_symptom(const struct exercise *m);
/* Has a task a check of that type? */
bool task_asks(const struct task *t, enum check_type type);
/* Is there something to answer: a check of that type, or a kind of work that is
 * an answer, which a check of any type may look at? */
bool task_takes_answer(const struct task *t);
const struct task *exercise_task(const struct exercise *m, const char *id);
/* The first of that id; task_count: there is none. */
size_t exercise_task_index(const struct exercise *m, const char *id);
/* "c1", or "t1.c1" when several tasks have one of that name. */
bool exercise_check(const struct exercise *m, const char *name, size_t *task,
		  size_t *check);

/* A box with the module in it and parameters drawn for the seed, which are
 * put into *params (NULL: not wanted; else the caller decrefs). */
struct box *exercise_open(const struct exercise *m, uint64_t seed,
			json_t **params, struct err *err);

/* The faults for the parameters of a box: freed with faults_free. */
bool exercise_faults(const struct exercise *m, struct box *b,
		   struct planned_fault **faults, size_t *count, json_t **keep,
		   struct err *err);
void faults_free(struct planned_fault *faults, size_t count, json_t *keep);

#endif
