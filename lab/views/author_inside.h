/* author_inside.h - what the files of the author screen share
 *
 *	author.c	its life, its actions, when the files are looked at
 *	author_draw.c	what it looks like
 *	author_play.c	the exercise as a learner plays it, over it
 *	author_wrong.c	its wrong fixes, played, and what catches each
 */
#ifndef LAB_VIEWS_AUTHOR_INSIDE_H
#define LAB_VIEWS_AUTHOR_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/author/prove.h"
#include "lab/author/watch.h"
#include "lab/tui/markdown.h"
#include "lab/views/cursor.h"
#include "lab/views/views.h"

#define AUTHOR_LOOK_EVERY	INT64_C(500000000)	/* ns of wall time */

/* What stands in the list: a problem, or a proof that failed. */
struct finding {
	const struct problem *problem;
	const struct prover_row *row;
};

struct author {
	struct view view;
	struct preview *preview;
	struct prover prover;
	uint64_t seed;		/* that is played */
	int64_t since_ns;	/* the files were looked at */
	struct cursor at;	/* in the list of findings */
	size_t task;
	int findings_shown;	/* rows, as drawn last */

	struct text source;	/* the file of the finding it is on */
	char *source_file;	/* NULL: none was read */

	/* The page of the task, laid out: of this version, task and width. */
	struct markdown page;
	bool is_laid_out;
	uint64_t page_generation;
	size_t page_task;
	int page_cols;
	int page_top, page_shown;
};

static inline struct author *author_of(struct view *v)
{
	return (struct author *)v;
}
static inline const struct author *author_of_const(const struct view *v)
{
	return (const struct author *)v;
}

/* author.c */
size_t finding_count(const struct author *w);
struct finding finding_at(const struct author *w, size_t i);
/* What the proof says is not of the files as they are now. */
bool author_proof_is_old(const struct author *w);
/* So much wall time has passed; true: the module was read anew. */
bool author_pass(struct author *w, int64_t wall_ns);
bool author_look(struct author *w);

/* author_draw.c */
void author_draw(struct view *v, struct grid *g, struct rect body);
void author_crumb(const struct view *v, struct text *left,
		  struct text *right);

/* author_play.c: says why not */
bool author_play(struct author *w);

/* author_wrong.c: says why not */
void author_wrong(struct author *w);

#endif
