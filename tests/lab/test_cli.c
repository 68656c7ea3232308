/* test_cli.c - the command line
 *
 * Method: a table of verbs of the test's own, and whole command lines with
 * the exit status and a word of the answer.  Goal: options are understood in
 * every form, nothing wrong is silently taken, names are suggested.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/cli.h"

static struct {
	int runs;
	char arguments[256];
	char values[256];
	uint64_t number;
	sim_time at;
} seen;

static int run_try(struct cli *c)
{
	seen.runs++;
	seen.arguments[0] = seen.values[0] = '\0';
	for (int i = 0; i < c->argument_count; i++) {
		strcat(seen.arguments, c->arguments[i]);
		strcat(seen.arguments, " ");
	}
	for (int i = 0; i < c->rest_count; i++) {
		strcat(seen.arguments, "|");
		strcat(seen.arguments, c->rest[i]);
	}
	for (size_t i = 0; cli_value_at(c, "many", i); i++) {
		strcat(seen.values, cli_value_at(c, "many", i));
		strcat(seen.values, " ");
	}
	if (!cli_number(c, "number", 7, &seen.number) ||
	    !cli_time(c, "at", SIM_S(3), &seen.at))
		return CLI_USAGE;
	return cli_has(c, "flag") ? CLI_NOT_PASSED : CLI_DONE;
}

static const struct cli_option options[] = {
	{ "flag", NULL, "a flag" },
	{ "many", "X", "may be repeated" },
	{ "number", "N", "a number" },
	{ "at", "TIME", "a time" },
	{ NULL, NULL, NULL },
};

static const struct cli_verb verbs[] = {
	{ "try", "[A [B]] [-- REST]", "Tries", NULL, options, 0, 2, true,
	  run_try },
	{ "need", "A", "Needs one", NULL, NULL, 1, 1, false, run_try },
	{ "later", "", "Comes later", NULL, NULL, 0, -1, true, NULL },
	{ NULL, NULL, NULL, NULL, NULL, 0, 0, false, NULL },
};

static char *said;
static size_t said_len;

/* Run a command line written with blanks; stdout and stderr go into `said`. */
static int run(const char *line)
{
	char copy[512], *argv[32], *rest;
	int argc = 0, status;
	FILE *f;

	free(said);
	said = NULL;
	f = open_memstream(&said, &said_len);
	assert_non_null(f);
	snprintf(copy, sizeof(copy), "millrace %s", line);
	for (char *w = strtok_r(copy, " ", &rest); w;
	     w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	argv[argc] = NULL;
	status = cli_main(verbs, argc, argv, stdin, f, f);
	fclose(f);
	return status;
}

static void whole_lines_get_the_right_status_and_answer(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *says;	/* "" anything */
	} cases[] = {
		{ "try", CLI_DONE, "" },
		{ "try --flag", CLI_NOT_PASSED, "" },
		{ "try --flag=1", CLI_USAGE, "--flag takes no value" },
		{ "try --flga", CLI_USAGE, "did you mean --flag?" },
		{ "try --zzzzzzzz", CLI_USAGE, "there is no option --zzzzzzzz" },
		{ "try -x", CLI_USAGE, "there is no option -x" },
		{ "try --number", CLI_USAGE, "--number needs a value" },
		{ "try --number -- 5", CLI_USAGE, "--number needs a value" },
		{ "try --number=-4", CLI_USAGE, "no whole number" },
		{ "try --number 99999999999999999999", CLI_USAGE, "no whole" },
		{ "try --number 12x", CLI_USAGE, "no whole number" },
		{ "try --at soon", CLI_USAGE, "that is no time" },
		{ "try a b c", CLI_USAGE, "`c` is one word too many" },
		{ "need", CLI_USAGE, "something is missing" },
		{ "need a -- b", CLI_USAGE, "nothing may stand behind" },
		{ "need --help", CLI_DONE, "usage: millrace need A" },
		{ "need -h", CLI_DONE, "usage: millrace need A" },
		{ "later", CLI_USAGE, "not in this version yet" },
		{ "later --help", CLI_DONE, "Not in this version yet" },
		{ "later --anything", CLI_USAGE, "no option --anything" },
		{ "tyr", CLI_USAGE, "did you mean `try`?" },
		{ "xyzxyz", CLI_USAGE, "`millrace help` lists" },
		{ "--version", CLI_DONE, "millrace 0." },
		{ "--help", CLI_DONE, "coming, not in this version yet" },
		{ "--wrong", CLI_USAGE, "before a verb" },
		{ "--content dir try", CLI_DONE, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = run(cases[i].line);

		if (status != cases[i].status || !strstr(said, cases[i].says))
			fail_msg("`%s`: status %d, says: %s", cases[i].line,
				 status, said);
	}
}

static void options_stand_anywhere_and_in_both_forms(void **state)
{
	(void)state;
	assert_int_equal(run("try a --many=1 b --many 2 --number=5 --at 1m30s"),
			 CLI_DONE);
	assert_string_equal(seen.arguments, "a b ");
	assert_string_equal(seen.values, "1 2 ");
	assert_int_equal(seen.number, 5);
	assert_int_equal(seen.at, SIM_S(90));
}

static void what_is_not_given_has_its_default(void **state)
{
	(void)state;
	assert_int_equal(run("try"), CLI_DONE);
	assert_int_equal(seen.number, 7);
	assert_int_equal(seen.at, SIM_S(3));
}

static void nothing_behind_two_dashes_is_an_option(void **state)
{
	(void)state;
	assert_int_equal(run("try a -- --flag -x b"), CLI_DONE);
	assert_string_equal(seen.arguments, "a |--flag|-x|b");
}

static void distances_count_one_for_a_slip(void **state)
{
	static const struct { const char *a, *b; int distance; } cases[] = {
		{ "", "", 0 }, { "list", "list", 0 }, { "lst", "list", 1 },
		{ "lsit", "list", 1 }, { "lists", "list", 1 },
		{ "lost", "list", 1 }, { "abc", "", 3 }, { "abc", "xyz", 3 },
		{ "verify", "verity", 1 }, { "ab", "ba", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cli_distance(cases[i].a, cases[i].b),
				 cases[i].distance);
}

static void long_words_are_near_to_nothing(void **state)
{
	struct cli_nearest near = { .wanted = NULL };
	char word[4000];

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	near.wanted = word;
	cli_nearest_look(&near, "list");
	assert_string_equal(near.name, "");
	near = (struct cli_nearest){ .wanted = "bigdata" };
	cli_nearest_look(&near, "bigdata.first-log");
	cli_nearest_look(&near, "bigdata");
	cli_nearest_look(&near, "bigdatb");
	assert_string_equal(near.name, "bigdata");
}

/* The real table: help of each verb, and no verb or option twice. */
static void the_table_of_verbs_is_sound(void **state)
{
	(void)state;
	for (const struct cli_verb *v = cli_verbs; v->name; v++) {
		FILE *f;

		free(said);
		said = NULL;
		f = open_memstream(&said, &said_len);
		cli_verb_help(v, f);
		fclose(f);
		assert_non_null(strstr(said, v->name));
		assert_true(strlen(v->summary) > 0 && strlen(v->summary) < 60);
		for (const struct cli_verb *w = cli_verbs; w != v; w++)
			assert_string_not_equal(w->name, v->name);
		for (const struct cli_option *o = v->options; o && o->name; o++)
			for (const struct cli_option *p = v->options; p != o;
			     p++)
				assert_string_not_equal(o->name, p->name);
	}
}

static int teardown(void **state)
{
	(void)state;
	free(said);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lines_get_the_right_status_and_answer),
		cmocka_unit_test(options_stand_anywhere_and_in_both_forms),
		cmocka_unit_test(what_is_not_given_has_its_default),
		cmocka_unit_test(nothing_behind_two_dashes_is_an_option),
		cmocka_unit_test(distances_count_one_for_a_slip),
		cmocka_unit_test(long_words_are_near_to_nothing),
		cmocka_unit_test(the_table_of_verbs_is_sound),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, teardown);
}
