/* test_workbench_console.c - the console: lines, what they print, how it reads
 *
 * What a tool reads, what waits behind a running line, what is found, copied,
 * folded and scrolled.
 */
#include "tests/lab/views/workbench_stand.h"

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

/* Typed and entered; nobody waits for its end. */
static void enter(struct bench *b, const char *line)
{
	while (*line)
		app_key(&b->app, (unsigned char)*line++);
	app_key(&b->app, K_ENTER);
}

static void a_line_typed_ahead_waits_for_the_one_that_runs(void **state)
{
	const struct session *s;
	struct bench b;
	sim_time begun;

	(void)state;
	exercise(&b, 80, 24);
	begun = play_now(b.w->play);
	enter(&b, "run 30s");
	enter(&b, "seq 3");
	enter(&b, "layout watch");
	assert_int_equal(b.w->console.ahead_count, 2);
	assert_true(shows(&b, "· seq 3"));
	assert_true(shows(&b, "waits"));
	assert_true(shows(&b, "runs; Ctrl-C stops it"));
	picture(&b, "views/workbench-ahead.80x24.scr");
	assert_true(app_settle(&b.app));
	s = play_session(b.w->play);
	assert_int_equal(session_line_count(s), 1);
	assert_int_equal(session_line_at(s, 0).at, begun + SIM_S(30));
	assert_int_equal(b.w->console.ahead_count, 0);
	assert_int_equal(b.w->layout, LAYOUT_WATCH);
	take_down(&b);
}

static void a_tool_that_asks_takes_what_was_typed_ahead(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	enter(&b, "run 1s");
	enter(&b, "cat > mine.txt");
	enter(&b, "one");
	assert_int_equal(b.w->console.ahead_count, 2);
	assert_true(app_settle(&b.app));
	assert_int_equal(b.w->console.ahead_count, 0);
	keys(&b, "Ctrl-D");
	type(&b, "cat mine.txt");
	assert_true(shows(&b, "$ cat mine.txt"));
	assert_true(shows(&b, "\n one"));
	take_down(&b);
}

static void ctrl_c_forgets_what_waits_and_stops_what_runs(void **state)
{
	struct bench b;
	sim_time begun;

	(void)state;
	exercise(&b, 80, 24);
	begun = play_now(b.w->play);
	enter(&b, "run 30s");
	enter(&b, "echo never");
	app_key(&b.app, K_CTRL('C'));
	assert_false(play_busy(b.w->play));
	assert_int_equal(b.w->console.ahead_count, 0);
	assert_true(app_settle(&b.app));
	assert_int_equal(play_now(b.w->play), begun);
	assert_int_equal(session_line_count(play_session(b.w->play)), 0);
	assert_true(shows(&b, "1 line that waited is forgotten"));
	assert_false(app_ended(&b.app));
	take_down(&b);
}

static void a_wait_that_is_held_holds_what_waits_behind_it(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	enter(&b, "run 30s");
	enter(&b, "seq 3");
	app_key(&b.app, ' ');
	assert_true(play_held(b.w->play));
	assert_true(app_settle(&b.app));
	assert_int_equal(b.w->console.ahead_count, 1);
	assert_true(shows(&b, "held; Space goes on"));
	app_key(&b.app, ' ');
	assert_true(app_settle(&b.app));
	assert_int_equal(session_line_count(play_session(b.w->play)), 1);
	take_down(&b);
}

static void a_wait_goes_on_behind_the_hints(void **state)
{
	struct bench b;
	sim_time begun;

	(void)state;
	exercise(&b, 80, 24);
	begun = play_now(b.w->play);
	enter(&b, "run 30s");
	app_frame(&b.app, 16000000);
	app_key(&b.app, K_F3);
	assert_true(app_settle(&b.app));
	assert_true(play_now(b.w->play) < begun + SIM_S(30));
	keys(&b, "Enter");
	assert_int_equal(play_attempt(b.w->play)->tasks[0].hints, 1);
	assert_true(play_now(b.w->play) < begun + SIM_S(30));
	keys(&b, "Esc");
	assert_int_equal(play_now(b.w->play), begun + SIM_S(30));
	take_down(&b);
}

/* A message about a state leaves with it. */
static void what_is_no_longer_so_is_no_longer_said(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	enter(&b, "sleep 300");
	app_frame(&b.app, 16000000);
	assert_true(play_in_flight(b.w->play));
	app_key(&b.app, K_F2);
	assert_true(shows(&b, "A line still runs; Ctrl-C stops it."));
	app_frame(&b.app, 16000000);
	assert_true(shows(&b, "A line still runs; Ctrl-C stops it."));
	assert_true(app_settle(&b.app));
	assert_false(play_in_flight(b.w->play));
	assert_false(shows(&b, "A line still runs"));
	keys(&b, "Esc");
	assert_true(shows(&b, "Letters are keys now"));
	keys(&b, "i");
	assert_false(shows(&b, "Letters are keys now"));
	keys(&b, "Esc z");
	assert_true(shows(&b, "One pane; z shows all again."));
	keys(&b, "Esc");
	assert_false(shows(&b, "One pane"));
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

/* Rows of one table stand below each other, folded or not; blanks at the end of
 * a line are nothing to go sideways for. */
static void a_table_is_indented_in_one_way(void **state)
{
	static const char tabs[] = "\tTopic: boilers\tLeader: 2\n"
		"\tTopic: boilers\tPartition: 0\tLeader: 2\tReplicas: 2,1,3"
		"\tIsr: 2,1,3\n";
	static const char blank[] = "NAME   READY\n"
		"boilers    1/1                                            "
		"                                    \n";
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'true' Enter");
	scroll_print(b.w, SCROLL_OUT, tabs, sizeof(tabs) - 1);
	assert_true(shows(&b, "\n  Topic: boilers Leader: 2 "));
	assert_true(shows(&b, "\n  Topic: boilers Partition: 0 Leader: 2"));
	keys(&b, "'clear' Enter");
	scroll_print(b.w, SCROLL_OUT, blank, sizeof(blank) - 1);
	assert_true(shows(&b, "\n boilers    1/1 "));
	assert_false(shows(&b, "compact"));
	keys(&b, "Esc z");
	assert_false(shows(&b, "Right shows the rest"));
	take_down(&b);
}

static void a_zoomed_pane_wraps_text_and_leaves_tables(void **state)
{
	static const char text[] = "The quick brown fox jumps over the lazy "
		"dog and runs on until the pane has come to its end, twice.\n";
	static const char table[] = "NAME            READY           STATUS"
		"          RESTARTS        AGE             NODE            END\n";
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'true' Enter");
	scroll_print(b.w, SCROLL_OUT, text, sizeof(text) - 1);
	keys(&b, "Esc z");
	assert_true(shows(&b, "\n   to its end, twice."));
	assert_false(shows(&b, "Right shows the rest"));
	scroll_print(b.w, SCROLL_OUT, table, sizeof(table) - 1);
	assert_true(shows(&b, "Right shows the rest"));
	assert_false(shows(&b, "END"));
	keys(&b, "Right Right Right");
	assert_true(shows(&b, "END"));
	assert_true(shows(&b, "from column 25 on, Left goes back"));
	assert_true(shows(&b, "\n The quick brown fox"));
	keys(&b, "Left Left Left");
	assert_true(shows(&b, "Right shows the rest"));
	take_down(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tool_that_reads_gets_what_is_typed),
		cmocka_unit_test(
			ctrl_c_stops_what_runs_and_then_clears_the_line),
		cmocka_unit_test(
			a_line_typed_ahead_waits_for_the_one_that_runs),
		cmocka_unit_test(a_tool_that_asks_takes_what_was_typed_ahead),
		cmocka_unit_test(ctrl_c_forgets_what_waits_and_stops_what_runs),
		cmocka_unit_test(
			a_wait_that_is_held_holds_what_waits_behind_it),
		cmocka_unit_test(a_wait_goes_on_behind_the_hints),
		cmocka_unit_test(what_is_no_longer_so_is_no_longer_said),
		cmocka_unit_test(words_are_completed_with_what_there_is),
		cmocka_unit_test(long_output_is_bounded_and_scrolled),
		cmocka_unit_test(the_output_of_a_command_is_copied_as_printed),
		cmocka_unit_test(a_long_line_is_folded_and_copied_as_printed),
		cmocka_unit_test(a_table_is_indented_in_one_way),
		cmocka_unit_test(a_zoomed_pane_wraps_text_and_leaves_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
