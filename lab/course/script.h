/* script.h - a file of console lines, one input after the other
 *
 * One line an input; blank lines and lines that begin with # are skipped.  An
 * input may go on over several lines as in a shell: an open quote, a
 * here-document, a last backslash or | do that.
 */
#ifndef LAB_COURSE_SCRIPT_H
#define LAB_COURSE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

enum { SCRIPT_BYTES_MAX = 1 << 20 };

struct script {
	const char *at, *end;	/* borrowed text */
	int line;		/* number of the line at `at`, from 1 */
	int input_line;		/* where the last input began */
};

void script_init(struct script *s, const char *text, size_t len);

/* The next input into *out (without its last newline).  False at the end. */
bool script_next(struct script *s, struct text *out);

/* NUL bytes and such are refused with their line. */
bool script_check(const char *name, const char *text, size_t len,
		  struct err *err);

/* Is `line` a comment or blank? */
bool script_is_blank(const char *line);

#endif
