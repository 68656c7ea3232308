/* simpy.c - SimPy 3 in a child process, to be measured beside our engine */
#include "lab/bench/simpy.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PYTHON	"/usr/bin/python3"

/*
 * The workloads of bench_engine.c, as a user of SimPy would write them.  A line
 * `workload size events` in, a line `events seconds` out.
 */
static const char script[] =
"import random, sys, time\n"
"import simpy\n"
"draw = random.expovariate\n"
"\n"
"def customer(env, desk):\n"
"    came = env.now\n"
"    with desk.request() as turn:\n"
"        yield turn\n"
"        yield env.timeout(draw(1.0))\n"
"    env.waited += env.now - came\n"
"\n"
"def source(env, desk, count):\n"
"    for i in range(count):\n"
"        yield env.timeout(draw(0.9))\n"
"        env.process(customer(env, desk))\n"
"\n"
"def customers(env, queue, count):\n"
"    for i in range(count):\n"
"        yield env.timeout(draw(0.9))\n"
"        yield queue.put(env.now)\n"
"\n"
"def server(env, queue, count):\n"
"    for i in range(count):\n"
"        came = yield queue.get()\n"
"        yield env.timeout(draw(1.0))\n"
"        env.waited += env.now - came\n"
"\n"
"def holder(env):\n"
"    while True:\n"
"        yield env.timeout(draw(1.0))\n"
"        env.left -= 1\n"
"\n"
"def client(env):\n"
"    while True:\n"
"        yield env.timeout(draw(1000.0))\n"
"        env.left -= 1\n"
"        reply = env.timeout(draw(1000.0))\n"
"        yield reply | env.timeout(30.0)\n"
"        env.left -= 1\n"
"\n"
"def keeper(env):\n"
"    while True:\n"
"        yield env.timeout(86400.0 * random.random())\n"
"        env.left -= 1\n"
"\n"
"def make(name, size):\n"
"    env = simpy.Environment()\n"
"    env.left = 0\n"
"    for i in range(size):\n"
"        env.process(client(env) if name == 'timers' else holder(env))\n"
"        if name == 'timers':\n"
"            env.process(keeper(env))\n"
"    env.run(until=1e-9)\n"
"    return env\n"
"\n"
"worlds = {}\n"
"random.seed(int(sys.argv[1]))\n"
"print(simpy.__version__, flush=True)\n"
"for line in sys.stdin:\n"
"    name, size, events = line.split()\n"
"    size, events = int(size), int(events)\n"
"    if name.startswith('mm1'):\n"
"        env = simpy.Environment()\n"
"        env.waited = 0.0\n"
"        if name == 'mm1':\n"
"            env.process(source(env, simpy.Resource(env), events // 2))\n"
"        else:\n"
"            queue = simpy.Store(env)\n"
"            env.process(customers(env, queue, events // 2))\n"
"            env.process(server(env, queue, events // 2))\n"
"        start = time.process_time()\n"
"        env.run()\n"
"        took = time.process_time() - start\n"
"    else:\n"
"        if (name, size) not in worlds:\n"
"            worlds[name, size] = make(name, size)\n"
"        env = worlds[name, size]\n"
"        env.left = events\n"
"        step = env.step\n"
"        start = time.process_time()\n"
"        while env.left > 0:\n"
"            step()\n"
"        took = time.process_time() - start\n"
"    print(events, took, flush=True)\n";

static void child(int in, int out, uint64_t seed)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)seed);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	if (!freopen("/dev/null", "w", stderr))
		_exit(127);
	execl(PYTHON, PYTHON, "-c", script, text, (char *)NULL);
	_exit(127);
}

bool simpy_start(struct simpy *s, uint64_t seed)
{
	int to[2], from[2];

	*s = (struct simpy){0};
	if (access(PYTHON, X_OK) || pipe(to))
		return false;
	if (pipe(from)) {
		close(to[0]);
		close(to[1]);
		return false;
	}
	fflush(NULL);
	s->pid = fork();
	if (s->pid == 0) {
		close(to[1]);
		close(from[0]);
		child(to[0], from[1], seed);
	}
	close(to[0]);
	close(from[1]);
	s->to = fdopen(to[1], "w");
	s->from = fdopen(from[0], "r");
	if (s->pid > 0 && s->to && s->from &&
	    fgets(s->version, sizeof(s->version), s->from) &&
	    s->version[0] == '3') {
		s->version[strcspn(s->version, "\n")] = '\0';
		return true;
	}
	simpy_stop(s);
	return false;
}

void simpy_stop(struct simpy *s)
{
	if (s->to)
		fclose(s->to);
	if (s->from)
		fclose(s->from);
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	*s = (struct simpy){0};
}

double simpy_run(struct simpy *s, const char *workload, uint32_t size,
		 uint64_t events)
{
	void (*was)(int) = signal(SIGPIPE, SIG_IGN);
	char line[128];
	double took;

	fprintf(s->to, "%s %lu %llu\n", workload, (unsigned long)size,
		(unsigned long long)events);
	fflush(s->to);
	signal(SIGPIPE, was);
	if (!fgets(line, sizeof(line), s->from) ||
	    sscanf(line, "%*s %lf", &took) != 1 || took <= 0)
		return 0;
	return (double)events / took;
}
