/* test_workbench.c - the screen a person works in, played by keys
 *
 * Goal: an exercise can be solved by typing alone, and the screen shows it at
 * every size.  Pictures are in tests/golden/views.
 */
#include "tests/test.h"

#include "lab/progress/progress.h"
#include "lab/views/workbench_map.h"
#include "tests/lab/views/workbench_stand.h"

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

static void a_file_stands_beside_the_console(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "'layout pair' Enter");
	assert_true(shows(&b, "─ 7 notes.txt ─"));
	assert_true(shows(&b, "   1  "));
	picture(&b, "views/workbench-pair.80x24.scr");
	keys(&b, "'show file' Enter v");
	assert_true(shows(&b, "─ 7 order.txt ─"));
	assert_true(shows(&b, "partitions, each on 3 brokers"));
	keys(&b, "Enter");
	assert_string_equal(b.app.top->ops->name, "editor");
	keys(&b, "Esc i");
	type(&b, "seq 90 > many.txt");	/* what a tool writes shows */
	keys(&b, "Esc");
	type(&b, "");
	file_show(b.w, "many.txt");
	assert_true(shows(&b, "of 90  PgDn"));
	keys(&b, "PgDn");
	assert_true(b.w->file_top > 0);
	type(&b, "rm many.txt");
	assert_true(shows(&b, "─ 7 notes.txt ─"));
	keys(&b, "@120x36");
	picture(&b, "views/workbench-pair.120x36.scr");
	keys(&b, "@60x20 'show file' Enter");
	picture(&b, "views/workbench-pair.60x20.scr");
	take_down(&b);
}

static void a_world_without_files_has_no_pair(void **state)
{
	struct bench b;

	(void)state;
	sandbox(&b, 80, 24);
	keys(&b, "Esc w w");
	assert_int_equal(b.w->layout, LAYOUT_READ);
	keys(&b, "w");
	assert_int_equal(b.w->layout, LAYOUT_WORK);
	keys(&b, "i 'layout pair' Enter");
	assert_true(shows(&b, "There is no file yet."));
	type(&b, "echo 'acks = all' > mine.properties");
	assert_true(shows(&b, "   1  acks = all"));
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
	keys(&b, "w w w i ' typed' Enter");
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

static void a_verdict_says_what_was_promised(void **state)
{
	struct workbench_options o = {
		.exercise = "kafka-architecture.leaders", .seed = 3,
	};
	struct plans plans;
	struct plan *p;
	struct bench b;

	(void)state;
	set_up(&b);
	open_with(&b, 80, 24, &o);
	keys(&b, "F2");
	assert_true(shows(&b, "✓    never: Replica lists of a topic"));
	keys(&b, "Esc");
	/* A wrong fix of the author's that breaks the promise. */
	solution(&b, &plans);
	p = &plans.wrong[1];
	assert_string_equal(p->must_fail, "untouched");
	for (size_t i = 0; i < p->count && i < 4; i++) {
		play_line(b.w->play, p->lines[i].line);
		play_finish(b.w->play, NULL, NULL);
	}
	plans_release(&plans);
	keys(&b, "F2 End");
	assert_true(shows(&b, "✗    Replica lists of a topic that was well"));
	assert_true(shows(&b, "broken at T+04:"));
	assert_true(shows(&b, "here from T+04:00 on"));
	picture(&b, "views/verdict-promise.80x24.scr");
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

static size_t gateways(const struct bench *b)
{
	const struct hosts *h = hosts_of(play_world(b->w->play));
	size_t n = 0;

	for (uint32_t i = 0; i < h->processes.count; i++)
		n += strstr(world_text(play_world(b->w->play),
				       h->processes.at[i]->name),
			    "-gateway") != NULL;
	return n;
}

static size_t gateways_on_the_map(struct bench *b, size_t *stages)
{
	struct topo t;
	size_t n = 0;

	play_topo(b->w->play, false, &t);
	for (size_t i = 0; i < t.process_count; i++)
		n += strstr(t.processes[i].name, "-gateway") != NULL;
	*stages = t.stage_count;
	topo_release(&t);
	return n;
}

static void a_machine_on_the_map_shows_its_bill(void **state)
{
	struct bench b;

	(void)state;
	sandbox(&b, 80, 40);
	keys(&b, "F4 'run 1h' Enter");
	b.w->look.selected = (struct topo_spot){ TOPO_MACHINE, 1 };
	map_open(b.w);
	assert_true(shows(&b, "broker-1"));
	assert_true(shows(&b, "machines: $0.19"));
	assert_true(shows(&b, "zone-traffic: $0."));
	assert_true(shows(&b, "standing there costs $0.2029 an hour"));
	take_down(&b);
}

/* At level counts all but "targets up" are inferred, and say so at every size;
 * looked at record by record they are not. */
static void a_chart_of_estimates_says_so(void **state)
{
	struct workbench_options o = { .world = "million-devices", .seed = 3 };
	struct bench b;

	(void)state;
	set_up(&b);
	open_with(&b, 120, 36, &o);
	keys(&b, "F4 'run 2m' Enter 'layout watch' Enter");
	assert_true(shows(&b, "backlog"));
	assert_true(shows(&b, " estimate"));
	keys(&b, "@80x24");
	assert_true(shows(&b, " estimate"));
	take_down(&b);
}

static void a_container_made_anew_stands_on_the_map_once(void **state)
{
	struct workbench_options o = {
		.exercise = "bigdata.localhost-listener", .seed = 3,
	};
	struct plans plans;
	struct bench b;
	size_t all, before, stages, now;

	(void)state;
	set_up(&b);
	open_with(&b, 80, 24, &o);
	before = gateways_on_the_map(&b, &stages);
	all = gateways(&b);
	assert_true(before > 0);
	solution(&b, &plans);
	for (size_t i = 0; i < plans.solutions[0].count; i++) {
		if (!plans.solutions[0].lines[i].line)
			continue;
		play_line(b.w->play, plans.solutions[0].lines[i].line);
		play_finish(b.w->play, NULL, NULL);
	}
	plans_release(&plans);
	assert_true(gateways(&b) > all);
	assert_int_equal(gateways_on_the_map(&b, &now), before);
	assert_int_equal(now, stages);
	take_down(&b);
}

static void a_digit_goes_to_a_pane_and_types_no_sooner(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "Esc 1");
	assert_false(b.w->console.typing);
	keys(&b, "2 1");
	assert_int_equal(b.w->focus, PANE_CONSOLE);
	assert_false(b.w->console.typing);
	keys(&b, "3 Esc");
	assert_int_equal(b.w->focus, PANE_CONSOLE);
	assert_false(b.w->console.typing);
	keys(&b, "6");
	assert_int_equal(b.w->focus, PANE_BRIEF);
	keys(&b, "7");
	assert_int_equal(b.w->focus, PANE_FILE);
	keys(&b, "1");
	assert_int_equal(b.w->focus, PANE_CONSOLE);
	keys(&b, "i 2 1 'x'");		/* as one left it */
	assert_string_equal(lineedit_text(&b.w->console.edit), "x");
	take_down(&b);
}

static void without_a_file_its_pane_says_how_one_begins(void **state)
{
	struct bench b;

	(void)state;
	sandbox(&b, 80, 24);
	keys(&b, "Esc 7");
	assert_int_not_equal(b.w->focus, PANE_FILE);
	assert_true(shows(&b, "There is no file; `edit NAME` begins one."));
	take_down(&b);
}

static void page_up_goes_back_in_what_one_was_reading(void **state)
{
	struct bench b;
	int top;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "F4");
	assert_true(shows(&b, "PgDn"));
	keys(&b, "PgDn");
	assert_true(b.w->brief_top > 0);
	type(&b, "seq 40");
	keys(&b, "PgUp");
	assert_true(b.w->console.back > 0);
	while (b.w->console.back)
		keys(&b, "PgDn");
	keys(&b, "PgDn");
	top = b.w->brief_top;
	keys(&b, "PgUp");
	assert_true(b.w->brief_top < top);
	assert_int_equal(b.w->console.back, 0);
	take_down(&b);
}

static void the_text_of_the_next_task_begins_at_its_top(void **state)
{
	struct bench b;

	(void)state;
	exercise(&b, 80, 24);
	keys(&b, "F4");
	assert_true(shows(&b, "PgDn"));
	keys(&b, "PgDn PgDn");
	assert_true(b.w->brief_top > 0);
	play_solution(&b, 0, 2);
	keys(&b, "F2 Esc");
	assert_true(shows(&b, "Task 2 of 4"));
	assert_int_equal(b.w->brief_top, 0);
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
		cmocka_unit_test(a_file_stands_beside_the_console),
		cmocka_unit_test(a_world_without_files_has_no_pair),
		cmocka_unit_test(a_sandbox_shows_a_whole_platform_at_work),
		cmocka_unit_test(a_few_keys_are_keys_while_the_line_is_empty),
		cmocka_unit_test(
			letters_are_keys_after_esc_and_the_line_is_kept),
		cmocka_unit_test(esc_leaves_exactly_one_layer),
		cmocka_unit_test(an_exercise_is_solved_by_typing_alone),
		cmocka_unit_test(a_verdict_says_what_was_promised),
		cmocka_unit_test(everything_is_reachable_in_one_pane),
		cmocka_unit_test(
			a_failed_check_is_kept_and_the_attempt_goes_on),
		cmocka_unit_test(a_machine_on_the_map_shows_its_bill),
		cmocka_unit_test(a_chart_of_estimates_says_so),
		cmocka_unit_test(a_container_made_anew_stands_on_the_map_once),
		cmocka_unit_test(a_digit_goes_to_a_pane_and_types_no_sooner),
		cmocka_unit_test(without_a_file_its_pane_says_how_one_begins),
		cmocka_unit_test(page_up_goes_back_in_what_one_was_reading),
		cmocka_unit_test(the_text_of_the_next_task_begins_at_its_top),
		cmocka_unit_test(the_brief_is_paged_from_the_prompt),
		cmocka_unit_test(
			the_price_of_a_hint_stands_before_it_is_opened),
		cmocka_unit_test(a_file_is_edited_and_tools_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
