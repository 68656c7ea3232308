/* test_workbench_time.c - time moved at the workbench, and what is kept of it
 *
 * Going back keeps what was as a branch, what was typed is kept when the program
 * dies, and another seed begins anew.
 */
#include "tests/lab/views/workbench_stand.h"

/* --- time ----------------------------------------------------------------- */

static void going_back_keeps_what_was_as_a_branch(void **state)
{
	const struct play_branch *branches;
	uint64_t before;
	struct bench b;
	sim_time at;

	(void)state;
	exercise(&b, 80, 24);
	type(&b, "save clean");
	play_solution(&b, 0, 3);
	at = play_now(b.w->play);
	before = digest(&b);
	keys(&b, "Esc r");
	assert_int_equal(play_now(b.w->play), play_start(b.w->play));
	assert_true(play_branches(b.w->play, &branches) >= 2);
	assert_true(shows(&b, "├ 02:00 before rewind 1"));
	picture(&b, "views/workbench-branch.80x24.scr");
	keys(&b, "i");
	type(&b, "echo another way");
	type(&b, "run 1m");
	assert_true(shows(&b, " ├═════┃"));
	type(&b, "return before rewind 1");
	assert_int_equal(play_now(b.w->play), at);
	assert_int_equal(digest(&b), before);
	take_down(&b);
}

static void the_mouse_goes_to_a_time_and_to_a_pane(void **state)
{
	struct input in = { .kind = INPUT_MOUSE, .mouse = MOUSE_PRESS };
	struct bench b;
	sim_time start;

	(void)state;
	exercise(&b, 80, 24);
	assert_true(shows(&b, "T+"));	/* drawn once: it has its places */
	start = play_start(b.w->play);
	in.row = b.w->places.time.row + 1;
	in.col = 40;
	app_input(&b.app, &in);
	assert_int_equal(play_now(b.w->play), start);
	in.mouse = MOUSE_RELEASE;
	app_input(&b.app, &in);
	assert_true(app_settle(&b.app));
	assert_true(play_now(b.w->play) > start + SIM_MINUTES(2));
	in.mouse = MOUSE_PRESS;
	in.row = b.w->places.pane[PANE_TASKS].row + 2;
	in.col = 60;
	app_input(&b.app, &in);
	assert_int_equal(b.w->focus, PANE_TASKS);
	assert_int_equal(b.w->task_selected, 1);
	in.row = 0;
	app_input(&b.app, &in);
	assert_int_equal(b.w->focus, PANE_TASKS);
	take_down(&b);
}

static void a_paused_world_asks_for_no_frames(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	assert_false(app_moving(&b.app));
	keys(&b, "Space");
	assert_true(app_moving(&b.app));
	keys(&b, "@1s Space");
	assert_false(app_moving(&b.app));
	assert_true(play_now(b.w->play) > play_start(b.w->play));
	take_down(&b);
}

/* --- the record ----------------------------------------------------------- */

static void a_run_is_taken_up_where_the_program_died(void **state)
{
	struct workbench_options o = {
		.exercise = "bigdata.first-log", .resume = true,
	};
	struct bench b;
	uint64_t was;
	sim_time at;
	struct app dead;

	(void)state;
	exercise(&b, 80, 24);
	play_solution(&b, 0, 3);
	keys(&b, "@1s Space @2s Space @1s");
	was = digest(&b);
	at = play_now(b.w->play);
	/* As if it had been killed: nothing is closed before the next one has
	 * been opened. */
	dead = b.app;
	open_with(&b, 80, 24, &o);
	assert_int_equal(play_now(b.w->play), at);
	assert_int_equal(digest(&b), was);
	assert_true(shows(&b, "kafka-console-producer.sh"));
	keys(&b, "Up");
	assert_true(strstr(lineedit_text(&b.w->console.edit), "producer"));
	b.w->keep.is_kept = false;
	app_release(&b.app);
	b.app = dead;
	take_down(&b);
}

/* As the terminal does: shows it, and looks for Esc.  Here it is pressed. */
static bool esc_is_pressed(void *ctx, struct app *a)
{
	struct grid g;
	struct text seen = {0};

	(void)ctx;
	grid_init(&g, a->rows, a->cols);
	app_draw_progress(a, &g);
	grid_text(&g, false, &seen);
	assert_non_null(strstr(text_cstr(&seen), "Playing your run again: T+"));
	assert_non_null(strstr(text_cstr(&seen), "  Esc stops."));
	text_free(&seen);
	grid_release(&g);
	return false;
}

static void a_resume_that_is_stopped_leaves_the_attempt_as_it_was(void **state)
{
	struct workbench_options o = {
		.exercise = "bigdata.first-log", .resume = true,
	};
	struct bench b;
	struct app dead;
	struct err err;
	struct view *v;
	uint64_t was;

	(void)state;
	exercise(&b, 80, 24);
	play_solution(&b, 0, 3);
	keys(&b, "@1s Space @2s Space @1s");
	was = digest(&b);
	dead = b.app;
	app_init(&b.app, &dead.outside, 24, 80);
	b.app.outside.progress = esc_is_pressed;
	assert_null(workbench_view(&b.app, &o, &err));
	assert_string_equal(err.what, "stopped; all is as it was");
	b.app.outside.progress = NULL;
	v = workbench_view(&b.app, &o, &err);
	assert_non_null(v);
	app_push(&b.app, v);
	b.w = workbench_of(v);
	assert_int_equal(digest(&b), was);
	b.w->keep.is_kept = false;
	app_release(&b.app);
	b.app = dead;
	take_down(&b);
}

static void a_return_that_is_stopped_stays_where_one_is(void **state)
{
	struct bench b;
	uint64_t was;

	(void)state;
	sandbox(&b, 80, 24);
	type(&b, "run 20s");
	type(&b, "fault kill component=broker-2");
	type(&b, "run 20s");
	type(&b, "rewind");
	type(&b, "run 5s");
	was = digest(&b);
	b.app.outside.progress = esc_is_pressed;
	type(&b, "return before rewind 1");
	assert_true(shows(&b, "stopped; all is as it was"));
	assert_int_equal(digest(&b), was);
	b.app.outside.progress = NULL;
	type(&b, "return before rewind 1");
	assert_int_not_equal(digest(&b), was);
	take_down(&b);
}

static void another_seed_begins_anew(void **state)
{
	struct workbench_options o = {
		.exercise = "bigdata.first-log", .resume = true, .seed = 4,
	};
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	type(&b, "echo one");
	app_release(&b.app);
	open_with(&b, 80, 24, &o);
	assert_int_equal(play_attempt(b.w->play)->options.seed, 4);
	assert_int_equal(b.w->console.count, 0);
	take_down(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(going_back_keeps_what_was_as_a_branch),
		cmocka_unit_test(the_mouse_goes_to_a_time_and_to_a_pane),
		cmocka_unit_test(a_paused_world_asks_for_no_frames),
		cmocka_unit_test(a_run_is_taken_up_where_the_program_died),
		cmocka_unit_test(
			a_resume_that_is_stopped_leaves_the_attempt_as_it_was),
		cmocka_unit_test(a_return_that_is_stopped_stays_where_one_is),
		cmocka_unit_test(another_seed_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
