/* credits.c - burstable instances: CPU time saved up, spent and owed
 *
 *	balance' = earn - running * (1 - steal)		vCPUs
 *
 * between two changes of what runs: cpu.c calls credits_settle before one and
 * credits_plan after it.
 */
#include "sim/host/credits.h"

#include <assert.h>

#include "sim/host/cpu_inside.h"
#include "sim/host/events.h"

#define MILLION		INT64_C(1000000)
/* One that has used up all gets its baseline until it has saved this. */
#define ENOUGH		SIM_MS(1)

/* -- the balance ---------------------------------------------------------- */

/* Millionths of a vCPU: what comes in, less what is used. */
static int64_t slope(const struct cpu *cpu)
{
	return cpu->credits->earn_ppm -
	       cpu->running * (MILLION - (int64_t)cpu->steal_ppm);
}

/* x * y / 10^6 and the rest, rounded down, without overflow. */
static int64_t part(int64_t x, int64_t y, int64_t *rest)
{
	int64_t small = x % MILLION * y + *rest;
	int64_t ns = small / MILLION;

	if (small % MILLION < 0)
		ns--;
	*rest = small - ns * MILLION;
	return x / MILLION * y + ns;
}

/* What it is at `now`, if nothing changes until then. */
static struct credits at(const struct cpu *cpu, sim_time now)
{
	struct credits c = *cpu->credits;

	c.balance_ns += part(now - c.since, slope(cpu), &c.rest);
	c.since = now;
	if (c.balance_ns > c.max_ns)
		c.balance_ns = c.max_ns;
	if (c.balance_ns < -c.max_ns) {
		c.charged_ns += -c.max_ns - c.balance_ns;
		c.balance_ns = -c.max_ns;
	}
	return c;
}

void credits_settle(struct world *w, struct cpu *cpu)
{
	if (cpu->credits)
		*cpu->credits = at(cpu, world_now(w));
}

/* -- what follows --------------------------------------------------------- */

/* So much of each core's time goes to others: to neighbours, and to whoever has
 * credits. */
static uint32_t steal(const struct cpu *cpu)
{
	const struct credits *c = cpu->credits;
	uint32_t least = cpu->neighbours_ppm;
	int64_t wanted = cpu->running * (MILLION - (int64_t)least);

	if (!c || !c->empty || wanted <= c->earn_ppm)
		return least;
	return (uint32_t)(MILLION - c->earn_ppm / cpu->running);
}

/* From now on less is left than was; when nothing? */
static void plan_gone(struct world *w, struct cpu *cpu)
{
	struct credits *c = cpu->credits;
	int64_t less = -slope(cpu);

	world_cancel(w, &c->gone);
	if (c->unlimited || c->empty || less <= 0)
		return;
	c->gone = world_timer(w, world_now(w) + c->balance_ns / less * MILLION +
			      (c->balance_ns % less * MILLION + less - 1) / less,
			      HOST_CREDITS_GONE, cpu, 0);
}

void credits_plan(struct world *w, struct cpu *cpu)
{
	struct credits *c = cpu->credits;

	if (!c)
		return;
	if (c->empty && (c->unlimited || c->balance_ns >= ENOUGH))
		c->empty = false;
	cpu_steal_set(w, cpu, steal(cpu));
	plan_gone(w, cpu);
}

void host_credits_gone(struct world *w, void *who, uint16_t arg)
{
	struct cpu *cpu = who;

	(void)arg;
	cpu->credits->gone = (struct timer){0};
	credits_settle(w, cpu);
	if (cpu->credits->balance_ns <= 0) {
		cpu->credits->balance_ns = cpu->credits->rest = 0;
		cpu->credits->empty = true;
	}
	credits_plan(w, cpu);
}

void cpu_neighbours_set(struct world *w, struct machine *m, uint32_t ppm)
{
	assert(ppm <= CPU_STEAL_MAX);
	credits_settle(w, &m->cpu);
	m->cpu.neighbours_ppm = ppm;
	cpu_steal_set(w, &m->cpu, steal(&m->cpu));
	credits_plan(w, &m->cpu);
}

/* -- settings ------------------------------------------------------------- */

void credits_give(struct world *w, struct machine *m, uint32_t per_hour,
		  bool unlimited)
{
	struct credits *c = world_take(w, struct credits);

	assert(per_hour > 0 && !m->cpu.credits);
	c->unlimited = unlimited;
	c->empty = !unlimited;
	c->earn_ppm = per_hour * MILLION / 60;
	c->max_ns = 24 * per_hour * CREDIT_NS;
	c->since = world_now(w);
	m->cpu.credits = c;
	credits_plan(w, &m->cpu);
}

void credits_take(struct world *w, struct machine *m)
{
	struct credits *c = m->cpu.credits;

	world_cancel(w, &c->gone);
	m->cpu.credits = NULL;
	world_give(w, c);
	cpu_steal_set(w, &m->cpu, steal(&m->cpu));
}

void credits_mode(struct world *w, struct machine *m, bool unlimited)
{
	struct credits *c = m->cpu.credits;

	credits_settle(w, &m->cpu);
	c->unlimited = unlimited;
	if (!unlimited && c->balance_ns < 0) {
		c->charged_ns -= c->balance_ns;
		c->balance_ns = 0;
	}
	c->empty = !unlimited && c->balance_ns == 0;
	credits_plan(w, &m->cpu);
}

void credits_balance_set(struct world *w, struct machine *m, int64_t ns)
{
	struct credits *c = m->cpu.credits;

	assert(ns >= 0 && ns <= c->max_ns);
	credits_settle(w, &m->cpu);
	c->balance_ns = ns;
	c->rest = 0;
	c->empty = !c->unlimited && ns == 0;
	credits_plan(w, &m->cpu);
}

/* -- reading -------------------------------------------------------------- */

int64_t credits_balance(const struct world *w, const struct machine *m)
{
	return m->cpu.credits ? at(&m->cpu, world_now(w)).balance_ns : 0;
}

int64_t credits_owed(const struct world *w, const struct machine *m)
{
	struct credits c;

	if (!m->cpu.credits)
		return 0;
	c = at(&m->cpu, world_now(w));
	return c.charged_ns + (c.balance_ns < 0 ? -c.balance_ns : 0);
}
