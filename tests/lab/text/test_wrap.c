/* test_wrap.c - prose and rows for a terminal of so many columns
 *
 * Method: tables of a text and what it becomes.  Goal: no line that can be
 * broken is too long, code stays as it is, and what is broken off stands where
 * it belongs.
 */
#include "tests/test.h"

#include "lab/text/wrap.h"

static void check(struct text *got, const char *want)
{
	assert_string_equal(text_cstr(got), want);
	text_free(got);
}

static void prose_is_broken_and_code_is_not(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "one two three four", "one two\nthree four" },
		{ "- one two three", "- one two\n  three" },
		{ "    one two three four", "    one two three four" },
		{ "```\none two three\n```\n", "```\none two three\n```\n" },
		{ "unbreakable-long", "unbreakable-long" },
		{ "a unbreakable-long b", "a\nunbreakable-long\nb" },
		{ "één twee drie", "één twee\ndrie" },	/* 13 cells, 15 bytes */
		{ "one  two   three  ", "one  two\nthree" },
		{ "", "" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wrap_prose(&t, rows[i].text, 10);
		check(&t, rows[i].want);
	}
	wrap_prose(&t, "one two three four", 0);
	check(&t, "one two three four");
}

static void rows_hang_where_they_are_told(void **state)
{
	static const struct {
		const char *text;
		int hang;
		const char *want;
	} rows[] = {
		{ "  one two three\n", 0, "  one two\n  three\n" },
		{ "      one two\n", 0, "      one\n      two\n" },
		{ "  a   one two\n  b\n", 6, "  a   one\n      two\n  b\n" },
		{ "one two", 0, "one two" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wrap_hanging(&t, rows[i].text, 10, rows[i].hang);
		check(&t, rows[i].want);
	}
}

static void marks_go_and_code_keeps_its_own(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "# A title\n\n## Two\n", "A title\n\nTwo\n" },
		{ "how **many** in `a**b**`?", "how many in `a**b**`?" },
		{ "    # a comment **here**\n", "    # a comment **here**\n" },
		{ "```\n# **x**\n```\n# y\n", "```\n# **x**\n```\ny\n" },
		{ "#1 is no title", "#1 is no title" },
		{ "| # | **a** |", "| # | **a** |" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wrap_unmark(&t, rows[i].text);
		check(&t, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prose_is_broken_and_code_is_not),
		cmocka_unit_test(rows_hang_where_they_are_told),
		cmocka_unit_test(marks_go_and_code_keeps_its_own),
	};

	return cmocka_run_group_tests_name("wrap", tests, NULL, NULL);
}
