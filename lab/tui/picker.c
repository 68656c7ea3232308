/* picker.c - a list to type into: palette, help, search */
#include "lab/tui/picker.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/tui/draw.h"
#include "lab/tui/fuzzy.h"
#include "sim/core/mem.h"

void picker_release(struct picker *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->rows[i].name);
		free(p->rows[i].id);
		free(p->rows[i].key);
		free(p->rows[i].words);
		free(p->rows[i].detail);
		free(p->rows[i].why_not);
	}
	free(p->rows);
	free(p->shown);
	text_free(&p->typed);
	*p = (struct picker){0};
}

void pick_set(char **field, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	free(*field);
	text_cstr(&t);
	*field = text_take(&t);
}

struct pick *picker_add(struct picker *p, const char *sort, const char *id,
			const char *name)
{
	struct pick *row;

	if (p->count == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 64;
		p->rows = mem_grow(p->rows, p->cap * sizeof(*p->rows));
	}
	row = &p->rows[p->count++];
	*row = (struct pick){ .sort = sort };
	if (id)
		pick_set(&row->id, "%s", id);
	pick_set(&row->name, "%s", name);
	return row;
}

/* --- narrowing ------------------------------------------------------------------ */

struct scored {
	size_t row;
	int score;		/* larger is nearer */
	int nearness;
};

static int by_score(const void *x, const void *y)
{
	const struct scored *a = x, *b = y;

	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	if (a->nearness != b->nearness)
		return a->nearness < b->nearness ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

/* From the beginning of a word on. */
static bool contains(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; text[i]; i++)
		if ((!i || !isalnum((unsigned char)text[i - 1])) &&
		    strncasecmp(text + i, word, len) == 0)
			return true;
	return false;
}

enum { SORT_LETTERS = 3 };

/* "lesson log": what sort of thing it is stands beside its name. */
static int score_with_sort(const struct pick *row, const char *typed)
{
	size_t len = strcspn(typed, " ");
	char both[FUZZY_TEXT_MAX];

	if (!row->sort || len < SORT_LETTERS ||
	    strncasecmp(row->sort, typed, len) != 0)
		return FUZZY_NONE;
	snprintf(both, sizeof(both), "%s %s", row->sort, row->name);
	return fuzzy_score(typed, both, NULL);
}

/* "leaders" is as good a name for kafka-architecture.leaders as its title.  The
 * id of an action is no name: it is for settings.  Abbreviations are for names,
 * not for ids. */
static int score_of_id(const struct pick *row, const char *typed)
{
	const char *slug;
	int whole, last;

	if (!row->id || (row->sort && strcmp(row->sort, "action") == 0) ||
	    !contains(row->id, typed))
		return FUZZY_NONE;
	slug = strpbrk(row->id, "./");
	whole = fuzzy_score(typed, row->id, NULL);
	last = slug ? fuzzy_score(typed, slug + 1, NULL) : FUZZY_NONE;
	return whole > last ? whole : last;
}

/* The name and the key may be abbreviated (fuzzy.h); in the words, which may be
 * a whole lesson, what was typed has to stand as it is. */
static int score_of(const struct pick *row, const char *typed)
{
	int best = fuzzy_score(typed, row->name, NULL), other;

	if (row->key && (other = fuzzy_score(typed, row->key, NULL)) > best)
		best = other;
	if ((other = score_with_sort(row, typed)) > best)
		best = other;
	if ((other = score_of_id(row, typed)) > best)
		best = other;
	if (best < 0 && row->words && contains(row->words, typed))
		best = 0;
	/* What cannot be used is not what was meant, most likely. */
	return best > 0 && row->why_not ? best / 4 : best;
}

void picker_filter(struct picker *p)
{
	struct scored *list = malloc((p->count + 1) * sizeof(*list));
	const char *typed = text_cstr(&p->typed);
	size_t n = 0;

	p->shown = realloc(p->shown, (p->count + 1) * sizeof(*p->shown));
	if (!list || !p->shown)
		abort();
	for (size_t i = 0; i < p->count; i++) {
		int score = score_of(&p->rows[i], typed);

		if (score >= 0)
			list[n++] = (struct scored){ i, score,
						     p->rows[i].nearness };
	}
	qsort(list, n, sizeof(*list), by_score);
	for (size_t i = 0; i < n; i++)
		p->shown[i] = list[i].row;
	free(list);
	p->shown_count = n;
	p->selected = p->top = 0;
}

const struct pick *picker_current(const struct picker *p)
{
	return p->selected < p->shown_count ?
	       &p->rows[p->shown[p->selected]] : NULL;
}

/* --- input ------------------------------------------------------------------------- */

static void move(struct picker *p, long by)
{
	long at = (long)p->selected + by;

	if (at >= (long)p->shown_count)
		at = (long)p->shown_count - 1;
	p->selected = at < 0 ? 0 : (size_t)at;
}

static void erase(struct picker *p)
{
	while (p->typed.len &&
	       ((unsigned char)p->typed.at[p->typed.len - 1] & 0xc0) == 0x80)
		p->typed.len--;
	if (p->typed.len)
		p->typed.len--;
	if (p->typed.at)
		p->typed.at[p->typed.len] = '\0';
	picker_filter(p);
}

static bool take_key(struct picker *p, uint32_t key)
{
	char text[8];

	switch (key) {
	case K_UP: case K_CTRL('P'):
		move(p, -1);
		return true;
	case K_DOWN: case K_CTRL('N'):
		move(p, 1);
		return true;
	case K_PGUP:
		move(p, -p->page);
		return true;
	case K_PGDN:
		move(p, p->page);
		return true;
	case K_BACKSPACE:
		erase(p);
		return true;
	case K_CTRL('U'):
		text_clear(&p->typed);
		picker_filter(p);
		return true;
	}
	if (!key_is_text(key))
		return false;
	text_bytes(&p->typed, text, key_utf8(key, text));
	picker_filter(p);
	return true;
}

static bool take_mouse(struct picker *p, const struct input *in,
		       struct rect rows)
{
	size_t at;

	if (in->mouse == MOUSE_WHEEL_UP || in->mouse == MOUSE_WHEEL_DOWN) {
		move(p, in->mouse == MOUSE_WHEEL_UP ? -3 : 3);
		return true;
	}
	if (in->mouse != MOUSE_PRESS || !rect_has(rows, in->row, in->col))
		return false;
	at = p->top + (size_t)(in->row - rows.row);
	if (at < p->shown_count)
		p->selected = at;
	return true;
}

bool picker_input(struct picker *p, const struct input *in, struct rect rows)
{
	if (in->kind == INPUT_KEY)
		return take_key(p, in->key);
	if (in->kind == INPUT_MOUSE)
		return take_mouse(p, in, rows);
	if (in->kind == INPUT_PASTE) {
		text_bytes(&p->typed, in->text, strcspn(in->text, "\r\n"));
		picker_filter(p);
		return true;
	}
	return false;
}

/* --- drawing --------------------------------------------------------------------------- */

enum { KEY_COLS = 10, SORT_COLS = 10 };

static void draw_row(const struct pick *row, struct grid *g, struct rect r,
		     int at, bool is_selected)
{
	enum role role = row->why_not ? ROLE_DIM : ROLE_TEXT;
	int room = r.cols - 4;

	if (row->key && r.cols > 50) {
		draw_right(g, r, at, r.cols - 1, ROLE_KEY, row->key);
		room -= text_width(row->key) + 2;
	}
	if (room > 40) {
		room -= SORT_COLS;
		grid_put(g, r, at, room + 3, ROLE_DIM, row->sort);
	}
	if (is_selected)
		grid_put(g, r, at, 1, ROLE_KEY, "▸");
	if (row->why_not && *row->why_not) {
		struct text t = {0};

		text_addf(&t, "%s: %s", row->name, row->why_not);
		draw_cut(g, r, at, 3, room - 1, role, text_cstr(&t));
		text_free(&t);
	} else {
		draw_cut(g, r, at, 3, room - 1, role, row->name);
	}
	if (is_selected)
		grid_flag(g, (struct rect){ r.row + at, r.col, 1, r.cols },
			  CELL_SELECTED);
}

struct rect picker_draw(struct picker *p, struct grid *g, struct rect r,
			const char *nothing)
{
	struct rect line = rect_top(&r, 1);
	int col = grid_put(g, line, 0, 1, ROLE_KEY, ":");

	col = grid_put(g, line, 0, col + 1, ROLE_TEXT, text_cstr(&p->typed));
	grid_cursor(g, line, 0, col);
	p->page = r.rows > 1 ? r.rows : 1;
	p->top = scroll_top(p->top, p->selected, (size_t)p->page,
			    p->shown_count);
	for (int i = 0; i < r.rows && p->top + (size_t)i < p->shown_count; i++)
		draw_row(&p->rows[p->shown[p->top + (size_t)i]], g, r, i,
			 p->top + (size_t)i == p->selected);
	if (!p->shown_count)
		grid_putf(g, r, 0, 3, ROLE_DIM, "%s \"%s\".", nothing,
			  text_cstr(&p->typed));
	return r;
}
