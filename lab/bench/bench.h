/* bench.h - measurements anyone can repeat: `millrace bench [NAME]`
 *
 * A bench prints a table for people, or one JSON document, and says whether
 * every figure that has a target reaches it.  Times are CPU seconds of the
 * process; compare ratios, not absolutes (docs/benchmarks.md).
 */
#ifndef LAB_BENCH_BENCH_H
#define LAB_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/core/world.h"

struct bench_options {
	FILE *out;
	uint64_t seed;
	bool quick;		/* a look, not a measurement: one short round */
	bool json;
	/* local-kafka with these settings, at time 0; NULL: bench_rewind takes
	 * a plain world of cohorts that brings nothing but the core. */
	struct world *(*make)(uint64_t seed, const char *settings);
	const char *program;	/* how to start ourselves; NULL: unknown */
	const char *content;	/* --content DIR, or NULL */
};

struct bench {
	const char *name;
	const char *summary;
	/* 0: every target reached; 1: one was missed; 3: the host lacks
	 * something (told in the output). */
	int (*run)(const struct bench_options *options);
};

extern const struct bench benches[];	/* ends with a NULL name */

int bench_engine(const struct bench_options *options);
int bench_rewind(const struct bench_options *options);
int bench_world(const struct bench_options *options);
int bench_scale(const struct bench_options *options);
int bench_platform(const struct bench_options *options);
int bench_kafka2014(const struct bench_options *options);
int bench_ui(const struct bench_options *options);

/* What a world is measured against. */
struct bench_life {
	const char *name, *settings;
	sim_time until;
	double times_real_min;
	size_t hot_bytes_max;
	size_t growth_bytes_max;	/* of the arena, in the last 3/4 */
};
int bench_life(const struct bench_options *options, const struct bench_life *l);
/* Rewinds to random times of so long a run; the printed name is `name`. */
int bench_rewinds(const struct bench_options *options, const char *name,
		  const char *settings, sim_time end);

double bench_seconds(void);		/* CPU time of this process */

/* Sorts the values; p in 0 .. 1 (0.5: the median). */
double bench_quantile(double *values, size_t count, double p);

#endif
