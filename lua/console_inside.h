/* console_inside.h - what the console's own files share
 *
 * console.c is the console as its host sees it, console_job.c jobs,
 * console_begin.c the beginning of a stage, console_stage.c its steps and end,
 * console_stream.c what flows between stages, console_io.c what a tool sees of
 * it in Lua, console_words.c the words in C, console_complete.c the completion.
 * Nobody else includes this.
 *
 * The life of a stage:
 *
 *	job_begin ─▶ READY ─resume─▶ WAITING ─its wait is over─▶ READY ...
 *	                 └─▶ returns, fails, exits, is killed ─▶ DONE
 *
 * A stage's streams are closed when it is DONE; that is what lets its reader
 * see the end and its writer see that nobody listens.
 */
#ifndef LUA_CONSOLE_INSIDE_H
#define LUA_CONSOLE_INSIDE_H

#include <lua.h>

#include "lua/console.h"
#include "lua/shell.h"

enum { STATUS_NOT_FOUND = 127, STATUS_INTERRUPTED = 130, STATUS_KILLED = 137,
       STATUS_BROKEN_PIPE = 141, STATUS_TERMINATED = 143 };

/* Bytes on their way from one stage to the next. */
struct pipe {
	struct text bytes;
	size_t head;		/* bytes before it are taken */
	int writers;		/* streams that may still write */
	int readers;
};

enum stream_kind {
	STREAM_NONE,		/* reads as the end, swallows writes */
	STREAM_SCREEN,		/* the host's stream `screen` */
	STREAM_KEYS,		/* what is typed */
	STREAM_PIPE_READ,
	STREAM_PIPE_WRITE,
	STREAM_FILE,		/* appends */
};

struct stream {
	enum stream_kind kind;
	int screen;
	struct pipe *pipe;
	char *file;		/* owned */
};

enum wait_kind {
	WAIT_NONE,		/* may go on */
	WAIT_HOST,
	WAIT_SLEEP,
	WAIT_READ,
	WAIT_WRITE,
	WAIT_JOB,
	WAIT_EXIT,		/* is over: `status` says how */
};

struct wait {
	enum wait_kind kind;
	char what[24];		/* WAIT_HOST: the tool's word for it */
	int64_t id;
	int64_t deadline_ns;	/* 0: none */
	const char *result;	/* what await returns */
};

enum stage_kind { STAGE_TOOL, STAGE_WORD, STAGE_EMPTY };

struct job;

struct stage {
	struct console *console;
	struct job *job;
	enum stage_kind kind;
	const struct tool *tool;
	const struct console_word *word;
	struct shell_fields argv;
	struct shell_fields env;	/* "NAME=value" before the command */
	struct stream stream[3];
	struct text in;		/* read, not yet handed to the tool */
	size_t in_head;
	bool in_ended;
	struct text pending;	/* written, not yet accepted */
	int pending_fd;
	size_t written;		/* since it was last resumed */
	struct text word_out;	/* STAGE_WORD: follows its errors */
	lua_State *co;
	struct stage **handle;	/* inside the Lua object; NULL when closed */
	struct wait wait;
	bool started;
	bool done;
	bool interrupted;	/* the next await says so */
	int status;
	int job_awaited;	/* id, WAIT_JOB; 0 all */
};

/* A parsed line; its jobs share it. */
struct script {
	struct shell_line *line;
	int users;
};

struct job {
	int id;
	int pid;		/* as real as the learner needs it */
	struct script *script;
	const struct shell_list *list;
	const struct shell_pipeline *at;	/* NULL: finished */
	struct stage *stages;			/* NULL between pipelines */
	size_t count;
	struct pipe *pipes;
	int status;
	bool background;
	bool aborted;		/* no further pipelines */
	bool done;
	int interrupts;
	int killed;		/* the status that a kill gave it, or 0 */
	struct job *next;	/* by age */
};

struct tool {
	char *name;
	char *summary;
	int ref;		/* of its table in the registry */
};

struct variable {
	char *name;
	char *value;
	bool exported;
};

struct console {
	struct sandbox *sandbox;
	int64_t fuel;		/* that tools used during this poll */
	struct console_host host;
	struct files files;
	const struct embedded_file *sources;
	int libs_ref;		/* table: name -> what the lib returned */
	int world_ref;
	struct tool **tools;	/* by name; addresses stay */
	size_t tool_count;
	const struct console_word **words;	/* by name */
	size_t word_count;
	struct variable *variables;	/* by name */
	size_t variable_count;
	char *history[CONSOLE_HISTORY_MAX];	/* a ring */
	size_t history_first;
	size_t history_count;
	struct job *jobs;	/* all, the foreground one too */
	struct job *front;
	struct script *script;	/* the line in the foreground */
	const struct shell_list *script_next;
	int pid_next;
	int status;
	struct pipe keys;
	bool keys_ended;
	struct text scratch;	/* empty but for a moment */
	struct stage *running;	/* whose Lua code runs now */
};

/* console.c */
bool tool_put(struct console *c, const char *name, const char *summary,
	      int ref, int *old_ref, struct err *err);
void *console_alloc(size_t count, size_t size);		/* zeroed, or abort */
char *console_copy(const char *s);
const struct tool *console_tool(const struct console *c, const char *name);
const struct console_word *console_word(const struct console *c,
					const char *name);
bool variable_put(struct console *c, const char *name, const char *value,
		  bool exported, struct err *err);
void variable_remove(struct console *c, const char *name);
const struct variable *variable_find(const struct console *c,
				     const char *name);

/* console_job.c */
struct job *job_new(struct console *c, struct script *script,
		    const struct shell_list *list);	/* last of c->jobs */
bool job_poll(struct job *job, struct console *c);	/* did anything move? */
void job_due(const struct job *job, int64_t *due_ns);
struct job *job_find(const struct console *c, int id);
void job_interrupt(struct job *job, int status);
void job_kill(struct job *job, int status);
void job_drop(struct console *c, struct job *job);	/* ends it if need be */
void job_describe(const struct console *c, const struct job *job,
		  struct text *out);		/* as `jobs` prints it */
void script_release(struct script *script);

/* console_begin.c */
bool stage_begin(struct stage *st, const struct shell_command *cmd,
		 struct err *err);
const char *stage_variable(const struct stage *st, const char *name);
const char *file_plain_name(const char *name);		/* without "./" */

/* console_stage.c */
bool stage_poll(struct stage *st);			/* did it move? */
void stage_interrupt(struct stage *st, int status);
void stage_wait_cancel(struct stage *st);
void stage_end(struct stage *st, int status);		/* unless it has */
void stage_release(struct stage *st);

/* console_stream.c */
void stream_close(struct stream *s);
struct stream stream_same(const struct stream *s);	/* one more end of it */
bool stage_can_fill(const struct stage *st);
bool stage_can_drain(const struct stage *st);
enum fill { FILL_MORE, FILL_END, FILL_WAIT, FILL_TOO_LONG };
enum fill stage_fill(struct stage *st);		/* bytes into st->in */
enum drain { DRAIN_DONE, DRAIN_WAIT, DRAIN_BROKEN, DRAIN_REFUSED };
enum drain stage_drain(struct stage *st, struct err *err); /* st->pending */
void stage_say(struct stage *st, const char *fmt, ...)	/* on its stderr */
	__attribute__((format(printf, 2, 3)));

/* console_io.c */
bool stage_prepare(struct stage *st, struct err *err);	/* makes st->co */
void stage_unprepare(struct stage *st);
bool console_load_all(struct console *c, struct err *err);

/* console_words.c */
void console_words_add(struct console *c);

#endif
