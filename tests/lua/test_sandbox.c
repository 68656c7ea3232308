/* test_sandbox.c - the fence holds, says why, and says the same every time
 *
 * Limits, what is said, environments, coroutines of the host, and the library.
 * What tries to break out: test_sandbox_attacks.c.
 */
#include "tests/test.h"

#include <lauxlib.h>
#include <lua.h>

#include "lua/sandbox.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

/* Load and call; results stay on the stack. */
static bool run_as(struct sandbox *s, const char *name, const char *source,
		   int nresults, struct err *err)
{
	return sandbox_load(s, name, source, strlen(source), err) &&
	       sandbox_call(s, 0, nresults, 0, err);
}

/* Run a script that must work, in a new sandbox, and compare its result. */
static void gives(const char *source, const char *want)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };

	if (!run_as(s, "t.lua", source, 1, &err))
		fail_msg("%s\n  said: %s", source, err.what);
	assert_string_equal(lua_tostring(sandbox_state(s), -1), want);
	sandbox_free(s);
}

/* Run a script that must fail, and compare what is said. */
static void says(const char *source, const char *want)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };

	assert_false(run_as(s, "t.lua", source, 1, &err));
	assert_string_equal(err.what, want);
	assert_int_equal(lua_gettop(sandbox_state(s)), 0);
	sandbox_free(s);
}

/* --- limits ------------------------------------------------------------- */

static void a_stopped_sandbox_stays_stopped_and_says_why(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err;

	(void)state;
	assert_int_equal(sandbox_stopped(s), SANDBOX_RUNNING);
	assert_false(run_as(s, "a.lua", "\n\nwhile true do end", 0, &err));
	assert_string_equal(err.what, "a.lua:3: stopped: the script used its "
			    "budget of 20000000 steps");
	assert_int_equal(sandbox_stopped(s), SANDBOX_STOP_FUEL);

	assert_false(sandbox_load(s, "b.lua", "return 1", 8, &err));
	assert_string_equal(err.what, "this script cannot run any more "
			    "(a.lua:3: stopped: the script used its budget of "
			    "20000000 steps)");
	luaL_loadstring(sandbox_state(s), "return 1");
	lua_pushinteger(sandbox_state(s), 1);
	assert_false(sandbox_call(s, 1, 0, 0, &err));
	assert_int_equal(lua_gettop(sandbox_state(s)), 0);
	sandbox_free(s);
}

static void budgets_are_per_call(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	lua_State *L = sandbox_state(s);
	const char *source = "return function(n) for i = 1, n do end end";
	struct err err = { "" };

	(void)state;
	assert_true(run_as(s, "t.lua", source, 1, &err));
	for (int i = 0; i < 100; i++) {
		lua_pushvalue(L, -1);
		lua_pushinteger(L, 50000);
		assert_true(sandbox_call(s, 1, 0, 100 * 1000, &err));
		assert_in_range(sandbox_fuel_used(s), 49000, 52000);
	}
	lua_pushinteger(L, 200000);
	assert_false(sandbox_call(s, 1, 0, 100 * 1000, &err));
	assert_string_equal(err.what, "t.lua:1: stopped: the script used its "
			    "budget of 100000 steps");
	sandbox_free(s);
}

/* Deleting and inserting under random hash seeds rebuilds tables at different
 * times; short strings are shared by chance.  Fuel must not show it. */
static void fuel_is_the_same_in_every_run(void **state)
{
	static const char source[] =
		"local t, out = {}, {}\n"
		"for i = 1, 20000 do\n"
		"	t['k' .. i % 700] = {i, tostring(i):rep(9)}\n"
		"	t['k' .. i * 7 % 900] = nil\n"
		"	t[i % 50] = function() return i end\n"
		"	if i % 1000 == 0 then\n"
		"		for k, v in pairs(t) do out[#out + 1] = k end\n"
		"		table.sort(out, function(a, b)\n"
		"			return tostring(a) < tostring(b) end)\n"
		"		local s = table.concat(out, ',')\n"
		"		s = s:gsub('%d+', function(d) return d + 1 end)\n"
		"		out = {#s}\n"
		"		local co = coroutine.wrap(function()\n"
		"			coroutine.yield({}) end)\n"
		"		out[2] = tostring(co()) .. tostring(out)\n"
		"	end\n"
		"end\n"
		"return table.concat(out, ' ')\n";
	struct sandbox *runs[12];
	struct err err = { "" };

	(void)state;
	for (int i = 0; i < 12; i++) {
		runs[i] = sandbox_new(NULL);
		if (!run_as(runs[i], "t.lua", source, 1, &err))
			fail_msg("%s", err.what);
		assert_int_equal(sandbox_fuel_used(runs[i]),
				 sandbox_fuel_used(runs[0]));
		assert_string_equal(lua_tostring(sandbox_state(runs[i]), -1),
				    lua_tostring(sandbox_state(runs[0]), -1));
	}
	for (int i = 0; i < 12; i++)
		sandbox_free(runs[i]);
}

static int64_t fake_clock(void *ctx)
{
	int64_t *ns = ctx;

	return *ns += 100 * 1000000;	/* each look takes 100 ms */
}

static void a_slow_host_is_called_a_host_limit(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };
	int64_t ns = 0;

	(void)state;
	sandbox_set_clock(s, fake_clock, &ns);
	assert_true(run_as(s, "t.lua", "for i = 1, 2000 do end", 0, &err));
	assert_false(run_as(s, "t.lua", "for i = 1, 1e6 do end", 0, &err));
	assert_string_equal(err.what, "t.lua:1: stopped: host limit: the "
			    "script ran longer than 1500 ms");
	assert_int_equal(sandbox_stopped(s), SANDBOX_STOP_HOST);
	sandbox_free(s);
}

static void memory_is_bounded_and_given_back(void **state)
{
	struct sandbox_limits limits = sandbox_limits_default;
	struct err err = { "" };

	(void)state;
	limits.memory_bytes = 1 << 20;
	struct sandbox *s = sandbox_new(&limits);
	assert_true(run_as(s, "t.lua", "for i = 1, 1e5 do local t = {i} end",
			   0, &err));
	assert_true(sandbox_memory_used(s) <= limits.memory_bytes);
	assert_false(run_as(s, "t.lua", "\nlocal t = {}\n"
			    "for i = 1, 1e6 do t[i] = i end", 0, &err));
	assert_string_equal(err.what, "t.lua:3: stopped near here: the script "
			    "needs more than its 1024 KiB of memory");
	assert_true(sandbox_memory_used(s) <= limits.memory_bytes);

	/* The host may go on using the state. */
	for (int i = 0; i < 10; i++)
		lua_newuserdatauv(sandbox_state(s), 1 << 20, 0);
	sandbox_free(s);

	limits.memory_bytes = 10 * 1000;
	assert_null(sandbox_new(&limits));
}

/* --- what is said ------------------------------------------------------- */

static void syntax_errors_have_a_column_when_it_is_known(void **state)
{
	(void)state;
	says("local x = 1\nlocal y = = 2", "t.lua:2: unexpected symbol near '='");
	says("local x = 1\nlocal y = (2 * 3]", "t.lua:2:17: ')' expected near ']'");
	says("return x y", "t.lua:1:10: <eof> expected near 'y'");
	says("if x then", "t.lua:1: 'end' expected near <eof>");
	says("x = 'abc\ny", "t.lua:1:5: unfinished string near ''abc'");
}

static void errors_without_a_place_get_one(void **state)
{
	(void)state;
	says("local x = nil\n\nx.y = 1",
	     "t.lua:3: attempt to index a nil value (local 'x')");
	says("\nerror('plain', 0)", "t.lua:2: plain");
	says("\nerror({})", "t.lua:2: table: #1");
	says("\n\nerror(setmetatable({}, {__tostring = function() "
	     "return 'mine' end}))", "t.lua:3: mine");
	says("string.rep()", "t.lua:1: bad argument #1 to 'rep' "
	     "(string expected, got no value)");
	says("local s = ''\ns:rep({})", "t.lua:2: bad argument #1 to 'rep' "
	     "(number expected, got table)");
	says("pcall(string.rep)\nprint((pcall(string.rep)))\n"
	     "error(select(2, pcall(string.rep)), 0)",
	     "t.lua:3: bad argument #1 to 'string.rep' "
	     "(string expected, got no value)");
}

static void collect_print(void *ctx, const char *bytes, size_t len)
{
	text_bytes(ctx, bytes, len);
}

static void print_goes_to_the_host_in_whole_lines(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };
	struct text out = { 0 };

	(void)state;
	assert_true(run_as(s, "t.lua", "print('nobody listens')", 0, &err));
	sandbox_set_print(s, collect_print, &out);
	assert_true(run_as(s, "t.lua", "print(1, 1.5, nil, 'a\\0b', {})\n"
			   "print()", 0, &err));
	assert_int_equal(out.len, 25);
	assert_memory_equal(out.at, "1\t1.5\tnil\ta\0b\ttable: #1\n\n", 25);
	text_free(&out);
	sandbox_free(s);
}

/* --- environments and globals ------------------------------------------- */

static void chunks_do_not_see_each_others_globals(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	lua_State *L = sandbox_state(s);
	struct err err = { "" };

	(void)state;
	assert_true(run_as(s, "a.lua", "x = 1; function f() return x end "
			   "return f", 1, &err));
	assert_true(run_as(s, "b.lua", "assert(x == nil and f == nil) x = 2",
			   0, &err));
	assert_true(sandbox_call(s, 0, 1, 0, &err));
	assert_int_equal(lua_tointeger(L, -1), 1);

	/* The host finds them in the first upvalue of the chunk. */
	assert_true(sandbox_load(s, "c.lua", "y = 5", 5, &err));
	assert_non_null(lua_getupvalue(L, -1, 1));
	lua_insert(L, -2);
	assert_true(sandbox_call(s, 0, 0, 0, &err));
	assert_int_equal(lua_getfield(L, -1, "y"), LUA_TNUMBER);
	sandbox_free(s);
}

static int f_double(lua_State *L)
{
	lua_pushinteger(L, 2 * luaL_checkinteger(L, 1));
	return 1;
}

static int f_costly(lua_State *L)
{
	sandbox_charge(L, luaL_checkinteger(L, 1));
	return 0;
}

static void the_host_adds_globals_that_cannot_be_replaced(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	lua_State *L = sandbox_state(s);
	struct err err = { "" };

	(void)state;
	lua_pushcfunction(L, f_double);
	assert_true(sandbox_add_global(s, "double"));
	lua_pushcfunction(L, f_double);
	assert_true(sandbox_add_global(s, "math.double"));
	lua_pushcfunction(L, f_double);
	assert_true(sandbox_add_global(s, "os.double"));
	lua_pushcfunction(L, f_double);
	assert_false(sandbox_add_global(s, "double.double"));
	assert_int_equal(lua_gettop(L), 0);

	luaL_loadstring(L, "local t = {n = 1, list = {1, 2, {3}}} t.self = t "
			"return t");
	lua_call(L, 0, 1);
	assert_true(sandbox_add_global(s, "config"));
	assert_true(run_as(s, "t.lua",
		"assert(double(2) + math.double(1) + os.double(1) == 8)\n"
		"assert(not pcall(function() double = 1 end))\n"
		"assert(not pcall(function() config.n = 2 end))\n"
		"assert(not pcall(function() config.list[3][1] = 2 end))\n"
		"assert(not pcall(table.insert, config.list, 1))\n"
		"assert(config.n == 1 and config.self.self == config)\n"
		"assert(#config.list == 3 and select('#', table.unpack(config.list)) == 3)\n"
		"local n = 0\n"
		"for i, v in ipairs(config.list) do n = n + i end\n"
		"for k, v in pairs(config.list) do n = n + k end\n"
		"assert(n == 12)\n", 0, &err));
	assert_string_equal(err.what, "");
	assert_false(run_as(s, "t.lua", "config = 1", 0, &err));
	assert_string_equal(err.what, "t.lua:1: 'config' is given and cannot be "
			    "replaced; use another name, or a local");
	sandbox_free(s);
}

static void bindings_charge_for_their_work(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };

	(void)state;
	lua_pushcfunction(sandbox_state(s), f_costly);
	assert_true(sandbox_add_global(s, "costly"));
	assert_true(run_as(s, "t.lua", "costly(1000000)", 0, &err));
	assert_in_range(sandbox_fuel_used(s), 1000000, 1001000);
	assert_false(run_as(s, "t.lua", "while true do\n"
			    "pcall(costly, 1000000) end", 0, &err));
	assert_string_equal(err.what, "t.lua:2: stopped: the script used its "
			    "budget of 20000000 steps");
	sandbox_free(s);
}

static void two_sandboxes_know_nothing_of_each_other(void **state)
{
	struct sandbox *a = sandbox_new(NULL), *b = sandbox_new(NULL);
	struct err err = { "" };

	(void)state;
	assert_ptr_equal(sandbox_of(sandbox_state(a)), a);
	assert_ptr_equal(sandbox_of(lua_newthread(sandbox_state(b))), b);
	assert_false(run_as(a, "t.lua", "while true do end", 0, &err));
	assert_true(run_as(b, "t.lua", "return tostring({})", 1, &err));
	assert_string_equal(lua_tostring(sandbox_state(b), -1), "table: #1");
	sandbox_free(a);
	sandbox_free(b);
}

/* --- coroutines of the host --------------------------------------------- */

static lua_State *thread_of(struct sandbox *s, const char *source)
{
	struct err err = { "" };

	assert_true(sandbox_load(s, "t.lua", source, strlen(source), &err));
	return sandbox_thread_new(s);
}

static void the_host_drives_a_coroutine(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };
	lua_State *co = thread_of(s, "local a = ...\n"
		"local b = coroutine.yield(a + 1, 'x')\n"
		"pcall(function() b = b + coroutine.yield(b) end)\n"
		"return b\n");
	int n;

	(void)state;
	lua_pushinteger(co, 1);
	assert_int_equal(sandbox_resume(s, co, 1, &n, 0, &err), SANDBOX_YIELDED);
	assert_int_equal(n, 2);
	assert_int_equal(lua_tointeger(co, -2), 2);
	lua_pop(co, n);
	lua_pushinteger(co, 10);
	assert_int_equal(sandbox_resume(s, co, 1, &n, 0, &err), SANDBOX_YIELDED);
	lua_pop(co, n);
	lua_pushinteger(co, 5);
	assert_int_equal(sandbox_resume(s, co, 1, &n, 0, &err), SANDBOX_DONE);
	assert_int_equal(n, 1);
	assert_int_equal(lua_tointeger(co, -1), 15);
	lua_pop(co, n);
	assert_int_equal(lua_gettop(sandbox_state(s)), 0);

	assert_int_equal(sandbox_resume(s, co, 0, &n, 0, &err), SANDBOX_FAILED);
	assert_non_null(strstr(err.what, "cannot resume dead coroutine"));
	sandbox_thread_free(s, co);
	sandbox_free(s);
}

static void a_coroutine_of_the_host_has_limits_and_errors_too(void **state)
{
	struct sandbox *s = sandbox_new(NULL);
	struct err err = { "" };
	lua_State *co = thread_of(s, "\n\nerror({})");
	int n;

	(void)state;
	assert_int_equal(sandbox_resume(s, co, 0, &n, 0, &err), SANDBOX_FAILED);
	assert_string_equal(err.what, "t.lua:3: table: #1");
	assert_int_equal(n, 0);
	assert_int_equal(sandbox_stopped(s), SANDBOX_RUNNING);
	sandbox_thread_free(s, co);

	co = thread_of(s, "coroutine.yield()\nwhile true do pcall(error) end");
	assert_int_equal(sandbox_resume(s, co, 0, &n, 1000, &err), SANDBOX_YIELDED);
	assert_int_equal(sandbox_resume(s, co, 0, &n, 50000, &err), SANDBOX_FAILED);
	assert_string_equal(err.what, "t.lua:2: stopped: the script used its "
			    "budget of 50000 steps");
	assert_int_equal(sandbox_resume(s, co, 0, &n, 0, &err), SANDBOX_FAILED);
	assert_non_null(strstr(err.what, "cannot run any more"));
	sandbox_free(s);
}

/* --- results of library functions, as in the manual --------------------- */

static void tables_behave_as_in_lua(void **state)
{
	(void)state;
	gives("local t = {1, 2, 4} table.insert(t, 3, 3) table.insert(t, 5)\n"
	      "return table.concat(t, ',')", "1,2,3,4,5");
	gives("local t = {1, 2, 3} return table.remove(t, 1) .. table.remove(t)"
	      " .. #t .. tostring(table.remove({}))", "131nil");
	gives("return table.concat(table.move({1, 2, 3}, 2, 3, 1), ',')",
	      "2,3,3");
	gives("return table.concat(table.move({1, 2, 3}, 1, 3, 2), ',')",
	      "1,1,2,3");
	gives("return table.concat(table.move({1, 2}, 1, 2, 3, {8, 9}), ',')",
	      "8,9,1,2");
	gives("return table.concat({1, 2.5, 'x'}, '-', 2, 3)", "2.5-x");
	gives("local t = {} for i = 1, 200 do t[i] = i * 37 % 101 end\n"
	      "table.sort(t, function(a, b) return a > b end)\n"
	      "for i = 2, 200 do assert(t[i - 1] >= t[i]) end\n"
	      "table.sort(t)\n"
	      "for i = 2, 200 do assert(t[i - 1] <= t[i]) end\n"
	      "return 'sorted'", "sorted");
	gives("return select('#', table.unpack({}, 1, 3)) .. "
	      "table.pack(1, nil, 3).n", "33");
	says("table.insert({}, 5, 1)", "t.lua:1: bad argument #2 to 'insert' "
	     "(position out of bounds)");
	says("table.sort({1, 'x'})",
	     "t.lua:1: attempt to compare string with number");
}

static void strings_behave_as_in_lua(void **state)
{
	(void)state;
	gives("return ('abc'):rep(3, '-')", "abc-abc-abc");
	gives("return table.concat({('abc'):byte(1, -1)}, ',')", "97,98,99");
	gives("return table.concat({('abc'):byte(-2)}, ',')", "98");
	gives("return select('#', ('abc'):byte(0)) .. "
	      "select('#', ('abc'):byte(-10)) .. select('#', ('abc'):byte(4))",
	      "000");
	gives("return ('%5.1f|%-4s|%04d|%%|%c'):format(3.14159, 'ab', 42, 65)",
	      "  3.1|ab  |0042|%|A");
	gives("return ('%s %s'):format(setmetatable({}, {__tostring = "
	      "function() return 'me' end}), true)", "me true");
	gives("return tostring(2^53) .. ' ' .. 1e15 .. ' ' .. 10 // 3 .. ' ' .. "
	      "tostring(-0.0)", "9.007199254741e+15 1e+15 3 -0.0");
	gives("return tostring(setmetatable({}, {__name = 'thing'}))",
	      "thing: #1");
	says("return ('x'):format('%d', 'y', {}) .. ('%d'):format('y')",
	     "t.lua:1: bad argument #1 to 'format' "
	     "(number expected, got string)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_sandbox_stays_stopped_and_says_why),
		cmocka_unit_test(budgets_are_per_call),
		cmocka_unit_test(fuel_is_the_same_in_every_run),
		cmocka_unit_test(a_slow_host_is_called_a_host_limit),
		cmocka_unit_test(memory_is_bounded_and_given_back),
		cmocka_unit_test(syntax_errors_have_a_column_when_it_is_known),
		cmocka_unit_test(errors_without_a_place_get_one),
		cmocka_unit_test(print_goes_to_the_host_in_whole_lines),
		cmocka_unit_test(chunks_do_not_see_each_others_globals),
		cmocka_unit_test(the_host_adds_globals_that_cannot_be_replaced),
		cmocka_unit_test(bindings_charge_for_their_work),
		cmocka_unit_test(two_sandboxes_know_nothing_of_each_other),
		cmocka_unit_test(the_host_drives_a_coroutine),
		cmocka_unit_test(a_coroutine_of_the_host_has_limits_and_errors_too),
		cmocka_unit_test(tables_behave_as_in_lua),
		cmocka_unit_test(strings_behave_as_in_lua),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
