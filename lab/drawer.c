/* drawer.c - the learner's files of one exercise, kept in a folder */
#include "lab/drawer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/paths.h"
#include "sim/core/mem.h"

struct drawer {
	char *folder;
};

/* One name and length, while listing. */
struct entry {
	char name[FILES_NAME_MAX + 1];
	size_t len;
};

struct entries {
	const char *folder;
	const char *inside;		/* "conf" or NULL */
	struct entry *at;
	size_t count, cap;
};

struct drawer *drawer_new(const char *folder)
{
	struct drawer *d = calloc(1, sizeof(*d));

	if (!d || !(d->folder = strdup(folder)))
		abort();
	return d;
}

void drawer_free(struct drawer *d)
{
	if (!d)
		return;
	free(d->folder);
	free(d);
}

static char *path_of(const struct drawer *d, const char *name)
{
	struct text t = {0};

	text_addf(&t, "%s/%s", d->folder, name);
	return text_take(&t);
}

static bool drawer_read(void *ctx, const char *name, struct text *out,
			struct err *err)
{
	char *path;
	bool good;

	if (!files_name_check(name, err))
		return false;
	path = path_of(ctx, name);
	if (!path_is_file(path))
		good = files_err_missing(name, err);
	else
		good = path_read(path, FILES_BYTES_MAX, out, err);
	free(path);
	return good;
}

static void entry_add(struct entries *e, const char *name, size_t len)
{
	if (e->count == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 32;
		e->at = mem_grow(e->at, e->cap * sizeof(*e->at));
	}
	strcpy(e->at[e->count].name, name);
	e->at[e->count++].len = len;
}

static void look(void *with, const char *name)
{
	struct entries *e = with;
	struct text path = {0}, full = {0};
	struct stat st;

	text_addf(&full, "%s%s%s", e->inside ? e->inside : "",
		  e->inside ? "/" : "", name);
	text_addf(&path, "%s/%s", e->folder, text_cstr(&full));
	if (stat(text_cstr(&path), &st) == 0) {
		if (S_ISREG(st.st_mode) &&
		    files_name_check(text_cstr(&full), NULL)) {
			entry_add(e, text_cstr(&full), (size_t)st.st_size);
		} else if (S_ISDIR(st.st_mode) && !e->inside) {
			e->inside = name;
			path_list(text_cstr(&path), look, e, NULL);
			e->inside = NULL;
		}
	}
	text_free(&full);
	text_free(&path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name,
		      ((const struct entry *)b)->name);
}

static void entries_load(struct entries *e, const struct drawer *d)
{
	*e = (struct entries){ .folder = d->folder };
	path_list(d->folder, look, e, NULL);
	if (e->count)
		qsort(e->at, e->count, sizeof(*e->at), by_name);
}

/* Is there room for one more file of this name? */
static bool has_room(const struct drawer *d, const char *name)
{
	struct entries e;
	bool room;

	entries_load(&e, d);
	room = e.count < FILES_COUNT_MAX;
	for (size_t i = 0; i < e.count; i++)
		room = room || strcmp(e.at[i].name, name) == 0;
	free(e.at);
	return room;
}

/* The folder the file lies in. */
static bool make_folder(const char *path, struct err *err)
{
	char *copy = mem_copy(path);
	bool good;

	*strrchr(copy, '/') = '\0';
	good = path_make(copy, err);
	free(copy);
	return good;
}

static bool drawer_write(void *ctx, const char *name, const void *bytes,
			 size_t len, struct err *err)
{
	char *path;
	bool good;

	if (!files_name_check(name, err))
		return false;
	if (len > FILES_BYTES_MAX)
		return files_err_long(name, err);
	if (!has_room(ctx, name))
		return files_err_full(name, err);
	path = path_of(ctx, name);
	good = make_folder(path, err) && path_write(path, bytes, len, err);
	free(path);
	return good;
}

static bool drawer_append(void *ctx, const char *name, const void *bytes,
			  size_t len, struct err *err)
{
	struct text t = {0};
	char *path;
	bool good = true;

	if (!files_name_check(name, err))
		return false;
	path = path_of(ctx, name);
	if (path_is_file(path))
		good = path_read(path, FILES_BYTES_MAX, &t, err);
	free(path);
	text_bytes(&t, bytes, len);
	good = good && drawer_write(ctx, name, text_cstr(&t), t.len, err);
	text_free(&t);
	return good;
}

static bool drawer_list(void *ctx, files_visit *visit, void *with,
			struct err *err)
{
	struct entries e;

	(void)err;
	entries_load(&e, ctx);
	for (size_t i = 0; i < e.count; i++)
		visit(with, e.at[i].name, e.at[i].len);
	free(e.at);
	return true;
}

static bool drawer_remove(void *ctx, const char *name, struct err *err)
{
	char *path;
	bool good;

	if (!files_name_check(name, err))
		return false;
	path = path_of(ctx, name);
	good = unlink(path) == 0;
	if (!good && errno == ENOENT)
		files_err_missing(name, err);
	else if (!good)
		err_set(err, "%s: %s", name, strerror(errno));
	free(path);
	return good;
}

struct files drawer_face(struct drawer *d)
{
	return (struct files){
		.ctx = d,
		.read = drawer_read,
		.write = drawer_write,
		.append = drawer_append,
		.list = drawer_list,
		.remove = drawer_remove,
	};
}
