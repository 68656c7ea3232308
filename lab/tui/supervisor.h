/* supervisor.h - a terminal that is whole again, whatever happens inside
 *
 * A program that draws leaves the terminal in a state nobody can type in when
 * it dies at once: no echo, another screen, a mouse that writes letters.  No
 * handler helps against SIGKILL or a memory that is used up.  So the program
 * is a child, and its parent does nothing but wait:
 *
 *	shell ── parent ── child: the lab
 *	          │          │
 *	          │    ^Z    └─ puts the terminal back, stops; the parent stops
 *	          │             too, and wakes it when the shell wakes the parent
 *	          │    dies  └─ the parent puts the terminal back, says in one
 *	          │             sentence what happened, ends with 128 + signal
 *	          └─ TERM, HUP: handed to the child, which has three seconds;
 *	             parent killed: the child gets TERM (Linux)
 *
 * What the child writes to stderr while that is the terminal is kept aside and
 * printed at the end: it would only spoil the picture.
 */
#ifndef LAB_TUI_SUPERVISOR_H
#define LAB_TUI_SUPERVISOR_H

/* Runs child(ctx) in a process of its own; the value is what it returned, or
 * 128 + signal.  A child that returns more than 128 says the same: it was asked
 * to end by that signal and did so in order. */
int supervise(int (*child)(void *ctx), void *ctx);

/* Undoes what a screen of ours may have done to a terminal; harmless when it
 * did nothing.  The modes of the line (termios) are another matter. */
extern const char terminal_reset[];

#endif
