/* fuzz_shell.c - libFuzzer chooses lines for the shell
 *
 * make fuzz, or:
 *	clang -g -fsanitize=fuzzer,address,undefined -I. tests/fuzz/fuzz_shell.c
 *		lua/shell*.c sim/core/text.c sim/core/err.c
 */
#include <stdint.h>

#include "tests/lua/shell_properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	shell_properties(data, size);
	return 0;
}
