/* bench.c - measurements anyone can repeat: `millrace bench [NAME]` */
#include "lab/bench/bench.h"

#include <stdlib.h>
#include <time.h>

const struct bench benches[] = {
	{ "engine", "events per second, beside SimPy on the same workloads",
	  bench_engine },
	{ "rewind", "going back to any point of an hour, and what it costs",
	  bench_rewind },
	{ "world", "how fast local-kafka lives, and how little it holds",
	  bench_world },
	{ "scale", "a million devices, at three declared fidelities",
	  bench_scale },
	{ "platform", "the same at 10,000 records a second, with its rewinds",
	  bench_platform },
	{ "kafka-2014", "a published table, measured again on simulated "
	  "machines", bench_kafka2014 },
	{ "ui", "from a key to the screen while a world runs",
	  bench_ui },
	{ NULL, NULL, NULL },
};

double bench_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t count, double p)
{
	size_t i = (size_t)(p * (double)count);

	qsort(values, count, sizeof(*values), by_value);
	return values[i < count ? i : count - 1];
}
