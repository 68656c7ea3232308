/* test_json.c - table and model: documents in, the same documents out */
#include "tests/test.h"

#include <lauxlib.h>
#include <lua.h>

#include "lua/json.h"
#include "lua/sandbox.h"
#include "sim/core/err.h"
#include "sim/core/luck.h"
#include "sim/core/text.h"

/* Little fuel and much time, so that it is never the clock that stops. */
static struct sandbox *fresh(void)
{
	struct sandbox_limits limits = sandbox_limits_default;
	struct sandbox *s;
	struct err err = {0};

	limits.cpu_ms = 60000;
	s = sandbox_new(&limits);

	if (!json_open(s, &err))
		fail_msg("%s", err.what);
	return s;
}

static void collect(void *ctx, const char *bytes, size_t len)
{
	text_bytes(ctx, bytes, len);
}

/* What a script prints; its error behind that. */
static char *printed(struct sandbox *s, const char *script)
{
	struct text out = {0};
	struct err err = {0};

	sandbox_set_print(s, collect, &out);
	if (!sandbox_load(s, "t", script, strlen(script), &err) ||
	    !sandbox_call(s, 0, 0, 0, &err))
		text_addf(&out, "! %s", err.what);
	while (out.len && out.at[out.len - 1] == '\n')
		out.at[--out.len] = '\0';
	return text_take(&out);
}

static void check(struct sandbox *s, const char *script, const char *want)
{
	char *got = printed(s, script);

	if (strcmp(got, want) != 0)
		fail_msg("%s\n  gave %s\n  want %s", script, got, want);
	free(got);
}

/* Push the value of a text, as a binding would. */
static bool push(struct sandbox *s, const char *text, size_t len,
		 struct err *err)
{
	return json_push(sandbox_state(s), text, len, err);
}

/* The text of a text, read and written again. */
static char *again(struct sandbox *s, const char *text)
{
	lua_State *L = sandbox_state(s);
	struct err err = {0};
	char *copy;

	if (!push(s, text, strlen(text), &err))
		fail_msg("%s: %s", text, err.what);
	json_push_text(L, -1);
	copy = strdup(lua_tostring(L, -1));
	lua_settop(L, 0);
	return copy;
}

static void documents_come_out_as_they_went_in(void **state)
{
	static const char *const table[][2] = {
		{ "null", "null" },
		{ " true ", "true" },
		{ "false", "false" },
		{ "0", "0" },
		{ "-0", "0" },
		{ "-0.0", "0" },
		{ "4611686018427387904.0", "4611686018427387904" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "9223372036854775808", "9223372036854776000" },
		{ "1.5", "1.5" },
		{ "1e2", "100" },
		{ "1E-7", "1e-07" },
		{ "0.1", "0.1" },
		{ "1.7976931348623157e308", "1.7976931348623157e+308" },
		{ "\"\"", "\"\"" },
		{ "\"a\\u0000b\"", "\"a\\u0000b\"" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		  "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\"" },
		{ "\"\\u00e9\\u20ac\\ud83d\\ude00\"",
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "[]", "[]" },
		{ "{}", "{}" },
		{ "[ [ ], { } ]", "[[],{}]" },
		{ "[1,null,3]", "[1,null,3]" },
		{ "[null]", "[null]" },
		{ "{\"b\":1,\"a\":{\"z\":[true]},\"aa\":2}",
		  "{\"a\":{\"z\":[true]},\"aa\":2,\"b\":1}" },
		{ "{\"a\":1,\"a\":2}", "{\"a\":2}" },
		{ "{\"a\":null,\"b\":1}", "{\"b\":1}" },
		{ "{\"1\":\"one\"}", "{\"1\":\"one\"}" },
		{ "\r\n\t [1 ,\n2]", "[1,2]" },
	};
	struct sandbox *s = fresh();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *got = again(s, table[i][0]);

		assert_string_equal(got, table[i][1]);
		free(got);
	}
	sandbox_free(s);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
	static const char *const table[][2] = {
		{ "", "line 1, column 1: expected a value, found the end" },
		{ "[1,\n 2,\n x]", "line 3, column 2: expected a value" },
		{ "[1,]", "line 1, column 4: expected a value" },
		{ "[1 2]", "line 1, column 4: expected ',' or ']'" },
		{ "[1", "line 1, column 3: expected ',' or ']'" },
		{ "{\"a\":1,}", "line 1, column 8: expected a key in double "
		  "quotes" },
		{ "{a:1}", "line 1, column 2: expected a key in double quotes" },
		{ "{\"a\" 1}", "line 1, column 6: expected ':' after the key" },
		{ "{\"a\":1", "line 1, column 7: expected ',' or '}'" },
		{ "1 2", "line 1, column 3: something follows the value" },
		{ "nul", "line 1, column 1: expected a value" },
		{ "nullx", "line 1, column 5: something follows the value" },
		{ "01", "line 1, column 2: a number does not begin with 0" },
		{ "-", "line 1, column 2: a number needs a digit here" },
		{ "+1", "line 1, column 1: expected a value" },
		{ "1.", "line 1, column 3: a number needs a digit after its "
		  "point" },
		{ ".5", "line 1, column 1: expected a value" },
		{ "1e+", "line 1, column 4: an exponent needs a digit" },
		{ "1e999", "line 1, column 1: this number is too large" },
		{ "0x10", "line 1, column 2: something follows the value" },
		{ "NaN", "line 1, column 1: expected a value" },
		{ "\"abc", "line 1, column 5: a string is not closed" },
		{ "\"a\nb\"", "line 1, column 3: a control character in a "
		  "string; write it as an escape" },
		{ "\"\\x\"", "line 1, column 3: no such escape in a string" },
		{ "\"\\u12g4\"", "line 1, column 6: \\u is followed by four hex "
		  "digits" },
		{ "\"\\ud800\"", "line 1, column 8: half a surrogate pair" },
		{ "\"\\udc00\"", "line 1, column 8: half a surrogate pair" },
		{ "\"\xc3\xa9 \xff\"", "line 1, column 4: this is not UTF-8" },
		{ "\"\xc0\xaf\"", "line 1, column 2: this is not UTF-8" },
		{ "\"\xed\xa0\x80\"", "line 1, column 2: this is not UTF-8" },
		{ "\xef\xbb\xbf[]", "line 1, column 1: expected a value" },
		{ "'a'", "line 1, column 1: expected a value" },
		{ "[1] // no", "line 1, column 5: something follows the value" },
	};
	struct sandbox *s = fresh();
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (push(s, table[i][0], strlen(table[i][0]), &err))
			fail_msg("%s was taken for JSON", table[i][0]);
		assert_string_equal(err.what, table[i][1]);
		assert_int_equal(lua_gettop(sandbox_state(s)), 0);
	}
	assert_false(push(s, "\"a\0b\"", 5, &err));
	assert_false(push(s, "1\0", 2, &err));
	sandbox_free(s);
}

static void values_have_the_lua_types_one_expects(void **state)
{
	struct sandbox *s = fresh();

	(void)state;
	check(s, "print(math.type(json.decode('3')), "
	      "math.type(json.decode('3.0')), math.type(json.decode('3e0')))",
	      "integer\tfloat\tfloat");
	check(s, "local v = json.decode('[1,null,{\"a\":null}]') "
	      "print(#v, v[2] == json.null, v[3].a, tostring(json.null))",
	      "3\ttrue\tnil\tnull");
	check(s, "print(json.decode('null') == json.null, json.decode('false'))",
	      "true\tfalse");
	check(s, "print(json.decode('[1'))",
	      "nil\tline 1, column 3: expected ',' or ']'");
	check(s, "print(json.decode(12))", "12");
	check(s, "json.decode({})", "! t:1: bad argument #1 to 'decode' "
	      "(string expected, got table)");
	sandbox_free(s);
}

static void tables_are_arrays_or_objects_by_their_keys(void **state)
{
	struct sandbox *s = fresh();

	(void)state;
	check(s, "print(json.encode{1, 2, 3})", "[1,2,3]");
	check(s, "print(json.encode{})", "[]");
	check(s, "print(json.encode(json.object{}))", "{}");
	check(s, "print(json.encode(json.object{1}))", "[1]");
	check(s, "print(json.encode{[2] = 'b', [10] = 'a', [1] = 'c'})",
	      "{\"1\":\"c\",\"10\":\"a\",\"2\":\"b\"}");
	check(s, "print(json.encode{[0] = 'zero'})", "{\"0\":\"zero\"}");
	check(s, "print(json.encode{[-9223372036854775807 - 1] = 1})",
	      "{\"-9223372036854775808\":1}");
	check(s, "print(json.encode{1, nil, 3})", "{\"1\":1,\"3\":3}");
	check(s, "print(json.encode{1, json.null, 3})", "[1,null,3]");
	check(s, "print(json.encode{1, a = 2})", "{\"1\":1,\"a\":2}");
	check(s, "print(json.encode(nil), json.encode('x'), json.encode(2^53))",
	      "null\t\"x\"\t9007199254740992");
	check(s, "print(json.encode(setmetatable({a = 1}, {__index = {b = 2}})))",
	      "{\"a\":1}");
	/* A read-only view shows what is behind it. */
	lua_newtable(sandbox_state(s));
	lua_pushinteger(sandbox_state(s), 7);
	lua_setfield(sandbox_state(s), -2, "seven");
	assert_true(sandbox_add_global(s, "given"));
	check(s, "print(json.encode{given})", "[{\"seven\":7}]");
	sandbox_free(s);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct sandbox *s = fresh();

	(void)state;
	check(s, "json.encode{print}", "! t:1: cannot be written as JSON: "
	      "function");
	check(s, "json.encode(0/0)", "! t:1: cannot be written as JSON: JSON "
	      "has no infinity and no NaN");
	check(s, "json.encode(math.huge)", "! t:1: cannot be written as JSON: "
	      "JSON has no infinity and no NaN");
	check(s, "json.encode{[1.5] = 1}", "! t:1: cannot be written as JSON: "
	      "a key is neither a string nor an integer");
	check(s, "json.encode{[true] = 1}", "! t:1: cannot be written as JSON: "
	      "a key is neither a string nor an integer");
	check(s, "json.encode{'a', ['1'] = 'b'}", "! t:1: cannot be written as "
	      "JSON: a key is there as a string and as an integer");
	check(s, "local t = {} t.t = t json.encode(t)", "! t:1: cannot be "
	      "written as JSON: it is nested too deep; does a table hold "
	      "itself?");
	check(s, "json.encode()", "! t:1: bad argument #1 to 'encode' (value "
	      "expected)");
	check(s, "json.object(3)", "! t:1: bad argument #1 to 'object' (table "
	      "expected, got number)");
	check(s, "json.object(setmetatable({}, {}))", "! t:1: bad argument #1 "
	      "to 'object' (it has a metatable already)");
	check(s, "json.x = 1", "! t:1: this table is read-only (cannot set "
	      "'x')");
	check(s, "print(getmetatable(json.null), getmetatable(json.object{}))",
	      "json.null\tjson.object");
	sandbox_free(s);
}

static void depth_and_length_are_bounded(void **state)
{
	struct sandbox *s = fresh();
	struct text deep = {0};
	struct err err;

	(void)state;
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		text_char(&deep, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		text_char(&deep, ']');
	assert_true(push(s, deep.at, deep.len, &err));
	lua_settop(sandbox_state(s), 0);
	text_clear(&deep);
	for (int i = 0; i < 200000; i++)
		text_add(&deep, i % 2 ? "{\"a\":" : "[");
	assert_false(push(s, deep.at, deep.len, &err));
	assert_non_null(strstr(err.what, "nested too deep"));
	text_clear(&deep);
	text_char(&deep, '1');
	for (int i = 0; i < JSON_BYTES_MAX; i++)
		text_char(&deep, ' ');
	assert_false(push(s, deep.at, deep.len, &err));
	assert_string_equal(err.what, "longer than 1024 KiB");
	assert_true(push(s, deep.at, deep.len - 1, &err));
	text_clear(&deep);
	for (int i = 0; i < 1000; i++)
		text_char(&deep, '1');
	assert_false(push(s, deep.at, deep.len, &err));
	text_free(&deep);
	lua_settop(sandbox_state(s), 0);
	check(s, "local t = {} for i = 1, 99 do t = {t} end "
	      "print(#json.encode(t), pcall(json.encode, {t, {t}}))",
	      "200\tfalse\tcannot be written as JSON: it is nested too deep; "
	      "does a table hold itself?");
	sandbox_free(s);
}

/* A small value that is large as text: shared tables, doubling at each level.
 * And a large text from strings whose every byte is an escape. */
static void a_text_that_would_be_too_long_is_refused(void **state)
{
	static const char want[] = "false\tcannot be written as JSON: the text "
				   "would be too long";
	struct sandbox *s = fresh();

	(void)state;
	check(s, "local t = {1} for i = 1, 60 do t = {t, t} end "
	      "print(pcall(json.encode, t))", want);
	check(s, "local s = ('\\1'):rep(200000) print(pcall(json.encode, s))",
	      want);
	sandbox_free(s);
}

/* Work is paid for: neither many small documents nor one large one run on for
 * nothing. */
static void work_is_charged(void **state)
{
	struct sandbox *s = fresh();
	char *got;

	(void)state;
	got = printed(s, "local s = '[' .. ('1,'):rep(10000) .. '1]' "
		      "while true do json.decode(s) end");
	assert_non_null(strstr(got, "used its budget"));
	free(got);
	sandbox_free(s);
	s = fresh();
	got = printed(s, "local t = {} for i = 1, 1000 do t[i] = {a = i} end "
		      "while true do json.encode(t) end");
	assert_non_null(strstr(got, "used its budget"));
	free(got);
	sandbox_free(s);
}

/* Model: values made at random, written, read and written again. */
static void make_value(struct luck *luck, struct text *t, int depth)
{
	uint64_t kind = luck_below(luck, depth > 4 ? 4 : 6);
	uint64_t n = luck_below(luck, 5);

	switch (kind) {
	case 0:
		text_add(t, n & 1 ? "true" : "null");
		return;
	case 1:
		text_addf(t, "%lld", (long long)luck_draw(luck));
		return;
	case 2:
		text_addf(t, "%.17g", (double)(int64_t)luck_draw(luck) / 3e9);
		return;
	case 3: {
		char bytes[8];

		for (uint64_t i = 0; i < n; i++)
			bytes[i] = (char)luck_below(luck, 256);
		text_json_bytes(t, bytes, n);
		return;
	}
	case 4:
		text_char(t, '[');
		for (uint64_t i = 0; i < n; i++) {
			text_add(t, i ? ", " : "");
			make_value(luck, t, depth + 1);
		}
		text_char(t, ']');
		return;
	}
	text_char(t, '{');
	for (uint64_t i = 0; i < n; i++) {
		text_addf(t, "%s\"k%d\": ", i ? ", " : "",
			  (int)luck_below(luck, 1000));
		make_value(luck, t, depth + 1);
	}
	text_char(t, '}');
}

static void writing_and_reading_agree(void **state)
{
	struct sandbox *s = fresh();
	struct luck luck;

	(void)state;
	luck_init(&luck, 42, "test", "json");
	for (int i = 0; i < 3000; i++) {
		struct text t = {0};
		char *once, *twice;

		make_value(&luck, &t, 0);
		once = again(s, text_cstr(&t));
		twice = again(s, once);
		assert_string_equal(once, twice);
		free(once);
		free(twice);
		text_free(&t);
	}
	sandbox_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_come_out_as_they_went_in),
		cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
		cmocka_unit_test(values_have_the_lua_types_one_expects),
		cmocka_unit_test(tables_are_arrays_or_objects_by_their_keys),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(a_text_that_would_be_too_long_is_refused),
		cmocka_unit_test(work_is_charged),
		cmocka_unit_test(writing_and_reading_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
