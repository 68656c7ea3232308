/* promql_lex.h - a PromQL query as a row of tokens
 *
 * The cuts depend on where we are, as in Prometheus (promql/parser/lex.go):
 * inside braces a name may hold no colon and nothing but = != =~ !~ are
 * operators; behind [ only a duration may come.  Names are case sensitive,
 * keywords are not, and most keywords are names too where a name is wanted.
 *
 * Error texts and their places are Prometheus's own, since a learner will meet
 * them again.
 */
#ifndef SIM_TSDB_PROMQL_LEX_H
#define SIM_TSDB_PROMQL_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/core/text.h"
#include "sim/tsdb/pool.h"

enum token_kind {
	TOKEN_END, TOKEN_ERROR,
	TOKEN_IDENTIFIER,		/* may be a label */
	TOKEN_METRIC_IDENTIFIER,	/* has a colon */
	TOKEN_NUMBER, TOKEN_DURATION, TOKEN_STRING,
	TOKEN_LEFT_PAREN, TOKEN_RIGHT_PAREN, TOKEN_LEFT_BRACE,
	TOKEN_RIGHT_BRACE, TOKEN_LEFT_BRACKET, TOKEN_RIGHT_BRACKET,
	TOKEN_COMMA, TOKEN_COLON,
	TOKEN_EQL,			/* = of a matcher */
	/* operators */
	TOKEN_ADD, TOKEN_SUB, TOKEN_MUL, TOKEN_DIV, TOKEN_MOD, TOKEN_POW,
	TOKEN_EQLC, TOKEN_NEQ, TOKEN_LTE, TOKEN_LSS, TOKEN_GTE, TOKEN_GTR,
	TOKEN_EQL_REGEX, TOKEN_NEQ_REGEX, TOKEN_AT,
	TOKEN_AND, TOKEN_OR, TOKEN_UNLESS, TOKEN_ATAN2,
	/* aggregations */
	TOKEN_SUM, TOKEN_AVG, TOKEN_COUNT, TOKEN_MIN, TOKEN_MAX, TOKEN_GROUP,
	TOKEN_STDDEV, TOKEN_STDVAR, TOKEN_TOPK, TOKEN_BOTTOMK,
	TOKEN_COUNT_VALUES, TOKEN_QUANTILE,
	/* words */
	TOKEN_OFFSET, TOKEN_BY, TOKEN_WITHOUT, TOKEN_ON, TOKEN_IGNORING,
	TOKEN_GROUP_LEFT, TOKEN_GROUP_RIGHT, TOKEN_BOOL, TOKEN_START,
	TOKEN_END_WORD,			/* end() */
};

struct token {
	enum token_kind kind;
	uint32_t at, end;		/* bytes of the query, from 0 */
};

struct lexer {
	const char *text;
	uint32_t len, at;
	uint32_t start;			/* of the token being read */
	uint32_t parens;		/* open ones */
	bool braces, bracket, colon;	/* inside {}, inside []; : was there */
	bool duration;			/* the next must be one */
	bool over;
	struct err error;		/* of TOKEN_ERROR */
};

void lexer_init(struct lexer *l, const char *text, uint32_t len);
struct token lexer_next(struct lexer *l);

static inline bool token_is_aggregation(enum token_kind kind)
{
	return kind >= TOKEN_SUM && kind <= TOKEN_QUANTILE;
}

static inline bool token_is_comparison(enum token_kind kind)
{
	return kind >= TOKEN_EQLC && kind <= TOKEN_GTR;
}

static inline bool token_is_set_operator(enum token_kind kind)
{
	return kind == TOKEN_AND || kind == TOKEN_OR || kind == TOKEN_UNLESS;
}

/* What an operator or keyword is called: "and", "<=". */
const char *token_word(enum token_kind kind);

/* As error texts name a token: `identifier "foo"`, `<op:*>`, `end of input`. */
void token_describe(const struct lexer *l, struct token token, struct text *t);

/* The value of a TOKEN_STRING, quotes and escapes undone; in the pool.  NULL
 * when it holds a NUL byte. */
const char *token_string(const struct lexer *l, struct token token,
			 struct pool *pool);

/* "1h30m" in ms.  False, err in Prometheus's words, when it is none. */
bool promql_duration(const char *s, size_t len, int64_t *ms, struct err *err);

/* "line:column" from 1, of a byte of the query. */
void promql_place(const char *text, uint32_t at, struct text *t);

/* As Go's %q prints a string. */
void promql_quote(struct text *t, const char *s, size_t len);

#endif
