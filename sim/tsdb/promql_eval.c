/* promql_eval.c - what a PromQL query answers: selectors, steps, the result */
#include "sim/tsdb/promql_eval.h"

#include <stdarg.h>
#include <string.h>

#include "sim/tsdb/promql_query.h"

#define STEP_WORK	10	/* a step with nothing in it still takes time */

/* -- what all parts use -------------------------------------------------- */

bool query_fail(struct query *q, enum promql_status status, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	if (q->out->status != PROMQL_OK)
		return false;		/* the first one counts */
	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	q->out->status = status;
	q->out->error = pool_bytes(q->pool, text_cstr(&t), t.len);
	text_free(&t);
	return false;
}

/* Count work done.  A query stands for seconds of a real server's time; the
 * bound keeps a bad one from stopping the lab. */
bool query_work(struct query *q, uint64_t amount)
{
	q->out->work += amount;
	if (q->out->work > PROMQL_WORK_MAX)
		return query_fail(q, PROMQL_TIMEOUT,
				  "query timed out in expression evaluation");
	return true;
}

static bool count_samples(struct query *q, uint64_t samples)
{
	q->out->samples += samples;
	if (q->out->samples > PROMQL_SAMPLES_MAX)
		return query_fail(q, PROMQL_EXECUTION, "query processing would "
				  "load too many samples into memory in query "
				  "execution");
	return query_work(q, samples);
}

void vector_add(struct query *q, struct vector *v, struct label_set *labels,
		double value, int64_t t_ms)
{
	if (v->count == v->cap) {
		uint32_t cap = v->cap ? 2 * v->cap : 8;

		v->at = pool_grow(&q->scratch, v->at, v->count * sizeof(*v->at),
				  cap * sizeof(*v->at));
		v->cap = cap;
	}
	v->at[v->count++] = (struct element){ labels, value, t_ms };
}

bool vector_check(struct query *q, const struct vector *v)
{
	uint64_t stamp = ++q->sets.stamps;

	for (uint32_t i = 0; i < v->count; i++) {
		if (v->at[i].labels->stamp[1] == stamp)
			return query_fail(q, PROMQL_EXECUTION, "vector cannot "
					  "contain metrics with the same "
					  "labelset");
		v->at[i].labels->stamp[1] = stamp;
	}
	return true;
}

void row_add(struct pool *pool, struct row *row, int64_t t_ms, double v)
{
	if (row->count == row->cap) {
		uint32_t cap = row->cap ? 2 * row->cap : 16;

		row->points = pool_grow(pool, row->points,
					row->count * sizeof(*row->points),
					cap * sizeof(*row->points));
		row->cap = cap;
	}
	row->points[row->count++] = (struct point){ t_ms, v };
}

static struct plan *plan_of(const struct expr *e)
{
	return e->plan;
}

/* -- preparing ----------------------------------------------------------- */

/* The time a selector or subquery looks at when the clock says `now`. */
static int64_t looks_at(const struct query *q, const struct expr *e,
			int64_t now_ms)
{
	int64_t at = e->at_kind == AT_TIME ? e->at_ms :
		     e->at_kind == AT_START ? q->start_ms :
		     e->at_kind == AT_END ? q->end_ms : now_ms;

	return at - e->offset_ms;
}

/* A vector selector takes the newest sample at or before each step: of those
 * before the first step, which is a lookback behind `from`, only the last. */
static bool is_used(const struct sample *before, int64_t from, bool vector)
{
	return !vector || !before || before->t_ms > from + PROMQL_LOOKBACK_MS;
}

/* The samples of one series with from <= time <= to.  The back links give them
 * newest first: count, then fill from the end. */
static bool load(struct query *q, const struct series *s, int64_t from,
		 int64_t to, bool stale, struct row *row)
{
	const struct sample *sample, *newer = NULL;
	uint64_t newest = s->last, skipped = 0;
	uint32_t count = 0;

	while (newest && (sample = tsdb_sample(q->w, q->db, newest))->t_ms > to) {
		newest = sample->before;
		skipped++;
	}
	for (uint64_t at = newest; at; at = sample->before) {
		sample = tsdb_sample(q->w, q->db, at);
		if (sample->t_ms < from)
			break;
		count += stale || !number_is_stale(sample->v);
		if (is_used(newer, from, stale))
			q->out->fidelity = fidelity_worse(q->out->fidelity,
				(enum fidelity)sample->fidelity);
		newer = sample;
	}
	row->count = row->cap = count;
	row->points = pool_array(q->pool, struct point, count);
	for (uint64_t at = newest; count; at = sample->before) {
		sample = tsdb_sample(q->w, q->db, at);
		if (stale || !number_is_stale(sample->v))
			row->points[--count] = (struct point){ sample->t_ms,
							       sample->v };
	}
	return query_work(q, skipped) && count_samples(q, row->count);
}

static bool prepare_selector(struct query *q, const struct expr *e,
			     struct plan *plan, int64_t from, int64_t to,
			     bool stale)
{
	struct selection found = tsdb_select(q->w, q->db, e->matchers,
					     e->matcher_count, q->pool);

	plan->rows = pool_array(q->pool, struct row, found.count);
	for (uint32_t i = 0; i < found.count; i++) {
		struct row *row = &plan->rows[plan->row_count];

		if (!load(q, found.series[i], from, to, stale, row))
			return false;
		if (!row->count)
			continue;
		row->labels = labels_of_series(&q->sets, q->w, q->db,
					       found.series[i]);
		plan->row_count++;
	}
	return query_work(q, found.looked_at);
}

struct label_set *query_grouping(struct query *q, const struct expr *e,
				 struct label_set *labels)
{
	struct plan *plan = e->plan;
	void **known = memo_at(&plan->left, q->pool, labels, NULL);

	if (!*known) {
		struct label_builder b;

		builder_init(&b, &q->sets, labels);
		if (e->on)
			builder_keep(&b, &e->labels);
		else {
			builder_drop(&b, &e->labels);
			builder_set(&b, "__name__", "");
		}
		*known = builder_done(&b);
	}
	return *known;
}

static struct row *row_of(struct query *q, struct plan *plan,
			  struct label_set *labels)
{
	/* the memo holds the row's number + 1, as a pointer */
	void **slot = memo_at(&plan->rows_by_labels, q->pool, labels, NULL);

	if (!*slot) {
		if (plan->row_count == plan->row_cap) {
			uint32_t cap = plan->row_cap ? 2 * plan->row_cap : 8;

			plan->rows = pool_grow(q->pool, plan->rows,
					       plan->row_count *
					       sizeof(struct row),
					       cap * sizeof(struct row));
			plan->row_cap = cap;
		}
		plan->rows[plan->row_count++].labels = labels;
		*slot = (void *)(uintptr_t)plan->row_count;
	}
	return &plan->rows[(uintptr_t)*slot - 1];
}

/* Evaluate at from, from + step, ... <= to, into rows. */
static bool eval_steps(struct query *q, const struct expr *e, struct plan *plan,
		       int64_t from, int64_t to, int64_t step)
{
	for (int64_t now = from; now <= to; now += step) {
		struct value v;

		pool_reset(&q->scratch);
		if (!query_work(q, STEP_WORK) || !query_eval(q, e, now, &v))
			return false;
		if (v.type == PROMQL_SCALAR)
			row_add(q->pool, row_of(q, plan, q->sets.empty), now,
				v.scalar);
		for (uint32_t i = 0; i < v.vector.count; i++)
			row_add(q->pool, row_of(q, plan, v.vector.at[i].labels),
				now, v.vector.at[i].v);
		if (now > INT64_MAX - step)
			break;
	}
	return true;
}

static bool prepare(struct query *q, struct expr *e, int64_t from, int64_t to);

/* The steps of a subquery lie on whole multiples of its step, so they are the
 * same ones whichever outer step asks. */
static bool prepare_subquery(struct query *q, struct expr *e, int64_t from,
			     int64_t to)
{
	int64_t step = e->step_ms ? e->step_ms : PROMQL_STEP_MS;
	int64_t first;

	from = looks_at(q, e, from) - e->range_ms;
	to = looks_at(q, e, to);
	first = from / step * step;
	if (first < from)
		first += step;
	return prepare(q, e->left, first, to) &&
	       eval_steps(q, e->left, e->plan, first, to, step);
}

/* Everything that steps between from and to can need. */
static bool prepare(struct query *q, struct expr *e, int64_t from, int64_t to)
{
	struct plan *plan = pool_new(q->pool, struct plan);

	e->plan = plan;
	switch (e->kind) {
	case EXPR_SELECTOR:
		return prepare_selector(q, e, plan, looks_at(q, e, from) -
						    PROMQL_LOOKBACK_MS,
					looks_at(q, e, to), true);
	case EXPR_RANGE:
		return prepare_selector(q, e->left, plan,
					looks_at(q, e->left, from) - e->range_ms,
					looks_at(q, e->left, to), false);
	case EXPR_SUBQUERY:
		return prepare_subquery(q, e, from, to);
	case EXPR_CALL:
		for (uint32_t i = 0; i < e->arg_count; i++)
			if (!prepare(q, e->args[i], from, to))
				return false;
		return true;
	default:
		return (!e->left || prepare(q, e->left, from, to)) &&
		       (!e->right || prepare(q, e->right, from, to));
	}
}

/* -- evaluating ---------------------------------------------------------- */

/* The number of points up to and at `to`. */
static uint32_t up_to(const struct row *row, int64_t to)
{
	uint32_t low = 0, high = row->count;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (row->points[mid].t_ms <= to)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool eval_selector(struct query *q, const struct expr *e,
			  int64_t now_ms, struct vector *out)
{
	struct plan *plan = plan_of(e);
	int64_t at = looks_at(q, e, now_ms);

	for (uint32_t i = 0; i < plan->row_count; i++) {
		struct row *row = &plan->rows[i];
		const struct point *p;

		/* Steps mostly go on in time; search only to go back. */
		if (row->next && row->points[row->next - 1].t_ms > at)
			row->next = up_to(row, at);
		while (row->next < row->count &&
		       row->points[row->next].t_ms <= at)
			row->next++;
		if (!row->next)
			continue;
		p = &row->points[row->next - 1];
		if (p->t_ms < at - PROMQL_LOOKBACK_MS || number_is_stale(p->v))
			continue;
		vector_add(q, out, row->labels, p->v, p->t_ms);
	}
	return query_work(q, plan->row_count);
}

struct window query_window(const struct query *q, const struct expr *matrix,
			   const struct row *row, int64_t now_ms)
{
	const struct expr *when = matrix->kind == EXPR_RANGE ? matrix->left :
							       matrix;
	struct window w = { .now_ms = now_ms };
	uint32_t first;

	w.end_ms = looks_at(q, when, now_ms);
	w.start_ms = w.end_ms - matrix->range_ms;
	first = up_to(row, w.start_ms - 1);
	w.points = row->points + first;
	w.count = up_to(row, w.end_ms) - first;
	return w;
}

static bool eval_unary(struct query *q, const struct expr *e, int64_t now_ms,
		       struct value *out)
{
	if (!query_eval(q, e->left, now_ms, out))
		return false;
	if (e->op == TOKEN_ADD)
		return true;
	out->scalar = -out->scalar;
	for (uint32_t i = 0; i < out->vector.count; i++) {
		struct element *el = &out->vector.at[i];

		el->v = -el->v;
		el->labels = labels_unnamed(&q->sets, el->labels);
		el->t_ms = now_ms;
	}
	return vector_check(q, &out->vector);
}

bool query_eval(struct query *q, const struct expr *e, int64_t now_ms,
		struct value *out)
{
	*out = (struct value){ .type = e->type };
	if (!query_work(q, 1))
		return false;
	switch (e->kind) {
	case EXPR_NUMBER:
		out->scalar = e->number;
		return true;
	case EXPR_STRING:
		out->string = e->string;
		return true;
	case EXPR_SELECTOR:
		return eval_selector(q, e, now_ms, &out->vector);
	case EXPR_PAREN:
		return query_eval(q, e->left, now_ms, out);
	case EXPR_UNARY:
		return eval_unary(q, e, now_ms, out);
	case EXPR_BINARY:
		return query_binary(q, e, now_ms, out);
	case EXPR_AGGREGATE:
		return query_aggregate(q, e, now_ms, &out->vector);
	case EXPR_CALL:
		return query_call(q, e, now_ms, out);
	default:		/* a matrix is read through query_window */
		return true;
	}
}

bool query_scalar(struct query *q, const struct expr *e, int64_t now_ms,
		  double *out)
{
	struct value v;

	if (!query_eval(q, e, now_ms, &v))
		return false;
	*out = v.scalar;
	return true;
}

bool query_vector(struct query *q, const struct expr *e, int64_t now_ms,
		  struct vector *out)
{
	struct value v;

	if (!query_eval(q, e, now_ms, &v))
		return false;
	*out = v.vector;
	return true;
}

/* -- results ------------------------------------------------------------- */

/* Texts are copied: the answer outlives what the world knows. */
static const struct label_pair *copy_labels(struct query *q,
					    const struct label_set *s)
{
	struct label_pair *at = pool_array(q->pool, struct label_pair, s->count);

	for (uint32_t i = 0; i < s->count; i++) {
		at[i].name = pool_bytes(q->pool, s->at[i].name,
					strlen(s->at[i].name));
		at[i].value = pool_bytes(q->pool, s->at[i].value,
					 strlen(s->at[i].value));
	}
	return at;
}

static void result_add(struct query *q, const struct label_set *labels,
		       const struct point *points, uint32_t count)
{
	struct promql_series *s = &q->out->series[q->out->series_count++];

	s->labels = copy_labels(q, labels);
	s->label_count = labels->count;
	s->points = points;
	s->point_count = count;
}

static void vector_result(struct query *q, const struct vector *v)
{
	struct point *points = pool_array(q->pool, struct point, v->count);

	q->out->series = pool_array(q->pool, struct promql_series, v->count);
	for (uint32_t i = 0; i < v->count; i++) {
		points[i] = (struct point){ q->start_ms, v->at[i].v };
		result_add(q, v->at[i].labels, &points[i], 1);
	}
}

static void matrix_result(struct query *q, const struct expr *e)
{
	const struct plan *plan = plan_of(e);

	q->out->series = pool_array(q->pool, struct promql_series,
				    plan->row_count);
	for (uint32_t i = 0; i < plan->row_count; i++) {
		struct window w = query_window(q, e, &plan->rows[i],
					       q->start_ms);

		if (w.count)
			result_add(q, plan->rows[i].labels, w.points, w.count);
	}
}

static bool row_before(const void *a, const void *b)
{
	return labels_before(((const struct row *)a)->labels,
			     ((const struct row *)b)->labels);
}

static void rows_result(struct query *q, struct plan *plan)
{
	promql_sort(plan->rows, plan->row_count, sizeof(struct row), row_before);
	q->out->series = pool_array(q->pool, struct promql_series,
				    plan->row_count);
	for (uint32_t i = 0; i < plan->row_count; i++)
		result_add(q, plan->rows[i].labels, plan->rows[i].points,
			   plan->rows[i].count);
}

static struct expr *query_begin(struct query *q, const struct world *w,
				const struct tsdb *db, const char *text,
				struct promql_result *out)
{
	struct expr *e;

	*out = (struct promql_result){ .status = PROMQL_OK };
	*q = (struct query){ .w = w, .db = db, .out = out, .pool = &out->pool };
	e = promql_parse(q->pool, text, &out->error);
	if (!e) {
		out->status = PROMQL_BAD_DATA;
		return NULL;
	}
	label_sets_init(&q->sets, q->pool);
	return e;
}

void promql_instant(const struct world *w, const struct tsdb *db,
		    const char *text, int64_t at_ms, struct promql_result *out)
{
	struct query q;
	struct expr *e = query_begin(&q, w, db, text, out);
	struct value v;

	if (!e)
		return;
	q.start_ms = q.end_ms = out->at_ms = at_ms;
	out->type = e->type;
	if (prepare(&q, e, at_ms, at_ms)) {
		pool_reset(&q.scratch);
		if (e->type == PROMQL_MATRIX)
			matrix_result(&q, expr_bare(e));
		else if (query_eval(&q, e, at_ms, &v)) {
			out->scalar = v.scalar;
			out->string = v.string;
			vector_result(&q, &v.vector);
		}
	}
	pool_release(&q.scratch);
}

void promql_range(const struct world *w, const struct tsdb *db,
		  const char *text, int64_t start_ms, int64_t end_ms,
		  int64_t step_ms, struct promql_result *out)
{
	struct query q;
	struct expr *e = query_begin(&q, w, db, text, out);
	struct plan all = {0};

	if (!e)
		return;
	q.start_ms = start_ms;
	q.end_ms = end_ms;
	q.step_ms = step_ms;
	out->type = PROMQL_MATRIX;
	if (e->type == PROMQL_MATRIX || e->type == PROMQL_STRING)
		query_fail(&q, PROMQL_BAD_DATA, "invalid expression type \"%s\" "
			   "for range query, must be Scalar or instant Vector",
			   promql_type_text(e->type));
	else if (prepare(&q, e, start_ms, end_ms) &&
		 eval_steps(&q, e, &all, start_ms, end_ms, step_ms))
		rows_result(&q, &all);
	pool_release(&q.scratch);
}

void promql_result_free(struct promql_result *r)
{
	pool_release(&r->pool);
	*r = (struct promql_result){ .status = PROMQL_OK };
}
