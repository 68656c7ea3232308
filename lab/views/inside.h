/* inside.h - what the screens around the work know of each other */
#ifndef LAB_VIEWS_INSIDE_H
#define LAB_VIEWS_INSIDE_H

#include <stdbool.h>

#include <jansson.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

struct app;
struct catalog;
struct play;
struct view;

/* Home with this unit, lesson or exercise as the current line.  False: it is
 * not on the track. */
bool home_reveal(struct view *home, const char *id);
/* Another track for home: kept as a setting and in the log. */
void home_choose_track(struct app *a);

/* Progress with this competency as the current line. */
bool progress_reveal(struct view *progress, const char *competency);

/* A world, a lesson or a word is being opened: if a question waits below, it
 * was not answered from memory. */
void quiz_looked(struct app *a);

/* Open the exercise with its attempt, if one waits.  Says why not. */
bool open_exercise(struct app *a, const char *id, const char *purpose);
bool open_sandbox(struct app *a, const char *world);
bool open_lesson(struct app *a, const char *id);
/* Time was turned back: says what came after it is kept as, if anything. */
void say_branch_left(struct app *a, struct play *p);

/* What can be done when an exercise is over, from the verdict, the debrief and
 * the console: "next.unit", "debrief.open", "verdict.again", "verdict.fresh".
 * False: it is none of these.  The play may be gone afterwards. */
bool after_work_act(struct app *a, struct play *p, const char *action);
/* Why not now, or NULL. */
const char *after_work_refuse(const struct app *a, const struct play *p,
			      const char *action);

/* How true is this: the cards of the parts that are named (a module's
 * `fidelity`; NULL: of all), to choose one. */
void fidelity_open(struct app *a, const json_t *names);
/* Is there a part of that name? */
bool fidelity_knows(const char *name);
/* Adds the card of a folder of sim/, in Markdown. */
bool fidelity_card(const struct catalog *c, const char *folder,
		   struct text *out, struct err *err);

/* What a word of the glossary means, in an overlay. */
bool open_word(struct app *a, const char *word);

#endif
