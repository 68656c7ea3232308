/* store.h - progress on disk: one SQLite file with a log that only grows
 *
 *	HOME/progress.db		the log, and what is computed from it
 *	HOME/backups/progress-DATE.db	7 days and 4 weeks of it
 *	HOME/progress.lock		only on a network file system
 *
 * store_append returns true after COMMIT with synchronous=FULL: what was
 * acknowledged survives a kill and a power cut.  Everything else in the file
 * is a projection of the log (projection.h), changed in the same transaction.
 *
 * Nothing here reads the clock: the caller says what time it is, in ms since
 * 1970-01-01 UTC, so that the same calls give the same file.
 *
 * What can be wrong with the file, and what becomes of the session:
 *
 *	home cannot be written, disk full	goes on in memory (fall_back)
 *	damaged, not ours			likewise; the file is untouched
 *						until store_repair
 *	written by a newer Millrace		read only
 *	older					copied to backups/, brought up
 *						to date
 *	network file system			no WAL, one program at a time
 *
 * In each of these store_note says so, in one sentence, to be shown once.
 */
#ifndef LAB_PROGRESS_STORE_H
#define LAB_PROGRESS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/progress/event.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

struct store;

enum store_mode {
	STORE_KEEPS,		/* on disk */
	STORE_READS,		/* a newer schema: append refuses */
	STORE_FORGETS,		/* in memory: gone when the program ends */
};

enum store_place { STORE_ASK, STORE_LOCAL, STORE_NETWORK };

struct store_options {
	int64_t now_ms;		/* wall; names backups */
	bool memory;		/* never touch the disk */
	bool fall_back;		/* go on in memory rather than fail */
	bool no_backup;
	const char *device;	/* of a new file; NULL: drawn at random */
	enum store_place place;	/* what to think of the file system */
	const char *vfs;	/* SQLite's name for one; NULL: the default */
};

/* NULL: the sentence says what, where and what to do. */
struct store *store_open(const char *home, const struct store_options *o,
			 struct err *err);
void store_close(struct store *s);

enum store_mode store_mode(const struct store *s);
const char *store_path(const struct store *s);	/* of the file */
const char *store_device(const struct store *s);
/* Sentence i about this store, or NULL. */
const char *store_note(const struct store *s, size_t i);

/* An id that no other attempt has: "DEVICE-SEQ". */
bool store_id(struct store *s, struct text *out, struct err *err);

/* Add one event.  False: it is not in the log, and the sentence says why.  A
 * disk that failed turns the store to STORE_FORGETS if it may fall back; the
 * event is then in memory (still false, once), and later ones go there too. */
bool store_append(struct store *s, enum event_kind kind, const char *body,
		  int64_t at_ms, struct err *err);

struct event_draft {
	enum event_kind kind;
	const char *body;
};
/* All or none of them. */
bool store_append_all(struct store *s, const struct event_draft *drafts,
		      size_t count, int64_t at_ms, struct err *err);

/* Try to bring what is only in memory to disk after all. */
bool store_settle(struct store *s, struct err *err);

/* One event by its name.  False: there is none.  event_release it. */
bool store_event(struct store *s, const char *device, int64_t seq,
		 struct event *out, struct err *err);
int64_t store_count(struct store *s);

/* --- the whole of it ------------------------------------------------------ */

/* Every event as JSON lines, by device and seq. */
bool store_export(struct store *s, struct text *out, struct err *err);

struct store_import {
	size_t lines, added, known;
};
/* Take in the lines of store_export: all or none, in any order, twice is as
 * good as once.  The sentence names the line and `name`, the file's. */
bool store_import(struct store *s, const char *name, const char *lines,
		  size_t len, struct store_import *did, struct err *err);

/* Is every event what was written, and behind its predecessor?  False: the
 * sentence names the first that is not. */
bool store_verify(struct store *s, struct err *err);

/* A copy of the file; a path that exists is refused. */
bool store_backup(struct store *s, const char *path, struct err *err);
/* Of today, into backups/, unless it is there; old ones are removed. */
bool store_backup_daily(struct store *s, int64_t now_ms, struct err *err);

/* With no store open on `home`: put `file` in the place of progress.db, which
 * is kept beside it.  *said tells what was done. */
bool store_restore(const char *home, const char *file,
		   const struct store_options *o, struct text *said,
		   struct err *err);
/* Likewise: read what can be read of a damaged file and of the newest good
 * backup into a new one; the damaged one is kept beside it. */
bool store_repair(const char *home, const struct store_options *o,
		  struct text *said, struct err *err);

#endif
