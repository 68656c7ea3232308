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

#include "lab/author/watch.h"
#include "lab/course/attempt.h"
#include "lab/course/keytext.h"
#include "lab/course/script.h"
#include "lab/drawer.h"
#include "lab/keep.h"
#include "lab/paths.h"
#include "lab/play/play.h"
#include "lab/progress/store.h"
#include "lab/replaying.h"
#include "lab/study/review.h"
#include "lab/tui/markdown.h"
#include "lab/verbs.h"
#include "lab/wall.h"
#include "lua/shell.h"

static void print_to(void *ctx, int stream, const char *bytes, size_t len)
{
	const struct cli *c = ctx;

	/* They may end in one file: in the order in which they were said. */
	if (stream != 1)
		fflush(c->out);
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
	struct preview *preview;	/* NULL: an exercise as it is */
	uint64_t generation;		/* of the preview, that is played */
	bool anew;			/* begin with the version there is now */
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
	struct text t = {0}, filled = {0}, plain = {0};
	struct err err;

	if (exercise_text(m, m->debrief, &t, &err)) {
		keytext_fill(text_cstr(&t), t.len, NULL, NULL, &filled);
		markdown_plain(text_cstr(&filled), filled.len, &plain);
		fprintf(p->c->out, "\n%s", text_cstr(&plain));
	} else {
		fprintf(p->c->err, "%s\n", err.what);
	}
	text_free(&plain);
	text_free(&filled);
	text_free(&t);
}

/* What was gained, and where it goes on. */
static void say_what_next(struct plain *p)
{
	size_t cards = card_count(play_module(p->p));

	if (p->passed && p->keep.is_kept && cards)
		fprintf(p->c->out, "\n%zu review card%s of this exercise %s in "
			"your record; `millrace review` asks what is due.\n",
			cards, cards == 1 ? "" : "s", cards == 1 ? "is" : "are");
	fputs("`quit` leaves; `millrace home` shows what comes next.\n",
	      p->c->out);
}

/* --- letting time pass --------------------------------------------------------- */

static bool is_frame_over(void *ctx)
{
	return interrupts || wall_steady_ns() >= *(const int64_t *)ctx;
}

static void nap_until(int64_t end)
{
	int64_t left = end - wall_steady_ns();
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
	int64_t last = wall_steady_ns();

	while (goes_on(p)) {
		int64_t now = wall_steady_ns(), end = now + FRAME_NS;

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

/* What it is about, and the task at hand: one scrolls no brief here. */
static void brief(struct plain *p)
{
	act(p, "brief");
	if (play_is_sandbox(p->p) || p->passed)
		return;
	fputc('\n', p->c->out);
	act(p, "task");
}

static void greet(struct plain *p)
{
	fputs("Millrace, plain mode. Type help for words; quit, or "
	      "Ctrl-C twice, leaves.\nA lesson that is named is read with "
	      "`millrace show UNIT/LESSON`.\n",
	      p->c->out);
	brief(p);
}

/* `debrief` and `next` are keys of the screen's verdict; here they are words. */
static void debrief_again(struct plain *p)
{
	if (p->passed)
		debrief(p);
	else
		fputs("debrief: it is shown when the exercise is passed or "
		      "given up; `check` grades it\n", p->c->err);
}

static const struct word {
	const char *name;
	void (*run)(struct plain *p);
} words[] = {
	{ "brief", brief },
	{ "debrief", debrief_again },
	{ "next", say_what_next },
};

/* Is the line one word of this mode?  Then it was taken. */
static bool take_word(struct plain *p)
{
	const char *s = text_cstr(&p->line);
	size_t len;

	s += strspn(s, " \t");
	len = strcspn(s, " \t");
	if (s[len + strspn(s + len, " \t")])
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strlen(words[i].name) != len ||
		    strncmp(s, words[i].name, len) != 0)
			continue;
		words[i].run(p);
		return true;
	}
	return false;
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
	say_what_next(p);
}

static void take_line(struct plain *p)
{
	size_t task = attempt_task(play_attempt(p->p));

	if (!script_is_blank(text_cstr(&p->line)) && !take_word(p))
		act(p, text_cstr(&p->line));
	text_clear(&p->line);
	look_at_verdict(p);
	if (attempt_task(play_attempt(p->p)) > task && !p->passed)
		act(p, "task");
}

/* --- while it is written ----------------------------------------------------------- */

/* As compilers do, on stderr: an editor that runs us finds the places. */
static void print_problems(struct plain *p)
{
	const struct problems *all = p->preview->problems;

	for (size_t i = 0; i < all->count; i++) {
		struct text t = {0};

		problem_text(&all->at[i], &t);
		fprintf(p->c->err, "%s\n", text_cstr(&t));
		text_free(&t);
	}
}

static void look_at_files(struct plain *p)
{
	if (!p->preview || p->line.len || !preview_look(p->preview))
		return;
	fflush(p->c->out);
	print_problems(p);
	fputs(p->preview->playable ? "The module was saved; `reset yes` begins "
	      "anew with the new version.\n" : "The module was saved, but "
	      "cannot be played; this goes on with the version before.\n",
	      p->c->out);
}

/* Is it this line that takes the new version? */
static bool is_anew(const struct plain *p)
{
	const char *s = text_cstr(&p->line);
	size_t len = strlen("reset yes");

	s += strspn(s, " ");
	return p->preview && p->preview->generation != p->generation &&
	       strncmp(s, "reset yes", len) == 0 &&
	       !s[len + strspn(s + len, " ")];
}

static bool next_line(struct plain *p)
{
	if (play_has_ended(p->p))
		return false;
	look_at_files(p);
	return read_line(p);
}

static void converse(struct plain *p)
{
	greet(p);
	while (next_line(p)) {
		if (!p->tty && p->line.len)
			fprintf(p->c->out, "%s\n", text_cstr(&p->line));
		if (is_anew(p)) {
			p->anew = true;
			return;
		}
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
	(void)ctx;
	return wall_ms();
}

static void complain(void *ctx, const char *why)
{
	const struct plain *p = ctx;

	fprintf(p->c->err, "%s\n", why);
}

static bool open_play(struct plain *p, struct play_options *o,
		      const struct keep_options *keep, struct err *err)
{
	struct keep_wish wish = {
		.seed = o->seed, .resume = !cli_has(p->c, "fresh"),
		.purpose = p->preview ? "free" : "learn",
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
	struct replaying replaying = { .to = p->c->err,
				       .stop = was_interrupted };
	struct err err;
	bool good;

	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, &before);
	o->on_progress = replaying_tick;
	o->progress_ctx = &replaying;
	if (!open_play(p, o, keep, &err)) {
		sigaction(SIGINT, &before, NULL);
		return cli_fail_err(p->c, p->keep.was_stopped ?
				    CLI_NOT_PASSED : CLI_CONTENT, &err);
	}
	converse(p);
	sigaction(SIGINT, &before, NULL);
	keep_close(&p->keep);
	text_free(&p->line);
	/* Nothing is asked in a sandbox. */
	good = p->passed || play_is_sandbox(p->p);
	play_free(p->p);
	return good ? CLI_DONE : CLI_NOT_PASSED;
}

/* --- all of it --------------------------------------------------------------------- */

/* One version after the other, until one is left. */
static int play_versions(struct plain *p, struct play_options *o,
			 struct keep_options *keep)
{
	int status;

	do {
		p->passed = p->anew = false;
		p->graded = 0;
		p->generation = p->preview->generation;
		text_clear(&p->line);
		keep->module = p->preview->exercise;
		status = play(p, o, keep);
		preview_drop(p->preview);
	} while (p->anew);
	return status;
}

int plain_preview(struct cli *c, struct preview *preview, uint64_t seed)
{
	struct plain p = { .c = c, .tty = isatty(fileno(c->in)),
			   .preview = preview };
	struct play_options o = {
		.seed = seed, .interactive = p.tty, .columns = COLUMNS,
		.speed = PLAY_SPEED_MAX, .out = print_to, .ctx = c,
	};
	struct keep_options keep = {
		.now_ms = now_ms, .complain = complain, .ctx = &p,
	};

	print_problems(&p);
	if (preview->exercise)
		return play_versions(&p, &o, &keep);
	return cli_fail(c, CLI_CONTENT, "%s cannot be played yet",
			preview->folder);
}

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
		keep.store = verb_record(c, &status);
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
