/* event.h - what can happen to a learner, as a versioned contract
 *
 * Progress is a log of events and nothing else: mastery, reviews, what is done
 * are computed from it, and can be thrown away and computed again.  An event
 * is never changed.  A mistake is put right by a later event; a better form of
 * an event gets the next version, and an old one is brought up to date when it
 * is read (an upcaster, event.c), never in the file.
 *
 * Bodies are JSON objects.  `?` marks a field that may be absent.
 *
 *	profile.set	{key, value}
 *	lesson.read	{lesson, page, pages}		pages count from 1
 *	attempt.started	{attempt, exercise, module_version, hash, seed,
 *			 purpose: learn|review|free, world, difficulty?,
 *			 competencies?: {id: weight}}
 *	attempt.op	{attempt, n, op, task?}		n counts from 0
 *	attempt.graded	{attempt, verdict: {status, points, points_max,
 *			 hint_cost, tasks: [{id, kind, status, points,
 *			 points_max}], competencies: {id: weight}},
 *			 tries, hints, minutes, par_minutes, solution?}
 *	attempt.ended	{attempt, how: passed|gave_up|left|reset|quit,
 *			 at_sim}
 *	item.answered	{item, variant, competencies: {id: weight}, options,
 *			 answer, right, sure: guess|likely|sure, looked,
 *			 difficulty?}
 *	rubric.rated	{statement, rating}		1 to 5
 *	review.postponed {card, days}
 *	card.added	{card, exercise, competency}
 *
 * `attempt` is an id of store_id.  `difficulty` is the author's, 1 to 10.
 * `task` is the one being worked on; `op` belongs to the tape and is opaque.
 * `tries` counts checks so far, this one included; `hints` counts the rungs
 * opened, `solution` is true when the last one was (it shows the steps).
 * `minutes` are the learner's, `par_minutes` the author's.  `at_sim` is
 * virtual time, ns.  `options` is how many answers there were to choose from,
 * 0 when it was free.  `free` play is kept and never counts.  An item whose
 * id is a card's (`card:EXERCISE/N`) is a review of that card.
 *
 * Profile keys that mean something here:
 *	utc-offset-min	what a day is, and on which date; 0
 *	day-start-min	minutes after midnight at which a day begins; 240
 * Both hold from the event on, so that computing again gives the same days.
 *
 * What ends an attempt for good is passed, gave_up and reset.  One that was
 * left, or whose program was quit or died, waits and may be taken up again.
 */
#ifndef LAB_PROGRESS_EVENT_H
#define LAB_PROGRESS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

enum {
	EVENT_DEVICE = 16,	/* hexadecimal digits of a device's name */
	EVENT_HASH = 64,	/* and of a SHA-256 */
};

enum event_kind {
	EVENT_PROFILE_SET,
	EVENT_LESSON_READ,
	EVENT_ATTEMPT_STARTED,
	EVENT_ATTEMPT_OP,
	EVENT_ATTEMPT_GRADED,
	EVENT_ATTEMPT_ENDED,
	EVENT_ITEM_ANSWERED,
	EVENT_RUBRIC_RATED,
	EVENT_REVIEW_POSTPONED,
	EVENT_CARD_ADDED,
	EVENT_KINDS,
	EVENT_UNKNOWN = EVENT_KINDS,	/* a newer Millrace wrote it: kept,
					 * exported, and otherwise passed by */
};

/* One line of the log.  `device` wrote it as its number `seq` (from 1); the
 * hash goes over all other fields, and `prev` is the one of seq - 1. */
struct event {
	char device[EVENT_DEVICE + 1];
	int64_t seq;
	int64_t at_ms;			/* wall, since 1970-01-01 UTC */
	enum event_kind kind;
	char kind_name[32];
	int version;			/* as written */
	char *body;			/* the exact text, as hashed */
	json_t *json;			/* the body, brought up to date */
	char prev[EVENT_HASH + 1], hash[EVENT_HASH + 1];
};

void event_release(struct event *e);

const char *event_kind_name(enum event_kind k);
enum event_kind event_kind_of(const char *name);	/* or EVENT_UNKNOWN */
int event_version(enum event_kind k);			/* the present one */

/* Does a body of the present version have the fields above, of their types?
 * The sentence names the kind and the field. */
bool event_check(enum event_kind k, const json_t *body, struct err *err);

/* The body in its present form; a new reference.  NULL: it cannot be read. */
json_t *event_upcast(enum event_kind k, int version, const char *body,
		     struct err *err);

/* What the hash of `e` has to be, over its other fields. */
void event_hash(const struct event *e, char out[EVENT_HASH + 1]);

/* One JSON line with a newline at its end, and back.  `line` and `len` are
 * without it.  Reading checks the form and the hash, not the chain. */
void event_line(const struct event *e, struct text *out);
bool event_parse(const char *line, size_t len, struct event *e,
		 struct err *err);

#endif
