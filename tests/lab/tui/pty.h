/* pty.h - a program in a terminal that a test can look at
 *
 * The program runs on a pseudo terminal; what it writes goes through libvterm,
 * which is the screen a person would see.  No test waits for time: the program
 * says when it has done all it was sent (tui.h, MILLRACE_TEST_FD), and
 * pty_settle waits for that.
 *
 *	pty_start(&p, (const char *[]){ program, "start", NULL }, NULL, 24, 80);
 *	pty_keys(&p, "Down Down Enter");
 *	pty_settle(&p);
 *	assert_true(pty_shows(&p, "Task 1 of 2"));
 *	pty_send(&p, "q");
 *	assert_int_equal(pty_end(&p), 0);
 *	pty_stop(&p);
 *
 * A wait that takes longer than PTY_SECONDS fails the test, with the screen in
 * its message.
 */
#ifndef TESTS_LAB_TUI_PTY_H
#define TESTS_LAB_TUI_PTY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <vterm.h>

#include "lab/tui/key.h"
#include "sim/core/text.h"
#include "tests/test.h"

#ifdef TEST_SANITIZED
enum { PTY_SECONDS = 60 };
#else
enum { PTY_SECONDS = 20 };
#endif

struct pty {
	pid_t pid;		/* of what was started; 0: it ended */
	int status;		/* how it ended, as by a shell */
	int master;		/* -1: closed */
	bool gone;		/* the program's side is closed */
	VTerm *vt;
	VTermScreen *screen;
	int rows, cols;
	bool mute;		/* do not answer what the terminal is asked */
	bool altscreen, cursor;
	int mouse;		/* VTERM_PROP_MOUSE_... */
	unsigned long long sent;	/* bytes to the program */
	unsigned long long done;	/* of these, settled */
	int done_rows, done_cols;	/* the size it painted then */
	struct text raw;	/* all it wrote, marks too */
	size_t fed;		/* of raw, given to vt */
	size_t drawn;		/* bytes without the marks */
};

static inline int64_t pty_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- what is on the screen --------------------------------------------------------- */

static inline VTermScreenCell pty_cell(struct pty *p, int row, int col)
{
	VTermScreenCell c;

	vterm_screen_get_cell(p->screen, (VTermPos){ row, col }, &c);
	return c;
}

/* Rows with their ends cut, as grid_text has them. */
static inline void pty_text(struct pty *p, struct text *out)
{
	for (int row = 0; row < p->rows; row++) {
		size_t end = out->len;

		for (int col = 0; col < p->cols; col++) {
			VTermScreenCell c = pty_cell(p, row, col);
			char bytes[8];

			if (c.chars[0] == (uint32_t)-1)
				continue;	/* right half */
			if (!c.chars[0])
				text_char(out, ' ');
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL &&
					c.chars[i]; i++) {
				key_utf8(c.chars[i], bytes);
				text_add(out, bytes);
			}
			if (c.chars[0] && c.chars[0] != ' ')
				end = out->len;
		}
		out->len = end;
		text_char(out, '\n');
	}
}

static inline bool pty_shows(struct pty *p, const char *words)
{
	struct text t = {0};
	bool found;

	pty_text(p, &t);
	found = strstr(text_cstr(&t), words) != NULL;
	text_free(&t);
	return found;
}

#define pty_fail(p, ...) pty_fail_at(p, __FILE__, __LINE__, __VA_ARGS__)
static inline void pty_fail_at(struct pty *p, const char *file, int line,
			       const char *what, const char *more)
{
	struct text t = {0};

	pty_text(p, &t);
	print_error("%s:%d: %s%s; the screen:\n%s", file, line, what, more,
		    text_cstr(&t));
	text_free(&t);
	fail();
}

#define assert_shows(p, words)						\
	do {								\
		if (!pty_shows(p, words))				\
			pty_fail(p, "not shown: ", words);		\
	} while (0)
#define assert_hides(p, words)						\
	do {								\
		if (pty_shows(p, words))				\
			pty_fail(p, "shown: ", words);			\
	} while (0)

/* --- bytes --------------------------------------------------------------------------- */

static inline void pty_write(struct pty *p, const char *bytes, size_t len)
{
	while (len && p->master >= 0) {
		ssize_t n = write(p->master, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static inline void pty_sendn(struct pty *p, const char *bytes, size_t len)
{
	pty_write(p, bytes, len);
	p->sent += len;
}

static inline void pty_send(struct pty *p, const char *bytes)
{
	pty_sendn(p, bytes, strlen(bytes));
}

/* The line's own keys, which no program reads: ^Z. */
static inline void pty_send_line(struct pty *p, const char *bytes)
{
	pty_write(p, bytes, strlen(bytes));
}

static inline void pty_feed(struct pty *p, const char *bytes, size_t len)
{
	char reply[256];
	size_t n;

	vterm_input_write(p->vt, bytes, len);
	p->drawn += len;
	while ((n = vterm_output_read(p->vt, reply, sizeof(reply))) > 0)
		if (!p->mute)
			pty_sendn(p, reply, n);
}

/* The marks are taken out; what may be the beginning of one waits. */
static inline void pty_digest(struct pty *p)
{
	static const char mark[] = "\033]7777;";
	const size_t mark_len = sizeof(mark) - 1;

	while (p->fed < p->raw.len) {
		const char *s = p->raw.at + p->fed;
		size_t len = p->raw.len - p->fed, n = 0;
		const char *end;

		while (n < len && memcmp(s + n, mark, len - n < mark_len ?
					 len - n : mark_len) != 0)
			n++;
		pty_feed(p, s, n);
		p->fed += n;
		end = n < len ? memchr(s + n, '\a', len - n) : NULL;
		if (!end)
			return;
		if (sscanf(s + n + mark_len, "%llu %d %d", &p->done,
			   &p->done_rows, &p->done_cols) != 3)
			pty_fail(p, "a mark of another form", "");
		p->fed += (size_t)(end + 1 - (s + n));
	}
}

/* Read what comes within so many milliseconds; false: nothing. */
static inline bool pty_pump(struct pty *p, int wait_ms)
{
	struct pollfd poll_for = { .fd = p->master, .events = POLLIN };
	char bytes[8192];
	ssize_t n;

	if (p->gone || poll(&poll_for, 1, wait_ms) <= 0)
		return false;
	n = read(p->master, bytes, sizeof(bytes));
	if (n <= 0) {
		p->gone = n == 0 || errno == EIO;
		return false;
	}
	text_bytes(&p->raw, bytes, (size_t)n);
	pty_digest(p);
	return true;
}

/* --- life ------------------------------------------------------------------------------ */

static inline int pty_on_property(VTermProp property, VTermValue *value,
				  void *ctx)
{
	struct pty *p = ctx;

	if (property == VTERM_PROP_ALTSCREEN)
		p->altscreen = value->boolean;
	if (property == VTERM_PROP_CURSORVISIBLE)
		p->cursor = value->boolean;
	if (property == VTERM_PROP_MOUSE)
		p->mouse = value->number;
	return 1;
}

/* The same for everybody; `more` is put last, so it wins. */
static inline void pty_environment(const char *const *more)
{
	static const char *const kept[] = {
		"PATH", "HOME", "TMPDIR", "MILLRACE", "MILLRACE_CONTENT",
		"UBSAN_OPTIONS", "LSAN_OPTIONS", "B",
	};
	static const char *const plain[] = {
		"TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC",
		"ESCDELAY=60", "MILLRACE_TEST_FD=1",
		"MILLRACE_TEST_CLOCK=virtual", "PS1=ready> ",
		/* A signal is to end it as it would without a sanitizer. */
		"ASAN_OPTIONS=handle_segv=0:handle_abort=0:handle_sigbus=0",
	};
	static char *all[64];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		const char *value = getenv(kept[i]);
		struct text t = {0};

		if (!value)
			continue;
		text_addf(&t, "%s=%s", kept[i], value);
		all[n++] = text_take(&t);
	}
	clearenv();
	for (size_t i = 0; i < n; i++)
		putenv(all[i]);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		putenv((char *)plain[i]);
	for (; more && *more; more++)
		putenv((char *)*more);
}

/* `environment`: "NAME=value"..., NULL; or NULL. */
static inline void pty_start(struct pty *p, const char *const *argv,
			     const char *const *environment, int rows, int cols)
{
	static const VTermScreenCallbacks callbacks = {
		.settermprop = pty_on_property,
	};
	struct winsize w = { .ws_row = (unsigned short)rows,
			     .ws_col = (unsigned short)cols };

	*p = (struct pty){ .rows = rows, .cols = cols, .cursor = true };
	p->vt = vterm_new(rows, cols);
	vterm_set_utf8(p->vt, 1);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_set_callbacks(p->screen, &callbacks, p);
	vterm_screen_reset(p->screen, 1);
	fflush(NULL);
	p->pid = forkpty(&p->master, NULL, NULL, &w);
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		pty_environment(environment);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	fcntl(p->master, F_SETFD, FD_CLOEXEC);
}

/* Close the terminal under it. */
static inline void pty_hang_up(struct pty *p)
{
	close(p->master);
	p->master = -1;
	p->gone = true;
}

/* The status of one that is to end by itself. */
static inline int pty_end(struct pty *p)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;
	int status;

	while (!p->gone && pty_now_ms() < until)
		pty_pump(p, 100);
	while (p->pid && waitpid(p->pid, &status, WNOHANG) == 0) {
		if (pty_now_ms() >= until)
			pty_fail(p, "it does not end", "");
		poll(NULL, 0, 2);
	}
	if (p->pid)
		p->status = WIFEXITED(status) ? WEXITSTATUS(status) :
						128 + WTERMSIG(status);
	p->pid = 0;
	return p->status;
}

static inline void pty_stop(struct pty *p)
{
	if (p->pid) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	if (p->master >= 0)
		close(p->master);
	vterm_free(p->vt);
	text_free(&p->raw);
	*p = (struct pty){ .master = -1 };
}

/* --- waiting ---------------------------------------------------------------------------- */

/* All that was sent is done and painted in the size of now. */
static inline bool pty_is_settled(const struct pty *p)
{
	return p->done_rows == p->rows && p->done_cols == p->cols &&
	       p->done >= p->sent;
}

#define pty_settle(p)	pty_settle_at(p, __FILE__, __LINE__)
static inline void pty_settle_at(struct pty *p, const char *file, int line)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;

	while (!pty_is_settled(p)) {
		if (p->gone)
			pty_fail_at(p, file, line, "it ended", "");
		if (pty_now_ms() >= until)
			pty_fail_at(p, file, line, "it does not settle", "");
		pty_pump(p, 100);
	}
}

/* Until the screen shows these words. */
#define pty_until(p, words)	pty_until_at(p, words, __FILE__, __LINE__)
static inline void pty_until_at(struct pty *p, const char *words,
				const char *file, int line)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;

	while (!pty_shows(p, words)) {
		if (p->gone || pty_now_ms() >= until)
			pty_fail_at(p, file, line, "never shown: ", words);
		pty_pump(p, 100);
	}
}

/* --- acting -------------------------------------------------------------------------------- */

static inline void pty_resize(struct pty *p, int rows, int cols)
{
	struct winsize w = { .ws_row = (unsigned short)rows,
			     .ws_col = (unsigned short)cols };

	p->rows = rows;
	p->cols = cols;
	vterm_set_size(p->vt, rows, cols);
	assert_int_equal(ioctl(p->master, TIOCSWINSZ, &w), 0);
}

/* What xterm sends for a key. */
static inline void pty_key(struct pty *p, uint32_t key)
{
	static const char *const sent[K_NAMED_END - K_NAMED] = {
		[K_UP - K_NAMED] = "\033[A", [K_DOWN - K_NAMED] = "\033[B",
		[K_RIGHT - K_NAMED] = "\033[C", [K_LEFT - K_NAMED] = "\033[D",
		[K_HOME - K_NAMED] = "\033[H", [K_END - K_NAMED] = "\033[F",
		[K_PGUP - K_NAMED] = "\033[5~", [K_PGDN - K_NAMED] = "\033[6~",
		[K_INSERT - K_NAMED] = "\033[2~",
		[K_DELETE - K_NAMED] = "\033[3~",
		[K_BACKTAB - K_NAMED] = "\033[Z", [K_F1 - K_NAMED] = "\033OP",
		[K_F2 - K_NAMED] = "\033OQ", [K_F3 - K_NAMED] = "\033OR",
		[K_F4 - K_NAMED] = "\033OS", [K_F5 - K_NAMED] = "\033[15~",
		[K_F6 - K_NAMED] = "\033[17~", [K_F7 - K_NAMED] = "\033[18~",
		[K_F8 - K_NAMED] = "\033[19~", [K_F9 - K_NAMED] = "\033[20~",
		[K_F10 - K_NAMED] = "\033[21~", [K_F11 - K_NAMED] = "\033[23~",
		[K_F12 - K_NAMED] = "\033[24~",
	};
	char bytes[8];

	if (key & K_ALT)
		pty_send(p, "\033");
	key &= ~(uint32_t)K_ALT;
	if (key > K_NAMED && key < K_NAMED_END) {
		pty_send(p, sent[key - K_NAMED]);
		return;
	}
	pty_sendn(p, bytes, key_utf8(key, bytes));
}

/* "Down F5 Alt-x 'text' Enter", each settled before the next. */
static inline void pty_keys(struct pty *p, const char *script)
{
	while (*(script += strspn(script, " "))) {
		size_t len = strcspn(script, " ");
		const char *end = *script == '\'' ? strchr(script + 1, '\'') :
						    NULL;
		char name[KEY_NAME_MAX] = "";

		if (end) {
			pty_sendn(p, script + 1, (size_t)(end - script - 1));
			script = end + 1;
		} else {
			snprintf(name, sizeof(name), "%.*s", (int)len, script);
			if (key_named(name) == K_NONE)
				pty_fail(p, "no such key: ", name);
			pty_key(p, key_named(name));
			script += len;
		}
		pty_settle(p);
	}
}

/* SGR mouse: row and col from 0; button bits as in decode.c. */
static inline void pty_mouse(struct pty *p, int button, int row, int col,
			     bool up)
{
	char bytes[48];

	snprintf(bytes, sizeof(bytes), "\033[<%d;%d;%d%c", button, col + 1,
		 row + 1, up ? 'm' : 'M');
	pty_send(p, bytes);
}

/* Is the terminal as a shell wants it? */
static inline bool pty_is_restored(struct pty *p)
{
	struct termios modes;

	return !p->altscreen && p->cursor && !p->mouse &&
	       tcgetattr(p->master, &modes) == 0 &&
	       (modes.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) ==
		       (ICANON | ECHO | ISIG | IEXTEN) &&
	       (modes.c_iflag & ICRNL) && modes.c_cc[VINTR] == 3;
}

/* A child of a process, by its number; 0: it has none. */
static inline pid_t pty_child_of(pid_t parent)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent,
		 (int)parent);
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%d", &child) != 1)
			child = 0;
		fclose(f);
	}
	return child;
}

#endif
