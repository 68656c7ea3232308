/* test_verdict.c - what is said of a finished piece of work, and the way on
 *
 * Method: an author's solution is typed in a first session (welcome is at the
 * bottom) and in a later one, and keys and words follow.  Goal: none of the
 * ways on is dead, and nothing that is said is cut.
 */
#include "tests/lab/views/stand.h"

#include "lab/course/attempt.h"
#include "lab/course/plan.h"
#include "lab/views/workbench_inside.h"

#define LEADERS	"kafka-architecture.leaders"

static struct workbench *bench(struct stand *s)
{
	return workbench_of(app_find(&s->app, "workbench"));
}

static void open_at(struct stand *s, struct view *bottom, const char *id)
{
	struct workbench_options o = { .exercise = id, .seed = 3 };
	struct err err;
	struct view *v;

	if (bottom)
		app_push(&s->app, bottom);
	v = workbench_view(&s->app, &o, &err);
	if (!v)
		fail_msg("%s", err.what);
	app_push(&s->app, v);
}

static void type(struct stand *s, const char *line)
{
	words_type(bench(s), line);
	if (!app_settle(&s->app))
		fail_msg("`%s` does not end", line);
}

/* The author's solution, line by line, and the verdict on it. */
static void solve(struct stand *s)
{
	struct plans plans;
	struct plan *p;
	struct err err;

	if (!plans_read(&plans, bench(s)->module,
			play_attempt(bench(s)->play)->box, &err))
		fail_msg("%s", err.what);
	p = &plans.solutions[0];
	for (size_t i = 0; i < p->count; i++)
		type(s, p->lines[i].line);
	plans_release(&plans);
	stand_keys(s, "F2");
	assert_string_equal(stand_top(s), "verdict");
	stand_sees(s, "PASSED");
}

static void a_first_session_goes_on_with_the_next_exercise(void **state)
{
	static const char *const ways[] = {
		"n", "d n", "Esc 'next' Enter", "f", "d f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		bool is_fresh = strchr(ways[i], 'f') != NULL;
		struct stand s;

		stand_open(&s, 24, 80);
		open_at(&s, welcome_view(&s.app), "bigdata.first-log");
		solve(&s);
		stand_keys(&s, ways[i]);
		assert_string_equal(stand_top(&s), "workbench");
		assert_string_equal(s.app.top->below->ops->name, "welcome");
		assert_int_equal(strcmp(bench(&s)->module->id,
					"bigdata.first-log") == 0, is_fresh);
		if (is_fresh)
			assert_int_not_equal(play_attempt(bench(&s)->play)->
					     options.seed, 3);
		stand_close(&s);
	}
}

static void without_anything_below_the_next_lies_over_it(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	open_at(&s, NULL, "bigdata.first-log");
	solve(&s);
	stand_keys(&s, "n");
	assert_string_equal(stand_top(&s), "workbench");
	assert_string_not_equal(bench(&s)->module->id, "bigdata.first-log");
	stand_close(&s);
}

static void words_lead_on_when_it_is_done_and_not_before(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	open_at(&s, home_view(&s.app), "bigdata.first-log");
	type(&s, "next");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees(&s, "This one is not done yet");
	type(&s, "debrief");
	stand_sees(&s, "The debrief opens when");
	solve(&s);
	stand_keys(&s, "Esc");
	type(&s, "debrief");
	assert_string_equal(stand_top(&s), "debrief");
	stand_keys(&s, "Esc");
	type(&s, "next");
	assert_string_equal(s.app.top->below->ops->name, "home");
	assert_string_not_equal(bench(&s)->module->id, "bigdata.first-log");
	stand_close(&s);
}

static void who_gave_up_goes_on_too(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	open_at(&s, home_view(&s.app), "bigdata.first-log");
	type(&s, "giveup yes");
	type(&s, "debrief");
	assert_string_equal(stand_top(&s), "debrief");
	stand_keys(&s, "n");
	assert_string_equal(stand_top(&s), "workbench");
	assert_string_not_equal(bench(&s)->module->id, "bigdata.first-log");
	stand_close(&s);
}

/* In three sizes, all of it to be read. */
static void what_was_right_is_said_of_each_task(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 20, 60);
	open_at(&s, home_view(&s.app), LEADERS);
	solve(&s);
	stand_sizes(&s, "verdict-passed");
	stand_close(&s);
}

static void at_sixty_columns_nothing_is_cut(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 20, 60);
	open_at(&s, home_view(&s.app), LEADERS);
	stand_keys(&s, "F2 End");
	stand_sees_not(&s, "…");
	stand_sees(&s, "To take it back, go back in");
	stand_golden(&s, "verdict-open");
	stand_sees(&s, "r rewind");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_session_goes_on_with_the_next_exercise),
		cmocka_unit_test(without_anything_below_the_next_lies_over_it),
		cmocka_unit_test(words_lead_on_when_it_is_done_and_not_before),
		cmocka_unit_test(who_gave_up_goes_on_too),
		cmocka_unit_test(what_was_right_is_said_of_each_task),
		cmocka_unit_test(at_sixty_columns_nothing_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
