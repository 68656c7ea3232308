/* test_fuzzy.c - finding a thing by some of its letters
 *
 * Method: a table of who beats whom; the matched letters drawn as a picture
 * under the text; random patterns against a plain check of "in order".
 * Goal: beginnings and runs win, the best place is found, not the first.
 */
#include "tests/test.h"

#include "lab/tui/fuzzy.h"

static void letters_must_stand_in_order(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} rows[] = {
		{ "", "anything", true }, { "  ", "anything", true },
		{ "kt", "kafka-topics.sh", true }, { "tk", "kafka-topics", false },
		{ "KAFKA", "kafka", true }, { "kafka", "KAFKA", true },
		{ "kafkaa", "kafka", false }, { "slow fol", "The slow follower", true },
		{ "fol slow", "The slow follower", true },
		{ "slow x", "The slow follower", false },
		{ "ÖL", "öl", false },	/* only ASCII has case */
		{ "röße", "die Größe", true }, { "a", "", false },
		/* Scattered letters are none. */
		{ "isr", "What an ack is worth", false },
		{ "isr", "poison record", false },
		{ "isr", "Instrumentation, exporters", false },
		{ "fmap", "First moment a promise broke", true },
		{ "fb", "First moment a promise broke", false },
		{ "fa", "First moment a promise broke", true },
		{ "momprom", "First moment a promise broke", true },
		{ "oment", "First moment a promise broke", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((fuzzy_score(rows[i].pattern, rows[i].text, NULL) !=
		     FUZZY_NONE) != rows[i].matches)
			fail_msg("\"%s\" in \"%s\"", rows[i].pattern,
				 rows[i].text);
}

static void the_better_match_scores_more(void **state)
{
	static const struct {
		const char *pattern, *better, *worse;
	} rows[] = {
		{ "kt", "kafka-topics", "akafkat" },
		{ "run", "Run, pause", "Return to this unit" },
		{ "top", "topology", "the other place" },
		{ "lag", "lag", "lagging" },
		{ "clh", "ConsumerLagHigh", "consumer-lochs" },
		{ "pau", "Run, pause", "Compare in audit" },
		{ "ab", "ab", "a-b" }, { "ab", "a b", "axxx b" },
		{ "lead", "Who leads", "misleading" },
		{ "lag", "lagging", "flag" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fuzzy_score(rows[i].pattern, rows[i].better, NULL) <=
		    fuzzy_score(rows[i].pattern, rows[i].worse, NULL))
			fail_msg("\"%s\": %s does not beat %s", rows[i].pattern,
				 rows[i].better, rows[i].worse);
}

static void the_matched_letters_are_the_best_ones(void **state)
{
	static const struct {
		const char *pattern, *text, *want;
	} rows[] = {
		{ "topic", "tap-topic", "    ^^^^^" },
		{ "kt", "kit-kafka-topics", "    ^     ^" },
		{ "pause", "p a u s e pause", "          ^^^^^" },
		{ "fol slow", "The slow follower", "    ^^^^ ^^^" },
		{ "zz", "kafka", "" },
	};
	bool hit[FUZZY_TEXT_MAX];
	char seen[FUZZY_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t end = 0;

		fuzzy_score(rows[i].pattern, rows[i].text, hit);
		for (size_t k = 0; k < strlen(rows[i].text); k++) {
			seen[k] = hit[k] ? '^' : ' ';
			end = hit[k] ? k + 1 : end;
		}
		seen[end] = '\0';
		assert_string_equal(seen, rows[i].want);
	}
}

static bool is_beginning(const char *text, size_t i)
{
	return text[i] != '-' && (!i || text[i - 1] == '-');
}

/* Every way to lay the pattern over words from `i` on, tried one by one. */
static bool can_be_laid(const char *pattern, const char *text, size_t i,
			int left_out, bool is_first)
{
	if (!*pattern)
		return true;
	for (; text[i] && left_out <= 1; i++) {
		if (!is_beginning(text, i))
			continue;
		for (size_t n = 1; n <= strlen(pattern) &&
		     strncmp(text + i, pattern, n) == 0; n++)
			if (can_be_laid(pattern + n, text, i + n, 0, false))
				return true;
		left_out += !is_first;
	}
	return false;
}

/* Every hit letter is one of the pattern, and there are as many. */
static void a_random_match_hits_each_letter_once(void **state)
{
	uint32_t luck = 7;
	int matched = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char pattern[6] = "", text[20] = "", got[20] = "";
		bool hit[FUZZY_TEXT_MAX], matches;
		size_t n = 0;

		for (int i = 0; i < 5; i++)
			pattern[i] = "abc"[(luck = luck * 1664525 + 1013904223) >> 16 & 1];
		pattern[(luck >> 20) % 5 + 1] = '\0';
		for (int i = 0; i < 18; i++)
			text[i] = "abc-b"[(luck = luck * 1664525 + 1013904223) >> 16 & 3];
		matches = strstr(text, pattern) ||
			  can_be_laid(pattern, text, 0, 0, true);
		matched += matches;
		assert_int_equal(fuzzy_score(pattern, text, hit) != FUZZY_NONE,
				 matches);
		for (int i = 0; text[i]; i++)
			if (hit[i])
				got[n++] = text[i];
		assert_string_equal(got, matches ? pattern : "");
	}
	assert_in_range(matched, 500, 2500);
}

static void a_text_without_end_is_searched_at_its_beginning(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[999] = '\0';
	text[500] = 'z';
	text[250] = 'y';
	assert_int_not_equal(fuzzy_score("ay", text, NULL), FUZZY_NONE);
	assert_int_equal(fuzzy_score("az", text, NULL), FUZZY_NONE);
	text[100] = '\0';
	assert_int_equal(fuzzy_score(text, text, NULL), FUZZY_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_must_stand_in_order),
		cmocka_unit_test(the_better_match_scores_more),
		cmocka_unit_test(the_matched_letters_are_the_best_ones),
		cmocka_unit_test(a_random_match_hits_each_letter_once),
		cmocka_unit_test(
			a_text_without_end_is_searched_at_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
