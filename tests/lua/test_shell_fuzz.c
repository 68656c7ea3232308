/* test_shell_fuzz.c - a seed chooses lines for the shell
 *
 * The same promises as tests/fuzz/fuzz_shell.c, kept in the plain suite: lines
 * made of pieces of the grammar, then mutated by bytes.  RUNS=n and SEED=n in
 * the environment change the two numbers.
 */
#include "tests/lua/shell_properties.h"
#include "tests/test.h"

enum { RUNS = 200000, LINE_BYTES_MAX = 4096 };

static const char *const pieces[] = {
	" ", " ", "a", "echo", "'", "\"", "\\", "\n", "|", "||", "&", "&&",
	";", ";;", "<", ">", ">>", "<<", "<<<", "<<-", "2>", "2>&1", "&>",
	"$", "$A", "${A}", "${", "}", "$(", "`", "$?", "$1", "(", ")", "{",
	"{a,b}", "#", "A=", "A=1", "EOF", "<<EOF\nx $A\nEOF\n", "<<'E'\n$(\nE",
	"*", "?", "[", "~", "if", "for", "é", "\t", "\x01", "!", "--x=y",
	"'a b'", "\"$A b\"", "\xff", "12>", "\\\n", "|&", "function",
};

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void compose(uint64_t *seed, struct text *line)
{
	size_t count = draw(seed) % 14;

	text_clear(line);
	for (size_t i = 0; i < count; i++)
		text_add(line, pieces[draw(seed) %
				      (sizeof(pieces) / sizeof(pieces[0]))]);
}

/* Change, drop or double some bytes of the line. */
static void mutate(uint64_t *seed, struct text *line)
{
	size_t count = draw(seed) % 4;

	for (size_t i = 0; i < count && line->len; i++) {
		size_t at = draw(seed) % line->len;

		switch (draw(seed) % 3) {
		case 0:
			line->at[at] = (char)draw(seed);
			break;
		case 1:
			line->len = at;
			break;
		case 2:
			if (line->len + (line->len - at) < LINE_BYTES_MAX) {
				struct text tail = {0};

				text_bytes(&tail, line->at + at,
					   line->len - at);
				text_bytes(line, tail.at, tail.len);
				text_free(&tail);
			}
		}
	}
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);

	return s && *s ? strtoull(s, NULL, 10) : otherwise;
}

static void every_line_is_understood_or_refused(void **state)
{
	uint64_t runs = setting("RUNS", RUNS);
	uint64_t seed = setting("SEED", 88172645463325252u) | 1;
	struct text line = {0};

	(void)state;
	for (uint64_t i = 0; i < runs; i++) {
		if (i % 8 == 0 || line.len == 0)
			compose(&seed, &line);
		mutate(&seed, &line);
		shell_properties((const unsigned char *)text_cstr(&line),
				 line.len);
	}
	text_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_understood_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
