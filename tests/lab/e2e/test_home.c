/* test_home.c - a home that cannot be written, is full, damaged, or too new
 *
 * Method: a home with some work in it is spoilt in each way; then the program
 * is started on the screen, line by line, and asked for progress.  Goal: each
 * says in one sentence what is wrong, the work goes on, and what was on the
 * disk is there afterwards, byte by byte where nothing may be written.
 *
 * Only root may mount, and only some roots: a full disk is made by the limit
 * of a file's size everywhere, and by a small tmpfs as well where that goes.
 */
#include "tests/lab/e2e/lab.h"

#define EXERCISE	"bigdata.first-log"

static void work_a_little(struct lab *l)
{
	struct text out = {0};

	lab_make(l);
	lab_run_in(l, "printf 'echo before\\nrun 3s\\n' |", "start " EXERCISE
		   " --plain", &out);
	if (!strstr(text_cstr(&out), "T+02:03"))
		fail_msg("%s", text_cstr(&out));
	text_free(&out);
}

static void read_db(const struct lab *l, struct text *out)
{
	char path[128];
	struct err err;

	snprintf(path, sizeof(path), "%s/progress.db", l->home);
	text_clear(out);
	if (!path_read(path, PATH_FILE_MAX, out, &err))
		fail_msg("%s", err.what);
}

static void write_db(const struct lab *l, const struct text *bytes)
{
	char path[128];
	struct err err;

	snprintf(path, sizeof(path), "%s/progress.db", l->home);
	if (!path_write(path, bytes->at, bytes->len, &err))
		fail_msg("%s", err.what);
}

/* --- what each way of starting says ------------------------------------------------- */

/* The sentence may be cut by the screen's edge: its beginning is looked for. */
static void open_screen(struct lab *l, const char *before, const char *words)
{
	struct text command = {0};

	text_addf(&command, "%s '%s' %s", before, lab_program, words);
	pty_start(&l->p, (const char *[]){ "sh", "-c", text_cstr(&command),
		  NULL }, (const char *[]){ l->home_is, NULL }, 24, 200);
	pty_settle(&l->p);
	text_free(&command);
}

static void the_screen_says(struct lab *l, const char *before,
			    const char *sentence)
{
	open_screen(l, before, "");
	assert_shows(&l->p, sentence);
	pty_send(&l->p, "q");
	lab_end(l, 0);

	open_screen(l, before, "start " EXERCISE);
	assert_shows(&l->p, sentence);
	/* It is told, and the work goes on. */
	pty_keys(&l->p, "'run 2s' Enter");
	assert_shows(&l->p, "PAUSED at T+02:0");
	pty_send(&l->p, "\003\003\003");
	lab_end(l, 0);
}

static void lines_say(struct lab *l, const char *before, const char *sentence)
{
	struct text command = {0}, out = {0};

	text_addf(&command, "printf 'echo during\\nrun 2s\\n' | %s", before);
	lab_run_in(l, text_cstr(&command), "start " EXERCISE " --plain", &out);
	if (lab_count(text_cstr(&out), sentence) != 1)
		fail_msg("not once \"%s\": %s", sentence, text_cstr(&out));
	if (!strstr(text_cstr(&out), "\nduring\n"))
		fail_msg("the work did not go on: %s", text_cstr(&out));
	text_free(&out);
	text_free(&command);
}

static void progress_says(struct lab *l, const char *before,
			  const char *sentence, int status)
{
	struct text out = {0};
	int got = lab_run_in(l, before, "progress", &out);

	if (got != status || lab_count(text_cstr(&out), sentence) != 1)
		fail_msg("status %d, not %d, or not once \"%s\": %s", got,
			 status, sentence, text_cstr(&out));
	text_free(&out);
}

static void all_say(struct lab *l, const char *before, const char *sentence,
		    int status)
{
	lines_say(l, before, sentence);
	the_screen_says(l, before, sentence);
	progress_says(l, before, sentence, status);
}

static void unchanged(const struct lab *l, const struct text *was)
{
	struct text now = {0};

	read_db(l, &now);
	assert_int_equal(now.len, was->len);
	assert_memory_equal(now.at, was->at, was->len);
	text_free(&now);
}

/* --- a file that is not as it should be ----------------------------------------------- */

static void a_damaged_record_is_told_and_left_alone(void **state)
{
	struct text bytes = {0};
	struct lab l;

	(void)state;
	work_a_little(&l);
	read_db(&l, &bytes);
	assert_true(bytes.len > 12288);
	memset(bytes.at + 4096, 0x5a, 3000);
	write_db(&l, &bytes);
	all_say(&l, "", "progress.db: is damaged", 3);
	unchanged(&l, &bytes);
	text_free(&bytes);
	lab_remove(&l);
}

static void no_record_at_all_is_told_and_left_alone(void **state)
{
	struct text bytes = {0};
	struct lab l;

	(void)state;
	work_a_little(&l);
	text_add(&bytes, "These are my notes, and no database.\n");
	write_db(&l, &bytes);
	all_say(&l, "", "progress.db", 3);
	unchanged(&l, &bytes);
	text_free(&bytes);
	lab_remove(&l);
}

/* user_version: 4 bytes at 60 of the file, the highest first (SQLite, Database
 * File Format, 1.3). */
static void a_newer_record_is_read_and_left_alone(void **state)
{
	struct text bytes = {0};
	struct lab l;

	(void)state;
	work_a_little(&l);
	read_db(&l, &bytes);
	bytes.at[63] = 99;
	write_db(&l, &bytes);
	all_say(&l, "", "was written by a newer Millrace; ", 0);
	unchanged(&l, &bytes);
	text_free(&bytes);
	lab_remove(&l);
}

/* --- a home that cannot be written ------------------------------------------------------- */

/* Root may write anywhere; so nobody starts the program then. */
static const char *as_nobody(const struct lab *l)
{
	static const char setpriv[] = "setpriv --reuid=65534 --regid=65534 "
				      "--clear-groups";
	char command[4400];

	if (getuid() != 0)
		return "";
	snprintf(command, sizeof(command), "%s '%s' --version >/dev/null 2>&1",
		 setpriv, lab_program);
	if (system(command) != 0)
		fail_msg("root, and `%s` does not run %s in %s", setpriv,
			 lab_program, l->home);
	return setpriv;
}

static void set_modes(const struct lab *l, const char *modes)
{
	char command[160];

	snprintf(command, sizeof(command), "chmod -R %s '%s'", modes, l->home);
	assert_int_equal(system(command), 0);
}

static void a_home_that_is_read_only_is_told(void **state)
{
	struct text bytes = {0};
	struct lab l;

	(void)state;
	work_a_little(&l);
	read_db(&l, &bytes);
	set_modes(&l, "a-w,a+rX");
	all_say(&l, as_nobody(&l), "cannot be written", 0);
	set_modes(&l, "u+w");
	unchanged(&l, &bytes);
	text_free(&bytes);
	lab_remove(&l);
}

static void a_home_that_cannot_be_made_is_told(void **state)
{
	struct lab l;

	(void)state;
	lab_make(&l);
	lab_remove(&l);
	/* Nobody can make a folder there, not even root. */
	strcpy(l.home, "/proc/nowhere/millrace");
	snprintf(l.home_is, sizeof(l.home_is), "MILLRACE_HOME=%s", l.home);
	lines_say(&l, "", "is kept in memory only");
	the_screen_says(&l, "", "is kept in memory only");
	progress_says(&l, "", "No level is held yet", 0);
}

/* --- a disk that is full -------------------------------------------------------------------- */

static size_t kept_lines(const struct lab *l, const char *words)
{
	struct text log = {0};
	size_t n;

	lab_log(l, &log);
	n = lab_count(text_cstr(&log), words);
	text_free(&log);
	return n;
}

/* No file may grow beyond so many blocks of 512 bytes; what lies there is
 * longer already, so that the first line that is written fails. */
static void a_full_disk_is_told_and_nothing_is_lost(void **state)
{
	static const int blocks[] = { 8, 40, 64, 80, 120 };

	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		struct text out = {0};
		char before[200];
		struct lab l;

		work_a_little(&l);
		snprintf(before, sizeof(before), "for i in 1 2 3 4 5 6 7 8 9; "
			 "do echo \"echo line $i\"; done | (ulimit -f %d; ",
			 blocks[i]);
		lab_run_in(&l, before, "start " EXERCISE " --plain)", &out);
		if (!strstr(text_cstr(&out), "\nline 9\n") ||
		    lab_count(text_cstr(&out), "kept in memory only") != 1)
			fail_msg("%d blocks: %s", blocks[i], text_cstr(&out));
		assert_int_equal(kept_lines(&l, "\"echo before\""), 1);
		assert_in_range(kept_lines(&l, "\"echo line "), 0, 8);
		text_free(&out);
		lab_remove(&l);
	}
}

static void a_full_disk_is_told_on_the_screen(void **state)
{
	struct lab l;

	(void)state;
	work_a_little(&l);
	the_screen_says(&l, "ulimit -f 8;", "progress.db: ");
	assert_int_equal(kept_lines(&l, "\"echo before\""), 1);
	lab_remove(&l);
}

/* As root, with a file system of its own that is full. */
static void a_full_file_system_is_told(void **state)
{
	static const char mount[] = "unshare -m sh -c 'mount -t tmpfs -o "
		"size=160k none /mnt && cp -r \"$MILLRACE_HOME\"/. /mnt && "
		"MILLRACE_HOME=/mnt; export MILLRACE_HOME; "
		"cat /dev/zero >/mnt/fill 2>/dev/null; %s' 2>&1";
	struct text out = {0};
	char command[1024];
	struct lab l;

	(void)state;
	if (system("unshare -m mount -t tmpfs none /mnt 2>/dev/null") != 0) {
		print_message("no tmpfs can be mounted here: only the limit "
			      "of a file's size was tried\n");
		return;
	}
	work_a_little(&l);
	snprintf(command, sizeof(command), mount, "for i in 1 2 3; do echo "
		 "echo line $i; done | \"$MILLRACE\" start " EXERCISE
		 " --plain; \"$MILLRACE\" progress; rm /mnt/fill; "
		 "\"$MILLRACE\" progress export -");
	setenv("MILLRACE_HOME", l.home, 1);
	{
		FILE *f = popen(command, "r");
		char bytes[4096];
		size_t len;

		assert_non_null(f);
		while ((len = fread(bytes, 1, sizeof(bytes), f)) > 0)
			text_bytes(&out, bytes, len);
		pclose(f);
	}
	unsetenv("MILLRACE_HOME");
	if (!strstr(text_cstr(&out), "\nline 3\n") ||
	    !strstr(text_cstr(&out), "/mnt/progress.db: ") ||
	    !strstr(text_cstr(&out), "\"echo before\""))
		fail_msg("%s", text_cstr(&out));
	text_free(&out);
	lab_remove(&l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_record_is_told_and_left_alone),
		cmocka_unit_test(no_record_at_all_is_told_and_left_alone),
		cmocka_unit_test(a_newer_record_is_read_and_left_alone),
		cmocka_unit_test(a_home_that_is_read_only_is_told),
		cmocka_unit_test(a_home_that_cannot_be_made_is_told),
		cmocka_unit_test(a_full_disk_is_told_and_nothing_is_lost),
		cmocka_unit_test(a_full_disk_is_told_on_the_screen),
		cmocka_unit_test(a_full_file_system_is_told),
	};

	(void)argc;
	lab_find_program(argv[0]);
	return cmocka_run_group_tests_name("home", tests, NULL, NULL);
}
