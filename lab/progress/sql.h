/* sql.h - one connection to a SQLite file, with errors that stick
 *
 * Statements are kept by the address of their text, which has to be a literal.
 * After the first error every call does nothing until sql_forgive, so that a
 * long row of changes is written without a test behind each; whoever began a
 * transaction looks once, at its end.
 *
 * `form` has a letter for each value: s text, i int64_t, d double.
 */
#ifndef LAB_PROGRESS_SQL_H
#define LAB_PROGRESS_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "sim/core/err.h"

enum { SQL_KEPT = 96 };

struct sql {
	sqlite3 *db;
	char *path;			/* for sentences */
	int code;			/* of the first error, or SQLITE_OK */
	char why[200];
	struct {
		const char *text;
		sqlite3_stmt *st;
	} kept[SQL_KEPT];
	size_t kept_count;
};

/* `flags` are those of sqlite3_open_v2.  False: nothing is open. */
bool sql_open(struct sql *q, const char *path, int flags, const char *vfs,
	      struct err *err);
void sql_close(struct sql *q);
/* How every connection has to be; WAL unless `network`. */
void sql_prepare_for_use(struct sql *q, bool network);

/* Statements without values or rows, separated by `;`. */
bool sql_run(struct sql *q, const char *text);
bool sql_do(struct sql *q, const char *text, const char *form, ...);
/* Rows: `while (sql_row(q, st)) ...` to the end, or sqlite3_reset it. */
sqlite3_stmt *sql_ask(struct sql *q, const char *text, const char *form, ...);
bool sql_row(struct sql *q, sqlite3_stmt *st);
/* The first column of the first row; 0 when there is none. */
int64_t sql_number(struct sql *q, const char *text, const char *form, ...);

/* A column that is never NULL; a copy the caller frees. */
const char *sql_text(sqlite3_stmt *st, int column);
char *sql_take(sqlite3_stmt *st, int column);

bool sql_begin(struct sql *q);
/* Commit, or roll back when something failed. */
bool sql_end(struct sql *q);
void sql_roll_back(struct sql *q);

bool sql_good(const struct sql *q);
void sql_forgive(struct sql *q);
/* The sticking error as a sentence with the path.  Always false. */
bool sql_err(const struct sql *q, struct err *err);
/* The disk, not a mistake: full, failing, not writable. */
bool sql_is_disk(int code);
bool sql_is_damage(int code);

#endif
