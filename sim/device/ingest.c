/* ingest.c - a stage that takes the readings of a million devices: its life */
#include "sim/device/ingest_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/device/fleet.h"

#define PORT	9404		/* where it is scraped */
#define ASK_EVERY	SIM_S(10)	/* ask_little walks all that waits */
#define WEIGHT_MAX	UINT64_C(100000000000)	/* mHz: 10^8 readings a second */
#define WEIGHT_MAX_RECORDS (WEIGHT_MAX / 10)	/* one by one: 10^5 a tick */

void ingest_spec_init(struct ingest_spec *s)
{
	*s = (struct ingest_spec){
		.name = "fleet", .kinds = { { 1000000, 1000 } },
		.partitions = 64, .law = SERVICE_EXPONENTIAL,
		.service = SIM_US(54) + 400,	/* load 0.85 */
		.level = LEVEL_COUNTS, .zoom = true, .horizon = SIM_S(2),
		.edge = EDGE_HOLD,
	};
}

bool ingest_spec_good(const struct ingest_spec *s, struct err *err)
{
	uint64_t devices = 0, weight = 0;

	for (int i = 0; i < DEVICE_KINDS_MAX && s->kinds[i].devices; i++) {
		devices += s->kinds[i].devices;
		weight += (uint64_t)s->kinds[i].devices * s->kinds[i].rate_mhz;
		if (!s->kinds[i].rate_mhz)
			return err_set(err, "a device makes at least one "
				       "reading in 1000 s");
	}
	if (weight > WEIGHT_MAX_RECORDS && (s->level != LEVEL_COUNTS || s->zoom))
		return err_set(err, "above %llu readings a second only level "
			       "counts keeps up",
			       (unsigned long long)(WEIGHT_MAX_RECORDS / 1000));
	if (!s->partitions || s->partitions > INGEST_PARTITIONS_MAX)
		return err_set(err, "partitions is 1 to %d",
			       INGEST_PARTITIONS_MAX);
	if (devices < s->partitions || devices > 100000000)
		return err_set(err, "devices is one for each partition to "
			       "100000000");
	if (weight > WEIGHT_MAX)
		return err_set(err, "all devices together make at most %llu "
			       "readings a second",
			       (unsigned long long)(WEIGHT_MAX / 1000));
	if (s->service < 10 || s->service > SIM_S(1))
		return err_set(err, "storing a record takes 10 ns to 1 s");
	if (s->horizon < INGEST_TICK || s->horizon > SIM_HOURS(1))
		return err_set(err, "zoom is 10ms to 1h");
	return true;
}

/* -- draws ---------------------------------------------------------------- */

/* The m-th of a kind that begins at device `first`, of this partition. */
uint32_t ingest_device(struct ingest_part *p, uint64_t number)
{
	const struct ingest *s = p->stage;
	uint32_t first = 0;
	uint64_t u;

	p->device.n = number;
	u = luck_below(&p->device, p->weight);
	for (int i = 0;; i++) {
		const struct device_kind *k = &s->kinds[i];
		uint64_t weight = (uint64_t)cohort_members(first, k->devices,
					p->id, s->partitions) * k->rate_mhz;

		if (u < weight)
			return cohort_member(first, p->id, s->partitions,
					     (uint32_t)(u / k->rate_mhz));
		u -= weight;
		first += k->devices;
	}
}

/* One of every thousand numbers, drawn. */
uint64_t tracer_number(const struct ingest_part *p, uint64_t block)
{
	struct luck l = { p->crowd.key ^ p->device.key, block };

	return block * INGEST_TRACE_EVERY + luck_below(&l, INGEST_TRACE_EVERY);
}

/* -- made ----------------------------------------------------------------- */

static void part_init(struct world *w, struct ingest *s, uint32_t id)
{
	struct ingest_part *p = &s->parts[id];
	uint64_t seed = w->state->seed;
	uint32_t first = 0;
	char part[100];

	snprintf(part, sizeof(part), "%s-partition-%u",
		 world_text(w, s->name), id);
	luck_init(&p->gap, seed, part, "gap");
	luck_init(&p->device, seed, part, "device");
	luck_init(&p->service, seed, part, "service");
	luck_init(&p->crowd, seed, part, "crowd");
	p->stage = s;
	p->id = id;
	p->level = (uint16_t)s->level;
	p->served = true;
	for (int i = 0; i < DEVICE_KINDS_MAX && s->kinds[i].devices; i++) {
		p->weight += (uint64_t)cohort_members(first, s->kinds[i].devices,
				id, s->partitions) * s->kinds[i].rate_mhz;
		first += s->kinds[i].devices;
	}
	p->weight_up = p->weight;
	p->gap_mean = (int64_t)(MHZ_NS * 1024 / p->weight);
	p->edge = p->next_at = p->free_at = world_now(w);
	p->tracer_next = tracer_number(p, 0);
	exact_next(p);
}

static struct process *add_process(struct world *w, const char *name,
				   struct machine *m, uint16_t start,
				   uint16_t stop, void *self)
{
	struct process_events on = {
		.start = start, .stop = stop, .message = INGEST_MESSAGE,
		.collect = INGEST_COLLECT,
	};
	struct process *p = process_new(w, name, m, name, &on, MODULE_DEVICE,
					self);

	net_listen(w, p, PORT);
	return p;
}

static void add_processes(struct world *w, struct ingest *s,
			  const struct ingest_spec *spec)
{
	char name[80];

	s->node_count = spec->node_count;
	s->nodes = arena_take(&w->arena, s->node_count * sizeof(*s->nodes));
	s->edge = add_process(w, spec->name, spec->edge_machine,
			      INGEST_EDGE_START, INGEST_EDGE_STOP, s);
	for (uint32_t i = 0; i < s->node_count; i++) {
		snprintf(name, sizeof(name), "ingest-%u", i + 1);
		s->nodes[i] = (struct ingest_node){ .stage = s, .id = i };
		s->nodes[i].process = add_process(w, name, spec->nodes[i],
			INGEST_NODE_START, INGEST_NODE_STOP, &s->nodes[i]);
	}
	for (uint32_t i = 0; i < s->partitions; i++) {
		s->parts[i].node = (uint16_t)(i % s->node_count);
		s->parts[i].served = false;
	}
	ingest_metrics_init(w, s);
	process_start(w, s->edge);
	for (uint32_t i = 0; i < s->node_count; i++)
		process_start(w, s->nodes[i].process);
}

struct ingest *ingest_new(struct world *w, const struct ingest_spec *spec)
{
	struct ingest *s = world_take(w, struct ingest);

	assert(ingest_spec_good(spec, NULL));
	s->name = world_name(w, spec->name);
	s->partitions = spec->partitions;
	memcpy(s->kinds, spec->kinds, sizeof(s->kinds));
	for (int i = 0; i < DEVICE_KINDS_MAX && s->kinds[i].devices; i++)
		cohorts_add(&s->cohorts, &w->arena, s->kinds[i].devices,
			    s->kinds[i].rate_mhz);
	s->devices = s->cohorts.devices;
	s->law = spec->law;
	s->service = spec->service;
	s->horizon = spec->horizon;
	s->level = spec->level;
	s->zoom = spec->zoom;
	s->edge_rule = spec->edge;
	s->at_level[s->level] = s->partitions;
	s->seen = world_now(w);
	luck_init(&s->luck, w->state->seed, spec->name, "outage");
	luck_init(&s->zoom_luck, w->state->seed, spec->name, "zoom");
	s->parts = arena_take(&w->arena, s->partitions * sizeof(*s->parts));
	for (uint32_t i = 0; i < s->partitions; i++)
		part_init(w, s, i);
	if (spec->edge_machine)
		add_processes(w, s, spec);
	for (uint32_t i = 0; i < s->partitions; i++)
		ingest_begin(w, &s->parts[i]);
	world_plan(w, (world_now(w) / INGEST_TICK + 1) * INGEST_TICK,
		   CLASS_SAMPLE, INGEST_STAGE_EDGE, s, 0);
	*vec_add(&w->arena, &fleets_of(w)->stages) = s;
	return s;
}

struct ingest *ingest_find(const struct world *w, const char *name)
{
	struct fleets *all = fleets_of(w);

	for (uint32_t i = 0; all && i < all->stages.count; i++)
		if (!strcmp(world_text(w, all->stages.at[i]->name), name))
			return all->stages.at[i];
	return NULL;
}

uint32_t ingest_count(const struct world *w)
{
	return fleets_of(w) ? fleets_of(w)->stages.count : 0;
}

struct ingest *ingest_at(const struct world *w, uint32_t i)
{
	return fleets_of(w)->stages.at[i];
}

const char *ingest_name(const struct world *w, const struct ingest *s)
{
	return world_text(w, s->name);
}

uint32_t ingest_partitions(const struct ingest *s)
{
	return s->partitions;
}

/* -- time ----------------------------------------------------------------- */

void ingest_advance(struct world *w, struct ingest *s)
{
	for (uint32_t i = 0; i < s->partitions; i++) {
		struct ingest_part *p = &s->parts[i];

		levels[p->level]->advance(w, p, world_now(w));
	}
	s->seen = world_now(w);
}

void ingest_refresh(struct ingest *s)
{
	for (uint32_t i = 0; i < s->partitions; i++) {
		struct ingest_part *p = &s->parts[i];

		p->weight_up = p->held_max = 0;
		memset(p->out_rest, 0, sizeof(p->out_rest));
		for (uint32_t k = 0; k < s->cohorts.all.count; k++) {
			const struct cohort *c = &s->cohorts.all.at[k];
			uint64_t n = cohort_members(c->first, c->count, p->id,
						    s->partitions);

			if (cohort_path(c) == PATH_UP)
				p->weight_up += n * c->rate_mhz;
			else if (cohort_path(c) == PATH_HELD)
				p->held_max += n * INGEST_EDGE_MAX;
		}
	}
}

/* A node that hangs gets no signal it could tell of: look. */
static void look_at_nodes(struct world *w, struct ingest *s)
{
	for (uint32_t i = 0; i < s->node_count; i++)
		ingest_serve(w, s, i, process_runs(s->nodes[i].process));
}

static void trim(struct world *w, struct ingest *s)
{
	for (uint32_t i = 0; i < s->partitions; i++) {
		ring_trim(&w->arena, &s->parts[i].queue);
		ring_trim(&w->arena, &s->parts[i].runs);
		ring_trim(&w->arena, &s->parts[i].tracers);
	}
}

static void ask_little(const struct ingest *s)
{
	for (uint32_t i = 0; LITTLE && i < s->partitions; i++)
		assert(s->parts[i].level == LEVEL_COUNTS ||
		       exact_agrees(&s->parts[i]));
}

/* All partitions' windows have ended (class: those who look come last). */
void ingest_stage_edge(struct world *w, void *who, uint16_t arg)
{
	struct ingest *s = who;

	(void)arg;
	s->seen = world_now(w);
	look_at_nodes(w, s);
	ingest_bound(w, s);
	if (s->draining)
		drain_look(s, world_now(w));
	else if (s->cohorts.all.count > 1 && cohorts_merge(&s->cohorts))
		ingest_refresh(s);	/* a quiet moment */
	if (world_now(w) % SIM_S(1) == 0)
		trim(w, s);
	if (world_now(w) % ASK_EVERY == 0)
		ask_little(s);
	world_plan(w, world_now(w) + INGEST_TICK, CLASS_SAMPLE,
		   INGEST_STAGE_EDGE, s, 0);
}
