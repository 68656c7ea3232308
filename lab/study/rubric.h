/* rubric.h - what one says of oneself, beside what one's runs say
 *
 * Twelve statements in three groups, rated 1 to 5 (assessments/rubric.lua).
 * Beside a rating stands what the record of runs says of the same thing:
 *
 *	says = 1 + 4 x weighted mean of mastery over the competencies of the
 *	       runs that speak to the statement
 *
 * where mastery is known x recall (progress.h), and a competency weighs as
 * many as there are runs of it (curriculum.md 4.2).  Fewer than RUBRIC_RUNS
 * runs say nothing, and of some statements no run can tell.  A rating never
 * changes mastery, nor the other way round.
 */
#ifndef LAB_STUDY_RUBRIC_H
#define LAB_STUDY_RUBRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lab/course/catalog.h"
#include "lab/progress/progress.h"

enum {
	RUBRIC_STATEMENTS_MAX = 16,
	RUBRIC_RATINGS = 5,
	RUBRIC_RUNS = 3,	/* on seeds not seen before */
};

/* Texts are borrowed from the rubric. */
struct rubric_statement {
	const char *id;			/* "T2" */
	const char *group;		/* title of its group */
	const char *text;		/* "debug complex production issues" */
	const char *anchors[RUBRIC_RATINGS];
	const char *unmeasured;		/* why no run can tell, or NULL */
	unsigned kinds;			/* KIND_... that speak to it */
	const json_t *about;		/* names of competencies, NULL: all */
	int systems;			/* of an exercise, at least */
};

struct rubric {
	json_t *json;
	struct rubric_statement at[RUBRIC_STATEMENTS_MAX];
	size_t count;
};

struct rubric *rubric_load(const char *root, struct err *err);
void rubric_free(struct rubric *r);
const struct rubric_statement *rubric_find(const struct rubric *r,
					   const char *id);

/* --- what the runs say --------------------------------------------------- */

/* One piece of evidence.  The same run is evidence for several competencies:
 * `run` tells runs apart. */
struct rubric_run {
	const char *run;		/* equal strings are one run */
	const char *competency;
	unsigned kinds;
	int systems;			/* 0: unknown */
	enum evidence_result result;
	double weight;			/* of the competency in it, 0 to 1 */
	double mastery;			/* of the competency, now, 0 to 1 */
};

enum rubric_voice {
	RUNS_UNMEASURED,		/* runs cannot tell */
	RUNS_TOO_FEW,
	RUNS_SAY,
};

struct rubric_says {
	enum rubric_voice voice;
	double says;			/* 1 to 5; RUNS_SAY only */
	size_t runs;			/* that count */
	size_t passed, helped, failed;	/* of these */
};

bool rubric_run_counts(const struct rubric_statement *s,
		       const struct rubric_run *run);
void rubric_weigh(const struct rubric_statement *s,
		  const struct rubric_run *runs, size_t count,
		  struct rubric_says *out);

enum rubric_gap { GAP_NONE, GAP_AGREES, GAP_OVER, GAP_UNDER };
/* A rating (0: none yet) beside it; half a point is agreement. */
enum rubric_gap rubric_compare(int64_t rating, const struct rubric_says *says);

/* The words beside a statement: "3.4", "too few runs", "not measured". */
void rubric_says_text(const struct rubric_says *says, struct text *out);
/* The line that opens it: "11 runs: 6 passed alone, 1 with help, 4 failed." */
void rubric_evidence_text(const struct rubric_statement *s,
			  const struct rubric_says *says, struct text *out);

/* --- all of it, from the record -------------------------------------------- */

struct rubric_row {
	const struct rubric_statement *statement;
	int64_t rating;			/* the latest; 0: none */
	int64_t rated_ms;
	struct rubric_says says;
};

struct rubric_page {
	struct rubric_row at[RUBRIC_STATEMENTS_MAX];
	size_t count, rated;
};

bool rubric_look(const struct rubric *r, struct store *s,
		 const struct catalog *c, int64_t now_ms,
		 struct rubric_page *out, struct err *err);

/* The body of a rubric.rated event. */
void rubric_event(const struct rubric_statement *s, int rating,
		  struct text *out);

#endif
