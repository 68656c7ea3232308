/* test_verbs_study.c - assess and review on the command line
 *
 * Method: whole command lines, with a home of the test's own and lines on
 * standard input.  Goal: what is answered is in the record, a mistake is
 * no answer, and the lines say what to do next.
 */
#include "tests/test.h"

#include <time.h>
#include <unistd.h>

#include "lab/cli.h"
#include "lab/progress/progress.h"
#include "lab/study/review.h"
#include "lab/verbs.h"

static const struct cli_option options[] = {
	{ "count", "N", "questions" }, { "answers", "LIST", "answers" },
	{ "seed", "N", "seed" }, { "minutes", "N", "minutes" },
	{ "answer", "TEXT", "answer" }, { "json", NULL, "JSON" },
	{ NULL, NULL, NULL },
};
static const struct cli_verb verbs[] = {
	{ "assess", "", "Assess", NULL, options, 0, -1, false, verb_assess },
	{ "review", "", "Review", NULL, options, 0, -1, false, verb_review },
	{ NULL, NULL, NULL, NULL, NULL, 0, 0, false, NULL },
};

static char home[64];
static char *said;
static size_t said_len;

static int open_home(void **state)
{
	(void)state;
	strcpy(home, "/tmp/test_study_XXXXXX");
	return !mkdtemp(home) || setenv("MILLRACE_HOME", home, 1) ||
	       setenv("MILLRACE_CONTENT", ".", 1);
}

static int close_home(void **state)
{
	char line[128];

	(void)state;
	free(said);
	said = NULL;
	snprintf(line, sizeof(line), "rm -rf '%s'", home);
	return system(line);
}

static int run(const char *line, const char *input)
{
	char copy[512], *argv[32], *rest;
	int argc = 0, status;
	FILE *out, *in = tmpfile();

	assert_non_null(in);
	fputs(input, in);
	rewind(in);
	free(said);
	said = NULL;
	out = open_memstream(&said, &said_len);
	assert_non_null(out);
	snprintf(copy, sizeof(copy), "millrace %s", line);
	for (char *w = strtok_r(copy, " ", &rest); w;
	     w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	argv[argc] = NULL;
	status = cli_main(verbs, argc, argv, in, out, out);
	fclose(out);
	fclose(in);
	return status;
}

static void says(const char *word)
{
	if (!strstr(said, word))
		fail_msg("says nothing of \"%s\":\n%s", word, said);
}

static struct store *record(void)
{
	struct store_options o = { .now_ms = (int64_t)time(NULL) * 1000 };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (!s)
		fail_msg("%s", err.what);
	return s;
}

static int64_t recorded(void)
{
	struct store *s = record();
	int64_t n = store_count(s);

	store_close(s);
	return n;
}

static void a_rating_is_kept_and_shown(void **state)
{
	(void)state;
	assert_int_equal(run("assess", ""), CLI_DONE);
	says("0 of 12 rated");
	assert_int_equal(run("assess rate t2 4", ""), CLI_DONE);
	assert_int_equal(run("assess rate T2 3", ""), CLI_DONE);
	assert_int_equal(run("assess", ""), CLI_DONE);
	says("1 of 12 rated");
	assert_int_equal(run("assess show T2", ""), CLI_DONE);
	says("You: 3   Your runs: too few runs");
	assert_int_equal(run("assess --json", ""), CLI_DONE);
	says("{\"schema_version\":1,");
	says("\"rating\":3");
	assert_int_equal(recorded(), 2);
}

static void what_is_no_rating_is_refused(void **state)
{
	static const char *const lines[] = {
		"assess rate T2 0", "assess rate T2 6", "assess rate T2 33",
		"assess rate T2", "assess rate T9 3", "assess rate",
		"assess dance", "assess quiz a b", "assess quiz kube.core",
		"assess quiz --count x", "assess quiz --seed -1",
		"review dance", "review --minutes x", "review postpone x",
		"review postpone x 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (run(lines[i], "") != CLI_USAGE)
			fail_msg("%s:\n%s", lines[i], said);
	assert_int_equal(recorded(), 0);
}

static void a_quiz_asks_until_it_understands(void **state)
{
	(void)state;
	/* `zebra` is an answer to no kind of question. */
	assert_int_equal(run("assess quiz bigdata --count 3 --seed 2",
			     "zebra\nquit\n"), CLI_DONE);
	says("Question 1 of 3");
	says("0 of 0 right");
	assert_int_equal(recorded(), 0);
	assert_int_equal(run("assess quiz bigdata --count 3 --seed 2", ""),
			 CLI_DONE);
	assert_int_equal(recorded(), 0);
}

static void answers_of_a_script_are_graded_and_kept(void **state)
{
	char line[256];
	const char *kind;
	int64_t n = 0;

	(void)state;
	for (int seed = 1; seed <= 12 && n == 0; seed++) {
		snprintf(line, sizeof(line), "assess quiz bigdata --count 1 "
			 "--seed %d --json", seed);
		assert_int_equal(run(line, ""), CLI_DONE);
		kind = strstr(said, "one of 1 to");
		if (!kind)
			continue;	/* not a single choice */
		strcat(line, " --answers 2!");
		assert_int_equal(run(line, ""), CLI_DONE);
		says("\"asked\":1");
		says("\"sure\":\"sure\"");
		n = recorded();
	}
	assert_int_equal(n, 1);
	assert_int_equal(run("assess quiz bigdata --count 1 --seed 1 "
			     "--answers zebra", ""), CLI_USAGE);
	assert_int_equal(recorded(), 1);
}

static void the_same_seed_asks_the_same(void **state)
{
	char *first;

	(void)state;
	assert_int_equal(run("assess quiz --count 9 --seed 4 --json", ""),
			 CLI_DONE);
	first = strdup(said);
	assert_int_equal(run("assess quiz --count 9 --seed 4 --json", ""),
			 CLI_DONE);
	assert_string_equal(first, said);
	free(first);
}

static void the_bank_is_linted(void **state)
{
	(void)state;
	assert_int_equal(run("assess lint", ""), CLI_DONE);
	says("0 errors in ");
	assert_int_equal(run("assess lint assessments/rubric.lua", ""),
			 CLI_CONTENT);
	says("assessments/rubric.lua:");
	assert_int_equal(run("assess lint no/such.lua", ""), CLI_CONTENT);
}

/* Two cards, added three days ago, so that they are due. */
static void add_cards(void)
{
	static const char *const ids[] = { "1", "3" };
	struct store *s = record();
	struct err err;

	for (size_t i = 0; i < 2; i++) {
		struct text body = {0};

		text_addf(&body, "{\"card\":\"card:bigdata.first-log/%s\","
			  "\"exercise\":\"bigdata.first-log\","
			  "\"competency\":\"bigdata.log-model\"}", ids[i]);
		if (!store_append(s, EVENT_CARD_ADDED, text_cstr(&body),
				  ((int64_t)time(NULL) - 3 * 86400) * 1000,
				  &err))
			fail_msg("%s", err.what);
		text_free(&body);
	}
	store_close(s);
}

static void a_card_that_is_due_is_asked_and_moves_on(void **state)
{
	(void)state;
	assert_int_equal(run("review", ""), CLI_DONE);
	says("Nothing is due");
	add_cards();
	assert_int_equal(run("review", ""), CLI_DONE);
	says("2 due, about 2 min");
	says("card:bigdata.first-log/3");
	assert_int_equal(run("review --minutes 1", ""), CLI_DONE);
	says("1 more can wait");
	assert_int_equal(run("review --json", ""), CLI_DONE);
	says("{\"schema_version\":1,");

	/* Nobody there: nothing was asked. */
	assert_int_equal(run("review next", ""), CLI_DONE);
	assert_int_equal(recorded(), 2);

	assert_int_equal(run("review next", "each its own group\n"),
			 CLI_DONE);
	says("Two programs");
	says("Yours holds what was looked for");
	assert_int_equal(run("review", ""), CLI_DONE);
	says("1 due");
	assert_int_equal(run("review next", "127 and then 117\n"), CLI_DONE);
	says("not found in yours: 97");
	assert_int_equal(run("review", ""), CLI_DONE);
	says("Nothing is due");
	assert_int_equal(recorded(), 4);
}

static void a_review_can_be_put_off(void **state)
{
	(void)state;
	add_cards();
	assert_int_equal(run("review postpone card:bigdata.first-log/1 2", ""),
			 CLI_DONE);
	assert_int_equal(run("review", ""), CLI_DONE);
	says("1 due");
	assert_int_equal(run("review postpone card:bigdata.first-log/1", ""),
			 CLI_USAGE);
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, open_home, close_home)
	const struct CMUnitTest tests[] = {
		TEST(a_rating_is_kept_and_shown),
		TEST(what_is_no_rating_is_refused),
		TEST(a_quiz_asks_until_it_understands),
		TEST(answers_of_a_script_are_graded_and_kept),
		TEST(the_same_seed_asks_the_same),
		TEST(the_bank_is_linted),
		TEST(a_card_that_is_due_is_asked_and_moves_on),
		TEST(a_review_can_be_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
