/* producer_txn.c - a producer's transactions: what is called, what it came to */
#include "sim/broker/producer_txn_inside.h"

#include <stdio.h>
#include <string.h>

void producer_txn_new(struct world *w, struct producer *p)
{
	if (!p->config.transactional_id[0])
		return;
	p->txn = world_take(w, struct producer_txn);
	p->txn->id = world_name(w, p->config.transactional_id);
	p->txn->coordinator = p->txn->group_coordinator = NO_BROKER;
}

void producer_txn_drop(struct world *w, struct producer *p)
{
	if (!p->txn)
		return;
	world_cancel(w, &p->txn->tell);
	vec_free(&w->arena, &p->txn->offsets.items);
	world_give(w, p->txn);
	p->txn = NULL;
}

bool producer_txn_takes(const struct producer *p)
{
	return !p->txn || p->txn->state == PRODUCER_TXN_OPEN;
}

bool producer_txn_is_fatal(const struct producer *p)
{
	return p->txn && p->txn->state == PRODUCER_TXN_FATAL;
}

bool producer_txn_allows(const struct producer *p,
			 const struct producer_lane *lane)
{
	return !p->txn || (p->txn->state != PRODUCER_TXN_FATAL &&
			   (lane->in_txn || p->config.plants_unadded));
}

/* -- what a call came to ----------------------------------------------------- */

static void tell_soon(struct world *w, struct producer *p, bool ok,
		      const struct producer_txn_error *e)
{
	struct producer_txn *t = p->txn;

	if (t->call == PRODUCER_TXN_IDLE)
		return;
	t->told_call = t->call;
	t->told_ok = ok;
	if (e)
		t->told = *e;
	t->call = PRODUCER_TXN_IDLE;
	world_cancel(w, &t->tell);
	t->tell = world_timer(w, world_now(w), PRODUCER_TXN_TELL, p, 0);
}

void producer_txn_tell(struct world *w, void *who, uint16_t arg)
{
	struct producer *p = who;
	struct producer_txn *t = p->txn;
	struct producer_txn_result r = {
		.producer = p, .call = t->told_call, .ok = t->told_ok,
		.fatal = t->state == PRODUCER_TXN_FATAL,
		.class = t->told.class, .text = t->told.text,
	};

	(void)arg;
	t->tell = (struct timer){0};
	if (p->client.host->process->state == PROCESS_HUNG)
		t->tell = world_timer(w, world_now(w) + SIM_MS(100),
				      PRODUCER_TXN_TELL, p, 0);
	else if (t->done)
		world_call(w, t->done, &r, 0);
}

void producer_txn_done(struct world *w, struct producer *p)
{
	tell_soon(w, p, true, NULL);
}

void txn_error_set(struct producer_txn_error *e, const char *class,
		   const char *text)
{
	snprintf(e->class, sizeof(e->class), "%s", class);
	snprintf(e->text, sizeof(e->text), "%s", text);
}

static void log_error_state(struct world *w, struct producer *p,
			    const char *which)
{
	const struct producer_txn_error *e = &p->txn->last;
	bool of_kafka = !strcmp(e->class, "KafkaException");

	client_log(w, &p->client, LOG_INFO, "Transiting to %s error state due "
		   "to org.apache.kafka.common.%s%s: %s (org.apache.kafka."
		   "clients.producer.internals.TransactionManager)", which,
		   of_kafka ? "" : "errors.", e->class, e->text);
}

void producer_txn_fatal(struct world *w, struct producer *p, const char *class,
			const char *text)
{
	struct producer_txn *t = p->txn;

	txn_error_set(&t->last, class, text);
	t->state = PRODUCER_TXN_FATAL;
	log_error_state(w, p, "fatal");
	tell_soon(w, p, false, &t->last);
}

void producer_txn_abortable(struct world *w, struct producer *p,
			    const char *class, const char *text)
{
	struct producer_txn *t = p->txn;

	if (t->state == PRODUCER_TXN_ABORTING ||
	    t->state == PRODUCER_TXN_ABORTABLE ||
	    t->state == PRODUCER_TXN_FATAL)
		return;
	txn_error_set(&t->last, class, text);
	t->state = PRODUCER_TXN_ABORTABLE;
	t->offsets.due = false;
	log_error_state(w, p, "abortable");
	tell_soon(w, p, false, &t->last);
}

static bool last_is(const struct producer_txn *t, const char *class)
{
	return !strcmp(t->last.class, class);
}

/* maybeFailWithError: what every call throws from then on */
static void fail_call(struct world *w, struct producer *p)
{
	static const char *const fenced = " has been fenced by another producer "
					  "with the same transactionalId";
	static const char *const old = " attempted to produce with an old epoch";
	struct producer_txn *t = p->txn;
	struct producer_txn_error e = t->last;
	bool is_old = last_is(t, "InvalidProducerEpochException");

	if (t->state != PRODUCER_TXN_FATAL && t->state != PRODUCER_TXN_ABORTABLE)
		txn_error_set(&e, "IllegalStateException", "Invalid transition "
			      "attempted between states of a transaction");
	else if (is_old || last_is(t, "ProducerFencedException"))
		snprintf(e.text, sizeof(e.text), "Producer with transactionalId "
			 "'%.60s' and ProducerIdAndEpoch(producerId=%lld, "
			 "epoch=%d)%s", world_text(w, t->id),
			 (long long)p->identity.id, p->identity.epoch,
			 is_old ? old : fenced);
	else
		txn_error_set(&e, "KafkaException", "Cannot execute "
			      "transactional method because we are in an error "
			      "state");
	tell_soon(w, p, false, &e);
}

/* -- calls -------------------------------------------------------------------- */

static void begin_call(struct world *w, struct producer *p,
		       enum producer_txn_call call)
{
	p->txn->call = call;
	p->txn->since = world_now(w);
	producer_wake(w, p, world_now(w));
	producer_wake(w, p, world_now(w) + config_ms(p->config.max_block_ms));
}

void producer_txn_init(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;

	begin_call(w, p, PRODUCER_TXN_INIT);
	if (t->state != PRODUCER_TXN_NONE &&
	    t->state != PRODUCER_TXN_INITIALIZING) {
		fail_call(w, p);
		return;
	}
	t->state = PRODUCER_TXN_INITIALIZING;
	client_log(w, &p->client, LOG_INFO, "Invoking InitProducerId for the "
		   "first time in order to acquire a producer ID (org.apache."
		   "kafka.clients.producer.internals.TransactionManager)");
	client_refresh(w, &p->client);
}

bool producer_txn_begin(struct producer *p)
{
	if (p->txn->state != PRODUCER_TXN_READY)
		return false;
	p->txn->state = PRODUCER_TXN_OPEN;
	return true;
}

void producer_txn_send_offsets(struct world *w, struct producer *p,
			       name_id group, name_id member,
			       int32_t generation, const struct txn_item *items,
			       uint32_t count)
{
	struct producer_txn *t = p->txn;

	begin_call(w, p, PRODUCER_TXN_OFFSETS);
	if (t->state != PRODUCER_TXN_OPEN) {
		fail_call(w, p);
		return;
	}
	vec_free(&w->arena, &t->offsets.items);
	for (uint32_t i = 0; i < count; i++)
		*vec_add(&w->arena, &t->offsets.items) = items[i];
	t->offsets.group = group;
	t->offsets.member = member;
	t->offsets.generation = generation;
	t->offsets.due = true;
	t->offsets.added = false;
}

void producer_txn_commit(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;

	begin_call(w, p, PRODUCER_TXN_COMMIT);
	if (t->state != PRODUCER_TXN_OPEN &&
	    t->state != PRODUCER_TXN_COMMITTING) {
		fail_call(w, p);
		return;
	}
	t->state = PRODUCER_TXN_COMMITTING;
	producer_flush(w, p);
}

void producer_txn_abort(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;

	begin_call(w, p, PRODUCER_TXN_ABORT);
	if (t->state != PRODUCER_TXN_OPEN &&
	    t->state != PRODUCER_TXN_ABORTABLE &&
	    t->state != PRODUCER_TXN_ABORTING) {
		fail_call(w, p);
		return;
	}
	t->state = PRODUCER_TXN_ABORTING;
	t->offsets.due = false;
}

/* TransactionalRequestResult.await */
void producer_txn_check_time(struct world *w, struct producer *p)
{
	static const char *const awaited[] = {
		[PRODUCER_TXN_INIT] = "InitProducerId",
		[PRODUCER_TXN_OFFSETS] = "AddOffsetsToTxn",
		[PRODUCER_TXN_COMMIT] = "EndTxn(true)",
		[PRODUCER_TXN_ABORT] = "EndTxn(false)",
	};
	struct producer_txn *t = p->txn;
	sim_time end = t->since + config_ms(p->config.max_block_ms);
	struct producer_txn_error e;

	if (t->call == PRODUCER_TXN_IDLE)
		return;
	if (world_now(w) < end) {
		producer_wake(w, p, end);
		return;
	}
	snprintf(e.class, sizeof(e.class), "TimeoutException");
	snprintf(e.text, sizeof(e.text), "Timeout expired after %lldms while "
		 "awaiting %s", (long long)p->config.max_block_ms,
		 awaited[t->call]);
	tell_soon(w, p, false, &e);
}

/* -- batches that failed ----------------------------------------------------- */

void producer_txn_batch_failed(struct world *w, struct producer *p,
			       enum kafka_error error, bool expired)
{
	struct producer_txn *t = p->txn;

	if (!t || t->state == PRODUCER_TXN_ABORTING ||
	    t->state == PRODUCER_TXN_FATAL)
		return;
	if (error == KAFKA_PRODUCER_FENCED) {
		producer_txn_fatal(w, p, kafka_error_class(error),
				   kafka_error_text(error));
		return;
	}
	t->bump = true;
	producer_txn_abortable(w, p, expired ? "TimeoutException" :
			       kafka_error_class(error), expired ?
			       "Expiring record(s): delivery.timeout.ms has "
			       "passed since batch creation" :
			       kafka_error_text(error));
}

void producer_txn_gap(struct world *w, struct producer *p)
{
	p->txn->bump = true;
	producer_txn_abortable(w, p, "KafkaException", "The client hasn't "
			       "received acknowledgment for some previously sent "
			       "messages and can no longer retry them. It is safe "
			       "to abort the transaction and continue.");
}
