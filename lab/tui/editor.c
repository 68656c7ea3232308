/* editor.c - a short file being changed: text, keys, undo, problems */
#include "lab/tui/editor.h"

#include <stdlib.h>
#include <string.h>

#include "lab/text/glyph.h"
#include "lab/tui/key.h"
#include "sim/core/mem.h"

bool editor_init(struct editor *e, const char *name, const char *bytes,
		 size_t len)
{
	*e = (struct editor){ .kind = code_kind_of(name), .wanted_col = -1 };
	if (len > EDITOR_BYTES_MAX || memchr(bytes, '\0', len))
		return false;
	text_bytes(&e->text, bytes, len);
	text_bytes(&e->saved, bytes, len);
	return true;
}

static void splice_release(struct splice *s)
{
	text_free(&s->removed);
	text_free(&s->added);
}

void editor_release(struct editor *e)
{
	editor_problems_clear(e);
	while (e->past_count)
		splice_release(&e->past[--e->past_count]);
	free(e->past);
	free(e->problems);
	text_free(&e->text);
	text_free(&e->saved);
}

const char *editor_text(const struct editor *e, size_t *len)
{
	*len = e->text.len;
	return text_cstr(&e->text);
}

bool editor_is_changed(const struct editor *e)
{
	return e->text.len != e->saved.len ||
	       memcmp(text_cstr(&e->text), text_cstr(&e->saved),
		      e->text.len) != 0;
}

void editor_saved(struct editor *e)
{
	text_clear(&e->saved);
	text_bytes(&e->saved, text_cstr(&e->text), e->text.len);
	e->types_on = false;
}

/* --- places --------------------------------------------------------------- */

static const char *str(const struct editor *e)
{
	return text_cstr(&e->text);
}

static size_t line_start(const struct editor *e, size_t at)
{
	while (at > 0 && str(e)[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const struct editor *e, size_t at)
{
	while (at < e->text.len && str(e)[at] != '\n')
		at++;
	return at;
}

static size_t next(const struct editor *e, size_t at)
{
	int width;

	if (at < e->text.len && str(e)[at] == '\n')
		return at + 1;
	return at + text_glyph(str(e) + at, line_end(e, at) - at, &width);
}

static size_t previous(const struct editor *e, size_t at)
{
	size_t i = line_start(e, at), after;

	if (i == at)
		return at ? at - 1 : 0;
	while ((after = next(e, i)) < at)
		i = after;
	return i;
}

size_t editor_line(const struct editor *e)
{
	size_t line = 1;

	for (size_t i = 0; i < e->cursor; i++)
		line += str(e)[i] == '\n';
	return line;
}

size_t editor_column(const struct editor *e)
{
	size_t column = 1;

	for (size_t i = line_start(e, e->cursor); i < e->cursor;
	     i = next(e, i))
		column++;
	return column;
}

static size_t start_of_line(const struct editor *e, size_t line)
{
	size_t at = 0;

	while (--line > 0 && line_end(e, at) < e->text.len)
		at = line_end(e, at) + 1;
	return at;
}

void editor_goto(struct editor *e, size_t line, size_t column)
{
	size_t at = start_of_line(e, line ? line : 1), end = line_end(e, at);

	for (; column > 1 && at < end; column--)
		at = next(e, at);
	e->cursor = at;
	e->wanted_col = -1;
	e->types_on = false;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-' ||
	       (unsigned char)c >= 0x80;
}

void editor_word(const struct editor *e, struct text *out)
{
	size_t from = e->cursor, to = e->cursor;

	while (from > 0 && is_word(str(e)[from - 1]))
		from--;
	while (to < e->text.len && is_word(str(e)[to]))
		to++;
	text_bytes(out, str(e) + from, to - from);
}

/* --- changing it ---------------------------------------------------------- */

static void replace(struct editor *e, size_t at, size_t removed,
		    const char *added, size_t len)
{
	struct text made = {0};

	text_bytes(&made, str(e), at);
	text_bytes(&made, added, len);
	text_bytes(&made, str(e) + at + removed, e->text.len - at - removed);
	text_free(&e->text);
	e->text = made;
}

/* Behind the last one done; what was undone is forgotten. */
static struct splice *past_add(struct editor *e)
{
	while (e->past_count > e->done)
		splice_release(&e->past[--e->past_count]);
	if (e->past_count == EDITOR_UNDO_MAX) {
		splice_release(&e->past[0]);
		memmove(e->past, e->past + 1,
			(EDITOR_UNDO_MAX - 1) * sizeof(*e->past));
		e->past_count--;
	}
	if (e->past_count == e->past_cap) {
		e->past_cap = e->past_cap ? 2 * e->past_cap : 32;
		e->past = mem_grow(e->past, e->past_cap * sizeof(*e->past));
	}
	e->done = ++e->past_count;
	e->past[e->done - 1] = (struct splice){0};
	return &e->past[e->done - 1];
}

static bool change(struct editor *e, size_t at, size_t removed,
		   const char *added, size_t len, bool is_typed)
{
	struct splice *last = e->done ? &e->past[e->done - 1] : NULL;

	if (e->is_read_only ||
	    e->text.len - removed + len > EDITOR_BYTES_MAX)
		return false;
	if (!removed && !len)
		return true;
	if (!(is_typed && e->types_on && last && last->is_typed && !removed &&
	      e->done == e->past_count &&
	      last->at + last->added.len == at)) {
		last = past_add(e);
		last->at = at;
		last->cursor = e->cursor;
		last->is_typed = is_typed;
		text_bytes(&last->removed, str(e) + at, removed);
	}
	text_bytes(&last->added, added, len);
	replace(e, at, removed, added, len);
	e->cursor = at + len;
	e->wanted_col = -1;
	e->types_on = is_typed;
	return true;
}

void editor_undo(struct editor *e)
{
	struct splice *s;

	e->types_on = false;
	if (!e->done || e->is_read_only)
		return;
	s = &e->past[--e->done];
	replace(e, s->at, s->added.len, text_cstr(&s->removed), s->removed.len);
	e->cursor = s->cursor;
	e->wanted_col = -1;
}

void editor_redo(struct editor *e)
{
	struct splice *s;

	e->types_on = false;
	if (e->done == e->past_count || e->is_read_only)
		return;
	s = &e->past[e->done++];
	replace(e, s->at, s->removed.len, text_cstr(&s->added), s->added.len);
	e->cursor = s->at + s->added.len;
	e->wanted_col = -1;
}

/* Line ends become \n; what cannot be seen stays outside, a tab may come. */
bool editor_insert(struct editor *e, const char *s, size_t len)
{
	struct text clean = {0};
	bool ok;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\r' && (i + 1 == len || s[i + 1] != '\n'))
			text_char(&clean, '\n');
		else if ((unsigned char)s[i] >= ' ' ? s[i] != 127 :
			 s[i] == '\n' || s[i] == '\t')
			text_char(&clean, s[i]);
	}
	ok = change(e, e->cursor, 0, text_cstr(&clean), clean.len, false);
	text_free(&clean);
	return ok;
}

/* --- indentation ---------------------------------------------------------- */

/* As the file does: a tab, or the smallest number of spaces a line has. */
static size_t indent_unit(const struct editor *e, bool *is_tab)
{
	size_t least = 0;

	*is_tab = false;
	for (size_t at = 0; at < e->text.len; at = line_end(e, at) + 1) {
		size_t n = 0;

		if (str(e)[at] == '\t') {
			*is_tab = true;
			return 1;
		}
		while (at + n < e->text.len && str(e)[at + n] == ' ')
			n++;
		if (n > 1 && (!least || n < least) &&
		    at + n < line_end(e, at))
			least = n;
	}
	return least ? least < 8 ? least : 8 : 2;
}

static void tab(struct editor *e)
{
	bool is_tab;
	size_t unit = indent_unit(e, &is_tab);
	size_t column = e->cursor - line_start(e, e->cursor);

	if (is_tab)
		change(e, e->cursor, 0, "\t", 1, false);
	else
		change(e, e->cursor, 0, "        ", unit - column % unit,
		       false);
}

static void outdent(struct editor *e)
{
	bool is_tab;
	size_t unit = indent_unit(e, &is_tab), n = 0;
	size_t at = line_start(e, e->cursor), cursor = e->cursor;

	while (n < unit && at + n < e->text.len &&
	       str(e)[at + n] == (is_tab ? '\t' : ' '))
		n++;
	if (n && change(e, at, n, "", 0, false))
		e->cursor = cursor > at + n ? cursor - n : at;
}

/* A new line begins where the last one did. */
static void enter(struct editor *e)
{
	size_t from = line_start(e, e->cursor), n = from;
	struct text t = {0};

	while (n < e->cursor && (str(e)[n] == ' ' || str(e)[n] == '\t'))
		n++;
	text_char(&t, '\n');
	text_bytes(&t, str(e) + from, n - from);
	change(e, e->cursor, 0, text_cstr(&t), t.len, false);
	text_free(&t);
}

/* --- keys ----------------------------------------------------------------- */

static void left(struct editor *e)
{
	e->cursor = previous(e, e->cursor);
}

static void right(struct editor *e)
{
	e->cursor = next(e, e->cursor);
}

/* To the first word of the line, and from there to its beginning. */
static void home(struct editor *e)
{
	size_t start = line_start(e, e->cursor), word = start;

	while (str(e)[word] == ' ' || str(e)[word] == '\t')
		word++;
	e->cursor = e->cursor == word ? start : word;
}

static void end(struct editor *e)
{
	e->cursor = line_end(e, e->cursor);
}

static void rub_out(struct editor *e)
{
	size_t from = previous(e, e->cursor), start = line_start(e, e->cursor);
	bool is_tab;
	size_t unit = indent_unit(e, &is_tab), column = e->cursor - start;

	/* In the indentation a whole step goes. */
	if (column && strspn(str(e) + start, " ") >= column)
		from = e->cursor - ((column - 1) % unit + 1);
	change(e, from, e->cursor - from, "", 0, false);
}

static void delete_next(struct editor *e)
{
	change(e, e->cursor, next(e, e->cursor) - e->cursor, "", 0, false);
}

static void kill_line_end(struct editor *e)
{
	size_t to = line_end(e, e->cursor);

	change(e, e->cursor, (to > e->cursor ? to : next(e, to)) - e->cursor,
	       "", 0, false);
}

static void top(struct editor *e)
{
	e->cursor = 0;
}

static void bottom(struct editor *e)
{
	e->cursor = e->text.len;
}

static void problem_next(struct editor *e)
{
	editor_problem_next(e, true);
}

static void problem_previous(struct editor *e)
{
	editor_problem_next(e, false);
}

static const struct {
	uint32_t key;
	void (*act)(struct editor *e);
} keys[] = {
	{ K_LEFT, left }, { K_CTRL('B'), left },
	{ K_RIGHT, right }, { K_CTRL('F'), right },
	{ K_HOME, home }, { K_CTRL('A'), home },
	{ K_END, end }, { K_CTRL('E'), end },
	{ K_BACKSPACE, rub_out }, { K_CTRL('H'), rub_out },
	{ K_DELETE, delete_next }, { K_CTRL('D'), delete_next },
	{ K_CTRL('K'), kill_line_end }, { K_ENTER, enter }, { K_TAB, tab },
	{ K_BACKTAB, outdent }, { K_ALT | '<', top }, { K_ALT | '>', bottom },
	{ K_F5, editor_undo }, { K_CTRL('_'), editor_undo },
	{ K_F6, editor_redo }, { K_F7, problem_previous },
	{ K_F8, problem_next },
};

/* Lines up or down, in the column one came from. */
static void vertical(struct editor *e, long lines)
{
	size_t start = line_start(e, e->cursor), stop, at;

	if (e->wanted_col < 0)
		e->wanted_col = text_width_n(str(e) + start, e->cursor - start);
	for (; lines < 0 && start > 0; lines++)
		start = line_start(e, start - 1);
	for (; lines > 0 && line_end(e, start) < e->text.len; lines--)
		start = line_end(e, start) + 1;
	stop = line_end(e, start);
	at = start + text_fit(str(e) + start, stop - start, e->wanted_col);
	e->cursor = at;
}

static bool vertical_key(struct editor *e, uint32_t key, int rows)
{
	long page = rows > 2 ? rows - 2 : 1;
	long lines = key == K_UP || key == K_CTRL('P') ? -1 :
		     key == K_DOWN || key == K_CTRL('N') ? 1 :
		     key == K_PGUP ? -page : key == K_PGDN ? page : 0;

	if (lines)
		vertical(e, lines);
	return lines != 0;
}

bool editor_key(struct editor *e, uint32_t key, int rows)
{
	char utf8[8];

	if (key_is_text(key)) {
		change(e, e->cursor, 0, utf8, key_utf8(key, utf8), true);
		return true;
	}
	e->types_on = false;
	if (vertical_key(e, key, rows))
		return true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].key != key)
			continue;
		keys[i].act(e);
		e->wanted_col = -1;
		return true;
	}
	return false;
}

/* --- search and problems -------------------------------------------------- */

bool editor_find(struct editor *e, const char *wanted, bool forwards)
{
	size_t need = strlen(wanted), count = e->text.len + 1;

	for (size_t i = 1; need && i <= count; i++) {
		size_t at = (e->cursor + (forwards ? i : count - i)) % count;
		size_t k = 0;

		while (k < need && at + k < e->text.len &&
		       text_lower(str(e)[at + k]) == text_lower(wanted[k]))
			k++;
		if (k == need) {
			e->cursor = at;
			e->wanted_col = -1;
			e->types_on = false;
			return true;
		}
	}
	return false;
}

void editor_problems_clear(struct editor *e)
{
	while (e->problem_count)
		free(e->problems[--e->problem_count].text);
}

void editor_problem_add(struct editor *e, size_t line, size_t column,
			const char *text)
{
	size_t i = e->problem_count++;
	char *own = strdup(text);

	e->problems = realloc(e->problems,
			      e->problem_count * sizeof(*e->problems));
	if (!e->problems || !own)
		abort();
	for (; i > 0 && e->problems[i - 1].line > line; i--)
		e->problems[i] = e->problems[i - 1];
	e->problems[i] = (struct editor_problem){ line, column, own };
}

bool editor_problem_next(struct editor *e, bool forwards)
{
	size_t line = editor_line(e), count = e->problem_count, i = 0;

	if (!count)
		return false;
	while (i < count && (forwards ? e->problems[i].line <= line :
					e->problems[i].line < line))
		i++;
	i = forwards ? i % count : (i + count - 1) % count;
	editor_goto(e, e->problems[i].line, e->problems[i].column);
	return true;
}
