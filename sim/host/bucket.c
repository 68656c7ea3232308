/* bucket.c - a token bucket: at most so many in each period */
#include "sim/host/bucket.h"

#include <assert.h>

const struct bucket_config bucket_defaults = {
	.limit = 50, .period = 500, .wait = SIM_S(5),
};

void bucket_init(struct bucket *b, const struct bucket_config *c, sim_time now)
{
	*b = (struct bucket){ .config = *c, .since = now };
	if (!c->limit)
		return;
	assert(c->period > 0);
	if (!b->config.capacity)
		b->config.capacity = c->limit;
	b->tokens = b->config.capacity;
}

static int64_t cycle_at(const struct bucket *b, sim_time now)
{
	return (now - b->since) / b->config.period;
}

int64_t bucket_tokens(const struct bucket *b, sim_time now)
{
	int64_t cycles = cycle_at(b, now) - b->cycle;
	int64_t room = b->config.capacity - b->tokens;

	/* Compared by division: a short period overflows a product. */
	if (cycles > room / b->config.limit)
		return b->config.capacity;
	return b->tokens + cycles * b->config.limit;
}

/* Until the period that brings the token after those now reserved. */
static sim_time wait_for_one(const struct bucket *b, sim_time now)
{
	int64_t periods;

	if (b->tokens > 0)
		return 0;
	periods = -b->tokens / b->config.limit + 1;
	return (b->cycle + periods) * b->config.period - (now - b->since);
}

bool bucket_take(struct bucket *b, sim_time now, sim_time *wait)
{
	b->tokens = bucket_tokens(b, now);
	b->cycle = cycle_at(b, now);
	*wait = wait_for_one(b, now);
	if (*wait > b->config.wait) {
		*wait = b->config.wait;
		b->refused++;
		return false;
	}
	b->tokens--;
	b->taken++;
	return true;
}
