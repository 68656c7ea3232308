/* tui.h - the program in a terminal: the loop that joins term.h and app.h
 *
 *	int child(void *ctx)			started by supervise()
 *	{
 *		struct tui *t = tui_open(&err);	the other screen, at once
 *		...				what is slow comes now
 *		tui_outside(t, &outside);
 *		app_init(&app, &outside, ...tui_size...);
 *		status = tui_run(t, &app);	until the app ends
 *		app_release(&app);
 *		tui_close(t);
 *		return status;
 *	}
 *
 * One turn of the loop: signals, inputs, time, picture, rest.  Inputs come
 * before time, and time is cut into slices of 8 ms that end early when a key
 * waits, so a key is on the screen within 16 ms even while a world runs as fast
 * as it can.  What moves by itself is painted 30 times a second at most.  When
 * nothing moves, the loop waits for a key: no byte is written, nothing wakes.
 *
 * For tests:
 *	MILLRACE_TEST_FD=n		whenever all that came in has been taken,
 *		done and painted, ESC ] 7777 ; BYTES ROWS COLS BEL goes to this
 *		file descriptor: how many bytes were read from the terminal so
 *		far, and the size painted.  Who counts what he sent knows that
 *		this is the answer to it, and not to something before it; sent
 *		to the terminal itself (1) it also stands behind the picture it
 *		speaks of.
 *	MILLRACE_TEST_CLOCK=virtual	each frame is 33 ms, and none waits;
 *		now_ms begins at 2026-01-01 00:00 UTC.
 */
#ifndef LAB_TUI_TUI_H
#define LAB_TUI_TUI_H

#include "lab/tui/app.h"
#include "sim/core/err.h"

struct tui;

/* Takes the terminal.  False: there is none; term_usable says it sooner. */
struct tui *tui_open(struct err *err);
/* Gives it back.  NULL is allowed. */
void tui_close(struct tui *t);

void tui_size(const struct tui *t, int *rows, int *cols);
/* Fill in what a terminal can do for an app: budget_over, edit_file, copy,
 * now_ms, utc_offset_minutes, and their ctx. */
void tui_outside(struct tui *t, struct app_outside *o);

/* Until the app ends: 0.  Asked to end by a signal, or the terminal is gone:
 * 128 + signal; the app is as it was, to be saved and released. */
int tui_run(struct tui *t, struct app *a);

#endif
