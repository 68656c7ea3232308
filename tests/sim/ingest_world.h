/* ingest_world.h - one fleet and one stage at a chosen fidelity */
#ifndef TESTS_SIM_INGEST_WORLD_H
#define TESTS_SIM_INGEST_WORLD_H

#include "tests/test.h"

#include "sim/device/fleet.h"
#include "sim/device/ingest.h"

struct setup {
	uint64_t seed;
	uint32_t devices, partitions;
	uint32_t rho_ppm;
	enum service_law law;
	enum ingest_level level;
	bool zoom;
};

static const struct setup small = {
	.seed = 1, .devices = 16000, .partitions = 4, .rho_ppm = 850000,
};

/* Service time for a load: devices make a reading a second each. */
static inline sim_time service_for(const struct setup *x)
{
	return (sim_time)((uint64_t)x->rho_ppm * 1000 * x->partitions /
			  x->devices);
}

static inline struct world *make(const struct setup *x, struct ingest **stage)
{
	const struct module *modules[MODULE_COUNT] = {
		[MODULE_DEVICE] = &device_module,
	};
	struct world_spec spec = { .seed = x->seed, .modules = modules };
	struct world *w = world_new(&spec);
	struct ingest_spec s;
	struct err err;

	fleets_init(w);
	ingest_spec_init(&s);
	s.kinds[0].devices = x->devices;
	s.partitions = x->partitions;
	s.service = service_for(x);
	s.law = x->law;
	s.level = x->level;
	s.zoom = x->zoom;
	s.horizon = SIM_MS(500);
	assert_true(ingest_spec_good(&s, &err));
	*stage = ingest_new(w, &s);
	return w;
}

static inline struct ingest_answer ask(const struct world *w,
				       const struct ingest *s)
{
	struct ingest_answer a;

	assert_true(ingest_conserves(s));
	ingest_ask(w, s, &a);
	return a;
}

/* 2 s of quiet, an outage for `span`, and on to `until`. */
static inline struct ingest_answer outage(const struct setup *x,
					  enum edge_rule edge,
					  uint32_t share_ppm, sim_time at,
					  sim_time span, sim_time until)
{
	struct ingest *s;
	struct world *w = make(x, &s);
	struct ingest_answer a;
	uint32_t number;

	world_run_until(w, at);
	number = ingest_outage(w, s, share_ppm, edge, span, NULL);
	assert_true(number > 0);
	world_run_until(w, at + span);
	ingest_outage_end(w, s, number);
	world_run_until(w, until);
	a = ask(w, s);
	world_free(w);
	return a;
}

#endif
