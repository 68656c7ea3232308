/* shell.c - the command language: text in, commands out */
#include "lua/shell.h"
#include "lua/shell_inside.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Memory: blocks that are only ever added to.  A line is many small things
 * that live and die together, so one list of blocks is all the bookkeeping.
 */
struct shell_block {
	struct shell_block *next;
	size_t used;
	size_t cap;
	max_align_t bytes[];
};

enum { BLOCK_BYTES = 4096 - 64 };

static void *line_alloc(struct shell_line *line, size_t size)
{
	struct shell_block *b = line->memory;
	size_t unit = sizeof(max_align_t);
	size_t need = (size + unit - 1) / unit * unit;
	char *at;

	if (!b || b->cap - b->used < need) {
		size_t cap = need > BLOCK_BYTES ? need : BLOCK_BYTES;

		b = malloc(sizeof(*b) + cap);
		if (!b)
			abort();
		*b = (struct shell_block){ .next = line->memory, .cap = cap };
		line->memory = b;
	}
	at = (char *)b->bytes + b->used;
	b->used += need;
	return memset(at, 0, size);
}

static char *line_copy(struct shell_line *line, const char *s, size_t len)
{
	char *copy = line_alloc(line, len + 1);

	if (len)
		memcpy(copy, s, len);
	return copy;
}

/* A here-document whose body starts after the line that asked for it. */
struct here {
	struct shell_redirect *redirect;
	const char *end;		/* the closing word */
	bool literal;			/* it was quoted: no $ in the body */
	bool strip;			/* <<-: leading tabs go */
	size_t at;			/* of its << */
	struct here *next;
};

struct parser {
	const char *text;
	size_t len;			/* reading stops here */
	size_t at;
	struct shell_line *line;
	struct here *here;		/* in order of appearance */
	struct here **here_last;
	size_t pipelines;
	bool incomplete;		/* more input could mend it */
	size_t fault_at;
	struct err *err;
};

/*
 * Saying no.
 */

/* Characters before byte `at` of its line: UTF-8 continuation bytes do not
 * count. */
static size_t column_of(const struct parser *p, size_t at, size_t *line_no)
{
	size_t column = 1;

	*line_no = 1;
	for (size_t i = 0; i < at; i++) {
		if (p->text[i] == '\n') {
			++*line_no;
			column = 1;
		} else if (((unsigned char)p->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return column;
}

static bool fail(struct parser *p, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(struct parser *p, size_t at, const char *fmt, ...)
{
	size_t line_no, column = column_of(p, at, &line_no);
	char what[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	p->fault_at = at;
	if (line_no > 1)
		return err_set(p->err, "line %zu, column %zu: %s", line_no,
			       column, what);
	return err_set(p->err, "column %zu: %s", column, what);
}

/* As fail, for what another line of input could mend. */
static bool fail_open(struct parser *p, size_t at, const char *what)
{
	p->incomplete = true;
	return fail(p, at, "%s", what);
}

/* What a shell has and this one has not, by the characters it starts with. */
static const struct refused {
	const char *starts;
	const char *what;
} refused_dollar[] = {
	{ "$((", "arithmetic $((…)) is not supported here" },
	{ "$(", "command substitution $(…) is not supported here" },
	{ "$'", "the quoting $'…' is not supported here" },
	{ "$\"", "the quoting $\"…\" is not supported here" },
	{ "$@", "$@ is not supported here: there are no scripts to pass "
		"arguments to" },
	{ "$*", "$* is not supported here: there are no scripts to pass "
		"arguments to" },
	{ "$#", "$# is not supported here: there are no scripts to pass "
		"arguments to" },
	{ "$$", "$$ is not supported here: the console has no process id" },
	{ "$!", "$! is not supported here: `jobs` names background jobs" },
}, refused_operator[] = {
	{ "&>", "&> is not supported here; write > FILE 2>&1" },
	{ "|&", "|& is not supported here; write 2>&1 |" },
	{ ">|", ">| is not supported here; > already replaces a file" },
	{ "<>", "<> is not supported here; read with < or write with >" },
	{ "<(", "process substitution <(…) is not supported here" },
	{ ">(", "process substitution >(…) is not supported here" },
	{ ";;", ";; belongs to case, which is not supported here" },
}, refused_word[] = {
	{ "if", "if … fi is not supported here; && and || are" },
	{ "then", "then belongs to if, which is not supported here" },
	{ "elif", "elif belongs to if, which is not supported here" },
	{ "else", "else belongs to if, which is not supported here" },
	{ "fi", "fi belongs to if, which is not supported here" },
	{ "for", "for … done is not supported here" },
	{ "while", "while … done is not supported here" },
	{ "until", "until … done is not supported here" },
	{ "select", "select … done is not supported here" },
	{ "do", "do belongs to a loop; loops are not supported here" },
	{ "done", "done belongs to a loop; loops are not supported here" },
	{ "case", "case … esac is not supported here" },
	{ "esac", "esac belongs to case, which is not supported here" },
	{ "function", "defining a function is not supported here" },
	{ "coproc", "coproc is not supported here; & starts a background "
		    "job" },
	{ "[[", "the test [[ … ]] is not supported here" },
	{ "{", "a group { …; } is not supported here" },
	{ "}", "a group { …; } is not supported here" },
	{ "!", "negation with ! is not supported here; || is" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool starts(const struct parser *p, size_t at, const char *with)
{
	size_t n = strlen(with);

	return p->len - at >= n && memcmp(p->text + at, with, n) == 0;
}

static const char *refusal(const struct parser *p, const struct refused *table,
			   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (starts(p, p->at, table[i].starts))
			return table[i].what;
	return NULL;
}

/*
 * Characters.
 */

static int here_char(const struct parser *p)
{
	return p->at < p->len ? (unsigned char)p->text[p->at] : -1;
}

static int next_char(const struct parser *p)
{
	return p->at + 1 < p->len ? (unsigned char)p->text[p->at + 1] : -1;
}

bool shell_is_name(const char *s, size_t len)
{
	if (len == 0 || !is_name_start((unsigned char)s[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_name_start((unsigned char)s[i]) &&
		    !is_digit((unsigned char)s[i]))
			return false;
	return true;
}

/* Blanks, joined lines and comments; stops at a newline. */
static void skip_blank(struct parser *p)
{
	for (;;) {
		int c = here_char(p);

		if (is_blank(c))
			p->at++;
		else if (c == '\\' && next_char(p) == '\n')
			p->at += 2;
		else if (c == '#')
			while (here_char(p) != -1 && here_char(p) != '\n')
				p->at++;
		else
			return;
	}
}

/*
 * Words.  A builder gathers text of one kind of quoting and closes a piece
 * when that changes.
 */

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
	struct shell_piece *piece = line_alloc(b->p->line, sizeof(*piece));

	piece->kind = kind;
	piece->quoted = quoted;
	piece->text = line_copy(b->p->line, s, len);
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

static bool read_variable_braced(struct builder *b, bool quoted)
{
	struct parser *p = b->p;
	size_t start = p->at, from = p->at + 2, to = from;

	while (to < p->len && (is_name_start((unsigned char)p->text[to]) ||
			       is_digit((unsigned char)p->text[to])))
		to++;
	if (to == p->len)
		return fail_open(p, start, "${ is not closed: } is missing");
	if (to == from && starts(p, to, "?}")) {
		flush(b);
		piece_add(b, SHELL_STATUS, quoted, "?", 1);
		p->at = to + 2;
		return true;
	}
	if (p->text[to] != '}' || !shell_is_name(p->text + from, to - from))
		return fail(p, start, "of ${…} only ${NAME} is supported here");
	flush(b);
	piece_add(b, SHELL_VARIABLE, quoted, p->text + from, to - from);
	p->at = to + 1;
	return true;
}

static bool read_dollar(struct builder *b, bool quoted)
{
	struct parser *p = b->p;
	const char *no = refusal(p, refused_dollar, COUNT(refused_dollar));
	int c = next_char(p);
	size_t to = p->at + 1;

	if (quoted && (c == '\'' || c == '"'))
		no = NULL;	/* "cost: 5$" is only a dollar */
	if (no)
		return fail(p, p->at, "%s", no);
	if (is_digit(c))
		return fail(p, p->at, "$%c is not supported here: there are no "
			    "scripts to pass arguments to", c);
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

static bool read_single(struct builder *b)
{
	struct parser *p = b->p;
	size_t start = p->at++;
	const char *end = memchr(p->text + p->at, '\'', p->len - p->at);
	size_t n;

	if (!end)
		return fail_open(p, start, "the quote ' is not closed");
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
	return fail(p, p->at, "command substitution `…` is not supported here");
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
			return fail_open(p, start,
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
		return fail_open(p, p->at, "nothing follows the backslash");
	if (c != '\n')
		text_piece(b, true, p->text + p->at + 1, 1);
	p->at += 2;
	return true;
}

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
			return fail(p, b->brace_at, "brace expansion {…,…} is "
				    "not supported here; put the text in "
				    "'quotes' if you mean it as it stands");
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

	b.word = line_alloc(p->line, sizeof(*b.word));
	b.word->at = p->at;
	b.last = &b.word->pieces;
	return b;
}

static struct shell_word *read_word(struct parser *p)
{
	struct builder b = builder_of(p);
	bool ok = read_pieces(&b);

	if (ok)
		flush(&b);
	text_free(&b.text);
	return ok ? b.word : NULL;
}

/*
 * Here-documents.  The bodies follow the line, in the order of their <<.
 */

static size_t line_end(const struct parser *p, size_t at)
{
	const char *end = memchr(p->text + at, '\n', p->len - at);

	return end ? (size_t)(end - p->text) : p->len;
}

/* Is the line at `at` the closing word? */
static bool closes(const struct parser *p, const struct here *h, size_t at)
{
	size_t end = line_end(p, at), n = strlen(h->end);

	while (h->strip && at < end && p->text[at] == '\t')
		at++;
	if (end > at && p->text[end - 1] == '\r')
		end--;
	return end - at == n && memcmp(p->text + at, h->end, n) == 0;
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

static bool read_document(struct parser *p, struct here *h)
{
	size_t end = p->at, whole = p->len;
	struct builder b = builder_of(p);
	bool ok;

	while (end < p->len && !closes(p, h, end)) {
		end = line_end(p, end);
		end += end < p->len;
	}
	if (end >= p->len && !closes(p, h, end)) {
		p->incomplete = true;
		return fail(p, h->at, "the here-document is not closed: a "
			    "line that says only %s is missing", h->end);
	}
	p->len = end;		/* ${ must not reach beyond the body */
	ok = read_body(&b, h, end);
	p->len = whole;
	if (ok)
		flush(&b);
	else
		p->incomplete = false;
	text_free(&b.text);
	h->redirect->word = b.word;
	p->at = line_end(p, end);
	p->at += p->at < p->len;
	return ok;
}

/* Over one newline, and the documents that wait behind it. */
static bool take_newline(struct parser *p)
{
	p->at++;
	for (; p->here; p->here = p->here->next)
		if (!read_document(p, p->here))
			return false;
	p->here_last = &p->here;
	return true;
}

static bool skip_newlines(struct parser *p)
{
	for (;;) {
		skip_blank(p);
		if (here_char(p) != '\n')
			return true;
		if (!take_newline(p))
			return false;
	}
}

/*
 * Redirections.
 */

/* The closing word of a document is not expanded, only unquoted. */
static struct here *here_new(struct parser *p, struct shell_redirect *r,
			     const struct shell_word *word, size_t at)
{
	struct here *h = line_alloc(p->line, sizeof(*h));
	struct text end = {0};

	for (struct shell_piece *i = word->pieces; i; i = i->next) {
		if (i->kind != SHELL_TEXT)
			text_char(&end, '$');
		text_bytes(&end, i->text, i->len);
		h->literal |= i->quoted;
	}
	h->end = line_copy(p->line, text_cstr(&end), end.len);
	text_free(&end);
	h->redirect = r;
	h->at = at;
	*p->here_last = h;
	p->here_last = &h->next;
	return h;
}

static bool read_here(struct parser *p, struct shell_redirect *r, size_t at)
{
	bool strip = here_char(p) == '-';
	struct shell_word *word;

	p->at += strip;
	skip_blank(p);
	if (ends_word(here_char(p)))
		return fail(p, at, "<< needs the word that ends the document");
	word = read_word(p);
	if (!word)
		return false;
	r->kind = SHELL_HERE;
	here_new(p, r, word, at)->strip = strip;
	return true;
}

static bool read_target(struct parser *p, struct shell_redirect *r,
			enum shell_redirect_kind kind, size_t at)
{
	r->kind = kind;
	skip_blank(p);
	if (ends_word(here_char(p)))
		return fail(p, at, kind == SHELL_HERE_STRING ?
			    "<<< needs the text to read" :
			    "the redirection needs a file name");
	r->word = read_word(p);
	return r->word != NULL;
}

/* After >&: 1 or 2. */
static bool read_same(struct parser *p, struct shell_redirect *r, size_t at)
{
	int c = here_char(p);

	r->kind = SHELL_SAME;
	if (c == '-')
		return fail(p, at, "closing a stream with >&- is not supported "
			    "here; send it to /dev/null");
	if (!is_digit(c))
		return fail(p, at, ">& is not supported here; write > FILE "
			    "2>&1");
	if ((c != '1' && c != '2') || is_digit(next_char(p)))
		return fail(p, at, "only streams 1 and 2 can be written to");
	r->same_as = c - '0';
	p->at++;
	if (!ends_word(here_char(p)))
		return fail(p, at, "%d>&%d must be followed by a blank", r->fd,
			    r->same_as);
	return true;
}

static bool read_output(struct parser *p, struct shell_redirect *r, size_t at)
{
	r->fd = r->fd < 0 ? 1 : r->fd;
	if (r->fd == 0)
		return fail(p, at, "stream 0 is for reading; use <");
	p->at++;
	if (here_char(p) == '&') {
		p->at++;
		return read_same(p, r, at);
	}
	if (here_char(p) == '>') {
		p->at++;
		return read_target(p, r, SHELL_APPEND, at);
	}
	return read_target(p, r, SHELL_WRITE, at);
}

static bool read_input(struct parser *p, struct shell_redirect *r, size_t at)
{
	if (r->fd > 0)
		return fail(p, at, "stream %d is for writing; use >", r->fd);
	r->fd = 0;
	if (starts(p, p->at, "<<<")) {
		p->at += 3;
		return read_target(p, r, SHELL_HERE_STRING, at);
	}
	if (starts(p, p->at, "<<")) {
		p->at += 2;
		return read_here(p, r, at);
	}
	if (starts(p, p->at, "<&"))
		return fail(p, at, "<& is not supported here");
	p->at++;
	return read_target(p, r, SHELL_READ, at);
}

/* Is here a redirection, with its stream number if it has one? */
static bool at_redirect(const struct parser *p)
{
	size_t at = p->at;

	while (at < p->len && is_digit((unsigned char)p->text[at]))
		at++;
	return at < p->len && (p->text[at] == '<' || p->text[at] == '>');
}

static struct shell_redirect *read_redirect(struct parser *p)
{
	struct shell_redirect *r = line_alloc(p->line, sizeof(*r));
	const char *no;
	size_t at = p->at;
	bool ok;

	r->fd = -1;
	while (is_digit(here_char(p)))
		p->at++;
	if (p->at > at) {
		r->fd = p->text[at] - '0';
		if (p->at > at + 1 || r->fd > 2) {
			fail(p, at, "only the streams 0, 1 and 2 can be "
			     "redirected");
			return NULL;
		}
	}
	no = refusal(p, refused_operator, COUNT(refused_operator));
	if (no) {
		fail(p, p->at, "%s", no);
		return NULL;
	}
	ok = here_char(p) == '<' ? read_input(p, r, at) :
				   read_output(p, r, at);
	return ok ? r : NULL;
}

/*
 * Commands, pipelines, lists.
 */

/* NAME= at the front of an unquoted first piece: how long is NAME? */
static size_t assigns(const struct parser *p)
{
	size_t at = p->at;

	while (at < p->len && (is_name_start((unsigned char)p->text[at]) ||
			       is_digit((unsigned char)p->text[at])))
		at++;
	if (at == p->len || p->text[at] != '=' ||
	    !shell_is_name(p->text + p->at, at - p->at))
		return 0;
	return at - p->at;
}

static bool read_assignment(struct parser *p, size_t name_len,
			    struct shell_assignment ***last)
{
	struct shell_assignment *a = line_alloc(p->line, sizeof(*a));

	a->name = line_copy(p->line, p->text + p->at, name_len);
	p->at += name_len + 1;
	if (here_char(p) == '(')
		return fail(p, p->at, "arrays NAME=(…) are not supported here");
	a->value = read_word(p);
	if (!a->value)
		return false;
	**last = a;
	*last = &a->next;
	return true;
}

/* The word if it is plain unquoted text, else NULL. */
static const char *plain(const struct shell_word *w)
{
	const struct shell_piece *piece = w->pieces;

	if (!piece || piece->next || piece->quoted || piece->kind != SHELL_TEXT)
		return NULL;
	return piece->text;
}

static bool allowed_first(struct parser *p, const struct shell_word *w)
{
	const char *s = plain(w);

	for (size_t i = 0; s && i < COUNT(refused_word); i++)
		if (strcmp(s, refused_word[i].starts) == 0)
			return fail(p, w->at, "%s", refused_word[i].what);
	if (here_char(p) == '(' && next_char(p) == ')')
		return fail(p, w->at, "defining a function NAME() is not "
			    "supported here");
	return true;
}

static bool refuse_paren(struct parser *p, bool first)
{
	if (here_char(p) == ')')
		return fail(p, p->at, "this ) has no (; put it in 'quotes' if "
			    "you mean it as it stands");
	if (first && next_char(p) == '(')
		return fail(p, p->at, "arithmetic ((…)) is not supported here");
	if (first)
		return fail(p, p->at, "a subshell (…) is not supported here");
	return fail(p, p->at, "( is special to the shell; put it in 'quotes' "
		    "if you mean it as it stands");
}

struct command_builder {
	struct shell_command *command;
	struct shell_assignment **assignment;
	struct shell_word **word;
	struct shell_redirect **redirect;
	size_t words;
};

static bool add_word(struct parser *p, struct command_builder *c)
{
	struct shell_word *w;

	if (++c->words > SHELL_WORDS_MAX)
		return fail(p, p->at, "more than %d words in one command",
			    SHELL_WORDS_MAX);
	w = read_word(p);
	if (!w || (c->words == 1 && !allowed_first(p, w)))
		return false;
	*c->word = w;
	c->word = &w->next;
	return true;
}

static bool add_redirect(struct parser *p, struct command_builder *c)
{
	struct shell_redirect *r = read_redirect(p);

	if (!r)
		return false;
	*c->redirect = r;
	c->redirect = &r->next;
	return true;
}

/* One word, assignment or redirection.  *more is false at the end. */
static bool read_part(struct parser *p, struct command_builder *c, bool *more)
{
	int ch;
	size_t name_len;

	skip_blank(p);
	ch = here_char(p);
	if (ch == '(' || ch == ')')
		return refuse_paren(p, c->words == 0);
	if (at_redirect(p))
		return add_redirect(p, c);
	if (ends_word(ch)) {
		*more = false;
		return true;
	}
	name_len = c->words == 0 ? assigns(p) : 0;
	if (name_len)
		return read_assignment(p, name_len, &c->assignment);
	return add_word(p, c);
}

/* `lack` says what to complain of when there is no command at all. */
static struct shell_command *read_command(struct parser *p, const char *lack)
{
	struct shell_command *c = line_alloc(p->line, sizeof(*c));
	struct command_builder b = {
		.command = c, .assignment = &c->assignments,
		.word = &c->words, .redirect = &c->redirects,
	};
	bool more = true;

	skip_blank(p);
	while (more)
		if (!read_part(p, &b, &more))
			return NULL;
	if (!c->words && !c->assignments && !c->redirects) {
		p->incomplete = here_char(p) == -1;
		fail(p, p->at, "%s", lack);
		return NULL;
	}
	return c;
}

static bool at_pipe(const struct parser *p)
{
	return here_char(p) == '|' && next_char(p) != '|';
}

static struct shell_pipeline *read_pipeline(struct parser *p, const char *lack)
{
	struct shell_pipeline *line = line_alloc(p->line, sizeof(*line));
	struct shell_command **last = &line->commands;

	if (++p->pipelines > SHELL_PIPELINES_MAX) {
		fail(p, p->at, "more than %d commands in one input",
		     SHELL_PIPELINES_MAX);
		return NULL;
	}
	for (;;) {
		struct shell_command *c = read_command(p, lack);

		if (!c)
			return NULL;
		*last = c;
		last = &c->next;
		if (++line->count > SHELL_STAGES_MAX) {
			fail(p, p->at, "more than %d commands in one pipeline",
			     SHELL_STAGES_MAX);
			return NULL;
		}
		if (!at_pipe(p))
			return line;
		if (next_char(p) == '&') {
			fail(p, p->at, "%s", refusal(p, refused_operator,
						COUNT(refused_operator)));
			return NULL;
		}
		p->at++;
		lack = "a command is missing after |";
		if (!skip_newlines(p))
			return NULL;
	}
}

static enum shell_join at_join(const struct parser *p)
{
	if (starts(p, p->at, "&&"))
		return SHELL_AND;
	if (starts(p, p->at, "||"))
		return SHELL_OR;
	return SHELL_FIRST;
}

/* What a command lacks that should stand before the operator here. */
static const char *lack_before(const struct parser *p)
{
	static const char *const said[][2] = {
		{ "&&", "a command is missing before &&" },
		{ "||", "a command is missing before ||" },
		{ "|", "a command is missing before |" },
		{ "&", "a command is missing before &" },
		{ ";", "a command is missing before ;" },
	};

	for (size_t i = 0; i < COUNT(said); i++)
		if (starts(p, p->at, said[i][0]))
			return said[i][1];
	return "a command is missing";
}

static bool read_pipelines(struct parser *p, struct shell_list *list)
{
	struct shell_pipeline **last = &list->pipelines;
	enum shell_join join = SHELL_FIRST;
	const char *lack = lack_before(p);

	for (;;) {
		struct shell_pipeline *line = read_pipeline(p, lack);

		if (!line)
			return false;
		line->join = join;
		*last = line;
		last = &line->next;
		join = at_join(p);
		if (join == SHELL_FIRST)
			return true;
		p->at += 2;
		lack = join == SHELL_AND ? "a command is missing after &&" :
					   "a command is missing after ||";
		if (!skip_newlines(p))
			return false;
	}
}

/* The list as typed; without the documents that follow its line. */
static const char *list_text(struct parser *p, size_t from, size_t to)
{
	while (to > from && (is_blank(p->text[to - 1]) ||
			     p->text[to - 1] == '\n'))
		to--;
	return line_copy(p->line, p->text + from, to - from);
}

static struct shell_list *read_list(struct parser *p)
{
	struct shell_list *list = line_alloc(p->line, sizeof(*list));
	size_t from = p->at;
	const char *no = refusal(p, refused_operator, COUNT(refused_operator));

	if (no) {
		fail(p, p->at, "%s", no);
		return NULL;
	}
	if (!read_pipelines(p, list))
		return NULL;
	list->text = list_text(p, from, p->at);
	no = refusal(p, refused_operator, COUNT(refused_operator));
	if (no) {
		fail(p, p->at, "%s", no);
		return NULL;
	}
	list->background = here_char(p) == '&';
	if (here_char(p) == '&' || here_char(p) == ';')
		p->at++;
	return list;
}

static bool read_lists(struct parser *p)
{
	struct shell_list **last = &p->line->lists;

	for (;;) {
		struct shell_list *list;

		if (!skip_newlines(p))
			return false;
		if (here_char(p) == -1)
			break;
		list = read_list(p);
		if (!list)
			return false;
		*last = list;
		last = &list->next;
	}
	if (!p->here)
		return true;
	p->incomplete = true;
	return fail(p, p->here->at, "the here-document is not closed: a line "
		    "that says only %s is missing", p->here->end);
}

static bool read_input_text(struct parser *p)
{
	const char *nul = p->len ? memchr(p->text, '\0', p->len) : NULL;

	if (p->len > SHELL_BYTES_MAX) {
		p->len = 0;	/* a column past the limit helps nobody */
		return fail(p, 0, "the input is longer than %d KiB; put the "
			    "data in a file", SHELL_BYTES_MAX / 1024);
	}
	if (nul)
		return fail(p, (size_t)(nul - p->text), "the input holds a "
			    "NUL byte");
	return read_lists(p);
}

static struct shell_line *parse(struct parser *p)
{
	p->here_last = &p->here;
	p->line = calloc(1, sizeof(*p->line));
	if (!p->line)
		abort();
	if (read_input_text(p))
		return p->line;
	shell_line_free(p->line);
	return NULL;
}

struct shell_line *shell_parse(const char *text, size_t len, size_t *at,
			       struct err *err)
{
	struct parser p = { .text = text, .len = len, .err = err };
	struct shell_line *line = parse(&p);

	if (!line && at)
		*at = p.fault_at;
	return line;
}

void shell_line_free(struct shell_line *line)
{
	if (!line)
		return;
	while (line->memory) {
		struct shell_block *next = line->memory->next;

		free(line->memory);
		line->memory = next;
	}
	free(line);
}

bool shell_incomplete(const char *text, size_t len)
{
	struct parser p = { .text = text, .len = len };
	struct shell_line *line = parse(&p);

	shell_line_free(line);
	return !line && p.incomplete;
}

/*
 * Showing what was understood.
 */

static void dump_word(const struct shell_word *w, struct text *out)
{
	for (const struct shell_piece *i = w->pieces; i; i = i->next) {
		if (i->quoted)
			text_char(out, '\'');
		if (i->kind != SHELL_TEXT)
			text_char(out, '$');
		text_bytes(out, i->text, i->len);
		if (i->quoted)
			text_char(out, '\'');
	}
}

static void dump_redirect(const struct shell_redirect *r, struct text *out)
{
	static const char *const sign[] = {
		[SHELL_READ] = "<", [SHELL_WRITE] = ">", [SHELL_APPEND] = ">>",
		[SHELL_SAME] = ">&", [SHELL_HERE] = "<<",
		[SHELL_HERE_STRING] = "<<<",
	};

	text_addf(out, " %d%s", r->fd, sign[r->kind]);
	if (r->kind == SHELL_SAME)
		text_addf(out, "%d", r->same_as);
	else
		dump_word(r->word, out);
}

static void dump_command(const struct shell_command *c, struct text *out)
{
	for (const struct shell_assignment *a = c->assignments; a; a = a->next) {
		text_addf(out, " %s=", a->name);
		dump_word(a->value, out);
	}
	for (const struct shell_word *w = c->words; w; w = w->next) {
		text_add(out, " [");
		dump_word(w, out);
		text_char(out, ']');
	}
	for (const struct shell_redirect *r = c->redirects; r; r = r->next)
		dump_redirect(r, out);
}

static void dump_pipeline(const struct shell_pipeline *line, struct text *out)
{
	static const char *const join[] = {
		[SHELL_FIRST] = "", [SHELL_AND] = " &&", [SHELL_OR] = " ||",
	};

	text_add(out, join[line->join]);
	for (const struct shell_command *c = line->commands; c; c = c->next) {
		dump_command(c, out);
		if (c->next)
			text_add(out, " |");
	}
}

void shell_dump(const struct shell_line *line, struct text *out)
{
	for (const struct shell_list *l = line->lists; l; l = l->next) {
		for (const struct shell_pipeline *i = l->pipelines; i;
		     i = i->next)
			dump_pipeline(i, out);
		text_add(out, l->background ? " &" : " ;");
	}
}
