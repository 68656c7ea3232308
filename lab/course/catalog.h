/* catalog.h - the course as one thing: pathway, competencies, tracks, modules
 *
 * The files of content/ are read through a sandbox and kept as JSON; the
 * exercises that exist as modules are those found in exercises/UNIT/SLUG/.  An
 * exercise of the pathway without a module is still to come, and is shown so.
 */
#ifndef LAB_COURSE_CATALOG_H
#define LAB_COURSE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

struct catalog {
	char *root;		/* the folder of content/ and exercises/ */
	json_t *pathway;	/* {phases, units} */
	json_t *competencies;	/* the list */
	json_t *levels;		/* of the matrix, from 1: {level, title, when} */
	json_t *tracks;		/* {specialisations, tracks} */
	json_t *terms;		/* the list */
	char **modules;		/* ids of those that exist, in order */
	size_t module_count;
};

struct catalog *catalog_load(const char *root, struct err *err);
void catalog_free(struct catalog *c);

/* All of these are NULL when there is none. */
const json_t *catalog_unit(const struct catalog *c, const char *id);
const json_t *catalog_phase(const struct catalog *c, const char *id);
const json_t *catalog_exercise(const struct catalog *c, const char *id,
			       const json_t **unit);
/* `id` is UNIT/LESSON. */
const json_t *catalog_lesson(const struct catalog *c, const char *id,
			     const json_t **unit);
const json_t *catalog_competency(const struct catalog *c, const char *id);
const json_t *catalog_track(const struct catalog *c, const char *id);
const json_t *catalog_specialisation(const struct catalog *c, const char *id);
/* By its name or one of its other spellings, case aside. */
const json_t *catalog_term(const struct catalog *c, const char *word);

bool catalog_has_module(const struct catalog *c, const char *id);
/* exercises/UNIT/SLUG below the root; for any id of the form UNIT.SLUG. */
void catalog_folder(const struct catalog *c, const char *id,
		    struct text *out);

/* Shows every id and term there is, for suggestions and completion. */
void catalog_each_name(const struct catalog *c,
		       void (*visit)(void *with, const char *name),
		       void *with);

/* A string field, "" when it is not there. */
const char *catalog_text(const json_t *t, const char *field);

#endif
