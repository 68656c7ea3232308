/* home_inside.h - what the files of home share
 *
 *	home.c		its life, its actions, the keyboard
 *	home_model.c	what is shown: read once, and its lines
 *	home_draw.c	what it looks like
 *	home_why.c	what a unit or an exercise needs and teaches
 */
#ifndef LAB_VIEWS_HOME_INSIDE_H
#define LAB_VIEWS_HOME_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/progress/progress.h"
#include "lab/tui/app.h"
#include "lab/views/cursor.h"
#include "lab/views/pathway.h"
#include "lab/views/resume.h"

enum { DUE_SHOWN = 3 };

/* The first lines stand above the pathway: Continue, then what is due. */
struct home {
	struct view view;
	struct pathway path;
	struct dues dues;
	int64_t ahead[PROGRESS_AHEAD];
	struct week week;
	struct resume resume;
	bool waits;			/* `resume` is there */
	char *title, *unit, *where;	/* of what waits, or comes next */
	char *id;			/* its exercise; NULL: nothing left */
	char *sentence;
	int level;			/* held; 0: none yet */
	struct cursor cursor;		/* over all lines */
	size_t path_top, path_rows;
	char *trouble;			/* the record cannot be read */
};

static inline const struct catalog *home_catalog(const struct home *h)
{
	return h->view.app->outside.catalog;
}

/* home_model.c */
void home_read(struct home *h);
void home_forget(struct home *h);
size_t home_due_lines(const struct home *h);
/* Those above the pathway. */
size_t home_fixed_lines(const struct home *h);
size_t home_line_count(const struct home *h);
/* What the current line is of; NULL: of something else. */
bool home_on_continue(const struct home *h);
const struct due *home_on_due(const struct home *h);
struct path_node *home_on_path(const struct home *h);

/* home_draw.c */
void home_draw(struct view *v, struct grid *g, struct rect body);
void home_crumb(const struct view *v, struct text *left, struct text *right);

/* home_why.c: in an overlay */
bool home_tell_why(struct home *h);

#endif
