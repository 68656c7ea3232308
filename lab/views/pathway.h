/* pathway.h - a track of the course as a tree to fold: stages, units, and what
 * is in them
 *
 *	▾ Foundation       ░░░░░░░░   0/4   20 to come
 *	  ▾ Big data fundamentals   ✓ ▸ · · ‒ ‒
 *	      lesson    The log: one idea behind queues ...      read
 *	      operate   Your first log                           20 min
 *
 * What the learner did is read once, when it is made; a new one is made
 * whenever home is shown.  A specialisation stands like a stage of its own.
 * Exercises of the pool are kept for exams and are in no list.
 */
#ifndef LAB_VIEWS_PATHWAY_H
#define LAB_VIEWS_PATHWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct catalog;
struct store;

enum path_kind { PATH_STAGE, PATH_UNIT, PATH_LESSON, PATH_EXERCISE };

enum path_mark {
	PATH_DONE,		/* ✓ */
	PATH_CURRENT,		/* ▸ the one to go on with */
	PATH_OPEN,		/* · */
	PATH_TO_COME,		/* ‒ not in this version */
};
extern const char *const path_glyphs[];		/* by path_mark */

struct path_node {
	enum path_kind kind;
	char *id;		/* "bigdata", "bigdata/log", "bigdata.five-vs" */
	const char *title, *when;	/* catalog; `when` may be "" */
	const json_t *json;	/* catalog */
	enum path_mark mark;	/* of a lesson or an exercise */
	int64_t page, pages;	/* of a lesson that was opened */
	size_t parent;		/* node; its own index at the top */
	size_t done, there, total;	/* exercises below it, without pool */
	bool is_open;		/* unfolded */
};

struct pathway {
	const struct catalog *catalog;
	struct path_node *nodes;	/* each before those below it */
	size_t count;
	size_t *lines;		/* nodes that are seen, in order */
	size_t line_count;
	size_t done, there, total;	/* of the whole track */
};

/* `track` NULL or unknown: the catalog's first.  `current` is an exercise or
 * NULL.  What was unfolded in `before` (NULL: nothing) stays so. */
void pathway_make(struct pathway *p, const struct catalog *c, struct store *s,
		  const char *track, const char *current,
		  const struct pathway *before);
void pathway_release(struct pathway *p);

/* The track that is meant: never NULL with a catalog that has any. */
const json_t *pathway_track(const struct catalog *c, const char *wanted);

void pathway_fold(struct pathway *p, size_t node, bool open);
/* Unfold whatever hides it; the value is its line, line_count: not there. */
size_t pathway_reveal(struct pathway *p, const char *id);
/* The first exercise that is there and not done, or NULL. */
const struct path_node *pathway_next(const struct pathway *p);

#endif
