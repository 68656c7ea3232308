/* clock.c - what time a machine believes it is */
#include "sim/host/clock.h"

#include "sim/host/host.h"

#define POLL		SIM_S(64)	/* chrony minpoll 6 */
#define FIRST_POLLS	SIM_S(6)	/* iburst: four samples, 2 s apart */
#define STEP_LIMIT	SIM_S(1)	/* makestep 1 3 */

/* maxslewrate 83333.333 ppm: a twelfth of the time that passes. */
static sim_time slewed(sim_time offset, sim_time span)
{
	sim_time by = span / 12;

	if (offset < 0)
		return offset + by < 0 ? offset + by : 0;
	return offset > by ? offset - by : 0;
}

/* span * ppb / 10^9 without overflow for 292 years. */
static sim_time drifted(sim_time span, int64_t ppb)
{
	return span / SIM_S(1) * ppb + span % SIM_S(1) * ppb / SIM_S(1);
}

sim_time clock_offset(const struct clock *c, sim_time now)
{
	if (c->alone)
		return c->offset + drifted(now - c->since, c->drift_ppb);
	if (!c->offset || (c->step_at && now >= c->step_at))
		return 0;
	if (c->step_at || now < c->slew_at)
		return c->offset;
	return slewed(c->offset, now - c->slew_at);
}

sim_time clock_measured_offset(const struct clock *c, sim_time now)
{
	return c->alone || now < c->slew_at ? 0 : clock_offset(c, now);
}

sim_time machine_wall(const struct world *w, const struct machine *m)
{
	return world_now(w) + clock_offset(&m->clock, world_now(w));
}

/* chronyd measures at fixed times; where its polls lie is the machine's own. */
static sim_time next_poll(const struct machine *m, sim_time now)
{
	sim_time phase = (sim_time)(m->id % 64) * SIM_S(1);

	return now + POLL - (now + phase) % POLL;
}

static void set(struct clock *c, sim_time now, sim_time offset)
{
	c->since = now;
	c->offset = offset;
	c->step_at = 0;
}

void clock_step(struct world *w, struct machine *m, sim_time by)
{
	struct clock *c = &m->clock;
	sim_time now = world_now(w);

	set(c, now, clock_offset(c, now) + by);
	c->slew_at = next_poll(m, now);
}

void clock_ntp_stop(struct world *w, struct machine *m, int64_t drift_ppb)
{
	struct clock *c = &m->clock;
	sim_time now = world_now(w);

	set(c, now, clock_offset(c, now));
	c->alone = true;
	c->drift_ppb = drift_ppb;
}

void clock_ntp_start(struct world *w, struct machine *m)
{
	struct clock *c = &m->clock;
	sim_time now = world_now(w);

	set(c, now, clock_offset(c, now));
	c->alone = false;
	c->drift_ppb = 0;
	c->slew_at = now + FIRST_POLLS;
	if (c->offset > STEP_LIMIT || c->offset < -STEP_LIMIT)
		c->step_at = now + FIRST_POLLS;
}
