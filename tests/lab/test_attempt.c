/* test_attempt.c - an attempt: time, words, checks and the verdict
 *
 * Method: modules written into a folder by the test, each with the one check
 * it is about, played by lines.  Goal: each type of check says what its name
 * promises, going back in time takes back what was seen, and whatever goes
 * wrong in grading is an error and never a pass.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/course/attempt.h"
#include "lab/paths.h"
#include "sim/stack/stack.h"

static char folder[64];

/* A module with one task of one check; `faults` may be "". */
static struct exercise *module_of(const char *check, const char *more)
{
	struct text t = {0}, path = {0};
	struct exercise *m;
	struct err err;

	text_addf(&t, "return lab.module{ format_version = 1, id = \"t.t\",\n"
		  "uuid = \"00000000-0000-4000-8000-000000000000\",\n"
		  "version = \"1.0.0\", status = \"wip\", title = \"t\",\n"
		  "blurb = \"b\", authors = { \"a\" }, license = \"MIT\",\n"
		  "engine = \">=0.1\", difficulty = 1, minutes = 1,\n"
		  "objectives = {}, competencies = {},\n"
		  "world = \"empty-kafka\", settle = \"0s\",\n"
		  "tasks = { { id = \"t\", text = \"t.md\", points = 3,\n"
		  "  kind = \"operate\", hints = {\n"
		  "    { cost = 1, text = \"one\" }, { cost = 2, text = \"two\",\n"
		  "      when = function(w) return w:now() > 100 end } },\n"
		  "  checks = { { id = \"c\", fail = \"FAIL\", %s } } } },\n"
		  "solution = { { \"t\", { \"true\" } } }, wrong = {},\n"
		  "debrief = \"t.md\", %s }\n", check, more);
	text_addf(&path, "%s/module.lua", folder);
	assert_true(path_write(text_cstr(&path), t.at, t.len, &err));
	text_clear(&path);
	text_addf(&path, "%s/t.md", folder);
	assert_true(path_write(text_cstr(&path), "T\n", 2, &err));
	m = exercise_load(folder);
	if (!exercise_good(m)) {
		exercise_refuse(m, &err);
		fail_msg("%s", err.what);
	}
	text_free(&t);
	text_free(&path);
	return m;
}

struct heard {
	struct text text;
};

static void hear(void *ctx, int stream, const char *bytes, size_t len)
{
	struct heard *h = ctx;

	(void)stream;
	text_bytes(&h->text, bytes, len);
}

static struct attempt *attempt_of(const struct exercise *m, struct heard *h)
{
	struct attempt_options o = { .seed = 1, .make = stack_world,
				     .out = h ? hear : NULL, .ctx = h };
	struct err err;
	struct attempt *a = attempt_new(m, &o, &err);

	if (!a)
		fail_msg("%s", err.what);
	return a;
}

static enum verdict_status grade(struct attempt *a)
{
	enum verdict_status s;
	struct verdict v;

	attempt_grade(a, &v);
	s = v.status;
	verdict_release(&v);
	return s;
}

#define AFTER(s)	"fn = function(w) return w:now() >= " #s " end"

static void each_type_says_what_it_promises(void **state)
{
	static const struct {
		const char *check;
		int seconds[3];			/* to run, then grade */
		enum verdict_status says[3];
	} cases[] = {
		{ "type = \"at\", " AFTER(10), { 5, 5, 5 },
		  { VERDICT_FAIL, VERDICT_PASS, VERDICT_PASS } },
		{ "type = \"at\", at = \"4s\", " AFTER(10), { 3, 5, 10 },
		  { VERDICT_FAIL, VERDICT_FAIL, VERDICT_FAIL } },
		{ "type = \"at\", at = \"T+12s\", " AFTER(10), { 3, 8, 2 },
		  { VERDICT_FAIL, VERDICT_FAIL, VERDICT_PASS } },
		{ "type = \"held\", hold = \"5s\", " AFTER(10), { 9, 4, 4 },
		  { VERDICT_FAIL, VERDICT_FAIL, VERDICT_PASS } },
		{ "type = \"eventually\", fn = function(w) return "
		  "w:now() >= 3 and w:now() < 5 end", { 2, 2, 20 },
		  { VERDICT_FAIL, VERDICT_PASS, VERDICT_PASS } },
		{ "type = \"always\", fn = function(w) return "
		  "w:now() < 8 or w:now() > 9 end", { 5, 5, 20 },
		  { VERDICT_PASS, VERDICT_FAIL, VERDICT_FAIL } },
		{ "type = \"always\", from = \"10s\", " AFTER(9), { 5, 5, 5 },
		  { VERDICT_FAIL, VERDICT_PASS, VERDICT_PASS } },
		{ "type = \"history\", fn = function(w, h) return "
		  "#h:commands() == 0 end", { 1, 1, 1 },
		  { VERDICT_PASS, VERDICT_PASS, VERDICT_PASS } },
		{ "type = \"budget\", of = \"minutes\", max = 0.1", { 5, 3, 1 },
		  { VERDICT_PASS, VERDICT_PASS, VERDICT_PASS } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exercise *m = module_of(cases[i].check, "");
		struct attempt *a = attempt_of(m, NULL);

		for (int k = 0; k < 3; k++) {
			enum verdict_status s;

			attempt_run(a, world_now(a->world) +
				       SIM_S(cases[i].seconds[k]));
			s = grade(a);
			if (s != cases[i].says[k])
				fail_msg("%s: step %d: %s", cases[i].check, k,
					 verdict_status_name(s));
		}
		attempt_free(a);
		exercise_free(m);
	}
}

static void grading_fails_closed(void **state)
{
	static const char *const checks[] = {
		"type = \"at\", fn = function() return nil end",
		"type = \"at\", fn = function() return 1 end",
		"type = \"at\", fn = function() return 0/0 end",
		"type = \"at\", fn = function() return \"true\" end",
		"type = \"at\", fn = function() error(\"no\") end",
		"type = \"at\", fn = function(w) return w.nothing.at.all end",
		"type = \"at\", fn = function() while true do end end",
		"type = \"at\", fn = function() local s = \"x\" while true do "
			"s = s .. s end end",
		"type = \"at\"",
		"type = \"history\"",
		"type = \"always\"",
		"type = \"always\", fn = function() return nil end",
		"type = \"budget\"",
		"type = \"answer\", answer = {}",
		"type = \"at\", fn = function() "
			"print(\"\\1{\\\"value\\\":{\\\"is\\\":\\\"boolean\\\","
			"\\\"ok\\\":true}}\") end",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct exercise *m = module_of(checks[i], "");
		struct attempt *a = attempt_of(m, NULL);
		struct verdict v;

		attempt_line(a, "answer t 1");
		attempt_run(a, SIM_S(3));
		attempt_grade(a, &v);
		if (v.status != VERDICT_ERROR || v.points != 0)
			fail_msg("%s: %s", checks[i],
				 verdict_status_name(v.status));
		verdict_release(&v);
		attempt_free(a);
		exercise_free(m);
	}
}

static void a_run_that_shows_nothing_is_an_error(void **state)
{
	static const char *const more[] = {
		"nonvacuous = function() return false end",
		"nonvacuous = function() return nil end",
		"nonvacuous = function() error(\"x\") end",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct exercise *m = module_of("type = \"at\", fn = function() "
					       "return true end", more[i]);
		struct attempt *a = attempt_of(m, NULL);

		assert_int_equal(grade(a), VERDICT_ERROR);
		attempt_free(a);
		exercise_free(m);
	}
}

static void a_fault_that_cannot_be_done_is_an_error(void **state)
{
	struct exercise *m = module_of(
		"type = \"at\", fn = function() return true end",
		"faults = { { id = \"f\", fault = \"hang\", at = \"2s\", "
		"args = { component = \"nobody\" } } }");
	struct attempt *a = attempt_of(m, NULL);

	(void)state;
	attempt_run(a, SIM_S(3));
	assert_int_equal(grade(a), VERDICT_ERROR);
	attempt_free(a);
	exercise_free(m);
}

#define HANG	"faults = { { id = \"f\", fault = \"hang\", at = \"5s\", "	\
		"args = { component = \"broker-2\" } } }"

static void a_diagnosis_is_compared_with_the_ledger(void **state)
{
	static const struct {
		const char *check, *line;
		enum verdict_status says;
	} cases[] = {
		{ "", "true", VERDICT_FAIL },
		{ "", "diagnose nothing", VERDICT_FAIL },
		{ "", "diagnose component=broker-2 mechanism=hang",
		  VERDICT_PASS },
		{ "", "diagnose component=broker-1 mechanism=hang",
		  VERDICT_FAIL },
		{ "", "diagnose component=broker-2 mechanism=kill",
		  VERDICT_FAIL },
		{ "", "diagnose component=broker-2", VERDICT_FAIL },
		{ "", "diagnose component=broker-2 mechanism=hnag",
		  VERDICT_FAIL },
		{ ", grade = { \"component\" }", "diagnose component=broker-2",
		  VERDICT_PASS },
		{ ", grade = { \"at\" }, within = \"2s\"", "diagnose at=T+6s",
		  VERDICT_PASS },
		{ ", grade = { \"at\" }, within = \"2s\"", "diagnose at=8s",
		  VERDICT_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char check[128];
		struct exercise *m;
		struct attempt *a;

		snprintf(check, sizeof(check), "type = \"diagnosis\"%s",
			 cases[i].check);
		m = module_of(check, HANG);
		a = attempt_of(m, NULL);
		attempt_line(a, "wait 10s");
		attempt_line(a, cases[i].line);
		if (grade(a) != cases[i].says)
			fail_msg("%s with %s", cases[i].line, check);
		attempt_free(a);
		exercise_free(m);
	}
}

static void nothing_wrong_is_right_when_nothing_is(void **state)
{
	struct exercise *m = module_of("type = \"diagnosis\"", "");
	struct attempt *a = attempt_of(m, NULL);

	(void)state;
	attempt_line(a, "diagnose component=broker-2 mechanism=hang");
	assert_int_equal(grade(a), VERDICT_FAIL);
	attempt_line(a, "diagnose nothing");
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_free(a);
	exercise_free(m);
}

static void answers_are_compared_as_what_they_are(void **state)
{
	static const struct {
		const char *check, *line;
		enum verdict_status says;
	} cases[] = {
		{ "answer = 40, tolerance = 0.1", "answer t 43", VERDICT_PASS },
		{ "answer = 40, tolerance = 0.1", "answer 36.5", VERDICT_PASS },
		{ "answer = 40, tolerance = 0.1", "answer t 45", VERDICT_FAIL },
		{ "answer = 40, tolerance = 0.1", "answer t nan", VERDICT_FAIL },
		{ "answer = 40, tolerance = 0.1", "answer t 40x", VERDICT_FAIL },
		{ "answer = 40", "answer t 40", VERDICT_PASS },
		{ "answer = \"broker-2\"", "answer t Broker-2", VERDICT_PASS },
		{ "answer = \"broker-2\"", "answer t broker-3", VERDICT_FAIL },
		{ "answer = \"broker-2\"", "true", VERDICT_FAIL },
		{ "fn = function(w, h, p, given) return given == \"a b\" end",
		  "answer t a b", VERDICT_PASS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char check[160];
		struct exercise *m;
		struct attempt *a;

		snprintf(check, sizeof(check), "type = \"answer\", %s",
			 cases[i].check);
		m = module_of(check, "");
		a = attempt_of(m, NULL);
		attempt_line(a, cases[i].line);
		if (grade(a) != cases[i].says)
			fail_msg("%s with %s", cases[i].line, check);
		attempt_free(a);
		exercise_free(m);
	}
}

/* It would be kept and never looked at; the sentence says who asks. */
static void an_answer_nobody_asked_for_is_refused(void **state)
{
	struct exercise *m =
		exercise_load("exercises/kafka-architecture/leaders");
	struct heard heard = {{0}};
	struct attempt *a = attempt_of(m, &heard);

	(void)state;
	text_clear(&heard.text);
	assert_int_equal(attempt_line(a, "answer home 5"), 2);
	assert_non_null(strstr(text_cstr(&heard.text), "task home asks for no "
			       "answer; this task does: "));
	assert_null(a->tasks[1].answer);
	attempt_free(a);
	exercise_free(m);
	text_free(&heard.text);
}

static void help_has_one_row_for_a_name(void **state)
{
	struct exercise *m =
		exercise_load("exercises/kafka-architecture/leaders");
	struct heard heard = {{0}};
	struct attempt *a = attempt_of(m, &heard);
	const char *first;

	(void)state;
	text_clear(&heard.text);
	assert_int_equal(attempt_line(a, "help"), 0);
	first = strstr(text_cstr(&heard.text), "\n  wait ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\n  wait "));
	assert_non_null(strstr(first, "\n  wc "));
	attempt_free(a);
	exercise_free(m);
	text_free(&heard.text);
}

/* What decides says itself, and then what time has to do with it, if it has. */
static void time_is_added_only_where_it_decides(void **state)
{
	static const struct {
		const char *check;
		int seconds;
		const char *want;
	} rows[] = {
		{ "type = \"held\", hold = \"5s\", fn = function() "
		  "return false, \"two wait\" end", 2, "two wait" },
		{ "type = \"held\", hold = \"5s\", fn = function() "
		  "return true, \"none waits\" end", 3,
		  "none waits; it is so for 2s now; it has to stay so for "
		  "5s" },
		{ "type = \"held\", hold = \"5s\", fn = function() "
		  "return true, \"None waits.\" end", 3,
		  "None waits. it is so for 2s now; it has to stay so for "
		  "5s" },
		{ "type = \"always\", fn = function() return false, \"\" end",
		  2, "the promise broke at T+00:01" },
		{ "type = \"at\", at = \"4s\", fn = function() return false, "
		  "\"two wait\" end", 5, "two wait" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exercise *m = module_of(rows[i].check, "");
		struct attempt *a = attempt_of(m, NULL);
		struct text why = {0};

		attempt_run(a, SIM_S(rows[i].seconds));
		assert_int_equal(attempt_check(a, 0, 0, &why), VERDICT_FAIL);
		assert_string_equal(text_cstr(&why), rows[i].want);
		text_free(&why);
		attempt_free(a);
		exercise_free(m);
	}
}

static void going_back_takes_back_what_was_seen(void **state)
{
	struct exercise *m = module_of("type = \"eventually\", fn = function(w) "
				       "return w:now() >= 20 end", HANG);
	struct attempt *a = attempt_of(m, NULL);
	uint64_t digest;

	(void)state;
	attempt_line(a, "wait 3s");
	attempt_line(a, "save early");
	attempt_line(a, "run until 25s");
	digest = world_digest(a->world);
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_line(a, "rewind early");
	assert_int_equal(world_now(a->world), SIM_S(3));
	assert_int_equal(grade(a), VERDICT_FAIL);
	attempt_line(a, "goto 25s");
	assert_int_equal(world_digest(a->world), digest);
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_line(a, "goto 0:10");
	assert_int_equal(world_now(a->world), SIM_S(10));
	attempt_free(a);
	exercise_free(m);
}

/* Several lines at one instant: the clock cannot tell which came before. */
static void going_back_keeps_the_lines_typed_before(void **state)
{
	struct exercise *m = module_of("type = \"at\", fn = function(w) return "
				       "w:now() > 1 end", HANG);
	struct attempt *a = attempt_of(m, NULL);

	(void)state;
	attempt_line(a, "wait 3s");
	attempt_line(a, "echo one");
	attempt_line(a, "echo two");
	attempt_line(a, "save here");
	attempt_line(a, "echo three");
	attempt_line(a, "wait 5s");
	attempt_line(a, "echo four");
	assert_int_equal(session_line_count(a->session), 4);
	attempt_line(a, "rewind here");
	assert_int_equal(session_line_count(a->session), 2);
	assert_string_equal(session_line_at(a->session, 1).line, "echo two");
	attempt_line(a, "echo five");
	assert_int_equal(session_line_count(a->session), 3);
	attempt_line(a, "goto 1s");
	assert_int_equal(session_line_count(a->session), 0);
	attempt_free(a);
	exercise_free(m);
}

static void a_promise_broken_later_revokes_the_pass(void **state)
{
	struct exercise *m = module_of("type = \"always\", fn = function(w) "
				       "return w:now() < 10 end", "");
	struct attempt *a = attempt_of(m, NULL);

	(void)state;
	attempt_run(a, SIM_S(5));
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_run(a, SIM_S(20));
	assert_int_equal(grade(a), VERDICT_FAIL);
	attempt_free(a);
	exercise_free(m);
}

static void a_gate_once_passed_stays_passed(void **state)
{
	struct exercise *m = module_of("type = \"at\", fn = function(w) return "
				       "w:now() < 10 end", "");
	struct attempt *a = attempt_of(m, NULL);

	(void)state;
	attempt_run(a, SIM_S(5));
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_run(a, SIM_S(20));
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_free(a);
	exercise_free(m);
}

static void hints_have_a_price_that_is_named_first(void **state)
{
	struct exercise *m = module_of("type = \"at\", fn = function(w) return "
				       "w:now() > 1 end", "");
	struct heard h = {{0}};
	struct attempt *a = attempt_of(m, &h);
	struct verdict v;

	(void)state;
	attempt_line(a, "hint");
	assert_non_null(strstr(text_cstr(&h.text), "costs 1 of 3"));
	assert_int_equal(attempt_hint_cost(a), 0);
	attempt_line(a, "yes");
	assert_int_equal(attempt_hint_cost(a), 1);
	attempt_line(a, "hint");
	assert_non_null(strstr(text_cstr(&h.text), "no more hints"));
	attempt_line(a, "wait 2m");
	attempt_line(a, "hint");
	assert_non_null(strstr(text_cstr(&h.text), "costs 2 of 3"));
	attempt_line(a, "reset yes");
	assert_int_equal(attempt_hint_cost(a), 1);
	attempt_run(a, SIM_S(5));
	attempt_grade(a, &v);
	assert_int_equal(v.points, 2);
	assert_int_equal(v.points_max, 3);
	verdict_release(&v);
	attempt_free(a);
	text_free(&h.text);
	exercise_free(m);
}

static void giving_up_shows_the_solution_and_is_no_pass(void **state)
{
	struct exercise *m = module_of("type = \"at\", fn = function() return "
				       "true end", "");
	struct heard h = {{0}};
	struct attempt *a = attempt_of(m, &h);

	(void)state;
	attempt_line(a, "giveup");
	assert_false(a->has_ended);
	attempt_line(a, "giveup yes");
	assert_true(a->has_ended);
	assert_non_null(strstr(text_cstr(&h.text), "The solution:\n  true\n"));
	assert_int_equal(grade(a), VERDICT_FAIL);
	attempt_free(a);
	text_free(&h.text);
	exercise_free(m);
}

static void what_is_no_word_goes_to_the_console(void **state)
{
	struct exercise *m = module_of("type = \"budget\", of = \"lines\", "
				       "max = 2", "");
	struct heard h = {{0}};
	struct attempt *a = attempt_of(m, &h);

	(void)state;
	attempt_line(a, "echo hello there");
	attempt_line(a, "wait");
	assert_non_null(strstr(text_cstr(&h.text), "hello there\n"));
	assert_int_equal(grade(a), VERDICT_PASS);
	attempt_line(a, "echo again");
	attempt_free(a);
	text_free(&h.text);
	exercise_free(m);
}

static void the_verdict_is_json_with_every_field(void **state)
{
	static const char *const keys[] = {
		"schema_version", "version", "status", "module", "module_hash",
		"engine", "seed", "digest", "score", "tasks", "invariants",
		"log",
	};
	static const char *const task_keys[] = {
		"id", "status", "check", "message", "rationale", "help",
		"points",
	};
	struct exercise *m = module_of("type = \"at\", fn = function() "
		"print(\"one\\ntwo\\1\\255\") return false, \"seen\" end", "");
	struct attempt *a = attempt_of(m, NULL);
	struct text t = {0};
	struct verdict v;
	json_error_t why;
	json_t *j, *task;

	(void)state;
	attempt_grade(a, &v);
	verdict_json(&v, &t);
	j = json_loads(text_cstr(&t), 0, &why);
	if (!j)
		fail_msg("%s: %s", why.text, text_cstr(&t));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_object_get(j, keys[i]))
			fail_msg("no %s", keys[i]);
	task = json_array_get(json_object_get(j, "tasks"), 0);
	for (size_t i = 0; i < sizeof(task_keys) / sizeof(task_keys[0]); i++)
		if (!json_object_get(task, task_keys[i]))
			fail_msg("no %s in a task", task_keys[i]);
	assert_string_equal(json_string_value(json_object_get(task, "message")),
			    "FAIL");
	assert_string_equal(json_string_value(json_object_get(task,
			    "rationale")), "seen");
	assert_int_equal(json_array_size(json_object_get(j, "log")), 2);
	json_decref(j);
	text_free(&t);
	verdict_release(&v);
	attempt_free(a);
	exercise_free(m);
}

static void a_hidden_check_does_not_say_what_it_saw(void **state)
{
	struct exercise *m = module_of("type = \"at\", hidden = true, "
		"fn = function() return false, \"secret\" end", "");
	struct attempt *a = attempt_of(m, NULL);
	struct text t = {0};
	struct verdict v;

	(void)state;
	attempt_grade(a, &v);
	verdict_json(&v, &t);
	assert_null(strstr(text_cstr(&t), "secret"));
	text_free(&t);
	verdict_release(&v);
	attempt_free(a);
	exercise_free(m);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/millrace-attempt-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/module.lua", folder);
	remove(path);
	snprintf(path, sizeof(path), "%s/t.md", folder);
	remove(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_says_what_it_promises),
		cmocka_unit_test(grading_fails_closed),
		cmocka_unit_test(a_run_that_shows_nothing_is_an_error),
		cmocka_unit_test(a_fault_that_cannot_be_done_is_an_error),
		cmocka_unit_test(a_diagnosis_is_compared_with_the_ledger),
		cmocka_unit_test(nothing_wrong_is_right_when_nothing_is),
		cmocka_unit_test(answers_are_compared_as_what_they_are),
		cmocka_unit_test(an_answer_nobody_asked_for_is_refused),
		cmocka_unit_test(help_has_one_row_for_a_name),
		cmocka_unit_test(time_is_added_only_where_it_decides),
		cmocka_unit_test(going_back_takes_back_what_was_seen),
		cmocka_unit_test(going_back_keeps_the_lines_typed_before),
		cmocka_unit_test(a_promise_broken_later_revokes_the_pass),
		cmocka_unit_test(a_gate_once_passed_stays_passed),
		cmocka_unit_test(hints_have_a_price_that_is_named_first),
		cmocka_unit_test(giving_up_shows_the_solution_and_is_no_pass),
		cmocka_unit_test(what_is_no_word_goes_to_the_console),
		cmocka_unit_test(the_verdict_is_json_with_every_field),
		cmocka_unit_test(a_hidden_check_does_not_say_what_it_saw),
	};

	return cmocka_run_group_tests_name("attempt", tests, setup, teardown);
}
