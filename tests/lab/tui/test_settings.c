/* test_settings.c - what a person has chosen, read and kept
 *
 * Method: tables of values, and a file in a folder of its own.  Goal: what
 * cannot be read is told and left alone; saving changes one line.
 */
#include "tests/test.h"

#include <string.h>
#include <unistd.h>

#include "lab/paths.h"
#include "lab/tui/action.h"
#include "lab/tui/key.h"
#include "lab/tui/settings.h"

static void each_row_takes_its_own_values_and_gives_them_back(void **state)
{
	struct settings s;

	(void)state;
	settings_init(&s);
	for (const struct setting_row *r = setting_rows; r->name; r++) {
		const char *w = r->values;

		assert_false(*r->values && r->set(&s, "no such value"));
		while (*w) {
			size_t n = strcspn(w, " ");
			struct text t = {0};
			char value[32];

			snprintf(value, sizeof(value), "%.*s", (int)n, w);
			if (!r->set(&s, value))
				fail_msg("%s: %s", r->name, value);
			r->get(&s, &t);
			assert_string_equal(text_cstr(&t), value);
			text_free(&t);
			w += n + strspn(w + n, " ");
		}
	}
	settings_release(&s);
}

static void saving_changes_one_line(void **state)
{
	static const char before[] = "# mine\ntheme = light\nnonsense\n"
				     "theme2 = x\n\nmouse=off\n";
	char root[] = "/tmp/millrace-settings-XXXXXX", path[80];
	struct text t = {0};
	struct settings s;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/config", root);
	assert_true(path_write(path, before, strlen(before), &err));
	settings_init(&s);
	assert_true(settings_read(&s, path, &err));
	assert_int_equal(s.theme, THEME_LIGHT);
	assert_false(s.mouse);
	assert_non_null(strstr(text_cstr(&s.problems), "config:3: `nonsense`"));
	assert_non_null(strstr(text_cstr(&s.problems), "config:4: `theme2"));
	assert_true(settings_set(&s, "theme", "mono", &err));
	assert_true(settings_set(&s, "speed", "0.1x", &err));
	assert_int_equal(s.speed, 100);
	assert_false(settings_set(&s, "theme", "beige", &err));
	assert_non_null(strstr(err.what, "dark light contrast mono"));
	assert_false(settings_set(&s, "colour", "on", &err));
	assert_false(settings_set(&s, "name", "a\nb", &err));
	assert_true(path_read(path, 4096, &t, &err));
	assert_string_equal(text_cstr(&t), "# mine\ntheme = mono\nnonsense\n"
			    "theme2 = x\n\nmouse=off\nspeed = 0.1x\n");
	assert_true(settings_set(&s, "theme", "default", &err));
	assert_int_equal(s.theme, THEME_DARK);
	text_free(&t);
	settings_release(&s);
	unlink(path);
	rmdir(root);
}

static void keys_are_settings_too(void **state)
{
	static const enum context in[] = { CTX_TIME, CTX_COUNT };
	struct settings s;
	struct err err;

	(void)state;
	settings_init(&s);
	assert_true(settings_set(&s, "key.time.goto", "F12", &err));
	assert_string_equal(action_of_key(in, key_named("F12"))->id,
			    "time.goto");
	assert_false(settings_set(&s, "key.time.goto", "Ctrl-Z", &err));
	action_bind_reset();
	settings_release(&s);
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
	struct settings s;
	struct err err;

	(void)state;
	settings_init(&s);
	assert_true(settings_read(&s, "/proc/no/config", &err));
	assert_false(settings_set(&s, "mouse", "off", &err));
	assert_non_null(strstr(err.what, "/proc/no"));
	/* The choice holds all the same. */
	assert_false(s.mouse);
	settings_release(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_row_takes_its_own_values_and_gives_them_back),
		cmocka_unit_test(saving_changes_one_line),
		cmocka_unit_test(keys_are_settings_too),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests_name("tui/settings", tests, NULL, NULL);
}
