/* database.h - a small relational store: a process with tables, and its log
 *
 * Statements of SQL (sql.h) come as POST /query?session=N, and are answered as
 * JSON: {"tag":"INSERT 0 1","count":1,"tx":false,"columns":[],"rows":[]}, or
 * status 400 and {"code":"23505","message":...,"detail":...,"tx":...}.  A
 * session is a number of the asker's; it begins with a BEGIN and is gone with
 * its COMMIT, its ROLLBACK, or its connection.
 *
 *	statement ─▶ CPU ─▶ held rows? ─▶ changes, not visible to others
 *	                      │ wait for their holder        │
 *	                      └──────────────────────────────┤ COMMIT
 *	                                                     ▼
 *	       answer ◀── visible ◀── fsync is done ◀── log appended
 *
 * A commit is answered when its log is on the disk, no sooner: so it survives
 * the process and the machine.  In between it may survive or not, and whoever
 * asked does not know.  After a crash the log is read from its last checkpoint
 * on, and until that is done nobody is served.
 *
 * Locks are on rows, and released at the end of the transaction; whoever would
 * close a circle of waiting fails (40P01).
 *
 * Costs [E]: parsing and planning 40 us, a row looked at 200 ns, a row changed
 * 5 us (pgbench's select-only and tpcb-like on one core of the 2020s).
 *
 * Simplified: HTTP and JSON for the binary protocol on 5432; all tables in
 * memory, checkpoints write nothing; a statement sees what is committed when
 * it runs, and runs in no time of its own.
 */
#ifndef SIM_APP_DATABASE_H
#define SIM_APP_DATABASE_H

#include "sim/app/table.h"
#include "sim/host/http.h"
#include "sim/telemetry/telemetry.h"

#define DATABASE_PORT		5432
#define DATABASE_CHECKPOINT	SIM_MINUTES(5)	/* checkpoint_timeout */
#define DATABASE_BASE_BYTES	(INT64_C(160) << 20)	/* shared_buffers 128 MB,
							   and processes */

struct touched {
	struct table *table;
	struct row *row;
};

struct database_session {
	struct database *store;
	struct process *peer;
	uint32_t number;
	bool open;			/* in a transaction that BEGIN began */
	bool failed;			/* and an error ended it */
	VEC(struct touched) touched;	/* rows it holds, in that order */
	struct http_request *request;	/* waits, or is being committed */
	struct database_session *waits_for;
	char *answer;			/* to give once the log is on disk */
	uint32_t answer_len;
};

/* Entries of the log that count: [from, to) of the stream. */
struct log_span {
	uint64_t from, to;
};

struct database {
	name_id name;
	struct process *process;
	VEC(struct table *) tables;
	VEC(struct database_session *) sessions;
	uint32_t table_number;
	bool recovering;
	struct file *wal;		/* on its machine's first disk */
	stream_id log;			/* what the file holds */
	VEC(struct log_span) spans;
	int64_t checkpoint;		/* of the file: replay begins here */
	sim_time checkpoint_at;
	struct metric *commits, *rollbacks, *statements, *deadlocks;
	struct metric *commit_seconds, *rows_metric;
};

struct database *database_new(struct world *w, const char *name,
			      struct machine *m, uint16_t port);
struct database *database_find(const struct world *w, const char *name);
struct table *database_table(const struct world *w, const struct database *s,
			     const char *name);

/* Look at what is committed, for those who stand outside: the answer to a
 * SELECT as JSON.  False: *e says why. */
bool database_look(struct world *w, struct database *s, const char *select,
		   struct text *json, struct sql_error *e);

/* -- between its files ---------------------------------------------------- */

enum run { RUN_DONE, RUN_WAITS, RUN_FAILED };

/* database_run.c: run a statement; *json is the answer without its "tx". */
enum run database_run(struct world *w, struct database_session *me,
		      const struct sql *s, struct text *json,
		      uint32_t *changed, struct sql_error *e);
uint64_t database_rows_looked_at(const struct world *w,
				 const struct database *st,
				 const struct sql *s);
void database_settle(struct world *w, struct database_session *me,
		     bool commit);

/* database_log.c */
/* Append what the session has changed, and when that is safe; or the disk's
 * word for why not. */
enum disk_result database_log_commit(struct world *w,
				     struct database_session *me,
				     sim_time *durable);
enum disk_result database_log_create(struct world *w, struct database *st,
				     const char *sql, size_t len,
				     sim_time *durable);
/* Read it: tables are what they were.  How many entries lie behind the last
 * checkpoint; when the disk has read them. */
uint64_t database_log_replay(struct world *w, struct database *st,
			     sim_time *ready);

#define DATABASE_ROW_MAX	(512u << 10)	/* bytes of a row's values */

#endif
