/* test_pattern.c - our matcher answers as liblua's does, and always ends
 *
 * A table of cases from the manual, then a model test: random short subjects
 * and patterns, with liblua's own string functions as the oracle.  Answers and
 * error texts must be the same.  On a difference the case and the seed are
 * printed; SEED=n repeats a run, CASES=n makes it longer.
 */
#include "tests/test.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "lua/pattern.h"
#include "lua/sandbox.h"
#include "sim/core/err.h"

/* --- the matcher alone -------------------------------------------------- */

static struct pattern pattern_of(const char *subject, const char *pattern,
				 int64_t steps)
{
	return (struct pattern){
		.subject = subject, .subject_len = strlen(subject),
		.pattern = pattern, .pattern_len = strlen(pattern),
		.steps_left = steps,
	};
}

static void finds_what_the_manual_says(void **state)
{
	static const struct {
		const char *subject, *pattern;
		int start, end;		/* -1: does not match */
	} cases[] = {
		{ "hello world", "o w", 4, 7 },
		{ "hello world", "l+", 2, 4 },
		{ "hello", "xyz", -1, -1 },
		{ "hello", "", 0, 0 },
		{ "", "", 0, 0 },
		{ "", "a*", 0, 0 },
		{ "", "a", -1, -1 },
		{ "aaab", "a-b", 0, 4 },
		{ "aaab", "a-", 0, 0 },
		{ "aaab", "a+b", 0, 4 },
		{ "color", "colou?r", 0, 5 },
		{ "colour", "colou?r", 0, 6 },
		{ "a.b", "%.", 1, 2 },
		{ "f(a(b)c)d", "%b()", 1, 8 },
		{ "THE (quick) fox", "%f[%a]%a+%f[%A]", 0, 3 },
		{ "x]y", "[]]", 1, 2 },
		{ "x^y", "[%^]", 1, 2 },
		{ "a-z", "[a%-]+", 0, 2 },
		{ "0xfF", "%x+", 0, 1 },
		{ "key = value", "(%w+)%s*=%s*(%w+)", 0, 11 },
		{ "\"it's\"", "([\"'])(.-)%1", 0, 6 },
		{ "a$", "a$", -1, -1 },
		{ "a$b", "$b", 1, 3 },
		{ "abc", "c$", 2, 3 },
		{ "abc", "b()", 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pattern p = pattern_of(cases[i].subject,
					      cases[i].pattern, 10000);
		enum pattern_result r = pattern_find(&p, 0);

		if ((cases[i].start >= 0) != (r == PATTERN_FOUND) ||
		    (r == PATTERN_FOUND &&
		     ((int)p.start != cases[i].start ||
		      (int)p.end != cases[i].end)))
			fail_msg("find(%s, %s) gave %d at %zu..%zu",
				 cases[i].subject, cases[i].pattern, r,
				 p.start, p.end);
	}
}

static void captures_know_where_they_are(void **state)
{
	struct pattern p = pattern_of("key=value", "(%w+)()=(v(al))", 1000);

	(void)state;
	assert_int_equal(pattern_find(&p, 0), PATTERN_FOUND);
	assert_int_equal(p.capture_count, 4);
	assert_int_equal(p.captures[0].len, 3);
	assert_int_equal(p.captures[1].kind, PATTERN_CAPTURE_POSITION);
	assert_int_equal(p.captures[1].start, 3);
	assert_int_equal(p.captures[2].start, 4);
	assert_int_equal(p.captures[2].len, 3);
	assert_int_equal(p.captures[3].start, 5);
	assert_int_equal(p.captures[3].len, 2);
}

static void malformed_patterns_are_named(void **state)
{
	static const struct {
		const char *pattern, *wrong;
	} cases[] = {
		{ "%", "malformed pattern (ends with '%')" },
		{ "[a", "malformed pattern (missing ']')" },
		{ "[]", "malformed pattern (missing ']')" },
		{ "[%", "malformed pattern (missing ']')" },
		{ "%b(", "malformed pattern (missing arguments to '%b')" },
		{ "%fa", "missing '[' after '%f' in pattern" },
		{ "%1", "invalid capture index %1" },
		{ "(%1)", "invalid capture index %1" },
		{ "a)", "invalid pattern capture" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pattern p = pattern_of("a", cases[i].pattern, 1000);

		assert_int_equal(pattern_find(&p, 0), PATTERN_WRONG);
		assert_string_equal(p.wrong, cases[i].wrong);
	}
}

static void every_match_ends_when_its_steps_are_spent(void **state)
{
	char subject[3000];
	struct pattern p;

	(void)state;
	memset(subject, 'a', sizeof(subject) - 1);
	subject[sizeof(subject) - 1] = '\0';
	p = pattern_of(subject, ".-.-.-.-b", 1000000);
	assert_int_equal(pattern_find(&p, 0), PATTERN_SPENT);
	assert_int_equal(p.steps_left, 0);

	p = pattern_of("abc", "b", 0);
	assert_int_equal(pattern_find(&p, 0), PATTERN_SPENT);

	/* As many steps as it needs are enough, one fewer are not. */
	p = pattern_of("some text here", "(%a+) (%a+)$", 1000);
	assert_int_equal(pattern_find(&p, 0), PATTERN_FOUND);
	int64_t needed = 1000 - p.steps_left;
	p.steps_left = needed;
	assert_int_equal(pattern_find(&p, 0), PATTERN_FOUND);
	p.steps_left = needed - 1;
	assert_int_equal(pattern_find(&p, 0), PATTERN_SPENT);
}

/* --- the model ---------------------------------------------------------- */

/* Run in both states: everything the four functions say, as one string. */
static const char probe[] =
	"local function show(out, name, ...)\n"
	"	out[#out + 1] = name\n"
	"	for i = 1, select('#', ...) do\n"
	"		local v = select(i, ...)\n"
	"		out[#out + 1] = type(v) .. ':' .. tostring(v)\n"
	"	end\n"
	"end\n"
	"local map = {a = 'A', b = false, [1] = 'one', ab = 7, [''] = '_'}\n"
	"return function(s, p, r, init, n)\n"
	"	local out = {}\n"
	"	show(out, 'find', pcall(string.find, s, p, init))\n"
	"	show(out, 'plain', pcall(string.find, s, p, init, true))\n"
	"	show(out, 'match', pcall(string.match, s, p, init))\n"
	"	show(out, 'gsub', pcall(string.gsub, s, p, r, n))\n"
	"	show(out, 'map', pcall(string.gsub, s, p, map))\n"
	"	show(out, 'call', pcall(string.gsub, s, p, function(...)\n"
	"		show(out, 'arg', ...)\n"
	"		return (...) ~= 'c' and select('#', ...) .. '!'\n"
	"	end))\n"
	"	show(out, 'gmatch', pcall(function()\n"
	"		for a, b, c in string.gmatch(s, p, init) do\n"
	"			show(out, 'got', a, b, c)\n"
	"		end\n"
	"	end))\n"
	"	return table.concat(out, '|')\n"
	"end\n";

static uint64_t next_random(uint64_t *seed)
{
	/* Steele, Lea, Flood, SplitMix64 (OOPSLA 2014) */
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int below(uint64_t *seed, int n)
{
	return (int)(next_random(seed) % (uint64_t)n);
}

/* Up to `pieces` of the given ones in a row.  "\0" stands for a NUL byte. */
static size_t random_text(uint64_t *seed, char *text, int pieces,
			  const char *const *from, int from_count)
{
	size_t len = 0;

	for (int n = below(seed, pieces + 1); n > 0; n--) {
		const char *piece = from[below(seed, from_count)];
		size_t piece_len = *piece ? strlen(piece) : 1;

		memcpy(text + len, piece, piece_len);
		len += piece_len;
	}
	return len;
}

static const char *const subject_pieces[] = {
	"a", "a", "b", "b", "c", "A", "Z", "1", "9", " ", "_", "-", "(", ")",
	"[", "]", "%", "^", "$", ".", "\t", "", "\x80", "\xff", "ab", "aa",
};

static const char *const pattern_pieces[] = {
	"a", "b", "c", "1", "-", "*", "+", "?", "-", "*", ".", ".", "(", ")",
	"(", ")", "()", "(.)", "%1", "%2", "%0", "%", "[", "]", "^", "$", "$",
	"[^", "[a-c]", "[^a]", "[%a_]", "[]]", "[^]]", "[a-]", "[%w-b]", "[b-%z]",
	"%a", "%d", "%l", "%s", "%u", "%w", "%x", "%p", "%c", "%g", "%z", "%A",
	"%S", "%W", "%b()", "%bab", "%baa", "%b", "%f[%a]", "%f[^b]", "%f", "%f[",
	"%%", "%.", "%-", "", "\x80", "a*", "b-", ".-", ".*", "a?",
};

static const char *const replacement_pieces[] = {
	"x", "%0", "%1", "%2", "%%", "%", "%a", "-", "",
};

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

struct trial {
	char subject[64], pattern[96], replacement[64];
	size_t subject_len, pattern_len, replacement_len;
	int init, n;			/* 0: not given */
};

static struct trial random_trial(uint64_t *seed)
{
	struct trial t = { 0 };

	t.subject_len = random_text(seed, t.subject, 10, subject_pieces,
				    COUNT(subject_pieces));
	t.pattern_len = random_text(seed, t.pattern, 7, pattern_pieces,
				    COUNT(pattern_pieces));
	t.replacement_len = random_text(seed, t.replacement, 3,
					replacement_pieces,
					COUNT(replacement_pieces));
	if (below(seed, 4) == 0)
		t.init = below(seed, 16) - 6;
	if (below(seed, 4) == 0)
		t.n = below(seed, 4);
	return t;
}

static int push_trial(lua_State *L, const struct trial *t)
{
	lua_pushvalue(L, 1);
	lua_pushlstring(L, t->subject, t->subject_len);
	lua_pushlstring(L, t->pattern, t->pattern_len);
	lua_pushlstring(L, t->replacement, t->replacement_len);
	if (t->init)
		lua_pushinteger(L, t->init);
	else
		lua_pushnil(L);
	if (t->n)
		lua_pushinteger(L, t->n);
	else
		lua_pushnil(L);
	return 5;
}

static lua_State *new_oracle(void)
{
	lua_State *L = luaL_newstate();

	luaL_openlibs(L);
	assert_int_equal(luaL_loadbuffer(L, probe, strlen(probe), "@probe"),
			 LUA_OK);
	lua_call(L, 0, 1);
	return L;
}

static void compare(lua_State *oracle, struct sandbox *s, const struct trial *t,
		    const char *seed)
{
	lua_State *L = sandbox_state(s);
	struct err err = { "" };
	const char *want, *got;
	size_t want_len, got_len = 0;

	lua_call(oracle, push_trial(oracle, t), 1);
	want = lua_tolstring(oracle, -1, &want_len);
	bool ok = sandbox_call(s, push_trial(L, t), 1, 0, &err);
	got = ok ? lua_tolstring(L, -1, &got_len) : err.what;
	if (!ok || want_len != got_len || memcmp(want, got, want_len) != 0)
		fail_msg("SEED=%s: subject <%.*s> pattern <%.*s> replacement "
			 "<%.*s> init %d n %d\n want %s\n got  %s", seed,
			 (int)t->subject_len, t->subject, (int)t->pattern_len,
			 t->pattern, (int)t->replacement_len, t->replacement,
			 t->init, t->n, want, got);
	lua_settop(oracle, 1);
	lua_settop(L, 1);
}

static void answers_are_those_of_liblua(void **state)
{
	const char *seed_text = getenv("SEED") ? getenv("SEED") : "20240607";
	uint64_t seed = strtoull(seed_text, NULL, 10);
	long cases = getenv("CASES") ? atol(getenv("CASES")) : 210 * 1000;
	struct sandbox *s = sandbox_new(NULL);
	lua_State *oracle = new_oracle();
	struct err err;

	(void)state;
	assert_true(sandbox_load(s, "probe", probe, strlen(probe), &err));
	assert_true(sandbox_call(s, 0, 1, 0, &err));
	for (long i = 0; i < cases; i++) {
		struct trial t = random_trial(&seed);

		compare(oracle, s, &t, seed_text);
	}
	lua_close(oracle);
	sandbox_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_the_manual_says),
		cmocka_unit_test(captures_know_where_they_are),
		cmocka_unit_test(malformed_patterns_are_named),
		cmocka_unit_test(every_match_ends_when_its_steps_are_spent),
		cmocka_unit_test(answers_are_those_of_liblua),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
