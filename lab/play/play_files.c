/* play_files.c - the learner's drawer, and its copy in the play
 *
 * A run that is played again has to find the files it found the first time, so
 * the play works on a copy in memory, and what comes into it from outside is an
 * input like any other.  What tools write goes to the learner's own drawer as
 * well; should that fail, the play goes on, and says so.
 */
#include "lab/play/play_inside.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

static void mirror_failed(struct play *p, const char *name,
			  const struct err *err)
{
	play_say(p, 2, "%s is kept in this run only: %s\n", name, err->what);
}

/* The learner's drawer, or NULL: there is none, or nobody hears. */
static const struct files *outside(const struct play *p)
{
	return p->is_mute ? NULL : p->options.files;
}

static bool face_read(void *ctx, const char *name, struct text *out,
		      struct err *err)
{
	struct play *p = ctx;

	return p->memory_face.read(p->memory_face.ctx, name, out, err);
}

static bool face_write(void *ctx, const char *name, const void *bytes,
		       size_t len, struct err *err)
{
	struct play *p = ctx;
	const struct files *f = outside(p);
	struct err why;

	if (!p->memory_face.write(p->memory_face.ctx, name, bytes, len, err))
		return false;
	if (f && !f->write(f->ctx, name, bytes, len, &why))
		mirror_failed(p, name, &why);
	return true;
}

static bool face_append(void *ctx, const char *name, const void *bytes,
			size_t len, struct err *err)
{
	struct play *p = ctx;
	const struct files *f = outside(p);
	struct err why;

	if (!p->memory_face.append(p->memory_face.ctx, name, bytes, len, err))
		return false;
	if (f && !f->append(f->ctx, name, bytes, len, &why))
		mirror_failed(p, name, &why);
	return true;
}

static bool face_list(void *ctx, files_visit *visit, void *with,
		      struct err *err)
{
	struct play *p = ctx;

	return p->memory_face.list(p->memory_face.ctx, visit, with, err);
}

static bool face_remove(void *ctx, const char *name, struct err *err)
{
	struct play *p = ctx;
	const struct files *f = outside(p);
	struct err why;

	if (!p->memory_face.remove(p->memory_face.ctx, name, err))
		return false;
	if (f && !f->remove(f->ctx, name, &why))
		mirror_failed(p, name, &why);
	return true;
}

struct files_memory *play_files_swap(struct play *p, struct files_memory *m)
{
	struct files_memory *old = p->memory;

	p->memory = m;
	p->memory_face = files_memory_face(m);
	return old;
}

void play_files_open(struct play *p)
{
	play_files_swap(p, files_memory_new());
	p->face = (struct files){
		.ctx = p, .read = face_read, .write = face_write,
		.append = face_append, .list = face_list,
		.remove = face_remove,
	};
}

/* --- between the two drawers ------------------------------------------------ */

struct name_list {
	char (*at)[FILES_NAME_MAX + 1];
	size_t count;
};

static void keep_name(void *with, const char *name, size_t len)
{
	struct name_list *n = with;

	(void)len;
	if (strlen(name) > FILES_NAME_MAX)
		return;
	n->at = mem_grow(n->at, (n->count + 1) * sizeof(*n->at));
	strcpy(n->at[n->count++], name);
}

/* The file of that name; false: there is none. */
static bool read_from(const struct files *f, const char *name,
		      struct text *out)
{
	text_clear(out);
	return f->read(f->ctx, name, out, NULL);
}

static bool same_in_both(struct play *p, const char *name, struct text *theirs)
{
	struct text ours = {0};
	bool same = read_from(&p->memory_face, name, &ours) &&
		    ours.len == theirs->len &&
		    memcmp(text_cstr(&ours), text_cstr(theirs), ours.len) == 0;

	text_free(&ours);
	return same;
}

static void file_in(struct play *p, const char *name)
{
	const struct files *f = p->options.files;
	struct text theirs = {0};

	if (read_from(f, name, &theirs) && !same_in_both(p, name, &theirs) &&
	    p->memory_face.write(p->memory_face.ctx, name, text_cstr(&theirs),
				 theirs.len, NULL))
		play_record(p, &(struct op){
			.kind = OP_FILE, .name = (char *)name,
			.text = (char *)text_cstr(&theirs), .len = theirs.len,
		});
	text_free(&theirs);
}

static void file_gone(struct play *p, const char *name)
{
	const struct files *f = p->options.files;
	struct text theirs = {0};

	if (!read_from(f, name, &theirs) &&
	    p->memory_face.remove(p->memory_face.ctx, name, NULL))
		play_record(p, &(struct op){
			.kind = OP_FILE_GONE, .name = (char *)name,
		});
	text_free(&theirs);
}

void play_files_in(struct play *p)
{
	const struct files *f = p->options.files;
	struct name_list theirs = {0}, ours = {0};

	if (!f || !f->list(f->ctx, keep_name, &theirs, NULL)) {
		free(theirs.at);
		return;		/* unreadable just now: keep what we have */
	}
	p->memory_face.list(p->memory_face.ctx, keep_name, &ours, NULL);
	for (size_t i = 0; i < theirs.count; i++)
		file_in(p, theirs.at[i]);
	for (size_t i = 0; i < ours.count; i++)
		file_gone(p, ours.at[i]);
	free(theirs.at);
	free(ours.at);
}

static void file_out(struct play *p, const char *name)
{
	const struct files *f = p->options.files;
	struct text ours = {0}, theirs = {0};
	struct err err;

	if (read_from(&p->memory_face, name, &ours) &&
	    !(read_from(f, name, &theirs) && same_in_both(p, name, &theirs)) &&
	    !f->write(f->ctx, name, text_cstr(&ours), ours.len, &err))
		mirror_failed(p, name, &err);
	text_free(&ours);
	text_free(&theirs);
}

void play_files_out(struct play *p)
{
	const struct files *f = p->options.files;
	struct name_list theirs = {0}, ours = {0};
	struct text bytes = {0};

	if (!f)
		return;
	p->memory_face.list(p->memory_face.ctx, keep_name, &ours, NULL);
	for (size_t i = 0; i < ours.count; i++)
		file_out(p, ours.at[i]);
	if (f->list(f->ctx, keep_name, &theirs, NULL))
		for (size_t i = 0; i < theirs.count; i++)
			if (!read_from(&p->memory_face, theirs.at[i], &bytes))
				f->remove(f->ctx, theirs.at[i], NULL);
	text_free(&bytes);
	free(theirs.at);
	free(ours.at);
}

/* --- for an editor ------------------------------------------------------------ */

bool play_file(struct play *p, const char *name, const char *bytes, size_t len,
	       struct err *err)
{
	if (!face_write(p, name, bytes, len, err))
		return false;
	play_record(p, &(struct op){
		.kind = OP_FILE, .name = (char *)name, .text = (char *)bytes,
		.len = len,
	});
	return true;
}

bool play_file_remove(struct play *p, const char *name, struct err *err)
{
	if (!face_remove(p, name, err))
		return false;
	play_record(p, &(struct op){
		.kind = OP_FILE_GONE, .name = (char *)name,
	});
	return true;
}

const struct files *play_files(const struct play *p)
{
	return &p->face;
}
