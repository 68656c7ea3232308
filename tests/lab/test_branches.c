/* test_branches.c - what would happen if, several at once, from one moment */
#include "tests/test.h"

#include <stdlib.h>

#include "lab/branches.h"
#include "sim/stack/stack.h"

static struct world *lab(void)
{
	struct world *w = stack_world("local-kafka", 3, "devices=50", NULL);

	assert_non_null(w);
	world_run_until(w, SIM_S(20));
	return w;
}

static uint64_t straight(const char *one, const char *two)
{
	struct world *w = lab();
	uint64_t digest;

	if (one)
		assert_true(world_command(w, one, NULL, NULL));
	if (two)
		assert_true(world_command(w, two, NULL, NULL));
	world_run_until(w, SIM_S(40));
	digest = world_digest(w);
	world_free(w);
	return digest;
}

/* Each ends as the run in which that was done, and the world does not move:
 * here, and in processes of their own. */
static void a_branch_is_the_run_it_tells_of(void **state)
{
	static const char kill[] = "fault kill component=broker-2";
	static const char slow[] = "fault slow-disk component=broker-1";
	uint64_t want[] = { straight(NULL, NULL), straight(kill, NULL),
			    straight(kill, slow) };

	(void)state;
	for (size_t at_once = 1; at_once <= 2; at_once++) {
		struct branch b[] = {
			{ .commands = "" }, { .commands = kill },
			{ .commands = " fault kill component=broker-2 ;; "
				      "fault slow-disk component=broker-1; " },
		};
		struct world *w = lab();
		uint64_t before = world_digest(w);

		branches_play(w, SIM_S(40), b, 3, at_once);
		assert_true(world_digest(w) == before);
		assert_int_equal(world_now(w), SIM_S(20));
		for (int i = 0; i < 3; i++) {
			assert_string_equal(b[i].err.what, "");
			assert_true(b[i].digest == want[i]);
			assert_true(b[i].metrics.count > 100);
		}
		world_run_until(w, SIM_S(40));
		assert_true(world_digest(w) == want[0]);
		branches_release(b, 3);
		world_free(w);
	}
}

static void a_refused_command_is_told(void **state)
{
	struct branch b[] = { { .commands = "fault kil component=x" },
			      { .commands = "" } };
	struct world *w = lab();

	(void)state;
	branches_play(w, SIM_S(21), b, 2, 2);
	assert_string_equal(b[0].err.what, "kil: no such fault; `millrace "
			    "faults` lists them");
	assert_string_equal(b[1].err.what, "");
	branches_release(b, 2);
	world_free(w);
}

static void differences_are_ranked_and_counted(void **state)
{
	struct metric_table a = {0}, b = {0};
	struct text out = {0};
	struct metric_difference *d;
	size_t count;

	(void)state;
	metric_table_parse(&a, "same{x=\"1\"} 5\nhalf{} 10\nnew{} 0\n"
			       "gone{} 1\nlag_bucket{le=\"1\"} 1\n");
	metric_table_parse(&b, "new{} 3\nhalf{} 5\nsame{x=\"1\"} 5\n"
			       "lag_bucket{le=\"1\"} 9\n");
	d = metric_table_diff(&a, &b, &count);
	assert_int_equal(count, 3);
	assert_string_equal(d[0].name, "gone{}");
	assert_string_equal(d[1].name, "new{}");
	assert_string_equal(d[2].name, "half{}");
	free(d);
	metric_table_diff_text(&a, &b, 2, &out);
	assert_string_equal(text_cstr(&out), "  gone{}  1 -> none\n"
			    "  new{}  0 -> 3\n"
			    "  and 1 more metrics that differ\n");
	text_free(&out);
	metric_table_release(&a);
	metric_table_release(&b);
}

/* Written, read and written again; and the badge stands beside a difference. */
static void rows_keep_their_fidelity(void **state)
{
	static const char rows[] =
		"up{} 1\n"
		"# FIDELITY held estimate\n"
		"held{p=\"1\"} 5\nheld{p=\"2\"} 6\n"
		"# FIDELITY held exact\n"
		"held{p=\"3\"} 7\n"
		"# FIDELITY stored window\n"
		"stored{p=\"a b\"} 8\n"
		"other{} 9\n";
	struct metric_table a = {0}, b = {0};
	struct text out = {0};

	(void)state;
	metric_table_parse(&a, rows);
	assert_int_equal(a.count, 6);
	assert_int_equal(a.at[0].fidelity, FIDELITY_EXACT);
	assert_int_equal(a.at[2].fidelity, FIDELITY_ESTIMATE);
	assert_int_equal(a.at[3].fidelity, FIDELITY_EXACT);
	assert_int_equal(a.at[4].fidelity, FIDELITY_WINDOW);
	assert_int_equal(a.at[5].fidelity, FIDELITY_EXACT);
	metric_table_text(&a, &out);
	assert_string_equal(text_cstr(&out), rows);
	text_clear(&out);
	metric_table_parse(&b, "up{} 1\nheld{p=\"1\"} 4\nheld{p=\"2\"} 6\n"
			       "held{p=\"3\"} 9\nstored{p=\"a b\"} 8\n"
			       "other{} 9\n");
	metric_table_diff_text(&a, &b, 9, &out);
	assert_string_equal(text_cstr(&out),
			    "  held{p=\"3\"}  7 -> 9\n"
			    "  held{p=\"1\"}  5 -> 4  (estimate)\n");
	text_clear(&out);
	metric_table_diff_json(&a, &b, &out);
	assert_string_equal(text_cstr(&out),
		"{\"name\":\"held{p=\\\"3\\\"}\",\"a\":7,\"b\":9},"
		"{\"name\":\"held{p=\\\"1\\\"}\",\"a\":5,\"b\":4,"
		"\"fidelity\":\"estimate\"}");
	text_free(&out);
	metric_table_release(&a);
	metric_table_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_branch_is_the_run_it_tells_of),
		cmocka_unit_test(a_refused_command_is_told),
		cmocka_unit_test(differences_are_ranked_and_counted),
		cmocka_unit_test(rows_keep_their_fidelity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
