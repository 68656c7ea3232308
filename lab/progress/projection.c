/* projection.c - what is computed from the log, and can be computed again */
#include "lab/progress/projection.h"

#include <stdlib.h>
#include <string.h>

#include "lab/progress/day.h"
#include "lab/progress/store_inside.h"

/* In the columns, `device, seq` name the event a row comes from. */
static const struct table {
	const char *name, *columns, *order;
} tables[] = {
	/* The latest event of each device that was taken in, and the latest
	 * wall time it ever showed. */
	{ "reached", "device TEXT PRIMARY KEY, seq INTEGER NOT NULL,"
	  " at_ms INTEGER NOT NULL", "device" },
	{ "profile", "key TEXT PRIMARY KEY, value TEXT NOT NULL", "key" },
	{ "lesson", "lesson TEXT PRIMARY KEY, page INTEGER NOT NULL,"
	  " furthest INTEGER NOT NULL, pages INTEGER NOT NULL,"
	  " at_ms INTEGER NOT NULL, device TEXT NOT NULL,"
	  " seq INTEGER NOT NULL", "lesson" },
	{ "attempt", "id TEXT PRIMARY KEY, exercise TEXT NOT NULL,"
	  " module_version TEXT NOT NULL, hash TEXT NOT NULL,"
	  " seed INTEGER NOT NULL, world TEXT NOT NULL, purpose TEXT NOT NULL,"
	  " difficulty REAL NOT NULL, competencies TEXT NOT NULL,"
	  " state TEXT NOT NULL DEFAULT 'open',"
	  " started_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
	  " ended_ms INTEGER NOT NULL DEFAULT 0,"
	  " at_sim INTEGER NOT NULL DEFAULT 0, task TEXT NOT NULL DEFAULT '',"
	  " ops INTEGER NOT NULL DEFAULT 0,"
	  " tries INTEGER NOT NULL DEFAULT 0,"
	  " hints INTEGER NOT NULL DEFAULT 0,"
	  " solution INTEGER NOT NULL DEFAULT 0,"
	  " minutes REAL NOT NULL DEFAULT 0, points REAL NOT NULL DEFAULT 0,"
	  " points_max REAL NOT NULL DEFAULT 0, best REAL NOT NULL DEFAULT 0,"
	  " status TEXT NOT NULL DEFAULT '',"
	  " device TEXT NOT NULL, seq INTEGER NOT NULL,"
	  " passed_ms INTEGER NOT NULL DEFAULT 0,"
	  " passed_device TEXT NOT NULL DEFAULT '',"
	  " passed_seq INTEGER NOT NULL DEFAULT 0", "id" },
	{ "attempt_op", "attempt TEXT, n INTEGER, device TEXT NOT NULL,"
	  " seq INTEGER NOT NULL, PRIMARY KEY (attempt, n)", "attempt, n" },
	{ "exercise", "id TEXT PRIMARY KEY,"
	  " attempts INTEGER NOT NULL, passes INTEGER NOT NULL DEFAULT 0,"
	  " last_seed INTEGER NOT NULL,"
	  " module_version TEXT NOT NULL DEFAULT '',"
	  " passed_ms INTEGER NOT NULL DEFAULT 0,"
	  " best REAL NOT NULL DEFAULT 0, points_max REAL NOT NULL DEFAULT 0,"
	  " device TEXT NOT NULL DEFAULT '', seq INTEGER NOT NULL DEFAULT 0",
	  "id" },
	/* What was decided or answered once, on which seed or variant. */
	{ "seen", "what TEXT, seed INTEGER, PRIMARY KEY (what, seed)",
	  "what, seed" },
	{ "card", "id TEXT PRIMARY KEY, exercise TEXT NOT NULL,"
	  " competency TEXT NOT NULL, stability REAL NOT NULL,"
	  " difficulty REAL NOT NULL, times INTEGER NOT NULL,"
	  " lapses INTEGER NOT NULL, last_day INTEGER NOT NULL,"
	  " due_day INTEGER NOT NULL", "id" },
	{ "review", "card TEXT, n INTEGER, at_ms INTEGER NOT NULL,"
	  " day INTEGER NOT NULL, rating INTEGER NOT NULL,"
	  " seed INTEGER NOT NULL, hints INTEGER NOT NULL,"
	  " stability REAL NOT NULL, difficulty REAL NOT NULL,"
	  " device TEXT NOT NULL, seq INTEGER NOT NULL,"
	  " PRIMARY KEY (card, n)", "card, n" },
	{ "competency", "id TEXT PRIMARY KEY, known REAL NOT NULL,"
	  " theta REAL NOT NULL, theta_n INTEGER NOT NULL,"
	  " stability REAL NOT NULL, difficulty REAL NOT NULL,"
	  " last_day INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
	  " runs INTEGER NOT NULL, seeds INTEGER NOT NULL,"
	  " kinds INTEGER NOT NULL", "id" },
	{ "competency_seed", "competency TEXT, seed INTEGER,"
	  " PRIMARY KEY (competency, seed)", "competency, seed" },
	{ "evidence", "competency TEXT, n INTEGER, at_ms INTEGER NOT NULL,"
	  " device TEXT NOT NULL, seq INTEGER NOT NULL, what TEXT NOT NULL,"
	  " attempt TEXT NOT NULL, seed INTEGER NOT NULL,"
	  " kinds INTEGER NOT NULL, hints INTEGER NOT NULL,"
	  " result INTEGER NOT NULL, weight REAL NOT NULL,"
	  " mastery_before REAL NOT NULL, mastery_after REAL NOT NULL,"
	  " theta_before REAL NOT NULL, theta_after REAL NOT NULL,"
	  " PRIMARY KEY (competency, n)", "competency, n" },
	{ "answer", "device TEXT, seq INTEGER, item TEXT NOT NULL,"
	  " variant INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	  " sure INTEGER NOT NULL, correct INTEGER NOT NULL,"
	  " looked INTEGER NOT NULL, PRIMARY KEY (device, seq)",
	  "device, seq" },
	{ "rubric", "device TEXT, seq INTEGER, statement TEXT NOT NULL,"
	  " rating INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	  " PRIMARY KEY (device, seq)", "device, seq" },
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

int64_t projection_day(struct store *s, int64_t at_ms)
{
	int64_t offset = sql_number(&s->sql, "SELECT CAST(value AS INTEGER)"
				    " FROM profile WHERE key ="
				    " 'utc-offset-min'", "");
	int64_t start = sql_number(&s->sql, "SELECT ifnull((SELECT"
				   " CAST(value AS INTEGER) FROM profile WHERE"
				   " key = 'day-start-min'), ?)", "i",
				   (int64_t)DAY_START_MIN);

	return day_of(at_ms, offset, start);
}

static void reach(struct store *s, const struct event *e, int64_t at_ms)
{
	sql_do(&s->sql, "INSERT OR REPLACE INTO reached VALUES (?, ?, ?)",
	       "sii", e->device, e->seq, at_ms);
}

/* --- anew ----------------------------------------------------------------- */

static void make_tables(struct store *s)
{
	for (size_t i = 0; i < TABLES; i++) {
		char *text = sqlite3_mprintf(
			"DROP TABLE IF EXISTS %s; CREATE TABLE %s (%s) STRICT,"
			" WITHOUT ROWID;", tables[i].name, tables[i].name,
			tables[i].columns);

		if (!text)
			abort();
		sql_run(&s->sql, text);
		sqlite3_free(text);
	}
	sql_run(&s->sql, "CREATE INDEX attempt_of_exercise ON attempt"
			 " (exercise, seed)");
}

void projection_remake(struct store *s)
{
	sqlite3_stmt *st;

	make_tables(s);
	st = sql_ask(&s->sql, "SELECT " EVENT_COLUMNS ", max(at_wall_ms) OVER"
		     " (PARTITION BY device ORDER BY seq) AS reached FROM event"
		     " ORDER BY reached, device, seq", "");
	while (sql_row(&s->sql, st)) {
		struct event e;

		if (!event_of_row(st, &e, NULL))
			continue;	/* not ours to understand; it stays */
		projection_apply(s, &e);
		reach(s, &e, sqlite3_column_int64(st, 8));
		event_release(&e);
	}
	sql_do(&s->sql, "INSERT OR REPLACE INTO meta VALUES ('projection', ?)",
	       "i", (int64_t)PROJECTION_VERSION);
}

bool projection_rebuild(struct store *s, struct err *err)
{
	sql_begin(&s->sql);
	projection_remake(s);
	return sql_end(&s->sql) || sql_err(&s->sql, err);
}

/* --- one more ------------------------------------------------------------- */

static bool is_last(struct store *s, const struct event *e, int64_t at_ms)
{
	return sql_number(&s->sql, "SELECT count(*) FROM reached WHERE"
			  " (at_ms, device, seq) > (?, ?, ?)", "isi", at_ms,
			  e->device, e->seq) == 0;
}

void projection_add(struct store *s, const struct event *e)
{
	int64_t at_ms = sql_number(&s->sql, "SELECT max(?1, ifnull((SELECT"
				   " at_ms FROM reached WHERE device = ?2),"
				   " ?1))", "is", e->at_ms, e->device);

	if (!is_last(s, e, at_ms)) {
		projection_remake(s);
		return;
	}
	projection_apply(s, e);
	reach(s, e, at_ms);
}

/* --- comparing ------------------------------------------------------------ */

static void dump_row(sqlite3_stmt *st, const char *name, struct text *out)
{
	text_add(out, name);
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		if (sqlite3_column_type(st, i) == SQLITE_FLOAT)
			text_addf(out, "|%.17g", sqlite3_column_double(st, i));
		else
			text_addf(out, "|%s", sql_text(st, i));
	}
	text_char(out, '\n');
}

bool projection_dump(struct store *s, struct text *out, struct err *err)
{
	sql_forgive(&s->sql);
	for (size_t i = 0; i < TABLES; i++) {
		char *text = sqlite3_mprintf("SELECT * FROM %s ORDER BY %s",
					     tables[i].name, tables[i].order);
		sqlite3_stmt *st = NULL;
		int code = sqlite3_prepare_v2(s->sql.db, text, -1, &st, NULL);

		while (code == SQLITE_OK && sql_row(&s->sql, st))
			dump_row(st, tables[i].name, out);
		sqlite3_finalize(st);
		sqlite3_free(text);
		if (code != SQLITE_OK)
			return err_set(err, "%s: %s: %s", s->path,
				       tables[i].name,
				       sqlite3_errmsg(s->sql.db));
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

static void line_at(const char *text, size_t at, char out[200])
{
	while (at && text[at - 1] != '\n')
		at--;
	sqlite3_snprintf(200, out, "%.*s", (int)strcspn(text + at, "\n"),
			 text + at);
}

static bool same(const struct text *live, const struct text *again,
		 struct err *err)
{
	const char *a = text_cstr(live), *b = text_cstr(again);
	char was[200], is[200];
	size_t i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	if (!a[i] && !b[i])
		return true;
	line_at(a, i, was);
	line_at(b, i, is);
	return err_set(err, "what was computed step by step and anew differ: "
		       "`%s` and `%s`", was, is);
}

bool projection_check(struct store *s, struct err *err)
{
	struct text live = {0}, again = {0};
	bool good = projection_dump(s, &live, err);

	if (good) {
		sql_begin(&s->sql);
		projection_remake(s);
		good = sql_good(&s->sql) ? projection_dump(s, &again, err) :
					   sql_err(&s->sql, err);
		sql_roll_back(&s->sql);
	}
	good = good && same(&live, &again, err);
	text_free(&live);
	text_free(&again);
	return good;
}
