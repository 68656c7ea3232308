/* database_log.c - the write-ahead log: what commits, and comes back
 *
 * The file on the simulated disk has a length, and may lose its end with the
 * power; what it says lies in a stream beside it, one entry for each row that a
 * transaction changed.  An entry knows where its commit ends in the file: it
 * counts if the file still reaches there.
 */
#include <string.h>

#include "sim/app/database.h"

#define LOG_CHUNK	(1u << 20)
#define RECORD_HEADER	24		/* bytes: SizeOfXLogRecord, 16 */
#define COMMIT_BYTES	34		/* a commit record without more */

enum { LOG_CREATE = 'C', LOG_INSERT = 'I', LOG_UPDATE = 'U', LOG_DELETE = 'D' };

struct log_entry {
	int64_t end;			/* of its commit, in the file */
	uint64_t row;
	uint32_t table;
	uint32_t bytes;			/* behind this */
	uint8_t op;
};

static void put_value(const struct value *v, struct text *t)
{
	text_char(t, (char)v->type);
	text_bytes(t, &v->n, sizeof(v->n));
	text_bytes(t, &v->len, sizeof(v->len));
	text_bytes(t, v->text, v->len);
}

static const char *get_value(const char *at, struct value *v)
{
	*v = (struct value){ .type = (enum sql_type)*at++ };
	memcpy(&v->n, at, sizeof(v->n));
	at += sizeof(v->n);
	memcpy(&v->len, at, sizeof(v->len));
	at += sizeof(v->len);
	v->text = v->len ? at : NULL;
	return at + v->len;
}

/* The entry of a row; false: there is nothing to say. */
static bool entry_of(const struct touched *t, struct log_entry *e,
		     struct text *values)
{
	const struct row *r = t->row;

	if (!r->committed && !r->pending)
		return false;
	*e = (struct log_entry){
		.row = r->number, .table = t->table->id,
		.op = !r->committed ? LOG_INSERT : r->pending ? LOG_UPDATE :
		      LOG_DELETE,
	};
	for (uint32_t i = 0; r->pending && i < t->table->column_count; i++)
		put_value(&r->pending[i], values);
	e->bytes = (uint32_t)values->len;
	return true;
}

static int64_t commit_bytes(const struct database_session *me)
{
	int64_t bytes = COMMIT_BYTES;

	for (uint32_t i = 0; i < me->touched.count; i++) {
		struct text values = {0};
		struct log_entry e;

		if (entry_of(&me->touched.at[i], &e, &values))
			bytes += RECORD_HEADER + e.bytes;
		text_free(&values);
	}
	return bytes;
}

/* A checkpoint now and then: replay begins behind it. */
static void checkpoint(struct world *w, struct database *st)
{
	if (world_now(w) - st->checkpoint_at < DATABASE_CHECKPOINT)
		return;
	st->checkpoint_at = world_now(w);
	st->checkpoint = st->wal->end;
}

/* The rest of a chunk that is too short for an entry is one without meaning
 * (op 0), so that a reader can step over it. */
static void fill_chunk(struct world *w, struct database *st, size_t bytes)
{
	uint64_t left = LOG_CHUNK - history_len(&w->history, st->log) %
			LOG_CHUNK;
	struct log_entry e = {0};
	struct text all = {0};

	if (bytes <= left || left < sizeof(e))
		return;
	e.bytes = (uint32_t)(left - sizeof(e));
	text_bytes(&all, &e, sizeof(e));
	while (all.len < left)
		text_char(&all, 0);
	history_append(&w->history, st->log, all.at, all.len);
	text_free(&all);
}

static void write_entry(struct world *w, struct database *st,
			const struct log_entry *e, const char *bytes)
{
	struct text all = {0};

	fill_chunk(w, st, sizeof(*e) + e->bytes);
	text_bytes(&all, e, sizeof(*e));
	text_bytes(&all, bytes, e->bytes);
	history_append(&w->history, st->log, all.at, all.len);
	text_free(&all);
	st->spans.at[st->spans.count - 1].to =
		history_len(&w->history, st->log);
}

enum disk_result database_log_commit(struct world *w,
				     struct database_session *me,
				     sim_time *durable)
{
	struct database *st = me->store;
	enum disk_result r;

	checkpoint(w, st);
	r = file_append(w, st->wal, commit_bytes(me), durable);
	if (r != DISK_OK)
		return r;
	for (uint32_t i = 0; i < me->touched.count; i++) {
		struct text values = {0};
		struct log_entry e;

		if (entry_of(&me->touched.at[i], &e, &values)) {
			e.end = st->wal->end;
			write_entry(w, st, &e, text_cstr(&values));
		}
		text_free(&values);
	}
	*durable = file_fsync(w, st->wal);
	return DISK_OK;
}

enum disk_result database_log_create(struct world *w, struct database *st,
				     const char *sql, size_t len,
				     sim_time *durable)
{
	struct log_entry e = { .op = LOG_CREATE, .bytes = (uint32_t)len };
	enum disk_result r;

	r = file_append(w, st->wal, COMMIT_BYTES + RECORD_HEADER +
			(int64_t)len, durable);
	if (r != DISK_OK)
		return r;
	e.end = st->wal->end;
	write_entry(w, st, &e, sql);
	*durable = file_fsync(w, st->wal);
	return DISK_OK;
}

/* -- replay --------------------------------------------------------------- */

static struct table *table_by_id(const struct database *st, uint32_t id)
{
	for (uint32_t i = 0; i < st->tables.count; i++)
		if (st->tables.at[i]->id == id)
			return st->tables.at[i];
	return NULL;
}

static void redo_create(struct world *w, struct database *st, const char *text,
			size_t len)
{
	struct sql_error e;
	struct sql *s = sql_parse(text, len, &e);

	*vec_add(&w->arena, &st->tables) =
		table_new(w, s, ++st->table_number);
	sql_free(s);
}

/* Rows stand in order of their numbers, whoever committed first. */
static void redo_insert(struct world *w, struct table *t, uint64_t number,
			const struct value *values)
{
	uint64_t next = t->next_row;
	struct row *r;
	uint32_t at;

	t->next_row = number - 1;
	r = table_insert(w, t, values, NULL);
	t->next_row = next > number ? next : number;
	r->committed = r->pending;
	r->pending = NULL;
	for (at = t->rows.count - 1; at && t->rows.at[at - 1] &&
	     t->rows.at[at - 1]->number > number; at--)
		t->rows.at[at] = t->rows.at[at - 1];
	t->rows.at[at] = r;
}

static void redo(struct world *w, struct database *st, const struct log_entry *e,
		 const char *bytes)
{
	struct value values[SQL_COLUMNS_MAX];
	struct table *t;
	struct row *r;

	if (e->op == LOG_CREATE) {
		redo_create(w, st, bytes, e->bytes);
		return;
	}
	t = table_by_id(st, e->table);
	for (uint32_t i = 0; e->op != LOG_DELETE && i < t->column_count; i++)
		bytes = get_value(bytes, &values[i]);
	if (e->op == LOG_INSERT) {
		redo_insert(w, t, e->row, values);
		return;
	}
	r = table_row(t, e->row);
	table_change(w, t, r, e->op == LOG_DELETE ? NULL : values, NULL);
	table_settle(w, t, r, true);
}

/* Entries of a span up to the end of the file; where they end. */
static uint64_t replay_span(struct world *w, struct database *st,
			    const struct log_span *span, uint64_t *behind)
{
	uint64_t at = span->from;

	while (at < span->to) {
		struct log_entry e;
		const char *bytes;

		if (LOG_CHUNK - at % LOG_CHUNK < sizeof(e)) {
			at += LOG_CHUNK - at % LOG_CHUNK;
			continue;
		}
		bytes = history_at(&w->history, st->log, at);
		memcpy(&e, bytes, sizeof(e));
		if (e.end > st->wal->end)
			break;
		if (e.op) {
			redo(w, st, &e, bytes + sizeof(e));
			*behind += e.end > st->checkpoint;
		}
		at += sizeof(e) + e.bytes;
	}
	return at;
}

uint64_t database_log_replay(struct world *w, struct database *st,
			     sim_time *ready)
{
	uint64_t behind = 0, end = history_len(&w->history, st->log);

	if (st->wal->intact_end < st->wal->end)
		file_truncate(w, st->wal, st->wal->intact_end);
	if (st->checkpoint > st->wal->end)
		st->checkpoint = st->wal->end;
	for (uint32_t i = 0; i < st->spans.count; i++)
		st->spans.at[i].to = replay_span(w, st, &st->spans.at[i],
						 &behind);
	*ready = world_now(w);
	if (st->wal->end > st->checkpoint)
		file_read(w, st->wal, st->checkpoint,
			  st->wal->end - st->checkpoint, ready);
	if (!st->spans.count || st->spans.at[st->spans.count - 1].to != end)
		*vec_add(&w->arena, &st->spans) = (struct log_span){ end, end };
	return behind;
}
