/* promql_aggregate.c - many elements into fewer: sum, topk, quantile ...
 *
 * Elements fall into groups by their labels: those listed in by(...), or all
 * but those of without(...) and the name.  Groups come out in the order in
 * which their first elements came in.
 */
#include <string.h>

#include "sim/tsdb/promql_query.h"

struct group {
	struct label_set *labels;
	double value, mean;
	uint32_t count;
	uint32_t first;		/* of its elements in the sorted row */
	uint32_t filled;
};

struct groups {
	struct group *at;
	uint32_t count;
	uint32_t *of;		/* element -> group */
};

static struct groups group(struct query *q, const struct expr *e,
			   const struct vector *v)
{
	struct groups g = {
		.at = pool_array(&q->scratch, struct group, v->count),
		.of = pool_array(&q->scratch, uint32_t, v->count),
	};
	uint64_t stamp = ++q->sets.stamps;

	for (uint32_t i = 0; i < v->count; i++) {
		struct label_set *labels = query_grouping(q, e, v->at[i].labels);

		if (labels->stamp[0] != stamp) {
			labels->stamp[0] = stamp;
			labels->place[0] = g.count;
			g.at[g.count++].labels = labels;
		}
		g.of[i] = labels->place[0];
	}
	return g;
}

/* -- one value a group --------------------------------------------------- */

/* A running mean, so that no sum overflows. */
static void mean_add(struct group *g, double v)
{
	double n = (double)g->count;

	if (number_is_inf(g->mean)) {
		if (number_is_inf(v) && (g->mean > 0) == (v > 0))
			return;
		if (!number_is_inf(v) && !number_is_nan(v))
			return;
	}
	g->mean += v / n - g->mean / n;
}

/* The first element of a group has count 1. */
static void take_in(struct group *g, enum token_kind op, double v)
{
	double off;

	g->count++;
	switch (op) {
	case TOKEN_SUM:
		g->value += v;
		break;
	case TOKEN_AVG:
		mean_add(g, v);
		break;
	case TOKEN_MIN:
		if (g->count == 1 || v < g->value || number_is_nan(g->value))
			g->value = v;
		break;
	case TOKEN_MAX:
		if (g->count == 1 || v > g->value || number_is_nan(g->value))
			g->value = v;
		break;
	case TOKEN_STDDEV: case TOKEN_STDVAR:	/* Welford 1962 */
		off = v - g->mean;
		g->mean += off / (double)g->count;
		g->value += off * (v - g->mean);
		break;
	default:
		break;
	}
}

static double outcome(const struct group *g, enum token_kind op)
{
	switch (op) {
	case TOKEN_AVG:
		return g->mean;
	case TOKEN_COUNT:
		return (double)g->count;
	case TOKEN_GROUP:
		return 1;
	case TOKEN_STDVAR:
		return g->value / (double)g->count;
	case TOKEN_STDDEV:
		return number_sqrt(g->value / (double)g->count);
	default:
		return g->value;
	}
}

/* -- several values a group ---------------------------------------------- */

/* The elements group after group, in their order within each. */
static struct element *by_group(struct query *q, const struct vector *v,
				struct groups *g)
{
	struct element *row = pool_array(&q->scratch, struct element, v->count);
	uint32_t at = 0;

	for (uint32_t i = 0; i < v->count; i++)
		g->at[g->of[i]].count++;
	for (uint32_t i = 0; i < g->count; i++) {
		g->at[i].first = at;
		at += g->at[i].count;
	}
	for (uint32_t i = 0; i < v->count; i++) {
		struct group *to = &g->at[g->of[i]];

		row[to->first + to->filled++] = v->at[i];
	}
	return row;
}

/* NaN comes last whichever way. */
static bool higher(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->v > y->v || (number_is_nan(y->v) && !number_is_nan(x->v));
}

static bool lower(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->v < y->v || (number_is_nan(y->v) && !number_is_nan(x->v));
}

/* The k first of each group; of equal ones those that came first. */
static bool best(struct query *q, const struct expr *e, const struct vector *v,
		 struct groups *g, double parameter, struct vector *out)
{
	struct element *row = by_group(q, v, g);
	uint32_t k;

	if (number_is_nan(parameter) || parameter >= 9.3e18 ||
	    parameter <= -9.3e18) {
		struct text t = {0};

		number_plain(&t, parameter);
		query_fail(q, PROMQL_EXECUTION,
			   "Scalar value %s overflows int64", text_cstr(&t));
		text_free(&t);
		return false;
	}
	k = parameter < 1 ? 0 : parameter > v->count ? v->count :
	    (uint32_t)parameter;
	for (uint32_t i = 0; i < g->count; i++) {
		struct group *from = &g->at[i];

		promql_sort(row + from->first, from->count, sizeof(*row),
			    e->op == TOKEN_TOPK ? higher : lower);
		for (uint32_t n = 0; n < k && n < from->count; n++)
			vector_add(q, out, row[from->first + n].labels,
				   row[from->first + n].v,
				   row[from->first + n].t_ms);
	}
	return true;
}

static void quantiles(struct query *q, const struct vector *v, struct groups *g,
		      double parameter, int64_t now_ms, struct vector *out)
{
	struct element *row = by_group(q, v, g);
	double *values = pool_array(&q->scratch, double, v->count);

	for (uint32_t i = 0; i < v->count; i++)
		values[i] = row[i].v;
	for (uint32_t i = 0; i < g->count; i++)
		vector_add(q, out, g->at[i].labels,
			   promql_quantile(parameter, values + g->at[i].first,
					   g->at[i].count), now_ms);
}

/* How often each value occurs; the value becomes a label. */
static bool count_values(struct query *q, const struct expr *e,
			 const struct vector *v, const char *label,
			 int64_t now_ms, struct vector *out)
{
	struct groups g = group(q, e, v);
	uint64_t stamp;

	if (!is_label_name(label))
		return query_fail(q, PROMQL_EXECUTION,
				  "invalid label name \"%s\"", label);
	stamp = ++q->sets.stamps;
	for (uint32_t i = 0; i < v->count; i++) {
		struct label_builder b;
		struct label_set *labels;
		struct text t = {0};

		number_plain(&t, v->at[i].v);
		builder_init(&b, &q->sets, g.at[g.of[i]].labels);
		builder_set(&b, label, pool_bytes(q->pool, text_cstr(&t),
						  t.len));
		text_free(&t);
		labels = builder_done(&b);
		if (labels->stamp[1] != stamp) {
			labels->stamp[1] = stamp;
			labels->place[1] = out->count;
			vector_add(q, out, labels, 0, now_ms);
		}
		out->at[labels->place[1]].v += 1;
	}
	return true;
}

bool query_aggregate(struct query *q, const struct expr *e, int64_t now_ms,
		     struct vector *out)
{
	struct value parameter = { .scalar = 0 };
	struct vector v;
	struct groups g;

	if (e->right && !query_eval(q, e->right, now_ms, &parameter))
		return false;
	if (!query_vector(q, e->left, now_ms, &v) || !query_work(q, v.count))
		return false;
	if (e->op == TOKEN_COUNT_VALUES)
		return count_values(q, e, &v, parameter.string, now_ms, out);
	g = group(q, e, &v);
	if (e->op == TOKEN_TOPK || e->op == TOKEN_BOTTOMK)
		return best(q, e, &v, &g, parameter.scalar, out);
	if (e->op == TOKEN_QUANTILE) {
		quantiles(q, &v, &g, parameter.scalar, now_ms, out);
		return true;
	}
	for (uint32_t i = 0; i < v.count; i++)
		take_in(&g.at[g.of[i]], e->op, v.at[i].v);
	for (uint32_t i = 0; i < g.count; i++)
		vector_add(q, out, g.at[i].labels, outcome(&g.at[i], e->op),
			   now_ms);
	return true;
}
