/* session.h - a person at a console in a world
 *
 * The console (console.h) knows no clock and the world knows no console; a
 * session is where they meet.  A line is typed at a moment of virtual time;
 * while its tools wait, the world runs, event by event, and a tool goes on at
 * the very moment its answer is there:
 *
 *	           console_poll
 *	  session ─────────────▶ console ──▶ tools ──sim.command──▶ world
 *	     │                                 ▲                      │
 *	     └── world_run_until(next event) ──┼──────── entries ─────┘
 *
 * So the same lines at the same times on the same world print the same bytes
 * and leave the same digest, whether a person watches (session_advance, a
 * frame at a time) or nobody does (session_run).
 *
 * Tools that compute instead of waiting pass no virtual time; when they do so
 * for long, a tenth of a second passes all the same, so that the world never
 * stands still.
 *
 * What was typed and what came of it is kept: the transcript, which checks
 * read as h:commands().  Several sessions may share a world and a drawer, as
 * long as only one at a time has jobs: setup types its lines in one of its
 * own, so that they do not appear in the learner's.
 *
 * A tool that meets a limit of the sandbox is told so, and the console is made
 * anew behind it: jobs and variables are gone, the history of lines stays.
 */
#ifndef LUA_SESSION_H
#define LUA_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "lua/files.h"
#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

struct console;
struct console_word;
struct embedded_file;
struct session;
struct world;

enum {
	SESSION_OUTPUT_MAX = 1024 * 1024,	/* bytes of one line's output */
};
/* How long a tool may take to say goodbye after Ctrl-C. */
#define SESSION_GRACE	SIM_S(10)

struct session_options {
	const char *world_name;			/* what tools are told */
	const struct files *files;		/* NULL: a drawer of its own */
	const struct embedded_file *sources;	/* NULL: all that are embedded */
	int columns;				/* 0: 80 */
	/* Whatever is printed, at once; stream 1 output, 2 errors.  NULL:
	 * nobody watches. */
	void (*out)(void *ctx, int stream, const char *bytes, size_t len);
	void (*clear)(void *ctx);		/* empty the screen; or NULL */
	void *ctx;
};

/* The world is borrowed and must outlive the session.  NULL options are all
 * zero.  NULL: a tool cannot be loaded. */
struct session *session_new(struct world *w,
			    const struct session_options *options,
			    struct err *err);
void session_free(struct session *s);

struct world *session_world(const struct session *s);
struct console *session_console(const struct session *s);
const struct files *session_files(const struct session *s);

/* For a handle in Lua, which may outlive the session: a ticket tells, for as
 * long as it is held. */
struct session_ticket {
	struct session *session;	/* NULL: it has ended */
	int holders;
};

struct session_ticket *session_ticket_take(struct session *s);
void session_ticket_drop(struct session_ticket *t);	/* NULL is fine */

/* A word of the host's own (console.h), also for the consoles to come. */
void session_add_word(struct session *s, const struct console_word *word);

/*
 * Run one line to its end, and the world as long as that takes.  What it
 * prints is added to *out (may be NULL), *exit_code (may be NULL) is its exit
 * status; a line that the shell cannot read prints why and ends with 2.  A
 * tool that asks for input finds the end of it.
 *
 * When `limit` of virtual time has passed, the line is interrupted as by
 * Ctrl-C, and ended SESSION_GRACE later; likewise when it prints without end,
 * or computes without ever waiting.  False, nothing done: another line still
 * runs.
 */
bool session_run(struct session *s, const char *line, sim_time limit,
		 struct text *out, int *exit_code, struct err *err);

/*
 * The same in pieces, for a front end that comes by once a frame, or for who
 * has something to do on the way.  session_start begins a line (false: another
 * one runs); one that cannot be read is over at once.
 *
 * session_advance runs the world up to `until` and serves all jobs on the way,
 * whether a line is in flight or not.  session_follow does so no further than
 * to the end of the line in flight, and ends its input when it wants some; it
 * is false when the line seems to go on for ever (see session_run).  How the
 * way is cut into pieces makes no difference to what happens.
 */
bool session_start(struct session *s, const char *line, struct err *err);
void session_advance(struct session *s, sim_time until);
bool session_follow(struct session *s, sim_time until);
bool session_busy(const struct session *s);	/* a line is in flight */
int session_status(const struct session *s);	/* of the last line */
void session_interrupt(struct session *s);	/* Ctrl-C */
void session_input(struct session *s, const char *bytes, size_t len);
void session_input_end(struct session *s);

/* The world went back in time: jobs end without a word, and the transcript
 * forgets what has now not happened. */
void session_rewound(struct session *s);
/* Likewise by who knows how many lines had been typed there: of several at one
 * time the clock cannot tell which were typed before. */
void session_rewound_to(struct session *s, size_t lines);

/* --- the transcript ----------------------------------------------------- */

struct session_line {
	sim_time at;		/* when it was typed */
	sim_time ended_at;	/* SIM_NEVER: it still runs */
	const char *line;
	const char *output;	/* both streams in order; with what background
				   jobs have printed since the line before */
	size_t output_len;
	int exit_code;
	bool cut;		/* the output was longer */
};

size_t session_line_count(const struct session *s);
/* Lent until the session goes on. */
struct session_line session_line_at(const struct session *s, size_t i);

#endif
