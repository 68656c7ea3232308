/* store_exchange.c - the log as text: export, import, verify
 *
 * The events of one device are a chain, each with the hash of the one before:
 * whoever edits, adds or leaves out a line in the middle shows.  It proves
 * nothing against the owner of the machine, who can write a chain anew; who
 * grades plays the run again instead.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/store_inside.h"

bool store_export(struct store *s, struct text *out, struct err *err)
{
	sqlite3_stmt *st;

	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT " EVENT_COLUMNS " FROM event ORDER BY"
		     " device, seq", "");
	while (sql_row(&s->sql, st)) {
		struct event e;

		if (!event_of_row(st, &e, err)) {
			sqlite3_reset(st);
			return false;
		}
		event_line(&e, out);
		event_release(&e);
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

/* --- the chain ------------------------------------------------------------ */

static bool is_first_hash(const char *hash)
{
	return strspn(hash, "0") == EVENT_HASH;
}

/* Does it stand behind its predecessor, if that is here? */
static bool follows(struct store *s, const struct event *e)
{
	if (e->seq == 1)
		return is_first_hash(e->prev);
	return sql_number(&s->sql, "SELECT count(*) FROM event WHERE"
			  " device = ? AND seq = ? AND hash <> ?", "sis",
			  e->device, e->seq - 1, e->prev) == 0;
}

static bool leads(struct store *s, const struct event *e)
{
	return sql_number(&s->sql, "SELECT count(*) FROM event WHERE"
			  " device = ? AND seq = ? AND prev_hash <> ?", "sis",
			  e->device, e->seq + 1, e->hash) == 0;
}

static bool check_chain(struct store *s, const struct event *e,
			struct err *err)
{
	if (follows(s, e) && leads(s, e))
		return true;
	return err_set(err, "event %" PRId64 " of device %s does not fit its "
		       "neighbours: one of them was changed or is another "
		       "copy's", e->seq, e->device);
}

/* --- import --------------------------------------------------------------- */

struct line {
	const char *at;
	size_t len;
	size_t number;
};

static bool next_line(const char **at, const char *end, struct line *l)
{
	while (*at < end) {
		const char *stop = memchr(*at, '\n', (size_t)(end - *at));

		l->at = *at;
		stop = stop ? stop : end;
		l->len = (size_t)(stop - *at);
		*at = stop < end ? stop + 1 : end;
		l->number++;
		while (l->len && strchr(" \t\r", l->at[l->len - 1]))
			l->len--;
		if (l->len)
			return true;
	}
	return false;
}

static bool add_line(struct store *s, const struct event *e,
		     struct store_import *did, struct err *err)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT hash FROM event WHERE"
				   " device = ? AND seq = ?", "si", e->device,
				   e->seq);

	if (sql_row(&s->sql, st)) {
		bool same = strcmp(sql_text(st, 0), e->hash) == 0;

		sqlite3_reset(st);
		did->known++;
		return same || err_set(err, "event %" PRId64 " of device %s is "
				       "here with other contents", e->seq,
				       e->device);
	}
	store_insert(s, e);
	did->added++;
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

/* Add each line; stops behind the first bad one, whose number is in *bad. */
static void add_lines(struct store *s, const char *lines, size_t len,
		      struct store_import *did, size_t *bad, struct err *err)
{
	const char *at = lines;
	struct line l = {0};
	struct event e;

	while (!*bad && next_line(&at, lines + len, &l)) {
		did->lines++;
		if (!event_parse(l.at, l.len, &e, err)) {
			*bad = l.number;
			return;
		}
		if (!add_line(s, &e, did, err))
			*bad = l.number;
		event_release(&e);
	}
}

/* All are in: now each has its neighbours.  Only lines before *bad. */
static void check_lines(struct store *s, const char *lines, size_t len,
			size_t *bad, struct err *err)
{
	const char *at = lines;
	struct line l = {0};
	struct event e;

	while (next_line(&at, lines + len, &l) &&
	       (!*bad || l.number < *bad)) {
		if (!event_parse(l.at, l.len, &e, err))
			return;
		if (!check_chain(s, &e, err))
			*bad = l.number;
		event_release(&e);
	}
}

bool store_import(struct store *s, const char *name, const char *lines,
		  size_t len, struct store_import *did, struct err *err)
{
	struct err why = {0};
	size_t bad = 0;

	memset(did, 0, sizeof(*did));
	if (s->mode == STORE_READS)
		return err_set(err, "%s: was written by a newer Millrace, and "
			       "is only read", s->path);
	sql_begin(&s->sql);
	add_lines(s, lines, len, did, &bad, &why);
	check_lines(s, lines, len, &bad, &why);
	if (bad) {
		sql_roll_back(&s->sql);
		return err_set(err, "%s:%zu: %s; nothing was taken in", name,
			       bad, why.what);
	}
	if (did->added)
		projection_remake(s);
	return sql_end(&s->sql) || sql_err(&s->sql, err);
}

/* --- verify --------------------------------------------------------------- */

static bool check_event(const struct event *was, const struct event *e,
			struct err *err)
{
	char hash[EVENT_HASH + 1];
	bool same = strcmp(was->device, e->device) == 0;

	event_hash(e, hash);
	if (strcmp(hash, e->hash) != 0)
		return err_set(err, "event %" PRId64 " of device %s was "
			       "changed", e->seq, e->device);
	if (e->seq != (same ? was->seq + 1 : 1))
		return err_set(err, "event %" PRId64 " of device %s is "
			       "missing", same ? was->seq + 1 : 1, e->device);
	if (same ? strcmp(was->hash, e->prev) != 0 : !is_first_hash(e->prev))
		return err_set(err, "event %" PRId64 " of device %s does not "
			       "follow the one before it", e->seq, e->device);
	return true;
}

bool store_verify(struct store *s, struct err *err)
{
	struct event was = {0}, e = {0};
	struct err why = {0};
	bool good = true;
	sqlite3_stmt *st;

	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT " EVENT_COLUMNS " FROM event ORDER BY"
		     " device, seq", "");
	while (good && sql_row(&s->sql, st)) {
		good = event_of_row(st, &e, &why) &&
		       check_event(&was, &e, &why);
		event_release(&was);
		was = e;
		memset(&e, 0, sizeof(e));
	}
	sqlite3_reset(st);
	event_release(&was);
	if (!good)
		return err_set(err, "%s: %s", s->path, why.what);
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}
