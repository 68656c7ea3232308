/* fuzzy.c - finding a thing by some of its letters */
#include "lab/tui/fuzzy.h"

#include <stdlib.h>
#include <string.h>

/* What a matched letter is worth.  A word's beginning beats a run, and a run
 * beats letters that stand alone. */
enum {
	WORTH_LETTER = 16,
	WORTH_FIRST = 12,		/* of the whole text */
	WORTH_WORD = 10,
	WORTH_RUN = 8,
	COST_GAP = 3,
	COST_GAP_MORE = 1,		/* each further letter of it */
	RECENT_MAX = 24,
	FAR = -100000,
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static int place_worth(const char *text, size_t i)
{
	if (i == 0)
		return WORTH_FIRST;
	if (is_letter(text[i]) && !is_letter(text[i - 1]))
		return WORTH_WORD;
	if (text[i] >= 'A' && text[i] <= 'Z' && text[i - 1] >= 'a' &&
	    text[i - 1] <= 'z')
		return WORTH_WORD;		/* ConsumerLagHigh */
	return 0;
}

/*
 * Two tables over pattern x text.  at[p][i]: the best with pattern letter p
 * matched at i.  best[p][i]: the best with it matched at i or before, gaps
 * since then paid.
 */
struct laid {
	int at[FUZZY_PATTERN_MAX][FUZZY_TEXT_MAX];
	int best[FUZZY_PATTERN_MAX][FUZZY_TEXT_MAX];
	bool run[FUZZY_PATTERN_MAX][FUZZY_TEXT_MAX];	/* p-1 is at i-1 */
};

static void lay_letter(struct laid *l, const char *pattern, const char *text,
		       size_t len, size_t p)
{
	bool in_gap = false;

	for (size_t i = 0; i < len; i++) {
		int worth = FAR, carried;

		l->run[p][i] = false;
		if (lower(text[i]) == lower(pattern[p])) {
			int gap = p ? i ? l->best[p - 1][i - 1] : FAR : 0;
			int run = p && i ? l->at[p - 1][i - 1] + WORTH_RUN : FAR;

			l->run[p][i] = run >= gap && run > FAR / 2;
			worth = (run >= gap ? run : gap) + WORTH_LETTER +
				place_worth(text, i);
		}
		carried = i ? l->best[p][i - 1] -
			      (in_gap ? COST_GAP_MORE : COST_GAP) : FAR;
		l->at[p][i] = worth;
		in_gap = carried >= worth;
		l->best[p][i] = in_gap ? carried : worth;
	}
}

/* Back from the end: where did each letter stand? */
static void trace(const struct laid *l, size_t letters, size_t end, bool *hit)
{
	for (size_t p = letters; p-- > 0;) {
		bool run = l->run[p][end];

		hit[end] = true;
		if (!p || !end)
			return;
		end--;
		if (run)
			continue;
		while (end > 0 && l->best[p - 1][end] != l->at[p - 1][end])
			end--;
	}
}

/* One word of the pattern. */
static int word_score(struct laid *l, const char *pattern, size_t letters,
		      const char *text, size_t len, bool *hit)
{
	size_t end = 0;

	if (letters > FUZZY_PATTERN_MAX || letters > len)
		return FUZZY_NONE;
	for (size_t p = 0; p < letters; p++)
		lay_letter(l, pattern, text, len, p);
	for (size_t i = 0; i < len; i++)
		if (l->at[letters - 1][i] > l->at[letters - 1][end])
			end = i;
	if (l->at[letters - 1][end] <= FAR / 2)
		return FUZZY_NONE;
	trace(l, letters, end, hit);
	/* A match that is the whole text is what was meant. */
	return (l->at[letters - 1][end] < 1 ? 1 : l->at[letters - 1][end]) +
	       (letters == len ? WORTH_WORD : 0);
}

/* Cheap and exact: are the letters there in order at all? */
static bool could_match(const char *pattern, size_t letters, const char *text,
			size_t len)
{
	size_t p = 0;

	for (size_t i = 0; i < len && p < letters; i++)
		p += lower(text[i]) == lower(pattern[p]);
	return p == letters;
}

int fuzzy_score(const char *pattern, const char *text,
		bool hit[FUZZY_TEXT_MAX])
{
	bool none[FUZZY_TEXT_MAX], *hits = hit ? hit : none;
	size_t len = strnlen(text, FUZZY_TEXT_MAX);
	struct laid *l = NULL;
	int sum = 0;

	memset(hits, 0, sizeof(none));
	while (*(pattern += strspn(pattern, " "))) {
		size_t letters = strcspn(pattern, " ");
		int score = FUZZY_NONE;

		if (could_match(pattern, letters, text, len)) {
			if (!l && !(l = malloc(sizeof(*l))))
				abort();
			score = word_score(l, pattern, letters, text, len, hits);
		}
		if (score == FUZZY_NONE) {
			sum = FUZZY_NONE;
			break;
		}
		sum += score;
		pattern += letters;
	}
	free(l);
	if (sum == FUZZY_NONE)
		memset(hits, 0, sizeof(none));
	return sum;
}

/* --- ranking -------------------------------------------------------------- */

/* A synonym finds, but the name itself is nearer. */
static int entry_score(const char *pattern, const struct fuzzy_entry *e)
{
	int own = fuzzy_score(pattern, e->text, NULL);
	int other = e->synonyms ? fuzzy_score(pattern, e->synonyms, NULL) :
				  FUZZY_NONE;

	other = other > 1 ? other / 2 : other;
	return own > other ? own : other;
}

/* How many of the others were used later? */
static int recent_worth(const struct fuzzy_entry *entries, size_t count,
			size_t i)
{
	int later = 0;

	if (!entries[i].recent)
		return 0;
	for (size_t k = 0; k < count && later < RECENT_MAX; k++)
		later += entries[k].recent > entries[i].recent;
	return RECENT_MAX - later;
}

/* A total order, so that qsort gives the same everywhere. */
static int by_score(const void *a, const void *b)
{
	const struct fuzzy_found *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->index < y->index ? -1 : x->index > y->index;
}

size_t fuzzy_rank(const char *pattern, const struct fuzzy_entry *entries,
		  size_t count, struct fuzzy_found *out)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		int score = entry_score(pattern, &entries[i]);

		if (score != FUZZY_NONE)
			out[found++] = (struct fuzzy_found){
				i, score + recent_worth(entries, count, i)
			};
	}
	qsort(out, found, sizeof(*out), by_score);
	return found;
}
