/* test_lineedit.c - one line being typed
 *
 * Method: a table of keys, by name, and what the line is then, `|` being the
 * cursor; a golden picture of what is drawn; random keys against two promises.
 * Goal: the keys of a shell, undo that always leads back, nothing cut in half.
 */
#include "tests/test.h"

#include <locale.h>

#include "lab/tui/key.h"
#include "lab/tui/lineedit.h"

static const char *const past[] = {
	"kafka-topics.sh --list", "kubectl get pods", "kafka-topics.sh --describe",
};

static size_t past_count(void *ctx)
{
	(void)ctx;
	return 3;
}

static const char *past_at(void *ctx, size_t i)
{
	(void)ctx;
	return past[i];
}

static char *copy(const char *s)
{
	char *made = malloc(strlen(s) + 1);

	assert_non_null(made);
	return strcpy(made, s);
}

/* Offers words that begin as the last one on the line does. */
static void offer(void *ctx, const char *line, size_t cursor,
		  struct completions *out)
{
	static const char *const words[] = { "kafka-acls.sh", "kafka-configs.sh",
					     "kubectl", "zone" };
	const char *common = "";

	(void)ctx;
	*out = (struct completions){ .start = cursor };
	while (out->start && line[out->start - 1] != ' ')
		out->start--;
	out->at = calloc(4, sizeof(*out->at));
	assert_non_null(out->at);
	for (size_t i = 0; i < 4; i++) {
		if (strncmp(words[i], line + out->start, cursor - out->start))
			continue;
		out->at[out->count].insert = copy(words[i]);
		out->at[out->count++].show = copy(words[i]);
	}
	if (out->count == 2)
		common = "kafka-";
	else if (out->count == 3)
		common = "k";
	out->common = copy(common);
}

static const struct line_outside outside = { past_count, past_at, offer, NULL };

/* Each word is the name of a key; 'x y' is typed. */
static enum line_answer press(struct lineedit *e, const char *script)
{
	enum line_answer answer = LINE_TAKEN;
	char name[64];

	while (*(script += strspn(script, " "))) {
		size_t len = *script == '\'' ? strcspn(script + 1, "'") :
					       strcspn(script, " ");

		if (*script == '\'') {
			for (size_t i = 0; i < len; i++)
				answer = lineedit_key(
					e, (unsigned char)script[1 + i]);
			script += len + 2;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)len, script);
		if (key_named(name) == K_NONE)
			fail_msg("no key is called %s", name);
		answer = lineedit_key(e, key_named(name));
		script += len;
	}
	return answer;
}

static void expect(const struct lineedit *e, const char *keys, const char *want)
{
	struct text t = {0};

	text_bytes(&t, lineedit_text(e), e->cursor);
	text_char(&t, '|');
	text_add(&t, lineedit_text(e) + e->cursor);
	if (strcmp(text_cstr(&t), want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", keys, text_cstr(&t), want);
	text_free(&t);
}

static void keys_do_what_they_do_in_a_shell(void **state)
{
	static const struct {
		const char *keys, *want;
	} rows[] = {
		{ "'one two'", "one two|" },
		{ "'one two' Home 'x' End 'y'", "xone twoy|" },
		{ "'one two' Ctrl-A Right Ctrl-F Left Ctrl-B", "|one two" },
		{ "'one two' Backspace Ctrl-H", "one t|" },
		{ "'one two' Home Delete Ctrl-D", "|e two" },
		{ "'one two-three' Alt-B", "one two-|three" },
		{ "'one two-three' Alt-B Alt-B Alt-B Alt-F", "one| two-three" },
		{ "'one two-three' Alt-Backspace", "one two-|" },
		{ "'one two-three' Ctrl-W", "one |" },
		{ "'one two' Home Alt-D", "| two" },
		{ "'one two' Home Ctrl-K", "|" },
		{ "'one two' Left Ctrl-U", "|o" },
		{ "'one two' Ctrl-W Ctrl-W Ctrl-Y Ctrl-Y", "one twoone two|" },
		{ "'one two' Ctrl-W 'x' Ctrl-W Ctrl-Y", "one x|" },
		{ "'one two' Home Alt-D Alt-D Ctrl-Y", "one two|" },
		{ "'ab' Ctrl-T", "ba|" }, { "'abc' Left Ctrl-T", "acb|" },
		{ "'a' Ctrl-T", "a|" }, { "Ctrl-T", "|" },
		{ "'abc' Ctrl-W 'x' Ctrl-_ Ctrl-_", "abc|" },
		{ "'abc' Left 'x' Ctrl-_", "ab|c" },
		{ "'abc' Ctrl-_ Ctrl-_", "|" },
		{ "Up", "kafka-topics.sh --describe|" },
		{ "Up Up Up Up", "kafka-topics.sh --list|" },
		{ "'mine' Up Up Down Down Down", "mine|" },
		{ "'mine' Ctrl-P Ctrl-N", "mine|" },
		{ "Ctrl-R 'top'", "kafka-|topics.sh --describe" },
		{ "Ctrl-R 'top' Ctrl-R", "kafka-|topics.sh --list" },
		{ "Ctrl-R 'get' End 'x'", "kubectl get podsx|" },
		{ "'mine' Ctrl-R 'get' Esc", "mine|" },
		{ "Ctrl-R 'getq' Backspace", "kubectl |get pods" },
		{ "Ctrl-R 'qq' Ctrl-A", "|" },
		{ "'z' Tab", "zone|" }, { "'q' Tab", "q|" },
		{ "'ka' Tab", "kafka-|" }, { "'ka' Tab Enter", "kafka-acls.sh|" },
		{ "'x ka' Tab Tab Enter", "x kafka-configs.sh|" },
		{ "'ka' Tab Shift-Tab Enter", "kafka-configs.sh|" },
		{ "'ka' Tab 'c'", "kafka-c|" }, { "'ka' Tab Esc Ctrl-_", "ka|" },
		{ "'k' Tab Down Down Enter", "kubectl|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lineedit e;

		lineedit_init(&e, &outside);
		press(&e, rows[i].keys);
		expect(&e, rows[i].keys, rows[i].want);
		lineedit_release(&e);
	}
}

static void other_keys_are_left_to_others(void **state)
{
	struct lineedit e;
	char *line;

	(void)state;
	lineedit_init(&e, NULL);
	assert_int_equal(press(&e, "Esc"), LINE_REFUSED);
	assert_int_equal(press(&e, "F2"), LINE_REFUSED);
	assert_int_equal(press(&e, "PgUp"), LINE_REFUSED);
	assert_int_equal(press(&e, "Tab"), LINE_REFUSED);
	assert_int_equal(press(&e, "Ctrl-C"), LINE_REFUSED);
	assert_int_equal(press(&e, "Ctrl-D"), LINE_ENDED);
	assert_int_equal(press(&e, "'x' Ctrl-D"), LINE_TAKEN);
	assert_int_equal(press(&e, "Up Ctrl-R 'x' Enter"), LINE_ENTERED);
	line = lineedit_take(&e);
	assert_string_equal(line, "x");
	free(line);
	assert_true(lineedit_is_empty(&e));
	press(&e, "Ctrl-_");
	expect(&e, "undo after take", "|");
	line = lineedit_take(&e);
	assert_string_equal(line, "");
	free(line);
	lineedit_release(&e);
}

static void a_ghost_is_taken_at_the_end_only(void **state)
{
	struct lineedit e;

	(void)state;
	lineedit_init(&e, NULL);
	lineedit_ghost_set(&e, "kubectl delete pod kafka-1");
	press(&e, "'kub' Left Right");
	expect(&e, "Left Right", "kub|");
	press(&e, "Right");
	expect(&e, "Right", "kubectl delete pod kafka-1|");
	press(&e, "Ctrl-_ 'x' Right");
	expect(&e, "another beginning", "kubx|");
	lineedit_release(&e);
}

static void a_paste_is_text_and_runs_nothing(void **state)
{
	static const char pasted[] = "for x\r\n\tdo\x1b[A\x03\n\n";
	struct lineedit e;

	(void)state;
	lineedit_init(&e, NULL);
	press(&e, "'a'");
	lineedit_paste(&e, pasted, sizeof(pasted) - 1);
	expect(&e, "paste", "afor x\n do[A|");
	press(&e, "Ctrl-_");
	expect(&e, "undo", "a|");
	lineedit_release(&e);
}

static void characters_are_never_cut_in_half(void **state)
{
	struct lineedit e;

	(void)state;
	lineedit_init(&e, NULL);
	lineedit_paste(&e, "e\u0301漢", strlen("e\u0301漢"));
	press(&e, "Left");
	expect(&e, "Left", "e\u0301|漢");
	press(&e, "Backspace");
	expect(&e, "Backspace", "|漢");
	press(&e, "Delete");
	expect(&e, "Delete", "|");
	lineedit_release(&e);
}

/* Undo leads back to the empty line, and the cursor stays in the line. */
static void random_keys_can_all_be_undone(void **state)
{
	static const char *const names[] = {
		"a", "Space", "-", "Left", "Alt-B", "Ctrl-W", "Ctrl-K", "Ctrl-Y",
		"Ctrl-T", "Backspace", "Alt-D", "End", "Tab", "Enter", "Alt-F",
		"Ctrl-_", "Ctrl-A", "Delete", "Right", "Ctrl-U",
	};
	uint32_t luck = 3;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct lineedit e;

		lineedit_init(&e, &outside);
		lineedit_ghost_set(&e, "a -a");
		for (int i = 0; i < 50; i++) {
			luck = luck * 1664525 + 1013904223;
			lineedit_key(&e, key_named(names[(luck >> 16) % 20]));
			assert_true(e.cursor <= strlen(lineedit_text(&e)));
		}
		for (int i = 0; i < LINE_UNDO_MAX; i++)
			press(&e, "Ctrl-_");
		expect(&e, "all undone", "|");
		lineedit_release(&e);
	}
}

static void a_long_line_is_seen_around_its_cursor(void **state)
{
	struct text picture = {0};
	struct lineedit e;
	struct grid g;

	(void)state;
	lineedit_init(&e, &outside);
	grid_init(&g, 12, 40);
	lineedit_ghost_set(&e, "0123456789 and a ghost");
	press(&e, "'0123456789'");
	grid_put(&g, grid_all(&g), 0, 1, ROLE_CMD, "$");
	lineedit_draw(&e, &g, grid_all(&g), 0, 3, true);
	assert_int_equal(g.cursor_col, 13);
	press(&e, "' 0123456789 0123456789 0123456789 0123456789'");
	lineedit_draw(&e, &g, grid_all(&g), 1, 3, true);
	press(&e, "Alt-B Alt-B Alt-B");
	lineedit_draw(&e, &g, grid_all(&g), 2, 3, true);
	press(&e, "Home");
	lineedit_draw(&e, &g, grid_all(&g), 3, 3, true);
	lineedit_set(&e, "");
	lineedit_paste(&e, "one\ntwo", 7);
	lineedit_draw(&e, &g, grid_all(&g), 4, 3, false);
	press(&e, "Ctrl-U Ctrl-R 'get'");
	lineedit_draw(&e, &g, grid_all(&g), 5, 3, true);
	press(&e, "Esc Ctrl-U 'ka' Tab Tab");
	lineedit_draw(&e, &g, grid_all(&g), 6, 3, true);
	lineedit_draw_offers(&e, &g, grid_all(&g), 6, 30);
	grid_text(&g, true, &picture);
	test_golden("tui/lineedit.scr", text_cstr(&picture));
	text_free(&picture);
	grid_release(&g);
	lineedit_release(&e);
}

static void the_cursor_is_always_drawn(void **state)
{
	static const char line[] = "漢字 kafka-topics 漢字漢字漢字 --topic";
	struct lineedit e;
	struct grid g;

	(void)state;
	lineedit_init(&e, NULL);
	lineedit_paste(&e, line, sizeof(line) - 1);
	for (int cols = 6; cols < 60; cols++) {
		press(&e, "End");
		grid_init(&g, 1, cols);
		for (int i = 0; i < 40; i++) {
			g.cursor_col = -1;
			lineedit_draw(&e, &g, grid_all(&g), 0, 2, true);
			assert_in_range(g.cursor_col, 2, cols - 1);
			press(&e, "Left");
		}
		grid_release(&g);
	}
	lineedit_release(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_do_what_they_do_in_a_shell),
		cmocka_unit_test(other_keys_are_left_to_others),
		cmocka_unit_test(a_ghost_is_taken_at_the_end_only),
		cmocka_unit_test(a_paste_is_text_and_runs_nothing),
		cmocka_unit_test(characters_are_never_cut_in_half),
		cmocka_unit_test(random_keys_can_all_be_undone),
		cmocka_unit_test(a_long_line_is_seen_around_its_cursor),
		cmocka_unit_test(the_cursor_is_always_drawn),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
