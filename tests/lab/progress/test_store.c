/* test_store.c - progress.db: opened, kept, moved, damaged, brought up to date
 *
 * Method: real files in a folder of their own; files of older and newer
 * schemas, of other programs, and broken ones made on purpose.  Goal: what was
 * acknowledged is there afterwards, nothing of the learner's is overwritten,
 * and each trouble is one sentence that names the file and what to do.
 */
#include "tests/lab/progress/help.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lab/paths.h"

static void path_in(const char *home, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", home, name);
}

static void rated(struct store *s, int64_t at_ms, int n)
{
	say(s, at_ms, EVENT_RUBRIC_RATED, "{\"statement\":\"s%d\",\"rating\":"
	    "%d}", n, 1 + n % 5);
}

/* Run SQL on a file behind the store's back. */
static void tamper(const char *path, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void overwrite(const char *path, long at, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void read_file(const char *path, struct text *out)
{
	struct err err;

	if (!path_read(path, PATH_FILE_MAX, out, &err))
		fail_msg("%s", err.what);
}

/* --- the usual ------------------------------------------------------------ */

static void what_was_added_is_there_next_time(void **state)
{
	char home[64];
	struct store *s;
	struct event e;
	struct err err;

	(void)state;
	home_make(home);
	s = store_here(home, AT(0));
	for (int i = 0; i < 5; i++)
		rated(s, AT(i), i);
	store_done(s);
	s = store_here(home, AT(9));
	assert_int_equal(store_mode(s), STORE_KEEPS);
	assert_int_equal(store_count(s), 5);
	assert_true(store_event(s, store_device(s), 3, &e, &err));
	assert_string_equal(e.kind_name, "rubric.rated");
	assert_int_equal(e.at_ms, AT(2));
	assert_string_equal(e.body, "{\"rating\":3,\"statement\":\"s2\"}");
	event_release(&e);
	assert_false(store_event(s, store_device(s), 6, &e, &err));
	assert_null(store_note(s, 0));
	store_done(s);
	home_remove(home);
}

static void files_are_the_learners_alone(void **state)
{
	static const char *const names[] = { "", "progress.db", "backups",
		"backups/progress-2026-01-05.db" };
	char home[64], path[256];
	struct store *s;
	struct stat st;

	(void)state;
	home_make(home);
	assert_int_equal(chmod(home, 0755), 0);
	s = store_here(home, AT(0));
	rated(s, AT(0), 1);
	path_in(home, "progress.db-wal", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	store_done(s);
	store_done(store_here(home, AT(0)));
	for (size_t i = 0; i < 4; i++) {
		path_in(home, names[i], path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 077, 0);
	}
	home_remove(home);
}

static void the_log_only_grows(void **state)
{
	static const char *const tries[] = {
		"DELETE FROM event", "UPDATE event SET body = '{}'",
		"PRAGMA recursive_triggers = ON; INSERT OR REPLACE INTO event"
		" SELECT device, seq, 0, kind, version, body, prev_hash, hash"
		" FROM event",
	};
	char home[64], path[256];
	sqlite3 *db;

	(void)state;
	home_make(home);
	struct store *s = store_here(home, AT(0));
	rated(s, AT(0), 1);
	path_in(home, "progress.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(sqlite3_exec(db, tries[i], NULL, NULL,
						  NULL), SQLITE_OK);
	sqlite3_close(db);
	store_done(s);
	home_remove(home);
}

static void several_events_are_added_together_or_not_at_all(void **state)
{
	const struct event_draft good[] = {
		{ EVENT_RUBRIC_RATED, "{\"statement\":\"a\",\"rating\":1}" },
		{ EVENT_PROFILE_SET, "{\"key\":\"name\",\"value\":null}" },
	};
	const struct event_draft bad[] = {
		{ EVENT_RUBRIC_RATED, "{\"statement\":\"a\",\"rating\":1}" },
		{ EVENT_RUBRIC_RATED, "{\"statement\":\"a\",\"rating\":6}" },
	};
	struct store_options o = { .memory = true, .device = "first" };
	struct err err;
	struct store *s;

	(void)state;
	s = store_open("", &o, &err);
	assert_non_null(s);
	assert_true(store_append_all(s, good, 2, AT(0), &err));
	assert_false(store_append_all(s, bad, 2, AT(0), &err));
	assert_string_equal(err.what, "rubric.rated: `rating` has to be a "
			    "whole number in its range");
	assert_int_equal(store_count(s), 2);
	store_done(s);
}

static void bodies_that_break_the_contract_are_refused(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *body, *says;
	} cases[] = {
		{ EVENT_PROFILE_SET, "{", "no JSON" },
		{ EVENT_PROFILE_SET, "[]", "no JSON object" },
		{ EVENT_PROFILE_SET, "{\"key\":1,\"value\":1}", "`key`" },
		{ EVENT_PROFILE_SET, "{\"key\":\"a\"}", "`value`" },
		{ EVENT_LESSON_READ, "{\"lesson\":\"a\",\"page\":0,"
		  "\"pages\":1}", "`page`" },
		{ EVENT_ATTEMPT_ENDED, "{\"attempt\":\"a\",\"how\":\"bored\","
		  "\"at_sim\":0}", "`how`" },
		{ EVENT_ATTEMPT_GRADED, "{\"attempt\":\"a\",\"verdict\":{},"
		  "\"tries\":1,\"hints\":0,\"minutes\":1,\"par_minutes\":1}",
		  "`status`" },
		{ EVENT_ITEM_ANSWERED, "{\"item\":\"a\",\"variant\":1,"
		  "\"competencies\":{\"x\":2},\"options\":4,\"answer\":1,"
		  "\"right\":true,\"sure\":\"sure\",\"looked\":false}",
		  "weight of x" },
		{ EVENT_UNKNOWN, "{}", "no such kind" },
	};
	struct store_options o = { .memory = true };
	struct err err;
	struct store *s = store_open("", &o, &err);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(store_append(s, cases[i].kind, cases[i].body, 0,
					  &err));
		if (!strstr(err.what, cases[i].says))
			fail_msg("%s", err.what);
	}
	assert_int_equal(store_count(s), 0);
	store_done(s);
}

static void ids_are_never_given_twice(void **state)
{
	char home[64];
	struct text a = {0}, b = {0};
	struct err err;
	struct store *s, *other;

	(void)state;
	home_make(home);
	s = store_here(home, AT(0));
	other = store_here(home, AT(0));
	assert_true(store_id(s, &a, &err));
	assert_true(store_id(other, &b, &err));
	assert_string_not_equal(text_cstr(&a), text_cstr(&b));
	rated(s, AT(0), 1);
	rated(other, AT(0), 2);		/* two programs, one chain */
	rated(s, AT(0), 3);
	assert_int_equal(store_count(other), 3);
	store_done(other);
	store_done(s);
	text_free(&a);
	text_free(&b);
	home_remove(home);
}

/* --- what can be wrong with the file -------------------------------------- */

/* Refused without fall_back, and with it the session goes on in memory; the
 * file's bytes stay as they are. */
static void refused(const char *home, const char *says)
{
	struct store_options o = { .now_ms = AT(0), .device = "other",
				   .place = STORE_LOCAL };
	struct text before = {0}, after = {0};
	char path[256];
	struct err err;
	struct store *s;

	path_in(home, "progress.db", path);
	if (path_is_file(path))
		read_file(path, &before);
	assert_null(store_open(home, &o, &err));
	if (!strstr(err.what, says))
		fail_msg("`%s` does not say `%s`", err.what, says);
	o.fall_back = true;
	s = store_open(home, &o, &err);
	assert_non_null(s);
	assert_int_equal(store_mode(s), STORE_FORGETS);
	assert_non_null(strstr(store_note(s, 0), says));
	rated(s, AT(1), 1);
	store_done(s);
	if (path_is_file(path))
		read_file(path, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(text_cstr(&before), text_cstr(&after), before.len);
	text_free(&before);
	text_free(&after);
}

static void a_file_of_another_program_is_left_alone(void **state)
{
	char home[64], path[256];

	(void)state;
	home_make(home);
	path_in(home, "progress.db", path);
	tamper(path, "CREATE TABLE bookmarks (url); PRAGMA user_version = 1");
	refused(home, "another program");
	home_remove(home);
}

static void a_file_that_is_no_database_is_left_alone(void **state)
{
	static const char diary[] = "Dear diary, this is no database at all, "
		"and longer than a header of one hundred bytes has to be, so "
		"that it is looked at.";
	char home[64], path[256];

	(void)state;
	home_make(home);
	path_in(home, "progress.db", path);
	assert_true(path_write(path, diary, strlen(diary), NULL));
	refused(home, "progress repair");
	home_remove(home);
}

static void a_home_that_is_a_file_is_told(void **state)
{
	char home[64], path[256];

	(void)state;
	home_make(home);
	path_in(home, "file", path);
	assert_true(path_write(path, "x", 1, NULL));
	refused(path, path);
	home_remove(home);
}

static void a_newer_schema_is_only_read(void **state)
{
	struct store_options o = { .now_ms = AT(1), .place = STORE_LOCAL };
	struct text before = {0}, after = {0};
	char home[64], path[256];
	struct err err;
	struct store *s;

	(void)state;
	home_make(home);
	s = store_here(home, AT(0));
	rated(s, AT(0), 1);
	store_done(s);
	path_in(home, "progress.db", path);
	tamper(path, "PRAGMA user_version = 99");
	read_file(path, &before);
	s = store_open(home, &o, &err);
	assert_non_null(s);
	assert_int_equal(store_mode(s), STORE_READS);
	assert_non_null(strstr(store_note(s, 0), "newer Millrace"));
	assert_null(store_note(s, 1));
	assert_int_equal(store_count(s), 1);
	assert_false(store_append(s, EVENT_PROFILE_SET,
				  "{\"key\":\"a\",\"value\":1}", 0, &err));
	assert_non_null(strstr(err.what, "newer Millrace"));
	store_close(s);
	read_file(path, &after);
	assert_memory_equal(text_cstr(&before), text_cstr(&after), before.len);
	text_free(&before);
	text_free(&after);
	home_remove(home);
}

/* As the first draft wrote it: no chain, no STRICT, no triggers. */
static const char version_0[] =
	"CREATE TABLE event (device TEXT, seq INTEGER, at_wall_ms INTEGER,"
	" kind TEXT, version INTEGER, body TEXT, PRIMARY KEY (device, seq));"
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);"
	"INSERT INTO meta VALUES ('device', '00000000000000aa');"
	"INSERT INTO event VALUES ('00000000000000aa', 1, 1767614400000,"
	" 'rubric.rated', 1, '{\"rating\":3,\"statement\":\"s2\"}'),"
	" ('00000000000000aa', 2, 1767614400001, 'item.answered', 1,"
	" '{\"item\":\"i\",\"variant\":1,\"competencies\":{\"stream.time\":1},"
	"\"options\":4,\"answer\":1,\"right\":true,\"sure\":\"sure\"}'),"
	" ('00000000000000bb', 1, 1767614400002, 'profile.set', 1,"
	" '{\"key\":\"name\",\"value\":\"Ada\"}');"
	"PRAGMA application_id = 1298944615; PRAGMA user_version = 0;";

static void an_older_schema_is_copied_and_brought_up_to_date(void **state)
{
	char home[64], path[256];
	struct calibration sure;
	struct text name = {0};
	struct err err;
	struct store *s;
	struct event e;

	(void)state;
	home_make(home);
	path_in(home, "progress.db", path);
	tamper(path, version_0);
	s = store_here(home, AT(0));
	assert_int_equal(store_mode(s), STORE_KEEPS);
	assert_non_null(strstr(store_note(s, 0), "from version 0 to 1"));
	assert_int_equal(store_count(s), 3);
	assert_string_equal(store_device(s), "00000000000000aa");
	assert_true(progress_profile(s, "name", &name, &err));
	assert_string_equal(text_cstr(&name), "\"Ada\"");
	/* the old answer was brought up by its upcaster */
	assert_true(store_event(s, store_device(s), 2, &e, &err));
	assert_int_equal(e.version, 1);
	assert_true(json_is_false(json_object_get(e.json, "looked")));
	event_release(&e);
	assert_true(progress_calibration(s, &sure, &err));
	assert_int_equal(sure.right[SURE_SURE], 1);
	rated(s, AT(1), 4);
	store_done(s);
	/* and the one from before is still what it was */
	path_in(home, "backups/before-version-1-2026-01-05.db", path);
	tamper(path, "CREATE TEMP TABLE t AS SELECT 1 / (count(*) = 3) AS x"
	       " FROM event; INSERT INTO t SELECT 1 FROM pragma_user_version"
	       " WHERE user_version = 0;");
	s = store_here(home, AT(2));
	assert_null(store_note(s, 0));
	assert_int_equal(store_count(s), 4);
	store_done(s);
	text_free(&name);
	home_remove(home);
}

/* --- backups -------------------------------------------------------------- */

static void count_name(void *with, const char *name)
{
	(void)name;
	++*(int *)with;
}

static void seven_days_and_four_weeks_are_kept(void **state)
{
	char home[64], path[256];
	struct store *s;
	int count = 0;

	(void)state;
	home_make(home);
	for (int day = 0; day < 60; day++) {
		s = store_here(home, AT(day));
		rated(s, AT(day), day);
		store_close(s);
	}
	path_in(home, "backups", path);
	assert_true(path_list(path, count_name, &count, NULL));
	assert_int_equal(count, 7 + 4);
	/* 2026-03-05 is the last; a Sunday is a week's latest */
	path_in(home, "backups/progress-2026-03-05.db", path);
	assert_true(path_is_file(path));
	path_in(home, "backups/progress-2026-02-27.db", path);
	assert_true(path_is_file(path));
	path_in(home, "backups/progress-2026-02-22.db", path);
	assert_true(path_is_file(path));
	path_in(home, "backups/progress-2026-02-21.db", path);
	assert_false(path_is_file(path));
	store_done(store_here(home, AT(59)));
	home_remove(home);
}

static void a_restored_backup_is_what_it_was(void **state)
{
	struct store_options o = { .now_ms = AT(3), .device = "second",
				   .place = STORE_LOCAL };
	struct text said = {0}, was = {0}, is = {0};
	char home[64], path[256];
	struct err err;
	struct store *s;

	(void)state;
	home_make(home);
	s = store_here(home, AT(0));
	passed(s, AT(0), "a", "kafka.one", 1, "operate");
	assert_true(projection_dump(s, &was, &err));
	path_in(home, "saved.db", path);
	assert_true(store_backup(s, path, &err));
	assert_false(store_backup(s, path, &err));
	assert_non_null(strstr(err.what, "there already"));
	rated(s, AT(1), 1);
	assert_false(store_restore(home, path, &o, &said, &err));
	assert_non_null(strstr(err.what, "in use"));
	store_done(s);

	assert_true(store_restore(home, path, &o, &said, &err));
	assert_non_null(strstr(text_cstr(&said),
			       "progress.db.before-restore-2026-01-08"));
	s = store_here(home, AT(3));
	assert_int_equal(store_count(s), 3);
	assert_true(projection_dump(s, &is, &err));
	assert_string_equal(text_cstr(&was), text_cstr(&is));
	rated(s, AT(3), 2);		/* a chain of its own from here */
	store_done(s);
	path_in(home, "progress.db.before-restore-2026-01-08", path);
	assert_true(path_is_file(path));
	text_free(&said);
	text_free(&was);
	text_free(&is);
	home_remove(home);
}

static void only_progress_is_restored(void **state)
{
	struct store_options o = { .now_ms = AT(3), .place = STORE_LOCAL };
	struct text said = {0};
	char home[64], path[256];
	struct err err;

	(void)state;
	home_make(home);
	store_done(store_here(home, AT(0)));
	path_in(home, "x.db", path);
	assert_false(store_restore(home, path, &o, &said, &err));
	assert_non_null(strstr(err.what, "no such file"));
	tamper(path, "CREATE TABLE a (b)");
	assert_false(store_restore(home, path, &o, &said, &err));
	assert_non_null(strstr(err.what, "no progress"));
	overwrite(path, 0, "garbage", 7);
	assert_false(store_restore(home, path, &o, &said, &err));
	assert_non_null(strstr(err.what, "damaged"));
	assert_int_equal(said.len, 0);
	store_done(store_here(home, AT(0)));
	home_remove(home);
}

/* --- damage and repair ---------------------------------------------------- */

static void a_damaged_file_is_repaired_on_request(void **state)
{
	struct store_options o = { .now_ms = AT(5), .device = "second",
				   .place = STORE_LOCAL };
	struct text said = {0};
	char home[64], path[256], page[4096];
	struct err err;
	struct store *s;
	int64_t saved;

	(void)state;
	memset(page, 0x5a, sizeof(page));
	home_make(home);
	s = store_here(home, AT(0));
	for (int i = 0; i < 400; i++)
		rated(s, AT(0), i);
	store_done(s);
	store_done(store_here(home, AT(1)));	/* today's backup: 400 */
	s = store_here(home, AT(1));
	for (int i = 0; i < 400; i++)
		rated(s, AT(1), i);
	store_done(s);
	path_in(home, "progress.db", path);
	overwrite(path, 60 * 4096, page, sizeof(page));
	refused(home, "is damaged");

	assert_true(store_repair(home, &o, &said, &err));
	s = store_here(home, AT(5));
	saved = store_count(s);
	assert_in_range(saved, 700, 800);
	if (!projection_check(s, &err))
		fail_msg("%s", err.what);
	rated(s, AT(5), 1);
	store_close(s);
	path_in(home, "progress.db.damaged-2026-01-10", path);
	assert_true(path_is_file(path));
	text_clear(&said);
	assert_true(store_repair(home, &o, &said, &err));
	assert_non_null(strstr(text_cstr(&said), "nothing was changed"));
	text_free(&said);
	home_remove(home);
}

static void garbage_is_replaced_by_the_newest_good_backup(void **state)
{
	struct store_options o = { .now_ms = AT(5), .device = "second",
				   .place = STORE_LOCAL };
	struct text said = {0};
	char home[64], path[256];
	struct err err;
	struct store *s;

	(void)state;
	home_make(home);
	s = store_here(home, AT(0));
	rated(s, AT(0), 1);
	store_done(s);
	store_done(store_here(home, AT(1)));
	store_done(store_here(home, AT(2)));
	path_in(home, "backups/progress-2026-01-07.db", path);
	overwrite(path, 0, "garbage", 7);
	path_in(home, "progress.db", path);
	overwrite(path, 0, "garbage", 7);
	assert_true(store_repair(home, &o, &said, &err));
	assert_non_null(strstr(text_cstr(&said), "1 more came from"));
	assert_non_null(strstr(text_cstr(&said), "progress-2026-01-06.db"));
	s = store_here(home, AT(5));
	assert_int_equal(store_count(s), 1);
	store_done(s);
	text_free(&said);
	home_remove(home);
}

/* --- export and import ---------------------------------------------------- */

static void learn_something(struct store *s, int64_t day, const char *id)
{
	char attempt[32];

	snprintf(attempt, sizeof(attempt), "%s-%d", id, (int)day);
	passed(s, AT(day), attempt, day % 2 ? "kafka.one" : "kafka.two", day,
	       day % 3 ? "operate" : "diagnose");
	answered(s, AT(day) + 1, "i", day % 4, day % 3, "likely", false);
}

/* Two machines; each takes in the other's log; both then know the same. */
static void importing_is_idempotent_and_free_of_order(void **state)
{
	struct store_options o = { .memory = true };
	struct text lines[2] = {{0}}, dump[2] = {{0}};
	struct store_import did;
	struct store *s[2];
	struct err err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		o.device = i ? "second" : "first";
		s[i] = store_open("", &o, &err);
		assert_non_null(s[i]);
		for (int day = i; day < 12; day += 2)
			learn_something(s[i], day, o.device);
		assert_true(store_export(s[i], &lines[i], &err));
	}
	for (int i = 0; i < 2; i++) {
		const struct text *l = &lines[!i];

		assert_true(store_import(s[i], "f", l->at, l->len, &did,
					 &err));
		assert_int_equal(did.lines, 24);
		assert_int_equal(did.added, 24);
		assert_true(store_import(s[i], "f", l->at, l->len, &did,
					 &err));
		assert_int_equal(did.added, 0);
		assert_int_equal(did.known, 24);
		assert_true(projection_dump(s[i], &dump[i], &err));
	}
	assert_string_equal(text_cstr(&dump[0]), text_cstr(&dump[1]));
	for (int i = 0; i < 2; i++) {
		learn_something(s[i], 3, "late");	/* behind the others */
		store_done(s[i]);
		text_free(&lines[i]);
		text_free(&dump[i]);
	}
}

static void lines_in_any_order_give_the_same(void **state)
{
	struct store_options o = { .memory = true, .device = "first" };
	struct text lines = {0}, back = {0}, dump = {0}, again = {0};
	struct store_import did;
	struct store *s;
	struct err err;
	char *p;

	(void)state;
	s = store_open("", &o, &err);
	for (int day = 0; day < 5; day++)
		learn_something(s, day, "a");
	assert_true(store_export(s, &lines, &err));
	assert_true(projection_dump(s, &dump, &err));
	store_done(s);
	while (lines.len) {		/* from the last line to the first */
		lines.at[--lines.len] = '\0';
		p = strrchr(lines.at, '\n');
		p = p ? p + 1 : lines.at;
		text_addf(&back, "%s\r\n\n", p);
		lines.len = (size_t)(p - lines.at);
	}
	o.device = "second";
	s = store_open("", &o, &err);
	if (!store_import(s, "f", back.at, back.len, &did, &err))
		fail_msg("%s", err.what);
	assert_true(projection_dump(s, &again, &err));
	assert_string_equal(text_cstr(&dump), text_cstr(&again));
	store_done(s);
	text_free(&lines);
	text_free(&back);
	text_free(&dump);
	text_free(&again);
}

static void an_import_names_the_first_line_that_was_changed(void **state)
{
	static const struct {
		int line;		/* in which, from 1 */
		const char *find, *put, *says;
	} cases[] = {
		{ 3, "\"rating\":3", "\"rating\":5", "f:3: was changed" },
		{ 2, "{\"device", "[\"device", "f:2: is no JSON" },
		{ 2, "\"seq\":2", "\"seq\":7", "f:2: was changed" },
		{ 4, "\"kind\":\"rubric.rated\"", "\"kind\":\"x\"",
		  "f:4: was changed" },
		{ 1, "\"hash\":\"", "\"hush\":\"", "f:1: is no event" },
	};
	struct store_options o = { .memory = true, .device = "first" };
	struct text lines = {0};
	struct store_import did;
	struct store *s, *to;
	struct err err;

	(void)state;
	s = store_open("", &o, &err);
	for (int i = 0; i < 5; i++)
		rated(s, AT(i), i);
	assert_true(store_export(s, &lines, &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text bad = {0};
		char *at = lines.at, *found;

		for (int n = 1; n < cases[i].line; n++)
			at = strchr(at, '\n') + 1;
		found = strstr(at, cases[i].find);
		assert_non_null(found);
		text_bytes(&bad, lines.at, (size_t)(found - lines.at));
		text_add(&bad, cases[i].put);
		text_add(&bad, found + strlen(cases[i].find));
		to = store_open("", &o, &err);
		assert_false(store_import(to, "f", bad.at, bad.len, &did,
					  &err));
		if (strncmp(err.what, cases[i].says, strlen(cases[i].says)))
			fail_msg("%s", err.what);
		assert_int_equal(store_count(to), 0);
		store_done(to);
		text_free(&bad);
	}
	store_done(s);
	text_free(&lines);
}

/* A copied home that went on in two places: same device, two chains. */
static void two_copies_that_went_on_apart_are_told(void **state)
{
	struct store_options o = { .memory = true, .device = "first" };
	struct text lines = {0};
	struct store_import did;
	struct store *a, *b;
	struct err err;
	char *end;

	(void)state;
	a = store_open("", &o, &err);
	b = store_open("", &o, &err);
	rated(a, AT(0), 1);
	rated(b, AT(0), 1);
	rated(a, AT(1), 2);
	rated(b, AT(1), 3);
	rated(b, AT(1), 3);
	assert_true(store_export(b, &lines, &err));
	assert_false(store_import(a, "b.jsonl", lines.at, lines.len, &did,
				  &err));
	assert_non_null(strstr(err.what, "b.jsonl:2: event 2 of device"));
	assert_non_null(strstr(err.what, "other contents"));
	/* only the end of the other chain: it does not fit */
	end = strchr(strchr(lines.at, '\n') + 1, '\n') + 1;
	assert_false(store_import(a, "b.jsonl", end, strlen(end), &did, &err));
	assert_non_null(strstr(err.what, "b.jsonl:1: event 3 of device"));
	assert_non_null(strstr(err.what, "does not fit"));
	assert_int_equal(store_count(a), 2);
	store_done(a);
	store_done(b);
	text_free(&lines);
}

static void what_a_newer_version_wrote_is_carried_along(void **state)
{
	struct store_options o = { .memory = true, .device = "first" };
	struct event e = { .device = "00000000000000cc", .seq = 1,
			   .at_ms = AT(0), .kind_name = "dream.dreamt",
			   .version = 3 };
	char body[] = "{ \"of\" : [1.50, \"\\u00e9\"] }";
	struct text line = {0}, out = {0};
	struct store_import did;
	struct store *s;
	struct err err;

	(void)state;
	e.body = body;
	memset(e.prev, '0', EVENT_HASH);
	event_hash(&e, e.hash);
	event_line(&e, &line);
	s = store_open("", &o, &err);
	if (!store_import(s, "f", line.at, line.len, &did, &err))
		fail_msg("%s", err.what);
	assert_true(store_export(s, &out, &err));
	assert_string_equal(text_cstr(&line), text_cstr(&out));
	store_done(s);
	text_free(&line);
	text_free(&out);
}

/* --- memory, networks ----------------------------------------------------- */

static void what_was_in_memory_can_still_go_to_disk(void **state)
{
	struct store_options o = { .now_ms = AT(0), .device = "first",
				   .place = STORE_LOCAL, .fall_back = true };
	char home[64], path[256];
	struct err err;
	struct store *s;

	(void)state;
	home_make(home);
	path_in(home, "progress.db", path);
	assert_int_equal(mkdir(path, 0700), 0);	/* in the way */
	s = store_open(home, &o, &err);
	assert_non_null(s);
	assert_int_equal(store_mode(s), STORE_FORGETS);
	rated(s, AT(0), 1);
	assert_false(store_settle(s, &err));
	assert_int_equal(rmdir(path), 0);
	rated(s, AT(0), 2);
	if (!store_settle(s, &err))
		fail_msg("%s", err.what);
	assert_int_equal(store_mode(s), STORE_KEEPS);
	rated(s, AT(0), 3);
	store_done(s);
	s = store_here(home, AT(1));
	assert_int_equal(store_count(s), 3);
	store_done(s);
	home_remove(home);
}

static void on_a_network_one_program_at_a_time(void **state)
{
	struct store_options o = { .now_ms = AT(0), .device = "first",
				   .place = STORE_NETWORK };
	char home[64], path[256];
	struct store *s;
	struct err err;

	(void)state;
	home_make(home);
	s = store_open(home, &o, &err);
	assert_non_null(s);
	assert_non_null(strstr(store_note(s, 0), "network"));
	rated(s, AT(0), 1);
	path_in(home, "progress.db-wal", path);
	assert_false(path_is_file(path));
	assert_null(store_open(home, &o, &err));
	assert_non_null(strstr(err.what, "progress.lock"));
	assert_non_null(strstr(err.what, "remove this file"));
	store_done(s);
	path_in(home, "progress.lock", path);
	assert_false(path_is_file(path));

	/* left by one that died here: taken over */
	pid_t child = fork();
	if (child == 0)
		_exit(store_open(home, &o, &err) ? 0 : 1);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(path_is_file(path));
	s = store_open(home, &o, &err);
	assert_non_null(s);
	assert_int_equal(store_count(s), 1);
	store_done(s);
	home_remove(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_there_next_time),
		cmocka_unit_test(files_are_the_learners_alone),
		cmocka_unit_test(the_log_only_grows),
		cmocka_unit_test(
			several_events_are_added_together_or_not_at_all),
		cmocka_unit_test(bodies_that_break_the_contract_are_refused),
		cmocka_unit_test(ids_are_never_given_twice),
		cmocka_unit_test(a_file_of_another_program_is_left_alone),
		cmocka_unit_test(a_file_that_is_no_database_is_left_alone),
		cmocka_unit_test(a_home_that_is_a_file_is_told),
		cmocka_unit_test(a_newer_schema_is_only_read),
		cmocka_unit_test(
			an_older_schema_is_copied_and_brought_up_to_date),
		cmocka_unit_test(seven_days_and_four_weeks_are_kept),
		cmocka_unit_test(a_restored_backup_is_what_it_was),
		cmocka_unit_test(only_progress_is_restored),
		cmocka_unit_test(a_damaged_file_is_repaired_on_request),
		cmocka_unit_test(garbage_is_replaced_by_the_newest_good_backup),
		cmocka_unit_test(importing_is_idempotent_and_free_of_order),
		cmocka_unit_test(lines_in_any_order_give_the_same),
		cmocka_unit_test(
			an_import_names_the_first_line_that_was_changed),
		cmocka_unit_test(two_copies_that_went_on_apart_are_told),
		cmocka_unit_test(what_a_newer_version_wrote_is_carried_along),
		cmocka_unit_test(what_was_in_memory_can_still_go_to_disk),
		cmocka_unit_test(on_a_network_one_program_at_a_time),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
