/* txn_peers.c - one broker asks another about transactions */
#include "sim/broker/txn_peers.h"

#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/events.h"
#include "sim/broker/txn.h"

#define REQUEST_TIMEOUT	SIM_S(30)	/* request.timeout.ms */

struct txn_request *txn_request_new(struct world *w, enum txn_api api,
				    uint32_t items)
{
	struct txn_request *m = message_new(w, sizeof(*m) +
					    items * sizeof(*m->items),
					    MESSAGE_TXN);

	m->api = api;
	m->req.head.bytes = 80 + 20 * items;
	m->producer_id = -1;
	m->epoch = NO_PRODUCER_EPOCH;
	m->generation = -1;
	return m;
}

struct txn_answer *txn_answer_for(struct world *w, const struct txn_request *m,
				  uint32_t items)
{
	struct txn_answer *a = message_new(w, sizeof(*a) +
					   items * sizeof(*a->items),
					   MESSAGE_TXN_ANSWER);

	a->req.correlation = m->req.correlation;
	a->req.head.line = m->req.head.line;
	a->req.head.bytes = 60 + 12 * items;
	a->api = m->api;
	a->coordinator = NO_BROKER;
	return a;
}

/* Over the network, or to ourselves. */
static void post(struct world *w, struct broker *b, struct process *to,
		 struct message *m)
{
	if (to != b->process) {
		net_send(w, b->process, to, m);
		return;
	}
	m->from = m->to = to;
	m->from_incarnation = m->to_incarnation = to->incarnation;
	process_serve_at(w, to, world_now(w), BROKER_MESSAGE, m);
}

void txn_peers_ask(struct world *w, struct broker *b, int32_t target,
		   struct txn_request *m, void *context)
{
	struct process *peer = b->cluster->brokers.at[target]->process;

	m->req.correlation = ++b->cluster->next_correlation;
	m->req.head.line = net_line(b->process, peer);
	*vec_add(&w->arena, &b->txns->peers.calls) = (struct txn_call){
		.correlation = m->req.correlation, .peer = peer,
		.api = m->api, .context = context,
		.deadline = world_now(w) + REQUEST_TIMEOUT,
	};
	world_wake(w, &b->txns->peers.wake, world_now(w) + REQUEST_TIMEOUT,
		   TXN_PEERS_CHECK, b);
	post(w, b, peer, &m->req.head);
}

void txn_peers_answer(struct world *w, struct broker *b, struct process *to,
		      struct message *m)
{
	post(w, b, to, m);
}

static void tell(struct world *w, struct broker *b, const struct txn_call *call,
		 const struct txn_answer *a, bool dying)
{
	if (call->api == TXN_VERIFY)
		txn_verify_answered(w, b, call->context, a, dying);
	else
		txn_markers_answered(w, b, call->context, a, dying);
}

static struct txn_call take(struct txn_peers *p, uint32_t i)
{
	struct txn_call call = p->calls.at[i];

	vec_remove(&p->calls, i);
	return call;
}

void txn_peers_heard(struct world *w, struct broker *b, struct txn_answer *a)
{
	struct txn_peers *p = &b->txns->peers;

	for (uint32_t i = 0; i < p->calls.count; i++)
		if (p->calls.at[i].correlation == a->req.correlation) {
			struct txn_call call = take(p, i);

			tell(w, b, &call, a, false);
			return;
		}
}

void txn_peers_lost(struct world *w, struct broker *b,
		    const struct process *peer)
{
	struct txn_peers *p = &b->txns->peers;

	for (uint32_t i = 0; i < p->calls.count;) {
		struct txn_call call = p->calls.at[i];

		if (call.peer != peer) {
			i++;
			continue;
		}
		take(p, i);
		tell(w, b, &call, NULL, false);
		i = 0;			/* the list may have changed */
	}
}

/* Event: somebody may have waited too long. */
void txn_peers_check(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;
	struct txn_peers *p = &b->txns->peers;

	(void)arg;
	while (process_runs(b->process) && p->calls.count &&
	       p->calls.at[0].deadline <= world_now(w)) {
		struct txn_call call = take(p, 0);

		tell(w, b, &call, NULL, false);
	}
	if (!p->calls.count)
		return;
	world_wake(w, &p->wake, p->calls.at[0].deadline > world_now(w) ?
		   p->calls.at[0].deadline : world_now(w) + SIM_MS(100),
		   TXN_PEERS_CHECK, b);
}

void txn_peers_drop(struct world *w, struct broker *b)
{
	struct txn_peers *p = &b->txns->peers;

	world_cancel(w, &p->wake.timer);
	while (p->calls.count) {
		struct txn_call call = take(p, 0);

		tell(w, b, &call, NULL, true);
	}
	vec_free(&w->arena, &p->calls);
}
