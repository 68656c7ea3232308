/* cpu_world.h - a machine whose processes work as they are told */
#ifndef TESTS_SIM_CPU_WORLD_H
#define TESTS_SIM_CPU_WORLD_H

#include "tests/test.h"

#include "sim/host/host.h"
#include "sim/host/net.h"

/* One piece of work of a test: who did it, and when. */
struct job {
	struct process *process;
	sim_time at, ns, done;		/* submitted, asked for; -1: not done */
};

struct lab {
	struct world *w;
	struct machine *m;
	struct process *p[8];
};

/* Event 0 is nothing: host.h. */
enum {
	JOB_DONE = (MODULE_WORLD << 8) + 1, JOB_AGAIN, JOB_SUBMIT, GOT_MESSAGE,
	JOB_TURNS,
};

static inline void job_done(struct world *w, void *who, uint16_t arg)
{
	struct job *job = who;

	(void)arg;
	assert_true(job->done < 0);
	job->done = world_now(w);
}

/* Work without an end, in pieces of 10 s. */
static inline void job_again(struct world *w, void *who, uint16_t arg)
{
	cpu_run(w, who, SIM_S(10), JOB_AGAIN, who, arg);
}

static inline void job_submit(struct world *w, void *who, uint16_t arg)
{
	struct job *job = who;

	(void)arg;
	job->at = world_now(w);
	cpu_run(w, job->process, job->ns, JOB_DONE, job, 0);
}

static inline void got_message(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	message_free(w, who);
}

/* What a program can do to itself when a piece of its work is done. */
enum turn { TURN_DIE, TURN_RESTART, TURN_STOP, TURN_LIMIT, TURN_MORE };

static inline void job_turns(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	if (arg == TURN_DIE || arg == TURN_RESTART)
		process_kill(w, p);
	if (arg == TURN_RESTART)
		process_start(w, p);
	if (arg == TURN_STOP)
		process_pause(w, p, SIM_MS(100));
	if (arg == TURN_LIMIT)
		cpu_quota_set(w, p, SIM_MS(1), 0);
	if (arg != TURN_DIE)
		job_again(w, p, 0);
	if (arg == TURN_MORE)
		job_again(w, p, 0);
}

static const struct module_event lab_events[] = {
	[JOB_DONE] = { "job.done", job_done },
	[JOB_AGAIN] = { "job.again", job_again },
	[JOB_SUBMIT] = { "job.submit", job_submit },
	[GOT_MESSAGE] = { "got.message", got_message },
	[JOB_TURNS] = { "job.turns", job_turns },
};
static const struct module lab_module = {
	.name = "lab", .events = lab_events, .event_count = JOB_TURNS + 1,
};

static inline struct lab lab_new(uint32_t cores, uint32_t processes)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &lab_module, [MODULE_HOST] = &host_module,
	};
	static const struct process_events on = {0};
	struct machine_profile profile = machine_small;
	struct lab l = {
		.w = world_new(&(struct world_spec){ .seed = 1,
						     .modules = modules }),
	};

	profile.cores = cores;
	hosts_init(l.w);
	l.m = machine_new(l.w, "m", "a", &profile);
	for (uint32_t i = 0; i < processes; i++) {
		char name[8] = { 'p', (char)('0' + i) };

		l.p[i] = process_new(l.w, name, l.m, "lab", &on, MODULE_WORLD,
				     NULL);
		process_start(l.w, l.p[i]);
	}
	return l;
}

/* So many threads of p never sleep. */
static inline void burn(struct lab *l, struct process *p, uint32_t threads)
{
	for (uint32_t i = 0; i < threads; i++)
		job_again(l->w, p, 0);
}

static inline struct job job(struct process *p, sim_time ns)
{
	return (struct job){ .process = p, .ns = ns, .done = -1 };
}

static inline int64_t used(const struct lab *l, int i)
{
	return cpu_used_ns(l->w, l->p[i]);
}

static inline void add_up(const struct lab *l, int processes)
{
	int64_t sum = 0, cores = 0;

	for (int i = 0; i < processes; i++)
		sum += used(l, i);
	for (uint32_t i = 0; i < l->m->cpu.cores; i++)
		cores += core_busy_ns(l->w, &l->m->cpu.core[i]);
	assert_int_equal(sum, cores);
	assert_int_equal(sum, cpu_busy_ns(l->w, l->m));
}

#endif
