/* store_file.c - the file as a whole: backups, restore, repair */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/paths.h"
#include "lab/progress/day.h"
#include "lab/progress/host.h"
#include "lab/progress/store_inside.h"
#include "sim/core/mem.h"

enum { KEEP_DAYS = 7, KEEP_WEEKS = 4 };

bool sql_copy(struct sql *from, struct sql *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to->db, "main", from->db,
						"main");
	int code = b ? sqlite3_backup_step(b, -1) : SQLITE_ERROR;

	if (b)
		sqlite3_backup_finish(b);
	return code == SQLITE_DONE;
}

/* --- backups -------------------------------------------------------------- */

/* VACUUM INTO takes no journal of the copy: it is whole once it is synced and
 * renamed, and before that it has another name. */
static bool vacuum_into(struct store *s, const char *path, struct err *err)
{
	struct text beside = {0};
	int was = host_private();
	bool good;

	text_addf(&beside, "%s.new", path);
	unlink(text_cstr(&beside));
	sql_forgive(&s->sql);
	good = sql_do(&s->sql, "VACUUM INTO ?", "s", text_cstr(&beside)) ||
	       sql_err(&s->sql, err);
	host_usual(was);
	if (!good) {
		struct err why = *(err ? err : &(struct err){ "" });

		err_set(err, "%s: the copy was not made: %s", path, why.what);
		sql_forgive(&s->sql);
	}
	good = good && host_sync(text_cstr(&beside), err);
	if (good && rename(text_cstr(&beside), path) != 0)
		good = err_set(err, "%s: cannot be written", path);
	if (!good)
		unlink(text_cstr(&beside));
	text_free(&beside);
	return good;
}

static bool folder_for(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct text t = {0};
	bool good = true;

	text_bytes(&t, path, slash ? (size_t)(slash - path) : 0);
	if (t.len && !path_is_folder(text_cstr(&t)))
		good = host_folder(text_cstr(&t), err);
	text_free(&t);
	return good;
}

bool store_backup(struct store *s, const char *path, struct err *err)
{
	if (access(path, F_OK) == 0)
		return err_set(err, "%s: is there already; name another file",
			       path);
	return folder_for(path, err) && vacuum_into(s, path, err);
}

struct names {
	char (*at)[DAY_TEXT];		/* dates, the earliest first */
	size_t count;
};

static bool date_of(const char *name, char out[DAY_TEXT])
{
	int64_t day;

	if (strlen(name) != strlen("progress-2026-11-22.db") ||
	    strncmp(name, "progress-", 9) != 0 ||
	    strcmp(name + 19, ".db") != 0)
		return false;
	snprintf(out, DAY_TEXT, "%.10s", name + 9);
	return day_parse(out, &day);
}

static void collect(void *with, const char *name)
{
	struct names *names = with;
	char date[DAY_TEXT];

	if (!date_of(name, date))
		return;
	names->at = mem_grow(names->at,
			     (names->count + 1) * sizeof(*names->at));
	memcpy(names->at[names->count++], date, DAY_TEXT);
}

static void backup_path(const char *home, const char *date, struct text *out)
{
	text_clear(out);
	text_addf(out, "%s/backups/progress-%s.db", home, date);
}

/* The latest seven, and before these the latest of each of four weeks. */
static void prune(const char *home, const struct names *names)
{
	int64_t day = 0, week = 0;
	int weeks = 0;
	struct text t = {0};

	for (size_t i = names->count; i-- > 0;) {
		bool is_new_week;

		day_parse(names->at[i], &day);
		is_new_week = weeks == 0 || day_week(day) != week;
		if (names->count - i <= KEEP_DAYS)
			continue;
		if (is_new_week && weeks < KEEP_WEEKS) {
			week = day_week(day);
			weeks++;
			continue;
		}
		backup_path(home, names->at[i], &t);
		unlink(text_cstr(&t));
	}
	text_free(&t);
}

static void list_backups(const char *home, struct names *names)
{
	struct text t = {0};

	store_file(home, "backups", &t);
	memset(names, 0, sizeof(*names));
	path_list(text_cstr(&t), collect, names, NULL);
	text_free(&t);
}

bool store_backup_daily(struct store *s, int64_t now_ms, struct err *err)
{
	struct names names;
	char date[DAY_TEXT];
	struct text t = {0};
	bool good = true;

	day_text_ms(now_ms, date);
	backup_path(s->home, date, &t);
	if (store_count(s) && !path_is_file(text_cstr(&t))) {
		good = store_backup(s, text_cstr(&t), err);
		list_backups(s->home, &names);
		if (good)
			prune(s->home, &names);
		free(names.at);
	}
	text_free(&t);
	return good;
}

/* --- putting a file in its place ------------------------------------------ */

static void free_name(struct text *path)
{
	size_t len = path->len;

	for (int n = 2; access(text_cstr(path), F_OK) == 0; n++) {
		char end[16];

		snprintf(end, sizeof(end), "-%d", n);
		path->at[path->len = len] = '\0';
		text_add(path, end);
	}
}

/* The present file, if any, is kept as progress.db.WHY-DATE. */
static bool put(const char *home, const char *new_file, const char *why,
		int64_t now_ms, struct text *said, struct err *err)
{
	struct text path = {0}, kept = {0};
	char date[DAY_TEXT];
	bool good = true;

	store_file(home, "progress.db", &path);
	day_text_ms(now_ms, date);
	text_addf(&kept, "%s.%s-%s", text_cstr(&path), why, date);
	free_name(&kept);
	if (access(text_cstr(&path), F_OK) == 0) {
		good = host_move(text_cstr(&path), text_cstr(&kept), err);
		if (good)
			text_addf(said, "The file that was there is kept as "
				  "%s.\n", text_cstr(&kept));
	}
	if (good && rename(new_file, text_cstr(&path)) != 0)
		good = err_set(err, "%s: cannot be renamed to %s", new_file,
			       text_cstr(&path));
	text_free(&path);
	text_free(&kept);
	return good;
}

/* Leaving WAL needs to be alone with the file. */
static bool alone(const char *path, const struct store_options *o,
		  struct err *err)
{
	struct sql q;
	struct text why = {0};
	enum tables_look is;
	bool good = true;

	if (!path_is_file(path))
		return true;
	if (!sql_open(&q, path, SQLITE_OPEN_READWRITE, o->vfs, err))
		return false;
	is = tables_look(&q, &why);
	if (sql_good(&q) && is != TABLES_DAMAGED)
		sql_run(&q, "PRAGMA journal_mode = DELETE");
	if ((q.code & 0xff) == SQLITE_BUSY)
		good = sql_err(&q, err);
	text_free(&why);
	sql_close(&q);
	return good;
}

/* --- restore -------------------------------------------------------------- */

static bool is_progress(struct sql *q, const char *path, struct err *err)
{
	struct text why = {0};
	enum tables_look is = tables_look(q, &why);
	bool good = sql_good(q);

	if (!good)
		sql_err(q, err);
	else if (is == TABLES_DAMAGED)
		good = err_set(err, "%s: is damaged (%.120s); try an older "
			       "backup", path, text_cstr(&why));
	else if (is == TABLES_NEWER)
		good = err_set(err, "%s: was written by a newer Millrace; "
			       "install that one", path);
	else if (is != TABLES_OURS && is != TABLES_OLDER)
		good = err_set(err, "%s: is no progress of Millrace", path);
	text_free(&why);
	return good;
}

/* Another device from here on: the events behind this copy may live on in an
 * export or in the file that is put away. */
static bool copy_as_new(struct sql *from, const char *path,
			const struct store_options *o, struct err *err)
{
	char device[EVENT_DEVICE + 1];
	struct sql to;
	int was = host_private();
	bool good;

	unlink(path);
	good = sql_open(&to, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			o->vfs, err);
	host_usual(was);
	if (!good)
		return false;
	good = device_draw(o->device, device, err);
	if (good && !sql_copy(from, &to))
		good = err_set(err, "%s: the copy was not made; look for free "
			       "space", path);
	if (good && !sql_do(&to, "UPDATE meta SET value = ? WHERE"
			    " key = 'device'", "s", device))
		good = sql_err(&to, err);
	sql_close(&to);
	return good && host_sync(path, err);
}

bool store_restore(const char *home, const char *file,
		   const struct store_options *o, struct text *said,
		   struct err *err)
{
	struct text path = {0}, beside = {0};
	struct sql from;
	bool good;

	if (!path_is_file(file))
		return err_set(err, "%s: there is no such file", file);
	if (!host_folder(home, err) ||
	    !sql_open(&from, file, SQLITE_OPEN_READONLY, o->vfs, err))
		return false;
	store_file(home, "progress.db", &path);
	text_addf(&beside, "%s.new", text_cstr(&path));
	good = is_progress(&from, file, err) &&
	       alone(text_cstr(&path), o, err) &&
	       copy_as_new(&from, text_cstr(&beside), o, err);
	sql_close(&from);
	good = good && put(home, text_cstr(&beside), "before-restore",
			   o->now_ms, said, err);
	if (good)
		text_addf(said, "%s is now what %s was.\n", text_cstr(&path),
			  file);
	text_free(&path);
	text_free(&beside);
	return good;
}

/* --- repair --------------------------------------------------------------- */

struct salvage {
	struct store *into;
	int64_t read, bad;		/* rows; of these not what was hashed */
};

static void take(struct salvage *g, struct event *e)
{
	char hash[EVENT_HASH + 1];
	struct sql *q = &g->into->sql;

	g->read++;
	event_hash(e, hash);
	if (strcmp(hash, e->hash) != 0) {
		g->bad++;
		return;
	}
	sql_do(q, "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	       "siisisss", e->device, e->seq, e->at_ms, e->kind_name,
	       (int64_t)e->version, e->body, e->prev, e->hash);
	if (!sql_good(q)) {
		g->bad++;
		sql_forgive(q);
	}
}

/* Until the first page that cannot be read. */
static void scan(struct sql *from, const char *text, struct salvage *g)
{
	sqlite3_stmt *st;
	struct event e;

	sql_forgive(from);
	st = sql_ask(from, text, "");
	while (sql_row(from, st))
		if (event_of_row(st, &e, NULL)) {
			take(g, &e);
			event_release(&e);
		}
}

/* From both ends: what is lost is what lies between two bad pages. */
static void salvage(const char *path, const char *vfs, struct salvage *g)
{
	struct sql from;

	if (!path_is_file(path) ||
	    !sql_open(&from, path, SQLITE_OPEN_READONLY, vfs, NULL))
		return;
	scan(&from, "SELECT " EVENT_COLUMNS " FROM event"
	     " ORDER BY device, seq", g);
	if (!sql_good(&from))
		scan(&from, "SELECT " EVENT_COLUMNS " FROM event"
		     " ORDER BY device DESC, seq DESC", g);
	sql_close(&from);
}

static bool is_sound(const char *path, const char *vfs, enum tables_look *is)
{
	struct text why = {0};
	struct sql q;

	*is = TABLES_DAMAGED;
	if (!path_is_file(path) ||
	    !sql_open(&q, path, SQLITE_OPEN_READONLY, vfs, NULL))
		return false;
	*is = tables_look(&q, &why);
	if (!sql_good(&q))
		*is = TABLES_DAMAGED;
	sql_close(&q);
	text_free(&why);
	return *is == TABLES_OURS;
}

/* The newest backup that is sound; false: none is. */
static bool good_backup(const char *home, const char *vfs, struct text *path)
{
	struct names names;
	enum tables_look is;
	bool found = false;

	list_backups(home, &names);
	for (size_t i = names.count; !found && i-- > 0;) {
		backup_path(home, names.at[i], path);
		found = is_sound(text_cstr(path), vfs, &is);
	}
	free(names.at);
	return found;
}

static bool rebuild_from(struct store *into, const char *home,
			 const char *path, const struct store_options *o,
			 struct text *said, struct err *err)
{
	struct salvage g = { into, 0, 0 };
	struct text backup = {0};
	int64_t from_file;

	sql_begin(&into->sql);
	salvage(path, o->vfs, &g);
	from_file = sql_number(&into->sql, "SELECT count(*) FROM event", "");
	text_addf(said, "%" PRId64 " events were read from the damaged file.\n",
		  from_file);
	if (good_backup(home, o->vfs, &backup)) {
		salvage(text_cstr(&backup), o->vfs, &g);
		text_addf(said, "%" PRId64 " more came from %s.\n",
			  sql_number(&into->sql, "SELECT count(*) FROM event",
				     "") - from_file, text_cstr(&backup));
	} else {
		text_add(said, "There is no good backup to add to them.\n");
	}
	text_free(&backup);
	projection_remake(into);
	return sql_end(&into->sql) || sql_err(&into->sql, err);
}

static bool repair(const char *home, const char *path,
		   const struct store_options *o, struct text *said,
		   struct err *err)
{
	struct store_options memory = { .now_ms = o->now_ms, .memory = true,
					.device = o->device };
	struct store *into = store_open(home, &memory, err);
	struct text beside = {0};
	bool good;

	if (!into)
		return false;
	text_addf(&beside, "%s.new", path);
	unlink(text_cstr(&beside));
	good = rebuild_from(into, home, path, o, said, err) &&
	       store_backup(into, text_cstr(&beside), err) &&
	       put(home, text_cstr(&beside), "damaged", o->now_ms, said, err);
	store_close(into);
	text_free(&beside);
	return good;
}

bool store_repair(const char *home, const struct store_options *o,
		  struct text *said, struct err *err)
{
	struct text path = {0};
	enum tables_look is;
	bool good = true;

	store_file(home, "progress.db", &path);
	if (!path_is_file(text_cstr(&path)))
		good = err_set(err, "%s: there is no such file",
			       text_cstr(&path));
	else if (is_sound(text_cstr(&path), o->vfs, &is) ||
		 is == TABLES_OLDER || is == TABLES_EMPTY)
		text_addf(said, "%s is sound; nothing was changed.\n",
			  text_cstr(&path));
	else if (is == TABLES_STRANGE || is == TABLES_NEWER)
		good = err_set(err, "%s: is not damaged, but %s",
			       text_cstr(&path), is == TABLES_NEWER ?
			       "a newer Millrace's" : "another program's");
	else
		good = alone(text_cstr(&path), o, err) &&
		       repair(home, text_cstr(&path), o, said, err);
	text_free(&path);
	return good;
}
