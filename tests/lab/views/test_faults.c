/* test_faults.c - the catalogue of faults as a screen
 *
 * Method: a sandbox in an app without a terminal, played by keys.  Goal: each
 * fault of the catalogue can be put together by keys alone, the line above the
 * footer is the command that does it, and what is on can be healed.
 */
#include "tests/test.h"

#include "lab/views/workbench_inside.h"
#include "sim/fault/fault.h"

struct bench {
	struct app app;
	struct workbench *w;
};

static void set_up(struct bench *b)
{
	struct app_outside outside = {0};
	struct workbench_options o = { .world = "local-kafka", .seed = 3 };
	struct err err;
	struct view *v;

	app_init(&b->app, &outside, 24, 80);
	v = workbench_view(&b->app, &o, &err);
	if (!v)
		fail_msg("%s", err.what);
	app_push(&b->app, v);
	b->w = workbench_of(v);
}

static void keys(struct bench *b, const char *script)
{
	struct err err;

	if (!app_keys(&b->app, script, &err))
		fail_msg("%s: %s", script, err.what);
}

static void picture(struct bench *b, const char *name)
{
	struct text t = {0};
	struct grid g;

	grid_init(&g, 1, 1);
	app_draw(&b->app, &g);
	grid_text(&g, true, &t);
	test_golden(name, text_cstr(&t));
	text_free(&t);
	grid_release(&g);
}

static const struct faults *ledger(const struct bench *b)
{
	return faults_of(play_world(b->w->play));
}

static const char *echo(const struct bench *b)
{
	return text_cstr(&b->app.echo);
}

static void the_line_above_the_footer_is_the_command(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	keys(&b, "F3");
	assert_string_equal(b.app.top->ops->name, "faults");
	assert_string_equal(echo(&b), "$ fault kill component=controller-1");
	keys(&b, "Tab Right");
	assert_string_equal(echo(&b), "$ fault kill component=broker-1");
	keys(&b, "Down Right Right");
	assert_string_equal(echo(&b),
			    "$ fault kill component=broker-1 after=1m");
	keys(&b, "Shift-Tab Down");
	assert_string_equal(echo(&b), "$ fault restart component=controller-1");
	app_release(&b.app);
}

static void what_is_injected_is_on_until_it_is_healed(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	keys(&b, "'run 1m' Enter F3 Down Down Down Down Down Down");
	picture(&b, "views/faults.80x24.scr");
	keys(&b, "Tab Right Down Right Enter");
	assert_int_equal(ledger(&b)->ledger.count, 1);
	assert_true(fault_active(ledger(&b)->ledger.at[0]));
	picture(&b, "views/faults-on.80x24.scr");
	keys(&b, "@60x20");
	picture(&b, "views/faults-on.60x20.scr");
	keys(&b, "Tab Enter");
	assert_false(fault_active(ledger(&b)->ledger.at[0]));
	assert_string_equal(echo(&b), "$ heal 1");
	app_release(&b.app);
}

/* local-kafka has gp3 volumes, which know no burst, and no cohorts. */
static bool fits(const struct fault_kind *k)
{
	return strcmp(k->id, "no-burst") != 0 &&
	       strcmp(k->component, "fleet") != 0;
}

/* Every row of the catalogue: its first choices make a command that the world
 * takes, at a world that has a topic. */
static void each_fault_can_be_injected_as_it_is_offered(void **state)
{
	struct bench b;
	uint32_t n = 0;

	(void)state;
	for (const struct fault_kind *k = fault_kinds; k->id; k++, n++) {
		set_up(&b);
		keys(&b, "'run 20s' Enter F3");
		for (uint32_t i = 0; i < n; i++)
			keys(&b, "Down");
		/* Of processes the second is a broker, which all fit. */
		if (strcmp(k->component, "process") == 0)
			keys(&b, "Right");
		keys(&b, "F2");
		if (ledger(&b)->ledger.count != fits(k))
			fail_msg("%s: %s", k->id, echo(&b));
		app_release(&b.app);
	}
	assert_true(n > 5);
}

static void an_exercise_has_no_faults_to_make(void **state)
{
	struct app_outside outside = {0};
	struct workbench_options o = {
		.exercise = "exercises/bigdata/first-log", .seed = 3,
	};
	struct bench b;
	struct err err;
	struct view *v;

	(void)state;
	app_init(&b.app, &outside, 24, 80);
	v = workbench_view(&b.app, &o, &err);
	assert_non_null(v);
	app_push(&b.app, v);
	b.w = workbench_of(v);
	keys(&b, "Esc f T");
	assert_string_equal(b.app.top->ops->name, "workbench");
	assert_false(b.w->truth);
	app_release(&b.app);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_above_the_footer_is_the_command),
		cmocka_unit_test(what_is_injected_is_on_until_it_is_healed),
		cmocka_unit_test(each_fault_can_be_injected_as_it_is_offered),
		cmocka_unit_test(an_exercise_has_no_faults_to_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
