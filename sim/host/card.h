/* card.h - bandwidth, shared by the flows that are active on it
 *
 * A flow is the bytes of one direction of one connection; a card is whatever
 * can carry only so many bytes a second: the sending and the receiving side of
 * a network card, or a link that a fault has made narrow.  A flow crosses a
 * few cards and has a cap of its own (window / RTT, or what loss leaves).
 *
 * Rates are max-min fair (Bertsekas and Gallager, Data Networks, 6.5.2; the
 * fluid model of SimGrid): all flows grow alike until a card is full or a cap
 * is reached; those stay, the others go on growing.  So long-lived TCP flows
 * of one RTT share a link, a small message beside a large transfer takes its
 * fair part at once, incast fills the receiver's card, and a flow that is slow
 * elsewhere leaves its part to the others.
 *
 * Fair means by window: flows that are bound by their windows and stand in one
 * queue have one round trip, so each gets window / RTT of it (Padhye, Firoiu,
 * Towsley, Kurose, "Modeling TCP Throughput", SIGCOMM 1998: B = Wmax / RTT when
 * the window is the bound).  Equal windows, the rule here, get equal parts.
 *
 *	flow 1 ──▶ [ out a: 10 ] ──▶ [ in c: 2 ]	1 (c is full)
 *	flow 2 ──▶ [ out a: 10 ] ──▶ [ in d: 20 ]	9 (a is full)
 *	flow 3 ──▶ [ out b: 10 ] ──▶ [ in c: 2 ]	1 (c is full)
 *
 * Why not quanta by deficit round robin: they cost an event for each 64 KiB
 * of every transfer, busy link or not.  Rates change only when a flow starts
 * or ends while others share its cards.  A flow that is alone costs no event:
 * that it has drained is noticed when the next one comes.  Where cards are
 * shared there is one event for each time at which flows start, and for each
 * at which one ends; it costs (flows + cards) of those that are connected,
 * times the levels of rate.
 *
 * All integers: bytes a second, and progress in bytes and billionths of one,
 * so nothing is lost however often rates change.
 */
#ifndef SIM_HOST_CARD_H
#define SIM_HOST_CARD_H

#include "sim/core/vec.h"
#include "sim/core/world.h"

#define FLOW_CARDS	6	/* out, in, and narrow links between */
#define FLOW_WINDOW_MAX	(INT64_C(3) << 20)	/* bytes: see link.c */
#define CARD_RATE_MAX	INT64_C(18000000000)	/* bytes a second: 144 Gbit/s */

struct flow;

struct netcard {
	int64_t bytes_per_s;
	VEC(struct flow *) flows;	/* active, or drained unnoticed */
	struct wake wake;		/* a flow that shares it has drained */
	/* while rates are being found */
	struct netcard *next;
	uint64_t round;
	int64_t left;			/* bytes a second not yet given */
	int64_t open;			/* windows of those without a rate yet */
};

struct flow {
	struct netcard *cards[FLOW_CARDS];
	uint32_t card_count;
	bool active;			/* it stands in the rows of its cards */
	bool alone;			/* nobody else does, so no event ends it */
	bool given;			/* has a rate, while they are found */
	int64_t cap;			/* bytes a second it can do by itself */
	int64_t window;			/* bytes under way at most; its weight */
	int64_t rate;			/* bytes a second now */
	sim_time since;			/* when `sent` was true */
	int64_t sent;			/* bytes that have left, of all queued */
	int64_t sent_nano;		/* and billionths of a byte */
	int64_t queued;			/* bytes ever queued */
	struct flow *next;		/* while rates are being found */
	uint64_t round;
	int64_t share;
};

/* `bytes` more to send; a flow that rested begins. */
void flow_add(struct world *w, struct flow *f, int64_t bytes);
/* Stand aside, with what is not sent (a cut, a close, a new path). */
void flow_stop(struct world *w, struct flow *f);
/* Go on with what is not sent. */
void flow_start(struct world *w, struct flow *f);

/* When byte `end` of the flow has left, at the rate of now. */
sim_time flow_when(const struct flow *f, int64_t end);
/* Bring `sent` up to `now`. */
void flow_advance(struct flow *f, sim_time now);

/* A flow on this card may have drained: the event HOST_CARD. */
void card_wake(struct world *w, void *who, uint16_t arg);

/* -- what the owner of flows does about them (net.c) ---------------------- */

/* The rate is about to change: settle what has left under the old one. */
void net_flow_settle(struct world *w, struct flow *f);
/* It has changed: plan anew. */
void net_flow_plan(struct world *w, struct flow *f);

#endif
