/* files.h - the learner's files: one drawer, names to bytes
 *
 * What `>` writes and `cat` reads.  The console knows only this face; behind
 * it is memory (here, for tests and headless runs) or a folder on the disk
 * (in lab/).  A drawer is small on purpose: it holds configuration, scripts
 * and captured output, and all of it is saved with an attempt.
 *
 * Names are plain: [A-Za-z0-9._-]+, at most one folder ("conf/app.yaml"), no
 * leading '-' that a tool would take for an option.  Folders are not things of
 * their own: they exist while a file in them does.
 *
 * Every function may fail with a sentence (struct err) and then has changed
 * nothing.
 */
#ifndef LUA_FILES_H
#define LUA_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

enum {
	FILES_NAME_MAX = 100,			/* bytes of a whole name */
	FILES_COUNT_MAX = 64,
	FILES_BYTES_MAX = 1024 * 1024,		/* of one file */
};

typedef void files_visit(void *with, const char *name, size_t len);

struct files {
	void *ctx;
	/* Adds the bytes to *out. */
	bool (*read)(void *ctx, const char *name, struct text *out,
		     struct err *err);
	/* Replaces; makes the file when there is none. */
	bool (*write)(void *ctx, const char *name, const void *bytes,
		      size_t len, struct err *err);
	bool (*append)(void *ctx, const char *name, const void *bytes,
		       size_t len, struct err *err);
	/* Visits all, in order of name (bytewise). */
	bool (*list)(void *ctx, files_visit *visit, void *with,
		     struct err *err);
	bool (*remove)(void *ctx, const char *name, struct err *err);
};

/* May a file have this name?  For every implementation to ask first. */
bool files_name_check(const char *name, struct err *err);

/* The words of a refusal, so that all implementations use the same. */
bool files_err_missing(const char *name, struct err *err);
bool files_err_full(const char *name, struct err *err);
bool files_err_long(const char *name, struct err *err);

/* A drawer in memory. */
struct files_memory;

struct files_memory *files_memory_new(void);
void files_memory_free(struct files_memory *m);
/* The face borrows m: free m last. */
struct files files_memory_face(struct files_memory *m);

#endif
