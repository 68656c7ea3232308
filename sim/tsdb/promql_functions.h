/* promql_functions.h - the functions of PromQL, and what they compute
 *
 * Three kinds.  A *range* function turns the samples of one series in a window
 * into one value (rate, max_over_time).  A *map* function turns each value of
 * a vector into another (abs, clamp_max).  The rest needs to see the whole
 * vector or its labels and is done by the evaluator (sort, label_replace).
 *
 * Rules and signatures: Prometheus 2.42, docs/querying/functions.md.
 */
#ifndef SIM_TSDB_PROMQL_FUNCTIONS_H
#define SIM_TSDB_PROMQL_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/text.h"

enum promql_type {
	PROMQL_SCALAR, PROMQL_VECTOR, PROMQL_MATRIX, PROMQL_STRING,
};

struct point {
	int64_t t_ms;
	double v;
};

/* The samples of one series in [start, end], both ends in, none stale. */
struct window {
	const struct point *points;
	uint32_t count;			/* at least one */
	int64_t start_ms, end_ms;	/* of the window, not of the samples */
	int64_t now_ms;			/* evaluation time */
	double parameter;		/* the function's scalar, if it has one */
};

enum function_kind {
	FUNCTION_RANGE, FUNCTION_MAP, FUNCTION_TIME, FUNCTION_DATE,
	FUNCTION_VECTOR, FUNCTION_SCALAR, FUNCTION_SORT, FUNCTION_SORT_DESC,
	FUNCTION_TIMESTAMP, FUNCTION_ABSENT, FUNCTION_ABSENT_OVER_TIME,
	FUNCTION_HISTOGRAM_QUANTILE, FUNCTION_LABEL_REPLACE,
	FUNCTION_LABEL_JOIN, FUNCTION_CLAMP, FUNCTION_UNSUPPORTED,
};

struct promql_function {
	const char *name;
	enum function_kind kind;
	enum promql_type returns;
	enum promql_type args[5];
	int8_t arg_count;
	int8_t variadic;	/* of arg_count - 1 on: so many more may come;
				   -1: any number; 0: exactly arg_count */
	bool keeps_name;
	/* RANGE.  False: no value for this series. */
	bool (*range)(const struct window *w, double *out);
	/* MAP; p: the scalar behind the vector.  DATE: v is seconds. */
	double (*map)(double v, double p);
	double fallback;	/* MAP: p when it is left out */
};

/* NULL: there is no such function in Prometheus 2.42. */
const struct promql_function *promql_function(const char *name, size_t len);

/* "abs, absent, ...": all that are supported. */
void promql_function_names(struct text *t);

/* What an aggregation and a function have in common. */
double promql_quantile(double q, double *values, uint32_t count); /* sorts */

/* One bucket of a histogram; `count` is cumulative. */
struct bucket {
	double upper, count;
};
double promql_bucket_quantile(double q, struct bucket *b, uint32_t count);

/* Stable, in O(n log n): order of equal elements is kept. */
void promql_sort(void *at, uint32_t count, size_t size,
		 bool (*before)(const void *a, const void *b));

#endif
