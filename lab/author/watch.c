/* watch.c - an exercise that is played while it is written */
#include "lab/author/watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/course/lint.h"
#include "lab/paths.h"
#include "sim/core/mem.h"

#define MODULE_FILE	"module.lua"

/* --- files ----------------------------------------------------------------- */

/* How it is now; false: as it was. */
static bool refresh(struct watched *f)
{
	struct watched was = *f;
	struct stat st;

	if (stat(f->path, &st) == 0) {
		f->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 +
			      st.st_mtim.tv_nsec;
		f->size = (int64_t)st.st_size;
		f->inode = (uint64_t)st.st_ino;
	} else {
		f->mtime_ns = 0;
		f->size = -1;
		f->inode = 0;
	}
	return f->mtime_ns != was.mtime_ns || f->size != was.size ||
	       f->inode != was.inode;
}

void watch_release(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->at[i].path);
	free(w->at);
	*w = (struct watch){0};
}

void watch_add(struct watch *w, const char *path)
{
	struct watched *f;

	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->at[i].path, path) == 0)
			return;
	if (w->count == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 16;
		w->at = mem_grow(w->at, w->cap * sizeof(*w->at));
	}
	f = &w->at[w->count++];
	*f = (struct watched){ .path = strdup(path) };
	if (!f->path)
		abort();
	refresh(f);
}

bool watch_changed(struct watch *w)
{
	bool changed = false;

	for (size_t i = 0; i < w->count; i++)
		if (refresh(&w->at[i]))
			changed = true;		/* look at all of them */
	return changed;
}

/* --- which files a module is made of ----------------------------------------- */

static void watch_below(struct preview *p, const char *name)
{
	struct text path = {0};

	text_addf(&path, "%s/%s", p->folder, name);
	watch_add(&p->watch, text_cstr(&path));
	text_free(&path);
}

static void watch_page(void *with, const char *name)
{
	struct text path = {0};

	text_addf(&path, "text/%s", name);
	watch_below(with, text_cstr(&path));
	text_free(&path);
}

/*
 * module.lua, the folder text/ (its time changes when a page comes or goes) and
 * what is in it, and pages that a field names elsewhere.  Made anew with each
 * look, before the files are read: a save in between is seen the next time.
 */
static void watch_module(struct preview *p)
{
	struct text texts = {0};

	watch_release(&p->watch);
	watch_below(p, MODULE_FILE);
	watch_below(p, "text");
	text_addf(&texts, "%s/text", p->folder);
	path_list(text_cstr(&texts), watch_page, p, NULL);
	text_free(&texts);
}

static void watch_named(struct preview *p, const struct exercise *m)
{
	for (size_t i = 0; i < m->task_count; i++)
		watch_below(p, m->tasks[i].text);
	if (m->debrief)
		watch_below(p, m->debrief);
}

/* --- its pages ------------------------------------------------------------------ */

static void forget_pages(struct preview *p)
{
	for (size_t i = 0; i < p->page_count; i++) {
		free(p->pages[i].name);
		text_free(&p->pages[i].text);
	}
	free(p->pages);
	p->pages = NULL;
	p->page_count = 0;
}

const struct text *preview_page(const struct preview *p, const char *name)
{
	for (size_t i = 0; i < p->page_count; i++)
		if (strcmp(p->pages[i].name, name) == 0)
			return &p->pages[i].text;
	return NULL;
}

static void keep_page(struct preview *p, const char *name)
{
	struct preview_page page = {0};
	struct err err;

	if (preview_page(p, name))
		return;
	if (!exercise_text(p->exercise, name, &page.text, &err)) {
		text_free(&page.text);
		return;		/* lint says so */
	}
	page.name = mem_copy(name);
	p->pages = mem_grow(p->pages, (p->page_count + 1) * sizeof(*p->pages));
	p->pages[p->page_count++] = page;
}

static void keep_pages(struct preview *p)
{
	const struct exercise *m = p->exercise;

	forget_pages(p);
	for (size_t i = 0; i < m->task_count; i++)
		keep_page(p, m->tasks[i].text);
	if (m->debrief)
		keep_page(p, m->debrief);
}

static bool write_below(const char *folder, const char *name,
			const struct text *bytes, struct err *err)
{
	const char *slash = strrchr(name, '/');
	struct text path = {0};
	bool good = true;

	if (slash) {
		text_addf(&path, "%s/%.*s", folder, (int)(slash - name), name);
		good = path_make(text_cstr(&path), err);
		text_clear(&path);
	}
	text_addf(&path, "%s/%s", folder, name);
	good = good && path_write(text_cstr(&path), text_cstr(bytes),
				  bytes->len, err);
	text_free(&path);
	return good;
}

bool preview_write(const struct preview *p, const char *folder,
		   struct err *err)
{
	bool good = p->exercise ||
		    err_set(err, "%s: no version of it can be played",
			    p->folder);

	good = good && write_below(folder, MODULE_FILE, &p->exercise->source,
				   err);
	for (size_t i = 0; good && i < p->page_count; i++)
		good = write_below(folder, p->pages[i].name,
				   &p->pages[i].text, err);
	return good;
}

/* --- a module ------------------------------------------------------------------ */

static void replace(struct preview *p, struct exercise *m)
{
	if (p->exercise) {
		p->before = mem_grow(p->before, (p->before_count + 1) *
						sizeof(*p->before));
		p->before[p->before_count++] = p->exercise;
	}
	p->exercise = m;
	p->generation++;
	keep_pages(p);
}

/* Lint marks what it finds in the exercise, and an exercise with errors is not
 * played: so one is read for each of the two. */
static void look(struct preview *p)
{
	struct exercise *m;

	watch_module(p);
	m = exercise_load(p->folder);
	exercise_free(p->checked);
	p->checked = exercise_load(p->folder);
	lint_exercise(p->checked, p->catalog);
	p->problems = &p->checked->problems;
	p->looks++;
	watch_named(p, p->checked);
	p->playable = exercise_good(m);
	if (p->playable)
		replace(p, m);
	else
		exercise_free(m);
}

bool preview_is_path(const char *word)
{
	size_t len = strlen(word);
	struct text t = {0};
	bool found;

	if (strchr(word, '/') || (len > 4 && !strcmp(word + len - 4, ".lua")))
		return true;
	text_addf(&t, "%s/" MODULE_FILE, word);
	found = path_is_file(text_cstr(&t));
	text_free(&t);
	return found;
}

/* The folder of "a/b/module.lua" and of "a/b"; caller frees.  NULL: none. */
static char *folder_of(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct text t = {0};

	if (path_is_folder(path)) {
		text_add(&t, path);
	} else if (!path_is_file(path)) {
		err_set(err, "%s: there is no such file or folder", path);
		return NULL;
	} else if (strcmp(name, MODULE_FILE) != 0) {
		err_set(err, "%s: an exercise is a folder with a file called "
			MODULE_FILE "; rename it", path);
		return NULL;
	} else if (slash) {
		text_bytes(&t, path, (size_t)(slash - path));
	} else {
		text_char(&t, '.');
	}
	while (t.len > 1 && t.at[t.len - 1] == '/')
		t.at[--t.len] = '\0';
	return text_take(&t);
}

struct preview *preview_new(const char *path, const struct catalog *catalog,
			    struct err *err)
{
	char *folder = folder_of(path, err);
	struct preview *p;

	if (!folder)
		return NULL;
	p = mem_zeroed(1, sizeof(*p));
	p->folder = folder;
	p->catalog = catalog;
	look(p);
	return p;
}

void preview_drop(struct preview *p)
{
	for (size_t i = 0; i < p->before_count; i++)
		exercise_free(p->before[i]);
	free(p->before);
	p->before = NULL;
	p->before_count = 0;
}

void preview_free(struct preview *p)
{
	if (!p)
		return;
	preview_drop(p);
	forget_pages(p);
	exercise_free(p->exercise);
	exercise_free(p->checked);
	watch_release(&p->watch);
	free(p->folder);
	free(p);
}

bool preview_look(struct preview *p)
{
	if (!watch_changed(&p->watch))
		return false;
	look(p);
	return true;
}
