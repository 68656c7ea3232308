/* admin_txn.c - administrative requests about transactions */
#include "sim/broker/admin_txn.h"

#include <stdlib.h>
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/txn.h"
#include "sim/core/args.h"

struct ask {
	struct world *w;
	struct broker *b;
	const char *args;
	struct text *json;
};

static enum kafka_error refuse(struct ask *a, enum kafka_error error)
{
	text_clear(a->json);
	text_add(a->json, kafka_error_text(error));
	return error;
}

static void comma(struct text *t)
{
	if (t->len && !strchr("[{", t->at[t->len - 1]))
		text_char(t, ',');
}

/* -- transactions ------------------------------------------------------------ */

/* Is the number in the list a,b,c; an empty list has all. */
static bool listed(const char *list, int64_t number)
{
	char item[32];

	if (!*list)
		return true;
	while (admin_item(&list, item, sizeof(item)))
		if (strtoll(item, NULL, 10) == number)
			return true;
	return false;
}

/* TransactionStateManager.listTransactionStates: not those about to be
 * forgotten; with a duration, what has been open for longer. */
static bool wanted(const struct ask *a, const struct txn *x, int64_t longer_ms,
		   const char *producers)
{
	int64_t open_ms = (txn_clock(a->w, a->b->txns) - x->started_at) /
			  SIM_MS(1);

	if (x->state == TXN_DEAD || txn_ours(a->w, a->b->txns, x->id) !=
				    KAFKA_NONE)
		return false;
	if (longer_ms >= 0 && (x->started_at < 0 || open_ms <= longer_ms))
		return false;
	return listed(producers, x->producer_id);
}

static enum kafka_error list_transactions(struct ask *a)
{
	const struct txns *t = a->b->txns;
	int64_t longer = args_int(a->args, "duration", -1);
	struct text producers = {0};

	args_bytes(a->args, "producers", &producers);
	text_add(a->json, "{\"transactions\":[");
	for (uint32_t i = 0; i < t->by_id.count; i++) {
		const struct txn *x = t->by_id.entries[i].value;

		if (!x || !wanted(a, x, longer, text_cstr(&producers)))
			continue;
		comma(a->json);
		text_add(a->json, "{\"id\":");
		text_json(a->json, world_text(a->w, x->id));
		text_addf(a->json, ",\"producer_id\":%lld,\"state\":\"%s\"}",
			  (long long)x->producer_id, txn_state_name(x->state));
	}
	text_add(a->json, "]}");
	text_free(&producers);
	return KAFKA_NONE;
}

static void describe_parts(struct ask *a, const struct txn *x)
{
	text_add(a->json, ",\"partitions\":[");
	for (uint32_t i = 0; i < x->parts.count; i++) {
		const struct partition *p = a->b->cluster->partitions.at[
			x->parts.at[i].partition];

		comma(a->json);
		text_add(a->json, "{\"topic\":");
		text_json(a->json, world_text(a->w, p->topic->name));
		text_addf(a->json, ",\"partition\":%u}", p->index);
	}
	text_add(a->json, "]}");
}

static enum kafka_error describe_transaction(struct ask *a)
{
	struct text name = {0};
	const struct txn *x;
	enum kafka_error error;
	name_id id;

	args_bytes(a->args, "txn", &name);
	id = world_name(a->w, text_cstr(&name));
	text_free(&name);
	error = txn_ours(a->w, a->b->txns, id);
	if (error != KAFKA_NONE)
		return refuse(a, error);
	x = txn_find(a->b->txns, id);
	if (!x || x->state == TXN_DEAD)
		return refuse(a, KAFKA_TRANSACTIONAL_ID_NOT_FOUND);
	text_addf(a->json, "{\"coordinator\":%d,\"producer_id\":%lld,"
		  "\"epoch\":%d,\"state\":\"%s\",\"timeout_ms\":%lld,"
		  "\"start_ms\":%lld", a->b->node_id, (long long)x->producer_id,
		  x->epoch, txn_state_name(x->state),
		  (long long)(x->timeout / SIM_MS(1)), x->started_at < 0 ? -1LL :
		  (long long)sim_wall_ms(x->started_at));
	describe_parts(a, x);
	return KAFKA_NONE;
}

enum kafka_error admin_txn_coordinator(struct world *w, const struct broker *b,
				       const char *id, int32_t *node)
{
	const struct partition_state *s;
	uint32_t partition;

	if (!txn_state_partition(w, b->cluster, world_name(w, id), &partition))
		return KAFKA_COORDINATOR_NOT_AVAILABLE;
	s = view_partition(&b->view, partition);
	if (s->leader == NO_BROKER)
		return KAFKA_COORDINATOR_NOT_AVAILABLE;
	*node = b->cluster->brokers.at[s->leader]->node_id;
	return KAFKA_NONE;
}

/* -- producers ---------------------------------------------------------------- */

static void describe_producer(struct ask *a, const struct partition *p,
			      const struct producer_entry *e)
{
	comma(a->json);
	text_add(a->json, "{\"topic\":");
	text_json(a->json, world_text(a->w, p->topic->name));
	text_addf(a->json, ",\"partition\":%u,\"producer_id\":%lld,\"epoch\":%d,"
		  "\"coordinator_epoch\":%d,\"last_sequence\":%d,"
		  "\"last_timestamp\":%lld,\"start\":%lld}", p->index,
		  (long long)e->id, e->epoch, e->coordinator_epoch,
		  e->count ? e->batches[e->count - 1].last : -1,
		  (long long)sim_wall_ms(e->last_at), (long long)e->txn_first);
}

static enum kafka_error describe_partition(struct ask *a, const char *topic,
					   uint32_t index, bool any_replica)
{
	const struct partition *p = cluster_partition(a->w, a->b->cluster,
						      topic, index);
	const struct replica *r = p ? broker_replica(a->b, p->id) : NULL;
	const struct map *all;

	if (!p || !view_knows_topic(&a->b->view, p->topic->id))
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	if (!r || (!any_replica && r->role != REPLICA_LEADER))
		return KAFKA_NOT_LEADER_OR_FOLLOWER;
	all = &r->producers.by_id;
	for (uint32_t i = 0; i < all->count; i++)
		if (all->entries[i].value)
			describe_producer(a, p, all->entries[i].value);
	return KAFKA_NONE;
}

static enum kafka_error describe_producers(struct ask *a)
{
	bool any = args_has(a->args, "broker");
	enum kafka_error error = KAFKA_NONE;
	char item[300], topic[256];
	struct text list = {0};
	const char *at;
	uint32_t index;

	text_add(a->json, "{\"producers\":[");
	args_bytes(a->args, "partitions", &list);
	at = text_cstr(&list);
	while (error == KAFKA_NONE && admin_item(&at, item, sizeof(item)))
		if (admin_partition(item, topic, sizeof(topic), &index))
			error = describe_partition(a, topic, index, any);
	text_free(&list);
	text_add(a->json, "]}");
	return error == KAFKA_NONE ? error : refuse(a, error);
}

bool admin_txn(struct world *w, struct broker *b, const char *api,
	       const char *args, struct text *json, enum kafka_error *error)
{
	static const struct {
		const char *api;
		enum kafka_error (*run)(struct ask *a);
	} handlers[] = {
		{ "list-transactions", list_transactions },
		{ "describe-transaction", describe_transaction },
		{ "describe-producers", describe_producers },
		{ "describe-producers-on", describe_producers },
	};
	struct ask a = { .w = w, .b = b, .args = args, .json = json };

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (!strcmp(handlers[i].api, api)) {
			*error = handlers[i].run(&a);
			return true;
		}
	return false;
}

/* -- aborting ------------------------------------------------------------------ */

static const struct partition *named(struct world *w, const struct broker *b,
				     const char *args)
{
	char item[300], topic[256];
	uint32_t index;

	args_text(args, "partitions", item, sizeof(item));
	return admin_partition(item, topic, sizeof(topic), &index) ?
	       cluster_partition(w, b->cluster, topic, index) : NULL;
}

bool admin_txn_aborts(struct world *w, struct broker *b,
		      struct text_message *m)
{
	const struct partition *p;
	struct txn_request *r;
	char api[64];

	args_text(m->text, "api", api, sizeof(api));
	if (strcmp(api, "abort-transaction"))
		return false;
	p = named(w, b, m->text);
	if (!p) {
		admin_txn_aborted(w, b, m, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
		return true;
	}
	r = txn_request_new(w, TXN_WRITE_MARKERS, 1);
	r->producer_id = args_int(m->text, "producer-id", -1);
	r->epoch = (int16_t)args_int(m->text, "epoch", -1);
	r->coordinator_epoch = (int32_t)args_int(m->text, "coordinator-epoch",
						 0);
	r->items[r->count++].partition = p->id;
	txn_markers_write(w, b, r, m);
	return true;
}

void admin_txn_aborted(struct world *w, struct broker *b,
		       struct text_message *m, enum kafka_error error)
{
	bool runs = process_runs(b->process);

	if (runs && error == KAFKA_NONE)
		admin_answer(w, b->process, m->req.head.from,
			     m->req.correlation, error, "{}");
	else if (runs)
		admin_refuse(w, b->process, m->req.head.from,
			     m->req.correlation, error,
			     kafka_error_text(error));
	message_free(w, &m->req.head);
}
