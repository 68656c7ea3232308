/* pattern.h - Lua's patterns, matched on a budget
 *
 * A Lua pattern can be made to backtrack for hours inside one C call, where no
 * instruction hook can stop it: find(("a"):rep(3e4), ".-.-.-.-b").  So the
 * sandbox matches with this matcher instead of the one in liblua.  It gives
 * the same answers (Lua 5.4 Reference Manual, 6.4.1), and it counts steps: each
 * item tried and each byte looked at costs about one, and when the steps are
 * spent the match ends with PATTERN_SPENT.
 *
 * Nothing here allocates, knows Lua, or depends on the locale: letters are the
 * ASCII letters.  Recursion goes one level per item that can be tried in more
 * than one way, PATTERN_DEPTH_MAX at most.
 *
 *	struct pattern p = {
 *		.subject = s, .subject_len = n,
 *		.pattern = "(%w+)=(%w+)", .pattern_len = 11,
 *		.steps_left = 1000,
 *	};
 *	if (pattern_find(&p, 0) == PATTERN_FOUND)
 *		... subject[p.start .. p.end), p.captures[0 .. p.capture_count)
 *
 * As in Lua, a malformed pattern is noticed only when the matcher gets to the
 * malformed place: "x[" is an error on a subject with an x, and no match on
 * one without.
 */
#ifndef LUA_PATTERN_H
#define LUA_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#define PATTERN_CAPTURES_MAX 32		/* LUA_MAXCAPTURES */
#define PATTERN_DEPTH_MAX 200		/* as MAXCCALLS of liblua's matcher */

enum pattern_result {
	PATTERN_NONE,			/* it does not match */
	PATTERN_FOUND,
	PATTERN_WRONG,			/* the pattern is malformed: see `wrong` */
	PATTERN_SPENT,			/* the steps ran out before an answer */
};

enum pattern_capture_kind {
	PATTERN_CAPTURE_OPEN,		/* "(" seen, ")" not yet */
	PATTERN_CAPTURE_TEXT,
	PATTERN_CAPTURE_POSITION,	/* "()": captures where, not what */
};

struct pattern_capture {
	size_t start;			/* byte offset in the subject, from 0 */
	size_t len;			/* bytes; only of CAPTURE_TEXT */
	enum pattern_capture_kind kind;
};

struct pattern {
	/* Lent by the caller.  Either may hold any bytes, NUL included. */
	const char *subject;
	size_t subject_len;
	const char *pattern;		/* without an anchoring '^' */
	size_t pattern_len;
	int64_t steps_left;

	/* What the last match found. */
	size_t start, end;		/* subject[start .. end) */
	int capture_count;
	struct pattern_capture captures[PATTERN_CAPTURES_MAX];
	char wrong[64];			/* PATTERN_WRONG: liblua's own words */

	int depth;			/* private */
};

/* Match at offset `at` exactly, 0 <= at <= subject_len. */
enum pattern_result pattern_match(struct pattern *p, size_t at);

/* The first match at `from` or later. */
enum pattern_result pattern_find(struct pattern *p, size_t from);

#endif
