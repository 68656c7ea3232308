/* wrap.h - long lines of prose, for a terminal of so many columns */
#ifndef LAB_COURSE_WRAP_H
#define LAB_COURSE_WRAP_H

#include "sim/core/text.h"

/*
 * Adds `s` with no line longer than `columns`, broken at blanks; what is broken
 * off stands below the line's own beginning.  Code and tables (four blanks or
 * a | in front, or between ```) stay as they are.  Columns 0: as it is.
 */
void wrap_prose(struct text *out, const char *s, int columns);

/* The same for lines that are no code however far they are indented: what is
 * broken off stands at column `hang`, or with 0 below the line's first word. */
void wrap_hanging(struct text *out, const char *s, int columns, int hang);

/* Adds Markdown as one would write it without: headings and strong words lose
 * their marks, code keeps all of its own. */
void wrap_unmark(struct text *out, const char *s);

#endif
