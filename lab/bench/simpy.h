/* simpy.h - SimPy 3 in a child process, to be measured beside our engine
 *
 * The child keeps one environment a workload and runs it further on request,
 * so that the two engines can take turns round by round.  It times itself, in
 * CPU seconds, and the making of a workload is left out.
 */
#ifndef LAB_BENCH_SIMPY_H
#define LAB_BENCH_SIMPY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct simpy {
	pid_t pid;		/* 0: there is none */
	FILE *to, *from;
	char version[32];
};

/* False: no /usr/bin/python3 with the module simpy, version 3. */
bool simpy_start(struct simpy *s, uint64_t seed);
void simpy_stop(struct simpy *s);

/* Run a workload for so many events; events per CPU second, 0 if the child
 * has gone. */
double simpy_run(struct simpy *s, const char *workload, uint32_t size,
		 uint64_t events);

#endif
