/* console_job.c - jobs: pipelines of stages, one after the other
 *
 * A job is what stands between two ; or & of a line.  It begins a pipeline,
 * polls its stages until all are over, and goes on to the next that && and ||
 * let run.  The status of a pipeline is that of its last stage.
 */
#include "lua/console_inside.h"

#include <stdio.h>
#include <stdlib.h>

void script_release(struct script *script)
{
	if (!script || --script->users > 0)
		return;
	shell_line_free(script->line);
	free(script);
}

static int free_id(const struct console *c)
{
	int id = 1;

	for (const struct job *job = c->jobs; job; job = job->next)
		if (job->id >= id)
			id = job->id + 1;
	return id;
}

struct job *job_new(struct console *c, struct script *script,
		    const struct shell_list *list)
{
	struct job *job = console_alloc(1, sizeof(*job)), **last = &c->jobs;

	script->users++;
	*job = (struct job){
		.pid = ++c->pid_next, .script = script, .list = list,
		.at = list->pipelines, .status = c->status,
		.background = list->background,
	};
	if (job->background)
		job->id = free_id(c);
	while (*last)
		last = &(*last)->next;
	*last = job;
	return job;
}

/* A background job by number. */
struct job *job_find(const struct console *c, int id)
{
	for (struct job *job = c->jobs; job; job = job->next)
		if (id && job->id == id)
			return job;
	return NULL;
}

/* -- its pipelines ------------------------------------------------------ */

/* The ends of a pipeline are the console; in between are pipes. */
static void connect_stages(struct job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		struct stage *st = &job->stages[i];

		st->stream[0] = (struct stream){ .kind = STREAM_KEYS };
		st->stream[1] = (struct stream){ STREAM_SCREEN, 1, NULL, NULL };
		st->stream[2] = (struct stream){ STREAM_SCREEN, 2, NULL, NULL };
		if (i > 0) {
			st->stream[0].kind = STREAM_PIPE_READ;
			st->stream[0].pipe = &job->pipes[i - 1];
			job->pipes[i - 1].readers = 1;
		}
		if (i + 1 < job->count) {
			st->stream[1].kind = STREAM_PIPE_WRITE;
			st->stream[1].pipe = &job->pipes[i];
			job->pipes[i].writers = 1;
		}
	}
}

static void pipeline_begin(struct job *job, struct console *c)
{
	const struct shell_command *cmd = job->at->commands;
	struct err err;

	job->count = job->at->count;
	job->stages = console_alloc(job->count, sizeof(*job->stages));
	job->pipes = console_alloc(job->count, sizeof(*job->pipes));
	connect_stages(job);
	for (size_t i = 0; i < job->count; i++, cmd = cmd->next) {
		struct stage *st = &job->stages[i];

		st->console = c;
		st->job = job;
		if (!stage_begin(st, cmd, &err)) {
			stage_say(st, "%s\n", err.what);
			stage_end(st, 1);
		}
	}
}

static void pipeline_release(struct job *job)
{
	for (size_t i = 0; i < job->count; i++)
		stage_release(&job->stages[i]);
	for (size_t i = 0; i < job->count; i++)
		text_free(&job->pipes[i].bytes);
	free(job->stages);
	free(job->pipes);
	job->stages = NULL;
	job->pipes = NULL;
	job->count = 0;
}

/* On to the next pipeline that && and || let run. */
static void pipeline_next(struct job *job)
{
	do {
		job->at = job->at->next;
	} while (job->at && (job->at->join == SHELL_AND) != (job->status == 0));
	if (job->aborted)
		job->at = NULL;
	job->done = !job->at;
}

bool job_poll(struct job *job, struct console *c)
{
	bool moved = false, over = true;

	if (job->done)
		return false;
	if (!job->stages) {
		pipeline_begin(job, c);
		moved = true;
	}
	for (size_t i = 0; i < job->count; i++) {
		moved |= stage_poll(&job->stages[i]);
		over &= job->stages[i].done;
	}
	if (!over)
		return moved;
	job->status = job->killed ? job->killed :
				    job->stages[job->count - 1].status;
	pipeline_release(job);
	pipeline_next(job);
	return true;
}

void job_due(const struct job *job, int64_t *due_ns)
{
	for (size_t i = 0; i < job->count; i++) {
		const struct wait *w = &job->stages[i].wait;

		if ((w->kind == WAIT_HOST || w->kind == WAIT_SLEEP) &&
		    w->deadline_ns > 0 && w->deadline_ns < *due_ns)
			*due_ns = w->deadline_ns;
	}
}

/* -- its end ------------------------------------------------------------ */

/* For the second time: also what an fg in this job waits for. */
static void job_interrupt_hard(struct job *job, int status)
{
	for (size_t i = 0; i < job->count; i++) {
		struct stage *st = &job->stages[i];
		struct job *other;

		if (st->wait.kind != WAIT_JOB)
			continue;
		other = job_find(st->console, st->job_awaited);
		if (other && other != job)
			job_kill(other, status);
	}
	job_kill(job, status);
}

void job_interrupt(struct job *job, int status)
{
	job->aborted = true;
	if (job->interrupts++ > 0) {
		job_interrupt_hard(job, status);
		return;
	}
	if (!job->stages) {		/* not begun, nothing to tell */
		job->status = status;
		job->done = true;
	}
	for (size_t i = 0; i < job->count; i++)
		if (!job->stages[i].done)
			stage_interrupt(&job->stages[i], status);
}

/* Its stages end now; the next poll notices that the job is over. */
void job_kill(struct job *job, int status)
{
	job->aborted = true;
	job->killed = status;
	if (!job->stages && !job->done) {
		job->status = status;
		job->done = true;
	}
	for (size_t i = 0; i < job->count; i++)
		stage_end(&job->stages[i], status);
}

void job_drop(struct console *c, struct job *job)
{
	struct job **at = &c->jobs;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	pipeline_release(job);
	script_release(job->script);
	free(job);
}

/* -- as `jobs` prints it ------------------------------------------------ */

/* bash marks the newest + and the one before it -. */
static char job_mark(const struct console *c, const struct job *job)
{
	int newer = 0;

	for (const struct job *i = c->jobs; i; i = i->next)
		newer += i->background && i->id > job->id;
	return newer == 0 ? '+' : newer == 1 ? '-' : ' ';
}

void job_describe(const struct console *c, const struct job *job,
		  struct text *out)
{
	char state[32];

	if (!job->done)
		snprintf(state, sizeof(state), "Running");
	else if (job->status == 0)
		snprintf(state, sizeof(state), "Done");
	else if (job->status == STATUS_INTERRUPTED)
		snprintf(state, sizeof(state), "Interrupt");
	else if (job->status == STATUS_TERMINATED)
		snprintf(state, sizeof(state), "Terminated");
	else if (job->status == STATUS_KILLED)
		snprintf(state, sizeof(state), "Killed");
	else
		snprintf(state, sizeof(state), "Exit %d", job->status);
	text_addf(out, "[%d]%c  %-24s%s%s\n", job->id, job_mark(c, job), state,
		  job->list->text, job->done ? "" : " &");
}
