/* database.c - the store as a process: sessions, commits, recovery */
#include "sim/app/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/app_inside.h"

#define STATEMENT_NS	SIM_US(40)	/* see database.h */
#define LOOK_NS		200
#define CHANGE_NS	SIM_US(5)
#define REDO_NS		SIM_US(5)
#define START_NS	SIM_MS(200)	/* postmaster, shared memory [E] */
#define BACKENDS	16		/* statements worked on at once [E] */

static const struct process_events database_on = {
	.start = DATABASE_START, .stop = DATABASE_STOP,
	.message = DATABASE_MESSAGE, .lost = DATABASE_LOST,
	.collect = DATABASE_COLLECT,
};

/* -- life ----------------------------------------------------------------- */

struct database *database_find(const struct world *w, const char *name)
{
	const struct services *all = services_of(w);

	for (uint32_t i = 0; i < all->stores.count; i++)
		if (!strcmp(world_text(w, all->stores.at[i]->name), name))
			return all->stores.at[i];
	return NULL;
}

static void make_metrics(struct world *w, struct database *st)
{
	static const int64_t bounds[] = {
		SIM_US(100), SIM_US(500), SIM_MS(1), SIM_MS(5), SIM_MS(10),
		SIM_MS(50), SIM_MS(100), SIM_MS(500), SIM_S(1),
	};
	struct process *p = st->process;

	st->commits = metric_counter(w, p, "pg_stat_database_xact_commit",
				     NULL);
	st->rollbacks = metric_counter(w, p, "pg_stat_database_xact_rollback",
				       NULL);
	st->deadlocks = metric_counter(w, p, "pg_stat_database_deadlocks",
				       NULL);
	st->statements = metric_counter(w, p, "store_statements_total", NULL);
	st->commit_seconds = metric_unit(metric_histogram(w, p, bounds,
		sizeof(bounds) / sizeof(bounds[0]), "store_wal_sync_seconds",
		NULL), METRIC_NS);
	st->rows_metric = metric_gauge(w, p, "store_rows", NULL);
}

struct database *database_new(struct world *w, const char *name,
			      struct machine *m, uint16_t port)
{
	struct database *st = world_take(w, struct database);

	st->name = world_name(w, name);
	st->process = process_new(w, name, m, "postgres -D /var/lib/postgresql",
				  &database_on, MODULE_APP, st);
	st->wal = file_new(w, &m->disk);
	st->log = history_open(&w->history, 1u << 20);
	st->checkpoint_at = world_now(w);
	net_listen(w, st->process, port);
	cpu_threads_set(w, st->process, BACKENDS);
	make_metrics(w, st);
	if (!machine_find(w, name))
		net_alias(w, name, m);
	*vec_add(&w->arena, &services_of(w)->stores) = st;
	return st;
}

void database_start(struct world *w, void *who, uint16_t arg)
{
	struct database *st = ((struct process *)who)->self;
	uint64_t behind;
	sim_time ready;

	(void)arg;
	registry_reset(w, st->process);
	memory_set(w, st->process, DATABASE_BASE_BYTES);
	st->recovering = true;
	log_write(w, st->process, LOG_INFO, "LOG:  database system was "
		  "interrupted; reading its log");
	behind = database_log_replay(w, st, &ready);
	process_at(w, st->process, ready + START_NS +
		   (sim_time)behind * REDO_NS, DATABASE_RECOVERED, st, 0);
}

void database_recovered(struct world *w, void *who, uint16_t arg)
{
	struct database *st = who;

	(void)arg;
	st->recovering = false;
	log_write(w, st->process, LOG_INFO, "LOG:  database system is ready to "
		  "accept connections");
}

static void session_free(struct world *w, struct database_session *me)
{
	struct database *st = me->store;

	for (uint32_t i = 0; i < st->sessions.count; i++)
		if (st->sessions.at[i] == me) {
			vec_remove(&st->sessions, i);
			break;
		}
	if (me->request)
		message_free(w, &me->request->head);
	if (me->answer)
		arena_free(&w->arena, me->answer, me->answer_len + 1);
	vec_free(&w->arena, &me->touched);
	world_give(w, me);
}

void database_stop(struct world *w, void *who, uint16_t arg)
{
	struct database *st = ((struct process *)who)->self;

	(void)arg;
	while (st->sessions.count)
		session_free(w, st->sessions.at[0]);
	for (uint32_t i = 0; i < st->tables.count; i++)
		table_free(w, st->tables.at[i]);
	vec_free(&w->arena, &st->tables);
	st->table_number = 0;
}

void database_collect(struct world *w, void *who, uint16_t arg)
{
	struct database *st = ((struct process *)who)->self;
	int64_t rows = 0;

	(void)w;
	(void)arg;
	for (uint32_t i = 0; i < st->tables.count; i++)
		rows += st->tables.at[i]->live;
	metric_set(st->rows_metric, rows);
}

/* -- answers -------------------------------------------------------------- */

static void send(struct world *w, struct database *st,
		 const struct http_request *r, uint32_t status,
		 const char *body, size_t len)
{
	struct http_response *a = http_response_new(w, status,
		"application/json", body, len, r->id);

	a->head.line = r->head.line;
	net_send(w, st->process, r->head.from, &a->head);
}

static void send_error(struct world *w, struct database *st,
		       const struct http_request *r, const struct sql_error *e,
		       bool open)
{
	struct text t = {0};

	text_addf(&t, "{\"code\":\"%s\",\"message\":", e->code);
	text_json(&t, e->message);
	if (e->detail[0]) {
		text_add(&t, ",\"detail\":");
		text_json(&t, e->detail);
	}
	text_addf(&t, ",\"tx\":%s}", open ? "true" : "false");
	send(w, st, r, 400, t.at, t.len);
	text_free(&t);
}

static void session_done(struct world *w, struct database_session *me)
{
	message_free(w, &me->request->head);
	me->request = NULL;
	if (!me->open)
		session_free(w, me);
}

static void answer(struct world *w, struct database_session *me,
		   const struct text *json)
{
	send(w, me->store, me->request, 200, text_cstr(json), json->len);
	session_done(w, me);
}

/* -- waiting -------------------------------------------------------------- */

/* Those who waited for this one begin anew, in the order of their sessions. */
static void wake(struct world *w, struct database *st,
		 const struct database_session *done)
{
	for (uint32_t i = 0; i < st->sessions.count; i++) {
		struct database_session *s = st->sessions.at[i];

		if (s->waits_for != done)
			continue;
		s->waits_for = NULL;
		cpu_serve(w, st->process, STATEMENT_NS, DATABASE_RUN,
			  &s->request->head);
		s->request = NULL;
	}
}

static void end_transaction(struct world *w, struct database_session *me,
			    bool commit)
{
	database_settle(w, me, commit);
	metric_add(commit ? me->store->commits : me->store->rollbacks, 1);
	me->open = me->failed = false;
	wake(w, me->store, me);
}

static bool closes_a_circle(const struct database_session *me)
{
	const struct database_session *s;

	for (s = me->waits_for; s; s = s->waits_for)
		if (s == me)
			return true;
	return false;
}

/* -- statements ----------------------------------------------------------- */

static void fail(struct world *w, struct database_session *me,
		 const struct sql_error *e)
{
	if (me->open)
		me->failed = true;
	else
		end_transaction(w, me, false);
	send_error(w, me->store, me->request, e, me->open);
	session_done(w, me);
}

/* The log cannot be written: PostgreSQL panics, so nothing unsure is said. */
static void panic(struct world *w, struct database *st, enum disk_result r)
{
	log_write(w, st->process, LOG_ERROR, "PANIC:  could not write to log "
		  "file: %s", disk_result_text(r));
	process_kill(w, st->process);
}

/* Answer once the log is on the disk. */
static void when_durable(struct world *w, struct database_session *me,
			 sim_time durable, const struct text *json)
{
	me->answer_len = (uint32_t)json->len;
	me->answer = arena_take(&w->arena, json->len + 1);
	memcpy(me->answer, json->at, json->len);
	metric_observe(me->store->commit_seconds, durable - world_now(w));
	process_at(w, me->store->process, durable, DATABASE_COMMITTED, me, 0);
}

void database_committed(struct world *w, void *who, uint16_t arg)
{
	struct database_session *me = who;
	struct text json = {0};

	(void)arg;
	text_bytes(&json, me->answer, me->answer_len);
	arena_free(&w->arena, me->answer, me->answer_len + 1);
	me->answer = NULL;
	end_transaction(w, me, true);
	answer(w, me, &json);
	text_free(&json);
}

static void commit(struct world *w, struct database_session *me,
		   const struct text *json)
{
	enum disk_result r;
	sim_time durable;

	if (!me->touched.count) {
		end_transaction(w, me, true);
		answer(w, me, json);
		return;
	}
	r = database_log_commit(w, me, &durable);
	if (r != DISK_OK)
		panic(w, me->store, r);
	else
		when_durable(w, me, durable, json);
}

static void finish_json(struct text *json, const char *tag, uint32_t count,
			bool open)
{
	struct text whole = {0};

	text_addf(&whole, "{\"tag\":\"%s\",\"count\":%u,\"tx\":%s%s}", tag,
		  count, open ? "true" : "false", text_cstr(json));
	text_free(json);
	*json = whole;
}

/* Simplified: a CREATE is answered, and its table there for all, before its log
 * is on the disk; it is no part of a transaction. */
static void create(struct world *w, struct database_session *me,
		   const struct sql *s, struct text *json,
		   struct sql_error *e)
{
	struct database *st = me->store;
	const char *body = http_body(me->request);
	enum disk_result r;
	sim_time durable;

	finish_json(json, "CREATE TABLE", 0, me->open);
	if (database_table(w, st, s->table)) {
		if (s->if_not_exists) {
			answer(w, me, json);
			return;
		}
		sql_fail(e, "42P07", "relation \"%s\" already exists",
			 s->table);
		fail(w, me, e);
		return;
	}
	r = database_log_create(w, st, body, me->request->body_len, &durable);
	if (r != DISK_OK) {
		panic(w, st, r);
		return;
	}
	*vec_add(&w->arena, &st->tables) = table_new(w, s, ++st->table_number);
	answer(w, me, json);
}

/* BEGIN, COMMIT, ROLLBACK */
static void transaction(struct world *w, struct database_session *me,
			enum sql_verb verb)
{
	bool commits = verb == SQL_COMMIT && !me->failed;
	struct text json = {0};

	finish_json(&json, verb == SQL_BEGIN ? "BEGIN" : commits ? "COMMIT" :
		    "ROLLBACK", 0, verb == SQL_BEGIN);
	if (verb == SQL_BEGIN) {
		me->open = true;
		answer(w, me, &json);
	} else if (commits) {
		commit(w, me, &json);
	} else {
		end_transaction(w, me, false);
		answer(w, me, &json);
	}
	text_free(&json);
}

static void wait_or_fail(struct world *w, struct database_session *me,
			 struct sql_error *e)
{
	if (!closes_a_circle(me))
		return;			/* wake begins it anew */
	me->waits_for = NULL;
	metric_add(me->store->deadlocks, 1);
	log_write(w, me->store->process, LOG_ERROR, "ERROR:  deadlock "
		  "detected");
	sql_fail(e, "40P01", "deadlock detected");
	fail(w, me, e);
}

static void run(struct world *w, struct database_session *me,
		const struct sql *s, struct sql_error *e)
{
	static const char *const tags[] = {
		[SQL_INSERT] = "INSERT 0", [SQL_SELECT] = "SELECT",
		[SQL_UPDATE] = "UPDATE", [SQL_DELETE] = "DELETE",
	};
	struct text json = {0};
	uint32_t count;
	char tag[48];

	if (s->verb == SQL_CREATE) {
		create(w, me, s, &json, e);
		text_free(&json);
		return;
	}
	switch (database_run(w, me, s, &json, &count, e)) {
	case RUN_WAITS:
		wait_or_fail(w, me, e);
		break;
	case RUN_FAILED:
		fail(w, me, e);
		break;
	case RUN_DONE:
		snprintf(tag, sizeof(tag), "%s %u", tags[s->verb], count);
		finish_json(&json, tag, count, me->open);
		if (s->verb != SQL_SELECT)
			cpu_spend(w, me->store->process, count * CHANGE_NS);
		if (me->open)
			answer(w, me, &json);
		else
			commit(w, me, &json);
		break;
	}
	text_free(&json);
}

static void resume(struct world *w, struct database_session *me)
{
	const struct http_request *r = me->request;
	struct sql_error e;
	struct sql *s = sql_parse(http_body(r), r->body_len, &e);

	metric_add(me->store->statements, 1);
	if (!s) {
		fail(w, me, &e);
		return;
	}
	if (me->failed && s->verb != SQL_ROLLBACK && s->verb != SQL_COMMIT) {
		sql_fail(&e, "25P02", "current transaction is aborted, "
			 "commands ignored until end of transaction block");
		fail(w, me, &e);
	} else if (s->verb == SQL_BEGIN || s->verb == SQL_COMMIT ||
		   s->verb == SQL_ROLLBACK) {
		transaction(w, me, s->verb);
	} else {
		run(w, me, s, &e);
	}
	sql_free(s);
}

/* -- messages ------------------------------------------------------------- */

static struct database_session *session_of(struct world *w, struct database *st,
					   const struct http_request *r)
{
	struct text number = {0};
	struct database_session *s;
	uint32_t n = 0;

	if (http_parameter(http_query(http_path(r)), "session", 0, &number))
		n = (uint32_t)strtoul(text_cstr(&number), NULL, 10);
	text_free(&number);
	for (uint32_t i = 0; i < st->sessions.count; i++) {
		s = st->sessions.at[i];
		if (s->peer == r->head.from && s->number == n)
			return s;
	}
	s = world_take(w, struct database_session);
	s->store = st;
	s->peer = r->head.from;
	s->number = n;
	*vec_add(&w->arena, &st->sessions) = s;
	return s;
}

void database_statement(struct world *w, void *who, uint16_t arg)
{
	struct http_request *r = who;
	struct database *st = r->head.to->self;
	struct database_session *me;
	struct sql_error e;

	(void)arg;
	if (st->recovering) {
		sql_fail(&e, "57P03", "the database system is starting up");
		send_error(w, st, r, &e, false);
		message_free(w, &r->head);
		return;
	}
	me = session_of(w, st, r);
	if (me->request) {		/* one statement at a time */
		sql_fail(&e, "08P01", "this session is busy with another "
			 "statement");
		send_error(w, st, r, &e, me->open);
		message_free(w, &r->head);
		return;
	}
	me->request = r;
	resume(w, me);
}

/* \d: all tables, their columns and rows. */
static void tables_json(struct world *w, const struct database *st,
			struct text *t)
{
	text_char(t, '[');
	for (uint32_t i = 0; i < st->tables.count; i++) {
		const struct table *table = st->tables.at[i];

		text_addf(t, "%s{\"name\":", i ? "," : "");
		text_json(t, world_text(w, table->name));
		text_addf(t, ",\"rows\":%u,\"columns\":[", table->live);
		for (uint32_t c = 0; c < table->column_count; c++)
			text_addf(t, "%s{\"name\":\"%s\",\"type\":\"%s\","
				  "\"not_null\":%s}", c ? "," : "",
				  table->columns[c].name,
				  sql_type_name(table->columns[c].type),
				  table->columns[c].not_null ? "true" :
				  "false");
		text_add(t, "]}");
	}
	text_char(t, ']');
}

/* What a statement will cost before it can run. */
static sim_time cost(const struct world *w, const struct database *st,
		     const struct http_request *r)
{
	struct sql_error e;
	struct sql *s = sql_parse(http_body(r), r->body_len, &e);
	uint64_t rows = s ? database_rows_looked_at(w, st, s) : 0;

	sql_free(s);
	return STATEMENT_NS + (sim_time)rows * LOOK_NS;
}

void database_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct database *st = m->to->self;
	struct http_request *r = who;
	struct text t = {0};

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE) {
		telemetry_answer(w, m);
	} else if (m->kind != MESSAGE_HTTP_REQUEST) {
		message_free(w, m);
	} else if (r->method == HTTP_POST &&
		   http_path_is(http_path(r), "/query")) {
		cpu_serve(w, st->process, cost(w, st, r), DATABASE_RUN, m);
	} else {
		tables_json(w, st, &t);
		if (http_path_is(http_path(r), "/tables"))
			send(w, st, r, 200, t.at, t.len);
		else
			send(w, st, r, 404, "{}", 2);
		text_free(&t);
		message_free(w, m);
	}
}

/* Its connections broke: what it had not committed is rolled back.  What waits
 * for the disk goes on; nobody will hear of it. */
void database_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;
	struct database *st = lost->process->self;

	(void)arg;
	for (uint32_t i = st->sessions.count; i--;) {
		struct database_session *s;

		if (i >= st->sessions.count)
			continue;
		s = st->sessions.at[i];
		if (s->peer != lost->peer || s->answer)
			continue;
		end_transaction(w, s, false);
		session_free(w, s);
	}
}

bool database_look(struct world *w, struct database *st, const char *text,
		   struct text *json, struct sql_error *e)
{
	struct database_session nobody = { .store = st };
	struct sql *s = sql_parse(text, strlen(text), e);
	uint32_t count;
	bool good;

	if (!s)
		return false;
	good = s->verb == SQL_SELECT ||
	       sql_fail(e, "25006", "cannot execute this in a read-only "
			"transaction");
	if (good && database_run(w, &nobody, s, json, &count, e) == RUN_DONE)
		finish_json(json, "SELECT", count, false);
	else
		good = false;
	sql_free(s);
	return good;
}
