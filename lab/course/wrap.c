/* wrap.c - long lines of prose, for a terminal of so many columns */
#include "lab/course/wrap.h"

#include <stdbool.h>
#include <string.h>

/* Columns of UTF-8 text, each character counted as one. */
static int width(const char *s, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* How many bytes go on this line: up to the last blank that fits, or the
 * whole of a word that does not. */
static size_t fitting(const char *s, size_t len, int columns)
{
	size_t best = 0;

	for (size_t i = 1; i <= len; i++) {
		bool ends = i == len || s[i] == ' ';

		if (!ends || s[i - 1] == ' ')
			continue;
		if (best && width(s, i) > columns)
			break;
		best = i;
		if (width(s, i) > columns)
			break;
	}
	return best ? best : len;
}

/* Below a list's mark, not below the mark's text. */
static size_t hanging(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] == ' ')
		n++;
	if (n + 1 < len && (s[n] == '-' || s[n] == '*') && s[n + 1] == ' ')
		n += 2;
	return n;
}

static void wrap_prose_line(struct text *out, const char *s, size_t len,
		      int columns)
{
	size_t indent = hanging(s, len), used = indent;

	if (indent > (size_t)columns / 2)
		indent = 0;
	used = indent + fitting(s + indent, len - indent,
				columns - (int)indent);
	text_bytes(out, s, used);
	while (used < len) {
		size_t n;

		while (used < len && s[used] == ' ')
			used++;
		if (used == len)
			break;
		n = fitting(s + used, len - used, columns - (int)indent);
		text_char(out, '\n');
		for (size_t i = 0; i < indent; i++)
			text_char(out, ' ');
		text_bytes(out, s + used, n);
		used += n;
	}
}

void wrap_prose(struct text *out, const char *s, int columns)
{
	bool is_code = false;

	while (*s) {
		size_t len = strcspn(s, "\n");
		bool fence = strncmp(s, "```", 3) == 0;

		is_code ^= fence;
		if (!columns || is_code || fence || *s == '|' ||
		    strncmp(s, "    ", 4) == 0 || width(s, len) <= columns)
			text_bytes(out, s, len);
		else
			wrap_prose_line(out, s, len, columns);
		s += len;
		if (*s == '\n') {
			text_char(out, '\n');
			s++;
		}
	}
}
