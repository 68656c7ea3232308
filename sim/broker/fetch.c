/* fetch.c - those who read from a broker, and its own reading from others
 *
 * A session (KIP-227) remembers what its owner reads and from where.  A fetch
 * is answered when min_bytes are there, or after max_wait: until then it is
 * parked in the session, and an append or a new high watermark wakes it.
 *
 * Brokers of 0.8 (cluster.append_ends_waits) count what is appended, whether
 * whoever waits may read it yet or not, and a new high watermark wakes nobody
 * (KafkaApis.DelayedFetch of April 2014; otherwise since KAFKA-1430).  So a
 * consumer whose fetch waits is answered at once, without a record; its next
 * fetch comes before the followers have told that they have it, and waits until
 * fetch.wait.max.ms is over.  Simplified: one append is enough bytes.
 *
 * A fetcher (kafka.server.ReplicaFetcherThread) is the other side, in a
 * follower: one for each broker it follows.  Where logs part is found as in
 * KIP-595: the fetch tells the epoch of the last record, and the leader
 * answers where that epoch ended for it.
 */
#include "sim/broker/broker.h"

#include <assert.h>

#include "sim/broker/events.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/replica_selector.h"
#include "sim/broker/retention.h"
#include "sim/broker/throttle.h"

#define REPLY_BATCHES_MAX	512	/* a reply holds at most so many; the
					   rest comes with the next */

/* A frozen process does nothing when its timers fire; it looks again then. */
#define FROZEN_CHECK		SIM_MS(100)

struct session_part {
	uint32_t partition;
	int32_t leader_epoch, last_epoch;
	int64_t offset;			/* -1: forgotten for now */
	int64_t told;			/* high watermark last sent */
	bool dirty;			/* is in the session's dirty list */
	bool starved;			/* the last reply had no room for it */
};

struct fetch_session {
	struct broker *broker;
	uint32_t number;
	struct process *owner;
	uint32_t incarnation;
	int32_t replica;		/* follower's broker index, or -1 */
	name_id rack;			/* of a consumer that says where it is */
	VEC(struct session_part) parts;
	struct map by_partition;	/* -> index + 1 */
	VEC(uint32_t) dirty;		/* parts to look at, in order */
	struct fetch_request *parked;
	struct timer wait;
};

/* -- sessions ---------------------------------------------------------------- */

static void watch(struct world *w, struct fetch_session *s, uint32_t part)
{
	struct replica *r = broker_replica(s->broker,
					   s->parts.at[part].partition);

	if (r)
		*vec_add(&w->arena, &r->watchers) =
			(struct watcher){ s, part };
}

static void unwatch_all(struct fetch_session *s)
{
	for (uint32_t i = 0; i < s->parts.count; i++) {
		struct replica *r = broker_replica(s->broker,
						   s->parts.at[i].partition);

		for (uint32_t k = 0; r && k < r->watchers.count; k++)
			if (r->watchers.at[k].session == s) {
				vec_remove(&r->watchers, k);
				break;
			}
	}
}

static void unpark(struct world *w, struct fetch_session *s)
{
	world_cancel(w, &s->wait);
	if (s->parked)
		message_free(w, &s->parked->req.head);
	s->parked = NULL;
}

static void session_clear(struct world *w, struct fetch_session *s)
{
	unpark(w, s);
	unwatch_all(s);
	vec_free(&w->arena, &s->parts);
	vec_free(&w->arena, &s->dirty);
	map_free(&s->by_partition, &w->arena);
}

static void session_free(struct world *w, struct fetch_session *s)
{
	session_clear(w, s);
	s->broker->sessions.at[s->number] = NULL;
	world_give(w, s);
}

void fetch_sessions_drop(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->sessions.count; i++)
		if (b->sessions.at[i])
			session_free(w, b->sessions.at[i]);
}

void fetch_session_lost(struct world *w, struct broker *b, struct process *p)
{
	for (uint32_t i = 0; i < b->sessions.count; i++)
		if (b->sessions.at[i] && b->sessions.at[i]->owner == p)
			session_free(w, b->sessions.at[i]);
}

/* The session's number, its owner's first: 0 means "none" on the wire.  A new
 * session of the same owner replaces its old ones, as after a reconnect. */
static struct fetch_session *session_new(struct world *w, struct broker *b,
					 const struct fetch_request *r)
{
	struct fetch_session *s = world_take(w, struct fetch_session);
	uint32_t number = 1;

	fetch_session_lost(w, b, r->req.head.from);
	if (!b->sessions.count)
		vec_add(&w->arena, &b->sessions);
	while (number < b->sessions.count && b->sessions.at[number])
		number++;
	if (number == b->sessions.count)
		vec_add(&w->arena, &b->sessions);
	b->sessions.at[number] = s;
	s->broker = b;
	s->number = number;
	s->owner = r->req.head.from;
	s->incarnation = r->req.head.from_incarnation;
	s->replica = r->replica;
	s->rack = r->rack;
	return s;
}

static struct fetch_session *session_of(struct broker *b,
					const struct fetch_request *r)
{
	struct fetch_session *s;

	if (!r->session || r->session >= b->sessions.count)
		return NULL;
	s = b->sessions.at[r->session];
	return s && s->owner == r->req.head.from &&
	       s->incarnation == r->req.head.from_incarnation ? s : NULL;
}

static void mark_dirty(struct world *w, struct fetch_session *s, uint32_t part)
{
	if (s->parts.at[part].dirty)
		return;
	s->parts.at[part].dirty = true;
	*vec_add(&w->arena, &s->dirty) = part;
}

static void session_update(struct world *w, struct fetch_session *s,
			   const struct fetch_part *f)
{
	uintptr_t known = (uintptr_t)map_get(&s->by_partition, f->partition);
	struct session_part *part;

	if (!known) {
		vec_add(&w->arena, &s->parts);
		known = s->parts.count;
		map_put(&s->by_partition, &w->arena, f->partition,
			(void *)known);
		s->parts.at[known - 1].partition = f->partition;
		watch(w, s, (uint32_t)known - 1);
	}
	part = &s->parts.at[known - 1];
	part->offset = f->offset;
	part->leader_epoch = f->leader_epoch;
	part->last_epoch = f->last_epoch;
	mark_dirty(w, s, (uint32_t)known - 1);
}

/* -- answering ----------------------------------------------------------------- */

/* A follower serves consumers as well.  Simplified: only those who say where
 * they stand; others would be told to ask the leader. */
static bool follows_for(const struct fetch_session *s, const struct replica *r)
{
	return s->rack && r && !r->offline && r->role == REPLICA_FOLLOWER &&
	       r->leader != NO_BROKER;
}

static enum kafka_error part_error(const struct fetch_session *s,
				   const struct replica *r,
				   const struct session_part *part)
{
	enum kafka_error unserved = replica_unserved(r);

	if (unserved != KAFKA_NONE && !follows_for(s, r))
		return unserved;
	if (part->leader_epoch >= 0 && part->leader_epoch < r->leader_epoch)
		return KAFKA_FENCED_LEADER_EPOCH;
	if (part->leader_epoch > r->leader_epoch)
		return KAFKA_UNKNOWN_LEADER_EPOCH;
	return KAFKA_NONE;
}

/* Did the follower's log take another way than ours? */
static bool diverges(const struct replica *r, const struct session_part *part,
		     int32_t *epoch, int64_t *end)
{
	if (part->last_epoch < 0)
		return false;
	*end = log_epoch_end(&r->log, part->last_epoch, epoch);
	return *epoch != part->last_epoch || *end < part->offset;
}

struct tally {
	uint32_t parts, batches;
	int64_t bytes;
	bool news;			/* an error or a divergence: answer now */
	sim_time ready;			/* when the records have been read */
};

/* What the session may read of a replica: followers all, others what is
 * committed. */
static int64_t limit(const struct fetch_session *s, const struct replica *r)
{
	return s->replica >= 0 ? r->log.end_offset : r->high_watermark;
}

/*
 * The records are read, from the page cache or from the disk.  Simplified:
 * that a batch's CRC is wrong is found by whoever gets it (check.crcs); here
 * it is told to them, and the good batches before it are not.
 */
static void read_data(struct world *w, struct replica *r, bool cleaned,
		      int64_t at, int64_t bytes, struct tally *tally,
		      struct fetched_part *part)
{
	sim_time ready;

	r->trouble = file_read(w, cleaned ? r->cleaned : r->file, at, bytes,
			       &ready);
	if (ready > tally->ready)
		tally->ready = ready;
	if (r->trouble == DISK_OK)
		return;
	part->error = r->trouble == DISK_CORRUPT ? KAFKA_CORRUPT_MESSAGE :
		      KAFKA_STORAGE_ERROR;
	part->count = 0;
	tally->bytes -= bytes;
	if (r->trouble == DISK_FAILED)
		log_dir_fails(w, r, LOG_DIR_READS);
}

static void fill_data(struct world *w, const struct fetch_session *s,
		      const struct fetch_request *req, struct replica *r,
		      int64_t offset, struct tally *tally,
		      struct fetched_part *part, struct batch *batches)
{
	int64_t end = limit(s, r), bytes = 0, at = -1;
	bool cleaned = false;
	const struct batch *b;
	struct log_cursor c;

	if (offset >= end || !log_seek(w, &r->log, offset, &c))
		return;
	while (tally->batches < REPLY_BATCHES_MAX &&
	       (b = log_read(w, &r->log, &c)) && b->base_offset < end) {
		/* KIP-74: the first batch goes even if it is too large. */
		if (tally->batches && (bytes + b->bytes >
				       req->partition_max_bytes ||
				       tally->bytes + b->bytes > req->max_bytes))
			break;
		if (at >= 0 && b->cleaned != cleaned)
			break;		/* the next segment, another file */
		if (batches)
			batches[tally->batches] = *b;
		if (at < 0) {
			at = b->position;
			cleaned = b->cleaned;
		}
		tally->batches++;
		tally->bytes += b->bytes;
		bytes += b->bytes;
		part->count++;
	}
	if (batches && bytes)
		read_data(w, r, cleaned, at, bytes, tally, part);
}

/* Where the logs part, that is told; a follower whose epochs the leader never
 * knew is out of range and begins anew (Partition.readRecords). */
static void look_at_data(struct world *w, const struct fetch_session *s,
			 const struct fetch_request *req,
			 struct replica *r, const struct session_part *p,
			 struct tally *tally, struct fetched_part *one,
			 struct batch *batches)
{
	bool part = diverges(r, p, &one->diverging_epoch, &one->diverging_end);

	if (part && one->diverging_epoch >= 0) {
		tally->news = true;
		return;
	}
	one->diverging_epoch = -1;
	if (part || p->offset < r->log.start_offset ||
	    p->offset > r->log.end_offset)
		one->error = KAFKA_OFFSET_OUT_OF_RANGE;
	else
		fill_data(w, s, req, r, p->offset, tally, one, batches);
}

static bool held_up(struct world *w, const struct fetch_session *s,
		    struct replica *r)
{
	return s->replica >= 0 && throttle_holds_follower(w, r, s->replica);
}

/* Look at one part: count it in (part NULL), or write it. */
static void visit(struct world *w, struct fetch_session *s,
		  const struct fetch_request *req, uint32_t index,
		  struct tally *tally, struct fetched_part *parts,
		  struct batch *batches)
{
	struct session_part *p = &s->parts.at[index];
	struct replica *r = broker_replica(s->broker, p->partition);
	struct fetched_part one = {
		.partition = p->partition, .error = part_error(s, r, p),
		.diverging_epoch = -1, .first = tally->batches,
		.preferred = NO_BROKER,
	};
	uint32_t before = tally->batches;
	int64_t bytes = tally->bytes;

	p->starved = false;
	if (p->offset < 0)
		return;			/* forgotten */
	if (one.error == KAFKA_NONE) {
		one.high_watermark = r->high_watermark;
		one.log_start = r->log.start_offset;
		one.end_offset = r->log.end_offset;
		if (s->rack && r->role == REPLICA_LEADER)
			one.preferred = replica_selected(r, s->rack,
							 p->offset);
		if (one.preferred != NO_BROKER)
			tally->news = true;	/* answered at once */
		else if (!held_up(w, s, r))
			look_at_data(w, s, req, r, p, tally, &one, batches);
	}
	if (one.error != KAFKA_NONE)
		tally->news = true;
	p->starved = one.error == KAFKA_NONE && one.diverging_epoch < 0 &&
		     one.preferred == NO_BROKER &&
		     tally->batches == before && p->offset < limit(s, r);
	if (one.error == KAFKA_NONE && one.diverging_epoch < 0 &&
	    one.preferred == NO_BROKER &&
	    tally->batches == before && p->told == one.high_watermark)
		return;			/* nothing to tell */
	if (parts) {
		parts[tally->parts] = one;
		if (s->replica >= 0 && r)
			throttle_count(w, r, THROTTLE_LEADER,
				       tally->bytes - bytes);
		p->told = one.high_watermark;
	}
	tally->parts++;
}

/* What there was no room for comes first in the next reply: its reader asks for
 * it no second time (FetchSession keeps the order of partitions likewise). */
static void forget_clean(struct fetch_session *s)
{
	uint32_t kept = 0;

	if (!s->dirty.count)
		return;
	for (uint32_t i = 0; i < s->dirty.count; i++) {
		struct session_part *p = &s->parts.at[s->dirty.at[i]];

		if (p->starved)
			s->dirty.at[kept++] = s->dirty.at[i];
		else
			p->dirty = false;
	}
	memset(&s->dirty.at[kept], 0,
	       (s->dirty.count - kept) * sizeof(*s->dirty.at));
	s->dirty.count = kept;
}

static void answer(struct world *w, struct fetch_session *s,
		   struct fetch_request *req, const struct tally *found)
{
	struct tally tally = { .ready = world_now(w) };
	size_t head = (sizeof(struct fetch_reply) + 15) / 16 * 16;
	size_t size = head + found->parts * sizeof(struct fetched_part) +
		      found->batches * sizeof(struct batch);
	struct fetch_reply *reply = message_new(w, size, MESSAGE_FETCHED);

	reply->req.correlation = req->req.correlation;
	reply->req.head.line = req->req.head.line;
	reply->session = s->number;
	reply->batches = (struct batch *)((char *)reply + head);
	reply->parts = (struct fetched_part *)(reply->batches + found->batches);
	for (uint32_t i = 0; i < s->dirty.count; i++)
		visit(w, s, req, s->dirty.at[i], &tally, reply->parts,
		      reply->batches);
	reply->part_count = tally.parts;
	reply->batch_count = tally.batches;
	reply->req.head.bytes = (uint32_t)(60 + 40 * tally.parts + tally.bytes);
	forget_clean(s);
	metric_add(s->replica < 0 ? s->broker->metrics->bytes_out :
		   s->broker->metrics->replication_out, tally.bytes);
	/* Zero copy: sending costs little CPU a byte (sendfile). */
	cpu_spend(w, s->broker->process, SIM_US(10) + tally.bytes / 5);
	broker_block_network(s->broker, s->owner, tally.ready);
	broker_send_at(w, s->broker, s->owner, &reply->req.head, tally.ready);
	unpark(w, s);
}

static void try_answer(struct world *w, struct fetch_session *s, bool now)
{
	struct fetch_request *req = s->parked;
	struct tally tally = {0};

	for (uint32_t i = 0; i < s->dirty.count; i++)
		visit(w, s, req, s->dirty.at[i], &tally, NULL, NULL);
	if (now || tally.news || tally.bytes >= req->min_bytes)
		answer(w, s, req, &tally);
}

/* arg 0: the wait is over, and the thread that looks for such wakes up. */
void fetch_session_timeout(struct world *w, void *who, uint16_t arg)
{
	struct fetch_session *s = who;
	sim_time late = cpu_timer_ns(s->broker->process, world_now(w));

	s->wait = (struct timer){0};
	if (!arg && late) {
		s->wait = world_timer(w, world_now(w) + late,
				      BROKER_FETCH_TIMEOUT, s, 1);
		return;
	}
	if (s->broker->process->state == PROCESS_HUNG)
		s->wait = world_timer(w, process_look_at(s->broker->process,
				      world_now(w), FROZEN_CHECK),
				      BROKER_FETCH_TIMEOUT, s, 0);
	else if (s->parked)
		try_answer(w, s, true);
}

static void refuse_session(struct world *w, struct broker *b,
			   struct fetch_request *r)
{
	struct fetch_reply *reply = message_new(w, sizeof(*reply),
						MESSAGE_FETCHED);

	reply->req.correlation = r->req.correlation;
	reply->req.head.line = r->req.head.line;
	reply->error = KAFKA_FETCH_SESSION_ID_NOT_FOUND;
	reply->req.head.bytes = 40;
	net_send(w, b->process, r->req.head.from, &reply->req.head);
	message_free(w, &r->req.head);
}

static void hear_follower(struct world *w, const struct fetch_session *s,
			  struct replica *r, const struct session_part *p)
{
	int32_t epoch;
	int64_t end;

	if (p->offset >= 0 && part_error(s, r, p) == KAFKA_NONE &&
	    !diverges(r, p, &epoch, &end))
		replica_follower_fetched(w, r, s->replica, s->incarnation,
					 p->offset);
}

static void hear_followers(struct world *w, struct fetch_session *s,
			   const struct fetch_request *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		const struct fetch_part *f = &r->parts[i];
		struct session_part p = {
			.leader_epoch = f->leader_epoch,
			.last_epoch = f->last_epoch, .offset = f->offset,
		};

		hear_follower(w, s, broker_replica(s->broker, f->partition),
			      &p);
	}
}

/* A follower that asked before the leader had heard of it (a reassignment) is
 * heard now, by what its session still says. */
static void hear_session(struct world *w, struct fetch_session *s)
{
	for (uint32_t i = 0; i < s->parts.count; i++) {
		const struct session_part *p = &s->parts.at[i];
		struct replica *r = broker_replica(s->broker, p->partition);

		if (r && replica_awaits_follower(r, s->replica))
			hear_follower(w, s, r, p);
		else if (r)
			replica_follower_alive(w, r, s->replica);
	}
}

void fetch_handle(struct world *w, struct broker *b, struct fetch_request *r)
{
	struct fetch_session *s = session_of(b, r);

	metric_add(b->metrics->fetch_requests, 1);
	if (!s && r->session) {
		refuse_session(w, b, r);
		return;
	}
	if (!s)
		s = session_new(w, b, r);
	unpark(w, s);
	if (r->full)
		session_clear(w, s);
	for (uint32_t i = 0; i < r->count; i++)
		session_update(w, s, &r->parts[i]);
	s->parked = r;
	s->wait = world_timer(w, world_now(w) + r->max_wait,
			      BROKER_FETCH_TIMEOUT, s, 0);
	if (s->replica >= 0) {
		hear_followers(w, s, r);
		hear_session(w, s);
	}
	if (s->parked == r)		/* not yet answered by a wake */
		try_answer(w, s, false);
}

void fetch_wake(struct world *w, struct replica *r, bool followers)
{
	bool old = r->broker->cluster->append_ends_waits &&
		   r->role == REPLICA_LEADER;

	for (uint32_t i = 0; i < r->watchers.count; i++) {
		struct fetch_session *s = r->watchers.at[i].session;

		bool concerned = old ? followers :
				 (s->replica >= 0) == followers ||
				 r->role != REPLICA_LEADER;

		/* A follower hears of a new high watermark with the next
		 * reply; it alone is no reason to answer. */
		if (!concerned && s->replica < 0 && !old)
			continue;
		mark_dirty(w, s, r->watchers.at[i].part);
		if (concerned && s->parked)
			try_answer(w, s, old);
	}
}

static void forget_unwritten(struct world *w, struct replica *r)
{
	vec_free(&w->arena, &r->unwritten);
	r->unwritten_records = 0;
}

/* -- fetchers -------------------------------------------------------------------- */

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
