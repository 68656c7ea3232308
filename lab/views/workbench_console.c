/* workbench_console.c - the console: what was printed, and the prompt
 *
 * What tools print is kept byte for byte, a line at a time, with the stream it
 * came on and the virtual time; only drawing changes it: what is too long for
 * a narrow pane is compacted and folded, and when the pane is zoomed it stands
 * there as it was printed.  The prompt is one row behind the last line.  While
 * it is empty a few keys are still keys (the empty-line rule of screens.md 5),
 * and Esc makes all of them keys.
 */
#include "lab/views/workbench_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/course/attempt.h"
#include "lab/tui/draw.h"
#include "lua/console.h"
#include "lua/session.h"

enum {
	TAB_COLS = 8,
	LEAD_COLS = 4,	/* at most, of an indented line that is too long */
	HANG_COLS = 2,	/* at least: where a folded line goes on */
};

#define PLACEHOLDER	"a command, or Esc for keys"

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
	};
	if (!l->text)
		abort();
	memcpy(l->text, text, len);
	l->text[len] = '\0';
	c->ever++;
	if (c->back && c->back < c->count)
		c->back++;	/* what is read does not move */
}

/* What was printed without a newline becomes a line of its own. */
static void close_line(struct workbench *w)
{
	struct console_pane *c = &w->console;

	if (!c->open.len)
		return;
	put_line(w, c->open_kind, c->open.at, c->open.len);
	text_clear(&c->open);
}

void prompt_print(struct workbench *w, enum scroll_kind kind,
		   const char *bytes, size_t len)
{
	struct console_pane *c = &w->console;

	if (c->open.len && c->open_kind != kind)
		close_line(w);
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

static void print_line(struct workbench *w, enum scroll_kind kind,
		       const char *text)
{
	close_line(w);
	put_line(w, kind, text, strlen(text));
}

void prompt_note(struct workbench *w, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	print_line(w, SCROLL_NOTE, text_cstr(&t));
	text_free(&t);
}

/* --- history -------------------------------------------------------------- */

static size_t past_count(void *ctx)
{
	return ((struct workbench *)ctx)->console.history_count;
}

static const char *past_at(void *ctx, size_t i)
{
	return ((struct workbench *)ctx)->console.history[i];
}

static void remember(struct console_pane *c, const char *line)
{
	size_t n = c->history_count;

	if (!*line || (n && strcmp(c->history[n - 1], line) == 0))
		return;
	if (n == CONSOLE_HISTORY_MAX) {
		free(c->history[0]);
		memmove(c->history, c->history + 1,
			(--n) * sizeof(*c->history));
	}
	c->history = realloc(c->history, (n + 1) * sizeof(*c->history));
	if (!c->history || !(c->history[n] = strdup(line)))
		abort();
	c->history_count = n + 1;
}

void prompt_typed(struct workbench *w, const char *line)
{
	struct console_pane *c = &w->console;

	remember(c, line);
	print_line(w, SCROLL_LINE, line);
	c->typed_at = c->ever - 1;
	c->back = 0;
}

/* The newest line that begins like this one. */
static void suggest(struct workbench *w)
{
	struct console_pane *c = &w->console;
	const char *typed = lineedit_text(&c->edit);
	size_t len = strlen(typed), i = c->history_count;

	while (len && i > 0)
		if (strncmp(c->history[--i], typed, len) == 0 &&
		    c->history[i][len]) {
			lineedit_ghost_set(&c->edit, c->history[i]);
			return;
		}
	lineedit_ghost_set(&c->edit, "");
}

/* --- completion ----------------------------------------------------------- */

struct offered {
	struct completions *out;
	const char *prefix;
	size_t len;
};

static void offer(void *with, const char *name, const char *usage,
		  const char *summary)
{
	struct offered *o = with;
	struct completions *c = o->out;
	struct completion *at;

	(void)usage;
	if (!summary || strncmp(name, o->prefix, o->len) != 0)
		return;
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->at[i].show, name) == 0)
			return;
	c->at = realloc(c->at, (c->count + 1) * sizeof(*c->at));
	if (!c->at)
		abort();
	at = &c->at[c->count++];
	at->show = strdup(name);
	at->insert = strdup(name);
	if (!at->show || !at->insert)
		abort();
}

static int by_show(const void *a, const void *b)
{
	return strcmp(((const struct completion *)a)->show,
		      ((const struct completion *)b)->show);
}

static void find_common(struct completions *c)
{
	size_t len = c->count ? strlen(c->at[0].insert) : 0;

	for (size_t i = 1; i < c->count; i++) {
		size_t n = 0;

		while (n < len && c->at[i].insert[n] == c->at[0].insert[n])
			n++;
		len = n;
	}
	free(c->common);
	c->common = strndup(c->count ? c->at[0].insert : "", len);
	if (!c->common)
		abort();
}

/* What may follow a word; the console knows only its commands. */
static void complete_argument(struct workbench *w, const char *line,
			      size_t cursor, struct completions *out)
{
	size_t begin = strspn(line, " "), len = strcspn(line + begin, " ");
	char *word = strndup(line + begin, len);
	struct completions own = { .start = cursor };
	struct offered o = { .out = &own };

	if (!word)
		abort();
	while (own.start > 0 && line[own.start - 1] != ' ')
		own.start--;
	o.prefix = line + own.start;
	o.len = cursor - own.start;
	if (words_arguments(w, word, offer, &o)) {
		completions_release(out);
		*out = own;
	}
	free(word);
}

/* The console's own, and the words in the place of a command. */
static void complete(void *ctx, const char *line, size_t cursor,
		     struct completions *out)
{
	struct workbench *w = ctx;
	size_t start = strspn(line, " ");
	struct offered o = { .out = out, .prefix = line + start };

	console_complete(session_console(play_session(w->play)), line, cursor,
			 out);
	if (cursor < start || memchr(line + start, ' ', cursor - start)) {
		complete_argument(w, line, cursor, out);
	} else {
		o.len = cursor - start;
		out->start = start;
		play_each_word(w->play, offer, &o);
		words_each(offer, &o);
	}
	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), by_show);
	find_common(out);
}

/* --- life ----------------------------------------------------------------- */

void prompt_init(struct workbench *w)
{
	struct console_pane *c = &w->console;
	struct line_outside outside = {
		.history_count = past_count, .history_at = past_at,
		.complete = complete, .ctx = w,
	};

	c->lines = calloc(SCROLL_LINES, sizeof(*c->lines));
	if (!c->lines)
		abort();
	lineedit_init(&c->edit, &outside);
	c->typing = true;
}

void prompt_clear(struct workbench *w)
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

void prompt_release(struct workbench *w)
{
	struct console_pane *c = &w->console;

	for (size_t i = 0; i < c->count; i++)
		free(line_at(c, i)->text);
	free(c->lines);
	for (size_t i = 0; i < c->history_count; i++)
		free(c->history[i]);
	free(c->history);
	free(c->found);
	text_free(&c->open);
	lineedit_release(&c->edit);
}

/* Was that line one for the console?  Then what it printed. */
static size_t recall_output(struct workbench *w, const struct session *s,
			    size_t next, const char *line)
{
	struct session_line l;

	if (next >= session_line_count(s))
		return 0;
	l = session_line_at(s, next);
	if (strcmp(l.line, line) != 0)
		return 0;
	prompt_print(w, SCROLL_OUT, l.output, l.output_len);
	close_line(w);
	return 1;
}

void prompt_recall(struct workbench *w, const json_t *tape)
{
	const struct session *s = play_session(w->play);
	size_t next = 0, i;
	const json_t *op;

	json_array_foreach(tape, i, op) {
		const char *line = json_string_value(json_object_get(op,
								     "text"));
		const char *kind = json_string_value(json_object_get(op,
								     "kind"));

		if (!line || !kind || strcmp(kind, "line") != 0)
			continue;
		prompt_typed(w, line);
		next += recall_output(w, s, next, line);
	}
}

bool prompt_is_empty(const struct workbench *w)
{
	return lineedit_is_empty(&w->console.edit);
}

void prompt_prefill(struct workbench *w, const char *text)
{
	workbench_focus(w, PANE_CONSOLE);
	lineedit_set(&w->console.edit, text);
}

/* --- the shape of a line -------------------------------------------------- */

/* Tabs as blanks, and no carriage return at the end. */
static void expand(struct text *out, const char *s, size_t len)
{
	int col = 0, width;

	if (len && s[len - 1] == '\r')
		len--;
	while (len) {
		size_t n = text_glyph(s, len, &width);

		if (*s == '\t')
			for (width = TAB_COLS - col % TAB_COLS; width > 0;
			     width--, col++)
				text_char(out, ' ');
		else
			text_bytes(out, s, n);
		col += width;
		s += n;
		len -= n;
	}
}

/* What puts columns below each other is made small: a tab, one blank; blanks,
 * two at most.  Tabs stay tabs up to here. */
static void squeeze(struct text *out, const char *s, size_t len)
{
	const char *end = s + len;
	size_t lead = strspn(s, " ");

	while (end > s && strchr(" \t\r", end[-1]))
		end--;
	if (s < end && *s == '\t')
		lead = 1;
	text_bytes(out, "    ", lead < LEAD_COLS ? lead : LEAD_COLS);
	for (s += strspn(s, " \t"); s < end;) {
		size_t word = strcspn(s, " \t"), run = strspn(s + word, " \t");
		bool wide = run > 1 && !memchr(s + word, '\t', run);

		if (s + word >= end) {
			text_bytes(out, s, (size_t)(end - s));
			return;
		}
		text_bytes(out, s, word);
		text_add(out, wide ? "  " : " ");
		s += word + run;
	}
}

/* Where the next row ends: at a blank, if there is one behind a word. */
static size_t row_end(const char *s, size_t len, int cols)
{
	size_t fit = text_fit(s, len, cols), end = fit;
	int width;

	if (fit == len)
		return len;
	while (end > 0 && s[end] != ' ')
		end--;
	if (end > strspn(s, " "))
		return end;
	return fit ? fit : text_glyph(s, len, &width);
}

/* Rows of at most `cols` cells, a newline between them.  The value is how many
 * there are. */
static int fold(struct text *out, const char *s, int cols)
{
	size_t len = strlen(s), end = row_end(s, len, cols);
	int lead = (int)strspn(s, " "), rows = 1;

	lead = lead > HANG_COLS ? lead : HANG_COLS;
	text_bytes(out, s, end);
	while (end < len) {
		size_t blanks = strspn(s + end, " ");

		s += end + blanks;
		len -= end + blanks;
		if (!len)
			break;
		end = row_end(s, len, cols > lead ? cols - lead : 1);
		text_addf(out, "\n%*s%.*s", lead, "", (int)end, s);
		rows++;
	}
	return rows;
}

static int text_cols(struct rect r)
{
	return r.cols > 2 ? r.cols - 1 : 1;
}

static bool fits(const char *s, int cols)
{
	size_t len = strlen(s);

	return text_fit(s, len, cols) == len;
}

/* As it was printed where it fits and where the pane is zoomed. */
static int shape(const struct workbench *w, const struct scroll_line *l,
		 int cols, struct text *out)
{
	struct text line = {0}, small = {0};
	int rows = 1;

	if (l->kind == SCROLL_LINE)
		text_add(&line, "$ ");
	expand(&line, l->text, l->len);
	if (w->zoom || fits(text_cstr(&line), cols)) {
		text_add(out, text_cstr(&line));
	} else {
		if (l->kind == SCROLL_LINE)
			text_add(&small, text_cstr(&line));
		else
			squeeze(&small, l->text, l->len);
		rows = fold(out, text_cstr(&small), cols);
	}
	text_free(&small);
	text_free(&line);
	return rows;
}

static int rows_of(const struct workbench *w, size_t i, int cols)
{
	struct text t = {0};
	int rows = shape(w, line_at(&w->console, i), cols, &t);

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

bool prompt_has_long(const struct workbench *w)
{
	const struct console_pane *c = &w->console;
	int cols = text_cols(w->places.pane[PANE_CONSOLE]);
	size_t end = c->count > c->back ? c->count - c->back : 0;
	size_t n = lines_in_sight(w, end, printed_rows(w));
	bool is_long = false;

	for (size_t i = end - n; i < end && !is_long; i++) {
		const struct scroll_line *l = line_at(c, i);
		struct text t = {0};

		expand(&t, l->text, l->len);
		is_long = l->kind != SCROLL_LINE && !fits(text_cstr(&t), cols);
		text_free(&t);
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

void prompt_scroll(struct workbench *w, int lines)
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

bool prompt_find(struct workbench *w, const char *word, int by)
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

void prompt_copy(struct workbench *w)
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

/* --- drawing -------------------------------------------------------------- */

static const enum role roles[] = {
	[SCROLL_OUT] = ROLE_TEXT, [SCROLL_ERR] = ROLE_WARN,
	[SCROLL_LINE] = ROLE_CMD, [SCROLL_NOTE] = ROLE_DIM,
};

/* Rows from `skip` on, as many as there is room for; the value is how many. */
static int draw_line(struct workbench *w, struct grid *g, struct rect r,
		     int row, const struct scroll_line *l, int skip)
{
	struct text t = {0};
	const char *s;
	int drawn = 0;

	shape(w, l, text_cols(r), &t);
	for (s = text_cstr(&t); s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 :
							  NULL) {
		size_t len = strcspn(s, "\n"), from = 0;
		char *part;

		if (skip-- > 0)
			continue;
		if (w->zoom)
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

/* The last lines before what is scrolled away, from the top of the pane on;
 * the first of them may begin above it.  The value is how many rows. */
static int draw_lines(struct workbench *w, struct grid *g, struct rect r,
		      int room)
{
	struct console_pane *c = &w->console;
	size_t end = c->count - c->back, n = lines_in_sight(w, end, room);
	int rows = 0, row = 0;

	for (size_t i = end - n; i < end; i++)
		rows += rows_of(w, i, text_cols(r));
	for (size_t i = end - n; i < end; i++) {
		int skip = i == end - n && rows > room ? rows - room : 0;
		int drawn = draw_line(w, g, r, row, line_at(c, i), skip);

		if (c->found && c->ever - c->count + i == c->found_line)
			grid_flag(g, (struct rect){ r.row + row, r.col, drawn,
						    r.cols }, CELL_SELECTED);
		row += drawn;
	}
	return row;
}

/* What a tool printed before it waits: its end is what is asked. */
static int draw_open(struct grid *g, struct rect r, int row,
		     const struct scroll_line *l)
{
	struct text t = {0};
	int end;

	expand(&t, l->text, l->len);
	end = draw_cut(g, r, row, 1, r.cols - 1, roles[l->kind], text_cstr(&t));
	text_free(&t);
	return end;
}

/* What stands before the line that is typed; the value is the column of it. */
static int draw_prompt(struct workbench *w, struct grid *g, struct rect r,
		       int row)
{
	struct console_pane *c = &w->console;

	if (c->open.len) {
		struct scroll_line l = {
			.text = c->open.at, .len = c->open.len,
			.kind = (uint8_t)c->open_kind,
		};

		return draw_open(g, r, row, &l);
	}
	if (play_wants_input(w->play))
		return 1;
	if (play_busy(w->play))
		return grid_put(g, r, row, 1, ROLE_INFO, "◌ ");
	return grid_put(g, r, row, 1, ROLE_CMD, "$ ");
}

static void draw_edit(struct workbench *w, struct grid *g, struct rect r,
		      int row)
{
	struct console_pane *c = &w->console;
	bool is_focused = w->focus == PANE_CONSOLE && c->typing &&
			  workbench_app(w)->top == &w->view;
	int col = draw_prompt(w, g, r, row);

	if (!prompt_is_empty(w) || lineedit_has_layer(&c->edit)) {
		lineedit_draw(&c->edit, g, r, row, col, is_focused);
		lineedit_draw_offers(&c->edit, g, r, row, col);
		return;
	}
	if (is_focused)
		grid_cursor(g, r, row, col);
	if (play_wants_input(w->play))
		return;
	if (c->typing && c->edit.ghost.len && !play_busy(w->play)) {
		col = draw_cut(g, r, row, col, r.cols - col - 1, ROLE_GHOST,
			       text_cstr(&c->edit.ghost));
		draw_cut(g, r, row, col + 2, r.cols - col - 2, ROLE_DIM,
			 "Right takes it");
		return;
	}
	draw_cut(g, r, row, col + 1, r.cols - col - 1, ROLE_DIM,
		 play_busy(w->play) ? "runs; Ctrl-C stops it" :
		 c->typing ? PLACEHOLDER : "Enter or i to type");
}

void prompt_draw(struct workbench *w, struct grid *g, struct rect r)
{
	struct console_pane *c = &w->console;
	int room = r.rows - 1;

	if (r.rows < 1)
		return;
	if (c->back > c->count)
		c->back = c->count;
	draw_edit(w, g, r, room > 0 ? draw_lines(w, g, r, room) : 0);
}

/* --- the keyboard --------------------------------------------------------- */

/* Keys that stay keys on an empty line. */
static bool is_key_when_empty(uint32_t key)
{
	return key < 128 && key && strchr(" 0123456789?:/[]{}-+", (int)key);
}

/* To the tool that asks, with the prompt it printed. */
static void answer_tool(struct workbench *w, const char *line)
{
	struct text t = {0};

	text_addf(&t, "%s\n", line);
	prompt_print(w, w->console.open.len ? w->console.open_kind :
		      SCROLL_LINE, t.at, t.len);
	play_input(w->play, t.at, t.len);
	w->fed = true;
	text_free(&t);
}

static void entered(struct workbench *w)
{
	struct app *a = workbench_app(w);
	char *line;

	w->console.back = 0;
	if (play_busy(w->play) && !play_wants_input(w->play)) {
		app_say(a, ROLE_INFO, "The line before still runs; Ctrl-C "
			"stops it.");
		return;
	}
	line = lineedit_take(&w->console.edit);
	lineedit_ghost_set(&w->console.edit, "");
	if (play_wants_input(w->play))
		answer_tool(w, line);
	else if (line[strspn(line, " \t")])
		words_type(w, line);
	free(line);
}

static bool interrupt(struct workbench *w)
{
	struct app *a = workbench_app(w);

	if (play_busy(w->play)) {
		prompt_print(w, SCROLL_LINE, "^C\n", 3);
		play_interrupt(w->play);
		workbench_changed(w);
	} else if (!prompt_is_empty(w)) {
		char *line = lineedit_take(&w->console.edit);

		prompt_note(w, "$ %s^C", line);
		free(line);
	} else {
		return false;
	}
	a->interrupts = 0;
	return true;
}

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

/* The brief beside the console lies below what was printed, as it were: who
 * pages on at the end reads it, and pages back before what was printed. */
static bool page_brief(struct workbench *w, uint32_t key)
{
	int rows = w->places.pane[PANE_BRIEF].rows - 2;

	if (rows < 1 || w->console.back ||
	    (key == K_PGUP && w->brief_top == 0))
		return false;
	pane_scroll(w, PANE_BRIEF, key == K_PGUP ? rows : -rows);
	return true;
}

static bool scroll_key(struct workbench *w, uint32_t key)
{
	if (key != K_PGUP && key != K_PGDN)
		return false;
	if (page_brief(w, key))
		return true;
	prompt_scroll(w, key == K_PGUP ? page_up(w) : -page_down(w));
	return true;
}

static bool act_of(struct workbench *w, uint32_t key)
{
	enum context contexts[CTX_COUNT + 1];
	const struct action *act;

	w->view.ops->contexts(&w->view, contexts);
	act = action_of_key(contexts, key);
	if (act)
		app_act(workbench_app(w), act->id);
	return true;
}

static bool type_key(struct workbench *w, uint32_t key)
{
	struct lineedit *e = &w->console.edit;
	bool layer = lineedit_has_layer(e);
	bool empty = prompt_is_empty(w) && !layer;

	if (key == K_CTRL('C'))
		return interrupt(w);
	if (scroll_key(w, key))
		return true;
	if (key == K_ESC && !layer)
		return false;
	if (key == K_CTRL('P'))		/* the palette; Up is history */
		return false;
	if (empty && !play_wants_input(w->play)) {
		if (is_key_when_empty(key))
			return act_of(w, key);
		if (key == K_TAB || key == K_ENTER) {
			w->console.back = 0;
			return key == K_ENTER;
		}
	}
	switch (lineedit_key(e, key)) {
	case LINE_REFUSED:
		return key == K_BACKSPACE;
	case LINE_ENTERED:
		entered(w);
		return true;
	case LINE_ENDED:
		w->fed = play_wants_input(w->play);
		if (w->fed)
			play_input_end(w->play);
		else
			app_say(workbench_app(w), ROLE_INFO,
				"`back` or Esc q leaves the workbench.");
		return true;
	case LINE_TAKEN:
		break;
	}
	w->console.back = 0;
	suggest(w);
	return true;
}

/* Letters are keys: read what was printed. */
static bool read_key(struct workbench *w, uint32_t key)
{
	struct console_pane *c = &w->console;

	if (scroll_key(w, key))
		return true;
	if (key == K_UP || key == 'k')
		prompt_scroll(w, 1);
	else if (key == K_DOWN || key == 'j')
		prompt_scroll(w, -1);
	else if (key == K_HOME || key == 'g')
		prompt_scroll(w, SCROLL_LINES);
	else if (key == K_END || key == 'G')
		c->back = 0;
	else if (w->zoom && key == K_RIGHT)
		c->right += 8;
	else if (w->zoom && key == K_LEFT)
		c->right -= c->right < 8 ? c->right : 8;
	else if (key == K_ENTER)
		c->typing = true;
	else
		return false;
	return true;
}

bool prompt_input(struct workbench *w, const struct input *in)
{
	struct console_pane *c = &w->console;

	if (in->kind == INPUT_PASTE) {
		c->typing = true;
		lineedit_paste(&c->edit, in->text, in->len);
		return true;
	}
	if (in->kind != INPUT_KEY)
		return false;
	if (in->key == K_CTRL('C'))
		return interrupt(w);
	return c->typing ? type_key(w, in->key) : read_key(w, in->key);
}
