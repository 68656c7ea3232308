/* fsrs.c - how long a memory lasts: FSRS-6, as pure functions */
#include "lab/progress/fsrs.h"

#include <assert.h>
#include <math.h>

/* w0..w20, the defaults of py-fsrs 6.3.1. */
static const double w[21] = {
	0.212,	1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194,
	0.001,	1.8722, 0.1666, 0.796,	1.4835, 0.0614, 0.2629,
	1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
};

static double clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

static double decay(void)
{
	return -w[20];
}

/* So that recall is 0.9 after S days, whatever the curve's slope. */
static double factor(void)
{
	return pow(0.9, 1 / decay()) - 1;
}

double fsrs_recall(double days, double stability)
{
	if (days <= 0)
		return 1;
	return pow(1 + factor() * days / stability, decay());
}

/* Unclamped: the mean that difficulty returns to lies below 1. */
static double first_difficulty(int rating)
{
	return w[4] - exp(w[5] * (rating - 1)) + 1;
}

struct fsrs fsrs_first(enum fsrs_rating rating)
{
	assert(rating >= FSRS_AGAIN && rating <= FSRS_EASY);
	return (struct fsrs){
		.stability = w[rating - 1],
		.difficulty = clamp(first_difficulty(rating), 1, 10),
	};
}

static double next_difficulty(double d, int rating)
{
	double delta = -w[6] * (rating - 3);
	double damped = d + delta * (10 - d) / 9;

	return clamp(w[7] * first_difficulty(FSRS_EASY) + (1 - w[7]) * damped,
		     1, 10);
}

static double recalled(struct fsrs m, double recall, int rating)
{
	double hard = rating == FSRS_HARD ? w[15] : 1;
	double easy = rating == FSRS_EASY ? w[16] : 1;

	return m.stability *
	       (1 + exp(w[8]) * (11 - m.difficulty) *
			    pow(m.stability, -w[9]) *
			    (exp(w[10] * (1 - recall)) - 1) * hard * easy);
}

static double lapsed(struct fsrs m, double recall)
{
	double after = w[11] * pow(m.difficulty, -w[12]) *
		       (pow(m.stability + 1, w[13]) - 1) *
		       exp(w[14] * (1 - recall));
	double ceiling = m.stability / exp(w[17] * w[18]);

	return after < ceiling ? after : ceiling;
}

/* py-fsrs lets no good or easy answer shorten a memory; fsrs-rs since #376
 * (2025-11) no hard one either.  This is py-fsrs. */
static double same_day(struct fsrs m, int rating)
{
	double grow = exp(w[17] * (rating - 3 + w[18])) *
		      pow(m.stability, -w[19]);

	return m.stability * (rating >= FSRS_GOOD && grow < 1 ? 1 : grow);
}

struct fsrs fsrs_next(struct fsrs m, double days, enum fsrs_rating rating)
{
	double recall = fsrs_recall(days, m.stability), s;

	assert(rating >= FSRS_AGAIN && rating <= FSRS_EASY);
	if (days < 1)
		s = same_day(m, rating);
	else if (rating == FSRS_AGAIN)
		s = lapsed(m, recall);
	else
		s = recalled(m, recall, rating);
	return (struct fsrs){
		.stability = clamp(s, 0.001, 36500),
		.difficulty = next_difficulty(m.difficulty, rating),
	};
}

int64_t fsrs_interval(double stability, double retention, int64_t max)
{
	double days = stability / factor() *
		      (pow(retention, 1 / decay()) - 1);

	return (int64_t)clamp(round(days), 1, (double)max);
}

int64_t fsrs_fuzz(int64_t interval, int64_t max, uint64_t luck)
{
	static const struct { double start, end, share; } spans[] = {
		{ 2.5, 7, 0.15 }, { 7, 20, 0.10 }, { 20, INFINITY, 0.05 },
	};
	double delta = 1;
	int64_t low, high;

	if (interval < 3)
		return interval;
	for (int i = 0; i < 3; i++)
		delta += spans[i].share *
			 clamp(fmin((double)interval, spans[i].end) -
			       spans[i].start, 0, INFINITY);
	low = (int64_t)round((double)interval - delta);
	high = (int64_t)round((double)interval + delta);
	low = low < 2 ? 2 : low;
	high = high > max ? max : high;
	low = low > high ? high : low;
	return low + (int64_t)(luck % (uint64_t)(high - low + 1));
}

const char *fsrs_rating_name(enum fsrs_rating r)
{
	static const char *const names[] = {
		[FSRS_AGAIN] = "again", [FSRS_HARD] = "hard",
		[FSRS_GOOD] = "good", [FSRS_EASY] = "easy",
	};

	return r >= FSRS_AGAIN && r <= FSRS_EASY ? names[r] : "none";
}

enum fsrs_rating fsrs_rate(const struct fsrs_try *t)
{
	if (!t->passed || t->solution)
		return FSRS_AGAIN;
	if (t->hints || t->tries > 3)
		return FSRS_HARD;
	return t->tries <= 1 && t->within_par ? FSRS_EASY : FSRS_GOOD;
}
