/* regex.c - regular expressions that cannot hang
 *
 * Two steps: the pattern becomes a tree (regex_parse.c), the tree becomes a
 * program of small instructions (here).  regex_run.c runs it.  A repeat with a
 * count is written out, so the size of a program is limited as well as that
 * of a pattern.
 */
#include "sim/tsdb/regex_inside.h"

#include <stdio.h>
#include <string.h>

#define PROGRAM_MAX	20000	/* instructions */
#define PATTERN_MAX	4096	/* bytes */

struct compiler {
	struct inst *program;
	uint32_t count, cap;
	struct pool *pool;
	bool too_large;
};

static uint32_t emit(struct compiler *c, struct inst inst)
{
	if (c->count == PROGRAM_MAX) {
		c->too_large = true;
		return 0;
	}
	if (c->count == c->cap) {
		uint32_t cap = c->cap ? 2 * c->cap : 32;

		c->program = pool_grow(c->pool, c->program,
				       c->cap * sizeof(*c->program),
				       cap * sizeof(*c->program));
		c->cap = cap;
	}
	c->program[c->count] = inst;
	return c->count++;
}

static void compile(struct compiler *c, const struct node *n);

/* Where a split goes, in the order of preference. */
static void split_to(struct compiler *c, uint32_t at, uint32_t in, uint32_t out,
		     bool lazy)
{
	if (c->too_large)
		return;
	c->program[at].x = lazy ? out : in;
	c->program[at].y = lazy ? in : out;
}

static void compile_repeat(struct compiler *c, const struct node *n)
{
	uint32_t *splits, count = 0;

	for (int i = 0; i < n->min && !c->too_large; i++)
		compile(c, n->left);
	if (n->max < 0) {		/* L: split in, out; in: x; jump L */
		uint32_t at = emit(c, (struct inst){ .op = OP_SPLIT });

		compile(c, n->left);
		emit(c, (struct inst){ .op = OP_JUMP, .x = at });
		split_to(c, at, at + 1, c->count, n->lazy);
		return;
	}
	splits = pool_array(c->pool, uint32_t, (size_t)(n->max - n->min));
	for (int i = n->min; i < n->max && !c->too_large; i++) {
		splits[count++] = emit(c, (struct inst){ .op = OP_SPLIT });
		compile(c, n->left);
	}
	for (uint32_t i = 0; i < count; i++)
		split_to(c, splits[i], splits[i] + 1, c->count, n->lazy);
}

static void compile_or(struct compiler *c, const struct node *n)
{
	uint32_t split = emit(c, (struct inst){ .op = OP_SPLIT });
	uint32_t jump;

	compile(c, n->left);
	jump = emit(c, (struct inst){ .op = OP_JUMP });
	split_to(c, split, split + 1, c->count, false);
	compile(c, n->right);
	if (!c->too_large)
		c->program[jump].x = c->count;
}

static void compile(struct compiler *c, const struct node *n)
{
	if (c->too_large)
		return;
	switch (n->kind) {
	case NODE_EMPTY:
		return;
	case NODE_CLASS:
		emit(c, (struct inst){ .op = OP_CLASS, .class = n->class });
		return;
	case NODE_CAT:
		compile(c, n->left);
		compile(c, n->right);
		return;
	case NODE_OR:
		compile_or(c, n);
		return;
	case NODE_REPEAT:
		compile_repeat(c, n);
		return;
	case NODE_GROUP:
		emit(c, (struct inst){ .op = OP_SAVE,
				       .x = 2 * (uint32_t)n->group });
		compile(c, n->left);
		emit(c, (struct inst){ .op = OP_SAVE,
				       .x = 2 * (uint32_t)n->group + 1 });
		return;
	default:
		emit(c, (struct inst){ .op = OP_ASSERT, .what = n->kind });
	}
}

/* The program is one text when it is a row of single characters. */
static const char *literal_of(struct pool *pool, const struct inst *program,
			      uint32_t count)
{
	char *s = pool_take(pool, count + 1);

	for (uint32_t i = 0; i + 1 < count; i++) {
		const struct class *c = program[i].class;

		if (program[i].op != OP_CLASS || c->count != 1 ||
		    c->ranges[0].low != c->ranges[0].high ||
		    c->ranges[0].low >= 0x80 || !c->ranges[0].low)
			return NULL;
		s[i] = (char)c->ranges[0].low;
	}
	return s;
}

struct regex *regex_compile(struct pool *pool, const char *pattern,
			    struct err *err)
{
	size_t len = strlen(pattern);
	char *whole = pool_take(pool, len + 7);
	struct parser p = { .pool = pool, .err = err, .whole = whole };
	struct compiler c = { .pool = pool };
	struct regex *re;
	struct node *n;

	snprintf(whole, len + 7, "^(?:%s)$", pattern);
	p.end = whole + len + 6;
	p.at = whole;
	n = len > PATTERN_MAX ?
	    regex_fail(&p, "expression too large for this version", whole,
		       whole) :
	    regex_parse(&p);
	if (n && p.at < p.end)
		n = regex_fail(&p, "unexpected )", whole, p.end);
	if (!n)
		return NULL;
	compile(&c, n);
	emit(&c, (struct inst){ .op = OP_MATCH });
	if (c.too_large) {
		regex_fail(&p, "expression too large for this version", whole,
			   p.end);
		return NULL;
	}
	re = pool_new(pool, struct regex);
	re->program = c.program;
	re->count = c.count;
	re->groups = p.groups;
	memcpy(re->names, p.names, sizeof(re->names));
	/* without ^ and $ around it */
	if (c.count >= 3 && c.program[0].op == OP_ASSERT &&
	    c.program[c.count - 2].op == OP_ASSERT)
		re->literal = literal_of(pool, c.program + 1, c.count - 2);
	return re;
}

/* -- what may be asked -------------------------------------------------- */

int regex_group_count(const struct regex *re)
{
	return re->groups;
}

int regex_group_named(const struct regex *re, const char *name, size_t len)
{
	for (int i = 1; i < REGEX_GROUPS_MAX; i++)
		if (re->names[i] && strlen(re->names[i]) == len &&
		    !memcmp(re->names[i], name, len))
			return i;
	return -1;
}

const char *regex_literal(const struct regex *re)
{
	return re->literal;
}
