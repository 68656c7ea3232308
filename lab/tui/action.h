/* action.h - everything a person can do, in one table
 *
 * An action has an id that never changes, the keys that do it, a word for the
 * footer, a name for the palette, a sentence for help, and its twin: the word
 * or command that does the same in --plain and on the command line.  Footer,
 * help, palette and keys are all made from this table, so they cannot say
 * different things (screens.md 5; a test holds its rules).
 *
 * An action belongs to a context.  A view names the contexts it is in, from
 * the inside out; a key means the first action that has it.
 */
#ifndef LAB_TUI_ACTION_H
#define LAB_TUI_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/text.h"

enum context {
	CTX_EVERYWHERE, CTX_LIST, CTX_PANES, CTX_TIME, CTX_EXERCISE, CTX_CONSOLE,
	CTX_SANDBOX, CTX_FAULTS, CTX_CHARTS, CTX_HOME, CTX_WELCOME, CTX_READER,
	CTX_VERDICT, CTX_DEBRIEF, CTX_COMPARE, CTX_PROGRESS, CTX_RUBRIC,
	CTX_QUIZ, CTX_REVIEW, CTX_EDITOR, CTX_SETTINGS, CTX_HELP, CTX_HINTS,
	CTX_AUTHOR, CTX_SEARCH,
	CTX_COUNT
};
extern const char *const context_names[];	/* by enum context, for help */

enum { ACTION_KEYS_MAX = 3 };

struct action {
	const char *id;		/* "time.toggle"; NULL ends the table */
	enum context context;
	const char *keys[ACTION_KEYS_MAX];	/* by key_named; the first is shown */
	const char *label;	/* in the footer; NULL: not there */
	int rank;		/* in the footer: smaller is further left */
	const char *name;	/* in palette and help; NULL: only a key */
	const char *help;	/* one more sentence, or NULL */
	const char *twin;	/* word or command; NULL: no_twin says why */
	const char *no_twin;
	const char *words;	/* more to find it by, or NULL */
};

extern const struct action actions[];

const struct action *action_find(const char *id);
/* The action of a key in the first of the contexts (ended by CTX_COUNT) that
 * has one. */
const struct action *action_of_key(const enum context *contexts, uint32_t key);
/* The keys, "F5, [", as bound now.  "" when there is none. */
void action_keys(const struct action *a, struct text *out);
/* The first of them, as text for a sentence, by the action's id; `name` (char
 * [KEY_NAME_MAX]) holds it.  NULL: there is none.  A keytext_lookup. */
const char *action_first_key(void *name, const char *id);
bool action_has_key(const struct action *a, uint32_t key);

/* Another key for an action (settings); false: no such key or action, or it is
 * one of those never bound (Ctrl-Z, Ctrl-S, Ctrl-Q, Ctrl-\). */
bool action_bind(const char *id, const char *key);
void action_bind_reset(void);

#endif
