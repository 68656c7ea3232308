/* prometheus_inside.h - what the files of the Prometheus face share
 *
 * prometheus.c knows the paths, prometheus_json.c how an answer is written,
 * prometheus_parameter.c how a request is read; prometheus_query.c,
 * prometheus_series.c, prometheus_targets.c and prometheus_status.c each
 * answer one part of the interface.  Nobody else includes this.
 *
 *	path ─▶ route ─▶ parameter_...() ─▶ sim/tsdb ─▶ answer_...() ─▶ JSON
 *	                      └─ wrong: answer_invalid, and that is the answer
 */
#ifndef SIM_FACE_PROMETHEUS_INSIDE_H
#define SIM_FACE_PROMETHEUS_INSIDE_H

#include "sim/face/prometheus.h"
#include "sim/tsdb/promql_eval.h"

/* One request while it is answered. */
struct request {
	const struct world *w;
	const struct monitor *m;
	const char *query;		/* behind the ? */
	const char *form;		/* body of a POST */
	struct prometheus_answer *out;
};

/* prometheus_json.c: each of the first four begins the answer anew, so whoever
 * fails halfway leaves nothing behind. */
void answer_begin(struct request *r, uint32_t status, const char *type);
struct text *answer_success(struct request *r);	/* open: end it with "}" */
void answer_failure(struct request *r, uint32_t status, const char *type,
		    const char *what);
/* `invalid parameter "query": ...`.  Always false. */
bool answer_invalid(struct request *r, const char *parameter, const char *fmt,
		    ...) __attribute__((format(printf, 3, 4)));
void answer_text(struct text *t, const char *s);	/* quoted */
void answer_time(struct text *t, int64_t ms);		/* seconds */
void answer_pair(struct text *t, const char *name, const char *value,
		 const char *behind);	/* "name":"value" and what follows */
void answer_labels(struct text *t, const struct promql_series *s);

/* prometheus_parameter.c.  Whatever returns bool for a request that is not
 * const has answered it when it returns false. */
bool parameter(const struct request *r, const char *name, struct text *value);
bool parameter_nth(const struct request *r, const char *name, uint32_t n,
		   struct text *value);
bool parameter_time(struct request *r, const char *name, int64_t *ms);
bool parameter_time_or(struct request *r, const char *name, int64_t otherwise,
		       int64_t *ms);
bool parameter_duration(struct request *r, const char *name, int64_t *ms);
bool parameter_timeout_fits(struct request *r);

/* What the routes lead to. */
void prometheus_query(struct request *r);
void prometheus_query_range(struct request *r);
void prometheus_series(struct request *r);
void prometheus_labels(struct request *r);
void prometheus_label_values(struct request *r, const char *name);
void prometheus_targets(struct request *r);
void prometheus_status_tsdb(struct request *r);

#endif
