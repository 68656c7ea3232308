/* promql_parse_inside.h - what the files of the PromQL parser share
 *
 * promql_parse.c reads operators and operands, promql_parse_selector.c
 * selectors and what stands behind an operand, promql_parse_call.c functions
 * and aggregations, promql_check.c looks at the types of the whole tree.
 * Nobody else includes this.
 *
 * Whatever reads begins at the token looked at and leaves the next one there;
 * NULL or false when it has failed, and then the whole query has.
 */
#ifndef SIM_TSDB_PROMQL_PARSE_INSIDE_H
#define SIM_TSDB_PROMQL_PARSE_INSIDE_H

#include "sim/tsdb/promql_parse.h"

struct parser {
	struct lexer lexer;
	struct token token;		/* the one looked at */
	struct pool *pool;
	const char *error;		/* the first one, in the pool */
	uint32_t depth;
	uint32_t aggregations;		/* whose arguments we are in */
	bool failed;
};

static inline bool at(const struct parser *p, enum token_kind kind)
{
	return p->token.kind == kind;
}

/* Most keywords are labels where a label is wanted. */
static inline bool token_is_label(const struct token *t)
{
	return t->kind == TOKEN_IDENTIFIER ||
	       (t->kind >= TOKEN_AND && t->kind <= TOKEN_END_WORD);
}

/* promql_parse.c */
/* The first one counts.  Always NULL. */
void *parser_fail(struct parser *p, uint32_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The token looked at does not belong here.  Always NULL. */
void *parser_unexpected(struct parser *p, const char *context,
			const char *expected);
void parser_advance(struct parser *p);			/* to the next token */
const char *parser_text(const struct parser *p, struct token t); /* no NUL */
const char *parser_copy(struct parser *p, struct token t);
const char *parser_string(struct parser *p);		/* unquoted, or NULL */
struct expr *expr_new(struct parser *p, enum expr_kind kind,
		      enum promql_type type, uint32_t begin);
/* The tree grows by `below`; a query of thousands of terms is refused. */
struct expr *expr_carries(struct parser *p, struct expr *e,
			  const struct expr *below);
struct expr *parser_expr(struct parser *p, int strength);	/* 0: any */
bool parser_number(struct parser *p, double *v);	/* does not advance */

/* promql_parse_selector.c */
struct expr *parser_selector(struct parser *p, const char *name,
			     uint32_t begin);	/* the name has been read */
struct expr *parser_bracket(struct parser *p, struct expr *left);
struct expr *parser_offset(struct parser *p, struct expr *e);
struct expr *parser_at(struct parser *p, struct expr *e);

/* promql_parse_call.c; the word has been read. */
bool parser_labels(struct parser *p, struct name_list *labels);	/* (a, b) */
bool parser_at_grouping(const struct parser *p);	/* by, without */
struct expr *parser_call(struct parser *p, struct token name);
struct expr *parser_aggregation(struct parser *p, struct token word);

/* promql_check.c */
void parser_check(struct parser *p, struct expr *e);

#endif
