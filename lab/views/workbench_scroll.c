/* workbench_scroll.c - what was printed: kept, read, searched and drawn
 *
 * What tools print is kept byte for byte, a line at a time, with the stream it
 * came on and the virtual time; only drawing changes it: what is too long for
 * a narrow pane is compacted and folded (fold.h), and when the pane is zoomed
 * it stands there as it was printed.
 */
#include "lab/views/workbench_inside.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/tui/draw.h"
#include "lab/views/fold.h"
#include "sim/core/mem.h"

/* --- lines ---------------------------------------------------------------- */

static struct scroll_line *line_at(const struct console_pane *c, size_t i)
{
	return &c->lines[(c->first + i) % SCROLL_LINES];
}

static void put_line(struct workbench *w, enum scroll_kind kind,
		     const char *text, size_t len)
{
	struct console_pane *c = &w->console;
	struct scroll_line *l;

	if (c->count == SCROLL_LINES) {
		free(line_at(c, 0)->text);
		c->first = (c->first + 1) % SCROLL_LINES;
		c->count--;
	}
	l = line_at(c, c->count++);
	*l = (struct scroll_line){
		.text = malloc(len + 1), .len = len,
		.at = w->play ? play_now(w->play) : 0, .kind = (uint8_t)kind,
		.is_table = fold_is_table(text, len),
		.cols = fold_cols(text, len) + 2 * (kind == SCROLL_LINE),
	};
	if (!l->text)
		abort();
	memcpy(l->text, text, len);
	l->text[len] = '\0';
	c->ever++;
	if (c->back && c->back < c->count)
		c->back++;	/* what is read does not move */
}

void scroll_close(struct workbench *w)
{
	struct console_pane *c = &w->console;

	if (!c->open.len)
		return;
	put_line(w, c->open_kind, c->open.at, c->open.len);
	text_clear(&c->open);
}

void scroll_print(struct workbench *w, enum scroll_kind kind,
		  const char *bytes, size_t len)
{
	struct console_pane *c = &w->console;

	if (c->open.len && c->open_kind != kind)
		scroll_close(w);
	c->open_kind = kind;
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t n = end ? (size_t)(end - bytes) : len;

		text_bytes(&c->open, bytes, n);
		if (!end)
			return;
		put_line(w, kind, text_cstr(&c->open), c->open.len);
		text_clear(&c->open);
		bytes += n + 1;
		len -= n + 1;
	}
}

void scroll_line(struct workbench *w, enum scroll_kind kind,
		 const char *text)
{
	scroll_close(w);
	put_line(w, kind, text, strlen(text));
}

void scroll_note(struct workbench *w, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	scroll_line(w, SCROLL_NOTE, text_cstr(&t));
	text_free(&t);
}

/* --- life ----------------------------------------------------------------- */

void scroll_init(struct workbench *w)
{
	struct console_pane *c = &w->console;

	c->lines = mem_zeroed(SCROLL_LINES, sizeof(*c->lines));
}

void scroll_clear(struct workbench *w)
{
	struct console_pane *c = &w->console;

	for (size_t i = 0; i < c->count; i++) {
		free(line_at(c, i)->text);
		line_at(c, i)->text = NULL;
	}
	c->first = c->count = 0;
	c->back = 0;
	c->typed_at = c->ever;
	text_clear(&c->open);
}

void scroll_release(struct workbench *w)
{
	struct console_pane *c = &w->console;

	for (size_t i = 0; i < c->count; i++)
		free(line_at(c, i)->text);
	free(c->lines);
	free(c->found);
	text_free(&c->open);
}

/* --- the shape of a line -------------------------------------------------- */

static int text_cols(struct rect r)
{
	return r.cols > 2 ? r.cols - 1 : 1;
}

/* In a zoomed pane a table stands as it was printed, and is read by going
 * sideways; running text is wrapped there, too. */
static bool goes_sideways(const struct workbench *w,
			  const struct scroll_line *l)
{
	return w->zoom && l->kind != SCROLL_LINE && l->is_table;
}

static bool is_row_beside(const struct scroll_line *a,
			  const struct scroll_line *b)
{
	return b->is_table && b->kind == a->kind;
}

/* Is a row of this table folded?  Then all of them begin where that one does. */
static bool is_among_folded(const struct workbench *w, size_t at, int cols)
{
	const struct console_pane *c = &w->console;
	const struct scroll_line *l = line_at(c, at), *other;

	if (!l->is_table || w->zoom || l->kind == SCROLL_LINE)
		return false;
	for (size_t i = at; i > 0; i--) {
		other = line_at(c, i - 1);
		if (!is_row_beside(l, other))
			break;
		if (other->cols > cols)
			return true;
	}
	for (size_t i = at + 1; i < c->count; i++) {
		other = line_at(c, i);
		if (!is_row_beside(l, other))
			break;
		if (other->cols > cols)
			return true;
	}
	return false;
}

/* As it was printed where it and its table fit.  What tabs part has no columns
 * to keep. */
static int shape(const struct workbench *w, size_t i, int cols,
		 struct text *out)
{
	const struct scroll_line *l = line_at(&w->console, i);
	bool is_long = l->cols > cols && !goes_sideways(w, l);
	struct text line = {0};
	int rows = 1;

	if (l->kind == SCROLL_LINE) {
		text_add(&line, "$ ");
		fold_expand(&line, l->text, l->len);
		rows = is_long ? fold_text(out, text_cstr(&line), line.len,
					   cols) : 1;
	} else if (is_long) {
		return fold_line(out, l->text, l->len, cols);
	} else if (is_among_folded(w, i, cols)) {
		if (memchr(l->text, '\t', l->len))
			return fold_line(out, l->text, l->len, cols);
		fold_dedent(out, l->text, l->len);
	} else {
		fold_expand(&line, l->text, l->len);
	}
	if (!out->len)
		text_add(out, text_cstr(&line));
	text_free(&line);
	return rows;
}

static int rows_of(const struct workbench *w, size_t i, int cols)
{
	struct text t = {0};
	int rows = shape(w, i, cols, &t);

	text_free(&t);
	return rows;
}

/* The part of the pane that holds what was printed: not its rule, not the
 * prompt. */
static int printed_rows(const struct workbench *w)
{
	int rows = w->places.pane[PANE_CONSOLE].rows - 2;

	return rows > 1 ? rows : 1;
}

/* Lines in sight when line `end` is the first that is not. */
static size_t lines_in_sight(const struct workbench *w, size_t end, int room)
{
	int cols = text_cols(w->places.pane[PANE_CONSOLE]), used = 0;
	size_t n = 0;

	while (n < end && used < room)
		used += rows_of(w, end - ++n, cols);
	return n;
}

bool scroll_has_long(const struct workbench *w)
{
	const struct console_pane *c = &w->console;
	int cols = text_cols(w->places.pane[PANE_CONSOLE]);
	size_t end = c->count > c->back ? c->count - c->back : 0;
	size_t n = lines_in_sight(w, end, printed_rows(w));
	bool is_long = false;

	for (size_t i = end - n; i < end && !is_long; i++) {
		const struct scroll_line *l = line_at(c, i);

		is_long = l->kind != SCROLL_LINE && l->cols > cols &&
			  (!w->zoom || goes_sideways(w, l));
	}
	return is_long;
}

/* --- reading -------------------------------------------------------------- */

/* Lines that can be scrolled away while the pane stays full. */
static size_t most_back(const struct workbench *w)
{
	const struct console_pane *c = &w->console;
	int cols = text_cols(w->places.pane[PANE_CONSOLE]);
	int room = printed_rows(w), used = 0;
	size_t n = 0;

	while (n < c->count && used + rows_of(w, n, cols) <= room)
		used += rows_of(w, n++, cols);
	return n < c->count ? c->count - (n ? n : 1) : 0;
}

static void scroll_to(struct workbench *w, size_t back)
{
	size_t most = most_back(w);

	w->console.back = back > most ? most : back;
}

void scroll_by(struct workbench *w, int lines)
{
	size_t back = w->console.back, by = (size_t)abs(lines);

	scroll_to(w, lines > 0 ? back + by : back > by ? back - by : 0);
}

static bool has(const struct scroll_line *l, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= l->len; i++)
		if (strncasecmp(l->text + i, word, len) == 0)
			return true;
	return false;
}

/* Numbers of lines count all that were ever put, so that they stay. */
static bool search(struct workbench *w, size_t from, int by)
{
	struct console_pane *c = &w->console;
	size_t gone = c->ever - c->count;

	for (size_t i = from; i >= gone && i < c->ever; i += (size_t)by) {
		if (!has(line_at(c, i - gone), c->found))
			continue;
		c->found_line = i;
		scroll_to(w, c->ever - 1 - i > 2 ? c->ever - 1 - i - 2 : 0);
		return true;
	}
	return false;
}

bool scroll_find(struct workbench *w, const char *word, int by)
{
	struct console_pane *c = &w->console;

	if (word) {
		free(c->found);
		c->found = *word ? strdup(word) : NULL;
		c->found_line = c->ever;
	}
	if (!c->found)
		return false;
	return search(w, c->found_line + (size_t)by, by);
}

void scroll_copy(struct workbench *w)
{
	struct console_pane *c = &w->console;
	size_t gone = c->ever - c->count;
	struct text t = {0};

	for (size_t i = c->typed_at + 1; i < c->ever; i++)
		if (i >= gone && line_at(c, i - gone)->kind != SCROLL_NOTE)
			text_addf(&t, "%s\n", line_at(c, i - gone)->text);
	if (!t.len && c->count && c->typed_at >= gone)
		text_add(&t, line_at(c, c->typed_at - gone)->text);
	if (t.len)
		app_copy(workbench_app(w), t.at, t.len);
	else
		app_say(workbench_app(w), ROLE_INFO, "Nothing was printed yet.");
	text_free(&t);
}

/* --- keys ----------------------------------------------------------------- */

/* A page less one line.  Folded lines make pages of few lines. */
static int page_up(const struct workbench *w)
{
	const struct console_pane *c = &w->console;
	size_t n = lines_in_sight(w, c->count - c->back, printed_rows(w));

	return n > 2 ? (int)n - 1 : 1;
}

static int page_down(const struct workbench *w)
{
	const struct console_pane *c = &w->console;
	int cols = text_cols(w->places.pane[PANE_CONSOLE]);
	int room = printed_rows(w), used = 0, n = 0;

	for (size_t i = c->count - c->back; i < c->count && used < room; i++)
		if ((used += rows_of(w, i, cols)) <= room)
			n++;
	return n > 2 ? n - 1 : 1;
}

/* The brief or a file beside the console: PgDn goes on in it, once the end of what was
 * printed is in sight (screens.md, mock 33).  PgUp goes back in what one was
 * reading: there behind a PgDn, in what was printed behind a line that was
 * typed. */
static bool page_beside(struct workbench *w, uint32_t key)
{
	bool is_file = workbench_shows(w, PANE_FILE);
	enum pane pane = is_file ? PANE_FILE : PANE_BRIEF;
	int rows = w->places.pane[pane].rows - 2;
	int top = is_file ? w->file_top : w->brief_top;

	if (rows < 1 || w->console.back)
		return false;
	if (key == K_PGUP && (top == 0 || (!w->pages_beside &&
					   most_back(w) > 0)))
		return false;
	w->pages_beside = true;
	pane_scroll(w, pane, key == K_PGUP ? rows : -rows);
	return true;
}

bool scroll_page_key(struct workbench *w, uint32_t key)
{
	if (key != K_PGUP && key != K_PGDN)
		return false;
	if (page_beside(w, key))
		return true;
	scroll_by(w, key == K_PGUP ? page_up(w) : -page_down(w));
	return true;
}

bool scroll_key(struct workbench *w, uint32_t key)
{
	struct console_pane *c = &w->console;

	if (scroll_page_key(w, key))
		return true;
	if (key == K_UP || key == 'k')
		scroll_by(w, 1);
	else if (key == K_DOWN || key == 'j')
		scroll_by(w, -1);
	else if (key == K_HOME || key == 'g')
		scroll_by(w, SCROLL_LINES);
	else if (key == K_END || key == 'G')
		c->back = 0;
	else if (w->zoom && key == K_RIGHT)
		c->right += 8;
	else if (w->zoom && key == K_LEFT)
		c->right -= c->right < 8 ? c->right : 8;
	else
		return false;
	return true;
}

/* --- drawing -------------------------------------------------------------- */

static const enum role roles[] = {
	[SCROLL_OUT] = ROLE_TEXT, [SCROLL_ERR] = ROLE_WARN,
	[SCROLL_LINE] = ROLE_CMD, [SCROLL_NOTE] = ROLE_DIM,
};

/* Rows from `skip` on, as many as there is room for; the value is how many. */
static int draw_line(struct workbench *w, struct grid *g, struct rect r,
		     int row, size_t i, int skip)
{
	const struct scroll_line *l = line_at(&w->console, i);
	struct text t = {0};
	const char *s;
	int drawn = 0;

	shape(w, i, text_cols(r), &t);
	for (s = text_cstr(&t); s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 :
							  NULL) {
		size_t len = strcspn(s, "\n"), from = 0;
		char *part;

		if (skip-- > 0)
			continue;
		if (goes_sideways(w, l))
			from = text_fit(s, len, w->console.right);
		part = strndup(s + from, len - from);
		if (!part)
			abort();
		draw_cut(g, r, row + drawn++, 1, r.cols - 1, roles[l->kind],
			 part);
		free(part);
	}
	text_free(&t);
	return drawn;
}

/* From the top of the pane on; the first line may begin above it. */
int scroll_draw(struct workbench *w, struct grid *g, struct rect r, int room)
{
	struct console_pane *c = &w->console;
	size_t end, n;
	int rows = 0, row = 0;

	if (c->back > c->count)
		c->back = c->count;
	end = c->count - c->back;
	n = lines_in_sight(w, end, room);
	for (size_t i = end - n; i < end; i++)
		rows += rows_of(w, i, text_cols(r));
	for (size_t i = end - n; i < end; i++) {
		int skip = i == end - n && rows > room ? rows - room : 0;
		int drawn = draw_line(w, g, r, row, i, skip);

		if (c->found && c->ever - c->count + i == c->found_line)
			grid_flag(g, (struct rect){ r.row + row, r.col, drawn,
						    r.cols }, CELL_SELECTED);
		row += drawn;
	}
	return row;
}

int scroll_draw_open(struct workbench *w, struct grid *g, struct rect r,
		     int row)
{
	struct console_pane *c = &w->console;
	struct text t = {0};
	int end;

	fold_expand(&t, c->open.at, c->open.len);
	end = draw_cut(g, r, row, 1, r.cols - 1, roles[c->open_kind],
		       text_cstr(&t));
	text_free(&t);
	return end;
}
