/* cpu_quota.c - bandwidth: so much CPU time a period, then throttled
 *
 *	 left_ns
 *	quota ┐       ┐         ┐
 *	      │╲      │╲        │╲
 *	      │ ╲     │ ╲       │ ╲ 4 threads: 4 times as steep
 *	    0 ┴──╲____┴──╲______┴──╲____
 *	          throttled
 *	      ├─ period ┤
 *
 * Threads draw from one pool; the timer `spent` is set to when it will be empty
 * at the present pace.  Periods begin at whole multiples of their length, run
 * while the process does, and stop after one in which it did not
 * (do_sched_cfs_period_timer in kernel/sched/fair.c).  Their rules of counting
 * are those of cpu.stat: a throttled process counts once a period, and its
 * time once for each core whose queue stands still.
 *
 * Simplified: the pool is one.  Linux hands it to cores in slices of 5 ms
 * (sched_cfs_bandwidth_slice_us), of which each core may keep 1 ms.
 */
#include <assert.h>

#include "sim/host/cpu_inside.h"
#include "sim/host/events.h"

static bool limited(const struct cpu_quota *q)
{
	return q && q->quota_ns > 0;
}

void quota_settle(struct world *w, struct process *p)
{
	struct cpu_quota *q = p->share.quota;

	if (!q)
		return;
	q->left_ns -= p->share.running * (world_now(w) - q->since);
	q->since = world_now(w);
}

void quota_plan(struct world *w, struct process *p)
{
	struct cpu_quota *q = p->share.quota;
	int64_t running = p->share.running, left;

	if (!limited(q))
		return;
	world_cancel(w, &q->spent);
	if (!running)
		return;
	q->used = true;
	left = q->left_ns > 0 ? q->left_ns : 0;
	q->spent = world_timer(w, world_now(w) + (left + running - 1) / running,
			       HOST_QUOTA_SPENT, p, 0);
}

/* What stands still, counted in run queues: a core has one. */
void quota_count_stopped(struct world *w, struct process *p)
{
	struct cpu_quota *q = p->share.quota;
	uint32_t ready = p->share.ready.count, cores = p->machine->cpu.cores;

	if (!q)
		return;
	q->throttled_ns += q->stopped * (world_now(w) - q->stopped_since);
	q->stopped_since = world_now(w);
	q->stopped = !q->throttled ? 0 : ready < cores ? ready : cores;
}

static void throttle(struct world *w, struct process *p)
{
	p->share.quota->throttled = true;
	cpu_stop(w, p);
	quota_count_stopped(w, p);
}

static void unthrottle(struct world *w, struct process *p)
{
	p->share.quota->throttled = false;
	quota_count_stopped(w, p);
	cpu_continue(w, p);
}

/* What was used beyond the quota is paid back; what was not used is lost. */
static void refill(struct cpu_quota *q)
{
	q->left_ns += q->quota_ns;
	if (q->left_ns > q->quota_ns)
		q->left_ns = q->quota_ns;
}

static void plan_period(struct world *w, struct process *p)
{
	struct cpu_quota *q = p->share.quota;
	sim_time end = (world_now(w) / q->period_ns + 1) * q->period_ns;

	q->used = p->share.running > 0;
	q->period = world_timer(w, end, HOST_QUOTA_PERIOD, p, 0);
}

bool quota_allows(struct world *w, struct process *p)
{
	struct cpu_quota *q = p->share.quota;

	if (!limited(q))
		return true;
	quota_settle(w, p);
	if (!agenda_pending(w->state->agenda, &q->period)) {
		refill(q);
		plan_period(w, p);
	}
	if (q->left_ns > 0 && !q->throttled)
		return true;
	if (!q->throttled)
		throttle(w, p);
	return false;
}

void host_quota_spent(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	(void)arg;
	p->share.quota->spent = (struct timer){0};
	quota_settle(w, p);
	assert(p->share.quota->left_ns <= 0);
	throttle(w, p);
}

void host_quota_period(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;
	struct cpu_quota *q = p->share.quota;

	(void)arg;
	q->period = (struct timer){0};
	q->nr_periods++;
	quota_settle(w, p);
	refill(q);
	if (!q->used && !q->throttled)
		return;			/* the next to run begins a new one */
	q->nr_throttled += q->throttled;
	plan_period(w, p);
	if (q->throttled && q->left_ns > 0)
		unthrottle(w, p);
	else
		quota_plan(w, p);
}

void cpu_quota_set(struct world *w, struct process *p, int64_t quota_ns,
		   sim_time period_ns)
{
	struct cpu_quota *q = p->share.quota;

	if (!period_ns)
		period_ns = CPU_PERIOD_DEFAULT;
	assert(period_ns >= CPU_QUOTA_MIN && period_ns <= SIM_S(1));
	assert(quota_ns == 0 || quota_ns >= CPU_QUOTA_MIN);
	if (!q)
		q = p->share.quota = world_take(w, struct cpu_quota);
	world_cancel(w, &q->spent);
	world_cancel(w, &q->period);
	q->since = world_now(w);
	q->quota_ns = q->left_ns = quota_ns;
	q->period_ns = period_ns;
	if (limited(q) && p->share.running) {
		plan_period(w, p);
		quota_plan(w, p);
	}
	if (q->throttled)
		unthrottle(w, p);
}

int64_t cpu_throttled_ns(const struct world *w, const struct process *p)
{
	const struct cpu_quota *q = p->share.quota;

	return q ? q->throttled_ns +
		   q->stopped * (world_now(w) - q->stopped_since) : 0;
}
