/* test_bind.c - what checks, setup and tools see of a world, and that looking
 * changes nothing
 *
 * Scripts print; what they print is compared.  The worlds are those of the
 * stack, so that the truth they tell is that of real parts at work.
 */
#include "tests/test.h"

#include <lua.h>

#include "lua/bind_world.h"
#include "lua/embedded.h"
#include "lua/json.h"
#include "lua/sandbox.h"
#include "lua/session.h"
#include "sim/core/world.h"
#include "sim/stack/stack.h"

#define TOOL(tool, body)						\
	{ "tools/" tool ".lua",						\
	  "return { name = '" tool "', summary = 's', usage = 'u', "	\
	  "run = function(argv, io) " body " end }\n",			\
	  sizeof("return { name = '" tool "', summary = 's', usage = 'u', " \
		 "run = function(argv, io) " body " end }\n") - 1 }

/* A tool that runs what it is given: `lua 'io:write(sim.now())'`. */
static const struct embedded_file tools[] = {
	TOOL("lua", "local f = assert(load('local io = ... ' .. argv[1])) "
	     "return f(io)"),
	{ NULL, NULL, 0 },
};

struct fixture {
	struct world *world;
	struct session *session;
	struct sandbox *sandbox;
	int64_t fuel;			/* of a script; 0: as usual */
	struct text out;
};

static void collect(void *ctx, const char *bytes, size_t len)
{
	text_bytes(ctx, bytes, len);
}

static struct fixture *begin(const char *name, const char *settings)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sandbox_limits limits = sandbox_limits_default;
	struct session_options options = { .world_name = name,
					   .sources = tools };
	struct err err = { "" };

	assert_non_null(f);
	limits.cpu_ms = 60000;
	f->world = stack_world(name, 3, settings, &err);
	if (!f->world)
		fail_msg("%s", err.what);
	f->session = session_new(f->world, &options, &err);
	if (!f->session)
		fail_msg("%s", err.what);
	f->sandbox = sandbox_new(&limits);
	assert_true(json_open(f->sandbox, &err));
	sandbox_set_print(f->sandbox, collect, &f->out);
	return f;
}

static void end(struct fixture *f)
{
	sandbox_free(f->sandbox);
	session_free(f->session);
	world_free(f->world);
	text_free(&f->out);
	free(f);
}

/* What a script with w, h and s prints; its error behind that. */
static const char *run(struct fixture *f, const char *script)
{
	struct text whole = {0};
	lua_State *L = sandbox_state(f->sandbox);
	struct err err;

	text_addf(&whole, "local w, h, s = ... %s", script);
	text_clear(&f->out);
	if (!sandbox_load(f->sandbox, "t", whole.at, whole.len, &err))
		fail_msg("%s", err.what);
	text_free(&whole);
	bind_world_push(L, f->world);
	bind_history_push(L, f->world, f->session);
	bind_setup_push(L, f->session);
	if (!sandbox_call(f->sandbox, 3, 0, f->fuel, &err))
		text_addf(&f->out, "! %s", err.what);
	while (f->out.len && f->out.at[f->out.len - 1] == '\n')
		f->out.at[--f->out.len] = '\0';
	return text_cstr(&f->out);
}

static void check(struct fixture *f, const char *script, const char *want)
{
	const char *got = run(f, script);

	if (strcmp(got, want) != 0)
		fail_msg("%s\n  gave %s\n  want %s", script, got, want);
}

/* The same for a tool in the session's console. */
static void check_tool(struct fixture *f, const char *script, const char *want)
{
	struct text line = {0}, out = {0};
	struct err err;

	text_addf(&line, "lua \"%s\"", script);
	if (!session_run(f->session, text_cstr(&line), SIM_MINUTES(5), &out,
			 NULL, &err))
		fail_msg("%s", err.what);
	if (strcmp(text_cstr(&out), want) != 0)
		fail_msg("%s\n  gave %s\n  want %s", script, text_cstr(&out),
			 want);
	text_free(&line);
	text_free(&out);
}

/* --- w ------------------------------------------------------------------ */

static void time_is_told_in_seconds_and_exactly(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);

	(void)state;
	check(f, "s:run(1.5) print(w:now(), w:now_ns(), w:seed())",
	      "1.5\t1500000000\t3");
	check(f, "s:run('250ms') print(s:now_ns())", "1750000000");
	check(f, "s:run(-1)", "! t:1: bad argument #1 to 'run' (a time is a "
	      "number of seconds or a text like \"90s\" or \"5m\", and not "
	      "negative)");
	check(f, "s:run('soon')", "! t:1: bad argument #1 to 'run' (a time is "
	      "a number of seconds or a text like \"90s\" or \"5m\", and not "
	      "negative)");
	check(f, "s:run(0/0)", "! t:1: bad argument #1 to 'run' (a time is "
	      "a number of seconds or a text like \"90s\" or \"5m\", and not "
	      "negative)");
	f->fuel = 500000;
	assert_non_null(strstr(run(f, "s:run(9e9)"), "used its budget"));
	end(f);
}

static void a_topic_shows_partitions_replicas_and_settings(void **state)
{
	struct fixture *f = begin("local-kafka", "partitions=2");

	(void)state;
	check(f, "s:run(20) local t = w:topic('readings') "
	      "print(t.name, t.internal, #t.partitions, #t.id, "
	      "t.config['min.insync.replicas'], t.config['retention.ms'], "
	      "json.encode(t.overridden))",
	      "readings\tfalse\t2\t22\t2\t604800000\t"
	      "{\"min.insync.replicas\":\"2\"}");
	check(f, "for _, p in ipairs(w:topic('readings').partitions) do "
	      "print(p.index, p.leader == p.replicas[1], #p.replicas, #p.isr, "
	      "p.leader_epoch, p.start_offset, p.end_offset == "
	      "p.high_watermark, p.end_offset > 5000, p.bytes > 10^5) end",
	      "0\ttrue\t3\t3\t0\t0\ttrue\ttrue\ttrue\n"
	      "1\ttrue\t3\t3\t0\t0\ttrue\ttrue\ttrue");
	check(f, "print(w:topic('nosuch'), json.encode(w:topics()))",
	      "nil\t[\"__consumer_offsets\",\"readings\"]");
	check(f, "print(w:topic('__consumer_offsets').internal)", "true");
	check(f, "w:topic()", "! t:1: bad argument #1 to 'topic' (string "
	      "expected, got no value)");
	end(f);
}

static void records_can_be_read_counted_and_paged(void **state)
{
	struct fixture *f = begin("local-kafka", "partitions=2 devices=10");

	(void)state;
	check(f, "s:run(20) local n, sum = w:count{topic = 'readings'}, 0 "
	      "for p = 0, 1 do sum = sum + w:count{topic = 'readings', "
	      "partition = p} end print(n > 150, sum == n, "
	      "#w:records{topic = 'readings'} == n, "
	      "#w:records{topic = 'readings', max = 7})",
	      "true\ttrue\ttrue\t7");
	check(f, "local r = w:records{topic = 'readings', partition = 1, "
	      "from = 3, to = 5} print(#r, r[1].offset, r[2].offset, "
	      "r[1].partition, r[1].key:sub(1, 7), "
	      "r[1].key == json.decode(r[1].value).device, "
	      "r[1].timestamp_ms >= 1767600000000)",
	      "2\t3\t4\t1\tsensor-\ttrue\ttrue");
	check(f, "print(#w:records{topic = 'readings', partition = 0, "
	      "from = 10^6 | 0}, #w:records{topic = 'readings', to = 0})",
	      "0\t0");
	check(f, "w:records{topic = 'nosuch'}", "! t:1: there is no topic "
	      "'nosuch'; w:topic(name) is nil then, ask it first");
	check(f, "w:records{topic = 'readings', partition = 2}", "! t:1: bad "
	      "argument #1 to 'records' (the topic has no such partition; they "
	      "count from 0)");
	check(f, "w:count{tpoic = 'readings'}", "! t:1: there is no option "
	      "'tpoic' here; there are: topic partition");
	check(f, "w:records{'readings'}", "! t:1: bad argument #1 to "
	      "'records' (options have names: {topic = \"orders\"})");
	check(f, "w:records()", "! t:1: bad argument #1 to 'records' (which "
	      "topic? {topic = \"orders\"})");
	check(f, "w:records{topic = 'readings', max = '7x'}", "! t:1: max is "
	      "a whole number, not a string");
	end(f);
}

static void groups_show_members_offsets_and_lag(void **state)
{
	struct fixture *f = begin("local-kafka", "partitions=2");

	(void)state;
	check(f, "s:run(30) print(json.encode(w:groups())) "
	      "local g = w:group('dashboard') "
	      "print(g.id, g.state, g.generation, #g.members, g.coordinator > 0, "
	      "g.leader == g.members[1].id) local m = g.members[1] "
	      "print(m.client, m.host, m.process, json.encode(m.topics), "
	      "json.encode(m.assignment)) local lag, o = 0, g.offsets.readings "
	      "for p = 0, 1 do lag = lag + g.lag.readings[p] "
	      "print(o[p] + g.lag.readings[p] == "
	      "w:topic('readings').partitions[p + 1].high_watermark) end "
	      "print(lag == g.total_lag)",
	      "[\"archiver\",\"dashboard\"]\n"
	      "dashboard\tStable\t1\t1\ttrue\ttrue\n"
	      "dashboard\tapp-1\tdashboard\t[\"readings\"]\t"
	      "{\"readings\":[0,1]}\ntrue\ntrue\ntrue");
	check(f, "print(w:group('nosuch'))", "nil");
	check(f, "s:command('app-new name=st topic=readings "
	      "group.instance.id=i1') s:run(30) local g = w:group('st') "
	      "print(g.type, g.members[1].instance, m)", "Classic\ti1\tnil");
	check(f, "s:command('service dashboard do=kill') s:run(60) "
	      "local g = w:group('dashboard') print(g.state, #g.members, "
	      "g.leader, g.total_lag > 30000)", "Empty\t0\tnil\ttrue");
	end(f);
}

static void machines_processes_and_brokers_are_as_they_are(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);

	(void)state;
	check(f, "s:run(10) local m = w:machine('broker-1') print(m.name, "
	      "m.zone, m.cores, m.disk_used_bytes > 0, m.cpu_busy_ns > 0, "
	      "m.memory_used_bytes > 10^9, w:machine('mars'))",
	      "broker-1\ta\t4\ttrue\ttrue\ttrue\tnil");
	check(f, "local p = w:process('broker-2') print(p.machine, p.state, "
	      "p.pid > 100, p.starts, json.encode(p.ports), w:process('x'))",
	      "broker-2\tup\ttrue\t1\t[9092]\tnil");
	check(f, "local b = w:broker(2) print(b.name, b.fenced, b.leads > 2, "
	      "w:broker('broker-2').id, w:broker(9), #w:brokers())",
	      "broker-2\tfalse\ttrue\t2\tnil\t3");
	check(f, "s:command('service broker-2 do=kill') s:run(1) "
	      "local p = w:process('broker-2') print(p.state, p.pid, p.starts, "
	      "w:broker(2).fenced) s:run(10) print(w:broker(2).fenced, "
	      "w:broker(2).leads)", "down\tnil\t1\tfalse\ntrue\t0");
	check(f, "print(#w:machines() >= 6, #w:processes() >= 7)",
	      "true\ttrue");
	end(f);
}

static void clients_fleets_and_apps_tell_what_they_did(void **state)
{
	struct fixture *f = begin("local-kafka", "partitions=2 devices=100");

	(void)state;
	check(f, "s:run(20) local f, a = w:fleets()[1], w:audit('sensor') "
	      "print(f.name, f.topic, f.devices, f.state, f.produced >= 2000, "
	      "f.acked == a.acked, a.lost, a.duplicated, a.stored == "
	      "w:count{topic = 'readings'}, w:audit('nosuch'))",
	      "sensor\treadings\t100\tup\ttrue\ttrue\t0\t0\ttrue\tnil");
	check(f, "for _, c in ipairs(w:clients()) do print(c.kind, c.client, "
	      "c.machine, (c.acked or c.consumed) > 1500, #c.partitions, "
	      "c.group_state) end",
	      "producer\tsensor-gateway\tedge-1\ttrue\t2\tnil\n"
	      "consumer\tdashboard\tapp-1\ttrue\t2\tstable\n"
	      "consumer\tarchiver\tapp-1\ttrue\t2\tstable");
	check(f, "for _, a in ipairs(w:apps()) do print(a.name, a.group, "
	      "a.state, a.work_ns, a.processed > 1500) end "
	      "s:command('service archiver do=kill') "
	      "print(w:apps()[2].state, #w:clients())",
	      "dashboard\tdashboard\tup\t100000\ttrue\n"
	      "archiver\tarchiver\tup\t50000\ttrue\ndown\t2");
	end(f);
}

static void a_partition_without_leader_shows_its_next_leaders_log(void **state)
{
	struct fixture *f = begin("compose-kafka", NULL);

	(void)state;
	check(f, "s:command('admin from=kafka bootstrap=localhost:9092 "
	      "api=create-topic name=orders partitions=1 rf=1') s:run(2) "
	      "local p = w:topic('orders').partitions[1] "
	      "print(p.leader, p.high_watermark) "
	      "s:command('service kafka do=kill') s:run(30) "
	      "p = w:topic('orders').partitions[1] "
	      "print(p.leader, #p.isr, p.high_watermark)",
	      "1\t0\nnil\t1\t0");
	end(f);
}

static void promql_is_asked_of_what_was_scraped(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);

	(void)state;
	check(f, "print(#w:query('up')) s:run(60) "
	      "local r = w:query('up{job=\"kafka\"}') print(#r, r[1].value, "
	      "r[1].labels.job, w:query('1 + 1')[1].value, "
	      "w:query('\"x\"')[1].value)",
	      "0\n3\t1.0\tkafka\t2.0\tx");
	check(f, "print(#w:query('up', 1), #w:query('up', '60s') > 5, "
	      "#w:query('nosuch'))", "0\ttrue\t0");
	check(f, "local r = w:query_range('sum(up{job=\"kafka\"})', 30, 60, "
	      "'10s') print(#r, #r[1].points, r[1].points[4].at, "
	      "r[1].points[4].at_ns, r[1].points[4].value, "
	      "#h:query_range('up', 30)[1].points)",
	      "1\t4\t60.0\t60000000000\t3.0\t3");
	check(f, "local r = w:query('up{job=\"controller\"}[30s]') "
	      "print(#r[1].points, r[1].value)", "2\tnil");
	check(f, "print((select(2, pcall(w.query, w, 'sum(')):sub(1, 40)))",
	      "query: 1:5: parse error: unclosed left p");
	check(f, "w:query_range('up', 0, 60, '1ms')", "! t:1: bad argument #4 "
	      "to 'query_range' (more than 11000 points for a series; take a "
	      "longer step)");
	check(f, "w:query_range('up', 9, 3)", "! t:1: bad argument #3 to "
	      "'query_range' (it ends before it begins)");
	end(f);
}

/* --- faults and history ------------------------------------------------- */

static void faults_are_done_and_stand_in_the_ledger(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);
	const struct journal *j = &f->world->journal;

	(void)state;
	check(f, "s:run(10) print(#w:faults()) "
	      "print(s:fault{kind = 'slow-disk', component = 'broker-2', "
	      "times = 50, after = '5s', ['for'] = 2.5})", "0\n1");
	assert_string_equal(j->entries[j->count - 1].line, "fault slow-disk "
			    "after=5000ms component=broker-2 for=2500ms "
			    "times=50");
	check(f, "local a = w:faults()[1] print(a.number, a.kind, a.mechanism, "
	      "a.component, a.active, a.planned, a.at, a.healed) s:run(6) "
	      "a = w:faults()[1] print(a.active, a.planned) s:run(6) "
	      "a = w:faults()[1] print(a.active, a.healed, a.healed_ns)",
	      "1\tslow-disk\tslow-disk\tbroker-2\tfalse\ttrue\t15.0\tnil\n"
	      "true\tfalse\nfalse\t17.5\t17500000000");
	check(f, "local n = s:fault{kind = 'hang', component = 'broker-1'} "
	      "print(w:process('broker-1').state) s:heal(n) "
	      "print(w:process('broker-1').state, w:faults()[n].active)",
	      "hung\nup\tfalse");
	check(f, "s:fault{kind = 'gremlins', component = 'broker-1'}",
	      "! t:1: gremlins: no such fault; `millrace faults` lists them");
	check(f, "s:fault{component = 'broker-1'}", "! t:1: bad argument #1 to "
	      "'fault' (which? {kind = \"kill\", component = \"broker-2\"}; "
	      "`millrace faults` lists them)");
	check(f, "s:fault{kind = 'kill', component = {}}", "! t:1: component "
	      "is a text or a whole number");
	check(f, "s:heal(99)", "! t:1: heal 99: no such fault in the ledger");
	check(f, "s:command('nosuch thing')", "! t:1: nosuch: no such command "
	      "of this world");
	end(f);
}

static void history_tells_who_led_and_who_was_in_sync(void **state)
{
	struct fixture *f = begin("local-kafka", "partitions=3");

	(void)state;
	check(f, "s:run(20) print(#h:leader_changes(), #h:isr_changes()) "
	      "s:fault{kind = 'kill', component = 'broker-1'} s:run(20)",
	      "0\t0");
	check(f, "local l = h:leader_changes{topic = 'readings'} print(#l) "
	      "for _, c in ipairs(l) do print(c.topic, c.partition == "
	      "l[1].partition, c.from, c.to, c.epoch, c.unclean, c.at > 25, "
	      "c.at < 35) end",
	      "1\nreadings\ttrue\t1\t2\t1\tfalse\ttrue\ttrue");
	check(f, "local i = h:isr_changes{topic = 'readings', from = 20} "
	      "print(#i, #i[1].from, #i[1].to, i[1].shrank, "
	      "#h:isr_changes{topic = 'readings', to = '20s'}, "
	      "#h:isr_changes('nosuch'), #h:isr_changes('readings'))",
	      "3\t3\t2\ttrue\t0\t0\t3");
	check(f, "s:command('service broker-1 do=start') s:run(60) "
	      "for _, c in ipairs(h:isr_changes{topic = 'readings', "
	      "from = 40}) do print(c.shrank, #c.to) end",
	      "false\t3\nfalse\t3\nfalse\t3");
	end(f);
}

static void log_lines_are_found_by_process_level_text_and_time(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);

	(void)state;
	check(f, "s:run(5) s:fault{kind = 'kill', component = 'broker-1'} "
	      "s:run(20) local all, warn = h:count_log(), "
	      "h:count_log{level = 'WARN'} "
	      "print(all > warn, warn == h:count_log{level = 'WARN', "
	      "to = 5} + #h:log{level = 'WARN', from = 5.000000001}, "
	      "#h:log{max = 3})", "true\ttrue\t3");
	check(f, "local l = h:log{process = 'controller-1', match = 'Fenc'} "
	      "print(#l > 0, l[1] and l[1].process, l[1] and l[1].level, "
	      "l[1] and l[1].at > 5, #h:log{match = 'F.*nc'})",
	      "true\tcontroller-1\tINFO\ttrue\t0");
	check(f, "h:log{process = 'mars'}", "! t:1: there is no process "
	      "'mars'; w:processes() has them all");
	check(f, "h:log{level = 'loud'}", "! t:1: bad argument #1 to 'log' (a "
	      "level is DEBUG, INFO, WARN or ERROR)");
	end(f);
}

static void commands_that_were_typed_are_listed(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);
	struct err err;

	(void)state;
	check(f, "s:run(2) print(s:console([[lua 'io:write(1) return 4']]))",
	      "1\t4");
	check(f, "local c = h:commands() print(#c, c[1].at, c[1].at_ns, "
	      "c[1].line, c[1].output, c[1].exit_code, c[1].ended)",
	      "1\t2.0\t2000000000\tlua 'io:write(1) return 4'\t1\t4\t2.0");
	assert_true(session_start(f->session, "lua \"await('sleep', 0, "
				  "9000000000)\"", &err));
	check(f, "local c = h:commands() print(#c, c[2].exit_code, "
	      "c[2].ended)", "2\tnil\tnil");
	check(f, "s:console('true')", "! t:1: a command still runs; Ctrl-C "
	      "stops it");
	check(f, "s:file('a/b.txt', 'hello') s:file('-x', '')",
	      "! t:1: -x: a file name cannot begin with -");
	struct text bytes = {0};
	const struct files *files = session_files(f->session);

	assert_true(files->read(files->ctx, "a/b.txt", &bytes, &err));
	assert_string_equal(text_cstr(&bytes), "hello");
	text_free(&bytes);
	end(f);
}

/* --- handles ------------------------------------------------------------ */

static void misuse_is_a_sentence(void **state)
{
	struct fixture *f = begin("empty-kafka", NULL);

	(void)state;
	check(f, "w:topik('x')", "! t:1: w has no 'topik'; lua/README.md lists "
	      "what it has");
	check(f, "h:topic('x')", "! t:1: h has no 'topic'; lua/README.md lists "
	      "what it has");
	check(f, "w:run(1)", "! t:1: w has no 'run'; lua/README.md lists what "
	      "it has");
	check(f, "w.topic('x')", "! t:1: call it with a colon: "
	      "w:topic(\"orders\"), not w.topic(\"orders\")");
	check(f, "w.topic({}, 'x')", "! t:1: call it with a colon: "
	      "w:topic(\"orders\"), not w.topic(\"orders\")");
	check(f, "w.topic(json.null, 'x')", "! t:1: call it with a colon: "
	      "w:topic(\"orders\"), not w.topic(\"orders\")");
	check(f, "w.x = 1", "! t:1: w cannot be changed");
	check(f, "print(getmetatable(w), getmetatable(s), tostring(h))",
	      "millrace.world\tmillrace.setup\tmillrace.history: #1");
	check(f, "s.run(w, 1)", "! t:1: only s, in setup, can do this");
	end(f);
}

static void an_ended_world_is_refused_politely(void **state)
{
	struct fixture *f = begin("empty-kafka", NULL);
	lua_State *L = sandbox_state(f->sandbox);
	struct err err;

	(void)state;
	bind_world_push(L, f->world);
	assert_true(sandbox_add_global(f->sandbox, "old"));
	check(f, "print(old:now())", "0.0");
	bind_world_end(L, f->world);
	assert_int_equal(lua_gettop(L), 0);
	assert_true(sandbox_load(f->sandbox, "t", "old:now()", 9, &err));
	assert_false(sandbox_call(f->sandbox, 0, 0, 0, &err));
	assert_string_equal(err.what, "t:1: this world has ended; use the one "
			    "that this check or setup was given");
	check(f, "print(w:now())", "0.0");	/* a new handle is good */
	end(f);
}

/* A module keeps s and tries to use it in a check. */
static void the_power_of_setup_ends_with_setup(void **state)
{
	static const char later[] = "kept:run(1)";
	struct fixture *f = begin("empty-kafka", NULL);
	lua_State *L = sandbox_state(f->sandbox);
	struct err err;

	(void)state;
	bind_setup_push(L, f->session);
	assert_true(sandbox_add_global(f->sandbox, "kept"));
	bind_history_push(L, f->world, f->session);
	assert_true(sandbox_add_global(f->sandbox, "story"));
	check(f, "kept:run(1) print(kept:now(), #story:commands())", "1.0\t0");
	session_free(f->session);
	f->session = session_new(f->world, NULL, &err);
	assert_non_null(f->session);
	assert_true(sandbox_load(f->sandbox, "t", later, strlen(later), &err));
	assert_false(sandbox_call(f->sandbox, 0, 0, 0, &err));
	assert_string_equal(err.what, "t:1: setup is over: nothing can be "
			    "changed any more");
	check(f, "print(kept:now(), #story:commands())", "1.0\t0");
	end(f);
}

/* Every method with every pair of strange arguments: a value or a sentence. */
static void strange_arguments_are_answered(void **state)
{
	struct fixture *f = begin("local-kafka", "devices=10");

	(void)state;
	f->fuel = 200 * 1000 * 1000;
	check(f, "s:run(20) local strange = {false, 0, -1, 1.5, 1e300, "
	      "math.mininteger, math.maxinteger, 0/0, '', 'readings', "
	      "'up', '\\0', ('x'):rep(5000), {}, {1}, s, print, json.null, "
	      "{topic = 'readings'}, {topic = {}}, {from = -1}, "
	      "{topic = 'readings', from = math.mininteger}, "
	      "{topic = 'readings', to = math.maxinteger, max = 5}, "
	      "{topic = 'readings', partition = math.mininteger}, "
	      "{match = '', from = 0.5, to = '1s', level = 'WARN'}} "
	      "local names = {w = {'machine', 'process', 'broker', 'topic', "
	      "'group', 'records', 'count', 'audit', 'query', "
	      "'query_range'}, h = {'log', 'count_log', 'leader_changes', "
	      "'isr_changes'}, s = {'command', 'fault', 'heal', 'file'}} "
	      "local things, n = {w = w, h = h, s = s}, 0 "
	      "for thing, list in pairs(names) do for _, name in "
	      "ipairs(list) do local o = things[thing] "
	      "for i = 1, #strange do for k = 0, #strange do "
	      "n = n + 1 pcall(o[name], o, strange[i], strange[k]) "
	      "end end end end print(n > 10000)", "true");
	end(f);
}

static void looking_is_paid_for(void **state)
{
	static const char *const loops[] = {
		"while true do w:records{topic = 'readings', max = 100} end",
		"while true do w:topic('readings') end",
		"while true do h:count_log{match = 'x'} end",
		"while true do w:query('up') end",
		"while true do w:clients() end",
		"while true do s:run(60) end",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		struct fixture *f = begin("local-kafka", "devices=10");

		run(f, "s:run(60)");
		f->fuel = 500000;
		if (!strstr(run(f, loops[i]), "used its budget"))
			fail_msg("%s: %s", loops[i], text_cstr(&f->out));
		end(f);
	}
}

/* --- nothing changes ---------------------------------------------------- */

static const char look_at_all[] =
	"w:now() w:machines() w:processes() w:brokers() w:broker(1) "
	"for _, t in ipairs(w:topics()) do w:topic(t) w:count{topic = t} "
	"w:records{topic = t, max = 50} end "
	"for _, g in ipairs(w:groups()) do w:group(g) end w:group('never "
	"heard of') w:topic('never heard of') w:process('never heard of') "
	"w:clients() w:fleets() w:audit('sensor') w:apps() w:faults() "
	"w:bill() w:stages() w:query('rate(up[1m])') w:query('label_replace(up, \"new\", \"x\", "
	"\"job\", \".*\")') w:query_range('up', 0) h:commands() h:log() "
	"h:count_log{match = 'x'} h:leader_changes() h:isr_changes()";

static void *image_of(const struct world *w, size_t *bytes)
{
	void *copy;

	*bytes = arena_head(&w->arena)->used;
	copy = malloc(*bytes);
	assert_non_null(copy);
	return memcpy(copy, w->arena.base, *bytes);
}

/* Byte for byte the same state, and the same streams. */
static void looking_changes_nothing(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);
	uint64_t digest, events;
	size_t bytes, history;
	void *before;

	(void)state;
	run(f, "s:run(20) s:fault{kind = 'kill', component = 'broker-1'} "
	    "s:run(15)");
	digest = world_digest(f->world);
	events = f->world->state->events;
	history = history_bytes(&f->world->history);
	before = image_of(f->world, &bytes);
	check(f, look_at_all, "");
	check_tool(f, "sim.now() sim.processes() sim.machines() "
		   "sim.ping('broker-1', 'app-1') sim.log('broker-2') "
		   "sim.topics() sim.groups() sim.bill() sim.entries(1) sim.world()", "");
	assert_int_equal(bytes, arena_head(&f->world->arena)->used);
	assert_memory_equal(before, f->world->arena.base, bytes);
	assert_true(digest == world_digest(f->world));
	assert_true(events == f->world->state->events);
	assert_int_equal(history, history_bytes(&f->world->history));
	free(before);
	end(f);
}

/* --- sim ---------------------------------------------------------------- */

static void a_tool_asks_over_the_network_and_reads_the_answer(void **state)
{
	static const char ask[] =
		"local id, why = sim.command('admin from=workstation "
		"bootstrap=broker-1:9092 api=list-topics') "
		"local how = await('entry', id, sim.now() + 60 * 10^9 | 0) "
		"local n = 0 for _, e in ipairs(sim.entries(id)) do "
		"n = n + 1 local v = json.decode(e.text) io:write(e.kind, ' ', "
		"tostring(v and #v.answers), ' ', tostring(e.at_ns > 0), "
		"'\\n') end "
		"io:write(how, ' ', n, ' ', #sim.entries(id), '\\n')";
	struct fixture *f = begin("local-kafka", NULL);

	(void)state;
	run(f, "s:run(5)");
	check_tool(f, ask, "reply 1 true\nclosed nil true\nready 2 0\n");
	assert_true(world_now(f->world) > SIM_S(5));
	assert_true(world_now(f->world) < SIM_S(6));
	check_tool(f, "io:write(tostring(sim.command('admin api=x')), '\\n')",
		   "nil\n");
	check_tool(f, "io:write(await('entry', 4711, sim.now() + 10^9 | 0))",
		   "timeout");
	end(f);
}

static void a_figure_says_how_far_it_can_be_trusted(void **state)
{
	struct fixture *f = begin("million-devices", "devices=1000 "
				  "partitions=4 fidelity=counts");

	(void)state;
	run(f, "s:run(40)");
	check(f, "local s = w:stages()[1] print(s.name, s.partitions, "
	      "s.produced.fidelity, s.produced.low < s.produced.value, "
	      "s.p50.value_ns > 0, s.drain.value, s.drain.fidelity)",
	      "fleet\t4\testimate\ttrue\ttrue\tnil\testimate");
	check(f, "print(w:query('sum(ingest_readings_held)')[1].fidelity, "
	      "w:query('up')[1].fidelity, "
	      "w:query('scalar(sum(ingest_readings_held))')[1].fidelity, "
	      "w:query_range('ingest_readings_held', 0)[1].fidelity)",
	      "estimate\tnil\testimate\testimate");
	end(f);
	f = begin("million-devices", "devices=1000 partitions=4 "
		  "fidelity=record");
	run(f, "s:run(40)");
	check(f, "print(w:stages()[1].produced.fidelity, "
	      "w:query('sum(ingest_readings_held)')[1].fidelity)",
	      "exact\tnil");
	end(f);
}

/* An hour of three m5.xlarge and five t3.medium with their volumes: 100 GiB of
 * gp3 cost 8/730 an hour, 20 GiB a fifth.  What the items say is what the
 * machines say, to the nano-dollar. */
static void a_bill_is_the_sum_of_its_machines(void **state)
{
	struct fixture *f = begin("local-kafka", "fleet=off apps=off");

	(void)state;
	run(f, "s:run(3600)");
	check(f, "local b, sum, item = w:bill(), 0, {} "
	      "for _, m in ipairs(b.machines) do sum = sum + m.total_nano "
	      "for i, x in ipairs(m.items) do "
	      "item[i] = (item[i] or 0) + x.cost_nano end end "
	      "for i, x in ipairs(b.items) do print(x.name, x.unit, "
	      "x.cost_nano == item[i]) end "
	      "print(sum == b.total_nano, #b.machines, b.items[1].used, "
	      "b.items[1].cost_nano, b.items[6].cost_nano)",
	      "machines\tseconds\ttrue\nvolumes\tbytes\ttrue\n"
	      "volume-speed\tnil\ttrue\nzone-traffic\tbytes\ttrue\n"
	      "region-traffic\tbytes\ttrue\ninternet-egress\tbytes\ttrue\n"
	      "true\t8\t28800\t784000000\t0");
	check_tool(f, "io:write(tostring(sim.bill().items[4].cost_nano > 0))",
		   "true");
	end(f);
}

static void a_tool_sees_what_an_operator_sees(void **state)
{
	struct fixture *f = begin("local-kafka", NULL);

	(void)state;
	run(f, "s:run(5) s:fault{kind = 'kill', component = 'broker-3'} "
	    "s:run(5)");
	check_tool(f, "for _, p in ipairs(sim.processes()) do "
		   "if p.name:find('^broker') then io:write(p.name, ' ', "
		   "p.state, ' ', p.zone, ' ', "
		   "tostring(p.pid and p.pid > 100), '\\n') end end",
		   "broker-1 up a true\nbroker-2 up b true\nbroker-3 down c "
		   "nil\n");
	check_tool(f, "local t = sim.ping('broker-1', 'broker-2') "
		   "io:write(tostring(t > 800000 and t < 9000000), '\\n')",
		   "true\n");
	check_tool(f, "sim.ping('broker-1', 'mars')", "lua: (load):1: bad "
		   "argument #2 "
		   "to 'ping' (there is no machine of this name; "
		   "sim.machines() has them all)\n");
	check_tool(f, "local l, at = sim.log('broker-1', 0, 1) "
		   "local last, e = sim.log('broker-1', -1) "
		   "io:write(#l, ' ', l[1].text:sub(1, 11), ' ', l[1].level, "
		   "' ', #last, ' ', tostring(e > at), ' ', "
		   "#(sim.log('broker-1', e)), '\\n')",
		   "1 [2026-01-05 INFO 1 true 0\n");
	check_tool(f, "io:write(table.concat(sim.topics(), ' '), '; ', "
		   "table.concat(sim.groups(), ' '), '\\n')",
		   "__consumer_offsets readings; archiver dashboard\n");
	check_tool(f, "local d for _, m in ipairs(sim.machines()) do "
		   "if m.name == 'broker-1' then d = m end end "
		   "io:write(d.cores, ' ', d.disk_bytes >> 30, '\\n')",
		   "4 100\n");
	check_tool(f, "sim.now = 1", "lua: (load):1: this table is "
		   "read-only (cannot set 'now')\n");
	end(f);
}

/* Two runs of the same lines, one rewound in between: the same future. */
static void going_back_and_asking_again_gives_the_same_answer(void **state)
{
	static const char ask[] =
		"lua \"local id = sim.command('admin from=workstation "
		"bootstrap=broker-1:9092 api=describe-cluster') "
		"await('entry', id, 0) io:write(sim.entries(id)[1].text, ' ', "
		"sim.now(), '\\n')\"";
	struct fixture *f = begin("local-kafka", NULL);
	struct text first = {0}, second = {0};
	struct err err;
	uint64_t digest;

	(void)state;
	world_travel_on(f->world, SIM_S(1), 64);
	session_advance(f->session, SIM_S(5));
	assert_true(session_run(f->session, ask, SIM_S(60), &first, NULL,
				&err));
	digest = world_digest(f->world);
	assert_true(session_run(f->session, ask, SIM_S(60), NULL, NULL, &err));
	world_rewind(f->world, SIM_S(3));
	world_forget_future(f->world);
	session_rewound(f->session);
	assert_int_equal(session_line_count(f->session), 0);
	world_run_until(f->world, SIM_S(4));
	session_advance(f->session, SIM_S(5));
	assert_true(session_run(f->session, ask, SIM_S(60), &second, NULL,
				&err));
	assert_true(first.len > 50);
	assert_string_equal(text_cstr(&first), text_cstr(&second));
	assert_true(digest == world_digest(f->world));
	text_free(&first);
	text_free(&second);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_told_in_seconds_and_exactly),
		cmocka_unit_test(a_topic_shows_partitions_replicas_and_settings),
		cmocka_unit_test(records_can_be_read_counted_and_paged),
		cmocka_unit_test(groups_show_members_offsets_and_lag),
		cmocka_unit_test(machines_processes_and_brokers_are_as_they_are),
		cmocka_unit_test(clients_fleets_and_apps_tell_what_they_did),
		cmocka_unit_test(
			a_partition_without_leader_shows_its_next_leaders_log),
		cmocka_unit_test(promql_is_asked_of_what_was_scraped),
		cmocka_unit_test(faults_are_done_and_stand_in_the_ledger),
		cmocka_unit_test(history_tells_who_led_and_who_was_in_sync),
		cmocka_unit_test(
			log_lines_are_found_by_process_level_text_and_time),
		cmocka_unit_test(commands_that_were_typed_are_listed),
		cmocka_unit_test(misuse_is_a_sentence),
		cmocka_unit_test(an_ended_world_is_refused_politely),
		cmocka_unit_test(the_power_of_setup_ends_with_setup),
		cmocka_unit_test(strange_arguments_are_answered),
		cmocka_unit_test(looking_is_paid_for),
		cmocka_unit_test(looking_changes_nothing),
		cmocka_unit_test(
			a_tool_asks_over_the_network_and_reads_the_answer),
		cmocka_unit_test(a_figure_says_how_far_it_can_be_trusted),
		cmocka_unit_test(a_bill_is_the_sum_of_its_machines),
		cmocka_unit_test(a_tool_sees_what_an_operator_sees),
		cmocka_unit_test(
			going_back_and_asking_again_gives_the_same_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
