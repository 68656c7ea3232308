/* tape.h - every input of a play, in order
 *
 * (module, seed, tape) is the run.  An input is one JSON object, so that a store
 * can keep each as it comes:
 *
 *	{"n":3,"at":4000000000,"events":8123,"played":2,"kind":"line",
 *	 "text":"hint"}
 *
 * `n` counts from 1; `at`, `events` and `played` are where the world stood: the
 * time, and how many events and commands of the journal there had been.  Kinds,
 * with what they have beside that:
 *
 *	line		text		a word or a console line
 *	input		text		typed into a tool
 *	input-end			Ctrl-D
 *	interrupt			Ctrl-C; stops a `run` too
 *	rewind		text, to_at, to_events, to_played	back to there
 *	return		text, to, hints, gave_up	to where branch `text`
 *					was left, by input number `to`; what
 *					was paid for stays paid
 *	branch		text		a name for the branch we are in
 *	save		text
 *	file		name, text	a file of the learner's, as it now is
 *	file-gone	name
 *
 * Text that is no UTF-8 is kept as "hex".
 */
#ifndef LAB_PLAY_TAPE_H
#define LAB_PLAY_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

enum op_kind {
	OP_LINE, OP_INPUT, OP_INPUT_END, OP_INTERRUPT, OP_REWIND, OP_RETURN,
	OP_BRANCH, OP_SAVE, OP_FILE, OP_FILE_GONE,
	OP_KINDS
};
extern const char *const op_kind_words[];	/* by kind */

struct op {
	uint32_t n;		/* from 1 */
	enum op_kind kind;
	sim_time at;
	uint64_t events;
	uint32_t played;
	char *name;		/* of a file; else NULL */
	char *text;		/* NULL: none */
	size_t len;		/* of text */
	sim_time to_at;		/* OP_REWIND */
	uint64_t to_events;
	uint32_t to_played;
	uint32_t to;		/* OP_RETURN: number of the input that left */
	uint32_t *hints;	/* OP_RETURN: open rungs of each task */
	size_t hint_count;
	bool gave_up;		/* OP_RETURN */
};

struct tape {
	struct op *ops;		/* ops[i].n == i + 1 */
	size_t count, cap;
};

void tape_release(struct tape *t);

/* Add one behind the last; it is numbered here, text and name are copied. */
struct op *tape_add(struct tape *t, const struct op *op);

json_t *op_json(const struct op *op);		/* caller decrefs */
/* False: no input of this form; err says which field. */
bool tape_read(struct tape *t, const json_t *ops, struct err *err);

/*
 * The inputs that lead to where the play stood before input `n` (count + 1:
 * where it stands now): those up to it, but for what came between a branch's
 * being left and its being returned to.  The return itself is in the list.
 * *out is a list of indexes into ops; caller frees.
 */
size_t tape_effective(const struct tape *t, uint32_t n, uint32_t **out);

#endif
