/* cpu_inside.h - what the files of the CPU share
 *
 * cpu.c decides who gets a core; cpu_quota.c takes cores away from who has
 * used up its bandwidth; cpu_steal.c and credits.c give their time to others; cpu_load.c samples the load averages; little.c asks
 * whether the books agree; host.c tells what becomes of a process.
 */
#ifndef SIM_HOST_CPU_INSIDE_H
#define SIM_HOST_CPU_INSIDE_H

#include "sim/host/host.h"

/* A piece of work of a process, on a core or in one of its rows. */
struct piece {
	struct piece *next;
	int64_t left_ns;		/* once it has a core: when accounted */
	sim_time came;			/* into the process */
	sim_time since;			/* ready since */
	void *who;
	uint16_t what, arg;		/* what 0: nobody waits for it */
	bool message;			/* `who` is a message: freed with it */
	bool waits;			/* ready, and its process is not stopped */
};

/* -- a machine, a process begin ------------------------------------------- */

void cpu_init(struct world *w, struct machine *m, uint32_t cores);
void cpu_share_init(struct world *w, struct process *p);
/* Bring its cores up to now. */
void cpu_account(struct world *w, struct cpu *cpu);
/* Plan anew when what is on cores will be done. */
void cpu_replan(struct world *w, struct cpu *cpu);
/* Sample the load of all machines, from now on. */
void cpu_watch_load(struct world *w, struct hosts *h);

/* -- a process stops, goes on, dies --------------------------------------- */

/* Its threads leave their cores; what is left of their work is kept. */
void cpu_stop(struct world *w, struct process *p);
/* It may run again: its threads want cores. */
void cpu_continue(struct world *w, struct process *p);
/* The same for a process that is stopped by others than the scheduler: in the
 * meantime it does not count as waiting. */
void cpu_hang(struct world *w, struct process *p);
void cpu_resume(struct world *w, struct process *p);
/* All its work is void. */
void cpu_drop(struct world *w, struct process *p);

/* -- stolen time ---------------------------------------------------------- */

/* Of `wall` ns on its core a thread has run so many; *rest: of steal_rest. */
int64_t steal_split(const struct core *c, int64_t wall, int64_t *rest);
int64_t steal_account(struct core *c, int64_t wall);
sim_time steal_span(const struct core *c, int64_t ns);
void cpu_steal_set(struct world *w, struct cpu *cpu, uint32_t ppm);

/* Call them before and after cpu.running changes. */
void credits_settle(struct world *w, struct cpu *cpu);
void credits_plan(struct world *w, struct cpu *cpu);

/* -- bandwidth ------------------------------------------------------------ */

/* A thread wants to run: false, it is throttled. */
bool quota_allows(struct world *w, struct process *p);
/* Call it before and after share.running changes. */
void quota_settle(struct world *w, struct process *p);
void quota_plan(struct world *w, struct process *p);
/* The number of ready threads has changed. */
void quota_count_stopped(struct world *w, struct process *p);

static inline bool quota_throttles(const struct process *p)
{
	return p->share.quota && p->share.quota->throttled;
}

#endif
