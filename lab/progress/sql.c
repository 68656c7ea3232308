/* sql.c - one connection to a SQLite file, with errors that stick */
#include "lab/progress/sql.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

bool sql_good(const struct sql *q)
{
	return q->code == SQLITE_OK;
}

void sql_forgive(struct sql *q)
{
	q->code = SQLITE_OK;
}

static void note(struct sql *q, int code)
{
	if (code == SQLITE_NOMEM)
		abort();
	if (q->code != SQLITE_OK || code == SQLITE_OK)
		return;
	q->code = code;
	snprintf(q->why, sizeof(q->why), "%s",
		 q->db ? sqlite3_errmsg(q->db) : sqlite3_errstr(code));
}

bool sql_is_disk(int code)
{
	int low = code & 0xff;

	return low == SQLITE_FULL || low == SQLITE_IOERR ||
	       low == SQLITE_READONLY || low == SQLITE_CANTOPEN ||
	       low == SQLITE_PERM;
}

bool sql_is_damage(int code)
{
	int low = code & 0xff;

	return low == SQLITE_CORRUPT || low == SQLITE_NOTADB;
}

bool sql_err(const struct sql *q, struct err *err)
{
	static const struct { int code; const char *words; } known[] = {
		{ SQLITE_FULL, "cannot be written, the disk is full; free "
			       "some space" },
		{ SQLITE_IOERR, "cannot be read or written, the disk reports "
				"an error; look after it" },
		{ SQLITE_READONLY, "cannot be written; look at the "
				   "permissions of its folder" },
		{ SQLITE_CANTOPEN, "cannot be opened; look at the permissions "
				   "of its folder" },
		{ SQLITE_PERM, "cannot be opened; look at its permissions" },
		{ SQLITE_BUSY, "is in use by another Millrace; end that one, "
			       "or try again" },
		{ SQLITE_CORRUPT, "is damaged; `millrace progress repair` "
				  "saves what can be read" },
		{ SQLITE_NOTADB, "is damaged or no progress file; `millrace "
				 "progress repair` restores a backup" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((q->code & 0xff) == known[i].code)
			return err_set(err, "%s: %s", q->path, known[i].words);
	return err_set(err, "%s: %s", q->path, q->why);
}

bool sql_open(struct sql *q, const char *path, int flags, const char *vfs,
	      struct err *err)
{
	int code;

	memset(q, 0, sizeof(*q));
	q->path = mem_copy(path);
	code = sqlite3_open_v2(path, &q->db, flags | SQLITE_OPEN_NOMUTEX, vfs);
	if (code == SQLITE_OK)
		return true;
	note(q, code);
	sql_err(q, err);
	sql_close(q);
	return false;
}

void sql_close(struct sql *q)
{
	for (size_t i = 0; i < q->kept_count; i++)
		sqlite3_finalize(q->kept[i].st);
	if (q->db)
		sqlite3_close(q->db);
	free(q->path);
	memset(q, 0, sizeof(*q));
}

/* The schema may not call what a stranger put into it, nor may a statement
 * write past the log's triggers. */
void sql_prepare_for_use(struct sql *q, bool network)
{
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_busy_timeout(q->db, 5000);
	sql_run(q, "PRAGMA trusted_schema = OFF;"
		   "PRAGMA foreign_keys = ON;"
		   "PRAGMA recursive_triggers = ON;"
		   "PRAGMA cell_size_check = ON;"
		   "PRAGMA synchronous = FULL;");
	sql_run(q, network ? "PRAGMA journal_mode = DELETE" :
			     "PRAGMA journal_mode = WAL");
}

bool sql_run(struct sql *q, const char *text)
{
	if (sql_good(q))
		note(q, sqlite3_exec(q->db, text, NULL, NULL, NULL));
	return sql_good(q);
}

static sqlite3_stmt *find(struct sql *q, const char *text)
{
	sqlite3_stmt *st = NULL;

	for (size_t i = 0; i < q->kept_count; i++)
		if (q->kept[i].text == text)
			return q->kept[i].st;
	assert(q->kept_count < SQL_KEPT);
	note(q, sqlite3_prepare_v3(q->db, text, -1, SQLITE_PREPARE_PERSISTENT,
				   &st, NULL));
	if (!sql_good(q))
		return NULL;
	q->kept[q->kept_count].text = text;
	q->kept[q->kept_count++].st = st;
	return st;
}

static sqlite3_stmt *ask(struct sql *q, const char *text, const char *form,
			 va_list args)
{
	sqlite3_stmt *st = sql_good(q) ? find(q, text) : NULL;

	if (!st)
		return NULL;
	sqlite3_reset(st);
	for (int i = 1; *form; form++, i++) {
		if (*form == 's')
			sqlite3_bind_text(st, i, va_arg(args, const char *),
					  -1, SQLITE_TRANSIENT);
		else if (*form == 'i')
			sqlite3_bind_int64(st, i, va_arg(args, int64_t));
		else if (*form == 'd')
			sqlite3_bind_double(st, i, va_arg(args, double));
		else
			assert(!"a letter of form");
	}
	return st;
}

sqlite3_stmt *sql_ask(struct sql *q, const char *text, const char *form, ...)
{
	va_list args;
	sqlite3_stmt *st;

	va_start(args, form);
	st = ask(q, text, form, args);
	va_end(args);
	return st;
}

bool sql_row(struct sql *q, sqlite3_stmt *st)
{
	int code;

	if (!st || !sql_good(q))
		return false;
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		note(q, code);
	sqlite3_reset(st);
	return false;
}

bool sql_do(struct sql *q, const char *text, const char *form, ...)
{
	va_list args;
	sqlite3_stmt *st;

	va_start(args, form);
	st = ask(q, text, form, args);
	va_end(args);
	while (sql_row(q, st))
		;
	return sql_good(q);
}

int64_t sql_number(struct sql *q, const char *text, const char *form, ...)
{
	int64_t n = 0;
	va_list args;
	sqlite3_stmt *st;

	va_start(args, form);
	st = ask(q, text, form, args);
	va_end(args);
	if (sql_row(q, st)) {
		n = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
	}
	return n;
}

const char *sql_text(sqlite3_stmt *st, int column)
{
	const unsigned char *s = sqlite3_column_text(st, column);

	return s ? (const char *)s : "";
}

char *sql_take(sqlite3_stmt *st, int column)
{
	char *s = mem_copy(sql_text(st, column));

	return s;
}

bool sql_begin(struct sql *q)
{
	sql_forgive(q);
	return sql_run(q, "BEGIN IMMEDIATE");
}

void sql_roll_back(struct sql *q)
{
	for (size_t i = 0; i < q->kept_count; i++)
		sqlite3_reset(q->kept[i].st);
	if (!sqlite3_get_autocommit(q->db))
		sqlite3_exec(q->db, "ROLLBACK", NULL, NULL, NULL);
}

bool sql_end(struct sql *q)
{
	sql_run(q, "COMMIT");
	if (!sql_good(q))
		sql_roll_back(q);
	return sql_good(q);
}
