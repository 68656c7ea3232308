/* test_grid.c - the picture in memory, its widths, its other forms
 *
 * Method: tables, and drawing outside of every edge.  Goal: nothing is written
 * beside the grid, wide characters are whole or not there, whatever a record
 * holds cannot move a cursor.
 */
#include "tests/test.h"

#include <locale.h>
#include <string.h>

#include "lab/text/glyph.h"
#include "lab/tui/grid.h"

static void widths_are_those_of_cells(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {
		{ "", 0 }, { "abc", 3 }, { "●─█✓", 4 }, { "日本", 4 },
		{ "e\xcc\x81", 1 }, { "a\tb", 3 }, { "\x1b[31m", 5 },
		{ "\xff\xfe", 2 }, { "a\xe2\x80\xae" "b", 3 }, { "\xe2\x80", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(text_width(rows[i].text), rows[i].width);
	assert_int_equal(text_fit("日本", 6, 3), 3);
	assert_int_equal(text_fit("abc", 3, 2), 2);
}

static void what_could_move_a_cursor_is_shown_as_a_dot(void **state)
{
	struct text t = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 1, 12);
	grid_put(&g, grid_all(&g), 0, 0, ROLE_TEXT,
		 "a\x1b[2J\n\xe2\x80\xae" "b\x7f");
	grid_text(&g, false, &t);
	assert_string_equal(text_cstr(&t), "a·[2J··b·\n");
	text_free(&t);
	grid_release(&g);
}

static void a_wide_character_is_whole_or_not_there(void **state)
{
	struct text t = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 3, 5);
	grid_put(&g, grid_all(&g), 0, 0, ROLE_TEXT, "日本語");
	/* Half of one is overwritten: the other half is blank. */
	grid_put(&g, grid_all(&g), 1, 0, ROLE_TEXT, "日本");
	grid_put(&g, grid_all(&g), 1, 1, ROLE_TEXT, "x");
	grid_put(&g, grid_all(&g), 2, 0, ROLE_TEXT, "日本");
	grid_put(&g, grid_all(&g), 2, 2, ROLE_TEXT, "x");
	grid_text(&g, false, &t);
	assert_string_equal(text_cstr(&t), "日本\n x本\n日x\n");
	grid_ascii(&g);
	text_clear(&t);
	grid_text(&g, false, &t);
	assert_string_equal(text_cstr(&t), "? ?\n x?\n? x\n");
	text_free(&t);
	grid_release(&g);
}

static void nothing_is_drawn_outside(void **state)
{
	struct grid g;
	struct rect r = { 1, 2, 2, 3 }, odd = { -3, -3, 900, 900 };
	struct text t = {0};

	(void)state;
	grid_init(&g, 4, 8);
	for (int row = -3; row < 9; row++)
		for (int col = -4; col < 9; col++)
			grid_put(&g, r, row, col, ROLE_TEXT, "xyzw日");
	grid_fill(&g, odd, 2, 2, 5000, ROLE_TEXT, ".");
	grid_flag(&g, odd, CELL_SELECTED);
	grid_link(&g, odd, 7);
	grid_cursor(&g, odd, 800, 800);
	assert_int_equal(g.cursor_row, -1);
	grid_text(&g, false, &t);
	for (int row = 0; row < 4; row++)
		for (int col = 0; col < 8; col++)
			if (!rect_has(r, row, col))
				assert_string_equal(grid_at(&g, row, col)->text,
						    " ");
	text_free(&t);
	grid_release(&g);
}

static void sizes_are_kept_within_reason(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 0, -5);
	assert_int_equal(g.rows, 1);
	assert_int_equal(g.cols, 1);
	grid_reset(&g, 1 << 30, 1 << 30);
	assert_int_equal(g.rows, GRID_ROWS_MAX);
	assert_int_equal(g.cols, GRID_COLS_MAX);
	grid_release(&g);
}

static void rectangles_give_no_more_than_they_have(void **state)
{
	struct rect r = { 0, 0, 10, 20 }, top = rect_top(&r, 3),
		    low = rect_bottom(&r, 100), none = rect_top(&r, 5);

	(void)state;
	assert_int_equal(top.rows, 3);
	assert_int_equal(low.row, 3);
	assert_int_equal(low.rows, 7);
	assert_int_equal(none.rows, 0);
	assert_int_equal(rect_left(&low, -4).cols, 0);
	assert_int_equal(rect_inset((struct rect){ 0, 0, 2, 2 }, 9, 9).rows, 0);
}

/* Every glyph that views draw has a twin; the list is that of screens.md 3. */
static void every_glyph_of_ours_has_an_ascii_twin(void **state)
{
	static const char *const ours[] = {
		"─", "│", "┌", "┐", "└", "┘", "├", "┤", "┬", "┴", "┼", "═",
		"┄", "┃", "●", "▲", "✗", "◌", "○", "✓", "▸", "▾", "◂", "·",
		"‒", "◆", "□", "≡", "▁", "▂", "▃", "▄", "▅", "▆", "▇",
		"█", "░", "▒", "▓", "…", "›", "±", "╷", "▏", "▼",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		assert_int_equal(text_width(ours[i]), 1);
		if (glyph_ascii(ours[i]) == '?')
			fail_msg("%s has no twin", ours[i]);
	}
	assert_int_equal(glyph_ascii("⣿"), '*');
}

static void roles_have_a_letter_each_and_a_style_in_each_theme(void **state)
{
	char seen[ROLE_COUNT + 1] = "";

	(void)state;
	for (int r = 0; r < ROLE_COUNT; r++) {
		char letter = role_letter((enum role)r);

		assert_null(strchr(seen, letter));
		seen[r] = letter;
		assert_int_equal(theme_style(THEME_MONO, (enum role)r).color,
				 -1);
		for (int t = 0; t < THEME_COUNT; t++)
			assert_in_range(theme_style((enum theme)t,
						    (enum role)r).color + 1,
					0, 256);
	}
	assert_int_equal(theme_named("light"), THEME_LIGHT);
	assert_int_equal(theme_named("beige"), THEME_COUNT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_those_of_cells),
		cmocka_unit_test(what_could_move_a_cursor_is_shown_as_a_dot),
		cmocka_unit_test(a_wide_character_is_whole_or_not_there),
		cmocka_unit_test(nothing_is_drawn_outside),
		cmocka_unit_test(sizes_are_kept_within_reason),
		cmocka_unit_test(rectangles_give_no_more_than_they_have),
		cmocka_unit_test(every_glyph_of_ours_has_an_ascii_twin),
		cmocka_unit_test(
			roles_have_a_letter_each_and_a_style_in_each_theme),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("tui/grid", tests, NULL, NULL);
}
