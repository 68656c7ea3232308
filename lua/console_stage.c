/* console_stage.c - a stage: one step of it, and its end
 *
 * A step runs until the tool or word waits, returns or fails.  What it waits
 * for is looked at before the next one, so a stage that cannot go on costs
 * nothing.
 */
#include "lua/console_inside.h"

#include "lua/sandbox.h"

/* What one resume may cost: sorting a full file costs a tenth of it.  A tool
 * that spends it has lost its way, and the sandbox with it. */
#define STAGE_FUEL 60000000

/* -- its end ------------------------------------------------------------ */

void stage_wait_cancel(struct stage *st)
{
	struct console *c = st->console;
	struct job *job;

	if (st->wait.kind == WAIT_HOST && c->host.cancel)
		c->host.cancel(c->host.ctx, st->wait.what, st->wait.id);
	if (st->wait.kind == WAIT_JOB) {	/* what fg held goes back */
		job = job_find(c, st->job_awaited);
		if (job && !job->done)
			job->background = true;
	}
	st->wait = (struct wait){0};
}

void stage_end(struct stage *st, int status)
{
	if (st->done)
		return;
	stage_wait_cancel(st);
	stage_unprepare(st);
	for (int i = 0; i < 3; i++)
		stream_close(&st->stream[i]);
	st->status = status;
	st->done = true;
}

void stage_release(struct stage *st)
{
	stage_end(st, STATUS_KILLED);
	shell_fields_release(&st->argv);
	shell_fields_release(&st->env);
	text_free(&st->in);
	text_free(&st->pending);
	text_free(&st->word_out);
}

/* -- a step of a tool --------------------------------------------------- */

/* `lua_State` holds the results of run(): an exit status, true, false, none. */
static int status_of(lua_State *co, int nresults)
{
	int status = 0;

	if (nresults > 0 && lua_isinteger(co, -nresults))
		status = (int)(lua_tointeger(co, -nresults) & 0xff);
	else if (nresults > 0 && lua_isboolean(co, -nresults))
		status = lua_toboolean(co, -nresults) ? 0 : 1;
	lua_pop(co, nresults);
	return status;
}

static void step_tool(struct stage *st)
{
	struct console *c = st->console;
	int nargs = st->started ? 0 : 2, nresults = 0;
	struct err err;
	enum sandbox_resume end;

	st->started = true;
	st->written = 0;
	st->wait.kind = WAIT_NONE;
	c->running = st;
	end = sandbox_resume(c->sandbox, st->co, nargs, &nresults, STAGE_FUEL,
			     &err);
	c->running = NULL;
	c->fuel += sandbox_fuel_used(c->sandbox);
	if (end == SANDBOX_FAILED) {
		stage_say(st, "%s: %s\n", st->argv.at[0], err.what);
		stage_end(st, 1);
	} else if (end == SANDBOX_DONE) {
		stage_end(st, status_of(st->co, nresults));
	} else if (st->wait.kind == WAIT_EXIT) {
		stage_end(st, st->status);
	} else {
		lua_pop(st->co, nresults);
	}
}

/* -- a step of a word --------------------------------------------------- */

/* Is the wait for this job, or for all in the background, over? */
static bool jobs_over(struct stage *st)
{
	struct console *c = st->console;
	const struct job *job;

	for (job = c->jobs; job; job = job->next) {
		if (job->done || job == st->job)
			continue;
		if (st->job_awaited ? job->id == st->job_awaited :
				      job->background)
			return false;
	}
	job = job_find(c, st->job_awaited);
	if (job)
		st->status = job->status;
	return true;
}

/* A word answers at once; only its output may have to wait for a reader. */
static void step_word(struct stage *st)
{
	struct console_call call = {
		.console = st->console, .ctx = st->word->ctx,
		.argc = (int)st->argv.count, .argv = st->argv.at,
		.out = &st->word_out, .err = &st->pending,
	};
	struct console *c = st->console;
	struct err err;

	if (!st->started) {
		st->started = true;
		c->running = st;
		st->status = st->word->run(&call);
		c->running = NULL;
		st->pending_fd = 2;
		stage_drain(st, NULL);
		text_free(&st->pending);
		st->pending = st->word_out;
		st->word_out = (struct text){0};
		st->pending_fd = 1;
	}
	if (st->wait.kind == WAIT_JOB && !jobs_over(st)) {
		stage_drain(st, NULL);
		return;
	}
	switch (stage_drain(st, &err)) {
	case DRAIN_WAIT:
		st->wait.kind = WAIT_WRITE;
		return;
	case DRAIN_BROKEN:
		stage_end(st, STATUS_BROKEN_PIPE);
		return;
	case DRAIN_REFUSED:
		stage_say(st, "%s: %s\n", st->argv.at[0], err.what);
		stage_end(st, 1);
		return;
	case DRAIN_DONE:
		stage_end(st, st->status);
	}
}

/* -- whether it may go on ----------------------------------------------- */

static bool await_over(struct stage *st)
{
	struct console_host *h = &st->console->host;
	struct wait *w = &st->wait;

	if (st->interrupted) {
		st->interrupted = false;
		stage_wait_cancel(st);
		w->result = "interrupted";
		return true;
	}
	if (w->kind == WAIT_HOST &&
	    h->ready(h->ctx, w->what, w->id, w->deadline_ns)) {
		w->result = "ready";
		return true;
	}
	if (w->deadline_ns > 0 && h->now_ns(h->ctx) >= w->deadline_ns) {
		stage_wait_cancel(st);
		w->result = "timeout";
		return true;
	}
	return false;
}

static bool wait_over(struct stage *st)
{
	switch (st->wait.kind) {
	case WAIT_HOST:
	case WAIT_SLEEP:
		return await_over(st);
	case WAIT_READ:
		return stage_can_fill(st);
	case WAIT_WRITE:
		return stage_can_drain(st);
	case WAIT_JOB:
		return jobs_over(st);
	case WAIT_NONE:
	case WAIT_EXIT:
		break;
	}
	return true;
}

bool stage_poll(struct stage *st)
{
	if (st->done || !wait_over(st))
		return false;
	if (st->kind == STAGE_TOOL)
		step_tool(st);
	else if (st->kind == STAGE_WORD)
		step_word(st);
	else
		stage_end(st, 0);
	return true;
}

void stage_interrupt(struct stage *st, int status)
{
	struct console *c = st->console;
	struct job *job;

	switch (st->wait.kind) {
	case WAIT_NONE:
	case WAIT_HOST:
	case WAIT_SLEEP:
		st->interrupted = true;
		return;
	case WAIT_JOB:		/* fg: it is the job that hears Ctrl-C */
		job = job_find(c, st->job_awaited);
		if (job && job != st->job)
			job_interrupt(job, status);
		else
			stage_end(st, status);
		return;
	case WAIT_READ:
	case WAIT_WRITE:
	case WAIT_EXIT:
		stage_end(st, status);
	}
}
