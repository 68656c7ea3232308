/* test_lint.c - rules for modules, and places in their files
 *
 * Method: the good fixture with one piece of its text replaced, written into a
 * folder of the test's own; the rule that has to speak and the line it has to
 * name are in a table.  Goal: every rule sees its sin at the right place, and
 * the good fixture has none.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/author/names.h"
#include "lab/course/lint.h"
#include "lab/course/lualex.h"
#include "lab/paths.h"

#define FIXTURE	"tests/fixtures/modules/good"

static char folder[64];

static void copy_file(const char *name, const char *from, const char *to)
{
	struct text t = {0}, out = {0}, path = {0};
	const char *at;
	struct err err;

	text_addf(&path, FIXTURE "/%s", name);
	assert_true(path_read(text_cstr(&path), 1 << 20, &t, &err));
	at = *from ? strstr(text_cstr(&t), from) : NULL;
	if (*from && !at)
		fail_msg("the fixture has no `%s`", from);
	if (at) {
		text_bytes(&out, text_cstr(&t), (size_t)(at - t.at));
		text_add(&out, to);
		text_add(&out, at + strlen(from));
	} else {
		text_add(&out, text_cstr(&t));
	}
	text_clear(&path);
	text_addf(&path, "%s/%s", folder, name);
	assert_true(path_write(text_cstr(&path), out.at, out.len, &err));
	text_free(&path);
	text_free(&out);
	text_free(&t);
}

/* The fixture with `from` replaced by `to` in one of its files. */
static struct exercise *changed(const char *file, const char *from,
				const char *to)
{
	static const char *const files[] = { "module.lua", "text/task.md",
					     "text/debrief.md" };
	char texts[80];
	struct exercise *m;
	struct err err;

	snprintf(texts, sizeof(texts), "%s/text", folder);
	assert_true(path_make(texts, &err));
	for (int i = 0; i < 3; i++)
		copy_file(files[i], strcmp(files[i], file) == 0 ? from : "",
			  to);
	m = exercise_load(folder);
	lint_exercise(m, NULL);
	return m;
}

static const struct problem *problem_of(const struct exercise *m,
					const char *rule)
{
	for (size_t i = 0; i < m->problems.count; i++)
		if (strcmp(m->problems.at[i].rule, rule) == 0)
			return &m->problems.at[i];
	return NULL;
}

static void say_all(const struct exercise *m)
{
	for (size_t i = 0; i < m->problems.count; i++) {
		struct text t = {0};

		problem_text(&m->problems.at[i], &t);
		printf("%s\n", text_cstr(&t));
		text_free(&t);
	}
}

static void the_good_one_has_no_problem(void **state)
{
	struct exercise *m = changed("module.lua", "", "");

	(void)state;
	say_all(m);
	assert_int_equal(m->problems.count, 0);
	assert_true(exercise_good(m));
	assert_int_equal(strlen(m->hash), 64);
	exercise_free(m);
}

static const struct sin {
	const char *from, *to, *rule;
} sins[] = {
	{ "  title =", "  titel =", "unknown-key" },
	{ "  title = \"good\",\n", "", "missing-key" },
	{ "minutes = 1,", "minutes = \"one\",", "wrong-type" },
	{ "start = \"30s\"", "start = \"soon\"", "wrong-type" },
	{ "status = \"wip\"", "status = \"wipp\"", "bad-value" },
	{ "kind = \"operate\"", "kind = \"opperate\"", "bad-value" },
	{ "type = \"diagnosis\"", "type = \"diagnose\"", "bad-value" },
	{ "format_version = 1", "format_version = 2", "format-version" },
	{ "format_version = 1", "format_version = 0", "format-version" },
	{ "fixture.good", "Fixture.Good", "id" },
	{ "fixture.good", "good", "id" },
	{ "-4000-8000-", "-1000-8000-", "uuid" },
	{ "version = \"1.0.0\"", "version = \"1.0\"", "version" },
	{ ">=0.1 <1.0", ">=7.0", "engine" },
	{ ">=0.1 <1.0", "any", "engine" },
	{ "difficulty = 1", "difficulty = 11", "range" },
	{ "minutes = 1", "minutes = 0", "range" },
	{ "\"Create a topic\"", "\"Understand topics\"", "objective-verb" },
	{ "[\"kafka.topics\"] = 1 ", "[\"kafka.topics\"] = 0.5 ", "weights" },
	{ "  world =", "  prerequisites = { \"kafka.topics\" },\n  world =",
	  "own-prerequisite" },
	{ "world = \"empty-kafka\"", "world = \"empty-kafak\"",
	  "unknown-world" },
	{ "fault = \"hang\"", "fault = \"hnag\"", "unknown-fault" },
	{ "nonvacuous =", "teardown =", "vacuous" },
	{ "symptom = true", "symptom = false", "symptom" },
	{ "id = \"cause\", kind", "id = \"topic\", kind", "duplicate-id" },
	{ "id = \"well\"", "id = \"said\"", "duplicate-id" },
	{ "hintless = \"a fixture\"", "hints = {}", "hints" },
	{ "hintless = \"a fixture\"", "hintless = \"x\", hints = {\n"
	  "{ cost = 0, text = \"a\" }, { cost = 0, text = \"a\" } }",
	  "duplicate-hint" },
	{ "points = 2", "points = -2", "range" },
	{ "points = 2", "needs = { \"cause\" }, points = 2", "needs" },
	{ "points = 2", "needs = { \"nothing\" }, points = 2", "needs" },
	{ "  world =", "  points = 5,\n  world =", "points" },
	{ "type = \"at\",\n          fn = function(w)", "type = \"at\",\n"
	  "          hidden = function(w)", "wrong-type" },
	{ "must_fail = \"topic.shape\"", "must_fail = \"topic.shpae\"",
	  "wrong" },
	{ "{ \"topic\", { create(3) } }", "{ \"topik\", { create(3) } }",
	  "solution" },
	{ "    { \"topic\", { create(3) } },\n", "", "solution" },
	{ "\"There is no topic alerts of three partitions.\"",
	  "\"Type: diagnose component=broker-3 mechanism=hang\"",
	  "fail-leaks" },
	{ "text/task.md", "text/nothing.md", "text" },
	{ "text/task.md", "../good/text/task.md", "text" },
	{ "local SERVER", "local t = os.time()\nlocal SERVER", "lua" },
	{ "return topic ~= nil and", "return io.open(\"x\") and", "forbidden" },
	{ "return topic ~= nil and", "return math.random() and", "forbidden" },
	{ "return topic ~= nil and", "return require(\"x\") and", "forbidden" },
	{ "return topic ~= nil and", "return string.dump(f) and",
	  "forbidden" },
	{ "return topic ~= nil and", "return next(topic) and", "forbidden" },
	{ "return topic ~= nil and", "return topik ~= nil and",
	  "unknown-name" },
	{ "return topic ~= nil and", "return math.flor(1) and",
	  "unknown-name" },
	{ "return lab.module{", "return lab.module{{", "lua" },
	{ "return lab.module{", "return {", "lua" },
};

static void every_sin_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sins) / sizeof(sins[0]); i++) {
		struct exercise *m = changed("module.lua", sins[i].from,
					     sins[i].to);

		if (!problem_of(m, sins[i].rule)) {
			say_all(m);
			fail_msg("`%s` -> `%s`: rule %s says nothing",
				 sins[i].from, sins[i].to, sins[i].rule);
		}
		exercise_free(m);
	}
}

static void pages_are_read_too(void **state)
{
	static const struct sin pages[] = {
		{ "# Do it", "### Do it", "heading" },
		{ "Make", "See [this](nothing.md). Make", "link" },
		{ "Make", "```\n$ make\n```\nMake", "prompt" },
		{ "Make", "```\nMake", "fence" },
		{ "Make", "![](task.md)\nMake", "alt-text" },
		{ "Make", "Press {key:check}. Make", "key" },
		{ "Make", "```\n{key:Exercise.Check}\n```\nMake", "key" },
		{ "Make", "Make a very long line, longer than anybody would "
		  "want to read on a screen of eighty columns", "width" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct exercise *m = changed("text/task.md", pages[i].from,
					     pages[i].to);

		if (!problem_of(m, pages[i].rule))
			fail_msg("rule %s says nothing", pages[i].rule);
		exercise_free(m);
	}
}

/* Where `what` begins in a text. */
static void find(const char *source, const char *what, int *line, int *column)
{
	const char *at = strstr(source, what);

	assert_non_null(at);
	*line = *column = 1;
	for (const char *c = source; c < at; c++) {
		*column = *c == '\n' ? 1 : *column + 1;
		*line += *c == '\n';
	}
}

static void expect_text(const struct problem *p, const char *want)
{
	struct text t = {0};

	assert_non_null(p);
	problem_text(p, &t);
	if (strcmp(text_cstr(&t), want) != 0)
		fail_msg("%s, not %s", text_cstr(&t), want);
	text_free(&t);
}

/* FILE:LINE:COLUMN: error: message [rule], where the field stands. */
static void problems_stand_where_the_field_does(void **state)
{
	struct exercise *m = changed("module.lua", "kind = \"operate\"",
				     "kind = \"opperate\"");
	int line, column;
	char want[320];

	(void)state;
	find(text_cstr(&m->source), "kind = \"opperate\"", &line, &column);
	snprintf(want, sizeof(want), "%s/module.lua:%d:%d: error: kind cannot "
		 "be \"opperate\"; it is one of operate, predict, diagnose, "
		 "design, build, quiz; did you mean `operate`? [bad-value]",
		 folder, line, column);
	expect_text(problem_of(m, "bad-value"), want);
	exercise_free(m);
}

static void a_misspelled_name_is_found_where_it_is_used(void **state)
{
	struct exercise *m = changed("module.lua", "return topic ~= nil",
				     "return topik ~= nil");
	int line, column;
	char want[320];

	(void)state;
	find(text_cstr(&m->source), "topik", &line, &column);
	snprintf(want, sizeof(want), "%s/module.lua:%d:%d: error: nothing "
		 "makes the name `topik`; did you mean `topic`? [unknown-name]",
		 folder, line, column);
	expect_text(problem_of(m, "unknown-name"), want);
	exercise_free(m);
}

static void what_lua_can_write_is_no_unknown_name(void **state)
{
	static const char source[] =
		"local a <const>, b = 1, 2\n"
		"function made(x, ...) local y = select('#', ...) return x..y "
		"end\n"
		"local function own(t) t.key, t.other = 1, 2 return t:call() "
		"end\n"
		"set = 1\n"
		"for i, v in pairs{ name = a, [b] = { deep = own } } do\n"
		"  goto next_one\n"
		"  ::next_one::\n"
		"end\n"
		"repeat local z = set until z == 0x1F or made == nil\n"
		"return { f = function(w) if w then return { k = w } end end,\n"
		"  g = math.floor(2.5e3), h = ('x'):rep(3), i = _G.set }\n";
	struct problems p = {0};

	(void)state;
	names_lint("x", source, sizeof(source) - 1, &p);
	for (size_t i = 0; i < p.count; i++)
		printf("%d: %s\n", p.at[i].line, p.at[i].message);
	assert_int_equal(p.count, 0);
	problems_release(&p);
}

static void a_field_of_a_table_makes_no_name(void **state)
{
	static const char source[] = "return { fn = function() return "
				     "helper(1), helper(2) end, helper = 1 }";
	struct problems p = {0};

	(void)state;
	names_lint("x", source, sizeof(source) - 1, &p);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.at[0].column, 33);
	problems_release(&p);
}

/* Any cut of a real module: the reader of names comes back. */
static void names_end_on_any_text(void **state)
{
	struct text t = {0};
	struct err err;

	(void)state;
	assert_true(path_read(FIXTURE "/module.lua", 1 << 20, &t, &err));
	for (size_t len = 0; len <= t.len; len += 3) {
		char *exact = malloc(len + 1);
		struct problems p = {0};

		assert_non_null(exact);
		memcpy(exact, t.at, len);
		exact[len] = '\0';
		names_lint("x", exact, len, &p);
		problems_release(&p);
		free(exact);
	}
	text_free(&t);
}

static void a_page_is_named_itself(void **state)
{
	struct exercise *m = changed("text/task.md", "Make", "{key:x} Make");
	const struct problem *p = problem_of(m, "key");
	char file[96];

	(void)state;
	assert_non_null(p);
	snprintf(file, sizeof(file), "%s/text/task.md", folder);
	assert_string_equal(p->file, file);
	exercise_free(m);
}

static void paths_begin_in_the_current_folder(void **state)
{
	char here[4096], path[4200];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(path, sizeof(path), "%s/a/b.lua", here);
	assert_string_equal(problem_path(path), "a/b.lua");
	snprintf(path, sizeof(path), "%sx/b.lua", here);
	assert_string_equal(problem_path(path), path);
	assert_string_equal(problem_path("././/a.lua"), "a.lua");
	assert_string_equal(problem_path("../a.lua"), "../a.lua");
	assert_string_equal(problem_path("/a.lua"), "/a.lua");
}

static void equal_ids_are_found_among_modules(void **state)
{
	struct exercise *m[2] = {
		exercise_load(FIXTURE), exercise_load(FIXTURE),
	};

	(void)state;
	lint_together(m, 2);
	assert_non_null(problem_of(m[1], "duplicate-id"));
	assert_non_null(problem_of(m[1], "duplicate-uuid"));
	exercise_free(m[0]);
	exercise_free(m[1]);
}

static void places_know_nested_fields(void **state)
{
	static const char source[] =
		"local x = { a = 1 }\n"
		"-- return { z = 1 }\n"
		"return lab.module{\n"
		"  id = \"a{b\", [\"q.r\"] = [==[ } ]==],\n"
		"  list = {\n"
		"    { fn = function() if x then return { y = 1 } end end,\n"
		"      last = 2 },\n"
		"    7, 'it\\'s', { deep = { 1, two = 2 } } },\n"
		"  cond = a == b, after = 3\n"
		"}\n";
	static const struct { const char *path; int line, column; } cases[] = {
		{ "id", 4, 3 }, { "[q.r]", 4, 15 }, { "list", 5, 3 },
		{ "list[1]", 6, 5 }, { "list[1].fn", 6, 7 },
		{ "list[1].fn.y", 6, 7 }, { "list[1].last", 7, 7 },
		{ "list[2]", 8, 5 }, { "list[4].deep.two", 8, 31 },
		{ "cond", 9, 3 }, { "after", 9, 18 }, { "nothing", 1, 1 },
		{ "lis", 1, 1 },
	};
	struct places p;

	(void)state;
	places_read(&p, source, sizeof(source) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place at = places_find(&p, cases[i].path);

		if (at.line != cases[i].line || at.column != cases[i].column)
			fail_msg("%s: %d:%d", cases[i].path, at.line,
				 at.column);
	}
	places_release(&p);
}

/* Any cut of a real module: the reader comes back. */
static void places_end_on_any_text(void **state)
{
	struct text t = {0};
	struct err err;

	(void)state;
	assert_true(path_read(FIXTURE "/module.lua", 1 << 20, &t, &err));
	for (size_t len = 0; len <= t.len; len++) {
		char *exact = malloc(len + 1);
		struct places p;

		assert_non_null(exact);
		memcpy(exact, t.at, len);
		exact[len] = '\0';
		places_read(&p, exact, len);
		places_release(&p);
		free(exact);
	}
	text_free(&t);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/millrace-lint-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "module.lua", "text/task.md",
					     "text/debrief.md", "text", "" };
	char path[128];

	(void)state;
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (remove(path) != 0)
			return -1;
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_good_one_has_no_problem),
		cmocka_unit_test(every_sin_is_seen),
		cmocka_unit_test(pages_are_read_too),
		cmocka_unit_test(problems_stand_where_the_field_does),
		cmocka_unit_test(a_misspelled_name_is_found_where_it_is_used),
		cmocka_unit_test(what_lua_can_write_is_no_unknown_name),
		cmocka_unit_test(a_field_of_a_table_makes_no_name),
		cmocka_unit_test(names_end_on_any_text),
		cmocka_unit_test(a_page_is_named_itself),
		cmocka_unit_test(paths_begin_in_the_current_folder),
		cmocka_unit_test(equal_ids_are_found_among_modules),
		cmocka_unit_test(places_know_nested_fields),
		cmocka_unit_test(places_end_on_any_text),
	};

	return cmocka_run_group_tests_name("lint", tests, setup, teardown);
}
