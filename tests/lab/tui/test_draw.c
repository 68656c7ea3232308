/* test_draw.c - the pieces all screens are made of
 *
 * Method: a small workbench as a golden picture with its roles; tables for
 * cutting and breaking text; every width from nothing to 80 for what must not
 * fall off.  Goal: rules join, names keep both ends, nothing is drawn outside.
 */
#include "tests/test.h"

#include <locale.h>

#include "lab/text/wrap.h"
#include "lab/tui/draw.h"

static void golden(const char *name, const struct grid *g)
{
	struct text t = {0};

	grid_text(g, true, &t);
	test_golden(name, text_cstr(&t));
	text_free(&t);
}

static const char *const cells[][4] = {
	{ "sensors", "12", "148k", "in sync 36 of 36, nothing to do" },
	{ "plant-7-temperature-readings-raw", "6", "7.2M", "1 not in sync" },
	{ "__consumer_offsets", "50", "205", "" },
	{ "alerts", "3", "0", "nobody reads" },
	{ "pumps", "3", "18k", "" },
};

static void cell(void *ctx, size_t row, size_t column, struct text *out,
		 enum role *role)
{
	(void)ctx;
	text_add(out, cells[row][column]);
	if (row == 1 && column == 3)
		*role = ROLE_WARN;
}

static const struct table_column columns[] = {
	{ .title = "topic", .is_name = true, .can_shrink = true },
	{ .title = "parts", .is_number = true },
	{ .title = "lag", .is_number = true },
	{ .title = "state", .can_shrink = true },
};

static struct table topics(void)
{
	return (struct table){ .columns = columns, .column_count = 4,
			       .rows = 5, .selected = 1, .has_header = true,
			       .cell = cell };
}

static void rules_boxes_and_tables_look_as_agreed(void **state)
{
	static const struct tab tabs[] = {
		{ .name = "Console" },
		{ .name = "Charts", .mark = "▲", .mark_role = ROLE_WARN },
		{ .name = "Logs" },
	};
	struct table t = topics();
	struct rect all, left, right, box;
	struct grid g;
	int col;

	(void)state;
	grid_init(&g, 20, 80);
	all = grid_all(&g);
	draw_rule(&g, all, 0, "1 Console", "compact, z as printed", true);
	draw_rule(&g, all, 8, "4 Charts", "ghost: your first try", false);
	col = draw_split((struct rect){ 1, 0, 7, 80 }, false, &left, &right);
	assert_int_equal(col, 48);
	draw_rule(&g, (struct rect){ 0, 49, 1, 31 }, 0, "2 Topology", "kafka",
		  false);
	draw_rule(&g, right, 3, "3 Tasks", "2/5", false);
	draw_column(&g, (struct rect){ 1, 0, 7, 80 }, col);
	draw_table(&g, left, &t);
	draw_field(&g, right, 0, 10, "in sync", ROLE_WARN, "28/36 ▲");
	draw_field(&g, right, 1, 10, "a label that is long", ROLE_TEXT, "1");
	assert_int_equal(draw_wrapped(&g, right, 4, 1, ROLE_TEXT,
				      "Nothing has happened since T+00:00."),
			 6);
	draw_progress(&g, all, 10, 1, 20, ROLE_GOOD, 0.36);
	draw_progress(&g, all, 10, 24, 20, ROLE_GOOD, 1.0);
	draw_tabs(&g, all, 11, tabs, 3, 1);
	box = draw_box(&g, draw_box_place((struct rect){ 12, 0, 8, 80 }, 6, 40),
		       "Hint ladder", "Esc closes");
	draw_wrapped(&g, box, 0, 0, ROLE_TEXT, "The Isr column lists who is "
		     "in; which number is missing from every shrunken "
		     "partition?");
	golden("tui/draw.scr", &g);
	grid_release(&g);
}

static void too_little_room_never_draws_outside(void **state)
{
	struct table t = topics();
	struct grid g, clean;

	(void)state;
	for (int cols = 0; cols <= 40; cols++) {
		struct rect r = { 2, 3, 4, cols };

		grid_init(&g, 8, 60);
		grid_init(&clean, 8, 60);
		draw_rule(&g, r, 0, "A title", "and its status", true);
		draw_table(&g, (struct rect){ 3, 3, 3, cols }, &t);
		draw_box(&g, r, "A title that is long", "status");
		draw_progress(&g, r, 1, 0, cols, ROLE_GOOD, 0.5);
		draw_column(&g, r, cols / 2);
		grid_blank(&g, r);
		assert_true(grid_same(&g, &clean));
		grid_release(&g);
		grid_release(&clean);
	}
}

static void a_list_scrolls_no_more_than_it_must(void **state)
{
	static const struct {
		size_t top, selected, shown, total, want;
	} rows[] = {
		{ 0, 3, 10, 5, 0 },	/* all fits */
		{ 4, 3, 10, 5, 0 },
		{ 0, 9, 10, 30, 0 }, { 0, 10, 10, 30, 1 },
		{ 20, 5, 10, 30, 5 }, { 28, 29, 10, 30, 20 },
		{ 7, 30, 10, 30, 7 },	/* none selected */
		{ 7, 3, 0, 30, 0 },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(scroll_top(rows[i].top, rows[i].selected,
					    rows[i].shown, rows[i].total),
				 rows[i].want);
	scroll_text(&t, 11, 19, 90);
	assert_string_equal(text_cstr(&t), "12-30 of 90");
	text_clear(&t);
	scroll_text(&t, 0, 19, 19);
	assert_string_equal(text_cstr(&t), "");
	text_free(&t);
}

static void what_is_drawn_can_be_hit(void **state)
{
	static const struct tab tabs[] = { { .name = "One" }, { .name = "Two" } };
	struct table t = topics();

	(void)state;
	assert_int_equal(draw_table_hit(&t, 0), 5);	/* the header */
	assert_int_equal(draw_table_hit(&t, 2), 1);
	assert_int_equal(draw_table_hit(&t, 6), 5);
	t.selected = 4;
	t.top = draw_table_top(&t, 4);
	assert_int_equal(t.top, 2);
	assert_int_equal(draw_table_hit(&t, 1), 2);
	assert_int_equal(draw_tabs_hit(tabs, 2, 0), 2);
	assert_int_equal(draw_tabs_hit(tabs, 2, 1), 0);
	assert_int_equal(draw_tabs_hit(tabs, 2, 5), 0);
	assert_int_equal(draw_tabs_hit(tabs, 2, 6), 2);
	assert_int_equal(draw_tabs_hit(tabs, 2, 8), 1);
}

static void sentences_lose_their_end_and_names_their_middle(void **state)
{
	static const struct {
		const char *text;
		int cols;
		const char *end, *middle;
	} rows[] = {
		{ "backup-28411", 12, "backup-28411", "backup-28411" },
		{ "backup-28411", 11, "backup-284…", "backup-…411" },
		{ "backup-28411", 5, "back…", "bac…1" },
		{ "backup", 3, "ba…", "ba…" },
		{ "backup", 1, "…", "…" }, { "backup", 0, "", "" },
		{ "größe-größe", 7, "größe-…", "größ…ße" },
		{ "漢字漢字漢字", 7, "漢字漢…", "漢字…字" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cut_end(&t, rows[i].text, rows[i].cols);
		assert_string_equal(text_cstr(&t), rows[i].end);
		text_clear(&t);
		cut_middle(&t, rows[i].text, rows[i].cols);
		assert_string_equal(text_cstr(&t), rows[i].middle);
		text_clear(&t);
	}
	text_free(&t);
}

static void lines_break_where_a_reader_would(void **state)
{
	static const struct {
		const char *text;
		int cols;
		const char *want;
	} rows[] = {
		{ "one two three", 7, "one two\nthree\n" },
		{ "one  two", 4, "one\ntwo\n" },
		{ "the slow-follower case", 11, "the slow-\nfollower\ncase\n" },
		{ "kafka-topics.sh --topic", 19, "kafka-topics.sh\n--topic\n" },
		{ "abcdefgh", 3, "abc\ndef\ngh\n" },
		{ "a\n\nb", 9, "a\n\nb\n" },
		{ "漢字", 1, "漢\n字\n" },
		{ "", 5, "" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wrap_text(&t, rows[i].text, strlen(rows[i].text), rows[i].cols,
			  "");
		assert_string_equal(text_cstr(&t), rows[i].want);
		text_clear(&t);
	}
	assert_int_equal(wrap_count("one two three", 13, 7), 2);
	text_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_boxes_and_tables_look_as_agreed),
		cmocka_unit_test(too_little_room_never_draws_outside),
		cmocka_unit_test(a_list_scrolls_no_more_than_it_must),
		cmocka_unit_test(what_is_drawn_can_be_hit),
		cmocka_unit_test(
			sentences_lose_their_end_and_names_their_middle),
		cmocka_unit_test(lines_break_where_a_reader_would),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
