/* topology_rows.c - what stands where, a machine a row
 *
 * For a pane that is too narrow for a column a zone: there names are cut until
 * broker-1 and broker-2 look alike, and a map is read by its names.
 *
 *	a ●controller-1 ▁
 *	  ●broker-1 ▃
 *	  edge-1 ▁ ●sensor-gateway
 *	b ▲broker-2 █ disk 98%
 *	  app-1 ▁ ●dashboard
 *	    ●archiver
 *
 * A process that has its machine's name stands for both.  What does not fit
 * into a row goes on in the next one; when there are too few rows, well machines
 * that would take several are counted: `edge-1 ▁ 6 ●`.
 */
#include "lab/tui/topology_inside.h"

#include <stdio.h>
#include <string.h>

#include "lab/tui/draw.h"

enum { ZONE_COLS_MAX = 8, HANG_COLS = 2 };

/* Where the next thing stands, and the room. */
struct line {
	struct pen *p;			/* NULL: only count */
	int row, col;
	int first, cols;		/* the column rows begin at, and end */
	bool is_cut;			/* something is wider than a row */
	bool is_begun;			/* this row has something */
};

static int zone_width(const struct topo *t)
{
	int cols = 1;

	for (size_t z = 0; z < t->zone_count; z++)
		if (text_width(t->zones[z]) > cols)
			cols = text_width(t->zones[z]);
	return cols < ZONE_COLS_MAX ? cols : ZONE_COLS_MAX;
}

/* Room for something so wide, in the next row if need be. */
static void make_room(struct line *l, int width)
{
	if (l->is_begun && l->col + 1 + width > l->cols) {
		l->row++;
		l->col = l->first + HANG_COLS;
	} else if (l->is_begun) {
		l->col++;
	}
	l->is_cut = l->is_cut || l->col + width > l->cols;
	l->is_begun = true;
}

/* "●broker-1", with what it carries if there is room to spare. */
static void put_process(struct line *l, const struct topo *t, size_t i,
			enum role role)
{
	const struct topo_process *pr = &t->processes[i];
	int width = 1 + pr->stale + text_width(pr->name), col;

	make_room(l, width);
	col = l->col;
	l->col += width;
	if (!l->p)
		return;
	pen_spot(l->p, l->row, col, width, TOPO_PROCESS, i);
	col = pen_state(l->p, l->row, col, pr->state);
	if (pr->stale)
		col = pen_put(l->p, l->row, col, ROLE_STALE, "~");
	pen_put(l->p, l->row, col, pr->stale ? ROLE_STALE : role, pr->name);
}

static void put_group(struct line *l, const struct topo *t,
		      const struct group *g)
{
	struct text name = {0};
	int width, col;

	group_name(t, g, &name);
	width = 1 + text_width(text_cstr(&name));
	make_room(l, width);
	col = l->col;
	l->col += width;
	if (l->p) {
		pen_spot(l->p, l->row, col, width, TOPO_PROCESS, g->first);
		col = pen_state(l->p, l->row, col, g->worst);
		pen_put(l->p, l->row, col, ROLE_TEXT, text_cstr(&name));
	}
	text_free(&name);
}

/* "edge-1". */
static void put_machine(struct line *l, const struct topo *t, size_t machine)
{
	const char *name = t->machines[machine].name;
	int width = text_width(name);

	make_room(l, width);
	if (l->p) {
		pen_put(l->p, l->row, l->col, ROLE_STRONG, name);
		pen_spot(l->p, l->row, l->col, width, TOPO_MACHINE, machine);
	}
	l->col += width;
}

static void put_level(struct line *l, const struct topo *t, size_t machine)
{
	const struct topo_machine *m = &t->machines[machine];

	make_room(l, 1);
	if (l->p)
		machine_levels(l->p, l->row, l->col, 1, m);
	l->col++;
	if (!*m->worst)
		return;
	make_room(l, text_width(m->worst));
	if (l->p)
		pen_put(l->p, l->row, l->col, ROLE_WARN, m->worst);
	l->col += text_width(m->worst);
}

/* The process that has the machine's name; process_count: none. */
static size_t namesake(const struct topo *t, size_t machine)
{
	for (size_t i = 0; i < t->process_count; i++)
		if (t->processes[i].machine == machine &&
		    strcmp(t->processes[i].name,
			   t->machines[machine].name) == 0)
			return i;
	return t->process_count;
}

static bool is_empty(const struct topo *t, size_t machine)
{
	for (size_t i = 0; i < t->process_count; i++)
		if (t->processes[i].machine == machine)
			return false;
	return true;
}

/* "6 ●": how many, when all are well. */
static void put_count(struct line *l, const struct topo *t, size_t machine)
{
	char count[24];
	size_t n = 0;
	int col;

	for (size_t i = 0; i < t->process_count; i++)
		n += t->processes[i].machine == machine;
	snprintf(count, sizeof(count), "%zu ", n);
	make_room(l, (int)strlen(count) + 1);
	col = l->col;
	l->col += (int)strlen(count) + 1;
	if (!l->p)
		return;
	pen_spot(l->p, l->row, col, l->col - col, TOPO_MACHINE, machine);
	pen_state(l->p, l->row, pen_put(l->p, l->row, col, ROLE_DIM, count),
		  PART_OK);
}

/* Its name, how full it is, and what it carries. */
static void put_all(struct line *l, const struct topo *t, size_t machine,
		    enum detail d)
{
	size_t same = namesake(t, machine);

	if (same < t->process_count)
		put_process(l, t, same, ROLE_STRONG);
	else
		put_machine(l, t, machine);
	put_level(l, t, machine);
	for (size_t i = 0; i < t->process_count;) {
		struct group g = group_at(t, i);
		bool rolls = group_rolls_up(&g, d);

		if (t->processes[i].machine == machine && rolls)
			put_group(l, t, &g);
		else if (t->processes[i].machine == machine && i != same)
			put_process(l, t, i, ROLE_TEXT);
		i += rolls ? g.count : 1;
	}
}

/* A well machine that would take several rows is counted when rows are few. */
static void put_row(struct line *l, const struct topo *t, size_t machine,
		    enum detail d)
{
	struct line probe = *l;

	probe.p = NULL;
	put_all(&probe, t, machine, d);
	if (d < DETAIL_PAIRS || probe.row == l->row ||
	    !machine_is_well(t, machine)) {
		put_all(l, t, machine, d);
	} else {
		put_machine(l, t, machine);
		put_level(l, t, machine);
		put_count(l, t, machine);
	}
}

/* A machine that carries nothing gives its row first. */
static bool is_left_out(const struct topo *t, size_t machine, enum detail d)
{
	return d >= DETAIL_GROUPS && is_empty(t, machine) &&
	       machine_is_well(t, machine);
}

static void put_zone(struct line *l, const struct topo *t, size_t zone,
		     enum detail d)
{
	for (size_t m = 0; m < t->machine_count; m++) {
		if (t->machines[m].zone != zone || is_left_out(t, m, d))
			continue;
		l->col = l->first;
		l->is_begun = false;
		put_row(l, t, m, d);
		l->row++;
	}
}

static void walk(struct line *l, const struct topo *t, enum detail d)
{
	l->first = l->col = 1 + zone_width(t) + 1;
	for (size_t z = 0; z < t->zone_count; z++) {
		if (l->p)
			pen_cut(l->p, l->row, 1, l->first - 2, ROLE_DIM,
				t->zones[z]);
		put_zone(l, t, z, d);
	}
}

int topo_rows_need(const struct topo *t, int cols, enum detail d)
{
	struct line l = { .cols = cols };

	walk(&l, t, d);
	return l.is_cut ? 0 : l.row;
}

int topo_rows(struct pen *p, enum detail d)
{
	struct line l = { .p = p, .cols = p->r.cols };

	walk(&l, p->t, d);
	return l.row;
}
