/* term.c - the real terminal; alone knows curses */
#include "lab/tui/term.h"

#include <assert.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Two of its names are ours. */
#define key_name curses_key_name
#define term curses_term
#include <curses.h>
#include <term.h>
#undef key_name
#undef term

#include "lab/tui/decode.h"
#include "lab/tui/supervisor.h"
#include "sim/core/mem.h"

enum { PROBE_MS = 2000, PAIRS = 64 };

/* Four glyphs nobody sees, and the question where the cursor is now. */
static const char probe[] =
	"\033[H\033[8m●─█✓\033[0m\033[6n\033[H\033[K";
enum { PROBE_CELLS = 4 };

static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";
static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

struct term {
	SCREEN *screen;
	int rows, cols;
	struct termios before, ours;
	struct decode decode;
	uint64_t bytes_read;
	bool gone;
	int64_t asked_ms;	/* when the probe was sent */
	struct text says;

	struct grid shown, next;
	struct term_look look;
	bool whole;		/* paint every cell */
	bool mouse_caught, has_mouse, has_paste;
	bool utf8;		/* the locale's characters */
	bool plain_glyphs;	/* this terminal has no others */
	int colors;		/* it has; 0 also when the person wants none */
	int pair_count;
	int pair_color[PAIRS];	/* by pair, from 1 */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- is there one? -------------------------------------------------------------- */

static const char *name_of_terminal(void)
{
	const char *name = getenv("TERM");

	return name ? name : "";
}

/* 1: its description says it can place the cursor; 0: cannot; -1: unknown. */
static int places_cursor(const char *name)
{
	int found, answer;
	char *cup;

	if (setupterm(name, STDOUT_FILENO, &found) != OK)
		return -1;
	cup = tigetstr("cup");
	answer = cup && cup != (char *)-1 && *cup;
	del_curterm(cur_term);
	return answer;
}

bool term_usable(struct err *why)
{
	const char *name = name_of_terminal();

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(why, "the screen needs a terminal for input and "
			       "output; without one, --plain works");
	if (!*name || strcmp(name, "dumb") == 0 || places_cursor(name) == 0)
		return err_set(why, "this terminal (TERM=%s) cannot place its "
			       "cursor; --plain works there", name);
	return true;
}

/* --- taking it ---------------------------------------------------------------------- */

static const char *const stand_ins[] = { "xterm-256color", "xterm", "ansi" };

/* Looked up before newterm is called, which leaves memory behind when it does
 * not know the name. */
static const char *known_name(struct term *t)
{
	const char *name = name_of_terminal();

	if (places_cursor(name) > 0)
		return name;
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(*stand_ins); i++) {
		if (places_cursor(stand_ins[i]) <= 0)
			continue;
		text_addf(&t->says, "This machine has no description of the "
			  "terminal %s; it is taken for %s. ", name,
			  stand_ins[i]);
		return stand_ins[i];
	}
	return NULL;
}

static bool begin(struct term *t, struct err *err)
{
	const char *name = known_name(t);

	t->screen = name ? newterm(name, stdout, stdin) : NULL;
	return t->screen || err_set(err, "no description of any terminal is "
				    "installed (Debian: ncurses-base); --plain "
				    "works without");
}

/*
 * Ctrl-C comes as a key.  Ctrl-Z stays a signal, and Ctrl-\ too: it is the way
 * out when the program hangs.
 */
static void set_modes(struct term *t)
{
	cbreak();
	noecho();
	nonl();
	tcgetattr(STDIN_FILENO, &t->ours);
	t->ours.c_lflag &= ~(tcflag_t)IEXTEN;	/* Ctrl-V and Ctrl-O are keys */
	t->ours.c_cc[VINTR] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &t->ours);
	def_prog_mode();
}

static bool has(const char *capability)
{
	const char *s = tigetstr(capability);

	return s && s != (char *)-1 && *s;
}

static const struct {
	const char *capability;
	uint32_t key;
} described[] = {
	{ "kcuu1", K_UP }, { "kcud1", K_DOWN }, { "kcub1", K_LEFT },
	{ "kcuf1", K_RIGHT }, { "khome", K_HOME }, { "kend", K_END },
	{ "kpp", K_PGUP }, { "knp", K_PGDN }, { "kich1", K_INSERT },
	{ "kdch1", K_DELETE }, { "kcbt", K_BACKTAB }, { "kf1", K_F1 },
	{ "kf2", K_F2 }, { "kf3", K_F3 }, { "kf4", K_F4 }, { "kf5", K_F5 },
	{ "kf6", K_F6 }, { "kf7", K_F7 }, { "kf8", K_F8 }, { "kf9", K_F9 },
	{ "kf10", K_F10 }, { "kf11", K_F11 }, { "kf12", K_F12 },
};

static void read_keys(struct term *t)
{
	const char *delay = getenv("ESCDELAY");
	int ms = delay ? atoi(delay) : 0;

	decode_init(&t->decode);
	if (ms > 0 && ms <= 5000)
		t->decode.esc_ms = ms;
	if (t->before.c_cc[VERASE] != _POSIX_VDISABLE)
		t->decode.erase = t->before.c_cc[VERASE];
	for (size_t i = 0; i < sizeof(described) / sizeof(*described); i++)
		if (has(described[i].capability))
			decode_key(&t->decode, tigetstr(described[i].capability),
				   described[i].key);
}

/* Fonts of consoles and old terminals lack most of what we draw. */
static bool draws_unicode(const char *name)
{
	static const char *const without[] = { "linux", "vt", "ansi", "cons" };

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (strncmp(name, without[i], strlen(without[i])) == 0 &&
		    strncmp(name, "vte", 3) != 0)
			return false;
	return true;
}

static void look_around(struct term *t)
{
	const char *no_color = getenv("NO_COLOR");

	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->plain_glyphs = !t->utf8 || !draws_unicode(name_of_terminal());
	t->colors = no_color && *no_color ? 0 : tigetnum("colors");
	t->has_mouse = has("kmous");
	t->has_paste = has("BE") || t->has_mouse;
	read_keys(t);
}

/* A terminal that draws our glyphs wide would tear every frame apart.  The
 * answer is awaited while the work goes on. */
static void ask_widths(struct term *t)
{
	if (t->plain_glyphs)
		return;
	term_write(t, probe, sizeof(probe) - 1);
	t->decode.asked = true;
	t->asked_ms = now_ms();
}

static void hear_widths(struct term *t)
{
	if (t->decode.asked && now_ms() - t->asked_ms > PROBE_MS)
		t->decode.asked = false;	/* it does not answer */
	if (!t->decode.answer_col)
		return;
	if (t->decode.answer_col != PROBE_CELLS + 1) {
		t->plain_glyphs = true;
		t->whole = true;
		text_add(&t->says, "This terminal draws some signs two cells "
			 "wide, so ASCII stands for them. ");
	}
	t->decode.answer_col = 0;
}

static void switch_inputs(struct term *t, bool on)
{
	if (t->has_paste)
		term_write(t, on ? paste_on : paste_off, sizeof(paste_on) - 1);
	if (t->has_mouse && (t->mouse_caught || !on))
		term_write(t, on ? mouse_on : mouse_off, sizeof(mouse_on) - 1);
}

struct term *term_open(struct err *err)
{
	struct term *t = mem_zeroed(1, sizeof(*t));

	/* Not LC_ALL: numbers are written with a point everywhere. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
	unsetenv("COLUMNS");	/* they would hold against a new size */
	unsetenv("LINES");
	tcgetattr(STDIN_FILENO, &t->before);
	if (!begin(t, err)) {
		text_free(&t->says);
		free(t);
		return NULL;
	}
	set_modes(t);
	typeahead(-1);		/* what we began to write we write */
	look_around(t);
	if (t->colors >= 8) {
		start_color();
		use_default_colors();
	}
	leaveok(stdscr, TRUE);
	curs_set(0);
	t->rows = LINES;
	t->cols = COLS;
	t->whole = true;
	wrefresh(stdscr);
	switch_inputs(t, true);
	ask_widths(t);
	return t;
}

/* --- giving it back ------------------------------------------------------------------- */

bool term_is_held(const struct term *t)
{
	struct termios now;

	return tcgetattr(STDIN_FILENO, &now) == 0 &&
	       now.c_lflag == t->ours.c_lflag &&
	       now.c_iflag == t->ours.c_iflag &&
	       memcmp(now.c_cc, t->ours.c_cc, sizeof(now.c_cc)) == 0;
}

/*
 * Whose is it?  When our parent was killed, the shell may have taken the
 * terminal and set it to its liking before we get to run.  Then its modes are
 * not ours to set.
 */
static bool is_ours(const struct term *t)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp() || term_is_held(t);
}

void term_close(struct term *t)
{
	if (!t)
		return;
	signal(SIGTTOU, SIG_IGN);	/* may be done in the background */
	if (is_ours(t)) {
		term_leave(t);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->before);
	} else {
		term_write(t, terminal_reset, strlen(terminal_reset));
	}
	signal(SIGTTOU, SIG_DFL);
	delscreen(t->screen);
	decode_release(&t->decode);
	grid_release(&t->shown);
	grid_release(&t->next);
	text_free(&t->says);
	free(t);
}

/* The cursor is hidden again with the next picture, not before: terminals may
 * keep its looks together with the screen they leave. */
void term_leave(struct term *t)
{
	switch_inputs(t, false);
	curs_set(1);
	endwin();
	if (!has("rmcup"))	/* one screen only: go on below the picture */
		term_write(t, "\r\n", 2);
}

void term_return(struct term *t)
{
	reset_prog_mode();
	switch_inputs(t, true);
	term_redraw(t);
}

/* --- its size ----------------------------------------------------------------------------- */

void term_size(const struct term *t, int *rows, int *cols)
{
	*rows = t->rows;
	*cols = t->cols;
}

bool term_measure(struct term *t)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || !w.ws_row || !w.ws_col)
		return false;
	if (w.ws_row == t->rows && w.ws_col == t->cols)
		return false;
	t->rows = w.ws_row > GRID_ROWS_MAX ? GRID_ROWS_MAX : w.ws_row;
	t->cols = w.ws_col > GRID_COLS_MAX ? GRID_COLS_MAX : w.ws_col;
	resizeterm(t->rows, t->cols);
	term_redraw(t);
	return true;
}

/* --- what it shows -------------------------------------------------------------------------- */

static enum theme theme_of(const struct term *t)
{
	return t->colors < 8 ? THEME_MONO : t->look.theme;
}

static bool wants_ascii(const struct term *t)
{
	return !t->utf8 || t->look.glyphs == GLYPHS_ASCII ||
	       (t->look.glyphs == GLYPHS_AUTO && t->plain_glyphs);
}

/* Pairs are made when a colour is first used: those of a theme are few. */
static int pair_of(struct term *t, int color)
{
	int pair = 1;

	if (color < 0)
		return 0;
	while (pair <= t->pair_count && t->pair_color[pair] != color)
		pair++;
	if (pair <= t->pair_count)
		return pair;
	if (pair >= PAIRS || pair >= COLOR_PAIRS ||
	    init_pair((short)pair, (short)color, -1) == ERR)
		return 0;
	t->pair_color[pair] = color;
	t->pair_count = pair;
	return pair;
}

static attr_t attributes(struct style s, uint8_t cell_flags)
{
	attr_t a = 0;

	if (s.flags & STYLE_BOLD || cell_flags & CELL_BOLD)
		a |= A_BOLD;
	if (s.flags & STYLE_UNDERLINE)
		a |= A_UNDERLINE;
	if (s.flags & STYLE_ITALIC)
		a |= A_ITALIC;
	if (s.flags & STYLE_DIM)
		a |= A_DIM;
	/* A reversed status stays visible in a reversed row. */
	if (!(s.flags & STYLE_REVERSE) != !(cell_flags & CELL_SELECTED))
		a |= A_REVERSE;
	return a;
}

static void put_cell(struct term *t, int row, int col)
{
	const struct cell *c = grid_at(&t->next, row, col);
	enum role role = c->flags & CELL_SELECTED ? role_selected(c->role) :
						    c->role;
	struct style s = theme_style(theme_of(t), role);
	int color = t->colors >= 256 ? s.color :
		    t->colors >= 8 ? s.color8 : -1;
	wchar_t wide[CCHARW_MAX + 1] = L"?";
	cchar_t cell;
	size_t n = mbstowcs(wide, c->text, CCHARW_MAX);

	if (n == (size_t)-1 || n == 0) {
		wide[0] = L'?';
		n = 1;
	}
	wide[n] = L'\0';
	if (setcchar(&cell, wide, attributes(s, c->flags),
		     (short)pair_of(t, color), NULL) == OK)
		mvwadd_wch(stdscr, row, col, &cell);
}

static bool same(const struct cell *a, const struct cell *b)
{
	return a->width == b->width && a->role == b->role &&
	       a->flags == b->flags && strcmp(a->text, b->text) == 0;
}

/* A right half is painted with its left one. */
static void put_changes(struct term *t)
{
	for (int row = 0; row < t->next.rows; row++) {
		int painted = -1;

		for (int col = 0; col < t->next.cols; col++) {
			const struct cell *c = grid_at(&t->next, row, col);
			int at = c->width || !col ? col : col - 1;

			if (at == painted || (!t->whole &&
			    same(c, grid_at(&t->shown, row, col))))
				continue;
			put_cell(t, row, at);
			painted = at;
		}
	}
}

/* Shown or hidden only once the right screen is there: see term_leave. */
static void finish(struct term *t)
{
	const struct grid *g = &t->next;
	bool seen = g->cursor_row >= 0;

	leaveok(stdscr, !seen);
	if (seen)
		wmove(stdscr, g->cursor_row, g->cursor_col);
	wrefresh(stdscr);
	if (t->whole || seen != (t->shown.cursor_row >= 0))
		curs_set(seen);
}

static void take_picture(struct term *t, const struct grid *g)
{
	grid_reset(&t->next, g->rows, g->cols);
	memcpy(t->next.cells, g->cells, sizeof(*g->cells) * (size_t)g->rows *
					(size_t)g->cols);
	t->next.cursor_row = g->cursor_row;
	t->next.cursor_col = g->cursor_col;
	if (theme_of(t) == THEME_MONO)
		grid_mono(&t->next);
	if (wants_ascii(t))
		grid_ascii(&t->next);
}

static void take_look(struct term *t, const struct term_look *look)
{
	if (look->mouse != t->mouse_caught) {
		t->mouse_caught = look->mouse;
		if (t->has_mouse)
			term_write(t, look->mouse ? mouse_on : mouse_off,
				   sizeof(mouse_on) - 1);
	}
	t->whole |= look->theme != t->look.theme;
	t->look = *look;
}

void term_paint(struct term *t, const struct grid *g,
		const struct term_look *look)
{
	struct grid was;

	take_look(t, look);
	if (g->rows != t->rows || g->cols != t->cols)
		return;		/* of a size that is no more */
	take_picture(t, g);
	t->whole |= t->shown.rows != g->rows || t->shown.cols != g->cols;
	if (!t->whole && grid_same(&t->next, &t->shown))
		return;
	if (t->whole)
		werase(stdscr);
	put_changes(t);
	finish(t);
	was = t->shown;
	t->shown = t->next;
	t->next = was;
	t->whole = false;
}

void term_redraw(struct term *t)
{
	clearok(curscr, TRUE);
	t->whole = true;
}

void term_write(struct term *t, const char *bytes, size_t len)
{
	(void)t;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

bool term_says(struct term *t, struct text *out)
{
	if (!t->says.len)
		return false;
	text_bytes(out, t->says.at, t->says.len - 1);
	text_clear(&t->says);
	return true;
}

/* --- what comes in --------------------------------------------------------------------------- */

int term_fd(const struct term *t)
{
	(void)t;
	return STDIN_FILENO;
}

uint64_t term_bytes_read(const struct term *t)
{
	return t->bytes_read;
}

int term_wait_ms(const struct term *t)
{
	return decode_wait_ms(&t->decode, now_ms());
}

/* All there is: a key that lies ready in part must not look cut off. */
static void fill(struct term *t)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char bytes[4096];

	while (!t->gone && poll(&p, 1, 0) > 0) {
		ssize_t n = p.revents & POLLIN ?
			    read(STDIN_FILENO, bytes, sizeof(bytes)) : 0;

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return;
		t->gone = n <= 0;
		if (n <= 0)
			return;
		t->bytes_read += (uint64_t)n;
		decode_feed(&t->decode, bytes, (size_t)n, now_ms());
	}
}

enum term_got term_read(struct term *t, struct input *in)
{
	bool got;

	fill(t);
	if (t->gone)
		return TERM_GONE;
	got = decode_next(&t->decode, in, now_ms());
	hear_widths(t);
	return got ? TERM_INPUT : TERM_NOTHING;
}
