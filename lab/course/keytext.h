/* keytext.h - names of keys in texts, filled in from the keys that hold now
 *
 * A brief that says "press F2" is wrong for whoever has moved that key, and
 * for whoever works line by line and has no keys at all.  So texts name the
 * action, and each face of the program writes what does it there:
 *
 *	Ask for a verdict with {key:exercise.check}.
 *
 *	on the screen	Ask for a verdict with F2.
 *	plain		Ask for a verdict with check.
 *
 * An action is named in two parts or more, [a-z0-9-] with dots between; the
 * last part is the word that does the same in plain mode.  `\{key:` stands for
 * itself.  Pure: text and a question in, text out.
 */
#ifndef LAB_COURSE_KEYTEXT_H
#define LAB_COURSE_KEYTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/text.h"

/* What to write for an action: lent until the next call.  NULL: there is no
 * such key; the plain word is written then. */
typedef const char *keytext_lookup(void *ctx, const char *action);

/* Append `len` bytes of text with every well-formed placeholder filled in;
 * others stay as they are.  A NULL lookup knows no keys: plain mode. */
void keytext_fill(const char *s, size_t len, keytext_lookup *lookup, void *ctx,
		  struct text *out);

/* The word of plain mode: "check" of "exercise.check".  Part of `action`. */
const char *keytext_plain(const char *action);

/*
 * The next "{key:" at or behind *at that is meant as a placeholder; *at is set
 * to its first byte, *stop behind its last.  `good`: well formed.  False: there
 * is none before `end`.
 */
bool keytext_next(const char **at, const char *end, const char **stop,
		  bool *good);

#endif
