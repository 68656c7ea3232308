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

/* --- how much detail fits (topology_draw.c) ------------------------------- */

/* Processes of one kind on one machine. */
struct group {
	size_t first, count;		/* processes, next to each other */
	size_t stem;			/* bytes of the name they share */
	enum part_state worst;
};

enum detail {
	DETAIL_ALL,		/* every process by its name */
	DETAIL_GROUPS,		/* three and more of a kind in one */
	DETAIL_PAIRS,		/* two and more */
	DETAIL_WELL,		/* healthy machines in one line */
	DETAIL_ZONES,		/* zones in one line */
};

/* The next group from process i on; of the same machine. */
struct group group_at(const struct topo *t, size_t i);
bool group_rolls_up(const struct group *g, enum detail d);
void group_name(const struct topo *t, const struct group *g, struct text *out);
bool machine_is_well(const struct topo *t, size_t machine);
/* As many of its levels as there is room for; the column behind. */
int machine_levels(struct pen *p, int row, int col, int cols,
		   const struct topo_machine *m);

/* --- pictures ------------------------------------------------------------- */

void topo_place(struct pen *p);			/* topology_draw.c */
/* Machines as rows with all their names in full (topology_rows.c).  How many
 * rows that takes in so many columns; 0: a name would have to be cut. */
int topo_rows_need(const struct topo *t, int cols, enum detail d);
int topo_rows(struct pen *p, enum detail d);	/* the row below */
void topo_flow(struct pen *p);			/* topology_flow.c */
/* All stages in one row: below a place view, or when nothing else fits. */
void topo_stage_line(struct pen *p, int row);

#endif
