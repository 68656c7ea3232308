/* editor_view.c - a file of the console's drawer, being changed
 *
 * The text lives in editor.h until it is saved; saving puts it on the tape of
 * the play (play_file), so that a run made again has the same file at the same
 * time.  F4 gives the text to $EDITOR and takes back what came of it.
 */
#include "lab/views/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/paths.h"
#include "lab/play/play.h"
#include "lab/tui/draw.h"
#include "lab/tui/editor.h"
#include "lab/tui/number.h"
#include "lab/views/workbench_inside.h"
#include "sim/core/mem.h"

struct file_view {
	struct view view;
	struct play *play;
	char *name;
	struct editor editor;
	struct rect pane;	/* of the text, as drawn last */
	char *wanted;		/* what was searched for last, or NULL */
	bool is_sure;		/* Esc was pressed on unsaved changes */
};

static struct file_view *of(struct view *v)
{
	return (struct file_view *)v;
}

/* --- files ---------------------------------------------------------------- */

static bool save(struct file_view *f)
{
	struct app *a = f->view.app;
	struct err err;
	size_t len;
	const char *text = editor_text(&f->editor, &len);

	if (!play_file(f->play, f->name, text, len, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return true;
	}
	editor_saved(&f->editor);
	app_say(a, ROLE_GOOD, "%s is saved, %zu bytes. Tools see it from now "
		"on.", f->name, len);
	return true;
}

/* The end of a name, by which an editor knows what it is. */
static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static void temporary(struct app *a, const char *name, struct text *path)
{
	const char *folder = getenv("TMPDIR");

	if (a->outside.home && path_is_folder(a->outside.home))
		folder = a->outside.home;
	text_addf(path, "%s/edit-%ld-%s", folder ? folder : "/tmp",
		  (long)getpid(), base_of(name));
}

bool editor_outside(struct app *a, const char *name, struct text *text,
		    struct err *err)
{
	struct text path = {0}, back = {0};
	bool good = false;

	if (!a->outside.edit_file)
		return err_set(err, "there is no terminal to give to $EDITOR "
			       "here");
	temporary(a, name, &path);
	if (path_write(text_cstr(&path), text_cstr(text), text->len, err)) {
		good = a->outside.edit_file(a->outside.ctx, text_cstr(&path),
					    err) &&
		       path_read(text_cstr(&path), EDITOR_BYTES_MAX, &back,
				 err);
		unlink(text_cstr(&path));
	}
	if (good) {
		text_clear(text);
		text_bytes(text, text_cstr(&back), back.len);
	}
	text_free(&path);
	text_free(&back);
	return good;
}

/* Another text, and still the same as saved; what was undone is forgotten. */
static void take_back(struct file_view *f, const struct text *text)
{
	struct text saved = {0};

	text_bytes(&saved, text_cstr(&f->editor.saved), f->editor.saved.len);
	editor_release(&f->editor);
	editor_init(&f->editor, f->name, text_cstr(text), text->len);
	text_clear(&f->editor.saved);
	text_bytes(&f->editor.saved, text_cstr(&saved), saved.len);
	text_free(&saved);
}

/* How much came back different, in lines. */
static void say_changes(struct file_view *f, const char *was)
{
	size_t count, changed = 0, len;
	enum line_change *lines = line_changes(was, editor_text(&f->editor,
								&len), &count);

	for (size_t i = 0; i < count; i++)
		changed += lines[i] != LINE_SAME;
	free(lines);
	app_say(f->view.app, ROLE_INFO, changed ? "%zu lines are new or "
		"changed; F2 saves them." : "Nothing has changed.", changed);
}

static bool edit_outside(struct file_view *f)
{
	struct app *a = f->view.app;
	struct text text = {0}, was = {0};
	struct err err;
	size_t len;
	const char *now = editor_text(&f->editor, &len);

	text_bytes(&text, now, len);
	text_bytes(&was, now, len);
	if (!editor_outside(a, f->name, &text, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
	} else if (text.len != was.len ||
		   memcmp(text_cstr(&text), text_cstr(&was), was.len) != 0) {
		take_back(f, &text);
		say_changes(f, text_cstr(&was));
	} else {
		app_say(a, ROLE_INFO, "Nothing has changed.");
	}
	text_free(&text);
	text_free(&was);
	return true;
}

/* --- drawing -------------------------------------------------------------- */

static void crumb(const struct view *v, struct text *left, struct text *right)
{
	const struct file_view *f = (const struct file_view *)v;

	text_addf(left, "%s › Files › %s", play_module(f->play)->title,
		  f->name);
	text_add(right, play_paused(f->play) ? "PAUSED at " : "RUN ");
	number_time(right, play_now(f->play));
}

static void status(const struct file_view *f, struct text *out)
{
	text_addf(out, "%s   line %zu, %zu", code_kind_names[f->editor.kind],
		  editor_line(&f->editor), editor_column(&f->editor));
	if (editor_is_changed(&f->editor))
		text_add(out, "   changed, not saved");
	if (f->editor.problem_count)
		text_addf(out, "   %zu problem%s", f->editor.problem_count,
			  f->editor.problem_count == 1 ? "" : "s");
}

static void draw(struct view *v, struct grid *g, struct rect body)
{
	struct file_view *f = of(v);
	struct text t = {0};
	struct rect rule = rect_top(&body, 1);

	status(f, &t);
	draw_rule(g, rule, 0, f->name, text_cstr(&t), true);
	text_free(&t);
	f->pane = body;
	editor_draw(&f->editor, g, body, f->view.app->top == v);
}

/* --- keys ----------------------------------------------------------------- */

static bool leave(struct file_view *f)
{
	struct app *a = f->view.app;

	if (editor_is_changed(&f->editor) && !f->is_sure) {
		f->is_sure = true;
		app_say(a, ROLE_WARN, "%s has changes that are not saved. F2 "
			"saves them, Esc drops them.", f->name);
		return true;
	}
	app_pop(a);
	return true;
}

static void find(struct app *a, void *ctx, const char *text)
{
	struct file_view *f = ctx;

	if (a->top != &f->view || !*text)
		return;
	free(f->wanted);
	f->wanted = mem_copy(text);
	if (!editor_find(&f->editor, text, true))
		app_say(a, ROLE_INFO, "No match for \"%s\".", text);
}

static bool act(struct view *v, const struct action *act)
{
	struct file_view *f = of(v);

	if (strcmp(act->id, "file.apply") == 0)
		return save(f);
	if (strcmp(act->id, "file.external") == 0)
		return edit_outside(f);
	if (strcmp(act->id, "edit.undo") == 0)
		return editor_undo(&f->editor), true;
	if (strcmp(act->id, "edit.redo") == 0)
		return editor_redo(&f->editor), true;
	if (strcmp(act->id, "problem.next") == 0)
		return editor_problem_next(&f->editor, true), true;
	if (strcmp(act->id, "problem.prev") == 0)
		return editor_problem_next(&f->editor, false), true;
	if (strcmp(act->id, "find.open") == 0) {
		app_ask(v->app, "Find in this file?", f->wanted ? f->wanted :
			"", find, f);
		return true;
	}
	return strcmp(act->id, "layer.leave") == 0 && leave(f);
}

static bool input(struct view *v, const struct input *in)
{
	struct file_view *f = of(v);
	bool taken;

	if (in->kind == INPUT_PASTE) {
		if (!editor_insert(&f->editor, in->text, in->len))
			app_say(v->app, ROLE_WARN, "That would make the file "
				"longer than %d bytes.", EDITOR_BYTES_MAX);
		return true;
	}
	if (in->kind == INPUT_MOUSE) {
		if (in->mouse == MOUSE_PRESS &&
		    rect_has(f->pane, in->row, in->col))
			editor_click(&f->editor, f->pane, in->row, in->col);
		else if (in->mouse == MOUSE_WHEEL_UP ||
			 in->mouse == MOUSE_WHEEL_DOWN)
			for (int i = 0; i < 3; i++)
				editor_key(&f->editor, in->mouse ==
					   MOUSE_WHEEL_UP ? K_UP : K_DOWN,
					   f->pane.rows);
		return true;
	}
	if (in->key == K_CTRL('F')) {
		act(v, action_find("find.open"));
		return true;
	}
	taken = editor_key(&f->editor, in->key, f->pane.rows);
	if (taken)
		f->is_sure = false;
	return taken;
}

static bool typing(const struct view *v)
{
	(void)v;
	return true;
}

static void contexts(const struct view *v, enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_EDITOR;
	out[1] = CTX_COUNT;
}

static void release(struct view *v)
{
	struct file_view *f = of(v);

	editor_release(&f->editor);
	free(f->name);
	free(f->wanted);
	free(f);
}

static const struct view_ops ops = {
	.name = "editor", .contexts = contexts, .crumb = crumb, .draw = draw,
	.input = input, .typing = typing, .act = act, .free = release,
};

/* --- opening -------------------------------------------------------------- */

/* A file that is not there yet is an empty one. */
static bool load(struct file_view *f)
{
	const struct files *files = play_files(f->play);
	struct text text = {0};
	struct err err;
	bool good;

	if (!files->read(files->ctx, f->name, &text, &err))
		app_say(f->view.app, ROLE_INFO, "%s is a new file; F2 makes "
			"it.", f->name);
	else
		app_echo(f->view.app, "edit %s", f->name);
	good = editor_init(&f->editor, f->name, text_cstr(&text), text.len);
	if (!good) {
		editor_init(&f->editor, f->name, "", 0);
		f->editor.is_read_only = true;
		app_say(f->view.app, ROLE_WARN, "%s is too long for this "
			"editor, or no text.", f->name);
	}
	text_free(&text);
	return good;
}

struct view *editor_view(struct app *a, struct play *p, const char *name)
{
	struct file_view *f = calloc(1, sizeof(*f));

	if (!f || !(f->name = strdup(name)))
		abort();
	f->view = (struct view){ .ops = &ops, .app = a };
	f->play = p;
	load(f);
	return &f->view;
}
