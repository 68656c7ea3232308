/* shell_refuse.c - how the shell says no
 *
 * One sentence with its place in the input.  What a real shell has and this
 * one has not is refused by its name, never taken for something else.
 */
#include "lua/shell_inside.h"

#include <stdio.h>
#include <string.h>

/* Characters before byte `at` of its line: UTF-8 continuation bytes do not
 * count. */
static size_t column_of(const struct parser *p, size_t at, size_t *line_no)
{
	size_t column = 1;

	*line_no = 1;
	for (size_t i = 0; i < at; i++) {
		if (p->text[i] == '\n') {
			++*line_no;
			column = 1;
		} else if (((unsigned char)p->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return column;
}

bool shell_fail(struct parser *p, size_t at, const char *fmt, ...)
{
	size_t line_no, column = column_of(p, at, &line_no);
	char what[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	p->fault_at = at;
	if (line_no > 1)
		return err_set(p->err, "line %zu, column %zu: %s", line_no,
			       column, what);
	return err_set(p->err, "column %zu: %s", column, what);
}

/* As shell_fail, for what another line of input could mend. */
bool shell_fail_open(struct parser *p, size_t at, const char *what)
{
	p->incomplete = true;
	return shell_fail(p, at, "%s", what);
}

/* -- what is not supported ---------------------------------------------- */

/* What a shell has and this one has not, by the characters it starts with. */
static const struct refused {
	const char *starts;
	const char *what;
} refused_dollar[] = {
	{ "$((", "arithmetic $((…)) is not supported here" },
	{ "$(", "command substitution $(…) is not supported here" },
	{ "$'", "the quoting $'…' is not supported here" },
	{ "$\"", "the quoting $\"…\" is not supported here" },
	{ "$@", "$@ is not supported here: there are no scripts to pass "
		"arguments to" },
	{ "$*", "$* is not supported here: there are no scripts to pass "
		"arguments to" },
	{ "$#", "$# is not supported here: there are no scripts to pass "
		"arguments to" },
	{ "$$", "$$ is not supported here: the console has no process id" },
	{ "$!", "$! is not supported here: `jobs` names background jobs" },
}, refused_operator[] = {
	{ "&>", "&> is not supported here; write > FILE 2>&1" },
	{ "|&", "|& is not supported here; write 2>&1 |" },
	{ ">|", ">| is not supported here; > already replaces a file" },
	{ "<>", "<> is not supported here; read with < or write with >" },
	{ "<(", "process substitution <(…) is not supported here" },
	{ ">(", "process substitution >(…) is not supported here" },
	{ ";;", ";; belongs to case, which is not supported here" },
}, refused_word[] = {
	{ "if", "if … fi is not supported here; && and || are" },
	{ "then", "then belongs to if, which is not supported here" },
	{ "elif", "elif belongs to if, which is not supported here" },
	{ "else", "else belongs to if, which is not supported here" },
	{ "fi", "fi belongs to if, which is not supported here" },
	{ "for", "for … done is not supported here" },
	{ "while", "while … done is not supported here" },
	{ "until", "until … done is not supported here" },
	{ "select", "select … done is not supported here" },
	{ "do", "do belongs to a loop; loops are not supported here" },
	{ "done", "done belongs to a loop; loops are not supported here" },
	{ "case", "case … esac is not supported here" },
	{ "esac", "esac belongs to case, which is not supported here" },
	{ "function", "defining a function is not supported here" },
	{ "coproc", "coproc is not supported here; & starts a background "
		    "job" },
	{ "[[", "the test [[ … ]] is not supported here" },
	{ "{", "a group { …; } is not supported here" },
	{ "}", "a group { …; } is not supported here" },
	{ "!", "negation with ! is not supported here; || is" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *refusal(const struct parser *p, const struct refused *table,
			   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (starts(p, p->at, table[i].starts))
			return table[i].what;
	return NULL;
}

const char *shell_refused_dollar(const struct parser *p)
{
	return refusal(p, refused_dollar, COUNT(refused_dollar));
}

const char *shell_refused_operator(const struct parser *p)
{
	return refusal(p, refused_operator, COUNT(refused_operator));
}

const char *shell_refused_word(const char *word)
{
	for (size_t i = 0; i < COUNT(refused_word); i++)
		if (strcmp(word, refused_word[i].starts) == 0)
			return refused_word[i].what;
	return NULL;
}
