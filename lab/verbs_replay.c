/* verbs_replay.c - an attempt of the log, played again
 *
 * Its journal is played to where it ended, and what was typed and printed stands
 * below each other, each line at its time.  Nothing is written.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/keep.h"
#include "lab/progress/day.h"
#include "lab/progress/progress.h"
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

static int play_it(struct cli *c, struct store *s, const struct resume *r)
{
	int status = CLI_DONE;
	struct exercise *m = verb_exercise(c, r->exercise, &status);
	struct keep_options options = { .store = s, .module = m };
	struct keep_wish wish = { .attempt = r->attempt };
	struct play_options play = {0};
	struct text why = {0};
	struct err err;
	struct keep k;

	if (!m)
		return status;
	keep_init(&k, &options);
	if (keep_play(&k, &play, &wish, NULL, &why, &err)) {
		print_head(c, r);
		print_lines(c, k.play, r->ops);
		print_end(c, k.play);
	} else {
		status = cli_fail_err(c, CLI_CONTENT, &err);
	}
	keep_close(&k);
	play_free(k.play);
	text_free(&why);
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
