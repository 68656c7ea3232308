/* topology_draw.h - what stands where, and what flows, in the room there is
 *
 * Two pictures of one model (lab/play/topo.h).  *Place*: zones are columns,
 * machines blocks in them, processes rows.  *Flow*: the stages of the data's
 * way from left to right, joined by buses; where rows are few, a row a stage.
 *
 *	 a           b				 devices ─┬─▸ gw x2 ──▸ kafka x3
 *	 n1 c▃ d▂    n3 c▃ d█ disk 98%		 10k/s    │   9.9k/s    7.2k/s ▼
 *	 ●kafka-0 3k ▲kafka-1 1k		          └─▸ backup
 *
 * As room shrinks, detail goes in a fixed order (screens.md 4): loads; all
 * levels of a machine but the worst; equal healthy processes to `x6 ●`; columns,
 * so that names stay whole (topology_rows.c); healthy machines to one line;
 * zones to one line; at last the stages alone.  What is
 * not well is never left out for room that something healthy takes.
 */
#ifndef LAB_TUI_TOPOLOGY_DRAW_H
#define LAB_TUI_TOPOLOGY_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/play/topo.h"
#include "lab/tui/grid.h"

enum topo_view { TOPO_PLACE, TOPO_FLOW };

enum topo_thing { TOPO_NOTHING, TOPO_PROCESS, TOPO_MACHINE, TOPO_STAGE };

/* A process, a machine or a stage, by index. */
struct topo_spot {
	enum topo_thing thing;
	size_t index;
};

struct topo_look {
	enum topo_view view;
	struct topo_spot selected;
	bool is_truth;		/* drawn from the truth: a gutter says so */
};

void topo_draw(struct grid *g, struct rect r, const struct topo *t,
	       const struct topo_look *look);
/* What is drawn at a cell of the screen. */
struct topo_spot topo_hit(struct rect r, const struct topo *t,
			  const struct topo_look *look, int row, int col);

/* The next thing of that kind, `by` steps on, around the end; of nothing, the
 * first process.  And the next process that is not well; the same spot when all
 * are. */
struct topo_spot topo_step(const struct topo *t, struct topo_spot from, int by);
struct topo_spot topo_next_bad(const struct topo *t, struct topo_spot from,
			       int by);

/* A line or two about it: "kafka-2 on n5 in c  warn: not in sync", "stands
 * there with tm-1, backup"; "fed by gw  feeds tm" for a stage. */
void topo_spot_text(const struct topo *t, struct topo_spot spot,
		    struct text *out);

/* Glyph and role of a state, the same everywhere (screens.md 3c). */
const char *part_glyph(enum part_state s);
enum role part_role(enum part_state s);
/* Worse is larger; what is idle or unknown is nearer to well than to down. */
int part_badness(enum part_state s);

/* "15 processes  13 ●  1 ○  1 ▲". */
void topo_count_text(const struct topo *t, struct text *out);
/* "gw ● 2/2  kafka ▲ 2/3  tm ● 2/2": the last thing that is left out. */
void topo_stages_text(const struct topo *t, struct text *out);

#endif
