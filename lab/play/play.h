/* play.h - a run a person works on: an exercise, or a world to play with
 *
 * A play is an attempt (course/attempt.h) with a clock that can be held, sped
 * up, stepped, turned back and branched.  The screen and `--plain` both drive
 * one; neither knows more of time than is written here.
 *
 *	   keys, typed lines                     frames of the wall clock
 *	          │                                        │
 *	   play_line ──▶ words ──▶ attempt ◀── play_frame ─┘
 *	          │                   │
 *	          └──▶ tape ──on_op──▶ store      play_events, topo.h, chart.h ...
 *
 * Two things happen to a play: inputs, which are kept one by one on the tape
 * (tape.h), and the passing of time, which is not: how long a wait was shows in
 * the time of the next input.  So (module, seed, tape) is the run, and
 * play_resume makes it again, to the same digest, after a crash; what may be
 * lost is free running since the last `on_clock`.
 *
 * No wall clock is read in here.  play_frame is told how much of it passed, and
 * asks a function of the caller whether its time is up.
 *
 * Branches.  Going back never forgets: what came after is kept as a branch,
 * "before rewind 1", and play_return goes there again.  A branch costs nothing:
 * it is a place on the tape, and is made again by playing the tape up to it.
 *
 * What a play prints goes to options.out at once; what is returned as a
 * `const` pointer is lent until the next call that is not a question.
 */
#ifndef LAB_PLAY_PLAY_H
#define LAB_PLAY_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lab/course/exercise.h"
#include "lab/run_file.h"
#include "lua/files.h"
#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

struct attempt;
struct play;
struct session;
struct world;

/* --- life ------------------------------------------------------------------ */

/* Reasons for the world to pause by itself while it runs freely; a set.  A wait
 * of so long is not cut short. */
enum play_pause {
	PLAY_PAUSE_BROKEN = 1 << 0,	/* a promise broke */
	PLAY_PAUSE_PASSED = 1 << 1,	/* a task passed */
	PLAY_PAUSE_SEEN = 1 << 2,	/* monitoring saw a target go down */
};

struct play_options {
	uint64_t seed;
	run_maker *make;	/* of worlds, by name; NULL: lua_world */
	/* The learner's drawer.  It is read once, at the start, and what tools
	 * write is written there too; the play itself works on a copy, which
	 * is on the tape.  NULL: in memory only. */
	const struct files *files;
	bool interactive;	/* tools may ask for input (play_input) */
	int columns;		/* what words print is wrapped; 0: never */
	bool running;		/* not paused at the start */
	int speed;		/* in thousandths; 0: PLAY_SPEED_MAX */
	unsigned pause_on;	/* set of enum play_pause */
	bool truth;		/* may be seen; always so in a sandbox */

	/* What is printed; stream 1 or 2.  NULL: nobody watches. */
	void (*out)(void *ctx, int stream, const char *bytes, size_t len);
	/* The tape: each input as it happens, to be kept for play_resume.  A
	 * number is never given twice.  Borrowed; json_incref to keep it. */
	void (*on_op)(void *ctx, const json_t *op);
	/* Where free running has come to, now and then; the last one counts. */
	void (*on_clock)(void *ctx, const json_t *mark);
	/* A run is played again (resume, return to a branch, compare): so much
	 * virtual time of so much is done.  Told once a virtual second.  False
	 * stops it: what asked for it fails, and all is as it was.  NULL:
	 * nobody is told. */
	bool (*on_progress)(void *ctx, sim_time done, sim_time of);
	void *progress_ctx;
	bool *was_stopped;	/* set when that stopped it; may be NULL */
	void *ctx;		/* of out */
	void *tape_ctx;		/* of on_op and on_clock */
};

/* The module is borrowed.  NULL: the module or the world cannot be made. */
struct play *play_new(const struct exercise *m, const struct play_options *o,
		      struct err *err);
void play_free(struct play *p);

/*
 * The same play again from its tape: an array of what on_op was given, in
 * order, and the last mark of on_clock (NULL: none).  Nothing is printed
 * and no callback but on_progress is called meanwhile.  NULL: it is no such
 * tape, or the program has changed and the run is no longer the same, or it was
 * stopped; err says where.
 */
struct play *play_resume(const struct exercise *m,
			 const struct play_options *o, const json_t *ops,
			 const json_t *mark, struct err *err);

/* Borrowed, for questions only: change nothing in there. */
const struct exercise *play_module(const struct play *p);
const struct attempt *play_attempt(const struct play *p);
const struct world *play_world(const struct play *p);
struct session *play_session(struct play *p);	/* completion, history */
bool play_is_sandbox(const struct play *p);
/* May truth be seen: a sandbox, or the debrief of an exercise? */
bool play_truth(const struct play *p);

/* --- act ------------------------------------------------------------------- */

/* Begin one input: a word (time, branches, views, those of an exercise) or a
 * line for the console.  Whether it is over at once: play_busy.  Words that are
 * refused say why on stream 2. */
void play_line(struct play *p, const char *line);

/* Does a line or a `run 30s` still go on?  Not one that was paused half-way. */
bool play_busy(const struct play *p);
bool play_in_flight(const struct play *p);	/* a console line does */
int play_status(const struct play *p);		/* exit status of the last */
void play_interrupt(struct play *p);		/* Ctrl-C */

/* Was a `run 30s` paused half-way?  play_run goes on with it. */
bool play_held(const struct play *p);

/* Lines were typed ahead: they wait for what is busy.  Then a frame ends at the
 * very moment that does, or wants input, and time stands still until the next
 * line is begun: when it begins depends on no frame. */
void play_expect(struct play *p, bool lines_wait);

/* Does a tool wait for what is typed?  Then: whole lines with their newline,
 * and Ctrl-D. */
bool play_wants_input(const struct play *p);
void play_input(struct play *p, const char *bytes, size_t len);
void play_input_end(struct play *p);

/* A file of the learner's, written by an editor rather than by a tool. */
bool play_file(struct play *p, const char *name, const char *bytes, size_t len,
	       struct err *err);
bool play_file_remove(struct play *p, const char *name, struct err *err);
const struct files *play_files(const struct play *p);	/* to read */

/* Let time pass until nothing is busy, or a tool wants input, or `stop` says
 * so (NULL: never).  For who has no frames. */
void play_finish(struct play *p, bool (*stop)(void *ctx), void *ctx);

/* --- time ------------------------------------------------------------------ */

#define PLAY_SPEED_MAX	0	/* as fast as it goes */
#define PLAY_REAL_TIME	1000	/* as the clock on the wall */

/* A line in flight runs so far at once, then so many times the wall clock. */
#define PLAY_LINE_FREE	SIM_MINUTES(2)
#define PLAY_LINE_SPEED	10000

sim_time play_now(const struct play *p);
sim_time play_start(const struct play *p);	/* where it began */
sim_time play_end(const struct play *p);	/* of an exercise's time;
						   SIM_NEVER: there is none */
sim_time play_furthest(const struct play *p);	/* of this branch and those
						   that were left */
bool play_has_ended(const struct play *p);	/* quit, or given up */

bool play_paused(const struct play *p);
void play_pause(struct play *p);
void play_run(struct play *p);			/* freely, until paused */
/* Why it paused by itself last, in a sentence; "" if it did not. */
const char *play_pause_reason(const struct play *p);

int play_speed(const struct play *p);		/* in thousandths */
void play_speed_set(struct play *p, int speed);
void play_speed_step(struct play *p, int by);	/* -1 slower, 1 faster */
void play_speed_text(struct text *t, int speed);	/* "60x", "max" */
/* What was really reached in the last second of frames, in thousandths. */
int play_speed_reached(const struct play *p);

/*
 * One frame: `wall_ns` of the wall clock have passed since the last one.  Lets
 * as much virtual time pass as the speed says (nothing when paused and nothing
 * is in flight), in slices so short that `expired` is asked about every
 * millisecond.  Time that could not be afforded is not owed.  True: something
 * has changed.
 */
bool play_frame(struct play *p, int64_t wall_ns, bool (*expired)(void *ctx),
		void *ctx);

/* Be at another time; paused there.  Going forward takes its frames (or
 * play_finish), at full speed. */
bool play_goto(struct play *p, sim_time to, struct err *err);
/* All that happens at the next moment something does; -1: undo that. */
bool play_step(struct play *p, int by, struct err *err);

struct play_save {
	char name[64];
	sim_time at;
};

bool play_save(struct play *p, const char *name, struct err *err);
size_t play_saves(const struct play *p, const struct play_save **out);
/* To a save point of that name; NULL: the last one, or the start. */
bool play_rewind(struct play *p, const char *name, struct err *err);

/* --- branches ---------------------------------------------------------------- */

struct play_branch {
	char name[64];		/* "before rewind 1", "now" */
	sim_time from;		/* where it parted from what came after */
	sim_time to;		/* when it was left */
	int lines;		/* typed since `from` */
	uint32_t left;		/* number of the input that left it */
	bool is_current;	/* the one we are in; always the last */
};

size_t play_branches(const struct play *p, const struct play_branch **out);
/* What comes from here on has this name once it is left; and a save point. */
bool play_branch(struct play *p, const char *name, struct err *err);
/* To where that branch was left.  Takes as long as playing it. */
bool play_return(struct play *p, const char *name, struct err *err);

/* --- what is of note ---------------------------------------------------------- */

enum play_event_kind {
	EVENT_LINE,		/* typed, and it changed the world */
	EVENT_SAVE,
	EVENT_PASSED,		/* a task */
	EVENT_BROKEN,		/* a promise */
	EVENT_WARN, EVENT_ERROR,	/* a log line */
	EVENT_DOWN, EVENT_UP,	/* a target, as monitoring saw it */
	EVENT_FAULT, EVENT_HEALED,	/* truth */
	PLAY_EVENT_KINDS	/* not EVENT_KINDS: that is of progress/event.h */
};
extern const char *const play_event_words[];	/* by kind: "typed", ... */

struct play_event {
	sim_time at;
	enum play_event_kind kind;
	char text[120];
};

/* All up to now, in order of time.  Truth only where it may be seen. */
size_t play_events(struct play *p, const struct play_event **out);
const struct play_event *play_event_next(struct play *p, sim_time after);
const struct play_event *play_event_prev(struct play *p, sim_time before);

/* The earliest moment at which a promise was broken; SIM_NEVER: none was.
 * *what (may be NULL) is which. */
sim_time play_first_broken(struct play *p, struct text *what);

/* --- tasks -------------------------------------------------------------------- */

enum play_task_state { TASK_OPEN, TASK_CURRENT, TASK_PASSED, TASK_BLOCKED };

struct play_task {
	const char *id, *title;		/* title: the id when there is none */
	const char *kind;		/* "operate", "predict", ... */
	const char *answer;		/* given; NULL: none */
	enum play_task_state state;
	sim_time passed_at;
	int64_t points;
	int hints, hints_open;
};

size_t play_tasks(struct play *p, const struct play_task **out);

/* --- words, for the palette and completion --------------------------------------- */

/* Every word: name, how it is written, what it does. */
void play_each_word(const struct play *p,
		    void (*visit)(void *with, const char *name,
				  const char *usage, const char *summary),
		    void *with);

#endif
