/* console.h - runs what a learner types
 *
 * A console owns the jobs, variables and history of one prompt.  It reads a
 * line (shell.h), makes a job of it and runs the job's commands side by side
 * as Lua coroutines in one sandbox, joined by pipes:
 *
 *	console_start ──▶ job ──▶ stage ══pipe══▶ stage ──▶ host->out
 *	console_poll      resumes each stage whose wait is over
 *
 * Nothing here blocks and nothing knows a clock: a tool that must wait says
 * what for, with `await(kind, id, deadline_ns)`, and the host is asked at each
 * poll whether that has come.  So virtual time passes between polls, never
 * inside one:
 *
 *	while (console_poll(c, &due) != CONSOLE_IDLE)
 *		run the world until due, or until something else happens
 *
 * A tool that meets a limit of the sandbox takes the sandbox with it: every
 * command after it says why.  sandbox_stopped tells; the host then makes a new
 * sandbox and a new console.
 *
 * Order is fixed: jobs by age, stages from left to right.  The same lines on
 * the same world print the same bytes.
 *
 * A tool is a Lua file that returns
 *
 *	{ name = "wc", summary = "one line for lists",
 *	  usage = "wc [-lwc] [FILE]...",
 *	  options = {...},			-- of lib/args, for completion
 *	  complete = function(words, n, world) return {...} end,
 *	  run = function(argv, io) ... return exit_status end }
 *
 * argv[0] is the name as typed, argv[1] to argv[#argv] the arguments; `io` is
 *
 *	io:read()	next line without its newline, nil at the end
 *	io:read_all()	the rest as one string		io:lines()  for ... in
 *	io:write(...)	to stdout, strings and numbers	io:err(...) to stderr
 *	io:exit(n)	ends the tool here		io:env(NAME) or nil
 *	io:now_ns()	virtual time
 *	io.tty		stdout is the console		io.stdin_tty  likewise
 *	io.columns	width of the console		io.name  argv[0]
 *
 * and these globals exist:
 *
 *	await(kind, id, deadline_ns) -> "ready" | "timeout" | "interrupted"
 *		id defaults to 0, deadline 0 or nil is never; the kind "sleep"
 *		only has a deadline and is not asked of the host
 *	use(name)	what lua/lib/NAME.lua returned; loaded once
 *	files		read(name) -> bytes | nil, why; write(name, bytes),
 *			append(name, bytes), remove(name) -> true | nil, why;
 *			list() -> { {name=, size=}... }
 *
 * Reading from an empty pipe and writing to a full one wait too.  A tool whose
 * reader has gone ends with status 141, as SIGPIPE would have it.
 *
 * Ctrl-C (console_interrupt): a tool that waits in `await` gets "interrupted",
 * once, and may still print its closing line; one that waits on a pipe ends
 * with 130.  A second Ctrl-C ends whatever is left.
 */
#ifndef LUA_CONSOLE_H
#define LUA_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/files.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

struct console;
struct embedded_file;
struct sandbox;

#define CONSOLE_NEVER INT64_MAX

enum {
	CONSOLE_PIPE_BYTES = 64 * 1024,	/* a full pipe; Linux's size too */
	CONSOLE_HELD_BYTES_MAX = 1024 * 1024,	/* of read_all, of a line */
	CONSOLE_JOBS_MAX = 16,
	CONSOLE_HISTORY_MAX = 500,
};

struct console_host {
	void *ctx;
	/* Has come what a tool awaits?  Asked at every poll; `kind` and `id`
	 * are words between the tool and the host. */
	bool (*ready)(void *ctx, const char *kind, int64_t id,
		      int64_t deadline_ns);
	int64_t (*now_ns)(void *ctx);
	/* Stream 1 is the tools' output, 2 their errors. */
	void (*out)(void *ctx, int stream, const char *bytes, size_t len);
	/* May be NULL, all three. */
	void (*cancel)(void *ctx, const char *kind, int64_t id);
				/* nobody waits for this any longer */
	void (*clear)(void *ctx);	/* empty the screen */
	int (*columns)(void *ctx);	/* of the console; 80 */
};

enum console_state {
	CONSOLE_IDLE,		/* no foreground job: the prompt's turn */
	CONSOLE_WAITING,	/* all wait: for time, the host or input */
	CONSOLE_RAN,		/* stopped early: poll again at this time */
};

/* Loads all of `sources` ("lib/x.lua", "tools/x.lua"; the last has a NULL
 * name; NULL: the embedded files).  The sandbox, with whatever globals the
 * tools need, and the drawer are borrowed and must outlive the console. */
struct console *console_new(struct sandbox *s, const struct console_host *host,
			    const struct files *files,
			    const struct embedded_file *sources,
			    struct err *err);
/* Ends every job without a word.  The sandbox keeps the tools, which refer to
 * the console: free it too, or run nothing in it. */
void console_free(struct console *c);

/* One more tool, or another one of that name. */
bool console_add_tool(struct console *c, const char *chunk_name,
		      const char *source, size_t len, struct err *err);

/* A word of the console itself, in C: `jobs`, `history`, and those of the
 * host.  It answers at once. */
struct console_call {
	struct console *console;
	void *ctx;
	int argc;
	char **argv;
	struct text *out;
	struct text *err;
};

struct console_word {
	const char *name;
	const char *summary;
	const char *usage;
	int (*run)(struct console_call *call);	/* returns the exit status */
	void *ctx;
};

/* Borrows the word.  A word beats a tool of the same name. */
void console_add_word(struct console *c, const struct console_word *word);

/* The value on top of the sandbox's stack (taken) is what tools' `complete`
 * gets as `world`. */
void console_world_set(struct console *c);

/*
 * Running.
 */

/* Read a line, remember it, start it.  False when it cannot be understood or
 * another one still runs in the foreground. */
bool console_start(struct console *c, const char *line, struct err *err);

/* Let everything run that can.  *due (may be NULL) becomes the earliest time
 * at which a wait ends by itself, CONSOLE_NEVER if none does. */
enum console_state console_poll(struct console *c, int64_t *due_ns);

void console_interrupt(struct console *c);		/* Ctrl-C */

/* What is typed while a foreground tool reads: whole lines, and Ctrl-D.
 * Dropped when the job ends. */
void console_input(struct console *c, const char *bytes, size_t len);
void console_input_end(struct console *c);
/* Is a foreground tool waiting for a line? */
bool console_wants_input(const struct console *c);

int console_status(const struct console *c);	/* of the last foreground job */
size_t console_job_count(const struct console *c);	/* in the background */

/* Variables.  A set one is exported: tools see it. */
const char *console_variable(const struct console *c, const char *name);
bool console_variable_set(struct console *c, const char *name,
			  const char *value, struct err *err);

/*
 * History, oldest first.  A line equal to the one before it is not kept.
 */
void console_history_add(struct console *c, const char *line);
size_t console_history_count(const struct console *c);
const char *console_history_at(const struct console *c, size_t i);

/*
 * Completion.
 */

struct completion {
	char *insert;		/* what replaces start..cursor, quoted */
	char *show;		/* what a list shows */
};

struct completions {
	struct completion *at;	/* in order of `show`, no two alike */
	size_t count;
	size_t start;		/* byte of the line that is replaced from */
	char *common;		/* longest `insert` that fits all; not NULL */
};

/* What could stand at the cursor (a byte offset into line). */
void console_complete(struct console *c, const char *line, size_t cursor,
		      struct completions *out);
void completions_release(struct completions *out);

/* The name nearest to a mistyped one, NULL when none is near. */
const char *console_nearest(const struct console *c, const char *name);

/* Each command: name and summary, in order of name. */
void console_each_command(const struct console *c,
			  void (*visit)(void *with, const char *name,
					const char *summary), void *with);

#endif
