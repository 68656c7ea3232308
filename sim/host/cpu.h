/* cpu.h - the cores of a machine, and the work that waits for them
 *
 * A process passes time by spending it: cpu_run asks for some nanoseconds of
 * a core, and when they have been spent something happens.  cpu_serve is the
 * same for a message that is being handled, cpu_spend for work that nobody
 * waits for.
 *
 * Simplified: see the fidelity card in README.md (FIFO cores without shares or
 * quotas).
 */
#ifndef SIM_HOST_CPU_H
#define SIM_HOST_CPU_H

#include "sim/core/world.h"

#define MACHINE_CORES_MAX	64

struct process;
struct message;

/* The cores of one machine. */
struct cpu {
	uint32_t cores;
	sim_time core_free[MACHINE_CORES_MAX];	/* when each core is idle */
	int64_t busy_ns;		/* summed over cores, since the run began */
};

/*
 * Spend `ns` of CPU time, then `what` happens to `who`.  The first free core
 * takes it; with none free it waits its turn.  Void if the process dies.
 */
void cpu_run(struct world *w, struct process *p, sim_time ns, uint16_t what,
	     void *who, uint16_t arg);

/* The same for a message that arrived: should the process die first, the
 * message is freed. */
void cpu_serve(struct world *w, struct process *p, sim_time ns, uint16_t what,
	       struct message *m);

/* Count CPU time that nobody waits for. */
void cpu_spend(struct world *w, struct process *p, sim_time ns);

#endif
