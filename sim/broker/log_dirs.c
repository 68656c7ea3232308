/* log_dirs.c - the directories that a broker keeps its logs in, one a disk
 *
 * Rules and log lines: kafka.log.LogManager, kafka.server.ReplicaManager and
 * BrokerLifecycleManager, 3.9.
 */
#include "sim/broker/log_dirs.h"

#include <stdio.h>

#include "sim/broker/cleaner.h"
#include "sim/broker/controller.h"
#include "sim/broker/events.h"
#include "sim/broker/recovery.h"

/* log.dirs of all brokers here; with several disks a number follows, as in
 * Strimzi's volumes. */
#define LOG_DIR		"/var/lib/kafka/data"

/* The metadata log of a broker: metadata.log.dir, by default the first. */
#define METADATA_DIR	0

#define ASSIGN_AGAIN	SIM_S(5)	/* an answer that does not come [E] */

/* -- making them ----------------------------------------------------------- */

static struct log_dir *dir_new(struct world *w, struct broker *b,
			       struct disk *disk, bool alone)
{
	struct log_dir *d = world_take(w, struct log_dir);
	char path[sizeof(LOG_DIR) + 12];

	d->broker = b;
	d->place = b->log_dirs.count;
	d->disk = disk;
	d->disk_serial = disk->serial;
	snprintf(path, sizeof(path), alone ? LOG_DIR : LOG_DIR "-%u", d->place);
	d->path = world_name(w, path);
	if (!alone)
		disk->mounted_at = d->path;
	return d;
}

/* A new id with each disk that is formatted: kafka-storage.sh format. */
static void format(struct world *w, struct log_dir *d)
{
	char what[64];

	snprintf(what, sizeof(what), "log dir %d %u %u", d->broker->node_id,
		 d->place, d->disk_serial);
	cluster_uuid(w, 0, what, d->id);
}

void log_dirs_open(struct world *w, struct broker *b)
{
	struct disk *first = &b->process->machine->disk;

	for (struct disk *disk = first; disk; disk = disk->next) {
		struct log_dir *d = dir_new(w, b, disk, !first->next);

		format(w, d);
		*vec_add(&w->arena, &b->log_dirs) = d;
	}
}

const char *log_dir_path(const struct world *w, const struct log_dir *d)
{
	return world_text(w, d->path);
}

const char *replica_dir(const struct world *w, const struct replica *r)
{
	return log_dir_path(w, r->dir);
}

void log_dirs_text(const struct world *w, const struct broker *b,
		   const char *between, struct text *out)
{
	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		text_addf(out, "%s%s", i ? between : "",
			  log_dir_path(w, b->log_dirs.at[i]));
}

struct log_dir *log_dirs_next(const struct broker *b)
{
	struct log_dir *best = NULL;

	for (uint32_t i = 0; i < b->log_dirs.count; i++) {
		struct log_dir *d = b->log_dirs.at[i];

		if (!d->offline && (!best || d->logs < best->logs))
			best = d;
	}
	return best;
}

/* -- a directory fails ------------------------------------------------------ */

void log_dir_fails(struct world *w, struct replica *r, enum log_dir_work work)
{
	static const char *const doing[] = {
		[LOG_DIR_APPENDS] = "appending records to",
		[LOG_DIR_READS] = "reading records from",
	};
	struct broker *b = r->broker;
	struct log_dir *d = r->dir;

	if (d->failing || d->offline)
		return;
	d->failing = true;
	log_write(w, b->process, LOG_ERROR, "Error while %s %s-%u in dir %s "
		  "(org.apache.kafka.storage.internals.log.LogDirFailureChannel) "
		  "java.io.IOException: %s", doing[work],
		  world_text(w, r->partition->topic->name), r->partition->index,
		  log_dir_path(w, d), disk_result_text(r->trouble));
	process_at(w, b->process, world_now(w), BROKER_LOG_DIR_FAILED, d, 0);
}

static bool any_left(const struct broker *b)
{
	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		if (!b->log_dirs.at[i]->offline)
			return true;
	return false;
}

/* Can it run without those that are offline?  If not it says why. */
static bool may_run(struct world *w, const struct broker *b)
{
	struct text all = {0};

	if (!any_left(b)) {
		log_dirs_text(w, b, ", ", &all);
		log_write(w, b->process, LOG_ERROR, "Shutdown broker because "
			  "all log dirs in %s have failed "
			  "(kafka.log.LogManager)", text_cstr(&all));
		text_free(&all);
		return false;
	}
	if (b->log_dirs.at[METADATA_DIR]->offline) {
		log_write(w, b->process, LOG_ERROR, "Shutdown broker because "
			  "the metadata log dir %s has failed "
			  "(kafka.server.ReplicaManager)",
			  log_dir_path(w, b->log_dirs.at[METADATA_DIR]));
		return false;
	}
	return true;
}

static void names_of(struct world *w, const struct log_dir *d, struct text *out)
{
	const struct broker *b = d->broker;

	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i] && b->replicas.at[i]->dir == d)
			text_addf(out, "%s%s-%u", out->len ? "," : "",
				  world_text(w, b->replicas.at[i]->partition->
					     topic->name),
				  b->replicas.at[i]->partition->index);
}

/* Simplified: nothing is being moved between directories. */
static void say_stopped(struct world *w, const struct log_dir *d)
{
	const char *path = log_dir_path(w, d);
	struct process *p = d->broker->process;
	struct text names = {0};

	names_of(w, d, &names);
	log_write(w, p, LOG_WARN, "Stopping serving replicas in dir %s with "
		  "uuid Some(%s) because the log directory has failed. "
		  "(kafka.server.ReplicaManager)", path, d->id);
	log_write(w, p, LOG_WARN, "Broker %d stopped fetcher for partitions %s "
		  "and stopped moving logs for partitions  because they are in "
		  "the failed log directory %s. (kafka.server.ReplicaManager)",
		  d->broker->node_id, text_cstr(&names), path);
	log_write(w, p, LOG_WARN, "Logs for partitions %s are offline and logs "
		  "for future partitions  are offline due to failure on log "
		  "directory %s (kafka.log.LogManager)", text_cstr(&names),
		  path);
	text_free(&names);
}

static void take_offline(struct world *w, struct log_dir *d)
{
	struct broker *b = d->broker;

	d->offline = true;
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i] && b->replicas.at[i]->dir == d)
			replica_offline(w, b->replicas.at[i]);
}

static void tell_controller(struct world *w, struct log_dir *d)
{
	struct broker *b = d->broker;

	d->told = false;
	d->told_by = world_timer(w, world_now(w) +
		config_ms(broker_setting(b, BROKER_DIR_FAILURE_TIMEOUT_MS)),
		BROKER_LOG_DIR_UNTOLD, d, 0);
	broker_heartbeat_now(w, b);
}

void log_dir_failed(struct world *w, void *who, uint16_t arg)
{
	struct log_dir *d = who;
	struct broker *b = d->broker;

	(void)arg;
	if (d->offline)
		return;
	d->offline = true;
	if (!may_run(w, b)) {
		process_kill(w, b->process);
		return;
	}
	say_stopped(w, d);
	take_offline(w, d);
	tell_controller(w, d);
	log_write(w, b->process, LOG_WARN, "Stopped serving replicas in dir %s "
		  "(kafka.server.ReplicaManager)", log_dir_path(w, d));
}

void log_dir_untold(struct world *w, void *who, uint16_t arg)
{
	struct log_dir *d = who;
	struct broker *b = d->broker;

	(void)arg;
	d->told_by = (struct timer){0};
	log_write(w, b->process, LOG_ERROR, "[BrokerLifecycleManager id=%d] "
		  "Shutting down because couldn't communicate offline log dir "
		  "%s with controllers (kafka.server.BrokerLifecycleManager)",
		  b->node_id, d->id);
	process_kill(w, b->process);
}

/* -- starting and ending ------------------------------------------------------ */

/* Another disk hangs there: nothing of what lay on the old one is left. */
static void begin_anew(struct world *w, struct log_dir *d)
{
	const struct broker *b = d->broker;

	d->disk_serial = d->disk->serial;
	d->fresh = true;
	format(w, d);
	log_write(w, b->process, LOG_INFO, "Formatting data directory %s with "
		  "metadata.version 3.9-IV0. "
		  "(org.apache.kafka.metadata.storage.Formatter)",
		  log_dir_path(w, d));
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i] && b->replicas.at[i]->dir == d)
			replica_lost(w, b->replicas.at[i]);
}

static void look(struct world *w, struct log_dir *d)
{
	bool bad = d->failing && disk_state(d->disk) != DISK_OK;

	d->failing = d->offline = d->fresh = d->told = false;
	if (d->disk_serial != d->disk->serial)
		begin_anew(w, d);
	if (!bad)
		return;
	d->failing = d->told = true;	/* it registers without it */
	log_write(w, d->broker->process, LOG_ERROR, "Failed to create or "
		  "validate data directory %s "
		  "(org.apache.kafka.storage.internals.log.LogDirFailureChannel) "
		  "java.io.IOException: %s", log_dir_path(w, d),
		  disk_result_text(disk_state(d->disk)));
	take_offline(w, d);
}

bool log_dirs_look(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			b->replicas.at[i]->offline = false;
	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		look(w, b->log_dirs.at[i]);
	return may_run(w, b);
}

void log_dirs_close(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		world_cancel(w, &b->log_dirs.at[i]->told_by);
}

/* -- what the controller is told ------------------------------------------------ */

uint64_t log_dirs_offline(const struct broker *b)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		if (b->log_dirs.at[i]->offline)
			mask |= UINT64_C(1) << i;
	return mask;
}

uint64_t log_dirs_fresh(const struct broker *b)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		if (b->log_dirs.at[i]->fresh)
			mask |= UINT64_C(1) << i;
	return mask;
}

void log_dirs_heard(struct world *w, struct broker *b, uint64_t offline)
{
	for (uint32_t i = 0; i < b->log_dirs.count; i++) {
		struct log_dir *d = b->log_dirs.at[i];

		if (!(offline >> i & 1) || d->told)
			continue;
		d->told = true;
		world_cancel(w, &d->told_by);
	}
}

/* The only directory need not be told: ClusterControlManager.defaultDir. */
static bool unassigned(const struct broker *b, const struct replica *r)
{
	return b->log_dirs.count > 1 && r && !r->assigned && !r->dir->offline;
}

void log_dirs_assign(struct world *w, struct broker *b)
{
	struct assign_dirs *m;
	uint32_t count = 0;

	for (uint32_t i = 0; i < b->replicas.count; i++)
		count += unassigned(b, b->replicas.at[i]);
	if (!count || !b->registered ||
	    (b->assign_asked && world_now(w) - b->assign_asked < ASSIGN_AGAIN))
		return;
	m = message_new(w, sizeof(*m) + count * sizeof(*m->parts),
			MESSAGE_ASSIGN_DIRS);
	m->req.head.bytes = 60 + 20 * count;
	m->broker = b->index;
	m->incarnation = b->process->incarnation;
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (unassigned(b, b->replicas.at[i]))
			m->parts[m->count++] = (struct assigned_part){
				i, b->replicas.at[i]->dir->place,
			};
	b->assign_asked = world_now(w);
	channel_send(w, b, &m->req.head);
}

void log_dirs_assigned(struct broker *b, const struct assign_dirs *m)
{
	b->assign_asked = 0;
	for (uint32_t i = 0; i < m->count; i++) {
		struct replica *r = broker_replica(b, m->parts[i].partition);

		if (r && r->dir->place == m->parts[i].dir)
			r->assigned = true;
	}
}

/* -- what is counted --------------------------------------------------------------- */

void log_dirs_note_metrics(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->log_dirs.count; i++) {
		struct log_dir *d = b->log_dirs.at[i];
		const char *path = log_dir_path(w, d);

		d->uncleanable = metric_gauge(w, b->process,
			"kafka_log_logcleanermanager_uncleanable_partitions_"
			"count", "logDirectory", path, NULL);
		d->to_recover = metric_gauge(w, b->process,
			"kafka_log_logmanager_remaininglogstorecover", "dir",
			path, NULL);
		d->offline_metric = metric_gauge(w, b->process,
			"kafka_log_logmanager_logdirectoryoffline",
			"logDirectory", path, NULL);
	}
	b->metrics->offline_dirs = metric_gauge(w, b->process,
		"kafka_log_logmanager_offlinelogdirectorycount", NULL);
}

void log_dirs_collect(struct broker *b)
{
	int64_t offline = 0;

	for (uint32_t i = 0; i < b->log_dirs.count; i++) {
		struct log_dir *d = b->log_dirs.at[i];

		offline += d->offline;
		metric_set(d->offline_metric, d->offline);
		metric_set(d->to_recover, recovery_left(b, d));
		metric_set(d->uncleanable, cleaner_uncleanable(b, d));
	}
	metric_set(b->metrics->offline_dirs, offline);
}
