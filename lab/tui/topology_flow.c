/* topology_flow.c - what flows: stages from left to right, joined by buses
 *
 * A stage stands in the column of its longest way from a source.  An edge that
 * passes a column goes through it on a row of its own, so edges only ever join
 * neighbours (Sugiyama et al., IEEE Trans. SMC 1981).  All edges between two
 * columns share one vertical line where their rows overlap: a bus.
 *
 *	devices ─┬─▸ gw x2     ──▸ kafka x3
 *	10k/s    │   9.9k/s        7.2k/s ▼
 *	         └─▸ backup
 *
 * Where stages are more than the rows for that, each has one row, its rate
 * behind its name and its word only if it is not well.
 */
#include "lab/tui/topology_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "sim/core/mem.h"

enum { LAYERS_MAX = 12, SLOTS_MAX = 24, GAP = 6, STAGE_ROWS = 4 };

/* A place in a layer: a stage, or an edge on its way through. */
struct slot {
	bool is_stage;
	size_t index;
	int row;			/* of its first line */
};

struct layer {
	struct slot slots[SLOTS_MAX];
	size_t count;
	int col, cols;
};

struct flow {
	struct pen *p;
	struct layer layers[LAYERS_MAX];
	int count;
	int stage_rows;			/* of each: STAGE_ROWS, or 1 */
	int *layer_of;			/* by stage */
	bool *fed, *feeding;		/* by stage: by the selected one; it */
};

/* Longest way; a circle ends the search at the last layer. */
static void find_layers(struct flow *f)
{
	const struct topo *t = f->p->t;
	bool moved = true;

	for (int round = 0; moved && round < LAYERS_MAX; round++) {
		moved = false;
		for (size_t i = 0; i < t->edge_count; i++) {
			int least = f->layer_of[t->edges[i].from] + 1;

			if (f->layer_of[t->edges[i].to] >= least ||
			    least >= LAYERS_MAX)
				continue;
			f->layer_of[t->edges[i].to] = least;
			moved = true;
		}
	}
}

static void slot_add(struct flow *f, int layer, bool is_stage, size_t index)
{
	struct layer *l = &f->layers[layer];

	if (l->count < SLOTS_MAX)
		l->slots[l->count++] = (struct slot){ is_stage, index, 0 };
	if (layer + 1 > f->count)
		f->count = layer + 1;
}

static void fill_layers(struct flow *f)
{
	const struct topo *t = f->p->t;

	for (size_t i = 0; i < t->stage_count; i++)
		slot_add(f, f->layer_of[i], true, i);
	for (size_t i = 0; i < t->edge_count; i++)
		for (int l = f->layer_of[t->edges[i].from] + 1;
		     l < f->layer_of[t->edges[i].to]; l++)
			slot_add(f, l, false, i);
}

static void stage_title(const struct topo_stage *s, struct text *out)
{
	text_add(out, s->name);
	if (s->parts_ok < s->parts) {
		text_char(out, ' ');
		number_tight(out, s->parts_ok);
		text_char(out, '/');
		number_tight(out, s->parts);
	} else if (s->parts > 1) {
		text_add(out, " x");
		number_tight(out, s->parts);
	}
}

static bool falls_behind(const struct topo *t, size_t stage)
{
	for (size_t i = 0; i < t->edge_count; i++)
		if (t->edges[i].to == stage && t->edges[i].state == PART_WARN)
			return true;
	return false;
}

/* In one row: "kafka 2/3  7.2k/s ▼  lag 148k". */
static void stage_line(const struct topo *t, size_t i, struct text *out)
{
	const struct topo_stage *s = &t->stages[i];

	stage_title(s, out);
	if (*s->rate)
		text_addf(out, "  %s", s->rate);
	if (falls_behind(t, i))
		text_add(out, " ▼");
	if (*s->word && s->state != PART_OK)
		text_addf(out, "  %s", s->word);
}

static int stage_cols(const struct topo *topo, size_t i, int rows)
{
	const struct topo_stage *s = &topo->stages[i];
	struct text t = {0};
	int cols, rate = text_width(s->rate), word = text_width(s->word);

	if (rows == 1)
		stage_line(topo, i, &t);
	else
		stage_title(s, &t);
	cols = text_width(text_cstr(&t)) + 2;
	text_free(&t);
	if (rows == 1)
		return cols;
	if (rate + 2 > cols)
		cols = rate + 2;
	return word > cols ? word : cols;
}

/* Rows and columns of all slots; how many rows are needed. */
static int place(struct flow *f)
{
	int col = 2, rows = 0;

	for (int i = 0; i < f->count; i++) {
		struct layer *l = &f->layers[i];
		int row = 0;

		l->col = col;
		l->cols = 0;
		for (size_t k = 0; k < l->count; k++) {
			struct slot *s = &l->slots[k];
			int cols = s->is_stage ?
				stage_cols(f->p->t, s->index, f->stage_rows) :
				0;

			s->row = row;
			row += s->is_stage ? f->stage_rows :
			       f->stage_rows == 1 ? 1 : 2;
			l->cols = cols > l->cols ? cols : l->cols;
		}
		rows = row > rows ? row : rows;
		col += l->cols + GAP;
	}
	return f->stage_rows == 1 ? rows : rows - 1;
}

/* What is needed in columns, the gap behind the last one not counted. */
static int width(const struct flow *f)
{
	const struct layer *last = &f->layers[f->count - 1];

	return last->col + last->cols;
}

/* Words below stages are what gives when room is short. */
static void squeeze(struct flow *f, int cols)
{
	int over = width(f) - cols;

	for (bool moved = true; over > 0 && moved;) {
		struct layer *widest = &f->layers[0];

		for (int i = 1; i < f->count; i++)
			if (f->layers[i].cols > widest->cols)
				widest = &f->layers[i];
		moved = widest->cols > 8;
		if (moved) {
			widest->cols--;
			over--;
		}
	}
	for (int i = 1; i < f->count; i++)
		f->layers[i].col = f->layers[i - 1].col +
				   f->layers[i - 1].cols + GAP;
}

/* --- stages --------------------------------------------------------------- */

static int one_row_put(struct pen *p, int row, int col, int cols, size_t i)
{
	const struct topo_stage *s = &p->t->stages[i];
	struct text t = {0};
	size_t title;
	int end;

	stage_title(s, &t);
	title = t.len;
	end = pen_state(p, row, col, s->state) + 1;
	end = pen_name(p, row, end, cols - 2, ROLE_TEXT, text_cstr(&t));
	pen_spot(p, row, col, cols, TOPO_STAGE, i);
	text_clear(&t);
	stage_line(p->t, i, &t);
	/* What stands behind the title, in its own role. */
	if (col + cols > end)
		end = pen_cut(p, row, end, col + cols - end,
			      s->state == PART_OK ? ROLE_DIM :
						    part_role(s->state),
			      text_cstr(&t) + title);
	text_free(&t);
	return end;
}

static int stage_put(struct pen *p, int row, int col, int cols, size_t i)
{
	const struct topo_stage *s = &p->t->stages[i];
	struct text t = {0};
	int end;

	stage_title(s, &t);
	end = pen_state(p, row, col, s->state) + 1;
	end = pen_name(p, row, end, cols - 2, ROLE_TEXT, text_cstr(&t));
	pen_spot(p, row, col, cols, TOPO_STAGE, i);
	text_clear(&t);
	text_add(&t, s->rate);
	if (falls_behind(p->t, i))
		text_add(&t, " ▼");
	pen_cut(p, row + 1, col, cols,
		falls_behind(p->t, i) ? ROLE_WARN : ROLE_DIM, text_cstr(&t));
	pen_cut(p, row + 2, col, cols,
		s->state == PART_OK ? ROLE_DIM : part_role(s->state), s->word);
	text_free(&t);
	return end;
}

/* --- edges ---------------------------------------------------------------- */

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

/* Glyphs of a bus by the sides they reach. */
static const char *const joints[16] = {
	[UP | DOWN] = "│", [LEFT | RIGHT] = "─",
	[LEFT | DOWN] = "┐", [LEFT | UP] = "┘",
	[RIGHT | DOWN] = "┌", [RIGHT | UP] = "└",
	[LEFT | RIGHT | DOWN] = "┬", [LEFT | RIGHT | UP] = "┴",
	[UP | DOWN | LEFT] = "┤", [UP | DOWN | RIGHT] = "├",
	[UP | DOWN | LEFT | RIGHT] = "┼",
};

static const struct {
	const char *glyph;
	enum role role;
} strokes[PART_STATE_COUNT] = {
	[PART_OK] = { "─", ROLE_DIM }, [PART_WARN] = { "─", ROLE_WARN },
	[PART_DOWN] = { "┄", ROLE_BAD }, [PART_START] = { "┄", ROLE_INFO },
	[PART_IDLE] = { "┄", ROLE_DIM }, [PART_UNKNOWN] = { "┄", ROLE_STALE },
};

struct bus {
	unsigned char sides[GRID_ROWS_MAX];
	enum part_state state[GRID_ROWS_MAX];
	bool is_lit[GRID_ROWS_MAX];
};

/* Row of an edge in a layer: that of its stage, or where it passes. */
static int row_in(const struct flow *f, int layer, size_t edge, size_t stage)
{
	const struct layer *l = &f->layers[layer];

	for (size_t i = 0; i < l->count; i++)
		if (l->slots[i].is_stage ?
		    l->slots[i].index == stage &&
		    f->layer_of[stage] == layer :
		    l->slots[i].index == edge)
			return l->slots[i].row;
	return -1;
}

/* --- the path of the selected stage --------------------------------------- */

/* All that the data of the selected stage comes from and goes to. */
static void light_path(struct flow *f)
{
	const struct topo *t = f->p->t;
	const struct topo_spot *s = &f->p->look->selected;

	if (s->thing != TOPO_STAGE || s->index >= t->stage_count)
		return;
	f->fed[s->index] = f->feeding[s->index] = true;
	for (int round = 0; round < LAYERS_MAX; round++)
		for (size_t i = 0; i < t->edge_count; i++) {
			const struct topo_edge *e = &t->edges[i];

			f->fed[e->to] = f->fed[e->to] || f->fed[e->from];
			f->feeding[e->from] = f->feeding[e->from] ||
					      f->feeding[e->to];
		}
}

static bool is_lit(const struct flow *f, const struct topo_edge *e)
{
	return (f->fed[e->from] && f->fed[e->to]) ||
	       (f->feeding[e->from] && f->feeding[e->to]);
}

/* --- drawing them --------------------------------------------------------- */

static enum role stroke_role(enum part_state s, bool lit)
{
	return lit && strokes[s].role == ROLE_DIM ? ROLE_FOCUS :
						    strokes[s].role;
}

static void run_put(struct flow *f, int row, int from, int to,
		    const struct topo_edge *e)
{
	for (int col = from; col < to; col++)
		pen_put(f->p, row, col, stroke_role(e->state, is_lit(f, e)),
			strokes[e->state].glyph);
}

/* Column behind what is written in the first row of a slot. */
static int text_end(const struct flow *f, int layer, int row)
{
	const struct layer *l = &f->layers[layer];
	int end = l->col;

	for (size_t i = 0; i < l->count; i++) {
		struct text t = {0};
		int cols;

		if (l->slots[i].row != row || !l->slots[i].is_stage)
			continue;
		if (f->stage_rows == 1)
			stage_line(f->p->t, l->slots[i].index, &t);
		else
			stage_title(&f->p->t->stages[l->slots[i].index], &t);
		cols = text_width(text_cstr(&t)) + 2;
		end = l->col + (cols < l->cols ? cols : l->cols) + 1;
		text_free(&t);
	}
	return end;
}

/* One edge between a layer and the next. */
static void edge_put(struct flow *f, int layer, size_t edge, struct bus *bus)
{
	const struct topo_edge *e = &f->p->t->edges[edge];
	struct layer *next = &f->layers[layer + 1];
	int from = row_in(f, layer, edge, e->from);
	int to = row_in(f, layer + 1, edge, e->to);
	int at = f->layers[layer].col + f->layers[layer].cols + 2;
	bool arrives = f->layer_of[e->to] == layer + 1;

	if (from < 0 || to < 0 || from >= f->p->r.rows || to >= f->p->r.rows)
		return;
	run_put(f, from, text_end(f, layer, from), at, e);
	run_put(f, to, at + 1, arrives ? next->col - 2 : next->col +
		next->cols, e);
	if (arrives)
		pen_put(f->p, to, next->col - 2,
			stroke_role(e->state, is_lit(f, e)), "▸");
	bus->sides[from] |= LEFT;
	bus->sides[to] |= RIGHT;
	for (int row = from < to ? from : to; row < (from < to ? to : from);
	     row++) {
		bus->sides[row] |= DOWN;
		bus->sides[row + 1] |= UP;
	}
	for (int row = from < to ? from : to; row <= (from < to ? to : from);
	     row++) {
		if (part_badness(e->state) > part_badness(bus->state[row]))
			bus->state[row] = e->state;
		bus->is_lit[row] = bus->is_lit[row] || is_lit(f, e);
	}
}

static void edges_put(struct flow *f, int layer)
{
	struct bus *bus = mem_zeroed(1, sizeof(*bus));
	const struct topo *t = f->p->t;
	int at = f->layers[layer].col + f->layers[layer].cols + 2;

	/* Lit ones last, so that they lie on top. */
	for (int lit = 0; lit < 2; lit++)
		for (size_t i = 0; i < t->edge_count; i++)
			if (f->layer_of[t->edges[i].from] <= layer &&
			    f->layer_of[t->edges[i].to] > layer &&
			    is_lit(f, &t->edges[i]) == lit)
				edge_put(f, layer, i, bus);
	for (int row = 0; row < f->p->r.rows && row < GRID_ROWS_MAX; row++) {
		unsigned sides = bus->sides[row];
		enum part_state s = bus->state[row];

		if (joints[sides])
			pen_put(f->p, row, at, stroke_role(s, bus->is_lit[row]),
				sides == (LEFT | RIGHT) ? strokes[s].glyph :
							  joints[sides]);
	}
	free(bus);
}

/* --- all ------------------------------------------------------------------ */

void topo_flow(struct pen *p)
{
	struct flow f = { .p = p };
	int rows;

	f.layer_of = calloc(p->t->stage_count + 1, sizeof(*f.layer_of));
	f.fed = calloc(p->t->stage_count + 1, sizeof(*f.fed));
	f.feeding = calloc(p->t->stage_count + 1, sizeof(*f.feeding));
	if (!f.layer_of || !f.fed || !f.feeding)
		abort();
	light_path(&f);
	find_layers(&f);
	fill_layers(&f);
	f.stage_rows = STAGE_ROWS;
	rows = place(&f);
	if (rows > p->r.rows + 2) {
		f.stage_rows = 1;
		rows = place(&f);
	}
	squeeze(&f, p->r.cols);
	if (width(&f) > p->r.cols || rows > p->r.rows +
	    (f.stage_rows == 1 ? 0 : 2)) {
		topo_stage_line(p, 0);
	} else {
		for (int i = 0; i + 1 < f.count; i++)
			edges_put(&f, i);
		for (int i = 0; i < f.count; i++) {
			const struct layer *l = &f.layers[i];
			int (*put)(struct pen *, int, int, int, size_t) =
				f.stage_rows == 1 ? one_row_put : stage_put;

			for (size_t k = 0; k < l->count; k++)
				if (l->slots[k].is_stage)
					put(p, l->slots[k].row, l->col,
					    l->cols, l->slots[k].index);
		}
	}
	free(f.layer_of);
	free(f.fed);
	free(f.feeding);
}
