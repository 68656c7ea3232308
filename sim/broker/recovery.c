/* recovery.c - logs that are loaded again when a broker starts */
#include "sim/broker/recovery.h"

#include "sim/broker/events.h"
#include "sim/broker/log_dirs.h"
#include "sim/broker/retention.h"

/* So much is read before the next look; the kernel reads ahead of a reader
 * anyway, so that the disk streams. */
#define PIECE_BYTES	(INT64_C(4) << 20)

/* A frozen process does nothing when its timers fire; it looks again then. */
#define FROZEN_CHECK	SIM_MS(100)

/* One thread that loads logs of one directory.  It takes every n-th log, n
 * threads being there.  Simplified: the real ones take the next that is left. */
struct recovery {
	struct broker *broker;
	struct log_dir *dir;
	uint32_t turn, of;		/* thread `turn` of so many */
	uint32_t next;			/* partition to look at */
	uint32_t passed;		/* logs of its directory, others' turns
					   counted in */
	struct replica *log;		/* being read; NULL: none */
	int64_t from;			/* its first offset that is looked at */
	int64_t at, to;			/* bytes of its file left to read */
	bool done;
};

static const char *topic_of(const struct world *w, const struct replica *r)
{
	return world_text(w, r->partition->topic->name);
}

/* -- one log --------------------------------------------------------------- */

/* The first segment to read: it holds the recovery point.  What the cleaner wrote
 * was flushed before it came into its place. */
static uint32_t first_unflushed(const struct replica *r)
{
	uint32_t i = r->log.segments.count - 1;

	while (i && r->log.segments.at[i].base_offset > r->checkpoint &&
	       !r->log.segments.at[i - 1].cleaned)
		i--;
	return i;
}

/* Where an offset lies in the file; its end: there is no such record. */
static int64_t position_of(const struct world *w, const struct replica *r,
			   int64_t offset)
{
	struct log_cursor c;

	return log_seek(w, &r->log, offset, &c) ?
	       log_read(w, &r->log, &c)->position : r->file->end;
}

/* The first batch that does not end below `good`; NULL: all do. */
static const struct batch *first_bad(const struct world *w,
				     const struct replica *r, int64_t from,
				     int64_t good)
{
	const struct batch *b;
	struct log_cursor c;

	if (!log_seek(w, &r->log, from, &c))
		return NULL;
	while ((b = log_read(w, &r->log, &c)))
		if (b->position + b->bytes > good)
			return b;
	return NULL;
}

/* LogLoader.recoverLog: everything from the first bad batch on goes. */
static void cut_bad(struct world *w, struct replica *r, int64_t from,
		    int64_t good)
{
	const struct batch *bad = first_bad(w, r, from, good);
	int64_t segment, offset;

	if (!bad)
		return;
	offset = bad->base_offset;
	segment = r->log.segments.at[r->log.segments.count - 1].base_offset;
	if (bad->position < good)	/* a part of it is there */
		log_write(w, r->broker->process, LOG_WARN, "[LogLoader "
			  "partition=%s-%u, dir=%s] Corruption found in segment "
			  "%lld, truncating to offset %lld "
			  "(kafka.log.LogLoader)", topic_of(w, r),
			  r->partition->index, replica_dir(w, r),
			  (long long)segment, (long long)offset);
	replica_cut(w, r, offset);
	log_write(w, r->broker->process, LOG_INFO, "[LogLoader partition=%s-%u, "
		  "dir=%s] Loading producer state till offset %lld with message "
		  "format version 2 (kafka.log.UnifiedLog$)",
		  topic_of(w, r), r->partition->index, replica_dir(w, r),
		  (long long)r->log.end_offset);
}

/* What is known of its producers is read from it again. */
static void log_loaded(struct world *w, struct replica *r)
{
	producer_states_rebuild(w, &r->producers, &r->log);
	replica_expire_producers(w, r);
}

static void log_recovered(struct world *w, struct recovery *t)
{
	if (t->to < t->log->file->end)
		cut_bad(w, t->log, t->from, t->to);
	log_loaded(w, t->log);
	t->log = NULL;
}

/* -- a thread -------------------------------------------------------------- */

static void begin_log(struct world *w, struct recovery *t, struct replica *r)
{
	uint32_t count = r->log.segments.count, first;

	t->log = r;
	t->from = r->log.start_offset;
	t->at = t->to = r->file->end;
	if (!count)		/* Simplified: the real one says so of these, too */
		return;
	first = first_unflushed(r);
	for (uint32_t i = first; i < count; i++)
		log_write(w, r->broker->process, LOG_INFO, "[LogLoader "
			  "partition=%s-%u, dir=%s] Recovering unflushed "
			  "segment %lld. %u/%u recovered for %s-%u. "
			  "(kafka.log.LogLoader)", topic_of(w, r),
			  r->partition->index, replica_dir(w, r),
			  (long long)r->log.segments.at[i].base_offset,
			  i - first, count - first, topic_of(w, r),
			  r->partition->index);
	t->from = r->log.segments.at[first].base_offset;
	t->at = position_of(w, r, t->from);
	if (t->to > r->file->intact_end)
		t->to = r->file->intact_end;
}

static bool next_log(struct world *w, struct recovery *t)
{
	const struct broker *b = t->broker;

	while (t->next < b->replicas.count) {
		struct replica *r = b->replicas.at[t->next++];

		if (!r || r->dir != t->dir ||
		    t->passed++ % t->of != t->turn)
			continue;
		begin_log(w, t, r);
		return true;
	}
	return false;
}

static void all_loaded(struct world *w, struct broker *b)
{
	struct text dirs = {0};
	uint32_t logs = 0;

	for (uint32_t i = 0; i < b->replicas.count; i++)
		logs += b->replicas.at[i] && !b->replicas.at[i]->offline;
	log_dirs_text(w, b, ", ", &dirs);
	log_write(w, b->process, LOG_INFO, "Loaded %u logs in %lldms (unclean "
		  "log dirs = ArraySeq(%s)) (kafka.log.LogManager)", logs,
		  (long long)((world_now(w) - b->loading_since) / SIM_MS(1)),
		  text_cstr(&dirs));
	text_free(&dirs);
	recovery_drop(w, b);
	world_call(w, BROKER_HEARTBEAT, b, 0);
}

static void thread_done(struct world *w, struct recovery *t)
{
	struct broker *b = t->broker;

	t->done = true;
	for (uint32_t i = 0; i < b->recoveries.count; i++)
		if (!b->recoveries.at[i]->done)
			return;
	all_loaded(w, b);
}

static int64_t piece(const struct recovery *t)
{
	return t->to - t->at < PIECE_BYTES ? t->to - t->at : PIECE_BYTES;
}

/*
 * Read a piece.  Simplified: a batch whose bytes come back wrong is taken to
 * begin where the piece does.
 */
static void read_piece(struct world *w, struct recovery *t)
{
	sim_time ready;

	t->log->trouble = file_read(w, t->log->file, t->at, piece(t), &ready);
	if (t->log->trouble == DISK_FAILED) {
		log_dir_fails(w, t->log, LOG_DIR_READS);
		process_at(w, t->broker->process, world_now(w),
			   BROKER_RECOVER, t, 0);
		return;
	}
	if (t->log->trouble == DISK_CORRUPT) {
		t->to = t->at;
		ready = ready > world_now(w) ? ready : world_now(w);
	}
	process_at(w, t->broker->process, ready, BROKER_RECOVER_READ, t, 0);
}

static void go_on(struct world *w, struct recovery *t)
{
	for (;;) {
		if (t->dir->failing || (!t->log && !next_log(w, t))) {
			thread_done(w, t);
			return;
		}
		if (t->at < t->to) {
			read_piece(w, t);
			return;
		}
		log_recovered(w, t);
	}
}

/* The piece is in memory; its batches are checked: CRC about 1 GB/s, as of what
 * is produced (calibration.md 3.1).  Simplified: reading waits meanwhile. */
void recovery_read(struct world *w, void *who, uint16_t arg)
{
	struct recovery *t = who;
	int64_t bytes = piece(t);

	(void)arg;
	t->at += bytes;
	cpu_run(w, t->broker->process, bytes + 1, BROKER_RECOVER, t, 0);
}

void recovery_step(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	go_on(w, who);
}

/* -- all of them ----------------------------------------------------------- */

/* Logs that nobody has to check. */
static void load_all(struct world *w, const struct log_dir *d)
{
	const struct broker *b = d->broker;

	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i] && b->replicas.at[i]->dir == d)
			log_loaded(w, b->replicas.at[i]);
}

static void start_threads(struct world *w, struct log_dir *d)
{
	struct broker *b = d->broker;
	uint32_t of = (uint32_t)broker_setting(b, BROKER_RECOVERY_THREADS);

	for (uint32_t i = 0; i < of; i++) {
		struct recovery *t = world_take(w, struct recovery);

		*t = (struct recovery){
			.broker = b, .dir = d, .turn = i, .of = of,
		};
		*vec_add(&w->arena, &b->recoveries) = t;
		process_at(w, b->process, world_now(w), BROKER_RECOVER, t, 0);
	}
}

/* Simplified: one file says of all directories that the stop was clean. */
static void begin_dir(struct world *w, struct log_dir *d, bool clean)
{
	const char *path = log_dir_path(w, d);

	log_write(w, d->broker->process, LOG_INFO, clean ?
		  "Skipping recovery of %u logs from %s since clean shutdown "
		  "file was found (kafka.log.LogManager)" :
		  "Recovering %u logs from %s since no clean shutdown file was "
		  "found (kafka.log.LogManager)", d->logs, path);
	if (clean)
		load_all(w, d);
	else
		start_threads(w, d);
}

void recovery_begin(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;
	bool clean = b->clean_stop;

	(void)arg;
	if (!process_runs(b->process)) {
		b->heartbeat = world_timer(w, world_now(w) + FROZEN_CHECK,
					   BROKER_LOAD_LOGS, b, 0);
		return;
	}
	/* KAFKA-10471: at once, so that dying now is an unclean stop. */
	b->clean_stop = false;
	retention_sweep_all(w, b);	/* LogLoader.removeTempFiles */
	b->loading_since = world_now(w);
	b->heartbeat = (struct timer){0};
	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		if (!b->log_dirs.at[i]->offline)
			begin_dir(w, b->log_dirs.at[i], clean);
	if (clean)
		world_call(w, BROKER_HEARTBEAT, b, 0);
}

void recovery_drop(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->recoveries.count; i++)
		world_give(w, b->recoveries.at[i]);
	vec_free(&w->arena, &b->recoveries);
}

void recovery_checkpoint(struct broker *b)
{
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			b->replicas.at[i]->checkpoint =
				b->replicas.at[i]->recovery_point;
}

int64_t recovery_left(const struct broker *b, const struct log_dir *d)
{
	int64_t left = 0;

	for (uint32_t i = 0; i < b->recoveries.count; i++) {
		const struct recovery *t = b->recoveries.at[i];

		if (t->dir != d)
			continue;
		left += t->log != NULL;
		for (uint32_t k = t->next; k < b->replicas.count; k++)
			left += t->turn == 0 && b->replicas.at[k] &&
				b->replicas.at[k]->dir == d;
	}
	return left;
}
