/* test_catalog.c - the course as one thing
 *
 * Method: the real content/, asked by every kind of name; and content broken
 * in a folder of the test's own.  Goal: what the files name exists, and a
 * broken file is one sentence with its line.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/course/catalog.h"
#include "lab/paths.h"

static struct catalog *course(void)
{
	struct err err;
	struct catalog *c = catalog_load(".", &err);

	if (!c)
		fail_msg("%s", err.what);
	return c;
}

static void every_kind_of_name_is_found(void **state)
{
	struct catalog *c = course();
	const json_t *unit = NULL;

	(void)state;
	assert_non_null(catalog_unit(c, "bigdata"));
	assert_null(catalog_unit(c, "bigdat"));
	assert_non_null(catalog_lesson(c, "bigdata/log", &unit));
	assert_string_equal(catalog_text(unit, "id"), "bigdata");
	assert_null(catalog_lesson(c, "bigdata/", NULL));
	assert_null(catalog_lesson(c, "/log", NULL));
	assert_non_null(catalog_exercise(c, "bigdata.first-log", &unit));
	assert_null(catalog_exercise(c, "bigdata", NULL));
	assert_null(catalog_exercise(c, ".", NULL));
	assert_non_null(catalog_competency(c, "kafka.topics"));
	assert_non_null(catalog_track(c, "self-paced"));
	assert_non_null(catalog_specialisation(c, "a"));
	assert_non_null(catalog_term(c, "isr"));
	assert_non_null(catalog_term(c, "in-sync replicas"));
	assert_null(catalog_term(c, "nonsense"));
	catalog_free(c);
}

/* Units of tracks, competencies of exercises, pages of lessons. */
static void what_the_files_name_exists(void **state)
{
	struct catalog *c = course();
	const json_t *units = json_object_get(c->pathway, "units");

	(void)state;
	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *u = json_array_get(units, i);
		const json_t *list = json_object_get(u, "exercises");

		assert_non_null(catalog_phase(c, catalog_text(u, "phase")));
		for (size_t k = 0; k < json_array_size(list); k++) {
			const json_t *of = json_object_get(json_array_get(
						list, k), "competencies");

			for (size_t n = 0; n < json_array_size(of); n++)
				assert_non_null(catalog_competency(c,
					json_string_value(json_array_get(of,
									 n))));
		}
		list = json_object_get(u, "lessons");
		for (size_t k = 0; k < json_array_size(list); k++) {
			const char *page = catalog_text(json_array_get(list, k),
							"text");
			char path[256];

			snprintf(path, sizeof(path), "content/%s", page);
			if (*page && !path_is_file(path))
				fail_msg("%s is not there", path);
		}
	}
	catalog_free(c);
}

static void write_in(const char *root, const char *name, const char *text)
{
	struct text path = {0};
	struct err err;

	text_addf(&path, "%s/content", root);
	assert_true(path_make(text_cstr(&path), &err));
	text_addf(&path, "/%s", name);
	assert_true(path_write(text_cstr(&path), text, strlen(text), &err));
	text_free(&path);
}

static void broken_content_is_one_sentence_with_its_line(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "return {\n format_version = 1,\n units = }", ":3:" },
		{ "return { format_version = 9 }", "format_version has to be" },
		{ "return { format_version = 1 }", "`phases` and `units`" },
		{ "return { format_version = 1, units = {}, phases = {} }",
		  "competencies.lua" },
		{ "return 7", "format_version" },
		{ "error('no')", "no" },
		{ "while true do end", "pathway.lua:1:" },
		{ "local t = {} t.t = t return t", "deeper than" },
	};
	char root[] = "/tmp/millrace-catalog-XXXXXX", path[64];
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_in(root, "pathway.lua", cases[i].text);
		assert_null(catalog_load(root, &err));
		if (!strstr(err.what, cases[i].says))
			fail_msg("`%s`: %s", cases[i].text, err.what);
	}
	snprintf(path, sizeof(path), "%s/content/pathway.lua", root);
	remove(path);
	snprintf(path, sizeof(path), "%s/content", root);
	remove(path);
	rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_name_is_found),
		cmocka_unit_test(what_the_files_name_exists),
		cmocka_unit_test(broken_content_is_one_sentence_with_its_line),
	};

	return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
