/* play_inside.h - what the files of a play share
 *
 *	play.c		life; inputs, and how they are played again
 *	play_time.c	frames, speed, pausing, stepping, being elsewhere in time
 *	play_branch.c	branches, read off the tape
 *	play_files.c	the learner's drawer, and its copy in the play
 *	play_notes.c	what is of note: sampled on the way
 *	play_words.c	the words of time, branches and views
 */
#ifndef LAB_PLAY_PLAY_INSIDE_H
#define LAB_PLAY_PLAY_INSIDE_H

#include "lab/course/attempt.h"
#include "lab/play/play.h"
#include "lab/play/tape.h"

/* A console line or a `fault`: how far the journal was before and after. */
struct typed {
	sim_time at;
	uint32_t before, after;		/* after: UINT32_MAX, still in flight */
	char *line;
};

/* What was seen on the way, in order of time. */
struct seen {
	struct play_event event;
	uint32_t process;		/* of a log line */
};

/* A promise of every world, in the sandbox: was it kept, second by second? */
enum world_promise { PROMISE_ONLINE, PROMISE_IN_SYNC, PROMISE_COUNT };

/* Counters of a machine at a second, for the truth of its load. */
struct pulse_machine {
	int64_t cpu_ns, disk_ns, net_bytes;
};

struct pulse {
	sim_time at;
	struct pulse_machine *machines;
	uint32_t count;
};

enum { PULSES = 8 };

struct notes {
	struct seen *seen;
	size_t seen_count, seen_cap;
	uint64_t logs;			/* lines looked at */
	uint8_t *health;		/* of each target, as last seen */
	uint32_t health_count;
	bool kept[PROMISE_COUNT];
	sim_time second;		/* promises were looked at up to here */
	int broken, passed, down;	/* how many of each so far */
	struct pulse pulses[PULSES];	/* a ring, by second */
	struct play_event *list;	/* what play_events gave last */
	size_t list_count;
	uint64_t list_key;		/* for what state it was */
};

struct play {
	const struct exercise *module;
	struct play_options options;
	struct attempt *a;
	struct tape tape;
	bool is_mute;			/* played again: nobody hears */
	bool has_quit;
	/* While it is played again: virtual time that was passed, of all that
	 * will be. */
	sim_time replay_done, replay_of;
	bool is_stopped;		/* by on_progress */

	struct files_memory *memory;	/* the drawer of this run */
	struct files memory_face;
	struct files face;		/* what tools get: files.c */

	bool paused;			/* no free running */
	bool held;			/* a `run 30s` is, half-way */
	bool hurried;			/* a `goto` forward: at full speed */
	bool seeks_event;		/* `goto event next` */
	bool lines_wait;		/* typed ahead of what is busy */
	int speed;			/* in thousandths */
	sim_time slice;			/* as much as a slice lets pass */
	char reason[160];		/* of the last pause */
	int64_t wall_seen, clock_wall;	/* ns; since the last figures */
	sim_time time_seen;
	int reached;			/* in thousandths */
	sim_time clock_at;		/* of the last mark */

	struct typed *typed;
	size_t typed_count, typed_cap;
	struct notes notes;

	struct play_branch *branches;
	size_t branch_count;
	size_t branches_of;		/* ops that these were read off */
	struct play_save *saves;
	struct play_task *tasks;
};

/* --- play.c --- */

void play_say(struct play *p, int stream, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put one more input on the tape, as of now, and tell the store. */
struct op *play_record(struct play *p, struct op *op);
void play_stamp(const struct play *p, struct op *op);
struct op *play_keep(struct play *p, const struct op *op);

/* Record it and do it. */
bool play_input_op(struct play *p, struct op *op, struct err *err);
bool play_is_reset(const char *line);		/* `reset yes` */
/* What a return takes with it. */
void play_return_carry(struct play *p, const struct op *op);

/* The run up to before input `n`, made anew in place of the one there is.
 * False: it is not the same any more; all stays as it was. */
bool play_rebuild(struct play *p, uint32_t n, struct err *err);

/* The run up to before input `n` once more, beside this one: nobody hears it
 * and nothing is kept of it.  The caller frees it. */
struct play *play_again(struct play *p, uint32_t n, struct err *err);

/* Go on to a place further on, as it was come to the first time. */
bool play_reach(struct play *p, const struct moment *to, struct err *err);

/* --- play_time.c --- */

/* Time was told how far to go by a word, or free. */
void play_look_at_target(struct play *p, bool had_target);
void play_tell_clock(struct play *p);
bool play_go_back(struct play *p, const char *text, const struct moment *to,
		  struct err *err);

/*
 * See the world as it was at `at`: `look` is called there, and all is as
 * before.  Nothing that happened may depend on it.
 */
void play_look_back(struct play *p, sim_time at,
		    void (*look)(struct play *p, void *ctx), void *ctx);

/* --- play_branch.c --- */

/* The name that the branch just left has got; NULL: none was left. */
const char *play_branch_left(struct play *p);
/* The inputs that stand behind the state before input `n`, without those that
 * going back has undone; the caller frees *out. */
size_t play_trail(const struct play *p, uint32_t n, uint32_t **out);

/* --- play_files.c --- */

void play_files_open(struct play *p);
/* Another run begins: an empty drawer.  Gives the old one. */
struct files_memory *play_files_swap(struct play *p, struct files_memory *m);
void play_files_in(struct play *p);	/* what an editor has changed there */
void play_files_out(struct play *p);	/* all of ours to the learner's */

/* --- play_notes.c --- */

/* Look at what has happened since the last time; at least once a second. */
void play_note(struct play *p);
void play_notes_back(struct play *p);	/* the world has gone back */
void play_notes_clear(struct play *p);
void play_typed_begin(struct play *p, const char *line);
void play_typed_end(struct play *p);
/* Load counters at least a second old; NULL: none. */
const struct pulse *play_pulse_before(const struct play *p, sim_time at);
void play_pulse_take(struct play *p);

/* --- play_words.c --- */

bool play_word(struct play *p, const char *line);

#endif
