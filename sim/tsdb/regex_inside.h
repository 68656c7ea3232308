/* regex_inside.h - what the files of the regular expressions share
 *
 *	pattern ─regex_parse─▶ tree ─regex.c─▶ program ─regex_run─▶ yes or no
 *
 * regex_parse.c reads the operators, regex_bracket.c escapes and classes,
 * regex_class.c holds sets of characters.  Nobody else includes this.
 */
#ifndef SIM_TSDB_REGEX_INSIDE_H
#define SIM_TSDB_REGEX_INSIDE_H

#include "sim/tsdb/regex.h"

#define LAST_RUNE	0x10ffffu

enum node_kind {
	NODE_EMPTY, NODE_CLASS, NODE_BEGIN_TEXT, NODE_END_TEXT, NODE_BEGIN_LINE,
	NODE_END_LINE, NODE_WORD, NODE_NOT_WORD, NODE_CAT, NODE_OR, NODE_REPEAT,
	NODE_GROUP,
};

struct range {
	uint32_t low, high;
};

/* A set of characters: sorted ranges that do not touch. */
struct class {
	uint32_t count;
	struct range *ranges;
};

struct node {
	enum node_kind kind;
	const struct class *class;
	struct node *left, *right;	/* CAT, OR; REPEAT, GROUP: left */
	int min, max;			/* REPEAT; max -1: no end */
	bool lazy;
	int group;			/* GROUP: its number */
};

enum op { OP_CLASS, OP_ASSERT, OP_JUMP, OP_SPLIT, OP_SAVE, OP_MATCH };

struct inst {
	enum op op;
	enum node_kind what;		/* ASSERT */
	const struct class *class;	/* CLASS */
	uint32_t x, y;			/* SPLIT: x first; SAVE: slot x */
};

struct regex {
	struct inst *program;
	uint32_t count;
	int groups;
	const char *names[REGEX_GROUPS_MAX];
	const char *literal;
};

enum {
	FLAG_FOLD = 1,		/* i */
	FLAG_DOT_ALL = 2,	/* s */
	FLAG_LINES = 4,		/* m */
	FLAG_LAZY = 8,		/* U */
};

struct parser {
	struct pool *pool;
	const char *whole;	/* ^(?:pattern)$ */
	const char *at, *end;
	unsigned flags;
	bool quoted;		/* behind \Q */
	int groups;
	const char *names[REGEX_GROUPS_MAX];
	int depth;
	bool failed;
	struct err *err;
};

/* A class while it is being written: ranges in any order. */
struct set {
	struct range ranges[512];
	uint32_t count;
	bool full;		/* more than that: refused */
};

/* regex_class.c */
/* The next character, and how many bytes it has; a byte that is no UTF-8
 * counts as one U+FFFD. */
size_t regex_rune(const char *s, const char *end, uint32_t *rune);
bool regex_class_has(const struct class *c, uint32_t rune);
const struct class *regex_class(struct pool *pool, struct set *s);
void regex_set_add(struct set *s, uint32_t low, uint32_t high);
/* ASCII letters in the range also in their other case. */
void regex_set_add_folded(struct set *s, uint32_t low, uint32_t high);
void regex_set_negate(struct set *s);

/* regex_parse.c */
/* In Go's words (regexp/syntax: Error).  Always NULL. */
struct node *regex_fail(struct parser *p, const char *what, const char *from,
			const char *to);
struct node *regex_node(struct parser *p, enum node_kind kind);
struct node *regex_node_class(struct parser *p, struct set *s);
struct node *regex_parse(struct parser *p);	/* up to ) or the end */

/* regex_bracket.c */
int regex_hex_digit(char c);			/* -1: none */
/* One escaped character; p->at stands on the backslash. */
bool regex_escape(struct parser *p, uint32_t *rune);
bool regex_perl_class(struct parser *p, struct set *s);	/* \d; false: none */
bool regex_unicode_class(struct parser *p);	/* \pL: has failed; or none */
struct node *regex_parse_class(struct parser *p);	/* [a-z] */

#endif
