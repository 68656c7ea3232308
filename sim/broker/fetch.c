/* fetch.c - those who read from a broker
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
 * How a broker reads from others, see fetcher.c.
 */
#include "sim/broker/broker.h"

#include "sim/broker/events.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/replica_selector.h"
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
	bool read_committed;
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
	uint32_t parts, batches, aborted;
	int64_t bytes;
	bool news;			/* an error or a divergence: answer now */
	sim_time ready;			/* when the records have been read */
};

/* What the session may read of a replica: followers all, others what is
 * committed, or of that what no open transaction may still take back. */
static int64_t limit(const struct fetch_session *s, struct replica *r)
{
	if (s->replica >= 0)
		return r->log.end_offset;
	return s->read_committed ? replica_last_stable(r) : r->high_watermark;
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

/* Whoever reads committed records only hears which of them are not: those of
 * aborted transactions that reach into what it gets. */
static void name_aborted(const struct fetch_session *s, const struct replica *r,
			 int64_t from, const struct batch *last,
			 struct tally *tally, struct fetched_part *part,
			 struct aborted_txn *aborted)
{
	if (!s->read_committed || !last)
		return;
	part->first_aborted = tally->aborted;
	part->aborted = txn_index_aborted(&r->producers.txns, from,
					  last->base_offset + last->count,
					  aborted ? aborted + tally->aborted :
						    NULL);
	tally->aborted += part->aborted;
}

static void fill_data(struct world *w, const struct fetch_session *s,
		      const struct fetch_request *req, struct replica *r,
		      int64_t offset, struct tally *tally,
		      struct fetched_part *part, struct batch *batches,
		      struct aborted_txn *aborted)
{
	int64_t end = limit(s, r), bytes = 0, at = -1;
	const struct batch *b, *last = NULL;
	bool cleaned = false;
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
		last = b;
	}
	name_aborted(s, r, offset, last, tally, part, aborted);
	if (batches && bytes)
		read_data(w, r, cleaned, at, bytes, tally, part);
}

/* Where the logs part, that is told; a follower whose epochs the leader never
 * knew is out of range and begins anew (Partition.readRecords). */
static void look_at_data(struct world *w, const struct fetch_session *s,
			 const struct fetch_request *req,
			 struct replica *r, const struct session_part *p,
			 struct tally *tally, struct fetched_part *one,
			 struct batch *batches, struct aborted_txn *aborted)
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
		fill_data(w, s, req, r, p->offset, tally, one, batches,
			  aborted);
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
		  struct batch *batches, struct aborted_txn *aborted)
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
		one.last_stable = replica_last_stable(r);
		one.log_start = r->log.start_offset;
		one.end_offset = r->log.end_offset;
		if (s->rack && r->role == REPLICA_LEADER)
			one.preferred = replica_selected(r, s->rack,
							 p->offset);
		if (one.preferred != NO_BROKER)
			tally->news = true;	/* answered at once */
		else if (!held_up(w, s, r))
			look_at_data(w, s, req, r, p, tally, &one, batches,
				     aborted);
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
		      found->batches * sizeof(struct batch) +
		      found->aborted * sizeof(struct aborted_txn);
	struct fetch_reply *reply = message_new(w, size, MESSAGE_FETCHED);

	reply->req.correlation = req->req.correlation;
	reply->req.head.line = req->req.head.line;
	reply->session = s->number;
	reply->batches = (struct batch *)((char *)reply + head);
	reply->parts = (struct fetched_part *)(reply->batches + found->batches);
	reply->aborted = (struct aborted_txn *)(reply->parts + found->parts);
	for (uint32_t i = 0; i < s->dirty.count; i++)
		visit(w, s, req, s->dirty.at[i], &tally, reply->parts,
		      reply->batches, reply->aborted);
	reply->part_count = tally.parts;
	reply->batch_count = tally.batches;
	reply->aborted_count = tally.aborted;
	reply->req.head.bytes = (uint32_t)(60 + 40 * tally.parts +
					   16 * tally.aborted + tally.bytes);
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
		visit(w, s, req, s->dirty.at[i], &tally, NULL, NULL,
		      NULL);
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
	s->read_committed = r->read_committed;
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
