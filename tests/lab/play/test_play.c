/* test_play.c - a run with its tape: cut in pieces, kept, made again
 *
 * Method: random sessions in a sandbox and in an exercise (the seed of a
 * failing one is printed), played once live, in frames of any length, and once
 * more from the tape alone.  Goal: both are the same to the digest and the
 * transcript, whatever was rewound, interrupted, branched and returned to.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/course/attempt.h"
#include "lab/paths.h"
#include "lab/play/chart.h"
#include "lab/play/compare.h"
#include "lab/play/logs.h"
#include "lab/play/play.h"
#include "lab/play/tape.h"
#include "lab/play/topo.h"
#include "lua/session.h"

static char folder[64];

struct kept {
	json_t *ops, *mark;
	struct text heard;
};

static void keep_op(void *ctx, const json_t *op)
{
	struct kept *k = ctx;

	json_array_append_new(k->ops, json_deep_copy(op));
}

static void keep_mark(void *ctx, const json_t *mark)
{
	struct kept *k = ctx;

	json_decref(k->mark);
	k->mark = json_deep_copy(mark);
}

static void hear(void *ctx, int stream, const char *bytes, size_t len)
{
	struct kept *k = ctx;

	(void)stream;
	text_bytes(&k->heard, bytes, len);
}

static struct play_options options_of(struct kept *k)
{
	return (struct play_options){
		.seed = 3, .interactive = true, .out = hear,
		.on_op = keep_op, .on_clock = keep_mark, .ctx = k,
		.tape_ctx = k,
	};
}

static struct exercise *sandbox(void)
{
	struct err err;
	struct exercise *m = exercise_sandbox("local-kafka", "devices=40",
					      &err);

	if (!m)
		fail_msg("%s", err.what);
	return m;
}

/* An exercise whose checks are asked every second. */
static struct exercise *sampled_module(void)
{
	static const char source[] =
		"return lab.module{ format_version = 1, id = \"t.t\",\n"
		"uuid = \"00000000-0000-4000-8000-000000000000\",\n"
		"version = \"1.0.0\", status = \"wip\", title = \"t\",\n"
		"blurb = \"b\", authors = { \"a\" }, license = \"MIT\",\n"
		"engine = \">=0.1\", difficulty = 1, minutes = 1,\n"
		"objectives = {}, competencies = {}, start = \"3s\",\n"
		"world = \"empty-kafka\", settle = \"0s\",\n"
		"faults = { { id = \"f\", fault = \"hang\", at = \"9s\",\n"
		"  args = { component = \"broker-2\" } } },\n"
		"tasks = { { id = \"t\", text = \"t.md\", points = 3,\n"
		"  kind = \"operate\", hints = { { cost = 1,\n"
		"  text = \"one\" } }, checks = {\n"
		"  { id = \"even\", type = \"held\", hold = \"1s\",\n"
		"    fail = \"F\", fn = function(w)\n"
		"    return w:now() // 4 % 2 == 0 end },\n"
		"  { id = \"few\", type = \"always\", fail = \"F\",\n"
		"    fn = function(w, h) return #h:commands() < 9 end } }\n"
		"} }, solution = { { \"t\", { \"true\" } } }, wrong = {},\n"
		"debrief = \"t.md\" }\n";
	char path[128];
	struct exercise *m;
	struct err err;

	snprintf(path, sizeof(path), "%s/module.lua", folder);
	assert_true(path_write(path, source, sizeof(source) - 1, &err));
	snprintf(path, sizeof(path), "%s/t.md", folder);
	assert_true(path_write(path, "T\n", 2, &err));
	m = exercise_load(folder);
	if (!exercise_good(m)) {
		exercise_refuse(m, &err);
		fail_msg("%s", err.what);
	}
	return m;
}

static struct play *live(const struct exercise *m, struct kept *k)
{
	struct play_options o = options_of(k);
	struct err err;
	struct play *p;

	*k = (struct kept){ .ops = json_array() };
	p = play_new(m, &o, &err);
	if (!p)
		fail_msg("%s", err.what);
	return p;
}

static void drop(struct kept *k)
{
	json_decref(k->ops);
	json_decref(k->mark);
	text_free(&k->heard);
}

static struct play *resumed(const struct exercise *m, struct kept *k)
{
	struct play_options o = { .seed = 3, .interactive = true };
	struct err err;
	struct play *p = play_resume(m, &o, k->ops, k->mark, &err);

	if (!p)
		fail_msg("%s", err.what);
	return p;
}

/* --- what must be equal ---------------------------------------------------- */

static void same_transcript(struct play *a, struct play *b)
{
	struct session *x = play_session(a), *y = play_session(b);

	assert_int_equal(session_line_count(x), session_line_count(y));
	for (size_t i = 0; i < session_line_count(x); i++) {
		struct session_line l = session_line_at(x, i);
		struct session_line r = session_line_at(y, i);

		assert_string_equal(l.line, r.line);
		assert_string_equal(l.output, r.output);
		assert_int_equal(l.at, r.at);
		assert_int_equal(l.ended_at, r.ended_at);
	}
}

static void same_checks(const struct play *a, const struct play *b)
{
	for (size_t i = 0; i < play_module(a)->task_count; i++)
		for (size_t k = 0; k < play_module(a)->tasks[i].check_count;
		     k++) {
			const struct check_state *x =
				&play_attempt(a)->tasks[i].checks[k];
			const struct check_state *y =
				&play_attempt(b)->tasks[i].checks[k];

			assert_int_equal(x->count, y->count);
			for (size_t n = 0; n < x->count; n++) {
				assert_int_equal(x->changes[n].at,
						 y->changes[n].at);
				assert_int_equal(x->changes[n].is_true,
						 y->changes[n].is_true);
			}
		}
}

static void same_lists(struct play *a, struct play *b)
{
	const struct play_branch *x, *y;
	const struct play_event *e, *f;
	size_t count = play_branches(a, &x);

	assert_int_equal(count, play_branches(b, &y));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(x[i].name, y[i].name);
		assert_int_equal(x[i].from, y[i].from);
		assert_int_equal(x[i].to, y[i].to);
	}
	count = play_events(a, &e);
	assert_int_equal(count, play_events(b, &f));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(e[i].at, f[i].at);
		assert_string_equal(e[i].text, f[i].text);
	}
}

static void same(struct play *a, struct play *b)
{
	assert_int_equal(play_now(a), play_now(b));
	assert_true(world_digest(play_world(a)) == world_digest(play_world(b)));
	assert_int_equal(play_busy(a), play_busy(b));
	same_transcript(a, b);
	same_checks(a, b);
	same_lists(a, b);
}

/* --- a person who does anything --------------------------------------------- */

static uint64_t luck;

static uint32_t draw(uint32_t n)
{
	luck = luck * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(luck >> 33) % n;
}

static bool after_a_few(void *ctx)
{
	return --*(int *)ctx <= 0;
}

static void some_frames(struct play *p)
{
	int n = (int)draw(12);

	if (draw(2))
		play_run(p);
	play_speed_set(p, draw(4) ? 20000 : PLAY_SPEED_MAX);
	for (int i = 0; i < n; i++) {
		int slices = 1 + (int)draw(9);

		play_frame(p, 1000000 + draw(90000000), after_a_few, &slices);
	}
	play_pause(p);
}

static void return_somewhere(struct play *p)
{
	const struct play_branch *b;
	size_t count = play_branches(p, &b);
	struct err err;

	if (count > 1 && !play_return(p, b[draw((uint32_t)count - 1)].name,
				      &err))
		fail_msg("%s", err.what);
}

static void do_something(struct play *p)
{
	static const char *const lines[] = {
		"kafka-topics.sh --bootstrap-server broker-1:9092 --list",
		"kafka-topics.sh --bootstrap-server broker-1:9092 --create "
			"--topic t --partitions 2",
		"kafka-console-producer.sh --bootstrap-server broker-1:9092 "
			"--topic t",
		"echo hello >> notes.txt", "cat notes.txt",
		"fault hang component=broker-2", "heal 1", "run 2s",
		"save here", "rewind here", "rewind", "step", "step -1",
		"logs broker-1 -f", "x=1; echo $x", "ps", "check", "hint",
		"nonsense", "run 700ms", "goto event prev", "pause",
	};
	struct err err;

	switch (draw(10)) {
	case 0:
		play_interrupt(p);
		break;
	case 1:
		play_input(p, "value\n", 6);
		break;
	case 2:
		play_input_end(p);
		break;
	case 3:
		play_goto(p, play_start(p) + draw(20) * SIM_MS(500), &err);
		break;
	case 4:
		return_somewhere(p);
		break;
	default:
		play_line(p, lines[draw(sizeof(lines) / sizeof(lines[0]))]);
		break;
	}
	some_frames(p);
}

static void random_session(const struct exercise *m, uint64_t seed, int steps)
{
	struct kept k;
	struct play *p = live(m, &k), *again;

	luck = seed;
	for (int i = 0; i < steps; i++)
		do_something(p);
	play_frame(p, INT64_C(4000000000), NULL, NULL);	/* a mark is due */
	printf("seed %d: %zu inputs, to %lld ms\n", (int)seed,
	       json_array_size(k.ops), (long long)(play_now(p) / 1000000));
	again = resumed(m, &k);
	same(p, again);
	play_free(again);
	play_free(p);
	drop(&k);
}

static void a_sandbox_comes_back_from_its_tape(void **state)
{
	struct exercise *m = sandbox();

	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++)
		random_session(m, seed, 25);
	exercise_free(m);
}

static void an_exercise_comes_back_from_its_tape(void **state)
{
	struct exercise *m = sampled_module();

	(void)state;
	for (uint64_t seed = 11; seed <= 18; seed++)
		random_session(m, seed, 25);
	exercise_free(m);
}

static void pieces_make_no_difference(void **state)
{
	static const char *const lines[] = {
		"kafka-topics.sh --bootstrap-server broker-1:9092 --create "
			"--topic p --partitions 3",
		"run 3s", "kafka-topics.sh --bootstrap-server broker-1:9092 "
			"--describe", "echo x", "wait 1s",
	};
	struct exercise *m = sampled_module();
	uint64_t want = 0;
	struct kept k;

	(void)state;
	for (int round = 0; round < 6; round++) {
		struct play *p = live(m, &k);

		luck = (uint64_t)round;
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			play_line(p, lines[i]);
			while (round && play_busy(p)) {
				int slices = 1 + (int)draw(5);

				play_speed_set(p, 1000 + (int)draw(90000));
				play_frame(p, 1000 + draw(50000000),
					   after_a_few, &slices);
			}
			play_finish(p, NULL, NULL);
		}
		if (!round)
			want = world_digest(play_world(p));
		assert_true(want == world_digest(play_world(p)));
		play_free(p);
		drop(&k);
	}
	exercise_free(m);
}

static void going_back_keeps_a_branch_that_can_be_returned_to(void **state)
{
	struct exercise *m = sandbox();
	const struct play_branch *b;
	uint64_t digest;
	struct kept k;
	struct play *p = live(m, &k);
	struct err err;

	(void)state;
	play_line(p, "run 20s");
	play_finish(p, NULL, NULL);
	play_line(p, "save here");
	play_line(p, "fault kill component=broker-3");
	play_line(p, "run 30s");
	play_finish(p, NULL, NULL);
	digest = world_digest(play_world(p));
	assert_true(play_first_broken(p, NULL) < SIM_S(32));
	assert_true(play_rewind(p, NULL, &err));
	assert_int_equal(play_now(p), SIM_S(20));
	assert_int_equal(play_first_broken(p, NULL), SIM_NEVER);
	assert_int_equal(play_branches(p, &b), 2);
	assert_string_equal(b[0].name, "before rewind 1");
	assert_int_equal(b[0].to, SIM_S(50));
	play_line(p, "run 30s");
	play_finish(p, NULL, NULL);
	assert_true(digest != world_digest(play_world(p)));
	text_clear(&k.heard);
	play_line(p, "compare before rewind 1 now");
	assert_non_null(strstr(text_cstr(&k.heard), "only A: T+00:20 fault"));
	assert_non_null(strstr(text_cstr(&k.heard), "They part at T+00:20"));
	if (!play_return(p, "before rewind 1", &err))
		fail_msg("%s", err.what);
	assert_true(digest == world_digest(play_world(p)));
	play_free(p);
	drop(&k);
	exercise_free(m);
}

struct told {
	sim_time stop_at, last, of;
	int count;
};

static bool tell(void *ctx, sim_time done, sim_time of)
{
	struct told *t = ctx;

	assert_true(done >= t->last && done <= of);
	t->last = done;
	t->of = of;
	t->count++;
	return done < t->stop_at;
}

/* A return and a resume that are stopped half-way leave all as it was; when
 * nobody stops them, what they tell ends with the whole. */
static void a_replay_that_is_stopped_leaves_all_as_it_was(void **state)
{
	struct exercise *m = sandbox();
	struct told told = { .stop_at = SIM_S(40) };
	struct kept k = { .ops = json_array() };
	struct play_options o = options_of(&k);
	const struct play_branch *b;
	bool was_stopped = false;
	struct play *p, *other;
	uint64_t digest;
	size_t ops;
	struct err err;

	(void)state;
	o.on_progress = tell;
	o.progress_ctx = &told;
	o.was_stopped = &was_stopped;
	p = play_new(m, &o, &err);
	play_line(p, "run 20s");
	play_finish(p, NULL, NULL);
	play_line(p, "save here");
	play_line(p, "fault kill component=broker-3");
	play_line(p, "run 60s");
	play_finish(p, NULL, NULL);
	assert_true(play_rewind(p, NULL, &err));
	play_line(p, "run 5s");
	play_finish(p, NULL, NULL);
	assert_int_equal(told.count, 0);
	digest = world_digest(play_world(p));
	ops = json_array_size(k.ops);

	assert_false(play_return(p, "before rewind 1", &err));
	assert_true(was_stopped);
	assert_string_equal(err.what, "stopped; all is as it was");
	assert_int_equal(told.of, SIM_S(80));
	assert_int_equal(told.last, SIM_S(40));
	assert_true(digest == world_digest(play_world(p)));
	assert_int_equal(json_array_size(k.ops), ops);
	assert_int_equal(play_branches(p, &b), 2);
	assert_int_equal(play_now(p), SIM_S(25));

	play_line(p, "run 7s");		/* and it goes on */
	play_finish(p, NULL, NULL);
	told = (struct told){ .stop_at = SIM_S(40) };
	o.out = NULL;
	o.on_op = NULL;
	o.on_clock = NULL;
	other = play_resume(m, &o, k.ops, k.mark, &err);
	assert_null(other);
	assert_int_equal(told.of, SIM_S(92));
	told = (struct told){ .stop_at = SIM_NEVER };
	other = play_resume(m, &o, k.ops, k.mark, &err);
	assert_non_null(other);
	assert_int_equal(told.last, told.of);
	assert_true(world_digest(play_world(other)) ==
		    world_digest(play_world(p)));
	play_free(other);
	play_free(p);
	drop(&k);
	exercise_free(m);
}

static void looking_changes_nothing(void **state)
{
	struct exercise *m = sandbox();
	struct kept k;
	struct play *p = live(m, &k);
	struct topo t;
	uint64_t digest;

	(void)state;
	play_line(p, "run 90s");
	play_finish(p, NULL, NULL);
	digest = world_digest(play_world(p));
	for (int truth = 0; truth < 2; truth++) {
		play_topo(p, truth, &t);
		assert_true(t.machine_count >= 7 && t.stage_count == 4);
		assert_int_equal(t.stages[1].parts_ok, 3);
		assert_true(t.machines[1].cpu >= 0);
		topo_release(&t);
	}
	play_first_broken(p, NULL);
	assert_true(digest == world_digest(play_world(p)));
	assert_int_equal(play_now(p), SIM_S(90));
	play_line(p, "run 30s");
	play_finish(p, NULL, NULL);
	digest = world_digest(play_world(p));
	play_free(p);
	drop(&k);
	p = live(m, &k);
	play_line(p, "run 120s");
	play_finish(p, NULL, NULL);
	assert_true(digest == world_digest(play_world(p)));
	play_free(p);
	drop(&k);
	exercise_free(m);
}

/* The world runs freely meanwhile, in frames of that length. */
static void type_ahead(struct play *p, int64_t frame_ns)
{
	static const char *const lines[] = {
		"sleep 3", "run 2s", "echo one > ahead.txt", "cat",
	};

	play_speed_set(p, 20000);
	play_run(p);
	play_expect(p, true);
	for (size_t i = 0; i < 4; i++) {
		play_line(p, lines[i]);
		while (play_busy(p) && !play_wants_input(p))
			play_frame(p, frame_ns, NULL, NULL);
		play_run(p);
		for (int n = 0; n < 3; n++)	/* nothing passes in between */
			play_frame(p, frame_ns, NULL, NULL);
	}
	play_input(p, "two\n", 4);
	play_input_end(p);
	play_pause(p);
	play_expect(p, false);
	while (play_busy(p))
		play_frame(p, frame_ns, NULL, NULL);
}

static void a_line_typed_ahead_begins_where_the_one_before_ends(void **state)
{
	static const int64_t frames_ns[] = { 3000000, 16000000, 700000000 };
	struct exercise *m = sandbox();
	uint64_t digest = 0;
	sim_time at = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kept k;
		struct play *p = live(m, &k);

		type_ahead(p, frames_ns[i]);
		if (!i) {
			digest = world_digest(play_world(p));
			at = session_line_at(play_session(p), 2).at;
		}
		assert_int_equal(session_line_at(play_session(p), 1).at,
				 session_line_at(play_session(p), 0).ended_at +
				 SIM_S(2));
		assert_int_equal(session_line_at(play_session(p), 2).at, at);
		assert_true(digest == world_digest(play_world(p)));
		assert_non_null(strstr(text_cstr(&k.heard), "two"));
		play_free(p);
		drop(&k);
	}
	exercise_free(m);
}

static void a_hint_does_not_end_a_wait_that_is_held(void **state)
{
	struct exercise *m = sampled_module();
	struct kept k;
	struct play *p = live(m, &k), *again;
	sim_time begun = play_now(p);

	(void)state;
	play_line(p, "run 20s");
	play_frame(p, INT64_C(100000000), NULL, NULL);
	play_pause(p);
	assert_true(play_held(p));
	play_line(p, "hint yes");
	assert_true(play_held(p));
	assert_false(play_busy(p));
	again = resumed(m, &k);
	assert_true(world_digest(play_world(p)) ==
		    world_digest(play_world(again)));
	play_free(again);
	play_run(p);
	play_finish(p, NULL, NULL);
	assert_int_equal(play_now(p), begun + SIM_S(20));
	play_line(p, "run 20s");
	play_frame(p, INT64_C(100000000), NULL, NULL);
	play_pause(p);
	play_line(p, "true");	/* something else is wanted now */
	assert_false(play_held(p));
	play_free(p);
	drop(&k);
	exercise_free(m);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/millrace-play-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/module.lua", folder);
	remove(path);
	snprintf(path, sizeof(path), "%s/t.md", folder);
	remove(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(
			going_back_keeps_a_branch_that_can_be_returned_to),
		cmocka_unit_test(a_replay_that_is_stopped_leaves_all_as_it_was),
		cmocka_unit_test(looking_changes_nothing),
		cmocka_unit_test(an_exercise_comes_back_from_its_tape),
		cmocka_unit_test(a_sandbox_comes_back_from_its_tape),
		cmocka_unit_test(
			a_line_typed_ahead_begins_where_the_one_before_ends),
		cmocka_unit_test(a_hint_does_not_end_a_wait_that_is_held),
	};

	return cmocka_run_group_tests_name("play", tests, setup, teardown);
}
