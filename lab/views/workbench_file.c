/* workbench_file.c - a file of the learner's, beside the console
 *
 * The layout `pair` (mock 34): a plan, a script or a configuration stays in
 * sight while the tools that read it run.  What is shown is the play's copy, so
 * what a tool writes shows at once; Enter opens the editor, v the next file.
 *
 * Simplified: the mock counts the records that pass each line of a stream's
 * topology; there are no streams yet, so a line has its number only.
 */
#include "lab/views/workbench_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/code_color.h"
#include "lab/tui/draw.h"
#include "sim/core/mem.h"

enum { NUMBER_COLS = 4 };

void file_release(struct workbench *w)
{
	free(w->file);
}

/* --- which ---------------------------------------------------------------- */

struct file_names {
	const char *wanted;	/* NULL: none */
	char *first, *next;	/* of all; behind the wanted one */
	bool found;
};

static void copy(char **to, const char *s)
{
	free(*to);
	*to = mem_copy(s);
}

static void look(void *with, const char *name, size_t len)
{
	struct file_names *n = with;

	(void)len;
	if (!n->first)
		copy(&n->first, name);
	if (n->found && !n->next)
		copy(&n->next, name);
	if (n->wanted && strcmp(name, n->wanted) == 0)
		n->found = true;
}

static struct file_names names_of(struct workbench *w)
{
	const struct files *f = play_files(w->play);
	struct file_names n = { .wanted = w->file };
	struct err err;

	if (f)
		f->list(f->ctx, look, &n, &err);
	return n;
}

static void names_release(struct file_names *n)
{
	free(n->first);
	free(n->next);
}

void file_show(struct workbench *w, const char *name)
{
	if (w->file && strcmp(w->file, name) == 0)
		return;
	copy(&w->file, name);
	w->file_top = 0;
}

/* One that was removed gives its place to the first. */
const char *file_name(struct workbench *w)
{
	struct file_names n = names_of(w);

	if (!n.found && n.first)
		file_show(w, n.first);
	if (!n.first) {
		free(w->file);
		w->file = NULL;
	}
	names_release(&n);
	return w->file;
}

bool file_any(struct workbench *w)
{
	return file_name(w) != NULL;
}

void file_next(struct workbench *w)
{
	struct file_names n = names_of(w);

	if (n.next)
		file_show(w, n.next);
	else if (n.first)
		file_show(w, n.first);
	names_release(&n);
	if (w->file)
		app_say(workbench_app(w), ROLE_INFO, "%s. Enter edits it.",
			w->file);
}

void file_open(struct workbench *w)
{
	if (file_name(w))
		words_do(w, "edit %s", w->file);
}

/* --- its text ------------------------------------------------------------- */

static bool read_file(struct workbench *w, struct text *out)
{
	const struct files *f = play_files(w->play);
	const char *name = file_name(w);
	struct err err;

	return name && f->read(f->ctx, name, out, &err);
}

static int lines_of(const struct text *t)
{
	int lines = t->len && t->at[t->len - 1] != '\n';

	for (size_t i = 0; i < t->len; i++)
		lines += t->at[i] == '\n';
	return lines;
}

/* Not beyond its end, not before its beginning. */
void file_scroll(struct workbench *w, int by)
{
	int last = w->file_rows - (w->places.pane[PANE_FILE].rows - 1);

	w->file_top += by;
	if (w->file_top > last)
		w->file_top = last;
	if (w->file_top < 0)
		w->file_top = 0;
}

/* --- drawing -------------------------------------------------------------- */

static void draw_code(struct grid *g, struct rect r, int row, const char *s,
		      size_t len, const uint8_t *roles)
{
	int col = NUMBER_COLS + 2, width;

	for (size_t at = 0; at < len;) {
		size_t n = text_glyph(s + at, len - at, &width);

		if (s[at] == '\t')
			width = 8 - (col - NUMBER_COLS - 2) % 8;
		if (col + width > r.cols - 1 && at + n < len) {
			grid_put(g, r, row, r.cols - 1, ROLE_DIM, "…");
			return;
		}
		if (s[at] != '\t')
			grid_putn(g, r, row, col, (enum role)roles[at], s + at,
				  n);
		col += width;
		at += n;
	}
}

static void draw_lines(struct workbench *w, struct grid *g, struct rect r,
		       const struct text *t)
{
	enum code_kind kind = code_kind_of(w->file);
	uint8_t *roles = mem_take(t->len + 1);
	uint32_t state = CODE_START;
	const char *s = text_cstr(t), *end = s + t->len;

	for (int n = 0; s < end && n - w->file_top < r.rows; n++) {
		const char *line_end = memchr(s, '\n', (size_t)(end - s));
		size_t len = (size_t)((line_end ? line_end : end) - s);

		memset(roles, ROLE_TEXT, len + 1);
		state = code_color(kind, state, s, len, roles);
		if (n >= w->file_top) {
			int row = n - w->file_top;

			grid_putf(g, r, row, 1, ROLE_DIM, "%*d",
				  NUMBER_COLS - 1, n + 1);
			draw_code(g, r, row, s, len, roles);
		}
		s += len + (line_end != NULL);
	}
	free(roles);
}

void file_draw(struct workbench *w, struct grid *g, struct rect r)
{
	struct text t = {0};

	if (!read_file(w, &t)) {
		draw_wrapped(g, r, 0, 1, ROLE_DIM, "There is no file yet. "
			     "`edit NAME` makes one.");
	} else {
		w->file_rows = lines_of(&t);
		file_scroll(w, 0);
		draw_lines(w, g, r, &t);
	}
	text_free(&t);
}

void file_status(struct workbench *w, struct text *out)
{
	int rows = w->places.pane[PANE_FILE].rows - 1;
	struct text t = {0};

	if (read_file(w, &t)) {
		w->file_rows = lines_of(&t);
		file_scroll(w, 0);
		scroll_text(out, (size_t)w->file_top, (size_t)rows,
			    (size_t)w->file_rows);
	}
	if (out->len)
		text_addf(out, "  %s", w->file_top + rows < w->file_rows ?
			  "PgDn" : "PgUp");
	if (w->places.tabs.rows && w->file) {	/* its rule has no title */
		text_clear(&t);
		text_addf(&t, "%s%s%s", w->file, out->len ? "  " : "",
			  text_cstr(out));
		text_clear(out);
		text_add(out, text_cstr(&t));
	}
	text_free(&t);
}
