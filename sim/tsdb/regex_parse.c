/* regex_parse.c - patterns: what follows what, how often, or instead
 *
 * Recursive descent, the weakest operator first: x|y is made of rows, a row of
 * operands with their repeats, an operand may be a group and begin anew.
 */
#include "sim/tsdb/regex_inside.h"

#include <string.h>

#define REPEAT_MAX	1000	/* RE2's, for x{n,m}; nested ones multiplied */
#define DEPTH_MAX	200	/* of groups in groups; RE2: 1000 */

/* In Go's words (regexp/syntax: Error). */
struct node *regex_fail(struct parser *p, const char *what, const char *from,
			const char *to)
{
	if (!p->failed)
		err_set(p->err, "error parsing regexp: %s: `%.*s`", what,
			(int)(to - from), from);
	p->failed = true;
	return NULL;
}

struct node *regex_node(struct parser *p, enum node_kind kind)
{
	struct node *n = pool_new(p->pool, struct node);

	n->kind = kind;
	return n;
}

struct node *regex_node_class(struct parser *p, struct set *s)
{
	struct node *n = regex_node(p, NODE_CLASS);

	n->class = regex_class(p->pool, s);
	return n;
}

static struct node *node_rune(struct parser *p, uint32_t rune)
{
	struct set s = { .count = 0 };

	if (p->flags & FLAG_FOLD)
		regex_set_add_folded(&s, rune, rune);
	else
		regex_set_add(&s, rune, rune);
	return regex_node_class(p, &s);
}

static struct node *node_dot(struct parser *p)
{
	struct set s = { .count = 0 };

	if (!(p->flags & FLAG_DOT_ALL)) {
		regex_set_add(&s, '\n', '\n');
		regex_set_negate(&s);
	} else
		regex_set_add(&s, 0, LAST_RUNE);
	return regex_node_class(p, &s);
}

/* -- groups ------------------------------------------------------------- */

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
			size_t len = regex_rune(p->at, p->end, &rune);

			return regex_fail(p, "invalid or unsupported Perl "
					  "syntax", open, p->at + len);
		}
	}
	return regex_fail(p, "missing closing )", p->whole, p->end);
}

/* (?P<name>; p->at stands behind "(?P<". */
static bool parse_name(struct parser *p, const char *open, const char **name)
{
	const char *begin = p->at;

	while (p->at < p->end && *p->at != '>')
		p->at++;
	if (p->at == p->end)
		return regex_fail(p, "invalid named capture", open, p->end);
	for (const char *c = begin; c < p->at; c++)
		if (regex_hex_digit(*c) < 0 && *c != '_' &&
		    !((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z'))
			return regex_fail(p, "invalid named capture", open,
					  p->at + 1);
	if (p->at == begin)
		return regex_fail(p, "invalid named capture", open, p->at + 1);
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
			return regex_node(p, NODE_EMPTY);
	}
	if (++p->depth > DEPTH_MAX)
		return regex_fail(p, "expression nests too deeply", p->whole,
				  p->end);
	n = regex_node(p, NODE_GROUP);
	if (captures) {
		n->group = ++p->groups;
		if (n->group < REGEX_GROUPS_MAX)
			p->names[n->group] = name;
	}
	inner = regex_parse(p);
	if (!inner)
		return NULL;
	if (p->at == p->end)
		return regex_fail(p, "missing closing )", p->whole, p->end);
	p->at++;
	p->depth--;
	p->flags = flags;
	n->left = inner;
	return captures ? n : inner;
}

/* -- operands ----------------------------------------------------------- */

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

	if (regex_perl_class(p, &s))
		return regex_node_class(p, &s);
	if (regex_unicode_class(p))
		return NULL;
	if (p->end - p->at >= 2) {
		for (int i = 0; i < 4; i++)
			if (p->at[1] == asserts[i].c) {
				p->at += 2;
				return regex_node(p, asserts[i].kind);
			}
	}
	return regex_escape(p, &rune) ? node_rune(p, rune) : NULL;
}

static struct node *parse_atom(struct parser *p)
{
	uint32_t rune;

	switch (*p->at) {
	case '(':
		return parse_group(p);
	case '[':
		return regex_parse_class(p);
	case '\\':
		return parse_backslash(p);
	case '.':
		p->at++;
		return node_dot(p);
	case '^':
		p->at++;
		return regex_node(p, p->flags & FLAG_LINES ? NODE_BEGIN_LINE :
							   NODE_BEGIN_TEXT);
	case '$':
		p->at++;
		return regex_node(p, p->flags & FLAG_LINES ? NODE_END_LINE :
							   NODE_END_TEXT);
	default:
		p->at += regex_rune(p->at, p->end, &rune);
		return node_rune(p, rune);
	}
}

/* -- repeats ------------------------------------------------------------ */

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
			return regex_fail(p, "invalid repeat count", begin,
					  p->at);
		r = regex_node(p, NODE_REPEAT);
		r->lazy = (p->flags & FLAG_LAZY) != 0;
		if (p->at < p->end && *p->at == '?') {
			r->lazy = !r->lazy;
			p->at++;
		}
		if (first)
			return regex_fail(p, "invalid nested repetition "
					  "operator", first, p->at);
		first = begin;
		r->left = n;
		r->min = min;
		r->max = max;
		if (*begin == '{' && repeats(r) > REPEAT_MAX)
			return regex_fail(p, "invalid repeat count", begin,
					  p->at);
		n = r;
	}
}

/* -- rows and alternatives ---------------------------------------------- */

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
			return regex_fail(p, "missing argument to repetition "
					  "operator", begin, p->at);
		return parse_repeat(p, parse_atom(p));
	}
	p->at += regex_rune(p->at, p->end, &rune);
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
		cat = regex_node(p, NODE_CAT);
		cat->left = all;
		cat->right = n;
		all = cat;
	}
	return all ? all : regex_node(p, NODE_EMPTY);
}

struct node *regex_parse(struct parser *p)
{
	struct node *all = parse_cat(p);

	while (all && p->at < p->end && *p->at == '|') {
		struct node *or = regex_node(p, NODE_OR);

		p->at++;
		or->left = all;
		or->right = parse_cat(p);
		all = or->right ? or : NULL;
	}
	return all;
}
