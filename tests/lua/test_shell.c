/* test_shell.c - the command language is read as POSIX says, or refused by
 * name
 *
 * Tables: what is typed, and how it was understood (shell_dump) or the
 * sentence that refuses it.
 */
#include "lua/shell.h"
#include "tests/test.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct row {
	const char *typed;
	const char *want;
};

static void check_parse(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct err err = {0};
		struct text got = {0};
		struct shell_line *line = shell_parse(rows[i].typed,
				strlen(rows[i].typed), NULL, &err);

		if (line)
			shell_dump(line, &got);
		else
			text_add(&got, err.what);
		if (strcmp(text_cstr(&got), rows[i].want) != 0)
			fail_msg("%s\n  want %s\n  got  %s", rows[i].typed,
				 rows[i].want, text_cstr(&got));
		text_free(&got);
		shell_line_free(line);
	}
}

static void words_are_cut_and_quotes_removed(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "   ", "" },
		{ "# nothing", "" },
		{ "echo", " [echo] ;" },
		{ "echo a  b\tc", " [echo] [a] [b] [c] ;" },
		{ "echo a#b # c", " [echo] [a#b] ;" },
		{ "echo 'a  b'", " [echo] ['a  b'] ;" },
		{ "echo a'b'\"c\"d", " [echo] [a'bc'd] ;" },
		{ "echo '' \"\"", " [echo] [''] [''] ;" },
		{ "echo \"a\\\"b\\\\c\\d\"", " [echo] ['a\"b\\c\\d'] ;" },
		{ "echo a\\ b \\'", " [echo] [a' 'b] ['''] ;" },
		{ "echo a\\\nb", " [echo] [ab] ;" },
		{ "echo a \\\n b", " [echo] [a] [b] ;" },
		{ "echo --topic=x,y a=b", " [echo] [--topic=x,y] [a=b] ;" },
		{ "echo {} a{b}c x,y", " [echo] [{}] [a{b}c] [x,y] ;" },
		{ "echo '{\"a\":1,\"b\":2}'",
		  " [echo] ['{\"a\":1,\"b\":2}'] ;" },
		{ "echo $ a$ '$A' \"$ 5\"",
		  " [echo] [$] [a$] ['$A'] ['$ 5'] ;" },
		{ "écho ü", " [écho] [ü] ;" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void variables_are_kept_for_later(void **state)
{
	static const struct row rows[] = {
		{ "echo $A ${B}c $?", " [echo] [$A] [$Bc] [$?] ;" },
		{ "echo \"$A-${B}\"", " [echo] ['$A''-''$B'] ;" },
		{ "echo ${?}", " [echo] [$?] ;" },
		{ "A=1", " A=1 ;" },
		{ "A= B='x y' echo $A", " A= B='x y' [echo] [$A] ;" },
		{ "A=$B/c d", " A=$B/c [d] ;" },
		{ "1A=b", " [1A=b] ;" },
		{ "echo A=1", " [echo] [A=1] ;" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void operators_join_commands(void **state)
{
	static const struct row rows[] = {
		{ "a | b|c", " [a] | [b] | [c] ;" },
		{ "a; b ;c", " [a] ; [b] ; [c] ;" },
		{ "a && b || c", " [a] && [b] || [c] ;" },
		{ "a|b&&c|d", " [a] | [b] && [c] | [d] ;" },
		{ "a &", " [a] &" },
		{ "a & b && c & d", " [a] & [b] && [c] & [d] ;" },
		{ "a\nb\n\n# c\nd", " [a] ; [b] ; [d] ;" },
		{ "a |\nb &&\n\nc", " [a] | [b] && [c] ;" },
		{ "a;", " [a] ;" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void redirections_name_their_stream(void **state)
{
	static const struct row rows[] = {
		{ "a > f", " [a] 1>f ;" },
		{ "a>f>>g", " [a] 1>f 1>>g ;" },
		{ "a 2> f 2>&1 <g b", " [a] [b] 2>f 2>&1 0<g ;" },
		{ "a >&2", " [a] 1>&2 ;" },
		{ "a 2>>log", " [a] 2>>log ;" },
		{ "a2>f", " [a2] 1>f ;" },
		{ "> f", " 1>f ;" },
		{ "a <<< 'x y' | b", " [a] 0<<<'x y' | [b] ;" },
		{ "a > \"$D/f\"", " [a] 1>'$D''/f' ;" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void documents_follow_their_line(void **state)
{
	static const struct row rows[] = {
		{ "a <<E\nx\ny\nE", " [a] 0<<'x\ny\n' ;" },
		{ "a <<E\nx\nE\nb", " [a] 0<<'x\n' ; [b] ;" },
		{ "a <<E | b\nx $A \\$B\nE\n",
		  " [a] 0<<'x ''$A'' $B\n' | [b] ;" },
		{ "a <<'E'\nx $A `b`\nE", " [a] 0<<'x $A `b`\n' ;" },
		{ "a <<-E\n\tx\n\t\ty\n\tE", " [a] 0<<'x\ny\n' ;" },
		{ "a <<A <<B\n1\nA\n2\nB", " [a] 0<<'1\n' 0<<'2\n' ;" },
		{ "a <<E\nE", " [a] 0<< ;" },
		{ "a <<E\n Ex\nE\n", " [a] 0<<' Ex\n' ;" },
		{ "a <<E &&\nx\nE\nb", " [a] 0<<'x\n' && [b] ;" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void what_is_missing_is_said_with_its_column(void **state)
{
	static const struct row rows[] = {
		{ "echo 'a", "column 6: the quote ' is not closed" },
		{ "echo ü \"a", "column 8: the quote \" is not closed" },
		{ "echo a\\", "column 7: nothing follows the backslash" },
		{ "a |", "column 4: a command is missing after |" },
		{ "a &&", "column 5: a command is missing after &&" },
		{ "a || ; b", "column 6: a command is missing after ||" },
		{ "| a", "column 1: a command is missing before |" },
		{ "a; ; b", "column 4: a command is missing before ;" },
		{ "& a", "column 1: a command is missing before &" },
		{ "a >", "column 3: the redirection needs a file name" },
		{ "a > ; b", "column 3: the redirection needs a file name" },
		{ "a <<E\nx", "column 3: the here-document is not closed: a "
			      "line that says only E is missing" },
		{ "a <<E", "column 3: the here-document is not closed: a line "
			   "that says only E is missing" },
		{ "a <<", "column 3: << needs the word that ends the document" },
		{ "a\nb 'c", "line 2, column 3: the quote ' is not closed" },
		{ "echo ${A", "column 6: ${ is not closed: } is missing" },
		{ "echo )", "column 6: this ) has no (; put it in 'quotes' if "
			    "you mean it as it stands" },
		{ "a 3>f", "column 3: only the streams 0, 1 and 2 can be "
			   "redirected" },
		{ "a 0>f", "column 3: stream 0 is for reading; use <" },
		{ "a 1<f", "column 3: stream 1 is for writing; use >" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void what_is_unsupported_is_named(void **state)
{
	static const struct row rows[] = {
		{ "echo $(date)", "column 6: command substitution $(…) is not "
				  "supported here" },
		{ "echo \"x $(d)\"", "column 9: command substitution $(…) is "
				     "not supported here" },
		{ "echo `d`", "column 6: command substitution `…` is not "
			      "supported here" },
		{ "echo \"`d`\"", "column 7: command substitution `…` is not "
				  "supported here" },
		{ "echo $((1+2))", "column 6: arithmetic $((…)) is not "
				   "supported here" },
		{ "(a; b)", "column 1: a subshell (…) is not supported here" },
		{ "((a++))", "column 1: arithmetic ((…)) is not supported "
			     "here" },
		{ "a (b)", "column 3: ( is special to the shell; put it in "
			   "'quotes' if you mean it as it stands" },
		{ "f() { a; }", "column 1: defining a function NAME() is not "
				"supported here" },
		{ "function f", "column 1: defining a function is not "
				"supported here" },
		{ "if a; then b; fi", "column 1: if … fi is not supported "
				      "here; && and || are" },
		{ "a; for i in b", "column 4: for … done is not supported "
				   "here" },
		{ "while true", "column 1: while … done is not supported "
				"here" },
		{ "{ a; }", "column 1: a group { …; } is not supported here" },
		{ "! a", "column 1: negation with ! is not supported here; || "
			 "is" },
		{ "[[ a ]]", "column 1: the test [[ … ]] is not supported "
			     "here" },
		{ "a &> f", "column 3: &> is not supported here; write > FILE "
			    "2>&1" },
		{ "a |& b", "column 3: |& is not supported here; write 2>&1 "
			    "|" },
		{ "a <(b)", "column 3: process substitution <(…) is not "
			    "supported here" },
		{ "a ;; b", "column 3: ;; belongs to case, which is not "
			    "supported here" },
		{ "a {b,c}", "column 3: brace expansion {…,…} is not "
			     "supported here; put the text in 'quotes' if you "
			     "mean it as it stands" },
		{ "a x{1..3}", "column 4: brace expansion {…,…} is not "
			       "supported here; put the text in 'quotes' if "
			       "you mean it as it stands" },
		{ "a ${B:-c}", "column 3: of ${…} only ${NAME} is supported "
			       "here" },
		{ "echo $1", "column 6: $1 is not supported here: there are no "
			     "scripts to pass arguments to" },
		{ "A=(b c)", "column 3: arrays NAME=(…) are not supported "
			     "here" },
		{ "a 2>&-", "column 3: closing a stream with >&- is not "
			    "supported here; send it to /dev/null" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void a_quoted_keyword_is_a_word(void **state)
{
	static const struct row rows[] = {
		{ "'if' a", " ['if'] [a] ;" },
		{ "echo if for {", " [echo] [if] [for] [{] ;" },
		{ "echo '(' \\)", " [echo] ['('] [')'] ;" },
	};

	(void)state;
	check_parse(rows, COUNT(rows));
}

static void only_what_lacks_its_end_is_incomplete(void **state)
{
	static const struct {
		const char *typed;
		bool want;
	} rows[] = {
		{ "", false }, { "echo a", false }, { "echo 'a", true },
		{ "echo \"a", true }, { "a |", true }, { "a &&", true },
		{ "a || # x", true }, { "a \\", true }, { "a <<E", true },
		{ "a <<E\nE", false }, { "a <<E\nx\n", true },
		{ "a; ;", false }, { "a | ; b", false }, { "(a", false },
		{ "echo ${A", true }, { "a |\n", true }, { "a >", false },
		{ "a <<E\n${B\nE\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (shell_incomplete(rows[i].typed, strlen(rows[i].typed)) !=
		    rows[i].want)
			fail_msg("%s", rows[i].typed);
}

static void limits_are_told(void **state)
{
	struct text t = {0};
	struct err err;
	size_t at = 0;

	(void)state;
	for (int i = 0; i < SHELL_STAGES_MAX + 1; i++)
		text_add(&t, i ? "|a" : "a");
	assert_null(shell_parse(t.at, t.len, &at, &err));
	assert_non_null(strstr(err.what, "more than 16 commands"));
	text_clear(&t);
	for (int i = 0; i < SHELL_WORDS_MAX + 1; i++)
		text_add(&t, "a ");
	assert_null(shell_parse(t.at, t.len, NULL, &err));
	assert_non_null(strstr(err.what, "more than 1024 words"));
	text_clear(&t);
	for (int i = 0; i < SHELL_BYTES_MAX + 1; i++)
		text_char(&t, 'a');
	assert_null(shell_parse(t.at, t.len, NULL, &err));
	assert_non_null(strstr(err.what, "longer than 256 KiB"));
	text_clear(&t);
	for (int i = 0; i < SHELL_PIPELINES_MAX + 1; i++)
		text_add(&t, "a;");
	assert_null(shell_parse(t.at, t.len, NULL, &err));
	assert_non_null(strstr(err.what, "more than 1024 commands"));
	assert_null(shell_parse("a\0b", 3, &at, NULL));
	assert_int_equal(at, 1);
	text_free(&t);
}

/* Expansion. */

static const char *variable(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "A") == 0)
		return "one";
	if (strcmp(name, "S") == 0)
		return " two  words ";
	if (strcmp(name, "G") == 0)
		return "*.txt";
	return NULL;
}

static void files(void *ctx, void (*visit)(void *with, const char *name),
		  void *with)
{
	(void)ctx;
	visit(with, ".hidden");
	visit(with, "a.txt");
	visit(with, "b.txt");
	visit(with, "c.log");
}

static void words_expand_as_in_posix(void **state)
{
	static const struct row rows[] = {
		{ "$A", "<one>" }, { "${A}s", "<ones>" }, { "$U", "" },
		{ "\"$U\"", "<>" }, { "a$U", "<a>" }, { "''", "<>" },
		{ "$S", "<two><words>" }, { "x$S", "<x><two><words>" },
		{ "x${S}y", "<x><two><words><y>" },
		{ "\"$S\"", "< two  words >" }, { "$?", "<7>" },
		{ "*.txt", "<a.txt><b.txt>" }, { "?.log", "<c.log>" },
		{ "'*.txt'", "<*.txt>" }, { "\\*.txt", "<*.txt>" },
		{ "*.none", "<*.none>" }, { "*", "<a.txt><b.txt><c.log>" },
		{ ".*", "<.hidden>" }, { "$G", "<a.txt><b.txt>" },
		{ "\"$G\"", "<*.txt>" }, { "test.*", "<test.*>" },
		{ "$S*.log", "<two><words><c.log>" },
	};
	struct shell_scope scope = { .status = 7, .variable = variable,
				     .files = files };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct shell_line *line;
		struct shell_fields fields = {0};
		struct text typed = {0}, got = {0};

		text_addf(&typed, "x %s", rows[i].typed);
		line = shell_parse(typed.at, typed.len, NULL, NULL);
		assert_non_null(line);
		assert_true(shell_expand(
			line->lists->pipelines->commands->words->next, &scope,
			&fields, NULL));
		for (size_t k = 0; k < fields.count; k++)
			text_addf(&got, "<%s>", fields.at[k]);
		if (strcmp(text_cstr(&got), rows[i].want) != 0)
			fail_msg("%s: want %s, got %s", rows[i].typed,
				 rows[i].want, text_cstr(&got));
		shell_fields_release(&fields);
		shell_line_free(line);
		text_free(&typed);
		text_free(&got);
	}
}

static void globs_match_whole_names(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool want;
	} rows[] = {
		{ "", "", true }, { "*", "", true }, { "a*b*c", "axxbyyc", true },
		{ "a*b*c", "axxbyy", false }, { "?", "", false },
		{ "*a", "aaab", false }, { "*a", "aaba", true },
		{ "a", "ab", false }, { "**", "x", true },
		{ "*?*?", "x", false }, { "*?*?", "xy", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (shell_glob(rows[i].pattern, rows[i].name) != rows[i].want)
			fail_msg("%s %s", rows[i].pattern, rows[i].name);
}

static void a_cursor_finds_its_word(void **state)
{
	static const struct {
		const char *line;
		const char *words;
		size_t start;
		char quote;
		bool is_target;
	} rows[] = {
		{ "", "<>", 0, 0, false },
		{ "ec", "<ec>", 0, 0, false },
		{ "echo ", "<echo><>", 5, 0, false },
		{ "echo a", "<echo><a>", 5, 0, false },
		{ "a | gr", "<gr>", 4, 0, false },
		{ "a|", "<>", 2, 0, false },
		{ "a; b && c d", "<c><d>", 10, 0, false },
		{ "A=1 ec", "<ec>", 4, 0, false },
		{ "cat 'a b", "<cat><a b>", 4, '\'', false },
		{ "cat \"a\\\"b", "<cat><a\"b>", 4, '"', false },
		{ "cat a\\ b", "<cat><a b>", 4, 0, false },
		{ "cat > f", "<cat><f>", 6, 0, true },
		{ "cat x > f y", "<cat><x><y>", 10, 0, false },
		{ "cat 2> ", "<cat><>", 7, 0, true },
		{ "cat 2>&1 x", "<cat><x>", 9, 0, false },
		{ "cat 'x|y' z", "<cat><x|y><z>", 10, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct shell_place p;
		struct text got = {0};

		shell_place_find(rows[i].line, strlen(rows[i].line), &p);
		for (size_t k = 0; k < p.words.count; k++)
			text_addf(&got, "<%s>", p.words.at[k]);
		if (strcmp(text_cstr(&got), rows[i].words) != 0 ||
		    p.start != rows[i].start || p.quote != rows[i].quote ||
		    p.is_target != rows[i].is_target)
			fail_msg("%s: %s at %zu, quote %d, target %d",
				 rows[i].line, text_cstr(&got), p.start,
				 p.quote, p.is_target);
		text_free(&got);
		shell_place_release(&p);
	}
}

static void what_is_quoted_reads_back(void **state)
{
	static const char *const all[] = { "", "a", "a b", "it's", "\"$A\"",
		"a\nb", "*?\\", "#x", "~{a,b}", "\\", "`x`", "!;&|<>()" };
	static const char quotes[] = { 0, '\'', '"' };
	struct shell_scope scope = {0};

	(void)state;
	for (size_t i = 0; i < 3 * COUNT(all); i++) {
		struct text typed = {0}, got = {0};
		struct shell_line *line;

		text_add(&typed, "x ");
		shell_quote(&typed, all[i / 3], quotes[i % 3]);
		line = shell_parse(typed.at, typed.len, NULL, NULL);
		assert_non_null(line);
		assert_non_null(line->lists->pipelines->commands->words->next);
		assert_true(shell_expand_text(
			line->lists->pipelines->commands->words->next, &scope,
			&got, NULL));
		assert_string_equal(text_cstr(&got), all[i / 3]);
		shell_line_free(line);
		text_free(&typed);
		text_free(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_cut_and_quotes_removed),
		cmocka_unit_test(variables_are_kept_for_later),
		cmocka_unit_test(operators_join_commands),
		cmocka_unit_test(redirections_name_their_stream),
		cmocka_unit_test(documents_follow_their_line),
		cmocka_unit_test(what_is_missing_is_said_with_its_column),
		cmocka_unit_test(what_is_unsupported_is_named),
		cmocka_unit_test(a_quoted_keyword_is_a_word),
		cmocka_unit_test(only_what_lacks_its_end_is_incomplete),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(words_expand_as_in_posix),
		cmocka_unit_test(globs_match_whole_names),
		cmocka_unit_test(a_cursor_finds_its_word),
		cmocka_unit_test(what_is_quoted_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
