/* keytext.c - names of keys in texts, filled in from the keys that hold now */
#include "lab/course/keytext.h"

#include <string.h>

#define OPEN		"{key:"
#define OPEN_LEN	(sizeof(OPEN) - 1)

enum { ACTION_MAX = 64 };	/* bytes; a longer one is ill-formed */

static bool is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Two parts or more, none of them empty. */
static bool is_action(const char *s, size_t len)
{
	size_t parts = 0, part = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && is_part(s[i])) {
			part++;
			continue;
		}
		if (part == 0 || (i < len && s[i] != '.'))
			return false;
		parts++;
		part = 0;
	}
	return parts >= 2 && len < ACTION_MAX;
}

/* Where the line ends, for a placeholder lies on one. */
static const char *line_end(const char *s, const char *end)
{
	const char *newline = memchr(s, '\n', (size_t)(end - s));

	return newline ? newline : end;
}

static bool opens(const char *s, const char *end)
{
	return (size_t)(end - s) >= OPEN_LEN && memcmp(s, OPEN, OPEN_LEN) == 0;
}

bool keytext_next(const char **at, const char *end, const char **stop,
		  bool *good)
{
	const char *start = *at;

	for (const char *s = start; s < end; s++) {
		const char *name = s + OPEN_LEN, *shut;

		if (*s == '\\' && opens(s + 1, end))
			s++;		/* stands for itself */
		else if (opens(s, end)) {
			shut = memchr(name, '}',
				      (size_t)(line_end(name, end) - name));
			*good = shut && is_action(name, (size_t)(shut - name));
			*stop = shut ? shut + 1 : name;
			*at = s;
			return true;
		}
	}
	return false;
}

const char *keytext_plain(const char *action)
{
	const char *dot = strrchr(action, '.');

	return dot ? dot + 1 : action;
}

/* Text between placeholders, without the sign that made one no placeholder. */
static void add_plain(const char *s, const char *end, struct text *out)
{
	for (; s < end; s++)
		if (*s != '\\' || !opens(s + 1, end))
			text_char(out, *s);
}

static void add_key(const char *s, const char *stop, keytext_lookup *lookup,
		    void *ctx, struct text *out)
{
	char action[ACTION_MAX] = "";
	const char *key;

	memcpy(action, s + OPEN_LEN, (size_t)(stop - s) - OPEN_LEN - 1);
	key = lookup ? lookup(ctx, action) : NULL;
	text_add(out, key ? key : keytext_plain(action));
}

void keytext_fill(const char *s, size_t len, keytext_lookup *lookup, void *ctx,
		  struct text *out)
{
	const char *end = s + len, *at = s, *stop;
	bool good;

	while (keytext_next(&at, end, &stop, &good)) {
		add_plain(s, at, out);
		if (good)
			add_key(at, stop, lookup, ctx, out);
		else
			text_bytes(out, at, (size_t)(stop - at));
		s = at = stop;
	}
	add_plain(s, end, out);
}
