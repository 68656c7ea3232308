/* watch.h - an exercise that is played while it is written
 *
 * `millrace start FILE.lua` shows an author's module as a learner sees it, and
 * shows it anew when the author saves.  There is no thread and no inotify: who
 * draws asks preview_look once in a while, which costs a stat per file.
 *
 *	struct preview *p = preview_new("my/alerts/module.lua", NULL, &err);
 *	...
 *	if (preview_look(p))		something was saved
 *		if (p->generation != seen)	... and it can be played
 *
 * A broken save never takes away what works: `exercise` stays the last one
 * that could be played, and `problems` say what is wrong with the file.
 */
#ifndef LAB_AUTHOR_WATCH_H
#define LAB_AUTHOR_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/course/catalog.h"
#include "lab/course/exercise.h"
#include "sim/core/err.h"

/* --- files ----------------------------------------------------------------- */

/*
 * A file is another one when its time of change, size or inode differ.
 * Simplified: a save within the same tick of the file system's clock, of the
 * same size and in place, is not seen.
 */
struct watched {
	char *path;
	int64_t mtime_ns;	/* since 1970; 0 with size -1: not there */
	int64_t size;		/* bytes; -1: not there */
	uint64_t inode;
};

struct watch {
	struct watched *at;
	size_t count, cap;
};

void watch_release(struct watch *w);
/* Watch a file as it is now; it need not exist.  Once is enough. */
void watch_add(struct watch *w, const char *path);
/* Has one changed, come or gone since it was added or last asked about? */
bool watch_changed(struct watch *w);

/* --- a module --------------------------------------------------------------- */

/* A page as it was when the module could be played last. */
struct preview_page {
	char *name;		/* below the folder: "text/task.md" */
	struct text text;
};

struct preview {
	char *folder;
	const struct catalog *catalog;	/* borrowed; NULL: no names to look up */
	/* The last that could be played; NULL: none yet.  When it is replaced,
	 * the one before is kept until preview_drop, for an attempt on it may
	 * still be on the screen. */
	struct exercise *exercise;
	/* What is wrong with the files as they are now, warnings included; lent
	 * until the next look.  Never NULL. */
	const struct problems *problems;
	bool playable;		/* `exercise` is what the files say now */
	uint64_t generation;	/* 1 with the first exercise, then one more each */
	uint64_t looks;		/* how often it was read anew */

	struct exercise *checked;	/* as read last, and linted */
	struct exercise **before;	/* replaced and not yet dropped */
	size_t before_count;
	struct preview_page *pages;	/* of `exercise` */
	size_t page_count;
	struct watch watch;
};

/* The path of a module.lua or of its folder.  NULL: there is none. */
struct preview *preview_new(const char *path, const struct catalog *catalog,
			    struct err *err);
void preview_free(struct preview *p);

/* Read the module again if one of its files changed.  True: it was read. */
bool preview_look(struct preview *p);

/* A page of `exercise`, as it was then; NULL: it could not be read. */
const struct text *preview_page(const struct preview *p, const char *name);

/* No attempt is on an exercise that was replaced any more: free those. */
void preview_drop(struct preview *p);

/* Write the last version that could be played into a folder that is there:
 * module.lua and its pages, whatever the author has done to them since. */
bool preview_write(const struct preview *p, const char *folder,
		   struct err *err);

/* Is this the name of a file or folder rather than an exercise's id?  It ends
 * in .lua, has a slash, or is a folder with a module.lua. */
bool preview_is_path(const char *word);

#endif
