/* fuzz_tools.c - libFuzzer chooses command lines and the answers to them
 *
 * Goal: no line crashes a tool, hangs it or shows an error of Lua's
 * (tools_properties.h).  liblua is not instrumented, so what steers is what
 * the tools say: each new beginning of a line is counted as new coverage.
 */
#include "tests/fuzz/tools_properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FEATURES = 1 << 14 };

static __attribute__((section("__libfuzzer_extra_counters")))
uint8_t counters[FEATURES];

static void feature(unsigned what)
{
	counters[what % FEATURES] = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tools_fuzz fuzz;

	if (!fuzz.console) {
		tools_fuzz_open(&fuzz);
		fuzz.feature = feature;
	}
	tools_properties(&fuzz, data, size);
	return 0;
}
