/* lineedit.h - one line being typed
 *
 * A state machine: keys go in, the line changes, an answer comes out; nothing
 * is read and nothing is painted but into a grid.  The keys are those of Emacs,
 * as in a shell (terminal-and-libraries.md 2):
 *
 *	Ctrl-A E B F  Left Right Home End	by character, to both ends
 *	Alt-B F	  Alt-D  Alt-Backspace		by word; delete by word
 *	Ctrl-H D K U W  Ctrl-Y			delete; bring back
 *	Ctrl-T	Ctrl-_				swap two; undo
 *	Up Down  Ctrl-P N  Ctrl-R		history; search in it
 *	Tab					complete, then choose
 *	Right at the end			take the ghost text
 *
 * A *ghost* is a suggestion drawn behind the cursor while the line is a
 * beginning of it.  A pasted text keeps its line breaks, drawn as `⏎`: nothing
 * that is pasted runs by itself.
 *
 * What surrounds it (history, completions) is asked through `struct
 * line_outside`, which the console's own functions fit.
 */
#ifndef LAB_TUI_LINEEDIT_H
#define LAB_TUI_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/tui/grid.h"
#include "lua/console.h"
#include "sim/core/text.h"

struct line_outside {
	/* Oldest first.  Both NULL: there is no history. */
	size_t (*history_count)(void *ctx);
	const char *(*history_at)(void *ctx, size_t i);
	/* As console_complete.  NULL: Tab is refused. */
	void (*complete)(void *ctx, const char *line, size_t cursor,
			 struct completions *out);
	void *ctx;
};

enum line_answer {
	LINE_REFUSED,		/* not a key of a line: somebody else's */
	LINE_TAKEN,
	LINE_ENTERED,		/* Enter: lineedit_take the text */
	LINE_ENDED,		/* Ctrl-D on an empty line */
};

enum { LINE_UNDO_MAX = 64, LINE_BYTES_MAX = 16 * 1024 };

struct line_past {
	char *text;
	size_t cursor;
};

struct lineedit {
	struct text text;
	size_t cursor;			/* bytes from the start */
	struct line_outside outside;

	struct text killed;		/* what Ctrl-Y brings back */
	bool kills_on;			/* the last key killed: add to it */
	struct text ghost;
	struct line_past undo[LINE_UNDO_MAX];
	size_t undo_count;
	bool types_on;			/* the last key was a character */

	bool in_history;		/* `entry` is shown */
	size_t entry;
	struct text draft;		/* the own line meanwhile */

	bool is_searching;		/* Ctrl-R */
	struct text wanted;
	bool is_failed;			/* nothing has it */

	struct completions offers;	/* while the popup is open */
	size_t offer;			/* the chosen one */
	bool is_choosing;
};

/* `outside` may be NULL. */
void lineedit_init(struct lineedit *e, const struct line_outside *outside);
void lineedit_release(struct lineedit *e);

enum line_answer lineedit_key(struct lineedit *e, uint32_t key);
void lineedit_paste(struct lineedit *e, const char *text, size_t len);

const char *lineedit_text(const struct lineedit *e);
bool lineedit_is_empty(const struct lineedit *e);
/* Does Esc leave something of the line's own (search, popup)? */
bool lineedit_has_layer(const struct lineedit *e);
/* Replace it; can be undone. */
void lineedit_set(struct lineedit *e, const char *text);
/* The line as text, caller frees; the editor is empty, its past forgotten. */
char *lineedit_take(struct lineedit *e);
/* "": none. */
void lineedit_ghost_set(struct lineedit *e, const char *suggestion);

/* Draw into one row from `col` on, the cursor with it if `is_focused`.  Too
 * long a line shows the part around the cursor, `…` where it goes on. */
void lineedit_draw(const struct lineedit *e, struct grid *g, struct rect r,
		   int row, int col, bool is_focused);
/* The open popup, over what is there: above the row of the line if there is
 * more room, else below.  Nothing when it is not open. */
void lineedit_draw_offers(const struct lineedit *e, struct grid *g,
			  struct rect r, int row, int col);

#endif
