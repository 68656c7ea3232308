/* external.h - other programs: an editor that gets the terminal, a tool that
 * gets a text
 *
 * A command a person configured ($EDITOR, "code -w") is cut into words and run
 * as it is: no shell sees it, nothing is expanded, and a file's name is one
 * argument whatever characters it has.
 */
#ifndef LAB_TUI_EXTERNAL_H
#define LAB_TUI_EXTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/err.h"

enum { EXTERNAL_WORDS_MAX = 16 };

struct external {
	char *words[EXTERNAL_WORDS_MAX + 2];	/* NULL ends them */
	int count;
	char *bytes;				/* what they are made of */
};

/* Blanks part words; '...', "..." and \x keep them together.  False: a quote
 * is open, there are too many words, or none. */
bool external_cut(struct external *e, const char *command, struct err *err);
bool external_add(struct external *e, const char *word);
void external_release(struct external *e);

/* $VISUAL, $EDITOR, or vi on a file, in this terminal, which the caller has
 * put back in order.  Waits; ^Z inside stops us too. */
bool external_edit(const char *path, struct err *err);

/* Run a program with this text as its input and nothing else, at most for a
 * few seconds.  False: it is not there, failed, or did not end. */
bool external_feed(char *const argv[], const char *text, size_t len,
		   struct err *err);

/* Is there a program of this name in $PATH? */
bool external_exists(const char *name);

#endif
