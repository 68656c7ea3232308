/* test_lesson.c - pages that are read, words that open, commands that run
 *
 * Method: the log lesson of the course, keys, and what the record holds
 * afterwards.  Goal: every page can be reached and is remembered, links of all
 * three kinds do what they say, and nothing is typed into a world one keeps.
 */
#include "tests/lab/views/stand.h"

#include "lab/paths.h"
#include "lab/progress/progress.h"

static void open_lesson(struct stand *s, const char *id)
{
	stand_open(s, 24, 80);
	app_push(&s->app, home_view(&s->app));
	assert_true(views_open(&s->app, id));
}

static void every_page_is_reached_and_remembered(void **state)
{
	struct stand s;
	int64_t page, pages;
	struct err err;

	(void)state;
	open_lesson(&s, "bigdata/log");
	stand_sees(&s, "The log: one idea behind queues, tables and replay");
	stand_keys(&s, "PgDn Space");
	assert_true(progress_lesson(s.store, "bigdata/log", &page, &pages,
				    &err));
	assert_int_equal(page, 3);
	assert_true(pages > 4);
	stand_keys(&s, "PgUp PgUp End");
	assert_true(progress_lesson(s.store, "bigdata/log", &page, &pages,
				    &err));
	assert_int_equal(page, pages);
	stand_sees(&s, "100 %");
	stand_sees(&s, "auto.offset.reset");
	stand_close(&s);
}

static void it_opens_where_one_was(void **state)
{
	struct stand s;

	(void)state;
	open_lesson(&s, "bigdata/log");
	stand_keys(&s, "PgDn PgDn Esc");
	assert_string_equal(stand_top(&s), "home");
	assert_true(views_open(&s.app, "bigdata/log"));
	stand_sees(&s, "3 of ");
	stand_close(&s);
}

static void words_open_beside_the_text(void **state)
{
	struct stand s;

	(void)state;
	open_lesson(&s, "bigdata/log");
	stand_keys(&s, "w");
	stand_sees(&s, "┌");
	stand_sees(&s, "$ millrace show '");
	stand_keys(&s, "Esc");
	stand_sees_not(&s, "┌");
	assert_string_equal(stand_top(&s), "lesson");
	stand_close(&s);
}

static void commands_run_in_a_throwaway_world(void **state)
{
	struct stand s;

	(void)state;
	open_lesson(&s, "kafka-architecture/leaders-followers");
	stand_keys(&s, "/ 'World' Enter");
	/* The block is the next link behind the sentence that names the
	 * world. */
	for (int i = 0; i < 40 && strcmp(stand_top(&s), "try") != 0; i++)
		stand_keys(&s, strcmp(stand_top(&s), "lesson") == 0 ?
			   "Esc Tab Enter" : "Esc");
	assert_string_equal(stand_top(&s), "try");
	stand_sees(&s, "$ kafka-topics.sh");
	stand_sees(&s, "Leader: ");
	stand_keys(&s, "Esc");
	assert_string_equal(stand_top(&s), "lesson");
	stand_close(&s);
}

static void a_search_lights_and_walks(void **state)
{
	struct stand s;

	(void)state;
	open_lesson(&s, "bigdata/log");
	stand_keys(&s, "/ 'murmur2' Enter");
	stand_sees(&s, "murmur2");
	stand_keys(&s, "n N Esc / 'nowhere' Enter");
	stand_sees(&s, "No match for \"nowhere\".");
	stand_close(&s);
}

/* The longest line of code of a lesson, without the blanks in front. */
static void longest_code(const char *path, struct text *out)
{
	struct text page = {0};
	bool is_code = false;
	struct err err;

	if (!path_read(path, 1 << 20, &page, &err))
		fail_msg("%s", err.what);
	for (const char *at = text_cstr(&page); *at;) {
		size_t len = strcspn(at, "\n"), lead = strspn(at, " ");

		if (strncmp(at, "```", 3) == 0) {
			is_code = !is_code;
		} else if (is_code && len - lead > out->len) {
			text_clear(out);
			text_bytes(out, at + lead, len - lead);
		}
		at += len + (at[len] == '\n');
	}
	text_free(&page);
}

/* Whole at 120 columns; where it does not fit it can be moved, and back. */
static void code_is_never_broken_but_moves_where_it_is_too_wide(void **state)
{
	static const char id[] = "kafka-architecture/leaders-followers";
	struct input size = { .kind = INPUT_RESIZE, .row = 24, .col = 120 };
	struct text code = {0}, keys = {0};
	const char *end;
	struct stand s;

	(void)state;
	longest_code("content/lessons/kafka-architecture/"
		     "leaders-followers.md", &code);
	assert_true(code.len >= 48);
	end = text_cstr(&code) + code.len - 12;
	open_lesson(&s, id);
	app_input(&s.app, &size);
	text_addf(&keys, "/ '%s' Enter", end);
	stand_keys(&s, text_cstr(&keys));
	stand_sees(&s, text_cstr(&code));
	stand_sees_not(&s, "← → code");
	size.col = (int)code.len - 4;
	app_input(&s.app, &size);
	stand_keys(&s, "n");
	stand_sees(&s, "← → code");
	stand_sees_not(&s, end);
	stand_keys(&s, "Right Right Right");
	stand_sees(&s, end);
	stand_keys(&s, "Left Left Left");
	stand_sees_not(&s, end);
	text_free(&code);
	text_free(&keys);
	stand_close(&s);
}

static void what_is_not_written_says_so(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	assert_false(views_open(&s.app, "ddd/aggregates"));
	stand_sees(&s, "ddd/aggregates is to come: the page is not written.");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_is_reached_and_remembered),
		cmocka_unit_test(it_opens_where_one_was),
		cmocka_unit_test(words_open_beside_the_text),
		cmocka_unit_test(commands_run_in_a_throwaway_world),
		cmocka_unit_test(code_is_never_broken_but_moves_where_it_is_too_wide),
		cmocka_unit_test(a_search_lights_and_walks),
		cmocka_unit_test(what_is_not_written_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
