/* promql_query.h - a query while it is evaluated (for promql_*.c only)
 *
 * First `prepare` walks the tree once: selectors find their series and load
 * the samples that any step can need, subqueries are evaluated over their
 * whole span.  Then `eval` is called for each step; what it makes lives in
 * `scratch` until the next one.
 */
#ifndef SIM_TSDB_PROMQL_QUERY_H
#define SIM_TSDB_PROMQL_QUERY_H

#include "sim/tsdb/number.h"
#include "sim/tsdb/promql_eval.h"
#include "sim/tsdb/promql_parse.h"

struct element {
	struct label_set *labels;
	double v;
	int64_t t_ms;		/* of the sample, if it comes from a selector */
};

struct vector {
	struct element *at;
	uint32_t count, cap;
};

/* One series with its samples, by time. */
struct row {
	struct label_set *labels;
	struct point *points;
	uint32_t count, cap;
	uint32_t next;		/* first sample later than the last step */
};

/* What the evaluator keeps with a node of the tree. */
struct plan {
	struct row *rows;	/* SELECTOR, RANGE, SUBQUERY */
	uint32_t row_count, row_cap;
	struct memo rows_by_labels;
	struct memo left, right;	/* labels to signature or group */
	struct memo result;		/* labels (of both sides) to result's */
	struct regex *regex;		/* label_replace */
};

struct query {
	const struct world *w;
	const struct tsdb *db;
	struct pool *pool;		/* as long as the result */
	struct pool scratch;		/* as long as the step */
	struct label_sets sets;
	int64_t start_ms, end_ms, step_ms;
	struct promql_result *out;	/* status, error, samples, work */
};

struct value {
	enum promql_type type;
	double scalar;
	const char *string;
	struct vector vector;
};

/* Everything but a matrix.  False: q->out says what went wrong. */
bool query_eval(struct query *q, const struct expr *e, int64_t now_ms,
		struct value *out);
bool query_scalar(struct query *q, const struct expr *e, int64_t now_ms,
		  double *out);
bool query_vector(struct query *q, const struct expr *e, int64_t now_ms,
		  struct vector *out);

/* The samples of a row in the window of a RANGE or SUBQUERY. */
struct window query_window(const struct query *q, const struct expr *matrix,
			   const struct row *row, int64_t now_ms);

bool query_fail(struct query *q, enum promql_status status, const char *fmt,
		...) __attribute__((format(printf, 3, 4)));
bool query_work(struct query *q, uint64_t amount);

/* What is left of the labels by on/ignoring or by/without of `e`: elements
 * with the same belong together.  Remembered for each set it was asked of. */
struct label_set *query_grouping(struct query *q, const struct expr *e,
				 struct label_set *labels);

void vector_add(struct query *q, struct vector *v, struct label_set *labels,
		double value, int64_t t_ms);
/* "vector cannot contain metrics with the same labelset" */
bool vector_check(struct query *q, const struct vector *v);
void row_add(struct pool *pool, struct row *row, int64_t t_ms, double v);

/* promql_binary.c, promql_aggregate.c, promql_call.c */
bool query_binary(struct query *q, const struct expr *e, int64_t now_ms,
		  struct value *out);
bool query_aggregate(struct query *q, const struct expr *e, int64_t now_ms,
		     struct vector *out);
bool query_call(struct query *q, const struct expr *e, int64_t now_ms,
		struct value *out);
bool is_label_name(const char *s);

#endif
