/* promql_parse.c - what a PromQL query says: a tree, checked for types
 *
 * Recursive descent with one token of look-ahead; operators by precedence
 * climbing.  Then one walk over the finished tree checks types, as Prometheus
 * does, so that a wrong letter is told before a wrong type.
 */
#include "sim/tsdb/promql_parse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tsdb/number.h"

#define DEPTH_MAX	300	/* of the tree; Prometheus has no limit */

struct parser {
	struct lexer lexer;
	struct token token;		/* the one looked at */
	struct pool *pool;
	const char *error;		/* the first one, in the pool */
	uint32_t depth;
	uint32_t aggregations;		/* whose arguments we are in */
	bool failed;
};

/* -- errors -------------------------------------------------------------- */

/* The first one counts.  Always NULL. */
static void *fail_at(struct parser *p, uint32_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void *fail_at(struct parser *p, uint32_t at, const char *fmt, ...)
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
static void *unexpected(struct parser *p, const char *context,
			const char *expected)
{
	struct text t = {0};

	if (!*context && p->aggregations)
		context = "aggregation";
	token_describe(&p->lexer, p->token, &t);
	fail_at(p, p->token.at, "unexpected %s%s%s%s%s", text_cstr(&t),
		*context ? " in " : "", context,
		*expected ? ", expected " : "", expected);
	text_free(&t);
	return NULL;
}

/* -- tokens -------------------------------------------------------------- */

static void advance(struct parser *p)
{
	p->token = lexer_next(&p->lexer);
	if (p->token.kind == TOKEN_ERROR)
		fail_at(p, p->token.at, "%s", p->lexer.error.what);
}

static bool at(const struct parser *p, enum token_kind kind)
{
	return p->token.kind == kind;
}

static const char *token_text(const struct parser *p, struct token t)
{
	return p->lexer.text + t.at;
}

static const char *token_copy(struct parser *p, struct token t)
{
	return pool_bytes(p->pool, token_text(p, t), t.end - t.at);
}

static const char *string_of(struct parser *p)
{
	const char *s = token_string(&p->lexer, p->token, p->pool);

	if (!s)
		return fail_at(p, p->token.at, "a NUL byte in a string is not "
					       "supported in this version");
	return s;
}

static struct expr *expr_new(struct parser *p, enum expr_kind kind,
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
static struct expr *carries(struct parser *p, struct expr *e,
			    const struct expr *below)
{
	if (!e || !below)
		return NULL;
	if (below->depth >= e->depth)
		e->depth = below->depth + 1;
	if (e->depth > DEPTH_MAX)
		return fail_at(p, e->at, "expression nests too deeply for this "
					 "version (more than %d levels)",
			       DEPTH_MAX);
	return e;
}

static struct expr *parse_expr(struct parser *p, int strength);

/* -- parts --------------------------------------------------------------- */

static bool is_label_word(const struct token *t)
{
	return t->kind == TOKEN_IDENTIFIER ||
	       (t->kind >= TOKEN_AND && t->kind <= TOKEN_END_WORD);
}

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
static bool parse_labels(struct parser *p, struct name_list *labels)
{
	if (!at(p, TOKEN_LEFT_PAREN))
		return unexpected(p, "grouping opts", "\"(\"");
	advance(p);
	while (!at(p, TOKEN_RIGHT_PAREN)) {
		if (!is_label_word(&p->token))
			return unexpected(p, "grouping opts", "label");
		list_add(p, labels, token_copy(p, p->token));
		advance(p);
		if (at(p, TOKEN_COMMA))
			advance(p);
		else if (!at(p, TOKEN_RIGHT_PAREN))
			return unexpected(p, "grouping opts", "\",\" or \")\"");
	}
	advance(p);
	return !p->failed;
}

static bool parse_duration(struct parser *p, int64_t *ms)
{
	struct err err;

	if (!promql_duration(token_text(p, p->token),
			     p->token.end - p->token.at, ms, &err))
		return fail_at(p, p->token.at, "%s", err.what);
	if (*ms == 0)
		return fail_at(p, p->token.at,
			       "duration must be greater than 0");
	advance(p);
	return !p->failed;
}

/* Whole numbers as Go reads them (0x10, 010), then anything with a point. */
static bool parse_number(struct parser *p, double *v)
{
	const char *s = token_copy(p, p->token);
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
			return fail_at(p, p->token.at, "error parsing number: "
				       "strconv.ParseFloat: parsing \"%s\": "
				       "invalid syntax", s);
		if (number_is_inf(*v))
			return fail_at(p, p->token.at, "error parsing number: "
				       "strconv.ParseFloat: parsing \"%s\": "
				       "value out of range", s);
	}
	return true;
}

static bool parse_matcher(struct parser *p, struct matcher *m)
{
	uint32_t begin = p->token.at;
	struct err err;

	if (!at(p, TOKEN_IDENTIFIER))
		return unexpected(p, "label matching", "identifier or \"}\"");
	m->name = token_copy(p, p->token);
	advance(p);
	switch (p->token.kind) {
	case TOKEN_EQL:
		m->type = MATCH_EQUAL;
		break;
	case TOKEN_NEQ:
		m->type = MATCH_NOT_EQUAL;
		break;
	case TOKEN_EQL_REGEX:
		m->type = MATCH_REGEX;
		break;
	case TOKEN_NEQ_REGEX:
		m->type = MATCH_NOT_REGEX;
		break;
	default:
		return unexpected(p, "label matching",
				  "label matching operator");
	}
	advance(p);
	if (!at(p, TOKEN_STRING))
		return unexpected(p, "label matching", "string");
	m->value = string_of(p);
	if (!m->value)
		return false;
	if (m->type == MATCH_REGEX || m->type == MATCH_NOT_REGEX) {
		m->regex = regex_compile(p->pool, m->value, &err);
		if (!m->regex)
			return fail_at(p, begin, "%s", err.what);
	}
	advance(p);
	return !p->failed;
}

static void matcher_add(struct parser *p, struct expr *e, struct matcher m)
{
	e->matchers = pool_grow(p->pool, e->matchers,
				e->matcher_count * sizeof(m),
				(e->matcher_count + 1u) * sizeof(m));
	e->matchers[e->matcher_count++] = m;
}

static bool parse_matchers(struct parser *p, struct expr *e)
{
	advance(p);
	while (!at(p, TOKEN_RIGHT_BRACE)) {
		struct matcher m = {0};

		if (!parse_matcher(p, &m))
			return false;
		matcher_add(p, e, m);
		if (at(p, TOKEN_COMMA))
			advance(p);
		else if (!at(p, TOKEN_RIGHT_BRACE))
			return unexpected(p, "label matching", "\",\" or \"}\"");
	}
	advance(p);
	return !p->failed;
}

/* A name, matchers in braces, or both; the name has been read. */
static struct expr *parse_selector(struct parser *p, const char *name,
				   uint32_t begin)
{
	struct expr *e = expr_new(p, EXPR_SELECTOR, PROMQL_VECTOR, begin);

	e->string = name;
	if (at(p, TOKEN_LEFT_BRACE) && !parse_matchers(p, e))
		return NULL;
	if (name)
		matcher_add(p, e, (struct matcher){
			.type = MATCH_EQUAL, .name = "__name__", .value = name,
		});
	e->end = p->token.at;
	return e;
}

/* (a, b) of a call or an aggregation. */
static bool parse_args(struct parser *p, struct expr *e)
{
	advance(p);
	while (!at(p, TOKEN_RIGHT_PAREN)) {
		struct expr *arg = parse_expr(p, 0);
		uint32_t comma = p->token.at;

		if (!carries(p, e, arg))
			return false;
		e->args = (struct expr **)pool_grow(
			p->pool, e->args, e->arg_count * sizeof(*e->args),
			(e->arg_count + 1u) * sizeof(*e->args));
		e->args[e->arg_count++] = arg;
		if (at(p, TOKEN_COMMA)) {
			advance(p);
			if (at(p, TOKEN_RIGHT_PAREN))
				return fail_at(p, comma, "trailing commas not "
					       "allowed in function call args");
		} else if (!at(p, TOKEN_RIGHT_PAREN))
			return unexpected(p, "", "");
	}
	advance(p);
	return !p->failed;
}

static struct expr *parse_call(struct parser *p, struct token name)
{
	struct expr *e = expr_new(p, EXPR_CALL, PROMQL_VECTOR, name.at);
	const char *word = token_copy(p, name);

	if (!parse_args(p, e))
		return NULL;
	e->end = p->token.at;
	e->function = promql_function(word, strlen(word));
	if (!e->function)
		return fail_at(p, name.at, "unknown function with name \"%s\"",
			       word);
	if (e->function->kind == FUNCTION_UNSUPPORTED) {
		struct text t = {0};

		promql_function_names(&t);
		fail_at(p, name.at, "function \"%s\" is not supported in this "
			"version, which has: %s", word, text_cstr(&t));
		text_free(&t);
		return NULL;
	}
	e->type = e->function->returns;
	return e;
}

static bool takes_parameter(enum token_kind op)
{
	return op == TOKEN_TOPK || op == TOKEN_BOTTOMK ||
	       op == TOKEN_QUANTILE || op == TOKEN_COUNT_VALUES;
}

static bool at_grouping(const struct parser *p)
{
	return at(p, TOKEN_BY) || at(p, TOKEN_WITHOUT);
}

static bool parse_grouping(struct parser *p, struct expr *e)
{
	e->on = at(p, TOKEN_BY);
	advance(p);
	return parse_labels(p, &e->labels);
}

/* sum by (a) (x), sum(x) by (a) or sum(x); the word has been read. */
static struct expr *parse_aggregation(struct parser *p, struct token word)
{
	struct expr *e = expr_new(p, EXPR_AGGREGATE, PROMQL_VECTOR, word.at);
	bool grouped = at_grouping(p);
	uint32_t wanted = takes_parameter(word.kind) ? 2 : 1;

	e->op = word.kind;
	e->on = true;			/* by (): everything into one */
	if (grouped && !parse_grouping(p, e))
		return NULL;
	if (!at(p, TOKEN_LEFT_PAREN))
		return unexpected(p, "aggregation", "");
	p->aggregations++;
	if (!parse_args(p, e))
		return NULL;
	p->aggregations--;
	if (!grouped && at_grouping(p) && !parse_grouping(p, e))
		return NULL;
	e->end = p->token.at;
	if (e->arg_count == 0)
		return fail_at(p, e->at,
			       "no arguments for aggregate expression provided");
	if (e->arg_count != wanted)
		return fail_at(p, e->at, "wrong number of arguments for "
			       "aggregate expression provided, expected %u, got "
			       "%u", wanted, e->arg_count);
	e->left = e->args[e->arg_count - 1];
	if (wanted == 2)
		e->right = e->args[0];
	return e;
}

/* -- behind an operand: [5m], offset, @ ---------------------------------- */

static struct expr *parse_bracket(struct parser *p, struct expr *left)
{
	uint32_t bracket = p->token.at;
	struct expr *e = expr_new(p, EXPR_RANGE, PROMQL_MATRIX, left->at);

	advance(p);
	if (!at(p, TOKEN_DURATION))
		return unexpected(p, "subquery selector", "duration");
	if (!parse_duration(p, &e->range_ms))
		return NULL;
	if (at(p, TOKEN_COLON)) {
		e->kind = EXPR_SUBQUERY;
		advance(p);
		if (at(p, TOKEN_DURATION)) {
			if (!parse_duration(p, &e->step_ms))
				return NULL;
			if (!at(p, TOKEN_RIGHT_BRACKET))
				return unexpected(p, "subquery selector",
						  "\"]\"");
		} else if (!at(p, TOKEN_RIGHT_BRACKET))
			return unexpected(p, "subquery selector",
					  "duration or \"]\"");
	} else if (!at(p, TOKEN_RIGHT_BRACKET))
		return unexpected(p, "subquery or range", "\":\" or \"]\"");
	if (e->kind == EXPR_RANGE) {
		if (left->kind != EXPR_SELECTOR)
			return fail_at(p, bracket, "ranges only allowed for "
						   "vector selectors");
		if (left->offset_set)
			return fail_at(p, bracket, "no offset modifiers "
						   "allowed before range");
		if (left->at_kind)
			return fail_at(p, bracket, "no @ modifiers allowed "
						   "before range");
	}
	advance(p);
	e->left = left;
	e->end = p->token.at;
	return carries(p, e, left);
}

/* Where offset and @ of this expression are kept; NULL: it has none. */
static struct expr *modified(struct expr *e)
{
	if (e->kind == EXPR_RANGE)
		return e->left;
	return e->kind == EXPR_SELECTOR || e->kind == EXPR_SUBQUERY ? e : NULL;
}

static struct expr *parse_offset(struct parser *p, struct expr *e)
{
	struct expr *to = modified(e);
	bool back = true;
	int64_t ms;

	advance(p);
	if (at(p, TOKEN_SUB)) {
		back = false;
		advance(p);
	}
	if (!at(p, TOKEN_DURATION))
		return unexpected(p, "offset", "duration");
	if (!parse_duration(p, &ms))
		return NULL;
	if (!to)
		return fail_at(p, e->at, "offset modifier must be preceded by "
			       "an instant vector selector or range vector "
			       "selector or a subquery");
	if (to->offset_set)
		return fail_at(p, e->at,
			       "offset may not be set multiple times");
	to->offset_set = true;
	to->offset_ms = back ? ms : -ms;
	return e;
}

static struct expr *parse_at(struct parser *p, struct expr *e)
{
	struct expr *to = modified(e);
	enum at_kind kind = AT_TIME;
	double v = 0, sign = 1;

	advance(p);
	if (at(p, TOKEN_START) || at(p, TOKEN_END_WORD)) {
		kind = at(p, TOKEN_START) ? AT_START : AT_END;
		advance(p);
		if (!at(p, TOKEN_LEFT_PAREN))
			return unexpected(p, "@", "timestamp");
		advance(p);
		if (!at(p, TOKEN_RIGHT_PAREN))
			return unexpected(p, "@", "timestamp");
	} else {
		if (at(p, TOKEN_SUB) || at(p, TOKEN_ADD)) {
			sign = at(p, TOKEN_SUB) ? -1 : 1;
			advance(p);
		}
		if (!at(p, TOKEN_NUMBER))
			return unexpected(p, "@", "timestamp");
		if (!parse_number(p, &v))
			return NULL;
		v *= sign;
	}
	advance(p);
	if (p->failed)
		return NULL;
	if (!to)
		return fail_at(p, e->at, "@ modifier must be preceded by an "
			       "instant vector selector or range vector "
			       "selector or a subquery");
	if (to->at_kind)
		return fail_at(p, e->at,
			       "@ <timestamp> may not be set multiple times");
	if (!(v > -9e15 && v < 9e15))
		return fail_at(p, e->at, "timestamp out of bounds for @ "
			       "modifier: %s", number_is_nan(v) ? "NaN" :
			       v < 0 ? "-Inf" : "+Inf");
	to->at_kind = kind;
	to->at_ms = (int64_t)number_floor(v * 1000 + 0.5);
	return e;
}

/* -- operands and operators ---------------------------------------------- */

enum {
	STRENGTH_OR = 1, STRENGTH_AND, STRENGTH_COMPARE, STRENGTH_ADD,
	STRENGTH_MUL, STRENGTH_POW,
};

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

static struct expr *parse_paren(struct parser *p)
{
	struct expr *e = expr_new(p, EXPR_PAREN, PROMQL_SCALAR, p->token.at);

	advance(p);
	e->left = parse_expr(p, 0);
	if (!carries(p, e, e->left))
		return NULL;
	if (!at(p, TOKEN_RIGHT_PAREN))
		return unexpected(p, "", "");
	advance(p);
	e->end = p->token.at;
	e->type = e->left->type;
	return e;
}

static struct expr *parse_literal(struct parser *p)
{
	struct token t = p->token;
	struct expr *e;

	if (t.kind == TOKEN_NUMBER) {
		e = expr_new(p, EXPR_NUMBER, PROMQL_SCALAR, t.at);
		if (!parse_number(p, &e->number))
			return NULL;
	} else {
		e = expr_new(p, EXPR_STRING, PROMQL_STRING, t.at);
		e->string = string_of(p);
	}
	advance(p);
	e->end = t.end;
	return p->failed ? NULL : e;
}

static struct expr *parse_name(struct parser *p)
{
	struct token word = p->token;

	advance(p);
	if (p->failed)
		return NULL;
	if (word.kind == TOKEN_IDENTIFIER && at(p, TOKEN_LEFT_PAREN))
		return parse_call(p, word);
	if (token_is_aggregation(word.kind) &&
	    (at(p, TOKEN_LEFT_PAREN) || at_grouping(p)))
		return parse_aggregation(p, word);
	return parse_selector(p, token_copy(p, word), word.at);
}

static struct expr *parse_primary(struct parser *p)
{
	switch (p->token.kind) {
	case TOKEN_NUMBER: case TOKEN_STRING:
		return parse_literal(p);
	case TOKEN_LEFT_PAREN:
		return parse_paren(p);
	case TOKEN_LEFT_BRACE:
		return parse_selector(p, NULL, p->token.at);
	case TOKEN_IDENTIFIER: case TOKEN_METRIC_IDENTIFIER:
	case TOKEN_AND: case TOKEN_OR: case TOKEN_UNLESS: case TOKEN_OFFSET:
	case TOKEN_BY: case TOKEN_WITHOUT: case TOKEN_START:
	case TOKEN_END_WORD:
		return parse_name(p);
	default:
		if (token_is_aggregation(p->token.kind))
			return parse_name(p);
		return unexpected(p, "", "");
	}
}

static struct expr *parse_sign(struct parser *p)
{
	struct token sign = p->token;
	struct expr *e, *left;

	advance(p);
	left = parse_expr(p, STRENGTH_POW);
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
	return carries(p, e, left);
}

static struct expr *parse_operand(struct parser *p)
{
	struct expr *e;

	if (at(p, TOKEN_ADD) || at(p, TOKEN_SUB))
		return parse_sign(p);
	e = parse_primary(p);
	while (e && !p->failed) {
		if (at(p, TOKEN_LEFT_BRACKET))
			e = parse_bracket(p, e);
		else if (at(p, TOKEN_OFFSET))
			e = parse_offset(p, e);
		else if (at(p, TOKEN_AT))
			e = parse_at(p, e);
		else
			return e;
	}
	return NULL;
}

/* bool, on/ignoring, group_left/group_right behind an operator. */
static bool parse_modifiers(struct parser *p, struct expr *e)
{
	if (at(p, TOKEN_BOOL)) {
		e->returns_bool = true;
		advance(p);
	}
	if (!at(p, TOKEN_ON) && !at(p, TOKEN_IGNORING))
		return !p->failed;
	e->matching = true;
	e->on = at(p, TOKEN_ON);
	advance(p);
	if (!parse_labels(p, &e->labels))
		return false;
	if (!at(p, TOKEN_GROUP_LEFT) && !at(p, TOKEN_GROUP_RIGHT))
		return true;
	e->card = at(p, TOKEN_GROUP_LEFT) ? MANY_TO_ONE : ONE_TO_MANY;
	advance(p);
	return !at(p, TOKEN_LEFT_PAREN) || parse_labels(p, &e->include);
}

/* Operators at least as strong as `strength`. */
static struct expr *parse_expr(struct parser *p, int strength)
{
	struct expr *left, *e;

	if (++p->depth > DEPTH_MAX)
		return fail_at(p, p->token.at, "expression nests too deeply "
			       "for this version (more than %d levels)",
			       DEPTH_MAX);
	left = parse_operand(p);
	while (left && !p->failed) {
		int s = strength_of(p->token.kind);

		if (!s || s < strength)
			break;
		if (at(p, TOKEN_ATAN2)) {
			left = fail_at(p, p->token.at, "operator \"atan2\" is "
				       "not supported in this version");
			break;
		}
		e = expr_new(p, EXPR_BINARY, PROMQL_SCALAR, left->at);
		e->op = p->token.kind;
		e->op_at = p->token.at;
		advance(p);
		e->left = left;
		left = NULL;
		if (!parse_modifiers(p, e))
			break;
		e->right = parse_expr(p, s + (s != STRENGTH_POW));
		if (!carries(p, e, e->left) || !carries(p, e, e->right))
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

/* -- types --------------------------------------------------------------- */

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

static void check(struct parser *p, struct expr *e);

static void expect(struct parser *p, struct expr *e, enum promql_type type,
		   const char *context, const char *name)
{
	check(p, e);
	if (e->type != type)
		fail_at(p, e->at, "expected type %s in %s%s%s%s, got %s",
			promql_type_text(type), context, *name ? " \"" : "",
			name, *name ? "\"" : "", promql_type_text(e->type));
}

static bool is_number(enum promql_type type)
{
	return type == PROMQL_SCALAR || type == PROMQL_VECTOR;
}

static void check_matching(struct parser *p, struct expr *e)
{
	bool vectors = e->left->type == PROMQL_VECTOR &&
		       e->right->type == PROMQL_VECTOR;

	if (!vectors) {
		if (e->labels.count)
			fail_at(p, e->at, "vector matching only allowed "
					  "between instant vectors");
		e->matching = false;
	} else if (token_is_set_operator(e->op)) {
		if (e->card == MANY_TO_ONE || e->card == ONE_TO_MANY)
			fail_at(p, e->at, "no grouping allowed for \"%s\" "
					  "operation", token_word(e->op));
		e->card = MANY_TO_MANY;
	}
	if (token_is_set_operator(e->op) &&
	    (e->left->type == PROMQL_SCALAR || e->right->type == PROMQL_SCALAR))
		fail_at(p, e->at, "set operator \"%s\" not allowed in binary "
				  "scalar expression", token_word(e->op));
}

static void check_binary(struct parser *p, struct expr *e)
{
	check(p, e->left);
	check(p, e->right);
	if (e->returns_bool && !token_is_comparison(e->op))
		fail_at(p, e->op_at, "bool modifier can only be used on "
				     "comparison operators");
	if (token_is_comparison(e->op) && !e->returns_bool &&
	    e->left->type == PROMQL_SCALAR && e->right->type == PROMQL_SCALAR)
		fail_at(p, e->op_at, "comparisons between scalars must use "
				     "BOOL modifier");
	for (uint32_t i = 0; e->on && i < e->labels.count; i++)
		for (uint32_t k = 0; k < e->include.count; k++)
			if (!strcmp(e->labels.at[i], e->include.at[k]))
				fail_at(p, e->op_at, "label \"%s\" must not "
					"occur in ON and GROUP clause at once",
					e->labels.at[i]);
	if (!is_number(e->left->type))
		fail_at(p, e->left->at, "binary expression must contain only "
					"scalar and instant vector types");
	if (!is_number(e->right->type))
		fail_at(p, e->right->at, "binary expression must contain only "
					 "scalar and instant vector types");
	check_matching(p, e);
}

static void check_call(struct parser *p, struct expr *e)
{
	const struct promql_function *f = e->function;
	int got = (int)e->arg_count, least = f->arg_count - 1;

	if (f->variadic == 0 && got != f->arg_count)
		fail_at(p, e->at, "expected %d argument(s) in call to \"%s\", "
				  "got %d", f->arg_count, f->name, got);
	else if (f->variadic && got < least)
		fail_at(p, e->at, "expected at least %d argument(s) in call to "
				  "\"%s\", got %d", least, f->name, got);
	else if (f->variadic > 0 && got > least + f->variadic)
		fail_at(p, e->at, "expected at most %d argument(s) in call to "
				  "\"%s\", got %d", least + f->variadic,
			f->name, got);
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

/* Is there a matcher that a series without any label fails? */
static bool selects(const struct expr *e)
{
	for (uint32_t i = 0; i < e->matcher_count; i++)
		if (!matcher_accepts(&e->matchers[i], ""))
			return true;
	return false;
}

static void check_selector(struct parser *p, struct expr *e)
{
	if (!e->string) {
		if (!selects(e))
			fail_at(p, e->at, "vector selector must contain at "
					  "least one non-empty matcher");
		return;
	}
	for (uint32_t i = 0; i + 1 < e->matcher_count; i++)
		if (!strcmp(e->matchers[i].name, "__name__")) {
			struct text t = {0};

			promql_quote(&t, e->matchers[i].value,
				     strlen(e->matchers[i].value));
			fail_at(p, e->at, "metric name must not be set twice: "
					  "\"%s\" or %s", e->string,
				text_cstr(&t));
			text_free(&t);
		}
}

static void check(struct parser *p, struct expr *e)
{
	switch (e->kind) {
	case EXPR_SELECTOR:
		check_selector(p, e);
		break;
	case EXPR_RANGE: case EXPR_PAREN:
		check(p, e->left);
		break;
	case EXPR_SUBQUERY:
		check(p, e->left);
		if (e->left->type != PROMQL_VECTOR)
			fail_at(p, e->at, "subquery is only allowed on instant "
					  "vector, got %s instead",
				promql_type_text(e->left->type));
		break;
	case EXPR_UNARY:
		check(p, e->left);
		if (!is_number(e->left->type))
			fail_at(p, e->at, "unary expression only allowed on "
				"expressions of type scalar or instant vector, "
				"got \"%s\"", promql_type_text(e->left->type));
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

/* -- whole queries ------------------------------------------------------- */

static void parser_init(struct parser *p, struct pool *pool, const char *query)
{
	*p = (struct parser){ .pool = pool };
	lexer_init(&p->lexer, query, (uint32_t)strlen(query));
	advance(p);
}

static struct expr *parse_query(struct parser *p)
{
	struct expr *e;

	if (p->failed)
		return NULL;
	if (at(p, TOKEN_END))
		return fail_at(p, 0, "no expression found in input");
	e = parse_expr(p, 0);
	if (!e)
		return NULL;
	if (!at(p, TOKEN_END))
		return unexpected(p, "", "");
	check(p, e);
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
		e = parse_selector(p, NULL, 0);
	else if (is_label_word(&word) || word.kind == TOKEN_METRIC_IDENTIFIER) {
		advance(p);
		e = parse_selector(p, token_copy(p, word), word.at);
	} else
		return unexpected(p, "", "");
	return !e || at(p, TOKEN_END) ? e : unexpected(p, "", "");
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
