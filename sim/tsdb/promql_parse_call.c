/* promql_parse_call.c - functions, aggregations, and lists of labels
 *
 * rate(x[5m]) and sum by (job) (x) look alike and are not: a function takes
 * what it is given, an aggregation also says which labels stay.
 */
#include "sim/tsdb/promql_parse_inside.h"

#include <string.h>

static void list_add(struct parser *p, struct name_list *l, const char *name)
{
	/* room doubles at 4, 8, 16 ... */
	if (l->count == 0 || (l->count >= 4 && !(l->count & (l->count - 1))))
		l->at = (const char **)pool_grow(
			p->pool, l->at, l->count * sizeof(*l->at),
			(l->count ? 2 * l->count : 4) * sizeof(*l->at));
	l->at[l->count++] = name;
}

/* (a, b): of by, without, on, ignoring, group_left, group_right. */
bool parser_labels(struct parser *p, struct name_list *labels)
{
	if (!at(p, TOKEN_LEFT_PAREN))
		return parser_unexpected(p, "grouping opts", "\"(\"");
	parser_advance(p);
	while (!at(p, TOKEN_RIGHT_PAREN)) {
		if (!token_is_label(&p->token))
			return parser_unexpected(p, "grouping opts", "label");
		list_add(p, labels, parser_copy(p, p->token));
		parser_advance(p);
		if (at(p, TOKEN_COMMA))
			parser_advance(p);
		else if (!at(p, TOKEN_RIGHT_PAREN))
			return parser_unexpected(p, "grouping opts", "\",\" or "
						 "\")\"");
	}
	parser_advance(p);
	return !p->failed;
}

/* -- calls -------------------------------------------------------------- */

/* (a, b) of a call or an aggregation. */
static bool parse_args(struct parser *p, struct expr *e)
{
	parser_advance(p);
	while (!at(p, TOKEN_RIGHT_PAREN)) {
		struct expr *arg = parser_expr(p, 0);
		uint32_t comma = p->token.at;

		if (!expr_carries(p, e, arg))
			return false;
		e->args = (struct expr **)pool_grow(
			p->pool, e->args, e->arg_count * sizeof(*e->args),
			(e->arg_count + 1u) * sizeof(*e->args));
		e->args[e->arg_count++] = arg;
		if (at(p, TOKEN_COMMA)) {
			parser_advance(p);
			if (at(p, TOKEN_RIGHT_PAREN))
				return parser_fail(p, comma, "trailing commas "
						   "not allowed in function "
						   "call args");
		} else if (!at(p, TOKEN_RIGHT_PAREN))
			return parser_unexpected(p, "", "");
	}
	parser_advance(p);
	return !p->failed;
}

struct expr *parser_call(struct parser *p, struct token name)
{
	struct expr *e = expr_new(p, EXPR_CALL, PROMQL_VECTOR, name.at);
	const char *word = parser_copy(p, name);

	if (!parse_args(p, e))
		return NULL;
	e->end = p->token.at;
	e->function = promql_function(word, strlen(word));
	if (!e->function)
		return parser_fail(p, name.at, "unknown function with name "
				   "\"%s\"", word);
	if (e->function->kind == FUNCTION_UNSUPPORTED) {
		struct text t = {0};

		promql_function_names(&t);
		parser_fail(p, name.at, "function \"%s\" is not supported in "
			    "this version, which has: %s", word, text_cstr(&t));
		text_free(&t);
		return NULL;
	}
	e->type = e->function->returns;
	return e;
}

/* -- aggregations ------------------------------------------------------- */

static bool takes_parameter(enum token_kind op)
{
	return op == TOKEN_TOPK || op == TOKEN_BOTTOMK ||
	       op == TOKEN_QUANTILE || op == TOKEN_COUNT_VALUES;
}

bool parser_at_grouping(const struct parser *p)
{
	return at(p, TOKEN_BY) || at(p, TOKEN_WITHOUT);
}

static bool parse_grouping(struct parser *p, struct expr *e)
{
	e->on = at(p, TOKEN_BY);
	parser_advance(p);
	return parser_labels(p, &e->labels);
}

/* sum by (a) (x), sum(x) by (a) or sum(x); the word has been read. */
struct expr *parser_aggregation(struct parser *p, struct token word)
{
	struct expr *e = expr_new(p, EXPR_AGGREGATE, PROMQL_VECTOR, word.at);
	bool grouped = parser_at_grouping(p);
	uint32_t wanted = takes_parameter(word.kind) ? 2 : 1;

	e->op = word.kind;
	e->on = true;			/* by (): everything into one */
	if (grouped && !parse_grouping(p, e))
		return NULL;
	if (!at(p, TOKEN_LEFT_PAREN))
		return parser_unexpected(p, "aggregation", "");
	p->aggregations++;
	if (!parse_args(p, e))
		return NULL;
	p->aggregations--;
	if (!grouped && parser_at_grouping(p) && !parse_grouping(p, e))
		return NULL;
	e->end = p->token.at;
	if (e->arg_count == 0)
		return parser_fail(p, e->at, "no arguments for aggregate "
				   "expression provided");
	if (e->arg_count != wanted)
		return parser_fail(p, e->at, "wrong number of arguments for "
				   "aggregate expression provided, expected "
				   "%u, got %u", wanted, e->arg_count);
	e->left = e->args[e->arg_count - 1];
	if (wanted == 2)
		e->right = e->args[0];
	return e;
}
