/* console_words.c - the console's own words: jobs, variables, history */
#include "lua/console_inside.h"
#include "lua/sandbox.h"

#include <stdlib.h>
#include <string.h>

static struct job *newest_job(const struct console *c)
{
	struct job *found = NULL;

	for (struct job *job = c->jobs; job; job = job->next)
		if (job->background && (!found || job->id > found->id))
			found = job;
	return found;
}

static bool parse_number(const char *s, int *n)
{
	char *end;
	long value = strtol(s, &end, 10);

	if (end == s || *end || value < 1 || value > 1000000)
		return false;
	*n = (int)value;
	return true;
}

/* %2, %%, %+ or a process number. */
static struct job *job_named(const struct console *c, const char *s)
{
	int n;

	if (strcmp(s, "%%") == 0 || strcmp(s, "%+") == 0)
		return newest_job(c);
	if (!parse_number(s + (s[0] == '%'), &n))
		return NULL;
	if (s[0] == '%')
		return job_find(c, n);
	for (struct job *job = c->jobs; job; job = job->next)
		if (job->id && job->pid == n)
			return job;
	return NULL;
}

static int run_jobs(struct console_call *call)
{
	struct console *c = call->console;

	for (struct job *job = c->jobs; job; job = job->next)
		if (job->id && (job->background || !job->done))
			job_describe(c, job, call->out);
	return 0;
}

/* The signals a learner reaches for.  All but KILL let a tool say its closing
 * line, as a JVM's shutdown hook would. */
static const struct {
	const char *flag;
	bool hard;
} kill_flags[] = {
	{ "-9", true }, { "-KILL", true }, { "-SIGKILL", true },
	{ "-15", false }, { "-TERM", false }, { "-SIGTERM", false },
	{ "-2", false }, { "-INT", false }, { "-SIGINT", false },
};

static bool kill_flag(const char *s, bool *hard)
{
	for (size_t i = 0; i < sizeof(kill_flags) / sizeof(kill_flags[0]); i++)
		if (strcmp(s, kill_flags[i].flag) == 0) {
			*hard = kill_flags[i].hard;
			return true;
		}
	return false;
}

static int kill_one(struct console_call *call, const char *name, bool hard)
{
	struct job *job = job_named(call->console, name);

	if (!job || job->done) {
		text_addf(call->err, "kill: %s: no such job\n", name);
		return 1;
	}
	if (hard)
		job_kill(job, STATUS_KILLED);
	else
		job_interrupt(job, STATUS_TERMINATED);
	return 0;
}

static int run_kill(struct console_call *call)
{
	bool hard = false;
	int i = 1, status = 0;

	if (i < call->argc && call->argv[i][0] == '-') {
		if (!kill_flag(call->argv[i], &hard)) {
			text_addf(call->err, "kill: %s: the signals here are "
				  "INT, TERM and KILL\n", call->argv[i]);
			return 1;
		}
		i++;
	}
	if (i == call->argc) {
		text_add(call->err, "kill: usage: kill [-9] %N...; `jobs` "
			 "shows the numbers\n");
		return 2;
	}
	for (; i < call->argc; i++)
		status |= kill_one(call, call->argv[i], hard);
	return status;
}

/* The word that runs waits for this job, or for all (0). */
static int await_job(struct console_call *call, int id)
{
	struct stage *st = call->console->running;

	st->wait.kind = WAIT_JOB;
	st->job_awaited = id;
	return 0;
}

static bool in_background(struct console_call *call)
{
	if (!call->console->running->job->background)
		return false;
	text_addf(call->err, "%s: only the foreground can wait for a job\n",
		  call->argv[0]);
	return true;
}

static struct job *job_wanted(struct console_call *call)
{
	struct job *job = call->argc > 1 ?
			  job_named(call->console, call->argv[1]) :
			  newest_job(call->console);

	if (!job || !job->background)
		text_addf(call->err, "%s: %s: no such job\n", call->argv[0],
			  call->argc > 1 ? call->argv[1] : "current");
	return job && job->background ? job : NULL;
}

static int run_fg(struct console_call *call)
{
	struct job *job;

	if (in_background(call))
		return 1;
	job = job_wanted(call);
	if (!job)
		return 1;
	text_addf(call->out, "%s\n", job->list->text);
	job->background = false;
	job->interrupts = 0;
	return await_job(call, job->id);
}

static int run_wait(struct console_call *call)
{
	struct job *job;

	if (in_background(call))
		return 1;
	if (call->argc == 1)
		return await_job(call, 0);
	job = job_wanted(call);
	return job ? await_job(call, job->id) : 127;
}

static int run_bg(struct console_call *call)
{
	text_add(call->err, "bg: no job is stopped; end a line with & to run "
		 "it in the background\n");
	return 1;
}

static void quote_value(struct text *out, const char *value)
{
	shell_quote(out, value, '\'');
}

static int export_one(struct console_call *call, const char *arg)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
	char *name = console_copy(arg);
	const char *value;
	struct err err;
	bool ok;

	name[len] = '\0';
	value = equals ? equals + 1 : console_variable(call->console, name);
	ok = variable_put(call->console, name, value ? value : "", true, &err);
	if (!ok)
		text_addf(call->err, "export: %s\n", err.what);
	free(name);
	return ok ? 0 : 1;
}

static int run_export(struct console_call *call)
{
	const struct console *c = call->console;
	int status = 0;

	for (size_t i = 0; call->argc == 1 && i < c->variable_count; i++) {
		if (!c->variables[i].exported)
			continue;
		text_addf(call->out, "export %s=", c->variables[i].name);
		quote_value(call->out, c->variables[i].value);
		text_char(call->out, '\n');
	}
	for (int i = 1; i < call->argc; i++)
		status |= export_one(call, call->argv[i]);
	return status;
}

static int run_set(struct console_call *call)
{
	const struct console *c = call->console;

	if (call->argc > 1) {
		text_addf(call->err, "set: %s: set only lists variables here; "
			  "NAME=value sets one\n", call->argv[1]);
		return 2;
	}
	for (size_t i = 0; i < c->variable_count; i++) {
		text_addf(call->out, "%s=", c->variables[i].name);
		quote_value(call->out, c->variables[i].value);
		text_char(call->out, '\n');
	}
	return 0;
}

static int run_unset(struct console_call *call)
{
	for (int i = 1; i < call->argc; i++)
		variable_remove(call->console, call->argv[i]);
	return 0;
}

static int run_history(struct console_call *call)
{
	const struct console *c = call->console;
	size_t count = console_history_count(c), from = 0;
	int n;

	if (call->argc > 1) {
		if (!parse_number(call->argv[1], &n)) {
			text_addf(call->err, "history: %s: a number of lines "
				  "is meant\n", call->argv[1]);
			return 1;
		}
		if ((size_t)n < count)
			from = count - (size_t)n;
	}
	for (size_t i = from; i < count; i++)
		text_addf(call->out, "%5zu  %s\n", i + 1,
			  console_history_at(c, i));
	return 0;
}

/* What `help NAME` looks for and, while it walks, has found. */
struct help {
	struct console_call *call;
	const char *name;		/* NULL: all of them */
	bool found;
};

static void help_line(void *with, const char *name, const char *summary)
{
	struct help *h = with;

	/* Without a summary it is a word that only says why it is not there. */
	if (!summary || (h->name && strcmp(h->name, name) != 0))
		return;
	h->found = true;
	text_addf(h->call->out, "%-26s %s\n", name, summary);
}

static void help_usage(struct console_call *call, const char *name)
{
	const struct console *c = call->console;
	lua_State *L = sandbox_state(c->sandbox);

	for (size_t i = 0; i < c->word_count; i++)
		if (!strcmp(c->words[i]->name, name)) {
			if (c->words[i]->usage)
				text_addf(call->out, "usage: %s\n",
					  c->words[i]->usage);
			return;
		}
	for (size_t i = 0; i < c->tool_count; i++) {
		if (strcmp(c->tools[i]->name, name) != 0)
			continue;
		lua_rawgeti(L, LUA_REGISTRYINDEX, c->tools[i]->ref);
		if (lua_getfield(L, -1, "usage") == LUA_TSTRING)
			text_addf(call->out, "usage: %s\n",
				  lua_tostring(L, -1));
		lua_pop(L, 2);
	}
}

static int run_help(struct console_call *call)
{
	struct help h = {
		.call = call, .name = call->argc > 1 ? call->argv[1] : NULL,
	};

	console_each_command(call->console, help_line, &h);
	if (!h.name) {
		text_add(call->out, "`help NAME` says more; tools of Kafka also "
			 "answer to --help.\n");
		return 0;
	}
	if (!h.found) {
		text_addf(call->err, "help: %s: no such command\n", h.name);
		return 1;
	}
	help_usage(call, h.name);
	return 0;
}

static int run_clear(struct console_call *call)
{
	struct console_host *h = &call->console->host;

	if (h->clear)
		h->clear(h->ctx);
	return 0;
}

static int run_cd(struct console_call *call)
{
	text_addf(call->err, "%s: there is one drawer of files and nothing to "
		  "go into; `ls` shows it\n", call->argv[0]);
	return 1;
}

/* Words of a real shell that would need more than a console is. */
static int run_refused(struct console_call *call)
{
	text_addf(call->err, "%s: not supported here\n", call->argv[0]);
	return 2;
}

static const struct console_word words[] = {
	{ .name = "jobs", .run = run_jobs, .usage = "jobs",
	  .summary = "what runs in the background" },
	{ .name = "kill", .run = run_kill, .usage = "kill [-9] %N...",
	  .summary = "end a background job" },
	{ .name = "fg", .run = run_fg, .usage = "fg [%N]",
	  .summary = "bring a background job to the foreground" },
	{ .name = "wait", .run = run_wait, .usage = "wait [%N]",
	  .summary = "wait for background jobs to end" },
	{ .name = "export", .run = run_export, .usage = "export [NAME[=value]]",
	  .summary = "set a variable that commands see" },
	{ .name = "set", .run = run_set, .usage = "set",
	  .summary = "list variables" },
	{ .name = "unset", .run = run_unset, .usage = "unset NAME...",
	  .summary = "forget a variable" },
	{ .name = "history", .run = run_history, .usage = "history [N]",
	  .summary = "lines typed before" },
	{ .name = "help", .run = run_help, .usage = "help [NAME]",
	  .summary = "the commands, or what one is for" },
	{ .name = "clear", .run = run_clear, .usage = "clear",
	  .summary = "empty the screen" },
};

/* Answered, but not offered. */
static const struct console_word hidden[] = {
	{ .name = "cd", .run = run_cd }, { .name = "bg", .run = run_bg },
	{ .name = "source", .run = run_refused },
	{ .name = ".", .run = run_refused },
	{ .name = "eval", .run = run_refused },
	{ .name = "exec", .run = run_refused },
	{ .name = "alias", .run = run_refused },
	{ .name = "trap", .run = run_refused },
	{ .name = "read", .run = run_refused },
	{ .name = "sudo", .run = run_refused },
};

void console_words_add(struct console *c)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		console_add_word(c, &words[i]);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		console_add_word(c, &hidden[i]);
}
