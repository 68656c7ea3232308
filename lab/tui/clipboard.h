/* clipboard.h - text to where the person can paste it
 *
 * Which clipboard that is nobody can ask.  Inside tmux it is tmux's, which
 * hands it on to the terminal.  Over SSH a tool here would fill the clipboard
 * of the wrong machine and say all went well; there the terminal is asked, with
 * OSC 52, which it may refuse without a word.  Otherwise a tool of the desktop,
 * where there is one.
 *
 * The program keeps what was copied as well (app.copied).
 */
#ifndef LAB_TUI_CLIPBOARD_H
#define LAB_TUI_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/text.h"

/* Longer ones are cut or refused by terminals: 100,000 bytes of sequence. */
enum { CLIPBOARD_OSC52_MAX = 74000 };

/* `emit` writes to the terminal.  *said: where it is now, in a sentence, or
 * why nowhere (false). */
bool clipboard_copy(const char *text, size_t len,
		    void (*emit)(void *ctx, const char *bytes, size_t len),
		    void *ctx, struct text *said);

#endif
