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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_breaks_a_tool),
	};

	return cmocka_run_group_tests_name("tools_fuzz", tests, NULL, NULL);
}
