/* test_palette.c - what a few letters find, and what they do not
 *
 * Method: the whole course, words typed into palette and search.  Goal: what
 * begins with them stands first, scattered letters find nothing, and what is
 * still to come stands only in search, where it says so.
 */
#include "tests/lab/views/stand.h"

static void names_come_first_and_scattered_letters_never(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	stand_keys(&s, ": 'isr'");
	stand_sees(&s, "▸ ISR   ");
	stand_sees(&s, "Leaders, followers, ISR");
	stand_sees_not(&s, "poison record");
	stand_sees_not(&s, "First moment");
	stand_close(&s);
}

/* The last part of an id is what one says of an exercise. */
static void an_id_is_as_good_as_a_title(void **state)
{
	static const char *const typed[][2] = {
		{ "leaders", "kafka-architecture.leaders" },
		{ "acks-matrix", "kafka-architecture.acks-matrix" },
		{ "bigdata.first-log", "bigdata.first-log" },
	};
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	for (size_t i = 0; i < sizeof(typed) / sizeof(*typed); i++) {
		struct text keys = {0}, row = {0};

		text_addf(&keys, ": '%s'", typed[i][0]);
		text_addf(&row, "▸ %s",
			  catalog_text(catalog_exercise(s.catalog, typed[i][1],
							NULL), "title"));
		stand_keys(&s, text_cstr(&keys));
		stand_sees(&s, text_cstr(&row));
		stand_keys(&s, "Esc");
		text_free(&keys);
		text_free(&row);
	}
	stand_close(&s);
}

/* A whole lesson is looked through, by the beginnings of its words. */
static void lessons_are_found_by_what_stands_in_them(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	stand_keys(&s, ": 'murmur'");
	stand_sees(&s, "lesson");
	stand_keys(&s, "Ctrl-U 'urmur2'");
	stand_sees(&s, "No match for \"urmur2\".");
	stand_close(&s);
}

static void what_is_to_come_stands_in_search_only(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	stand_keys(&s, ": 'aggregates'");
	stand_sees_not(&s, "still to come");
	stand_keys(&s, "Esc");
	app_push(&s.app, search_view(&s.app));
	stand_keys(&s, "'aggregates'");
	stand_sees(&s, ": still to come");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_first_and_scattered_letters_never),
		cmocka_unit_test(an_id_is_as_good_as_a_title),
		cmocka_unit_test(lessons_are_found_by_what_stands_in_them),
		cmocka_unit_test(what_is_to_come_stands_in_search_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
