/* plan.h - what a scripted player does: the lines of a solution or a wrong fix
 *
 * In a module:
 *
 *	solution = { {"t1", {"kafka-topics.sh ...", "wait 30s"}}, {"t2", ...} }
 *	alt_solutions = { {name = "...", {"t1", {...}}, ...}, ... }
 *	wrong = { {name = "...", actions = {...}, must_fail = "c1"} }
 *
 * each of them also as a function of the drawn parameters.  A line may be a
 * function(w, h, p) that returns it: then it is what a player would write who
 * has looked, such as an answer.
 */
#ifndef LAB_COURSE_PLAN_H
#define LAB_COURSE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/course/exercise.h"

struct plan_line {
	const char *task;	/* for which; NULL in a wrong fix */
	const char *line;	/* NULL: asked for when it is played */
	char *path;		/* then: which function, as Lua; else NULL */
};

struct plan {
	const char *name;	/* "solution", or what the module calls it */
	const char *must_fail;	/* of a wrong fix; else NULL */
	const char *verdict;	/* of a wrong fix; may be NULL */
	struct plan_line *lines;
	size_t count;
};

/* All plans of a module, for the parameters of one box. */
struct plans {
	struct plan *solutions;		/* [0] is `solution` */
	size_t solution_count;
	struct plan *wrong;
	size_t wrong_count;
	json_t *keep[3];		/* holds the texts */
};

bool plans_read(struct plans *p, const struct exercise *m, struct box *b,
		struct err *err);
/* The line as it is to be typed; caller frees.  NULL: its function failed. */
char *plan_line_text(const struct plan_line *l, struct box *b,
		     const struct box_args *args, struct err *err);

void plans_release(struct plans *p);

#endif
