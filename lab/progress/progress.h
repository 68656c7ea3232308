/* progress.h - what is known of a learner: the questions a screen may ask
 *
 * Every answer is computed from the log's projections, and every number can
 * be opened: a row names the event (device, seq) it comes from, and store_event
 * shows that event.  Titles, levels, evidence letters and minutes come from the
 * catalog; what the catalog no longer names keeps its id as its title.
 *
 * Strings belong to the answer, which is released by its own function; those
 * marked "catalog" are borrowed from the catalog.  `now_ms` is wall time since
 * 1970-01-01 UTC.  A *day* is the number of the learner's day since 1970-01-01;
 * it begins at 04:00 (profile keys in event.h).  All answers are false with a
 * sentence only when the file cannot be read.
 */
#ifndef LAB_PROGRESS_PROGRESS_H
#define LAB_PROGRESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/course/catalog.h"
#include "lab/course/exercise.h"
#include "lab/course/verdict.h"
#include "lab/progress/event.h"
#include "lab/progress/store.h"

/* Where a number comes from. */
struct event_ref {
	char device[EVENT_DEVICE + 1];
	int64_t seq;
};

/* --- kinds of evidence ---------------------------------------------------- */

/* The letters of competencies.lua, as bits. */
enum {
	KIND_OPERATE = 1, KIND_PREDICT = 2, KIND_DIAGNOSE = 4,
	KIND_DESIGN = 8, KIND_BUILD = 16, KIND_QUIZ = 32,
};
unsigned kind_of_name(const char *name);	/* "diagnose"; 0: none */
unsigned kind_of_letters(const char *letters);	/* "OX" */
void kind_words(unsigned kinds, struct text *out);	/* "operate, build" */

/* --- reviews -------------------------------------------------------------- */

enum { DUE_RESULTS = 3 };

/* One thing that was asked, and how it went. */
struct result {
	int64_t at_ms;
	int64_t day;
	int rating;			/* 1 again 2 hard 3 good 4 easy */
	int64_t seed;			/* or variant of an item */
	int64_t hints;
	double stability, difficulty;	/* after it; days, 1 to 10 */
	struct event_ref event;
};

struct due {
	char *card;			/* "exercise:ID", "card:EXERCISE/N" */
	char *exercise, *competency;	/* ids; competency may be "" */
	const char *title, *kind;	/* of the exercise; catalog */
	bool is_recheck;		/* the exercise on a new seed */
	int64_t due_day;
	int64_t late_days;		/* 0: today; negative: still to come */
	int64_t since_days;		/* since last asked; -1: never */
	double recall;			/* now, 0 to 1; 0 if never asked */
	double stability, difficulty;	/* days; 1 to 10; 0 if never asked */
	int64_t times, lapses;		/* asked; of these forgotten */
	int64_t minutes;		/* the author's; 1 for a card */
	int64_t next_if_passed, next_if_failed;	/* days from now */
	struct result results[DUE_RESULTS];	/* the latest first */
	size_t result_count;
};
struct dues {
	struct due *at;
	size_t count;
	int64_t minutes;		/* of all */
	int64_t today;			/* the learner's day, as in day.h */
};
/* Due on or before `until_day` days from today (0: today): overdue first,
 * then what is most likely forgotten. */
bool progress_due(struct store *s, const struct catalog *c, int64_t now_ms,
		  int64_t until_day, struct dues *out, struct err *err);
void dues_free(struct dues *d);
/* Why it is asked: "Not asked for 11 days; recall is about 78 %." */
void due_why(const struct due *d, struct text *out);

enum { PROGRESS_AHEAD = 14 };
/* How many are due on each of the next days; [0] is today with all overdue. */
bool progress_ahead(struct store *s, int64_t now_ms,
		    int64_t counts[PROGRESS_AHEAD], struct err *err);

/* A seed this exercise was not yet played on; repeatable for a given log. */
bool progress_new_seed(struct store *s, const char *exercise, uint64_t *seed,
		       struct err *err);

/* --- competencies --------------------------------------------------------- */

struct competency {
	const char *id, *title;		/* catalog */
	int level;			/* 1 to 4 */
	unsigned kinds_wanted;		/* the catalog's evidence letters */
	int64_t runs;			/* pieces of evidence that counted */
	int64_t seeds;			/* different ones passed without help */
	unsigned kinds;			/* passed without help */
	double known;			/* BKT's L, 0 to 1 */
	double recall;			/* FSRS's R now, 0 to 1 */
	double mastery;			/* known x recall */
	double theta;			/* Elo, logits; 0 is a task of 5.5 */
	double stability;		/* days */
	int64_t last_ms;		/* of the latest evidence; 0: none */
	bool known_enough, seeds_enough, kinds_enough;
	bool shown;			/* all three: the gate is open */
};
struct competencies {
	struct competency *at;		/* in the catalog's order */
	size_t count;
	const json_t *levels;		/* catalog */
};
bool progress_competencies(struct store *s, const struct catalog *c,
			   int64_t now_ms, struct competencies *out,
			   struct err *err);
void competencies_free(struct competencies *c);
/* What the gate still wants: "second seed, one diagnosis", or "". */
void competency_missing(const struct competency *c, struct text *out);

enum evidence_result {
	EVIDENCE_PASSED,	/* without help */
	EVIDENCE_HELPED,	/* passed with help, or after many tries: counts
				 * as not known */
	EVIDENCE_FAILED,
	EVIDENCE_GAVE_UP,
	EVIDENCE_PRACTICE,	/* seen before, or looked first */
};
const char *evidence_result_name(enum evidence_result r);

struct evidence {
	int64_t at_ms;
	char *what;			/* id of an exercise, card or item */
	const char *title;		/* catalog, or == what */
	int64_t seed;
	unsigned kinds;
	int64_t hints;
	enum evidence_result result;
	double weight;			/* of this competency in it, 0 to 1 */
	double mastery_before, mastery_after;
	double theta_before, theta_after;
	char *attempt;			/* to open the run; "" for an item */
	struct event_ref event;
};
struct evidences {
	struct evidence *at;		/* the earliest first */
	size_t count;
};
bool progress_evidence(struct store *s, const struct catalog *c,
		       const char *competency, struct evidences *out,
		       struct err *err);
void evidences_free(struct evidences *e);

/* The guide's four levels. */
enum { PROGRESS_LEVELS = 4 };
struct level {
	int level;
	const char *title, *when;	/* catalog; "" without one */
	size_t competencies, shown;
	double mastery;			/* mean over its competencies */
};
/* From the rows of progress_competencies.  The value is the highest level of
 * which, and of all below which, everything is shown; 0 if none. */
int progress_levels(const struct competencies *c,
		    struct level levels[PROGRESS_LEVELS]);

/* --- the pathway ---------------------------------------------------------- */

struct done_count {
	const char *id, *title;		/* of a unit or phase; catalog */
	const char *phase;		/* of a unit; catalog */
	size_t done, there, total;	/* there: with a module; without pool */
	size_t lessons_read, lessons;
};
struct done_counts {
	struct done_count *at;
	size_t count;
};
bool progress_units(struct store *s, const struct catalog *c,
		    struct done_counts *out, struct err *err);
bool progress_phases(struct store *s, const struct catalog *c,
		     struct done_counts *out, struct err *err);
void done_counts_free(struct done_counts *d);

struct exercise_state {
	bool done;
	char module_version[24];	/* it was passed on; "" */
	int64_t passed_ms;		/* first; 0: never */
	int64_t attempts, passes;
	int64_t best, points_max;
	int64_t last_seed;
	struct event_ref event;		/* the first pass */
};
/* All zero when it was never opened. */
bool progress_exercise(struct store *s, const char *id,
		       struct exercise_state *out, struct err *err);
/* The page reached (from 1; 0: never opened), and of how many. */
bool progress_lesson(struct store *s, const char *id, int64_t *page,
		     int64_t *pages, struct err *err);

/* --- going on ------------------------------------------------------------- */

struct resume {
	char *attempt, *exercise, *task, *world;
	char *module_version, *hash;
	char purpose[8];
	uint64_t seed;
	int64_t started_ms, last_ms;
	int64_t at_sim;			/* ns, where it was left; 0: unknown */
	int64_t tries, hints;
	json_t *ops;			/* list of the tape's ops, by n */
};
/* The newest attempt that may be gone on with.  *found says whether. */
bool progress_continue(struct store *s, struct resume *out, bool *found,
		       struct err *err);
/* Likewise of one exercise. */
bool progress_continue_exercise(struct store *s, const char *exercise,
				struct resume *out, bool *found,
				struct err *err);
/* Any attempt by its id, ended or not. */
bool progress_attempt(struct store *s, const char *id, struct resume *out,
		      bool *found, struct err *err);
void resume_release(struct resume *r);

/* --- this week, how sure, the rubric -------------------------------------- */

struct week {
	int64_t passed;			/* attempts */
	int64_t first_try;		/* of these, without help, at once */
	int64_t gave_up;
	int64_t reviews, recalled;	/* asked; of these not forgotten */
	int64_t minutes;		/* the learner's, in graded attempts */
	struct event_ref *events;	/* the passes */
};
/* The seven days that end now. */
bool progress_week(struct store *s, int64_t now_ms, struct week *out,
		   struct err *err);
void week_release(struct week *w);

enum { SURE_GUESS, SURE_LIKELY, SURE_SURE, SURE_WORDS };
extern const char *const sure_words[SURE_WORDS];
struct calibration {
	int64_t asked[SURE_WORDS], right[SURE_WORDS];
};
bool progress_calibration(struct store *s, struct calibration *out,
			  struct err *err);
/* The answers behind it, the earliest first. */
struct answer {
	char *item;
	int64_t variant, at_ms;
	int sure;
	bool right, looked;
	struct event_ref event;
};
struct answers {
	struct answer *at;
	size_t count;
};
bool progress_answers(struct store *s, struct answers *out, struct err *err);
void answers_free(struct answers *a);

struct rating {
	char *statement;
	int64_t rating;			/* 1 to 5 */
	int64_t at_ms;
	struct event_ref event;
};
struct ratings {
	struct rating *at;		/* all ever given, the earliest first */
	size_t count;
};
bool progress_ratings(struct store *s, struct ratings *out, struct err *err);
void ratings_free(struct ratings *r);

/* A profile value as JSON text; "" when it was never set. */
bool progress_profile(struct store *s, const char *key, struct text *out,
		      struct err *err);

/* The learner's clock: adds the profile's utc-offset-min if it changed. */
bool progress_zone(struct store *s, int64_t now_ms, int64_t offset_min,
		   struct err *err);

/* --- words for the log ---------------------------------------------------- */

/* Bodies of events, from what the course engine has. */
void body_started(struct text *out, const char *attempt,
		  const struct exercise *m, const struct catalog *c,
		  uint64_t seed, const char *purpose);
struct graded {
	const char *attempt;
	const struct exercise *exercise;
	const struct verdict *verdict;
	const struct catalog *catalog;	/* competencies, if it names none */
	int64_t tries, hints;
	double minutes;
	bool solution;
};
void body_graded(struct text *out, const struct graded *g);
void body_ended(struct text *out, const char *attempt, const char *how,
		int64_t at_sim);
/* `op` is JSON. */
void body_op(struct text *out, const char *attempt, int64_t n, const char *op,
	     const char *task);

#endif
