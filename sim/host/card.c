/* card.c - bandwidth, shared by the flows that are active on it */
#include "sim/host/card.h"

#include <assert.h>

#include "sim/host/events.h"

#define NANO	UINT64_C(1000000000)

/* -- progress ------------------------------------------------------------- */

/* since + (bytes * 10^9 - nano) / rate, rounded up, without overflow. */
sim_time flow_when(const struct flow *f, int64_t end)
{
	uint64_t rate = (uint64_t)f->rate, bytes, seconds, rest;

	if (end <= f->sent)
		return f->since;
	assert(f->rate > 0 && f->rate <= CARD_RATE_MAX);
	bytes = (uint64_t)(end - f->sent);
	seconds = (bytes - 1) / rate;
	rest = (bytes - seconds * rate) * NANO - (uint64_t)f->sent_nano;
	return f->since + (sim_time)(seconds * NANO + (rest + rate - 1) / rate);
}

void flow_advance(struct flow *f, sim_time now)
{
	uint64_t span = (uint64_t)(now - f->since), rate = (uint64_t)f->rate;
	uint64_t nano = span % NANO * rate + (uint64_t)f->sent_nano;

	f->since = now;
	f->sent += (int64_t)(span / NANO * rate + nano / NANO);
	f->sent_nano = (int64_t)(nano % NANO);
	if (f->sent >= f->queued) {
		f->sent = f->queued;
		f->sent_nano = 0;
	}
}

static bool drained(const struct flow *f, sim_time now)
{
	return flow_when(f, f->queued) <= now;
}

/* -- who stands on which card --------------------------------------------- */

static void enter(struct world *w, struct flow *f)
{
	for (uint32_t i = 0; i < f->card_count; i++)
		*vec_add(&w->arena, &f->cards[i]->flows) = f;
	f->active = true;
	f->alone = false;
	f->rate = 0;
	f->since = world_now(w);
}

static void leave(struct world *w, struct flow *f)
{
	net_flow_settle(w, f);
	for (uint32_t i = 0; i < f->card_count; i++) {
		struct netcard *c = f->cards[i];
		uint32_t k = 0;

		while (c->flows.at[k] != f)
			k++;
		vec_remove(&c->flows, k);
	}
	f->active = false;
	f->rate = 0;
}

/* -- max-min fair rates --------------------------------------------------- */

/* Those whose rates hang together: cards that share flows, in order found. */
struct group {
	struct netcard *cards, *last_card;
	struct flow *flows, *last_flow;
	uint64_t round;
	uint32_t count;
};

static void group_card(struct group *g, struct netcard *c)
{
	if (c->round == g->round)
		return;
	c->round = g->round;
	c->next = NULL;
	if (g->last_card)
		g->last_card->next = c;
	else
		g->cards = c;
	g->last_card = c;
}

static void group_flow(struct group *g, struct flow *f)
{
	for (uint32_t i = 0; i < f->card_count; i++)
		group_card(g, f->cards[i]);
	if (f->round == g->round)
		return;
	f->round = g->round;
	f->next = NULL;
	f->given = false;
	if (g->last_flow)
		g->last_flow->next = f;
	else
		g->flows = f;
	g->last_flow = f;
	g->count++;
}

/* The list of cards grows while it is walked.  Who has drained leaves. */
static void group_close(struct world *w, struct group *g)
{
	for (struct netcard *c = g->cards; c; c = c->next)
		for (uint32_t i = 0; i < c->flows.count;) {
			struct flow *f = c->flows.at[i];

			if (f->rate && drained(f, world_now(w))) {
				for (uint32_t k = 0; k < f->card_count; k++)
					group_card(g, f->cards[k]);
				leave(w, f);
				continue;
			}
			group_flow(g, f);
			i++;
		}
	for (struct netcard *c = g->cards; c; c = c->next) {
		c->left = c->bytes_per_s;
		c->open = 0;
		for (uint32_t i = 0; i < c->flows.count; i++)
			c->open += c->flows.at[i]->window;
	}
}

static void give(struct flow *f, int64_t rate)
{
	f->given = true;
	f->share = rate > 0 ? rate : 1;
	for (uint32_t i = 0; i < f->card_count; i++) {
		f->cards[i]->left -= rate;
		f->cards[i]->open -= f->window;
	}
}

/* What is left of a card, and the windows among which it is divided. */
struct part {
	int64_t left, open;
};

static int64_t part_of(const struct part *p, int64_t window)
{
	return p->left * window / p->open;
}

/* The fullest card's fair part, and that card. */
static struct part least_part(const struct group *g, struct netcard **least)
{
	int64_t part = INT64_MAX;

	*least = NULL;
	for (struct netcard *c = g->cards; c; c = c->next) {
		struct part p = { c->left, c->open };

		if (p.open && part_of(&p, FLOW_WINDOW_MAX) < part) {
			part = part_of(&p, FLOW_WINDOW_MAX);
			*least = c;
		}
	}
	return (struct part){ (*least)->left, (*least)->open };
}

/*
 * Progressive filling: who cannot use the least part that any card has to give
 * takes its cap; if all can, the flows of that card take that part; again.
 */
static void fill(struct group *g)
{
	for (uint32_t open = g->count; open;) {
		struct netcard *least;
		struct part part = least_part(g, &least);
		uint32_t before = open;

		for (struct flow *f = g->flows; f; f = f->next)
			if (!f->given && f->cap <= part_of(&part, f->window)) {
				give(f, f->cap);
				open--;
			}
		if (open < before)
			continue;
		for (uint32_t i = 0; i < least->flows.count; i++) {
			struct flow *f = least->flows.at[i];

			if (!f->given) {
				give(f, part_of(&part, f->window));
				open--;
			}
		}
	}
}

static void set_rate(struct world *w, struct flow *f, bool alone)
{
	f->alone = alone;
	if (f->rate == f->share)
		return;
	net_flow_settle(w, f);
	f->rate = f->share;
	net_flow_plan(w, f);
}

/* Find the rates of all whose rates hang together with those of `g`. */
static void share(struct world *w, struct group *g)
{
	struct netcard *where = NULL;
	sim_time first = SIM_NEVER;

	group_close(w, g);
	fill(g);
	for (struct flow *f = g->flows; f; f = f->next) {
		sim_time end;

		set_rate(w, f, g->count == 1);
		end = flow_when(f, f->queued);
		if (end < first && f->card_count) {
			first = end;
			where = f->cards[0];
		}
	}
	if (g->count > 1 && where)
		world_wake(w, &where->wake, first, HOST_CARD, where);
}

void card_wake(struct world *w, void *who, uint16_t arg)
{
	struct netcard *c = who;
	struct group g = { .round = ++hosts_of(w)->share_round };

	(void)arg;
	if (!c->flows.count || (c->flows.count == 1 && c->flows.at[0]->alone))
		return;
	group_card(&g, c);
	share(w, &g);
}

/* -- flows ---------------------------------------------------------------- */

/* Does nobody else use the card?  One that had it for itself and has drained
 * goes unnoticed by all others. */
static bool card_clear(struct world *w, struct netcard *c)
{
	struct flow *f;

	if (!c->flows.count)
		return true;
	f = c->flows.at[0];
	if (c->flows.count > 1 || !f->alone || !drained(f, world_now(w)))
		return false;
	leave(w, f);
	return true;
}

void flow_start(struct world *w, struct flow *f)
{
	bool clear = true;

	assert(!f->active);
	f->share = f->cap;
	for (uint32_t i = 0; i < f->card_count; i++) {
		clear &= card_clear(w, f->cards[i]);
		if (f->cards[i]->bytes_per_s < f->share)
			f->share = f->cards[i]->bytes_per_s;
	}
	enter(w, f);
	if (clear)
		set_rate(w, f, true);
	else		/* once for all that start at this time */
		world_wake(w, &f->cards[0]->wake, world_now(w), HOST_CARD,
			   f->cards[0]);
}

void flow_add(struct world *w, struct flow *f, int64_t bytes)
{
	if (f->active)
		net_flow_settle(w, f);
	f->queued += bytes;
	if (!f->active)
		flow_start(w, f);
}

void flow_stop(struct world *w, struct flow *f)
{
	struct group g = {0};
	bool alone = f->alone;

	if (!f->active)
		return;
	leave(w, f);
	if (alone)
		return;
	g.round = ++hosts_of(w)->share_round;
	for (uint32_t i = 0; i < f->card_count; i++)
		group_card(&g, f->cards[i]);
	share(w, &g);
}
