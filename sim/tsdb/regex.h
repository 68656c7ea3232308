/* regex.h - regular expressions that cannot hang
 *
 * The syntax of RE2, as Prometheus matchers have it: . [a-z] [^a] [[:alpha:]]
 * \d \w \s \b, x* x+ x? x{2,5} and their lazy forms, (x) (?:x) (?P<n>x) (?i)
 * (?s) (?m) (?U), x|y, ^ $ \A \z, \Q..\E.  No look-around and no back
 * references, so a text is matched in one pass over it: all threads of the
 * automaton walk side by side (Thompson, CACM 1968; Cox, "Regular Expression
 * Matching: the Virtual Machine Approach", 2009, as pike).  Cost: length of the
 * text times size of the pattern, whatever the pattern.
 *
 * A pattern here always means the whole text, as it does in a matcher: what is
 * compiled is ^(?:pattern)$, and error texts show it in that form.
 *
 * Simplified: classes of Unicode (\pL) are not supported and say so; (?i) folds
 * ASCII letters only.
 */
#ifndef SIM_TSDB_REGEX_H
#define SIM_TSDB_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/tsdb/pool.h"

#define REGEX_GROUPS_MAX	16	/* that can be asked for; 0 is the whole */

struct regex;

/* NULL and err in Go's words: "error parsing regexp: missing closing ): `...`".
 * The result lives in the pool. */
struct regex *regex_compile(struct pool *pool, const char *pattern,
			    struct err *err);

bool regex_match(const struct regex *re, const char *text);

/* Also where each group matched: from[i] < 0 if it took no part. */
bool regex_groups(const struct regex *re, const char *text,
		  int from[REGEX_GROUPS_MAX], int to[REGEX_GROUPS_MAX]);
int regex_group_count(const struct regex *re);	/* without the whole */
int regex_group_named(const struct regex *re, const char *name, size_t len);

/* The text it matches if it is one plain text; NULL if it is more. */
const char *regex_literal(const struct regex *re);

#endif
