/* test_welcome.c - the first start shows a world that runs
 *
 * Method: frames of a made-up wall clock, keys, the record.  Goal: the numbers
 * are the world's and move, every door opens and leads back to home, and a name
 * is kept.
 */
#include "tests/lab/views/stand.h"

static void frames(struct stand *s, int seconds)
{
	for (int i = 0; i < seconds * 100; i++)
		app_frame(&s->app, 10000000);
}

static void the_world_is_alive(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, welcome_view(&s.app));
	assert_true(app_moving(&s.app));
	stand_sees(&s, "T+01:00  RUN 60x");
	stand_sees(&s, "● ● ●");
	frames(&s, 3);
	stand_sees(&s, "T+04:00  RUN 60x");
	stand_sees(&s, "records/s");
	s.app.outside.home = STAND_SHOWN;
	stand_sizes(&s, "welcome-later");
	stand_close(&s);
}

static void every_door_leads_back_to_home(void **state)
{
	static const struct {
		const char *keys, *top;
	} doors[] = {
		{ "Enter", "workbench" }, { "Down Enter", "lesson" },
		{ "Down Down Enter", "workbench" },
		{ "Down Down Down Enter", "rubric" },
		{ "End Enter", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(doors) / sizeof(*doors); i++) {
		struct stand s;

		stand_open(&s, 24, 80);
		app_push(&s.app, welcome_view(&s.app));
		stand_keys(&s, doors[i].keys);
		if (doors[i].top)
			assert_string_equal(stand_top(&s), doors[i].top);
		else
			stand_sees(&s, "millrace module new");
		assert_non_null(app_find(&s.app, "home"));
		assert_null(app_find(&s.app, "welcome"));
		stand_close(&s);
	}
}

static void a_name_is_kept(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, welcome_view(&s.app));
	stand_keys(&s, "Tab 'qed' Enter");
	assert_string_equal(stand_top(&s), "welcome");
	assert_string_equal(s.app.settings.name, "qed");
	assert_int_equal(store_count(s.store), 1);
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_world_is_alive),
		cmocka_unit_test(every_door_leads_back_to_home),
		cmocka_unit_test(a_name_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
