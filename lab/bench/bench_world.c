/* bench_world.c - how fast a world lives, and how little it holds
 *
 * One hour of the first world (local-kafka: 1,000 readings a second into six
 * partitions with three replicas, two groups reading, a Prometheus scraping),
 * and a quarter of an hour of the same at ten times that, in CPU time.  What a
 * snapshot copies is the hot state; an arena that does not grow, and a heap
 * that grows by no more than the history that is kept, show that nothing is
 * allocated for an event.
 */
#include "lab/bench/bench.h"

#include <malloc.h>

/* Bytes in use on the heap, as far as the C library tells. */
static size_t heap_bytes(void)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#else
	return 0;
#endif
}

struct life {
	double times, seconds;
	uint64_t events;
	sim_time span;
	size_t hot, growth;
	long long heap, history;	/* bytes they grew by */
};

static void live(struct world *w, sim_time until, struct life *out)
{
	size_t used, heap;
	double begin;

	world_run_until(w, until / 4);
	used = arena_head(&w->arena)->used;
	heap = heap_bytes();
	out->history = -(long long)history_bytes(&w->history);
	out->events = w->state->events;
	begin = bench_seconds();
	world_run_until(w, until);
	out->seconds = bench_seconds() - begin;
	out->span = until - until / 4;
	out->times = (double)out->span / 1e9 / out->seconds;
	out->events = w->state->events - out->events;
	out->growth = arena_head(&w->arena)->used - used;
	out->heap = (long long)heap_bytes() - (long long)heap;
	out->history += (long long)history_bytes(&w->history);
	out->hot = world_hot_bytes(w);
}

static void say_json(const struct bench_options *o, const struct bench_life *b,
		     const struct life *l, bool good)
{
	fprintf(o->out, "{\"schema_version\":1,\"bench\":\"%s\","
		"\"times_real\":%.0f,\"events\":%llu,\"hot_bytes\":%zu,"
		"\"arena_growth_bytes\":%zu,\"heap_growth_bytes\":%lld,"
		"\"history_growth_bytes\":%lld,\"ok\":%s}\n", b->name,
		l->times, (unsigned long long)l->events, l->hot, l->growth,
		l->heap, l->history, good ? "true" : "false");
}

static void say_text(const struct bench_options *o, const struct bench_life *b,
		     const struct life *l, bool good)
{
	fprintf(o->out, "%.0f times real time (target %.0f); %.0f events a "
		"virtual second at %.0f ns\n"
		"hot state %.2f MiB (target %.0f); in the last three quarters, "
		"%llu events, the arena grew by %zu bytes (target %zu), the "
		"heap by %.1f MiB, of which history %.1f  %s\n",
		l->times, b->times_real_min,
		(double)l->events / ((double)l->span / 1e9),
		l->seconds * 1e9 / (double)l->events,
		(double)l->hot / 1048576.0,
		(double)b->hot_bytes_max / 1048576.0,
		(unsigned long long)l->events, l->growth, b->growth_bytes_max,
		(double)l->heap / 1048576.0, (double)l->history / 1048576.0,
		good ? "ok" : "MISSED");
}

int bench_life(const struct bench_options *o, const struct bench_life *b)
{
	struct life l;
	struct world *w;
	bool good;

	if (!o->make) {
		fprintf(o->out, "there is no world to measure\n");
		return 3;
	}
	w = o->make(o->seed, b->settings);
	live(w, o->quick ? b->until / 12 : b->until, &l);
	good = l.times >= b->times_real_min && l.hot <= b->hot_bytes_max &&
	       l.growth <= b->growth_bytes_max;
	(o->json ? say_json : say_text)(o, b, &l, good);
	world_free(w);
	return good ? 0 : 1;
}

int bench_world(const struct bench_options *o)
{
	static const struct bench_life life = {
		.name = "world", .settings = "", .until = SIM_HOURS(1),
		.times_real_min = 2000, .hot_bytes_max = (size_t)2 << 20,
		.growth_bytes_max = 4096,	/* one page in 45 minutes */
	};

	return bench_life(o, &life);
}

/* The standing promises for 10,000 records a second: 500 times real time, 8 MiB
 * of hot state, any point of the run back within 100 ms.  Applications spend
 * 20 us on a record, or one thread could not follow: what is measured is a
 * platform that keeps up. */
int bench_platform(const struct bench_options *o)
{
	static const struct bench_life life = {
		.name = "platform", .settings = "devices=10000 work=20us",
		.until = SIM_MINUTES(15), .times_real_min = 500,
		.hot_bytes_max = (size_t)8 << 20, .growth_bytes_max = 65536,
	};
	int lives = bench_life(o, &life);
	int back = bench_rewinds(o, "platform-rewind", life.settings,
				 o->quick ? life.until / 12 : life.until);

	return lives ? lives : back;
}
