/* wrap.c - where a text is broken, and how it is cut when it is too long */
#include "lab/tui/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "lab/tui/grid.h"

/* May a line end before byte i?  After a hyphen between two letters or
 * digits: `slow-follower`, but not `--topic` and not `-1`. */
static bool breaks_at(const char *s, size_t len, size_t i)
{
	if (s[i] == ' ')
		return true;
	return i >= 2 && i < len && s[i - 1] == '-' && s[i - 2] != '-' &&
	       s[i - 2] != ' ' && s[i] != ' ' && s[i] != '-';
}

static size_t past_spaces(const char *s, size_t len, size_t i)
{
	while (i < len && s[i] == ' ')
		i++;
	return i;
}

size_t wrap_line(const char *s, size_t len, int cols, size_t *skip)
{
	const char *newline = memchr(s, '\n', len);
	size_t whole = newline ? (size_t)(newline - s) : len;
	size_t fit = text_fit(s, whole, cols), end = fit;
	int width;

	if (fit == whole) {
		*skip = whole + (newline != NULL);
		return whole;
	}
	while (end > 0 && !breaks_at(s, whole, end))
		end--;
	if (end == 0 || past_spaces(s, whole, 0) >= end)
		end = fit ? fit : text_glyph(s, whole, &width);
	*skip = past_spaces(s, whole, end);
	while (end > 0 && s[end - 1] == ' ')
		end--;
	return end;
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
