/* bench_world.c - how fast the first world lives, and how little it holds
 *
 * One hour of the world (local-kafka: 1,000 readings a second into six
 * partitions with three replicas, two groups reading, a Prometheus scraping),
 * in CPU time.  Targets: 2,000 times real time on one core; hot state, which is
 * what a snapshot copies, at most 2 MiB; an arena that has all but stopped growing.
 */
#include "lab/bench/bench.h"

#define TIMES_REAL_MIN	2000.0
#define HOT_BYTES_MAX	((size_t)2 << 20)
#define GROWTH_BYTES_MAX	4096	/* one page in 45 minutes */

int bench_world(const struct bench_options *o)
{
	sim_time until = o->quick ? SIM_MINUTES(5) : SIM_HOURS(1);
	struct world *w;
	size_t used, hot;
	double begin, seconds, times;
	uint64_t events;
	bool good;

	if (!o->make) {
		fprintf(o->out, "there is no world to measure\n");
		return 3;
	}
	w = o->make(o->seed);
	world_run_until(w, until / 4);
	used = arena_head(&w->arena)->used;
	events = w->state->events;
	begin = bench_seconds();
	world_run_until(w, until);
	seconds = bench_seconds() - begin;
	times = (double)(until - until / 4) / 1e9 / seconds;
	events = w->state->events - events;
	used = arena_head(&w->arena)->used - used;
	hot = world_hot_bytes(w);
	good = times >= TIMES_REAL_MIN && hot <= HOT_BYTES_MAX && used <= GROWTH_BYTES_MAX;
	if (o->json)
		fprintf(o->out, "{\"schema_version\":1,\"bench\":\"world\","
			"\"times_real\":%.0f,\"events\":%llu,\"hot_bytes\":%zu,"
			"\"arena_growth_bytes\":%zu,\"ok\":%s}\n", times,
			(unsigned long long)events, hot, used,
			good ? "true" : "false");
	else
		fprintf(o->out, "%.0f times real time (target %.0f); %.0f "
			"events a virtual second at %.0f ns\n"
			"hot state %.2f MiB (target %.0f), arena grew by %zu "
			"bytes in the last three quarters (target %d)  %s\n",
			times, TIMES_REAL_MIN,
			(double)events / ((double)(until - until / 4) / 1e9),
			seconds * 1e9 / (double)events,
			(double)hot / 1048576.0,
			(double)HOT_BYTES_MAX / 1048576.0, used,
			GROWTH_BYTES_MAX, good ? "ok" : "MISSED");
	world_free(w);
	return good ? 0 : 1;
}
