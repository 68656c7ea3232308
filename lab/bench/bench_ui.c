/* bench_ui.c - from a key to the screen, while a world runs as fast as it can
 *
 * The program itself, started as a person starts it, on a pseudo terminal of
 * 120 by 40, with the real course and a record with some work in it, in a home
 * that is thrown away.  Its marks (tui.h, MILLRACE_TEST_FD) say when what was
 * sent is painted.  Times are of the wall clock and count from the fork, so
 * that the loader, the course and the record are in them.
 *
 *	first paint	home, until all of it is there
 *	keys		the workbench over local-kafka at speed max, where an
 *			exercise would use up its hours within seconds; Tab
 *			goes from pane to pane
 *	paused		bytes, and how often the two processes woke up
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/core/text.h"

#define ROWS		40
#define COLS		120
#define EXERCISE	"bigdata.first-log"
#define KEYS_MAX	400
#define STARTS_MAX	9
#define PAINT_MS_MAX	60.0
#define KEY_MS_MAX	16.0
#define PATIENCE_MS	20000.0
#define GAP_MS		4.0	/* without a byte: the next one is a new frame */

/* --- the program ------------------------------------------------------------------- */

static void __attribute__((noreturn))
become(const char *const *argv)
{
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("MILLRACE_TEST_FD", "1", 1);
	unsetenv("MILLRACE_TEST_CLOCK");
	unsetenv("MILLRACE_CONFIG");
	unsetenv("NO_COLOR");
	unsetenv("ACCESSIBLE");
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static void __attribute__((noreturn))
become_in(const char *slave, const char *const *argv)
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
	become(argv);
}

/* `words` end with NULL. */
static void arguments(const struct bench_options *o, const char *const *words,
		      const char *argv[10])
{
	int n = 0;

	argv[n++] = o->program;
	while (*words)
		argv[n++] = *words++;
	if (o->content) {
		argv[n++] = "--content";
		argv[n++] = o->content;
	}
	argv[n] = NULL;
}

/* So that home is home and no welcome: a line typed into an exercise. */
static bool work_a_little(const struct bench_options *o)
{
	static const char *const words[] = { "start", EXERCISE, "--plain",
					     NULL };
	static const char line[] = "run 10s\n";
	const char *argv[10];
	int in[2], status, nothing;
	pid_t pid;

	arguments(o, words, argv);
	fflush(NULL);
	if (pipe(in))
		return false;
	pid = fork();
	if (pid == 0) {
		nothing = open("/dev/null", O_WRONLY);
		dup2(in[0], 0);
		dup2(nothing, 1);
		dup2(nothing, 2);
		close(in[1]);
		become(argv);
	}
	close(in[0]);
	status = write(in[1], line, sizeof(line) - 1) < 0;
	close(in[1]);
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* --- our side -------------------------------------------------------------------------- */

struct pseudo {
	int master;
	pid_t pid;
	bool gone;		/* the other side is closed */
	uint64_t sent, done;	/* bytes; done: as the last mark says */
	uint64_t marks;		/* how many of them came */
	uint64_t drawn;		/* bytes without marks */
	uint64_t frames;	/* as gaps between bytes tell them apart */
	double last_ms;		/* when a byte was read last */
	struct text tail;	/* of what was read, from its last ESC on */
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool begin(struct pseudo *p, const struct bench_options *o,
		  const char *const *words)
{
	const char *argv[10];

	*p = (struct pseudo){ .master = posix_openpt(O_RDWR | O_NOCTTY) };
	if (p->master < 0 || grantpt(p->master) || unlockpt(p->master))
		return false;
	arguments(o, words, argv);
	fflush(NULL);
	p->pid = fork();
	if (p->pid == 0)
		become_in(ptsname(p->master), argv);
	fcntl(p->master, F_SETFD, FD_CLOEXEC);
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
	p->frames += now_ms() - p->last_ms > GAP_MS;
	p->last_ms = now_ms();
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

static bool send(struct pseudo *p, const char *keys)
{
	size_t len = strlen(keys);

	if (write(p->master, keys, len) != (ssize_t)len)
		return false;
	p->sent += len;
	return settle(p);
}

static bool press(struct pseudo *p, const char *key, double *ms)
{
	double began = now_ms();

	if (!send(p, key))
		return false;
	*ms = now_ms() - began;
	return true;
}

static void finish(struct pseudo *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGTERM);
		drain(p, PATIENCE_MS);
		waitpid(p->pid, NULL, 0);
	}
	if (p->master >= 0)
		close(p->master);
	text_free(&p->tail);
}

/* --- how often it wakes: Linux tells ------------------------------------------------------ */

static long number_in(const char *path, const char *name)
{
	char line[256];
	long value = -1;
	FILE *f = fopen(path, "r");

	while (f && value < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			value = atol(line + strlen(name));
	if (f)
		fclose(f);
	return value;
}

static long wakes_of(long pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	return number_in(path, "voluntary_ctxt_switches:");
}

/* Of the program and its child; -1: this system does not tell. */
static long wakes(const struct pseudo *p)
{
	char path[64];
	long child, own = wakes_of(p->pid), its;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
		 (long)p->pid, (long)p->pid);
	child = number_in(path, "");
	its = child > 0 ? wakes_of(child) : -1;
	return own < 0 || its < 0 ? -1 : own + its;
}

/* --- the figures --------------------------------------------------------------------------- */

struct figures {
	double byte_ms[STARTS_MAX], paint_ms[STARTS_MAX], key_ms[KEYS_MAX];
	size_t starts, keys;
	double frames_per_s, bytes_per_frame;
	uint64_t paused_bytes;
	long paused_wakes;	/* -1: unknown */
};

static bool measure_start(struct pseudo *p, const struct bench_options *o,
			  struct figures *f)
{
	static const char *const home[] = { NULL };
	double began = now_ms();

	if (!begin(p, o, home))
		return false;
	while (!pump(p, 100))
		if (p->gone || now_ms() - began > PATIENCE_MS)
			return false;
	f->byte_ms[f->starts] = now_ms() - began;
	while (!p->marks)
		if (!pump(p, 100) &&
		    (p->gone || now_ms() - began > PATIENCE_MS))
			return false;
	f->paint_ms[f->starts++] = now_ms() - began;
	return true;
}

/* To the workbench, and its world let run. */
static bool open_world(struct pseudo *p, const struct bench_options *o)
{
	static const char *const words[] = { "start", "--world", "local-kafka",
					     NULL };
	double until = now_ms() + PATIENCE_MS;

	if (!begin(p, o, words))
		return false;
	while (!p->marks && !p->gone && now_ms() < until)
		pump(p, 100);
	/* Esc alone takes as long as a terminal may take to send a key. */
	return p->marks && send(p, "speed max\r") && send(p, "\033") &&
	       send(p, " ");
}

static bool measure_keys(struct pseudo *p, size_t keys, struct figures *f)
{
	double ms;

	while (f->keys < keys) {
		drain(p, (double)(f->keys * 7 % 31));	/* any phase */
		if (!press(p, "\t", &ms))
			return false;
		f->key_ms[f->keys++] = ms;
	}
	return true;
}

static bool measure_bytes(struct pseudo *p, double ms, struct figures *f)
{
	uint64_t frames = p->frames, bytes = p->drawn;
	double began = now_ms();
	long woke;

	drain(p, ms);
	ms = now_ms() - began;
	frames = p->frames - frames;
	f->frames_per_s = (double)frames * 1000 / ms;
	f->bytes_per_frame = frames ? (double)(p->drawn - bytes) /
				      (double)frames : 0;
	if (!send(p, " "))
		return false;
	drain(p, 200);		/* what was under way */
	bytes = p->drawn;
	woke = wakes(p);
	drain(p, 1000);
	f->paused_bytes = p->drawn - bytes;
	f->paused_wakes = woke < 0 ? -1 : wakes(p) - woke;
	return true;
}

static bool measure_work(const struct bench_options *o, struct figures *f)
{
	struct pseudo p;
	bool good = open_world(&p, o) &&
		    measure_keys(&p, o->quick ? 40 : KEYS_MAX, f) &&
		    measure_bytes(&p, o->quick ? 500 : 3000, f);

	finish(&p);
	return good;
}

static bool measure(const struct bench_options *o, struct figures *f)
{
	size_t starts = o->quick ? 1 : STARTS_MAX;
	struct pseudo p;
	bool good = work_a_little(o);

	while (good && f->starts < starts) {
		good = measure_start(&p, o, f);
		finish(&p);
	}
	return good && measure_work(o, f);
}

/* In a home that is made for it and removed again. */
static bool measure_at_home(const struct bench_options *o, struct figures *f)
{
	char home[] = "/tmp/millrace-bench-XXXXXX", command[64];
	const char *was = getenv("MILLRACE_HOME");
	char *kept = was ? strdup(was) : NULL;
	bool good;

	if (!mkdtemp(home)) {
		free(kept);
		return false;
	}
	setenv("MILLRACE_HOME", home, 1);
	good = measure(o, f);
	if (kept)
		setenv("MILLRACE_HOME", kept, 1);
	else
		unsetenv("MILLRACE_HOME");
	free(kept);
	snprintf(command, sizeof(command), "rm -rf %s", home);
	return system(command) == 0 && good;
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
		"\"frames_per_s\":%.1f,\"bytes_per_frame\":%.0f,"
		"\"paused_bytes\":%llu,\"paused_wakes\":%ld,"
		"\"ok\":%s}\n" :
		"first byte %.1f ms, first paint %.1f ms (target %.0f)\n"
		"%zu keys: p50 %.2f, p95 %.2f, max %.2f ms (target %.0f for "
		"p95), while a world runs as fast as it can\n"
		"%.1f frames a second of %.0f bytes; %llu bytes (target 0) "
		"and %ld wakes in a second paused  %s\n",
		byte, paint, PAINT_MS_MAX, f->keys, p50, p95, max, KEY_MS_MAX,
		f->frames_per_s, f->bytes_per_frame,
		(unsigned long long)f->paused_bytes, f->paused_wakes,
		o->json ? (good ? "true" : "false") : good ? "ok" : "MISSED");
	return good;
}

int bench_ui(const struct bench_options *o)
{
	static struct figures f;

	if (!o->program) {
		fprintf(o->out, "it is not known how the program is called\n");
		return 3;
	}
	f = (struct figures){0};
	if (!measure_at_home(o, &f)) {
		fprintf(o->out, o->json ? "{\"schema_version\":1,\"bench\":"
			"\"ui\",\"ok\":false}\n" : "no pseudo terminal here, "
			"or nothing was painted on it\n");
		return 3;
	}
	return print(o, &f) ? 0 : 1;
}
