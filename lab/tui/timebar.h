/* timebar.h - the whole run as a line: what was, now, what is to come
 *
 *	 T+00:00 ══════════════════◆══▲═══┃┄┄┄┄┄┄┄┄┄┄ 20:00
 *	                     └──────◆═════┃  before rewind 1
 *
 * `═` is past, `┄` future, `┃` now, `├` where another branch parted.  Marks
 * stand where something happened; of two in one column the graver is shown.  The
 * bar's width is the whole run, so a column is a time and a time a column: the
 * mouse drags along it.
 */
#ifndef LAB_TUI_TIMEBAR_H
#define LAB_TUI_TIMEBAR_H

#include <stddef.h>

#include "lab/tui/grid.h"
#include "sim/core/simtime.h"

/* In the order in which one covers another; screens.md 3c. */
enum mark_kind {
	MARK_PLANNED,		/* ◇ */
	MARK_SAVE,		/* □ */
	MARK_EVENT,		/* ◆ */
	MARK_BRANCH,		/* ├ another branch parted here */
	MARK_ALERT,		/* ▲ */
	MARK_KINDS
};

struct mark {
	sim_time at;
	enum mark_kind kind;
	const char *text;	/* for the line of notes; NULL: none */
};

struct bar_branch {
	const char *name;
	sim_time from, to;	/* where it parted, where it was left */
};

struct timebar {
	sim_time from, to, now;
	const struct mark *marks;	/* in order of time */
	size_t mark_count;
	const struct bar_branch *branches;
	size_t branch_count;
};

/* The first row is the bar; the second, if there is one, notes what the marks
 * nearest to now are; further rows show branches. */
void timebar_draw(struct grid *g, struct rect r, const struct timebar *b);

/* Column of r (it has `cols`) at which a time stands, and back; times outside
 * the run are its ends.  A column at the ends or beyond is the nearest time. */
int timebar_col_of(const struct timebar *b, int cols, sim_time at);
sim_time timebar_time_at(const struct timebar *b, int cols, int col);

/* "T+12:10 of 20:00. 2 events, 1 alert, last T+11:30 alert fired": in words. */
void timebar_words(const struct timebar *b, struct text *out);

#endif
