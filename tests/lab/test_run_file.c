/* test_run_file.c - saved runs
 *
 * Method: runs of the smallest world of the stack, written and read back;
 * then the text damaged in every way a table can hold, and byte by byte.
 * Goal: a round trip loses nothing, a replay finds the moment of a change, and
 * no text crashes the reader or is taken for a run that it is not.
 */
#include "tests/test.h"

#include "lab/run_file.h"
#include "sim/stack/stack.h"

#define WORLD	"empty-kafka"

/* A run of ten seconds with one fault at `at` (0: none). */
static void make_run(struct run *r, uint64_t seed, const char *fault,
		     sim_time at, bool traced)
{
	struct err err;
	struct world *w = stack_world(WORLD, seed, "", &err);

	if (!w)
		fail_msg("%s", err.what);
	run_init(r, w, WORLD, seed, "", traced);
	if (fault) {
		run_until(r, w, at);
		if (!world_command(w, fault, NULL, &err))
			fail_msg("%s", err.what);
	}
	run_until(r, w, SIM_S(10));
	run_take(r, w);
	world_free(w);
}

static void parse_again(struct run *to, const struct run *from)
{
	struct text t = {0};
	struct err err;

	run_text(from, &t);
	if (!run_parse(to, "test", text_cstr(&t), t.len, &err))
		fail_msg("%s", err.what);
	text_free(&t);
}

static void a_round_trip_loses_nothing(void **state)
{
	struct text one = {0}, two = {0};
	struct run a, b;

	(void)state;
	make_run(&a, 5, "fault hang component=broker-2", SIM_S(4), true);
	parse_again(&b, &a);
	run_text(&a, &one);
	run_text(&b, &two);
	assert_string_equal(text_cstr(&one), text_cstr(&two));
	assert_true(b.mark_count > 5);
	assert_int_equal(b.trace_count, b.events);
	assert_int_equal(b.journal.count, 1);
	text_free(&one);
	text_free(&two);
	run_release(&a);
	run_release(&b);
}

static bool replay(const struct run *r, struct text *say)
{
	struct err err;
	bool same;

	if (!run_replay(r, stack_world, &same, say, &err))
		fail_msg("%s", err.what);
	return same;
}

static void a_replay_of_the_same_is_the_same(void **state)
{
	struct text say = {0};
	struct run r;

	(void)state;
	for (int traced = 0; traced < 2; traced++) {
		make_run(&r, 9, "fault kill component=broker-1", SIM_S(3),
			 traced);
		assert_true(replay(&r, &say));
		run_release(&r);
	}
	text_free(&say);
}

static void a_changed_command_is_found_to_the_second(void **state)
{
	struct text say = {0};
	struct run r;

	(void)state;
	make_run(&r, 9, "fault kill component=broker-1", SIM_S(3), false);
	strcpy(r.journal.entries[0].line, "fault kill component=broker-2");
	assert_false(replay(&r, &say));
	/* Marks stand at the first event of a second: here one latency after
	 * the kill, when a controller loses its connection. */
	if (!strstr(text_cstr(&say), "between T+2.") ||
	    !strstr(text_cstr(&say), " and T+3"))
		fail_msg("%s", text_cstr(&say));
	text_free(&say);
	run_release(&r);
}

static void a_trace_names_the_event(void **state)
{
	struct text say = {0};
	struct run r;

	(void)state;
	make_run(&r, 9, NULL, 0, true);
	r.trace[40] ^= 1;
	assert_false(replay(&r, &say));
	if (!strstr(text_cstr(&say), "at event 41,"))
		fail_msg("%s", text_cstr(&say));
	text_free(&say);
	run_release(&r);
}

static void diff_names_moment_and_step(void **state)
{
	struct text say = {0};
	struct run_part part;
	struct run a, b;
	struct err err;

	(void)state;
	make_run(&a, 3, NULL, 0, false);
	make_run(&b, 3, "fault hang component=broker-3", SIM_MS(6500), false);
	assert_true(run_diff(&a, &b, stack_world, &part, &say, &err));
	assert_false(part.same);
	assert_int_equal(part.at, SIM_MS(6500));
	assert_non_null(strstr(part.what[1], "fault hang"));
	assert_non_null(strstr(part.what[0], "event "));
	assert_non_null(strstr(text_cstr(&say), "only B: T+6.5s"));
	/* Then metric by metric, at the end that both share. */
	assert_non_null(strstr(text_cstr(&say), "metrics at T+"));
	assert_non_null(strstr(text_cstr(&say), " -> "));
	text_clear(&say);
	assert_true(run_diff(&b, &b, stack_world, &part, &say, &err));
	assert_true(part.same);
	assert_null(strstr(text_cstr(&say), "metrics at"));
	text_free(&say);
	run_release(&a);
	run_release(&b);
}

static void other_seeds_part_at_the_start(void **state)
{
	struct text say = {0};
	struct run_part part;
	struct run a, b;
	struct err err;

	(void)state;
	make_run(&a, 3, NULL, 0, false);
	make_run(&b, 4, NULL, 0, false);
	assert_true(run_diff(&a, &b, stack_world, &part, &say, &err));
	assert_false(part.same);
	assert_int_equal(part.at, 0);
	assert_non_null(strstr(text_cstr(&say), "seed: 3, 4"));
	text_free(&say);
	run_release(&a);
	run_release(&b);
}

#define HEAD	"{\"schema_version\":1,\"kind\":\"millrace-run\","	\
		"\"world\":\"empty-kafka\",\"seed\":1,\"params\":\"\","	\
		"\"until_ns\":100,\"events\":0,"			\
		"\"digest\":\"0123456789abcdef\",\"entries\":%s,"	\
		"\"marks\":%s,\"traced\":%s}\n"

static void damaged_files_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *entries, *marks, *traced, *rest, *says;
	} cases[] = {
		{ "1", "0", "0", "", "test:1: the file ends here with 0 of 1 "
		  "commands" },
		{ "0", "2", "0", "{\"mark\":1,\"events\":0,"
		  "\"digest\":\"0123456789abcdef\"}\n", "1 of 2 marks" },
		{ "0", "0", "0", "{\"mark\":1,\"events\":0,"
		  "\"digest\":\"0123456789abcdef\"}\n", "1 of 0 marks" },
		{ "1", "0", "0", "{\"at\":5,\"events\":0", "test:2: is no JSON" },
		{ "1", "0", "0", "[]\n", "test:2: has to be a JSON object" },
		{ "1", "0", "0", "{}\n", "test:2: is neither" },
		{ "1", "0", "0", "\n", "test:2: is no JSON" },
		{ "1", "0", "0", "{\"at\":-5,\"events\":0,\"line\":\"x\"}",
		  "\"at\" has to be" },
		{ "1", "0", "0", "{\"at\":5.5,\"events\":0,\"line\":\"x\"}",
		  "\"at\" has to be" },
		{ "1", "0", "0", "{\"at\":5,\"events\":0,\"line\":7}",
		  "\"line\" has to be" },
		{ "1", "0", "0", "{\"at\":101,\"events\":0,\"line\":\"x\"}",
		  "after the end" },
		{ "1", "0", "0", "{\"at\":5,\"at\":6,\"events\":0,"
		  "\"line\":\"x\"}", "is no JSON: duplicate" },
		{ "2", "0", "0", "{\"at\":5,\"events\":0,\"line\":\"x\"}\n"
		  "{\"at\":4,\"events\":0,\"line\":\"x\"}\n",
		  "test:3: lies before the command" },
		{ "0", "1", "0", "{\"mark\":1,\"events\":0,\"digest\":\"xyz\"}",
		  "16 hexadecimal" },
		{ "0", "0", "2", "{\"trace\":0,\"digests\":\"0123456\"}",
		  "8 hexadecimal" },
		{ "0", "0", "2", "{\"trace\":0,\"digests\":\"0123456z\"}",
		  "8 hexadecimal" },
		{ "0", "0", "2", "{\"trace\":4,\"digests\":\"01234567\"}",
		  "not the part of the trace" },
		{ "-1", "0", "0", "", "\"entries\" has to be" },
		{ "\"a\"", "0", "0", "", "\"entries\" has to be" },
	};
	struct text t = {0};
	struct err err;
	struct run r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_clear(&t);
		text_addf(&t, HEAD, cases[i].entries, cases[i].marks,
			  cases[i].traced);
		text_add(&t, cases[i].rest);
		if (run_parse(&r, "test", text_cstr(&t), t.len, &err))
			fail_msg("taken: %s", text_cstr(&t));
		if (!strstr(err.what, cases[i].says))
			fail_msg("case %zu says: %s", i, err.what);
	}
	assert_false(run_parse(&r, "test", "", 0, &err));
	assert_false(run_parse(&r, "test", "hello\n", 6, &err));
	assert_non_null(strstr(err.what, "test:1:"));
	text_free(&t);
}

/* Every byte changed, and every length: read or refused, never a crash. */
static void no_text_crashes_the_reader(void **state)
{
	struct text t = {0};
	struct run a, r;
	struct err err;

	(void)state;
	make_run(&a, 1, "fault kill component=broker-1", SIM_S(1), false);
	run_text(&a, &t);
	for (size_t i = 0; i < t.len; i++) {
		char kept = t.at[i];

		t.at[i] ^= (char)(1 + i % 127);
		if (run_parse(&r, "test", t.at, t.len, &err))
			run_release(&r);
		t.at[i] = kept;
		if (run_parse(&r, "test", t.at, i, &err)) {
			/* Only the last newline may be missing. */
			assert_int_equal(i, t.len - 1);
			run_release(&r);
		}
	}
	text_free(&t);
	run_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_trip_loses_nothing),
		cmocka_unit_test(a_replay_of_the_same_is_the_same),
		cmocka_unit_test(a_changed_command_is_found_to_the_second),
		cmocka_unit_test(a_trace_names_the_event),
		cmocka_unit_test(diff_names_moment_and_step),
		cmocka_unit_test(other_seeds_part_at_the_start),
		cmocka_unit_test(damaged_files_are_refused_with_their_line),
		cmocka_unit_test(no_text_crashes_the_reader),
	};

	return cmocka_run_group_tests_name("run_file", tests, NULL, NULL);
}
