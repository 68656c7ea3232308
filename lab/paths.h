/* paths.h - where things lie on this machine, and reading and writing them
 *
 * *Content* (content/ and exercises/) is found at the first of: --content DIR,
 * $MILLRACE_CONTENT, one or two folders above the program (a build tree), the
 * data folder of `make install`, the current folder.
 *
 * What is the learner's lies in the *home*: $MILLRACE_HOME, else
 * $XDG_DATA_HOME/millrace, else ~/.local/share/millrace.
 */
#ifndef LAB_PATHS_H
#define LAB_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

enum {
	PATH_FILE_MAX = 64 << 20,	/* bytes; of a file we read whole */
};

/* The folder with content/ and exercises/ in it, put into *root.  `wanted` is
 * --content's value or NULL, `program` is argv[0]. */
bool path_content(const char *wanted, const char *program, struct text *root,
		  struct err *err);

/* The learner's folder; it need not exist.  False when nothing says where. */
bool path_home(struct text *home, struct err *err);

/* The file of settings: $MILLRACE_CONFIG, else `config` in $MILLRACE_HOME, else
 * in $XDG_CONFIG_HOME/millrace or ~/.config/millrace.  False: nothing says
 * where. */
bool path_config(struct text *file);

/* Make a folder and those above it. */
bool path_make(const char *path, struct err *err);

bool path_is_file(const char *path);
bool path_is_folder(const char *path);

/* Append the whole file.  A folder, a device, or a file above `max` bytes is
 * refused in a sentence that names the path. */
bool path_read(const char *path, size_t max, struct text *out,
	       struct err *err);

/* Replace the file: written beside it and renamed, so that a crash leaves the
 * old one or the new one. */
bool path_write(const char *path, const void *bytes, size_t len,
		struct err *err);

/* Visit the names in a folder in order of bytes, all but `.` and `..`.  False:
 * the folder cannot be read. */
bool path_list(const char *path, void (*visit)(void *with, const char *name),
	       void *with, struct err *err);

#endif
