/* views.h - the screens there are, and how to open them
 *
 * One file a screen.  Each opener makes a view for app_push, or opens it and
 * says so.  Names are those of screens.md 2; `millrace shot NAME` draws them.
 */
#ifndef LAB_VIEWS_VIEWS_H
#define LAB_VIEWS_VIEWS_H

#include "lab/tui/app.h"

struct play;
struct verdict;

/* --- home.c, welcome.c ------------------------------------------------------- */
struct view *welcome_view(struct app *a);
struct view *home_view(struct app *a);

/* --- lesson.c: "bigdata/log" ---------------------------------------------------- */
struct view *lesson_view(struct app *a, const char *id, struct err *err);

/* --- workbench.c: an exercise (id or folder), or free play in a world --------------- */
struct workbench_options {
	const char *exercise;	/* id, folder or module.lua; or NULL and */
	const char *world;	/* a world for the sandbox */
	const char *settings;	/* of that world, "key=value ..."; may be NULL */
	uint64_t seed;		/* 0: the one of the open attempt, else 1 */
	const char *purpose;	/* "learn", "review" or "free"; NULL: learn */
	bool resume;		/* go on with the open attempt, if there is one */
	const char *attempt;	/* this one of the exercise again, as it ended:
				   nothing of it is kept; or NULL */
	const char *lead_in;	/* lines typed at once, "goto 2m"; or NULL */
	const char *ghost;	/* suggested at the prompt; or NULL */
};
struct view *workbench_view(struct app *a, const struct workbench_options *o,
			    struct err *err);

/* --- over or after a workbench ------------------------------------------------------- */
struct view *hints_view(struct app *a, struct play *p);
struct view *faults_view(struct app *a, struct play *p);
struct view *verdict_view(struct app *a, struct play *p);
struct view *debrief_view(struct app *a, struct play *p);
struct view *compare_view(struct app *a, struct play *p, const char *left,
			  const char *right);
/* A file of the console's drawer. */
struct view *editor_view(struct app *a, struct play *p, const char *name);

/* --- author.c: a module as it is written; a module.lua or its folder -------------------- */
struct view *author_view(struct app *a, const char *path, struct err *err);
void author_seed(struct view *author, uint64_t seed);	/* 0: 1 */
void author_ask(struct app *a);		/* which one?  Then opens it. */

/* --- study ----------------------------------------------------------------------------- */
struct view *progress_view(struct app *a);
struct view *rubric_view(struct app *a);
struct view *quiz_view(struct app *a, const char *unit, uint64_t seed);
struct view *review_view(struct app *a);

/* Everything in one box: actions of this place first (those that cannot be
 * done now say why), then what the course has. */
struct view *palette_view(struct app *a);

/* --- the rest ----------------------------------------------------------------------------- */
struct view *search_view(struct app *a);
struct view *settings_view(struct app *a);

/* What struct app_outside wants of us: the actions that open screens, and
 * whatever has an id (an exercise, a lesson, a unit, a word, a competency). */
bool views_act(struct app *a, const struct action *act);
bool views_open(struct app *a, const char *id);

#endif
