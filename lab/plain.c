/* plain.c - an exercise line by line, for a pipe, a screen reader, a dumb terminal
 *
 * The same words as on the screen (play/play.h) and the same record (keep.h).
 * With a terminal the world runs as it would on the screen, frame by frame, so
 * that Ctrl-C can choose; with a pipe it runs until what was typed is done.
 */
#include "lab/plain.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/course/attempt.h"
#include "lab/course/keytext.h"
#include "lab/course/script.h"
#include "lab/course/wrap.h"
#include "lab/drawer.h"
#include "lab/keep.h"
#include "lab/paths.h"
#include "lab/play/play.h"
#include "lab/progress/store.h"
#include "lab/verbs.h"
#include "lua/shell.h"

static void print_to(void *ctx, int stream, const char *bytes, size_t len)
{
	const struct cli *c = ctx;

	fwrite(bytes, 1, len, stream == 1 ? c->out : c->err);
}

/* --- interrupts --------------------------------------------------------------- */

/* Ctrl-C: the handler counts, the loop looks. */
static volatile sig_atomic_t interrupts;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupts++;
}

static bool was_interrupted(void)
{
	if (!interrupts)
		return false;
	interrupts = 0;
	return true;
}

struct plain {
	struct cli *c;
	struct play *p;
	struct text line;	/* input so far */
	struct keep keep;
	int graded;		/* verdicts that are in the record */
	bool tty;
	bool passed;
};

enum { COLUMNS = 78 };
#define FRAME_NS	INT64_C(20000000)

static void prompt(struct plain *p)
{
	struct text t = {0};

	if (p->line.len) {
		text_add(&t, "> ");
	} else {
		simtime_at_text(&t, play_now(p->p));
		text_add(&t, "> ");
	}
	fputs(text_cstr(&t), p->c->out);
	fflush(p->c->out);
	text_free(&t);
}

/* Add one line of input.  False: there is no more. */
static bool read_line(struct plain *p)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int dropped = 0;

	for (;;) {
		interrupts = 0;
		prompt(p);
		errno = 0;
		n = getline(&line, &cap, p->c->in);
		if (n >= 0 || !interrupts)
			break;
		/* Ctrl-C at the prompt drops the line, twice it leaves. */
		clearerr(p->c->in);
		if (++dropped == 2)
			break;
		text_clear(&p->line);
		fputc('\n', p->c->out);
	}
	if (n > 0 && line[n - 1] == '\n')
		n--;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	if (n > 0)
		text_bytes(&p->line, line, (size_t)n);
	free(line);
	return n >= 0;
}

static void debrief(struct plain *p)
{
	const struct exercise *m = play_module(p->p);
	struct text t = {0}, wrapped = {0};
	struct err err;

	if (exercise_text(m, m->debrief, &t, &err)) {
		wrap_prose(&wrapped, text_cstr(&t), COLUMNS);
		fprintf(p->c->out, "\n%s", text_cstr(&wrapped));
	} else {
		fprintf(p->c->err, "%s\n", err.what);
	}
	text_free(&wrapped);
	text_free(&t);
}

/* --- letting time pass --------------------------------------------------------- */

static int64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_frame_over(void *ctx)
{
	return interrupts || wall_ns() >= *(const int64_t *)ctx;
}

static void nap_until(int64_t end)
{
	int64_t left = end - wall_ns();
	struct timespec nap = { 0, left };

	if (left > 0)
		nanosleep(&nap, NULL);	/* Ctrl-C ends it early */
}

static bool goes_on(const struct plain *p)
{
	return !play_wants_input(p->p) &&
	       (play_busy(p->p) || !play_paused(p->p));
}

/* With somebody watching: frame by frame, as a screen would. */
static void watch(struct plain *p)
{
	int64_t last = wall_ns();

	while (goes_on(p)) {
		int64_t now = wall_ns(), end = now + FRAME_NS;

		play_frame(p->p, now - last, is_frame_over, &end);
		last = now;
		fflush(p->c->out);
		if (was_interrupted())
			play_interrupt(p->p);
		else
			nap_until(play_speed(p->p) == PLAY_SPEED_MAX &&
				  !play_in_flight(p->p) ? now : end);
	}
}

static void let_pass(struct plain *p)
{
	if (p->tty) {
		watch(p);
	} else {
		if (!play_paused(p->p) && !play_busy(p->p)) {
			play_pause(p->p);
			fputs("nobody is there to pause it; write: run 30s\n",
			      p->c->err);
		}
		play_finish(p->p, NULL, NULL);
	}
	if (*play_pause_reason(p->p))
		fprintf(p->c->out, "%s\n", play_pause_reason(p->p));
}

/* A tool asks for lines: they are its own, until Ctrl-D or Ctrl-C. */
static void feed(struct plain *p)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while (play_wants_input(p->p)) {
		interrupts = 0;
		n = getline(&line, &cap, p->c->in);
		clearerr(p->c->in);
		if (was_interrupted())
			play_interrupt(p->p);
		else if (n > 0)
			play_input(p->p, line, (size_t)n);
		else
			play_input_end(p->p);
		let_pass(p);
	}
	free(line);
}

static void act(struct plain *p, const char *line)
{
	play_line(p->p, line);
	let_pass(p);
	feed(p);
}

/* --- the conversation ------------------------------------------------------------ */

static void greet(struct plain *p)
{
	fputs("Millrace, plain mode. Type help for words; quit, or "
	      "Ctrl-C twice, leaves.\n",
	      p->c->out);
	act(p, "brief");
	fputc('\n', p->c->out);
	act(p, "task");
}

/* After a `check` that went well. */
static void look_at_verdict(struct plain *p)
{
	const struct verdict *v = play_attempt(p->p)->last;

	if (play_attempt(p->p)->checks > p->graded)
		keep_graded(&p->keep);
	p->graded = play_attempt(p->p)->checks;
	if (!v || p->passed || v->status != VERDICT_PASS)
		return;
	p->passed = true;
	debrief(p);
}

static void take_line(struct plain *p)
{
	size_t task = attempt_task(play_attempt(p->p));

	if (!script_is_blank(text_cstr(&p->line)))
		act(p, text_cstr(&p->line));
	text_clear(&p->line);
	look_at_verdict(p);
	if (attempt_task(play_attempt(p->p)) > task && !p->passed)
		act(p, "task");
}

static void converse(struct plain *p)
{
	greet(p);
	while (!play_has_ended(p->p) && read_line(p)) {
		if (!p->tty && p->line.len)
			fprintf(p->c->out, "%s\n", text_cstr(&p->line));
		if (shell_incomplete(text_cstr(&p->line), p->line.len))
			text_char(&p->line, '\n');
		else
			take_line(p);
	}
	if (play_attempt(p->p)->gave_up) {
		keep_ended(&p->keep, "gave_up");
		debrief(p);
	}
	fputc('\n', p->c->out);
}

/* --- the record ------------------------------------------------------------------ */

static int64_t now_ms(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void complain(void *ctx, const char *why)
{
	const struct plain *p = ctx;

	fprintf(p->c->err, "%s\n", why);
}

/* What the record has to say is said; without one the work goes on. */
static struct store *open_record(struct cli *c, const char *home)
{
	struct store_options o = { .now_ms = now_ms(NULL), .fall_back = true };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (!s)
		fprintf(c->err, "%s\n", err.what);
	for (size_t i = 0; s && store_note(s, i); i++)
		fprintf(c->err, "%s\n", store_note(s, i));
	return s;
}

static bool open_play(struct plain *p, struct play_options *o,
		      const struct keep_options *keep, struct err *err)
{
	struct keep_wish wish = {
		.seed = o->seed, .resume = !cli_has(p->c, "fresh"),
		.purpose = "learn",
	};
	struct text why = {0};
	bool resumed = false;

	keep_init(&p->keep, keep);
	p->p = keep_play(&p->keep, o, &wish, &resumed, &why, err);
	if (why.len)
		fprintf(p->c->err, "%s\n", text_cstr(&why));
	if (resumed)
		fputs("You go on where you left off; `reset yes` starts over.\n",
		      p->c->out);
	text_free(&why);
	return p->p != NULL;
}

static int play(struct plain *p, struct play_options *o,
		const struct keep_options *keep)
{
	struct sigaction act = { .sa_handler = on_interrupt }, before;
	struct err err;

	if (!open_play(p, o, keep, &err))
		return cli_fail_err(p->c, CLI_CONTENT, &err);
	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, &before);
	converse(p);
	sigaction(SIGINT, &before, NULL);
	keep_close(&p->keep);
	text_free(&p->line);
	play_free(p->p);
	return p->passed ? CLI_DONE : CLI_NOT_PASSED;
}

/* --- all of it --------------------------------------------------------------------- */

int plain_run(struct cli *c, const struct exercise *m, uint64_t seed)
{
	struct plain p = { .c = c, .tty = isatty(fileno(c->in)) };
	struct play_options o = {
		.seed = seed, .interactive = p.tty, .columns = COLUMNS,
		.speed = PLAY_SPEED_MAX, .out = print_to, .ctx = c,
	};
	struct keep_options keep = {
		.module = m, .now_ms = now_ms, .complain = complain, .ctx = &p,
	};
	struct text home = {0}, folder = {0};
	struct drawer *d = NULL;
	struct files face;
	struct err err;
	int status;

	if (path_home(&home, &err)) {
		keep.store = open_record(c, text_cstr(&home));
		text_addf(&folder, "%s/files/%s", text_cstr(&home), m->id);
		d = drawer_new(text_cstr(&folder));
		face = drawer_face(d);
		o.files = m->is_sandbox ? NULL : &face;
	} else {
		fprintf(c->err, "%s\n", err.what);
	}
	keep.catalog = verb_catalog(c, &status);
	status = play(&p, &o, &keep);
	catalog_free((struct catalog *)keep.catalog);
	if (keep.store)
		store_close(keep.store);
	drawer_free(d);
	text_free(&folder);
	text_free(&home);
	return status;
}
