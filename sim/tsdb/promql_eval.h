/* promql_eval.h - what a PromQL query answers
 *
 * An instant query is evaluated at one time, a range query at start, start +
 * step, ... up to end.  A vector selector gives the newest sample of each
 * series that is not older than the lookback (5 minutes) and no staleness
 * marker; a range selector all samples of the window, both edges included.
 *
 * The world is only looked at: asking changes nothing, so a query is no
 * command and needs no journal.  The answer is a plain value on the heap.
 *
 *	struct promql_result r;
 *
 *	promql_instant(w, db, "sum(up)", sim_wall_ms(world_now(w)), &r);
 *	if (r.status == PROMQL_OK) ... r.series[0].points[0].v ...
 *	promql_result_free(&r);
 */
#ifndef SIM_TSDB_PROMQL_EVAL_H
#define SIM_TSDB_PROMQL_EVAL_H

#include "sim/tsdb/promql_functions.h"
#include "sim/tsdb/promql_labels.h"
#include "sim/tsdb/series.h"

#define PROMQL_LOOKBACK_MS	INT64_C(300000)	/* --query.lookback-delta */
#define PROMQL_STEP_MS		INT64_C(60000)	/* of subqueries: global
						   evaluation_interval */
#define PROMQL_SAMPLES_MAX	UINT64_C(10000000)	/* Prometheus: 50 M,
						   --query.max-samples */
#define PROMQL_WORK_MAX		UINT64_C(50000000) /* stands for the query
						   timeout of 2 m */

enum promql_status {
	PROMQL_OK,
	PROMQL_BAD_DATA,	/* the query is wrong */
	PROMQL_EXECUTION,	/* it cannot be answered with this data */
	PROMQL_TIMEOUT,		/* it takes too long */
};

struct promql_series {
	const struct label_pair *labels;	/* sorted by name */
	uint32_t label_count;
	uint32_t point_count;			/* 1 in an instant vector */
	const struct point *points;
};

struct promql_result {
	enum promql_status status;
	const char *error;		/* in Prometheus's words */
	enum promql_type type;		/* of a range query: MATRIX */
	int64_t at_ms;			/* of an instant query */
	double scalar;
	const char *string;
	struct promql_series *series;
	uint32_t series_count;
	enum fidelity fidelity;		/* the worst of all samples used */
	uint64_t samples;		/* read from the store */
	uint64_t work;			/* elements handled; for its cost */
	struct pool pool;		/* holds all of the above */
};

/* `out` need not be initialised; promql_result_free it whatever came out. */
void promql_instant(const struct world *w, const struct tsdb *db,
		    const char *query, int64_t at_ms,
		    struct promql_result *out);
void promql_range(const struct world *w, const struct tsdb *db,
		  const char *query, int64_t start_ms, int64_t end_ms,
		  int64_t step_ms, struct promql_result *out);
void promql_result_free(struct promql_result *r);

#endif
