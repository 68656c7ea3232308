/* transform.c - an application that reads, writes, and does both or neither */
#include "sim/stack/transform.h"

#include <assert.h>

#include "sim/broker/records.h"
#include "sim/stack/app.h"
#include "sim/stack/events.h"

#define RESTART_AFTER	SIM_S(1)	/* [E] */

void transform_new(struct world *w, struct app *a, const char *output,
		   const struct producer_config *config)
{
	struct transform *t = world_take(w, struct transform);

	t->app = a;
	t->output = world_name(w, output);
	t->config = *config;
	a->transform = t;
}

void transform_start(struct world *w, struct transform *t)
{
	struct app *a = t->app;
	struct text id = {0};
	struct err err;

	text_addf(&id, "%s-producer", world_text(w, a->name));
	t->producer = producer_new(w, a->host, cluster_of(w), text_cstr(&id),
				   world_text(w, a->bootstrap), &t->config,
				   &err);
	text_free(&id);
	assert(t->producer && t->producer->txn);
	t->producer->owner = t;
	t->producer->txn->done = TRANSFORM_DONE;
	client_want_topic(w, &t->producer->client, t->output);
	producer_txn_init(w, t->producer);
}

void transform_stop(struct world *w, struct transform *t)
{
	world_cancel(w, &t->again);
	vec_free(&w->arena, &t->pieces);
	t->producer = NULL;
}

bool transform_ready(const struct transform *t)
{
	return t->producer && t->producer->txn->state == PRODUCER_TXN_READY;
}

/* Not while it has been put out. */
static void keep_member(struct transform *t)
{
	const struct consumer *c = t->app->consumer;

	if (c->generation < 0)
		return;
	t->member = c->member;
	t->generation = c->generation;
}

void transform_keep(struct world *w, struct transform *t,
		    const struct polled *pieces, uint32_t count)
{
	keep_member(t);
	t->pieces.count = 0;
	for (uint32_t i = 0; i < count; i++)
		*vec_add(&w->arena, &t->pieces) = pieces[i];
}

/* -- one transaction --------------------------------------------------------- */

static void write_piece(struct world *w, struct transform *t,
			const struct polled *piece)
{
	char scratch[RECORD_SCRATCH];
	struct record_view v;

	for (uint32_t i = 0; i < piece->count; i++) {
		record_read(w, cluster_of(w), &piece->batch, piece->first + i,
			    &v, scratch);
		producer_send(w, t->producer, t->output, -1, &(struct record){
			.key = v.key, .key_len = v.key_len,
			.value = v.value, .value_len = v.value_len,
		}, NULL);
	}
}

static struct txn_item *item_of(struct txn_item *items, uint32_t *count,
				uint32_t partition)
{
	for (uint32_t i = 0; i < *count; i++)
		if (items[i].partition == partition)
			return &items[i];
	items[*count].partition = partition;
	return &items[(*count)++];
}

static bool owns_pieces(const struct transform *t)
{
	for (uint32_t i = 0; i < t->pieces.count; i++)
		if (!consumer_position_of(t->app->consumer,
					  t->pieces.at[i].partition))
			return false;
	return true;
}

/* Up to behind the last record of each partition. */
static void send_offsets(struct world *w, struct transform *t)
{
	const struct consumer *c = t->app->consumer;
	struct txn_item items[APP_PIECES] = {{0}};
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->pieces.count; i++) {
		const struct polled *p = &t->pieces.at[i];

		item_of(items, &n, p->partition)->offset =
			p->batch.base_offset + p->first + p->count;
	}
	/* KIP-848: epochs rise while it works; AsyncKafkaConsumer's
	 * groupMetadata follows its heartbeats. */
	if (c->config.remote && owns_pieces(t))
		keep_member(t);
	producer_txn_send_offsets(w, t->producer, c->group, t->member,
				  t->generation, items, n);
}

void transform_write(struct world *w, struct transform *t)
{
	if (!t->producer || !producer_txn_begin(t->producer))
		return;
	for (uint32_t i = 0; i < t->pieces.count; i++)
		write_piece(w, t, &t->pieces.at[i]);
	send_offsets(w, t);
}

/* -- what came of it ----------------------------------------------------------- */

static void log_failure(struct world *w, struct transform *t,
			const struct producer_txn_result *r)
{
	log_write(w, t->app->host->process, LOG_ERROR, "[%s] %s: %s",
		  world_text(w, t->app->name), r->class, r->text);
}

void transform_again(struct world *w, void *who, uint16_t arg)
{
	struct transform *t = who;

	(void)arg;
	t->again = (struct timer){0};
	transform_start(w, t);
}

/* Only another producer helps. */
static void replace(struct world *w, struct transform *t)
{
	t->fenced++;
	producer_close(w, t->producer);
	t->producer = NULL;
	consumer_back_to_committed(w, t->app->consumer);
	t->again = world_timer(w, world_now(w) + RESTART_AFTER,
			       TRANSFORM_AGAIN, t, 0);
}

static void failed(struct world *w, struct transform *t,
		   const struct producer_txn_result *r)
{
	bool late = t->producer->txn->state == PRODUCER_TXN_COMMITTING ||
		    t->producer->txn->state == PRODUCER_TXN_ABORTING;

	log_failure(w, t, r);
	if (r->fatal)
		replace(w, t);
	else if (r->call == PRODUCER_TXN_INIT)
		producer_txn_init(w, t->producer);
	else if (r->call == PRODUCER_TXN_COMMIT && late)
		producer_txn_commit(w, t->producer);
	else
		producer_txn_abort(w, t->producer);
}

void transform_done(struct world *w, void *who, uint16_t arg)
{
	const struct producer_txn_result *r = who;
	struct transform *t = r->producer->owner;

	(void)arg;
	if (!r->ok) {
		failed(w, t, r);
	} else if (r->call == PRODUCER_TXN_OFFSETS) {
		producer_txn_commit(w, t->producer);
	} else {
		if (r->call == PRODUCER_TXN_ABORT)
			consumer_back_to_committed(w, t->app->consumer);
		app_ready(w, t->app, 0);
	}
}
