/* term.h - the real terminal; alone knows curses
 *
 * A picture (grid.h) goes out, what a person did (key.h) comes in.  Curses is
 * used for one thing: to turn the difference of two pictures into few bytes
 * for this terminal.  Bytes that come in are read by decode.h.
 *
 *	term_open ── term_paint, term_read ... ── term_close
 *	                 │            ▲
 *	            term_leave ── term_return	for ^Z and for an editor
 *
 * What of a picture is not the same everywhere is decided here: colours by
 * COLORS, NO_COLOR and the theme; ASCII for Unicode where the locale or the
 * terminal has none, or draws our glyphs two cells wide.
 *
 * There is one terminal; there can be one struct term.  Nothing here may be
 * called by a signal handler.
 */
#ifndef LAB_TUI_TERM_H
#define LAB_TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/tui/grid.h"
#include "lab/tui/key.h"
#include "lab/tui/settings.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

struct term;

/* Can a screen be drawn here?  False: the sentence says why not, and that
 * --plain does. */
bool term_usable(struct err *why);

/* Takes the terminal; the other screen is shown, empty.  Set the handlers of
 * signals first: curses leaves alone those that are not the default. */
struct term *term_open(struct err *err);
/* Gives it back as it was.  NULL is allowed. */
void term_close(struct term *t);

/* Give it away for a while, and take it back; all is painted anew. */
void term_leave(struct term *t);
void term_return(struct term *t);
/* False: somebody else has set its modes since. */
bool term_is_held(const struct term *t);

void term_size(const struct term *t, int *rows, int *cols);
/* Look again; true: it has another size now. */
bool term_measure(struct term *t);

struct term_look {
	enum theme theme;
	enum glyphs glyphs;
	bool mouse;		/* catch it; else the terminal selects text */
};

/* Show the picture.  Nothing is written when it is the one already there. */
void term_paint(struct term *t, const struct grid *g,
		const struct term_look *look);
void term_redraw(struct term *t);	/* the next one whole: Ctrl-L */

enum term_got { TERM_NOTHING, TERM_INPUT, TERM_GONE };
/* The next thing done, without waiting.  TERM_GONE: the terminal is no more. */
enum term_got term_read(struct term *t, struct input *in);
/* What to wait for: until this can be read, or so many milliseconds have
 * passed (-1: any number; the bytes at hand are no key yet). */
int term_fd(const struct term *t);
int term_wait_ms(const struct term *t);
uint64_t term_bytes_read(const struct term *t);

/* Bytes for the terminal past curses: only those that draw nothing. */
void term_write(struct term *t, const char *bytes, size_t len);

/* Something the person should know of this terminal, once; false: nothing. */
bool term_says(struct term *t, struct text *out);

#endif
