/* fuzzy.h - finding a thing by some of its letters
 *
 *	"kt" finds kafka-topics.sh		as the beginnings of its words
 *	"slow foll" finds The slow follower	each word of the pattern
 *
 * The letters must appear in order.  Those at the beginning of a word and those
 * that follow each other count more, gaps count against, so the best way of
 * laying the pattern over the text is searched for, not the first (Smith and
 * Waterman, J. Mol. Biol. 1981, as in other finders).  Case does not matter.
 */
#ifndef LAB_TUI_FUZZY_H
#define LAB_TUI_FUZZY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FUZZY_TEXT_MAX = 256,		/* bytes looked at */
	FUZZY_PATTERN_MAX = 64,
	FUZZY_NONE = -1,
};

/* FUZZY_NONE: no match; else the more the better.  An empty pattern matches
 * all with 0.  `hit` (or NULL): for each byte of the text, was it matched? */
int fuzzy_score(const char *pattern, const char *text,
		bool hit[FUZZY_TEXT_MAX]);

struct fuzzy_entry {
	const char *text;		/* what is shown */
	const char *synonyms;		/* other words for it; NULL */
	uint32_t recent;		/* 0: never used; the larger the later */
};

struct fuzzy_found {
	size_t index;			/* of the entry */
	int score;
};

/* Those that match, best first; of equals the later used, then the earlier in
 * the list.  `out` has room for all; the value is how many there are. */
size_t fuzzy_rank(const char *pattern, const struct fuzzy_entry *entries,
		  size_t count, struct fuzzy_found *out);

#endif
