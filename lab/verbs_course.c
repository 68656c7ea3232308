/* verbs_course.c - start and check: working on an exercise */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/course/attempt.h"
#include "lab/course/script.h"
#include "lab/drawer.h"
#include "lab/paths.h"
#include "lab/verbs.h"
#include "lua/shell.h"
#include "sim/stack/stack.h"

static int status_of(const struct verdict *v)
{
	if (v->status == VERDICT_PASS)
		return CLI_DONE;
	return v->status == VERDICT_ERROR ? CLI_CONTENT : CLI_NOT_PASSED;
}

/* --- check -------------------------------------------------------------------- */

static bool read_stream(FILE *f, const char *name, struct text *out,
			struct err *err)
{
	char buf[4096];
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		text_bytes(out, buf, n);
		if (out->len > SCRIPT_BYTES_MAX)
			return err_set(err, "%s: is longer than %d bytes",
				       name, SCRIPT_BYTES_MAX);
	}
	return !ferror(f) || err_set(err, "%s: %s", name, strerror(errno));
}

/* A file, a pipe, or - for standard input. */
static bool read_script(struct cli *c, const char *path, struct text *out,
			struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0, good;
	FILE *f = is_stdin ? c->in : fopen(path, "rb");

	if (!f)
		return err_set(err, "%s: %s", path, strerror(errno));
	good = read_stream(f, path, out, err) &&
	       script_check(path, text_cstr(out), out->len, err);
	if (!is_stdin)
		fclose(f);
	return good;
}

static void print_to(void *ctx, int stream, const char *bytes, size_t len)
{
	const struct cli *c = ctx;

	fwrite(bytes, 1, len, stream == 1 ? c->out : c->err);
}

static void play_script(struct cli *c, struct attempt *a,
			const struct text *text)
{
	struct script s;
	struct text line = {0};

	script_init(&s, text_cstr(text), text->len);
	while (!a->has_ended && script_next(&s, &line)) {
		if (cli_has(c, "transcript")) {
			struct text t = {0};

			attempt_time_text(&t, world_now(a->world));
			fprintf(c->out, "%s> %s\n", text_cstr(&t),
				text_cstr(&line));
			text_free(&t);
		}
		attempt_line(a, text_cstr(&line));
	}
	text_free(&line);
}

static int check(struct cli *c, const struct exercise *m, uint64_t seed,
		 const struct text *script)
{
	bool shown = cli_has(c, "transcript") && !cli_has(c, "json");
	struct attempt_options o = {
		.seed = seed, .make = stack_world,
		.out = shown ? print_to : NULL, .ctx = c,
	};
	struct text out = {0};
	struct verdict v;
	struct attempt *a;
	struct err err;
	int status;

	a = attempt_new(m, &o, &err);
	if (!a)
		return cli_fail_err(c, CLI_CONTENT, &err);
	play_script(c, a, script);
	attempt_grade_settled(a, &v);
	if (cli_has(c, "json")) {
		verdict_json(&v, &out);
		text_char(&out, '\n');
	} else {
		verdict_text(&v, &out);
	}
	verb_print(c, &out);
	status = status_of(&v);
	verdict_release(&v);
	attempt_free(a);
	return status;
}

int verb_check(struct cli *c)
{
	const char *path = cli_value(c, "script");
	struct text script = {0};
	struct exercise *m;
	uint64_t seed;
	struct err err;
	int status;

	if (!path)
		return cli_fail(c, CLI_USAGE, "--script FILE says what to "
				"play");
	if (!verb_seed(c, &seed))
		return CLI_USAGE;
	m = verb_exercise(c, c->arguments[0], &status);
	if (!m)
		return status;
	if (read_script(c, path, &script, &err))
		status = check(c, m, seed, &script);
	else
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	text_free(&script);
	exercise_free(m);
	return status;
}

/* --- start --plain --------------------------------------------------------------- */

/* Ctrl-C: the handler counts, the loop looks. */
static volatile sig_atomic_t interrupts;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupts++;
}

static bool was_interrupted(void *ctx)
{
	(void)ctx;
	if (!interrupts)
		return false;
	interrupts = 0;
	return true;
}

/*
 * A tool that waits is let run for two minutes of virtual time at once (a
 * client's timeout is one); one that goes on, like a consumer, then runs ten
 * times as fast as the clock on the wall, so that Ctrl-C can still choose.
 */
#define PACE_FREE	SIM_MINUTES(2)
#define PACE_TIMES	10

static void pace(void *ctx, sim_time passed)
{
	static sim_time owed_from;	/* of the line that is being paced */
	struct timespec nap;

	(void)ctx;
	if (passed <= PACE_FREE) {
		owed_from = PACE_FREE;
		return;
	}
	if (passed - owed_from < SIM_MS(200) || interrupts)
		return;
	nap.tv_sec = (time_t)((passed - owed_from) / PACE_TIMES / SIM_S(1));
	nap.tv_nsec = (long)((passed - owed_from) / PACE_TIMES % SIM_S(1));
	owed_from = passed;
	nanosleep(&nap, NULL);		/* Ctrl-C ends it early */
}

struct plain {
	struct cli *c;
	struct attempt *a;
	struct text line;	/* input so far */
	bool tty;
	bool passed;
};

static void prompt(struct plain *p)
{
	struct text t = {0};

	if (p->line.len) {
		text_add(&t, "> ");
	} else {
		attempt_time_text(&t, world_now(p->a->world));
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
	struct text t = {0};
	struct err err;

	if (exercise_text(p->a->module, p->a->module->debrief, &t, &err))
		fprintf(p->c->out, "\n%s", text_cstr(&t));
	else
		fprintf(p->c->err, "%s\n", err.what);
	text_free(&t);
}

static void greet(struct plain *p)
{
	fputs("Millrace, plain mode. Type help for words; quit, or "
	      "Ctrl-C twice, leaves.\n",
	      p->c->out);
	attempt_line(p->a, "brief");
	fputc('\n', p->c->out);
	attempt_line(p->a, "task");
}

/* After a `check` that went well. */
static void look_at_verdict(struct plain *p)
{
	const struct verdict *v = p->a->last;

	if (!v || p->passed || v->status != VERDICT_PASS)
		return;
	p->passed = true;
	debrief(p);
}

static void converse(struct plain *p)
{
	greet(p);
	while (!p->a->has_ended && read_line(p)) {
		size_t task = attempt_task(p->a);

		if (!p->tty && p->line.len)
			fprintf(p->c->out, "%s\n", text_cstr(&p->line));
		if (shell_incomplete(text_cstr(&p->line), p->line.len)) {
			text_char(&p->line, '\n');
			continue;
		}
		if (!script_is_blank(text_cstr(&p->line)))
			attempt_line(p->a, text_cstr(&p->line));
		text_clear(&p->line);
		look_at_verdict(p);
		if (attempt_task(p->a) > task && !p->passed)
			attempt_line(p->a, "task");
	}
	if (p->a->gave_up)
		debrief(p);
	fputc('\n', p->c->out);
}

static int start(struct cli *c, const struct exercise *m, uint64_t seed,
		 const struct files *files)
{
	struct attempt_options o = {
		.seed = seed, .make = stack_world, .files = files,
		.out = print_to, .interrupted = was_interrupted, .ctx = c,
	};
	struct plain p = { .c = c, .tty = isatty(fileno(c->in)) };
	struct sigaction act = { .sa_handler = on_interrupt }, before;
	struct err err;

	if (p.tty)
		o.pace = pace;
	p.a = attempt_new(m, &o, &err);
	if (!p.a)
		return cli_fail_err(c, CLI_CONTENT, &err);
	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, &before);
	converse(&p);
	sigaction(SIGINT, &before, NULL);
	text_free(&p.line);
	attempt_free(p.a);
	return p.passed ? CLI_DONE : CLI_NOT_PASSED;
}

int verb_start(struct cli *c)
{
	struct text home = {0};
	struct exercise *m;
	struct drawer *d;
	struct files face;
	uint64_t seed;
	struct err err;
	int status;

	if (!cli_has(c, "plain"))
		return cli_fail(c, CLI_USAGE, "the screen is not in this "
				"version yet; add --plain");
	if (!verb_seed(c, &seed))
		return CLI_USAGE;
	m = verb_exercise(c, c->arguments[0], &status);
	if (!m)
		return status;
	if (!path_home(&home, &err)) {
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	} else {
		text_addf(&home, "/files/%s", m->id);
		d = drawer_new(text_cstr(&home));
		face = drawer_face(d);
		status = start(c, m, seed, &face);
		drawer_free(d);
	}
	text_free(&home);
	exercise_free(m);
	return status;
}
