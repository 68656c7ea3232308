/* test_program.c - the whole program in a terminal, as a person meets it
 *
 * Method: the real program on a pseudo terminal that libvterm reads; keys are
 * settled before the screen is looked at, and no test waits for time.  Goal:
 * the ways everybody goes (in, through an exercise, out) work in the program
 * that is installed, not only in its parts.
 */
#include "tests/lab/e2e/lab.h"

#define EXERCISE	"bigdata.five-vs"
#define LIST		"'kafka-topics.sh --bootstrap-server broker-1:9092 " \
			"--list' Enter"

static void work_on(struct lab *l)
{
	lab_make(l);
	lab_open(l, "start", EXERCISE, NULL);
	assert_shows(&l->p, "a command, or Esc for keys");
}

static void quit(struct lab *l)
{
	/* The first may only drop a line that was begun. */
	pty_send(&l->p, "\003\003\003");
	lab_end(l, 0);
	lab_remove(l);
}

/* Where these words stand; the test fails if they do not. */
static void find(struct pty *p, const char *words, int *row, int *col)
{
	size_t len = strlen(words);

	for (*row = 0; *row < p->rows; ++*row)
		for (*col = 0; *col + (int)len <= p->cols; ++*col) {
			size_t i = 0;

			while (i < len && pty_cell(p, *row, *col + (int)i)
					  .chars[0] == (unsigned char)words[i])
				i++;
			if (i == len)
				return;
		}
	pty_fail(p, "not shown: ", words);
}

static void click(struct pty *p, const char *words)
{
	int row = 0, col = 0;

	find(p, words, &row, &col);
	pty_mouse(p, 0, row, col, false);
	pty_mouse(p, 0, row, col, true);
	pty_settle(p);
}

/* --- the first minutes ------------------------------------------------------------ */

static void the_first_start_welcomes_and_the_second_goes_on(void **state)
{
	struct lab l;

	(void)state;
	lab_make(&l);
	lab_open(&l, NULL);
	assert_shows(&l.p, "A flight simulator for data platforms");
	assert_shows(&l.p, "first run");
	assert_shows(&l.p, l.home);
	pty_keys(&l.p, "Down Enter");
	assert_shows(&l.p, "Reader");
	pty_keys(&l.p, "e");
	assert_shows(&l.p, "a command, or Esc for keys");
	pty_keys(&l.p, LIST);
	assert_shows(&l.p, "meters");
	pty_send(&l.p, "\003\003");
	lab_end(&l, 0);

	lab_open(&l, NULL);
	assert_hides(&l.p, "first run");
	assert_shows(&l.p, "Five Vs, five numbers   Big data fundamentals");
	pty_keys(&l.p, "Enter");
	assert_shows(&l.p, "--list");
	assert_shows(&l.p, "meters");
	quit(&l);
}

static void looking_around_leaves_no_trace(void **state)
{
	struct lab l;

	(void)state;
	lab_make(&l);
	for (int i = 0; i < 2; i++) {
		lab_open(&l, NULL);
		assert_shows(&l.p, "first run");
		pty_send(&l.p, "q");
		lab_end(&l, 0);
	}
	lab_remove(&l);
}

/* --- in an exercise ----------------------------------------------------------------- */

static void a_line_typed_runs_and_is_kept(void **state)
{
	struct text log = {0};
	struct lab l;

	(void)state;
	work_on(&l);
	pty_keys(&l.p, LIST " 'run 2s' Enter");
	assert_shows(&l.p, "PAUSED at T+01:02");
	lab_log(&l, &log);
	assert_int_equal(lab_count(text_cstr(&log), "\"text\":\"run 2s\""), 1);
	text_free(&log);
	quit(&l);
}

static void check_says_what_is_wrong(void **state)
{
	struct lab l;

	(void)state;
	work_on(&l);
	pty_keys(&l.p, "F2");
	assert_shows(&l.p, "NOT YET    0 of 6 tasks are done.");
	assert_shows(&l.p, "Score  0 of 20");
	pty_keys(&l.p, "Esc");
	assert_shows(&l.p, "Not passed yet, 0 of 20 points");
	quit(&l);
}

static void help_filters_and_does(void **state)
{
	struct lab l;

	(void)state;
	work_on(&l);
	pty_keys(&l.p, "F1 'hint'");
	assert_shows(&l.p, "Hint ladder");
	assert_hides(&l.p, "Run or pause");
	pty_keys(&l.p, "Enter");
	assert_shows(&l.p, "Hints");
	quit(&l);
}

static void the_palette_finds_anything(void **state)
{
	struct lab l;

	(void)state;
	work_on(&l);
	pty_keys(&l.p, "Ctrl-P 'settings'");
	assert_shows(&l.p, "Everything");
	pty_keys(&l.p, "Enter");
	assert_shows(&l.p, "theme");
	/* From keys it is the colon, and what was typed is no command. */
	pty_keys(&l.p, "Esc Esc : 'brief'");
	assert_shows(&l.p, "Brief and tasks");
	quit(&l);
}

static void a_click_gives_a_pane_the_keyboard(void **state)
{
	struct lab l;

	(void)state;
	work_on(&l);
	assert_true(l.p.cursor);
	click(&l.p, "3 Tasks");
	assert_false(l.p.cursor);
	pty_keys(&l.p, "j Down");
	click(&l.p, "a command, or Esc");
	pty_keys(&l.p, "'kafka'");
	assert_true(l.p.cursor);
	assert_shows(&l.p, "$ kafka");
	quit(&l);
}

static void a_paste_is_text_and_no_key(void **state)
{
	struct lab l;

	(void)state;
	work_on(&l);
	pty_send(&l.p, "\033[200~q\033[201~");
	pty_settle(&l.p);
	assert_shows(&l.p, "$ q");
	pty_keys(&l.p, "Ctrl-U Esc");
	/* While letters are keys, as well. */
	pty_send(&l.p, "\033[200~q\nq\n:qa\n\003\003\033[201~");
	pty_settle(&l.p);
	assert_shows(&l.p, "Five Vs, five numbers");
	assert_int_equal(waitpid(l.p.pid, NULL, WNOHANG), 0);
	quit(&l);
}

/* --- sizes ------------------------------------------------------------------------------ */

static void a_storm_of_sizes_changes_nothing(void **state)
{
	static const int sizes[][2] = {
		{ 4, 20 }, { 60, 200 }, { 1, 1 }, { 12, 40 }, { 24, 79 },
		{ 200, 300 }, { 11, 40 }, { 50, 12 }, { 4, 20 },
	};
	struct text before = {0}, after = {0};
	struct lab l;

	(void)state;
	work_on(&l);
	pty_keys(&l.p, LIST " 'run 10s' Enter 'half a li'");
	pty_text(&l.p, &before);
	for (int i = 0; i < 300; i++)
		pty_resize(&l.p, 1 + i * 7 % 70, 1 + i * 13 % 230);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		pty_resize(&l.p, sizes[i][0], sizes[i][1]);
		pty_settle(&l.p);
	}
	assert_shows(&l.p, "Millrace is paused.");
	pty_resize(&l.p, 24, 80);
	pty_settle(&l.p);
	pty_text(&l.p, &after);
	assert_string_equal(text_cstr(&after), text_cstr(&before));
	text_free(&before);
	text_free(&after);
	quit(&l);
}

/* --- the ways out -------------------------------------------------------------------------- */

static void ctrl_c_twice_quits_and_once_does_not(void **state)
{
	struct lab l;

	(void)state;
	work_on(&l);
	pty_keys(&l.p, "Esc Ctrl-C");
	assert_shows(&l.p, "Ctrl-C once more quits.");
	pty_keys(&l.p, "F6 Ctrl-C");
	assert_int_equal(waitpid(l.p.pid, NULL, WNOHANG), 0);
	pty_send(&l.p, "\003");
	lab_end(&l, 0);
	lab_remove(&l);
}

/* How to get there, and how many times q until it is over. */
static const struct place {
	const char *name, *keys, *shows;
} places[] = {
	{ "exercise", "Esc", "Enter or i to type" },
	{ "verdict", "F2", "NOT YET" },
	{ "brief", "Esc F4", "Velocity" },
	{ "hints", "Esc H", "Hints" },
	{ "progress", "Esc q p", "Competency" },
	{ "assess", "Esc q a", "Rate" },
	{ "reviews", "Esc q r", "Review" },
	{ "sandbox", "Esc q s", NULL },
};

static void q_leads_out_of_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		int left = 8;
		struct lab l;

		work_on(&l);
		pty_keys(&l.p, places[i].keys);
		if (places[i].shows)
			assert_shows(&l.p, places[i].shows);
		/* One at a time; a world may begin with its console. */
		while (left-- && !l.p.gone) {
			unsigned long long sent;

			if (pty_shows(&l.p, "Esc for keys"))
				pty_keys(&l.p, "Esc");
			pty_send(&l.p, "q");
			sent = l.p.sent;
			while (!l.p.gone && l.p.done < sent)
				pty_pump(&l.p, 100);
		}
		if (!l.p.gone)
			pty_fail(&l.p, "no way out of ", places[i].name);
		lab_end(&l, 0);
		lab_remove(&l);
	}
}

/* --- away and back --------------------------------------------------------------------------- */

static void count_stops(struct pty *p, int n)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;

	for (;;) {
		struct text t = {0};
		bool ready;

		pty_text(p, &t);
		ready = (int)lab_count(text_cstr(&t), "topped") >= n &&
			strstr(text_cstr(&t), "ready>");
		text_free(&t);
		if (ready)
			return;
		if (pty_now_ms() >= until)
			pty_fail(p, "never stopped", "");
		pty_pump(p, 100);
	}
}

static bool is_shown(struct pty *p, const char *words)
{
	struct text t = {0};
	bool found;

	pty_text(p, &t);
	found = strstr(text_cstr(&t), words) != NULL;
	text_free(&t);
	return found;
}

/* The old prompt is back on the screen before the program has quite ended, and
 * what is typed until then is thrown away: so it is asked until it answers. */
static void assert_ended_with_0(struct pty *p)
{
	for (int tries = 0; tries < 20; tries++) {
		pty_send(p, "echo it was $?\r");
		for (int i = 0; i < 10 && !is_shown(p, "it was 0"); i++)
			pty_pump(p, 100);
		if (is_shown(p, "it was 0"))
			return;
	}
	pty_fail(p, "never ended with 0", "");
}

static void ctrl_z_stops_it_and_fg_brings_all_back(void **state)
{
	struct text command = {0};
	struct lab l;

	(void)state;
	lab_make(&l);
	pty_start(&l.p, (const char *[]){ "sh", "-i", NULL },
		  (const char *[]){ l.home_is, NULL }, 24, 80);
	pty_until(&l.p, "ready>");
	text_addf(&command, "%s start %s\r", lab_program, EXERCISE);
	pty_send(&l.p, text_cstr(&command));
	pty_until(&l.p, "Esc for keys");
	pty_send(&l.p, "run 3s\r");
	pty_until(&l.p, "PAUSED at T+01:03");
	pty_send(&l.p, "half a li");
	pty_until(&l.p, "$ half a li");
	for (int i = 1; i <= 2; i++) {
		pty_send_line(&l.p, "\x1a");
		count_stops(&l.p, i);
		assert_true(!l.p.altscreen && l.p.cursor && !l.p.mouse);
		pty_send(&l.p, "fg\r");
		pty_until(&l.p, "PAUSED at T+01:03");
		pty_until(&l.p, "$ half a li");
		assert_true(l.p.altscreen);
	}
	pty_send(&l.p, "\003\003\003");
	pty_until(&l.p, "ready>");
	assert_ended_with_0(&l.p);
	pty_send(&l.p, "exit\r");
	assert_int_equal(pty_end(&l.p), 0);
	pty_stop(&l.p);
	text_free(&command);
	lab_remove(&l);
}

/* --- without a screen ------------------------------------------------------------------------ */

/* What is asked to be lines has no escape sequence at all. */
static void lines_are_printed_where_a_screen_is_not_wanted(void **state)
{
	static const char *const asks[] = { "ACCESSIBLE=1", "TERM=dumb" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *more[] = { asks[i], NULL };
		struct lab l;

		lab_make(&l);
		lab_open_in(&l, 24, 80, NULL, more);
		assert_int_equal(pty_end(&l.p), 0);
		assert_shows(&l.p, "millrace start ID --plain");
		assert_null(memchr(l.p.raw.at, '\033', l.p.raw.len));
		pty_stop(&l.p);

		lab_open_in(&l, 24, 80, (const char *[]){ "start", EXERCISE,
			    NULL }, more);
		pty_until(&l.p, "T+01:00>");
		pty_send_line(&l.p, "run 2s\r");
		pty_until(&l.p, "T+01:02>");
		pty_send_line(&l.p, "quit\r");
		assert_int_equal(pty_end(&l.p), 1);
		assert_null(memchr(l.p.raw.at, '\033', l.p.raw.len));
		pty_stop(&l.p);
		lab_remove(&l);
	}
}

/* --- and how fast ----------------------------------------------------------------------------- */

/* Times are the machine's; that a screen at rest writes nothing is not. */
static void the_bench_measures_the_program_itself(void **state)
{
	struct text out = {0};
	struct lab l;
	int status;

	(void)state;
	lab_make(&l);
	status = lab_run(&l, "bench ui --quick --json", &out);
	if (status > 1 || !strstr(text_cstr(&out), "\"keys\":40,") ||
	    !strstr(text_cstr(&out), "\"paused_bytes\":0,"))
		fail_msg("status %d: %s", status, text_cstr(&out));
	text_free(&out);
	lab_remove(&l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_start_welcomes_and_the_second_goes_on),
		cmocka_unit_test(looking_around_leaves_no_trace),
		cmocka_unit_test(a_line_typed_runs_and_is_kept),
		cmocka_unit_test(check_says_what_is_wrong),
		cmocka_unit_test(help_filters_and_does),
		cmocka_unit_test(the_palette_finds_anything),
		cmocka_unit_test(a_click_gives_a_pane_the_keyboard),
		cmocka_unit_test(a_paste_is_text_and_no_key),
		cmocka_unit_test(a_storm_of_sizes_changes_nothing),
		cmocka_unit_test(ctrl_c_twice_quits_and_once_does_not),
		cmocka_unit_test(q_leads_out_of_everywhere),
		cmocka_unit_test(ctrl_z_stops_it_and_fg_brings_all_back),
		cmocka_unit_test(lines_are_printed_where_a_screen_is_not_wanted),
		cmocka_unit_test(the_bench_measures_the_program_itself),
	};

	(void)argc;
	lab_find_program(argv[0]);
	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
