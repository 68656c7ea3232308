/* fuzzy.h - finding a thing by some of its letters
 *
 *	"kt" finds kafka-topics.sh		as the beginnings of its words
 *	"slow foll" finds The slow follower	each word of the pattern
 *
 * A word of the pattern stands in the text as it is, best at the beginning of a
 * word; or it is laid over words that follow each other, each piece at the
 * beginning of one and at most one word left out between two.  Letters that are
 * only in order somewhere do not match: in a list of some hundred names they
 * always are.  Of the ways to lay it the best is searched for, not the first:
 * beginnings and runs count, gaps count against (Smith and Waterman, J. Mol.
 * Biol. 1981, as in other finders).  Case does not matter.
 */
#ifndef LAB_TUI_FUZZY_H
#define LAB_TUI_FUZZY_H

#include <stdbool.h>
#include <stddef.h>

enum {
	FUZZY_TEXT_MAX = 256,		/* bytes looked at */
	FUZZY_PATTERN_MAX = 64,
	FUZZY_NONE = -1,
};

/* FUZZY_NONE: no match; else the more the better.  An empty pattern matches
 * all with 0.  `hit` (or NULL): for each byte of the text, was it matched? */
int fuzzy_score(const char *pattern, const char *text,
		bool hit[FUZZY_TEXT_MAX]);

#endif
