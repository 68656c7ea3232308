/* fold.c - a line that was printed, made to fit a narrow pane */
#include "lab/views/fold.h"

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

/* A row below begins so far in. */
static int hang_of(int lead)
{
	return lead > HANG_COLS ? lead : HANG_COLS;
}

/* Words of a text that stands in rows of `cols`; the first one begins behind
 * what stands in it already.  The value is how many rows were begun. */
static int put_words(struct text *out, const char *s, size_t len, int first,
		     int cols, int hang)
{
	size_t end = row_end(s, len, cols > first ? cols - first : 1);
	int rows = 0;

	text_bytes(out, s, end);
	while (end < len) {
		size_t blanks = strspn(s + end, " ");

		s += end + blanks;
		len -= end + blanks < len ? end + blanks : len;
		if (!len)
			break;
		end = row_end(s, len, cols > hang ? cols - hang : 1);
		text_addf(out, "\n%*s%.*s", hang, "", (int)end, s);
		rows++;
	}
	return rows;
}

int fold_text(struct text *out, const char *s, size_t len, int cols)
{
	return 1 + put_words(out, s, len, 0, cols, hang_of((int)strspn(s,
								       " ")));
}

/* --- columns -------------------------------------------------------------- */

struct field {
	const char *s;
	size_t len;
	int gap;		/* blanks before it */
};

/* Up to a tab or two blanks. */
static size_t field_len(const char *s, const char *end)
{
	const char *at = s;

	while (at < end && *at != '\t' &&
	       !(at[0] == ' ' && (at + 1 == end || at[1] == ' ' ||
				  at[1] == '\t')))
		at++;
	return (size_t)(at - s);
}

static bool field_next(struct field *c, const char *end)
{
	const char *s = c->s + c->len;
	size_t run = 0;

	while (s + run < end && strchr(" \t", s[run]))
		run++;
	c->gap = !run ? 0 : memchr(s, '\t', run) ? 1 : 2;
	c->s = s + run;
	c->len = field_len(c->s, end);
	return c->s < end;
}

static const char *end_of(const char *s, size_t len)
{
	while (len && strchr(" \t\r", s[len - 1]))
		len--;
	return s + len;
}

bool fold_is_table(const char *s, size_t len)
{
	const char *end = end_of(s, len);
	struct field c = { s, 0, 0 };

	return field_next(&c, end) && field_next(&c, end);
}

/* Columns of it; the bytes are no string. */
static int field_cols(const struct field *c)
{
	int cols = 0, width;

	for (size_t at = 0; at < c->len; cols += width)
		at += text_glyph(c->s + at, c->len - at, &width);
	return cols;
}

/* How far in an indented line begins when it is too long. */
static int lead_of(const char *s)
{
	size_t lead = *s == '\t' ? 1 : strspn(s, " ");

	return lead < LEAD_COLS ? (int)lead : LEAD_COLS;
}

void fold_dedent(struct text *out, const char *s, size_t len)
{
	struct text t = {0};
	const char *line;

	fold_expand(&t, s, (size_t)(end_of(s, len) - s));
	line = text_cstr(&t);
	text_addf(out, "%*s%s", lead_of(s), "", line + strspn(line, " "));
	text_free(&t);
}

int fold_cols(const char *s, size_t len)
{
	struct text t = {0};
	int cols;

	fold_expand(&t, s, (size_t)(end_of(s, len) - s));
	cols = text_width(text_cstr(&t));
	text_free(&t);
	return cols;
}

int fold_line(struct text *out, const char *s, size_t len, int cols)
{
	const char *end = end_of(s, len);
	int lead = lead_of(s), hang = hang_of(lead), col = lead, rows = 1;
	struct field c = { s, 0, 0 };
	bool is_first = true;

	text_addf(out, "%*s", lead, "");
	for (; field_next(&c, end); is_first = false) {
		int width = field_cols(&c), gap = is_first ? 0 : c.gap, more;

		/* What must be broken anyway may begin here. */
		if (!is_first && col + gap + width > cols &&
		    (col >= cols - hang || width <= cols - hang)) {
			text_addf(out, "\n%*s", hang, "");
			rows++;
			col = hang;
			gap = 0;
		}
		text_addf(out, "%*s", gap, "");
		col += gap + width;
		if (col <= cols) {
			text_bytes(out, c.s, c.len);
			continue;
		}
		more = put_words(out, c.s, c.len, col - width, cols, hang);
		rows += more;
		col = cols;	/* what follows begins a row of its own */
	}
	return rows;
}
