/* log_dirs.h - the directories that a broker keeps its logs in, one a disk
 *
 * A broker with several disks spreads its logs over them (`log.dirs`; KIP-112,
 * in KRaft KIP-858).  A directory that cannot be written or read any more is
 * taken offline by itself, and the broker goes on with the others:
 *
 *	 an append or a read fails
 *	        │
 *	        ▼                         none is left, or it
 *	 the directory is ──────────────▶ held the metadata log:
 *	 about to fail                    the broker halts
 *	        │
 *	        ▼
 *	 its replicas are offline ──heartbeat──▶ the controller elects other
 *	 (KAFKA_STORAGE_ERROR)                   leaders (directories.h)
 *
 * It comes back when the broker starts again and the disk is in order.  If that
 * is another disk than before the directory is empty, and its replicas are
 * fetched anew.
 *
 * The controller knows which directory holds which replica: a broker with more
 * than one tells it (AssignReplicasToDirs).
 */
#ifndef SIM_BROKER_LOG_DIRS_H
#define SIM_BROKER_LOG_DIRS_H

#include "sim/broker/broker.h"

struct log_dir {
	struct broker *broker;
	uint32_t place;			/* in log.dirs, from 0 */
	name_id path;
	struct disk *disk;
	uint32_t disk_serial;		/* of the disk it was formatted on */
	char id[24];			/* directory.id of its meta.properties */
	uint32_t logs;			/* that lie in it */
	bool failing;			/* an operation failed in this run */
	bool offline;			/* nothing in it is served */
	bool fresh;			/* formatted anew at this start */
	bool told;			/* the controller knows it is offline */
	struct timer told_by;		/* else the broker stops then */
	struct metric *offline_metric, *to_recover, *uncleanable;
};

/* One on each disk of the broker's machine. */
void log_dirs_open(struct world *w, struct broker *b);

/* What the broker finds when it starts.  False: it cannot run, and says why. */
bool log_dirs_look(struct world *w, struct broker *b);
/* The run is over. */
void log_dirs_close(struct world *w, struct broker *b);

/* Where a new log goes: LogManager.nextLogDirs.  NULL: nowhere. */
struct log_dir *log_dirs_next(const struct broker *b);

/* What was done when a disk failed; first half of a log line. */
enum log_dir_work { LOG_DIR_APPENDS, LOG_DIR_READS };

/* It was done to r's log, and failed as r->trouble says. */
void log_dir_fails(struct world *w, struct replica *r, enum log_dir_work work);

/* Events: the thread that deals with failures has come to it; the controller
 * has not answered for log.dir.failure.timeout.ms.  who = log_dir. */
void log_dir_failed(struct world *w, void *who, uint16_t arg);
void log_dir_untold(struct world *w, void *who, uint16_t arg);

/* Which are offline, and which were empty at this start: bit `place`. */
uint64_t log_dirs_offline(const struct broker *b);
uint64_t log_dirs_fresh(const struct broker *b);
/* The controller has heard of these. */
void log_dirs_heard(struct world *w, struct broker *b, uint64_t offline);

/* Tell the controller where replicas lie that it does not know of. */
void log_dirs_assign(struct world *w, struct broker *b);
void log_dirs_assigned(struct broker *b, const struct assign_dirs *m);

/* "/var/lib/kafka/data-0, /var/lib/kafka/data-1" */
void log_dirs_text(const struct world *w, const struct broker *b,
		   const char *between, struct text *out);
const char *log_dir_path(const struct world *w, const struct log_dir *d);
const char *replica_dir(const struct world *w, const struct replica *r);

void log_dirs_note_metrics(struct world *w, struct broker *b);
void log_dirs_collect(struct broker *b);

#endif
