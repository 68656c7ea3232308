/* test_fidelity.c - every part says how true it is
 *
 * Method: the course, the READMEs of sim/, keys.  Goal: whatever a module says
 * it rests on has a card, a card opens from anywhere, and it is the text that
 * stands beside the code.
 */
#include "tests/lab/views/stand.h"

#include "lab/course/exercise.h"
#include "lab/views/inside.h"

static void every_part_a_module_names_has_a_card(void **state)
{
	struct stand s;
	size_t named = 0;

	(void)state;
	stand_open(&s, 24, 80);
	for (size_t i = 0; i < s.catalog->module_count; i++) {
		struct text folder = {0};
		struct exercise *m;
		const json_t *names;

		catalog_folder(s.catalog, s.catalog->modules[i], &folder);
		m = exercise_load(text_cstr(&folder));
		names = json_object_get(m->json, "fidelity");
		for (size_t k = 0; k < json_array_size(names); k++, named++)
			if (!fidelity_knows(json_string_value(
				json_array_get(names, k))))
				fail_msg("%s: no part %s", m->id,
					 json_string_value(
						json_array_get(names, k)));
		exercise_free(m);
		text_free(&folder);
	}
	assert_true(named > 5);
	stand_close(&s);
}

static void a_card_is_the_text_beside_the_code(void **state)
{
	static const char *const folders[] = {
		"broker", "device", "host", "fault", "monitor", "tsdb",
		"telemetry", "face", "stack", "core",
	};
	struct stand s;
	struct text card = {0};
	struct err err;

	(void)state;
	stand_open(&s, 24, 80);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		text_clear(&card);
		if (!fidelity_card(s.catalog, folders[i], &card, &err))
			fail_msg("%s", err.what);
		assert_true(card.len > 80);
		assert_null(strstr(text_cstr(&card), "Fidelity card"));
	}
	assert_false(fidelity_card(s.catalog, "nowhere", &card, &err));
	assert_non_null(strstr(err.what, "sim/nowhere/README.md"));
	text_free(&card);
	stand_close(&s);
}

static void F_opens_them_anywhere(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	stand_keys(&s, "F");
	stand_sees(&s, "How true is this?");
	stand_sees(&s, "time series");
	stand_keys(&s, "Enter");
	stand_sees(&s, "controllers, usually");
	stand_golden(&s, "fidelity-card");
	stand_keys(&s, "Esc F End Enter");
	assert_string_equal(stand_top(&s), "lesson");
	stand_keys(&s, "Esc");
	/* An exercise has those it rests on. */
	assert_true(views_open(&s.app, "kafka-architecture.leaders"));
	stand_keys(&s, "Esc F");
	stand_sees(&s, "devices");
	stand_sees_not(&s, "time series");
	stand_keys(&s, "Down Enter");
	assert_string_equal(stand_top(&s), "reader");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_a_module_names_has_a_card),
		cmocka_unit_test(a_card_is_the_text_beside_the_code),
		cmocka_unit_test(F_opens_them_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
