/* cpu_load.c - the load averages, and what else is looked at every five seconds */
#include "sim/host/cpu_inside.h"
#include "sim/host/events.h"
#include "sim/host/little.h"

/* kernel/sched/loadavg.c: LOAD_FREQ is 5 * HZ + 1 ticks, so that what happens
 * every 5 s is not always, or never, seen.  HZ = 250: Debian 12. */
#define LOAD_EVERY	(SIM_S(5) + SIM_MS(4))
#define LOAD_ONE	2048u

/*
 * kernel/sched/loadavg.c, calc_load: an exponential average in fixed point
 * (2048 is 1), rounded up while it rises.
 * Simplified: Linux also counts who waits for a disk without a way to be
 * interrupted; here only threads that run or are ready.
 */
static uint64_t calc_load(uint64_t load, uint64_t decay, uint64_t active)
{
	uint64_t sum = load * decay + active * (LOAD_ONE - decay);

	if (active >= load)
		sum += LOAD_ONE - 1;
	return sum / LOAD_ONE;
}

static void sample_load(struct world *w, struct cpu *cpu)
{
	static const uint64_t decay[] = { 1884, 2014, 2037 };	/* EXP_n */
	uint64_t active = (uint64_t)(cpu->running + cpu->waiting) * LOAD_ONE;

	cpu_account(w, cpu);
	for (int i = 0; i < 3; i++)
		cpu->load[i] = calc_load(cpu->load[i], decay[i], active);
}

void host_cpu_load(struct world *w, void *who, uint16_t arg)
{
	struct hosts *h = who;

	(void)arg;
	for (uint32_t i = 0; i < h->machines.count; i++)
		sample_load(w, &h->machines.at[i]->cpu);
	little_ask(w);
	cpu_watch_load(w, h);
}

void cpu_watch_load(struct world *w, struct hosts *h)
{
	world_plan(w, world_now(w) + LOAD_EVERY, CLASS_SAMPLE, HOST_CPU_LOAD, h,
		   0);
}
