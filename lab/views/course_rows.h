/* course_rows.h - all the course has, as rows of a picker
 *
 * Exercises, lessons (found by their text, too), words of the glossary,
 * competencies and units.
 */
#ifndef LAB_VIEWS_COURSE_ROWS_H
#define LAB_VIEWS_COURSE_ROWS_H

#include "lab/course/catalog.h"
#include "lab/tui/picker.h"

/* `nearness` is that of the first kind; each further kind is one less near.
 * `to_come`: also what is not written yet, which says so. */
void course_rows(struct picker *p, const struct catalog *c, int nearness,
		 bool to_come);

#endif
