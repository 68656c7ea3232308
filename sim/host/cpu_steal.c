/* cpu_steal.c - time in which a core's thread does not run, and cannot know why
 *
 * A virtual core is a thread of the hypervisor, which runs it when it gets to
 * it.  While it runs somebody else's, the thread on the virtual core stands
 * still, and the guest's kernel, which thinks it is running, learns afterwards
 * how much time was stolen (proc(5), /proc/stat "steal"; Documentation/virt/
 * kvm/x86/msr.rst).
 *
 * Here each core loses an even part of its time while a thread is on it: a
 * piece of 10 ms takes 14.3 ms when 30 % are stolen.  Slices, quotas and the
 * run queue count the time of the guest, as a kernel without
 * CONFIG_PARAVIRT_TIME_ACCOUNTING does (Debian's); user time has the stolen
 * part taken away, as steal_account_process_time does.
 */
#include "sim/host/cpu_inside.h"

#define MILLION	INT64_C(1000000)

/* On a core since `wall` ns ago: of these its thread has run. */
int64_t steal_split(const struct core *c, int64_t wall, int64_t *rest)
{
	int64_t sum = wall * (MILLION - (int64_t)c->machine->cpu.steal_ppm) +
		      c->steal_rest;

	*rest = sum % MILLION;
	return sum / MILLION;
}

int64_t steal_account(struct core *c, int64_t wall)
{
	int64_t ran = steal_split(c, wall, &c->steal_rest);

	c->stolen_ns += wall - ran;
	return ran;
}

/* The least span of which `ns` are left: steal_split, the other way round. */
sim_time steal_span(const struct core *c, int64_t ns)
{
	int64_t kept = MILLION - (int64_t)c->machine->cpu.steal_ppm;
	int64_t tail = ns % kept * MILLION - c->steal_rest;

	if (!ns)
		return 0;
	return ns / kept * MILLION + (tail > 0 ? (tail + kept - 1) / kept :
						 tail / kept);
}

/* What is on cores goes on at another pace. */
void cpu_steal_set(struct world *w, struct cpu *cpu, uint32_t ppm)
{
	if (ppm == cpu->steal_ppm)
		return;
	cpu_account(w, cpu);
	cpu->steal_ppm = ppm;
	cpu_replan(w, cpu);
}

int64_t core_stolen_ns(const struct world *w, const struct core *c)
{
	int64_t wall = c->process ? world_now(w) - c->since : 0, rest;

	return c->stolen_ns + wall - steal_split(c, wall, &rest);
}
