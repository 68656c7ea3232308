/* txn_duties.c - what time does to transactions: too late, too long idle
 *
 * transaction.abort.timed.out.transaction.cleanup.interval.ms 10 s: open for
 * longer than their timeout, they are aborted; transaction.remove.expired.
 * transaction.cleanup.interval.ms 1 h: idle for transactional.id.expiration.ms,
 * they are forgotten (TransactionCoordinator.startup, 3.9).
 */
#include "sim/broker/txn.h"

#include "sim/broker/events.h"

#define EXPIRE_EVERY	SIM_MINUTES(60)

/* A fence under way, or one that failed, is as good as a move. */
static bool late(const struct world *w, const struct txns *t,
		 const struct txn *x)
{
	return x->state == TXN_ONGOING && !x->pending &&
	       txn_clock(w, t) > x->started_at + x->timeout;
}

void txn_abort_late(struct world *w, void *who, uint16_t arg)
{
	struct txns *t = who;

	(void)arg;
	t->abort_timer = world_timer(w, world_now(w) + config_ms(broker_setting(
		t->broker, BROKER_TXN_ABORT_CHECK_MS)), TXN_ABORT_LATE, t, 0);
	if (!process_runs(t->broker->process))
		return;
	for (uint32_t i = 0; i < t->by_id.count; i++) {
		struct txn *x = t->by_id.entries[i].value;

		if (x && late(w, t, x) && txn_ours(w, t, x->id) == KAFKA_NONE)
			txn_end(w, x, x->producer_id, txn_fence(x), false,
				TXN_AFTER_TIMEOUT, NULL);
	}
}

static bool idle(const struct world *w, const struct txns *t,
		 const struct txn *x)
{
	sim_time limit = config_ms(broker_setting(t->broker,
						  BROKER_TXN_EXPIRATION_MS));

	return !x->pending && (x->state == TXN_EMPTY ||
			       x->state == TXN_COMPLETE_COMMIT ||
			       x->state == TXN_COMPLETE_ABORT) &&
	       txn_clock(w, t) - x->updated_at >= limit;
}

void txn_expire(struct world *w, void *who, uint16_t arg)
{
	struct txns *t = who;

	(void)arg;
	t->expire_timer = world_timer(w, world_now(w) + EXPIRE_EVERY,
				      TXN_EXPIRE, t, 0);
	if (!process_runs(t->broker->process))
		return;
	for (uint32_t i = 0; i < t->by_id.count; i++) {
		struct txn *x = t->by_id.entries[i].value;
		struct txn_move move;

		if (!x || !idle(w, t, x) ||
		    txn_ours(w, t, x->id) != KAFKA_NONE)
			continue;
		move = txn_move_to(w, x, TXN_DEAD);
		txn_write(w, x, &move, TXN_AFTER_EXPIRE, NULL);
	}
}

void txns_start(struct world *w, struct txns *t)
{
	if (agenda_pending(w->state->agenda, &t->abort_timer))
		return;
	t->abort_timer = world_timer(w, world_now(w) + config_ms(broker_setting(
		t->broker, BROKER_TXN_ABORT_CHECK_MS)), TXN_ABORT_LATE, t, 0);
	t->expire_timer = world_timer(w, world_now(w) + EXPIRE_EVERY,
				      TXN_EXPIRE, t, 0);
}

void txns_drop(struct world *w, struct txns *t)
{
	world_cancel(w, &t->abort_timer);
	world_cancel(w, &t->expire_timer);
	txn_peers_drop(w, t->broker);
	for (uint32_t i = 0; i < t->by_id.count; i++)
		if (t->by_id.entries[i].value)
			txn_free(w, t->by_id.entries[i].value);
	map_free(&t->by_id, &w->arena);
	for (uint32_t i = 0; i < t->slots.count; i++)
		t->slots.at[i] = (struct txn_slot){0};
}

/* ProducerStateManager.hasLateTransaction, LATE_TRANSACTION_BUFFER_MS */
bool txn_is_late(const struct world *w, const struct replica *r)
{
	const struct txn_index *x = &r->producers.txns;
	const struct producer_entry *e = x->open.count ?
		producer_states_find(&r->producers, x->open.at[0].producer_id) :
		NULL;

	return e && machine_wall(w, r->broker->process->machine) - e->last_at >
		    SIM_MS(broker_setting(r->broker,
					  BROKER_TXN_MAX_TIMEOUT_MS)) +
		    SIM_MINUTES(5);
}
