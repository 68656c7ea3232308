/* editor.h - a short file being changed
 *
 *	   7    concurrencyPolicy: Forbid
 *	   8 ~  suspend: true			~ changed since it was saved
 *	 ✗13          containers:		a problem, told below the line
 *	              ^ unknown field; indent it under spec, line 12
 *	  16 +          resources:		+ new
 *
 * For files a person can oversee: at most EDITOR_BYTES_MAX.  The text is one
 * piece of memory and every change one splice of it, so that undo and redo are
 * splices too.  Keys: those of any editor; Tab indents as the file does, F5 and
 * F6 undo and redo, F7 and F8 go to problems.
 *
 * Places are bytes; lines and columns for people count from 1.
 */
#ifndef LAB_TUI_EDITOR_H
#define LAB_TUI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/tui/code_color.h"
#include "lab/tui/grid.h"
#include "sim/core/text.h"

enum { EDITOR_BYTES_MAX = 64 * 1024, EDITOR_UNDO_MAX = 1000 };

struct editor_problem {
	size_t line;		/* from 1 */
	size_t column;		/* from 1; 0: the whole line */
	char *text;
};

/* The text was changed: `removed` stood at `at`, `added` stands there now. */
struct splice {
	size_t at;
	struct text removed, added;
	size_t cursor;		/* before it */
	bool is_typed;		/* one of a run of characters */
};

struct editor {
	struct text text;
	size_t cursor;
	int wanted_col;		/* where Up and Down would like to be; -1 */
	size_t top;		/* first line shown, from 0 */
	int left;		/* first cell shown */
	enum code_kind kind;
	bool is_read_only;

	struct text saved;	/* as it was loaded or saved last */
	struct splice *past;	/* done[0 .. done), then undone ones */
	size_t done, past_count, past_cap;
	bool types_on;

	struct editor_problem *problems;	/* by line */
	size_t problem_count;
};

/* False: the file is too long for this pane, or has NULs. */
bool editor_init(struct editor *e, const char *name, const char *bytes,
		 size_t len);
void editor_release(struct editor *e);

/* False: not a key of an editor.  `rows` are those of the pane. */
bool editor_key(struct editor *e, uint32_t key, int rows);
/* Text as it is, no indentation added.  False: it would be too long. */
bool editor_insert(struct editor *e, const char *s, size_t len);
void editor_undo(struct editor *e);
void editor_redo(struct editor *e);

const char *editor_text(const struct editor *e, size_t *len);
bool editor_is_changed(const struct editor *e);
void editor_saved(struct editor *e);		/* it is on disk now */
size_t editor_line(const struct editor *e);	/* of the cursor, from 1 */
size_t editor_column(const struct editor *e);	/* in characters, from 1 */
void editor_goto(struct editor *e, size_t line, size_t column);
/* The word at the cursor, for a panel of help; "" when there is none. */
void editor_word(const struct editor *e, struct text *out);

/* To the next match behind the cursor (or before it), around the end.  False:
 * there is none. */
bool editor_find(struct editor *e, const char *wanted, bool forwards);

/* In any order; texts are copied. */
void editor_problems_clear(struct editor *e);
void editor_problem_add(struct editor *e, size_t line, size_t column,
			const char *text);
bool editor_problem_next(struct editor *e, bool forwards);

/* Draws, and scrolls so that the cursor is seen. */
void editor_draw(struct editor *e, struct grid *g, struct rect r,
		 bool is_focused);
/* The place that a click at a cell of r means. */
void editor_click(struct editor *e, struct rect r, int row, int col);

/* --- what changed --------------------------------------------------------- */

enum line_change { LINE_SAME, LINE_CHANGED, LINE_NEW };

/* For each line of `now`; the caller frees.  *count is how many there are. */
enum line_change *line_changes(const char *was, const char *now,
			       size_t *count);

#endif
