/* files.c - the learner's files: one drawer, names to bytes */
#include "lua/files.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("._-", c));
}

/* One step of a path: from `s` to a slash or the end. */
static bool step_check(const char *name, const char *s, size_t len,
		       struct err *err)
{
	if (len == 0)
		return err_set(err, "%s: a name is missing beside the /", name);
	if (s[0] == '-')
		return err_set(err, "%s: a file name cannot begin with -",
			       name);
	if ((len == 1 && s[0] == '.') || (len == 2 && memcmp(s, "..", 2) == 0))
		return err_set(err, "%s: there are no . and .. here; name the "
			       "file itself", name);
	for (size_t i = 0; i < len; i++)
		if (!name_char(s[i]))
			return err_set(err, "%s: a file name has only letters, "
				       "digits, '.', '_' and '-'", name);
	return true;
}

bool files_name_check(const char *name, struct err *err)
{
	const char *slash = strchr(name, '/');
	size_t len = strlen(name);

	if (len == 0)
		return err_set(err, "the file name is empty");
	if (len > FILES_NAME_MAX)
		return err_set(err, "%.20s…: a file name has at most %d "
			       "characters", name, FILES_NAME_MAX);
	if (name[0] == '/')
		return err_set(err, "%s: your files have no leading /; there "
			       "is no disk behind them", name);
	if (!slash)
		return step_check(name, name, len, err);
	if (strchr(slash + 1, '/'))
		return err_set(err, "%s: one level of folders is all there is",
			       name);
	return step_check(name, name, (size_t)(slash - name), err) &&
	       step_check(name, slash + 1, strlen(slash + 1), err);
}

bool files_err_missing(const char *name, struct err *err)
{
	return err_set(err, "%s: No such file or directory", name);
}

bool files_err_full(const char *name, struct err *err)
{
	return err_set(err, "%s: you have %d files already, which is the "
		       "limit; rm one first", name, FILES_COUNT_MAX);
}

bool files_err_long(const char *name, struct err *err)
{
	return err_set(err, "%s: a file holds at most %d KiB", name,
		       FILES_BYTES_MAX / 1024);
}

struct file {
	char *name;
	struct text bytes;
};

struct files_memory {
	struct file at[FILES_COUNT_MAX];	/* in order of name */
	size_t count;
};

/* Where `name` is, or where it would go. */
static size_t place(const struct files_memory *m, const char *name,
		    bool *is_there)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(m->at[mid].name, name);

		if (order == 0) {
			*is_there = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*is_there = false;
	return low;
}

/* A name cannot be a file and a folder at once. */
static bool clashes(const struct files_memory *m, const char *name,
		    struct err *err)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < m->count; i++) {
		const char *other = m->at[i].name;
		size_t other_len = strlen(other);

		if (strncmp(other, name, len) == 0 && other[len] == '/')
			return !err_set(err, "%s: Is a directory", name);
		if (strncmp(name, other, other_len) == 0 &&
		    name[other_len] == '/')
			return !err_set(err, "%s: Not a directory", other);
	}
	return false;
}

/* The file, made if need be.  NULL when it may not be. */
static struct file *opened(struct files_memory *m, const char *name,
			   struct err *err)
{
	bool is_there;
	size_t at;

	if (!files_name_check(name, err))
		return NULL;
	at = place(m, name, &is_there);
	if (is_there)
		return &m->at[at];
	if (clashes(m, name, err))
		return NULL;
	if (m->count == FILES_COUNT_MAX) {
		files_err_full(name, err);
		return NULL;
	}
	memmove(&m->at[at + 1], &m->at[at],
		(m->count - at) * sizeof(m->at[0]));
	m->count++;
	m->at[at] = (struct file){ .name = mem_copy(name) };
	return &m->at[at];
}

static bool memory_read(void *ctx, const char *name, struct text *out,
			struct err *err)
{
	struct files_memory *m = ctx;
	bool is_there;
	size_t at;

	if (!files_name_check(name, err))
		return false;
	at = place(m, name, &is_there);
	if (!is_there)
		return files_err_missing(name, err);
	text_bytes(out, m->at[at].bytes.at, m->at[at].bytes.len);
	return true;
}

static bool memory_write(void *ctx, const char *name, const void *bytes,
			 size_t len, struct err *err)
{
	struct file *f;

	if (len > FILES_BYTES_MAX)
		return files_err_long(name, err);
	f = opened(ctx, name, err);
	if (!f)
		return false;
	text_clear(&f->bytes);
	text_bytes(&f->bytes, bytes, len);
	return true;
}

static bool memory_append(void *ctx, const char *name, const void *bytes,
			  size_t len, struct err *err)
{
	struct files_memory *m = ctx;
	bool is_there;
	size_t at, have;
	struct file *f;

	if (!files_name_check(name, err))
		return false;
	at = place(m, name, &is_there);
	have = is_there ? m->at[at].bytes.len : 0;
	if (len > FILES_BYTES_MAX - have)
		return files_err_long(name, err);
	f = opened(m, name, err);
	if (!f)
		return false;
	text_bytes(&f->bytes, bytes, len);
	return true;
}

static bool memory_list(void *ctx, files_visit *visit, void *with,
			struct err *err)
{
	struct files_memory *m = ctx;

	(void)err;
	for (size_t i = 0; i < m->count; i++)
		visit(with, m->at[i].name, m->at[i].bytes.len);
	return true;
}

static bool memory_remove(void *ctx, const char *name, struct err *err)
{
	struct files_memory *m = ctx;
	bool is_there;
	size_t at;

	if (!files_name_check(name, err))
		return false;
	at = place(m, name, &is_there);
	if (!is_there)
		return files_err_missing(name, err);
	free(m->at[at].name);
	text_free(&m->at[at].bytes);
	m->count--;
	memmove(&m->at[at], &m->at[at + 1],
		(m->count - at) * sizeof(m->at[0]));
	return true;
}

struct files_memory *files_memory_new(void)
{
	struct files_memory *m = mem_zeroed(1, sizeof(*m));

	return m;
}

void files_memory_free(struct files_memory *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++) {
		free(m->at[i].name);
		text_free(&m->at[i].bytes);
	}
	free(m);
}

struct files files_memory_face(struct files_memory *m)
{
	return (struct files){
		.ctx = m, .read = memory_read, .write = memory_write,
		.append = memory_append, .list = memory_list,
		.remove = memory_remove,
	};
}
