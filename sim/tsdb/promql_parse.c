/* promql_parse.c - what a PromQL query says: a tree, checked for types
 *
 * Recursive descent with one token of look-ahead; operators by precedence
 * climbing.  Then one walk over the finished tree checks types, as Prometheus
 * does (promql_check.c), so that a wrong letter is told before a wrong type.
 */
#include "sim/tsdb/promql_parse_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tsdb/number.h"

#define DEPTH_MAX	300	/* of the tree; Prometheus has no limit */

/* -- errors ------------------------------------------------------------- */

void *parser_fail(struct parser *p, uint32_t at, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	if (p->failed)
		return NULL;
	p->failed = true;
	promql_place(p->lexer.text, at, &t);
	text_add(&t, ": parse error: ");
	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	p->error = pool_bytes(p->pool, text_cstr(&t), t.len);
	text_free(&t);
	return NULL;
}

/* The token looked at does not belong here. */
void *parser_unexpected(struct parser *p, const char *context,
			const char *expected)
{
	struct text t = {0};

	if (!*context && p->aggregations)
		context = "aggregation";
	token_describe(&p->lexer, p->token, &t);
	parser_fail(p, p->token.at, "unexpected %s%s%s%s%s", text_cstr(&t),
		    *context ? " in " : "", context,
		    *expected ? ", expected " : "", expected);
	text_free(&t);
	return NULL;
}

/* -- tokens ------------------------------------------------------------- */

void parser_advance(struct parser *p)
{
	p->token = lexer_next(&p->lexer);
	if (p->token.kind == TOKEN_ERROR)
		parser_fail(p, p->token.at, "%s", p->lexer.error.what);
}

const char *parser_text(const struct parser *p, struct token t)
{
	return p->lexer.text + t.at;
}

const char *parser_copy(struct parser *p, struct token t)
{
	return pool_bytes(p->pool, parser_text(p, t), t.end - t.at);
}

const char *parser_string(struct parser *p)
{
	const char *s = token_string(&p->lexer, p->token, p->pool);

	if (!s)
		return parser_fail(p, p->token.at, "a NUL byte in a string is "
				   "not supported in this version");
	return s;
}

/* -- the tree ----------------------------------------------------------- */

struct expr *expr_new(struct parser *p, enum expr_kind kind,
		      enum promql_type type, uint32_t begin)
{
	struct expr *e = pool_new(p->pool, struct expr);

	e->kind = kind;
	e->type = type;
	e->at = begin;
	e->end = p->token.at;
	e->depth = 1;
	return e;
}

/* The tree grows by `below`; a query of thousands of terms is refused. */
struct expr *expr_carries(struct parser *p, struct expr *e,
			  const struct expr *below)
{
	if (!e || !below)
		return NULL;
	if (below->depth >= e->depth)
		e->depth = below->depth + 1;
	if (e->depth > DEPTH_MAX)
		return parser_fail(p, e->at, "expression nests too deeply for "
				   "this version (more than %d levels)",
				   DEPTH_MAX);
	return e;
}

/* -- operands ----------------------------------------------------------- */

enum {
	STRENGTH_OR = 1, STRENGTH_AND, STRENGTH_COMPARE, STRENGTH_ADD,
	STRENGTH_MUL, STRENGTH_POW,
};

static struct expr *parse_paren(struct parser *p)
{
	struct expr *e = expr_new(p, EXPR_PAREN, PROMQL_SCALAR, p->token.at);

	parser_advance(p);
	e->left = parser_expr(p, 0);
	if (!expr_carries(p, e, e->left))
		return NULL;
	if (!at(p, TOKEN_RIGHT_PAREN))
		return parser_unexpected(p, "", "");
	parser_advance(p);
	e->end = p->token.at;
	e->type = e->left->type;
	return e;
}

/* Whole numbers as Go reads them (0x10, 010), then anything with a point. */
bool parser_number(struct parser *p, double *v)
{
	const char *s = parser_copy(p, p->token);
	char *end;
	long long whole;

	if ((s[0] | 0x20) == 'i')
		*v = number_inf();
	else if ((s[0] | 0x20) == 'n')
		*v = number_nan();
	else {
		errno = 0;
		whole = strtoll(s, &end, 0);
		if (!errno && end > s && !*end) {
			*v = (double)whole;
			return true;
		}
		*v = strtod(s, &end);
		if (*end || end == s || (s[0] == '0' && (s[1] | 0x20) == 'x'))
			return parser_fail(p, p->token.at, "error parsing "
					   "number: strconv.ParseFloat: "
					   "parsing \"%s\": invalid syntax", s);
		if (number_is_inf(*v))
			return parser_fail(p, p->token.at, "error parsing "
					   "number: strconv.ParseFloat: "
					   "parsing \"%s\": value out of range",
					   s);
	}
	return true;
}

static struct expr *parse_literal(struct parser *p)
{
	struct token t = p->token;
	struct expr *e;

	if (t.kind == TOKEN_NUMBER) {
		e = expr_new(p, EXPR_NUMBER, PROMQL_SCALAR, t.at);
		if (!parser_number(p, &e->number))
			return NULL;
	} else {
		e = expr_new(p, EXPR_STRING, PROMQL_STRING, t.at);
		e->string = parser_string(p);
	}
	parser_advance(p);
	e->end = t.end;
	return p->failed ? NULL : e;
}

static struct expr *parse_name(struct parser *p)
{
	struct token word = p->token;

	parser_advance(p);
	if (p->failed)
		return NULL;
	if (word.kind == TOKEN_IDENTIFIER && at(p, TOKEN_LEFT_PAREN))
		return parser_call(p, word);
	if (token_is_aggregation(word.kind) &&
	    (at(p, TOKEN_LEFT_PAREN) || parser_at_grouping(p)))
		return parser_aggregation(p, word);
	return parser_selector(p, parser_copy(p, word), word.at);
}

static struct expr *parse_primary(struct parser *p)
{
	switch (p->token.kind) {
	case TOKEN_NUMBER: case TOKEN_STRING:
		return parse_literal(p);
	case TOKEN_LEFT_PAREN:
		return parse_paren(p);
	case TOKEN_LEFT_BRACE:
		return parser_selector(p, NULL, p->token.at);
	case TOKEN_IDENTIFIER: case TOKEN_METRIC_IDENTIFIER:
	case TOKEN_AND: case TOKEN_OR: case TOKEN_UNLESS: case TOKEN_OFFSET:
	case TOKEN_BY: case TOKEN_WITHOUT: case TOKEN_START:
	case TOKEN_END_WORD:
		return parse_name(p);
	default:
		if (token_is_aggregation(p->token.kind))
			return parse_name(p);
		return parser_unexpected(p, "", "");
	}
}

static struct expr *parse_sign(struct parser *p)
{
	struct token sign = p->token;
	struct expr *e, *left;

	parser_advance(p);
	left = parser_expr(p, STRENGTH_POW);
	if (!left)
		return NULL;
	if (left->kind == EXPR_NUMBER) {
		if (sign.kind == TOKEN_SUB)
			left->number = -left->number;
		left->at = sign.at;
		return left;
	}
	e = expr_new(p, EXPR_UNARY, left->type, sign.at);
	e->op = sign.kind;
	e->left = left;
	return expr_carries(p, e, left);
}

static struct expr *parse_operand(struct parser *p)
{
	struct expr *e;

	if (at(p, TOKEN_ADD) || at(p, TOKEN_SUB))
		return parse_sign(p);
	e = parse_primary(p);
	while (e && !p->failed) {
		if (at(p, TOKEN_LEFT_BRACKET))
			e = parser_bracket(p, e);
		else if (at(p, TOKEN_OFFSET))
			e = parser_offset(p, e);
		else if (at(p, TOKEN_AT))
			e = parser_at(p, e);
		else
			return e;
	}
	return NULL;
}

/* -- operators ---------------------------------------------------------- */

static int strength_of(enum token_kind op)
{
	switch (op) {
	case TOKEN_OR:
		return STRENGTH_OR;
	case TOKEN_AND: case TOKEN_UNLESS:
		return STRENGTH_AND;
	case TOKEN_ADD: case TOKEN_SUB:
		return STRENGTH_ADD;
	case TOKEN_MUL: case TOKEN_DIV: case TOKEN_MOD: case TOKEN_ATAN2:
		return STRENGTH_MUL;
	case TOKEN_POW:
		return STRENGTH_POW;
	default:
		return token_is_comparison(op) ? STRENGTH_COMPARE : 0;
	}
}

/* bool, on/ignoring, group_left/group_right behind an operator. */
static bool parse_modifiers(struct parser *p, struct expr *e)
{
	if (at(p, TOKEN_BOOL)) {
		e->returns_bool = true;
		parser_advance(p);
	}
	if (!at(p, TOKEN_ON) && !at(p, TOKEN_IGNORING))
		return !p->failed;
	e->matching = true;
	e->on = at(p, TOKEN_ON);
	parser_advance(p);
	if (!parser_labels(p, &e->labels))
		return false;
	if (!at(p, TOKEN_GROUP_LEFT) && !at(p, TOKEN_GROUP_RIGHT))
		return true;
	e->card = at(p, TOKEN_GROUP_LEFT) ? MANY_TO_ONE : ONE_TO_MANY;
	parser_advance(p);
	return !at(p, TOKEN_LEFT_PAREN) || parser_labels(p, &e->include);
}

/* Operators at least as strong as `strength`. */
struct expr *parser_expr(struct parser *p, int strength)
{
	struct expr *left, *e;

	if (++p->depth > DEPTH_MAX)
		return parser_fail(p, p->token.at, "expression nests too "
				   "deeply for this version (more than %d "
				   "levels)", DEPTH_MAX);
	left = parse_operand(p);
	while (left && !p->failed) {
		int s = strength_of(p->token.kind);

		if (!s || s < strength)
			break;
		if (at(p, TOKEN_ATAN2)) {
			left = parser_fail(p, p->token.at, "operator \"atan2\" "
					   "is not supported in this version");
			break;
		}
		e = expr_new(p, EXPR_BINARY, PROMQL_SCALAR, left->at);
		e->op = p->token.kind;
		e->op_at = p->token.at;
		parser_advance(p);
		e->left = left;
		left = NULL;
		if (!parse_modifiers(p, e))
			break;
		e->right = parser_expr(p, s + (s != STRENGTH_POW));
		if (!expr_carries(p, e, e->left) ||
		    !expr_carries(p, e, e->right))
			break;
		if (e->left->type != PROMQL_SCALAR ||
		    e->right->type != PROMQL_SCALAR)
			e->type = PROMQL_VECTOR;
		e->end = p->token.at;
		left = e;
	}
	p->depth--;
	return p->failed ? NULL : left;
}

/* -- whole queries ------------------------------------------------------ */

static void parser_init(struct parser *p, struct pool *pool, const char *query)
{
	*p = (struct parser){ .pool = pool };
	lexer_init(&p->lexer, query, (uint32_t)strlen(query));
	parser_advance(p);
}

static struct expr *parse_query(struct parser *p)
{
	struct expr *e;

	if (p->failed)
		return NULL;
	if (at(p, TOKEN_END))
		return parser_fail(p, 0, "no expression found in input");
	e = parser_expr(p, 0);
	if (!e)
		return NULL;
	if (!at(p, TOKEN_END))
		return parser_unexpected(p, "", "");
	parser_check(p, e);
	return e;
}

struct expr *promql_parse(struct pool *pool, const char *query,
			  const char **error)
{
	struct parser p;
	struct expr *e;

	parser_init(&p, pool, query);
	e = parse_query(&p);
	*error = p.error;
	return p.failed ? NULL : e;
}

static struct expr *parse_series(struct parser *p)
{
	struct token word = p->token;
	struct expr *e;

	if (p->failed)
		return NULL;
	if (at(p, TOKEN_LEFT_BRACE))
		e = parser_selector(p, NULL, 0);
	else if (token_is_label(&word) ||
		 word.kind == TOKEN_METRIC_IDENTIFIER) {
		parser_advance(p);
		e = parser_selector(p, parser_copy(p, word), word.at);
	} else
		return parser_unexpected(p, "", "");
	return !e || at(p, TOKEN_END) ? e : parser_unexpected(p, "", "");
}

struct expr *promql_parse_selector(struct pool *pool, const char *query,
				   const char **error)
{
	struct parser p;
	struct expr *e;

	parser_init(&p, pool, query);
	e = parse_series(&p);
	*error = p.error;
	return p.failed ? NULL : e;
}
