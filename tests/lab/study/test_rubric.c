/* test_rubric.c - one's own rating beside what the runs say
 *
 * Method: tables of runs against one statement, and the real rubric on a store
 * in memory.  Goal: few runs say nothing, help and practice are told apart, and
 * a rating never becomes evidence.
 */
#include "tests/test.h"

#include "lab/study/rubric.h"

static struct rubric *the_rubric(void)
{
	struct err err;
	struct rubric *r = rubric_load(".", &err);

	if (!r)
		fail_msg("%s", err.what);
	return r;
}

static void the_guide_has_twelve_statements_in_three_groups(void **state)
{
	struct err err;
	struct catalog *c = catalog_load(".", &err);
	struct rubric *r = the_rubric();

	(void)state;
	assert_int_equal(r->count, 12);
	for (size_t i = 0; i < 12; i++) {
		const struct rubric_statement *s = &r->at[i];

		assert_ptr_equal(rubric_find(r, s->id), s);
		assert_string_equal(s->group, r->at[i / 4 * 4].group);
		for (size_t k = 0; k < RUBRIC_RATINGS; k++)
			assert_true(strlen(s->anchors[k]) > 10);
		/* What it is about exists: a competency, or an area of some. */
		for (size_t k = 0; k < json_array_size(s->about); k++) {
			const char *name = json_string_value(
				json_array_get(s->about, k));
			bool found = false;

			for (size_t n = 0; n < json_array_size(c->competencies);
			     n++)
				found = found || strncmp(catalog_text(
					json_array_get(c->competencies, n),
					"id"), name, strlen(name)) == 0;
			if (!found)
				fail_msg("%s: there is no %s", s->id, name);
		}
	}
	assert_null(rubric_find(r, "T9"));
	rubric_free(r);
	catalog_free(c);
}

static struct rubric_run run(const char *name, const char *competency,
			     unsigned kinds, enum evidence_result result,
			     double mastery)
{
	return (struct rubric_run){
		.run = name, .competency = competency, .kinds = kinds,
		.systems = 3, .result = result, .weight = 1,
		.mastery = mastery,
	};
}

static void below_three_runs_nothing_is_said(void **state)
{
	struct rubric *r = the_rubric();
	const struct rubric_statement *s = rubric_find(r, "T2");
	struct rubric_run runs[] = {
		run("1", "kafka.topics", KIND_DIAGNOSE, EVIDENCE_PASSED, 1),
		run("2", "kafka.topics", KIND_DIAGNOSE, EVIDENCE_FAILED, 1),
		run("3", "kafka.topics", KIND_DIAGNOSE, EVIDENCE_HELPED, 1),
	};
	struct rubric_says says;
	struct text t = {0};

	(void)state;
	rubric_weigh(s, runs, 2, &says);
	assert_int_equal(says.voice, RUNS_TOO_FEW);
	assert_int_equal(rubric_compare(5, &says), GAP_NONE);
	rubric_evidence_text(s, &says, &t);
	assert_string_equal(text_cstr(&t), "2 runs: 1 passed alone, 0 with "
			    "help, 1 failed. 3 are needed; what counts is "
			    "diagnose.");
	rubric_weigh(s, runs, 3, &says);
	assert_int_equal(says.voice, RUNS_SAY);
	assert_true(says.says == 5);
	assert_int_equal(says.passed, 1);
	assert_int_equal(says.helped, 1);
	assert_int_equal(says.failed, 1);
	text_free(&t);
	rubric_free(r);
}

/* 1 + 4 x the weighted mean of mastery. */
static void what_is_said_is_the_weighted_mean(void **state)
{
	struct rubric *r = the_rubric();
	const struct rubric_statement *s = rubric_find(r, "T2");
	struct rubric_run runs[] = {
		run("1", "kafka.topics", KIND_DIAGNOSE, EVIDENCE_PASSED, 1),
		run("1", "ops.diagnosis", KIND_DIAGNOSE, EVIDENCE_PASSED, 0.5),
		run("2", "kafka.topics", KIND_DIAGNOSE, EVIDENCE_PASSED, 1),
		run("3", "kafka.topics", KIND_DIAGNOSE, EVIDENCE_PASSED, 1),
	};
	struct rubric_says says;

	(void)state;
	runs[0].weight = 0.5;
	runs[1].weight = 0.5;
	rubric_weigh(s, runs, 4, &says);
	assert_int_equal(says.runs, 3);		/* run 1 counts once */
	assert_true(says.says > 4.66 && says.says < 4.67);
	assert_int_equal(rubric_compare(5, &says), GAP_AGREES);
	assert_int_equal(rubric_compare(4, &says), GAP_UNDER);
	runs[0].mastery = runs[2].mastery = runs[3].mastery = 0.2;
	rubric_weigh(s, runs, 4, &says);
	assert_int_equal(rubric_compare(4, &says), GAP_OVER);
	assert_int_equal(rubric_compare(0, &says), GAP_NONE);
	rubric_free(r);
}

static void only_runs_that_speak_to_it_count(void **state)
{
	static const struct {
		const char *statement, *competency;
		unsigned kinds;
		int systems;
		enum evidence_result result;
		bool counts;
	} rows[] = {
		{ "T2", "kafka.topics", KIND_DIAGNOSE, 1, EVIDENCE_PASSED, 1 },
		{ "T2", "kafka.topics", KIND_OPERATE, 1, EVIDENCE_PASSED, 0 },
		{ "T2", "kafka.topics", KIND_DIAGNOSE, 1, EVIDENCE_PRACTICE,
		  0 },
		{ "T3", "perf.latency", KIND_OPERATE, 1, EVIDENCE_FAILED, 1 },
		{ "T3", "kafka.topics", KIND_OPERATE, 1, EVIDENCE_FAILED, 0 },
		{ "T3", "perfection", KIND_OPERATE, 1, EVIDENCE_FAILED, 0 },
		{ "P2", "kafka.topics", KIND_BUILD, 3, EVIDENCE_PASSED, 1 },
		{ "P2", "kafka.topics", KIND_BUILD, 2, EVIDENCE_PASSED, 0 },
		{ "P4", "kafka.topics", KIND_DESIGN, 5, EVIDENCE_PASSED, 0 },
	};
	struct rubric *r = the_rubric();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rubric_run one = run("1", rows[i].competency,
					    rows[i].kinds, rows[i].result, 1);

		one.systems = rows[i].systems;
		if (rubric_run_counts(rubric_find(r, rows[i].statement),
				      &one) != rows[i].counts)
			fail_msg("row %zu", i);
	}
	rubric_free(r);
}

static void what_runs_cannot_tell_stays_unmeasured(void **state)
{
	struct rubric *r = the_rubric();
	struct rubric_run runs[9];
	struct rubric_says says;
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < 9; i++)
		runs[i] = run((const char *[]){ "a", "b", "c", "d", "e", "f",
						"g", "h", "i" }[i],
			      "arch.decision", KIND_DESIGN, EVIDENCE_PASSED,
			      1);
	rubric_weigh(rubric_find(r, "P4"), runs, 9, &says);
	assert_int_equal(says.voice, RUNS_UNMEASURED);
	rubric_says_text(&says, &t);
	assert_string_equal(text_cstr(&t), "not measured");
	text_free(&t);
	rubric_free(r);
}

static const struct rubric_row *row(const struct rubric_page *p,
				    const char *id)
{
	size_t i = 0;

	while (strcmp(p->at[i].statement->id, id) != 0)
		i++;
	return &p->at[i];
}

static void the_page_is_computed_from_the_record(void **state)
{
	struct store_options o = { .now_ms = 1000, .memory = true,
				   .device = "00000000000000aa" };
	struct err err;
	struct catalog *c = catalog_load(".", &err);
	struct store *s = store_open("", &o, &err);
	struct rubric *r = the_rubric();
	struct rubric_page page;
	struct text body = {0};

	(void)state;
	assert_non_null(s);
	for (int i = 1; i <= 3; i++) {
		text_clear(&body);
		text_addf(&body, "{\"item\":\"x.%d\",\"variant\":1,"
			  "\"competencies\":{\"bigdata.delivery\":1},"
			  "\"options\":4,\"answer\":\"1\",\"right\":true,"
			  "\"sure\":\"sure\",\"looked\":false}", i);
		if (!store_append(s, EVENT_ITEM_ANSWERED, text_cstr(&body),
				  1000 + i, &err))
			fail_msg("%s", err.what);
	}
	for (int rating = 2; rating <= 4; rating += 2) {
		text_clear(&body);
		rubric_event(rubric_find(r, "T1"), rating, &body);
		if (!store_append(s, EVENT_RUBRIC_RATED, text_cstr(&body),
				  2000 + rating, &err))
			fail_msg("%s", err.what);
	}
	assert_true(rubric_look(r, s, c, 3000, &page, &err));
	assert_int_equal(page.rated, 1);
	assert_int_equal(row(&page, "T1")->rating, 4);	/* the latest */
	assert_int_equal(row(&page, "T1")->says.runs, 3);
	assert_int_equal(row(&page, "T1")->says.passed, 3);
	assert_int_equal(row(&page, "T1")->says.voice, RUNS_SAY);
	assert_true(row(&page, "T1")->says.says > 1);
	assert_int_equal(row(&page, "P3")->says.runs, 3);
	assert_int_equal(row(&page, "T2")->says.runs, 0);
	text_free(&body);
	rubric_free(r);
	store_close(s);
	catalog_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_guide_has_twelve_statements_in_three_groups),
		cmocka_unit_test(below_three_runs_nothing_is_said),
		cmocka_unit_test(what_is_said_is_the_weighted_mean),
		cmocka_unit_test(only_runs_that_speak_to_it_count),
		cmocka_unit_test(what_runs_cannot_tell_stays_unmeasured),
		cmocka_unit_test(the_page_is_computed_from_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
