/* cleaner.c - compaction: of each key the last record stays */
#include "sim/broker/cleaner.h"

#include <assert.h>

#include "sim/broker/compression.h"
#include "sim/broker/events.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/retention.h"

/* Read at a time; log.cleaner.io.buffer.size is 512 KiB, the kernel reads ahead. */
#define PIECE_BYTES	(INT64_C(1) << 20)

/* To hash keys and copy records: about 100 MB/s, as real cleaners say of
 * themselves in log-cleaner.log [E]. */
#define CPU_NS_BYTE	10

/* SkimpyOffsetMap: an MD5 and an offset a key, filled to
 * log.cleaner.io.buffer.load.factor 0.9. */
#define MAP_ENTRY_BYTES	24
#define MAP_LOAD_PERMILLE 900

static const char *topic_of(const struct world *w, const struct replica *r)
{
	return world_text(w, r->partition->topic->name);
}

static sim_time wall_ms(const struct world *w, const struct broker *b)
{
	return sim_wall_ms(machine_wall(w, b->process->machine));
}

/* -- keys ------------------------------------------------------------------ */

/* FNV-1a; like the real map, which keeps an MD5, this one trusts the hash. */
static uint64_t key_hash(const struct record_view *v)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (int32_t i = 0; i < v->key_len; i++)
		h = (h ^ (unsigned char)v->key[i]) * UINT64_C(1099511628211);
	return h;
}

/* The last offset of each key, 1 added: a map holds no NULL. */
static void remember(struct world *w, struct map *keys,
		     const struct record_view *v)
{
	if (v->key_len >= 0)
		map_put(keys, &w->arena, key_hash(v),
			(void *)(uintptr_t)(v->offset + 1));
}

static int64_t last_of(const struct map *keys, const struct record_view *v)
{
	return (int64_t)(uintptr_t)map_get(keys, key_hash(v)) - 1;
}

/* Markers have no key, and what was aborted replaces nothing. */
static bool counts(const struct replica *r, const struct batch *b)
{
	return !b->control &&
	       !(b->transactional &&
		 txn_index_is_aborted(&r->producers.txns, b->producer_id,
				      b->base_offset));
}

/* Keys of the records from `from` to `to`. */
static void map_range(struct world *w, const struct replica *r, int64_t from,
		      int64_t to, struct map *keys)
{
	const struct cluster *cluster = r->broker->cluster;
	char scratch[RECORD_SCRATCH];
	struct record_view view;
	const struct batch *b;
	struct log_cursor c;

	if (from >= to || !log_seek(w, &r->log, from, &c))
		return;
	while ((b = log_read(w, &r->log, &c)) && b->base_offset < to)
		for (uint32_t i = 0; i < b->count && counts(r, b); i++) {
			record_read(w, cluster, b, i, &view, scratch);
			remember(w, keys, &view);
		}
}

/* -- which log ------------------------------------------------------------- */

static int64_t end_of(const struct log *log, uint32_t i)
{
	return i + 1 < log->segments.count ? log->segments.at[i + 1].base_offset :
	       log->end_offset;
}

/* LogCleanerManager.cleanableOffsets: not the active segment, nothing above the
 * last stable offset, nothing younger than min.compaction.lag.ms. */
static int64_t first_uncleanable(const struct world *w, struct replica *r)
{
	int64_t lag = replica_setting(r, TOPIC_MIN_COMPACTION_LAG_MS);
	int64_t now = wall_ms(w, r->broker);
	int64_t stable = replica_last_stable(r);
	const struct log *log = &r->log;
	uint32_t i = 0;

	while (i + 1 < log->segments.count &&
	       end_of(log, i) <= stable &&
	       (!lag || now - sim_wall_ms(log->segments.at[i].largest_at) > lag))
		i++;
	return log->segments.count ? log->segments.at[i].base_offset :
	       log->start_offset;
}

struct dirt {
	int64_t clean, dirty;		/* bytes: compacted, to be compacted */
	int64_t to;			/* offset up to which it could be */
	bool must;			/* max.compaction.lag.ms is over */
};

static struct dirt dirt_of(const struct world *w, struct replica *r)
{
	struct dirt d = { .to = first_uncleanable(w, r) };
	int64_t max_lag = replica_setting(r, TOPIC_MAX_COMPACTION_LAG_MS);

	for (uint32_t i = 0; i < r->log.segments.count; i++) {
		const struct log_segment *s = &r->log.segments.at[i];

		if (s->base_offset >= d.to)
			break;
		if (s->cleaned) {
			d.clean += s->bytes;
			continue;
		}
		d.dirty += s->bytes;
		d.must |= wall_ms(w, r->broker) - sim_wall_ms(s->first_at) >
			  max_lag;
	}
	return d;
}

static int64_t ratio_ppm(const struct dirt *d)
{
	return d->dirty ? d->dirty * 1000000 / (d->clean + d->dirty) : 0;
}

static bool compacts(const struct replica *r)
{
	return cleanup_compacts(replica_setting(r, TOPIC_CLEANUP_POLICY));
}

/* The filthiest log that is filthy enough; NULL: none is. */
static struct replica *filthiest(const struct world *w, const struct broker *b)
{
	struct replica *best = NULL;
	int64_t most = 0;

	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];
		struct dirt d;

		if (!r || r->offline || r->uncleanable ||
		    r->log.segments.count < 2 ||
		    !compacts(r))
			continue;
		d = dirt_of(w, r);
		if (ratio_ppm(&d) <= most ||
		    !(d.must || ratio_ppm(&d) >
				replica_setting(r, TOPIC_MIN_CLEANABLE_RATIO)))
			continue;
		best = r;
		most = ratio_ppm(&d);
	}
	return best;
}

/* -- beginning ------------------------------------------------------------- */

/* So many segments as the map has room for; at least one must fit whole. */
static int64_t fits(struct world *w, const struct replica *r, int64_t from,
		    int64_t to)
{
	int64_t room = broker_setting(r->broker, BROKER_CLEANER_DEDUPE_BYTES) /
		       MAP_ENTRY_BYTES * MAP_LOAD_PERMILLE / 1000;
	struct map keys = {0};
	int64_t end = from;

	/* No more keys than records: then there is nothing to look for. */
	if (to - from <= room)
		return to;
	for (uint32_t i = 0; i < r->log.segments.count && end < to; i++) {
		if (r->log.segments.at[i].base_offset < from)
			continue;
		map_range(w, r, end, end_of(&r->log, i), &keys);
		if (keys.live > room)
			break;
		end = end_of(&r->log, i);
	}
	map_free(&keys, &w->arena);
	return end;
}

static void give_up(struct world *w, struct broker *b, struct replica *r,
		    const char *why)
{
	r->uncleanable = true;
	log_write(w, b->process, LOG_WARN, "[kafka-log-cleaner-thread-0]: "
		  "Unexpected exception thrown when cleaning log %s-%u. Marking "
		  "its partition (%s-%u) as uncleanable (kafka.log.LogCleaner) "
		  "%s", topic_of(w, r), r->partition->index, topic_of(w, r),
		  r->partition->index, why);
}

static bool begin(struct world *w, struct broker *b, struct replica *r)
{
	struct cleaner *c = b->cleaner;
	struct dirt d = dirt_of(w, r);

	c->from = r->log.cleaned_to > r->log.start_offset ? r->log.cleaned_to :
		  r->log.start_offset;
	c->to = fits(w, r, c->from, d.to);
	if (c->to == c->from) {
		give_up(w, b, r, "java.lang.IllegalArgumentException: "
			"requirement failed: a segment has more messages than "
			"the offset map can fit. You can increase "
			"log.cleaner.dedupe.buffer.size or decrease "
			"log.cleaner.threads");
		return false;
	}
	c->log = r;
	c->partition = r->partition->id;
	c->was = r->file;
	c->begin = r->log.start_offset;
	c->left_dirty = 0;
	for (uint32_t i = 0; i < r->log.segments.count; i++)
		if (!r->log.segments.at[i].cleaned &&
		    r->log.segments.at[i].base_offset < c->to)
			c->left_dirty += r->log.segments.at[i].bytes;
	c->left_all = d.clean + c->left_dirty;
	log_write(w, b->process, LOG_INFO, "Cleaner 0: Beginning cleaning of log "
		  "%s-%u (kafka.log.LogCleaner)", topic_of(w, r),
		  r->partition->index);
	return true;
}

static void forget(struct world *w, struct cleaner *c)
{
	if (c->copy)
		file_delete(w, c->copy);
	vec_free(&w->arena, &c->kept);
	c->copy = NULL;
	c->log = NULL;
}

/* Is the log still the one that was begun with? */
static bool stands(const struct broker *b)
{
	const struct cleaner *c = b->cleaner;
	const struct replica *r = broker_replica(b, c->partition);

	return r && r == c->log && !r->offline && r->file == c->was &&
	       r->log.start_offset == c->begin && r->log.end_offset >= c->to &&
	       r->log.cleaned_to <= c->from && compacts(r);
}

/* -- reading --------------------------------------------------------------- */

static void sleep_until(struct world *w, struct broker *b, sim_time at)
{
	process_at(w, b->process, at, BROKER_CLEAN, b, 0);
}

static int64_t position_at(const struct world *w, const struct replica *r,
			   int64_t offset)
{
	struct log_cursor c;

	return log_seek(w, &r->log, offset, &c) ?
	       log_read(w, &r->log, &c)->position : 0;
}

/* What is read next: the dirty part, the compacted one, the dirty part again. */
static struct file *next_bytes(const struct world *w, const struct cleaner *c,
			       int64_t *at, int64_t *bytes)
{
	const struct replica *r = c->log;
	int64_t clean = 0, dirty = 0;

	for (uint32_t i = 0; i < r->log.segments.count; i++)
		if (r->log.segments.at[i].cleaned)
			clean += r->log.segments.at[i].bytes;
		else if (r->log.segments.at[i].base_offset < c->to)
			dirty += r->log.segments.at[i].bytes;
	if (c->left_dirty || c->left_all <= dirty) {
		*bytes = c->left_dirty ? c->left_dirty : c->left_all;
		*at = position_at(w, r, c->from) + dirty - *bytes;
		return r->file;
	}
	*bytes = c->left_all - dirty;
	*at = position_at(w, r, r->log.start_offset) + clean - *bytes;
	return r->cleaned;
}

static void sleep_a_while(struct world *w, struct broker *b)
{
	sleep_until(w, b, world_now(w) +
		    config_ms(broker_setting(b, BROKER_CLEANER_BACKOFF_MS)));
}

/* The thread goes on with the logs of other directories. */
static void disk_failed(struct world *w, struct broker *b,
			enum log_dir_work work)
{
	log_dir_fails(w, b->cleaner->log, work);
	forget(w, b->cleaner);
	sleep_a_while(w, b);
}

static void read_on(struct world *w, struct broker *b)
{
	struct cleaner *c = b->cleaner;
	int64_t at, bytes;
	struct file *f = next_bytes(w, c, &at, &bytes);
	sim_time ready;

	if (bytes > PIECE_BYTES)
		bytes = PIECE_BYTES;
	c->log->trouble = file_read(w, f, at, bytes, &ready);
	if (c->log->trouble == DISK_FAILED) {
		disk_failed(w, b, LOG_DIR_READS);
		return;
	}
	if (c->log->trouble == DISK_CORRUPT) {
		give_up(w, b, c->log, "org.apache.kafka.common.errors."
			"CorruptRecordException: Record is corrupt");
		forget(w, c);
		sleep_a_while(w, b);
		return;
	}
	if (c->left_dirty)
		c->left_dirty -= bytes;
	else
		c->left_all -= bytes;
	c->piece = bytes;
	process_at(w, b->process, ready, BROKER_CLEAN_READ, b, 0);
}

void cleaner_read(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	(void)arg;
	cpu_run(w, b->process, b->cleaner->piece * CPU_NS_BYTE, BROKER_CLEAN, b,
		0);
}

/* -- copying --------------------------------------------------------------- */

/* A batch being copied, as the pieces that stay of it. */
struct copying {
	struct cleaner *c;
	struct map keys;
	int64_t last;			/* offset of the last record of all */
	int64_t now_ms, horizon_ms;
	int64_t header;			/* bytes not yet counted of its header */
	bool open;			/* the last piece can be continued */
};

static int64_t bytes_of(const struct record_view *v)
{
	return record_bytes(&(struct record){
		.key_len = v->key_len, .value_len = v->value_len,
		.headers = v->headers, .headers_len = v->headers_len,
	});
}

static bool stays(const struct copying *k, const struct batch *b,
		  const struct record_view *v)
{
	/* Simplified: the real cleaner drops a marker delete.retention.ms after
	 * the last record of its transaction. */
	if (v->offset == k->last || b->control)
		return true;
	if (!counts(k->c->log, b))
		return false;
	if (v->key_len < 0 || v->offset < last_of(&k->keys, v))
		return false;
	return v->value_len >= 0 || !b->horizon ||
	       sim_wall_ms(b->horizon) > k->now_ms;
}

static void copy_record(struct world *w, struct copying *k,
			const struct cluster *cluster, const struct batch *b,
			uint32_t i, const struct record_view *v, int64_t bytes)
{
	struct batch *piece;

	if (!k->open) {
		piece = vec_add(&w->arena, &k->c->kept);
		*piece = *b;
		piece->base_offset = b->base_offset + i;
		piece->content = record_place(w, cluster, b, i);
		piece->count = piece->bytes = 0;
		piece->first_at = piece->last_at = v->at;
		piece->cleaned = true;
		piece->sequence = b->sequence + (b->numbered ? (int32_t)i : 0);
		/* Simplified: the real cleaner packs again what was packed. */
		piece->codec = CODEC_NONE;
	}
	piece = &k->c->kept.at[k->c->kept.count - 1];
	piece->count++;
	piece->bytes += (uint32_t)(bytes + k->header);
	if (piece->last_at < v->at)
		piece->last_at = v->at;
	if (v->value_len < 0 && !piece->horizon)
		piece->horizon = SIM_MS(k->horizon_ms - SIM_EPOCH_MS);
	k->header = 0;
	k->open = true;
}

/* What is in the batch beside its records; their share, where tests and
 * producers count records otherwise. */
static int64_t header_bytes(struct world *w, const struct cluster *cluster,
			    const struct batch *b, int64_t *share)
{
	char scratch[RECORD_SCRATCH];
	struct record_view v;
	int64_t sum = 0;

	for (uint32_t i = 0; i < b->count; i++) {
		record_read(w, cluster, b, i, &v, scratch);
		sum += bytes_of(&v);
	}
	*share = sum > b->bytes ? b->bytes / b->count : 0;
	return *share ? 0 : b->bytes - sum;
}

static void copy_batch(struct world *w, struct copying *k,
		       const struct cluster *cluster, const struct batch *b)
{
	char scratch[RECORD_SCRATCH];
	struct record_view v;
	int64_t share;

	k->open = false;
	k->header = header_bytes(w, cluster, b, &share);
	for (uint32_t i = 0; i < b->count; i++) {
		record_read(w, cluster, b, i, &v, scratch);
		if (stays(k, b, &v))
			copy_record(w, k, cluster, b, i, &v,
				    share ? share : bytes_of(&v));
		else
			k->open = false;
	}
}

static int64_t last_offset_below(const struct world *w, const struct replica *r,
				 int64_t from, int64_t to)
{
	const struct batch *b;
	struct log_cursor c;
	int64_t last = -1;

	if (!log_seek(w, &r->log, from, &c))
		return -1;
	while ((b = log_read(w, &r->log, &c)) && b->base_offset < to)
		last = b->base_offset + b->count - 1;
	return last;
}

static void copy_log(struct world *w, struct broker *b)
{
	struct cleaner *c = b->cleaner;
	const struct replica *r = c->log;
	struct copying k = {
		.c = c, .now_ms = wall_ms(w, b),
		.last = last_offset_below(w, r, c->from, c->to),
	};
	int64_t keep = replica_setting(r, TOPIC_DELETE_RETENTION_MS);
	const struct batch *batch;
	struct log_cursor at;

	k.horizon_ms = keep < SIM_NEVER / SIM_MS(2) - k.now_ms ?
		       k.now_ms + keep : SIM_NEVER / SIM_MS(2);
	map_range(w, r, c->from, c->to, &k.keys);
	if (log_seek(w, &r->log, r->log.start_offset, &at))
		while ((batch = log_read(w, &r->log, &at)) &&
		       batch->base_offset < c->to)
			copy_batch(w, &k, b->cluster, batch);
	map_free(&k.keys, &w->arena);
}

/* Write the copy, and flush it. */
static void write_copy(struct world *w, struct broker *b)
{
	struct cleaner *c = b->cleaner;
	sim_time ready, flushed;
	int64_t bytes = 0;

	copy_log(w, b);
	c->copy = file_new(w, c->log->file->disk);
	for (uint32_t i = 0; i < c->kept.count; i++) {
		c->kept.at[i].position = bytes;
		bytes += c->kept.at[i].bytes;
	}
	c->log->trouble = file_append(w, c->copy, bytes, &ready);
	if (c->log->trouble != DISK_OK) {
		disk_failed(w, b, LOG_DIR_APPENDS);
		return;
	}
	flushed = file_fsync(w, c->copy);
	process_at(w, b->process, flushed > ready ? flushed : ready,
		   BROKER_CLEAN_WRITTEN, b, 0);
}

/* -- taking its place ------------------------------------------------------ */

static void replace(struct world *w, struct broker *b)
{
	struct cleaner *c = b->cleaner;
	struct replica *r = c->log;
	int64_t before = r->log.bytes, dirty = 0;

	for (uint32_t i = 0; i < r->log.segments.count; i++)
		if (!r->log.segments.at[i].cleaned &&
		    r->log.segments.at[i].base_offset < c->to)
			dirty += r->log.segments.at[i].bytes;
	producer_states_snapshot(w, &r->producers, &r->log, c->to);
	retention_drop_bytes(w, r, dirty);
	retention_drop_cleaned(w, r);
	r->cleaned = c->copy;
	c->copy = NULL;
	log_replace_front(w, &r->log, c->to, c->kept.at, c->kept.count,
			  replica_setting(r, TOPIC_SEGMENT_BYTES));
	world_note(w, (uint64_t)r->log.bytes << 8 ^ r->partition->id);
	log_write(w, b->process, LOG_INFO, "[kafka-log-cleaner-thread-0]: Log "
		  "cleaner thread 0 cleaned log %s-%u (dirty section = [%lld, "
		  "%lld]); start size %lld bytes, end size %lld bytes "
		  "(kafka.log.LogCleaner)", topic_of(w, r), r->partition->index,
		  (long long)c->from, (long long)c->to, (long long)before,
		  (long long)r->log.bytes);
}

void cleaner_written(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;

	(void)arg;
	if (b->cleaner->dead || !b->cleaner->log)
		return;
	if (stands(b))
		replace(w, b);
	forget(w, b->cleaner);
	b->cleaner->last_run = world_now(w);
	cleaner_step(w, b, 0);
}

/* -- the thread ------------------------------------------------------------ */

/* Find something to do; false: there is nothing. */
static bool find_work(struct world *w, struct broker *b)
{
	struct replica *r = b->registered ? filthiest(w, b) : NULL;

	return r && begin(w, b, r);
}

void cleaner_step(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;
	struct cleaner *c = b->cleaner;

	(void)arg;
	if (c->dead)
		return;
	if (c->log && !stands(b))
		forget(w, c);		/* LogCleaningAbortedException */
	if (!c->log && !find_work(w, b)) {
		sleep_a_while(w, b);
		return;
	}
	if (c->left_dirty || c->left_all)
		read_on(w, b);
	else
		write_copy(w, b);
}

void cleaner_start(struct world *w, struct broker *b)
{
	if (!b->cleaner)
		b->cleaner = world_take(w, struct cleaner);
	b->cleaner->dead = false;
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			b->replicas.at[i]->uncleanable = false;
	if (broker_setting(b, BROKER_CLEANER_ENABLE))
		sleep_a_while(w, b);
}

void cleaner_stop(struct world *w, struct broker *b)
{
	if (b->cleaner)
		forget(w, b->cleaner);
}

void cleaner_die(struct world *w, struct broker *b)
{
	if (b->cleaner->dead)
		return;
	forget(w, b->cleaner);
	b->cleaner->dead = true;
	log_write(w, b->process, LOG_ERROR, "[kafka-log-cleaner-thread-0]: Error "
		  "due to (kafka.log.LogCleaner$CleanerThread) "
		  "java.lang.OutOfMemoryError: Java heap space");
	log_write(w, b->process, LOG_INFO, "[kafka-log-cleaner-thread-0]: "
		  "Stopped (kafka.log.LogCleaner$CleanerThread)");
}

void cleaner_revive(struct world *w, struct broker *b)
{
	if (b->cleaner->dead && b->process->state != PROCESS_DOWN)
		cleaner_start(w, b);
}

void cleaner_collect(struct world *w, struct broker *b)
{
	int64_t most = 0;

	for (uint32_t i = 0; i < b->replicas.count; i++) {
		struct replica *r = b->replicas.at[i];
		struct dirt d;

		if (!r || !compacts(r))
			continue;
		if (r->log.segments.count < 2)
			continue;
		d = dirt_of(w, r);
		if (ratio_ppm(&d) > most)
			most = ratio_ppm(&d);
	}
	metric_set(b->metrics->dead_cleaners, b->cleaner && b->cleaner->dead);
	metric_set(b->metrics->max_dirty_percent, most / 10000);
}

int64_t cleaner_uncleanable(const struct broker *b, const struct log_dir *d)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < b->replicas.count; i++) {
		const struct replica *r = b->replicas.at[i];

		n += r && r->dir == d && r->uncleanable && compacts(r);
	}
	return n;
}
