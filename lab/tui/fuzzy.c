/* fuzzy.c - finding a thing by some of its letters */
#include "lab/tui/fuzzy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/text/glyph.h"

/* What a matched letter is worth.  A word's beginning beats a run, and a run
 * beats letters that stand alone. */
enum {
	WORTH_LETTER = 16,
	WORTH_FIRST = 12,		/* of the whole text */
	WORTH_WORD = 10,
	WORTH_RUN = 8,
	COST_GAP = 3,
	COST_GAP_MORE = 1,		/* each further letter of it */
	LEFT_OUT_MAX = 1,		/* words between two pieces */
	FAR = -100000,
};

static bool is_letter(char c)
{
	c = text_lower(c);
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
 * Over pattern x text.  at[p][i]: the best with pattern letter p matched at i,
 * which goes on with a run or begins a word; FAR: it cannot.  from[p][i]: where
 * the letter before it then stands.
 */
struct laid {
	int at[FUZZY_PATTERN_MAX][FUZZY_TEXT_MAX];
	uint16_t from[FUZZY_PATTERN_MAX][FUZZY_TEXT_MAX];
};

/* The piece before the one that begins the word at i, at most so many words
 * left out: the best end of it. */
static int behind_gap(const struct laid *l, const char *text, size_t p,
		      size_t i, uint16_t *from)
{
	int best = FAR, left_out = 0;

	for (size_t k = i; k-- > 0;) {
		int gap = (int)(i - k) - 1;
		int worth = l->at[p - 1][k] - (!gap ? 0 : COST_GAP +
					       (gap - 1) * COST_GAP_MORE);

		if (worth > best) {
			best = worth;
			*from = (uint16_t)k;
		}
		left_out += place_worth(text, k) != 0;
		if (left_out > LEFT_OUT_MAX)
			break;
	}
	return best;
}

static void lay_letter(struct laid *l, const char *pattern, const char *text,
		       size_t len, size_t p)
{
	for (size_t i = 0; i < len; i++) {
		int place = place_worth(text, i), before = FAR;
		uint16_t from = 0;

		l->at[p][i] = FAR;
		if (text_lower(text[i]) != text_lower(pattern[p]))
			continue;
		if (place)
			before = p ? behind_gap(l, text, p, i, &from) : 0;
		if (p && i && l->at[p - 1][i - 1] + WORTH_RUN > before) {
			before = l->at[p - 1][i - 1] + WORTH_RUN;
			from = (uint16_t)(i - 1);
		}
		if (before <= FAR / 2)
			continue;
		l->at[p][i] = before + WORTH_LETTER + place;
		l->from[p][i] = from;
	}
}

/* Pieces at the beginnings of words that are near each other. */
static int pieces_score(struct laid *l, const char *pattern, size_t letters,
			const char *text, size_t len, bool *hit)
{
	size_t end = 0;
	int best;

	for (size_t p = 0; p < letters; p++)
		lay_letter(l, pattern, text, len, p);
	for (size_t i = 0; i < len; i++)
		if (l->at[letters - 1][i] > l->at[letters - 1][end])
			end = i;
	best = l->at[letters - 1][end];
	if (best == FAR)
		return FUZZY_NONE;
	for (size_t p = letters; p-- > 0; end = l->from[p][end])
		hit[end] = true;
	return best < 1 ? 1 : best;
}

static bool stands_at(const char *pattern, size_t letters, const char *text)
{
	for (size_t i = 0; i < letters; i++)
		if (text_lower(pattern[i]) != text_lower(text[i]))
			return false;
	return true;
}

/* As it is, anywhere: the best place of it. */
static int whole_score(const char *pattern, size_t letters, const char *text,
		       size_t len, bool *hit)
{
	int best = FUZZY_NONE;
	size_t at = 0;

	for (size_t i = 0; i + letters <= len; i++) {
		int worth = (int)letters * (WORTH_LETTER + WORTH_RUN) -
			    WORTH_RUN + place_worth(text, i);

		if (worth > best && stands_at(pattern, letters, text + i)) {
			best = worth;
			at = i;
		}
	}
	for (size_t i = 0; best != FUZZY_NONE && i < letters; i++)
		hit[at + i] = true;
	/* A match that is the whole text is what was meant. */
	return best != FUZZY_NONE && letters == len ? best + WORTH_WORD : best;
}

/* One word of the pattern. */
static int word_score(struct laid *l, const char *pattern, size_t letters,
		      const char *text, size_t len, bool *hit)
{
	bool pieces[FUZZY_TEXT_MAX] = {0}, whole[FUZZY_TEXT_MAX] = {0};
	const bool *better = whole;
	int score, other;

	if (letters > FUZZY_PATTERN_MAX || letters > len)
		return FUZZY_NONE;
	score = whole_score(pattern, letters, text, len, whole);
	other = pieces_score(l, pattern, letters, text, len, pieces);
	if (other > score) {
		score = other;
		better = pieces;
	}
	for (size_t i = 0; score != FUZZY_NONE && i < len; i++)
		hit[i] |= better[i];
	return score;
}

/* Cheap and exact: are the letters there in order at all? */
static bool could_match(const char *pattern, size_t letters, const char *text,
			size_t len)
{
	size_t p = 0;

	for (size_t i = 0; i < len && p < letters; i++)
		p += text_lower(text[i]) == text_lower(pattern[p]);
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
