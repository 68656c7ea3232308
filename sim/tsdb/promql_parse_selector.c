/* promql_parse_selector.c - selectors, and what may stand behind an operand
 *
 * up{job="x"} chooses series; [5m] makes a range of it, [1h:1m] a subquery of
 * anything; offset and @ move the time it looks at.  The texts of the errors
 * are Prometheus's.
 */
#include "sim/tsdb/promql_parse_inside.h"

#include "sim/tsdb/number.h"

/* -- selectors ---------------------------------------------------------- */

static bool parse_matcher(struct parser *p, struct matcher *m)
{
	uint32_t begin = p->token.at;
	struct err err;

	if (!at(p, TOKEN_IDENTIFIER))
		return parser_unexpected(p, "label matching", "identifier or "
					 "\"}\"");
	m->name = parser_copy(p, p->token);
	parser_advance(p);
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
		return parser_unexpected(p, "label matching",
					 "label matching operator");
	}
	parser_advance(p);
	if (!at(p, TOKEN_STRING))
		return parser_unexpected(p, "label matching", "string");
	m->value = parser_string(p);
	if (!m->value)
		return false;
	if (m->type == MATCH_REGEX || m->type == MATCH_NOT_REGEX) {
		m->regex = regex_compile(p->pool, m->value, &err);
		if (!m->regex)
			return parser_fail(p, begin, "%s", err.what);
	}
	parser_advance(p);
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
	parser_advance(p);
	while (!at(p, TOKEN_RIGHT_BRACE)) {
		struct matcher m = {0};

		if (!parse_matcher(p, &m))
			return false;
		matcher_add(p, e, m);
		if (at(p, TOKEN_COMMA))
			parser_advance(p);
		else if (!at(p, TOKEN_RIGHT_BRACE))
			return parser_unexpected(p, "label matching",
						 "\",\" or \"}\"");
	}
	parser_advance(p);
	return !p->failed;
}

/* A name, matchers in braces, or both; the name has been read. */
struct expr *parser_selector(struct parser *p, const char *name,
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

/* -- behind an operand: [5m], offset, @ --------------------------------- */

static bool parse_duration(struct parser *p, int64_t *ms)
{
	struct err err;

	if (!promql_duration(parser_text(p, p->token),
			     p->token.end - p->token.at, ms, &err))
		return parser_fail(p, p->token.at, "%s", err.what);
	if (*ms == 0)
		return parser_fail(p, p->token.at,
				   "duration must be greater than 0");
	parser_advance(p);
	return !p->failed;
}

struct expr *parser_bracket(struct parser *p, struct expr *left)
{
	uint32_t bracket = p->token.at;
	struct expr *e = expr_new(p, EXPR_RANGE, PROMQL_MATRIX, left->at);

	parser_advance(p);
	if (!at(p, TOKEN_DURATION))
		return parser_unexpected(p, "subquery selector", "duration");
	if (!parse_duration(p, &e->range_ms))
		return NULL;
	if (at(p, TOKEN_COLON)) {
		e->kind = EXPR_SUBQUERY;
		parser_advance(p);
		if (at(p, TOKEN_DURATION)) {
			if (!parse_duration(p, &e->step_ms))
				return NULL;
			if (!at(p, TOKEN_RIGHT_BRACKET))
				return parser_unexpected(p, "subquery selector",
							 "\"]\"");
		} else if (!at(p, TOKEN_RIGHT_BRACKET))
			return parser_unexpected(p, "subquery selector",
						 "duration or \"]\"");
	} else if (!at(p, TOKEN_RIGHT_BRACKET))
		return parser_unexpected(p, "subquery or range", "\":\" or "
					 "\"]\"");
	if (e->kind == EXPR_RANGE) {
		if (left->kind != EXPR_SELECTOR)
			return parser_fail(p, bracket, "ranges only allowed "
					   "for vector selectors");
		if (left->offset_set)
			return parser_fail(p, bracket, "no offset modifiers "
						   "allowed before range");
		if (left->at_kind)
			return parser_fail(p, bracket, "no @ modifiers allowed "
						   "before range");
	}
	parser_advance(p);
	e->left = left;
	e->end = p->token.at;
	return expr_carries(p, e, left);
}

/* Where offset and @ of this expression are kept; NULL: it has none. */
static struct expr *modified(struct expr *e)
{
	if (e->kind == EXPR_RANGE)
		return e->left;
	return e->kind == EXPR_SELECTOR || e->kind == EXPR_SUBQUERY ? e : NULL;
}

struct expr *parser_offset(struct parser *p, struct expr *e)
{
	struct expr *to = modified(e);
	bool back = true;
	int64_t ms;

	parser_advance(p);
	if (at(p, TOKEN_SUB)) {
		back = false;
		parser_advance(p);
	}
	if (!at(p, TOKEN_DURATION))
		return parser_unexpected(p, "offset", "duration");
	if (!parse_duration(p, &ms))
		return NULL;
	if (!to)
		return parser_fail(p, e->at, "offset modifier must be preceded "
				   "by an instant vector selector or range "
				   "vector selector or a subquery");
	if (to->offset_set)
		return parser_fail(p, e->at,
				   "offset may not be set multiple times");
	to->offset_set = true;
	to->offset_ms = back ? ms : -ms;
	return e;
}

struct expr *parser_at(struct parser *p, struct expr *e)
{
	struct expr *to = modified(e);
	enum at_kind kind = AT_TIME;
	double v = 0, sign = 1;

	parser_advance(p);
	if (at(p, TOKEN_START) || at(p, TOKEN_END_WORD)) {
		kind = at(p, TOKEN_START) ? AT_START : AT_END;
		parser_advance(p);
		if (!at(p, TOKEN_LEFT_PAREN))
			return parser_unexpected(p, "@", "timestamp");
		parser_advance(p);
		if (!at(p, TOKEN_RIGHT_PAREN))
			return parser_unexpected(p, "@", "timestamp");
	} else {
		if (at(p, TOKEN_SUB) || at(p, TOKEN_ADD)) {
			sign = at(p, TOKEN_SUB) ? -1 : 1;
			parser_advance(p);
		}
		if (!at(p, TOKEN_NUMBER))
			return parser_unexpected(p, "@", "timestamp");
		if (!parser_number(p, &v))
			return NULL;
		v *= sign;
	}
	parser_advance(p);
	if (p->failed)
		return NULL;
	if (!to)
		return parser_fail(p, e->at, "@ modifier must be preceded by "
				   "an instant vector selector or range vector "
				   "selector or a subquery");
	if (to->at_kind)
		return parser_fail(p, e->at, "@ <timestamp> may not be set "
				   "multiple times");
	if (!(v > -9e15 && v < 9e15))
		return parser_fail(p, e->at, "timestamp out of bounds for @ "
				   "modifier: %s", number_is_nan(v) ? "NaN" :
				   v < 0 ? "-Inf" : "+Inf");
	to->at_kind = kind;
	to->at_ms = (int64_t)number_floor(v * 1000 + 0.5);
	return e;
}
