/* places.h - where in a Lua file a field was written
 *
 * A table in memory has forgotten its file; a complaint about one of its
 * fields needs the line.  This reads the text of a file that is one big table
 * constructor (`return lab.module{ ... }`) and remembers the line and column
 * of every field, under paths like
 *
 *	id    tasks[1].checks[2].fail    competencies[kafka.topics]
 *
 * Fields that a function makes have no place of their own; asking for them
 * gives the place of the nearest field around them.
 */
#ifndef LAB_COURSE_PLACES_H
#define LAB_COURSE_PLACES_H

#include <stddef.h>

struct place {
	char *path;
	int line, column;	/* from 1 */
};

struct places {
	struct place *at;	/* in order of the file */
	size_t count, cap;
};

void places_read(struct places *p, const char *source, size_t len);
void places_release(struct places *p);

/* Never fails: 1:1 when nothing around it is known either. */
struct place places_find(const struct places *p, const char *path);

#endif
