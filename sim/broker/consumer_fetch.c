/* consumer_fetch.c - records that come, until a poll hands them out */
#include "sim/broker/consumer.h"

#include <string.h>

#include "sim/broker/compression.h"
#include "sim/broker/isolation.h"

/* metadata.max.age.ms: a follower is read from for so long. */
#define FOLLOWER_MAX_AGE	SIM_MINUTES(5)

/* AbstractFetch.selectReadReplica */
static int32_t reads_from(const struct consumer *c,
			  const struct consumer_position *p)
{
	return p->follower ? p->follower - 1 :
	       client_leader(&c->client, p->partition);
}

void consumer_forget_followers(struct consumer *c, sim_time now, int32_t node)
{
	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];

		if (p->follower && (p->follower_until <= now ||
				    p->follower - 1 == node))
			p->follower = 0;
	}
}

/* AbstractFetch.fetchablePartitions: what was fetched of it is used up. */
static bool fetchable(const struct consumer *c,
		      const struct consumer_position *p, int32_t node)
{
	return p->offset >= 0 && !p->buffered && !p->paused &&
	       reads_from(c, p) == node;
}

/* From here on the partition is in this broker's session.  Simplified: real
 * clients tell the old session what to forget; here its list is sent anew. */
static void enter_session(struct consumer *c, struct consumer_position *p,
			  int32_t node)
{
	if (p->session_node >= 0 && p->session_node != node)
		c->sessions[p->session_node].full = true;
	p->session_node = node;
	p->asked_at = p->offset;
	p->fresh = false;
}

/* An incremental fetch names what the session does not have yet, or has from
 * elsewhere, a seek, a partition that came from another leader; and what it
 * shall forget until it is named again (KIP-227, FetchSessionHandler). */
static void name_parts(struct consumer *c, int32_t node, bool full,
		       struct fetch_request *r)
{
	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];
		bool wanted = fetchable(c, p, node);
		bool had = !full && p->session_node == node;

		if (wanted ? had && !p->fresh : !had) {
			if (!wanted && p->session_node == node)
				p->session_node = -1;
			continue;
		}
		r->parts[r->count++] = (struct fetch_part){
			.partition = p->partition,
			.offset = wanted ? p->offset : -1,
			.leader_epoch = c->client.partitions.at[p->partition]
					.leader_epoch,
			.last_epoch = -1,
		};
		if (wanted)
			enter_session(c, p, node);
		else
			p->session_node = -1;
	}
}

static bool any_fetchable(const struct consumer *c, int32_t node)
{
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (fetchable(c, &c->positions.at[i], node))
			return true;
	return false;
}

/* One fetch at a time of each broker (nodesWithPendingFetchRequests). */
void consumer_fetch(struct world *w, struct consumer *c, int32_t node)
{
	struct consumer_session *s = &c->sessions[node];
	bool full = s->full || !s->number;
	struct fetch_request *r;

	consumer_forget_followers(c, world_now(w), NO_BROKER);
	if (s->in_flight || !any_fetchable(c, node))
		return;
	r = message_new(w, sizeof(*r) + c->positions.count * sizeof(*r->parts),
			MESSAGE_FETCH);
	r->replica = -1;
	r->rack = world_name(w, c->config.client_rack);
	r->read_committed = c->config.read_committed;
	r->session = full ? 0 : s->number;
	r->full = full;
	r->max_wait = SIM_MS(c->config.fetch_max_wait_ms);
	r->min_bytes = (int32_t)c->config.fetch_min_bytes;
	r->max_bytes = (int32_t)c->config.fetch_max_bytes;
	r->partition_max_bytes = (int32_t)c->config.max_partition_fetch_bytes;
	name_parts(c, node, full, r);
	r->req.head.bytes = 80 + 32 * r->count;
	s->full = false;
	if (client_send(w, &c->client, node, &r->req, CONSUMER_TAG_FETCH,
			(uint32_t)node, NULL)) {
		s->in_flight = true;
	} else {
		s->full = true;
		consumer_forget_followers(c, world_now(w), node);
		consumer_try_later(w, c);
	}
}

/* Room of what was handed out is used again once it is half of the row. */
static void tidy_buffer(struct consumer *c)
{
	uint32_t left = c->buffer.count - c->buffer_at;

	if (c->buffer_at < left || !c->buffer_at)
		return;
	memmove(c->buffer.at, c->buffer.at + c->buffer_at,
		left * sizeof(*c->buffer.at));
	c->buffer.count = left;
	c->buffer_at = 0;
}

static void buffer(struct world *w, struct consumer *c,
		   struct consumer_position *mine, const struct fetched_part *p,
		   const struct batch *batches,
		   const struct aborted_txn *aborted)
{
	int64_t at = mine->offset;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct batch *b = &batches[p->first + i];
		struct fetched_batch *f;

		if (b->base_offset + b->count <= at)
			continue;
		/* Simplified: unpacked when it comes, not when it is polled;
		 * nobody waits for that. */
		if (b->codec != CODEC_NONE)
			cpu_spend(w, c->client.host->process,
				  codec_unpack_time(b->codec, codec_unpack(
					b->codec, b->bytes)));
		f = vec_add(&w->arena, &c->buffer);
		*f = (struct fetched_batch){
			.partition = p->partition, .batch = *b,
			.next = (uint32_t)(at > b->base_offset ?
					   at - b->base_offset : 0),
			.skipped = isolation_hides(b, c->config.read_committed,
				aborted + p->first_aborted, p->aborted),
		};
		at = b->base_offset + b->count;
		mine->buffered++;
	}
}

static void out_of_range(struct world *w, struct consumer *c,
			 struct consumer_position *p)
{
	const struct partition *part =
		c->client.cluster->partitions.at[p->partition];

	if (c->config.reset == RESET_NONE) {
		consumer_fail(w, c, "org.apache.kafka.clients.consumer."
			      "OffsetOutOfRangeException", "Fetch position "
			      "FetchPosition{offset=%lld} is out of range for "
			      "partition %s-%u", (long long)p->offset,
			      world_text(w, part->topic->name), part->index);
		return;
	}
	consumer_log(w, c, LOG_INFO, "AbstractFetch", "Fetch position "
		     "FetchPosition{offset=%lld} is out of range for partition "
		     "%s-%u, resetting offset", (long long)p->offset,
		     world_text(w, part->topic->name), part->index);
	consumer_reset(w, c, p);
	consumer_try_later(w, c);
}

/* CompletedFetch.maybeEnsureValid.  Simplified: the real client throws this at
 * its application from poll(); here it tries again. */
static void log_corrupt(struct world *w, struct consumer *c,
			const struct consumer_position *p)
{
	const struct partition *part =
		c->client.cluster->partitions.at[p->partition];

	client_log(w, &c->client, LOG_ERROR, "Record batch for partition %s-%u "
		   "at offset %lld is invalid, cause: Record is corrupt "
		   "(org.apache.kafka.common.errors.CorruptRecordException)",
		   world_text(w, part->topic->name), part->index,
		   (long long)p->offset);
}

static void prefer(struct world *w, struct consumer_position *p, int32_t broker,
		   bool *elsewhere)
{
	p->follower = broker + 1;
	p->follower_until = world_now(w) + FOLLOWER_MAX_AGE;
	*elsewhere = true;
}

static void take_part(struct world *w, struct consumer *c,
		      const struct fetched_part *p, const struct fetch_reply *m,
		      bool *again, bool *elsewhere)
{
	struct consumer_position *mine = consumer_position_of(c, p->partition);

	/* FetchCollector: of another position than the one it has now. */
	if (!mine || mine->offset != mine->asked_at || mine->buffered)
		return;
	if (p->error == KAFKA_OFFSET_OUT_OF_RANGE && !mine->follower) {
		out_of_range(w, c, mine);
	} else if (p->error != KAFKA_NONE) {
		mine->follower = 0;	/* its leader knows better */
		*again = true;
		if (p->error == KAFKA_CORRUPT_MESSAGE)
			log_corrupt(w, c, mine);
	} else {
		mine->high_watermark = c->config.read_committed ?
				       p->last_stable : p->high_watermark;
		buffer(w, c, mine, p, m->batches, m->aborted);
		if (p->preferred != NO_BROKER)
			prefer(w, mine, p->preferred, elsewhere);
	}
}

static void hand_over(struct world *w, struct consumer *c)
{
	if (!c->waiting || c->buffer_at == c->buffer.count || c->failure)
		return;
	c->waiting = false;
	world_call(w, c->ready, c->owner, 0);
}

void consumer_take_fetched(struct world *w, struct consumer *c, int32_t node,
			 const struct fetch_reply *m)
{
	struct consumer_session *s = &c->sessions[node];
	bool again = m->error != KAFKA_NONE, elsewhere = false;

	s->in_flight = false;
	s->number = m->session;
	for (uint32_t i = 0; i < m->part_count; i++)
		take_part(w, c, &m->parts[i], m, &again, &elsewhere);
	if (again) {
		s->full = true;
		client_refresh(w, &c->client);
		consumer_try_later(w, c);
	} else if (elsewhere) {
		consumer_pump(w, c);
	} else if (c->waiting && c->buffer_at == c->buffer.count) {
		consumer_fetch(w, c, node);
	}
	hand_over(w, c);
}

/* Only the position moves past it. */
static void skip(struct fetched_batch *f, struct consumer_position *p)
{
	f->next = f->batch.count;
	p->offset = f->batch.base_offset + f->batch.count;
	p->fresh = true;
	p->buffered--;
}

/* What a paused partition has stays (FetchCollector keeps it aside). */
static bool take_piece(struct consumer *c, struct fetched_batch *f,
		       struct polled *out, int64_t *left)
{
	struct consumer_position *p = consumer_position_of(c, f->partition);
	uint32_t count = f->batch.count - f->next;

	if (!count || !p || p->paused)
		return false;
	if (f->skipped) {
		skip(f, p);
		return false;
	}
	if (count > *left)
		count = (uint32_t)*left;
	*out = (struct polled){ f->partition, f->batch, f->next, count };
	f->next += count;
	*left -= count;
	p->offset = f->batch.base_offset + f->next;
	p->fresh = true;
	p->consumed += count;
	p->buffered -= f->next == f->batch.count;
	c->consumed += count;
	metric_add(c->consumed_metric, count);
	return true;
}

static bool used_up(const struct consumer *c, uint32_t i)
{
	return c->buffer.at[i].next == c->buffer.at[i].batch.count;
}

/* Behind records that stay, too. */
static void drop_used(struct consumer *c)
{
	uint32_t kept = c->buffer_at;

	for (uint32_t i = c->buffer_at; i < c->buffer.count; i++)
		if (!used_up(c, i))
			c->buffer.at[kept++] = c->buffer.at[i];
	c->buffer.count = kept;
}

uint32_t consumer_take_pieces(struct world *w, struct consumer *c,
			      struct polled *out, uint32_t cap)
{
	int64_t left = c->config.max_poll_records;
	uint32_t n = 0, held = 0;

	(void)w;
	for (uint32_t i = c->buffer_at; i < c->buffer.count && n < cap && left;
	     i++) {
		bool got = take_piece(c, &c->buffer.at[i], &out[n], &left);

		n += got;
		held += !got;
	}
	while (c->buffer_at < c->buffer.count && used_up(c, c->buffer_at))
		c->buffer_at++;
	if (held)
		drop_used(c);
	tidy_buffer(c);
	return n;
}

/* What was fetched of a partition counts as handed out. */
void consumer_drop_buffered(struct consumer *c, struct consumer_position *p)
{
	for (uint32_t i = c->buffer_at; i < c->buffer.count; i++)
		if (c->buffer.at[i].partition == p->partition)
			c->buffer.at[i].next = c->buffer.at[i].batch.count;
	p->buffered = 0;
}
