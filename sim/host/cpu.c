/* cpu.c - the cores of a machine, and the work that waits for them */
#include "sim/host/cpu.h"

#include "sim/host/host.h"

static uint32_t first_free_core(const struct machine *m)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < m->cpu.cores; i++)
		if (m->cpu.core_free[i] < m->cpu.core_free[best])
			best = i;
	return best;
}

/* When `ns` of work is done if it joins the line now. */
static sim_time occupy(struct world *w, struct process *p, sim_time ns)
{
	struct machine *m = p->machine;
	uint32_t core = first_free_core(m);
	sim_time begin = world_now(w);

	if (m->cpu.core_free[core] > begin)
		begin = m->cpu.core_free[core];
	m->cpu.core_free[core] = begin + ns;
	m->cpu.busy_ns += ns;
	p->cpu_ns += ns;
	return begin + ns;
}

void cpu_run(struct world *w, struct process *p, sim_time ns, uint16_t what,
	     void *who, uint16_t arg)
{
	process_at(w, p, occupy(w, p, ns), what, who, arg);
}

void cpu_serve(struct world *w, struct process *p, sim_time ns, uint16_t what,
	       struct message *m)
{
	process_serve_at(w, p, occupy(w, p, ns), what, m);
}

void cpu_spend(struct world *w, struct process *p, sim_time ns)
{
	occupy(w, p, ns);
}
