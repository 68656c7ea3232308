/* store_inside.h - the body of a store, for the files of this folder
 *
 *	store.c			open, append, close
 *	store_file.c		the file as a whole: backup, restore, repair
 *	store_exchange.c	the log as text: export, import, verify
 *	tables.c		schema and migrations
 *	projection.c, apply.c, learn.c	what is computed from the log
 */
#ifndef LAB_PROGRESS_STORE_INSIDE_H
#define LAB_PROGRESS_STORE_INSIDE_H

#include "lab/progress/projection.h"
#include "lab/progress/sql.h"
#include "lab/progress/store.h"
#include "lab/progress/tables.h"

enum { STORE_NOTES = 8 };

struct store {
	struct sql sql;
	char *home, *path;
	char *wanted_device, *vfs;	/* of the options, or NULL */
	struct store_options options;
	enum store_mode mode;
	bool network;
	bool locked;			/* progress.lock is ours */
	char device[EVENT_DEVICE + 1];
	char *notes[STORE_NOTES];
	size_t note_count;
};

void store_add_note(struct store *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A name for a new line of events; `wanted` of the options, or random. */
bool device_draw(const char *wanted, char out[EVENT_DEVICE + 1],
		 struct err *err);

/* Put `e` into the log as it is, and its projections (or leave these to a
 * rebuild).  Errors stick in s->sql. */
void store_insert(struct store *s, const struct event *e);
/* Fill an event from a row of EVENT_COLUMNS. */
#define EVENT_COLUMNS \
	"device, seq, at_wall_ms, kind, version, body, prev_hash, hash"
bool event_of_row(sqlite3_stmt *st, struct event *e, struct err *err);

/* The projections take one more event, which is in the log. */
void projection_add(struct store *s, const struct event *e);
/* Without a transaction of its own. */
void projection_remake(struct store *s);
/* The learner's day in which a moment lies. */
int64_t projection_day(struct store *s, int64_t at_ms);
/* What one event changes (apply.c). */
void projection_apply(struct store *s, const struct event *e);

/* Paths of files beside the store. */
void store_file(const char *home, const char *name, struct text *out);
/* Copy the database of `from` into the file or memory of `to`. */
bool sql_copy(struct sql *from, struct sql *to);

#endif
