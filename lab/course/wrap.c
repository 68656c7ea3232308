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

/* The first row begins behind `lead` bytes of blanks, the others at column
 * `indent`. */
static void break_line(struct text *out, const char *s, size_t len,
		       int columns, size_t lead, size_t indent)
{
	size_t used = lead + fitting(s + lead, len - lead,
				     columns - (int)lead);

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

static void wrap_prose_line(struct text *out, const char *s, size_t len,
			    int columns)
{
	size_t indent = hanging(s, len);

	if (indent > (size_t)columns / 2)
		indent = 0;
	break_line(out, s, len, columns, indent, indent);
}

void wrap_hanging(struct text *out, const char *s, int columns, int hang)
{
	while (*s) {
		size_t len = strcspn(s, "\n"), lead = strspn(s, " ");

		if (!columns || width(s, len) <= columns)
			text_bytes(out, s, len);
		else
			break_line(out, s, len, columns, lead,
				   hang ? (size_t)hang : lead);
		s += len;
		if (*s == '\n') {
			text_char(out, '\n');
			s++;
		}
	}
}

static bool is_code_line(const char *s)
{
	return strncmp(s, "    ", 4) == 0 || *s == '|';
}

/* `**` goes, but not between backquotes. */
static void unmark_line(struct text *out, const char *s, size_t len)
{
	bool is_code = false;

	for (size_t i = 0; i < len; i++) {
		is_code ^= s[i] == '`';
		if (!is_code && i + 1 < len && s[i] == '*' && s[i + 1] == '*')
			i++;
		else
			text_char(out, s[i]);
	}
}

void wrap_unmark(struct text *out, const char *s)
{
	bool is_code = false;

	while (*s) {
		size_t len = strcspn(s, "\n"), marks = strspn(s, "#");
		bool fence = strncmp(s, "```", 3) == 0;

		is_code ^= fence;
		if (is_code || fence || is_code_line(s))
			text_bytes(out, s, len);
		else if (marks && s[marks] == ' ')
			unmark_line(out, s + marks + 1, len - marks - 1);
		else
			unmark_line(out, s, len);
		s += len;
		if (*s == '\n') {
			text_char(out, '\n');
			s++;
		}
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
