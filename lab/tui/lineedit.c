/* lineedit.c - one line being typed: keys, history, completion */
#include "lab/tui/lineedit.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/key.h"
#include "sim/core/mem.h"

void lineedit_init(struct lineedit *e, const struct line_outside *outside)
{
	*e = (struct lineedit){0};
	if (outside)
		e->outside = *outside;
}

static void forget_undo(struct lineedit *e)
{
	while (e->undo_count)
		free(e->undo[--e->undo_count].text);
}

static void close_offers(struct lineedit *e)
{
	if (e->is_choosing)
		completions_release(&e->offers);
	e->offers = (struct completions){0};
	e->is_choosing = false;
}

void lineedit_release(struct lineedit *e)
{
	forget_undo(e);
	close_offers(e);
	text_free(&e->text);
	text_free(&e->killed);
	text_free(&e->ghost);
	text_free(&e->draft);
	text_free(&e->wanted);
}

const char *lineedit_text(const struct lineedit *e)
{
	return text_cstr(&e->text);
}

bool lineedit_is_empty(const struct lineedit *e)
{
	return e->text.len == 0;
}

bool lineedit_has_layer(const struct lineedit *e)
{
	return e->is_searching || e->is_choosing;
}

/* --- places in the line --------------------------------------------------- */

static size_t after(const struct lineedit *e, size_t at)
{
	int width;

	return at + text_glyph(text_cstr(&e->text) + at, e->text.len - at,
			       &width);
}

static size_t before(const struct lineedit *e, size_t at)
{
	size_t i = 0, next;

	while (i < at && (next = after(e, i)) < at)
		i = next;
	return i;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_end(const struct lineedit *e)
{
	const char *s = text_cstr(&e->text);
	size_t i = e->cursor;

	while (i < e->text.len && !is_word(s[i]))
		i++;
	while (i < e->text.len && is_word(s[i]))
		i++;
	return i;
}

static size_t word_start(const struct lineedit *e)
{
	const char *s = text_cstr(&e->text);
	size_t i = e->cursor;

	while (i > 0 && !is_word(s[i - 1]))
		i--;
	while (i > 0 && is_word(s[i - 1]))
		i--;
	return i;
}

/* What a shell takes for a word: up to a space. */
static size_t argument_start(const struct lineedit *e)
{
	const char *s = text_cstr(&e->text);
	size_t i = e->cursor;

	while (i > 0 && s[i - 1] == ' ')
		i--;
	while (i > 0 && s[i - 1] != ' ')
		i--;
	return i;
}

/* --- changing it ---------------------------------------------------------- */

static void remember(struct lineedit *e)
{
	struct line_past *past;

	if (e->undo_count == LINE_UNDO_MAX) {
		free(e->undo[0].text);
		memmove(e->undo, e->undo + 1,
			(LINE_UNDO_MAX - 1) * sizeof(e->undo[0]));
		e->undo_count--;
	}
	past = &e->undo[e->undo_count++];
	past->text = mem_copy(text_cstr(&e->text));
	past->cursor = e->cursor;
}

static void replace(struct lineedit *e, size_t from, size_t to,
		    const char *with, size_t len)
{
	struct text made = {0};
	const char *s = text_cstr(&e->text);

	if (from + len + (e->text.len - to) > LINE_BYTES_MAX)
		return;
	text_bytes(&made, s, from);
	text_bytes(&made, with, len);
	text_bytes(&made, s + to, e->text.len - to);
	text_free(&e->text);
	e->text = made;
	e->cursor = from + len;
}

static void whole(struct lineedit *e, const char *s)
{
	size_t len = strlen(s);

	text_clear(&e->text);
	text_bytes(&e->text, s, len < LINE_BYTES_MAX ? len : LINE_BYTES_MAX);
	e->cursor = e->text.len;
}

static void insert(struct lineedit *e, const char *s, size_t len, bool is_typed)
{
	/* Characters typed one after the other are undone together. */
	if (!is_typed || !e->types_on)
		remember(e);
	replace(e, e->cursor, e->cursor, s, len);
	e->types_on = is_typed;
}

static void erase(struct lineedit *e, size_t from, size_t to)
{
	if (from == to)
		return;
	remember(e);
	replace(e, from, to, "", 0);
}

/* Killed text can be brought back; kills in a row make one. */
static void kill_part(struct lineedit *e, size_t from, size_t to)
{
	struct text sum = {0};

	if (from == to)
		return;
	if (e->kills_on && from < e->cursor) {	/* backwards: goes in front */
		text_bytes(&sum, text_cstr(&e->text) + from, to - from);
		text_bytes(&sum, text_cstr(&e->killed), e->killed.len);
	} else {
		if (e->kills_on)
			text_bytes(&sum, text_cstr(&e->killed), e->killed.len);
		text_bytes(&sum, text_cstr(&e->text) + from, to - from);
	}
	text_free(&e->killed);
	e->killed = sum;
	erase(e, from, to);
	e->kills_on = true;
}

void lineedit_set(struct lineedit *e, const char *text)
{
	remember(e);
	close_offers(e);
	e->is_searching = e->in_history = e->types_on = false;
	whole(e, text);
}

char *lineedit_take(struct lineedit *e)
{
	char *line;

	close_offers(e);
	forget_undo(e);
	e->is_searching = e->in_history = e->types_on = e->kills_on = false;
	text_add(&e->text, "");
	line = text_take(&e->text);
	if (!line && !(line = strdup("")))
		abort();
	e->cursor = 0;
	return line;
}

void lineedit_ghost_set(struct lineedit *e, const char *suggestion)
{
	text_clear(&e->ghost);
	text_add(&e->ghost, suggestion);
}

/* What of the ghost stands behind the line; "" when it is none of its. */
static const char *ghost_rest(const struct lineedit *e)
{
	if (e->ghost.len <= e->text.len || e->cursor != e->text.len ||
	    lineedit_has_layer(e) ||
	    memcmp(text_cstr(&e->ghost), text_cstr(&e->text), e->text.len) != 0)
		return "";
	return text_cstr(&e->ghost) + e->text.len;
}

void lineedit_paste(struct lineedit *e, const char *text, size_t len)
{
	struct text clean = {0};

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n')
			continue;
		if (text[i] == '\n' || text[i] == '\r')
			text_char(&clean, '\n');
		else if (text[i] == '\t')
			text_char(&clean, ' ');
		else if ((unsigned char)text[i] >= ' ' && text[i] != 127)
			text_char(&clean, text[i]);
	}
	close_offers(e);
	e->is_searching = false;
	insert(e, text_cstr(&clean), clean.len, false);
	text_free(&clean);
}

/* --- history -------------------------------------------------------------- */

static size_t history_count(const struct lineedit *e)
{
	return e->outside.history_count ?
		       e->outside.history_count(e->outside.ctx) : 0;
}

static const char *history_at(const struct lineedit *e, size_t i)
{
	return e->outside.history_at(e->outside.ctx, i);
}

static void show_entry(struct lineedit *e, size_t i)
{
	if (!e->in_history) {
		text_clear(&e->draft);
		text_add(&e->draft, text_cstr(&e->text));
	}
	e->in_history = true;
	e->entry = i;
	whole(e, history_at(e, i));
}

static void older(struct lineedit *e)
{
	size_t count = history_count(e);

	if (!e->in_history && count)
		show_entry(e, count - 1);
	else if (e->in_history && e->entry > 0)
		show_entry(e, e->entry - 1);
}

static void newer(struct lineedit *e)
{
	if (!e->in_history)
		return;
	if (e->entry + 1 < history_count(e)) {
		show_entry(e, e->entry + 1);
		return;
	}
	e->in_history = false;
	whole(e, text_cstr(&e->draft));
}

/* The nearest older line that has the wanted text, `from` being the first that
 * is not looked at. */
static void search(struct lineedit *e, size_t from)
{
	const char *wanted = text_cstr(&e->wanted), *found;

	for (size_t i = from; i-- > 0;) {
		found = strstr(history_at(e, i), wanted);
		if (!found)
			continue;
		e->is_failed = false;
		show_entry(e, i);
		e->cursor = (size_t)(found - history_at(e, i));
		return;
	}
	e->is_failed = true;
}

static void search_begin(struct lineedit *e)
{
	if (!e->in_history) {
		text_clear(&e->draft);
		text_add(&e->draft, text_cstr(&e->text));
	}
	e->is_searching = true;
	e->is_failed = false;
	text_clear(&e->wanted);
}

static void search_shorten(struct lineedit *e)
{
	while (e->wanted.len) {
		char c = e->wanted.at[--e->wanted.len];

		e->wanted.at[e->wanted.len] = '\0';
		if (((unsigned char)c & 0xc0) != 0x80)
			break;
	}
	search(e, history_count(e));
}

/* False: the search is over, and the key means what it always does. */
static bool search_key(struct lineedit *e, uint32_t key)
{
	char utf8[8];

	if (key_is_text(key)) {
		text_bytes(&e->wanted, utf8, key_utf8(key, utf8));
		search(e, e->in_history ? e->entry + 1 : history_count(e));
	} else if (key == K_CTRL('R')) {
		search(e, e->in_history ? e->entry : history_count(e));
	} else if (key == K_BACKSPACE || key == K_CTRL('H')) {
		search_shorten(e);
	} else if (key == K_ESC || key == K_CTRL('G')) {
		e->is_searching = e->in_history = false;
		whole(e, text_cstr(&e->draft));
	} else {
		e->is_searching = false;
		return false;
	}
	return true;
}

/* --- completion ----------------------------------------------------------- */

static void take_offer(struct lineedit *e, const char *insert_text)
{
	size_t start = e->offers.start, end = e->cursor;

	remember(e);
	replace(e, start, end, insert_text, strlen(insert_text));
}

static enum line_answer complete(struct lineedit *e)
{
	if (!e->outside.complete)
		return LINE_REFUSED;
	e->outside.complete(e->outside.ctx, text_cstr(&e->text), e->cursor,
			    &e->offers);
	e->is_choosing = true;
	e->offer = 0;
	if (e->offers.count == 1)
		take_offer(e, e->offers.at[0].insert);
	else if (e->offers.count > 1 &&
		 e->offers.start + strlen(e->offers.common) > e->cursor)
		take_offer(e, e->offers.common);
	if (e->offers.count < 2)
		close_offers(e);
	return LINE_TAKEN;
}

/* False: the popup is closed, and the key means what it always does. */
static bool offer_key(struct lineedit *e, uint32_t key)
{
	size_t count = e->offers.count;

	if (key == K_TAB || key == K_DOWN || key == K_CTRL('N')) {
		e->offer = (e->offer + 1) % count;
	} else if (key == K_BACKTAB || key == K_UP || key == K_CTRL('P')) {
		e->offer = (e->offer + count - 1) % count;
	} else if (key == K_ENTER) {
		take_offer(e, e->offers.at[e->offer].insert);
		close_offers(e);
	} else {
		close_offers(e);
		return key == K_ESC;
	}
	return true;
}

/* --- keys ----------------------------------------------------------------- */

static enum line_answer move_to(struct lineedit *e, size_t at)
{
	e->cursor = at;
	return LINE_TAKEN;
}

static enum line_answer forward(struct lineedit *e)
{
	const char *rest = ghost_rest(e);

	if (!*rest)
		return move_to(e, after(e, e->cursor));
	insert(e, rest, strlen(rest), false);
	return LINE_TAKEN;
}

static enum line_answer back(struct lineedit *e)
{
	return move_to(e, before(e, e->cursor));
}

static enum line_answer home(struct lineedit *e)
{
	return move_to(e, 0);
}

static enum line_answer end(struct lineedit *e)
{
	return move_to(e, e->text.len);
}

static enum line_answer forward_word(struct lineedit *e)
{
	return move_to(e, word_end(e));
}

static enum line_answer back_word(struct lineedit *e)
{
	return move_to(e, word_start(e));
}

static enum line_answer rub_out(struct lineedit *e)
{
	erase(e, before(e, e->cursor), e->cursor);
	return LINE_TAKEN;
}

static enum line_answer delete_next(struct lineedit *e)
{
	erase(e, e->cursor, after(e, e->cursor));
	return LINE_TAKEN;
}

static enum line_answer delete_or_end(struct lineedit *e)
{
	return e->text.len ? delete_next(e) : LINE_ENDED;
}

static enum line_answer kill_to_end(struct lineedit *e)
{
	size_t at = e->cursor;

	kill_part(e, at, e->text.len);
	return move_to(e, at);
}

static enum line_answer kill_to_start(struct lineedit *e)
{
	kill_part(e, 0, e->cursor);
	return LINE_TAKEN;
}

static enum line_answer kill_argument(struct lineedit *e)
{
	kill_part(e, argument_start(e), e->cursor);
	return LINE_TAKEN;
}

static enum line_answer kill_word(struct lineedit *e)
{
	kill_part(e, e->cursor, word_end(e));
	return LINE_TAKEN;
}

static enum line_answer kill_word_back(struct lineedit *e)
{
	kill_part(e, word_start(e), e->cursor);
	return LINE_TAKEN;
}

static enum line_answer yank(struct lineedit *e)
{
	insert(e, text_cstr(&e->killed), e->killed.len, false);
	return LINE_TAKEN;
}

/* The two characters around the cursor; at the end, the last two. */
static enum line_answer swap_two(struct lineedit *e)
{
	size_t middle = e->cursor == e->text.len ? before(e, e->cursor) :
						   e->cursor;
	size_t first = before(e, middle), last = after(e, middle);
	struct text swapped = {0};

	if (first == middle || middle == last)
		return LINE_TAKEN;
	remember(e);
	text_bytes(&swapped, e->text.at + middle, last - middle);
	text_bytes(&swapped, e->text.at + first, middle - first);
	replace(e, first, last, text_cstr(&swapped), swapped.len);
	text_free(&swapped);
	return LINE_TAKEN;
}

static enum line_answer undo(struct lineedit *e)
{
	struct line_past *past;

	if (!e->undo_count)
		return LINE_TAKEN;
	past = &e->undo[--e->undo_count];
	whole(e, past->text);
	e->cursor = past->cursor;
	free(past->text);
	return LINE_TAKEN;
}

static enum line_answer history_older(struct lineedit *e)
{
	older(e);
	return LINE_TAKEN;
}

static enum line_answer history_newer(struct lineedit *e)
{
	newer(e);
	return LINE_TAKEN;
}

static enum line_answer history_search(struct lineedit *e)
{
	search_begin(e);
	return LINE_TAKEN;
}

static enum line_answer enter(struct lineedit *e)
{
	(void)e;
	return LINE_ENTERED;
}

static const struct {
	uint32_t key;
	enum line_answer (*act)(struct lineedit *e);
	bool is_kill;
} keys[] = {
	{ K_ENTER, enter, false },
	{ K_LEFT, back, false }, { K_CTRL('B'), back, false },
	{ K_RIGHT, forward, false }, { K_CTRL('F'), forward, false },
	{ K_HOME, home, false }, { K_CTRL('A'), home, false },
	{ K_END, end, false }, { K_CTRL('E'), end, false },
	{ K_ALT | 'b', back_word, false }, { K_ALT | 'B', back_word, false },
	{ K_ALT | 'f', forward_word, false },
	{ K_ALT | 'F', forward_word, false },
	{ K_ALT | K_LEFT, back_word, false },
	{ K_ALT | K_RIGHT, forward_word, false },
	{ K_BACKSPACE, rub_out, false }, { K_CTRL('H'), rub_out, false },
	{ K_DELETE, delete_next, false }, { K_CTRL('D'), delete_or_end, false },
	{ K_CTRL('K'), kill_to_end, true }, { K_CTRL('U'), kill_to_start, true },
	{ K_CTRL('W'), kill_argument, true },
	{ K_ALT | 'd', kill_word, true }, { K_ALT | 'D', kill_word, true },
	{ K_ALT | K_BACKSPACE, kill_word_back, true },
	{ K_CTRL('Y'), yank, false }, { K_CTRL('T'), swap_two, false },
	{ K_CTRL('_'), undo, false },
	{ K_UP, history_older, false }, { K_CTRL('P'), history_older, false },
	{ K_DOWN, history_newer, false }, { K_CTRL('N'), history_newer, false },
	{ K_CTRL('R'), history_search, false },
	{ K_TAB, complete, false },
};

enum line_answer lineedit_key(struct lineedit *e, uint32_t key)
{
	char utf8[8];

	if (e->is_searching && search_key(e, key))
		return LINE_TAKEN;
	if (e->is_choosing && offer_key(e, key))
		return LINE_TAKEN;
	if (key_is_text(key)) {
		size_t len = key_utf8(key, utf8);

		insert(e, utf8, len, true);
		e->kills_on = false;
		return LINE_TAKEN;
	}
	e->types_on = false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].key != key)
			continue;
		if (!keys[i].is_kill)
			e->kills_on = false;
		return keys[i].act(e);
	}
	return LINE_REFUSED;
}

/* --- drawing -------------------------------------------------------------- */

static int put_text(struct grid *g, struct rect r, int row, int col,
		    enum role role, const char *s, size_t len)
{
	while (len) {
		const char *newline = memchr(s, '\n', len);
		size_t n = newline ? (size_t)(newline - s) : len;

		col = grid_putn(g, r, row, col, role, s, n);
		if (newline)
			col = grid_put(g, r, row, col, ROLE_DIM, "⏎");
		n += newline != NULL;
		s += n;
		len -= n;
	}
	return col;
}

/* Where to begin, so that the cursor is seen with a third of the room behind
 * it when the line goes on there. */
static size_t first_shown(const struct lineedit *e, int cols)
{
	const char *s = text_cstr(&e->text);
	size_t from = 0;
	int keep = cols * 2 / 3, width;

	if (text_width_n(s, e->text.len) < cols ||
	    text_width_n(s, e->cursor) < cols - 1)
		return 0;
	if (text_width_n(s + e->cursor, e->text.len - e->cursor) < cols - keep)
		keep = cols - 2;
	while (from < e->cursor &&
	       text_width_n(s + from, e->cursor - from) > keep)
		from += text_glyph(s + from, e->text.len - from, &width);
	return from;
}

static int put_search(const struct lineedit *e, struct grid *g, struct rect r,
		      int row, int col)
{
	col = grid_put(g, r, row, col, ROLE_KEY, "search ");
	col = grid_put(g, r, row, col, e->is_failed ? ROLE_BAD : ROLE_STRONG,
		       text_cstr(&e->wanted));
	return grid_put(g, r, row, col, ROLE_DIM,
			e->is_failed ? "  no line has it  " : "  ");
}

void lineedit_draw(const struct lineedit *e, struct grid *g, struct rect r,
		   int row, int col, bool is_focused)
{
	const char *s = text_cstr(&e->text);
	size_t from, shown;
	int cols, start;

	if (e->is_searching)
		col = put_search(e, g, r, row, col);
	cols = r.cols - col;
	if (cols < 2)
		return;
	from = first_shown(e, cols);
	start = col;
	if (from)
		start = grid_put(g, r, row, col, ROLE_DIM, "…");
	shown = text_fit(s + from, e->text.len - from, cols - (start - col));
	if (from + shown < e->text.len)		/* room for the other mark */
		shown = text_fit(s + from, e->text.len - from,
				 cols - (start - col) - 1);
	col = put_text(g, r, row, start, ROLE_TEXT, s + from, shown);
	if (from + shown < e->text.len)
		grid_put(g, r, row, col, ROLE_DIM, "…");
	else
		put_text(g, r, row, col, ROLE_GHOST, ghost_rest(e),
			 strlen(ghost_rest(e)));
	if (is_focused)
		grid_cursor(g, r, row,
			    start + text_width_n(s + from, e->cursor - from));
}
