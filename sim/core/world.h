/* world.h - a simulated world: a value that can run, be kept, and go back
 *
 * A world is (name, seed, settings) plus the commands that were given to it.
 * All of its state lies in one arena (struct world_state and what hangs on
 * it); what only grows lies in streams beside it (history.h).  Nothing in the
 * arena points outside, so a snapshot is an image of the arena plus the
 * lengths of the streams; going back is restoring the nearest snapshot and
 * running forward.  Two worlds can live side by side.
 *
 *	w = world_new(&spec);               a world at time 0
 *	world_command(w, "fault ...", ...)  something from outside, journaled
 *	world_run_until(w, SIM_MINUTES(1)); events in their one order
 *	world_rewind(w, SIM_S(30));         nearest snapshot + replay
 *
 * The digest is rolled over every event and over what modules hand to
 * world_note; two runs are the same exactly when their digests are.
 */
#ifndef SIM_CORE_WORLD_H
#define SIM_CORE_WORLD_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/agenda.h"
#include "sim/core/arena.h"
#include "sim/core/err.h"
#include "sim/core/history.h"
#include "sim/core/journal.h"
#include "sim/core/luck.h"
#include "sim/core/module.h"
#include "sim/core/names.h"
#include "sim/core/pages.h"
#include "sim/core/simtime.h"

/* What the arena holds; restored as a whole. */
struct world_state {
	sim_time now;
	uint64_t events;		/* events run */
	uint64_t digest;		/* rolling */
	uint64_t seed;
	sim_time second_next;		/* when the next digest mark is due */
	struct agenda *agenda;
	struct names names;
	stream_id marks;		/* struct digest_mark, one a second */
	stream_id trace;		/* uint32_t an event; 0: not traced */
	void *parts[MODULE_COUNT];	/* each module's own root */
};

/* The digest at the first event at or after each whole second. */
struct digest_mark {
	sim_time at;
	uint64_t events;
	uint64_t digest;
};

struct snapshot {
	sim_time at;
	uint64_t events;
	uint32_t played;		/* journal entries applied */
	struct image image;
	uint64_t *marks;		/* lengths of the streams */
	uint32_t mark_count;
};

/*
 * One timer for many deadlines.  Who has several things that may fall due (an
 * answer that is late, a retry, news that are getting old) need not keep a
 * timer for each: it asks to be woken no later than each of them, and, woken,
 * looks at all of them and asks again for those that are still to come.
 */
struct wake {
	struct timer timer;		/* pending, or nobody has asked */
	sim_time at;			/* when it fires, while it is pending */
};

/* How often to keep a snapshot while running; zero turns it off. */
struct world_travel {
	sim_time every;			/* virtual time between snapshots */
	uint32_t max;			/* thin them out beyond this many */
};

struct world {
	struct arena arena;
	struct world_state *state;	/* in the arena */
	struct history history;
	struct journal journal;
	const struct module *modules[MODULE_COUNT];
	struct page_store pages;
	struct image last;		/* arena as last taken or restored */
	struct snapshot *snapshots;	/* by time */
	uint32_t snapshot_count, snapshot_cap;
	struct world_travel travel;
	sim_time snapshot_next;
};

struct world_spec {
	uint64_t seed;
	size_t arena_bytes;			/* reserved; 0: 256 MiB */
	const struct module *const *modules;	/* by enum module_id, MODULE_COUNT
						   of them; NULL: not there */
	bool trace;				/* keep a mark for every event */
};

struct world *world_new(const struct world_spec *spec);
void world_free(struct world *w);

/* -- what modules use ---------------------------------------------------- */

static inline sim_time world_now(const struct world *w)
{
	return w->state->now;
}

static inline struct arena *world_arena(struct world *w)
{
	return &w->arena;
}

#define world_take(w, type)	((type *)arena_take(&(w)->arena, sizeof(type)))
#define world_give(w, p)	arena_free(&(w)->arena, (p), sizeof(*(p)))

/* Plan an event at `at` (not before now). */
static inline void world_plan(struct world *w, sim_time at,
			      enum agenda_class class, uint16_t what,
			      void *who, uint16_t arg)
{
	assert(at >= w->state->now);
	agenda_push(w->state->agenda, at, class, what, who, arg);
}

struct timer world_timer(struct world *w, sim_time at, uint16_t what,
			 void *who, uint16_t arg);	/* CLASS_TIMEOUT */
void world_cancel(struct world *w, struct timer *timer);

/*
 * Fire `what` for `who` at `at` or earlier: a wake that is pending moves
 * forward, never back.  A time that has passed means now.  All who ask for one
 * wake name the same event.  `world_cancel(w, &wake->timer)` takes it back.
 */
void world_wake(struct world *w, struct wake *wake, sim_time at,
		uint16_t what, void *who);

/* Do now what the event would do; not an event of its own. */
void world_call(struct world *w, uint16_t what, void *who, uint16_t arg);

/* Fold a fact into the digest. */
static inline void world_note(struct world *w, uint64_t fact)
{
	w->state->digest = (w->state->digest ^ fact) *
			   UINT64_C(0x9fb21c651e98df25);
	w->state->digest ^= w->state->digest >> 32;
}

name_id world_name(struct world *w, const char *text);
const char *world_text(const struct world *w, name_id id);

/* -- running ------------------------------------------------------------- */

/* Run everything planned up to and at `until`; now is `until` afterwards.
 * Commands of the journal that lie ahead are applied where they belong. */
void world_run_until(struct world *w, sim_time until);

/* Run one event (or one command of the journal that is due before it).
 * False: nothing happens any more. */
bool world_step(struct world *w);

/* When the next thing happens; SIM_NEVER if nothing will. */
sim_time world_next(struct world *w);

/*
 * Apply a command now and journal it.  A future that was rewound is cut off.
 * False, err set, nothing changed and nothing journaled: bad command.
 */
bool world_command(struct world *w, const char *line, int64_t *result,
		   struct err *err);

/* Put a command where a saved run has it: it is applied when reached. */
void world_expect(struct world *w, sim_time at, uint64_t events,
		  const char *line);

uint64_t world_digest(const struct world *w);	/* of the run so far */
const char *world_event_name(const struct world *w, uint16_t what);

/* -- time travel --------------------------------------------------------- */

/* Keep a snapshot now and every `every` of virtual time from here on. */
void world_travel_on(struct world *w, sim_time every, uint32_t max);
void world_snapshot(struct world *w);		/* keep this moment */

/* Be at time `to` again (or go there).  The journal stays; see journal.h. */
void world_rewind(struct world *w, sim_time to);

/* Be exactly where `events` events had run and `played` commands were applied. */
void world_rewind_to(struct world *w, uint64_t events, uint32_t played);

/*
 * Try something from here: `go` gives commands and runs the world on; when it
 * comes back the world is where it was, with the journal it had, and knows
 * nothing of it.  What is to be compared `go` notes outside the world.
 */
void world_branch(struct world *w, void (*go)(struct world *w, void *ctx),
		  void *ctx);

/* A new command makes another future: drop what was kept of the old one. */
void world_forget_future(struct world *w);
void world_drop_snapshots(struct world *w, uint32_t from);

size_t world_hot_bytes(const struct world *w);	/* arena in use */

#endif
