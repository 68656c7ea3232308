/* promql_parse.h - what a PromQL query says: a tree, checked for types
 *
 *	sum by (topic) (rate(in_total{job="broker"}[5m])) > 100
 *
 *	BINARY > ─┬─ AGGREGATE sum by (topic) ── CALL rate ── RANGE [5m]
 *	          └─ NUMBER 100                                  └─ SELECTOR
 *
 * Every expression has one of four types: scalar, string, instant vector (one
 * value for each series), range vector (a row of samples for each).  Strength
 * of operators, weakest first: or; and unless; == != <= < >= >; + -; * / %;
 * ^ (right to left).  A sign is stronger than * and weaker than ^.
 *
 * A wrong query is told in Prometheus 2.42's words with its place:
 * `1:5: parse error: unexpected identifier "b" in label matching, expected
 * string`.  The tree lives in a pool.
 */
#ifndef SIM_TSDB_PROMQL_PARSE_H
#define SIM_TSDB_PROMQL_PARSE_H

#include "sim/tsdb/promql_functions.h"
#include "sim/tsdb/promql_lex.h"
#include "sim/tsdb/series.h"

enum expr_kind {
	EXPR_NUMBER, EXPR_STRING,
	EXPR_SELECTOR,		/* name{matchers} offset, @ */
	EXPR_RANGE,		/* left[range]: left is a SELECTOR */
	EXPR_SUBQUERY,		/* left[range:step] offset, @ */
	EXPR_PAREN,		/* (left) */
	EXPR_UNARY,		/* op left */
	EXPR_BINARY,		/* left op right */
	EXPR_AGGREGATE,		/* op by (labels) (right, left): right a parameter */
	EXPR_CALL,
};

/* How many of the left side may meet how many of the right. */
enum match_card { ONE_TO_ONE, MANY_TO_ONE, ONE_TO_MANY, MANY_TO_MANY };

enum at_kind { AT_NONE, AT_TIME, AT_START, AT_END };

struct name_list {
	const char **at;
	uint32_t count;
};

struct expr {
	enum expr_kind kind;
	enum promql_type type;
	uint32_t at, end;		/* bytes of the query */
	uint32_t depth;			/* of the tree below, itself included */
	struct expr *left, *right;

	double number;
	const char *string;		/* STRING; SELECTOR: its name or NULL */

	struct matcher *matchers;
	uint32_t matcher_count;
	int64_t offset_ms;
	bool offset_set;
	enum at_kind at_kind;
	int64_t at_ms;
	int64_t range_ms;
	int64_t step_ms;		/* SUBQUERY; 0: the default */

	enum token_kind op;
	uint32_t op_at;
	bool returns_bool;
	bool matching;			/* on or ignoring was said */
	bool on;			/* AGGREGATE: by rather than without */
	struct name_list labels;	/* of on, ignoring, by, without */
	struct name_list include;	/* of group_left, group_right */
	enum match_card card;

	const struct promql_function *function;
	struct expr **args;
	uint32_t arg_count;

	void *plan;			/* the evaluator's */
};

/* NULL when the query is wrong; *error says why and where, in the pool. */
struct expr *promql_parse(struct pool *pool, const char *query,
			  const char **error);

/* Just a selector, as match[] takes it: no offset, no range, no check that it
 * selects something. */
struct expr *promql_parse_selector(struct pool *pool, const char *query,
				   const char **error);

const struct expr *expr_bare(const struct expr *e);	/* parentheses off */
const char *promql_type_text(enum promql_type type);	/* "instant vector" */

/* Has a selector a matcher that a series without any label fails? */
bool expr_selects(const struct expr *e);

#endif
