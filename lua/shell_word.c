/* shell_word.c - words: what is quoted, what stands for something else
 *
 * A builder gathers text of one kind of quoting and closes a piece when that
 * changes.  The body of a here-document is read as one word, by the rules of
 * double quotes.
 */
#include "lua/shell_inside.h"

#include <stdint.h>
#include <string.h>

struct builder {
	struct parser *p;
	struct shell_word *word;
	struct shell_piece **last;
	struct text text;
	bool quoted;
	size_t brace_at;	/* of an unquoted {, SIZE_MAX for none */
	bool brace_splits;	/* and , or .. after it */
};

static void piece_add(struct builder *b, enum shell_piece_kind kind,
		      bool quoted, const char *s, size_t len)
{
	struct shell_piece *piece = shell_alloc(b->p->line, sizeof(*piece));

	piece->kind = kind;
	piece->quoted = quoted;
	piece->text = shell_copy(b->p->line, s, len);
	piece->len = len;
	*b->last = piece;
	b->last = &piece->next;
}

static void flush(struct builder *b)
{
	if (b->text.len)
		piece_add(b, SHELL_TEXT, b->quoted, b->text.at, b->text.len);
	text_clear(&b->text);
}

static void text_piece(struct builder *b, bool quoted, const char *s,
		       size_t len)
{
	if (quoted != b->quoted)
		flush(b);
	b->quoted = quoted;
	text_bytes(&b->text, s, len);
}

/* "" and '' are a word although they hold nothing. */
static void empty_piece(struct builder *b)
{
	flush(b);
	piece_add(b, SHELL_TEXT, true, "", 0);
}

/* -- dollars ------------------------------------------------------------ */

static bool read_variable_braced(struct builder *b, bool quoted)
{
	struct parser *p = b->p;
	size_t start = p->at, from = p->at + 2, to = from;

	while (to < p->len && (is_name_start((unsigned char)p->text[to]) ||
			       is_digit((unsigned char)p->text[to])))
		to++;
	if (to == p->len)
		return shell_fail_open(p, start, "${ is not closed: } is "
				       "missing");
	if (to == from && starts(p, to, "?}")) {
		flush(b);
		piece_add(b, SHELL_STATUS, quoted, "?", 1);
		p->at = to + 2;
		return true;
	}
	if (p->text[to] != '}' || !shell_is_name(p->text + from, to - from))
		return shell_fail(p, start, "of ${…} only ${NAME} is supported "
				  "here");
	flush(b);
	piece_add(b, SHELL_VARIABLE, quoted, p->text + from, to - from);
	p->at = to + 1;
	return true;
}

static bool read_dollar(struct builder *b, bool quoted)
{
	struct parser *p = b->p;
	const char *no = shell_refused_dollar(p);
	int c = next_char(p);
	size_t to = p->at + 1;

	if (quoted && (c == '\'' || c == '"'))
		no = NULL;	/* "cost: 5$" is only a dollar */
	if (no)
		return shell_fail(p, p->at, "%s", no);
	if (is_digit(c))
		return shell_fail(p, p->at, "$%c is not supported here: there "
				  "are no scripts to pass arguments to", c);
	if (c == '{')
		return read_variable_braced(b, quoted);
	if (c == '?') {
		flush(b);
		piece_add(b, SHELL_STATUS, quoted, "?", 1);
		p->at += 2;
		return true;
	}
	if (!is_name_start(c)) {
		text_piece(b, quoted, "$", 1);
		p->at++;
		return true;
	}
	while (to < p->len && (is_name_start((unsigned char)p->text[to]) ||
			       is_digit((unsigned char)p->text[to])))
		to++;
	flush(b);
	piece_add(b, SHELL_VARIABLE, quoted, p->text + p->at + 1,
		  to - p->at - 1);
	p->at = to;
	return true;
}

/* -- quotes ------------------------------------------------------------- */

static bool read_single(struct builder *b)
{
	struct parser *p = b->p;
	size_t start = p->at++;
	const char *end = memchr(p->text + p->at, '\'', p->len - p->at);
	size_t n;

	if (!end)
		return shell_fail_open(p, start, "the quote ' is not closed");
	n = (size_t)(end - (p->text + p->at));
	if (n)
		text_piece(b, true, p->text + p->at, n);
	else
		empty_piece(b);
	p->at += n + 1;
	return true;
}

static bool fail_backquote(struct parser *p)
{
	return shell_fail(p, p->at, "command substitution `…` is not supported "
			  "here");
}

/* Inside double quotes and documents a backslash guards only a few. */
static bool read_guarded(struct builder *b, const char *guards)
{
	struct parser *p = b->p;
	int c = next_char(p);

	if (c == '\n') {
		p->at += 2;
	} else if (c > 0 && strchr(guards, c)) {
		text_piece(b, true, p->text + p->at + 1, 1);
		p->at += 2;
	} else {
		text_piece(b, true, "\\", 1);
		p->at++;
	}
	return true;
}

static bool read_double(struct builder *b)
{
	struct parser *p = b->p;
	size_t start = p->at++;

	if (here_char(p) == '"')
		empty_piece(b);
	for (;;) {
		int c = here_char(p);

		if (c == -1)
			return shell_fail_open(p, start,
					       "the quote \" is not closed");
		if (c == '"') {
			p->at++;
			return true;
		}
		if (c == '`')
			return fail_backquote(p);
		if (c == '\\') {
			read_guarded(b, "$`\"\\");
		} else if (c == '$') {
			if (!read_dollar(b, true))
				return false;
		} else {
			text_piece(b, true, p->text + p->at, 1);
			p->at++;
		}
	}
}

static bool read_backslash(struct builder *b)
{
	struct parser *p = b->p;
	int c = next_char(p);

	if (c == -1)
		return shell_fail_open(p, p->at, "nothing follows the "
				       "backslash");
	if (c != '\n')
		text_piece(b, true, p->text + p->at + 1, 1);
	p->at += 2;
	return true;
}

/* -- a word ------------------------------------------------------------- */

/* {a,b} and {1..3} mean several words in bash: never pass them on as one. */
static bool watch_braces(struct builder *b, int c)
{
	struct parser *p = b->p;

	if (c == '{') {
		b->brace_at = p->at;
		b->brace_splits = false;
	} else if (b->brace_at == SIZE_MAX) {
		return true;
	} else if (c == ',' || (c == '.' && next_char(p) == '.')) {
		b->brace_splits = true;
	} else if (c == '}') {
		if (b->brace_splits)
			return shell_fail(p, b->brace_at, "brace expansion "
					  "{…,…} is not supported here; put "
					  "the text in 'quotes' if you mean it "
					  "as it stands");
		b->brace_at = SIZE_MAX;
	}
	return true;
}

static bool read_plain(struct builder *b, int c)
{
	if (!watch_braces(b, c))
		return false;
	text_piece(b, false, b->p->text + b->p->at, 1);
	b->p->at++;
	return true;
}

static bool read_pieces(struct builder *b)
{
	struct parser *p = b->p;

	for (;;) {
		int c = here_char(p);
		bool ok;

		if (ends_word(c))
			return true;
		if (c == '\'')
			ok = read_single(b);
		else if (c == '"')
			ok = read_double(b);
		else if (c == '\\')
			ok = read_backslash(b);
		else if (c == '$')
			ok = read_dollar(b, false);
		else if (c == '`')
			ok = fail_backquote(p);
		else
			ok = read_plain(b, c);
		if (!ok)
			return false;
	}
}

static struct builder builder_of(struct parser *p)
{
	struct builder b = { .p = p, .brace_at = SIZE_MAX };

	b.word = shell_alloc(p->line, sizeof(*b.word));
	b.word->at = p->at;
	b.last = &b.word->pieces;
	return b;
}

static struct shell_word *finished(struct builder *b, bool ok)
{
	if (ok)
		flush(b);
	text_free(&b->text);
	return ok ? b->word : NULL;
}

struct shell_word *shell_read_word(struct parser *p)
{
	struct builder b = builder_of(p);

	return finished(&b, read_pieces(&b));
}

/* Read up to `end` as the body of a document. */
static bool read_body(struct builder *b, const struct here *h, size_t end)
{
	struct parser *p = b->p;
	bool at_start = true;

	while (p->at < end) {
		int c = here_char(p);
		bool ok = true;

		if (h->strip && at_start && c == '\t') {
			p->at++;
			continue;
		}
		at_start = c == '\n';
		if (h->literal || !strchr("\\$`", c)) {
			text_piece(b, true, p->text + p->at, 1);
			p->at++;
		} else if (c == '\\') {
			at_start = next_char(p) == '\n';
			read_guarded(b, "$`\\");
		} else if (c == '$') {
			ok = read_dollar(b, true);
		} else {
			ok = fail_backquote(p);
		}
		if (!ok)
			return false;
	}
	return true;
}

struct shell_word *shell_read_body(struct parser *p, const struct here *h,
				   size_t end)
{
	struct builder b = builder_of(p);

	return finished(&b, read_body(&b, h, end));
}
