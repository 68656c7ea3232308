/* retry.c - try again, how often and after what wait */
#include "sim/host/retry.h"

#include <assert.h>

#define MS		SIM_MS(1)
#define INTERVAL_MAX	(INT64_C(1) << 40)	/* ms: 34 years, so that
						   products below fit */

const struct retry_policy retry_defaults = {
	.attempts = 3, .wait = SIM_MS(500), .growth_permille = 1000,
};

/* Each step is cut to whole milliseconds before the next. */
static int64_t grown(const struct retry_policy *p, uint32_t attempt)
{
	int64_t ms = p->wait / MS;

	if (p->growth_permille == 1000)
		return ms;
	while (--attempt && ms < INTERVAL_MAX)
		ms = ms * p->growth_permille / 1000;
	return ms < INTERVAL_MAX ? ms : INTERVAL_MAX;
}

sim_time retry_wait(const struct retry_policy *p, uint32_t attempt,
		    struct luck *luck)
{
	int64_t ms = grown(p, attempt), spread;

	assert(attempt > 0 && p->wait >= MS && p->random_permille <= 1000);
	if (p->random_permille) {
		spread = ms * p->random_permille / 1000;
		ms = luck_between(luck, ms - spread, ms + spread);
		if (ms < 1)
			ms = 1;
	}
	if (p->wait_max && ms > p->wait_max / MS)
		ms = p->wait_max / MS;
	return ms * MS;
}
