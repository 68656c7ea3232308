/* scenes.h - screens with something on them, the same each time
 *
 * A scene is an opener and a script of keys over a fixed record, a fixed date
 * and a fixed seed, so that the same program draws the same cells.  They are
 * what `millrace shot` photographs and what the golden pictures compare.
 */
#ifndef LAB_VIEWS_SCENES_H
#define LAB_VIEWS_SCENES_H

#include "lab/course/catalog.h"
#include "lab/tui/grid.h"
#include "sim/core/err.h"

struct scene {
	const char *name;	/* NULL ends */
	const char *summary;
	const char *open;	/* "home", "start ID", "sandbox WORLD", ... */
	const char *keys;	/* app_keys */
};
extern const struct scene scenes[];

struct scene_options {
	const struct catalog *catalog;
	const char *content;
	int rows, cols;
	const char *keys;	/* after the scene's own; may be NULL */
};

/* Draw it.  False: a key did nothing, or the content is at fault. */
bool scene_draw(const struct scene *s, const struct scene_options *o,
		struct grid *g, struct err *err);
const struct scene *scene_find(const char *name);

/* The wall clock of scenes: Sunday 22 November 2026, 09:00 UTC. */
#define SCENE_NOW_MS	INT64_C(1795338000000)

struct store;
/* Nine days of a learner's record, in memory. */
struct store *scene_record(const struct catalog *c, struct err *err);

#endif
