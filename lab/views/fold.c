/* fold.c - a line that was printed, made to fit a narrow pane */
#include "lab/views/fold.h"

#include <stdbool.h>
#include <string.h>

#include "lab/tui/grid.h"

enum {
	TAB_COLS = 8,
	LEAD_COLS = 4,	/* at most, of an indented line that is too long */
	HANG_COLS = 2,	/* at least: where a folded line goes on */
};

void fold_expand(struct text *out, const char *s, size_t len)
{
	int col = 0, width;

	if (len && s[len - 1] == '\r')
		len--;
	while (len) {
		size_t n = text_glyph(s, len, &width);

		if (*s == '\t')
			for (width = TAB_COLS - col % TAB_COLS; width > 0;
			     width--, col++)
				text_char(out, ' ');
		else
			text_bytes(out, s, n);
		col += width;
		s += n;
		len -= n;
	}
}

void fold_squeeze(struct text *out, const char *s, size_t len)
{
	const char *end = s + len;
	size_t lead = strspn(s, " ");

	while (end > s && strchr(" \t\r", end[-1]))
		end--;
	if (s < end && *s == '\t')
		lead = 1;
	text_bytes(out, "    ", lead < LEAD_COLS ? lead : LEAD_COLS);
	for (s += strspn(s, " \t"); s < end;) {
		size_t word = strcspn(s, " \t"), run = strspn(s + word, " \t");
		bool wide = run > 1 && !memchr(s + word, '\t', run);

		if (s + word >= end) {
			text_bytes(out, s, (size_t)(end - s));
			return;
		}
		text_bytes(out, s, word);
		text_add(out, wide ? "  " : " ");
		s += word + run;
	}
}

/* Where the next row ends: at a blank, if there is one behind a word. */
static size_t row_end(const char *s, size_t len, int cols)
{
	size_t fit = text_fit(s, len, cols), end = fit;
	int width;

	if (fit == len)
		return len;
	while (end > 0 && s[end] != ' ')
		end--;
	if (end > strspn(s, " "))
		return end;
	return fit ? fit : text_glyph(s, len, &width);
}

int fold_rows(struct text *out, const char *s, int cols)
{
	size_t len = strlen(s), end = row_end(s, len, cols);
	int lead = (int)strspn(s, " "), rows = 1;

	lead = lead > HANG_COLS ? lead : HANG_COLS;
	text_bytes(out, s, end);
	while (end < len) {
		size_t blanks = strspn(s + end, " ");

		s += end + blanks;
		len -= end + blanks;
		if (!len)
			break;
		end = row_end(s, len, cols > lead ? cols - lead : 1);
		text_addf(out, "\n%*s%.*s", lead, "", (int)end, s);
		rows++;
	}
	return rows;
}
