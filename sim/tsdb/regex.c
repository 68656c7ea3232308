/* regex.c - regular expressions that cannot hang
 *
 * Two steps: the pattern becomes a tree (recursive descent), the tree becomes
 * a program of small instructions.  Matching runs the program for all threads
 * at once, one character at a time; the order of the threads is their
 * preference, so groups come out as RE2 reports them (leftmost, first).
 */
#include "sim/tsdb/regex.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX	1000	/* RE2's limit for x{n,m}, nested ones multiplied */
#define PROGRAM_MAX	20000	/* instructions */
#define DEPTH_MAX	200	/* of groups in groups; RE2: 1000 */
#define PATTERN_MAX	4096	/* bytes */
#define LAST_RUNE	0x10ffffu
#define BAD_RUNE	0xfffdu

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
	uint32_t x, y;			/* SPLIT: first x is tried; SAVE: slot x */
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

/* -- characters ---------------------------------------------------------- */

/* The next character; a byte that is no UTF-8 counts as one U+FFFD. */
static size_t rune_at(const char *s, const char *end, uint32_t *rune)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = u[0] < 0x80 ? 1 : u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 :
		     u[0] >= 0xc2 ? 2 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (len == 1) {
		*rune = u[0];
		return 1;
	}
	*rune = BAD_RUNE;
	if (len == 0 || u[0] > 0xf4 || (size_t)(end - s) < len)
		return 1;
	uint32_t r = u[0] & (0x7fu >> len);

	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 1;
		r = r << 6 | (u[i] & 0x3f);
	}
	if (r < least[len] || r > LAST_RUNE || (r >= 0xd800 && r < 0xe000))
		return 1;
	*rune = r;
	return len;
}

static bool class_has(const struct class *c, uint32_t rune)
{
	uint32_t low = 0, high = c->count;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (rune > c->ranges[mid].high)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->count && rune >= c->ranges[low].low;
}

/* A class while it is being written: ranges in any order. */
struct set {
	struct range ranges[512];
	uint32_t count;
	bool full;		/* more than that: refused */
};

static void set_add(struct set *s, uint32_t low, uint32_t high)
{
	if (s->count < sizeof(s->ranges) / sizeof(s->ranges[0]))
		s->ranges[s->count++] = (struct range){ low, high };
	else
		s->full = true;
}

/* ASCII letters in the range also in their other case. */
static void set_add_folded(struct set *s, uint32_t low, uint32_t high)
{
	static const struct range cases[] = { { 'a', 'z' }, { 'A', 'Z' } };

	set_add(s, low, high);
	for (int i = 0; i < 2; i++) {
		uint32_t l = low > cases[i].low ? low : cases[i].low;
		uint32_t h = high < cases[i].high ? high : cases[i].high;

		if (l <= h)
			set_add(s, l ^ 0x20, h ^ 0x20);
	}
}

static void set_sort(struct set *s)
{
	uint32_t kept = 0;

	for (uint32_t i = 1; i < s->count; i++) {
		struct range moving = s->ranges[i];
		uint32_t k = i;

		for (; k && moving.low < s->ranges[k - 1].low; k--)
			s->ranges[k] = s->ranges[k - 1];
		s->ranges[k] = moving;
	}
	for (uint32_t i = 0; i < s->count; i++) {
		if (kept && s->ranges[i].low <= s->ranges[kept - 1].high + 1) {
			if (s->ranges[i].high > s->ranges[kept - 1].high)
				s->ranges[kept - 1].high = s->ranges[i].high;
		} else
			s->ranges[kept++] = s->ranges[i];
	}
	s->count = kept;
}

static void set_negate(struct set *s)
{
	struct set old = *s;
	uint32_t next = 0;

	set_sort(&old);
	s->count = 0;
	for (uint32_t i = 0; i < old.count; i++) {
		if (old.ranges[i].low > next)
			set_add(s, next, old.ranges[i].low - 1);
		next = old.ranges[i].high + 1;
	}
	if (next <= LAST_RUNE)
		set_add(s, next, LAST_RUNE);
}

static const struct class *class_of(struct pool *pool, struct set *s)
{
	struct class *c = pool_new(pool, struct class);

	set_sort(s);
	c->count = s->count;
	c->ranges = pool_array(pool, struct range, s->count);
	if (s->count)
		memcpy(c->ranges, s->ranges, s->count * sizeof(*s->ranges));
	return c;
}

/* -- parsing ------------------------------------------------------------- */

/* In Go's words (regexp/syntax: Error). */
static struct node *fail(struct parser *p, const char *what, const char *from,
			 const char *to)
{
	if (!p->failed)
		err_set(p->err, "error parsing regexp: %s: `%.*s`", what,
			(int)(to - from), from);
	p->failed = true;
	return NULL;
}

static struct node *node_new(struct parser *p, enum node_kind kind)
{
	struct node *n = pool_new(p->pool, struct node);

	n->kind = kind;
	return n;
}

static struct node *node_class(struct parser *p, struct set *s)
{
	struct node *n = node_new(p, NODE_CLASS);

	n->class = class_of(p->pool, s);
	return n;
}

static struct node *node_rune(struct parser *p, uint32_t rune)
{
	struct set s = { .count = 0 };

	if (p->flags & FLAG_FOLD)
		set_add_folded(&s, rune, rune);
	else
		set_add(&s, rune, rune);
	return node_class(p, &s);
}

static struct node *node_dot(struct parser *p)
{
	struct set s = { .count = 0 };

	if (!(p->flags & FLAG_DOT_ALL)) {
		set_add(&s, '\n', '\n');
		set_negate(&s);
	} else
		set_add(&s, 0, LAST_RUNE);
	return node_class(p, &s);
}

static bool perl_class(struct set *s, char c)
{
	struct set t = { .count = 0 };

	switch (c | 0x20) {
	case 'd':
		set_add(&t, '0', '9');
		break;
	case 's':
		set_add(&t, '\t', '\n');
		set_add(&t, '\f', '\r');
		set_add(&t, ' ', ' ');
		break;
	case 'w':
		set_add(&t, '0', '9');
		set_add(&t, 'A', 'Z');
		set_add(&t, '_', '_');
		set_add(&t, 'a', 'z');
		break;
	default:
		return false;
	}
	if (c < 'a')
		set_negate(&t);
	for (uint32_t i = 0; i < t.count; i++)
		set_add(s, t.ranges[i].low, t.ranges[i].high);
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * \x41 or \x{1F600}; p->at stands behind the x.  When it is none, p->at stands
 * behind what was looked at: error texts show that.
 */
static bool hex_escape(struct parser *p, uint32_t *rune)
{
	bool braces = p->at < p->end && *p->at == '{';
	uint32_t r = 0, c;
	bool good = true;
	int digits = 0;

	p->at += braces;
	while (p->at < p->end && (braces || digits < 2)) {
		const char *begin = p->at;

		p->at += rune_at(p->at, p->end, &c);
		if (braces && c == '}') {
			*rune = r;
			return digits > 0;
		}
		good &= hex_digit(*begin) >= 0;
		if (braces && !good)
			return false;
		r = r * 16 + (uint32_t)(good ? hex_digit(*begin) : 0);
		digits++;
		if (r > LAST_RUNE)
			return false;
	}
	*rune = r;
	return good && !braces && digits == 2;
}

/* One escaped character; p->at stands on the backslash. */
static bool escape(struct parser *p, uint32_t *rune)
{
	static const char from[] = "aftnrv", to[] = "\a\f\t\n\r\v";
	const char *begin = p->at++, *known;
	size_t len;

	if (p->at == p->end)
		return fail(p, "trailing backslash at end of expression",
			    p->end, p->end);
	len = rune_at(p->at, p->end, rune);
	p->at += len;
	known = *rune < 0x80 ? strchr(from, (int)*rune) : NULL;
	if (known && *known) {
		*rune = (unsigned char)to[known - from];
		return true;
	}
	if (*rune == 'x') {
		if (hex_escape(p, rune))
			return true;
	} else if (*rune == '0' ||
		   (*rune >= '1' && *rune <= '7' && p->at < p->end &&
		    *p->at >= '0' && *p->at <= '7')) {
		uint32_t r = *rune - '0';

		for (int i = 0; i < 2 && p->at < p->end && *p->at >= '0' &&
				*p->at <= '7'; i++)
			r = r * 8 + (uint32_t)(*p->at++ - '0');
		*rune = r;
		return true;
	} else if (*rune < 0x80 && *rune != '_' &&
		   !(*rune >= '0' && *rune <= '9') &&
		   !((*rune | 0x20) >= 'a' && (*rune | 0x20) <= 'z'))
		return true;		/* punctuation stands for itself */
	return fail(p, "invalid escape sequence", begin, p->at);
}

static const struct {
	const char *name;
	const char *ranges;		/* pairs */
} posix[] = {
	{ "alnum", "09AZaz" }, { "alpha", "AZaz" }, { "ascii", "\1\x7f" },
	{ "blank", "\t\t  " }, { "cntrl", "\1\x1f\x7f\x7f" },
	{ "digit", "09" }, { "graph", "!~" }, { "lower", "az" },
	{ "print", " ~" }, { "punct", "!/:@[`{~" }, { "space", "\t\r  " },
	{ "upper", "AZ" }, { "word", "09AZaz__" }, { "xdigit", "09AFaf" },
};

/* [:alpha:] inside a class; false when this is none. */
static bool posix_class(struct parser *p, struct set *s)
{
	const char *begin = p->at, *name = p->at + 2, *close = name;
	struct set t = { .count = 0 };
	bool negate;

	if (p->end - p->at < 4 || p->at[1] != ':')
		return false;
	while (close + 1 < p->end && !(close[0] == ':' && close[1] == ']'))
		close++;
	if (close + 1 >= p->end)
		return false;
	negate = *name == '^';
	name += negate;
	p->at = close + 2;
	for (size_t i = 0; i < sizeof(posix) / sizeof(posix[0]); i++) {
		if (strlen(posix[i].name) != (size_t)(close - name) ||
		    memcmp(posix[i].name, name, (size_t)(close - name)) != 0)
			continue;
		for (const char *r = posix[i].ranges; *r; r += 2)
			set_add(&t, (unsigned char)r[0], (unsigned char)r[1]);
		if (negate)
			set_negate(&t);
		for (uint32_t k = 0; k < t.count; k++)
			set_add(s, t.ranges[k].low, t.ranges[k].high);
		return true;
	}
	fail(p, "invalid character class range", begin, p->at);
	return true;
}

static bool class_rune(struct parser *p, const char *open, uint32_t *rune)
{
	if (p->at == p->end)
		return fail(p, "missing closing ]", open, p->end);
	if (*p->at == '\\')
		return escape(p, rune);
	p->at += rune_at(p->at, p->end, rune);
	return true;
}

static bool perl_class_at(struct parser *p, struct set *s)
{
	if (p->end - p->at < 2 || p->at[0] != '\\' || !perl_class(s, p->at[1]))
		return false;
	p->at += 2;
	return true;
}

static bool unicode_class(struct parser *p)
{
	if (p->end - p->at < 2 || p->at[0] != '\\' ||
	    (p->at[1] != 'p' && p->at[1] != 'P'))
		return false;
	fail(p, "Unicode classes are not supported in this version", p->at,
	     p->at + 2);
	return true;
}

static bool class_range(struct parser *p, const char *open, struct set *s)
{
	const char *begin = p->at;
	uint32_t low, high;

	if (!class_rune(p, open, &low))
		return false;
	high = low;
	if (p->end - p->at >= 2 && p->at[0] == '-' && p->at[1] != ']') {
		p->at++;
		if (!class_rune(p, open, &high))
			return false;
		if (high < low)
			return fail(p, "invalid character class range", begin,
				    p->at);
	}
	if (p->flags & FLAG_FOLD)
		set_add_folded(s, low, high);
	else
		set_add(s, low, high);
	return true;
}

static struct node *parse_class(struct parser *p)
{
	const char *open = p->at++;
	struct set s = { .count = 0 };
	bool negate = p->at < p->end && *p->at == '^';
	bool first = true;

	p->at += negate;
	while (p->at < p->end && (*p->at != ']' || first)) {
		first = false;
		if (*p->at == '[' && posix_class(p, &s)) {
			if (p->failed)
				return NULL;
			continue;
		}
		if (unicode_class(p))
			return NULL;
		if (perl_class_at(p, &s))
			continue;
		if (!class_range(p, open, &s))
			return NULL;
	}
	if (p->at == p->end)
		return fail(p, "missing closing ]", open, p->end);
	p->at++;
	if (negate)
		set_negate(&s);
	if (s.full)
		return fail(p, "character class too large for this version",
			    open, p->at);
	return node_class(p, &s);
}

static struct node *parse_or(struct parser *p);

/* (?i-s) or (?i:; p->at stands behind "(?".  True: a group opens. */
static bool parse_flags(struct parser *p, const char *open, bool *group)
{
	unsigned flags = p->flags;
	bool off = false, any = false;

	for (; p->at < p->end; p->at++) {
		static const char names[] = "ismU";
		const char *known = strchr(names, *p->at);

		if (known && *known) {
			unsigned bit = 1u << (known - names);

			flags = off ? flags & ~bit : flags | bit;
			any = true;
		} else if (*p->at == '-' && !off) {
			off = true;
			any = false;
		} else if ((*p->at == ':' || *p->at == ')') && (!off || any)) {
			*group = *p->at++ == ':';
			p->flags = flags;
			return true;
		} else {
			uint32_t rune;
			size_t len = rune_at(p->at, p->end, &rune);

			return fail(p, "invalid or unsupported Perl syntax",
				    open, p->at + len);
		}
	}
	return fail(p, "missing closing )", p->whole, p->end);
}

/* (?P<name>; p->at stands behind "(?P<". */
static bool parse_name(struct parser *p, const char *open, const char **name)
{
	const char *begin = p->at;

	while (p->at < p->end && *p->at != '>')
		p->at++;
	if (p->at == p->end)
		return fail(p, "invalid named capture", open, p->end);
	for (const char *c = begin; c < p->at; c++)
		if (hex_digit(*c) < 0 && *c != '_' &&
		    !((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z'))
			return fail(p, "invalid named capture", open, p->at + 1);
	if (p->at == begin)
		return fail(p, "invalid named capture", open, p->at + 1);
	*name = pool_bytes(p->pool, begin, (size_t)(p->at - begin));
	p->at++;
	return true;
}

static struct node *parse_group(struct parser *p)
{
	const char *open = p->at++;
	unsigned flags = p->flags;
	const char *name = NULL;
	struct node *n, *inner;
	bool captures = true;

	if (p->end - p->at >= 3 && !memcmp(p->at, "?P<", 3)) {
		p->at += 3;
		if (!parse_name(p, open, &name))
			return NULL;
	} else if (p->at < p->end && *p->at == '?') {
		bool group = true;

		p->at++;
		captures = false;
		if (!parse_flags(p, open, &group))
			return NULL;
		if (!group)		/* holds to the end of this group */
			return node_new(p, NODE_EMPTY);
	}
	if (++p->depth > DEPTH_MAX)
		return fail(p, "expression nests too deeply", p->whole, p->end);
	n = node_new(p, NODE_GROUP);
	if (captures) {
		n->group = ++p->groups;
		if (n->group < REGEX_GROUPS_MAX)
			p->names[n->group] = name;
	}
	inner = parse_or(p);
	if (!inner)
		return NULL;
	if (p->at == p->end)
		return fail(p, "missing closing )", p->whole, p->end);
	p->at++;
	p->depth--;
	p->flags = flags;
	n->left = inner;
	return captures ? n : inner;
}

static struct node *parse_backslash(struct parser *p)
{
	static const struct {
		char c;
		enum node_kind kind;
	} asserts[] = {
		{ 'A', NODE_BEGIN_TEXT }, { 'z', NODE_END_TEXT },
		{ 'b', NODE_WORD }, { 'B', NODE_NOT_WORD },
	};
	struct set s = { .count = 0 };
	uint32_t rune;

	if (perl_class_at(p, &s))
		return node_class(p, &s);
	if (unicode_class(p))
		return NULL;
	if (p->end - p->at >= 2) {
		for (int i = 0; i < 4; i++)
			if (p->at[1] == asserts[i].c) {
				p->at += 2;
				return node_new(p, asserts[i].kind);
			}
	}
	return escape(p, &rune) ? node_rune(p, rune) : NULL;
}

static struct node *parse_atom(struct parser *p)
{
	uint32_t rune;

	switch (*p->at) {
	case '(':
		return parse_group(p);
	case '[':
		return parse_class(p);
	case '\\':
		return parse_backslash(p);
	case '.':
		p->at++;
		return node_dot(p);
	case '^':
		p->at++;
		return node_new(p, p->flags & FLAG_LINES ? NODE_BEGIN_LINE :
							   NODE_BEGIN_TEXT);
	case '$':
		p->at++;
		return node_new(p, p->flags & FLAG_LINES ? NODE_END_LINE :
							   NODE_END_TEXT);
	default:
		p->at += rune_at(p->at, p->end, &rune);
		return node_rune(p, rune);
	}
}

static bool parse_count(const char **at, const char *end, int *n)
{
	const char *begin = *at;

	for (*n = 0; *at < end && **at >= '0' && **at <= '9'; ++*at)
		if (*n <= REPEAT_MAX)
			*n = *n * 10 + (**at - '0');
	return *at > begin && (*begin != '0' || *at == begin + 1);
}

/* {n}, {n,}, {n,m}; anything else in braces is plain text. */
static bool braces(struct parser *p, int *min, int *max)
{
	const char *at = p->at + 1;

	if (!parse_count(&at, p->end, min))
		return false;
	*max = *min;
	if (at < p->end && *at == ',') {
		at++;
		if (at < p->end && *at == '}')
			*max = -1;
		else if (!parse_count(&at, p->end, max))
			return false;
	}
	if (at == p->end || *at != '}')
		return false;
	p->at = at + 1;
	return true;
}

static bool repetition(struct parser *p, int *min, int *max)
{
	if (p->at == p->end)
		return false;
	switch (*p->at) {
	case '*':
		*min = 0;
		*max = -1;
		break;
	case '+':
		*min = 1;
		*max = -1;
		break;
	case '?':
		*min = 0;
		*max = 1;
		break;
	case '{':
		return braces(p, min, max);
	default:
		return false;
	}
	p->at++;
	return true;
}

/* How often the innermost of nested counted repeats happens. */
static int repeats(const struct node *n)
{
	int left, right, own;

	if (!n)
		return 1;
	left = repeats(n->left);
	right = repeats(n->right);
	own = left > right ? left : right;
	if (n->kind == NODE_REPEAT && (n->min > 1 || n->max > 1))
		own *= n->max > n->min ? n->max : n->min;
	return own > REPEAT_MAX ? REPEAT_MAX + 1 : own;
}

/* The operators behind an operand. */
static struct node *parse_repeat(struct parser *p, struct node *n)
{
	const char *first = NULL;
	int min, max;

	for (;;) {
		const char *begin = p->at;
		struct node *r;

		if (!n || !repetition(p, &min, &max))
			return n;
		if (min > REPEAT_MAX || max > REPEAT_MAX ||
		    (max >= 0 && max < min))
			return fail(p, "invalid repeat count", begin, p->at);
		r = node_new(p, NODE_REPEAT);
		r->lazy = (p->flags & FLAG_LAZY) != 0;
		if (p->at < p->end && *p->at == '?') {
			r->lazy = !r->lazy;
			p->at++;
		}
		if (first)
			return fail(p, "invalid nested repetition operator",
				    first, p->at);
		first = begin;
		r->left = n;
		r->min = min;
		r->max = max;
		if (*begin == '{' && repeats(r) > REPEAT_MAX)
			return fail(p, "invalid repeat count", begin, p->at);
		n = r;
	}
}

static bool behind(const struct parser *p, char c)
{
	return p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == c;
}

/* One operand with its operators; between \Q and \E each character stands for
 * itself, and an operator behind \E belongs to the last. */
static struct node *parse_item(struct parser *p)
{
	const char *begin = p->at;
	struct node *n;
	uint32_t rune;
	int min, max;

	if (!p->quoted) {
		if (repetition(p, &min, &max))
			return fail(p, "missing argument to repetition operator",
				    begin, p->at);
		return parse_repeat(p, parse_atom(p));
	}
	p->at += rune_at(p->at, p->end, &rune);
	n = node_rune(p, rune);
	if (!behind(p, 'E'))
		return n;
	p->at += 2;
	p->quoted = false;
	return parse_repeat(p, n);
}

static struct node *parse_cat(struct parser *p)
{
	struct node *all = NULL;

	while (p->at < p->end &&
	       (p->quoted || (*p->at != '|' && *p->at != ')'))) {
		struct node *n, *cat;

		if (behind(p, p->quoted ? 'E' : 'Q')) {
			p->quoted = !p->quoted;
			p->at += 2;
			continue;
		}
		n = parse_item(p);
		if (!n)
			return NULL;
		if (!all) {
			all = n;
			continue;
		}
		cat = node_new(p, NODE_CAT);
		cat->left = all;
		cat->right = n;
		all = cat;
	}
	return all ? all : node_new(p, NODE_EMPTY);
}

static struct node *parse_or(struct parser *p)
{
	struct node *all = parse_cat(p);

	while (all && p->at < p->end && *p->at == '|') {
		struct node *or = node_new(p, NODE_OR);

		p->at++;
		or->left = all;
		or->right = parse_cat(p);
		all = or->right ? or : NULL;
	}
	return all;
}

/* -- compiling ----------------------------------------------------------- */

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
	    fail(&p, "expression too large for this version", whole, whole) :
	    parse_or(&p);
	if (n && p.at < p.end)
		n = fail(&p, "unexpected )", whole, p.end);
	if (!n)
		return NULL;
	compile(&c, n);
	emit(&c, (struct inst){ .op = OP_MATCH });
	if (c.too_large) {
		fail(&p, "expression too large for this version", whole, p.end);
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

/* -- matching ------------------------------------------------------------ */

/* One way through the program that is still open. */
struct thread {
	uint32_t pc;
	int save[];		/* 2 * groups asked for */
};

struct threads {
	unsigned char *at;
	uint32_t count;
	uint32_t *seen;		/* by pc: in which round it was added */
	uint32_t round;
};

struct machine {
	const struct regex *re;
	const char *text, *end;
	int slots;		/* positions kept a thread */
	size_t thread_bytes;
	uint32_t *todo;		/* stack of follow_on */
	int *undo;		/* slot and old value */
};

static struct thread *thread_at(const struct machine *m,
				const struct threads *t, uint32_t i)
{
	return (struct thread *)(void *)(t->at + i * m->thread_bytes);
}

static bool word_at(const struct machine *m, const char *at)
{
	return at >= m->text && at < m->end &&
	       ((*at >= '0' && *at <= '9') || *at == '_' ||
		((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'));
}

static bool holds(const struct machine *m, enum node_kind what, const char *at)
{
	switch (what) {
	case NODE_BEGIN_TEXT:
		return at == m->text;
	case NODE_END_TEXT:
		return at == m->end;
	case NODE_BEGIN_LINE:
		return at == m->text || at[-1] == '\n';
	case NODE_END_LINE:
		return at == m->end || *at == '\n';
	case NODE_WORD:
		return word_at(m, at - 1) != word_at(m, at);
	default:
		return word_at(m, at - 1) == word_at(m, at);
	}
}

#define UNDO	0x80000000u	/* on the stack: take a save back */

/*
 * Add the thread at pc and all it reaches without reading a character, in
 * their order of preference.  A stack instead of recursion: patterns come
 * from outside.
 */
static void follow_on(struct machine *m, struct threads *t, uint32_t pc,
		      const int *save, const char *at)
{
	int now[2 * REGEX_GROUPS_MAX];
	uint32_t depth = 0, undone = 0;

	if (m->slots)
		memcpy(now, save, (size_t)m->slots * sizeof(*now));
	m->todo[depth++] = pc;
	while (depth) {
		const struct inst *inst;
		struct thread *added;

		pc = m->todo[--depth];
		if (pc & UNDO) {
			undone -= 2;
			now[m->undo[undone]] = m->undo[undone + 1];
			continue;
		}
		if (t->seen[pc] == t->round)
			continue;
		t->seen[pc] = t->round;
		inst = &m->re->program[pc];
		switch (inst->op) {
		case OP_JUMP:
			m->todo[depth++] = inst->x;
			break;
		case OP_SPLIT:
			m->todo[depth++] = inst->y;
			m->todo[depth++] = inst->x;
			break;
		case OP_ASSERT:
			if (holds(m, inst->what, at))
				m->todo[depth++] = pc + 1;
			break;
		case OP_SAVE:
			if (inst->x < (uint32_t)m->slots) {
				m->undo[undone++] = (int)inst->x;
				m->undo[undone++] = now[inst->x];
				now[inst->x] = (int)(at - m->text);
				m->todo[depth++] = UNDO;
			}
			m->todo[depth++] = pc + 1;
			break;
		default:
			added = thread_at(m, t, t->count++);
			added->pc = pc;
			if (m->slots)
				memcpy(added->save, now,
				       (size_t)m->slots * sizeof(*now));
		}
	}
}

static bool run(struct machine *m, struct threads *now, struct threads *next,
		int *save)
{
	int none[2 * REGEX_GROUPS_MAX];
	const char *at = m->text;
	bool matched = false;

	for (int i = 0; i < 2 * REGEX_GROUPS_MAX; i++)
		none[i] = -1;
	now->round = 1;
	follow_on(m, now, 0, none, at);
	while (now->count) {
		uint32_t rune = 0;
		size_t len = at < m->end ? rune_at(at, m->end, &rune) : 0;
		struct threads *swap = now;

		next->round = now->round + 1;
		next->count = 0;
		for (uint32_t i = 0; i < now->count; i++) {
			struct thread *t = thread_at(m, now, i);
			const struct inst *inst = &m->re->program[t->pc];

			if (inst->op == OP_MATCH) {
				matched = true;
				if (m->slots)
					memcpy(save, t->save, (size_t)m->slots *
							      sizeof(*save));
				break;		/* the rest is less preferred */
			}
			if (len && class_has(inst->class, rune))
				follow_on(m, next, t->pc + 1, t->save, at + len);
		}
		now = next;
		next = swap;
		if (!len)
			break;
		at += len;
	}
	return matched;
}

static bool match(const struct regex *re, const char *text, int slots, int *save)
{
	size_t thread_bytes = sizeof(struct thread) +
			      (size_t)slots * sizeof(int);
	struct pool pool = {0};
	struct machine m = {
		.re = re, .text = text, .end = text + strlen(text),
		.slots = slots, .thread_bytes = thread_bytes,
	};
	struct threads a = {0}, b = {0};
	bool matched;

	/* Each pc goes onto the stack at most twice, plus one undo. */
	m.todo = pool_array(&pool, uint32_t, 3 * (size_t)re->count + 3);
	m.undo = pool_array(&pool, int, 2 * (size_t)re->count + 2);
	a.at = pool_take(&pool, re->count * thread_bytes);
	b.at = pool_take(&pool, re->count * thread_bytes);
	a.seen = pool_array(&pool, uint32_t, re->count);
	b.seen = pool_array(&pool, uint32_t, re->count);
	matched = run(&m, &a, &b, save);
	pool_release(&pool);
	return matched;
}

bool regex_match(const struct regex *re, const char *text)
{
	if (re->literal)
		return strcmp(re->literal, text) == 0;
	return match(re, text, 0, NULL);
}

bool regex_groups(const struct regex *re, const char *text,
		  int from[REGEX_GROUPS_MAX], int to[REGEX_GROUPS_MAX])
{
	int save[2 * REGEX_GROUPS_MAX];

	for (int i = 0; i < 2 * REGEX_GROUPS_MAX; i++)
		save[i] = -1;
	if (!match(re, text, 2 * REGEX_GROUPS_MAX, save))
		return false;
	for (int i = 1; i < REGEX_GROUPS_MAX; i++) {
		from[i] = save[2 * i];
		to[i] = save[2 * i + 1];
	}
	from[0] = 0;
	to[0] = (int)strlen(text);
	return true;
}

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
