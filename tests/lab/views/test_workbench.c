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
#include "lab/views/workbench_map.h"
#include "lua/session.h"
#include "sim/host/host.h"

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
		cmocka_unit_test(going_back_keeps_what_was_as_a_branch),
		cmocka_unit_test(a_machine_on_the_map_shows_its_bill),
		cmocka_unit_test(a_chart_of_estimates_says_so),
		cmocka_unit_test(a_container_made_anew_stands_on_the_map_once),
		cmocka_unit_test(the_mouse_goes_to_a_time_and_to_a_pane),
		cmocka_unit_test(a_paused_world_asks_for_no_frames),
		cmocka_unit_test(a_run_is_taken_up_where_the_program_died),
		cmocka_unit_test(a_resume_that_is_stopped_leaves_the_attempt_as_it_was),
		cmocka_unit_test(a_return_that_is_stopped_stays_where_one_is),
		cmocka_unit_test(another_seed_begins_anew),
		cmocka_unit_test(a_tool_that_reads_gets_what_is_typed),
		cmocka_unit_test(
			ctrl_c_stops_what_runs_and_then_clears_the_line),
		cmocka_unit_test(a_line_typed_ahead_waits_for_the_one_that_runs),
		cmocka_unit_test(a_tool_that_asks_takes_what_was_typed_ahead),
		cmocka_unit_test(ctrl_c_forgets_what_waits_and_stops_what_runs),
		cmocka_unit_test(a_wait_that_is_held_holds_what_waits_behind_it),
		cmocka_unit_test(a_wait_goes_on_behind_the_hints),
		cmocka_unit_test(what_is_no_longer_so_is_no_longer_said),
		cmocka_unit_test(words_are_completed_with_what_there_is),
		cmocka_unit_test(long_output_is_bounded_and_scrolled),
		cmocka_unit_test(the_output_of_a_command_is_copied_as_printed),
		cmocka_unit_test(a_long_line_is_folded_and_copied_as_printed),
		cmocka_unit_test(a_table_is_indented_in_one_way),
		cmocka_unit_test(a_zoomed_pane_wraps_text_and_leaves_tables),
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
