/* pattern.c - Lua's patterns, matched on a budget */
#include "lua/pattern.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * A pattern is a row of items.  Each is read when the matcher comes to it:
 *
 *	f o+ [^%s]- %1 %b() %f[%w] ( () ) $
 *
 * Most items are a *single*: something that one byte can match (a letter, a
 * dot, a class, a set), with at most one of * + - ? behind it.
 */
enum item_kind {
	ITEM_END,			/* the pattern is used up: a match */
	ITEM_OPEN, ITEM_OPEN_POSITION, ITEM_CLOSE,
	ITEM_TAIL,			/* a '$' that ends the pattern */
	ITEM_BALANCE,			/* %bxy */
	ITEM_FRONTIER,			/* %f[set] */
	ITEM_BACKREF,			/* %1 */
	ITEM_SINGLE,
};

struct item {
	enum item_kind kind;
	size_t at;			/* offset of the item in the pattern */
	size_t single_end;		/* SINGLE, FRONTIER: end of class or set */
	char repeat;			/* SINGLE: one of * + - ?, or 0 */
	size_t next;			/* offset of the item behind it */
};

static enum pattern_result match_from(struct pattern *p, size_t at, size_t s,
				      size_t *end);

static enum pattern_result wrong(struct pattern *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static enum pattern_result wrong(struct pattern *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->wrong, sizeof(p->wrong), fmt, args);
	va_end(args);
	return PATTERN_WRONG;
}

/* Pay for some work.  False when it can no longer be paid for. */
static bool pay(struct pattern *p, size_t steps)
{
	if (p->steps_left < 0 || (uint64_t)p->steps_left < steps) {
		p->steps_left = 0;
		return false;
	}
	p->steps_left -= (int64_t)steps;
	return true;
}

/* The byte at an offset of the pattern; NUL behind its end, as in liblua. */
static unsigned char pattern_byte(const struct pattern *p, size_t at)
{
	return at < p->pattern_len ? (unsigned char)p->pattern[at] : 0;
}

static unsigned char subject_byte(const struct pattern *p, size_t s)
{
	return s < p->subject_len ? (unsigned char)p->subject[s] : 0;
}

/* --- classes: %a %d ... ------------------------------------------------- */

static bool is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
static bool is_letter(unsigned char c) { return is_lower(c) || is_upper(c); }
static bool is_alnum(unsigned char c) { return is_letter(c) || is_digit(c); }
static bool is_control(unsigned char c) { return c < 32 || c == 127; }
static bool is_graphic(unsigned char c) { return c > 32 && c < 127; }
static bool is_punct(unsigned char c) { return is_graphic(c) && !is_alnum(c); }
static bool is_nul(unsigned char c) { return c == 0; }

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_hex(unsigned char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The class a letter stands for; the upper case letter is its opposite.
 * %z left the manual with Lua 5.2, liblua 5.4 still knows it. */
static bool (*const class_of[128])(unsigned char c) = {
	['a'] = is_letter,	['c'] = is_control,	['d'] = is_digit,
	['g'] = is_graphic,	['l'] = is_lower,	['p'] = is_punct,
	['s'] = is_space,	['u'] = is_upper,	['w'] = is_alnum,
	['x'] = is_hex,		['z'] = is_nul,
};

/* Does `c` match %x, where x is `name`?  A non-letter stands for itself. */
static bool class_has(unsigned char name, unsigned char c)
{
	unsigned char lower = is_upper(name) ? name - 'A' + 'a' : name;

	if (lower >= 128 || !class_of[lower])
		return name == c;
	return class_of[lower](c) != is_upper(name);
}

/* Does `c` match the set whose '[' is at `at` and whose ']' is at `close`? */
static bool set_has(const struct pattern *p, size_t at, size_t close,
		    unsigned char c)
{
	bool found = true;

	at++;
	if (pattern_byte(p, at) == '^') {
		found = false;
		at++;
	}
	for (; at < close; at++) {
		unsigned char member = pattern_byte(p, at);

		if (member == '%') {
			at++;
			if (class_has(pattern_byte(p, at), c))
				return found;
		} else if (pattern_byte(p, at + 1) == '-' && at + 2 < close) {
			at += 2;
			if (member <= c && c <= pattern_byte(p, at))
				return found;
		} else if (member == c) {
			return found;
		}
	}
	return !found;
}

/* --- reading items ------------------------------------------------------ */

/* Find the end of the set that begins at `at`.  A ']' in the first place is a
 * member: "[]]" and "[^]]" are sets. */
static enum pattern_result read_set(struct pattern *p, size_t at, size_t *end)
{
	at++;
	if (pattern_byte(p, at) == '^')
		at++;
	do {
		if (at >= p->pattern_len)
			return wrong(p, "malformed pattern (missing ']')");
		if (p->pattern[at++] == '%' && at < p->pattern_len)
			at++;
	} while (at >= p->pattern_len || p->pattern[at] != ']');

	*end = at + 1;
	return PATTERN_FOUND;
}

static enum pattern_result read_single(struct pattern *p, struct item *item)
{
	enum pattern_result r = PATTERN_FOUND;
	unsigned char c = pattern_byte(p, item->at);
	char repeat;

	item->kind = ITEM_SINGLE;
	item->single_end = item->at + 1;
	if (c == '%') {
		if (item->at + 1 >= p->pattern_len)
			return wrong(p, "malformed pattern (ends with '%%')");
		item->single_end = item->at + 2;
	} else if (c == '[') {
		r = read_set(p, item->at, &item->single_end);
	}
	if (r != PATTERN_FOUND)
		return r;

	repeat = (char)pattern_byte(p, item->single_end);
	item->repeat = repeat && strchr("*+-?", repeat) ? repeat : 0;
	item->next = item->single_end + (item->repeat != 0);
	return PATTERN_FOUND;
}

static enum pattern_result read_escape(struct pattern *p, struct item *item)
{
	unsigned char c = pattern_byte(p, item->at + 1);

	if (c == 'b') {
		if (item->at + 3 >= p->pattern_len)
			return wrong(p, "malformed pattern "
				     "(missing arguments to '%%b')");
		item->kind = ITEM_BALANCE;
		item->next = item->at + 4;
		return PATTERN_FOUND;
	}
	if (c == 'f') {
		if (pattern_byte(p, item->at + 2) != '[')
			return wrong(p, "missing '[' after '%%f' in pattern");
		item->kind = ITEM_FRONTIER;
		enum pattern_result r = read_set(p, item->at + 2,
						 &item->single_end);
		item->next = item->single_end;
		return r;
	}
	if (is_digit(c)) {
		item->kind = ITEM_BACKREF;
		item->next = item->at + 2;
		return PATTERN_FOUND;
	}
	return read_single(p, item);
}

/* Read the item at `at`.  A long set is paid for by its length: a pattern may
 * have a megabyte of it, and reading happens again at every place tried. */
static enum pattern_result read_item(struct pattern *p, size_t at,
				     struct item *item)
{
	unsigned char c = pattern_byte(p, at);
	enum pattern_result r = PATTERN_FOUND;

	*item = (struct item){ .at = at, .next = at + 1 };
	if (at >= p->pattern_len) {
		item->kind = ITEM_END;
	} else if (c == '(' && pattern_byte(p, at + 1) == ')') {
		item->kind = ITEM_OPEN_POSITION;
		item->next = at + 2;
	} else if (c == '(') {
		item->kind = ITEM_OPEN;
	} else if (c == ')') {
		item->kind = ITEM_CLOSE;
	} else if (c == '$' && at + 1 == p->pattern_len) {
		item->kind = ITEM_TAIL;
	} else if (c == '%') {
		r = read_escape(p, item);
	} else {
		r = read_single(p, item);
	}

	size_t read = r == PATTERN_WRONG ? p->pattern_len : item->next;
	if (!pay(p, 1 + (read - at) / 8))
		return PATTERN_SPENT;
	return r;
}

/* --- matching items ----------------------------------------------------- */

/* Does the byte at `s` match this single?  SPENT when it cannot be paid. */
static enum pattern_result single_has(struct pattern *p,
				      const struct item *item, size_t s)
{
	unsigned char name = pattern_byte(p, item->at);
	bool has;

	if (!pay(p, 1 + (item->single_end - item->at) / 8))
		return PATTERN_SPENT;
	if (s >= p->subject_len)
		return PATTERN_NONE;

	unsigned char c = (unsigned char)p->subject[s];
	if (name == '.')
		has = true;
	else if (name == '%')
		has = class_has(pattern_byte(p, item->at + 1), c);
	else if (name == '[')
		has = set_has(p, item->at, item->single_end - 1, c);
	else
		has = name == c;
	return has ? PATTERN_FOUND : PATTERN_NONE;
}

/* As many as there are, then fewer until the rest matches too. */
static enum pattern_result match_most(struct pattern *p,
				      const struct item *item, size_t s,
				      size_t at_least, size_t *end)
{
	enum pattern_result r;
	size_t n = 0;

	while ((r = single_has(p, item, s + n)) == PATTERN_FOUND)
		n++;
	if (r != PATTERN_NONE)
		return r;

	for (n++; n-- > at_least;) {
		r = match_from(p, item->next, s + n, end);
		if (r != PATTERN_NONE)
			return r;
	}
	return PATTERN_NONE;
}

/* As few as will do for the rest to match. */
static enum pattern_result match_fewest(struct pattern *p,
					const struct item *item, size_t s,
					size_t *end)
{
	for (;;) {
		enum pattern_result r = match_from(p, item->next, s, end);

		if (r != PATTERN_NONE)
			return r;
		r = single_has(p, item, s++);
		if (r != PATTERN_FOUND)
			return r;
	}
}

/* "(" and "()": remember where, and forget it again if the rest fails. */
static enum pattern_result match_open(struct pattern *p,
				      const struct item *item, size_t s,
				      size_t *end)
{
	if (p->capture_count == PATTERN_CAPTURES_MAX)
		return wrong(p, "too many captures");

	p->captures[p->capture_count++] = (struct pattern_capture){
		.start = s,
		.kind = item->kind == ITEM_OPEN ? PATTERN_CAPTURE_OPEN
						: PATTERN_CAPTURE_POSITION,
	};
	enum pattern_result r = match_from(p, item->next, s, end);
	if (r == PATTERN_NONE)
		p->capture_count--;
	return r;
}

static enum pattern_result match_close(struct pattern *p,
				       const struct item *item, size_t s,
				       size_t *end)
{
	int i = p->capture_count;

	while (i > 0 && p->captures[i - 1].kind != PATTERN_CAPTURE_OPEN)
		i--;
	if (i == 0)
		return wrong(p, "invalid pattern capture");

	struct pattern_capture *capture = &p->captures[i - 1];
	capture->len = s - capture->start;
	capture->kind = PATTERN_CAPTURE_TEXT;
	enum pattern_result r = match_from(p, item->next, s, end);
	if (r == PATTERN_NONE)
		capture->kind = PATTERN_CAPTURE_OPEN;
	return r;
}

/* %bxy: from an x to the y that balances it. */
static enum pattern_result match_balance(struct pattern *p,
					 const struct item *item, size_t *s)
{
	unsigned char open = pattern_byte(p, item->at + 2);
	unsigned char close = pattern_byte(p, item->at + 3);
	size_t depth = 1;

	if (*s >= p->subject_len || subject_byte(p, *s) != open)
		return PATTERN_NONE;
	for (size_t i = *s + 1; i < p->subject_len; i++) {
		unsigned char c = subject_byte(p, i);

		if (!pay(p, 1))
			return PATTERN_SPENT;
		if (c == close) {	/* first: x and y may be the same */
			if (--depth == 0) {
				*s = i + 1;
				return PATTERN_FOUND;
			}
		} else if (c == open) {
			depth++;
		}
	}
	return PATTERN_NONE;
}

/* %f[set]: the place where bytes begin to be in the set.  Both ends of the
 * subject count as a NUL. */
static enum pattern_result match_frontier(struct pattern *p,
					  const struct item *item, size_t *s)
{
	size_t set = item->at + 2, close = item->single_end - 1;
	unsigned char before = *s > 0 ? subject_byte(p, *s - 1) : 0;

	if (!set_has(p, set, close, before) &&
	    set_has(p, set, close, subject_byte(p, *s)))
		return PATTERN_FOUND;
	return PATTERN_NONE;
}

/* %1: what the first capture holds, once more. */
static enum pattern_result match_backref(struct pattern *p,
					 const struct item *item, size_t *s)
{
	int i = pattern_byte(p, item->at + 1) - '1';

	if (i < 0 || i >= p->capture_count ||
	    p->captures[i].kind == PATTERN_CAPTURE_OPEN)
		return wrong(p, "invalid capture index %%%d", i + 1);

	const struct pattern_capture *capture = &p->captures[i];
	if (capture->kind == PATTERN_CAPTURE_POSITION ||
	    p->subject_len - *s < capture->len)
		return PATTERN_NONE;
	if (!pay(p, capture->len / 8))
		return PATTERN_SPENT;
	if (memcmp(p->subject + capture->start, p->subject + *s,
		   capture->len) != 0)
		return PATTERN_NONE;
	*s += capture->len;
	return PATTERN_FOUND;
}

/*
 * A single.  Says FOUND when the caller may go on behind the item, at *s, and
 * sets *done when the rest of the pattern has been matched on the way.
 */
static enum pattern_result match_single(struct pattern *p,
					const struct item *item, size_t *s,
					size_t *end, bool *done)
{
	enum pattern_result r;

	switch (item->repeat) {
	case '*':
	case '+':
		*done = true;
		return match_most(p, item, *s, item->repeat == '+', end);
	case '-':
		*done = true;
		return match_fewest(p, item, *s, end);
	}

	r = single_has(p, item, *s);
	if (item->repeat != '?') {
		*s += r == PATTERN_FOUND;
		return r;
	}
	if (r == PATTERN_FOUND) {
		r = match_from(p, item->next, *s + 1, end);
		*done = r == PATTERN_FOUND;
	}
	return r == PATTERN_NONE ? PATTERN_FOUND : r;
}

/* Match the items from `at` against the subject from `s`. */
static enum pattern_result match_items(struct pattern *p, size_t at, size_t s,
				       size_t *end)
{
	for (;;) {
		enum pattern_result r;
		struct item item;
		bool done = false;

		r = read_item(p, at, &item);
		if (r != PATTERN_FOUND)
			return r;
		switch (item.kind) {
		case ITEM_END:
			*end = s;
			return PATTERN_FOUND;
		case ITEM_TAIL:
			*end = s;
			return s == p->subject_len ? PATTERN_FOUND
						   : PATTERN_NONE;
		case ITEM_OPEN:
		case ITEM_OPEN_POSITION:
			return match_open(p, &item, s, end);
		case ITEM_CLOSE:
			return match_close(p, &item, s, end);
		case ITEM_BALANCE:
			r = match_balance(p, &item, &s);
			break;
		case ITEM_FRONTIER:
			r = match_frontier(p, &item, &s);
			break;
		case ITEM_BACKREF:
			r = match_backref(p, &item, &s);
			break;
		case ITEM_SINGLE:
			r = match_single(p, &item, &s, end, &done);
			break;
		}
		if (r != PATTERN_FOUND || done)
			return r;
		at = item.next;
	}
}

/* The same, one level down: for items that may have to try again. */
static enum pattern_result match_from(struct pattern *p, size_t at, size_t s,
				      size_t *end)
{
	if (p->depth == PATTERN_DEPTH_MAX)
		return wrong(p, "pattern too complex");

	p->depth++;
	enum pattern_result r = match_items(p, at, s, end);
	p->depth--;
	return r;
}

enum pattern_result pattern_match(struct pattern *p, size_t at)
{
	assert(at <= p->subject_len);

	p->depth = 0;
	p->capture_count = 0;
	p->start = at;
	return match_from(p, 0, at, &p->end);
}

enum pattern_result pattern_find(struct pattern *p, size_t from)
{
	for (; from <= p->subject_len; from++) {
		enum pattern_result r = pattern_match(p, from);

		if (r != PATTERN_NONE)
			return r;
	}
	return PATTERN_NONE;
}
