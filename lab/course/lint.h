/* lint.h - rules for modules that the form of the fields cannot say
 *
 * Reading a module (exercise.h) finds unknown, missing and ill-typed fields;
 * lint looks further: at ids and numbers, at what names refer to, at hints that
 * give the answer away, at texts.  Every finding has a rule's name, listed
 * with its meaning in docs/authoring.md, and a place in a file.
 */
#ifndef LAB_COURSE_LINT_H
#define LAB_COURSE_LINT_H

#include "lab/course/catalog.h"
#include "lab/course/exercise.h"

/* Adds to m->problems.  Without a catalogue, names of competencies are not
 * looked up. */
void lint_exercise(struct exercise *m, const struct catalog *catalog);

/* Modules among each other: equal ids or uuids; competency loops. */
void lint_together(struct exercise *const *modules, size_t count);

/* lint_text.c: one Markdown page of a module. */
void lint_page(struct exercise *m, const char *path, const char *field);
/* lint_text.c: files of text/ that no field names. */
void lint_unused(struct exercise *m);

#endif
