/* producer_ids.c - numbers for producers, never given twice */
#include "sim/broker/producer_ids.h"

#include "sim/broker/broker.h"

#define PREFETCH_AT	(PRODUCER_ID_BLOCK * 9 / 10)	/* PidPrefetchThreshold */
#define ASK_AGAIN	SIM_S(5)	/* an answer that does not come [E] */

static void ask_for_block(struct world *w, struct broker *b)
{
	struct producer_ids_message *m;

	if (b->producer_ids.asked_at &&
	    world_now(w) - b->producer_ids.asked_at < ASK_AGAIN)
		return;
	b->producer_ids.asked_at = world_now(w);
	m = message_new(w, sizeof(*m), MESSAGE_ALLOCATE_PRODUCER_IDS);
	m->req.head.bytes = 60;
	m->broker = b->index;
	channel_send(w, b, &m->req.head);
}

void producer_ids_take(struct producer_ids *ids, int64_t first)
{
	ids->asked_at = 0;
	ids->following = first;
	ids->has_following = true;
}

int64_t producer_ids_claim(struct world *w, struct broker *b)
{
	struct producer_ids *ids = &b->producer_ids;

	if (ids->next == ids->end && ids->has_following) {
		ids->next = ids->following;
		ids->end = ids->next + PRODUCER_ID_BLOCK;
		ids->has_following = false;
	}
	if (ids->next == ids->end) {
		ask_for_block(w, b);
		return -1;
	}
	if (ids->next == ids->end - PRODUCER_ID_BLOCK + PREFETCH_AT)
		ask_for_block(w, b);
	return ids->next++;
}

void producer_ids_answer(struct world *w, struct broker *b,
			 const struct producer_id_message *m)
{
	struct producer_id_message *reply =
		message_new(w, sizeof(*reply), MESSAGE_PRODUCER_ID_IS);

	reply->req.correlation = m->req.correlation;
	reply->req.head.bytes = 40;
	reply->producer_id = producer_ids_claim(w, b);
	reply->error = reply->producer_id < 0 ?
		       KAFKA_COORDINATOR_LOAD_IN_PROGRESS : KAFKA_NONE;
	net_send(w, b->process, m->req.head.from, &reply->req.head);
}
