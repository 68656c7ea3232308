/* test_editor.c - a short file being changed
 *
 * Method: a table of keys, by name, and what the text is then, `|` being the
 * cursor; golden pictures of a file with problems and of each language; random
 * keys against undo and redo.  Goal: every change can be taken back and done
 * again, indentation follows the file, nothing is cut in half.
 */
#include "tests/test.h"

#include <locale.h>

#include "lab/tui/editor.h"
#include "lab/tui/key.h"

/* Each word is the name of a key; 'x y' is typed. */
static void press(struct editor *e, const char *script)
{
	char name[64];

	while (*(script += strspn(script, " "))) {
		size_t len = *script == '\'' ? strcspn(script + 1, "'") :
					       strcspn(script, " ");

		if (*script == '\'') {
			for (size_t i = 0; i < len; i++)
				editor_key(e, (unsigned char)script[1 + i], 10);
			script += len + 2;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)len, script);
		if (key_named(name) == K_NONE)
			fail_msg("no key is called %s", name);
		editor_key(e, key_named(name), 10);
		script += len;
	}
}

static void expect(const struct editor *e, const char *keys, const char *want)
{
	struct text t = {0};
	size_t len;
	const char *s = editor_text(e, &len);

	text_bytes(&t, s, e->cursor);
	text_char(&t, '|');
	text_bytes(&t, s + e->cursor, len - e->cursor);
	if (strcmp(text_cstr(&t), want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", keys, text_cstr(&t), want);
	text_free(&t);
}

static void keys_change_the_text_as_in_any_editor(void **state)
{
	static const struct {
		const char *text, *keys, *want;
	} rows[] = {
		{ "", "'ab' Enter 'c'", "ab\nc|" },
		{ "ab\ncd", "Down End 'x'", "ab\ncdx|" },
		{ "abcd\nx\nabcd", "End Down Down", "abcd\nx\nabcd|" },
		{ "abcd\nx\nabcd", "End Down Left Down", "abcd\nx\n|abcd" },
		{ "ab\ncd", "Down Backspace", "ab|cd" },
		{ "ab\ncd", "End Delete", "ab|cd" },
		{ "ab\ncd", "Delete Delete Ctrl-K", "|cd" },
		{ "ab", "Left Up PgUp Backspace", "|ab" },
		{ "ab", "End Right Down PgDn Delete", "ab|" },
		{ "  ab", "End Enter 'c'", "  ab\n  c|" },
		{ "  ab", "End Home", "  |ab" }, { "  ab", "End Home Home", "|  ab" },
		{ "a:\n    b: 1\n", "Tab", "    |a:\n    b: 1\n" },
		{ "a:\n  b: 1\n", "Tab 'x' Tab", "  x |a:\n  b: 1\n" },
		{ "a\n\tb", "Tab", "\t|a\n\tb" },
		{ "    ab\n  c", "Right Right Right Right Backspace",
		  "  |ab\n  c" },
		{ "    ab\n  c", "End Shift-Tab", "  ab|\n  c" },
		{ "    ab\n  c", "Shift-Tab Shift-Tab Shift-Tab", "|ab\n  c" },
		{ "a", "'xyz' F5", "|a" }, { "a", "'xyz' F5 F6", "xyz|a" },
		{ "a", "'x' Right 'y' F5", "xa|" },
		{ "a", "'x' Enter F5 F5 'y' F6", "y|a" },
		{ "漢字", "Right Backspace", "|字" },
		{ "e\u0301x", "Right Delete", "e\u0301|" },
		{ "漢字漢\nabcd", "Down End Up", "漢字|漢\nabcd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct editor e;

		assert_true(editor_init(&e, "a.txt", rows[i].text,
					strlen(rows[i].text)));
		press(&e, rows[i].keys);
		expect(&e, rows[i].keys, rows[i].want);
		editor_release(&e);
	}
}

static void changed_means_other_than_on_disk(void **state)
{
	struct editor e;

	(void)state;
	editor_init(&e, "a.txt", "one", 3);
	assert_false(editor_is_changed(&e));
	press(&e, "'x'");
	assert_true(editor_is_changed(&e));
	press(&e, "Backspace");
	assert_false(editor_is_changed(&e));
	press(&e, "'y'");
	editor_saved(&e);
	assert_false(editor_is_changed(&e));
	press(&e, "F5 F5 F5");
	expect(&e, "F5", "|one");
	assert_true(editor_is_changed(&e));
	e.is_read_only = true;
	press(&e, "'z' Delete F6 Enter Tab Shift-Tab");
	expect(&e, "read only", "|one");
	editor_release(&e);
}

static void too_much_is_refused_and_nothing_lost(void **state)
{
	char *big = malloc(EDITOR_BYTES_MAX + 1);
	struct editor e;

	(void)state;
	assert_non_null(big);
	memset(big, 'a', EDITOR_BYTES_MAX + 1);
	assert_false(editor_init(&e, "a", big, EDITOR_BYTES_MAX + 1));
	editor_release(&e);
	assert_false(editor_init(&e, "a", "a\0b", 3));
	editor_release(&e);
	assert_true(editor_init(&e, "a", big, EDITOR_BYTES_MAX));
	assert_false(editor_insert(&e, "x", 1));
	assert_false(editor_is_changed(&e));
	press(&e, "Delete");
	assert_true(editor_insert(&e, "x", 1));
	editor_release(&e);
	free(big);
}

static void a_paste_is_not_indented_again(void **state)
{
	struct editor e;

	(void)state;
	editor_init(&e, "a", "  a", 3);
	press(&e, "End");
	assert_true(editor_insert(&e, "\r\n  b\rc\x1b[1m", 11));
	expect(&e, "paste", "  a\n  b\nc[1m|");
	press(&e, "F5");
	expect(&e, "undo", "  a|");
	editor_release(&e);
}

static void searches_and_problems_go_around(void **state)
{
	static const char text[] = "one two\nTwo\nthree";
	struct text word = {0};
	struct editor e;

	(void)state;
	editor_init(&e, "a", text, sizeof(text) - 1);
	assert_true(editor_find(&e, "two", true));
	assert_int_equal(e.cursor, 4);
	assert_true(editor_find(&e, "two", true));
	assert_int_equal(e.cursor, 8);
	assert_true(editor_find(&e, "TWO", true));
	assert_int_equal(e.cursor, 4);
	assert_true(editor_find(&e, "two", false));
	assert_int_equal(e.cursor, 8);
	assert_false(editor_find(&e, "four", true));
	assert_false(editor_problem_next(&e, true));
	editor_problem_add(&e, 3, 2, "late");
	editor_problem_add(&e, 1, 0, "early");
	assert_true(editor_problem_next(&e, true));
	assert_int_equal(editor_line(&e), 3);
	assert_int_equal(editor_column(&e), 2);
	press(&e, "F8");
	assert_int_equal(editor_line(&e), 1);
	press(&e, "F7");
	assert_int_equal(editor_line(&e), 3);
	editor_word(&e, &word);
	assert_string_equal(text_cstr(&word), "three");
	editor_goto(&e, 99, 99);
	assert_int_equal(e.cursor, sizeof(text) - 1);
	text_free(&word);
	editor_release(&e);
}

/* The same keys backwards and forwards again lead to the same text. */
static void random_changes_can_be_undone_and_redone(void **state)
{
	static const char *const names[] = {
		"a", "Space", "Enter", "Tab", "Shift-Tab", "Backspace", "Delete",
		"Up", "Down", "Left", "Right", "Home", "End", "Ctrl-K", "b", "PgUp",
	};
	static const char text[] = "one:\n  two: 2\n\n  three\n";
	uint32_t luck = 11;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct text before = {0};
		struct editor e;
		size_t len;

		editor_init(&e, "a.yaml", text, sizeof(text) - 1);
		for (int i = 0; i < 60; i++) {
			luck = luck * 1664525 + 1013904223;
			editor_key(&e, key_named(names[(luck >> 16) % 16]), 5);
			assert_true(e.cursor <= e.text.len);
		}
		text_add(&before, editor_text(&e, &len));
		for (int i = 0; i < 60; i++)
			editor_undo(&e);
		assert_string_equal(editor_text(&e, &len), text);
		for (int i = 0; i < 60; i++)
			editor_redo(&e);
		assert_string_equal(editor_text(&e, &len), text_cstr(&before));
		text_free(&before);
		editor_release(&e);
	}
}

static const char backup[] =
	"apiVersion: batch/v1\n"
	"kind: CronJob\n"
	"metadata:\n"
	"  name: backup\n"
	"spec:\n"
	"  schedule: \"30 1 * * *\"   # at night\n"
	"  suspend: false\n"
	"  jobTemplate:\n"
	"    spec:\n"
	"      containers:\n"
	"        - name: backup\n"
	"          image: backup:2 and a line that is longer than the pane\n";

static void a_file_with_problems_looks_as_agreed(void **state)
{
	struct text t = {0};
	struct editor e;
	struct grid g;

	(void)state;
	editor_init(&e, "backup.yaml", backup, sizeof(backup) - 1);
	editor_goto(&e, 7, 99);
	press(&e, "Backspace Backspace Backspace Backspace Backspace 'true' "
		  "Down Down Down Down Down End Enter 'resources:'");
	editor_problem_add(&e, 10, 7, "unknown field; indent it under spec");
	editor_problem_add(&e, 2, 0, "a whole line");
	grid_init(&g, 24, 60);
	editor_draw(&e, &g, (struct rect){ 0, 0, 17, 60 }, true);
	assert_int_equal(g.cursor_row, 14);
	assert_int_equal(e.top, 0);
	editor_draw(&e, &g, (struct rect){ 18, 0, 6, 60 }, true);
	assert_int_equal(g.cursor_row, 23);
	grid_text(&g, true, &t);
	test_golden("tui/editor.scr", text_cstr(&t));
	editor_click(&e, (struct rect){ 0, 0, 17, 60 }, 2, 8);
	text_free(&t);
	grid_release(&g);
	editor_release(&e);
}

static void a_click_means_the_place_drawn_there(void **state)
{
	struct editor e;
	struct grid g;

	(void)state;
	editor_init(&e, "backup.yaml", backup, sizeof(backup) - 1);
	editor_problem_add(&e, 3, 1, "below this line is one more");
	for (size_t line = 1; line < 12; line++) {
		editor_goto(&e, line, 4);
		grid_init(&g, 20, 90);
		editor_draw(&e, &g, grid_all(&g), true);
		editor_goto(&e, 1, 1);
		editor_click(&e, grid_all(&g), g.cursor_row, g.cursor_col);
		assert_int_equal(editor_line(&e), line);
		assert_int_equal(editor_column(&e), 4);
		grid_release(&g);
	}
	editor_click(&e, (struct rect){ 0, 0, 20, 90 }, 19, 80);
	assert_int_equal(e.cursor, sizeof(backup) - 1);
	editor_release(&e);
}

static void the_cursor_is_always_seen(void **state)
{
	static const char *const names[] = { "Down", "End", "PgDn", "Up", "Home",
					     "PgUp", "Right" };
	struct editor e;
	uint32_t luck = 5;

	(void)state;
	editor_init(&e, "backup.yaml", backup, sizeof(backup) - 1);
	editor_problem_add(&e, 5, 3, "here");
	for (int i = 0; i < 2000; i++) {
		struct grid g;

		luck = luck * 1664525 + 1013904223;
		editor_key(&e, key_named(names[(luck >> 16) % 7]), 4);
		grid_init(&g, 2 + (int)(luck >> 20) % 8, 20);
		editor_draw(&e, &g, grid_all(&g), true);
		assert_in_range(g.cursor_row, 0, g.rows - 1);
		assert_in_range(g.cursor_col, 6, g.cols - 1);
		grid_release(&g);
	}
	editor_release(&e);
}

static void each_language_is_coloured(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "a.lua", "local x = 12 -- note\n--[[ long\nend ]] return [==[a\n"
			   "]]b]==] .. \"q\\\"uo\"\n" },
		{ "a.yaml", "- key: \"a # b\" # no\n  n: 12\ntext: |\n  raw: 1\n\n"
			    "  more\nb: true\n" },
		{ "a.properties", "# note\nacks=all\nlinger.ms: 5\n" },
		{ "a.sql", "SELECT a, 'it''s' FROM t -- all\n/* x\ny */ WHERE b = 1\n" },
		{ "a.sh", "for f in $X; do # each\necho \"a\nb $c\" 'd'\n" },
		{ "a.txt", "if 12 # \"\n" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum code_kind kind = code_kind_of(rows[i].name);
		const char *s = rows[i].text;
		uint32_t open = CODE_START;
		uint8_t roles[100];

		text_addf(&t, "%s: %s\n", rows[i].name, code_kind_names[kind]);
		while (*s) {
			size_t len = strcspn(s, "\n");

			memset(roles, ROLE_BAD, sizeof(roles));
			open = code_color(kind, open, s, len, roles);
			text_addf(&t, "%.*s\n", (int)len, s);
			for (size_t k = 0; k < len; k++)
				text_char(&t, role_letter(roles[k]));
			text_char(&t, '\n');
			assert_int_equal(roles[len], ROLE_BAD);
			s += len + 1;
		}
	}
	test_golden("tui/code_color.txt", text_cstr(&t));
	text_free(&t);
}

static void changed_and_new_lines_are_told_apart(void **state)
{
	static const struct {
		const char *was, *now, *want;
	} rows[] = {
		{ "a\nb\nc", "a\nb\nc", "..." }, { "a\nb\nc", "a\nx\nc", ".~." },
		{ "a\nc", "a\nb\nc", ".+." }, { "a\nb\nc", "a\nc", ".." },
		{ "a\nb\nc\nd", "a\nx\ny\nd", ".~~." },
		{ "a\nb\nd", "a\nx\ny\nz\nd", ".~++." },
		{ "a\nb\nc\nd\ne", "a\nx\nc\ny\nd\ne", ".~.+.." },
		{ "", "a", "~" }, { "a", "", "~" }, { "", "", "." },
		{ "x\nx\nx", "x\nx\nx\nx", "...+" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum line_change *changes;
		char seen[20] = "";
		size_t count;

		changes = line_changes(rows[i].was, rows[i].now, &count);
		for (size_t k = 0; k < count; k++)
			seen[k] = ".~+"[changes[k]];
		assert_string_equal(seen, rows[i].want);
		free(changes);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_change_the_text_as_in_any_editor),
		cmocka_unit_test(changed_means_other_than_on_disk),
		cmocka_unit_test(too_much_is_refused_and_nothing_lost),
		cmocka_unit_test(a_paste_is_not_indented_again),
		cmocka_unit_test(searches_and_problems_go_around),
		cmocka_unit_test(random_changes_can_be_undone_and_redone),
		cmocka_unit_test(a_file_with_problems_looks_as_agreed),
		cmocka_unit_test(a_click_means_the_place_drawn_there),
		cmocka_unit_test(the_cursor_is_always_seen),
		cmocka_unit_test(each_language_is_coloured),
		cmocka_unit_test(changed_and_new_lines_are_told_apart),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
