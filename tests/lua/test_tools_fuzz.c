/* test_tools_fuzz.c - a seed chooses lines for the tools
 *
 * The same promises as tests/fuzz/fuzz_tools.c, kept in the plain suite; and
 * the lines that once broke one, each with what it is to say.  RUNS=n and
 * SEED=n in the environment change the two numbers.
 */
#include "tests/fuzz/tools_properties.h"
#include "tests/test.h"

enum { RUNS = 20000, INPUT_BYTES_MAX = 64 };

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);

	return s && *s ? strtoull(s, NULL, 10) : otherwise;
}

static void no_line_breaks_a_tool(void **state)
{
	static struct tools_fuzz fuzz;
	uint64_t runs = setting("RUNS", RUNS);
	uint64_t seed = setting("SEED", 88172645463325252u) | 1;
	unsigned char input[INPUT_BYTES_MAX];

	(void)state;
	tools_fuzz_open(&fuzz);
	for (uint64_t i = 0; i < runs; i++) {
		size_t len = draw(&seed) % (sizeof(input) + 1);

		for (size_t k = 0; k < len; k++)
			input[k] = (unsigned char)(draw(&seed) >> 8);
		tools_properties(&fuzz, input, len);
	}
	tools_fuzz_close(&fuzz);
}

/* Lines that the fuzzers found, with what they must say now.  The answers are
 * the good ones, unless `back` makes others: its last byte is for the command,
 * the next for the mailbox, then which answer, and what spoils it. */
static void what_was_found_stays_fixed(void **state)
{
	static struct tools_fuzz fuzz;
	static const struct {
		const char *line, *says, *back;
	} found[] = {
		{ "ls -a -l", "a.txt", "" },	/* `all` was the list of all */
		{ "ls -a --all", "a.txt", "" },
		{ "ls -\xc3\xa9", "invalid option -- '\xc3\xa9'", "" },
		{ "kafka-topics.sh -\xc3\xa9", "\xc3\xa9 is not a recognized", "" },
		{ "curl :80", "curl: (3) URL using bad", "" },
		{ "curl http://a:b:c/", "curl: (3) URL using bad", "" },
		{ "promql --host : up", "URL using bad", "" },
		{ "docker logs app2", "No such container", "" },
		{ "seq -s , 3", "1,2,3\n", "" },
		{ "seq -s , 9223372036854775807", "1,2,3,4", "" },
		{ "seq -s , 1000000000 | grep a",	/* a line without end */
		  "grep: the input is longer than 1024 KiB", "" },
		{ "top -n 1 -d 999999999999d", "broker-1", "" },
		{ "kafka-leader-election.sh" FUZZ_B " --election-type unclean "
		  "--path-to-json-file bad.json", "Each of \"partitions\"", "" },
		{ "kafka-reassign-partitions.sh" FUZZ_B " --verify "
		  "--reassignment-json-file bad.json", "Not supported version",
		  "" },
		{ "kafka-configs.sh" FUZZ_B " --topic a,t --describe",
		  "UnknownTopicOrPartition", "" },
		/* an answer without class and answers: TOO_LARGE */
		{ "kafka-topics.sh" FUZZ_B " --list",
		  "the answer is too long to be shown",
		  "\x01\xe2\x01\x01" },
		/* cut off in the middle */
		{ "kafka-topics.sh" FUZZ_B " --list",
		  "Error reading the answer to 'list-topics'",
		  "\xf9\x01\x01\x01" },
		{ "promql up", "Weird server reply", "\xf9\x0a\x01\x01" },
		{ "curl http://broker-1/", "curl: (8) Weird server reply",
		  "\xf9\x0a\x01\x01" },
	};

	(void)state;
	tools_fuzz_open(&fuzz);
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		tools_fuzz_line(&fuzz, found[i].line, found[i].back);
		if (!strstr(text_cstr(&fuzz.out), found[i].says))
			fail_msg("$ %s\n%s", found[i].line,
				 text_cstr(&fuzz.out));
	}
	tools_fuzz_close(&fuzz);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_found_stays_fixed),
		cmocka_unit_test(no_line_breaks_a_tool),
	};

	return cmocka_run_group_tests_name("tools_fuzz", tests, NULL, NULL);
}
