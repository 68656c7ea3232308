/* fsrs.h - how long a memory lasts: FSRS-6, as pure functions
 *
 * A memory has a stability S (days until recall has sunk to 90 %) and a
 * difficulty D (1 to 10).  Recall sinks along a power curve; recalling just
 * before forgetting strengthens most.  Formulae and the 21 default parameters
 * are those of py-fsrs 6.3.1 `scheduler.py` and fsrs-rs 6.6.1 `model.rs`
 * (learning.md 4a); defaults without training are enough there.
 *
 *	      rating
 *	none ────────▶ S = w[rating-1], D          fsrs_first
 *	(S, D) ──────▶ (S', D') by days and recall  fsrs_next
 *
 * A rating is never asked: fsrs_rate derives it from what was done.
 */
#ifndef LAB_PROGRESS_FSRS_H
#define LAB_PROGRESS_FSRS_H

#include <stdbool.h>
#include <stdint.h>

enum fsrs_rating { FSRS_AGAIN = 1, FSRS_HARD, FSRS_GOOD, FSRS_EASY };

enum {
	FSRS_DAYS_MAX = 90,	/* the course ends: 163 days would never come */
	FSRS_AGAIN_DAYS = 3,	/* what was failed comes back in 1 to 3 days */
	FSRS_VERSION = 6,
};
#define FSRS_RETENTION	0.9	/* wanted recall when asked */

struct fsrs {
	double stability;	/* days, 0.001 to 36500 */
	double difficulty;	/* 1 to 10 */
};

double fsrs_recall(double days, double stability);	/* 0 to 1 */
struct fsrs fsrs_first(enum fsrs_rating rating);
/* `days`: whole ones since the last review; below 1 is the same day. */
struct fsrs fsrs_next(struct fsrs m, double days, enum fsrs_rating rating);

/* Days until recall is `retention`, rounded, 1 to `max`. */
int64_t fsrs_interval(double stability, double retention, int64_t max);

/* Move an interval about, so that what was learnt together is not asked
 * together for ever.  `luck` is any 64 bits that belong to the card. */
int64_t fsrs_fuzz(int64_t interval, int64_t max, uint64_t luck);

const char *fsrs_rating_name(enum fsrs_rating r);

/* What one try at an exercise or a question says. */
struct fsrs_try {
	bool passed;
	bool solution;		/* saw the solution, or gave up */
	int64_t hints, tries;
	bool within_par;
};
enum fsrs_rating fsrs_rate(const struct fsrs_try *t);

#endif
