/* promql_functions.c - the functions of PromQL, and what they compute */
#include "sim/tsdb/promql_functions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"
#include "sim/tsdb/number.h"

/* A sum that remembers what rounding took from it: Neumaier, "Rundungsfehler-
 * analyse einiger Verfahren zur Summation endlicher Summen" (ZAMM 1974). */
struct careful {
	double sum, lost;
};

static void careful_add(struct careful *c, double v)
{
	double sum = c->sum + v;

	if (number_abs(c->sum) >= number_abs(v))
		c->lost += (c->sum - sum) + v;
	else
		c->lost += (v - sum) + c->sum;
	c->sum = sum;
}

/* -- rates --------------------------------------------------------------- */

/*
 * How much a series grew in the window, estimated from its samples
 * (Prometheus: extrapolatedRate).
 *
 *	start   first                          last  end
 *	  ├───────●───────●───────●───────●───────●───┤
 *	   before        between, on average       after
 *
 * The growth between the first and the last sample is stretched to the window:
 * by all of `before` and `after` where such a gap is shorter than 1.1 times
 * the average distance of samples (the series most likely goes on to the edge),
 * else by half that distance (it most likely began or ended there).  A counter
 * cannot have been below zero: `before` goes back at most to the time at which
 * a line through the samples meets zero.  A counter that falls was reset: what
 * it had reached before counts as well.
 */
static bool extrapolated(const struct window *w, bool counter, bool per_second,
			 double *out)
{
	const struct point *first = w->points;
	const struct point *last = &w->points[w->count - 1];
	double growth, sampled, between, before, after, covered, factor;

	if (w->count < 2)
		return false;
	growth = last->v - first->v;
	for (uint32_t i = 1; counter && i < w->count; i++)
		if (w->points[i].v < w->points[i - 1].v)
			growth += w->points[i - 1].v;
	sampled = (double)(last->t_ms - first->t_ms) / 1000;
	between = sampled / (double)(w->count - 1);
	before = (double)(first->t_ms - w->start_ms) / 1000;
	after = (double)(w->end_ms - last->t_ms) / 1000;
	if (counter && growth > 0 && first->v >= 0) {
		double to_zero = sampled * (first->v / growth);

		if (to_zero < before)
			before = to_zero;
	}
	covered = sampled;
	covered += before < between * 1.1 ? before : between / 2;
	covered += after < between * 1.1 ? after : between / 2;
	factor = covered / sampled;
	if (per_second)
		factor /= (double)(w->end_ms - w->start_ms) / 1000;
	*out = growth * factor;
	return true;
}

static bool rate(const struct window *w, double *out)
{
	return extrapolated(w, true, true, out);
}

static bool increase(const struct window *w, double *out)
{
	return extrapolated(w, true, false, out);
}

static bool delta(const struct window *w, double *out)
{
	return extrapolated(w, false, false, out);
}

/* From the last two samples alone. */
static bool instant(const struct window *w, bool per_second, double *out)
{
	const struct point *last = &w->points[w->count - 1];
	const struct point *one_before = last - 1;

	if (w->count < 2 || last->t_ms == one_before->t_ms)
		return false;
	if (per_second && last->v < one_before->v)
		*out = last->v;			/* reset in between */
	else
		*out = last->v - one_before->v;
	if (per_second)
		*out /= (double)(last->t_ms - one_before->t_ms) / 1000;
	return true;
}

static bool irate(const struct window *w, double *out)
{
	return instant(w, true, out);
}

static bool idelta(const struct window *w, double *out)
{
	return instant(w, false, out);
}

static bool changes(const struct window *w, double *out)
{
	*out = 0;
	for (uint32_t i = 1; i < w->count; i++) {
		double a = w->points[i - 1].v, b = w->points[i].v;

		if (a != b && !(number_is_nan(a) && number_is_nan(b)))
			*out += 1;
	}
	return true;
}

static bool resets(const struct window *w, double *out)
{
	*out = 0;
	for (uint32_t i = 1; i < w->count; i++)
		if (w->points[i].v < w->points[i - 1].v)
			*out += 1;
	return true;
}

/* Least squares: slope per second, and the value at `origin`. */
static void line_through(const struct window *w, int64_t origin_ms,
			 double *slope, double *value)
{
	struct careful x = {0}, y = {0}, xy = {0}, xx = {0};
	double n = (double)w->count, sx, sy, cov, var;
	bool constant = true;

	for (uint32_t i = 0; i < w->count; i++) {
		double dx = (double)(w->points[i].t_ms - origin_ms) / 1e3;
		double v = w->points[i].v;

		if (v != w->points[0].v)
			constant = false;
		careful_add(&x, dx);
		careful_add(&y, v);
		careful_add(&xy, dx * v);
		careful_add(&xx, dx * dx);
	}
	if (constant) {
		double v = w->points[0].v;

		*slope = number_is_inf(v) ? number_nan() : 0;
		*value = number_is_inf(v) ? number_nan() : v;
		return;
	}
	sx = x.sum + x.lost;
	sy = y.sum + y.lost;
	cov = xy.sum + xy.lost - sx * sy / n;
	var = xx.sum + xx.lost - sx * sx / n;
	*slope = cov / var;
	*value = sy / n - *slope * sx / n;
}

static bool deriv(const struct window *w, double *out)
{
	double value;

	if (w->count < 2)
		return false;
	line_through(w, w->points[0].t_ms, out, &value);
	return true;
}

static bool predict_linear(const struct window *w, double *out)
{
	double slope, value;

	if (w->count < 2)
		return false;
	line_through(w, w->now_ms, &slope, &value);
	*out = slope * w->parameter + value;
	return true;
}

/* -- over time ----------------------------------------------------------- */

static bool count_over_time(const struct window *w, double *out)
{
	*out = (double)w->count;
	return true;
}

static bool sum_over_time(const struct window *w, double *out)
{
	struct careful sum = {0};

	for (uint32_t i = 0; i < w->count; i++)
		careful_add(&sum, w->points[i].v);
	*out = number_is_inf(sum.sum) ? sum.sum : sum.sum + sum.lost;
	return true;
}

/* A running mean, so that no sum overflows. */
static bool avg_over_time(const struct window *w, double *out)
{
	struct careful mean = {0};

	for (uint32_t i = 0; i < w->count; i++) {
		double v = w->points[i].v, n = (double)(i + 1);

		if (number_is_inf(mean.sum)) {
			/* Inf stays what it is, unless -Inf or NaN meets it */
			if (number_is_inf(v) && (mean.sum > 0) == (v > 0))
				continue;
			if (!number_is_inf(v) && !number_is_nan(v))
				continue;
		}
		careful_add(&mean, v / n - mean.sum / n);
	}
	*out = number_is_inf(mean.sum) ? mean.sum : mean.sum + mean.lost;
	return true;
}

static bool min_over_time(const struct window *w, double *out)
{
	*out = w->points[0].v;
	for (uint32_t i = 1; i < w->count; i++)
		if (w->points[i].v < *out || number_is_nan(*out))
			*out = w->points[i].v;
	return true;
}

static bool max_over_time(const struct window *w, double *out)
{
	*out = w->points[0].v;
	for (uint32_t i = 1; i < w->count; i++)
		if (w->points[i].v > *out || number_is_nan(*out))
			*out = w->points[i].v;
	return true;
}

static bool last_over_time(const struct window *w, double *out)
{
	*out = w->points[w->count - 1].v;
	return true;
}

static bool present_over_time(const struct window *w, double *out)
{
	(void)w;
	*out = 1;
	return true;
}

/* Welford, "Note on a method for calculating corrected sums of squares"
 * (Technometrics 1962). */
static bool stdvar_over_time(const struct window *w, double *out)
{
	struct careful mean = {0}, squares = {0};

	for (uint32_t i = 0; i < w->count; i++) {
		double v = w->points[i].v;
		double off = v - (mean.sum + mean.lost);

		careful_add(&mean, off / (double)(i + 1));
		careful_add(&squares, off * (v - (mean.sum + mean.lost)));
	}
	*out = (squares.sum + squares.lost) / (double)w->count;
	return true;
}

static bool stddev_over_time(const struct window *w, double *out)
{
	stdvar_over_time(w, out);
	*out = number_sqrt(*out);
	return true;
}

static bool quantile_over_time(const struct window *w, double *out)
{
	double *values = mem_take(w->count * sizeof(*values));

	for (uint32_t i = 0; i < w->count; i++)
		values[i] = w->points[i].v;
	*out = promql_quantile(w->parameter, values, w->count);
	free(values);
	return true;
}

/* -- quantiles ----------------------------------------------------------- */

void promql_sort(void *at, uint32_t count, size_t size,
		 bool (*before)(const void *a, const void *b))
{
	unsigned char *from = at, *to, *spare;

	if (count < 2)
		return;
	spare = mem_take(count * size);
	to = spare;
	for (uint32_t run = 1; run < count; run *= 2) {
		unsigned char *swap = from;

		for (uint32_t low = 0; low < count; low += 2 * run) {
			uint32_t mid = count - low > run ? low + run : count;
			uint32_t high = count - mid > run ? mid + run : count;
			uint32_t i = low, k = mid;

			for (uint32_t n = low; n < high; n++) {
				bool right = i == mid ||
					     (k < high &&
					      before(from + k * size,
						     from + i * size));

				memcpy(to + n * size,
				       from + (right ? k++ : i++) * size, size);
			}
		}
		from = to;
		to = swap;
	}
	if (from != (unsigned char *)at)
		memcpy(at, from, count * size);
	free(spare);
}

/* NaN comes before everything. */
static bool less(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (number_is_nan(x) && !number_is_nan(y)) || x < y;
}

/* Linear between the two values around rank q * (n - 1). */
double promql_quantile(double q, double *values, uint32_t count)
{
	double rank, low, weight;
	uint32_t l, u;

	if (!count || number_is_nan(q))
		return number_nan();
	if (q < 0)
		return -number_inf();
	if (q > 1)
		return number_inf();
	promql_sort(values, count, sizeof(*values), less);
	rank = q * (double)(count - 1);
	low = number_floor(rank);
	weight = rank - low;
	l = (uint32_t)low;
	u = l + 1 < count ? l + 1 : count - 1;
	return values[l] * (1 - weight) + values[u] * weight;
}

static bool lower_bucket(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	return x->upper < y->upper;
}

/* Buckets of one bound become one, and none counts less than the one below:
 * scrapes of several processes are not of one instant. */
static uint32_t tidy(struct bucket *b, uint32_t count)
{
	uint32_t kept = 1;

	for (uint32_t i = 1; i < count; i++)
		if (b[i].upper == b[kept - 1].upper)
			b[kept - 1].count += b[i].count;
		else
			b[kept++] = b[i];
	for (uint32_t i = 1; i < kept; i++)
		if (b[i].count < b[i - 1].count)
			b[i].count = b[i - 1].count;
	return kept;
}

/*
 * The value below which q of the observations lie, taking them as spread
 * evenly in their bucket (Prometheus: bucketQuantile).  The lowest bucket
 * begins at 0 unless its bound is negative or 0; above the highest bound no
 * more than that bound is known.
 */
double promql_bucket_quantile(double q, struct bucket *b, uint32_t count)
{
	double rank, low = 0;
	uint32_t i = 0;

	if (number_is_nan(q))
		return q;
	if (q < 0)
		return -number_inf();
	if (q > 1)
		return number_inf();
	promql_sort(b, count, sizeof(*b), lower_bucket);
	if (!count || !(b[count - 1].upper > 0 &&
			number_is_inf(b[count - 1].upper)))
		return number_nan();
	count = tidy(b, count);
	if (count < 2 || b[count - 1].count == 0)
		return number_nan();
	rank = q * b[count - 1].count;
	while (i < count - 1 && !(b[i].count >= rank))
		i++;
	if (i == count - 1)
		return b[count - 2].upper;
	if (i == 0 && b[0].upper <= 0)
		return b[0].upper;
	double inside = b[i].count;

	if (i > 0) {
		low = b[i - 1].upper;
		inside -= b[i - 1].count;
		rank -= b[i - 1].count;
	}
	return low + (b[i].upper - low) * (rank / inside);
}

/* -- values one by one --------------------------------------------------- */

static double map_abs(double v, double p)
{
	(void)p;
	return number_abs(v);
}

static double map_ceil(double v, double p)
{
	(void)p;
	return number_ceil(v);
}

static double map_floor(double v, double p)
{
	(void)p;
	return number_floor(v);
}

static double map_sqrt(double v, double p)
{
	(void)p;
	return number_sqrt(v);
}

static double map_sgn(double v, double p)
{
	(void)p;
	return v < 0 ? -1 : v > 0 ? 1 : v;
}

/* To the nearest multiple of p; halves go up. */
static double map_round(double v, double p)
{
	double inverse = 1.0 / p;

	return number_floor(v * inverse + 0.5) / inverse;
}

static double map_clamp_max(double v, double p)
{
	return number_is_nan(v) || number_is_nan(p) ? number_nan() :
	       v < p ? v : p;
}

static double map_clamp_min(double v, double p)
{
	return number_is_nan(v) || number_is_nan(p) ? number_nan() :
	       v > p ? v : p;
}

/* -- dates (UTC) --------------------------------------------------------- */

struct date {
	int64_t year, month, day, day_of_year;
};

static bool leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_in(int64_t month, int64_t year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
				    30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

/* Whole seconds; what lies outside the years 5 .. 9892, and NaN, is at the
 * edge.  (Go wraps around there; nobody asks.) */
static int64_t seconds_of(double v)
{
	return !(v >= -6.2e10) ? INT64_C(-62000000000) :
	       v > 2.5e11 ? INT64_C(250000000000) : (int64_t)v;
}

static int64_t day_number(double v)
{
	int64_t s = seconds_of(v);

	return s >= 0 ? s / 86400 : -((-s + 86399) / 86400);
}

/* Days since 1970-01-01: first whole 400 years, then year by year. */
static struct date date_of(double v)
{
	int64_t days = day_number(v) + 719162;	/* since 0001-01-01 */
	struct date d = { .year = 1, .month = 1 };

	d.year += days / 146097 * 400;
	days %= 146097;
	for (; days >= 365 + leap(d.year); d.year++)
		days -= 365 + leap(d.year);
	d.day_of_year = days + 1;
	for (; days >= days_in(d.month, d.year); d.month++)
		days -= days_in(d.month, d.year);
	d.day = days + 1;
	return d;
}

static double date_hour(double v, double p)
{
	int64_t hour = (seconds_of(v) - day_number(v) * 86400) / 3600;

	(void)p;
	return (double)hour;
}

static double date_minute(double v, double p)
{
	(void)p;
	return (double)((seconds_of(v) - day_number(v) * 86400) / 60 % 60);
}

static double date_day_of_week(double v, double p)
{
	(void)p;
	return (double)(((day_number(v) + 4) % 7 + 7) % 7);	/* 0: Sunday */
}

static double date_day_of_month(double v, double p)
{
	(void)p;
	return (double)date_of(v).day;
}

static double date_day_of_year(double v, double p)
{
	(void)p;
	return (double)date_of(v).day_of_year;
}

static double date_days_in_month(double v, double p)
{
	struct date d = date_of(v);

	(void)p;
	return (double)days_in(d.month, d.year);
}

static double date_month(double v, double p)
{
	(void)p;
	return (double)date_of(v).month;
}

static double date_year(double v, double p)
{
	(void)p;
	return (double)date_of(v).year;
}

/* -- the table ----------------------------------------------------------- */

#define S	PROMQL_SCALAR
#define V	PROMQL_VECTOR
#define M	PROMQL_MATRIX
#define T	PROMQL_STRING

/* One row each of the usual shapes. */
#define RANGE(f)							\
	{ .name = #f, .kind = FUNCTION_RANGE, .returns = V, .args = { M },\
	  .arg_count = 1, .range = f }
#define MAP(f)								\
	{ .name = #f, .kind = FUNCTION_MAP, .returns = V, .args = { V },\
	  .arg_count = 1, .map = map_##f }
#define DATE(f)								\
	{ .name = #f, .kind = FUNCTION_DATE, .returns = V, .args = { V },\
	  .arg_count = 1, .variadic = 1, .map = date_##f }
#define NOT_HERE(f, arg)						\
	{ .name = #f, .kind = FUNCTION_UNSUPPORTED, .returns = V,	\
	  .args = { arg } }

static const struct promql_function functions[] = {
	MAP(abs),
	{ .name = "absent", .kind = FUNCTION_ABSENT, .returns = V,
	  .args = { V }, .arg_count = 1 },
	{ .name = "absent_over_time", .kind = FUNCTION_ABSENT_OVER_TIME,
	  .returns = V, .args = { M }, .arg_count = 1 },
	RANGE(avg_over_time), MAP(ceil), RANGE(changes),
	{ .name = "clamp", .kind = FUNCTION_CLAMP, .returns = V,
	  .args = { V, S, S }, .arg_count = 3 },
	{ .name = "clamp_max", .kind = FUNCTION_MAP, .returns = V,
	  .args = { V, S }, .arg_count = 2, .map = map_clamp_max },
	{ .name = "clamp_min", .kind = FUNCTION_MAP, .returns = V,
	  .args = { V, S }, .arg_count = 2, .map = map_clamp_min },
	RANGE(count_over_time), DATE(day_of_month), DATE(day_of_week),
	DATE(day_of_year), DATE(days_in_month), RANGE(delta), RANGE(deriv),
	MAP(floor),
	{ .name = "histogram_quantile", .kind = FUNCTION_HISTOGRAM_QUANTILE,
	  .returns = V, .args = { S, V }, .arg_count = 2 },
	DATE(hour), RANGE(idelta), RANGE(increase), RANGE(irate),
	{ .name = "label_join", .kind = FUNCTION_LABEL_JOIN, .returns = V,
	  .args = { V, T, T, T }, .arg_count = 4, .variadic = -1 },
	{ .name = "label_replace", .kind = FUNCTION_LABEL_REPLACE,
	  .returns = V, .args = { V, T, T, T, T }, .arg_count = 5 },
	{ .name = "last_over_time", .kind = FUNCTION_RANGE, .returns = V,
	  .args = { M }, .arg_count = 1, .keeps_name = true,
	  .range = last_over_time },
	RANGE(max_over_time), RANGE(min_over_time), DATE(minute), DATE(month),
	{ .name = "predict_linear", .kind = FUNCTION_RANGE, .returns = V,
	  .args = { M, S }, .arg_count = 2, .range = predict_linear },
	RANGE(present_over_time),
	{ .name = "quantile_over_time", .kind = FUNCTION_RANGE, .returns = V,
	  .args = { S, M }, .arg_count = 2, .range = quantile_over_time },
	RANGE(rate), RANGE(resets),
	{ .name = "round", .kind = FUNCTION_MAP, .returns = V,
	  .args = { V, S }, .arg_count = 2, .variadic = 1, .map = map_round,
	  .fallback = 1 },
	{ .name = "scalar", .kind = FUNCTION_SCALAR, .returns = S,
	  .args = { V }, .arg_count = 1 },
	MAP(sgn),
	{ .name = "sort", .kind = FUNCTION_SORT, .returns = V, .args = { V },
	  .arg_count = 1, .keeps_name = true },
	{ .name = "sort_desc", .kind = FUNCTION_SORT_DESC, .returns = V,
	  .args = { V }, .arg_count = 1, .keeps_name = true },
	MAP(sqrt), RANGE(stddev_over_time), RANGE(stdvar_over_time),
	RANGE(sum_over_time),
	{ .name = "time", .kind = FUNCTION_TIME, .returns = S },
	{ .name = "timestamp", .kind = FUNCTION_TIMESTAMP, .returns = V,
	  .args = { V }, .arg_count = 1 },
	{ .name = "vector", .kind = FUNCTION_VECTOR, .returns = V,
	  .args = { S }, .arg_count = 1 },
	DATE(year),
	/* In Prometheus, but not here: libm would decide the last digit, or
	 * native histograms would be needed. */
	NOT_HERE(acos, V), NOT_HERE(acosh, V), NOT_HERE(asin, V),
	NOT_HERE(asinh, V), NOT_HERE(atan, V), NOT_HERE(atanh, V),
	NOT_HERE(cos, V), NOT_HERE(cosh, V), NOT_HERE(deg, V),
	NOT_HERE(exp, V), NOT_HERE(histogram_count, V),
	NOT_HERE(histogram_fraction, S), NOT_HERE(histogram_sum, V),
	NOT_HERE(holt_winters, M), NOT_HERE(ln, V), NOT_HERE(log10, V),
	NOT_HERE(log2, V), NOT_HERE(pi, V), NOT_HERE(rad, V),
	NOT_HERE(sin, V), NOT_HERE(sinh, V), NOT_HERE(tan, V),
	NOT_HERE(tanh, V),
};

#define COUNT	(sizeof(functions) / sizeof(functions[0]))

const struct promql_function *promql_function(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strlen(functions[i].name) == len &&
		    !memcmp(functions[i].name, name, len))
			return &functions[i];
	return NULL;
}

void promql_function_names(struct text *t)
{
	const char *between = "";

	for (size_t i = 0; i < COUNT; i++) {
		if (functions[i].kind == FUNCTION_UNSUPPORTED)
			continue;
		text_addf(t, "%s%s", between, functions[i].name);
		between = ", ";
	}
}
