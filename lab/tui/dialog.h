/* dialog.h - a question over the view below: yes or no, or a line of text
 *
 * app_confirm and app_ask (app.h) open one.
 */
#ifndef LAB_TUI_DIALOG_H
#define LAB_TUI_DIALOG_H

#include "lab/tui/app.h"

/* A text to be read, scrolled, and left with Esc: a fidelity card, a brief. */
struct view *reader_overlay(struct app *a, const char *title,
			    const char *markdown);

#endif
