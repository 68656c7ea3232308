/* workbench_prompt.c - the prompt: a line is typed, completed and entered
 *
 * It is one row behind the last line that was printed (workbench_scroll.c).
 * While it is empty a few keys are still keys (the empty-line rule of
 * screens.md 5), and Esc makes all of them keys.
 */
#include "lab/views/workbench_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/tui/draw.h"
#include "lua/console.h"
#include "lua/session.h"
#include "sim/core/mem.h"

#define PLACEHOLDER	"a command, or Esc for keys"

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
	scroll_line(w, SCROLL_LINE, line);
	c->typed_at = c->ever - 1;
	c->back = 0;
	w->pages_beside = false;
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
	c->at = mem_grow(c->at, (c->count + 1) * sizeof(*c->at));
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

	lineedit_init(&c->edit, &outside);
	c->typing = true;
}

void prompt_release(struct workbench *w)
{
	struct console_pane *c = &w->console;

	ahead_release(w);
	for (size_t i = 0; i < c->history_count; i++)
		free(c->history[i]);
	free(c->history);
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
	scroll_print(w, SCROLL_OUT, l.output, l.output_len);
	scroll_close(w);
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
	w->console.typing = true;
	lineedit_set(&w->console.edit, text);
}

/* --- drawing -------------------------------------------------------------- */

/* What stands before the line that is typed; the value is the column of it. */
static int draw_prompt(struct workbench *w, struct grid *g, struct rect r,
		       int row)
{
	if (w->console.open.len)
		return scroll_draw_open(w, g, r, row);
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
		 play_held(w->play) ? "held; Space goes on" :
		 play_busy(w->play) ? "runs; Ctrl-C stops it" :
		 c->typing ? PLACEHOLDER : "Enter or i to type");
}

void prompt_draw(struct workbench *w, struct grid *g, struct rect r)
{
	int ahead = ahead_rows(w, r.rows), row;

	if (r.rows < 1)
		return;
	row = scroll_draw(w, g, r, r.rows - 1 - ahead);
	draw_edit(w, g, r, ahead_draw(w, g, r, row, ahead));
}

/* --- the keyboard --------------------------------------------------------- */

/* Keys that stay keys on an empty line. */
static bool is_key_when_empty(uint32_t key)
{
	return key < 128 && key && strchr(" 0123456789?:/[]{}-+", (int)key);
}

void prompt_answer(struct workbench *w, const char *line)
{
	struct text t = {0};

	text_addf(&t, "%s\n", line);
	scroll_print(w, w->console.open.len ? w->console.open_kind :
		     SCROLL_LINE, t.at, t.len);
	play_input(w->play, t.at, t.len);
	w->fed = true;
	text_free(&t);
}

static void begin_or_wait(struct workbench *w, const char *line)
{
	if (!play_busy(w->play) && !w->console.ahead_count) {
		words_type(w, line);
		return;
	}
	ahead_add(w, line);
	if (play_held(w->play))
		play_interrupt(w->play);	/* something else is wanted now */
}

static void entered(struct workbench *w)
{
	char *line;

	w->console.back = 0;
	line = lineedit_take(&w->console.edit);
	lineedit_ghost_set(&w->console.edit, "");
	if (play_wants_input(w->play))
		prompt_answer(w, line);
	else if (line[strspn(line, " \t")])
		begin_or_wait(w, line);
	free(line);
}

static bool interrupt(struct workbench *w)
{
	struct app *a = workbench_app(w);

	if (play_busy(w->play) || play_held(w->play) ||
	    w->console.ahead_count) {
		scroll_print(w, SCROLL_LINE, "^C\n", 3);
		ahead_forget(w);
		play_interrupt(w->play);
		workbench_changed(w);
	} else if (!prompt_is_empty(w)) {
		char *line = lineedit_take(&w->console.edit);

		scroll_note(w, "$ %s^C", line);
		free(line);
	} else {
		return false;
	}
	a->interrupts = 0;
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
	if (scroll_page_key(w, key))
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
	if (c->typing)
		return type_key(w, in->key);
	if (in->key == K_ENTER)
		c->typing = true;
	return c->typing || scroll_key(w, in->key);
}
