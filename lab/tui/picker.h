/* picker.h - a list to type into: palette, help, search
 *
 * Rows are collected once, when the list opens; typing narrows them, nearest
 * first.  While one types, letters are text and only arrows, Ctrl-N and Ctrl-P
 * move.  A row that cannot be used stays visible and says why.
 */
#ifndef LAB_TUI_PICKER_H
#define LAB_TUI_PICKER_H

#include "lab/tui/app.h"

struct pick {
	char *name;		/* "Check this exercise" */
	const char *sort;	/* "action", "exercise", "word": at the right */
	char *key;		/* keys or id, at the far right; may be NULL */
	char *words;		/* more to find it by; may be NULL */
	char *detail;		/* shown while it is selected; may be NULL */
	char *why_not;		/* NULL: it can be used */
	const char *group;	/* a heading while nothing is typed; or NULL */
	char *id;		/* what to do or open; may be NULL */
	int nearness;		/* among equals: smaller is nearer */
};

struct picker {
	struct pick *rows;
	size_t count, cap;
	struct text typed;
	size_t *shown;		/* rows that match, nearest first */
	size_t shown_count;
	size_t selected, top;	/* of shown */
	int page;		/* rows that were drawn last */
};

void picker_release(struct picker *p);

/* Adds a row; id and name are copied, `sort` and `group` are borrowed. */
struct pick *picker_add(struct picker *p, const char *sort, const char *id,
			const char *name);
void pick_set(char **field, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void picker_filter(struct picker *p);		/* after rows were added */
/* NULL: nothing matches. */
const struct pick *picker_current(const struct picker *p);

/* Typing, moving, the wheel and clicks within `rows` (of the screen). */
bool picker_input(struct picker *p, const struct input *in, struct rect rows);

/* The typed line at row 0 of r, then the rows; the value is the room of the
 * rows, for picker_input.  `nothing` begins the sentence when none match. */
struct rect picker_draw(struct picker *p, struct grid *g, struct rect r,
			const char *nothing);

#endif
