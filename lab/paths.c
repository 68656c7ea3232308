/* paths.c - where things lie on this machine, and reading and writing them */
#include "lab/paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/mem.h"

static bool has_content(const char *root)
{
	struct text t = {0};
	bool found;

	text_addf(&t, "%s/content/pathway.lua", root);
	found = path_is_file(text_cstr(&t));
	text_free(&t);
	return found;
}

/* The folder the program lies in, "" when that is unknown. */
static void program_folder(const char *program, struct text *out)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *slash;

	if (len > 0) {
		path[len] = '\0';
		program = path;
	}
	slash = program ? strrchr(program, '/') : NULL;
	if (slash)
		text_bytes(out, program, (size_t)(slash - program));
}

/* Somebody said where: then it is there, or that is an error.  The folder
 * content/ itself will do too. */
static bool content_said(const char *said, struct text *root, struct err *err)
{
	struct text t = {0};
	bool inside;

	if (has_content(said)) {
		text_add(root, said);
		return true;
	}
	text_addf(&t, "%s/..", said);
	inside = has_content(text_cstr(&t));
	if (inside)
		text_add(root, text_cstr(&t));
	text_free(&t);
	return inside || err_set(err, "%s: there is no content/pathway.lua in "
				 "this folder", said);
}

static bool try_root(struct text *root, const char *base, const char *up)
{
	if (!*base)
		return false;
	text_clear(root);
	text_addf(root, "%s%s", base, up);
	return has_content(text_cstr(root));
}

bool path_content(const char *wanted, const char *program, struct text *root,
		  struct err *err)
{
	struct text base = {0};
	bool found;

	if (!wanted)
		wanted = getenv("MILLRACE_CONTENT");
	if (wanted && *wanted)
		return content_said(wanted, root, err);
	program_folder(program, &base);
	found = try_root(root, text_cstr(&base), "/..") ||
		try_root(root, text_cstr(&base), "/../..") ||
		try_root(root, MILLRACE_DATADIR, "") ||
		try_root(root, ".", "");
	text_free(&base);
	return found || err_set(err, "the lessons and exercises are not where "
				"they were installed (%s); say where with "
				"--content DIR or MILLRACE_CONTENT",
				MILLRACE_DATADIR);
}

bool path_home(struct text *home, struct err *err)
{
	const char *dir = getenv("MILLRACE_HOME");

	text_clear(home);
	if (dir && *dir) {
		text_add(home, dir);
		return true;
	}
	dir = getenv("XDG_DATA_HOME");
	if (dir && *dir == '/') {
		text_addf(home, "%s/millrace", dir);
		return true;
	}
	dir = getenv("HOME");
	if (!dir || !*dir)
		return err_set(err, "neither MILLRACE_HOME nor HOME says where "
			       "your files are to be kept");
	text_addf(home, "%s/.local/share/millrace", dir);
	return true;
}

/* The value of a variable, NULL when it is empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

bool path_config(struct text *file)
{
	const char *dir;

	text_clear(file);
	if ((dir = variable("MILLRACE_CONFIG")))
		text_add(file, dir);
	else if ((dir = variable("MILLRACE_HOME")))
		text_addf(file, "%s/config", dir);
	else if ((dir = variable("XDG_CONFIG_HOME")) && *dir == '/')
		text_addf(file, "%s/millrace/config", dir);
	else if ((dir = variable("HOME")))
		text_addf(file, "%s/.config/millrace/config", dir);
	return file->len > 0;
}

bool path_make(const char *path, struct err *err)
{
	char *copy;
	bool good = true;

	if (!*path)
		return err_set(err, "nothing says where the folder is to be");
	copy = mem_copy(path);
	for (char *p = copy + 1; good && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		good = mkdir(copy, 0777) == 0 || errno == EEXIST;
		*p = '/';
	}
	good = good && (mkdir(path, 0777) == 0 || errno == EEXIST);
	if (!good)
		err_set(err, "%s: the folder cannot be made: %s", path,
			strerror(errno));
	free(copy);
	return good;
}

bool path_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool path_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool read_all(FILE *f, const char *path, size_t max, struct text *out,
		     struct err *err)
{
	char buf[64 * 1024];
	size_t start = out->len, n;

	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		if (out->len - start + n > max)
			return err_set(err, "%s: is longer than %zu bytes",
				       path, max);
		text_bytes(out, buf, n);
	}
	return !ferror(f) || err_set(err, "%s: cannot be read: %s", path,
				     strerror(errno));
}

bool path_read(const char *path, size_t max, struct text *out,
	       struct err *err)
{
	struct stat st;
	FILE *f;
	bool good;

	if (stat(path, &st) != 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: is no file", path);
	f = fopen(path, "rb");
	if (!f)
		return err_set(err, "%s: %s", path, strerror(errno));
	good = read_all(f, path, max, out, err);
	fclose(f);
	return good;
}

bool path_write(const char *path, const void *bytes, size_t len,
		struct err *err)
{
	struct text beside = {0};
	FILE *f;
	bool good;

	text_addf(&beside, "%s.%ld.new", path, (long)getpid());
	f = fopen(text_cstr(&beside), "wb");
	good = f && fwrite(bytes, 1, len, f) == len;
	good = f && fclose(f) == 0 && good;
	good = good && rename(text_cstr(&beside), path) == 0;
	if (!good) {
		err_set(err, "%s: cannot be written: %s", path,
			strerror(errno));
		if (f)
			unlink(text_cstr(&beside));
	}
	text_free(&beside);
	return good;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_way_up(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

bool path_list(const char *path, void (*visit)(void *with, const char *name),
	       void *with, struct err *err)
{
	struct dirent **names;
	int n = scandir(path, &names, no_way_up, by_bytes);

	if (n < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		visit(with, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return true;
}
