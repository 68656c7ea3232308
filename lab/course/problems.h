/* problems.h - what lint found: where, which rule, in one sentence
 *
 * Printed as compilers do, `FILE:LINE:COLUMN: error: message [rule]`, which
 * vim's errorformat, VS Code's problem matcher $gcc and emacs's compile mode
 * read without being told; FILE is written from the current folder, so that
 * they can go there.  Rules are named in docs/authoring.md; a name, once given,
 * stays.
 */
#ifndef LAB_COURSE_PROBLEMS_H
#define LAB_COURSE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/text.h"

struct problem {
	char *file;
	int line, column;	/* from 1; columns count bytes */
	const char *rule;	/* a name of ours, static */
	bool warning;		/* does not stop a module from being used */
	char *message;
};

struct problems {
	struct problem *at;
	size_t count, cap;
	size_t errors;		/* those that are no warnings */
};

void problems_release(struct problems *p);
void problems_add(struct problems *p, const char *file, int line, int column,
		  const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* The one added last is only a warning. */
void problems_soften(struct problems *p);

/* The path as it is printed: from the current folder where it lies below
 * that, else as given.  Lent: a part of `file`. */
const char *problem_path(const char *file);
void problem_text(const struct problem *p, struct text *t);	/* no newline */
/* All, as a JSON array. */
void problems_json(const struct problems *p, struct text *t);

#endif
