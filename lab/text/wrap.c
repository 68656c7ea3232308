/* wrap.c - where a text is broken, and how it is cut when it is too long */
#include "lab/text/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "lab/text/glyph.h"

/* --- where a line may end -------------------------------------------------- */

/* Behind byte i - 1, a hyphen between two letters or digits: `slow-follower`,
 * but not `--topic` and not `-1`. */
static bool is_inner_hyphen(const char *s, size_t len, size_t i)
{
	return i >= 2 && i < len && s[i - 1] == '-' && s[i - 2] != '-' &&
	       s[i - 2] != ' ' && s[i] != ' ' && s[i] != '-';
}

/* The last place at or before byte i; 0: there is none. */
static size_t last_break(const char *s, size_t len, size_t i, bool hyphens)
{
	while (i > 0 && s[i] != ' ' &&
	       !(hyphens && is_inner_hyphen(s, len, i)))
		i--;
	return i;
}

static size_t past_spaces(const char *s, size_t len, size_t i)
{
	while (i < len && s[i] == ' ')
		i++;
	return i;
}

static size_t without_spaces(const char *s, size_t end)
{
	while (end > 0 && s[end - 1] == ' ')
		end--;
	return end;
}

/* --- on a screen: no line is too wide --------------------------------------- */

size_t wrap_line(const char *s, size_t len, int cols, size_t *skip)
{
	const char *newline = memchr(s, '\n', len);
	size_t whole = newline ? (size_t)(newline - s) : len;
	size_t fit = text_fit(s, whole, cols), end;
	int width;

	if (fit == whole) {
		*skip = whole + (newline != NULL);
		return whole;
	}
	end = last_break(s, whole, fit, true);
	if (end == 0 || past_spaces(s, whole, 0) >= end)
		end = fit ? fit : text_glyph(s, whole, &width);
	*skip = past_spaces(s, whole, end);
	return without_spaces(s, end);
}

int wrap_count(const char *s, size_t len, int cols)
{
	int lines = 0;
	size_t skip;

	for (; len; lines++) {
		wrap_line(s, len, cols, &skip);
		s += skip;
		len -= skip;
	}
	return lines;
}

void wrap_text(struct text *out, const char *s, size_t len, int cols,
	       const char *indent)
{
	size_t skip;

	cols -= text_width(indent);
	while (len) {
		size_t n = wrap_line(s, len, cols < 1 ? 1 : cols, &skip);

		text_add(out, indent);
		text_bytes(out, s, n);
		text_char(out, '\n');
		s += skip;
		len -= skip;
	}
}

/* --- on a printed page: words stay whole ------------------------------------ */

/* How many bytes go on this line: up to the last blank that fits, or the whole
 * of a word that does not, since what is printed is copied and searched. */
static size_t fitting(const char *s, size_t len, int columns)
{
	size_t fit = text_fit(s, len, columns);
	size_t end = fit == len ? len : last_break(s, len, fit, false);

	end = without_spaces(s, end);
	if (end == 0) {
		end = past_spaces(s, len, 0);
		while (end < len && s[end] != ' ')
			end++;
	}
	return end;
}

/* Below a list's mark, not below the mark's text. */
static size_t hanging(const char *s, size_t len)
{
	size_t n = past_spaces(s, len, 0);

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

		used = past_spaces(s, len, used);
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

static bool is_code_line(const char *s)
{
	return strncmp(s, "    ", 4) == 0 || *s == '|';
}

void wrap_prose(struct text *out, const char *s, int columns)
{
	bool is_code = false;

	while (*s) {
		size_t len = strcspn(s, "\n");
		bool fence = strncmp(s, "```", 3) == 0;

		is_code ^= fence;
		if (!columns || is_code || fence || is_code_line(s) ||
		    text_width_n(s, len) <= columns)
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

void wrap_hanging(struct text *out, const char *s, int columns, int hang)
{
	while (*s) {
		size_t len = strcspn(s, "\n"), lead = strspn(s, " ");

		if (!columns || text_width_n(s, len) <= columns)
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

/* --- cut ------------------------------------------------------------------- */

void cut_end(struct text *out, const char *s, int cols)
{
	size_t len = strlen(s), fit;

	if (cols <= 0)
		return;
	if (text_fit(s, len, cols) == len) {
		text_bytes(out, s, len);
		return;
	}
	fit = text_fit(s, len, cols - 1);
	text_bytes(out, s, fit);
	text_add(out, "…");
}

/* The shortest end of s that is at most `cols` wide, at a character. */
static const char *tail_of(const char *s, size_t len, int cols)
{
	int width;

	while (len && text_width_n(s, len) > cols) {
		size_t n = text_glyph(s, len, &width);

		s += n;
		len -= n;
	}
	return s;
}

void cut_middle(struct text *out, const char *s, int cols)
{
	size_t len = strlen(s);
	int tail = (cols - 1) / 3;

	if (cols < 4 || text_fit(s, len, cols) == len) {
		cut_end(out, s, cols);
		return;
	}
	text_bytes(out, s, text_fit(s, len, cols - 1 - tail));
	text_add(out, "…");
	text_add(out, tail_of(s, len, tail));
}
