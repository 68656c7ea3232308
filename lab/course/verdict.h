/* verdict.h - what grading says: per task, in words, and as JSON
 *
 * The form is that of learning.md 6e (after Exercism's test runner v3 and
 * check50).  It fails closed: a new verdict is an error in every task, and
 * only what was looked at and found true becomes a pass.  An error gives no
 * points and is the author's fault, never the learner's.
 *
 *	pass > fail; blocked: a task it needs is not passed yet;
 *	error: grading itself failed
 */
#ifndef LAB_COURSE_VERDICT_H
#define LAB_COURSE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/course/exercise.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

enum verdict_status {
	VERDICT_ERROR,		/* zero: nobody looked */
	VERDICT_FAIL,
	VERDICT_BLOCKED,
	VERDICT_PASS,
};
const char *verdict_status_name(enum verdict_status s);

/* What a wrong fix amounts to (screens.md 6). */
extern const char *const verdict_class_names[];	/* NULL at the end */

struct verdict_task {
	const char *id;			/* the module's */
	enum verdict_status status;
	const char *check;		/* id of the one that decided, or NULL */
	char *message;			/* what is wrong; why, when passed */
	char *rationale;		/* what the check saw; "" if hidden */
	const char *help;		/* or NULL */
	int64_t points, points_max;
};

/* A promise (`always`): kept, broken, or not looked at. */
struct verdict_promise {
	const char *task, *check;
	enum verdict_status status;
	sim_time broken_at;		/* SIM_NEVER while it was kept */
};

struct verdict {
	enum verdict_status status;	/* of the whole */
	const char *module;		/* id */
	const char *module_version;
	char hash[65];
	uint64_t seed, digest;
	sim_time at;			/* when it was graded */
	struct verdict_task *tasks;
	size_t task_count;
	struct verdict_promise *promises;
	size_t promise_count;
	int64_t points, points_max;
	int64_t hint_cost;
	char *message;			/* of the whole, "" if none */
	struct text log;		/* what checks printed */
};

/* An error in every task. */
void verdict_init(struct verdict *v, const struct exercise *m, uint64_t seed);
void verdict_release(struct verdict *v);

void verdict_set(struct verdict *v, size_t task, enum verdict_status status,
		 const char *check, const char *message,
		 const char *rationale, const char *help);

/* All tasks are set: sum up.  Nothing to be graded is an error, too. */
void verdict_close(struct verdict *v);

/* The whole is an error after all, whatever the tasks say. */
void verdict_void(struct verdict *v, const char *why);

/* The learner gave up: not passed, no points. */
void verdict_give_up(struct verdict *v);

void verdict_json(const struct verdict *v, struct text *out);
/* For people: one line a task, the first failing message only. */
void verdict_text(const struct verdict *v, struct text *out);

/* Equal in everything that counts; the digest, too. */
bool verdict_same(const struct verdict *a, const struct verdict *b);

#endif
