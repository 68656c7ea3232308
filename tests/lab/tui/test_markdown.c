/* test_markdown.c - a lesson as lines of words, each with its role
 *
 * Method: one text with all that lessons use, as a golden picture with roles
 * and as plain text; every lesson there is in every width.  Goal: nothing of a
 * lesson is lost, no line is longer than the measure, links lead somewhere.
 */
#include "tests/test.h"

#include <dirent.h>
#include <locale.h>

#include "lab/text/wrap.h"
#include "lab/tui/markdown.h"

static const char sample[] =
	"# The slow follower\n"
	"\n"
	"A *partition* has one **leader**. Its followers copy by `fetch`, and an\n"
	"ISR that shrinks is the first sign; the ISR again. See\n"
	"[how KRaft\nchooses](kraft.md#votes) & more &lt;here&gt;. <b>No HTML.</b>\n"
	"\n"
	"## Two lists\n"
	"\n"
	"- writes go on while at least m replicas are in sync: R - m may be away,\n"
	"  and no more\n"
	"- a second\n"
	"  - an inner one\n"
	"  - another\n"
	"\n"
	"1. first\n"
	"2. second, with a code block:\n"
	"\n"
	"   ```\n"
	"   acks=all\n"
	"   ```\n"
	"\n"
	"- [x] done\n"
	"- [ ] open\n"
	"\n"
	"> A quote that is longer than one line of the measure and so has two of\n"
	"> them, of course.\n"
	">\n"
	"> Its second paragraph.\n"
	"\n"
	"| state | acks=1 | what the leader answers to a producer that waits |\n"
	"|-------|-------:|--------------------------------------------------|\n"
	"| 3 in sync | 12 | accepted, three copies, whatever happens later on |\n"
	"| 1 | 1 204 | `NOT_ENOUGH_REPLICAS` |\n"
	"\n"
	"---\n"
	"\n"
	"## Try it\n"
	"\n"
	"```\n"
	"kafka-topics.sh --describe \\\n"
	"  --topic pumps --and-a-very-long-option=with-its-value\n"
	"```\n"
	"\n"
	"```lua\n"
	"return 1\n"
	"```\n"
	"\n"
	"Line one\\\n"
	"line two\n";

static size_t word(void *ctx, const char *s, size_t len, const char **term)
{
	(void)ctx;
	*term = "ISR";
	return len >= 3 && memcmp(s, "ISR", 3) == 0 ? 3 : 0;
}

static const struct md_options narrow = { .measure = 50, .word = word };

static void all_that_lessons_use_looks_as_agreed(void **state)
{
	struct md_window w = { .wanted = "SECOND", .link = 2 };
	struct text t = {0};
	struct markdown m;
	struct grid g;

	(void)state;
	markdown_init(&m, sample, sizeof(sample) - 1, &narrow);
	grid_init(&g, (int)m.line_count, 56);
	markdown_draw(&m, &g, (struct rect){ 0, 3, g.rows, 53 }, &w, 100);
	grid_text(&g, true, &t);
	test_golden("tui/markdown.scr", text_cstr(&t));
	text_clear(&t);
	markdown_plain(sample, sizeof(sample) - 1, &t);
	test_golden("tui/markdown.txt", text_cstr(&t));
	text_free(&t);
	grid_release(&g);
	markdown_release(&m);
}

static void links_words_and_commands_can_be_reached(void **state)
{
	struct markdown m;

	(void)state;
	markdown_init(&m, sample, sizeof(sample) - 1, &narrow);
	assert_string_equal(m.title, "The slow follower");
	assert_int_equal(m.link_count, 3);
	assert_int_equal(m.links[0].kind, MD_WORD);
	assert_string_equal(m.links[0].target, "ISR");
	assert_int_equal(m.links[1].kind, MD_LINK);
	assert_string_equal(m.links[1].target, "kraft.md#votes");
	assert_int_equal(m.links[2].kind, MD_RUN);
	assert_string_equal(m.links[2].target,
			    "kafka-topics.sh --describe \\\n"
			    "  --topic pumps --and-a-very-long-option="
			    "with-its-value");
	for (size_t i = 0; i < m.link_count; i++)
		assert_true(m.links[i].line < m.line_count);
	assert_true(markdown_anchor(&m, "#try-it") > 0);
	assert_true(markdown_anchor(&m, "#try-it") < m.line_count);
	assert_int_equal(m.lines[markdown_anchor(&m, "two-lists")].heading, 2);
	assert_int_equal(markdown_anchor(&m, "#nothing"), m.line_count);
	markdown_release(&m);
}

static void a_search_goes_around_in_both_directions(void **state)
{
	static const char text[] = "# One\n\nalpha\n\nbeta\n\nALPHA\n";
	struct markdown m;

	(void)state;
	markdown_init(&m, text, sizeof(text) - 1, &(struct md_options){0});
	assert_int_equal(markdown_find(&m, "alpha", 0, true), 2);
	assert_int_equal(markdown_find(&m, "alpha", 3, true), 6);
	assert_int_equal(markdown_find(&m, "Alpha", 7, true), 2);
	assert_int_equal(markdown_find(&m, "alpha", 5, false), 2);
	assert_int_equal(markdown_find(&m, "alpha", 1, false), 6);
	assert_int_equal(markdown_find(&m, "gamma", 0, true), m.line_count);
	assert_int_equal(markdown_find(&m, "", 0, true), m.line_count);
	markdown_release(&m);
	markdown_init(&m, "", 0, &(struct md_options){0});
	assert_int_equal(markdown_find(&m, "alpha", 0, true), 0);
	markdown_release(&m);
}

static char *whole_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *bytes;

	assert_non_null(f);
	bytes = calloc(1, 1 << 20);
	assert_non_null(bytes);
	*len = fread(bytes, 1, (1 << 20) - 1, f);
	fclose(f);
	return bytes;
}

/* Letters and digits only: layout may move nothing else. */
static void letters_of(const char *s, size_t len, struct text *out)
{
	for (size_t i = 0; i < len; i++)
		if ((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z'))
			text_char(out, s[i]);
}

static void lesson_in_each_width(const char *path)
{
	size_t len;
	char *source = whole_file(path, &len);
	struct text wide = {0}, now = {0};

	for (int cols = 120; cols >= 20; cols -= 10) {
		struct md_options o = { .measure = cols };
		struct markdown m;

		markdown_init(&m, source, len, &o);
		assert_non_null(m.title);
		text_clear(&now);
		for (size_t i = 0; i < m.line_count; i++) {
			const char *s = m.text.at + m.lines[i].at;

			if (cols > 20 &&	/* tables need some room */
			    text_width_n(s, m.lines[i].len) > cols)
				fail_msg("%s: %.*s is wider than %d", path,
					 (int)m.lines[i].len, s, cols);
			/* Broken cells of a table stand in another order. */
			if (!strstr(source, "\n|"))
				letters_of(s, m.lines[i].len, &now);
		}
		if (cols == 120)
			letters_of(text_cstr(&now), now.len, &wide);
		assert_string_equal(text_cstr(&now), text_cstr(&wide));
		markdown_release(&m);
	}
	text_free(&wide);
	text_free(&now);
	free(source);
}

static int lessons_in(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int count = 0;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (strstr(e->d_name, ".md")) {
			lesson_in_each_width(path);
			count++;
		} else if (e->d_name[0] != '.' && e->d_type == DT_DIR) {
			count += lessons_in(path);
		}
	}
	closedir(dir);
	return count;
}

static void every_lesson_fits_every_measure(void **state)
{
	(void)state;
	assert_true(lessons_in("content/lessons") >= 5);
}

static const char broad[] =
	"Prose that is longer than its measure and so goes on below, as ever.\n"
	"\n"
	"```\n"
	"0123456789 123456789 123456789 123456789 123456789 end\n"
	"short\n"
	"```\n"
	"\n"
	"| state | what the leader answers to who waits |\n"
	"|-------|--------------------------------------|\n"
	"| 3 in sync | accepted, three copies, whatever comes |\n";

static void tables_and_code_take_the_width_of_the_pane(void **state)
{
	struct md_options o = { .measure = 30, .wide = 60 };
	struct markdown m;

	(void)state;
	markdown_init(&m, broad, sizeof(broad) - 1, &o);
	assert_int_equal(m.line_count, 10);	/* 3 of prose, 2 of code */
	for (size_t i = 0; i < 3; i++)
		assert_true(m.lines[i].len <= 30);
	assert_int_equal(m.lines[4].len, 2 + 54);
	assert_int_equal(markdown_hidden(&m, 0, 99, 20), 0);
	markdown_release(&m);
}

/* The row of the grid as text. */
static const char *row_of(struct grid *g, int row, struct text *t)
{
	char *at;

	text_clear(t);
	grid_text(g, false, t);
	at = t->at;
	while (row--)
		at = strchr(at, '\n') + 1;
	*strchr(at, '\n') = '\0';
	return at;
}

static void code_that_is_too_wide_moves_and_prose_stays(void **state)
{
	struct md_options o = { .measure = 30, .wide = 40, .keeps_lines = true };
	struct md_window w = { .left = 16, .wanted = "end" };
	struct markdown m;
	struct text t = {0};
	struct grid g;

	(void)state;
	markdown_init(&m, broad, sizeof(broad) - 1, &o);
	assert_int_equal(m.lines[4].len, 2 + 54);
	assert_int_equal(markdown_hidden(&m, 0, 10, 40), 16);
	assert_int_equal(markdown_hidden(&m, 5, 10, 40), 0);
	grid_init(&g, 12, 41);
	markdown_draw(&m, &g, (struct rect){ 0, 0, 12, 40 }, &w, 1);
	assert_string_equal(row_of(&g, 0, &t), "Prose that is longer than its");
	assert_string_equal(row_of(&g, 4, &t),
			    "…56789 123456789 123456789 123456789 end");
	assert_true(grid_at(&g, 4, 39)->flags & CELL_SELECTED);
	assert_false(grid_at(&g, 4, 36)->flags & CELL_SELECTED);
	w.left = 0;
	grid_reset(&g, 12, 41);
	markdown_draw(&m, &g, (struct rect){ 0, 0, 12, 40 }, &w, 1);
	assert_string_equal(row_of(&g, 4, &t),
			    "  0123456789 123456789 123456789 123456…");
	text_free(&t);
	grid_release(&g);
	markdown_release(&m);
}

static void odd_texts_do_no_harm(void **state)
{
	static const char *const rows[] = {
		"", "\n\n", "#", "> > > > deep\n> - x\n>   - y", "```\nnever closed",
		"|a|\n|-|\n", "|a|b|\n|-|-|\n|1|", "- \n- \n", "[x](", "\x01\xff\xc3",
		"1000000000. far", "- a\n\n  - b\n\n    - c\n\n      d",
		"| very long heading that cannot fit | x |\n|-|-|\n| a | b |",
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct md_options o = { .measure = 10 };
		struct md_window w = { .wanted = "x" };
		struct markdown m;
		struct grid g;

		markdown_init(&m, rows[i], strlen(rows[i]), &o);
		grid_init(&g, 5, 12);
		markdown_draw(&m, &g, grid_all(&g), &w, 1);
		markdown_plain(rows[i], strlen(rows[i]), &t);
		grid_release(&g);
		markdown_release(&m);
	}
	text_free(&t);
}

/* At every width: a name in code stands on one line as far as it fits one. */
static void code_keeps_its_hyphens(void **state)
{
	static const char text[] = "Ask the (`broker-1:9092`) and then "
				   "`kafka-topics.sh --list`, a slow-follower.";

	(void)state;
	for (int cols = 9; cols < 70; cols++) {
		struct md_options o = { .measure = cols };
		struct text t = {0};
		struct markdown m;
		bool has_name = false, has_tool = false;

		markdown_init(&m, text, strlen(text), &o);
		for (size_t i = 0; i < m.line_count; i++) {
			text_clear(&t);
			text_bytes(&t, m.text.at + m.lines[i].at,
				   m.lines[i].len);
			assert_true(text_width(text_cstr(&t)) <= cols);
			has_name |= strstr(text_cstr(&t), "broker-1:9092") !=
				    NULL;
			has_tool |= strstr(text_cstr(&t), "kafka-topics.sh") !=
				    NULL;
		}
		/* With the brackets around it, of which it is not parted. */
		assert_int_equal(has_name, cols >= 15);
		assert_int_equal(has_tool, cols >= 15);
		text_free(&t);
		markdown_release(&m);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_keeps_its_hyphens),
		cmocka_unit_test(all_that_lessons_use_looks_as_agreed),
		cmocka_unit_test(links_words_and_commands_can_be_reached),
		cmocka_unit_test(a_search_goes_around_in_both_directions),
		cmocka_unit_test(every_lesson_fits_every_measure),
		cmocka_unit_test(tables_and_code_take_the_width_of_the_pane),
		cmocka_unit_test(code_that_is_too_wide_moves_and_prose_stays),
		cmocka_unit_test(odd_texts_do_no_harm),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
