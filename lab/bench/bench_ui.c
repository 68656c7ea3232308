/* bench_ui.c - from a key to the screen, while a world runs as fast as it can
 *
 * The terminal side whole (supervisor, loop, curses) on a pseudo terminal of
 * 120 by 40, with one view: it runs a world in every slice of time it is given
 * and shows three columns of numbers that change.  Times are of the wall clock,
 * as a person has it; the program's marks (tui.h, MILLRACE_TEST_FD) say when a
 * key was painted.  First byte and first paint count from the fork, so without
 * what the loader and the course take.
 *
 * Targets: first paint 60 ms, 95 of 100 keys within 16 ms, no byte when paused.
 */
#include "lab/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/tui/app.h"
#include "lab/tui/supervisor.h"
#include "lab/tui/tui.h"

#define ROWS		40
#define COLS		120
#define KEYS_MAX	400
#define STARTS_MAX	9
#define PAINT_MS_MAX	60.0
#define KEY_MS_MAX	16.0
#define PATIENCE_MS	20000.0

/* What the child lets us see; shared memory. */
struct seen {
	uint64_t frames;
	int64_t virtual_ns;
};

/* --- the view -------------------------------------------------------------------- */

struct screen {
	struct view view;
	struct world *world;
	struct seen *seen;
	bool paused;
	int keys;
};

static bool take_input(struct view *v, const struct input *in)
{
	struct screen *s = (struct screen *)v;

	if (in->kind != INPUT_KEY || in->key == 'q')
		return false;
	s->paused ^= in->key == 'p';
	s->keys++;
	return true;
}

static void run(struct view *v, int64_t wall_ns)
{
	struct screen *s = (struct screen *)v;

	(void)wall_ns;
	while (!s->paused && !app_budget_over(v->app))
		world_run_until(s->world, world_now(s->world) + SIM_MS(20));
	s->seen->virtual_ns = world_now(s->world);
}

static bool is_running(const struct view *v)
{
	return !((const struct screen *)v)->paused;
}

static void draw(struct view *v, struct grid *g, struct rect body)
{
	struct screen *s = (struct screen *)v;
	uint64_t n = s->world->state->events;

	s->seen->frames++;
	grid_putf(g, body, 0, 0, ROLE_STRONG, "keys %d", s->keys);
	for (int row = 2; row < body.rows; row++)
		for (int col = 0; col < 3; col++) {
			uint64_t value = n / (uint64_t)(1 + row * (col + 1));

			grid_putf(g, body, row, 40 * col, ROLE_TEXT,
				  "partition-%02d", row);
			grid_putf(g, body, row, 40 * col + 16,
				  value % 7 ? ROLE_TEXT : ROLE_WARN, "%12llu",
				  (unsigned long long)value);
		}
}

static bool act(struct view *v, const struct action *a)
{
	(void)v, (void)a;
	return false;
}

static void leave(struct view *v)
{
	world_free(((struct screen *)v)->world);
	free(v);
}

static const struct view_ops ops = {
	.name = "bench", .input = take_input, .draw = draw, .act = act,
	.frame = run, .moving = is_running, .free = leave,
};

/* --- the child ---------------------------------------------------------------------- */

struct start {
	const struct bench_options *options;
	struct seen *seen;
};

static int show(void *ctx)
{
	const struct start *start = ctx;
	struct screen *s = calloc(1, sizeof(*s));
	struct app_outside outside = {0};
	int rows, cols, status;
	struct err err;
	struct tui *t = tui_open(&err);
	struct app app;

	if (!t || !s)
		_exit(3);
	tui_outside(t, &outside);
	tui_size(t, &rows, &cols);
	app_init(&app, &outside, rows, cols);
	s->view.ops = &ops;
	s->seen = start->seen;
	s->world = start->options->make(start->options->seed);
	app_push(&app, &s->view);
	status = tui_run(t, &app);
	app_release(&app);
	tui_close(t);
	return status;
}

static void __attribute__((noreturn))
become(const char *slave, struct start *start)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLS };
	int fd;

	setsid();
	fd = open(slave, O_RDWR);	/* it becomes our terminal */
#ifdef TIOCSCTTY
	ioctl(fd, TIOCSCTTY, 0);
#endif
	ioctl(fd, TIOCSWINSZ, &size);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("MILLRACE_TEST_FD", "1", 1);
	unsetenv("MILLRACE_TEST_CLOCK");
	unsetenv("NO_COLOR");
	_exit(supervise(show, start));
}

/* --- our side -------------------------------------------------------------------------- */

struct pseudo {
	int master;
	pid_t pid;
	bool gone;		/* the other side is closed */
	uint64_t sent, done;	/* bytes; done: as the last mark says */
	uint64_t marks;		/* how many of them came */
	uint64_t drawn;		/* bytes without marks */
	struct text tail;	/* of what was read, from its last ESC on */
	struct seen *seen;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool begin(struct pseudo *p, const struct bench_options *o)
{
	struct start start = { o, NULL };

	*p = (struct pseudo){ .master = posix_openpt(O_RDWR | O_NOCTTY) };
	if (p->master < 0 || grantpt(p->master) || unlockpt(p->master))
		return false;
	p->seen = mmap(NULL, sizeof(*p->seen), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->seen == MAP_FAILED)
		return false;
	start.seen = p->seen;
	fflush(NULL);
	p->pid = fork();
	if (p->pid == 0)
		become(ptsname(p->master), &start);
	return p->pid > 0;
}

/* Takes the marks out of what was read; the beginning of one waits. */
static void digest(struct pseudo *p)
{
	static const char mark[] = "\033]7777;";
	char *from = p->tail.at, *at, *end;

	while ((at = strstr(from, mark)) && (end = strchr(at, '\a'))) {
		p->done = strtoull(at + sizeof(mark) - 1, NULL, 10);
		p->marks++;
		p->drawn += (uint64_t)(at - from);
		from = end + 1;
	}
	end = strrchr(from, '\033');
	if (!end || strlen(end) > 64)
		end = from + strlen(from);
	p->drawn += (uint64_t)(end - from);
	p->tail.len = strlen(end);
	memmove(p->tail.at, end, p->tail.len + 1);
}

/* Read for so long, or until the first bytes; false: nothing came. */
static bool pump(struct pseudo *p, double ms)
{
	struct pollfd waits = { .fd = p->master, .events = POLLIN };
	char bytes[16384];
	ssize_t n;

	if (poll(&waits, 1, ms > 0 ? (int)ms : 0) <= 0)
		return false;
	n = read(p->master, bytes, sizeof(bytes));
	p->gone = n < 0 && errno != EINTR;
	if (n <= 0)
		return false;
	text_bytes(&p->tail, bytes, (size_t)n);
	digest(p);
	return true;
}

static void drain(struct pseudo *p, double ms)
{
	double until = now_ms() + ms;

	while (!p->gone && now_ms() < until)
		pump(p, until - now_ms());
}

/* Until all that was sent is painted; false: it never was. */
static bool settle(struct pseudo *p)
{
	double until = now_ms() + PATIENCE_MS;

	while (p->done < p->sent && !p->gone && now_ms() < until)
		pump(p, 100);
	return p->done >= p->sent;
}

static bool press(struct pseudo *p, char key, double *ms)
{
	double began = now_ms();

	if (write(p->master, &key, 1) != 1)
		return false;
	p->sent++;
	if (!settle(p))
		return false;
	*ms = now_ms() - began;
	return true;
}

static void finish(struct pseudo *p)
{
	double ms;

	if (p->pid > 0) {
		if (!press(p, 'q', &ms))
			kill(p->pid, SIGTERM);
		close(p->master);
		waitpid(p->pid, NULL, 0);
	}
	if (p->seen && p->seen != MAP_FAILED)
		munmap(p->seen, sizeof(*p->seen));
	text_free(&p->tail);
}

/* --- the figures --------------------------------------------------------------------------- */

struct figures {
	double byte_ms[STARTS_MAX], paint_ms[STARTS_MAX], key_ms[KEYS_MAX];
	size_t starts, keys;
	double frames_per_s, bytes_per_frame, times_real;
	uint64_t paused_bytes;
};

static bool measure_start(struct pseudo *p, const struct bench_options *o,
			  struct figures *f)
{
	double began = now_ms();

	if (!begin(p, o))
		return false;
	while (!pump(p, 100))
		if (now_ms() - began > PATIENCE_MS)
			return false;
	f->byte_ms[f->starts] = now_ms() - began;
	while (!p->marks)
		if (!pump(p, 100) && now_ms() - began > PATIENCE_MS)
			return false;
	f->paint_ms[f->starts++] = now_ms() - began;
	return true;
}

static bool measure_keys(struct pseudo *p, size_t keys, struct figures *f)
{
	double ms;

	while (f->keys < keys) {
		drain(p, (double)(f->keys * 7 % 31));	/* any phase */
		if (!press(p, 'x', &ms))
			return false;
		f->key_ms[f->keys++] = ms;
	}
	return true;
}

static bool measure_bytes(struct pseudo *p, double ms, struct figures *f)
{
	double pause_ms, began = now_ms();
	int64_t virtual_ns = p->seen->virtual_ns;
	uint64_t frames = p->seen->frames, bytes = p->drawn;

	drain(p, ms);
	ms = now_ms() - began;
	frames = p->seen->frames - frames;
	f->frames_per_s = (double)frames * 1000 / ms;
	f->bytes_per_frame = frames ? (double)(p->drawn - bytes) /
				      (double)frames : 0;
	f->times_real = (double)(p->seen->virtual_ns - virtual_ns) / 1e6 / ms;
	if (!press(p, 'p', &pause_ms))
		return false;
	drain(p, 50);		/* what was under way */
	bytes = p->drawn;
	drain(p, 1000);
	f->paused_bytes = p->drawn - bytes;
	return true;
}

static bool measure(const struct bench_options *o, struct figures *f)
{
	size_t starts = o->quick ? 1 : STARTS_MAX;
	struct pseudo p;
	bool good = true;

	while (good && f->starts < starts) {
		good = measure_start(&p, o, f);
		if (good && f->starts == starts)
			good = measure_keys(&p, o->quick ? 40 : KEYS_MAX, f) &&
			       measure_bytes(&p, o->quick ? 500 : 3000, f);
		finish(&p);
	}
	return good;
}

static bool print(const struct bench_options *o, struct figures *f)
{
	double byte = bench_quantile(f->byte_ms, f->starts, 0.5);
	double paint = bench_quantile(f->paint_ms, f->starts, 0.5);
	double p50 = bench_quantile(f->key_ms, f->keys, 0.5);
	double p95 = bench_quantile(f->key_ms, f->keys, 0.95);
	double max = bench_quantile(f->key_ms, f->keys, 1);
	bool good = paint <= PAINT_MS_MAX && p95 <= KEY_MS_MAX &&
		    f->paused_bytes == 0;

	fprintf(o->out, o->json ?
		"{\"schema_version\":1,\"bench\":\"ui\",\"first_byte_ms\":%.1f,"
		"\"first_paint_ms\":%.1f,\"target_paint_ms\":%.0f,"
		"\"keys\":%zu,\"key_ms_p50\":%.2f,\"key_ms_p95\":%.2f,"
		"\"key_ms_max\":%.2f,\"target_key_ms\":%.0f,"
		"\"times_real\":%.0f,\"frames_per_s\":%.1f,"
		"\"bytes_per_frame\":%.0f,\"paused_bytes\":%llu,"
		"\"ok\":%s}\n" :
		"first byte %.1f ms, first paint %.1f ms (target %.0f)\n"
		"%zu keys: p50 %.2f, p95 %.2f, max %.2f ms (target %.0f for "
		"p95), while a world runs at %.0f times real time\n"
		"%.1f frames a second of %.0f bytes; %llu bytes in a second "
		"paused (target 0)  %s\n",
		byte, paint, PAINT_MS_MAX, f->keys, p50, p95, max, KEY_MS_MAX,
		f->times_real, f->frames_per_s, f->bytes_per_frame,
		(unsigned long long)f->paused_bytes,
		o->json ? (good ? "true" : "false") : good ? "ok" : "MISSED");
	return good;
}

int bench_ui(const struct bench_options *o)
{
	static struct figures f;

	if (!o->make) {
		fprintf(o->out, "there is no world to run meanwhile\n");
		return 3;
	}
	f = (struct figures){0};
	if (!measure(o, &f)) {
		fprintf(o->out, o->json ? "{\"schema_version\":1,\"bench\":"
			"\"ui\",\"ok\":false}\n" : "no pseudo terminal here, "
			"or nothing was painted on it\n");
		return 3;
	}
	return print(o, &f) ? 0 : 1;
}
