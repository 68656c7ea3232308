/* retention.c - closed segments that are too old or too many, and their files */
#include "sim/broker/retention.h"

#include <stdio.h>

#include "sim/broker/events.h"
#include "sim/broker/log_dirs.h"

/* -- files that wait ------------------------------------------------------- */

static void doom(struct world *w, struct replica *r, struct file *file,
		 bool whole, int64_t bytes, int64_t delay_ms)
{
	sim_time at = world_now(w) + config_ms(delay_ms);

	*vec_add(&w->arena, &r->broker->doomed) = (struct doomed){
		.file = file, .whole = whole, .bytes = bytes, .at = at,
	};
	if (r->broker->process->state != PROCESS_DOWN)
		process_at(w, r->broker->process, at, BROKER_SWEEP, r->broker,
			   0);
}

static void delete_now(struct world *w, const struct doomed *d)
{
	if (d->whole)
		file_delete(w, d->file);
	else
		file_drop_front(w, d->file, d->bytes);
}

static void sweep(struct world *w, struct broker *b, sim_time until)
{
	for (uint32_t i = 0; i < b->doomed.count;) {
		struct doomed d = b->doomed.at[i];

		if (d.at > until) {
			i++;
			continue;
		}
		vec_remove(&b->doomed, i);
		delete_now(w, &d);
	}
}

void retention_sweep(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	sweep(w, who, world_now(w));
}

void retention_sweep_all(struct world *w, struct broker *b)
{
	sweep(w, b, INT64_MAX);
}

static void spare(struct broker *b, const struct file *file)
{
	for (uint32_t i = 0; i < b->doomed.count;)
		if (b->doomed.at[i].file == file)
			vec_remove(&b->doomed, i);
		else
			i++;
}

void retention_forget(struct replica *r)
{
	spare(r->broker, r->file);
	if (r->cleaned)
		spare(r->broker, r->cleaned);
}

/* A file goes as a whole: what was to go of it goes with it. */
static void doom_whole(struct world *w, struct replica *r, struct file *file,
		       int64_t delay_ms)
{
	spare(r->broker, file);
	doom(w, r, file, true, 0, delay_ms);
}

void retention_doom(struct world *w, struct replica *r)
{
	int64_t delay = broker_setting(r->broker, BROKER_FILE_DELETE_DELAY_MS);
	const char *topic = world_text(w, r->partition->topic->name);

	log_write(w, r->broker->process, LOG_INFO, "Log for partition %s-%u is "
		  "renamed to %s/%s-%u.%08x-delete and is "
		  "scheduled for deletion (kafka.log.LogManager)", topic,
		  r->partition->index, replica_dir(w, r), topic,
		  r->partition->index,
		  r->partition->id);
	doom_whole(w, r, r->file, delay);
	if (r->cleaned)
		doom_whole(w, r, r->cleaned, delay);
}

void retention_drop_cleaned(struct world *w, struct replica *r)
{
	if (r->cleaned)
		doom_whole(w, r, r->cleaned,
			   replica_setting(r, TOPIC_FILE_DELETE_DELAY_MS));
	r->cleaned = NULL;
}

void retention_drop_bytes(struct world *w, struct replica *r, int64_t bytes)
{
	if (bytes)
		doom(w, r, r->file, false, bytes,
		     replica_setting(r, TOPIC_FILE_DELETE_DELAY_MS));
}

void retention_drop_all(struct world *w, struct replica *r)
{
	retention_drop_bytes(w, r, r->log.bytes - log_cleaned_bytes(&r->log));
	retention_drop_cleaned(w, r);
}

/* -- which segments -------------------------------------------------------- */

/* Where segment i ends. */
static int64_t end_of(const struct log *log, uint32_t i)
{
	return i + 1 < log->segments.count ? log->segments.at[i + 1].base_offset :
	       log->end_offset;
}

/* UnifiedLog.deletableSegments: what readers may still need stays, and an empty
 * active segment. */
static bool may_go(const struct replica *r, uint32_t i)
{
	return i < r->log.segments.count && r->log.segments.at[i].bytes > 0 &&
	       end_of(&r->log, i) <= r->high_watermark;
}

/* Retention.size: the log without them still has retention.bytes. */
static uint32_t too_many(const struct replica *r)
{
	int64_t max = replica_setting(r, TOPIC_RETENTION_BYTES);
	int64_t beyond = r->log.bytes - max;
	uint32_t n = 0;

	if (max < 0)
		return 0;
	for (; may_go(r, n); n++) {
		beyond -= r->log.segments.at[n].bytes;
		if (beyond < 0)
			break;
	}
	return n;
}

static uint32_t too_old(struct world *w, const struct replica *r)
{
	int64_t max = replica_setting(r, TOPIC_RETENTION_MS);
	int64_t now = sim_wall_ms(machine_wall(w, r->broker->process->machine));
	uint32_t n = 0;

	if (max < 0)
		return 0;
	while (may_go(r, n) &&
	       now - sim_wall_ms(r->log.segments.at[n].largest_at) > max)
		n++;
	return n;
}

/* -- dropping them --------------------------------------------------------- */

static void log_segments(struct world *w, const struct replica *r, uint32_t n,
			 bool by_size)
{
	int64_t left = r->log.bytes;
	char why[200];

	for (uint32_t i = 0; i < n; i++) {
		const struct log_segment *s = &r->log.segments.at[i];

		left -= s->bytes;
		if (by_size)
			snprintf(why, sizeof(why), "log retention size %lld "
				 "breach. Log size after deletion will be %lld.",
				 (long long)replica_setting(r,
						TOPIC_RETENTION_BYTES),
				 (long long)left);
		else
			snprintf(why, sizeof(why), "log retention time %lldms "
				 "breach based on the largest record timestamp "
				 "in the segment", (long long)
				 replica_setting(r, TOPIC_RETENTION_MS));
		log_write(w, r->broker->process, LOG_INFO, "[UnifiedLog "
			  "partition=%s-%u, dir=%s] Deleting "
			  "segment LogSegment(baseOffset=%lld, size=%lld, "
			  "largestRecordTimestamp=%lld) due to %s "
			  "(kafka.log.UnifiedLog)",
			  world_text(w, r->partition->topic->name),
			  r->partition->index, replica_dir(w, r),
			  (long long)s->base_offset,
			  (long long)s->bytes,
			  (long long)sim_wall_ms(s->largest_at), why);
	}
}

/* When every segment must go, a new one is rolled first. */
static void drop(struct world *w, struct replica *r, uint32_t n, bool by_size)
{
	struct log *log = &r->log;
	int64_t bytes, cleaned;

	if (!n)
		return;
	log_segments(w, r, n, by_size);
	if (n == log->segments.count)
		*vec_add(&w->arena, &log->segments) = (struct log_segment){
			.base_offset = log->end_offset,
		};
	producer_states_snapshot(w, &r->producers, log,
				 log->segments.at[n].base_offset);
	cleaned = log_cleaned_bytes(log);
	bytes = log_drop_segments(log, n);
	cleaned -= log_cleaned_bytes(log);
	retention_drop_bytes(w, r, bytes - cleaned);
	if (cleaned)
		doom(w, r, r->cleaned, false, cleaned,
		     replica_setting(r, TOPIC_FILE_DELETE_DELAY_MS));
	log_write(w, r->broker->process, LOG_INFO, "[UnifiedLog partition=%s-%u, "
		  "dir=%s] Incremented log start offset to %lld "
		  "due to segment deletion (kafka.log.UnifiedLog)",
		  world_text(w, r->partition->topic->name), r->partition->index,
		  replica_dir(w, r), (long long)log->start_offset);
}

/* UnifiedLog.deleteOldSegments */
void retention_check(struct world *w, struct replica *r)
{
	if (!cleanup_deletes(replica_setting(r, TOPIC_CLEANUP_POLICY)))
		return;
	drop(w, r, too_many(r), true);
	drop(w, r, too_old(w, r), false);
}
