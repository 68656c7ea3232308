/* program.h - what a program is to the simulation, in whatever language
 *
 * The service host knows when a program has to run and what that costs; how it
 * runs is known by a runtime, a table of functions that stands outside of
 * sim/ (lua/program.c: programs in Lua).  The runtime defines handlers, the
 * host calls them:
 *
 *	PROGRAM_START	once, before anything else
 *	PROGRAM_RECORD	for each record that was polled
 *	PROGRAM_REQUEST	for each HTTP request that is not the host's own
 *	PROGRAM_TIMER	at each tick of a timer
 *	PROGRAM_RESULT	for each batch of produced records whose fate is known
 *	PROGRAM_STOP	when it is asked to stop
 *
 * A call of a handler is a task (task.h).  It runs in segments: from its
 * beginning, or from where it waited, to its end or to where it waits next.
 * A segment takes no virtual time by itself; it says what it cost, the host
 * spends that on the CPU, and then does what the segment waits for.
 *
 * State.  Everything a program knows must lie in the world's arena, where a
 * snapshot finds it: a runtime allocates from arena_take, and keeps nothing
 * outside.  What a segment does and costs may depend on nothing else.
 */
#ifndef SIM_APP_PROGRAM_H
#define SIM_APP_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

struct service;
struct task;
struct world;

enum program_handler {
	PROGRAM_START, PROGRAM_RECORD, PROGRAM_REQUEST, PROGRAM_TIMER,
	PROGRAM_RESULT, PROGRAM_STOP,
	PROGRAM_HANDLERS
};

/* How a segment ended. */
enum program_step {
	PROGRAM_DONE,
	PROGRAM_WAITS,			/* for task.wait */
	PROGRAM_FAILED,			/* an error that nobody caught */
};

struct program_runtime {
	const char *suffix;		/* of the files it runs: ".lua" */
	/* Load the text for a service that starts, and run what stands outside
	 * of handlers.  NULL, err set: it does not load. */
	void *(*load)(struct world *w, struct service *s, const char *name,
		      const char *text, size_t len, struct err *err);
	void (*drop)(struct world *w, void *program);
	bool (*has)(void *program, enum program_handler handler);
	/* Run a task's next segment; fills task.cost and, if it waits, what it
	 * waits for.  If it failed, *why is the error and below it, a line
	 * each, where that was. */
	enum program_step (*run)(struct world *w, void *program,
				 struct task *t, struct text *why);
	/* The task is over, whatever became of it. */
	void (*forget)(struct world *w, void *program, struct task *t);
	/* Bytes that the program holds alive. */
	int64_t (*bytes)(void *program);
};

#endif
