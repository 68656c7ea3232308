/* producer_txn_ask.c - a producer's transactions: what coordinators are asked
 *
 * In this order: who they are, an id, partitions, offsets, the end
 * (TransactionManager.TxnRequestHandler.Priority).
 */
#include "sim/broker/producer_txn_inside.h"

/* ADD_PARTITIONS_RETRY_BACKOFF_MS: the last transaction is just ending. */
#define FIRST_ADD_BACKOFF	SIM_MS(20)

/* What is under way: `about` of a request with PRODUCER_TAG_TXN. */

static void later(struct world *w, struct producer *p, sim_time wait)
{
	p->txn->ask_at = world_now(w) + wait;
	producer_wake(w, p, p->txn->ask_at);
}

static void retry(struct world *w, struct producer *p)
{
	later(w, p, client_backoff(&p->client, p->txn->attempts++));
}

static struct txn_request *request(struct world *w, const struct producer *p,
				   enum txn_api api, uint32_t items)
{
	struct txn_request *m = txn_request_new(w, api, items);

	m->transactional_id = p->txn->id;
	m->producer_id = p->identity.id;
	m->epoch = p->identity.epoch;
	return m;
}

static void send(struct world *w, struct producer *p, int32_t *node,
		 struct request *r, uint16_t tag, uint32_t api)
{
	p->txn->asked = client_send(w, &p->client, *node, r, tag, api, NULL);
	if (p->txn->asked)
		return;
	*node = NO_BROKER;
	client_refresh(w, &p->client);
	retry(w, p);
}

static void ask(struct world *w, struct producer *p, struct txn_request *m)
{
	send(w, p, &p->txn->coordinator, &m->req, PRODUCER_TAG_TXN, m->api);
}

static int32_t any_node(struct world *w, struct producer *p)
{
	const struct client *c = &p->client;
	uint32_t from = c->node_count ?
		(uint32_t)luck_below(&p->client.luck, c->node_count) : 0;

	for (uint32_t i = 0; i < c->node_count; i++) {
		uint32_t node = (from + i) % c->node_count;

		if (c->nodes[node].alive &&
		    c->nodes[node].retry_at <= world_now(w))
			return (int32_t)node;
	}
	return NO_BROKER;
}

static void find_coordinator(struct world *w, struct producer *p)
{
	int32_t node = any_node(w, p);

	send(w, p, &node, &request(w, p, TXN_FIND_COORDINATOR, 0)->req,
	     PRODUCER_TAG_TXN, TXN_FIND_COORDINATOR);
}

static void find_group(struct world *w, struct producer *p)
{
	struct group_request *m = message_new(w, sizeof(*m), MESSAGE_GROUP);
	int32_t node = any_node(w, p);

	m->api = GROUP_FIND_COORDINATOR;
	m->group = p->txn->offsets.group;
	m->req.head.bytes = 100;
	send(w, p, &node, &m->req, PRODUCER_TAG_GROUP, 0);
}

/* -- what is due -------------------------------------------------------------- */

static bool joins(const struct producer_lane *lane)
{
	return lane->head && !lane->in_txn;
}

static uint32_t count_joining(const struct producer *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->lanes.count; i++)
		n += joins(p->lanes.at[i]);
	return n;
}

static void add_partitions(struct world *w, struct producer *p, uint32_t count)
{
	struct txn_request *m = request(w, p, TXN_ADD_PARTITIONS, count);

	for (uint32_t i = 0; i < p->lanes.count; i++)
		if (joins(p->lanes.at[i]))
			m->items[m->count++].partition =
				p->lanes.at[i]->partition;
	ask(w, p, m);
}

static void add_offsets(struct world *w, struct producer *p)
{
	struct txn_request *m = request(w, p, TXN_ADD_OFFSETS, 0);

	m->group = p->txn->offsets.group;
	ask(w, p, m);
}

static void commit_offsets(struct world *w, struct producer *p)
{
	struct producer_txn_offsets *o = &p->txn->offsets;
	struct txn_request *m = request(w, p, TXN_OFFSET_COMMIT,
					o->items.count);

	m->group = o->group;
	m->member = o->member;
	m->generation = o->generation;
	for (uint32_t i = 0; i < o->items.count; i++)
		m->items[m->count++] = o->items.at[i];
	send(w, p, &p->txn->group_coordinator, &m->req, PRODUCER_TAG_TXN,
	     m->api);
}

static void send_offsets(struct world *w, struct producer *p)
{
	if (!p->txn->offsets.added)
		add_offsets(w, p);
	else if (p->txn->group_coordinator == NO_BROKER)
		find_group(w, p);
	else
		commit_offsets(w, p);
}

static void init(struct world *w, struct producer *p)
{
	struct txn_request *m = request(w, p, TXN_INIT, 0);

	m->timeout = SIM_MS(p->config.txn_timeout_ms);
	if (p->txn->state == PRODUCER_TXN_ABORTING)
		client_log(w, &p->client, LOG_INFO, "Invoking InitProducerId "
			   "with current producer ID and epoch ProducerIdAndEpoch"
			   "(producerId=%lld, epoch=%d) in order to bump the "
			   "epoch (org.apache.kafka.clients.producer.internals."
			   "TransactionManager)", (long long)p->identity.id,
			   p->identity.epoch);
	ask(w, p, m);
}

/* completeTransaction */
static void complete(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;

	if (t->state == PRODUCER_TXN_COMMITTING)
		t->committed++;
	else
		t->aborted++;
	t->state = PRODUCER_TXN_READY;
	t->started = t->bump = t->lost_id = false;
	p->flushing = false;
	for (uint32_t i = 0; i < p->lanes.count; i++)
		p->lanes.at[i]->in_txn = false;
	producer_txn_done(w, p);
}

/* Every batch has its fate: say how it ends, unless nothing was ever part of
 * it.  After an abort the epoch may have to be raised. */
static void end(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;
	struct txn_request *m;

	if (!t->started || t->lost_id) {
		if (t->bump || t->lost_id)
			init(w, p);
		else
			complete(w, p);
		return;
	}
	m = request(w, p, TXN_END, 0);
	m->commit = t->state == PRODUCER_TXN_COMMITTING;
	ask(w, p, m);
}

static void ask_next(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;
	bool sends = t->state == PRODUCER_TXN_OPEN ||
		     t->state == PRODUCER_TXN_COMMITTING;
	uint32_t joining = sends && !p->config.plants_unadded ?
			   count_joining(p) : 0;

	if (t->coordinator == NO_BROKER)
		find_coordinator(w, p);
	else if (t->state == PRODUCER_TXN_INITIALIZING)
		init(w, p);
	else if (joining)
		add_partitions(w, p, joining);
	else if (sends && t->offsets.due)
		send_offsets(w, p);
	else if (t->state == PRODUCER_TXN_COMMITTING && producer_idle(p))
		end(w, p);
	else if (t->state == PRODUCER_TXN_ABORTING && producer_idle(p))
		end(w, p);
}

void producer_txn_step(struct world *w, struct producer *p)
{
	struct producer_txn *t = p->txn;

	if (!t)
		return;
	producer_txn_check_time(w, p);
	if (t->state == PRODUCER_TXN_ABORTING || t->state == PRODUCER_TXN_FATAL)
		sender_abort(w, p, t->state == PRODUCER_TXN_FATAL);
	if (t->state == PRODUCER_TXN_NONE || t->state == PRODUCER_TXN_FATAL ||
	    !p->client.node_count || t->asked)
		return;
	if (t->ask_at > world_now(w))
		producer_wake(w, p, t->ask_at);
	else
		ask_next(w, p);
}

/* -- answers ------------------------------------------------------------------ */

static void took_id(struct world *w, struct producer *p,
		    const struct txn_answer *a)
{
	struct producer_txn *t = p->txn;

	p->identity.id = a->producer_id;
	p->identity.epoch = a->epoch;
	client_log(w, &p->client, LOG_INFO, "ProducerId set to %lld with epoch "
		   "%d (org.apache.kafka.clients.producer.internals."
		   "TransactionManager)", (long long)a->producer_id, a->epoch);
	if (t->state == PRODUCER_TXN_ABORTING) {
		complete(w, p);
		return;
	}
	t->state = PRODUCER_TXN_READY;
	producer_txn_done(w, p);
}

static void took_parts(struct producer *p, const struct txn_answer *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		struct producer_lane *lane =
			producer_lane(p, a->items[i].partition);

		if (lane)
			lane->in_txn = true;
	}
	p->txn->started = true;
}

static void took(struct world *w, struct producer *p, const struct txn_answer *a)
{
	struct producer_txn *t = p->txn;

	t->attempts = 0;
	switch (a->api) {
	case TXN_FIND_COORDINATOR:
		t->coordinator = a->coordinator;
		p->client.nodes[a->coordinator].host = a->coordinator_host;
		p->client.nodes[a->coordinator].port = a->coordinator_port;
		client_log(w, &p->client, LOG_INFO, "Discovered transaction "
			   "coordinator %s:%u (id: %d rack: null) (org.apache."
			   "kafka.clients.producer.internals.TransactionManager)",
			   world_text(w, a->coordinator_host),
			   a->coordinator_port,
			   p->client.cluster->brokers.at[a->coordinator]
				   ->node_id);
		break;
	case TXN_INIT:
		took_id(w, p, a);
		break;
	case TXN_ADD_PARTITIONS:
		took_parts(p, a);
		break;
	case TXN_ADD_OFFSETS:
		t->offsets.added = t->started = true;
		break;
	case TXN_OFFSET_COMMIT:
		t->offsets.due = false;
		producer_txn_done(w, p);
		break;
	case TXN_END:
		t->started = false;
		if (!t->bump)
			complete(w, p);
		break;
	default:
		break;
	}
}

static void fail_as(struct world *w, struct producer *p, enum kafka_error e,
		    void (*how)(struct world *, struct producer *,
				const char *, const char *))
{
	how(w, p, kafka_error_class(e), kafka_error_text(e));
}

/* The member or its generation is not the group's (any more). */
static void mismatch(struct world *w, struct producer *p, enum kafka_error e)
{
	struct text t = {0};

	text_addf(&t, "Transaction offset Commit failed due to consumer group "
		  "metadata mismatch: %s", kafka_error_text(e));
	producer_txn_abortable(w, p, "CommitFailedException", text_cstr(&t));
	text_free(&t);
}

static void coordinator_lost(struct world *w, struct producer *p,
			     enum txn_api api)
{
	if (api == TXN_OFFSET_COMMIT)
		p->txn->group_coordinator = NO_BROKER;
	else
		p->txn->coordinator = NO_BROKER;
	retry(w, p);
}

static void unexpected(struct world *w, struct producer *p,
		       const struct txn_answer *a)
{
	static const char *const where[] = {
		[TXN_INIT] = "Unexpected error in InitProducerIdResponse; ",
		[TXN_ADD_OFFSETS] = "Unexpected error in "
				    "AddOffsetsToTxnResponse: ",
		[TXN_OFFSET_COMMIT] = "Unexpected error in "
				      "TxnOffsetCommitResponse: ",
		[TXN_END] = "Unhandled error in EndTxnResponse: ",
		[TXN_ADD_PARTITIONS] = "Could not add partitions to transaction "
				       "due to errors: ",
		[TXN_FIND_COORDINATOR] = "Could not find a coordinator with type "
					 "TRANSACTION due to unexpected error: ",
	};
	struct text t = {0};

	text_addf(&t, "%s%s", where[a->api], kafka_error_text(a->error));
	producer_txn_fatal(w, p, "KafkaException", text_cstr(&t));
	text_free(&t);
}

/* What the handlers of the Java client do with each error. */
static void failed(struct world *w, struct producer *p,
		   const struct txn_answer *a)
{
	struct producer_txn *t = p->txn;

	switch (a->error) {
	case KAFKA_COORDINATOR_NOT_AVAILABLE:
	case KAFKA_NOT_COORDINATOR:
		coordinator_lost(w, p, a->api);
		break;
	case KAFKA_CONCURRENT_TRANSACTIONS:
		if (a->api == TXN_ADD_PARTITIONS && !t->started)
			later(w, p, FIRST_ADD_BACKOFF);
		else
			retry(w, p);
		break;
	case KAFKA_INVALID_PRODUCER_EPOCH:
	case KAFKA_PRODUCER_FENCED:
		fail_as(w, p, KAFKA_PRODUCER_FENCED, producer_txn_fatal);
		break;
	case KAFKA_INVALID_PRODUCER_ID_MAPPING:
		t->bump = t->lost_id = true;
		fail_as(w, p, a->error, producer_txn_abortable);
		break;
	case KAFKA_INVALID_TXN_STATE:
		fail_as(w, p, a->error, producer_txn_fatal);
		break;
	case KAFKA_UNKNOWN_MEMBER_ID:
	case KAFKA_ILLEGAL_GENERATION:
		mismatch(w, p, a->error);
		break;
	case KAFKA_TRANSACTION_ABORTABLE:
	case KAFKA_FENCED_INSTANCE_ID:
		fail_as(w, p, a->error, producer_txn_abortable);
		break;
	default:
		if (kafka_error_retriable(a->error))
			retry(w, p);
		else
			unexpected(w, p, a);
		break;
	}
}

static void took_group(struct world *w, struct producer *p,
		       const struct group_answer *a)
{
	if (a->error != KAFKA_NONE) {
		retry(w, p);
		return;
	}
	p->txn->group_coordinator = a->coordinator;
	p->client.nodes[a->coordinator].host = a->coordinator_host;
	p->client.nodes[a->coordinator].port = a->coordinator_port;
}

void producer_txn_answered(struct world *w, struct producer *p,
			   const struct in_flight *f, const struct message *m)
{
	const struct txn_answer *a = (const struct txn_answer *)m;

	if (!p->txn)
		return;
	p->txn->asked = false;
	if (p->txn->state == PRODUCER_TXN_FATAL)
		return;
	if (!m && f->tag == PRODUCER_TAG_GROUP)
		retry(w, p);
	else if (!m)		/* disconnected: it may be another by now */
		coordinator_lost(w, p, (enum txn_api)f->about);
	else if (f->tag == PRODUCER_TAG_GROUP)
		took_group(w, p, (const struct group_answer *)m);
	else if (a->error == KAFKA_NONE)
		took(w, p, a);
	else
		failed(w, p, a);
}
