/* topology_inside.h - the pen both pictures of a topology are drawn with
 *
 * Drawing and finding what was hit are one walk: with a grid the pen writes,
 * without one it only looks whether the wanted cell would have been written.
 */
#ifndef LAB_TUI_TOPOLOGY_INSIDE_H
#define LAB_TUI_TOPOLOGY_INSIDE_H

#include "lab/tui/topology_draw.h"

struct pen {
	struct grid *g;			/* NULL: only look */
	struct rect r;
	const struct topo *t;
	const struct topo_look *look;
	int want_row, want_col;		/* of r */
	struct topo_spot hit;
};

/* All return the column behind. */
int pen_put(struct pen *p, int row, int col, enum role role, const char *s);
int pen_cut(struct pen *p, int row, int col, int cols, enum role role,
	    const char *s);
int pen_name(struct pen *p, int row, int col, int cols, enum role role,
	     const char *s);
int pen_state(struct pen *p, int row, int col, enum part_state s);
/* These cells are that thing: hit by a click, marked if it is selected. */
void pen_spot(struct pen *p, int row, int col, int cols, enum topo_thing thing,
	      size_t index);

void topo_place(struct pen *p);			/* topology_draw.c */
void topo_flow(struct pen *p);			/* topology_flow.c */
/* All stages in one row: below a place view, or when nothing else fits. */
void topo_stage_line(struct pen *p, int row);

#endif
