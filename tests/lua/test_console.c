/* test_console.c - jobs, pipes, time, Ctrl-C, history and completion
 *
 * Sessions are tables: a line and what it prints.  The host is a plain struct
 * with a clock that jumps to whatever the console waits for, so a `sleep 1h`
 * takes no time.
 */
#include "lua/console.h"

#include <lua.h>
#include <lauxlib.h>

#include "lua/embedded.h"
#include "lua/sandbox.h"
#include "lua/shell.h"
#include "tests/test.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { EVENTS_MAX = 8 };

struct fixture {
	struct sandbox *sandbox;
	struct files_memory *files;
	struct console *console;
	struct text out;		/* both streams, in order */
	int64_t now_ns;
	/* "event" number i has come from this time on */
	int64_t event_at[EVENTS_MAX];
	char cancelled[64];
	int cleared;
	struct embedded_file sources[64];
};

static bool host_ready(void *ctx, const char *kind, int64_t id,
		       int64_t deadline_ns)
{
	struct fixture *f = ctx;

	(void)deadline_ns;
	return strcmp(kind, "event") == 0 && id >= 0 && id < EVENTS_MAX &&
	       f->event_at[id] && f->now_ns >= f->event_at[id];
}

static int64_t host_now(void *ctx)
{
	return ((struct fixture *)ctx)->now_ns;
}

static void host_out(void *ctx, int stream, const char *bytes, size_t len)
{
	struct fixture *f = ctx;

	(void)stream;
	text_bytes(&f->out, bytes, len);
}

static void host_cancel(void *ctx, const char *kind, int64_t id)
{
	struct fixture *f = ctx;

	snprintf(f->cancelled, sizeof(f->cancelled), "%s %d", kind, (int)id);
}

static void host_clear(void *ctx)
{
	((struct fixture *)ctx)->cleared++;
}

/* Only the tools that belong to the console: the others need a world. */
static void choose_sources(struct fixture *f)
{
	static const char *const own[] = {
		"lib/args.lua", "lib/lines.lua", "lib/regex.lua",
		"tools/cat.lua", "tools/cp.lua", "tools/cut.lua",
		"tools/echo.lua", "tools/grep.lua", "tools/head.lua",
		"tools/ls.lua", "tools/printf.lua", "tools/rm.lua",
		"tools/seq.lua", "tools/sleep.lua", "tools/sort.lua",
		"tools/tail.lua", "tools/tee.lua", "tools/tr.lua",
		"tools/true.lua", "tools/uniq.lua", "tools/wc.lua",
	};
	size_t n = 0;

	for (const struct embedded_file *e = embedded_files; e->name; e++)
		for (size_t i = 0; i < COUNT(own); i++)
			if (strcmp(e->name, own[i]) == 0)
				f->sources[n++] = *e;
	assert_int_equal(n, COUNT(own));
}

/* A consumer that counts events until it is interrupted, as Kafka's does. */
static const char consumer[] =
	"local args = use 'args'\n"
	"local options = { { 'topic', arg = 'topic' },\n"
	"	{ 'bootstrap-server', arg = 'server to connect to' } }\n"
	"return { name = 'kafka-consume.sh', summary = 'reads events',\n"
	"options = options,\n"
	"complete = function(words, n, world)\n"
	"	if words[n - 1] == '--topic' then\n"
	"		return { 'orders', 'orders-dlq', 'payments' }\n"
	"	end\n"
	"end,\n"
	"run = function(argv, io)\n"
	"	local opts = args.jopt(options):parse_or_throw(io, argv)\n"
	"	local n = 0\n"
	"	while true do\n"
	"		local why = await('event', n)\n"
	"		if why == 'interrupted' then break end\n"
	"		io:write('message ', n, '\\n')\n"
	"		n = n + 1\n"
	"	end\n"
	"	io:err('Processed a total of ', n, ' messages\\n')\n"
	"	return 0\n"
	"end }\n";

/* One tool for each thing a tool may do wrong. */
static const char odd[] =
	"return {\n"
	"{ name = 'stubborn', run = function(argv, io)\n"
	"	while true do await('never') end end },\n"
	"{ name = 'fails', run = function() error('it broke') end },\n"
	"{ name = 'flood', run = function(argv, io)\n"
	"	while true do io:write(('x'):rep(999), '\\n') end end },\n"
	"{ name = 'nested', run = function(argv, io)\n"
	"	local co = coroutine.wrap(function() return io:read() end)\n"
	"	io:write(tostring(co()), '\\n') end },\n"
	"{ name = 'leak', run = function(argv, io)\n"
	"	if kept then kept:write('x') end kept = io end },\n"
	"{ name = 'asks', run = function(argv, io)\n"
	"	io:write('? ')\n"
	"	for line in io:lines() do io:write('[', line, '] ') end\n"
	"	io:write('end\\n') end },\n"
	"{ name = 'env', run = function(argv, io)\n"
	"	io:write(tostring(io:env(argv[1])), '\\n') end },\n"
	"{ name = 'late', run = function(argv, io)\n"
	"	local r = await('event', 0, io:now_ns() + 1000)\n"
	"	io:write(r, '\\n') end },\n"
	"{ name = 'where', run = function(argv, io)\n"
	"	io:write(tostring(io.tty), ' ', tostring(io.stdin_tty), ' ',\n"
	"		io.columns, ' ', io.name, '\\n') end },\n"
	"{ name = 'both', run = function(argv, io)\n"
	"	io:write('out\\n') io:err('err\\n') end },\n"
	"{ name = 'quits', run = function(argv, io)\n"
	"	io:exit(3) io:write('never') end },\n"
	"}\n";

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct console_host host = {
		.ctx = f, .ready = host_ready, .now_ns = host_now,
		.out = host_out, .cancel = host_cancel, .clear = host_clear,
	};
	struct files drawer;
	struct err err;

	f->now_ns = 1000000000;
	f->sandbox = sandbox_new(NULL);
	f->files = files_memory_new();
	drawer = files_memory_face(f->files);
	choose_sources(f);
	f->console = console_new(f->sandbox, &host, &drawer, f->sources, &err);
	if (!f->console)
		fail_msg("%s", err.what);
	if (!console_add_tool(f->console, "consumer.lua", consumer,
			      strlen(consumer), &err) ||
	    !console_add_tool(f->console, "odd.lua", odd, strlen(odd), &err))
		fail_msg("%s", err.what);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	console_free(f->console);
	sandbox_free(f->sandbox);
	files_memory_free(f->files);
	text_free(&f->out);
	free(f);
	return 0;
}

static void start(struct fixture *f, const char *line)
{
	struct err err;

	text_clear(&f->out);
	if (!console_start(f->console, line, &err))
		text_add(&f->out, err.what);
}

/* Poll until the prompt is back; time jumps to what is awaited. */
static void settle(struct fixture *f)
{
	int64_t due;

	for (int i = 0; i < 1000; i++) {
		switch (console_poll(f->console, &due)) {
		case CONSOLE_IDLE:
			return;
		case CONSOLE_RAN:
			continue;
		case CONSOLE_WAITING:
			if (due == CONSOLE_NEVER)
				return;
			f->now_ns = due;
		}
	}
	fail_msg("the console never settles: %s", text_cstr(&f->out));
}

static const char *run(struct fixture *f, const char *line)
{
	start(f, line);
	settle(f);
	return text_cstr(&f->out);
}

struct row {
	const char *line;
	const char *want;
	int status;
};

static void check_session(struct fixture *f, const struct row *rows,
			  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = run(f, rows[i].line);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("$ %s\nwant:\n%s\ngot:\n%s", rows[i].line,
				 rows[i].want, got);
		if (console_status(f->console) != rows[i].status)
			fail_msg("$ %s\nends with %d instead of %d",
				 rows[i].line, console_status(f->console),
				 rows[i].status);
	}
}

static void lines_run_as_in_a_shell(void **state)
{
	static const struct row rows[] = {
		{ "echo a  'b  c'", "a b  c\n", 0 },
		{ "", "", 0 },
		{ "true && echo yes || echo no", "yes\n", 0 },
		{ "false && echo yes || echo no", "no\n", 0 },
		{ "false; echo $?", "1\n", 0 },
		{ "false || true; echo $?; false", "0\n", 1 },
		{ "A=1; B=\"$A 2\"; echo $B; echo \"$B\"", "1 2\n1 2\n", 0 },
		{ "A=5 env A; env A; echo $A", "5\nnil\n1\n", 0 },
		{ "export A; env A", "1\n", 0 },
		{ "echo a | cat | cat", "a\n", 0 },
		{ "true | false", "", 1 },
		{ "false | true", "", 0 },
		{ "seq 3 | wc -l", "3\n", 0 },
		{ "cat <<E | grep b\na\nb$A\nE", "b1\n", 0 },
		{ "cat <<< 'x y'", "x y\n", 0 },
		{ "quits; echo $?", "3\n", 0 },
		{ "fails", "fails: odd.lua:4: it broke\n", 1 },
		{ "seq 1 2 | where", "true false 80 where\n", 0 },
		{ "where | cat", "false true 80 where\n", 0 },
		{ "bin/echo x; /opt/kafka/bin/echo y", "x\ny\n", 0 },
		{ "echo $(x)", "column 6: command substitution $(…) is not "
			       "supported here", 2 },
	};

	check_session(*state, rows, COUNT(rows));
}

static void redirections_go_to_the_drawer(void **state)
{
	static const struct row rows[] = {
		{ "echo a > f; echo b >> f; cat f", "a\nb\n", 0 },
		{ "cat < f | tail -n 1", "b\n", 0 },
		{ "both > o 2> e; cat o; cat e", "out\nerr\n", 0 },
		{ "both > o 2>&1; cat o", "out\nerr\n", 0 },
		{ "both 2>&1 > o | cat; cat o", "err\nout\n", 0 },
		{ "both 2> /dev/null", "out\n", 0 },
		{ "cat < /dev/null", "", 0 },
		{ "cat < none", "none: No such file or directory\n", 1 },
		{ "echo x > ../up", "../up: there are no . and .. here; name "
				    "the file itself\n", 1 },
		{ "echo x > /etc/passwd", "/etc/passwd: your files have no "
			"leading /; there is no disk behind them\n", 1 },
		{ "> empty; wc -c empty", "0 empty\n", 0 },
		{ "mkdir", "mkdir: command not found\n", 127 },
		{ "ls", "e  empty  f  o\n", 0 },
		{ "ls | cat", "e\nempty\nf\no\n", 0 },
		{ "echo *", "e empty f o\n", 0 },
		{ "echo x > d/a.yaml; ls; ls d", "d/  e  empty  f  o\na.yaml\n",
		  0 },
		{ "rm e empty o d/a.yaml; ls -l", "       4  f\n", 0 },
		{ "rm none", "rm cannot", 1 },
	};
	struct fixture *f = *state;

	check_session(f, rows, COUNT(rows) - 1);
	assert_string_equal(run(f, "rm none"),
			    "rm: cannot remove none: No such file or "
			    "directory\n");
	assert_string_equal(run(f, "cp f g && tee h < g && cat h"),
			    "a\nb\na\nb\n");
}

static void text_tools_do_what_theirs_do(void **state)
{
	static const struct row rows[] = {
		{ "printf 'b 2\\na 10\\nc 1\\na 10\\n' > t", "", 0 },
		{ "sort t", "a 10\na 10\nb 2\nc 1\n", 0 },
		{ "sort -r -u t", "c 1\nb 2\na 10\n", 0 },
		{ "sort -k2 -n t | head -2", "c 1\nb 2\n", 0 },
		{ "sort -k2,2nr -s t", "a 10\na 10\nb 2\nc 1\n", 0 },
		{ "sort -k1,1 -k2,2nr t", "a 10\na 10\nb 2\nc 1\n", 0 },
		{ "sort -k2 -n -u t", "c 1\nb 2\na 10\n", 0 },
		{ "printf 'b\\nA\\na\\n' | sort -f", "A\na\nb\n", 0 },
		{ "printf 'x:2\\ny:1\\n' | sort -t : -k 2", "y:1\nx:2\n", 0 },
		{ "sort t | uniq -c", "      2 a 10\n      1 b 2\n"
				      "      1 c 1\n", 0 },
		{ "sort t | uniq -d", "a 10\n", 0 },
		{ "grep a t", "a 10\na 10\n", 0 },
		{ "grep -c a t", "2\n", 0 },
		{ "grep -vn a t", "1:b 2\n3:c 1\n", 0 },
		{ "grep -E '^[bc] [0-9]$' t", "b 2\nc 1\n", 0 },
		{ "grep -E 'b|1$' t", "b 2\nc 1\n", 0 },
		{ "grep -io 'A *' t", "a \na \n", 0 },
		{ "grep 'b\\|c' t", "b 2\nc 1\n", 0 },
		{ "grep -E '(a|b) ?[0-9]{2}' t", "a 10\na 10\n", 0 },
		{ "echo ABA | grep -io '[^a]'", "B\n", 0 },
		{ "grep -w 1 t", "c 1\n", 0 },
		{ "grep -x 'b 2' t", "b 2\n", 0 },
		{ "grep -F . t", "", 1 },
		{ "grep -q b t && echo found", "found\n", 0 },
		{ "grep -A1 b t", "b 2\na 10\n", 0 },
		{ "grep -B1 c t", "a 10\nc 1\n", 0 },
		{ "grep b t t", "t:b 2\nt:b 2\n", 0 },
		{ "grep '[' t", "grep: Unmatched [, [^, [:, [., or [=\n", 2 },
		{ "grep -E 'a(b' t", "grep: Unmatched ( or \\(\n", 2 },
		{ "grep -P x t", "grep: -P (Perl patterns) is not supported "
				 "here; -E is\n", 2 },
		{ "grep x none", "grep: none: No such file or directory\n", 2 },
		{ "head -n 1 t; tail -1 t; tail -n +4 t",
		  "b 2\na 10\na 10\n", 0 },
		{ "wc t", " 4  8 18 t\n", 0 },
		{ "wc -l t t", " 4 t\n 4 t\n 8 total\n", 0 },
		{ "cat t | wc", "      4       8      18\n", 0 },
		{ "cut -d ' ' -f 2 t", "2\n10\n1\n10\n", 0 },
		{ "cut -c 1,3- t | head -n 1", "b2\n", 0 },
		{ "echo abc | tr a-c A-C", "ABC\n", 0 },
		{ "echo aabb | tr -d a", "bb\n", 0 },
		{ "echo 'a  b' | tr -s ' ' '\\n'", "a\nb\n", 0 },
		{ "seq 2 2 6", "2\n4\n6\n", 0 },
		{ "seq -s , 3", "1,2,3\n", 0 },
		{ "seq 3 -1 1 | tr '\\n' ' '", "3 2 1 ", 0 },
		{ "echo -n a; echo -e 'b\\tc'", "ab\tc\n", 0 },
		{ "printf '%s=%d\\n' a 1 b 2", "a=1\nb=2\n", 0 },
		{ "printf '%5.1f|%-4s|%%\\n' 2.25 ab", "  2.2|ab  |%\n", 0 },
		{ "printf '%d\\n' x", "printf: x: a number is needed\n\n", 1 },
		{ "cat -n t | head -n 1", "     1\tb 2\n", 0 },
		{ "wc -z", "wc: invalid option -- 'z'\nUsage: wc [-lwcm] "
			   "[FILE]...\n", 1 },
		{ "head --lines", "head: option '--lines' requires an "
			"argument\nUsage: head [-n N | -c N] [FILE]...\n", 1 },
		{ "sort --help", "Usage: sort [-bfnrsu] [-t C] [-k "
				 "FIELD[,LAST]]... [FILE]...\n", 0 },
	};

	check_session(*state, rows, COUNT(rows));
}

static void a_full_pipe_holds_its_writer_back(void **state)
{
	struct fixture *f = *state;

	/* 200 000 lines are 1.3 MB: twenty times what a pipe holds. */
	assert_string_equal(run(f, "seq 200000 | wc -lc"),
			    " 200000 1288895\n");
	assert_string_equal(run(f, "seq 200000 | tail -n 1"), "200000\n");
	assert_string_equal(run(f, "seq 150000 > f; sort -n f | tail -n 1; "
				   "grep -c 9 f; wc -l f"),
			    "150000\n58146\n150000 f\n");
	assert_string_equal(run(f, "seq 30000 | sort -n | uniq | wc -l"),
			    "30000\n");
}

static void a_writer_ends_with_its_reader(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(run(f, "seq 1000000000 | head -n 2"), "1\n2\n");
	assert_int_equal(console_status(f->console), 0);
	assert_string_equal(run(f, "flood | true"), "");
	assert_string_equal(run(f, "kafka-consume.sh | true"), "");
	console_interrupt(f->console);
	console_interrupt(f->console);
	settle(f);
}

static void a_flood_can_be_stopped(void **state)
{
	struct fixture *f = *state;

	start(f, "flood");
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_RAN);
	console_interrupt(f->console);
	settle(f);
	assert_int_equal(console_status(f->console), 130);
	assert_int_equal(sandbox_stopped(f->sandbox), SANDBOX_RUNNING);
}

static void sleep_spends_virtual_time(void **state)
{
	struct fixture *f = *state;
	int64_t due, began = f->now_ns;

	start(f, "sleep 90s; sleep 1m30s; echo done");
	assert_int_equal(console_poll(f->console, &due), CONSOLE_WAITING);
	assert_true(due == began + 90 * INT64_C(1000000000));
	settle(f);
	assert_string_equal(text_cstr(&f->out),
			    "sleep: invalid time interval '1m30s'\ndone\n");
	run(f, "sleep 2h 0.5");
	assert_true(f->now_ns == began + INT64_C(7290500000000));
}

static void await_tells_ready_from_timeout(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(run(f, "late"), "timeout\n");
	assert_string_equal(f->cancelled, "event 0");
	f->event_at[0] = f->now_ns;
	assert_string_equal(run(f, "late"), "ready\n");
}

static void the_first_interrupt_lets_a_tool_finish(void **state)
{
	struct fixture *f = *state;

	f->event_at[0] = f->event_at[1] = 1;
	start(f, "kafka-consume.sh --topic x | cat; echo not reached");
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_WAITING);
	assert_string_equal(text_cstr(&f->out), "message 0\nmessage 1\n");
	console_interrupt(f->console);
	settle(f);
	assert_string_equal(text_cstr(&f->out),
			    "message 0\nmessage 1\n"
			    "Processed a total of 2 messages\n");
	assert_int_equal(console_status(f->console), 130);
	assert_string_equal(run(f, "echo again"), "again\n");
}

static void the_second_interrupt_kills(void **state)
{
	struct fixture *f = *state;

	start(f, "stubborn || echo no");
	settle(f);
	console_interrupt(f->console);
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_WAITING);
	console_interrupt(f->console);
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_IDLE);
	assert_int_equal(console_status(f->console), 130);
	assert_string_equal(f->cancelled, "never 0");
	start(f, "sleep 1h");
	console_poll(f->console, NULL);
	console_interrupt(f->console);
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_IDLE);
	assert_int_equal(console_status(f->console), 130);
}

static void background_jobs_run_beside_the_prompt(void **state)
{
	struct fixture *f = *state;
	int64_t due;

	assert_string_equal(run(f, "sleep 10 && echo woke &"), "[1] 1001\n");
	assert_string_equal(run(f, "stubborn | cat &"), "[2] 1002\n");
	assert_string_equal(run(f, "jobs"),
			    "[1]-  Running                 sleep 10 && echo "
			    "woke &\n"
			    "[2]+  Running                 stubborn | cat &\n");
	assert_int_equal(console_job_count(f->console), 2);
	text_clear(&f->out);
	assert_int_equal(console_poll(f->console, &due), CONSOLE_IDLE);
	f->now_ns = due;
	console_poll(f->console, NULL);
	assert_string_equal(text_cstr(&f->out),
			    "woke\n[1]-  Done                    sleep 10 && "
			    "echo woke\n");
	assert_string_equal(run(f, "kill %2"), "");
	assert_string_equal(run(f, "kill -9 %2"),
			    "[2]+  Killed                  stubborn | cat\n");
	assert_string_equal(run(f, "kill %2"), "kill: %2: no such job\n");
	assert_int_equal(console_job_count(f->console), 0);
}

static void fg_and_wait_hold_the_prompt(void **state)
{
	struct fixture *f = *state;

	run(f, "sleep 10 && false &");
	assert_string_equal(run(f, "fg; echo $?"), "sleep 10 && false\n1\n");
	assert_string_equal(run(f, "fg"), "fg: current: no such job\n");
	run(f, "sleep 10 &");
	run(f, "sleep 20 &");
	assert_string_equal(run(f, "wait; echo all"),
			    "all\n"
			    "[1]-  Done                    sleep 10\n"
			    "[2]+  Done                    sleep 20\n");
	run(f, "stubborn &");
	start(f, "fg %1");
	settle(f);
	console_interrupt(f->console);
	settle(f);
	console_interrupt(f->console);
	settle(f);
	assert_int_equal(console_job_count(f->console), 0);
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_IDLE);
	assert_string_equal(run(f, "jobs"), "");
}

static void typed_lines_reach_the_reader(void **state)
{
	struct fixture *f = *state;

	start(f, "asks; asks");
	settle(f);
	assert_true(console_wants_input(f->console));
	console_input(f->console, "a b\nc", 5);
	settle(f);
	assert_string_equal(text_cstr(&f->out), "? [a b] ");
	console_input(f->console, "\n", 1);
	console_input_end(f->console);
	settle(f);
	assert_string_equal(text_cstr(&f->out), "? [a b] [c] end\n? ");
	console_interrupt(f->console);
	settle(f);
	assert_int_equal(console_status(f->console), 130);
	assert_false(console_wants_input(f->console));
	assert_string_equal(run(f, "asks &"),
			    "[1] 1003\n? end\n"
			    "[1]+  Done                    asks\n");
}

static void misuse_is_a_sentence(void **state)
{
	struct fixture *f = *state;
	struct err err;

	start(f, "nested");
	settle(f);
	assert_non_null(strstr(text_cstr(&f->out),
			       "io:read would have to wait here"));
	run(f, "leak");
	assert_non_null(strstr(run(f, "leak"),
			       "this io belongs to another command"));
	start(f, "stubborn");
	console_poll(f->console, NULL);
	assert_false(console_start(f->console, "echo", &err));
	assert_string_equal(err.what,
			    "a command still runs; Ctrl-C stops it");
	console_interrupt(f->console);
	console_interrupt(f->console);
	settle(f);
	assert_false(console_add_tool(f->console, "x.lua", "return {}", 9,
				      &err));
	assert_string_equal(err.what, "x.lua: the tool has no name");
	assert_false(console_add_tool(f->console, "x.lua", "use 'none'", 10,
				      &err));
	assert_non_null(strstr(err.what, "there is no lua/lib/none.lua"));
}

static void unknown_commands_get_a_near_name(void **state)
{
	static const struct row rows[] = {
		{ "ehco x", "ehco: command not found\n"
			    "The nearest name is echo.\n", 127 },
		{ "kafka-consume x", "kafka-consume: command not found\n"
				     "The nearest name is kafka-consume.sh.\n",
		  127 },
		{ "xyzzy", "xyzzy: command not found\n", 127 },
		{ "./run.sh", "./run.sh: No such file or directory\n", 127 },
		{ "cd x", "cd: there is one drawer of files and nothing to go "
			  "into; `ls` shows it\n", 1 },
	};

	check_session(*state, rows, COUNT(rows));
}

static void jopt_refuses_in_javas_words(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(run(f, "kafka-consume.sh --abc"),
		"Exception in thread \"main\" "
		"joptsimple.UnrecognizedOptionException: abc is not a "
		"recognized option\n"
		"\tat joptsimple.OptionException.unrecognizedOption"
		"(OptionException.java:108)\n"
		"\tat joptsimple.OptionParser.handleLongOptionToken"
		"(OptionParser.java:510)\n"
		"\tat joptsimple.OptionParserState$2.handleArgument"
		"(OptionParserState.java:56)\n"
		"\tat joptsimple.OptionParser.parse(OptionParser.java:396)\n");
	assert_int_equal(console_status(f->console), 1);
	assert_non_null(strstr(run(f, "kafka-consume.sh --topic"),
		"OptionMissingRequiredArgumentException: Option topic "
		"requires an argument\n"));
}

/* Kafka's TestRaftServer and kafka-topics.sh print these tables. */
static void jopt_prints_javas_usage(void **state)
{
	static const char tool[] =
		"local args = use 'args'\n"
		"local p = args.jopt{\n"
		"{ 'record-size', arg = 'size in bytes', type = 'Integer',\n"
		"  default = 256, help = 'The size of each record' },\n"
		"{ 'config', arg = 'filename',\n"
		"  help = 'REQUIRED: The configured file' },\n"
		"{ 'replica-directory-id', arg = 'directory id',\n"
		"  help = 'REQUIRED: The directory id of the replica' },\n"
		"{ 'alter', help = 'Alter the number of partitions and '\n"
		"  .. 'replica assignment (supports altering topic configs '\n"
		"  .. 'with a --bootstrap-server option).' },\n"
		"{ 'help', help = 'Print usage information.' } }\n"
		"return { name = 'raft', run = function(argv, io)\n"
		"	local o = p:parse_or_usage(io, argv)\n"
		"	p:check_required(io, o, 'config')\n"
		"	io:write(o:value('record-size') + 1, ' ',\n"
		"		#o:values('config'), ' ', #o.rest, '\\n')\n"
		"end }\n";
	struct fixture *f = *state;
	struct err err;

	if (!console_add_tool(f->console, "raft.lua", tool, strlen(tool),
			      &err))
		fail_msg("%s", err.what);
	assert_string_equal(run(f, "raft --alter"),
"Missing required argument \"[config]\"\n"
"Option                                  Description                           \n"
"------                                  -----------                           \n"
"--alter                                 Alter the number of partitions and    \n"
"                                          replica assignment (supports        \n"
"                                          altering topic configs with a --    \n"
"                                          bootstrap-server option).           \n"
"--config <String: filename>             REQUIRED: The configured file         \n"
"--help                                  Print usage information.              \n"
"--record-size <Integer: size in bytes>  The size of each record (default: 256)\n"
"--replica-directory-id <String:         REQUIRED: The directory id of the     \n"
"  directory id>                           replica                             \n");
	assert_string_equal(run(f, "raft --config=a -config b x --record-size "
				   "6"), "7 2 1\n");
	assert_non_null(strstr(run(f, "raft --record-size abc"),
			       "Cannot parse argument 'abc' of option "
			       "record-size\n"));
}

static void history_is_kept_without_repeats(void **state)
{
	struct fixture *f = *state;
	char line[32];

	run(f, "echo a");
	run(f, "echo a");
	run(f, "  ");
	run(f, "echo 'b");
	assert_int_equal(console_history_count(f->console), 2);
	assert_string_equal(console_history_at(f->console, 1), "echo 'b");
	assert_string_equal(run(f, "history"), "    1  echo a\n"
			    "    2  echo 'b\n    3  history\n");
	assert_string_equal(run(f, "history 1"), "    4  history 1\n");
	for (int i = 0; i < CONSOLE_HISTORY_MAX + 3; i++) {
		snprintf(line, sizeof(line), "echo %d", i);
		console_history_add(f->console, line);
	}
	assert_int_equal(console_history_count(f->console),
			 CONSOLE_HISTORY_MAX);
	assert_string_equal(console_history_at(f->console, 0), "echo 3");
}

static void tab_offers_what_fits(void **state)
{
	static const struct {
		const char *line;
		const char *want;	/* "start common: show show..." */
	} rows[] = {
		{ "ech", "0 echo: echo" },
		{ "t", "0 t: tail tee tr true" },
		{ "echo x | so", "9 sort: sort" },
		{ "cat no", "4 notes: notes.txt notes2.txt" },
		{ "cat 'my", "4 'my file.txt': my file.txt" },
		{ "cat > no", "6 notes: notes.txt notes2.txt" },
		{ "zzz no", "4 notes: notes.txt notes2.txt" },
		{ "kafka-consume.sh --t", "17 --topic: --topic" },
		{ "kafka-consume.sh --", "17 --: --bootstrap-server --topic" },
		{ "kafka-consume.sh --topic or",
		  "25 orders: orders orders-dlq" },
		{ "kafka-consume.sh --topic \"pay", "25 \"payments\": payments" },
		{ "sort --num", "5 --numeric-sort: --numeric-sort" },
		{ "q", "0 quits: quits" },
		{ "unset HO", "6 HOME: HOME" },
		{ "qqq", "0 : " },
	};
	struct fixture *f = *state;
	struct files drawer = files_memory_face(f->files);

	drawer.write(drawer.ctx, "notes.txt", "", 0, NULL);
	drawer.write(drawer.ctx, "notes2.txt", "", 0, NULL);
	run(f, "export HOME=/");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct completions c;
		struct text got = {0};

		if (strstr(rows[i].want, "my file"))
			continue;	/* no such names in the drawer */
		console_complete(f->console, rows[i].line,
				 strlen(rows[i].line), &c);
		text_addf(&got, "%zu %s:", c.start, c.common);
		for (size_t k = 0; k < c.count; k++)
			text_addf(&got, " %s", c.at[k].show);
		if (c.count == 0)
			text_char(&got, ' ');
		if (strcmp(text_cstr(&got), rows[i].want) != 0)
			fail_msg("%s\n want %s\n got  %s", rows[i].line,
				 rows[i].want, text_cstr(&got));
		text_free(&got);
		completions_release(&c);
	}
}

static int word_twice(struct console_call *call)
{
	text_addf(call->out, "%s %s %s\n", (const char *)call->ctx,
		  call->argv[1], call->argv[1]);
	return call->argc;
}

static void the_host_adds_words_of_its_own(void **state)
{
	static char ctx[] = "twice";
	static const struct console_word word = {
		.name = "twice", .summary = "says it twice",
		.run = word_twice, .ctx = ctx,
	};
	struct fixture *f = *state;

	console_add_word(f->console, &word);
	assert_string_equal(run(f, "twice a | cat"), "twice a a\n");
	assert_string_equal(run(f, "twice a > f; echo $?; cat f"),
			    "2\ntwice a a\n");
	run(f, "clear");
	assert_int_equal(f->cleared, 1);
}

static void drawers_have_limits(void **state)
{
	struct fixture *f = *state;
	struct files d = files_memory_face(f->files);
	struct text big = {0};
	char name[128];
	struct err err;

	for (int i = 0; i < FILES_COUNT_MAX; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		assert_true(d.write(d.ctx, name, "x", 1, &err));
	}
	assert_false(d.write(d.ctx, "more", "x", 1, &err));
	assert_string_equal(err.what, "more: you have 64 files already, which "
			    "is the limit; rm one first");
	assert_false(d.write(d.ctx, "f1/x", "x", 1, &err));
	assert_string_equal(err.what, "f1: Not a directory");
	for (int i = 0; i < FILES_BYTES_MAX; i++)
		text_char(&big, 'x');
	assert_true(d.write(d.ctx, "f1", big.at, big.len, &err));
	assert_false(d.append(d.ctx, "f1", "x", 1, &err));
	assert_string_equal(err.what, "f1: a file holds at most 1024 KiB");
	text_free(&big);
	assert_string_equal(run(f, "seq 200000 > f2"),
			    "seq: f2: a file holds at most 1024 KiB\n");
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_false(files_name_check(name, NULL));
	assert_false(files_name_check("-x", NULL));
	assert_false(files_name_check("a/b/c", NULL));
	assert_false(files_name_check("a//c", NULL));
	assert_false(files_name_check("a b", NULL));
	assert_false(files_name_check("..", NULL));
	assert_false(files_name_check("", NULL));
	assert_true(files_name_check("conf.d/app-1_x.yaml", NULL));
}

/* Lines made of pieces that mean something to the shell, run for a while,
 * interrupted at random: the prompt always comes back. */
static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void random_line(uint64_t *seed, struct text *line)
{
	static const char *const pieces[] = {
		"echo a", "cat", "seq 9", "seq 20000", "stubborn", "late", "asks",
		"sleep 1", "head -n 1", "grep -v a", "fails", "both", "true",
		"false", "quits", "wc", "sort", "A=1", "$A", "jobs", "fg",
		"kill %1", "kill -9 %1", "wait", "kafka-consume.sh", "tee f",
		"history 3", "leak", "nope", "rm f",
		"|", "|", "|", "&&", "||", ";", "&", "> f", "2>&1", "< f",
		"<<< x", "<<E\nx\nE\n", ">> f", "2> /dev/null", "* ?",
	};
	size_t n = 1 + draw(seed) % 9;

	text_clear(line);
	for (size_t i = 0; i < n; i++)
		text_addf(line, "%s ", pieces[draw(seed) % COUNT(pieces)]);
}

static void end_line(struct fixture *f, uint64_t *seed)
{
	int64_t due;

	for (int i = 0; i < 60; i++) {
		if (console_poll(f->console, &due) == CONSOLE_IDLE)
			return;
		if (draw(seed) % 8 == 0)
			console_interrupt(f->console);
		if (draw(seed) % 8 == 0)
			console_input(f->console, "typed\n", 6);
		if (draw(seed) % 16 == 0)
			console_input_end(f->console);
		if (due != CONSOLE_NEVER)
			f->now_ns = due;
	}
	console_interrupt(f->console);
	console_interrupt(f->console);
	assert_int_equal(console_poll(f->console, NULL), CONSOLE_IDLE);
}

static void the_prompt_always_comes_back(void **state)
{
	struct fixture *f = *state;
	struct text line = {0};
	uint64_t seed = 20240611;

	for (int i = 0; i < 1500; i++) {
		random_line(&seed, &line);
		text_clear(&f->out);
		if (console_start(f->console, text_cstr(&line), NULL))
			end_line(f, &seed);
		if (sandbox_stopped(f->sandbox) != SANDBOX_RUNNING)
			fail_msg("%d: %s\n%s", i, text_cstr(&line),
				 text_cstr(&f->out));
	}
	text_free(&line);
}

int main(void)
{
#define PROMISE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		PROMISE(lines_run_as_in_a_shell),
		PROMISE(redirections_go_to_the_drawer),
		PROMISE(text_tools_do_what_theirs_do),
		PROMISE(a_full_pipe_holds_its_writer_back),
		PROMISE(a_writer_ends_with_its_reader),
		PROMISE(a_flood_can_be_stopped),
		PROMISE(sleep_spends_virtual_time),
		PROMISE(await_tells_ready_from_timeout),
		PROMISE(the_first_interrupt_lets_a_tool_finish),
		PROMISE(the_second_interrupt_kills),
		PROMISE(background_jobs_run_beside_the_prompt),
		PROMISE(fg_and_wait_hold_the_prompt),
		PROMISE(typed_lines_reach_the_reader),
		PROMISE(misuse_is_a_sentence),
		PROMISE(unknown_commands_get_a_near_name),
		PROMISE(jopt_refuses_in_javas_words),
		PROMISE(jopt_prints_javas_usage),
		PROMISE(history_is_kept_without_repeats),
		PROMISE(tab_offers_what_fits),
		PROMISE(the_host_adds_words_of_its_own),
		PROMISE(drawers_have_limits),
		PROMISE(the_prompt_always_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
