/* bench_engine.c - events per second, beside SimPy on the same workloads
 *
 * What is measured is the whole engine: the agenda, the world's loop with its
 * digest, the dispatch to a handler, and the draw of a random delay.
 *
 *	mm1      one queue, one server, load 0.9: two events a customer, two
 *	         or fewer pending.  In SimPy each customer is a process that
 *	         requests a Resource, as its examples have it; mm1-lean is the
 *	         same with two processes and a Store, the least it can do.
 *	hold     N pending; each event plans the next after an exponential delay
 *	timers   N clients that think and wait for a reply of about 1 ms, each
 *	         with a deadline of 30 s that is taken back, among N timers of
 *	         up to a day
 */
#include "lab/bench/bench.h"

#include "lab/bench/simpy.h"

#define ROUNDS_MAX	7

/* -- the workloads ------------------------------------------------------- */

enum { ARRIVE, SERVED, HOLD, THOUGHT, REPLIED, TOO_LATE, KEPT };

struct client {
	struct timer deadline;
};

struct load {			/* in the arena: parts[MODULE_WORLD] */
	struct luck luck;
	sim_time *queue;	/* mm1: a ring of arrival times */
	uint32_t head, waiting, cap;
	sim_time waited;
};

static struct load *load_of(const struct world *w)
{
	return w->state->parts[MODULE_WORLD];
}

static void plan(struct world *w, sim_time mean, int what, void *who)
{
	sim_time wait = luck_exponential(&load_of(w)->luck, mean);

	world_plan(w, world_now(w) + wait, CLASS_DELIVER,
		   EVENT(MODULE_WORLD, what), who, 0);
}

static void arrive(struct world *w, void *who, uint16_t arg)
{
	struct load *l = who;

	(void)arg;
	if (l->waiting == l->cap) {	/* unroll the ring into a larger one */
		sim_time *queue = arena_take(world_arena(w), 2 * l->cap *
						sizeof(*queue));

		for (uint32_t i = 0; i < l->cap; i++)
			queue[i] = l->queue[(l->head + i) & (l->cap - 1)];
		arena_free(world_arena(w), l->queue,
			   l->cap * sizeof(*queue));
		l->queue = queue;
		l->head = 0;
		l->cap *= 2;
	}
	l->queue[(l->head + l->waiting++) & (l->cap - 1)] = world_now(w);
	if (l->waiting == 1)
		plan(w, SIM_US(900), SERVED, l);
	plan(w, SIM_MS(1), ARRIVE, l);
}

static void served(struct world *w, void *who, uint16_t arg)
{
	struct load *l = who;

	(void)arg;
	l->waited += world_now(w) - l->queue[l->head++ & (l->cap - 1)];
	if (--l->waiting)
		plan(w, SIM_US(900), SERVED, l);
}

static void hold(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	plan(w, SIM_S(1), HOLD, who);
}

static void thought(struct world *w, void *who, uint16_t arg)
{
	struct client *c = who;

	(void)arg;
	c->deadline = world_timer(w, world_now(w) + SIM_S(30),
				  EVENT(MODULE_WORLD, TOO_LATE), c, 0);
	plan(w, SIM_MS(1), REPLIED, c);
}

static void replied(struct world *w, void *who, uint16_t arg)
{
	struct client *c = who;

	(void)arg;
	world_cancel(w, &c->deadline);
	plan(w, SIM_MS(1), THOUGHT, c);
}

static void too_late(struct world *w, void *who, uint16_t arg)
{
	(void)w, (void)who, (void)arg;
}

static void kept(struct world *w, void *who, uint16_t arg)
{
	struct load *l = who;

	(void)arg;
	world_plan(w, world_now(w) + luck_between(&l->luck, 0, SIM_HOURS(24)),
		   CLASS_DELIVER, EVENT(MODULE_WORLD, KEPT), l, 0);
}

static const struct module_event kinds[] = {
	[ARRIVE] = { "bench.arrive", arrive },
	[SERVED] = { "bench.served", served },
	[HOLD] = { "bench.hold", hold },
	[THOUGHT] = { "bench.thought", thought },
	[REPLIED] = { "bench.replied", replied },
	[TOO_LATE] = { "bench.too-late", too_late },
	[KEPT] = { "bench.kept", kept },
};

static const struct module module = {
	.name = "bench", .events = kinds,
	.event_count = sizeof(kinds) / sizeof(kinds[0]),
};

static struct world *make(uint64_t seed, size_t arena_bytes)
{
	const struct module *modules[MODULE_COUNT] = { [MODULE_WORLD] = &module };
	struct world_spec spec = {
		.seed = seed, .arena_bytes = arena_bytes, .modules = modules,
	};
	struct world *w = world_new(&spec);
	struct load *l = world_take(w, struct load);

	w->state->parts[MODULE_WORLD] = l;
	luck_init(&l->luck, seed, "bench", "delay");
	l->cap = 64;
	l->queue = arena_take(world_arena(w), l->cap * sizeof(*l->queue));
	return w;
}

static void start_mm1(struct world *w, uint32_t size)
{
	(void)size;
	arrive(w, load_of(w), 0);
}

static void start_hold(struct world *w, uint32_t size)
{
	while (size--)
		hold(w, load_of(w), 0);
}

static void start_timers(struct world *w, uint32_t size)
{
	while (size--) {
		replied(w, world_take(w, struct client), 0);
		kept(w, load_of(w), 0);
	}
}

static const struct workload {
	const char *name;	/* simpy.c knows it too */
	uint32_t size;
	double target;		/* times SimPy; standing promise, 0: none */
	uint64_t events;	/* a round */
	uint64_t events_simpy;
	void (*start)(struct world *w, uint32_t size);
} workloads[] = {
	{ "mm1", 1, 100, 4000000, 200000, start_mm1 },
	{ "mm1-lean", 1, 0, 4000000, 200000, start_mm1 },
	{ "hold", 1000, 25, 4000000, 400000, start_hold },
	{ "hold", 100000, 50, 3000000, 150000, start_hold },
	{ "hold", 1000000, 40, 3000000, 100000, start_hold },
	{ "timers", 10000, 25, 3000000, 100000, start_timers },
};

#define WORKLOADS	(sizeof(workloads) / sizeof(workloads[0]))

/* -- the measurement ----------------------------------------------------- */

static double run(struct world *w, uint64_t events)
{
	uint64_t end = w->state->events + events, done = w->state->events;
	double start = bench_seconds();
	sim_time ahead = SIM_US(1);

	/* In strides of virtual time, as a program runs a world. */
	while (w->state->events < end) {
		uint64_t was = w->state->events;

		world_run_until(w, world_now(w) + ahead);
		if (w->state->events - was < events / 64)
			ahead *= 2;
	}
	return (double)(w->state->events - done) / (bench_seconds() - start);
}

struct figures {
	double rate[ROUNDS_MAX], simpy[ROUNDS_MAX], ratio[ROUNDS_MAX];
};

static void print_head(const struct bench_options *o, const struct simpy *s)
{
	if (o->json)
		fprintf(o->out, "{\"schema_version\":1,\"bench\":\"engine\","
			"\"simpy\":\"%s\",\"rows\":[", s->version);
	else
		fprintf(o->out, "%-8s %8s %10s %8s %8s %8s %7s\n", "workload",
			"pending", "events", "M ev/s", "SimPy", "ratio",
			"target");
}

static const char *target_text(const struct workload *l, char *text,
			       size_t size)
{
	if (l->target > 0)
		snprintf(text, size, "%.0fx", l->target);
	else
		snprintf(text, size, "-");
	return text;
}

static bool print_row(const struct bench_options *o, size_t i,
		      struct figures *f, size_t rounds, bool simpy)
{
	const struct workload *l = &workloads[i];
	double rate = bench_quantile(f->rate, rounds, 0.5) / 1e6;
	double other = bench_quantile(f->simpy, rounds, 0.5) / 1e6;
	double ratio = bench_quantile(f->ratio, rounds, 0.5);
	bool ok = !simpy || ratio >= l->target;
	char target[16];

	if (o->json) {
		fprintf(o->out, "%s{\"workload\":\"%s\",\"size\":%lu,"
			"\"m_events_per_s\":%.3f,\"simpy_m_events_per_s\":%.3f,"
			"\"ratio\":%.1f,\"target\":%.0f,\"ok\":%s}",
			i ? "," : "", l->name, (unsigned long)l->size, rate,
			other, ratio, l->target, ok ? "true" : "false");
		return ok;
	}
	fprintf(o->out, "%-8s %8lu %10llu %8.1f ", l->name,
		(unsigned long)l->size,
		(unsigned long long)(l->events * rounds), rate);
	if (simpy)
		fprintf(o->out, "%8.3f %7.0fx %7s  %s\n", other, ratio,
			target_text(l, target, sizeof(target)),
			ok ? "ok" : "missed");
	else
		fprintf(o->out, "%8s %8s %7s\n", "-", "-",
			target_text(l, target, sizeof(target)));
	fflush(o->out);
	return ok;
}

int bench_engine(const struct bench_options *o)
{
	static struct figures figures[WORKLOADS];
	struct world *worlds[WORKLOADS];
	size_t rounds = o->quick ? 1 : 5;
	unsigned part = o->quick ? 10 : 1;
	struct simpy simpy;
	bool there = simpy_start(&simpy, o->seed), ok = true;

	for (size_t i = 0; i < WORKLOADS; i++) {
		const struct workload *l = &workloads[i];

		worlds[i] = make(o->seed, (size_t)256 << 20);
		l->start(worlds[i], l->size);
		run(worlds[i], l->size + l->events / 10);	/* settle in */
	}
	/* Engines take turns, so that a busy machine is busy for both. */
	for (size_t r = 0; r < rounds; r++) {
		for (size_t i = 0; i < WORKLOADS; i++) {
			const struct workload *l = &workloads[i];
			struct figures *f = &figures[i];

			f->rate[r] = run(worlds[i], l->events / part);
			f->simpy[r] = there ? simpy_run(&simpy, l->name, l->size,
						l->events_simpy / part) : 0;
			f->ratio[r] = f->simpy[r] > 0 ?
				      f->rate[r] / f->simpy[r] : 0;
		}
	}
	print_head(o, &simpy);
	for (size_t i = 0; i < WORKLOADS; i++) {
		ok &= print_row(o, i, &figures[i], rounds, there);
		world_free(worlds[i]);
	}
	if (o->json)
		fprintf(o->out, "]}\n");
	else if (there)
		fprintf(o->out, "SimPy %s, processes; medians of %zu rounds, "
			"engines taking turns\n", simpy.version, rounds);
	else
		fprintf(o->out, "no SimPy 3 here (Debian: python3-simpy3): "
			"our figures only\n");
	simpy_stop(&simpy);
	return there ? !ok : 3;
}
