/* test_scenes.c - a golden picture of every screen, at three sizes, three ways
 *
 * Method: golden.  Each scene (views/scenes.h) is drawn at 80x24, 120x36 and
 * 60x20.  A file holds the picture with its roles (what the colour themes
 * paint), the rows that differ where there is no colour, and the picture in
 * ASCII.  Goal: no screen changes unseen, none overflows, all are complete in
 * every form.
 */
#include "tests/test.h"

#include <locale.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/views/scenes.h"

static const struct {
	int cols, rows;
} sizes[] = { { 80, 24 }, { 120, 36 }, { 60, 20 } };

static struct catalog *catalog;

static int load(void **state)
{
	struct err err;

	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	catalog = catalog_load(".", &err);
	return catalog ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

static void draw(const struct scene *s, int rows, int cols, const char *keys,
		 struct grid *g)
{
	struct scene_options o = {
		.catalog = catalog, .content = ".", .rows = rows, .cols = cols,
		.keys = keys,
	};
	struct err err;

	if (!scene_draw(s, &o, g, &err))
		fail_msg("%s at %dx%d: %s", s->name, cols, rows, err.what);
	assert_int_equal(g->rows, rows);
	assert_int_equal(g->cols, cols);
}

/* Rows of `b` that are not those of `a`. */
static void differing_rows(const char *a, const char *b, struct text *out)
{
	for (int row = 0; *a && *b; row++) {
		size_t na = strcspn(a, "\n"), nb = strcspn(b, "\n");

		if (na != nb || memcmp(a, b, na) != 0)
			text_addf(out, "%2d %.*s\n", row, (int)nb, b);
		a += na + (a[na] == '\n');
		b += nb + (b[nb] == '\n');
	}
}

/* In ASCII every byte is one, and the pictures have the same shape. */
static void assert_plain(const struct scene *s, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			fail_msg("%s: not ASCII: %.20s", s->name, text);
}

static void picture(const struct scene *s, struct grid *g, struct text *out)
{
	struct text plain = {0}, mono = {0}, ascii = {0};

	grid_text(g, true, out);
	grid_text(g, false, &plain);
	grid_mono(g);
	grid_text(g, false, &mono);
	text_add(out, "--- without colour, these rows are\n");
	differing_rows(text_cstr(&plain), text_cstr(&mono), out);
	grid_ascii(g);
	grid_text(g, false, &ascii);
	assert_plain(s, text_cstr(&ascii));
	text_add(out, "--- without Unicode\n");
	text_add(out, text_cstr(&ascii));
	text_free(&plain);
	text_free(&mono);
	text_free(&ascii);
}

static void every_screen_is_what_people_agreed_with(void **state)
{
	(void)state;
	for (const struct scene *s = scenes; s->name; s++)
		for (int i = 0; i < 3; i++) {
			struct grid g = {0};
			struct text t = {0};
			char name[96];

			draw(s, sizes[i].rows, sizes[i].cols, NULL, &g);
			picture(s, &g, &t);
			snprintf(name, sizeof(name), "screens/%s.%dx%d.scr",
				 s->name, sizes[i].cols, sizes[i].rows);
			test_golden(name, text_cstr(&t));
			text_free(&t);
			grid_release(&g);
		}
}

static void the_same_scene_gives_the_same_cells(void **state)
{
	const struct scene *s = scene_find("workbench");
	struct grid a = {0}, b = {0};

	(void)state;
	draw(s, 24, 80, NULL, &a);
	draw(s, 24, 80, NULL, &b);
	assert_true(grid_same(&a, &b));
	grid_release(&a);
	grid_release(&b);
}

/* Through sizes too small to draw in, and back. */
static void a_storm_of_sizes_changes_nothing(void **state)
{
	static const char storm[] = "@20x4 @1x1 @40x12 @200x60 @39x11 @80x5 "
				    "@10x60 @300x100 @80x24";

	(void)state;
	for (const struct scene *s = scenes; s->name; s++) {
		struct grid a = {0}, b = {0};

		draw(s, 24, 80, NULL, &a);
		draw(s, 24, 80, storm, &b);
		if (!grid_same(&a, &b))
			fail_msg("%s is another after a storm", s->name);
		grid_release(&a);
		grid_release(&b);
	}
}

static void too_small_says_so(void **state)
{
	struct grid g = {0};
	struct text t = {0};

	(void)state;
	draw(scene_find("home"), 4, 20, NULL, &g);
	grid_text(&g, false, &t);
	assert_string_equal(text_cstr(&t), "Millrace is paused.\nNeeds 40x12.\n"
			    "Now 20x4.\nq quit\n");
	text_free(&t);
	grid_release(&g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_what_people_agreed_with),
		cmocka_unit_test(the_same_scene_gives_the_same_cells),
		cmocka_unit_test(a_storm_of_sizes_changes_nothing),
		cmocka_unit_test(too_small_says_so),
	};

	return cmocka_run_group_tests_name("views/scenes", tests, load, unload);
}
