/* cpu.h - the cores of a machine, shared fairly by its processes
 *
 * A process passes time by spending it: cpu_run asks for some nanoseconds of
 * a core, and when they have been spent something happens.  cpu_serve is the
 * same for a message that is being handled, cpu_spend for work that nobody
 * waits for.  Such a piece of work goes through
 *
 *	backlog ──▶ ready ──▶ on a core ──▶ done
 *	              ▲            │
 *	              └────────────┘  slice over, another wakes up, quota spent
 *
 * A process has so many worker threads; each works on one piece.  Pieces
 * beyond that wait in its backlog, in their order: that is the queue of the
 * application, and the kernel knows nothing of it.  A thread that could run
 * but has no core is *ready*; that is the run queue, and the time in it is the
 * run-queue delay of /proc/schedstat.  A thread that is done takes the next
 * piece of the backlog and keeps its core.
 *
 * Who gets a core is decided as Linux did from 2.6.23 to 6.5 (docs.kernel.org
 * scheduler/sched-design-CFS; numbers: kernel/sched/fair.c 6.1, the kernel of
 * Debian 12).  Each process is a control group with a weight (cpu.weight of
 * cgroup-v2).  Its *virtual runtime* grows with the CPU time of its threads,
 * the slower the more it weighs, and the process that has least of it goes
 * first; at one vruntime the one that was created first.  So while all want to
 * run, CPU time is divided by weight, and no core is ever idle while a thread
 * that may run waits.
 *
 *	latency target	6 ms	all who are ready run once in this time,
 *	least slice	0.75 ms	but no slice is shorter than this;
 *	wake-up		1 ms	so much less vruntime lets one who wakes
 *				preempt one who runs;
 *	sleepers	3 ms	and no more than this (half the latency
 *				target) is kept for one who did not want to run
 *
 * all times 1 + log2(cores), cores counted up to 8 (tunable scaling).
 *
 * A quota (cpu.max) lets the threads of a process use so much CPU time in each
 * period of 100 ms; then all of them are throttled until the next one begins
 * (docs.kernel.org scheduler/sched-bwc).
 *
 * Cost: with a free core, one event for each piece.  Only while threads wait
 * there are slices, one more event each, and work in proportion to the number
 * of cores; never to the number of processes.
 *
 * A core that has nothing to do sleeps, the deeper the longer, and must come
 * back before a thread that wakes up can run on it: cpu_wake_ns.  Only machines
 * whose profile names idle states sleep.
 *
 * Simplified: see the fidelity card in README.md (one run queue for all cores,
 * no timer tick).
 */
#ifndef SIM_HOST_CPU_H
#define SIM_HOST_CPU_H

#include "sim/core/queue.h"
#include "sim/core/vec.h"
#include "sim/core/world.h"

#define MACHINE_CORES_MAX	64

struct cpu_quota;
struct credits;
struct machine;
struct message;
struct piece;
struct process;

/*
 * How deep a core may sleep: once it has been idle so long, and then it takes
 * so long to come back (Linux cpuidle: target_residency, exit_latency).  What
 * Linux states is the worst case: that all cores have slept so long, and the
 * package with them.  While one is awake the others come back sooner.
 */
struct idle_state {
	sim_time residency;
	sim_time exit;			/* with its package; 0 ends a list */
	sim_time alone;			/* by itself */
};

/* One core.  It is idle, or it runs a thread of a process. */
struct core {
	struct machine *machine;
	struct process *process;	/* NULL: idle */
	struct piece *piece;		/* NULL, with a process: just done */
	struct timer done;		/* when the piece ends, left alone */
	sim_time since;			/* its time is accounted up to here */
	sim_time slice_at;		/* when this thread got the core */
	sim_time idle_since;		/* while it is idle */
	int64_t busy_ns;		/* accounted; see core_busy_ns */
	int64_t stolen_ns;		/* likewise; see core_stolen_ns */
	int64_t steal_rest;		/* millionths of a ns, of busy_ns */
	int64_t waited_ns;		/* by threads until they got this core */
	uint64_t slices;		/* threads that were put on it */
	uint32_t index;
};

/* The cores of one machine, and who waits for them. */
struct cpu {
	uint32_t cores;
	uint32_t scale;			/* of the kernel's times: 1 to 4 */
	uint32_t percent;		/* time that work takes here, of what it
					   takes on a server of the 2020s, for
					   which all costs are stated: 200 is
					   half as fast */
	struct core *core;		/* cores of them */
	const struct idle_state *sleeps;	/* to an exit of 0; NULL: never */
	uint64_t idle;			/* bit i: core i is idle */
	struct core *turning;		/* its piece is done: what follows from
					   that is happening right now */
	VEC(struct process *) queue;	/* a heap: those with ready threads */
	uint32_t waiting;		/* ready threads of those in the queue */
	uint32_t running;		/* threads on cores */
	uint64_t weight;		/* of those who run or wait */
	int64_t clock;			/* vruntime of who was served last */
	sim_time clock_at;		/* with nobody waiting: when it was so */
	struct timer slice;		/* the next slice is over */
	sim_time slice_at;		/* when that is */
	int64_t busy_ns;		/* summed over cores; accounted when a
					   thread leaves its core, or at a sample
					   of the load: see cpu_busy_ns */
	uint64_t load[3];		/* of 1, 5, 15 minutes, times 2048 */
	struct queue line;		/* ready threads, asked: little.h */
	uint32_t steal_ppm;		/* of a busy core's time: cpu_steal.c */
	uint32_t neighbours_ppm;	/* of it, what neighbours take at least */
	struct credits *credits;	/* NULL: not burstable */
};

/* First in, first out. */
struct pieces {
	struct piece *first, *last;
	uint32_t count;
};

/* What a process has of the cores of its machine. */
struct cpu_share {
	uint32_t weight;		/* cpu.weight: 1 .. 10000, 100 */
	uint32_t threads;		/* pieces worked on at once */
	uint32_t running;		/* threads on cores */
	uint32_t place;			/* in the queue, from 1; 0: not there */
	uint32_t last_core;		/* which it had; its cache is warm */
	uint32_t weighed;		/* its part of cpu.weight now */
	int64_t vruntime;		/* ns of CPU time, at weight 100 */
	int64_t vruntime_rest;		/* of the division, in 1 / weight ns */
	struct pieces ready, backlog;
	struct queue line;		/* its pieces that are not done: little.h */
	int64_t waited_ns;		/* by its threads in the run queue */
	struct cpu_quota *quota;	/* NULL: it never had one */
};

/* Bandwidth of a process: cpu.max and what cpu.stat says of it. */
struct cpu_quota {
	int64_t quota_ns;		/* 0: none ("max") */
	sim_time period_ns;
	int64_t left_ns;		/* of this period; below 0: owed */
	sim_time since;			/* left_ns is accounted up to here */
	struct timer spent;		/* when it is used up, at this pace */
	struct timer period;		/* its end; pending while it is used */
	bool throttled;
	bool used;			/* in this period */
	uint32_t stopped;		/* run queues of cores that stand still */
	sim_time stopped_since;
	uint64_t nr_periods, nr_throttled;
	int64_t throttled_ns;		/* summed over run queues of cores */
};

/* -- spending ------------------------------------------------------------- */

/*
 * Spend `ns` of CPU time, then `what` happens to `who`.  Void if the process
 * dies.
 */
void cpu_run(struct world *w, struct process *p, sim_time ns, uint16_t what,
	     void *who, uint16_t arg);

/* The same for a message that arrived: should the process die first, the
 * message is freed. */
void cpu_serve(struct world *w, struct process *p, sim_time ns, uint16_t what,
	       struct message *m);

/* Spend CPU time that nobody waits for. */
void cpu_spend(struct world *w, struct process *p, sim_time ns);

/*
 * How long it takes until a thread of p that sleeps runs: the core that p would
 * get comes back from where it sleeps.  0: it does not, or none is free.  Whoever
 * hands work from thread to thread waits so long each time.  A timer of such a
 * thread is late by the slack as well (prctl(2), PR_SET_TIMERSLACK: 50 us).
 *
 * Simplified: the governor guesses right (the state is the deepest that pays for
 * the time the core was idle); each thread that is woken finds such a core.
 */
sim_time cpu_wake_ns(const struct process *p, sim_time now);
sim_time cpu_timer_ns(const struct process *p, sim_time now);

/* -- settings ------------------------------------------------------------- */

#define CPU_WEIGHT_DEFAULT	100u
#define CPU_WEIGHT_MAX		10000u
#define CPU_PERIOD_DEFAULT	SIM_MS(100)
#define CPU_QUOTA_MIN		SIM_MS(1)	/* the least quota and period */

void cpu_weight_set(struct world *w, struct process *p, uint32_t weight);

/* quota_ns of CPU time in each period_ns (0: 100 ms); quota_ns 0: no limit.
 * Who is throttled runs again, as in Linux. */
void cpu_quota_set(struct world *w, struct process *p, int64_t quota_ns,
		   sim_time period_ns);

/* Neighbours on the same hardware take a part of each busy core's time. */
#define CPU_STEAL_MAX		990000u
void cpu_neighbours_set(struct world *w, struct machine *m, uint32_t ppm);

/* More threads start at once on what waits; fewer take effect as they end. */
void cpu_threads_set(struct world *w, struct process *p, uint32_t threads);

/* -- reading: what is exact at this moment, changing nothing -------------- */

int64_t core_busy_ns(const struct world *w, const struct core *c);
/* Time in which a thread was on it but the hypervisor ran somebody else. */
int64_t core_stolen_ns(const struct world *w, const struct core *c);
int64_t cpu_busy_ns(const struct world *w, const struct machine *m);
/* CPU time of a process since it was started. */
int64_t cpu_used_ns(const struct world *w, const struct process *p);
/* Its pieces that are not done: on cores, ready, in the backlog. */
uint32_t cpu_pieces(const struct process *p);
/* Total of cpu.stat's throttled_usec, in ns. */
int64_t cpu_throttled_ns(const struct world *w, const struct process *p);

#endif
