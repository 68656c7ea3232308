/* fetcher.c - a follower reads from its leaders
 *
 * A fetcher (kafka.server.ReplicaFetcherThread) is one for each broker that a
 * broker follows, and the other side of a session of fetch.c.  Where logs part
 * is found as in KIP-595: the fetch tells the epoch of the last record, and the
 * leader answers where that epoch ended for it.
 */
#include "sim/broker/broker.h"

#include "sim/broker/events.h"
#include "sim/broker/retention.h"
#include "sim/broker/throttle.h"

/* A frozen process does nothing when its timers fire; it looks again then. */
#define FROZEN_CHECK		SIM_MS(100)

static void forget_unwritten(struct world *w, struct replica *r)
{
	vec_free(&w->arena, &r->unwritten);
	r->unwritten_records = 0;
}

struct fetcher {
	struct broker *broker;
	int32_t source;			/* broker index */
	VEC(struct replica *) replicas;
	VEC(struct replica *) changed;	/* to tell with the next fetch */
	uint32_t session;
	bool full;			/* the list itself changed */
	bool in_flight;
	bool pausing;			/* some are left out for now */
	uint64_t correlation;
	sim_time deadline;		/* replica.socket.timeout.ms */
	sim_time written;		/* its thread has appended the last reply:
					   later than now on a disk that does
					   not keep up */
	struct timer timer;
};

#define SOCKET_TIMEOUT	SIM_S(30)	/* replica.socket.timeout.ms */

static struct process *source_process(const struct fetcher *f)
{
	return f->broker->cluster->brokers.at[f->source]->process;
}

static void put_part(struct fetch_request *r, struct replica *replica)
{
	replica->asked = replica->log.end_offset + replica->unwritten_records;
	r->parts[r->count++] = (struct fetch_part){
		.partition = replica->partition->id,
		.leader_epoch = replica->leader_epoch,
		.last_epoch = log_last_epoch(&replica->log),
		.offset = replica->paused ? -1 : replica->asked,
	};
}

static void arm(struct world *w, struct fetcher *f, sim_time at)
{
	world_cancel(w, &f->timer);
	f->timer = world_timer(w, at, BROKER_FETCHER_RETRY, f, 0);
}

/* The next fetch says how it is with r. */
static void tell(struct world *w, struct fetcher *f, struct replica *r)
{
	for (uint32_t i = 0; i < f->changed.count; i++)
		if (f->changed.at[i] == r)
			return;
	*vec_add(&w->arena, &f->changed) = r;
}

/* Those that have to wait are asked for no more, those whose limit lets them go
 * on are again.  False: all have to wait. */
static bool pause_throttled(struct world *w, struct fetcher *f)
{
	bool pausing = false, any = false;

	if (!f->pausing && !f->broker->throttled_followers)
		return true;
	for (uint32_t i = 0; i < f->replicas.count; i++) {
		struct replica *r = f->replicas.at[i];
		bool waits = throttle_holds(w, r);

		if (waits != r->paused)
			tell(w, f, r);
		r->paused = waits;
		pausing |= waits;
		any |= !waits;
	}
	f->pausing = pausing;
	return any;
}

static struct fetch_request *fetch_request(struct world *w, struct fetcher *f)
{
	uint32_t count = f->full ? f->replicas.count : f->changed.count;
	struct fetch_request *r = message_new(w, sizeof(*r) +
			count * sizeof(*r->parts), MESSAGE_FETCH);

	r->replica = f->broker->index;
	r->req.head.line = net_line(f->broker->process, source_process(f));
	r->session = f->full ? 0 : f->session;
	r->full = f->full;
	r->max_wait = SIM_MS(broker_setting(f->broker, BROKER_FETCH_WAIT_MS));
	r->min_bytes = (int32_t)broker_setting(f->broker, BROKER_FETCH_MIN_BYTES);
	r->max_bytes = 10485760;	/* replica.fetch.response.max.bytes */
	r->partition_max_bytes = 1048576;	/* replica.fetch.max.bytes */
	for (uint32_t i = 0; i < count; i++)
		put_part(r, f->full ? f->replicas.at[i] : f->changed.at[i]);
	r->req.head.bytes = 80 + 32 * count;
	return r;
}

static void fetcher_send(struct world *w, struct fetcher *f)
{
	struct fetch_request *r;

	if (f->in_flight || !f->replicas.count ||
	    !process_runs(f->broker->process))
		return;
	if (!pause_throttled(w, f)) {	/* AbstractFetcherThread.maybeFetch */
		arm(w, f, world_now(w) + SIM_MS(broker_setting(f->broker,
						BROKER_FETCH_BACKOFF_MS)));
		return;
	}
	r = fetch_request(w, f);
	f->changed.count = 0;
	f->full = false;
	f->in_flight = true;
	f->correlation = r->req.correlation =
		++f->broker->cluster->next_correlation;
	f->deadline = world_now(w) + SOCKET_TIMEOUT;
	if (!agenda_pending(w->state->agenda, &f->timer))
		arm(w, f, f->deadline);
	net_send(w, f->broker->process, source_process(f), &r->req.head);
}

/* Begin anew after a while: a session that broke, a leader that is gone. */
static void back_off(struct world *w, struct fetcher *f)
{
	f->in_flight = false;
	f->full = true;
	f->session = 0;
	f->deadline = 0;
	arm(w, f, world_now(w) + SIM_MS(broker_setting(f->broker,
						BROKER_FETCH_BACKOFF_MS)));
}

void fetcher_retry(struct world *w, void *who, uint16_t arg)
{
	struct fetcher *f = who;

	(void)arg;
	f->timer = (struct timer){0};
	if (f->broker->process->state == PROCESS_HUNG)
		arm(w, f, process_look_at(f->broker->process, world_now(w),
					  FROZEN_CHECK));
	else if (f->in_flight && f->deadline > world_now(w)) {
		arm(w, f, f->deadline);
	} else if (f->in_flight) {
		net_close(w, f->broker->process, source_process(f));
		back_off(w, f);
	} else {
		fetcher_send(w, f);
	}
}

static struct fetcher *fetcher_for(struct world *w, struct broker *b,
				   int32_t source)
{
	struct fetcher *f;

	for (uint32_t i = 0; i < b->fetchers.count; i++)
		if (b->fetchers.at[i]->source == source)
			return b->fetchers.at[i];
	f = world_take(w, struct fetcher);
	f->broker = b;
	f->source = source;
	*vec_add(&w->arena, &b->fetchers) = f;
	return f;
}

/* Partitions are added at the next fetch: the one under way is not disturbed. */
void fetcher_assign(struct world *w, struct replica *r)
{
	struct fetcher *f = fetcher_for(w, r->broker, r->leader);

	*vec_add(&w->arena, &f->replicas) = r;
	r->fetcher = f;
	r->asked = -1;
	r->behind = true;
	r->paused = false;
	f->full = true;
	/* A timer that is pending is that of a back-off, unless there is a
	 * deadline: then it was set for a fetch that has been answered. */
	if (!f->in_flight && (f->deadline ||
			      !agenda_pending(w->state->agenda, &f->timer)))
		arm(w, f, world_now(w));
}

void fetcher_drop(struct world *w, struct replica *r)
{
	struct fetcher *f = r->fetcher;

	if (!f)
		return;
	forget_unwritten(w, r);
	for (uint32_t i = 0; i < f->replicas.count; i++)
		if (f->replicas.at[i] == r) {
			vec_remove(&f->replicas, i);
			break;
		}
	for (uint32_t i = 0; i < f->changed.count; i++)
		if (f->changed.at[i] == r) {
			vec_remove(&f->changed, i);
			break;
		}
	f->full = true;
	r->fetcher = NULL;
}

void fetchers_drop(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->fetchers.count; i++) {
		struct fetcher *f = b->fetchers.at[i];

		world_cancel(w, &f->timer);
		for (uint32_t k = 0; k < f->replicas.count; k++) {
			forget_unwritten(w, f->replicas.at[k]);
			f->replicas.at[k]->fetcher = NULL;
		}
		vec_free(&w->arena, &f->replicas);
		vec_free(&w->arena, &f->changed);
		world_give(w, f);
	}
	vec_free(&w->arena, &b->fetchers);
}

void fetcher_lost(struct world *w, struct broker *b, struct process *peer)
{
	for (uint32_t i = 0; i < b->fetchers.count; i++)
		if (source_process(b->fetchers.at[i]) == peer)
			back_off(w, b->fetchers.at[i]);
}

/* KIP-595, and OffsetsForLeaderEpoch before it: cut to where both agree. */
static void truncate_to(struct world *w, struct replica *r,
			const struct fetched_part *p)
{
	int32_t known;
	int64_t end = log_epoch_end(&r->log, p->diverging_epoch, &known);
	int64_t to = p->diverging_end;

	if (end < 0)
		to = r->log.start_offset;
	else if (end < to)
		to = end;
	replica_truncate(w, r, to);
}

/* The leader no longer has what comes next here: begin at its start. */
static void begin_at(struct world *w, struct replica *r, int64_t offset)
{
	retention_drop_all(w, r);
	log_begin_at(w, &r->log, offset);
	r->high_watermark = offset;
	r->recovery_point = r->checkpoint = offset;
	producer_states_forget(w, &r->producers);
	log_write(w, r->broker->process, LOG_WARN,
		  "[ReplicaFetcher replicaId=%d] Reset fetch offset for "
		  "partition %s-%u to %lld",
		  r->broker->node_id,
		  world_text(w, r->partition->topic->name), r->partition->index,
		  (long long)offset);
}

static bool known_adding(const struct replica *r)
{
	return view_partition(&r->broker->view, r->partition->id)->adding &
	       broker_bit(r->broker->index);
}

/* False: the log's directory has failed. */
static bool write_fetched(struct world *w, struct replica *r,
			  const struct batch *batches, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		sim_time written;

		if (!replica_append_fetched(w, r, &batches[i], &written))
			return false;
		throttle_count(w, r, THROTTLE_FOLLOWER, batches[i].bytes);
		if (known_adding(r))
			metric_add(r->broker->metrics->reassignment_in,
				   batches[i].bytes);
		if (r->fetcher->written < written)
			r->fetcher->written = written;
	}
	return true;
}

/* The bug that planted=early-ack plants (cluster.h), to see whether a swarm
 * finds it: what was fetched is written with the next reply, yet what is behind
 * it is asked for at once, which tells the leader that it is stored. */
static bool write_late(struct world *w, struct replica *r,
		       const struct batch *batches, uint32_t count)
{
	bool good = write_fetched(w, r, r->unwritten.at, r->unwritten.count);

	forget_unwritten(w, r);
	for (uint32_t i = 0; good && i < count; i++) {
		*vec_add(&w->arena, &r->unwritten) = batches[i];
		r->unwritten_records += batches[i].count;
	}
	return good;
}

/* False: it cannot be written (AbstractFetcherThread.markPartitionFailed). */
static bool take_part(struct world *w, struct replica *r,
		      const struct fetched_part *p, const struct batch *batches)
{
	bool late = r->broker->cluster->plants_early_ack;

	if (p->error == KAFKA_OFFSET_OUT_OF_RANGE || p->diverging_epoch >= 0)
		forget_unwritten(w, r);
	if (p->error == KAFKA_OFFSET_OUT_OF_RANGE) {
		begin_at(w, r, p->log_start);
	} else if (p->diverging_epoch >= 0) {
		truncate_to(w, r, p);
	} else {
		if (!(late ? write_late : write_fetched)(w, r,
				batches + p->first, p->count))
			return false;
		replica_set_high_watermark(w, r, p->high_watermark);
	}
	/* AbstractFetcherThread: its lag, by the high watermark */
	r->behind = p->high_watermark > r->log.end_offset;
	return true;
}

static void log_corrupt(struct world *w, const struct fetcher *f,
			const struct replica *r)
{
	log_write(w, r->broker->process, LOG_ERROR, "[ReplicaFetcher "
		  "replicaId=%d, leaderId=%d, fetcherId=0] Found invalid messages "
		  "during fetch for partition %s-%u offset %lld "
		  "(kafka.server.ReplicaFetcherThread) org.apache.kafka.common."
		  "errors.CorruptRecordException: %s", r->broker->node_id,
		  r->broker->cluster->brokers.at[f->source]->node_id,
		  world_text(w, r->partition->topic->name), r->partition->index,
		  (long long)r->log.end_offset,
		  kafka_error_text(KAFKA_CORRUPT_MESSAGE));
}

void fetcher_reply(struct world *w, struct broker *b, struct fetch_reply *reply)
{
	struct fetcher *f = NULL;
	bool wait = reply->error != KAFKA_NONE;

	for (uint32_t i = 0; i < b->fetchers.count; i++)
		if (b->fetchers.at[i]->in_flight &&
		    b->fetchers.at[i]->correlation == reply->req.correlation)
			f = b->fetchers.at[i];
	if (!f)
		return;
	f->in_flight = false;
	f->session = reply->session;
	for (uint32_t i = 0; i < reply->part_count; i++) {
		const struct fetched_part *p = &reply->parts[i];
		struct replica *r = broker_replica(b, p->partition);

		/* It may have been taken away and given back while the fetch
		 * was under way: only what was asked for counts
		 * (AbstractFetcherThread.processFetchRequest). */
		if (!r || r->fetcher != f ||
		    r->asked != r->log.end_offset + r->unwritten_records)
			continue;
		if (p->error != KAFKA_NONE &&
		    p->error != KAFKA_OFFSET_OUT_OF_RANGE) {
			wait = true;	/* its leader will be told to us */
			if (p->error == KAFKA_CORRUPT_MESSAGE)
				log_corrupt(w, f, r);
			continue;
		}
		if (take_part(w, r, p, reply->batches))
			*vec_add(&w->arena, &f->changed) = r;
	}
	if (wait)
		back_off(w, f);
	else if (f->written > world_now(w))
		arm(w, f, f->written);	/* its thread is throttled */
	else
		fetcher_send(w, f);
}
