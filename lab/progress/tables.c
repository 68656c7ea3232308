/* tables.c - the form of progress.db, and how an older one becomes it */
#include "lab/progress/tables.h"

#include <stdlib.h>
#include <string.h>

#include "lab/progress/event.h"
#include "lab/progress/store_inside.h"

/* Not json_valid: under trusted_schema = OFF SQLite 3.40 does not let a CHECK
 * call it.  What is not JSON is kept out by event_check and event_parse. */
static const char log_sql[] =
	"CREATE TABLE event ("
	" device TEXT NOT NULL CHECK (length(device) = 16),"
	" seq INTEGER NOT NULL CHECK (seq > 0),"
	" at_wall_ms INTEGER NOT NULL,"
	" kind TEXT NOT NULL,"
	" version INTEGER NOT NULL CHECK (version > 0),"
	" body TEXT NOT NULL CHECK (body GLOB '{*}'),"
	" prev_hash TEXT NOT NULL CHECK (length(prev_hash) = 64),"
	" hash TEXT NOT NULL CHECK (length(hash) = 64),"
	" PRIMARY KEY (device, seq)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TRIGGER event_stays_as_it_is BEFORE UPDATE ON event BEGIN"
	" SELECT RAISE(ABORT, 'the log of events only grows'); END;"
	"CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN"
	" SELECT RAISE(ABORT, 'the log of events only grows'); END;"
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	" STRICT, WITHOUT ROWID;";

/* PRAGMA takes no values; these two are numbers of ours. */
static void stamp(struct sql *q)
{
	char text[96];

	sqlite3_snprintf(sizeof(text), text, "PRAGMA application_id = %d;"
			 "PRAGMA user_version = %d;", TABLES_APPLICATION,
			 TABLES_VERSION);
	sql_run(q, text);
}

void tables_create(struct sql *q, const char *device)
{
	sql_run(q, log_sql);
	sql_do(q, "INSERT INTO meta VALUES ('device', ?)", "s", device);
	stamp(q);
}

/* --- migrations ----------------------------------------------------------- */

/* Version 0 had no chain: hash what is there, in its order. */
static void chain(struct sql *q)
{
	sqlite3_stmt *st = sql_ask(q, "SELECT device, seq, at_wall_ms, kind,"
				   " version, body FROM event_0"
				   " ORDER BY device, seq", "");
	struct event e = {0};

	while (sql_row(q, st)) {
		const char *device = sql_text(st, 0);

		if (strcmp(e.device, device) != 0)
			memset(e.hash, '0', EVENT_HASH);
		strcpy(e.prev, e.hash);
		sqlite3_snprintf(sizeof(e.device), e.device, "%s", device);
		e.seq = sqlite3_column_int64(st, 1);
		e.at_ms = sqlite3_column_int64(st, 2);
		sqlite3_snprintf(sizeof(e.kind_name), e.kind_name, "%s",
				 sql_text(st, 3));
		e.version = sqlite3_column_int(st, 4);
		e.body = sql_take(st, 5);
		event_hash(&e, e.hash);
		sql_do(q, "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		       "siisisss", e.device, e.seq, e.at_ms, e.kind_name,
		       (int64_t)e.version, e.body, e.prev, e.hash);
		free(e.body);
	}
}

static void from_0(struct sql *q)
{
	sql_run(q, "ALTER TABLE event RENAME TO event_0;"
		   "ALTER TABLE meta RENAME TO meta_0;");
	sql_run(q, log_sql);
	chain(q);
	sql_run(q, "INSERT INTO meta SELECT * FROM meta_0;"
		   "DROP TABLE event_0; DROP TABLE meta_0;");
}

static void (*const steps[TABLES_VERSION])(struct sql *q) = {
	[0] = from_0,		/* event gets prev_hash and hash, and STRICT */
};

void tables_migrate(struct sql *q)
{
	int64_t v = sql_number(q, "PRAGMA user_version", "");

	for (; sql_good(q) && v < TABLES_VERSION; v++)
		steps[v](q);
	stamp(q);
}

bool tables_check(struct sql *q)
{
	struct text why = {0};
	bool good = sql_number(q, "SELECT count(*) FROM"
			       " pragma_foreign_key_check", "") == 0 &&
		    tables_look(q, &why) == TABLES_OURS;

	text_free(&why);
	return good;
}

/* --- what is this file? --------------------------------------------------- */

static enum tables_look look(struct sql *q, struct text *why)
{
	int64_t id = sql_number(q, "PRAGMA application_id", "");
	int64_t version = sql_number(q, "PRAGMA user_version", "");
	int64_t tables = sql_number(q, "SELECT count(*) FROM sqlite_schema",
				    "");
	sqlite3_stmt *st;

	if (!sql_good(q))
		return TABLES_DAMAGED;
	if (!tables && !id)
		return TABLES_EMPTY;
	if (id != TABLES_APPLICATION)
		return TABLES_STRANGE;
	st = sql_ask(q, "PRAGMA quick_check(3)", "");
	while (sql_row(q, st))
		if (strcmp(sql_text(st, 0), "ok") != 0 && !why->len)
			text_add(why, sql_text(st, 0));
	if (why->len || !sql_good(q))
		return TABLES_DAMAGED;
	return version < TABLES_VERSION ? TABLES_OLDER :
	       version > TABLES_VERSION ? TABLES_NEWER : TABLES_OURS;
}

enum tables_look tables_look(struct sql *q, struct text *why)
{
	enum tables_look is = look(q, why);

	if (!sql_good(q)) {
		if (!sql_is_damage(q->code))
			return is;	/* busy, or the disk: it sticks */
		if (!why->len)
			text_add(why, q->why);
		sql_forgive(q);
	}
	return is;
}
