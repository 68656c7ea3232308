/* decode.h - what a terminal sends, read as keys, mouse and pastes
 *
 * Bytes in, inputs out; it knows neither a terminal nor a clock, and is told
 * the time with every call (milliseconds of any clock that only goes forward).
 *
 *	decode_feed(d, bytes, len, now);
 *	while (decode_next(d, &in, now))
 *		...
 *	poll(..., decode_wait_ms(d, now));
 *
 * Terminals agree on little.  What F1 sends, say:
 *
 *	ESC O P      xterm, VTE, Alacritty, kitty, tmux, screen
 *	ESC [ 1 1 ~  rxvt, PuTTY
 *	ESC [ [ A    Linux console
 *	ESC [ P      some xterms; ESC [ 1 ; 3 P is Alt-F1
 *
 * All of these are understood everywhere; none means something else elsewhere.
 * What terminfo says of the terminal at hand is added with decode_key.
 *
 * ESC is a key, the beginning of a sequence, and Alt of the next key.  Which
 * of them shows in time: what does not follow within esc_ms (ncurses'
 * ESCDELAY) does not belong to it.
 */
#ifndef LAB_TUI_DECODE_H
#define LAB_TUI_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/tui/key.h"
#include "sim/core/text.h"

enum {
	DECODE_ESC_MS = 25,
	DECODE_PASTE_MS = 1000,	/* a paste without an end, after its last byte */
	DECODE_PASTE_MAX = 1 << 20,	/* bytes; a longer one comes in parts */
	DECODE_DOUBLE_MS = 400,	/* between the presses of a double click */
};

struct decode_key {
	char bytes[15];
	uint8_t len;
	uint32_t key;
};

struct decode {
	int esc_ms;
	unsigned char erase;	/* what Backspace sends, beside 127 */

	struct text in;		/* bytes; those before `from` are done */
	size_t from;
	int64_t fed_ms;		/* when the newest byte came */

	bool pasting;
	struct text paste;	/* what the last INPUT_PASTE lends */

	struct decode_key *keys;	/* of terminfo */
	size_t key_count;

	int press_row, press_col;	/* of the last press; -1: none */
	int64_t press_ms;

	/* The terminal was asked where its cursor is: then, and only then,
	 * ESC [ 1 ; n R is the answer and not Ctrl-F3. */
	bool asked;
	int answer_col;		/* from 1; 0: no answer yet */
};

void decode_init(struct decode *d);
void decode_release(struct decode *d);
/* A key as terminfo describes it; what does not begin with ESC is left out. */
void decode_key(struct decode *d, const char *bytes, uint32_t key);

void decode_feed(struct decode *d, const void *bytes, size_t len,
		 int64_t now_ms);
/* False: nothing, or not enough of it yet.  A paste is lent until the next
 * call. */
bool decode_next(struct decode *d, struct input *in, int64_t now_ms);
/* Until the bytes at hand mean what they mean; -1: there are none. */
int decode_wait_ms(const struct decode *d, int64_t now_ms);

#endif
