/* test_crash.c - what was acknowledged survives a kill and a failing disk
 *
 * Method: a child appends and says through a pipe what came back true; it is
 * killed somewhere within what it does next (which that is comes from a seed,
 * how far it got is the machine's), and the file looked at.  And a VFS whose n-th write or sync fails, for every n
 * until none does.  Goal: nothing acknowledged is missing, the file is sound,
 * what is computed agrees with the log, and a failure is one sentence.
 */
#include "tests/lab/progress/help.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>

#include "sim/core/luck.h"

#ifdef TEST_SANITIZED
enum { ROUNDS = 30 };
#else
enum { ROUNDS = 200 };
#endif

/* --- kill -9 -------------------------------------------------------------- */

static void write_and_tell(const char *home, int64_t from, int out)
{
	struct store_options o = { .now_ms = AT(0), .device = "first",
				   .place = STORE_LOCAL };
	struct err err;
	struct store *s = store_open(home, &o, &err);
	char body[160];

	for (int64_t n = from; s; n++) {
		snprintf(body, sizeof(body), "{\"item\":\"i%d\",\"variant\":%d,"
			 "\"competencies\":{\"stream.time\":1},\"options\":4,"
			 "\"answer\":1,\"right\":%s,\"sure\":\"sure\","
			 "\"looked\":false}", (int)(n % 50), (int)(n / 50),
			 n % 3 ? "true" : "false");
		if (!store_append(s, EVENT_ITEM_ANSWERED, body, AT(n), &err) ||
		    write(out, &n, sizeof(n)) != sizeof(n))
			break;
	}
	_exit(1);
}

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/*
 * Killed after so many acknowledgements, and then a random part of the time
 * that one takes here and now (`each_ns`): so within the opening of the file or
 * within a write, however fast or busy the machine is.  The value is the number
 * of the last one that was acknowledged, or `from` - 1.
 */
static int64_t one_round(const char *home, int64_t from, int acks,
			 int64_t part_permille, int64_t *each_ns)
{
	int64_t acked = from - 1, began = clock_ns(), n, pause_ns;
	int pipes[2], status;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(pipes[0]);
		write_and_tell(home, from, pipes[1]);
	}
	close(pipes[1]);
	for (int i = 0; i < acks; i++) {
		assert_int_equal(read(pipes[0], &n, sizeof(n)), sizeof(n));
		acked = n;
	}
	if (acks)
		*each_ns = (clock_ns() - began) / acks;
	pause_ns = *each_ns * part_permille / 1000;
	nanosleep(&(struct timespec){ pause_ns / 1000000000,
				      pause_ns % 1000000000 }, NULL);
	kill(child, SIGKILL);
	while (read(pipes[0], &n, sizeof(n)) == sizeof(n))
		acked = n;
	close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));	/* it did not fail by itself */
	return acked;
}

static void is_sound(const char *path)
{
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
					    &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), "ok");
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void what_was_acknowledged_survives_a_kill(void **state)
{
	char home[64], path[256];
	int64_t acked = 0, most = 0, asked = 0, each_ns = 2000000;
	struct luck luck;
	struct err err;

	(void)state;
	home_make(home);
	snprintf(path, sizeof(path), "%s/progress.db", home);
	luck_init(&luck, 1, "crash", "moments");
	store_close(store_here(home, AT(0)));
	for (int round = 0; round < ROUNDS; round++) {
		int acks = (int)luck_below(&luck, 3);
		struct store *s;
		int64_t there;

		acked = one_round(home, most + 1, acks,
				  luck_between(&luck, 0, 1000), &each_ns);
		asked += acks;
		if (round % 10 == 0)
			is_sound(path);
		s = store_here(home, AT(0));	/* quick_check is in it */
		there = store_count(s);
		/* one more may have been committed but not yet told */
		assert_in_range(there, acked, acked + 1);
		if (round % 10 == 9 && !projection_check(s, &err))
			fail_msg("round %d: %s", round, err.what);
		store_close(s);
		most = there;
	}
	assert_true(asked >= ROUNDS / 2);	/* it did write in between */
	assert_true(most >= asked);
	is_sound(path);
	store_done(store_here(home, AT(0)));
	home_remove(home);
}

/* --- a disk that fails ---------------------------------------------------- */

/* Stands before the real VFS and counts writes and syncs. */
static struct {
	sqlite3_vfs vfs, *real;
	bool armed;
	long left;			/* until the next one fails */
	int code;			/* with which it does, for ever */
	bool failed;
} disk;

struct shim {
	sqlite3_file base;
	sqlite3_io_methods methods;
	sqlite3_file *real;
};

static int failing(int code)
{
	if (!disk.armed)
		return SQLITE_OK;
	if (disk.left-- > 0)
		return SQLITE_OK;
	disk.failed = true;
	return code;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct shim *)f)->real;
}

#define PASS(name, args, ...)						\
static int shim_##name args						\
{									\
	return real_of(f)->pMethods->x##name(__VA_ARGS__);		\
}
PASS(Read, (sqlite3_file *f, void *p, int n, sqlite3_int64 at),
     real_of(f), p, n, at)
PASS(FileSize, (sqlite3_file *f, sqlite3_int64 *size), real_of(f), size)
PASS(Lock, (sqlite3_file *f, int how), real_of(f), how)
PASS(Unlock, (sqlite3_file *f, int how), real_of(f), how)
PASS(CheckReservedLock, (sqlite3_file *f, int *out), real_of(f), out)
PASS(FileControl, (sqlite3_file *f, int op, void *arg), real_of(f), op, arg)
PASS(SectorSize, (sqlite3_file *f), real_of(f))
PASS(DeviceCharacteristics, (sqlite3_file *f), real_of(f))
PASS(ShmMap, (sqlite3_file *f, int page, int size, int extend,
	      void volatile **at), real_of(f), page, size, extend, at)
PASS(ShmLock, (sqlite3_file *f, int offset, int n, int flags), real_of(f),
     offset, n, flags)
PASS(ShmUnmap, (sqlite3_file *f, int drop), real_of(f), drop)

static void shim_ShmBarrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int shim_Write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int code = failing(disk.code);

	return code ? code : real_of(f)->pMethods->xWrite(real_of(f), p, n,
							  at);
}

static int shim_Truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int code = failing(SQLITE_IOERR_TRUNCATE);

	return code ? code : real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int shim_Sync(sqlite3_file *f, int flags)
{
	int code = failing(SQLITE_IOERR_FSYNC);

	return code ? code : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int shim_Close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int shim_Open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f,
		     int flags, int *out)
{
	struct shim *s = (struct shim *)f;
	int code;

	(void)vfs;
	memset(s, 0, sizeof(*s));
	s->real = (sqlite3_file *)(s + 1);
	code = disk.real->xOpen(disk.real, name, s->real, flags, out);
	if (!s->real->pMethods)
		return code;
	s->methods = (sqlite3_io_methods){
		.iVersion = 2, .xClose = shim_Close, .xRead = shim_Read,
		.xWrite = shim_Write, .xTruncate = shim_Truncate,
		.xSync = shim_Sync, .xFileSize = shim_FileSize,
		.xLock = shim_Lock, .xUnlock = shim_Unlock,
		.xCheckReservedLock = shim_CheckReservedLock,
		.xFileControl = shim_FileControl,
		.xSectorSize = shim_SectorSize,
		.xDeviceCharacteristics = shim_DeviceCharacteristics,
		.xShmMap = shim_ShmMap, .xShmLock = shim_ShmLock,
		.xShmBarrier = shim_ShmBarrier, .xShmUnmap = shim_ShmUnmap,
	};
	s->base.pMethods = &s->methods;
	return code;
}

static void make_disk(void)
{
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "failing";
	disk.vfs.szOsFile = (int)sizeof(struct shim) + disk.real->szOsFile;
	disk.vfs.xOpen = shim_Open;
	assert_int_equal(sqlite3_vfs_register(&disk.vfs, 0), SQLITE_OK);
}

static struct store *on_failing(const char *home, bool fall_back)
{
	struct store_options o = { .now_ms = AT(0), .device = "first",
				   .place = STORE_LOCAL, .vfs = "failing",
				   .fall_back = fall_back };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (!s)
		fail_msg("%s", err.what);
	return s;
}

static const char rating[] = "{\"statement\":\"s\",\"rating\":3}";

/* The disk fails from its n-th write on, while 30 events are added. */
static bool fail_at(long n, int code, bool fall_back)
{
	char home[64];
	struct store *s;
	struct err err = { "" };
	int64_t acked = 0;
	bool good = true;

	home_make(home);
	s = on_failing(home, fall_back);
	disk.left = n;
	disk.code = code;
	disk.failed = false;
	disk.armed = true;
	for (int i = 0; good && i < 30; i++) {
		good = store_append(s, EVENT_RUBRIC_RATED, rating, AT(i),
				    &err);
		acked += good;
	}
	if (!good) {
		assert_non_null(strstr(err.what, "progress.db: cannot be "));
		assert_null(strchr(err.what, '\n'));
		assert_int_equal(store_mode(s), fall_back ? STORE_FORGETS :
				 STORE_KEEPS);
	}
	if (!good && fall_back) {	/* the session goes on */
		assert_non_null(strstr(store_note(s, 0), "in memory only"));
		assert_true(store_append(s, EVENT_RUBRIC_RATED, rating, AT(40),
					 &err));
		assert_int_equal(store_count(s), acked + 2);
		if (!projection_check(s, &err))
			fail_msg("%s", err.what);
	}
	store_close(s);
	disk.armed = false;
	s = store_here(home, AT(0));
	assert_in_range(store_count(s), acked, acked + 1);
	store_done(s);
	home_remove(home);
	return disk.failed;
}

static void a_disk_that_fails_loses_nothing_acknowledged(void **state)
{
	static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_WRITE };
	long n = 0;

	(void)state;
	while (fail_at(n, codes[n % 2], n % 3 == 0))
		n += n < 12 ? 1 : 1 + n / 3;
	assert_true(n > 30);
}

static void a_disk_that_recovers_gets_the_rest(void **state)
{
	char home[64];
	struct store *s;
	struct err err;

	(void)state;
	home_make(home);
	s = on_failing(home, true);
	assert_true(store_append(s, EVENT_RUBRIC_RATED, rating, 1, &err));
	disk.left = 0;
	disk.code = SQLITE_FULL;
	disk.armed = true;
	assert_false(store_append(s, EVENT_RUBRIC_RATED, rating, 2, &err));
	assert_non_null(strstr(err.what, "the disk is full"));
	assert_true(store_append(s, EVENT_RUBRIC_RATED, rating, 3, &err));
	assert_false(store_settle(s, &err));
	assert_int_equal(store_mode(s), STORE_FORGETS);
	disk.armed = false;
	if (!store_settle(s, &err))
		fail_msg("%s", err.what);
	assert_int_equal(store_mode(s), STORE_KEEPS);
	store_done(s);
	s = store_here(home, AT(0));
	assert_in_range(store_count(s), 3, 4);
	store_done(s);
	home_remove(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_survives_a_kill),
		cmocka_unit_test(a_disk_that_fails_loses_nothing_acknowledged),
		cmocka_unit_test(a_disk_that_recovers_gets_the_rest),
	};

	make_disk();
	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
