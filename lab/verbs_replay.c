/* verbs_replay.c - an attempt of the log, played again
 *
 * Its journal is played to where it ended, and what was typed and printed stands
 * below each other, each line at its time.  Nothing is written.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/keep.h"
#include "lab/progress/day.h"
#include "lab/progress/progress.h"
#include "lab/replaying.h"
#include "lab/verbs_progress.h"

/* "DEVICE/SEQ" is an event; which attempt does it tell of?  Else `which` is
 * one. */
static char *attempt_named(struct store *s, const char *which, struct err *err)
{
	const char *slash = strchr(which, '/');
	struct text device = {0};
	struct event e = {0};
	json_t *body = NULL;
	const char *id = which;
	char *made = NULL;

	if (slash) {
		text_bytes(&device, which, (size_t)(slash - which));
		id = NULL;
		if (store_event(s, text_cstr(&device),
				strtoll(slash + 1, NULL, 10), &e, err)) {
			body = json_loads(e.body, 0, NULL);
			id = json_string_value(json_object_get(body,
							       "attempt"));
			if (!id)
				err_set(err, "event %s tells of no attempt",
					which);
		}
	}
	if (id && !(made = strdup(id)))
		abort();
	json_decref(body);
	event_release(&e);
	text_free(&device);
	return made;
}

static void print_line(struct cli *c, sim_time at, const char *line)
{
	struct text t = {0};

	simtime_at_text(&t, at);
	fprintf(c->out, "%-10s $ %s\n", text_cstr(&t), line);
	text_free(&t);
}

/* Console lines have what they printed; a word of the exercise (`check`,
 * `run 5m`) prints nothing that is kept. */
static void print_lines(struct cli *c, struct play *p, const json_t *ops)
{
	const struct session *s = play_session(p);
	size_t next = 0, i;
	const json_t *op;

	json_array_foreach(ops, i, op) {
		const char *line = json_string_value(json_object_get(op,
								     "text"));
		const char *kind = json_string_value(json_object_get(op,
								     "kind"));
		struct session_line l;

		if (!kind || !line || strcmp(kind, "line") != 0)
			continue;
		print_line(c, json_integer_value(json_object_get(op, "at")),
			   line);
		if (next >= session_line_count(s))
			continue;
		l = session_line_at(s, next);
		if (strcmp(l.line, line) != 0)
			continue;
		fwrite(l.output, 1, l.output_len, c->out);
		next++;
	}
}

static void print_end(struct cli *c, struct play *p)
{
	const struct play_task *tasks;
	size_t count = play_tasks(p, &tasks), passed = 0;
	struct text at = {0};

	for (size_t i = 0; i < count; i++)
		passed += tasks[i].state == TASK_PASSED;
	simtime_at_text(&at, play_now(p));
	fprintf(c->out, "%-10s the end of it: %zu of %zu tasks passed, digest "
		"%016" PRIx64 ".\n", text_cstr(&at), passed, count,
		world_digest(play_world(p)));
	text_free(&at);
}

static void print_head(struct cli *c, const struct resume *r)
{
	char day[DAY_TEXT];

	day_text_ms(r->started_ms, day);
	fprintf(c->out, "%s, seed %" PRIu64 ", begun %s, attempt %s\n",
		r->exercise, r->seed, day, r->attempt);
}

/* Ctrl-C while it is played: nothing is kept of it anyway. */
static volatile sig_atomic_t interrupts;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupts++;
}

static bool was_interrupted(void)
{
	return interrupts > 0;
}

static struct play *replay(struct cli *c, struct keep *k,
			   const struct keep_wish *wish, struct err *err)
{
	struct replaying replaying = { .to = c->err, .stop = was_interrupted };
	struct sigaction act = { .sa_handler = on_interrupt }, before;
	struct play_options o = { .on_progress = replaying_tick,
				  .progress_ctx = &replaying };
	struct text why = {0};
	struct play *p;

	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, &before);
	p = keep_play(k, &o, wish, NULL, &why, err);
	sigaction(SIGINT, &before, NULL);
	text_free(&why);
	return p;
}

static int play_it(struct cli *c, struct store *s, const struct resume *r)
{
	int status = CLI_DONE;
	struct exercise *m = verb_exercise(c, r->exercise, &status);
	struct keep_options options = { .store = s, .module = m };
	struct keep_wish wish = { .attempt = r->attempt };
	struct err err;
	struct keep k;

	if (!m)
		return status;
	keep_init(&k, &options);
	if (replay(c, &k, &wish, &err)) {
		print_head(c, r);
		print_lines(c, k.play, r->ops);
		print_end(c, k.play);
	} else {
		status = cli_fail_err(c, k.was_stopped ? CLI_NOT_PASSED :
				      CLI_CONTENT, &err);
	}
	keep_close(&k);
	play_free(k.play);
	exercise_free(m);
	return status;
}

int progress_replay(struct cli *c, const char *home, const char *which)
{
	int status = CLI_DONE;
	struct store *s = progress_to_read(c, home, &status);
	struct resume r = {0};
	struct err err;
	bool found = false;
	char *id;

	if (!s)
		return status;
	id = attempt_named(s, which, &err);
	if (!id)
		status = cli_fail_err(c, CLI_USAGE, &err);
	else if (!progress_attempt(s, id, &r, &found, &err))
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	else if (!found)
		status = cli_fail(c, CLI_USAGE, "the record has no attempt %s; "
				  "`millrace progress COMPETENCY` lists the "
				  "events of yours", id);
	else
		status = play_it(c, s, &r);
	resume_release(&r);
	free(id);
	store_close(s);
	return status;
}
