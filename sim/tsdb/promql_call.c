/* promql_call.c - function calls that need the vector, its labels or the time */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tsdb/promql_query.h"

bool is_label_name(const char *s)
{
	if (!*s || (*s >= '0' && *s <= '9'))
		return false;
	for (; *s; s++)
		if (!(*s == '_' || (*s >= '0' && *s <= '9') ||
		      (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')))
			return false;
	return true;
}

/* The string of an argument; parentheses may stand around it. */
static const char *string_arg(const struct expr *e, uint32_t i)
{
	return expr_bare(e->args[i])->string;
}

/* -- one window, one value ----------------------------------------------- */

static bool call_range(struct query *q, const struct expr *e, int64_t now_ms,
		       struct vector *out)
{
	const struct promql_function *f = e->function;
	const struct expr *matrix = NULL;
	const struct plan *plan;
	double parameter = 0;
	uint64_t read = 0;

	for (uint32_t i = 0; i < e->arg_count; i++)
		if (e->args[i]->type == PROMQL_MATRIX)
			matrix = expr_bare(e->args[i]);
		else if (!query_scalar(q, e->args[i], now_ms, &parameter))
			return false;
	assert(matrix);
	plan = matrix->plan;
	for (uint32_t i = 0; i < plan->row_count; i++) {
		struct row *row = &plan->rows[i];
		struct window w = query_window(q, matrix, row, now_ms);
		double v;

		w.parameter = parameter;
		read += w.count;
		if (w.count && f->range(&w, &v))
			vector_add(q, out, f->keeps_name ? row->labels :
				   labels_unnamed(&q->sets, row->labels),
				   v, now_ms);
	}
	return query_work(q, plan->row_count + read);
}

/* -- each value ---------------------------------------------------------- */

static void replace(struct query *q, struct element *el, double v,
		    int64_t now_ms)
{
	el->v = v;
	el->labels = labels_unnamed(&q->sets, el->labels);
	el->t_ms = now_ms;
}

static bool call_map(struct query *q, const struct expr *e, int64_t now_ms,
		     struct vector *out)
{
	double p = e->function->fallback;

	if (!query_vector(q, e->args[0], now_ms, out))
		return false;
	if (e->arg_count > 1 && !query_scalar(q, e->args[1], now_ms, &p))
		return false;
	for (uint32_t i = 0; i < out->count; i++)
		replace(q, &out->at[i], e->function->map(out->at[i].v, p),
			now_ms);
	return query_work(q, out->count);
}

static bool call_clamp(struct query *q, const struct expr *e, int64_t now_ms,
		       struct vector *out)
{
	const struct promql_function *low, *high;
	double min, max;

	if (!query_vector(q, e->args[0], now_ms, out) ||
	    !query_scalar(q, e->args[1], now_ms, &min) ||
	    !query_scalar(q, e->args[2], now_ms, &max))
		return false;
	if (max < min) {
		out->count = 0;
		return true;
	}
	low = promql_function("clamp_min", strlen("clamp_min"));
	high = promql_function("clamp_max", strlen("clamp_max"));
	for (uint32_t i = 0; i < out->count; i++)
		replace(q, &out->at[i],
			low->map(high->map(out->at[i].v, max), min), now_ms);
	return true;
}

/* Without an argument: of the evaluation time. */
static bool call_date(struct query *q, const struct expr *e, int64_t now_ms,
		      struct vector *out)
{
	if (e->arg_count)
		return call_map(q, e, now_ms, out);
	vector_add(q, out, q->sets.empty,
		   e->function->map((double)now_ms / 1000, 0), now_ms);
	return true;
}

static bool call_timestamp(struct query *q, const struct expr *e,
			   int64_t now_ms, struct vector *out)
{
	if (!query_vector(q, e->args[0], now_ms, out))
		return false;
	for (uint32_t i = 0; i < out->count; i++)
		replace(q, &out->at[i], (double)out->at[i].t_ms / 1000, now_ms);
	return true;
}

/* -- order --------------------------------------------------------------- */

static bool ascending(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->v < y->v || (number_is_nan(y->v) && !number_is_nan(x->v));
}

static bool descending(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->v > y->v || (number_is_nan(y->v) && !number_is_nan(x->v));
}

static bool call_sort(struct query *q, const struct expr *e, int64_t now_ms,
		      struct vector *out)
{
	if (!query_vector(q, e->args[0], now_ms, out))
		return false;
	promql_sort(out->at, out->count, sizeof(*out->at),
		    e->function->kind == FUNCTION_SORT ? ascending :
							 descending);
	return true;
}

/* -- nothing there ------------------------------------------------------- */

/* What can be known of the labels of a series that is missing: a label that
 * one equality and nothing else speaks of. */
static struct label_set *absent_labels(struct query *q, const struct expr *e)
{
	struct label_builder b;

	if (e->kind == EXPR_RANGE)
		e = e->left;
	if (e->kind != EXPR_SELECTOR)
		return q->sets.empty;
	builder_init(&b, &q->sets, q->sets.empty);
	for (uint32_t i = 0; i < e->matcher_count; i++) {
		const struct matcher *m = &e->matchers[i];
		bool again = false;

		for (uint32_t k = 0; k < i; k++)
			again |= !strcmp(e->matchers[k].name, m->name) &&
				 e->matchers[k].type == MATCH_EQUAL;
		if (strcmp(m->name, "__name__") != 0)
			builder_set(&b, m->name, m->type == MATCH_EQUAL &&
						 !again ? m->value : "");
	}
	return builder_done(&b);
}

static bool call_absent(struct query *q, const struct expr *e, int64_t now_ms,
			struct vector *out)
{
	struct vector v;

	if (!query_vector(q, e->args[0], now_ms, &v))
		return false;
	if (!v.count)
		vector_add(q, out, absent_labels(q, expr_bare(e->args[0])), 1,
			   now_ms);
	return true;
}

static bool call_absent_over_time(struct query *q, const struct expr *e,
				  int64_t now_ms, struct vector *out)
{
	const struct expr *matrix = expr_bare(e->args[0]);
	const struct plan *plan = matrix->plan;

	for (uint32_t i = 0; i < plan->row_count; i++)
		if (query_window(q, matrix, &plan->rows[i], now_ms).count)
			return true;
	vector_add(q, out, absent_labels(q, matrix), 1, now_ms);
	return true;
}

/* -- histograms ---------------------------------------------------------- */

/* A bound as Go's ParseFloat takes it, near enough: a whole number text. */
static bool parse_bound(const char *s, double *v)
{
	char *end;

	if (!*s || *s == ' ')
		return false;
	*v = strtod(s, &end);
	return !*end;
}

static struct label_set *without_bound(struct query *q, const struct expr *e,
				       struct label_set *labels)
{
	struct plan *plan = e->plan;
	void **known = memo_at(&plan->left, q->pool, labels, NULL);

	if (!*known) {
		struct label_builder b;

		builder_init(&b, &q->sets, labels);
		builder_set(&b, "le", "");
		builder_set(&b, "__name__", "");
		*known = builder_done(&b);
	}
	return *known;
}

struct histogram_of {
	struct label_set *labels;
	struct bucket *buckets;
	uint32_t count, cap;
};

static bool call_histogram_quantile(struct query *q, const struct expr *e,
				    int64_t now_ms, struct vector *out)
{
	struct histogram_of *all;
	uint64_t stamp;
	uint32_t count = 0;
	struct vector v;
	double phi;

	if (!query_scalar(q, e->args[0], now_ms, &phi) ||
	    !query_vector(q, e->args[1], now_ms, &v))
		return false;
	stamp = ++q->sets.stamps;
	all = pool_array(&q->scratch, struct histogram_of, v.count);
	for (uint32_t i = 0; i < v.count; i++) {
		struct label_set *l = without_bound(q, e, v.at[i].labels);
		struct bucket b = { .count = v.at[i].v };
		struct histogram_of *h;

		if (!parse_bound(labels_get(v.at[i].labels, "le"), &b.upper))
			continue;
		if (l->stamp[0] != stamp) {
			l->stamp[0] = stamp;
			l->place[0] = count;
			all[count++].labels = l;
		}
		h = &all[l->place[0]];
		if (h->count == h->cap) {
			uint32_t cap = h->cap ? 2 * h->cap : 16;

			h->buckets = pool_grow(&q->scratch, h->buckets,
					       h->count * sizeof(b),
					       cap * sizeof(b));
			h->cap = cap;
		}
		h->buckets[h->count++] = b;
	}
	for (uint32_t i = 0; i < count; i++)
		vector_add(q, out, all[i].labels,
			   promql_bucket_quantile(phi, all[i].buckets,
						  all[i].count), now_ms);
	return query_work(q, v.count);
}

/* -- labels -------------------------------------------------------------- */

/* A value can be put together from itself, call around call: 2^n bytes. */
#define VALUE_MAX	((size_t)64 << 10)

/* $1, ${1}, ${name}, $$ in the replacement; an unknown group is nothing. */
static void expand(struct text *t, const char *s, const struct regex *re,
		   const char *source, const int *from, const int *to)
{
	while (*s && t->len <= VALUE_MAX) {
		const char *name, *rest;
		size_t len = 0;
		bool braces;
		int group = -1;

		if (*s != '$') {
			text_char(t, *s++);
			continue;
		}
		if (s[1] == '$') {
			text_char(t, '$');
			s += 2;
			continue;
		}
		braces = s[1] == '{';
		name = s + 1 + braces;
		while (name[len] == '_' || (name[len] >= '0' && name[len] <= '9') ||
		       ((name[len] | 0x20) >= 'a' && (name[len] | 0x20) <= 'z'))
			len++;
		rest = name + len + braces;
		if (!len || (braces && name[len] != '}')) {
			text_char(t, *s++);	/* no such thing: as it is */
			continue;
		}
		if (strspn(name, "0123456789") >= len && len <= 4) {
			group = 0;
			for (size_t i = 0; i < len; i++)
				group = group * 10 + (name[i] - '0');
		} else
			group = regex_group_named(re, name, len);
		if (group >= 0 && group < REGEX_GROUPS_MAX && from[group] >= 0)
			text_bytes(t, source + from[group],
				   (size_t)(to[group] - from[group]));
		s = rest;
	}
}

/* The labels with the one that label_replace or label_join writes. */
static struct label_set *with_value(struct query *q, const struct expr *e,
				    const struct label_set *labels,
				    struct text *value)
{
	struct label_builder b;

	if (value->len > VALUE_MAX)
		query_fail(q, PROMQL_EXECUTION, "a label value of %s() is too "
			   "long for this version (more than %zu bytes)",
			   e->function->name, VALUE_MAX);
	builder_init(&b, &q->sets, labels);
	builder_set(&b, string_arg(e, 1),
		    pool_bytes(q->pool, text_cstr(value), value->len));
	text_free(value);
	return builder_done(&b);
}

static struct label_set *replaced(struct query *q, const struct expr *e,
				  struct label_set *labels)
{
	const struct plan *plan = e->plan;
	const char *source = labels_get(labels, string_arg(e, 3));
	int from[REGEX_GROUPS_MAX], to[REGEX_GROUPS_MAX];
	struct text t = {0};

	if (!regex_groups(plan->regex, source, from, to))
		return labels;
	expand(&t, string_arg(e, 2), plan->regex, source, from, to);
	return with_value(q, e, labels, &t);
}

static struct label_set *label_joined(struct query *q, const struct expr *e,
				      struct label_set *labels)
{
	struct text t = {0};

	for (uint32_t i = 3; i < e->arg_count && t.len <= VALUE_MAX; i++) {
		if (i > 3)
			text_add(&t, string_arg(e, 2));
		text_add(&t, labels_get(labels, string_arg(e, i)));
	}
	return with_value(q, e, labels, &t);
}

static bool check_label_args(struct query *q, const struct expr *e)
{
	struct plan *plan = e->plan;
	bool replaces = e->function->kind == FUNCTION_LABEL_REPLACE;

	if (replaces && !plan->regex) {
		plan->regex = regex_compile(q->pool, string_arg(e, 4), NULL);
		if (!plan->regex)
			return query_fail(q, PROMQL_EXECUTION, "invalid "
					  "regular expression in "
					  "label_replace(): %s",
					  string_arg(e, 4));
	}
	for (uint32_t i = 3; !replaces && i < e->arg_count; i++)
		if (!is_label_name(string_arg(e, i)))
			return query_fail(q, PROMQL_EXECUTION, "invalid source "
					  "label name in label_join(): %s",
					  string_arg(e, i));
	if (!is_label_name(string_arg(e, 1)))
		return query_fail(q, PROMQL_EXECUTION, "invalid destination "
				  "label name in %s(): %s", e->function->name,
				  string_arg(e, 1));
	return true;
}

static bool call_labels(struct query *q, const struct expr *e, int64_t now_ms,
			struct vector *out)
{
	struct plan *plan = e->plan;

	if (!check_label_args(q, e) ||
	    !query_vector(q, e->args[0], now_ms, out))
		return false;
	for (uint32_t i = 0; i < out->count; i++) {
		struct label_set *labels = out->at[i].labels;
		void **known = memo_at(&plan->result, q->pool, labels, NULL);

		if (!*known)
			*known = e->function->kind == FUNCTION_LABEL_REPLACE ?
				 replaced(q, e, labels) :
				 label_joined(q, e, labels);
		if (q->out->status != PROMQL_OK)
			return false;
		out->at[i].labels = *known;
	}
	return query_work(q, out->count);
}

/* -- all of them --------------------------------------------------------- */

static bool call_vector(struct query *q, const struct expr *e, int64_t now_ms,
			struct vector *out)
{
	double v;

	if (!query_scalar(q, e->args[0], now_ms, &v))
		return false;
	vector_add(q, out, q->sets.empty, v, now_ms);
	return true;
}

static bool call_scalar(struct query *q, const struct expr *e, int64_t now_ms,
			double *out)
{
	struct vector v;

	if (!query_vector(q, e->args[0], now_ms, &v))
		return false;
	*out = v.count == 1 ? v.at[0].v : number_nan();
	return true;
}

static bool call(struct query *q, const struct expr *e, int64_t now_ms,
		 struct value *out)
{
	struct vector *v = &out->vector;

	switch (e->function->kind) {
	case FUNCTION_RANGE:
		return call_range(q, e, now_ms, v);
	case FUNCTION_MAP:
		return call_map(q, e, now_ms, v);
	case FUNCTION_CLAMP:
		return call_clamp(q, e, now_ms, v);
	case FUNCTION_TIME:
		out->scalar = (double)now_ms / 1000;
		return true;
	case FUNCTION_DATE:
		return call_date(q, e, now_ms, v);
	case FUNCTION_VECTOR:
		return call_vector(q, e, now_ms, v);
	case FUNCTION_SCALAR:
		return call_scalar(q, e, now_ms, &out->scalar);
	case FUNCTION_SORT: case FUNCTION_SORT_DESC:
		return call_sort(q, e, now_ms, v);
	case FUNCTION_TIMESTAMP:
		return call_timestamp(q, e, now_ms, v);
	case FUNCTION_ABSENT:
		return call_absent(q, e, now_ms, v);
	case FUNCTION_ABSENT_OVER_TIME:
		return call_absent_over_time(q, e, now_ms, v);
	case FUNCTION_HISTOGRAM_QUANTILE:
		return call_histogram_quantile(q, e, now_ms, v);
	default:
		return call_labels(q, e, now_ms, v);
	}
}

bool query_call(struct query *q, const struct expr *e, int64_t now_ms,
		struct value *out)
{
	return call(q, e, now_ms, out) && vector_check(q, &out->vector);
}
