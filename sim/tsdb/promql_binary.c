/* promql_binary.c - operators between two sides
 *
 * Two vectors meet element by element where their labels agree: on all labels
 * but the name, on those of on(...), or on all but those of ignoring(...).
 * That part of the labels is the element's signature here.  On the "one" side
 * a signature may occur once; group_left lets many on the left meet it.
 */
#include <assert.h>
#include <string.h>

#include "sim/tsdb/promql_query.h"

/* The result; *keep says whether a comparison lets the left value through. */
static bool calculate(struct query *q, enum token_kind op, double a, double b,
		      double *out, bool *keep)
{
	*keep = true;
	*out = a;
	switch (op) {
	case TOKEN_ADD:
		*out = a + b;
		break;
	case TOKEN_SUB:
		*out = a - b;
		break;
	case TOKEN_MUL:
		*out = a * b;
		break;
	case TOKEN_DIV:
		*out = a / b;
		break;
	case TOKEN_MOD:
		*out = number_mod(a, b);
		break;
	case TOKEN_POW:
		if (!number_pow(a, b, out)) {
			struct text t = {0};

			number_plain(&t, b);
			query_fail(q, PROMQL_EXECUTION, "exponent %s is not "
				   "supported in this version: only whole "
				   "numbers, 0.5 and -0.5", text_cstr(&t));
			text_free(&t);
			return false;
		}
		break;
	case TOKEN_EQLC:
		*keep = a == b;
		break;
	case TOKEN_NEQ:
		*keep = a != b;
		break;
	case TOKEN_GTR:
		*keep = a > b;
		break;
	case TOKEN_LSS:
		*keep = a < b;
		break;
	case TOKEN_GTE:
		*keep = a >= b;
		break;
	default:
		*keep = a <= b;
	}
	return true;
}

static bool drops_name(const struct expr *e)
{
	return !token_is_comparison(e->op) || e->returns_bool;
}

/* -- a scalar on one side ------------------------------------------------ */

static bool scalars(struct query *q, const struct expr *e, double a, double b,
		    double *out)
{
	bool keep;

	if (!calculate(q, e->op, a, b, out, &keep))
		return false;
	if (token_is_comparison(e->op))
		*out = keep;
	return true;
}

static bool with_scalar(struct query *q, const struct expr *e,
			struct vector *v, double s, bool scalar_left,
			int64_t now_ms)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < v->count; i++) {
		struct element el = v->at[i];
		double a = scalar_left ? s : el.v, b = scalar_left ? el.v : s;
		double value;
		bool keep;

		if (!calculate(q, e->op, a, b, &value, &keep))
			return false;
		if (e->returns_bool)
			value = keep;
		else if (token_is_comparison(e->op)) {
			if (!keep)
				continue;
			value = el.v;	/* the vector's, on whichever side */
		}
		if (drops_name(e))
			el.labels = labels_unnamed(&q->sets, el.labels);
		v->at[kept++] = (struct element){ el.labels, value, now_ms };
	}
	v->count = kept;
	return vector_check(q, v);
}

/* -- two vectors --------------------------------------------------------- */

static struct label_set *joined_labels(struct query *q, const struct expr *e,
				       struct label_set *many,
				       struct label_set *one)
{
	struct plan *plan = e->plan;
	void **known = memo_at(&plan->result, q->pool, many,
			       e->include.count ? one : NULL);
	struct label_builder b;

	if (*known)
		return *known;
	builder_init(&b, &q->sets, many);
	if (drops_name(e))
		builder_set(&b, "__name__", "");
	if (e->card == ONE_TO_ONE) {
		if (e->on)
			builder_keep(&b, &e->labels);
		else
			builder_drop(&b, &e->labels);
	}
	for (uint32_t i = 0; i < e->include.count; i++)
		builder_set(&b, e->include.at[i],
			    labels_get(one, e->include.at[i]));
	*known = builder_done(&b);
	return *known;
}

static bool fail_duplicate(struct query *q, const struct expr *e,
			   const struct label_set *group,
			   const struct label_set *first,
			   const struct label_set *second)
{
	struct text t = {0};

	text_add(&t, "found duplicate series for the match group ");
	labels_text(group, &t);
	text_addf(&t, " on the %s hand-side of the operation: [",
		  e->card == ONE_TO_MANY ? "left" : "right");
	labels_text(second, &t);
	text_add(&t, ", ");
	labels_text(first, &t);
	text_add(&t, "];many-to-many matching not allowed: matching labels "
		     "must be unique on one side");
	query_fail(q, PROMQL_EXECUTION, "%s", text_cstr(&t));
	text_free(&t);
	return false;
}

/* The signatures of the one side, each with the place of its element. */
static bool mark_ones(struct query *q, const struct expr *e,
		      const struct vector *one, uint64_t stamp)
{
	for (uint32_t i = 0; i < one->count; i++) {
		struct label_set *s = query_grouping(q, e, one->at[i].labels);

		if (s->stamp[0] == stamp)
			return fail_duplicate(q, e, s,
					      one->at[s->place[0]].labels,
					      one->at[i].labels);
		s->stamp[0] = stamp;
		s->place[0] = i;
	}
	return true;
}

static bool join(struct query *q, const struct expr *e, struct vector *left,
		 struct vector *right, int64_t now_ms, struct vector *out)
{
	bool swapped = e->card == ONE_TO_MANY;
	const struct vector *many = swapped ? right : left;
	const struct vector *one = swapped ? left : right;
	uint64_t stamp = ++q->sets.stamps;
	bool *met;

	if (!left->count || !right->count)
		return true;
	if (!mark_ones(q, e, one, stamp))
		return false;
	met = pool_array(&q->scratch, bool, one->count);
	for (uint32_t i = 0; i < many->count; i++) {
		struct label_set *s = query_grouping(q, e, many->at[i].labels);
		const struct element *m = &many->at[i], *o;
		double value;
		bool keep;

		if (s->stamp[0] != stamp)
			continue;
		o = &one->at[s->place[0]];
		if (!calculate(q, e->op, swapped ? o->v : m->v,
			       swapped ? m->v : o->v, &value, &keep))
			return false;
		if (e->returns_bool)
			value = keep;
		else if (!keep)
			continue;
		if (e->card == ONE_TO_ONE && met[s->place[0]])
			return query_fail(q, PROMQL_EXECUTION, "multiple "
					  "matches for labels: many-to-one "
					  "matching must be explicit "
					  "(group_left/group_right)");
		met[s->place[0]] = true;
		vector_add(q, out, joined_labels(q, e, m->labels, o->labels),
			   value, now_ms);
	}
	if (e->card == ONE_TO_ONE)
		return vector_check(q, out);
	/* many: two of them must not become one */
	stamp = ++q->sets.stamps;
	for (uint32_t i = 0; i < out->count; i++) {
		if (out->at[i].labels->stamp[1] == stamp)
			return query_fail(q, PROMQL_EXECUTION, "multiple "
					  "matches for labels: grouping labels "
					  "must ensure unique matches");
		out->at[i].labels->stamp[1] = stamp;
	}
	return true;
}

/* and, or, unless: whole elements, values do not matter. */
static void set_operation(struct query *q, const struct expr *e,
			  const struct vector *left, const struct vector *right,
			  struct vector *out)
{
	const struct vector *other = e->op == TOKEN_OR ? left : right;
	uint64_t stamp = ++q->sets.stamps;

	for (uint32_t i = 0; i < other->count; i++)
		query_grouping(q, e, other->at[i].labels)->stamp[0] = stamp;
	if (e->op == TOKEN_OR) {
		for (uint32_t i = 0; i < left->count; i++)
			vector_add(q, out, left->at[i].labels, left->at[i].v,
				   left->at[i].t_ms);
		left = right;
	}
	for (uint32_t i = 0; i < left->count; i++) {
		struct label_set *s = query_grouping(q, e, left->at[i].labels);

		if ((s->stamp[0] == stamp) == (e->op == TOKEN_AND))
			vector_add(q, out, left->at[i].labels, left->at[i].v,
				   left->at[i].t_ms);
	}
}

bool query_binary(struct query *q, const struct expr *e, int64_t now_ms,
		  struct value *out)
{
	struct value a, b;

	if (!query_eval(q, e->left, now_ms, &a) ||
	    !query_eval(q, e->right, now_ms, &b) ||
	    !query_work(q, (uint64_t)a.vector.count + b.vector.count))
		return false;
	if (e->type == PROMQL_SCALAR)
		return scalars(q, e, a.scalar, b.scalar, &out->scalar);
	if (a.type == PROMQL_SCALAR || b.type == PROMQL_SCALAR) {
		bool left = a.type == PROMQL_SCALAR;

		out->vector = left ? b.vector : a.vector;
		return with_scalar(q, e, &out->vector,
				   left ? a.scalar : b.scalar, left, now_ms);
	}
	if (token_is_set_operator(e->op)) {
		set_operation(q, e, &a.vector, &b.vector, &out->vector);
		return vector_check(q, &out->vector);
	}
	return join(q, e, &a.vector, &b.vector, now_ms, &out->vector);
}
