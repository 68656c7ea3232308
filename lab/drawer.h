/* drawer.h - the learner's files of one exercise, kept in a folder
 *
 * The face is lua/files.h, with its names and its limits.  A file that is
 * written is written whole; names in the folder that could not be ours (too
 * long, with a blank) are not shown.
 */
#ifndef LAB_DRAWER_H
#define LAB_DRAWER_H

#include "lua/files.h"

struct drawer;

/* Opens the folder; it is made when the first file is written. */
struct drawer *drawer_new(const char *folder);
void drawer_free(struct drawer *d);
struct files drawer_face(struct drawer *d);

#endif
