/* tui.c - the program in a terminal: the loop that joins term.h and app.h */
#include "lab/tui/tui.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/tui/clipboard.h"
#include "lab/tui/external.h"
#include "lab/tui/term.h"
#include "sim/core/mem.h"

#define MS	INT64_C(1000000)		/* in nanoseconds */
#define FRAME_NS	(33 * MS)
#define STILL_NS	(2000 * MS)	/* between frames, motion off */
#define SLICE_NS	(8 * MS)
#define LOOK_NS		(MS / 2)	/* between two looks for a key */
#define OUTSIDE_NS	(500 * MS)	/* between two looks at files */
#define LONG_NS		(500 * MS)	/* what takes so long, shows that */
#define PROGRESS_NS	(100 * MS)	/* between two pictures of it */
#define GAP_NS_MAX	(250 * MS)	/* of wall time in one frame */
#define TEST_EPOCH_MS	INT64_C(1767225600000)

enum { EARLY_MAX = 64 };

struct tui {
	struct term *term;
	struct grid grid;
	int ending;		/* the signal that ends it; 0 */
	bool dirty;		/* something happened: draw */
	bool drawn;		/* the picture on the screen is of now */

	bool virtual_clock;
	int64_t framed_ns;	/* when time was last passed on */
	int64_t painted_ns;
	int64_t turn_ns;	/* when this turn of the loop began */
	int64_t progress_ns;	/* when progress was looked at last */
	struct input early[EARLY_MAX];	/* keys that came meanwhile */
	int early_count;
	int64_t outside_ns;	/* when views looked outside last */
	int64_t slice_end_ns, looked_ns;	/* for budget_over */
	bool spent;		/* the last slice was too short */
	int64_t virtual_ns;

	int test_fd;		/* -1 */
	uint64_t told_bytes;	/* what was told last */
	int told_rows, told_cols;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* --- signals ----------------------------------------------------------------------- */

/* Handlers set a flag and wake the loop through a pipe; all else is done
 * there, for hardly anything may be done in a handler. */
static const int caught[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP,
			      SIGINT };
enum { CAUGHT = sizeof(caught) / sizeof(*caught) };
static volatile sig_atomic_t came[CAUGHT];
static int wake[2] = { -1, -1 };
static struct sigaction were[CAUGHT];

static void note(int signal)
{
	int was = errno;

	for (int i = 0; i < CAUGHT; i++)
		if (caught[i] == signal)
			came[i] = 1;
	if (write(wake[1], "", 1) < 0)
		errno = 0;	/* it is full: the loop wakes anyway */
	errno = was;
}

static bool take(int signal)
{
	for (int i = 0; i < CAUGHT; i++)
		if (caught[i] == signal && came[i]) {
			came[i] = 0;
			return true;
		}
	return false;
}

static void on(int signal, void (*handler)(int))
{
	struct sigaction act = { .sa_handler = handler };

	sigemptyset(&act.sa_mask);
	sigaction(signal, &act, NULL);
}

static bool catch_signals(struct err *err)
{
	if (pipe(wake))
		return err_set(err, "no pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
	}
	for (int i = 0; i < CAUGHT; i++) {
		came[i] = 0;
		sigaction(caught[i], NULL, &were[i]);
		on(caught[i], note);
	}
	return true;
}

static void let_signals(void)
{
	for (int i = 0; i < CAUGHT; i++)
		sigaction(caught[i], &were[i], NULL);
	for (int i = 0; i < 2; i++) {
		close(wake[i]);
		wake[i] = -1;
	}
}

static void sleep_off(void)
{
	char bytes[64];

	while (read(wake[0], bytes, sizeof(bytes)) > 0)
		continue;
}

/* --- life ---------------------------------------------------------------------------- */

static void read_environment(struct tui *t)
{
	const char *fd = getenv("MILLRACE_TEST_FD");
	const char *clock = getenv("MILLRACE_TEST_CLOCK");

	t->virtual_clock = clock && strcmp(clock, "virtual") == 0;
	t->test_fd = fd && *fd ? atoi(fd) : -1;
	if (t->test_fd > 2)	/* no tool we start may keep it open */
		fcntl(t->test_fd, F_SETFD, FD_CLOEXEC);
}

struct tui *tui_open(struct err *err)
{
	struct tui *t;

	if (!catch_signals(err))
		return NULL;
	t = mem_zeroed(1, sizeof(*t));
	t->term = term_open(err);
	if (!t->term) {
		let_signals();
		free(t);
		return NULL;
	}
	read_environment(t);
	t->turn_ns = now_ns();
	return t;
}

void tui_close(struct tui *t)
{
	if (!t)
		return;
	term_close(t->term);
	let_signals();
	grid_release(&t->grid);
	free(t);
}

void tui_size(const struct tui *t, int *rows, int *cols)
{
	term_size(t->term, rows, cols);
}

static void paint(struct tui *t, const struct app *a)
{
	struct term_look look = {
		.theme = a->settings.theme, .glyphs = a->settings.glyphs,
		.mouse = a->settings.mouse,
	};

	term_paint(t->term, &t->grid, &look);
	t->painted_ns = now_ns();
}

/* --- what the app asks of us -------------------------------------------------------- */

static bool input_waits(const struct tui *t)
{
	struct pollfd p[2] = {
		{ .fd = term_fd(t->term), .events = POLLIN },
		{ .fd = wake[0], .events = POLLIN },
	};

	return poll(p, 2, 0) > 0;
}

static bool budget_over(void *ctx)
{
	struct tui *t = ctx;
	int64_t now = now_ns();

	if (now >= t->slice_end_ns) {
		t->spent = true;
	} else if (now - t->looked_ns >= LOOK_NS) {
		t->looked_ns = now;
		t->spent |= input_waits(t);
	}
	return t->spent;
}

static bool edit_file(void *ctx, const char *path, struct err *err)
{
	struct tui *t = ctx;
	bool good;

	term_leave(t->term);
	good = external_edit(path, err);
	term_return(t->term);
	take(SIGTSTP);		/* the editor's */
	t->framed_ns = now_ns();
	return good;
}

static void emit(void *ctx, const char *bytes, size_t len)
{
	term_write(ctx, bytes, len);
}

static bool copy(void *ctx, const char *text, size_t len, struct text *said)
{
	struct tui *t = ctx;

	return clipboard_copy(text, len, emit, t->term, said);
}

static int64_t wall_ms(void *ctx)
{
	const struct tui *t = ctx;
	struct timespec now;

	if (t->virtual_clock)
		return TEST_EPOCH_MS + t->virtual_ns / MS;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / MS;
}

static int utc_offset(const struct tui *t)
{
	time_t now = time(NULL);
	struct tm here;

	if (t->virtual_clock || !localtime_r(&now, &here))
		return 0;
	return (int)(here.tm_gmtoff / 60);
}

static bool came_to_end(struct tui *t)
{
	if (take(SIGTERM))
		t->ending = SIGTERM;
	if (take(SIGHUP))
		t->ending = SIGHUP;
	return t->ending || take(SIGINT);
}

/* Keys that came while something long went on: does one of them stop it?  The
 * others are for afterwards. */
static bool wants_stop(struct tui *t)
{
	enum term_got got;
	struct input in;

	if (came_to_end(t))
		return true;
	while ((got = term_read(t->term, &in)) == TERM_INPUT) {
		if (in.kind != INPUT_KEY)
			continue;
		if (in.key == K_ESC || in.key == K_CTRL('C')) {
			t->early_count = 0;
			return true;
		}
		if (t->early_count < EARLY_MAX)
			t->early[t->early_count++] = in;
	}
	if (got == TERM_GONE)
		t->ending = SIGHUP;
	return got == TERM_GONE;
}

static bool progress(void *ctx, struct app *a)
{
	struct tui *t = ctx;
	int64_t now = now_ns();

	if (now - t->turn_ns < LONG_NS || now - t->progress_ns < PROGRESS_NS)
		return true;
	app_draw_progress(a, &t->grid);
	paint(t, a);
	t->progress_ns = now;
	t->dirty = true;	/* what comes next is another picture */
	return !wants_stop(t);
}

void tui_outside(struct tui *t, struct app_outside *o)
{
	o->budget_over = budget_over;
	o->edit_file = edit_file;
	o->copy = copy;
	o->progress = progress;
	o->now_ms = wall_ms;
	o->utc_offset_minutes = utc_offset(t);
	o->ctx = t;
}

/* --- one turn -------------------------------------------------------------------------- */

/* ^Z: the terminal in order first, then stop; after `fg` all anew. */
static void stop_here(struct tui *t)
{
	term_leave(t->term);
	raise(SIGSTOP);
	take(SIGCONT);
	term_return(t->term);
	t->framed_ns = now_ns();
	t->dirty = true;
}

/* Woken from a stop we were not asked about (SIGSTOP): our parent put the
 * terminal back, curses must learn of it.  After ^Z this comes once too often,
 * from the shell and from our parent. */
static void went_on(struct tui *t)
{
	if (term_is_held(t->term))
		return;
	term_leave(t->term);
	term_return(t->term);
	t->framed_ns = now_ns();
	t->dirty = true;
}

static void take_size(struct tui *t, struct app *a)
{
	struct input in = { .kind = INPUT_RESIZE };

	if (!term_measure(t->term))
		return;
	term_size(t->term, &in.row, &in.col);
	app_input(a, &in);
	t->dirty = true;
}

static void take_signals(struct tui *t, struct app *a)
{
	sleep_off();
	if (take(SIGTERM))
		t->ending = SIGTERM;
	if (take(SIGHUP))
		t->ending = SIGHUP;
	if (t->ending)
		return;
	if (take(SIGTSTP)) {
		stop_here(t);
		take_size(t, a);
	}
	if (take(SIGCONT)) {
		went_on(t);
		take_size(t, a);
	}
	if (take(SIGWINCH))
		take_size(t, a);
	if (take(SIGINT)) {
		app_key(a, K_CTRL('C'));
		t->dirty = true;
	}
}

/* Each may begin something long that brings others. */
static void take_early(struct tui *t, struct app *a)
{
	struct input in;

	while (t->early_count && !app_ended(a)) {
		in = t->early[0];
		memmove(t->early, t->early + 1, (size_t)--t->early_count *
						sizeof(*t->early));
		app_input(a, &in);
		t->dirty = true;
	}
}

static void take_inputs(struct tui *t, struct app *a)
{
	uint64_t bytes = term_bytes_read(t->term);
	enum term_got got = TERM_NOTHING;
	struct text says = {0};
	struct input in;

	take_early(t, a);
	while (!app_ended(a) && !t->early_count &&
	       (got = term_read(t->term, &in)) == TERM_INPUT) {
		if (in.kind == INPUT_KEY && in.key == K_CTRL('L'))
			term_redraw(t->term);
		app_input(a, &in);
		t->dirty = true;
	}
	if (got == TERM_GONE)
		t->ending = SIGHUP;
	if (term_says(t->term, &says))
		app_say(a, ROLE_INFO, "%s", text_cstr(&says));
	/* An answer of the terminal is no input, yet may change the picture. */
	t->dirty |= says.len || bytes != term_bytes_read(t->term);
	text_free(&says);
}

/* Time goes on for what runs, and for what is in the middle of something. */
static bool is_moving(const struct app *a)
{
	return app_moving(a) || !app_settled(a);
}

/* 8 ms, less when a picture is due before, but always some. */
static int64_t slice_end(const struct tui *t, int64_t now)
{
	int64_t due = t->painted_ns + FRAME_NS, end = now + SLICE_NS;

	if (due < end)
		end = due;
	return end < now + MS ? now + MS : end;
}

static void pass_time(struct tui *t, struct app *a)
{
	int64_t now = now_ns(), passed = now - t->framed_ns;

	if (app_ended(a) || !is_moving(a)) {
		t->framed_ns = now;
		t->spent = false;
		return;
	}
	if (!t->virtual_clock && !t->spent && passed < FRAME_NS)
		return;
	if (t->virtual_clock)
		passed = FRAME_NS;
	else if (passed > GAP_NS_MAX)
		passed = GAP_NS_MAX;
	t->framed_ns = t->looked_ns = now;
	t->slice_end_ns = slice_end(t, now);
	t->spent = false;
	t->virtual_ns += passed;
	app_frame(a, passed);
	t->drawn = false;
	if (!is_moving(a))	/* it came to rest: show how */
		t->dirty = true;
}

/* Costs what the views' looks cost, and paints only if one saw something. */
static void look_outside(struct tui *t, struct app *a)
{
	int64_t now = now_ns();

	if (now - t->outside_ns < OUTSIDE_NS || app_ended(a))
		return;
	t->outside_ns = now;
	t->dirty |= app_look(a);
}

static bool is_due(const struct tui *t, const struct app *a)
{
	int64_t between = a->settings.motion == MOTION_OFF ? STILL_NS :
							     FRAME_NS;

	if (t->dirty || t->drawn)
		return t->dirty;
	return t->virtual_clock || now_ns() - t->painted_ns >= between;
}

static void show(struct tui *t, struct app *a)
{
	if (app_ended(a) || !is_due(t, a))
		return;
	app_draw(a, &t->grid);
	paint(t, a);
	t->dirty = false;
	t->drawn = true;
}

/* To a test: all you sent is done. */
static void tell(struct tui *t, const struct app *a)
{
	struct pollfd room = { .fd = t->test_fd, .events = POLLOUT };
	uint64_t bytes = term_bytes_read(t->term);
	char mark[64];
	int len;

	if (t->test_fd < 0 || app_ended(a) || t->dirty || !app_settled(a) ||
	    term_wait_ms(t->term) >= 0 || t->early_count || input_waits(t))
		return;
	if (bytes == t->told_bytes && a->rows == t->told_rows &&
	    a->cols == t->told_cols)
		return;
	len = snprintf(mark, sizeof(mark), "\033]7777;%llu %d %d\a",
		       (unsigned long long)bytes, a->rows, a->cols);
	if (poll(&room, 1, 0) != 1 || write(t->test_fd, mark, (size_t)len) < 0)
		return;		/* it is full: once more, next turn */
	t->told_bytes = bytes;
	t->told_rows = a->rows;
	t->told_cols = a->cols;
}

static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* How long nothing needs us, in milliseconds; -1: until something comes. */
static int idle_ms(const struct tui *t, const struct app *a)
{
	int key = term_wait_ms(t->term), frame = -1;
	int64_t left = t->framed_ns + FRAME_NS - now_ns();
	int look = app_looks(a) ? (int)(OUTSIDE_NS / MS) : -1;

	if (t->dirty || t->early_count)
		return 0;
	if (is_moving(a))
		frame = t->virtual_clock || t->spent || left <= 0 ? 0 :
			(int)((left + MS - 1) / MS);
	return sooner(sooner(key, frame), look);
}

static void rest(const struct tui *t, const struct app *a)
{
	struct pollfd p[2] = {
		{ .fd = term_fd(t->term), .events = POLLIN },
		{ .fd = wake[0], .events = POLLIN },
	};

	if (!t->ending && !app_ended(a))
		poll(p, 2, idle_ms(t, a));
}

int tui_run(struct tui *t, struct app *a)
{
	t->framed_ns = now_ns();
	t->painted_ns = 0;
	t->dirty = true;
	t->told_rows = -1;
	while (!app_ended(a) && !t->ending) {
		t->turn_ns = now_ns();
		take_signals(t, a);
		if (!t->ending)
			take_inputs(t, a);
		if (t->ending)
			break;
		if (t->dirty) {	/* a key before the time it takes to run */
			show(t, a);
			tell(t, a);
		}
		pass_time(t, a);
		look_outside(t, a);
		show(t, a);
		tell(t, a);
		rest(t, a);
	}
	return t->ending ? 128 + t->ending : 0;
}
