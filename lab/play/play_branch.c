/* play_branch.c - branches, read off the tape
 *
 * No list of branches is kept: which there are follows from the inputs.  Those
 * that made the state before an input are its *trail*; going back takes from
 * the end of it, typing adds to it.  Where an input leaves part of a trail
 * behind, and something was typed in that part, there is a branch.
 */
#include "lab/play/play_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

/* --- trails ----------------------------------------------------------------- */

struct trail {
	uint32_t *at;		/* indexes into the tape's ops */
	size_t count;
};

static bool is_typed_after(const struct op *op, const struct op *back)
{
	if (op->at != back->to_at)
		return op->at > back->to_at;
	if (op->events != back->to_events)
		return op->events > back->to_events;
	return op->played >= back->to_played;
}

static void follow(struct trail *t, const struct tape *tape, uint32_t i)
{
	const struct op *op = &tape->ops[i];

	switch (op->kind) {
	case OP_REWIND:
		while (t->count &&
		       is_typed_after(&tape->ops[t->at[t->count - 1]], op))
			t->count--;
		break;
	case OP_RETURN:
		break;
	default:
		if (op->kind == OP_LINE && play_is_reset(op->text))
			t->count = 0;
		else
			t->at[t->count++] = i;
		break;
	}
}

/* What made the state before input `n`; the caller frees `at`. */
static struct trail trail_before(const struct tape *tape, uint32_t n)
{
	struct trail t = {0};
	uint32_t *list;
	size_t count = tape_effective(tape, n, &list);

	t.at = mem_zeroed(count + 1, sizeof(*t.at));
	for (size_t i = 0; i < count; i++)
		follow(&t, tape, list[i]);
	free(list);
	return t;
}

size_t play_trail(const struct play *p, uint32_t n, uint32_t **out)
{
	struct trail t = trail_before(&p->tape, n);

	*out = t.at;
	return t.count;
}

static size_t common(const struct trail *a, const struct trail *b)
{
	size_t i = 0;

	while (i < a->count && i < b->count && a->at[i] == b->at[i])
		i++;
	return i;
}

static int typed_since(const struct tape *tape, const struct trail *t,
		       size_t from)
{
	int n = 0;

	for (size_t i = from; i < t->count; i++)
		n += tape->ops[t->at[i]].kind == OP_LINE;
	return n;
}

/* The last name that was given in this part of a trail, or NULL. */
static const char *name_since(const struct tape *tape, const struct trail *t,
			      size_t from)
{
	for (size_t i = t->count; i > from; i--)
		if (tape->ops[t->at[i - 1]].kind == OP_BRANCH)
			return tape->ops[t->at[i - 1]].text;
	return NULL;
}

/* --- the list ------------------------------------------------------------------ */

struct reading {
	struct play *p;
	int rewinds, returns, resets;	/* that left a branch, so far */
};

static struct play_branch *branch_add(struct play *p)
{
	p->branches = mem_grow(p->branches,
			       (p->branch_count + 1) * sizeof(*p->branches));
	p->branches[p->branch_count] = (struct play_branch){0};
	return &p->branches[p->branch_count++];
}

static void branch_drop(struct play *p, uint32_t left)
{
	size_t i = 0;

	while (i < p->branch_count && p->branches[i].left != left)
		i++;
	if (i == p->branch_count)
		return;
	memmove(&p->branches[i], &p->branches[i + 1],
		(--p->branch_count - i) * sizeof(*p->branches));
}

static bool is_taken(const struct play *p, const char *name)
{
	for (size_t i = 0; i < p->branch_count; i++)
		if (strcmp(p->branches[i].name, name) == 0)
			return true;
	return false;
}

static void name_it(struct reading *r, struct play_branch *b,
		    const struct op *op, const char *given)
{
	struct play *p = r->p;
	char name[64];

	if (op->kind == OP_REWIND)
		snprintf(name, sizeof(name), "before rewind %d", ++r->rewinds);
	else if (op->kind == OP_RETURN)
		snprintf(name, sizeof(name), "before return %d", ++r->returns);
	else
		snprintf(name, sizeof(name), "before reset %d", ++r->resets);
	if (given && !is_taken(p, given))
		snprintf(name, sizeof(name), "%.63s", given);
	memcpy(b->name, name, sizeof(name));
}

static sim_time parted_at(const struct play *p, const struct op *op,
			  const struct trail *old, size_t from)
{
	if (op->kind == OP_REWIND)
		return op->to_at;
	return op->kind == OP_LINE ? play_start(p) :
				     p->tape.ops[old->at[from]].at;
}

/* Input `n` may have left a branch behind. */
static void read_leaving(struct reading *r, uint32_t n)
{
	struct play *p = r->p;
	const struct op *op = &p->tape.ops[n - 1];
	struct trail old = trail_before(&p->tape, n);
	struct trail new = trail_before(&p->tape, n + 1);
	size_t from = common(&old, &new);
	int lines = typed_since(&p->tape, &old, from);

	if (lines) {
		const char *given = name_since(&p->tape, &old, from);
		sim_time at = parted_at(p, op, &old, from);
		struct play_branch *b = branch_add(p);

		name_it(r, b, op, given);
		b->from = at;
		b->to = op->at;
		b->lines = lines;
		b->left = n;
	}
	free(old.at);
	free(new.at);
}

static bool leaves(const struct op *op)
{
	return op->kind == OP_REWIND || op->kind == OP_RETURN ||
	       (op->kind == OP_LINE && play_is_reset(op->text));
}

static void read_branches(struct play *p)
{
	struct reading r = { .p = p };

	p->branch_count = 0;
	for (uint32_t n = 1; n <= p->tape.count; n++) {
		const struct op *op = &p->tape.ops[n - 1];

		if (leaves(op))
			read_leaving(&r, n);
		if (op->kind == OP_RETURN)
			branch_drop(p, op->to);
	}
	p->branches_of = p->tape.count + 1;
}

static void refresh(struct play *p)
{
	if (p->branches_of == p->tape.count + 1)
		p->branch_count--;		/* the current one */
	else
		read_branches(p);
}

/* Where the current one began: the last going back, or the start. */
static sim_time current_from(const struct play *p)
{
	for (size_t i = p->tape.count; i > 0; i--) {
		const struct op *op = &p->tape.ops[i - 1];

		if (op->kind == OP_REWIND)
			return op->to_at;
		if (op->kind == OP_RETURN)
			return p->tape.ops[op->to - 1].at;
		if (leaves(op))
			break;
	}
	return play_start(p);
}

static void add_current(struct play *p)
{
	struct trail t = trail_before(&p->tape, (uint32_t)p->tape.count + 1);
	const char *given = name_since(&p->tape, &t, 0);
	struct play_branch *b = branch_add(p);

	snprintf(b->name, sizeof(b->name), "%.63s", given ? given : "now");
	b->from = current_from(p);
	b->to = play_now(p);
	b->lines = typed_since(&p->tape, &t, 0);
	b->is_current = true;
	free(t.at);
}

size_t play_branches(const struct play *p, const struct play_branch **out)
{
	struct play *mine = (struct play *)p;	/* the list is a memory aid */

	refresh(mine);
	add_current(mine);
	*out = p->branches;
	return p->branch_count;
}

const char *play_branch_left(struct play *p)
{
	const struct play_branch *b;
	size_t count = play_branches(p, &b);

	return count > 1 && b[count - 2].left == p->tape.count ?
	       b[count - 2].name : NULL;
}

sim_time play_furthest(const struct play *p)
{
	const struct play_branch *b;
	size_t count = play_branches(p, &b);
	sim_time far = play_now(p);

	for (size_t i = 0; i < count; i++)
		if (b[i].to > far)
			far = b[i].to;
	return far;
}

/* --- naming and going there ------------------------------------------------------- */

bool play_branch(struct play *p, const char *name, struct err *err)
{
	const struct play_branch *b;

	play_branches(p, &b);
	if (is_taken(p, name))
		return err_set(err, "there is a branch %s already; `branches` "
			       "lists them", name);
	if (!*name || strlen(name) > 63 || strchr(name, ' ') ||
	    strcmp(name, "now") == 0)
		return err_set(err, "write a name of one word: branch "
			       "second-try");
	return play_input_op(p, &(struct op){
		.kind = OP_BRANCH, .text = (char *)name, .len = strlen(name),
	}, err);
}

static const struct play_branch *branch_named(struct play *p, const char *name,
					      struct err *err)
{
	const struct play_branch *b;
	size_t count = play_branches(p, &b);

	for (size_t i = 0; i < count; i++)
		if (strcmp(b[i].name, name) == 0)
			return &b[i];
	err_set(err, "there is no branch %s; `branches` lists them", name);
	return NULL;
}

bool play_return(struct play *p, const char *name, struct err *err)
{
	const struct play_branch *b;
	size_t count = p->module->task_count;
	struct op op = { .kind = OP_RETURN };
	char own[64];
	bool good;

	snprintf(own, sizeof(own), "%s", name);	/* it may be of the list */
	b = branch_named(p, own, err);
	if (!b)
		return false;
	if (b->is_current)
		return err_set(err, "you are in %s", b->name);
	op.to = b->left;
	op.text = own;
	op.len = strlen(own);
	op.gave_up = p->a->gave_up;
	op.hints = mem_zeroed(count + 1, sizeof(*op.hints));
	for (op.hint_count = 0; op.hint_count < count; op.hint_count++)
		op.hints[op.hint_count] = p->a->tasks[op.hint_count].hints;
	play_stamp(p, &op);
	good = play_rebuild(p, op.to, err);
	if (good) {
		play_return_carry(p, play_keep(p, &op));
		play_files_out(p);
		p->paused = true;
		p->held = p->hurried = p->seeks_event = false;
	}
	free(op.hints);
	return good;
}
