/* replica.c - one copy of a partition: as leader, as follower
 *
 * Rules of kafka.cluster.Partition (3.9):
 *  - a follower is in sync while it has had everything the leader had within
 *    the last replica.lag.time.max.ms; this is looked at every half of that,
 *    so eviction comes 30 to 45 s after it last caught up;
 *  - it is taken back as soon as it reaches the high watermark;
 *  - the high watermark is the smallest log end of the in-sync set, those
 *    counted in whose return has been asked for;
 *  - since 3.7 it stands still while the set is below min.insync.replicas
 *    (KAFKA-15583).
 */
#include "sim/broker/broker.h"

#include <assert.h>

#include "sim/broker/log_dirs.h"
#include "sim/broker/retention.h"

static const struct partition_state *known(const struct replica *r)
{
	return view_partition(&r->broker->view, r->partition->id);
}

static int place_of(const struct replica *r, int32_t broker)
{
	const struct partition_state *s = known(r);

	for (uint32_t i = 0; i < s->replica_count; i++)
		if (s->replicas[i] == broker)
			return (int)i;
	return -1;
}

uint32_t replica_isr_count(const struct replica *r)
{
	return (uint32_t)__builtin_popcountll(r->isr);
}

/* The setting, capped by the number of replicas: Partition.effectiveMinIsr. */
static uint32_t min_isr(const struct replica *r)
{
	uint32_t wanted = (uint32_t)replica_setting(r, TOPIC_MIN_INSYNC_REPLICAS);
	uint32_t count = known(r)->replica_count;

	return wanted < count ? wanted : count;
}

bool replica_under_min_isr(const struct replica *r)
{
	return replica_isr_count(r) < min_isr(r);
}

/* -- high watermark ------------------------------------------------------- */

static void complete_waiting(struct world *w, struct replica *r)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < r->waiting.count; i++) {
		struct waiting_part part = r->waiting.at[i];

		if (part.required > r->high_watermark) {
			r->waiting.at[kept++] = part;
			continue;
		}
		waiting_part_done(w, part.produce, part.part,
				  replica_under_min_isr(r) ?
				  KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND :
				  KAFKA_NONE);
	}
	memset(&r->waiting.at[kept], 0,
	       (r->waiting.count - kept) * sizeof(*r->waiting.at));
	r->waiting.count = kept;
}

void replica_fail_waiting(struct world *w, struct replica *r,
			  enum kafka_error error)
{
	for (uint32_t i = 0; i < r->waiting.count; i++)
		waiting_part_done(w, r->waiting.at[i].produce,
				  r->waiting.at[i].part, error);
	vec_free(&w->arena, &r->waiting);
}

void replica_set_high_watermark(struct world *w, struct replica *r, int64_t hw)
{
	if (hw > r->log.end_offset)
		hw = r->log.end_offset;
	if (hw <= r->high_watermark)
		return;
	r->high_watermark = hw;
	if (r->waiting.count)
		complete_waiting(w, r);
	fetch_wake(w, r, false);
}

static void advance(struct world *w, struct replica *r)
{
	const struct partition_state *s = known(r);
	uint64_t counted = r->isr | r->isr_wanted;
	int64_t hw = r->log.end_offset;

	if (replica_under_min_isr(r))
		return;
	for (uint32_t i = 0; i < s->replica_count; i++) {
		if (s->replicas[i] == r->broker->index ||
		    !(counted & broker_bit(s->replicas[i])))
			continue;
		if (r->followers[i].end_offset < hw)
			hw = r->followers[i].end_offset;
	}
	replica_set_high_watermark(w, r, hw);
}

/* -- in-sync set ---------------------------------------------------------- */

#define ISR_ASK_AGAIN	SIM_S(5)	/* an answer that does not come [E] */

/* A change that was asked for and is not yet decided. */
static bool isr_pending(struct world *w, const struct replica *r)
{
	return r->isr_wanted &&
	       world_now(w) - r->isr_asked_at < ISR_ASK_AGAIN;
}

static void ask_isr(struct world *w, struct replica *r, uint64_t isr)
{
	struct alter_partition *m;

	r->isr_wanted = isr;
	r->isr_asked_at = world_now(w);
	m = message_new(w, sizeof(*m), MESSAGE_ALTER_PARTITION);
	m->req.head.bytes = 120;
	m->broker = r->broker->index;
	m->partition = r->partition->id;
	m->leader_epoch = r->leader_epoch;
	m->partition_epoch = r->partition_epoch;
	m->isr = isr;
	/* KIP-903: one that died and came back has perhaps lost what made it
	 * fit; the controller knows by its broker epoch. */
	for (uint32_t i = 0; i < known(r)->replica_count; i++)
		m->incarnations[i] = r->followers[i].incarnation;
	channel_send(w, r->broker, &m->req.head);
}

static void isr_text(const struct replica *r, uint64_t isr, char *out)
{
	struct text t = {0};

	for (uint32_t i = 0; i < r->broker->cluster->brokers.count; i++)
		if (isr & broker_bit((int32_t)i))
			text_addf(&t, "%s%d", t.len ? "," : "",
				  r->broker->cluster->brokers.at[i]->node_id);
	assert(t.len < 64);
	memcpy(out, text_cstr(&t), t.len + 1);
	text_free(&t);
}

static void log_isr(struct world *w, struct replica *r, const char *verb,
		    uint64_t to)
{
	char from_text[64], to_text[64];

	isr_text(r, r->isr, from_text);
	isr_text(r, to, to_text);
	log_write(w, r->broker->process, LOG_INFO,
		  "[Partition %s-%u broker=%d] %s ISR from %s to %s "
		  "(kafka.cluster.Partition)",
		  world_text(w, r->partition->topic->name), r->partition->index,
		  r->broker->node_id, verb, from_text, to_text);
}

static void maybe_expand(struct world *w, struct replica *r, int32_t broker,
			 const struct follower *f)
{
	if (r->isr & broker_bit(broker) || isr_pending(w, r))
		return;
	if (f->end_offset < r->high_watermark)
		return;
	if (!(r->broker->view.brokers & broker_bit(broker)))
		return;			/* fenced: not eligible */
	log_isr(w, r, "Expanding", r->isr | broker_bit(broker));
	metric_add(r->broker->metrics->isr_expands, 1);
	ask_isr(w, r, r->isr | broker_bit(broker));
}

void replica_follower_fetched(struct world *w, struct replica *r, int32_t from,
			      uint32_t incarnation, int64_t offset)
{
	int place = place_of(r, from);
	struct follower *f;

	if (r->role != REPLICA_LEADER || place < 0)
		return;
	f = &r->followers[place];
	/* Replica.updateFetchStateOrThrow: caught up now, or with the last
	 * fetch if that asked for all there was at the fetch before. */
	if (offset >= r->log.end_offset)
		f->caught_up_at = world_now(w);
	else if (offset >= f->fetched_end && f->fetched_at > f->caught_up_at)
		f->caught_up_at = f->fetched_at;
	f->incarnation = incarnation;
	f->end_offset = offset;
	f->fetched_at = world_now(w);
	f->fetched_end = r->log.end_offset;
	maybe_expand(w, r, from, f);
	advance(w, r);
}

/* It is to be one, and has not fetched since we know. */
bool replica_awaits_follower(const struct replica *r, int32_t from)
{
	int place = r->role == REPLICA_LEADER ? place_of(r, from) : -1;

	return place >= 0 && !r->followers[place].fetched_at;
}

/* It fetched, and of this partition nothing was new: an incremental fetch
 * speaks for all partitions of its session. */
void replica_follower_alive(struct world *w, struct replica *r, int32_t from)
{
	int place;

	if (r->role != REPLICA_LEADER || r->isr & broker_bit(from))
		return;
	place = place_of(r, from);
	if (place >= 0)
		maybe_expand(w, r, from, &r->followers[place]);
}

void replica_check_isr(struct world *w, struct replica *r)
{
	sim_time lag_max = config_ms(broker_setting(r->broker,
						    BROKER_REPLICA_LAG_MS));
	const struct partition_state *s = known(r);
	uint64_t isr = r->isr;

	if (r->role != REPLICA_LEADER || isr_pending(w, r))
		return;
	for (uint32_t i = 0; i < s->replica_count; i++) {
		const struct follower *f = &r->followers[i];

		if (s->replicas[i] == r->broker->index ||
		    !(isr & broker_bit(s->replicas[i])) ||
		    f->end_offset == r->log.end_offset)
			continue;
		if (world_now(w) - f->caught_up_at > lag_max)
			isr &= ~broker_bit(s->replicas[i]);
	}
	if (isr == r->isr)
		return;
	log_isr(w, r, "Shrinking", isr);
	metric_add(r->broker->metrics->isr_shrinks, 1);
	ask_isr(w, r, isr);
}

void replica_isr_answer(struct world *w, struct replica *r,
			enum kafka_error error)
{
	(void)w;
	if (error != KAFKA_NONE)
		r->isr_wanted = 0;	/* asked again with the next reason */
}

/* -- roles ----------------------------------------------------------------- */

/* A new leader knows nothing of its followers; one that leads on, of those that
 * a reassignment adds. */
static void know_followers(struct world *w, struct replica *r,
			   const struct partition_state *s, bool fresh)
{
	struct follower old[REPLICAS_MAX];

	memcpy(old, r->followers, sizeof(old));
	for (uint32_t i = 0; i < REPLICAS_MAX; i++) {
		int32_t who = i < s->replica_count ? s->replicas[i] : NO_BROKER;
		bool in_sync = who != NO_BROKER && s->isr & broker_bit(who);

		r->followers[i] = (struct follower){
			.broker = who,
			.caught_up_at = in_sync ? world_now(w) : INT64_MIN / 2,
		};
		for (uint32_t k = 0; !fresh && k < REPLICAS_MAX; k++)
			if (who != NO_BROKER && old[k].broker == who)
				r->followers[i] = old[k];
	}
}

static void lead(struct world *w, struct replica *r,
		 const struct partition_state *s)
{
	bool fresh = r->role != REPLICA_LEADER ||
		     r->leader_epoch != s->leader_epoch;

	fetcher_drop(w, r);
	r->role = REPLICA_LEADER;
	r->isr = s->isr;
	r->isr_wanted = 0;
	r->leader_epoch = s->leader_epoch;
	r->partition_epoch = s->partition_epoch;
	know_followers(w, r, s, fresh);
	advance(w, r);
}

static void follow(struct world *w, struct replica *r,
		   const struct partition_state *s)
{
	bool same = r->role == REPLICA_FOLLOWER && r->leader == s->leader &&
		    r->leader_epoch == s->leader_epoch;

	if (r->role == REPLICA_LEADER) {
		replica_fail_waiting(w, r, KAFKA_NOT_LEADER_OR_FOLLOWER);
		fetch_wake(w, r, true);
	}
	r->role = REPLICA_FOLLOWER;
	r->isr = s->isr;
	r->isr_wanted = 0;
	r->leader_epoch = s->leader_epoch;
	r->partition_epoch = s->partition_epoch;
	if (same)
		return;
	r->leader = s->leader;
	fetcher_drop(w, r);
	if (s->leader != NO_BROKER)
		fetcher_assign(w, r);
}

void replica_become(struct world *w, struct replica *r,
		    const struct partition_state *s)
{
	if (s->leader == r->broker->index)
		lead(w, r, s);
	else
		follow(w, r, s);
}

/* ReplicaManager.getPartitionOrError. */
enum kafka_error replica_unserved(const struct replica *r)
{
	if (r && r->offline)
		return KAFKA_STORAGE_ERROR;
	return r && r->role == REPLICA_LEADER ? KAFKA_NONE :
	       KAFKA_NOT_LEADER_OR_FOLLOWER;
}

void replica_offline(struct world *w, struct replica *r)
{
	replica_fail_waiting(w, r, KAFKA_STORAGE_ERROR);
	fetcher_drop(w, r);
	r->role = REPLICA_NONE;
	r->leader = NO_BROKER;
	r->isr_wanted = 0;
	r->offline = true;
	fetch_wake(w, r, true);
}

void replica_lost(struct world *w, struct replica *r)
{
	retention_forget(r);
	if (r->cleaned)
		file_delete(w, r->cleaned);
	file_delete(w, r->file);
	r->cleaned = NULL;
	r->file = file_new(w, r->dir->disk);
	log_begin_at(w, &r->log, 0);
	r->log.max_timestamp = 0;
	r->high_watermark = r->recovery_point = r->checkpoint = 0;
	producer_states_forget(w, &r->producers);
	r->assigned = false;
	world_note(w, r->partition->id);
}

/* -- appending -------------------------------------------------------------- */

/* flush.messages: whoever appended waits for the disk (UnifiedLog.append). */
static void flush_if_many(struct world *w, struct replica *r, sim_time *ready)
{
	int64_t unflushed = r->log.end_offset - r->recovery_point;
	sim_time done;

	if (unflushed < replica_setting(r, TOPIC_FLUSH_MESSAGES))
		return;
	done = file_fsync(w, r->file);
	replica_flush(w, r);
	if (done > *ready)
		*ready = done;
}

static void rolled(struct world *w, struct replica *r)
{
	log_write(w, r->broker->process, LOG_INFO, "[LocalLog partition=%s-%u, "
		  "dir=%s] Rolled new log segment at offset %lld "
		  "in 0 ms. (kafka.log.LocalLog)",
		  world_text(w, r->partition->topic->name), r->partition->index,
		  replica_dir(w, r),
		  (long long)r->log.segments.at[r->log.segments.count - 1]
				     .base_offset);
	replica_flush(w, r);		/* UnifiedLog.roll does, behind */
}

/* LogConfig.maxSegmentMs: what must be compacted soon must be closed soon. */
static int64_t segment_ms(const struct replica *r)
{
	int64_t ms = replica_setting(r, TOPIC_SEGMENT_MS), lag;

	if (!cleanup_compacts(replica_setting(r, TOPIC_CLEANUP_POLICY)))
		return ms;
	lag = replica_setting(r, TOPIC_MAX_COMPACTION_LAG_MS);
	return lag < ms ? lag : ms;
}

/* False: its directory has failed. */
static bool store(struct world *w, struct replica *r, struct batch *b,
		  sim_time *ready)
{
	uint32_t segments = r->log.segments.count;

	if (r->offline || r->dir->failing)
		return false;
	r->trouble = file_append(w, r->file, b->bytes, ready);
	if (r->trouble != DISK_OK) {
		log_dir_fails(w, r, LOG_DIR_APPENDS);
		return false;
	}
	b->position = r->file->end - b->bytes;
	log_append(w, &r->log, b, replica_setting(r, TOPIC_SEGMENT_BYTES),
		   config_ms(segment_ms(r)));
	if (segments && r->log.segments.count > segments)
		rolled(w, r);
	if (batch_has_producer(b))
		producer_states_note(w, &r->producers, b);
	flush_if_many(w, r, ready);
	world_note(w, (uint64_t)b->base_offset << 8 ^ r->partition->id ^
		      (uint64_t)b->count << 40);
	return true;
}

/* Is it the next of its producer?  *stored_at: where it is already, or -1. */
static enum kafka_error check_number(struct world *w, struct replica *r,
				     const struct batch *b, int64_t *stored_at)
{
	const char *topic = world_text(w, r->partition->topic->name);
	struct text why = {0};
	enum kafka_error error = producer_states_check(&r->producers, b,
		r->log.end_offset, topic, r->partition->index, stored_at, &why);

	if (error != KAFKA_NONE)
		log_write(w, r->broker->process, LOG_ERROR, "[ReplicaManager "
			  "broker=%d] Error processing append operation on "
			  "partition %s-%u (kafka.server.ReplicaManager) "
			  "org.apache.kafka.common.errors.%s: %s",
			  r->broker->node_id, topic, r->partition->index,
			  kafka_error_class(error), why.at);
	text_free(&why);
	return error;
}

/* LogValidator: packed anew when the topic wants another codec.  The time it
 * takes was spent before (replica_unpack_time). */
static void recompress(const struct replica *r, struct batch *b)
{
	enum codec to = codec_for_topic(
		replica_setting(r, TOPIC_COMPRESSION_TYPE), b->codec);

	if (to == b->codec)
		return;
	b->bytes = codec_pack(to, codec_unpack(b->codec, b->bytes));
	b->codec = (uint8_t)to;
}

sim_time replica_unpack_time(const struct replica *r, const struct batch *b)
{
	enum codec to = codec_for_topic(
		replica_setting(r, TOPIC_COMPRESSION_TYPE), b->codec);
	uint32_t raw = codec_unpack(b->codec, b->bytes);

	return codec_unpack_time(b->codec, raw) +
	       (to == b->codec ? 0 : codec_pack_time(to, raw));
}

static bool out_of_range(const struct replica *r, sim_time now, sim_time at)
{
	int64_t ahead = sim_wall_ms(at) - sim_wall_ms(now);

	return ahead > replica_setting(r, TOPIC_TIMESTAMP_AFTER_MAX_MS) ||
	       -ahead > replica_setting(r, TOPIC_TIMESTAMP_BEFORE_MAX_MS);
}

/* LogValidator: the time is the leader's, or the producer's within bounds. */
static bool stamp(struct world *w, const struct replica *r, struct batch *b)
{
	sim_time now = machine_wall(w, r->broker->process->machine);

	b->append_time = replica_setting(r, TOPIC_TIMESTAMP_TYPE) ==
			 TIMESTAMP_LOG_APPEND;
	if (b->append_time)
		b->first_at = b->last_at = now;
	return b->append_time || (!out_of_range(r, now, b->first_at) &&
				  !out_of_range(r, now, b->last_at));
}

enum kafka_error replica_append(struct world *w, struct replica *r,
				struct batch *b, int16_t acks, sim_time *ready)
{
	int64_t stored_at = -1;
	enum kafka_error error;

	if (r->role != REPLICA_LEADER)
		return replica_unserved(r);
	recompress(r, b);
	if (b->bytes > replica_setting(r, TOPIC_MAX_MESSAGE_BYTES))
		return KAFKA_MESSAGE_TOO_LARGE;
	if (acks == -1 && replica_under_min_isr(r))
		return KAFKA_NOT_ENOUGH_REPLICAS;
	if (!stamp(w, r, b))
		return KAFKA_INVALID_TIMESTAMP;
	if (b->numbered) {
		error = check_number(w, r, b, &stored_at);
		if (error != KAFKA_NONE)
			return error;
	}
	if (stored_at >= 0) {		/* UnifiedLog.append: a duplicate */
		b->base_offset = stored_at;
		return KAFKA_NONE;
	}
	b->leader_epoch = r->leader_epoch;
	if (!store(w, r, b, ready))
		return KAFKA_STORAGE_ERROR;
	metric_add(r->broker->metrics->bytes_in, b->bytes);
	metric_add(r->broker->metrics->messages_in, b->count);
	return KAFKA_NONE;
}

void replica_appended(struct world *w, struct replica *r)
{
	advance(w, r);
	fetch_wake(w, r, true);
}

bool replica_append_fetched(struct world *w, struct replica *r,
			    const struct batch *b, sim_time *ready)
{
	struct batch copy = *b;

	assert(b->base_offset >= r->log.end_offset);
	copy.cleaned = false;
	if (b->base_offset > r->log.end_offset)	/* its leader has compacted */
		log_skip_to(&r->log, b->base_offset);
	return store(w, r, &copy, ready);
}

void replica_flush(struct world *w, struct replica *r)
{
	if (file_durable_end(w, r->file) < r->file->end)
		file_fsync(w, r->file);
	r->recovery_point = r->log.end_offset;
	r->flushed_at = world_now(w);
}

/* What is known to be on disk ends where the log does; the checkpoint is
 * written anew with every cut (LogManager.truncateTo). */
static void points_back(struct replica *r)
{
	if (r->recovery_point > r->log.end_offset)
		r->recovery_point = r->log.end_offset;
	if (r->checkpoint > r->recovery_point)
		r->checkpoint = r->recovery_point;
}

void replica_cut(struct world *w, struct replica *r, int64_t offset)
{
	int64_t cleaned = log_cleaned_bytes(&r->log);
	int64_t bytes = log_truncate(w, &r->log, offset);

	cleaned -= log_cleaned_bytes(&r->log);
	file_truncate(w, r->file, r->file->end - (bytes - cleaned));
	if (cleaned)
		file_truncate(w, r->cleaned, r->cleaned->end - cleaned);
	if (r->high_watermark > r->log.end_offset)
		r->high_watermark = r->log.end_offset;
	producer_states_rebuild(w, &r->producers, &r->log);
	points_back(r);
	world_note(w, (uint64_t)r->log.end_offset << 8 ^ r->partition->id);
}

void replica_truncate(struct world *w, struct replica *r, int64_t offset)
{
	int64_t end = r->log.end_offset;

	if (offset >= end)
		return;
	replica_cut(w, r, offset);
	log_write(w, r->broker->process, LOG_INFO,
		  "[Log partition=%s-%u, dir=%s] Truncating to "
		  "%lld has effect on log end offset %lld (kafka.log.UnifiedLog)",
		  world_text(w, r->partition->topic->name), r->partition->index,
		  replica_dir(w, r), (long long)offset, (long long)end);
}

/* ProducerStateManager.removeExpiredProducers.  Simplified: looked at with
 * retention, every 5 min; the real one has its own check, every 10 min
 * (producer.id.expiration.check.interval.ms). */
void replica_expire_producers(struct world *w, struct replica *r)
{
	const struct broker *b = r->broker;

	producer_states_expire(w, &r->producers,
		machine_wall(w, b->process->machine) - config_ms(
		broker_setting(b, BROKER_PRODUCER_ID_EXPIRATION_MS)));
}
