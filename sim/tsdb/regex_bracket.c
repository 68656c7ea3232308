/* regex_bracket.c - patterns: escapes, and classes in brackets
 *
 * \n \x41 \101, \d \w \s, [a-z] [^a] [[:alpha:]]: all that says which
 * characters may stand at one place.
 */
#include "sim/tsdb/regex_inside.h"

#include <string.h>

/* -- escapes ------------------------------------------------------------ */

int regex_hex_digit(char c)
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

		p->at += regex_rune(p->at, p->end, &c);
		if (braces && c == '}') {
			*rune = r;
			return digits > 0;
		}
		good &= regex_hex_digit(*begin) >= 0;
		if (braces && !good)
			return false;
		r = r * 16 + (uint32_t)(good ? regex_hex_digit(*begin) : 0);
		digits++;
		if (r > LAST_RUNE)
			return false;
	}
	*rune = r;
	return good && !braces && digits == 2;
}

/* One escaped character; p->at stands on the backslash. */
bool regex_escape(struct parser *p, uint32_t *rune)
{
	static const char from[] = "aftnrv", to[] = "\a\f\t\n\r\v";
	const char *begin = p->at++, *known;
	size_t len;

	if (p->at == p->end)
		return regex_fail(p, "trailing backslash at end of expression",
				  p->end, p->end);
	len = regex_rune(p->at, p->end, rune);
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
	return regex_fail(p, "invalid escape sequence", begin, p->at);
}

/* -- named classes ------------------------------------------------------ */

static bool perl_class(struct set *s, char c)
{
	struct set t = { .count = 0 };

	switch (c | 0x20) {
	case 'd':
		regex_set_add(&t, '0', '9');
		break;
	case 's':
		regex_set_add(&t, '\t', '\n');
		regex_set_add(&t, '\f', '\r');
		regex_set_add(&t, ' ', ' ');
		break;
	case 'w':
		regex_set_add(&t, '0', '9');
		regex_set_add(&t, 'A', 'Z');
		regex_set_add(&t, '_', '_');
		regex_set_add(&t, 'a', 'z');
		break;
	default:
		return false;
	}
	if (c < 'a')
		regex_set_negate(&t);
	for (uint32_t i = 0; i < t.count; i++)
		regex_set_add(s, t.ranges[i].low, t.ranges[i].high);
	return true;
}

bool regex_perl_class(struct parser *p, struct set *s)
{
	if (p->end - p->at < 2 || p->at[0] != '\\' || !perl_class(s, p->at[1]))
		return false;
	p->at += 2;
	return true;
}

bool regex_unicode_class(struct parser *p)
{
	if (p->end - p->at < 2 || p->at[0] != '\\' ||
	    (p->at[1] != 'p' && p->at[1] != 'P'))
		return false;
	regex_fail(p, "Unicode classes are not supported in this version",
		   p->at, p->at + 2);
	return true;
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
			regex_set_add(&t, (unsigned char)r[0],
				      (unsigned char)r[1]);
		if (negate)
			regex_set_negate(&t);
		for (uint32_t k = 0; k < t.count; k++)
			regex_set_add(s, t.ranges[k].low, t.ranges[k].high);
		return true;
	}
	regex_fail(p, "invalid character class range", begin, p->at);
	return true;
}

/* -- brackets ----------------------------------------------------------- */

static bool class_rune(struct parser *p, const char *open, uint32_t *rune)
{
	if (p->at == p->end)
		return regex_fail(p, "missing closing ]", open, p->end);
	if (*p->at == '\\')
		return regex_escape(p, rune);
	p->at += regex_rune(p->at, p->end, rune);
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
			return regex_fail(p, "invalid character class range",
					  begin, p->at);
	}
	if (p->flags & FLAG_FOLD)
		regex_set_add_folded(s, low, high);
	else
		regex_set_add(s, low, high);
	return true;
}

struct node *regex_parse_class(struct parser *p)
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
		if (regex_unicode_class(p))
			return NULL;
		if (regex_perl_class(p, &s))
			continue;
		if (!class_range(p, open, &s))
			return NULL;
	}
	if (p->at == p->end)
		return regex_fail(p, "missing closing ]", open, p->end);
	p->at++;
	if (negate)
		regex_set_negate(&s);
	if (s.full)
		return regex_fail(p, "character class too large for this "
				  "version", open, p->at);
	return regex_node_class(p, &s);
}
