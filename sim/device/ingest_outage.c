/* ingest_outage.c - devices are cut off, nodes die, and all comes back */
#include "sim/device/ingest_inside.h"

#include <assert.h>

/* -- coming back ---------------------------------------------------------- */

uint64_t quiet_backlog(const struct ingest_part *p)
{
	uint64_t load = p->weight * (uint64_t)p->stage->service / MILLION;
	uint64_t twice = p->stage->law == SERVICE_EXPONENTIAL ? 2 : 1;

	if (load >= MILLION)
		return 0;		/* there is no steady state */
	/* Pollaczek-Khinchine: r + r^2 (1 + c^2) / (2 (1 - r)) */
	return load + load * load * twice / 2 / (MILLION - load);
}

void drain_begin(struct world *w, struct ingest *s)
{
	s->came_back = world_now(w);
	s->drain_from = s->backlog;
	s->draining = true;
	s->drained = false;
	drain_look(s, world_now(w));
}

/* Down to a hundredth, or to what is usual in quiet times, if that is more. */
void drain_look(struct ingest *s, sim_time now)
{
	uint64_t usual = 0, enough;

	if (s->backlog > s->drain_from)
		s->drain_from = s->backlog;
	enough = s->drain_from / 100;
	if (s->backlog > enough) {
		for (uint32_t i = 0; i < s->partitions; i++)
			usual += quiet_backlog(&s->parts[i]);
		usual = usual / MILLION + 1;
		if (s->backlog > usual)
			return;
	}
	s->draining = false;
	s->drained = true;
	s->drain = now - s->came_back;
}

/* -- outages -------------------------------------------------------------- */

bool ingest_resolves(const struct ingest *s, sim_time span, struct err *err)
{
	struct text t = {0};

	if (span >= INGEST_TICK || !s->at_level[LEVEL_COUNTS])
		return true;
	simtime_text(&t, span);
	err_set(err, "%s is shorter than the 10ms tick of level counts, where "
		"nothing that short exists: look closer (level record or "
		"window) or ask for 10ms or more", text_cstr(&t));
	text_free(&t);
	return false;
}

/* Every partition to record level, if the stage zooms by itself. */
static void zoom_all(struct world *w, struct ingest *s)
{
	for (uint32_t i = 0; s->zoom && i < s->partitions; i++)
		ingest_zoom(w, &s->parts[i], s->horizon);
}

static void cut(struct world *w, struct ingest *s, struct outage *o, int by)
{
	ingest_advance(w, s);
	zoom_all(w, s);
	/* no quiet moment for long: alike cohorts may not pile up */
	if (s->cohorts.all.count > OUT_MAX / 2)
		cohorts_merge(&s->cohorts);
	cohorts_change(&s->cohorts, &w->arena, o->first, o->count,
		       o->edge == EDGE_HOLD ? by : 0,
		       o->edge == EDGE_DROP ? by : 0);
	assert(s->cohorts.out <= OUT_MAX);
	ingest_refresh(s);
	world_note(w, (uint64_t)o->first << 32 | o->count);
}

static void outage_begin(struct world *w, struct ingest *s, struct outage *o,
			 uint32_t count, enum edge_rule edge)
{
	*o = (struct outage){
		.number = ++s->outages_begun, .count = count,
		.edge = (uint16_t)edge,
		.first = (uint32_t)luck_below(&s->luck, s->devices),
	};
	cut(w, s, o, 1);
}

static void outage_end(struct world *w, struct ingest *s, struct outage *o)
{
	cut(w, s, o, -1);
	*o = (struct outage){0};
	for (uint32_t i = 0; i < s->partitions; i++) {
		struct ingest_part *p = &s->parts[i];

		levels[p->level]->release(w, p);
	}
	drain_begin(w, s);
}

uint32_t ingest_outage(struct world *w, struct ingest *s, uint32_t share_ppm,
		       enum edge_rule edge, sim_time span, struct err *err)
{
	uint64_t count = (uint64_t)s->devices * share_ppm / MILLION;
	bool closer = s->zoom && ingest_flight(s) <= INGEST_RECORDS_MAX;
	struct outage *o = s->outages;

	if (!share_ppm || share_ppm > MILLION) {
		err_set(err, "share is above 0 and at most 100%%");
		return 0;
	}
	if (span && !closer && !ingest_resolves(s, span, err))
		return 0;
	while (o->number)
		if (++o == s->outages + INGEST_OUTAGES_MAX) {
			err_set(err, "%d outages of one fleet at a time are "
				"the most", INGEST_OUTAGES_MAX);
			return 0;
		}
	outage_begin(w, s, o, count ? (uint32_t)count : 1, edge);
	return o->number;
}

void ingest_outage_end(struct world *w, struct ingest *s, uint32_t outage)
{
	for (int i = 0; i < INGEST_OUTAGES_MAX; i++)
		if (outage && s->outages[i].number == outage)
			outage_end(w, s, &s->outages[i]);
}

/* -- processes ------------------------------------------------------------ */

void ingest_serve(struct world *w, struct ingest *s, uint32_t node, bool on)
{
	struct ingest_node *n = &s->nodes[node];

	if (n->on == on)
		return;
	n->on = on;
	ingest_advance(w, s);
	if (world_now(w) > 0)		/* the first start is no event */
		zoom_all(w, s);
	for (uint32_t i = node; i < s->partitions; i += s->node_count) {
		s->parts[i].served = on;
		if (on)
			levels[s->parts[i].level]->resume(w, &s->parts[i]);
	}
	if (on && s->backlog)
		drain_begin(w, s);
}

void ingest_node_start(struct world *w, void *who, uint16_t arg)
{
	struct ingest_node *n = ((struct process *)who)->self;

	(void)arg;
	ingest_serve(w, n->stage, n->id, true);
}

void ingest_node_stop(struct world *w, void *who, uint16_t arg)
{
	struct ingest_node *n = ((struct process *)who)->self;

	(void)arg;
	ingest_serve(w, n->stage, n->id, false);
}

void ingest_edge_start(struct world *w, void *who, uint16_t arg)
{
	struct ingest *s = ((struct process *)who)->self;

	(void)arg;
	if (s->outages[INGEST_OUTAGES_MAX].number)
		outage_end(w, s, &s->outages[INGEST_OUTAGES_MAX]);
}

void ingest_edge_stop(struct world *w, void *who, uint16_t arg)
{
	struct ingest *s = ((struct process *)who)->self;

	(void)arg;
	outage_begin(w, s, &s->outages[INGEST_OUTAGES_MAX], s->devices,
		     s->edge_rule);
}
