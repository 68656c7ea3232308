/* breaker.c - a circuit breaker: stop asking whoever keeps failing */
#include "sim/host/breaker.h"

#include <assert.h>
#include <string.h>

enum { FAILED = 1, SLOW = 2 };

const struct breaker_config breaker_defaults = {
	.window = 100, .minimum = 100,
	.failure_percent = 50,
	.slow_percent = 100, .slow = SIM_S(60),
	.half_open_calls = 10, .open_wait = SIM_S(60),
};

static const struct {
	const char *name;
	bool permits;		/* without looking further */
	bool records;
	bool judges;		/* may go to another state by what it records */
	bool fresh;		/* begins with an empty window */
} states[BREAKER_STATES] = {
	[BREAKER_DISABLED] = { "disabled", true, false, false, true },
	[BREAKER_METRICS_ONLY] = { "metrics_only", true, true, false, true },
	[BREAKER_CLOSED] = { "closed", true, true, true, true },
	[BREAKER_OPEN] = { "open", false, true, false, false },
	[BREAKER_FORCED_OPEN] = { "forced_open", false, false, false, true },
	[BREAKER_HALF_OPEN] = { "half_open", false, true, true, true },
};

/* -- the window ---------------------------------------------------------- */

static void window_clear(struct breaker_window *win, uint32_t size)
{
	*win = (struct breaker_window){ .ring = win->ring, .size = size };
}

static void window_count(struct breaker_window *win, uint8_t call, uint32_t n)
{
	win->failed += call & FAILED ? n : 0;
	win->slow += call & SLOW ? n : 0;
	win->slow_failed += call == (FAILED | SLOW) ? n : 0;
}

/* Subtract the one that falls out, then add the new one. */
static void window_add(struct breaker_window *win, uint8_t call)
{
	if (win->count == win->size)
		window_count(win, win->ring[win->next], 0u - 1);
	else
		win->count++;
	window_count(win, call, 1);
	win->ring[win->next] = call;
	win->next = (win->next + 1) % win->size;
}

static uint32_t minimum(const struct breaker *b)
{
	return b->config.minimum < b->window.size ? b->config.minimum :
						    b->window.size;
}

static bool enough(const struct breaker *b)
{
	return b->window.count && b->window.count >= minimum(b);
}

static int32_t percent(const struct breaker *b, uint32_t calls)
{
	return enough(b) ? (int32_t)(calls * UINT64_C(100) / b->window.count) :
			   -1;
}

int32_t breaker_failure_rate(const struct breaker *b)
{
	return percent(b, b->window.failed);
}

int32_t breaker_slow_rate(const struct breaker *b)
{
	return percent(b, b->window.slow);
}

/* Not by the rounded percents: 199 of 400 are below 50 %. */
static bool exceeded(const struct breaker *b)
{
	const struct breaker_window *win = &b->window;

	return win->failed * UINT64_C(100) >=
	       (uint64_t)b->config.failure_percent * win->count ||
	       win->slow * UINT64_C(100) >=
	       (uint64_t)b->config.slow_percent * win->count;
}

/* -- states -------------------------------------------------------------- */

void breaker_set(struct breaker *b, enum breaker_state state, sim_time now)
{
	b->state = state;
	b->since = now;
	b->opened += state == BREAKER_OPEN;
	if (!states[state].fresh)
		return;
	window_clear(&b->window, state == BREAKER_HALF_OPEN ?
		     b->config.half_open_calls : b->config.window);
	if (state == BREAKER_HALF_OPEN)
		b->permitted = b->config.half_open_calls;
}

void breaker_init(struct world *w, struct breaker *b,
		  const struct breaker_config *c)
{
	*b = (struct breaker){ .config = *c };
	if (!c->window)
		return;
	assert(c->half_open_calls && c->minimum);
	assert(c->failure_percent - 1 < 100 && c->slow_percent - 1 < 100);
	b->ring_bytes = c->window > c->half_open_calls ? c->window :
							 c->half_open_calls;
	b->window.ring = arena_take(&w->arena, b->ring_bytes);
	breaker_set(b, BREAKER_CLOSED, world_now(w));
}

void breaker_free(struct world *w, struct breaker *b)
{
	if (b->window.ring)
		arena_free(&w->arena, b->window.ring, b->ring_bytes);
	*b = (struct breaker){0};
}

/* What a timer would have done by now, at the time it would have. */
enum breaker_state breaker_look(struct breaker *b, sim_time now)
{
	const struct breaker_config *c = &b->config;

	for (;;) {
		if (b->state == BREAKER_HALF_OPEN && c->half_open_wait &&
		    now - b->since >= c->half_open_wait)
			breaker_set(b, BREAKER_OPEN,
				    b->since + c->half_open_wait);
		else if (b->state == BREAKER_OPEN && c->automatic &&
			 now - b->since >= c->open_wait)
			breaker_set(b, BREAKER_HALF_OPEN,
				    b->since + c->open_wait);
		else
			return b->state;
	}
}

static bool permits(struct breaker *b, sim_time now)
{
	breaker_look(b, now);
	if (b->state == BREAKER_OPEN && now - b->since > b->config.open_wait)
		breaker_set(b, BREAKER_HALF_OPEN, now);
	if (b->state == BREAKER_HALF_OPEN && b->permitted) {
		b->permitted--;
		return true;
	}
	return states[b->state].permits;
}

bool breaker_permits(struct breaker *b, sim_time now)
{
	bool permitted = permits(b, now);

	b->not_permitted += !permitted && states[b->state].records;
	return permitted;
}

static void judge(struct breaker *b, sim_time now)
{
	if (!states[b->state].judges || !enough(b))
		return;
	if (exceeded(b))
		breaker_set(b, BREAKER_OPEN, now);
	else if (b->state == BREAKER_HALF_OPEN)
		breaker_set(b, BREAKER_CLOSED, now);
}

void breaker_record(struct breaker *b, sim_time now, sim_time took,
		    bool failed)
{
	uint8_t call = (uint8_t)((failed ? FAILED : 0) |
				 (took > b->config.slow ? SLOW : 0));

	if (!states[breaker_look(b, now)].records)
		return;
	*(failed ? &b->failed : &b->successful) += 1;
	*(failed ? &b->failed_ns : &b->successful_ns) += took;
	window_add(&b->window, call);
	judge(b, now);
}

void breaker_ignore(struct breaker *b, sim_time now, sim_time took)
{
	if (!states[breaker_look(b, now)].records)
		return;
	b->ignored++;
	b->ignored_ns += took;
	if (b->state == BREAKER_HALF_OPEN)
		b->permitted++;
}

const char *breaker_state_name(enum breaker_state state)
{
	return states[state].name;
}
