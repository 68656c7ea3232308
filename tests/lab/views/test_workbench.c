/* test_workbench.c - the screen a person works in, played by keys
 *
 * Method: an app without a terminal, the real course, a record in memory, a
 * clock that stands still; keys go in, pictures and answers come out.  Goal:
 * an exercise can be solved by typing alone, what was typed is kept, and the
 * screen shows it at every size.  Pictures are in tests/golden/views.
 */
#include "tests/test.h"

#include "lab/course/attempt.h"
#include "lab/course/catalog.h"
#include "lab/course/plan.h"
#include "lab/progress/progress.h"
#include "lab/progress/store.h"
#include "lab/views/workbench_inside.h"

enum { NOW_S = 1795338000 };		/* 2026-11-22 09:00 UTC */

struct bench {
	struct catalog *catalog;
	struct store *store;
	struct app app;
	struct workbench *w;
};

static int64_t now_ms(void *ctx)
{
	(void)ctx;
	return INT64_C(1000) * NOW_S;
}

static struct store *record(void)
{
	struct store_options o = {
		.now_ms = INT64_C(1000) * NOW_S, .memory = true,
		.device = "0123456789abcdef",
	};
	struct err err;
	struct store *s = store_open(NULL, &o, &err);

	if (!s)
		fail_msg("%s", err.what);
	return s;
}

/* On top of what the bench has: the view, too. */
static void open_with(struct bench *b, int cols, int rows,
		      const struct workbench_options *o)
{
	struct app_outside outside = {
		.catalog = b->catalog, .store = b->store, .now_ms = now_ms,
	};
	struct err err;
	struct view *v;

	app_init(&b->app, &outside, rows, cols);
	v = workbench_view(&b->app, o, &err);
	if (!v)
		fail_msg("%s", err.what);
	app_push(&b->app, v);
	b->w = workbench_of(v);
}

static void set_up(struct bench *b)
{
	struct err err;

	*b = (struct bench){ .catalog = catalog_load(".", &err) };
	if (!b->catalog)
		fail_msg("%s", err.what);
	b->store = record();
}

static void exercise(struct bench *b, int cols, int rows)
{
	struct workbench_options o = {
		.exercise = "bigdata.first-log", .seed = 3,
	};

	set_up(b);
	open_with(b, cols, rows, &o);
}

static void sandbox(struct bench *b, int cols, int rows)
{
	struct workbench_options o = { .world = "local-kafka", .seed = 3 };

	set_up(b);
	open_with(b, cols, rows, &o);
}

static void take_down(struct bench *b)
{
	app_release(&b->app);
	store_close(b->store);
	catalog_free(b->catalog);
}

static void keys(struct bench *b, const char *script)
{
	struct err err;

	if (!app_keys(&b->app, script, &err))
		fail_msg("%s: %s", script, err.what);
}

/* A line as a person types it, to its end. */
static void type(struct bench *b, const char *line)
{
	while (*line)
		app_key(&b->app, (unsigned char)*line++);
	app_key(&b->app, K_ENTER);
	if (!app_settle(&b->app))
		fail_msg("%s never ends", line);
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

static bool shows(struct bench *b, const char *words)
{
	struct text t = {0};
	struct grid g;
	bool found;

	grid_init(&g, 1, 1);
	app_draw(&b->app, &g);
	grid_text(&g, false, &t);
	found = strstr(text_cstr(&t), words) != NULL;
	text_free(&t);
	grid_release(&g);
	return found;
}

static uint64_t digest(const struct bench *b)
{
	return world_digest(play_world(b->w->play));
}

/* --- pictures ------------------------------------------------------------- */

static void an_exercise_begins_with_the_keyboard_in_the_console(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	picture(&b, "views/workbench-start.80x24.scr");
	keys(&b, "'cat order.txt' Enter");
	assert_true(shows(&b, "$ cat order.txt"));
	assert_true(shows(&b, "partitions, each on 3 brokers"));
	keys(&b, "'kafka-topics.sh --bootstrap-server broker-1:9092 --list' "
	     "Enter");
	picture(&b, "views/workbench-work.80x24.scr");
	take_down(&b);
}

static void it_uses_the_room_there_is(void **state)
{
	static const char *const sizes[] = {
		"120x36", "60x20", "60x16", "160x50", "40x12",
	};
	struct bench b;
	char name[64], resize[16];

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'cat order.txt' Enter");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		snprintf(resize, sizeof(resize), "@%s", sizes[i]);
		snprintf(name, sizeof(name), "views/workbench-work.%s.scr",
			 sizes[i]);
		keys(&b, resize);
		picture(&b, name);
	}
	take_down(&b);
}

static void each_layout_has_its_panes(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "F4");
	picture(&b, "views/workbench-read.80x24.scr");
	keys(&b, "F4 'run 90s' Enter 'layout watch' Enter");
	picture(&b, "views/workbench-watch.80x24.scr");
	keys(&b, "@120x36");
	picture(&b, "views/workbench-watch.120x36.scr");
	take_down(&b);
}

static void a_sandbox_shows_a_whole_platform_at_work(void **state)
{
	struct bench b;

	(void)state;
	sandbox(&b, 80, 24);
	keys(&b, "'run 3m' Enter");
	picture(&b, "views/workbench-sandbox.80x24.scr");
	keys(&b, "@120x36");
	picture(&b, "views/workbench-sandbox.120x36.scr");
	keys(&b, "Esc T");
	assert_true(shows(&b, "TRUTH"));
	picture(&b, "views/workbench-truth.120x36.scr");
	take_down(&b);
}

/* --- the empty-line rule -------------------------------------------------- */

static void a_few_keys_are_keys_while_the_line_is_empty(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	assert_true(play_paused(b.w->play));
	keys(&b, "Space");
	assert_false(play_paused(b.w->play));
	keys(&b, "Space 2");
	assert_true(play_paused(b.w->play));
	assert_int_equal(b.w->focus, PANE_MAP);
	keys(&b, "1 'a 2' Space");
	assert_int_equal(b.w->focus, PANE_CONSOLE);
	assert_string_equal(lineedit_text(&b.w->console.edit), "a 2 ");
	assert_true(play_paused(b.w->play));
	take_down(&b);
}

static void letters_are_keys_after_esc_and_the_line_is_kept(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'echo half' Esc w");
	assert_int_equal(b.w->layout, LAYOUT_WATCH);
	keys(&b, "w w i ' typed' Enter");
	assert_true(shows(&b, "\n half typed"));
	take_down(&b);
}

static void esc_leaves_exactly_one_layer(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "F3");
	assert_string_equal(b.app.top->ops->name, "hints");
	keys(&b, "Esc");
	assert_ptr_equal(b.app.top, &b.w->view);
	assert_true(b.w->console.typing);
	keys(&b, "Esc");
	assert_false(b.w->console.typing);
	keys(&b, "4 Esc");
	assert_int_equal(b.w->focus, PANE_CONSOLE);
	take_down(&b);
}

/* --- solving -------------------------------------------------------------- */

/* The lines of the author's solution; caller frees with plans_release. */
static void solution(struct bench *b, struct plans *plans)
{
	struct err err;

	if (!plans_read(plans, b->w->module, play_attempt(b->w->play)->box,
			&err))
		fail_msg("%s", err.what);
}

static void play_solution(struct bench *b, size_t from, size_t to)
{
	struct plans plans;
	struct plan *p;

	solution(b, &plans);
	p = &plans.solutions[0];
	for (size_t i = from; i < to && i < p->count; i++) {
		assert_non_null(p->lines[i].line);
		type(b, p->lines[i].line);
	}
	plans_release(&plans);
}

static void an_exercise_is_solved_by_typing_alone(void **state)
{
	struct exercise_state done;
	struct bench b;
	struct err err;

	(void)state;
	exercise(&b, 80, 24);
	play_solution(&b, 0, SIZE_MAX);
	keys(&b, "F2");
	assert_int_equal(play_attempt(b.w->play)->last->status, VERDICT_PASS);
	assert_string_equal(b.app.top->ops->name, "verdict");
	assert_true(progress_exercise(b.store, "bigdata.first-log", &done,
				      &err));
	assert_true(done.done);
	assert_int_equal(done.attempts, 1);
	assert_int_equal(done.last_seed, 3);
	take_down(&b);
}

static void everything_is_reachable_in_one_pane(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 60, 20);
	play_solution(&b, 0, 2);
	keys(&b, "'check' Enter");
	assert_string_equal(b.app.top->ops->name, "verdict");
	assert_int_equal(play_attempt(b.w->play)->last->status, VERDICT_FAIL);
	keys(&b, "Esc");
	keys(&b, "3");
	assert_true(shows(&b, "✓ 1 A topic for the sensors"));
	picture(&b, "views/workbench-tasks.60x20.scr");
	take_down(&b);
}

static void a_failed_check_is_kept_and_the_attempt_goes_on(void **state)
{
	struct exercise_state done;
	struct bench b;
	struct err err;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "F2 Esc");
	assert_true(progress_exercise(b.store, "bigdata.first-log", &done,
				      &err));
	assert_false(done.done);
	assert_false(b.w->keep.has_ended);
	assert_int_equal(b.w->keep.tries, 1);
	take_down(&b);
}

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
	picture(&b, "views/workbench-branch.80x24.scr");
	keys(&b, "i");
	type(&b, "echo another way");
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

/* --- the console ---------------------------------------------------------- */

static void a_tool_that_reads_gets_what_is_typed(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	play_solution(&b, 0, 2);
	keys(&b, "'cat > mine.txt' Enter");
	assert_true(play_wants_input(b.w->play));
	keys(&b, "'one' Enter 'two' Enter Ctrl-D");
	assert_false(play_busy(b.w->play));
	type(&b, "wc mine.txt");
	assert_true(shows(&b, "2 "));
	take_down(&b);
}

static void ctrl_c_stops_what_runs_and_then_clears_the_line(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'cat' Enter");
	assert_true(play_busy(b.w->play));
	keys(&b, "Ctrl-C");
	assert_false(play_busy(b.w->play));
	keys(&b, "'half' Ctrl-C");
	assert_true(prompt_is_empty(b.w));
	assert_false(app_ended(&b.app));
	take_down(&b);
}

static void words_are_completed_with_what_there_is(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'lay' Tab");
	assert_string_equal(lineedit_text(&b.w->console.edit), "layout");
	keys(&b, "' wa' Tab");
	assert_string_equal(lineedit_text(&b.w->console.edit),
			    "layout watch");
	keys(&b, "Ctrl-C 'cat no' Tab");
	assert_string_equal(lineedit_text(&b.w->console.edit),
			    "cat notes.txt");
	take_down(&b);
}

static void long_output_is_bounded_and_scrolled(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	for (int i = 0; i < SCROLL_LINES + 500; i++)
		scroll_print(b.w, SCROLL_OUT, "line\n", 5);
	assert_int_equal(b.w->console.count, SCROLL_LINES);
	keys(&b, "'seq 40' Enter");
	assert_false(shows(&b, "\n 3 "));
	keys(&b, "PgUp PgUp PgUp");
	assert_true(shows(&b, "$ seq 40"));
	assert_true(shows(&b, "below, PgDn"));
	keys(&b, "PgDn PgDn PgDn PgDn");
	assert_int_equal(b.w->console.back, 0);
	take_down(&b);
}

static void the_output_of_a_command_is_copied_as_printed(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'seq 3' Enter Esc y");
	assert_string_equal(text_cstr(&b.app.copied), "1\n2\n3\n");
	take_down(&b);
}

static void a_long_line_is_folded_and_copied_as_printed(void **state)
{
	static const char line[] = "\tTopic: boilers\tPartition: 0\tLeader: 2"
				   "     Replicas: 2,1,3\tElr: \t\n";
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'true' Enter");
	scroll_print(b.w, SCROLL_OUT, line, sizeof(line) - 1);
	assert_true(shows(&b, "\n  Topic: boilers Partition: 0 Leader: 2  "));
	assert_true(shows(&b, "\n   Replicas: 2,1,3 Elr:  "));
	assert_true(shows(&b, "compact, Esc z as printed"));
	keys(&b, "Esc y");
	assert_string_equal(text_cstr(&b.app.copied), line);
	keys(&b, "z");
	assert_true(shows(&b, "         Topic: boilers  Partition: 0    "));
	assert_false(shows(&b, "compact"));
	take_down(&b);
}

static void the_brief_is_paged_from_the_prompt(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'seq 40' Enter F4");
	assert_true(shows(&b, "PgDn"));
	assert_false(shows(&b, "empty-kafka, seed 3"));
	keys(&b, "PgDn PgDn PgDn");
	assert_true(shows(&b, "empty-kafka, seed 3"));
	assert_true(b.w->console.typing);
	keys(&b, "PgUp PgUp PgUp");
	assert_int_equal(b.w->brief_top, 0);
	keys(&b, "PgUp");
	assert_true(b.w->console.back > 0);
	take_down(&b);
}

/* --- help that costs ------------------------------------------------------ */

static void the_price_of_a_hint_stands_before_it_is_opened(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "F3");
	assert_true(shows(&b, "cost 1"));
	assert_false(shows(&b, "Two numbers are fixed at birth"));
	picture(&b, "views/hints.80x24.scr");
	keys(&b, "Enter Down Enter");
	assert_int_equal(play_attempt(b.w->play)->tasks[0].hints, 3);
	picture(&b, "views/hints-open.80x24.scr");
	keys(&b, "Down Down Enter");
	assert_true(shows(&b, "ends this attempt"));
	keys(&b, "Enter");
	assert_true(play_attempt(b.w->play)->gave_up);
	assert_true(b.w->keep.has_ended);
	take_down(&b);
}

/* --- files ---------------------------------------------------------------- */

static void a_file_is_edited_and_tools_see_it(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	type(&b, "edit mine.properties");
	assert_string_equal(b.app.top->ops->name, "editor");
	keys(&b, "'acks=all' Enter '# why' Enter");
	picture(&b, "views/editor.80x24.scr");
	keys(&b, "Esc");
	assert_string_equal(b.app.top->ops->name, "editor");
	keys(&b, "F2 Esc");
	assert_ptr_equal(b.app.top, &b.w->view);
	type(&b, "cat mine.properties");
	assert_true(shows(&b, "acks=all"));
	take_down(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_exercise_begins_with_the_keyboard_in_the_console),
		cmocka_unit_test(it_uses_the_room_there_is),
		cmocka_unit_test(each_layout_has_its_panes),
		cmocka_unit_test(a_sandbox_shows_a_whole_platform_at_work),
		cmocka_unit_test(a_few_keys_are_keys_while_the_line_is_empty),
		cmocka_unit_test(
			letters_are_keys_after_esc_and_the_line_is_kept),
		cmocka_unit_test(esc_leaves_exactly_one_layer),
		cmocka_unit_test(an_exercise_is_solved_by_typing_alone),
		cmocka_unit_test(everything_is_reachable_in_one_pane),
		cmocka_unit_test(
			a_failed_check_is_kept_and_the_attempt_goes_on),
		cmocka_unit_test(going_back_keeps_what_was_as_a_branch),
		cmocka_unit_test(the_mouse_goes_to_a_time_and_to_a_pane),
		cmocka_unit_test(a_paused_world_asks_for_no_frames),
		cmocka_unit_test(a_run_is_taken_up_where_the_program_died),
		cmocka_unit_test(another_seed_begins_anew),
		cmocka_unit_test(a_tool_that_reads_gets_what_is_typed),
		cmocka_unit_test(
			ctrl_c_stops_what_runs_and_then_clears_the_line),
		cmocka_unit_test(words_are_completed_with_what_there_is),
		cmocka_unit_test(long_output_is_bounded_and_scrolled),
		cmocka_unit_test(the_output_of_a_command_is_copied_as_printed),
		cmocka_unit_test(a_long_line_is_folded_and_copied_as_printed),
		cmocka_unit_test(the_brief_is_paged_from_the_prompt),
		cmocka_unit_test(
			the_price_of_a_hint_stands_before_it_is_opened),
		cmocka_unit_test(a_file_is_edited_and_tools_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
