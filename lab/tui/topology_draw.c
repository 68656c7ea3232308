/* topology_draw.c - what stands where: zones, machines, processes */
#include "lab/tui/topology_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"

/* --- states --------------------------------------------------------------- */

static const struct {
	const char *glyph;
	enum role role;
	int badness;
} states[] = {
	[PART_OK] = { "●", ROLE_GOOD, 0 },
	[PART_IDLE] = { "○", ROLE_DIM, 1 },
	[PART_START] = { "◌", ROLE_INFO, 2 },
	[PART_UNKNOWN] = { "?", ROLE_STALE, 3 },
	[PART_WARN] = { "▲", ROLE_WARN, 4 },
	[PART_DOWN] = { "✗", ROLE_BAD, 5 },
};

const char *part_glyph(enum part_state s)
{
	return states[s].glyph;
}

enum role part_role(enum part_state s)
{
	return states[s].role;
}

int part_badness(enum part_state s)
{
	return states[s].badness;
}

static bool is_well(enum part_state s)
{
	return s == PART_OK || s == PART_IDLE;
}

void topo_count_text(const struct topo *t, struct text *out)
{
	size_t counts[PART_STATE_COUNT] = {0};

	for (size_t i = 0; i < t->process_count; i++)
		counts[t->processes[i].state]++;
	text_addf(out, "%zu %s", t->process_count,
		  t->process_count == 1 ? "process" : "processes");
	for (int s = 0; s < PART_STATE_COUNT; s++)
		if (counts[s])
			text_addf(out, "  %zu %s", counts[s], states[s].glyph);
}

void topo_stages_text(const struct topo *t, struct text *out)
{
	for (size_t i = 0; i < t->stage_count; i++) {
		const struct topo_stage *s = &t->stages[i];

		text_addf(out, "%s%s %s", i ? "  " : "", s->name,
			  states[s->state].glyph);
		if (s->parts_ok < s->parts)
			text_addf(out, " %u/%u", s->parts_ok, s->parts);
	}
}

/* --- the pen -------------------------------------------------------------- */

int pen_put(struct pen *p, int row, int col, enum role role, const char *s)
{
	if (!p->g)
		return col + text_width(s);
	return grid_put(p->g, p->r, row, col, role, s);
}

int pen_cut(struct pen *p, int row, int col, int cols, enum role role,
	    const char *s)
{
	int width = text_width(s);

	if (!p->g)
		return col + (width < cols ? width : cols > 0 ? cols : 0);
	return draw_cut(p->g, p->r, row, col, cols, role, s);
}

int pen_name(struct pen *p, int row, int col, int cols, enum role role,
	     const char *s)
{
	int width = text_width(s);

	if (!p->g)
		return col + (width < cols ? width : cols > 0 ? cols : 0);
	return draw_name(p->g, p->r, row, col, cols, role, s);
}

int pen_state(struct pen *p, int row, int col, enum part_state s)
{
	return pen_put(p, row, col, states[s].role, states[s].glyph);
}

void pen_spot(struct pen *p, int row, int col, int cols, enum topo_thing thing,
	      size_t index)
{
	const struct topo_spot *selected = &p->look->selected;

	if (row == p->want_row && p->want_col >= col &&
	    p->want_col < col + cols && row < p->r.rows)
		p->hit = (struct topo_spot){ thing, index };
	if (p->g && selected->thing == thing && selected->index == index &&
	    row < p->r.rows && col < p->r.cols)
		grid_flag(p->g, (struct rect){ p->r.row + row, p->r.col + col,
					       1, cols }, CELL_SELECTED);
}

/* --- groups: processes of one kind on one machine ------------------------- */

/* "tm" of tm-0 and of tm-8-5; the whole name of others. */
static size_t stem_of(const char *name)
{
	size_t len = strlen(name), at = len;

	while (at > 0 && ((name[at - 1] >= '0' && name[at - 1] <= '9') ||
			  name[at - 1] == '-'))
		at--;
	return at && at < len && name[at] == '-' ? at : len;
}

struct group group_at(const struct topo *t, size_t i)
{
	const struct topo_process *first = &t->processes[i];
	struct group g = { i, 0, stem_of(first->name), first->state };

	for (; i < t->process_count; i++, g.count++) {
		const struct topo_process *p = &t->processes[i];

		if (p->machine != first->machine || stem_of(p->name) != g.stem ||
		    memcmp(p->name, first->name, g.stem) != 0)
			break;
		if (part_badness(p->state) > part_badness(g.worst))
			g.worst = p->state;
	}
	return g;
}

void group_name(const struct topo *t, const struct group *g, struct text *out)
{
	text_bytes(out, t->processes[g->first].name, g->stem);
	text_addf(out, " x%zu", g->count);
}

/* --- how much detail fits ------------------------------------------------- */

bool group_rolls_up(const struct group *g, enum detail d)
{
	return g->count >= (d == DETAIL_ALL ? 99u : d == DETAIL_GROUPS ? 3u :
			    2u);
}

bool machine_is_well(const struct topo *t, size_t machine)
{
	for (size_t i = 0; i < t->process_count; i++)
		if (t->processes[i].machine == machine &&
		    !is_well(t->processes[i].state))
			return false;
	return !*t->machines[machine].worst;
}

/* Rows of a machine, its header included. */
static int machine_rows(const struct topo *t, size_t machine, enum detail d)
{
	int rows = 1;

	if (d >= DETAIL_WELL && machine_is_well(t, machine))
		return 1;
	for (size_t i = 0; i < t->process_count;) {
		struct group g = { i, 1, 0, PART_OK };

		if (t->processes[i].machine == machine) {
			g = group_at(t, i);
			rows += group_rolls_up(&g, d) ? 1 : (int)g.count;
		}
		i += g.count;
	}
	return rows;
}

static int zone_rows(const struct topo *t, size_t zone, enum detail d)
{
	int rows = 1;			/* its name */

	for (size_t m = 0; m < t->machine_count; m++)
		if (t->machines[m].zone == zone)
			rows += machine_rows(t, m, d);
	return rows;
}

static int place_rows(const struct topo *t, enum detail d)
{
	int rows = 0;

	if (d == DETAIL_ZONES)
		return (int)t->zone_count;
	for (size_t z = 0; z < t->zone_count; z++)
		if (zone_rows(t, z, d) > rows)
			rows = zone_rows(t, z, d);
	return rows;
}

static enum detail detail_for(const struct topo *t, int rows)
{
	enum detail d = DETAIL_ALL;

	while (d < DETAIL_ZONES && place_rows(t, d) > rows)
		d++;
	return d;
}

/* --- machines ------------------------------------------------------------- */

static const char *const eighths[] = { "▁", "▁", "▂", "▃", "▄", "▅", "▆", "▇",
				       "█" };

struct level {
	char letter;
	int value;
};

static void levels_of(const struct topo_machine *m, struct level out[4])
{
	out[0] = (struct level){ 'c', m->cpu };
	out[1] = (struct level){ 'm', m->memory };
	out[2] = (struct level){ 'd', m->disk };
	out[3] = (struct level){ 'n', m->net };
}

static int level_put(struct pen *p, int row, int col,
		     const struct topo_machine *m, struct level l,
		     bool has_letter)
{
	char letter[2] = { l.letter, '\0' };
	/* The last eighth begins at 87 %; 90 is where a warning is due. */
	enum role role = m->stale ? ROLE_STALE :
			 l.value >= TOPO_LEVEL_MAX ? ROLE_WARN : ROLE_TEXT;

	if (has_letter)
		col = pen_put(p, row, col, ROLE_DIM, letter);
	if (l.value < 0 || l.value > TOPO_LEVEL_MAX)
		return pen_put(p, row, col, ROLE_STALE, "~");
	return pen_put(p, row, col, role, eighths[l.value]);
}

/* In a wide column all four, in a narrow one CPU and disk, else the worst. */
int machine_levels(struct pen *p, int row, int col, int cols,
		   const struct topo_machine *m)
{
	struct level l[4], worst;

	levels_of(m, l);
	worst = l[0];
	for (int i = 1; i < 4; i++)
		if (l[i].value > worst.value)
			worst = l[i];
	if (cols < 5)
		return level_put(p, row, col, m, worst, false);
	for (int i = 0; i < 4; i++) {
		if (cols < 11 && (l[i].letter == 'm' || l[i].letter == 'n'))
			continue;
		col = level_put(p, row, col, m, l[i], true) + 1;
	}
	return col - 1;
}

/* "n5 c▂ d█ disk 98%". */
static void machine_put(struct pen *p, int row, int col, int cols,
			size_t machine)
{
	const struct topo_machine *m = &p->t->machines[machine];
	int start = col, end = col + cols;

	/* The name before all, then a word, then levels. */
	col = pen_name(p, row, col, cols - 3, ROLE_STRONG, m->name) +
	      (cols >= 22 ? 2 : 1);
	if (*m->worst && cols < 22)
		col = machine_levels(p, row, col, 1, m);
	else
		col = machine_levels(p, row, col, end - 1 - col, m);
	if (*m->worst)
		pen_cut(p, row, col + (cols >= 22 ? 2 : 1),
			end - col - 1, ROLE_WARN, m->worst);
	pen_spot(p, row, start, cols - 1, TOPO_MACHINE, machine);
}

/* --- processes ------------------------------------------------------------ */

/* The load stands at the right end, if the name leaves it room. */
static void process_put(struct pen *p, int row, int col, int cols, size_t i)
{
	const struct topo_process *pr = &p->t->processes[i];
	bool is_wide = cols >= 22;
	int start = col, end = col + cols - 1;
	int load = text_width(pr->load), name;

	col = pen_state(p, row, is_wide ? col + 2 : col, pr->state);
	col += is_wide ? 1 : 0;
	name = end - col;
	if (load && text_width(pr->name) + 1 + load <= name)
		pen_put(p, row, end - load, ROLE_DIM, pr->load);
	if (pr->stale)
		col = pen_put(p, row, col, ROLE_STALE, "~");
	pen_name(p, row, col, end - col, pr->stale ? ROLE_STALE : ROLE_TEXT,
		 pr->name);
	pen_spot(p, row, start, cols - 1, TOPO_PROCESS, i);
}

/* "▲ tm x6  ● ● ▲ ● ● ✗", or "tm x6 ●" when all are alike or room is short. */
static void group_put(struct pen *p, int row, int col, int cols,
		      const struct group *g)
{
	struct text name = {0};
	bool is_wide = cols >= 22, has_glyphs;
	int end = col + cols - 1, gap;

	group_name(p->t, g, &name);
	if (is_wide)
		col += 2;
	gap = 2 + text_width(text_cstr(&name)) + 1;
	has_glyphs = col + gap + (int)g->count * 2 <= end;
	col = pen_state(p, row, col, g->worst) + (is_wide ? 1 : 0);
	pen_spot(p, row, col - 1, end - col + 1, TOPO_PROCESS, g->first);
	col = pen_name(p, row, col, end - col, ROLE_TEXT, text_cstr(&name)) + 2;
	for (size_t i = 0; has_glyphs && i < g->count; i++) {
		pen_state(p, row, col, p->t->processes[g->first + i].state);
		pen_spot(p, row, col, 1, TOPO_PROCESS, g->first + i);
		col += 2;
	}
	text_free(&name);
}

/* "n1 5 ●": how many, when all are well. */
static void well_put(struct pen *p, int row, int col, int cols, size_t machine)
{
	char count[24];
	size_t n = 0;
	int start = col;

	for (size_t i = 0; i < p->t->process_count; i++)
		n += p->t->processes[i].machine == machine;
	col = pen_name(p, row, col, cols - 6, ROLE_STRONG,
		       p->t->machines[machine].name) + 1;
	snprintf(count, sizeof(count), "%zu ", n);
	col = pen_put(p, row, col, ROLE_DIM, count);
	pen_state(p, row, col, PART_OK);
	pen_spot(p, row, start, cols - 1, TOPO_MACHINE, machine);
}

static int block_put(struct pen *p, int row, int col, int cols, size_t machine,
		     enum detail d)
{
	const struct topo *t = p->t;

	if (d >= DETAIL_WELL && machine_is_well(t, machine)) {
		well_put(p, row, col, cols, machine);
		return row + 1;
	}
	machine_put(p, row++, col, cols, machine);
	for (size_t i = 0; i < t->process_count;) {
		struct group g = { i, 1, 0, PART_OK };

		if (t->processes[i].machine == machine) {
			g = group_at(t, i);
			if (group_rolls_up(&g, d))
				group_put(p, row++, col, cols, &g);
			for (size_t k = 0; !group_rolls_up(&g, d) &&
			     k < g.count; k++)
				process_put(p, row++, col, cols, i + k);
		}
		i += g.count;
	}
	return row;
}

/* --- zones ---------------------------------------------------------------- */

/* What no name of a zone is cut in, and the blank behind it. */
static int zone_need(const struct topo *t, size_t zone, enum detail d)
{
	int need = 0, cols;

	for (size_t i = 0; i < t->process_count;) {
		struct group g = group_at(t, i);
		const struct topo_process *pr = &t->processes[i];
		bool rolls = group_rolls_up(&g, d);
		struct text name = {0};

		text_add(&name, pr->name);
		if (rolls)
			text_clear(&name), group_name(t, &g, &name);
		cols = 2 + pr->stale + text_width(text_cstr(&name));
		if (t->machines[pr->machine].zone == zone && cols > need)
			need = cols;
		text_free(&name);
		i += rolls ? g.count : 1;
	}
	for (size_t m = 0; m < t->machine_count; m++) {
		cols = text_width(t->machines[m].name) + 3;
		if (t->machines[m].zone == zone && cols > need)
			need = cols;
	}
	return need;
}

static bool names_fit(const struct topo *t, int cols, enum detail d)
{
	int need = 1;

	for (size_t z = 0; z < t->zone_count; z++)
		need += zone_need(t, z, d);
	return need <= cols;
}

/* Equal columns if all names fit in those, else as wide as each needs. */
static int zone_cols(const struct pen *p, size_t zone, enum detail d)
{
	const struct topo *t = p->t;
	int count = (int)t->zone_count, equal = (p->r.cols - 1) / count;
	int left = p->r.cols - 1;
	bool all_equal = true;

	for (size_t z = 0; z < t->zone_count; z++) {
		all_equal = all_equal && zone_need(t, z, d) <= equal;
		left -= zone_need(t, z, d);
	}
	return all_equal || left < 0 ? equal :
				       zone_need(t, zone, d) + left / count;
}

static int columns_put(struct pen *p, enum detail d, int rows)
{
	const struct topo *t = p->t;
	int cols, start = 1, below = 0;
	struct rect whole = p->r;

	p->r.rows = rows;
	for (size_t z = 0; z < t->zone_count; z++, start += cols) {
		int col = start, row = 1;

		cols = zone_cols(p, z, d);
		pen_cut(p, 0, col, cols - 1, ROLE_DIM, t->zones[z]);
		for (size_t m = 0; m < t->machine_count; m++)
			if (t->machines[m].zone == z)
				row = block_put(p, row, col, cols, m, d);
		if (row > below)
			below = row;
	}
	p->r = whole;
	return below < rows ? below : rows;
}

/* "a  13 ●  ▲ kafka-2  ✗ tm-8-5": the healthy counted, the others named. */
static void zone_line(struct pen *p, int row, size_t zone)
{
	const struct topo *t = p->t;
	size_t well = 0;
	char count[24];
	int col = pen_cut(p, row, 1, 10, ROLE_STRONG, t->zones[zone]) + 2;

	for (size_t i = 0; i < t->process_count; i++)
		well += t->machines[t->processes[i].machine].zone == zone &&
			is_well(t->processes[i].state);
	snprintf(count, sizeof(count), "%zu ", well);
	col = pen_put(p, row, col, ROLE_DIM, count);
	col = pen_state(p, row, col, PART_OK) + 2;
	for (int badness = 5; badness > 1; badness--)
		for (size_t i = 0; i < t->process_count; i++) {
			const struct topo_process *pr = &t->processes[i];
			int start = col;

			if (t->machines[pr->machine].zone != zone ||
			    part_badness(pr->state) != badness)
				continue;
			col = pen_state(p, row, col, pr->state) + 1;
			col = pen_name(p, row, col, p->r.cols - col, ROLE_TEXT,
				       pr->name);
			pen_spot(p, row, start, col - start, TOPO_PROCESS, i);
			col += 2;
		}
}

/* --- many machines: one row each, worst first ----------------------------- */

static int machine_badness(const struct topo *t, size_t machine)
{
	int worst = *t->machines[machine].worst ? 4 : 0;

	for (size_t i = 0; i < t->process_count; i++)
		if (t->processes[i].machine == machine &&
		    part_badness(t->processes[i].state) > worst)
			worst = part_badness(t->processes[i].state);
	return worst;
}

/* Processes of a machine from column `col` on; those that are not well first
 * when there is no room for all. */
static int glyphs_put(struct pen *p, int row, int col, size_t machine,
		      bool all_fit)
{
	const struct topo *t = p->t;

	for (int round = all_fit ? 1 : 0; round < 2; round++)
		for (size_t i = 0; i < t->process_count; i++) {
			enum part_state s = t->processes[i].state;

			if (t->processes[i].machine != machine ||
			    (!all_fit && is_well(s) != (round == 1)))
				continue;
			pen_state(p, row, col, s);
			pen_spot(p, row, col, 1, TOPO_PROCESS, i);
			col += 2;
		}
	return col;
}

static void machine_row(struct pen *p, int row, size_t machine)
{
	const struct topo *t = p->t;
	const struct topo_machine *m = &t->machines[machine];
	int col = pen_name(p, row, 1, 10, ROLE_STRONG, m->name), need = 0;

	for (size_t i = 0; i < t->process_count; i++)
		need += t->processes[i].machine == machine ? 2 : 0;
	pen_spot(p, row, 1, col - 1, TOPO_MACHINE, machine);
	pen_cut(p, row, 12, 8, ROLE_DIM, t->zones[m->zone]);
	col = machine_levels(p, row, 21, 21 + 14 + need <= p->r.cols ? 12 : 1,
			     m);
	col += 2;
	col = glyphs_put(p, row, col, machine, col + need <= p->r.cols);
	if (*m->worst)
		pen_cut(p, row, col + 1, p->r.cols - col - 1, ROLE_WARN,
			m->worst);
}

static int machine_list(struct pen *p, int rows)
{
	const struct topo *t = p->t;
	int row = 0;

	for (int badness = 5; badness >= 0; badness--)
		for (size_t m = 0; m < t->machine_count; m++)
			if (machine_badness(t, m) == badness && row < rows)
				machine_row(p, row++, m);
	return row;
}

/* --- all ------------------------------------------------------------------ */

enum { ZONE_COLS_MIN = 10, MACHINES_MAX = 9, BELOW_ROWS = 3 };

static void counts_put(struct pen *p, int row)
{
	struct text t = {0};

	topo_count_text(p->t, &t);
	pen_cut(p, row, 1, p->r.cols - 2, ROLE_DIM, text_cstr(&t));
	text_free(&t);
}

void topo_stage_line(struct pen *p, int row)
{
	int col = 1;

	for (size_t i = 0; i < p->t->stage_count; i++) {
		const struct topo_stage *s = &p->t->stages[i];
		int start = col;

		col = pen_name(p, row, col, 12, ROLE_TEXT, s->name) + 1;
		col = pen_state(p, row, col, s->state);
		if (s->parts_ok < s->parts) {
			char of[32];

			snprintf(of, sizeof(of), " %u/%u", s->parts_ok,
				 s->parts);
			col = pen_put(p, row, col, ROLE_DIM, of);
		}
		pen_spot(p, row, start, col - start, TOPO_STAGE, i);
		col += 2;
	}
}

/* The stages and the count go below, while that costs no detail. */
static void below_put(struct pen *p, int row)
{
	if (row + BELOW_ROWS > p->r.rows)
		return;
	if (p->g)
		grid_fill(p->g, p->r, row, 1, p->r.cols - 2, ROLE_DIM, "─");
	row++;
	if (p->t->stage_count)
		topo_stage_line(p, row++);
	counts_put(p, row);
}

/* In how much detail machines fit as rows; DETAIL_WELL: in none. */
static enum detail rows_detail(const struct topo *t, int cols, int rows)
{
	enum detail d = DETAIL_ALL;

	for (; d < DETAIL_WELL; d++) {
		int need = topo_rows_need(t, cols, d);

		if (need && need <= rows)
			break;
	}
	return d;
}

void topo_place(struct pen *p)
{
	const struct topo *t = p->t;
	int rows = p->r.rows, row = 0;
	enum detail d, by_rows;

	if (!t->zone_count || rows < (int)t->zone_count + 1) {
		if (t->stage_count)
			topo_stage_line(p, 0);
		else
			counts_put(p, 0);
		return;
	}
	d = detail_for(t, rows);
	by_rows = rows_detail(t, p->r.cols, rows);
	if ((d >= DETAIL_WELL || !names_fit(t, p->r.cols, d)) &&
	    by_rows < DETAIL_WELL) {
		row = topo_rows(p, by_rows);
	} else if (t->machine_count > MACHINES_MAX ||
	    (p->r.cols - 1) / (int)t->zone_count < ZONE_COLS_MIN) {
		/* A machine that does not fit is well: the worst come first. */
		row = machine_list(p, (int)t->machine_count > rows ? rows - 1 :
								     rows);
	} else if (d == DETAIL_ZONES) {
		for (; row < (int)t->zone_count; row++)
			zone_line(p, row, (size_t)row);
	} else {
		row = columns_put(p, d, rows);
	}
	if (row + BELOW_ROWS <= rows)
		below_put(p, row);
	else if (row < rows)
		counts_put(p, row);
}

static void draw_view(struct pen *p)
{
	if (p->look->view == TOPO_FLOW && p->t->stage_count)
		topo_flow(p);
	else
		topo_place(p);
}

void topo_draw(struct grid *g, struct rect r, const struct topo *t,
	       const struct topo_look *look)
{
	struct pen p = { .g = g, .r = r, .t = t, .look = look, .want_row = -1 };

	draw_view(&p);
	for (int row = 0; look->is_truth && row < r.rows; row++)
		grid_put(g, r, row, 0, ROLE_TRUTH, row ? " " : "≡");
}

struct topo_spot topo_hit(struct rect r, const struct topo *t,
			  const struct topo_look *look, int row, int col)
{
	struct pen p = { .r = r, .t = t, .look = look,
			 .want_row = row - r.row, .want_col = col - r.col };

	if (rect_has(r, row, col))
		draw_view(&p);
	return p.hit;
}
