/* choose.h - one of a few, in a box over the view below
 *
 *	┌─ Track ──────────────────────────────┐
 *	│ ▸ Self-paced   15 to 20 h a week      │
 *	│   Intensive    four months, full time │
 *	└──────────────────────── Enter   Esc ──┘
 */
#ifndef LAB_VIEWS_CHOOSE_H
#define LAB_VIEWS_CHOOSE_H

#include <stddef.h>

#include "lab/tui/app.h"

struct choice {
	const char *value;	/* given to `chosen` */
	const char *label;
	const char *help;	/* "" : nothing more to say */
};

/* The choices are copied.  `chosen` runs after the box is gone. */
struct view *choose_view(struct app *a, const char *title,
			 const struct choice *choices, size_t count,
			 size_t current,
			 void (*chosen)(struct app *a, void *ctx,
					const char *value),
			 void *ctx);

#endif
