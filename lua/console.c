/* console.c - runs what a learner types */
#include "lua/console.h"
#include "lua/console_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/sandbox.h"
#include "sim/core/mem.h"

enum {
	ROUNDS_MAX = 256,	/* of one poll; then the host gets a look in: */
	POLL_FUEL = 5000000,	/* also after so many steps of the tools */
	VARIABLES_MAX = 256,
	VALUE_BYTES_MAX = 64 * 1024,
	COMMANDS_MAX = 512,
};

void *console_alloc(size_t count, size_t size)
{
	void *at = mem_zeroed(count, size);

	return at;
}

char *console_copy(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(console_alloc(1, size), s, size);
}

/*
 * Life.
 */

struct console *console_new(struct sandbox *s, const struct console_host *host,
			    const struct files *files,
			    const struct embedded_file *sources,
			    struct err *err)
{
	struct console *c = console_alloc(1, sizeof(*c));

	c->sandbox = s;
	c->host = *host;
	c->files = *files;
	c->sources = sources;
	c->libs_ref = LUA_NOREF;
	c->world_ref = LUA_NOREF;
	c->pid_next = 1000;
	c->tools = console_alloc(COMMANDS_MAX, sizeof(c->tools[0]));
	c->words = console_alloc(COMMANDS_MAX, sizeof(c->words[0]));
	c->variables = console_alloc(VARIABLES_MAX, sizeof(c->variables[0]));
	console_words_add(c);
	if (console_load_all(c, err))
		return c;
	console_free(c);
	return NULL;
}

void console_free(struct console *c)
{
	if (!c)
		return;
	while (c->jobs)
		job_drop(c, c->jobs);
	script_release(c->script);
	for (size_t i = 0; i < c->tool_count; i++) {
		free(c->tools[i]->name);
		free(c->tools[i]->summary);
		free(c->tools[i]);
	}
	for (size_t i = 0; i < c->variable_count; i++) {
		free(c->variables[i].name);
		free(c->variables[i].value);
	}
	for (size_t i = 0; i < CONSOLE_HISTORY_MAX; i++)
		free(c->history[i]);
	text_free(&c->keys.bytes);
	text_free(&c->scratch);
	free(c->variables);
	free(c->words);
	free(c->tools);
	free(c);
}

/*
 * Commands, in order of name.  The tables are short and change rarely.
 */

const struct tool *console_tool(const struct console *c, const char *name)
{
	for (size_t i = 0; i < c->tool_count; i++)
		if (strcmp(c->tools[i]->name, name) == 0)
			return c->tools[i];
	return NULL;
}

const struct console_word *console_word(const struct console *c,
					const char *name)
{
	for (size_t i = 0; i < c->word_count; i++)
		if (strcmp(c->words[i]->name, name) == 0)
			return c->words[i];
	return NULL;
}

void console_add_word(struct console *c, const struct console_word *word)
{
	size_t at = 0;

	assert(c->word_count < COMMANDS_MAX);
	while (at < c->word_count && strcmp(c->words[at]->name, word->name) < 0)
		at++;
	if (at < c->word_count && strcmp(c->words[at]->name, word->name) == 0) {
		c->words[at] = word;
		return;
	}
	memmove(&c->words[at + 1], &c->words[at],
		(c->word_count - at) * sizeof(c->words[0]));
	c->words[at] = word;
	c->word_count++;
}

bool tool_put(struct console *c, const char *name, const char *summary,
	      int ref, int *old_ref, struct err *err)
{
	struct tool *tool;
	size_t at = 0;

	while (at < c->tool_count && strcmp(c->tools[at]->name, name) < 0)
		at++;
	*old_ref = LUA_NOREF;
	if (at < c->tool_count && strcmp(c->tools[at]->name, name) == 0) {
		tool = c->tools[at];
		*old_ref = tool->ref;
		free(tool->summary);
	} else {
		if (c->tool_count == COMMANDS_MAX)
			return err_set(err, "%s: more than %d tools", name,
				       COMMANDS_MAX);
		memmove(&c->tools[at + 1], &c->tools[at],
			(c->tool_count - at) * sizeof(c->tools[0]));
		c->tool_count++;
		tool = c->tools[at] = console_alloc(1, sizeof(*tool));
		tool->name = console_copy(name);
	}
	tool->summary = console_copy(summary);
	tool->ref = ref;
	return true;
}

/* Words and tools merged; a tool behind a word of its name is not shown. */
void console_each_command(const struct console *c,
			  void (*visit)(void *with, const char *name,
					const char *summary), void *with)
{
	size_t w = 0, t = 0;

	while (w < c->word_count || t < c->tool_count) {
		int order = w == c->word_count ? 1 :
			    t == c->tool_count ? -1 :
			    strcmp(c->words[w]->name, c->tools[t]->name);

		if (order <= 0)
			visit(with, c->words[w]->name, c->words[w]->summary);
		else
			visit(with, c->tools[t]->name, c->tools[t]->summary);
		w += order <= 0;
		t += order >= 0;
	}
}

/*
 * Variables.
 */

static size_t variable_place(const struct console *c, const char *name,
			     bool *is_there)
{
	size_t at = 0;
	int order = 1;

	while (at < c->variable_count &&
	       (order = strcmp(c->variables[at].name, name)) < 0)
		at++;
	*is_there = at < c->variable_count && order == 0;
	return at;
}

const struct variable *variable_find(const struct console *c, const char *name)
{
	bool is_there;
	size_t at = variable_place(c, name, &is_there);

	return is_there ? &c->variables[at] : NULL;
}

bool variable_put(struct console *c, const char *name, const char *value,
		  bool exported, struct err *err)
{
	bool is_there;
	size_t at = variable_place(c, name, &is_there);
	struct variable *v = &c->variables[at];
	char *copy;

	if (!shell_is_name(name, strlen(name)))
		return err_set(err, "%s: not a name for a variable; use "
			       "letters, digits and _", name);
	if (strlen(value) > VALUE_BYTES_MAX)
		return err_set(err, "%s: a variable holds at most %d KiB", name,
			       VALUE_BYTES_MAX / 1024);
	copy = console_copy(value);
	if (is_there) {
		free(v->value);
		v->value = copy;
		v->exported |= exported;
		return true;
	}
	if (c->variable_count == VARIABLES_MAX) {
		free(copy);
		return err_set(err, "%s: more than %d variables; unset one "
			       "first", name, VARIABLES_MAX);
	}
	memmove(v + 1, v, (c->variable_count - at) * sizeof(*v));
	c->variable_count++;
	*v = (struct variable){ console_copy(name), copy, exported };
	return true;
}

void variable_remove(struct console *c, const char *name)
{
	bool is_there;
	size_t at = variable_place(c, name, &is_there);
	struct variable *v = &c->variables[at];

	if (!is_there)
		return;
	free(v->name);
	free(v->value);
	c->variable_count--;
	memmove(v, v + 1, (c->variable_count - at) * sizeof(*v));
}

const char *console_variable(const struct console *c, const char *name)
{
	const struct variable *v = variable_find(c, name);

	return v ? v->value : NULL;
}

bool console_variable_set(struct console *c, const char *name,
			  const char *value, struct err *err)
{
	return variable_put(c, name, value, true, err);
}

/*
 * History.
 */

static bool is_blank_text(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", s[i]))
			return false;
	return true;
}

void console_history_add(struct console *c, const char *line)
{
	size_t len = strlen(line), slot;
	char *copy;

	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len > SHELL_BYTES_MAX || is_blank_text(line, len))
		return;
	copy = console_alloc(1, len + 1);
	memcpy(copy, line, len);
	if (c->history_count &&
	    strcmp(console_history_at(c, c->history_count - 1), copy) == 0) {
		free(copy);
		return;
	}
	slot = (c->history_first + c->history_count) % CONSOLE_HISTORY_MAX;
	if (c->history_count == CONSOLE_HISTORY_MAX)
		c->history_first = (slot + 1) % CONSOLE_HISTORY_MAX;
	else
		c->history_count++;
	free(c->history[slot]);
	c->history[slot] = copy;
}

size_t console_history_count(const struct console *c)
{
	return c->history_count;
}

const char *console_history_at(const struct console *c, size_t i)
{
	assert(i < c->history_count);
	return c->history[(c->history_first + i) % CONSOLE_HISTORY_MAX];
}

/*
 * Running.
 */

bool console_start(struct console *c, const char *line, struct err *err)
{
	struct shell_line *parsed;

	if (c->front || c->script)
		return err_set(err, "a command still runs; Ctrl-C stops it");
	console_history_add(c, line);
	parsed = shell_parse(line, strlen(line), NULL, err);
	if (!parsed) {
		c->status = 2;		/* a shell's answer to a bad line */
		return false;
	}
	c->script = console_alloc(1, sizeof(*c->script));
	*c->script = (struct script){ .line = parsed, .users = 1 };
	c->script_next = parsed->lists;
	text_clear(&c->keys.bytes);
	c->keys.head = 0;
	c->keys_ended = false;
	return true;
}

static void out_text(struct console *c, int stream, const struct text *t)
{
	c->host.out(c->host.ctx, stream, text_cstr(t), t->len);
}

static size_t jobs_running(const struct console *c)
{
	size_t n = 0;

	for (const struct job *job = c->jobs; job; job = job->next)
		n += job->background && !job->done;
	return n;
}

static void start_background(struct console *c, const struct shell_list *list)
{
	struct text said = {0};
	struct job *job;

	if (jobs_running(c) >= CONSOLE_JOBS_MAX) {
		text_addf(&said, "%s: %d jobs run in the background already; "
			  "kill one first\n", list->text, CONSOLE_JOBS_MAX);
		out_text(c, 2, &said);
		c->status = 1;
	} else {
		job = job_new(c, c->script, list);
		text_addf(&said, "[%d] %d\n", job->id, job->pid);
		out_text(c, 2, &said);
		c->status = 0;
	}
	text_free(&said);
}

static void end_script(struct console *c)
{
	script_release(c->script);
	c->script = NULL;
	c->script_next = NULL;
}

/* The foreground job is over: on to the next list of the line. */
static bool advance(struct console *c)
{
	if (c->front) {
		if (!c->front->done)
			return false;
		c->status = c->front->status;
		if (c->front->aborted)
			c->script_next = NULL;
		job_drop(c, c->front);
		c->front = NULL;
	}
	if (!c->script)
		return false;
	while (c->script_next && !c->front) {
		const struct shell_list *list = c->script_next;

		c->script_next = list->next;
		if (list->background)
			start_background(c, list);
		else
			c->front = job_new(c, c->script, list);
	}
	if (!c->front)
		end_script(c);
	return true;
}

/* At the prompt: say which background jobs have ended, and forget them.  A job
 * that fg had brought to the front has been seen to end. */
static void reap(struct console *c)
{
	struct text said = {0};
	struct job *next;

	for (struct job *job = c->jobs; job; job = next) {
		next = job->next;
		if (!job->done)
			continue;
		if (job->background)
			job_describe(c, job, &said);
		job_drop(c, job);
	}
	if (said.len)
		out_text(c, 2, &said);
	text_free(&said);
}

static bool round_of_jobs(struct console *c)
{
	bool moved = advance(c);

	for (struct job *job = c->jobs; job; job = job->next)
		moved |= job_poll(job, c);
	return moved;
}

enum console_state console_poll(struct console *c, int64_t *due_ns)
{
	bool moved = true;

	assert(!c->running);
	c->fuel = 0;
	for (int i = 0; i < ROUNDS_MAX && moved && c->fuel < POLL_FUEL; i++)
		moved = round_of_jobs(c);
	if (!c->script)
		reap(c);
	if (due_ns) {
		*due_ns = CONSOLE_NEVER;
		for (struct job *job = c->jobs; job; job = job->next)
			job_due(job, due_ns);
		/* A job that could go on at once must not be slept over. */
		if (moved)
			*due_ns = c->host.now_ns(c->host.ctx);
	}
	if (!c->script)
		return CONSOLE_IDLE;
	return moved ? CONSOLE_RAN : CONSOLE_WAITING;
}

void console_interrupt(struct console *c)
{
	c->script_next = NULL;
	if (c->front)
		job_interrupt(c->front, STATUS_INTERRUPTED);
}

void console_input(struct console *c, const char *bytes, size_t len)
{
	/* Typed faster than it is read for a whole megabyte: a paste gone
	 * wrong.  The rest is dropped. */
	if (c->script && c->keys.bytes.len + len <= FILES_BYTES_MAX)
		text_bytes(&c->keys.bytes, bytes, len);
}

void console_input_end(struct console *c)
{
	c->keys_ended = c->script != NULL;
}

static bool job_wants_input(const struct job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->stages[i].wait.kind == WAIT_READ &&
		    job->stages[i].stream[0].kind == STREAM_KEYS)
			return !job->background;
	return false;
}

bool console_wants_input(const struct console *c)
{
	for (const struct job *job = c->jobs; job; job = job->next)
		if (job_wants_input(job))
			return true;
	return false;
}

int console_status(const struct console *c)
{
	return c->status;
}

size_t console_job_count(const struct console *c)
{
	return jobs_running(c);
}
