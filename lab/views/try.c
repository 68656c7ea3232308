/* try.c - commands of a lesson, tried in a world that is then thrown away
 *
 * The world is made and the commands are run when the box opens: the same
 * commands print the same each time.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/play/play.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/views/cursor.h"
#include "lab/views/peek.h"
#include "sim/core/mem.h"

enum { TRY_COLS_MAX = 118, TRY_SEED = 1 };
#define TRY_AT	SIM_MINUTES(1)

struct try {
	struct view view;
	struct text title, text;	/* text: as it was printed */
	struct text shown;		/* tabs as spaces, broken at the width */
	size_t *lines;			/* offsets into shown */
	size_t count;
	struct cursor cursor;		/* at: the last line that is seen */
	size_t rows;
};

/* The next command, lines that end in `\` joined; false: there is none. */
static bool next_command(const char **s, struct text *line)
{
	text_clear(line);
	while (**s) {
		size_t n = strcspn(*s, "\n");
		bool goes_on = n && (*s)[n - 1] == '\\';

		text_bytes(line, *s, n - goes_on);
		*s += n + ((*s)[n] == '\n');
		if (!goes_on && line->len)
			return true;
		*s += goes_on ? strspn(*s, " \t") : 0;
	}
	return line->len > 0;
}

static void run_all(struct try *t, struct peek *p, const char *commands)
{
	struct text line = {0};

	while (next_command(&commands, &line)) {
		text_addf(&t->text, "$ %s\n", text_cstr(&line));
		peek_line(p, text_cstr(&line), &t->text);
		if (t->text.len && t->text.at[t->text.len - 1] != '\n')
			text_char(&t->text, '\n');
	}
	text_free(&line);
}

static void line_add(struct try *t)
{
	t->lines = mem_grow(t->lines, (t->count + 1) * sizeof(*t->lines));
	t->lines[t->count++] = t->shown.len;
}

/* What is too long for the box goes on in the next row. */
static void break_lines(struct try *t, int cols)
{
	struct text line = {0};
	const char *s = text_cstr(&t->text);

	while (*s) {
		size_t len = strcspn(s, "\n"), at = 0;

		text_clear(&line);
		for (size_t i = 0; i < len; i++)
			text_add(&line, s[i] == '\t' ? "  " :
				 (char[]){ s[i], '\0' });
		do {
			size_t n = text_fit(text_cstr(&line) + at,
					    line.len - at, cols);

			line_add(t);
			text_bytes(&t->shown, text_cstr(&line) + at, n);
			text_char(&t->shown, '\n');
			at += n ? n : line.len;
		} while (at < line.len);
		s += len + (s[len] == '\n');
	}
	text_free(&line);
}

static void try_draw(struct view *v, struct grid *g, struct rect body)
{
	struct try *t = (struct try *)v;
	struct rect box = draw_box_place(body, (int)t->count + 2,
					 TRY_COLS_MAX);
	const char *s = text_cstr(&t->shown);
	struct text status = {0};
	struct rect in;

	t->rows = box.rows > 3 ? (size_t)box.rows - 2 : 1;
	scroll_text(&status, t->cursor.at, t->rows, t->count);
	text_addf(&status, "%sEsc", status.len ? "   " : "");
	in = draw_box(g, box, text_cstr(&t->title), text_cstr(&status));
	text_free(&status);
	for (size_t i = 0; i < t->rows && t->cursor.at + i < t->count; i++) {
		const char *line = s + t->lines[t->cursor.at + i];

		grid_putn(g, in, (int)i, 0, strncmp(line, "$ ", 2) == 0 ?
			  ROLE_CMD : ROLE_TEXT, line, strcspn(line, "\n"));
	}
}

static bool try_input(struct view *v, const struct input *in)
{
	struct try *t = (struct try *)v;
	size_t last = t->count > t->rows ? t->count - t->rows + 1 : 1;

	if (in->kind == INPUT_KEY && in->key == K_SPACE) {
		t->cursor.at += t->rows;
		cursor_keep(&t->cursor, last);
		return true;
	}
	return cursor_input(&t->cursor, in, last, t->rows);
}

static bool try_act(struct view *v, const struct action *act)
{
	struct try *t = (struct try *)v;

	if (strcmp(act->id, "copy.item") != 0)
		return false;
	app_copy(v->app, text_cstr(&t->text), t->text.len);
	return true;
}

static void try_free(struct view *v)
{
	struct try *t = (struct try *)v;

	text_free(&t->title);
	text_free(&t->text);
	text_free(&t->shown);
	free(t->lines);
	free(t);
}

static const struct view_ops try_ops = {
	.name = "try", .is_overlay = true, .draw = try_draw,
	.input = try_input, .act = try_act, .free = try_free,
};

struct view *try_view(struct app *a, const char *world, const char *commands)
{
	struct try *t = mem_zeroed(1, sizeof(*t));
	struct err err = {{0}};
	struct peek *p;

	t->view = (struct view){ .ops = &try_ops, .app = a };
	p = peek_new(world, TRY_SEED, TRY_AT, &err);
	text_addf(&t->title, "Tried in a throwaway %s", world);
	if (p) {
		run_all(t, p, commands);
		text_add(&t->title, ", now ");
		number_time(&t->title, play_now(p->play));
	} else {
		text_addf(&t->text, "%s\n", err.what);
	}
	peek_free(p);
	break_lines(t, (a->cols < TRY_COLS_MAX ? a->cols : TRY_COLS_MAX) - 4);
	return &t->view;
}
