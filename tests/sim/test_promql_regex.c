/* test_promql_regex.c - regular expressions of matchers
 *
 * Method: a table of patterns, texts and whether they match; error texts of
 * Go's regexp; patterns that make backtracking matchers hang.
 * Goal: RE2's answers in time that grows with the length of the text only.
 */
#include "tests/test.h"

#include "sim/tsdb/regex.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void patterns_mean_the_whole_text(void **state)
{
	static const struct {
		const char *pattern, *yes, *no;	/* texts, blank between them */
	} row[] = {
		{ "abc", "abc", "ab abcd xabc ABC" },
		{ "a|bc", "a bc", "b abc" },
		{ "a.c", "abc a.c aéc", "ac abbc" },
		{ "a*", "a aa aaaa", "b ab" },
		{ "a+b?", "a ab aab", "b abb" },
		{ "(ab)+", "ab abab", "a aba" },
		{ "x{2}", "xx", "x xxx" },
		{ "x{2,}", "xx xxxx", "x" },
		{ "x{1,3}?", "x xx xxx", "xxxx" },
		{ "x{,2}", "x{,2}", "x xx" },	/* no repetition in RE2 */
		{ "a{", "a{", "a" },
		{ "[a-c]x", "ax cx", "dx x" },
		{ "[^a-c]x", "dx -x éx", "ax" },
		{ "[]a]+", "] a]", "b" },
		{ "[a-]+", "a-", "b" },
		{ "[[:digit:]x]+", "1x2", "y" },
		{ "[[:^digit:]]", "a", "1" },
		{ "\\d+\\.\\d", "10.5", "10x5" },
		{ "\\w+", "a_9", "a-9" },
		{ "\\D\\W\\S", "a-b", "1-b aab" },
		{ "[\\d.]+", "1.5", "a" },
		{ "\\x41\\x{42}\\103", "ABC", "abc" },
		{ "\\Qa.b\\E+", "a.b a.bb", "axb a.ba.b" },
		{ "\\Qa|(\\E|x", "a|( x", "a" },
		{ "(?i)AbC", "abc ABC", "abd" },
		{ "a(?i:b)c", "abc aBc", "ABC" },
		{ "(?P<n>a)b", "ab", "a" },
		{ "^abc$", "abc", "abcd" },
		{ "a\\bb", "", "ab" },
		{ "a\\b.*", "a a-b", "ab" },
		{ "prod-.*", "prod- prod-eu", "preprod-x" },
		{ "(a|ab)(c|bcd)", "ac abc abcd", "ab" },
		{ "|a", "a", "b" },
		{ ".*", "x", "" },
		{ "é+", "éé", "e" },
		{ "[à-ï]", "é", "z" },
		{ "(a*)*b", "b aab", "a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		for (int want = 0; want < 2; want++) {
			const char *at = want ? row[i].yes : row[i].no;
			struct pool pool = {0};
			struct err err = {{0}};
			struct regex *re = regex_compile(&pool, row[i].pattern,
							 &err);

			if (!re)
				fail_msg("%s: %s", row[i].pattern, err.what);
			while (*at) {
				char text[32];
				int len = (int)strcspn(at, " ");

				snprintf(text, sizeof(text), "%.*s", len, at);
				if (regex_match(re, text) != want)
					fail_msg("%s, %s: should%s match",
						 row[i].pattern, text,
						 want ? "" : " not");
				at += len;
				at += strspn(at, " ");
			}
			pool_release(&pool);
		}
	}
}

static void the_empty_text_is_a_text(void **state)
{
	static const struct {
		const char *pattern;
		bool matches;
	} row[] = {
		{ "", true }, { ".*", true }, { ".+", false }, { "a|", true },
		{ "a?", true }, { "()", true }, { "a", false }, { "^$", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct pool pool = {0};
		struct regex *re = regex_compile(&pool, row[i].pattern, NULL);

		assert_non_null(re);
		assert_int_equal(regex_match(re, ""), row[i].matches);
		pool_release(&pool);
	}
}

static void wrong_patterns_are_told_as_go_does(void **state)
{
	static const struct {
		const char *pattern, *error;
	} row[] = {
		{ "(a", "missing closing ): `^(?:(a)$`" },
		{ "a)", "unexpected ): `^(?:a))$`" },
		{ "[a", "missing closing ]: `[a)$`" },
		{ "*", "missing argument to repetition operator: `*`" },
		{ "a**", "invalid nested repetition operator: `**`" },
		{ "a{1}{2}", "invalid nested repetition operator: `{1}{2}`" },
		{ "a{1001}", "invalid repeat count: `{1001}`" },
		{ "a{2,1}", "invalid repeat count: `{2,1}`" },
		{ "(a{100}){100}", "invalid repeat count: `{100}`" },
		{ "[z-a]", "invalid character class range: `z-a`" },
		{ "[[:foo:]]", "invalid character class range: `[:foo:]`" },
		{ "\\q", "invalid escape sequence: `\\q`" },
		{ "\\8", "invalid escape sequence: `\\8`" },
		{ "(?=a)", "invalid or unsupported Perl syntax: `(?=`" },
		{ "(?<n>a)", "invalid or unsupported Perl syntax: `(?<`" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct pool pool = {0};
		struct err err = {{0}};
		char want[200];

		assert_null(regex_compile(&pool, row[i].pattern, &err));
		snprintf(want, sizeof(want), "error parsing regexp: %s",
			 row[i].error);
		assert_string_equal(err.what, want);
		pool_release(&pool);
	}
}

static void groups_are_the_first_way_to_match(void **state)
{
	int from[REGEX_GROUPS_MAX], to[REGEX_GROUPS_MAX];
	struct pool pool = {0};
	struct regex *re;

	(void)state;
	re = regex_compile(&pool, "(a|ab)(?P<rest>.*?)(c?)", NULL);
	assert_true(regex_groups(re, "abxc", from, to));
	assert_int_equal(from[1], 0);
	assert_int_equal(to[1], 1);	/* a is tried before ab */
	assert_int_equal(regex_group_named(re, "rest", 4), 2);
	assert_int_equal(from[2], 1);
	assert_int_equal(to[2], 3);	/* lazy: leaves the c to the last */
	assert_int_equal(from[3], 3);
	assert_int_equal(regex_group_named(re, "nope", 4), -1);
	assert_int_equal(regex_group_count(re), 3);

	re = regex_compile(&pool, "(x)|(y)", NULL);
	assert_true(regex_groups(re, "y", from, to));
	assert_int_equal(from[1], -1);	/* took no part */
	assert_int_equal(from[2], 0);
	assert_false(regex_groups(re, "z", from, to));
	pool_release(&pool);
}

static void plain_texts_are_recognised(void **state)
{
	struct pool pool = {0};

	(void)state;
	assert_string_equal(regex_literal(regex_compile(&pool, "orders", NULL)),
			    "orders");
	assert_string_equal(regex_literal(regex_compile(&pool, "a\\.b", NULL)),
			    "a.b");
	assert_null(regex_literal(regex_compile(&pool, "a.b", NULL)));
	assert_null(regex_literal(regex_compile(&pool, "a|b", NULL)));
	assert_null(regex_literal(regex_compile(&pool, "(?i)a", NULL)));
	pool_release(&pool);
}

/* Backtracking needs 2^n steps for these. */
static void no_pattern_hangs(void **state)
{
	static const char *const patterns[] = {
		"(a*)*b", "(a|a)*b", "(a+)+b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b",
		"(a?){500}a{500}b", "((a{0,30}){0,30})b",
	};
	char text[3001];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < COUNT(patterns); i++) {
		struct pool pool = {0};
		struct regex *re = regex_compile(&pool, patterns[i], NULL);

		assert_non_null(re);
		assert_false(regex_match(re, text));
		pool_release(&pool);
	}
}

static void what_is_too_large_is_refused(void **state)
{
	struct pool pool = {0};
	char *big = malloc(100001);

	(void)state;
	memset(big, '(', 100000);
	big[100000] = '\0';
	assert_null(regex_compile(&pool, big, NULL));
	memset(big, 'a', 100000);
	assert_null(regex_compile(&pool, big, NULL));
	big[4000] = '\0';
	assert_non_null(regex_compile(&pool, big, NULL));
	memset(big, '(', 1000);
	assert_null(regex_compile(&pool, big, NULL));
	free(big);
	pool_release(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_the_whole_text),
		cmocka_unit_test(the_empty_text_is_a_text),
		cmocka_unit_test(wrong_patterns_are_told_as_go_does),
		cmocka_unit_test(groups_are_the_first_way_to_match),
		cmocka_unit_test(plain_texts_are_recognised),
		cmocka_unit_test(no_pattern_hangs),
		cmocka_unit_test(what_is_too_large_is_refused),
	};

	return cmocka_run_group_tests_name("promql regex", tests, NULL, NULL);
}
