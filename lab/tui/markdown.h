/* markdown.h - a lesson as lines of words, each with its role
 *
 * Lessons are CommonMark with tables and task lists; md4c reads them (raw HTML
 * is text).  What comes out is no picture but a list of lines in a measure, so
 * that a window of it can be drawn, searched, and walked link by link.
 *
 *	# Elections			a heading: ROLE_STRONG, an anchor
 *	a `code` and a [link](kraft.md)	spans with roles; links are numbered
 *	```console			a block that can be run: a link of the
 *	kafka-topics.sh --list		kind MD_RUN with the whole block as text
 *	```
 *
 * Prose keeps its measure, for long lines are hard to come back from; tables and
 * code may be wider (`wide`), for theirs are not read along but compared.
 *
 * A block without a language that stands under a heading "Try it" can be run
 * too: that is how the lessons are written.  Words of the glossary become links
 * where they first stand under each heading.
 */
#ifndef LAB_TUI_MARKDOWN_H
#define LAB_TUI_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/tui/grid.h"
#include "sim/core/text.h"

enum md_link_kind {
	MD_LINK,		/* target: an address, "kraft.md#when" */
	MD_WORD,		/* target: a term of the glossary */
	MD_RUN,			/* target: commands, as written */
};

struct md_link {
	enum md_link_kind kind;
	char *target;
	size_t line;		/* the first one it stands in */
};

struct md_span {
	uint32_t at, len;	/* bytes in md->text */
	uint8_t role;		/* enum role */
	uint16_t link;		/* 1 + index; 0: none */
};

struct md_line {
	uint32_t at, len;	/* bytes in md->text */
	uint32_t span, spans;	/* of md->spans */
	uint8_t heading;	/* 1 .. 6; 0: none */
	bool moves;		/* code: by md_window.left */
};

struct md_anchor {
	char *name;		/* "clean-the-normal-case" */
	size_t line;
};

struct markdown {
	struct text text;
	struct md_span *spans;
	size_t span_count, span_cap;
	struct md_line *lines;
	size_t line_count, line_cap;
	struct md_link *links;		/* in order of the text */
	size_t link_count, link_cap;
	struct md_anchor *anchors;
	size_t anchor_count, anchor_cap;
	char *title;			/* the first heading; NULL: none */
};

struct md_options {
	int measure;		/* cells of prose; 0: MEASURE */
	int wide;		/* of tables and code; 0: as prose */
	bool keeps_lines;	/* of code, however long; else they are broken */
	/* Does a term of the glossary begin here?  Bytes of it, 0: no; *term
	 * is its name, lent.  NULL: no glossary. */
	size_t (*word)(void *ctx, const char *s, size_t len,
		       const char **term);
	void *ctx;
};

void markdown_init(struct markdown *m, const char *source, size_t len,
		   const struct md_options *o);
void markdown_release(struct markdown *m);

/* The line of "#name"; line_count: there is none. */
size_t markdown_anchor(const struct markdown *m, const char *name);
/* The next line that has the text, from `line` on, around the end; forwards
 * or backwards; line_count: none has.  ASCII letters match in either case. */
size_t markdown_find(const struct markdown *m, const char *wanted, size_t line,
		     bool forwards);

struct md_window {
	size_t top;			/* first line shown */
	int left;			/* cells of code that are not */
	uint16_t link;			/* the selected one, 1 + index; 0 */
	const char *wanted;		/* what is searched for; NULL */
};

/* Cells of the longest line of code from `top` on that `cols` has no room for;
 * 0: all fit. */
int markdown_hidden(const struct markdown *m, size_t top, int rows, int cols);

/* Links are grid links, `first_link` being the first of them. */
void markdown_draw(const struct markdown *m, struct grid *g, struct rect r,
		   const struct md_window *w, uint16_t first_link);

/* For --plain: the same, wrapped at 78, links by number with a list of what
 * they lead to at the end. */
void markdown_plain(const char *source, size_t len, struct text *out);

#endif
