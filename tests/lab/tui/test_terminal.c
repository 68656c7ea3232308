/* test_terminal.c - the whole way from a key to the screen, in a terminal
 *
 * Method: a small app (`test_terminal demo`) that lists what it received, run
 * by supervise() and tui_run() on a pseudo terminal that libvterm reads.  Goal:
 * inputs arrive as what they are, the picture is right in every terminal, and
 * however the program ends, the terminal is as it was.
 *
 * terminal.sh starts the same demo in tmux.
 */
#include "tests/lab/tui/pty.h"

#include "lab/tui/app.h"
#include "lab/tui/decode.h"
#include "lab/tui/supervisor.h"
#include "lab/tui/term.h"
#include "lab/tui/tui.h"

/* --- the demo -------------------------------------------------------------------------- */

enum { HEARD_MAX = 400 };

struct demo {
	struct view view;
	struct text heard[HEARD_MAX];	/* newest last */
	int count;
	bool runs, full_speed;
	int64_t ticks;
};

static void hear(struct demo *d, const char *what)
{
	if (d->count < HEARD_MAX)
		text_add(&d->heard[d->count++], what);
}

static void hear_mouse(struct demo *d, const struct input *in)
{
	static const char *const what[] = {
		[MOUSE_PRESS] = "press", [MOUSE_RELEASE] = "release",
		[MOUSE_DRAG] = "drag", [MOUSE_DOUBLE] = "double",
		[MOUSE_WHEEL_UP] = "wheel up", [MOUSE_WHEEL_DOWN] = "wheel down",
	};
	char line[64];

	snprintf(line, sizeof(line), "%s %d,%d", what[in->mouse], in->row,
		 in->col);
	hear(d, line);
}

/* What a letter does to the demo, before it is heard. */
static void demo_key(struct demo *d, uint32_t key)
{
	struct app *a = d->view.app;
	struct err err = {0};

	switch (key) {
	case 'S':
		raise(SIGSEGV);
		break;
	case 'A':
		fputs("seed 7\n", stderr);
		abort();
	case 'H':
		if (write(STDOUT_FILENO, "hangs", 5) == 5)
			for (;;)
				pause();
		break;
	case 'R':
		d->runs = !d->runs;
		break;
	case 'F':
		d->full_speed = !d->full_speed;
		break;
	case 'C':
		app_copy(a, "copied text", 11);
		break;
	case 'T':
		a->settings.theme = THEME_LIGHT;
		break;
	case 'M':
		a->settings.mouse = !a->settings.mouse;
		break;
	case 'E':
		if (!a->outside.edit_file(a->outside.ctx, "a file", &err))
			hear(d, err.what);
	}
}

static bool demo_input(struct view *v, const struct input *in)
{
	struct demo *d = (struct demo *)v;
	char name[KEY_NAME_MAX];
	struct text t = {0};

	if (in->kind == INPUT_MOUSE) {
		hear_mouse(d, in);
	} else if (in->kind == INPUT_PASTE) {
		text_addf(&t, "paste %.*s", (int)in->len, in->text);
		hear(d, text_cstr(&t));
		text_free(&t);
	} else if (in->key == 'q') {
		return false;
	} else if (in->key != 'N') {	/* N changes nothing */
		key_name(in->key, name);
		hear(d, name);
		demo_key(d, in->key);
	}
	return true;
}

static void demo_draw(struct view *v, struct grid *g, struct rect body)
{
	struct demo *d = (struct demo *)v;
	int from = d->count - body.rows + 2;

	grid_putf(g, body, 0, 0, ROLE_GOOD, "● size %dx%d  heard %d  ticks %lld",
		  g->rows, g->cols, d->count, (long long)d->ticks);
	grid_put(g, body, 0, 60, ROLE_BAD, "bad");
	grid_fill(g, body, 1, 0, body.cols, ROLE_FOCUS, "─");
	for (int i = from < 0 ? 0 : from; i < d->count; i++)
		grid_put(g, body, i - (from < 0 ? 0 : from) + 2, 0, ROLE_TEXT,
			 text_cstr(&d->heard[i]));
}

static void demo_crumb(const struct view *v, struct text *left,
		       struct text *right)
{
	(void)v;
	text_add(left, "Demo");
	text_addf(right, "pid %d", (int)getpid());
}

static void demo_frame(struct view *v, int64_t wall_ns)
{
	struct demo *d = (struct demo *)v;

	(void)wall_ns;
	d->ticks += d->runs;
	while (d->full_speed && !app_budget_over(v->app))
		d->ticks++;
}

static bool demo_moving(const struct view *v)
{
	const struct demo *d = (const struct demo *)v;

	return d->runs || d->full_speed;
}

static bool demo_act(struct view *v, const struct action *a)
{
	(void)v, (void)a;
	return false;
}

static void demo_free(struct view *v)
{
	struct demo *d = (struct demo *)v;

	for (int i = 0; i < d->count; i++)
		text_free(&d->heard[i]);
	free(d);
}

static const struct view_ops demo_ops = {
	.name = "demo", .crumb = demo_crumb, .draw = demo_draw,
	.input = demo_input, .act = demo_act, .frame = demo_frame,
	.moving = demo_moving, .free = demo_free,
};

static int demo_child(void *ctx)
{
	struct app_outside outside = {0};
	struct demo *d = calloc(1, sizeof(*d));
	int rows, cols, status;
	struct err err;
	struct tui *t = tui_open(&err);
	struct app app;

	(void)ctx;
	if (!t || !d) {
		fprintf(stderr, "%s\n", err.what);
		free(d);
		return 3;
	}
	tui_outside(t, &outside);
	tui_size(t, &rows, &cols);
	app_init(&app, &outside, rows, cols);
	d->view.ops = &demo_ops;
	app_push(&app, &d->view);
	status = tui_run(t, &app);
	app_release(&app);
	tui_close(t);
	return status;
}

static int demo(void)
{
	struct err why;
	int status;

	if (!term_usable(&why)) {
		fprintf(stderr, "%s\n", why.what);
		return 3;
	}
	status = supervise(demo_child, NULL);
	if (!status)
		puts("the end");
	return status;
}

/* --- the harness ---------------------------------------------------------------------------- */

static char program[4096];

static void start_with(struct pty *p, const char *const *environment)
{
	const char *argv[] = { program, "demo", NULL };

	pty_start(p, argv, environment, 24, 80);
}

static void start(struct pty *p)
{
	start_with(p, NULL);
	pty_settle(p);
}

static void end(struct pty *p)
{
	pty_send(p, "q");
	assert_int_equal(pty_end(p), 0);
	if (!pty_is_restored(p))
		pty_fail(p, "the terminal is not restored", "");
	assert_shows(p, "the end");
	pty_stop(p);
}

/* The number the demo shows: of the child. */
static pid_t child(struct pty *p)
{
	struct text t = {0};
	const char *at;
	int pid = 0;

	pty_text(p, &t);
	at = strstr(text_cstr(&t), "pid ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "pid %d", &pid), 1);
	assert_true(pid > 1);
	text_free(&t);
	return pid;
}

static void await_end_of(pid_t pid)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;

	while (kill(pid, 0) == 0) {
		if (pty_now_ms() >= until)
			fail_msg("process %d goes on", (int)pid);
		poll(NULL, 0, 2);
	}
}

static bool writes_above(const struct pty *p, unsigned char limit)
{
	for (size_t i = 0; i < p->raw.len; i++)
		if ((unsigned char)p->raw.at[i] > limit)
			return true;
	return false;
}

/* Does any SGR set a colour? */
static bool writes_color(const struct pty *p)
{
	for (size_t i = 0; i + 2 < p->raw.len; i++) {
		const char *s = p->raw.at + i;
		int n = 0;

		if (s[0] != '\033' || s[1] != '[')
			continue;
		for (s += 2; s < p->raw.at + p->raw.len; s++) {
			if (*s >= '0' && *s <= '9') {
				n = 10 * n + *s - '0';
				continue;
			}
			if ((*s == ';' || *s == 'm') &&
			    ((n >= 30 && n <= 48) || (n >= 90 && n <= 107)) &&
			    memchr(s, 'm', 12))
				return true;
			n = 0;
			if (*s != ';')
				break;
		}
	}
	return false;
}

/* --- inputs ---------------------------------------------------------------------------------- */

static void keys_arrive_by_their_names(void **state)
{
	static const char *const keys[] = {
		"Up", "PgDn", "F1", "F2", "F5", "F12", "Shift-Tab", "Ctrl-A",
		"Ctrl-C", "Ctrl-V", "Ctrl-O", "Alt-X", "Esc", "Enter", "Tab",
		"Backspace", "Delete", "é", "日",
	};
	int count = sizeof(keys) / sizeof(*keys);
	struct pty p;

	(void)state;
	start(&p);
	for (int i = 0; i < count; i++) {
		char line[32];

		pty_keys(&p, keys[i]);
		snprintf(line, sizeof(line), "heard %d ", i + 1);
		assert_shows(&p, line);
		snprintf(line, sizeof(line), "\n%s\n", keys[i]);
		assert_shows(&p, line);
	}
	end(&p);
}

static void a_pasted_q_does_not_quit(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	pty_send(&p, "\033[200~q\033[201~");
	pty_settle(&p);
	assert_shows(&p, "\npaste q\n");
	/* Without an end it becomes a paste all the same. */
	pty_send(&p, "\033[200~qqq");
	pty_settle(&p);
	assert_shows(&p, "\npaste qqq\n");
	end(&p);
}

static void the_mouse_is_heard_and_can_be_let_go(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	assert_int_equal(p.mouse, VTERM_PROP_MOUSE_DRAG);
	pty_mouse(&p, 0, 5, 7, false);
	pty_mouse(&p, 32, 5, 9, false);
	pty_mouse(&p, 0, 5, 9, true);
	pty_mouse(&p, 64, 2, 3, false);
	pty_mouse(&p, 65, 2, 3, false);
	pty_mouse(&p, 0, 8, 8, false);
	pty_mouse(&p, 0, 8, 8, false);
	pty_settle(&p);
	assert_shows(&p, "press 5,7\ndrag 5,9\nrelease 5,9\nwheel up 2,3\n"
			 "wheel down 2,3\npress 8,8\ndouble 8,8\n");
	pty_keys(&p, "M");
	assert_int_equal(p.mouse, VTERM_PROP_MOUSE_NONE);
	pty_keys(&p, "M");
	assert_int_equal(p.mouse, VTERM_PROP_MOUSE_DRAG);
	end(&p);
}

/* --- pictures ---------------------------------------------------------------------------------- */

static void what_does_not_change_is_not_written(void **state)
{
	size_t before;
	struct pty p;

	(void)state;
	start(&p);
	before = p.drawn;
	pty_keys(&p, "N N N");
	assert_int_equal(p.drawn, before);
	/* One line and a number: nowhere near the whole screen. */
	pty_keys(&p, "x");
	assert_in_range(p.drawn - before, 1, 120);
	end(&p);
}

static void a_new_size_is_taken_at_once(void **state)
{
	struct pty p;
	char words[32];

	(void)state;
	start(&p);
	pty_resize(&p, 40, 120);
	pty_settle(&p);
	assert_shows(&p, "size 40x120");
	pty_resize(&p, 4, 20);
	pty_settle(&p);
	assert_shows(&p, "Needs 40x12.");
	pty_resize(&p, 1, 1);
	pty_settle(&p);
	for (int i = 0; i < 200; i++)
		pty_resize(&p, 12 + i * 7 % 50, 40 + i * 13 % 160);
	pty_settle(&p);
	snprintf(words, sizeof(words), "size %dx%d", p.rows, p.cols);
	assert_shows(&p, words);
	pty_resize(&p, 24, 80);
	pty_keys(&p, "x");
	assert_shows(&p, "size 24x80  heard 1");
	end(&p);
}

static void themes_make_colours_of_roles(void **state)
{
	VTermScreenCell c;
	struct pty p;

	(void)state;
	start(&p);
	c = pty_cell(&p, 1, 0);
	assert_true(VTERM_COLOR_IS_INDEXED(&c.fg));
	assert_int_equal(c.fg.indexed.idx, theme_style(THEME_DARK,
						       ROLE_GOOD).color);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&c.bg));
	assert_true(pty_cell(&p, 1, 60).attrs.bold);
	pty_keys(&p, "T");
	c = pty_cell(&p, 1, 0);
	assert_int_equal(c.fg.indexed.idx, theme_style(THEME_LIGHT,
						       ROLE_GOOD).color);
	end(&p);
}

static void no_color_means_none_at_all(void **state)
{
	const char *none[] = { "NO_COLOR=1", NULL };
	const char *empty[] = { "NO_COLOR=", NULL };
	struct pty p;

	(void)state;
	start_with(&p, none);
	pty_settle(&p);
	assert_true(pty_cell(&p, 1, 60).attrs.reverse);
	assert_shows(&p, "═");
	pty_keys(&p, "T x");
	pty_send(&p, "q");
	pty_end(&p);
	assert_false(writes_color(&p));
	pty_stop(&p);
	start_with(&p, empty);
	pty_settle(&p);
	assert_true(writes_color(&p));
	end(&p);
}

static void a_locale_without_unicode_gets_ascii(void **state)
{
	const char *environment[] = { "LC_ALL=C", NULL };
	struct pty p;

	(void)state;
	start_with(&p, environment);
	pty_settle(&p);
	assert_shows(&p, "+ size 24x80");
	assert_shows(&p, "------");
	pty_keys(&p, "x");
	pty_send(&p, "\033[200~\xc3\xa9\033[201~\xc3\xa9");
	pty_settle(&p);
	assert_false(writes_above(&p, 0x7f));
	end(&p);
}

static void old_terminals_get_what_they_can_draw(void **state)
{
	static const char *const terms[] = { "TERM=vt100", "TERM=linux",
					     "TERM=ansi", "TERM=vt220" };
	struct pty p;

	(void)state;
	for (int i = 0; i < 4; i++) {
		const char *environment[] = { terms[i], NULL };

		start_with(&p, environment);
		pty_settle(&p);
		assert_shows(&p, "+ size 24x80");
		assert_false(writes_above(&p, 0x7f));
		pty_keys(&p, "F2 Up");
		assert_shows(&p, "F2\nUp\n");
		pty_send(&p, "q");
		assert_int_equal(pty_end(&p), 0);
		pty_stop(&p);
	}
}

static void an_unknown_terminal_is_told_once(void **state)
{
	const char *environment[] = { "TERM=nonsense-9", NULL };
	struct pty p;

	(void)state;
	start_with(&p, environment);
	pty_settle(&p);
	assert_shows(&p, "no description of the terminal nonsense-9");
	assert_shows(&p, "● size 24x80");
	end(&p);
}

static void a_dumb_terminal_is_told_of_plain(void **state)
{
	static const char *const terms[] = { "TERM=dumb", "TERM=" };
	struct pty p;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *environment[] = { terms[i], NULL };

		start_with(&p, environment);
		assert_int_equal(pty_end(&p), 3);
		assert_shows(&p, "--plain works there");
		assert_false(memchr(p.raw.at, '\033', p.raw.len));
		pty_stop(&p);
	}
}

static void wide_glyphs_are_noticed(void **state)
{
	struct pty p;

	(void)state;
	start_with(&p, NULL);
	p.mute = true;
	pty_until(&p, "● size");
	pty_send(&p, "\033[1;9R");
	pty_settle(&p);
	assert_shows(&p, "+ size 24x80");
	assert_shows(&p, "so ASCII stands for them");
	assert_hides(&p, "●");
	pty_stop(&p);

	start(&p);	/* this one answers as it should */
	assert_shows(&p, "● size");
	pty_send(&p, "\033[1;5R");	/* asked for once only */
	pty_settle(&p);
	assert_shows(&p, "\nF3\n");
	end(&p);
}

/* --- time ----------------------------------------------------------------------------------------- */

static void keys_get_through_at_full_speed(void **state)
{
	const char *real[] = { "MILLRACE_TEST_CLOCK=", NULL };
	struct pty p;

	(void)state;
	start_with(&p, real);
	pty_settle(&p);
	pty_keys(&p, "F a b c");
	assert_shows(&p, "heard 4 ");
	pty_keys(&p, "F x");
	end(&p);
}

static void what_runs_is_painted_by_itself(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	assert_shows(&p, "ticks 0");
	pty_keys(&p, "R");
	pty_until(&p, "ticks 1");
	pty_keys(&p, "R");
	end(&p);
}

/* --- ends ------------------------------------------------------------------------------------------ */

static void expect_restored(struct pty *p, int signal, const char *words)
{
	assert_int_equal(pty_end(p), 128 + signal);
	if (!pty_is_restored(p))
		pty_fail(p, "the terminal is not restored", "");
	assert_shows(p, words);
	assert_shows(p, "you did is kept");
}

static void any_death_leaves_the_terminal_whole(void **state)
{
	static const struct {
		int signal;
		const char *words;
	} deaths[] = {
		{ SIGSEGV, "(SIGSEGV)" }, { SIGABRT, "(SIGABRT)" },
		{ SIGKILL, "memory ran out" }, { SIGTERM, "asked to end" },
		{ SIGHUP, "went away" }, { SIGBUS, "(SIGBUS)" },
		{ SIGQUIT, "Ctrl-\\" }, { SIGUSR1, "A signal ended it" },
	};
	struct pty p;

	(void)state;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++) {
		start(&p);
		assert_true(p.altscreen && p.mouse && !p.cursor);
		kill(child(&p), deaths[i].signal);
		expect_restored(&p, deaths[i].signal, deaths[i].words);
		pty_stop(&p);
	}
}

static void a_fault_inside_says_what_was_said(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	pty_send(&p, "A");
	expect_restored(&p, SIGABRT, "seed 7\n");
	pty_stop(&p);
	start(&p);
	pty_send(&p, "S");
	expect_restored(&p, SIGSEGV, "A fault in Millrace");
	pty_stop(&p);
	start(&p);
	pty_send_line(&p, "\x1c");	/* Ctrl-\: the way out */
	expect_restored(&p, SIGQUIT, "Ctrl-\\ ended it");
	pty_stop(&p);
}

static void a_request_to_the_parent_is_handed_on(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	kill(p.pid, SIGTERM);
	expect_restored(&p, SIGTERM, "asked to end");
	pty_stop(&p);
}

static void one_that_hangs_is_ended(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	pty_send(&p, "H");
	pty_until(&p, "hangs");
	kill(p.pid, SIGTERM);
	expect_restored(&p, SIGKILL, "ended from outside");
	pty_stop(&p);
}

static void the_child_does_not_outlive_its_parent(void **state)
{
	struct pty p;
	pid_t pid;

	(void)state;
	start(&p);
	pid = child(&p);
	kill(p.pid, SIGKILL);
	assert_int_equal(pty_end(&p), 128 + SIGKILL);
	await_end_of(pid);
	if (!pty_is_restored(&p))
		pty_fail(&p, "the terminal is not restored", "");
	pty_stop(&p);
}

static void nothing_goes_on_without_a_terminal(void **state)
{
	struct pty p;
	pid_t pid;

	(void)state;
	start(&p);
	pid = child(&p);
	pty_send(&p, "F");	/* at full speed, too */
	pty_settle(&p);
	pty_hang_up(&p);
	await_end_of(pid);
	assert_int_equal(pty_end(&p), 128 + SIGHUP);
	pty_stop(&p);
}

/* --- away and back ----------------------------------------------------------------------------------- */

/* Until the shell said so for the n-th time, and asks for a line. */
static void until_stopped(struct pty *p, int n)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;

	for (;;) {
		struct text t = {0};
		const char *s;
		int left = n;
		bool ready;

		pty_text(p, &t);
		for (s = text_cstr(&t); left && s; left--)
			s = (s = strstr(s, "topped")) ? s + 6 : NULL;
		ready = s && strstr(s, "ready>");
		text_free(&t);
		if (ready)
			return;
		if (pty_now_ms() >= until)
			pty_fail(p, "never stopped", "");
		pty_pump(p, 100);
	}
}

static void stopped_by_a_key_and_woken_by_the_shell(void **state)
{
	const char *argv[] = { "sh", "-i", NULL };
	struct pty p;

	(void)state;
	pty_start(&p, argv, NULL, 24, 80);
	pty_until(&p, "ready>");
	pty_send(&p, program);
	pty_send(&p, " demo\r");
	pty_until(&p, "● size 24x80");
	for (int i = 0; i < 3; i++) {
		pty_send(&p, "x");
		pty_until(&p, "\nx\n");
		pty_send_line(&p, "\x1a");
		until_stopped(&p, i + 1);
		assert_false(p.altscreen);
		assert_true(p.cursor);
		assert_int_equal(p.mouse, VTERM_PROP_MOUSE_NONE);
		pty_resize(&p, 20 + i, 90);
		pty_send(&p, "fg\r");
		pty_until(&p, "● size 2");
		assert_true(p.altscreen);
		pty_until(&p, "x90");
		assert_int_equal(p.mouse, VTERM_PROP_MOUSE_DRAG);
	}
	pty_send(&p, "q");
	pty_until(&p, "the end");
	pty_send(&p, "echo it was $?\r");
	pty_until(&p, "it was 0");
	pty_send(&p, "exit\r");
	assert_int_equal(pty_end(&p), 0);
	pty_stop(&p);
}

static void a_stop_nobody_asked_us_about(void **state)
{
	const char *argv[] = { "sh", "-i", NULL };
	struct pty p;

	(void)state;
	pty_start(&p, argv, NULL, 24, 80);
	pty_until(&p, "ready>");
	pty_send(&p, program);
	pty_send(&p, " demo\r");
	pty_until(&p, "● size 24x80");
	pty_send(&p, "x");
	pty_until(&p, "\nx\n");
	kill(child(&p), SIGSTOP);
	until_stopped(&p, 1);
	assert_false(p.altscreen);
	pty_send(&p, "fg\r");
	pty_until(&p, "● size 24x80");
	assert_true(p.altscreen);
	pty_send(&p, "q");
	pty_until(&p, "the end");
	pty_send(&p, "exit\r");
	pty_end(&p);
	pty_stop(&p);
}

/* An editor that notes how it was called, in a folder of its own. */
static void an_editor_gets_the_terminal_and_gives_it_back(void **state)
{
	char folder[] = "/tmp/millrace-term-XXXXXX", path[64], editor[96];
	const char *environment[] = { editor, NULL };
	struct pty p;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/an editor", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("#!/bin/sh\necho \"$# [$1] [$2]\"\nread x\necho \"got $x\"\n"
	      "read x\n", f);
	fclose(f);
	chmod(path, 0755);
	snprintf(editor, sizeof(editor), "VISUAL='%s' \"-w;x\"", path);

	start_with(&p, environment);
	pty_settle(&p);
	pty_send(&p, "E");
	pty_until(&p, "2 [-w;x] [a file]");
	assert_true(!p.altscreen && p.cursor && !p.mouse);
	pty_send(&p, "words\r");	/* a line, echoed, as in any shell */
	pty_until(&p, "got words");
	pty_send(&p, "\r");
	pty_until(&p, "heard 1");
	assert_true(p.altscreen && p.mouse);
	pty_send(&p, "x");
	pty_until(&p, "\nx\n");
	pty_send(&p, "q");
	assert_int_equal(pty_end(&p), 0);
	pty_stop(&p);
	unlink(path);
	rmdir(folder);
}

static void an_editor_that_is_not_there_is_told(void **state)
{
	const char *environment[] = { "EDITOR=/nowhere/ed -x", NULL };
	struct pty p;

	(void)state;
	start_with(&p, environment);
	pty_settle(&p);
	pty_keys(&p, "E");
	assert_shows(&p, "`/nowhere/ed` cannot be started");
	end(&p);
}

static void a_copy_over_ssh_goes_through_the_terminal(void **state)
{
	const char *environment[] = { "SSH_TTY=/dev/pts/9", "DISPLAY=:9", NULL };
	struct pty p;

	(void)state;
	start_with(&p, environment);
	pty_settle(&p);
	pty_keys(&p, "C");
	assert_non_null(strstr(p.raw.at, "\033]52;c;Y29waWVkIHRleHQ=\a"));
	assert_shows(&p, "OSC 52");
	end(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_arrive_by_their_names),
		cmocka_unit_test(a_pasted_q_does_not_quit),
		cmocka_unit_test(the_mouse_is_heard_and_can_be_let_go),
		cmocka_unit_test(what_does_not_change_is_not_written),
		cmocka_unit_test(a_new_size_is_taken_at_once),
		cmocka_unit_test(themes_make_colours_of_roles),
		cmocka_unit_test(no_color_means_none_at_all),
		cmocka_unit_test(a_locale_without_unicode_gets_ascii),
		cmocka_unit_test(old_terminals_get_what_they_can_draw),
		cmocka_unit_test(an_unknown_terminal_is_told_once),
		cmocka_unit_test(a_dumb_terminal_is_told_of_plain),
		cmocka_unit_test(wide_glyphs_are_noticed),
		cmocka_unit_test(keys_get_through_at_full_speed),
		cmocka_unit_test(what_runs_is_painted_by_itself),
		cmocka_unit_test(any_death_leaves_the_terminal_whole),
		cmocka_unit_test(a_fault_inside_says_what_was_said),
		cmocka_unit_test(a_request_to_the_parent_is_handed_on),
		cmocka_unit_test(one_that_hangs_is_ended),
		cmocka_unit_test(the_child_does_not_outlive_its_parent),
		cmocka_unit_test(nothing_goes_on_without_a_terminal),
		cmocka_unit_test(stopped_by_a_key_and_woken_by_the_shell),
		cmocka_unit_test(a_stop_nobody_asked_us_about),
		cmocka_unit_test(an_editor_gets_the_terminal_and_gives_it_back),
		cmocka_unit_test(an_editor_that_is_not_there_is_told),
		cmocka_unit_test(a_copy_over_ssh_goes_through_the_terminal),
	};

	if (argc > 1 && strcmp(argv[1], "demo") == 0)
		return demo();
	if (!realpath(argv[0], program)) {
		perror(argv[0]);
		return 1;
	}
	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
