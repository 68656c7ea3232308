/* promql_check.c - the types of a query's tree
 *
 * One walk from the root: an operand first, then whoever uses it.  What a
 * function wants stands in its table (promql_functions.h); the first error
 * counts, and it is told in Prometheus's words.
 */
#include "sim/tsdb/promql_parse_inside.h"

#include <string.h>

const char *promql_type_text(enum promql_type type)
{
	static const char *const names[] = {
		[PROMQL_SCALAR] = "scalar", [PROMQL_VECTOR] = "instant vector",
		[PROMQL_MATRIX] = "range vector", [PROMQL_STRING] = "string",
	};

	return names[type];
}

const struct expr *expr_bare(const struct expr *e)
{
	while (e->kind == EXPR_PAREN)
		e = e->left;
	return e;
}

static void expect(struct parser *p, struct expr *e, enum promql_type type,
		   const char *context, const char *name)
{
	parser_check(p, e);
	if (e->type != type)
		parser_fail(p, e->at, "expected type %s in %s%s%s%s, got %s",
			    promql_type_text(type), context, *name ? " \"" : "",
			    name, *name ? "\"" : "", promql_type_text(e->type));
}

static bool is_number(enum promql_type type)
{
	return type == PROMQL_SCALAR || type == PROMQL_VECTOR;
}

/* -- operators ---------------------------------------------------------- */

static void check_matching(struct parser *p, struct expr *e)
{
	bool vectors = e->left->type == PROMQL_VECTOR &&
		       e->right->type == PROMQL_VECTOR;

	if (!vectors) {
		if (e->labels.count)
			parser_fail(p, e->at, "vector matching only allowed "
					  "between instant vectors");
		e->matching = false;
	} else if (token_is_set_operator(e->op)) {
		if (e->card == MANY_TO_ONE || e->card == ONE_TO_MANY)
			parser_fail(p, e->at, "no grouping allowed for \"%s\" "
					  "operation", token_word(e->op));
		e->card = MANY_TO_MANY;
	}
	if (token_is_set_operator(e->op) &&
	    (e->left->type == PROMQL_SCALAR || e->right->type == PROMQL_SCALAR))
		parser_fail(p, e->at, "set operator \"%s\" not allowed in "
			    "binary scalar expression", token_word(e->op));
}

static void check_binary(struct parser *p, struct expr *e)
{
	parser_check(p, e->left);
	parser_check(p, e->right);
	if (e->returns_bool && !token_is_comparison(e->op))
		parser_fail(p, e->op_at, "bool modifier can only be used on "
				     "comparison operators");
	if (token_is_comparison(e->op) && !e->returns_bool &&
	    e->left->type == PROMQL_SCALAR && e->right->type == PROMQL_SCALAR)
		parser_fail(p, e->op_at, "comparisons between scalars must use "
				     "BOOL modifier");
	for (uint32_t i = 0; e->on && i < e->labels.count; i++)
		for (uint32_t k = 0; k < e->include.count; k++)
			if (!strcmp(e->labels.at[i], e->include.at[k]))
				parser_fail(p, e->op_at, "label \"%s\" must "
					    "not occur in ON and GROUP clause "
					    "at once", e->labels.at[i]);
	if (!is_number(e->left->type))
		parser_fail(p, e->left->at, "binary expression must contain "
			    "only scalar and instant vector types");
	if (!is_number(e->right->type))
		parser_fail(p, e->right->at, "binary expression must contain "
			    "only scalar and instant vector types");
	check_matching(p, e);
}

/* -- calls, aggregations, selectors ------------------------------------- */

static void check_call(struct parser *p, struct expr *e)
{
	const struct promql_function *f = e->function;
	int got = (int)e->arg_count, least = f->arg_count - 1;

	if (f->variadic == 0 && got != f->arg_count)
		parser_fail(p, e->at, "expected %d argument(s) in call to "
			    "\"%s\", got %d", f->arg_count, f->name, got);
	else if (f->variadic && got < least)
		parser_fail(p, e->at, "expected at least %d argument(s) in "
			    "call to \"%s\", got %d", least, f->name, got);
	else if (f->variadic > 0 && got > least + f->variadic)
		parser_fail(p, e->at, "expected at most %d argument(s) in call "
			    "to \"%s\", got %d", least + f->variadic, f->name,
			    got);
	for (int i = 0; i < got && !p->failed; i++)
		expect(p, e->args[i], f->args[i < f->arg_count ? i :
					      f->arg_count - 1],
		       "call to function", f->name);
}

static void check_aggregate(struct parser *p, struct expr *e)
{
	expect(p, e->left, PROMQL_VECTOR, "aggregation expression", "");
	if (e->right)
		expect(p, e->right, e->op == TOKEN_COUNT_VALUES ?
				    PROMQL_STRING : PROMQL_SCALAR,
		       "aggregation parameter", "");
}

bool expr_selects(const struct expr *e)
{
	for (uint32_t i = 0; i < e->matcher_count; i++)
		if (!matcher_accepts(&e->matchers[i], ""))
			return true;
	return false;
}

static void check_selector(struct parser *p, struct expr *e)
{
	if (!e->string) {
		if (!expr_selects(e))
			parser_fail(p, e->at, "vector selector must contain at "
					  "least one non-empty matcher");
		return;
	}
	for (uint32_t i = 0; i + 1 < e->matcher_count; i++)
		if (!strcmp(e->matchers[i].name, "__name__")) {
			struct text t = {0};

			promql_quote(&t, e->matchers[i].value,
				     strlen(e->matchers[i].value));
			parser_fail(p, e->at, "metric name must not be set "
				    "twice: \"%s\" or %s", e->string,
				    text_cstr(&t));
			text_free(&t);
		}
}

void parser_check(struct parser *p, struct expr *e)
{
	switch (e->kind) {
	case EXPR_SELECTOR:
		check_selector(p, e);
		break;
	case EXPR_RANGE: case EXPR_PAREN:
		parser_check(p, e->left);
		break;
	case EXPR_SUBQUERY:
		parser_check(p, e->left);
		if (e->left->type != PROMQL_VECTOR)
			parser_fail(p, e->at, "subquery is only allowed on "
				    "instant vector, got %s instead",
				    promql_type_text(e->left->type));
		break;
	case EXPR_UNARY:
		parser_check(p, e->left);
		if (!is_number(e->left->type))
			parser_fail(p, e->at, "unary expression only allowed "
				    "on expressions of type scalar or instant "
				    "vector, got \"%s\"",
				    promql_type_text(e->left->type));
		break;
	case EXPR_BINARY:
		check_binary(p, e);
		break;
	case EXPR_AGGREGATE:
		check_aggregate(p, e);
		break;
	case EXPR_CALL:
		check_call(p, e);
		break;
	default:
		break;
	}
}
