/* test_verify.c - broken exercises are found out
 *
 * Method: fixtures that differ from a good one in a single thing
 * (tests/fixtures/modules/), each proven; the proof that must not hold is in a
 * table.  Goal: every planted break is named by the proof made for it, and the
 * good one holds.
 */
#include "tests/test.h"

#include "lab/course/lint.h"
#include "lab/course/verify.h"
#include "sim/stack/stack.h"

static void prove(const char *name, run_maker *make, struct exercise **m,
		  struct verify_report *r)
{
	struct verify_options o = { .make = make, .seeds = 1 };
	char folder[128];

	snprintf(folder, sizeof(folder), "tests/fixtures/modules/%s", name);
	*m = exercise_load(folder);
	lint_exercise(*m, NULL);
	if (!exercise_good(*m)) {
		struct err err;

		exercise_refuse(*m, &err);
		fail_msg("%s", err.what);
	}
	verify_exercise(*m, &o, r);
}

static const struct proof *proof_of(const struct verify_report *r,
				    const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->proofs[i].name, name) == 0)
			return &r->proofs[i];
	fail_msg("no proof %s", name);
	return NULL;
}

static void a_good_exercise_holds(void **state)
{
	struct verify_report r;
	struct exercise *m;
	struct text t = {0};

	(void)state;
	prove("good", stack_world, &m, &r);
	verify_text(&r, &t);
	if (!r.good)
		fail_msg("%s", text_cstr(&t));
	for (size_t i = 0; i < r.count; i++)
		if (strcmp(r.proofs[i].name, "V6") != 0)
			assert_int_equal(r.proofs[i].status, PROOF_HOLDS);
	text_free(&t);
	verify_release(&r);
	exercise_free(m);
}

static void each_planted_break_is_named(void **state)
{
	static const struct {
		const char *fixture, *proof, *says;
	} cases[] = {
		{ "v1", "V1", "task topic is passed although" },
		{ "v2", "V2", "task topic, check shape" },
		{ "v4", "V4", "task cause, check well" },
		{ "v5", "V5", "wrong fix \"one partition\"" },
		{ "v5-class", "V5", "wrong fix \"wait\" is declared masked "
		  "but found coincidental" },
		{ "v8", "V8", "check calm" },
		{ "v9", "V9", "nobody" },
		{ "v13", "V13", "task topic passes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verify_report r;
		const struct proof *p;
		struct exercise *m;

		prove(cases[i].fixture, stack_world, &m, &r);
		p = proof_of(&r, cases[i].proof);
		assert_false(r.good);
		if (p->status != PROOF_FAILS ||
		    !strstr(p->message, cases[i].says))
			fail_msg("%s, %s says: %s", cases[i].fixture,
				 cases[i].proof, p->message);
		verify_release(&r);
		exercise_free(m);
	}
}

static void a_class_that_nobody_can_prove_is_refused(void **state)
{
	struct exercise *m = exercise_load("tests/fixtures/modules/v5-words");
	struct err err;

	(void)state;
	lint_exercise(m, NULL);
	assert_false(exercise_good(m));
	exercise_refuse(m, &err);
	assert_non_null(strstr(err.what, "this version cannot prove that a "
			       "wrong fix is suppressed"));
	assert_non_null(strstr(err.what, "[wrong]"));
	exercise_free(m);
}

/* A world that depends on something outside: here, on how often it was made. */
static struct world *fickle(const char *name, uint64_t seed,
			    const char *params, struct err *err)
{
	static uint64_t made;

	return stack_world(name, seed + ++made, params, err);
}

static void a_world_that_does_not_repeat_is_found(void **state)
{
	struct verify_report r;
	struct exercise *m;

	(void)state;
	prove("good", fickle, &m, &r);
	assert_int_equal(proof_of(&r, "V3")->status, PROOF_FAILS);
	assert_int_equal(proof_of(&r, "V9")->status, PROOF_FAILS);
	verify_release(&r);
	exercise_free(m);
}

static void a_report_is_json_with_every_proof(void **state)
{
	struct verify_report r;
	struct exercise *m;
	struct text t = {0};
	json_error_t why;
	json_t *j;

	(void)state;
	prove("v13", stack_world, &m, &r);
	verify_json(&r, &t);
	j = json_loads(text_cstr(&t), 0, &why);
	assert_non_null(j);
	assert_true(json_is_false(json_object_get(j, "good")));
	assert_int_equal(json_array_size(json_object_get(j, "proofs")),
			 r.count);
	json_decref(j);
	text_free(&t);
	verify_release(&r);
	exercise_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_exercise_holds),
		cmocka_unit_test(each_planted_break_is_named),
		cmocka_unit_test(a_class_that_nobody_can_prove_is_refused),
		cmocka_unit_test(a_world_that_does_not_repeat_is_found),
		cmocka_unit_test(a_report_is_json_with_every_proof),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
