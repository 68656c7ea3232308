/* test_watch.c - an exercise that is played while it is written
 *
 * Method: a module of its own in a folder of its own, saved again and again;
 * times of change are set, so nothing waits.  Goal: every save of a file that
 * belongs to the module is seen once, a broken one takes nothing away and says
 * where it is broken, and a repaired one is taken.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/author/watch.h"
#include "lab/paths.h"

#define FIXTURE	"tests/fixtures/modules/good"

static char folder[64];
static long tick;		/* s; each save is one later */

static const char *path_of(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void touch(const char *name)
{
	struct timespec times[2] = { { .tv_sec = tick + 1 },
				     { .tv_sec = tick + 1 } };

	tick++;
	assert_int_equal(utimensat(AT_FDCWD, path_of(name), times, 0), 0);
}

/* In place, as some editors save. */
static void save(const char *name, const char *bytes)
{
	FILE *f = fopen(path_of(name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, strlen(bytes), f), strlen(bytes));
	fclose(f);
	touch(name);
}

/* The fixture's file with one piece replaced. */
static void save_changed(const char *name, const char *from, const char *to)
{
	struct text t = {0}, out = {0}, path = {0};
	const char *at;
	struct err err;

	text_addf(&path, FIXTURE "/%s", name);
	assert_true(path_read(text_cstr(&path), 1 << 20, &t, &err));
	at = strstr(text_cstr(&t), from);
	assert_non_null(at);
	text_bytes(&out, t.at, (size_t)(at - t.at));
	text_add(&out, to);
	text_add(&out, at + strlen(from));
	save(name, text_cstr(&out));
	text_free(&path);
	text_free(&out);
	text_free(&t);
}

static void save_good(void)
{
	save_changed("module.lua", "", "");
	save_changed("text/task.md", "", "");
	save_changed("text/debrief.md", "", "");
}

static struct preview *begin(void)
{
	struct preview *p;
	struct err err = { "" };

	save_good();
	p = preview_new(path_of("module.lua"), NULL, &err);
	if (!p)
		fail_msg("%s", err.what);
	assert_int_equal(p->generation, 1);
	assert_true(p->playable);
	assert_int_equal(p->problems->errors, 0);
	return p;
}

static const struct problem *problem_of(const struct preview *p,
					const char *rule)
{
	for (size_t i = 0; i < p->problems->count; i++)
		if (strcmp(p->problems->at[i].rule, rule) == 0)
			return &p->problems->at[i];
	return NULL;
}

static void a_save_is_seen_once(void **state)
{
	static const char *const files[] = { "module.lua", "text/task.md",
					     "text/debrief.md" };
	struct preview *p = begin();

	(void)state;
	assert_false(preview_look(p));
	for (size_t i = 0; i < 3; i++) {
		touch(files[i]);
		assert_true(preview_look(p));
		assert_false(preview_look(p));
		assert_int_equal(p->generation, i + 2);
	}
	assert_int_equal(p->looks, 4);
	assert_int_equal(p->before_count, 3);
	preview_drop(p);
	assert_int_equal(p->before_count, 0);
	assert_string_equal(p->exercise->title, "good");
	preview_free(p);
}

static void what_was_saved_is_what_is_played(void **state)
{
	struct preview *p = begin();
	const struct exercise *old = p->exercise;

	(void)state;
	save_changed("module.lua", "title = \"good\"", "title = \"better\"");
	assert_true(preview_look(p));
	assert_string_equal(p->exercise->title, "better");
	/* An attempt may still be on the one before. */
	assert_string_equal(old->title, "good");
	preview_free(p);
}

static void a_broken_save_takes_nothing_away(void **state)
{
	struct preview *p = begin();
	const struct exercise *good = p->exercise;

	(void)state;
	save_changed("module.lua", "title = \"good\",", "title = \"good\" }");
	assert_true(preview_look(p));
	assert_ptr_equal(p->exercise, good);
	assert_false(p->playable);
	assert_int_equal(p->generation, 1);
	assert_int_equal(p->problems->errors, 1);
	assert_string_equal(p->problems->at[0].rule, "lua");
	assert_string_equal(p->problems->at[0].file, path_of("module.lua"));
	assert_true(p->problems->at[0].line > 10);

	save_changed("module.lua", "title =", "titel =");
	assert_true(preview_look(p));
	assert_ptr_equal(p->exercise, good);
	assert_string_equal(p->problems->at[0].rule, "unknown-key");

	save_good();
	assert_true(preview_look(p));
	assert_int_equal(p->generation, 2);
	assert_true(p->playable);
	assert_int_equal(p->problems->errors, 0);
	preview_free(p);
}

/* Lint's rules are told, and do not keep an author from looking. */
static void what_only_lint_minds_can_be_played(void **state)
{
	struct preview *p = begin();

	(void)state;
	save_changed("text/task.md", "# Do it", "### Do it");
	assert_true(preview_look(p));
	assert_int_equal(p->generation, 2);
	assert_true(p->playable && exercise_good(p->exercise));
	assert_int_equal(p->problems->errors, 1);
	assert_non_null(problem_of(p, "heading"));
	assert_string_equal(problem_of(p, "heading")->file,
			    path_of("text/task.md"));
	preview_free(p);
}

/* Files that come, go, are renamed over, or lie outside text/. */
static void every_file_of_the_module_counts(void **state)
{
	struct preview *p = begin();
	struct err err;

	(void)state;
	save("text/more.md", "# More\n");
	touch("text");
	assert_true(preview_look(p));
	assert_non_null(problem_of(p, "unused"));
	save("text/more.md", "# More and more\n");
	assert_true(preview_look(p));
	assert_int_equal(unlink(path_of("text/more.md")), 0);
	touch("text");
	assert_true(preview_look(p));
	assert_null(problem_of(p, "unused"));

	assert_true(path_write(path_of("text/task.md"), "# New\n", 6, &err));
	assert_true(preview_look(p));

	save("page.md", "# A page\n");
	save_changed("module.lua", "text/debrief.md", "page.md");
	assert_true(preview_look(p));
	touch("page.md");
	assert_true(preview_look(p));
	assert_int_equal(unlink(path_of("page.md")), 0);
	assert_true(preview_look(p));
	assert_int_equal(p->problems->errors, 1);
	assert_false(preview_look(p));
	preview_free(p);
}

static void a_module_may_begin_broken(void **state)
{
	struct preview *p;
	struct err err;

	(void)state;
	save_good();
	save("module.lua", "return lab.module{");
	p = preview_new(folder, NULL, &err);
	assert_non_null(p);
	assert_null(p->exercise);
	assert_int_equal(p->generation, 0);
	assert_int_equal(p->problems->errors, 1);
	assert_int_equal(unlink(path_of("module.lua")), 0);
	assert_true(preview_look(p));
	assert_string_equal(p->problems->at[0].rule, "unreadable");
	save_good();
	assert_true(preview_look(p));
	assert_int_equal(p->generation, 1);
	preview_free(p);
}

static void what_is_no_module_is_refused(void **state)
{
	struct err err = { "" };

	(void)state;
	save_good();
	assert_null(preview_new("/nowhere/module.lua", NULL, &err));
	assert_non_null(strstr(err.what, "no such file"));
	assert_null(preview_new(path_of("text/task.md"), NULL, &err));
	assert_non_null(strstr(err.what, "module.lua"));
	assert_true(preview_is_path("a/b"));
	assert_true(preview_is_path("module.lua"));
	assert_true(preview_is_path(folder));
	assert_false(preview_is_path("bigdata.first-log"));
}

static int setup(void **state)
{
	char texts[80];
	struct err err;

	(void)state;
	strcpy(folder, "/tmp/millrace-watch-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(texts, sizeof(texts), "%s/text", folder);
	return path_make(texts, &err) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "module.lua", "text/task.md",
					     "text/debrief.md", "text", "" };

	(void)state;
	for (int i = 0; i < 5; i++)
		if (remove(path_of(names[i])) != 0)
			return -1;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_save_is_seen_once),
		cmocka_unit_test(what_was_saved_is_what_is_played),
		cmocka_unit_test(a_broken_save_takes_nothing_away),
		cmocka_unit_test(what_only_lint_minds_can_be_played),
		cmocka_unit_test(every_file_of_the_module_counts),
		cmocka_unit_test(a_module_may_begin_broken),
		cmocka_unit_test(what_is_no_module_is_refused),
	};

	return cmocka_run_group_tests_name("watch", tests, setup, teardown);
}
