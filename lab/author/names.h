/* names.h - which names a module's text uses that nothing makes
 *
 * A misspelled name is nil in Lua and shows only when its line runs, which in
 * a check may be in one seed of twenty.  So the text is read for names that
 * are no global of the sandbox (api.h), and that no local, parameter, loop or
 * assignment anywhere in the file makes.  It does not follow scopes: a name
 * that is made somewhere is taken for made everywhere, so what it says is
 * right, and it does not say all.
 */
#ifndef LAB_AUTHOR_NAMES_H
#define LAB_AUTHOR_NAMES_H

#include <stddef.h>

#include "lab/course/problems.h"

/* Adds problems of the rules `forbidden` (Lua has it, a module has not) and
 * `unknown-name`; each name once, where it is first used. */
void names_lint(const char *file, const char *source, size_t len,
		struct problems *problems);

#endif
