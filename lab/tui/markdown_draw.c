/* markdown_draw.c - a lesson on the screen, in a search, and as plain text */
#include <string.h>

#include "lab/text/wrap.h"
#include "lab/text/glyph.h"
#include "lab/tui/draw.h"
#include "lab/tui/markdown.h"

enum { PLAIN_COLS = 78 };

size_t markdown_anchor(const struct markdown *m, const char *name)
{
	name += *name == '#';
	for (size_t i = 0; i < m->anchor_count; i++)
		if (strcmp(m->anchors[i].name, name) == 0)
			return m->anchors[i].line;
	return m->line_count;
}

/* Where `wanted` next stands in s, from byte `at` on; len: nowhere. */
static size_t find_in(const char *s, size_t len, const char *wanted, size_t at)
{
	size_t need = strlen(wanted);

	for (; need && at + need <= len; at++) {
		size_t i = 0;

		while (i < need &&
		       text_lower(s[at + i]) == text_lower(wanted[i]))
			i++;
		if (i == need)
			return at;
	}
	return len;
}

static bool line_has(const struct markdown *m, size_t line, const char *wanted)
{
	const struct md_line *l = &m->lines[line];

	return find_in(m->text.at + l->at, l->len, wanted, 0) < l->len;
}

size_t markdown_find(const struct markdown *m, const char *wanted, size_t line,
		     bool forwards)
{
	size_t count = m->line_count;

	for (size_t i = 0; i < count; i++) {
		size_t at = (forwards ? line + i : line + count - i % count) %
			    count;

		if (m->lines[at].len && line_has(m, at, wanted))
			return at;
	}
	return count;
}

int markdown_hidden(const struct markdown *m, size_t top, int rows, int cols)
{
	int most = 0;

	for (size_t i = top; i < m->line_count && i < top + (size_t)rows; i++) {
		const struct md_line *l = &m->lines[i];
		int hidden = l->moves ? text_width_n(m->text.at + l->at,
						     l->len) - cols : 0;

		most = hidden > most ? hidden : most;
	}
	return most;
}

/* The cells of it that are inside r. */
static struct rect part_of(struct rect r, int row, int from, int to)
{
	from = from > 0 ? from : 0;
	to = to < r.cols ? to : r.cols;
	return (struct rect){ r.row + row, r.col + from, 1,
			      to > from ? to - from : 0 };
}

/* Light what is searched for: columns of this row of the grid, which begins
 * `left` cells into the line. */
static void light(const struct markdown *m, const struct md_line *l,
		  struct grid *g, struct rect row, int left, const char *wanted)
{
	const char *s = m->text.at + l->at;

	for (size_t at = find_in(s, l->len, wanted, 0); at < l->len;
	     at = find_in(s, l->len, wanted, at + 1)) {
		int from = text_width_n(s, at) - left;
		int to = from + text_width_n(s + at, strlen(wanted));

		grid_flag(g, part_of(row, 0, from, to), CELL_SELECTED);
	}
}

/* What does not fit a row is said where it is cut. */
static void mark_cut(struct grid *g, struct rect r, int row, int left, int end)
{
	if (left > 0 && end > 0)
		grid_put(g, r, row, 0, ROLE_DIM, "…");
	if (end > r.cols)
		grid_put(g, r, row, r.cols - 1, ROLE_DIM, "…");
}

void markdown_draw(const struct markdown *m, struct grid *g, struct rect r,
		   const struct md_window *w, uint16_t first_link)
{
	for (int row = 0; row < r.rows; row++) {
		size_t line = w->top + (size_t)row;
		const struct md_line *l;
		int left, col;

		if (line >= m->line_count)
			return;
		l = &m->lines[line];
		left = l->moves ? w->left : 0;
		col = -left;
		for (size_t i = l->span; i < l->span + l->spans; i++) {
			const struct md_span *s = &m->spans[i];
			int end = grid_putn(g, r, row, col, s->role,
					    m->text.at + s->at, s->len);
			struct rect at = part_of(r, row, col, end);

			if (s->link)
				grid_link(g, at, (uint16_t)(first_link +
							    s->link - 1));
			if (s->link && s->link == w->link)
				grid_flag(g, at, CELL_SELECTED);
			col = end;
		}
		if (w->wanted && *w->wanted && l->len)
			light(m, l, g, (struct rect){ r.row + row, r.col, 1,
						      r.cols }, left, w->wanted);
		if (l->moves)
			mark_cut(g, r, row, left, col);
	}
}

/* --- plain ---------------------------------------------------------------- */

/* What only marks something, in characters a screen reader reads. */
static const struct {
	const char *mark, *plain;
} plain_marks[] = {
	{ "• ", "- " }, { "✓ ", "[x] " }, { "· ", "[ ] " }, { "│ ", "> " },
	{ "│", ">" }, { " │", " >" }, { "─", "-" }, { "─────", "-----" },
	{ "▸ ", "$ " }, { "… ", "  " },
};

static void plain_span(const struct markdown *m, const struct md_span *s,
		       struct text *out)
{
	const char *at = m->text.at + s->at;

	for (size_t i = 0; s->role != ROLE_TEXT && s->role != ROLE_CMD &&
	     i < sizeof(plain_marks) / sizeof(plain_marks[0]); i++) {
		const char *mark = plain_marks[i].mark;

		if (strlen(mark) == s->len && memcmp(mark, at, s->len) == 0) {
			text_add(out, plain_marks[i].plain);
			return;
		}
	}
	text_bytes(out, at, s->len);
}

static void plain_line(const struct markdown *m, const struct md_line *l,
		       struct text *out)
{
	for (size_t i = l->span; i < l->span + l->spans; i++) {
		const struct md_span *s = &m->spans[i];
		bool is_last = i + 1 == l->span + l->spans ||
			       m->spans[i + 1].link != s->link;

		plain_span(m, s, out);
		if (s->link && is_last &&
		    m->links[s->link - 1].kind == MD_LINK)
			text_addf(out, " [%u]", (unsigned)s->link);
	}
	while (out->len && out->at[out->len - 1] == ' ')
		out->at[--out->len] = '\0';
	text_char(out, '\n');
}

/* A heading is underlined, for there is nothing else to tell it by. */
static void underline(const struct markdown *m, const struct md_line *l,
		      struct text *out)
{
	int cols = text_width_n(m->text.at + l->at, l->len);

	while (cols-- > 0)
		text_char(out, l->heading == 1 ? '=' : '-');
	text_char(out, '\n');
}

void markdown_plain(const char *source, size_t len, struct text *out)
{
	/* Room for " [12]" at the end of a line. */
	static const struct md_options o = { .measure = PLAIN_COLS - 6 };
	struct markdown m;
	bool has_links = false;

	markdown_init(&m, source, len, &o);
	for (size_t i = 0; i < m.line_count; i++) {
		const struct md_line *l = &m.lines[i];

		plain_line(&m, l, out);
		if (l->heading && (i + 1 == m.line_count ||
				   !m.lines[i + 1].heading))
			underline(&m, l, out);
	}
	for (size_t i = 0; i < m.link_count; i++) {
		if (m.links[i].kind != MD_LINK)
			continue;
		text_addf(out, "%s [%zu] %s\n", has_links ? "" : "\n", i + 1,
			  m.links[i].target);
		has_links = true;
	}
	markdown_release(&m);
}
