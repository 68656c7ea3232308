/* bench_rewind.c - going back to any point of an hour, and what it costs
 *
 * One world runs an hour plain, a twin with snapshots on the way; then the
 * twin goes back, and forth, to random times.  At each of them its digest must
 * be the one the plain run had there.
 */
#include "lab/bench/bench.h"

#include <stdlib.h>

#define HOUR		SIM_HOURS(1)
#define EVERY		SIM_S(5)	/* between two snapshots ... */
#define SNAPSHOTS_MAX	120		/* ... until there are so many */
#define REWINDS		100
#define MS_MAX		100.0		/* the standing promise */

/* -- a world of nothing but the core ------------------------------------- */

/* A group of like devices: the unit of state in a large world. */
struct cohort {
	struct luck luck;
	struct timer timeout;
	uint64_t sent, lost;
	uint64_t histogram[2];
};

enum { SEND, TIMEOUT };

static void cohort_send(struct world *w, void *who, uint16_t arg)
{
	struct cohort *c = who;
	sim_time wait = luck_exponential(&c->luck, SIM_MS(400));

	(void)arg;
	c->sent++;
	c->histogram[wait > SIM_MS(400)]++;
	world_cancel(w, &c->timeout);
	c->timeout = world_timer(w, world_now(w) + SIM_S(1),
				 EVENT(MODULE_WORLD, TIMEOUT), c, 0);
	world_plan(w, world_now(w) + wait, CLASS_DELIVER,
		   EVENT(MODULE_WORLD, SEND), c, 0);
}

static void cohort_timeout(struct world *w, void *who, uint16_t arg)
{
	struct cohort *c = who;

	(void)arg;
	c->lost++;
	world_note(w, c->lost);
}

static const struct module_event kinds[] = {
	[SEND] = { "bench.send", cohort_send },
	[TIMEOUT] = { "bench.timeout", cohort_timeout },
};

static const struct module module = {
	.name = "bench", .events = kinds, .event_count = 2,
};

static struct world *plain_world(uint64_t seed, const char *settings)
{
	const struct module *modules[MODULE_COUNT] = { [MODULE_WORLD] = &module };
	struct world_spec spec = { .seed = seed, .modules = modules };
	struct world *w = world_new(&spec);

	(void)settings;
	for (int i = 0; i < 4096; i++) {
		struct cohort *c = world_take(w, struct cohort);

		luck_init(&c->luck, seed + (uint64_t)i, "cohort", "send");
		cohort_send(w, c, 0);
	}
	return w;
}

/* -- the measurement ----------------------------------------------------- */

struct moment {
	sim_time at;
	uint64_t digest;
};

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Run to each moment and to the end; the seconds it took. */
static double run(struct world *w, struct moment *m, size_t count,
		  sim_time end, bool note)
{
	double start = bench_seconds();

	for (size_t i = 0; i < count; i++) {
		world_run_until(w, m[i].at);
		if (note)
			m[i].digest = world_digest(w);
	}
	world_run_until(w, end);
	return bench_seconds() - start;
}

static void print(const struct bench_options *o, const char *name,
		  const struct world *w, double plain, double kept, double *ms, size_t count,
		  size_t differ, bool ok)
{
	double pages = (double)page_store_bytes(&w->pages) / (1 << 20);
	double streams = (double)history_bytes(&w->history) / (1 << 20);
	double hot = (double)world_hot_bytes(w) / (1 << 20);
	double p50 = bench_quantile(ms, count, 0.5);
	double p99 = bench_quantile(ms, count, 0.99);

	if (o->json)
		fprintf(o->out, "{\"schema_version\":1,\"bench\":\"%s\",",
			name);
	fprintf(o->out, o->json ?
		"\"events\":%llu,"
		"\"run_s\":%.2f,\"overhead\":%.3f,\"hot_mib\":%.2f,"
		"\"streams_mib\":%.1f,\"snapshots\":%lu,"
		"\"snapshots_mib\":%.1f,\"rewinds\":%zu,\"differ\":%zu,"
		"\"ms_p50\":%.1f,\"ms_p99\":%.1f,\"ms_max\":%.1f,"
		"\"target_ms\":%.0f,\"ok\":%s}\n" :
		"events %llu in %.2f s; with snapshots %+.1f %% of that\n"
		"hot state %.2f MiB, streams %.1f MiB, %lu snapshots in "
		"%.1f MiB\n"
		"%zu rewinds, %zu digests differ; p50 %.1f, p99 %.1f, max "
		"%.1f ms (target %.0f)  %s\n",
		(unsigned long long)w->state->events, plain,
		o->json ? kept / plain - 1 : 100 * (kept / plain - 1), hot,
		streams, (unsigned long)w->snapshot_count, pages, count, differ,
		p50, p99, ms[count - 1], MS_MAX,
		o->json ? ok ? "true" : "false" : ok ? "ok" : "missed");
}

int bench_rewinds(const struct bench_options *o, const char *name,
		  const char *settings, sim_time end)
{
	struct world *(*make)(uint64_t, const char *) = o->make ? o->make :
							plain_world;
	struct world *w = make(o->seed, settings);
	struct moment moments[REWINDS];
	double ms[REWINDS], plain, kept;
	size_t differ = 0;
	struct luck luck;
	bool ok;

	luck_init(&luck, o->seed, "bench", "rewind");
	for (int i = 0; i < REWINDS; i++)
		moments[i].at = luck_between(&luck, 0, end);
	qsort(moments, REWINDS, sizeof(*moments), by_time);
	plain = run(w, moments, REWINDS, end, true);
	world_free(w);

	w = make(o->seed, settings);
	world_travel_on(w, EVERY, SNAPSHOTS_MAX);
	kept = run(w, moments, REWINDS, end, false);
	for (size_t i = 0; i < REWINDS; i++) {
		const struct moment *m = &moments[luck_below(&luck, REWINDS)];
		double start = bench_seconds();

		world_rewind(w, m->at);
		ms[i] = 1000 * (bench_seconds() - start);
		differ += world_digest(w) != m->digest;
	}
	world_rewind(w, end);		/* so that what is told is of the end */
	bench_quantile(ms, REWINDS, 0);
	ok = differ == 0 && ms[REWINDS - 1] <= MS_MAX;
	print(o, name, w, plain, kept, ms, REWINDS, differ, ok);
	world_free(w);
	return !ok;
}

int bench_rewind(const struct bench_options *o)
{
	return bench_rewinds(o, "rewind", "", o->quick ? HOUR / 12 : HOUR);
}
