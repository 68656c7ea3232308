/* console_job.c - jobs: pipelines of stages, and what flows between them */
#include "lua/console_inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/sandbox.h"

/* What one resume may cost: sorting a full file costs a tenth of it.  A tool
 * that spends it has lost its way, and the sandbox with it. */
#define STAGE_FUEL 60000000

/*
 * Pipes and streams.
 */

static size_t pipe_len(const struct pipe *p)
{
	return p->bytes.len - p->head;
}

static size_t pipe_put(struct pipe *p, const char *bytes, size_t len)
{
	size_t room = CONSOLE_PIPE_BYTES - pipe_len(p);

	if (len > room)
		len = room;
	text_bytes(&p->bytes, bytes, len);
	return len;
}

static void pipe_take_all(struct pipe *p, struct text *out)
{
	text_bytes(out, p->bytes.at + p->head, pipe_len(p));
	text_clear(&p->bytes);
	p->head = 0;
}

static void stream_close(struct stream *s)
{
	if (s->kind == STREAM_PIPE_READ)
		s->pipe->readers--;
	if (s->kind == STREAM_PIPE_WRITE)
		s->pipe->writers--;
	free(s->file);
	*s = (struct stream){0};
}

static struct stream stream_same(const struct stream *s)
{
	struct stream copy = *s;

	if (s->kind == STREAM_PIPE_READ)
		s->pipe->readers++;
	if (s->kind == STREAM_PIPE_WRITE)
		s->pipe->writers++;
	if (s->file)
		copy.file = console_copy(s->file);
	return copy;
}

const char *file_plain_name(const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

/* Forget what was handed on, once it is worth the move. */
static void in_compact(struct stage *st)
{
	size_t left = st->in.len - st->in_head;

	if (st->in_head == 0 || (left && st->in_head < CONSOLE_PIPE_BYTES))
		return;
	if (left)
		memmove(st->in.at, st->in.at + st->in_head, left);
	st->in.len = left;
	st->in_head = 0;
}

static enum fill fill_from(struct stage *st, struct pipe *p, bool ended)
{
	if (pipe_len(p)) {
		pipe_take_all(p, &st->in);
		return FILL_MORE;
	}
	if (!ended)
		return FILL_WAIT;
	st->in_ended = true;
	return FILL_END;
}

static enum fill fill_keys(struct stage *st)
{
	struct console *c = st->console;
	bool ended = c->keys_ended || st->job->background;
	enum fill fill = fill_from(st, &c->keys, ended);

	if (fill == FILL_END)
		c->keys_ended = false;	/* a Ctrl-D ends one reader's input */
	return fill;
}

enum fill stage_fill(struct stage *st)
{
	struct stream *s = &st->stream[0];

	in_compact(st);
	if (st->in_ended || s->kind == STREAM_NONE)
		return FILL_END;
	if (st->in.len - st->in_head > CONSOLE_HELD_BYTES_MAX)
		return FILL_TOO_LONG;
	if (s->kind == STREAM_KEYS)
		return fill_keys(st);
	assert(s->kind == STREAM_PIPE_READ);
	return fill_from(st, s->pipe, s->pipe->writers == 0);
}

static bool can_fill(const struct stage *st)
{
	const struct stream *s = &st->stream[0];

	if (s->kind == STREAM_PIPE_READ)
		return pipe_len(s->pipe) || s->pipe->writers == 0;
	if (s->kind == STREAM_KEYS)
		return pipe_len(&st->console->keys) ||
		       st->console->keys_ended || st->job->background;
	return true;
}

static bool can_drain(const struct stage *st)
{
	const struct stream *s = &st->stream[st->pending_fd];

	return s->kind != STREAM_PIPE_WRITE || s->pipe->readers == 0 ||
	       pipe_len(s->pipe) < CONSOLE_PIPE_BYTES;
}

static enum drain drain_pipe(struct stage *st, struct pipe *p)
{
	size_t n;

	if (p->readers == 0)
		return DRAIN_BROKEN;
	n = pipe_put(p, st->pending.at, st->pending.len);
	if (n == st->pending.len) {
		text_clear(&st->pending);
		return DRAIN_DONE;
	}
	memmove(st->pending.at, st->pending.at + n, st->pending.len - n);
	st->pending.len -= n;
	return DRAIN_WAIT;
}

enum drain stage_drain(struct stage *st, struct err *err)
{
	struct stream *s = &st->stream[st->pending_fd];
	struct console *c = st->console;
	bool ok = true;

	if (st->pending.len == 0)
		return DRAIN_DONE;
	if (s->kind == STREAM_PIPE_WRITE)
		return drain_pipe(st, s->pipe);
	if (s->kind == STREAM_SCREEN)
		c->host.out(c->host.ctx, s->screen, st->pending.at,
			    st->pending.len);
	else if (s->kind == STREAM_FILE)
		ok = c->files.append(c->files.ctx, s->file, st->pending.at,
				     st->pending.len, err);
	text_clear(&st->pending);
	return ok ? DRAIN_DONE : DRAIN_REFUSED;
}

/* A short message: what does not fit into a full pipe is lost. */
void stage_say(struct stage *st, const char *fmt, ...)
{
	struct text keep = st->pending;
	int keep_fd = st->pending_fd;
	va_list args;

	st->pending = (struct text){0};
	st->pending_fd = 2;
	va_start(args, fmt);
	text_vaddf(&st->pending, fmt, args);
	va_end(args);
	stage_drain(st, NULL);
	text_free(&st->pending);
	st->pending = keep;
	st->pending_fd = keep_fd;
}

/*
 * The end of a stage.
 */

static void wait_cancel(struct stage *st)
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

static void stage_end(struct stage *st, int status)
{
	if (st->done)
		return;
	wait_cancel(st);
	stage_unprepare(st);
	for (int i = 0; i < 3; i++)
		stream_close(&st->stream[i]);
	st->status = status;
	st->done = true;
}

static void stage_release(struct stage *st)
{
	stage_end(st, STATUS_KILLED);
	shell_fields_release(&st->argv);
	shell_fields_release(&st->env);
	text_free(&st->in);
	text_free(&st->pending);
	text_free(&st->word_out);
}

/*
 * Variables and expansion, as one stage sees them.
 */

const char *stage_variable(const struct stage *st, const char *name)
{
	size_t len = strlen(name);
	const struct variable *v;

	for (size_t i = st->env.count; i-- > 0;)
		if (strncmp(st->env.at[i], name, len) == 0 &&
		    st->env.at[i][len] == '=')
			return st->env.at[i] + len + 1;
	v = variable_find(st->console, name);
	return v && v->exported ? v->value : NULL;
}

static const char *scope_variable(void *ctx, const char *name)
{
	return console_variable(ctx, name);
}

struct visitor {
	void (*visit)(void *with, const char *name);
	void *with;
};

static void visit_name(void *with, const char *name, size_t len)
{
	struct visitor *v = with;

	(void)len;
	v->visit(v->with, name);
}

static void scope_files(void *ctx, void (*visit)(void *with, const char *name),
			void *with)
{
	struct console *c = ctx;
	struct visitor v = { visit, with };

	c->files.list(c->files.ctx, visit_name, &v, NULL);
}

static struct shell_scope scope_of(struct console *c, const struct job *job)
{
	return (struct shell_scope){
		.ctx = c, .status = job->status,
		.variable = scope_variable, .files = scope_files,
	};
}

/*
 * The beginning of a stage: words, redirections, whose turn it is.
 */

static bool expand_words(struct stage *st, const struct shell_command *cmd,
			 const struct shell_scope *scope, struct err *err)
{
	for (const struct shell_word *w = cmd->words; w; w = w->next)
		if (!shell_expand(w, scope, &st->argv, err))
			return false;
	return true;
}

/* One NAME=value: for this command alone, or for the console if there is no
 * command. */
static bool assign(struct stage *st, const struct shell_assignment *a,
		   const struct shell_scope *scope, bool keep,
		   struct err *err)
{
	struct text value = {0};
	bool ok = shell_expand_text(a->value, scope, &value, err);

	if (ok && st->argv.count) {
		struct shell_piece piece = { .kind = SHELL_TEXT,
					     .quoted = true };
		struct shell_word word = { .pieces = &piece };
		struct text both = {0};

		text_addf(&both, "%s=%s", a->name, text_cstr(&value));
		piece.text = both.at;
		piece.len = both.len;
		ok = shell_expand(&word, scope, &st->env, err);
		text_free(&both);
	} else if (ok && keep) {
		ok = variable_put(st->console, a->name, text_cstr(&value),
				  false, err);
	}
	text_free(&value);
	return ok;
}

static void set_stream(struct stage *st, int fd, struct stream s)
{
	stream_close(&st->stream[fd]);
	st->stream[fd] = s;
}

/* The reader finds these bytes and then the end. */
static void set_input(struct stage *st, struct text *bytes)
{
	set_stream(st, 0, (struct stream){ .kind = STREAM_NONE });
	text_free(&st->in);
	st->in = *bytes;
	*bytes = (struct text){0};
}

static bool open_file(struct stage *st, const struct shell_redirect *r,
		      const char *name, struct err *err)
{
	struct files *f = &st->console->files;
	struct text bytes = {0};

	if (strcmp(name, "/dev/null") == 0) {
		set_stream(st, r->fd, (struct stream){ .kind = STREAM_NONE });
		if (r->fd == 0)
			set_input(st, &bytes);
		return true;
	}
	name = file_plain_name(name);
	if (r->kind == SHELL_READ) {
		if (!f->read(f->ctx, name, &bytes, err)) {
			text_free(&bytes);
			return false;
		}
		set_input(st, &bytes);
		return true;
	}
	if (r->kind == SHELL_WRITE ? !f->write(f->ctx, name, "", 0, err) :
				     !f->append(f->ctx, name, "", 0, err))
		return false;
	set_stream(st, r->fd, (struct stream){ .kind = STREAM_FILE,
					       .file = console_copy(name) });
	return true;
}

static bool redirect(struct stage *st, const struct shell_redirect *r,
		     const struct shell_scope *scope, struct err *err)
{
	struct text word = {0};
	bool ok;

	if (r->kind == SHELL_SAME) {
		if (r->fd != r->same_as)
			set_stream(st, r->fd,
				   stream_same(&st->stream[r->same_as]));
		return true;
	}
	ok = shell_expand_text(r->word, scope, &word, err);
	if (ok && r->kind == SHELL_HERE_STRING)
		text_char(&word, '\n');
	if (ok && (r->kind == SHELL_HERE || r->kind == SHELL_HERE_STRING))
		set_input(st, &word);
	else if (ok)
		ok = open_file(st, r, text_cstr(&word), err);
	text_free(&word);
	return ok;
}

/* "bin/kafka-topics.sh" and "/opt/kafka/bin/kafka-topics.sh" are habits:
 * whatever ends in bin/ is where our commands stand. */
static const char *command_name(const char *typed)
{
	const char *slash = strrchr(typed, '/');
	size_t dir;

	if (!slash)
		return typed;
	dir = (size_t)(slash - typed);
	if (dir >= 3 && memcmp(slash - 3, "bin", 3) == 0 &&
	    (dir == 3 || slash[-4] == '/'))
		return slash + 1;
	return typed;
}

static void say_not_found(struct stage *st, const char *name)
{
	const char *near = console_nearest(st->console, name);

	if (strchr(name, '/'))
		stage_say(st, "%s: No such file or directory\n", name);
	else
		stage_say(st, "%s: command not found\n", name);
	if (near)
		stage_say(st, "The nearest name is %s.\n", near);
	stage_end(st, STATUS_NOT_FOUND);
}

static bool find_command(struct stage *st)
{
	const char *name;

	if (st->argv.count == 0) {
		st->kind = STAGE_EMPTY;
		return true;
	}
	name = command_name(st->argv.at[0]);
	st->word = console_word(st->console, name);
	st->tool = console_tool(st->console, name);
	st->kind = st->word ? STAGE_WORD : STAGE_TOOL;
	if (!st->word && !st->tool)
		say_not_found(st, st->argv.at[0]);
	return !st->done;
}

static bool stage_begin(struct stage *st, const struct shell_command *cmd,
			struct err *err)
{
	struct shell_scope scope = scope_of(st->console, st->job);
	bool keep = st->job->count == 1;	/* a pipe's end forgets it */

	if (!expand_words(st, cmd, &scope, err))
		return false;
	for (const struct shell_assignment *a = cmd->assignments; a; a = a->next)
		if (!assign(st, a, &scope, keep, err))
			return false;
	for (const struct shell_redirect *r = cmd->redirects; r; r = r->next)
		if (!redirect(st, r, &scope, err))
			return false;
	if (!find_command(st) || st->kind != STAGE_TOOL)
		return true;
	return stage_prepare(st, err);
}

/*
 * One step of a stage.
 */

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

static bool await_over(struct stage *st)
{
	struct console_host *h = &st->console->host;
	struct wait *w = &st->wait;

	if (st->interrupted) {
		st->interrupted = false;
		wait_cancel(st);
		w->result = "interrupted";
		return true;
	}
	if (w->kind == WAIT_HOST &&
	    h->ready(h->ctx, w->what, w->id, w->deadline_ns)) {
		w->result = "ready";
		return true;
	}
	if (w->deadline_ns > 0 && h->now_ns(h->ctx) >= w->deadline_ns) {
		wait_cancel(st);
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
		return can_fill(st);
	case WAIT_WRITE:
		return can_drain(st);
	case WAIT_JOB:
		return jobs_over(st);
	case WAIT_NONE:
	case WAIT_EXIT:
		break;
	}
	return true;
}

static bool stage_poll(struct stage *st)
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

/*
 * Jobs.
 */

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

/* A background job by number. */
struct job *job_find(const struct console *c, int id)
{
	for (struct job *job = c->jobs; job; job = job->next)
		if (id && job->id == id)
			return job;
	return NULL;
}

static void stage_interrupt(struct stage *st, int status)
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
