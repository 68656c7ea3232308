/* test_template.c - the module that `module new` makes proves itself
 *
 * Method: the template is written for each world it can stand in, linted with
 * the whole course at hand, and proven.  Goal: an author begins with something
 * that has no error, no warning and no proof that fails.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/course/lint.h"
#include "lab/course/template.h"
#include "lab/course/verify.h"
#include "lab/paths.h"
#include "sim/stack/stack.h"

static char folder[64];

static void write_template(const char *world)
{
	struct template_names names = {
		.id = "my.first", .uuid = "00000000-0000-4000-8000-00000000f00d",
		.world = template_world(world),
	};

	assert_non_null(names.world);
	for (const struct template_file *f = template_files; f->name; f++) {
		struct text t = {0}, path = {0};
		struct err err;

		template_fill(f, &names, &t);
		assert_null(strchr(text_cstr(&t), '@'));
		text_addf(&path, "%s/%s", folder, f->name);
		assert_true(path_write(text_cstr(&path), t.at, t.len, &err));
		text_free(&path);
		text_free(&t);
	}
}

static void it_is_green_in_every_world(void **state)
{
	struct verify_options o = { .make = stack_world, .seeds = 2 };
	struct err err = { "" };
	struct catalog *c = catalog_load(".", &err);

	(void)state;
	assert_non_null(c);
	for (const struct template_world *w = template_worlds; w->name; w++) {
		struct verify_report r = {0};
		struct text t = {0};
		struct exercise *m;

		assert_non_null(stack_world_find(w->name));
		write_template(w->name);
		m = exercise_load(folder);
		lint_exercise(m, c);
		for (size_t i = 0; i < m->problems.count; i++)
			problem_text(&m->problems.at[i], &t);
		assert_string_equal(text_cstr(&t), "");
		verify_exercise(m, &o, &r);
		verify_text(&r, &t);
		assert_string_equal(text_cstr(&t), "");
		assert_true(r.good);
		assert_int_equal(r.seed_count, 4);
		verify_release(&r);
		exercise_free(m);
		text_free(&t);
	}
	catalog_free(c);
	assert_null(template_world("nowhere"));
}

static int setup(void **state)
{
	char texts[80];
	struct err err;

	(void)state;
	strcpy(folder, "/tmp/millrace-template-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(texts, sizeof(texts), "%s/text", folder);
	return path_make(texts, &err) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "module.lua", "text/create.md",
					     "text/debrief.md", "text", "" };
	char path[128];

	(void)state;
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (remove(path) != 0)
			return -1;
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_green_in_every_world),
	};

	return cmocka_run_group_tests_name("template", tests, setup, teardown);
}
