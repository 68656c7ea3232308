/* test_svg.c - a grid as a picture for a page
 *
 * Method: a small grid as a golden file; the markup is walked as XML, tag by
 * tag; the letters in it are compared with those of the grid.  Goal: well
 * formed, the same bytes each time, no character lost.
 */
#include "tests/test.h"

#include <locale.h>

#include "lab/tui/svg.h"

static void sample(struct grid *g)
{
	struct rect all;

	grid_init(g, 5, 30);
	all = grid_all(g);
	grid_put(g, all, 0, 0, ROLE_FOCUS, "─ ");
	grid_put(g, all, 0, 2, ROLE_STRONG, "1 <Console> & \"more\"");
	grid_put(g, all, 1, 1, ROLE_TEXT, "in sync ");
	grid_put(g, all, 1, 9, ROLE_S1, "▁▁▃▅████");
	grid_put(g, all, 1, 19, ROLE_WARN, "28/36 ▲");
	grid_put(g, all, 2, 1, ROLE_TEXT, "▸ kafka-2");
	grid_put(g, all, 2, 12, ROLE_BAD, "✗");
	grid_flag(g, (struct rect){ 2, 0, 1, 30 }, CELL_SELECTED);
	grid_put(g, all, 3, 1, ROLE_LINK, "a link");
	grid_put(g, all, 3, 10, ROLE_TEXT, "漢字 x");
	grid_put(g, all, 4, 1, ROLE_CMD, "$");
	grid_cursor(g, all, 4, 3);
}

static void a_picture_looks_as_agreed(void **state)
{
	struct text t = {0}, again = {0};
	struct grid g;

	(void)state;
	sample(&g);
	svg_write(&g, THEME_DARK, "A <sample>", &t);
	svg_write(&g, THEME_DARK, "A <sample>", &again);
	assert_string_equal(text_cstr(&t), text_cstr(&again));
	test_golden("tui/sample.svg", text_cstr(&t));
	text_free(&t);
	text_free(&again);
	grid_release(&g);
}

/* Every tag is closed by its own name, in order. */
static void walk_tags(const char *s)
{
	char open[16][24];
	size_t depth = 0;

	while ((s = strchr(s, '<'))) {
		size_t n = strcspn(s + 1, " />");
		const char *end = strchr(s, '>');

		assert_non_null(end);
		if (s[1] == '/') {
			assert_true(depth > 0);
			depth--;
			n = strcspn(s + 2, ">");
			assert_int_equal(n, strlen(open[depth]));
			assert_memory_equal(s + 2, open[depth], n);
		} else if (end[-1] != '/') {
			assert_true(depth < 16 && n < 24);
			memcpy(open[depth], s + 1, n);
			open[depth++][n] = '\0';
		}
		s = end;
	}
	assert_int_equal(depth, 0);
}

/* Text between tags, without blanks and entities. */
static void letters(const char *svg, struct text *out)
{
	bool is_tag = false;

	for (const char *s = strstr(svg, "<g "); *s; s++) {
		if (*s == '<')
			is_tag = true;
		else if (*s == '>')
			is_tag = false;
		else if (!is_tag && *s == '&')
			s += strcspn(s, ";");
		else if (!is_tag && *s != ' ' && *s != '\n')
			text_char(out, *s);
	}
}

static void every_theme_is_well_formed_and_complete(void **state)
{
	(void)state;
	for (int theme = 0; theme < THEME_COUNT; theme++) {
		struct text t = {0}, found = {0};
		struct grid g;

		sample(&g);
		svg_write(&g, (enum theme)theme, "&", &t);
		walk_tags(text_cstr(&t));
		letters(text_cstr(&t), &found);
		/* Blocks are shapes; < > and & are entities. */
		assert_string_equal(text_cstr(&found),
				    "─1Console\"more\"insync28/36▲▸kafka-2✗"
				    "alink漢字x$");
		text_free(&t);
		text_free(&found);
		grid_release(&g);
	}
}

static void without_a_title_the_first_row_is_it(void **state)
{
	struct text t = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 2, 50);
	grid_put(&g, grid_all(&g), 0, 1, ROLE_STRONG, "A place › 漢 & b");
	grid_put(&g, grid_all(&g), 0, 25, ROLE_TEXT, "T+00:10   seed 3 ");
	svg_write(&g, THEME_DARK, NULL, &t);
	assert_non_null(strstr(text_cstr(&t), "<title id=\"t\">A place › 漢 "
			       "&amp; b, T+00:10, seed 3</title>"));
	text_free(&t);
	grid_release(&g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_looks_as_agreed),
		cmocka_unit_test(every_theme_is_well_formed_and_complete),
		cmocka_unit_test(without_a_title_the_first_row_is_it),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
