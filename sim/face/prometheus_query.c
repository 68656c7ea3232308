/* prometheus_query.c - /api/v1/query and /api/v1/query_range
 *
 * The engine of sim/tsdb evaluates at one time or at each step of a range;
 * what it returns is a scalar, a string, a vector or a matrix, and each has
 * its form of JSON.
 */
#include "sim/face/prometheus_inside.h"

#include "sim/tsdb/number.h"

#define STEPS_MAX	11000	/* points a series in one range query */

static int64_t now_ms(const struct request *r)
{
	return sim_wall_ms(world_now(r->w));
}

/* answer_time without zeros at the end: the times of scalars and strings. */
static void put_short_time(struct text *t, int64_t ms)
{
	answer_time(t, ms);
	if (ms % 1000)
		while (t->at[t->len - 1] == '0')
			t->at[--t->len] = '\0';
}

static void put_point(struct text *t, const struct point *p)
{
	text_char(t, '[');
	answer_time(t, p->t_ms);
	text_add(t, ",\"");
	number_text(t, p->v);
	text_add(t, "\"]");
}

static void put_series(struct text *t, const struct promql_series *s,
		       bool matrix)
{
	text_add(t, "{\"metric\":");
	answer_labels(t, s);
	text_add(t, matrix ? ",\"values\":[" : ",\"value\":");
	for (uint32_t i = 0; i < s->point_count; i++) {
		if (i)
			text_char(t, ',');
		put_point(t, &s->points[i]);
	}
	text_add(t, matrix ? "]}" : "}");
}

static void put_result(struct text *t, const struct promql_result *q)
{
	static const char *const names[] = {
		[PROMQL_SCALAR] = "scalar", [PROMQL_VECTOR] = "vector",
		[PROMQL_MATRIX] = "matrix", [PROMQL_STRING] = "string",
	};

	text_addf(t, "{\"resultType\":\"%s\",\"result\":[", names[q->type]);
	if (q->type == PROMQL_SCALAR || q->type == PROMQL_STRING) {
		put_short_time(t, q->at_ms);
		text_char(t, ',');
		if (q->type == PROMQL_STRING)
			answer_text(t, q->string);
		else {
			text_char(t, '"');
			number_plain(t, q->scalar);
			text_char(t, '"');
		}
	}
	for (uint32_t i = 0; i < q->series_count; i++) {
		if (i)
			text_char(t, ',');
		put_series(t, &q->series[i], q->type == PROMQL_MATRIX);
	}
	text_add(t, "]}");
}

/* An annotation (Prometheus, HTTP API, "infos"): shown by whoever shows such,
 * passed over by all others. */
static void put_fidelity(struct text *t, enum fidelity f)
{
	struct text said = {0};

	if (f == FIDELITY_EXACT)
		return;
	text_addf(&said, "fidelity %s: %s", fidelity_badge(f),
		  fidelity_help(f));
	text_add(t, ",\"infos\":[");
	answer_text(t, text_cstr(&said));
	text_char(t, ']');
	text_free(&said);
}

/* `named`: a wrong query is told as a wrong parameter. */
static void finish_query(struct request *r, struct promql_result *q, bool named)
{
	struct text *t;

	r->out->samples = q->samples;
	r->out->work = q->work;
	switch (q->status) {
	case PROMQL_OK:
		t = answer_success(r);
		put_result(t, q);
		put_fidelity(t, q->fidelity);
		text_char(t, '}');
		break;
	case PROMQL_BAD_DATA:
		if (named)
			answer_invalid(r, "query", "%s", q->error);
		else
			answer_failure(r, 400, "bad_data", q->error);
		break;
	case PROMQL_EXECUTION:
		answer_failure(r, 422, "execution", q->error);
		break;
	case PROMQL_TIMEOUT:
		answer_failure(r, 503, "timeout", q->error);
		break;
	}
	promql_result_free(q);
}

void prometheus_query(struct request *r)
{
	struct promql_result q;
	struct text text = {0};
	int64_t at;

	if (!parameter_time_or(r, "time", now_ms(r), &at) ||
	    !parameter_timeout_fits(r))
		return;
	parameter(r, "query", &text);
	promql_instant(r->w, r->m->tsdb, text_cstr(&text), at, &q);
	text_free(&text);
	finish_query(r, &q, true);
}

void prometheus_query_range(struct request *r)
{
	struct promql_result q;
	struct text text = {0};
	int64_t start, end, step;

	if (!parameter_time(r, "start", &start) ||
	    !parameter_time(r, "end", &end))
		return;
	if (end < start) {
		answer_invalid(r, "end", "end timestamp must not be before "
					 "start time");
		return;
	}
	if (!parameter_duration(r, "step", &step))
		return;
	if (step <= 0) {
		answer_invalid(r, "step", "zero or negative query resolution "
			       "step widths are not accepted. Try a positive "
			       "integer");
		return;
	}
	if ((end - start) / step > STEPS_MAX) {
		answer_failure(r, 400, "bad_data", "exceeded maximum "
			       "resolution of 11,000 points per timeseries. "
			       "Try decreasing the query resolution "
			       "(?step=XX)");
		return;
	}
	if (!parameter_timeout_fits(r))
		return;
	parameter(r, "query", &text);
	promql_range(r->w, r->m->tsdb, text_cstr(&text), start, end, step, &q);
	text_free(&text);
	finish_query(r, &q, false);
}
