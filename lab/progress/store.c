/* store.c - progress on disk: open, append, close */
#include "lab/progress/store.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/hash.h"
#include "lab/paths.h"
#include "lab/progress/day.h"
#include "lab/progress/host.h"
#include "lab/progress/store_inside.h"
#include "sim/core/mem.h"

void store_file(const char *home, const char *name, struct text *out)
{
	text_clear(out);
	text_addf(out, "%s/%s", home, name);
}

void store_add_note(struct store *s, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	if (s->note_count < STORE_NOTES)
		s->notes[s->note_count++] = text_take(&t);
	text_free(&t);
}

bool device_draw(const char *wanted, char out[EVENT_DEVICE + 1],
		 struct err *err)
{
	unsigned char bytes[EVENT_DEVICE / 2];

	if (wanted) {
		struct hash h;
		char hex[EVENT_HASH + 1];

		if (strlen(wanted) == EVENT_DEVICE &&
		    strspn(wanted, "0123456789abcdef") == EVENT_DEVICE) {
			strcpy(out, wanted);
			return true;
		}
		hash_init(&h);
		hash_add(&h, wanted, strlen(wanted));
		hash_hex(&h, hex);
		memcpy(out, hex, EVENT_DEVICE);
		out[EVENT_DEVICE] = '\0';
		return true;
	}
	if (!host_random(bytes, sizeof(bytes), err))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

/* --- opening -------------------------------------------------------------- */

static struct store *make(const char *home, const struct store_options *o)
{
	struct store *s = mem_zeroed(1, sizeof(*s));
	struct text t = {0};

	s->options = *o;
	s->home = mem_copy(home);
	s->wanted_device = mem_copy(o->device);
	s->vfs = mem_copy(o->vfs);
	store_file(home, "progress.db", &t);
	s->path = o->memory ? mem_copy(":memory:") : text_take(&t);
	text_free(&t);
	return s;
}

static bool read_device(struct store *s)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT value FROM meta WHERE"
				   " key = 'device'", "");

	if (sql_row(&s->sql, st)) {
		sqlite3_snprintf(sizeof(s->device), s->device, "%s",
				 sql_text(st, 0));
		sqlite3_reset(st);
	}
	return sql_good(&s->sql);
}

static bool fill(struct store *s, struct err *err)
{
	char device[EVENT_DEVICE + 1];
	struct text why = {0};

	if (!device_draw(s->wanted_device, device, err))
		return false;
	sql_begin(&s->sql);
	if (tables_look(&s->sql, &why) == TABLES_EMPTY) {
		tables_create(&s->sql, device);
		projection_remake(s);
	}
	text_free(&why);
	return sql_end(&s->sql) || sql_err(&s->sql, err);
}

static bool migrate(struct store *s, struct err *err)
{
	int64_t from = sql_number(&s->sql, "PRAGMA user_version", "");
	struct text t = {0}, name = {0};
	char day[DAY_TEXT];
	bool good;

	day_text_ms(s->options.now_ms, day);
	text_addf(&name, "backups/before-version-%d-%s.db", TABLES_VERSION,
		  day);
	store_file(s->home, text_cstr(&name), &t);
	good = path_is_file(text_cstr(&t)) ||
	       store_backup(s, text_cstr(&t), err);
	if (good) {
		sql_begin(&s->sql);
		tables_migrate(&s->sql);
		projection_remake(s);
		good = sql_end(&s->sql) || sql_err(&s->sql, err);
	}
	if (good && !tables_check(&s->sql))
		good = err_set(err, "%s: did not come out well from being "
			       "brought to version %d; `millrace progress "
			       "restore %s` brings the old one back", s->path,
			       TABLES_VERSION, text_cstr(&t));
	if (good)
		store_add_note(s, "%s: brought from version %" PRId64
			       " to %d; the old one is %s.", s->path, from,
			       TABLES_VERSION, text_cstr(&t));
	text_free(&t);
	text_free(&name);
	return good;
}

static bool fresh_projections(struct store *s, struct err *err)
{
	bool present = sql_number(&s->sql, "SELECT count(*) FROM meta WHERE"
				  " key = 'projection' AND value = ?", "i",
				  (int64_t)PROJECTION_VERSION) == 1;

	if (!sql_good(&s->sql))
		return sql_err(&s->sql, err);
	return present || projection_rebuild(s, err);
}

/* A newer schema: nothing in it may be changed by us. */
static bool only_read(struct store *s, struct err *err)
{
	sql_close(&s->sql);
	if (!sql_open(&s->sql, s->path, SQLITE_OPEN_READONLY, s->vfs, err))
		return false;
	s->mode = STORE_READS;
	store_add_note(s, "%s: was written by a newer Millrace; this one only "
		       "reads it, and keeps nothing of this session. Install "
		       "the newer one to go on.", s->path);
	return read_device(s) || sql_err(&s->sql, err);
}

static bool take_up(struct store *s, struct err *err)
{
	struct text why = {0};
	enum tables_look is = tables_look(&s->sql, &why);
	bool good = true;

	if (!sql_good(&s->sql))
		good = sql_err(&s->sql, err);
	else if (is == TABLES_STRANGE)
		good = err_set(err, "%s: is a SQLite file of another program; "
			       "move it away, or set MILLRACE_HOME to another "
			       "place", s->path);
	else if (is == TABLES_DAMAGED)
		good = err_set(err, "%s: is damaged (%.120s); it is left as it "
			       "is. `millrace progress repair` saves what can "
			       "be read", s->path, text_cstr(&why));
	text_free(&why);
	if (!good)
		return false;
	if (is == TABLES_NEWER)
		return only_read(s, err);
	if (sqlite3_db_readonly(s->sql.db, "main") == 1)
		return err_set(err, "%s: cannot be written; look at the "
			       "permissions of it and its folder", s->path);
	sql_prepare_for_use(&s->sql, s->network);
	if (!sql_good(&s->sql))
		return sql_err(&s->sql, err);
	if (is == TABLES_EMPTY && !fill(s, err))
		return false;
	if (is == TABLES_OLDER && !migrate(s, err))
		return false;
	return fresh_projections(s, err) &&
	       (read_device(s) || sql_err(&s->sql, err));
}

static bool open_memory(struct store *s, struct err *err)
{
	s->mode = STORE_FORGETS;
	if (!sql_open(&s->sql, ":memory:", SQLITE_OPEN_READWRITE |
		      SQLITE_OPEN_CREATE, NULL, err))
		return false;
	sql_run(&s->sql, "PRAGMA recursive_triggers = ON;"
			 "PRAGMA trusted_schema = OFF;");
	return fill(s, err) && (read_device(s) || sql_err(&s->sql, err));
}

static bool lock(struct store *s, const char *fs, struct err *err)
{
	struct text t = {0};

	store_file(s->home, "progress.lock", &t);
	s->locked = host_lock(text_cstr(&t), err);
	text_free(&t);
	if (s->locked)
		store_add_note(s, "%s: lies on a network file system (%s); "
			       "only one Millrace at a time can keep progress "
			       "there.", s->home, fs);
	return s->locked;
}

static void unlock(struct store *s)
{
	struct text t = {0};

	store_file(s->home, "progress.lock", &t);
	if (s->locked)
		host_unlock(text_cstr(&t));
	s->locked = false;
	text_free(&t);
}

static bool open_disk(struct store *s, struct err *err)
{
	enum store_place place = s->options.place;
	const char *fs;
	int was;
	bool good;

	s->mode = STORE_KEEPS;
	if (!host_folder(s->home, err))
		return false;
	fs = place == STORE_LOCAL ? NULL : host_network(s->home);
	if (place == STORE_NETWORK && !fs)
		fs = "NFS";
	s->network = fs != NULL;
	if (fs && !lock(s, fs, err))
		return false;
	was = host_private();
	good = sql_open(&s->sql, s->path, SQLITE_OPEN_READWRITE |
			SQLITE_OPEN_CREATE, s->vfs, err) && take_up(s, err);
	host_usual(was);
	return good;
}

/* --- going on in memory --------------------------------------------------- */

/* What an undamaged file says, for one who may not write beside it. */
static bool copy_unwritable(const char *path, struct sql *to)
{
	struct text uri = {0}, why = {0};
	struct sql from;
	bool good;

	text_add(&uri, "file:");
	for (const char *p = path; *p; p++)
		text_addf(&uri, strchr("%?#", *p) ? "%%%02x" : "%c", *p);
	text_add(&uri, "?immutable=1");
	good = path_is_file(path) &&
	       sql_open(&from, text_cstr(&uri), SQLITE_OPEN_READONLY |
			SQLITE_OPEN_URI, NULL, NULL);
	if (good) {
		good = tables_look(&from, &why) == TABLES_OURS &&
		       sql_copy(&from, to);
		sql_close(&from);
	}
	text_free(&uri);
	text_free(&why);
	return good;
}

static bool copied(struct store *s, struct sql *to)
{
	struct text why = {0};
	bool good = false;

	if (s->sql.db) {
		sql_forgive(&s->sql);
		sql_roll_back(&s->sql);
		good = tables_look(&s->sql, &why) == TABLES_OURS &&
		       sql_copy(&s->sql, to);
	}
	text_free(&why);
	return good || copy_unwritable(s->path, to);
}

/* Events from here on are another device's: the file may have got a last one
 * that it did not acknowledge, or get some from another program. */
static bool new_device(struct store *s, struct err *err)
{
	struct text t = {0};
	bool good;

	text_addf(&t, "%s in memory", s->wanted_device ? s->wanted_device : "");
	good = device_draw(s->wanted_device ? text_cstr(&t) : NULL, s->device,
			   err);
	text_free(&t);
	if (good)
		sql_do(&s->sql, "UPDATE meta SET value = ? WHERE"
		       " key = 'device'", "s", s->device);
	return good && (sql_good(&s->sql) || sql_err(&s->sql, err));
}

static bool forget(struct store *s, const struct err *why, struct err *err)
{
	struct sql memory;
	bool have;

	if (!sql_open(&memory, ":memory:", SQLITE_OPEN_READWRITE |
		      SQLITE_OPEN_CREATE, NULL, err))
		return false;
	have = copied(s, &memory);
	sql_close(&s->sql);
	s->sql = memory;
	s->mode = STORE_FORGETS;
	sql_run(&s->sql, "PRAGMA recursive_triggers = ON;"
			 "PRAGMA trusted_schema = OFF;");
	store_add_note(s, "%s. What is done now is kept in memory only; "
		       "`millrace progress export` writes it to a file.",
		       why->what);
	return (have || fill(s, err)) && fresh_projections(s, err) &&
	       new_device(s, err);
}

struct store *store_open(const char *home, const struct store_options *o,
			 struct err *err)
{
	struct store *s = make(home, o);
	struct err why = {0};

	if (o->memory ? open_memory(s, &why) : open_disk(s, &why)) {
		if (s->mode == STORE_KEEPS && !o->no_backup &&
		    !store_backup_daily(s, o->now_ms, &why))
			store_add_note(s, "%s.", why.what);
		return s;
	}
	if (o->fall_back && !o->memory && forget(s, &why, err))
		return s;
	if (!o->fall_back || o->memory)
		err_set(err, "%s", why.what);
	store_close(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->sql.db && s->mode == STORE_KEEPS && sql_good(&s->sql))
		sql_run(&s->sql, "PRAGMA optimize");
	sql_close(&s->sql);
	unlock(s);
	for (size_t i = 0; i < s->note_count; i++)
		free(s->notes[i]);
	free(s->home);
	free(s->path);
	free(s->wanted_device);
	free(s->vfs);
	free(s);
}

enum store_mode store_mode(const struct store *s)
{
	return s->mode;
}

const char *store_path(const struct store *s)
{
	return s->path;
}

const char *store_device(const struct store *s)
{
	return s->device;
}

const char *store_note(const struct store *s, size_t i)
{
	return i < s->note_count ? s->notes[i] : NULL;
}

/* --- events --------------------------------------------------------------- */

static bool may_write(const struct store *s, struct err *err)
{
	return s->mode != STORE_READS ||
	       err_set(err, "%s: was written by a newer Millrace, and is only "
		       "read", s->path);
}

bool store_id(struct store *s, struct text *out, struct err *err)
{
	int64_t n;

	if (!may_write(s, err))
		return false;
	sql_begin(&s->sql);
	sql_do(&s->sql, "INSERT INTO meta VALUES ('ids', '1') ON CONFLICT"
	       " DO UPDATE SET value = CAST(value + 1 AS TEXT)", "");
	n = sql_number(&s->sql, "SELECT CAST(value AS INTEGER) FROM meta"
		       " WHERE key = 'ids'", "");
	if (!sql_end(&s->sql))
		return sql_err(&s->sql, err);
	text_addf(out, "%s-%" PRId64, s->device, n);
	return true;
}

bool event_of_row(sqlite3_stmt *st, struct event *e, struct err *err)
{
	memset(e, 0, sizeof(*e));
	sqlite3_snprintf(sizeof(e->device), e->device, "%s", sql_text(st, 0));
	e->seq = sqlite3_column_int64(st, 1);
	e->at_ms = sqlite3_column_int64(st, 2);
	sqlite3_snprintf(sizeof(e->kind_name), e->kind_name, "%s",
			 sql_text(st, 3));
	e->kind = event_kind_of(e->kind_name);
	e->version = sqlite3_column_int(st, 4);
	e->body = sql_take(st, 5);
	sqlite3_snprintf(sizeof(e->prev), e->prev, "%s", sql_text(st, 6));
	sqlite3_snprintf(sizeof(e->hash), e->hash, "%s", sql_text(st, 7));
	e->json = event_upcast(e->kind, e->version, e->body, err);
	if (!e->json)
		event_release(e);
	return e->json != NULL;
}

void store_insert(struct store *s, const struct event *e)
{
	sql_do(&s->sql, "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	       "siisisss", e->device, e->seq, e->at_ms, e->kind_name,
	       (int64_t)e->version, e->body, e->prev, e->hash);
}

/* The next link of this device's chain. */
static void add(struct store *s, struct event *e)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT seq, hash FROM event WHERE"
				   " device = ? ORDER BY seq DESC LIMIT 1",
				   "s", s->device);

	strcpy(e->device, s->device);
	e->seq = 1;
	memset(e->prev, '0', EVENT_HASH);
	if (sql_row(&s->sql, st)) {
		e->seq = sqlite3_column_int64(st, 0) + 1;
		sqlite3_snprintf(sizeof(e->prev), e->prev, "%s",
				 sql_text(st, 1));
		sqlite3_reset(st);
	}
	event_hash(e, e->hash);
	store_insert(s, e);
	projection_add(s, e);
}

static bool write_all(struct store *s, struct event *events, size_t count)
{
	sql_begin(&s->sql);
	for (size_t i = 0; i < count; i++)
		add(s, &events[i]);
	return sql_end(&s->sql);
}

/* One form for what means the same: the hash goes over these bytes. */
static bool read_draft(const struct event_draft *d, int64_t at_ms,
		       struct event *e, struct err *err)
{
	json_error_t why;

	e->json = json_loads(d->body, 0, &why);
	if (!e->json)
		return err_set(err, "%s: the body is no JSON: %s",
			       event_kind_name(d->kind), why.text);
	if (!event_check(d->kind, e->json, err))
		return false;
	e->at_ms = at_ms;
	e->kind = d->kind;
	e->version = event_version(d->kind);
	sqlite3_snprintf(sizeof(e->kind_name), e->kind_name, "%s",
			 event_kind_name(d->kind));
	e->body = json_dumps(e->json, JSON_COMPACT | JSON_SORT_KEYS);
	if (!e->body)
		abort();
	return true;
}

/* The disk failed.  The events were not acknowledged; they and what follows
 * go to memory, which says so. */
static bool lose_disk(struct store *s, struct event *events, size_t count,
		      struct err *err)
{
	struct err why, ignore;

	sql_err(&s->sql, &why);
	err_set(err, "%s", why.what);
	if (s->mode == STORE_KEEPS && s->options.fall_back &&
	    sql_is_disk(s->sql.code) && forget(s, &why, &ignore))
		write_all(s, events, count);
	return false;
}

bool store_append_all(struct store *s, const struct event_draft *drafts,
		      size_t count, int64_t at_ms, struct err *err)
{
	struct event *events;
	bool good = may_write(s, err);

	if (!good)
		return false;
	events = mem_zeroed(count ? count : 1, sizeof(*events));
	for (size_t i = 0; good && i < count; i++)
		good = read_draft(&drafts[i], at_ms, &events[i], err);
	if (good && !write_all(s, events, count))
		good = lose_disk(s, events, count, err);
	for (size_t i = 0; i < count; i++)
		event_release(&events[i]);
	free(events);
	return good;
}

bool store_append(struct store *s, enum event_kind kind, const char *body,
		  int64_t at_ms, struct err *err)
{
	return store_append_all(s, &(struct event_draft){ kind, body }, 1,
				at_ms, err);
}

bool store_event(struct store *s, const char *device, int64_t seq,
		 struct event *out, struct err *err)
{
	bool found = false;
	sqlite3_stmt *st;

	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT " EVENT_COLUMNS " FROM event WHERE"
		     " device = ? AND seq = ?", "si", device, seq);
	if (sql_row(&s->sql, st)) {
		found = event_of_row(st, out, err);
		sqlite3_reset(st);
		return found;
	}
	if (!sql_good(&s->sql))
		return sql_err(&s->sql, err);
	return err_set(err, "%s: there is no event %" PRId64 " of device %s",
		       s->path, seq, device);
}

int64_t store_count(struct store *s)
{
	sql_forgive(&s->sql);
	return sql_number(&s->sql, "SELECT count(*) FROM event", "");
}

/* --- back to disk --------------------------------------------------------- */

bool store_settle(struct store *s, struct err *err)
{
	struct store_options o = s->options;
	struct store_import did;
	struct store *disk;
	struct text lines = {0};
	struct sql swap;
	bool good;

	if (s->mode != STORE_FORGETS || s->options.memory)
		return true;
	o.fall_back = false;
	o.device = s->wanted_device;
	o.vfs = s->vfs;
	unlock(s);
	disk = store_open(s->home, &o, err);
	if (!disk)
		return false;
	good = may_write(disk, err) && store_export(s, &lines, err) &&
	       store_import(disk, "memory", text_cstr(&lines), lines.len,
			    &did, err);
	text_free(&lines);
	if (good) {
		swap = s->sql;
		s->sql = disk->sql;
		disk->sql = swap;
		s->mode = STORE_KEEPS;
		disk->mode = STORE_FORGETS;
		s->network = disk->network;
		s->locked = disk->locked;
		disk->locked = false;
		strcpy(s->device, disk->device);
	}
	store_close(disk);
	return good;
}
