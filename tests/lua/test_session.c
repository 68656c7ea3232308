/* test_session.c - lines at a console while virtual time passes
 *
 * The toy world and a few tools made for it: what they await and print shows
 * when the session let them go on.
 */
#include "tests/sim/toy.h"

#include "lua/console.h"
#include "lua/embedded.h"
#include "lua/session.h"

#define TOOL(tool, body)						\
	{ "tools/" tool ".lua",						\
	  "return { name = '" tool "', summary = 's', usage = 'u', "	\
	  "run = function(argv, io) " body " end }\n",			\
	  sizeof("return { name = '" tool "', summary = 's', usage = 'u', " \
		 "run = function(argv, io) " body " end }\n") - 1 }

static const struct embedded_file tools[] = {
	/* nap SECONDS: sleeps; says when it woke, and how */
	TOOL("ask", "local s = io:read() io:write('got ', tostring(s), '\\n')"),
	TOOL("deaf", "while true do await('never', 1, 0) "
	     "io:write('not yet\\n') end"),
	TOOL("flood", "while true do io:write(('x'):rep(1000), '\\n') end"),
	TOOL("hog", "local t = {} while true do t[#t + 1] = ('x'):rep(9999) "
	     "end"),
	TOOL("nap", "local how = await('sleep', 0, sim.now() + "
	     "math.tointeger(argv[1]) * 10^9 // 1 | 0) "
	     "io:write(how, ' at ', sim.now() // 10^6 | 0, '\\n') "
	     "return how == 'timeout' and 0 or 130"),
	TOOL("say", "local n, why = sim.command('say ' .. argv[1]) "
	     "io:write(tostring(n), ' ', tostring(why), '\\n')"),
	TOOL("spin", "while true do await('sleep', 0, sim.now() | 1) end"),
	TOOL("twice", "io:write('out\\n') io:err('err\\n') io:write('out\\n') "
	     "return 3"),
	TOOL("where", "local w = sim.world() io:write(w.name, ' ', w.seed, "
	     "' ', sim.now(), ' ', sim.wall_ms(), '\\n')"),
	{ NULL, NULL, 0 },
};

struct fixture {
	struct world *world;
	struct session *session;
	struct text shown;		/* what a front end saw */
};

static void show(void *ctx, int stream, const char *bytes, size_t len)
{
	struct fixture *f = ctx;

	(void)stream;
	text_bytes(&f->shown, bytes, len);
}

static struct fixture *begin(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct session_options options = {
		.world_name = "toy", .sources = tools, .out = show, .ctx = f,
	};
	struct err err;

	assert_non_null(f);
	f->world = toy_new(7);
	toy_do(f->world, "add 5");
	f->session = session_new(f->world, &options, &err);
	if (!f->session)
		fail_msg("%s", err.what);
	return f;
}

static void end(struct fixture *f)
{
	session_free(f->session);
	world_free(f->world);
	text_free(&f->shown);
	free(f);
}

/* Run a line; demand what it prints and its status. */
static void expect(struct fixture *f, const char *line, const char *want,
		   int status)
{
	struct text out = {0};
	struct err err;
	int got = -1;

	if (!session_run(f->session, line, SIM_MINUTES(1), &out, &got, &err))
		fail_msg("%s: %s", line, err.what);
	if (strcmp(text_cstr(&out), want) != 0)
		fail_msg("%s printed\n%swanted\n%s", line, text_cstr(&out),
			 want);
	assert_int_equal(got, status);
	text_free(&out);
}

static void a_line_takes_the_virtual_time_its_tools_wait(void **state)
{
	struct fixture *f = begin();

	(void)state;
	expect(f, "nap 3", "timeout at 3000\n", 0);
	assert_int_equal(world_now(f->world), SIM_S(3));
	expect(f, "nap 1; nap 2", "timeout at 4000\ntimeout at 6000\n", 0);
	expect(f, "where", "toy 7 6000000000 1767600006000\n", 0);
	assert_int_equal(world_now(f->world), SIM_S(6));
	assert_true(f->world->state->events > 100);
	end(f);
}

static void both_streams_stay_in_order_and_the_status_is_kept(void **state)
{
	struct fixture *f = begin();

	(void)state;
	expect(f, "twice", "out\nerr\nout\n", 3);
	expect(f, "say 3; say x", "0 nil\nnil 'x': not a number up to "
	       "1000000\n", 0);
	expect(f, "nosuchtool", "nosuchtool: command not found\n", 127);
	expect(f, "twice | | nap", "column 9: a command is missing after |\n",
	       2);
	expect(f, "twice > a.txt 2>&1; ", "", 3);
	assert_int_equal(session_status(f->session), 3);
	end(f);
}

static void commands_of_tools_stand_in_the_journal(void **state)
{
	struct fixture *f = begin();
	const struct journal *j = &f->world->journal;

	(void)state;
	expect(f, "nap 1; say 42", "timeout at 1000\n0 nil\n", 0);
	assert_int_equal(j->count, 2);
	assert_string_equal(j->entries[1].line, "say 42");
	assert_int_equal(j->entries[1].at, SIM_S(1));
	end(f);
}

static void input_ends_where_nobody_types(void **state)
{
	struct fixture *f = begin();

	(void)state;
	expect(f, "ask", "got nil\n", 0);
	expect(f, "ask; ask", "got nil\ngot nil\n", 0);
	expect(f, "ask <<< hello", "got hello\n", 0);
	end(f);
}

static void a_line_that_outlives_its_limit_is_interrupted(void **state)
{
	struct fixture *f = begin();
	struct session_line line;

	(void)state;
	expect(f, "nap 100; where", "interrupted at 60000\n", 130);
	assert_int_equal(world_now(f->world), SIM_MINUTES(1));
	/* One that does not hear is ended after the time of grace. */
	expect(f, "deaf", "not yet\n", 130);
	assert_int_equal(world_now(f->world), SIM_MINUTES(2) + SESSION_GRACE);
	line = session_line_at(f->session, 1);
	assert_string_equal(line.line, "deaf");
	assert_int_equal(line.at, SIM_MINUTES(1));
	assert_int_equal(line.ended_at, world_now(f->world));
	expect(f, "nap 1", "timeout at 131000\n", 0);
	end(f);
}

static void a_line_that_never_waits_is_ended(void **state)
{
	struct fixture *f = begin();
	struct session_line line;
	struct text out = {0};
	struct err err;
	int status;

	(void)state;
	expect(f, "nap 1; spin", "timeout at 1000\n", 130);
	assert_true(world_now(f->world) > SIM_S(1));
	assert_true(world_now(f->world) < SIM_S(10));
	assert_true(session_run(f->session, "flood", SIM_HOURS(1), &out,
				&status, &err));
	assert_true(out.len > SESSION_OUTPUT_MAX / 2);
	assert_true(out.len <= SESSION_OUTPUT_MAX + 100);
	assert_non_null(strstr(out.at, "the output was longer"));
	line = session_line_at(f->session, 1);
	assert_true(line.cut);
	text_clear(&out);
	text_addf(&out, "timeout at %lld\n",
		  (long long)(world_now(f->world) / SIM_MS(1) + 1000));
	expect(f, "nap 1", text_cstr(&out), 0);
	text_free(&out);
	end(f);
}

static void a_tool_that_meets_a_limit_costs_the_console_not_the_session(
	void **state)
{
	struct fixture *f = begin();
	struct text out = {0};
	struct err err;
	int status;

	(void)state;
	expect(f, "A=1; nap 1", "timeout at 1000\n", 0);
	assert_true(session_run(f->session, "hog", SIM_S(9), &out, &status,
				&err));
	assert_non_null(strstr(text_cstr(&out), "memory"));
	assert_int_equal(status, 1);
	text_free(&out);
	assert_non_null(strstr(text_cstr(&f->shown), "the console starts "
			       "anew"));
	expect(f, "nap 1", "(the console starts anew: jobs and variables are "
	       "gone)\ntimeout at 2000\n", 0);
	assert_int_equal(console_history_count(session_console(f->session)), 3);
	end(f);
}

/* What a front end does, with frames of every size: the same as in one go. */
static void frames_make_no_difference(void **state)
{
	static const char line[] = "nap 2 & nap 1; say 1; nap 3; say 2";
	static const sim_time frames[] = {
		SIM_MS(1) + 7, SIM_MS(16), SIM_MS(333), SIM_S(1), SIM_S(20),
	};
	uint64_t digest = 0;
	char *output = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct fixture *f = begin();
		struct err err;

		assert_true(session_start(f->session, line, &err));
		assert_false(session_start(f->session, line, &err));
		assert_string_equal(err.what, "a command still runs; Ctrl-C "
				    "stops it");
		while (world_now(f->world) < SIM_S(10))
			session_advance(f->session,
					world_now(f->world) + frames[i] <
					SIM_S(10) ?
					world_now(f->world) + frames[i] :
					SIM_S(10));
		assert_false(session_busy(f->session));
		assert_int_equal(session_line_at(f->session, 0).ended_at,
				 SIM_S(4));
		if (!output) {
			digest = world_digest(f->world);
			output = strdup(text_cstr(&f->shown));
		}
		assert_string_equal(output, text_cstr(&f->shown));
		assert_true(digest == world_digest(f->world));
		end(f);
	}
	free(output);
}

static void following_stops_at_the_end_of_the_line(void **state)
{
	struct fixture *f = begin();
	struct err err;

	(void)state;
	assert_true(session_start(f->session, "nap 3", &err));
	assert_true(session_follow(f->session, SIM_S(1)));
	assert_true(session_busy(f->session));
	assert_int_equal(world_now(f->world), SIM_S(1));
	assert_true(session_follow(f->session, SIM_S(20)));
	assert_false(session_busy(f->session));
	assert_int_equal(world_now(f->world), SIM_S(3));
	assert_true(session_follow(f->session, SIM_S(20)));
	assert_int_equal(world_now(f->world), SIM_S(3));
	/* With nothing in flight, only session_advance lets time pass. */
	session_advance(f->session, SIM_S(20));
	assert_int_equal(world_now(f->world), SIM_S(20));
	assert_true(session_start(f->session, "spin > /dev/null", &err));
	assert_false(session_follow(f->session, SIM_HOURS(1)));
	session_interrupt(f->session);
	session_interrupt(f->session);
	assert_true(session_follow(f->session, SIM_HOURS(1)));
	assert_false(session_busy(f->session));
	end(f);
}

static void typed_input_reaches_the_tool(void **state)
{
	struct fixture *f = begin();
	struct err err;

	(void)state;
	assert_true(session_start(f->session, "ask; ask", &err));
	session_advance(f->session, SIM_S(1));
	assert_true(session_busy(f->session));
	session_input(f->session, "one\n", 4);
	session_advance(f->session, SIM_S(2));
	session_input_end(f->session);
	session_advance(f->session, SIM_S(3));
	assert_false(session_busy(f->session));
	assert_string_equal(text_cstr(&f->shown), "got one\ngot nil\n");
	end(f);
}

static void going_back_forgets_what_has_not_happened(void **state)
{
	struct fixture *f = begin();
	uint64_t digest;
	struct err err;

	(void)state;
	world_travel_on(f->world, SIM_S(1), 16);
	expect(f, "nap 1; say 1", "timeout at 1000\n0 nil\n", 0);
	expect(f, "nap 4; say 2", "timeout at 5000\n0 nil\n", 0);
	expect(f, "say 3", "0 nil\n", 0);
	session_advance(f->session, SIM_S(5));	/* what it planned for now */
	digest = world_digest(f->world);
	assert_true(session_start(f->session, "nap 9 & nap 9", &err));
	session_advance(f->session, SIM_S(8));
	assert_true(session_busy(f->session));

	world_rewind(f->world, SIM_S(3));
	session_rewound(f->session);
	assert_false(session_busy(f->session));
	assert_int_equal(session_line_count(f->session), 2);
	assert_int_equal(session_line_at(f->session, 1).ended_at, SIM_S(3));

	/* The future is still in the journal; going there meets it again. */
	session_advance(f->session, SIM_S(5));
	assert_true(world_digest(f->world) == digest);
	assert_int_equal(console_history_count(session_console(f->session)), 4);
	end(f);
}

static void snapshots_are_kept_on_the_way(void **state)
{
	struct fixture *f = begin();

	(void)state;
	world_travel_on(f->world, SIM_S(1), 64);
	expect(f, "nap 20", "timeout at 20000\n", 0);
	assert_in_range(f->world->snapshot_count, 19, 21);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_takes_the_virtual_time_its_tools_wait),
		cmocka_unit_test(
			both_streams_stay_in_order_and_the_status_is_kept),
		cmocka_unit_test(commands_of_tools_stand_in_the_journal),
		cmocka_unit_test(input_ends_where_nobody_types),
		cmocka_unit_test(a_line_that_outlives_its_limit_is_interrupted),
		cmocka_unit_test(a_line_that_never_waits_is_ended),
		cmocka_unit_test(
		a_tool_that_meets_a_limit_costs_the_console_not_the_session),
		cmocka_unit_test(frames_make_no_difference),
		cmocka_unit_test(following_stops_at_the_end_of_the_line),
		cmocka_unit_test(typed_input_reaches_the_tool),
		cmocka_unit_test(going_back_forgets_what_has_not_happened),
		cmocka_unit_test(snapshots_are_kept_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
