/* workbench_map.c - the pane with the map: what stands where, what flows
 *
 * Drawn by topology_draw.h.  It shows what monitoring knows, so it is late and
 * knows nothing of what nobody scrapes; in the sandbox T shows the truth
 * instead, and the title says so.
 */
#include "lab/views/workbench_map.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/views/workbench_inside.h"
#include "sim/host/host.h"
#include "sim/host/price.h"

void map_init(struct workbench *w)
{
	w->look.view = TOPO_PLACE;
}

/* Watching is about the way of data; beside the console, what stands where is
 * the question. */
void map_place(struct workbench *w)
{
	if (w->turned)
		return;
	w->look.view = w->layout == LAYOUT_WATCH ? TOPO_FLOW : TOPO_PLACE;
	w->look.selected = (struct topo_spot){0};
}

void map_release(struct workbench *w)
{
	topo_release(&w->topo);
}

/* What was selected may have gone. */
static void keep_selected(struct workbench *w)
{
	struct topo_spot *s = &w->look.selected;
	size_t count = s->thing == TOPO_PROCESS ? w->topo.process_count :
		       s->thing == TOPO_MACHINE ? w->topo.machine_count :
		       w->topo.stage_count;

	if (s->index >= count)
		*s = (struct topo_spot){0};
}

void map_refresh(struct workbench *w)
{
	topo_release(&w->topo);
	w->topo = (struct topo){0};
	play_topo(w->play, w->truth, &w->topo);
	w->look.is_truth = w->truth;
	keep_selected(w);
}

void map_draw(struct workbench *w, struct grid *g, struct rect r)
{
	topo_draw(g, r, &w->topo, &w->look);
}

void map_status(const struct workbench *w, struct text *out)
{
	text_add(out, w->look.view == TOPO_FLOW ? "flow   v place" :
						  "place   v flow");
}

const char *map_mark(const struct workbench *w, enum role *role)
{
	enum part_state worst = PART_OK;

	for (size_t i = 0; i < w->topo.process_count; i++)
		if (part_badness(w->topo.processes[i].state) >
		    part_badness(worst))
			worst = w->topo.processes[i].state;
	*role = part_role(worst);
	return worst == PART_WARN || worst == PART_DOWN ? part_glyph(worst) :
							  NULL;
}

void map_turn(struct workbench *w)
{
	w->look.view = w->look.view == TOPO_FLOW ? TOPO_PLACE : TOPO_FLOW;
	w->look.selected = (struct topo_spot){0};
	w->turned = true;
}

/* Names are the world's: before one is used, they must be those of now. */
static void be_current(struct workbench *w)
{
	if (w->stale)
		map_refresh(w);
}

/* --- selecting ------------------------------------------------------------ */

/* What a part says in one line: name, state, why, load. */
static void process_text(const struct workbench *w, size_t i, struct text *out)
{
	const struct topo_process *p = &w->topo.processes[i];

	text_addf(out, "%s%s on %s: %s", p->stale ? "~" : "", p->name,
		  w->topo.machines[p->machine].name, part_words[p->state]);
	if (*p->word)
		text_addf(out, ", %s", p->word);
	if (*p->load)
		text_addf(out, ", %s", p->load);
}

static void spot_text(const struct workbench *w, struct topo_spot s,
		      struct text *out)
{
	if (s.thing == TOPO_PROCESS) {
		process_text(w, s.index, out);
	} else if (s.thing == TOPO_MACHINE) {
		const struct topo_machine *m = &w->topo.machines[s.index];

		text_addf(out, "%s in zone %s%s%s", m->name,
			  w->topo.zones[m->zone], *m->worst ? ": " : "",
			  m->worst);
	} else if (s.thing == TOPO_STAGE) {
		const struct topo_stage *t = &w->topo.stages[s.index];

		text_addf(out, "%s: %s, %u of %u, %s%s%s", t->name,
			  part_words[t->state], t->parts_ok, t->parts,
			  *t->rate ? t->rate : "rate not known",
			  *t->word ? ", " : "", t->word);
	}
}

static void select_spot(struct workbench *w, struct topo_spot spot)
{
	struct text t = {0};

	w->look.selected = spot;
	spot_text(w, spot, &t);
	if (t.len)
		app_say(workbench_app(w), ROLE_TEXT, "%s. Enter says more.",
			text_cstr(&t));
	text_free(&t);
}

bool map_key(struct workbench *w, uint32_t key)
{
	bool flow = w->look.view == TOPO_FLOW;
	struct topo_spot s;
	size_t count;
	bool back = key == K_UP || key == K_LEFT || key == 'k';

	if (!back && key != K_DOWN && key != K_RIGHT && key != 'j')
		return false;
	be_current(w);
	s = w->look.selected;
	count = flow ? w->topo.stage_count : w->topo.process_count;
	if (!count)
		return true;
	if (s.thing == TOPO_NOTHING)
		s.index = back ? count - 1 : 0;
	else
		s.index = (s.index + (back ? count - 1 : 1)) % count;
	s.thing = flow ? TOPO_STAGE : TOPO_PROCESS;
	select_spot(w, s);
	return true;
}

bool map_click(struct workbench *w, int row, int col)
{
	struct rect r = w->places.pane[PANE_MAP];
	struct topo_spot spot;

	be_current(w);
	rect_top(&r, 1);
	spot = topo_hit(r, &w->topo, &w->look, row, col);
	if (spot.thing != TOPO_NOTHING)
		select_spot(w, spot);
	return true;
}

bool map_find(struct workbench *w, const char *name)
{
	be_current(w);
	for (size_t i = 0; *name && i < w->topo.process_count; i++)
		if (strstr(w->topo.processes[i].name, name)) {
			select_spot(w, (struct topo_spot){ TOPO_PROCESS, i });
			return true;
		}
	for (size_t i = 0; *name && i < w->topo.machine_count; i++)
		if (strstr(w->topo.machines[i].name, name)) {
			select_spot(w, (struct topo_spot){ TOPO_MACHINE, i });
			return true;
		}
	return false;
}

/* --- more of it ----------------------------------------------------------- */

enum { LAST_LINES = 8 };

static void add_logs(struct workbench *w, const char *process,
		     struct text *out)
{
	struct log_filter f = { .process = process };
	struct logs l = {0};

	play_logs(w->play, &f, LAST_LINES, &l);
	text_add(out, l.count ? "\n## Its last lines\n\n```text\n" :
				"\nIt has written no line yet.\n");
	for (size_t i = 0; i < l.count; i++)
		text_addf(out, "%s\n", l.at[i].text);
	if (l.count)
		text_add(out, "```\n");
	logs_release(&l);
}

static void add_machine(const struct workbench *w, size_t i, struct text *out)
{
	for (size_t p = 0; p < w->topo.process_count; p++)
		if (w->topo.processes[p].machine == i) {
			text_add(out, "- ");
			process_text(w, p, out);
			text_char(out, '\n');
		}
}

/* What is rented has a price, used or not: a truth of the contract, so it is
 * shown whatever a monitor knows. */
static void add_bill(const struct workbench *w, const char *machine,
		     struct text *out)
{
	const struct world *world = play_world(w->play);
	const struct machine *m = machine_find(world, machine);
	struct bill b;

	if (!m)
		return;
	price_of_machine(world, m, &b);
	text_add(out, "\n## Its bill\n\n");
	for (int i = 0; i < BILL_ITEMS; i++) {
		if (!b.cost[i])
			continue;
		text_addf(out, "- %s: ", bill_words[i].name);
		price_text(b.cost[i], out);
		text_addf(out, ", %s\n", bill_words[i].price);
	}
	text_add(out, "- in all: ");
	price_text(bill_total(&b), out);
	text_add(out, "; standing there costs ");
	price_text(b.hourly, out);
	text_add(out, " an hour\n\nOf all machines: `bill` in the console.\n");
}

void map_open(struct workbench *w)
{
	const char *name = "Nothing is selected";
	struct text t = {0};
	struct topo_spot s;

	be_current(w);
	s = w->look.selected;
	spot_text(w, s, &t);
	text_add(&t, t.len ? ".\n\n" : "Arrows select a part of the map.\n");
	if (s.thing == TOPO_PROCESS) {
		name = w->topo.processes[s.index].name;
		add_logs(w, name, &t);
	} else if (s.thing == TOPO_MACHINE) {
		name = w->topo.machines[s.index].name;
		add_machine(w, s.index, &t);
		add_bill(w, name, &t);
	} else if (s.thing == TOPO_STAGE) {
		name = w->topo.stages[s.index].name;
	}
	app_push(workbench_app(w), reader_overlay(workbench_app(w), name,
						  text_cstr(&t)));
	text_free(&t);
}
