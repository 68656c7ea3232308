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

enum { TRY_COLS_MAX = 118, TRY_SEED = 1 };
#define TRY_AT	SIM_MINUTES(1)

struct try {
	struct view view;
	struct text title, text;
	size_t *lines;			/* offsets into text */
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

static void find_lines(struct try *t)
{
	const char *s = text_cstr(&t->text);

	for (size_t at = 0; at < t->text.len; ) {
		t->lines = realloc(t->lines, (t->count + 1) *
					     sizeof(*t->lines));
		if (!t->lines)
			abort();
		t->lines[t->count++] = at;
		at += strcspn(s + at, "\n") + 1;
	}
}

static void try_draw(struct view *v, struct grid *g, struct rect body)
{
	struct try *t = (struct try *)v;
	struct rect box = draw_box_place(body, (int)t->count + 2,
					 TRY_COLS_MAX);
	struct rect in = draw_box(g, box, text_cstr(&t->title), "Esc");
	const char *s = text_cstr(&t->text);

	t->rows = in.rows > 0 ? (size_t)in.rows : 1;
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
	free(t->lines);
	free(t);
}

static const struct view_ops try_ops = {
	.name = "try", .is_overlay = true, .draw = try_draw,
	.input = try_input, .act = try_act, .free = try_free,
};

struct view *try_view(struct app *a, const char *world, const char *commands)
{
	struct try *t = calloc(1, sizeof(*t));
	struct err err = {{0}};
	struct peek *p;

	if (!t)
		abort();
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
	find_lines(t);
	return &t->view;
}
