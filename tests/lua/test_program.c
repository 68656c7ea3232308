/* test_program.c - a learner's program in a world: that it runs, what it costs,
 * that it goes back in time, that it breaks as programs do
 *
 * Method: short programs in the world empty-kafka; what they say in the log,
 * produce and cost is compared with what was worked out by hand.
 */
#include "tests/test.h"

#include "sim/telemetry/span.h"
#include "tests/lua/service_world.h"

static void a_program_starts_and_says_so(void **state)
{
	struct world *w = service_world(
		"print('loading')\n"
		"function on_start() log.info('hello ' .. service.name) end\n",
		"");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(5));

	assert_true(logged(w, "loading"));
	assert_true(logged(w, "hello app"));
	assert_int_equal(service_find(w, "app")->state, SERVICE_RUNNING);
	world_free(w);
}

/* Every handler once, sleeping, producing, reading it back. */
static const char *const everything =
	"service.defaults{ ['consumer.topics'] = 'in',\n"
	"  ['consumer.auto.offset.reset'] = 'earliest' }\n"
	"local seen = {}\n"
	"function on_start() service.every('tick', '1s') end\n"
	"function on_timer(name)\n"
	"  service.sleep('10ms')\n"
	"  kafka.produce{ topic = 'in', key = name, value = 'v' .. #seen }\n"
	"end\n"
	"function on_record(r)\n"
	"  cpu.use('2ms')\n"
	"  seen[#seen + 1] = r.value\n"
	"  metric.add('seen_total', 1, { topic = r.topic })\n"
	"  log.info(r.partition .. ':' .. r.offset .. ' ' .. r.key .. '='"
	" .. r.value)\n"
	"end\n"
	"function on_result(x) if x.error then log.error(x.error) end end\n"
	"function on_request(q)\n"
	"  if q.path == '/boom' then error('boom') end\n"
	"  return 200, #seen .. ' seen', 'text/plain'\n"
	"end\n"
	"function on_stop() log.info('bye') end\n";

static void every_handler_is_called(void **state)
{
	struct world *w = service_world(everything, "");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(30));
	do_command(w, "service app do=stop");
	world_run_until(w, SIM_S(31));

	assert_true(logged(w, "tick=v"));
	assert_true(logged(w, "bye"));
	assert_int_equal(service_find(w, "app")->state, SERVICE_DOWN);
	assert_int_equal(service_find(w, "app")->exit_code, 0);
	world_free(w);
}

/* systemctl restart is no SIGKILL: on_stop is heard, the policy is not asked. */
static void a_restart_stops_in_good_order(void **state)
{
	struct world *w = service_world(everything, "restart=no");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(30));
	do_command(w, "service app do=restart");
	world_run_until(w, SIM_S(35));
	assert_true(logged(w, "bye"));
	assert_int_equal(service_find(w, "app")->exit_code, 0);
	assert_int_equal(service_find(w, "app")->state, SERVICE_RUNNING);
	assert_int_equal(service_find(w, "app")->restarts, 0);
	do_command(w, "service app do=stop");
	world_run_until(w, SIM_S(40));
	assert_int_equal(service_find(w, "app")->state, SERVICE_DOWN);
	do_command(w, "service app do=restart");
	world_run_until(w, SIM_S(41));
	assert_int_equal(service_find(w, "app")->state, SERVICE_RUNNING);
	world_free(w);
}

/* -- headers and traces ------------------------------------------------------ */

/* From `in` to `out`, with a question on the way. */
static const char *const passing =
	"service.defaults{ ['consumer.topics'] = 'in',\n"
	"  ['consumer.auto.offset.reset'] = 'earliest' }\n"
	"function on_start() service.every('tick', '1s') end\n"
	"function on_timer(name)\n"
	"  kafka.produce{ topic = 'in', value = '1', headers = {\n"
	"    { key = 'unit', value = 'C' }, { key = 'unit', value = '' },\n"
	"    { key = 'gone' } } }\n"
	"end\n"
	"function on_request(q) return 418, 'no' end\n"
	"function on_record(r)\n"
	"  local h = {}\n"
	"  for i, x in ipairs(r.headers) do\n"
	"    h[i] = x.key .. '=' .. tostring(x.value):sub(1, 3) end\n"
	"  log.info(table.concat(h, ' '))\n"
	"  http.request('GET', 'http://app:8080/x')\n"
	"  kafka.produce{ topic = 'out', value = r.value, headers = r.headers }\n"
	"end\n";

static void headers_come_as_they_were_sent(void **state)
{
	struct world *w = service_world(passing, "");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(30));
	assert_true(logged(w, "unit=C unit= gone=nil"));
	assert_false(logged(w, "gone=nil trac"));	/* nobody traces */
	do_command(w, "trace-ratio ppm=1000000");
	world_run_until(w, SIM_S(60));
	assert_true(logged(w, "unit=C unit= gone=nil traceparent=00-"));
	world_free(w);
}

static const struct span_record *span_by_id(const struct world *w, uint64_t id)
{
	for (uint64_t i = 0; id && i < span_count(w); i++)
		if (span_at(w, i)->context.span == id)
			return span_at(w, i);
	return NULL;
}

/* in publish > in process > GET (asks) > GET (answers), and > out publish */
static void what_a_service_does_belongs_to_its_record(void **state)
{
	struct world *w = service_world(passing, "");
	uint32_t seen[5] = {0};

	(void)state;
	do_command(w, "trace-ratio ppm=1000000");
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(60));
	for (uint64_t i = 0; i < span_count(w); i++) {
		const struct span_record *s = span_at(w, i);
		const struct span_record *up = span_by_id(w, s->parent);
		const char *name = world_text(w, s->name);
		int above = -1;

		if (s->kind == SPAN_CLIENT || !strcmp(name, "out publish"))
			above = SPAN_CONSUMER;
		else if (s->kind == SPAN_CONSUMER)
			above = SPAN_PRODUCER;
		else if (s->kind == SPAN_SERVER)
			above = SPAN_CLIENT;
		seen[s->kind]++;
		if (above < 0 || (!up && s->end > SIM_S(55)))
			continue;	/* a root; or what is above goes on */
		assert_non_null(up);
		assert_int_equal(up->kind, above);
		assert_int_equal(s->context.trace.low, up->context.trace.low);
		assert_true(s->begin >= up->begin);
		assert_int_equal(s->status, s->kind == SPAN_CLIENT ?
				 SPAN_ERROR : SPAN_UNSET);	/* 418 */
	}
	for (int kind = SPAN_SERVER; kind <= SPAN_CONSUMER; kind++)
		assert_in_range(seen[kind], 20, 200);
	world_free(w);
}

/* -- going back in time ---------------------------------------------------- */

/* Tables that are rebuilt, a coroutine of its own, waits, and a crash now and
 * then, so that states with other hash seeds take part. */
static const char *const busy =
	"service.defaults{ ['consumer.topics'] = 'in',\n"
	"  ['consumer.auto.offset.reset'] = 'earliest' }\n"
	"local sent, cache = 0, {}\n"
	"local odd = coroutine.wrap(function()\n"
	"  local n = 1 while true do coroutine.yield(n) n = n + 2 end end)\n"
	"function on_start() service.every('tick', '97ms') end\n"
	"function on_timer(name)\n"
	"  service.sleep('33ms')\n"
	"  sent = sent + 1\n"
	"  kafka.produce{ topic = 'in', key = 'k' .. sent % 7,\n"
	"    value = ('x'):rep(odd() % 50) }\n"
	"  if sent == 200 then error{ code = 7 } end\n"
	"end\n"
	"function on_record(r)\n"
	"  cache[r.offset .. '/' .. r.partition] = { r.value, r.key }\n"
	"  cache[r.offset - 20 .. '/' .. r.partition] = nil\n"
	"  local ok, why = pcall(function()\n"
	"    service.sleep('5ms')\n"
	"    if r.offset % 10 == 3 then error('no ' .. r.offset) end\n"
	"  end)\n"
	"  if not ok then log.warn(why) end\n"
	"end\n";

static struct world *busy_world(void)
{
	struct world *w = service_world(busy, "restart=always");

	do_command(w, "service app do=start");
	return w;
}

static void two_runs_have_one_digest(void **state)
{
	struct world *x = busy_world(), *y = busy_world();

	(void)state;
	for (int s = 5; s <= 60; s += 5) {
		world_run_until(x, SIM_S(s));
		world_run_until(y, SIM_S(s));
		if (world_digest(x) != world_digest(y))
			fail_msg("they part before %d s", s);
	}
	assert_true(logged(x, "no 13"));
	assert_true(service_find(x, "app")->restarts > 0);
	world_free(x);
	world_free(y);
}

/* Straight through, then back to moments within waits, before and after the
 * crashes, and on from there: the same digests. */
static void a_rewind_takes_the_program_along(void **state)
{
	static const sim_time back[] = {
		SIM_MS(12340), SIM_MS(19417), SIM_MS(47001), SIM_MS(20003),
		SIM_MS(100), SIM_MS(33333),
	};
	struct world *w = busy_world();
	uint64_t digests[61];

	(void)state;
	world_travel_on(w, SIM_S(5), 100);
	for (int s = 0; s <= 60; s++) {
		world_run_until(w, SIM_S(s));
		digests[s] = world_digest(w);
	}
	for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		int s = (int)(back[i] / SIM_S(1));

		world_rewind(w, back[i]);
		while (s < 60) {
			world_run_until(w, SIM_S(++s));
			if (world_digest(w) != digests[s])
				fail_msg("back to %lld ns: another run before "
					 "%d s", (long long)back[i], s);
		}
	}
	world_free(w);
}

/* Back to before it was deployed: the journal deploys it again, and another
 * state of Lua, at other addresses, does the same. */
static void a_rewind_to_before_its_birth_brings_it_back(void **state)
{
	struct err err;
	struct world *w = lua_world("empty-kafka", 7, NULL, &err);
	uint64_t digest;

	(void)state;
	assert_non_null(w);
	world_travel_on(w, SIM_S(5), 100);
	world_run_until(w, SIM_S(1));
	put_program(w, busy);
	do_command(w, "service-new name=app program=app.lua restart=always");
	world_run_until(w, SIM_S(30));
	digest = world_digest(w);
	world_rewind(w, SIM_MS(500));
	assert_null(service_find(w, "app"));
	world_run_until(w, SIM_S(30));
	assert_true(world_digest(w) == digest);
	assert_true(logged(w, "no 3"));
	world_free(w);
}

/* What it had in its tables at that moment, it has again. */
static void variables_are_those_of_the_moment(void **state)
{
	struct world *w = service_world(
		"local n = 0\n"
		"function on_start() service.every('t', '1s') end\n"
		"function on_timer() n = n + 1 log.info('n=' .. n) end\n", "");
	uint64_t lines;

	(void)state;
	do_command(w, "service app do=start");
	world_travel_on(w, SIM_S(2), 100);
	world_run_until(w, SIM_MS(5500));
	assert_true(logged(w, "n=5"));
	assert_false(logged(w, "n=6"));
	lines = log_count(w);
	world_run_until(w, SIM_MS(60500));
	assert_true(logged(w, "n=60"));
	world_rewind(w, SIM_MS(5500));
	assert_int_equal(log_count(w), lines);
	world_run_until(w, SIM_MS(6500));
	assert_string_equal(log_text(w, log_at(w, log_count(w) - 1)), "n=6");
	world_free(w);
}

/* -- what goes wrong -------------------------------------------------------- */

static const struct {
	const char *what, *text, *says;
	int code;
} failures[] = {
	{ "no Lua", "function on_start( end", "app.lua:1:20", 1 },
	{ "an error while loading", "local x = nil + 1", "app.lua:1: attempt "
	  "to perform arithmetic on a nil value", 1 },
	{ "an error in a handler", "local function deep() local t = nil\n"
	  "return t.x end\nfunction on_start() local y = deep()\nreturn y end",
	  "lua: app.lua:2: attempt to index a nil value (local 't')", 1 },
	{ "its trace names the functions", "local function deep() local t = "
	  "nil\nlocal v = t.x return v end\nfunction on_start()\nlocal y = "
	  "deep()\nreturn y end", "app.lua:4: in function", 1 },
	{ "a loop for ever", "function on_start() while true do end end",
	  "used its budget of 20000000 steps", 1 },
	{ "too much memory", "function on_start() local t = {} while true do "
	  "t[#t + 1] = ('x'):rep(1000) .. #t end end", "not enough memory", 1 },
	{ "exit", "function on_start() service.exit(3) end",
	  "Process exited with code 3", 3 },
	{ "a yield to nobody", "function on_start() coroutine.yield() end",
	  "yielded to nobody", 1 },
	{ "a wait in a coroutine of its own", "function on_start()\n"
	  "coroutine.wrap(function() service.sleep(1) end)() end",
	  "a coroutine of your own cannot", 1 },
	{ "a wait while loading", "service.sleep(1)", "in handlers only", 1 },
	{ "no topic", "function on_start() kafka.produce{ value = 'x' } end",
	  "which topic?", 1 },
	{ "headers", "function on_start() kafka.produce{ topic = 't', "
	  "headers = { unit = 'C', { 'unit', 'C' } } } end", "headers = {{key",
	  1 },
	{ "no store", "function on_start() db.query('select 1') end",
	  "set db.url", 1 },
};

static void a_program_that_breaks_ends_its_process(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		struct world *w = service_world(failures[i].text, "");
		struct service *s = service_find(w, "app");

		do_command(w, "service app do=start");
		world_run_until(w, SIM_S(5));
		if (!logged(w, failures[i].says)) {
			show_log(w);
			fail_msg("%s", failures[i].what);
		}
		assert_int_equal(s->state, SERVICE_DOWN);
		assert_int_equal(s->exit_code, failures[i].code);
		assert_int_equal(s->restarts, 0);
		world_free(w);
	}
}

/* Docker: 100 ms, 200 ms, 400 ms, ...: starts at 0, 0.1, 0.3, 0.7, 1.5, 3.1,
 * and the seventh not before 6.3. */
static void restarts_come_ever_later(void **state)
{
	struct world *w = service_world("error('no')", "restart=on-failure");
	struct service *s = service_find(w, "app");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_MS(3200));
	assert_int_equal(s->restarts, 5);
	world_run_until(w, SIM_MS(6200));
	assert_int_equal(s->restarts, 5);
	world_run_until(w, SIM_MS(6500));
	assert_int_equal(s->restarts, 6);
	world_free(w);
}

static void who_was_stopped_is_not_started_again(void **state)
{
	struct world *w = service_world("function on_start() end",
					"restart=always");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(1));
	do_command(w, "service app do=stop");
	world_run_until(w, SIM_S(100));
	assert_int_equal(service_find(w, "app")->restarts, 0);
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(101));
	do_command(w, "service app do=kill");
	world_run_until(w, SIM_S(102));
	assert_int_equal(service_find(w, "app")->restarts, 1);
	assert_int_equal(service_find(w, "app")->exit_code, 137);
	world_free(w);
}

/* -- what it costs ---------------------------------------------------------- */

/* A tick a second of 100 ms: a tenth of a core. */
static void cpu_is_spent_on_its_machine(void **state)
{
	struct world *w = service_world(
		"function on_start() service.every('t', '1s') end\n"
		"function on_timer() cpu.use('100ms') end\n", "");
	int64_t used;

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_MS(100500));
	used = cpu_used_ns(w, service_find(w, "app")->host->process);
	assert_in_range(used, SIM_S(10), SIM_MS(10100));
	world_free(w);
}

/* A million steps are 10 ms. */
static void steps_cost_time(void **state)
{
	struct world *w = service_world(
		"function on_start() service.every('t', '1s') end\n"
		"function on_timer() for i = 1, 1000000 do end end\n", "");
	int64_t used;

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_MS(100500));
	used = cpu_used_ns(w, service_find(w, "app")->host->process);
	assert_in_range(used, SIM_MS(1000), SIM_MS(1020));
	world_free(w);
}

/* 40 bytes an entry, two kinds of strings: what a cache without end holds is
 * seen, and ends at the limit. */
static void a_leak_is_seen_and_killed(void **state)
{
	struct world *w = service_world(
		"local cache, n = {}, 0\n"
		"function on_start() service.every('t', '100ms') end\n"
		"function on_timer()\n"
		"  for i = 1, 1000 do n = n + 1 cache[n] = 'v' .. n end\n"
		"end\n", "memory=40000000");
	struct service *s = service_find(w, "app");

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(2));
	assert_in_range(s->host->process->memory_bytes - SERVICE_BASE_BYTES,
			15000 * 60, 20000 * 80);
	world_run_until(w, SIM_S(20));
	assert_true(s->host->process->footprint.oom_killed);
	assert_int_equal(s->exit_code, 137);
	world_free(w);
}

static void memory_can_be_declared(void **state)
{
	struct world *w = service_world(
		"function on_start() memory.hold(100 << 20) end\n", "");
	struct process *p = service_find(w, "app")->host->process;

	(void)state;
	do_command(w, "service app do=start");
	world_run_until(w, SIM_S(1));
	assert_in_range(p->memory_bytes, SERVICE_BASE_BYTES + (100 << 20),
			SERVICE_BASE_BYTES + (100 << 20) + 100000);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_starts_and_says_so),
		cmocka_unit_test(every_handler_is_called),
		cmocka_unit_test(a_restart_stops_in_good_order),
		cmocka_unit_test(headers_come_as_they_were_sent),
		cmocka_unit_test(what_a_service_does_belongs_to_its_record),
		cmocka_unit_test(two_runs_have_one_digest),
		cmocka_unit_test(a_rewind_takes_the_program_along),
		cmocka_unit_test(a_rewind_to_before_its_birth_brings_it_back),
		cmocka_unit_test(variables_are_those_of_the_moment),
		cmocka_unit_test(a_program_that_breaks_ends_its_process),
		cmocka_unit_test(restarts_come_ever_later),
		cmocka_unit_test(who_was_stopped_is_not_started_again),
		cmocka_unit_test(cpu_is_spent_on_its_machine),
		cmocka_unit_test(steps_cost_time),
		cmocka_unit_test(a_leak_is_seen_and_killed),
		cmocka_unit_test(memory_can_be_declared),
	};

	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
