/* topology_words.c - one thing of a topology in words; the way to the next */
#include "lab/tui/topology_draw.h"

static size_t count_of(const struct topo *t, enum topo_thing thing)
{
	return thing == TOPO_MACHINE ? t->machine_count :
	       thing == TOPO_STAGE ? t->stage_count : t->process_count;
}

struct topo_spot topo_step(const struct topo *t, struct topo_spot from, int by)
{
	long count = (long)count_of(t, from.thing), at = (long)from.index + by;

	if (from.thing == TOPO_NOTHING)
		return (struct topo_spot){
			count ? TOPO_PROCESS : TOPO_NOTHING, 0
		};
	if (!count)
		return (struct topo_spot){ TOPO_NOTHING, 0 };
	at %= count;
	return (struct topo_spot){ from.thing,
				   (size_t)(at < 0 ? at + count : at) };
}

struct topo_spot topo_next_bad(const struct topo *t, struct topo_spot from,
			       int by)
{
	size_t count = t->process_count;
	/* Of nothing, the first one forwards and the last one backwards. */
	size_t at = from.thing == TOPO_PROCESS ? from.index :
		    by > 0 && count ? count - 1 : 0;

	for (size_t i = 0; i < count; i++) {
		at = (at + (by > 0 ? 1 : count - 1)) % count;
		/* Warnings and worse; what starts or is unknown will show. */
		if (part_badness(t->processes[at].state) >=
		    part_badness(PART_WARN))
			return (struct topo_spot){ TOPO_PROCESS, at };
	}
	return from;
}

static void process_text(const struct topo *t, size_t i, struct text *out)
{
	const struct topo_process *p = &t->processes[i];
	const struct topo_machine *m = &t->machines[p->machine];
	bool any = false;

	text_addf(out, "%s on %s in %s  %s%s%s%s", p->name, m->name,
		  t->zones[m->zone], p->stale ? "~" : "", part_words[p->state],
		  *p->word ? ": " : "", p->word);
	if (*p->load)
		text_addf(out, "  %s", p->load);
	for (size_t k = 0; k < t->process_count; k++) {
		if (k == i || t->processes[k].machine != p->machine)
			continue;
		text_addf(out, "%s%s", any ? ", " : "\nstands there with ",
			  t->processes[k].name);
		any = true;
	}
	if (*m->worst)
		text_addf(out, "%s%s of %s", any ? "; " : "\n", m->worst,
			  m->name);
}

static void machine_text(const struct topo *t, size_t i, struct text *out)
{
	const struct topo_machine *m = &t->machines[i];
	bool any = false;

	text_addf(out, "%s in %s%s%s", m->name, t->zones[m->zone],
		  *m->worst ? "  " : "", m->worst);
	for (size_t k = 0; k < t->process_count; k++) {
		if (t->processes[k].machine != i)
			continue;
		text_addf(out, "%s%s", any ? ", " : "\ncarries ",
			  t->processes[k].name);
		any = true;
	}
}

static void ends_text(const struct topo *t, size_t stage, bool feeds,
		      const char *word, struct text *out)
{
	bool any = false;

	for (size_t i = 0; i < t->edge_count; i++) {
		const struct topo_edge *e = &t->edges[i];

		if ((feeds ? e->from : e->to) != stage)
			continue;
		text_addf(out, "%s%s", any ? ", " : word,
			  t->stages[feeds ? e->to : e->from].name);
		any = true;
	}
}

static void stage_text(const struct topo *t, size_t i, struct text *out)
{
	const struct topo_stage *s = &t->stages[i];

	text_addf(out, "%s  %s, %u of %u", s->name, part_words[s->state],
		  s->parts_ok, s->parts);
	if (*s->rate)
		text_addf(out, "  %s", s->rate);
	if (*s->word)
		text_addf(out, "  %s", s->word);
	text_char(out, '\n');
	ends_text(t, i, false, "fed by ", out);
	ends_text(t, i, true, "  feeds ", out);
}

void topo_spot_text(const struct topo *t, struct topo_spot spot,
		    struct text *out)
{
	if (spot.thing == TOPO_NOTHING || spot.index >= count_of(t, spot.thing))
		return;
	if (spot.thing == TOPO_PROCESS)
		process_text(t, spot.index, out);
	else if (spot.thing == TOPO_MACHINE)
		machine_text(t, spot.index, out);
	else
		stage_text(t, spot.index, out);
}
